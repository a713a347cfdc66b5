"""The table of design rules, and one of them opened: its surroundings, what was measured, its example pairs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import theme
from app.components.counterfactuals.pair import legend_html
from app.components.words import percent
from app.counterfactuals.design_rule_records import effect_in_words, measured_in_words, reversals_in_words, unit_of
from concepts.counterfactuals.design_rules import Effect, Rule
from datasets.tasks import Task
from megan.pair_drawing import draw_pair

_WIDTH, _HEIGHT = 150, 96


def show_rules(rules: Sequence[Rule], task: Task) -> None:
    """A table of the rules; the one that is ticked is opened below."""
    st.caption(
        f"Effect: mean change in {unit_of(task)} by one network, each molecule counted once, with its 95 % interval. "
        "Surest first. Tick a row at its left to open the rule below."
    )
    event: Any = st.dataframe(
        pd.DataFrame([_row(rule, task) for rule in rules]),
        key="dr-table",
        hide_index=True,
        row_height=72,
        height=min(42 + 72 * len(rules), 560),
        column_config={
            "example": st.column_config.ImageColumn("Example", width=230),
            "rule": st.column_config.TextColumn("Edit", width=220),
            "effect": st.column_config.NumberColumn("Effect", format="%+.2f", width=70),
            "low": st.column_config.NumberColumn("from", format="%+.2f", width=66),
            "high": st.column_config.NumberColumn("to", format="%+.2f", width=66),
            "edits": st.column_config.NumberColumn("Edits", width=60),
            "molecules": st.column_config.NumberColumn("Molecules", width=80),
            "reversed": st.column_config.TextColumn("Reversed", help="Share that goes the other way", width=150),
            "measured": st.column_config.TextColumn("Measured pairs", width=230),
        },
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [0]}},
        alt="Design rules; select a row to open it",
    )
    rows: list[int] = event["selection"]["rows"]
    if rows and rows[0] < len(rules):
        st.html(rule_html(rules[rows[0]], task))


def rule_html(rule: Rule, task: Task) -> str:
    """One rule in full."""
    unit = html.escape(unit_of(task))
    measured = _measured_html(rule, task)
    rows = "".join(
        f"<tr><td>{html.escape(c.context)}</td><td class='wm-num'>{c.count:,}</td>"
        f"<td class='wm-num'>{c.mean:+.2f}</td><td class='wm-num'>{percent(c.reversed_share)}</td></tr>"
        for c in rule.contexts
    )
    return (
        f'<section class="wm-card wm-cf" data-rule="{html.escape(rule.name, quote=True)}">'
        f"<h3>{html.escape(rule.name[:1].upper() + rule.name[1:])}</h3>"
        f"<p><b>{html.escape(effect_in_words(rule))}</b> {unit} on average over {rule.molecules:,} molecules"
        f"{'' if rule.sure else ': the interval holds 0, so that the direction is not sure'}. "
        f"It goes the other way: {html.escape(reversals_in_words(rule))}.</p>{measured}"
        '<div class="wm-scroll"><table class="wm-table"><thead><tr><th>Surroundings</th><th>Edits</th><th>Effect</th>'
        f"<th>Reversed</th></tr></thead><tbody>{rows}</tbody></table></div>{legend_html()}"
        f'<div class="wm-thumbs wm-dr">{"".join(_example(effect) for effect in rule.examples)}</div></section>'
    )


def pair_svg(effect: Effect, width: int = _WIDTH, height: int = _HEIGHT) -> str:
    """Both molecules of an edit as one picture."""
    before, after = draw_pair(
        effect.before, effect.after, effect.origin, effect.changed_before, effect.changed, width, height
    )
    gap = 22
    total = 2 * width + gap
    arrow = (
        f'<text x="{width + gap / 2}" y="{height / 2 + 5}" font-family="Helvetica, Arial, sans-serif" font-size="16" '
        'text-anchor="middle" fill="#5B6875">→</text>'
    )
    moved = after.replace("<svg ", f'<svg x="{width + gap}" ', 1)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{height}" viewBox="0 0 {total} {height}">'
        f"{before}{arrow}{moved}</svg>"
    )


def _row(rule: Rule, task: Task) -> dict[str, object]:
    return {
        "example": theme.as_data_uri(pair_svg(rule.examples[0])) if rule.examples else None,
        "rule": rule.name,
        "effect": rule.effect.value,
        "low": rule.effect.low if rule.molecules > 1 else None,
        "high": rule.effect.high if rule.molecules > 1 else None,
        "edits": rule.edits,
        "molecules": rule.molecules,
        "reversed": reversals_in_words(rule),
        "measured": measured_in_words(rule, task),
    }


def _measured_html(rule: Rule, task: Task) -> str:
    if rule.measured is None:
        return ""
    direction = rule.measured.same_direction
    agree = "" if direction is None else f"; where the measurement moved, {percent(direction)} went as predicted"
    kind = "share measured " + task.positive if task.kind == "classification" else "value"
    return (
        f"<p>Both molecules were measured in {html.escape(measured_in_words(rule, task))} (change of the "
        f"{html.escape(kind)}{html.escape(agree)}). The model may have been trained on some of them.</p>"
    )


def _example(effect: Effect) -> str:
    alt = f"{effect.before} becomes {effect.after}"
    return (
        f'<figure class="wm-thumb">{theme.picture(pair_svg(effect, 210, 140), alt)}<figcaption>'
        f"<b>{effect.change:+.2f}</b><span>{html.escape(effect.name)}; {html.escape(', '.join(effect.contexts))}</span>"
        "</figcaption></figure>"
    )
