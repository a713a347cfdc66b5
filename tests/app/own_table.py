"""A table of measured molecules as users have them, for tests: nitro compounds are active, one line is broken."""

from __future__ import annotations

import csv
import io

GROUPS = ("C", "CC", "O", "OC", "Cl", "Br", "F", "N", "C#N", "CO", "SC", "CCC")
PLAIN = ("c1ccc({})cc1", "c1ccc2cc({})ccc2c1", "c1cc({})ccn1", "C1CCC({})CC1")


def own_csv() -> str:
    """98 rows: 96 good ones, a broken SMILES, and one without a label."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("compound", "structure", "result", "value"))
    for ring in PLAIN:
        for group in GROUPS:
            plain = ring.format(group)
            nitro = f"O=[N+]([O-]){plain}"
            writer.writerow((f"plain {group}", plain, "inactive", f"{len(plain) / 10:.1f}"))
            writer.writerow((f"nitro {group}", nitro, "active", f"{3 + len(plain) / 10:.1f}"))
    writer.writerow(("broken", "not a molecule", "active", "1"))
    writer.writerow(("unmeasured", "CCCCCC", "", ""))
    return text.getvalue()
