"""Whether the aggregation network sees past its table's shortcuts when its molecules are drawn or begun otherwise.

One network each learns the training split, without a teacher and in few epochs, and is judged on the validation split:
over all molecules, and in the mean over quarters of logP and of molecular weight, which are shortcuts of this table.
The validation split also picks the epoch that is kept, for every variant alike. The test split is not looked at.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.aggregation_sampling [--variants NAME ...] [--epochs 6]
"""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt

from benchmarks.paired_comparison import judged_together, mean_over_bins, properties, quartile_bins
from benchmarks.results_file import RESULTS, write_result
from datasets.sources import load_table
from datasets.tasks import AGGREGATION
from megan.encoder import load_encoder
from megan.metrics import Array, auroc
from megan.settings import SHIPPED
from megan.split_table import split_table
from megan.training import LabelledSet, raw_outputs, train_member

Rows = npt.NDArray[np.int64]
PLAIN: Final = "as measured"
VARIANTS: Final = (PLAIN, "from the encoder", "classes balanced", "matched in logP and weight")
MATCHED: Final = ("logP", "molecular weight")
DRAWS: Final = 300


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, judge and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.aggregation_sampling", description=__doc__)
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(VARIANTS))
    parser.add_argument("--epochs", type=int, default=6, help="epochs of each network")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of aggregation_sampling.json")
    chosen = parser.parse_args(arguments)
    data = split_table(load_table(AGGREGATION))
    train, valid = data.sets["train"], data.sets["valid"]
    recipe = SHIPPED["aggregation"]
    settings = dataclasses.replace(recipe.train, epochs=chosen.epochs)
    outputs: dict[str, Array] = {}
    molecules: dict[str, int] = {}
    for name in dict.fromkeys([PLAIN, *chosen.variants]):
        rows = drawn_rows(name, train, data.smiles["train"], settings.seed)
        molecules[name] = len(np.unique(rows))
        learned = LabelledSet(train.batch.select(rows), train.labels[rows])
        encoder = load_encoder() if name == "from the encoder" else None
        model, log = train_member(learned, valid, recipe.model, settings, encoder=encoder)
        outputs[name] = raw_outputs(model, valid.batch).astype(np.float64)
        print(f"{name:30s} {max(row['valid_score'] for row in log):.4f}", flush=True)
    shortcuts = {name: quartile_bins(values)[0] for name, values in properties(data.smiles["valid"]).items()}
    measured = {
        "epochs": chosen.epochs,
        "molecules": molecules,
        **compared(valid.labels.astype(np.float64), outputs, {name: shortcuts[name] for name in MATCHED}),
    }
    write_result("aggregation_sampling", "python -m benchmarks.aggregation_sampling", measured, chosen.results)


def drawn_rows(name: str, train: LabelledSet, smiles: Sequence[str], seed: int) -> Rows:
    """The rows that a variant learns from, as many as the table has."""
    if name in (PLAIN, "from the encoder"):
        return np.arange(len(train.labels))
    if name == "classes balanced":
        return balanced_rows(train.labels, np.zeros(len(train.labels), dtype=np.int64), seed)
    values = properties(smiles)
    cells = np.zeros(len(smiles), dtype=np.int64)
    for shortcut in MATCHED:
        cells = 4 * cells + quartile_bins(values[shortcut])[0]
    return balanced_rows(train.labels, cells, seed)


def balanced_rows(labels: npt.ArrayLike, cells: Rows, seed: int) -> Rows:
    """Rows of which each cell gives as many of either class as it has in the mean, so that no cell tells the class.

    Of a class that has more than are wanted some are left out; of one that has fewer, each comes as often as another
    or once more. A cell with one class only is left out.

    Parameters
    ----------
    labels, cells
        Shape (n,): 0 or 1, and the cell of each molecule.
    """
    rng = np.random.default_rng(seed)
    positive = np.asarray(labels) > 0.5
    kept: list[Rows] = []
    for cell in np.unique(cells):
        classes = [np.flatnonzero((cells == cell) & (positive == side)) for side in (False, True)]
        if min(map(len, classes)) == 0:
            continue
        wanted = sum(map(len, classes)) // 2
        for rows in classes:
            times, more = divmod(wanted, len(rows))
            kept.append(np.concatenate([np.tile(rows, times), rng.permutation(rows)[:more]]))
    return np.concatenate(kept) if kept else np.zeros(0, dtype=np.int64)


def compared(y: Array, outputs: dict[str, Array], bins: dict[str, Rows]) -> dict[str, Any]:
    """AUROC of each variant over all molecules and within bins, and what it leads the plain one by."""
    asked: dict[str, Callable[[Array, Rows], float]] = {"all": lambda p, rows: auroc(y[rows], p[rows])}
    for name, of in bins.items():
        asked[name] = partial(_mean_within, y, of)
    found: dict[str, Any] = {}
    for name, statistic in asked.items():
        others = [variant for variant in outputs if variant != PLAIN]
        found[name] = {"auroc": {v: round(statistic(p, np.arange(len(y))), 5) for v, p in outputs.items()}, "leads": {}}
        for variant in others:
            both = {variant: outputs[variant], PLAIN: outputs[PLAIN]}
            lead = judged_together(statistic, both, ours=variant, draws=DRAWS)[1][PLAIN]
            found[name]["leads"][variant] = {key: round(value, 5) for key, value in dataclasses.asdict(lead).items()}
    return found


def _mean_within(y: Array, bins: Rows, p: Array, rows: Rows) -> float:
    return mean_over_bins(auroc, y[rows], p[rows], bins[rows])


if __name__ == "__main__":
    main()
