"""The concepts of a predicted molecule, under the picture of each channel: a chip with a link, or why it is in none.

Pure functions to HTML; all text is escaped.
"""

from __future__ import annotations

import html

from app import theme
from app.components.concepts import words as concept_words
from app.components.concepts.region import Region, region_of
from app.components.links import link, to_concept
from app.components.words import join
from app.concepts.known import ChannelConcept, KnownConcepts, Outside
from concepts.concept import Concept
from datasets.tasks import Task
from megan.prediction import Prediction

#: Where the nearest concept says something: the channel speaks, but not as the concept's members do.
_NEAREST = (Outside.FAR, Outside.OTHER_VERDICT)
_NO_REGION = Region((), ())


def regions(smiles: str, prediction: Prediction, matches: tuple[ChannelConcept, ...]) -> list[Region]:
    """Per channel: the atoms that belong to its concept; none where it is in no concept."""
    importance = prediction.explanation.node_importance
    return [
        _NO_REGION if match.concept is None else region_of(smiles, importance[:, match.channel], match.concept)
        for match in matches
    ]


def chip(task: Task, known: KnownConcepts, match: ChannelConcept, region: Region) -> str:
    """The concept of a channel as a link with its record, or a sentence on why there is none."""
    concept, words = match.concept, concept_words.words_of(task)
    if concept is None:
        said = html.escape(concept_words.outside_in_words(words, known, match))
        if match.nearest is not None and match.outside in _NEAREST:
            said += f" The nearest is {_link(known, match.nearest)}."
        return f'<div class="wm-concept wm-muted">{said}</div>'
    outlined = f"Outlined: {join(region.names)}." if region.names else "Outlined: the marked atoms."
    return (
        f'<div class="wm-concept" data-concept="{html.escape(concept.id, quote=True)}">'
        f'<span class="wm-kicker">Concept</span>{concept_chip(known.name, concept)}'
        f"<span>{html.escape(concept_words.hit_rate_in_words(words, concept))}. "
        f"{html.escape(outlined)}</span></div>"
    )


def concept_chip(set_name: str, concept: Concept) -> str:
    """A concept's name in its channel's colour and shape, linked to its page."""
    inner = f"{theme.mark(concept.channel, 10)}<span>{html.escape(concept_words.name_of(concept))}</span>"
    style = f"wm-chip wm-chip-{concept.channel % 2}"
    return link(to_concept(set_name, concept.id), inner, style, f"Open {concept.id}")


def _link(known: KnownConcepts, concept: Concept) -> str:
    return link(to_concept(known.name, concept.id), html.escape(concept_words.name_of(concept)))
