"""What a verdict hangs on: how far the masks are spread, and how well two numbers of a whole molecule tell the verdict.

Students that learn from masks can learn only what lies in places. Where logP and weight tell a model's verdict, a mask
that marks places has little to teach, however true it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.paired_comparison import properties
from concepts.simulatability.conditions import StudySettings
from concepts.simulatability.masks import Masks
from concepts.simulatability.student_statistics import paired_score
from concepts.simulatability.study import draws
from concepts.simulatability.subjects import Subject

WHOLE_MOLECULE: Final = ("logP", "molecular weight")


def spread(subject: Subject, masks: Masks) -> dict[str, float]:
    """How the importance of the verdict's channel is spread over the atoms of a molecule, medians over the molecules.

    Returns
    -------
    dict
        over_half: share of atoms at least half as important as the most important one; entropy: of the importance
        as shares of its sum, by its largest possible value, so that 1 is the same everywhere.
    """
    sizes = np.diff(subject.batch.atom_offsets)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    own = masks.nodes[np.arange(len(owner)), subject.labels.astype(np.int64)[owner]].astype(np.float64)
    largest = np.zeros(len(sizes))
    np.maximum.at(largest, owner, own)
    marked = np.bincount(owner, (own >= 0.5 * largest[owner]).astype(np.float64), len(sizes))
    share = own / np.maximum(np.bincount(owner, own, len(sizes)), 1e-12)[owner]
    entropy = -np.bincount(owner, np.where(share > 0, share * np.log(np.maximum(share, 1e-300)), 0.0), len(sizes))
    told = largest > 0
    return {
        "over_half": round(float(np.median((marked / sizes)[told])), 4),
        "entropy": round(float(np.median((entropy / np.log(np.maximum(sizes, 2)))[told])), 4),
    }


def told_by_whole_molecule(
    subject: Subject, sizes: Sequence[int], settings: StudySettings, reference: Mapping[int, Sequence[float]]
) -> list[dict[str, Any]]:
    """Accuracy of a logistic regression on logP and weight, beside the students that see graphs and labels alone.

    Parameters
    ----------
    sizes
        Training molecules; the draws are those of the study.
    reference
        By size: accuracy of the study's reference students, a value a repetition, none failed.

    Returns
    -------
    list
        By size: accuracy; lead over the reference students with its interval and p.
    """
    computed = properties(subject.smiles)
    numbers, labels = np.stack([computed[name] for name in WHOLE_MOLECULE], axis=1), subject.labels.astype(np.int64)
    found = []
    for size in sizes:
        accuracies = []
        for train, valid in zip(*draws(len(labels), size, settings), strict=True):
            fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(numbers[train], labels[train])
            accuracies.append(float(fitted.score(numbers[valid], labels[valid])))
        lead = paired_score(reference[size], accuracies)
        found.append({
            "size": size, "accuracy": round(float(np.mean(accuracies)), 4), "lead": round(lead.score, 4),
            "low": round(lead.low, 4), "high": round(lead.high, 4), "p": lead.p,
        })  # fmt: skip
    return found
