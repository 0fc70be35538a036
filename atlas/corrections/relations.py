"""What activities are to each other, and what of them counts once.

The same by decision of a person, or part of one another by what documents say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import chain

import polars as pl

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.model import STOPPED, Kind, Tables, frame_of
from atlas.shares import minor_unit_digits


class PairRelation(StrEnum):
    """What two activities are to each other."""

    SAME = "same"
    DIFFERENT = "different"
    OVERLAP_ACCEPTED = "overlap_accepted"


@dataclass(frozen=True)
class PairVerdict:
    """One word about two activities.

    Attributes
    ----------
    activity_a, activity_b
        Their ids, the lower first.
    lead
        Of two that are the same, the one whose amounts, places and dates count; else "".
    decision
        Its number in the history; no part of what it says.
    """

    activity_a: str
    activity_b: str
    verdict: PairRelation
    lead: str = ""
    decision: int = field(default=0, compare=False)

    @classmethod
    def from_ids(cls, one: str, other: str, verdict: str, lead: str = "") -> PairVerdict:
        """A word about two activities in any order, checked.

        Raises
        ------
        UsageError
            One activity alone, an answer that does not exist, or no lead where one is needed.

        Examples
        --------
        >>> PairVerdict.from_ids("b2", "a1", "same", lead="b2").activity_a
        'a1'
        """
        if verdict not in list(PairRelation):
            raise UsageError(
                _("Réponse « {verdict} » inconnue", verdict=verdict),
                "",
                _("Choisissez parmi : {kinds}.", kinds=", ".join(PairRelation)),
            )
        if not one or not other or one == other:
            raise UsageError(_("Il faut deux activités différentes"))
        if verdict != PairRelation.SAME:
            lead = ""
        elif lead not in (one, other):
            raise UsageError(
                _("Deux fois la même activité : laquelle compte ?"),
                "",
                _("Dites laquelle des deux mène : {one} ou {other}.", one=one, other=other),
            )
        return cls(min(one, other), max(one, other), PairRelation(verdict), lead)

    @property
    def activity_pair(self) -> tuple[str, str]:
        """The two ids: a newer word about them stands in the place of an older one."""
        return self.activity_a, self.activity_b


def verdicts_of(table: pl.DataFrame) -> list[PairVerdict]:
    """The rows of a table ``verdicts`` as words about pairs."""
    columns = table.select("activity_a", "activity_b", "verdict", "lead")
    return [
        PairVerdict(a, b, PairRelation(said), lead or "")
        for a, b, said, lead in columns.iter_rows()
    ]


def leaders_by_record(verdicts: Iterable[PairVerdict]) -> dict[str, str]:
    """Which record each of those that are counted once stands behind.

    Groups are the connected components of the words "same", joined one by one: first those
    whose two activities have most records in common that are said to be the same as both, then
    by id. A word that would bring together two activities that somebody told apart joins nothing.

    A group is led by the record that was least often passed over, of those the most often
    chosen, of those the lowest id: of A before B and B before C it is A.

    Parameters
    ----------
    verdicts
        One word a pair, in any order: the answer depends on nothing else.

    Returns
    -------
    dict
        Id of each follower → id of the record that counts for it. Leaders are no key.

    Examples
    --------
    >>> pairs = [("a", "b", "same", "b"), ("b", "c", "same", "b")]
    >>> leaders_by_record([PairVerdict.from_ids(*pair) for pair in pairs])
    {'a': 'b', 'c': 'b'}
    """
    told = sorted(verdicts, key=lambda one: one.activity_pair)
    same = [one for one in told if one.verdict is PairRelation.SAME]
    groups = _same_groups(
        same, [one.activity_pair for one in told if one.verdict is not PairRelation.SAME]
    )
    found: dict[str, str] = {}
    for group in groups:
        lead = _group_leader(group, same)
        found |= {member: lead for member in group if member != lead}
    return dict(sorted(found.items()))


def _same_groups(same: list[PairVerdict], apart: list[tuple[str, str]]) -> list[set[str]]:
    """Components of "same", without the words that would join what is told apart."""
    beside: dict[str, set[str]] = defaultdict(set)
    for one in same:
        beside[one.activity_a].add(one.activity_b)
        beside[one.activity_b].add(one.activity_a)
    told_apart: dict[str, set[str]] = defaultdict(set)
    for one_id, other in apart:
        told_apart[one_id].add(other)
        told_apart[other].add(one_id)

    def strength(one: PairVerdict) -> tuple[int, tuple[str, str]]:
        return -len(beside[one.activity_a] & beside[one.activity_b]), one.activity_pair

    group_of = {member: {member} for member in beside}
    for one in sorted(same, key=strength):
        here, there = (group_of[member] for member in one.activity_pair)
        if here is there or any(told_apart[member] & there for member in here):
            continue
        here |= there
        group_of |= dict.fromkeys(there, here)
    return list({id(group): group for group in group_of.values() if len(group) > 1}.values())


def _group_leader(group: set[str], same: list[PairVerdict]) -> str:
    inside = [one for one in same if group.issuperset(one.activity_pair)]
    chosen = [one.lead for one in inside]
    passed = [member for one in inside for member in one.activity_pair if member != one.lead]
    return min(group, key=lambda member: (passed.count(member), -chosen.count(member), member))


def ineffective_verdicts(
    verdicts: Iterable[PairVerdict], behind: Mapping[str, str]
) -> list[PairVerdict]:
    """The words "same" that join nothing, because two activities they hold were told apart.

    Parameters
    ----------
    behind
        What `leaders_by_record` says of all words.
    """
    return [
        one
        for one in verdicts
        if one.verdict is PairRelation.SAME
        and behind.get(one.activity_a, one.activity_a) != behind.get(one.activity_b, one.activity_b)
    ]


IdPair = tuple[str, str]


@dataclass(frozen=True)
class ActivityChains:
    """What is told at several levels.

    Attributes
    ----------
    parts
        Of each whole, by id, those of parts first; no circle among them.
    elsewhere
        Whole and kind of its money that parts state → the activities of which it counts.
    listed_with
        Wholes that have nothing left to count → the part that they are listed with.
    """

    parts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    elsewhere: Mapping[IdPair, Collection[str]] = field(default_factory=dict)
    listed_with: Mapping[str, str] = field(default_factory=dict)

    @property
    def moved_amounts(self) -> pl.DataFrame:
        """``activity_id, kind`` of the money that counts elsewhere."""
        schema = {"activity_id": pl.String, "kind": pl.String}
        return pl.DataFrame(list(self.elsewhere), schema=schema, orient="row")

    def are_chained(self, one: str, other: str) -> bool:
        """Whether one of two activities is a part of the other, or of a part of it."""
        return self._reaches_part(one, other) or self._reaches_part(other, one)

    def _reaches_part(self, whole: str, part: str) -> bool:
        waiting, seen = [whole], {whole}
        while waiting:
            further = set(self.parts.get(waiting.pop(), ())) - seen
            if part in further:
                return True
            seen |= further
            waiting += further
        return False


NO_CHAINS = ActivityChains()


def chains_of(tables: Tables, leaders: Mapping[str, str] | None = None) -> ActivityChains:
    """What is told at several levels, by all documents of these tables together.

    Parameters
    ----------
    leaders
        Records that another one counts for (`atlas.corrections.relations.leaders_by_record`): that
        one stands
        for them here too. Two activities that a person told apart are no parts of each other.

    Returns
    -------
    ActivityChains
        The same whatever the order and the number of the documents.
    """
    pairs, going_on = _whole_part_pairs(tables, leaders or {})
    if not pairs:
        return NO_CHAINS
    parts, ordered = _without_circles(pairs)
    kinds = _kinds_by_activity(tables.amounts, going_on)
    tellers: dict[str, dict[str, set[str]]] = {}
    elsewhere: dict[IdPair, Collection[str]] = {}
    behind: dict[str, str] = {}
    for one in ordered:  # parts before what they are parts of
        told = tellers[one] = _merged_kinds([tellers[part] for part in parts.get(one, ())])
        own = kinds.get(one, set())
        elsewhere |= {(one, kind): told[kind] for kind in sorted(own & told.keys())}
        if one in going_on and one in parts and own <= told.keys():
            beside = [behind.get(part, part) for part in parts[one] if part in going_on]
            heads = {teller for kind in own for teller in told[kind]} or beside
            behind |= {one: min(heads)} if heads else {}
        told.update({kind: {one} for kind in own - told.keys()})
    return ActivityChains(parts, elsewhere, behind)


def _whole_part_pairs(tables: Tables, leads: Mapping[str, str]) -> tuple[list[IdPair], set[str]]:
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
    apart = {one.activity_pair for one in words if one.verdict is not PairRelation.SAME}
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


def _without_circles(pairs: Sequence[IdPair]) -> tuple[dict[str, list[str]], list[str]]:
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


def _kinds_by_activity(amounts: pl.DataFrame, activity_ids: Collection[str]) -> dict[str, set[str]]:
    """Kinds of money that each activity states; nought states none."""
    own = amounts.filter(pl.col("activity_id").is_in(list(activity_ids)), pl.col("minor") != 0)
    found: dict[str, set[str]] = defaultdict(set)
    for one, kind in own.select("activity_id", "kind").unique().iter_rows():
        found[one].add(kind)
    return found


def _merged_kinds(many: Sequence[Mapping[str, set[str]]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for told in many:
        for kind, tellers in told.items():
            found.setdefault(kind, set()).update(tellers)
    return found


def counted_amounts(amounts: pl.DataFrame, chains: ActivityChains) -> pl.DataFrame:
    """The table of amounts in which a whole's money that its parts state is nought.

    It stands there still, so that an activity whose money counts elsewhere is none without.
    """
    if not chains.elsewhere:
        return amounts
    moved = chains.moved_amounts.with_columns(_away=pl.lit(value=True))
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
    kept = tables.activities.filter(~pl.col("activity_id").is_in(list(chains.listed_with)))
    return replace(tables, activities=kept, amounts=counted_amounts(tables.amounts, chains))


def totals_of_wholes(tables: Tables, chains: ActivityChains) -> pl.DataFrame:
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
                for total in _total_rows(money[whole, kind], read)
            ]
    return frame_of("control_totals", rows)


def _total_rows(published: pl.DataFrame, read: pl.DataFrame) -> list[dict[str, object]]:
    """A figure in the currency that both are in, else in dollars, else published alone."""
    both = pl.concat([published, read])
    currencies = both["currency"].unique().to_list()
    if len(currencies) == 1:
        digits = minor_unit_digits(currencies[0])
        sums = [float(side["minor"].sum()) / 10**digits for side in (published, read)]
    elif both["usd_minor"].null_count() == 0:
        currencies = ["USD"]
        sums = [float(side["usd_minor"].sum()) / 100 for side in (published, read)]
    else:
        own = published.group_by("currency").agg(pl.col("minor").sum()).sort("currency")
        return [
            {
                "currency": currency,
                "published": minor / 10 ** minor_unit_digits(currency),
                "read": None,
            }
            for currency, minor in own.iter_rows()
        ]
    return [{"currency": currencies[0], "published": sums[0], "read": sums[1]}]


def published_totals(tables: Tables) -> pl.DataFrame:
    """The table of published totals, with those that wholes state over their parts."""
    own = totals_of_wholes(tables, chains_of(tables))
    return pl.concat([own, tables.control_totals]) if own.height else tables.control_totals
