"""The page of changes as a reader uses it: every control acts, nothing is searched twice, bad input gets a reason."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

import app.components.counterfactuals.inputs as inputs
import app.components.counterfactuals.search as searching
from app.counterfactuals.request import Aim, Request
from concepts.counterfactuals.counterfactual import CounterfactualResult
from datasets.molecule import InputRow, RowProblem
from datasets.standardize import standardize
from datasets.tasks import SOLUBILITY
from tests.app.fake_predictor import FakePredictor, fake_predictors
from tests.app.made_counterfactuals import START, made_result
from tests.concepts.hand_made import three_concepts
from tests.concepts.hypotheses.answering_server import Server, answering_server

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.usefixtures("fake_models")


class Searches:
    """Stands in for the search; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer = made_result()

    def __call__(self, request: Request, models: object, concepts: object) -> CounterfactualResult | RowProblem:
        self.asked.append(request)
        molecule = standardize(InputRow(0, "", request.smiles))
        return molecule if isinstance(molecule, RowProblem) else self.answer


@pytest.fixture
def searches(monkeypatch: pytest.MonkeyPatch) -> Searches:
    found = Searches()
    monkeypatch.setattr(searching, "search", found)
    return found


def _page(**query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.switch_page("app/pages/counterfactuals.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    return at


def _markup(at: AppTest) -> str:
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def _words(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _markup(at))))


def _search(at: AppTest, smiles: str = START, task: str = "mutagenicity") -> AppTest:
    at.text_input(key="cf-smiles").input(smiles)
    at.selectbox(key="cf-task").select(task)
    at.run()
    at.button(key="cf-search").click().run()
    assert not at.exception
    return at


def _shown(at: AppTest) -> list[int]:
    return [int(number) for number in re.findall(r'data-found="(\d+)"', _markup(at))]


def test_search_shows_start_and_cards(searches: Searches) -> None:
    at = _search(_page())
    assert _shown(at) == [1, 2]
    words = _words(at)
    assert "2 molecules are predicted non-mutagenic." in words
    assert "1. Replace NO2 by SO2CH3 at atom 5" in words
    assert "mutagenic, 0.81" in words
    assert "non-mutagenic, 0.10" in words
    assert "new alert: Brenk halogen <i>" in words
    assert "<b>Cl" not in _markup(at)
    assert "321 predictions" in at.caption[-1].value
    assert at.query_params["smiles"] == START
    assert at.query_params["goal"] == "to:non-mutagenic"


def test_an_address_searches_at_once_and_only_once(searches: Searches) -> None:
    at = _page(smiles=START, task="mutagenicity", goal="to:mutagenic")
    assert [(r.smiles, r.task, r.to) for r in searches.asked] == [(START, "mutagenicity", "mutagenic")]
    assert at.text_input(key="cf-smiles").value == START
    at.run()
    assert len(searches.asked) == 1


@pytest.mark.parametrize(
    "query",
    [{"smiles": START}, {"smiles": START, "task": "colour", "goal": "<script>"}, {"smiles": START, "goal": "raise"}],
)
def test_addresses_with_gaps_fall_back(searches: Searches, query: dict[str, str]) -> None:
    _page(**query)
    [asked] = searches.asked
    assert (asked.task, asked.aim, asked.to) == ("aggregation", Aim.FLIP, "non-aggregator")


def test_every_control_reaches_the_search(searches: Searches) -> None:
    at = _page()
    at.text_input(key="cf-smiles").input(START)
    at.selectbox(key="cf-task").select("mutagenicity").run()
    at.toggle(key="cf-both").set_value(True)
    at.text_input(key="cf-keep").input("c1ccccc1")
    at.number_input(key="cf-count").set_value(2)
    at.number_input(key="cf-budget").set_value(150)
    at.button_group(key="cf-edits").set_value(2)
    at.run()
    at.button(key="cf-search").click().run()
    assert not at.exception
    asked = searches.asked[-1]
    assert (asked.both, asked.keep, asked.count, asked.budget, asked.max_edits) == (True, "c1ccccc1", 2, 150, 2)
    at.selectbox(key="cf-goal-mutagenicity").select("to:mutagenic").run()
    at.button(key="cf-search").click().run()
    assert (searches.asked[-1].to, searches.asked[-1].both) == ("mutagenic", False)
    at.selectbox(key="cf-goal-mutagenicity").select("disagree").run()
    at.button(key="cf-search").click().run()
    assert searches.asked[-1].aim is Aim.DISAGREE
    at.selectbox(key="cf-task").select("aggregation").run()
    at.button(key="cf-search").click().run()
    assert (searches.asked[-1].task, searches.asked[-1].to) == ("aggregation", "non-aggregator")


def test_filters_and_orders_do_not_search_again(searches: Searches) -> None:
    at = _search(_page())
    number = next(key for widget in at.toggle if (key := str(widget.key)).startswith("cf-inside")).split("-")[-1]
    at.toggle(key=f"cf-inside-{number}").set_value(True).run()
    assert _shown(at) == [1]
    assert "1 of 2 molecules" in _words(at)
    at.toggle(key=f"cf-inside-{number}").set_value(False)
    at.selectbox(key=f"cf-order-{number}").select("most similar first").run()
    assert _shown(at) == [2, 1]
    at.multiselect(key=f"cf-kinds-{number}").select("replace atom").run()
    assert _shown(at) == [2]
    at.toggle(key=f"cf-clean-{number}").set_value(True).run()
    assert _shown(at) == []
    assert "None of the molecules found passes these filters." in at.info[0].value
    at.multiselect(key=f"cf-kinds-{number}").unselect("replace atom")
    at.toggle(key=f"cf-clean-{number}").set_value(False)
    at.toggle(key=f"cf-making-{number}").set_value(True).run()
    assert _shown(at) == [1]
    at.toggle(key=f"cf-making-{number}").set_value(False)
    at.selectbox(key=f"cf-limit-{number}").select("1").run()
    assert _shown(at) == [1]
    assert not at.exception
    assert len(searches.asked) == 1


def test_new_start_and_back(searches: Searches) -> None:
    at = _search(_page())
    at.button(key="cf-start-1").click().run()
    assert not at.exception
    assert searches.asked[-1].smiles == "Cc1ccc(S(C)(=O)=O)cc1"
    assert searches.asked[-1].task == "mutagenicity"
    assert at.text_input(key="cf-smiles").value == "Cc1ccc(S(C)(=O)=O)cc1"
    assert at.query_params["smiles"] == "Cc1ccc(S(C)(=O)=O)cc1"
    at.button(key="cf-back").click().run()
    assert at.text_input(key="cf-smiles").value == START
    assert "cf-back" not in [button.key for button in at.button]
    assert len(searches.asked) == 2, "the first answer is kept"


def test_nothing_found_is_the_sentence_and_the_closest_approach(searches: Searches) -> None:
    searches.answer = made_result(found=False)
    at = _search(_page())
    assert "the closest comes to 0.55" in _words(at)
    assert "Closest approach: Replace NO2" in _words(at)
    assert _shown(at) == [0]
    searches.answer = made_result(found=False, closest=False)
    at = _search(_page(), "CCO")
    assert "Nothing was found." in _words(at)
    assert _shown(at) == []


@pytest.mark.parametrize("smiles", ["CC(", "<script>alert(1)</script>", "C" * 5000, "\\[", "CCO>>CC"])
def test_no_molecule_gets_a_reason(searches: Searches, smiles: str) -> None:
    at = _search(_page(), smiles)
    assert at.error[0].value.startswith("This is no molecule that could be searched.")
    assert "<script" not in _markup(at)


def test_empty_and_wrong_input_is_told_before_anything_is_searched(searches: Searches) -> None:
    at = _search(_page(), "  ")
    assert "There is no molecule yet" in at.warning[0].value
    at.text_input(key="cf-smiles").input(START)
    at.text_input(key="cf-keep").input("c1cc").run()
    at.button(key="cf-search").click().run()
    assert "expected a SMARTS" in at.error[0].value
    assert searches.asked == []
    at.button(key="cf-example").click().run()
    assert at.text_input(key="cf-smiles").value == "O=[N+]([O-])c1ccc(C)cc1"


def test_a_refused_search_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise ValueError("keep holds atom 98; expected 0..9")

    monkeypatch.setattr(searching, "search", refuse)
    at = _search(_page())
    assert at.error[0].value == "This could not be searched: keep holds atom 98; expected 0..9"


def test_the_predict_page_leads_here(searches: Searches) -> None:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.text_area(key="pasted").input(START)
    at.button(key="predict").click().run()
    labels = {str(button.key): button.label for button in at.button if str(button.key).startswith("change-")}
    assert labels["change-mutagenicity"] == "Become non-mutagenic"
    assert labels["change-aggregation"].startswith("Become ")
    at.button(key="change-mutagenicity").click().run()
    assert not at.exception
    assert [(r.smiles, r.task, r.to) for r in searches.asked] == [(START, "mutagenicity", "non-mutagenic")]
    assert _shown(at) == [1, 2]


def test_without_models_there_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("megan.predictor.shipped_tasks", tuple)
    assert "No model is shipped" in _page().error[0].value


def test_concepts_to_leave_are_those_of_the_molecule(searches: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = {START: [three_concepts().concepts[0]]}
    monkeypatch.setattr(inputs, "has_concepts", lambda task, models: task == "mutagenicity")
    monkeypatch.setattr(inputs, "concepts_of", lambda smiles, task, models: inside.get(smiles, []))
    at = _page()
    assert "leave" not in _goals(at, "aggregation")
    at.text_input(key="cf-smiles").input(START)
    assert "Leave a concept" in _goals(at, "mutagenicity")
    at.selectbox(key="cf-goal-mutagenicity").select("leave").run()
    at.button(key="cf-search").click().run()
    assert not at.exception
    assert (searches.asked[-1].aim, searches.asked[-1].concept) == (Aim.LEAVE, inside[START][0].id)
    at.text_input(key="cf-smiles").input("CCO").run()
    at.button(key="cf-search").click().run()
    assert "in no concept of this model" in at.info[0].value
    assert len(searches.asked) == 1


def _goals(at: AppTest, task: str) -> list[str]:
    at.selectbox(key="cf-task").select(task).run()
    return list(at.selectbox(key=f"cf-goal-{task}").options)


def test_values_are_raised_and_lowered_by_an_amount(searches: Searches, monkeypatch: pytest.MonkeyPatch) -> None:
    models = fake_predictors() | {"solubility": FakePredictor(SOLUBILITY)}
    monkeypatch.setattr("megan.predictor.Predictor", SimpleNamespace(load=models.__getitem__))
    monkeypatch.setattr("megan.predictor.shipped_tasks", lambda: tuple(models))
    monkeypatch.setattr("megan.predictor.predict_rows", lambda *given: [])
    searches.answer = made_result(tasks=("mutagenicity", "aggregation", "solubility"))
    at = _page()
    at.text_input(key="cf-smiles").input(START)
    assert _goals(at, "solubility")[:2] == ["Raise aqueous solubility", "Lower aqueous solubility"]
    at.number_input(key="cf-amount").set_value(0.5).run()
    at.button(key="cf-search").click().run()
    assert not at.exception
    assert (searches.asked[-1].aim, searches.asked[-1].by) == (Aim.MOVE, 0.5)
    assert "-1.93 log10 mol/L, soluble" in _words(at)
    assert "+0.48 log10 mol/L" in _words(at)
    at.selectbox(key="cf-goal-solubility").select("lower").run()
    at.button(key="cf-search").click().run()
    assert searches.asked[-1].by == -0.5
    assert at.query_params["goal"] == "lower"


GOOD = {
    "paragraph": "The <b>sulfone</b> is not reduced.",
    "against": "Few were measured.",
    "test": "An Ames test.",
    "confidence": "low",
}


@pytest.fixture
def language_model_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    monkeypatch.setenv("WHYMOL_PARAGRAPHS", str(tmp_path / "paragraphs"))
    with answering_server(monkeypatch) as running:
        running.says(json.dumps(GOOD))
        yield running


def _button(at: AppTest, part: str) -> Button:
    """The first button whose key begins so."""
    return next(button for button in at.button if str(button.key).startswith(part))


def test_every_pair_is_told_in_words_without_a_language_model(
    searches: Searches, language_model_server: Server
) -> None:
    at = _search(_page())
    words = _words(at)
    assert "One edit: replace NO2 by SO2CH3 at atom 5." in words
    assert "the verdict turns from mutagenic to non-mutagenic, the probability of mutagenic from 0.81 to 0.10" in words
    assert "Machine-written" not in words
    _button(at, "cf-ask-").click().run()
    assert "This text would be sent" in at.markdown[0].value
    assert "Product (SMILES): Cc1ccc(S(C)(=O)=O)cc1" in at.code[0].value
    assert "No key is set" in at.warning[0].value
    assert not any(str(button.key).startswith("cf-send-") for button in at.button)
    _button(at, "cf-close-").click().run()
    assert not at.code
    assert language_model_server.asked == []


def test_a_paragraph_is_sent_on_the_second_click_and_found_again(
    searches: Searches, language_model_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHYMOL_LLM_URL", language_model_server.url)
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "<i>served")
    at = _search(_page())
    _button(at, "cf-ask-").click().run()
    shown = at.code[0].value
    assert language_model_server.asked == []
    _button(at, "cf-send-").click().run()
    assert not at.exception
    (asked,) = language_model_server.asked
    assert "\n\n".join(message["content"] for message in asked["messages"]) == shown
    assert "Machine-written and unverified" in _words(at)
    assert "The <b>sulfone</b> is not reduced." in _words(at)
    assert "<b>sulfone" not in _markup(at)
    assert "<i>served" not in _markup(at)
    again = _search(_page())
    assert "The <b>sulfone</b> is not reduced." in _words(again)
    assert len(language_model_server.asked) == 1


def test_what_goes_wrong_is_said_and_the_data_stay(
    searches: Searches, language_model_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHYMOL_LLM_URL", language_model_server.url)
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "served")
    language_model_server.says("I would rather not.")
    at = _search(_page())
    _button(at, "cf-ask-").click().run()
    _button(at, "cf-send-").click().run()
    assert at.error[0].value == "The language model's answer is no JSON object."
    assert "One edit: replace NO2 by SO2CH3 at atom 5." in _words(at)
    assert _shown(at) == [1, 2]
