"""The part of `train` that learns a generated set; its model is ground truth for methods and no task of molecules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from megan.training import Progress


def train_generated(
    name: str,
    members: int | None,
    seed: int,
    epochs: int | None,
    device: str,
    run_folder: Path | None,
    out: Path | None,
    report: Callable[[Progress], None],
) -> tuple[dict[str, Any], Path]:
    """Train a generated set by its recipe, with what the command line changes in it.

    Parameters
    ----------
    name
        Of a set in `datasets.tasks.GENERATED`.
    members, epochs
        Instead of the recipe's, if given.
    seed
        Of the first member.
    device
        cpu or cuda.
    run_folder, out
        By default runs/train-NAME, and bundle in the run folder.
    report
        Called after every epoch.

    Returns
    -------
    card, bundle
        Content of the card, and folder of the model.
    """
    from megan.generated_building import build_generated
    from megan.generated_recipes import RECIPES

    recipe = RECIPES[name]
    settings = replace(recipe.train, seed=seed, epochs=recipe.train.epochs if epochs is None else epochs)
    recipe = replace(recipe, train=settings, members=recipe.members if members is None else members)
    run = run_folder or Path("runs") / f"train-{name}"
    bundle = out or run / "bundle"
    return build_generated(name, bundle, run, recipe=recipe, device=device, report=report), bundle


def score_lines(test: dict[str, Any]) -> list[str]:
    """How true the masks are, a line a channel."""
    lines = []
    for channel, score in test.get("node_auroc", {}).items():
        if score is not None:
            lines.append(f"test node_auroc {channel}: {score['value']:.4f} ({score['low']:.4f} to {score['high']:.4f})")
    lines += [f"test sign_consistency {name}: {value:.4f}" for name, value in test.get("sign_consistency", {}).items()]
    return lines
