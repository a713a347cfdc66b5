"""The stages that Ray runs, without Ray: parts in, what became of them out, and machines that may not take part."""

from __future__ import annotations

import copy
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.screening.engines.handing_over import HandingOver
from app.screening.engines.ray_stages import Errand, Screen, Told, load_same_work, read
from app.screening.run_folder import Run, RunError, make_run
from app.screening.settings import ScreenSettings
from tests.app.screening import engine_work
from tests.app.screening.engine_work import content, made_up_run

START = {"run": np.array([0])}


@contextmanager
def _actor(errand: Errand) -> Iterator[Screen]:
    actor = Screen(errand)
    try:
        yield actor
    finally:
        actor.end()


def _told(errand: Errand) -> list[Told]:
    with _actor(errand) as actor:
        return [told for batch in read(START, errand) for told in Told.of(actor(batch))]


@pytest.mark.usefixtures("quick_workers")
def test_parts_that_are_left_are_done_and_told(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, [*["CCO"] * 7, "crash", "CCO", *["CCO"] * 8])
    told = _told(Errand(run, (0, 3), engine_work.plain, None))
    assert told == [Told(1, 5, {7: "crashed"}, ""), Told(2, 5, {}, "")]
    assert list(run.parts()) == [1, 2]


@pytest.mark.usefixtures("quick_workers")
def test_parts_are_handed_over_where_no_folder_is_shared(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO"] * 7)
    elsewhere = Run(tmp_path / "nowhere", run.record)
    place = HandingOver(str(tmp_path / "place"), "one")
    assert [told.rows for told in _told(Errand(elsewhere, (), engine_work.plain, place))] == [5, 2]
    for number in place.waiting():
        place.take(number, run)
    assert [row["row"] for row in content(run)] == list(range(7))


@pytest.mark.usefixtures("quick_workers")
def test_why_a_run_cannot_go_on_is_told(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO", "bug"])
    assert "KeyError" in _told(Errand(run, (), engine_work.plain, None))[0].failed
    elsewhere = Run(tmp_path / "nowhere", run.record)
    assert "does not see" in _told(Errand(elsewhere, (), engine_work.plain, None))[0].failed
    file = tmp_path / "cut.smi.gz"
    file.write_bytes(gzip.compress(b"".join(b"CCO %d\n" % n for n in range(50_000)))[:-5000])
    damaged = make_run(tmp_path / "cut", file, ScreenSettings(("mutagenicity",)))
    [*parts, last] = read(START, Errand(damaged, (), engine_work.plain, None))
    assert parts
    assert not any(part["failed"][0] for part in parts)
    assert "cut off or damaged" in last["failed"][0]


def test_a_machine_with_other_models_may_not_take_part(tmp_path: Path) -> None:
    run = made_up_run(tmp_path, ["CCO"])
    record = copy.deepcopy(run.record)
    record["models"][0]["sha256"]["weights.safetensors"] = "0" * 64
    with pytest.raises(RunError, match="cannot take part: the model of mutagenicity changed"):
        load_same_work(Run(run.folder, record))
    record = copy.deepcopy(run.record)
    record["versions"]["rdkit"] = "2001.1"
    with pytest.raises(RunError, match="cannot take part: .* was started with rdkit 2001.1"):
        load_same_work(Run(run.folder, record))
