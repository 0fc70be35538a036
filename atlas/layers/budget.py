"""How much money stands where, to the cent: by rule, currency, period and dimension."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from atlas.i18n import N_, _, decimal
from atlas.labels import label
from atlas.layers.counting import STOPPED
from atlas.layers.dimensions import dimension
from atlas.layers.layer import Layer
from atlas.layers.options import Option
from atlas.layers.parts import APART, behind, cell, currencies, major, parts, telling_both
from atlas.layers.peopled import peopled
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.model import Level
from atlas.shares import exponent

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


def budget(scope: Scope) -> pl.DataFrame:
    """Add up the shares of the amounts placed in each unit.

    Parameters
    ----------
    scope
        The question and its settings. ``kind``: ``budget``, ``committed`` or ``spent``.
        ``rule``: how money is split where its document does not say (`atlas.layers.splits`).
        ``currency`` of ``budget`` and all beside it (`atlas.layers.currencies`). ``by``: a
        further dimension of the rows (`atlas.layers.dimensions`); ``year`` parts each amount
        among the calendar years of its period by days. ``slice=overlap`` keeps of each amount
        the days of the period that the filters ask for.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows (by a dimension: one for each of its values
        that has activities there): ``unit_id, unit_name``, by a dimension ``dimension,
        dimension_label``; ``budget_usd, inherited_usd`` (the part placed on the perimeter of
        its document for want of a place of its own), ``activities``, ``without_amount``
        (nobody gave their amount; null by year); ``budget, inherited`` in the currency asked
        for; ``budget_low, budget_high`` (`_bounds`);
        ``committed, spent, execution`` (spent ÷ committed, of the activities that tell both);
        ``population, population_year, per_head, per_head_usd`` (null where no population is
        known); ``rate_from, rate_to`` (first and last day of the rates used) and, in
        another currency than dollars, ``rate_low, rate_high`` (dollars per euro). Under another
        rule than ``reported``: ``resplit`` (what it split), ``fallback`` (of that, in equal
        parts for want of a figure for each place), ``thin`` (of that, given by area to thinly
        peopled land). With ``slice=overlap``: ``outside, no_period, open_period`` (one end
        of its period is unknown), money of the same activities that is not in ``budget``; by
        year, rows of their own. Then for every currency of the snapshot
        ``amount_<currency>`` and, where an amount has no rate, ``no_rate_<currency>`` (whole,
        whatever the period; null where no activity has an amount in any currency). What is
        cancelled or suspended is in none of these, but whole, whatever the period, in columns
        of its own: ``cancelled, suspended`` (activities)``, cancelled_usd, suspended_usd``, in
        the currency asked for ``budget_cancelled, budget_suspended``, and as stated
        ``cancelled_amount_<currency>, suspended_amount_<currency>`` where the snapshot has any.
        Money is in major units, computed from whole minor ones; ``budget_usd`` is null where
        there are activities and none has an amount in USD: unknown is not zero.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("budget", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "budget_usd").row(0)
    ('Kidal', 254169.0)
    """
    keys = ["target"] if scope.options["by"] == "unit" else ["target", "dimension"]
    shares = parts(scope, scope.options["kind"])
    measures = (
        _counted(scope, shares, keys)
        .join(_summed(scope, shares, keys), on=keys, how="full", coalesce=True)
        .pipe(_with_stopped, scope, keys)
        .join(_bounds(shares, keys), on=keys, how="left")
        .join(_execution(scope, shares.select(keys)), on=keys, how="left")
        .join(scope.prepared.once(_people, scope.frame, scope.level), on="target", how="left")
    )
    return _told(scope, measures, keys)


def _counted(scope: Scope, shares: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """``activities, without_amount``: those there, and those of them nobody priced."""
    known = shares.group_by(keys).agg(pl.col("a").n_unique().cast(pl.Int64).alias("known"))
    by = scope.options["by"]
    if by == "year":
        nobody = pl.lit(None, pl.Int64).alias("without_amount")
        return known.select(*keys, pl.col("known").alias("activities"), nobody)
    places = scope.item_placements
    if by != "unit":
        told = scope.prepared.once(dimension, by)["dimension"]
        places = places.with_columns(told.gather(places["a"]))
    there = places.group_by(keys).agg(pl.col("a").n_unique().cast(pl.Int64).alias("activities"))
    return there.join(known, on=keys, how="left").select(
        *keys,
        "activities",
        (pl.col("activities") - pl.col("known").fill_null(0)).alias("without_amount"),
    )


def _summed(scope: Scope, shares: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
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
        *(major(pl.col(name).sum(), asked).alias(name) for name in money),
        *(major(pl.col(name).sum(), "USD").alias(name) for name in ("budget_usd", "inherited_usd")),
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
    for currency, rateless in scope.prepared.once(currencies, *of).iter_rows():
        own = pl.col("currency") == currency
        sums.append(major(pl.col("minor").filter(own).sum(), currency).alias(f"amount_{currency}"))
        if rateless:
            none = pl.col("rateless").filter(own).sum()
            sums.append(major(none, currency).alias(f"no_rate_{currency}"))
    return sums


def _with_stopped(measures: pl.DataFrame, scope: Scope, keys: list[str]) -> pl.DataFrame:
    """The rows with what is cancelled and suspended, and those in which nothing else is."""
    if scope.set_aside.items.is_empty():
        own, asked = pl.lit(False), scope.options["currency"]
        return measures.with_columns(
            *(pl.lit(0, pl.Int64).alias(name) for name in STOPPED),
            *(
                pl.lit(None, pl.Float64).alias(part.meta.output_name())
                for name in STOPPED
                for part in _sums_of(scope, name, own, scope.options["kind"], asked)
            ),
        )
    return measures.join(_stopped(scope, keys), on=keys, how="full", coalesce=True)


def _stopped(scope: Scope, keys: list[str]) -> pl.DataFrame:
    """What is cancelled and what is suspended in each row: activities, and their money."""
    by, kind, asked = (scope.options[name] for name in ("by", "kind", "currency"))
    aside = replace(scope.set_aside, options={**scope.options, "slice": "whole"})
    status = scope.prepared.activities["status"]
    shares = parts(aside, kind)
    places = shares if by == "year" else aside.item_placements
    if by not in ("unit", "year"):
        told = scope.prepared.once(dimension, by)["dimension"]
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
        known = pl.when(money.count() > 0).then(major(money.sum(), currency))
        sums.append(known.alias(column))
    for currency in scope.prepared.once(_stopped_currencies, kind, name):
        money = pl.col("minor").filter(own & (pl.col("currency") == currency))
        sums.append(major(money.sum(), currency).alias(f"{name}_amount_{currency}"))
    return sums


def _stopped_currencies(prepared: Prepared, kind: str, status: str) -> tuple[str, ...]:
    """Currencies of the amounts of a kind of what has one of the statuses of `STOPPED`."""
    rows = prepared.shares.filter(pl.col("kind") == kind).select("a", "currency")
    of_status = prepared.activities["status"].gather(rows["a"]) == status
    return tuple(rows.filter(of_status)["currency"].unique().sort())


def _bounds(shares: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
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


def _execution(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """``committed, spent, execution``: the rate is of the activities that tell both."""
    keys, asked, sums = rows.columns, scope.options["currency"], []
    if not scope.prepared.once(_tells_execution):
        money = dict.fromkeys(("committed", "spent", "execution"), pl.Float64)
        return pl.DataFrame(schema={**rows.schema, **money})
    both = scope.prepared.once(telling_both, scope.options["currency"])["a"].implode()
    for kind in ("committed", "spent"):
        known = pl.col("value").is_not_null()
        sums.append(
            parts(scope, kind)
            .filter(known)
            .group_by(keys)
            .agg(
                major(pl.col("value").sum(), asked).alias(kind),
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


def _people(prepared: Prepared, frame: str, level: Level) -> pl.DataFrame:
    """``target, population, population_year`` of the rows of an answer."""
    known = prepared.once(peopled).select("unit_id", "population", "population_year")
    units = prepared.targets(frame, level).units.select("unit_id").with_row_index("target")
    return units.join(known, on="unit_id", how="left").drop("unit_id")


def _told(scope: Scope, measures: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The rows in order, unknown apart from zero, and what follows from two columns."""
    asked = scope.options["currency"]
    digits = exponent(asked)
    rows = _named(scope, measures) if "dimension" in keys else scope.on_units(measures)
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
            (pl.col("budget") + major(pl.col(change).fill_null(0), asked)).round(digits).alias(name)
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


def _named(scope: Scope, measures: pl.DataFrame) -> pl.DataFrame:
    """Rows of units × dimension, in the order of units, then of words; odd ones last."""
    by = scope.options["by"]
    told = measures.with_columns(pl.col("dimension").cast(pl.String))
    values = told["dimension"].unique().to_list()
    words = pl.DataFrame(
        {"dimension": values, "dimension_label": [label(f"by_{by}", value) for value in values]},
        schema={"dimension": pl.String, "dimension_label": pl.String},
    )
    units = scope.units.select("unit_id", "unit_name").with_row_index("target")
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


def warnings(table: pl.DataFrame, currency: str) -> list[str]:
    """What must be said of money that a rule split, wherever the table is shown."""
    said = []
    if "thin" in table.columns and (money := _total(table, "thin", currency)):
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
    if "fallback" in table.columns and (money := _total(table, "fallback", currency)):
        said.append(
            _(
                "{money} {currency} répartis à parts égales : il manque la population ou la "
                "superficie d'au moins un des lieux.",
                money=money,
                currency=currency,
            )
        )
    return said


def _total(table: pl.DataFrame, column: str, currency: str) -> str:
    """Sum of a column of money as the language in force writes it; empty for none."""
    total = float(table[column].sum() or 0)
    if not total:
        return ""
    digits = exponent(currency)
    return decimal(total, "#,##0" + (f".{'0' * digits}" if digits else ""))


LAYER = Layer(
    "budget", N_("Budget par unité"), budget, OPTIONS, cell=cell, beside=behind,
    warnings=lambda table, said: warnings(table, said.get("currency", "USD")),
    one_row_a_unit={"by": "unit"}, tab="budget", file="budget", label=N_("Budget"),
    value_name=lambda value, said: label(f"by_{said.get('by', 'unit')}", value),
)  # fmt: skip
