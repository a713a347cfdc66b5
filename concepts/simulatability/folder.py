"""The folder of a study: what was asked, the parts that are done, and how far it is.

- run.json: settings, versions and seed; a study with other settings is refused
- graphs.json: the graphs of the study, for those who want to bring masks for them
- masks/: masks of explainers that take long, kept from the first part to the last
- parts/part-00000.parquet: one row a student, written whole and renamed
- progress.json: parts that are done, and the scores so far
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from concepts.simulatability.masks import Masks
from megan.files import write_beside

PACKAGES: Final = ("torch", "numpy", "scipy", "rdkit")


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """A folder, or none: then nothing is kept."""

    path: Path | None

    def claim(self, settings: Mapping[str, Any]) -> None:
        """Note what this study is, or make sure that the folder holds the same.

        Raises
        ------
        ValueError
            If it holds a study with other settings, or something else.
        """
        if self.path is None:
            return
        wanted = json.loads(json.dumps(settings))
        file = self.path / "run.json"
        if not file.exists():
            versions = {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
            self._write(file, {"settings": wanted, "versions": versions})
            return
        try:
            found = json.loads(file.read_text(encoding="utf-8"))["settings"]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"run folder {self.path.name!r} holds a run.json that is no study's") from error
        if found != wanted:
            changed = sorted(key for key in wanted.keys() | found.keys() if found.get(key) != wanted.get(key))
            raise ValueError(
                f"run folder {self.path.name!r} holds a study with other {', '.join(changed)}; expected the same, or "
                "another folder"
            )

    def part(self, number: int) -> pd.DataFrame | None:
        """A part that is done."""
        file = self._part_file(number)
        return pd.read_parquet(file) if file is not None and file.is_file() else None

    def keep_part(self, number: int, rows: pd.DataFrame) -> None:
        """Keep a part; it is there whole or not at all."""
        file = self._part_file(number)
        if file is not None:
            with write_beside(file) as beside:
                rows.to_parquet(beside, index=False)

    def masks(self, name: str) -> Masks | None:
        """Masks that were kept."""
        file = self._mask_file(name)
        if file is None or not file.is_file():
            return None
        with np.load(file, allow_pickle=False) as arrays:
            return Masks(arrays["nodes"], arrays["edges"])

    def keep_masks(self, name: str, masks: Masks) -> None:
        """Keep masks for the parts to come."""
        file = self._mask_file(name)
        if file is not None:
            with write_beside(file) as beside, beside.open("wb") as out:
                np.savez_compressed(out, nodes=masks.nodes, edges=masks.edges)

    def note(self, name: str, record: Mapping[str, Any]) -> None:
        """Write a record such as progress.json."""
        if self.path is not None:
            self._write(self.path / f"{name}.json", record)

    def _part_file(self, number: int) -> Path | None:
        return self.path / "parts" / f"part-{number:05d}.parquet" if self.path is not None else None

    def _mask_file(self, name: str) -> Path | None:
        return self.path / "masks" / f"{name}.npz" if self.path is not None else None

    @staticmethod
    def _write(file: Path, record: Mapping[str, Any]) -> None:
        with write_beside(file) as beside:
            beside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
