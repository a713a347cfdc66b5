"""The page of studies: what is asked is checked before anything starts, and a study is found again by its address."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import app.simulate.runs
from app.components.simulate.form import counted, explainers_for, tasks
from app.components.simulate.plots import box_figure, forest_figure, score_figure
from app.components.simulate.table import students_csv, study_csv, study_json, study_table
from app.components.simulate.words import EXPLAINERS, finding, findings_html, series_name
from app.jobs.worker import State
from app.simulate.progress import FILE, StudyShown
from app.simulate.request import Request, usual_explainers
from app.simulate.runs import StudyRun, all_runs, find_run, new_run

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def studies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    monkeypatch.setenv("WHYMOL_STUDIES", str(folder))
    return folder


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> list[StudyRun]:
    """Studies that were started; none is."""
    started: list[StudyRun] = []
    monkeypatch.setattr(app.simulate.runs.StudyRun, "start", lambda run: started.append(run))
    return started


def _row(explainer: str = "truth", size: int = 25, noise: float = 0.0, score: float | None = 0.1) -> dict[str, Any]:
    known = score is not None
    return {
        "explainer": explainer, "size": size, "score": score, "low": None if score is None else score - 0.05,
        "high": None if score is None else score + 0.05, "p": 0.01 if known else None, "repetitions": 3 if known else 0,
        "failed": 0 if known else 3, "problem": "" if known else "all of class <star>", "noise": noise,
        "adversarial": 0.0, "layers": 3, "masks": "both", "student": "megan", "p_wilcoxon": 0.02, "effect": 1.0,
        "mean": score, "better": 1.0, "reference_performance": 0.6, "student_performance": 0.7, "node_auroc": 0.9,
        "edge_auroc": 0.9, "reference_node_auroc": 0.5, "reference_edge_auroc": 0.5,
        "counted": [0, 1, 2] if known else [], "reference": [0.5, 0.6, 0.7] if known else [],
        "explained": [0.6, 0.7, 0.8] if known else [],
    }  # fmt: skip


ROWS = [_row(e, s, n) for s in (25, 100) for e in ("truth", "random") for n in (0.0, 1.0)]


def _kept(rows: list[dict[str, Any]], done: float = 0.5, finished: bool = False) -> StudyRun:
    run = new_run(Request("rb_adv_motifs"))
    (run.folder / FILE).write_text(json.dumps(asdict(StudyShown("accuracy", done, 30.0, rows, finished))))
    return run


def _page(run: str = "") -> AppTest:
    at = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=120).run()
    at.switch_page("app/pages/simulate.py")
    if run:
        at.query_params["run"] = run
    at.run()
    assert not at.exception
    return at


def _words(at: AppTest) -> str:
    text = "".join(block.body for block in at.get("html"))  # type: ignore[union-attr]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


@pytest.mark.usefixtures("fake_models")
def test_every_choice_reaches_the_request(no_worker: list[StudyRun]) -> None:
    at = _page()
    at.text_input(key="sim-sizes").set_value("10, 50").run()
    at.slider(key="sim-repetitions").set_value(5).run()
    at.text_input(key="sim-noise").set_value("0, 0.5").run()
    at.text_input(key="sim-adversarial").set_value("1").run()
    at.text_input(key="sim-layers").set_value("2,3").run()
    at.multiselect(key="sim-masks").set_value(["nodes", "edges"]).run()
    at.multiselect(key="sim-students").set_value(["gcn"]).run()
    at.number_input(key="sim-graphs-True").set_value(400).run()
    at.number_input(key="sim-validation").set_value(60).run()
    at.number_input(key="sim-epochs").set_value(7).run()
    at.number_input(key="sim-seed").set_value(3).run()
    at.multiselect(key="sim-explainers-rb_adv_motifs").set_value(["adversarial"]).run()
    assert "16 comparisons, 100 students to train." in [caption.value for caption in at.caption]
    assert not no_worker
    at.button(key="sim-start").click().run()
    assert not at.exception
    assert [run.asked for run in no_worker] == [
        Request(
            "rb_adv_motifs", ("adversarial",), (10, 50), 5, (0.0, 0.5), (1.0,), (2, 3), ("nodes", "edges"), ("gcn",),
            400, 60, 7, 3,
        )
    ]  # fmt: skip
    assert at.query_params["run"] in ("rb_adv_motifs-1", ["rb_adv_motifs-1"])
    found = find_run("rb_adv_motifs-1")
    assert found is not None
    assert "--noise=0,0.5" in found.asked.options()


@pytest.mark.usefixtures("fake_models")
def test_known_causes_the_network_and_noise_are_chosen_at_first(no_worker: list[StudyRun]) -> None:
    at = _page()
    assert at.multiselect(key="sim-explainers-rb_adv_motifs").value == ["truth", "megan", "random"]
    assert "6 comparisons, 200 students to train." in [caption.value for caption in at.caption]
    at.button(key="sim-start").click().run()
    assert [run.asked.options()[0] for run in no_worker] == ["--explainers=truth,megan,random"]


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("sim-sizes", "0", "expected whole numbers of at least 1"),
        ("sim-sizes", "ten", "Training graphs holds 'ten'"),
        ("sim-sizes", "", "Training graphs is ''"),
        ("sim-sizes", "900", "1000 graphs are too few; expected at least 1100"),
        ("sim-noise", "2", "Noise holds '2'; expected numbers from 0 to 1"),
        ("sim-adversarial", "-1", "Misleading masks holds '-1'"),
        ("sim-layers", "<b>", r"Layers holds '\<b\>'"),
        ("sim-noise", ",".join(str(i / 1000) for i in range(500)), "students are more than a page takes"),
    ],
)
def test_wrong_numbers_get_a_sentence_and_no_button(key: str, value: str, said: str) -> None:
    at = _page()
    at.text_input(key=key).set_value(value).run()
    assert not at.exception
    assert said in at.error[0].value
    assert "sim-start" not in [button.key for button in at.button]


@pytest.mark.usefixtures("fake_models")
def test_empty_choices_get_a_sentence() -> None:
    at = _page()
    at.multiselect(key="sim-explainers-rb_adv_motifs").set_value([]).run()
    assert "at least one explainer" in at.error[0].value
    at.multiselect(key="sim-explainers-rb_adv_motifs").set_value(["truth"]).run()
    at.multiselect(key="sim-masks").set_value([]).run()
    assert "No masks are chosen" in at.error[0].value


@pytest.mark.usefixtures("fake_models")
def test_a_model_needs_its_table_or_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_worker: list[StudyRun]
) -> None:
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    monkeypatch.setattr("datasets.sources.cache_folder", lambda: tmp_path / "none")
    at = _page()
    at.selectbox(key="sim-task").set_value("mutagenicity").run()
    assert "the data of task 'mutagenicity'" in at.error[0].value
    at.file_uploader(key="sim-molecules").set_value(("mine.csv", b"smiles\nCCO\n", "text/csv")).run()
    at.file_uploader(key="sim-masks-file").set_value(("own masks.npz", b"PK", "application/zip")).run()
    assert not at.error
    at.button(key="sim-start").click().run()
    (run,) = no_worker
    assert run.asked.explainers[:2] == ("megan", "random")
    assert Path(run.asked.explainers[2].removeprefix("file:")).read_bytes() == b"PK"
    assert Path(run.asked.molecules).read_bytes() == b"smiles\nCCO\n"
    assert [option for option in run.asked.options() if option.startswith("--masks-file=")]


@pytest.mark.usefixtures("fake_models")
def test_running_study_shows_what_it_has_found(monkeypatch: pytest.MonkeyPatch) -> None:
    run = _kept(ROWS[:2])
    stopped: list[str] = []
    monkeypatch.setattr(app.simulate.runs.StudyRun, "state", lambda self: State.RUNNING)
    monkeypatch.setattr(app.simulate.runs.StudyRun, "stop", lambda self: stopped.append(self.name))
    at = _page(run.name)
    assert "50 % done, 30 s left" in str(at.get("progress")[0].proto)
    assert "The masks helped: +10.0 percentage points of accuracy" in _words(at)
    assert len(at.get("plotly_chart")) == 3
    at.button(key=f"stop-{run.name}").click().run()
    assert stopped == [run.name]


@pytest.mark.usefixtures("fake_models")
def test_running_study_without_results_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(Request("rb_adv_motifs"))
    monkeypatch.setattr(app.simulate.runs.StudyRun, "state", lambda self: State.RUNNING)
    at = _page(run.name)
    assert "Drawing the graphs" in str(at.get("progress")[0].proto)
    assert not at.get("plotly_chart")


@pytest.mark.usefixtures("fake_models")
def test_finished_study_shows_plots_table_and_files_and_can_be_deleted() -> None:
    run = _kept(ROWS, 1.0, finished=True)
    (run.folder / "graphs.json").write_text("{}")
    at = _page(run.name)
    assert "finished" in _words(at)
    assert len(at.get("plotly_chart")) == 4
    assert len(at.dataframe[0].value) == len(ROWS)
    assert len(at.get("download_button")) == 4
    at.button(key=f"delete-{run.name}").click().run()
    at.button(key=f"keep-{run.name}").click().run()
    at.button(key=f"delete-{run.name}").click().run()
    assert run.folder.exists()
    at.button(key=f"delete-now-{run.name}").click().run()
    assert not at.exception
    assert not run.folder.exists()
    assert "A new study" in _words(at)


@pytest.mark.usefixtures("fake_models")
def test_stopped_and_failed_studies_go_on(no_worker: list[StudyRun]) -> None:
    run = _kept(ROWS[:1], 0.25)
    at = _page(run.name)
    assert "25 % done and kept" in at.info[0].value
    (run.folder / "worker.log").write_text("10 % done, 3 s left\nexplainer *megan*: no network\n")
    at = _page(run.name)
    assert at.error[0].value == r"explainer \*megan\*\: no network"
    at.button(key=f"go-on-{run.name}").click().run()
    assert no_worker == [run]
    at = _page()
    assert "failed" in at.markdown[-1].value
    at.button(key=f"show-{run.name}").click().run()
    assert at.query_params["run"] in (run.name, [run.name])


@pytest.mark.usefixtures("fake_models")
@pytest.mark.parametrize("name", ["none", "../..", "<script>", "."])
def test_address_of_no_study_shows_the_form(name: str) -> None:
    assert "A new study" in _words(_page(name))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"task": 3, "colour": 1}', "null"])
def test_folder_with_a_broken_request_is_passed_over(studies: Path, text: str) -> None:
    (studies / "odd").mkdir(parents=True)
    (studies / "odd" / "job.json").write_text(text)
    assert all_runs() == []


@pytest.mark.parametrize("text", ["{", "[]", '{"metric": "accuracy", "rows": [3]}', '{"metric": "R2", "done": "x"}'])
def test_broken_progress_is_none(text: str) -> None:
    run = new_run(Request("rb_adv_motifs"))
    (run.folder / FILE).write_text(text)
    assert run.shown() is None
    assert run.state() is State.STOPPED


def test_request_and_its_record_are_the_same(studies: Path) -> None:
    request = Request(
        "rb_adv_motifs", ("truth",), (10,), 3, (0.0, 0.3), (0.5,), (1, 2), ("nodes",), ("gcn",), 50, 20, 9
    )
    run = new_run(request)
    found = find_run(run.name)
    assert found is not None
    assert found.asked == request
    assert new_run(request).name != run.name
    assert (run.folder.stat().st_mode & 0o777) == 0o700
    with pytest.raises(ValueError, match="repetitions is 1"):
        new_run(Request("rb_adv_motifs", repetitions=1))


def test_explainers_are_those_that_a_task_allows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert explainers_for("rb_adv_motifs") == list(EXPLAINERS)
    assert {"truth", "megan"} <= set(explainers_for("ba2motifs"))
    assert "adversarial" not in explainers_for("ba2motifs")
    assert "truth" not in explainers_for("mutagenicity")
    assert usual_explainers("mutagenicity") == ("megan", "random")
    monkeypatch.setattr("app.simulate.request.PRETRAINED_GENERATED", tmp_path)
    assert explainers_for("rb_adv_motifs") == ["truth", "random", "adversarial"]
    assert usual_explainers("rb_adv_motifs") == ("truth", "random")
    assert tasks()[0] == "rb_adv_motifs"
    assert counted(Request("rb_adv_motifs", ("truth",), (25,), 25)) == (1, 50)


def test_words_say_what_was_found_and_what_failed() -> None:
    assert finding(_row(), "accuracy").startswith("The masks helped: +10.0 percentage points")
    assert finding(_row(score=-0.2), "R2").startswith("The masks hurt: -0.200 R2")
    assert finding(_row() | {"p": 0.2}, "accuracy").startswith("No difference shown")
    assert finding(_row() | {"failed": 2}, "accuracy").endswith("2 repetitions failed and are not in it.")
    assert finding(_row(score=None), "accuracy") == "No score: all of class <star>."
    assert "&lt;star&gt;" in findings_html([_row(score=None)], "accuracy")
    assert series_name(ROWS[0], ROWS) == "Known causes, 25 graphs, noise 0"
    assert series_name(ROWS[0], ROWS[:1]) == "Known causes"
    assert series_name(_row("file:/home/me/a.npz"), ROWS[:1]) == "File a.npz"


def test_all_explainers_together_have_lines_of_their_own() -> None:
    figure = score_figure([_row(name, size) for name in EXPLAINERS for size in (25, 100)], "accuracy", "size", "Size")
    assert figure is not None
    assert len({(trace.line.color, trace.marker.symbol) for trace in figure.data}) == len(EXPLAINERS)


def test_plots_draw_what_varies() -> None:
    boxes = box_figure(ROWS, "accuracy")
    assert boxes is not None
    assert {len(trace.x) for trace in boxes.data} == {3 * len(ROWS)}
    sizes = score_figure(ROWS, "accuracy", "size", "Size")
    noises = score_figure(ROWS, "accuracy", "noise", "Noise")
    assert sizes is not None
    assert noises is not None
    assert [len(trace.y) for trace in sizes.data] == [2, 2]
    assert next(trace.name for trace in noises.data) == "Known causes, 25 graphs"
    assert len(noises.data) == 4
    assert score_figure(ROWS, "accuracy", "adversarial", "Share") is None
    assert score_figure(ROWS[:1], "accuracy", "size", "Size") is None
    forest = forest_figure([*ROWS, _row("random", 200, score=None)], "accuracy")
    assert forest is not None
    assert sum(len(trace.x) for trace in forest.data) == len(ROWS)
    for make in (box_figure, forest_figure):
        assert make([_row(score=None)], "accuracy") is None


def test_files_hold_every_number_and_no_folder() -> None:
    rows = [_row("file:/home/somebody/=masks.npz"), _row(score=None)]
    table = list(csv.DictReader(io.StringIO(study_csv(rows))))
    assert table[0]["explainer"] == "file:=masks.npz"
    assert (table[0]["score"], table[1]["score"], table[1]["failed"]) == ("0.1", "", "3")
    students = list(csv.DictReader(io.StringIO(students_csv(rows))))
    assert next((row["repetition"], row["reference"], row["explained"]) for row in students) == ("0", "0.5", "0.6")
    assert len(students) == 3
    text = study_json("t", "accuracy", {"seed": 0}, rows)
    assert len(json.loads(text)["comparisons"]) == 2
    assert "somebody" not in text + study_csv(rows) + students_csv(rows)
    assert "Noise" in study_table(ROWS).columns
    assert "Noise" not in study_table(ROWS[:1]).columns
