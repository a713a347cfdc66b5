from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from datasets.molecule import InputRow
from datasets.smiles import MAX_HEAVY_ATOMS, MAX_WRITTEN_ATOMS, ParseFailure, parse, read_pasted
from datasets.smiles_errors import scan


def failure(text: str) -> ParseFailure:
    result = parse(text)
    assert isinstance(result, ParseFailure), f"{text!r} was parsed"
    return result


@pytest.mark.parametrize(
    ("text", "code", "position", "words"),
    [
        ("", "empty", None, "no text"),
        (" \t ", "empty", None, "no text"),
        ("CC(", "parse_error", 3, "parenthesis opened at position 3 is never closed"),
        ("CC(C", "parse_error", 3, "never closed"),
        ("CC)C", "parse_error", 3, "never opened"),
        ("C()C", "parse_error", 3, "does not end with an atom"),
        ("C((C))", "parse_error", 3, "does not follow an atom"),
        ("C1CC", "parse_error", 2, "Ring 1, opened at position 2, is never closed"),
        ("C1CC2CC1", "parse_error", 5, "Ring 2"),
        ("C%12CC", "parse_error", 2, "Ring 12"),
        ("C%1", "parse_error", 2, "two digits"),
        ("C11", "parse_error", 3, "bonds an atom to itself"),
        ("C12CC12", "parse_error", 7, "bonded already"),
        ("1CC1", "parse_error", 1, "does not follow an atom"),
        ("[C", "parse_error", 1, "bracket opened at position 1 is never closed"),
        ("CC]", "parse_error", 3, "never opened"),
        ("[Xx]", "parse_error", 2, "no element 'Xx'"),
        ("CC[Cx]", "parse_error", 4, "no element 'Cx'"),
        ("[CHx]", "parse_error", 1, "cannot be read"),
        ("CNa", "parse_error", 2, "[Na]"),
        ("OHC", "parse_error", 2, "[H]"),
        ("C==C", "parse_error", 3, "follows another bond"),
        ("=CC", "parse_error", 1, "no atom before it"),
        ("CC=", "parse_error", 3, "another atom is expected"),
        ("C..C", "parse_error", 3, "dot"),
        ("C C", "parse_error", 2, "white space"),
        ("C\x00C", "parse_error", 2, "U+0000"),
        ("C\u2212C", "parse_error", 2, "U+2212"),
        ("\U0001f600", "parse_error", 1, "U+1F600"),
        ("\ud800", "parse_error", 1, "U+D800"),
        ("C\u0663C", "parse_error", 2, "U+0663"),
        ("<script>alert(1)</script>", "parse_error", 1, "'<'"),
        ("C>C", "parse_error", 2, "reaction"),
        ("CCN(C)(C)C", "parse_error", 3, "atom 3 (N) has more bonds than valence allows"),
        ("[13CH5]", "parse_error", 1, "atom 1 (C) has more bonds"),
        ("ClC(C)(C)(C)C", "parse_error", 3, "atom 2 (C)"),
        ("c1cccn1", "parse_error", 1, "[nH]"),
        ("CCc", "parse_error", 3, "atom 3 (C) is written aromatic"),
        ("CCO>>CC=O", "reaction", 4, "reaction"),
        ("CCO>[Pt]>CC=O", "reaction", 4, "reaction"),
        ("[H][H]", "no_heavy_atoms", None, "hydrogen only"),
        ("[H+]", "no_heavy_atoms", None, "hydrogen only"),
        ("[2H][2H]", "no_heavy_atoms", None, "hydrogen only"),
        ("*", "unsupported_element", 1, "dummy atom"),
        ("CC[*:1]", "unsupported_element", 4, "dummy atom"),
        ("C[#0]", "unsupported_element", None, "dummy atom"),
        ("C[R1]", "unsupported_element", 2, "stands for a group"),
        ("CX", "unsupported_element", 2, "stands for a group"),
        ("C~C", "unsupported_element", 2, "any bond"),
    ],
)
def test_bad_text_has_code_position_and_reason(text: str, code: str, position: int | None, words: str) -> None:
    result = failure(text)
    assert (result.code, result.position) == (code, position), result
    assert words in result.sentence
    assert result.sentence.endswith(".")


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("aspirin", "a name"),
        ("Acetylsalicylic acid", "a name"),
        ("2-acetoxybenzoic acid", "a name"),
        ("iron", "a name"),
        ("InChI=1S/CH4/h1H4", "an InChI"),
        ("BSYNRYMUTXBXSQ-UHFFFAOYSA-N", "an InChIKey"),
        ("50-78-2", "a CAS number"),
        ("C9H8O4", "a molecular formula"),
    ],
)
def test_other_notations_are_recognised(text: str, notation: str) -> None:
    assert failure(text).code == "parse_error"
    assert f"looks like {notation}, not a SMILES" in failure(text).sentence


def test_a_slip_of_one_letter_is_no_name() -> None:
    assert failure("clccccc1").sentence == "The character 'l' at position 2 is not part of SMILES."


@pytest.mark.parametrize(
    "text",
    ["C", "[Fe]", "N[Pt](N)(Cl)Cl", "[2H]C", "C->[Fe]", "CN(=O)=O", "[se]1cccc1", "C1.C1", " CCO\t", "CC |$_AV:a;b$|"],
)
def test_good_text_is_parsed(text: str) -> None:
    assert isinstance(parse(text), Chem.Mol)


def test_size_limit_names_both_numbers() -> None:
    assert isinstance(parse("C" * MAX_HEAVY_ATOMS), Chem.Mol)
    assert failure("C" * 1000) == ParseFailure("too_large", "It has 1000 heavy atoms; the limit is 400.")
    hydrogens = failure("C" + "[H]" * MAX_WRITTEN_ATOMS)
    assert hydrogens.code == "too_large"
    assert f"{MAX_WRITTEN_ATOMS + 1} atoms" in hydrogens.sentence


@pytest.mark.parametrize(
    "unit", ["C", "[", "C1", "C(", "a", "[H]", "(", "c%99", "C.", ">", "\U0001f600", "C=", "%", "[[", "1"]
)
def test_a_very_long_line_is_refused_at_once(unit: str) -> None:
    started = time.process_time()
    assert failure(unit * 100_000).code in ("parse_error", "too_large")
    assert time.process_time() - started < 2.0


def test_no_sentence_echoes_a_whole_long_line() -> None:
    assert len(failure("[" + "q" * 10_000 + "]").sentence) < 200


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for text in ("CC(", "[Xx]", "aspirin", "[H+]", "c1cccn1", "CN(C)(C)(C)C", "CCO>>C", ""):
        parse(text)
    assert capfd.readouterr() == ("", "")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="CNOSPFcnos[]()=#123%+-H@/\\.*>lBr a\x00\u00e9", max_size=30))
def test_any_text_gets_a_molecule_or_a_reason(text: str) -> None:
    result = parse(text)
    if isinstance(result, ParseFailure):
        assert result.sentence
        assert result.position is None or 1 <= result.position <= len(text.strip())
    else:
        assert scan(text.strip()).error is None, "the scan must accept all that RDKit accepts"


def test_pasted_lines_become_rows() -> None:
    text = "\ufeffCCO ethanol\r\n\n  c1ccccc1\tbenzene, pure \nCC |$a;b$| ethane\rCl\n\t\n[Na+].[Cl-]   table  salt"
    assert read_pasted(text) == [
        InputRow(0, "ethanol", "CCO"),
        InputRow(1, "benzene, pure", "c1ccccc1"),
        InputRow(2, "ethane", "CC"),
        InputRow(3, "", "Cl"),
        InputRow(4, "table  salt", "[Na+].[Cl-]"),
    ]
    assert read_pasted("") == read_pasted(" \n\t\r\n ") == []


def test_names_are_kept_as_given() -> None:
    assert read_pasted("C <script>alert(1)</script>")[0].id == "<script>alert(1)</script>"
    assert read_pasted("C |not closed")[0].id == "|not closed"


def test_a_failure_has_a_known_code() -> None:
    with pytest.raises(ValueError, match=r"ParseFailure.code is 'odd'"):
        ParseFailure("odd", "")
