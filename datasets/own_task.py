"""A task of the user's own: names that are safe in files, columns and pages, and words for the verdict."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from datasets.tasks import TASKS, Kind, Task

_MOST_NAME, _MOST_TITLE, _MOST_CLASS = 40, 80, 40
_CLASS_NAME = re.compile(r"\w[\w .,+/%()-]*")


@dataclass(frozen=True, slots=True)
class Wording:
    """What the user calls things; empty texts leave the choice to `own_task`."""

    name: str = ""
    """Title of the model; file and column names are made from it."""
    positive: str = ""
    negative: str = ""
    unit: str = ""
    """Unit of a regression's values."""


def own_task(wording: Wording, kind: Kind, label_column: str, file: str, pair: tuple[str, str] | None = None) -> Task:
    """The task that a user's table describes.

    Parameters
    ----------
    wording
        The user's names.
    kind
        classification or regression.
    label_column, file
        Where the labels stand.
    pair
        The words of the labels, negative first; they name the classes if they are names, unlike 0 and 1.

    Raises
    ------
    ValueError
        If a name is that of a shipped task, cannot be a name, or both classes are called the same.
    """
    title = _one_line(wording.name or label_column)
    if len(title) > _MOST_TITLE:
        raise ValueError(f"name has {len(title)} characters; expected at most {_MOST_TITLE}")
    name = file_name(title)
    if name in TASKS:
        raise ValueError(f"name is {title!r}, which is a task of WhyMol; expected another name")
    if kind == "regression":
        question = f"Which {title} is predicted?"
        channels: tuple[str, ...] = ("lowers", "raises")
    else:
        channels = _classes(wording, title, pair)
        question = f"Is it {channels[1]}?"
    return Task(
        name=name,
        title=title,
        question=question,
        kind=kind,
        channels=channels,
        unit=_checked("unit", wording.unit) if kind == "regression" and wording.unit else "",
        table=file,
        label_column=label_column,
        citation=f"your own table {_one_line(file)[:80]}, column {_one_line(label_column)[:80]}",
        licence="yours",
    )


def file_name(title: str) -> str:
    """A title as a name for files and columns: lower-case ASCII letters, digits and underscores.

    Raises
    ------
    ValueError
        If the title holds no letter or digit that can be written in ASCII.
    """
    ascii_text = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().casefold()
    name = re.sub(r"[^a-z0-9]+", "_", ascii_text).strip("_")[:_MOST_NAME].rstrip("_")
    if not name:
        raise ValueError(f"name is {title[:40]!r}; expected at least one letter a to z or digit")
    return name


def _classes(wording: Wording, title: str, pair: tuple[str, str] | None) -> tuple[str, str]:
    # "active" is a name for a class, "yes" and "1" are not.
    named = pair if pair and min(len(word) for word in pair) > 5 else None
    if wording.positive:
        positive = _checked("positive name", wording.positive)
        negative = _checked("negative name", wording.negative) if wording.negative else f"not {positive}"
    else:
        positive = named[1] if named else _as_class(title)
        negative = named[0] if named else f"not {positive}"
        if wording.negative:
            negative = _checked("negative name", wording.negative)
    if positive.casefold() == negative.casefold():
        raise ValueError(f"both classes are called {positive!r}; expected two names")
    return negative, positive


def _as_class(title: str) -> str:
    """A title with the characters that a class name may have."""
    text = re.sub(r"[^\w .,+/%()-]+", " ", title).strip()[: _MOST_CLASS - 4].strip()
    return text if _CLASS_NAME.fullmatch(text) else file_name(title).replace("_", " ")


def _checked(field: str, text: str) -> str:
    text = _one_line(text)
    if not _CLASS_NAME.fullmatch(text) or len(text) > _MOST_CLASS:
        raise ValueError(
            f"{field} is {text[:60]!r}; expected at most {_MOST_CLASS} letters, digits, spaces and . , + / % ( ) -, "
            "a letter or digit first"
        )
    return text


def _one_line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
