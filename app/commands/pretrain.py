"""`pretrain`: an encoder that learns descriptors of many molecules, for trainings to start from."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer


def pretrain(
    library: Annotated[
        list[Path] | None,
        typer.Option(help="Molecules beside those of the tasks (csv, tsv, smi, sdf, parquet, each also .gz)."),
    ] = None,
    per_library: Annotated[int, typer.Option(help="Most molecules drawn from each library.")] = 30_000,
    epochs: Annotated[int | None, typer.Option(help="Epochs.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the draw, the weights and the batches.")] = 0,
    run_folder: Annotated[Path, typer.Option(help="Checkpoint; a killed run continues there.")] = Path("runs")
    / "pretrain",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder of the encoder; by default encoder in the run folder.")
    ] = None,
) -> None:
    """Pretrain the encoder that trainings start from, without any measurement.

    It learns from the training molecules of every task and from the libraries; molecules that validate or test a
    task are left out. Tables come from the folder that MEGAN_DATA names, or from fetch-data.
    """
    if per_library < 1:
        raise ValueError(f"--per-library is {per_library}; expected at least 1")
    if epochs is not None and epochs < 1:
        raise ValueError(f"--epochs is {epochs}; expected at least 1")

    from dataclasses import asdict, replace

    from datasets.unmeasured import drawn_from, unjudged
    from megan.encoder import EncoderShape, save_encoder
    from megan.pretraining import PretrainSettings, described, pretrain, targets
    from megan.run_claim import claim_run

    shape = EncoderShape()
    _tell("drawing molecules")
    files = library or []
    smiles = unjudged([drawn_from(file, per_library, seed) for file in files], seed)
    settings = PretrainSettings(seed=seed)
    settings = replace(
        settings,
        epochs=settings.epochs if epochs is None else epochs,
        held_out=max(1, min(settings.held_out, len(smiles) // 10)),
    )
    about: dict[str, Any] = {
        "settings": asdict(settings),
        "molecules": len(smiles),
        "libraries": {file.name: per_library for file in files},
    }
    drawn = hashlib.sha256("\n".join(smiles).encode()).hexdigest()
    claim_run(run_folder, {**about, "shape": asdict(shape), "molecules_sha256": drawn})
    _tell(f"describing {len(smiles):,} molecules")
    wanted = targets(described(smiles, tell=_tell))
    encoder, log = pretrain(smiles, wanted, shape, settings, folder=run_folder, tell=_tell)
    folder = out or run_folder / "encoder"
    save_encoder(folder, {**about, "descriptors": wanted.shape[1], "log": log}, encoder)
    print(folder)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
