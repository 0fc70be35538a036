"""Who may write: the person at this machine, from a page of this origin, and no one else.

A page of another site cannot ask: writing needs a header that only a page of this origin may
send, and a host name of this machine.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from atlas.errors import AtlasError, ForbiddenError, UsageError, why_refused
from atlas.i18n import _, speaking
from atlas.model import Viewer
from atlas.store.beside import ELSEWHERE
from atlas.web.desk import Desk

P = ParamSpec("P")
HEADER = "X-Atlas"
_MOST_TEXT = 2**20
"""Largest answer: what a person says, not a document."""


def guarded(name: str, desk: Desk, refused: str, only: str) -> Blueprint:
    """Routes under ``/<name>`` that answer nobody but the person at this machine.

    Parameters
    ----------
    refused, only
        What the refusal says: what is refused, and that only that person may (message ids).
    """
    routes = Blueprint(name, __name__, url_prefix=f"/{name}")
    routes.before_request(lambda: _refusal(desk, refused, only))
    return routes


def spoken(view: Callable[P, Response]) -> Callable[P, Response]:
    """Answer in the language of the page; an error is told in a sentence."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> Response:
        with speaking(lang()):
            try:
                return view(*args, **kwargs)
            except AtlasError as error:
                return _told(error)
            except OSError as error:  # a draft cannot be written, say
                what = _("Réponse non enregistrée")
                return _told(AtlasError(what, *why_refused(error, _(ELSEWHERE))))

    return answer


def said() -> dict[str, Any]:
    """What the page sent, as JSON.

    Raises
    ------
    UsageError
        It is too long to be an answer.
    """
    if (request.content_length or 0) > _MOST_TEXT:
        raise UsageError(_("Réponse trop longue"))
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else {}


def lang() -> str:
    """Language of the page that asks."""
    return request.args.get("lang", "fr")


def _refusal(desk: Desk, refused: str, only: str) -> Response | None:
    """Why this request is not answered at all; ``None`` when it is."""
    with speaking(lang()):
        if desk.viewer is not Viewer.EDITOR:
            return _told(ForbiddenError(_(refused), _(only)))
        if not _is_local(request.host) or (request.method == "POST" and not _same_origin()):
            why = _("la demande vient d'une autre page")
            return _told(ForbiddenError(_(refused), why, _("Rouvrez l'atlas.")))
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
