"""Numbers for packed codes in the order in which they are met, kept from batch to batch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
_HASH_PRIME = np.uint64(0x9E3779B97F4A7C15)


class CodeNumbers:
    """Code -> number, from 0; codes are at least 0."""

    def __init__(self) -> None:
        self._codes = np.full(256, -1, dtype=np.int64)
        self._numbers = np.zeros(256, dtype=np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def number(self, codes: Ints) -> tuple[Ints, Ints]:
        """Numbers of codes, and where each code stands that was not met before, in the order of its number."""
        numbers = np.empty(len(codes), dtype=np.int64)
        new: list[int] = []
        start = 0
        while start < len(codes):
            # Ends where half of the table is full.
            start, places = _number(codes, start, self._codes, self._numbers, self._count, numbers)
            new += places.tolist()
            self._count += len(places)
            if start < len(codes):
                self._grow()
        return numbers, np.array(new, dtype=np.int64)

    def _grow(self) -> None:
        known = self._codes >= 0
        codes, order = self._codes[known], np.argsort(self._numbers[known])
        self._codes = np.full(2 * len(self._codes), -1, dtype=np.int64)
        self._numbers = np.zeros(len(self._codes), dtype=np.int64)
        _number(codes[order], 0, self._codes, self._numbers, 0, np.empty(len(codes), dtype=np.int64))


@njit(cache=True, nogil=True)
def _number(codes: Ints, start: int, table: Ints, values: Ints, count: int, numbers: Ints) -> tuple[int, Ints]:
    """Number codes from a place on until half of the table is full: where it ended, and the places of new codes."""
    mask = len(table) - 1
    new = np.empty(len(table), dtype=np.int64)
    found = 0
    for at in range(start, len(codes)):
        code = codes[at]
        mixed = np.uint64(code) * _HASH_PRIME
        place = np.int64(mixed >> np.uint64(32)) & mask
        while table[place] >= 0 and table[place] != code:
            place = (place + 1) & mask
        if table[place] < 0:
            if 2 * (count + found + 1) > len(table):
                return at, new[:found].copy()
            table[place] = code
            values[place] = count + found
            new[found] = at
            found += 1
        numbers[at] = values[place]
    return len(codes), new[:found].copy()
