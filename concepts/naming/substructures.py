"""Which of many molecules hold a substructure, answered fast: fingerprints rule most of them out before matching."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import rdSubstructLibrary

Bools = npt.NDArray[np.bool_]


class Haystack:
    """Molecules to search in, n of them.

    Parameters
    ----------
    smiles
        Standardised SMILES, which parse.
    """

    def __init__(self, smiles: Sequence[str]) -> None:
        self.mols = [Chem.MolFromSmiles(text) for text in smiles]
        holder, fingerprints = rdSubstructLibrary.MolHolder(), rdSubstructLibrary.PatternHolder()
        for mol in self.mols:
            holder.AddMol(mol)
            fingerprints.AddMol(mol)
        self._library = rdSubstructLibrary.SubstructLibrary(holder, fingerprints)
        self._known: dict[str, Bools] = {}

    def __len__(self) -> int:
        return len(self.mols)

    def holding(self, *patterns: Chem.Mol) -> Bools:
        """Which molecules hold any of the patterns, (n,)."""
        found = np.zeros(len(self), bool)
        for pattern in patterns:
            found |= self._holding(pattern)
        return found

    def _holding(self, pattern: Chem.Mol) -> Bools:
        text = Chem.MolToSmarts(pattern)
        if text not in self._known:
            hits = np.zeros(len(self), bool)
            if len(self):
                hits[list(self._library.GetMatches(pattern, numThreads=1, maxResults=len(self)))] = True
            self._known[text] = hits
        return self._known[text]
