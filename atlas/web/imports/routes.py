"""What the import page asks of the server: for the person at this machine, and no one else.

Files come in as they are, answers go out as JSON. A page of another site cannot ask: writing
needs a header that only a page of this origin may send, and a host name of this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec
from urllib.parse import urlsplit

import polars as pl
from flask import Blueprint, Flask, Response, jsonify, request, send_file

from atlas import senders
from atlas.errors import AtlasError, ForbiddenError, UsageError
from atlas.export.tables import guarded
from atlas.i18n import _, speaking
from atlas.ingest.templates import templates
from atlas.model import Viewer
from atlas.store import Store
from atlas.web.desk import Desk
from atlas.web.imports import changes, drafts, findings, publishing, reader, views
from atlas.web.imports.answers import changes_of, known_source
from atlas.web.imports.cards import phase_text, share
from atlas.web.imports.drafts import Draft, clean_name
from atlas.web.imports.kinds import choices_of
from atlas.web.imports.markup import markup
from atlas.web.imports.told import Told

P = ParamSpec("P")
HEADER = "X-Atlas"
_MOST_TEXT = 2**20
"""Largest answer about a file: a column map, not a document."""


def register(server: Flask, desk: Desk) -> None:
    """Add the routes to the server."""
    routes = Blueprint("imports", __name__, url_prefix="/import")
    routes.before_request(lambda: _refusal(desk))
    _page(routes, desk.store)
    _files(routes, desk.store.root)
    _answers(routes, desk.store.root)
    _tables(routes, desk.store.root)
    _models(routes)
    _whole(routes, desk.store)
    _published(routes, desk.store)
    server.register_blueprint(routes)


def _page(routes: Blueprint, store: Store) -> None:
    """The page as it stands, as plain markup that the script puts in its place."""

    @routes.post("/page")
    @_spoken
    def page() -> Response:
        response = Response(markup(views.body(store, _json())), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _files(routes: Blueprint, root: Path) -> None:
    """Take files in, and tell how far they are."""

    @routes.post("/")
    def new() -> Response:
        return jsonify(draft=Draft.new(root).name)

    @routes.get("/<draft>")
    @_spoken
    def status(draft: str) -> Response:
        asked = Draft.of(root, draft)
        reader.attend(asked)
        return jsonify(files=[_progress(item) for item in asked.items()])

    @routes.post("/<draft>/files")
    @_spoken
    def add(draft: str) -> Response:
        name = clean_name(request.args.get("name", ""))
        if (request.content_length or 0) > drafts.MAX_BYTES:
            raise drafts.too_large(name)
        source = known_source(request.args.get("source") or "auto")
        once = request.args.get("once", "")[:64]
        told = Told(name, source=source, once=once, lang=_lang())
        asked = Draft.of(root, draft)
        item = asked.add(told, request.stream)  # type: ignore[arg-type]
        reader.attend(asked)
        return jsonify(_progress(item))


def _answers(routes: Blueprint, root: Path) -> None:
    """Hear what is said of a file, and tell what may be said."""

    @routes.get("/choices/<kind>", defaults={"frame": ""})
    @routes.get("/choices/<kind>/<frame>")
    @_spoken
    def choices(kind: str, frame: str) -> Response:
        return jsonify(choices=choices_of(kind, frame))

    @routes.post("/<draft>/files/<number>")
    @_spoken
    def tell(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        item = asked.item(number)
        item.tell(changes_of(item.told, _json()))
        reader.attend(asked)
        return jsonify(_progress(item))

    @routes.post("/<draft>/files/<number>/remove")
    @_spoken
    def remove(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        asked.remove(asked.item(number))
        return jsonify({})

    @routes.post("/<draft>/files/<number>/forget")
    @_spoken
    def forget(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        item = asked.item(number)
        shown = item.preview or {"tables": []}
        for table in shown["tables"]:
            senders.forget(root, [column["heading"] for column in table["columns"]])
        item.tell({"forgetting": True})
        reader.attend(asked)
        return jsonify(_progress(item))


def _tables(routes: Blueprint, root: Path) -> None:
    """What is said of a file, as tables to keep or to send back."""

    @routes.get("/<draft>/files/<number>/constats.csv")
    @_spoken
    def findings_of(draft: str, number: str) -> Response:
        item = Draft.of(root, draft).item(number)
        tables = (item.preview or {}).get("tables", ())
        headings = {c["field"]: c["heading"] for t in tables for c in t["columns"] if c["field"]}
        told = findings.listed(item.told.file, item.findings, headings)
        return _csv(told, _("constats") + " " + item.told.file)

    @routes.get("/<draft>/files/<number>/changements.csv")
    @_spoken
    def changes_of_file(draft: str, number: str) -> Response:
        item = Draft.of(root, draft).item(number)
        return _csv(changes.listed(item.changes), _("changements") + " " + item.told.file)


def _models(routes: Blueprint) -> None:
    """Forms to fill in."""

    @routes.get("/templates/<name>")
    @_spoken
    def model(name: str) -> Response:
        found = [one for one in templates() if one.file == name]
        if not found:
            raise UsageError(_("Modèle « {name} » inconnu", name=name))
        return send_file(found[0].path, as_attachment=True, download_name=name)


def _csv(table: pl.DataFrame, name: str) -> Response:
    """A table as CSV that spreadsheets open with its accents and without its formulas."""
    stem = name.rpartition(".")[0] or name
    texts = [n for n, kind in table.schema.items() if kind == pl.String]
    safe = table.with_columns(
        pl.col(texts).fill_null("").map_elements(guarded, return_dtype=pl.String)
    )
    response = Response(
        "\ufeff" + safe.write_csv(separator=";", null_value=""), mimetype="text/csv"
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{stem}.csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def _whole(routes: Blueprint, store: Store) -> None:
    """Publish a draft, or give it up."""

    @routes.post("/<draft>/discard")
    @_spoken
    def discard(draft: str) -> Response:
        Draft.of(store.root, draft).discard()
        return jsonify({})

    @routes.post("/<draft>/publish")
    @_spoken
    def publish(draft: str) -> Response:
        snapshot = publishing.publish(store, Draft.of(store.root, draft))
        return jsonify(published=snapshot.hash, done="published")


def _published(routes: Blueprint, store: Store) -> None:
    """Take the last publication back, or a decision; go back to an older state."""

    @routes.post("/undo")
    @_spoken
    def undo() -> Response:
        snapshot = publishing.undo(store, str(_json().get("snapshot", "")))
        return jsonify(published=snapshot.hash, done="undone")

    @routes.post("/restore")
    @_spoken
    def restore() -> Response:
        snapshot = publishing.restore(store, str(_json().get("snapshot", "")))
        return jsonify(published=snapshot.hash, done="restored")

    @routes.post("/decisions")
    @_spoken
    def take_back() -> Response:
        decision = _json().get("decision")
        if not isinstance(decision, int):
            raise UsageError(_("Décision inconnue"))
        applied = publishing.take_back(store, decision)
        return jsonify(published=applied.snapshot.hash, done="taken_back")


def _spoken(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer in the language of the page."""

    @wraps(view)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> Response:
        with speaking(_lang()):
            try:
                return view(*args, **kwargs)
            except AtlasError as error:
                return _told(error)

    return spoken


def _lang() -> str:
    return request.args.get("lang", "fr")


def _refusal(desk: Desk) -> Response | None:
    """Why this request is not answered at all; ``None`` when it is."""
    with speaking(_lang()):
        if desk.viewer is not Viewer.EDITOR:
            why = _("seule la personne devant cette machine peut importer")
            return _told(ForbiddenError(_("Import refusé"), why))
        if not _is_local(request.host) or (request.method == "POST" and not _same_origin()):
            why = _("la demande vient d'une autre page")
            return _told(ForbiddenError(_("Import refusé"), why, _("Rouvrez l'atlas.")))
    return None


def _same_origin() -> bool:
    origin = request.headers.get("Origin")
    own = origin is None or urlsplit(origin).netloc == request.host
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return own and site == "same-origin" and HEADER in request.headers


def _is_local(host: str) -> bool:
    """Whether the page was opened by a name of this machine, not one that points to it."""
    name = urlsplit(f"//{host}").hostname or ""
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _told(error: AtlasError) -> Response:
    response = jsonify(error=error.sentence())
    response.status_code = 403 if isinstance(error, ForbiddenError) else 400
    return response


def _json() -> dict[str, Any]:
    if (request.content_length or 0) > _MOST_TEXT:
        raise UsageError(_("Réponse trop longue"))
    said = request.get_json(silent=True)
    return said if isinstance(said, dict) else {}


def _progress(item: drafts.Item) -> dict[str, Any]:
    state = item.state
    return {
        "file": item.number,
        "state": state.name,
        "version": item.told.version,
        "share": round(share(state), 3),
        "told": phase_text(state) if state.pending else "",
    }
