"""The concepts of a set as cards: which to show, in which order, and what stands on each. Pure functions."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app import theme
from app.components.concepts import words as concept_words
from app.components.concepts.pictures import concept_image
from app.components.links import link, to_concept
from concepts.concept import Concept, ConceptSet
from concepts.report.wording import Wording

#: Cards of one page.
PAGE: Final = 24
BY_SIZE, BY_CONTRIBUTION, BY_HIT_RATE, BY_HIT_RATE_TEST, BY_STABILITY, BY_NAME = (
    "most members", "largest contribution", "highest hit rate", "highest hit rate in the test split",
    "most stable", "name",
)  # fmt: skip
_ORDERS: Final[dict[str, Callable[[Concept], tuple[Any, ...]]]] = {
    BY_SIZE: lambda c: (-c.n_members,),
    BY_CONTRIBUTION: lambda c: (-c.contribution.value,),
    BY_HIT_RATE: lambda c: (-c.hit_rate.value if c.hit_rate else 1.0, -c.n_members),
    BY_HIT_RATE_TEST: lambda c: (-c.hit_rate_test.value if c.hit_rate_test else 1.0, -c.n_members),
    BY_STABILITY: lambda c: (-c.stability, -c.n_members),
    BY_NAME: lambda c: (c.name.casefold(), -c.n_members),
}
ORDERS: Final = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked to see."""

    text: str = ""
    """Words that a concept must all hold: in its id, names and alerts whatever their case, or in its structures, where
    case has a meaning."""
    channel: int | None = None
    """None for all."""
    only_stable: bool = False
    only_unknown: bool = False
    """Only those that match no known alert."""
    order: str = BY_SIZE


def chosen_concepts(found: ConceptSet, filters: Filters) -> list[Concept]:
    """The concepts that pass the filters, in the order asked for."""
    words = filters.text.split()
    kept = [concept for concept in found if _passes(concept, filters) and _holds(concept, words)]
    # Of equals the order of the set decides, which is that of the ids.
    return sorted(kept, key=_ORDERS[filters.order])


def _passes(concept: Concept, filters: Filters) -> bool:
    if filters.channel is not None and concept.channel != filters.channel:
        return False
    if filters.only_stable and not concept.stable:
        return False
    return not (filters.only_unknown and concept.known_alerts)


def _holds(concept: Concept, words: Sequence[str]) -> bool:
    if not words:
        return True
    names = [concept.id, concept.name, concept.channel_name, *(part.name for part in concept.parts)]
    names += [f"{alert.catalog} {alert.name} {alert.name.replace('_', ' ')}" for alert in concept.alerts]
    drawn = [text for part in concept.parts for text in (part.smarts, part.smiles)]
    drawn += [prototype.smiles for prototype in concept.prototypes]
    drawn += [member.smiles for member in (*concept.members, *concept.counterexamples)]
    told, structures = "\n".join(names).casefold(), "\n".join(drawn)
    return all(word.casefold() in told or word in structures for word in words)


def cards_html(set_name: str, words: Wording, concepts: Sequence[Concept]) -> str:
    """The cards, side by side where the page is wide enough."""
    return f'<div class="wm-concepts">{"".join(_card(set_name, words, concept) for concept in concepts)}</div>'


def _card(set_name: str, words: Wording, concept: Concept) -> str:
    name = html.escape(concept_words.name_of(concept))
    marks = "" if concept.stable else '<span class="wm-flag">unstable</span>'
    known = html.escape(concept_words.alerts_in_words(concept, 1))
    alerts = f"<span{' class=wm-finding' if concept_words.is_finding(concept) else ''}>{known}</span>"
    hits = "not measured"
    if concept.hit_rate is not None:
        hits = f"<b>{concept.hit_rate.value * 100:.0f} %</b> measured {html.escape(words.side(concept.channel))}"
    inner = (
        f"{concept_image(concept)}"
        f'<span class="wm-concept-name">{theme.mark(concept.channel, 11)}<span>{name}</span></span>'
        f'<span class="wm-concept-id">{html.escape(concept.id)}{marks}</span>'
        f'<span class="wm-concept-facts"><span><b>{concept.n_members:,}</b> members, '
        f"{html.escape(concept_words.contribution_in_words(words, concept))}</span><span>{hits}</span>{alerts}</span>"
    )
    return link(to_concept(set_name, concept.id), inner, "wm-concept-card", f"Open {concept.id}")
