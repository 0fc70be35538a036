"""The routes by which the office publishes a programme, and takes that back."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from atlas.errors import UsageError
from atlas.i18n import N_, _
from atlas.web.desk import Desk
from atlas.web.guard import guarded, said, spoken
from atlas.web.imports import publishing
from atlas.web.programme import entry, plan


def register(server: Flask, desk: Desk) -> None:
    """Add the routes to the server: for the person at this machine, and no one else."""
    only = N_("seule la personne devant cette machine peut modifier un programme")
    routes = guarded("programme", desk, N_("Modification refusée"), only)

    @routes.post("/publish")
    @spoken
    def publish() -> Response:
        told = said()
        with desk.at(str(told.get("question", ""))) as scene:
            if scene.data is None:
                raise UsageError(_("Rien n'est publié"))
            day = entry.day_of(str(told.get("as_of", "")))
            seen = str(told.get("seen", ""))
            snapshot = entry.publish(desk.store, plan.shown(scene), day, seen=seen)
        return jsonify(published=snapshot.hash)

    @routes.post("/undo")
    @spoken
    def undo() -> Response:
        snapshot = publishing.undo(desk.store, str(said().get("snapshot", "")))
        return jsonify(published=snapshot.hash)

    server.register_blueprint(routes)
