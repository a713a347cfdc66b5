"""Masks are checked, disturbed as much as asked for, and read from files without trusting them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from concepts.simulatability.masks import Masks, checked, read_masks, with_adversarial, with_noise
from datasets.featurize import featurize

BATCH = featurize(["CCO", "c1ccccc1", "CC#N"])
NODES, EDGES = 12, 10


def some_masks(seed: int = 0) -> Masks:
    rng = np.random.default_rng(seed)
    return Masks(rng.random((NODES, 2)).astype(np.float32), rng.random((EDGES, 2)).astype(np.float32))


def test_an_edge_without_mask_is_as_important_as_its_lesser_end() -> None:
    nodes = some_masks().nodes
    found = checked("mine", nodes, None, BATCH, 2)
    for edge, (a, b) in zip(found.edges, BATCH.ends, strict=True):
        assert edge.tolist() == np.minimum(nodes[a], nodes[b]).tolist()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda n: n[:-1], r"node masks of mine have shape \(11, 2\); expected \(12, 2\)"),
        (lambda n: n[:, :1], r"shape \(12, 1\); expected \(12, 2\)"),
        (
            lambda n: np.where(np.arange(NODES)[:, None] == 4, np.nan, n),
            r"nan \(NaN or infinity\) at node 4 \(graph 1\)",
        ),
        (lambda n: n + 1, r"outside 0 to 1"),
        (lambda n: [["a", "b"]] * NODES, "no table of numbers"),
        (lambda n: [[0.1], [0.2, 0.3]], "no table of numbers"),
    ],
)
def test_masks_that_do_not_fit_are_named(change, sentence: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=sentence):
        checked("mine", change(some_masks().nodes), some_masks().edges, BATCH, 2)


def test_empty_masks_are_refused() -> None:
    with pytest.raises(ValueError, match="the masks of mine are all zero"):
        checked("mine", np.zeros((NODES, 2)), np.zeros((EDGES, 2)), BATCH, 2)


def test_noise_grows_on_the_same_places() -> None:
    masks = Masks(np.full((2000, 2), 2.0, np.float32), np.full((1000, 2), 2.0, np.float32))
    before = np.zeros((2000, 2), dtype=bool)
    for share in (0.0, 0.2, 0.6, 1.0):
        changed = with_noise(masks, share, 3).nodes != 2
        assert changed.mean() == pytest.approx(share, abs=0.03)
        assert (changed | ~before).all()
        before = changed
    with pytest.raises(ValueError, match="noise is 1.5"):
        with_noise(masks, 1.5, 0)


def test_misleading_masks_take_whole_graphs() -> None:
    masks, wrong = some_masks(0), some_masks(1)
    mixed = with_adversarial(masks, wrong, 1 / 3, BATCH, 0)
    turned = []
    for g in range(3):
        atoms = slice(BATCH.atom_offsets[g], BATCH.atom_offsets[g + 1])
        bonds = slice(BATCH.bond_offsets[g], BATCH.bond_offsets[g + 1])
        source = wrong if (mixed.nodes[atoms] == wrong.nodes[atoms]).all() else masks
        assert (mixed.nodes[atoms] == source.nodes[atoms]).all()
        assert (mixed.edges[bonds] == source.edges[bonds]).all()
        turned.append(source is wrong)
    assert sum(turned) == 1
    assert (with_adversarial(masks, wrong, 1.0, BATCH, 0).nodes == wrong.nodes).all()


def test_masks_from_files(tmp_path: Path) -> None:
    masks = some_masks()
    np.savez(tmp_path / "a.npz", nodes=masks.nodes, edges=masks.edges)
    (tmp_path / "a.json").write_text(json.dumps({"nodes": masks.nodes.tolist()}))
    assert (read_masks(tmp_path / "a.npz", BATCH, 2).edges == masks.edges).all()
    assert (read_masks(tmp_path / "a.json", BATCH, 2).nodes == masks.nodes).all()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.npz", b"no zip", "mask file a.npz cannot be read"),
        ("a.json", b"{", "mask file a.json cannot be read"),
        ("a.json", b"[1]", "mask file a.json has no table `nodes`"),
        ("a.json", b'{"nodes": [[0, 1]]}', r"mask file a.json have shape \(1, 2\)"),
        ("a.pkl", b"", "expected .npz or .json"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, name: str, content: bytes, sentence: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        read_masks(tmp_path / name, BATCH, 2)
    with pytest.raises(ValueError, match="there is no mask file b.npz"):
        read_masks(tmp_path / "b.npz", BATCH, 2)


def test_pickled_masks_are_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", nodes=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="cannot be read"):
        read_masks(tmp_path / "a.npz", BATCH, 2)
