"""The train page: a table is looked at before it is trained on, and a training is found again by its address."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import app.training.runs
from app.training.progress import TrainingProgress, write_progress
from app.training.runs import Asked, State, TrainingRun, find_run, new_run
from datasets.tasks import MUTAGENICITY
from tests.app.fake_predictor import fake_card
from tests.app.own_table import own_csv

ROOT = Path(__file__).parents[3]
ASKED = Asked("hERG <b>", "structure", "result", "classification", members=2, epochs=5)


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[TrainingRun]:
    """Trainings that were started; none is."""
    started: list[TrainingRun] = []
    monkeypatch.setattr(app.training.runs.TrainingRun, "start", lambda run: started.append(run))
    return started


def _page(run: str = "") -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/train.py")
    if run:
        at.query_params["run"] = run
    at.run()
    assert not at.exception
    return at


def _words(at: AppTest) -> str:
    text = "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def _upload(name: str, content: str) -> AppTest:
    at = _page()
    at.file_uploader[0].set_value((name, content.encode(), "text/csv")).run()
    assert not at.exception
    return at


def _epochs(count: int) -> list[dict[str, float]]:
    return [{"member": 0, "epoch": e, "loss": 1.0, "valid_score": 0.6 + e / 20, "seconds": 3.0} for e in range(count)]


@pytest.mark.usefixtures("fake_models")
def test_page_says_what_to_bring() -> None:
    assert "What the table needs" in _words(_page())


@pytest.mark.usefixtures("fake_models")
def test_table_is_previewed_and_checked_before_anything_starts(no_worker: list[TrainingRun]) -> None:
    at = _upload("my.csv", own_csv())
    assert len(at.dataframe[0].value) == 20
    assert [box.value for box in at.selectbox] == ["structure", "result", "by scaffold"]
    words = _words(at)
    for piece in (
        "48 active",
        "48 inactive",
        "1 row left out: no label.",
        "1 row left out: the SMILES cannot be read.",
    ):
        assert piece in words
    assert not no_worker
    at.button(key="train").click().run()
    assert [run.name for run in no_worker] == ["result"]
    run = find_run("result")
    assert run is not None
    assert (run.asked.members, run.asked.epochs, run.asked.kind) == (3, 40, "classification")
    assert (run.folder / "upload" / "my.csv").read_text() == own_csv()
    assert at.query_params["run"] in ("result", ["result"])


@pytest.mark.usefixtures("fake_models")
def test_a_number_can_be_learned_too_and_a_taken_name_is_said(no_worker: list[TrainingRun]) -> None:
    new_run(Asked("value", "structure", "value", "regression"), "a.csv", b"")
    at = _upload("my.csv", own_csv())
    at.selectbox[1].select("value").run()
    assert "values from" in _words(at)
    at.button(key="train").click().run()
    assert "an own model has already" in at.error[0].value
    assert not no_worker


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "could not be read"),
        ("a,b\n1,2\n", "no column"),
        ("\n".join(own_csv().splitlines()[:11]), "10 usable molecules; expected at least 50"),
        (own_csv().replace("inactive", "active"), "are all 'active'"),
        (own_csv().replace("inactive", "<i>").replace("active", "$x$"), r"\<i\>"),
        ("smiles\nC\nCC\n", "which holds the SMILES"),
    ],
)
def test_table_that_cannot_be_learned_from_gets_a_sentence_and_no_button(content: str, said: str) -> None:
    at = _upload("my.csv", content)
    assert said in at.error[0].value
    assert "train" not in [button.key for button in at.button]


@pytest.mark.usefixtures("fake_models")
def test_running_training_is_found_again_with_its_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(ASKED, "my.csv", own_csv().encode())
    write_progress(run.folder, TrainingProgress(2, 5, _epochs(3)))
    monkeypatch.setattr(app.training.runs.TrainingRun, "state", lambda self: State.RUNNING)
    at = _page("herg_b")
    assert "hERG <b> is being trained" in _words(at)
    assert len(at.get("plotly_chart")) == 1
    assert "Network 1 of 2, epoch 3 of 5, 21 s left at most" in str(at.get("progress")[0].proto)
    assert [button.label for button in at.button] == ["Stop"]


@pytest.mark.usefixtures("fake_models")
def test_stopped_and_failed_trainings_can_go_on_or_be_discarded(no_worker: list[TrainingRun]) -> None:
    run = new_run(ASKED, "my.csv", own_csv().encode())
    write_progress(run.folder, TrainingProgress(2, 5, _epochs(3), error="too few *rows*"))
    assert "could not be trained" in _page().markdown[0].value
    at = _page("herg_b")
    assert at.error[0].value == r"too few \*rows\*"
    at.button(key="go-on-herg_b").click().run()
    assert no_worker == [run]
    at.button(key="discard-herg_b").click().run()
    assert not run.folder.exists()
    assert not at.exception


@pytest.mark.usefixtures("fake_models")
def test_finished_training_shows_its_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(ASKED, "my.csv", own_csv().encode())
    write_progress(run.folder, TrainingProgress(2, 5, _epochs(5), ["98 rows in the table."]))
    run.bundle.mkdir()
    (run.bundle / "card.json").write_text(json.dumps(fake_card(MUTAGENICITY)))
    at = _page("herg_b")
    words = _words(at)
    assert "hERG <b> is trained" in words
    assert "0.871" in words
    assert "98 rows in the table." in words
    assert [button.label for button in at.button] == ["Predict with it", "See its card", "Train another"]


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("name", ["none", "../..", "<script>"])
def test_address_of_no_training_shows_the_form(name: str) -> None:
    assert "What the table needs" in _words(_page(name))


@pytest.mark.usefixtures("no_models")
def test_own_models_are_offered_on_predict_and_broken_ones_named(no_own_models: Path, tiny_bundle: Path) -> None:
    st.cache_resource.clear()
    for name in ("mine", "broken"):
        folder = no_own_models / name
        folder.mkdir(parents=True)
        card = json.loads((tiny_bundle / "card.json").read_text())
        card["task"] |= {"name": name, "title": f"My {name}"}
        (folder / "card.json").write_text(json.dumps(card))
    for file in tiny_bundle.glob("*.safetensors"):
        (no_own_models / "mine" / file.name).symlink_to(file)
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    assert "My mine" in at.multiselect(key="models").options
    at.multiselect(key="models").set_value(["mine"])
    at.text_area(key="pasted").input("O=[N+]([O-])c1ccccc1")
    at.button(key="predict").click().run()
    assert not at.exception
    markup = "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]
    assert re.findall(r'data-task="(\w+)"', markup) == ["mine"]
    at.switch_page("app/pages/models.py").run()
    assert "broken" in at.warning[0].value
    assert "My mine" in _words(at)
    st.cache_resource.clear()
