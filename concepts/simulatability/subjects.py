"""What students are to learn: generated graphs with their classes, or molecules with a model's verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from concepts.simulatability.masks import Floats, Masks
from datasets.explained import Bools, ExplainedSet
from datasets.featurize import FlatBatch, featurize
from datasets.sources import load_table
from datasets.standardize import parent_smiles
from datasets.synthetic import GENERATORS, rb_adv_motifs
from datasets.tasks import Kind
from megan.generated_models import load_generated
from megan.model import Megan
from megan.predictor import Predictor
from megan.shipped import PRETRAINED_GENERATED, shipped_names

LOOKED_AT: Final = 8
"""Molecules that are asked about for each that is wanted, since the two verdicts are balanced afterwards."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What students are to learn: G graphs, their labels, and who may explain them."""

    name: str
    kind: Kind
    channels: tuple[str, ...]
    """K names."""
    batch: FlatBatch
    labels: npt.NDArray[np.float64]
    """Shape (G,): class numbers or values."""
    members: tuple[Megan, ...] = ()
    """The networks that the labels or the set come from, in evaluation mode; none where nobody was trained."""
    truth: Masks | None = None
    """The known causes."""
    misleading: Masks | None = None
    """What looks like a cause and is none, in the channel of the label."""
    smiles: tuple[str, ...] = ()
    """Per graph; empty for graphs that are no molecules."""
    seed: int = 0
    """Of random masks."""


def subject_of(task: str, graphs: int, seed: int = 0, smiles: Sequence[str] | None = None) -> Subject:
    """The subject of a task by name.

    Parameters
    ----------
    task
        A generated set, which brings its shipped networks if there are any; or a shipped model, one of the user's own,
        or the folder of one.
    graphs
        How many.
    smiles
        Molecules to choose from; those of the test split if not given. Texts that are no molecule are left out.

    Raises
    ------
    ValueError
        If there is no set or model of that name.
    FileNotFoundError
        If molecules are wanted of a table that is not on this machine.
    """
    if task in GENERATORS:
        shipped = task in shipped_names(PRETRAINED_GENERATED)
        return generated_subject(task, graphs, seed, load_generated(task).members if shipped else ())
    predictor = Predictor.load(task)
    if smiles is None:
        table = load_table(predictor.task)
        smiles = table["smiles"][table["split"] == "test"].tolist()
    drawn = np.random.default_rng(seed).permutation(len(smiles))[: LOOKED_AT * graphs]
    parents = [parent for parent in map(parent_smiles, (smiles[i] for i in drawn)) if parent is not None]
    return predicted_subject(predictor, parents, graphs, seed)


def generated_subject(name: str, graphs: int, seed: int = 0, members: tuple[Megan, ...] = ()) -> Subject:
    """A generated set: the labels are what was drawn.

    Raises
    ------
    ValueError
        If there is no generated set of that name.
    """
    if name not in GENERATORS:
        raise ValueError(f"set is {name!r}; expected one of {', '.join(GENERATORS)}")
    data = GENERATORS[name](graphs, seed)
    return Subject(
        name=name,
        kind=data.kind,
        channels=data.channels,
        batch=data.batch,
        labels=data.labels.astype(np.float64),
        members=members,
        truth=_of_set(data),
        misleading=_of_set(rb_adv_motifs(graphs, seed, adversarial=True)) if name == "rb_adv_motifs" else None,
        seed=seed,
    )


def predicted_subject(predictor: Predictor, smiles: Sequence[str], graphs: int, seed: int = 0) -> Subject:
    """Molecules with the model's own verdicts: students learn to simulate the model, right or wrong.

    Parameters
    ----------
    smiles
        Standardised; molecules without any bond are left out, since they have no edges to explain.
    graphs
        How many are drawn at random; of a classification as many of either verdict as there are, up to half.
    """
    batch = featurize(smiles)
    bonded = np.flatnonzero(np.diff(batch.bond_offsets) > 0)
    outputs = predictor.outputs(batch.select(bonded)).output
    rng = np.random.default_rng(seed)
    if predictor.threshold is None:
        labels = outputs
        chosen = rng.permutation(len(bonded))[:graphs]
    else:
        labels = (outputs >= predictor.threshold).astype(np.float64)
        sides = [rng.permutation(np.flatnonzero(labels == side)) for side in (0, 1)]
        half = min(graphs // 2, *map(len, sides))
        chosen = rng.permutation(np.concatenate([side[:half] for side in sides]))
    rows = bonded[chosen]
    return Subject(
        name=predictor.task.name,
        kind=predictor.task.kind,
        channels=predictor.task.channels,
        batch=batch.select(rows),
        labels=labels[chosen],
        members=predictor.bundle.members,
        smiles=tuple(smiles[row] for row in rows),
        seed=seed,
    )


def _of_set(data: ExplainedSet) -> Masks:
    """Everything that belongs to any valid explanation."""

    def together(masks: tuple[Bools, ...]) -> Floats:
        return np.concatenate([valid.any(axis=0) for valid in masks]).astype(np.float32)

    return Masks(together(data.node_masks), together(data.edge_masks))
