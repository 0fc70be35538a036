"""Figures of activities that lie an order of magnitude off what the earlier months said.

Such a figure stays as it is: its sender is asked (`atlas.findings`: `outlier_of_activity`,
`outlier_of_sector`). The rule, and where it comes from, are in ``docs/analyses.md``.
"""

from __future__ import annotations

import polars as pl

from atlas.activity_reports import earlier_reports, report_rows
from atlas.i18n import N_
from atlas.model import CANCELLED, Tables
from atlas.shares import minor_unit_digits

FACTOR = 10.0
"""How many times more, or less, is an order of magnitude."""
FEWEST_PEERS = 8
"""Earlier figures of an organisation and sector below which they say nothing of the next."""
FARTHEST_SCORE = 3.5
"""Modified z-score beyond which a value is called an outlier (Iglewicz and Hoaglin, 1993)."""
FEWEST_PEOPLE = 100
"""People reached below which a tenfold rise is how an activity begins."""

FIGURES = {
    "budget": N_("Budget"),
    "target": N_("Personnes visées"),
    "reached": N_("Personnes atteintes"),
}
"""The figures that are compared, and what a finding calls them."""

_GROUP = ("reporter", "sector", "figure")


def outliers(tables: Tables) -> pl.DataFrame:
    """Figures in force that are far from what older documents said.

    Of an activity told before, its latest earlier figure is the measure; of one told for the
    first time, the figures of the same organisation and sector in older documents, if there are
    `FEWEST_PEERS`. People whom a partner flags as new, or counted before, are of one month and
    are not compared with those of another.

    Returns
    -------
    polars.DataFrame
        ``document, locator, activity_id, figure, value, currencies, budget_minor``, and of the
        activity itself ``before_value, before_currencies, before_minor, before_document,
        before_locator``, or of the others ``peers, median, low, high`` (each null where the
        other is the measure); budgets in dollars, beside what the document states.
    """
    if tables.documents["as_of"].drop_nulls().n_unique() < 2:  # nothing comes after anything
        return pl.DataFrame(schema=_SCHEMA)
    told = pl.concat(
        [
            report_rows(tables).with_columns(newest=pl.lit(value=True)),
            earlier_reports(tables).with_columns(newest=pl.lit(value=False)),
        ]
    )
    figures = _figure_rows(told)
    judged = figures.filter(pl.col("newest") & pl.col("status").ne_missing(CANCELLED))
    before = _latest_before(judged, figures)
    first_told = judged.join(before, on=["activity_id", "figure"], how="anti")
    of_activity = _far_from_before(judged.join(before, on=["activity_id", "figure"]))
    found = [pl.DataFrame(schema=_SCHEMA), of_activity, _far_from_peers(first_told, figures)]
    return (
        pl.concat(found, how="diagonal")
        .select(*_SCHEMA)
        .sort("document", "locator", "activity_id", "figure")
    )


_SCHEMA = {
    **dict.fromkeys(("document", "locator", "activity_id", "figure"), pl.String()),
    "value": pl.Float64(), "currencies": pl.List(pl.String()), "budget_minor": pl.Int64(),
    "before_value": pl.Float64(), "before_currencies": pl.List(pl.String()),
    "before_minor": pl.Int64(), "before_document": pl.String(), "before_locator": pl.String(),
    "peers": pl.UInt32(), "median": pl.Float64(), "low": pl.Float64(), "high": pl.Float64(),
}  # fmt: skip


def figure_text(
    figure: str, value: float, currencies: list[str] | None = None, minor: int | None = None
) -> str:
    """A figure with its thousands apart, so that its zeros can be counted.

    Parameters
    ----------
    currencies, minor
        Of a budget, as its document states it; else it is told in dollars.

    Examples
    --------
    >>> figure_text("target", 1200.0), figure_text("budget", 1830.0, ["XOF"], 1_200_000)
    ('1\u202f200', '1\u202f200\u202f000 XOF')
    """
    currency = "USD" if figure == "budget" else ""
    if currencies and minor is not None:
        currency, value = currencies[0], minor / 10 ** minor_unit_digits(currencies[0])
    return f"{value:,.0f} {currency}".replace(",", "\u202f").strip()


def _figure_rows(told: pl.DataFrame) -> pl.DataFrame:
    """Each figure above zero of each report: ``figure, value`` (budgets in dollars)."""
    about = (
        *("document", "locator", "activity_id", "as_of", "reporter", "sector", "status"),
        *("newest", "flagged", "aimed", "currencies", "budget_minor"),
    )
    values = told.with_columns(aimed="target", budget=pl.col("budget_usd_minor") / 100)
    rows = values.unpivot(list(FIGURES), index=about, variable_name="figure", value_name="value")
    return rows.filter(pl.col("value") > 0)


def _latest_before(judged: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """The latest earlier figure of each activity, from a document of an earlier day."""
    days = judged.select("activity_id", "figure", day="as_of")
    return (
        figures.join(days, on=["activity_id", "figure"])
        .filter(pl.col("as_of") < pl.col("day"))
        .sort("as_of", "document", "locator")
        .unique(["activity_id", "figure"], keep="last", maintain_order=True)
        .select(
            *("activity_id", "figure"),
            before_value="value", before_currencies="currencies", before_minor="budget_minor",
            before_document="document", before_locator="locator", before_flagged="flagged",
        )
    )  # fmt: skip


def _far_from_before(both: pl.DataFrame) -> pl.DataFrame:
    times = pl.col("value") / pl.col("before_value")
    of_reached = pl.col("figure") == "reached"
    begins = (pl.col("before_value") < FEWEST_PEOPLE) | (pl.col("value") <= pl.col("aimed"))
    is_usual = of_reached & (times > 1) & begins.fill_null(value=False)
    monthly = of_reached & (pl.col("flagged") | pl.col("before_flagged"))
    far = (times >= FACTOR) | (times <= 1 / FACTOR)
    return both.filter(far & ~is_usual & ~monthly)


def _far_from_peers(first_told: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    asked = first_told.drop_nulls([*_GROUP, "as_of"])
    keys = [*_GROUP, "day"]
    others = (
        asked.select(*_GROUP, day="as_of")
        .unique()
        .join(figures.drop_nulls("as_of"), on=_GROUP)
        .filter((pl.col("as_of") < pl.col("day")) & ~_is_monthly())
        .sort("as_of", "document", "locator")
        .unique([*keys, "activity_id"], keep="last", maintain_order=True)
    )
    size = pl.col("value").log10()
    peers = others.group_by(keys).agg(
        pl.len().alias("peers"),
        pl.col("value").median().alias("median"),
        pl.col("value").min().alias("low"),
        pl.col("value").max().alias("high"),
        size.median().alias("centre"),
        (size - size.median()).abs().median().alias("spread"),
    )
    off = (size - pl.col("centre")).abs()
    outside = (pl.col("value") > pl.col("high")) | (pl.col("value") < pl.col("low"))
    low_at_first = (pl.col("figure") == "reached") & (pl.col("value") < pl.col("low"))
    return (
        asked.filter(~_is_monthly())
        .rename({"as_of": "day"})
        .join(peers, on=keys)
        .filter(pl.col("peers") >= FEWEST_PEERS, off >= 1, outside, ~low_at_first)
        .filter(0.6745 * off > FARTHEST_SCORE * pl.col("spread"))
    )


def _is_monthly() -> pl.Expr:
    return (pl.col("figure") == "reached") & pl.col("flagged")
