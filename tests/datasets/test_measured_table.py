"""A user's table becomes one row a molecule, what is left out is counted, and hopeless tables get one sentence."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import product

import pytest

from datasets.library import StructureFile, read_structures
from datasets.measured_table import MeasuredTable, read_measured

RINGS = ("c1ccc({})cc1", "C1CCC({})CC1", "c1cc({})ccn1", "c1ccc2cc({})ccc2c1", "C1CC({})CCN1", "c1cc({})cs1")
GROUPS = ("C", "CC", "O", "OC", "Cl", "Br", "F", "N", "C#N", "CO", "SC", "CCC")
ROWS = [(ring.format(group), str(i % 2)) for i, (ring, group) in enumerate(product(RINGS, GROUPS))]


def _file(rows: Sequence[Sequence[str]], columns: Sequence[str] = ("smiles", "label")) -> StructureFile:
    text = io.StringIO()
    csv.writer(text).writerows([columns, *rows])
    return read_structures("my.csv", content=text.getvalue().encode(), smiles_column="smiles")


def _read(rows: Sequence[Sequence[str]], kind: str = "classification") -> MeasuredTable:
    return read_measured(_file(rows), "label", kind)


def _relabelled(negative: str, positive: str) -> list[tuple[str, str]]:
    return [(smiles, positive if label == "1" else negative) for smiles, label in ROWS]


def test_clean_table_is_kept_whole() -> None:
    measured = _read(ROWS)
    assert list(measured.table.columns) == ["smiles", "label", "inchikey14", "split"]
    assert measured.table["label"].tolist() == [float(label) for _, label in ROWS]
    assert measured.report.kept == len(ROWS)
    assert measured.report.dropped == 0
    assert set(measured.table["split"]) == {"train", "valid", "test"}


@pytest.mark.parametrize(
    ("negative", "positive"),
    [("no", "yes"), ("INACTIVE", "Active"), ("False", "true"), ("negative", "positive"), ("0.0", "1"), ("-1", "1")],
)
def test_clear_words_are_classes(negative: str, positive: str) -> None:
    measured = _read(_relabelled(negative, positive))
    assert measured.table["label"].tolist() == [float(label) for _, label in ROWS]


def test_everything_left_out_is_counted_and_told() -> None:
    rows = [
        *ROWS,
        ("not a molecule", "1"), ("CCCCCCCC", ""), ("CCCCCCCCC", "NaN"),
        ("Cc1ccccc1.Cl", "0"),  # a salt of the first row: the same molecule, agreeing
        ("Cc1ccccn1", "1"), ("c1ccnc(C)c1", "0"),  # one molecule twice, contradicting
    ]  # fmt: skip
    report = _read(rows).report
    assert (report.rows, report.kept) == (len(rows), len(ROWS))
    assert (report.no_structure, report.no_label, report.merged) == (1, 2, 1)
    assert (report.conflicting, report.conflicting_molecules, report.dropped) == (2, 1, 5)
    told = " ".join(report.sentences())
    for piece in (
        "2 rows left out: no label",
        "1 row left out: the SMILES",
        "1 molecule with contradicting",
        "1 row merged",
    ):
        assert piece in told
    assert report.record()["kept"] == len(ROWS)


def test_values_of_one_molecule_are_averaged_if_they_are_near() -> None:
    rows = [(smiles, f"{i * 0.1:.1f}") for i, (smiles, _) in enumerate(ROWS)]
    measured = _read(
        [*rows, (ROWS[0][0], "0.5"), (ROWS[1][0], "99"), (ROWS[2][0], "n.d."), (ROWS[3][0], ">5")], "regression"
    )
    assert measured.table["label"][0] == pytest.approx(0.25)
    assert measured.report.merged == 1
    assert measured.report.conflicting == 2
    assert (measured.report.no_label, measured.report.odd_label) == (1, 1)


def test_own_split_is_kept_and_its_odd_rows_left_out() -> None:
    names = ["Training", "validation", "TEST"]
    rows = [(*row, names[i % 3]) for i, row in enumerate(ROWS)]
    rows.append(("CCCCCCCC", "1", "later"))
    measured = read_measured(_file(rows, ("smiles", "label", "set")), "label", "classification", split_column="set")
    assert measured.table["split"].tolist() == [("train", "valid", "test")[i % 3] for i in range(len(ROWS))]
    assert (measured.report.no_split, measured.report.split) == (1, "set")


def test_own_split_that_cannot_be_judged_is_refused() -> None:
    rows = [(*row, "train") for row in ROWS]
    with pytest.raises(ValueError, match="split column 'set' cannot be used: valid holds 0 molecules of class 0"):
        read_measured(_file(rows, ("smiles", "label", "set")), "label", "classification", split_column="set")


@pytest.mark.parametrize(
    ("rows", "kind", "says"),
    [
        (ROWS[:10], "classification", "the table has 10 usable molecules; expected at least 50"),
        (ROWS[:10], "regression", "the table has 10 usable molecules; expected at least 50"),
        ([(s, "1") for s, _ in ROWS], "classification", "labels in column 'label' are all '1'; expected two"),
        ([(s, "2.5") for s, _ in ROWS], "regression", "the labels in column 'label' are all 2.5"),
        ([(s, "") for s, _ in ROWS], "classification", "none of 72 rows has a label in column 'label'"),
        ([(s, "NaN") for s, _ in ROWS], "regression", "none of 72 rows has a label in column 'label'"),
        (_relabelled("red", "blue"), "classification", "different labels ('red' in 36 rows, 'blue' in 36 rows)"),
        (_relabelled("no", "yes"), "regression", "no label in column 'label' is a number"),
        ([(s, str(i)) for i, (s, _) in enumerate(ROWS)], "classification", "choose the kind regression"),
        ([(s, str(int(i < 4))) for i, (s, _) in enumerate(ROWS)], "classification", "only 4 molecules of the positive"),
        ([("oops", label) for _, label in ROWS], "classification", "72 with a SMILES that cannot be read"),
        ([], "classification", "holds no rows"),
        (ROWS, "guess", "kind is 'guess'; expected classification or regression"),
    ],
)  # fmt: skip
def test_hopeless_tables_get_one_sentence(rows: list[tuple[str, str]], kind: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        _read(rows, kind)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("label", "split", "says"),
    [
        ("activity", None, "label column is 'activity'; expected one of the columns of my.csv: smiles, label"),
        ("label", "set", "split column is 'set'"),
        ("smiles", None, "which holds the SMILES"),
    ],
)
def test_missing_columns_list_those_that_are_there(label: str, split: str | None, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        read_measured(_file(ROWS), label, "classification", split_column=split)
