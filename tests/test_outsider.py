"""Nobody subtracts his way to a secret: what all public answers together tell is bounded."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import pytest

from atlas.geo.frames import FRAMES, shipped_frames
from atlas.geo.told_areas import FEWEST, FINER, fewest_units_open, told_areas
from atlas.model import UNPLACED, Level, Tables, Viewer, frame_of
from tests.layers.made import activity, tables_of
from tests.outsider import ORGANISATIONS, Outsider, Question, World, answer, questions

AS_OF = date(2024, 8, 31)
DAYS = {"start": date(2024, 9, 9), "end": date(2024, 9, 17)}
PROTECTION = {"sector": "protection", "sensitivity": "protection", "status": "ongoing"}
PROTECTION |= {"start": date(2024, 6, 1), "end": date(2024, 10, 31)}
COMING = {"sector": "food-security", "sensitivity": "coming_distribution", "status": "planned"}
OPEN = {"sensitivity": "open", "status": "ongoing", "start": date(2024, 1, 1)}

IN_CONFIDENCE = (
    ("p-crossing", "ml-2012/ML010403", PROTECTION, 37),  # alone in its cercles of 2012 and 2023
    ("p-crossing-2023", "ml-2023/guire-nara", PROTECTION, 113),  # its cercle has one commune
    ("p-alone", "ml-2016/ML080401", PROTECTION, 251),  # so has Tin-Essako
    ("p-menaka", "ml-2016/ML070403", PROTECTION, 3),  # and Ménaka, in 2016
    ("p-cercle", "ml-2023/cercle-diamou", PROTECTION, 77),
    ("p-salam", "ml-2012/ML060505", PROTECTION, 9),  # all of Taoudénit that is known
    ("d-kita", "ml-2012/ML010513", COMING, 417),  # a cercle of 2012, a région of 2023
    ("d-dioila", "ml-2023/cercle-dioila", COMING, 1203),
    ("d-nara", "ml-2023/nara-nara", COMING, 333),
    ("d-douentza", "ml-2016/ML0504", COMING, 58),
    ("d-menaka", "ml-2016/ML1003", COMING, 999),
    ("d-bamako", "ml-2012/ML090103", COMING, 2041),  # a région of one cercle in every découpage
    ("d-bla", "ml-2012/ML0402", COMING, 611),  # a cercle across two régions of 2023
    ("d-gao", "ml-2012/ML070101", COMING, 87),
)
"""Reserved activities where the découpages cross each other, and their people."""


def secret(n: int, key: str, unit: str, told: dict[str, Any], people: int) -> dict[str, Any]:
    who = {"lead_org": ORGANISATIONS[n % 4], "implementers": [ORGANISATIONS[n % 4]]}
    days = DAYS if told is COMING else {}
    people_told = {"target" if told is COMING else "reached": float(people)}
    document = {"document": "alone"} if key == "d-gao" else {}
    money = {"usd": 1_000_00 + n}
    return activity(
        f"Appui {key}", unit, key=key, **told, **who, **days, **people_told, **money, **document
    )


def in_the_open(n: int, unit: str) -> dict[str, Any]:
    who = {"lead_org": ORGANISATIONS[n % 4], "implementers": [ORGANISATIONS[n % 4]]}
    what = {"sector": ("wash", "health", "food-security")[n % 3], "usd": 700_00, "reached": 50.0}
    return activity(f"Forage {n}", unit, key=f"o{n}", **OPEN, **who, **what)


def twins() -> list[dict[str, Any]]:
    """A distribution in confidence that another list tells openly."""
    told = {"lead_org": "pam", "implementers": ["pam"], "usd": 2_222_00}
    hidden = told | COMING | DAYS | {"document": "twin", "source": "trust-fund"}
    known = told | OPEN | {"sector": "health", "source": "qip"}
    return [
        activity("Appui d-twin", "ml-2012/ML010513", key="d-twin", **hidden),
        activity("Appui d-twin", "ml-2012/ML010513", key="o-twin", **known),
    ]


def store() -> Tables:
    """A few activities told in confidence, and as many that are open, of the same organisations."""
    rows = [secret(n, *one) for n, one in enumerate(IN_CONFIDENCE)]
    places = ("ml-2012/ML010403", "ml-2012/ML010502", "ml-2016/ML080101", "ml-2023/guire-nara")
    rows += [in_the_open(n, unit) for n, unit in enumerate(places * 3)]
    made = tables_of(*rows, *twins(), as_of=AS_OF)
    alone = {"document": "alone"}
    totals = [
        alone | {"name": "reached", "published": 87.0, "read": 87.0},
        alone | {"name": "activities", "unit_id": "ml-2012/ML0701", "published": 1.0, "read": 1.0},
    ]
    return replace(made, control_totals=frame_of("control_totals", totals))


def earlier(tables: Tables) -> Tables:
    """A state before, in which another découpage named a place and nothing was reserved yet."""
    moved = {"p-crossing": "ml-2023/cercle-sadiola", "d-kita": "ml-2023/kita-kita"}
    opened = tables.activities.with_columns(
        sensitivity=pl.lit("open"), status=pl.lit("planned"), target=pl.lit(None, pl.Float64)
    )
    places = tables.placements.with_columns(
        pl.col("activity_id").replace_strict(moved, default=pl.col("unit_id")).alias("unit_id")
    )
    return replace(tables, activities=opened, placements=places)


@cache
def world() -> World:
    tables = store()
    return World(tables, earlier(tables))


def test_no_public_answers_together_name_a_cercle_or_bound_people_within_five(
    record_property: Callable[[str, object], None],
) -> None:
    found = outsider()
    record_property("marginals", found.asked)
    assert len(world().reserved) == 15
    assert found.asked > 100
    assert list(found.named_cells()) == []
    assert found.told_days() == set()
    assert found.tightest_people() >= 5


Answered = Callable[[Question], Any]


def _as(viewer: Viewer, which: Callable[[Question], bool]) -> Answered:
    """Some questions answered as another viewer is told."""
    return lambda question: answer(world().data, question, viewer) if which(question) else None


def _with_columns_of(viewer: Viewer, door: str, *columns: str) -> Answered:
    """The public's rows of a door with columns of what another viewer is told."""

    def told(question: Question) -> Any:
        if question.door != door or question.filters.at:
            return None
        own, other = world().told(question), answer(world().data, question, viewer)
        return own.drop(columns).join(other.select("activity_id", *columns), on="activity_id")

    return told


def _public_rows_that_an_editor_finds(question: Question) -> Any:
    if not question.filters.at:
        return None
    found = answer(world().data, question, Viewer.EDITOR)["activity_id"]
    every = world().told(question._replace(filters=question.filters.with_changes(at=None)))
    return every.filter(pl.col("activity_id").is_in(found.implode()))


def _totals(*columns: str) -> Answered:
    def told(question: Question) -> Any:
        if question.door != "totals":
            return None
        table = answer(world().data, question, Viewer.EDITOR)
        return table.with_columns(pl.lit(None, table.schema[c]).alias(c) for c in columns)

    return told


def _few_people(question: Question) -> Any:
    """A figure under ten, as it is."""
    if question.door != "export":
        return None
    own, other = world().told(question), answer(world().data, question, Viewer.EDITOR)
    exact = other.select("activity_id", few=pl.col("reached"))
    told = pl.when(pl.col("few") < 10).then("few").otherwise("reached").alias("reached")
    return own.join(exact, on="activity_id").with_columns(told)


PAIR, ONE, ALL = 2, 1, 0


def asks(door: str, frame: str = "", filters: int = ALL) -> Callable[[Question], bool]:
    """Whether a question is of a door, at cercles, in a découpage, with so many filters."""

    def is_it(question: Question) -> bool:
        asked = question.filters
        used = sum(bool(one) for one in (asked.sector, asked.organisation, asked.status))
        place = question.door == door and question.level != "region" and not asked.unit
        return place and used == filters and question.frame.startswith(frame)

    return is_it


def _of_a_unit(door: str) -> Callable[[Question], bool]:
    return lambda question: question.door == door and bool(question.filters.unit or question.unit)


LEAKS: dict[str, Answered] = {
    "an export that skips the mask": _as(Viewer.EDITOR, asks("export")),
    "coordinates in an export": _with_columns_of(Viewer.EDITOR, "export", "lon", "lat"),
    "a day in an export": _with_columns_of(Viewer.EDITOR, "export", "start"),
    "a figure of few people in an export": _few_people,
    "a layer that forgets the level": _as(Viewer.EDITOR, asks("presence", "ml-2012")),
    "money in its own cercle": _as(Viewer.EDITOR, asks("budget")),
    "people as they were reported": _as(Viewer.EDITOR, asks("people", filters=PAIR)),
    "coverage of the cercle it lies in": _as(Viewer.EDITOR, asks("coverage")),
    "a découpage with cercles of one commune": _as(Viewer.PARTNER, asks("presence", "ml-2016")),
    "a découpage that crosses the others": _as(Viewer.PARTNER, asks("presence", "ml-2023")),
    "a filter that is exact": _as(Viewer.EDITOR, asks("presence", filters=ONE)),
    "two filters that are exact": _as(Viewer.EDITOR, asks("presence", filters=PAIR)),
    "a filter on a cercle": _as(Viewer.EDITOR, _of_a_unit("presence")),
    "the values of filters in a cercle": _as(Viewer.EDITOR, _of_a_unit("facets")),
    "the list behind a figure": _as(Viewer.EDITOR, _of_a_unit("behind")),
    "the panel of a zone": _as(Viewer.EDITOR, _of_a_unit("zone")),
    "the place in a list": _with_columns_of(Viewer.EDITOR, "list", "place"),
    "the région of its own découpage in a title": _with_columns_of(Viewer.PARTNER, "list", "title"),
    "a window of one day": _public_rows_that_an_editor_finds,
    "a published total minus its parts": _totals("unit_id"),
    "a published total of one cercle": _totals("read"),
    "a past state that told it openly": _as(Viewer.EDITOR, asks("change")),
    "a twin that is open": _as(Viewer.EDITOR, asks("duplicates")),
    "the table of places": _as(Viewer.EDITOR, asks("tables")),
}


@cache
def outsider() -> Outsider:
    return Outsider(world())


def test_each_leak_planted_in_one_answer_is_caught() -> None:
    assert not outsider().catches()
    missed = [name for name, told in LEAKS.items() if not outsider().told_besides(told).catches()]
    assert (missed, len(LEAKS)) == ([], 24)


def _moved(tables: Tables, chance: random.Random) -> Tables:
    """The same store with each reserved activity elsewhere in its area, and other people alike."""
    frames, marks = shipped_frames(), world().data.reserved_activities
    levels = dict(marks.filter("held").select("activity_id", "finest").iter_rows())
    units = dict(tables.placements.select("activity_id", "unit_id").iter_rows())
    to = {}
    for activity_id, level in levels.items():
        areas = told_areas(frames, list(Level)[level])
        area = areas[units[activity_id]]
        alike = [unit for unit, told in areas.items() if told == area]
        to[activity_id] = chance.choice(sorted(alike))
    anew = pl.col("activity_id").replace_strict(to, default=pl.col("unit_id")).alias("unit_id")
    held = pl.col("activity_id").is_in(list(levels))
    step = ((pl.col("reached", "target") + 10) // 20).clip(0) * 20
    few = pl.when(step > 0).then(step + chance.randint(-10, 9)).otherwise(chance.randint(0, 9))
    people = pl.when(held & pl.col("reached", "target").is_not_null()).then(few)
    return replace(
        tables,
        placements=tables.placements.with_columns(anew),
        activities=tables.activities.with_columns(people.otherwise(pl.col("reached", "target"))),
    )


def test_the_public_is_answered_alike_wherever_in_its_area_what_is_reserved_lies() -> None:
    other = World(_moved(store(), random.Random(7)), earlier(store()))
    for question in questions(world()):
        own, others = world().told(question), other.told(question)
        if isinstance(own, pl.DataFrame):
            assert own.equals(others), question
        else:
            assert own == others, question
    exact = Question("presence", FRAMES[0], "cercle")
    assert not answer(other.data, exact, Viewer.EDITOR).equals(
        answer(world().data, exact, Viewer.EDITOR)
    )
    assert other.data.default_frame == world().data.default_frame
    gains = [one.frame_gain(Viewer.PUBLIC) for one in (other.data, world().data)]
    assert gains[0] == gains[1]


@pytest.mark.parametrize("finest", [Level.REGION, Level.CERCLE])
def test_an_area_that_is_told_leaves_several_finer_units_of_every_decoupage_open(
    finest: Level,
) -> None:
    frames = shipped_frames()
    told: dict[str, set[str]] = {}
    for unit, area in told_areas(frames, finest).items():
        told.setdefault(area, set()).add(unit)
    assert set(frames.units["unit_id"]) == set().union(*told.values())
    for area, units in told.items():
        assert fewest_units_open(frames, units, FINER[finest]) >= FEWEST[finest], area
        assert area == UNPLACED or frames.unit_by_id(area).frame == FRAMES[0]


def test_two_areas_lie_in_each_other_or_apart() -> None:
    frames = shipped_frames()
    areas = {one for level in FINER for one in told_areas(frames, level).values()} - {UNPLACED}
    for one, other in itertools.combinations(sorted(areas), 2):
        common = frames.possible_communes(one) & frames.possible_communes(other)
        assert common in (
            frozenset(), frames.possible_communes(one), frames.possible_communes(other)
        )  # fmt: skip


def random_store(chance: random.Random) -> Tables:
    """Some activities anywhere, most of them told in confidence."""
    units = shipped_frames().units["unit_id"].to_list()
    rows = []
    for n in range(chance.randint(8, 30)):
        told = chance.choice([PROTECTION, COMING, OPEN | {"sector": "health"}])
        rows.append(secret(n, f"s{n}", chance.choice(units), told, chance.randint(1, 900)))
    return tables_of(*rows, as_of=AS_OF)


def false_alarms(stores: int) -> int:
    """How many stores without a leak the outsider takes for one with a leak."""
    made = (World(random_store(random.Random(seed))) for seed in range(stores))
    return sum(Outsider(one, filtered=False).catches() for one in made)


def test_a_store_without_a_leak_raises_no_alarm() -> None:
    assert false_alarms(3) == 0
