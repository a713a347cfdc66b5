"""A molecule with its masks as SVG: black-and-white atoms over a heat of one colour.

Three rules make two pictures comparable. The scale is 0 to 1 for every molecule and channel and is never stretched to
the molecule at hand. Importance is told twice, by the depth of the colour and by the size of the halo, and atoms above
one half also wear a ring, so that a reader who does not see the colour loses nothing. The canvas has a fixed size and
bonds of a fixed length, which shrink only when the molecule would not fit.

A picture holds no ids at all, so hundreds of them can stand in one page, and it names itself to screen readers.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D
from rdkit.Geometry import Point2D

#: Okabe & Ito's blue and vermillion, one per channel: told apart under deuteranopia and protanopia.
#: Source: Okabe & Ito 2008, Color Universal Design, https://jfly.uni-koeln.de/color/
CHANNEL_COLOURS = ("#0072B2", "#D55E00")
#: Neutral mark of a matched substructure, which is no model's evidence and therefore wears no channel colour.
HIGHLIGHT_COLOUR = "#F0C419"
#: Importance above which an atom wears a ring.
RING_FROM = 0.5

_BOND_LENGTH = 32.0
_UNIT_BOND = 1.5
_LEAST_VISIBLE = 0.02
# Of a bond's length: farther than the largest halo, nearer than the next atom.
_OUTLINE_REACH = 0.68
_OUTLINE_WIDTH = 1.4
# Of the canvas on each side; a line around the outermost atoms needs more.
_PADDING, _PADDING_OUTLINED = 0.09, 0.15

Array = npt.NDArray[np.floating]
Frame = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Sketch:
    """A molecule laid out on its canvas, before any heat."""

    mol: Chem.Mol
    points: Array
    """Shape (n_atoms, 2): pixels from the upper left corner."""
    paths: str
    """RDKit's lines and letters, without the enclosing <svg> element."""
    bond_length: float
    """Median length of a drawn bond in pixels; 32 where there is none."""


def halo_radius(importance: float, bond_length: float = _BOND_LENGTH) -> float:
    """Radius of an atom's halo in pixels: 0 for an importance of 0, growing with it.

    Parameters
    ----------
    importance : float
        In [0, 1].
    bond_length : float
        Length of a drawn bond in pixels.
    """
    if importance < _LEAST_VISIBLE:
        return 0.0
    return bond_length * (0.22 + 0.32 * importance)


def halo_opacity(importance: float) -> float:
    """Opacity of an atom's or bond's heat, 0 to 1: 0 for an importance of 0, growing with it."""
    return 0.0 if importance < _LEAST_VISIBLE else 0.10 + 0.62 * importance


def draw_explanation(
    smiles: str,
    node_importance: npt.ArrayLike,
    edge_importance: npt.ArrayLike,
    *,
    colour: str,
    width: int = 360,
    height: int = 260,
    title: str = "",
    outlined: Sequence[int] = (),
    room: bool = False,
) -> str:
    """Draw one channel of an explanation.

    Parameters
    ----------
    smiles : str
        The structure; its atom order is the order of the masks.
    node_importance : array_like
        Shape (n_atoms,), in [0, 1].
    edge_importance : array_like
        Shape (n_bonds,), in [0, 1]; bonds in RDKit's order for `smiles`.
    colour : str
        Colour of the heat as #RRGGBB; one of `CHANNEL_COLOURS`.
    width, height : int
        Canvas in pixels.
    title : str
        What the picture says, for screen readers and as the tooltip; may be any text.
    outlined : Sequence[int]
        Atoms that a line is drawn around, counted in the order of `smiles`.
    room : bool
        Whether to leave room for such a line even without one, so that pictures with and without have one size.

    Returns
    -------
    str
        An SVG element; its ground is transparent, and white within the line.

    Raises
    ------
    ValueError
        If `smiles` does not parse, a mask does not fit it, or an atom to outline is not in it.
    """
    sketch = _sketch(smiles, width, height, _PADDING_OUTLINED if room or len(outlined) else _PADDING)
    atoms = _mask("node_importance", node_importance, sketch.mol.GetNumAtoms(), "atom")
    bonds = _mask("edge_importance", edge_importance, sketch.mol.GetNumBonds(), "bond")
    around = _chosen("outlined", outlined, sketch.mol)
    heat = _bond_heat(sketch, bonds, atoms, colour) + _atom_heat(sketch, atoms, colour)
    return svg_element(
        _outline(sketch, around, colour) + heat + sketch.paths,
        width,
        height,
        title or f"Importance of each atom of {smiles}",
    )


def draw_molecule(
    smiles: str,
    width: int = 160,
    height: int = 120,
    highlight: Sequence[int] = (),
    *,
    title: str = "",
) -> str:
    """Draw a structure, with some atoms and the bonds between them marked in a neutral colour.

    Parameters
    ----------
    smiles : str
        The structure.
    width, height : int
        Canvas in pixels.
    highlight : Sequence[int]
        Atoms to mark, counted in the order of `smiles`.
    title : str
        What the picture shows, for screen readers; any text. The SMILES if empty.

    Returns
    -------
    str
        An SVG element with transparent ground.

    Raises
    ------
    ValueError
        If `smiles` does not parse, or an atom to mark is not in it.
    """
    sketch = _sketch(smiles, width, height)
    marked = _chosen("highlight", highlight, sketch.mol)
    atoms = np.array([0.6 if i in marked else 0.0 for i in range(sketch.mol.GetNumAtoms())])
    bonds = np.array(
        [0.6 if {b.GetBeginAtomIdx(), b.GetEndAtomIdx()} <= marked else 0.0 for b in sketch.mol.GetBonds()]
    )
    heat = _bond_heat(sketch, bonds, atoms, HIGHLIGHT_COLOUR) + _atom_heat(sketch, atoms, HIGHLIGHT_COLOUR)
    return svg_element(heat + sketch.paths, width, height, title or f"Structure of {smiles}")


def draw_scale(colour: str, width: int = 190, height: int = 34) -> str:
    """Draw the legend of `draw_explanation`: halos at importance 0, 0.25, 0.5, 0.75 and 1."""
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    pieces = []
    for i, step in enumerate(steps):
        x = width * (i + 0.5) / len(steps)
        pieces.append(_halo(x, 12, step, 18.0, colour))
        pieces.append(f'<circle cx="{x:.1f}" cy="12" r="1.6" fill="#1d2733"/>')
        pieces.append(
            f'<text x="{x:.1f}" y="{height - 2}" font-family="Helvetica, Arial, sans-serif" font-size="10" '
            f'text-anchor="middle" fill="#5b6875">{step:g}</text>'
        )
    return svg_element(
        "".join(pieces),
        width,
        height,
        "Scale of importance from 0 to 1: darker and larger is more important",
    )


def _sketch(smiles: str, width: int, height: int, padding: float = _PADDING) -> Sketch:
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise ValueError(f"smiles is {smiles!r}; expected a structure that RDKit parses")
    rdDepictor.Compute2DCoords(mol)
    return lay_out(mol, width, height, padding)


def lay_out(mol: Chem.Mol, width: int, height: int, padding: float = _PADDING, frame: Frame | None = None) -> Sketch:
    """Draw a molecule that has 2D coordinates, for others to draw beneath.

    Parameters
    ----------
    mol : Chem.Mol
        With one conformer.
    width, height : int
        Canvas in pixels.
    padding : float
        Share of the canvas that stays free on every side.
    frame : tuple of float, optional
        Left, lower, right and upper end of what the canvas shows, in the conformer's units: with the same frame,
        molecules share scale and place. Without it the molecule stands in the middle.
    """
    drawer = rdMolDraw2D.MolDraw2DSVG(width, height)
    options: Any = drawer.drawOptions()  # RDKit's stubs give its fields the wrong types
    options.useBWAtomPalette()
    options.clearBackground = False
    options.fixedBondLength = _BOND_LENGTH / _UNIT_BOND  # RDKit takes it per unit of its own coordinates
    options.padding = padding
    options.bondLineWidth = 1.5
    options.scaleBondWidth = False
    options.minFontSize = 6
    options.maxFontSize = 15
    options.flagCloseContactsDist = -1
    options.prepareMolsBeforeDrawing = False
    if frame is not None:
        drawer.SetScale(width, height, Point2D(*frame[:2]), Point2D(*frame[2:]), mol)
    prepared = rdMolDraw2D.PrepareMolForDrawing(mol, kekulize=_can_kekulize(mol), addChiralHs=False, forceCoords=False)
    drawer.DrawMolecule(prepared)
    points = np.array([[p.x, p.y] for p in (drawer.GetDrawCoords(i) for i in range(mol.GetNumAtoms()))]).reshape(-1, 2)
    drawer.FinishDrawing()
    text = drawer.GetDrawingText()
    paths = text[text.index("<!-- END OF HEADER -->") + len("<!-- END OF HEADER -->") : text.rindex("</svg>")]
    lengths = [np.hypot(*(points[b.GetBeginAtomIdx()] - points[b.GetEndAtomIdx()])) for b in mol.GetBonds()]
    return Sketch(
        mol,
        points,
        paths.strip(),
        float(np.median(lengths)) if lengths else _BOND_LENGTH,
    )


def _can_kekulize(mol: Chem.Mol) -> bool:
    try:
        Chem.Kekulize(Chem.Mol(mol))
    except Chem.KekulizeException:
        return False
    return True


def _mask(field: str, values: npt.ArrayLike, length: int, what: str) -> Array:
    mask = np.asarray(values, dtype=float)
    if mask.shape != (length,):
        raise ValueError(f"{field} has shape {mask.shape}; expected ({length},), one per {what}")
    if mask.size and not (np.isfinite(mask).all() and mask.min() >= 0 and mask.max() <= 1):
        raise ValueError(f"{field} spans {mask.min()}..{mask.max()}; expected 0..1")
    return mask


def _chosen(field: str, atoms: Sequence[int], mol: Chem.Mol) -> set[int]:
    count = mol.GetNumAtoms()
    if outside := sorted(atom for atom in atoms if not 0 <= atom < count):
        raise ValueError(f"{field} holds atom {outside[0]}; expected 0..{count - 1}")
    return set(atoms)


def _outline(sketch: Sketch, atoms: set[int], colour: str) -> str:
    """A line around atoms and the bonds between them: their shape in colour, and on it a slightly smaller one."""
    if not atoms:
        return ""
    width = _OUTLINE_REACH * sketch.bond_length
    return _shape(sketch, atoms, width, colour) + _shape(sketch, atoms, width - _OUTLINE_WIDTH, "#ffffff")


def _shape(sketch: Sketch, atoms: set[int], reach: float, colour: str) -> str:
    """Everything within `reach` pixels of the atoms, of the bonds between them, and of the rings that they hold."""
    at = [f"{x:.1f},{y:.1f}" for x, y in sketch.points]
    traces = [(atom, atom) for atom in sorted(atoms)]
    traces += [
        (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        for bond in sketch.mol.GetBonds()
        if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= atoms
    ]
    rings = [ring for ring in sketch.mol.GetRingInfo().AtomRings() if atoms.issuperset(ring)]
    drawn = "".join(f"M{at[first]}L{at[last]}" for first, last in traces)
    drawn += "".join(f"M{'L'.join(at[atom] for atom in ring)}Z" for ring in rings)
    return (
        f'<path class="outline" d="{drawn}" fill="{colour}" stroke="{colour}" stroke-width="{2 * reach:.1f}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _atom_heat(sketch: Sketch, importance: Array, colour: str) -> str:
    return "".join(
        _halo(x, y, value, sketch.bond_length, colour)
        for (x, y), value in zip(sketch.points, importance.tolist(), strict=True)
    )


def _halo(x: float, y: float, importance: float, bond_length: float, colour: str) -> str:
    radius = halo_radius(importance, bond_length)
    if not radius:
        return ""
    ring = ""
    if importance > RING_FROM:
        thickness = 0.8 + 2.0 * (importance - RING_FROM)
        ring = f' stroke="{colour}" stroke-width="{thickness:.2f}"'
    return (
        f'<circle class="halo" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.2f}" fill="{colour}" '
        f'fill-opacity="{halo_opacity(importance):.3f}"{ring}/>'
    )


def _bond_heat(sketch: Sketch, importance: Array, atoms: Array, colour: str) -> str:
    """Heat of the bonds, from the edge of one halo to the edge of the next: overlaps would fake a deeper colour."""
    pieces = []
    for bond, value in zip(sketch.mol.GetBonds(), importance.tolist(), strict=True):
        first, last = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        start, end = sketch.points[first], sketch.points[last]
        length = float(np.hypot(*(end - start)))
        cut = [halo_radius(atoms[i], sketch.bond_length) for i in (first, last)]
        if value < _LEAST_VISIBLE or length <= sum(cut):
            continue
        (x1, y1), (x2, y2) = (
            start + (end - start) * cut[0] / length,
            end - (end - start) * cut[1] / length,
        )
        pieces.append(
            f'<line class="heat" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
            f'stroke-width="{sketch.bond_length * (0.12 + 0.26 * value):.2f}" '
            f'stroke-opacity="{halo_opacity(value):.3f}"/>'
        )
    return "".join(pieces)


def svg_element(body: str, width: int, height: int, title: str) -> str:
    """An SVG element that names itself to screen readers; `title` may be any text."""
    text = html.escape(title, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{text}"><title>{text}</title>{body}</svg>'
    )
