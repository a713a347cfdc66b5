"""What a solubility means to a chemist: a class word, and milligrams per millilitre.

The classes are those of AqSolDB, Sorkun et al. 2019, doi 10.1038/s41597-019-0151-1, on the log10 of mol/L.
"""

from __future__ import annotations

import math
from typing import Final

from rdkit import Chem
from rdkit.Chem import Descriptors

CLASSES: Final = ((0.0, "highly soluble"), (-2.0, "soluble"), (-4.0, "slightly soluble"), (-math.inf, "insoluble"))
"""Lowest value and name of each class, best dissolving first."""


def solubility_class(log_s: float) -> str:
    """The class of a solubility.

    Parameters
    ----------
    log_s
        log10 of mol/L.

    Raises
    ------
    ValueError
        If it is not a number.
    """
    if math.isnan(log_s):
        raise ValueError("log_s is nan; expected a number")
    return next(name for least, name in CLASSES if log_s >= least)


def milligrams_per_millilitre(log_s: float, smiles: str) -> float:
    """A solubility in mg/mL.

    Parameters
    ----------
    log_s
        log10 of mol/L.
    smiles
        The structure whose molar mass counts; its salts count if they are in it.

    Raises
    ------
    ValueError
        If the SMILES cannot be parsed.
    """
    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None:
        raise ValueError(f"smiles is {smiles[:80]!r}; expected a SMILES that RDKit can parse")
    # Grams per litre and milligrams per millilitre are the same number.
    return float(10.0**log_s * Descriptors.MolWt(molecule))  # type: ignore[attr-defined]  # made when imported
