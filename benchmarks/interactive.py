"""What a person at the page waits for: import, load, one molecule with all tasks and pictures, memory.

Run it with: python -m benchmarks.interactive
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np

from benchmarks.results_file import write_result

MOLECULES = (
    "O=[N+]([O-])c1ccc(cc1)C(=O)Nc1ccccc1",
    "CC(=O)Oc1ccccc1C(=O)O",
    "CN1C=NC2=C1C(=O)N(C(=O)N2C)C",
    "Oc1ccc(cc1)-c1cc(=O)c2c(O)cc(O)cc2o1",
    "CC(C)Cc1ccc(cc1)C(C)C(=O)O",
    "COc1cc2c(cc1OC)C(Cc1ccc(OC)c(OC)c1)=NCC2",
)


def fresh(code: str) -> float:
    """Seconds that a fresh interpreter takes for some code, median of five."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return round(float(np.median(times)), 2)


def main() -> None:
    """Measure, print and write."""
    from datasets.molecule import InputRow
    from megan.drawing import draw_explanation
    from megan.predictor import Predictor, predict_rows, shipped_tasks

    start = time.perf_counter()
    predictors = [Predictor.load(name) for name in shipped_tasks()]
    loaded = time.perf_counter() - start

    def answer(smiles: str) -> None:
        (result,) = predict_rows([InputRow(0, "", smiles)], predictors)
        for prediction in result.predictions.values():
            explanation = prediction.explanation
            for k in range(len(explanation.channels)):
                draw_explanation(
                    result.molecule.smiles,  # type: ignore[union-attr]  # none of these is a problem
                    explanation.node_importance[:, k],
                    explanation.edge_importance[:, k],
                    colour="#0072B2",
                )

    start = time.perf_counter()
    answer(MOLECULES[0])
    first = time.perf_counter() - start
    times = []
    for _ in range(5):
        for smiles in MOLECULES:
            start = time.perf_counter()
            answer(smiles)
            times.append(time.perf_counter() - start)
    measured = {
        "help_s": fresh(
            "import sys; sys.argv = ['app', '--help']; import runpy; runpy.run_module('app', run_name='__main__')"
        ),
        "import_s": fresh("from megan import Predictor"),
        "load_all_s": round(loaded, 2),
        "first_molecule_s": round(first, 2),
        "warm_molecule_median_ms": round(1000 * float(np.median(times)), 1),
        "warm_molecule_slowest_ms": round(1000 * float(np.max(times)), 1),
        "peak_memory_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    for name, value in measured.items():
        print(f"{name:26s} {value}")
    print(write_result("interactive", "python -m benchmarks.interactive", measured))


if __name__ == "__main__":
    main()
