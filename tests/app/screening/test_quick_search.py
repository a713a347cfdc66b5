"""The quick searches find what the plain ones find: alerts by filter, nearest compounds by index."""

from __future__ import annotations

import numpy as np
import pytest
from rdkit import Chem

from app.screening.alerts.names import CATALOGS, _rules, alert_names
from app.screening.alerts.smarts_filter import compile_filter
from app.screening.alerts.smarts_graphs import EXACT, UNSURE
from app.screening.code_numbers import CodeNumbers
from app.screening.nearest import Fingerprints, NearestSearch, fingerprints_of
from datasets.alerts import find_alerts
from datasets.featurize import featurize_mols
from megan.domain import MeasuredSet, fingerprint, similarities
from tests.datasets.plain_smiles.made_molecules import made_molecules

ALERTING = (
    "O=C1C=CC(=O)C=C1", "c1ccc2c(c1)ccc1c2ccc2ccccc21", "Nc1ccc(N=Nc2ccccc2)cc1", "CN(C)c1ccc(C=C2SC(=S)NC2=O)cc1",
    "CCOC(=O)CC(=O)OCC(=O)OC", "ClCCN(C)CCCl", "O=[N+]([O-])c1ccc(S(C)(=O)=O)cc1", "C1CO1", "O=CC=CC", "CN=[N+]=[N-]",
    "c1ccc(Nc2ccccc2)cc1", "Oc1ccccc1O", "CC(=O)Oc1ccccc1", "S=C(N)Nc1ccccc1", "N#CC(C#N)=Cc1ccccc1", "O=NN1CCOCC1",
    "c1ccc2nc3ccccc3cc2c1", "Clc1ccccc1", "CS(=O)(=O)OC", "[O-][n+]1ccccc1", "C=CC=O", "O=C1CCO1", "FC(F)(F)c1ccccc1N",
)  # fmt: skip


def test_alerts_are_those_of_the_plain_search(odd_smiles: tuple[str, ...]) -> None:
    known = [Chem.MolFromSmiles(text) for text in (*ALERTING, *odd_smiles)]
    mols = [mol for mol in known if mol is not None]
    found = alert_names(mols.__getitem__, featurize_mols(mols))
    hits = 0
    for place, mol in enumerate(mols):
        smiles = Chem.MolToSmiles(mol)
        if "*" in smiles:
            continue  # no molecule to predict
        plain = find_alerts(smiles)
        for catalog in CATALOGS:
            names = "; ".join(sorted({alert.name for alert in plain if alert.catalog == catalog}))
            assert found[catalog][place] == names, smiles
            hits += bool(names)
    assert hits > 30


@pytest.mark.parametrize(
    "smarts",
    [
        "[#6]", "c1ccccc1", "[$([CH2]),$([CH][CX4])]=*", "[!#6;!$(N=O)]~*", "[NX3;H1,H2]", "a-!@a", "C.C", "[R2]",
        "[r5]", "[C;!R]=,#[N,O]", "[N+](=O)[O-]", "[#1]", "[2H]", "C1CC1", "[D3]", "[v3]", "[CX4]!@[OX2]",
        "*~1~*~*~*~*~1", "[a]", "[C@H](F)Cl", "[nH]", "[!C;!c]", "[N;$(N-c);!$(N-C=O)]", "[R]", "[!R]", "[R0]~[R0]",
        "[$([C;R]~[$(N),$(O)])]", "[!$([#6]~[!$([#6])])]", "[#6;$(C=O),$(c[OH]);!$(C(=O)[O;!$(OC)])]~[!#6]", "C.N.O",
        "CO.c1ccccc1", "O=C.O=C", "[$(C(=O).N)]", "[C,c;!$(*~[N,O]);$(*~*~[N,O])]", "[$(*(~*)(~*)~*)]", "[r6,r5]",
        "[X2]~[X3;H0]", "[$([N+](=O)[O-])]", "C-!@C", "C-,=;@C", "[CX3]=!@[CX3]", "[*H2]",
        "[$(c1ccccc1)]-[$(c1ccccc1),N]",
    ],
)  # fmt: skip
def test_a_search_finds_what_rdkit_finds(smarts: str, odd_smiles: tuple[str, ...]) -> None:
    texts = (*ALERTING, *odd_smiles, *made_molecules()[::30])
    mols = [mol for text in texts if (mol := Chem.MolFromSmiles(text)) is not None]
    pattern = Chem.MolFromSmarts(smarts)
    found = compile_filter([pattern]).find(featurize_mols(mols))
    for mol, holds, unsure in zip(mols, found.holds[:, 0], found.unsure[:, 0], strict=True):
        assert unsure or holds == mol.HasSubstructMatch(pattern), Chem.MolToSmiles(mol)


def test_a_search_tells_for_sure() -> None:
    mols = [Chem.MolFromSmiles(text) for text in ("c1ccccc1", "C1CCCCC1", "CCCCCC")]
    patterns = [Chem.MolFromSmarts(text) for text in ("c1ccccc1", "C1CCCCC1", "[N,O]", "CCO")]
    found = compile_filter(patterns).find(featurize_mols(mols))
    assert not found.unsure.any()
    assert np.argwhere(found.holds).tolist() == [[0, 0], [1, 1]]
    assert compile_filter(patterns).find(featurize_mols([])).holds.shape == (0, 4)


def _measured(n: int, seed: int) -> MeasuredSet:
    random = np.random.default_rng(seed)
    bits = random.random((n, 1024)) < random.uniform(0.002, 0.1, (n, 1)) * (np.arange(1024) % 7 == 0)
    words = np.packbits(bits, axis=1, bitorder="little").view(np.uint64)
    return MeasuredSet(
        words, np.zeros(n, np.float32), random.integers(0, 3, n).astype(np.uint8), np.arange(n, dtype=np.uint64)
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_nearest_is_the_nearest(seed: int) -> None:
    measured, queries = _measured(300, seed), _measured(100, seed + 99).fingerprints.copy()
    queries[:5] = measured.fingerprints[:5]
    queries[5] = 0
    found = NearestSearch.of(measured).find(Fingerprints(queries))
    training = measured.fingerprints[measured.splits == 0]
    plain = [similarities(training, query).max() for query in queries]
    np.testing.assert_allclose(found.training, plain, atol=1e-6)
    for place in range(len(queries)):
        np.testing.assert_array_equal(
            found.same.of(place), np.flatnonzero((measured.fingerprints == queries[place]).all(axis=1))
        )


def test_nothing_measured_is_nothing_near() -> None:
    found = NearestSearch.of(_measured(0, 0)).find(Fingerprints(_measured(3, 1).fingerprints))
    assert found.training.tolist() == [0, 0, 0]


def test_fingerprints_are_those_of_the_domain() -> None:
    mols = [Chem.MolFromSmiles(text) for text in ALERTING]
    words = fingerprints_of(featurize_mols(mols), mols.__getitem__).words
    np.testing.assert_array_equal(words, np.stack([fingerprint(text) for text in ALERTING]))


def test_little_is_left_to_rdkit() -> None:
    rules, search = _rules()
    kinds = search.patterns.graphs.kinds[: len(rules)]
    assert (kinds == EXACT).sum() > 500
    assert (kinds == UNSURE).sum() < 20


def test_a_search_that_takes_long_is_left_to_rdkit() -> None:
    cage = Chem.MolFromSmiles("C12C3C4C5C1C6C7C2C8C3C9C4C1C5C6C2C7C8C9C12")
    found = compile_filter([Chem.MolFromSmarts("*~*" * 9 + "~[#7]")]).find(featurize_mols([cage, cage]))
    assert not found.holds.any()
    long = compile_filter([Chem.MolFromSmarts("C~" * 19 + "[$(C~C~C~C~C~C~C~C~C~C~C~C~C~C~C~C~C~C~C~N)]")])
    assert long.find(featurize_mols([cage])).unsure.any()


def test_codes_keep_their_numbers() -> None:
    numbers, rng = CodeNumbers(), np.random.default_rng(0)
    seen: dict[int, int] = {}
    for size in (0, 5, 1000, 3000):
        codes = rng.integers(0, 2000, size) * 12345678901
        found, first = numbers.number(codes)
        for code in codes.tolist():
            seen.setdefault(code, len(seen))
        assert found.tolist() == [seen[code] for code in codes.tolist()]
        assert [seen[codes[place]] for place in first] == list(range(len(numbers) - len(first), len(numbers)))
    assert len(numbers) == len(seen)
