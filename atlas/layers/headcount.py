"""People counted once: the least, the most and the best number behind figures of activities.

Two figures may be of the same people, and nobody says so. The rule is the one that clusters
apply to a 5W: of the figures of one place the largest, then the sum over places; over sectors
the largest. Each step says what it takes for granted, and `RULES` change it:

- an activity told again (one organisation, sector and place, one title but for months and
  numbers) is of the same people: its largest figure counts;
- other figures of one place may be of the same people: at least the largest, at most the sum;
  the best is the largest in a commune, and in a cercle or région whose communes nobody named the
  sum over organisations, which seldom share their people there;
- people of two places are not the same: figures add up;
- over sectors the largest is the best;
- a figure stated for a whole cercle may be of people of its communes: at least the larger of the
  two, which is the best, and at most the sum;
- a figure of several units is nobody's to split: it is in the most of each, and in the rest
  where one unit holds them all;
- nowhere are there more people than the population, where that is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers.grid import WIDTH, Numbers, cells_of
from atlas.layers.needs import population_by_unit
from atlas.layers.options import Option
from atlas.layers.pairing.entries import folded_titles
from atlas.layers.prepare import LEVELS, Prepared, Targets
from atlas.layers.scope import Scope, target_at
from atlas.model import COARSER, RESERVED

MAXIMUM, SUM = "maximum", "sum"
RULES = (
    Option(
        "periods",
        MAXIMUM,
        N_("Une activité redite de mois en mois touche"),
        choices={MAXIMUM: N_("les mêmes personnes"), SUM: N_("d'autres personnes chaque mois")},
    ),
    Option(
        "same-place",
        MAXIMUM,
        N_("Les activités d'un même lieu touchent"),
        choices={MAXIMUM: N_("peut-être les mêmes personnes"), SUM: N_("d'autres personnes")},
    ),
)
"""How figures add up: settings of every layer that counts people."""

_DATED_WORDS = (
    r"\b(?:janv(?:ier)?|fevr?(?:ier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|aout|sept?(?:embre)?"
    r"|oct(?:obre)?|nov(?:embre)?|dec(?:embre)?|january|february|march|april|may|june|july"
    r"|august|september|october|november|december|mois|months?|semaines?|weeks?|trimestres?"
    r"|quarters?|cycles?|tours?|rounds?|[tq][1-4]|de|du|d|of|the|n|no)\b|\d+(?:er|eme|e|th)?\b"
)
"""What tells one month of an activity from the next in its title (folded)."""

_SPELT_OTHERWISE = ("fuzzy", "alias")
"""Ways of recognising a unit by another name of its own."""

_CODE = r"^ml\d+$"


class HeadCount(NamedTuple):
    """People of each cell by its number (`atlas.layers.grid`); arrays of shape (cells,).

    Attributes
    ----------
    low, best, high
        NaN where no figure is known; the first two also where every figure is of other units too.
    figures, shared
        Activities with a figure of this unit alone, and of other units too.
    over_population
        Whether the figures come to more than the population, which then stands for them.
    country
        ``low, best, high`` of all units and reserved rows together, all sectors.
    """

    low: Numbers
    best: Numbers
    high: Numbers
    figures: Numbers
    shared: Numbers
    over_population: Numbers
    country: tuple[float, float, float] | None


class _Sums(NamedTuple):
    """Least, best and most people, and how many figures they are of; shape (nodes, `WIDTH`)."""

    low: Numbers
    best: Numbers
    high: Numbers
    figures: Numbers


class _Steps(NamedTuple):
    """People of each activity told again, organisation, sector and place, by its number."""

    told: Numbers
    actor: Numbers
    sector: Numbers
    site: Numbers


@dataclass(frozen=True)
class _Figures:
    """The figures of a snapshot and which are put together, each step by number.

    Each stands here twice: in the cell of its sector and in that of all sectors.

    Attributes
    ----------
    activity, together, told
        Activity of each, whether it stands for all sectors, and the activity told again that it
        belongs to; shape (n,).
    actor_of_told, sector_of_actor, site_of_sector, cell_of_site
        Organisation of each of these at a place, sector of each organisation there, place of
        each sector, and node and sector of each place (node × `WIDTH` + sector).
    is_commune
        Whether each sector of a place is in one commune.
    is_node
        Whether each place is its node itself, which may hold the people of its other places.
    """

    activity: Numbers
    together: Numbers
    told: Numbers
    actor_of_told: Numbers
    sector_of_actor: Numbers
    site_of_sector: Numbers
    cell_of_site: Numbers
    is_commune: Numbers
    is_node: Numbers

    @property
    def cell_of_told(self) -> Numbers:
        """Node and sector of each activity told again."""
        of_actor = self.cell_of_site[self.site_of_sector[self.sector_of_actor]]
        cells: Numbers = of_actor[self.actor_of_told]
        return cells

    def kept_figures(self, of_sector: Numbers, of_all: Numbers) -> Numbers:
        """Which figures are of activities kept, in their sector and in all together."""
        return np.where(self.together, of_all[self.activity], of_sector[self.activity])

    def step_people(self, people: Numbers, kept: Numbers, rules: Mapping[str, str]) -> _Steps:
        """People of each step, of the figures kept."""
        told = np.zeros(self.actor_of_told.size)
        add = np.add if rules["periods"] == SUM else np.maximum
        add.at(told, self.told[kept], people[self.activity[kept]])
        actor = _largest(self.actor_of_told, told, self.sector_of_actor.size)
        several = np.bincount(self.sector_of_actor, actor, minlength=self.site_of_sector.size)
        one = _largest(self.sector_of_actor, actor, self.site_of_sector.size)
        sector = np.where(self.is_commune, one, several)
        return _Steps(
            told, actor, sector, _largest(self.site_of_sector, sector, self.cell_of_site.size)
        )

    def places_count(self, site: Numbers, many: int) -> tuple[Numbers, Numbers]:
        """People of the nodes themselves, and of the places in them; shape (cells,)."""
        of_node = _largest(self.cell_of_site[self.is_node], site[self.is_node], many)
        return of_node, np.bincount(self.cell_of_site, site * ~self.is_node, minlength=many)

    def node_sums(
        self, people: Numbers, kept: Numbers, rules: Mapping[str, str], nodes: int
    ) -> _Sums:
        """What the figures kept come to at their nodes, whatever lies inside."""
        steps, cells, many = self.step_people(people, kept, rules), self.cell_of_told, nodes * WIDTH
        high = np.bincount(cells, steps.told, minlength=many)
        best = high if rules["same-place"] == SUM else np.maximum(
            *self.places_count(steps.site, many)
        )  # fmt: skip
        counted = np.bincount(cells[self.told[kept]], minlength=many)
        sums = _largest(cells, steps.told, many), best, high, counted
        return _Sums(*(one.reshape(nodes, WIDTH) for one in sums))

    def counted_figures(self, people: Numbers, kept: Numbers, rules: Mapping[str, str]) -> Numbers:
        """Which of the figures kept make the best number of their node, shape (n,)."""
        steps = self.step_people(people, kept, rules)
        counted = kept.copy()
        if rules["periods"] != SUM:
            figures = np.where(kept, people[self.activity], -1)
            counted &= _first_of_each(self.told, figures == steps.told[self.told])
        if rules["same-place"] == SUM:
            return counted
        of_node, of_places = self.places_count(
            steps.site, int(self.cell_of_site.max(initial=0)) + 1
        )
        site = (of_node >= of_places)[self.cell_of_site] == self.is_node
        sector = site[self.site_of_sector] & _first_of_each(
            self.site_of_sector, steps.sector == steps.site[self.site_of_sector]
        )
        of_sector = self.sector_of_actor
        largest = _first_of_each(of_sector, steps.actor == steps.sector[of_sector])
        actor = sector[of_sector] & (largest | ~self.is_commune[of_sector])
        told = actor[self.actor_of_told] & _first_of_each(
            self.actor_of_told, steps.told == steps.actor[self.actor_of_told]
        )
        makes_best: Numbers = told[self.told]
        return counted & makes_best


def _largest(groups: Numbers, values: Numbers, many: int) -> Numbers:
    """The largest value of each group, 0 where there is none."""
    found = np.zeros(many)
    np.maximum.at(found, groups, values)
    return found


def _first_of_each(groups: Numbers, wanted: Numbers) -> Numbers:
    """Whether each is the first of its group that is wanted."""
    places = np.flatnonzero(wanted)
    _groups, first = np.unique(groups[places], return_index=True)
    found = np.zeros(groups.size, dtype=np.bool_)
    found[places[first]] = True
    return found


@dataclass(frozen=True)
class _Nodes:
    """Units of all levels of a découpage in one numbering, and where each activity belongs.

    A node is a unit of a level, or, after all of these, a reserved row; the last is the country.

    Attributes
    ----------
    first
        Number of the first node of each level, of the reserved rows, and of the country.
    parent
        Node that holds each; shape (nodes,).
    population
        Of each, infinite where unknown; shape (nodes,).
    of_place
        The smallest node that each placement of the snapshot lies in, shape (placements,).
    of_activity
        The smallest node that holds all places of each activity.
    """

    first: tuple[int, ...]
    parent: Numbers
    population: Numbers
    of_place: Numbers
    of_activity: Numbers

    def counting_nodes(self, own: _Sums, sums: _Sums, level: int) -> Numbers:
        """Where the figures of a node itself are those that count; shape (nodes, `WIDTH`).

        Parameters
        ----------
        level
            Index of the level above which every node counts by itself.
        """
        inside = np.zeros(sums.best.shape)
        np.add.at(inside, self.parent[: self.first[-2]], sums.best[: self.first[-2]])
        by_itself = own.best >= inside
        reached = np.ones(by_itself.shape, dtype=np.bool_)
        for finer in range(level + 1, len(LEVELS)):
            here = slice(*self.first[finer : finer + 2])
            above = self.parent[here]
            reached[here] = reached[above] & ~by_itself[above]
        own_counts = by_itself & reached
        own_counts[: self.first[level]] = own_counts[self.first[-2] :] = True
        return own_counts

    def rows_of(self, sums: Numbers, level: int) -> Numbers:
        """The rows of the units of a level, then those of the reserved rows."""
        units, reserved = slice(*self.first[level : level + 2]), slice(*self.first[-2:])
        return np.concatenate([sums[units], sums[reserved]])

    def reserved_rows(self, loose: Numbers, level: int) -> Numbers:
        """The rows of a level, of what lies in none of its units: nobody in these."""
        rows = self.rows_of(loose, level)
        rows[: -len(RESERVED)] = 0
        above = loose[: self.first[level]].sum(axis=0) + loose[self.first[-1]]
        rows[RESERVED.index(COARSER) - len(RESERVED)] += above
        return rows

    def of_country(self, sums: _Sums, loose: _Sums) -> tuple[float, float, float] | None:
        """People of all units and reserved rows, all sectors; nobody knows where none is known."""
        country, reserved = self.first[-1], slice(*self.first[-2:])
        if not sums.figures[country, 0] + loose.figures[reserved, 0].sum():
            return None
        low, best = (
            float(max(of[country, 0], elsewhere[reserved, 0].max()))
            for of, elsewhere in zip(sums[:2], loose[:2], strict=True)
        )
        return low, best, float(sums.high[country, 0] + loose.high[reserved, 0].sum())

    def folded_sums(self, own: _Sums, *, adding: bool) -> tuple[_Sums, Numbers]:
        """The sums of the nodes with what lies inside, and where the population stands for them.

        Parameters
        ----------
        adding
            Whether the people of a unit and those of what lies inside are others.
        """
        over = np.zeros(own.low.shape, dtype=np.bool_)
        sums = _Sums(*(np.zeros(one.shape) for one in own))
        country = slice(self.first[-1], None)
        levels = [slice(*self.first[n : n + 2]) for n in range(len(LEVELS))]
        for here in (*reversed(levels), country):
            most = np.maximum(self.population[here, None], sums.low[here])
            high = own.high[here] + sums.high[here]
            best = high if adding else np.maximum(own.best[here], sums.best[here])
            low, figures = np.maximum(own.low[here], sums.low[here]), own.figures[here]
            over[here] = best > most
            capped = (np.minimum(one, most) for one in (low, best, high))
            found = (*capped, figures + sums.figures[here])
            for every, one in zip(sums, found, strict=True):
                every[here] = one
                if here is not country:
                    np.add.at(every, self.parent[here], one)
        return sums, over


def head_count(scope: Scope, values: pl.Series, of_sector: Numbers, of_all: Numbers) -> HeadCount:
    """People of every unit and sector of a question, each counted once.

    Parameters
    ----------
    scope
        The question, with the settings `RULES`.
    values
        People of each activity of the snapshot, null where nobody said.
    of_sector, of_all
        Which activities count in the cell of their sector, and in that of all sectors.
    """
    prepared, level = scope.prepared, LEVELS.index(scope.level)
    nodes = prepared.computed_once(_nodes_of, scope.frame)
    figures = prepared.computed_once(_figures_of, scope.frame)
    places = _places_in_answer(scope, nodes)
    people, known = values.fill_null(0).to_numpy(), values.is_not_null().to_numpy()
    own, loose = (
        figures.node_sums(
            people,
            figures.kept_figures(known & of_sector & held, known & of_all & held),
            scope.options,
            nodes.parent.size,
        )
        for held in (places.whole, places.loose)
    )
    sums, over = nodes.folded_sums(own, adding=scope.options["same-place"] == SUM)
    low, best, high, counted = (
        nodes.rows_of(inside, level) + nodes.reserved_rows(outside, level)
        for inside, outside in zip(sums, loose, strict=True)
    )
    more, shared = _shared_people(scope, places.shared, people * known, known, of_sector, of_all)
    most = np.maximum(nodes.rows_of(nodes.population[:, None], level), low)
    unknown = counted == 0
    return HeadCount(
        low=np.where(unknown, np.nan, low).ravel(),
        best=np.where(unknown, np.nan, best).ravel(),
        high=np.where(unknown & (shared == 0), np.nan, np.minimum(high + more, most)).ravel(),
        figures=counted.ravel(),
        shared=shared.ravel(),
        over_population=nodes.rows_of(over, level).ravel(),
        country=nodes.of_country(sums, loose),
    )


def counted_people(scope: Scope, values: pl.Series, kept: Numbers, *, in_sector: bool) -> pl.Series:
    """What each activity adds to the best number of its cell.

    Parameters
    ----------
    scope, values
        See `head_count`.
    kept
        Which activities count.
    in_sector
        Whether the cell is that of one sector, else that of all.

    Returns
    -------
    polars.Series
        Of each activity of the snapshot: its figure, 0 where its people may be those of another,
        null where it has none that is of one row of the answer alone.
    """
    nodes = scope.prepared.computed_once(_nodes_of, scope.frame)
    figures = scope.prepared.computed_once(_figures_of, scope.frame)
    places, level = _places_in_answer(scope, nodes), LEVELS.index(scope.level)
    people, known = values.fill_null(0).to_numpy(), values.is_not_null().to_numpy()
    here = kept & known & places.whole
    chosen = here[figures.activity] & (figures.together != in_sector)
    rules, adding = scope.options, scope.options["same-place"] == SUM
    counted = figures.counted_figures(people, chosen, rules)
    if not adding:
        own = figures.node_sums(people, chosen, rules, nodes.parent.size)
        sums, _over = nodes.folded_sums(own, adding=adding)
        by_itself = nodes.counting_nodes(own, sums, level).ravel()
        counted &= by_itself[figures.cell_of_told[figures.told]]
    lies = nodes.of_activity
    one_row = here & (places.loose | (lies >= nodes.first[level]) & (lies < nodes.first[-2]))
    adds = np.zeros(people.size)
    adds[figures.activity[counted]] = people[figures.activity[counted]]
    return pl.Series(np.where(one_row, adds, np.nan)).fill_nan(None)


class _Places(NamedTuple):
    """Which activities a question counts where.

    Attributes
    ----------
    whole, loose
        Whether each activity lies wholly in what is asked for; whether it does so in no unit of
        the answer but in a reserved row; shape (activities,).
    shared
        ``a, target``: the rows of those that lie in several units, or only in part in what is
        asked for.
    """

    whole: Numbers
    loose: Numbers
    shared: pl.DataFrame


def _places_in_answer(scope: Scope, nodes: _Nodes) -> _Places:
    rows, many = scope.item_placements.select("a", "target"), nodes.of_activity.size
    asked = np.bincount(rows["a"], minlength=many)
    whole = (asked > 0) & (asked == np.bincount(scope.prepared.places["a"], minlength=many))
    placed = np.zeros(many, dtype=np.bool_)
    placed[rows.filter(pl.col("target") < scope.targets.first_reserved)["a"].to_numpy()] = True
    level, lies = LEVELS.index(scope.level), nodes.of_activity
    inside = (lies >= nodes.first[level]) & (lies < nodes.first[-2])
    loose = whole & ~placed
    shared = ~(whole & inside) & ~loose
    return _Places(whole, loose, rows.filter(pl.Series(shared).gather(rows["a"])).unique())


def _shared_people(
    scope: Scope,
    rows: pl.DataFrame,
    people: Numbers,
    known: Numbers,
    of_sector: Numbers,
    of_all: Numbers,
) -> tuple[Numbers, Numbers]:
    """What activities of several units may add to each cell, and how many they are."""
    rows = rows.filter(pl.Series(known).gather(rows["a"]))
    a, targets = rows["a"].to_numpy(), rows["target"].to_numpy()
    cells, units = cells_of(scope.prepared, rows).to_numpy(), scope.targets.units.height
    sums = []
    for of in (people, np.ones(people.size)):
        found = np.bincount(cells, of[a] * of_sector[a], minlength=units * WIDTH)
        found = found.reshape(units, WIDTH)
        found[:, 0] = np.bincount(targets, of[a] * of_all[a], minlength=units)
        sums.append(found)
    return sums[0], sums[1]


def _nodes_of(prepared: Prepared, frame: str) -> _Nodes:
    """The units of a découpage, and the smallest that holds each activity."""
    rows = [prepared.targets_of(frame, level) for level in LEVELS]
    first = tuple(accumulate((one.first_reserved for one in rows), initial=0))
    first = (*first, first[-1] + len(RESERVED))
    units = pl.concat(one.units.head(one.first_reserved) for one in rows)
    numbers = units.select(parent="unit_id").with_row_index("node")
    parents = units.select("parent").join(numbers, on="parent", how="left", maintain_order="left")
    parent = np.full(first[-1] + 1, first[-1])
    parent[: units.height] = parents["node"].fill_null(first[-1]).to_numpy()
    population = np.full(parent.size, np.inf)
    for level, start in zip(LEVELS, first, strict=False):
        stated = population_by_unit(prepared, frame, level)
        population[start + stated["target"].to_numpy()] = stated["population"].to_numpy()
    of_place = _nodes_of_places(prepared, rows, first)
    return _Nodes(
        first, parent, population, of_place, _holding_nodes(prepared, of_place, first, parent)
    )


def _nodes_of_places(prepared: Prepared, rows: Sequence[Targets], first: Sequence[int]) -> Numbers:
    """`_Nodes.of_place`."""
    places, finest = prepared.places, prepared.finest_levels(prepared.places)
    found = np.zeros(places.height, dtype=np.int64)
    for level, one in enumerate(rows):  # the finer, which comes later, holds
        target = target_at(one, places["u"], finest).to_numpy().astype(np.int64)
        reserved = target >= one.first_reserved
        if level == 0:
            found = np.where(reserved, target - one.first_reserved + first[-2], target)
        else:
            found = np.where(reserved, found, target + first[level])
    return found


def _holding_nodes(
    prepared: Prepared, of_place: Numbers, first: Sequence[int], parent: Numbers
) -> Numbers:
    """`_Nodes.of_activity`: what holds all places of each; of several reserved rows the first."""
    country, reserved = first[-1], first[-2]
    held, steps = of_place, [of_place]
    for _level in LEVELS[1:]:
        held = np.where(held < reserved, parent[held], country)
        steps.append(held)
    found = np.full(prepared.activities.height, country)
    for start, end in pairwise(first[:-1]):  # the smaller, which come later, hold
        inside = np.full(of_place.size, -1)
        for step in steps:
            inside = np.where((step >= start) & (step < end), step, inside)
        one = _ends_by_activity(prepared, inside).filter(
            pl.col("first") == pl.col("last"), pl.col("first") >= 0
        )
        found[one["a"].to_numpy()] = one["first"].to_numpy()
    nowhere = _ends_by_activity(prepared, of_place).filter(pl.col("first") >= reserved)
    found[nowhere["a"].to_numpy()] = nowhere["first"].to_numpy()
    return found


def _ends_by_activity(prepared: Prepared, nodes: Numbers) -> pl.DataFrame:
    """``a, first, last``: the least and the largest of the nodes of each activity's places."""
    every = prepared.places.select("a", pl.Series("node", nodes)).group_by("a")
    return every.agg(first=pl.col("node").min(), last=pl.col("node").max())


def _figures_of(prepared: Prepared, frame: str) -> _Figures:
    """The figures of a snapshot, and which are put together."""
    nodes = prepared.computed_once(_nodes_of, frame)
    told = prepared.computed_once(_figure_keys)
    figures = told.join(_sites(prepared, nodes), on="a", maintain_order="left").with_columns(
        pl.Series("node", nodes.of_activity[told["a"]])
    )
    code = cells_of(prepared, figures.with_columns(target=pl.lit(0, pl.Int64)))
    cell = pl.col("node") * WIDTH
    in_sectors = figures.with_columns(cell=cell + code, together=False).filter(code > 0)
    in_all = figures.with_columns(cell=cell, together=True)
    every = pl.concat([in_sectors, in_all])
    steps: list[pl.DataFrame] = []
    for name, keys in _STEPS.items():
        found = every.select(keys).unique().with_row_index(name)
        every = every.join(found, on=keys, maintain_order="left")
        steps.append(found)
    sites, sectors, actors, again = steps
    communes = nodes.first[len(LEVELS) - 1]
    of_node = sites["cell"].gather(sectors["of_site"]) // WIDTH
    return _Figures(
        activity=every["a"].to_numpy(),
        together=every["together"].to_numpy(),
        told=every["of_told"].to_numpy(),
        actor_of_told=again["of_actor"].to_numpy(),
        sector_of_actor=actors["of_sector"].to_numpy(),
        site_of_sector=sectors["of_site"].to_numpy(),
        cell_of_site=sites["cell"].to_numpy(),
        is_commune=of_node.is_between(communes, nodes.first[-2], closed="left").to_numpy(),
        is_node=sites["is_node"].to_numpy(),
    )


_STEPS = {
    "of_site": ["cell", "site", "is_node"],
    "of_sector": ["of_site", "sector"],
    "of_actor": ["of_sector", "organisation"],
    "of_told": ["of_actor", "title"],
}
"""What each step of putting figures together is known by, from the place to the activity."""


def _figure_keys(prepared: Prepared) -> pl.DataFrame:
    """``a, organisation, sector, title`` of each activity with a figure, by number.

    Alike in all three are those that may be one activity told again.

    What is withheld from whoever asks is compared too, and told to nobody.
    """
    figure = pl.any_horizontal(pl.col("reached", "target").is_not_null())
    counted = prepared.with_nothing_withheld.activities.filter(figure)
    lead = pl.when(pl.col("lead_org") != "").then("lead_org")
    partners = pl.col("implementers").fill_null([]).list.sort().list.join("|")
    nobody = pl.format("#{}", "a")  # two unknown organisations are not one
    title = folded_titles(counted["title"]).str.replace_all(_DATED_WORDS, " ")
    names = counted.select(
        "a",
        organisation=pl.coalesce(lead, pl.when(partners != "").then(partners), nobody),
        sector=pl.col("sector").fill_null(""),
        title=title.str.replace_all(r"[\W_]+", " ").str.strip_chars(),
    )
    return names.with_columns(pl.col("organisation", "sector", "title").rank("dense"))


_UNIT_WORDS = r"\b(?:region|cercle|commune|rurale|urbaine|ville|village|de|du|des|d|la|le|les|l)\b"


def _sites(prepared: Prepared, nodes: _Nodes) -> pl.DataFrame:
    """``a, site, is_node``: one number for the activities that are at the same places.

    A place is a unit with, where it lies inside, its name or its coordinates.
    """
    entire = prepared.with_nothing_withheld
    unit_names = dict(prepared.frames.units.select("unit_id", "name").iter_rows())
    names = entire.units.replace_strict(unit_names, default=None, return_dtype=pl.String)
    placed = entire.tables.placements
    spelt = placed["raw"].str.split(">").list.last().str.split("|").list.last()
    word, unit = (
        folded_titles(one).str.replace_all(_UNIT_WORDS, " ").str.replace_all(r"[\W_]+", "")
        for one in (spelt, names.gather(entire.places["u"]))
    )
    point = pl.format("{},{}", pl.col("lon").round(2), pl.col("lat").round(2))
    other = (word != "") & (word != unit.fill_null("")) & ~word.str.contains(_CODE)
    named = pl.coalesce(pl.when(other).then(word), point)
    inside = pl.when(~pl.col("how").is_in(_SPELT_OTHERWISE)).then(named)
    node = pl.Series(nodes.of_place)
    rows = placed.select(inside.fill_null("").alias("inside")).with_columns(
        entire.places["a"], node=node, holder=pl.Series(nodes.of_activity[entire.places["a"]])
    )
    return (
        rows.with_columns(place=pl.format("{} {}", "node", "inside"))
        .group_by("a")
        .agg(
            pl.col("place").unique().sort().str.join("|"),
            is_node=((pl.col("inside") == "") & (pl.col("node") == pl.col("holder"))).all(),
        )
        .select("a", pl.col("place").rank("dense").alias("site"), "is_node")
    )
