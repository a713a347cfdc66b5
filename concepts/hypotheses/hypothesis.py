"""Why a concept might do what it does: supposed by a language model on request, or left at what the data say.

    prompt = prompt_for(concept)                # read prompt.text first
    answer = suppose(concept, prompt)           # a Hypothesis, or why there is none
    found = with_hypothesis(found, concept.id, answer)

Whatever a model writes is text: control characters are removed, lengths are bounded, and who shows it escapes it.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import re
from typing import Any, Final

from concepts.concept import Concept, ConceptSet, Hypothesis
from concepts.hypotheses.client import LanguageModel, NoHypothesis, Reason, language_model, send
from concepts.hypotheses.prompt import (
    AGAIN,
    CONFIDENCES,
    CONTRIBUTION,
    FIELDS,
    HIGHLIGHTED,
    MEASURED,
    UNSEEN,
    Prompt,
    channel_question,
    one_line,
    part_words,
    prompt_for,
    side,
    statistics,
    title_of,
    unit_words,
)
from datasets.tasks import Task

__all__ = [
    "CAVEAT",
    "LanguageModel",
    "NoHypothesis",
    "Prompt",
    "Reason",
    "language_model",
    "object_in",
    "paragraph_of",
    "parsed",
    "prompt_for",
    "suppose",
    "with_hypothesis",
]

CAVEAT: Final = "Machine-written and unverified: a language model supposed this from the data shown. It may be wrong."
"""Stands beside every hypothesis, wherever it is shown."""
LONGEST: Final = {"claim": 400, "mechanism": 1200, "evidence_for": 1200, "evidence_against": 1200}
"""Characters of each text."""
MOST_KEYWORDS: Final = 10
LONGEST_KEYWORD: Final = 80
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)


def suppose(
    concept: Concept,
    prompt: Prompt | None = None,
    to: LanguageModel | NoHypothesis | None = None,
    task: Task | None = None,
) -> Hypothesis | NoHypothesis:
    """Ask a language model for a hypothesis. This sends the prompt; call it only when somebody asked for it.

    Parameters
    ----------
    concept
        What to explain.
    prompt
        What was shown before; made anew where it is not given.
    to
        Where to send; from the environment where it is not given.
    task
        As in `prompt_for`.

    Returns
    -------
    Hypothesis or NoHypothesis
        Nothing is raised for what a server or its answer does wrong.
    """
    prompt = prompt or prompt_for(concept, task)
    to = to or language_model()
    if isinstance(to, NoHypothesis):
        return to
    answer = send(prompt, to)
    return answer if isinstance(answer, NoHypothesis) else parsed(answer, to.model, prompt)


def parsed(answer: str, model: str, prompt: Prompt) -> Hypothesis | NoHypothesis:
    """A hypothesis from a model's text: JSON, bare, fenced, or with words around it.

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
    texts = {name: one_line(str(found.get(name) or ""), longest) for name, longest in LONGEST.items()}
    given = found.get("keywords")
    listed = given.split(",") if isinstance(given, str) else given if isinstance(given, list) else []
    keywords = tuple(
        word for word in (one_line(str(item), LONGEST_KEYWORD) for item in listed[: 4 * MOST_KEYWORDS]) if word
    )
    confidence = one_line(str(found.get("confidence") or "")).lower()
    missing = [name for name, text in texts.items() if not text]
    missing += [] if keywords else ["keywords"]
    missing += [] if confidence in CONFIDENCES else ["confidence"]
    if missing:
        return NoHypothesis(
            Reason.MISSING_FIELDS,
            f"The language model's answer has no usable {', '.join(missing)}; expected {', '.join(FIELDS)}.",
        )
    return Hypothesis(
        **texts,
        keywords=keywords[:MOST_KEYWORDS],
        confidence=confidence,
        model=one_line(model),
        prompt_sha256=prompt.sha256,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def with_hypothesis(found: ConceptSet, concept_id: str, hypothesis: Hypothesis | None) -> ConceptSet:
    """The same set with another hypothesis, or none, at one concept; `concepts.storage` keeps it.

    Raises
    ------
    ValueError
        If there is no such concept.
    """
    chosen = dataclasses.replace(found.by_id(concept_id), hypothesis=hypothesis)
    return dataclasses.replace(found, concepts=tuple(chosen if c.id == concept_id else c for c in found))


def paragraph_of(concept: Concept, task: Task | None = None) -> str:
    """What the data say about a concept, in sentences; it stands where there is no hypothesis.

    Parameters
    ----------
    concept, task
        As in `prompt_for`.
    """
    numbers, where = statistics(concept, task), side(concept, task)
    name = one_line(concept.name) or "no common name"
    predicted = next(name for name in numbers if name.startswith("Mean predict"))
    sentences = [
        f"{name[0].upper()}{name[1:]} ({title_of(concept, task)}): {concept.n_members:,} molecules in "
        f"which the network looks at like parts when it asks {channel_question(concept, task)}.",
        f"These parts, {numbers[HIGHLIGHTED]} atoms, move the output by {numbers[CONTRIBUTION]}.",
        f"The {predicted[0].lower()}{predicted[1:]} is {numbers[predicted]}.",
        "None of the members was measured."
        if concept.hit_rate is None
        else f"Of the measured members, {numbers[MEASURED + where]} are {where}"
        + (f"; of those that the network has not learned from, {numbers[UNSEEN]}." if UNSEEN in numbers else "."),
        f"In {numbers[AGAIN]} of the resamples of all molecules the group was found again.",
    ]
    if concept.parts:
        sentences.append(f"The most telling part is {part_words(concept.parts[0], concept)}.")
    known = concept.known_alerts
    if known:
        alerts = ", ".join(
            f"{one_line(a.name)} ({one_line(a.catalog)}, {a.in_members} of {concept.n_members})" for a in known
        )
        sentences.append(f"Published alerts that most members carry: {alerts}.")
    else:
        sentences.append("It matches no known alert of PAINS, Brenk or Kazius.")
    if concept.prototypes:
        first = concept.prototypes[0]
        sentences.append(
            f"The smallest molecule found that the network still sees so is {one_line(first.smiles)}; "
            f"there the parts move the output by "
            f"{first.contribution:.2f} {unit_words(concept, task)}."
        )
    sentences.append(
        "These are counts and model outputs, in brackets their 95 % intervals; why the parts act so is not in them."
    )
    return " ".join(sentences)


def object_in(answer: str) -> dict[str, Any] | None:
    """The first JSON object in a model's text, bare, fenced, or with words around it; None where there is none."""
    text = _THOUGHT.sub("", answer)
    decoder = json.JSONDecoder()
    at = text.find("{")
    for _ in range(20):
        if at < 0:
            return None
        try:
            found, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict) and found:
            return found
        at = text.find("{", at + 1)
    return None
