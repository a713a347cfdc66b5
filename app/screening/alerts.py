"""Names of the alerts of many molecules, as `datasets.alerts.find_alerts` names them, catalog by catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from datasets.alerts import CITATIONS, find_alerts

CATALOGS: Final = tuple(CITATIONS)


def alert_names(smiles: Sequence[str]) -> dict[str, list[str]]:
    """For each catalog the names in each molecule, sorted, "; " between; empty texts where there are none."""
    found: dict[str, list[str]] = {catalog: [] for catalog in CATALOGS}
    for text in smiles:
        alerts = find_alerts(text)
        for catalog in CATALOGS:
            found[catalog].append("; ".join(sorted({a.name for a in alerts if a.catalog == catalog})))
    return found
