"""One yardstick for every tool's counterfactuals: what its nearest flip is worth, and who came nearer where.

A candidate is whatever a tool hands out; it counts as a flip if the predictor, asked about the standardised molecule,
says the negative class. Of several flips the most similar one is judged: the same for all tools.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator
from scipy.stats import wilcoxon

from benchmarks.counterfactuals import diversity
from concepts.counterfactuals.candidate_scores import nearest_similarity, new_alerts
from concepts.counterfactuals.counterfactual import SA_ROUNDING
from concepts.counterfactuals.synthetic_accessibility import sa_score
from datasets.alerts import find_alerts
from datasets.standardize import parent_smiles
from megan.predictor import Predictor

Row = Mapping[str, Any]
_MORGAN: Final = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
_AS_GOOD: Final = 1e-9


def similarity(a: str, b: str) -> float:
    """Tanimoto similarity of Morgan bits, radius 2, 0 to 1."""
    first, second = (_MORGAN.GetFingerprint(Chem.MolFromSmiles(smiles)) for smiles in (a, b))
    return float(DataStructs.TanimotoSimilarity(first, second))


def others(start: str, smiles: Iterable[str]) -> list[str]:
    """The standardised molecules among texts that are not the start, each once, the most similar first."""
    with rdBase.BlockLogs():
        parents = {parent_smiles(text) for text in smiles} - {None, start}
    return sorted((text for text in parents if text), key=lambda s: (-similarity(start, s), s))


def judged(start: str, flip: str, predictor: Predictor) -> dict[str, Any]:
    """What is told of one flip.

    Parameters
    ----------
    start, flip
        Standardised.
    predictor
        Whose domain counts.
    """
    before, after = sa_score(Chem.MolFromSmiles(start)), sa_score(Chem.MolFromSmiles(flip))
    worse = before is not None and after is not None and after > before + SA_ROUNDING
    limit = float(predictor.card["domain"]["similarity_limit"])
    return {
        "smiles": flip,
        "similarity": round(similarity(start, flip), 4),
        "sa_not_worse": not worse,
        "in_domain": nearest_similarity(predictor, [flip])[0] >= limit,
        "no_new_alert": not new_alerts(find_alerts(start), flip),
    }


def judged_tool(row: Row, flips: Sequence[str], shown: Sequence[str], predictor: Predictor) -> dict[str, Any]:
    """A tool's answer for one molecule.

    Parameters
    ----------
    row
        With start, readable and asked (numbers of candidates), predictions, seconds and failure.
    flips
        Candidates with the other verdict.
    shown
        Flips that the tool itself would show; how far they differ is its diversity.
    predictor
        Of the task.
    """
    start = row["start"]
    found, own = others(start, flips), others(start, shown)
    return {
        **{name: row[name] for name in ("start", "readable", "asked", "predictions", "seconds", "failure")},
        "best": judged(start, found[0], predictor) if found else None,
        "shown": len(own),
        "diversity": diversity(own),
    }


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """The line of a table; shares of the best flip are of the molecules that were flipped."""
    some = [row["best"] for row in rows if row["best"]]

    def share(name: str) -> float | None:
        return round(float(np.mean([best[name] for best in some])), 4) if some else None

    return {
        "molecules": len(rows),
        "flipped_share": round(len(some) / len(rows), 4),
        "similarity_median": round(float(np.median([best["similarity"] for best in some])), 4) if some else None,
        "sa_not_worse_share": share("sa_not_worse"),
        "in_domain_share": share("in_domain"),
        "no_new_alert_share": share("no_new_alert"),
        "readable_share": round(sum(r["readable"] for r in rows) / max(1, sum(r["asked"] for r in rows)), 4),
        "shown_mean": round(float(np.mean([row["shown"] for row in rows])), 2),
        "diversity_median": _median([row["diversity"] for row in rows if row["diversity"] is not None]),
        "predictions_median": _median([row["predictions"] for row in rows]),
        "seconds_median": _median([row["seconds"] for row in rows]),
        "failures": sum(row["failure"] is not None for row in rows),
    }


def compared(own: Sequence[Row], other: Sequence[Row]) -> dict[str, Any]:
    """Who comes nearer on the molecules that both flip; a tool that flips only easy ones gains nothing by it.

    Parameters
    ----------
    own, other
        Of `judged_tool`, the same molecules in the same order.

    Raises
    ------
    ValueError
        If the molecules differ.
    """
    if [row["start"] for row in own] != [row["start"] for row in other]:
        raise ValueError("the two tools were given different molecules; expected the same in the same order")
    both = [(a["best"], b["best"]) for a, b in zip(own, other, strict=True) if a["best"] and b["best"]]
    gaps = np.array([a["similarity"] - b["similarity"] for a, b in both])
    apart = gaps[np.abs(gaps) > _AS_GOOD]
    return {
        "both_flip": len(both),
        "at_least_as_similar_share": round(float(np.mean(gaps >= -_AS_GOOD)), 4) if len(gaps) else None,
        "more_similar_share": round(float(np.mean(gaps > _AS_GOOD)), 4) if len(gaps) else None,
        "similarity_gap_median": round(float(np.median(gaps)), 4) if len(gaps) else None,
        "wilcoxon_p": float(wilcoxon(apart).pvalue) if len(apart) else 1.0,
    }


def _median(values: Sequence[float]) -> float | None:
    return round(float(np.median(values)), 4) if values else None
