"""What the networks of the ablations learn from, and start from: the Ames molecules that are no test molecules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from benchmarks.ablation_variants import OTHER_TASKS, Variant
from benchmarks.virtual_atom import with_virtual_atom
from datasets.featurize import FlatBatch, featurize, joined
from datasets.protonation import protonation_states
from datasets.sources import load_table, published_table
from datasets.standardize import parent_smiles
from datasets.tasks import MUTAGENICITY, get_task
from datasets.unmeasured import unmeasured
from megan.bundle import load_bundle
from megan.committee import ask
from megan.encoder import EncoderShape, PretrainedEncoder, load_encoder
from megan.model import Megan
from megan.teacher import prepare_lesson, scaffold_folds
from megan.training import LabelledSet

FOLDS: Final = 3
TAUGHT_BY: Final = 3
"""Members of the committee that a distilled network learns from."""
POOL: Final = 6_000
"""Unmeasured molecules that it learns the opinion of."""
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Ames:
    """Training and validation molecules."""

    smiles: tuple[str, ...]
    batch: FlatBatch
    labels: Floats
    fold: npt.NDArray[np.int64]
    """Which third of the scaffolds each belongs to."""

    def part(self, rows: npt.NDArray[np.int64]) -> LabelledSet:
        """Some of them."""
        return LabelledSet(self.batch.select(rows), self.labels[rows])


def ames() -> Ames:
    """Read, standardise and divide the measured table; its test rows are left out."""
    table = load_table(MUTAGENICITY)
    table = table[table["split"] != "test"]
    parents = [parent_smiles(text) for text in table["smiles"]]
    usable = np.array([text is not None for text in parents])
    smiles = tuple(text for text in parents if text is not None)
    labels = table["label"].to_numpy(dtype=np.float32)[usable]
    return Ames(smiles, featurize(smiles), labels, scaffold_folds(smiles, FOLDS, 0))


def taught(data: Ames, inside: npt.NDArray[np.int64], variant: Variant) -> LabelledSet:
    """What a network learns from: the molecules inside, as the variant prepares them."""
    smiles, labels = [data.smiles[row] for row in inside], data.labels[inside]
    if variant.charged:
        states = [(text, label) for text, label in zip(smiles, labels, strict=True) for text in states_of(text)]
        return LabelledSet(featurize([text for text, _ in states]), np.array([label for _, label in states]))
    if variant.teacher is None:
        return data.part(inside)
    pool = lent(variant.teacher.pool_size, variant.teacher.seed) if variant.teacher.pool else []
    lesson = prepare_lesson(smiles, labels, pool, False, variant.teacher)
    every = np.concatenate([lesson.train, lesson.pool]).astype(np.float32)
    return LabelledSet(featurize([*smiles, *lesson.pool_smiles]), every)


def lent(size: int, seed: int = 0) -> list[str]:
    """Molecules of the other tasks' tables that no Ames test has measured."""
    others = [text for task in OTHER_TASKS for text in load_table(get_task(task))["smiles"]]
    return unmeasured(others, published_table(MUTAGENICITY)["inchikey14"], size, seed)


def committees_opinion(committee: Sequence[Megan], measured: LabelledSet) -> LabelledSet:
    """Half measurement and half opinion for what was measured, and the opinion alone for unmeasured molecules."""
    pool = featurize(lent(POOL))
    of_measured, of_pool = (expit(ask(committee, batch).outputs.mean(axis=0)) for batch in (measured.batch, pool))
    labels = np.concatenate([0.5 * measured.labels + 0.5 * of_measured, of_pool])
    return LabelledSet(joined([measured.batch, pool]), labels.astype(np.float32))


def start_of(variant: Variant) -> PretrainedEncoder | None:
    """What the variant's networks start from."""
    if variant.start == "random":
        return None
    if variant.start == "encoder":
        return load_encoder()
    network = load_bundle("aggregation").members[0]
    kept = {
        name.replace("stacks.1.", "stack."): weights
        for name, weights in network.state_dict().items()
        if name.startswith(("embed.", "stacks.1."))
    }
    return PretrainedEncoder({}, EncoderShape(), kept)


def with_virtual(labelled: LabelledSet) -> LabelledSet:
    """The same molecules and labels, with a virtual atom in each."""
    return LabelledSet(with_virtual_atom(labelled.batch), labelled.labels)


def states_of(smiles: str) -> list[str]:
    """The neutral form, and at most two charge states of it at pH 6.4 to 8.4."""
    return protonation_states(smiles)[:3] or [smiles]
