"""What the import page asks of the server: for the person at this machine, and no one else.

Files come in as they are, answers go out as JSON; `atlas.web.guard` says who may ask.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from flask import Blueprint, Flask, Response, jsonify, request, send_file

from atlas import senders
from atlas.errors import UsageError
from atlas.export.tables import guarded as without_formulas
from atlas.i18n import N_, _
from atlas.ingest.templates import templates
from atlas.store import Store
from atlas.store.decisions import Decisions
from atlas.web.desk import Desk
from atlas.web.guard import guarded, lang, said, spoken
from atlas.web.imports import changes, drafts, findings, publishing, reader, views
from atlas.web.imports.answers import changes_of, known_source
from atlas.web.imports.cards import phase_text, share
from atlas.web.imports.drafts import Draft, clean_name
from atlas.web.imports.kinds import choices_of
from atlas.web.imports.markup import markup
from atlas.web.imports.told import Told


def register(server: Flask, desk: Desk) -> None:
    """Add the routes to the server."""
    only = N_("seule la personne devant cette machine peut importer")
    routes = guarded("import", desk, N_("Import refusé"), only)
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
    @spoken
    def page() -> Response:
        response = Response(markup(views.body(store, said())), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _files(routes: Blueprint, root: Path) -> None:
    """Take files in, and tell how far they are."""

    @routes.post("/")
    @spoken
    def new() -> Response:
        return jsonify(draft=Draft.new(root).name)

    @routes.get("/<draft>")
    @spoken
    def status(draft: str) -> Response:
        asked = Draft.of(root, draft)
        reader.attend(asked)
        return jsonify(files=[_progress(item) for item in asked.items()])

    @routes.post("/<draft>/files")
    @spoken
    def add(draft: str) -> Response:
        name = clean_name(request.args.get("name", ""))
        if (request.content_length or 0) > drafts.MAX_BYTES:
            raise drafts.too_large(name)
        source = known_source(request.args.get("source") or "auto")
        once = request.args.get("once", "")[:64]
        told = Told(name, source=source, once=once, lang=lang())
        asked = Draft.of(root, draft)
        item = asked.add(told, request.stream)  # type: ignore[arg-type]
        reader.attend(asked)
        return jsonify(_progress(item))


def _answers(routes: Blueprint, root: Path) -> None:
    """Hear what is said of a file, and tell what may be said."""

    @routes.get("/choices/<kind>", defaults={"frame": ""})
    @routes.get("/choices/<kind>/<frame>")
    @spoken
    def choices(kind: str, frame: str) -> Response:
        entered = Decisions(root).in_force().organisations
        return jsonify(choices=choices_of(kind, frame, entered))

    @routes.post("/<draft>/files/<number>")
    @spoken
    def tell(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        item = asked.item(number)
        item.tell(changes_of(item.told, said()))
        reader.attend(asked)
        return jsonify(_progress(item))

    @routes.post("/<draft>/files/<number>/remove")
    @spoken
    def remove(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        asked.remove(asked.item(number))
        return jsonify({})

    @routes.post("/<draft>/files/<number>/forget")
    @spoken
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
    @spoken
    def findings_of(draft: str, number: str) -> Response:
        item = Draft.of(root, draft).item(number)
        tables = (item.preview or {}).get("tables", ())
        headings = {c["field"]: c["heading"] for t in tables for c in t["columns"] if c["field"]}
        told = findings.listed(item.told.file, item.findings, headings)
        return _csv(told, _("constats") + " " + item.told.file)

    @routes.get("/<draft>/files/<number>/changements.csv")
    @spoken
    def changes_of_file(draft: str, number: str) -> Response:
        item = Draft.of(root, draft).item(number)
        return _csv(changes.listed(item.changes), _("changements") + " " + item.told.file)


def _models(routes: Blueprint) -> None:
    """Forms to fill in."""

    @routes.get("/templates/<name>")
    @spoken
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
        pl.col(texts).fill_null("").map_elements(without_formulas, return_dtype=pl.String)
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
    @spoken
    def discard(draft: str) -> Response:
        Draft.of(store.root, draft).discard()
        return jsonify({})

    @routes.post("/<draft>/publish")
    @spoken
    def publish(draft: str) -> Response:
        snapshot = publishing.publish(store, Draft.of(store.root, draft))
        return jsonify(published=snapshot.hash, done="published")


def _published(routes: Blueprint, store: Store) -> None:
    """Take the last publication back, or a decision; go back to an older state."""

    @routes.post("/undo")
    @spoken
    def undo() -> Response:
        snapshot = publishing.undo(store, str(said().get("snapshot", "")))
        return jsonify(published=snapshot.hash, done="undone")

    @routes.post("/restore")
    @spoken
    def restore() -> Response:
        snapshot = publishing.restore(store, str(said().get("snapshot", "")))
        return jsonify(published=snapshot.hash, done="restored")

    @routes.post("/decisions")
    @spoken
    def take_back() -> Response:
        decision = said().get("decision")
        if not isinstance(decision, int):
            raise UsageError(_("Décision inconnue"))
        applied = publishing.take_back(store, decision)
        return jsonify(published=applied.snapshot.hash, done="taken_back")


def _progress(item: drafts.Item) -> dict[str, Any]:
    state = item.state
    return {
        "file": item.number,
        "state": state.name,
        "version": item.told.version,
        "share": round(share(state), 3),
        "told": phase_text(state) if state.pending else "",
    }
