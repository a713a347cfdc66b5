"""Learn which groups stand in for which: exchanges seen between training molecules that are alike but for one group.

Every training molecule is cut at each single bond outside rings (terminal groups) and at each two of them that enclose
a small piece (linkers). Two molecules with the same rest are a matched pair, and each exchange is counted by its
different rests. The committed table holds exchanges and counts, no molecule.

Source of the idea: Hussain and Rea 2010, "Computationally efficient algorithm to identify matched molecular pairs",
doi 10.1021/ci900450m.

Run it with: python -m tools.build_matched_groups
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

from rdkit import Chem, rdBase

from concepts.edits.cuts import HYDROGEN, linkers, terminal_groups, without_marks
from concepts.edits.matched_groups import COLUMNS, TABLE
from datasets.sources import load_table
from datasets.standardize import parent_smiles
from datasets.tasks import TASKS
from megan.files import write_beside

LARGEST = 10
"""Heavy atoms of an exchanged terminal group."""
LEAST_PAIRS = 12
"""Different rests from which an exchange is kept."""
MOST_GROUPS_OF_A_REST = 40
"""A rest with more groups than that is a fragment such as phenyl, and says nothing of exchanges."""

Exchange = tuple[str, str]


def exchanges(smiles: Iterable[str]) -> Counter[Exchange]:
    """Exchanges among molecules, each counted by its different rests.

    Parameters
    ----------
    smiles
        Standardised; what does not parse or is not connected is passed over.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    whole: set[str] = set()
    symmetric: set[str] = set()
    for text in smiles:
        mol = Chem.MolFromSmiles(text)
        if mol is None or "." in text:
            continue
        plain = without_marks(mol)
        whole.add(Chem.MolToSmiles(plain))
        for group in terminal_groups(plain, LARGEST):
            groups[group.rest].add(group.name)
        for linker in linkers(plain):
            first, second = linker.anchors
            groups[_rest_of(plain, linker.atoms, (first, second))].add(linker.name)
            groups[_rest_of(plain, linker.atoms, (second, first))].add(linker.reverse)
            if linker.name == linker.reverse:
                symmetric.add(linker.name)
    for rest, names in groups.items():
        bare = None if "[1*]" in rest else Chem.MolFromSmiles(rest.replace("*", "[H]", 1))
        if bare is not None and Chem.MolToSmiles(bare) in whole:
            names.add(HYDROGEN)
    counted: Counter[Exchange] = Counter()
    for names in groups.values():
        if 1 < len(names) <= MOST_GROUPS_OF_A_REST:
            counted.update(combinations(sorted(names), 2))
    for pair in counted:
        # Both directions of the rest showed the same exchange.
        if symmetric.issuperset(pair):
            counted[pair] //= 2
    return counted


def _rest_of(mol: Chem.Mol, inside: Sequence[int], anchors: tuple[int, int]) -> str:
    """What stays around a linker, its two open ends numbered as the linker's."""
    rest = Chem.RWMol(mol)
    gone = set(inside)
    for number, anchor in enumerate(anchors, 1):
        end = Chem.Atom(0)
        end.SetIsotope(number)
        rest.AddBond(anchor, rest.AddAtom(end), Chem.BondType.SINGLE)
    rest.BeginBatchEdit()
    for atom in gone:
        rest.RemoveAtom(atom)
    rest.CommitBatchEdit()
    return Chem.MolToSmiles(rest)


def training_molecules() -> list[str]:
    """Standardised training molecules of all tasks, each once."""
    found: dict[str, None] = {}
    for task in TASKS.values():
        table = load_table(task)
        for text in table.loc[table["split"] == "train", "smiles"]:
            parent = parent_smiles(text)
            if parent is not None:
                found[parent] = None
    return list(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the table and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=TABLE)
    parser.add_argument("--first", type=int, help="only so many molecules, for trials")
    given = parser.parse_args(arguments)
    with rdBase.BlockLogs():
        counted = exchanges(training_molecules()[: given.first])
    kept = sorted((-count, *pair) for pair, count in counted.items() if count >= LEAST_PAIRS)
    with write_beside(given.out) as beside, beside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((a, b, -count) for count, a, b in kept)


if __name__ == "__main__":
    main()
