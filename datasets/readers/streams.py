"""Bytes of a file, unpacked and turned into text, whatever program wrote it.

Files come gzipped or not, in UTF-8 with or without a mark, in UTF-16 from spreadsheets, in Latin-1 from old
instruments, and sometimes in two of them at once. Text is decoded as it streams; nothing is held.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

_HEAD = 65_536
_GZIP = b"\x1f\x8b"

#: Characters of a line; a gzip of a few kilobytes can hold a line that fills any memory.
LONGEST_LINE = 1 << 25


@dataclass(frozen=True, slots=True)
class Source:
    """A file on disk, or one that was uploaded and lives in memory."""

    name: str
    """File name with its suffixes, for formats and sentences."""
    path: Path | None = None
    content: bytes | None = None

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open the bytes, unpacked if they are gzipped.

        Raises
        ------
        ValueError
            If the name says gzip and the bytes do not, or the packed bytes are damaged; also while reading.
        """
        with self._packed() as packed:
            is_gzip = packed.read(2) == _GZIP
            packed.seek(0)
            if self.name.lower().endswith(".gz") and not is_gzip:
                raise ValueError(f"{self.name} ends with .gz, but its content is not gzip")
            if not is_gzip:
                yield packed
                return
            try:
                with gzip.GzipFile(fileobj=packed) as unpacked:
                    yield cast(BinaryIO, unpacked)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ValueError(f"the gzip data of {self.name} are cut off or damaged ({error})") from error

    @contextmanager
    def open_text(self) -> Iterator[Iterator[str]]:
        """Open the lines of the text, with their ends; NUL becomes U+FFFD.

        Raises
        ------
        ValueError
            As `open` does, and while reading if a line is longer than `LONGEST_LINE`.
        """
        with self.open() as file:
            buffered = io.BufferedReader(cast(io.RawIOBase, file), _HEAD)
            encoding = sniff_encoding(buffered.peek(_HEAD)[:_HEAD])
            errors = "replace" if encoding.startswith("utf-16") else "whymol-latin1"
            with io.TextIOWrapper(buffered, encoding=encoding, errors=errors, newline="") as text:
                yield self._lines(text)

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        for line in iter(partial(text.readline, LONGEST_LINE), ""):
            if len(line) >= LONGEST_LINE:
                raise ValueError(f"{self.name} has a line of {LONGEST_LINE:,} characters; no structure needs that")
            # C++ code ends a string at NUL: a SMILES with one inside would silently become a shorter molecule.
            yield line.replace("\0", "\ufffd")

    def head(self) -> bytes:
        """Return the first bytes, unpacked."""
        with self.open() as file:
            return file.read(_HEAD)

    def _packed(self) -> BinaryIO:
        return self.path.open("rb") if self.path is not None else io.BytesIO(self.content or b"")


def sniff_encoding(head: bytes) -> str:
    """Guess the encoding of a text file from its first bytes.

    A byte order mark decides. Without one, text with a NUL in at least a third of all odd (even) places is UTF-16 of
    low (high) order. Everything else counts as UTF-8, whose decoder falls back to Latin-1 byte by byte where it fails.
    """
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = head[start::2]
        if half and half.count(0) >= len(half) / 3 and head[1 - start :: 2].count(0) < len(half) / 10:
            return encoding
    return "utf-8"


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    """Decode the bytes that are not UTF-8 as Windows' Latin-1, where 0x80 to 0x9f are signs instead of controls."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    text = "".join(
        bytes([byte]).decode("cp1252", "replace").replace("\ufffd", chr(byte))
        for byte in error.object[error.start : error.end]
    )
    return text, error.end


codecs.register_error("whymol-latin1", _as_latin1)
