"""Where the structures come from: an upload, or a file of this machine by its path.

`ask` answers a `Source` whose head can be read, or says in a sentence why there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from app.components.inputs import ENDINGS
from app.components.markdown import plain
from app.screening.page.paths import REFUSED, allowed_folders, checked_path, served_here_only
from datasets.library import StructureFile, read_structures

#: Largest upload in MB, as set in .streamlit/config.toml.
MOST_MEGABYTES: Final = 200
UPLOAD, PATH = "Upload", "File on this machine"
_COLUMN: Final = "Column with structures"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of structures whose head was read."""

    name: str
    content: bytes | None
    """Of an upload; None for a file of this machine."""
    path: Path | None
    """Of a file of this machine; None for an upload."""
    head: StructureFile
    size: int
    """Bytes."""
    stamp: str
    """Tells this content of this file from any other."""

    def read(self, smiles_column: str | None, id_column: str | None) -> StructureFile:
        """The file with other columns chosen.

        Raises
        ------
        OSError, ValueError
            If it cannot be read so.
        """
        return read_structures(
            self.path or self.name, content=self.content, smiles_column=smiles_column, id_column=id_column
        )


def ask() -> Source | None:
    """Show the choice; a source once there is a readable file, else None."""
    kind = st.segmented_control(
        "Input", (UPLOAD, PATH), default=UPLOAD, required=True, key="screen-source", label_visibility="collapsed"
    )
    return _uploaded() if kind == UPLOAD else _on_this_machine()


def here_only() -> bool:
    """Whether this page is seen from this machine alone."""
    return served_here_only(st.get_option("server.address"), st.context.headers.to_dict())


def _uploaded() -> Source | None:
    upload = st.file_uploader(
        "File with structures", type=list(ENDINGS), key="screen-file", max_upload_size=MOST_MEGABYTES
    )
    st.caption(
        f"CSV, TSV, SMI, SDF or Parquet, each also gzipped, up to {MOST_MEGABYTES} MB. It is kept in a folder that "
        "belongs to this session alone until you delete it, and never leaves this machine."
    )
    if upload is None:
        return None
    content = upload.getvalue()
    head = _head(upload.name, upload.name, content)
    return None if head is None else Source(upload.name, content, None, head, len(content), upload.file_id)


def _on_this_machine() -> Source | None:
    folders = allowed_folders()
    if not folders and not here_only():
        st.info(plain(REFUSED))
        return None
    typed = st.text_input("Path of the file", key="screen-path", placeholder="/data/library.smi.gz")
    where = f"Files in {', '.join(map(str, folders))} may be read. " if folders else ""
    st.caption(f"{plain(where)}For libraries of any size: the file is read where it lies, and nothing is copied.")
    if not typed.strip():
        return None
    try:
        path = checked_path(typed, here_only=here_only())
    except ValueError as problem:
        st.error(plain(str(problem)))
        return None
    head, seen = _head(path.name, path, None), path.stat()
    stamp = f"{path}:{seen.st_mtime_ns}:{seen.st_size}"
    return None if head is None else Source(path.name, None, path, head, seen.st_size, stamp)


def _head(name: str, path: str | Path, content: bytes | None) -> StructureFile | None:
    try:
        return read_structures(path, content=content)
    except (ValueError, OSError) as problem:
        st.error(f"{plain(name)} could not be read: {plain(str(problem))}")
        if "column" not in str(problem):
            return None
    # Nothing looks like a structure; whoever knows the file may still know better.
    typed = st.text_input(_COLUMN, key="screen-column-typed", help="Its name in the first line of the file")
    if not typed.strip():
        return None
    try:
        return read_structures(path, content=content, smiles_column=typed.strip())
    except (ValueError, OSError) as problem:
        st.error(plain(str(problem)))
        return None
