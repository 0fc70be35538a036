"""A file of a dataset on HDX, or another CKAN, as it lies there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from atlas.errors import UsageError
from atlas.geo.hdx import (
    HdxResource,
    has_verified_checksum,
    listed_resources,
    package_path,
    published_resource,
)
from atlas.i18n import _
from atlas.ingest.files.admission import READ
from atlas.pulls.pulled_file import PulledFile, name_part
from atlas.pulls.remote_server import RemoteServer


def pull_hdx(server: RemoteServer, package: str, resource: str = "") -> PulledFile:
    """One file of a dataset.

    Parameters
    ----------
    package
        The dataset's name or id.
    resource
        Name, id or file name of the file; may be "" where one alone can be read.

    Raises
    ------
    UsageError
        No such file, or several: the sentence names them.
    DownloadError
        It cannot be had, or is not what was announced.
    """
    answer = server.json(package_path(package))
    rows = listed_resources(answer, server.host)
    kinds = (str(row.get("format") or "").strip().lower().lstrip(".") for row in rows)
    offered = [
        one if row.get("url_type") == "upload" else replace(one, size=None, hash="")
        for row, kind in zip(rows, kinds, strict=True)
        if (one := published_resource(row, server.address, kind))
    ]
    chosen = _chosen_resource(offered, package, resource)
    content = server.content(chosen.url)
    has_verified_checksum(chosen, content)
    name = PurePosixPath(chosen.file_name)
    where = name_part(name.stem, _moment(chosen), server.host, package)
    return PulledFile(f"{where}.{_extension(chosen)}", content)


def _chosen_resource(offered: Sequence[HdxResource], package: str, named: str) -> HdxResource:
    readable = [one for one in offered if _extension(one) in READ]
    asked = named.strip().casefold()
    found = [one for one in readable if not asked or asked in _names(one)]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(f"« {one.name} » ({one.format})" for one in (found or readable or offered))
    raise UsageError(
        _("{dataset} : aucun fichier choisi", dataset=package),
        _("fichiers publiés : {files}", files=listed or "—"),
        _("Nommez-en un avec --resource ; sont lus {formats}.", formats=", ".join(READ)),
    )


def _names(resource: HdxResource) -> set[str]:
    return {one.casefold() for one in (resource.name, resource.id, resource.file_name)}


def _extension(resource: HdxResource) -> str:
    """What the file's name says it is, else its published format."""
    said = PurePosixPath(resource.file_name).suffix.lower().lstrip(".")
    return said if said in READ else resource.format


def _moment(resource: HdxResource) -> str:
    """When it was uploaded, as file names have it; as published where it is no date."""
    try:
        return f"{datetime.fromisoformat(resource.modified):%Y-%m-%d-%H%M%S}"
    except ValueError:
        return resource.upload_day
