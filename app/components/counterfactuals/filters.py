"""Which of the molecules found are shown, and in which order; nothing is searched again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from concepts.counterfactuals.counterfactual import Counterfactual

RECOMMENDED: Final = "as recommended"
SIMILAR: Final = "most similar first"
FEWEST: Final = "fewest edits first"
EASIEST: Final = "easiest to make first"
SUREST: Final = "least spread first"
ORDERS: Final = (RECOMMENDED, SIMILAR, FEWEST, EASIEST, SUREST)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader wants to see; the defaults show everything."""

    most_edits: int | None = None
    kinds: tuple[str, ...] = ()
    """Kinds of edits of which a molecule must have one; empty for all."""
    in_domain: bool = False
    no_new_alert: bool = False
    sa_not_worse: bool = False
    order: str = RECOMMENDED

    def apply(self, found: Sequence[Counterfactual], task: str) -> list[Counterfactual]:
        """The molecules that pass, in order; ties keep the recommended order. `task` is the one that is searched."""
        passed = [molecule for molecule in found if self._passes(molecule)]
        if self.order == SIMILAR:
            passed.sort(key=lambda m: -m.similarity)
        elif self.order == FEWEST:
            passed.sort(key=lambda m: len(m.edits))
        elif self.order == EASIEST:
            passed.sort(key=lambda m: (m.sa_score is None, m.sa_score or 0.0))
        elif self.order == SUREST:
            passed.sort(key=lambda m: m.after[task].spread)
        return passed

    def _passes(self, molecule: Counterfactual) -> bool:
        return (
            (self.most_edits is None or len(molecule.edits) <= self.most_edits)
            and (not self.kinds or any(step.kind in self.kinds for step in molecule.edits))
            and (molecule.in_domain or not self.in_domain)
            and not (self.no_new_alert and molecule.new_alerts)
            and (molecule.sa_not_worse or not self.sa_not_worse)
        )


def ask(found: Sequence[Counterfactual], number: int) -> Filters:
    """Show the filters of the search with this number."""
    kinds = sorted({step.kind for molecule in found for step in molecule.edits})
    most = max(len(molecule.edits) for molecule in found)
    limits: dict[str, int | None] = {"any": None, "1": 1, "up to 2": 2}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="wm-cf-filters"):
        order = st.selectbox("Order", ORDERS, key=f"cf-order-{number}", width=200)
        chosen = st.multiselect("Kind of edit", kinds, key=f"cf-kinds-{number}", placeholder="all", width=230)
        limit = st.selectbox("Edits", list(limits), key=f"cf-limit-{number}", width=110, disabled=most == 1)
        inside = st.toggle("Only in domain", key=f"cf-inside-{number}")
        clean = st.toggle("No new alert", key=f"cf-clean-{number}")
        making = st.toggle("Not harder to make", key=f"cf-making-{number}")
    return Filters(limits[limit], tuple(chosen), inside, clean, making, order)
