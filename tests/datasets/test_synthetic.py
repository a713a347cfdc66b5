"""What is drawn is what the labels and masks say; networkx, which torch brings along, searches for the motifs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from networkx.algorithms.isomorphism import GraphMatcher, categorical_node_match

from datasets.explained import ExplainedSet
from datasets.motifs import BLUE_RING, BLUE_STAR, CYCLE, HOUSE, RED_STAR, RED_TRIANGLE, Motif
from datasets.synthetic import CONTRIBUTIONS, GENERATORS, NOISE, ba2motifs, rb_adv_motifs, rb_dual_motifs
from datasets.tasks import GENERATED

MOTIFS = (RED_TRIANGLE, RED_STAR, BLUE_RING, BLUE_STAR)


def graph_of(data: ExplainedSet, g: int) -> nx.Graph:
    batch = data.batch
    first, last = batch.atom_offsets[g], batch.atom_offsets[g + 1]
    graph = nx.Graph()
    for node in range(first, last):
        graph.add_node(node - first, colour=int(batch.atoms[node, 0]))
    graph.add_edges_from((batch.ends[batch.bond_offsets[g] : batch.bond_offsets[g + 1]] - first).tolist())
    return graph


def drawn(motif: Motif) -> nx.Graph:
    graph = nx.Graph(motif.edges)
    nx.set_node_attributes(graph, dict(enumerate(motif.colours)), "colour")
    return graph


def places(graph: nx.Graph, motif: Motif) -> set[frozenset[int]]:
    """Node sets that hold the motif, further edges allowed."""
    matcher = GraphMatcher(graph, drawn(motif), node_match=categorical_node_match("colour", 0))
    return {frozenset(found) for found in matcher.subgraph_monomorphisms_iter()}


def nodes_of(data: ExplainedSet, g: int, channel: int) -> set[int]:
    (mask,) = data.node_masks[g]
    return set(np.flatnonzero(mask[:, channel]).tolist())


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_seed_decides_everything(make: Callable[[int, int], ExplainedSet]) -> None:
    one, again, other = make(20, 3), make(20, 3), make(20, 4)
    assert np.array_equal(one.batch.ends, again.batch.ends)
    assert np.array_equal(one.batch.atoms, again.batch.atoms)
    assert np.array_equal(one.labels, again.labels)
    assert np.array_equal(one.split, again.split)
    assert all(np.array_equal(a, b) for a, b in zip(one.node_masks, again.node_masks, strict=True))
    assert not (one.batch.ends.shape == other.batch.ends.shape and np.array_equal(one.batch.ends, other.batch.ends))


@pytest.mark.parametrize("name", GENERATORS)
def test_the_set_is_the_one_of_the_registry(name: str) -> None:
    data, task = GENERATORS[name](10, 0), GENERATED[name]
    assert (data.name, data.kind, data.channels) == (task.name, task.kind, task.channels)
    assert set(GENERATORS) == set(GENERATED)


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_the_hash_tells_sets_apart_by_graphs_labels_split_and_masks(make: Callable[[int, int], ExplainedSet]) -> None:
    data = make(20, 3)
    masks = (~data.node_masks[0], *data.node_masks[1:])
    others = [
        make(20, 4),
        make(21, 3),
        replace(data, labels=data.labels + np.float32(1)),
        replace(data, split=data.split[::-1]),
        replace(data, node_masks=masks),
        data.select(np.arange(20)[::-1]),
    ]
    assert make(20, 3).sha256() == data.sha256()
    assert len({data.sha256(), *(other.sha256() for other in others)}) == 1 + len(others)


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_graphs_are_connected_and_simple(make: Callable[[int, int], ExplainedSet]) -> None:
    data = make(60, 0)
    for g in range(len(data)):
        graph = graph_of(data, g)
        assert nx.is_connected(graph)
        assert graph.number_of_edges() == data.batch.bond_offsets[g + 1] - data.batch.bond_offsets[g]
        assert nx.number_of_selfloops(graph) == 0


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_only_the_element_column_speaks_and_nodes_have_no_fixed_place(
    make: Callable[[int, int], ExplainedSet],
) -> None:
    data = make(60, 0)
    assert not data.batch.atoms[:, 1:].any()
    assert not data.batch.bonds.any()
    assert len({tuple(mask[0].any(axis=1)[:8]) for mask in data.node_masks}) > 10


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_edge_masks_are_the_edges_inside_the_motifs(make: Callable[[int, int], ExplainedSet]) -> None:
    data = make(40, 1)
    for g in range(len(data)):
        graph = graph_of(data, g)
        for channel in range(2):
            inner = graph.subgraph(nodes_of(data, g, channel)).number_of_edges()
            assert inner == data.edge_masks[g][0][:, channel].sum()


def test_every_motif_is_there_as_often_as_the_value_says() -> None:
    data = rb_dual_motifs(60, 0)
    for g in range(len(data)):
        graph = graph_of(data, g)
        value = 0.0
        for channel in (0, 1):
            found = {motif.name: places(graph, motif) for motif, where, _ in CONTRIBUTIONS if where == channel}
            assert set().union(*(place for all_places in found.values() for place in all_places)) == nodes_of(
                data, g, channel
            )
            assert all(len(all_places) <= 2 for all_places in found.values())
            value += sum(len(found[motif.name]) * add for motif, where, add in CONTRIBUTIONS if where == channel)
        assert data.labels[g] == pytest.approx(value, abs=5 * NOISE)


def test_no_motif_holds_another_one() -> None:
    for outer in MOTIFS:
        assert [inner.name for inner in MOTIFS if places(drawn(outer), inner)] == [outer.name]


def test_class_of_rb_adv_is_its_blue_motif_and_the_red_one_is_unrelated() -> None:
    data = rb_adv_motifs(400, 0)
    red_star = np.zeros(len(data), dtype=bool)
    for g in range(len(data)):
        graph, label = graph_of(data, g), int(data.labels[g])
        red_star[g] = bool(places(graph, RED_STAR))
        assert red_star[g] != bool(places(graph, RED_TRIANGLE))
        assert places(graph, (BLUE_STAR, BLUE_RING)[label]) == {frozenset(nodes_of(data, g, label))}
        assert not places(graph, (BLUE_RING, BLUE_STAR)[label])
        assert not nodes_of(data, g, 1 - label)
    # Five standard deviations of a fair coin.
    assert abs(red_star[data.labels == 0].mean() - red_star[data.labels == 1].mean()) < 5 * 0.5 / np.sqrt(100)


def test_adversarial_masks_lie_on_the_red_motif_of_the_same_graphs() -> None:
    true, wrong = rb_adv_motifs(30, 0), rb_adv_motifs(30, 0, adversarial=True)
    assert np.array_equal(true.batch.ends, wrong.batch.ends)
    assert np.array_equal(true.labels, wrong.labels)
    for g in range(30):
        graph, label = graph_of(wrong, g), int(wrong.labels[g])
        assert nodes_of(wrong, g, label) in [set(p) for m in (RED_STAR, RED_TRIANGLE) for p in places(graph, m)]


def test_ba2motifs_has_one_house_or_one_cycle_on_a_tree() -> None:
    data = ba2motifs(100, 0)
    assert data.labels.mean() == 0.5
    for g in range(len(data)):
        graph, label = graph_of(data, g), int(data.labels[g])
        nodes = nodes_of(data, g, label)
        assert nx.is_isomorphic(graph.subgraph(nodes), drawn((HOUSE, CYCLE)[label]))
        base = graph.subgraph(set(graph) - nodes)
        assert nx.is_tree(base)
        assert len(base) == 20


def test_an_empty_set_is_refused() -> None:
    with pytest.raises(ValueError, match="n is 0; expected at least 1"):
        ba2motifs(0)
