"""What a peer's search for counterfactuals is given and gives back, by the standard library alone.

The peer's program calls `serve` with its own search; the predictor runs as another process, asked line by line.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path


class Asked:
    """The predictor, with a count of what it was asked."""

    def __init__(self, command: Sequence[str]) -> None:
        # Its packages are those of our interpreter, not of the peer's.
        env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env)
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
        said: list[float | None] = json.loads(line)
        self.predictions += len(smiles)
        self.answers.update(zip(smiles, said, strict=True))
        return said

    def close(self) -> None:
        """End the predictor, which reads until its questions end."""
        self._process.communicate()

    def forget(self) -> None:
        """Begin a new molecule."""
        self.predictions, self.answers = 0, {}


def serve(search: Callable[[str, Asked, float], None], arguments: Sequence[str] | None = None) -> None:
    """Search from every molecule of a job and write what the predictor was asked, with its answers.

    Parameters
    ----------
    search
        Takes a SMILES, the predictor and seconds; everything that it asks about is a candidate.
    arguments
        Of the command line.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("--job", type=Path, required=True, help="json: a list of objects with start and seconds")
    parser.add_argument("--predictor", required=True, help="json: the command that answers questions")
    parser.add_argument("--out", type=Path, required=True, help="json that gets the answers")
    given = parser.parse_args(arguments)
    ask = Asked(json.loads(given.predictor))
    # The first question loads the model and compiles; nobody waits for that twice.
    ask(["Cc1ccccc1"])
    found = []
    for row in json.loads(given.job.read_text(encoding="utf-8")):
        ask.forget()
        began = time.perf_counter()
        failure = None
        try:
            search(row["start"], ask, row["seconds"])
        except Exception as error:  # noqa: BLE001  # what a peer cannot do is part of the comparison
            failure = f"{type(error).__name__}: {error}"[:200]
        seconds = time.perf_counter() - began
        found.append(
            {"start": row["start"], "asked": ask.answers, "predictions": ask.predictions, "seconds": seconds,
             "failure": failure}
        )  # fmt: skip
    ask.close()
    given.out.write_text(json.dumps(found), encoding="utf-8")
