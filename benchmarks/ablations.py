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
from functools import partial
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

from benchmarks.ablation_lessons import FOLDS, TAUGHT_BY, Ames, ames, committees_opinion, start_of, taught, with_virtual
from benchmarks.ablation_variants import NO_EXPLANATION, VARIANTS, Variant
from benchmarks.explanation_sets import with_toxicophores
from benchmarks.paired_comparison import judged_together, mean_over_bins
from benchmarks.results_file import RESULTS, write_result
from benchmarks.virtual_atom import with_virtual_atom, without_virtual_atom
from datasets.descriptors import tree_features
from megan.committee import ask
from megan.encoder import PretrainedEncoder, load_encoder
from megan.files import write_beside
from megan.mask_metrics import mask_size, node_auroc, sign_consistency
from megan.metrics import auroc
from megan.model import Megan, ModelSettings
from megan.settings import SHIPPED
from megan.teacher import TeacherSettings, teachers_opinion
from megan.training import LabelledSet, train_member

Floats = npt.NDArray[np.float32]
RECIPE: Final = SHIPPED["mutagenicity"]


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
    data = ames()
    base = _outputs_file(chosen.run_folder, "base", chosen.seeds, chosen.epochs)
    names = chosen.variants if base.is_file() or "base" in chosen.variants else ["base", *chosen.variants]
    for name in sorted(names, key=list(VARIANTS).index):
        outputs, row = judged(VARIANTS[name], data, chosen.seeds, chosen.epochs)
        file = _outputs_file(chosen.run_folder, name, chosen.seeds, chosen.epochs)
        with write_beside(file) as beside, beside.open("wb") as opened:
            np.save(opened, outputs, allow_pickle=False)
        if name != "base":
            row["lead"] = lead(outputs, np.load(base, allow_pickle=False), data)
        _note(name, row, chosen.results)
        print(f"{name:48s} " + "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


def _outputs_file(folder: Path, name: str, seeds: int, epochs: int | None) -> Path:
    """Where a variant's outputs stay; those of other seeds or epochs are no base to compare with."""
    return folder / f"{name}, {seeds} seeds, {'all' if epochs is None else epochs} epochs.npy"


def _note(name: str, row: dict[str, Any], results: Path) -> None:
    """Put a row beside what the file holds by now, since another process may measure other variants."""
    file = results / "ablations.json"
    measured: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))["measured"] if file.is_file() else {}
    measured[name] = row
    ordered = {variant: measured[variant] for variant in VARIANTS if variant in measured}
    write_result("ablations", "python -m benchmarks.ablations", ordered, results)


def judged(variant: Variant, data: Ames, seeds: int, epochs: int | None = None) -> tuple[Floats, dict[str, Any]]:
    """Outputs on left-out molecules, (n, seeds), and what they are worth: means over the seeds."""
    if variant.trees:
        outputs = _trees(data)[:, None]
        return outputs, {"seeds": 1, "auroc": round(_auroc(outputs[:, 0], data), 4)}
    shape = dataclasses.replace(RECIPE.model, **variant.model)  # type: ignore[arg-type]
    outputs = np.zeros((len(data.labels), seeds), dtype=np.float32)
    rows = []
    encoder = start_of(variant)
    for seed in range(seeds):
        effects, sizes, truths = np.zeros((len(data.labels), 2)), [], []
        for fold in range(FOLDS):
            inside, outside = np.flatnonzero(data.fold != fold), np.flatnonzero(data.fold == fold)
            train, valid = taught(data, inside, variant), data.part(outside)
            if variant.virtual_atom:
                train, valid = with_virtual(train), with_virtual(valid)

            trained = partial(_network, valid=valid, shape=shape, epochs=epochs)
            if variant.distilled:
                seeds_of_committee = [seed + 100 * member for member in range(1, TAUGHT_BY + 1)]
                committee = [
                    trained(train, NO_EXPLANATION, encoder=load_encoder(), seed=other) for other in seeds_of_committee
                ]
                train = committees_opinion(committee, train)
            members = [
                trained(train, variant.train, encoder=encoder, seed=seed + 100 * member)
                for member in range(variant.members)
            ]
            answer = ask(members, valid.batch)
            outputs[outside, seed] = answer.outputs.mean(axis=0)
            effects[outside] = answer.fidelity
            called = outputs[outside, seed] > 0
            masks, offsets = answer.node_importance, data.batch.select(outside).atom_offsets
            masks = without_virtual_atom(masks, valid.batch) if variant.virtual_atom else masks
            sizes.append(mask_size(masks, offsets, 0.5)[called, 1])
            truths += truth(members, [data.smiles[row] for row in outside[called]], variant.virtual_atom)
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


def _network(
    train: LabelledSet,
    factors: Mapping[str, float],
    *,
    seed: int,
    valid: LabelledSet,
    shape: ModelSettings,
    encoder: PretrainedEncoder | None,
    epochs: int | None,
) -> Megan:
    settings = dataclasses.replace(RECIPE.train, **factors, seed=seed)  # type: ignore[arg-type]
    settings = settings if epochs is None else dataclasses.replace(settings, epochs=epochs)
    return train_member(train, valid, shape, settings, encoder=encoder)[0]


def truth(members: Sequence[Megan], smiles: Sequence[str], virtual_atom: bool = False) -> list[float]:
    """Node AUROC of the mutagenic mask against toxicophores, one for each molecule that has one."""
    known = with_toxicophores(smiles)
    if not len(known):
        return []
    if virtual_atom:
        extended = with_virtual_atom(known.batch)
        importance = without_virtual_atom(ask(members, extended).node_importance, extended)[:, 1]
    else:
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
