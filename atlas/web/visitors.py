"""Who asks: by which name of this machine, through which proxy, signed in as whom."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from ipaddress import ip_address, ip_network

from flask import has_request_context, request

from atlas.errors import ForbiddenError, UsageError
from atlas.i18n import _
from atlas.model import Viewer
from atlas.store.accounts import SESSION_IDLE, Account, Accounts, Role

HOSTS, PROXY_VIEWER = "ATLAS_HOSTS", "ATLAS_PROXY_VIEWER"
PROXIES, PROXY_USER = "ATLAS_PROXIES", "ATLAS_PROXY_USER"
SESSION_COOKIE = "atlas_session"
LONGEST_OFFLINE = timedelta(days=30)
"""For how long a page that nobody signs in to is shown without a line."""
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""Names of this machine that no other machine can give itself in a name server."""

_HOST_PATTERN = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?")
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
    found = _HOST_PATTERN.fullmatch(header.strip().lower())
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
    setting = os.environ.get(PROXY_VIEWER, "").strip()
    if not setting:
        return None
    if setting not in list(Viewer):
        raise UsageError(
            _("{name} « {said} » inconnu", name=PROXY_VIEWER, said=setting),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(Viewer)),
        )
    return Viewer(setting)


@dataclass(frozen=True)
class Visitor:
    """Who asks now.

    Attributes
    ----------
    viewer
        What may be told to them.
    account
        Whom they signed in as; ``None``: nobody.
    accounts_configured
        Whether somebody may sign in here at all.
    """

    viewer: Viewer
    account: Account | None = None
    accounts_configured: bool = False

    @property
    def name(self) -> str:
        """Under which their decisions are kept; "" for the person at this machine."""
        return self.account.name if self.account else ""

    @property
    def keeping(self) -> str:
        """Whose a kept answer is, and how many seconds a browser without a line may show it."""
        whose = blake2b(f"{self.viewer} {self.name}".encode(), digest_size=8).hexdigest()
        kept_for = SESSION_IDLE if self.account else LONGEST_OFFLINE
        return f"{whose} {int(kept_for.total_seconds())}"

    @property
    def zones(self) -> tuple[str, ...]:
        """Units that they decide about; empty: no such bound."""
        return self.account.zones if self.account else ()

    @property
    def keeps_accounts(self) -> bool:
        """Whether they may open and close accounts."""
        return self.account is not None and self.account.role is Role.ADMIN


def request_visitor(here: Viewer, accounts: Accounts) -> Visitor:
    """Who asks now.

    Where the store has accounts, whoever is not signed in sees the public view, at this machine
    too, whatever ``ATLAS_PROXY_VIEWER`` says.

    Parameters
    ----------
    here
        Who sits before a page asked for without a proxy, where there are no accounts.

    Raises
    ------
    StoreError
        Somebody says that they are signed in, and the accounts cannot be read.
    """
    if not accounts.are_configured():
        return Visitor(_viewer_without_accounts(here))
    account = _account_named_by_proxy(accounts) or _account_of_session(accounts)
    viewer = account.role.viewer if account else Viewer.PUBLIC
    return Visitor(viewer, account, accounts_configured=True)


def _account_of_session(accounts: Accounts) -> Account | None:
    token = request.cookies.get(SESSION_COOKIE, "") if has_request_context() else ""
    return accounts.session_account(token) if token else None


def _account_named_by_proxy(accounts: Accounts) -> Account | None:
    """Whom a proxy has signed in, where the operator says which header of it says so.

    Raises
    ------
    ForbiddenError
        It names somebody who has no account, or whose account is closed.
    """
    header = os.environ.get(PROXY_USER, "").strip()
    if not header or not has_request_context() or not _asks_trusted_proxy():
        return None
    named = request.headers.get(header, "")
    if not named:
        return None
    try:
        account = accounts.account(named)
    except UsageError:
        account = None
    if account is None or account.state == "closed":
        raise ForbiddenError(
            _("Connexion refusée"),
            _("« {name} » n'a pas de compte ouvert ici", name=named[:80]),
            _("Demandez-en un à qui tient les comptes."),
        )
    return account


def trusted_proxies() -> tuple[str, ...]:
    """Addresses and networks of the proxies whose word counts (``ATLAS_PROXIES``).

    Raises
    ------
    UsageError
        One of them is no address.
    """
    words = tuple(filter(None, re.split(r"[,\s]+", os.environ.get(PROXIES, ""))))
    for word in words:
        try:
            ip_network(word, strict=False)
        except ValueError as error:
            raise UsageError(
                _("{name} « {said} » illisible", name=PROXIES, said=word),
                "",
                _("Écrivez des adresses ou des réseaux : 10.0.0.2, 10.1.0.0/16."),
            ) from error
    return words


def _is_trusted(address: str) -> bool:
    try:
        asked = ip_address(address)
    except ValueError:
        return False
    return any(asked in ip_network(word, strict=False) for word in trusted_proxies())


def _asks_trusted_proxy() -> bool:
    return _is_trusted(request.remote_addr or "")


def client_address() -> str:
    """Address of whoever asks: behind trusted proxies, the last that these do not vouch for."""
    here = request.remote_addr or ""
    if not _asks_trusted_proxy():
        return here
    told = [word.strip() for word in request.headers.get("X-Forwarded-For", "").split(",")]
    for address in reversed([word for word in told if word]):
        if not _is_trusted(address):
            return address[:60]
    return here


def is_https() -> bool:
    """Whether the browser speaks to this page, or to a trusted proxy, over TLS."""
    forwarded = request.headers.get("X-Forwarded-Proto", "")
    return request.is_secure or (_asks_trusted_proxy() and forwarded.strip().lower() == "https")


def _viewer_without_accounts(here: Viewer) -> Viewer:
    """Who asks, where nobody signs in.

    Whoever comes through a proxy may be anyone, unless the operator says who they are. That
    word holds for every request: a proxy may not say that it is one.
    """
    through_proxy = proxy_viewer()
    if through_proxy is not None:
        return through_proxy
    return Viewer.PUBLIC if _is_proxied() else here


def unknown_host_name(here: Viewer, accounts: Accounts) -> str | None:
    """The name by which this was asked for, where it is none of this machine's.

    A page of another site may point a name of its own to this machine and read what it answers.
    Where only the public view is served, or a cookie opens the rest, which browsers keep for the
    name that set it, names are checked once the operator gives some.
    """
    named = operator_hosts()
    is_public = accounts.are_configured() or Viewer.PUBLIC is here is _viewer_without_accounts(here)
    if is_public and not named:
        return None
    asked = request.headers.get("Host", "")
    return None if host_name(asked) in LOOPBACK_NAMES | named else asked


def _is_proxied() -> bool:
    """Whether a proxy says that it stands in front, or speaks as only proxies do."""
    if not has_request_context():
        return False
    names = {name.lower() for name, _value in request.headers}
    forwarded = any(name.startswith("x-forwarded-") for name in names)
    # No browser speaks HTTP/1.0; nginx does by default, and adds no header of its own.
    old = request.environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    return forwarded or old or not names.isdisjoint(_PROXY_HEADERS)
