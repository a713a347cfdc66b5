"""The molecules of a concept as a grid of pictures: members, those measured otherwise, prototypes. Pure functions."""

from __future__ import annotations

import html
from collections.abc import Sequence

from app import theme
from app.components.concepts.pictures import as_image, code, member_image, structure_image
from app.components.links import link, to_predict
from app.components.words import plural
from concepts.concept import Concept, Member, Prototype
from concepts.report.concept_page import Drawn, Search
from concepts.report.wording import Wording


def members_html(words: Wording, concept: Concept, members: Sequence[Member]) -> str:
    """Members with their masks, what was measured, what the model says, and the way to Predict."""
    return f'<div class="wm-thumbs wm-members">{"".join(_member(words, concept, member) for member in members)}</div>'


def prototypes_html(words: Wording, concept: Concept) -> str:
    """The smallest molecules that are still in the concept."""
    figures = [_prototype(words, prototype) for prototype in concept.prototypes]
    return f'<div class="wm-thumbs wm-members">{"".join(figures)}</div>'


def search_html(search: Search) -> str:
    """How the first prototype was found: its ancestors from left to right, and the size of the best by round."""
    steps = "".join(f"<li>{_stage(stage)}</li>" for stage in search.stages)
    plot = f"<figure>{as_image(str(search.plot), 'Heavy atoms by round')}</figure>" if search.plot else ""
    said = f'<p class="wm-muted">{html.escape(search.sentence)}</p>' if search.sentence else ""
    return f'<div class="wm-search"><div><ol class="wm-stages">{steps}</ol>{said}</div>{plot}</div>'


def open_link(smiles: str) -> str:
    """The way to Predict."""
    return link(to_predict(smiles), "Open in Predict", "wm-open")


def _member(words: Wording, concept: Concept, member: Member) -> str:
    mark, flag = theme.mark(None, 10), ""
    if member.label is not None and not words.of_values:
        mark = theme.mark(int(member.label >= 0.5), 10)
    elif member.label is not None:
        mark = ""
    if words.otherwise(member, concept):
        flag = '<span class="wm-flag">otherwise</span>'
    unit = f" {words.unit}".rstrip() if words.of_values else ""
    label = words.label(member) + (unit if member.label is not None else "")
    seen = f", {words.split(member)} split" if member.split else ""
    return (
        f'<figure class="wm-thumb">{member_image(member, concept)}<figcaption>'
        f"<b>{mark}{html.escape(label)}{flag}</b>"
        f"<span>predicted {html.escape(words.prediction(member).removeprefix('predicted ') + unit + seen)}</span>"
        f"<span>contributes {member.contribution:+.2f}, distance {member.distance:.3f}</span>"
        f"{code(member.smiles)}{open_link(member.smiles)}</figcaption></figure>"
    )


def _prototype(words: Wording, prototype: Prototype) -> str:
    unit = html.escape(words.unit)
    return (
        f'<figure class="wm-thumb">{structure_image(prototype.smiles)}<figcaption>'
        f"<b>{plural(prototype.atoms, 'heavy atom')}</b><span>contributes {prototype.contribution:+.2f} {unit}</span>"
        f"<span>distance {prototype.distance:.3f}</span>{code(prototype.smiles)}{open_link(prototype.smiles)}"
        "</figcaption></figure>"
    )


def _stage(stage: Drawn) -> str:
    lines = "".join(f"<span>{html.escape(line)}</span>" for line in stage.lines)
    return (
        f'<figure class="wm-thumb">{as_image(str(stage.picture), "Structure of this stage")}'
        f"<figcaption>{lines}{open_link(stage.smiles)}</figcaption></figure>"
    )
