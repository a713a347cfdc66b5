"""Other tools' counterfactuals with our predictor, on the molecules and in the time of our own.

Starts, times and our own products are those of `benchmarks.counterfactuals`. Whatever a tool asks the predictor about
is its candidate, and the most similar candidate with the other verdict is its best: the same for all.

Run it with: python -m benchmarks.counterfactual_peers
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from rdkit import Chem, DataStructs, rdBase
from rdkit.Chem import rdFingerprintGenerator

from benchmarks.peers.environments import PeerError, peer_python, told
from benchmarks.peers.running import ROOT
from benchmarks.results_file import DETAILS, RESULTS, write_result
from concepts.counterfactuals.counterfactual import SA_ROUNDING
from concepts.counterfactuals.synthetic_accessibility import sa_score
from datasets.standardize import parent_smiles
from megan.predictor import Predictor

COMMAND: Final = "python -m benchmarks.counterfactual_peers"
PEERS: Final = {"exmol": "benchmarks.peers.search_exmol", "vgd_counterfactuals": "benchmarks.peers.search_vgd"}
"""Programs, by the name of their environment."""
TASK: Final = "mutagenicity"
LIMIT: Final = 40
_MORGAN: Final = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)


def similarity(a: str, b: str) -> float:
    """Tanimoto similarity of Morgan bits, radius 2, 0 to 1."""
    first, second = (_MORGAN.GetFingerprint(Chem.MolFromSmiles(smiles)) for smiles in (a, b))
    return float(DataStructs.TanimotoSimilarity(first, second))


def best(start: str, flips: Iterable[str]) -> dict[str, Any] | None:
    """The flip most similar to the start, with what is told of it; None where there is no other molecule."""
    with rdBase.BlockLogs():
        parents = {parent_smiles(smiles) for smiles in flips} - {None, start}
        others = sorted((smiles for smiles in parents if smiles), key=lambda s: (-similarity(start, s), s))
    if not others:
        return None
    before, after = sa_score(Chem.MolFromSmiles(start)), sa_score(Chem.MolFromSmiles(others[0]))
    worse = before is not None and after is not None and after > before + SA_ROUNDING
    return {"smiles": others[0], "similarity": round(similarity(start, others[0]), 4), "sa_not_worse": not worse}


def judged(rows: Sequence[dict[str, Any]], threshold: float) -> list[dict[str, Any]]:
    """A peer's rows with its best flip in place of all that it asked.

    Parameters
    ----------
    rows
        Of `benchmarks.peers.counterfactual_exchange.serve`.
    threshold
        Probability from which the verdict is positive.
    """
    return [
        {
            "start": row["start"],
            "best": best(row["start"], [s for s, p in row["asked"].items() if p is not None and p < threshold]),
            "readable": sum(p is not None for p in row["asked"].values()),
            "asked": len(row["asked"]),
            "predictions": row["predictions"],
            "seconds": round(row["seconds"], 3),
            "failure": row["failure"],
        }
        for row in rows
    ]


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The line of a table."""
    some = [row["best"] for row in rows if row["best"]]
    return {
        "molecules": len(rows),
        "flipped_share": round(len(some) / len(rows), 4),
        "similarity_median": round(float(np.median([b["similarity"] for b in some])), 4) if some else None,
        "sa_not_worse_share": round(float(np.mean([b["sa_not_worse"] for b in some])), 4) if some else None,
        "readable_share": round(sum(r["readable"] for r in rows) / max(1, sum(r["asked"] for r in rows)), 4),
        "predictions_median": float(np.median([row["predictions"] for row in rows])),
        "seconds_median": round(float(np.median([row["seconds"] for row in rows])), 3),
        "failures": sum(row["failure"] is not None for row in rows),
    }


def own_rows(results: Path, limit: int, shown: int | None = None) -> list[dict[str, Any]]:
    """What our own search gave, in the form of `judged`.

    Parameters
    ----------
    results
        Folder of the details of `benchmarks.counterfactuals`.
    limit
        Molecules at most.
    shown
        Of each molecule's products, most recommended first, how many are taken; None for all.
    """
    measured = json.loads((results / "counterfactuals.json").read_text(encoding="utf-8"))["measured"][TASK]["each"]
    return [
        {
            "start": row["start"],
            "best": best(row["start"], row["found"][:shown]) if row["flipped_any"] else None,
            "readable": row["valid"],
            "asked": len(row["found"]),
            "predictions": row["predictions"],
            "seconds": row["wall_s"],
            "failure": None,
        }
        for row in measured[:limit]
    ]


def searched(name: str, starts: Sequence[dict[str, Any]], peers: Path) -> list[dict[str, Any]]:
    """Let a peer search from every start.

    Raises
    ------
    PeerError
        If it cannot be installed or does not finish.
    """
    python = peer_python(name, peers)
    alone = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env = alone | {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    with tempfile.TemporaryDirectory() as folder:
        job, out = Path(folder) / "job.json", Path(folder) / "out.json"
        job.write_text(json.dumps(starts), encoding="utf-8")
        bridge = [sys.executable, "-m", "benchmarks.peers.answer_questions", TASK]
        told([str(python), "-m", PEERS[name], "--job", str(job), "--predictor", json.dumps(bridge),
              "--out", str(out)], env, ROOT)  # fmt: skip
        found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Search with all, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tools", nargs="+", choices=tuple(PEERS), default=tuple(PEERS), help="which")
    parser.add_argument("--limit", type=int, default=LIMIT, help="molecules")
    parser.add_argument("--peers", type=Path, default=Path("runs/peers"), help="for the tools' environments")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the result goes")
    given = parser.parse_args(arguments)
    if given.limit < 1:
        parser.error(f"--limit is {given.limit}; expected at least 1")
    threshold = Predictor.load(TASK).threshold
    assert threshold is not None
    own = own_rows(DETAILS, given.limit)
    each = {"own": own, "own, recommended": own_rows(DETAILS, given.limit, shown=1)}
    failed: dict[str, str] = {}
    for name in given.tools:
        starts = [{"start": row["start"], "seconds": row["seconds"]} for row in own]
        try:
            each[name] = judged(searched(name, starts, given.peers), threshold)
        except PeerError as error:
            failed[name] = str(error)
    for name, rows in each.items():
        print(f"{name:20}", summary(rows), flush=True)
    measured = {"task": TASK, "tools": {name: {**summary(rows), "each": rows} for name, rows in each.items()}}
    print(write_result("counterfactual_peers", COMMAND, {**measured, "failed": failed}, given.folder))


if __name__ == "__main__":
    main()
