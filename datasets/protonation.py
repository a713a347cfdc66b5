"""The charge states that a molecule takes at the pH of an assay, from rules (dimorphite-dl).

Aggregation depends on charge, so the states are predicted side by side. The rules know pKa values of functional groups
and their spread: Ropp et al., J. Cheminform. 2019, 11, 14, doi 10.1186/s13321-019-0336-9. They give no populations.
"""

from __future__ import annotations

from typing import Final

from rdkit import Chem, rdBase

from datasets.smiles import ParseFailure, parse
from datasets.standardize import Policy, parent_smiles

#: Most states that are given for one molecule.
MAX_STATES: Final = 8

#: Most states that are enumerated; a chain of n amines has 2**n.
_MAX_ENUMERATED: Final = 64


def protonation_states(smiles: str, ph_min: float = 6.4, ph_max: float = 8.4) -> list[str]:
    """Enumerate the charge states of a molecule within a pH window.

    Parameters
    ----------
    smiles
        A SMILES that parses, as in `Molecule.smiles`.
    ph_min, ph_max
        Bounds of the pH window, 0 to 14; the default is the published range for aggregation assays.

    Returns
    -------
    list of str
        At most `MAX_STATES` canonical SMILES without repeats: the input first, whether or not it exists at that pH,
        then the states by net charge and text; where there are more, evenly spaced ones, so that both extremes of net
        charge are among them. Only the input where the rules fail on an odd molecule; an empty list where it does not
        parse.

    Raises
    ------
    ValueError
        If the window is not within 0 to 14 or is empty.
    """
    if not 0 <= ph_min <= 14:
        raise ValueError(f"ph_min is {ph_min!r}; expected a pH from 0 to 14")
    if not ph_min <= ph_max <= 14:
        raise ValueError(f"ph_max is {ph_max!r}; expected a pH from ph_min ({ph_min}) to 14")
    given = parent_smiles(smiles, Policy.AS_DRAWN)
    if given is None:
        return []
    states = {state for found in _dimorphite(given, ph_min, ph_max) if (state := parent_smiles(found, Policy.AS_DRAWN))}
    ranked = sorted(states - {given}, key=lambda state: (_net_charge(state), state))
    room = MAX_STATES - 1
    if len(ranked) > room:
        ranked = [ranked[round(step * (len(ranked) - 1) / (room - 1))] for step in range(room)]
    return [given, *ranked]


def _dimorphite(smiles: str, ph_min: float, ph_max: float) -> list[str]:
    # Imported here: it costs 0.2 s, which only those should pay who ask for charge states.
    from dimorphite_dl import protonate_smiles

    try:
        with rdBase.BlockLogs():
            # A list, since a text could also name a file, which would be read instead.
            return list(protonate_smiles([smiles], ph_min=ph_min, ph_max=ph_max, max_variants=_MAX_ENUMERATED))
    except Exception:  # noqa: BLE001 - rules that fail on an odd molecule must not take the prediction with them
        return []


def _net_charge(smiles: str) -> int:
    mol = parse(smiles)
    return 0 if isinstance(mol, ParseFailure) else int(Chem.GetFormalCharge(mol))
