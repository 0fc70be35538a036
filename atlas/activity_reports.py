"""What each document reports of each activity, the telling in force and those before it.

A snapshot tells an activity once, as its newest document does. What older documents said of it is
kept beside (`earlier_reports`), so that months can be compared whatever came in which order.
"""

from __future__ import annotations

import polars as pl

from atlas.model import AGAIN, SCHEMAS, Kind, Reader, Rule, Tables

SEVERAL_SENDERS = (Reader.NGO, Reader.IATI, Reader.FORM)
"""Readers of documents that tell of many organisations; of the others the fund is the sender."""

NO_LISTS = frozenset(
    {Reader.BULLETIN, Reader.STUDY, Reader.CONTEXT, Reader.SAMPLE, Reader.EXCHANGE, Reader.FORM}
)
"""Readers of documents that do not mean to be whole. A bulletin tells what is new, a study what
was seen, an export answers a question, a form leaves out what one row cannot hold: their
silence says nothing. What any other list leaves out is gone from it."""

ACTIVITY_KEY = pl.col("activity_id").str.splitn(AGAIN, 2).struct.field("field_0")
"""What identifies an activity, without its number among the rows of one key."""


def leader_of_rows() -> pl.Expr:
    """The organisation that each activity is reported by: its lead, else its first implementer."""
    return pl.coalesce(pl.col("lead_org").replace("", None), pl.col("implementers").list.first())


def report_rows(tables: Tables) -> pl.DataFrame:
    """Each activity as the document that tells it reports it.

    Presences, plans and published sums are no reports of an activity; nor is an export of the
    atlas, which tells again what others told.

    Returns
    -------
    polars.DataFrame
        The columns of ``earlier_reports``: ``reporter`` is an organisation or a fund, null where
        nobody is named; ``units`` are places of the activity's own.

    Examples
    --------
    >>> from atlas.ingest.sample import sample_tables
    >>> report_rows(sample_tables())["reporter"].unique().sort().to_list()[:2]
    ['pbf', 'pnud']
    """
    readers = tables.documents.select("document", "reader")
    told = tables.activities.filter(pl.col("kind") == Kind.ACTIVITY).join(
        readers, on="document", how="left", maintain_order="left"
    )
    own = pl.col("reader").is_in(list(SEVERAL_SENDERS))
    return (
        told.filter(pl.col("reader").ne_missing(Reader.EXCHANGE))
        .with_columns(
            reporter=pl.when(own).then(leader_of_rows()).otherwise("source"),
            flagged=pl.col("people_flag").is_not_null(),
        )
        .join(_budgets(tables.amounts), on="activity_id", how="left", maintain_order="left")
        .join(_own_units(tables.placements), on="activity_id", how="left", maintain_order="left")
        .select(pl.col(name).cast(dtype) for name, dtype in SCHEMAS["earlier_reports"].items())
    )


def earlier_reports(tables: Tables) -> pl.DataFrame:
    """What older documents said of activities that are told still; not of those withdrawn."""
    return tables.earlier_reports.join(tables.activities, on="activity_id", how="semi")


def _budgets(amounts: pl.DataFrame) -> pl.DataFrame:
    """``activity_id, currencies, budget_minor, budget_usd_minor``: null where a part is not."""
    one_currency = pl.col("currency").n_unique() == 1
    usd = pl.col("usd_minor")
    return (
        amounts.filter(pl.col("kind") == "budget")
        .group_by("activity_id")
        .agg(
            pl.col("currency").unique().sort().alias("currencies"),
            pl.when(one_currency).then(pl.col("minor").sum()).alias("budget_minor"),
            pl.when(usd.null_count() == 0).then(usd.sum()).alias("budget_usd_minor"),
        )
    )


def _own_units(placements: pl.DataFrame) -> pl.DataFrame:
    own = placements.filter(pl.col("rule") != Rule.INHERITED)
    return own.group_by("activity_id").agg(pl.col("unit_id").unique().sort().alias("units"))
