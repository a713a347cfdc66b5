"""Records of delimited text, forgiving towards stray quotes.

A quote that is opened and never closed makes an ordinary CSV reader swallow the rest of the file into one cell, without
a word. Here a record may only run over several lines if it closes soon and then has as many cells as the header;
otherwise its first line stands alone, and reading goes on with the next.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator

_MOST_LINES = 200
_MOST_SIGNS = 100_000  # below the limit of the csv module, 131,072


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
    taken = [line]
    size = len(line)
    while size < _MOST_SIGNS and len(taken) <= _MOST_LINES:
        cells = _closed(taken, delimiter)
        if cells is not None:
            if len(taken) == 1 or width is None or len(cells) == width:
                return cells
            break
        more = waiting.popleft() if waiting else next(source, None)
        if more is None:
            break
        taken.append(more)
        size += len(more)
        # Only a line with a quote can close the cell.
        while '"' not in more and size < _MOST_SIGNS and len(taken) <= _MOST_LINES:
            following = waiting.popleft() if waiting else next(source, None)
            if following is None:
                break
            more = following
            taken.append(more)
            size += len(more)
    waiting.extendleft(reversed(taken[1:]))
    return line.rstrip("\r\n").replace('"', "").split(delimiter)


def _closed(lines: list[str], delimiter: str) -> list[str] | None:
    """Return the cells if the lines are one whole record, None if a cell is still open."""
    # One line more tells a record that ended from one that only ran out of lines.
    reader = csv.reader([*lines[:-1], lines[-1].rstrip("\r\n") + "\n", "\n"], delimiter=delimiter)
    try:
        cells = next(reader)
    except (csv.Error, StopIteration):
        return None
    return cells if reader.line_num == len(lines) else None
