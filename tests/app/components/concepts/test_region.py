"""The outlined region is what the mask and the concept's parts have in common, and hostile texts yield none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.components.concepts.region import Region, region_of
from concepts.concept import Concept, Part
from tests.concepts.hand_made import three_concepts

NITROFURAN = "O=[N+]([O-])c1ccc(CO)o1"
"""Atoms 0 to 2 are the nitro group, 3 to 6 and 9 the furan, 7 and 8 the alcohol."""


def _part(smarts: str, name: str = "", smiles: str = "") -> Part:
    return Part(smarts, smiles, 9, 20, 5.5, 2.5, 12.25, 1e-12, 8, name=name)


def _concept(*parts: Part) -> Concept:
    return replace(three_concepts().concepts[0], parts=parts)


def _mask(*atoms: int) -> list[float]:
    return [0.9 if i in atoms else 0.1 for i in range(10)]


def test_a_named_part_under_the_mask_is_the_region() -> None:
    concept = _concept(_part("[CX4][OX2H]", "alcohol"), _part("c[N+](=O)[O-]", "aromatic nitro"))
    assert region_of(NITROFURAN, _mask(0, 1, 2), concept) == Region((0, 1, 2, 3), ("aromatic nitro",))
    assert region_of(NITROFURAN, _mask(7, 8), concept) == Region((7, 8), ("alcohol",))
    both = region_of(NITROFURAN, _mask(0, 1, 2, 7, 8), concept)
    assert both == Region((0, 1, 2, 3, 7, 8), ("aromatic nitro", "alcohol"))


def test_of_nested_parts_the_largest_named_one_counts() -> None:
    parts = (_part("[N+](=O)[O-]", "nitro"), _part("o1cccc1[N+](=O)[O-]", "nitrofuran"), _part("c1ccoc1", "furan"))
    assert region_of(NITROFURAN, _mask(0, 1, 2, 3, 4, 5, 6, 9), _concept(*parts)).names == ("nitrofuran",)


def test_a_fragment_counts_only_where_no_named_part_does() -> None:
    fragment, named = _part("co", "", "co"), _part("[CX4][OX2H]", "alcohol")
    assert region_of(NITROFURAN, _mask(3, 9), _concept(fragment, named)).names == ("fragment co",)
    assert region_of(NITROFURAN, _mask(3, 9, 7, 8), _concept(fragment, named)).names == ("alcohol",)


def test_a_part_beside_the_mask_does_not_count() -> None:
    concept = _concept(_part("c[N+](=O)[O-]", "aromatic nitro"))
    assert region_of(NITROFURAN, _mask(7), concept) == Region((7,), ())
    # One of four atoms is less than a site needs.
    assert region_of(NITROFURAN, _mask(3, 9), concept) == Region((3, 9), ())


@pytest.mark.parametrize(
    ("smiles", "mask"),
    [("C1CC(", [1.0]), ("", []), ("CCO", [0.1, 0.2, 0.3]), ("CCO", [1.0] * 4), ("<script>", [1.0])],
)
def test_where_there_is_nothing_to_outline_there_is_no_region(smiles: str, mask: list[float]) -> None:
    assert region_of(smiles, mask, _concept(_part("CO", "alcohol"))) == Region((), ())


@pytest.mark.parametrize("smarts", ["", "[", "<script>", "C(" * 50])
def test_smarts_that_do_not_parse_are_passed_over(smarts: str) -> None:
    assert region_of(NITROFURAN, _mask(7, 8), _concept(_part(smarts))) == Region((7, 8), ())
