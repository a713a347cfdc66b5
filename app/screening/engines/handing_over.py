"""A place through which machines that do not share the run folder hand over its parts: a folder or an object path."""

from __future__ import annotations

import re
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.screening.run_folder import Run
from megan.files import write_beside

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_APPEARS_WHOLE: Final = ("s3", "gcs", "abfs")
"""File systems where an object is seen once it is there whole."""


def is_uri(text: str) -> bool:
    """Whether a text names a place as `s3://bucket/key` does."""
    return _SCHEME.match(text) is not None


def file_system(place: str) -> tuple[FileSystem, str]:
    """The file system of a place, and the path there.

    Parameters
    ----------
    place
        A path, or a URI that pyarrow knows: file, s3, gs, abfs, hdfs.

    Raises
    ------
    ValueError
        If the URI is none that pyarrow knows.
    """
    import pyarrow
    from pyarrow.fs import FileSystem

    try:
        system, path = FileSystem.from_uri(place if is_uri(place) else str(Path(place).resolve()))
    except (pyarrow.ArrowException, OSError) as error:
        # The URI may hold a key, and so may what is said of it.
        scheme = place.partition("://")[0]
        raise ValueError(f"a place of kind {scheme!r} cannot be used here ({type(error).__name__})") from None
    return system, str(path)


@dataclass(frozen=True, slots=True)
class HandingOver:
    """Where the parts of one run wait until the driver takes them into the run folder."""

    place: str
    """A path or a URI."""
    run_id: str
    """Of the run, so that parts of several runs may wait in one place."""

    def put(self, number: int, table: Any) -> None:
        """Hand a part over; it is seen whole or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        # A stream that fails half way would leave half an object behind.
        buffer = pa.BufferOutputStream()
        pq.write_table(table, buffer, compression="zstd")
        system, folder = self._folder()
        part = f"{folder}/{_name(number)}"
        whole = system.type_name in _APPEARS_WHOLE
        target = part if whole else f"{folder}/.{_name(number)}.{uuid.uuid4().hex}.part"
        if not whole:
            system.create_dir(folder, recursive=True)
        with system.open_output_stream(target) as sink:
            sink.write(buffer.getvalue())
        if not whole:
            system.move(target, part)

    def waiting(self) -> list[int]:
        """Parts that are handed over and not yet taken.

        Raises
        ------
        OSError
            If the place cannot be looked at.
        """
        from pyarrow.fs import FileSelector

        system, folder = self._folder()
        names = {Path(found.path).name for found in system.get_file_info(FileSelector(folder, allow_not_found=True))}
        return sorted(number for name in names if (number := _number(name)) is not None)

    def take(self, number: int, run: Run) -> None:
        """Move a part into its run folder.

        Raises
        ------
        OSError
            If it is not there, is not whole, or cannot be written.
        """
        import pyarrow
        import pyarrow.parquet as pq

        system, folder = self._folder()
        part = f"{folder}/{_name(number)}"
        with system.open_input_stream(part) as source, write_beside(run.part(number)) as beside:
            with beside.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            try:
                pq.read_metadata(beside)
            except pyarrow.ArrowInvalid as error:
                raise OSError(f"{_name(number)} did not come whole") from error
        system.delete_file(part)

    def _folder(self) -> tuple[FileSystem, str]:
        system, path = file_system(self.place)
        return system, f"{path.rstrip('/')}/{self.run_id}"


def _name(number: int) -> str:
    return f"part-{number:05d}.parquet"


def _number(name: str) -> int | None:
    match = re.fullmatch(r"part-(\d{5,})\.parquet", name)
    return int(match[1]) if match else None
