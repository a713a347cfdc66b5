"""Concepts on disk: concepts.json that people and programs read, and concepts.safetensors. Nothing is unpickled."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from concepts.concept import (
    AlertOverlap,
    Concept,
    ConceptMap,
    ConceptSet,
    ExtractionSettings,
    Histogram,
    Hypothesis,
    Member,
    Part,
    Prototype,
    Stage,
)
from datasets.file_hash import file_sha256
from megan.files import write_beside
from megan.metrics import Interval

FORMAT: Final = 1
SHIPPED: Final = Path(__file__).parent / "shipped"
"""Concepts of the shipped models, a folder a task."""
_JSON, _ARRAYS = "concepts.json", "concepts.safetensors"
_OF_CONCEPT = ("centroid", "medoid")
_OF_MAP = ("points", "channel", "concept", "keys", "anchors", "origin", "axes")
_INTERVALS = ("contribution", "mask_size", "prediction", "hit_rate", "hit_rate_test")


class ConceptsError(ValueError):
    """Stored concepts are missing, incomplete, or from another version."""


def shipped_concepts() -> tuple[str, ...]:
    """Names of the tasks whose concepts come with the package, in alphabetical order."""
    return tuple(sorted(file.parent.name for file in SHIPPED.glob(f"*/{_JSON}")))


def save_concepts(folder: Path, found: ConceptSet) -> None:
    """Write a set; each file is written beside and renamed, concepts.json last.

    Parameters
    ----------
    folder
        Made if it is not there.
    found
        What to write; see `concepts.extraction.for_shipping` for a set with few structures.
    """
    arrays: dict[str, npt.NDArray[Any]] = {f"map.{name}": getattr(found.map, name) for name in _OF_MAP}
    if found.concepts:
        arrays |= {name: np.stack([getattr(c, name) for c in found.concepts]) for name in _OF_CONCEPT}
    with write_beside(folder / _ARRAYS) as beside:
        safetensors.numpy.save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, beside)
    record = {"format": FORMAT, "arrays_sha256": file_sha256(folder / _ARRAYS)} | _record(found)
    with write_beside(folder / _JSON) as beside:
        beside.write_text(json.dumps(record, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def load_concepts(name_or_path: str | Path) -> ConceptSet:
    """Read the shipped set of a task by its name, or any set by its folder.

    Raises
    ------
    ConceptsError
        If there is none, or it is broken, incomplete or of another version.
    """
    shipped = SHIPPED / str(name_or_path)
    folder = next((f for f in (shipped, Path(name_or_path)) if (f / _JSON).is_file()), None)
    if folder is None:
        known = ", ".join(shipped_concepts()) or "no shipped set"
        raise ConceptsError(f"concepts are {str(name_or_path)!r}; expected {known}, or a folder with a {_JSON}")
    try:
        record: dict[str, Any] = json.loads((folder / _JSON).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConceptsError(f"{folder.name}/{_JSON} is not valid JSON: {error}") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        given = record.get("format") if isinstance(record, dict) else None
        raise ConceptsError(
            f"{folder.name}/{_JSON} has format {given!r}; expected {FORMAT}: extract the concepts again with this "
            "version, or use the version that wrote them"
        )
    if not (folder / _ARRAYS).is_file():
        raise ConceptsError(f"concepts {folder.name!r} have no {_ARRAYS}")
    if file_sha256(folder / _ARRAYS) != record.get("arrays_sha256"):
        raise ConceptsError(
            f"{folder.name}/{_ARRAYS} is not the file that {_JSON} was written with; extract the concepts again"
        )
    try:
        return _set(record, safetensors.numpy.load_file(folder / _ARRAYS))
    except (KeyError, TypeError, ValueError, IndexError, safetensors.SafetensorError) as error:
        raise ConceptsError(
            f"concepts {folder.name!r} do not hold what this version expects ({type(error).__name__}: {error}); "
            "extract them again"
        ) from error


def _record(found: ConceptSet) -> dict[str, Any]:
    fields = {f.name: getattr(found, f.name) for f in dataclasses.fields(found) if f.name not in ("concepts", "map")}
    fields["filters"] = dataclasses.asdict(found.filters)
    fields["map"] = {"method": found.map.method, "smiles": found.map.smiles}
    fields["concepts"] = [concept_record(concept) for concept in found.concepts]
    return fields


def concept_record(concept: Concept) -> dict[str, Any]:
    """A concept as JSON holds it, without its arrays; `members` and the like are lists of records."""
    record = {
        f.name: _plain(getattr(concept, f.name))
        for f in dataclasses.fields(Concept)
        if f.name not in (*_OF_CONCEPT, "histograms")
    }
    record["histograms"] = {name: histogram._asdict() for name, histogram in concept.histograms.items()}
    return record


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return [_plain(entry) for entry in value] if isinstance(value, tuple) else value


def _set(record: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> ConceptSet:
    plane = ConceptMap(
        **{name: arrays[f"map.{name}"] for name in _OF_MAP},
        method=record["map"]["method"],
        smiles=tuple(record["map"]["smiles"]),
    )
    fields = {f.name: record[f.name] for f in dataclasses.fields(ConceptSet) if f.name not in ("concepts", "map")}
    for name in ("channels", "passed", "unclustered", "notes"):
        fields[name] = tuple(fields[name])
    fields["filters"] = ExtractionSettings(**fields["filters"])
    concepts = tuple(
        _concept(entry, {name: arrays[name][index] for name in _OF_CONCEPT})
        for index, entry in enumerate(record["concepts"])
    )
    return ConceptSet(**fields, concepts=concepts, map=plane)


def _prototype(record: dict[str, Any]) -> Prototype:
    stages = tuple(Stage(*stage) for stage in record["stages"])
    return Prototype(**record | {"rounds": tuple(record["rounds"]), "stages": stages})


def _concept(record: dict[str, Any], arrays: dict[str, npt.NDArray[Any]]) -> Concept:
    fields = dict(record)
    for name in ("members", "counterexamples"):
        fields[name] = tuple(Member(**entry | {"mask": tuple(entry["mask"])}) for entry in record[name])
    for name in _INTERVALS:
        fields[name] = None if record[name] is None else Interval(**record[name])
    fields["histograms"] = {
        name: Histogram(tuple(entry["edges"]), tuple(entry["counts"])) for name, entry in record["histograms"].items()
    }
    fields["parts"] = tuple(Part(**entry) for entry in record["parts"])
    fields["alerts"] = tuple(AlertOverlap(**entry) for entry in record["alerts"])
    fields["prototypes"] = tuple(_prototype(entry) for entry in record["prototypes"])
    told = record["hypothesis"]
    fields["hypothesis"] = None if told is None else Hypothesis(**told | {"keywords": tuple(told["keywords"])})
    return Concept(**(fields | arrays))
