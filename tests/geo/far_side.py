"""A far side for downloads: a CKAN on 127.0.0.1 that can be slow, broken or wrong."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

MODIFIED = "2025-09-04T10:11:12.123456"
FILE = "/dataset/cod/resource/1/download/mli_admin_boundaries.geojson.zip"
API = "/api/3/action/package_show"


@dataclass
class FarSide:
    """What the server holds and how it behaves; tests change it between requests.

    Attributes
    ----------
    cuts
        For each coming answer with the file: bytes after which the line breaks.
    asked
        Path and headers of every request, in order.
    """

    body: bytes
    etag: str = '"one"'
    honest: bool = True
    resource: dict[str, Any] = field(default_factory=dict)
    resources: list[dict[str, Any]] | None = None
    cuts: list[int] = field(default_factory=list)
    statuses: dict[str, list[int]] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    ranges: bool = True
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def files_asked(self) -> list[dict[str, str]]:
        """Headers of the requests for the file."""
        return [headers for path, headers in self.asked if path.startswith("/dataset/")]

    def package(self) -> dict[str, Any]:
        """The answer of ``package_show``, with the fields HDX gives."""
        row = {
            "id": "f5502554",
            "name": "mli_admin_boundaries.geojson.zip",
            "format": "GeoJSON",
            "state": "active",
            "url_type": "upload",
            "resource_type": "file.upload",
            "size": len(self.body),
            "hash": md5(self.body).hexdigest(),
            "originalHash": "-988266717",
            "created": "2025-02-20T08:00:00.000000",
            "last_modified": MODIFIED,
            "download_url": self.address + FILE,
            "url": self.address + FILE,
        }
        resources = self.resources if self.resources is not None else [row | self.resource]
        result = {"name": "cod-ab-mli", "state": "active", "resources": resources}
        return {"help": f"{self.address}/api/3/action/help_show", "success": True, "result": result}


class _Handler(BaseHTTPRequestHandler):
    far: FarSide

    def log_message(self, *_words: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path if self.path.startswith("/") else "/" + self.path.split("/", 3)[3]
        path = path.partition("?")[0]  # a proxy is asked for whole addresses
        self.far.asked.append((path, dict(self.headers)))
        time.sleep(self.far.delay)
        statuses = self.far.statuses.get(path)
        if statuses:
            self.send_error(statuses.pop(0))
        elif path in self.far.redirects:
            self.send_response(302)
            self.send_header("Location", self.far.redirects[path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path in self.far.texts:
            self._send(200, self.far.texts[path], {})
        elif path == API:
            self._send(200, json.dumps(self.far.package()).encode(), {})
        elif path.startswith("/dataset/"):
            self._file()
        else:
            self.send_error(404)

    def do_CONNECT(self) -> None:
        self.far.asked.append((f"CONNECT {self.path}", dict(self.headers)))
        self.send_error(407)

    def _file(self) -> None:
        body, status, more = self.far.body, 200, {"ETag": self.far.etag}
        asked, condition = self.headers.get("Range"), self.headers.get("If-Range")
        if (
            self.far.ranges
            and asked
            and (condition in (None, self.far.etag) or not self.far.honest)
        ):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(body)}")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            more["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body, status = body[start:], 206
        self._send(status, body, more, cut=self.far.cuts.pop(0) if self.far.cuts else None)

    def _send(self, status: int, body: bytes, more: dict[str, str], cut: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()
        shown = body if cut is None else body[:cut]
        try:
            if self.far.drip:
                for at in range(len(shown)):
                    self.wfile.write(shown[at : at + 1])
                    time.sleep(self.far.drip)
            else:
                self.wfile.write(shown)
        except OSError:
            pass  # the near side hung up
        self.close_connection = True


@contextmanager
def serving(far: FarSide) -> Iterator[FarSide]:
    """Serve it while the block runs."""
    with local_server(type("Handler", (_Handler,), {"far": far})) as far.port:
        yield far


@contextmanager
def local_server(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """A server on a free port of 127.0.0.1, while the block runs."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
