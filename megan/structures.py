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


def measured_structures(task: Task) -> dict[int, str]:
    """Key hash -> SMILES of every measured compound; empty where the table is not on this machine."""
    try:
        own = own_table(task.name)
        table = load_table(task) if own is None else pd.read_csv(own, dtype=str, keep_default_na=False)
    except (FileNotFoundError, ValueError):
        return {}
    if not {"inchikey14", "smiles"} <= set(table.columns):
        return {}
    return {key_hash(key): smiles for key, smiles in zip(table["inchikey14"], table["smiles"], strict=True)}


def with_structures(domain: Domain, keys: Words, structures: dict[int, str]) -> Domain:
    """The same domain with the structures of its neighbours, where they are known."""
    if not structures:
        return domain

    def named(neighbour: Neighbour) -> Neighbour:
        return dataclasses.replace(neighbour, smiles=structures.get(int(keys[neighbour.index])))

    return dataclasses.replace(
        domain,
        neighbours=tuple(named(n) for n in domain.neighbours),
        measured=named(domain.measured) if domain.measured is not None else None,
    )
