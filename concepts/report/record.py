"""The report for programs: one record of a set, and one flat row a concept."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from concepts.concept import Concept, ConceptSet, Prototype
from concepts.report.wording import Wording, wording_of
from concepts.storage import concept_record
from megan.metrics import Interval

if TYPE_CHECKING:
    from concepts.report.model_card import ModelCard  # brings torch in, which a record does not need

FORMAT: Final = 1
_INTERVALS: Final = ("contribution", "hit_rate", "hit_rate_test", "mask_size", "prediction")
_KEPT: Final = ("core", "radius", "stability", "counterexamples", "parts", "histograms", "hypothesis")


def report_record(found: ConceptSet, model: ModelCard) -> dict[str, Any]:
    """The report as plain lists, texts and numbers that JSON can hold.

    Parameters
    ----------
    found
        The set.
    model
        From `concepts.report.model_card`.

    Returns
    -------
    dict
        `task` and `concepts`, each with id, channel (its name), name, n_members, contribution (a number),
        hit_rate (a number or None), alerts (those that account for it, records), prototypes (SMILES) and members
        (records with smiles, label, distance and more); `intervals` holds the ends of what is given as a number.
    """
    words = wording_of(found, model.task)
    return {
        "format": FORMAT,
        "task": found.task,
        "title": words.title,
        "channels": list(found.channels),
        "unit_of_contribution": words.unit,
        "data": found.data,
        "n_molecules": found.n_molecules,
        "passed": dict(zip(found.channels, found.passed, strict=True)),
        "unclustered": dict(zip(found.channels, found.unclustered, strict=True)),
        "notes": list(found.notes),
        "model_sha256": found.model_sha256,
        "model_test": {m.key: {"value": m.value, "low": m.low, "high": m.high} for m in model.metrics},
        "hit_rate_is": words.hit(),
        "concepts": [_concept(concept, words) for concept in found],
    }


def table_rows(found: ConceptSet, model: ModelCard) -> list[dict[str, Any]]:
    """One row a concept, its columns in order; None where there is nothing to say.

    Parameters
    ----------
    found, model
        As in `report_record`.
    """
    words = wording_of(found, model.task)
    return [_row(concept, words) for concept in found]


COLUMNS: Final = (
    "id", "channel", "name", "n_members",
    *(f"{name}{end}" for name in _INTERVALS for end in ("", "_low", "_high")),
    "unit_of_contribution", "stability", "alerts", "parts", "prototypes", "nearest_member", "hypothesis",
)  # fmt: skip
"""Names of `table_rows`' columns, also where there is no row."""


def _concept(concept: Concept, words: Wording) -> dict[str, Any]:
    record = concept_record(concept)
    known = concept.known_alerts
    flags = [alert in known for alert in concept.alerts]
    return {
        "id": concept.id,
        "channel": concept.channel_name,
        "name": concept.name,
        "n_members": concept.n_members,
        "contribution": concept.contribution.value,
        "hit_rate": None if concept.hit_rate is None else concept.hit_rate.value,
        "hit_rate_test": None if concept.hit_rate_test is None else concept.hit_rate_test.value,
        "mask_size": concept.mask_size.value,
        "prediction": concept.prediction.value,
        "intervals": {name: _ends(getattr(concept, name)) for name in _INTERVALS},
        "alerts": [alert for alert, flag in zip(record["alerts"], flags, strict=True) if flag],
        "other_alerts": [alert for alert, flag in zip(record["alerts"], flags, strict=True) if not flag],
        "prototypes": [prototype.smiles for prototype in concept.prototypes],
        "prototype_searches": [_search(prototype) for prototype in concept.prototypes],
        "members": record["members"],
        **{name: record[name] for name in _KEPT},
        "stable": concept.stable,
        "paragraph": words.paragraph(concept),
    }


def _search(prototype: Prototype) -> dict[str, Any]:
    return dataclasses.asdict(prototype) | {"stages": [stage._asdict() for stage in prototype.stages]}


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [interval.low, interval.high]


def _row(concept: Concept, words: Wording) -> dict[str, Any]:
    cells: dict[str, Any] = {
        "id": concept.id,
        "channel": concept.channel_name,
        "name": concept.name,
        "n_members": concept.n_members,
    }
    for name in _INTERVALS:
        interval: Interval | None = getattr(concept, name)
        cells[name] = interval and interval.value
        cells[f"{name}_low"] = interval and interval.low
        cells[f"{name}_high"] = interval and interval.high
    cells |= {
        "unit_of_contribution": words.unit,
        "stability": concept.stability,
        "alerts": "; ".join(f"{alert.catalog} {alert.name}" for alert in concept.known_alerts),
        "parts": "; ".join(part.name or part.smiles or part.smarts for part in concept.parts),
        "prototypes": " ".join(prototype.smiles for prototype in concept.prototypes),
        "nearest_member": concept.members[0].smiles,
        "hypothesis": concept.hypothesis.claim if concept.hypothesis else None,
    }
    return {name: cells[name] for name in COLUMNS}
