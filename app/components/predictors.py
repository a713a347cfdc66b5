"""The shipped models, loaded once per server; the one door through which pages obtain predictors.

Loading brings torch in, which takes seconds: pages draw themselves first and call `predictors` last.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from datasets.molecule import InputRow
from datasets.standardize import Policy
from megan.prediction import RowResult

if TYPE_CHECKING:
    from megan.predictor import Predictor

# Streamlit runs a page in a new thread each time, and each would start a pool of its own in torch and dgl; on busy
# cores that made one molecule ten times slower. Both read this when they are imported, which is in `predictors`.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@st.cache_resource(show_spinner=False)
def predictors() -> dict[str, Predictor]:
    """Every shipped model by task name, in the order of `shipped_tasks`; empty where none is shipped."""
    from megan.predictor import Predictor, predict_rows, shipped_tasks  # torch only once a page needs it

    models = {name: Predictor.load(name) for name in shipped_tasks()}
    if models:
        # The first prediction compiles and caches; better now than on the reader's first molecule.
        predict_rows([InputRow(row=0, id="", text="CCO")], list(models.values()))
    return models


def committee_size(predictor: Predictor) -> int | None:
    """Number of members that the model's card states."""
    members = predictor.card.get("members")
    return int(members) if members else None


def predict(rows: Sequence[InputRow], policy: Policy, tasks: Sequence[str] = ()) -> list[RowResult]:
    """Predict rows with the named shipped models, or with all of them where none is named."""
    from megan.predictor import predict_rows  # torch only once something is predicted

    models = predictors()
    return predict_rows(rows, [models[name] for name in tasks or models], policy)
