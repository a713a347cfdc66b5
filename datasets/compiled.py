"""Compiled functions that call each other across files, kept between runs.

numba keeps what it compiled as long as the file of a function stays as it is. A function that calls one of another file
holds that one's code too, so here the whole package has to stay as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import njit

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def compiled(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a function when it is first called, and keep it while no file of `datasets` changes."""
    dispatcher = njit(cache=True, nogil=True)(function)
    kept: Any = dispatcher
    kept._cache._cache_file._source_stamp = _stamp()
    return dispatcher


@cache
def _stamp() -> str:
    """A hash of all sources of the package, whose constants are compiled in as well."""
    hashed = hashlib.sha256()
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        hashed.update(file.read_bytes())
    return hashed.hexdigest()
