"""Committees that learned a generated set, whose causes are known: ground truth for methods that explain or cluster.

They are shipped apart from the models of molecules, in `megan/pretrained_generated`, and hold card.json and
weights.safetensors only: graphs that are no molecules have neither fingerprints nor a measured record.

Examples
--------
>>> from megan.generated_models import load_generated
>>> model = load_generated("rb_dual_motifs")
>>> test = model.graphs().part("test")
>>> model.ask(test.batch).node_importance.shape
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.explained import ExplainedSet
from datasets.featurize import FlatBatch
from datasets.synthetic import GENERATORS
from datasets.tasks import Task
from megan.bundle import load_members, save_members
from megan.card import BundleError, card_in, save_card, task_of
from megan.committee import CommitteeOutput, ask
from megan.model import Megan
from megan.shipped import PRETRAINED_GENERATED, shipped_names


@dataclass(frozen=True, slots=True)
class GeneratedModel:
    """A committee with the card that says what it learned."""

    task: Task
    card: dict[str, Any]
    members: tuple[Megan, ...]
    """In evaluation mode."""

    def ask(self, batch: FlatBatch) -> CommitteeOutput:
        """Outputs (log-odds of class 1, or values), masks, fidelities and embeddings of every graph."""
        return ask(self.members, batch)

    def graphs(self) -> ExplainedSet:
        """Draw the set again that the members were trained, chosen and tested on; its `part("test")` is new to them.

        Raises
        ------
        BundleError
            If this version draws other graphs than the card states.
        """
        data = self.card["data"]
        drawn = GENERATORS[data["generator"]](int(data["graphs"]), int(data["seed"]))
        if drawn.sha256() != data["sha256"]:
            raise BundleError(
                f"{data['generator']} with {data['graphs']} graphs and seed {data['seed']} has the sha256 "
                f"{drawn.sha256()}; expected {data['sha256']}: train it again with this version"
            )
        return drawn


def load_generated(name_or_path: str | Path) -> GeneratedModel:
    """Load a shipped model by the name of its set, or any by its folder.

    Raises
    ------
    BundleError
        If there is none, it is incomplete or broken, or it is the model of a measured task.
    """
    shipped = PRETRAINED_GENERATED / str(name_or_path)
    folder = next((f for f in (shipped, Path(name_or_path)) if (f / "card.json").is_file()), None)
    if folder is None:
        known = ", ".join(shipped_names(PRETRAINED_GENERATED)) or "no shipped one"
        raise BundleError(f"generated model is {str(name_or_path)!r}; expected {known}, or a folder with a card.json")
    card = card_in(folder)
    if card.get("data", {}).get("generator") not in GENERATORS:
        raise BundleError(
            f"{folder.name}/card.json names no generated set; expected one of {', '.join(GENERATORS)}: models of "
            "measured tasks are loaded by megan.Predictor"
        )
    return GeneratedModel(task_of(card), card, load_members(folder, card))


def save_generated(folder: Path, model: GeneratedModel) -> None:
    """Write a model; each file is written beside and renamed, the card last."""
    save_members(folder, model.members)
    save_card(folder, model.card)
