"""The registry of tasks: what is predicted, in which words, and which data it is learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["classification", "regression"]


@dataclass(frozen=True, slots=True)
class Task:
    """One property that a molecule may have, and everything that the rest of the house must know of it."""

    name: str
    """Name in commands, files and JSON."""
    title: str
    """Name for people."""
    question: str
    """What the verdict answers, as one sentence."""
    kind: Kind
    channels: tuple[str, ...]
    """One explanation channel per class, in class order; for regression ("lowers", "raises")."""
    unit: str
    """Unit of the predicted value; an empty string for classification, which yields probabilities."""
    table: str
    """File name of the cleaned table; for a generated set, who draws it."""
    label_column: str
    citation: str
    """Where the measurements come from, with DOI."""
    licence: str

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in label order (label 0 first); empty for regression."""
        return self.channels if self.kind == "classification" else ()

    @property
    def positive(self) -> str:
        """Name of the class with label 1.

        Raises
        ------
        ValueError
            If the task is a regression, which has no classes.
        """
        if self.kind != "classification":
            raise ValueError(f"task {self.name!r} is a regression and has no positive class")
        return self.channels[1]


MUTAGENICITY = Task(
    name="mutagenicity",
    title="Mutagenicity (Ames test)",
    question="Is it mutagenic to Salmonella typhimurium in the Ames test?",
    kind="classification",
    channels=("non-mutagenic", "mutagenic"),
    unit="",
    table="ames.csv",
    label_column="mutagenic",
    citation="Hansen et al. 2009, doi 10.1021/ci900161g; Xu et al. 2012, doi 10.1021/ci300400a; TOXRIC",
    licence="public repositories under MIT",
)

AGGREGATION = Task(
    name="aggregation",
    title="Colloidal aggregation",
    question="Does it form colloidal aggregates at screening concentrations?",
    kind="classification",
    channels=("non-aggregator", "aggregator"),
    unit="",
    table="aggregation.csv",
    label_column="aggregator",
    citation="ChemFH, Shi et al. 2024, doi 10.1093/nar/gkae424; Aggregator Advisor, Irwin et al. 2015, "
    "doi 10.1021/acs.jmedchem.5b01105",
    licence="MIT",
)

SOLUBILITY = Task(
    name="solubility",
    title="Aqueous solubility",
    question="How well does it dissolve in water?",
    kind="regression",
    channels=("lowers", "raises"),
    unit="log10 mol/L",
    table="aqsoldb.csv",
    label_column="logS",
    citation="AqSolDB, Sorkun et al. 2019, doi 10.1038/s41597-019-0151-1",
    licence="CC0",
)

TASKS: dict[str, Task] = {task.name: task for task in (AGGREGATION, MUTAGENICITY, SOLUBILITY)}
"""What a chemist asks of molecules."""

_DRAWN = "drawn by datasets.synthetic"

RB_DUAL_MOTIFS = Task(
    name="rb_dual_motifs",
    title="Red lowers, blue raises",
    question="What do the red and blue motifs of a graph add up to?",
    kind="regression",
    channels=("lowers", "raises"),
    unit="",
    table=_DRAWN,
    label_column="",
    citation="after MEGAN, Teufel et al. 2023, doi 10.1007/978-3-031-44067-0_18",
    licence="MIT",
)

RB_ADV_MOTIFS = Task(
    name="rb_adv_motifs",
    title="Blue star or blue ring, beside red",
    question="Does the graph hold a blue ring instead of a blue star?",
    kind="classification",
    channels=("star", "ring"),
    unit="",
    table=_DRAWN,
    label_column="",
    citation="after Teufel et al. 2023, Quantifying the Intrinsic Usefulness of Attributional Explanations for GNNs "
    "with Artificial Simulatability Studies",
    licence="MIT",
)

BA2MOTIFS = Task(
    name="ba2motifs",
    title="House or cycle",
    question="Does the graph hold a cycle of five instead of a house?",
    kind="classification",
    channels=("house", "cycle"),
    unit="",
    table=_DRAWN,
    label_column="",
    citation="after PGExplainer, Luo et al. 2020, arXiv 2011.04573",
    licence="MIT",
)

GENERATED: dict[str, Task] = {task.name: task for task in (BA2MOTIFS, RB_ADV_MOTIFS, RB_DUAL_MOTIFS)}
"""Tasks on graphs that are no molecules, whose causes are known: ground truth for methods, not offered to chemists."""


def get_task(name: str) -> Task:
    """Look a task up by name.

    Raises
    ------
    ValueError
        If there is no task of that name.
    """
    if name not in TASKS:
        raise ValueError(f"task is {name!r}; expected one of {', '.join(TASKS)}")
    return TASKS[name]
