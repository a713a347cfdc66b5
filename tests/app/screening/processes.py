"""Processes as Linux tells of them, for tests that kill some."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

_PATIENCE = 60


def descendants(pid: int, word: str = "") -> list[int]:
    """Living processes that a process started, directly or not, whose command line holds a word; oldest first."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        own = children.get(waiting.pop(), [])
        found += own
        waiting += own
    return sorted(child for child in found if word in _command(child))


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(holds: Callable[[], bool], patience: float = _PATIENCE) -> None:
    """Wait until something holds; an error if it takes a minute."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, "it does not come to pass"
        time.sleep(0.005)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
