"""Markdown tables of how fast a library is screened, and of what a billion molecules would take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.screening_cases import BOTH, COMMITTEES, ONE, PARSE, TARGETS
from benchmarks.screening_stages import ORDER

Measured = Mapping[str, Any]
GIVES: Final[Mapping[str, str]] = {
    ONE: "one endpoint, first network: verdict, masks, concept, domain",
    BOTH: "both endpoints, first networks: the same, and alerts",
    COMMITTEES: "both endpoints, full committees: the same, and spread",
}
PEER_TITLES: Final[Mapping[str, str]] = {
    "chemprop": "chemprop 2.3.1 `predict`, one endpoint, no masks",
    "chemprop, cuik-molmaker": "the same with `--use-cuikmolmaker-featurization`",
    "admet_ai, AMES": "admet_ai 2.0.1, its five networks with AMES, no masks",
    "admet_ai, everything": "admet_ai 2.0.1, everything, no masks",
    "graph_attention_student": "graph_attention_student 1.6.0, one endpoint, masks",
}
PEER_TARGETS: Final[Mapping[str, int]] = {"chemprop": 6, "graph_attention_student": 15}
"""How many times faster than these one endpoint with masks is meant to be."""
PREDICTION: Final = ("featurise", "networks")
ALERTS_AND_DOMAIN: Final = ("fingerprints", "nearest", "alerts")
BILLION: Final = 10**9
CORES: Final = (64, 1024)


def rate_table(ours: Measured) -> str:
    """Shares of the parser's rate, of one process and of two at once."""
    columns = [(processes, name) for processes, found in ours.items() if processes != "about" for name in found]
    heads = [f"{name.upper()}, {_processes(processes)}" for processes, name in columns]
    rows = [_row("", *heads, "aimed at"), _line(len(heads) + 2)]
    parse = [f"{ours[p][name]['rows_per_cpu_second'][PARSE]:,.0f}" for p, name in columns]
    rows.append(_row("`MolFromSmiles` alone, molecules a CPU second", *parse, ""))
    for case, title in GIVES.items():
        shares = [f"{ours[p][name]['share_of_parse'][case]:.2f}" for p, name in columns]
        rows.append(_row(f"{title}; share of that rate", *shares, f"{TARGETS[case]:.2f}"))
    return "\n".join(rows)


def stage_table(ours: Measured, library: str) -> str:
    """Microseconds a molecule of one process."""
    found = ours["1"][library]["microseconds"]
    rows = [_row(f"CPU microseconds a molecule, {library.upper()}", *found), _line(len(found) + 1)]
    rows += [_row(stage, *[_microseconds(times.get(stage)) for times in found.values()]) for stage in ORDER]
    for title, stages in (
        ("all", ORDER),
        ("prediction: featurise, networks", PREDICTION),
        ("alerts and domain: fingerprints, nearest, alerts", ALERTS_AND_DOMAIN),
    ):
        sums = [sum(times.get(stage, 0.0) for stage in stages) for times in found.values()]
        rows.append(_row(title, *map(_microseconds, sums)))
    return "\n".join(rows)


def peer_rate_table(peers: Measured) -> str:
    """Other tools beside ours, in turns on the same parts."""
    heads = [f"WhyMol, {case}" for case in GIVES]
    rows = [_row("tool", "molecules a CPU second", *heads, "aimed at, one endpoint"), _line(len(heads) + 3)]
    rates = peers["rows_per_cpu_second"]
    rows.append(_row("", "", *[f"{rates[case]:,.0f} a CPU second" for case in GIVES], ""))
    for work, times in peers["times_faster"].items():
        cells = [f"{times[case]:.1f} times" for case in GIVES]
        aim = f"{PEER_TARGETS[work]} times" if work in PEER_TARGETS else ""
        rows.append(_row(PEER_TITLES[work], f"{rates[work]:,.0f}", *cells, aim))
    return "\n".join(rows)


def engine_table(engine: Measured) -> str:
    """The command by the clock."""
    heads = ("`screen` on " + engine["library"].upper(), "workers", "rows", "rows a second",
             "of the parser in as many processes", "peak memory", "bytes a row on disk")  # fmt: skip
    rows = [_row(*heads), _line(len(heads))]
    rows += [
        _row(run["case"], run["workers"], f"{run['rows']:,}", f"{run['rows_per_second']:,.0f}",
             f"{run['share_of_parse']:.2f}", _memory(run), f"{run['bytes_per_row']:.0f}")
        for run in engine["runs"]
    ]  # fmt: skip
    return "\n".join(rows)


def memory_table(memory: Measured) -> str:
    """Peak memory by the number of rows."""
    heads = ("rows", "workers", "peak memory", "counting shared pages in each process", "of which the driver at most",
             "one worker at most")  # fmt: skip
    rows = [_row(*heads), _line(len(heads))]
    for run in by_rows(memory):
        apart = [f"{run[key]:,} MB" for key in ("peak_resident_mb", "peak_driver_mb", "peak_worker_mb")]
        rows.append(_row(f"{run['rows']:,}", run["workers"], _memory(run), *apart))
    return "\n".join(rows)


def billion_table(measured: Measured) -> str:
    """What a billion molecules would take, by case.

    Processor time is that of a part in a worker while two work, and that of the driver over the longest run; disk and
    memory are those of the command.
    """
    ours, engine, memory = measured["ours"], measured["engine"], measured["memory"]
    rates = ours[max(key for key in ours if key != "about")][engine["library"]]["rows_per_cpu_second"]
    longest = by_rows(memory)[-1]
    driver = longest["driver_cpu_microseconds_per_row"]
    runs = {run["case"]: run for run in engine["runs"]}
    rows = [_row("a billion molecules", *GIVES), _line(len(GIVES) + 1)]

    def row(title: str, values: Sequence[float], unit: str = "") -> None:
        rows.append(_row(title, *[f"{_rounded(value)}{unit}" for value in values]))

    hours = {case: core_hours(1e6 / rates[case] + driver) for case in GIVES}
    row("core-hours", list(hours.values()))
    for cores in CORES:
        row(f"hours on {cores:,} cores", [value / cores for value in hours.values()])
    row("workers that one driver can feed", [1e6 / rates[case] / driver for case in GIVES])
    row(
        f"memory of a machine of {CORES[0]} cores",
        [(longest["peak_driver_mb"] + CORES[0] * runs[case]["peak_worker_mb"]) / 1000 for case in GIVES],
        " GB",
    )
    row("results on disk", [runs[case]["bytes_per_row"] * BILLION / 1e9 for case in GIVES], " GB")
    row("input on disk, not packed", [engine["input_bytes_per_row"] * BILLION / 1e9] * len(GIVES), " GB")
    for work in ("chemprop", "graph_attention_student"):
        if rate := measured["peers"]["rows_per_cpu_second"].get(work):
            cells = [_rounded(core_hours(1e6 / rate)), *["–"] * (len(GIVES) - 1)]
            rows.append(_row(f"core-hours of {PEER_TITLES[work]}", *cells))
    return "\n".join(rows)


def core_hours(microseconds: float) -> float:
    """Of a billion molecules that take so long each."""
    return microseconds * BILLION / 1e6 / 3600


def by_rows(memory: Measured) -> list[Measured]:
    """The runs, the shortest first."""
    return sorted((run for key, run in memory.items() if key.isdigit()), key=lambda run: run["rows"])


def _memory(run: Measured) -> str:
    # Where the system does not tell shared pages apart, they count in each process.
    return f"{run['peak_proportional_mb'] or run['peak_resident_mb']:,} MB"


def _processes(count: str) -> str:
    return "one process" if count == "1" else f"{count} processes"


def _microseconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _rounded(value: float) -> str:
    """To two digits, since more would be a pretence."""
    return f"{float(f'{value:.2g}'):,.10g}"


def _row(*cells: object) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _line(columns: int) -> str:
    return "|---" * columns + "|"
