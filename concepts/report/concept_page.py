"""What the page of one concept shows, ready to be laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup

from concepts.concept import AlertOverlap, Concept, Member, Prototype
from concepts.report.histogram_plot import histogram_plot
from concepts.report.molecule_pictures import (
    colour_of,
    heavy_atoms,
    member_picture,
    scale_picture,
    structure_picture,
)
from concepts.report.search_plot import last_gain, search_plot
from concepts.report.wording import Wording, counted, headed, share, shares, spanned

MEMBERS: Final = 8
AGAINST: Final = 4
STAGES: Final = 5
PARTS: Final = 4
ALERTS: Final = 5


@dataclass(frozen=True, slots=True)
class Drawn:
    """A molecule with what is said under it."""

    picture: Markup
    """Empty where the structure cannot be drawn."""
    smiles: str
    lines: tuple[str, ...]
    otherwise: bool = False
    """Whether it was measured otherwise than its concept's channel says."""


@dataclass(frozen=True, slots=True)
class Search:
    """How the first prototype was found."""

    plot: Markup
    stages: tuple[Drawn, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """One concept, laid out by templates/concept.html.jinja."""

    anchor: str
    """Where links lead; made here and not from the concept's id, which a file may say anything in."""
    concept: Concept
    facts: tuple[tuple[str, str], ...]
    alerts: tuple[AlertOverlap, ...]
    """The first few, those that account for the concept first."""
    prototypes: tuple[Drawn, ...]
    search: Search | None
    members: tuple[Drawn, ...]
    against: tuple[Drawn, ...]
    against_head: str
    plots: tuple[Markup, ...]
    scale: Markup
    paragraph: str
    """What the data say."""


def concept_page(concept: Concept, anchor: str, words: Wording, resamples: int) -> ConceptPage:
    """Everything on one concept.

    Parameters
    ----------
    concept
        Which.
    anchor
        Unique in the document.
    words
        Of the set.
    resamples
        How often the stability was tried.
    """
    return ConceptPage(
        anchor=anchor,
        concept=concept,
        facts=_facts(concept, words, resamples),
        alerts=tuple(sorted(concept.alerts, key=lambda alert: -alert.under_mask))[:ALERTS],
        prototypes=tuple(_prototype(prototype) for prototype in concept.prototypes),
        search=_search(concept.prototypes[0], colour_of(concept.channel)) if concept.prototypes else None,
        members=tuple(_member(member, concept, words) for member in concept.members[:MEMBERS]),
        against=tuple(_member(member, concept, words) for member in concept.counterexamples[:AGAINST]),
        against_head=_against_head(concept, words),
        plots=_plots(concept, words),
        scale=Markup(scale_picture(concept.channel)),  # noqa: S704  # our own drawing
        paragraph=words.paragraph(concept),
    )


def stability_words(concept: Concept, resamples: int) -> str:
    """How often a concept was found again."""
    if not resamples:
        return "not tried"
    words = f"in {share(concept.stability)} of {counted(resamples, 'resample')}"
    return words if concept.stable else f"{words}: unstable"


def _facts(concept: Concept, words: Wording, resamples: int) -> tuple[tuple[str, str], ...]:
    side = words.side(concept.channel)
    tested = "none in the test split" if concept.hit_rate_test is None else shares(concept.hit_rate_test)
    predicted = headed(words.predicted) if words.of_values else f"p({words.side(1)})"
    return (
        ("Members", counted(concept.n_members, "molecule")),
        (headed(words.contributed), spanned(concept.contribution)),
        (f"Measured {side}", shares(concept.hit_rate)),
        ("… in the test split", tested),
        ("Highlighted atoms", spanned(concept.mask_size, 1)),
        (predicted, spanned(concept.prediction)),
        ("Found again", stability_words(concept, resamples)),
    )


def _prototype(prototype: Prototype) -> Drawn:
    return Drawn(
        picture=Markup(structure_picture(prototype.smiles)),  # noqa: S704  # our own drawing
        smiles=prototype.smiles,
        lines=(
            f"{counted(prototype.atoms, 'atom')} · distance {prototype.distance:.3f}",
            f"contribution {prototype.contribution:.2f}",
        ),
    )


def _search(prototype: Prototype, colour: str) -> Search | None:
    plot = search_plot(prototype.rounds, colour)
    if not plot and not prototype.stages:
        return None
    chosen = np.unique(np.linspace(0, len(prototype.stages) - 1, STAGES).round().astype(int)).tolist()
    stages = [prototype.stages[i] for i in chosen] if prototype.stages else []
    rounds = len(prototype.rounds) - 1
    since = last_gain(prototype.rounds)
    told = ""
    if plot and rounds > 0:
        told = f"Nothing better after {f'round {since}' if since else 'the first'} of {counted(rounds, 'round')}."
    return Search(
        plot=Markup(plot),  # noqa: S704  # our own drawing
        stages=tuple(
            Drawn(
                picture=Markup(structure_picture(stage.smiles, 160, 96)),  # noqa: S704  # our own drawing
                smiles=stage.smiles,
                lines=(_stage_words(stage.round, stage.smiles),),
            )
            for stage in stages
        ),
        sentence=told,
    )


def _stage_words(at: int, smiles: str) -> str:
    atoms = heavy_atoms(smiles)
    size = "" if atoms is None else f", {counted(atoms, 'atom')}"
    return (f"round {at}" if at else "a member") + size


def _member(member: Member, concept: Concept, words: Wording) -> Drawn:
    split = words.split(member)
    return Drawn(
        picture=Markup(member_picture(member, concept.channel)),  # noqa: S704  # our own drawing
        smiles=member.smiles,
        lines=(
            words.label(member) + (f" · {split}" if split else ""),
            f"{words.prediction(member)} · contribution {member.contribution:.2f}",
        ),
        otherwise=words.otherwise(member, concept),
    )


def _against_head(concept: Concept, words: Wording) -> str:
    if concept.hit_rate is None:
        return "None of the members was measured, so that nothing can speak against the concept here."
    if not concept.counterexamples:
        return f"All measured members were measured {words.side(concept.channel)}."
    n = len(concept.counterexamples)
    # Shipped sets hold as many as a report shows; fewer are all that there are.
    return "The only one." if n == 1 else f"All {n}." if n < AGAINST else f"The {AGAINST} nearest to the centroid."


def _plots(concept: Concept, words: Wording) -> tuple[Markup, ...]:
    colour = colour_of(concept.channel)
    named = (
        ("contribution", words.contributed, concept.contribution.value),
        ("mask_size", "highlighted atoms", concept.mask_size.value),
        ("prediction", words.predicted, concept.prediction.value),
        ("distance", "distance to the centroid (cosine)", None),
    )
    return tuple(
        Markup(  # noqa: S704  # our own drawing
            histogram_plot(concept.histograms[key], name, colour, at, whole=key == "mask_size")
        )
        for key, name, at in named
    )
