"""Files that leave the page: CSV and SDF keep the user's columns, the sheet is one self-contained SVG."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree

import pytest
from rdkit import Chem

from app.components.editor import offline_script
from app.components.job import Job, new_job
from app.components.predict.downloads import job_as_csv, job_as_sdf
from app.components.predict.sheet import svg_sheet
from datasets.molecule import InputRow
from datasets.standardize import Policy
from datasets.tasks import AGGREGATION, MUTAGENICITY
from tests.app.fake_predictor import FakePredictor, fake_predict_rows

TASKS = (AGGREGATION, MUTAGENICITY)


@pytest.fixture
def job() -> Job:
    rows = [InputRow(0, "<b>a</b>", "CCO"), InputRow(1, "", "CC("), InputRow(2, "c", "O=[N+]([O-])c1ccccc1")]
    job = new_job(rows, Policy.PARENT, ("price", "note"), [("1", "=SUM(A1)"), ("2", ""), ("3", "x")])
    job.results = fake_predict_rows(rows, [FakePredictor(task) for task in TASKS])
    return job


def test_csv_has_every_row_with_the_users_columns_first(job: Job) -> None:
    rows = list(csv.reader(io.StringIO(job_as_csv(job, TASKS))))
    assert rows[0][:3] == ["price", "note", "row"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3"]
    assert rows[1][1] == "'=SUM(A1)"


def test_csv_of_a_stopped_job_has_the_rows_that_are_done(job: Job) -> None:
    job.results = job.results[:2]
    assert len(job_as_csv(job, TASKS).splitlines()) == 3


def test_sdf_carries_importances_and_the_users_columns(job: Job) -> None:
    mols = list(Chem.ForwardSDMolSupplier(io.BytesIO(job_as_sdf(job, TASKS).encode())))
    assert len(mols) == 3
    assert mols[2].GetProp("price") == "3"
    assert mols[2].GetAtomWithIdx(0).GetDoubleProp("mutagenicity_mutagenic") == pytest.approx(0.95, abs=1e-5)


def test_sheet_holds_every_channel_of_every_task(job: Job) -> None:
    root = ElementTree.fromstring(svg_sheet(job.results[0], TASKS))
    nested = root.findall("{http://www.w3.org/2000/svg}svg")
    assert len(nested) == 4 + 2
    assert root.attrib["aria-label"] == "<b>a</b>"
    with pytest.raises(ValueError, match="row 1"):
        svg_sheet(job.results[1], TASKS)


def test_editor_has_no_way_out() -> None:
    assert "http" not in offline_script()
