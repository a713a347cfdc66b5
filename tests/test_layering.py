"""The house keeps its one direction: datasets <- megan <- concepts <- app, and heavy imports where they belong.

Every rule is a function from source text to complaints, so that each is also shown to complain.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("datasets", "megan", "concepts", "app")
OUTSIDE = ("tests", "benchmarks", "tools")
MOST_LINES = 400
MOST_LINES_AT_THE_TOP = 60
SHAPELESS_NAMES = ("utils", "util", "common", "helpers", "helper", "misc")
INSIDE_FUNCTIONS_ONLY = ("openai", "umap", "ray", "weasyprint")


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module, absolute."""

    module: str
    line: int
    at_start: bool
    """Whether it runs when the file is imported: neither inside a function nor for type checkers only."""

    @property
    def package(self) -> str:
        """First part of the name."""
        return self.module.partition(".")[0]


def imports(source: str) -> list[Import]:
    """All imports of a source text, also those inside functions and `importlib.import_module("...")`."""
    return list(_imports(ast.parse(source), at_start=True))


def _imports(node: ast.AST, at_start: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, at_start) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            # A relative import stays in its package; the linter forbids them anyway.
            if child.level == 0:
                yield Import(child.module or "", child.lineno, at_start)
        elif isinstance(child, ast.Call) and (name := _dynamic_import(child)):
            yield Import(name, child.lineno, at_start)
        runs_now = at_start
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            runs_now = False
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            runs_now = False
        yield from _imports(child, runs_now)


def _dynamic_import(call: ast.Call) -> str:
    called = ast.unparse(call.func)
    if called not in ("importlib.import_module", "import_module", "__import__") or not call.args:
        return ""
    name = call.args[0]
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""


def points_back(path: PurePosixPath, source: str) -> list[str]:
    """A layer imports itself and the layers before it."""
    if path.parts[0] not in LAYERS:
        return []
    later = LAYERS[LAYERS.index(path.parts[0]) + 1 :] + OUTSIDE
    return [f"line {i.line} imports {i.module}" for i in imports(source) if i.package in later]


def streamlit_outside_the_app(path: PurePosixPath, source: str) -> list[str]:
    """Only pages and the way into them know streamlit."""
    if path.parts[0] == "app" or path.name == "streamlit_app.py":
        return []
    return [f"line {i.line} imports {i.module}" for i in imports(source) if i.package.startswith("streamlit")]


def torch_below_the_model(path: PurePosixPath, source: str) -> list[str]:
    """datasets/ works without torch; dgl has one door."""
    found = imports(source)
    wrong = [i for i in found if i.package == "dgl" and path != PurePosixPath("megan/graph.py")]
    if path.parts[0] == "datasets":
        wrong += [i for i in found if i.package == "torch"]
    return [f"line {i.line} imports {i.module}" for i in wrong]


def heavy_at_start(path: PurePosixPath, source: str) -> list[str]:
    """Packages that take seconds or a network are imported by the function that needs them."""
    del path
    return [
        f"line {i.line} imports {i.module} outside a function"
        for i in imports(source)
        if i.at_start and i.package in INSIDE_FUNCTIONS_ONLY
    ]


def too_long(path: PurePosixPath, source: str) -> list[str]:
    """A long file does more than one thing."""
    most = MOST_LINES_AT_THE_TOP - 1 if path.name == "streamlit_app.py" else MOST_LINES
    count = len(source.splitlines())
    return [f"has {count} lines; at most {most}"] if count > most else []


def shapeless_name(path: PurePosixPath, source: str) -> list[str]:
    """A name says what a file is for."""
    del source
    names = [part.removesuffix(".py") for part in path.parts]
    return [f"is called {name}" for name in names if name in SHAPELESS_NAMES]


Rule = Callable[[PurePosixPath, str], list[str]]
RULES: tuple[Rule, ...] = (
    points_back,
    streamlit_outside_the_app,
    torch_below_the_model,
    heavy_at_start,
    too_long,
    shapeless_name,
)
IN_THE_HOUSE: tuple[Rule, ...] = RULES[:4]


def sources() -> list[PurePosixPath]:
    """Python files of the repository, relative to its root."""
    folders = (*LAYERS, *OUTSIDE)
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    return sorted(PurePosixPath(file.relative_to(ROOT)) for file in (*files, *ROOT.glob("*.py")))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_house_keeps_the_rule(rule: Rule) -> None:
    found = sources()
    # An empty list would keep every rule.
    assert PurePosixPath("megan/predictor.py") in found
    if rule in IN_THE_HOUSE:
        # Tests stand outside: they bring fakes of what the house must not import.
        found = [path for path in found if path.parts[0] not in OUTSIDE]
    complaints = [f"{path} {text}" for path in found for text in rule(path, (ROOT / path).read_text(encoding="utf-8"))]
    assert not complaints, "\n".join(complaints)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (points_back, "datasets/a.py", "from megan.model import Megan"),
        (points_back, "datasets/a.py", "import datasets.b\nimport app.cli"),
        (points_back, "megan/a.py", "def f():\n    from concepts import clustering"),
        (points_back, "concepts/a.py", "import importlib\nimportlib.import_module('app.predicting.records')"),
        (points_back, "app/a.py", "from tests.app import fake_results"),
        (streamlit_outside_the_app, "megan/a.py", "import streamlit as st"),
        (streamlit_outside_the_app, "concepts/a.py", "from streamlit.runtime import caching"),
        (torch_below_the_model, "datasets/a.py", "from torch import Tensor"),
        (torch_below_the_model, "megan/layers.py", "import dgl.function as fn"),
        (heavy_at_start, "concepts/a.py", "import umap"),
        (heavy_at_start, "app/a.py", "class A:\n    from ray import remote"),
        (heavy_at_start, "app/a.py", "try:\n    import openai\nexcept ImportError:\n    openai = None"),
        (too_long, "app/a.py", "x = 1\n" * 401),
        (too_long, "streamlit_app.py", "x = 1\n" * 60),
        (shapeless_name, "megan/utils.py", ""),
        (shapeless_name, "app/common/a.py", ""),
    ],
)
def test_rule_can_fail(rule: Rule, path: str, source: str) -> None:
    assert rule(PurePosixPath(path), source)


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (points_back, "app/a.py", "import concepts, megan\nfrom datasets.tasks import Task"),
        (points_back, "megan/a.py", "from datasets import tasks\nimport applications"),
        (streamlit_outside_the_app, "app/pages/a.py", "import streamlit as st"),
        (torch_below_the_model, "megan/graph.py", "import dgl\nimport torch"),
        (heavy_at_start, "app/a.py", "def f():\n    import openai"),
        (heavy_at_start, "app/a.py", "import typing\nif typing.TYPE_CHECKING:\n    import ray"),
        (too_long, "app/a.py", "x = 1\n" * 400),
        (too_long, "streamlit_app.py", "x = 1\n" * 59),
        (shapeless_name, "app/commands/predict.py", ""),
    ],
)
def test_rule_lets_the_allowed_pass(rule: Rule, path: str, source: str) -> None:
    assert not rule(PurePosixPath(path), source)
