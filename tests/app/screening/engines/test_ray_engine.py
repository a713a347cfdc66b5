"""The Ray engine: what the local engine writes, byte for byte, whatever part of the cluster is killed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.screening.engines.local_engine import run_local
from app.screening.engines.ray_engine import RAY, run_ray
from app.screening.run_folder import Run, open_run
from app.screening.running import carry_out
from tests.app.screening import engine_work
from tests.app.screening.conftest import LIBRARY, ROWS, screened_here, settings
from tests.app.screening.engine_work import content, made_up_run
from tests.app.screening.processes import descendants, wait_until

ROOT = Path(__file__).parents[4]
ACTOR = "MapWorker(MapBatches(Screen))"
PATIENCE = 300
DRIVER = """
import sys
from pathlib import Path
from app.screening.engines.ray_engine import run_ray
from app.screening.run_folder import open_run
from tests.app.screening import engine_work
if __name__ == "__main__":
    run = open_run(Path(sys.argv[1]))
    with run.claimed():
        run_ray(run, address=sys.argv[2], make_work=engine_work.plain)
"""


@pytest.fixture(scope="module")
def ray_environment() -> Iterator[dict[str, str]]:
    """Variables for Ray's processes: nothing is sent or left behind, and all of them find these tests."""
    pytest.importorskip("ray", reason="Ray is no part of the app; requirements-dev.txt brings it")
    # Sockets have short names.
    folder = tempfile.mkdtemp(prefix="ray-")
    added = {
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",
        "RAY_TMPDIR": folder,
        "RAY_worker_niceness": "0",  # else other tests, which run at the same time, would come first
        "PYTHONPATH": str(ROOT),
    }
    yield dict(os.environ) | added
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def cluster(ray_environment: dict[str, str]) -> Iterator[Any]:
    """Two nodes of one core each."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in ray_environment.items():
            patch.setenv(name, value)
        from ray.cluster_utils import Cluster

        node: dict[str, Any] = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}
        # A node that died is missed after seconds.
        watched = {"initial_delay_ms": 0, "period_ms": 1000, "failure_threshold": 3}
        system = {f"health_check_{name}": value for name, value in watched.items()}
        made = Cluster(
            initialize_head=True,
            head_node_args=node | {"_system_config": system},
        )
        made.add_node(wait=True, **node)
        yield made
        made.shutdown()  # type: ignore[no-untyped-call]


def _files(run: Run) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in run.parts().values()}


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")
@pytest.mark.usefixtures("quick_workers")
def test_an_actor_and_a_machine_are_killed(cluster: Any, ray_environment: dict[str, str], tmp_path: Path) -> None:
    texts = ["CCO" if row % 3 else "slow" for row in range(600)]
    texts[100] = "endless"
    undisturbed = made_up_run(tmp_path, texts, "undisturbed", time_limit=3)
    run_local(undisturbed, 1, make_work=engine_work.plain)
    run = made_up_run(tmp_path, texts, "killed", time_limit=3)
    script = tmp_path / "driver.py"
    script.write_text(DRIVER, encoding="utf-8")
    [head, other] = [_raylet(node) for node in (cluster.head_node, *cluster.worker_nodes)]
    words = [sys.executable, str(script), str(run.folder), cluster.address]
    driver = subprocess.Popen(words, env=ray_environment, cwd=ROOT)
    try:
        _wait_for_parts(run, 5, driver)
        [actor] = descendants(head, ACTOR)
        os.kill(actor, 9)
        _wait_for_parts(run, 30, driver)
        for process in [other, *descendants(other)]:
            os.kill(process, 9)
        assert driver.wait(PATIENCE) == 0
    finally:
        driver.kill()
        driver.wait()
    assert _files(run) == _files(undisturbed)
    assert run.given_up() == {100: "timeout"}
    assert not list(run.parts_folder.glob(".*"))


def _raylet(node: Any) -> int:
    return int(node.all_processes["raylet"][0].process.pid)


def _wait_for_parts(run: Run, more: int, driver: subprocess.Popen[bytes]) -> None:
    before = len(run.parts())
    wait_until(lambda: len(run.parts()) >= before + more or driver.poll() is not None, PATIENCE)
    assert driver.poll() is None


def test_the_command_starts_a_cluster_of_this_machine(
    ray_environment: dict[str, str], tiny_bundle: Path, tmp_path: Path
) -> None:
    file = tmp_path / "library.csv"
    file.write_text(LIBRARY, encoding="utf-8", newline="")
    through = tmp_path / "through"
    words = [
        sys.executable, "-m", "app", "screen", str(file), "-o", str(tmp_path / "run"), "--task", str(tiny_bundle),
        "--part-rows", "3", "--engine", "ray", "--workers", "1", "--through", through.as_uri(),
    ]  # fmt: skip
    ran = subprocess.run(words, env=ray_environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert f"{ROWS} of {ROWS} rows" in ran.stderr
    run = open_run(tmp_path / "run")
    assert content(run) == content(screened_here(tmp_path / "here", file, settings(tiny_bundle)))
    assert [path.name for path in through.rglob("part-*")] == []


def test_ray_is_asked_for_only_where_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = made_up_run(tmp_path, ["CCO"])
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ValueError, match=re.escape(f'python -m pip install "{RAY}"')):
        run_ray(run)
    pinned = (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("#")[0].strip() for line in pinned if line.startswith("ray")] == [RAY]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["optional-dependencies"]["cluster"] == [RAY]


@pytest.mark.parametrize(
    ("engine", "options", "says"),
    [
        ("ray", {"address": "ray://host:10001"}, "address is 'ray://host:10001'; expected host:port"),
        ("local", {"address": "auto"}, "address is 'auto'; expected none, as the engine is local"),
        ("local", {"through": "s3://x/y"}, "through is 's3://x/y'; expected none"),
        ("spark", {}, "engine is 'spark'; expected local or ray"),
    ],
)
def test_wrong_settings_are_sentences(tmp_path: Path, engine: str, options: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        carry_out(made_up_run(tmp_path, ["CCO"]), engine, **options)  # type: ignore[arg-type]
