"""Names that users give become names that files, columns and pages can bear, or are refused."""

from __future__ import annotations

import re

import pytest

from datasets.own_task import Wording, file_name, own_task


def test_names_follow_from_the_label_column() -> None:
    task = own_task(Wording(), "classification", "hERG block", "my.csv", ("0", "1"))
    assert (task.name, task.title, task.channels) == ("herg_block", "hERG block", ("not hERG block", "hERG block"))
    assert task.table == "my.csv"


def test_words_that_are_names_name_the_classes() -> None:
    assert own_task(Wording(), "classification", "L", "f.csv", ("inactive", "active")).channels == (
        "inactive",
        "active",
    )
    assert own_task(Wording(), "classification", "L", "f.csv", ("no", "yes")).channels == ("not L", "L")


def test_given_names_stand() -> None:
    task = own_task(Wording("N", "blocker", "safe"), "classification", "L", "f.csv", ("inactive", "active"))
    assert (task.title, task.channels) == ("N", ("safe", "blocker"))
    assert own_task(Wording("N", "blocker"), "classification", "L", "f.csv").channels == ("not blocker", "blocker")


def test_regression_has_a_unit_and_two_directions() -> None:
    task = own_task(Wording(unit="µM"), "regression", "IC50", "f.csv")
    assert (task.channels, task.unit, task.classes) == (("lowers", "raises"), "µM", ())


@pytest.mark.parametrize(
    ("wording", "says"),
    [
        (Wording("Mutagenicity"), "is a task of WhyMol"),
        (Wording("???"), "expected at least one letter"),
        (Wording("x" * 81), "81 characters"),
        (Wording("a", positive="<b>"), "positive name is '<b>'"),
        (Wording("a", positive="=1+1"), "positive name"),
        (Wording("a", positive="b", negative="B"), "both classes are called 'b'"),
        (Wording("a", positive="x" * 41), "at most 40"),
    ],
)
def test_names_that_cannot_be_are_refused(wording: Wording, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        own_task(wording, "classification", "L", "f.csv")


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "../../etc/passwd", "a\nb", "=cmd()", "Größe", "a$b$$"])
def test_hostile_columns_become_harmless_names(text: str) -> None:
    task = own_task(Wording(), "classification", text, text)
    assert re.fullmatch(r"[a-z0-9_]+", task.name)
    for name in task.channels:
        assert not re.search(r"[<>=$\n]", name)


def test_file_names_are_short_and_plain() -> None:
    assert file_name("  A b-C/d ") == "a_b_c_d"
    assert len(file_name("x" * 300)) == 40
