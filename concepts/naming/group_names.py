"""What a chemist calls the groups that masks point at: a table of names and SMARTS, written for this project.

Names follow IUPAC usage where it has a short one. A group may hold another (an aromatic nitro compound holds a nitro
group); which of them names a concept is for `concepts.naming.naming` to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from rdkit import Chem

from datasets.kazius import toxicophore_patterns

_FUSED_ARENES: Final = "polycyclic aromatic system"


@dataclass(frozen=True, slots=True)
class Group:
    """A named substructure."""

    name: str
    smarts: str


GROUPS: Final = tuple(
    Group(name, smarts)
    for name, smarts in (
        # nitrogen and oxygen on each other
        ("aromatic nitro", "[c,n][N+](=O)[O-]"),
        ("nitro group drawn with hydrogens", "[#6][NX4H+]([O-])[OX2H]"),
        ("nitrofuran", "o1cccc1[N+](=O)[O-]"),
        ("nitroimidazole", "[n;r5]1c([N+](=O)[O-])[n;r5]cc1"),
        ("nitroimidazole", "[n;r5]1c[n;r5]cc1[N+](=O)[O-]"),
        ("nitrothiophene", "s1cccc1[N+](=O)[O-]"),
        ("aliphatic nitro", "[CX4][N+](=O)[O-]"),
        ("nitroalkene", "C=C[N+](=O)[O-]"),
        ("ortho-nitrophenol", "[OX2H]cc[N+](=O)[O-]"),
        ("nitramine", "[NX3][N+](=O)[O-]"),
        ("nitrate ester", "[CX4]O[N+](=O)[O-]"),
        ("aromatic nitroso", "[c][NX2]=O"),
        ("nitrosamine", "[NX3][NX2]=O"),
        ("nitrosourea", "O=[NX2][NX3]C(=O)[NX3]"),
        ("alkyl nitrite", "[CX4]O[NX2]=O"),
        ("aromatic N-oxide", "[n+][O-]"),
        ("furoxan", "[O-][n+]1onc2ccccc12"),
        ("hydroxylamine", "[NX3;!$(NC=O)][OX2H]"),
        ("N-acyloxyarylamine", "c[NX3][OX2]C=O"),
        ("hydroxamic acid", "C(=O)[NX3][OX2H]"),
        ("N-acyloxy-N-alkoxyamide", "C(=O)[NX3]([OX2][CX4])[OX2]C=O"),
        ("oxime", "[CX3]=[NX2][OX2H]"),
        ("oxime ether", "[CX3]=[NX2][OX2][#6]"),
        # nitrogen on nitrogen
        ("aromatic azo", "c[NX2]=!@[NX2]c"),
        ("azoxy", "[NX2]=[N+][O-]"),
        ("triazene", "[NX3][NX2]=[NX2]"),
        ("azide", "[NX2]=[N+]=[NX1-]"),
        ("azide", "[NX2-][N+]#[NX1]"),
        ("diazo", "[#6]=[N+]=[NX1-]"),
        ("diazonium", "[#6][N+]#[NX1]"),
        ("hydrazine", "[NX3;!$(NC=O);!$(NS=O)]!@[NX3;!$(NC=O);!$(N[N,S,P]=O)]"),
        ("hydrazide", "C(=O)[NX3]!@[NX3]"),
        ("hydrazone", "[CX3]=[NX2]!@[NX3]"),
        # amines
        ("primary aromatic amine", "c[NX3H2]"),
        ("secondary aromatic amine", "c[NX3H1;!$(NC=O);!$(NS=O);!$(N[N,O])][#6]"),
        ("dialkyl aromatic amine", "c[NX3H0]([CX4])[CX4]"),
        ("aminobiphenyl", "[NX3;H2,H1]c1ccc(-c2ccccc2)cc1"),
        ("primary amine", "[CX4][NX3H2]"),
        ("secondary amine", "[CX4][NX3H1;!$(NC=O);!$(NS=O)][CX4]"),
        ("tertiary amine", "[CX4][NX3H0]([CX4])[CX4]"),
        ("quaternary ammonium", "[#6][N+X4]([#6])([#6])[#6]"),
        ("amidine", "[NX3][CX3]=[NX2]"),
        ("guanidine", "[NX3][CX3](=[NX2])[NX3]"),
        ("imine", "[#6][CX3]=[NX2][#6]"),
        ("nitrile", "C#N"),
        ("isocyanate", "N=C=O"),
        ("isothiocyanate", "N=C=S"),
        # alkylating agents
        ("epoxide", "[CX4]1O[CX4]1"),
        ("glycidyl ether", "[CX4]1O[CX4]1[CX4]O"),
        ("glycidyl ester", "[CX4]1O[CX4]1[CX4]OC=O"),
        ("epoxide fused to a ring", "[CX4;R2]1O[CX4;R2]1"),
        ("aziridine", "N1[CX4][CX4]1"),
        ("thiirane", "[CX4]1S[CX4]1"),
        ("nitrogen mustard", "[NX3][CX4][CX4][Cl,Br,I]"),
        ("alkyl chloride", "[CX4;!$(C([F,Cl,Br,I])([F,Cl,Br,I])[F,Cl,Br,I])]Cl"),
        ("alkyl bromide", "[CX4]Br"),
        ("alkyl iodide", "[CX4]I"),
        ("trihalomethyl", "[CX4](Cl)(Cl)Cl"),
        ("trifluoromethyl", "[CX4](F)(F)F"),
        ("polyfluoroalkyl", "[CX4;$(C(F)F),$(C(F)[CX4]F)][CX4;$(C(F)F),$(CF)]"),
        ("vinyl halide", "[CX3]=[CX3][Cl,Br,I]"),
        ("halogenated furanone", "O=C1OCC([Cl,Br])=C1"),
        ("sulfonate ester", "[CX4]O[SX4](=O)(=O)"),
        ("sulfate ester", "[CX4]O[SX4](=O)(=O)O"),
        ("beta-lactone", "O=C1CCO1"),
        ("beta-lactam", "O=C1CCN1"),
        ("acyl halide", "C(=O)[Cl,Br,I]"),
        ("carbamoyl chloride", "NC(=O)Cl"),
        ("alpha-halocarbonyl", "O=C[CX4][Cl,Br,I]"),
        # carbonyls
        ("alpha,beta-unsaturated aldehyde", "[CX3H1](=O)[CX3]=[CX3]"),
        ("alpha,beta-unsaturated ketone", "[#6][CX3](=O)[CX3]=[CX3]"),
        ("acrylate", "[CH2]=[CX3]C(=O)O"),
        ("acrylamide", "[CX3]=[CX3]C(=O)N"),
        ("maleimide", "O=C1C=CC(=O)N1"),
        ("aldehyde", "[#6][CX3H1]=O"),
        ("aromatic aldehyde", "c[CX3H1]=O"),
        ("1,2-dicarbonyl", "[#6,H]C(=O)C(=O)[#6,H]"),
        ("ketone", "[#6][CX3](=O)[#6]"),
        ("aryl ketone", "c[CX3](=O)[#6]"),
        ("quinone", "O=C1C=CC(=O)C=C1"),
        ("quinone", "O=C1C=CC=CC1=O"),
        ("anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc12"),
        ("carboxylic acid", "[CX3](=O)[OX2H]"),
        ("aromatic carboxylic acid", "c[CX3](=O)[OX2H]"),
        ("ester", "[#6][CX3](=O)[OX2][#6]"),
        ("lactone", "[#6;R][CX3;R](=O)[OX2;R][#6;R]"),
        ("anhydride", "C(=O)OC=O"),
        ("amide", "[#6][CX3](=O)[NX3]"),
        ("anilide", "c[NX3][CX3](=O)[#6]"),
        ("imide", "C(=O)[NX3]C=O"),
        ("urea", "[NX3]C(=O)[NX3]"),
        ("carbamate", "[NX3]C(=O)O[#6]"),
        ("carbonate", "OC(=O)O"),
        ("thioamide", "[#6]C(=S)[NX3]"),
        ("thiourea", "[NX3]C(=S)[NX3]"),
        ("dithiocarbamate", "[NX3]C(=S)S"),
        ("rhodanine", "O=C1CSC(=S)N1"),
        # oxygen
        ("phenol", "c[OX2H]"),
        ("catechol", "c([OX2H])c[OX2H]"),
        ("aryl ether", "c[OX2][CX4]"),
        ("diaryl ether", "c[OX2]c"),
        ("methylenedioxybenzene", "c1ccc2c(c1)OCO2"),
        ("alcohol", "[CX4][OX2H]"),
        ("polyol", "[CX4]([OX2H])[CX4][OX2H]"),
        ("sugar ring", "O1[CX4][CX4]([OX2])[CX4]([OX2])[CX4]([OX2])[CX4]1"),
        ("nucleoside", "O1[CX4][CX4][CX4][CX4]1n"),
        ("dialkyl ether", "[CX4][OX2;!R][CX4]"),
        ("peroxide", "[OX2][OX2]"),
        ("acetal", "[CX4]([OX2][#6])[OX2][#6]"),
        # sulfur and phosphorus
        ("sulfonamide", "[SX4](=O)(=O)[NX3]"),
        ("aromatic sulfonamide", "c[SX4](=O)(=O)[NX3]"),
        ("sulfonylurea", "[SX4](=O)(=O)[NX3]C(=O)[NX3]"),
        ("arylsulfonic acid", "c[SX4](=O)(=O)[OX2H,O-]"),
        ("sulfonic acid", "[SX4](=O)(=O)[OX2H,O-]"),
        ("sulfone", "[#6][SX4](=O)(=O)[#6]"),
        ("sulfoxide", "[#6][SX3](=O)[#6]"),
        ("sulfonyl halide", "[SX4](=O)(=O)[F,Cl,Br]"),
        ("thiol", "[#6][SX2H]"),
        ("thioether", "[#6;!$(C=[O,S,N])][SX2;!R][#6;!$(C=[O,S,N])]"),
        ("disulfide", "[SX2][SX2]"),
        ("phosphate ester", "[PX4](=O)([OX2])[OX2]"),
        ("organothiophosphate", "[PX4](=S)([OX2])[OX2,SX2]"),
        ("phosphonate", "[#6][PX4](=O)([OX2])[OX2]"),
        ("silane", "[Si]"),
        ("boronic acid", "B(O)O"),
        # halogen on rings
        ("aryl chloride", "cCl"),
        ("aryl bromide", "cBr"),
        ("aryl iodide", "cI"),
        ("aryl fluoride", "cF"),
        ("polychlorinated arene", "c(Cl)c(Cl)c(Cl)"),
        # rings
        ("benzene ring", "c1ccccc1"),
        ("naphthalene", "c1ccc2ccccc2c1"),
        ("biphenyl", "c1ccccc1-c1ccccc1"),
        ("biaryl bond", "c-c"),
        ("stilbene", "c1ccccc1C=Cc1ccccc1"),
        ("fluorene", "c1ccc2c(c1)Cc1ccccc12"),
        ("carbazole", "c1ccc2c(c1)[nX3]c1ccccc12"),
        ("acridine", "c1ccc2nc3ccccc3cc2c1"),
        ("phenazine", "c1ccc2nc3ccccc3nc2c1"),
        ("phenothiazine", "c1ccc2c(c1)Nc1ccccc1S2"),
        ("quinoline", "c1ccc2ncccc2c1"),
        ("isoquinoline", "c1ccc2cnccc2c1"),
        ("phthalazine", "c1ccc2cnncc2c1"),
        ("indazole", "c1ccc2c(c1)cn[nX3]2"),
        ("indane", "c1ccc2c(c1)CCC2"),
        ("tetralin", "c1ccc2c(c1)CCCC2"),
        ("quinoxaline", "c1ccc2nccnc2c1"),
        ("quinazoline", "c1ccc2ncncc2c1"),
        ("indole", "c1ccc2[nX3]ccc2c1"),
        ("benzimidazole", "c1ccc2[nX3]cnc2c1"),
        ("imidazoquinoline", "c1nc2ccc3ncccc3c2n1"),
        ("benzothiazole", "c1ccc2scnc2c1"),
        ("benzisothiazole", "c1ccc2snc(c2c1)"),
        ("benzisothiazole", "c1ccc2nscc2c1"),
        ("benzisothiazole", "c1ccc2c(c1)cns2"),
        ("benzotriazole", "c1ccc2nn[nX3]c2c1"),
        ("benzotriazole", "c1ccc2n[nX3]nc2c1"),
        ("benzoxazole", "c1ccc2ocnc2c1"),
        ("benzofuran", "c1ccc2occc2c1"),
        ("coumarin", "O=c1ccc2ccccc2o1"),
        ("flavone", "O=c1cc(-c2ccccc2)oc2ccccc12"),
        ("chromone", "O=c1ccoc2ccccc12"),
        ("xanthone", "O=c1c2ccccc2oc2ccccc12"),
        ("thioxanthone", "O=c1c2ccccc2sc2ccccc12"),
        ("acridone", "O=c1c2ccccc2[nX3]c2ccccc12"),
        ("dibenzofuran", "c1ccc2c(c1)oc1ccccc12"),
        ("phthalimide", "O=C1NC(=O)c2ccccc12"),
        ("purine", "c1ncc2ncnc2n1"),
        ("pyridine", "c1ccncc1"),
        ("pyrimidine", "c1cncnc1"),
        ("pyridazine", "c1ccnnc1"),
        ("pyrazine", "c1cnccn1"),
        ("triazine", "c1ncncn1"),
        ("uracil", "O=c1ccnc(=O)n1"),
        ("furan", "c1ccoc1"),
        ("thiophene", "c1ccsc1"),
        ("pyrrole", "c1cc[nX3]c1"),
        ("pyrazole", "c1cn[nX3]c1"),
        ("imidazole", "c1cnc[nX3]1"),
        ("thiazole", "c1cscn1"),
        ("oxazole", "c1cocn1"),
        ("isoxazole", "c1conc1"),
        ("1,2,4-triazole", "c1nc[nX3]n1"),
        ("tetrazole", "c1nnn[nX3]1"),
        ("1,3,4-oxadiazole", "c1nnco1"),
        ("1,3,4-thiadiazole", "c1nncs1"),
        ("piperidine", "C1CC[NX3]CC1"),
        ("piperazine", "C1C[NX3]CC[NX3]1"),
        ("morpholine", "C1COCC[NX3]1"),
        ("pyrrolidine", "C1CC[NX3]C1"),
        ("saturated six-membered ring with two heteroatoms", "[CX4]1[O,S,NX3][CX4][CX4][O,S,NX3][CX4]1"),
        ("tetrahydrofuran", "[CX4]1O[CX4][CX4][CX4]1"),
        ("tetrahydropyran", "[CX4]1O[CX4][CX4][CX4][CX4]1"),
        ("cyclohexane", "C1CCCCC1"),
        ("cyclopentane", "C1CCCC1"),
        ("bicyclic bridged alkane", "[CX4;R2]1[CX4;R]~[CX4;R]~[CX4;R2]~[CX4;R]~[CX4;R]1"),
        ("cyclopropane", "C1CC1"),
        ("adamantane", "C1C2CC3CC1CC(C2)C3"),
        ("steroid", "C1CCC2C(C1)CCC1C2CCC2CCCC12"),
        # carbon
        ("terminal alkene", "[CX3H2]=[CX3]"),
        ("alkene", "[CX4][CX3]=[CX3][CX4]"),
        ("conjugated diene", "C=C-C=C"),
        ("alkyne", "C#C"),
        ("allyl alcohol derivative", "[CX3]=[CX3][CX4]O"),
        ("tert-butyl", "[CX4]([CH3])([CH3])[CH3]"),
        ("isopropyl", "[CX4H1]([CH3])[CH3]"),
        ("long alkyl chain", "[CX4H2][CX4H2][CX4H2][CX4H2][CX4H2][CX4H2]"),
        ("butyl chain", "[CX4H2;!R][CX4H2;!R][CX4H2;!R]"),
        ("alkyl chain", "[CX4;!R][CX4;!R][CX4;!R]"),
    )
)
"""Rows of one name are alternatives."""


@cache
def group_patterns() -> tuple[tuple[str, tuple[Chem.Mol, ...]], ...]:
    """Compile the table once: each name with the query molecules of its alternatives."""
    by_name: dict[str, list[Chem.Mol]] = {}
    for group in GROUPS:
        by_name.setdefault(group.name, []).append(Chem.MolFromSmarts(group.smarts))
    # Three rings can be fused in many ways; the table of toxicophores writes them out.
    by_name["fused tricyclic arene"] = list(dict(_arenes())[_FUSED_ARENES])
    return tuple((name, tuple(patterns)) for name, patterns in by_name.items())


def _arenes() -> list[tuple[str, tuple[Chem.Mol, ...]]]:
    return [(entry.name, patterns) for entry, patterns in toxicophore_patterns()]
