"""The work on one part, whichever engine hands it out: rows in, table out.

standardise, featurise, ask every model (verdicts, masks, concepts, domain), look for alerts
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from app.screening.alerts.names import alert_names
from app.screening.answers import Screener
from app.screening.columns import ScreenColumn, ScreenedPart, StoredColumn, as_table, screen_columns
from app.screening.engines.raw_part import GIVEN_UP, AtRow, RawPart
from app.screening.model_facts import ModelFacts
from app.screening.models import load_models
from app.screening.nearest import fingerprints_of
from app.screening.settings import ScreenSettings
from app.screening.standardising import standardise
from datasets.plain_smiles.reader import PlainReader
from datasets.standardize import Policy
from megan.committee import prepare_for


@dataclass(slots=True)
class PartWork:
    """Models that are ready, and the columns that they fill."""

    settings: ScreenSettings
    screeners: list[Screener]
    columns: list[ScreenColumn]
    stored: list[StoredColumn]
    _reader: PlainReader = field(default_factory=PlainReader)

    @classmethod
    def of(cls, settings: ScreenSettings, stored: list[StoredColumn]) -> PartWork:
        """Load the models of a run.

        Parameters
        ----------
        settings
            What is asked for.
        stored
            The columns of the parts.
        """
        models = load_models(settings.tasks)
        facts = [ModelFacts(model.predictor.task, model.concepts is not None) for model in models]
        with_input = any(column.key == "input" and not column.own for column in stored)
        columns = screen_columns(facts, settings, with_input=with_input)
        return cls(settings, [Screener.of(model, settings.members) for model in models], columns, stored)

    def __call__(self, part: RawPart, at_row: AtRow = lambda row: None) -> pa.Table:
        """The results of a part.

        Parameters
        ----------
        part
            The rows.
        at_row
            Told which row, counted in the part, is worked on; -1 where it is all of them.
        """
        return as_table(self.screen(part, at_row), part.own, self.columns, self.stored)

    def screen(self, part: RawPart, at_row: AtRow = lambda row: None) -> ScreenedPart:
        """As `__call__`, before it is a table."""
        given_up = {
            row - part.first_row: (code, GIVEN_UP[code].format(limit=self.settings.time_limit))
            for row, code in part.given_up.items()
        }
        rows = standardise(
            part.ids,
            part.texts,
            Policy(self.settings.policy),
            with_inchikey=self.settings.inchikey,
            given_up=given_up,
            at_row=at_row,
            reader=self._reader,
        )
        batch = rows.batch
        fingerprints = fingerprints_of(batch, rows.mol_at)
        inchikeys = [rows.inchikey[row] for row in rows.rows] if self.settings.inchikey else None
        prepared = prepare_for([screener.members for screener in self.screeners], batch)
        answers = {
            screener.model.predictor.task.name: screener.screen(batch, asked_with, fingerprints, inchikeys)
            for screener, asked_with in zip(self.screeners, prepared, strict=True)
        }
        alerts = alert_names(rows.mol_at, batch) if self.settings.alerts else {}
        return ScreenedPart(part.first_row, rows, batch, answers, alerts)
