"""Groups and linkers: how molecules are cut, how groups are written, and what stands in for what."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import pytest
from rdkit import Chem

from concepts.edits.bioisosteres import CITATIONS, bioisosteres
from concepts.edits.cuts import HYDROGEN, linkers, terminal_groups
from concepts.edits.group_formulas import FORMULAS, formula
from concepts.edits.groups import ADDED, ANYWHERE, partners, piece
from concepts.edits.matched_groups import COLUMNS, matched_groups
from tools.build_matched_groups import exchanges


def test_terminal_groups_are_named_with_what_stays() -> None:
    found = {g.name: g for g in terminal_groups(Chem.MolFromSmiles("O=[N+]([O-])c1ccc(OC)cc1"))}
    assert set(found) == {"*[N+](=O)[O-]", "*OC", "*C"}
    assert found["*OC"].rest == "*c1ccc([N+](=O)[O-])cc1"
    assert (found["*[N+](=O)[O-]"].anchor, found["*[N+](=O)[O-]"].root) == (3, 1)
    assert found["*[N+](=O)[O-]"].atoms == (0, 1, 2)


def test_linkers_are_named_in_both_directions() -> None:
    found = {linker.name: linker for linker in linkers(Chem.MolFromSmiles("c1ccccc1C(=O)Nc1ccncc1"))}
    amide = found.get("[1*]C(=O)N[2*]") or found["[1*]NC([2*])=O"]
    assert {amide.name, amide.reverse} == {"[1*]C(=O)N[2*]", "[1*]NC([2*])=O"}
    assert set(amide.atoms) == {6, 7, 8}
    assert set(amide.anchors) == {5, 9}


@pytest.mark.parametrize("smiles", ["c1ccccc1", "C", "CC", "[Na+].[Cl-]", "C1CCCCC1"])
def test_molecules_without_chains_have_no_linkers(smiles: str) -> None:
    assert linkers(Chem.MolFromSmiles(smiles)) == []


def test_names_in_tables_are_canonical_and_make_pieces() -> None:
    for name in (*FORMULAS, *ADDED, *ANYWHERE):
        if name != HYDROGEN:
            assert Chem.CanonSmiles(name) == name
            ends = 2 if "[1*]" in name else 1
            assert len(piece(name).ends) == ends


@pytest.mark.parametrize("name", ["", "CC", "*C(*)*", "nonsense("])
def test_a_piece_needs_open_ends(name: str) -> None:
    with pytest.raises(ValueError, match="name is"):
        piece(name)


def test_bioisosteres_have_sources_and_join_like_with_like() -> None:
    found = bioisosteres()
    assert len(found) > 100
    for entry in found:
        assert entry.citation in CITATIONS.values()
        assert ("[1*]" in entry.group) == ("[1*]" in entry.other)
        assert ("[2*]" in entry.group) == ("[2*]" in entry.other)


def test_partners_go_both_ways() -> None:
    known = partners()
    for name in ("*[N+](=O)[O-]", "*C(=O)O", "[1*]C(=O)N[2*]"):
        others = [partner.piece.name for partner in known[name]]
        assert others
        assert name not in others
        assert len(set(others)) == len(others)
    assert "*C#N" in [p.piece.name for p in known["*[N+](=O)[O-]"]]
    assert "*[N+](=O)[O-]" in [p.piece.name for p in known["*C#N"]]


def test_a_group_without_a_short_form_is_written_as_smiles() -> None:
    assert formula("*[N+](=O)[O-]") == "NO2"
    assert formula("*CCCCCC") == "CCCCCC"
    assert formula("[1*]CCC[2*]") == "-CCC-"


def test_exchanges_are_counted_by_the_rest_that_two_molecules_share() -> None:
    found = exchanges(["Clc1ccccc1", "Fc1ccccc1", "Clc1ccncc1", "Fc1ccncc1", "c1ccncc1"])
    assert found["*Cl", "*F"] == 2
    assert found["*Cl", "*[H]"] == 1
    linked = exchanges(["c1ccccc1C(=O)Nc1ccncc1", "c1ccccc1C(=O)Oc1ccncc1"])
    assert linked["[1*]C(=O)N[2*]", "[1*]C(=O)O[2*]"] == 1
    assert exchanges(["c1ccccc1Oc1ccncc1", "c1ccccc1Sc1ccncc1"])["[1*]O[2*]", "[1*]S[2*]"] == 1


def test_the_committed_table_reads_and_holds_pieces_alone() -> None:
    found = matched_groups()
    assert all(a.pairs >= b.pairs for a, b in pairwise(found))
    for entry in found:
        for name in (entry.group, entry.other):
            assert name == HYDROGEN or Chem.MolFromSmiles(name).GetNumHeavyAtoms() <= 14
            assert "*" in name
    assert all(entry.group < entry.other for entry in found)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "groups.csv"
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerow(("a", "b"))
    with pytest.raises(ValueError, match=", ".join(repr(c) for c in COLUMNS)):
        matched_groups(file)
