"""Which bundles come with the package; known without loading any, so that pages can be drawn before torch is."""

from __future__ import annotations

from pathlib import Path

PRETRAINED = Path(__file__).parent / "pretrained"
"""Bundles of the chemist's tasks, a folder each."""
PRETRAINED_GENERATED = Path(__file__).parent / "pretrained_generated"
"""Bundles of the generated sets, which are no chemistry: apart, so that nobody is offered them for molecules."""


def shipped_names(folder: Path) -> tuple[str, ...]:
    """Names of the bundles in one of these folders, in alphabetical order; empty where there is no folder."""
    return tuple(sorted(card.parent.name for card in folder.glob("*/card.json")))
