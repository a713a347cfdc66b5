"""Asking for rows ahead changes nothing that can be seen."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from megan.prefetching import ask_for


@njit(nogil=True)
def _sum_of_rows(table: npt.NDArray[np.float32], rows: npt.NDArray[np.int32]) -> float:
    total = 0.0
    for at in range(len(rows)):
        if at + 2 < len(rows):
            ask_for(table, rows[at + 2], 0, table.shape[1])
        total += table[rows[at]].sum()
    return total


def test_rows_that_are_asked_for_stay_as_they_are() -> None:
    rng = np.random.default_rng(0)
    table = rng.integers(0, 9, (200, 37)).astype(np.float32)
    before, rows = table.copy(), rng.integers(0, 200, 999).astype(np.int32)
    assert _sum_of_rows(table, rows) == before[rows].sum()
    np.testing.assert_array_equal(table, before)


def test_the_processor_is_asked() -> None:
    _sum_of_rows(np.ones((4, 20), np.float32), np.arange(4, dtype=np.int32))
    assert any("prefetch" in code for code in _sum_of_rows.inspect_llvm().values())
