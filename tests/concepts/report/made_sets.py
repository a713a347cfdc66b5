"""Sets that a report has to get right: of values, of one channel, without concepts, and with texts from strangers."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from concepts.concept import ConceptSet, Hypothesis
from concepts.report.model_card import ModelCard
from datasets.file_hash import file_sha256
from datasets.tasks import MUTAGENICITY
from tests.concepts.hand_made import WIDTH, made_concept, made_member, made_set, three_concepts

NASTY = '"><script>alert(1)</script><img src="http://somewhere/x.png" onerror=\'x\'>&amp;'


def no_card(sentence: str = "There is no card.") -> ModelCard:
    """What a report knows of a model that is not at hand."""
    return ModelCard(task=None, metrics=(), n_test=None, facts=(), sentence=sentence)


def with_bundle(folder: Path) -> ConceptSet:
    """A set, and in the folder as much of the bundle that it was made from as a report reads."""
    folder.mkdir()
    (folder / "weights.safetensors").write_bytes(b"weights")
    card = {
        "format": 1,
        "task": dataclasses.asdict(MUTAGENICITY),
        "created": "2026-01-01T00:00:00+00:00",
        "data": {"table": "ames.csv", "rows": {"train": 80, "valid": 10, "test": 1234}},
        "members": 2,
        "calibration": {"threshold": 0.577},
        "test": {"auroc": {"value": 0.875, "low": 0.85, "high": 0.9}, "r2": 0.5, "n": 1234, "fidelity": {}},
    }
    (folder / "card.json").write_text(json.dumps(card))
    return dataclasses.replace(three_concepts(), model_sha256=file_sha256(folder / "weights.safetensors"))


def of_values() -> ConceptSet:
    """Two concepts of a regression: the first was never measured."""
    channels = ("lowers", "raises")
    member = dataclasses.replace(made_member(label=-3.25), prediction=-2.5, split="valid")
    concepts = [
        dataclasses.replace(
            made_concept(f"{channels[k]}-01", k, np.eye(WIDTH)[k]),
            task="solubility",
            channel_name=channels[k],
            members=(member, dataclasses.replace(member, smiles="CCN", label=None)),
            counterexamples=(member,) if k else (),
            hit_rate=made_concept("a", 0, np.eye(WIDTH)[k], told=True).hit_rate if k else None,
        )
        for k in (0, 1)
    ]
    return dataclasses.replace(made_set(*concepts), task="solubility", channels=channels)


def one_channel() -> ConceptSet:
    """A set of a task that nobody has heard of."""
    found = made_set(made_concept("odd-01", 0, np.eye(WIDTH)[0]))
    return dataclasses.replace(
        found,
        task="odd",
        channels=("odd",),
        passed=(3,),
        unclustered=(1,),
        concepts=(dataclasses.replace(found.concepts[0], task="odd", channel_name="odd"),),
        map=dataclasses.replace(
            found.map,
            channel=np.zeros(6, np.int64),
            origin=found.map.origin[:1],
            axes=found.map.axes[:1],
        ),
    )


def without_concepts() -> ConceptSet:
    """Nothing was found, and nothing is on the map."""
    found = made_set()
    none = np.zeros(0, np.int64)
    return dataclasses.replace(
        found,
        passed=(0, 0),
        unclustered=(0, 0),
        map=dataclasses.replace(
            found.map,
            points=np.zeros((0, 2), np.float32),
            channel=none,
            concept=none,
            keys=none.astype(np.uint64),
            anchors=np.zeros((0, 3), np.float32),
            smiles=(),
        ),
    )


def from_strangers() -> ConceptSet:
    """Every text is markup, also the SMILES."""
    found = three_concepts()
    member = dataclasses.replace(made_member(NASTY), split=NASTY)
    concepts = []
    for concept in found:
        part, alert = concept.parts[0], concept.alerts[0]
        concepts.append(
            dataclasses.replace(
                concept,
                id=NASTY + concept.id,
                task=NASTY,
                channel_name=NASTY,
                name=NASTY,
                members=(member, dataclasses.replace(made_member(), smiles="CCO")),
                counterexamples=(member,),
                parts=(
                    dataclasses.replace(part, name=NASTY),
                    dataclasses.replace(part, name="", smiles=NASTY),
                    dataclasses.replace(part, name="", smiles="", smarts=NASTY),
                ),
                alerts=(dataclasses.replace(alert, name=NASTY, catalog=NASTY),),
                prototypes=tuple(
                    dataclasses.replace(p, smiles=NASTY, stages=tuple(s._replace(smiles=NASTY) for s in p.stages))
                    for p in concept.prototypes
                ),
                hypothesis=Hypothesis(*(NASTY,) * 4, (NASTY,), *(NASTY,) * 4) if concept.hypothesis else None,
            )
        )
    return dataclasses.replace(
        found,
        task=NASTY,
        channels=(NASTY, NASTY + "2"),
        data=NASTY,
        notes=(NASTY,),
        model_sha256=NASTY,
        concepts=tuple(concepts),
        map=dataclasses.replace(found.map, method=NASTY),
    )
