"""Files that are there whole or not at all: written beside their place and renamed into it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def write_beside(file: Path) -> Iterator[Path]:
    """Hand out a path beside `file`; rename it over `file` when the block ends, remove it when the block fails."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex}.part")
    try:
        yield beside
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
