"""A run folder knows what it trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from megan.run_claim import claim_run


def test_the_same_settings_may_come_back_and_others_may_not(tmp_path: Path) -> None:
    claim_run(tmp_path / "run", {"train": {"epochs": 3, "sizes": (1, 2)}, "data": "abc"})
    claim_run(tmp_path / "run", {"data": "abc", "train": {"sizes": [1, 2], "epochs": 3}})
    with pytest.raises(ValueError, match="run folder 'run' holds a training with other data, teacher; expected"):
        claim_run(tmp_path / "run", {"train": {"epochs": 3, "sizes": (1, 2)}, "data": "abd", "teacher": 1})
