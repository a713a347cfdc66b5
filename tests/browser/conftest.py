"""A running WhyMol and a headless Chromium that may talk to it and to nobody else."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def _chromium() -> str | None:
    found = Path("/usr/bin/chromium")
    return str(found) if found.exists() else shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the app, started as `make app` starts it; no measured tables are in sight."""
    if _chromium() is None:
        pytest.skip("no Chromium on this machine: the pages' journeys need one (Debian: apt install chromium)")
    if not list((ROOT / "megan" / "pretrained").glob("*/card.json")):
        pytest.skip("no model is shipped in megan/pretrained")
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log.txt"
    environment = dict(os.environ) | {"WHYMOL_MODELS": str(folder / "models"), "WHYMOL_CONCEPTS": str(folder)}
    environment |= {"WHYMOL_STUDIES": str(folder / "studies"), "WHYMOL_QUIZ": str(folder / "quiz.duckdb")}
    environment["WHYMOL_SCREENINGS"] = str(folder / "screenings")
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.port", str(port)]
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out, env=environment)
    address = f"http://localhost:{port}"
    try:
        _wait(f"{address}/_stcore/health", process, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)
    assert "Traceback" not in log.read_text()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(150):
        if process.poll() is not None:
            pytest.fail(f"the app did not start:\n{log.read_text()}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the app did not answer within 30 s:\n{log.read_text()}")


@pytest.fixture(params=[1280, 700])
def page(request: pytest.FixtureRequest, server: str) -> Iterator[Page]:
    """A page at each width; at the end no request may have gone elsewhere and no script may have failed."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": request.param, "height": 900}, accept_downloads=True)
        page.set_default_timeout(30_000)
        strays: list[str] = []
        errors: list[str] = []
        page.on("request", lambda r: strays.append(r.url) if not r.url.startswith((server, "data:", "blob:")) else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        yield page
        browser.close()
    assert strays == []
    assert errors == []
