"""Words that people write for the two classes of a measurement, and which of the two is the positive one.

Only pairs whose order nobody doubts are known; for any other pair the user has to say it with 1 and 0.
"""

from __future__ import annotations

import math
from collections.abc import Collection

#: (negative, positive), in lower case.
PAIRS: tuple[tuple[str, str], ...] = (
    ("0", "1"),
    ("-1", "1"),
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("inactive", "active"),
    ("negative", "positive"),
    ("neg", "pos"),
    ("-", "+"),
)

#: What stands for "not measured".
MISSING = frozenset({"", "nan", "na", "n/a", "none", "null", "nd", "n.d.", "?"})

_ORDER = {frozenset(pair): pair for pair in PAIRS}
_PREFIXES = ("non-", "non", "not ", "non ", "not-")


def normal_word(cell: object) -> str:
    """A label as it is compared: lower case, single spaces, 1.0 as 1, true and false for booleans; "" if missing."""
    if cell is None:
        return ""
    word = " ".join(str(cell).split()).casefold()
    if word in MISSING:
        return ""
    try:
        number = float(word)
    except ValueError:
        return word
    return word if not math.isfinite(number) else str(int(number)) if number == int(number) else str(number)


def ordered_pair(words: Collection[str]) -> tuple[str, str] | None:
    """(negative, positive) of two normal words; None where they are not two, or their order is not clear.

    Beside the known pairs, a word and its denial are clear: "toxic" and "non-toxic".
    """
    if len(set(words)) != 2:
        return None
    known = _ORDER.get(frozenset(words))
    if known:
        return known
    first, second = sorted(words, key=len)
    return (second, first) if any(second == prefix + first for prefix in _PREFIXES) else None


def class_of(word: str) -> int | None:
    """Class of a single normal word, 0 or 1; None where it belongs to no known pair."""
    for negative, positive in PAIRS:
        if word in (negative, positive):
            return int(word == positive)
    return None
