"""Many different small molecules, put together from parts, and texts that are nearly molecules."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from rdkit import Chem, rdBase

SCAFFOLDS = (
    "c1ccc({a})cc1{b}", "c1cc({a})nc({b})c1", "{a}c1nc({b})cs1", "{a}c1c[nH]c2ccc({b})cc12", "{a}C1CCN({b})CC1",
    "{a}c1ccc2c(c1)Cc1cc({b})ccc1-2", "{a}N1C(=O)c2ccccc2C1{b}", "O=c1cc({a})oc2cc({b})ccc12", "{a}C12CC(C1)C2{b}",
    "{a}c1ccc(-c2ccc({b})o2)s1", "{a}n1c({b})nc2ccccc21", "{a}C1CC2CCC1C2{b}", "{a}C1=CC(=O)C=C({b})C1=O",
    "{a}c1cc2ccc3cccc4ccc(c1{b})c2c34", "{a}C1CCC2(CC1)OCC({b})O2", "{a}c1noc({b})c1C", "C1CC1C({a})C{b}",
    "{a}C(=O)N{b}", "{a}CC(C{b})S(=O)(=O)C", "{a}c1ccc2[nH]c({b})nc2c1", "{a}N1CCN({b})CC1", "{a}c1nnc({b})n1C",
)  # fmt: skip
GROUPS = ("C", "[N+](=O)[O-]", "O", "C(F)(F)F", "C#N", "N(C)C", "Cl", "OC", "C(=O)O", "S", "c1ccncc1", "Br", "C=C")
_SIGNS = "CNOSPFIBcnos()=#-123456789[]+H@/\\.lr"
_PIECES = (
    "C",
    "N",
    "c1ccccc1",
    "=O",
    "(C)",
    "[nH]",
    "[N+](=O)[O-]",
    "Cl",
    "(=O)",
    "1",
    "2",
    "=",
    "#N",
    "C1CC1",
    "[O-]",
)


def made_molecules() -> list[str]:
    """Canonical SMILES, each once."""
    with rdBase.BlockLogs():
        mols = [
            Chem.MolFromSmiles(scaffold.format(a=a, b=b))
            for scaffold, (a, b) in itertools.product(SCAFFOLDS, itertools.product(GROUPS, GROUPS))
        ]
    return list(dict.fromkeys(Chem.MolToSmiles(mol) for mol in mols if mol is not None))


def near_misses(smiles: Sequence[str], count: int, seed: int) -> list[str]:
    """Texts that differ a little from SMILES, among them the same molecules written otherwise."""
    random_ = random.Random(seed)
    texts = []
    for text in random_.choices(smiles, k=count):
        at, other = sorted(random_.choices(range(len(text) + 1), k=2))
        mol = Chem.MolFromSmiles(text)
        kekulised = Chem.Mol(mol)
        Chem.Kekulize(kekulised, clearAromaticFlags=True)
        texts += [
            text[:at] + text[at + 1 :],
            text[:at] + random_.choice(_SIGNS) + text[at + 1 :],
            text[:at] + random_.choice(_PIECES) + text[at:],
            text[:at] + text[other:],
            Chem.MolToSmiles(
                Chem.RenumberAtoms(mol, random_.sample(range(n := mol.GetNumAtoms()), n)), canonical=False
            ),
            Chem.MolToSmiles(kekulised, kekuleSmiles=True),
        ]
    return texts
