"""Pictures tell importance truly: nothing where there is nothing, most where there is most, one scale for all."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from rdkit import Chem

from megan.drawing import (
    CHANNEL_COLOURS,
    HIGHLIGHT_COLOUR,
    RING_FROM,
    draw_explanation,
    draw_molecule,
    draw_scale,
    halo_opacity,
    halo_radius,
)

BLUE, VERMILLION = CHANNEL_COLOURS
NITROBENZENE = "O=[N+]([O-])c1ccccc1"


def _draw(
    smiles: str,
    atoms: np.ndarray | None = None,
    bonds: np.ndarray | None = None,
    title: str = "",
) -> str:
    mol = Chem.MolFromSmiles(smiles)
    atoms = np.zeros(mol.GetNumAtoms()) if atoms is None else atoms
    bonds = np.zeros(mol.GetNumBonds()) if bonds is None else bonds
    return draw_explanation(smiles, atoms, bonds, colour=VERMILLION, title=title)


def _halos(svg: str) -> list[dict[str, str]]:
    return [node.attrib for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}circle")]


def test_importance_zero_gives_no_heat() -> None:
    svg = _draw(NITROBENZENE)
    assert VERMILLION not in svg
    assert _halos(svg) == []


def test_most_important_atom_wears_the_largest_and_deepest_halo_at_its_place() -> None:
    importance = np.array([0.4, 0.9, 0.5, 0.3, 0.1, 0.0, 0.2, 0.0, 0.0])
    svg = _draw(NITROBENZENE, importance)
    halos = _halos(svg)
    assert len(halos) == np.count_nonzero(importance)
    radii = [float(halo["r"]) for halo in halos]
    depth = [float(halo["fill-opacity"]) for halo in halos]
    order = np.argsort(importance[importance > 0])
    assert np.argsort(radii).tolist() == order.tolist()
    assert np.argsort(depth).tolist() == order.tolist()
    # RDKit writes the letter N of the nitro group as a path of class atom-1; the largest halo lies under it.
    letter = re.search(r"class='atom-1' d='M ([\d.]+) ([\d.]+)", svg)
    assert letter is not None
    largest = halos[int(np.argmax(radii))]
    assert abs(float(largest["cx"]) - float(letter[1])) < 10
    assert abs(float(largest["cy"]) - float(letter[2])) < 10


def test_ring_only_above_one_half() -> None:
    halos = _halos(_draw("CCO", np.array([RING_FROM, RING_FROM + 0.01, 1.0])))
    assert ["stroke" in halo for halo in halos] == [False, True, True]
    assert float(halos[2]["stroke-width"]) > float(halos[1]["stroke-width"])


def test_scale_is_the_same_for_every_molecule() -> None:
    weak = _halos(_draw("CCO", np.array([0.3, 0.0, 0.0])))
    strong = _halos(_draw("CCCO", np.array([0.3, 1.0, 0.0, 0.0])))
    assert weak[0]["r"] == strong[0]["r"]
    assert weak[0]["fill-opacity"] == strong[0]["fill-opacity"]


def test_cues_grow_with_importance() -> None:
    steps = np.linspace(0, 1, 21).tolist()
    for cue in (halo_radius, halo_opacity):
        values = [cue(step) for step in steps]
        assert values[0] == 0
        assert values == sorted(values)


def test_bond_heat_only_on_the_important_bond() -> None:
    svg = _draw("CCO", bonds=np.array([0.0, 0.8]))
    assert svg.count('class="heat"') == 1


@pytest.mark.parametrize(
    "smiles",
    [
        "C",
        "[Na+].[Cl-]",
        "C" * 400,
        "OC(=O)c1ccccc1.NCCN",
        "*c1ccccc1",
        "[2H]C([2H])([2H])O",
        "N[Pt](N)(Cl)Cl",
        "C[C@H](N)O",
    ],
)
def test_every_kind_of_structure_is_drawn(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    atoms, bonds = np.full(mol.GetNumAtoms(), 0.7), np.full(mol.GetNumBonds(), 0.7)
    root = ElementTree.fromstring(_draw(smiles, atoms, bonds))
    assert (root.attrib["width"], root.attrib["height"]) == ("360", "260")
    halos = _halos(_draw(smiles, atoms))
    assert len(halos) == mol.GetNumAtoms()
    assert all(0 <= float(h["cx"]) <= 360 and 0 <= float(h["cy"]) <= 260 for h in halos)


def test_picture_is_accessible_and_its_text_is_escaped() -> None:
    svg = _draw("CCO", title='<script>alert("x")</script> & co')
    root = ElementTree.fromstring(svg)
    assert root.attrib["role"] == "img"
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == '<script>alert("x")</script> & co'
    assert root.attrib["aria-label"] == title.text
    assert "<script" not in svg


def test_pictures_hold_no_ids_that_could_clash_in_one_page() -> None:
    for svg in (
        _draw("CCO", np.array([0.5, 0, 0])),
        draw_molecule("CCO", highlight=[0]),
        draw_scale(BLUE),
    ):
        assert not re.search(r"\b(id|href)=", svg)
        assert "url(" not in svg


def test_atoms_are_black_and_white() -> None:
    colours = set(re.findall(r"#[0-9A-Fa-f]{6}", _draw(NITROBENZENE + ".BrCCl")))
    assert colours <= {"#000000"}


def test_highlight_marks_the_atoms_named() -> None:
    halos = _halos(draw_molecule(NITROBENZENE, highlight=(0, 1, 2)))
    assert len(halos) == 3
    assert {halo["fill"] for halo in halos} == {HIGHLIGHT_COLOUR}


@pytest.mark.parametrize(
    ("smiles", "atoms", "bonds", "field"),
    [
        ("CC(", [0.0], [], "smiles"),
        ("CCO", [0.0], [0.0, 0.0], "node_importance"),
        ("CCO", [0.0, 0.0, 0.0], [0.0], "edge_importance"),
        ("CCO", [0.0, 1.5, 0.0], [0.0, 0.0], "node_importance"),
        ("CCO", [0.0, float("nan"), 0.0], [0.0, 0.0], "node_importance"),
    ],
)
def test_wrong_input_is_named(smiles: str, atoms: list[float], bonds: list[float], field: str) -> None:
    with pytest.raises(ValueError, match=field):
        draw_explanation(smiles, atoms, bonds, colour=BLUE)


def test_highlight_outside_the_molecule_is_named() -> None:
    with pytest.raises(ValueError, match="highlight"):
        draw_molecule("CCO", highlight=[3])


def test_outline_goes_around_the_chosen_atoms_under_everything_else() -> None:
    plain = draw_explanation("CCO", [0, 0, 1], [0, 1], colour=CHANNEL_COLOURS[0], room=True)
    drawn = draw_explanation("CCO", [0, 0, 1], [0, 1], colour=CHANNEL_COLOURS[0], outlined=[1, 2])
    assert plain == draw_explanation("CCO", [0, 0, 1], [0, 1], colour=CHANNEL_COLOURS[0], room=True)
    outside, inside = re.findall(r'<path class="outline" d="([^"]+)" fill="([^"]+)"', drawn)
    assert (outside[1], inside[1]) == (CHANNEL_COLOURS[0], "#ffffff")
    # Two atoms and the bond between them; nothing of the third atom.
    assert outside[0] == inside[0]
    assert outside[0].count("M") == 3
    assert re.sub(r'<path class="outline"[^>]+>', "", drawn) == plain
    assert drawn.index('class="outline"') < drawn.index('class="halo"')


def test_outline_fills_a_ring_only_where_it_holds_all_of_it() -> None:
    def closed(atoms: list[int]) -> bool:
        drawn = draw_explanation("c1ccccc1", [0] * 6, [0] * 6, colour=CHANNEL_COLOURS[1], outlined=atoms)
        return "Z" in drawn

    assert closed([0, 1, 2, 3, 4, 5])
    assert not closed([0, 1, 2, 3, 4])


def test_outline_of_no_such_atom_is_refused() -> None:
    with pytest.raises(ValueError, match=r"outlined holds atom 3; expected 0\.\.2"):
        draw_explanation("CCO", [0, 0, 1], [0, 1], colour=CHANNEL_COLOURS[0], outlined=[3])
