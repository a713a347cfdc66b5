"""The molecules behind the example button: one of each situation that the page has to explain."""

from __future__ import annotations

#: A nitroaromatic, a drug, two known aggregators, a salt, an aromatic amine, a metal complex that the models never saw
#: the like of, and a line that cannot be read.
EXAMPLE = "\n".join(
    (
        "O=[N+]([O-])c1ccc2ccccc2c1 2-nitronaphthalene",
        "CC(=O)Oc1ccccc1C(=O)O aspirin",
        "O=C(C=Cc1ccc(O)c(OC)c1)CC(=O)C=Cc1ccc(O)c(OC)c1 curcumin",
        "Clc1ccccc1C(c1ccccc1)(c1ccccc1)n1ccnc1 clotrimazole",
        "CN(C)CCOC(c1ccccc1)c1ccccc1.Cl diphenhydramine hydrochloride",
        "Nc1ccc(-c2ccc(N)cc2)cc1 benzidine",
        "N[Pt](N)(Cl)Cl cisplatin",
        "CC(=O)Nc1ccc(O)cc1( unfinished line",
    )
)
