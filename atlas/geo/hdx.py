"""What HDX says of the official boundaries: which file is the current one, and its checks.

HDX is a CKAN: ``/api/3/action/package_show?id=…`` answers ``{"success", "result"}``, the
dataset with its ``resources``. Of a resource count ``format`` (HDX writes GeoJSON, SHP,
Geopackage, Geodatabase, XLSX…), ``download_url`` (an addition of HDX; plain CKAN has
``url``), ``size`` (bytes; 0 or null for what HDX does not hold itself), ``hash`` (mostly
empty; CKAN leaves algorithm and notation to each site) and ``last_modified``. The field
``originalHash`` of HDX is no checksum of the file.
Sources: docs.humdata.org, "package_show"; docs.ckan.org, "API guide"; ckan/ckan issue 3607.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from atlas.geo.fetch import DownloadError, Patience, fetch_json
from atlas.i18n import _

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
class Resource:
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
    def day(self) -> str:
        """ISO day of the last upload, or a dash."""
        return self.modified[:10] or "—"

    @property
    def file_name(self) -> str:
        """Last part of the address, reduced to harmless letters."""
        last = urlsplit(self.url).path.rpartition("/")[2]
        return re.sub(r"[^A-Za-z0-9._-]", "_", last).lstrip(".") or "boundaries"

    def identity(self) -> dict[str, Any]:
        """What tells this release of the file from another."""
        return {"id": self.id, "modified": self.modified, "size": self.size, "hash": self.hash}


def base_url() -> str:
    """HDX, or the mirror that ``ATLAS_HDX_URL`` names."""
    return os.environ.get("ATLAS_HDX_URL", BASE).rstrip("/")


def current_resource(patience: Patience) -> Resource:
    """The file to install: newest release, GeoJSON before GeoPackage before Shapefile.

    Raises
    ------
    DownloadError
        HDX cannot be reached, says something else, or offers nothing that can be installed.
    """
    base = base_url()
    answer = fetch_json(f"{base}/api/3/action/package_show?id={quote(DATASET)}", patience)
    result = answer.get("result") if isinstance(answer, Mapping) else None
    if not isinstance(result, Mapping) or not answer.get("success"):
        raise DownloadError(
            _("{url} : réponse inattendue", url=base), _("ce n'est pas une fiche de CKAN"), ""
        )
    listed = result.get("resources")
    rows = [r for r in listed if isinstance(r, Mapping)] if isinstance(listed, list) else []
    best = pick(resource for row in rows if (resource := _resource(row, base)))
    if best is None:
        offered = ", ".join(dict.fromkeys(str(row.get("format") or "?") for row in rows))
        raise DownloadError(
            _("{dataset} : aucun fichier à installer", dataset=DATASET),
            _("formats publiés : {formats}", formats=offered or "—"),
            "",
        )
    return best


def pick(resources: Iterable[Resource]) -> Resource | None:
    """The best of what is offered: of the newest release, the format that reads surest."""
    usable = list(resources)
    if not usable:
        return None
    newest = max(_moment(r) for r in usable)
    release = [r for r in usable if newest - _moment(r) <= SAME_RELEASE]
    formats = [name for name, _pattern in _FORMATS]

    def merit(r: Resource) -> tuple[bool, int, datetime, int]:
        whole = not _PARTS.search(f"{r.name} {r.file_name}".lower())
        return whole, -formats.index(r.format), _moment(r), r.size or 0

    return max(release, key=merit)


def _resource(row: Mapping[str, Any], base: str) -> Resource | None:
    """A row of ``resources`` that can be installed; ``None`` for services, tables, drafts."""
    address = row.get("download_url") or row.get("url")
    if not isinstance(address, str) or str(row.get("state") or "active") != "active":
        return None
    said = str(row.get("format") or "").lower()
    kind = next((name for name, pattern in _FORMATS if pattern.search(said)), None)
    if kind is None:
        return None
    size = str(row.get("size") or "")
    return Resource(
        id=str(row.get("id") or ""),
        name=str(row.get("name") or ""),
        format=kind,
        url=urljoin(base + "/", address),
        size=(int(size) or None) if size.isdigit() else None,
        hash=str(row.get("hash") or "").strip(),
        modified=str(row.get("last_modified") or row.get("created") or ""),
    )


def _moment(resource: Resource) -> datetime:
    try:
        return datetime.fromisoformat(resource.modified).replace(tzinfo=None)
    except ValueError:
        return _EPOCH


def verify(resource: Resource, path: Path) -> bool:
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
    size = path.stat().st_size
    if resource.size is not None and size != resource.size:
        raise _differs(
            resource, _("{size} octets au lieu de {said}", size=size, said=resource.size)
        )
    sums = checksums(resource.hash)
    for algorithm, expected in sums:
        with path.open("rb") as file:
            if hashlib.file_digest(file, algorithm).digest() != expected:
                raise _differs(resource, _("somme de contrôle {name} différente", name=algorithm))
    return bool(sums)


def _differs(resource: Resource, why: str) -> DownloadError:
    return DownloadError(_("{file} : fichier refusé", file=resource.file_name), why, "")


def checksums(text: str) -> list[tuple[str, bytes]]:
    """Checksums in a ``hash`` field, in any notation seen on CKAN sites.

    Examples
    --------
    >>> [name for name, _digest in checksums("d41d8cd98f00b204e9800998ecf8427e")]
    ['md5']
    >>> [name for name, _digest in checksums("sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    ['sha1']
    >>> checksums("-988266717")
    []
    """
    found = []
    for word in text.split():
        named = re.fullmatch(r"(md5|sha-?(?:1|256|384|512))[:-](.+)", word, re.IGNORECASE)
        name = named[1].lower().replace("-", "") if named else None
        digest = _digest(named[2] if named else word, in_base64=named is not None)
        sizes = [a for a, length in _ALGORITHMS.items() if digest and length == len(digest)]
        if digest and sizes and name in (None, sizes[0]):
            found.append((sizes[0], digest))
    return found


def _digest(text: str, *, in_base64: bool) -> bytes | None:
    """Bytes of a digest written in hexadecimal or, beside its name as SRI does, in base 64."""
    try:
        if re.fullmatch(r"[0-9a-fA-F]{32,128}", text):
            return bytes.fromhex(text)
        return base64.b64decode(text, validate=True) if in_base64 else None
    except (ValueError, binascii.Error):
        return None
