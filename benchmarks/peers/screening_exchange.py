"""Work of a screening that another process is asked for chunk by chunk, by the standard library alone.

Each tool is a process of its own that has loaded all it needs and waits. So all tools can take turns on chunks of one
library, and what else the machine does in the meantime meets them alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

#: What is timed; it may return more to tell.
Timed = Callable[[], dict[str, Any] | None]
#: From SMILES to what is timed; what it does itself is not.
Work = Callable[[list[str]], Timed]


class ToolError(RuntimeError):
    """A tool did not do what it was asked for; the sentence is the tool's own."""


def serve(make: Callable[[], Mapping[str, Work]]) -> None:
    """Do what standard input asks for until it ends; each answer is a line of standard output.

    Parameters
    ----------
    make
        Gets ready and gives the kinds of work by name. What it and they print goes to standard error.
    """
    with _answers() as out:
        works = make()
        for line in sys.stdin:
            asked = json.loads(line)
            try:
                told = timed(works[asked["work"]](asked["smiles"]))
            except Exception as error:  # noqa: BLE001  # tools raise what they like, and the driver wants to know
                told = {"failure": f"{type(error).__name__}: {error}"[:500]}
            out.write(json.dumps(told) + "\n")
            out.flush()


def timed(work: Timed) -> dict[str, Any]:
    """Seconds on the clock and of this process's processor time, with what the work tells."""
    clock, cpu = time.perf_counter(), time.process_time()
    told = work() or {}
    return {"cpu": time.process_time() - cpu, "clock": time.perf_counter() - clock, **told}


def _answers() -> TextIO:
    """Standard output for answers only: whatever else is printed, from C too, goes to standard error."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "w", encoding="utf-8")


class Tool:
    """A process that serves, on a core of its own where the system lets us choose.

    Parameters
    ----------
    command
        The program.
    core
        The core; any if None.
    env, cwd
        Environment and working folder.
    """

    def __init__(
        self,
        command: Sequence[str],
        core: int | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115  # till the end
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True, env=env, cwd=cwd
        )
        if core is not None and sys.platform == "linux":
            os.sched_setaffinity(self._process.pid, {core})  # before it has threads, which inherit it

    def ask(self, work: str, smiles: Sequence[str]) -> None:
        """Ask without waiting.

        Raises
        ------
        ToolError
            If the tool has ended.
        """
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"work": work, "smiles": list(smiles)}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise ToolError(self._last_words()) from None

    def answer(self) -> dict[str, Any]:
        """Wait for the answer to the last question.

        Raises
        ------
        ToolError
            If the work failed or the tool has ended.
        """
        assert self._process.stdout is not None
        # What a package prints as it is imported comes before the first answer.
        while (line := self._process.stdout.readline()) and not line.startswith("{"):
            pass
        if not line:
            raise ToolError(self._last_words())
        told: dict[str, Any] = json.loads(line)
        if "failure" in told:
            raise ToolError(told["failure"])
        return told

    def do(self, work: str, smiles: Sequence[str]) -> dict[str, Any]:
        """Ask and wait."""
        self.ask(work, smiles)
        return self.answer()

    def _last_words(self) -> str:
        self._process.wait()
        self._said.seek(0)
        lines = [line.strip() for line in self._said.read().splitlines() if line.strip()]
        return f"exit code {self._process.returncode}: {' | '.join(lines[-3:])[-500:] or 'it said nothing'}"

    def __enter__(self) -> Tool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._process.kill()
        self._process.communicate()
        self._said.close()
