"""`concepts`: what a model has learned, as groups of molecules that one channel sees alike, with names."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from concepts.concept import Concept, ConceptSet

_WIDTH = 44


def concepts(
    task: Annotated[str, typer.Argument(help="Task, name of your own model, or folder of a bundle.")],
    csv: Annotated[
        Path | None,
        typer.Option(
            help="Your own molecules (csv, tsv, smi, sdf, parquet, each also .gz) instead of the measured ones."
        ),
    ] = None,
    smiles_column: Annotated[str | None, typer.Option(help="Its column with SMILES; guessed by default.")] = None,
    label: Annotated[
        str | None, typer.Option(help="Its column with what was measured, if anything was; by default the task's.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder of the result; by default runs/concepts-TASK.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(help="Least contribution of a channel; log-odds, or the task's unit.")
    ] = None,
    least_members: Annotated[int | None, typer.Option(help="Smallest cluster; more give fewer concepts.")] = None,
    neighbours: Annotated[int | None, typer.Option(help="Neighbours within which a point must be dense.")] = None,
    resamples: Annotated[int | None, typer.Option(help="How often stability is tried; 0 for not at all.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of everything random.")] = None,
    member: Annotated[int | None, typer.Option(help="Network of the committee whose embeddings are grouped.")] = None,
    picture: Annotated[
        str, typer.Option("--map", help="umap: unfolded, takes a minute longer. pca: two components, at once.")
    ] = "pca",
    prototypes: Annotated[
        bool, typer.Option(help="Search the smallest molecules of each concept; about ten seconds a concept.")
    ] = True,
    brief: Annotated[bool, typer.Option(help="Keep only the few structures that a report shows.")] = False,
) -> None:
    """Find the concepts of a model: groups of explanations that are alike, with their names and what is known of them.

    Writes concepts.json and concepts.safetensors into the folder.
    """
    import time
    from dataclasses import replace
    from typing import get_args

    from app.concepts.table import measured_molecules, own_molecules
    from app.terminal import printable
    from concepts.extraction import default_settings, extract, for_shipping
    from concepts.placing import Method
    from concepts.prototypes.finding import known_surroundings, with_prototypes
    from concepts.storage import save_concepts
    from datasets.file_hash import file_sha256
    from megan.card import bundle_folder
    from megan.predictor import Predictor

    if picture not in get_args(Method):
        raise ValueError(f"--map is {picture!r}; expected {' or '.join(get_args(Method))}")
    if csv is None and (smiles_column or label):
        raise ValueError(
            f"--{'smiles-column' if smiles_column else 'label'} is about your own table; expected --csv with it"
        )

    def tell(sentence: str) -> None:
        print(printable(sentence), file=sys.stderr, flush=True)

    started = time.monotonic()
    predictor = Predictor.load(task)
    if csv is None:
        table, data = measured_molecules(predictor.task)
    else:
        table, data = own_molecules(csv, predictor.task, smiles_column, label)
    given = {
        "threshold": threshold, "least_members": least_members, "neighbours": neighbours, "resamples": resamples,
        "seed": seed, "member": member,
    }  # fmt: skip
    asked = {name: value for name, value in given.items() if value is not None}
    settings = replace(default_settings(predictor, len(table)), **asked)  # type: ignore[arg-type]  # checked in extract
    found = extract(
        predictor,
        table,
        settings,
        data=data,
        model_sha256=file_sha256(bundle_folder(task) / "weights.safetensors"),
        picture="umap" if picture == "umap" else "pca",
        tell=tell,
    )
    if prototypes:
        found = with_prototypes(
            predictor,
            found,
            known_surroundings(table["smiles"]),
            progress=lambda done, of: tell(f"prototypes: {done} of {of} concepts"),
        )
    folder = output or Path("runs") / f"concepts-{predictor.task.name}"
    save_concepts(folder, for_shipping(found) if brief else found)
    for line in _lines(found):
        print(printable(line))
    print(
        f"{len(found)} concepts of {found.n_molecules:,} molecules in {time.monotonic() - started:.0f} s",
        file=sys.stderr,
    )
    print(folder)


def _lines(found: ConceptSet) -> list[str]:
    lines = [
        f"{'concept':24} {'name':{_WIDTH}} {'members':>7} {'contribution':>12} {'hit rate':>8} {'stable':>6}  alerts"
    ]
    lines += [_line(concept) for concept in found]
    for k, name in enumerate(found.channels):
        lines.append(f"{name}: {found.passed[k]:,} molecules passed, {found.unclustered[k]:,} of them in no concept")
    return lines + list(found.notes)


def _line(concept: Concept) -> str:
    from app.terminal import shortened

    hits = "" if concept.hit_rate is None else f"{concept.hit_rate.value:.2f}"
    alerts = ", ".join(f"{alert.catalog} {alert.name}" for alert in concept.known_alerts) or "matches no known alert"
    return (
        f"{concept.id:24} {shortened(concept.name, _WIDTH):{_WIDTH}} {concept.n_members:7,} "
        f"{concept.contribution.value:12.2f} {hits:>8} {concept.stability:6.2f}  {alerts}"
    )
