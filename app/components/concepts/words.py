"""What is known of a concept, in words: hit rate, alerts, stability, and why a molecule is in none.

Pure functions; what they return is plain text, which the caller escapes.
"""

from __future__ import annotations

from app.components.disagreement import CATALOGUE_OF_TASK
from app.components.words import join, percent, plural
from app.concepts.known import ChannelConcept, KnownConcepts, Outside
from concepts.concept import AlertOverlap, Concept
from concepts.hypotheses.prompt import one_line
from concepts.report.wording import Wording
from datasets.tasks import Task
from megan.metrics import Interval

NO_ALERT = "matches no known alert"
#: A name that says nothing is still a name.
NO_NAME = "without a name"


def words_of(task: Task) -> Wording:
    """The words of a task's concepts."""
    return Wording(task.name, task.channels, task)


def name_of(concept: Concept) -> str:
    """The concept's name in one line."""
    return one_line(concept.name) or NO_NAME


def hit_rate_in_words(words: Wording, concept: Concept) -> str:
    """How the measured members of a concept turned out."""
    if concept.hit_rate is None:
        return "None of its members was measured"
    return f"{percent(concept.hit_rate.value)} of its measured members are {words.side(concept.channel)}"


def share(given: Interval | None) -> str:
    """A share with its interval: "99 % (95 to 100)"; a dash where there is none."""
    if given is None:
        return "–"
    return f"{percent(given.value)} ({given.low * 100:.0f} to {given.high * 100:.0f})"


def alert_name(alert: AlertOverlap) -> str:
    """Catalogue and rule, such as "Kazius: aromatic nitro"."""
    return f"{one_line(alert.catalog)}: {one_line(alert.name).replace('_', ' ')}"


def is_finding(concept: Concept) -> bool:
    """Whether it is news that no known alert accounts for a concept: only on the side that alerts warn of."""
    return not concept.known_alerts and concept.channel == 1 and concept.task in CATALOGUE_OF_TASK


def alerts_in_words(concept: Concept, most: int = 2) -> str:
    """The published alerts that account for a concept, or that none does, which is a finding."""
    # Brenk's list is about unwanted chemistry in general, the others about an endpoint.
    known = [alert_name(alert) for alert in sorted(concept.known_alerts, key=lambda alert: alert.catalog == "Brenk")]
    if not known:
        return NO_ALERT
    more = [plural(len(known) - most, "more alert")] if len(known) > most else []
    return join(known[:most] + more)


def contribution_in_words(words: Wording, concept: Concept) -> str:
    """How far the members' channel moves the output its own way, on average."""
    return f"{concept.contribution.value:+.2f} {words.unit}".rstrip()


def outside_in_words(words: Wording, known: KnownConcepts, match: ChannelConcept) -> str:
    """Why a channel of a molecule is in no concept; the nearest one is named by the caller."""
    threshold = f"{known.found.filters.threshold:g} {words.unit}".rstrip()
    return {
        None: "",
        Outside.NO_CONCEPTS: "No concept was found for this side.",
        Outside.QUIET: f"In no concept: this side moves the output by less than {threshold}.",
        Outside.UNMARKED: "In no concept: this side marks no atom at 0.5 or more.",
        Outside.OTHER_VERDICT: "In no concept: those of this side hold molecules that the model calls "
        f"{words.side(match.channel)}.",
        Outside.FAR: "In no concept: the marked atoms are unlike those of every group.",
    }[match.outside]
