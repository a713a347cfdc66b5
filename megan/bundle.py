"""A trained committee on disk: a card that people and programs read, and safetensors. Nothing is unpickled.

- card.json: task, data, settings, seeds, versions, calibration, test results
- weights.safetensors: every member's weights, named member.<i>.<parameter>
- trust.safetensors: conformal scores; fingerprints, labels, splits and key hashes of the measured compounds
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import safetensors.torch

from datasets.tasks import Task
from megan.calibration import Conformal
from megan.domain import MeasuredSet
from megan.files import write_beside
from megan.model import Megan, ModelSettings
from megan.own_models import own_bundles
from megan.shipped import PRETRAINED, shipped_names

FORMAT = 1


class BundleError(ValueError):
    """A bundle is missing, incomplete, or from another version."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a folder of this form holds."""

    card: dict[str, Any]
    members: tuple[Megan, ...]
    """In evaluation mode."""
    conformal: Conformal
    measured: MeasuredSet


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


def load_bundle(name_or_path: str | Path) -> Bundle:
    """Read a bundle.

    Raises
    ------
    BundleError
        If it is missing, incomplete, or does not fit its card.
    """
    folder = bundle_folder(name_or_path)
    card = read_card(name_or_path)
    if not (folder / "trust.safetensors").is_file():
        raise BundleError(f"bundle {folder.name!r} has no trust.safetensors")
    members = load_members(folder, card)
    trust = safetensors.numpy.load_file(folder / "trust.safetensors")
    scores = tuple(trust[name].astype(np.float64) for name in sorted(trust) if name.startswith("conformal."))
    measured = MeasuredSet(trust["fingerprints"], trust["labels"], trust["splits"], trust["keys"])
    return Bundle(card, members, Conformal(scores), measured)


def load_members(folder: Path, card: Mapping[str, Any]) -> tuple[Megan, ...]:
    """The networks of a folder, in evaluation mode.

    Raises
    ------
    BundleError
        If their weights are missing or do not fit the card.
    """
    if not (folder / "weights.safetensors").is_file():
        raise BundleError(f"bundle {folder.name!r} has no weights.safetensors")
    settings = dict(card["settings"]["model"])
    for field in ("projection", "head"):
        settings[field] = tuple(settings[field])
    try:
        shape = ModelSettings(**settings)
    except TypeError as error:
        raise BundleError(
            f"{folder.name}/card.json has a setting of another version ({error}): train it again with this version, or "
            "use the version that wrote it"
        ) from error
    weights = safetensors.torch.load_file(folder / "weights.safetensors")
    members = []
    for index in range(int(card["members"])):
        model = Megan(shape)
        prefix = f"member.{index}."
        try:
            model.load_state_dict({n[len(prefix) :]: w for n, w in weights.items() if n.startswith(prefix)})
        except RuntimeError as error:
            raise BundleError(f"weights of {folder.name!r} do not fit its card: {error}") from error
        members.append(model.eval())
    return tuple(members)


def save_bundle(folder: Path, bundle: Bundle) -> None:
    """Write a bundle; each file is written beside and renamed, the card last."""
    save_members(folder, bundle.members)
    trust = {f"conformal.{index}": scores.astype(np.float32) for index, scores in enumerate(bundle.conformal.scores)}
    for field in dataclasses.fields(MeasuredSet):
        trust[field.name] = getattr(bundle.measured, field.name)
    with write_beside(folder / "trust.safetensors") as beside:
        safetensors.numpy.save_file({name: np.ascontiguousarray(array) for name, array in trust.items()}, beside)
    save_card(folder, bundle.card)


def save_members(folder: Path, members: Sequence[Megan]) -> None:
    """Write the weights of a committee."""
    weights = {
        f"member.{index}.{name}": value.detach().cpu().contiguous()
        for index, model in enumerate(members)
        for name, value in model.state_dict().items()
    }
    with write_beside(folder / "weights.safetensors") as beside:
        safetensors.torch.save_file(weights, beside)


def save_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write a card; it comes last, since a folder counts as a bundle from then on."""
    with write_beside(folder / "card.json") as beside:
        beside.write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
