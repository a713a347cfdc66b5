"""What each part of the training is worth: one network a variant, judged on the validation split and never on the test.

Every variant differs from the base in the settings that its name tells. The network's accuracy, the honesty of its
channels and the truth of its masks (Kazius toxicophores of validation molecules called mutagenic) are told together,
because a setting that helps one may hurt another.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.ablations [--variants NAME ...] [--seeds 2]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.explanation_sets import with_toxicophores
from benchmarks.results_file import RESULTS, write_result
from datasets.featurize import featurize
from datasets.sources import load_table, published_table
from datasets.standardize import parent_smiles
from datasets.tasks import MUTAGENICITY, get_task
from datasets.unmeasured import unmeasured
from megan.committee import ask
from megan.mask_metrics import mask_size, node_auroc, sign_consistency
from megan.metrics import auroc
from megan.model import Megan, ModelSettings
from megan.settings import TrainSettings
from megan.split_table import split_table
from megan.teacher import Lesson, TeacherSettings, prepare_lesson
from megan.training import LabelledSet, train_member

NO_EXPLANATION: Final = {"explanation": 0.0, "sparsity": 0.0, "fidelity": 0.0, "contrastive": 0.0}


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs from the base."""

    train: Mapping[str, float] = field(default_factory=dict)
    model: Mapping[str, float] = field(default_factory=dict)
    teacher: TeacherSettings | None = None


BASE: Final = TrainSettings(epochs=25)
VARIANTS: Final[dict[str, Variant]] = {
    "base": Variant(),
    "prediction loss alone": Variant(NO_EXPLANATION),
    "no co-training of the masks": Variant({"explanation": 0.0}),
    "fidelity as published (0.1)": Variant({"fidelity": 0.1}),
    "lighter square of the fidelity (0.01)": Variant({"fidelity_square": 0.01}),
    "no contrastive loss": Variant({"contrastive": 0.0}),
    "sparsity 0.5": Variant({"sparsity": 0.5}),
    "smaller masks asked for (offset 2.5)": Variant({"importance_offset": 2.5}),
    "gate on every atom": Variant(model={"node_gate": True}),
    "no dropout": Variant(model={"dropout": 0.0}),
    "four layers": Variant(model={"layers": 4}),
    "width 96": Variant(model={"width": 96}),
    "teacher heard at 0.3": Variant(teacher=TeacherSettings(share=0.3)),
    "teacher at 0.5 and 12,000 unmeasured molecules": Variant(
        {"epochs": 15}, teacher=TeacherSettings(pool=("solubility", "aggregation"), pool_size=12_000)
    ),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is asked for and keep the numbers of the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--seeds", type=int, default=1, help="networks per variant")
    parser.add_argument("--epochs", type=int, help="most epochs, instead of each variant's own number")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of ablations.json")
    chosen = parser.parse_args(arguments)
    if chosen.seeds < 1:
        raise SystemExit(f"--seeds is {chosen.seeds}; expected at least 1")
    file = chosen.results / "ablations.json"
    measured: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["measured"] if file.is_file() else {}
    data = ames()
    for name in chosen.variants:
        measured[name] = judged(VARIANTS[name], data, chosen.seeds, chosen.epochs)
        ordered = {variant: measured[variant] for variant in VARIANTS if variant in measured}
        write_result("ablations", "python -m benchmarks.ablations", ordered, chosen.results)
        print(f"{name:48s} " + "  ".join(f"{key} {value}" for key, value in measured[name].items()), flush=True)


@dataclass(frozen=True, slots=True)
class Ames:
    """The training and validation molecules."""

    train_smiles: tuple[str, ...]
    train: LabelledSet
    valid_smiles: tuple[str, ...]
    valid: LabelledSet


def ames() -> Ames:
    """Read and standardise the measured table."""
    table = load_table(MUTAGENICITY)
    split = split_table(table)
    parents = [parent_smiles(text) for text in table["smiles"][table["split"] == "valid"]]
    return Ames(
        split.train_smiles,
        split.sets["train"],
        tuple(text for text in parents if text is not None),
        split.sets["valid"],
    )


def judged(variant: Variant, data: Ames, seeds: int, epochs: int | None = None) -> dict[str, Any]:
    """Means over the seeds, and what one training cost."""
    train = taught(data, variant.teacher) if variant.teacher is not None else data.train
    shape = dataclasses.replace(ModelSettings(), **variant.model)  # type: ignore[arg-type]
    rows = []
    for seed in range(seeds):
        settings = dataclasses.replace(BASE, **{**variant.train, "seed": seed})  # type: ignore[arg-type]
        if epochs is not None:
            settings = dataclasses.replace(settings, epochs=epochs)
        model, log = train_member(train, data.valid, shape, settings)
        seconds = sum(float(row["seconds"]) for row in log)
        rows.append(scores(model, data) | {"minutes": seconds / 60})
    mean = {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
    return {"seeds": seeds, **mean}


def taught(data: Ames, teacher: TeacherSettings) -> LabelledSet:
    """The training set with the teacher's opinions in it."""
    pool: list[str] = []
    if teacher.pool:
        smiles = [text for task in teacher.pool for text in load_table(get_task(task))["smiles"]]
        pool = unmeasured(smiles, published_table(MUTAGENICITY)["inchikey14"], teacher.pool_size, teacher.seed)
    lesson: Lesson = prepare_lesson(data.train_smiles, data.train.labels, pool, False, teacher)
    labels = np.concatenate([lesson.train, lesson.pool]).astype(np.float32)
    return LabelledSet(featurize([*data.train_smiles, *lesson.pool_smiles]), labels)


def scores(model: Megan, data: Ames) -> dict[str, float]:
    """Accuracy, honesty and truth of one network on the validation molecules."""
    answer = ask([model], data.valid.batch)
    output = answer.outputs[0]
    called = output > 0
    sizes = mask_size(answer.node_importance, data.valid.batch.atom_offsets, 0.5)
    positives = [text for text, yes in zip(data.valid_smiles, called, strict=True) if yes]
    return {
        "auroc": auroc(data.valid.labels, output),
        "sign_consistency": float(np.min(sign_consistency(answer.fidelity))),
        "toxicophore_auroc": truth(model, positives),
        "mask_size": float(np.median(sizes[called, 1])) if called.any() else 0.0,
    }


def truth(model: Megan, smiles: Sequence[str]) -> float:
    """Mean node AUROC of the mutagenic mask against toxicophores; 0.5 where no molecule has one."""
    known = with_toxicophores(smiles)
    if not len(known):
        return 0.5
    importance = ask([model], known.batch).node_importance[:, 1]
    bounds = known.batch.atom_offsets
    found = [node_auroc(importance[bounds[g] : bounds[g + 1]], known.node_masks[g][:, :, 1]) for g in range(len(known))]
    values = [value for value in found if value is not None]
    return float(np.mean(values)) if values else 0.5


if __name__ == "__main__":
    main()
