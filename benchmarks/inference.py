"""Rate of predicting with masks on one core: plain, and by classes of equal surroundings, beside RDKit's parser.

Says how far both ways agree on 20,000 molecules, and where the time of a molecule goes.

Run it with: MEGAN_DATA=FOLDER OMP_NUM_THREADS=1 taskset -c 1 python -m benchmarks.inference
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any, TypeVar

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.featurizer import parse
from benchmarks.results_file import data_file, write_result
from datasets.featurize import FlatBatch, featurize
from megan.bundle import Bundle, load_bundle
from megan.committee import CommitteeOutput, ask, ask_plainly, prepare
from megan.graph import graph_batch
from megan.training import output_in_units

T = TypeVar("T")
Array = npt.NDArray[Any]
TASKS = ("mutagenicity", "aggregation")
LIBRARIES = {"moses": "library/moses_250k.smi.gz", "muv": "library/muv_hts_93k.smi.gz"}
BATCH = 8192
ROUNDS = 5
COMPARED = 20_000
CHECKED_IN_DOUBLE = 2_000
TOLERANCE = 1e-5


def library(name: str, count: int) -> list[str]:
    """The first structures of a library that RDKit can parse."""
    with gzip.open(data_file(name), "rt") as lines:
        return [line.split()[0] for line, _ in zip(lines, range(count), strict=False)]


def comparable(answer: CommitteeOutput) -> dict[str, Array]:
    """What users see of an answer; embeddings in parts of the largest value."""
    return {
        "probability": 1 / (1 + np.exp(-answer.outputs.astype(np.float64))),
        "node_importance": answer.node_importance,
        "edge_importance": answer.edge_importance,
        "fidelity": answer.fidelity,
        "embedding": answer.embedding / np.abs(answer.embedding).max(),
    }


def largest_differences(bundle: Bundle, batch: FlatBatch) -> dict[str, float]:
    """Per field the largest difference between both ways over all molecules and members."""
    plain, fast = comparable(ask_plainly(bundle.members, batch)), comparable(ask(bundle.members, batch))
    return {name: rounded(np.abs(plain[name] - fast[name]).max()) for name in plain}


def rounding_errors(bundle: Bundle, batch: FlatBatch) -> dict[str, float]:
    """Largest error of the log-odds of both ways against the same networks in double precision."""
    graph = graph_batch(batch, use_dgl=False)
    with torch.inference_mode():
        exact = np.stack(
            [output_in_units(m, m(graph).output).numpy() for m in (deepcopy(m).double() for m in bundle.members)]
        )
    ways = {"plain": ask_plainly(bundle.members, batch), "fast": ask(bundle.members, batch)}
    return {way: rounded(np.abs(answer.outputs - exact).max()) for way, answer in ways.items()}


def rounded(value: float) -> float:
    """To two digits."""
    return float(f"{value:.2g}")


class Stopwatch:
    """Processor time of the steps of one round, in microseconds a molecule."""

    def __init__(self, molecules: int) -> None:
        self.molecules = molecules
        self.steps: dict[str, float] = {}

    def time(self, step: str, work: Callable[[], T]) -> T:
        """Run and note."""
        start = time.process_time()
        result = work()
        self.steps[step] = (time.process_time() - start) / self.molecules * 1e6
        return result


def one_round(smiles: Sequence[str], bundles: Sequence[Bundle]) -> dict[str, float]:
    """Every step once on one batch."""
    watch = Stopwatch(len(smiles))
    first, second = bundles
    watch.time("parse", lambda: parse(smiles))
    batch = watch.time("featurize", lambda: featurize(smiles))
    # The parser is timed on both sides of the featuriser and gets the better time: going first on fresh strings and
    # a cold cache would make it look slow, and all that is held against it look fast.
    before = watch.steps["parse"]
    watch.time("parse", lambda: parse(smiles))
    watch.steps["parse"] = min(before, watch.steps["parse"])
    watch.time("one member, plain", lambda: ask_plainly(first.members[:1], batch))
    layers = first.members[0].settings.layers
    prepared = watch.time("surroundings", lambda: prepare(batch, layers))
    watch.time("one member", lambda: ask(first.members[:1], prepared))
    watch.time("other member", lambda: ask(second.members[:1], prepared))
    watch.time("one committee", lambda: ask(first.members, prepared))
    watch.time("other committee", lambda: ask(second.members, prepared))
    return watch.steps


def shares(steps: dict[str, float]) -> dict[str, float]:
    """Rates as shares of the parser's, from SMILES to arrays with masks; all of one round."""
    ready = steps["featurize"] + steps["surroundings"]
    both = steps["one member"] + steps["other member"]
    committees = steps["one committee"] + steps["other committee"]
    return {
        "one endpoint, one member, plain": steps["parse"] / (steps["featurize"] + steps["one member, plain"]),
        "one endpoint, one member": steps["parse"] / (ready + steps["one member"]),
        "one endpoint, committee": steps["parse"] / (ready + steps["one committee"]),
        "two endpoints, one member each": steps["parse"] / (ready + both),
        "two endpoints, committees": steps["parse"] / (ready + committees),
        "network of one member, against plain": steps["one member, plain"]
        / (steps["surroundings"] + steps["one member"]),
    }


def measure(smiles: Sequence[str], bundles: Sequence[Bundle]) -> dict[str, Any]:
    """Medians over rounds of fresh molecules in which all steps take turns; the first round warms up."""
    rounds = [one_round(smiles[start : start + BATCH], bundles) for start in range(0, len(smiles), BATCH)][1:]
    share = [shares(steps) for steps in rounds]
    return {
        "molecules_per_round": BATCH,
        "rounds": len(rounds),
        "parse_per_s": round(1e6 / float(np.median([steps["parse"] for steps in rounds]))),
        "microseconds": {key: round(float(np.median([s[key] for s in rounds])), 1) for key in rounds[0]},
        "microseconds_least": {key: round(min(s[key] for s in rounds), 1) for key in rounds[0]},
        "ratio": {key: round(float(np.median([s[key] for s in share])), 3) for key in share[0]},
        "ratio_lowest": {key: round(min(s[key] for s in share), 3) for key in share[0]},
    }


def main() -> None:
    """Compare, measure, print and write the result."""
    torch.set_num_threads(1)
    bundles = [load_bundle(task) for task in TASKS]
    compared = featurize(library(LIBRARIES["muv"], COMPARED))
    differences = {}
    errors = {}
    for task, bundle in zip(TASKS, bundles, strict=True):
        differences[task] = largest_differences(bundle, compared)
        errors[task] = rounding_errors(bundle, compared.select(range(CHECKED_IN_DOUBLE)))
        print(f"{task}: largest differences on {len(compared)} molecules: {differences[task]}")
        print(f"{task}: largest errors of log-odds against double precision: {errors[task]}")
        if (worst := max(differences[task].values())) > TOLERANCE:
            raise SystemExit(f"{task}: plain and fast differ by {worst}; expected at most {TOLERANCE}")
    measured = {}
    for name, file in LIBRARIES.items():
        measured[name] = measure(library(file, BATCH * (ROUNDS + 1)), bundles)
        print(name, *(f"  {key}: {value}" for key, value in measured[name].items()), sep="\n")
    members = {task: len(bundle.members) for task, bundle in zip(TASKS, bundles, strict=True)}
    result: dict[str, Any] = {"members": members, "compared": len(compared), "differences": differences}
    result |= {"log_odds_errors_against_double_precision": errors, "libraries": measured}
    print(write_result("inference", "OMP_NUM_THREADS=1 taskset -c 1 python -m benchmarks.inference", result))


if __name__ == "__main__":
    main()
