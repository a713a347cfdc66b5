"""Why a concept might act: a hypothesis by a language model, on request, after the exact text was shown.

The first click shows what would be sent and where; only the second sends it. The answer is kept for the session, and
in the set's folder where it is the user's own.
"""

from __future__ import annotations

import html

import streamlit as st

from app.components.language_model_setup import HOW_TO_SET_UP
from app.components.markdown import plain
from app.concepts.folders import is_own, read_set, set_folder
from concepts.concept import Concept, ConceptSet, Hypothesis
from concepts.hypotheses.hypothesis import (
    CAVEAT,
    NoHypothesis,
    Prompt,
    language_model,
    prompt_for,
    suppose,
    with_hypothesis,
)
from concepts.storage import ConceptsError, save_concepts
from datasets.tasks import Task

_KEPT = "hypotheses"


def with_kept(name: str, found: ConceptSet) -> ConceptSet:
    """The set with the hypotheses of this session."""
    for (of_set, concept_id), hypothesis in _kept().items():
        if of_set == name and any(concept.id == concept_id for concept in found):
            found = with_hypothesis(found, concept_id, hypothesis)
    return found


def show(name: str, concept: Concept, task: Task | None) -> None:
    """The hypothesis of a concept, and the way to ask for one.

    Parameters
    ----------
    name
        Of the concept's set.
    concept
        From a set that `with_kept` has seen.
    task
        What the model predicts, where it is known.
    """
    st.html("<h3>Hypothesis</h3>")
    if concept.hypothesis is not None:
        st.html(hypothesis_html(concept.hypothesis))
    asking = f"asking-{name}-{concept.id}"
    if not st.session_state.get(asking):
        label = "Ask for another" if concept.hypothesis else "Ask a language model for a hypothesis"
        st.button(label, key=f"ask-{concept.id}", on_click=_set, args=(asking, True))
        st.caption("The exact text is shown first; nothing is sent before you have seen it.")
        return
    with st.container(border=True, key="wm-hypothesis"):
        _ask(name, concept, task, asking)


def hypothesis_html(hypothesis: Hypothesis) -> str:
    """A hypothesis, marked as what it is, with where it came from."""
    parts = {
        "Mechanism": hypothesis.mechanism,
        "For it": hypothesis.evidence_for,
        "Against it": hypothesis.evidence_against,
        "Keywords": ", ".join(hypothesis.keywords),
        "Confidence": hypothesis.confidence,
        "Written by": f"{hypothesis.model}, {hypothesis.created}, prompt sha256 {hypothesis.prompt_sha256[:16]}…",
    }
    lines = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in parts.items() if text)
    return (
        f'<div class="wm-note" role="note"><b>{html.escape(CAVEAT)}</b></div>'
        f'<p class="wm-claim">{html.escape(hypothesis.claim)}</p><dl class="wm-facts">{lines}</dl>'
    )


def _ask(name: str, concept: Concept, task: Task | None, asking: str) -> None:
    prompt, to = prompt_for(concept, task), language_model()
    st.markdown("**This text would be sent, and nothing else**")
    st.code(prompt.text, language=None, wrap_lines=True, height=320)
    if isinstance(to, NoHypothesis):
        st.warning(plain(to.sentence))
        st.markdown("Set these in the environment in which you start WhyMol, and start it again:")
        st.code(HOW_TO_SET_UP, language="bash")
    else:
        st.caption(f"It goes to {plain(to.url)}, to the model {plain(to.model)}. Prompt sha256 {prompt.sha256[:16]}….")
    with st.container(horizontal=True, gap="small"):
        sent = not isinstance(to, NoHypothesis) and st.button("Send it", type="primary", key=f"send-{concept.id}")
        st.button("Close", key=f"close-{concept.id}", on_click=_set, args=(asking, False))
    if sent:
        _send(name, concept, prompt, task, asking)


def _send(name: str, concept: Concept, prompt: Prompt, task: Task | None, asking: str) -> None:
    with st.spinner("Waiting for the language model"):
        answer = suppose(concept, prompt, task=task)
    if isinstance(answer, NoHypothesis):
        st.error(plain(answer.sentence))
        return
    _kept()[name, concept.id] = answer
    _store(name, concept.id, answer)
    st.session_state[asking] = False
    st.rerun()


def _store(name: str, concept_id: str, answer: Hypothesis) -> None:
    """Write it into the set's folder, if it is the user's own; what cannot be written stays in the session."""
    folder = set_folder(name) if is_own(name) else None
    if folder is None:
        return
    try:
        save_concepts(folder, with_hypothesis(read_set(folder), concept_id, answer))
    except (ConceptsError, OSError) as problem:
        st.toast(f"The hypothesis is kept for this session only: {plain(str(problem))}", duration="long")


def _kept() -> dict[tuple[str, str], Hypothesis]:
    kept: dict[tuple[str, str], Hypothesis] = st.session_state.setdefault(_KEPT, {})
    return kept


def _set(key: str, value: bool) -> None:
    st.session_state[key] = value
