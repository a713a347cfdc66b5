"""The benchmark of masks runs, and its parts say what is known by hand."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import explanation_sets
from benchmarks.explanation_sets import combined_sites, known_causes
from benchmarks.explanations import finite, main
from benchmarks.mask_judgement import reordered
from datasets.featurize import featurize
from megan.posthoc import EXPLAINERS, gnn_explainer, integrated_gradients


def test_a_quick_run_judges_every_explainer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(explanation_sets, "QUICK_SIZE", 60)
    monkeypatch.setitem(EXPLAINERS, "GNNExplainer", functools.partial(gnn_explainer, steps=2))
    monkeypatch.setitem(EXPLAINERS, "integrated gradients", functools.partial(integrated_gradients, steps=2))
    arguments = ["--quick", "--sets", "rb_dual_motifs", "ba2motifs", "--run-folder", str(tmp_path), "--graphs", "4"]
    main([*arguments, "--epochs", "1"])
    measured = json.loads((tmp_path / "quick" / "explanations.json").read_text())["measured"]
    assert list(measured) == ["rb_dual_motifs", "ba2motifs"]
    for found in measured.values():
        assert set(found["explainers"]) == {
            "own mask",
            "gradients",
            "integrated gradients",
            "GNNExplainer",
            "random",
        }
        own = found["explainers"]["own mask"]
        assert 0 <= own["node_auroc"] <= 1
        assert own["pairs"] <= 8
        assert own["reorder_stability"] == pytest.approx(1, abs=0.02)
        assert found["explainers"]["random"]["member_stability"] < 0.5
    assert set(measured["rb_dual_motifs"]["masks"]) == {"lowers", "raises"}
    assert "rb_dual_motifs   own mask" in capsys.readouterr().out

    with pytest.raises(SystemExit, match="holds a training with other train"):
        main([*arguments, "--epochs", "2"])


def test_any_toxicophore_or_several_explain() -> None:
    masks = combined_sites([(0, 1), (3,)], 4)[:, :, 1].astype(int).tolist()
    assert masks == [[1, 1, 0, 0], [0, 0, 0, 1], [1, 1, 0, 1]]
    assert not combined_sites([(0,)], 2)[:, :, 0].any()
    assert len(combined_sites([(i,) for i in range(5)], 5)) == 6


def test_reordered_atoms_can_be_brought_back() -> None:
    batch = featurize(["CCO", "c1ccccc1N"])
    shuffled, place = reordered(batch, 0)
    assert not np.array_equal(shuffled.atoms, batch.atoms)
    assert np.array_equal(shuffled.atoms[place], batch.atoms)
    assert np.array_equal(shuffled.atoms[shuffled.ends], batch.atoms[batch.ends])


def test_an_unknown_set_is_named() -> None:
    with pytest.raises(ValueError, match="set is 'toluene'; expected one of benzene"):
        known_causes("toluene")


def test_json_gets_no_nan() -> None:
    assert finite({"a": float("nan"), "b": [1], "c": {"d": 0.123456789}}) == {"a": None, "b": [1], "c": {"d": 0.12346}}
