"""What each part of the training is worth: cross-validated over the Ames molecules that are no test molecules.

Every variant differs from the base, which is the shipped recipe with one network, in the settings that its name tells.
Three networks a seed are trained, each without a third of the scaffolds of train and valid, and judged on that third
(which also picks the epoch that is kept, for every variant alike). The accuracy, the honesty of the channels and the
truth of the masks (Kazius toxicophores of molecules called mutagenic) are told together, because a setting that helps
one may hurt another.

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
import numpy.typing as npt

from benchmarks.explanation_sets import with_toxicophores
from benchmarks.paired_comparison import judged_together, mean_over_bins
from benchmarks.results_file import RESULTS, write_result
from datasets.descriptors import tree_features
from datasets.featurize import FlatBatch, featurize
from datasets.protonation import protonation_states
from datasets.sources import load_table, published_table
from datasets.standardize import parent_smiles
from datasets.tasks import MUTAGENICITY, get_task
from datasets.unmeasured import unmeasured
from megan.committee import ask
from megan.encoder import load_encoder
from megan.files import write_beside
from megan.mask_metrics import mask_size, node_auroc, sign_consistency
from megan.metrics import auroc
from megan.settings import SHIPPED
from megan.teacher import TeacherSettings, prepare_lesson, scaffold_folds, teachers_opinion
from megan.training import LabelledSet, train_member

FOLDS: Final = 3
NO_EXPLANATION: Final = {"explanation": 0.0, "sparsity": 0.0, "fidelity": 0.0, "contrastive": 0.0}
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Variant:
    """What differs from the base."""

    train: Mapping[str, float] = field(default_factory=dict)
    model: Mapping[str, float] = field(default_factory=dict)
    teacher: TeacherSettings | None = None
    pretrained: bool = False
    members: int = 1
    charged: bool = False
    """Whether the charge states that molecules take in water are learned beside the neutral form."""
    trees: bool = False
    """Whether the teacher itself answers, and no network."""


RECIPE: Final = SHIPPED["mutagenicity"]
VARIANTS: Final[dict[str, Variant]] = {
    "base": Variant(),
    "pretrained": Variant(pretrained=True),
    "committee of three": Variant(members=3),
    "prediction loss alone": Variant(NO_EXPLANATION),
    "no co-training of the masks": Variant({"explanation": 0.0}),
    "fidelity as published (0.1)": Variant({"fidelity": 0.1}),
    "lighter square of the fidelity (0.01)": Variant({"fidelity_square": 0.01}),
    "no contrastive loss": Variant({"contrastive": 0.0}),
    "each channel alone tells the class (0.3)": Variant({"sufficiency": 0.3}),
    "sparsity 0.5": Variant({"sparsity": 0.5}),
    "smaller masks asked for (offset 2.5)": Variant({"importance_offset": 2.5}),
    "gate on every atom": Variant(model={"node_gate": True}),
    "no dropout": Variant(model={"dropout": 0.0}),
    "dropout 0.4": Variant(model={"dropout": 0.4}),
    "four layers": Variant(model={"layers": 4}),
    "width 96": Variant(model={"width": 96}),
    "charge states learned too": Variant(charged=True),
    "teacher heard at 0.3": Variant(teacher=TeacherSettings(share=0.3)),
    "teacher at 0.5 and 12,000 unmeasured molecules": Variant(
        teacher=TeacherSettings(pool=("solubility", "aggregation"), pool_size=12_000)
    ),
    "the teacher itself, no masks": Variant(trees=True),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is asked for and keep the numbers of the others."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablations", description=__doc__)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    parser.add_argument("--seeds", type=int, default=1, help="networks per variant and fold")
    parser.add_argument("--epochs", type=int, help="most epochs, instead of each variant's own number")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of ablations.json")
    parser.add_argument("--run-folder", type=Path, default=Path("runs") / "ablations", help="outputs of each variant")
    chosen = parser.parse_args(arguments)
    if chosen.seeds < 1:
        raise SystemExit(f"--seeds is {chosen.seeds}; expected at least 1")
    file = chosen.results / "ablations.json"
    measured: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["measured"] if file.is_file() else {}
    data = ames()
    base = chosen.run_folder / "base.npy"
    names = chosen.variants if base.is_file() or "base" in chosen.variants else ["base", *chosen.variants]
    for name in sorted(names, key=list(VARIANTS).index):
        outputs, measured[name] = judged(VARIANTS[name], data, chosen.seeds, chosen.epochs)
        with write_beside(chosen.run_folder / f"{name}.npy") as beside, beside.open("wb") as opened:
            np.save(opened, outputs, allow_pickle=False)
        if name != "base":
            measured[name]["lead"] = lead(outputs, np.load(base, allow_pickle=False), data)
        ordered = {variant: measured[variant] for variant in VARIANTS if variant in measured}
        write_result("ablations", "python -m benchmarks.ablations", ordered, chosen.results)
        print(f"{name:48s} " + "  ".join(f"{key} {value}" for key, value in measured[name].items()), flush=True)


@dataclass(frozen=True, slots=True)
class Ames:
    """Training and validation molecules."""

    smiles: tuple[str, ...]
    batch: FlatBatch
    labels: Floats
    fold: npt.NDArray[np.int64]
    """Which third of the scaffolds each belongs to."""

    def part(self, rows: npt.NDArray[np.int64]) -> LabelledSet:
        """Some of them."""
        return LabelledSet(self.batch.select(rows), self.labels[rows])


def ames() -> Ames:
    """Read, standardise and divide the measured table; its test rows are left out."""
    table = load_table(MUTAGENICITY)
    table = table[table["split"] != "test"]
    parents = [parent_smiles(text) for text in table["smiles"]]
    usable = np.array([text is not None for text in parents])
    smiles = tuple(text for text in parents if text is not None)
    labels = table["label"].to_numpy(dtype=np.float32)[usable]
    return Ames(smiles, featurize(smiles), labels, scaffold_folds(smiles, FOLDS, 0))


def judged(variant: Variant, data: Ames, seeds: int, epochs: int | None = None) -> tuple[Floats, dict[str, Any]]:
    """Outputs on left-out molecules, (n, seeds), and what they are worth: means over the seeds."""
    if variant.trees:
        outputs = _trees(data)[:, None]
        return outputs, {"seeds": 1, "auroc": round(_auroc(outputs[:, 0], data), 4)}
    shape = dataclasses.replace(RECIPE.model, **variant.model)  # type: ignore[arg-type]
    outputs = np.zeros((len(data.labels), seeds), dtype=np.float32)
    rows = []
    encoder = load_encoder() if variant.pretrained else None
    for seed in range(seeds):
        effects, sizes, truths = np.zeros((len(data.labels), 2)), [], []
        for fold in range(FOLDS):
            inside, outside = np.flatnonzero(data.fold != fold), np.flatnonzero(data.fold == fold)
            train, valid = taught(data, inside, variant), data.part(outside)
            members = []
            for member in range(variant.members):
                settings = dataclasses.replace(RECIPE.train, **variant.train, seed=seed + 100 * member)  # type: ignore[arg-type]
                settings = settings if epochs is None else dataclasses.replace(settings, epochs=epochs)
                members.append(train_member(train, valid, shape, settings, encoder=encoder)[0])
            answer = ask(members, valid.batch)
            outputs[outside, seed] = answer.outputs.mean(axis=0)
            effects[outside] = answer.fidelity
            called = outputs[outside, seed] > 0
            sizes.append(mask_size(answer.node_importance, valid.batch.atom_offsets, 0.5)[called, 1])
            truths += truth(members, [data.smiles[row] for row in outside[called]])
        rows.append(
            {
                "auroc": _auroc(outputs[:, seed], data),
                "sign_consistency": float(np.min(sign_consistency(effects.astype(np.float32)))),
                "toxicophore_auroc": float(np.mean(truths)) if truths else 0.5,
                "mask_size": float(np.median(np.concatenate(sizes))) if any(map(len, sizes)) else 0.0,
            }
        )
    mean = {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
    return outputs, {"seeds": seeds, **mean}


def taught(data: Ames, inside: npt.NDArray[np.int64], variant: Variant) -> LabelledSet:
    """What a network learns from: the molecules inside, as the variant prepares them."""
    smiles, labels = [data.smiles[row] for row in inside], data.labels[inside]
    if variant.charged:
        states = [(text, label) for text, label in zip(smiles, labels, strict=True) for text in states_of(text)]
        return LabelledSet(featurize([text for text, _ in states]), np.array([label for _, label in states]))
    if variant.teacher is None:
        return data.part(inside)
    pool: list[str] = []
    if variant.teacher.pool:
        others = [text for task in variant.teacher.pool for text in load_table(get_task(task))["smiles"]]
        keys = published_table(MUTAGENICITY)["inchikey14"]
        pool = unmeasured(others, keys, variant.teacher.pool_size, variant.teacher.seed)
    lesson = prepare_lesson(smiles, labels, pool, False, variant.teacher)
    every = np.concatenate([lesson.train, lesson.pool]).astype(np.float32)
    return LabelledSet(featurize([*smiles, *lesson.pool_smiles]), every)


def states_of(smiles: str) -> list[str]:
    """The neutral form, and at most two charge states of it at pH 6.4 to 8.4."""
    return protonation_states(smiles)[:3] or [smiles]


def truth(members: Sequence[Any], smiles: Sequence[str]) -> list[float]:
    """Node AUROC of the mutagenic mask against toxicophores, one for each molecule that has one."""
    known = with_toxicophores(smiles)
    if not len(known):
        return []
    importance = ask(members, known.batch).node_importance[:, 1]
    bounds = known.batch.atom_offsets
    found = [node_auroc(importance[bounds[g] : bounds[g + 1]], known.node_masks[g][:, :, 1]) for g in range(len(known))]
    return [value for value in found if value is not None]


def lead(outputs: Floats, base: Floats, data: Ames) -> dict[str, float]:
    """AUROC less that of the base, with the interval of a paired bootstrap over molecules."""

    def statistic(columns: Any, rows: npt.NDArray[np.int64]) -> float:
        drawn = data.labels[rows].astype(np.float64), data.fold[rows]
        return float(np.mean([mean_over_bins(auroc, drawn[0], column[rows], drawn[1]) for column in columns.T]))

    both: dict[str, Any] = {"variant": outputs.astype(np.float64), "base": base.astype(np.float64)}
    _, leads = judged_together(statistic, both, ours="variant", draws=300)
    return {key: round(value, 4) for key, value in dataclasses.asdict(leads["base"]).items()}


def _auroc(output: Floats, data: Ames) -> float:
    return mean_over_bins(auroc, data.labels.astype(np.float64), output.astype(np.float64), data.fold)


def _trees(data: Ames) -> Floats:
    features = tree_features(data.smiles)
    return teachers_opinion(features, data.labels, data.fold, False, TeacherSettings()).astype(np.float32)


if __name__ == "__main__":
    main()
