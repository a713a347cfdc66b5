"""Toxicophores for mutagenicity: the 29 of Kazius, McGuire and Bursi, as a table of SMARTS written for this project.

Source: Kazius, McGuire, Bursi, J. Med. Chem. 2005, 48, 312-320, doi 10.1021/jm040835a. The paper derives substructures
from the Ames results of 4,337 compounds, and exempts those aromatic nitro groups, amines and azo bonds whose ring bears
a group known to detoxify. The table follows its definitions in our own wording; `note` says where the two differ.

What holds for the whole table:

- A detoxifying group counts in ortho, meta and para position, found along at most three aromatic bonds; in fused rings
  that reaches some atoms beyond the para position.
- It exempts the site beside it, not the molecule: another site elsewhere still hits.
- Nitro groups, azides and diazo groups are expected charge-separated, as RDKit writes them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem

CITATION: Final = "Kazius et al. 2005, doi 10.1021/jm040835a"


@dataclass(frozen=True, slots=True)
class Toxicophore:
    """One substructure that raises the odds of a positive Ames test."""

    name: str
    """Its name in the paper."""
    smarts: tuple[str, ...]
    """Alternatives, any of which is a hit; all matched atoms belong to the site."""
    note: str = ""
    """Where our definition is narrower or wider than the paper's; empty where no difference is known."""


def _on_ring(*groups: str, bonds: int = 3) -> str:
    """Write an aromatic atom that has one of the groups on its ring, at most so many aromatic bonds away."""
    paths = (f"$({'a:' * steps}a-{group})" for group in groups for steps in range(1, bonds + 1))
    return f"[{','.join(paths)}]"


def _fused(atom: str) -> tuple[str, ...]:
    """Write the ways to fuse three five- and six-membered rings, with one SMARTS atom throughout and any bonds."""
    return tuple(re.sub(r"\d", r"~\g<0>", skeleton).replace("C", f"~{atom}")[1:] for skeleton in _THREE_FUSED_RINGS)


_SULFONYL: Final = "[SX4](=O)=O"
_TRIFLUOROMETHYL: Final = "[CX4](F)(F)F"
_CARBOXYL: Final = "[CX3](=O)[O;!$(O=C)]"

_NITRO_CARRIER: Final = f"[a;!$({_on_ring(_SULFONYL, _TRIFLUOROMETHYL)})]"
_AMINE_CARRIER: Final = f"[a;!$({_on_ring(_SULFONYL, _TRIFLUOROMETHYL, _CARBOXYL)})]"
_SULFONYL_ARYL: Final = _on_ring(_SULFONYL, bonds=4)

_THREE_FUSED_RINGS: Final = (
    "C1CCC2CC3CCCCC3CC2C1",  # anthracene
    "C1CCC2C(C1)CCC1CCCCC12",  # phenanthrene
    "C1CC2CCCC3CCCC(C1)C23",  # phenalene
    "C1CCC2C(C1)CC1CCCCC12",  # fluorene
    "C1CCC2CC3CCCC3CC2C1",  # benz[f]indene
    "C1CCC2C(C1)CCC1CCCC12",  # benz[e]indene
    "C1CC2CC3CCCC3CC2C1",  # s-indacene
    "C1CC2C(C1)CCC1CCCC12",  # as-indacene
    "C1CC2CCCC3CCCC1C23",  # acenaphthylene
)

#: An atom with two or three neighbours can lie in the plane; sulphur in a folded ring such as phenothiazine's does not.
_PLANAR: Final = "[X2,X3;!$([#16]1-*~*-[#7,#8,#16]-*~*-1)]"

TOXICOPHORES: Final = (
    Toxicophore("specific aromatic nitro", (f"{_NITRO_CARRIER}[N+](=O)[O-]",)),
    Toxicophore(
        "specific aromatic amine",
        (f"{_AMINE_CARRIER}[$([NX3;H2]),$([NX4+;H3])]",),
        "the paper's amine is neutral; the protonated one is added for structures taken as drawn",
    ),
    Toxicophore("aromatic nitroso", ("a[NX2]=O",)),
    Toxicophore("alkyl nitrite", ("[CX4]O[NX2]=O",), "the carbon is saturated, as the name says"),
    Toxicophore("nitrosamine", ("[NX3][NX2]=O",)),
    Toxicophore("epoxide", ("[OX2]1[#6]-[#6]1",)),
    Toxicophore("aziridine", ("[NX3]1[CX4][CX4]1",), "a neutral ring of single bonds"),
    Toxicophore("azide", ("[NX2]=[N+]=[NX1-]", "[NX2-][N+]#[NX1]")),
    Toxicophore("diazo", ("[#6]=[N+]=[NX1-]", "[#6-][N+]#[NX1]"), "the carbanion form of the drawing is added"),
    Toxicophore("triazene", ("[NX3]-[NX2]=[NX2]",)),
    Toxicophore(
        "aromatic azo",
        (f"c[NX2;!$(N({_SULFONYL_ARYL})=N{_SULFONYL_ARYL})]=!@[NX2]c",),
        "exempt where both aryl groups bear a sulphonyl within four aromatic bonds",
    ),
    Toxicophore("unsubstituted heteroatom-bonded heteroatom", ("[OX2H,NX3H2][N,O;!$([N+](=O)[O-])]",)),
    Toxicophore("aromatic hydroxylamine", ("a[NX3][OX2H]",), "the nitrogen is neutral and has single bonds only"),
    Toxicophore("aliphatic halide", ("[Cl,Br,I]C",)),
    Toxicophore("carboxylic acid halide", ("[Cl,Br,I]C=O",)),
    Toxicophore("nitrogen or sulphur mustard", ("[N,S]!@[CX4]!@[CH2][Cl,Br,I]",)),
    Toxicophore("bay-region in polycyclic aromatic hydrocarbons", ("c1c[cH][cH]c2c1ccc1cc[cH][cH]c12",)),
    Toxicophore("K-region in polycyclic aromatic hydrocarbons", ("c1cc[cH]c2[cH][cH]c3[cH]cccc3c12",)),
    Toxicophore("polycyclic aromatic system", _fused("a")),
    Toxicophore(
        "sulphonate-bonded carbon",
        ("[CX4]!@[OX2][SX4](=O)(=O)[#6]", "[CX4]!@[OX2][SX4](=O)(=O)[OX2][#6]"),
        "the carbon that alkylates is saturated and bonded through oxygen; the paper takes any carbon on either side",
    ),
    Toxicophore("aliphatic N-nitro", ("[NX3;!+][N+](=O)[O-]",)),
    Toxicophore(
        "alpha,beta-unsaturated aldehyde",
        ("O=[CX3;H1,H2]-[C;!$(C[N,O,S])]=[C;!$(C[N,O,S]);!$(Ca)]", "O=[CX3;H1]-[CX3]=O"),
        "exempt where the double bond bears N, O or S or an aryl group at its far end, as in cinnamaldehyde",
    ),
    Toxicophore("diazonium", ("[#6;!-][N+]#[NX1]",)),
    Toxicophore("beta-propiolactone", ("O=C1CCO1",)),
    Toxicophore("alpha,beta-unsaturated alkoxy", ("[CX3;H1]=[CX3;H1]O",)),
    Toxicophore(
        "1-aryl-2-monoalkylhydrazine",
        ("a[NX3;H1;!R][NX3;H1;!R][#6]",),
        "as in the paper the second substituent may be any carbon, so hydrazides and diaryl hydrazines hit too",
    ),
    Toxicophore("aromatic methylamine", (f"{_AMINE_CARRIER}[NX3;H1][CH3]",)),
    Toxicophore(
        "ester derivative of aromatic hydroxylamine",
        ("a[NX3;$([H1]),$(N[CH3]),$(NC(=O)[CH3]),$(N([OX2])[OX2])][OX2][C,S,P]=O",),
        "the free hydroxylamine has its own row; here the oxygen bears an acyl, sulphonyl or phosphoryl group",
    ),
    Toxicophore(
        "polycyclic planar system",
        _fused(_PLANAR),
        "planar by the number of neighbours, not by a conformer; every polycyclic aromatic system hits too",
    ),
)


@cache
def toxicophore_patterns() -> tuple[tuple[Toxicophore, tuple[Chem.Mol, ...]], ...]:
    """Compile the table once, each toxicophore with the query molecules of its alternatives."""
    return tuple((entry, tuple(map(Chem.MolFromSmarts, entry.smarts))) for entry in TOXICOPHORES)
