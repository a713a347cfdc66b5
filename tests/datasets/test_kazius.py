from __future__ import annotations

import pytest
from rdkit import Chem

from datasets.kazius import TOXICOPHORES, toxicophore_patterns

#: Name -> (a molecule that hits, a near miss that does not).
EXAMPLES = {
    "specific aromatic nitro": ("O=[N+]([O-])c1ccccc1", "O=[N+]([O-])c1ccc(C(F)(F)F)cc1"),
    "specific aromatic amine": ("Nc1ccc(-c2ccccc2)cc1", "Nc1ccc(S(N)(=O)=O)cc1"),
    "aromatic nitroso": ("O=Nc1ccccc1", "CC(C)(C)N=O"),
    "alkyl nitrite": ("CCCCON=O", "CCCCO[N+](=O)[O-]"),
    "nitrosamine": ("CN(C)N=O", "CN(C)C=O"),
    "epoxide": ("C1CO1", "C1CCO1"),
    "aziridine": ("C1CN1", "C1CCN1"),
    "azide": ("CCN=[N+]=[N-]", "CCN=C=N"),
    "diazo": ("CCOC(=O)C=[N+]=[N-]", "CCOC(=O)C=NN"),
    "triazene": ("CN(C)N=Nc1ccccc1", "c1ccc2[nH]nnc2c1"),
    "aromatic azo": ("c1ccc(N=Nc2ccccc2)cc1", "O=S(=O)(O)c1ccc(N=Nc2ccc(S(=O)(=O)O)cc2)cc1"),
    "unsubstituted heteroatom-bonded heteroatom": ("CNN", "O[N+](=O)[O-]"),
    "aromatic hydroxylamine": ("ONc1ccccc1", "CONc1ccccc1"),
    "aliphatic halide": ("CCBr", "Brc1ccccc1"),
    "carboxylic acid halide": ("CC(=O)Cl", "CC(=O)CCl"),
    "nitrogen or sulphur mustard": ("CN(CCCl)CCCl", "CN1CC(CCl)C1"),
    "bay-region in polycyclic aromatic hydrocarbons": ("c1ccc2c(c1)ccc1ccccc12", "c1ccc2cc3ccccc3cc2c1"),
    "K-region in polycyclic aromatic hydrocarbons": ("c1ccc2c(c1)ccc1ccccc12", "Cc1cc2ccccc2c2ccccc12"),
    "polycyclic aromatic system": ("c1ccc2cc3ccccc3cc2c1", "O=C1c2ccccc2C(=O)c2ccccc21"),
    "sulphonate-bonded carbon": ("CS(=O)(=O)OC", "CS(=O)(=O)NC"),
    "aliphatic N-nitro": ("CN(C)[N+](=O)[O-]", "CC(C)[N+](=O)[O-]"),
    "alpha,beta-unsaturated aldehyde": ("C=CC=O", "O=CC=Cc1ccccc1"),
    "diazonium": ("N#[N+]c1ccccc1", "N#Cc1ccccc1"),
    "beta-propiolactone": ("O=C1CCO1", "O=C1CCCO1"),
    "alpha,beta-unsaturated alkoxy": ("C1=COCC1", "CC1=C(C)OCC1"),
    "1-aryl-2-monoalkylhydrazine": ("CNNc1ccccc1", "CN(C)Nc1ccccc1"),
    "aromatic methylamine": ("CNc1ccccc1", "CNc1ccc(C(=O)O)cc1"),
    "ester derivative of aromatic hydroxylamine": ("CC(=O)ONc1ccccc1", "CC(=O)OCNc1ccccc1"),
    "polycyclic planar system": ("O=C1c2ccccc2C(=O)c2ccccc21", "C1CCC2C(C1)CCC1CCCCC12"),
}

#: Further sides of the exemptions and of the alternatives.
MORE = [
    ("specific aromatic nitro", "O=[N+]([O-])c1ccccc1S(=O)(=O)O", False),
    ("specific aromatic nitro", "O=[N+]([O-])c1cccc(S(N)(=O)=O)c1", False),
    ("specific aromatic nitro", "O=[N+]([O-])c1ccc(C(=O)O)cc1", True),
    ("specific aromatic nitro", "O=[N+]([O-])c1ccc(-c2ccc(C(F)(F)F)cc2)cc1", True),
    ("specific aromatic nitro", "O=[N+]([O-])c1ccco1", True),
    ("specific aromatic amine", "Nc1ccccc1C(=O)O", False),
    ("specific aromatic amine", "CCOC(=O)c1ccc(N)cc1", False),
    ("specific aromatic amine", "NC(=O)c1ccc(N)cc1", True),
    ("specific aromatic amine", "CC(=O)Nc1ccccc1", False),
    ("specific aromatic amine", "[NH3+]c1ccccc1", True),
    ("aromatic azo", "O=S(=O)(O)c1ccc(N=Nc2ccccc2)cc1", True),
    ("aromatic azo", "c1ccc2nnccc2c1", False),
    ("azide", "[N-]=[N+]=Nc1ccccc1", True),
    ("unsubstituted heteroatom-bonded heteroatom", "CC=NO", True),
    ("unsubstituted heteroatom-bonded heteroatom", "COO", True),
    ("alpha,beta-unsaturated aldehyde", "CC(=O)C=O", True),
    ("alpha,beta-unsaturated aldehyde", "O=CC=CN(C)C", False),
    ("sulphonate-bonded carbon", "COS(=O)(=O)OC", True),
    ("sulphonate-bonded carbon", "Cc1ccc(S(=O)(=O)O)cc1", False),
    ("ester derivative of aromatic hydroxylamine", "O=S(=O)(O)ON(C(C)=O)c1ccccc1", True),
    ("polycyclic planar system", "c1ccc2c(c1)Nc1ccccc1S2", False),
    ("polycyclic planar system", "c1ccc2c(c1)Nc1ccccc1O2", True),
]

#: The nine ways to fuse three rings, each in a compound; in the last two not all three are aromatic.
THREE_RINGS = {
    "anthracene": "c1ccc2cc3ccccc3cc2c1",
    "phenanthrene": "c1ccc2c(c1)ccc1ccccc12",
    "carbazole": "c1ccc2c(c1)[nH]c1ccccc12",
    "naphtho[2,3-b]thiophene": "c1ccc2cc3sccc3cc2c1",
    "naphtho[1,2-b]furan": "c1ccc2c(c1)ccc1ccoc12",
    "benzodithiophene, linear": "c1cc2cc3sccc3cc2s1",
    "benzodithiophene, angular": "c1cc2ccc3ccsc3c2s1",
    "phenalenone": "O=C1C=Cc2cccc3cccc1c23",
    "acenaphthylene": "C1=Cc2cccc3cccc1c23",
}


def hits(name: str, smiles: str) -> bool:
    mol = Chem.MolFromSmiles(smiles)
    assert mol is not None
    return any(
        mol.HasSubstructMatch(query)
        for entry, queries in toxicophore_patterns()
        if entry.name == name
        for query in queries
    )


def test_the_table_is_complete() -> None:
    names = [entry.name for entry in TOXICOPHORES]
    assert len(names) == len(set(names)) == 29
    assert set(names) == set(EXAMPLES)
    assert all(query is not None for _, queries in toxicophore_patterns() for query in queries)


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_one_hit_and_one_near_miss(name: str) -> None:
    hit, miss = EXAMPLES[name]
    assert hits(name, hit)
    assert not hits(name, miss)


@pytest.mark.parametrize(("name", "smiles", "expected"), MORE)
def test_exemptions_and_alternatives(name: str, smiles: str, expected: bool) -> None:
    assert hits(name, smiles) is expected


@pytest.mark.parametrize("smiles", THREE_RINGS.values(), ids=THREE_RINGS)
def test_every_way_to_fuse_three_rings_is_planar(smiles: str) -> None:
    assert hits("polycyclic planar system", smiles)


@pytest.mark.parametrize("smiles", list(THREE_RINGS.values())[:7], ids=list(THREE_RINGS)[:7])
def test_aromatic_ones_are_a_polycyclic_aromatic_system(smiles: str) -> None:
    assert hits("polycyclic aromatic system", smiles)


@pytest.mark.parametrize("smiles", list(THREE_RINGS.values())[7:], ids=list(THREE_RINGS)[7:])
def test_partly_aromatic_ones_are_not(smiles: str) -> None:
    assert not hits("polycyclic aromatic system", smiles)


def test_two_fused_rings_are_not_enough() -> None:
    assert not hits("polycyclic planar system", "c1ccc2ccccc2c1")


@pytest.mark.parametrize("smiles", ["CC(C)Cc1ccc(C(C)C(=O)O)cc1", "OCC1OC(O)C(O)C(O)C1O", "CN1C(=O)N(C)c2ncn(C)c2C1=O"])
def test_plainly_clean_compounds_have_none(smiles: str) -> None:
    assert not [entry.name for entry in TOXICOPHORES if hits(entry.name, smiles)]
