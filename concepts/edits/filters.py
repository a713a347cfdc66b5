"""What no chemist would draw: strained rings, reactive groups and elements that an edit brought in.

Only what is new counts. A molecule that came with an epoxide may keep it, and an edit elsewhere is judged by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem

from concepts.edits.plan import Kind, Product

ELEMENTS: Final = frozenset({1, 5, 6, 7, 8, 9, 14, 15, 16, 17, 34, 35, 53})
"""Elements that a product may hold if the molecule did not."""
#: Name and SMARTS; written for this project. A site counts once for each set of atoms that matches.
REACTIVE: Final = (
    ("heteroatom on oxygen", "[OX2;!$(O~[P,S,#5,Si])]-[N,O,F,Cl,Br,I;!$([N+](=O)[O-]);!$(NC=O);!$(N=C);!$(N=c)]"),
    (
        "heteroatom on nitrogen",
        "[NX3;!$(NC=O);!$(NS(=O)=O);!$([N+])]!@[N,F,Cl,Br,I;!$(NC=O);!$(NS);!$([N+](=O)[O-]);!$(N=C)]",
    ),
    ("heteroatom on sulfur", "[SX2]-[#7,O,S,F,Cl,Br,I]"),
    ("nitroso, azide or diazo", "[NX2]=[O,$([N+]=[N-]),$([N+]#N)]"),
    ("diazo", "[#6]=[N+]=[N-]"),
    ("azo", "[#6;!a]-N=N-[#6]"),
    ("acyl halide", "[C,S,P](=[O,S])[F,Cl,Br,I]"),
    ("isocyanate, ketene or allene", "[#6,#7,#8,#16]=C=[#6,#7,#8,#16]"),
    ("heteroatom beside halide", "[N,O,S;!$([#16](=O)=O);!$([n])]-[CX4;!$(C(F)F);!$(C(F)(F)F)][F,Cl,Br,I]"),
    ("difluoromethyl amine", "[NX3]-[CX4]([F,Cl])[F,Cl]"),
    ("hemiaminal or hydrate", "[CX4]([OX2H,NX3H2,SX2H,NX3H1;!$([#7]C=O);!$([#7]S)])[OX2H,NX3H2,SX2H]"),
    ("hemiacetal", "[CX4]([OX2H])[OX2,NX3;!$(NC=O);!$(NS)]"),
    ("aminal or mixed acetal", "[NX3;!$(N[C,S]=O);!$(N[c])]-[CX4;!$(C[F,Cl])]-[NX3,OX2,SX2;!$(N[C,S]=O)]"),
    ("acyl or aryl N,O-acetal", "[$([NX3][C,S]=O),n]-[CX4;!r;!$(C[F,Cl])]-[OX2H0]"),
    ("acetal", "[OX2;!r5]-[CX4;!$(C(F)F);!$(C[#7])]-[OX2,SX2]"),
    ("N-cyano or N-halo", "[NX3;!$(NC=[N,S])]-[$(C#N),F,Cl,Br,I]"),
    ("enol or enamine", "[CX3;!$(C=O);!$(C=N)](=[CX3;!$(CC=O);!$(CC#N);!$(C[N+])])[OX2H,NX3H2,NX3H1,SX2H]"),
    ("imine", "[CX3;!$(C-[#7,#8])]=[NX2;!$(N-[O,N,S]);!$(NC#N)]"),
    ("formaldehyde imine", "[CX3H2]=[#7]"),
    ("iminol", "[#6,#7][CX3](=[NX2])[OX2H,SX2H]"),
    ("imidate", "[#6][CX3;!r](=[NX2])[OX2][#6]"),
    (
        "tertiary enamine",
        "[CX3;!a;!$(C=[O,N,S])](=[CX3;!$(C[C,S,N]=O);!$(CC#N);!$(C[N+])])[NX3H0;!$(N[C,S]=[O,S]);!$(N~[!#6])]",
    ),
    ("ketene acetal", "[CX3;!a]([OX2H,SX2H])([#7,#8,#16])=[CX3]"),
    ("carbonic acid", "[#7,O,S][CX3](=[O,S])[OX2H,SX2H]"),
    ("sulfamic acid", "[#7]S(=O)(=O)[OX2H]"),
    ("sulfonimidic acid or amide", "[SX4](=[NX2H])(=O)[#7,#8]"),
    ("nitro on a heteroatom or carbonyl", "[$([#7;!$([N+](=O)[O-])]),O,S,$([CX3]=[O,N,S])][N+](=O)[O-]"),
    ("formyl or thio", "[CX3;!$(C(-[#7])-[#7,#8,#16])]=S"),
    ("aldehyde", "[#6,#7,#8,#16][CX3H1]=O"),
    ("formaldehyde adduct", "[#7,#8,#16][CX4H2][OX2H,NX3H2]"),
    ("epoxide, aziridine or thiirane", "[O,N,S]1[CX4][CX4]1"),
    ("primary or secondary halide", "[CX4;H1,H2;!$(C[F,Cl,Br,I])][Cl,Br,I]"),
    ("tertiary halide", "[CX4;H0;!$(C(F)F)][Cl,Br,I]"),
    ("halide beside carbonyl or on double bond", "[C;!a](=C)[F,Cl,Br,I]"),
    ("vinyl nitrile, nitro or sulfone", "[CX3]=[CX3][$(C#N),$([N+](=O)[O-]),$(S(=O)=O)]"),
    ("anhydride", "[CX3](=O)[O,S][CX3]=[O,S]"),
    ("active ester", "[CX3](=O)[O,S][$([#7]),$(c1c(F)c(F)c(F)c(F)c1F)]"),
    ("quinone", "[#6]1(=[O,N])[#6]=,:[#6][#6](=[O,N])[#6]=,:[#6]1"),
    ("quinone", "[#6]1(=[O,N])[#6](=[O,N])[#6]=,:[#6][#6]=,:[#6]1"),
    ("Michael acceptor", "[CX3;H1,H2]=[CX3][CX3]=[O]"),
    ("quinone methide", "[CX3]=!@[#6]1[#6]=[#6][#6](=[O,N,C])[#6]=[#6]1"),
    ("cyclohexadiene", "[C;R]1=[C;R][C;R][C;R]=[C;R][C;R]1"),
    ("cyclohexadiene", "[C;R]1=[C;R][C;R]=[C;R][CX4;R][CX4;R]1"),
    ("polyacetylene", "C#CC#C"),
    ("vicinal diketone", "[#6][CX3](=O)[CX3](=O)[#6]"),
    ("thiol", "[#6][SX2H]"),
    ("free NH2 on a heteroatom", "[O,S;!$(S=O)]-[NX3;H1,H2]"),
    ("phosphine or silane with hydrogens", "[P,Si;!H0]"),
    ("carbon with three heteroatoms", "[CX4;!$(C([F,Cl])[F,Cl])]([#7,#8,#16])([#7,#8,#16])[#7,#8,#16]"),
    ("carbanion or carbocation", "[#6+,#6-;!$([#6-]#[N+])]"),
)
STRAINED: Final = (
    ("unsaturated small ring", "[r3,r4]=,#,:[*]"),
    ("fused or spiro small rings", "[r3,r4;R2]"),
    ("alkyne in a ring", "[*;r5,r6,r7,r8]#[*]"),
    ("cumulated double bonds in a ring", "[*;R]=[*;R]=[*;R]"),
    ("double bond at a bridgehead", "[C;x3;R3]=[C]"),
    ("four-membered ring with two heteroatoms", "[O,N,S;r4]~[*;r4]~[O,N,S;r4]"),
)
CHANGES_RINGS: Final = frozenset({Kind.CLOSE_RING, Kind.OPEN_RING, Kind.CHANGE_BOND, Kind.REMOVE_ATOM, Kind.ADD_ATOM})
MOST_HALOGENS: Final = 6


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a molecule came with: an edit is not blamed for it."""

    elements: frozenset[int]
    reactive: tuple[int, ...]
    """Sites of each entry of `REACTIVE`."""
    strained: tuple[int, ...]
    largest_ring: int
    bridged: bool


def baseline(mol: Chem.Mol) -> Baseline:
    """What a molecule has before it is edited."""
    return Baseline(
        frozenset(atom.GetAtomicNum() for atom in mol.GetAtoms()),
        tuple(len(mol.GetSubstructMatches(pattern)) for pattern in _patterns(REACTIVE)),
        tuple(len(mol.GetSubstructMatches(pattern)) for pattern in _patterns(STRAINED)),
        max((len(ring) for ring in mol.GetRingInfo().AtomRings()), default=0),
        _bridges(mol) > 0,
    )


def complaint(product: Product, before: Baseline) -> str | None:
    """Why a product is not to be shown, or None if nothing speaks against it.

    Parameters
    ----------
    product
        From `concepts.edits.workbench.do`.
    before
        Of the molecule that is to be blamed for nothing: the one that the whole search began with.
    """
    mol = product.mol
    if not {atomic for atomic, _ in product.plan.new}.union(z for _, z in product.plan.elements) <= (
        ELEMENTS | before.elements
    ):
        return "element"
    found = _more_than(mol, REACTIVE, before.reactive)
    if found is not None:
        return found
    if product.plan.kind in CHANGES_RINGS or any(len(r) < 5 for r in mol.GetRingInfo().AtomRings()):
        return _more_than(mol, STRAINED, before.strained) or _odd_rings(mol, before)
    return None


def _more_than(mol: Chem.Mol, table: Sequence[tuple[str, str]], before: Sequence[int]) -> str | None:
    for (name, _), pattern, had in zip(table, _patterns(tuple(table)), before, strict=True):
        if had:
            if len(mol.GetSubstructMatches(pattern)) > had:
                return name
        elif mol.HasSubstructMatch(pattern):
            return name
    return None


def _odd_rings(mol: Chem.Mol, before: Baseline) -> str | None:
    if max((len(ring) for ring in mol.GetRingInfo().AtomRings()), default=0) > max(before.largest_ring, 7):
        return "large ring"
    if not before.bridged and _bridges(mol):
        return "bridged ring"
    return None


def _bridges(mol: Chem.Mol) -> int:
    """Pairs of rings that share more than one bond."""
    rings = [set(ring) for ring in mol.GetRingInfo().BondRings()]
    return sum(len(rings[i] & rings[j]) > 1 for j in range(len(rings)) for i in range(j))


@cache
def _patterns(table: tuple[tuple[str, str], ...]) -> tuple[Chem.Mol, ...]:
    patterns = tuple(Chem.MolFromSmarts(smarts) for _, smarts in table)
    assert all(pattern is not None for pattern in patterns)
    return patterns
