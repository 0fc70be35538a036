"""What may be told to whom, decided before anything is computed.

The public sees who does what by région and cercle; partners see communes and the access
constraints of cercles; editors see all. Two kinds of activity, marked when they were read
(`atlas.ingest.marking`), are told less finely to everyone but editors: protection is never
placed below its cercle, and a distribution of cash, food or vouchers that was still to come
when it was told is never placed below its région, nor dated, nor told in its own words.

A coming distribution stays reserved until its last day lies before the date of the newest
document, not the day someone asks: what a snapshot tells never changes by waiting. Without
an end it stays reserved for `OPEN_ENDED` after its start; without any date, until a newer
list tells the same activity again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import polars as pl

from atlas.errors import ForbiddenError
from atlas.i18n import N_, _
from atlas.layers.prepare import LEVELS
from atlas.model import Kind, Level, Sensitivity, Tables, Viewer
from atlas.vocab.distributions import HANDED_OUT, OF_NETWORKS

PROTECTION = r"^protection"
OPEN_ENDED = timedelta(days=365)
"""How long after its start a distribution without an end stays reserved."""
COMING_TITLE = N_("Distribution à venir")
"""What stands for the title of one that is reserved: titles name places and days."""
_OWN_WORDS = ("description", "result", "remarks", "locator")

PUBLIC_BLANKS = ("locator", "remarks", "no_go")
"""Columns of the grid that only those who signed in read."""

OF_ACCESS = ("access", "access_facts", "services")
"""Layers that tell of access: by région to the public, by cercle to partners."""

PARTNER_ACCESS = (
    "constraint_types",
    "constraints",
    "services",
    "security_zone",
    "no_go",
    "activities_in_no_go",
    "activities_partly_in_no_go",
)
"""Columns of the layer ``access`` that only those who signed in read."""

COVERAGE_ACCESS = ("access", "access_mean", "access_score", "class", "parts")
"""Columns of the coverage that tell, or give away, the severity of access."""

_NAMES = {
    Level.REGION: N_("région"),
    Level.CERCLE: N_("cercle"),
    Level.COMMUNE: N_("commune"),
}
_FINEST = {Viewer.PUBLIC: Level.CERCLE, Viewer.PARTNER: Level.COMMUNE, Viewer.EDITOR: Level.COMMUNE}
_FINEST_ACCESS = {**_FINEST, Viewer.PUBLIC: Level.REGION, Viewer.PARTNER: Level.CERCLE}


def finest_level(viewer: Viewer, layer: str = "") -> Level:
    """The finest level a viewer may ask a layer for."""
    return (_FINEST_ACCESS if layer in OF_ACCESS else _FINEST)[viewer]


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


def allow_cell(viewer: Viewer, layer: str) -> None:
    """Let the list behind a figure of a layer be opened, or say why not.

    Raises
    ------
    ForbiddenError
        The list would name what `blank` withholds of that layer.
    """
    if viewer is Viewer.PUBLIC and layer in ("reporting", "priorities"):
        raise ForbiddenError(
            _("La liste derrière ce chiffre n'est pas ouverte à tous"),
            "",
            _("Demandez un compte autorisé."),
        )


def allowed_settings(
    said: Mapping[str, str], layer: str, level: Level, viewer: Viewer
) -> dict[str, str]:
    """The settings of a layer as this viewer may use them.

    Where the severity of access is withheld, it has no part in the score of coverage either:
    what is shown must not give it away.
    """
    if layer == "coverage" and _without_access(level, viewer):
        return {**said, "access-weight": "0"}
    return dict(said)


def _without_access(level: Level, viewer: Viewer) -> bool:
    return LEVELS.index(level) > LEVELS.index(finest_level(viewer, "access"))


def blank(table: pl.DataFrame, layer: str, level: Level, viewer: Viewer) -> pl.DataFrame:
    """Empty the columns of a layer that the viewer may not read at this level.

    Security zones, the wording of constraints and the names of those who owe a report are
    for partners; the severity of access follows the levels of the layer ``access`` wherever
    it is shown.
    """
    hidden: list[str] = []
    if layer in ("access_facts", "services") and viewer is Viewer.PUBLIC:
        return table.clear()
    if layer == "access" and viewer is Viewer.PUBLIC:
        hidden = list(PARTNER_ACCESS)
    if layer == "reporting" and viewer is Viewer.PUBLIC:
        hidden = ["reporter", "place_id"]
    if layer == "priorities" and viewer is Viewer.PUBLIC:
        hidden = ["place_id"]
    if layer == "coverage" and _without_access(level, viewer):
        hidden = list(COVERAGE_ACCESS)
    return table.with_columns(pl.lit(None, table.schema[c]).alias(c) for c in hidden)


def coming_distributions(as_of: date | None) -> pl.Expr:
    """Activities marked as distributions to come, and not over by the newest document's date.

    Those of snapshots made before there was a mark are judged here, by the same words.
    """
    newest = pl.lit(as_of, dtype=pl.Date)
    words = pl.concat_str(["title", "description", "modality"], separator=" ", ignore_nulls=True)
    handed_out = words.str.replace_all(OF_NETWORKS, " ").str.contains(HANDED_OUT)
    done_by_someone = pl.col("kind").is_in([Kind.ACTIVITY.value, Kind.PRESENCE.value])
    ahead = handed_out & done_by_someone & (pl.col("start") > newest)
    unmarked = pl.col("sensitivity").is_null() & ahead
    over = pl.coalesce("end", pl.col("start") + OPEN_ENDED) < newest
    marked = (pl.col("sensitivity") == Sensitivity.COMING.value) & ~over.fill_null(False)
    return unmarked.fill_null(False) | marked.fill_null(False)


def _protection() -> pl.Expr:
    marked = pl.col("sensitivity") == Sensitivity.PROTECTION.value
    return (marked | pl.col("sector").str.contains(PROTECTION)).fill_null(False)


def reserved_rows(tables: Tables, as_of: date | None) -> pl.DataFrame:
    """``document, locator`` of the rows that tell a coming distribution."""
    coming = tables.activities.filter(coming_distributions(as_of))
    own = coming.select("document", "locator")
    ids = coming["activity_id"].implode()
    told = tables.rows.filter(pl.col("activity_id").is_in(ids)).select("document", "locator")
    return pl.concat([own, told]).unique()


def withhold(tables: Tables, as_of: date | None) -> tuple[Tables, pl.Series]:
    """The tables as told to anyone but editors, and how finely each activity may be placed.

    Returns
    -------
    Tables
        The same, without the dates and the words of distributions to come.
    polars.Series
        For each activity, the index in `LEVELS` of the finest level that may be told.
    """
    marked = tables.activities.with_columns(
        coming_distributions(as_of).alias("_coming"), _protection().alias("_protection")
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
    blanked = [
        pl.when("_coming").then(None).otherwise(pl.col(c)).alias(c)
        for c in ("start", "end", *_OWN_WORDS)
    ]
    title = pl.when("_coming").then(pl.lit(_(COMING_TITLE))).otherwise(pl.col("title"))
    activities = marked.with_columns(*blanked, title.alias("title")).select(
        tables.activities.columns
    )
    periods = [
        pl.when(pl.col("activity_id").is_in(marked.filter("_coming")["activity_id"].implode()))
        .then(None)
        .otherwise(pl.col(c))
        .alias(c)
        for c in ("period_start", "period_end")
    ]
    amounts = tables.amounts.with_columns(periods)
    return replace(tables, activities=activities, amounts=amounts), finest


def told_findings(tables: Tables, as_of: date | None, viewer: Viewer) -> pl.DataFrame:
    """The findings with ``file``, without what this viewer may not be told of their rows."""
    files = tables.documents.select("document", "file")
    table = tables.findings.join(files, on="document", how="left", maintain_order="left")
    if viewer is Viewer.EDITOR:
        return table
    rows = reserved_rows(tables, as_of).with_columns(_held=pl.lit(True))
    held = pl.lit(True) if viewer is Viewer.PUBLIC else pl.col("_held").fill_null(False)
    blanked = [pl.when(held).then(None).otherwise(pl.col(c)).alias(c) for c in ("locator", "field")]
    params = pl.when(held).then(pl.lit("{}")).otherwise(pl.col("params")).alias("params")
    marked = table.join(rows, on=["document", "locator"], how="left", maintain_order="left")
    return marked.with_columns(*blanked, params).drop("_held")
