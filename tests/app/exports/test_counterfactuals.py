"""Counterfactuals at home: a record, a table that no spreadsheet runs, and structures that lie on each other."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
from rdkit import Chem

from app.counterfactuals.records import as_record, shown
from app.exports.counterfactuals import csv_text, sdf_text, table_text
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY
from tests.app.made_counterfactuals import START, made_result, made_start, sulfone, trifluoride

TASKS = (MUTAGENICITY, AGGREGATION)


def test_record_is_plain_and_complete() -> None:
    tasks = (*TASKS, SOLUBILITY)
    record = as_record(trifluoride(tuple(task.name for task in tasks)), tasks)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert record["edits"] == ["replace C by <b>Cl at atom 1", "replace Cl by CF3 at atom 2"]
    assert record["kinds"] == ["replace atom", "swap group"]
    assert record["probability"] == {"mutagenicity": 0.1, "aggregation": 0.05}
    assert record["probability_before"] == {"mutagenicity": 0.81, "aggregation": 0.06}
    assert record["value"] == {"solubility": -1.93}
    assert record["value_before"] == {"solubility": -2.41}
    assert record["inside"] == {"mutagenicity": True, "aggregation": False, "solubility": True}
    assert record["new_alerts"] == [{"catalog": "Brenk", "name": "halogen <i>"}]
    assert record["evidence_left"] is None
    assert as_record(sulfone(evidence_left=0.25), TASKS)["evidence_left"] == 0.25
    assert (record["flips"], record["similarity"], record["sa_score"], record["sa_before"]) == (True, 0.5, 1.7, 1.4)


def test_what_is_shown_is_what_was_found_or_the_closest() -> None:
    assert len(shown(made_result())) == 2
    [near] = shown(made_result(found=False))
    assert not near.flips
    assert shown(made_result(found=False, closest=False)) == ()


def test_table_starts_with_the_start_and_runs_nothing() -> None:
    text = csv_text(made_start(), [sulfone(), trifluoride()], TASKS)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["smiles"] for row in rows][:2] == [START, "Cc1ccc(S(C)(=O)=O)cc1"]
    assert rows[0]["why"] == "start"
    assert rows[0]["mutagenicity_probability"] == rows[1]["mutagenicity_probability_before"] == "0.81"
    assert rows[2]["why"].startswith("'=")
    assert rows[2]["aggregation_inside_domain"] == "False"
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    assert table_text([]) == ""


def test_structures_carry_their_fields_and_lie_on_each_other() -> None:
    text = sdf_text(made_start(), [sulfone(), trifluoride()], TASKS)
    start, first, second = Chem.ForwardSDMolSupplier(io.BytesIO(text.encode()))
    assert [mol.GetProp("_Name") for mol in (start, first, second)] == ["start", "whymol-1", "whymol-2"]
    assert first.GetProp("edits") == "replace NO2 by SO2CH3 at atom 5"
    assert float(second.GetProp("mutagenicity_probability")) == 0.1
    one, two = (mol.GetConformer().GetPositions() for mol in (start, first))
    origin = sulfone().origin
    kept = [atom for atom, source in enumerate(origin) if source >= 0]
    assert np.allclose(two[kept], one[[origin[atom] for atom in kept]], atol=1e-3)
