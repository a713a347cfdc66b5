"""Two molecules side by side, one made from the other: the common part in the same place, what changed marked.

What goes is purple with a dashed ring, what comes is green with a whole one, so that neither side relies on colour;
atoms of the first molecule that change wear their number, counted from 1, by which the edits name them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import rdDepictor, rdMolAlign
from rdkit.Geometry import Point2D

from megan.drawing import HIGHLIGHT_COLOUR, Frame, Sketch, lay_out, svg_element

#: Okabe & Ito's reddish purple and bluish green, which no channel wears. Source: as of `megan.drawing`.
GOES_COLOUR, COMES_COLOUR = "#CC79A7", "#009E73"
_BOND: Final = 1.5
_SHORTEST, _LONGEST = 0.75, 2.6
"""Bonds of an acceptable drawing, in the conformer's units; a ring that closes over a fixed part needs some room."""
_NEAREST: Final = 0.55
_SHOWN: Final = 10.0
"""Least width of a frame: bonds are not drawn larger than so many would fit."""
_RADIUS, _OPACITY = 0.4, 0.3

Points = npt.NDArray[np.floating]


def draw_pair(
    before: str,
    after: str,
    origin: Sequence[int],
    changed_before: Sequence[int],
    changed: Sequence[int],
    width: int = 300,
    height: int = 220,
) -> tuple[str, str]:
    """Draw a molecule and another one that was made from it.

    Parameters
    ----------
    before, after : str
        SMILES.
    origin : Sequence[int]
        For every atom of `after` its number in `before`, or -1.
    changed_before : Sequence[int]
        Atoms of `before` to mark, counted from 0; they also get their number, counted from 1.
    changed : Sequence[int]
        Atoms of `after` to mark.
    width, height : int
        Canvas of each in pixels.

    Returns
    -------
    tuple of str
        Two SVG elements with transparent ground and the same scale.

    Raises
    ------
    ValueError
        If a SMILES does not parse, `origin` does not fit, or an atom is not in its molecule.
    """
    first, second = _parsed("before", before), _parsed("after", after)
    if len(origin) != second.GetNumAtoms() or any(not -1 <= a < first.GetNumAtoms() for a in origin):
        raise ValueError(f"origin is {tuple(origin)}; expected an atom of before, or -1, for each atom of after")
    _check("changed_before", changed_before, first)
    _check("changed", changed, second)
    align(first, second, origin, changed)
    frame = _common_frame(first, second, width / height)
    pictures = []
    for mol, marked, colour, dashed, title in (
        (first, changed_before, GOES_COLOUR, True, f"Before: {before}"),
        (second, changed, COMES_COLOUR, False, f"After: {after}"),
    ):
        sketch = lay_out(mol, width, height, frame=frame)
        body = _marks(sketch, set(marked), colour, dashed) + sketch.paths
        if mol is first:
            body += _numbers(sketch, marked)
        pictures.append(svg_element(body, width, height, title))
    return pictures[0], pictures[1]


def draw_numbered(smiles: str, marked: Sequence[int] = (), width: int = 420, height: int = 260) -> str:
    """Draw a molecule with the numbers of its atoms, counted from 1, some of them marked.

    Every atom lies under a disc that cannot be seen, with its number counted from 0 as `data-atom`.

    Raises
    ------
    ValueError
        If the SMILES does not parse, or an atom to mark is not in it.
    """
    mol = _parsed("smiles", smiles)
    _check("marked", marked, mol)
    rdDepictor.Compute2DCoords(mol)
    sketch = lay_out(mol, width, height)
    body = _marks(sketch, set(marked), HIGHLIGHT_COLOUR, dashed=False) + sketch.paths
    body += _numbers(sketch, range(mol.GetNumAtoms())) + _targets(sketch)
    return svg_element(body, width, height, f"Atoms of {smiles} with their numbers")


def align(first: Chem.Mol, second: Chem.Mol, origin: Sequence[int], changed: Sequence[int]) -> None:
    """Give both molecules 2D coordinates, the common part in the same place where that leaves a legible drawing.

    Parameters
    ----------
    first, second : Chem.Mol
        Their coordinates are set.
    origin
        For every atom of `second` its number in `first`, or -1.
    changed
        Atoms of `second` that are new or were touched; they move first where not all can stay.
    """
    rdDepictor.Compute2DCoords(first)
    at = first.GetConformer()
    places = {
        atom: Point2D(at.GetAtomPosition(source).x, at.GetAtomPosition(source).y)
        for atom, source in enumerate(origin)
        if source >= 0
    }
    touched = set(changed)
    for kept in (set(places), set(places) - touched, _largest_piece(second, set(places))):
        if held := {atom: places[atom] for atom in kept}:
            rdDepictor.Compute2DCoords(second, canonOrient=False, coordMap=held)
            if _is_legible(second):
                return
    rdDepictor.Compute2DCoords(second)
    if len(places) > 1:
        pairs = [(atom, origin[atom]) for atom in places]
        plain = Chem.Mol(second)
        straight = rdMolAlign.AlignMol(plain, first, atomMap=pairs)
        if rdMolAlign.AlignMol(second, first, atomMap=pairs, reflect=True) > straight - 1e-6:
            second.RemoveAllConformers()
            second.AddConformer(plain.GetConformer())


def _largest_piece(mol: Chem.Mol, atoms: set[int]) -> set[int]:
    """The largest set of these atoms that hang together."""
    best: set[int] = set()
    left = set(atoms)
    while left:
        piece, edge = set(), [min(left)]
        while edge:
            atom = edge.pop()
            if atom in left:
                left.remove(atom)
                piece.add(atom)
                edge += [near.GetIdx() for near in mol.GetAtomWithIdx(atom).GetNeighbors()]
        best = max(best, piece, key=len)
    return best


def _is_legible(mol: Chem.Mol) -> bool:
    """Whether bonds have a common length and no two atoms lie on each other."""
    points = _points(mol)
    ends = np.array([(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in mol.GetBonds()]).reshape(-1, 2)
    lengths = np.linalg.norm(points[ends[:, 0]] - points[ends[:, 1]], axis=1)
    if len(lengths) and not (lengths.min() >= _SHORTEST and lengths.max() <= _LONGEST):
        return False
    apart = np.linalg.norm(points[:, None] - points[None], axis=-1) + np.eye(len(points)) * _BOND
    return bool(apart.min() >= _NEAREST) if len(points) else True


def _points(mol: Chem.Mol) -> Points:
    points: Points = mol.GetConformer().GetPositions()[:, :2]
    return points


def _common_frame(first: Chem.Mol, second: Chem.Mol, aspect: float) -> Frame:
    points = np.concatenate([_points(first), _points(second)])
    low, high = points.min(axis=0) - 0.6, points.max(axis=0) + 0.6
    middle = (low + high) / 2
    half_width = max((high - low)[0], (high - low)[1] * aspect, _SHOWN) / 2
    half = np.array([half_width, half_width / aspect])
    left, lower = (middle - half).tolist()
    right, upper = (middle + half).tolist()
    return left, lower, right, upper


def _marks(sketch: Sketch, atoms: set[int], colour: str, dashed: bool) -> str:
    """Rings around atoms, and lines along the bonds between them, to lie under the structure."""
    radius = _RADIUS * sketch.bond_length
    ring = f' stroke-dasharray="{radius / 2.5:.1f} {radius / 3.5:.1f}"' if dashed else ""
    lines = []
    for bond in sketch.mol.GetBonds():
        a, b = bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()
        if {a, b} <= atoms:
            (x1, y1), (x2, y2) = sketch.points[a], sketch.points[b]
            lines.append(
                f'<line class="mark" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
                f'stroke-width="{radius:.1f}" stroke-opacity="{_OPACITY}"/>'
            )
    circles = [
        f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{colour}" fill-opacity="{_OPACITY}" '
        f'stroke="{colour}" stroke-width="1.6"{ring}/>'
        for atom, (x, y) in enumerate(sketch.points.tolist())
        if atom in atoms
    ]
    return "".join(lines + circles)


def _numbers(sketch: Sketch, atoms: Sequence[int]) -> str:
    """Numbers of atoms, counted from 1, on the side of each that its neighbours leave free."""
    texts = []
    for atom in atoms:
        x, y = sketch.points[atom]
        away = _free_direction(sketch, atom)
        tx, ty = np.array([x, y]) + away * max(0.62 * sketch.bond_length, 11.0)
        texts.append(
            f'<text class="number" x="{tx:.1f}" y="{ty + 3.5:.1f}" font-family="Helvetica, Arial, sans-serif" '
            f'font-size="10" text-anchor="middle" fill="#45525F">{atom + 1}</text>'
        )
    return "".join(texts)


def _targets(sketch: Sketch) -> str:
    """Discs that cannot be seen, on top of all, for a page to ask which atom was clicked."""
    return "".join(
        f'<circle class="target" data-atom="{atom}" cx="{x:.1f}" cy="{y:.1f}" r="12" fill="transparent"/>'
        for atom, (x, y) in enumerate(sketch.points.tolist())
    )


def _free_direction(sketch: Sketch, atom: int) -> Points:
    """The middle of the widest angle between an atom's bonds, as a vector of length 1."""
    near = [sketch.points[n.GetIdx()] - sketch.points[atom] for n in sketch.mol.GetAtomWithIdx(atom).GetNeighbors()]
    if not near:
        return np.array([0.6, -0.8])
    angles = sorted(float(np.arctan2(y, x)) for x, y in near)
    if len(angles) == 1:
        # Straight on there may be the letters of hydrogens.
        middle = angles[0] + 2 * np.pi / 3
    else:
        gaps = [
            (after - angle, angle) for angle, after in zip(angles, [*angles[1:], angles[0] + 2 * np.pi], strict=True)
        ]
        width, start = max(gaps)
        middle = start + width / 2
    return np.array([np.cos(middle), np.sin(middle)])


def _parsed(field: str, smiles: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        raise ValueError(f"{field} is {smiles!r}; expected a structure that RDKit parses")
    return mol


def _check(field: str, atoms: Sequence[int], mol: Chem.Mol) -> None:
    if outside := sorted(atom for atom in atoms if not 0 <= atom < mol.GetNumAtoms()):
        raise ValueError(f"{field} holds atom {outside[0]}; expected 0..{mol.GetNumAtoms() - 1}")
