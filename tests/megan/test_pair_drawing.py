"""A pair of molecules in two pictures: the common part stays where it is, and what changed is marked in two ways."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from rdkit import Chem

from megan.pair_drawing import align, draw_numbered, draw_pair

TOLUENE = "Cc1ccc([N+](=O)[O-])cc1"
PAIRS = (
    (TOLUENE, "Cc1ccc(S(C)(=O)=O)cc1", (0, 1, 2, 3, 4, -1, -1, -1, -1, 8, 9), (4, 5, 6, 7), (4, 5, 6, 7, 8)),
    (TOLUENE, "Cc1ccc(C[N+](=O)[O-])cc1", (0, 1, 2, 3, 4, -1, 5, 6, 7, 8, 9), (4, 5), (4, 5, 6)),
    ("C1CCCCC1", "CCCCCC", (0, 1, 2, 3, 4, 5), (0, 5), (0, 5)),
    ("CCCCCC", "C1CCCCC1", (0, 1, 2, 3, 4, 5), (0, 5), (0, 5)),
    ("C", "CO", (0, -1), (0,), (1,)),
    ("C", "[Na+].[Cl-]", (-1, -1), (0,), (0, 1)),
)


def _marks(svg: str) -> list[ElementTree.Element]:
    return [e for e in ElementTree.fromstring(svg).iter() if e.get("class") == "mark" and e.tag.endswith("circle")]


@pytest.mark.parametrize(("before", "after", "origin", "gone", "come"), PAIRS)
def test_changed_atoms_are_marked_in_colour_and_line(
    before: str, after: str, origin: tuple[int, ...], gone: tuple[int, ...], come: tuple[int, ...]
) -> None:
    first, second = (_marks(svg) for svg in draw_pair(before, after, origin, gone, come))
    assert (len(first), len(second)) == (len(gone), len(come))
    assert all(mark.get("stroke-dasharray") for mark in first)
    assert not any(mark.get("stroke-dasharray") for mark in second)
    assert {mark.get("fill") for mark in first}.isdisjoint(mark.get("fill") for mark in second)


def test_common_atoms_lie_in_the_same_place() -> None:
    before, after, origin, gone, come = PAIRS[0]
    first, second = Chem.MolFromSmiles(before), Chem.MolFromSmiles(after)
    align(first, second, origin, come)
    one, two = (mol.GetConformer().GetPositions() for mol in (first, second))
    kept = [atom for atom, source in enumerate(origin) if source >= 0]
    assert np.allclose(two[kept], one[[origin[atom] for atom in kept]], atol=1e-4)
    svgs = draw_pair(before, after, origin, gone, come)
    at = [{(round(float(m.get("cx", 0))), round(float(m.get("cy", 0)))) for m in _marks(svg)} for svg in svgs]
    assert at[0] & at[1], "the ring atom that both sides mark is drawn in one place"


@pytest.mark.parametrize(("before", "after", "origin", "gone", "come"), PAIRS)
def test_no_atom_lies_on_another(
    before: str, after: str, origin: tuple[int, ...], gone: tuple[int, ...], come: tuple[int, ...]
) -> None:
    second = Chem.MolFromSmiles(after)
    align(Chem.MolFromSmiles(before), second, origin, come)
    points = second.GetConformer().GetPositions()[:, :2]
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1)
    assert apart[~np.eye(len(points), dtype=bool)].min(initial=9.0) > 0.5


def test_numbers_count_from_one_and_titles_are_escaped() -> None:
    before, after, origin, gone, come = PAIRS[0]
    first, second = (ElementTree.fromstring(svg) for svg in draw_pair(before, after, origin, gone, come))
    assert [e.text for e in first.iter() if e.get("class") == "number"] == ["5", "6", "7", "8"]
    assert not [e for e in second.iter() if e.get("class") == "number"]
    numbered = ElementTree.fromstring(draw_numbered("OCC", (0,)))
    assert [e.text for e in numbered.iter() if e.get("class") == "number"] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("C(", "C", (0,), (), ()), "before is 'C\\('"),
        (("C", "C(", (0,), (), ()), "after is"),
        (("C", "CC", (0,), (), ()), "origin is"),
        (("C", "C", (1,), (), ()), "origin is"),
        (("C", "C", (0,), (1,), ()), "changed_before holds atom 1"),
        (("C", "C", (0,), (), (-1,)), "changed holds atom -1"),
    ],
)
def test_what_does_not_fit_is_refused(
    arguments: tuple[str, str, tuple[int, ...], tuple[int, ...], tuple[int, ...]], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        draw_pair(*arguments)
