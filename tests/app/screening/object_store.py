"""As much of an object store's protocol (S3) as a client needs to write, list, read and delete objects."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape


@contextmanager
def object_store(bucket: str) -> Iterator[tuple[str, dict[str, bytes]]]:
    """A store on this machine with one bucket; yields the end of its URIs' query, and the objects by key."""
    objects: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(bucket, objects))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"scheme=http&region=here&endpoint_override={quote(f'127.0.0.1:{server.server_port}')}", objects
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(bucket: str, objects: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    uploads: dict[tuple[str, int], bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def _asked(self) -> tuple[str, dict[str, str]]:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
            return unquote(parts.path).removeprefix(f"/{bucket}").lstrip("/"), query

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "") == "chunked":
                body = _unchunked(self.rfile)
            else:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            # The protocol has chunks of its own, with sums behind them.
            return _unchunked(io.BytesIO(body)) if "aws-chunked" in self.headers.get("Content-Encoding", "") else body

        def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
            length = headers.pop("length", str(len(body)))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", length)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def do_PUT(self) -> None:
            key, query = self._asked()
            if "partNumber" in query:
                uploads[key, int(query["partNumber"])] = self._body()
            elif key:
                objects[key] = self._body()
            self._answer(200, ETag='"x"')

        def do_POST(self) -> None:
            key, query = self._asked()
            self._body()
            if "uploads" in query:
                self._answer(
                    200, b"<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>"
                )
                return
            mine = sorted(number for name, number in uploads if name == key)
            objects[key] = b"".join(uploads.pop((key, number)) for number in mine)
            self._answer(200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>")

        def do_DELETE(self) -> None:
            objects.pop(self._asked()[0], None)
            self._answer(204)

        def do_HEAD(self) -> None:
            key, _ = self._asked()
            if key and key not in objects:
                self._answer(404)
                return
            self._answer(
                200, length=str(len(objects.get(key, b""))), ETag='"x"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT"
            )

        def do_GET(self) -> None:
            key, query = self._asked()
            if not key:
                self._list(query)
            elif key not in objects:
                self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
            else:
                whole = objects[key]
                first, _, last = self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")
                part = whole[int(first) : int(last) + 1 if last else None]
                self._answer(
                    206, part, Content_Range=f"bytes {first}-{int(first) + len(part) - 1}/{len(whole)}", ETag='"x"'
                )

        def _list(self, query: dict[str, str]) -> None:
            start = query.get("prefix", "")
            found = "".join(
                f"<Contents><Key>{escape(key)}</Key><Size>{len(objects[key])}</Size>"
                "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
                for key in sorted(objects)
                if key.startswith(start)
            )
            count = found.count("<Key>")
            self._answer(
                200,
                f"<ListBucketResult><Name>{bucket}</Name><Prefix>{escape(start)}</Prefix><KeyCount>{count}</KeyCount>"
                f"<IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode(),
                Content_Type="application/xml",
            )

    return Handler


def _unchunked(stream: io.BufferedIOBase) -> bytes:
    whole = b""
    while size := int(stream.readline().partition(b";")[0], 16):
        whole += stream.read(size)
        stream.readline()
    while stream.readline().strip():
        pass
    return whole
