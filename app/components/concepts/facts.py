"""The numbers of a concept: tiles with intervals, histograms, tables of its parts and alerts. Pure functions."""

from __future__ import annotations

import html

from app import theme
from app.components.concepts import words as concept_words
from app.components.concepts.pictures import as_image, code
from app.components.words import percent
from concepts.concept import Concept, Part
from concepts.report.concept_page import ConceptPage, stability_words
from concepts.report.wording import Wording, odds
from megan.metrics import Interval


def head_html(concept: Concept, words: Wording) -> str:
    """Name, id, and what the data say in sentences."""
    flags = [] if concept.stable else ['<span class="wm-flag">unstable</span>']
    if concept_words.is_finding(concept):
        flags.append(f'<span class="wm-finding">{concept_words.NO_ALERT}</span>')
    return (
        f'<div class="wm-lead wm-concept-head"><p class="wm-kicker">{html.escape(concept.id)}{"".join(flags)}</p>'
        f"<h2>{theme.mark(concept.channel, 16)}<span>{html.escape(concept_words.name_of(concept))}</span></h2>"
        f"<p>{html.escape(words.paragraph(concept))}</p></div>"
    )


def tiles_html(concept: Concept, words: Wording, resamples: int) -> str:
    """Every number with its 95 % interval."""
    side, of_values = words.side(concept.channel), words.of_values
    predicted = "Predicted value" if of_values else f"Predicted p ({words.side(1)})"
    hits = words.hit()
    tiles = [
        _tile("Members", f"{concept.n_members:,}", "molecules", "Molecules of the table that are in this concept"),
        _tile("Contribution", f"{concept.contribution.value:+.2f}", _ends(concept.contribution, words.unit), "Mean "
              "over the members: how far the marked atoms move the output towards their side"),
        _share_tile(f"Measured {side}", concept.hit_rate, hits),
        _share_tile("… in the test split", concept.hit_rate_test, f"{hits} Only unseen molecules."),
        _tile("Marked atoms", f"{concept.mask_size.value:.1f}", _ends(concept.mask_size, "", 1), "Mean number of atoms "
              "whose importance is at least 0.5"),
        _tile(predicted, f"{concept.prediction.value:.2f}", _ends(concept.prediction, words.unit if of_values else ""),
              "Mean over the members"),
        _tile("Found again", percent(concept.stability) if resamples else "–", stability_words(concept, resamples),
              "Share of resamples of the molecules in which the concept was found again; under half it is unstable"),
    ]  # fmt: skip
    return f'<div class="wm-tiles">{"".join(tiles)}</div>'


def histograms_html(page: ConceptPage) -> str:
    """Contribution, marked atoms, prediction and distance of the members."""
    names = ("contribution", "marked atoms", "prediction", "distance")
    plots = "".join(
        f"<figure>{as_image(str(plot), f'Histogram of the {name} of the members')}</figure>"
        for plot, name in zip(page.plots, names, strict=True)
    )
    return f'<div class="wm-histograms">{plots}</div>'


def parts_html(concept: Concept) -> str:
    """The substructures that tell members from other molecules."""
    if not concept.parts:
        return '<p class="wm-muted">No substructure is more common among the members than among other molecules.</p>'
    rows = "".join(
        f"<tr><td>{_part(part)}</td><td>{code(part.smarts)}</td>"
        f'<td class="wm-num">{part.in_members:,} of {concept.n_members:,}</td>'
        f'<td class="wm-num">{part.masked:,}</td><td class="wm-num">{part.in_all:,}</td>'
        f'<td class="wm-num">{odds(part.odds_ratio)} ({odds(part.low)} to {odds(part.high)})</td>'
        f'<td class="wm-num">{p_html(part.p)}</td></tr>'
        for part in concept.parts
    )
    return (
        '<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Part</th><th>SMARTS</th><th>Members</th>'
        '<th title="Members whose marked atoms cover it">Marked</th><th>All molecules</th>'
        '<th title="How much more often members have it than others, with its 95 % interval">Odds ratio</th>'
        '<th title="Fisher\'s exact test, one-sided, corrected for the number of tests">p</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def alerts_html(concept: Concept) -> str:
    """The published alerts that members carry; those under the mask of most account for the concept."""
    if not concept.alerts:
        return '<p class="wm-muted">No alert of PAINS, Brenk or Kazius is carried by a quarter of the members.</p>'
    known = concept.known_alerts
    rows = "".join(
        f"<tr><td>{html.escape(concept_words.alert_name(alert))}</td>"
        f'<td class="wm-num">{alert.in_members:,} of {concept.n_members:,}</td>'
        f'<td class="wm-num">{alert.under_mask:,}</td><td class="wm-num">{alert.in_all:,}</td>'
        f"<td>{'accounts for the concept' if alert in known else 'beside the marked atoms'}</td></tr>"
        for alert in concept.alerts
    )
    finding = "" if known else '<p class="wm-muted">None lies under the marked atoms of half of the members.</p>'
    return (
        '<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Alert</th><th>Members</th><th>Marked</th>'
        f"<th>All molecules</th><th></th></tr></thead><tbody>{rows}</tbody></table></div>{finding}"
    )


def p_html(p: float) -> str:
    """A p value: "0.012", or 3 times a power of ten."""
    if p <= 0:
        return "&lt; 10<sup>−300</sup>"
    if p >= 0.001:
        return f"{p:.2g}"
    mantissa, power = f"{p:.0e}".split("e")
    return f"{mantissa} × 10<sup>−{abs(int(power))}</sup>"


def _part(part: Part) -> str:
    return html.escape(part.name) if part.name else f"fragment {code(part.smiles or part.smarts)}"


def _tile(title: str, value: str, below: str, hint: str) -> str:
    return (
        f'<div class="wm-tile" title="{html.escape(hint, quote=True)}"><span>{html.escape(title)}</span>'
        f"<b>{html.escape(value)}</b><small>{html.escape(below)}</small></div>"
    )


def _share_tile(title: str, given: Interval | None, hint: str) -> str:
    if given is None:
        return _tile(title, "–", "none was measured", hint)
    return _tile(title, percent(given.value), f"{given.low * 100:.0f} to {given.high * 100:.0f} %", hint)


def _ends(given: Interval, unit: str, digits: int = 2) -> str:
    return f"{given.low:.{digits}f} to {given.high:.{digits}f} {unit}".rstrip()
