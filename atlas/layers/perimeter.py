"""A programme as the dated facts define it, and what lies inside its perimeter.

The newest document that names units is the perimeter; of each sector the newest word counts;
what nobody says of a sector stays as proposed in the vocabulary. A count of units without
their names ("3 cercles") is known, and is no perimeter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.layers.prepare import LEVELS, Prepared
from atlas.layers.scope import kept_units
from atlas.model import Level
from atlas.vocab import entries_by_id, entry_label, vocabulary_table
from atlas.vocab.programmes import component_id, known_programme, programme_id

if TYPE_CHECKING:
    from atlas.geo.frames import Frames

ENTERED = "bureau du gouverneur, saisie"
"""Origin of what the office said in the page: of one day, it stands before any file."""
PERIMETER, COMPONENTS = "programme", "components"
"""Kinds of the facts that define a programme."""
WHOLE = "_all"
"""The one component of a programme that has none of its own."""


@dataclass(frozen=True)
class Programme:
    """What a programme is on a day.

    Attributes
    ----------
    units
        Its perimeter, units of any découpage; none while nobody has named them.
    meant
        Unit → the components meant for it; a unit that is not there is meant for all.
    components
        Their ids, in order; `WHOLE` where it has none.
    sectors
        Sector → component, ``None`` where the office says that it belongs to none.
    proposed
        Sectors whose component is a proposal that nobody has confirmed.
    results
        Components that activities name themselves, as the result they work for.
    expected
        How many units its perimeter is said to have.
    source, as_of
        Where the perimeter is from, and its date.
    """

    id: str
    units: tuple[str, ...]
    meant: Mapping[str, frozenset[str]]
    components: tuple[str, ...]
    sectors: Mapping[str, str | None]
    proposed: frozenset[str]
    results: frozenset[str]
    expected: int | None
    source: str
    as_of: date | None

    @property
    def empty_components(self) -> frozenset[str]:
        """Components that nothing can be counted under: no sector and no result is theirs."""
        told = {*self.sectors.values(), *self.results, WHOLE}
        return frozenset(one for one in self.components if one not in told)

    def wanted_components(self, unit: str | None) -> tuple[str, ...]:
        """Components that are meant for a unit of the perimeter."""
        meant = self.meant.get(unit or "")
        return self.components if meant is None else tuple(c for c in self.components if c in meant)


def component_name(component: str) -> str:
    """What a component is called, in the language in force."""
    return (
        _("Toutes activités")
        if component == WHOLE
        else entry_label("programme_components", component)
    )


def programme_ids(context: pl.DataFrame) -> list[str]:
    """Ids of the programmes that can be asked for: the known ones, then those of the facts."""
    facts = context.filter(pl.col("kind").is_in([PERIMETER, COMPONENTS]))
    named = {programme_id(name): name for name in facts["indicator"].drop_nulls().unique().sort()}
    return list(dict.fromkeys([*entries_by_id("programmes"), *sorted(named)]))


def defined_programme(
    context: pl.DataFrame, day: date | None, options: Mapping[str, str]
) -> Programme:
    """The programme that the options name, as known on a day, with a draft laid over it.

    Parameters
    ----------
    context
        The table of facts.
    options
        ``programme``; ``perimeter``, unit ids by commas; ``components``, ``sector:component``
        by bars: drafts that stand before what is published.

    Raises
    ------
    UsageError
        No such programme.
    """
    wanted = programme_id(options["programme"])
    if wanted not in programme_ids(context):
        names = ", ".join(programme_ids(context))
        told = _("Programmes connus : {names}.", names=names)
        raise UsageError(_("Programme « {name} » inconnu", name=options["programme"]), "", told)
    facts = _facts_of(context, wanted, day)
    public = known_programme(wanted)
    perimeter = _newest_facts(facts.filter(kind=PERIMETER).drop_nulls("unit_id"))
    said, own = _component_of_sectors(facts.filter(kind=COMPONENTS), wanted)
    drafted = _drafted_components(options["components"])
    components = dict.fromkeys([*public.components, *own])
    components |= {c: None for c in (*said.values(), *drafted.values()) if c}
    drawn = tuple(part for part in options["perimeter"].split(",") if part)
    counted = facts.filter(kind=PERIMETER)["value"].drop_nulls()
    return Programme(
        id=wanted,
        units=drawn or tuple(perimeter["unit_id"].unique().sort()),
        meant=_components_meant(perimeter, wanted),
        components=tuple(components) or (WHOLE,),
        sectors={**public.proposed, **said, **drafted},
        proposed=frozenset(public.proposed) - set(said) - set(drafted),
        results=frozenset(own),
        expected=public.expected or (int(counted[0]) if counted.len() else None),
        source=perimeter["source"][0] if perimeter.height else public.source,
        as_of=perimeter["as_of"][0] if perimeter.height else None,
    )


def units_named(context: pl.DataFrame, options: Mapping[str, str]) -> set[str]:
    """Units that an answer about a programme tells apart, whatever level is asked for."""
    wanted = programme_id(options["programme"])
    facts = context.filter(kind=PERIMETER).drop_nulls("unit_id").select("indicator", "unit_id")
    own = {unit for name, unit in facts.iter_rows() if programme_id(name or "") == wanted}
    return own | {part for part in options["perimeter"].split(",") if part}


def _facts_of(context: pl.DataFrame, wanted: str, day: date | None) -> pl.DataFrame:
    """Facts of a programme in force on a day, oldest first; the office's own after files."""
    facts = context.filter(pl.col("kind").is_in([PERIMETER, COMPONENTS]))
    names = [name for name in facts["indicator"].unique() if programme_id(name or "") == wanted]
    on = pl.lit(day, dtype=pl.Date)
    in_force = [
        (pl.col("start") <= on).fill_null(value=True),
        (pl.col("expires") >= on).fill_null(value=True),
    ]
    return (
        facts.filter(pl.col("indicator").is_in(names), *in_force)
        .with_columns(entered=pl.col("source") == ENTERED)
        .sort("as_of", "entered", "document", nulls_last=False, maintain_order=True)
    )


def _newest_facts(facts: pl.DataFrame) -> pl.DataFrame:
    """The facts of the document that speaks last."""
    return facts.filter(document=facts["document"][-1]) if facts.height else facts


def _component_of_sectors(
    facts: pl.DataFrame, programme: str
) -> tuple[dict[str, str | None], list[str]]:
    """Sector → component, the newest word of each; and components named without a sector."""
    told = {
        sector: component_id(programme, text or "")
        for sector, text in facts.drop_nulls("sector").select("sector", "text").iter_rows()
    }
    alone = _newest_facts(facts.filter(pl.col("sector").is_null()))
    named = [component_id(programme, text or "") for text in alone["text"]]
    return told, list(dict.fromkeys(name for name in named if name))


def _components_meant(perimeter: pl.DataFrame, programme: str) -> dict[str, frozenset[str]]:
    """Components that the perimeter names for a unit, where it names any."""
    found: dict[str, set[str]] = {}
    for unit, text in perimeter.select("unit_id", "text").iter_rows():
        component = component_id(programme, text or "")
        found.setdefault(unit, set()).add(component or "")
    return {unit: frozenset(names) for unit, names in found.items() if "" not in names}


def _drafted_components(said: str) -> dict[str, str | None]:
    """``sector:component|sector:`` → what each sector is drafted to belong to."""
    pairs = [part.partition(":") for part in said.split("|") if ":" in part]
    sectors = set(vocabulary_table("sectors")["id"])
    return {sector: component or None for sector, _colon, component in pairs if sector in sectors}


# ground


def perimeter_grounds(prepared: Prepared, units: tuple[str, ...]) -> pl.DataFrame:
    """For each unit code, the finest level (index + 1) at which it is surely in, or surely out.

    Returns
    -------
    polars.DataFrame
        ``inside, outside``, one row per unit code; 0 where it is not sure. What straddles the
        perimeter, or may lie in it, is neither.
    """
    targets = prepared.targets_of("ml-2012", Level.REGION)
    outside = [_level_outside(prepared.frames, u, units) for u in prepared.units]
    return pl.DataFrame(
        {
            "inside": kept_units(prepared, targets, units),
            "outside": pl.Series(outside, dtype=pl.UInt8),
        }
    )


def _level_outside(frames: Frames, unit_id: str, units: Iterable[str]) -> int:
    """Index + 1 of the coarsest level at which what holds a unit shares no ground with any."""
    if unit_id not in frames:
        return 0
    for depth, level in enumerate(LEVELS, 1):
        held = frames.ancestor_at_level(unit_id, level)
        if held and all(_are_apart(frames, held, one) for one in units):
            return depth
    return 0


def _are_apart(frames: Frames, one: str, other: str) -> bool:
    """Whether two units surely share no ground: one of them lies in a neighbour of the other."""
    return any(
        home in frames and home != there.unit_id
        for here, there in ((one, frames.unit_by_id(other)), (other, frames.unit_by_id(one)))
        for home in (frames.converted_unit(here, there.frame, there.level),)
    )


def rows_of(
    prepared: Prepared, units: Iterable[str], frame: str, level: Level
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Units of (frame, level) that lie in the perimeter, each with the units it is there for.

    Returns
    -------
    tuple
        Unit of the answer → units of the perimeter that it lies in or holds; and the units
        of the perimeter that this découpage cannot tell.
    """
    frames = prepared.frames
    found: dict[str, list[str]] = {}
    lost = []
    for one in units:
        home = frames.converted_unit(one, frame, level)
        own = [home] if home in frames else _units_within(frames, one, frame, level)
        for row in own:
            found.setdefault(row, []).append(one)
        if not own:
            lost.append(one)
    return {row: tuple(sorted(held)) for row, held in found.items()}, lost


def _units_within(frames: Frames, unit_id: str, frame: str, level: Level) -> list[str]:
    """Units of (frame, level) that lie wholly in a unit of any découpage."""
    own = frames.unit_by_id(unit_id)
    homes = frames.conversion_targets(own.frame, own.level).filter(pl.col("target") == unit_id)
    here = frames.units_at_level(frame, level)["unit_id"]
    return here.filter(here.is_in(homes["unit_id"].implode())).to_list()


def is_part(frames: Frames, row: str, held: Iterable[str]) -> bool:
    """Whether a row of the answer holds more ground than the perimeter does there."""
    for one in held:
        own = frames.unit_by_id(one)
        if frames.converted_unit(row, own.frame, own.level) == one:
            return False
    whole, sure = (
        frames.exact_communes(row),
        frozenset().union(*(frames.certain_communes(one) for one in held)),
    )
    return whole is None or not whole <= sure
