"""Classes at their edges, and masses that can be looked up."""

from __future__ import annotations

import math

import pytest

from datasets.solubility import milligrams_per_millilitre, solubility_class


@pytest.mark.parametrize(
    ("log_s", "word"),
    [
        (2.1, "highly soluble"),
        (0.0, "highly soluble"),
        (-0.001, "soluble"),
        (-2.0, "soluble"),
        (-2.01, "slightly soluble"),
        (-4.0, "slightly soluble"),
        (-4.01, "insoluble"),
        (-13.2, "insoluble"),
    ],
)
def test_classes_begin_at_their_lowest_value(log_s: float, word: str) -> None:
    assert solubility_class(log_s) == word


def test_no_number_has_no_class() -> None:
    with pytest.raises(ValueError, match="log_s is nan"):
        solubility_class(math.nan)


def test_a_tenth_molar_ethanol_is_4_6_mg_per_ml() -> None:
    assert milligrams_per_millilitre(-1.0, "CCO") == pytest.approx(4.607, abs=0.001)
    assert milligrams_per_millilitre(0.0, "[Na+].[Cl-]") == pytest.approx(58.44, abs=0.01)
    with pytest.raises(ValueError, match="smiles is 'C1CC'"):
        milligrams_per_millilitre(0.0, "C1CC")
