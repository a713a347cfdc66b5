"""A run folder of a screening as an engine would leave it, made without any model: nitro compounds are mutagenic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rdkit import Chem

from app.screening.columns import StoredColumn, mask_column, schema, screen_columns, stored_columns
from app.screening.finishing import finish
from app.screening.model_facts import ModelFacts
from app.screening.run_folder import FORMAT, Run
from app.screening.settings import ScreenSettings
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY, Task

OWN = ("Name", "SMILES", "price")
TASKS = (AGGREGATION, MUTAGENICITY, SOLUBILITY)
GROUPS = ("C", "CC", "O", "OC", "Cl", "Br", "F", "N", "C#N", "CO", "SC", "CCC")
BAD = (("broken", "CC(,,"), ("<b>nothing</b>", ""))

Row = dict[str, Any]


def molecules() -> list[tuple[str, str]]:
    """Names and SMILES: every second one is a nitro compound, the last two rows are no molecules."""
    found = []
    for group in GROUPS:
        found += [(f"plain {group}", f"Cc1ccc({group})cc1"), (f"nitro {group}", f"O=[N+]([O-])c1ccc({group})cc1")]
    return [*found, ("again", found[0][1]), *BAD]


def rows(tasks: Sequence[Task] = TASKS, given: Sequence[tuple[str, str]] | None = None) -> list[Row]:
    """One row a molecule, with the keys of our columns; the user's own have "own " in front."""
    return [_row(number, name, text, tasks) for number, (name, text) in enumerate(given or molecules())]


def made_run(
    folder: Path,
    content: Sequence[Row] | None = None,
    *,
    tasks: Sequence[Task] = TASKS,
    finished: bool = True,
    part_rows: int = 10,
    concepts: bool = True,
    **settings: Any,
) -> Run:
    """Write a run folder.

    Parameters
    ----------
    folder
        Made if it is not there.
    content
        From `rows`; those of all `molecules` if None.
    tasks
        What was screened for.
    finished
        Whether repeats are known and the progress says finished.
    part_rows
        Rows of a part.
    concepts
        Whether molecules were matched to concepts.
    settings
        Of `ScreenSettings`.
    """
    asked = ScreenSettings(tasks=tuple(task.name for task in tasks), part_rows=part_rows, **settings)
    ours = screen_columns([ModelFacts(task, concepts) for task in tasks], asked, with_input=False)
    stored = stored_columns(OWN, ours)
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    record = {
        "format": FORMAT, "created": "2026-01-01T00:00:00+00:00", "settings": asked.record(),
        "input": {"path": str(folder / "input.csv"), "name": "input.csv", "bytes": 0, "sha256": "",
                  "smiles_column": "SMILES", "id_column": "Name"},
        "columns": [asdict(column) for column in stored],
        "models": [
            {"task": task.name, "sha256": {}, "concepts": {"name": task.name, "sha256": ""} if concepts else None}
            for task in tasks
        ],
        "versions": {},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    run = Run(folder, record)
    content = rows(tasks) if content is None else content
    for number, start in enumerate(range(0, len(content), part_rows)):
        pq.write_table(_table(content[start : start + part_rows], stored), run.part(number))
    if finished:
        finish(run)
    return run


def _table(content: Sequence[Row], stored: Sequence[StoredColumn]) -> pa.Table:
    keys = [f"own {column.key}" if column.own else column.key for column in stored]
    arrays = {column.name: [row.get(key) for row in content] for column, key in zip(stored, keys, strict=True)}
    return pa.table(arrays, schema=schema(stored))


def _row(number: int, name: str, given: str, tasks: Sequence[Task]) -> Row:
    row: Row = {
        "own Name": name, "own SMILES": given, "own price": f"{number}.5", "row": number, "id": name, "status": "error",
    }  # fmt: skip
    mol = Chem.MolFromSmiles(given) if given else None
    if mol is None:
        return row | {"code": "parse_error" if given else "empty", "detail": "It is no molecule."}
    row |= {"smiles": Chem.MolToSmiles(mol), "status": "ok"}
    nitro = "[N+]" in given
    for task in tasks:
        row |= _answers(task, nitro, number, mol.GetNumAtoms())
    return row | {
        "alerts_pains": "", "alerts_brenk": "nitro_group; other" if nitro else "",
        "alerts_kazius": "specific aromatic nitro" if nitro else "",
    }  # fmt: skip


def _answers(task: Task, nitro: bool, number: int, atoms: int) -> Row:
    share = (0.7 if nitro else 0.1) + number / 1000
    channel = task.channels[int(nitro)]
    found: Row = {
        "spread": 0.2 if number == 0 else 0.01, "domain": 0.5, "inside_domain": number % 5 != 0,
        f"{task.channels[0]}_fidelity": 0.1, f"{task.channels[1]}_fidelity": 0.9 if nitro else 0.05,
        "concept": f"{channel}-01" if number % 3 else "", "concept_name": f"ring <{channel}>" if number % 3 else "",
    }  # fmt: skip
    if task.kind == "classification":
        both = "; ".join(task.classes)
        found |= {
            "probability": share, "verdict": channel, "conformal": both if number % 4 == 0 else channel,
        }  # fmt: skip
    else:
        found |= {"value": -5 * share, "class": "slightly soluble" if nitro else "soluble", "mg_per_ml": 1.0}
        found |= {"low": -5 * share - 1, "high": -5 * share + 1}
    row = {f"{task.name}_{key}": value for key, value in found.items()}
    mask = " ".join(str(100 * place // atoms) for place in range(atoms))
    return row | {mask_column(task, name): mask for name in task.channels}
