"""What the README says is what was measured, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.readme_tables import filled

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_tables_are_those_of_the_cards_and_benchmarks() -> None:
    assert filled(README) == README


def test_a_readme_without_places_for_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for the accuracy table"):
        filled("# empty")


def test_files_that_it_links_to_exist() -> None:
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", prose)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_commands_that_it_names_exist() -> None:
    from app.cli import cli

    named = set(re.findall(r"python -m app ([a-z][a-z-]+)", README))
    assert named
    assert named <= {command.name for command in cli.registered_commands}


def test_targets_that_it_names_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make ([a-z-]+)", README, flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
