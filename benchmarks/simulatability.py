"""Do explanations teach? Simulatability studies where the answer is known, and of the shipped models' masks.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.simulatability [--parts drawn checks ...] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "2")

import torch
from scipy import stats

from benchmarks.results_file import RESULTS, write_result
from benchmarks.verdict_causes import spread, told_by_whole_molecule
from concepts.simulatability.conditions import Condition, StudySettings, conditions, published_sweep
from concepts.simulatability.explainers import explainer
from concepts.simulatability.rows import ScoreRow, compared
from concepts.simulatability.student_training import TrainingSettings
from concepts.simulatability.study import StudyProgress, simulate
from concepts.simulatability.subjects import Subject, subject_of

DRAWN: Final = "rb_adv_motifs"
DRAWN_GRAPHS: Final = 1000
SEED: Final = 1
"""Of graphs and splits: others than those on which the students' learning rate was chosen."""
JUDGED_REPETITIONS: Final = 100
JUDGED_SEED: Final = 2
"""Where explainers are judged, there are four times the published repetitions. Their number was fixed after 25 had left
some questions open, so they are made with other splits than those 25."""
SWEEP_SIZE: Final = 25
MOLECULES: Final = 500
MODEL_SIZES: Final = (50, 100)
MODEL_EXPLAINERS: Final = (
    "megan", "shuffled", "averaged", "random", "gradients", "integrated_gradients", "gnnexplainer",
)  # fmt: skip
SIGNIFICANT: Final = 0.05


@dataclass(frozen=True, slots=True)
class Ways:
    """How a benchmark is run."""

    run: Path
    settings: StudySettings
    judged: StudySettings
    """Where explainers are compared."""
    quick: bool


def sweep(ways: Ways) -> dict[str, Any]:
    """The published sweep, timed: sizes, shares of noise, shares of misleading masks."""
    rows, times = _timed(drawn_subject(), published_sweep("truth", SWEEP_SIZE), ways, "sweep")
    noise = [row for row in rows if row.condition.size == SWEEP_SIZE and not row.condition.adversarial]
    wrong = [row for row in rows if row.condition.size == SWEEP_SIZE and not row.condition.noise]
    return {
        **times,
        "rows": _records(rows),
        "spearman_noise": _spearman([(row.condition.noise, row) for row in noise]),
        "spearman_adversarial": _spearman([(row.condition.adversarial, row) for row in wrong]),
    }


def one_study(ways: Ways) -> dict[str, Any]:
    """One study of the usual size, timed."""
    rows, times = _timed(drawn_subject(), conditions(["truth"], [100]), ways, "one_study")
    return {**times, "rows": _records(rows)}


def checks(ways: Ways) -> dict[str, Any]:
    """True, random and misleading masks and a network's own at three sizes; and students that were shown the same."""
    asked = (
        *conditions(["truth", "megan", "random", "adversarial"], [25, 50, 100]),
        *(Condition("truth", size, reference="truth", start=start) for size in (25, 50) for start in (0, 1)),
    )
    rows, times = _timed(drawn_subject(ways.judged.seed), asked, ways, "checks", ways.judged)
    met = {}
    for row in rows:
        c, score = row.condition, row.score
        if score is None:
            continue
        if c.reference:
            met[f"same masks, size {c.size}, start {c.start}: interval contains 0"] = score.low <= 0 <= score.high
        elif c.explainer == "truth":
            met[f"true masks help, size {c.size}"] = score.mean > 0 and score.p < SIGNIFICANT
        elif c.explainer == "megan":
            met[f"the network's own masks help, size {c.size}"] = score.mean > 0 and score.p < SIGNIFICANT
        elif c.explainer == "random":
            met[f"random masks do not help, size {c.size}"] = not (score.mean > 0 and score.p < SIGNIFICANT)
        else:
            met[f"misleading masks hurt, size {c.size}"] = score.mean < 0 and score.p < SIGNIFICANT
    return {**times, "rows": _records(rows), "met": met}


def ablations(ways: Ways) -> dict[str, Any]:
    """Depth, node or edge masks alone, and kind of student, at one size."""
    asked = dict.fromkeys([
        *conditions(["truth"], [SWEEP_SIZE], layers=[1, 2, 3, 5]),
        *conditions(["truth"], [SWEEP_SIZE], masks=["both", "nodes", "edges"]),
        *conditions(["truth"], [SWEEP_SIZE], masks=["both", "nodes", "edges"], students=["gcn"]),
    ])  # fmt: skip
    rows, times = _timed(drawn_subject(), tuple(asked), ways, "ablations")
    return {**times, "rows": _records(rows)}


def of_model(task: str) -> Callable[[Ways], dict[str, Any]]:
    """The masks of a shipped model, and of other explainers of the same networks, on its test molecules."""

    def measure(ways: Ways) -> dict[str, Any]:
        subject = subject_of(task, 240 if ways.quick else MOLECULES, ways.judged.seed)
        explainers = MODEL_EXPLAINERS[:5] if ways.quick else MODEL_EXPLAINERS
        sizes = MODEL_SIZES[: 1 if ways.quick else None]
        rows, times = _timed(subject, conditions(explainers, sizes), ways, task, ways.judged)
        leads = []
        for size in sorted({row.condition.size for row in rows}):
            by_name = {row.condition.explainer: row for row in rows if row.condition.size == size}
            leads += [
                {"size": size, "over": name, **_rounded(asdict(compared(by_name["megan"], row)))}
                for name, row in by_name.items()
                if name != "megan"
            ]
        reference = {row.condition.size: row.reference for row in rows}
        return {
            **times,
            "molecules": len(subject.batch),
            "rows": _records(rows),
            "megan_leads": leads,
            "spread": spread(subject, explainer("megan")(subject)),
            "logp_and_weight": told_by_whole_molecule(subject, sizes, ways.judged, reference),
        }

    return measure


PARTS: Final[dict[str, Callable[[Ways], dict[str, Any]]]] = {
    "one_study": one_study,
    "sweep": sweep,
    "checks": checks,
    "ablations": ablations,
    "mutagenicity": of_model("mutagenicity"),
    "aggregation": of_model("aggregation"),
}


def drawn_subject(seed: int = SEED) -> Subject:
    """The generated set, with its true and its misleading masks."""
    return subject_of(DRAWN, DRAWN_GRAPHS, seed)


def table(measured: dict[str, Any]) -> str:
    """The result for the terminal."""
    lines = []
    for part, found in measured.items():
        lines.append(f"{part}: {found['processor_seconds']:.0f} s of processor, {found['seconds']:.0f} s by the clock")
        for row in found["rows"]:
            what = [f"{row['explainer']} {row['size']}"]
            what += [f"{name} {row[name]:g}" for name in ("noise", "adversarial") if row[name]]
            what += [str(row[name]) for name, usual in (("masks", "both"), ("student", "megan")) if row[name] != usual]
            what += [f"{row['layers']} layers"] if row["layers"] != 3 else []
            what += [f"against {row['reference']}, start {row['start']}"] if "reference" in row else []
            if row["score"] is None:
                lines.append(f"  {', '.join(what):44s} no score: {row['problem']}")
                continue
            lines.append(
                f"  {', '.join(what):44s}{row['score']:8.4f} [{row['low']:7.4f}, {row['high']:7.4f}] mean "
                f"{row['mean']:7.4f} p {row['p']:8.2g} d {row['effect']:5.2f} reference "
                f"{row['reference_performance']:.3f} failed {row['failed']}"
            )
        lines += [
            f"  megan over {lead['over']} at {lead['size']}: {lead['score']:.4f} "
            f"[{lead['low']:.4f}, {lead['high']:.4f}] mean {lead['mean']:.4f} p {lead['p']:.2g}"
            for lead in found.get("megan_leads", [])
        ]
        lines += [
            f"  logP and weight at {told['size']}: accuracy {told['accuracy']:.3f}, {told['lead']:+.3f} over the "
            f"reference [{told['low']:+.3f}, {told['high']:+.3f}]"
            for told in found.get("logp_and_weight", [])
        ]
        lines += [f"  masks: {name} {value}" for name, value in found.get("spread", {}).items()]
        lines += [f"  {'yes' if met else 'NO '} {sentence}" for sentence, met in found.get("met", {}).items()]
        lines += [f"  {name} {found[name]}" for name in ("spearman_noise", "spearman_adversarial") if name in found]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write; each part's numbers are kept as soon as they are there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulatability", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="numbers of others are kept")
    parser.add_argument("--run-folder", type=Path, default=Path("runs/simulatability"), help="where studies are kept")
    parser.add_argument("--quick", action="store_true", help="few short trainings; kept out of the results")
    chosen = parser.parse_args(arguments)
    run = chosen.run_folder / "quick" if chosen.quick else chosen.run_folder
    quick = StudySettings(
        repetitions=2, validation=20, seed=SEED, training=TrainingSettings(epochs=2, measured_epochs=1)
    )
    ways = (
        Ways(run, quick, quick, quick=True)
        if chosen.quick
        else Ways(run, StudySettings(seed=SEED), StudySettings(JUDGED_REPETITIONS, seed=JUDGED_SEED), quick=False)
    )
    results = run if chosen.quick else RESULTS
    file = results / "simulatability.json"
    for name in chosen.parts:
        try:
            found = PARTS[name](ways)
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"{name}: {error}") from error
        # Read as late as that, so that parts may be measured side by side.
        kept = json.loads(file.read_text(encoding="utf-8"))["measured"] if file.is_file() else {}
        write_result("simulatability", "python -m benchmarks.simulatability", kept | {name: found}, results)
        print(table({name: found}), flush=True)
    print(file)


def _timed(
    subject: Subject, asked: Sequence[Condition], ways: Ways, name: str, settings: StudySettings | None = None
) -> tuple[tuple[ScoreRow, ...], dict[str, Any]]:
    """Run a study in its folder; the time of earlier calls that were interrupted is counted too."""
    settings = ways.settings if settings is None else settings
    folder = ways.run / name
    clock, processor = time.perf_counter(), time.process_time()
    spent = folder / "time.json"
    before = json.loads(spent.read_text(encoding="utf-8")) if spent.is_file() else {"seconds": 0.0, "processor": 0.0}
    told = [0.0]

    def tell(progress: StudyProgress) -> None:
        now = {
            "seconds": before["seconds"] + time.perf_counter() - clock,
            "processor": before["processor"] + time.process_time() - processor,
        }
        if progress.done - told[0] > 0.05 or progress.done == 1:
            told[0] = progress.done
            print(f"{name}: {100 * progress.done:.0f} %, {progress.seconds_left:.0f} s left", flush=True)
            spent.write_text(json.dumps(now), encoding="utf-8")

    complete = (folder / "complete").is_file()
    study = simulate(subject, asked, settings, run=folder, report=(lambda _: None) if complete else tell)
    (folder / "complete").touch()
    total = json.loads(spent.read_text(encoding="utf-8"))
    return study.rows, {
        "seconds": round(total["seconds"], 1),
        "processor_seconds": round(total["processor"], 1),
        "threads": torch.get_num_threads(),
        "repetitions": settings.repetitions,
        "metric": study.metric,
    }


def _records(rows: Sequence[ScoreRow]) -> list[dict[str, Any]]:
    return [row.record() for row in rows]


def _spearman(rows: Sequence[tuple[float, ScoreRow]]) -> float | None:
    """Rank correlation of a share with the score; None where all scores are equal."""
    pairs = [(share, row.score.score) for share, row in rows if row.score is not None]
    if len({score for _, score in pairs}) < 2:
        return None
    return round(float(stats.spearmanr([share for share, _ in pairs], [score for _, score in pairs]).statistic), 4)


def _rounded(record: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 6) for name, value in record.items()}


if __name__ == "__main__":
    main()
