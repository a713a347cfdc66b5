"""How a report speaks of one set: its task's title, its classes or values, and what a hit is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from concepts.concept import Concept, ConceptSet, Member
from concepts.hypotheses.hypothesis import paragraph_of
from concepts.hypotheses.prompt import one_line
from datasets.tasks import GENERATED, TASKS, Task
from megan.metrics import Interval

FIXED_SPACE: Final = "\N{NO-BREAK SPACE}"
_OF_VALUES: Final = ("lowers", "raises")


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that depend on what a set's model predicts."""

    name: str
    """Of the task."""
    channels: tuple[str, ...]
    task: Task | None
    """None where neither a card nor the registry knows the task and nothing can be told from its channels."""

    @property
    def title(self) -> str:
        """What is predicted, as a title."""
        return one_line(self.task.title if self.task else self.name) or "Concepts"

    @property
    def question(self) -> str:
        """What a prediction answers; an empty string where that is not known."""
        return one_line(self.task.question) if self.task else ""

    @property
    def of_values(self) -> bool:
        """Whether the model predicts values, not classes."""
        return self.task is not None and self.task.kind == "regression"

    @property
    def unit(self) -> str:
        """Unit of contributions; an empty string for values without a unit."""
        return one_line(self.task.unit) if self.task and self.of_values else "log-odds"

    @property
    def predicted(self) -> str:
        """What a prediction is, with its unit: the name of its axis."""
        if self.of_values:
            return self._with_unit("predicted value")
        return f"predicted probability of {self._class(1)}"

    @property
    def values_note(self) -> str:
        """What the numbers under pictures are."""
        if self.of_values:
            return f"values in {self.unit}" if self.unit else "values in the unit of their table"
        return f"p: predicted probability of {self._class(1)}"

    @property
    def contributed(self) -> str:
        """Name of the contribution's axis."""
        return self._with_unit("contribution")

    def side(self, channel: int) -> str:
        """What a measured molecule on a channel's side is: "mutagenic", or "below the mean"."""
        if self.of_values:
            return "above the mean" if channel == 1 else "below the mean"
        return self._class(channel)

    def meaning(self, channel: int) -> str:
        """What a channel's concepts are, as a subtitle."""
        if self.of_values:
            return f"where the model sees what {self._class(channel)} the value"
        return f"where the model sees what speaks for {self._class(channel)}"

    def news(self, channel: int) -> bool:
        """Whether a concept that matches no known alert is news: on the side that alerts warn of, the second class."""
        return not self.of_values and channel == 1

    def hit(self) -> str:
        """What a hit rate counts, as a sentence."""
        if self.of_values:
            return (
                "Hit rate: the share of the measured members whose value lies on the channel's side of the mean of "
                "all values that the network learned from, its teacher's among them: "
                f"below it for {self._class(0)}, above it for {self._class(1)}."
            )
        return "Hit rate: the share of the measured members that were measured as the class of their channel."

    def label(self, member: Member) -> str:
        """What was measured for a member."""
        if member.label is None:
            return "not measured"
        if self.of_values:
            return f"measured {member.label:.2f}"
        return f"measured {self._class(int(member.label >= 0.5))}"

    def prediction(self, member: Member) -> str:
        """What the model says of a member."""
        return f"predicted {member.prediction:.2f}" if self.of_values else f"p {member.prediction:.2f}"

    def split(self, member: Member) -> str:
        """The split that a member is in, "" where it is in none."""
        return {"train": "train", "valid": "validation", "test": "test"}.get(member.split, one_line(member.split))

    def otherwise(self, member: Member, concept: Concept) -> bool:
        """Whether a member was measured otherwise than its concept's channel says."""
        if member.label is None:
            return False
        if not self.of_values and len(self.channels) == 2:
            return member.label != concept.channel
        return any(member.smiles == other.smiles for other in concept.counterexamples)

    def paragraph(self, concept: Concept) -> str:
        """What the data say about a concept."""
        return paragraph_of(concept, self.task)

    def _class(self, index: int) -> str:
        return one_line(self.channels[index]) if index < len(self.channels) else f"class {index}"

    def _with_unit(self, name: str) -> str:
        return f"{name} ({self.unit})" if self.unit else name


def wording_of(found: ConceptSet, known: Task | None = None) -> Wording:
    """The words for a set.

    Parameters
    ----------
    found
        The set.
    known
        Its task from a model's card; else the registered one of that name, else what the channels tell.
    """
    task = known or TASKS.get(found.task) or GENERATED.get(found.task)
    if task is None and len(found.channels) == 2:
        task = Task(
            name=found.task,
            title=found.task,
            question="",
            kind="regression" if found.channels == _OF_VALUES else "classification",
            channels=found.channels,
            unit="",
            table=found.data,
            label_column="",
            citation="",
            licence="",
        )
    return Wording(found.task, found.channels, task)


def spanned(interval: Interval, digits: int = 2) -> str:
    """A number with its interval: "0.53 (0.51 to 0.55)"."""
    return f"{interval.value:.{digits}f} ({interval.low:.{digits}f} to {interval.high:.{digits}f})"


def share(fraction: float) -> str:
    """A fraction as whole per cent: "90 %"."""
    return f"{fraction * 100:.0f}{FIXED_SPACE}%"


def shares(interval: Interval | None) -> str:
    """A share with its interval: "87 % (80 to 92 %)"; "none measured" for None."""
    if interval is None:
        return "none measured"
    return f"{share(interval.value)} ({interval.low * 100:.0f} to {share(interval.high)})"


def counted(count: int, singular: str, many: str = "") -> str:
    """A number with its noun: "1 molecule", "2 molecules"."""
    return f"{count:,} {singular if count == 1 else many or singular + 's'}"


def joined(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """An enumeration: "a", "a and b", "a, b and c"."""
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def odds(number: float) -> str:
    """An odds ratio with three digits, and none after the point from 100."""
    return f"{number:,.0f}" if number >= 99.95 else f"{number:.3g}"


def headed(name: str) -> str:
    """A name with a capital letter, the rest as it is: units are spelled in their own way."""
    return name[:1].upper() + name[1:]
