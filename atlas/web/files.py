"""The files behind the download links, written by `atlas.export`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from atlas.errors import UsageError
from atlas.export import geo, tables, workbook
from atlas.i18n import _
from atlas.web import downloads, quality, why, zones
from atlas.web.desk import Scene
from atlas.web.indicators import INDICATORS
from atlas.web.paint import ask

MIMETYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
}
WRITERS = {"xlsx": workbook.to_xlsx, "csv": tables.to_csv, "geojson": geo.to_geojson}


def content(scene: Scene, name: str, kind: str) -> tuple[bytes, str]:
    """Bytes of a file, and its name without extension.

    Raises
    ------
    UsageError
        No such file, no such format, nothing published yet, or a filter that cannot be read.
    """
    if scene.problem:
        raise scene.problem
    file = downloads.FILES.get(name)
    if file is None or kind not in file.formats or scene.data is None:
        raise UsageError(
            _("Fichier « {name} » inconnu", name=f"{name}.{kind}"),
            "",
            _("Fichiers : {names}.", names=", ".join(downloads.FILES)),
        )
    answer = _answer(scene, name)
    day = scene.data.as_of.isoformat() if scene.data.as_of else ""
    stem = "-".join(part for part in ("atlas-mali", name, answer.frame, answer.level, day) if part)
    return WRITERS[kind](answer), stem


def _answer(scene: Scene, name: str) -> Any:
    assert scene.data is not None
    view = scene.view
    if name == "carte":
        return ask(scene, INDICATORS[view.indicator].layer)
    if name == "zones":
        return replace(ask(scene, "presence"), table=zones.zone_table(scene))
    if name == "activites":
        return scene.data.activities(view.filters, view.frame, view.level, scene.viewer)
    if name == "doublons":
        return ask(scene, "duplicates")
    if name == "pourquoi":
        return why.behind(scene)
    if name == "acces":
        return ask(scene, "access")
    return replace(ask(scene, "presence"), layer="quality", table=quality.quality_table(scene))
