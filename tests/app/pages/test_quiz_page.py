"""The quiz from its start to what is kept of it; a language model takes it only after a second click."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import app.components.quiz.machine
from app.quiz.in_progress import all_begun
from app.quiz.molecules import MOLECULES
from app.quiz.store import PERSON, kept
from concepts.hypotheses.client import LanguageModel, NoHypothesis, Reason
from concepts.hypotheses.prompt import Prompt

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def own_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No measured tables, no language model, a file of its own for what is kept."""
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    monkeypatch.setattr("datasets.sources.cache_folder", lambda: tmp_path / "none")
    for name in ("WHYMOL_LLM_MODEL", "WHYMOL_LLM_URL", "WHYMOL_LLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "quiz.duckdb"
    monkeypatch.setenv("WHYMOL_QUIZ", str(file))
    return file


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Prompt]:
    """What was sent to a language model, which always answers with the second verdict."""
    prompts: list[Prompt] = []

    def send(prompt: Prompt, to: LanguageModel, schema: dict[str, Any]) -> str:
        prompts.append(prompt)
        questions = int(re.findall(r"Answer with (\d+) verdicts", prompt.user)[0])
        return json.dumps({"answers": ["aggregator"] * (questions - 1) + ["who knows"]})

    monkeypatch.setattr(app.components.quiz.machine, "send", send)
    return prompts


def _page() -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/quiz.py").run()
    assert not at.exception
    return at


def _markup(at: AppTest) -> str:
    return "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]


def _words(at: AppTest) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", _markup(at))))


def _started(questions: int = 12) -> AppTest:
    at = _page()
    at.selectbox(key="quiz-questions").set_value(questions)
    at.selectbox(key="quiz-examples").set_value(4)
    at.number_input(key="quiz-seed").set_value(5)
    at.button(key="quiz-start").click().run()
    assert not at.exception
    return at


def _finished() -> AppTest:
    at = _started()
    at.button(key="quiz-begin").click().run()
    for number in range(12):
        at.button(key=f"quiz-{number}-{number % 2}").click().run()
        assert not at.exception
    return at


@pytest.mark.usefixtures("fake_models")
def test_examples_come_with_verdicts_and_questions_half_with_marks_and_no_verdict() -> None:
    at = _started()
    assert _markup(at).count('class="wm-card wm-quiz-example"') == 4
    assert _words(at).count("The model says") == 4
    assert "the model may have learned from some of them" in _words(at)
    at.button(key="quiz-begin").click().run()
    explained = []
    for number in range(12):
        assert f"Question {number + 1} of 12" in str(at.get("progress")[0].proto)
        markup = _markup(at)
        explained.append(int(re.findall(r'data-explained="(\d)"', markup)[0]))
        assert ("Marked for" in markup) == bool(explained[-1])
        assert "The model says" not in markup
        at.button(key=f"quiz-{number}-1").click().run()
        assert not at.exception
    assert sum(explained) == 6
    assert "Your result" in _words(at)


@pytest.mark.usefixtures("fake_models")
def test_result_is_told_saved_listed_and_deleted() -> None:
    at = _finished()
    words = _words(at)
    assert "exact 95 % interval" in words
    assert "this quiz does not show whether the explanations helped" in words or "The interval lies" in words
    assert kept() == []
    assert len(all_begun()) == 1
    at.text_input(key="quiz-who").set_value("Ada *<b>*").run()
    at.button(key="quiz-save").click().run()
    assert "kept on this machine" in at.success[0].value
    assert "quiz-save" not in [button.key for button in at.button]
    assert all_begun() == []
    (taken,) = kept()
    assert (taken.who, taken.taker, taken.seed, len(taken.answers)) == ("Ada *<b>*", PERSON, 5, 12)
    assert all(answer.seconds is not None and answer.seconds >= 0 for answer in taken.answers)
    at.button(key="quiz-again").click().run()
    (line,) = [block.value for block in at.markdown if "Ada" in block.value]
    assert r"Ada \*\<b\>\*" in line
    assert "12 questions" in line
    at.button(key=f"quiz-delete-{taken.id}").click().run()
    assert not at.exception
    assert kept() == []


@pytest.mark.usefixtures("fake_models")
def test_all_can_be_deleted_at_once() -> None:
    at = _finished()
    at.button(key="quiz-save").click().run()
    at.button(key="quiz-again").click().run()
    assert len(at.get("download_button")) == 1
    at.button(key="quiz-delete-all").click().run()
    at.button(key="quiz-keep-all").click().run()
    assert len(kept()) == 1
    at.button(key="quiz-delete-all").click().run()
    at.button(key="quiz-delete-now").click().run()
    assert kept() == []


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("begun", [False, True])
def test_quiz_can_be_left_and_nothing_is_kept(begun: bool) -> None:
    at = _started()
    if begun:
        at.button(key="quiz-begin").click().run()
        at.button(key="quiz-leave").click().run()
    else:
        at.button(key="quiz-leave-examples").click().run()
    assert "How it goes" in _words(at)
    assert kept() == []
    assert all_begun() == []
    assert not at.query_params


def _token(at: AppTest) -> str:
    """The token in the page's address."""
    found = at.query_params["quiz"]
    return found if isinstance(found, str) else found[0]


def _reloaded(token: str) -> AppTest:
    """The page in a new session, at the address of a quiz."""
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/quiz.py")
    at.query_params["quiz"] = token
    at.run()
    assert not at.exception
    return at


@pytest.mark.usefixtures("fake_models")
def test_quiz_comes_back_after_a_reload_with_every_answer() -> None:
    first = _started()
    token = _token(first)
    at = _reloaded(token)
    assert _words(at).count("The model says") == 4
    at.button(key="quiz-begin").click().run()
    for number in range(5):
        at.button(key=f"quiz-{number}-{number % 2}").click().run()
    question = _markup(at)
    at = _reloaded(token)
    assert _markup(at) == question
    for number in range(5, 12):
        at.button(key=f"quiz-{number}-{number % 2}").click().run()
    assert "Your result" in _words(at)
    at = _reloaded(token)
    assert "Your result" in _words(at)
    at.button(key="quiz-save").click().run()
    (taken,) = kept()
    assert [answer.seconds is None for answer in taken.answers] == [number == 5 for number in range(12)]
    assert all_begun() == []
    assert not at.query_params
    assert "it was saved, left, or deleted" in _reloaded(token).warning[0].value


@pytest.mark.usefixtures("fake_models")
def test_unfinished_quizzes_are_listed_without_their_token_and_deleted() -> None:
    first, second = _started(), _started(20)
    second.button(key="quiz-begin").click().run()
    second.button(key="quiz-0-1").click().run()
    at = _page()
    assert "Begun and not finished" in _words(at)
    lines = sorted(block.value for block in at.markdown if "questions answered" in block.value)
    assert ["0 of 12" in lines[0], "1 of 20" in lines[1]] == [True, True]
    buttons = [key for key in (str(button.key) for button in at.button) if key.startswith("quiz-forget-")]
    tokens = [_token(first), _token(second)]
    assert not any(token in key for token in tokens for key in buttons)
    at.button(key=buttons[0]).click().run()
    assert len(all_begun()) == 1
    _started()
    at.run()
    at.button(key="quiz-forget-all").click().run()
    assert all_begun() == []
    assert "Begun and not finished" not in _words(at)


@pytest.mark.usefixtures("fake_models")
def test_a_quiz_whose_molecules_have_changed_does_not_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    token = _token(_started())
    monkeypatch.setattr("app.quiz.material.MOLECULES", MOLECULES[::-1])
    at = _reloaded(token)
    assert "the model or its molecules have changed" in at.warning[0].value
    assert "How it goes" in _words(at)
    assert not at.query_params


@pytest.mark.usefixtures("fake_models")
def test_an_answer_that_could_not_be_kept_is_kept_with_the_next(own_machine: Path) -> None:
    at = _started()
    at.button(key="quiz-begin").click().run()
    kept_aside = own_machine.rename(own_machine.with_suffix(".aside"))
    own_machine.write_text("no database")
    at.button(key="quiz-0-1").click().run()
    assert "A reload would lose your last answers" in at.toast[0].value
    kept_aside.replace(own_machine)
    at.button(key="quiz-1-1").click().run()
    assert not at.toast
    assert len(all_begun()[0].answers) == 2


@pytest.mark.usefixtures("fake_models")
def test_an_address_of_another_quiz_is_followed() -> None:
    token = _token(_started())
    at = _started(20)
    at.button(key="quiz-begin").click().run()
    at.query_params["quiz"] = token
    at.run()
    assert _words(at).count("The model says") == 4


@pytest.mark.usefixtures("fake_models")
def test_too_many_questions_for_the_molecules_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.quiz.material.MOLECULES", (("a", "CCCCCCN"), ("b", "c1ccccc1O")))
    at = _started()
    assert "12 questions are more than these molecules allow" in at.error[0].value
    assert "How it goes" in _words(at)


@pytest.mark.usefixtures("no_models")
def test_without_models_the_page_says_so() -> None:
    at = _page()
    assert "No model is shipped" in at.error[0].value


@pytest.mark.usefixtures("fake_models")
def test_a_file_of_another_kind_is_said(own_machine: Path) -> None:
    own_machine.write_text("no database")
    at = _page()
    assert "quiz.duckdb cannot be opened" in at.error[0].value
    at = _finished()
    at.button(key="quiz-save").click().run()
    assert "could not be saved" in at.error[0].value
    assert not at.query_params
    assert own_machine.read_text() == "no database"


@pytest.mark.usefixtures("fake_models")
def test_language_model_is_not_asked_without_a_key(sent: list[Prompt]) -> None:
    at = _finished()
    assert not at.code
    at.button(key="quiz-machine-show").click().run()
    assert "Questions\n1. " in at.code[0].value
    assert "No key is set" in at.warning[0].value
    assert "quiz-machine-send" not in [button.key for button in at.button]
    at.button(key="quiz-machine-close").click().run()
    assert not at.code
    assert not sent


@pytest.mark.usefixtures("fake_models")
def test_language_model_takes_the_quiz_on_the_second_click(monkeypatch: pytest.MonkeyPatch, sent: list[Prompt]) -> None:
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "tiny")
    monkeypatch.setenv("WHYMOL_LLM_URL", "http://localhost:9/v1")
    at = _finished()
    at.button(key="quiz-machine-show").click().run()
    shown = at.code[0].value
    assert not sent
    at.button(key="quiz-machine-send").click().run()
    assert not at.exception
    assert [prompt.text for prompt in sent] == [shown]
    assert "Answered by tiny" in at.markdown[-1].value
    assert "1 of the answers are no verdict" in at.markdown[-1].value
    at.button(key="quiz-machine-save").click().run()
    (taken,) = kept()
    assert taken.taker == "tiny"
    assert [answer.given for answer in taken.answers] == ["aggregator"] * 11 + [""]


@pytest.mark.usefixtures("fake_models")
def test_what_goes_wrong_with_a_language_model_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHYMOL_LLM_MODEL", "tiny")
    monkeypatch.setenv("WHYMOL_LLM_URL", "http://localhost:9/v1")
    monkeypatch.setattr(
        app.components.quiz.machine,
        "send",
        lambda prompt, to, schema: NoHypothesis(Reason.TIMEOUT, "It said *nothing*."),
    )
    at = _finished()
    at.button(key="quiz-machine-show").click().run()
    at.button(key="quiz-machine-send").click().run()
    assert at.error[0].value == r"It said \*nothing\*."
