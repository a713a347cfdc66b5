"""A trained committee on disk: a card that people and programs read, and safetensors. Nothing is unpickled.

- card.json: task, data, settings, seeds, versions, calibration, test results
- weights.safetensors: every member's weights, named member.<i>.<parameter>
- trust.safetensors: conformal scores; fingerprints, labels, splits and key hashes of the measured compounds
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import safetensors.torch

from megan.calibration import Conformal
from megan.card import BundleError, bundle_folder, read_card, save_card
from megan.domain import MeasuredSet
from megan.files import write_beside
from megan.model import Megan, ModelSettings


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a folder of this form holds."""

    card: dict[str, Any]
    members: tuple[Megan, ...]
    """In evaluation mode."""
    conformal: Conformal
    measured: MeasuredSet


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
