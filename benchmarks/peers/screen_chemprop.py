"""What chemprop's own `predict` takes for a chunk of a library; a default network that was trained for a moment.

Runs in the environment `chemprop` of `benchmarks.peers.environments`. The command is called within this process, so
that neither Python's start nor the imports, 9 seconds together, count.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from chemprop.cli.main import main  # type: ignore[import-not-found]

from benchmarks.peers.screening_exchange import Timed, Work, serve

ONE_PROCESS = ("--num-workers", "0", "--accelerator", "cpu", "--devices", "1")
LEARNED = ("CCO", "CCN", "c1ccccc1", "CC(=O)O", "CCCl", "c1ccncc1", "CCOC", "CC#N", "NCCO", "CCBr") * 5


def command(*arguments: object) -> None:
    """Run a command of chemprop here."""
    sys.argv = ["chemprop", *map(str, arguments), *ONE_PROCESS]
    main()


def learn(folder: Path) -> Path:
    """A network of default shape: of its weights, no rate depends."""
    write(folder / "table.csv", ("smiles", "label"), [(text, row % 2) for row, text in enumerate(LEARNED)])
    command("train", "--data-path", folder / "table.csv", "--task-type", "classification", "--epochs", 3,
            "--output-dir", folder / "run")  # fmt: skip
    return folder / "run" / "model_0" / "best.pt"


def predict(folder: Path, model: Path, *more: str) -> Work:
    """Its `predict` on a csv file, to a csv file, with its default batch."""

    def work(smiles: list[str]) -> Timed:
        write(folder / "asked.csv", ("smiles",), [(text,) for text in smiles])

        def run() -> None:
            command("predict", "--test-path", folder / "asked.csv", "--model-paths", model, "--preds-path",
                    folder / "said.csv", *more)  # fmt: skip

        return run

    return work


def write(file: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a csv file."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows(rows)


def ready(folder: Path) -> Mapping[str, Work]:
    """Both of its featurisers."""
    torch.set_num_threads(1)
    model = learn(folder)
    return {
        "chemprop": predict(folder, model),
        "chemprop, cuik-molmaker": predict(folder, model, "--use-cuikmolmaker-featurization"),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        serve(lambda: ready(Path(scratch)))
