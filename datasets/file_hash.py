"""What a file holds, as one number by which two files are told apart."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, which model cards state so that others can tell whether they hold the same data."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
