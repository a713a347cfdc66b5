"""A command line over the fake predictor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import megan.predictor
from app.cli import main
from concepts import storage
from tests.app import fake_results


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def no_concepts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No set of concepts is there but those that a test writes."""
    monkeypatch.setattr(storage, "SHIPPED", tmp_path / "shipped-concepts")
    folder = tmp_path / "own-concepts"
    monkeypatch.setenv("WHYMOL_CONCEPTS", str(folder))
    return folder


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command in this process."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return run


@pytest.fixture
def fake_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the shipped models, quick and known."""
    monkeypatch.setattr(megan.predictor, "Predictor", fake_results.FakePredictor)
    monkeypatch.setattr(megan.predictor, "predict_rows", fake_results.predict_rows)
    monkeypatch.setattr(megan.predictor, "shipped_tasks", lambda: ("aggregation", "mutagenicity"))
