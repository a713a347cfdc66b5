"""How hard a molecule looks to make: 1 easy, 10 hard.

The score of Ertl and Schuffenhauer 2009 (doi 10.1186/1758-2946-1-8): how common a molecule's fragments are among
known ones, less penalties for size, stereocentres, spiro and bridged rings and macrocycles. RDKit brings the program
and its table in the contributed part of its installation, which is no package that could be imported by name.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path

from rdkit import Chem, RDConfig


def sa_score(mol: Chem.Mol) -> float | None:
    """Synthetic accessibility of a molecule.

    Parameters
    ----------
    mol
        Sanitised.

    Returns
    -------
    float or None
        1 (easy) to 10 (hard); None for a molecule without atoms or bonds to score, or where RDKit was installed
        without its contributed programs.
    """
    scorer = _scorer()
    if scorer is None or not mol.GetNumAtoms():
        return None
    try:
        return float(scorer(mol))
    except (ZeroDivisionError, ValueError):
        return None


def is_available() -> bool:
    """Whether this installation of RDKit brings the score."""
    return _program().is_file()


def _program() -> Path:
    return Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"


@cache
def _scorer() -> Callable[[Chem.Mol], float] | None:
    if not is_available():
        return None
    spec = importlib.util.spec_from_file_location("sascorer", _program())
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with warnings.catch_warnings():
        # It leaves its table's file to the garbage collector.
        warnings.simplefilter("ignore", ResourceWarning)
        module.readFragmentScores()
    scorer: Callable[[Chem.Mol], float] = module.calculateScore
    return scorer
