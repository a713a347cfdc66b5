"""What ADMET-AI takes for a chunk of a library: the five networks that answer for Ames among others, and everything.

Runs in the environment `admet_ai` of `benchmarks.peers.environments`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from admet_ai import ADMETModel  # type: ignore[import-not-found]
from admet_ai.constants import DEFAULT_MODELS_DIR  # type: ignore[import-not-found]

from benchmarks.peers.screening_exchange import Timed, Work, serve

AMES = "admet_classification"
"""The committee of five whose outputs include AMES; the regressions are the other one."""


def predict(model: ADMETModel) -> Work:
    """Its `predict`."""

    def work(smiles: list[str]) -> Timed:
        def run() -> None:
            model.predict(smiles)

        return run

    return work


def ready(folder: Path) -> Mapping[str, Work]:
    """Both uses; num_workers 0 is its own default without a GPU."""
    torch.set_num_threads(1)
    (folder / AMES).symlink_to(Path(DEFAULT_MODELS_DIR) / AMES)
    ames = ADMETModel(models_dir=folder, include_physchem=False, drugbank_path=None, num_workers=0)
    return {"admet_ai, AMES": predict(ames), "admet_ai, everything": predict(ADMETModel(num_workers=0))}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        serve(lambda: ready(Path(scratch)))
