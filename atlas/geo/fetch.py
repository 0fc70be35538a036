"""Fetching a file over HTTP on a weak line: resumed, bounded in time, behind any proxy.

``urllib`` of the standard library does it: it is always there (``requests`` comes only
because Dash wants it today), it takes its proxies from the environment and the system, and
its certificates from the system, so that a network that inspects TLS works as it does for
the browser. What it lacks, resuming, is what is written here.
"""

from __future__ import annotations

import errno
import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from socket import gaierror
from ssl import SSLCertVerificationError
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from atlas import __version__
from atlas.errors import GeodataError, system_cause, why_refused
from atlas.i18n import _
from atlas.paths import GEODATA

CHUNK = 64 * 1024
MAX_BYTES = 2**30
"""Bytes of one file: official boundaries take a hundredth of this."""

MAX_JSON = 16 * 2**20
Watcher = Callable[[int, int | None], None]
"""Told bytes so far and bytes in all (``None``: not known)."""


class DownloadError(GeodataError):
    """What was asked for did not come, or is not what was announced."""


class _InterruptedError(Exception):
    """The line broke or the far side is overloaded: another try may do."""


@dataclass(frozen=True)
class Patience:
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
    """

    silence: float = 30.0
    whole: float | None = None
    pause: float = 1.0
    tries: int = 4
    started: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raise `TimeoutError` once the whole time is used up."""
        if self.whole is not None and time.monotonic() - self.started > self.whole:
            raise TimeoutError


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follow redirections, but never from an encrypted address to a bare one."""

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise HTTPError(newurl, code, "https → http", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_json(url: str, patience: Patience) -> Any:
    """The JSON at an address.

    Raises
    ------
    DownloadError
        Nothing came, or something else than JSON (a portal that asks to sign in, say).
    """
    try:
        with _open(url, {"Accept": "application/json"}, patience) as answer:
            data = b"".join(_pieces(answer, patience, limit=MAX_JSON))
        return json.loads(data)
    except (OSError, HTTPException) as error:
        raise failure(url, error) from error
    except ValueError as error:
        raise DownloadError(
            _("{url} : réponse inattendue", url=url), _("ce n'est pas du JSON"), ""
        ) from error


def fetch_file(url: str, part: Path, patience: Patience, watch: Watcher | None = None) -> None:
    """Fetch a file into ``part``, going on from what a broken transfer left there.

    Parameters
    ----------
    url
        Address; redirections are followed.
    part
        Where the bytes go. ``<part>.json`` keeps the address and the validator (ETag or
        Last-Modified) of what has come so far: the rest is asked for with ``If-Range``, so
        that a file that changed meanwhile starts afresh instead of being sewn together.
    patience
        See `Patience`.
    watch
        Told how many bytes have come.

    Raises
    ------
    DownloadError
        The file could not be had whole. What has come stays in ``part`` where it can be
        continued.
    """
    fruitless, furthest = 0, _size(part)
    while True:
        try:
            _attempt(url, part, patience, watch or (lambda _done, _total: None))
            return
        except (OSError, HTTPException, _InterruptedError) as error:
            if not _passing(error):
                raise failure(url, error) from error
            fruitless = 0 if _size(part) > furthest else fruitless + 1
            furthest = max(furthest, _size(part))
            if _is_over(patience) or fruitless >= patience.tries:
                raise failure(url, error) from error
            time.sleep(patience.pause * 2 ** max(fruitless - 1, 0))


def discard(part: Path) -> None:
    """Remove an unfinished or refused file and what is noted of it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def failure(url: str, error: Exception) -> DownloadError:
    """The sentence of a transfer that failed: which host, why, in a person's words."""
    host = urlsplit(url).netloc or url
    what = _("{host} : téléchargement impossible", host=host)
    if _of_the_disk(error):
        return DownloadError(what, *why_refused(error, GEODATA))
    return DownloadError(what, _reason(error), "")


def _of_the_disk(error: BaseException) -> bool:
    """Whether it is the file that cannot be written, and not the network that fails."""
    if isinstance(error, HTTPError):  # its "filename" is the address
        return False
    inner = error.reason if type(error) is URLError else error
    named = isinstance(inner, OSError) and inner.filename is not None
    return named or system_cause(error) in _DISK


_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)


def _attempt(url: str, part: Path, patience: Patience, watch: Watcher) -> None:
    """One request; what it brings is written as it comes."""
    have, validator = _begun(part, url)
    asked = {"Range": f"bytes={have}-", "If-Range": validator} if have else {}
    try:
        answer = _open(url, asked, patience)
    except HTTPError as error:
        if error.code == 416 and have:  # nothing left to send, or another file by now
            if _total(error.headers) == have:
                return
            discard(part)
            raise _InterruptedError from error
        raise
    with answer:
        if answer.status != 206:
            have = 0
        elif _start(answer.headers) != have or _validator(answer.headers) != validator:
            discard(part)  # a server that knows Range and not If-Range
            raise _InterruptedError
        total = _expected(answer.headers, have)
        if (total or 0) > MAX_BYTES:
            raise DownloadError(_("{url} : fichier démesuré", url=url))
        if not have:
            _remember(part, url, answer.headers)
        done = _write(answer, part, have, total, patience, watch)
    if total is not None and done != total:
        raise _InterruptedError


def _write(
    answer: HTTPResponse,
    part: Path,
    have: int,
    total: int | None,
    patience: Patience,
    watch: Watcher,
) -> int:
    done = have
    watch(done, total)
    with part.open("ab" if have else "wb") as out:
        for piece in _pieces(answer, patience, limit=MAX_BYTES):
            out.write(piece)
            done += len(piece)
            watch(done, total)
    return done


def _pieces(answer: HTTPResponse, patience: Patience, limit: int) -> Iterator[bytes]:
    """Pieces as they come: ``read1`` returns after one packet, so the clock is looked at."""
    come = 0
    while piece := answer.read1(CHUNK):
        come += len(piece)
        if come > limit:
            raise DownloadError(_("{url} : fichier démesuré", url=answer.url))
        yield piece
        patience.check()


def _open(url: str, headers: dict[str, str], patience: Patience) -> HTTPResponse:
    """Open an address that must be http or https: no file, no ftp, wherever it leads."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise DownloadError(_("{url} : adresse refusée", url=url), _("ni http ni https"), "")
    patience.check()
    director = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),  # http_proxy, https_proxy, no_proxy, or the system's
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPErrorProcessor(),
        _Redirects(),
    ):
        director.add_handler(handler)
    known = {"User-Agent": f"atlas-mali/{__version__}", "Accept-Encoding": "identity"}
    request = urllib.request.Request(url, headers=known | headers)
    answer: HTTPResponse = director.open(request, timeout=patience.silence)
    return answer


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _note(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _begun(part: Path, url: str) -> tuple[int, str]:
    """Bytes that may be continued and the validator they stand under; 0 to start afresh."""
    try:
        note = json.loads(_note(part).read_text(encoding="utf-8"))
        if note["url"] == url and note["validator"]:
            return part.stat().st_size, note["validator"]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no note, or one that cannot be trusted: the download starts afresh
    return 0, ""


def _remember(part: Path, url: str, headers: Message) -> None:
    """Note what the coming bytes belong to."""
    note = {"url": url, "validator": _validator(headers)}
    part.unlink(missing_ok=True)
    _note(part).write_text(json.dumps(note), encoding="utf-8")


def _validator(headers: Message) -> str:
    """What stands for these very bytes; a weak ETag promises none."""
    etag = headers.get("ETag", "")
    return ("" if etag.startswith("W/") else etag) or headers.get("Last-Modified", "")


def _start(headers: Message) -> int | None:
    """First byte that a partial answer brings (``Content-Range: bytes 5-9/10``)."""
    first = headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else None


def _total(headers: Message) -> int | None:
    size = headers.get("Content-Range", "").rpartition("/")[2]
    return int(size) if size.isdigit() else None


def _expected(headers: Message, have: int) -> int | None:
    length = headers.get("Content-Length", "")
    return have + int(length) if length.isdigit() else _total(headers)


def _is_over(patience: Patience) -> bool:
    try:
        patience.check()
    except TimeoutError:
        return True
    return False


def _passing(error: Exception) -> bool:
    """Whether trying again makes sense."""
    if isinstance(error, HTTPError):
        return error.code in (408, 425, 429) or error.code >= 500
    inner = error.reason if isinstance(error, URLError) else error
    refused = "Tunnel connection failed: 4" in str(inner)
    return (
        not _of_the_disk(error) and not refused and not isinstance(inner, SSLCertVerificationError)
    )


def _reason(error: Exception) -> str:
    inner = error.reason if type(error) is URLError else error
    match inner:
        case _InterruptedError():
            return _("transfert interrompu")
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
