"""What stands in front of every route: by which name, from which page and with which words.

Reading is guarded as writing is: a page of another site may neither ask by a name of its own
(`atlas.web.visitors.unknown_host_name`) nor from within itself. Writing is for the editor alone,
and needs a header that only a page of this origin may send.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from time import time
from typing import Any, ParamSpec
from urllib.parse import urlsplit

import polars as pl
from dash import Dash
from dash.exceptions import DependencyException
from flask import Blueprint, Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from atlas.author import reset_author, set_author
from atlas.errors import (
    AtlasError,
    ChangedError,
    ForbiddenError,
    StoreError,
    TooManyRequestsError,
    UsageError,
    why_refused,
)
from atlas.geo.frames import shipped_frames
from atlas.i18n import N_, _, language_context
from atlas.model import Viewer
from atlas.store.audit import Act, AuditTrail
from atlas.store.disk import ELSEWHERE
from atlas.web.map_embed import frame_ancestors
from atlas.web.page_state import DatasetProvider
from atlas.web.visitors import HOSTS, Visitor, unknown_host_name

P = ParamSpec("P")
Reading = tuple[str, str | None, int]
"""Account, question, and hour."""
ATLAS_HEADER = "X-Atlas"
CALLBACK_PATH = "/_dash-update-component"
API_NAME, API_PATH = "api", "/api/"
"""Name and beginning of the routes that other programs read."""
_MOST_TEXT = 2**20
"""Largest answer: what a person says, not a document."""
_MOST_NOTED = 10_000
"""Readings that a process remembers to have noted."""
_GUARDED_PREFIXES: set[str] = set()
"""Names of the blueprints that the page's own scripts speak to."""
_STATUS_BY_ERROR = {ForbiddenError: 403, ChangedError: 409, TooManyRequestsError: 429}
_SENTENCE_BY_CODE = {
    404: N_("Adresse inconnue : « {path} ». L'atlas s'ouvre à l'adresse « / »."),
    405: N_("Méthode {method} refusée à l'adresse « {path} »."),
    500: N_("La demande n'a pas pu être traitée. Le détail est dans le journal du serveur."),
}
_OTHER_REFUSAL = N_("Demande refusée ({code}).")


def guard_routes(app: Dash, provider: DatasetProvider, tile_origin: Callable[[], str]) -> None:
    """Guard every route of the application, those of Dash among them.

    Parameters
    ----------
    tile_origin
        Where map tiles may come from now, beside this server; "" for nowhere.
    """
    server: Flask = app.server
    server.before_request(lambda: _request_refusal(provider))
    server.before_request(lambda: _act_as(provider))
    server.before_request(lambda: _callback_refusal(app))
    server.teardown_request(_act_as_nobody)

    def policy(tiles: str) -> str:
        return content_security_policy(app.csp_hashes(), tiles, frame_ancestors(request.path))

    noted_readings: set[Reading] = set()

    @server.after_request
    def noted(response: Response) -> Response:
        return _noted_response(response, provider, noted_readings)

    @server.after_request
    def headed(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy(tile_origin())
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path == CALLBACK_PATH and response.status_code < 400:
            response.headers["X-Atlas-Keep"] = provider.visitor.keeping
        return response

    server.register_error_handler(HTTPException, _http_error_response)
    server.register_error_handler(AtlasError, _error_response)
    server.register_error_handler(StoreError, lambda error: _error_response(error, 503))
    server.register_error_handler(DependencyException, lambda _error: _unknown_address_response())


def content_security_policy(
    script_hashes: Sequence[str], tiles: str = "", framed_by: str = "'none'"
) -> str:
    """The Content-Security-Policy of the page: nothing but its own, no script written in it.

    Parameters
    ----------
    script_hashes
        Of the scripts that Dash writes into the page.
    tiles
        Where the operator's map tiles come from, if any.
    framed_by
        Who may show it in a frame.
    """
    allowed = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *script_hashes]),
        "style-src": "'self' 'unsafe-inline'",  # React and the grid write styles, never scripts
        "img-src": " ".join(filter(None, ["'self'", "data:", "blob:", tiles])),
        "font-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": framed_by,
    }
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


def guarded_blueprint(
    name: str, provider: DatasetProvider, refused: str, only: str, *, zonal: bool = False
) -> Blueprint:
    """Routes under ``/<name>`` that answer nobody but editors.

    Parameters
    ----------
    refused, only
        What the refusal says: what is refused, and, where there are no accounts, that only the
        person at this machine may (message ids).
    zonal
        Whether an editor of some zones may ask too; the routes then ask `require_zones`.
    """
    _GUARDED_PREFIXES.add(name)
    routes = Blueprint(name, __name__, url_prefix=f"/{name}")
    routes.before_request(lambda: _guarded_refusal(provider.visitor, refused, only, zonal=zonal))
    return routes


def localised_view(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer in the language of the page; an error is told in a sentence."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        with language_context(page_language()):
            try:
                return view(*args, **kwargs)
            except AtlasError as error:
                return _error_response(error)
            except OSError as error:  # a draft cannot be written, say
                what = _("Réponse non enregistrée")
                return _error_response(AtlasError(what, *why_refused(error, _(ELSEWHERE))))

    return answer


def request_object() -> dict[str, Any]:
    """What the page sent, as JSON; nothing where it sent nothing.

    Raises
    ------
    UsageError
        It is no answer, or too long to be one.
    """
    sent = _request_json()
    if sent is None and not request.get_data():
        return {}
    if not isinstance(sent, dict):
        raise UsageError(_("Réponse illisible"), _("un objet JSON est attendu"))
    return sent


def page_language() -> str:
    """Language of the page that asks."""
    return request.args.get("lang", "fr")


def _request_json() -> Any:
    """The body as JSON; ``None`` where it is none.

    Raises
    ------
    UsageError
        It is too long to be what a person says.
    """
    request.max_content_length = _MOST_TEXT
    try:
        request.get_data()
        return request.get_json(silent=True)
    except RecursionError:  # brackets in brackets in brackets
        return None
    except HTTPException as error:
        raise UsageError(_("Réponse trop longue")) from error


def _request_refusal(provider: DatasetProvider) -> Response | None:
    """Why this request is not answered, whatever it asks for; ``None`` when it is."""
    with language_context(page_language()):
        asked = unknown_host_name(provider.here, provider.accounts)
        if asked is not None:
            why = _(
                "Cette machine ne répond pas au nom « {host} » : ouvrez l'atlas par localhost, ou "
                "ajoutez ce nom à {name}.",
                host=asked[:80],
                name=HOSTS,
            )
            return _sentence_response(why, 421)
        if (
            _is_cross_origin() and request.blueprint not in _GUARDED_PREFIXES
        ):  # they say what is refused
            why = _("la demande vient d'une autre page")
            return _error_response(ForbiddenError(_("Demande refusée"), why, _("Rouvrez l'atlas.")))
    return None


def _is_cross_origin() -> bool:
    """Whether a page of another origin asks; opening a link of one is no asking."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.host.lower():
        return True
    opened = request.headers.get("Sec-Fetch-Mode") == "navigate" and request.method == "GET"
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return site not in ("same-origin", "none") and not opened


def _callback_refusal(app: Dash) -> Response | None:
    """Why a callback is not run: Dash takes a body as it comes."""
    if request.path != CALLBACK_PATH or request.method != "POST":
        return None
    try:
        sent = _request_json()
    except UsageError as error:
        return _error_response(error)
    if isinstance(sent, dict) and _is_known_callback(sent, app.callback_map):
        return None
    why = _("elle n'est pas de cette page")
    return _error_response(UsageError(_("Demande illisible"), why, _("Rechargez l'atlas.")))


def _is_known_callback(sent: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether a body asks for a callback of the page, with the words that it takes."""
    output = sent.get("output")
    asked = known.get(output) if isinstance(output, str) else None
    if asked is None or "callback" not in asked:  # the others run in the browser
        return False
    written = asked["output"]
    outputs = written if isinstance(written, list) else [written]
    given = sent.get("outputs")
    changed = sent.get("changedPropIds", [])
    return (
        _are_expected_parts(
            given if isinstance(given, list) else [given], map(_output_names, outputs)
        )
        and _are_expected_parts(sent.get("inputs", []), asked["inputs"])
        and _are_expected_parts(sent.get("state", []), asked["state"])
        and isinstance(changed, list)
        and all(isinstance(one, str) for one in changed)
    )


def _output_names(output: Any) -> dict[str, str]:
    return {"id": output.component_id, "property": output.component_property}


def _are_expected_parts(given: Any, expected: Any) -> bool:
    """Whether these are the parts of the page that a callback names, each with a text or none."""
    wanted = [(str(one["id"]), one["property"]) for one in expected]
    return (
        isinstance(given, list)
        and len(given) == len(wanted)
        and all(
            isinstance(one, dict)
            and (one.get("id"), one.get("property")) == part
            and _is_text_or_none(one.get("value"))
            for one, part in zip(given, wanted, strict=True)
        )
    )


def _is_text_or_none(value: object) -> bool:
    """Whether a value is nothing, or a text that can be written."""
    if not isinstance(value, str):
        return value is None
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _act_as(provider: DatasetProvider) -> None:
    """What is written in this request is written by whoever is signed in."""
    with language_context(page_language()):
        g.author = set_author(provider.visitor.name)


def _act_as_nobody(_error: BaseException | None) -> None:
    token = g.pop("author", None)
    if token is not None:
        reset_author(token)


def _noted_response(
    response: Response, provider: DatasetProvider, lately: set[Reading]
) -> Response:
    """The answer, once it is noted who saw or exported what the public may not.

    The same question of one person is noted once an hour.

    Parameters
    ----------
    lately
        What this process has noted; it is added to.
    """
    visitor = provider.visitor if response.status_code < 400 else None
    if visitor is None or visitor.account is None:
        return response
    subject, act = g.get("question"), Act.SAW
    attached = "attachment" in response.headers.get("Content-Disposition", "")
    if attached or (subject is not None and request.blueprint == API_NAME):
        subject, act = request.full_path.rstrip("?"), Act.EXPORTED
    line = (visitor.name, subject, int(time() // 3600))
    if subject is None or (act is Act.SAW and line in lately):
        return response
    try:
        AuditTrail(provider.store.root).record(act, visitor.name, subject)
    except StoreError as error:  # what cannot be noted is not shown
        return _error_response(error, 503)
    if len(lately) >= _MOST_NOTED:
        lately.clear()
    lately.add(line)
    return response


def _guarded_refusal(visitor: Visitor, refused: str, only: str, *, zonal: bool) -> Response | None:
    """Why this request is not answered at all; ``None`` when it is."""
    with language_context(page_language()):
        if visitor.viewer is not Viewer.EDITOR:
            return _error_response(_not_editor_error(visitor, _(refused), _(only)))
        if visitor.zones and not zonal:
            return _error_response(_zones_error(_(refused), visitor.zones))
        if _is_cross_origin() or (request.method == "POST" and ATLAS_HEADER not in request.headers):
            why = _("la demande vient d'une autre page")
            return _error_response(ForbiddenError(_(refused), why, _("Rouvrez l'atlas.")))
    return None


def _not_editor_error(visitor: Visitor, refused: str, only: str) -> ForbiddenError:
    if not visitor.accounts_configured:
        return ForbiddenError(refused, only)
    if visitor.account is None:
        why = _("il faut un compte d'éditeur, et vous n'êtes pas connecté")
        return ForbiddenError(refused, why, _("Connectez-vous."))
    return ForbiddenError(refused, _("votre compte n'est pas celui d'un éditeur"))


def require_zones(provider: DatasetProvider, units: Iterable[str | None], refused: str) -> None:
    """Let an editor of some zones go on where all that they decide about lies within these.

    Parameters
    ----------
    units
        What is decided about; none: the whole country.
    refused
        What is refused, in words.

    Raises
    ------
    ForbiddenError
        Some of it lies elsewhere.
    """
    zones = provider.visitor.zones
    if not zones:
        return
    asked, inside = set(units), shipped_frames().wholly_in(*zones)
    if not asked or not asked <= inside:
        raise _zones_error(refused, zones)


def require_activity_zones(
    provider: DatasetProvider, activities: Iterable[str], refused: str
) -> None:
    """Let an editor of some zones decide about activities that lie within these.

    Raises
    ------
    ForbiddenError
        Some of it lies elsewhere, or nowhere that is known.
    """
    data = provider.current_dataset()
    if data is None or not provider.visitor.zones:
        return
    ids = set(activities)
    placed = data.tables.placements.filter(pl.col("activity_id").is_in(list(ids)))
    unplaced = ids - set(placed["activity_id"])
    require_zones(provider, [*placed["unit_id"], *(None for _one in unplaced)], refused)


def _zones_error(refused: str, zones: Sequence[str]) -> ForbiddenError:
    """That an account decides about some zones only."""
    return ForbiddenError(
        refused,
        _("votre compte décide de ces zones seulement : {zones}", zones=", ".join(zones)),
        _("Demandez à un éditeur de tout le pays."),
    )


def _unknown_address_response() -> Response:
    with language_context(page_language()):
        return _sentence_response(_(_SENTENCE_BY_CODE[404], path=request.path[:200]), 404)


def _http_error_response(error: HTTPException) -> Any:
    """What Flask itself refuses, in a sentence; a redirection is none."""
    if error.code is None or error.code < 400:
        return error
    with language_context(page_language()):
        words = _(_SENTENCE_BY_CODE.get(error.code, _OTHER_REFUSAL), **_request_details(error.code))
    answer = _sentence_response(words, error.code)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            answer.headers[name] = value
    return answer


def _request_details(code: int) -> dict[str, object]:
    return {"path": request.path[:200], "method": request.method, "code": code}


def error_status(error: AtlasError, status: int = 400) -> int:
    """Status of the answer that tells of an error; `status` where its kind has none of its own."""
    known = (code for kind, code in _STATUS_BY_ERROR.items() if isinstance(error, kind))
    return next(known, status)


def _error_response(error: AtlasError, status: int = 400) -> Response:
    response = _sentence_response(error.error_sentence(), error_status(error, status))
    if isinstance(error, TooManyRequestsError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def _sentence_response(sentence: str, status: int) -> Response:
    """A sentence, as a program or the page's own scripts take it or as a person reads it."""
    is_program = ATLAS_HEADER in request.headers or request.path.startswith(API_PATH)
    if is_program or request.blueprint in _GUARDED_PREFIXES:
        response = jsonify(error=sentence)
    else:
        response = Response(sentence, mimetype="text/plain")
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
