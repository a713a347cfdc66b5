"""Studies: what they find, what they refuse, and how they go on after an interruption."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from concepts.simulatability.rows import compared, score_row
from concepts.simulatability.student_training import Results, TrainingSettings, train_students
from concepts.simulatability.study import (
    Condition,
    Study,
    StudyProgress,
    StudySettings,
    conditions,
    draws,
    generated_subject,
    published_sweep,
    simulate,
)

SUBJECT = generated_subject("rb_adv_motifs", 60, 1)
BRIEF = StudySettings(
    repetitions=3,
    validation=12,
    training=TrainingSettings(epochs=4, measured_epochs=2, learning_rate=0.05),
    width=4,
)
ASKED = conditions(["truth", "random", "adversarial"], [4, 8])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Path]:
    run = tmp_path_factory.mktemp("whole")
    return simulate(SUBJECT, ASKED, BRIEF, run=run), run


def test_rows_are_what_the_command_prints(whole: tuple[Study, Path]) -> None:
    study, run = whole
    assert [row.condition for row in study.rows] == list(ASKED)
    record = study.rows[0].record()
    assert list(record)[:7] == ["explainer", "size", "score", "low", "high", "p", "repetitions"]
    assert (record["explainer"], record["size"], record["repetitions"], record["failed"]) == ("truth", 4, 3, 0)
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert study.metric == "accuracy"
    progress = json.loads((run / "progress.json").read_text())
    assert progress["done"] == progress["of"] == 4
    assert progress["rows"] == [row.record() for row in study.rows]
    assert json.loads((run / "run.json").read_text())["versions"].keys() >= {"torch", "numpy", "python"}


def test_references_are_shared_by_a_group(whole: tuple[Study, Path]) -> None:
    rows = whole[0].rows
    assert rows[0].reference == rows[1].reference == rows[2].reference
    assert rows[0].reference_node_auroc != rows[3].reference_node_auroc
    assert len({row.node_auroc for row in rows[:3]}) == 3


def test_a_killed_study_goes_on_and_finds_the_same(
    whole: tuple[Study, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As a signal would."""

    def stop(progress: StudyProgress) -> None:
        if progress.done > 0.6:
            raise Killed

    with pytest.raises(Killed):
        simulate(SUBJECT, ASKED, BRIEF, run=tmp_path, report=stop)
    assert sorted(file.name for file in (tmp_path / "parts").iterdir()) == ["part-00000.parquet", "part-00001.parquet"]
    seen: list[StudyProgress] = []
    trained: list[int] = []

    def counted(*given: Any, **named: Any) -> Results:
        trained.append(1)
        return train_students(*given, **named)

    monkeypatch.setattr("concepts.simulatability.study.train_students", counted)
    study = simulate(SUBJECT, ASKED, BRIEF, run=tmp_path, report=seen.append)
    assert study.rows == whole[0].rows
    assert len(trained) == 2
    assert seen[0].done > 0.5
    assert len(seen[0].rows) == 3
    assert [p.done for p in seen] == sorted(p.done for p in seen)
    assert (seen[-1].done, seen[-1].rows) == (1.0, study.rows)
    simulate(SUBJECT, ASKED, BRIEF, run=tmp_path)
    assert len(trained) == 2


def test_a_folder_of_another_study_is_refused(whole: tuple[Study, Path], tmp_path: Path) -> None:
    run = whole[1]
    with pytest.raises(ValueError, match="holds a study with other seed; expected the same, or another folder"):
        simulate(SUBJECT, ASKED, replace(BRIEF, seed=1), run=run)
    with pytest.raises(ValueError, match="other conditions"):
        simulate(SUBJECT, ASKED[:1], BRIEF, run=run)
    with pytest.raises(ValueError, match="other graphs and explanations"):
        simulate(generated_subject("rb_adv_motifs", 60, 2), ASKED, BRIEF, run=run)
    (tmp_path / "run.json").write_text('{"model": 1}')
    with pytest.raises(ValueError, match=r"run.json that is no study's"):
        simulate(SUBJECT, ASKED, BRIEF, run=tmp_path)


def test_students_that_are_shown_the_same_from_the_same_start_do_not_differ() -> None:
    asked = [Condition("truth", 6, reference="truth"), Condition("truth", 6, reference="truth", start=1)]
    same, other = simulate(SUBJECT, asked, BRIEF).rows
    assert same.score is not None
    assert other.score is not None
    np.testing.assert_allclose(same.explained, same.reference, atol=1e-9)
    assert (same.score.low, same.score.high) == (0, 0)
    assert other.node_auroc != other.reference_node_auroc
    assert same.node_auroc == pytest.approx(same.reference_node_auroc)


def test_all_noise_is_no_longer_the_truth() -> None:
    clean, noisy, wrong = simulate(
        SUBJECT,
        [Condition("truth", 6), Condition("truth", 6, noise=1.0), Condition("truth", 6, adversarial=1.0)],
        BRIEF,
    ).rows
    (only_wrong,) = simulate(SUBJECT, conditions(["adversarial"], [6]), BRIEF).rows
    assert clean.node_auroc != noisy.node_auroc
    np.testing.assert_allclose(wrong.explained, only_wrong.explained, atol=1e-9)


def test_depth_parts_and_kind_are_taken_to_heart() -> None:
    asked = conditions(["truth"], [6], layers=[1, 2], masks=["both", "nodes", "edges"], students=["megan", "gcn"])
    rows = simulate(SUBJECT, asked, BRIEF).rows
    assert len(rows) == 12
    assert len({row.reference_node_auroc for row in rows}) == 4
    assert len({row.node_auroc for row in rows}) == 12
    assert all(row.score is not None and row.failed == 0 for row in rows)


def test_values_are_judged_by_r2() -> None:
    subject = generated_subject("rb_dual_motifs", 40, 1)
    study = simulate(subject, conditions(["truth"], [10]), BRIEF)
    assert study.metric == "R2"
    assert max(study.rows[0].reference) < 1


def test_draws_are_fresh_apart_and_nested() -> None:
    small, large = (draws(60, size, BRIEF) for size in (4, 8))
    assert small[0].shape == (3, 4)
    assert small[1].shape == (3, 12)
    assert (small[0] == large[0][:, :4]).all()
    assert (small[1] == large[1]).all()
    assert not (large[0][0] == large[0][1]).all()
    for train, valid in zip(*large, strict=True):
        assert not set(train) & set(valid)


def test_one_class_in_a_draw_is_a_failed_repetition_that_is_counted() -> None:
    labels = np.zeros(60)
    train, _ = draws(60, 4, BRIEF)
    labels[train[0][:2]] = 1
    labels[[i for i in range(60) if i not in train]] = np.arange(60 - len(np.unique(train))) % 2
    labels[train[1]] = 0
    labels[train[2][:1]] = 1
    labels[train[0][:2]] = 1
    labels[train[1]] = 0
    assert len(np.unique(labels[train[1]])) == 1
    (row,) = simulate(replace(SUBJECT, labels=labels), conditions(["random"], [4]), BRIEF).rows
    assert row.failed == 3 - len(row.counted) >= 1
    assert 1 not in row.counted
    assert row.problem.endswith("training graphs are of class star; expected at least two")
    record = row.record()
    assert record["failed"] == row.failed
    assert record["repetitions"] == len(row.counted)


def test_a_training_that_runs_away_is_counted_and_not_scored() -> None:
    settings = replace(BRIEF, training=TrainingSettings(epochs=3, measured_epochs=1, learning_rate=1e30))
    (row,) = simulate(SUBJECT, conditions(["truth"], [6]), settings).rows
    record = row.record()
    assert row.failed == 3
    assert record["score"] is None
    assert record["repetitions"] == 0
    assert "ran away" in record["problem"]


def test_rows_pair_by_repetition() -> None:
    condition = Condition("random", 4)

    def table(performances: list[float], order: list[int]) -> pd.DataFrame:
        problem = ["" if math.isfinite(value) else "why" for value in performances]
        frame = pd.DataFrame({
            "repetition": range(len(performances)), "performance": performances, "problem": problem,
            "node_auroc": 0.5, "edge_auroc": 0.5,
        })  # fmt: skip
        return frame.iloc[order]

    reference = table([0.1, 0.2, 0.3, math.nan], [3, 1, 0, 2])
    row = score_row(condition, reference, table([0.2, math.nan, 0.5, 0.9], [0, 1, 2, 3]), 0)
    assert (row.counted, row.reference, row.explained, row.failed) == ((0, 2), (0.1, 0.3), (0.2, 0.5), 2)
    assert row.problem == "why"
    full = score_row(condition, table([0.1, 0.2, 0.3, 0.4], [0, 1, 2, 3]), table([0.1, 0.2, 0.3, 0.4], [0, 1, 2, 3]), 0)
    assert compared(row, full).score == pytest.approx(0.15)
    assert compared(row, full).repetitions == 2
    with pytest.raises(ValueError, match="expected the same"):
        compared(row, replace(full, condition=Condition("random", 5)))


def test_wrong_questions_are_named(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match="rb_adv_motifs has 60 graphs; expected at least 112: 100 to learn from and 12"
    ):
        simulate(SUBJECT, conditions(["truth"], [100]), BRIEF)
    with pytest.raises(ValueError, match="all 60 graphs have the label 1"):
        simulate(replace(SUBJECT, labels=np.ones(60)), ASKED, BRIEF)
    with pytest.raises(ValueError, match="the label of graph 7 is not finite"):
        simulate(replace(SUBJECT, labels=np.where(np.arange(60) == 7, np.nan, SUBJECT.labels)), ASKED, BRIEF)
    np.savez(tmp_path / "short.npz", nodes=np.ones((5, 2)))
    with pytest.raises(ValueError, match=r"mask file short.npz have shape \(5, 2\)"):
        simulate(SUBJECT, conditions([f"file:{tmp_path / 'short.npz'}"], [4]), BRIEF)
    usual: dict[str, Any] = {"explainers": ["truth"], "sizes": [5]}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"explainers": []}, "explainers is empty"),
        ({"sizes": [0]}, "size is 0; expected at least 1"),
        ({"noises": [2.0]}, "noise is 2.0; expected 0 to 1"),
        ({"masks": ["all"]}, "masks is 'all'; expected one of both, nodes, edges"),
        ({"students": ["mlp"]}, "student is 'mlp'"),
        ({"explainers": ["lime"]}, "explainer is 'lime'"),
    ]
    for given, sentence in wrong:
        with pytest.raises(ValueError, match=sentence):
            conditions(**(usual | given))
    with pytest.raises(ValueError, match="repetitions is 1; expected at least 2"):
        StudySettings(repetitions=1)
    with pytest.raises(ValueError, match="conditions is empty"):
        simulate(SUBJECT, [], BRIEF)


def test_the_published_sweep_asks_each_question_once() -> None:
    asked = published_sweep("truth", 25)
    assert len(asked) == len(set(asked)) == 15
    assert sorted({c.size for c in asked}) == [10, 25, 50, 100, 200]
    assert sorted(c.noise for c in asked if c.noise) == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert sorted(c.adversarial for c in asked if c.adversarial) == [0.2, 0.4, 0.6, 0.8, 1.0]
