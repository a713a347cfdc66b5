"""Students trained all at once are the students trained one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from concepts.simulatability.explainers import random_masks
from concepts.simulatability.masks import Masks
from concepts.simulatability.student_graphs import Pool, pool_of, stack
from concepts.simulatability.student_training import Lesson, TrainingSettings, fit, train_students
from concepts.simulatability.students import StudentKind, ask_students, initial_weights, shape_for
from concepts.simulatability.subjects import generated_subject
from datasets.featurize import featurize
from tests.concepts.one_by_one_student import train_alone

STEPS = TrainingSettings(epochs=5, measured_epochs=1, learning_rate=0.02)
SMILES = ("CCO", "c1ccccc1N", "CC(=O)O", "C1CCNC1=O", "O=[N+]([O-])c1ccco1", "CC#N", "FC=C(Cl)Br", "C1CC1C")


def drawn_pool() -> tuple[Pool, Masks]:
    subject = generated_subject("rb_adv_motifs", 12, 3)
    assert subject.truth is not None
    return pool_of(subject.batch, subject.labels, 2, regression=False), subject.truth


def molecule_pool() -> tuple[Pool, Masks]:
    """Values, several kinds of bonds and soft masks."""
    batch = featurize(SMILES)
    rng = np.random.default_rng(5)
    sizes = [int(offsets[-1]) for offsets in (batch.atom_offsets, batch.bond_offsets)]
    return pool_of(batch, rng.normal(size=len(batch)), 2, regression=True), Masks(
        *(rng.random((n, 2)).astype(np.float32) for n in sizes)
    )


@pytest.mark.parametrize("kind", ["megan", "gcn"])
@pytest.mark.parametrize("made", [drawn_pool, molecule_pool])
def test_five_steps_at_once_are_five_steps_one_by_one(kind: StudentKind, made) -> None:  # type: ignore[no-untyped-def]
    pool, masks = made()
    shape = shape_for(pool, kind, layers=2, width=4)
    assert bool(shape.edge_columns) == (made is molecule_pool)
    lessons = [Lesson(), Lesson(masks), Lesson(masks, "nodes"), Lesson(masks, "edges")]
    drawn = [[0, 3, 5], [0, 3, 5], [6, 1, 2], [7, 4, 1]]
    seeds = [[1], [1], [2], [3]]
    weights = initial_weights(shape, seeds)
    before = {name: weight.clone() for name, weight in weights.items()}
    fit(shape, weights, stack(pool, drawn), lessons, STEPS)
    for s, (lesson, graphs) in enumerate(zip(lessons, drawn, strict=True)):
        alone = train_alone(
            pool, shape, {name: weight[s].clone() for name, weight in before.items()}, lesson, graphs, STEPS
        )
        for name, weight in alone.items():
            torch.testing.assert_close(weights[name][s].detach(), weight.detach(), atol=1e-4, rtol=0, msg=name)
    moved = [(weights[name] - before[name]).abs().max().item() for name in before]
    assert max(moved) > 0.05
    # With the same start and the same graphs it is the masks that part the first two.
    assert (weights["first"][0] - weights["first"][1]).abs().max() > 1e-3


@pytest.mark.parametrize("kind", ["megan", "gcn"])
def test_order_of_nodes_and_graphs_does_not_matter(kind: StudentKind) -> None:
    pool, _ = molecule_pool()
    shape = shape_for(pool, kind)
    weights = initial_weights(shape, [[0], [0]])
    answers = ask_students(shape, weights, stack(pool, [[0, 1, 2], [2, 0, 1]]))
    output = answers.output.detach()
    torch.testing.assert_close(output[0], output[1, [1, 2, 0]], atol=1e-5, rtol=0)
    turned = featurize(["OCC", "Nc1ccccc1", *SMILES[2:]])
    again = pool_of(turned, pool.labels, 2, regression=True)
    other = ask_students(shape, weights, stack(again, [[0, 1, 2], [2, 0, 1]])).output.detach()
    torch.testing.assert_close(output, other, atol=1e-5, rtol=0)


def test_a_student_does_not_depend_on_those_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, masks = drawn_pool()
    shape = shape_for(pool, "megan", layers=1, width=4)
    train, valid = np.array([[0, 1, 2, 3], [4, 5, 6, 7]]), np.array([[8, 9, 10], [0, 1, 11]])
    lessons = [Lesson(judged_by=masks), Lesson(masks, judged_by=masks)]
    together = train_students(pool, shape, lessons, train, valid, STEPS, seeds=[[0], [1]])
    monkeypatch.setattr("concepts.simulatability.student_training.NODES_AT_ONCE", 1)
    monkeypatch.setattr("concepts.simulatability.student_training.VALIDATION_NODES_AT_ONCE", 1)
    shares: list[float] = []
    apart = train_students(pool, shape, lessons, train, valid, STEPS, seeds=[[0], [1]], report=shares.append)
    for field in ("performance", "node_auroc", "edge_auroc"):
        np.testing.assert_allclose(getattr(together, field), getattr(apart, field), atol=1e-4)
        assert np.isfinite(getattr(apart, field)).all()
    assert len(shares) == 4 * STEPS.epochs
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_student_whose_weights_run_away_takes_nobody_along() -> None:
    pool, masks = drawn_pool()
    shape = shape_for(pool, "megan", layers=1, width=4)
    broken = Masks(np.full_like(masks.nodes, np.nan), masks.edges)
    train, valid = np.array([[0, 1, 2, 3]]), np.array([[8, 9, 10]])
    found = train_students(pool, shape, [Lesson(), Lesson(broken)], train, valid, STEPS, seeds=[[0]])
    assert np.isfinite(found.performance[0]).all()
    assert np.isnan(found.performance[1]).all()


def test_students_learn_where_the_motif_is() -> None:
    subject = generated_subject("rb_adv_motifs", 60, 1)
    pool = pool_of(subject.batch, subject.labels, 2, regression=False)
    lessons = [Lesson(subject.truth, judged_by=subject.truth), Lesson(random_masks(subject), judged_by=subject.truth)]
    train, valid = np.arange(30)[None], np.arange(30, 60)[None]
    found = train_students(
        pool,
        shape_for(pool, "megan"),
        lessons,
        train,
        valid,
        TrainingSettings(epochs=60, learning_rate=0.01),
        seeds=[[0]],
    )
    assert found.node_auroc[0, 0] > 0.95 > found.node_auroc[1, 0]
    assert found.edge_auroc[0, 0] > 0.95


def test_wrong_settings_are_named() -> None:
    with pytest.raises(ValueError, match="measured_epochs is 9 of 5 epochs"):
        TrainingSettings(epochs=5, measured_epochs=9)
    with pytest.raises(ValueError, match="learning_rate is 0"):
        TrainingSettings(learning_rate=0)
    pool, _ = drawn_pool()
    with pytest.raises(ValueError, match="student is 'mlp'; expected one of megan, gcn"):
        shape_for(pool, "mlp")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="StudentShape.layers is 0"):
        shape_for(pool, "gcn", layers=0)
