"""What is taken home of a screening, on its page: files of few and of many rows, and picks on their plates."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from openpyxl import load_workbook  # type: ignore[import-untyped]

import app.screening.page.exports
import app.screening.page.picks
from app.components.screen import downloads as screen_downloads
from app.components.screen import picks as screen_picks
from app.jobs.worker import State, Worker
from app.screening.page.exports import Export, large_export, small_export
from app.screening.page.picks import Picks, PicksAsked, new_picks, picks_of
from app.screening.page.runs import ScreenRun
from app.screening.page.selection import change
from app.screening.results.exporting import Asked
from tests.app.made_screening import molecules, rows
from tests.app.pages.screen_page import filtered, keys, made, markup, opened, said, widgets_of, words

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


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """What workers were started with; none is."""
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(Worker, "start", lambda worker, *arguments: started.append(arguments))
    return started


def test_files_hold_the_rows_that_were_asked_for() -> None:
    run = made()
    text = small_export(run, "csv", Asked(where="status = 'error'")).decode()
    assert [line["Name"] for line in csv.DictReader(io.StringIO(text))] == ["broken", "<b>nothing</b>"]
    assert text.startswith("Name,SMILES,price,row,id,")
    sheet = load_workbook(io.BytesIO(small_export(run, "xlsx", Asked(rows=(3, 1))))).active
    assert [row[0].value for row in sheet.iter_rows()] == ["Name", "nitro CC", "nitro C"]
    sdf = small_export(run, "sdf", Asked(rows=(1,))).decode()
    assert "atom.dprop.mutagenicity_mutagenic" in sdf
    assert small_export(run, "parquet", Asked())[:4] == b"PAR1"
    assert not list(run.folder.glob("tmp*"))


def test_few_rows_are_offered_at_once_for_each_choice() -> None:
    run = made()
    change(run.folder, [1])
    at = filtered(opened(run, "Molecules"), run, text_text="nitro")
    which = next(control for control in at.segmented_control if control.label == "Which rows")
    assert list(which.options) == [
        f"everything ({ALL})", f"filtered ({NITRO})", "selected (1)",
    ]  # fmt: skip
    assert len(at.get("download_button")) == 4


def test_many_rows_are_written_by_a_worker_and_offered_when_whole(
    monkeypatch: pytest.MonkeyPatch, commands: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(screen_downloads, "AT_ONCE", 5)
    run = made()
    at = filtered(opened(run, "Molecules"), run, text_text="nitro")
    assert not at.get("download_button")
    at.button(key="screen-write-csv").click().run()
    [command] = commands
    export = large_export(run, "csv", "filtered", command[3].removeprefix("--where="))
    assert command[:3] == ("export", str(run.folder.resolve()), str(export.file.resolve()))
    assert command[3].startswith("--where=coalesce(contains(lower(")
    (export.folder / "worker.log").write_text("the disk is *full*\n")
    at.run()
    assert r"CSV could not be written: the disk is \*full\*" in at.error[0].value
    export.file.write_bytes(b"Name\n" * 100)
    at.run()
    assert not at.exception
    [button] = at.get("download_button")
    assert "CSV, 0 kB" in str(button.proto)
    assert "also lies at" in said(at)
    monkeypatch.setattr(screen_downloads, "MOST_BYTES", 10)
    monkeypatch.setattr(screen_downloads, "here_only", lambda: False)
    at.run()
    assert "too much for a browser" in said(at)
    assert not at.get("download_button")


def test_writing_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen_downloads, "AT_ONCE", 5)
    monkeypatch.setattr(app.screening.page.exports.Export, "state", lambda self: State.RUNNING)
    stopped: list[Export] = []
    monkeypatch.setattr(app.screening.page.exports.Export, "stop", lambda self: stopped.append(self))
    run = made()
    at = opened(run, "Molecules")
    assert "screen-stop-csv" in keys(at)
    at.button(key="screen-stop-csv").click().run()
    assert [export.file.name for export in stopped] == [f"{run.name}-everything.csv"]


def test_export_by_command_finds_its_file_again(command: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    export = large_export(run, "parquet", "all", "status = 'ok'")
    assert export.state() is State.STOPPED
    export.folder.mkdir(parents=True)
    assert command("export", str(run.folder), str(export.file), f"--where={export.where}").code == 0
    again = large_export(run, "parquet", "all", "status = 'ok'")
    assert again.state() is State.FINISHED
    assert again.written() > 1000
    assert large_export(run, "parquet", "all", None).folder != again.folder
    again.stop()
    assert not again.folder.exists()


def _picked(run: ScreenRun, command: Any, **asked: Any) -> Picks:
    """Picks as the worker leaves them."""
    picks = new_picks(run, PicksAsked(**asked))
    ran = command("pick", str(run.folder), *picks.asked.options(), "--columns=row", f"--output={picks.file}")
    assert ran.code == 0, ran.err
    (picks.folder / "worker.log").write_text(ran.err)
    return picks


def test_choices_of_picks_reach_the_command(commands: list[tuple[str, ...]]) -> None:
    run = made()
    change(run.folder, [1, 2])
    at = opened(run, "Molecules")
    filtered(at, run, many_status=["ok"])
    at.segmented_control(key=f"screen-view-{widgets_of(run)}").set_value("Picks").run()
    assert not at.exception
    source = next(box for box in at.selectbox if box.label == "From")
    assert source.value == screen_picks.SELECTED
    source.set_value(screen_picks.FILTERED)
    at.number_input(key="screen-pick-n").set_value(5)
    at.number_input(key="screen-pick-seed").set_value(7)
    at.selectbox(key="screen-pick-plate").set_value(96)
    at.multiselect(key=f"screen-pick-without-{widgets_of(run)}").set_value(["aggregator-01"]).run()
    at.button(key="screen-pick").click().run()
    assert not at.exception
    [command] = commands
    assert command[0] == "pick"
    assert command[2:] == (
        "-n5", "--diverse", "--where=\"status\" IN ('ok')", "--exclude-concept=aggregator-01", "--plate=96", "--seed=7",
        "--columns=row", f"--output={(run.folder / 'picks' / 'picks.csv').resolve()}",
    )  # fmt: skip
    found = picks_of(run)
    assert found is not None
    assert (found.asked.source, found.state()) == (screen_picks.FILTERED, State.STOPPED)
    assert "The picking was stopped" in said(at)


def test_picks_are_shown_on_their_plate_and_taken_home(command: Any) -> None:
    run = made()
    picks = _picked(run, command, n=6, diverse=True, plate=96)
    assert picks.candidates() == GOOD - 1
    placed = picks.placed()
    assert [(pick.plate, pick.well) for pick in placed] == [(1, f"A0{k}") for k in range(1, 7)]
    at = opened(run, "Picks")
    assert "6 molecules picked" in words(at)
    assert "of 24 that could be" in said(at)
    assert "Plate with 6 of 96 wells taken" in markup(at)
    assert list(at.dataframe[0].value["well"]) == [pick.well for pick in placed]
    assert list(at.dataframe[0].value["row"]) == [pick.row for pick in placed]
    assert len(at.get("download_button")) == 5
    rows_ = tuple(pick.row for pick in placed)
    lines = list(csv.DictReader(io.StringIO(screen_picks.plate_map(run, rows_, 96).decode())))
    assert [(line["plate"], line["well"], int(line["row"])) for line in lines] == [
        ("1", pick.well, pick.row) for pick in placed
    ]
    at.segmented_control(key=f"screen-picked-task-{widgets_of(run)}").set_value("solubility").run()
    assert not at.exception


def test_plates_are_turned_over(command: Any) -> None:
    content = rows(given=[(f"m{n}", "C" * (n % 90 + 1) + "O" * (n // 90 % 2)) for n in range(150)])
    run = made(content=content, part_rows=100)
    _picked(run, command, n=120, diverse=False, plate=96)
    at = opened(run, "Picks")
    assert "on 2 plates of 96 wells" in said(at)
    assert "Plate with 96 of 96 wells taken" in markup(at)


@pytest.mark.parametrize("text", ["", "a,b,c\n1,A01\nx,A01,3\n", "\0"])
def test_picks_that_cannot_be_read_are_said(command: Any, text: str) -> None:
    run = made()
    _picked(run, command, n=2).file.write_text(text)
    assert "The picks cannot be read any more" in said(opened(run, "Picks"))


def test_why_nothing_was_picked_is_said_and_a_running_one_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    run = made()
    picks = new_picks(run, PicksAsked(3))
    (picks.folder / "worker.log").write_text("no molecule meets the conditions; expected at least one to pick from\n")
    assert "No molecule meets the conditions" in opened(run, "Picks").error[0].value
    monkeypatch.setattr(app.screening.page.picks.Picks, "state", lambda self: State.RUNNING)
    stopped: list[Picks] = []
    monkeypatch.setattr(app.screening.page.picks.Picks, "stop", lambda self: stopped.append(self))
    at = opened(run, "Picks")
    assert "Picking 3 molecules from all" in said(at)
    at.button(key="screen-pick-stop").click().run()
    assert stopped == [picks]


@pytest.mark.parametrize("asked", [{"n": 0}, {"n": 10**6}, {"n": 1, "plate": 7}], ids=["none", "many", "plate"])
def test_picks_are_checked_when_they_are_asked_for(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected"):
        PicksAsked(**asked)


@pytest.mark.parametrize("text", ["", "[]", '{"n": 3}', '{"n": 0, "without_concepts": []}'])
def test_broken_picks_are_none(text: str) -> None:
    run = made()
    folder = new_picks(run, PicksAsked(3)).folder
    (folder / "job.json").write_text(text)
    assert picks_of(run) is None


def test_new_picks_take_the_place_of_the_old() -> None:
    run = made()
    first = new_picks(run, PicksAsked(3))
    first.file.write_text("x")
    assert not new_picks(run, PicksAsked(4)).file.exists()
    assert json.loads((first.folder / "job.json").read_text())["n"] == 4
