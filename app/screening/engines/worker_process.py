"""A worker: a process of one thread that takes parts, works on them and lets them take their place."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, MutableSequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from app.screening.engines.raw_part import AtRow, RawPart
from app.screening.run_folder import Run
from megan.files import write_beside

#: From a part and a function that is told of rows, its table; made by each worker for itself.
Work = Callable[[RawPart, AtRow], Any]
MakeWork = Callable[[Run], Work]
#: Takes the number of a part and its table, and lets it take its place whole.
Put = Callable[[int, Any], None]

NOWHERE = -1.0
"""Where no single row is worked on."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The models are loaded."""


@dataclass(frozen=True, slots=True)
class Written:
    """A part is in its place."""

    number: int
    rows: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on."""

    sentence: str


def load_work(run: Run) -> Work:
    """The work that a run asks for."""
    from app.screening.part_work import PartWork  # brings torch in, which the driver need not wait for

    return PartWork.of(run.settings, run.columns)


def serve(connection: Connection, run: Run, beat: MutableSequence[float], make_work: MakeWork, put: Put) -> None:
    """Take parts from the driver until it sends None or is gone.

    Parameters
    ----------
    connection
        To the driver.
    run
        The run.
    beat
        Shared with the driver: the row of the part that is worked on, or `NOWHERE`, and since when.
    make_work
        Makes the work.
    put
        Lets a part take its place.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the driver decides
    _end_with_the_driver()
    # Once the driver is gone there is nobody to tell; whoever goes on finds every part that is written.
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        try:
            work = make_work(run)
            connection.send(Ready())
            while (part := connection.recv()) is not None:
                put(part.number, _done(work, part, _noted(beat)))
                beat[0] = NOWHERE
                connection.send(Written(part.number, len(part)))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise
        except MemoryError:
            connection.send(Failed("the memory is full; use fewer workers or smaller parts"))
        except OSError as error:
            connection.send(Failed(disk_sentence(error)))
        except Exception as error:  # noqa: BLE001  # the driver tells it and ends
            traceback.print_exc()
            connection.send(Failed(f"{type(error).__name__}: {error}"))


def write_part(run: Run, number: int, table: Any) -> None:
    """Write a part whole, and let it take its place.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    import pyarrow.parquet as pq

    with write_beside(run.part(number)) as beside:
        pq.write_table(table, beside, compression="zstd")
        with beside.open("rb") as file:
            os.fsync(file.fileno())


def disk_sentence(error: OSError) -> str:
    """What a failed write means for a user."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "the disk is full; nothing that was written is lost: make room and resume"
    return f"a file of the run cannot be written ({error.strerror or error}); nothing that was written is lost"


def _done(work: Work, part: RawPart, at_row: AtRow) -> Any:
    if part.probe:
        for row in range(len(part)):
            at_row(row)
            work(part.row(row), lambda row: None)
        at_row(int(NOWHERE))
    return work(part, at_row)


def _noted(beat: MutableSequence[float]) -> AtRow:
    clock = time.monotonic

    def at_row(row: int) -> None:
        beat[1] = clock()
        beat[0] = row

    return at_row


def _end_with_the_driver() -> None:
    """Ask Linux to end this process with the one that started it, which may be killed while a row takes for ever."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
