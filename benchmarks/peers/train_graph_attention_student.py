"""graph_attention_student's MEGAN with all its losses, in the shape and with the factors that its authors published.

Runs in the environment `graph_attention_student` of `benchmarks.peers.environments`. Its own schedule (100 epochs at a
learning rate of 1e-5 and up) cannot be paid here, so the class's default rate of 1e-3 serves; of the epochs that fit
into the time limit the one with the best validation score predicts, which the package itself would not choose.
"""

from __future__ import annotations

import copy
import random
import time
from typing import Any

import numpy as np
import pytorch_lightning as pl  # type: ignore[import-not-found]
from graph_attention_student.assets.molecule_processing import (  # type: ignore[import-not-found]
    VgdMoleculeProcessing,
)
from graph_attention_student.torch.data import data_list_from_graphs  # type: ignore[import-not-found]
from graph_attention_student.torch.megan import Megan  # type: ignore[import-not-found]
from sklearn.metrics import roc_auc_score
from torch_geometric.loader import DataLoader  # type: ignore[import-not-found]

from benchmarks.peers.exchange import Job, read_job, write_answer

SHARED = {
    "hidden_units": 128, "projection_units": [64, 128], "num_channels": 2, "importance_factor": 1.0,
    "fidelity_factor": 0.1, "contrastive_factor": 1.0, "learning_rate": 1e-3,
}  # fmt: skip
PUBLISHED: dict[str, dict[str, Any]] = {
    "classification": {"units": [64, 64, 64], "final_units": [128, 64, 2], "importance_offset": 0.5,
                       "sparsity_factor": 1.0},
    "regression": {"units": [128, 128, 128], "final_units": [128, 64, 1], "importance_offset": 1.0,
                   "sparsity_factor": 0.2, "normalize_embedding": True},
}  # fmt: skip
BATCH = {"classification": 64, "regression": 32}
ASKED_AT_ONCE = 64
"""Its inference takes time with the square of the batch."""


def graphs(job: Job, rows: list[int]) -> list[dict[str, Any]]:
    """The package's own features; one hot labels for classes."""
    processing = VgdMoleculeProcessing()
    made = []
    for row in rows:
        graph = processing.process(job.smiles[row])
        label = job.labels[row]
        graph["graph_labels"] = np.array([label] if job.settings["kind"] == "regression" else [1 - label, label])
        made.append(graph)
    # Without a bond the package leaves out the second axis, on which whole batches of such molecules fail.
    widest = max(graph["edge_attributes"].shape[-1] for graph in made)
    for graph in made:
        graph["edge_indices"] = np.reshape(graph["edge_indices"], (-1, 2))
        graph["edge_attributes"] = np.reshape(graph["edge_attributes"], (len(graph["edge_indices"]), widest))
    return made


def answer(job: Job) -> tuple[dict[int, float], dict[str, Any]]:
    """Predictions of the valid and the test molecules by row; and what could be learned from within the limits."""
    kind, limit = job.settings["kind"], job.settings.get("limit_minutes")
    pl.seed_everything(0)
    rows = job.rows("train")
    if (most := job.settings.get("molecules")) and most < len(rows):
        rows = sorted(random.Random(0).sample(rows, most))
    start = time.process_time()
    asked = [*job.rows("valid"), *job.rows("test")]
    every = graphs(job, [*rows, *asked])
    learned, judged = len(rows), len(rows) + len(job.rows("valid"))
    train, valid, test = every[:learned], every[learned:judged], every[judged:]
    prepared = time.process_time() - start
    regression = {"regression_reference": float(np.mean([job.labels[row] for row in rows]))}
    model = Megan(
        node_dim=train[0]["node_attributes"].shape[1], edge_dim=train[0]["edge_attributes"].shape[1],
        importance_mode=kind, prediction_mode=kind,
        **SHARED, **PUBLISHED[kind], **(regression if kind == "regression" else {}),
    )  # fmt: skip
    truth = np.array([job.labels[row] for row in job.rows("valid")])
    seconds: list[float] = []
    scores: list[float] = []
    best: dict[str, Any] = {}

    def before(_trainer: Any, _network: Any) -> None:
        seconds.append(-time.process_time())

    def after(trainer: Any, network: Any) -> None:
        seconds[-1] += time.process_time()
        network.eval()
        said = outputs(network, valid, kind)
        network.train()
        right = -np.sqrt(np.mean((said - truth) ** 2)) if kind == "regression" else roc_auc_score(truth, said)
        scores.append(float(right))
        if scores[-1] == max(scores):
            best.update(copy.deepcopy(network.state_dict()))
        print(f"epoch {len(seconds)}: {seconds[-1]:.0f} s, valid {scores[-1]:.4f}", flush=True)
        # The next epoch would take as long as this one.
        trainer.should_stop = limit is not None and sum(seconds) + seconds[-1] > 60 * limit

    trainer = pl.Trainer(
        max_epochs=job.settings["epochs"],
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[pl.callbacks.LambdaCallback(on_train_epoch_start=before, on_train_epoch_end=after)],
    )
    batch = BATCH[kind]
    # Batch normalisation cannot take a last batch of one.
    loader = DataLoader(data_list_from_graphs(train), batch_size=batch, shuffle=True, drop_last=len(train) % batch == 1)
    trainer.fit(model, loader)
    model.load_state_dict(best)
    model.eval()
    said = np.concatenate([outputs(model, valid, kind), outputs(model, test, kind)])
    given = {
        "molecules": len(rows),
        "epochs": len(seconds),
        "epoch_cpu_seconds": seconds,
        "prepare_cpu_seconds": prepared,
        "valid_scores": scores,
        "parameters": sum(weights.numel() for weights in model.parameters()),
        "losses": sorted(name for name in trainer.callback_metrics if name.startswith("loss_")),
    }
    return {row: float(value) for row, value in zip(asked, said, strict=True)}, given


def outputs(model: Any, molecules: list[dict[str, Any]], kind: str) -> Any:
    """Values, or probabilities of class 1, (N,)."""
    said = model.predict_graphs(molecules, batch_size=ASKED_AT_ONCE)
    return said[:, 0] if kind == "regression" else 1 / (1 + np.exp(said[:, 0] - said[:, 1]))


if __name__ == "__main__":
    work = read_job()
    predicted, record = answer(work)
    write_answer(work, predicted, record)
