"""Paragraphs that a language model wrote on pairs, kept on this machine: one file a prompt.

The folder is the one that WHYMOL_PARAGRAPHS names, or `runs/paragraphs`. A file is named by the hash of the exact text
that was sent, so that it is found again for the same pair and the same numbers, and for no other.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Final

from concepts.counterfactuals.pair_explanation import LONGEST, PairExplanation
from concepts.hypotheses.prompt import CONFIDENCES, one_line
from megan.files import write_beside

_SHA: Final = re.compile(r"[0-9a-f]{64}")
_LARGEST: Final = 100_000
"""Bytes; a file of ours is smaller."""


def paragraph_folder() -> Path:
    """The folder of this machine; it may not exist yet."""
    named = os.environ.get("WHYMOL_PARAGRAPHS", "").strip()
    return Path(named).expanduser() if named else Path("runs") / "paragraphs"


def keep(explanation: PairExplanation) -> None:
    """Keep a paragraph; a later one on the same prompt takes its place.

    Raises
    ------
    ValueError
        If its prompt's hash is none.
    OSError
        If the file cannot be written.
    """
    with write_beside(_file(explanation.prompt_sha256)) as beside:
        beside.write_text(json.dumps(dataclasses.asdict(explanation), indent=1) + "\n", encoding="utf-8")


def kept(prompt_sha256: str) -> PairExplanation | None:
    """The paragraph that was kept for a prompt; None where there is none, or the file holds something else."""
    file = _file(prompt_sha256)
    try:
        if file.stat().st_size > _LARGEST:
            return None
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    names = [field.name for field in dataclasses.fields(PairExplanation)]
    if not isinstance(found, dict) or set(found) != set(names) or not all(isinstance(v, str) for v in found.values()):
        return None
    if found["prompt_sha256"] != prompt_sha256 or found["confidence"] not in CONFIDENCES:
        return None
    # The file lies open to anybody who can write there; what is shown is bounded as it was when it was made.
    return PairExplanation(**{name: one_line(found[name], LONGEST.get(name, 300)) for name in names})


def _file(prompt_sha256: str) -> Path:
    if not _SHA.fullmatch(prompt_sha256):
        raise ValueError(f"prompt_sha256 is {prompt_sha256[:80]!r}; expected 64 hexadecimal digits")
    return paragraph_folder() / f"{prompt_sha256}.json"
