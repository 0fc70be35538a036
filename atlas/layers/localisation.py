"""Who delivers: national and local organisations, the State, international ones.

Each activity takes one route (`ROUTES`), by the kinds of the organisations that it names, so
that activities and money of the routes add up to all of them. People do not: two routes may
reach the same ones. "Through" is what the Grand Bargain calls funding by one intermediary
(docs/analyses.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers.budget import major_units
from atlas.layers.counting import with_leader_rows
from atlas.layers.grid import Numbers, cell_sums, cells_of, in_each_sector, sector_codes
from atlas.layers.headcount import RULES, HeadCount, head_count
from atlas.layers.layer import Layer
from atlas.layers.prepare import Prepared
from atlas.layers.scope import UNKNOWN, Scope
from atlas.vocab import organisation_type
from atlas.vocab.codelists import entries_by_id

LOCAL, LOCAL_THROUGH = "local", "local_through"
STATE, STATE_THROUGH = "state", "state_through"
INTERNATIONAL = "international"
ALL = "_all"
ROUTES = (LOCAL, LOCAL_THROUGH, STATE, STATE_THROUGH, INTERNATIONAL, UNKNOWN)
"""Every activity takes one of them."""

_SIDES = (LOCAL, STATE, INTERNATIONAL, UNKNOWN)
_RED_CROSS = {
    "crm": LOCAL,
    "cicr": INTERNATIONAL,
    "ifrc": INTERNATIONAL,
    "lrc": INTERNATIONAL,
}
"""National and international societies are of one type."""

_HEAD, _DOER, _ABOVE = "head", "doer", "above"
"""Who answers for an activity (its lead, else its implementers), who carries it out under a
lead, and through whom it also goes (donors, leads of what it is a part of)."""

_MEASURES = (
    "activities",
    "no_partner",
    "without_usd",
    "cents",
    "priced",
    "low",
    "best",
    "high",
    "figures",
)

COLUMNS = {
    "unit_id": pl.String,
    "unit_name": pl.String,
    "sector": pl.String,
    "route": pl.String,
    "activities": pl.Int64,
    "activities_share_low": pl.Float64,
    "activities_share_high": pl.Float64,
    "no_partner": pl.Int64,
    "budget_usd": pl.Float64,
    "without_usd": pl.Int64,
    "budget_share_low": pl.Float64,
    "budget_share_high": pl.Float64,
    "reached_low": pl.Float64,
    "reached": pl.Float64,
    "reached_high": pl.Float64,
    "figures": pl.Int64,
    "reached_share_low": pl.Float64,
    "reached_share_high": pl.Float64,
}


def localisation_of_cells(scope: Scope) -> pl.DataFrame:
    """Activities, people reached and money of every unit and sector, by who delivers.

    Parameters
    ----------
    scope
        The question, with the settings of `atlas.layers.headcount.RULES`.

    Returns
    -------
    polars.DataFrame
        Of each unit (and reserved row) with activities, and of each of its sectors (null: all),
        a row for all of them (``_all``) and one for each of `ROUTES`: ``unit_id,
        unit_name, sector, route, activities, activities_share_low, activities_share_high`` (of a
        known route: without those of unknown route, and with them all)``, no_partner``
        (activities that name their lead and nobody else)``, budget_usd`` (null where they have no
        amount known in dollars)``, without_usd`` (activities whose budget is not wholly known in
        dollars)``, budget_share_low, budget_share_high`` (of the dollars known)``, reached_low,
        reached, reached_high`` (`atlas.layers.headcount`)``, figures`` (activities with a
        figure)``, reached_share_low, reached_share_high`` (of the people whom any figure tells;
        a share is null where the route has activities and none tells any of it).

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> table = Dataset.from_tables(sample_tables()).ask("localisation", frame="ml-2016").table
    >>> table["route"].unique(maintain_order=True).to_list()[:3]
    ['_all', 'local', 'local_through']
    """
    cells = scope.computed_once(_measures_of_cells)
    sectors = pl.DataFrame({"sector": [None, *sector_codes()]}, schema={"sector": pl.String})
    every = scope.unit_rows.select("unit_id", "unit_name").join(
        sectors, how="cross", maintain_order="left_right"
    )
    parts = [
        every.hstack(_with_shares(cells, route)).with_columns(
            pl.lit(route, pl.String).alias("route"), kept=cells[ALL]["activities"] > 0
        )
        for route in (ALL, *ROUTES)
    ]
    rows = [part.with_row_index("cell").filter("kept") for part in parts]
    return pl.concat(rows).sort("cell", maintain_order=True).select(*COLUMNS).cast(COLUMNS)  # type: ignore[arg-type]


Measures = Mapping[str, Numbers]


def _measures_of_cells(scope: Scope) -> dict[str, Measures]:
    """`_MEASURES` of every cell by its number (`atlas.layers.grid`), of each route and of all."""
    prepared, units = scope.prepared, scope.targets.units.height
    placed = in_each_sector(prepared, scope.item_placements.select("a", "target").unique())
    money = scope.budget_shares
    money = money.with_columns(cells_of(prepared, money))
    found: dict[str, Measures] = {}
    for route in (ALL, *ROUTES):
        taken = _taking(prepared, route)
        own, of_money = placed.filter(taken.gather(placed["a"])), money.filter(
            taken.gather(money["a"]), pl.col("usd_minor").is_not_null()
        )  # fmt: skip
        cells, again = own["cell"].to_numpy(), own["again"].to_numpy()
        alone, unpriced = (of.gather(own["a"]).to_numpy() for of in _flags(prepared))
        people = scope.computed_once(_people_of, route)
        of_cells = of_money["cell"].to_numpy()
        measures = (
            cell_sums(cells, units, again=again),
            *(cell_sums(cells[of], units, again=again[of]) for of in (alone, unpriced)),
            cell_sums(of_cells, units, of_money["usd_minor"].to_numpy()),
            cell_sums(of_cells, units),
            *people[:3],
            people.figures + people.shared,
        )
        found[route] = dict(zip(_MEASURES, measures, strict=True))
    return found


def localisation_meta(scope: Scope) -> Mapping[str, object]:
    """``localisation``: the same columns of all that is asked for, each activity once."""
    counted, money = scope.counted_activities["a"], scope.budget_shares
    cells: dict[str, Measures] = {}
    for route in (ALL, *ROUTES):
        taken = _taking(scope.prepared, route)
        own = counted.filter(taken.gather(counted))
        dollars = money.filter(taken.gather(money["a"]))["usd_minor"].drop_nulls()
        country = scope.computed_once(_people_of, route).country or (np.nan,) * 3
        figures = scope.prepared.activities["reached"].gather(own).count()
        flagged = (int(of.gather(own).sum()) for of in _flags(scope.prepared))
        of_route = own.len(), *flagged, dollars.sum(), dollars.len(), *country, figures
        cells[route] = {
            name: np.array([value]) for name, value in zip(_MEASURES, of_route, strict=True)
        }
    rows: list[dict[str, Any]] = []
    for route in (ALL, *ROUTES):
        rows += [{"route": route, **row} for row in _with_shares(cells, route).to_dicts()]
    return {"localisation": rows}


def _with_shares(cells: Mapping[str, Measures], route: str) -> pl.DataFrame:
    """The figures of a route in each cell, and the least and the most of its shares."""
    own, every = cells[route], cells[ALL]
    unsure = 0 if route in (ALL, UNKNOWN) else 1
    unknown, nobody = cells[UNKNOWN], own["activities"] == 0
    unpriced = (own["priced"] == 0) & ~nobody
    columns: dict[str, pl.Series] = {}
    for name, of in (("activities", "activities"), ("budget", "cents")):
        untold = (every[of] <= 0) | (unpriced & (name == "budget"))
        total = np.where(untold, np.nan, every[of])
        columns[f"{name}_share_low"] = pl.Series(own[of] / total)
        columns[f"{name}_share_high"] = pl.Series((own[of] + unsure * unknown[of]) / total)
    least, most = _shares_of_people(cells, route)
    columns |= {"reached_share_low": pl.Series(least), "reached_share_high": pl.Series(most)}
    for name, of in (("reached_low", "low"), ("reached", "best"), ("reached_high", "high")):
        columns[name] = pl.Series(np.where(nobody, 0.0, own[of]))
    dollars = pl.Series(own["cents"]).set(pl.Series(unpriced), None)
    return pl.DataFrame(
        {name: values.cast(pl.Float64).fill_nan(None) for name, values in columns.items()}
        | {
            name: pl.Series(own[name])
            for name in ("activities", "no_partner", "without_usd", "figures")
        }
        | {"budget_usd": dollars}
    ).with_columns(major_units(pl.col("budget_usd"), "USD"))


def _shares_of_people(cells: Mapping[str, Measures], route: str) -> tuple[Numbers, Numbers]:
    """The least and the most that the people of a route are of all whom a figure tells.

    All are no fewer than at the least, and no more than those of the route beside as many
    others as possible: several routes may reach the same people. Null where nobody says how
    many the activities of the route reach.
    """
    low = {name: np.nan_to_num(one["low"]) for name, one in cells.items()}
    high = {name: np.nan_to_num(one["high"]) for name, one in cells.items()}
    others = sum((high[one] for one in ROUTES if one != route), start=high[ALL] * 0)
    own = low[route], high[route] + (high[UNKNOWN] if route not in (ALL, UNKNOWN) else 0)
    fewest = np.maximum(low[ALL], low[route])
    most = np.minimum(high[ALL], low[route] + (others if route != ALL else 0))
    least = np.divide(own[0], most, out=np.zeros_like(most), where=own[0] > 0)
    share = np.divide(own[1], fewest, out=(own[1] > 0) * 1.0, where=fewest > 0)
    untold = (high[ALL] == 0) | ((cells[route]["activities"] > 0) & (cells[route]["figures"] == 0))
    least, share = (np.where(untold, np.nan, np.minimum(one, 1.0)) for one in (least, share))
    return least, share


def _people_of(scope: Scope, route: str) -> HeadCount:
    """People reached by the activities of a route, or by all."""
    kept = _counted_mask(scope, route)
    return head_count(scope, scope.prepared.activities["reached"], kept, kept)


def _counted_mask(scope: Scope, route: str) -> Numbers:
    """Which activities of the snapshot count and take a route."""
    counted = scope.counted_activities["a"]
    kept = np.zeros(scope.prepared.activities.height, dtype=np.bool_)
    kept[counted.filter(_taking(scope.prepared, route).gather(counted)).to_numpy()] = True
    return kept


def _taking(prepared: Prepared, route: str) -> pl.Series:
    """Whether each activity of the snapshot takes a route; all take `ALL`."""
    routes = prepared.computed_once(routes_of_activities)["route"]
    return routes.is_not_null() if route == ALL else routes == route


def _flags(prepared: Prepared) -> tuple[pl.Series, pl.Series]:
    """Of each activity, whether it names its lead alone, and lacks a budget wholly in dollars."""
    routes = prepared.computed_once(routes_of_activities)
    return routes["no_partner"], prepared.computed_once(_not_in_dollars)["unpriced"]


def _not_in_dollars(prepared: Prepared) -> pl.DataFrame:
    money = prepared.shares.filter(pl.col("kind") == "budget")
    told = money.group_by("a").agg((pl.col("usd_minor").null_count() > 0).alias("unpriced"))
    every = prepared.activities.select("a").join(told, on="a", how="left", maintain_order="left")
    return every.select(pl.col("unpriced").fill_null(value=True))


def routes_of_activities(prepared: Prepared) -> pl.DataFrame:
    """``route, no_partner`` of every activity of the snapshot, in their order.

    Whoever leads it decides, else those who implement it: national and local organisations
    alone (``local``), the State (``state``), or an international one. Under an international
    lead, or where an international organisation is its donor, its partner without a lead, or
    leads what it is a part of, it goes through that one: ``local_through`` where a national or
    local organisation takes part, else ``state_through`` where the State does, else it is
    ``international``. Where nobody knows of what kind the deciding organisation is, or there
    is none, the route is unknown. ``no_partner``: it names its lead and nobody else.
    """
    named = _organisations_named(prepared)
    has = named.group_by("a").agg(
        ((pl.col("part") == part) & (pl.col("side") == side)).any().alias(f"{part}_{side}")
        for part in (_HEAD, _DOER, _ABOVE)
        for side in _SIDES
    )
    every = prepared.activities.select("a").join(has, on="a", how="left", maintain_order="left")
    takes = {
        side: pl.any_horizontal(f"{_HEAD}_{side}", f"{_DOER}_{side}").fill_null(value=False)
        for side in _SIDES
    }
    headed = pl.any_horizontal(pl.col(f"{_HEAD}_{side}") for side in _SIDES)
    unsure = ~headed.fill_null(value=False) | pl.col(f"{_HEAD}_{UNKNOWN}")
    above = pl.any_horizontal(f"{_HEAD}_{INTERNATIONAL}", f"{_ABOVE}_{INTERNATIONAL}")
    through = (
        pl.when(takes[LOCAL]).then(pl.lit(LOCAL_THROUGH))
        .when(takes[STATE]).then(pl.lit(STATE_THROUGH))
        .when(takes[UNKNOWN]).then(pl.lit(UNKNOWN))
        .otherwise(pl.lit(INTERNATIONAL))
    )  # fmt: skip
    alone = pl.when(pl.col(f"{_HEAD}_{LOCAL}")).then(pl.lit(LOCAL)).otherwise(pl.lit(STATE))
    route = pl.when(unsure).then(pl.lit(UNKNOWN)).when(above).then(through).otherwise(alone)
    partners = pl.any_horizontal(pl.col(f"{_DOER}_{side}") for side in _SIDES)
    return every.select(
        route.alias("route"), no_partner=(headed & ~partners).fill_null(value=False)
    )


def _organisations_named(prepared: Prepared) -> pl.DataFrame:
    """``a, part, side``: the organisations of each activity, by the part they take in it.

    Of records that people called one, whoever leads another than the one that counts is above,
    and carries it out.
    """
    activities = prepared.activities
    leads = activities.filter(pl.col("lead_org") != "").select("a", name="lead_org")
    partners = activities.select("a", name="implementers").explode("name").drop_nulls("name")
    lent = with_leader_rows(leads, prepared.follower).join(leads, on=["a", "name"], how="anti")
    doers = pl.concat([with_leader_rows(partners, prepared.follower), lent])
    heads = pl.concat([leads, doers.join(leads, on="a", how="anti")])
    donors = prepared.donors.select("a", name="donor")
    above = pl.concat([lent, donors, _leads_of_wholes(prepared, leads)])
    sides = _sides_of(prepared, pl.concat([heads, doers, above])["name"].unique())
    return pl.concat(
        rows.join(sides, on="name").filter(~(pl.lit(part == _ABOVE) & pl.col("gives")))
        .select("a", "side", part=pl.lit(part))
        for part, rows in ((_HEAD, heads), (_DOER, doers), (_ABOVE, above))
    )  # fmt: skip


def _leads_of_wholes(prepared: Prepared, leads: pl.DataFrame) -> pl.DataFrame:
    """``a, name``: who leads what each activity is a part of, whatever is between."""
    of_whole = dict(prepared.activities.select("activity_id", "a").iter_rows())
    above: dict[str, set[str]] = {}
    for whole in reversed(list(prepared.chains.parts)):  # wholes before their parts
        for part in prepared.chains.parts[whole]:
            above.setdefault(part, set()).update({whole, *above.get(whole, ())})
    pairs = [(of_whole[part], of_whole[one]) for part, found in above.items() for one in found]
    schema = {"part": pl.UInt32, "a": pl.UInt32}
    rows = pl.DataFrame(pairs, schema=schema, orient="row").join(leads, on="a")
    return rows.select(pl.col("part").alias("a"), "name")


def _sides_of(prepared: Prepared, names: pl.Series) -> pl.DataFrame:
    """``name, side, gives``: the side of each organisation, and whether it is a donor by kind."""
    of_kind = {kind: row["side"] for kind, row in entries_by_id("org_types").items()}
    known = dict(prepared.organisations.select("organisation", "type").iter_rows())
    kinds = [known.get(name) or organisation_type(name) or "" for name in names]
    sides = [
        _RED_CROSS.get(name) or of_kind.get(kind) or UNKNOWN
        for name, kind in zip(names, kinds, strict=True)
    ]
    gives = [kind == "donor" for kind in kinds]
    return pl.DataFrame({"name": names, "side": sides, "gives": gives})


def listed_routes(scope: Scope, _value: str = "") -> pl.DataFrame:
    """``activity_id, route`` of the activities of a cell."""
    routes = scope.prepared.computed_once(routes_of_activities)["route"]
    return scope.activities.select("activity_id", routes.gather(scope.activities["a"]))


LAYER = Layer(
    "localisation", N_("Localisation : qui réalise, et par qui passe l'aide"),
    localisation_of_cells, RULES, with_columns=listed_routes, about=localisation_meta,
    follows="people", tab="actors", file="localisation", label=N_("Localisation"),
)  # fmt: skip
