"""What silence means in a zone: who reported of those who should, and which needs are past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.model import RESERVED
from atlas.web import say
from atlas.web.desk import Scene, ask

MOST_LINES = 3
"""Sectors named in what a zone says when pointed at."""


def unit_notes(scene: Scene) -> dict[str, str]:
    """What is to be known of the silence of each unit: reports that lack, needs that are past."""
    lacking = (pl.col("reporters_told") < pl.col("reporters")) & (pl.col("state") == "no_report")
    cells = ask(scene, "coverage").table.filter(
        lacking | pl.col("need_expired").is_not_null(), ~pl.col("unit_id").is_in(RESERVED)
    )
    return {
        str(unit): "\n".join(_lines(rows.to_dicts()))
        for (unit,), rows in cells.group_by("unit_id", maintain_order=True)
    }


def _lines(rows: list[dict[str, Any]]) -> list[str]:
    silent = [row for row in rows if row["reporters"] and row["state"] == "no_report"]
    lines = [
        _("{sector} : {reports}", sector=label("sector", row["sector"]), reports=reports_said(row))
        for row in silent[:MOST_LINES]
    ]
    if (left := len(silent) - MOST_LINES) > 0:
        lines.append(ngettext("et {n} autre secteur", "et {n} autres secteurs", left))
    if past := sum(row["need_expired"] is not None for row in rows):
        lines.append(ngettext("{n} besoin expiré", "{n} besoins expirés", past))
    return lines


def reports_said(row: Mapping[str, Any]) -> str:
    """How many of those who should report on a cell did, and whose report speaks of it."""
    heard, told, every = (row[name] for name in ("reporters_heard", "reporters_told", "reporters"))
    words = ngettext(
        "{shown} sur {every} a envoyé un rapport",
        "{shown} sur {every} ont envoyé un rapport",
        heard,
        shown=say.number(heard),
        every=say.number(every),
    )
    if told == heard:
        return words
    return _("{words}, dont {n} sur ce secteur", words=words, n=say.number(told))
