"""Activities that documents say are parts of each other: money told at several levels counts once.

A donor's activity, the programme it pays and its projects may each state a budget, in one file or
in several. What the parts state counts there, where places are finer; the whole keeps the kinds of
money that no part states, and stands behind a part where nothing is left. Nothing of it is stored:
without the file of the parts, the whole counts again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import polars as pl

from atlas.corrections.pairs import Answer, verdicts_of
from atlas.model import STOPPED, Kind, Tables, frame_of
from atlas.shares import exponent

Pair = tuple[str, str]


@dataclass(frozen=True)
class Chains:
    """What is told at several levels.

    Attributes
    ----------
    parts
        Of each whole, by id, those of parts first; no circle among them.
    elsewhere
        Whole and kind of its money that parts state → the activities of which it counts.
    behind
        Wholes that have nothing left to count → the part that they are listed with.
    """

    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    elsewhere: Mapping[Pair, Collection[str]] = field(default_factory=dict)
    behind: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved(self) -> pl.DataFrame:
        """``activity_id, kind`` of the money that counts elsewhere."""
        schema = {"activity_id": pl.String, "kind": pl.String}
        return pl.DataFrame(list(self.elsewhere), schema=schema, orient="row")

    def holds(self, one: str, other: str) -> bool:
        """Whether one of two activities is a part of the other, or of a part of it."""
        return self._leads(one, other) or self._leads(other, one)

    def _leads(self, whole: str, part: str) -> bool:
        waiting, seen = [whole], {whole}
        while waiting:
            further = set(self.parts.get(waiting.pop(), ())) - seen
            if part in further:
                return True
            seen |= further
            waiting += further
        return False


NO_CHAINS = Chains()


def chains_of(tables: Tables, leads: Mapping[str, str] | None = None) -> Chains:
    """What is told at several levels, by all documents of these tables together.

    Parameters
    ----------
    leads
        Records that another one counts for (`atlas.corrections.pairs.leaders`): that one stands
        for them here too. Two activities that a person told apart are no parts of each other.

    Returns
    -------
    Chains
        The same whatever the order and the number of the documents.
    """
    pairs, going_on = _pairs(tables, leads or {})
    if not pairs:
        return NO_CHAINS
    parts, ordered = _without_circles(pairs)
    kinds = _kinds(tables.amounts, going_on)
    tellers: dict[str, dict[str, set[str]]] = {}
    elsewhere: dict[Pair, Collection[str]] = {}
    behind: dict[str, str] = {}
    for one in ordered:  # parts before what they are parts of
        told = tellers[one] = _joined([tellers[part] for part in parts.get(one, ())])
        own = kinds.get(one, set())
        elsewhere |= {(one, kind): told[kind] for kind in sorted(own & told.keys())}
        if one in going_on and one in parts and own <= told.keys():
            beside = [behind.get(part, part) for part in parts[one] if part in going_on]
            heads = {teller for kind in own for teller in told[kind]} or beside
            behind |= {one: min(heads)} if heads else {}
        told.update({kind: {one} for kind in own - told.keys()})
    return Chains(parts, elsewhere, behind)


def _pairs(tables: Tables, leads: Mapping[str, str]) -> tuple[list[Pair], set[str]]:
    """Wholes with a part of each, both of them activities; in order, whoever of the two says so.

    And those of them that go on: one that was cancelled or is suspended states no money.
    """
    said = tables.relations.with_columns(pl.col("identifier").str.to_lowercase())
    own = said.filter(relation="self").select("identifier", other="activity_id")
    named = said.filter(pl.col("relation") != "self").join(own, on="identifier")
    if named.is_empty():
        return [], set()
    sides = (pl.col("activity_id"), pl.col("other"))
    is_part = pl.col("relation") == "whole"
    pairs = named.select(
        pl.when(is_part).then(sides[1]).otherwise(sides[0]).alias("whole"),
        pl.when(is_part).then(sides[0]).otherwise(sides[1]).alias("part"),
    )
    words = verdicts_of(tables.verdicts)
    apart = {one.pair for one in words if one.verdict is not Answer.SAME}
    heads = {
        (leads.get(whole, whole), leads.get(part, part))
        for whole, part in pairs.iter_rows()
        if (min(whole, part), max(whole, part)) not in apart
    }
    known = tables.activities.filter(
        pl.col("activity_id").is_in(list(set(chain(*heads)))), kind=Kind.ACTIVITY
    )
    status = dict(known.select("activity_id", "status").iter_rows())
    found = sorted(p for p in heads if p[0] != p[1] and p[0] in status and p[1] in status)
    return found, {one for one, said in status.items() if said not in STOPPED}


def _without_circles(pairs: Sequence[Pair]) -> tuple[dict[str, list[str]], list[str]]:
    """Parts of each whole, less those that would close a circle; all of them, parts first."""
    told: dict[str, list[str]] = defaultdict(list)
    for whole, part in pairs:
        told[whole].append(part)
    kept: dict[str, list[str]] = defaultdict(list)
    ordered: dict[str, None] = {}
    for first in sorted(told):
        if first in ordered:
            continue
        above, stack = {first}, [(first, iter(told[first]))]
        while stack:
            whole, rest = stack[-1]
            below = next((part for part in rest if part not in above), None)
            if below is None:
                stack.pop()
                above.remove(whole)
                ordered[whole] = None
                continue
            kept[whole].append(below)
            if below not in ordered:
                above.add(below)
                stack.append((below, iter(told.get(below, ()))))
    return {whole: kept[whole] for whole in ordered if whole in kept}, list(ordered)


def _kinds(amounts: pl.DataFrame, activity_ids: Collection[str]) -> dict[str, set[str]]:
    """Kinds of money that each activity states; nought states none."""
    own = amounts.filter(pl.col("activity_id").is_in(list(activity_ids)), pl.col("minor") != 0)
    found: dict[str, set[str]] = defaultdict(set)
    for one, kind in own.select("activity_id", "kind").unique().iter_rows():
        found[one].add(kind)
    return found


def _joined(many: Sequence[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for told in many:
        for kind, tellers in told.items():
            found.setdefault(kind, set()).update(tellers)
    return found


def counted_amounts(amounts: pl.DataFrame, chains: Chains) -> pl.DataFrame:
    """The table of amounts in which a whole's money that its parts state is nought.

    It stands there still, so that an activity whose money counts elsewhere is none without.
    """
    if not chains.elsewhere:
        return amounts
    moved = chains.moved.with_columns(_away=pl.lit(value=True))
    marked = amounts.join(moved, on=["activity_id", "kind"], how="left", maintain_order="left")
    nought = [
        pl.when("_away").then(pl.lit(0)).otherwise(name).alias(name)
        for name in ("minor", "usd_minor")
    ]
    return marked.with_columns(nought).drop("_away")


def counted_tables(tables: Tables) -> Tables:
    """The tables with what counts alone, before anybody decided anything of their pairs."""
    chains = chains_of(tables)
    if chains is NO_CHAINS:
        return tables
    kept = tables.activities.filter(~pl.col("activity_id").is_in(list(chains.behind)))
    return replace(tables, activities=kept, amounts=counted_amounts(tables.amounts, chains))


def totals_of_wholes(tables: Tables, chains: Chains) -> pl.DataFrame:
    """What wholes state beside what is read of their parts, as rows of ``control_totals``."""
    rows: list[dict[str, object]] = []
    if chains.elsewhere:
        every = {one for pair, told in chains.elsewhere.items() for one in (pair[0], *told)}
        chosen = pl.col("activity_id").is_in(list(every))
        named = dict(
            tables.relations.filter(chosen, relation="self")
            .select("activity_id", "identifier")
            .iter_rows()
        )
        about = tables.activities.filter(chosen).select("activity_id", "document")
        documents = dict(about.iter_rows())
        money = tables.amounts.filter(chosen).partition_by("activity_id", "kind", as_dict=True)
        for (whole, kind), told in sorted(chains.elsewhere.items()):
            name, document = f"{named[whole]} : {kind}", documents[whole]
            read = pl.concat(money[one, kind] for one in sorted(told))
            rows += [
                {"document": document, "name": name, **total}
                for total in _totals(money[whole, kind], read)
            ]
    return frame_of("control_totals", rows)


def _totals(published: pl.DataFrame, read: pl.DataFrame) -> list[dict[str, object]]:
    """A figure in the currency that both are in, else in dollars, else published alone."""
    both = pl.concat([published, read])
    currencies = both["currency"].unique().to_list()
    if len(currencies) == 1:
        digits = exponent(currencies[0])
        sums = [float(side["minor"].sum()) / 10**digits for side in (published, read)]
    elif both["usd_minor"].null_count() == 0:
        currencies = ["USD"]
        sums = [float(side["usd_minor"].sum()) / 100 for side in (published, read)]
    else:
        own = published.group_by("currency").agg(pl.col("minor").sum()).sort("currency")
        return [
            {"currency": currency, "published": minor / 10 ** exponent(currency), "read": None}
            for currency, minor in own.iter_rows()
        ]
    return [{"currency": currencies[0], "published": sums[0], "read": sums[1]}]


def published_totals(tables: Tables) -> pl.DataFrame:
    """The table of published totals, with those that wholes state over their parts."""
    own = totals_of_wholes(tables, chains_of(tables))
    return pl.concat([own, tables.control_totals]) if own.height else tables.control_totals
