"""How fast a library is screened: our own rates, other tools beside them, the whole command, and its memory.

Run it with: MEGAN_DATA=FOLDER python -m benchmarks.screening

Sections can be measured apart (`--only ours`); each replaces its own numbers in the result and leaves the others.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from app.screening.settings import PART_ROWS
from benchmarks.peers.screening_exchange import ToolError
from benchmarks.results_file import RESULTS, data_file, write_result
from benchmarks.screening_cases import ONE, PARSE
from benchmarks.screening_engine import RUNS, screened, structures, write_library
from benchmarks.screening_rates import PEERS, measure_own, measure_peers, own_tool

COMMAND: Final = "python -m benchmarks.screening"
LIBRARIES: Final[Mapping[str, str]] = {
    "muv": "library/muv_hts_93k.smi.gz",
    "moses": "library/moses_250k.smi.gz",
}
SECTIONS: Final = ("ours", "peers", "engine", "memory")
MEMORY_ROWS: Final = (10_000, 100_000, 1_000_000, 10_000_000)
PEER_PARTS: Final = 5
WORKERS: Final = 2


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for, print and write."""
    given = parsed(arguments)
    libraries = {name: structures([data_file(LIBRARIES[name])])[: given.rows] for name in given.sets}
    first = next(iter(libraries))
    keep = Kept(given.folder)
    try:
        for section in given.only:
            print(f"{section}: load {os.getloadavg()[0]:.1f}", flush=True)
            if section == "ours":
                keep.put(section, ours(libraries, given.part_rows))
            elif section == "peers":
                smiles = libraries[first][: (given.peer_parts + 1) * given.part_rows]
                found = measure_peers(smiles, given.part_rows, given.peers, cores(1)[0], given.environments)
                keep.put(section, {"library": first} | found)
            elif section == "engine":
                keep.put(section, engine(first, libraries[first], given.scratch))
            else:
                for runs in memory(given.memory, given.scratch):
                    keep.put(section, keep.of(section) | runs)
    except (ToolError, RuntimeError, ValueError) as error:
        raise SystemExit(f"{section}: {error}") from error
    print(keep.file)


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="sections")
    parser.add_argument("--sets", type=_names(LIBRARIES), default=tuple(LIBRARIES), help="libraries, commas between")
    parser.add_argument("--rows", type=int, help="of each library at most; all if not given")
    parser.add_argument("--part-rows", type=int, default=PART_ROWS, help="rows of a part")
    parser.add_argument("--peers", type=_names(PEERS), default=tuple(PEERS), help="other tools, commas between")
    parser.add_argument("--peer-parts", type=int, default=PEER_PARTS, help="parts for the section of other tools")
    parser.add_argument("--memory", type=_counts, default=MEMORY_ROWS, help="rows, commas between")
    parser.add_argument("--environments", type=Path, default=Path("runs/peers"), help="for the tools' environments")
    parser.add_argument("--scratch", type=Path, default=Path("runs/screening"), help="for files that come and go")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the result goes")
    given = parser.parse_args(arguments)
    least = 2 * given.part_rows * WORKERS
    if given.part_rows < 1 or (given.rows is not None and given.rows < least):
        parser.error(f"--rows is {given.rows}; expected at least {least}, since the first part of a process warms up")
    return given


def _names(known: Mapping[str, Any]) -> Any:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(name.strip() for name in text.split(",") if name.strip())
        if not names or set(names) - set(known):
            raise argparse.ArgumentTypeError(f"is {text!r}; expected some of {', '.join(known)}")
        return names

    return read


def _counts(text: str) -> tuple[int, ...]:
    counts = [int(word) for word in text.split(",") if word.strip().isdigit()]
    if len(counts) != len(text.split(",")) or min(counts) < 1:
        raise argparse.ArgumentTypeError(f"is {text!r}; expected numbers of rows with commas between")
    return tuple(counts)


def cores(count: int) -> list[int | None]:
    """Cores to pin processes to, the last ones first; None where the system lets nobody choose."""
    if not hasattr(os, "sched_getaffinity"):
        return [None] * count
    free = sorted(os.sched_getaffinity(0), reverse=True)
    return [free[at % len(free)] for at in range(count)]


def ours(libraries: Mapping[str, Sequence[str]], part_rows: int) -> dict[str, Any]:
    """Our rates with one process on one core, then two on two."""
    found = {}
    for processes in (1, WORKERS):
        found[str(processes)] = measure_own(libraries, part_rows, cores(processes))
        print(json.dumps(found[str(processes)], indent=1), flush=True)
    return found


def engine(name: str, smiles: Sequence[str], scratch: Path) -> dict[str, Any]:
    """The whole command on a library, beside the parser by the clock with as many processes."""
    file = scratch / "library.smi"
    write_library(smiles, len(smiles), file)
    runs = []
    try:
        for case, workers in RUNS:
            parsed_before = parse_by_the_clock(smiles[:PART_ROWS], workers)
            run = screened(file, len(smiles), case, workers, scratch / "run")
            parsed_after = parse_by_the_clock(smiles[:PART_ROWS], workers)
            run["parse_per_second"] = round(max(parsed_before, parsed_after))
            run["share_of_parse"] = round(run["rows_per_second"] / run["parse_per_second"], 4)
            runs.append(run)
            print(run, flush=True)
    finally:
        size = file.stat().st_size
        file.unlink()
    return {"library": name, "input_bytes_per_row": round(size / len(smiles), 1), "runs": runs}


def parse_by_the_clock(smiles: Sequence[str], processes: int) -> float:
    """Molecules a second that so many processes parse together, each on its core; the better of two passes."""
    tools = [own_tool(core, PARSE) for core in cores(processes)]
    try:
        best = 0.0
        for _ in range(2):
            for tool in tools:
                tool.ask(PARSE, smiles)
            best = max(best, sum(len(smiles) / tool.answer()["clock"] for tool in tools))
        return best
    finally:
        for tool in tools:
            tool.__exit__(None, None, None)


def memory(sizes: Sequence[int], scratch: Path) -> Any:
    """Yield the peak memory of the command at several sizes, each once it is there.

    One endpoint by the fastest settings: the rows decide, not what is said of each.
    """
    smiles = structures(data_file(file) for file in LIBRARIES.values())
    file = scratch / "repeated.smi"
    try:
        for rows in sizes:
            write_library(smiles, rows, file)
            run = screened(file, rows, ONE, WORKERS, scratch / "run")
            print(run, flush=True)
            yield {str(rows): run}
    finally:
        file.unlink(missing_ok=True)


class Kept:
    """The result so far.

    Parameters
    ----------
    folder
        Of the result.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "screening.json"

    def of(self, section: str) -> dict[str, Any]:
        """What is known of a section."""
        found: dict[str, Any] = self._all().get(section, {})
        return found

    def put(self, section: str, measured: Mapping[str, Any]) -> None:
        """Put a section in place of its older numbers."""
        about = {
            "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "load": round(os.getloadavg()[0], 1),
        }
        write_result("screening", COMMAND, self._all() | {section: {**measured, "about": about}}, self._folder)

    def _all(self) -> dict[str, Any]:
        if not self.file.is_file():
            return {}
        found: dict[str, Any] = json.loads(self.file.read_text(encoding="utf-8"))["measured"]
        return found


if __name__ == "__main__":
    main()
