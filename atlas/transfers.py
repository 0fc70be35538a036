"""What comes over the network: requests that wait and try again, and secrets of one server."""

from __future__ import annotations

import errno
import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPResponse
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from atlas import __version__
from atlas.errors import AtlasError, system_cause, why_refused
from atlas.i18n import _
from atlas.paths import GEODATA

OFFLINE = "ATLAS_OFFLINE"
"""Environment variable: set to anything but 0, nothing is ever asked of the network."""


def is_offline() -> bool:
    """Whether ``ATLAS_OFFLINE`` forbids any request."""
    return os.environ.get(OFFLINE, "0") not in ("", "0")


CHUNK = 64 * 1024


MAX_JSON = 16 * 2**20
LONGEST_PAUSE_S = 300.0
"""Longest rest that a server may ask for before the next try: more is told instead."""


class DownloadError(AtlasError):
    """What was asked for did not come, or is not what was announced.

    Attributes
    ----------
    status, said
        Status and words of a server that refused; ``None`` and "" where there are none.
    """

    status: int | None = None
    said: str = ""


class TooLargeError(DownloadError):
    """More came than may."""


def offline_error() -> DownloadError:
    """The error of a request while ``ATLAS_OFFLINE`` forbids them."""
    return DownloadError(_("Téléchargement interdit"), OFFLINE + "=1", "")


class InterruptedTransferError(Exception):
    """The line broke or the far side is overloaded: another try may do."""


@dataclass(frozen=True)
class FetchTimeouts:
    """How long to wait, in seconds.

    Attributes
    ----------
    silence
        Longest wait for a connection and between two pieces.
    whole
        Longest time for everything (``None``: no limit).
    pause
        Rest before the next try of a broken transfer; doubled each time.
    tries
        Tries in a row that bring nothing before giving up.
    wait
        What rests for some seconds.
    """

    silence: float = 30.0
    whole: float | None = None
    pause: float = 1.0
    tries: int = 4
    wait: Callable[[float], None] = time.sleep
    started: float = field(default_factory=time.monotonic)

    def check_deadline(self) -> None:
        """Raise `TimeoutError` once the whole time is used up."""
        if self.whole is not None and time.monotonic() - self.started > self.whole:
            raise TimeoutError


@dataclass(frozen=True)
class RemoteRequest:
    """What is asked of a server, beside the address.

    Attributes
    ----------
    headers
        Of every request.
    secrets
        Headers that go to the server of the address, and to no other that it may redirect to.
    body
        Sent with POST; ``None`` asks with GET.
    limit
        Most bytes that an answer may have.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None
    limit: int = MAX_JSON


class SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections to the same server or to an encrypted address, and to no other.

    A header that was added as not to be redirected stays with the server it was meant for.
    """

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """As of urllib; ``None`` or an error where it may not be followed."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        same = (old.scheme, old.netloc) == (new.scheme, new.netloc)
        if not same and new.scheme != "https":
            raise HTTPError(newurl, code, f"{old.scheme} → {new.scheme}", headers, fp)
        asked = super().redirect_request(req, fp, code, msg, headers, newurl)
        if asked is not None and same:
            asked.unredirected_hdrs.update(req.unredirected_hdrs)
        return asked


def fetch_json(url: str, patience: FetchTimeouts) -> Any:
    """The JSON at an address.

    Raises
    ------
    DownloadError
        Nothing came, or something else than JSON (a portal that asks to sign in, say).
    """
    try:
        with open_url(url, RemoteRequest({"Accept": "application/json"}), patience) as answer:
            data = b"".join(received_pieces(answer, patience, limit=MAX_JSON))
        return json.loads(data)
    except (OSError, HTTPException) as error:
        raise download_error(url, error) from error
    except ValueError as error:
        raise DownloadError(
            _("{url} : réponse inattendue", url=url), _("ce n'est pas du JSON"), ""
        ) from error


def fetch_bytes(url: str, request: RemoteRequest, patience: FetchTimeouts) -> bytes:
    """All that a server answers; asked again while it is overloaded or the line breaks.

    A server that says when to come back (``Retry-After``) is asked no sooner.

    Raises
    ------
    DownloadError
        Nothing came, or more than the request bears.
    """
    tried = 0
    while True:
        try:
            with open_url(url, request, patience) as answer:
                data = b"".join(received_pieces(answer, patience, request.limit))
                stated = answer.headers.get("Content-Length", "")
                if stated.isdigit() and int(stated) != len(data):
                    raise InterruptedTransferError
            return data
        except (OSError, HTTPException, InterruptedTransferError) as error:
            pause = _asked_pause(error)
            pause = patience.pause * 2**tried if pause is None else pause
            given_up = tried >= patience.tries or pause > LONGEST_PAUSE_S
            if given_up or not is_transient(error) or is_past_deadline(patience):
                raise download_error(url, error) from error
            patience.wait(pause)
            tried += 1


def _asked_pause(error: Exception) -> float | None:
    """Seconds after which a server says to come back: a number or a moment."""
    said = error.headers.get("Retry-After", "").strip() if isinstance(error, HTTPError) else ""
    if said.isdigit():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)


def download_error(url: str, error: Exception) -> DownloadError:
    """The sentence of a transfer that failed: which host, why, in a person's words."""
    host = urlsplit(url).netloc or url
    what = _("{host} : téléchargement impossible", host=host)
    if _is_disk_error(error):
        return DownloadError(what, *why_refused(error, GEODATA))
    told = DownloadError(what, _failure_reason(error), "")
    if isinstance(error, HTTPError):
        told.status, told.said = error.code, _words_of_refusal(error)
    return told


def _words_of_refusal(error: HTTPError) -> str:
    """What a refusal says in the fields that interfaces have for it; "" for a page."""
    try:
        told = json.loads(error.read(4096))
    except (OSError, ValueError, HTTPException):
        return ""
    named = [told.get(name) for name in _SAID_IN] if isinstance(told, dict) else []
    return next((words for words in named if isinstance(words, str)), "")


_SAID_IN = ("detail", "message", "error", "code")


def _is_disk_error(error: BaseException) -> bool:
    """Whether it is the file that cannot be written, and not the network that fails."""
    if isinstance(error, HTTPError):  # its "filename" is the address
        return False
    inner = error.reason if type(error) is URLError else error
    named = isinstance(inner, OSError) and inner.filename is not None
    return named or system_cause(error) in _DISK


_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)


def received_pieces(answer: HTTPResponse, patience: FetchTimeouts, limit: int) -> Iterator[bytes]:
    """Pieces as they come: ``read1`` returns after one packet, so the clock is looked at."""
    come = 0
    while piece := answer.read1(CHUNK):
        come += len(piece)
        if come > limit:
            raise TooLargeError(_("{url} : fichier démesuré", url=urlsplit(answer.url).netloc))
        yield piece
        patience.check_deadline()


def open_url(url: str, asked: RemoteRequest, patience: FetchTimeouts) -> HTTPResponse:
    """Open an address that must be http or https: no file, no ftp, wherever it leads."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(_("{url} : adresse refusée", url=url), _("ni http ni https"), "")
    patience.check_deadline()
    director = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),  # http_proxy, https_proxy, no_proxy, or the system's
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPErrorProcessor(),
        SafeRedirects(),
    ):
        director.add_handler(handler)
    known = {"User-Agent": f"atlas-mali/{__version__}", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, asked.body, known | dict(asked.headers))
    for name, secret in asked.secrets.items():
        request.add_unredirected_header(name, secret)
    answer: HTTPResponse = director.open(request, timeout=patience.silence)
    return answer


def is_past_deadline(patience: FetchTimeouts) -> bool:
    """Whether the whole time is used up."""
    try:
        patience.check_deadline()
    except TimeoutError:
        return True
    return False


def is_transient(error: Exception) -> bool:
    """Whether trying again makes sense."""
    if isinstance(error, HTTPError):
        return error.code in (408, 425, 429) or error.code >= 500
    inner = error.reason if isinstance(error, URLError) else error
    refused = "Tunnel connection failed: 4" in str(inner)
    return (
        not _is_disk_error(error)
        and not refused
        and not isinstance(inner, SSLCertVerificationError)
    )


def _failure_reason(error: Exception) -> str:
    inner = error.reason if type(error) is URLError else error
    match inner:
        case InterruptedTransferError():
            return _("transfert interrompu")
        case HTTPError() if 300 <= inner.code < 400:
            return _("redirection refusée ({code})", code=inner.code)
        case HTTPError():
            return _("réponse {code}", code=inner.code)
        case TimeoutError():
            return _("délai dépassé")
        case SSLCertVerificationError():
            return _("certificat refusé")
        case gaierror():
            return _("nom introuvable, sans doute pas de réseau")
        case ConnectionRefusedError():
            return _("connexion refusée")
        case ConnectionError() | HTTPException():
            return _("connexion rompue")
    said = " ".join(str(inner).split())[:200]
    if said.startswith("Tunnel connection failed"):  # what http.client says of a proxy
        return _("refus du proxy ({answer})", answer=said.rpartition(": ")[2])
    return said
