"""Sentences of the page, word by word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.components import words
from datasets.tasks import MUTAGENICITY, SOLUBILITY
from megan.prediction import Neighbour
from tests.app.components.test_disagreement import MUTAGEN


@pytest.mark.parametrize(
    ("output", "threshold", "verdict", "said"),
    [
        (0.63, 0.5, "mutagenic", "0.63: above the threshold of 0.50, so predicted mutagenic."),
        (0.31, 0.42, "non-mutagenic", "0.31: below the threshold of 0.42, so predicted non-mutagenic."),
        (0.4999, 0.5, "non-mutagenic", "0.50: just below the threshold of 0.50, so predicted non-mutagenic."),
        (0.5, 0.5, "mutagenic", "0.50: just above the threshold of 0.50, so predicted mutagenic."),
    ],
)
def test_verdict(output: float, threshold: float, verdict: str, said: str) -> None:
    prediction = replace(MUTAGEN, output=output, threshold=threshold, verdict=verdict)
    assert words.verdict_in_words(prediction) == said


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (("mutagenic",), "At 90 % confidence non-mutagenic is excluded and mutagenic remains."),
        (MUTAGENICITY.classes, "At 90 % confidence neither class can be excluded."),
        ((), "At 90 % confidence no class fits: the score is unlike those of measured compounds of either class."),
    ],
)
def test_conformal(kept: tuple[str, ...], said: str) -> None:
    assert words.conformal_in_words(MUTAGENICITY, replace(MUTAGEN, conformal=kept)) == said


def test_regression_is_said_with_its_unit() -> None:
    value = replace(MUTAGEN, threshold=None, verdict="-3.20 log10 mol/L", conformal=("-4.1..-2.3",))
    assert words.verdict_in_words(value) == "Predicted -3.20 log10 mol/L."
    assert words.conformal_in_words(SOLUBILITY, value).endswith("the value lies between -4.10 and -2.30 log10 mol/L.")
    assert words.label_in_words(SOLUBILITY, -3.2) == "-3.20 log10 mol/L"


@pytest.mark.parametrize(("spread", "verb"), [(0.01, "agree"), (0.1, "differ somewhat"), (0.3, "disagree")])
def test_spread(spread: float, verb: str) -> None:
    said = words.spread_in_words(MUTAGENICITY, replace(MUTAGEN, spread=spread), 5)
    assert said == f"The 5 members {verb} (standard deviation {spread:.2f})."


def test_measured_record_says_whether_the_model_saw_it() -> None:
    assert words.measured_in_words(MUTAGENICITY, Neighbour(1, 1.0, 1.0, "test")) == (
        "Measured mutagenic. The model has not seen this record."
    )
    first, second = Neighbour(1, 1.0, -0.5, "test"), Neighbour(2, 1.0, -0.3, "test")
    assert words.measured_in_words(SOLUBILITY, first, (first,), "CCO") == (
        "Measured -0.50 log10 mol/L: soluble, about 15 mg/mL. The model has not seen this record."
    )
    assert words.measured_in_words(SOLUBILITY, first, (first, second)).endswith("The model has not seen these records.")
    assert words.measured_in_words(MUTAGENICITY, None) == "This compound is not among the measured ones."


def test_enumerations_and_numbers() -> None:
    assert words.join([]) == ""
    assert words.join(["a"]) == "a"
    assert words.join(["a", "b", "c"]) == "a, b and c"
    assert words.plural(1, "row") == "1 row"
    assert words.plural(10000, "row") == "10,000 rows"
    assert words.percent(0.9) == "90 %"
