"""Which set of concepts is shown: by the address, or chosen on the page; broken sets are named with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from app.components.concepts.sets import concept_set
from app.components.markdown import plain
from app.components.words import plural
from app.concepts.folders import all_sets, is_own, wording_of_set
from concepts.concept import ConceptSet

#: What the address says where concepts are to be found in the user's own molecules.
NEW: Final = "new"
_NEW_TITLE: Final = "Find concepts in your own molecules …"
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class Chosen:
    """The set that is shown."""

    name: str
    found: ConceptSet


def choose_set() -> Chosen | None:
    """Show the choice; None where there is no set, or a new one is wanted."""
    sets: dict[str, ConceptSet] = {}
    for name in all_sets():
        found = concept_set(name)
        if isinstance(found, str):
            st.warning(f"The concepts {plain(name)} cannot be shown: {plain(found)}")
        else:
            sets[name] = found
    asked = st.query_params.get("set", "")
    if not sets:
        st.info("No concepts come with this copy of WhyMol, and none were found in runs yet.")
        return None
    if asked and asked != NEW and asked not in sets:
        st.warning(f"There is no set of concepts {plain(repr(asked[:_LONGEST]))}; another is shown.")
    current = asked if asked in sets or asked == NEW else next(iter(sets))
    st.session_state["concept-set"] = current
    options = [*sets, NEW]
    titles = {name: _title(name, found) for name, found in sets.items()} | {NEW: _NEW_TITLE}
    st.selectbox(
        "Set of concepts",
        options,
        format_func=titles.__getitem__,
        key="concept-set",
        on_change=_follow_choice,
        width=560,
    )
    return None if current == NEW else Chosen(current, sets[current])


def _follow_choice() -> None:
    st.query_params.from_dict({"set": st.session_state["concept-set"]})


def _title(name: str, found: ConceptSet) -> str:
    title = wording_of_set(found).title
    if not is_own(name):
        return title
    return f"{title}: {found.data[:_LONGEST]}, {plural(found.n_molecules, 'molecule')} ({name})"
