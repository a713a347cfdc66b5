"""The predict page as a reader uses it: whatever is pasted gets an answer or a reason, and never a traceback."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components.examples import EXAMPLE
from app.components.job import MOST_ROWS

ROOT = Path(__file__).parents[3]


def _page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    return at.run()


def _predict(text: str) -> AppTest:
    at = _page()
    at.text_area(key="pasted").input(text)
    at.button(key="predict").click()
    at.run()
    assert not at.exception
    return at


def _markup(at: AppTest) -> str:
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def _words(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _markup(at))))


@pytest.mark.usefixtures("fake_models")
def test_empty_state_teaches() -> None:
    at = _page()
    assert not at.exception
    assert "Climb the evidence" in _words(at)


@pytest.mark.usefixtures("fake_models")
def test_example_button_fills_the_text_and_its_bad_line_is_listed_while_the_rest_goes_on() -> None:
    at = _page()
    at.button(key="example").click().run()
    assert at.text_area(key="pasted").value == EXAMPLE
    at.button(key="predict").click().run()
    assert not at.exception
    words = _words(at)
    lines = len(EXAMPLE.splitlines())
    assert f"{lines - 1} of {lines} molecules predicted" in words
    assert "parse_error" in words
    table = at.dataframe[0].value
    assert len(table) == lines
    assert table["structure"].iloc[0].startswith("data:image/svg+xml;base64,")
    assert table["mutagenicity verdict"].iloc[0] == "mutagenic"
    assert table["status"].iloc[-1] == "parse_error"


@pytest.mark.usefixtures("fake_models")
def test_one_molecule_shows_both_tasks_the_whole_ladder_in_order_and_its_protonation() -> None:
    at = _predict("O=[N+]([O-])c1ccccc1C(=O)O nitrobenzoic acid")
    markup, words = _markup(at), _words(at)
    assert re.findall(r'data-task="(\w+)"', markup) == ["aggregation", "mutagenicity"]
    order = ["measured", "neighbours", "alerts", "verdict", "conformal", "spread", "domain"]
    assert re.findall(r'data-rung="(\w+)"', markup) == order * 2
    assert "0.93: above the threshold of 0.50, so predicted mutagenic." in words
    assert "Protonation at assay pH" in words
    assert re.search(r"states between pH 6\.4 and 8\.4", words)
    assert not at.dataframe


@pytest.mark.usefixtures("fake_models")
def test_name_with_a_script_is_text() -> None:
    at = _predict('CCO <script>alert("x")</script>')
    assert "<script" not in _markup(at)
    assert '<script>alert("x")</script>' in html.unescape(_markup(at))


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", None),
        ("   \n\n", None),
        ("CC(", "parse_error"),
        ("[Xx]", "_"),
        ("aspirin", "parse_error"),
        ("\N{TEST TUBE}\N{FIRE}", "parse_error"),
        ("CCO>>CC=O", "reaction"),
        ("C" * 1000, "too_large"),
        ("<script>alert(1)</script>", "parse_error"),
        ("*", "_"),
    ],
)
def test_text_that_is_no_molecule_gets_a_reason(text: str, said: str | None) -> None:
    at = _predict(text)
    if said is None:
        assert "nothing to predict" in at.warning[0].value
        return
    markup = _markup(at)
    if said != "_":
        assert f'<span class="wm-code">{said}</span>' in markup
    assert "<script" not in markup


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CN(C)CCOC(c1ccccc1)c1ccccc1.Cl", "salt_stripped"),
        ("N[Pt](N)(Cl)Cl", "unusual_element"),
        ("C", "Standardisation changed nothing"),
        ("[2H]C([2H])([2H])O", ""),
        ("CC(=O)[O-].[Na+]", "charge_neutralised"),
        ("C" * 400, ""),
        ("[Na+].[Cl-]", ""),
    ],
)
def test_odd_molecules_are_predicted_and_what_changed_is_said(text: str, said: str) -> None:
    at = _predict(text)
    assert "data-task" in _markup(at)
    assert said in _words(at)


@pytest.mark.usefixtures("fake_models")
def test_salt_policy_keeps_what_was_drawn() -> None:
    at = _page()
    at.text_area(key="pasted").input("CC(=O)[O-].[Na+]")
    at.selectbox(key="policy").select_index(1)
    at.button(key="predict").click().run()
    assert not at.exception
    assert "CC(=O)[O-].[Na+]" in _words(at).split("Predicted")[1]


@pytest.mark.usefixtures("fake_models")
def test_ten_thousand_lines_are_predicted_and_only_a_page_of_them_is_drawn() -> None:
    at = _predict("\n".join("C" * (1 + i % 30) + "O" for i in range(MOST_ROWS + 1)))
    words = _words(at)
    assert f"{MOST_ROWS:,} of {MOST_ROWS:,} molecules predicted" in words
    assert f"beyond the first {MOST_ROWS:,}" in words
    assert len(at.dataframe[0].value) == 50


@pytest.mark.usefixtures("fake_models")
def test_filters_narrow_the_table() -> None:
    at = _predict("O=[N+]([O-])c1ccccc1\nCCO\nCC(")
    status = next(box for box in at.multiselect if box.label == "Status")
    status.select("error").run()
    assert not at.exception
    assert at.dataframe[0].value["status"].tolist() == ["parse_error"]
    order = next(box for box in at.selectbox if box.label == "Order")
    status = next(box for box in at.multiselect if box.label == "Status")
    status.unselect("error")
    order.select("mutagenicity").run()
    assert at.dataframe[0].value["row"].tolist() == [0, 1, 2]


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("mine.csv", b"name,smiles,price\nethanol,CCO,1\nbroken,CC(,2\n"),
        ("mine.smi", b"CCO ethanol\nCC( broken\n"),
        ("mine.tsv", b"smiles\tname\nCCO\tethanol\nCC(\tbroken\n"),
    ],
)
def test_file_is_read_row_by_row(name: str, content: bytes) -> None:
    at = _page()
    at.segmented_control(key="source").set_value("File").run()
    at.file_uploader[0].set_value([(name, content, "text/plain")]).run()
    at.button(key="predict").click().run()
    assert not at.exception
    assert "1 of 2 molecules predicted" in _words(at)
    assert at.dataframe[0].value["id"].iloc[0] == "ethanol"


@pytest.mark.usefixtures("fake_models")
def test_file_that_is_no_table_is_refused_in_words() -> None:
    at = _page()
    at.segmented_control(key="source").set_value("File").run()
    at.file_uploader[0].set_value([("odd.csv", b"PK\x03\x04rubbish", "text/csv")]).run()
    assert not at.exception
    assert "could not be read" in at.error[0].value


@pytest.mark.usefixtures("no_models")
def test_without_a_shipped_model_the_page_says_so() -> None:
    at = _predict("CCO")
    assert "No model is shipped" in at.error[0].value
