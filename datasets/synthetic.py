"""Generated data sets in which the cause of every label is known, because it was drawn on purpose.

Graphs are no molecules: their nodes carry a colour in the column of the element codes, every other column is 0. The
same size and seed give the same graphs; a set of another size holds other ones.

Sources: rb_dual_motifs and rb_adv_motifs follow MEGAN, Teufel et al. 2023, doi 10.1007/978-3-031-44067-0_18, and
"Quantifying the Intrinsic Usefulness of Attributional Explanations for GNNs with Artificial Simulatability Studies",
Teufel et al. 2023; ba2motifs follows PGExplainer, Luo et al. 2020, arXiv 2011.04573. The motifs are our own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from datasets.explained import ExplainedSet
from datasets.motifs import (
    BLUE_RING,
    BLUE_STAR,
    CAUSELESS,
    CYCLE,
    GREY,
    HOUSE,
    RED_STAR,
    RED_TRIANGLE,
    Drawing,
    coloured_base,
    finish,
    preferential_base,
)
from datasets.splits import random_split
from datasets.tasks import BA2MOTIFS, RB_ADV_MOTIFS, RB_DUAL_MOTIFS, Task

LOWERS, RAISES = 0, 1
CONTRIBUTIONS: Final = (
    (RED_TRIANGLE, LOWERS, -1.0),
    (RED_STAR, LOWERS, -2.0),
    (BLUE_RING, RAISES, 1.0),
    (BLUE_STAR, RAISES, 2.0),
)
"""Motif, channel, and what one copy adds to the value."""
MOST_COPIES = 2
NOISE = 0.1
"""Standard deviation of what no motif explains in the value."""
BASE_NODES = (14, 30)
"""Fewest and most nodes of a coloured base."""
BA_NODES = 20


def rb_dual_motifs(n: int = 5000, seed: int = 0) -> ExplainedSet:
    """Values that are sums: red motifs lower, blue motifs raise, each of four is there 0 to 2 times.

    Parameters
    ----------
    n
        Number of graphs.
    seed
        Of all randomness.

    Returns
    -------
    ExplainedSet
        Regression. The one valid explanation of a channel is all motifs of its sign, since each copy counts.

    Raises
    ------
    ValueError
        If n is not positive.
    """
    rng = _generator(n, seed)
    drawings, values = [], []
    for _ in range(n):
        drawing, grey = _colours(rng)
        value = 0.0
        for motif, channel, contribution in CONTRIBUTIONS:
            for _copy in range(int(rng.integers(MOST_COPIES + 1))):
                drawing.add_motif(motif, grey, channel, rng)
                value += contribution
        drawings.append(drawing)
        values.append(value)
    labels = np.array(values) + rng.normal(0.0, NOISE, n)
    return _explained(RB_DUAL_MOTIFS, drawings, labels, rng, seed)


def rb_adv_motifs(n: int = 5000, seed: int = 0, adversarial: bool = False) -> ExplainedSet:
    """Star or ring decides the class; a red motif beside it, drawn by a fair coin, has nothing to do with it.

    Parameters
    ----------
    n
        Number of graphs.
    seed
        Of all randomness.
    adversarial
        Give the red motif's mask as the explanation of the class, which is wrong; graphs and labels stay the same.

    Returns
    -------
    ExplainedSet
        Classes "star" and "ring", as many of each as n allows.

    Raises
    ------
    ValueError
        If n is not positive.
    """
    rng = _generator(n, seed)
    classes = _balanced(n, rng)
    drawings = []
    for label in classes:
        drawing, grey = _colours(rng)
        true, misleading = (CAUSELESS, label) if adversarial else (label, CAUSELESS)
        drawing.add_motif((BLUE_STAR, BLUE_RING)[label], grey, true, rng)
        drawing.add_motif((RED_STAR, RED_TRIANGLE)[int(rng.integers(2))], grey, misleading, rng)
        drawings.append(drawing)
    return _explained(RB_ADV_MOTIFS, drawings, np.array(classes, dtype=float), rng, seed)


def ba2motifs(n: int = 1000, seed: int = 0) -> ExplainedSet:
    """A house or a cycle of five on a Barabasi-Albert tree of twenty; nothing has a colour, only shape tells.

    Parameters
    ----------
    n
        Number of graphs.
    seed
        Of all randomness.

    Returns
    -------
    ExplainedSet
        Classes "house" and "cycle", as many of each as n allows.

    Raises
    ------
    ValueError
        If n is not positive.
    """
    rng = _generator(n, seed)
    classes = _balanced(n, rng)
    drawings = []
    for label in classes:
        drawing = preferential_base(BA_NODES, rng)
        drawing.add_motif((HOUSE, CYCLE)[label], range(BA_NODES), label, rng)
        drawings.append(drawing)
    return _explained(BA2MOTIFS, drawings, np.array(classes, dtype=float), rng, seed)


GENERATORS: Final[dict[str, Callable[[int, int], ExplainedSet]]] = {
    RB_DUAL_MOTIFS.name: rb_dual_motifs,
    RB_ADV_MOTIFS.name: rb_adv_motifs,
    BA2MOTIFS.name: ba2motifs,
}


def _generator(n: int, seed: int) -> np.random.Generator:
    if n < 1:
        raise ValueError(f"n is {n}; expected at least 1")
    return np.random.default_rng([seed, n])


def _colours(rng: np.random.Generator) -> tuple[Drawing, list[int]]:
    """Draw a base and list its grey nodes, the only ones that motifs may hang on."""
    drawing = coloured_base(int(rng.integers(BASE_NODES[0], BASE_NODES[1] + 1)), rng)
    return drawing, [node for node, colour in enumerate(drawing.colours) if colour == GREY]


def _balanced(n: int, rng: np.random.Generator) -> list[int]:
    classes: list[int] = rng.permutation(np.arange(n) % 2).tolist()
    return classes


def _explained(
    task: Task,
    drawings: list[Drawing],
    labels: np.ndarray[tuple[int], np.dtype[np.float64]],
    rng: np.random.Generator,
    seed: int,
) -> ExplainedSet:
    done = finish(drawings, len(task.channels), rng)
    return ExplainedSet(
        name=task.name,
        kind=task.kind,
        channels=task.channels,
        batch=done.batch,
        labels=labels.astype(np.float32),
        split=random_split(len(drawings), seed=seed),
        node_masks=done.node_masks,
        edge_masks=done.edge_masks,
    )
