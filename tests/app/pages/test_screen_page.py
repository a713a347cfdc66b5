"""The Screen page from a file to a run: the form, its refusals, and a run's life until it is finished or gone."""

from __future__ import annotations

import errno
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import app.screening.page.runs
from app.components.screen import source as screen_source
from app.jobs.worker import State, Worker
from app.screening.page.estimate import MEASURED
from app.screening.page.runs import Asked, ScreenRun, find_run, new_run, new_session, runs_of
from app.screening.progress import CANCELLED, FAILED, RUNNING, Progress, write_progress
from tests.app.made_screening import made_run, rows
from tests.app.pages.screen_page import ROOT, keys, made, markup, new, page, said, words

MESSY = (
    "Name,SMILES,price\n"
    "nitrobenzene,O=[N+]([O-])c1ccccc1,3\n"
    "broken,CC(,,7\n"
    "nothing,,1\n"
    '"salt, of sodium",CC(=O)[O-].[Na+],2\n'
    "long," + "C" * 2000 + ",9\n"
)

pytestmark = pytest.mark.usefixtures("fake_models")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "screenings"
    monkeypatch.setenv("WHYMOL_SCREENINGS", str(folder))
    monkeypatch.delenv("WHYMOL_SCREEN_PATHS", raising=False)
    st.cache_data.clear()
    return folder


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[ScreenRun]:
    """Screenings that were started; none is."""
    started: list[ScreenRun] = []
    monkeypatch.setattr(app.screening.page.runs.ScreenRun, "start", lambda run: started.append(run))
    return started


def _upload(name: str, content: str | bytes) -> AppTest:
    at = page()
    data = content if isinstance(content, bytes) else content.encode()
    at.file_uploader(key="screen-file").set_value((name, data, "text/csv")).run()
    assert not at.exception
    return at


def _live(monkeypatch: pytest.MonkeyPatch, run: ScreenRun, state: State = State.RUNNING) -> ScreenRun:
    monkeypatch.setattr(app.screening.page.runs.ScreenRun, "state", lambda self: state)
    return run


def test_page_is_among_the_others_and_says_what_comes_of_a_library() -> None:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/screen.py").run()
    assert not at.exception
    assert "Every row comes back in its place" in words(at)
    assert "screen-start" not in keys(at)
    assert "Screenings of this session" not in words(at)


def test_head_is_shown_before_anything_starts_and_bad_rows_in_their_place(no_worker: list[ScreenRun]) -> None:
    at = _upload("messy.csv", MESSY)
    table = at.dataframe[0].value
    assert [str(text) for text in table["read as"]] == [
        "molecule",
        "The parenthesis opened at position 3 is never closed.",
        "There is no text in this row.",
        table["read as"][3],
        "long; read when it is screened",
    ]
    assert "sodium" in table["read as"][3].lower()
    assert [isinstance(picture, str) for picture in table["structure"]] == [True, False, False, True, False]
    assert [table[f"own {place}"][0] for place in range(3)] == ["nitrobenzene", "O=[N+]([O-])c1ccccc1", "3"]
    assert "3 of the first 5 rows can be read" in said(at)
    assert re.search(r"\b5 rows, about \d+ s if this machine is like ours\.", said(at)) or not MEASURED.is_file()
    assert not no_worker
    at.button(key="screen-start").click().run()
    assert not at.exception
    [run] = no_worker
    assert run.asked == Asked(
        "messy.csv", ("aggregation", "mutagenicity", "solubility"), "", "SMILES", "Name", workers=run.asked.workers,
        part_rows=1000,
    )  # fmt: skip
    assert run.worker.upload().read_text() == MESSY
    assert at.query_params["run"] in (run.name, [run.name])
    assert at.query_params["session"] in (run.session, [run.session])


def test_every_choice_reaches_the_command(no_worker: list[ScreenRun]) -> None:
    at = _upload("messy.csv", MESSY)
    at.multiselect(key="screen-tasks").set_value(["mutagenicity"])
    at.selectbox(key="screen-policy").set_value("as-drawn")
    at.segmented_control(key="screen-members").set_value("one")
    at.number_input(key="screen-workers").set_value(1)
    for name, value in (("alerts", False), ("masks", False), ("inchikey", True)):
        at.toggle(key=f"screen-{name}").set_value(value)
    names = next(box for box in at.selectbox if box.label == "Column with names")
    names.set_value("price").run()
    at.button(key="screen-start").click().run()
    [run] = no_worker
    assert run.asked.options() == [
        "--task=mutagenicity", "--members=one", "--policy=as-drawn", "--no-alerts", "--no-masks", "--inchikey",
        "--smiles-column=SMILES", "--id-column=price", "--part-rows=1000", "--workers=1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", "", "is empty"),
        ("header.csv", "Name,SMILES\n", "holds no rows below its header"),
        ("numbers.csv", "a,b\n1,2\n3,4\n", "no column"),
        ("table.csv", b"PK\x03\x04 spreadsheet", "save the table as CSV"),
        ("x.smi.gz", b"not gzip", "its content is not gzip"),
        ("cut.parquet", b"PAR1 and no more", "cut.parquet"),
    ],
    ids=["empty", "header", "numbers", "archive", "gzip", "parquet"],
)
def test_file_that_cannot_be_screened_gets_a_sentence_and_no_button(name: str, content: str | bytes, says: str) -> None:
    at = _upload(name, content)
    assert says in at.error[0].value
    assert "screen-start" not in keys(at)


def test_a_column_that_nothing_points_to_can_be_named() -> None:
    at = _upload("numbers.csv", "a,b\n1,2\n3,4\n")
    at.text_input(key="screen-column-typed").set_value("c").run()
    assert "'c'" in at.error[1].value
    at.text_input(key="screen-column-typed").set_value("b").run()
    assert not at.exception
    assert "None of the first 2 rows is a molecule" in at.warning[0].value
    assert "screen-start" in keys(at)


def test_without_a_model_nothing_starts() -> None:
    at = _upload("messy.csv", MESSY)
    at.multiselect(key="screen-tasks").set_value([]).run()
    assert "No model is chosen" in at.error[0].value
    assert "screen-start" not in keys(at)


@pytest.mark.parametrize(
    ("problem", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "disk of this machine is full"),
        (OSError(errno.EACCES, "Permission denied"), "Permission denied"),
        (ValueError("one *bad* setting"), r"one \*bad\* setting"),
    ],
    ids=["full", "denied", "setting"],
)
def test_what_hinders_the_start_is_a_sentence(monkeypatch: pytest.MonkeyPatch, problem: Exception, says: str) -> None:
    def fail(*_: object) -> None:
        raise problem

    at = _upload("messy.csv", MESSY)
    monkeypatch.setattr(Worker, "keep_upload", fail)
    at.button(key="screen-start").click().run()
    assert says in at.error[0].value
    assert "run" not in at.query_params


def _by_path(at: AppTest, path: str) -> AppTest:
    at.segmented_control(key="screen-source").set_value(screen_source.PATH).run()
    if at.text_input:
        at.text_input(key="screen-path").set_value(path).run()
    assert not at.exception
    return at


def test_file_of_this_machine_is_read_where_it_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_worker: list[ScreenRun]
) -> None:
    file = tmp_path / "data" / "messy.csv"
    file.parent.mkdir()
    file.write_text(MESSY)
    monkeypatch.setenv("WHYMOL_SCREEN_PATHS", str(file.parent))
    at = _by_path(page(), str(file))
    at.button(key="screen-start").click().run()
    [run] = no_worker
    assert run.asked.file == str(file)
    assert not (run.folder / "upload").exists()
    at = _by_path(page(), "/etc/passwd")
    assert "outside of the folders that may be read" in at.error[0].value


def test_paths_are_refused_where_others_see_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_source, "here_only", lambda: False)
    at = _by_path(page(), "/etc/passwd")
    assert "served to other machines too" in at.info[0].value
    assert not at.text_input


def test_running_screening_is_found_again_with_its_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new()
    made_run(run.folder, finished=False)
    write_progress(run.folder, Progress(RUNNING, 20, 2, 40, 10.0, 2.0))
    _live(monkeypatch, run)
    stopped: list[ScreenRun] = []
    monkeypatch.setattr(app.screening.page.runs.ScreenRun, "stop", lambda self: stopped.append(self))
    at = page(run)
    assert "library.csv is being screened" in words(at)
    assert "20 of 40 rows, 2 a second, 10 s left" in str(at.get("progress")[0].proto)
    assert "2 rows so far could not be predicted" in said(at)
    at.button(key=f"stop-{run.name}").click().run()
    assert stopped == [run]
    assert "Rows" not in words(at)
    at.button(key=f"look-{run.name}").click().run()
    assert not at.exception
    assert "Results as far as they are written" in said(at)
    assert "Repeat an earlier row" not in words(at)


@pytest.mark.parametrize(
    ("progress", "says"),
    [
        (None, "Reading the file and loading the models"),
        (Progress(RUNNING), "0 rows. The first are on their way"),
        (Progress(RUNNING, 5, 1, None, 1.0, 5.0), "5 rows, 5 a second"),
    ],
    ids=["none", "begun", "uncounted"],
)
def test_progress_says_what_is_known(monkeypatch: pytest.MonkeyPatch, progress: Progress | None, says: str) -> None:
    run = _live(monkeypatch, new())
    if progress is not None:
        write_progress(run.folder, progress)
    assert says in str(page(run).get("progress")[0].proto)


def test_screening_that_another_process_works_on_is_not_cancelled_here() -> None:
    run = made(finished=False)
    opened = run.opened()
    assert opened is not None
    with opened.claimed():
        at = page(run)
    assert "Another process works on this screening" in said(at)
    assert f"stop-{run.name}" not in keys(at)


def test_stopped_screening_goes_on_or_is_deleted(no_worker: list[ScreenRun]) -> None:
    run = made(finished=False)
    write_progress(run.folder, Progress(CANCELLED, 27, 3, 40))
    at = page(run)
    assert "library.csv was stopped" in words(at)
    assert "27 rows are kept" in said(at)
    assert "Colloidal aggregation" in words(at)
    at.button(key=f"go-on-{run.name}").click().run()
    assert no_worker == [run]
    at.button(key=f"delete-{run.name}").click().run()
    assert run.folder.is_dir()
    at.button(key=f"keep-{run.name}").click().run()
    at.button(key=f"delete-{run.name}").click().run()
    at.button(key=f"delete-now-{run.name}").click().run()
    assert not at.exception
    assert not run.folder.exists()
    assert "library.csv is deleted, with everything that was made of it" in said(at).replace("\\", "")
    assert "A new screening" in words(at)


@pytest.mark.parametrize(
    ("log", "says"),
    [
        ("the disk is full; nothing that was written is lost: make room and resume (python -m app resume {folder})",
         r"the disk is full; nothing that was written is lost\: make room and resume."),
        ("{upload} is not the file that {folder} was started with; screen it into a new folder",
         "library.csv is not the file that this screening was started with"),
        ("the model of mutagenicity changed since {folder} was started; screen into a new folder",
         "the model of mutagenicity changed since this screening was started"),
    ],
    ids=["disk", "input", "model"],
)  # fmt: skip
def test_why_it_failed_is_said(log: str, says: str) -> None:
    run = made(finished=False)
    write_progress(run.folder, Progress(FAILED, 27, 3, 40, sentence="x"))
    (run.folder / "worker.log").write_text(
        log.format(folder=run.folder.resolve(), upload=run.worker.upload()), encoding="utf-8"
    )
    at = page(run)
    assert "could not be screened to its end" in words(at)
    assert says in at.error[0].value
    assert str(run.folder.parent) not in at.error[0].value
    assert f"go-on-{run.name}" in keys(at)


def test_file_without_rows_is_finished_without_results() -> None:
    at = page(made(content=[]))
    assert "The file holds no rows" in said(at)
    assert "View" not in [control.label for control in at.segmented_control]


def test_library_without_a_molecule_says_why() -> None:
    at = page(made(content=rows(given=[("a", "CC(,,"), ("b", "")])))
    assert "None of the 2 rows could be predicted" in said(at)
    assert "cannot be read as a structure" in words(at)
    assert "no structure in the row" in words(at)


@pytest.mark.parametrize("broken", ["part", "columns"])
def test_results_that_cannot_be_read_are_a_sentence(broken: str) -> None:
    run = made()
    if broken == "part":
        (run.folder / "parts" / "part-00001.parquet").write_bytes(b"no parquet")
    else:
        record = json.loads((run.folder / "run.json").read_text())
        record["columns"][-1]["name"] = "something"
        (run.folder / "run.json").write_text(json.dumps(record))
    at = page(run)
    assert "results can" in at.error[0].value or "no column" in at.error[0].value


def test_screening_that_is_gone_is_said() -> None:
    run = made()
    at = page(run)
    run.discard()
    at.run()
    assert not at.exception
    assert "not there any more" in said(at)
    assert "A new screening" in words(at)


@pytest.mark.parametrize(
    "address",
    [{"run": "library-1"}, {"session": "0" * 32, "run": "library-1"}, {"session": "../..", "run": "<script>"}],
    ids=range(3),
)
def test_addresses_of_nothing_lead_to_the_form(address: dict[str, str]) -> None:
    at = page(**address)
    assert "not there any more, or its address is not complete" in at.warning[0].value
    assert "script" not in markup(at)
    assert "session" not in at.query_params


def test_sessions_do_not_see_each_other() -> None:
    mine, other = made(), made()
    second = made(mine.session)
    at = page(session=mine.session)
    assert {f"show-{mine.name}", f"show-{second.name}"} <= keys(at)
    assert other.session not in str(at)
    assert len([key for key in keys(at) if key.startswith("show-")]) == 2
    at.button(key=f"show-{second.name}").click().run()
    assert at.query_params["run"] in (second.name, [second.name])
    assert not [key for key in keys(page()) if key.startswith("show-")]
    assert find_run(mine.session, "library-2") == second


def test_coming_back_without_an_address_shows_what_was_open() -> None:
    run = made()
    at = page(run)
    at.query_params.clear()
    at.run()
    assert "library.csv is screened" in words(at)
    assert at.query_params["run"] in (run.name, [run.name])
    at.button(key=f"back-{run.name}").click().run()
    assert "A new screening" in words(at)
    at.query_params.clear()
    at.run()
    assert "A new screening" in words(at)
    assert at.query_params["session"] in (run.session, [run.session])


def test_names_of_files_are_escaped() -> None:
    run = new_run(new_session(), replace(new().asked, title="<i>*a*</i>.csv"), ("a.csv", b""))
    made_run(run.folder)
    assert "<i>" not in markup(page(run))
    assert r"\<i\>" in said(page(session=run.session))


def test_what_cannot_be_deleted_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()

    def fail(self: ScreenRun) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    at = page(run)
    monkeypatch.setattr(app.screening.page.runs.ScreenRun, "discard", fail)
    at.button(key=f"delete-{run.name}").click().run()
    at.button(key=f"delete-now-{run.name}").click().run()
    assert "Permission denied" in at.error[0].value
    assert runs_of(run.session) == [run]
