"""Do flips break the true cause? Measured on sets whose labels are a rule, so that every product can be judged.

A network learns the rule from molecules and labels alone. The search for counterfactuals then flips test molecules that
it predicts positive, and the rule says of each product whether the cause is really gone, or whether the search found a
molecule on which the network is wrong. Networks whose masks show one of two parts err on some of these although they
order the test part without an error; those of `benchmarks.explanation_sets` show both.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.counterfactual_truth
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from rdkit import Chem, rdBase

from benchmarks.counterfactuals import negative, predicted_positives
from benchmarks.explanation_sets import known_causes, trained
from benchmarks.results_file import RESULTS, write_result
from concepts.counterfactuals.counterfactual import CounterfactualResult
from concepts.counterfactuals.finding import find_counterfactuals
from concepts.counterfactuals.settings import SearchSettings
from concepts.edits.enumeration import edits_of
from datasets.explained import ExplainedSet
from datasets.splits import SPLITS
from datasets.tasks import Task
from megan.bundle import Bundle
from megan.domain import MeasuredSet, fingerprint, similarity_limit
from megan.judging import calibrate
from megan.metrics import auroc
from megan.model import Megan
from megan.predictor import Predictor
from megan.training import raw_outputs

COMMAND: Final = "python -m benchmarks.counterfactual_truth"
CAUSES: Final[dict[str, tuple[str, ...]]] = {"benzene": ("c1ccccc1",), "logic7": ("[FX1]", "[CX3]=[OX1]")}
"""Substructures that a positive holds all of; see `rule_agreement` for whether they are the rule of the labels."""
EPOCHS: Final = {"benzene": 5, "logic7": 12}
MEMBERS: Final = {"benzene": (1,), "logic7": (1, 5)}
"""Sizes of the committees that are asked; where the cause has two parts, a second size tells what more networks do."""
LIMIT: Final = 50
SEARCH: Final = SearchSettings(budget=800)
"""Fewer predictions than where a user asks: the causes are plain."""


def has_cause(name: str, smiles: str) -> bool:
    """Whether a molecule is positive by the rule of a set.

    Parameters
    ----------
    name
        A key of `CAUSES`.
    smiles
        Of the molecule.

    Raises
    ------
    ValueError
        If there is no such set, or the SMILES cannot be parsed.
    """
    if name not in CAUSES:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(CAUSES)}")
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise ValueError(f"smiles is {smiles[:80]!r}; expected a SMILES that RDKit can parse")
    return all(mol.HasSubstructMatch(Chem.MolFromSmarts(pattern)) for pattern in CAUSES[name])


def rule_agreement(data: ExplainedSet) -> float:
    """Share of a set's molecules whose label is what the rule says, 0 to 1; below 1 the rule is not the set's."""
    return float(np.mean([has_cause(data.name, s) == bool(y) for s, y in zip(data.smiles, data.labels, strict=True)]))


def predictor_of(data: ExplainedSet, members: Sequence[Megan]) -> Predictor:
    """A predictor of networks that learned a set, calibrated on its validation part.

    Parameters
    ----------
    data
        With train, valid and test.
    members
        In evaluation mode.
    """
    valid = data.part("valid")
    task = Task(
        name=data.name,
        title=data.name,
        question="Is it positive by the rule of the set?",
        kind=data.kind,
        channels=data.channels,
        unit="",
        table="",
        label_column="label",
        citation="Sanchez-Lengeling et al. 2020, NeurIPS",
        licence="Apache-2.0",
    )
    raw = np.stack([raw_outputs(member, valid.batch) for member in members]).mean(axis=0)
    calibration, conformal = calibrate(task, raw, valid.labels.astype(np.float64))
    measured = MeasuredSet(
        fingerprints=np.stack([fingerprint(smiles) for smiles in data.smiles]),
        labels=data.labels,
        splits=np.array([SPLITS.index(split) for split in data.split], dtype=np.uint8),
        # A molecule's own record is not asked for, so that no InChIKey is needed.
        keys=np.zeros(len(data), dtype=np.uint64),
    )
    card = {"calibration": calibration, "domain": {"similarity_limit": similarity_limit(measured)}}
    return Predictor(task, card, Bundle(card, tuple(members), conformal, measured))


def measure(start: str, predictor: Predictor, settings: SearchSettings = SEARCH) -> dict[str, Any]:
    """Flip one molecule, and let the rule judge what came out.

    Parameters
    ----------
    start
        Standardised SMILES, predicted positive.
    predictor
        Of `predictor_of`.
    settings
        Of the search.
    """
    began = time.perf_counter()
    result = find_counterfactuals(start, predictor, settings=settings)
    assert isinstance(result, CounterfactualResult)
    name = predictor.task.name
    flips = [
        {
            "smiles": found.smiles,
            "edits": [step.name for step in found.edits],
            "cause_broken": not has_cause(name, found.smiles),
            "output": round(found.after[name].output, 4),
            "similarity": round(found.similarity, 4),
            "in_domain": found.in_domain,
        }
        for found in result.found
        if negative(predictor, found)
    ]
    return {
        "start": start,
        "has_cause": has_cause(name, start),
        "flips": flips,
        "single_edits_that_break": single_edits_that_break(name, start),
        "wall_s": round(time.perf_counter() - began, 2),
    }


def single_edits_that_break(name: str, start: str) -> float | None:
    """Share of all single edits of a molecule that break its cause, 0 to 1: what blind editing would reach."""
    with rdBase.BlockLogs():
        products = [product.smiles for product in edits_of(Chem.MolFromSmiles(start))]
    return round(float(np.mean([not has_cause(name, smiles) for smiles in products])), 4) if products else None


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is told of a set; only a molecule that has the cause can lose it."""
    asked = [row for row in rows if row["has_cause"]]
    flips = [flip for row in asked for flip in row["flips"]]
    first = [row["flips"][0] for row in asked if row["flips"]]
    blind = [row["single_edits_that_break"] for row in asked if row["single_edits_that_break"] is not None]
    return {
        "predicted_positive": len(rows),
        "with_cause": len(asked),
        "flipped_share": _share([bool(row["flips"]) for row in asked]),
        "flips": len(flips),
        "cause_broken_share": _share([flip["cause_broken"] for flip in flips]),
        "cause_broken_share_first": _share([flip["cause_broken"] for flip in first]),
        "cause_broken_share_in_domain": _share([flip["cause_broken"] for flip in flips if flip["in_domain"]]),
        "one_edit_share": _share([len(flip["edits"]) == 1 for flip in flips]),
        "single_edits_that_break_share": round(float(np.mean(blind)), 4) if blind else None,
    }


def _share(those: Sequence[bool]) -> float | None:
    return round(sum(those) / len(those), 4) if those else None


def judged_set(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """Train or load the networks of a set, flip its test molecules, and judge the products."""
    data = known_causes(name, given.quick)
    agreement = rule_agreement(data)
    if agreement < 1:
        raise SystemExit(f"{name}: the rule {CAUSES[name]} fits {agreement:.2%} of the labels; expected all of them")
    epochs = given.epochs or EPOCHS[name]
    folder = given.run_folder / ("quick" if given.quick else "") / name
    sizes = given.members or MEMBERS[name]
    networks = trained(name, folder, max(sizes), epochs=epochs, quick=given.quick).members
    committees = {str(size): judged_committee(data, networks[:size], given.limit) for size in sizes}
    return {
        "rule": CAUSES[name],
        "rule_fits_labels": agreement,
        "epochs": epochs,
        "budget": SEARCH.budget,
        "committees": committees,
    }


def positives(predictor: Predictor, part: ExplainedSet, limit: int) -> list[str]:
    """Molecules of one part of a set that some networks predict positive."""
    split = str(part.split[0])
    return predicted_positives(predictor, pd.DataFrame({"smiles": part.smiles, "split": part.split}), split, limit)


def judged_committee(data: ExplainedSet, networks: Sequence[Megan], limit: int) -> dict[str, Any]:
    """Flip the test molecules that some networks predict positive, and judge the products."""
    predictor = predictor_of(data, networks)
    test = data.part("test")
    rows = [measure(start, predictor) for start in positives(predictor, test, limit)]
    raw = np.stack([raw_outputs(member, test.batch) for member in networks]).mean(axis=0)
    return {"test_auroc": round(auroc(test.labels, raw), 4), **summary(rows), "each": rows}


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, search, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", nargs="+", choices=tuple(CAUSES), default=tuple(CAUSES), help="which sets")
    parser.add_argument("--limit", type=int, default=LIMIT, help="molecules of each set at most")
    parser.add_argument("--members", nargs="+", type=int, help="sizes of committees, instead of the set's own")
    parser.add_argument("--epochs", type=int, help="of each network, instead of the set's own number")
    parser.add_argument("--run-folder", type=Path, default=Path("runs/counterfactual_truth"), help="for checkpoints")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the result goes")
    parser.add_argument("--quick", action="store_true", help="a tiny network on few molecules; give it a --folder")
    given = parser.parse_args(arguments)
    if given.limit < 1:
        parser.error(f"--limit is {given.limit}; expected at least 1")
    if given.members and min(given.members) < 1:
        parser.error(f"--members is {min(given.members)}; expected at least 1")
    if given.quick and given.folder == RESULTS:
        parser.error("--quick is no measurement; expected a --folder other than that of the results")
    measured: dict[str, Any] = {}
    for name in given.sets:
        try:
            measured[name] = judged_set(name, given)
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"{name}: {error}") from error
        for size, told in measured[name]["committees"].items():
            for key, value in told.items():
                if key != "each":
                    print(f"{name:9} {size} {key:30} {value}", flush=True)
    print(write_result("counterfactual_truth", COMMAND, measured, given.folder))


if __name__ == "__main__":
    main()
