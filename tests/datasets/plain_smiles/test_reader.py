"""What is read without RDKit is what RDKit reads, and nothing else is read."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rdkit import Chem, rdBase

from datasets.featurize import featurize
from datasets.plain_smiles import known_rings
from datasets.plain_smiles.reader import PlainReader
from datasets.standardize import Policy, StandardForm, standard_form
from tests.datasets.plain_smiles.made_molecules import made_molecules, near_misses

MADE = made_molecules()


def assert_read_rightly(reader: PlainReader, texts: Sequence[str]) -> list[str]:
    """Those that are read, after comparing them with the slow way."""
    places, batch = reader.read(texts)
    read = [texts[place] for place in places]
    for text in read:
        assert standard_form(text) == StandardForm(text, ()), text
        assert standard_form(text, Policy.AS_DRAWN) == StandardForm(text, ()), text
    plain = featurize(read)
    for field in ("atoms", "bonds", "ends", "atom_offsets", "bond_offsets"):
        np.testing.assert_array_equal(getattr(batch, field), getattr(plain, field), err_msg=field)
    return read


def test_plain_molecules_are_read_as_rdkit_reads_them() -> None:
    read = assert_read_rightly(PlainReader(), MADE)
    assert len(MADE) > 2000
    assert len(read) > 0.95 * len(MADE)


def test_other_molecules_are_left(odd_smiles: tuple[str, ...]) -> None:
    read = assert_read_rightly(PlainReader(), odd_smiles)
    assert set(read) <= {"C", "C#N", "C1CC1C2CCCC2", "c1ccc2c(c1)[nH]c1ccccc12", "C1CCCCCCCCCCCCC1"}


@pytest.mark.parametrize("seed", [0, 1])
def test_texts_that_are_nearly_molecules_are_never_taken_for_some(seed: int) -> None:
    with rdBase.BlockLogs():
        assert_read_rightly(PlainReader(), near_misses(MADE, 1500, seed))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "C ", "CC(C)", "C(C)", "C((C))C", "C()C", "C1CC", "C1C1", "C11", "C%11CC%11", "C=1CC1", "C12CC1C2",
        "C-C", "c1ccccc1c1ccccc1", "c1ccc-cc1", "C1=CC=CC=C1", "OC", "C(N)O", "[CH4]", "[NH4+]", "[O-]C", "CC(=O)[O-]",
        "N[O-]", "C[N+](=O)O", "F(C)C", "C(C)(C)(C)(C)C", "cc", "c1cccc1", "n1cccc1", "[nH]1cccc1", "C.C", "C/C=C/C",
        "[2H]C", "C*", "C2CC2", "CC1CC1CC2CC2", "C1CCC2CCCCC2C1C1CC1C1CC1", "Cl", "CS", "SC", "CP(C)C", "PC", "é",
        "C\x00C", "C\u2460", "OB(O)O", "N(=O)=O", "CN(=O)=O", "C=C=C", "C#C#C", "O=O", "FF", "ClCl", "c1ccccc1-", "-C",
        "(C)C", "1CC1", "C)C", "CS12CCC(C)(C(=O)C1)C2(C)C", "CN=S=NC", "C=P(C)(C)C", "c1ccsc1=O", "O=c1cc[nH]cc1",
    ],
)  # fmt: skip
def test_odd_texts(text: str) -> None:
    with rdBase.BlockLogs():
        assert_read_rightly(PlainReader(), [text, "CCO", text])


def test_a_reader_asks_rdkit_once_for_each_system_of_rings() -> None:
    reader, asked = PlainReader(), list[int]()
    texts = ["Cc1ccccc1", "CCO", "Cc1ccc(Br)cc1", "Clc1ccccc1"]
    places, _ = reader.read(texts, asked.append)
    assert places.tolist() == [0, 1, 2, 3]
    assert set(asked) <= {0, 2, 3}
    asked.clear()
    assert reader.read(["Oc1ccccc1", *texts], asked.append)[0].tolist() == [0, 1, 2, 3, 4]
    assert asked == []


def test_systems_that_do_not_stay_are_known_too() -> None:
    reader, asked = PlainReader(), list[int]()
    assert reader.read(["C1=CC=CC=C1"], asked.append)[0].tolist() == []
    assert asked == [0]
    assert reader.read(["CC1=CC=CC=C1"], asked.append)[0].tolist() == []


def test_what_is_learned_is_forgotten_when_it_gets_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_rings, "MOST_ENTRIES", 2000)
    reader = PlainReader()
    for first in range(0, len(MADE), 100):
        assert_read_rightly(reader, MADE[first : first + 100])
    assert reader._known.memory.starts[len(reader._known)] <= 2000


def test_order_and_company_do_not_matter() -> None:
    texts = [*MADE[:300], *near_misses(MADE[:50], 50, 7)]
    order = np.random.default_rng(0).permutation(len(texts))
    reader = PlainReader()
    forth = {texts[place] for place in reader.read(texts)[0]}
    back = {texts[order[place]] for place in PlainReader().read([texts[i] for i in order])[0]}
    alone = {text for text in texts if len(reader.read([text])[0])}
    assert forth == back == alone


@pytest.mark.skipif(not os.environ.get("MEGAN_DATA"), reason="MEGAN_DATA names no folder with the real tables")
@pytest.mark.parametrize("name", ["library/muv_hts_93k.smi.gz", "library/moses_250k.smi.gz"])
def test_real_libraries_are_read(name: str) -> None:
    with gzip.open(Path(os.environ["MEGAN_DATA"]) / name, "rt") as lines:
        texts = [Chem.CanonSmiles(line.split()[0]) for line in lines if not line.lower().startswith("smiles")][:10_000]
    assert len(assert_read_rightly(PlainReader(), texts)) > 0.85 * len(texts)
