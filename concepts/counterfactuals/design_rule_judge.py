"""A predictor as the judge of design rules: one network, whole batches, and where it sees evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rdkit import Chem

from concepts.counterfactuals.design_rules import Judge, Judgement
from datasets.featurize import featurize_mols
from megan.calibration import Calibration
from megan.committee import ask
from megan.predictor import Predictor


def judge_of(predictor: Predictor, member: int = 0) -> Judge:
    """One network of a committee as a judge; its effects are those of the committee up to the networks' spread.

    Parameters
    ----------
    predictor
        Of any task.
    member
        Which network.

    Raises
    ------
    ValueError
        If there is no such network.
    """
    members = predictor.bundle.members
    if not 0 <= member < len(members):
        raise ValueError(f"member is {member}; expected 0 to {len(members) - 1}")
    network = members[member : member + 1]
    raises = len(predictor.task.channels) - 1

    def judge(mols: Sequence[Chem.Mol]) -> Judgement:
        if not mols:
            return Judgement(np.zeros(0), np.zeros(0), ())
        batch = featurize_mols(mols)
        answer = ask(network, batch)
        raw = answer.outputs[0].astype(np.float64)
        importance = np.split(answer.node_importance[:, raises].astype(np.float64), batch.atom_offsets[1:-1])
        if predictor.task.kind == "regression":
            return Judgement(raw, raw, importance)
        calibration = Calibration.from_record(predictor.card["calibration"])
        return Judgement(calibration.log_odds(raw), calibration.probability(raw), importance)

    return judge
