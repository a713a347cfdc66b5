"""The values that travel from the model to pages, commands and scripts.

All are frozen; arrays are validated for shape and range when made and are read-only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datasets.molecule import Molecule, RowProblem

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which atoms and bonds speak in which channel, averaged over the committee."""

    channels: tuple[str, ...]
    """Channel names, K of them."""
    node_importance: Floats
    """Shape (n_atoms, K), in [0, 1]; atoms in the order of `Molecule.smiles`."""
    edge_importance: Floats
    """Shape (n_bonds, K), in [0, 1]; bonds in RDKit's order for `Molecule.smiles`."""
    fidelity: Floats
    """Shape (K,): how far the output moves towards the channel because of the channel; log-odds, or the task's unit."""
    embedding: Floats
    """Shape (K, D): the explanation embedding of the first member."""

    def __post_init__(self) -> None:
        k = len(self.channels)
        for field, shape in (
            ("node_importance", (None, k)),
            ("edge_importance", (None, k)),
            ("fidelity", (k,)),
            ("embedding", (k, None)),
        ):
            array: Floats = getattr(self, field)
            if array.ndim != len(shape) or any(
                s is not None and s != n for s, n in zip(shape, array.shape, strict=True)
            ):
                raise ValueError(f"Explanation.{field} has shape {array.shape}; expected {shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"Explanation.{field} holds a value that is not finite")
            if field.endswith("importance") and array.size and (array.min() < 0 or array.max() > 1):
                raise ValueError(f"Explanation.{field} spans {array.min()}..{array.max()}; expected 0..1")
            array.flags.writeable = False


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A measured compound near the query."""

    index: int
    """Row among the measured compounds of the bundle."""
    similarity: float
    """Tanimoto similarity of Morgan fingerprints, 0 to 1."""
    label: float
    """Measured class (0 or 1) or value."""
    split: str
    """train, valid or test: whether the model has seen it."""
    smiles: str | None = None
    """Its structure where the data are on this machine, else None."""


@dataclass(frozen=True, slots=True)
class Domain:
    """How near the query is to what the model was trained on."""

    similarity: float
    """Tanimoto similarity of the nearest training compound, 0 to 1."""
    inside: bool
    """Whether that is at least the similarity that 95 % of the validation compounds reach."""
    neighbours: tuple[Neighbour, ...]
    """The nearest measured compounds, nearest first."""
    measured: Neighbour | None
    """The measured record of this very compound (same InChIKey skeleton), if there is one."""
    records: tuple[Neighbour, ...] = ()
    """All of them, `measured` first: more than one where isomers or salts were measured apart."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """The verdict on one molecule for one task, with its reasons and its trust."""

    task: str
    output: float
    """Calibrated probability of the positive class, 0 to 1; or the value in the task's unit."""
    verdict: str
    """Class name by the threshold; for regression the value with its unit, such as "-3.20 log10 mol/L"."""
    threshold: float | None
    """Probability from which the verdict is the positive class; None for regression."""
    spread: float
    """Standard deviation of the members' outputs."""
    conformal: tuple[str, ...]
    """Classification: the classes that cannot be excluded at `confidence`. Regression: ("low..high",)."""
    confidence: float
    """Nominal coverage of `conformal`, 0.9 unless asked otherwise."""
    domain: Domain
    explanation: Explanation

    @property
    def interval(self) -> tuple[float, float] | None:
        """Ends of a regression's conformal interval, in the task's unit; None for a classification."""
        if self.threshold is not None or not self.conformal:
            return None
        low, _, high = self.conformal[0].partition("..")
        return float(low), float(high)


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row of the input, predicted or not, in the input's order."""

    molecule: Molecule | RowProblem
    predictions: dict[str, Prediction]
    """By task name; empty for a RowProblem."""

    @property
    def status(self) -> str:
        """Row status: ok, warning or error."""
        if isinstance(self.molecule, RowProblem):
            return "error"
        return "warning" if self.molecule.notes else "ok"
