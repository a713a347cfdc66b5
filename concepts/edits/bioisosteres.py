"""Groups that medicinal chemists exchange for each other, each exchange with its source.

Groups are named as in `concepts.edits.cuts`: canonical SMILES with `*` for the open end, `[1*]` and `[2*]` for those of
a linker, `*[H]` for no group. Every exchange goes both ways; which way makes sense is for the search to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Final

CITATIONS: Final = {
    "Patani": "Patani and LaVoie 1996, doi 10.1021/cr950066q",
    "Meanwell 2011": "Meanwell 2011, doi 10.1021/jm1013693",
    "Meanwell 2018": "Meanwell 2018, doi 10.1021/acs.jmedchem.7b01788",
    "Lassalas": "Lassalas et al. 2016, doi 10.1021/acs.jmedchem.5b01963",
    "Subbaiah": "Subbaiah and Meanwell 2021, doi 10.1021/acs.jmedchem.1c01215",
}


@dataclass(frozen=True, slots=True)
class Bioisosteres:
    """Two groups that can stand in for each other."""

    group: str
    other: str
    citation: str
    """Where the exchange is described, with DOI."""


#: Families whose members are exchanged among themselves; SMILES need not be canonical here.
_FAMILIES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Patani", ("*[H]", "*F")),
    ("Patani", ("*F", "*Cl", "*Br", "*C", "*O", "*N")),
    ("Patani", ("*O", "*N", "*S", "*NS(C)(=O)=O", "*CO", "*NC(N)=O", "*NC#N")),
    ("Patani", ("*[N+](=O)[O-]", "*C#N", "*C(F)(F)F", "*C(=O)O", "*C(C)=O")),
    ("Meanwell 2011", ("*[N+](=O)[O-]", "*C(N)=O", "*S(C)(=O)=O", "*S(N)(=O)=O", "*Cl")),
    ("Meanwell 2011", ("*Cl", "*C(F)(F)F", "*C#N", "*C", "*C#C")),
    ("Meanwell 2018", ("*C", "*C(F)(F)F", "*C(F)F", "*CF")),
    ("Meanwell 2018", ("*OC", "*OC(F)(F)F", "*OC(F)F")),
    ("Meanwell 2018", ("*C(C)(C)C", "*C(C)(C)C(F)(F)F", "*C1(C(F)(F)F)CC1")),
    ("Meanwell 2018", ("*O", "*C(F)F")),
    ("Lassalas", ("*C(=O)O", "*c1nnn[nH]1", "*C(=O)NO", "*C(=O)NS(C)(=O)=O", "*S(N)(=O)=O", "*S(=O)(=O)O")),
    ("Lassalas", ("*C(=O)O", "*c1nc(=O)o[nH]1", "*c1cc(O)no1", "*P(=O)(O)O")),
    ("Patani", ("*C(=O)OC", "*C(=O)NC", "*c1ncon1", "*c1nnc(C)o1", "*c1noc(C)n1")),
    ("Meanwell 2011", ("*C(N)=O", "*C(=O)NC", "*C#N", "*S(N)(=O)=O", "*NC(C)=O")),
    ("Meanwell 2011", ("*c1ccccc1", "*c1ccccn1", "*c1cccnc1", "*c1ccncc1", "*c1cccs1", "*c1ccsc1", "*c1ccco1")),
    ("Subbaiah", ("*c1ccccc1", "*C1CCCCC1", "*C12CC(C1)C2", "*C1CC1", "*C1CCNCC1", "*C1CCOCC1")),
    ("Meanwell 2011", ("*N1CCOCC1", "*N1CCCCC1", "*N1CCNCC1", "*N1CCN(C)CC1", "*N1CCCC1", "*N(C)C")),
    ("Meanwell 2011", ("*C(C)(C)C", "*C(C)C", "*C1CC1", "*C1COC1", "*C1(C)COC1", "*C(C)(C)O")),
    ("Meanwell 2011", ("*OC", "*SC", "*NC", "*CC", "*N(C)C")),
    ("Patani", ("[1*]O[2*]", "[1*]N[2*]", "[1*]S[2*]", "[1*]C[2*]", "[1*]C([2*])=O")),
    ("Meanwell 2018", ("[1*]C([2*])=O", "[1*]C(F)(F)[2*]", "[1*]S([2*])(=O)=O", "[1*]S([2*])=O", "[1*]C1([2*])COC1")),
    ("Patani", ("[1*]C(=O)N[2*]", "[1*]C(=O)O[2*]", "[1*]S(=O)(=O)N[2*]", "[1*]NC([2*])=O", "[1*]CN[2*]")),
    ("Meanwell 2011", ("[1*]C(=O)N[2*]", "[1*]C(=O)N([2*])C", "[1*]C(F)=C[2*]", "[1*]c1nnc([2*])o1", "[1*]CO[2*]")),
    ("Meanwell 2011", ("[1*]N=N[2*]", "[1*]C=C[2*]", "[1*]CC[2*]", "[1*]C(=O)N[2*]", "[1*]C#C[2*]", "[1*]CO[2*]")),
    ("Patani", ("[1*]NC(=O)N[2*]", "[1*]NC(=S)N[2*]", "[1*]NC(=O)O[2*]", "[1*]NC(=NC#N)N[2*]", "[1*]NS(=O)(=O)N[2*]")),
)


def bioisosteres() -> tuple[Bioisosteres, ...]:
    """All exchanges, each once."""
    return tuple(
        Bioisosteres(group, other, CITATIONS[source])
        for source, family in _FAMILIES
        for group, other in combinations(family, 2)
    )
