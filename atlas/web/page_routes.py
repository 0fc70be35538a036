"""What the browser fetches outside callbacks, for whoever may read it: geometry and files."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import PurePath

from flask import Flask, Response, abort, jsonify, request, send_from_directory

from atlas.dataset import Answer, Dataset
from atlas.errors import AtlasError, ForbiddenError, StoreError, UsageError
from atlas.export import FORMATS, encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.export.dossier import dossier_content, dossier_html
from atlas.export.fiche import FicheQuestion
from atlas.export.fiche_pdf import fiche_pdf
from atlas.export.receipt import receipt_of
from atlas.export.report_form import report_form, report_form_xlsx
from atlas.export.typesetting import Format
from atlas.geo import shapes
from atlas.geo.names import lowercase_without_accents
from atlas.i18n import _
from atlas.layers import LAYERS
from atlas.model import Level, Viewer
from atlas.paths import data_root
from atlas.sensitivity import check_level_allowed, finest_level
from atlas.web import (
    downloads,
    fact_shapes,
    figure_activities,
    map_embed,
    map_style,
    month_maps,
    profile_sheet,
    quality_tab,
    sectors_tab,
    zones_tab,
)
from atlas.web.indicators import shown_indicator
from atlas.web.map_picture import PICTURE_KINDS, map_picture
from atlas.web.page_state import DatasetProvider, PageScene, layer_answer, published_data
from atlas.web.search import search_results


def file_content(scene: PageScene, name: str, kind: str) -> tuple[bytes, str]:
    """Bytes of a file, and its name.

    Raises
    ------
    UsageError
        No such file, no such format, nothing published yet, or a filter that cannot be read.
    """
    if scene.problem:
        raise scene.problem
    file = downloads.DOWNLOAD_FILES.get(name)
    if file is None or kind not in file.formats or scene.data is None:
        raise UsageError(
            _("Fichier « {name} » inconnu", name=f"{name}.{kind}"),
            "",
            _("Fichiers : {names}.", names=", ".join(downloads.DOWNLOAD_FILES)),
        )
    answer = ANSWERS_BY_FILE[name](scene)
    code = scene.file_code(f"/download/{name}.{kind}")
    answer = replace(answer, meta={**answer.meta, "code": code})
    day = scene.data.as_of.isoformat() if scene.data.as_of else ""
    stem = "-".join(part for part in ("atlas-mali", name, answer.frame, answer.level, day) if part)
    return encoded_answer(answer, kind), stem + FORMATS[kind].extension


def _map_answer(scene: PageScene) -> Answer:
    return map_style.styled_answer(scene, layer_answer(scene, shown_indicator(scene).layer))


def _zones_answer(scene: PageScene) -> Answer:
    return replace(layer_answer(scene, "presence"), table=zones_tab.zone_table(scene))


def _months_answer(scene: PageScene) -> Answer:
    answer = layer_answer(scene, shown_indicator(scene).layer)
    return replace(answer, layer="by_month", table=month_maps.month_table(scene))


def _sectors_answer(scene: PageScene) -> Answer:
    answer = layer_answer(scene, shown_indicator(scene).layer)
    return replace(answer, layer="by_sector", table=sectors_tab.sector_table(scene))


def _activities_answer(scene: PageScene) -> Answer:
    assert scene.data is not None
    view = scene.view
    return scene.data.activity_grid(view.filters, view.frame, view.level, scene.viewer)


def _activity_places_answer(scene: PageScene) -> Answer:
    """The activities with a row for each of their places, as finely as may be told."""
    assert scene.data is not None
    view = scene.view
    return exchange_answer(
        scene.data, view.filters, view.frame, finest_level(scene.viewer), scene.viewer
    )


def _quality_answer(scene: PageScene) -> Answer:
    return replace(
        layer_answer(scene, "presence"),
        layer="findings_file",
        table=quality_tab.all_findings_table(scene),
    )


ANSWERS_BY_FILE: dict[str, Callable[[PageScene], Answer]] = {
    "carte": _map_answer,
    "zones": _zones_answer,
    "activites": _activities_answer,
    "activites-lieux": _activity_places_answer,
    **{
        one.file: partial(fact_shapes.answer_with_stale, layer=one.name)
        for one in LAYERS.values()
        if one.file
    },
    "secteurs": _sectors_answer,
    "mois": _months_answer,
    "pourquoi": figure_activities.activities_behind,
    "qualite": _quality_answer,
}
"""What each of `atlas.web.downloads.DOWNLOAD_FILES` holds."""


MOST_LETTERS = 80
"""Of a search: no name is longer."""
A_YEAR_S = 31_536_000


def geometry_url(frame: str, level: str) -> str:
    """Address of the geometry of one frame and level; it changes when the geometry does."""
    stamp = _content_stamp(_units_geojson(frame, level, _boundary_edition()))
    return f"/geometry/{frame}/{level}.{stamp}.json"


def base_layer_url(name: str) -> str:
    """Address of a base layer (`shapes.BASE_LAYERS`)."""
    return f"/geometry/base/{name}.{_content_stamp(_base_geojson(name, _boundary_edition()))}.json"


def fact_shapes_url(scene: PageScene) -> str:
    """Address of the shapes of facts that the page shows; of none where it shows none."""
    if not fact_shapes.has_fact_shapes(scene):
        return "/geometry/facts/none.json"
    stamp = _content_stamp(fact_shapes.shapes_geojson(scene))
    return f"/geometry/facts/{stamp}.json?{scene.view.to_query()}"


def _register_state_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes that say which state is published, and whether it can be read."""

    @server.get("/published")
    def published() -> Response:
        snapshot = provider.store.current_snapshot()
        response = jsonify(snapshot=snapshot.hash if snapshot else "")
        response.headers["Cache-Control"] = "no-store"
        return response


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server."""
    server.register_error_handler(StoreError, _store_failure)
    _register_state_routes(server, provider)
    _register_file_routes(server, provider)
    _register_embed_route(server, provider)

    @server.get("/worker.js")
    def worker() -> Response:
        """From the root, so that it may answer for the page."""
        response = send_from_directory(data_root() / "assets", "worker.js")
        response.headers["Cache-Control"] = "no-cache"
        return response

    @server.get("/search")
    def search() -> Response:
        with provider.scene_of_query(_url_query()) as scene:
            found = search_results(scene, request.args.get("words", "")[:MOST_LETTERS])
            answer = jsonify(groups=found, none=_("Rien de ce nom."))
            answer.headers["Cache-Control"] = "no-store"
            return answer

    @server.get("/geometry/base/<name>.<stamp>.json")
    def base(name: str, stamp: str) -> Response:
        if name not in shapes.BASE_LAYERS:
            abort(404)
        return _cached_response(_base_geojson(name, _boundary_edition()), stamp)

    @server.get("/geometry/facts/<stamp>.json")
    def facts(stamp: str) -> Response:
        if stamp == "none":
            return _cached_response(fact_shapes.NO_SHAPES, _content_stamp(fact_shapes.NO_SHAPES))
        try:
            with provider.scene_of_query(_url_query()) as scene:
                return _cached_response(fact_shapes.shapes_geojson(scene), stamp)
        except AtlasError as error:
            return _refused_download(error)

    @server.get("/geometry/<frame>/<level>.<stamp>.json")
    def geometry(frame: str, level: str, stamp: str) -> Response:
        if level not in list(Level):
            abort(404)
        try:
            check_level_allowed(provider.request_viewer, Level(level))
            return _cached_response(_units_geojson(frame, level, _boundary_edition()), stamp)
        except AtlasError as error:
            return _refused_download(error)


def _register_embed_route(server: Flask, provider: DatasetProvider) -> None:
    """The map that other sites may show in a frame."""

    @server.get(map_embed.EMBED_PATH)
    def embedded() -> Response:
        try:
            with provider.scene_of_query(_url_query(), Viewer.PUBLIC) as scene:
                map_embed.embed_origins()  # a word that is none is said, not passed over
                published_data(scene)
                response = Response(map_embed.embed_page(scene), mimetype="text/html")
        except AtlasError as error:
            return _refused_download(error)
        response.headers["Cache-Control"] = "no-cache"
        response.add_etag(weak=True)
        response.make_conditional(request)
        return response


def _register_file_routes(server: Flask, provider: DatasetProvider) -> None:
    """The files that a person downloads."""

    def answered(make: Callable[[PageScene], tuple[bytes, str]], mime: str) -> Response:
        try:
            with provider.scene_of_query(_url_query()) as scene:
                return _download_response(*make(scene), mime)
        except AtlasError as error:
            return _refused_download(error)

    @server.get("/download/<name>.<kind>")
    def download(name: str, kind: str) -> Response:
        mime = FORMATS[kind].mime if kind in FORMATS else ""
        return answered(lambda scene: file_content(scene, name, kind), mime)

    @server.get("/fiche/<path:unit>.pdf")
    def fiche(unit: str) -> Response:
        return answered(lambda scene: fiche_content(scene, unit), "application/pdf")

    @server.get(profile_sheet.SHEET_PATH)
    def sheet() -> Response:
        return answered(sheet_file, "application/pdf")

    @server.get("/map.<kind>")
    def picture(kind: str) -> Response:
        if kind not in PICTURE_KINDS:
            abort(404)
        return answered(lambda scene: picture_file(scene, kind), PICTURE_KINDS[kind])

    @server.get("/receipt/<document>.pdf")
    def receipt(document: str) -> Response:
        return answered(lambda scene: receipt_file(scene, document), "application/pdf")

    @server.get("/form/<document>.xlsx")
    def form(document: str) -> Response:
        return answered(lambda scene: form_file(scene, document), FORMATS["xlsx"].mime)

    @server.get("/dossier/<path:unit>.html")
    def dossier(unit: str) -> Response:
        return answered(lambda scene: dossier_file(scene, unit), "text/html")


def dossier_file(scene: PageScene, unit: str) -> tuple[bytes, str]:
    """A zone as one file that needs no network, under the filters of the page, and its name.

    Raises
    ------
    UsageError, UnknownUnitError, ForbiddenError
        Nothing published, no such zone, or one that the viewer may not see.
    """
    data = published_data(scene)
    filters = scene.view.filters.with_changes(unit=())
    told = dossier_content(data, unit, None, filters, scene.viewer)
    return dossier_html(told), f"{_file_stem(data, 'dossier', unit)}.html"


def picture_file(scene: PageScene, kind: Format) -> tuple[bytes, str]:
    """The map of the page as a picture, and the name of its file.

    Raises
    ------
    UsageError
        Nothing published, or a filter that cannot be read.
    """
    data = published_data(scene)
    view = scene.view
    parts = (
        "atlas-mali",
        shown_indicator(scene).layer,
        view.frame or data.default_frame,
        view.level,
    )
    day = data.as_of.isoformat() if data.as_of else ""
    return map_picture(scene, kind), "-".join(filter(None, (*parts, day))) + f".{kind}"


def _data_for_editors(scene: PageScene) -> Dataset:
    """The data, for whoever may send a partner what is known of his list."""
    if scene.viewer != Viewer.EDITOR:
        raise ForbiddenError(_("Accès refusé"), _("ce fichier est pour les éditeurs"))
    return published_data(scene)


def receipt_file(scene: PageScene, document: str) -> tuple[bytes, str]:
    """The receipt of a document for its sender, and the name of its file.

    Raises
    ------
    UsageError, ForbiddenError
        Nothing published, no such document, or the viewer is no editor.
    """
    data = _data_for_editors(scene)
    told = receipt_of(data, document, date.today())
    return told.as_pdf(), f"{_stem_of_document('recu', told.file)}.pdf"


def form_file(scene: PageScene, document: str) -> tuple[bytes, str]:
    """The form for the next report, of the one organisation of the filters where there is one.

    Raises
    ------
    UsageError, ForbiddenError
        As `receipt_file`; the document tells no activity that a list can hold.
    """
    data = _data_for_editors(scene)
    asked = scene.view.filters.organisation
    form = report_form(data, document, asked[0] if len(asked) == 1 else "")
    name = f"{_stem_of_document('3w', form.sender)}-{form.day.isoformat()}.xlsx"
    return report_form_xlsx(form, data), name


def _stem_of_document(what: str, words: str) -> str:
    """A name of a file in plain letters, after a document or a sender."""
    stem = PurePath(words).stem or words
    return "-".join([what, *re.findall(r"[a-z0-9]+", lowercase_without_accents(stem))])


def _file_stem(data: Dataset, what: str, unit: str) -> str:
    day = data.as_of.isoformat() if data.as_of else ""
    return "-".join(part for part in (what, unit.replace("/", "-"), day) if part)


def sheet_file(scene: PageScene) -> tuple[bytes, str]:
    """The sheet of the sector or donor that the page is held to, and the name of its file."""
    data, filters = published_data(scene), scene.view.filters
    what = "-".join([*filters.sector, *filters.donor])
    return profile_sheet.sheet_pdf(scene), f"{_file_stem(data, 'fiche', what)}.pdf"


def fiche_content(scene: PageScene, unit: str) -> tuple[bytes, str]:
    """The fiche of a zone under the question of the page, and the name of its file.

    Raises
    ------
    UsageError, UnknownUnitError, ForbiddenError
        Nothing published, no such zone, or one that the viewer may not see.
    """
    data = published_data(scene)
    options = {name: scene.view.layer_options(name) for name in LAYERS}
    question = FicheQuestion(data, scene.view.filters, scene.viewer, options)
    return fiche_pdf(question, [unit]), f"{_file_stem(data, 'fiche', unit)}.pdf"


def _url_query() -> str:
    """The query of the URL; bytes that are no text make a word that means nothing."""
    return request.query_string.decode(errors="replace")


def _cached_response(content: bytes, stamp: str) -> Response:
    """An answer that may be kept for a year under its own name, and only there."""
    response = Response(content, mimetype="application/json")
    fresh = stamp == _content_stamp(content)
    response.headers["Cache-Control"] = (
        f"private, max-age={A_YEAR_S}, immutable" if fresh else "no-store"
    )
    return response


def _download_response(content: bytes, file: str, mime: str) -> Response:
    response = Response(content, content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused_download(error: AtlasError) -> Response:
    if isinstance(error, StoreError):
        raise error  # nothing of the store can be answered: `atlas.web.guard` says so
    status = 403 if isinstance(error, ForbiddenError) else 404
    return Response(error.error_sentence(), status=status, mimetype="text/plain; charset=utf-8")


def _store_failure(error: Exception) -> Response:
    """A store that is damaged or gone, said on any route that did not say it itself."""
    sentence = error.error_sentence() if isinstance(error, AtlasError) else ""
    return Response(sentence, status=503, mimetype="text/plain; charset=utf-8")


def _boundary_edition() -> str:
    """What the geometry depends on: the boundaries installed now."""
    return str(shapes.boundaries_folder() or "")


@lru_cache(maxsize=16)
def _units_geojson(frame: str, level: str, _installed: str) -> bytes:
    return shapes.display_geojson(frame, level)


@lru_cache(maxsize=8)
def _base_geojson(name: str, _installed: str) -> bytes:
    return shapes.base_geojson(name)


def _content_stamp(content: bytes) -> str:
    return blake2b(content, digest_size=5).hexdigest()
