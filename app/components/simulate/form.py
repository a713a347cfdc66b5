"""What to study: task, whose masks, how many graphs to learn from, how often; the rest under More settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from app.components.inputs import ENDINGS, MOST_MEGABYTES
from app.components.markdown import plain
from app.components.simulate.words import EXPLAINERS, MASKS, STUDENTS, explainer_name, task_name
from app.components.words import plural
from app.simulate.request import MISLEADING, Request, has_network, shares, usual_explainers, whole_numbers
from app.simulate.runs import new_run
from datasets.sources import table_path
from datasets.tasks import GENERATED, TASKS
from megan.own_models import own_bundles, own_table
from megan.shipped import PRETRAINED, shipped_names

MOST_REPETITIONS: Final = 100
MOST_STUDENTS: Final = 20_000
"""More belong into the terminal, where nobody waits for a page."""
MOST_MASKS: Final = 50
"""Megabytes of a file with masks."""


def show() -> None:
    """The form, and the start of the study."""
    with st.container(border=True, key="wm-input"):
        st.html('<div class="wm-lead"><h2>A new study</h2></div>')
        first, second = st.columns([2, 3])
        task = first.selectbox("What the students learn", tasks(), format_func=task_name, key="sim-task")
        usual = list(usual_explainers(task))
        chosen = second.multiselect(
            "Whose masks they are shown",
            explainers_for(task),
            default=usual,
            format_func=explainer_name,
            key=f"sim-explainers-{task}",
        )
        third, fourth = st.columns([2, 3])
        sizes = third.text_input(
            "Training graphs of each student", "25, 100", key="sim-sizes", help="Several, with commas between them"
        )
        repetitions = fourth.slider(
            "Repetitions, each with fresh graphs", 2, MOST_REPETITIONS, 25, key="sim-repetitions"
        )
        with st.expander("More settings", key="sim-more"):
            more = _more(task)
        try:
            request = Request(
                task,
                tuple(chosen),
                whole_numbers("Training graphs", sizes),
                repetitions,
                shares("Noise", more.noise),
                shares("Misleading masks", more.adversarial),
                whole_numbers("Layers", more.layers),
                more.masks,
                more.students,
                more.graphs,
                more.validation,
                more.epochs,
                more.seed,
            )
            _check(request, more)
        except (ValueError, FileNotFoundError) as problem:
            st.error(plain(str(problem)))
            return
        comparisons, students = counted(request, int(more.masks_file is not None))
        st.caption(f"{plural(comparisons, 'comparison')}, {plural(students, 'student')} to train.")
        if st.button("Start the study", type="primary", key="sim-start"):
            _start(request, more)


def tasks() -> list[str]:
    """Everything that can be studied: the generated sets, the shipped models, the user's own."""
    return [*sorted(GENERATED, key=lambda name: name not in MISLEADING), *shipped_names(PRETRAINED), *own_bundles()]


def explainers_for(task: str) -> list[str]:
    """Explainers that a task allows: causes must be known, networks be there."""
    known = task in GENERATED
    without_network = {"truth": known, "adversarial": task in MISLEADING, "random": True}
    return [name for name in EXPLAINERS if without_network.get(name, has_network(task))]


def counted(request: Request, files: int = 0) -> tuple[int, int]:
    """Comparisons of a request, and students to train for them with their references."""
    variants = len(request.noises) * len(request.adversarial) * len(request.masks)
    groups = len(request.sizes) * len(request.layers) * len(request.students)
    comparisons = (len(request.asked_explainers) + files) * variants * groups
    return comparisons, (comparisons + groups) * request.repetitions


@dataclass(frozen=True, slots=True)
class _More:
    """What stands under More settings."""

    noise: str
    adversarial: str
    layers: str
    masks: tuple[str, ...]
    students: tuple[str, ...]
    graphs: int
    validation: int
    epochs: int
    seed: int
    masks_file: tuple[str, bytes] | None
    """Name and content."""
    molecules_file: tuple[str, bytes] | None


def _more(task: str) -> _More:
    severally = "From 0 to 1; several, with commas between them"
    first, second, third = st.columns(3)
    noise = first.text_input(
        "Noise: share of mask values replaced by random ones", "0", key="sim-noise", help=severally
    )
    adversarial = "0"
    if task in MISLEADING:
        adversarial = second.text_input(
            "Misleading: share of graphs with wrong masks", "0", key="sim-adversarial", help=severally
        )
    layers = third.text_input("Layers of the students", "3", key="sim-layers", help="Several, with commas")
    first, second = st.columns(2)
    masks = first.multiselect("Masks shown", list(MASKS), ["both"], format_func=MASKS.__getitem__, key="sim-masks")
    students = second.multiselect(
        "Kind of student", list(STUDENTS), ["megan"], format_func=STUDENTS.__getitem__, key="sim-students"
    )
    numbers = st.columns(4)
    usual = Request(task).asked_graphs
    graphs = numbers[0].number_input("Graphs to draw from", 4, 10_000, usual, key=f"sim-graphs-{task in GENERATED}")
    validation = numbers[1].number_input("Graphs to judge by", 2, 5000, 200, key="sim-validation")
    epochs = numbers[2].number_input("Epochs", 1, 1000, 100, key="sim-epochs")
    seed = numbers[3].number_input("Seed", 0, 2**31, 0, key="sim-seed")
    brought = st.file_uploader(
        "Masks from a file, as one more explainer",
        type=["npz", "json"],
        key="sim-masks-file",
        max_upload_size=MOST_MASKS,
    )
    st.caption(
        "Tables nodes and edges of numbers from 0 to 1: a row for each node, or edge, of all graphs of the study "
        "behind each other, a column for each channel. The graphs are those of a study with the same task, number and "
        "seed: its graphs.json tells them."
    )
    molecules = None
    if task not in GENERATED:
        molecules = st.file_uploader(
            "Molecules, not the model's test split",
            type=list(ENDINGS),
            key="sim-molecules",
            max_upload_size=MOST_MEGABYTES,
        )
    return _More(
        noise, adversarial, layers, tuple(masks), tuple(students), int(graphs), int(validation), int(epochs), int(seed),
        None if brought is None else (brought.name, brought.getvalue()),
        None if molecules is None else (molecules.name, molecules.getvalue()),
    )  # fmt: skip


def _check(request: Request, more: _More) -> None:
    has_masks, has_molecules = more.masks_file is not None, more.molecules_file is not None
    if not request.explainers and not has_masks:
        raise ValueError("Nobody's masks are chosen; expected at least one explainer, or a file with masks.")
    for name, values in (("masks", request.masks), ("kind of student", request.students)):
        if not values:
            raise ValueError(f"No {name} are chosen under More settings; expected at least one.")
    request.check()
    needed = max(request.sizes) + request.validation
    if request.asked_graphs < needed:
        raise ValueError(
            f"{request.asked_graphs} graphs are too few; expected at least {needed}: {max(request.sizes)} to learn "
            f"from and {request.validation} to judge by."
        )
    students = counted(request, int(has_masks))[1]
    if students > MOST_STUDENTS:
        raise ValueError(
            f"{students:,} students are more than a page takes; expected {MOST_STUDENTS:,}, or the command line."
        )
    if request.task in TASKS and not has_molecules:
        table_path(TASKS[request.task])
    elif request.task not in GENERATED and not has_molecules and own_table(request.task) is None:
        raise ValueError(f"The table of {request.task} is not on this machine; expected a file with molecules.")


def _start(request: Request, more: _More) -> None:
    try:
        run = new_run(request, more.molecules_file, more.masks_file)
        run.start()
    except (ValueError, OSError) as problem:
        st.error(f"The study could not be started: {plain(str(problem))}")
        return
    st.query_params["run"] = run.name
    st.rerun()
