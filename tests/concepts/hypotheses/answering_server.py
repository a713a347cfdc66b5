"""A real server on this machine, in place of a language model's: it answers as it is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Server:
    """Answers with what it is told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.body: bytes = b""
        self.wait = 0.0
        self.knows_forms = True
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(asked)
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                outer.paths.append(self.path)
                time.sleep(outer.wait)
                refused = not outer.knows_forms and "response_format" in asked
                body = b'{"error": {"message": "unknown field response_format"}}' if refused else outer.body
                self.send_response(400 if refused else outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the name is the base class's
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def says(self, content: object, **more: object) -> None:
        """Answer as a chat model does."""
        message = {"role": "assistant", "content": content, "refusal": more.pop("refusal", None)}
        choice = {"index": 0, "message": message, "finish_reason": more.pop("finish_reason", "stop")}
        self.body = json.dumps(
            {"id": "a", "object": "chat.completion", "created": 0, "model": "served", "choices": [choice]}
        ).encode()


@contextmanager
def answering_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """The server, reached without a proxy, in an environment that names no language model."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("WHYMOL_LLM_URL", "WHYMOL_LLM_MODEL", "WHYMOL_LLM_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    try:
        yield running
    finally:
        running.http.shutdown()
        running.http.server_close()
