"""The compiled loops of `app.screening.nearest`."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numba import njit

from megan.domain import Words

Ints = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

_FOLDS: Final = 4
_CHUNK: Final = 512
"""Compounds whose folded bits are counted in one go."""
_MOST_TRIED: Final = 96
"""Compounds with a rare bit of the query that are compared first, for a similarity to begin with."""
_HASH_PRIME = np.uint64(0x9E3779B97F4A7C15)


def fold(words: Words) -> Words:
    """One bit for four: whether any of them is set, (n, W) -> (n, W / 4).

    Bits of a that are set in no fold of b are in a alone. So two fingerprints share at most as many bits as a has, less
    those bits of its fold that the fold of b has not.
    """
    folded: Words = np.bitwise_or.reduce(words.reshape(len(words), _FOLDS, words.shape[1] // _FOLDS), axis=1)
    return folded


@njit(cache=True, nogil=True, inline="always")
def _count_bits(word: np.uint64) -> np.uint64:
    # The compiler knows this sum, and takes the processor's own instruction for it, for many words at once.
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@njit(cache=True, nogil=True)
def _bits_of(words: Words) -> int:
    total = np.uint64(0)
    for word in range(len(words)):
        total += _count_bits(words[word])
    return int(np.int64(total))


@njit(cache=True, nogil=True)
def _shared(query: Words, compound: Words) -> int:
    common = np.uint64(0)
    for word in range(len(query)):
        common += _count_bits(query[word] & compound[word])
    return int(np.int64(common))


@njit(cache=True, nogil=True)
def nearest_of(
    queries: Words,
    folded_queries: Words,
    known: Flags,
    fingerprints: Words,
    counts: Counts,
    folded: Words,
    starts: Ints,
    having: Counts,
) -> npt.NDArray[np.float32]:
    """Shape (G,): Tanimoto similarity of each query to the nearest of P compounds; 0 if there are none.

    Parameters
    ----------
    queries, folded_queries : (G, W), (G, W / 4)
    known : (G,)
        Whether an equal compound is known to be there.
    fingerprints, counts, folded, starts, having
        Of `app.screening.nearest.NearestSearch`.
    """
    result = np.zeros(len(queries), dtype=np.float32)
    found = np.empty(_CHUNK, dtype=np.uint64)
    for query in range(len(queries)):
        if known[query]:
            result[query] = 1.0
            continue
        own = _bits_of(queries[query])
        # Equal ones are known, and of two fingerprints one of which is empty the similarity is 0.
        if own == 0 or len(counts) == 0:
            continue
        shared, either = _first_guess(queries[query], own, fingerprints, counts, starts, having)
        above = int(np.searchsorted(counts, np.int32(own)))
        below = above
        spare = own - _bits_of(folded_queries[query])
        while above < len(counts) or below > 0:
            if above < len(counts):
                end = min(above + _CHUNK, len(counts))
                # The fewest bits of a chunk need the fewest shared ones.
                needed = shared * (own + counts[above]) // (shared + either) + 1
                if needed > own:
                    above = len(counts)
                else:
                    shared, either = _compare_chunk(
                        queries[query], folded_queries[query], own, needed - spare, shared, either, above, end,
                        fingerprints, counts, folded, found,
                    )  # fmt: skip
                    above = end
            if below > 0:
                begin = max(below - _CHUNK, 0)
                most = int(counts[below - 1])
                if shared * (own + most - most) >= most * either:
                    below = 0
                else:
                    needed = shared * (own + counts[begin]) // (shared + either) + 1
                    shared, either = _compare_chunk(
                        queries[query], folded_queries[query], own, needed - spare, shared, either, begin, below,
                        fingerprints, counts, folded, found,
                    )  # fmt: skip
                    below = begin
        result[query] = shared / either
    return result


@njit(cache=True, nogil=True)
def _first_guess(
    query: Words, own: int, fingerprints: Words, counts: Counts, starts: Ints, having: Counts
) -> tuple[int, int]:
    """Shared bits and bits of either of the nearest among some compounds that have the query's rarest bit."""
    rarest, fewest = -1, len(having) + 1
    for word in range(len(query)):
        bits = query[word]
        while bits:
            lowest = bits & (~bits + np.uint64(1))
            bit = word * 64 + int(np.int64(_count_bits(lowest - np.uint64(1))))
            bits ^= lowest
            some = int(starts[bit + 1] - starts[bit])
            if 0 < some < fewest:
                rarest, fewest = bit, some
    shared, either = 0, own
    if rarest >= 0:
        for at in range(starts[rarest], min(starts[rarest + 1], starts[rarest] + _MOST_TRIED)):
            compound = having[at]
            common = _shared(query, fingerprints[compound])
            together = own + counts[compound] - common
            if common * either > shared * together:
                shared, either = common, together
    return shared, either


@njit(cache=True, nogil=True)
def _compare_chunk(
    query: Words,
    folded_query: Words,
    own: int,
    least: int,
    shared: int,
    either: int,
    begin: int,
    end: int,
    fingerprints: Words,
    counts: Counts,
    folded: Words,
    found: Words,
) -> tuple[int, int]:
    """Compare with the compounds of a chunk that share at least so many folded bits; the best so far."""
    size = end - begin
    if least > 0:
        # The four words of a fold, written out so that each stays in a register.
        row0, row1, row2, row3 = folded[0, begin:end], folded[1, begin:end], folded[2, begin:end], folded[3, begin:end]
        asked0, asked1, asked2, asked3 = folded_query[0], folded_query[1], folded_query[2], folded_query[3]
        most = np.uint64(0)
        for at in range(size):
            low = _count_bits(row0[at] & asked0) + _count_bits(row1[at] & asked1)
            both = low + _count_bits(row2[at] & asked2) + _count_bits(row3[at] & asked3)
            found[at] = both
            most = max(most, both)
        if np.int64(most) < least:
            return shared, either
    for at in range(size):
        if least > 0 and np.int64(found[at]) < least:
            continue
        compound = begin + at
        count = int(counts[compound])
        if min(own, count) * either <= shared * max(own, count):
            continue
        common = _shared(query, fingerprints[compound])
        together = own + count - common
        if common * either > shared * together:
            shared, either = common, together
    return shared, either


@njit(cache=True, nogil=True)
def _hash(row: Words) -> int:
    value = np.uint64(0)
    for word in range(len(row)):
        value = (value ^ row[word]) * _HASH_PRIME
        value ^= value >> np.uint64(32)
    return int(np.int64(value >> np.uint64(1)))


@njit(cache=True, nogil=True)
def group_rows(rows: Words) -> tuple[Ints, Ints, Counts]:
    """Equal rows together: group of each of n rows, first row of each of U groups, and a hash table for `find_rows`."""
    size = 16
    while size < 2 * len(rows):
        size *= 2
    table = np.full(size, -1, dtype=np.int32)
    group, first = np.empty(len(rows), dtype=np.int64), np.empty(len(rows), dtype=np.int64)
    count = 0
    for row in range(len(rows)):
        place = _hash(rows[row]) & (size - 1)
        while table[place] >= 0 and not (rows[first[table[place]]] == rows[row]).all():
            place = (place + 1) & (size - 1)
        if table[place] < 0:
            table[place] = count
            first[count] = row
            count += 1
        group[row] = table[place]
    return group, first[:count].copy(), table


@njit(cache=True, nogil=True)
def find_rows(queries: Words, rows: Words, table: Counts) -> Ints:
    """Shape (G,): which row each query is, or -1."""
    found = np.full(len(queries), -1, dtype=np.int64)
    for query in range(len(queries)):
        place = _hash(queries[query]) & (len(table) - 1)
        while table[place] >= 0:
            row = table[place]
            same = True
            for word in range(queries.shape[1]):
                if rows[row, word] != queries[query, word]:
                    same = False
                    break
            if same:
                found[query] = row
                break
            place = (place + 1) & (len(table) - 1)
    return found
