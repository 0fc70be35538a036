"""What may be told to whom: decided before anything is computed, and again of what goes out.

The public sees who does what by région and cercle; partners see communes and the access
constraints of cercles; editors see all. Which column is open to whom is declared once
(`atlas.fields`): what nobody declared is for editors alone.

Two kinds of activity are told less finely to everyone but editors: protection (and whatever
speaks of violence against persons, `atlas.vocab.keywords`) is never placed below its cercle,
and a distribution of cash, food, vouchers or goods that is not over is never placed
below its région, nor dated. To the public they are told in areas of one découpage, and their
people in steps (`tables_for_public`). Their own words, and the names of the documents that tell
of them, name places and days: a title of ours stands in for them (sector, région, organisation).

A distribution is over once its last day lies before the date of the newest document, not the
day someone asks: what a snapshot tells never changes by waiting; or once a newer list says that
it is done, or that it reached all whom it aims at. One still to come when its
document was written is marked then (`atlas.ingest.normalising`). Without an end it stays reserved
for a year after its start, unless nobody says that it goes on: a day is then one day; without
any date, until then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from atlas.corrections.relations import leaders_by_record, verdicts_of
from atlas.errors import ForbiddenError
from atlas.fields import STATED, TABLES, Field, field_of
from atlas.geo.shapes import DRAWN_KINDS
from atlas.geo.told_areas import told_areas
from atlas.i18n import _
from atlas.labels import capitalised, label
from atlas.layers import LAYERS
from atlas.layers.headcount import titles_and_months
from atlas.layers.prepare import LEVELS
from atlas.model import (
    OF_ACTIVITIES,
    OVER,
    RESERVED,
    SEVERAL,
    Kind,
    Level,
    Sensitivity,
    Tables,
    Viewer,
    digest,
)
from atlas.vocab import vocabulary_table
from atlas.vocab.keywords import (
    HANDED_OUT,
    IN_WORDS,
    OF_ABUSE,
    OF_NETWORKS,
    OF_OTHERS,
    OPEN_ENDED,
    STEMS,
    infer_sector,
    is_distribution,
    speaks_of_abuse,
)

if TYPE_CHECKING:
    from atlas.geo.frames import Frames

PROTECTION = r"^protection"
FREE_TEXTS = ("title", "description", *(one.name for one in STATED), "result", "remarks")
"""Columns of the words of an activity."""
PEOPLE_STEP = 20
"""People of what is reserved are told to the public to the nearest of these."""
UNDER_WAY = ("planned", "ongoing")
DASH = " — "
MOST_REGIONS = 3
"""Régions named in the title that stands in for another; more are counted."""


def finest_level(viewer: Viewer, layer: str = "presence") -> Level:
    """The finest level a viewer may ask a layer for."""
    return LAYERS[layer].finest[viewer]


def inner_level(level: str, viewer: Viewer) -> Level:
    """The next finer level than one, as far as a viewer may see."""
    levels = list(Level)
    finer = levels[min(levels.index(Level(level)) + 1, len(levels) - 1)]
    return min(finer, finest_level(viewer), key=levels.index)


def check_level_allowed(viewer: Viewer, level: Level, layer: str = "presence") -> None:
    """Let a question pass, or say why not.

    Raises
    ------
    ForbiddenError
        The level is finer than the viewer may see.
    """
    finest = finest_level(viewer, layer)
    if LEVELS.index(level) > LEVELS.index(finest):
        raise ForbiddenError(
            _("Le détail par {level} n'est pas ouvert à tous", level=label("level", level)),
            _(
                "pour la protection des personnes, il s'arrête ici à : {level}",
                level=label("level", finest),
            ),
            _("Demandez le niveau {level}, ou un compte autorisé.", level=finest.value),
        )


def check_cell_allowed(viewer: Viewer, layer: str) -> None:
    """Let the list behind a figure of a layer be opened, or say why not.

    Raises
    ------
    ForbiddenError
        The list would name what `without_withheld` empties of that layer.
    """
    if not viewer.reaches(LAYERS[layer].lists_visible_to):
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
    return {**said, **(LAYERS[layer].without_access if _without_access(level, viewer) else {})}


def _without_access(level: Level, viewer: Viewer) -> bool:
    return LEVELS.index(level) > LEVELS.index(finest_level(viewer, "access"))


def without_withheld(table: pl.DataFrame, where: str, level: Level, viewer: Viewer) -> pl.DataFrame:
    """An answer with every column emptied that the viewer may not read at this level.

    A column that `atlas.fields` does not declare of this answer is empty to all but editors.

    Parameters
    ----------
    where
        The layer, or what else the answer is called (``activities``, ``findings``…).
    """
    if viewer is Viewer.EDITOR:
        return table
    if where in LAYERS and not viewer.reaches(LAYERS[where].visible_to):
        return table.clear()
    return table.with_columns(
        pl.lit(None, dtype).alias(name)
        for name, dtype in table.schema.items()
        if not _is_readable(field_of(where, name), level, viewer)
    )


def _is_readable(field: Field | None, level: Level, viewer: Viewer) -> bool:
    if field is None or not field.open_to(viewer):
        return False
    return not (field.of_access and _without_access(level, viewer))


# what is reserved


def reserved_distributions(activities: pl.DataFrame, as_of: date | None) -> pl.Series:
    """Ids of what hands something out and is not over by the newest document's date.

    Those marked at ingest were not over then; the others are known by their words.
    """
    last = pl.coalesce("end", pl.col("start") + OPEN_ENDED)
    over = (last < pl.lit(as_of, dtype=pl.Date)).fill_null(False)
    ahead = activities.filter(~over)
    marked = ahead.filter(sensitivity=Sensitivity.COMING.value)["activity_id"]
    one_day = pl.col("end").is_null() & (pl.col("status") == "unknown")
    passed = one_day & (pl.col("start") < pl.lit(as_of, dtype=pl.Date)).fill_null(False)
    held_back = pl.when(last.is_null()).then(pl.col("status").is_in(UNDER_WAY)).otherwise(~passed)
    served = (pl.col("reached") >= pl.col("target")).fill_null(False)
    going_on = ahead.filter(
        pl.col("kind").is_in([Kind.ACTIVITY.value, Kind.PRESENCE.value]),
        held_back & ~served & ~pl.col("status").is_in(OVER),
    )
    words = pl.concat_str(FREE_TEXTS, separator=" ", ignore_nulls=True)
    spoken = going_on.select("activity_id", words.alias("words"))
    likely = spoken.filter(pl.col("words").str.contains(HANDED_OUT))  # few: the rest is costly
    sure = pl.col("words").str.replace_all(OF_NETWORKS, " ").str.contains(HANDED_OUT)
    return marked.append(likely.filter(sure)["activity_id"]).unique()


def _is_protection(tables: Tables) -> pl.Series:
    """Whether each activity is one of protection: by mark, by a sector it names, or by words.

    Words of violence against persons tell it whatever the sector; the word "protection" only
    where that is none or several.
    """
    sector = pl.col("sector")
    several = tables.sectors.filter(sector.str.contains(PROTECTION))["activity_id"].implode()
    named = (
        (pl.col("sensitivity") == Sensitivity.PROTECTION.value)
        | sector.str.contains(PROTECTION)
        | pl.col("activity_id").is_in(several)
    )
    told = ["sector_raw", *FREE_TEXTS]
    spoken = tables.activities.select(
        named.fill_null(False).alias("named"),
        (sector.is_null() | (sector == SEVERAL)).alias("unsure"),
        pl.concat_str(told, separator=" ", ignore_nulls=True).alias("words"),
    ).with_row_index("n")
    words = pl.col("words")
    small = words.str.to_lowercase()
    hinted = small.str.contains_any([*STEMS]) | (
        pl.col("unsure") & small.str.contains("protection", literal=True)
    )
    likely = spoken.filter(~pl.col("named"), hinted)  # few: the rest is costly
    meant = words.str.replace_all(OF_OTHERS, " ").str.contains(IN_WORDS)
    found = likely.filter((pl.col("unsure") & meant) | words.str.contains(OF_ABUSE))
    return spoken.select(
        (pl.col("named") | pl.col("n").is_in(found["n"].implode())).alias("protection")
    )["protection"]


def activity_reservations(
    tables: Tables, as_of: date | None, later: pl.DataFrame | None = None
) -> pl.DataFrame:
    """What is reserved of each activity, in the order of their table.

    Parameters
    ----------
    later
        The same of a later state: what that reserves, an earlier state does not tell either.

    Returns
    -------
    polars.DataFrame
        ``activity_id, handed_out`` (a distribution that is not over)``, held`` (its words are
        for editors)``, finest`` (index in `LEVELS` of the finest level that may be told).
    """
    handed_out, protection = pl.col("handed_out"), pl.col("protection")
    ids = reserved_distributions(tables.activities, as_of).implode()
    marks = tables.activities.select(
        "activity_id",
        pl.col("activity_id").is_in(ids).alias("handed_out"),
        _is_protection(tables),
    )
    marks = _of_groups(marks, tables.verdicts)
    if later is not None:
        also = later.select("activity_id", also="handed_out", held="held")
        marks = marks.join(also, on="activity_id", how="left", maintain_order="left").with_columns(
            handed_out | pl.col("also").fill_null(False),
            protection | pl.col("held").fill_null(False),
        )
    finest = (
        pl.when(handed_out)
        .then(LEVELS.index(Level.REGION))
        .when(protection)
        .then(LEVELS.index(Level.CERCLE))
        .otherwise(LEVELS.index(Level.COMMUNE))
        .cast(pl.UInt8)
    )
    held = (handed_out | protection).alias("held")
    return marks.select("activity_id", "handed_out", held, finest.alias("finest"))


def _of_groups(marks: pl.DataFrame, verdicts: pl.DataFrame) -> pl.DataFrame:
    """Marks of records that people called the same: what one withholds, another does not tell.

    Protection holds for all of them; whether a distribution is over is for their leader to say.
    """
    behind = leaders_by_record(verdicts_of(verdicts))
    if not behind:
        return marks
    own = pl.col("activity_id")
    grouped = marks.with_columns(own.replace(behind).alias("_lead"))
    led = pl.col("handed_out").filter(own == pl.col("_lead")).any().over("_lead")
    return grouped.with_columns(
        pl.col("handed_out") | led, pl.col("protection").any().over("_lead")
    ).drop("_lead")


# what the public may know of what is reserved


def rounded_people(people: str) -> pl.Expr:
    """People to the nearest `PEOPLE_STEP`; few of them are not told, and nought is no figure."""
    nearest = (pl.col(people) / PEOPLE_STEP + 0.5).floor() * PEOPLE_STEP
    return pl.when(nearest > 0).then(nearest).alias(people)


def reserved_in_words() -> str:
    """What the public must be told of figures in which something is reserved."""
    return _(
        "Protection et distributions à venir ou en cours : dites dans les cercles et régions de "
        "2012, ou sans lieu ; leurs personnes à {step} près, sans les plus petits nombres.",
        step=PEOPLE_STEP,
    )


def tables_for_public(tables: Tables, marks: pl.DataFrame, frames: Frames) -> Tables:
    """The tables with what is reserved as coarse as the public may know it, and no finer.

    All that the public is told is computed of these: whatever it asks for, in whatever découpage,
    level, filter, day or state, its answers are the same for all places of an area and all
    people of a step, and so together tell no more than these tables do. Money stays: it is told
    of the area.

    Parameters
    ----------
    marks
        Of `activity_reservations`.
    """
    held = marks.filter("held")["activity_id"].implode()
    handed_out = marks.filter("handed_out")["activity_id"].implode()
    of_held, of_handed_out = (
        pl.col("activity_id").is_in(held),
        pl.col("activity_id").is_in(handed_out),
    )
    nothing = [
        pl.when(~of_held).then(name).alias(name)
        for name in ("description", "sector_raw", "remarks", "modality")
    ]
    days = [pl.when(~of_handed_out).then(name).alias(name) for name in ("start", "end")]
    people = [
        pl.when(of_held).then(rounded_people(name)).otherwise(name).alias(name)
        for name in ("target", "reached")
    ]
    behind = _documents_of(tables, _held_activities(tables, marks))["document"].implode()
    return replace(
        tables,
        activities=tables.activities.with_columns(
            *nothing,
            *days,
            *people,
            pl.when(of_held).then(_title_keys(tables.activities)).otherwise("title").alias("title"),
        ),
        placements=_in_told_areas(tables.placements, marks, frames).with_columns(
            pl.when(~of_held).then(name).alias(name) for name in ("raw", "lon", "lat", "weight")
        ),
        amounts=_in_told_areas(tables.amounts, marks, frames),
        figures=tables.figures.filter(~of_held),
        control_totals=tables.control_totals.filter(~pl.col("document").is_in(behind)),
    )


def _title_keys(activities: pl.DataFrame) -> pl.Series:
    """What stands for titles where like ones are looked for: no word of them but months."""
    titles, months = titles_and_months(activities["title"])
    letters = str.maketrans("0123456789", "ghijklmnop")  # a number would tell like works apart
    keys = [one and digest(one).translate(letters) for one in titles]
    return pl.Series("title", keys, dtype=pl.String) + " " + months


def _in_told_areas(rows: pl.DataFrame, marks: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """Rows with ``activity_id`` and ``unit_id``, what is reserved in the area it is told in."""
    finest = marks.filter("held").select("activity_id", "finest")
    areas = [
        (unit, LEVELS.index(level), area)
        for level in (Level.REGION, Level.CERCLE)
        for unit, area in told_areas(frames, level).items()
    ]
    told = pl.DataFrame(areas, schema=["unit_id", "finest", "_area"], orient="row").cast(
        {"finest": finest.schema["finest"]}
    )
    return (
        rows.join(finest, on="activity_id", how="left", maintain_order="left")
        .join(told, on=["unit_id", "finest"], how="left", maintain_order="left")
        .with_columns(pl.coalesce("_area", "unit_id").alias("unit_id"))
        .select(rows.columns)
    )


# the tables as told


def tables_for_viewer(
    tables: Tables, marks: pl.DataFrame, frames: Frames, viewer: Viewer
) -> Tables:
    """The tables as this viewer may read them: every layer is computed of these.

    Parameters
    ----------
    marks
        Of `activity_reservations`.
    """
    if viewer is Viewer.EDITOR:
        return tables
    held = _held_activities(tables, marks)
    behind = _documents_of(tables, held)
    handed_out = marks.filter("handed_out")["activity_id"].implode()
    of_held = pl.col("activity_id").is_in(held["activity_id"].implode())
    marked = {
        "documents": _named_anew(tables.documents, behind),
        "activities": tables.activities.with_columns(
            marks["held"].alias("_held"), marks["handed_out"].alias("_days")
        )
        .join(
            neutral_titles(tables, held, frames),
            on="activity_id",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.col("_neutral").fill_null("")),
        **{
            name: getattr(tables, name).with_columns(_days=pl.col("activity_id").is_in(handed_out))
            for name in OF_ACTIVITIES
            if any(one.day for one in TABLES[name])
        },
        # who they are, group by group, may tell the few that a reserved activity is of
        "figures": tables.figures.filter(~of_held),
        "rows": tables.rows.with_columns(_held=of_held),
        "findings": _open_findings(tables, held),
        "control_totals": tables.control_totals.with_columns(
            _held=pl.col("document").is_in(behind["document"].implode()),
            _neutral=pl.lit(_("Total publié")),
        ),
        "context": _reserved_facts(tables.context, frames, viewer),
    }
    return Tables(
        **{
            name: _table_for_viewer(name, frame, marked.get(name, frame), viewer)
            for name, frame in tables.items()
        }
    )


def _table_for_viewer(
    name: str, frame: pl.DataFrame, marked: pl.DataFrame, viewer: Viewer
) -> pl.DataFrame:
    """A table with what its fields withhold emptied, or a neutral text in its place.

    ``marked`` is the table with ``_held`` (its words are for editors), ``_days`` (so are its
    days) and ``_neutral``, each where there is any.
    """
    missing = {"_held": pl.lit(False), "_days": pl.lit(False), "_neutral": pl.lit(None, pl.String)}
    full = marked.with_columns(
        value.alias(column) for column, value in missing.items() if column not in marked.columns
    )
    cells = [
        cell.alias(column)
        for column, dtype in frame.schema.items()
        if (cell := _column_for_viewer(field_of(name, column), column, dtype, viewer)) is not None
    ]
    return full.with_columns(cells).select(frame.columns)


def _column_for_viewer(
    field: Field | None, column: str, dtype: pl.DataType, viewer: Viewer
) -> pl.Expr | None:
    """What a column is told as; ``None``: as it is."""
    nothing = pl.lit(None, dtype)
    if field is None:
        return nothing
    instead = pl.col("_neutral").cast(dtype) if field.neutral else nothing
    if not field.open_to(viewer):
        return instead
    if not (field.words or field.day):
        return None
    reserved = pl.col("_held" if field.words else "_days").fill_null(True)
    if field.vocabularies:
        known = [
            one for name in field.vocabularies for one in vocabulary_table(name)["id"].to_list()
        ]
        reserved = reserved & ~pl.col(column).is_in(known)
    return pl.when(reserved).then(instead).otherwise(pl.col(column))


def _held_activities(tables: Tables, marks: pl.DataFrame) -> pl.DataFrame:
    """The activities whose words are for editors, with what is reserved of each."""
    return tables.activities.join(marks, on="activity_id", maintain_order="left").filter("held")


def neutral_titles(tables: Tables, held: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """``activity_id, _neutral``: sector, régions and organisation of activities, as a title."""
    regions = _region_names(tables.placements, held, frames)
    who = pl.coalesce("lead_org", pl.col("implementers").list.first())
    what = pl.when("handed_out").then(pl.lit(_("Distribution"))).otherwise(pl.lit(_("Activité")))
    sectors = {one: label("sectors", one) for one in held["sector"].drop_nulls().unique()}
    named = held.join(regions, on="activity_id", how="left", maintain_order="left").with_columns(
        who.alias("_who"),
        pl.coalesce(pl.col("sector").replace(sectors), what).alias("_what"),
    )
    names = {one: label("organisations", one) for one in named["_who"].drop_nulls().unique()}
    parts = ["_what", "_regions", pl.col("_who").replace(names)]
    title = pl.concat_str(parts, separator=DASH, ignore_nulls=True)
    return named.select("activity_id", title.alias("_neutral"))


def _region_names(placements: pl.DataFrame, held: pl.DataFrame, frames: Frames) -> pl.DataFrame:
    """``activity_id, _regions``: names of the régions that activities lie in."""
    ids = held.select("activity_id")
    places = placements.select("activity_id", "unit_id").join(ids, on="activity_id", how="semi")
    names = {unit: region_name(unit, frames) for unit in places["unit_id"].drop_nulls().unique()}
    regions = pl.col("_regions")
    return (
        places.with_columns(
            pl.col("unit_id").replace_strict(names, return_dtype=pl.String).alias("_regions")
        )
        .drop_nulls("_regions")
        .group_by("activity_id")
        .agg(regions.unique().sort())
        .with_columns(
            pl.when(regions.list.len() <= MOST_REGIONS)
            .then(regions.list.join(", "))
            .otherwise(pl.format(_("{n} régions", n="{}"), regions.list.len()))
        )
    )


def region_name(unit: str, frames: Frames) -> str | None:
    """The région a place lies in, or the whole country; nothing of a place that is not known."""
    if unit in RESERVED:
        return frames.unit_label(unit) if unit == RESERVED[0] else None
    region = frames.ancestor_at_level(unit, Level.REGION) if unit in frames else None
    return frames.unit_label(region) if region else None


def _documents_of(tables: Tables, held: pl.DataFrame) -> pl.DataFrame:
    """``document, _days``: documents that tell of these activities; whether of their days."""
    marks = held.select("activity_id", "document", _days="handed_out")
    told = tables.rows.select("activity_id", "document").join(
        marks.drop("document"), on="activity_id"
    )
    every = pl.concat([marks, told.select(marks.columns)])
    return every.group_by("document").agg(pl.col("_days").any())


def _named_anew(documents: pl.DataFrame, behind: pl.DataFrame) -> pl.DataFrame:
    """Documents, with a name of ours for those that tell of what is reserved."""
    day = pl.col("as_of").dt.strftime("%d/%m/%Y")
    name = pl.concat_str(
        pl.format(_("Document {id}", id="{}"), pl.col("document").str.head(6)),
        day,
        separator=DASH,
        ignore_nulls=True,
    )
    held = pl.col("_days").is_not_null()
    return documents.join(behind, on="document", how="left", maintain_order="left").with_columns(
        held.alias("_held"), pl.col("_days").fill_null(False), name.alias("_neutral")
    )


def _open_findings(tables: Tables, held: pl.DataFrame) -> pl.DataFrame:
    """Findings: held unless their row is one of activities that all are open.

    A finding of a rejected row, or of a document as a whole, may quote anything that the
    document says.
    """
    told = tables.rows.drop_nulls("activity_id").select("document", "locator", "activity_id")
    own = tables.activities.select("document", "locator", "activity_id")
    closed = held.select("activity_id", _held=pl.lit(True))
    every = pl.concat([told, own]).join(closed, on="activity_id", how="left")
    rows = every.group_by("document", "locator").agg(pl.col("_held").any())
    marked = tables.findings.join(
        rows, on=["document", "locator"], how="left", maintain_order="left"
    )
    return marked.with_columns(pl.col("_held").fill_null(True), _neutral=pl.lit("{}"))


def _reserved_facts(context: pl.DataFrame, frames: Frames, viewer: Viewer) -> pl.DataFrame:
    """Facts with whether their words are reserved, and what stands in for them.

    A constraint is told in its own words only where its place may be told, as a whole; a
    priority only where it is neither about protection nor about handing something out.
    """
    held, instead = [], []
    drawn = context["geometry"].fill_null("") != ""
    known = {*vocabulary_table("indicators")["id"], *vocabulary_table("access_constraints")["id"]}
    told = context.select("kind", "indicator", "unit_id", "sector", "text").with_columns(drawn)
    finest = LEVELS.index(finest_level(viewer, "access"))
    for kind, indicator, unit, sector, text, shape in told.iter_rows():
        neutral = None
        if kind in DRAWN_KINDS:
            neutral = None if indicator in known else capitalised(label("kind", kind))
            fine = unit in frames and LEVELS.index(Level(frames.unit_by_id(unit).level)) > finest
            reserved = viewer is Viewer.PUBLIC or fine or (shape and kind == "access")
        else:
            reserved = kind == "priorities" and _is_reserved(sector, text)
        if reserved and kind not in DRAWN_KINDS and text:
            parts = [
                label("sectors", sector) if sector else _("Priorité"),
                region_name(unit or "", frames),
            ]
            neutral = DASH.join(part for part in parts if part)
        held.append(bool(reserved))
        instead.append(neutral)
    return context.with_columns(
        pl.Series("_held", held, dtype=pl.Boolean), pl.Series("_neutral", instead, dtype=pl.String)
    )


def _is_reserved(sector: str | None, text: str | None) -> bool:
    """Whether a priority is about protection, or about handing something out."""
    found = infer_sector(text)
    meant = [sector] if sector else [found.id, *found.near]
    named = any(re.match(PROTECTION, one or "") for one in meant)
    return named or speaks_of_abuse(text) or is_distribution(text)


def places_for_viewer(
    units: Iterable[str | None], frames: Frames, finest: Level
) -> list[str | None]:
    """Units as finely as may be told: the unit itself, or the one of this level it lies in."""
    limit = LEVELS.index(finest)
    return [
        frames.ancestor_at_level(unit, finest)
        if unit is not None
        and unit in frames
        and LEVELS.index(Level(frames.unit_by_id(unit).level)) > limit
        else unit
        for unit in units
    ]
