"""The command: one object a line, a folder that is gone on with, sentences for what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.jobs.worker import State
from app.simulate.progress import read_shown
from app.simulate.runs import find_run
from concepts.simulatability.study import StudySettings, draws, subject_of
from tests.app.conftest import Ran

SMALL = ("--graphs=90", "--validation=30", "--epochs=4", "--repetitions=2")
Command = Callable[..., Ran]


@pytest.fixture(autouse=True)
def studies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    folder = tmp_path / "studies"
    monkeypatch.setenv("WHYMOL_STUDIES", str(folder))
    return folder


def test_one_object_a_line_and_the_folder_is_gone_on_with(command: Command, studies: Path) -> None:
    asked = ("simulate", "rb_adv_motifs", "--explainers", "truth,random", "--sizes", "10", "--noise=0,1", *SMALL)
    run = studies / "mine"
    first = command(*asked, "-o", str(run), "--json")
    assert first.code == 0
    rows = [json.loads(line) for line in first.out.splitlines()]
    assert [(row["explainer"], row["size"], row["noise"]) for row in rows] == [
        ("truth", 10, 0.0), ("truth", 10, 1.0), ("random", 10, 0.0), ("random", 10, 1.0),
    ]  # fmt: skip
    for row in rows:
        assert list(row)[:7] == ["explainer", "size", "score", "low", "high", "p", "repetitions"]
        assert row["low"] <= row["score"] <= row["high"]
        assert (row["repetitions"], row["failed"]) == (2, 0)
    shown = read_shown(run)
    assert shown is not None
    assert (shown.finished, shown.done, shown.metric) == (True, 1.0, "accuracy")
    assert [len(row["reference"]) for row in shown.rows] == [2, 2, 2, 2]
    (run / "parts" / "part-00001.parquet").unlink()
    kept = (run / "parts" / "part-00000.parquet").stat().st_mtime_ns
    again = command(*asked, "-o", str(run), "--json")
    assert again.out == first.out
    assert (run / "parts" / "part-00000.parquet").stat().st_mtime_ns == kept
    found = find_run("mine")
    assert found is not None
    assert found.state() is State.FINISHED
    assert found.asked.noises == (0.0, 1.0)
    other = command(*asked, "-o", str(run), "--seed=1")
    assert other.code == 2
    assert "holds a study with other" in other.err


def test_drawn_set_compares_known_causes_its_network_and_noise(command: Command) -> None:
    asked = ("rb_adv_motifs", "--sizes", "25,40", *SMALL, "--json")
    named = command("simulate", *asked, "--explainers", "truth,megan,random")
    assert named.code == 0
    rows = [json.loads(line) for line in named.out.splitlines()]
    assert [(row["explainer"], row["size"]) for row in rows] == [
        (name, size) for size in (25, 40) for name in ("truth", "megan", "random")
    ]
    assert command("simulate", *asked).out == named.out, "they are what is compared where nothing is named"


def test_table_names_what_was_varied_and_masks_of_a_file_are_one_more_explainer(
    command: Command, studies: Path, tmp_path: Path
) -> None:
    first = command("simulate", "rb_adv_motifs", "--explainers=random", "--sizes=10", *SMALL)
    assert first.code == 0
    run = studies / "rb_adv_motifs"
    graphs = json.loads((run / "graphs.json").read_text())
    file = tmp_path / "mine.npz"
    np.savez(file, nodes=np.full((sum(graphs["nodes"]), 2), 0.5))
    ran = command(
        "simulate", "rb_adv_motifs", "--explainers=truth", f"--masks-file={file}", "--sizes=10", "--masks=edges",
        "--adversarial=1", "--layers=2", "--students=gcn", *SMALL, "-o", str(studies / "other"),
    )  # fmt: skip
    assert ran.code == 0
    assert "truth, adversarial 1, 2 layers," in ran.out
    assert "file mine.npz" in ran.out
    assert ran.out.splitlines()[-1] == str(studies / "other")


def _classes_drawn(size: int, repetitions: int, seed: int) -> list[int]:
    """How many classes are among the training graphs of each repetition of a small study."""
    settings = StudySettings(repetitions=repetitions, validation=30, seed=seed)
    labels = subject_of("rb_adv_motifs", 90, seed).labels
    return [len(set(labels[drawn])) for drawn in draws(90, size, settings)[0]]


def test_failed_repetitions_are_told(command: Command) -> None:
    """Of two graphs, both are often of one class; then nothing can be learned, and nothing is counted."""
    classes = _classes_drawn(2, 6, seed=3)
    failed = classes.count(1)
    assert 0 < failed < 5
    asked = ("simulate", "rb_adv_motifs", "--explainers=random", "--sizes=2", *SMALL, "--repetitions=6", "--seed=3")
    ran = command(*asked)
    assert ran.code == 0
    assert f"{failed} failed: repetition {classes.index(1)}: all 2 training graphs are of class " in ran.out
    row = json.loads(command(*asked, "--json").out)
    assert (row["repetitions"], row["failed"]) == (6 - failed, failed)
    assert row["low"] <= row["score"] <= row["high"]
    assert row["problem"].startswith(f"repetition {classes.index(1)}: ")


def test_no_score_is_told_where_too_few_repetitions_are_left(command: Command) -> None:
    seed = next(seed for seed in range(50) if _classes_drawn(2, 2, seed).count(1) == 1)
    number = _classes_drawn(2, 2, seed).index(1)
    asked = ("simulate", "rb_adv_motifs", "--explainers=random", "--sizes=2", *SMALL, f"--seed={seed}")
    ran = command(*asked)
    assert ran.code == 0
    assert f"no score: repetition {number}: all 2 training graphs are of class " in ran.out
    row = json.loads(command(*asked, "--json").out)
    assert (row["score"], row["repetitions"], row["failed"]) == (None, 0, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("none",), "'none'"),
        (("rb_adv_motifs", "--sizes=0"), "--sizes holds '0'; expected whole numbers"),
        (("rb_adv_motifs", "--sizes=ten"), "--sizes holds 'ten'"),
        (("rb_adv_motifs", "--sizes="), "--sizes is ''"),
        (("rb_adv_motifs", "--noise=1.5"), "--noise holds '1.5'; expected numbers from 0 to 1"),
        (("rb_adv_motifs", "--noise=nan"), "--noise holds 'nan'"),
        (("rb_adv_motifs", "--repetitions=1"), "repetitions is 1; expected at least 2"),
        (("rb_adv_motifs", "--epochs=0"), "epochs is 0; expected at least 1"),
        (("rb_adv_motifs", "--seed=-1"), "seed is -1"),
        (("rb_adv_motifs", "--explainers=wise"), "explainer is 'wise'; expected one of truth"),
        (("rb_adv_motifs", "--masks=some"), "masks is 'some'; expected one of both"),
        (("rb_adv_motifs", "--students=cat"), "student is 'cat'; expected one of megan"),
        (("rb_adv_motifs", "--graphs=50", "--sizes=10"), "has 50 graphs; expected at least 210"),
        (("ba2motifs", "--adversarial=0.5"), "ba2motifs has no misleading motifs"),
        (("rb_adv_motifs", "--masks-file=none.npz", "--sizes=10", *SMALL), "no mask file none.npz"),
        (("rb_adv_motifs", "--molecules=none.csv"), "but rb_adv_motifs is drawn"),
    ],
)
def test_wrong_settings_are_one_sentence(command: Command, arguments: tuple[str, ...], said: str) -> None:
    ran = command("simulate", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not ran.out


def test_output_that_is_a_file_is_left_alone(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("mine")
    ran = command("simulate", "rb_adv_motifs", "-o", str(file))
    assert ran.code == 2
    assert "which is a file" in ran.err
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("content", "said"), [("[]", "no table"), ('{"nodes": [[0.5]]}', "shape (1, 1)"), ("{", "read")]
)
def test_masks_that_do_not_fit_are_named(command: Command, tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "masks.json"
    file.write_text(content)
    ran = command("simulate", "rb_adv_motifs", f"--masks-file={file}", "--sizes=10", *SMALL)
    assert ran.code == 2
    assert said in ran.err
    assert "masks.json" in ran.err


def test_molecules_of_a_model_may_come_from_a_file(command: Command, tiny_bundle: Path, tmp_path: Path) -> None:
    from tests.conftest import NITRO, PLAIN

    file = tmp_path / "mine.csv"
    file.write_text("\n".join(["smiles", *NITRO, *PLAIN, "no molecule"]) + "\n")
    ran = command(
        "simulate", str(tiny_bundle), f"--molecules={file}", "--explainers=megan,shuffled", "--sizes=6",
        "--graphs=20", "--validation=8", "--epochs=2", "--repetitions=3", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "1 of 33 rows are no molecule; left out" in ran.err
    assert [json.loads(line)["explainer"] for line in ran.out.splitlines()] == ["megan", "shuffled"]
