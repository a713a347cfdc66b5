from __future__ import annotations

import pytest
from rdkit import Chem

from datasets.alerts import CITATIONS, Alert, find_alerts
from datasets.standardize import parent_smiles

NITROBENZENE = "O=[N+]([O-])c1ccccc1"
BENZYLIDENE_RHODANINE = "O=C1C(=Cc2ccccc2)SC(=S)N1C"


def test_nitrobenzene() -> None:
    alerts = find_alerts(NITROBENZENE)
    assert [alert for alert in alerts if alert.catalog == "Kazius"] == [
        Alert("Kazius", "specific aromatic nitro", (0, 1, 2, 3), "Kazius et al. 2005, doi 10.1021/jm040835a")
    ]
    assert Alert("Brenk", "nitro_group", (0, 1, 2), CITATIONS["Brenk"]) in alerts
    assert not [alert for alert in alerts if alert.catalog == "PAINS"]


def test_a_pains_compound() -> None:
    names = {alert.name for alert in find_alerts(BENZYLIDENE_RHODANINE, ["PAINS"])}
    assert names == {"ene_rhod_A"}, "the count that RDKit appends to the name is dropped"


def test_atoms_follow_the_smiles_given() -> None:
    for smiles in (NITROBENZENE, "c1ccccc1[N+](=O)[O-]", "c1(ccccc1)[N+]([O-])=O"):
        [alert] = find_alerts(smiles, ["Kazius"])
        mol = Chem.MolFromSmiles(smiles)
        symbols = sorted(mol.GetAtomWithIdx(atom).GetSymbol() for atom in alert.atoms)
        assert symbols == ["C", "N", "O", "O"]
        charged = {atom.GetIdx() for atom in mol.GetAtoms() if atom.GetFormalCharge()}
        assert charged < set(alert.atoms)


def test_each_site_is_one_alert() -> None:
    two = find_alerts("O=[N+]([O-])c1ccc([N+](=O)[O-])cc1", ["Kazius"])
    assert [alert.name for alert in two] == ["specific aromatic nitro"] * 2
    assert not set(two[0].atoms) & set(two[1].atoms)
    [chloroform] = find_alerts("ClC(Cl)Cl", ["Kazius"])
    assert chloroform.atoms == (0, 1, 2, 3)


@pytest.mark.parametrize(
    "smiles", [NITROBENZENE, BENZYLIDENE_RHODANINE, "c1ccc2c(c1)ccc1c2ccc2ccccc21", "ClCCN(C)CCCl"]
)
def test_sorted_and_without_repeats(smiles: str) -> None:
    alerts = find_alerts(smiles)
    order = list(CITATIONS)
    keys = [(order.index(alert.catalog), alert.name, alert.atoms) for alert in alerts]
    assert keys == sorted(set(keys))
    atoms = Chem.MolFromSmiles(smiles).GetNumAtoms()
    for alert in alerts:
        assert alert.atoms == tuple(sorted(set(alert.atoms)))
        assert alert.atoms
        assert 0 <= alert.atoms[0] <= alert.atoms[-1] < atoms
        assert "doi 10." in alert.citation
    assert find_alerts(smiles) == alerts
    assert find_alerts(smiles, ["Kazius", "Brenk", "PAINS"]) == alerts


def test_a_clean_molecule_has_none() -> None:
    assert find_alerts("CCO") == []
    assert find_alerts(NITROBENZENE, []) == []


def test_odd_molecules_are_no_trouble() -> None:
    for text in ("N[Pt](N)(Cl)Cl", "[Fe]", "[2H]C", "[H]/N=C/C", "[Na+].[Cl-]", "C" * 400):
        smiles = parent_smiles(text)
        assert smiles is not None
        find_alerts(smiles)


def test_wrong_settings_are_named() -> None:
    with pytest.raises(ValueError, match=r"catalogs holds 'pains'; expected PAINS, Brenk, Kazius"):
        find_alerts("C", ["pains"])
    with pytest.raises(ValueError, match=r"smiles is 'CC\('; expected a SMILES that parses: The parenthesis"):
        find_alerts("CC(")
    with pytest.raises(ValueError, match=r"Alert.catalog is 'Pains'"):
        Alert("Pains", "x", (0,), "")
