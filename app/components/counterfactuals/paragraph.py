"""A pair in words: a paragraph from the data alone, and on request one by a language model.

The first click shows what would be sent and where; only the second sends it. The answer is kept on this machine, and
found again for the same pair.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from app.components.language_model_setup import HOW_TO_SET_UP
from app.components.markdown import plain
from app.counterfactuals.paragraph_store import keep, kept
from concepts.counterfactuals.counterfactual import Counterfactual, Start
from concepts.counterfactuals.pair_explanation import CAVEAT, PairExplanation, explain
from concepts.counterfactuals.pair_paragraph import paragraph
from concepts.counterfactuals.pair_prompt import pair_prompt
from concepts.hypotheses.client import NoHypothesis, language_model
from concepts.hypotheses.prompt import Prompt
from datasets.tasks import Task

_KEPT = "cf-paragraphs"


def show(start: Start, found: Counterfactual, tasks: Sequence[Task]) -> None:
    """The pair in words, and the way to ask for more.

    Parameters
    ----------
    start
        What the search began with.
    found
        A molecule that it handed out.
    tasks
        Those that were asked about, the one that was searched for first.
    """
    with st.expander("In words"):
        st.html(f"<p>{html.escape(paragraph(start, found, tasks))}</p>")
        prompt = pair_prompt(start, found, tasks)
        key = prompt.sha256[:16]
        answer = _answer(prompt)
        if answer is not None:
            st.html(explanation_html(answer))
        if not st.session_state.get(f"cf-asking-{key}"):
            label = "Ask for another" if answer else "Ask a language model why"
            st.button(label, key=f"cf-ask-{key}", on_click=_set, args=(f"cf-asking-{key}", True))
            st.caption("The exact text is shown first; nothing is sent before you have seen it.")
            return
        with st.container(border=True, key=f"cf-llm-{key}"):
            _ask(prompt, key)


def explanation_html(answer: PairExplanation) -> str:
    """A paragraph of a language model, marked as what it is, with where it came from."""
    parts = {
        "Against it": answer.against,
        "What would tell": answer.test,
        "Confidence": answer.confidence,
        "Written by": f"{answer.model}, {answer.created}, prompt sha256 {answer.prompt_sha256[:16]}…",
    }
    lines = "".join(f"<dt>{name}</dt><dd>{html.escape(text)}</dd>" for name, text in parts.items())
    return (
        f'<div class="wm-note" role="note"><b>{html.escape(CAVEAT)}</b></div>'
        f'<p class="wm-claim">{html.escape(answer.paragraph)}</p><dl class="wm-facts">{lines}</dl>'
    )


def _ask(prompt: Prompt, key: str) -> None:
    to = language_model()
    st.markdown("**This text would be sent, both molecules with it, and nothing else**")
    st.code(prompt.text, language=None, wrap_lines=True, height=320)
    if isinstance(to, NoHypothesis):
        st.warning(plain(to.sentence))
        st.markdown("Set these in the environment in which you start WhyMol, and start it again:")
        st.code(HOW_TO_SET_UP, language="bash")
    else:
        st.caption(f"It goes to {plain(to.url)}, to the model {plain(to.model)}. Prompt sha256 {prompt.sha256[:16]}….")
    with st.container(horizontal=True, gap="small"):
        sent = not isinstance(to, NoHypothesis) and st.button("Send it", type="primary", key=f"cf-send-{key}")
        st.button("Close", key=f"cf-close-{key}", on_click=_set, args=(f"cf-asking-{key}", False))
    if sent:
        _send(prompt, key)


def _send(prompt: Prompt, key: str) -> None:
    with st.spinner("Waiting for the language model"):
        answer = explain(prompt)
    if isinstance(answer, NoHypothesis):
        st.error(plain(answer.sentence))
        return
    _of_session()[prompt.sha256] = answer
    try:
        keep(answer)
    except OSError:
        st.toast("The paragraph is kept for this session only: its file cannot be written.", duration="long")
    st.session_state[f"cf-asking-{key}"] = False
    st.rerun()


def _answer(prompt: Prompt) -> PairExplanation | None:
    return _of_session().get(prompt.sha256) or kept(prompt.sha256)


def _of_session() -> dict[str, PairExplanation]:
    found: dict[str, PairExplanation] = st.session_state.setdefault(_KEPT, {})
    return found


def _set(key: str, value: bool) -> None:
    st.session_state[key] = value
