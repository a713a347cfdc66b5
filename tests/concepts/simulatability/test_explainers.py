"""Every explainer gives masks of [0, 1] of the right shape, or says why it cannot."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from concepts.simulatability.explainers import EXPLAINERS, explainer
from concepts.simulatability.masks import Masks
from concepts.simulatability.subjects import Subject, generated_subject, predicted_subject, subject_of
from datasets.tasks import GENERATED
from megan.committee import ask
from megan.predictor import Predictor
from tests.conftest import NITRO, PLAIN

OF_MODELS = ("megan", "gradients", "integrated_gradients", "gnnexplainer", "random", "shuffled", "averaged")


@pytest.fixture(scope="module")
def predicted(tiny_bundle: Path) -> Subject:
    """A few molecules, to be explained by one network."""
    subject = predicted_subject(Predictor.load(tiny_bundle), ["C", *NITRO[:4], *PLAIN[:4]], 6)
    return replace(subject, members=subject.members[:1])


def test_labels_are_the_verdicts_of_the_model(predicted: Subject, tiny_bundle: Path) -> None:
    predictor = Predictor.load(tiny_bundle)
    assert "C" not in predicted.smiles
    verdicts = [p.verdict for p in predictor.predict(list(predicted.smiles)) if not hasattr(p, "code")]
    assert [predicted.channels[int(label)] for label in predicted.labels] == verdicts
    assert len(set(predicted.labels.tolist())) == 2
    assert (predicted.labels == 1).sum() * 2 == len(predicted.labels)


def test_subjects_by_name(tiny_bundle: Path) -> None:
    for name in GENERATED:
        drawn = subject_of(name, 6)
        assert len(drawn.members) > 0
        assert drawn.truth is not None
        assert len(drawn.batch) == 6
    own = subject_of(str(tiny_bundle), 4, smiles=["no molecule", "C", *NITRO[:4], *PLAIN[:4]])
    assert (own.name, len(own.smiles)) == ("mutagenicity", 4)
    with pytest.raises(ValueError, match="bundle is 'zinc'"):
        subject_of("zinc", 4)


@pytest.fixture(scope="module")
def masks_of(predicted: Subject) -> dict[str, Masks]:
    return {name: explainer(name)(predicted) for name in OF_MODELS}


@pytest.mark.parametrize("name", OF_MODELS)
def test_masks_of_a_model(predicted: Subject, masks_of: dict[str, Masks], name: str) -> None:
    masks = masks_of[name]
    for values, offsets in ((masks.nodes, predicted.batch.atom_offsets), (masks.edges, predicted.batch.bond_offsets)):
        assert values.shape == (offsets[-1], 2)
        assert values.min() >= 0
        assert 0 < values.max() <= 1
    assert sum(np.array_equal(masks.nodes, other.nodes) for other in masks_of.values()) == 1


@pytest.mark.parametrize("name", ["random", "shuffled"])
def test_random_masks_come_again(predicted: Subject, masks_of: dict[str, Masks], name: str) -> None:
    assert np.array_equal(explainer(name)(predicted).nodes, masks_of[name].nodes)
    assert not np.array_equal(explainer(name)(replace(predicted, seed=1)).nodes, masks_of[name].nodes)


def test_own_masks_are_the_committee_s(predicted: Subject) -> None:
    assert np.array_equal(EXPLAINERS["megan"](predicted).nodes, ask(predicted.members, predicted.batch).node_importance)


def test_shuffled_masks_keep_what_lies_in_each_graph(predicted: Subject) -> None:
    own, shuffled = EXPLAINERS["megan"](predicted), EXPLAINERS["shuffled"](predicted)
    assert not np.array_equal(own.nodes, shuffled.nodes)
    for a, b in zip(predicted.batch.atom_offsets[:-1], predicted.batch.atom_offsets[1:], strict=True):
        assert sorted(map(tuple, own.nodes[a:b])) == sorted(map(tuple, shuffled.nodes[a:b]))


def test_averaged_masks_are_the_mean_of_each_graph(predicted: Subject) -> None:
    own, averaged = EXPLAINERS["megan"](predicted), EXPLAINERS["averaged"](predicted)
    for values, means, offsets in (
        (own.nodes, averaged.nodes, predicted.batch.atom_offsets),
        (own.edges, averaged.edges, predicted.batch.bond_offsets),
    ):
        for a, b in itertools.pairwise(offsets):
            np.testing.assert_allclose(means[a:b], np.tile(values[a:b].mean(axis=0), (b - a, 1)), rtol=1e-5)


def test_the_network_of_rb_adv_motifs_marks_the_cause_and_not_what_misleads() -> None:
    subject = subject_of("rb_adv_motifs", 100, 7)
    assert subject.truth is not None
    assert subject.misleading is not None
    masks, causes, misleading = explainer("megan")(subject).nodes, subject.truth.nodes > 0, subject.misleading.nodes > 0
    assert masks[causes].min() > 0.5
    assert masks[misleading].max() < 0.2


def test_the_kept_output_is_that_of_the_label(predicted: Subject, masks_of: dict[str, Masks]) -> None:
    masks = masks_of["gnnexplainer"]
    owner = np.repeat(predicted.labels.astype(int), np.diff(predicted.batch.atom_offsets))
    assert (masks.nodes[np.arange(len(owner)), 1 - owner] == 0).all()


def test_true_and_misleading_masks_lie_in_the_channel_of_the_label_and_apart() -> None:
    subject = generated_subject("rb_adv_motifs", 20, 2)
    truth, wrong = explainer("truth")(subject), explainer("adversarial")(subject)
    owner = np.repeat(subject.labels.astype(int), np.diff(subject.batch.atom_offsets))
    for masks in (truth, wrong):
        assert masks.nodes.any(axis=1).any()
        assert (masks.nodes[np.arange(len(owner)), 1 - owner] == 0).all()
    assert not (truth.nodes * wrong.nodes).any()


def test_what_cannot_be_asked_is_said(predicted: Subject) -> None:
    with pytest.raises(ValueError, match="nobody knows the causes in mutagenicity"):
        explainer("truth")(predicted)
    with pytest.raises(ValueError, match="has no misleading motifs"):
        explainer("adversarial")(generated_subject("ba2motifs", 4))
    with pytest.raises(ValueError, match="explainer megan: there is no trained network for mutagenicity"):
        explainer("megan")(replace(predicted, members=()))
    with pytest.raises(ValueError, match="explainer is 'lime'; expected one of truth, megan"):
        explainer("lime")
    with pytest.raises(ValueError, match="set is 'zinc'; expected one of"):
        generated_subject("zinc", 4)
    with pytest.raises(ValueError, match="there is no mask file none.npz"):
        explainer("file:none.npz")(predicted)
