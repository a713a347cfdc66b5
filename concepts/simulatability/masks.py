"""Explanation masks over the graphs of a study: checked when made, disturbed on purpose, read from files.

A mask file is NumPy's .npz with the arrays `nodes` and `edges`, or .json with lists of these names; rows are the nodes
and edges of all graphs of the study behind each other, columns the channels. `edges` may be left out: an edge is then
as important as the less important of its ends.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from datasets.featurize import FlatBatch

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Masks:
    """Importance of N nodes and M edges in K channels."""

    nodes: Floats
    """Shape (N, K), in [0, 1]."""
    edges: Floats
    """Shape (M, K), in [0, 1]."""


def checked(name: str, nodes: npt.ArrayLike, edges: npt.ArrayLike | None, batch: FlatBatch, channels: int) -> Masks:
    """Masks of the graphs of a batch.

    Parameters
    ----------
    name
        Whose masks they are, for the sentence.
    edges
        None takes the smaller importance of both ends.

    Raises
    ------
    ValueError
        If they are of the wrong length, hold what is no number or lies outside 0 to 1, or are all zero.
    """
    atoms = _checked_part(name, "node", nodes, batch.atom_offsets, channels)
    if edges is None:
        edges = atoms[batch.ends].min(axis=1)
    bonds = _checked_part(name, "edge", edges, batch.bond_offsets, channels)
    if not atoms.any() and not bonds.any():
        raise ValueError(f"the masks of {name} are all zero; expected some node or edge to be important")
    return Masks(atoms, bonds)


def _checked_part(name: str, part: str, given: npt.ArrayLike, offsets: npt.NDArray[np.int64], channels: int) -> Floats:
    try:
        values = np.asarray(given, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(f"the {part} masks of {name} are no table of numbers: {error}") from error
    expected = (int(offsets[-1]), channels)
    if values.shape != expected:
        raise ValueError(
            f"the {part} masks of {name} have shape {values.shape}; expected {expected}: one row for each {part} of "
            f"the {len(offsets) - 1} graphs of the study, one column for each channel"
        )
    for sentence, wrong in (("NaN or infinity", ~np.isfinite(values)), ("outside 0 to 1", (values < 0) | (values > 1))):
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            graph = int(np.searchsorted(offsets, row, side="right")) - 1
            raise ValueError(
                f"the {part} masks of {name} hold {values[row, column]:g} ({sentence}) at {part} {row} (graph {graph}) "
                f"in channel {column}; expected numbers from 0 to 1"
            )
    return values


def with_noise(masks: Masks, share: float, seed: int) -> Masks:
    """Masks in which each value has been replaced, with probability `share`, by a uniform random number.

    Raises
    ------
    ValueError
        If the share is not from 0 to 1.
    """
    _checked_share("noise", share)
    rng = np.random.default_rng(seed)
    # The same places and numbers for every share, so that a sweep adds noise instead of drawing it anew.
    parts = [
        np.where(rng.random(values.shape) < share, rng.random(values.shape), values).astype(np.float32)
        for values in (masks.nodes, masks.edges)
    ]
    return Masks(*parts)


def with_adversarial(masks: Masks, wrong: Masks, share: float, batch: FlatBatch, seed: int) -> Masks:
    """Masks in which a share of the graphs, drawn at random, carries the wrong masks instead.

    Raises
    ------
    ValueError
        If the share is not from 0 to 1.
    """
    _checked_share("adversarial", share)
    turned = np.zeros(len(batch), dtype=bool)
    turned[np.random.default_rng(seed).permutation(len(batch))[: round(share * len(batch))]] = True
    parts = []
    for offsets, own, other in (
        (batch.atom_offsets, masks.nodes, wrong.nodes),
        (batch.bond_offsets, masks.edges, wrong.edges),
    ):
        parts.append(np.where(np.repeat(turned, np.diff(offsets))[:, None], other, own))
    return Masks(*parts)


def read_masks(file: Path, batch: FlatBatch, channels: int) -> Masks:
    """Masks from a file; see the module's docstring. Nothing in it is executed.

    Raises
    ------
    ValueError
        If the file is missing, of another form, or its masks do not fit; the sentence names the file.
    """
    if not file.is_file():
        raise ValueError(f"there is no mask file {file.name}")
    try:
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in ("nodes", "edges") if name in arrays.files}
        elif file.suffix == ".json":
            found = json.loads(file.read_text(encoding="utf-8"))
        else:
            raise ValueError(f"its name ends in {file.suffix or 'nothing'!r}; expected .npz or .json")
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"mask file {file.name} cannot be read: {error}") from error
    if not isinstance(found, dict) or "nodes" not in found:
        raise ValueError(f"mask file {file.name} has no table `nodes`; expected `nodes`, and `edges` if there are any")
    return checked(f"mask file {file.name}", found["nodes"], found.get("edges"), batch, channels)


def _checked_share(name: str, share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"{name} is {share}; expected 0 to 1")
