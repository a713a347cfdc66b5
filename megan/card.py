"""The card of a bundle: what a trained committee is, for people and programs, read without loading a network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from datasets.tasks import Task
from megan.files import write_beside
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED, shipped_names

FORMAT = 1


class BundleError(ValueError):
    """A bundle is missing, incomplete, or from another version."""


def task_of(card: dict[str, Any]) -> Task:
    """The task that a card describes."""
    fields = dict(card["task"])
    fields["channels"] = tuple(fields["channels"])
    return Task(**fields)


def shipped_tasks() -> tuple[str, ...]:
    """Names of the bundles that come with the package, in alphabetical order."""
    return shipped_names(PRETRAINED)


def bundle_folder(name_or_path: str | Path) -> Path:
    """The folder of a shipped task's bundle, of one of the user's own by its name, or of a bundle anywhere on disk.

    Raises
    ------
    BundleError
        If there is none.
    """
    shipped = PRETRAINED / str(name_or_path)
    own = own_bundles()
    for folder in (shipped, Path(name_or_path), own.get(str(name_or_path))):
        if folder is not None and (folder / "card.json").is_file():
            return folder
    raise BundleError(
        f"bundle is {str(name_or_path)!r}; expected one of {', '.join((*shipped_tasks(), *own)) or 'no shipped bundle'}"
        ", or a folder with a card.json"
    )


def read_card(name_or_path: str | Path) -> dict[str, Any]:
    """The card alone, without loading weights.

    Raises
    ------
    BundleError
        If there is no bundle, the card is broken, or its format is another one.
    """
    return card_in(bundle_folder(name_or_path))


def card_in(folder: Path) -> dict[str, Any]:
    """The card of a folder that has one.

    Raises
    ------
    BundleError
        If the card is broken, or its format is another one.
    """
    file = folder / "card.json"
    try:
        card: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BundleError(f"{file.parent.name}/card.json is not valid JSON: {error}") from error
    if card.get("format") != FORMAT:
        raise BundleError(
            f"{file.parent.name}/card.json has format {card.get('format')!r}; expected {FORMAT}: train it again with "
            "this version, or use the version that wrote it"
        )
    return card


def save_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write a card; it comes last, since a folder counts as a bundle from then on."""
    with write_beside(folder / "card.json") as beside:
        beside.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
