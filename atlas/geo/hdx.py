"""Official boundaries on HDX: the current file, its checks, its transfer over a weak line."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urljoin, urlsplit

from atlas.i18n import _
from atlas.transfers import (
    DownloadError,
    FetchTimeouts,
    InterruptedTransferError,
    RemoteRequest,
    download_error,
    fetch_json,
    is_past_deadline,
    is_transient,
    open_url,
    received_pieces,
)

MAX_BYTES = 2**30
"""Bytes of one file: official boundaries take a hundredth of this."""
TransferWatcher = Callable[[int, int | None], None]
"""Told bytes so far and bytes in all (``None``: not known)."""


def fetch_file(
    url: str, part: Path, patience: FetchTimeouts, watch: TransferWatcher | None = None
) -> None:
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
        See `FetchTimeouts`.
    watch
        Told how many bytes have come.

    Raises
    ------
    DownloadError
        The file could not be had whole. What has come stays in ``part`` where it can be
        continued.
    """
    fruitless, furthest = 0, _partial_size(part)
    while True:
        try:
            _attempt_transfer(url, part, patience, watch or (lambda _done, _total: None))
            return
        except (OSError, HTTPException, InterruptedTransferError) as error:
            if not is_transient(error):
                raise download_error(url, error) from error
            fruitless = 0 if _partial_size(part) > furthest else fruitless + 1
            furthest = max(furthest, _partial_size(part))
            if is_past_deadline(patience) or fruitless >= patience.tries:
                raise download_error(url, error) from error
            patience.wait(patience.pause * 2 ** max(fruitless - 1, 0))


def discard_partial(part: Path) -> None:
    """Remove an unfinished or refused file and what is noted of it."""
    part.unlink(missing_ok=True)
    _note_path(part).unlink(missing_ok=True)


def _attempt_transfer(
    url: str, part: Path, patience: FetchTimeouts, watch: TransferWatcher
) -> None:
    """One request; what it brings is written as it comes."""
    have, validator = _resumable_state(part, url)
    asked = {"Range": f"bytes={have}-", "If-Range": validator} if have else {}
    try:
        answer = open_url(url, RemoteRequest(asked), patience)
    except HTTPError as error:
        if error.code == 416 and have:  # nothing left to send, or another file by now
            if _range_total(error.headers) == have:
                return
            discard_partial(part)
            raise InterruptedTransferError from error
        raise
    with answer:
        if answer.status != 206:
            have = 0
        elif _range_start(answer.headers) != have or _strong_validator(answer.headers) != validator:
            discard_partial(part)  # a server that knows Range and not If-Range
            raise InterruptedTransferError
        total = _expected_size(answer.headers, have)
        if (total or 0) > MAX_BYTES:
            raise DownloadError(_("{url} : fichier démesuré", url=url))
        if not have:
            _write_note(part, url, answer.headers)
        done = _write_answer(answer, part, have, total, patience, watch)
    if total is not None and done != total:
        raise InterruptedTransferError


def _write_answer(
    answer: HTTPResponse,
    part: Path,
    have: int,
    total: int | None,
    patience: FetchTimeouts,
    watch: TransferWatcher,
) -> int:
    done = have
    watch(done, total)
    with part.open("ab" if have else "wb") as out:
        for piece in received_pieces(answer, patience, limit=MAX_BYTES):
            out.write(piece)
            done += len(piece)
            watch(done, total)
    return done


def _partial_size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _note_path(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _resumable_state(part: Path, url: str) -> tuple[int, str]:
    """Bytes that may be continued and the validator they stand under; 0 to start afresh."""
    try:
        note = json.loads(_note_path(part).read_text(encoding="utf-8"))
        if note["url"] == url and note["validator"]:
            return part.stat().st_size, note["validator"]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no note, or one that cannot be trusted: the download starts afresh
    return 0, ""


def _write_note(part: Path, url: str, headers: Message) -> None:
    """Note what the coming bytes belong to."""
    note = {"url": url, "validator": _strong_validator(headers)}
    part.unlink(missing_ok=True)
    _note_path(part).write_text(json.dumps(note), encoding="utf-8")


def _strong_validator(headers: Message) -> str:
    """What stands for these very bytes; a weak ETag promises none."""
    etag = headers.get("ETag", "")
    return ("" if etag.startswith("W/") else etag) or headers.get("Last-Modified", "")


def _range_start(headers: Message) -> int | None:
    """First byte that a partial answer brings (``Content-Range: bytes 5-9/10``)."""
    first = headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(first) if first.isdigit() else None


def _range_total(headers: Message) -> int | None:
    size = headers.get("Content-Range", "").rpartition("/")[2]
    return int(size) if size.isdigit() else None


def _expected_size(headers: Message, have: int) -> int | None:
    length = headers.get("Content-Length", "")
    return have + int(length) if length.isdigit() else _range_total(headers)


BASE = "https://data.humdata.org"


DATASET = "cod-ab-mli"


SAME_RELEASE = timedelta(days=31)
"""The formats of one release are uploaded within days; older files are former releases."""


_FORMATS = (
    ("geojson", re.compile(r"geo\W?json")),
    ("gpkg", re.compile(r"geo\W?package|gpkg")),
    ("shp", re.compile(r"shp|shape\W?files?")),
)


_PARTS = re.compile(r"centroid|capital|gazett?eer|lines?\b|points?\b|admbnd[lp]|settlement")


_ALGORITHMS = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class HdxResource:
    """A file of the dataset.

    Attributes
    ----------
    size
        Bytes; ``None`` where HDX does not say.
    hash
        Checksum as published, often empty.
    modified
        When the file was last uploaded, as published (ISO, UTC).
    """

    id: str
    name: str
    format: str
    url: str
    size: int | None
    hash: str
    modified: str

    @property
    def upload_day(self) -> str:
        """ISO day of the last upload, or a dash."""
        return self.modified[:10] or "—"

    @property
    def file_name(self) -> str:
        """Last part of the address, reduced to harmless letters."""
        last = urlsplit(self.url).path.rpartition("/")[2]
        return re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".") or "boundaries"

    def release_identity(self) -> dict[str, Any]:
        """What tells this release of the file from another."""
        return {"id": self.id, "modified": self.modified, "size": self.size, "hash": self.hash}


def base_url() -> str:
    """HDX, or the mirror that ``ATLAS_HDX_URL`` names."""
    return os.environ.get("ATLAS_HDX_URL", BASE).rstrip("/")


def current_resource(patience: FetchTimeouts) -> HdxResource:
    """The file to install: newest release, GeoJSON before GeoPackage before Shapefile.

    Raises
    ------
    DownloadError
        HDX cannot be reached, says something else, or offers nothing that can be installed.
    """
    base = base_url()
    rows = listed_resources(fetch_json(base + package_path(DATASET), patience), base)
    best = best_resource(resource for row in rows if (resource := _installable_resource(row, base)))
    if best is None:
        offered = ", ".join(dict.fromkeys(str(row.get("format") or "?") for row in rows))
        raise DownloadError(
            _("{dataset} : aucun fichier à installer", dataset=DATASET),
            _("formats publiés : {formats}", formats=offered or "—"),
            "",
        )
    return best


def package_path(package: str) -> str:
    """Where a CKAN says what a dataset holds, below its address."""
    return f"/api/3/action/package_show?id={quote(package, safe='')}"


def listed_resources(answer: Any, base: str) -> list[Mapping[str, Any]]:
    """The rows of ``resources`` in an answer of ``package_show``.

    Raises
    ------
    DownloadError
        It is no such answer.
    """
    result = answer.get("result") if isinstance(answer, Mapping) else None
    if not isinstance(result, Mapping) or not answer.get("success"):
        raise DownloadError(
            _("{url} : réponse inattendue", url=base), _("ce n'est pas une fiche de CKAN"), ""
        )
    listed = result.get("resources")
    return [r for r in listed if isinstance(r, Mapping)] if isinstance(listed, list) else []


def best_resource(resources: Iterable[HdxResource]) -> HdxResource | None:
    """The best of what is offered: of the newest release, the format that reads surest."""
    usable = list(resources)
    if not usable:
        return None
    newest = max(_upload_moment(r) for r in usable)
    release = [r for r in usable if newest - _upload_moment(r) <= SAME_RELEASE]
    formats = [name for name, _pattern in _FORMATS]

    def merit(r: HdxResource) -> tuple[bool, int, datetime, int]:
        whole = not _PARTS.search(f"{r.name} {r.file_name}".lower())
        return whole, -formats.index(r.format), _upload_moment(r), r.size or 0

    return max(release, key=merit)


def _installable_resource(row: Mapping[str, Any], base: str) -> HdxResource | None:
    """A row of ``resources`` that can be installed; ``None`` for services, tables, drafts."""
    said = str(row.get("format") or "").lower()
    kind = next((name for name, pattern in _FORMATS if pattern.search(said)), None)
    return published_resource(row, base, kind) if kind else None


def published_resource(row: Mapping[str, Any], base: str, kind: str) -> HdxResource | None:
    """A row of ``resources`` as a file; ``None`` for one without an address, and for drafts."""
    address = row.get("download_url") or row.get("url")
    if not isinstance(address, str) or str(row.get("state") or "active") != "active":
        return None
    size = str(row.get("size") or "")
    return HdxResource(
        id=str(row.get("id") or ""),
        name=str(row.get("name") or ""),
        format=kind,
        url=urljoin(base + "/", address),
        size=(int(size) or None) if size.isdigit() else None,
        hash=str(row.get("hash") or "").strip(),
        modified=str(row.get("last_modified") or row.get("created") or ""),
    )


def _upload_moment(resource: HdxResource) -> datetime:
    try:
        return datetime.fromisoformat(resource.modified).replace(tzinfo=None)
    except ValueError:
        return _EPOCH


def has_verified_checksum(resource: HdxResource, content: Path | bytes) -> bool:
    """Hold a file against the size and checksums HDX published of it.

    Returns
    -------
    bool
        Whether a checksum was published and matched; ``False`` when none was.

    Raises
    ------
    DownloadError
        Size or checksum differ.
    """
    size = len(content) if isinstance(content, bytes) else content.stat().st_size
    if resource.size is not None and size != resource.size:
        raise _refused_file(
            resource, _("{size} octets au lieu de {said}", size=size, said=resource.size)
        )
    sums = published_checksums(resource.hash)
    for algorithm, expected in sums:
        with BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
            if hashlib.file_digest(file, algorithm).digest() != expected:
                raise _refused_file(
                    resource, _("somme de contrôle {name} différente", name=algorithm)
                )
    return bool(sums)


def _refused_file(resource: HdxResource, why: str) -> DownloadError:
    return DownloadError(_("{file} : fichier refusé", file=resource.file_name), why, "")


def published_checksums(text: str) -> list[tuple[str, bytes]]:
    """Checksums in a ``hash`` field, in any notation seen on CKAN sites.

    Examples
    --------
    >>> [name for name, _digest in published_checksums("d41d8cd98f00b204e9800998ecf8427e")]
    ['md5']
    >>> stated = "sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709"
    >>> [name for name, _digest in published_checksums(stated)]
    ['sha1']
    >>> published_checksums("-988266717")
    []
    """
    found = []
    for word in text.split():
        named = re.fullmatch(r"(md5|sha-?(?:1|256|384|512))[:-](.+)", word, re.IGNORECASE)
        name = named[1].lower().replace("-", "") if named else None
        digest = _digest_bytes(named[2] if named else word, in_base64=named is not None)
        sizes = [a for a, length in _ALGORITHMS.items() if digest and length == len(digest)]
        if digest and sizes and name in (None, sizes[0]):
            found.append((sizes[0], digest))
    return found


def _digest_bytes(text: str, *, in_base64: bool) -> bytes | None:
    """Bytes of a digest written in hexadecimal or, beside its name as SRI does, in base 64."""
    try:
        if re.fullmatch(r"[0-9a-fA-F]{32,128}", text):
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True) if in_base64 else None
    except (ValueError, binascii.Error):
        return None
