"""Calibrate and test shipped bundles again without training: python -m tools.judge_shipped [TASK ...]."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from datasets.sources import load_table
from datasets.tasks import get_task
from megan.card import shipped_tasks
from megan.judging import judge_anew
from megan.shipped import PRETRAINED


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the cards of the tasks that are asked for."""
    parser = argparse.ArgumentParser(prog="python -m tools.judge_shipped", description=__doc__)
    parser.add_argument("tasks", nargs="*", default=list(shipped_tasks()), help="by default all shipped ones")
    for name in parser.parse_args(arguments).tasks:
        card = judge_anew(PRETRAINED / name, load_table(get_task(name)))
        shown = {key: card["test"][key]["value"] for key in ("auroc", "ece", "rmse") if key in card["test"]}
        sys.stdout.write(f"{name}: {shown}, {card['calibration']}\n")


if __name__ == "__main__":
    main()
