"""Names and alerts of molecules whose common part is known."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from concepts.concept import Part
from concepts.naming.alert_overlap import AlertCounter
from concepts.naming.enrichment import odds_ratio
from concepts.naming.name_choice import UNNAMED, name_of, told_apart
from concepts.naming.naming import Described, Masked, describe
from concepts.naming.substructures import Haystack
from datasets.alerts import find_alerts

TAILS = ("C", "CC", "CCC", "CCCC", "O", "OC", "OCC", "Cl", "Br", "F", "C(C)C", "C#N", "CO", "N(C)C", "CCO", "SC")
NITRO = [f"O=[N+]([O-])c1ccc({tail})cc1" for tail in TAILS]
EPOXIDES = [f"CC1OC1C{tail}" for tail in TAILS]
PLAIN = [f"c1ccc({tail})cc1" for tail in TAILS] + [f"CCCC{tail}" for tail in TAILS]
SMILES = [Chem.CanonSmiles(text) for text in [*NITRO, *EPOXIDES, *PLAIN]]


def mask_of(smiles: str, smarts: str) -> list[float]:
    mol = Chem.MolFromSmiles(smiles)
    hit = set(mol.GetSubstructMatch(Chem.MolFromSmarts(smarts)))
    return [0.9 if index in hit else 0.1 for index in range(mol.GetNumAtoms())]


def masked(rows: range, smarts: str) -> Masked:
    return Masked(list(rows), [mask_of(SMILES[row], smarts) for row in rows])


@pytest.fixture(scope="module")
def haystack() -> Haystack:
    return Haystack(SMILES)


@pytest.fixture(scope="module")
def described(haystack: Haystack) -> list[Described]:
    return describe(
        haystack,
        [
            masked(range(16), "c[N+](=O)[O-]"),
            masked(range(16, 32), "C1CO1"),
            Masked([0, 20, 40, 60], [[0.0] * Chem.MolFromSmiles(SMILES[row]).GetNumAtoms() for row in (0, 20, 40, 60)]),
        ],
    )


def test_masked_groups_name_their_concepts(described: list[Described]) -> None:
    assert [found.name for found in described] == ["aromatic nitro", "epoxide", UNNAMED]
    assert described[2].parts == ()


def test_counts_are_those_of_a_plain_search(described: list[Described], haystack: Haystack) -> None:
    for found, rows in zip(described, (range(16), range(16, 32)), strict=False):
        assert found.parts
        for part in found.parts:
            pattern = Chem.MolFromSmarts(part.smarts)
            slow = np.array([Chem.MolFromSmiles(text).HasSubstructMatch(pattern) for text in SMILES])
            assert (part.in_members, part.in_all) == (slow[list(rows)].sum(), slow.sum()), part
            odds = odds_ratio(part.in_members, 16, part.in_all, len(SMILES))
            assert (part.odds_ratio, part.low) == pytest.approx((odds.value, odds.low), abs=1e-3)
            assert 0 <= part.p <= 1
            assert part.masked <= part.in_members
    nitro = next(part for part in described[0].parts if part.name == "aromatic nitro")
    assert (nitro.in_members, nitro.in_all, nitro.masked) == (16, 16, 16)
    assert nitro.p < 1e-10


def test_known_alerts_are_counted_with_their_masks(described: list[Described]) -> None:
    nitro = {(a.catalog, a.name): a for a in described[0].alerts}[("Kazius", "specific aromatic nitro")]
    assert (nitro.in_members, nitro.in_all, nitro.under_mask) == (16, 16, 16)
    epoxide = {(a.catalog, a.name): a for a in described[1].alerts}[("Kazius", "epoxide")]
    assert (epoxide.in_members, epoxide.in_all, epoxide.under_mask) == (16, 16, 16)


def test_overlaps_against_counting_everything(haystack: Haystack) -> None:
    rows = list(range(0, 32, 2))
    masks = [[0.0] * haystack.mols[row].GetNumAtoms() for row in rows]
    found = AlertCounter(haystack).overlaps(rows, masks)
    slow: dict[tuple[str, str], int] = {}
    for row in rows:
        for entry in {(alert.catalog, alert.name) for alert in find_alerts(SMILES[row])}:
            slow[entry] = slow.get(entry, 0) + 1
    assert {(a.catalog, a.name): a.in_members for a in found} == {k: n for k, n in slow.items() if n >= 4}
    assert [a.in_members for a in found] == sorted((a.in_members for a in found), reverse=True)
    assert all(a.under_mask == 0 for a in found)


def test_an_alert_that_lies_elsewhere_is_not_under_the_mask(haystack: Haystack) -> None:
    rows = list(range(8))
    tails = [[1.0 - value for value in mask_of(SMILES[row], "c1(ccccc1)[N+](=O)[O-]")] for row in rows]
    found = {(a.catalog, a.name): a for a in AlertCounter(haystack).overlaps(rows, tails)}
    nitro = found["Kazius", "specific aromatic nitro"]
    assert (nitro.in_members, nitro.under_mask) == (8, 0)


def test_search_against_one_by_one(haystack: Haystack) -> None:
    patterns = [Chem.MolFromSmarts(text) for text in ("c1ccccc1", "C1CO1", "[Br,Cl]", "[NX3]")]
    for pattern in patterns:
        assert haystack.holding(pattern).tolist() == [mol.HasSubstructMatch(pattern) for mol in haystack.mols]
    both = haystack.holding(patterns[0], patterns[1])
    assert (both == haystack.holding(patterns[0]) | haystack.holding(patterns[1])).all()
    assert len(Haystack([]).holding(patterns[0])) == 0


def part(name: str, smarts: str = "[CX4]CO", masked: int = 10, low: float = 3.0, touched: int = 10) -> Part:
    return Part(smarts, "CCO", 10, 10, 10.0, low, 20.0, 0.001, masked, touched, name)


ATOMS = frozenset({0, 1, 2})
ESTER = "COC=O"


def test_names_by_hand() -> None:
    apart = {"[CX4]CO": [ATOMS] * 10, ESTER: [frozenset({5, 6, 7})] * 10}
    alike = {"[CX4]CO": [ATOMS] * 10, ESTER: [ATOMS] * 10}
    two = [part("epoxide"), part("ester", ESTER)]
    assert name_of(two, 10, apart) == "epoxide with ester"
    assert name_of(two, 10, alike) == "epoxide"
    assert name_of([part("epoxide", low=1.5), two[1]], 10, apart) == "ester"
    assert name_of([part("epoxide", masked=4), two[1]], 10, apart) == "ester"
    assert name_of([part("")], 10, apart) == "fragment CCO"
    assert name_of([part("", "CC")], 10, {"CC": [ATOMS] * 10}) == UNNAMED
    assert name_of([], 10, {}) == UNNAMED


def test_a_group_that_masks_touch_is_named_as_such() -> None:
    touched = part("xanthone", ESTER, masked=1)
    assert name_of([touched], 10, {ESTER: [ATOMS] + [frozenset()] * 9}) == "part of xanthone"
    seldom = part("xanthone", ESTER, masked=1, touched=4)
    assert name_of([seldom], 10, {ESTER: [ATOMS] + [frozenset()] * 9}) == UNNAMED
    # A fragment that masks cover is worth more only if it is large.
    sites = {ESTER: [frozenset[int]()] * 10, "CCCCC": [ATOMS] * 10, "CCC": [ATOMS] * 10}
    assert name_of([part("", "CCCCC"), touched], 10, sites) == "fragment CCO"
    assert name_of([part("", "CCC"), touched], 10, sites) == "part of xanthone"


def test_two_groups_that_cover_half_between_them() -> None:
    one = part("morpholine", "CCO", masked=3, touched=3)
    other = part("piperazine", "CCN", masked=3, touched=3)
    none = frozenset[int]()
    sites = {"CCO": [ATOMS] * 3 + [none] * 7, "CCN": [none] * 3 + [ATOMS] * 3 + [none] * 4}
    assert name_of([one, other], 10, sites) == "morpholine or piperazine"
    overlapping = {"CCO": sites["CCO"], "CCN": [none, ATOMS, ATOMS, ATOMS] + [none] * 6}
    assert name_of([one, other], 10, overlapping) == UNNAMED


def test_namesakes_are_told_apart_by_what_their_molecules_hold(haystack: Haystack) -> None:
    nitro, epoxides = list(range(16)), list(range(16, 32))
    assert told_apart(["ring", "ring"], [nitro, epoxides], haystack) == [
        "ring beside benzene ring",
        "ring beside epoxide",
    ]
    assert told_apart(["ring", "ring"], [nitro[::2], nitro[::2]], haystack) == ["ring", "ring (2)"]
    assert told_apart(["ring", "chain"], [nitro, epoxides], haystack) == ["ring", "chain"]
