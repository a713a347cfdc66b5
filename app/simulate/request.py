"""What a simulatability study is asked for, in the words of command and page; known without loading torch.

A page starts `python -m app simulate` with the options of a request, so that a study from the page and one from the
terminal are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar

from datasets.tasks import GENERATED
from megan.shipped import PRETRAINED_GENERATED, shipped_names

if TYPE_CHECKING:
    from concepts.simulatability.conditions import Condition, StudySettings

FILE: Final = "file:"
"""In front of the path of a file with masks."""
MISLEADING: Final = ("rb_adv_motifs",)
"""Sets that have motifs which look like a cause and are none."""
DRAWN_GRAPHS: Final = 1000
MOLECULES: Final = 500
_MEASURED_EPOCHS: Final = 10
Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Request:
    """What a study compares, and on what."""

    task: str
    """A generated set, a shipped model, one of the user's own, or the folder of one."""
    explainers: tuple[str, ...] = ()
    """Names, or file:PATH; those of `usual_explainers` if empty."""
    sizes: tuple[int, ...] = (25, 100)
    """Training graphs of each student."""
    repetitions: int = 25
    noises: tuple[float, ...] = (0.0,)
    adversarial: tuple[float, ...] = (0.0,)
    layers: tuple[int, ...] = (3,)
    masks: tuple[str, ...] = ("both",)
    students: tuple[str, ...] = ("megan",)
    graphs: int | None = None
    """Graphs to draw from; 1000 of a generated set and 500 molecules of a model if None."""
    validation: int = 200
    epochs: int = 100
    seed: int = 0
    molecules: str = ""
    """Path of a file with molecules for a model; those of its test split if empty."""

    @property
    def asked_explainers(self) -> tuple[str, ...]:
        """Those that were named, or the usual ones."""
        return self.explainers or usual_explainers(self.task)

    @property
    def asked_graphs(self) -> int:
        """Graphs to draw from."""
        if self.graphs is not None:
            return self.graphs
        return DRAWN_GRAPHS if self.task in GENERATED else MOLECULES

    def check(self) -> None:
        """Make sure that numbers can be right; the engine checks what depends on the graphs.

        Raises
        ------
        ValueError
            Naming the option.
        """
        for name in ("repetitions", "graphs", "validation", "epochs"):
            value, least = getattr(self, name), 1 if name == "epochs" else 2
            if value is not None and value < least:
                raise ValueError(f"{name} is {value}; expected at least {least}")
        if self.seed < 0:
            raise ValueError(f"seed is {self.seed}; expected at least 0")
        if any(self.adversarial) and self.task not in MISLEADING:
            raise ValueError(
                f"adversarial is {max(self.adversarial):g}, but {self.task} has no misleading motifs; expected 0, or "
                f"the set {' or '.join(MISLEADING)}"
            )

    def options(self) -> list[str]:
        """As arguments of `simulate`; values are joined to their option, so that none can be taken for another."""
        named = [name for name in self.asked_explainers if not name.startswith(FILE)]
        lists: dict[str, Sequence[object]] = {
            "explainers": named, "sizes": self.sizes, "noise": self.noises, "adversarial": self.adversarial,
            "layers": self.layers, "masks": self.masks, "students": self.students,
        }  # fmt: skip
        texts = {option: ",".join(_text(value) for value in values) for option, values in lists.items()}
        numbers = {name: getattr(self, name) for name in ("repetitions", "graphs", "validation", "epochs", "seed")}
        given = texts | {name: str(value) for name, value in numbers.items() if value is not None}
        given |= {"molecules": self.molecules}
        files = [name.removeprefix(FILE) for name in self.explainers if name.startswith(FILE)]
        return [
            *(f"--{option}={value}" for option, value in given.items() if value),
            *(f"--masks-file={file}" for file in files),
        ]


def usual_explainers(task: str) -> tuple[str, ...]:
    """What is compared where nothing is named: known causes, where there are some, a network's own masks, and noise."""
    causes = ("truth",) if task in GENERATED else ()
    network = ("megan",) if has_network(task) else ()
    return (*causes, *network, "random")


def has_network(task: str) -> bool:
    """Whether there is a trained network whose masks can be asked for; only a generated set can be without."""
    return task not in GENERATED or task in shipped_names(PRETRAINED_GENERATED)


def words_of(option: str, text: str) -> tuple[str, ...]:
    """The parts of a list such as "truth,megan".

    Raises
    ------
    ValueError
        If there is none.
    """
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not parts:
        raise ValueError(f"{option} is {text!r}; expected one value, or several with commas between them")
    return parts


def whole_numbers(option: str, text: str) -> tuple[int, ...]:
    """The numbers of a list such as "25,100".

    Raises
    ------
    ValueError
        If one is no whole number of at least 1.
    """
    return _numbers(option, text, int, "whole numbers of at least 1", lambda number: number >= 1)


def shares(option: str, text: str) -> tuple[float, ...]:
    """The numbers of a list such as "0,0.5,1".

    Raises
    ------
    ValueError
        If one is not from 0 to 1.
    """
    return _numbers(option, text, float, "numbers from 0 to 1", lambda number: 0 <= number <= 1)


def _numbers(
    option: str, text: str, kind: Callable[[str], Number], expected: str, fits: Callable[[Number], bool]
) -> tuple[Number, ...]:
    found: list[Number] = []
    for part in words_of(option, text):
        try:
            number: Number | None = kind(part)
        except ValueError:
            number = None
        if number is None or not fits(number):
            raise ValueError(f"{option} holds {part!r}; expected {expected}, with commas between them")
        found.append(number)
    return tuple(dict.fromkeys(found))


def engine_settings(request: Request) -> tuple[tuple[Condition, ...], StudySettings]:
    """The request for the engine; brings torch in.

    Raises
    ------
    ValueError
        If a name or a number is wrong; the sentence names it.
    """
    from concepts.simulatability.conditions import StudySettings, conditions
    from concepts.simulatability.student_training import TrainingSettings

    request.check()
    asked = conditions(
        request.asked_explainers,
        request.sizes,
        noises=request.noises,
        adversarial=request.adversarial,
        layers=request.layers,
        masks=request.masks,  # type: ignore[arg-type]  # the engine checks these names
        students=request.students,  # type: ignore[arg-type]
    )
    training = TrainingSettings(epochs=request.epochs, measured_epochs=min(_MEASURED_EPOCHS, request.epochs))
    return asked, StudySettings(
        repetitions=request.repetitions, validation=request.validation, seed=request.seed, training=training
    )


def request_from(record: dict[str, Any]) -> Request:
    """A request from its record, as it was kept.

    Raises
    ------
    TypeError
        If the record is not one.
    """
    lists = {field.name for field in fields(Request) if str(field.type).startswith("tuple")}
    fixed: dict[str, Any] = {name: tuple(value) if name in lists else value for name, value in record.items()}
    return Request(**fixed)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def as_sequence(values: Sequence[object]) -> str:
    """A list as it stands in an input field, "25, 100"."""
    return ", ".join(_text(value) for value in values)
