"""The value of each unit under an indicator: its figure, or the state that it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from atlas.geo.frames import Frames
from atlas.i18n import _
from atlas.labels import label
from atlas.layers.counting import STOPPED
from atlas.layers.gaps import CLASSES
from atlas.layers.perimeter import component_name
from atlas.layers.programme import State
from atlas.model import RESERVED, Level
from atlas.vocab.programmes import known
from atlas.web import drawn, say, silence
from atlas.web.desk import Scene, ask
from atlas.web.gap_tables import known_of
from atlas.web.palette import NO_DATA, NO_REPORT, NOT_COMPARABLE

REPORTED_NONE, OUT_OF_DATE, STOPPED_ONLY = "reported_none", "stale", "stopped"
AGAINST_A_NEED = ("gap", "partial", "covered")
STATE_ORDER = (*AGAINST_A_NEED, "active", REPORTED_NONE, NOT_COMPARABLE, NO_REPORT)
MOST_NOTES = 3


@dataclass(frozen=True)
class UnitValue:
    """A unit of the map: its figure (``None`` unknown), the state it is in, its class."""

    unit_id: str
    name: str
    value: float | None
    state: str
    note: str = ""
    mark: str = ""


def shown_units(scene: Scene) -> frozenset[str] | None:
    """Units of the map inside the zones asked for; ``None`` where the whole country is."""
    assert scene.data is not None
    view, frames = scene.view, scene.data.frames
    if not view.filters.unit:
        return None
    inside: set[str] = set()
    for zone in view.filters.unit:
        if zone in frames:
            own = frames.unit(zone)
            targets = frames.targets(own.frame, own.level)
            inside |= set(targets.filter(pl.col("target") == zone)["unit_id"])
    return frozenset(inside)


def column_values(scene: Scene, layer: str, column: str) -> list[UnitValue]:
    """A column of a layer; the state of the unit says what none of it means."""
    states, notes = unit_states(scene), silence.unit_notes(scene)
    return [
        UnitValue(u, name, value, states.get(u, NO_REPORT), "" if value else notes.get(u, ""))
        for u, (name, value) in _column(scene, layer, column).items()
    ]


def coverage_values(scene: Scene) -> list[UnitValue]:
    """The state of each unit over its sectors."""
    states, notes = unit_states(scene), silence.unit_notes(scene)
    more = _known_needs(scene, states)
    return [
        UnitValue(u, n, None, states.get(u, NO_REPORT), _lines(more.get(u), notes.get(u)))
        for u, (n, _activities) in _column(scene, "presence", "activities").items()
    ]


def _lines(*notes: str | None) -> str:
    return "\n".join(note for note in notes if note)


def _known_needs(scene: Scene, states: Mapping[str, str]) -> dict[str, str]:
    """Of how many of its smaller units the need behind the state of each unit is known."""
    cells = ask(scene, "coverage").table.drop_nulls("need_units")
    notes: dict[str, list[str]] = {}
    for row in cells.to_dicts():
        if states.get(row["unit_id"]) == row["state"]:
            notes.setdefault(row["unit_id"], []).append(known_of(row))
    return {unit: "\n".join(told[:MOST_NOTES]) for unit, told in notes.items()}


def unit_states(scene: Scene) -> dict[str, str]:
    """State of each unit over its sectors: the first of `STATE_ORDER` that any of them is in.

    Activities without a known sector make a unit active too; where organisations are said to
    be present and no more, activities are unknown (``no_data``), not absent. Where all that is
    told was cancelled or suspended, it is ``stopped``. What is known against a need goes before
    all of these.
    """
    rank = {state: i for i, state in enumerate(STATE_ORDER)}
    found: dict[str, str] = {}
    for unit, state in ask(scene, "coverage").table.select("unit_id", "state").iter_rows():
        if state and rank.get(state, 99) < rank.get(found.get(unit, ""), 99):
            found[unit] = state
    stopped = pl.sum_horizontal(STOPPED).alias("stopped")
    who = ask(scene, "presence").table.select("unit_id", "activities", stopped, "organisations")
    for unit, activities, given_up, organisations in who.iter_rows():
        if found.get(unit) in AGAINST_A_NEED:
            continue
        if activities:
            found[unit] = "active"
        elif given_up:
            found[unit] = STOPPED_ONLY
        elif organisations:
            found[unit] = NO_DATA
    return found


def unmet_values(scene: Scene) -> list[UnitValue]:
    """How much of its need nothing answers in each unit, in the sector where that is most.

    The largest gap is the darkest whatever its class, which is the outline: the gravest over
    the sectors of the unit.
    """
    rows = ask(scene, "coverage").table.filter(~pl.col("unit_id").is_in(RESERVED))
    values = []
    for cells in rows.partition_by("unit_id", maintain_order=True):
        most = cells.sort("unmet", descending=True, nulls_last=True, maintain_order=True)
        first = most.row(0, named=True)
        mark = next((kind for kind in CLASSES if (cells["class"] == kind).any()), "")
        unmet = None if first["unmet"] is None else round(100 * first["unmet"], 1)
        told = [] if unmet is None else [label("sector", first["sector"])]
        if first["need_units"] is not None:
            told.append(known_of(first))
        if mark:
            told.append(label("class", mark))
        unit, name = first["unit_id"], first["unit_name"]
        values.append(UnitValue(unit, name, unmet, NO_DATA, "\n".join(told), mark))
    return values


def access_values(scene: Scene) -> list[UnitValue]:
    """Worst current severity; grey where all that is known is out of date.

    One map has one scale (`access_scale`): what is said in another is named, never coloured.
    """
    rows = drawn.answer(scene, "access").table.filter(~pl.col("unit_id").is_in(RESERVED)).to_dicts()
    scale, _direction = access_scale(scene)
    values = []
    for row in rows:
        known = row["stale"] is not None
        state = OUT_OF_DATE if row["stale"] else NO_DATA if known else NO_REPORT
        severity = None if row["stale"] or row["scale"] != scale else row["severity_max"]
        note = _("au {day}", day=say.day(row["as_of"])) if known else ""
        if row["scale"] not in (None, scale):
            note = _("autre échelle : {name} ; {note}", name=row["scale"], note=note)
        values.append(UnitValue(row["unit_id"], row["unit_name"], severity, state, note))
    return values


def access_scale(scene: Scene) -> tuple[str | None, str | None]:
    """Scale of severity that most units of the map speak in, and its direction."""
    said = drawn.answer(scene, "access").table.filter(
        ~pl.col("unit_id").is_in(RESERVED) & pl.col("severity_max").is_not_null()
    )
    current = said.filter(~pl.col("stale").fill_null(True))
    counted = current.group_by("scale", "direction").agg(pl.len(), pl.col("as_of").max())
    first = counted.sort(["len", "as_of", "scale"], descending=[True, True, False], nulls_last=True)
    for scale, direction in first.select("scale", "direction").head(1).iter_rows():
        return scale, direction
    return None, None


def access_facts(scene: Scene) -> pl.DataFrame:
    """The facts behind the map of access."""
    return scene.tables.context.filter(pl.col("kind").is_in(["access", "security"]))


def published_facts(scene: Scene) -> pl.DataFrame:
    """The counts behind the map of what is published."""
    assert scene.data is not None
    view = scene.view
    return scene.data.published(None, view.frame, view.level, view.filters, scene.viewer)


def published_values(scene: Scene) -> list[UnitValue]:
    """Published counts; where they were published for a larger, older unit, whose they are."""
    assert scene.data is not None
    shared = (
        published_facts(scene)
        .filter(~pl.col("exact"))
        .group_by("unit_id", "published_for")
        .agg(pl.sum("items"))
    )
    notes = {
        unit: _(
            "{n} publiés pour {older}, dont ce n'est qu'une partie", n=say.number(n), older=older
        )
        for unit, older, n in shared.iter_rows()
    }
    return [
        UnitValue(u, name, value, NOT_COMPARABLE if u in notes else NO_REPORT, notes.get(u, ""))
        for u, (name, value) in _column(scene, "published", "items").items()
    ]


WORST = (State.GAP, State.UNCLEAR, State.PLANNED, State.PAST, State.COVERED)


def programme_values(scene: Scene) -> list[UnitValue]:
    """The least advanced component of each unit of a perimeter; where it may be, if undefined."""
    assert scene.data is not None
    answer = ask(scene, "programme")
    if answer.meta["perimeter_defined"]:
        return _least_advanced(answer.table)
    level, programme = Level(answer.level), str(answer.meta["programme"])
    return _expected(scene.data.frames, answer.frame, level, programme)


def _least_advanced(table: pl.DataFrame) -> list[UnitValue]:
    """Each unit inside; those that say nothing are left out."""
    found = []
    inside = table.filter(pl.col("inside").fill_null(value=False))
    for (unit, name), rows in inside.group_by("unit_id", "unit_name", maintain_order=True):
        present = set(rows["state"].drop_nulls())
        state = next((one for one in WORST if one in present), None)
        if state is not None and not str(unit).startswith("_"):
            own = ", ".join(component_name(c) for c in rows.filter(state=state)["component"])
            found.append(UnitValue(str(unit), str(name), None, state.value, own))
    return found


def _expected(frames: Frames, frame: str, level: Level, programme: str) -> list[UnitValue]:
    """Units that share ground with the régions where an undefined perimeter is said to be."""
    ground = frozenset[str]().union(*(frames.communes(one) for one in known(programme).regions))
    units = frames.at(frame, level).select("unit_id", "name")
    return [
        UnitValue(unit, name, None, State.UNDEFINED.value, _("en partie, peut-être"))
        for unit, name in units.iter_rows()
        if frames.communes(unit) & ground
    ]


def _column(scene: Scene, layer: str, column: str) -> Mapping[str, tuple[str, float | None]]:
    answer = ask(scene, layer)
    rows = answer.table.select("unit_id", "unit_name", column).rows()
    return {unit: (name, value) for unit, name, value in rows if unit not in RESERVED}
