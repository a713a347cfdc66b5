"""Molecules and a tiny trained bundle that many tests share; no network and no data set is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from rdkit import Chem

if os.environ.get("WHYMOL_HIDE_DGL"):
    # The second run of `make test`: as on a Python that has no DGL wheel.
    sys.modules["dgl"] = None  # type: ignore[assignment]

ODD_SMILES = (
    "C",
    "[Na+].[Cl-]",
    "[2H]C([2H])O",
    "C[Pt](C)<-N",
    "[CH3]",
    "[NH4+]",
    "[13CH4]",
    "C/C=C/C",
    "C/C=C\\C",
    "F[C@H](Cl)Br",
    "F[C@@H](Cl)Br",
    "C[S@](=O)CC",
    "[Og]",
    "[Al-5]",
    "[Fe+6]",
    "*C",
    "[CH3:1]C",
    "C1CC1C2CCCC2",
    "c1ccc2c(c1)[nH]c1ccccc12",
    "FS(F)(F)(F)(F)F",
    "C#N",
    "C=[N+]=[N-]",
    "C12C3C4C1C5C4C3C25",
    "C1CCCCCCCCCCCCC1",
    "N" + "CC" * 140,
)

NITRO = tuple(
    f"O=[N+]([O-])c1ccc({group})cc1"
    for group in ("C", "CC", "O", "OC", "Cl", "Br", "F", "N", "C(C)C", "C#N", "CO", "SC", "CCC", "I", "NC", "CN")
)
PLAIN = tuple(
    f"c1ccc({group})cc1C"
    for group in ("C", "CC", "O", "OC", "Cl", "Br", "F", "N", "C(C)C", "C#N", "CO", "SC", "CCC", "I", "NC", "CN")
)


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Streamlit's AppTest leaves its page as `__main__`, which processes that a later test spawns would run first."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(autouse=True)
def no_own_models(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of own models without any: what somebody trained on this machine is no part of a test."""
    folder = tmp_path / "own-models"
    monkeypatch.setenv("WHYMOL_MODELS", str(folder))
    return folder


@pytest.fixture(scope="session")
def odd_smiles() -> tuple[str, ...]:
    """Molecules that featurisers get wrong."""
    return ODD_SMILES


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    """A task that a tiny model learns in seconds: nitro compounds are positive."""
    rows = [
        (text, float(label)) for pair in zip(NITRO, PLAIN, strict=True) for label, text in ((1, pair[0]), (0, pair[1]))
    ]
    frame = pd.DataFrame(rows, columns=["smiles", "label"])
    frame["smiles"] = [Chem.CanonSmiles(text) for text in frame["smiles"]]
    frame["inchikey14"] = [Chem.MolToInchiKey(Chem.MolFromSmiles(text))[:14] for text in frame["smiles"]]
    frame["split"] = ["train" if i % 4 < 2 else ("valid" if i % 8 < 4 else "test") for i in range(len(frame))]
    return frame


@pytest.fixture(scope="session")
def tiny_bundle(table: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real bundle of two small members, trained here."""
    from datasets.tasks import MUTAGENICITY
    from megan.building import build_bundle
    from megan.model import ModelSettings
    from megan.settings import Recipe, TrainSettings

    root = tmp_path_factory.mktemp("tiny")
    build_bundle(
        MUTAGENICITY,
        table,
        root / "bundle",
        root / "run",
        data_sha256="0" * 64,
        recipe=Recipe(
            train=TrainSettings(epochs=12, batch=8, averaging=0.5),
            model=ModelSettings(width=16, attention_width=8, projection=(16,), head=(16,)),
            members=2,
        ),
    )
    return root / "bundle"
