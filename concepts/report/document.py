"""The report as one HTML text: no network, no script, pictures inline, and pages that print."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import jinja2
from markupsafe import Markup

from concepts.concept import AlertOverlap, Concept, ConceptSet
from concepts.hypotheses.hypothesis import CAVEAT
from concepts.report.concept_page import PARTS, ConceptPage, concept_page
from concepts.report.map_plot import map_plot, mark_picture, number_of
from concepts.report.wording import Wording, counted, odds, share, shares, spanned, wording_of

if TYPE_CHECKING:
    from concepts.report.model_card import ModelCard  # brings torch in, which a text on concepts does not need

TEMPLATES: Final = Path(__file__).parent / "templates"
WHAT_A_CONCEPT_IS: Final = (
    "A concept is a group of molecules that one channel of the model sees alike: the parts that the model points at, "
    "its masks, have neighbouring embeddings. Members, hit rates and alerts are counted on measured data. A concept "
    "says what the model has learned, not why molecules behave so: members have a part in common, which need not be "
    "the cause, and a concept with few members or one that is rarely found again may be chance. Names are systematic, "
    "made from substructures that members hold more often than other molecules. Before you rely on a concept, look at "
    "its members, at those that were measured otherwise, and at the hit rate in the test split, which the model has "
    "not learned from."
)


@dataclass(frozen=True, slots=True)
class ChannelPart:
    """The map and the table of one channel."""

    channel: int
    name: str
    meaning: str
    plot: Markup
    pages: tuple[ConceptPage, ...]
    marks: tuple[Markup, ...]
    """Of the pages, in their order, as on the map."""
    numbers: tuple[str, ...]
    """Likewise, as on the map."""
    passed: int
    unclustered: int
    news: bool
    """Whether a concept that matches no known alert is news."""
    unknown: tuple[ConceptPage, ...]
    """Such concepts by hit rate in the test split, highest first; empty where they are no news."""


def report_html(found: ConceptSet, model: ModelCard, written: datetime.datetime | None = None) -> str:
    """The whole report.

    Parameters
    ----------
    found
        The set.
    model
        From `concepts.report.model_card`.
    written
        Stands on the cover; now if not given.

    Returns
    -------
    str
        An HTML document that refers to nothing outside itself.
    """
    words = wording_of(found, model.task)
    pages = [concept_page(c, f"concept-{at}", words, found.filters.resamples) for at, c in enumerate(found, start=1)]
    return (
        _templates()
        .get_template("report.html.jinja")
        .render(
            found=found,
            model=model,
            words=words,
            pages=pages,
            parts=[_channel_part(found, k, words, pages) for k in range(len(found.channels))],
            no_mark=_markup(mark_picture(None)),
            caveat=WHAT_A_CONCEPT_IS,
            hypothesis_caveat=CAVEAT,
            filters=filter_sentences(found, words),
            written=f"{written or datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
            most_parts=PARTS,
            styles=_markup((TEMPLATES / "report.css").read_text(encoding="utf-8")),
        )
    )


def alert_words(alerts: tuple[AlertOverlap, ...], most: int = 3) -> str:
    """Alerts in a cell: "Kazius epoxide; Brenk Three-membered_heterocycle", or that there is none."""
    said = "; ".join(f"{alert.catalog} {alert.name}" for alert in alerts[:most]) or "matches no known alert"
    return said + (f"; and {len(alerts) - most} more" if len(alerts) > most else "")


def filter_sentences(found: ConceptSet, words: Wording) -> list[str]:
    """How the concepts were found, for a reader who wants to find them again."""
    chosen = found.filters
    unit = f" {words.unit}" if words.unit else ""
    whose = " and that the model gives to the channel's class" if chosen.own_verdict else ""
    return [
        f"A channel gets the molecules whose output it moves by at least {chosen.threshold:g}{unit}{whose}.",
        f"Their embeddings, those of network {chosen.member + 1} of the committee, reduced to {chosen.reduced_to} "
        f"principal components, were clustered by density (HDBSCAN): at least {chosen.least_members} molecules, dense "
        f"within {chosen.neighbours} neighbours; clusters within a {found.metric} distance of {chosen.merge_within:g} "
        "were merged.",
        f"Stability: {counted(chosen.resamples, 'resample')} of the molecules."
        if chosen.resamples
        else "Stability was not tried.",
        f"Seed {chosen.seed}.",
    ]


def p_words(p: float) -> Markup:
    """A p value: "0.012", or "3 × 10⁻¹²"."""
    if p <= 0:
        return Markup("&lt; 10<sup>−300</sup>")
    if p >= 0.001:
        return Markup("{}").format(f"{p:.2g}")
    mantissa, power = f"{p:.0e}".split("e")
    return Markup("{} × 10<sup>−{}</sup>").format(mantissa, abs(int(power)))


def _channel_part(found: ConceptSet, k: int, words: Wording, pages: list[ConceptPage]) -> ChannelPart:
    own = tuple(page for page in pages if page.concept.channel == k)
    return ChannelPart(
        channel=k,
        name=found.channels[k],
        meaning=words.meaning(k),
        plot=_markup(map_plot(found, k, f"Map of the channel {found.channels[k]}")),
        pages=own,
        marks=tuple(_markup(mark_picture(rank)) for rank in range(len(own))),
        numbers=tuple(number_of(page.concept.id, rank) for rank, page in enumerate(own)),
        passed=found.passed[k],
        unclustered=found.unclustered[k],
        news=words.news(k),
        unknown=_unknown(own) if words.news(k) else (),
    )


def _unknown(pages: tuple[ConceptPage, ...]) -> tuple[ConceptPage, ...]:
    return tuple(
        sorted((page for page in pages if not page.concept.known_alerts), key=lambda page: _hits(page.concept))
    )


def _hits(concept: Concept) -> tuple[float, ...]:
    """Highest hit rate in the test split first, surer ones first among equals, then by the rate on all."""
    rates = (concept.hit_rate_test, concept.hit_rate)
    return tuple(-end for rate in rates for end in ((rate.value, rate.low) if rate else (-1.0, -1.0)))


def _markup(ours: str) -> Markup:
    return Markup(ours)  # noqa: S704  # drawn or written here, with all texts in it escaped


@cache
def _templates() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "share": share, "shares": shares, "spanned": spanned, "odds": odds, "p_words": p_words,
        "alert_words": alert_words, "counted": counted,
    }  # fmt: skip
    made.filters |= filters
    return made
