"""Which word of a pair is the positive class, and which pairs nobody can order."""

from __future__ import annotations

import pytest

from datasets.class_words import MISSING, PAIRS, class_of, normal_word, ordered_pair


@pytest.mark.parametrize("pair", PAIRS)
def test_known_pairs_are_ordered_whichever_comes_first(pair: tuple[str, str]) -> None:
    assert ordered_pair(pair) == pair
    assert ordered_pair(pair[::-1]) == pair


@pytest.mark.parametrize(
    ("words", "pair"),
    [
        (("toxic", "non-toxic"), ("non-toxic", "toxic")),
        (("nontoxic", "toxic"), ("nontoxic", "toxic")),
        (("not blocked", "blocked"), ("not blocked", "blocked")),
        (("red", "blue"), None),
        (("yes", "inactive"), None),
        (("1", "2"), None),
        (("yes",), None),
        (("yes", "no", "maybe"), None),
        ((), None),
    ],
)
def test_other_pairs_need_a_denial(words: tuple[str, ...], pair: tuple[str, str] | None) -> None:
    assert ordered_pair(words) == pair


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("1.0", "1"), (1, "1"), (0.0, "0"), (True, "true"), (" Yes ", "yes"), ("INACTIVE", "inactive"),
        ("not  blocked", "not blocked"), (None, ""), (float("nan"), ""), ("inf", "inf"), ("1e400", "1e400"),
        ("-3.141592653589", "-3.141592653589"),
    ],
)  # fmt: skip
def test_labels_are_compared_in_one_form(cell: object, word: str) -> None:
    assert normal_word(cell) == word


def test_words_for_missing_are_no_labels() -> None:
    assert {normal_word(word.upper()) for word in MISSING} == {""}


@pytest.mark.parametrize(("word", "expected"), [("yes", 1), ("-1", 0), ("active", 1), ("0", 0), ("blue", None)])
def test_class_of_a_word(word: str, expected: int | None) -> None:
    assert class_of(word) == expected
