"""From a generated set to a committee in a folder: draw, train the members, hold their masks against the truth, write.

The run folder keeps a checkpoint per member, so a training that was killed goes on where it stood.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from datasets.explained import ExplainedSet
from datasets.splits import SPLITS
from datasets.synthetic import GENERATORS
from datasets.tasks import GENERATED
from megan.card import FORMAT
from megan.committee import CommitteeOutput
from megan.files import write_beside
from megan.generated_models import GeneratedModel, save_generated
from megan.generated_recipes import RECIPES, GeneratedRecipe
from megan.mask_metrics import mask_size, node_auroc, sign_consistency
from megan.metrics import auroc, bootstrap_interval, r2, rmse
from megan.run_claim import claim_run
from megan.training import LabelledSet, Progress, train_member

Floats = npt.NDArray[np.float64]

PACKAGES = ("torch", "numpy", "safetensors")
BOOTSTRAP = 1000


def build_generated(
    name: str,
    out: Path,
    run: Path,
    *,
    recipe: GeneratedRecipe | None = None,
    device: str = "cpu",
    report: Callable[[Progress], None] = lambda progress: None,
) -> dict[str, Any]:
    """Train a committee on a generated set and write it.

    Parameters
    ----------
    name
        Of a set in `datasets.tasks.GENERATED`.
    out, run
        Folder of the model; folder of checkpoints and log.
    recipe
        Size of the set, how to train, the network's shape; by default as the shipped model was made.
    device
        "cpu" or "cuda".
    report
        Called after every epoch.

    Returns
    -------
    card
        The content of card.json.

    Raises
    ------
    ValueError
        If there is no such set, it is too small, or the run folder belongs to other settings.
    """
    if name not in GENERATED:
        raise ValueError(f"set is {name!r}; expected one of {', '.join(GENERATED)}")
    recipe = recipe or RECIPES[name]
    start = time.perf_counter()
    task = GENERATED[name]
    data = GENERATORS[name](recipe.graphs, recipe.drawn_with)
    parts = {split: data.part(split) for split in SPLITS}
    for split, part in parts.items():
        if len(np.unique(part.labels)) < 2:
            raise ValueError(f"split {split!r} of {len(data)} graphs holds fewer than two labels; expected more graphs")
    shape = dataclasses.replace(recipe.model, channels=len(task.channels), regression=task.kind == "regression")
    drawn = {"generator": name, "graphs": len(data), "seed": recipe.drawn_with, "sha256": data.sha256()}
    asked = {"model": dataclasses.asdict(shape), "train": dataclasses.asdict(recipe.train)}
    seeds = [recipe.train.seed + member for member in range(recipe.members)]
    claim_run(run, {"data": drawn, **asked})
    train, valid = (LabelledSet(parts[split].batch, parts[split].labels) for split in ("train", "valid"))
    networks, log = [], []
    for member, seed in enumerate(seeds):
        network, rows = train_member(
            train,
            valid,
            shape,
            recipe.train.with_seed(seed),
            member=member,
            folder=run,
            device=device,
            report=report,
        )
        networks.append(network)
        log += rows
        with write_beside(run / "log.json") as beside:
            beside.write_text(json.dumps(log, indent=1), encoding="utf-8")
    card: dict[str, Any] = {
        "format": FORMAT,
        "task": dataclasses.asdict(task),
        "created": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version()} | {package: version(package) for package in PACKAGES},
        "data": {**drawn, "rows": {split: len(part) for split, part in parts.items()}},
        "settings": asked,
        "seeds": seeds,
        "members": recipe.members,
        "training": {
            "seconds": round(sum(float(row["seconds"]) for row in log), 1),
            "wall_seconds": round(time.perf_counter() - start, 1),
            "epochs": [sum(1 for row in log if row["member"] == member) for member in range(recipe.members)],
            "log": [{key: round(value, 5) for key, value in row.items()} for row in log],
        },
    }
    model = GeneratedModel(task, card, tuple(networks))
    card["test"] = judged(parts["test"], model.ask(parts["test"].batch))
    save_generated(out, model)
    return card


def judged(data: ExplainedSet, answer: CommitteeOutput) -> dict[str, Any]:
    """What a card says of a test split: how good the committee is, and how true its masks are.

    Parameters
    ----------
    data
        Graphs with their causes.
    answer
        The committee's answer about them.

    Returns
    -------
    dict
        n; auroc, or r2 and rmse, with 95 % bootstrap intervals; by channel: node_auroc, the mean over the graphs where
        the channel has a cause, with its interval and their number; sign_consistency, the share of graphs in which the
        channel moves the output its own way; median_size, the median share of atoms that its mask points at where it
        has a cause, and true_size, that of the cause.
    """
    labels = data.labels.astype(np.float64)
    output = answer.outputs.mean(axis=0).astype(np.float64)
    found: dict[str, Any] = {"n": len(data)}
    for title, metric in (("r2", r2), ("rmse", rmse)) if data.kind == "regression" else (("auroc", auroc),):
        interval = bootstrap_interval(metric, labels, output, n=BOOTSTRAP, seed=0)
        found[title] = _rounded(interval.value, interval.low, interval.high)
    offsets = data.batch.atom_offsets
    masks = np.split(answer.node_importance.astype(np.float64), offsets[1:-1])
    sizes = mask_size(answer.node_importance, offsets)
    signs = sign_consistency(answer.fidelity)
    by_channel: dict[str, dict[str, Any]] = {
        "node_auroc": {}, "sign_consistency": {}, "median_size": {}, "true_size": {},
    }  # fmt: skip
    for k, channel in enumerate(data.channels):
        causes = [valid[:, :, k] for valid in data.node_masks]
        caused = [g for g, valid in enumerate(causes) if valid.any()]
        scores = [node_auroc(masks[g][:, k], causes[g]) for g in caused]
        by_channel["node_auroc"][channel] = _mean_interval([score for score in scores if score is not None])
        by_channel["sign_consistency"][channel] = round(float(signs[k]), 5)
        by_channel["median_size"][channel] = round(float(np.median(sizes[caused, k])), 5) if caused else None
        true = [causes[g].any(axis=0).mean() for g in caused]
        by_channel["true_size"][channel] = round(float(np.median(true)), 5) if caused else None
    return found | by_channel


def _mean_interval(values: list[float]) -> dict[str, float | int] | None:
    if not values:
        return None
    array = np.array(values)
    means = array[np.random.default_rng(0).integers(0, len(array), (BOOTSTRAP, len(array)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {**_rounded(float(array.mean()), float(low), float(high)), "graphs": len(values)}


def _rounded(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5)}
