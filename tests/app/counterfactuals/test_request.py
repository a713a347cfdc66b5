"""What may be asked of a search, and what "keep" means."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.components.counterfactuals.atoms import kept_atoms, ranges, toggled
from app.counterfactuals.request import Aim, Request, aims_of, check_request, kept
from datasets.tasks import MUTAGENICITY, SOLUBILITY

ASKED = Request("CCO", "mutagenicity")


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("", None),
        ("  ", None),
        ("3", (2,)),
        ("1-4, 7", (0, 1, 2, 3, 6)),
        ("7 1 1;2", (0, 1, 6)),
        (" c1ccccc1 ", "c1ccccc1"),
        ("[#6]-N", "[#6]-N"),
    ],
)
def test_keep_is_atoms_or_smarts(text: str, means: object) -> None:
    assert kept(text) == means


@pytest.mark.parametrize("text", ["0", "4-1", "1-", "-", "99999", "1-2-3", "c1cc", "hello", "=1", "\x00"])
def test_keep_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="keep"):
        kept(text)


def test_clicks_add_and_take_away_atoms() -> None:
    assert toggled("CCO", "", 2) == "3"
    assert toggled("CCO", "3", 0) == "1, 3"
    assert toggled("CCO", "1-3", 1) == "1, 3"
    assert toggled("CCO", "CO", 0) == "1-3", "what a SMARTS matches becomes atoms"
    assert toggled("CCO", "not a pattern", 1) == "2"
    assert kept_atoms("CCO", "9") == ()
    assert ranges([]) == ""
    for atoms in ([0, 1, 2, 5], [3], [0, 2, 4]):
        assert kept(ranges(atoms)) == tuple(atoms)


def test_goals_fit_the_task() -> None:
    assert aims_of(MUTAGENICITY)[0] is Aim.FLIP
    assert aims_of(SOLUBILITY)[0] is Aim.MOVE
    check_request(ASKED, MUTAGENICITY)
    check_request(replace(ASKED, to="mutagenic"), MUTAGENICITY)
    check_request(replace(ASKED, both=True, to="non-mutagenic"), MUTAGENICITY)
    check_request(replace(ASKED, task="solubility", aim=Aim.MOVE, by=-0.5), SOLUBILITY)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"aim": Aim.MOVE}, "goal is move; expected flip"),
        ({"to": "aggregator"}, "to is 'aggregator'; expected non-mutagenic or mutagenic"),
        ({"both": True, "to": "mutagenic"}, "both asks for non-mutagenic"),
        ({"both": True, "aim": Aim.DISAGREE}, "both is for verdicts"),
        ({"concept": "x"}, "expected leave-concept"),
        ({"count": 0}, "count is 0; expected 1 to 50"),
        ({"max_edits": 9}, "max_edits is 9; expected 1 to 5"),
        ({"budget": 0}, "budget is 0"),
        ({"keep": "c1cc"}, "keep is 'c1cc'"),
    ],
)
def test_wrong_requests_name_the_field(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_request(replace(ASKED, **changes), MUTAGENICITY)


@pytest.mark.parametrize("by", [0.0, float("nan"), float("inf")])
def test_a_move_needs_an_amount(by: float) -> None:
    with pytest.raises(ValueError, match="by is"):
        check_request(Request("C", "solubility", Aim.MOVE, by=by), SOLUBILITY)
