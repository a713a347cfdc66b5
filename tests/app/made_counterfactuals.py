"""Results of a search made by hand, for what shows and writes them."""

from __future__ import annotations

from typing import Any

from concepts.counterfactuals.counterfactual import Counterfactual, CounterfactualResult, EditStep, Outlook, Start
from datasets.alerts import Alert
from datasets.molecule import InputRow, Molecule
from datasets.standardize import standardize
from megan.prediction import Domain, Neighbour

START = "Cc1ccc([N+](=O)[O-])cc1"
TASKS = ("mutagenicity", "aggregation")
_POSITIVE = {"mutagenicity": "mutagenic", "aggregation": "aggregator"}


def outlook(task: str, output: float, spread: float = 0.05) -> Outlook:
    if task == "solubility":
        return Outlook(output, spread, 1.0, f"{output:.2f} log10 mol/L")
    return Outlook(output, spread, 1.0, _POSITIVE[task] if output >= 0.5 else f"non-{_POSITIVE[task]}")


def domain(inside: bool = True) -> Domain:
    near = Neighbour(0, 0.6, 1.0, "train")
    return Domain(0.6 if inside else 0.2, inside, (near,), None)


def made_start(tasks: tuple[str, ...] = TASKS) -> Start:
    molecule = standardize(InputRow(0, "", START))
    assert isinstance(molecule, Molecule)
    said = {name: outlook(name, {"mutagenicity": 0.81, "aggregation": 0.06}.get(name, -2.41)) for name in tasks}
    return Start(molecule, said, 1.4, {name: domain() for name in tasks})


def sulfone(tasks: tuple[str, ...] = TASKS, **changes: Any) -> Counterfactual:
    """The nitro group replaced; everything else may be told."""
    values: dict[str, Any] = {
        "smiles": "Cc1ccc(S(C)(=O)=O)cc1",
        "edits": (EditStep("swap group", "replace NO2 by SO2CH3 at atom 5", (4, 5, 6, 7)),),
        "before": made_start(tasks).outlook,
        "after": {n: outlook(n, {"mutagenicity": 0.1, "aggregation": 0.05}.get(n, -1.93)) for n in tasks},
        "flips": True,
        "similarity": 0.4,
        "sa_score": 1.38,
        "sa_before": 1.4,
        "domain": {name: domain() for name in tasks},
        "new_alerts": (),
        "why": "It has the best balance of all.",
        "origin": (0, 1, 2, 3, 4, -1, -1, -1, -1, 8, 9),
        "changed": (4, 5, 6, 7, 8),
        "changed_before": (4, 5, 6, 7),
    }
    return Counterfactual(**(values | changes))


def trifluoride(tasks: tuple[str, ...] = TASKS) -> Counterfactual:
    """Two edits, another kind, outside the domain, with an alert, and harder to make."""
    return sulfone(
        tasks,
        smiles="O=[N+]([O-])c1ccc(C(F)(F)F)cc1",
        edits=(
            EditStep("replace atom", "replace C by <b>Cl at atom 1", (0,)),
            EditStep("swap group", "replace Cl by CF3 at atom 2", (0, 1)),
        ),
        similarity=0.5,
        sa_score=1.7,
        domain={name: domain(inside=name != "aggregation") for name in tasks},
        new_alerts=(Alert("Brenk", "halogen <i>", (1, 2), "doi"),),
        why="=It is the most similar to the start; but it looks harder to make.",
        origin=(6, 5, 7, 4, 3, 2, 1, -1, -1, -1, -1, 9, 8),
        changed=(6, 7, 8, 9, 10),
        changed_before=(0, 1),
    )


def made_result(found: bool = True, closest: bool = True, tasks: tuple[str, ...] = TASKS) -> CounterfactualResult:
    start = made_start(tasks)
    if found:
        both = (sulfone(tasks), trifluoride(tasks))
        return CounterfactualResult(start, both, None, "2 molecules are predicted non-mutagenic.", 321, 1.5)
    near = sulfone(tasks, flips=False) if closest else None
    sentence = "No molecule is predicted non-mutagenic; the closest comes to 0.55." if closest else "Nothing was found."
    return CounterfactualResult(start, (), near, sentence, 99, 0.5)
