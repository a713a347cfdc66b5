"""The results of a screening on its page: the summary, and the molecules with their filters and ticks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from app.screening.page.selection import FILE, MOST, change, selected
from datasets.tasks import MUTAGENICITY
from tests.app.made_screening import made_run, molecules, rows
from tests.app.pages.screen_page import filtered, made, markup, new, opened, page, said, widgets_of, words

ALL, GOOD = len(molecules()), len(molecules()) - 2
NITRO = sum("nitro" in name for name, _ in molecules())

pytestmark = pytest.mark.usefixtures("fake_models")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "screenings"
    monkeypatch.setenv("WHYMOL_SCREENINGS", str(folder))
    st.cache_data.clear()
    yield folder
    st.cache_data.clear()


def _table(at: AppTest) -> list[str]:
    """Names in the table of molecules."""
    return [str(name) for name in at.dataframe[0].value["name"]]


def test_summary_counts_verdicts_trust_and_concepts() -> None:
    at = page(made())
    told = words(at)
    for piece in (
        f"Rows {ALL}",
        f"Predicted {GOOD} 93 %",
        "Not predicted 2",
        "Repeat an earlier row 1",
        "48 % aggregator",
        f"{NITRO} mutagenic {GOOD - NITRO} non-mutagenic",
        "80 % are inside the domain",
        "28 % are undecided",
        "On 4 % the networks of the committee disagree",
        "67 % of the flagged belong to ring <aggregator>",
        "12 slightly soluble",
        "32 % belong to ring <lowers>",
        "nitro group Brenk",
        "cannot be read as a structure",
    ):
        assert piece in told, piece
    assert 'href="concepts?set=mutagenicity&amp;concept=mutagenic-01"' in markup(at)
    assert "<aggregator>" not in markup(at)
    assert len(at.get("plotly_chart")) == 3


def test_plots_follow_the_chosen_task() -> None:
    run = made()
    at = page(run)
    key = next(str(c.key) for c in at.segmented_control if str(c.key).startswith("screen-about-"))
    at.segmented_control(key=key).set_value("solubility").run()
    assert not at.exception
    assert "Predicted value by property" in said(at)
    assert len(at.get("plotly_chart")) == 2


def test_run_of_one_task_without_extras_has_a_summary_too() -> None:
    content = rows([MUTAGENICITY])
    run = new()
    made_run(run.folder, content, tasks=[MUTAGENICITY], concepts=False, members="one", alerts=False, masks=False)
    at = opened(run)
    assert "how far the committee disagrees is not known" in words(at)
    assert "Concepts" not in words(at).partition("Mutagenicity")[2]
    at = opened(run, "Molecules")
    assert "alerts" not in at.dataframe[0].value.columns
    assert isinstance(at.dataframe[0].value["structure"][0], str)


def test_table_holds_a_page_with_pictures_links_and_reasons() -> None:
    run = made()
    at = opened(run, "Molecules")
    table = at.dataframe[0].value
    assert list(table["row"]) == list(range(25))
    assert table["structure"][1].startswith("data:image/svg+xml")
    assert table["open"][1] == "./?smiles=Cc1ccc%28%5BN%2B%5D%28%3DO%29%5BO-%5D%29cc1"
    assert table["alerts"][1] == "Brenk: nitro group; Brenk: other; Kazius: specific aromatic nitro"
    assert table["status"][24] == "repeats row 0"
    assert table["domain"][0] == "outside for aggregation, mutagenicity and solubility"
    at.multiselect(key=f"screen-own-{widgets_of(run)}").set_value(["price"]).run()
    assert at.dataframe[0].value["own 0"][1] == "1.5"


def test_filters_keep_what_they_say() -> None:
    run = made()
    at = opened(run, "Molecules")
    empty: dict[str, Any] = {
        "text_text": "", "many_status": [], "many_verdict__mutagenicity": [], "many_verdict__solubility": [],
        "on_clean": False, "on_repeats": False, "text_sql": "", "many_concepts": [], "many_alerts": [],
    }  # fmt: skip
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({"text_text": "NITRO cl"}, ["nitro Cl"]),
        ({"text_text": "C#N"}, ["plain C#N", "nitro C#N"]),
        ({"many_status": ["error"]}, ["broken", "<b>nothing</b>"]),
        ({"many_verdict__mutagenicity": ["mutagenic"], "text_text": "(C"}, ["nitro Cl", "nitro CO"]),
        ({"many_verdict__solubility": ["soluble"], "text_text": "plain n"}, ["plain N"]),
        ({"on_clean": True, "text_text": "cl"}, ["plain Cl"]),
        ({"on_repeats": True, "text_text": "Cc1ccc(C)cc1"}, ["plain C", "plain CC", "plain CCC"]),
        ({"text_sql": "price between 3 and 4.6 and status = 'ok'"}, ["nitro CC", "plain O"]),
        (
            {"many_concepts": [("mutagenicity", "mutagenic-01")], "text_text": "nitro c"},
            ["nitro C", "nitro C#N", "nitro CO", "nitro CCC"],
        ),
        ({"many_alerts": [("alerts_kazius", "specific aromatic nitro")], "text_text": "br"}, ["nitro Br"]),
    ]
    for values, expected in asked:
        filtered(at, run, **empty | values)
        assert _table(at) == expected, values
        assert f"{len(expected)} of {ALL} rows" in words(at)


def test_range_and_domain_of_a_task_filter() -> None:
    run = made()
    at = opened(run, "Molecules")
    at.slider(key=f"screen-range-mutagenicity-{widgets_of(run)}-0.0-1.0").set_value((0.7, 0.71)).run()
    assert _table(at) == ["nitro C", "nitro CC", "nitro O", "nitro OC", "nitro Cl"]
    at.toggle(key=f"screen-inside-mutagenicity-{widgets_of(run)}").set_value(True).run()
    assert _table(at) == ["nitro C", "nitro CC", "nitro OC", "nitro Cl"]


def test_order_is_that_of_the_whole_library() -> None:
    run = made(part_rows=4)
    at = filtered(opened(run, "Molecules"), run, one_order="mutagenicity_probability")
    assert _table(at)[0] == "nitro CCC"
    at.segmented_control(key=f"screen-way-{widgets_of(run)}").set_value("lowest first").run()
    assert _table(at)[0] == "plain C"
    filtered(at, run, one_order="price")
    assert list(at.dataframe[0].value["row"])[:3] == [0, 1, 2]


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("pric > 3", "There is no column 'pric'; price is called nearly so"),
        ("price >", "not understood"),
        ("1=1; drop table results", "semicolon"),
        ("price in (select 1)", "subquery"),
        ('cast("Name" as integer) > 1', "cannot be asked that"),
    ],
    ids=["column", "grammar", "semicolon", "subquery", "runtime"],
)
def test_condition_that_is_not_understood_is_a_sentence_and_left_out(sql: str, says: str) -> None:
    run = made()
    at = filtered(opened(run, "Molecules"), run, text_sql=sql)
    assert says in at.error[0].value.replace("\\", "")
    assert len(_table(at)) == 25


def test_no_row_passes() -> None:
    run = made()
    at = filtered(opened(run, "Molecules"), run, text_text="nobody is called so")
    assert "No row passes these filters." in said(at)
    assert not at.dataframe


def test_ticks_are_kept_opened_and_cleared(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    change(run.folder, [1, 2])
    at = opened(run, "Molecules")
    assert "2 molecules** in your selection" in said(at)
    told = markup(at)
    assert 'data-row="1"' in told
    assert 'href="./?smiles=' in told
    assert "ring &lt;mutagenic&gt;" in told
    filtered(at, run, text_text="nitro")
    at.button(key="screen-add-all").click().run()
    assert len(selected(run.folder)) == NITRO + 1
    at.button(key="screen-clear").click().run()
    assert selected(run.folder) == []
    monkeypatch.setattr("app.screening.page.selection.MOST", 3)
    at.button(key="screen-add-all").click().run()
    assert "expected 3 at most" in at.error[0].value


def test_selection_is_a_list_of_rows_whatever_the_file_holds(tmp_path: Path) -> None:
    assert change(tmp_path, [3, 1]) == [3, 1]
    assert change(tmp_path, [2, 3], [1]) == [3, 2]
    for broken in ("", "{}", '["a", -1, 4, 4]'):
        (tmp_path / FILE).write_text(broken)
        assert selected(tmp_path) == ([4] if "4" in broken else [])
    with pytest.raises(ValueError, match="expected"):
        change(tmp_path, range(MOST + 1))
