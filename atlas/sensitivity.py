"""What may be told to whom, decided before anything is computed.

The public sees who does what by région and cercle; partners see communes and the access
constraints of cercles; editors see all. Two kinds of activity are told less finely to
everyone but editors: protection is never placed below its cercle, and a distribution of
cash or food that is still to come is never placed below its région, nor dated.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from atlas.errors import ForbiddenError
from atlas.i18n import N_, _
from atlas.layers.prepare import LEVELS
from atlas.model import Level, Tables, Viewer

PROTECTION = r"^protection"
DISTRIBUTION = r"(?i)\bcash|distribution|vivres|voucher|coupons?\b|transferts? mon[ée]taire"

PUBLIC_BLANKS = ("locator", "remarks")
"""Columns of the grid that only those who signed in read."""

_NAMES = {
    Level.REGION: N_("région"),
    Level.CERCLE: N_("cercle"),
    Level.COMMUNE: N_("commune"),
}
_FINEST = {Viewer.PUBLIC: Level.CERCLE, Viewer.PARTNER: Level.COMMUNE, Viewer.EDITOR: Level.COMMUNE}
_FINEST_ACCESS = {**_FINEST, Viewer.PUBLIC: Level.REGION, Viewer.PARTNER: Level.CERCLE}


def finest_level(viewer: Viewer, layer: str = "") -> Level:
    """The finest level a viewer may ask a layer for."""
    return (_FINEST_ACCESS if layer == "access" else _FINEST)[viewer]


def allow(viewer: Viewer, level: Level, layer: str = "") -> None:
    """Let a question pass, or say why not.

    Raises
    ------
    ForbiddenError
        The level is finer than the viewer may see.
    """
    finest = finest_level(viewer, layer)
    if LEVELS.index(level) > LEVELS.index(finest):
        raise ForbiddenError(
            _("Le détail par {level} n'est pas ouvert à tous", level=_(_NAMES[level])),
            _(
                "pour la protection des personnes, il s'arrête ici à : {level}",
                level=_(_NAMES[finest]),
            ),
            _("Demandez le niveau {level}, ou un compte autorisé.", level=finest.value),
        )


def blank(table: pl.DataFrame, layer: str, level: Level, viewer: Viewer) -> pl.DataFrame:
    """Empty the columns of a layer that the viewer may not read at this level.

    Security zones and the wording of constraints are for partners; the severity of access
    follows the levels of the layer ``access`` wherever it is shown.
    """
    hidden: list[str] = []
    if layer == "access" and viewer is Viewer.PUBLIC:
        hidden = ["constraints", "security_zone"]
    if layer == "coverage" and LEVELS.index(level) > LEVELS.index(finest_level(viewer, "access")):
        hidden = ["access"]
    return table.with_columns(pl.lit(None, table.schema[c]).alias(c) for c in hidden)


def coming_distributions(as_of: date | None) -> pl.Expr:
    """Activities that hand out cash or food on a day after the newest document."""
    words = pl.concat_str(["title", "description", "modality"], separator=" ", ignore_nulls=True)
    coming = pl.col("start") > pl.lit(as_of, dtype=pl.Date)
    return (coming & words.str.contains(DISTRIBUTION)).fill_null(False)


def withhold(tables: Tables, as_of: date | None) -> tuple[Tables, pl.Series]:
    """The tables as told to anyone but editors, and how finely each activity may be placed.

    Returns
    -------
    Tables
        The same, without the dates of distributions to come.
    polars.Series
        For each activity, the index in `LEVELS` of the finest level that may be told.
    """
    protection = pl.col("sector").str.contains(PROTECTION).fill_null(False)
    marked = tables.activities.with_columns(
        coming_distributions(as_of).alias("_coming"), protection.alias("_protection")
    )
    finest = marked.select(
        pl.when("_coming")
        .then(LEVELS.index(Level.REGION))
        .when("_protection")
        .then(LEVELS.index(Level.CERCLE))
        .otherwise(LEVELS.index(Level.COMMUNE))
        .cast(pl.UInt8)
        .alias("finest")
    ).to_series()
    undated = [
        pl.when("_coming").then(None).otherwise(pl.col(c)).alias(c) for c in ("start", "end")
    ]
    activities = marked.with_columns(undated).select(tables.activities.columns)
    periods = [
        pl.when(pl.col("activity_id").is_in(marked.filter("_coming")["activity_id"].implode()))
        .then(None)
        .otherwise(pl.col(c))
        .alias(c)
        for c in ("period_start", "period_end")
    ]
    parts = dict(tables.items())
    parts |= {"activities": activities, "amounts": tables.amounts.with_columns(periods)}
    return Tables(**parts), finest
