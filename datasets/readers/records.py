"""Records of delimited text, forgiving towards stray quotes.

A quote that is opened and never closed makes an ordinary CSV reader swallow the rest of the file into one cell, without
a word. Here a record may only run over several lines if it closes soon, closes properly, and then has as many cells
as the header; otherwise its first line stands alone, and reading goes on with the next.
"""

from __future__ import annotations

import csv
import enum
from collections import deque
from collections.abc import Iterable, Iterator

_MOST_LINES = 200
_MOST_SIGNS = 100_000  # below the limit of the csv module, 131,072


class _State(enum.Enum):
    """Why some lines are not one record."""

    OPEN = "a quoted cell has not ended"
    BROKEN = "the quotes make no sense"


def records(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Yield the cells of each record; blank lines are left out.

    Parameters
    ----------
    lines
        Lines with their ends.
    delimiter
        One character.
    """
    source = iter(lines)
    waiting: deque[str] = deque()
    width: int | None = None
    while True:
        line = waiting.popleft() if waiting else next(source, None)
        if line is None:
            return
        if '"' not in line and len(line) < _MOST_SIGNS:
            cells = line.rstrip("\r\n").split(delimiter)
        else:
            cells = _quoted(line, source, waiting, delimiter, width)
        if len(cells) == 1 and not cells[0].strip():
            continue
        if width is None:
            width = len(cells)
        yield cells


def _quoted(line: str, source: Iterator[str], waiting: deque[str], delimiter: str, width: int | None) -> list[str]:
    """Read the record that starts with `line`, taking more lines where a cell runs on; unused ones go to `waiting`."""
    cells = _parsed([line], delimiter, strict=False)
    if isinstance(cells, list):
        return cells
    taken = [line]
    size = len(line)
    while size < _MOST_SIGNS and len(taken) < _MOST_LINES:
        more = waiting.popleft() if waiting else next(source, None)
        if more is None:
            break
        taken.append(more)
        size += len(more)
        # Only a line with a quote can close the cell.
        if '"' not in more:
            continue
        # Strict: where text follows the closing quote, that quote was meant to open or to stand for itself.
        cells = _parsed(taken, delimiter, strict=True)
        if isinstance(cells, list) and (width is None or len(cells) == width):
            return cells
        if cells is not _State.OPEN:
            break
    waiting.extendleft(reversed(taken[1:]))
    return line.rstrip("\r\n").replace('"', "").split(delimiter)


def _parsed(lines: list[str], delimiter: str, strict: bool) -> list[str] | _State:
    """Return the cells if the lines are one whole record."""
    # One line more tells a record that ended from one that only ran out of lines.
    reader = csv.reader([*lines[:-1], lines[-1].rstrip("\r\n") + "\n", "\n"], delimiter=delimiter, strict=strict)
    try:
        cells = next(reader)
    except csv.Error:
        return _State.OPEN if reader.line_num > len(lines) else _State.BROKEN
    return cells if reader.line_num == len(lines) else _State.OPEN
