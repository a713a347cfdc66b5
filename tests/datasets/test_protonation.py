from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dimorphite_dl
import pytest
from rdkit import Chem

from datasets.protonation import MAX_STATES, protonation_states


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        ("c1ccccc1", ["c1ccccc1"]),
        ("CC(=O)O", ["CC(=O)O", "CC(=O)[O-]"]),
        ("CCN", ["CCN", "CC[NH3+]"]),
        ("NCCC(=O)O", ["NCCC(=O)O", "NCCC(=O)[O-]", "[NH3+]CCC(=O)[O-]"]),
        ("C[N+](C)(C)C", ["C[N+](C)(C)C"]),
        ("CC(=O)[O-]", ["CC(=O)[O-]"]),
    ],
)
def test_states_at_assay_ph(smiles: str, expected: list[str]) -> None:
    assert protonation_states(smiles) == expected


def test_the_window_matters() -> None:
    assert protonation_states("CC(=O)O", 0, 1) == ["CC(=O)O"]
    assert protonation_states("CCN", 13.5, 14) == ["CCN"]


def test_many_states_are_thinned_to_span_the_charges() -> None:
    states = protonation_states("NCCNCCNCCNCCNCCNCCN")
    charges = [Chem.GetFormalCharge(Chem.MolFromSmiles(state)) for state in states]
    assert len(states) == len(set(states)) == MAX_STATES
    assert charges == sorted(charges)
    assert charges[-1] >= 5


@pytest.mark.parametrize(
    "smiles", ["N[Pt](N)(Cl)Cl", "[Fe]", "[2H]C", "[Na+].[Cl-]", "c1cc[cH-]c1", "C" * 400, "[H]/N=C/C"]
)
def test_odd_molecules_keep_at_least_themselves(smiles: str) -> None:
    states = protonation_states(smiles)
    assert states[0] == Chem.CanonSmiles(smiles)
    assert states == protonation_states(smiles)
    assert all(Chem.CanonSmiles(state) == state for state in states)


def test_what_does_not_parse_has_no_states() -> None:
    assert protonation_states("CC(") == protonation_states("") == []


def test_a_file_of_that_name_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "CCO").write_text("CCN\n")
    monkeypatch.chdir(tmp_path)
    assert protonation_states("CCO") == ["CCO"]


def test_a_failure_of_the_rules_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> Iterator[str]:
        raise RuntimeError("a rule broke")

    monkeypatch.setattr(dimorphite_dl, "protonate_smiles", fail)
    assert protonation_states("OCC") == ["CCO"]


@pytest.mark.parametrize(
    ("window", "words"), [((-1, 7), "ph_min is -1"), ((7, 6), "ph_max is 6"), ((7, 15), "ph_max is 15")]
)
def test_a_wrong_window_is_named(window: tuple[float, float], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        protonation_states("C", *window)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    for smiles in ("NCC(=O)O", "[Fe]", "CC("):
        protonation_states(smiles)
    assert capfd.readouterr() == ("", "")


def test_the_rules_are_loaded_on_use_only() -> None:
    code = "import sys, datasets.protonation; sys.exit('dimorphite_dl' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
