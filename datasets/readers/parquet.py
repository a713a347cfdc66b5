"""Parquet files, read batch by batch."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from datasets.readers.columns import find_id, find_smiles, unique_names
from datasets.readers.layout import Layout, RawRow, clean_cell, first_rows
from datasets.readers.streams import Source

if TYPE_CHECKING:
    import pyarrow.parquet

_BATCH = 4096
_BATCH_BYTES = 1 << 26


def read_parquet(source: Source, smiles_column: str | None, id_column: str | None) -> Layout:
    """Read the schema and the first rows of a parquet file and choose its columns.

    Values keep their types; a missing structure is an empty text.

    Raises
    ------
    ValueError
        If the file is empty or no parquet, or no column holds SMILES; also while reading, if it is damaged.
    """
    with _opened(source) as file:
        columns = unique_names(file.schema_arrow.names)
        head = first_rows(_values(file))
    if not columns:
        raise ValueError(f"{source.name} has no columns")
    rows = [[value if isinstance(value, str) else "" for value in row] for row in head]
    smiles = find_smiles(columns, rows, smiles_column, source.name)
    name = find_id(columns, smiles, id_column, source.name)

    def stream() -> Iterator[RawRow]:
        with _opened(source) as opened:
            for row in _values(opened):
                yield _text(row[name]) if name is not None else "", _text(row[smiles]), row

    return Layout(columns, columns[smiles], columns[name] if name is not None else None, stream)


@contextmanager
def _opened(source: Source) -> Iterator[pyarrow.parquet.ParquetFile]:
    # Only those who bring a parquet file pay for the import.
    import pyarrow
    import pyarrow.parquet

    with source.open() as packed, tempfile.TemporaryFile() as unpacked:
        file: BinaryIO = packed
        if source.name.lower().endswith(".gz"):
            # Parquet is read from its end: gzipped, it must be unpacked to disk first.
            try:
                shutil.copyfileobj(packed, unpacked)
                unpacked.seek(0)
            except OSError as error:
                raise ValueError(f"{source.name} cannot be unpacked ({error.strerror or error})") from error
            file = cast(BinaryIO, unpacked)
        try:
            with pyarrow.parquet.ParquetFile(file, buffer_size=1 << 20, pre_buffer=False) as parquet:
                yield parquet
        except (pyarrow.ArrowException, OSError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise ValueError(f"{source.name} cannot be read as parquet: {reason}") from error


def _values(file: pyarrow.parquet.ParquetFile) -> Iterator[tuple[object, ...]]:
    for batch in file.iter_batches(batch_size=_batch_rows(file.metadata)):
        columns: Sequence[list[object]] = [column.to_pylist() for column in batch.columns]
        yield from zip(*columns, strict=True)


def _batch_rows(metadata: pyarrow.parquet.FileMetaData) -> int:
    """Rows of a batch, fewer where they are huge."""
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    widest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=0)
    return max(1, min(_BATCH, int(_BATCH_BYTES / max(1, widest))))


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return clean_cell(str(value).replace("\0", "\ufffd"))
