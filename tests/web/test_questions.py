"""The questions of the page: one tab, one map and few filters each."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from atlas.dataset import Dataset
from atlas.model import Viewer
from atlas.web import filter_bar, map_view, side_column
from atlas.web.indicators import MAP_INDICATORS, NO_FIGURE, shown_indicator
from atlas.web.page_elements import TabName
from atlas.web.page_state import PageScene, PageView
from atlas.web.questions import QUESTIONS, question_asked
from tests.layers.made import DAY, activity, dataset_of, fact, tables_of
from tests.layers.test_counting import said
from tests.strategies import SyntheticSnapshot
from tests.web.test_views import text

GAO, KIDAL, MOPTI = "ml-2016/ML07", "ml-2016/ML08", "ml-2016/ML05"


def scene_of(query: str, *entries: dict[str, Any], **more: Any) -> PageScene:
    view = PageView.from_query(f"frame=ml-2016&{query}")
    viewer = more.pop("viewer", Viewer.EDITOR)
    return PageScene(dataset_of(*entries, **more), view, viewer)


def values(scene: PageScene) -> dict[str, tuple[float | None, str]]:
    """Figure and state of each unit of the map."""
    return {v.unit_id: (v.value, v.state) for v in map_view.map_painting(scene).values}


def test_every_indicator_is_of_one_question():
    counted = Counter(name for question in QUESTIONS for name in question.indicators)
    assert counted == dict.fromkeys(MAP_INDICATORS, 1)


def test_every_tab_answers_a_question():
    assert {tab for question in QUESTIONS for tab in question.tabs} == set(TabName)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.words)
def test_a_question_paints_the_map_with_its_own_indicator(question):
    scene = scene_of(f"tab={question.tabs[0]}")
    shown = (*question.indicators, "activities")[0]
    assert shown_indicator(scene) is MAP_INDICATORS[shown]
    assert question_asked(scene.view.tab, scene.view.indicator) is question


def test_another_map_of_a_question_stays_with_its_tab_and_its_ranking():
    scene = scene_of("tab=gaps&indicator=priority")
    assert shown_indicator(scene) is MAP_INDICATORS["priority"]
    ranking = scene_of("indicator=priority")
    assert text(side_column.side_content(ranking)[0]) == "Lacunes Classement Par secteur Élargir"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("tab=gaps", "tab=gaps"),
        ("tab=gaps&indicator=coverage", "tab=gaps"),
        ("tab=gaps&indicator=priority", "indicator=priority&tab=gaps"),
        ("indicator=coverage", "indicator=coverage"),
        ("indicator=activities", ""),
    ],
)
def test_the_url_says_the_map_only_where_it_is_not_that_of_the_tab(query, said):
    assert PageView.from_query(query).to_query() == said


def test_a_filter_in_force_stays_in_sight_though_it_is_none_of_the_question():
    scene = scene_of("tab=gaps&donor=usaid")
    question = question_asked(scene.view.tab)
    fields = filter_bar.filter_fields(scene)
    shown = [str(f.control) for f in fields if f.is_in_sight(question)]
    assert shown == ["frame", "level", "sector", "donor", "since", "until"]


def test_the_map_of_doubles_counts_pairs_and_tells_none_from_nothing_known():
    same = {"sector": "wash", "lead_org": "acf", "usd": 5_000_000, "start": DAY}
    scene = scene_of(
        "tab=duplicates",
        activity("Forage de Ber à Tombouctou", GAO, document="a", **same),
        activity("Forage de Ber à Tombouctou", GAO, document="b", **same | {"lead_org": "irc"}),
        activity("École", KIDAL, sector="education"),
    )
    found = values(scene)
    assert found[GAO][0] == 1
    assert found[KIDAL] == (None, NO_FIGURE)
    assert found[MOPTI] == (None, "no_report")


def test_the_map_of_changes_is_unknown_without_an_earlier_state():
    assert values(scene_of("tab=change", activity("École", KIDAL)))[KIDAL] == (None, "no_data")


def test_the_map_of_reports_is_the_share_of_those_due_that_came_in():
    scope = {"frequency": "monthly", "due_days": 10, "as_of": DAY.replace(month=1, day=1)}
    due = tuple(fact("reporting", GAO, organisation=who, **scope) for who in ("acf", "irc"))
    report = activity("Forage", GAO, lead_org="acf", sector="wash")
    scene = scene_of("tab=reporting", report, context=due)
    share, _state = values(scene)[GAO]
    rows = scene.data.ask("reporting", frame="ml-2016", level="region").table
    came = rows.filter(rows["state"].is_in(["on_time", "late"])).height
    owed = rows.filter(rows["state"] == "missing").height
    assert came + owed > 0
    assert share == round(100 * came / (came + owed))
    assert values(scene)[KIDAL] == (None, "no_data")
    assert "par région – Mali, 30 juin 2017" in text(map_heading_of(scene))


def test_the_public_is_shown_activities_where_a_map_is_not_offered():
    scene = scene_of("tab=access", activity("École", KIDAL), viewer=Viewer.PUBLIC)
    assert shown_indicator(scene) is MAP_INDICATORS["activities"]
    assert "Où peut-on aller ?" not in text(side_column.question_buttons(scene))


def test_a_pair_that_somebody_decided_is_not_to_examine():
    same = {"sector": "wash", "usd": 5_000_000, "start": DAY}
    tables = tables_of(
        activity("Forage de Ber à Tombouctou", GAO, document="a", lead_org="acf", **same),
        activity("Forage de Ber à Tombouctou", GAO, document="b", lead_org="irc", **same),
    )
    decided = replace(tables, verdicts=said(("a0", "a1", "different", None)))
    view = PageView.from_query("frame=ml-2016&tab=duplicates")
    counted = [
        values(PageScene(Dataset(SyntheticSnapshot(one)), view, Viewer.EDITOR))[GAO]
        for one in (tables, decided)
    ]
    assert counted == [(1, NO_FIGURE), (None, NO_FIGURE)]


def test_a_change_of_several_zones_is_one_of_each():
    both = activity("Programme", (GAO, KIDAL), sector="wash")
    before = SyntheticSnapshot(tables_of(activity("École", MOPTI, key="old")), "before")
    now = SyntheticSnapshot(tables_of(both, activity("École", MOPTI, key="old")), "now")
    dataset = Dataset(now, earlier=lambda _word: before)
    scene = PageScene(dataset, PageView.from_query("frame=ml-2016&tab=change"), Viewer.EDITOR)
    found = values(scene)
    assert (found[GAO][0], found[KIDAL][0], found[MOPTI][0]) == (
        found[KIDAL][0],
        found[GAO][0],
        None,
    )
    assert found[GAO][0] >= 1
    assert "du 30 juin 2017 au 30 juin 2017" in text(map_heading_of(scene))


def map_heading_of(scene: PageScene) -> list[Any]:
    return map_view.map_heading(scene, map_view.map_painting(scene))


def test_reports_due_of_a_larger_zone_are_not_said_to_be_none():
    scope = {"frequency": "monthly", "due_days": 10, "as_of": DAY.replace(month=1, day=1)}
    due = fact("reporting", GAO, organisation="acf", **scope)
    found = values(scene_of("tab=reporting&level=cercle", context=(due,)))
    assert found["ml-2016/ML0701"] == (None, NO_FIGURE)
    assert found["ml-2016/ML0501"] == (None, "no_data")


def test_a_zone_that_is_shown_alone_has_its_gaps_alone():
    needs = tuple(
        fact("needs", unit, indicator="people-in-need", sector="wash", value=500.0, as_of=DAY)
        for unit in (GAO, KIDAL)
    )
    answers = activity("Forage", KIDAL, sector="wash", start=DAY)
    scene = scene_of(f"tab=gaps&unit={GAO}", answers, context=needs)
    words = text(side_column.side_content(scene))
    assert "1 lacune sur 1 besoin connu" in words
    assert "Kidal" not in words


def test_a_year_of_the_url_is_in_sight_and_in_the_title():
    scene = scene_of("year=2016", activity("École", KIDAL, start=DAY))
    assert "Année : 2016" in text(filter_bar.choices_in_force(scene))
    assert text(map_heading_of(scene)).startswith("Activités signalées par région – Mali, 2016")


def test_a_question_that_is_closed_says_so():
    scene = scene_of("tab=access", activity("École", KIDAL), viewer=Viewer.PUBLIC)
    assert "n'est pas ouverte au public" in text(side_column.side_content(scene))


def test_the_day_of_the_map_of_access_is_that_of_the_facts_it_shows():
    early, late = (
        fact("access", KIDAL, value=n, scale="ACAPS", direction="higher_is_worse", as_of=day,
             document=str(day.year))
        for n, day in ((2.0, DAY), (4.0, DAY.replace(year=2024)))
    )  # fmt: skip
    scene = scene_of("tab=access&at=2018-01-01", context=(early, late))
    assert [one["as_of"] for one in MAP_INDICATORS["access"].stated_facts(scene).to_dicts()] == [
        DAY
    ]
    before = scene_of("tab=access&at=2010-01-01", context=(early, late))
    assert "le plus ancien est du 30 juin 2017" in text(side_column.side_content(before))
