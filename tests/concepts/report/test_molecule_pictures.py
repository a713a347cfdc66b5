"""Pictures are shortened without losing a stroke."""

from __future__ import annotations

import re

import pytest

from concepts.concept import Member
from concepts.report.molecule_pictures import heavy_atoms, member_picture, shortened, structure_picture
from megan.drawing import draw_explanation, draw_molecule
from tests.concepts.hand_made import made_member

MOLECULES = ("C", "CCO", "O=[N+]([O-])c1ccc(Cl)cc1", "C[C@H](N)C(=O)O", "F/C=C/F", "[Na+].[Cl-]", "[2H]C#N", "*CC")


def strokes(svg: str) -> list[str]:
    """Every pen stroke with the numbers that place it, in order, whatever path it stands in."""
    paths = re.findall(r"""<path [^>]*?\bd=["']([^"']*)["']""", svg)
    return [
        stroke
        for path in paths
        for stroke in re.split(r"(?=M)", re.sub(r"\s*([A-Za-z])\s*", r"\1", path.strip()))
        if stroke
    ]


@pytest.mark.parametrize("smiles", MOLECULES)
def test_every_stroke_is_kept(smiles: str) -> None:
    drawn = draw_molecule(smiles, 210, 106, (0,))
    short = shortened(drawn)
    assert strokes(short) == strokes(drawn)
    assert re.findall(r"<circle[^>]*? cx=\"([^\"]*)\" cy=\"([^\"]*)\" r=\"([^\"]*)\"", short) == re.findall(
        r"<circle[^>]*? cx=\"([^\"]*)\" cy=\"([^\"]*)\" r=\"([^\"]*)\"", drawn
    )
    assert "xmlns" not in short
    assert " id=" not in short
    assert len(short) < len(drawn)


def test_line_styles_are_kept() -> None:
    drawn = draw_explanation("C[C@H](N)C(=O)O", [0.9] * 6, [0.0] * 5, colour="#0072B2")
    short = shortened(drawn)
    widths = re.findall(r"stroke-width:([\d.]+)", drawn)
    assert set(re.findall(r"stroke-width:([\d.]+)", short)) == set(widths)
    assert short.count("fill-opacity") == 6
    assert '<g fill="#0072B2">' in short


def test_what_cannot_be_drawn_is_empty() -> None:
    assert structure_picture("C1CC") == ""
    assert member_picture(made_member("not a molecule"), 0) == ""
    assert heavy_atoms("C1CC") is None
    assert heavy_atoms("CC[2H]") == 2


@pytest.mark.parametrize("mask", [(), (0.5,), (2.0, 0.0, 0.0)])
def test_a_mask_that_does_not_fit_is_left_out(mask: tuple[float, ...]) -> None:
    member = Member("CCO", 1.0, "train", 0.9, 0.5, 0.01, mask)
    assert member_picture(member, 1) == structure_picture("CCO")


def test_masks_wear_the_channel_colour() -> None:
    assert "#D55E00" in member_picture(made_member(), 1)
    assert "#0072B2" in member_picture(made_member(), 0)
    assert "&lt;" not in member_picture(made_member(), 0)
