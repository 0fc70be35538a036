"""Amounts in a currency, split among places and years: by reported weights, people or area."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from atlas.geo.frames import FRAMES, Frames
from atlas.layers.prepare import Prepared
from atlas.model import Level
from atlas.shares import share_expression, whole_weights

PER_EURO = (655_957, 100_000)
"""Whole francs per cent of a euro, as a fraction."""

_FRANCS = ("XOF", "XAF")


def amounts_in_currency(prepared: Prepared, currency: str) -> pl.DataFrame:
    """Every amount of the snapshot in one currency.

    Parameters
    ----------
    currency
        ``USD``, ``EUR`` or ``XOF``.

    Returns
    -------
    polars.DataFrame
        In the order of the table ``amounts``: ``value`` in minor units, null where no rate is
        known, ``rate_day`` (day of the rate; null where none was needed) and ``dollars``
        (dollars per euro, where the amount went through its dollars).
    """
    amounts = prepared.tables.amounts
    own = pl.col("currency") == currency
    if currency == "USD":
        return amounts.select(
            pl.col("usd_minor").alias("value"),
            pl.when(~own & pl.col("usd_minor").is_not_null())
            .then(pl.col("rate_date"))
            .alias("rate_day"),
            pl.lit(None, pl.Float64).alias("dollars"),
        )
    rated = amounts.join(_daily_rates(prepared, amounts), on="rate_date", how="left").with_columns(
        pl.col("minor", "usd_minor").cast(pl.Int128)
    )
    through = ~pl.col("currency").is_in(["EUR", *_FRANCS]) & pl.col("usd_minor").is_not_null()
    return rated.select(
        _in_euros() if currency == "EUR" else _in_francs(),
        pl.when(through).then(pl.col("published")).alias("rate_day"),
        pl.when(through).then(pl.col("cents") / pl.col("euros")).alias("dollars"),
    )


def _daily_rates(prepared: Prepared, amounts: pl.DataFrame) -> pl.DataFrame:
    """``rate_date, cents, euros, published``: dollars per euro of each day as a fraction."""
    days: Iterable[date] = amounts["rate_date"].drop_nulls().unique().sort()
    rows = []
    for day in days:
        if found := prepared.dollars_per_euro(day):
            cents, euros = found[0].as_integer_ratio()
            rows.append((day, cents, euros, found[1]))
    schema = {
        "rate_date": pl.Date,
        "cents": pl.Int128,
        "euros": pl.Int128,
        "published": pl.Date,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _in_euros() -> pl.Expr:
    francs, cents = PER_EURO
    return (
        pl.when(pl.col("currency") == "EUR")
        .then(pl.col("minor"))
        .when(pl.col("currency").is_in(list(_FRANCS)))
        .then(_rounded_quotient(pl.col("minor") * cents, pl.lit(francs, pl.Int128)))
        .otherwise(_rounded_quotient(pl.col("usd_minor") * pl.col("euros"), pl.col("cents")))
        .cast(pl.Int64)
        .alias("value")
    )


def _in_francs() -> pl.Expr:
    francs, cents = PER_EURO
    dollars = pl.col("usd_minor") * pl.col("euros") * francs
    return (
        pl.when(pl.col("currency").is_in(list(_FRANCS)))
        .then(pl.col("minor"))
        .when(pl.col("currency") == "EUR")
        .then(_rounded_quotient(pl.col("minor") * francs, pl.lit(cents, pl.Int128)))
        .otherwise(_rounded_quotient(dollars, pl.col("cents") * cents))
        .cast(pl.Int64)
        .alias("value")
    )


def _rounded_quotient(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    """Whole number nearest to a fraction, the even one of two."""
    floor, rest = over // under, over % under
    odd = floor % 2 == 1
    up = (2 * rest > under) | ((2 * rest == under) & odd)
    return floor + up.cast(pl.Int128)


THIN = 1 / 3
"""Below this part of the country's density, land says nothing of people: the empty north."""

POPULATION_COLUMNS = {
    "unit_id": pl.String,
    "population": pl.Int64,
    "population_year": pl.Int64,
    "area": pl.Int64,
    "thin": pl.Boolean,
}


@dataclass(frozen=True)
class Counted:
    """People counted in a year."""

    people: int
    year: int


def population_of_units(prepared: Prepared) -> pl.DataFrame:
    """What is known of every unit of every découpage.

    Returns
    -------
    polars.DataFrame
        ``unit_id, population`` (persons)``, population_year, area`` (km²)``, thin`` (its
        density, or that of the unit around it where its own is unknown, is below `THIN` of
        the country's).
    """
    return _population_of_frames(prepared.frames, _added_figures(prepared))


@lru_cache(maxsize=4)  # of the shipped découpages: the same for every state of a store
def _population_of_frames(frames: Frames, added: frozenset[tuple[str, Counted]]) -> pl.DataFrame:
    people = _known_people(frames, added)
    mean = _country_density(frames, people)
    rows = [
        (
            unit_id,
            people[unit_id].people if unit_id in people else None,
            people[unit_id].year if unit_id in people else None,
            None if area is None else max(round(area), 1),
            _is_thinly_peopled(frames, people, unit_id, mean),
        )
        for unit_id, area in frames.units.select("unit_id", "area_km2").iter_rows()
    ]
    return pl.DataFrame(rows, schema=POPULATION_COLUMNS, orient="row")


def _known_people(frames: Frames, added: frozenset[tuple[str, Counted]]) -> dict[str, Counted]:
    """People of each unit that has a figure, its own, of its ground or of its communes."""
    own = _census_figures(frames)
    for unit_id, counted in added:
        if unit_id not in own or own[unit_id].year <= counted.year:
            own[unit_id] = counted
    grounds = _communes_of_units(frames)
    by_ground: dict[frozenset[str], Counted] = {}
    for unit_id in sorted(own, key=lambda u: (own[u].year, u)):
        if (ground := grounds.get(unit_id)) is not None:
            by_ground[ground] = own[unit_id]
    found = dict(own)
    for unit_id, ground in grounds.items():
        if unit_id in own or ground is None:
            continue
        told = by_ground.get(ground) or _summed_figure(ground, by_ground)
        if told is not None:
            found[unit_id] = told
    return found


def _communes_of_units(frames: Frames) -> Mapping[str, frozenset[str] | None]:
    """The communes that each unit is made of, where that is sure."""
    return {unit_id: frames.exact_communes(unit_id) for unit_id in frames.units["unit_id"]}


def _census_figures(frames: Frames) -> dict[str, Counted]:
    return {
        unit_id: Counted(people, year)
        for frame in FRAMES
        for unit_id, people, year in frames.latest_population(frame)
        .select("unit_id", "population", "year")
        .iter_rows()
    }


def _added_figures(prepared: Prepared) -> frozenset[tuple[str, Counted]]:
    """Figures of the tables that people added, the latest of each unit."""
    day = pl.coalesce("start", "as_of")
    told = (
        prepared.tables.context.filter(
            pl.col("kind") == "population",
            pl.col("indicator") == "population",
            pl.col("sector").is_null(),
            pl.col("unit_id").is_in(prepared.frames.units["unit_id"].implode()),
            pl.col("value") > 0,
            day.is_not_null(),
        )
        .sort(day, "document", "value")
        .unique("unit_id", keep="last", maintain_order=True)
        .select("unit_id", pl.col("value").round().cast(pl.Int64), day.dt.year())
    )
    return frozenset((unit_id, Counted(people, year)) for unit_id, people, year in told.iter_rows())


def _summed_figure(
    ground: frozenset[str], by_ground: Mapping[frozenset[str], Counted]
) -> Counted | None:
    """Sum of the communes of a ground, where each has a figure of one and the same year."""
    known = []
    for commune in ground:
        part = by_ground.get(frozenset({commune}))
        if part is None:
            return None
        known.append(part)
    if len({part.year for part in known}) != 1:
        return None
    return Counted(sum(part.people for part in known), known[0].year)


def _country_density(frames: Frames, people: Mapping[str, Counted]) -> float:
    """Persons per km² of the country: the découpage whose régions are best known."""
    densities: list[tuple[int, float]] = []
    for frame in FRAMES:
        regions = [
            (people[unit_id].people, area)
            for unit_id, area in frames.units_at_level(frame, Level.REGION)
            .select("unit_id", "area_km2")
            .iter_rows()
            if unit_id in people and area
        ]
        if regions:
            persons = sum(n for n, _area in regions)
            densities.append((persons, persons / sum(area for _n, area in regions)))
    return max(densities, default=(0, 0.0))[1]


def _is_thinly_peopled(
    frames: Frames, people: Mapping[str, Counted], unit_id: str, mean: float
) -> bool:
    here: str | None = unit_id
    while here is not None:
        unit = frames.unit_by_id(here)
        if here in people and unit.area_km2:
            return people[here].people / unit.area_km2 < THIN * mean
        here = unit.parent
    return False


MEASURES = ("minor", "usd_minor", "value")
"""Money of a share: as stated, in US cents, and in the currency asked for (minor units)."""

COLUMNS = (
    *("a", "u", "amount", "currency", *MEASURES, "inherited", "ways", "pool"),
    *("resplit", "fallback", "thin", "rate_day", "dollars"),
)


def split_amounts(prepared: Prepared, kind: str, rule: str, currency: str) -> pl.DataFrame:
    """Every amount of a kind among the places of its activity.

    Parameters
    ----------
    kind
        ``budget``, ``committed`` or ``spent``.
    rule
        ``reported``, ``equal``, ``population`` or ``area``.
    currency
        Of the column ``value``: ``USD``, ``EUR`` or ``XOF``.

    Returns
    -------
    polars.DataFrame
        One row per amount × placement: ``a, u, amount, currency, minor, usd_minor, value,
        inherited``; ``ways``, among how many places the document leaves it open, and
        ``pool``, what of ``value`` is open in all (null where nothing is);
        ``resplit`` (the rule gave this share), ``fallback`` (in equal parts, for want of a
        figure for each place), ``thin`` (its place is thinly peopled); ``first, last``, the
        days the amount stands for (null: not both known), ``open`` (one of them is);
        ``rate_day, dollars`` of its rate.
    """
    rows = _converted_amounts(prepared, kind, currency)
    untold = rows.filter(~pl.col("told"))  # few: most activities have a place of their own
    several = untold.select((pl.len().over("amount") > 1).alias("several")).to_series()
    parts = (
        _amounts_with_one_place(rows.filter("told")),
        _amounts_with_one_place(untold.filter(~several)),
        _open_shares(prepared, untold.filter(several), rule),
    )
    whole = pl.concat(part.select(COLUMNS) for part in parts)
    return whole.join(_amount_days(prepared), on="amount", how="left", maintain_order="left")


def _converted_amounts(prepared: Prepared, kind: str, currency: str) -> pl.DataFrame:
    rows = prepared.shares.filter(pl.col("kind") == kind).drop("kind")
    told = amounts_in_currency(prepared, currency).with_row_index("amount")
    rows = rows.join(told, on="amount", how="left", maintain_order="left")
    if currency == "USD":
        return rows.with_columns(pl.col("usd_minor").alias("value"))
    return (
        rows.with_columns(whole_weights())
        .with_columns(share_expression("value").alias("value"))
        .drop("_whole")
    )


def _amounts_with_one_place(rows: pl.DataFrame) -> pl.DataFrame:
    no = pl.lit(False)
    return rows.with_columns(
        pl.lit(1, pl.UInt32).alias("ways"),
        pl.lit(None, pl.Int64).alias("pool"),
        *(no.alias(name) for name in ("resplit", "fallback", "thin")),
    )


def _open_shares(prepared: Prepared, rows: pl.DataFrame, rule: str) -> pl.DataFrame:
    """The shares that no document gives, by the rule."""
    pooled = [
        pl.when(pl.col(name).is_not_null()).then(pl.col(name).sum().over("amount")).alias(name)
        for name in MEASURES
    ]
    rows = rows.with_columns(
        pl.len().over("amount").alias("ways"),
        pl.when(pl.col("value").is_not_null())
        .then(pl.col("value").sum().over("amount"))
        .alias("pool"),
    )
    if rule == "reported":
        no = pl.lit(False)
        return rows.with_columns(no.alias(name) for name in ("resplit", "fallback", "thin"))
    weighed = (
        _weighted_rows(prepared, rows, rule).with_columns(pooled).with_columns(whole_weights())
    )
    return weighed.with_columns(share_expression(name).alias(name) for name in MEASURES).drop(
        "_whole"
    )


def _weighted_rows(prepared: Prepared, rows: pl.DataFrame, rule: str) -> pl.DataFrame:
    """``weight`` by the rule; equal parts where a place of the amount has no figure.

    Populations of different years are not set against each other either.
    """
    resplit = pl.lit(True).alias("resplit")
    if rule == "equal":
        one, no = pl.lit(1, pl.Int64), pl.lit(False)
        return rows.with_columns(
            one.alias("weight"), resplit, no.alias("fallback"), no.alias("thin")
        )
    units = pl.DataFrame({"unit_id": prepared.units}).with_row_index("u")
    figures = units.join(
        prepared.computed_once(population_of_units), on="unit_id", how="left"
    ).select(
        "u", "thin", figure=rule, year="population_year" if rule == "population" else pl.lit(0)
    )
    told = rows.join(figures, on="u", how="left", maintain_order="left")
    known = pl.col("figure").is_not_null().all().over("amount")
    known &= pl.col("year").n_unique().over("amount") == 1
    return (
        told.with_columns(known.alias("known"))
        .with_columns(
            pl.when("known").then(pl.col("figure")).otherwise(1).alias("weight"),
            (~pl.col("known")).alias("fallback"),
            (pl.col("known") & pl.col("thin").fill_null(False) & (rule == "area")).alias("thin"),
            resplit,
        )
        .drop("figure", "year", "known")
    )


def _amount_days(prepared: Prepared) -> pl.DataFrame:
    """``amount, first, last, open``: its own period, what that lacks from its activity.

    Where one end is unknown the amount stands for no days: it is put whole into no year.
    """
    dated = prepared.activities.select("activity_id", "start", "end")
    first, last = pl.coalesce("period_start", "start"), pl.coalesce("period_end", "end")
    both = first.is_not_null() & last.is_not_null()
    return (
        prepared.tables.amounts.with_row_index("amount")
        .join(dated, on="activity_id", how="left", maintain_order="left")
        .select(
            "amount",
            pl.when(both).then(pl.min_horizontal(first, last)).alias("first"),
            pl.when(both).then(pl.max_horizontal(first, last)).alias("last"),
            (first.is_not_null() != last.is_not_null()).alias("open"),
        )
    )


def yearly_shares(prepared: Prepared, kind: str, rule: str, currency: str) -> pl.DataFrame:
    """The rows of `split_amounts`, each parted among the calendar years of its days.

    ``year`` is null and nothing is parted where the days of the amount are not known; ``first,
    last`` are the days inside the year. Σ years of a share is the share, to the minor unit.
    """
    rows = prepared.computed_once(split_amounts, kind, rule, currency)
    years = pl.int_ranges(pl.col("first").dt.year(), pl.col("last").dt.year() + 1)
    told = rows.with_columns(
        years.alias("year"), start=pl.col("first"), end=pl.col("last")
    ).explode("year", empty_as_null=True, keep_nulls=True)
    first = pl.max_horizontal("start", pl.date(pl.col("year"), 1, 1))
    last = pl.min_horizontal("end", pl.date(pl.col("year"), 12, 31))
    inside = told.with_columns(
        pl.when(pl.col("year").is_not_null()).then(first).alias("first"),
        pl.when(pl.col("year").is_not_null()).then(last).alias("last"),
    )
    span = pl.col("start"), pl.col("end")
    return inside.with_columns(
        pl.when(pl.col("year").is_null())
        .then(pl.col(name))
        .otherwise(share_between(pl.col(name), *span, pl.col("first"), pl.col("last")))
        .alias(name)
        for name in (*MEASURES, "pool")
    ).drop("start", "end")


def share_between(
    money: pl.Expr, start: pl.Expr, end: pl.Expr, first: pl.Expr, last: pl.Expr
) -> pl.Expr:
    """What of an amount that stands for some days falls on these of them.

    The part up to a day is rounded, and a slice is the difference of two such parts: however
    the days are cut, the slices add up to the amount.
    """
    days = _day_number(end) - _day_number(start) + 1
    until = (_day_number(last) - _day_number(start) + 1).clip(0, days)
    before = (_day_number(first) - _day_number(start)).clip(0, until)
    return _up_to(money, until, days) - _up_to(money, before, days)


def _day_number(day: pl.Expr) -> pl.Expr:
    return day.cast(pl.Int32).cast(pl.Int64)


def _up_to(money: pl.Expr, until: pl.Expr, days: pl.Expr) -> pl.Expr:
    """``money × until / days`` to the nearest whole; two steps, for 64 bits would overflow."""
    whole, rest = money // days, money % days
    return whole * until + (2 * rest * until + days) // (2 * days)


Window = tuple[date, date]


def time_windows(
    years: tuple[int, ...], at: date | None, since: date | None, until: date | None
) -> tuple[Window, ...] | None:
    """The days a question asks for, as spans in order; ``None``: all days.

    Examples
    --------
    >>> time_windows((2016, 2017), None, date(2016, 7, 1), None)
    ((datetime.date(2016, 7, 1), datetime.date(2017, 12, 31)),)
    """
    if not (years or at or since or until):
        return None
    low = max(day for day in (since, at, date.min) if day)
    high = min(day for day in (until, at, date.max) if day)
    if not years:
        return ((low, high),) if low <= high else ()
    spans: list[Window] = []
    for year in years:
        first, last = max(date(year, 1, 1), low), min(date(year, 12, 31), high)
        if first > last:
            continue
        if spans and spans[-1][1].toordinal() + 1 == first.toordinal():
            spans[-1] = spans[-1][0], last
        else:
            spans.append((first, last))
    return tuple(spans)


def windowed_rows(rows: pl.DataFrame, spans: tuple[Window, ...] | None) -> pl.DataFrame:
    """The rows of `yearly_shares` cut at the bounds of a period.

    Returns
    -------
    polars.DataFrame
        With ``where``: ``inside`` these days, ``outside`` (the rest of the same rows),
        ``undated`` (no period: neither) or ``open`` (one end of it is unknown). Their money
        adds up to that of the rows.
    """
    dated = rows.filter(pl.col("year").is_not_null())
    loose = rows.filter(pl.col("year").is_null())
    apart = [("undated", loose.filter(~pl.col("open"))), ("open", loose.filter("open"))]
    told = [("inside", dated), *apart]
    if spans is not None:
        within = dated.with_columns(_sum_within(spans, name) for name in (*MEASURES, "pool"))
        rest = dated.with_columns(dated[name] - within[name] for name in (*MEASURES, "pool"))
        told = [("inside", within), ("outside", rest), *apart]
    return pl.concat(part.with_columns(pl.lit(where).alias("where")) for where, part in told)


def _sum_within(spans: tuple[Window, ...], name: str) -> pl.Expr:
    """What of a column of money falls on these days."""
    own = pl.col("first"), pl.col("last")
    cuts = [share_between(pl.col(name), *own, pl.lit(low), pl.lit(high)) for low, high in spans]
    total = pl.sum_horizontal(cuts) if cuts else pl.lit(0, pl.Int64)
    return pl.when(pl.col(name).is_not_null()).then(total).cast(pl.Int64).alias(name)
