"""Values as a chemist says them, word by word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.components import value_words
from datasets.tasks import MUTAGENICITY, SOLUBILITY
from megan.prediction import Neighbour
from tests.app.components.test_disagreement import MUTAGEN, VALUE

LOGD = replace(SOLUBILITY, name="logd", title="LogD of my series", unit="")


@pytest.mark.parametrize(
    ("mass", "said"),
    [
        (4321.0, "over 1,000 mg/mL"),
        (1000.0, "1,000 mg/mL"),
        (123.4, "120 mg/mL"),
        (3.44, "3.4 mg/mL"),
        (0.1, "0.1 mg/mL"),
        (0.0999, "100 µg/mL"),
        (0.00034, "0.34 µg/mL"),
        (3.4e-6, "3.4 ng/mL"),
        (1e-9, "under 0.1 ng/mL"),
    ],
)
def test_masses_stay_readable(mass: float, said: str) -> None:
    assert value_words.mass_in_words(mass) == said


def test_a_predicted_solubility_comes_with_class_and_mass() -> None:
    assert value_words.predicted(SOLUBILITY, VALUE, "CCO") == (
        "Predicted -3.20 log10 mol/L: slightly soluble, about 29 µg/mL."
    )
    assert value_words.interval(SOLUBILITY, VALUE, "CCO") == (
        "At 90 % confidence the value lies between -4.20 and -2.20 log10 mol/L, 2.9 µg/mL to 0.29 mg/mL."
    )
    assert value_words.reading(SOLUBILITY, 2.1, "CCO") == "highly soluble, over 1,000 mg/mL"
    assert "doi 10.1038/s41597-019-0151-1" in value_words.classes(SOLUBILITY)
    assert "slightly soluble from -4, else insoluble." in value_words.classes(SOLUBILITY)


def test_other_values_have_their_unit_and_no_more() -> None:
    assert value_words.predicted(LOGD, VALUE, "CCO") == "Predicted -3.20."
    assert value_words.interval(LOGD, VALUE, "CCO").endswith("between -4.20 and -2.20.")
    assert value_words.classes(LOGD) == value_words.class_of(LOGD, 1.0) == ""
    assert value_words.class_names(LOGD) == value_words.class_names(MUTAGENICITY) == ()
    assert value_words.interval(MUTAGENICITY, MUTAGEN) == ""


def test_one_record_is_a_value_and_several_are_a_range() -> None:
    one, other = Neighbour(0, 1.0, -0.5, "train"), Neighbour(1, 1.0, -0.79, "train")
    assert value_words.measured(SOLUBILITY, (one,), "CCO") == ("Measured -0.50 log10 mol/L: soluble, about 15 mg/mL.")
    assert value_words.measured(SOLUBILITY, (one, other)).startswith(
        "Measured -0.79 to -0.50 log10 mol/L in 2 records: isomers or salts"
    )


def test_channels_are_named_by_what_they_do_to_the_value() -> None:
    assert [value_words.channel_name(SOLUBILITY, k) for k in (0, 1)] == [
        "lowers aqueous solubility",
        "raises aqueous solubility",
    ]
    assert value_words.channel_title(SOLUBILITY, 0) == "Atoms that lower aqueous solubility"
    assert value_words.channel_title(LOGD, 1) == "Atoms that raise LogD of my series"
    assert value_words.channel_title(MUTAGENICITY, 1) == "Atoms that speak for mutagenic"
    assert value_words.channel_name(MUTAGENICITY, 1) == "mutagenic"


def test_what_lowers_has_a_minus() -> None:
    assert value_words.contribution(SOLUBILITY, 0, 0.62) == "moves the value by -0.62 log10 mol/L"
    assert value_words.contribution(SOLUBILITY, 1, 1.18) == "moves the value by +1.18 log10 mol/L"
    assert value_words.contribution(LOGD, 0, -0.1) == "moves the value by +0.10"
    assert value_words.contribution(MUTAGENICITY, 0, 0.4) == "contributes +0.40 log-odds"
