"""The quick paths of screening say what `predict` says, whatever the parts."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from app.concepts.known import NO_CONCEPTS
from app.predicting.records import table_columns
from app.screening.columns import StoredColumn, screen_columns, stored_columns
from app.screening.engines.raw_part import RawPart
from app.screening.mask_text import mask_texts, mask_values
from app.screening.model_facts import model_facts
from app.screening.part_work import PartWork
from app.screening.settings import ScreenSettings
from app.screening.standardising import standardise
from datasets.featurize import featurize
from datasets.molecule import InputRow, Molecule
from datasets.standardize import Policy, standardize
from megan.predictor import Predictor, predict_rows
from tests.app.screening.conftest import settings

MESSY = (
    "O=[N+]([O-])c1ccccc1", "", "CC(", "C(C)O", "CC(=O)[O-].[Na+]", "[Na+].[Cl-]", "CCO>>CC=O", "C[CH:3]C", "*CC",
    "c1ccc(-c2ccccc2)cc1", "C[N+](C)(C)C.[Cl-]", "F[C@H](Cl)Br", "C[Pt](C)Cl", "[nH]1cccc1", "😀", "CCO name", "[H][H]",
    "O=C([O-])c1ccccc1", "C" * 500, "OC(=O)c1ccccc1.OCC", "[2H]C([2H])O", "C/C=C/C", " CCO", "CC\x00O", "C[N+](=O)[O-]",
)  # fmt: skip


@pytest.mark.parametrize("policy", list(Policy))
def test_standardising_equals_the_plain_form(odd_smiles: tuple[str, ...], policy: Policy) -> None:
    texts = (*MESSY, *odd_smiles)
    found = standardise([""] * len(texts), texts, policy, with_inchikey=True)
    at = 0
    for row, text in enumerate(texts):
        plain = standardize(InputRow(row, "", text), policy)
        if not isinstance(plain, Molecule):
            assert (found.status[row], found.code[row], found.detail[row]) == ("error", plain.code, plain.sentence)
            continue
        assert (found.smiles[row], found.inchikey[row]) == (plain.smiles, plain.inchikey), text
        assert (found.status[row] == "warning") == bool(plain.notes)
        assert found.places[row] >= 0
        at += 1
    assert at == len(found.batch) == len(found.molecule_smiles)
    assert found.molecule_smiles == sorted(found.molecule_smiles)
    assert [found.smiles[row] for row in found.rows] == found.molecule_smiles
    plain_batch = featurize(found.molecule_smiles)
    np.testing.assert_array_equal(found.batch.atoms, plain_batch.atoms)
    np.testing.assert_array_equal(found.batch.atom_offsets, plain_batch.atom_offsets)


def test_rows_given_up_are_not_looked_at() -> None:
    seen: list[int] = []
    found = standardise(["", ""], ["CCO", "CCN"], given_up={0: ("timeout", "Too long.")}, at_row=seen.append)
    assert found.code == ["timeout", None]
    assert found.smiles == [None, "CCN"]
    assert seen == [-1]


def _work(bundle: Path, asked: ScreenSettings) -> tuple[PartWork, list[StoredColumn]]:
    facts, _ = model_facts(asked.tasks)
    stored = stored_columns(["SMILES"], screen_columns(facts, asked, with_input=True))
    return PartWork.of(asked, stored), stored


def _part(texts: tuple[str, ...], first: int = 0) -> RawPart:
    return RawPart(0, first, [""] * len(texts), list(texts), [list(texts)])


def test_values_are_those_of_predict(tiny_bundle: Path) -> None:
    asked = settings(tiny_bundle, inchikey=True)
    work, stored = _work(tiny_bundle, asked)
    table = work(_part(MESSY))
    predictor = Predictor.load(tiny_bundle)
    rows = [InputRow(row, "", text) for row, text in enumerate(MESSY)]
    plain = [predict_rows([row], [predictor])[0] for row in rows]
    names = {column.key: column.name for column in stored if not column.own}
    compared = 0
    for column in table_columns([predictor.task], NO_CONCEPTS):
        ours = table[names[column.name]].to_pylist()
        wanted = [column.read(result) for result in plain]
        if column.kind == "number":
            assert [v is None for v in ours] == [v is None for v in wanted]
            np.testing.assert_allclose(
                [v for v in ours if v is not None], [v for v in wanted if v is not None], atol=1e-5, err_msg=column.name
            )
        else:
            assert ours == wanted, column.name
        compared += 1
    assert compared > 10


def test_parts_do_not_matter(tiny_bundle: Path) -> None:
    work, _ = _work(tiny_bundle, settings(tiny_bundle))
    whole = work(_part(MESSY)).to_pylist()
    cut = [row for at in range(0, len(MESSY), 4) for row in work(_part(MESSY[at : at + 4], at)).to_pylist()]
    assert len(cut) == len(whole)
    for row, other in zip(whole, cut, strict=True):
        for name, value in row.items():
            if isinstance(value, float):
                assert other[name] == pytest.approx(value, abs=1e-5), name
            elif not name.endswith("_mask"):
                assert other[name] == value, name


def test_a_part_without_molecules_is_a_part(tiny_bundle: Path) -> None:
    work, _ = _work(tiny_bundle, settings(tiny_bundle))
    rows = work(_part(("", "CC("))).to_pylist()
    assert [row["status"] for row in rows] == ["error", "error"]
    assert rows[0]["mutagenicity_probability"] is None


def test_one_member_answers_alone(tiny_bundle: Path) -> None:
    work, _ = _work(tiny_bundle, settings(tiny_bundle, members="one"))
    [row] = work(_part(("CCO",))).to_pylist()
    assert row["mutagenicity_spread"] == 0


def test_columns_are_never_alike() -> None:
    facts, _ = model_facts(("mutagenicity",))
    ours = screen_columns(facts, ScreenSettings(("mutagenicity",)), with_input=False)
    own = ["smiles", "SMILES", "Smiles_2", "Row", "STATUS"]
    stored = stored_columns(own, ours)
    names = [column.name.casefold() for column in stored]
    assert len(set(names)) == len(names)
    assert [column.key for column in stored][: len(own)] == own
    assert [column.name for column in stored][:3] == ["smiles", "SMILES_3", "Smiles_2"]
    assert [column.key for column in stored][len(own) :] == [column.name for column in ours]


def test_masks_read_back() -> None:
    importance = np.array([0, 0.126, 1, 0.5], dtype=np.float32)
    texts = mask_texts(importance, np.array([0, 3, 3, 4]))
    assert texts.to_pylist() == ["0 13 100", "", "50"]
    np.testing.assert_allclose(mask_values(texts[0].as_py()), [0, 0.13, 1])


def test_masks_are_whole_percents() -> None:
    importance = np.concatenate([np.arange(0, 1.0001, 0.0005), np.random.default_rng(0).random(999)]).astype(np.float32)
    offsets = np.array([0, 1, 1, 700, len(importance)])
    plain = np.rint(importance.astype(np.float64) * 100).astype(int)
    texts = mask_texts(importance, offsets).to_pylist()
    wanted = [" ".join(map(str, plain[first:last])) for first, last in itertools.pairwise(offsets.tolist())]
    assert texts == wanted
    assert mask_texts(importance[:0], np.zeros(1, dtype=np.int64)).to_pylist() == []
