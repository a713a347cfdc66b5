"""Rate of the featuriser against RDKit's parser and a plain per-atom loop, in one process and one run.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.featurizer
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Sequence

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from rdkit import Chem

from benchmarks.results_file import data_file, write_result
from datasets.atom_codes import mol_codes
from datasets.featurize import featurize
from megan.graph import graph_batch

MOLECULES = 10_000
ROUNDS = 7
BATCH = 1024


def parse(smiles: Sequence[str]) -> None:
    """RDKit's parser alone."""
    for text in smiles:
        Chem.MolFromSmiles(text)


def plain_loop(smiles: Sequence[str]) -> None:
    """A question per atom, as most packages do."""
    for text in smiles:
        mol_codes(Chem.MolFromSmiles(text))


def to_tensors(smiles: Sequence[str]) -> None:
    """SMILES to the tensors that the network reads."""
    for start in range(0, len(smiles), BATCH):
        graph_batch(featurize(smiles[start : start + BATCH]), use_dgl=False)


def seconds(work: Callable[[Sequence[str]], None], smiles: Sequence[str]) -> float:
    """Processor time of one pass."""
    start = time.process_time()
    work(smiles)
    return time.process_time() - start


def measure(smiles: Sequence[str]) -> dict[str, float]:
    """Median rates over rounds in which all take turns; ratios are taken within a round."""
    to_tensors(smiles[:BATCH])
    rounds = []
    for _ in range(ROUNDS):
        parsing, fast, slow = seconds(parse, smiles), seconds(to_tensors, smiles), seconds(plain_loop, smiles[::5]) * 5
        rounds.append((len(smiles) / parsing, len(smiles) / fast, parsing / fast, parsing / slow))
    parse_rate, fast_rate, ratio, slow_ratio = np.median(rounds, axis=0)
    return {
        "parse_per_s": round(float(parse_rate)),
        "featurize_per_s": round(float(fast_rate)),
        "ratio": round(float(ratio), 3),
        "ratio_lowest": round(float(min(r[2] for r in rounds)), 3),
        "plain_loop_ratio": round(float(slow_ratio), 3),
    }


def main() -> None:
    """Measure on two kinds of molecules, print a table and write the result."""
    with gzip.open(data_file("library/moses_250k.smi.gz"), "rt") as lines:
        moses = [line.split()[0] for line, _ in zip(lines, range(MOLECULES), strict=False)]
    ames = list(pd.read_csv(data_file("ames.csv"))["smiles"])
    measured = {"moses": measure(moses), "ames": measure(ames)}
    print("set     parse/s  to tensors/s  share of the parser  (lowest)  plain loop")
    for name, m in measured.items():
        print(
            f"{name:6s} {m['parse_per_s']:8.0f} {m['featurize_per_s']:13.0f} {m['ratio']:20.2f} "
            f"{m['ratio_lowest']:9.2f} {m['plain_loop_ratio']:11.2f}"
        )
    print(write_result("featurizer", "python -m benchmarks.featurizer", measured))


if __name__ == "__main__":
    main()
