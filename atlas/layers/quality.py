"""How good the reports of each organisation are, and of each document of theirs, part by part.

Each part is a share of the rows that can be judged for it; where none can be, the part is unknown,
never nought. The score is the mean of the parts that are known, and says nothing without them:
``docs/analyses.md`` tells what each judges, and what is left out.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.activity_reports import ACTIVITY_KEY, NO_LISTS, earlier_reports, report_rows
from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.formats import reporter_name
from atlas.i18n import N_, _
from atlas.labels import label
from atlas.layers.layer import Layer
from atlas.layers.prepare import Prepared
from atlas.layers.reference import DAY
from atlas.layers.reporting import Reported, due_reports, own_report_day, reports_asked
from atlas.layers.scope import Scope, scope_of
from atlas.model import CANCELLED, NATIONAL, OVER, Level, Viewer

OF_ROWS = ("complete", "placed", "dated", "with_amount", "with_people")
"""Parts that a row is judged for by itself."""
PARTS = (*OF_ROWS, "on_time", "consistent")
"""All parts, in the order they are shown."""
_CELL_SEPARATOR = "~"

COLUMNS = {
    "reporter": pl.String, "document": pl.String, "file": pl.String, "as_of": pl.Date,
    "activities": pl.Int64, "score": pl.Float64, "parts": pl.Int64,
    **dict.fromkeys(PARTS, pl.Float64),
    **{f"{count}_{part}": pl.Int64 for part in PARTS for count in ("judged", "lacking")},
}  # fmt: skip
ROW_COLUMNS = {
    "reporter": pl.String, "document": pl.String, "file": pl.String, "as_of": pl.Date,
    "in_force": pl.Boolean, "part": pl.String, "activity_id": pl.String, "title": pl.String,
    "locator": pl.String, "previous_file": pl.String, "previous_locator": pl.String,
    "before": pl.Float64, "after": pl.Float64,
}  # fmt: skip
_JUDGEMENT = {
    "reporter": pl.String(), "document": pl.String(), "a": pl.UInt32(), "part": pl.String(),
    "has": pl.Boolean(), "in_force": pl.Boolean(), "locator": pl.String(),
    "previous_document": pl.String(), "previous_locator": pl.String(),
    "before": pl.Float64(), "after": pl.Float64(),
}  # fmt: skip


def quality_scores(scope: Scope) -> pl.DataFrame:
    """Judge what each organisation reports, and each of its documents.

    Parameters
    ----------
    scope
        The question. A filter on organisations is one on who reports; the others choose
        activities, each judged in every document that told it.

    Returns
    -------
    polars.DataFrame
        One row per reporter (an organisation, or a fund; null: nobody is named) without a
        ``document``: of what is in force, of all reports due, and of its latest document that
        can be set beside the one before. Then one per document that told any activity of its,
        the newest first. ``activities`` are the rows told, ``score`` the mean of the ``parts``
        that are known; of each of `PARTS` the share of the rows ``judged_…`` for it that are not
        ``lacking_…`` it. The rows of ``on_time`` are reports that were due.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> table = Dataset.from_tables(sample_tables()).ask("quality").table
    >>> table.filter(pl.col("document").is_null(), reporter="pnud").select(
    ...     "activities", "lacking_with_amount"
    ... ).row(0)
    (36, 1)
    """
    reports, judged = _asked_reports(scope), _asked_judgements(scope)
    by_document = ["reporter", "document"]
    of_reporter = _scores(reports.filter("newest"), judged.filter("in_force"), ["reporter"])
    of_document = _scores(reports, judged.drop_nulls("document"), by_document)
    return (
        pl.concat([of_reporter, of_document], how="diagonal")
        .join(_documents(scope), on="document", how="left", maintain_order="left")
        .select(pl.col(name).cast(dtype) for name, dtype in COLUMNS.items())
        .sort(
            "reporter",
            pl.col("document").is_not_null(),
            *("as_of", "document"),
            descending=[False, False, True, False],
            nulls_last=True,
        )
    )


def _scores(reports: pl.DataFrame, judged: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The parts and the score of each reporter, or of each document of each."""
    of = {part: pl.col("part") == part for part in PARTS}
    counts = judged.group_by(by).agg(
        *(own.sum().alias(f"judged_{part}") for part, own in of.items()),
        *((own & ~pl.col("has")).sum().alias(f"lacking_{part}") for part, own in of.items()),
    )
    told = reports.group_by(by).agg(pl.len().alias("activities"))
    both = told.join(counts, on=by, how="full", coalesce=True, nulls_equal=True)
    shares = [
        pl.when(pl.col(f"judged_{part}") > 0)
        .then(1 - pl.col(f"lacking_{part}") / pl.col(f"judged_{part}"))
        .alias(part)
        for part in PARTS
    ]
    return (
        both.with_columns(pl.exclude(by).fill_null(0))
        .with_columns(shares)
        .with_columns(
            pl.mean_horizontal(*PARTS).alias("score"),
            pl.sum_horizontal(pl.col(part).is_not_null() for part in PARTS).alias("parts"),
        )
    )


def lacking_rows(scope: Scope) -> pl.DataFrame:
    """The rows behind each part: what lacks it, and where that is written.

    Returns
    -------
    polars.DataFrame
        One row per report of an activity and part that it lacks: ``reporter, document, file,
        as_of`` (the document that is judged)``, in_force`` (whether it counts in the row of the
        reporter)``, part, activity_id, title, locator`` (null: the document leaves the activity
        out)``, previous_file, previous_locator, before, after``: of ``consistent``, where the
        activity was told before, and the people reached then and now. Reports that are late or
        owed are rows of the layer ``reporting``.
    """
    lacking = _asked_judgements(scope).filter(~pl.col("has")).drop_nulls("a")
    own = scope.prepared.before_counting_once.activities
    where = pl.col("readable").fill_null(value=False)
    previous = _documents(scope).select(previous_document="document", previous_file="file")
    return (
        lacking.join(
            own.select("a", "activity_id", "title", readable=pl.col("locator").is_not_null()),
            on="a", how="left",
        )
        .join(_documents(scope), on="document", how="left")
        .join(previous, on="previous_document", how="left")
        .with_columns(pl.when(where).then(name).alias(name) for name in _LOCATORS)
        .select(pl.col(name).cast(dtype) for name, dtype in ROW_COLUMNS.items())
        .sort("reporter", "as_of", "document", "part", "locator", "activity_id", nulls_last=True)
    )  # fmt: skip


_LOCATORS = ("locator", "previous_locator")
"""Withheld of what is reserved, as the row of the activity is."""


def _documents(scope: Scope) -> pl.DataFrame:
    """The documents, named as whoever asks may read it."""
    return scope.prepared.tables.documents.select("document", "file", "as_of")


# the reports and judgements that a question is about


def _asked_reports(scope: Scope) -> pl.DataFrame:
    """What documents told, cancelled activities aside: no part is asked of these."""
    told = _of_question(scope, _entire(scope).computed_once(_reports))
    return told.filter(pl.col("status") != CANCELLED)


def _asked_judgements(scope: Scope) -> pl.DataFrame:
    of_rows = _of_question(scope, _entire(scope).computed_once(_judgements))
    return pl.concat([of_rows, _timeliness(scope)])


def _entire(scope: Scope) -> Prepared:
    """With nothing withheld: a date that may not be told is a date that was reported."""
    return scope.prepared.with_nothing_withheld.before_counting_once


def _of_question(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    asked = scope.filters
    if asked.organisation:
        rows = rows.filter(pl.col("reporter").is_in(list(asked.organisation)))
    others = asked.with_changes(organisation=())
    if others == Filters():
        return rows
    every = scope.prepared.before_counting_once
    chosen = scope_of(every, others, scope.frame, scope.level).activities["a"]
    return rows.filter(pl.col("a").is_in(chosen.implode()))


def _timeliness(scope: Scope) -> pl.DataFrame:
    """``on_time`` of every report due: of the reporter, and of the document that is the report.

    Without a due day nothing is late: such a report is not judged.
    """
    due = reports_asked(scope, due_reports(scope)).filter(
        pl.col("due").is_not_null() & (pl.col("state") != Reported.EXPECTED)
    )
    each = due.unique(["fact", "first"], maintain_order=True).select(
        "reporter", day="reported_on", has=pl.col("state") == Reported.ON_TIME
    )
    told = _entire(scope).computed_once(_reports).select("reporter", "document", day="as_of")
    of_documents = each.join(told.unique(), on=["reporter", "day"])
    found = [
        each.with_columns(in_force=pl.lit(value=True)),
        of_documents.with_columns(in_force=pl.lit(value=False)),
    ]
    return _as_judgements(
        pl.concat(found, how="diagonal").with_columns(part=pl.lit("on_time")).drop("day")
    )


def _as_judgements(rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=_JUDGEMENT), rows], how="diagonal").select(*_JUDGEMENT)


# what is judged, once per snapshot


def _reports(prepared: Prepared) -> pl.DataFrame:
    """Every report of every activity that is told still, with ``a``, ``newest`` and ``key``."""
    ids = prepared.activities.select("activity_id", "a")
    told = [
        report_rows(prepared.tables).with_columns(newest=pl.lit(value=True)),
        earlier_reports(prepared.tables).with_columns(newest=pl.lit(value=False)),
    ]
    return pl.concat(told).join(ids, on="activity_id").with_columns(key=ACTIVITY_KEY)


def _judgements(prepared: Prepared) -> pl.DataFrame:
    """``part`` and whether the row ``has`` it, of each report that can be judged for it."""
    reports = prepared.computed_once(_reports)
    counted = reports.filter(pl.col("status") != CANCELLED)
    people = pl.col("target").is_not_null() | pl.col("reached").is_not_null()
    asked = [_where_asked(part) for part in OF_ROWS]
    parts = counted.with_columns(
        complete=pl.col("sector").is_not_null() & (pl.col("status") != "unknown"),
        placed=_at_communes(prepared, counted),
        dated=pl.col("start").is_not_null() & pl.col("end").is_not_null(),
        with_amount=pl.col("currencies").is_not_null(),
        with_people=people,
    ).with_columns(asked)
    of_rows = parts.rename({"newest": "in_force"}).unpivot(
        OF_ROWS,
        index=["reporter", "document", "a", "locator", "in_force"],
        variable_name="part",
        value_name="has",
    )
    compared = pl.concat([_retold(counted, reports), _left_out(prepared, reports)], how="diagonal")
    latest = (
        compared["as_of"] == compared.select(pl.col("as_of").max().over("reporter")).to_series()
    )
    consistent = compared.with_columns(part=pl.lit("consistent"), in_force=latest).drop("as_of")
    return pl.concat([_as_judgements(of_rows), _as_judgements(consistent)]).drop_nulls("has")


def _where_asked(part: str) -> pl.Expr:
    """The part, unknown in a list of several reporters that no row of it has.

    Its columns are those of whoever drew the list up: it asks nobody for what it has no column of.
    """
    told = pl.col(part).any().over("document")
    alone = pl.col("reporter").drop_nulls().n_unique().over("document") <= 1
    return pl.when(told | alone).then(part).alias(part)


def _at_communes(prepared: Prepared, reports: pl.DataFrame) -> pl.Series:
    """Whether all the places of each report are communes; unknown of the whole country."""
    units = prepared.frames.units
    communes = units.filter(pl.col("level") == Level.COMMUNE)["unit_id"].implode()
    unit = pl.col("units")
    each = reports.select("units").with_row_index("row").explode("units")
    told = each.select(
        "row",
        fine=unit.is_in(communes).fill_null(value=False),
        everywhere=(unit == NATIONAL).fill_null(value=False),
    )
    by_row = told.group_by("row").agg(pl.col("fine").all(), pl.col("everywhere").any()).sort("row")
    return by_row.select(placed=pl.when(~pl.col("everywhere")).then("fine"))["placed"]


def _retold(counted: pl.DataFrame, reports: pl.DataFrame) -> pl.DataFrame:
    """Each report of an activity that an older document told: whether people reached did not fall.

    People whom the partner flags as new, or counted before, are of one month and may fall.
    """
    by_day = ["as_of", "document", "locator"]
    before = reports.drop_nulls("as_of").sort(by_day).select(
        "activity_id", "as_of", "reached", "flagged", previous_document="document",
        previous_locator="locator",
    )  # fmt: skip
    both = (
        counted.drop_nulls("as_of")
        .sort(by_day)
        .join_asof(
            before, on="as_of", by="activity_id", allow_exact_matches=False, suffix="_before",
            check_sortedness=False,
        )
        .drop_nulls("previous_document")
    )  # fmt: skip
    fell = (pl.col("reached") < pl.col("reached_before")).fill_null(value=False)
    monthly = pl.col("flagged") | pl.col("flagged_before")
    return both.with_columns(
        has=~(fell & ~monthly), before="reached_before", after="reached"
    ).select(
        *("reporter", "document", "as_of", "a", "locator", "has"),
        *("previous_document", "previous_locator", "before", "after"),
    )


def _left_out(prepared: Prepared, reports: pl.DataFrame) -> pl.DataFrame:
    """What the list before told and a list does not, though it had not ended.

    The list before is the newest older one of the reporter that has an activity in common with
    it, and whose period does not end before this one's begins. A row of which neither an end nor
    a status says whether it had ended is not judged.
    """
    documents = prepared.tables.documents.select(
        "document", "period_start", "period_end", listed=~pl.col("reader").is_in(list(NO_LISTS))
    )
    told = reports.join(documents, on="document").filter("listed").drop_nulls("as_of")
    lists = told.select("reporter", "document", "as_of", "period_start", "period_end", "key")
    earlier = lists.select(
        "reporter", "key", previous_document="document", previous_day="as_of", until="period_end"
    )
    follows = (pl.col("until") >= pl.col("period_start")).fill_null(value=True)
    pairs = (
        lists.join(earlier, on=["reporter", "key"], nulls_equal=True)
        .filter((pl.col("previous_day") < pl.col("as_of")) & follows)
        .sort("previous_day", "previous_document")
        .unique(["reporter", "document"], keep="last", maintain_order=True)
        .select("reporter", "document", "previous_document", day="as_of")
    )
    open_ended = pl.col("end").is_null() & pl.col("status").is_in(
        ("planned", "ongoing", "suspended")
    )
    going_on = ~pl.col("status").is_in(OVER) & ((pl.col("end") > pl.col("day")) | open_ended)
    return (
        told.drop("period_start", "period_end", "listed")
        .rename({"document": "previous_document", "locator": "previous_locator"})
        .join(pairs, on=["reporter", "previous_document"], nulls_equal=True)
        .join(lists.select("document", "key"), on=["document", "key"], how="anti")
        .filter(going_on)
        .select(
            *("reporter", "document", "a", "previous_document", "previous_locator"),
            as_of="day",
            has=pl.lit(value=False),
            before="reached",
        )
    )


# the activities behind a part


def lacking_cell(scope: Scope, _unit: str | None, cell: str | None) -> Scope:
    """The scope of the activities that lack a part (`quality_cell`), each where it lacks it.

    Without a cell: of those in force that lack any.
    """
    lacking = _asked_judgements(scope).filter(~pl.col("has")).drop_nulls("a")
    if cell:
        part, document, reporter = _cell_parts(cell)
        of_part = pl.col("part") == part, pl.col("reporter").eq_missing(pl.lit(reporter, pl.String))
        lacking = lacking.filter(*of_part)
        lacking = lacking.filter(pl.col("document") == document if document else "in_force")
    else:
        lacking = lacking.filter("in_force").unique("a", maintain_order=True)
    left_out = pl.col("locator").is_null() & pl.col("previous_document").is_not_null()
    where = lacking.select(
        "a",
        at=pl.when(left_out).then("previous_document").otherwise("document"),
        line=pl.when(left_out).then("previous_locator").otherwise("locator"),
    )
    every = scope.prepared.before_counting_once
    activities = (
        every.activities.join(where, on="a")
        .with_columns(
            document=pl.col("at"), locator=pl.when(pl.col("locator").is_not_null()).then("line")
        )
        .drop("at", "line")
    )
    return replace(scope, prepared=every, activities=activities, kept_units=None, rows=None)


def quality_cell(part: str, document: str | None, reporter: str | None) -> str:
    """The name of the rows that lack a part: of a document, or of what is in force of a reporter.

    Examples
    --------
    >>> quality_cell("dated", None, "acf")
    'dated~~acf'
    """
    return _CELL_SEPARATOR.join((part, document or "", reporter or ""))


def _cell_parts(cell: str) -> tuple[str, str, str | None]:
    part, document, reporter = [*cell.split(_CELL_SEPARATOR, 2), "", ""][:3]
    if part not in PARTS:
        raise UsageError(_("Aucune ligne « {unit} » dans cette réponse", unit=cell))
    return part, document, reporter or None


def _cell_name(cell: str, _said: object) -> str:
    part, _document, reporter = _cell_parts(cell)
    who = reporter_name(reporter) if reporter else _("organisation inconnue")
    return f"{label('part', part)} · {who}"


LAYER = Layer(
    "quality", N_("Qualité des rapports, par organisation et par document"), quality_scores,
    (DAY,), cell=lacking_cell, newest=own_report_day, visible_to=Viewer.PARTNER,
    lists_visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER, follows="reporting",
    tab="reporting", file="qualite-rapports", label=N_("Qualité des rapports"),
    value_name=_cell_name,
)  # fmt: skip
ROWS = Layer(
    "quality_rows", N_("Lignes auxquelles il manque quelque chose, par partie de la qualité"),
    lacking_rows, (DAY,), newest=own_report_day, visible_to=Viewer.PARTNER,
    lists_visible_to=Viewer.PARTNER, offered_to=Viewer.PARTNER, follows="reporting",
    tab="reporting", file="qualite-lignes", label=N_("Lignes à compléter"),
)  # fmt: skip
