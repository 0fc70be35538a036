"""Budget of each unit: shares of amounts added up, in a currency, told by sector, donor or year.

Beside the sums in dollars an answer has ``budget, inherited`` in the currency asked for;
``budget_low, budget_high`` (`_budget_bounds`); ``committed, spent, execution`` (spent ÷ committed,
of the activities that tell both); ``population, population_year, per_head, per_head_usd`` (null
where no population is known); ``rate_from, rate_to`` (first and last day of the rates used) and,
in another currency than dollars, ``rate_low, rate_high`` (dollars per euro). Under another rule
than ``reported``: ``resplit`` (what it split), ``fallback`` (of that, in equal parts for want of a
figure for each place), ``thin`` (of that, given by area to thinly peopled land). With
``slice=overlap``: ``outside, no_period, open_period`` (one end of its period is unknown), money of
the same activities that is not in ``budget``; by year, rows of their own. Then for every currency
of the snapshot ``amount_<currency>`` and, where an amount has no rate, ``no_rate_<currency>``
(whole, whatever the period; null where no activity has an amount in any currency). What is
cancelled or suspended is in none of these, but whole, whatever the period, in columns of its own:
``cancelled, suspended`` (activities)``, cancelled_usd, suspended_usd``, in the currency asked for
``budget_cancelled, budget_suspended``, and as stated ``cancelled_amount_<currency>,
suspended_amount_<currency>`` where the snapshot has any.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import N_, _, decimal_text
from atlas.labels import label
from atlas.layers.layer import Layer
from atlas.layers.money_splits import (
    MEASURES,
    amounts_in_currency,
    population_of_units,
    split_amounts,
    time_windows,
    windowed_rows,
    yearly_shares,
)
from atlas.layers.options import Option
from atlas.layers.prepare import Prepared
from atlas.layers.scope import OPEN, OUTSIDE, UNDATED, Scope, dimension_of_activities
from atlas.model import STOPPED, Level
from atlas.shares import minor_unit_digits

APART = ("outside", "no_period", "open_period")
"""Money of the same activities that does not fall on the days asked for."""


def counted_shares(scope: Scope, kind: str) -> pl.DataFrame:
    """Every share of money that the question is about, as it is counted.

    Returns
    -------
    polars.DataFrame
        The columns of `atlas.layers.money_splits.split_amounts` and ``target``; ``dimension``
        where one is
        asked for; ``outside, no_period, open_period`` where amounts are sliced by days: what
        stands there of ``value`` is no longer in it.
    """
    by, sliced = scope.options["by"], scope.options["slice"] == "overlap"
    of = kind, scope.options["rule"], scope.options["currency"]
    if by == "year" or sliced:
        rows = scope.counted_rows(scope.prepared.computed_once(yearly_shares, *of))
        asked = scope.filters
        spans = time_windows(asked.year, asked.at, asked.since, asked.until) if sliced else None
        rows = windowed_rows(rows, spans)
        if by == "year":
            return _by_year(rows)
        rows = _set_apart(rows)
    else:
        rows = scope.counted_rows(scope.prepared.computed_once(split_amounts, *of))
    if by == "unit":
        return rows
    told = scope.prepared.computed_once(dimension_of_activities, by)["dimension"]
    return rows.with_columns(told.gather(rows["a"]))


def _by_year(rows: pl.DataFrame) -> pl.DataFrame:
    """The year of each row as its dimension; what has none, or lies outside, in its own row."""
    where = pl.col("where")
    year = (
        pl.when(where == "undated")
        .then(pl.lit(UNDATED))
        .when(where == "open")
        .then(pl.lit(OPEN))
        .when(where == "outside")
        .then(pl.lit(OUTSIDE))
        .otherwise(pl.col("year").cast(pl.String))
    )
    nothing = pl.all_horizontal((pl.col(name).fill_null(0) == 0) for name in MEASURES)
    beyond = ~where.is_in(["undated", "open"]) & nothing
    return rows.filter(~beyond).with_columns(year.alias("dimension"))


def _set_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """Money outside the period, and without one, in columns beside ``value``.

    What has no rate stays whole in ``unrated``: it is in none of them.
    """
    where, money = pl.col("where"), pl.col("value")
    return rows.with_columns(
        pl.when(money.is_null()).then(pl.col("minor")).alias("unrated"),
        pl.when(where == "outside").then(money).alias("outside"),
        pl.when(where == "undated").then(money).alias("no_period"),
        pl.when(where == "open").then(money).alias("open_period"),
        *(
            pl.when(where == "inside").then(pl.col(name)).alias(name)
            for name in ("value", "usd_minor", "minor", "pool")
        ),
    )


def currencies_of(prepared: Prepared, kind: str, asked: str) -> pl.DataFrame:
    """``currency, rateless``: those of amounts of a kind, and whether one has no rate."""
    return (
        prepared.computed_once(split_amounts, kind, "reported", asked)
        .group_by("currency")
        .agg(pl.col("value").is_null().any().alias("rateless"))
        .sort("currency")
    )


def telling_both(prepared: Prepared, currency: str) -> pl.DataFrame:
    """``a``: activities of which both what is committed and what is spent are known, and count."""
    committed, spent = (
        prepared.computed_once(split_amounts, kind, "reported", currency)
        .filter(pl.col("value").is_not_null())
        .select(pl.col("a").unique())
        for kind in ("committed", "spent")
    )
    elsewhere = prepared.activities.join(
        prepared.chains.moved_amounts, on="activity_id", how="semi"
    )
    return committed.join(spent, on="a", how="semi").join(elsewhere, on="a", how="anti")


def budget_cell(scope: Scope, unit_id: str | None, value: str | None) -> Scope:
    """The scope narrowed to a row of the layer ``budget``, under its settings.

    Parameters
    ----------
    value
        Of the dimension asked for; ``None``: all.
    """
    here = scope.narrowed_scope(unit_id, items=True)
    by = scope.options["by"]
    if value is None or by == "unit":
        return here
    if by == "year":
        of_year = (
            _rows_with_value(counted_shares(here, scope.options["kind"]), value)["a"]
            .unique()
            .implode()
        )
        return replace(here, activities=here.activities.filter(pl.col("a").is_in(of_year)))
    told = scope.prepared.computed_once(dimension_of_activities, by)["dimension"].gather(
        here.activities["a"]
    )
    return replace(here, activities=here.activities.filter(told.cast(pl.String) == value))


def _rows_with_value(rows: pl.DataFrame, value: str) -> pl.DataFrame:
    return rows.filter(pl.col("dimension").cast(pl.String) == value)


def money_of_activities(scope: Scope, value: str = "") -> pl.DataFrame:
    """What each activity of a cell adds to its figures of money, under the same settings.

    Parameters
    ----------
    value
        Of the dimension asked for; empty: all.

    Returns
    -------
    polars.DataFrame
        ``activity_id, share, share_inherited, outside, no_period, open_period`` in major units
        of the currency asked for (null where there is none), ``share_currency``, the dollars of a
        euro with their day where the amount was converted through them: ``dollars_per_euro,
        rate_date``; ``priced`` (somebody gave an amount of this kind) and, in each currency
        of which an amount has no rate, what has none: ``no_rate_<currency>``.
    """
    kind, asked = scope.options["kind"], scope.options["currency"]
    rows = counted_shares(scope, kind)
    if value and "dimension" in rows.columns:
        rows = _rows_with_value(rows, value)
    sums = [("share", pl.col("value")), ("share_inherited", pl.col("value").filter("inherited"))]
    sums += [(c, pl.col(c)) for c in APART if c in rows.columns]
    told = rows.group_by("a").agg(
        *(
            pl.when(money.count() > 0).then(major_units(money.sum(), asked)).alias(name)
            for name, money in sums
        ),
        pl.col("dollars").first().alias("dollars_per_euro"),
        pl.col("rate_day").max().alias("rate_date"),
        *_amounts_without_rate(scope.prepared, rows, kind, asked),
    )
    priced = scope.share_rows.filter(pl.col("kind") == kind)["a"].unique().implode()
    return (
        scope.activities.select("a", "activity_id")
        .join(told, on="a", how="left", maintain_order="left")
        .with_columns(
            pl.lit(asked).alias("share_currency"), pl.col("a").is_in(priced).alias("priced")
        )
        .drop("a")
    )


def _amounts_without_rate(
    prepared: Prepared, rows: pl.DataFrame, kind: str, asked: str
) -> list[pl.Expr]:
    """What no rate converts, in its own currency; null where there is nothing of it."""
    sliced = "unrated" in rows.columns
    unrated = pl.col("unrated") if sliced else pl.when(pl.col("value").is_null()).then("minor")
    sums = []
    for currency, rateless in prepared.computed_once(currencies_of, kind, asked).iter_rows():
        if rateless:
            own = unrated.filter(pl.col("currency") == currency)
            money = pl.when(own.count() > 0).then(major_units(own.sum(), currency))
            sums.append(money.alias(f"no_rate_{currency}"))
    return sums


def rates_used(scope: Scope) -> pl.DataFrame:
    """The rates behind the figures: ``currency, rate_day, rate, source, amounts``.

    ``rate`` is in units of the currency per dollar, as it was converted when it was read;
    asked in euros or francs, amounts that go through their dollars have a row ``EUR`` with
    the dollars of a euro.
    """
    asked = scope.options["currency"]
    used = counted_shares(scope, scope.options["kind"]).select("amount").unique()
    amounts = scope.prepared.tables.amounts.with_row_index("amount").select(
        "amount", "currency", "rate", "rate_date", source="rate_source"
    )
    known = used.join(amounts, on="amount").join(
        amounts_in_currency(scope.prepared, asked).with_row_index("amount"), on="amount"
    )
    through = known.filter(pl.col("dollars").is_not_null()).select(
        pl.lit("EUR").alias("currency"),
        "rate_day",
        pl.col("dollars").alias("rate"),
        pl.lit("ecb").alias("source"),
    )
    stored = known.filter(
        pl.col("currency") != "USD",
        pl.col("rate").is_not_null(),
        pl.lit(asked == "USD") | pl.col("dollars").is_not_null(),
    ).select("currency", pl.col("rate_date").alias("rate_day"), "rate", "source")
    return (
        pl.concat([stored, through])
        .group_by("currency", "rate_day", "rate", "source")
        .agg(pl.len().cast(pl.Int64).alias("amounts"))
        .sort("currency", "rate_day", "rate", "source")
    )


def major_units(minor: pl.Expr, currency: str) -> pl.Expr:
    """Major units of a whole number of minor ones: the float nearest to the exact figure."""
    digits = minor_unit_digits(currency)
    # polars divides by a constant as a product with its inverse, an ulp off; rounding mends it
    return (minor.cast(pl.Float64) / 10.0**digits).round(digits)


OPTIONS = (
    Option(
        "kind",
        "budget",
        N_("Montant"),
        choices={
            "budget": N_("Budget"),
            "committed": N_("Engagé"),
            "spent": N_("Dépensé"),
        },
    ),
    Option(
        "rule",
        "reported",
        N_("Répartition"),
        choices={
            "reported": N_("Selon les documents"),
            "equal": N_("Parts égales"),
            "population": N_("Selon la population"),
            "area": N_("Selon la superficie"),
        },
    ),
    Option(
        "currency",
        "USD",
        N_("Devise"),
        choices={"USD": N_("Dollar (USD)"), "EUR": N_("Euro (EUR)"), "XOF": N_("Franc CFA (XOF)")},
    ),
    Option(
        "by",
        "unit",
        N_("Détail"),
        choices={
            "unit": N_("Zone"),
            "sector": N_("Zone et secteur"),
            "donor": N_("Zone et bailleur"),
            "org": N_("Zone et organisation"),
            "year": N_("Zone et année"),
        },
    ),
    Option(
        "slice",
        "whole",
        N_("Période"),
        choices={
            "whole": N_("Montants entiers"),
            "overlap": N_("Part des jours de la période"),
        },
    ),
)


def budget_by_unit(scope: Scope) -> pl.DataFrame:
    """Add up the shares of the amounts placed in each unit.

    Parameters
    ----------
    scope
        The question and its settings. ``kind``: ``budget``, ``committed`` or ``spent``.
        ``rule``: how money is split where its document does not say (`atlas.layers.money_splits`).
        ``currency`` of ``budget`` and all beside it (`atlas.layers.money_splits`). ``by``: a
        further dimension of the rows (`atlas.layers.scope`); ``year`` parts each amount
        among the calendar years of its period by days. ``slice=overlap`` keeps of each amount
        the days of the period that the filters ask for.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows (by a dimension: one for each of its values
        that has activities there): ``unit_id, unit_name``, by a dimension ``dimension,
        dimension_label``; ``budget_usd, inherited_usd`` (the part placed on the perimeter of
        its document for want of a place of its own), ``activities``, ``without_amount``
        (nobody gave their amount; null by year), and what the head of this module lists.
        Money is in major units, computed from whole minor ones; ``budget_usd`` is null where
        there are activities and none has an amount in USD: unknown is not zero.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.from_tables(sample_tables())
    >>> table = dataset.ask("budget", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "budget_usd").row(0)
    ('Kidal', 254169.0)
    """
    keys = ["target"] if scope.options["by"] == "unit" else ["target", "dimension"]
    shares = counted_shares(scope, scope.options["kind"])
    measures = (
        _activity_counts(scope, shares, keys)
        .join(_money_sums(scope, shares, keys), on=keys, how="full", coalesce=True)
        .pipe(_with_stopped, scope, keys)
        .join(_budget_bounds(shares, keys), on=keys, how="left")
        .join(_execution_rates(scope, shares.select(keys)), on=keys, how="left")
        .join(
            scope.prepared.computed_once(_population_rows, scope.frame, scope.level),
            on="target",
            how="left",
        )
    )
    return _ordered_rows(scope, measures, keys)


def _activity_counts(scope: Scope, shares: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """``activities, without_amount``: those there, and those of them nobody priced."""
    known = shares.group_by(keys).agg(pl.col("a").n_unique().cast(pl.Int64).alias("known"))
    by = scope.options["by"]
    if by == "year":
        nobody = pl.lit(None, pl.Int64).alias("without_amount")
        return known.select(*keys, pl.col("known").alias("activities"), nobody)
    places = scope.item_placements
    if by != "unit":
        told = scope.prepared.computed_once(dimension_of_activities, by)["dimension"]
        places = places.with_columns(told.gather(places["a"]))
    there = places.group_by(keys).agg(pl.col("a").n_unique().cast(pl.Int64).alias("activities"))
    return there.join(known, on=keys, how="left").select(
        *keys,
        "activities",
        (pl.col("activities") - pl.col("known").fill_null(0)).alias("without_amount"),
    )


def _money_sums(scope: Scope, shares: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The sums of money, first by currency (plain sums, many rows), then across them."""
    options = scope.options
    value, usd, asked = pl.col("value"), pl.col("usd_minor"), options["currency"]
    inherited = pl.col("inherited")
    sliced = "unrated" in shares.columns
    unrated = pl.col("unrated") if sliced else pl.col("minor").filter(value.is_null())
    apart = [c for c in APART if c in shares.columns]
    flags = ["resplit", "fallback", "thin"] if options["rule"] != "reported" else []
    plain = shares.group_by(*keys, "currency").agg(
        value.count().alias("with_value"),
        usd.count().alias("with_usd"),
        value.sum().alias("budget"),
        usd.sum().alias("budget_usd"),
        pl.col("minor").sum(),
        value.filter(inherited).sum().alias("inherited"),
        usd.filter(inherited).sum().alias("inherited_usd"),
        unrated.sum().alias("rateless"),
        pl.col("rate_day").min().alias("rate_from"),
        pl.col("rate_day").max().alias("rate_to"),
        pl.col("dollars").min().alias("rate_low"),
        pl.col("dollars").max().alias("rate_high"),
        *(pl.col(name).sum() for name in apart),
        *(value.filter(pl.col(name)).sum().alias(name) for name in flags),
    )
    money = ("budget", "inherited", *apart, *flags)
    return plain.group_by(keys).agg(
        pl.col("with_value", "with_usd").sum(),
        *(major_units(pl.col(name).sum(), asked).alias(name) for name in money),
        *(
            major_units(pl.col(name).sum(), "USD").alias(name)
            for name in ("budget_usd", "inherited_usd")
        ),
        pl.col("rate_from").min(),
        pl.col("rate_to").max(),
        pl.col("rate_low").min(),
        pl.col("rate_high").max(),
        *_by_currency(scope),
    )


def _by_currency(scope: Scope) -> list[pl.Expr]:
    """Sums in each currency, and of what has no rate.

    Columns are those of the snapshot rather than of the answer, so that a filter changes
    figures and never columns.
    """
    sums = []
    of = scope.options["kind"], scope.options["currency"]
    for currency, rateless in scope.prepared.computed_once(currencies_of, *of).iter_rows():
        own = pl.col("currency") == currency
        sums.append(
            major_units(pl.col("minor").filter(own).sum(), currency).alias(f"amount_{currency}")
        )
        if rateless:
            none = pl.col("rateless").filter(own).sum()
            sums.append(major_units(none, currency).alias(f"no_rate_{currency}"))
    return sums


def _with_stopped(measures: pl.DataFrame, scope: Scope, keys: list[str]) -> pl.DataFrame:
    """The rows with what is cancelled and suspended, and those in which nothing else is."""
    if scope.set_aside.counted_activities.is_empty():
        own, asked = pl.lit(False), scope.options["currency"]
        return measures.with_columns(
            *(pl.lit(0, pl.Int64).alias(name) for name in STOPPED),
            *(
                pl.lit(None, pl.Float64).alias(part.meta.output_name())
                for name in STOPPED
                for part in _sums_of(scope, name, own, scope.options["kind"], asked)
            ),
        )
    return measures.join(_stopped_money(scope, keys), on=keys, how="full", coalesce=True)


def _stopped_money(scope: Scope, keys: list[str]) -> pl.DataFrame:
    """What is cancelled and what is suspended in each row: activities, and their money."""
    by, kind, asked = (scope.options[name] for name in ("by", "kind", "currency"))
    aside = replace(scope.set_aside, options={**scope.options, "slice": "whole"})
    status = scope.prepared.activities["status"]
    shares = counted_shares(aside, kind)
    places = shares if by == "year" else aside.item_placements
    if by not in ("unit", "year"):
        told = scope.prepared.computed_once(dimension_of_activities, by)["dimension"]
        places = places.with_columns(told.gather(places["a"]))
    of = {name: pl.col("status") == name for name in STOPPED}
    counts = [pl.col("a").filter(own).n_unique().alias(name) for name, own in of.items()]
    sums = [part for name, own in of.items() for part in _sums_of(scope, name, own, kind, asked)]
    there, money = (rows.with_columns(status.gather(rows["a"])) for rows in (places, shares))
    return (
        there.group_by(keys)
        .agg(count.cast(pl.Int64) for count in counts)
        .join(money.group_by(keys).agg(sums), on=keys, how="left")
    )


def _sums_of(scope: Scope, name: str, own: pl.Expr, kind: str, asked: str) -> list[pl.Expr]:
    """Money of what has one of the statuses of `STOPPED`: in dollars, as asked, as stated."""
    sums = []
    for column, value, currency in (
        (f"{name}_usd", "usd_minor", "USD"),
        (f"budget_{name}", "value", asked),
    ):
        money = pl.col(value).filter(own)
        known = pl.when(money.count() > 0).then(major_units(money.sum(), currency))
        sums.append(known.alias(column))
    for currency in scope.prepared.computed_once(_stopped_currencies, kind, name):
        money = pl.col("minor").filter(own & (pl.col("currency") == currency))
        sums.append(major_units(money.sum(), currency).alias(f"{name}_amount_{currency}"))
    return sums


def _stopped_currencies(prepared: Prepared, kind: str, status: str) -> tuple[str, ...]:
    """Currencies of the amounts of a kind of what has one of the statuses of `STOPPED`."""
    rows = prepared.shares.filter(pl.col("kind") == kind).select("a", "currency")
    of_status = prepared.activities["status"].gather(rows["a"]) == status
    return tuple(rows.filter(of_status)["currency"].unique().sort())


def _budget_bounds(shares: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """``lower, higher``: what to add to the budget of a row for the least and most it can be.

    Where a document leaves open how an amount divides among several units, a unit may have
    none of it or all of it; where all of them lie in one unit, that unit has it all.
    """
    loose = shares.filter(pl.col("pool").is_not_null())
    pieces = loose.group_by(*keys, "amount", "first").agg(
        pl.col("value").sum(), pl.col("pool").first(), pl.col("ways").first(), pl.len().alias("n")
    )
    value, pool, open_ = pl.col("value"), pl.col("pool"), pl.col("n") < pl.col("ways")
    least = pl.min_horizontal(pl.min_horizontal(pool, 0) - value, 0)
    most = pl.max_horizontal(pl.max_horizontal(pool, 0) - value, 0)
    return pieces.group_by(keys).agg(
        least.filter(open_).sum().alias("lower"), most.filter(open_).sum().alias("higher")
    )


def _execution_rates(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """``committed, spent, execution``: the rate is of the activities that tell both."""
    keys, asked, sums = rows.columns, scope.options["currency"], []
    if not scope.prepared.computed_once(_tells_execution):
        money = dict.fromkeys(("committed", "spent", "execution"), pl.Float64)
        return pl.DataFrame(schema={**rows.schema, **money})
    both = scope.prepared.computed_once(telling_both, scope.options["currency"])["a"].implode()
    for kind in ("committed", "spent"):
        known = pl.col("value").is_not_null()
        sums.append(
            counted_shares(scope, kind)
            .filter(known)
            .group_by(keys)
            .agg(
                major_units(pl.col("value").sum(), asked).alias(kind),
                pl.col("value").filter(pl.col("a").is_in(both)).sum().alias(f"{kind}_both"),
            )
        )
    committed, spent = sums
    rate = pl.col("spent_both") / pl.col("committed_both")
    return committed.join(spent, on=keys, how="full", coalesce=True).select(
        *keys,
        "committed",
        "spent",
        pl.when(pl.col("committed_both") != 0).then(rate).alias("execution"),
    )


def _tells_execution(prepared: Prepared) -> bool:
    return prepared.tables.amounts["kind"].is_in(["committed", "spent"]).any()


def _population_rows(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """``target, population, population_year`` of the rows of an answer."""
    known = prepared.computed_once(population_of_units).select(
        "unit_id", "population", "population_year"
    )
    units = prepared.targets_of(frame, level).units.select("unit_id").with_row_index("target")
    return units.join(known, on="unit_id", how="left").drop("unit_id")


def _ordered_rows(scope: Scope, measures: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The rows in order, unknown apart from zero, and what follows from two columns."""
    asked = scope.options["currency"]
    digits = minor_unit_digits(asked)
    rows = _with_unit_names(scope, measures) if "dimension" in keys else scope.on_units(measures)
    known, known_usd = (pl.col(c).fill_null(0) > 0 for c in ("with_value", "with_usd"))
    there = pl.col("activities").fill_null(0) > 0
    main = [n for n in ("budget", "inherited", "resplit", "fallback", "thin") if n in rows.columns]
    zeros = [n for n in rows.columns if n.startswith(("amount_", "no_rate_"))]
    apart = [n for n in APART if n in rows.columns]
    unpriced = (there & (pl.col("without_amount") == pl.col("activities"))).fill_null(False)
    rows = rows.with_columns(
        *(_or_unknown(name, known_usd, there) for name in ("budget_usd", "inherited_usd")),
        *(_or_unknown(name, known, there) for name in main),
        pl.col("activities").fill_null(0),
        pl.when(there).then(pl.col("without_amount")).otherwise(0).alias("without_amount"),
        *(pl.col(name).fill_null(0.0) for name in apart),
        *(pl.when(~unpriced).then(pl.col(name).fill_null(0.0)).alias(name) for name in zeros),
        *(pl.col(name).fill_null(0) for name in STOPPED),
        *(_unless_told(f"{n}_usd", n) for n in STOPPED),
        *(_unless_told(f"budget_{n}", n) for n in STOPPED),
        *(pl.col(n).fill_null(0.0) for n in rows.columns if "_amount_" in n),
    ).with_columns(
        *(
            (pl.col("budget") + major_units(pl.col(change).fill_null(0), asked))
            .round(digits)
            .alias(name)
            for name, change in (("budget_low", "lower"), ("budget_high", "higher"))
        ),
        (pl.col("budget") / pl.col("population")).alias("per_head"),
        (pl.col("budget_usd") / pl.col("population")).alias("per_head_usd"),
    )
    rates = () if asked == "USD" else ("rate_low", "rate_high")
    named = ("dimension", "dimension_label") if "dimension" in keys else ()
    stopped = [f"{n}_usd" for n in STOPPED] + [f"budget_{n}" for n in STOPPED]
    return rows.select(
        *("unit_id", "unit_name", *named, "budget_usd", "inherited_usd", "activities"),
        *("without_amount", "budget", "budget_low", "budget_high", *main[1:], *apart),
        *("committed", "spent", "execution", "population", "population_year", "per_head"),
        *("per_head_usd", "rate_from", "rate_to", *rates, *zeros),
        *(*STOPPED, *stopped, *(n for n in rows.columns if "_amount_" in n)),
    )


def _with_unit_names(scope: Scope, measures: pl.DataFrame) -> pl.DataFrame:
    """Rows of units × dimension, in the order of units, then of words; odd ones last."""
    by = scope.options["by"]
    told = measures.with_columns(pl.col("dimension").cast(pl.String))
    values = told["dimension"].unique().to_list()
    words = pl.DataFrame(
        {"dimension": values, "dimension_label": [label(f"by_{by}", value) for value in values]},
        schema={"dimension": pl.String, "dimension_label": pl.String},
    )
    units = scope.unit_rows.select("unit_id", "unit_name").with_row_index("target")
    return (
        told.join(words, on="dimension", how="left")
        .join(units, on="target", how="left")
        .sort("target", pl.col("dimension").str.starts_with("_"), "dimension_label", "dimension")
        .drop("target")
    )


def _or_unknown(name: str, known: pl.Expr, there: pl.Expr) -> pl.Expr:
    """Zero where nothing is reported; null where something is, with no amount known."""
    return pl.when(known).then(pl.col(name)).when(there).then(None).otherwise(0.0).alias(name)


def _unless_told(name: str, count: str) -> pl.Expr:
    """Zero where no activity is of that status; null where some are, with no amount known."""
    return pl.when(pl.col(count).fill_null(0) > 0).then(pl.col(name)).otherwise(0.0).alias(name)


def split_warnings(table: pl.DataFrame, currency: str) -> list[str]:
    """What must be said of money that a rule split, wherever the table is shown."""
    said = []
    if "thin" in table.columns and (money := _column_total(table, "thin", currency)):
        units = table.filter(pl.col("thin") > 0)["unit_name"].unique(maintain_order=True)
        said.append(
            _(
                "La superficie attribue {money} {currency} à des terres très peu peuplées "
                "({units}) : la surface n'y dit rien du nombre d'habitants.",
                money=money,
                currency=currency,
                units=", ".join(units),
            )
        )
    if "fallback" in table.columns and (money := _column_total(table, "fallback", currency)):
        said.append(
            _(
                "{money} {currency} répartis à parts égales : il manque la population ou la "
                "superficie d'au moins un des lieux.",
                money=money,
                currency=currency,
            )
        )
    return said


def _column_total(table: pl.DataFrame, column: str, currency: str) -> str:
    """Sum of a column of money as the language in force writes it; empty for none."""
    total = float(table[column].sum() or 0)
    if not total:
        return ""
    digits = minor_unit_digits(currency)
    return decimal_text(total, "#,##0" + (f".{'0' * digits}" if digits else ""))


LAYER = Layer(
    "budget", N_("Budget par unité"), budget_by_unit, OPTIONS, cell=budget_cell,
    with_columns=money_of_activities,
    warnings=lambda table, said: split_warnings(table, said.get("currency", "USD")),
    one_row_a_unit={"by": "unit"}, tab="budget", file="budget", label=N_("Budget"),
    value_name=lambda value, said: label(f"by_{said.get('by', 'unit')}", value),
)  # fmt: skip
