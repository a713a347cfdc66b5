"""Splits are exact, repeatable, and do not leak."""

from __future__ import annotations

import os
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem.Scaffolds.MurckoScaffold import GetScaffoldForMol

from datasets import splits
from datasets.sources import load_table, published_table
from datasets.splits import (
    SPLITS,
    fixed_split,
    random_split,
    rows_kept_apart,
    scaffold_split,
    split_list,
    write_split_list,
)
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY, TASKS, Task

RINGS = ("c1ccccc1", "C1CCCCC1", "c1ccncc1", "c1ccsc1", "C1CCOC1", "c1ccc2ccccc2c1", "c1ccc(-c2ccccc2)cc1", "C1CC1")
TAILS = ("", "C", "CC", "OC", "NC", "Cl", "OC(=O)C", "N#C")
MOLECULES = st.lists(
    st.one_of(
        st.builds(lambda tail, ring: tail + ring, st.sampled_from(TAILS), st.sampled_from(RINGS)),
        st.sampled_from(("CCO", "CCCCN", "CC(=O)O", "C[C@H](N)C(=O)O")),
    ),
    max_size=60,
)
FRACTIONS = (
    st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(0, 10))
    .filter(any)
    .map(lambda parts: tuple(part / sum(parts) for part in parts))
)


def _scaffold(smiles: str) -> str:
    return str(Chem.MolToSmiles(GetScaffoldForMol(Chem.MolFromSmiles(smiles))))


@given(st.integers(0, 500), FRACTIONS, st.integers(0, 2**32))
def test_random_split_has_exact_sizes(n: int, fractions: tuple[float, float, float], seed: int) -> None:
    split = random_split(n, fractions, seed)
    assert split.shape == (n,)
    count = Counter(split.tolist())
    assert set(count) <= set(SPLITS)
    for name, share in zip(SPLITS, fractions, strict=True):
        assert abs(count[name] - n * share) <= 1
    assert np.array_equal(split, random_split(n, fractions, seed))


def test_random_split_depends_on_the_seed() -> None:
    assert not np.array_equal(random_split(100, seed=0), random_split(100, seed=1))


@settings(max_examples=60, deadline=None)
@given(MOLECULES, FRACTIONS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_no_scaffold_in_two_splits_whatever_the_order(
    molecules: list[str], fractions: tuple[float, float, float], seed: int, random: object
) -> None:
    split = scaffold_split(molecules, fractions, seed)
    assert set(split) <= {name for name, share in zip(SPLITS, fractions, strict=True) if share > 0}
    home: dict[str, str] = {}
    for smiles, name in zip(molecules, split.tolist(), strict=True):
        assert home.setdefault(_scaffold(smiles), name) == name
    order = list(range(len(molecules)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = scaffold_split([molecules[i] for i in order], fractions, seed)
    assert shuffled.tolist() == split[order].tolist()


def test_large_scaffolds_are_in_train_and_shares_are_met() -> None:
    large = ["C" * i + "c1ccccc1" for i in range(60)]
    rare = [f"C1{'C' * i}OC1" for i in range(1, 41)]
    split = scaffold_split([*rare, *large], (0.8, 0.1, 0.1))
    assert set(split[40:]) == {"train"}
    assert Counter(split.tolist()) == {"train": 80, "valid": 10, "test": 10}


def test_the_largest_scaffold_is_in_train_even_if_it_is_more_than_its_share() -> None:
    split = scaffold_split(
        ["c1ccccc1C"] * 95 + ["C1CC1", "C1CCC1", "C1CCCC1", "C1CCCCC1", "C1CCCCCC1"], (0.5, 0.25, 0.25)
    )
    assert set(split[:95]) == {"train"}
    assert "train" not in split[95:]


def test_stereo_does_not_part_a_scaffold() -> None:
    split = scaffold_split(["C[C@H]1CC[C@@H](O)C1", "C[C@@H]1CC[C@H](O)C1"] * 5, (0.5, 0.25, 0.25))
    assert len(set(split)) == 1


def test_the_seed_orders_equally_frequent_scaffolds() -> None:
    rings = [f"C1{'C' * i}OC1" for i in range(1, 31)]
    assert {tuple(scaffold_split(rings, seed=seed)) for seed in range(3)} != {tuple(scaffold_split(rings, seed=0))}


@pytest.mark.parametrize(
    "fractions", [(0.8, 0.1), (0.8, 0.1, 0.2), (1.1, -0.1, 0), (0.5, 0.5, float("nan")), (), (1, 0, 0, 0)]
)
def test_bad_fractions_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="fractions are"):
        random_split(10, fractions)
    with pytest.raises(ValueError, match="fractions are"):
        scaffold_split(["CCO"], fractions)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="n is -1"):
        random_split(-1)
    with pytest.raises(ValueError, match=r"smiles\[1\] is 'C1CC'"):
        scaffold_split(["CCO", "C1CC"])


def test_fixed_split_looks_the_list_up() -> None:
    rows = split_list(MUTAGENICITY)
    some = rows[::500]
    assert fixed_split([key for key, _ in some], MUTAGENICITY).tolist() == [name for _, name in some]
    with pytest.raises(ValueError, match=r"keys\[0\] is 'AAAAAAAAAAAAAA'.*'mutagenicity'"):
        fixed_split(["AAAAAAAAAAAAAA"], MUTAGENICITY)


def test_a_key_in_several_splits_is_never_taken_for_a_learned_one() -> None:
    of_key: dict[str, set[str]] = {}
    for key, name in split_list(SOLUBILITY):
        of_key.setdefault(key, set()).add(name)
    several = [key for key, names in of_key.items() if len(names) > 1]
    assert len(several) == 104
    for key, name in zip(several, fixed_split(several, SOLUBILITY).tolist(), strict=True):
        assert name == ("test" if "test" in of_key[key] else "valid")


def test_rows_of_a_compound_stay_in_its_last_split() -> None:
    keys = ["a", "a", "b", "b", "b", "c", "c", "d", "d"]
    split = ["train", "test", "valid", "train", "valid", "test", "valid", "train", "train"]
    kept = rows_kept_apart(keys, split)
    assert kept.tolist() == [False, True, True, False, True, True, False, True, True]
    assert rows_kept_apart([], []).tolist() == []
    with pytest.raises(ValueError, match=r"split\[0\] is 'dev'"):
        rows_kept_apart(["a"], ["dev"])


def test_the_solubility_split_without_its_leaks_keeps_every_test_row() -> None:
    keys, split = zip(*split_list(SOLUBILITY), strict=True)
    kept = rows_kept_apart(keys, split)
    left = [(key, name) for key, name, stays in zip(keys, split, kept, strict=True) if stays]
    assert Counter(name for _, name in left) == {"train": 7701, "valid": 953, "test": 998}
    assert all(len({name for other, name in left if other == key}) == 1 for key in np.array(keys)[~kept])
    assert [name for _, name in left] == fixed_split([key for key, _ in left], SOLUBILITY).tolist()


@pytest.mark.parametrize(
    ("task", "sizes"),
    [
        (MUTAGENICITY, {"train": 5666, "valid": 708, "test": 708}),
        (AGGREGATION, {"train": 41291, "valid": 5161, "test": 5161}),
        (SOLUBILITY, {"train": 7984, "valid": 998, "test": 998}),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_the_lists_have_the_published_sizes(task: Task, sizes: dict[str, int]) -> None:
    rows = split_list(task)
    assert Counter(name for _, name in rows) == sizes
    assert all(len(key) == 14 and key.isalpha() and key.isupper() for key, _ in rows)


def test_writing_a_list_again_gives_the_same_bytes(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = (splits._KEYS / "mutagenicity.txt.gz").read_bytes()
    rows = split_list(MUTAGENICITY)
    monkeypatch.setattr(splits, "_KEYS", tmp_path)
    written = write_split_list(MUTAGENICITY, rows)
    assert split_list(MUTAGENICITY) == rows
    assert written.read_bytes()[:8] == shipped[:8], "the header holds no time of writing"


@pytest.mark.skipif(not os.environ.get("MEGAN_DATA"), reason="needs the real data")
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_lists_agree_with_the_tables(task: Task) -> None:
    table = published_table(task)
    assert split_list(task) == list(zip(table["inchikey14"], table["split"], strict=True))


@pytest.mark.skipif(not os.environ.get("MEGAN_DATA"), reason="needs the real data")
@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_no_loaded_compound_is_in_two_splits(task: Task) -> None:
    table = load_table(task)
    assert (table.groupby("inchikey14")["split"].nunique() == 1).all()
    published = published_table(task)
    assert (published["split"] == "test").sum() == (table["split"] == "test").sum()
