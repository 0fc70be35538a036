"""An outsider who asks for all that is public, and works out what it tells of what is reserved.

All that he is told becomes linear constraints on where each reserved activity is (a share of it
in each commune; each is at one place) and on its people; HiGHS (`scipy.optimize.linprog`) gives
the bounds. He knows the rules, the découpages and every open activity.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from scipy.optimize import linprog
from scipy.sparse import coo_array

from atlas import summaries
from atlas.dataset import Dataset
from atlas.errors import ForbiddenError
from atlas.export.activity_rows import exchange_answer
from atlas.filters import Filters
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.model import OF_ACTIVITIES, Kind, Tables, Viewer
from atlas.sensitivity import PEOPLE_STEP
from tests.strategies import SyntheticSnapshot

EVERY_KIND = Filters(kind=tuple(Kind))
COUNTED = {
    "presence": ["activities"],
    "budget": ["activities"],
    "people": ["activities"],
    "coverage": ["activities_current", "activities_past"],
}
"""Columns of each layer that add one for each activity in a unit."""
TOUCHED = {
    "presence": ["organisations"],
    "budget": ["budget_usd", "inherited_usd"],
    "actors": ["organisations"],
}
"""Columns that differ where any of them is in a unit."""
NAMED = ("ending", "change", "duplicates")
"""Layers of rows that name an activity."""
WIDE_DAYS = 5
EPSILON = 1e-6


class Question(NamedTuple):
    """What he asks for: of a door, in a découpage and level, of what the filters keep."""

    door: str
    frame: str = ""
    level: str = ""
    filters: Filters = EVERY_KIND
    unit: str = ""


@dataclass
class Evidence:
    """What the answers say.

    Attributes
    ----------
    places
        ``(activities, communes, n)``: at least ``n`` of them are in these communes.
    people
        ``(figures, least, most)``: bounds of the sum of figures, each ``<activity> <measure>``.
    days
        ``(activity, day)``: days on which it is told to take place.
    """

    places: set[tuple[frozenset[str], frozenset[str], int]] = field(default_factory=set)
    people: set[tuple[frozenset[str], float, float]] = field(default_factory=set)
    days: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))


@cache
def communes_of(unit: str) -> frozenset[str]:
    """Communes of 2012 in which what lies in a unit may lie."""
    return shipped_frames().possible_communes(unit)


@cache
def regions_by_name() -> Mapping[str, frozenset[str]]:
    units = shipped_frames().units.filter(level="region")
    found: dict[str, frozenset[str]] = {}
    for unit, name in units.select("unit_id", "name").iter_rows():
        found[name] = found.get(name, frozenset()) | communes_of(unit)
    return found


class World:
    """A store, what is reserved in it, and the same without that: what he knows already."""

    def __init__(self, tables: Tables, earlier: Tables | None = None) -> None:
        def before(_word: str) -> SyntheticSnapshot | None:
            return SyntheticSnapshot(earlier, "earlier") if earlier else None

        self.data = Dataset(SyntheticSnapshot(tables), earlier=before)
        marks = self.data.reserved_activities
        self.reserved = frozenset(marks.filter("held")["activity_id"])
        self.handed_out = frozenset(marks.filter("handed_out")["activity_id"])
        mine = ~pl.col("activity_id").is_in(list(self.reserved))
        known = {name: getattr(tables, name).filter(mine) for name in OF_ACTIVITIES}
        rows = tables.rows.filter(mine)
        kept = replace(tables, activities=tables.activities.filter(mine), rows=rows, **known)
        self.known = Dataset(SyntheticSnapshot(kept, "known"))
        self._told: dict[tuple[bool, Question], Any] = {}

    def told(self, question: Question, *, known: bool = False) -> Any:
        """What the public is told; of what he knows alone, if that is said."""
        key = known, question
        if key not in self._told:
            data = self.known if known else self.data
            self._told[key] = answer(data, question, Viewer.PUBLIC)
        return self._told[key]


def answer(data: Dataset, question: Question, viewer: Viewer) -> Any:
    """What a viewer is told; ``None``: it is closed."""
    door, frame, level, filters, unit = question
    asked = filters, frame, level, viewer
    try:
        if door == "export":
            return exchange_answer(data, *asked).table
        if door == "list":
            return data.activity_grid(*asked).table
        if door == "behind":
            return data.activities_behind(
                unit, filters=filters, frame=frame, level=level, viewer=viewer
            ).table
        if door == "zone":
            return summaries.zone_panel(data, unit, filters, viewer).activities
        if door == "facets":
            return data.facet_counts(filters, viewer)
        if door == "totals":
            return data.control_totals(viewer)
        if door == "tables":
            return data.tables_for_viewer(viewer).placements
        return data.ask(door, *asked).table
    except ForbiddenError:
        return None


ORGANISATIONS = ("unhcr", "pam", "unicef", "nrc")


def filters_of(listed: pl.DataFrame, reserved: Iterable[str]) -> tuple[list[Filters], ...]:
    """Each value that anything reserved has, and each pair of an organisation and another."""
    rows = listed.filter(pl.col("activity_id").is_in(list(reserved)))
    others = [(c, v) for c in ("sector", "status") for v in rows[c].drop_nulls().unique().sort()]
    single = [("organisation", one) for one in ORGANISATIONS] + others
    pairs = itertools.product(single[: len(ORGANISATIONS)], others)
    told = [[(one,) for one in single], list(pairs)]
    return tuple(
        [EVERY_KIND.with_changes(**{k: (v,) for k, v in one}) for one in few] for few in told
    )


def questions(world: World, *, filtered: bool = True) -> Iterator[Question]:
    """All that he asks for; without filters, what is asked of many stores."""
    doors = ("presence", "export", "list")
    more = ("budget", "people", "coverage", "actors", *NAMED) if filtered else ()
    for frame in FRAMES:
        yield from (Question(door, frame, "cercle") for door in (*doors, *more))
    for frame in FRAMES if filtered else ():
        yield from (Question(door, frame, "region") for door in doors[:2])
    if not filtered:
        return
    single, pairs = filters_of(world.told(Question("list", FRAMES[0], "region")), world.reserved)
    for filters, frame in itertools.product(single, FRAMES):
        yield Question("presence", frame, "cercle", filters)
    for filters, door in itertools.product(pairs, ("presence", "people")):
        yield Question(door, FRAMES[1], "cercle", filters)
    for unit in ASKED_UNITS:
        frame = unit.split("/")[0]
        yield Question("presence", frame, "cercle", EVERY_KIND.with_changes(unit=(unit,)))
        yield Question("behind", frame, "cercle", EVERY_KIND, unit)
        yield Question("zone", frame, "cercle", EVERY_KIND, unit)
        yield Question("facets", filters=EVERY_KIND.with_changes(unit=(unit,)))
    for day in DAYS_ASKED:
        yield Question("list", FRAMES[0], "region", EVERY_KIND.with_changes(at=day))
    yield Question("totals")
    yield Question("tables")


ASKED_UNITS = ("ml-2012/ML0104", "ml-2012/ML0105", "ml-2016/ML0804", "ml-2016/ML0504")
DAYS_ASKED = tuple(date(2024, 9, 1) + timedelta(days=7 * n) for n in range(4))


class Outsider:
    """Who asks all that is public of a world, and puts it together.

    Parameters
    ----------
    instead
        What he is told (default: what the public is told); ``None``: nothing.
    filtered
        Whether he asks with filters too.
    """

    def __init__(
        self,
        world: World,
        instead: Callable[[Question], Any] | None = None,
        *,
        filtered: bool = True,
    ) -> None:
        self.world = world
        self.asked = 0
        self.found = Evidence()
        for question in questions(world, filtered=filtered):
            told = instead(question) if instead else world.told(question)
            if told is not None:
                self.asked += 1
                self._read(question, told)

    def told_besides(self, instead: Callable[[Question], Any]) -> Outsider:
        """Who knows as much, and what some questions are answered with where a mask is forgotten."""
        more = Outsider(self.world, instead)
        more.found.places |= self.found.places
        more.found.people |= self.found.people
        for activity, days in self.found.days.items():
            more.found.days[activity] |= days
        return more

    def _read(self, question: Question, told: Any) -> None:
        door = question.door
        if door in COUNTED or door in TOUCHED:
            self._read_marginal(question, told)
        elif door in NAMED:
            sides = [c for c in ("activity_id", "activity_a", "activity_b") if c in told.columns]
            self._in_units((row[c], row["unit_id"]) for row in told.to_dicts() for c in sides)
        elif door in ("list", "export", "behind", "zone"):
            self._read_rows(question, told)
        elif door == "facets":
            self._read_facets(question, told)
        elif door == "totals":
            self._read_totals(told)
        elif door == "tables":
            self._in_units(told.select("activity_id", "unit_id").iter_rows())

    def _in_units(self, pairs: Iterable[tuple[str, str | None]]) -> None:
        for activity, unit in pairs:
            if activity in self.world.reserved and unit and unit in shipped_frames():
                self._add(frozenset([activity]), communes_of(unit), 1)

    def _add(self, activities: frozenset[str], communes: frozenset[str], n: int) -> None:
        if activities and communes and n > 0:
            self.found.places.add((activities, communes, n))

    def _kept(self, filters: Filters) -> frozenset[str]:
        plain = filters.with_changes(unit=())
        listed = self.world.told(Question("list", FRAMES[0], "region", plain))
        return self.world.reserved & frozenset(listed["activity_id"])

    def _read_marginal(self, question: Question, told: pl.DataFrame) -> None:
        """What a unit has beyond the open activities is of what is reserved."""
        known, kept = self.world.told(question, known=True), self._kept(question.filters)
        for columns, adds_up in ((COUNTED, True), (TOUCHED, False)):
            for column in columns.get(question.door, []):
                before = _by_cell(known, column)
                for (unit, sector), value in _by_cell(told, column).items():
                    more = value - before.get((unit, sector), 0.0)
                    if unit in shipped_frames() and abs(more) > EPSILON:
                        n = min(round(more), len(kept)) if adds_up else 1
                        self._add(kept, communes_of(unit), n)
                        if question.door == "people" and len(kept) == 1 and n == value:
                            self._read_people(kept, told.filter(unit_id=unit))

    def _read_people(self, own: frozenset[str], told: pl.DataFrame) -> None:
        for measure, column in (("reached", "reached_high"), ("target", "targeted_high")):
            for value in told[column].drop_nulls():
                self._people(own, measure, value)

    def _people(self, activities: frozenset[str], measure: str, value: float) -> None:
        """A figure that is no step was not rounded."""
        half = 0.0 if value % PEOPLE_STEP else PEOPLE_STEP / 2
        figures = frozenset(f"{one} {measure}" for one in activities)
        self.found.people.add((figures, value - half, value + half))

    def _read_rows(self, question: Question, told: pl.DataFrame) -> None:
        for row in told.filter(pl.col("activity_id").is_in(list(self.world.reserved))).iter_rows(
            named=True
        ):
            own = frozenset([row["activity_id"]])
            if question.unit:
                self._in_units([(row["activity_id"], question.unit)])
            if "unit_id" in row:
                self._in_units([(row["activity_id"], row["unit_id"])])
                self._read_point(own, row)
            if row.get("place") and question.door == "list":
                self._read_place(own, row["place"])
            for part in (row.get("title") or "").split(" — "):
                names = [regions_by_name().get(one, frozenset()) for one in part.split(", ")]
                self._add(own, frozenset().union(*names), 1)
            for measure in ("reached", "target"):
                if row.get(measure) is not None:
                    self._people(own, measure, row[measure])
            days = [row[end] for end in ("start", "end") if row.get(end)]
            days += [question.filters.at] if question.filters.at else []
            self.found.days[row["activity_id"]].update(days)

    def _read_place(self, own: frozenset[str], place: str) -> None:
        for text in place.split(" ; "):
            name, *_region = text.split(", ")
            units = shipped_frames().units.filter(name=name)["unit_id"]
            found = frozenset[str]().union(*(communes_of(unit) for unit in units))
            self._add(own, found, 1)

    def _read_point(self, own: frozenset[str], row: Mapping[str, Any]) -> None:
        point = pl.col("lon").eq_missing(row["lon"]) & pl.col("lat").eq_missing(row["lat"])
        units = shipped_frames().units.filter(point)["unit_id"]
        if row["lon"] is not None and row["unit_id"] not in units:
            self._add(own, frozenset[str]().union(*(communes_of(u) for u in units)), 1)

    def _read_facets(self, question: Question, told: Any) -> None:
        known = self.world.told(question, known=True)
        for name in ("organisation", "sector"):
            before = {value: n for value, _label, n in known[name]}
            for value, _label, n in told[name]:
                kept = self._kept(EVERY_KIND.with_changes(**{name: (value,)}))
                (unit,) = question.filters.unit
                self._add(kept, communes_of(unit), n - before.get(value, 0))

    def _read_totals(self, told: pl.DataFrame) -> None:
        """A published total of a document that tells of one reserved activity alone is of it."""
        told_of: dict[str, set[str]] = defaultdict(set)
        for one in self.world.told(Question("list", FRAMES[0], "region")).iter_rows(named=True):
            told_of[one["document"]].add(one["activity_id"])
        for row in told.iter_rows(named=True):
            inside = frozenset(told_of[row["document"]])
            if not inside <= self.world.reserved:
                continue
            if row["unit_id"] in shipped_frames():
                self._add(inside, communes_of(row["unit_id"]), 1)
            if row["name"] == "reached" and inside and row["read"]:
                self._people(inside, "reached", row["read"])

    # what it comes to

    def named_cells(self) -> Iterator[tuple[str, str]]:
        """Reserved activities with the cercle or commune in which they surely are."""
        return _named_cells(self.found.places, self.world.handed_out)

    def people_bounds(self) -> dict[str, tuple[float, float]]:
        """Least and most people of each reserved activity of which anything is told."""
        return _people_bounds(self.found.people)

    def tightest_people(self) -> float:
        """Half of the narrowest bound of people."""
        bounds = self.people_bounds().values()
        return min(((high - low) / 2 for low, high in bounds), default=float("inf"))

    def told_days(self) -> set[str]:
        """Distributions of which a day is known."""
        return {one for one in self.world.handed_out if self._days_of(one)}

    def _days_of(self, activity: str) -> bool:
        days = self.found.days[activity]
        listed = len([one for one in DAYS_ASKED if one in days])
        return bool(days - set(DAYS_ASKED)) or 0 < listed < len(DAYS_ASKED)

    def catches(self) -> bool:
        """Whether anything is told more closely than it may be."""
        close = bool(self.told_days()) or self.tightest_people() < 5
        return close or next(self.named_cells(), None) is not None


def _by_cell(table: pl.DataFrame, column: str) -> dict[tuple[str, str | None], float]:
    """The values of a column by unit, and sector where the layer tells them apart."""
    if table.is_empty() or column not in table.columns:
        return {}
    sector = pl.col("sector") if "sector" in table.columns else pl.lit(None, pl.String)
    rows = table.select("unit_id", sector.alias("sector"), pl.col(column).cast(pl.Float64))
    return {(unit, of): value for unit, of, value in rows.drop_nulls(column).iter_rows()}


@cache
def cells_of(handed_out: bool) -> tuple[frozenset[str], ...]:
    """Cells in which nothing may be named, as their communes: cercles, or single communes."""
    if not handed_out:
        return tuple(frozenset([code]) for code in sorted(_every_commune()))
    frames = shipped_frames()
    every = frames.units.filter(level="cercle")["unit_id"]
    return tuple({frames.certain_communes(unit) for unit in every} - {frozenset()})


@cache
def _every_commune() -> frozenset[str]:
    return frozenset(shipped_frames().crosswalk["cod_2019"])


Places = Iterable[tuple[frozenset[str], frozenset[str], int]]


def _named_cells(places: Places, handed_out: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Cells of each reserved activity whose share, at the least, is all of it."""
    told = _strongest(places)
    activities = sorted({one for which, _communes, _n in told for one in which})
    classes = _classes([communes for _which, communes, _n in told])
    column = {key: n for n, key in enumerate(itertools.product(activities, range(len(classes))))}
    rows, bounds = [], []
    for which, communes, least in told:
        inside = [n for n, one in enumerate(classes) if one <= communes]
        rows.append([column[activity, n] for activity in which for n in inside])
        bounds.append(-float(least))
    whole = [[column[activity, n] for n in range(len(classes))] for activity in activities]
    solve = _Program(len(column), rows, bounds, whole)
    every = [(name, [name], name in handed_out) for name in activities]
    every += [("some distribution", [one for one in activities if one in handed_out], True)]
    every += [("some activity", activities, False)]
    for name, group, is_handed_out in every:
        for cell in _candidate_cells(is_handed_out, told, group):
            inside = [n for n, one in enumerate(classes) if one <= cell]
            sure = [column[activity, n] for activity in group for n in inside]
            if sure and solve.least(sure) > 1 - EPSILON:
                yield name, " ".join(sorted(cell))


def _strongest(places: Places) -> list[tuple[frozenset[str], frozenset[str], int]]:
    """What is not said more strongly elsewhere."""
    least: dict[tuple[frozenset[str], frozenset[str]], int] = {}
    for which, communes, n in places:
        least[which, communes] = max(n, least.get((which, communes), 0))
    return [(which, communes, n) for (which, communes), n in least.items()]


def _classes(areas: Sequence[frozenset[str]]) -> list[frozenset[str]]:
    """Communes that no area tells apart, the cercles of all découpages being areas too."""
    signed: dict[tuple[bool, ...], set[str]] = defaultdict(set)
    every = [*dict.fromkeys(areas), *cells_of(handed_out=True)]
    for code in _every_commune():
        signed[tuple(code in area for area in every)].add(code)
    return [frozenset(one) for one in signed.values()]


def _candidate_cells(
    handed_out: bool, told: Places, activities: Sequence[str]
) -> Iterator[frozenset[str]]:
    """Cells worth a bound: those that hold something that is said of any of the activities."""
    about = {communes for which, communes, _n in told if not which.isdisjoint(activities)}
    return (cell for cell in cells_of(handed_out) if any(cell & communes for communes in about))


class _Program:
    """A linear programme whose bounds are asked for one after the other."""

    def __init__(
        self,
        size: int,
        rows: Sequence[Sequence[int]],
        bounds: Sequence[float],
        whole: Sequence[Sequence[int]],
    ) -> None:
        self.size = size
        self._rows, self._bounds = _matrix(rows, size, -1.0), list(bounds)
        self._whole = _matrix(whole, size, 1.0)
        self._kept: list[np.ndarray] = []

    def least(self, columns: Sequence[int]) -> float:
        """The least sum of some variables; 0 where a solution found before shows it is not 1."""
        if any(one[columns].sum() < 1 - EPSILON for one in self._kept):
            return 0.0
        cost = np.zeros(self.size)
        cost[list(columns)] = 1.0
        found = linprog(
            cost, A_ub=self._rows, b_ub=self._bounds,
            A_eq=self._whole, b_eq=np.ones(self._whole.shape[0]), bounds=(0, 1), method="highs",
        )  # fmt: skip
        assert found.status == 0, found.message
        self._kept.append(found.x)
        return float(found.fun)


def _matrix(rows: Sequence[Sequence[int]], size: int, value: float) -> Any:
    at = [(n, column) for n, columns in enumerate(rows) for column in columns]
    lines, columns = zip(*at, strict=True) if at else ((), ())
    shape = (len(rows), size)
    return coo_array((np.full(len(at), value), (lines, columns)), shape=shape).tocsr()


def _people_bounds(
    people: Iterable[tuple[frozenset[str], float, float]],
) -> dict[str, tuple[float, float]]:
    told = list(people)
    activities = sorted({one for which, _low, _high in told for one in which})
    rows, bounds = [], []
    for which, low, high in told:
        own = np.array([float(one in which) for one in activities])
        rows += [own, -own]
        bounds += [high, -low]
    found = {}
    for n, activity in enumerate(activities):
        cost = np.eye(len(activities))[n]
        ends = [
            linprog(sign * cost, A_ub=np.array(rows), b_ub=bounds, method="highs")
            for sign in (1, -1)
        ]
        assert [one.status for one in ends] == [0, 0]
        found[activity] = (float(ends[0].fun), -float(ends[1].fun))
    return found
