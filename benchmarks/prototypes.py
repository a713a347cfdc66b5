"""Seconds that the search for prototypes takes for each concept, and whether what it finds is what it should be.

Every prototype is parsed again, and asked of the predictor as if a user had typed it; distance and verdict are compared
with the concept here, not by the code that searched. Trial runs take --first and --folder.

Run it with: python -m benchmarks.prototypes
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rdkit import Chem

from benchmarks.results_file import RESULTS, data_file, write_result
from concepts.concept import Concept, ConceptSet
from concepts.prototypes.finding import PrototypeSettings, Surroundings, find_prototypes, surroundings_of
from concepts.prototypes.genetic_search import OUTSIDE
from megan.prediction import Prediction
from megan.predictor import Predictor

COMMAND = "python -m benchmarks.prototypes"


def measure_concept(
    predictor: Predictor, found: ConceptSet, concept: Concept, known: Surroundings, settings: PrototypeSettings
) -> dict[str, Any]:
    """Search one concept and judge what was found.

    Parameters
    ----------
    predictor
        The model that the concepts are of.
    found, concept, known, settings
        As in `concepts.prototypes.finding.find_prototypes`.
    """
    wall, processor = time.perf_counter(), time.process_time()
    prototypes = find_prototypes(predictor, found, concept, known, settings)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    answers = predictor.predict([prototype.smiles for prototype in prototypes])
    rounds = np.array(prototypes[0].rounds) if prototypes else np.full(1, OUTSIDE)
    return {
        "concept": concept.id,
        "name": concept.name,
        "smiles": [prototype.smiles for prototype in prototypes],
        "wall_s": round(wall, 2),
        "cpu_s": round(processor, 2),
        "valid": sum(is_canonical(prototype.smiles) for prototype in prototypes),
        "inside": sum(is_inside(answer, concept, found.filters.threshold) for answer in answers),
        "own_verdict": sum(
            isinstance(answer, Prediction) and answer.verdict == concept.channel_name for answer in answers
        ),
        "atoms": [prototype.atoms for prototype in prototypes],
        "median_member_atoms": float(np.median([heavy_atoms(member.smiles) for member in concept.members])),
        "best_by_round": int(np.argmax(np.floor(rounds) == np.floor(rounds[-1]))),
    }


def is_canonical(smiles: str) -> bool:
    """Whether RDKit reads a SMILES, and writes the same one again."""
    mol = Chem.MolFromSmiles(smiles)
    return mol is not None and Chem.MolToSmiles(mol) == smiles


def is_inside(answer: object, concept: Concept, threshold: float) -> bool:
    """Whether an answer's embedding lies within the concept's radius, and its channel contributes enough."""
    if not isinstance(answer, Prediction):
        return False
    embedding = np.asarray(answer.explanation.embedding[concept.channel], dtype=np.float64)
    cosine = embedding @ concept.centroid / np.linalg.norm(embedding) / np.linalg.norm(concept.centroid)
    return bool(1 - cosine <= concept.radius and answer.explanation.fidelity[concept.channel] >= threshold)


def heavy_atoms(smiles: str) -> int:
    """Number of heavy atoms."""
    return int(Chem.MolFromSmiles(smiles).GetNumHeavyAtoms())


def summary(rows: Sequence[dict[str, Any]], settings: PrototypeSettings) -> dict[str, Any]:
    """What the table shows, from what was measured of each concept."""
    n_prototypes = sum(len(row["smiles"]) for row in rows)
    with_some = [row for row in rows if row["smiles"]]

    def share(name: str) -> float | None:
        return round(sum(row[name] for row in rows) / n_prototypes, 4) if n_prototypes else None

    return {
        "population": settings.search.population,
        "rounds": settings.search.rounds,
        "concepts": len(rows),
        "concepts_with_prototypes": len(with_some),
        "prototypes": n_prototypes,
        "valid_share": share("valid"),
        "inside_share": share("inside"),
        "own_verdict_share": share("own_verdict"),
        "wall_s_median": round(float(np.median([row["wall_s"] for row in rows])), 2),
        "wall_s_slowest": max(row["wall_s"] for row in rows),
        "cpu_s_median": round(float(np.median([row["cpu_s"] for row in rows])), 2),
        "cpu_s_slowest": max(row["cpu_s"] for row in rows),
        "atoms_of_smallest_median": _median(row["atoms"][0] for row in with_some),
        "atoms_of_members_median": _median(row["median_member_atoms"] for row in with_some),
        "final_size_by_round_median": _median(row["best_by_round"] for row in with_some),
    }


def _median(values: Any) -> float | None:
    listed = list(values)
    return float(np.median(listed)) if listed else None


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print and write."""
    import pandas as pd

    from concepts.extraction import extract
    from concepts.storage import load_concepts
    from datasets.sources import load_table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--task", default="mutagenicity")
    parser.add_argument("--concepts", type=Path, help="folder of extracted concepts; extracted anew by default")
    parser.add_argument("--first", type=int, default=12, help="so many concepts of each channel")
    parser.add_argument("--folder", type=Path, default=RESULTS, help="where the result goes")
    given = parser.parse_args(arguments)
    if given.first < 1:
        parser.error(f"--first is {given.first}; expected at least 1")
    predictor = Predictor.load(given.task)
    data_file(predictor.task.table)
    table: pd.DataFrame = load_table(predictor.task)
    found = load_concepts(given.concepts) if given.concepts else extract(predictor, table, data=predictor.task.table)
    settings = PrototypeSettings()
    start = time.perf_counter()
    known = surroundings_of(table["smiles"])
    surroundings_s = time.perf_counter() - start
    rows = []
    for channel in range(len(found.channels)):
        for concept in found.of_channel(channel)[: given.first]:
            row = measure_concept(predictor, found, concept, known, settings)
            rows.append(row)
            print(
                f"{concept.id:20} {concept.name[:36]:36} {row['wall_s']:6.1f} s wall {row['cpu_s']:6.1f} s CPU  "
                f"{' '.join(row['smiles'])}",
                flush=True,
            )
    if not rows:
        raise SystemExit("There are no concepts to search prototypes for.")
    measured = {given.task: {**summary(rows, settings), "surroundings_s": round(surroundings_s, 2), "each": rows}}
    for name, value in summary(rows, settings).items():
        print(f"{name:28} {value}")
    print(write_result("prototypes", COMMAND, measured, given.folder))


if __name__ == "__main__":
    main()
