"""What the browser fetches outside callbacks: geometry and files. Each asks who asks."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import urlsplit

from flask import Flask, Response, abort, jsonify, request

from atlas.errors import AtlasError, ForbiddenError, StoreError
from atlas.export import FORMATS
from atlas.geo import shapes
from atlas.i18n import _
from atlas.model import Level, Viewer
from atlas.sensitivity import allow
from atlas.web import drawn, files
from atlas.web.desk import Desk, Scene

A_YEAR_S = 31_536_000
BASES = ("outline", "rivers", "towns")


def geometry_url(frame: str, level: str) -> str:
    """Address of the geometry of one frame and level; it changes when the geometry does."""
    return f"/geometry/{frame}/{level}.{_stamp(_units(frame, level, _edition()))}.json"


def base_url(name: str) -> str:
    """Address of a base layer (`BASES`)."""
    return f"/geometry/base/{name}.{_stamp(_base(name, _edition()))}.json"


def facts_url(scene: Scene) -> str:
    """Address of the shapes of facts that the page shows; of none where it shows none."""
    if not drawn.shown(scene):
        return "/geometry/facts/none.json"
    stamp = _stamp(drawn.content(scene))
    return f"/geometry/facts/{stamp}.json?{scene.view.to_query()}"


def tile_url() -> str | None:
    """Tiles to draw under the map (``ATLAS_TILES``, a ``{z}/{x}/{y}`` address), if any."""
    return os.environ.get("ATLAS_TILES") or None


def tile_origin() -> str:
    """Where the tiles come from, as a Content-Security-Policy names it; "" for this server."""
    address = urlsplit(tile_url() or "")
    if not address.netloc:
        return ""
    origin = f"{address.scheme}://{address.netloc.replace('{s}', '*')}"
    named = re.fullmatch(r"https?://(\*\.)?[\w.-]+(:\d+)?", origin)
    return origin if named else f"{address.scheme}:"


def tile_credit() -> str | None:
    """Whom the tiles are from (``ATLAS_TILES_CREDIT``): a map names the source of each layer."""
    return os.environ.get("ATLAS_TILES_CREDIT") or None if tile_url() else None


def register(server: Flask, desk: Desk) -> None:
    """Add the routes to the server."""
    server.register_error_handler(StoreError, _unavailable)

    @server.get("/geometry/base/<name>.<stamp>.json")
    def base(name: str, stamp: str) -> Response:
        if name not in BASES:
            abort(404)
        return _lasting(_base(name, _edition()), stamp)

    @server.get("/geometry/facts/<stamp>.json")
    def facts(stamp: str) -> Response:
        if stamp == "none":
            return _lasting(drawn.NOTHING, _stamp(drawn.NOTHING))
        try:
            with desk.at(_question()) as scene:
                return _lasting(drawn.content(scene), stamp)
        except AtlasError as error:
            return _refused(error)

    @server.get("/geometry/<frame>/<level>.<stamp>.json")
    def geometry(frame: str, level: str, stamp: str) -> Response:
        if level not in list(Level):
            abort(404)
        try:
            allow(desk.viewer, Level(level))
            return _lasting(_units(frame, level, _edition()), stamp)
        except AtlasError as error:
            return _refused(error)

    @server.get("/published")
    def published() -> Response:
        snapshot = desk.store.current()
        response = jsonify(snapshot=snapshot.hash if snapshot else "")
        response.headers["Cache-Control"] = "no-store"
        return response

    @server.get("/healthz")
    def health() -> Response:
        try:
            snapshot = desk.store.current()
        except AtlasError as error:
            hidden = _("Les données ne peuvent pas être lues.")  # the sentence names folders
            reason = error.sentence() if desk.viewer is Viewer.EDITOR else hidden
            response = jsonify(status="unavailable", reason=reason)
            response.status_code = 503
        else:
            response = jsonify(status="ok", snapshot=snapshot.hash if snapshot else "")
        response.headers["Cache-Control"] = "no-store"
        return response

    @server.get("/download/<name>.<kind>")
    def download(name: str, kind: str) -> Response:
        try:
            with desk.at(_question()) as scene:
                return _attached(*files.content(scene, name, kind), kind)
        except AtlasError as error:
            return _refused(error)


def _question() -> str:
    """The query of the URL; bytes that are no text make a word that means nothing."""
    return request.query_string.decode(errors="replace")


def _lasting(content: bytes, stamp: str) -> Response:
    """An answer that may be kept for a year under its own name, and only there."""
    response = Response(content, mimetype="application/json")
    fresh = stamp == _stamp(content)
    response.headers["Cache-Control"] = (
        f"private, max-age={A_YEAR_S}, immutable" if fresh else "no-store"
    )
    return response


def _attached(content: bytes, file: str, kind: str) -> Response:
    response = Response(content, mimetype=FORMATS[kind].mime)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: AtlasError) -> Response:
    if isinstance(error, StoreError):
        raise error  # nothing of the store can be answered: `atlas.web.guard` says so
    status = 403 if isinstance(error, ForbiddenError) else 404
    return Response(error.sentence(), status=status, mimetype="text/plain; charset=utf-8")


def _unavailable(error: Exception) -> Response:
    """A store that is damaged or gone, said on any route that did not say it itself."""
    told = error.sentence() if isinstance(error, AtlasError) else ""
    return Response(told, status=503, mimetype="text/plain; charset=utf-8")


def _edition() -> str:
    """What the geometry depends on: the boundaries installed now."""
    return str(shapes.installed() or "")


@lru_cache(maxsize=16)
def _units(frame: str, level: str, _installed: str) -> bytes:
    return shapes.display_geojson(frame, level)


@lru_cache(maxsize=8)
def _base(name: str, _installed: str) -> bytes:
    return shapes.base_geojson(name)


def _stamp(content: bytes) -> str:
    return blake2b(content, digest_size=5).hexdigest()
