"""A picture of the start with numbered atoms; a click keeps an atom, a second one lets it go."""

from __future__ import annotations

from typing import Final

import streamlit as st
from rdkit import Chem

from app.counterfactuals.request import kept
from concepts.counterfactuals.kept_part import kept_part
from megan.pair_drawing import draw_numbered

_SCRIPT: Final = """
export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const place = parentElement.querySelector(".wm-atoms");
  place.innerHTML = data.svg;
  const pick = (event) => {
    const hit = event.target.closest ? event.target.closest("[data-atom]") : null;
    if (hit) setTriggerValue("atom", Number(hit.getAttribute("data-atom")));
  };
  place.addEventListener("click", pick);
  return () => place.removeEventListener("click", pick);
}
"""
_picture = st.components.v2.component(
    "whymol_atoms", html='<div class="wm-atoms"></div>', js=_SCRIPT, isolate_styles=False
)


def show(smiles: str, key: str) -> None:
    """Show a standardised molecule; `key` is that of the text field that holds what is kept."""
    chosen = kept_atoms(smiles, st.session_state.get(key, ""))
    result = _picture(
        data={"svg": draw_numbered(smiles, chosen, 520, 300)}, key=f"{key}-atoms", on_atom_change=lambda: None
    )
    if result.atom is not None and 0 <= int(result.atom) < Chem.MolFromSmiles(smiles).GetNumAtoms():
        st.session_state[f"{key}-next"] = toggled(smiles, st.session_state.get(key, ""), int(result.atom))
        st.rerun()


def kept_atoms(smiles: str, text: str) -> tuple[int, ...]:
    """The atoms of a molecule that a text keeps, counted from 0; none where it means nothing for this molecule."""
    try:
        what = kept(text)
        part = None if what is None else kept_part(Chem.MolFromSmiles(smiles), what)
    except ValueError:
        return ()
    return () if part is None else tuple(sorted(part.atoms))


def toggled(smiles: str, text: str, atom: int) -> str:
    """The text that keeps one atom more, or one less."""
    atoms = set(kept_atoms(smiles, text)) ^ {atom}
    return ranges(sorted(atoms))


def ranges(atoms: list[int]) -> str:
    """Atoms counted from 0 as numbers counted from 1: "1-4, 7"."""
    runs: list[list[int]] = []
    for atom in atoms:
        if runs and atom == runs[-1][-1] + 1:
            runs[-1].append(atom)
        else:
            runs.append([atom])
    return ", ".join(f"{run[0] + 1}" if len(run) == 1 else f"{run[0] + 1}-{run[-1] + 1}" for run in runs)
