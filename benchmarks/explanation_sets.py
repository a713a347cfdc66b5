"""The sets with known causes that `benchmarks.explanations` judges masks on, and the networks trained on them."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from datasets.alerts import find_alerts
from datasets.attribution import CLASSES, inner_edges, load_attribution
from datasets.explained import Bools, ExplainedSet
from datasets.featurize import featurize
from datasets.sources import load_table
from datasets.standardize import parent_smiles
from datasets.synthetic import GENERATORS
from datasets.tasks import MUTAGENICITY
from megan.generated_models import load_generated
from megan.generated_recipes import RECIPES
from megan.model import Megan, ModelSettings
from megan.predictor import Predictor
from megan.run_claim import claim_run
from megan.settings import settings_for_rows
from megan.shipped import PRETRAINED_GENERATED, shipped_names
from megan.training import LabelledSet, Progress, train_member

EPOCHS: Final = {"benzene": 15, "logic7": 12}
LAYERS: Final = {"logic7": 1}
"""Where a cause reaches over one bond, further layers only let its neighbours speak for it."""
CHANGES: Final[dict[str, dict[str, float | int]]] = {
    "logic7": {
        "repeat_rarer": 8,
        "sufficiency": 2.0,
        "explanation": 0.1,
        "importance_offset": 2.0,
        "sparsity": 0.05,
        "fidelity_square": 0.01,
    }
}
"""Settings of training that differ from `settings_for_rows`, chosen on the validation part: of logic7 one molecule in
fourteen is positive, and its cause has two parts, of which masks else show one."""
QUICK_SIZE = 240
QUICK_EPOCHS = 3
QUICK_MODEL: Final = ModelSettings(width=16, attention_width=8, projection=(16, 32), head=(32,))
MOST_COMBINED_SITES = 4
"""Of more alert sites than these, only each one and all together are taken as explanations, not every combination."""


@dataclass(frozen=True, slots=True)
class TrainedSet:
    """What is judged, and the networks that are asked."""

    test: ExplainedSet
    members: tuple[Megan, ...]
    """In evaluation mode."""


def known_causes(name: str, quick: bool = False) -> ExplainedSet:
    """A set by name, with a validation part; a few hundred graphs of it for a quick run.

    Raises
    ------
    ValueError
        If there is no set of that name.
    FileNotFoundError
        If its file is not on this machine.
    """
    if name in GENERATORS:
        return GENERATORS[name](QUICK_SIZE if quick else RECIPES[name].graphs, RECIPES[name].drawn_with)
    if name not in CLASSES:
        raise ValueError(f"set is {name!r}; expected one of {', '.join([*CLASSES, *GENERATORS])}")
    data = load_attribution(name)
    if quick:
        chosen = np.random.default_rng(0).choice(len(data), min(len(data), 2 * QUICK_SIZE), replace=False)
        data = data.select(np.sort(chosen))
    return data.with_validation()


def trained(
    name: str, run: Path, members: int, *, epochs: int | None = None, quick: bool = False, device: str = "cpu"
) -> TrainedSet:
    """Train members on a set, or take those of an earlier run with the same settings, or the shipped ones.

    Parameters
    ----------
    run
        Folder of the checkpoints.

    Raises
    ------
    ValueError
        If the folder holds a training with other settings.
    """
    if name in shipped_names(PRETRAINED_GENERATED) and not quick and epochs is None:
        model = load_generated(name)
        return TrainedSet(model.graphs().part("test"), model.members[:members])
    data = known_causes(name, quick)
    train, valid = (LabelledSet(part.batch, part.labels) for part in (data.part("train"), data.part("valid")))
    shape = dataclasses.replace(
        QUICK_MODEL if quick else ModelSettings(layers=LAYERS.get(name, ModelSettings().layers)),
        channels=len(data.channels),
        regression=data.kind == "regression",
    )
    settings = settings_for_rows(len(train.batch), epochs or (QUICK_EPOCHS if quick else EPOCHS[name]))
    settings = dataclasses.replace(settings, **CHANGES.get(name, {}))  # type: ignore[arg-type]
    claim_run(run, {"model": dataclasses.asdict(shape), "train": dataclasses.asdict(settings)})

    def tell(progress: Progress) -> None:
        print(f"{name} {progress.line()}", flush=True)

    networks = [
        train_member(
            train, valid, shape, settings.with_seed(seed), member=seed, folder=run, device=device, report=tell
        )[0]
        for seed in range(members)
    ]
    return TrainedSet(data.part("test"), tuple(networks))


def toxicophores(quick: bool = False) -> TrainedSet:
    """Ames test molecules that the shipped committee calls mutagenic and that carry a Kazius toxicophore.

    The cause is any of the molecule's toxicophores or several of them together. That a toxicophore is the cause is what
    chemists hold, not a certainty: a molecule may be mutagenic for a reason that no rule lists.
    """
    predictor = Predictor.load("mutagenicity")
    table = load_table(predictor.task)
    rows = [parent_smiles(text) for text in table["smiles"][table["split"] == "test"]]
    smiles = [text for text in rows if text is not None][: QUICK_SIZE if quick else None]
    predicted = predictor.outputs(featurize(smiles)).output
    assert predictor.threshold is not None
    smiles = [text for text, p in zip(smiles, predicted, strict=True) if p >= predictor.threshold]
    return TrainedSet(with_toxicophores(smiles), predictor.bundle.members)


def with_toxicophores(smiles: Sequence[str]) -> ExplainedSet:
    """Those of some molecules that carry a Kazius toxicophore, as positives whose cause it is."""
    found = [[alert.atoms for alert in find_alerts(text, catalogs=("Kazius",))] for text in smiles]
    carriers = [(text, sites) for text, sites in zip(smiles, found, strict=True) if sites]
    batch = featurize([text for text, _ in carriers])
    atoms = np.diff(batch.atom_offsets).tolist()
    masks = tuple(combined_sites(sites, n_atoms) for (_, sites), n_atoms in zip(carriers, atoms, strict=True))
    return ExplainedSet(
        name="toxicophores",
        kind="classification",
        channels=MUTAGENICITY.channels,
        batch=batch,
        labels=np.ones(len(carriers), dtype=np.float32),
        split=np.full(len(carriers), "test"),
        node_masks=masks,
        edge_masks=tuple(inner_edges(mask, batch, g) for g, mask in enumerate(masks)),
        smiles=tuple(text for text, _ in carriers),
    )


def combined_sites(sites: Sequence[tuple[int, ...]], n_atoms: int) -> Bools:
    """Every valid explanation of a class that any of some sites causes, in channel 1 of two; (V, n_atoms, 2)."""
    sizes = range(1, len(sites) + 1) if len(sites) <= MOST_COMBINED_SITES else (1, len(sites))
    chosen = [subset for size in sizes for subset in itertools.combinations(sites, size)]
    masks = np.zeros((len(chosen), n_atoms, 2), dtype=np.bool_)
    for mask, subset in zip(masks, chosen, strict=True):
        mask[sorted(set().union(*subset)), 1] = True
    return masks
