"""People counted once: the least, the most and the best number behind figures of activities.

Two figures may be of the same people, and nobody says so. The rule is ours, in the spirit of
what clusters do with a 5W (of the figures of one place the largest, then the sum over places): we
know of no published one that settles each step. `RULES` change what it takes for granted:

- an activity told again (one organisation, sector and place, one title but for months and
  numbers) is of the same people: its largest figure counts, and where the partner flags people
  as new, all that are; several of one month may be several works, and at most add up;
- other figures of one place may be of the same people: at least the largest, at most the sum;
  the best is the largest in a commune, and in a cercle or région whose communes nobody named the
  sum over organisations, which seldom share their people there;
- people of two places are not the same: figures add up;
- over sectors the largest is the best;
- a figure stated for a whole cercle may be of people of its communes: at least the larger of the
  two, which is the best, and at most the sum;
- a figure of several units is nobody's to split: it is in the most of each. Where one unit holds
  them all it may be of the people of any of these: of both the larger, and such figures at least
  the largest, the sum at best;
- nowhere are there more people than the population, where that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl

from atlas.fields import BENEFICIARIES
from atlas.i18n import N_
from atlas.layers.grid import WIDTH, Numbers, cells_of
from atlas.layers.needs import population_by_unit
from atlas.layers.options import Option
from atlas.layers.pairing.entries import folded_titles
from atlas.layers.place_tree import COUNTRY, PlaceTree, RowNodes, place_tree, row_nodes
from atlas.layers.prepare import Prepared
from atlas.layers.scope import Scope
from atlas.vocab.indicators import MAXIMUM, SUM, adding_rule
from atlas.vocab.keywords import COUNTED_BEFORE, NEW_PEOPLE

RULES = (
    Option(
        "periods",
        adding_rule(BENEFICIARIES).over_periods,
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

_MONTHS = (
    r"\b(?:jan(?:v(?:ier)?|uary)?|fevr?(?:ier)?|feb(?:ruary)?|mar(?:s|ch)?|avr(?:il)?|apr(?:il)?"
    r"|mai|may|juin|june?|juil(?:let)?|july?|aout|aug(?:ust)?|sept?(?:emb(?:re|er))?"
    r"|oct(?:ob(?:re|er))?|nov(?:emb(?:re|er))?|dec(?:emb(?:re|er))?"
    r"|(?:mois|months?|semaines?|weeks?|trimestres?|quarters?|cycles?|tours?|rounds?) ?\d*"
    r"|[tq][1-4])\b"
)
"""What tells one month of an activity from the next in its title (folded)."""

_NUMBERED = r"\b(?:de|du|d|of|the|n|no)\b|\d+(?:er|eme|e|th)?\b"
"""What tells one of several like works from the next, and words that go with it."""

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


class _Step(NamedTuple):
    """People of the groups of one step that any figure kept is of: their numbers, and people."""

    groups: Numbers
    people: Numbers


class _Steps(NamedTuple):
    """People of each activity told again, organisation, sector and place.

    ``most`` is what is possible of each activity told again: those flagged as new, and the
    largest month of the others beside them, in which like works add up.
    """

    told: _Step
    most: Numbers
    actor: _Step
    sector: _Step
    site: _Step


@dataclass(frozen=True)
class _Figures:
    """The figures of a snapshot and which are put together, each step by number.

    Each stands here twice: in the cell of its sector and in that of all sectors. All of one step
    stand together, in the order of their numbers.

    Attributes
    ----------
    activity, together, told
        Activity of each, whether it stands for all sectors, and the activity told again that it
        belongs to; shape (n,).
    month
        Month of each as its title or start says.
    is_new, is_repeated
        Whether the partner says that the people of each are new, or were counted before.
    actor_of_told, sector_of_actor, site_of_sector, cell_of_site
        Organisation of each of these at a place, sector of each organisation there, place of
        each sector, and node and sector of each place (node × `WIDTH` + sector).
    is_commune
        Whether each sector of a place is in one commune.
    is_node
        Whether each place is its node itself, which may hold the people of its other places.
    cell_of_told
        Node and sector of each activity told again.
    """

    activity: Numbers
    together: Numbers
    told: Numbers
    month: Numbers
    is_new: Numbers
    is_repeated: Numbers
    actor_of_told: Numbers
    sector_of_actor: Numbers
    site_of_sector: Numbers
    cell_of_site: Numbers
    is_commune: Numbers
    is_node: Numbers
    cell_of_told: Numbers

    def kept_figures(self, of_sector: Numbers, of_all: Numbers) -> Numbers:
        """Which figures are of activities kept, in their sector and in all together."""
        return np.where(self.together, of_all[self.activity], of_sector[self.activity])

    def step_people(self, people: Numbers, kept: Numbers, rules: Mapping[str, str]) -> _Steps:
        """People of each step, of the figures kept."""
        told, most = self._told_people(people, np.flatnonzero(kept), rules)
        actor = _next_step(np.maximum, self.actor_of_told, told)
        of_sector, first = _neighbours(self.sector_of_actor[actor.groups])
        one, several = (_joined(add, actor.people, first) for add in (np.maximum, np.add))
        sector = _Step(of_sector, np.where(self.is_commune[of_sector], one, several))
        site = _next_step(np.maximum, self.site_of_sector, sector)
        return _Steps(told, most, actor, sector, site)

    def _told_people(
        self, people: Numbers, here: Numbers, rules: Mapping[str, str]
    ) -> tuple[_Step, Numbers]:
        """People of each activity told again, and the most that they may be.

        Parameters
        ----------
        here
            The figures kept, by number.
        """
        figures, new = people[self.activity[here]], self.is_new[here]
        told, first = _neighbours(self.told[here])
        if rules["periods"] == SUM:
            together = _joined(np.add, figures, first)
            return _Step(told, together), together
        of_new = _joined(np.add, figures * new, first)
        of_others = _joined(np.maximum, figures * ~new, first)
        _months, first = _neighbours(self.month[here])
        unsure = figures * ~(new | self.is_repeated[here])
        of_month = _joined(np.add, unsure, first)
        _told, first = _neighbours(self.told[here][first])
        of_unsure = _joined(np.maximum, of_month, first)
        return _Step(told, np.maximum(of_new, of_others)), np.maximum(of_new + of_unsure, of_others)

    def places_count(self, site: _Step, many: int) -> tuple[Numbers, Numbers]:
        """People of the nodes themselves, and of the places in them; shape (cells,)."""
        cells, is_node = self.cell_of_site[site.groups], self.is_node[site.groups]
        of_node = _largest(cells[is_node], site.people[is_node], many)
        return of_node, np.bincount(cells, site.people * ~is_node, minlength=many)

    def node_sums(
        self, people: Numbers, kept: Numbers, rules: Mapping[str, str], nodes: int
    ) -> _Sums:
        """What the figures kept come to at their nodes, whatever lies inside."""
        steps, many = self.step_people(people, kept, rules), nodes * WIDTH
        cells = self.cell_of_told[steps.told.groups]
        high = np.bincount(cells, steps.most, minlength=many)
        best = high if rules["same-place"] == SUM else np.maximum(
            *self.places_count(steps.site, many)
        )  # fmt: skip
        counted = np.bincount(self.cell_of_told[self.told[kept]], minlength=many)
        sums = _largest(cells, steps.told.people, many), best, high, counted
        return _Sums(*(one.reshape(nodes, WIDTH) for one in sums))

    def counted_figures(self, people: Numbers, kept: Numbers, rules: Mapping[str, str]) -> Numbers:
        """Which of the figures kept make the best number of their node, shape (n,)."""
        steps = self.step_people(people, kept, rules)
        told, actor, sector, site = (
            _of_every_group(step, many)
            for step, many in (
                (steps.told, self.actor_of_told.size),
                (steps.actor, self.sector_of_actor.size),
                (steps.sector, self.site_of_sector.size),
                (steps.site, self.cell_of_site.size),
            )
        )
        counted = kept & (rules["periods"] == SUM or self._make_told(people, kept, told))
        if rules["same-place"] == SUM:
            return counted
        many = int(self.cell_of_site.max(initial=0)) + 1
        of_node, of_places = self.places_count(steps.site, many)
        chosen = (of_node >= of_places)[self.cell_of_site] == self.is_node
        largest = _first_of_each(self.site_of_sector, sector == site[self.site_of_sector])
        chosen = chosen[self.site_of_sector] & largest
        largest = _first_of_each(self.sector_of_actor, actor == sector[self.sector_of_actor])
        several = ~self.is_commune[self.sector_of_actor]
        chosen = chosen[self.sector_of_actor] & (largest | several)
        largest = _first_of_each(self.actor_of_told, told == actor[self.actor_of_told])
        makes_best: Numbers = (chosen[self.actor_of_told] & largest)[self.told]
        return counted & makes_best

    def _make_told(self, people: Numbers, kept: Numbers, told: Numbers) -> Numbers:
        """Which figures make the number of their activity told again."""
        figures = np.where(kept, people[self.activity], -1)
        of_new = np.bincount(self.told, figures * (kept & self.is_new), minlength=told.size)
        sums_new = (of_new == told)[self.told]
        others = ~sums_new & ~self.is_new & (figures == told[self.told])
        makes: Numbers = (sums_new & self.is_new) | _first_of_each(self.told, others)
        return makes


def _neighbours(groups: Numbers) -> tuple[Numbers, Numbers]:
    """Each number once, of numbers in order, and where it begins."""
    first = np.flatnonzero(np.diff(groups, prepend=-1))
    return groups[first], first


def _joined(add: np.ufunc, values: Numbers, first: Numbers) -> Numbers:
    """What the values come to from each beginning to the next."""
    found: Numbers = add.reduceat(values, first) if values.size else values
    return found


def _next_step(add: np.ufunc, of_group: Numbers, step: _Step) -> _Step:
    """The step after another, in which its groups are put together."""
    groups, first = _neighbours(of_group[step.groups])
    return _Step(groups, _joined(add, step.people, first))


def _of_every_group(step: _Step, many: int) -> Numbers:
    """The people of all groups of a step, 0 of those that no figure is of."""
    found = np.zeros(many)
    found[step.groups] = step.people
    return found


def _rows_joined(add: np.ufunc, groups: Numbers, rows: Numbers, many: int) -> Numbers:
    """What the rows of each group come to, 0 where there is none; shape (many, `WIDTH`)."""
    found = np.zeros((many, rows.shape[1]), dtype=rows.dtype)
    if groups.size:  # in order, as ufunc.at is slow in two dimensions
        order = np.argsort(groups, kind="stable")
        of_each, first = _neighbours(groups[order])
        found[of_each] = add.reduceat(rows[order], first, axis=0)
    return found


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


class _Tree(NamedTuple):
    """Sums of every node with what lies inside, nowhere more than the population.

    Attributes
    ----------
    sums
        Of each node.
    inside
        Best number of what lies inside each, shape (nodes, `WIDTH`).
    over
        Whether figures of it, or inside it, come to more than a population; of that shape too.
    """

    sums: _Sums
    inside: Numbers
    over: Numbers


def _with_inside(places: _Places, own: _Sums, *, adding: bool) -> _Tree:
    """The sums of the nodes with what lies inside.

    Parameters
    ----------
    adding
        Whether the people of a place and those of what lies inside are others.
    """
    tree, many = places.tree, len(places.tree.units)
    low, _inside = _people_inside(places, own.low, np.maximum)
    best, inside = _people_inside(places, own.best, np.add)
    high, figures = own.high.astype(float), own.figures.astype(float)
    over = np.maximum(own.best, inside) > tree.population[:, None]
    for here in reversed(tree.by_depth):
        most = tree.population[here, None]
        over[here] |= adding & (high[here] > most)
        high[here] = np.minimum(high[here], most)
        if here is not tree.by_depth[0]:
            above = tree.parent[here]
            over |= _rows_joined(np.logical_or, above, over[here], many)
            high += _rows_joined(np.add, above, high[here], many)
            figures += _rows_joined(np.add, above, figures[here], many)
    return _Tree(_Sums(low, high if adding else best, high, figures), inside, over)


def _people_inside(places: _Places, own: Numbers, joint: np.ufunc) -> tuple[Numbers, Numbers]:
    """People of the nodes with what lies inside, and of what lies inside alone.

    Parameters
    ----------
    joint
        How places of several units add up.
    """
    tree = places.tree
    people, inside = own.astype(float), np.zeros(own.shape)
    for here, beside in zip(reversed(tree.by_depth), (*places.steps, None), strict=True):
        most = tree.population[here, None]
        people[here] = np.minimum(np.maximum(own[here], inside[here]), most)
        if beside:
            inside += beside.people_of_groups(people[here], joint, len(tree.units))
    return people, inside


class _Beside(NamedTuple):
    """Nodes of groups, in each of which some may be of the people of others.

    Units of one layer of a cluster are of other people. Places of several units may be of those
    of the units of their component, and of each other: at least the largest, the sum at best.

    Attributes
    ----------
    layer, cluster, component, group
        Number of the layer of each node in its group, of the cluster of each layer, of the
        component of each cluster, and the group of each component.
    is_joint
        Whether each cluster is a place of several units.
    """

    layer: Numbers
    cluster: Numbers
    component: Numbers
    group: Numbers
    is_joint: Numbers

    def largest_layers(self, of_nodes: Numbers) -> tuple[Numbers, Numbers]:
        """People of each layer, and of the largest of each cluster."""
        layers = _rows_joined(np.add, self.layer, of_nodes, self.cluster.size)
        return layers, _rows_joined(np.maximum, self.cluster, layers, self.component.size)

    def component_people(self, clusters: Numbers, joint: np.ufunc) -> tuple[Numbers, Numbers]:
        """People of the units of each component, and of its places of several units."""
        unit, several, many = ~self.is_joint, self.is_joint, self.group.size
        of_units = _rows_joined(np.add, self.component[unit], clusters[unit], many)
        return of_units, _rows_joined(joint, self.component[several], clusters[several], many)

    def people_of_groups(self, of_nodes: Numbers, joint: np.ufunc, many: int) -> Numbers:
        """People of each group; ``joint``: how places of several units add up."""
        _layers, clusters = self.largest_layers(of_nodes)
        either = np.maximum(*self.component_people(clusters, joint))
        return _rows_joined(np.add, self.group, either, many)

    def counted_nodes(self, best: Numbers) -> Numbers:
        """Whether the people of each node are in the best number of its group."""
        layers, clusters = self.largest_layers(best)
        largest = layers == clusters[self.cluster]
        wins = np.stack(
            [_first_of_each(self.cluster, one) for one in largest.T], axis=1
        )  # of two layers that are equal the first
        of_units, of_joint = self.component_people(clusters, np.add)
        by_units = (of_units >= of_joint)[self.component]
        counted: Numbers = (wins & (by_units != self.is_joint[:, None])[self.cluster])[self.layer]
        return counted


def _beside(tree: PlaceTree, groups: Numbers, nodes: Numbers) -> _Beside:
    """How some nodes stand beside each other in their groups."""

    def numbered(within: Numbers, of: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        keys, number = np.unique(within * len(tree.units) + of, return_inverse=True)
        return *np.divmod(keys, len(tree.units)), number

    group, layers, layer = numbered(groups, tree.layer[nodes])
    group, clusters, cluster = numbered(group, tree.cluster[layers])
    is_joint = np.zeros(tree.component.size, dtype=np.bool_)
    is_joint[tree.cluster[tree.layer]] = tree.is_joint
    group, _components, component = numbered(group, tree.component[clusters])
    return _Beside(layer, cluster, component, group, is_joint[clusters])


class _Places(NamedTuple):
    """The tree of places, and how the nodes of each depth stand in those above, deepest first."""

    tree: PlaceTree
    steps: tuple[_Beside, ...]


def _places_of(prepared: Prepared) -> _Places:
    tree = prepared.computed_once(place_tree)
    below = reversed(tree.by_depth[1:])
    return _Places(tree, tuple(_beside(tree, tree.parent[here], here) for here in below))


def _least_outside(places: _Places, at: RowNodes, own: Numbers) -> tuple[Numbers, Numbers]:
    """Rows of what lies in no unit, and the least of each: a place may hold the people of another.

    Those of different reserved rows are apart; a reserved row has its own figures alone.
    """
    reserved = places.tree.reserved
    rows = np.unique(at.row[(at.row >= 0) & ~at.is_unit])
    least = np.zeros((rows.size, WIDTH))
    for position, row in enumerate(rows):
        here = np.where(((at.row == row) & ~at.is_unit)[:, None], own, 0)
        least[position] = here[reserved].sum(axis=0)
        here[reserved] = 0
        if here.any():
            least[position] += _people_inside(places, here, np.maximum)[0][COUNTRY]
    return rows, least


def _row_sums(places: _Places, at: RowNodes, folded: _Sums, own: _Sums, rows: int) -> _Sums:
    """The rows of a question: units with what lies inside, and what lies in none by itself."""
    tops = np.flatnonzero(at.is_top)
    loose = np.flatnonzero((at.row >= 0) & ~at.is_unit)
    alone = [_rows_joined(np.add, at.row[loose], one[loose].astype(float), rows) for one in own]
    outside, least = _least_outside(places, at, own.low)
    alone[0][outside] = least
    beside = _beside(places.tree, at.row[tops], tops)
    in_units = (
        beside.people_of_groups(folded.low[tops], np.maximum, rows),
        beside.people_of_groups(folded.best[tops], np.add, rows),
        *(_rows_joined(np.add, at.row[tops], ends[tops], rows) for ends in folded[2:]),
    )
    return _Sums(*(one + other for one, other in zip(alone, in_units, strict=True)))


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
    prepared, adding = scope.prepared, scope.options["same-place"] == SUM
    places = prepared.computed_once(_places_of)
    tree = places.tree
    figures = prepared.computed_once(_figures_of)
    at = prepared.computed_once(row_nodes, scope.frame, scope.level)
    whole = scope.computed_once(_wholly_asked)
    people, known = values.fill_null(0).to_numpy(), values.is_not_null().to_numpy()
    kept = figures.kept_figures(known & of_sector & whole, known & of_all & whole)
    own = figures.node_sums(people, kept, scope.options, len(tree.units))
    folded, _inside, over = _with_inside(places, own, adding=adding)
    low, best, high, counted = _row_sums(places, at, folded, own, scope.targets.units.height)
    more, shared = _shared_people(scope, people * known, known & of_sector, known & of_all)
    population = _population_of_rows(scope)
    unknown, most = counted == 0, population[:, None]
    return HeadCount(
        low=np.where(unknown, np.nan, np.minimum(low, most)).ravel(),
        best=np.where(unknown, np.nan, np.minimum(best, most)).ravel(),
        high=np.where(unknown & (shared == 0), np.nan, np.minimum(high + more, most)).ravel(),
        figures=counted.ravel(),
        shared=shared.ravel(),
        over_population=((best > most) | _any_of_row(at, over, best.shape)).ravel(),
        country=_of_country(tree, folded, own, float(people[known & of_all & ~whole].sum())),
    )


def _any_of_row(at: RowNodes, nodes: Numbers, shape: tuple[int, ...]) -> Numbers:
    """Whether it is true of any node that stands in a row."""
    found = np.zeros(shape, dtype=np.bool_)
    tops = np.flatnonzero(at.is_top)
    np.logical_or.at(found, at.row[tops], nodes[tops])
    return found


def _wholly_asked(scope: Scope) -> Numbers:
    """Whether each activity of the snapshot lies wholly in what is asked for."""
    many = scope.prepared.activities.height
    asked = np.bincount(scope.item_placements["a"], minlength=many)
    every = np.bincount(scope.prepared.places["a"], minlength=many)
    whole: Numbers = (asked > 0) & (asked == every)
    return whole


def _population_of_rows(scope: Scope) -> Numbers:
    """People of each row of the question, infinite where unknown."""
    found = np.full(scope.targets.units.height, np.inf)
    stated = population_by_unit(scope.prepared, scope.frame, scope.level)
    found[stated["target"].to_numpy()] = stated["population"].to_numpy()
    return found


def _of_country(
    tree: PlaceTree, folded: _Sums, own: _Sums, partly: float
) -> tuple[float, float, float] | None:
    """People of all that is asked for, all sectors; ``None`` where no figure is known.

    Those of no unit may be of the people of the units. ``partly``: people of activities that
    lie in part outside the zones asked for, which may all be inside.
    """
    outside = tree.reserved
    if not folded.figures[COUNTRY, 0] + own.figures[outside, 0].sum():
        return None
    low, best = (
        float(max(inside[COUNTRY, 0], alone[outside, 0].max()))
        for inside, alone in zip(folded[:2], own[:2], strict=True)
    )
    return low, best, float(folded.high[COUNTRY, 0] + own.high[outside, 0].sum()) + partly


def counted_people(
    scope: Scope,
    values: pl.Series,
    kept: Numbers,
    *,
    in_sector: bool,
    rows: RowNodes | None = None,
) -> pl.Series:
    """What each activity adds to the best number of its cell.

    Parameters
    ----------
    scope, values
        See `head_count`.
    kept
        Which activities count.
    in_sector
        Whether the cell is that of one sector, else that of all.
    rows
        Other rows than those of the question: `atlas.layers.place_tree.country_nodes`.

    Returns
    -------
    polars.Series
        Of each activity of the snapshot: its figure, 0 where its people may be those of another,
        null where it has none that is of one row of the answer alone.
    """
    prepared, adding = scope.prepared, scope.options["same-place"] == SUM
    places = prepared.computed_once(_places_of)
    tree = places.tree
    figures = prepared.computed_once(_figures_of)
    at = rows or prepared.computed_once(row_nodes, scope.frame, scope.level)
    people, known = values.fill_null(0).to_numpy(), values.is_not_null().to_numpy()
    here = kept & known & scope.computed_once(_wholly_asked) & (at.row[tree.of_activity] >= 0)
    chosen = here[figures.activity] & (figures.together != in_sector)
    counted = figures.counted_figures(people, chosen, scope.options)
    if not adding:
        own = figures.node_sums(people, chosen, scope.options, len(tree.units))
        folded = _with_inside(places, own, adding=adding)
        by_itself = _counting_nodes(places, at, own, folded)
        counted &= by_itself.ravel()[figures.cell_of_told[figures.told]]
    adds = np.zeros(people.size)
    adds[figures.activity[counted]] = people[figures.activity[counted]]
    return pl.Series(np.where(here, adds, np.nan)).fill_nan(None)


def _counting_nodes(places: _Places, at: RowNodes, own: _Sums, folded: _Tree) -> Numbers:
    """Where the figures of a node itself make the best number of its row; (nodes, `WIDTH`)."""
    tree = places.tree
    by_itself = own.best >= folded.inside
    looked_at = np.zeros(by_itself.shape, dtype=np.bool_)
    tops = np.flatnonzero(at.is_top)
    looked_at[tops] = _beside(tree, at.row[tops], tops).counted_nodes(folded.sums.best[tops])
    for nodes, beside in zip(tree.by_depth[1:], reversed(places.steps), strict=True):
        above = tree.parent[nodes]
        lower = at.is_unit[nodes] & ~at.is_top[nodes]
        wins = beside.counted_nodes(folded.sums.best[nodes])
        looked_at[nodes[lower]] = (looked_at[above] & ~by_itself[above] & wins)[lower]
    return (by_itself & looked_at) | ~at.is_unit[:, None]


def _shared_rows(scope: Scope) -> pl.DataFrame:
    """``a, target, cell`` of activities in several rows, or only in part in what is asked."""
    tree = scope.prepared.computed_once(place_tree)
    at = scope.prepared.computed_once(row_nodes, scope.frame, scope.level)
    inside_one = scope.computed_once(_wholly_asked) & (at.row[tree.of_activity] >= 0)
    rows = scope.item_placements.select("a", "target")
    rows = rows.filter(~pl.Series(inside_one).gather(rows["a"])).unique()
    return rows.with_columns(cells_of(scope.prepared, rows))


def _shared_people(
    scope: Scope, people: Numbers, of_sector: Numbers, of_all: Numbers
) -> tuple[Numbers, Numbers]:
    """What activities of several rows may add to each cell, and how many they are."""
    rows, units = scope.computed_once(_shared_rows), scope.targets.units.height
    a, targets, cells = (rows[name].to_numpy() for name in ("a", "target", "cell"))
    sums = []
    for of in (people, np.ones(people.size)):
        found = np.bincount(cells, of[a] * of_sector[a], minlength=units * WIDTH)
        found = found.reshape(units, WIDTH)
        found[:, 0] = np.bincount(targets, of[a] * of_all[a], minlength=units)
        sums.append(found)
    return sums[0], sums[1]


def _figures_of(prepared: Prepared) -> _Figures:
    """The figures of a snapshot, and which are put together."""
    tree = prepared.computed_once(place_tree)
    told = prepared.computed_once(_figure_keys)
    figures = told.join(_sites(prepared), on="a", maintain_order="left").with_columns(
        pl.Series("node", tree.of_activity[told["a"]])
    )
    code = cells_of(prepared, figures.with_columns(target=pl.lit(0, pl.Int64)))
    cell = pl.col("node") * WIDTH
    in_sectors = figures.with_columns(cell=cell + code, together=False).filter(code > 0)
    in_all = figures.with_columns(cell=cell, together=True)
    every = pl.concat([in_sectors, in_all])
    steps: list[pl.DataFrame] = []
    for name, keys in _STEPS.items():
        found = every.select(keys).unique().sort(keys).with_row_index(name)
        every = every.join(found, on=keys, maintain_order="left")
        steps.append(found)
    sites, sectors, actors, again, _months = steps
    every = every.sort("of_month")
    cells = every.select("of_told", "cell").unique().sort("of_told")
    node = sites["cell"].gather(sectors["of_site"]).to_numpy() // WIDTH

    def numbers(table: pl.DataFrame, name: str) -> Numbers:
        return table[name].to_numpy().astype(np.intp)  # as NumPy adds up fastest

    return _Figures(
        activity=numbers(every, "a"),
        together=every["together"].to_numpy(),
        told=numbers(every, "of_told"),
        month=numbers(every, "of_month"),
        is_new=every["is_new"].to_numpy(),
        is_repeated=every["is_repeated"].to_numpy(),
        actor_of_told=numbers(again, "of_actor"),
        sector_of_actor=numbers(actors, "of_sector"),
        site_of_sector=numbers(sectors, "of_site"),
        cell_of_site=numbers(sites, "cell"),
        is_commune=tree.is_commune[node],
        is_node=sites["is_node"].to_numpy(),
        cell_of_told=numbers(cells, "cell"),
    )


_STEPS = {
    "of_site": ["cell", "site", "is_node"],
    "of_sector": ["of_site", "sector"],
    "of_actor": ["of_sector", "organisation"],
    "of_told": ["of_actor", "title"],
    "of_month": ["of_told", "month"],
}
"""What each step of putting figures together is known by, from the place to the activity."""


def titles_and_months(titles: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Titles without what tells one month, or one of several like works, from the next; and months.

    Examples
    --------
    >>> [one.to_list() for one in titles_and_months(pl.Series(["Forage n° 2, mars"]))]
    [['forage'], ['mars']]
    """
    title = folded_titles(titles)
    plain = title.str.replace_all(_MONTHS, " ").str.replace_all(_NUMBERED, " ")
    months = title.str.extract_all(_MONTHS).list.join(" ")
    return plain.str.replace_all(r"[\W_]+", " ").str.strip_chars(), months


def _figure_keys(prepared: Prepared) -> pl.DataFrame:
    """``a, is_new, is_repeated, organisation, sector, title, month`` of activities with a figure.

    Alike in organisation, sector and title, which are numbers, are those that may be one activity
    told again; of one month too, several like ones.
    What is withheld from whoever asks is compared too, and told to nobody.
    """
    figure = pl.any_horizontal(pl.col("reached", "target").is_not_null())
    counted = prepared.with_nothing_withheld.activities.filter(figure)
    lead = pl.when(pl.col("lead_org") != "").then("lead_org")
    partners = pl.col("implementers").fill_null([]).list.sort().list.join("|")
    nobody = pl.format("#{}", "a")  # two unknown organisations are not one
    title, month = titles_and_months(counted["title"])
    flag = folded_titles(counted["people_flag"]).str.strip_chars()
    new, before = (flag.str.contains(words) for words in (NEW_PEOPLE, COUNTED_BEFORE))
    who = pl.coalesce(lead, pl.when(partners != "").then(partners)).str.to_lowercase()
    names = counted.select(
        "a",
        (new & ~before).alias("is_new"),
        (before & ~new).alias("is_repeated"),
        organisation=pl.coalesce(who.str.replace_all(r"[^\p{L}\d|]+", ""), nobody),
        sector=pl.col("sector").fill_null(""),
        title=title,
        month=pl.format("{} {}", month, pl.col("start").fill_null(date.max)),
    )
    return names.with_columns(pl.col("organisation", "sector", "title", "month").rank("dense"))


_UNIT_WORDS = r"\b(?:region|cercle|commune|rurale|urbaine|ville|village|de|du|des|d|la|le|les|l)\b"


def _sites(prepared: Prepared) -> pl.DataFrame:
    """``a, site, is_node``: one number for the activities of a node that are at the same places.

    A place is the node, or what lies inside by its name or its coordinates.
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
    rows = placed.select(inside.fill_null("").alias("inside")).with_columns(entire.places["a"])
    words = rows.group_by("a").agg(pl.col("inside").filter(pl.col("inside") != "").unique().sort())
    return words.select(
        "a",
        site=pl.col("inside").list.join("|").rank("dense"),
        is_node=pl.col("inside").list.len() == 0,
    )
