"""What a reader must know of how concepts were made, in sentences: what was left out, and what was not found."""

from __future__ import annotations

from collections.abc import Sequence

from concepts.answers import Answers
from concepts.clustering import Groups
from concepts.concept import Concept, ExtractionSettings


def notes_on(
    asked: Answers,
    channels: Sequence[str],
    groups: Sequence[Groups],
    concepts: Sequence[Concept],
    settings: ExtractionSettings,
) -> list[str]:
    """Sentences, first on the rows, then on each channel, then on concepts that may not be there.

    Parameters
    ----------
    asked
        What was read.
    channels
        Their names.
    groups
        Of each channel.
    concepts
        Of all channels.
    settings
        How they were found.
    """
    notes = []
    if asked.unreadable:
        notes.append(f"{_left_out(asked.unreadable)}: no molecule can be read from {_them(asked.unreadable)}.")
    if asked.repeated:
        notes.append(f"{_left_out(asked.repeated)}: an earlier row has the same structure.")
    for name, found in zip(channels, groups, strict=True):
        notes += _on_channel(name, found, settings)
    loose = [concept.id for concept in concepts if not concept.stable]
    if settings.resamples and loose:
        notes.append(f"Not found again in at least half of {settings.resamples} resamples: {', '.join(loose)}.")
    return notes


def _on_channel(name: str, groups: Groups, settings: ExtractionSettings) -> list[str]:
    n = len(groups.labels)
    notes = []
    if not n:
        whose = f"that the model calls {name} " if settings.own_verdict else ""
        notes.append(
            f"{name}: there is no molecule {whose}of which this channel masks an atom and moves the output by at least "
            f"{settings.threshold:g}, so it has no concept."
        )
    elif n < settings.least_members:
        notes.append(
            f"{name}: {_counted(n, 'molecule')} passed the filter, fewer than the {settings.least_members} that a "
            "concept needs."
        )
    elif not len(groups):
        notes.append(f"{name}: {n:,} molecules passed the filter, but none lie densely enough to be a concept.")
    if groups.clustered < n:
        notes.append(
            f"{name}: a random sample of {groups.clustered:,} of {n:,} molecules was clustered; the others were "
            "assigned to the concept whose radius holds them."
        )
    if groups.merged:
        notes.append(f"{name}: {_counted(groups.merged, 'cluster')} merged into near-identical ones.")
    return notes


def _left_out(n: int) -> str:
    return f"{_counted(n, 'row')} {'was' if n == 1 else 'were'} left out"


def _them(n: int) -> str:
    return "it" if n == 1 else "them"


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
