"""What monitors ask for: alive, ready, figures for Prometheus, and a log without personal data."""

from __future__ import annotations

import hmac
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable
from time import perf_counter

from flask import Flask, Response, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from atlas.errors import AtlasError, StoreError
from atlas.i18n import _
from atlas.model import Viewer
from atlas.web.page_state import DatasetProvider

METRICS_TOKEN, LOG = "ATLAS_METRICS_TOKEN", "ATLAS_LOG"
WORKERS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Variable of prometheus_client: folder in which the workers of one server add up."""
LEAST_FREE_BYTES = 200 * 2**20
"""A store with less room than this takes no further import: it is not ready."""

REQUESTS = Counter("atlas_requests", "Requests by route and status.", ["route", "status"])
SECONDS = Histogram(
    "atlas_request_seconds",
    "Time to answer, by route.",
    ["route"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30),
)


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add ``/healthz``, ``/readyz`` and ``/metrics``, and count and log every answer."""
    server.before_request(_start_clock)
    if os.environ.get(METRICS_TOKEN):
        server.after_request(_counted)
    log = _request_log() if os.environ.get(LOG, "").strip() == "json" else None
    if log is not None:
        server.after_request(lambda response: _logged(response, log))

    @server.get("/healthz")
    def health() -> Response:
        """Whether what is published can be read."""
        try:
            snapshot = provider.store.current_snapshot()
        except AtlasError as error:
            return _unready({"reason": _reason(error, provider)})
        return _fresh(jsonify(status="ok", snapshot=snapshot.hash if snapshot else ""))

    @server.get("/readyz")
    def ready() -> Response:
        """Whether requests may be sent here: published state, accounts and disk."""
        checks: dict[str, Callable[[], object]] = {
            "store": provider.store.current_snapshot,
            "accounts": provider.accounts.all_accounts,
            "disk": lambda: _require_room(provider),
        }
        failed = {}
        for name, check in checks.items():
            try:
                check()
            except (AtlasError, OSError) as error:
                failed[name] = _reason(error, provider)
        if failed:
            return _unready({"failed": failed})
        return _fresh(jsonify(status="ready", checked=list(checks)))

    @server.get("/metrics")
    def metrics() -> Response:
        """Figures for Prometheus, for whoever has the token; none where no token is set."""
        wanted = os.environ.get(METRICS_TOKEN, "")
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not wanted or not hmac.compare_digest(given.encode(), wanted.encode()):
            return _fresh(Response(_("Demande refusée") + ".\n", 403, mimetype="text/plain"))
        content = generate_latest(_registry()) + generate_latest(_store_figures(provider))
        return _fresh(Response(content, content_type=CONTENT_TYPE_LATEST))


def _registry() -> CollectorRegistry:
    """The figures of all workers of this server, or of this process alone."""
    if not os.environ.get(WORKERS_FOLDER):
        return REGISTRY
    all_workers = CollectorRegistry()
    multiprocess.MultiProcessCollector(all_workers)  # type: ignore[no-untyped-call]
    return all_workers


def _store_figures(provider: DatasetProvider) -> CollectorRegistry:
    """What is published now, and how much room there is."""
    figures = CollectorRegistry()

    def gauge(name: str, words: str, value: float) -> None:
        Gauge(f"atlas_{name}", words, registry=figures).set(value)

    try:
        events = provider.store.publication_history()
    except AtlasError:
        events = []
        gauge("store_readable", "Whether the published state can be read.", 0)
    else:
        gauge("store_readable", "Whether the published state can be read.", 1)
    if events:
        now = events[0]
        gauge("published_timestamp_seconds", "When it was published.", now.time.timestamp())
        gauge("published_activities", "Activities published.", now.activities)
        gauge("published_documents", "Documents published.", len(now.documents))
    gauge("disk_free_bytes", "Room left beside the store.", _free_bytes(provider))
    return figures


def _free_bytes(provider: DatasetProvider) -> int:
    folder = provider.store.root
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _require_room(provider: DatasetProvider) -> None:
    if _free_bytes(provider) < LEAST_FREE_BYTES:
        raise StoreError(_("Disque presque plein"))


def _reason(error: Exception, provider: DatasetProvider) -> str:
    """Why, for the editor; a sentence that names folders is for nobody else."""
    if provider.here is Viewer.EDITOR and not provider.accounts.are_configured():
        return error.error_sentence() if isinstance(error, AtlasError) else str(error)
    return _("Les données ne peuvent pas être lues.")


def _unready(told: dict[str, object]) -> Response:
    response = _fresh(jsonify(status="unavailable", **told))
    response.status_code = 503
    return response


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _start_clock() -> None:
    g.started = perf_counter()


def _counted(response: Response) -> Response:
    route = _route()
    REQUESTS.labels(route, response.status_code).inc()
    SECONDS.labels(route).observe(_seconds())
    return response


def _logged(response: Response, log: Callable[[str], None]) -> Response:
    told = {
        "route": _route(),
        "method": request.method,
        "status": response.status_code,
        "ms": round(_seconds() * 1000, 1),
        "bytes": response.content_length,
    }
    log(json.dumps(told))
    return response


def _route() -> str:
    """The rule of an address: an address itself may hold a name, a search or a token."""
    return request.url_rule.rule if request.url_rule else "unknown"


def _seconds() -> float:
    now = perf_counter()
    return now - float(g.get("started", now))


class JsonLines(logging.Formatter):
    """A line of JSON for each event, with its traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """As of logging."""
        told: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        said = record.getMessage()
        told |= json.loads(said) if record.name == "atlas.request" else {"message": said}
        if record.exc_info:
            told["traceback"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False)


def _request_log() -> Callable[[str], None]:
    """Where requests are logged; all other loggers write the same form from then on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log = logging.getLogger("atlas.request")
    log.setLevel(logging.INFO)
    return log.info
