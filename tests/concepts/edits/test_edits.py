"""Single edits: every product is a molecule, differs, keeps what was not touched, and can be led back."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice

import pytest
from rdkit import Chem

from concepts.edits.enumeration import edits_of, named, plans_of, products
from concepts.edits.filters import ELEMENTS, baseline, complaint
from concepts.edits.plan import INVERSE, Kind, Plan, Product
from concepts.edits.workbench import do, workbench
from tests.conftest import ODD_SMILES

MOLECULES = (
    "O=[N+]([O-])c1ccc(C(=O)NC)cc1",
    "CC(C)Cc1ccc(C(C)C(=O)O)cc1",
    "CN1CCC[C@H]1c1cccnc1",
    "C/C=C/c1ccccc1OC",
    "O=c1cc[nH]c2ccccc12",
    "CS(=O)(=O)Nc1nccs1",
    "C[N+](C)(C)CCO",
    "C1CC1C2CCCC2",
    "c1ccc2c(c1)[nH]c1ccccc12",
)
SMALL = ("CCO", "c1ccccc1C", "CC(=O)N", "C1CCCCC1", "c1ccncc1", "CC#N", "COc1ccccc1")


def parsed(smiles: str) -> Chem.Mol:
    mol = Chem.MolFromSmiles(smiles)
    assert mol is not None, smiles
    return mol


def only(mol: Chem.Mol, kind: Kind, *, filtered: bool = True) -> dict[str, Product]:
    return {p.smiles: p for p in edits_of(mol, filtered=filtered) if p.plan.kind is kind}


@pytest.mark.parametrize("smiles", MOLECULES)
def test_every_product_is_another_molecule_that_reads_and_writes(smiles: str) -> None:
    mol = parsed(smiles)
    found = edits_of(mol)
    assert len(found) > 20
    assert len({p.smiles for p in found}) == len(found)
    for product in found:
        again = parsed(product.smiles)
        assert Chem.MolToSmiles(again) == product.smiles
        assert product.smiles != Chem.MolToSmiles(mol)
        assert "." not in product.smiles
        assert not any(atom.GetNumRadicalElectrons() for atom in again.GetAtoms())
        assert again.GetNumAtoms() == product.mol.GetNumAtoms() == len(product.origin)
        assert product.plan.what
        assert product.plan.atoms


@pytest.mark.parametrize("smiles", MOLECULES)
def test_atoms_that_were_not_touched_are_what_they_were(smiles: str) -> None:
    mol = parsed(smiles)
    for product in edits_of(mol):
        touched, gone = set(product.plan.atoms), set(product.plan.remove)
        assert gone <= touched
        assert set(product.origin) - {-1} == set(range(mol.GetNumAtoms())) - gone
        for atom, source in zip(product.mol.GetAtoms(), product.origin, strict=True):
            if source >= 0 and source not in touched:
                before = mol.GetAtomWithIdx(source)
                assert atom.GetAtomicNum() == before.GetAtomicNum()
                assert atom.GetFormalCharge() == before.GetFormalCharge()
                assert atom.GetTotalNumHs() == before.GetTotalNumHs()
                assert atom.GetDegree() == before.GetDegree()


@pytest.mark.parametrize("smiles", SMALL)
@pytest.mark.parametrize(
    "kind",
    [
        Kind.ADD_ATOM,
        Kind.REPLACE_ATOM,
        Kind.SWAP_AROMATIC,
        Kind.CHANGE_BOND,
        Kind.CLOSE_RING,
        Kind.OPEN_RING,
        Kind.SATURATE_RING,
        Kind.AROMATISE_RING,
        Kind.SHIFT_SUBSTITUENT,
        Kind.ADD_CHARGE,
        Kind.REMOVE_ATOM,
        Kind.ADD_GROUP,
    ],
)
def test_the_inverse_leads_back(smiles: str, kind: Kind) -> None:
    mol = parsed(smiles)
    plain = Chem.MolToSmiles(mol)
    for product in only(mol, kind).values():
        if kind is Kind.ADD_GROUP and 2 * len(product.plan.new) > product.mol.GetNumAtoms():
            # What is more than half of a molecule is not taken away from it.
            continue
        # Under a cheaper name the way back may be of another kind; that it is one edit long is what counts.
        back = {p.smiles: p.plan.kind for p in edits_of(parsed(product.smiles), filtered=False)}
        assert plain in back, (product.smiles, product.plan)


def test_every_kind_has_an_inverse_and_is_its_inverse() -> None:
    assert set(INVERSE) == set(Kind)
    assert all(INVERSE[INVERSE[kind]] is kind for kind in Kind)


@pytest.mark.parametrize("smiles", [*MOLECULES[:5], *SMALL])
def test_symmetry_saves_work_and_loses_nothing(smiles: str) -> None:
    bench = workbench(parsed(smiles))
    everywhere = replace(bench, place=tuple(range(len(bench.place))))
    fast = {p.smiles for p in products(bench, plans_of(bench), None)}
    slow = {p.smiles for p in products(everywhere, plans_of(everywhere), None)}
    assert fast == slow


@pytest.mark.parametrize("smiles", MOLECULES)
def test_the_order_of_atoms_does_not_matter(smiles: str) -> None:
    mol = parsed(smiles)
    order = list(range(mol.GetNumAtoms()))
    random.Random(0).shuffle(order)
    shuffled = Chem.RenumberAtoms(mol, order)
    Chem.SanitizeMol(shuffled)
    assert {p.smiles for p in edits_of(mol)} == {p.smiles for p in edits_of(shuffled)}


@pytest.mark.parametrize("smiles", [s for s in ODD_SMILES if Chem.MolFromSmiles(s, sanitize=False) is not None])
def test_odd_molecules_are_edited_or_left_alone(smiles: str) -> None:
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        pytest.skip("no molecule")
    bench = workbench(mol)
    for product in islice(products(bench, plans_of(bench), baseline(mol)), 100):
        parsed(product.smiles)


@pytest.mark.parametrize(
    ("start", "kind", "product"),
    [
        ("c1ccccc1", Kind.SWAP_AROMATIC, "c1ccncc1"),
        ("c1ccncc1", Kind.SWAP_AROMATIC, "c1ccccc1"),
        ("c1ccccc1", Kind.ADD_ATOM, "Cc1ccccc1"),
        ("CCO", Kind.REPLACE_ATOM, "CCN"),
        ("COc1ccccc1", Kind.REMOVE_ATOM, "Oc1ccccc1"),
        ("COc1ccccc1", Kind.ADD_ATOM, "CCOc1ccccc1"),
        ("O=[N+]([O-])c1ccccc1", Kind.REMOVE_GROUP, "c1ccccc1"),
        ("O=[N+]([O-])c1ccccc1", Kind.SWAP_GROUP, "N#Cc1ccccc1"),
        ("CNC(=O)c1ccccc1", Kind.SWAP_LINKER, "COC(=O)c1ccccc1"),
        ("Cc1ccccc1O", Kind.SHIFT_SUBSTITUENT, "Cc1cccc(O)c1"),
        ("CCCCCC", Kind.CLOSE_RING, "C1CCCCC1"),
        ("C1CCCCC1", Kind.OPEN_RING, "CCCCCC"),
        ("c1ccc2ccccc2c1", Kind.SATURATE_RING, "c1ccc2c(c1)CCCC2"),
        ("c1ccc2c(c1)CCCC2", Kind.AROMATISE_RING, "c1ccc2ccccc2c1"),
        ("CCC=O", Kind.CHANGE_BOND, "CCCO"),
        ("c1ccncc1", Kind.ADD_CHARGE, "[O-][n+]1ccccc1"),
        ("CC(=O)O", Kind.ADD_CHARGE, "CC(=O)[O-]"),
        ("CC(=O)[O-]", Kind.REMOVE_CHARGE, "CC(=O)O"),
        ("C[N+](C)(C)CCO", Kind.REMOVE_CHARGE, "CN(C)CCO"),
        ("c1ccccc1", Kind.ADD_GROUP, "N#Cc1ccccc1"),
    ],
)
def test_known_edits_are_made(start: str, kind: Kind, product: str) -> None:
    assert Chem.CanonSmiles(product) in {
        p.smiles
        for p in products(
            workbench(parsed(start)), (p for p in plans_of(workbench(parsed(start))) if p.kind is kind), None
        )
    }


def test_stereo_marks_stay_where_nobody_touched_them() -> None:
    swapped = only(parsed("C/C=C/c1ccccc1"), Kind.SWAP_AROMATIC)
    assert set(swapped) == {"C/C=C/c1ccccn1", "C/C=C/c1cccnc1", "C/C=C/c1ccncc1"}
    far = only(parsed("N[C@@H](C)CCc1ccccc1"), Kind.SWAP_AROMATIC)
    assert far
    assert all("@" in smiles for smiles in far)


@pytest.mark.parametrize(("neighbour", "centre"), [(0, 1), (2, 1), (3, 1), (4, 1)])
def test_a_neighbour_takes_the_place_of_another_without_turning_the_centre(neighbour: int, centre: int) -> None:
    """Doing it on text is the obvious way: the new atom stands where the old one stood."""
    places = ["C", "[C@]", "(F)", "(Cl)", "Br"]
    mol = parsed("".join(places))
    expected = list(places)
    expected[neighbour] = {0: "I", 4: "I"}.get(neighbour, "(I)")
    plan = Plan(
        Kind.SWAP_GROUP,
        "swap",
        (centre, neighbour),
        remove=(neighbour,),
        bonds=((centre, neighbour, 0), (centre, 5, 1)),
        new=((53, 0),),
    )
    product = do(workbench(mol), plan)
    assert product is not None
    assert product.smiles == Chem.CanonSmiles("".join(expected))


def test_a_centre_that_loses_a_neighbour_loses_its_mark() -> None:
    product = only(parsed("C[C@](F)(Cl)Br"), Kind.REMOVE_ATOM, filtered=False)
    assert "CC(F)Cl" in {Chem.CanonSmiles(s, useChiral=0) for s in product}
    assert not any("@" in smiles for smiles in product)


@pytest.mark.parametrize(
    ("start", "product", "because"),
    [
        ("CCO", "CCOO", "heteroatom on oxygen"),
        ("CC(C)=O", "CC(=O)Cl", "acyl halide"),
        ("CCC", "CC=C=C", "isocyanate, ketene or allene"),
        ("CC(=O)C", "CC(=O)OC(C)=O", "anhydride"),
        ("OC1=CC=C(O)C=C1", "O=C1C=CC(=O)C=C1", "quinone"),
        ("CCN", "CCNCl", "heteroatom on nitrogen"),
        ("CCC", "C1CC1=C", "unsaturated small ring"),
        ("CCCC", "C1C2CC12", "fused or spiro small rings"),
        ("O=NN(C)C", "C=NN(C)C", "formaldehyde imine"),
        ("NC(=O)c1ccccc1", "N=C(O)c1ccccc1", "iminol"),
        ("O=C(OC)c1ccccc1", "N=C(OC)c1ccccc1", "imidate"),
        ("O=C(c1ccccc1)N1CCCC1", "C=C(c1ccccc1)N1CCCC1", "tertiary enamine"),
        ("O=C1NC(=O)CC1=C(Cl)Cl", "O=C1NC(=O)CC1=C(O)O", "ketene acetal"),
        ("c1cc[nH]c1", "O=C(O)n1cccc1", "carbonic acid"),
        ("COC(N)=S", "CNC(O)=S", "carbonic acid"),
        ("Nc1ccccc1", "O=S(=O)(O)Nc1ccccc1", "sulfamic acid"),
        ("NS(=O)(=O)c1ccccc1", "N=S(N)(=O)c1ccccc1", "sulfonimidic acid or amide"),
        ("O=[N+]([O-])c1ccccc1", "O=C(Oc1ccccc1)[N+](=O)[O-]", "nitro on a heteroatom or carbonyl"),
        ("CCO", "CCO[N+](=O)[O-]", "nitro on a heteroatom or carbonyl"),
        ("CC(=O)NCC", "CC(=O)NCOC", "acyl or aryl N,O-acetal"),
    ],
)
def test_what_no_chemist_would_draw_is_refused(start: str, product: str, because: str) -> None:
    made = Product(product, parsed(product), Plan(Kind.CLOSE_RING, "made", (0,)), ())
    assert complaint(made, baseline(parsed(start))) == because


@pytest.mark.parametrize(
    "smiles",
    [
        "NC(=N)c1ccccc1", "CC1=NCCO1", "C1=CN(C(C)=O)CCC1", "COC(=O)N1CCCC1", "NC(=O)OCC",
        "CS(=N)(C)=O", "NS(=O)(=O)c1ccccc1", "C[N+](=O)[O-]", "OC[C@H]1OC(n2cnc3c(N)ncnc32)C[C@@H]1O", "CC=NO",
        "c1ccc2[nH]ccc2c1", "Oc1ccccn1", "CNC(=S)NC",
    ],
)  # fmt: skip
def test_what_chemists_do_draw_passes(smiles: str) -> None:
    made = Product(smiles, parsed(smiles), Plan(Kind.CLOSE_RING, "made", (0,)), ())
    assert complaint(made, baseline(parsed("CCO"))) is None


def test_what_was_there_already_is_nobodys_fault() -> None:
    with_epoxide = parsed("CCC1CO1")
    assert any("CO1" in p.smiles or "1CO" in p.smiles for p in edits_of(with_epoxide))
    untouched = Product("CCCC1CO1", parsed("CCCC1CO1"), Plan(Kind.ADD_ATOM, "add CH3", (0,)), ())
    assert complaint(untouched, baseline(with_epoxide)) is None


def test_names_say_what_and_where_counted_from_one() -> None:
    mol = parsed("O=[N+]([O-])c1ccccc1")
    by_smiles = {p.smiles: named(p.plan) for p in edits_of(mol)}
    assert by_smiles["N#Cc1ccccc1"] == "replace NO2 by CN at atom 4"
    assert by_smiles["c1ccccc1"] == "remove NO2 at atom 4"
    plan = Plan(Kind.ADD_ATOM, "add F", (3,))
    assert named(plan, (5, 6, 7, -1)) == "add F at the place of the edit before"
    assert named(plan, (5, 6, 7, 9)) == "add F at atom 10"


def test_a_cheaper_name_wins() -> None:
    (methyl,) = (p for p in edits_of(parsed("c1ccccc1")) if p.smiles == "Cc1ccccc1")
    assert methyl.plan.kind is Kind.ADD_ATOM


@pytest.mark.parametrize(
    "smiles", ["N[Pt](N)(Cl)Cl", "C[Hg]c1ccc(C)cc1", "CCC[Sn](Cl)(CCC)CCC", "OC(=O)C[As](C)C", "[Na+].[Cl-]"]
)
def test_metals_and_what_is_bound_to_them_stay(smiles: str) -> None:
    mol = parsed(smiles)
    alien = [atom for atom in mol.GetAtoms() if atom.GetAtomicNum() not in ELEMENTS]
    held = {a.GetIdx() for a in alien} | {near.GetIdx() for a in alien for near in a.GetNeighbors()}
    for product in edits_of(mol):
        assert held.isdisjoint(product.plan.atoms)
        assert held <= set(product.origin)
    if smiles.startswith("N[Pt]"):
        assert edits_of(mol) == []
