"""Pictures of screened molecules with the importance of their atoms, as the results keep it: one value an atom.

The results hold no importance of bonds, so none is drawn.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rdkit import Chem

from app import theme
from app.screening.mask_text import mask_values
from megan.drawing import CHANNEL_COLOURS, draw_explanation, draw_molecule

WIDTH, HEIGHT = 150, 96


@lru_cache(maxsize=4096)
def picture(smiles: str, mask: str = "", channel: int = 0, width: int = WIDTH, height: int = HEIGHT) -> str | None:
    """A structure as a data address.

    Parameters
    ----------
    smiles
        As predicted; its atom order is the mask's.
    mask
        Importance of every atom as the results keep it; the structure alone if empty.
    channel
        Whose colour the importance wears.
    width, height
        In pixels.

    Returns
    -------
    str or None
        None where it cannot be drawn.
    """
    try:
        if not mask:
            return theme.as_data_uri(draw_molecule(smiles, width, height))
        bonds = np.zeros(Chem.MolFromSmiles(smiles).GetNumBonds(), dtype=np.float32)
        colour = CHANNEL_COLOURS[channel % len(CHANNEL_COLOURS)]
        return theme.as_data_uri(
            draw_explanation(smiles, mask_values(mask), bonds, colour=colour, width=width, height=height)
        )
    except (ValueError, AttributeError):
        return None
