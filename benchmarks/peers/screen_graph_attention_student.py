"""What graph_attention_student takes for a chunk of a library: SMILES in, outputs and masks out.

Runs in the environment `graph_attention_student` of `benchmarks.peers.environments`. The network has the published
shape for two classes and random weights, on which no rate depends.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from graph_attention_student.torch.megan import Megan  # type: ignore[import-not-found]

from benchmarks.peers.exchange import Job
from benchmarks.peers.screening_exchange import Timed, Work, serve
from benchmarks.peers.train_graph_attention_student import ASKED_AT_ONCE, PUBLISHED, SHARED, graphs

KIND = "classification"


def features(smiles: list[str]) -> list[dict[str, Any]]:
    """The package's own."""
    job = Job(tuple(smiles), (0.0,) * len(smiles), ("test",) * len(smiles), {"kind": KIND}, Path())
    return graphs(job, list(range(len(smiles))))


def ready() -> Mapping[str, Work]:
    """One kind of work, in batches on which it is fast: its default of 1,000 takes time with the square."""
    torch.set_num_threads(1)
    [first] = features(["Cc1ccccc1"])
    model = Megan(
        node_dim=first["node_attributes"].shape[1], edge_dim=first["edge_attributes"].shape[1],
        importance_mode=KIND, prediction_mode=KIND, **SHARED, **PUBLISHED[KIND],
    )  # fmt: skip
    model.eval()

    def work(smiles: list[str]) -> Timed:
        def run() -> dict[str, Any]:
            said = model.forward_graphs(features(smiles), batch_size=ASKED_AT_ONCE)
            return {"masks": sum("node_importance" in answer for answer in said)}

        return run

    return {"graph_attention_student": work}


if __name__ == "__main__":
    serve(ready)
