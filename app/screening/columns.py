"""The one registry of the columns of a screening: the user's own first, ours after, named as the predictions' records.

Tables by `predict` and by `screen` say the same under the same name; a screening says more of trust and alerts.
Engines, DuckDB and every export read the columns here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datasets.alerts import CITATIONS
from datasets.solubility import milligrams_per_millilitre, solubility_class
from datasets.tasks import SOLUBILITY, Task

if TYPE_CHECKING:
    from app.screening.answers import TaskAnswers
    from app.screening.model_facts import ModelFacts
    from app.screening.settings import ScreenSettings
    from app.screening.standardising import StandardRows
    from concepts.concept import Concept
    from datasets.featurize import FlatBatch

Kind = Literal["integer", "number", "text", "flag"]
TYPES: Final = {"integer": pa.int64(), "number": pa.float64(), "text": pa.string(), "flag": pa.bool_()}
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class ScreenedPart:
    """Consecutive rows of the input with everything that is known of them."""

    first_row: int
    rows: StandardRows
    batch: FlatBatch
    """Features of the molecules among them."""
    answers: dict[str, TaskAnswers]
    """By task."""
    alerts: dict[str, list[str]]
    """By catalog, names in each molecule; empty where they were not asked for."""


@dataclass(frozen=True, slots=True)
class ScreenColumn:
    """One column of ours."""

    name: str
    kind: Kind
    of_rows: bool
    """Whether it has a value a row; else a value a molecule."""
    read: Callable[[ScreenedPart], Sequence[Any] | npt.NDArray[Any] | pa.Array]


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """A column as it stands in the parts, and as run.json tells of it."""

    name: str
    """In the parts; no two are alike even if upper and lower case are not told apart."""
    key: str
    """Ours: the name in the registry. The user's: the name in the file."""
    kind: Kind
    own: bool
    """Whether it is one of the user's."""


def screen_columns(models: Sequence[ModelFacts], settings: ScreenSettings, *, with_input: bool) -> list[ScreenColumn]:
    """Our columns, in order.

    Parameters
    ----------
    models
        The models of the run.
    settings
        What is written.
    with_input
        Whether the SMILES as given are none of the user's own columns.
    """
    columns = [
        _row("row", "integer", lambda part: np.arange(part.first_row, part.first_row + len(part.rows.ids))),
        _row("id", "text", lambda part: part.rows.ids),
        *([_row("input", "text", lambda part: part.rows.given)] if with_input else []),
        _row("smiles", "text", lambda part: part.rows.smiles),
        *([_row("inchikey", "text", lambda part: part.rows.inchikey)] if settings.inchikey else []),
        _row("status", "text", lambda part: part.rows.status),
        _row("code", "text", lambda part: part.rows.code),
        _row("detail", "text", lambda part: part.rows.detail),
        # Which rows repeat is known once all are written; results fill it in.
        _row("duplicate_of", "integer", lambda part: [None] * len(part.rows.ids)),
    ]
    for model in models:
        columns += _task_columns(model, settings)
    if settings.alerts:
        columns += [ScreenColumn(alert_column(name), "text", False, _alerts(name)) for name in CITATIONS]
    return columns


def alert_column(catalog: str) -> str:
    """Name of a catalog's column."""
    return f"alerts_{catalog.lower()}"


def stored_columns(own: Sequence[str], ours: Sequence[ScreenColumn]) -> list[StoredColumn]:
    """Names for the parts, in order.

    A column of the user's whose name differs from an earlier one in case only gets _2, _3 and so on behind it: queries
    do not tell them apart. One of ours whose name is taken gets "whymol_" in front.
    """
    taken: set[str] = set()
    given = {name.casefold() for name in own}
    stored = []
    for key in own:
        name, count = key, 1
        while name.casefold() in taken or (count > 1 and name.casefold() in given):
            count += 1
            name = f"{key}_{count}"
        taken.add(name.casefold())
        stored.append(StoredColumn(name, key, "text", True))
    for column in ours:
        name = column.name
        while name.casefold() in taken:
            name = f"whymol_{name}"
        taken.add(name.casefold())
        stored.append(StoredColumn(name, column.name, column.kind, False))
    return stored


def renamed_sentences(columns: Sequence[StoredColumn]) -> list[str]:
    """What a user should know of renamed columns."""
    said = []
    for column in columns:
        if column.name != column.key:
            why = "differs from another one in case only" if column.own else "is also the name of a column of the input"
            said.append(f"The column {column.key!r} is called {column.name!r} in the results, because its name {why}.")
    return said


def as_table(
    part: ScreenedPart, own: Sequence[Sequence[Any]], ours: Sequence[ScreenColumn], stored: Sequence[StoredColumn]
) -> pa.Table:
    """The rows of a part as a table.

    Parameters
    ----------
    part
        What was found.
    own
        The user's own columns, one sequence a column.
    ours, stored
        From `screen_columns` and `stored_columns`.
    """
    places = part.rows.places
    index = pa.array(places, mask=places < 0)
    arrays = [_texts(values) for values in own]
    for column in ours:
        values = column.read(part)
        array = values if isinstance(values, pa.Array) else pa.array(values, TYPES[column.kind])
        arrays.append(array if column.of_rows else array.take(index))
    return pa.Table.from_arrays(arrays, schema=schema(stored))


def schema(stored: Sequence[StoredColumn]) -> pa.Schema:
    """The schema of every part."""
    return pa.schema([(column.name, TYPES[column.kind]) for column in stored])


def _texts(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowException, UnicodeEncodeError):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else str(value)
    # Half of a surrogate pair, which UTF-16 files can hold, is no text that can be written.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _row(name: str, kind: Kind, read: Callable[[ScreenedPart], Any]) -> ScreenColumn:
    return ScreenColumn(name, kind, True, read)


def _alerts(catalog: str) -> Callable[[ScreenedPart], list[str]]:
    return lambda part: part.alerts[catalog]


def _task_columns(model: ModelFacts, settings: ScreenSettings) -> list[ScreenColumn]:
    task = model.task

    def column(suffix: str, kind: Kind, read: Callable[[TaskAnswers], Any]) -> ScreenColumn:
        return ScreenColumn(f"{task.name}_{suffix}", kind, False, lambda part: read(part.answers[task.name]))

    columns = _outputs(task, column)
    columns += [
        column("domain", "number", lambda a: a.similarity.round(_DIGITS)),
        column("inside_domain", "flag", lambda a: a.inside),
        *([column("measured", "number", lambda a: a.measured)] if settings.inchikey else []),
    ]
    columns += [
        column(f"{channel}_fidelity", "number", _channel(k, lambda a, k: _rounded(a.fidelity[:, k])))
        for k, channel in enumerate(task.channels)
    ]
    if model.has_concepts:
        columns += [
            column("concept", "text", lambda a: _concept_texts(a, lambda concept: concept.id)),
            column("concept_name", "text", lambda a: _concept_texts(a, lambda concept: concept.name)),
        ]
    if settings.masks:
        columns += [
            ScreenColumn(mask_column(task, channel), "text", False, _mask(task, k))
            for k, channel in enumerate(task.channels)
        ]
    return columns


def mask_column(task: Task, channel: str) -> str:
    """Name of the column with the importance of every atom in a channel."""
    return f"{task.name}_{channel}_mask"


def _mask(task: Task, k: int) -> Callable[[ScreenedPart], Any]:
    def texts(part: ScreenedPart) -> Any:
        from app.screening.mask_text import mask_texts  # compiled, which who reads columns need not wait for

        return mask_texts(part.answers[task.name].node_importance[:, k], part.batch.atom_offsets)

    return texts


def _channel(k: int, read: Callable[[TaskAnswers, int], Any]) -> Callable[[TaskAnswers], Any]:
    return lambda answers: read(answers, k)


def _outputs(
    task: Task, column: Callable[[str, Kind, Callable[[TaskAnswers], Any]], ScreenColumn]
) -> list[ScreenColumn]:
    spread = column("spread", "number", lambda a: _rounded(a.spread))
    if task.kind == "classification":
        return [
            column("probability", "number", lambda a: _rounded(a.output)),
            column("verdict", "text", lambda a: a.verdict),
            spread,
            column("conformal", "text", lambda a: a.conformal),
        ]
    columns = [
        column("value", "number", lambda a: _rounded(a.output)),
        spread,
        column("low", "number", lambda a: [float(f"{value - a.half_width:.2f}") for value in a.output]),
        column("high", "number", lambda a: [float(f"{value + a.half_width:.2f}") for value in a.output]),
    ]
    if task.name == SOLUBILITY.name:
        columns[1:1] = [
            column("class", "text", lambda a: [solubility_class(float(value)) for value in a.output]),
            ScreenColumn(f"{task.name}_mg_per_ml", "number", False, _milligrams),
        ]
    return columns


def _milligrams(part: ScreenedPart) -> list[float]:
    values = part.answers[SOLUBILITY.name].output
    return [
        float(f"{milligrams_per_millilitre(float(value), smiles):.4g}")
        for value, smiles in zip(values, part.rows.molecule_smiles, strict=True)
    ]


def _concept_texts(answers: TaskAnswers, tell: Callable[[Concept], str]) -> pa.Array:
    """What is told of the concepts of each molecule, "; " between."""
    if answers.concepts is None:
        return pa.array([], pa.string())
    found, places = answers.concepts.different()
    return pa.array(["; ".join(tell(concept) for concept in some) for some in found], pa.string()).take(
        pa.array(places)
    )


def _rounded(values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    return values.astype(np.float64).round(_DIGITS)
