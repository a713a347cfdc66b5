"""The results of a screening on its page: summary, molecules with filters and ticks, files, and picks."""

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
from streamlit.testing.v1 import AppTest

import app.screen_exports
import app.screen_picks
from app.components import screen_downloads, screen_picks
from app.screen_exports import Export, large_export, small_export
from app.screen_picks import Picks, PicksAsked, new_picks, picks_of
from app.screen_runs import ScreenRun
from app.screen_selection import FILE, MOST, change, selected
from app.screening.exporting import Asked
from app.worker import State, Worker
from datasets.tasks import MUTAGENICITY
from tests.app.made_screening import made_run, molecules, rows
from tests.app.pages.screen_page import keys, made, markup, new, opened, page, said, words

ALL, MOLECULES_WITH = len(molecules()), len(molecules()) - 2
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


def _of(run: ScreenRun) -> str:
    return f"{run.session}-{run.name}"


def _table(at: AppTest) -> list[str]:
    """Names in the table of molecules."""
    return [str(name) for name in at.dataframe[0].value["name"]]


def _filtered(at: AppTest, run: ScreenRun, **values: Any) -> AppTest:
    for name, value in values.items():
        kind, _, key = name.partition("_")
        widgets = {"text": at.text_input, "many": at.multiselect, "on": at.toggle, "one": at.selectbox}
        widget = widgets[kind](key=f"screen-{key.replace('__', '-')}-{_of(run)}")
        widget.set_value(value)
    at.run()
    assert not at.exception
    return at


def test_summary_counts_verdicts_trust_and_concepts() -> None:
    at = page(made())
    told = words(at)
    for piece in (
        f"Rows {ALL}",
        f"Predicted {MOLECULES_WITH} 93 %",
        "Not predicted 2",
        "Repeat an earlier row 1",
        "48 % aggregator",
        f"{NITRO} mutagenic {MOLECULES_WITH - NITRO} non-mutagenic",
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
    at.multiselect(key=f"screen-own-{run.name}").set_value(["price"]).run()
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
        _filtered(at, run, **empty | values)
        assert _table(at) == expected, values
        assert f"{len(expected)} of {ALL} rows" in words(at)


def test_range_and_domain_of_a_task_filter() -> None:
    run = made()
    at = opened(run, "Molecules")
    at.slider(key=f"screen-range-mutagenicity-{_of(run)}-0.0-1.0").set_value((0.7, 0.71)).run()
    assert _table(at) == ["nitro C", "nitro CC", "nitro O", "nitro OC", "nitro Cl"]
    at.toggle(key=f"screen-inside-mutagenicity-{_of(run)}").set_value(True).run()
    assert _table(at) == ["nitro C", "nitro CC", "nitro OC", "nitro Cl"]


def test_order_is_that_of_the_whole_library() -> None:
    run = made(part_rows=4)
    at = _filtered(opened(run, "Molecules"), run, one_order="mutagenicity_probability")
    assert _table(at)[0] == "nitro CCC"
    at.segmented_control(key=f"screen-way-{_of(run)}").set_value("lowest first").run()
    assert _table(at)[0] == "plain C"
    _filtered(at, run, one_order="price")
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
    at = _filtered(opened(run, "Molecules"), run, text_sql=sql)
    assert says in at.error[0].value.replace("\\", "")
    assert len(_table(at)) == 25


def test_no_row_passes() -> None:
    run = made()
    at = _filtered(opened(run, "Molecules"), run, text_text="nobody is called so")
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
    _filtered(at, run, text_text="nitro")
    at.button(key="screen-add-all").click().run()
    assert len(selected(run.folder)) == NITRO + 1
    at.button(key="screen-clear").click().run()
    assert selected(run.folder) == []
    monkeypatch.setattr("app.screen_selection.MOST", 3)
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
    at = _filtered(opened(run, "Molecules"), run, text_text="nitro")
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
    at = _filtered(opened(run, "Molecules"), run, text_text="nitro")
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
    monkeypatch.setattr(app.screen_exports.Export, "state", lambda self: State.RUNNING)
    stopped: list[Export] = []
    monkeypatch.setattr(app.screen_exports.Export, "stop", lambda self: stopped.append(self))
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
    _filtered(at, run, many_status=["ok"])
    at.segmented_control(key=f"screen-view-{run.session}-{run.name}").set_value("Picks").run()
    assert not at.exception
    source = next(box for box in at.selectbox if box.label == "From")
    assert source.value == screen_picks.SELECTED
    source.set_value(screen_picks.FILTERED)
    at.number_input(key="screen-pick-n").set_value(5)
    at.number_input(key="screen-pick-seed").set_value(7)
    at.selectbox(key="screen-pick-plate").set_value(96)
    at.multiselect(key=f"screen-pick-without-{run.name}").set_value(["aggregator-01"]).run()
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
    assert picks.candidates() == MOLECULES_WITH - 1
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
    at.segmented_control(key="screen-picked-task").set_value("solubility").run()
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
    monkeypatch.setattr(app.screen_picks.Picks, "state", lambda self: State.RUNNING)
    stopped: list[Picks] = []
    monkeypatch.setattr(app.screen_picks.Picks, "stop", lambda self: stopped.append(self))
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
