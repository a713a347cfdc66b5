"""How often, how near, how makeable and how fast the counterfactuals of predicted positives are.

Measured are test molecules that the model itself predicts positive. Whatever the search hands out is asked again of the
predictor as if a user had typed it: a flip counts if that verdict is the negative class. Beside it stand pairs of the
training data: a positive and a negative that one edit turns into each other, and how often the search proposes that
very edit among its first ten.

Run it with: python -m benchmarks.counterfactuals
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

from benchmarks.results_file import RESULTS, data_file, write_result
from concepts.counterfactuals.counterfactual import Counterfactual, CounterfactualResult
from concepts.counterfactuals.finding import find_counterfactuals
from concepts.counterfactuals.settings import SearchSettings
from concepts.edits.enumeration import edits_of
from datasets.featurize import featurize
from datasets.sources import load_table
from datasets.standardize import parent_smiles
from megan.prediction import Prediction
from megan.predictor import Predictor

COMMAND: Final = "python -m benchmarks.counterfactuals"
TASKS: Final = ("mutagenicity", "aggregation")
LIMIT: Final = 200
FIRST: Final = 10
"""Proposals among which a measured edit is looked for."""
_MORGAN: Final = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


def predicted_positives(predictor: Predictor, table: pd.DataFrame, split: str, limit: int, seed: int = 0) -> list[str]:
    """Standardised molecules of a split that the model predicts positive, in random order.

    Parameters
    ----------
    predictor
        Of the task.
    table
        Of `datasets.sources.load_table`.
    split
        valid for development, test for the table.
    limit
        How many at most.
    seed
        Of the order.
    """
    texts = [parent_smiles(text) for text in table.loc[table["split"] == split, "smiles"]]
    smiles = list(dict.fromkeys(text for text in texts if text is not None and "." not in text))
    random.Random(seed).shuffle(smiles)
    threshold = predictor.threshold
    assert threshold is not None
    found: list[str] = []
    for first in range(0, len(smiles), 4 * limit):
        some = smiles[first : first + 4 * limit]
        outputs = predictor.outputs(featurize(some)).output
        found += [text for text, output in zip(some, outputs, strict=True) if output >= threshold]
        if len(found) >= limit:
            break
    return found[:limit]


def measure(smiles: str, predictor: Predictor, others: Sequence[Predictor], settings: SearchSettings) -> dict[str, Any]:
    """Search from one molecule and judge what came out.

    Parameters
    ----------
    smiles
        Predicted positive.
    predictor, others, settings
        As in `concepts.counterfactuals.finding.find_counterfactuals`.
    """
    wall, processor = time.perf_counter(), time.process_time()
    result = find_counterfactuals(smiles, predictor, others=others, settings=settings)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    assert isinstance(result, CounterfactualResult)
    verified = [negative(predictor, found) for found in result.found]
    best = result.found[0] if result.found else None
    name = predictor.task.name
    return {
        "start": smiles,
        "found": [found.smiles for found in result.found],
        "verified": verified,
        "edits": [[step.name for step in found.edits] for found in result.found],
        "flipped": bool(verified) and verified[0],
        "flipped_any": any(verified),
        "valid": sum(is_valid(found.smiles, smiles) for found in result.found),
        "similarity": best and round(best.similarity, 4),
        "most_similar": best and round(max(found.similarity for found in result.found), 4),
        "n_edits": best and len(best.edits),
        "sa_change": None if best is None else sa_change(best),
        "sa_not_worse": best and best.sa_not_worse,
        "in_domain": best and best.domain[name].inside,
        "all_agree": best and best.after[name].agreement == 1.0,
        "new_alerts": best and len(best.new_alerts),
        "diversity": diversity([found.smiles for found in result.found]),
        "predictions": result.predictions,
        "wall_s": round(wall, 3),
        "cpu_s": round(processor, 3),
    }


def negative(predictor: Predictor, found: Counterfactual) -> bool:
    """Whether the predictor, asked by SMILES, says the negative class."""
    (answer,) = predictor.predict([found.smiles])
    return isinstance(answer, Prediction) and answer.verdict == predictor.task.classes[0]


def is_valid(smiles: str, start: str) -> bool:
    """Whether RDKit reads a SMILES, writes it again alike, and it is another molecule."""
    mol = Chem.MolFromSmiles(smiles)
    return mol is not None and Chem.MolToSmiles(mol) == smiles != start


def sa_change(found: Counterfactual) -> float | None:
    """By how much the synthetic accessibility score grew; None where it cannot be computed."""
    if found.sa_score is None or found.sa_before is None:
        return None
    return round(found.sa_score - found.sa_before, 3)


def diversity(smiles: Sequence[str]) -> float | None:
    """Mean of 1 - Tanimoto similarity over all pairs, 0 to 1; None for fewer than two molecules."""
    prints = [_MORGAN.GetFingerprint(Chem.MolFromSmiles(text)) for text in smiles]
    apart = [1 - DataStructs.TanimotoSimilarity(a, b) for a, b in combinations(prints, 2)]
    return round(float(np.mean(apart)), 4) if apart else None


def measured_pairs(predictor: Predictor, table: pd.DataFrame, limit: int, seed: int = 0) -> list[tuple[str, set[str]]]:
    """Training positives with the measured negatives that are one edit away.

    Parameters
    ----------
    predictor
        Of the task; only molecules that it predicts positive can be asked for a counterfactual.
    table
        Of `datasets.sources.load_table`.
    limit
        How many positives at most; the search for them ends there.
    seed
        Of the order in which they are looked at.
    """
    train = table[table["split"] == "train"]
    label_of: dict[str, float] = {}
    for text, label in zip(train["smiles"], train["label"], strict=True):
        parent = parent_smiles(text)
        if parent is not None:
            label_of[parent] = float(label)
    positives = [text for text, label in label_of.items() if label == 1 and "." not in text]
    random.Random(seed).shuffle(positives)
    threshold = predictor.threshold
    assert threshold is not None
    found: list[tuple[str, set[str]]] = []
    for text in positives:
        if len(found) == limit:
            break
        with rdBase.BlockLogs():
            partners = {p.smiles for p in edits_of(Chem.MolFromSmiles(text)) if label_of.get(p.smiles) == 0}
        if partners and predictor.outputs(featurize([text])).output[0] >= threshold:
            found.append((text, partners))
    return found


def recovered(pairs: Sequence[tuple[str, set[str]]], predictor: Predictor) -> dict[str, Any]:
    """How often one of the measured partners is among the first ten proposals."""
    settings = SearchSettings(count=FIRST)
    hits = 0
    for text, partners in pairs:
        result = find_counterfactuals(text, predictor, settings=settings)
        assert isinstance(result, CounterfactualResult)
        hits += any(found.smiles in partners for found in result.found)
    return {"positives": len(pairs), "share_in_first_ten": _share(hits, len(pairs))}


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the table shows."""
    some = [row for row in rows if row["found"]]
    n_found = sum(len(row["found"]) for row in rows)
    return {
        "molecules": len(rows),
        "flipped_share": _share(sum(row["flipped"] for row in rows), len(rows)),
        "similarity_median": _median(some, "similarity"),
        "most_similar_median": _median(some, "most_similar"),
        "valid_share": _share(sum(row["valid"] for row in rows), n_found),
        "sa_not_worse_share": _share(sum(bool(row["sa_not_worse"]) for row in some), len(some)),
        "sa_change_median": _median(some, "sa_change"),
        "in_domain_share": _share(sum(bool(row["in_domain"]) for row in some), len(some)),
        "all_agree_share": _share(sum(bool(row["all_agree"]) for row in some), len(some)),
        "no_new_alert_share": _share(sum(row["new_alerts"] == 0 for row in some), len(some)),
        "one_edit_share": _share(sum(row["n_edits"] == 1 for row in some), len(some)),
        "found_mean": round(n_found / len(rows), 2) if rows else None,
        "diversity_median": _median(some, "diversity"),
        "predictions_median": _median(rows, "predictions"),
        "wall_s_median": _median(rows, "wall_s"),
        "wall_s_slowest": max((row["wall_s"] for row in rows), default=None),
        "cpu_s_median": _median(rows, "cpu_s"),
    }


def _share(count: float, of: int) -> float | None:
    return round(count / of, 4) if of else None


def _median(rows: Sequence[dict[str, Any]], name: str) -> float | None:
    values = [row[name] for row in rows if row[name] is not None]
    return round(float(np.median(values)), 4) if values else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=LIMIT, help="molecules of each task")
    parser.add_argument("--split", default="test", choices=("valid", "test"), help="valid while developing")
    parser.add_argument("--pairs", type=int, default=40, help="measured pairs of each task; 0 for none")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the result goes")
    given = parser.parse_args(arguments)
    if given.limit < 1:
        parser.error(f"--limit is {given.limit}; expected at least 1")
    predictors = {name: Predictor.load(name) for name in TASKS}
    measured: dict[str, Any] = {}
    for name, predictor in predictors.items():
        data_file(predictor.task.table)
        table = load_table(predictor.task)
        others = [other for other in predictors.values() if other is not predictor]
        starts = predicted_positives(predictor, table, given.split, given.limit)
        # The first search loads tables and compiles; nobody waits for that twice.
        measure(starts[0], predictor, others, SearchSettings(budget=50))
        rows = [measure(start, predictor, others, SearchSettings()) for start in starts]
        measured[name] = {"split": given.split, **summary(rows)}
        if given.pairs:
            measured[name]["measured_pairs"] = recovered(measured_pairs(predictor, table, given.pairs), predictor)
        for key, value in measured[name].items():
            print(f"{name:14} {key:22} {value}", flush=True)
        measured[name]["each"] = rows
    print(write_result("counterfactuals", COMMAND, measured, given.folder))


if __name__ == "__main__":
    main()
