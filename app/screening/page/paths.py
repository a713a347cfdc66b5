"""Which files of this machine the Screen page may read where somebody names them by their path.

Whoever sits at this machine may name any file; so the page takes paths only where it is served to this machine alone,
or where the environment variable `WHYMOL_SCREEN_PATHS` names the folders that are meant for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

_HERE: Final = ("localhost", "127.0.0.1", "::1")
#: What a server in between adds to a request that it hands on.
_HANDED_ON: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip")
REFUSED: Final = (
    "Files cannot be named by their path here: this page is served to other machines too. Upload the file, or let "
    "whoever runs WhyMol name the folders that may be read in the environment variable WHYMOL_SCREEN_PATHS."
)


def allowed_folders() -> tuple[Path, ...]:
    """The folders that WHYMOL_SCREEN_PATHS names, with the system's path separator between; empty if it is not set."""
    named = os.environ.get("WHYMOL_SCREEN_PATHS", "")
    return tuple(Path(part.strip()).expanduser().resolve() for part in named.split(os.pathsep) if part.strip())


def served_here_only(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a page can be seen from this machine alone.

    Parameters
    ----------
    address
        Where the server listens; None stands for everywhere.
    headers
        Of the browser's request; names in any case.
    """
    if address not in _HERE:
        return False
    given = {name.casefold(): value for name, value in headers.items()}
    if any(name.casefold() in given for name in _HANDED_ON):
        return False
    try:
        return urlsplit(f"//{given.get('host', 'localhost')}").hostname in _HERE
    except ValueError:
        return False


def checked_path(text: str, *, here_only: bool) -> Path:
    """The file that a user named, if the page may read it.

    Parameters
    ----------
    text
        The path as typed.
    here_only
        From `served_here_only`.

    Raises
    ------
    ValueError
        If paths are not taken, it lies in none of the allowed folders, or it is no file; with a sentence.
    """
    folders = allowed_folders()
    if not folders and not here_only:
        raise ValueError(REFUSED)
    if "\0" in text:
        raise ValueError("The path holds a NUL character; expected the name of a file.")
    try:
        file = Path(text.strip().strip("\"'")).expanduser()
        if not file.is_absolute():
            raise ValueError(f"The path is {text.strip()!r}; expected a full one, from the root of this machine.")
        file = file.resolve()
        # Said before anything is looked up, so that nobody learns what lies elsewhere.
        if folders and not any(file.is_relative_to(folder) for folder in folders):
            listed = ", ".join(str(folder) for folder in folders)
            raise ValueError(f"{text.strip()} lies outside of the folders that may be read here: {listed}.")
        if file.is_dir():
            raise ValueError(f"{text.strip()} is a folder; expected a file.")
        if not file.is_file():
            raise ValueError(f"There is no file {text.strip()} on this machine.")
        with file.open("rb"):
            return file
    except (OSError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ValueError(f"{text.strip()[:200]} cannot be read: {why}.") from error
