"""Who asks, and by which name of this machine: what the operator says of it, and the request.

Read by the command line before the server starts, so Flask is imported where it is used.
"""

from __future__ import annotations

import os
import re

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.model import Viewer

HOSTS, PROXY_VIEWER = "ATLAS_HOSTS", "ATLAS_PROXY_VIEWER"
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names of this machine that no other machine can give itself in a name server."""

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
_PROXY_HEADERS = frozenset(
    {"forwarded", "via", "x-real-ip", "x-client-ip", "x-original-host", "x-cluster-client-ip"}
    | {"client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip"}
)
"""Beside ``X-Forwarded-…``: what proxies add to say for whom they ask."""


def host_name(header: str) -> str:
    """The name in a ``Host`` header, "" when it is none.

    Examples
    --------
    >>> host_name("LocalHost:8050"), host_name("[::1]:8050"), host_name("a@localhost")
    ('localhost', '[::1]', '')
    """
    found = _HOST.fullmatch(header.strip().lower())
    return found[1] if found else ""


def operator_hosts() -> frozenset[str]:
    """Names that the operator says this machine has (``ATLAS_HOSTS``), without their ports."""
    words = re.split(r"[,\s]+", os.environ.get(HOSTS, ""))
    bare = (f"[{word}]" if word.count(":") > 1 and word[0] != "[" else word for word in words)
    return frozenset(filter(None, map(host_name, bare)))


def proxy_viewer() -> Viewer | None:
    """Who those are that come through a proxy, where the operator says so.

    Raises
    ------
    UsageError
        ``ATLAS_PROXY_VIEWER`` names no viewer.
    """
    said = os.environ.get(PROXY_VIEWER, "").strip()
    if not said:
        return None
    if said not in list(Viewer):
        raise UsageError(
            _("{name} « {said} » inconnu", name=PROXY_VIEWER, said=said),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(Viewer)),
        )
    return Viewer(said)


def viewer_asking(here: Viewer) -> Viewer:
    """Who asks now.

    Whoever comes through a proxy may be anyone, unless the operator says who they are. That
    word holds for every request: a proxy may not say that it is one.

    Parameters
    ----------
    here
        Who sits before a page asked for without a proxy.
    """
    said = proxy_viewer()
    if said is not None:
        return said
    return Viewer.PUBLIC if _through_proxy() else here


def unknown_host(here: Viewer) -> str | None:
    """The name by which this was asked for, where it is none of this machine's.

    A page of another site may point a name of its own to this machine and read what it answers.
    Where only the public view is served, names are checked once the operator gives some.
    """
    from flask import request

    named = operator_hosts()
    if here is Viewer.PUBLIC and viewer_asking(here) is Viewer.PUBLIC and not named:
        return None
    asked = request.headers.get("Host", "")
    return None if host_name(asked) in LOOPBACK_NAMES | named else asked


def _through_proxy() -> bool:
    """Whether a proxy says that it stands in front, or speaks as only proxies do."""
    from flask import has_request_context, request

    if not has_request_context():
        return False
    names = {name.lower() for name, _value in request.headers}
    forwarded = any(name.startswith("x-forwarded-") for name in names)
    # No browser speaks HTTP/1.0; nginx does by default, and adds no header of its own.
    old = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    return forwarded or old or not names.isdisjoint(_PROXY_HEADERS)
