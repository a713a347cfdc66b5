"""How the public files become the tables that models are trained on.

A recipe names the public files of a task, each at a fixed commit with its sha256, and the columns to read; `clean` does
the chemistry. The lists in `datasets/keys` say which compounds belong to the table, in which order and split, so that
everybody gets the same bytes.

Rules for mutagenicity and aggregation: what does not parse is dropped; a compound is known by the first block of the
InChIKey of its fragment with most heavy atoms; compounds whose rows disagree on the label are dropped; of the others
the first row stands, with canonical SMILES of all fragments. For mutagenicity the sources are named, joined by "+".

Solubility differs, as its published table does: every row that parses is kept as it is (SMILES as given, several rows
for isomers and salts of one compound).

The columns of the ChemFH file were read off the public copy at that commit; the whole file was not at hand when this
was written, so its recipe is tested with a hand-made file only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from rdkit import Chem
from rdkit.rdBase import BlockLogs

from datasets.splits import split_list
from datasets.tasks import Task


@dataclass(frozen=True, slots=True)
class RawFile:
    """A public file at a fixed commit."""

    source: str
    """Name of the collection, as the `sources` column of a table gives it."""
    file: str
    """File name on this machine."""
    repository: str
    """GitHub owner/name."""
    commit: str
    path: str
    """Path inside the repository."""
    sha256: str
    smiles: str
    """Name of the column with SMILES."""
    label: str
    """Name of the column with the measurement."""

    @property
    def address(self) -> str:
        """Where the file is downloaded from."""
        return f"https://raw.githubusercontent.com/{self.repository}/{self.commit}/{quote(self.path)}"


@dataclass(frozen=True, slots=True)
class Recipe:
    """The public files of one task and what is done with them."""

    files: tuple[RawFile, ...]
    """In order of precedence: the first row of a compound stands."""
    merge: bool = True
    """Whether the rows of a compound become one; else each row is kept as given."""
    name_sources: bool = False
    """Whether the table has a column `sources`."""
    copied: tuple[tuple[str, str], ...] = ()
    """Columns taken over as they are: (name in the table, name in the public file)."""


_TOXICITY = {"repository": "aayurchik/27_toxicity_prediction", "commit": "212d5f12b247544ff50a31fabea5e2c2745d240b"}

RECIPES: dict[str, Recipe] = {
    "mutagenicity": Recipe(
        files=(
            RawFile(
                **_TOXICITY,
                source="hansen2009",
                file="hansen2009.csv",
                path="datasets/ToxBenchmark_Ames_mutagenicity.csv",
                sha256="85138687e7c31d2485d83753bd92bad7814c1cb2ba67a2d4530e8a4c2f22ba7a",
                smiles="Canonical_Smiles",
                label="Activity",
            ),
            RawFile(
                **_TOXICITY,
                source="xu2012",
                file="tdc_ames.csv",
                path="datasets/tdc/tdc_ames.csv",
                sha256="d193ade9b724ddf7d09ad707edcd6b46ffe1b51a8e7133cb0b99a6e030bbdae1",
                smiles="SMILES",
                label="Y",
            ),
            RawFile(
                **_TOXICITY,
                source="toxric",
                file="toxric_ames.csv",
                path="datasets/toxric_30_datasets/Mutagenicity_Ames Mutagenicity.csv",
                sha256="8987c74d59755e5fd6714d76ee039fc789fbb513aba56b6e23a9396d01d9dabe",
                smiles="Canonical SMILES",
                label="Toxicity Value",
            ),
        ),
        name_sources=True,
    ),
    "aggregation": Recipe(
        files=(
            RawFile(
                source="chemfh",
                file="chemfh_aggregators.csv",
                repository="antwiser/ChemFH",
                commit="f8c046fac9a1d331979025a104382d3d2b2614ca",
                path="ChemFH_dataset/Aggregators.csv",
                sha256="d5df47274a13e0703fd5c11c604b30617dbd369e373be7da2cb4d973a76c1d5c",
                smiles="SMILES",
                label="Label",
            ),
        ),
    ),
    "solubility": Recipe(
        files=(
            RawFile(
                source="aqsoldb",
                file="aqsoldb.csv",
                repository="mcsorkun/AqSolDB",
                commit="8e02b548fd9a78778ff89a5aa9a460d1a289cc3a",
                path="results/data_curated.csv",
                sha256="363a42a4e4ea8e6039758146d34efdd95cde2da81c665316cacc1869e0a805ed",
                smiles="SMILES",
                label="Solubility",
            ),
        ),
        merge=False,
        copied=(("id", "ID"), ("name", "Name")),
    ),
}


@dataclass(frozen=True, slots=True)
class _RawRow:
    key: str
    source: str
    smiles: str
    label: str
    copied: tuple[str, ...]


def clean(
    task: Task,
    raw: Mapping[str, Path],
    listed: Iterable[tuple[str, str]] | None = None,
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> pd.DataFrame:
    """Make the table of a task from its public files.

    Parameters
    ----------
    task
        A task that has a recipe.
    raw
        Where each file lies, by `RawFile.file`.
    listed
        (key, split) for each row of the table, in its order; the task's own list if not given. Compounds that are not
        listed are left out, listed ones that the files do not hold are skipped.
    progress
        Called now and then with the number of rows read and the number of all.

    Returns
    -------
    pandas.DataFrame
        The columns of the cleaned file, all text, one row per listed compound found.

    Raises
    ------
    ValueError
        If a file lacks a column that the recipe reads, or a class label is neither 0 nor 1.
    """
    recipe = RECIPES[task.name]
    found: dict[str, list[_RawRow]] = {}
    with BlockLogs():
        for row in _read(task, recipe, raw, progress):
            found.setdefault(row.key, []).append(row)
    sources = {key: "+".join(sorted({row.source for row in rows})) for key, rows in found.items()}
    if recipe.merge:
        found = {key: rows[:1] for key, rows in found.items() if len({row.label for row in rows}) == 1}

    columns = [name for name, _ in recipe.copied]
    columns += ["smiles", task.label_column, *(["sources"] if recipe.name_sources else []), "inchikey14", "split"]
    rows = []
    waiting = {key: iter(candidates) for key, candidates in found.items()}
    for key, split in split_list(task) if listed is None else listed:
        for row in islice(waiting.get(key, ()), 1):
            named = (sources[key],) if recipe.name_sources else ()
            rows.append((*row.copied, row.smiles, row.label, *named, key, split))
    return pd.DataFrame(rows, columns=columns, dtype=str)


def compound_key(molecule: Chem.Mol) -> str | None:
    """Return the first block (14 characters) of the InChIKey of the fragment with most heavy atoms.

    It names the skeleton: salts, stereoisomers and most tautomers of a compound share it. Among equally large fragments
    the first in the molecule's atom order counts. None where there is no atom or InChI has no name for the fragment.
    """
    fragments = Chem.GetMolFrags(molecule, asMols=True)
    if not fragments:
        return None
    return Chem.MolToInchiKey(max(fragments, key=lambda part: part.GetNumHeavyAtoms()))[:14] or None


def _read(
    task: Task, recipe: Recipe, raw: Mapping[str, Path], progress: Callable[[int, int], None]
) -> Iterator[_RawRow]:
    """Yield the rows of all files that parse, in order of precedence."""
    tables = [(file, pd.read_csv(raw[file.file], dtype=str, keep_default_na=False)) for file in recipe.files]
    total = sum(len(table) for _, table in tables)
    done = 0
    for file, table in tables:
        wanted = [file.smiles, file.label, *(name for _, name in recipe.copied)]
        missing = [name for name in wanted if name not in table.columns]
        if missing:
            raise ValueError(f"{file.file} has no column {', '.join(missing)}; expected {', '.join(wanted)}")
        for values in zip(*(table[name] for name in wanted), strict=True):
            done += 1
            if done % 500 == 0 or done == total:
                progress(done, total)
            smiles, label, copied = values[0], values[1], values[2:]
            molecule = Chem.MolFromSmiles(smiles)
            key = compound_key(molecule) if molecule is not None else None
            if key is None:
                continue
            if task.kind == "classification" and label not in ("0", "1"):
                raise ValueError(f"{file.file} has the label {label!r} for {smiles}; expected 0 or 1")
            yield _RawRow(key, file.source, Chem.MolToSmiles(molecule) if recipe.merge else smiles, label, copied)
