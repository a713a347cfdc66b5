"""A peer's predictions of a task: from its cache, or by training it once.

The cache is a csv of predictions beside a json that says of which data, settings and versions they are. What was
trained under other conditions is not taken for an answer.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.peers.environments import ENVIRONMENTS, PeerError, peer_python, told
from megan.files import write_beside

ROOT: Final = Path(__file__).parents[2]
OWN_PACKAGES: Final = ("scikit-learn", "rdkit", "numpy")


@dataclass(frozen=True, slots=True)
class Method:
    """A peer with its settings for one task."""

    name: str
    """Also the name of its cache."""
    program: str
    """Module that is run."""
    environment: str
    """A key of `ENVIRONMENTS`, or "own"."""
    settings: Mapping[str, Any]
    """What its program reads; part of the cache's identity."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Predictions of a peer."""

    output: npt.NDArray[np.float64]
    """Shape (N,): probability of class 1, or value; NaN for the N - n molecules that were not asked (train)."""
    given: dict[str, Any]
    """What it learned from: `molecules`, `epochs`, `cpu_minutes` and more."""


def identity(method: Method, data: Path) -> str:
    """Hash of all that a prediction depends on: the table, the settings, the versions."""
    packages: Any = ENVIRONMENTS.get(method.environment) or {name: version(name) for name in OWN_PACKAGES}
    parts = {"program": method.program, "settings": dict(method.settings), "packages": packages}
    text = json.dumps(parts, sort_keys=True) + hashlib.sha256(data.read_bytes()).hexdigest()
    return hashlib.sha256(text.encode()).hexdigest()


def cached(method: Method, data: Path) -> Answer | None:
    """The predictions beside the table, if they are there and of the same table, settings and versions."""
    file = data.parent / f"{method.name}.csv"
    record = file.with_suffix(".json")
    if not (file.is_file() and record.is_file()):
        return None
    kept = json.loads(record.read_text(encoding="utf-8"))
    if kept.get("identity") != identity(method, data):
        return None
    return Answer(_read(file, data), kept["given"])


def trained(method: Method, data: Path, peers: Path = Path("runs/peers")) -> Answer:
    """Train the peer, keep its predictions beside the table, and give them back.

    Raises
    ------
    PeerError
        If it cannot be installed, does not finish, or leaves a molecule out.
    """
    python = peer_python(method.environment, peers)
    file = data.parent / f"{method.name}.csv"
    alone = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env = alone | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    with write_beside(file) as beside:
        answered = beside.with_suffix(".json")
        start = _cpu_of_children()
        told(
            [str(python), "-m", method.program, "--data", str(data.absolute()), "--settings",
             json.dumps(dict(method.settings)), "--out", str(beside.absolute())],
            env, ROOT,
        )  # fmt: skip
        minutes = (_cpu_of_children() - start) / 60
        try:
            given = json.loads(answered.read_text(encoding="utf-8")) | {"cpu_minutes": round(minutes, 2)}
        finally:
            answered.unlink(missing_ok=True)
        output = _read(beside, data)
    # After the predictions: a record that came first would vouch for older ones if this were killed in between.
    record = {"identity": identity(method, data), "settings": dict(method.settings), "given": given}
    with write_beside(file.with_suffix(".json")) as beside:
        beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return Answer(output, given)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _read(file: Path, data: Path) -> npt.NDArray[np.float64]:
    splits = pd.read_csv(data, usecols=["split"])["split"].to_numpy()
    said = pd.read_csv(file)
    output = np.full(len(splits), np.nan)
    output[said["row"].to_numpy()] = said["prediction"].to_numpy(dtype=np.float64)
    wanted = np.isin(splits, ("valid", "test"))
    if missing := int((wanted & ~np.isfinite(output)).sum()):
        raise PeerError(f"{missing} of {int(wanted.sum())} molecules have no finite prediction in {file.name}")
    return output
