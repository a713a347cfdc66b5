"""One round of adversarial training: networks learn from what a search found on their training molecules.

The search edits training molecules that the networks predict positive; what it hands out is labelled by the rule of the
set and learned together with the training part, from the same initial weights (adversarial search and active learning,
Schwalbe-Koda et al. 2021, doi 10.1038/s41467-021-25342-8). No molecule of the validation or test part is edited or
learned.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.explanation_sets import settings_for
from concepts.counterfactuals.counterfactual import CounterfactualResult
from concepts.counterfactuals.finding import find_counterfactuals
from concepts.counterfactuals.settings import SearchSettings
from datasets.explained import ExplainedSet
from datasets.featurize import featurize
from megan.files import write_beside
from megan.model import Megan, ModelSettings
from megan.predictor import Predictor
from megan.run_claim import claim_run
from megan.training import LabelledSet, Progress, train_member

SHOWN: Final = 10
"""Products of each training molecule at most."""


def products(
    data: ExplainedSet, starts: Sequence[str], predictor: Predictor, settings: SearchSettings, kept: Path
) -> list[str]:
    """What a search hands out for training molecules, each molecule once, none of the set itself.

    Parameters
    ----------
    data
        The set.
    starts
        Training molecules that are predicted positive.
    predictor
        Of the networks that are to be trained again.
    settings
        Of the search; `SHOWN` molecules are taken, however many it shows.
    kept
        File of what was found, a start a line; taken up again where a run was stopped.
    """
    asked = dataclasses.replace(settings, count=SHOWN)
    done: dict[str, list[str]] = {}
    for line in kept.read_text(encoding="utf-8").splitlines() if kept.exists() else ():
        row = json.loads(line)
        done[row["start"]] = row["found"]
    for start in starts:
        if start in done:
            continue
        result = find_counterfactuals(start, predictor, settings=asked)
        assert isinstance(result, CounterfactualResult)
        done[start] = [found.smiles for found in result.found]
        with write_beside(kept) as beside:
            lines = [json.dumps({"start": s, "found": f}) for s, f in done.items()]
            beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
    own = set(data.smiles)
    return [s for s in dict.fromkeys(s for start in starts for s in done[start]) if s not in own]


def trained_again(
    data: ExplainedSet,
    more: Sequence[str],
    label: Callable[[str], bool],
    run: Path,
    members: int,
    epochs: int,
    shape: ModelSettings,
) -> tuple[Megan, ...]:
    """Train members on the training part and further molecules.

    Parameters
    ----------
    data
        With train and valid.
    more
        Of `products`.
    label
        The rule of the set.
    run
        Folder of the checkpoints.
    members
        How many; seeds are those of `benchmarks.explanation_sets.trained`.
    epochs
        Of each.
    shape
        Of the networks.

    Raises
    ------
    ValueError
        If the folder holds a training with other settings or other molecules.
    """
    train, valid = data.part("train"), data.part("valid")
    smiles = [*train.smiles, *more]
    labels = np.concatenate([train.labels, np.array([label(s) for s in more], dtype=np.float32)])
    both = LabelledSet(featurize(smiles), labels)
    settings = settings_for(data.name, len(smiles), epochs)
    # Names of the products, not their number alone: another search makes other molecules.
    claim_run(run, {"train": dataclasses.asdict(settings), "products": list(more)})

    def tell(progress: Progress) -> None:
        print(f"{data.name}, trained again, {progress.line()}", flush=True)

    return tuple(
        train_member(
            both, LabelledSet(valid.batch, valid.labels), shape, settings.with_seed(seed), member=seed, folder=run,
            report=tell,
        )[0]
        for seed in range(members)
    )  # fmt: skip
