"""Structures of measured compounds, where the data happen to be on this machine.

Bundles carry no structures, only key hashes; this joins them with the task's table when it can be found.
"""

from __future__ import annotations

import dataclasses

import pandas as pd

from datasets.sources import load_table
from datasets.tasks import Task
from megan.domain import Words, key_hash
from megan.own_models import own_table
from megan.prediction import Domain, Neighbour

Structures = dict[int, list[tuple[float, str]]]
"""Key hash -> label and SMILES of each measured row; several where isomers or salts were measured apart."""


def measured_structures(task: Task) -> Structures:
    """The structures of every measured compound; empty where the table is not on this machine."""
    try:
        own = own_table(task.name)
        table = load_table(task) if own is None else pd.read_csv(own, dtype=str, keep_default_na=False)
        labels = table["label"].astype("float64") if {"inchikey14", "smiles", "label"} <= set(table.columns) else None
    except (FileNotFoundError, ValueError):
        return {}
    found: Structures = {}
    if labels is not None:
        for key, smiles, label in zip(table["inchikey14"], table["smiles"], labels, strict=True):
            found.setdefault(key_hash(key), []).append((label, smiles))
    return found


def with_structures(domain: Domain, keys: Words, structures: Structures) -> Domain:
    """The same domain with the structures of its neighbours, where they are known."""
    if not structures:
        return domain

    def named(neighbour: Neighbour) -> Neighbour:
        rows = structures.get(int(keys[neighbour.index]), [])
        # Of several rows of one skeleton, the one that was measured so is the one that is meant.
        smiles = min(rows, key=lambda row: abs(row[0] - neighbour.label))[1] if rows else None
        return dataclasses.replace(neighbour, smiles=smiles)

    return dataclasses.replace(
        domain,
        neighbours=tuple(named(n) for n in domain.neighbours),
        measured=named(domain.measured) if domain.measured is not None else None,
        records=tuple(named(n) for n in domain.records),
    )
