"""The JSON object of a row and the registry of columns."""

from __future__ import annotations

import json
from dataclasses import replace

from app.predicting.records import as_record, table_columns
from datasets.molecule import InputRow
from datasets.tasks import SOLUBILITY, TASKS
from tests.app.fake_results import FakePredictor, predict_rows, results

LINES = [("nitro", "O=[N+]([O-])c1ccccc1"), ("", "CC("), ("salt", "CC(=O)[O-].[Na+]"), ("one", "C")]


def test_record_has_exactly_the_keys_that_scripts_rely_on() -> None:
    record = as_record(results(LINES)[0])
    assert list(record) == ["row", "id", "input", "smiles", "status", "code", "detail", "tasks"]
    assert list(record["tasks"]) == ["aggregation", "mutagenicity"]
    answer = record["tasks"]["mutagenicity"]
    assert list(answer) == ["probability", "verdict", "spread", "conformal", "domain", "channels"]
    assert answer["verdict"] == "mutagenic"
    assert answer["conformal"] == ["mutagenic"]
    channel = answer["channels"]["mutagenic"]
    assert list(channel) == ["fidelity", "node_importance", "edge_importance"]
    assert len(channel["node_importance"]) == len(channel["edge_importance"]) == 9
    assert sum(channel["node_importance"]) == 1.0
    assert record["status"] == "ok"
    assert record["code"] is None
    assert record["detail"] is None


def test_record_is_plain_json_and_comes_back_equal() -> None:
    for result in results(LINES):
        record = as_record(result)
        assert json.loads(json.dumps(record, allow_nan=False)) == record


def test_bad_row_keeps_its_place_and_its_reason() -> None:
    records = [as_record(result) for result in results(LINES)]
    assert [record["row"] for record in records] == [0, 1, 2, 3]
    bad = records[1]
    assert (bad["status"], bad["code"], bad["smiles"], bad["tasks"]) == ("error", "parse_error", None, {})
    assert bad["input"] == "CC("
    assert bad["detail"]


def test_warning_says_what_was_changed() -> None:
    salt = as_record(results(LINES)[2])
    assert salt["status"] == "warning"
    assert salt["code"] == "salt_stripped"
    assert salt["input"] == "CC(=O)[O-].[Na+]"
    assert "." not in salt["smiles"]
    assert salt["detail"].endswith(".")


def test_single_atom_has_no_bonds() -> None:
    channels = as_record(results(LINES)[3])["tasks"]["aggregation"]["channels"]
    assert channels["aggregator"]["node_importance"] == [0.0]
    assert channels["aggregator"]["edge_importance"] == []


def test_regression_gives_a_value_and_its_range() -> None:
    [result] = results([("", "CCN")], ["solubility"])
    answer = as_record(result)["tasks"]["solubility"]
    assert list(answer)[:6] == ["value", "low", "high", "class", "mg_per_ml", "verdict"]
    assert (answer["value"], answer["low"], answer["high"], answer["class"]) == (0.9, -0.1, 1.9, "highly soluble")
    cells = {column.name: column.read(result) for column in table_columns([SOLUBILITY])}
    assert (cells["solubility_value"], cells["solubility_low"], cells["solubility_high"]) == (0.9, -0.1, 1.9)
    assert (cells["solubility_class"], cells["solubility_mg_per_ml"]) == ("highly soluble", 358.1)
    assert answer["mg_per_ml"] == 358.1


def test_only_solubilities_have_a_class_and_a_mass() -> None:
    lipophilicity = replace(SOLUBILITY, name="logd", unit="")
    [result] = predict_rows([InputRow(0, "", "CCN")], [FakePredictor(lipophilicity)])
    assert list(as_record(result)["tasks"]["logd"])[:4] == ["value", "low", "high", "verdict"]
    assert not {"logd_class", "logd_mg_per_ml"} & {column.name for column in table_columns([lipophilicity])}


def test_columns_are_named_once_and_of_their_kind() -> None:
    columns = table_columns(list(TASKS.values()))
    assert len({column.name.casefold() for column in columns}) == len(columns)
    kinds = {"integer": int, "number": float, "text": str}
    for result in results(LINES, list(TASKS)):
        for column in columns:
            assert isinstance(column.read(result), kinds[column.kind] | None), column.name
