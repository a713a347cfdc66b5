"""What an epoch with all losses costs: our network beside graph_attention_student's, on the same molecules in one run.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.training_cost

Processor time of one thread each. Both learn the prediction and explain it at once: co-training of the masks, sparsity,
fidelity and contrast. Features are made before and are told apart.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import torch

from benchmarks.accuracy import prepared
from benchmarks.peers.environments import PeerError
from benchmarks.peers.running import Method, trained
from benchmarks.results_file import RESULTS, write_result
from datasets.featurize import featurize
from datasets.tasks import MUTAGENICITY
from megan.bundle import load_bundle
from megan.files import write_beside
from megan.model import ModelSettings
from megan.settings import TrainSettings, recipe_for
from megan.training import LabelledSet, Progress, train_member

PEER: Final = "graph_attention_student"
COMMAND: Final = "python -m benchmarks.training_cost"
TARGET: Final = 8
"""How many times cheaper than the peer's an epoch of ours is meant to be."""
WARM_UP: Final = 1
JUDGED_MOLECULES: Final = 50
"""Of valid and of test each: as few as both programs can work with, since only learning is timed."""


def sample(data: Path, molecules: int, out: Path) -> pd.DataFrame:
    """Draw training molecules of a prepared table, write them for the peer, and give them back.

    Parameters
    ----------
    data
        Csv with the columns smiles, label, split.
    molecules
        How many training molecules.

    Raises
    ------
    ValueError
        If `molecules` is less than 100 or more than there are.
    """
    table = pd.read_csv(data, keep_default_na=False)
    sizes = {"train": molecules, "valid": JUDGED_MOLECULES, "test": JUDGED_MOLECULES}
    most = int((table["split"] == "train").sum())
    if not 100 <= molecules <= most:
        raise ValueError(f"molecules is {molecules}; expected 100 to {most}")
    rng = np.random.default_rng(0)
    rows = [
        rng.choice(
            np.flatnonzero((table["split"] == split).to_numpy()), min(n, int((table["split"] == split).sum())), False
        )
        for split, n in sizes.items()
    ]
    drawn = table.iloc[np.concatenate(rows)].reset_index(drop=True)
    with write_beside(out) as beside:
        drawn.to_csv(beside, index=False)
    return drawn


def our_epochs(table: pd.DataFrame, shape: ModelSettings, settings: TrainSettings) -> dict[str, Any]:
    """Train as the shipped bundle was; processor seconds of every epoch after the warm-up, and the losses by name.

    Raises
    ------
    ValueError
        If one of the losses is switched off, which would make the comparison unfair.
    """
    start = time.process_time()
    sets = {
        split: LabelledSet(featurize(list(part["smiles"])), part["label"].to_numpy(dtype=np.float32))
        for split, part in table.groupby("split")
    }
    prepared_after = time.process_time() - start
    ends: list[float] = []
    names: set[str] = set()

    def note(progress: Progress) -> None:
        ends.append(time.process_time())
        names.update(progress.parts)

    model, _ = train_member(sets["train"], sets["valid"], shape, settings, report=note)
    if missing := {"prediction", "explanation", "sparsity", "fidelity", "contrastive"} - names:
        raise ValueError(
            f"the shipped settings leave out the losses {', '.join(sorted(missing))}; expected all of them"
        )
    return {
        "epoch_cpu_seconds": np.diff(ends).tolist()[WARM_UP - 1 :],
        "prepare_cpu_seconds": prepared_after,
        "losses": sorted(names),
        "batch": settings.batch,
        "parameters": sum(weights.numel() for weights in model.parameters()),
    }


def summary(molecules: int, rounds: Sequence[dict[str, Any]], theirs: dict[str, Any]) -> dict[str, Any]:
    """Processor seconds per 1,000 molecules and epoch of both, and how many times cheaper ours is.

    Parameters
    ----------
    rounds
        From `our_epochs`; the median over the epochs of all rounds counts.
    theirs
        What the peer's program says of its training; the median after the warm-up counts.
    """
    scale = 1000 / molecules
    epochs = [seconds * scale for found in rounds for seconds in found["epoch_cpu_seconds"]]
    peer = [seconds * scale for seconds in theirs["epoch_cpu_seconds"][WARM_UP:]]
    mine, other = float(np.median(epochs)), float(np.median(peer))
    kept = ("losses", "parameters")
    return {
        "molecules": molecules,
        "unit": "CPU seconds per 1,000 molecules and epoch",
        "ours": {
            "seconds": round(mine, 3),
            "epochs": [round(seconds, 3) for seconds in epochs],
            "prepare": round(rounds[0]["prepare_cpu_seconds"] * scale, 3),
            "batch": rounds[0]["batch"],
            **{name: rounds[0][name] for name in kept},
        },
        PEER: {
            "seconds": round(other, 3),
            "epochs": [round(seconds, 3) for seconds in peer],
            "prepare": round(theirs["prepare_cpu_seconds"] * scale, 3),
            **{name: theirs[name] for name in kept},
        },
        "ratio": round(other / mine, 1),
        "target": TARGET,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Time both, print and write."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--molecules", type=int, default=1000, help="training molecules")
    parser.add_argument("--epochs", type=int, default=2, help="measured epochs after one to warm up")
    parser.add_argument("--folder", type=Path, default=Path("runs/training_cost"), help="where the sample is kept")
    parser.add_argument("--tables", type=Path, default=Path("runs/accuracy"), help="where standardised tables are kept")
    parser.add_argument("--peers-folder", type=Path, default=Path("runs/peers"), help="where environments are kept")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where training_cost.json goes")
    chosen = parser.parse_args(arguments)
    torch.set_num_threads(1)
    if chosen.epochs < 1:
        raise SystemExit(f"--epochs is {chosen.epochs}; expected at least 1")
    data = chosen.folder / "molecules.csv"
    try:
        table = sample(prepared(MUTAGENICITY, chosen.tables), chosen.molecules, data)
        shape = load_bundle(MUTAGENICITY.name).members[0].settings
        settings = dataclasses.replace(recipe_for(MUTAGENICITY.name).train, epochs=WARM_UP + chosen.epochs)
        peer = Method(
            PEER, f"benchmarks.peers.train_{PEER}", PEER, {"kind": MUTAGENICITY.kind, "epochs": settings.epochs}
        )
        # Ours before and after theirs: what else the machine does changes over the run.
        rounds = [our_epochs(table, shape, settings)]
        theirs = trained(peer, data, chosen.peers_folder)
        rounds.append(our_epochs(table, shape, settings))
    except (FileNotFoundError, ValueError, PeerError) as error:
        raise SystemExit(str(error)) from error
    measured = summary(chosen.molecules, rounds, theirs.given)
    print(f"{measured['unit']}, {measured['molecules']:,} Ames molecules")
    for name in ("ours", PEER):
        m = measured[name]
        print(f"{name:25s}{m['seconds']:8.2f} s{m['parameters']:12,} parameters   {', '.join(m['losses'])}")
    print(f"ours is {measured['ratio']:.1f} times cheaper (target: at least {TARGET})")
    print(write_result("training_cost", COMMAND, measured, chosen.results))


if __name__ == "__main__":
    main()
