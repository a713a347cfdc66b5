"""A start and a molecule made from it in sentences, from the data alone.

It stands on the page by itself, and where no language model was asked; `facts` are also what a language model is told
(`pair_prompt`), so that both speak of the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from concepts.counterfactuals.counterfactual import Counterfactual, Outlook, Start
from concepts.hypotheses.prompt import one_line
from datasets.tasks import Task
from megan.prediction import Domain


def paragraph(start: Start, found: Counterfactual, tasks: Sequence[Task]) -> str:
    """What was changed, what came of it on every endpoint, and how far that can be trusted.

    Parameters
    ----------
    start
        What the search began with.
    found
        A molecule that it handed out, or the closest approach.
    tasks
        Those that were asked about, the one that was searched for first.

    Returns
    -------
    str
        Plain text; who shows it escapes it.
    """
    edits = "; then ".join(one_line(step.name) for step in found.edits)
    count = {1: "One edit", 2: "Two edits", 3: "Three edits"}.get(len(found.edits), f"{len(found.edits)} edits")
    sentences = [f"{count}: {edits}." if edits else "Nothing was changed."]
    for task in tasks:
        before, after = start.outlook[task.name], found.after[task.name]
        sentences.append(f"{one_line(task.title)}: {_moved(task, before, after)}; {_trust(task, after)}.")
    if found.evidence_left is not None:
        was = one_line(start.outlook[tasks[0].name].verdict)
        sentences.append(f"Of what the masks showed for {was} in the start, {_share(found.evidence_left)} is left.")
    sentences.append(_of_the_molecule(found))
    known = [f"{one_line(task.title)}: {_label(task, domain)}" for task, domain in _measured(found, tasks)]
    if known:
        sentences.append(f"The molecule itself was measured ({'; '.join(known)}).")
    outside = [one_line(task.title) for task in tasks if not found.domain[task.name].inside]
    if outside:
        sentences.append(
            f"It is unlike the training compounds of {_listed(outside)}, so that the prediction is a guess."
        )
    if not found.flips:
        sentences.append("It does not reach the goal; it is the closest approach.")
    sentences.append("These are a model's outputs: why the change acts so, or whether an assay agrees, is not in them.")
    return " ".join(sentences)


def facts(start: Start, found: Counterfactual, tasks: Sequence[Task]) -> dict[str, str]:
    """The same as names and values, for a prompt.

    Parameters
    ----------
    start, found, tasks
        As in `paragraph`.
    """
    told = {
        "Start (SMILES)": one_line(start.molecule.smiles),
        "Product (SMILES)": one_line(found.smiles),
        "Edits, atoms counted in the start's SMILES from 1": "; then ".join(one_line(s.name) for s in found.edits),
        "Reaches the goal of the search": "yes" if found.flips else "no, it is the closest approach",
        "Tanimoto similarity of the two (Morgan, radius 2, counted)": f"{found.similarity:.2f}",
    }
    for task in tasks:
        before, after, domain = start.outlook[task.name], found.after[task.name], found.domain[task.name]
        told[f"{one_line(task.title)}, before"] = _output(task, before)
        told[f"{one_line(task.title)}, after"] = f"{_output(task, after)}; {_trust(task, after)}"
        near = "near" if domain.inside else "NOT near, the prediction is a guess"
        told[f"{one_line(task.title)}, training compounds"] = f"{near} (similarity {domain.similarity:.2f})"
        if domain.measured is not None:
            told[f"{one_line(task.title)}, product measured"] = _label(task, domain)
        if (record := start.domain[task.name]).measured is not None:
            told[f"{one_line(task.title)}, start measured"] = _label(task, record)
    if found.evidence_left is not None:
        name = f"Evidence for {one_line(start.outlook[tasks[0].name].verdict)} in the masks, product against start"
        told[name] = _share(found.evidence_left)
    if found.sa_score is not None and found.sa_before is not None:
        scores = f"{found.sa_before:.1f} before, {found.sa_score:.1f} after (1 easy, 10 hard)"
        told["Synthetic accessibility score"] = scores
    told["Published alerts that the product raises and the start does not"] = _alerts(found) or "none"
    return told


def _moved(task: Task, before: Outlook, after: Outlook) -> str:
    if task.kind == "regression":
        return f"the value goes from {_output(task, before)} to {_output(task, after)}"
    was, now = one_line(before.verdict), one_line(after.verdict)
    verdict = f"the verdict stays {now}" if was == now else f"the verdict turns from {was} to {now}"
    return f"{verdict}, the probability of {one_line(task.positive)} from {before.output:.2f} to {after.output:.2f}"


def _output(task: Task, said: Outlook) -> str:
    if task.kind == "regression":
        return f"{said.output:.2f} {one_line(task.unit)}".rstrip()
    return f"{one_line(said.verdict)}, probability of {one_line(task.positive)} {said.output:.2f}"


def _trust(task: Task, after: Outlook) -> str:
    spread = f"standard deviation {after.spread:.2f}"
    if task.kind == "regression":
        return f"the networks differ by a {spread}"
    agreed = "all networks agree" if after.agreement == 1 else f"{after.agreement:.0%} of the networks agree"
    return f"{agreed}, {spread}"


def _of_the_molecule(found: Counterfactual) -> str:
    parts = [f"It keeps a similarity of {found.similarity:.2f} to the start"]
    if found.sa_score is not None and found.sa_before is not None:
        parts.append("looks no harder to make" if found.sa_not_worse else "looks harder to make")
    alerts = _alerts(found)
    parts.append(f"raises what the start does not: {alerts}" if alerts else "raises no new alert")
    return f"{_listed(parts)}."


def _share(left: float) -> str:
    return f"{left:.0%}"


def _alerts(found: Counterfactual) -> str:
    names = dict.fromkeys(f"{one_line(a.name)} ({one_line(a.catalog)})" for a in found.new_alerts)
    return ", ".join(names)


def _measured(found: Counterfactual, tasks: Sequence[Task]) -> list[tuple[Task, Domain]]:
    return [(task, found.domain[task.name]) for task in tasks if found.domain[task.name].measured is not None]


def _label(task: Task, domain: Domain) -> str:
    assert domain.measured is not None
    label = domain.measured.label
    if task.kind == "regression":
        return f"{label:.2f} {one_line(task.unit)}".rstrip()
    return one_line(task.classes[int(label)])


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
