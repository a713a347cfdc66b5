"""Resident memory of a command and all processes under it while it runs, with its time."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.25
"""Seconds between two looks."""
_NEW_PEAK = 1.01


@dataclass(slots=True)
class Watched:
    """A command that has ended."""

    seconds: float = 0.0
    """On the clock."""
    cpu_seconds: float = 0.0
    """Of all its processes."""
    driver_cpu_seconds: float = 0.0
    """Of the process that was started alone, as last seen."""
    peak_resident_mb: float = 0.0
    """Most that all processes held at once; pages that several share count in each, so that it is never too low."""
    peak_proportional_mb: float = 0.0
    """The same with a shared page split among its users, within a hundredth; 0 where the system does not tell."""
    peak_driver_mb: float = 0.0
    """Most that the process that was started held; resident."""
    peak_worker_mb: float = 0.0
    """Most that one process under it held; resident."""


def watch(command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Watched:
    """Run a command to its end.

    Raises
    ------
    RuntimeError
        If it fails; what it said on standard error has been shown.
    """
    found = Watched()
    started, before, seen = time.perf_counter(), _cpu_of_children(), dict[int, float]()
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.DEVNULL)
    try:
        while process.poll() is None:
            _look(process.pid, found, seen)
            time.sleep(_EVERY)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()
    found.seconds = time.perf_counter() - started
    # The system counts to the end who was waited for; who outlives its parent counts only as it was last seen.
    found.cpu_seconds = max(_cpu_of_children() - before, sum(seen.values()))
    found.driver_cpu_seconds = seen.get(process.pid, 0.0)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command[1:4]))} ended with exit code {process.returncode}")
    return found


def _look(driver: int, found: Watched, seen: dict[int, float]) -> None:
    everyone = [driver, *processes_under(driver)]
    seen.update({pid: cpu for pid in everyone if (cpu := _cpu_of(pid))})
    resident = [_of(pid, "status", "VmRSS:") for pid in everyone]
    # Telling shared pages apart holds the processes up, so it is done at new peaks only.
    if sum(resident) > _NEW_PEAK * found.peak_resident_mb:
        proportional = sum(_of(pid, "smaps_rollup", "Pss:") for pid in everyone)
        found.peak_proportional_mb = max(found.peak_proportional_mb, proportional)
    found.peak_resident_mb = max(found.peak_resident_mb, sum(resident))
    found.peak_driver_mb = max(found.peak_driver_mb, resident[0])
    found.peak_worker_mb = max(found.peak_worker_mb, *resident[1:], 0.0)


def processes_under(pid: int) -> list[int]:
    """Its children and theirs; none where the system has no /proc."""
    parents = {int(folder.name): _stat(int(folder.name))[1:2] for folder in Path("/proc").glob("[0-9]*")}
    found, known = [], {str(pid)}
    # A child's number can be lower than its parent's, so the list is gone through until nobody is new.
    while new := [child for child, parent in parents.items() if set(parent) & known and str(child) not in known]:
        found += new
        known |= {str(child) for child in new}
    return found


def _of(pid: int, file: str, field: str) -> float:
    """Megabytes that /proc tells; 0 of a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith(field))


def _stat(pid: int) -> list[str]:
    """What stands behind the name: state, parent and so on; empty of a process that has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_of(pid: int) -> float:
    """Processor seconds of one process so far, without its children."""
    stat = _stat(pid)
    return sum(map(int, stat[11:13])) / os.sysconf("SC_CLK_TCK") if stat else 0.0


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
