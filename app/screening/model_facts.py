"""What is known of the models of a run without loading a network: their tasks, and the hashes that run.json keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.concepts.known import KnownConcepts, concepts_of_model
from datasets.file_hash import file_sha256
from datasets.tasks import Task
from megan.card import bundle_folder, read_card, task_of

_FILES: Final = ("card.json", "weights.safetensors", "trust.safetensors")


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What the columns of a model depend on, known without loading it."""

    task: Task
    has_concepts: bool


def model_facts(names: Sequence[str]) -> tuple[list[ModelFacts], list[dict[str, Any]]]:
    """What the columns depend on, and the records that run.json keeps of the models.

    Raises
    ------
    ValueError
        If a bundle cannot be read, or two are of one task.
    """
    facts, records = [], []
    for name in names:
        folder = bundle_folder(name)
        task = task_of(read_card(name))
        missing = [file for file in _FILES if not (folder / file).is_file()]
        if missing:
            raise ValueError(f"bundle {folder.name!r} has no {missing[0]}")
        concepts = concepts_of_model(task, folder / "weights.safetensors")
        facts.append(ModelFacts(task, concepts is not None))
        records.append(
            {
                "task": task.name,
                "sha256": {file: file_sha256(folder / file) for file in _FILES},
                "concepts": None if concepts is None else _concepts_record(concepts),
            }
        )
    seen = [fact.task.name for fact in facts]
    for name in seen:
        if seen.count(name) > 1:
            raise ValueError(f"tasks holds {seen.count(name)} bundles of {name}; expected one a task")
    return facts, records


def _concepts_record(known: KnownConcepts) -> dict[str, str]:
    from app.concepts.folders import set_folder

    folder = set_folder(known.name)
    return {"name": known.name, "sha256": file_sha256(folder / "concepts.json") if folder else ""}
