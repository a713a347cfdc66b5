"""A paragraph on a pair by a language model, on request: typed, bounded, and marked as what it is.

    prompt = pair_prompt(start, found, tasks)          # read prompt.text first
    answer = explain(prompt)                           # a PairExplanation, or why there is none

Whatever a model writes is text: control characters are removed, lengths are bounded, and who shows it escapes it.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from concepts.counterfactuals.pair_prompt import FIELDS, SCHEMA
from concepts.hypotheses.client import LanguageModel, NoHypothesis, Reason, language_model, send
from concepts.hypotheses.hypothesis import object_in
from concepts.hypotheses.prompt import CONFIDENCES, Prompt, one_line

CAVEAT: Final = "Machine-written and unverified: a language model supposed this from the data shown. It may be wrong."
"""Stands beside every such paragraph, wherever it is shown."""
LONGEST: Final = {"paragraph": 2000, "against": 1200, "test": 800}
"""Characters of each text."""


@dataclass(frozen=True, slots=True)
class PairExplanation:
    """What a language model supposed about a pair."""

    paragraph: str
    against: str
    """What speaks against it."""
    test: str
    """What would tell."""
    confidence: str
    """low, medium or high, in the model's own view."""
    model: str
    prompt_sha256: str
    """Of the exact text that it was sent."""
    created: str
    """Date and time, UTC, ISO 8601."""


def explain(prompt: Prompt, to: LanguageModel | NoHypothesis | None = None) -> PairExplanation | NoHypothesis:
    """Ask a language model about a pair. This sends the prompt; call it only when somebody asked for it.

    Parameters
    ----------
    prompt
        Of `concepts.counterfactuals.pair_prompt.pair_prompt`, as it was shown.
    to
        Where to send; from the environment where it is not given.

    Returns
    -------
    PairExplanation or NoHypothesis
        Nothing is raised for what a server or its answer does wrong.
    """
    to = to or language_model()
    if isinstance(to, NoHypothesis):
        return to
    answer = send(prompt, to, schema=SCHEMA)
    return answer if isinstance(answer, NoHypothesis) else parsed(answer, to.model, prompt)


def parsed(answer: str, model: str, prompt: Prompt) -> PairExplanation | NoHypothesis:
    """An explanation from a model's text: JSON, bare, fenced, or with words around it.

    Parameters
    ----------
    answer
        What the model wrote.
    model
        Its name.
    prompt
        What it was sent.
    """
    found = object_in(answer)
    if found is None:
        return NoHypothesis(Reason.BAD_JSON, "The language model's answer is no JSON object.")
    given = {name: found.get(name) for name in FIELDS}
    texts = {name: one_line(v, LONGEST[name]) if isinstance(v := given[name], str) else "" for name in LONGEST}
    confidence = one_line(given["confidence"]).lower() if isinstance(given["confidence"], str) else ""
    missing = [name for name, text in texts.items() if not text]
    missing += [] if confidence in CONFIDENCES else ["confidence"]
    if missing:
        return NoHypothesis(
            Reason.MISSING_FIELDS,
            f"The language model's answer has no usable {', '.join(missing)}; expected {', '.join(FIELDS)}.",
        )
    return PairExplanation(
        **texts,
        confidence=confidence,
        model=one_line(model),
        prompt_sha256=prompt.sha256,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
