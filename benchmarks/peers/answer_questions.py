"""Our predictor behind standard input and output, for peers whose packages cannot live beside ours.

A line in is a JSON list of SMILES; a line out is an object with `said`, the list of their probabilities of class 1,
null where no molecule can be read, and `cpu_s`, the processor seconds that this process has worked so far. Run as:
python -m benchmarks.peers.answer_questions TASK
"""

from __future__ import annotations

import json
import sys
import time
from typing import TextIO

from datasets.featurize import featurize
from datasets.standardize import parent_smiles
from megan.predictor import Predictor


def probabilities(predictor: Predictor, smiles: list[str]) -> list[float | None]:
    """What the predictor says of SMILES once they are standardised; None for those that are no molecule."""
    parents = [parent_smiles(text) for text in smiles]
    readable = [text for text in parents if text is not None]
    said = iter(predictor.outputs(featurize(readable)).output.tolist() if readable else [])
    return [None if text is None else float(next(said)) for text in parents]


def answer(predictor: Predictor, questions: TextIO, answers: TextIO) -> None:
    """Answer line by line until the questions end."""
    for line in questions:
        said = probabilities(predictor, json.loads(line))
        answers.write(json.dumps({"said": said, "cpu_s": time.process_time()}) + "\n")
        answers.flush()


if __name__ == "__main__":
    answer(Predictor.load(sys.argv[1]), sys.stdin, sys.stdout)
