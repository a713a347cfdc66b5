"""The progress file: how far, how long, and robust against what a killed training leaves behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.training.progress import FILE, TrainingProgress, read_progress, write_progress


def _epoch(member: int, epoch: int, seconds: float = 2.0) -> dict[str, float]:
    return {"member": member, "epoch": epoch, "seconds": seconds, "valid_score": 0.5}


def test_nothing_is_known_before_the_first_epoch() -> None:
    progress = TrainingProgress(3, 10)
    assert (progress.fraction, progress.remaining, progress.member) == (0, None, 0)


def test_fraction_and_time_count_all_members() -> None:
    progress = TrainingProgress(3, 10, [_epoch(0, 0), _epoch(1, 4)])
    assert progress.fraction == pytest.approx(0.5)
    assert progress.remaining == pytest.approx(30)
    progress.add(_epoch(2, 9))
    assert (progress.fraction, progress.remaining) == (1, 0)


def test_an_epoch_that_is_done_again_replaces_the_old_one_and_all_after_it() -> None:
    progress = TrainingProgress(2, 10, [_epoch(0, 0), _epoch(0, 1), _epoch(0, 2)])
    progress.add(_epoch(0, 1, 9.0))
    assert [(row["epoch"], row["seconds"]) for row in progress.log] == [(0, 2.0), (1, 9.0)]


def test_file_keeps_everything(tmp_path: Path) -> None:
    progress = TrainingProgress(2, 5, [_epoch(0, 0)], ["1 row left out."], "an error")
    write_progress(tmp_path, progress)
    assert read_progress(tmp_path) == progress


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"members": 0, "epochs": 1}', '{"members": 1, "other": 2}'])
def test_a_file_that_is_no_progress_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert read_progress(tmp_path) is None
