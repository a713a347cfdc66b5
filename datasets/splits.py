"""Which compounds a model learns from, which it is tuned on, and which it is judged on.

Three ways: at random, by scaffold (no ring system in two splits), and by the fixed lists in `datasets/keys`, which make
numbers comparable between machines. Every one returns an array with train, valid or test for each compound.
"""

from __future__ import annotations

import gzip
import hashlib
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem.Scaffolds import MurckoScaffold
from rdkit.rdBase import BlockLogs

from datasets.tasks import Task

SPLITS = ("train", "valid", "test")
Names = npt.NDArray[np.str_]

_KEYS = Path(__file__).parent / "keys"
_LETTERS = {"t": "train", "v": "valid", "e": "test"}


def random_split(n: int, fractions: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> Names:
    """Split n compounds at random; the shares are exact to one compound.

    Parameters
    ----------
    n
        Number of compounds, 0 or more.
    fractions
        Shares of train, valid and test, each 0 to 1, together 1.
    seed
        The same seed gives the same split.

    Returns
    -------
    numpy.ndarray
        Shape (n,): train, valid or test.

    Raises
    ------
    ValueError
        If n is negative or the fractions are not three shares of one whole.
    """
    if n < 0:
        raise ValueError(f"n is {n}; expected 0 or more")
    train, valid, _ = _checked(fractions)
    ends = [round(n * train), round(n * (train + valid))]
    split = np.full(n, "test", dtype="<U5")
    order = np.random.default_rng(seed).permutation(n)
    split[order[: ends[0]]] = "train"
    split[order[ends[0] : ends[1]]] = "valid"
    return split


def scaffold_split(smiles: Sequence[str], fractions: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> Names:
    """Split by Bemis-Murcko scaffold, so that a ring system is never both learned and judged.

    Scaffolds are taken from the most frequent to the least, and each goes to the first split whose size comes nearer to
    its share by it; so the large ones are in train, and valid and test hold the rare ones. The split of a compound does
    not depend on the order of the rows. All acyclic compounds share the empty scaffold and stay together.

    Parameters
    ----------
    smiles
        One SMILES a compound; every one must parse.
    fractions
        Shares of train, valid and test, each 0 to 1, together 1; reached as near as whole scaffolds allow.
    seed
        Orders the scaffolds that are equally frequent.

    Returns
    -------
    numpy.ndarray
        Shape (len(smiles),): train, valid or test.

    Raises
    ------
    ValueError
        If a SMILES does not parse, or the fractions are not three shares of one whole.

    Notes
    -----
    Bemis and Murcko 1996, doi 10.1021/jm9602928.
    """
    shares = dict(zip(SPLITS, _checked(fractions), strict=True))
    rows_of: dict[str, list[int]] = {}
    with BlockLogs():
        for row, text in enumerate(smiles):
            rows_of.setdefault(scaffold(row, text), []).append(row)
    # A hash instead of a shuffle: a shuffle's result would depend on the order in which the scaffolds were met.
    ordered = sorted(rows_of, key=lambda s: (-len(rows_of[s]), hashlib.sha256(f"{seed}:{s}".encode()).digest(), s))

    wanted = [name for name in SPLITS if shares[name] > 0]
    sizes = dict.fromkeys(wanted, 0)
    split = np.full(len(smiles), wanted[-1], dtype="<U5")
    for name_of_scaffold in ordered:
        rows = rows_of[name_of_scaffold]
        for name in wanted:
            first_of_all = name == wanted[0] and not sizes[name]
            if first_of_all or name == wanted[-1] or sizes[name] + len(rows) / 2 <= shares[name] * len(smiles):
                split[rows] = name
                sizes[name] += len(rows)
                break
    return split


def fixed_split(keys: Sequence[str], task: Task) -> Names:
    """Look the split of known compounds up in the list of the task.

    A few keys of the solubility list stand for several rows in different splits (isomers were split one by one). Such a
    key counts as test before valid before train, so that a compound that is judged on is never taken for a learned one.

    Parameters
    ----------
    keys
        First blocks (14 characters) of InChIKeys, as `datasets.recipe.compound_key` makes them.
    task
        The task whose list is asked.

    Returns
    -------
    numpy.ndarray
        Shape (len(keys),): train, valid or test.

    Raises
    ------
    ValueError
        If a key is not on the list.
    """
    rank = {name: i for i, name in enumerate(SPLITS)}
    known: dict[str, str] = {}
    for key, name in split_list(task):
        if key not in known or rank[name] > rank[known[key]]:
            known[key] = name
    for row, key in enumerate(keys):
        if key not in known:
            raise ValueError(f"keys[{row}] is {key!r}, which is not on the split list of task {task.name!r}")
    return np.array([known[key] for key in keys], dtype="<U5")


def rows_kept_apart(keys: Sequence[str], split: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Say which rows may stay so that no compound is in two splits.

    A row leaves if its compound also stands in a later split, in the order train, valid, test. So the test rows stay as
    published, and a model has seen none of their compounds.

    Parameters
    ----------
    keys
        First blocks of InChIKeys, one a row.
    split
        train, valid or test, one a row.

    Returns
    -------
    numpy.ndarray
        Shape (len(keys),), bool: True for rows that stay.

    Raises
    ------
    ValueError
        If a split has another name.
    """
    rank = {name: i for i, name in enumerate(SPLITS)}
    last: dict[str, int] = {}
    for row, (key, name) in enumerate(zip(keys, split, strict=True)):
        if name not in rank:
            raise ValueError(f"split[{row}] is {name!r}; expected train, valid or test")
        last[key] = max(last.get(key, 0), rank[name])
    return np.array([rank[name] == last[key] for key, name in zip(keys, split, strict=True)], dtype=np.bool_)


def split_list(task: Task) -> list[tuple[str, str]]:
    """Read the list of a task: (key, split) for each row of its cleaned table, in the table's order."""
    lines = gzip.decompress((_KEYS / f"{task.name}.txt.gz").read_bytes()).decode("ascii").splitlines()
    return [(line[:14], _LETTERS[line[15]]) for line in lines if not line.startswith("#")]


def write_split_list(task: Task, rows: Iterable[tuple[str, str]]) -> Path:
    """Write the list of a task from (key, split) of each row of its cleaned table; the same rows give the same bytes.

    The lists in the repository came from the published tables:
    ``write_split_list(task, zip(table["inchikey14"], table["split"]))`` with `table = published_table(task)`.
    """
    letters = {name: letter for letter, name in _LETTERS.items()}
    lines = ["# InChIKey first block of each row of the cleaned table, in its order; t train, v valid, e test"]
    lines += [f"{key} {letters[name]}" for key, name in rows]
    path = _KEYS / f"{task.name}.txt.gz"
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(gzip.compress("\n".join([*lines, ""]).encode("ascii"), compresslevel=9, mtime=0))
    beside.replace(path)
    return path


def scaffold(row: int, smiles: str) -> str:
    """Return the canonical SMILES of the Bemis-Murcko scaffold; an empty string for acyclic compounds."""
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise ValueError(f"smiles[{row}] is {smiles!r}; expected a SMILES that parses")
    # Without stereo: epimers share their ring system, and a split between them would leak.
    Chem.RemoveStereochemistry(molecule)
    return str(Chem.MolToSmiles(MurckoScaffold.GetScaffoldForMol(molecule)))


def _checked(fractions: Sequence[float]) -> tuple[float, float, float]:
    shares = tuple(float(share) for share in fractions)
    good = len(shares) == 3 and all(0 <= share <= 1 for share in shares) and math.isclose(sum(shares), 1, abs_tol=1e-9)
    if not good:
        raise ValueError(f"fractions are {shares}; expected three shares (train, valid, test) of 0 to 1 that sum to 1")
    return shares[0], shares[1], shares[2]
