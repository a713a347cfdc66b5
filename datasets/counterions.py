"""Counter-ions and solvents that a compound is stored with: what a salt is named after, not what acts.

A fragment is looked up neutralised and without stereo marks, so that one entry stands for every charge state. The list
holds common pharmaceutical salt formers (Stahl and Wermuth 2002, Handbook of Pharmaceutical Salts, ISBN
978-3-906390-26-0), simple inorganic ions and crystallisation solvents.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from rdkit import Chem, rdBase

#: Elements whose single atoms or ions are counter-ions.
_ATOMS: Final = {
    "Li": "lithium",
    "Na": "sodium",
    "K": "potassium",
    "Rb": "rubidium",
    "Cs": "caesium",
    "Mg": "magnesium",
    "Ca": "calcium",
    "Sr": "strontium",
    "Ba": "barium",
    "Zn": "zinc",
    "Al": "aluminium",
    "Ag": "silver",
    "F": "fluoride",
    "Cl": "chloride",
    "Br": "bromide",
    "I": "iodide",
    "H": "hydrogen",
}

#: Name -> neutral SMILES; fumarate stands for maleate too, since stereo marks are ignored.
_FRAGMENTS: Final = {
    "water": "O",
    "hydrogen peroxide": "OO",
    "ammonia": "N",
    "sulfate": "OS(O)(=O)=O",
    "phosphate": "OP(O)(O)=O",
    "nitrate": "O[N+](=O)[O-]",
    "perchlorate": "[O-][Cl+3]([O-])([O-])O",
    "carbonate": "OC(O)=O",
    "carbon dioxide": "O=C=O",
    "borate": "OB(O)O",
    "tetrafluoroborate": "F[B-](F)(F)F",
    "hexafluorophosphate": "F[P-](F)(F)(F)(F)F",
    "thiocyanate": "SC#N",
    "formate": "OC=O",
    "acetate": "CC(O)=O",
    "trifluoroacetate": "OC(=O)C(F)(F)F",
    "propionate": "CCC(O)=O",
    "glycolate": "OCC(O)=O",
    "lactate": "CC(O)C(O)=O",
    "oxalate": "OC(=O)C(O)=O",
    "malonate": "OC(=O)CC(O)=O",
    "succinate": "OC(=O)CCC(O)=O",
    "fumarate or maleate": "OC(=O)C=CC(O)=O",
    "malate": "OC(CC(O)=O)C(O)=O",
    "tartrate": "OC(C(O)C(O)=O)C(O)=O",
    "citrate": "OC(CC(O)=O)(CC(O)=O)C(O)=O",
    "gluconate": "OCC(O)C(O)C(O)C(O)C(O)=O",
    "benzoate": "OC(=O)c1ccccc1",
    "salicylate": "OC(=O)c1ccccc1O",
    "stearate": "CCCCCCCCCCCCCCCCCC(O)=O",
    "pamoate": "OC(=O)c1cc2ccccc2c(Cc2c(O)c(cc3ccccc23)C(O)=O)c1O",
    "picrate": "Oc1c([N+](=O)[O-])cc([N+](=O)[O-])cc1[N+](=O)[O-]",
    "methyl sulfate": "COS(O)(=O)=O",
    "mesylate": "CS(O)(=O)=O",
    "triflate": "OS(=O)(=O)C(F)(F)F",
    "esylate": "CCS(O)(=O)=O",
    "edisylate": "OS(=O)(=O)CCS(O)(=O)=O",
    "isethionate": "OCCS(O)(=O)=O",
    "besylate": "OS(=O)(=O)c1ccccc1",
    "tosylate": "Cc1ccc(cc1)S(O)(=O)=O",
    "napsylate": "OS(=O)(=O)c1ccc2ccccc2c1",
    "napadisylate": "OS(=O)(=O)c1cccc2c1cccc2S(O)(=O)=O",
    "camsylate": "CC1(C)C2CCC1(CS(O)(=O)=O)C(=O)C2",
    "triethylamine": "CCN(CC)CC",
    "diethylamine": "CCNCC",
    "ethanolamine": "NCCO",
    "diethanolamine": "OCCNCCO",
    "triethanolamine": "OCCN(CCO)CCO",
    "tert-butylamine": "CC(C)(C)N",
    "dicyclohexylamine": "C1CCC(CC1)NC1CCCCC1",
    "ethylenediamine": "NCCN",
    "piperazine": "C1CNCCN1",
    "tromethamine": "NC(CO)(CO)CO",
    "meglumine": "CNCC(O)C(O)C(O)C(O)CO",
    "choline": "C[N+](C)(C)CCO",
    "lysine": "NCCCCC(N)C(O)=O",
    "arginine": "NC(CCCNC(N)=N)C(O)=O",
    "tetrabutylammonium": "CCCC[N+](CCCC)(CCCC)CCCC",
    "methanol": "CO",
    "ethanol": "CCO",
    "propanol": "CCCO",
    "isopropanol": "CC(C)O",
    "acetone": "CC(C)=O",
    "acetonitrile": "CC#N",
    "ethyl acetate": "CCOC(C)=O",
    "diethyl ether": "CCOCC",
    "tetrahydrofuran": "C1CCOC1",
    "dioxane": "C1COCCO1",
    "dichloromethane": "ClCCl",
    "chloroform": "ClC(Cl)Cl",
    "dimethyl sulfoxide": "CS(C)=O",
    "dimethylformamide": "CN(C)C=O",
    "hexane": "CCCCCC",
    "benzene": "c1ccccc1",
    "toluene": "Cc1ccccc1",
}


@cache
def _names() -> dict[str, str]:
    return {_flat(Chem.MolFromSmiles(smiles)): name for name, smiles in _FRAGMENTS.items()}


def _flat(mol: Chem.Mol) -> str:
    return str(Chem.MolToSmiles(mol, isomericSmiles=False))


def counterion_name(neutral: Chem.Mol) -> str | None:
    """Name a fragment as a counter-ion or solvent.

    Parameters
    ----------
    neutral
        One connected fragment, neutralised where it can be.

    Returns
    -------
    str or None
        Its name, as in "sodium" or "tosylate"; None if the fragment is not on the list.
    """
    if neutral.GetNumAtoms() == 1 and (name := _ATOMS.get(neutral.GetAtomWithIdx(0).GetSymbol())):
        return name
    with rdBase.BlockLogs():
        return _names().get(_flat(neutral))
