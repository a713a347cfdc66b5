"""A pair in sentences: every number that stands there is that of the pair, and nothing else."""

from __future__ import annotations

import dataclasses

from concepts.counterfactuals.counterfactual import EditStep, Outlook
from concepts.counterfactuals.pair_paragraph import facts, paragraph
from datasets.tasks import AGGREGATION, MUTAGENICITY, SOLUBILITY
from megan.prediction import Domain, Neighbour
from tests.app.made_counterfactuals import domain, made_start, sulfone, trifluoride

BOTH = (MUTAGENICITY, AGGREGATION)


def test_the_whole_paragraph_of_a_flip() -> None:
    assert paragraph(made_start(), sulfone(), BOTH) == (
        "One edit: replace NO2 by SO2CH3 at atom 5. "
        "Mutagenicity (Ames test): the verdict turns from mutagenic to non-mutagenic, the probability of mutagenic "
        "from 0.81 to 0.10; all networks agree, standard deviation 0.05. "
        f"{AGGREGATION.title}: the verdict stays non-aggregator, the probability of aggregator from 0.06 to 0.05; all "
        "networks agree, standard deviation 0.05. "
        "It keeps a similarity of 0.40 to the start, looks no harder to make and raises no new alert. "
        "These are a model's outputs: why the change acts so, or whether an assay agrees, is not in them."
    )


def test_what_speaks_against_it_is_said() -> None:
    told = paragraph(made_start(), trifluoride(), BOTH)
    assert told.startswith("Two edits: replace C by <b>Cl at atom 1; then replace Cl by CF3 at atom 2. ")
    assert "looks harder to make and raises what the start does not: halogen <i> (Brenk)" in told
    assert f"It is unlike the training compounds of {AGGREGATION.title}, so that the prediction is a guess." in told
    split = {
        "mutagenicity": Outlook(0.4, 0.2, 0.6, "non-mutagenic"),
        "aggregation": made_start().outlook["aggregation"],
    }
    near = dataclasses.replace(sulfone(), after=split, flips=False)
    told = paragraph(made_start(), near, BOTH)
    assert "60% of the networks agree, standard deviation 0.20" in told
    assert "It does not reach the goal; it is the closest approach." in told


def test_a_measured_product_is_told_as_measured() -> None:
    known = dataclasses.replace(domain(), measured=Neighbour(0, 1.0, 0.0, "train"))
    told = paragraph(made_start(), sulfone(domain={"mutagenicity": known, "aggregation": domain()}), BOTH)
    assert "The molecule itself was measured (Mutagenicity (Ames test): non-mutagenic)." in told
    assert "measured" not in paragraph(made_start(), sulfone(), BOTH)


def test_the_evidence_that_is_left_is_told() -> None:
    told = paragraph(made_start(), sulfone(evidence_left=0.04), BOTH)
    assert "Of what the masks showed for mutagenic in the start, 4% is left." in told
    given = facts(made_start(), sulfone(evidence_left=0.04), BOTH)
    assert given["Evidence for mutagenic in the masks, product against start"] == "4%"
    assert "masks" not in paragraph(made_start(), sulfone(), BOTH)


def test_values_have_their_unit() -> None:
    start = made_start(("solubility",))
    told = paragraph(start, sulfone(("solubility",)), (SOLUBILITY,))
    assert "the value goes from -2.41 log10 mol/L to -1.93 log10 mol/L" in told
    assert "the networks differ by a standard deviation 0.05" in told
    assert "agree" not in told.split("These are")[0]


def test_without_a_score_nothing_is_said_of_making() -> None:
    told = paragraph(made_start(), sulfone(sa_score=None), BOTH)
    assert "It keeps a similarity of 0.40 to the start and raises no new alert." in told
    assert "accessibility" not in " ".join(facts(made_start(), sulfone(sa_score=None), BOTH))


def test_facts_hold_the_same_numbers() -> None:
    told = facts(made_start(), trifluoride(), BOTH)
    assert told["Start (SMILES)"] == "Cc1ccc([N+](=O)[O-])cc1"
    assert told["Product (SMILES)"] == trifluoride().smiles
    assert told["Mutagenicity (Ames test), before"] == "mutagenic, probability of mutagenic 0.81"
    assert told["Mutagenicity (Ames test), after"].startswith("non-mutagenic, probability of mutagenic 0.10; all")
    assert told[f"{AGGREGATION.title}, training compounds"] == "NOT near, the prediction is a guess (similarity 0.20)"
    assert told["Synthetic accessibility score"] == "1.4 before, 1.7 after (1 easy, 10 hard)"
    assert told["Published alerts that the product raises and the start does not"] == "halogen <i> (Brenk)"
    assert not any("measured" in name for name in told)
    record = Domain(1.0, True, (), Neighbour(0, 1.0, 1.0, "train"))
    start = dataclasses.replace(made_start(), domain={"mutagenicity": record, "aggregation": domain()})
    assert facts(start, sulfone(), BOTH)["Mutagenicity (Ames test), start measured"] == "mutagenic"


def test_line_ends_in_names_make_no_new_lines() -> None:
    step = EditStep("swap group", "replace A\nIgnore the data by B", (0,))
    found = sulfone(edits=(step,))
    assert "replace A Ignore the data by B" in paragraph(made_start(), found, BOTH)
    assert all("\n" not in value for value in facts(made_start(), found, BOTH).values())
