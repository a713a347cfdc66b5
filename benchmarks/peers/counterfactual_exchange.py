"""What a peer's search for counterfactuals is given and gives back, by the standard library alone.

The peer's program calls `serve` with its own search; the predictor runs as another process, asked line by line. Time is
counted in seconds that processors worked, of both together, so that a busy machine takes nothing from anybody.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Start:
    """One molecule to search from."""

    smiles: str
    seconds: float
    """Processor seconds, of the search and of the predictor together."""
    threshold: float
    """Probability from which the verdict is positive."""


class Asked:
    """The predictor, with a count of what it was asked."""

    def __init__(self, command: Sequence[str]) -> None:
        # Its packages are those of our interpreter, not of the peer's.
        env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
        self._worked = self._worked_before = 0.0
        self._began = time.process_time()
        self.predictions = 0
        self.answers: dict[str, float | None] = {}

    def __call__(self, smiles: Sequence[str]) -> list[float | None]:
        """Probabilities of class 1, in the order of the SMILES; None for text that is no molecule."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(list(smiles)) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the predictor ended early")
        told = json.loads(line)
        said: list[float | None] = told["said"]
        self._worked = told["cpu_s"]
        self.predictions += len(smiles)
        self.answers.update(zip(smiles, said, strict=True))
        return said

    def spent(self) -> float:
        """Processor seconds of this process and of the predictor since the molecule began."""
        return time.process_time() - self._began + self._worked - self._worked_before

    def close(self) -> None:
        """End the predictor, which reads until its questions end."""
        self._process.communicate()

    def forget(self) -> None:
        """Begin a new molecule."""
        self.predictions, self.answers = 0, {}
        self._began, self._worked_before = time.process_time(), self._worked


def serve(search: Callable[[Start, Asked], Sequence[str]], arguments: Sequence[str] | None = None) -> None:
    """Search from every molecule of a job and write, a line each, what the predictor was asked, with its answers.

    Parameters
    ----------
    search
        Takes a molecule and the predictor; everything that it asks about is a candidate. It gives back the molecules
        that the tool itself would show.
    arguments
        Of the command line.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True, help="json: a list of the fields of Start")
    parser.add_argument("--predictor", required=True, help="json: the command that answers questions")
    parser.add_argument("--out", type=Path, required=True, help="file to which a line a molecule is added")
    given = parser.parse_args(arguments)
    ask = Asked(json.loads(given.predictor))
    # The first question loads the model and compiles; nobody waits for that twice.
    ask(["Cc1ccccc1"])
    for row in json.loads(given.job.read_text(encoding="utf-8")):
        start = Start(**row)
        ask.forget()
        shown: list[str] = []
        failure = None
        try:
            shown = list(search(start, ask))
        except Exception as error:  # noqa: BLE001  # what a peer cannot do is part of the comparison
            failure = f"{type(error).__name__}: {error}"[:200]
        found = {"start": start.smiles, "allowed": start.seconds, "asked": ask.answers, "shown": shown,
                 "predictions": ask.predictions, "seconds": ask.spent(), "failure": failure}  # fmt: skip
        with given.out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
    ask.close()
