"""What the import page asks of the server: for the person at this machine, and no one else.

Files come in as they are, answers go out as JSON; `atlas.web.guard` says who may ask.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
from flask import Blueprint, Flask, Response, jsonify, request, send_file

from atlas import senders
from atlas.errors import ChangedError, UsageError
from atlas.export.tables import guarded as without_formulas
from atlas.i18n import N_, _
from atlas.ingest.templates import templates
from atlas.store import Store
from atlas.store.decisions import Decisions
from atlas.web.desk import Desk
from atlas.web.guard import guarded, lang, said, spoken
from atlas.web.imports import changes, drafts, findings, publishing, reader, views
from atlas.web.imports.answers import MARK, heard, known_source, window_of
from atlas.web.imports.cards import phase_text, share
from atlas.web.imports.drafts import Draft, clean_name
from atlas.web.imports.kinds import choices_of
from atlas.web.imports.markup import markup
from atlas.web.imports.told import State, Told


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

    @routes.get("/<string(length=32):draft>")
    @spoken
    def status(draft: str) -> Response:
        asked = Draft.of(root, draft)
        reader.attend(asked)
        files = []
        for item, state in asked.states():
            with suppress(drafts.GoneError):
                files.append(_progress(item, state))
        return jsonify(files=files)

    @routes.post("/<string(length=32):draft>/files")
    @spoken
    def add(draft: str) -> Response:
        name = clean_name(request.args.get("name", ""))
        if (request.content_length or 0) > drafts.MAX_BYTES:
            raise drafts.too_large(name)
        source = known_source(request.args.get("source") or "auto")
        once, by = (request.args.get(key, "")[:MARK] for key in ("once", "by"))
        told = Told(name, source=source, once=once, by=by, lang=lang())
        asked = Draft.of(root, draft)
        item = asked.add(told, request.stream)  # type: ignore[arg-type]
        reader.attend(asked)
        return jsonify(_progress(item, item.state))


def _answers(routes: Blueprint, root: Path) -> None:
    """Hear what is said of a file, and tell what may be said."""

    @routes.get("/choices/<kind>", defaults={"frame": ""})
    @routes.get("/choices/<kind>/<frame>")
    @spoken
    def choices(kind: str, frame: str) -> Response:
        entered = Decisions(root).in_force().organisations
        return jsonify(choices=choices_of(kind, frame, entered))

    @routes.post("/<string(length=32):draft>/files/<number>")
    @spoken
    def tell(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        item = asked.item(number)
        words = said()
        item.tell(lambda now: heard(now, words))
        reader.attend(asked)
        return jsonify(_progress(item, item.state))

    @routes.post("/<string(length=32):draft>/files/<number>/remove")
    @spoken
    def remove(draft: str, number: str) -> Response:
        asked, words = Draft.of(root, draft), said()
        with asked.alone():
            item, seen = asked.item(number), words.get("seen")
            if isinstance(seen, int) and item.told.changed_since(seen, window_of(words)):
                raise ChangedError(
                    _("{file} gardé", file=item.told.file),
                    _("une autre fenêtre y a répondu entre-temps"),
                    _("Relisez, puis recommencez."),
                )
            asked.remove(item)
        return jsonify({})

    @routes.post("/<string(length=32):draft>/files/<number>/forget")
    @spoken
    def forget(draft: str, number: str) -> Response:
        asked = Draft.of(root, draft)
        item = asked.item(number)
        shown = item.preview or {"tables": []}
        for table in shown["tables"]:
            senders.forget(root, [column["heading"] for column in table["columns"]])
        words = said() | {"forgetting": True}
        item.tell(lambda now: heard(now, words))
        reader.attend(asked)
        return jsonify(_progress(item, item.state))


def _tables(routes: Blueprint, root: Path) -> None:
    """What is said of a file, as tables to keep or to send back."""

    @routes.get("/<string(length=32):draft>/files/<number>/constats.csv")
    @spoken
    def findings_of(draft: str, number: str) -> Response:
        item = Draft.of(root, draft).item(number)
        tables = (item.preview or {}).get("tables", ())
        headings = {c["field"]: c["heading"] for t in tables for c in t["columns"] if c["field"]}
        told = findings.listed(item.told.file, item.findings, headings)
        return _csv(told, _("constats") + " " + item.told.file)

    @routes.get("/<string(length=32):draft>/files/<number>/changements.csv")
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
    safe = without_formulas(table, ";")
    response = Response(
        "\ufeff" + safe.write_csv(separator=";", null_value=""), mimetype="text/csv"
    )
    response.headers.set("Content-Disposition", "attachment", filename=f"{stem}.csv")
    response.headers["Cache-Control"] = "no-store"
    return response


def _whole(routes: Blueprint, store: Store) -> None:
    """Publish a draft, or give it up."""

    @routes.post("/<string(length=32):draft>/discard")
    @spoken
    def discard(draft: str) -> Response:
        asked, words = Draft.of(store.root, draft), said()
        with asked.alone():
            asked.require_seen(words.get("seen"), window_of(words))
            asked.discard()
        return jsonify({})

    @routes.post("/<string(length=32):draft>/publish")
    @spoken
    def publish(draft: str) -> Response:
        asked, words = Draft.of(store.root, draft), said()
        with asked.alone():
            asked.require_seen(words.get("seen"), window_of(words))
            snapshot = publishing.publish(store, asked)
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
        words = said()
        wanted, seen = (str(words.get(key) or "") for key in ("snapshot", "published"))
        snapshot = publishing.restore(store, wanted, seen)
        return jsonify(published=snapshot.hash, done="restored")

    @routes.post("/decisions")
    @spoken
    def take_back() -> Response:
        decision = said().get("decision")
        if not isinstance(decision, int):
            raise UsageError(_("Décision inconnue"))
        applied = publishing.take_back(store, decision)
        return jsonify(published=applied.snapshot.hash, done="taken_back")


def _progress(item: drafts.Item, state: State) -> dict[str, Any]:
    told = item.told
    return {
        "file": item.number,
        "state": state.name,
        "version": told.version,
        "answers": told.answers,
        "share": round(share(state), 3),
        "told": phase_text(state) if state.pending else "",
    }
