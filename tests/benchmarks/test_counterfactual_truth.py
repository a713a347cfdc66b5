"""The rules judge hand-made molecules exactly, and a small run from end to end agrees with them."""

from __future__ import annotations

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rdkit import Chem

from benchmarks.counterfactual_truth import CAUSES, has_cause, main, rule_agreement, single_edits_that_break, summary
from benchmarks.explanation_sets import known_causes

CHAINS = ["C" * n for n in range(1, 9)]
HEADS = ("FC", "OC(=O)", "FCC(=O)", "N", "CC(=O)N", "FC(F)NC(=O)", "FC(F)(F)", "CNC(=O)C(F)")


@pytest.mark.parametrize(
    ("name", "smiles", "expected"),
    [
        ("benzene", "c1ccccc1", True),
        ("benzene", "C1=CC=CC=C1", True),
        ("benzene", "c1ccc2[nH]ccc2c1", True),
        ("benzene", "c1ccncc1", False),
        ("benzene", "C1CCCCC1", False),
        ("benzene", "C1=CCC=CC1", False),
        ("benzene", "c1ccc2cccc-2cc1", False),
        ("logic7", "FCC(C)=O", True),
        ("logic7", "NC(=O)c1ccc(F)cc1", True),
        ("logic7", "FCC(C)O", False),
        ("logic7", "ClCC(C)=O", False),
        ("logic7", "CCCC(C)=O", False),
        ("logic7", "FCC(C)=S", False),
        ("logic7", "[F-].CCC", False),
        ("logic7", "FCc1ccc[nH]c1=O", False),
    ],
)
def test_rules(name: str, smiles: str, expected: bool) -> None:
    assert has_cause(name, smiles) is expected


def test_wrong_questions_are_told() -> None:
    with pytest.raises(ValueError, match="expected one of benzene, logic7"):
        has_cause("logic8", "C")
    with pytest.raises(ValueError, match="RDKit can parse"):
        has_cause("benzene", "c1ccccc")


def test_blind_editing_of_benzene_breaks_it_sometimes() -> None:
    share = single_edits_that_break("benzene", "Cc1ccccc1")
    assert share is not None
    assert 0 < share < 0.2
    # An edit may bring a phenyl group in.
    added = single_edits_that_break("benzene", "CC")
    assert added is not None
    assert 0.5 < added < 1


def row(has: bool, *broken: bool) -> dict[str, Any]:
    flips = [{"cause_broken": b, "edits": ["one"] * (1 + b), "in_domain": b} for b in broken]
    return {"has_cause": has, "flips": flips, "single_edits_that_break": 0.25}


def test_only_molecules_with_the_cause_count() -> None:
    told = summary([row(True, True, False), row(True, False), row(True), row(False, True, True)])
    assert told["predicted_positive"] == 4
    assert told["with_cause"] == 3
    assert told["flipped_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["flips"] == 3
    assert told["cause_broken_share"] == pytest.approx(1 / 3, abs=1e-4)
    assert told["cause_broken_share_first"] == 0.5
    assert told["cause_broken_share_in_domain"] == 1.0
    assert told["one_edit_share"] == pytest.approx(2 / 3, abs=1e-4)
    assert told["single_edits_that_break_share"] == 0.25
    assert summary([])["cause_broken_share"] is None


@pytest.fixture(scope="module")
def made_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A set like logic7 of a few dozen molecules."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "xai").mkdir()
    lines = []
    for index, (head, chain) in enumerate(itertools.product(HEADS, CHAINS)):
        mol = Chem.MolFromSmiles(head + chain)
        label = has_cause("logic7", head + chain)
        mask = np.zeros(mol.GetNumAtoms(), dtype=int)
        for pattern in CAUSES["logic7"] if label else ():
            mask[list(itertools.chain(*mol.GetSubstructMatches(Chem.MolFromSmarts(pattern))))] = 1
        split = ("train", "train", "valid", "test")[index % 4]
        record = {"smiles": head + chain, "label": int(label), "node_masks": [mask.tolist()], "split": split}
        lines.append(json.dumps(record))
    with gzip.open(folder / "xai" / "logic7.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    return folder


def test_a_quick_run_is_judged_by_the_rule(
    made_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MEGAN_DATA", str(made_data))
    assert rule_agreement(known_causes("logic7")) == 1.0
    main(["--sets", "logic7", "--quick", "--epochs", "8", "--limit", "2", "--members", "1",
          "--folder", str(tmp_path), "--run-folder", str(tmp_path / "run")])  # fmt: skip
    record = json.loads((tmp_path / "counterfactual_truth.json").read_text(encoding="utf-8"))["measured"]["logic7"]
    assert list(record["committees"]) == ["1"]
    for told in record["committees"].values():
        assert told["predicted_positive"] == len(told["each"]) <= 2
        for found in told["each"]:
            assert found["has_cause"] == has_cause("logic7", found["start"])
            for flip in found["flips"]:
                assert flip["cause_broken"] == (not has_cause("logic7", flip["smiles"]))
    assert record["committees"]["1"]["predicted_positive"] >= 1
    assert "cause_broken_share" in capsys.readouterr().out


def test_trial_runs_keep_out_of_the_results(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--quick"])
    assert "expected a --folder" in capsys.readouterr().err


def test_a_set_that_is_not_here_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MEGAN_DATA", str(tmp_path))
    with pytest.raises(SystemExit, match="benzene"):
        main(["--sets", "benzene", "--folder", str(tmp_path)])
