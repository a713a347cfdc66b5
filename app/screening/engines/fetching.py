"""An input that lies at an object path is brought into the run folder before anything else."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.screening.engines.handing_over import file_system
from app.screening.run_folder import INPUT
from megan.files import write_beside


def fetch_input(uri: str, folder: Path) -> Path:
    """Copy an object into a run folder.

    Parameters
    ----------
    uri
        Of the object, such as `s3://bucket/library.parquet`.
    folder
        The run folder, made if it is not there.

    Returns
    -------
    pathlib.Path
        The copy, which keeps the object's name.

    Raises
    ------
    OSError
        If it cannot be read or written.
    ValueError
        If there is no way to such a place here.
    """
    system, path = file_system(uri)
    copy = folder / INPUT / Path(path).name
    with (
        system.open_input_stream(path, compression=None) as source,
        write_beside(copy) as beside,
        beside.open("wb") as sink,
    ):
        shutil.copyfileobj(source, sink, 1 << 20)
    return copy
