"""The list of bundles, and that listing them does not wait for torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from megan.card import shipped_tasks
from megan.shipped import PRETRAINED, shipped_names


def test_only_folders_with_a_card_are_listed(tmp_path: Path) -> None:
    for name in ("b", "a", "broken"):
        (tmp_path / name).mkdir()
    for name in ("b", "a"):
        (tmp_path / name / "card.json").write_text("{}")
    assert shipped_names(tmp_path) == ("a", "b")
    assert shipped_names(tmp_path / "nowhere") == ()
    assert shipped_names(PRETRAINED) == shipped_tasks()


def test_the_list_is_there_before_torch() -> None:
    code = "import sys, megan.shipped; assert megan.shipped.shipped_names; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
