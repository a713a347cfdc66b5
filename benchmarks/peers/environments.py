"""The peers' virtual environments: each peer has its own, since they pin what the others cannot live with."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from megan.files import write_beside

ENVIRONMENTS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "chemprop": (("torch==2.13.0",), ("chemprop==2.3.1",)),
    # It asks for a torch before 2.5.1, yet runs on today's: so it comes without what it asks for, and that comes after.
    "graph_attention_student": (
        ("torch==2.13.0",),
        ("--no-deps", "graph_attention_student==1.6.0", "visual_graph_datasets==0.17.1"),
        (
            "numpy==1.26.4", "pyarrow==18.1.0", "pandas==3.0.6", "rdkit==2026.9.1", "lightning==2.6.6",
            "torch-geometric==2.8.1", "pycomex==0.29.0", "orjson==3.13.0", "polars==2.1.0", "matplotlib==3.11.2",
            "seaborn==0.13.2", "hdbscan==0.8.44", "jinja2==3.1.6", "click==8.5.1", "imageio==2.38.1", "nltk==3.10.4",
            "umap-learn==0.5.12", "cairosvg==2.9.1", "weasyprint==70.0", "networkx==3.6.1", "parsimonious==0.11.0",
            "psutil==5.9.8", "pyyaml==6.0.3", "rich-click==1.8.9", "scipy==1.17.1", "scikit-learn==1.9.1",
            "pytest==9.2.0",
        ),
    ),
    "admet_ai": (("torch==2.13.0",), ("admet_ai==2.0.1",)),
    "exmol": (("exmol==3.3.0",),),
    "vgd_counterfactuals": (("vgd_counterfactuals==0.3.14",),),
}  # fmt: skip
"""What pip installs into each, one call after another."""


class PeerError(RuntimeError):
    """A peer could not be installed or did not finish; the sentence says why, as its own program told it."""


def peer_python(name: str, folder: Path = Path("runs/peers")) -> Path:
    """The interpreter of a peer's environment, which is made where it is missing or was made by another recipe.

    Parameters
    ----------
    name
        A key of `ENVIRONMENTS`, or "own" for the interpreter that runs this.
    folder
        Where environments are kept.

    Raises
    ------
    ValueError
        If there is no such peer.
    PeerError
        If it cannot be installed.
    """
    if name == "own":
        return Path(sys.executable)
    if name not in ENVIRONMENTS:
        raise ValueError(f"peer is {name!r}; expected one of own, {', '.join(ENVIRONMENTS)}")
    # Absolute, but not resolved: the interpreter is a link, and its place says which environment it serves.
    home = (folder / name).absolute()
    python, stamp = home / "bin" / "python", home / "recipe.json"
    recipe = json.dumps({"python": sys.version.split()[0], "pip": ENVIRONMENTS[name]}, indent=1)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == recipe:
        return python
    print(f"making the environment of {name}; this takes some minutes", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    # Our pip serves it from outside, so that this works too where Python came without ensurepip.
    told([sys.executable, "-m", "venv", "--without-pip", str(home)])
    for packages in ENVIRONMENTS[name]:
        told([sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", *packages])
    with write_beside(stamp) as beside:
        beside.write_text(recipe, encoding="utf-8")
    return python


def told(command: list[str], env: dict[str, str] | None = None, cwd: Path | None = None) -> str:
    """Run a command; its standard output.

    Raises
    ------
    PeerError
        If it fails, with the last lines that it wrote.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=env, cwd=cwd, check=False)
    except OSError as error:
        raise PeerError(f"{Path(command[0]).name} could not be started: {error}") from error
    if done.returncode:
        said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise PeerError(f"exit code {done.returncode}: {' | '.join(said[-3:])[-500:] or 'it said nothing'}")
    return done.stdout
