"""A server of lists on 127.0.0.1: pages of KoBo, ActivityInfo, CKAN and IATI, and its refusals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from tests.geo.far_side import local_server

KOBO_ASSET = "/api/v2/assets/aFormulaire/"
ACTIVITYINFO_TREE = "/resources/form/c3w/tree"
ACTIVITYINFO_QUERY = "/resources/query/columns"
CKAN = "/api/3/action/package_show"
IATI_COUNT, IATI_PAGE = "/activity/select", "/activity/iati"


class Refusal(NamedTuple):
    """An answer that stands in for the next one."""

    status: int
    headers: dict[str, str] = {}
    body: bytes = b"{}"


@dataclass
class ListServer:
    """What the server holds; tests change it between requests.

    Attributes
    ----------
    page
        Most entries it gives at once, whatever is asked for.
    refusals
        By path: what it answers first.
    files
        By path: what it answers at any other address.
    counted
        What it counts, where that is not what it holds.
    next_pages
        Where it sends for the next page, instead of where that is.
    packed
        Whether columns of one value are packed.
    arriving
        Submissions that come in once a page has been given.
    asked
        Path with query, headers and body of every request, in order.
    """

    content: dict[str, Any] = field(default_factory=dict)
    submissions: list[dict[str, Any]] = field(default_factory=list)
    arriving: list[dict[str, Any]] = field(default_factory=list)
    counted: int | None = None
    tree: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    resources: list[dict[str, Any]] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    next_pages: str = ""
    packed: bool = False
    page: int = 2
    refusals: dict[str, list[Refusal]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, query: dict[str, list[str]], body: Any) -> bytes | None:
        """What is at a path; ``None``: nothing."""
        start = int(query.get("start", ["0"])[0])
        match path:
            case "/api/v2/assets/aFormulaire/":
                return json.dumps({"name": "Suivi", "content": self.content}).encode()
            case "/api/v2/assets/aFormulaire/data/":
                return self._submissions(start)
            case "/resources/form/c3w/tree":
                return json.dumps(self.tree).encode()
            case "/resources/query/columns":
                return self._columns(body)
            case "/api/3/action/package_show":
                result = {"name": "mali-3w", "resources": self.resources}
                return json.dumps({"success": True, "result": result}).encode()
            case "/activity/select":
                return json.dumps({"response": {"numFound": len(self.activities)}}).encode()
            case "/activity/iati":
                most = min(int(query["rows"][0]), self.page)
                shown = "".join(self.activities[start : start + most])
                return f'<iati-activities version="2.03">{shown}</iati-activities>'.encode()
        return self.files.get(path)

    def _submissions(self, start: int) -> bytes:
        shown = self.submissions[start : start + self.page]
        end = start + len(shown)
        link = f"{self.address}{KOBO_ASSET}data/?format=json&start={end}&limit={self.page}"
        link = self.next_pages or link
        more = link if end < len(self.submissions) else None
        count = len(self.submissions) if self.counted is None else self.counted
        told = {"count": count, "next": more, "previous": None, "results": shown}
        self.submissions, self.arriving = [*self.submissions, *self.arriving], []
        return json.dumps(told).encode()

    def _columns(self, query: dict[str, Any]) -> bytes:
        start, most = query["window"]
        shown = self.records[start : start + min(most, self.page)]
        columns = {
            column["id"]: self._packed([record.get(column["expression"]) for record in shown])
            for column in query["columns"]
        }
        told = {"rows": len(shown), "totalRows": len(self.records), "offset": start}
        return json.dumps({**told, "columns": columns}).encode()

    def _packed(self, values: list[Any]) -> dict[str, Any]:
        """A column as ActivityInfo packs it: one value for all rows, none, or each."""
        if not self.packed or len(set(values)) != 1:
            return {"type": "STRING", "storage": "array", "values": values}
        if values[0] is None:
            return {"type": "STRING", "storage": "empty"}
        return {"type": "STRING", "storage": "constant", "value": values[0]}


class _Handler(BaseHTTPRequestHandler):
    lists: ListServer

    def log_message(self, *_words: object) -> None:
        pass

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        self.lists.asked.append((self.path, dict(self.headers), body))
        parts = urlsplit(self.path)
        refusals = self.lists.refusals.get(parts.path)
        if refusals:
            refusal = refusals.pop(0)
            self._send(refusal.status, refusal.headers, refusal.body)
            return
        found = self.lists.answer(parts.path, parse_qs(parts.query), body)
        self._send(404 if found is None else 200, {}, found or b"{}")

    do_POST = do_GET  # noqa: N815

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def serving_lists(lists: ListServer) -> Iterator[ListServer]:
    """Serve them while the block runs."""
    with local_server(type("Handler", (_Handler,), {"lists": lists})) as lists.port:
        yield lists
