"""Molecules with the atoms that make their label true: the graph attribution benchmark's benzene and logic7.

The files are lines of JSON, packed: smiles, label (0 or 1), node_masks (every valid explanation over the heavy atoms in
SMILES order; one empty mask for label 0) and split. Source: Sanchez-Lengeling et al. 2020, "Evaluating Attribution for
Graph Neural Networks", NeurIPS.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from datasets.explained import Bools, ExplainedSet
from datasets.featurize import FlatBatch, featurize
from datasets.sources import data_folder
from datasets.splits import SPLITS

#: The sets, with the names of their classes.
CLASSES: Final = {
    "benzene": ("no benzene", "benzene"),
    "logic7": ("not both", "fluoride and carbonyl"),
}


def load_attribution(name: str) -> ExplainedSet:
    """Read a set from the folder `xai` of the folder that `MEGAN_DATA` names.

    Raises
    ------
    ValueError
        If there is no set of that name, or its file is not as described.
    FileNotFoundError
        If it is not on this machine.
    """
    if name not in CLASSES:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(CLASSES)}")
    folder = data_folder()
    if folder is None or not (folder / "xai" / f"{name}.jsonl.gz").is_file():
        raise FileNotFoundError(f"xai/{name}.jsonl.gz is not here; let MEGAN_DATA name a folder that holds it")
    return read_attribution(folder / "xai" / f"{name}.jsonl.gz", name, CLASSES[name])


def read_attribution(path: Path, name: str, channels: tuple[str, str]) -> ExplainedSet:
    """Read one file.

    Label 1 has its explanations in channel 1; label 0 means that something is missing, which no atom can be blamed for,
    so its channel has no true mask. A bond belongs to an explanation if both its atoms do.

    Raises
    ------
    ValueError
        If a line is not as described; the message names the line.
    """
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = [_checked(line, f"{path.name} line {number}") for number, line in enumerate(file, start=1)]
    try:
        batch = featurize([row["smiles"] for row in rows])
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    node_masks = tuple(_node_masks(row, batch, g, path.name) for g, row in enumerate(rows))
    return ExplainedSet(
        name=name,
        kind="classification",
        channels=channels,
        batch=batch,
        labels=np.array([row["label"] for row in rows], dtype=np.float32),
        split=np.array([row["split"] for row in rows], dtype="<U5"),
        node_masks=node_masks,
        edge_masks=tuple(inner_edges(masks, batch, g) for g, masks in enumerate(node_masks)),
        smiles=tuple(row["smiles"] for row in rows),
    )


def inner_edges(node_masks: Bools, batch: FlatBatch, g: int) -> Bools:
    """The bonds of molecule g whose two atoms are both in a mask.

    Parameters
    ----------
    node_masks : (V, n_atoms, K)

    Returns
    -------
    edge_masks : (V, n_bonds, K)
    """
    ends = batch.ends[batch.bond_offsets[g] : batch.bond_offsets[g + 1]] - batch.atom_offsets[g]
    inner: Bools = node_masks[:, ends[:, 0]] & node_masks[:, ends[:, 1]]
    return inner


def _checked(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"{where} is not JSON: {error}") from error
    if not isinstance(row, dict) or not {"smiles", "label", "node_masks", "split"} <= row.keys():
        raise ValueError(f"{where} lacks a field; expected smiles, label, node_masks and split")
    if row["label"] not in (0, 1):
        raise ValueError(f"{where} has the label {row['label']!r}; expected 0 or 1")
    if row["split"] not in SPLITS:
        raise ValueError(f"{where} has the split {row['split']!r}; expected one of {', '.join(SPLITS)}")
    masks = row["node_masks"]
    if not isinstance(masks, list) or not masks or not all(isinstance(mask, list) for mask in masks):
        raise ValueError(f"{where} has node_masks {str(masks)[:40]}; expected a list of at least one mask")
    for mask in masks:
        if any(value not in (0, 1) for value in mask):
            raise ValueError(f"{where} has a mask with another value than 0 and 1")
        if any(mask) != bool(row["label"]):
            raise ValueError(f"{where} has label {row['label']}; expected atoms in every mask exactly for label 1")
    return row


def _node_masks(row: dict[str, Any], batch: FlatBatch, g: int, file: str) -> Bools:
    n_atoms = int(batch.atom_offsets[g + 1] - batch.atom_offsets[g])
    if any(len(mask) != n_atoms for mask in row["node_masks"]):
        raise ValueError(
            f"{file} line {g + 1} has a mask that is not as long as its molecule; expected {n_atoms} atoms"
        )
    masks = np.zeros((len(row["node_masks"]), n_atoms, 2), dtype=np.bool_)
    masks[:, :, 1] = row["node_masks"]
    return masks
