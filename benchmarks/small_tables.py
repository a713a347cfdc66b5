"""Whether a pretrained start helps where few molecules were measured, as in a table of one's own.

Tables of 100 and 300 molecules are drawn from the training splits of mutagenicity and solubility; one network
each learns from four fifths of such a table, as `python -m app train --csv` would teach it, and the last fifth says
when to stop. It is judged on the whole validation split of the task, which none of them has seen, with and without the
shipped encoder, on the same draws.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.small_tables [--sizes 100 300] [--draws 3]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.results_file import RESULTS, write_result
from datasets.sources import load_table
from datasets.tasks import get_task
from megan.encoder import PretrainedEncoder, load_encoder
from megan.model import ModelSettings
from megan.settings import settings_for_rows
from megan.split_table import split_table
from megan.training import LabelledSet, train_member, validation_score

TASKS: Final = ("mutagenicity", "solubility")
SIZES: Final = (100, 300)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, judge and write the result."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_tables", description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=list(SIZES), help="molecules in a table")
    parser.add_argument("--draws", type=int, default=3, help="tables of each size")
    parser.add_argument("--epochs", type=int, default=40, help="most epochs, as in app train")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of small_tables.json")
    chosen = parser.parse_args(arguments)
    for name, value, least in (("--sizes", min(chosen.sizes), 20), ("--draws", chosen.draws, 1)):
        if value < least:
            raise SystemExit(f"{name} is {value}; expected at least {least}")
    measured: dict[str, Any] = {}
    for task in TASKS:
        kind = get_task(task).kind
        sets = split_table(load_table(get_task(task))).sets
        rows = {}
        for size in chosen.sizes:
            rows[str(size)] = compared(
                sets["train"], sets["valid"], kind == "regression", size, chosen.draws, chosen.epochs
            )
            print(task, size, rows[str(size)], flush=True)
        measured[task] = {"metric": "rmse" if kind == "regression" else "auroc", "sizes": rows}
    write_result("small_tables", "python -m benchmarks.small_tables", measured, chosen.results)


def compared(
    train: LabelledSet, judging: LabelledSet, regression: bool, size: int, draws: int, epochs: int
) -> dict[str, list[float]]:
    """Score of each draw, started at random and from the encoder: AUROC, or root mean squared error."""
    encoder = load_encoder()
    found: dict[str, list[float]] = {"random": [], "pretrained": []}
    for draw in range(draws):
        rows = np.random.default_rng(draw).choice(len(train.labels), min(size, len(train.labels)), replace=False)
        stop = len(rows) // 5
        table = [LabelledSet(train.batch.select(part), train.labels[part]) for part in (rows[stop:], rows[:stop])]
        starts: tuple[tuple[str, PretrainedEncoder | None], ...] = (("random", None), ("pretrained", encoder))
        for name, start in starts:
            settings = settings_for_rows(len(table[0].labels), epochs).with_seed(draw)
            model, _ = train_member(table[0], table[1], ModelSettings(regression=regression), settings, encoder=start)
            found[name].append(round(abs(validation_score(model, judging)), 4))
    return found


if __name__ == "__main__":
    main()
