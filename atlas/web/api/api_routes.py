"""The routes under ``/api/``: read-only, behind the same guard as the page.

A table is what `atlas.dataset.Dataset` answers to the page and to ``atlas layer``; it is asked
with the words of the page's address.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from hashlib import blake2b

from flask import Blueprint, Flask, Response, jsonify, request

import atlas
from atlas.dataset import Answer
from atlas.errors import AtlasError, ChangedError, StoreError
from atlas.export import FORMATS, encoded_answer
from atlas.export.notice import notice_record
from atlas.geo.shapes import boundary_status
from atlas.i18n import _, language_context
from atlas.web.api.api_description import api_description, api_index
from atlas.web.api.api_parameters import ApiQuestion, ParameterError, api_question
from atlas.web.api.api_tables import API_TABLES, ApiTable
from atlas.web.guard import API_NAME, API_PATH, error_status, page_language
from atlas.web.page_state import (
    DatasetProvider,
    NothingPublishedError,
    PageScene,
    published_data,
)


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server."""
    routes = Blueprint(API_NAME, __name__, url_prefix=API_PATH.rstrip("/"))
    routes.register_error_handler(AtlasError, _error_response)

    @routes.get("/")
    def index() -> Response:
        with provider.scene_of_query(f"lang={page_language()}") as scene:
            return jsonify(api_index(scene))

    @routes.get("/openapi.json")
    def description() -> Response:
        with language_context(page_language()):
            return jsonify(api_description())

    for one in API_TABLES.values():
        routes.add_url_rule(
            f"/{one.path}", one.path.replace("/", "-"), partial(_table_response, one, provider)
        )
    server.register_blueprint(routes)


def _table_response(table: ApiTable, provider: DatasetProvider) -> Response:
    """A table, or that what the program has of it is still current."""
    with language_context(page_language()):
        return _asked_table(table, provider)


def _asked_table(table: ApiTable, provider: DatasetProvider) -> Response:
    query = request.query_string.decode(errors="replace")
    question = api_question(table, query, request.accept_mimetypes, provider)
    with provider.scene_of_query(question.query) as scene:
        shown = published_data(scene).snapshot.hash
        if not shown.startswith(question.snapshot):
            raise ChangedError(
                _("Suite impossible"),
                _("l'état publié n'est plus celui de la première page"),
                _("Reprenez depuis la première page."),
            )
        tag = _entity_tag(table, question, scene)
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
        else:
            response = _rows_response(table, question, table.answer(scene))
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept", "Cookie"))
    return response


def _entity_tag(table: ApiTable, question: ApiQuestion, scene: PageScene) -> str:
    """What an answer depends on: the state, the question, who asks, boundaries and program.

    What a document of days to come reserves depends on the day (`Dataset.reserved_activities`).
    """
    data = published_data(scene)
    lies_ahead = data.as_of is not None and data.as_of > date.today()
    told = (
        *(data.snapshot.hash, table.path, scene.view.to_query(), scene.viewer),
        *(question.fmt, question.limit, question.after),
        *(boundary_status(), atlas.__version__, date.today() if lies_ahead else ""),
    )
    return blake2b(repr(told).encode(), digest_size=12).hexdigest()


def _rows_response(table: ApiTable, question: ApiQuestion, answer: Answer) -> Response:
    """The rows asked for, and where the next ones are."""
    end = None if question.limit is None else question.after + question.limit
    rows = answer.table[question.after : end]
    if question.fmt == "geojson":
        rows = rows.drop("lon", "lat")  # a unit is its shape, where it has one
    content = encoded_answer(replace(answer, table=rows), question.fmt)
    following = ""
    if end is not None and end < answer.table.height:
        query = question.next_query(str(answer.meta["snapshot"]))
        following = f"{API_PATH}{table.path}?{query}"
    if question.fmt == "json":
        told = {"about": notice_record(answer), "count": answer.table.height}
        head = jsonify({**told, "next": following or None}).get_data().rstrip().removesuffix(b"}")
        content = head + b',"rows":' + content + b"}\n"
    response = Response(content, content_type=FORMATS[question.fmt].mime)
    if following:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _error_response(error: AtlasError) -> Response:
    """A sentence, and the parameter that it is about."""
    name, cause = None, error
    if isinstance(error, ParameterError):
        name, cause = error.name, error.cause
    with language_context(page_language()):
        response = jsonify(error=error.error_sentence(), parameter=name)
    status = error_status(cause)
    if isinstance(error, NothingPublishedError):
        status = 404
    elif isinstance(error, StoreError):
        status = 503
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
