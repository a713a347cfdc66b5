"""Records agree with the csv module on whatever it wrote, and never swallow lines after a stray quote."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.readers.records import records

CELLS = st.text(alphabet='ab,;"\n\r \t€', max_size=8)


@st.composite
def _tables(draw: st.DrawFn) -> list[list[str]]:
    width = draw(st.integers(2, 4))
    return draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12))


@given(_tables(), st.sampled_from(",;\t"), st.booleans())
def test_what_csv_wrote_is_read_back(table: list[list[str]], delimiter: str, quote_all: bool) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL).writerows(table)
    lines = io.StringIO(out.getvalue(), newline="")
    assert list(records(lines, delimiter)) == table


@given(
    st.lists(st.sampled_from(["a,b\n", '"a,b\n', 'a,"b\n', 'a"x,b\n', '"a",b\n', 'a,5" b\n']), min_size=1, max_size=30)
)
def test_no_line_of_a_two_column_file_disappears(lines: list[str]) -> None:
    read = list(records(["x,y\n", *lines], ","))
    assert len(read) == 1 + len(lines)
    assert all("a" in row[0] and "b" in row[1] for row in read[1:])


def test_an_open_quote_swallows_at_most_its_own_line() -> None:
    lines = ["x,y\n", '"a,b\n', *["c,d\n"] * 1000]
    assert list(records(lines, ",")) == [["x", "y"], ["a", "b"], *[["c", "d"]] * 1000]


def test_a_huge_cell_is_a_cell() -> None:
    lines = ["x,y\n", "C" * 300_000 + ",b\n", '"' + "C" * 300_000 + '",b\n', "c,d\n"]
    assert [len(row[0]) for row in records(lines, ",")] == [1, 300_000, 300_000, 1]


@pytest.mark.parametrize("lines", [[], ["\n"], [" \r\n", "\t\n"]])
def test_blank_lines_are_no_records(lines: list[str]) -> None:
    assert list(records(lines, ",")) == []
