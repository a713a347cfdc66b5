"""Other tools' counterfactuals with our predictor, on the molecules and in the time of our own.

Starts, times and our own products are those of `benchmarks.counterfactuals`. Whatever a tool asks the predictor about
is its candidate, and the most similar candidate with the other verdict is its best; of our own search only the five
that it shows are candidates. The same time is the processor seconds that our search took on the molecule, one thread,
the predictor's own work among them, for every tool. A tool's answers are kept molecule by molecule, so that a run that
was stopped goes on where it was.

Run it with: MEGAN_DATA=FOLDER OMP_NUM_THREADS=1 python -m benchmarks.counterfactual_peers
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.counterfactual_judging import compared, judged_tool, summary
from benchmarks.peers.environments import ENVIRONMENTS, PeerError, peer_python, told
from benchmarks.peers.running import ROOT
from benchmarks.results_file import DETAILS, RESULTS, write_result
from megan.card import bundle_folder
from megan.files import write_beside
from megan.predictor import Predictor
from megan.run_claim import claim_run

COMMAND: Final = "python -m benchmarks.counterfactual_peers"
PEERS: Final[dict[str, tuple[str, ...]]] = {
    "exmol": ("exmol", "benchmarks.peers.search_exmol"),
    "exmol narrow": ("exmol", "benchmarks.peers.search_exmol", "--narrow"),
    "vgd_counterfactuals": ("vgd_counterfactuals", "benchmarks.peers.search_vgd"),
}
"""By name: the environment, the program, and what the program is told."""
TASKS: Final = ("mutagenicity", "aggregation")
LIMIT: Final = 200


def own_rows(measured: dict[str, Any], predictor: Predictor, limit: int, shown: int | None = None) -> list[Any]:
    """What our own search gave, judged like a peer's.

    Parameters
    ----------
    measured
        Of a task, from the details of `benchmarks.counterfactuals`.
    predictor
        Of the task.
    limit
        Molecules at most.
    shown
        Of each molecule's products, most recommended first, how many are taken; None for all.
    """
    rows = []
    for row in measured["each"][:limit]:
        flips = [smiles for smiles, flip in zip(row["found"], row["verified"], strict=True) if flip][:shown]
        told = {"start": row["start"], "readable": row["valid"], "asked": len(row["found"]), "failure": None}
        rows.append(
            judged_tool(
                {**told, "predictions": row["predictions"], "seconds": row["cpu_s"]}, flips, row["found"], predictor
            )
        )
    return rows


def peer_rows(rows: Sequence[dict[str, Any]], predictor: Predictor) -> list[dict[str, Any]]:
    """A peer's answers, judged.

    Parameters
    ----------
    rows
        Lines of `benchmarks.peers.counterfactual_exchange.serve`.
    predictor
        Of the task.
    """
    threshold = predictor.threshold
    assert threshold is not None
    judged = []
    for row in rows:
        flips = [smiles for smiles, p in row["asked"].items() if p is not None and p < threshold]
        told = {"readable": sum(p is not None for p in row["asked"].values()), "asked": len(row["asked"])}
        shown = [smiles for smiles in row["shown"] if smiles in flips]
        judged.append(judged_tool({**row, **told}, flips, shown, predictor))
    return judged


def answered(file: Path, starts: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The molecules that a peer has done already in the time that they have now, by their SMILES."""
    allowed = {start["smiles"]: start["seconds"] for start in starts}
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            # The process was stopped while it wrote.
            continue
        if allowed.get(row["start"]) == row["allowed"]:
            found[row["start"]] = row
    return found


def searched(name: str, task: str, starts: Sequence[dict[str, Any]], peers: Path, run: Path) -> list[dict[str, Any]]:
    """Let a peer search from every start that it has not done yet.

    Parameters
    ----------
    name
        A key of `PEERS`.
    task
        Whose predictor answers.
    starts
        Objects with the fields of `benchmarks.peers.counterfactual_exchange.Start`.
    peers
        Folder of the environments.
    run
        Where the answers are kept, of one peer and task.

    Raises
    ------
    PeerError
        If it cannot be installed or does not finish.
    """
    environment, program, *more = PEERS[name]
    python = peer_python(environment, peers)
    weights = hashlib.sha256()
    for file in sorted(bundle_folder(task).glob("*.safetensors")):
        weights.update(file.read_bytes())
    claim_run(run, {"packages": ENVIRONMENTS[environment], "program": PEERS[name], "weights": weights.hexdigest()})
    kept = run / "answers.jsonl"
    done = answered(kept, starts)
    with write_beside(kept) as beside:
        beside.write_text("".join(json.dumps(row) + "\n" for row in done.values()), encoding="utf-8")
    missing = [start for start in starts if start["smiles"] not in done]
    if missing:
        print(f"{name}, {task}: {len(missing)} of {len(starts)} molecules to do", flush=True)
        alone = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "VIRTUAL_ENV")}
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        with tempfile.TemporaryDirectory() as folder:
            job = Path(folder) / "job.json"
            job.write_text(json.dumps(missing), encoding="utf-8")
            bridge = [sys.executable, "-m", "benchmarks.peers.answer_questions", task]
            told([str(python), "-m", program, *more, "--job", str(job), "--predictor", json.dumps(bridge),
                  "--out", str(kept.absolute())], alone | threads | {"MPLBACKEND": "Agg"}, ROOT)  # fmt: skip
        done = answered(kept, starts)
    return [done[start["smiles"]] for start in starts]


def measured_task(task: str, given: argparse.Namespace) -> dict[str, Any]:
    """All tools on one task: a line each, and each peer beside our own molecule by molecule."""
    predictor = Predictor.load(task)
    details = json.loads((given.details / "counterfactuals.json").read_text(encoding="utf-8"))["measured"][task]
    each = {
        "own": own_rows(details, predictor, given.limit),
        "own, recommended": own_rows(details, predictor, given.limit, shown=1),
    }
    starts = [
        {"smiles": row["start"], "seconds": row["seconds"], "threshold": predictor.threshold} for row in each["own"]
    ]
    failed: dict[str, str] = {}
    for name in given.tools:
        run = given.run_folder / task / name.replace(" ", "_")
        try:
            each[name] = peer_rows(searched(name, task, starts, given.peers, run), predictor)
        except PeerError as error:
            failed[name] = str(error)
    tools: dict[str, Any] = {}
    for name, rows in each.items():
        tools[name] = {**summary(rows), "each": rows}
        if name in PEERS:
            tools[name]["own_beside_it"] = compared(each["own"], rows)
            tools[name]["recommended_beside_it"] = compared(each["own, recommended"], rows)
        print(f"{task:14} {name:20}", {k: v for k, v in tools[name].items() if k != "each"}, flush=True)
    return {"tools": tools, "failed": failed}


def main(arguments: Sequence[str] | None = None) -> None:
    """Search with all, judge, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS, help="which")
    parser.add_argument("--tools", nargs="+", choices=tuple(PEERS), default=tuple(PEERS), help="which")
    parser.add_argument("--limit", type=int, default=LIMIT, help="molecules of each task")
    parser.add_argument("--peers", type=Path, default=Path("runs/peers"), help="for the tools' environments")
    parser.add_argument("--run-folder", type=Path, default=Path("runs/counterfactual_peers"), help="for their answers")
    parser.add_argument("--details", type=Path, default=DETAILS, help="of our own search")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the result goes")
    given = parser.parse_args(arguments)
    if given.limit < 1:
        parser.error(f"--limit is {given.limit}; expected at least 1")
    if not (given.details / "counterfactuals.json").is_file():
        raise SystemExit("Our own search comes first: python -m benchmarks.counterfactuals")
    measured = {task: measured_task(task, given) for task in given.tasks}
    print(write_result("counterfactual_peers", COMMAND, measured, given.folder))


if __name__ == "__main__":
    main()
