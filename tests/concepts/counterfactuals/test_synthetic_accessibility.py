"""The score is RDKit's own, and easy molecules are easier than hard ones."""

from __future__ import annotations

import pytest
from rdkit import Chem

from concepts.counterfactuals.candidate_scores import harder, making_cost, new_alerts
from concepts.counterfactuals.synthetic_accessibility import is_available, sa_score
from datasets.alerts import find_alerts

pytestmark = pytest.mark.skipif(not is_available(), reason="RDKit was installed without its contributed programs")


def test_easy_is_easier_than_hard() -> None:
    easy = sa_score(Chem.MolFromSmiles("CC(=O)Nc1ccccc1"))
    hard = sa_score(
        Chem.MolFromSmiles("C[C@]12CC[C@@H]3[C@@]4(C)CC[C@H](O)C[C@]45O[C@@]3(C=C5)[C@@H]1CC[C@@H]2C(=O)CO")
    )
    assert easy is not None
    assert hard is not None
    assert 1 <= easy < 2 < hard <= 10


@pytest.mark.parametrize("smiles", ["", "C", "[Na+].[Cl-]", "[Pt]"])
def test_the_smallest_molecules_have_a_score_or_none(smiles: str) -> None:
    score = sa_score(Chem.MolFromSmiles(smiles))
    assert score is None or 0 <= score <= 10


def test_only_a_worse_score_costs() -> None:
    assert harder(3.0, 2.0) == 1.0
    assert harder(2.0, 3.0) == harder(None, 2.0) == harder(2.0, None) == harder(2.01, 2.0) == 0.0
    assert making_cost(0.0) == 0.0 < making_cost(0.1) < making_cost(1.0)


def test_only_new_alerts_count() -> None:
    nitro = find_alerts("O=[N+]([O-])c1ccccc1")
    assert new_alerts(nitro, "O=[N+]([O-])c1ccccc1") == ()
    assert {a.name for a in new_alerts(nitro, "O=[N+]([O-])c1cccc([N+](=O)[O-])c1")}
    assert new_alerts([], "O=[N+]([O-])c1ccccc1")
