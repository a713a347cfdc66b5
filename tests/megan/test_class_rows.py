"""Going from block to block, every reference finds the value of its class."""

from __future__ import annotations

import numpy as np
import pytest

from megan.class_rows import References, keep_rows, lay_out


@pytest.mark.parametrize("seed", range(5))
def test_references_find_their_values(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_blocks = int(rng.integers(1, 9))
    seen = np.concatenate([[0], np.cumsum(rng.integers(0, 20, n_blocks))]).astype(np.int32)
    values = rng.random(seen[-1])
    references = []
    for _ in range(2):
        counts = [int(rng.integers(0, 30)) if seen[b + 1] else 0 for b in range(n_blocks)]
        classes = [rng.integers(0, seen[b + 1], counts[b]) for b in range(n_blocks) if counts[b]]
        starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        references.append(References(np.concatenate([np.zeros(0), *classes]).astype(np.int32), starts))
    table, rows = lay_out(seen, references)
    standing = np.full(table.size, np.nan)
    for block in range(n_blocks):
        new = values[seen[block] : seen[block + 1]]
        standing[table.first : table.first + len(new)] = new
        for some, where in zip(references, rows, strict=True):
            now = slice(some.starts[block], some.starts[block + 1])
            np.testing.assert_array_equal(standing[where[now]], values[some.classes[now]])
        kept = slice(table.kept_seen[block], table.kept_seen[block + 1])
        keep_rows(standing, table.kept, table.kept_rows, table.first, kept.start, kept.stop)
    # At no time stand more values before the block's own than are referred to from there on.
    last: dict[int, int] = {}
    for some in references:
        for block in range(n_blocks):
            for known in some.classes[some.starts[block] : some.starts[block + 1]].tolist():
                if known < seen[block]:
                    last[known] = max(block, last.get(known, 0))
    born = {known: int(np.searchsorted(seen, known, side="right")) - 1 for known in last}
    living = [sum(born[known] <= block <= last[known] for known in last) for block in range(n_blocks)]
    assert table.first == max(living)
    assert table.size == table.first + np.diff(seen).max()
