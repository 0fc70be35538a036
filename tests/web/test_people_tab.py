"""People on the page: the headline, the tab, the map, and the list behind a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from atlas.dataset import Dataset
from atlas.model import Viewer, frame_of
from atlas.web import figure_activities, indicators, key_figures, map_view, people_tab, side_column
from atlas.web.page_state import PageScene, PageView
from tests.layers.made import DAY, activity, dataset_of, fact, tables_of
from tests.strategies import SyntheticSnapshot
from tests.web.test_views import text

BANKASS, DOUENTZA = "ml-2016/ML0502", "ml-2016/ML0505"
COMMUNE = "ml-2016/ML050201"


def reached(title: str, n: float, org: str, **more: Any) -> dict[str, Any]:
    told = {"sector": "wash", "lead_org": org, "reached": n} | more
    return activity(title, COMMUNE, **told)


WATER = (
    reached("Eau, janvier", 2000.0, "ACF"),
    reached("Eau, février", 2000.0, "ACF"),
    reached("Forage", 9000.0, "IRC"),
)


def scene_of(query: str, *entries: dict[str, Any], **more: Any) -> PageScene:
    view = PageView.from_query(f"frame=ml-2016&level=cercle&tab=people&{query}")
    return PageScene(dataset_of(*entries, **more), view, Viewer.EDITOR)


def plain(parts: Any) -> str:
    return text(parts).replace("\u202f", " ").replace("\u00a0", " ")


def test_the_headline_says_how_many_were_reached_and_between_which_bounds():
    people = next(f for f in key_figures.page_figures(scene_of("", *WATER)) if f.key == "people")
    assert plain([people.value, people.label, people.second]) == (
        "9 000 personnes atteintes de 9 000 à 11 000 ; selon 3 activités sur 3"
    )


def test_the_headline_has_no_people_where_no_activity_gives_a_figure():
    figures = key_figures.page_figures(scene_of("", activity("Puits", COMMUNE, sector="wash")))
    assert "people" not in [f.key for f in figures]


def test_the_tab_reads_out_the_country_and_what_nobody_said():
    words = plain(
        people_tab.people_content(scene_of("", *WATER, activity("Puits", COMMUNE, sector="wash")))
    )
    assert (
        "Personnes atteintes, selon 3 activités sur 4 : 9 000 ; au moins 9 000, au plus 11 000."
        in words
    )


def test_an_activity_of_several_zones_is_one_of_those_that_say_nothing():
    silent = activity("Puits", ("ml-2016/ML07", "ml-2016/ML08"), sector="wash")
    words = plain(people_tab.people_content(scene_of("level=region", *WATER, silent)))
    assert "selon 3 activités sur 4" in words


def test_the_tab_says_what_to_load_where_nothing_is_known():
    words = plain(people_tab.people_content(scene_of("")))
    assert "Bénéficiaires atteints" in words


def test_a_zone_has_its_need_beside_those_reached():
    need = fact(
        "needs", BANKASS, indicator="people-in-need", sector="wash", value=20000.0, as_of=DAY
    )
    words = plain(people_tab.people_content(scene_of("", *WATER, context=(need,))))
    assert "Bankass EHA 20 000 – 9 000 de 9 000 à 11 000 45 (45 à 55) %" in words


def test_the_map_shows_the_best_number_with_its_bounds_beside_it():
    values = indicators.reached_values(scene_of("", *WATER))
    (bankass,) = [one for one in values if one.unit_id == BANKASS]
    assert (bankass.value, plain(bankass.note)) == (9000.0, "9 000 (9 000 à 11 000)")


def test_the_list_behind_the_number_says_whose_people_are_counted_elsewhere():
    scene = scene_of(f"why=people_reached|{BANKASS}|wash", *WATER)
    words = plain(figure_activities.figure_panel(scene))
    assert "Personnes atteintes : 9 000 personnes." in words
    assert "2 000 dites, peut-être les mêmes personnes qu'une autre activité" in words


def test_the_panel_of_a_zone_says_its_people_with_their_bounds():
    words = plain(side_column.zone_panel(scene_of(f"zone={BANKASS}", *WATER)))
    assert "Personnes atteintes :  9 000 (9 000 à 11 000) ." in words


def test_the_map_of_need_is_that_of_the_sector_asked_for_and_never_a_sum_of_sectors():
    need = fact(
        "needs", BANKASS, indicator="people-in-need", sector="wash", value=20000.0, as_of=DAY
    )
    found = {}
    for query in ("", "sector=wash"):
        values = indicators.in_need_values(scene_of(query, *WATER, context=(need,)))
        found[query] = next(one.value for one in values if one.unit_id == BANKASS)
    assert found == {"": None, "sector=wash": 20000.0}


def test_figures_of_several_zones_are_not_said_to_be_none():
    zones = ("ml-2016/ML05", "ml-2016/ML07")
    both = activity("Programme", zones, sector="wash", lead_org="ACF", reached=300.0)
    words = plain(people_tab.people_content(scene_of("level=region&unit=ml-2016/ML05", both)))
    assert "Les chiffres donnés sont d'activités de plusieurs zones" in words
    assert "au plus 300" in words


def of_groups(query: str) -> PageScene:
    """A page over one activity that reached 9 000 people, 4 000 of them displaced, and their needs."""
    figures = [
        {
            "activity_id": "a0",
            "indicator": "beneficiaries",
            "measure": "reached",
            "status": "idp",
            "is_part": False,
            "value": 4000.0,
        }
    ]
    made = tables_of(
        reached("Forage", 9000.0, "IRC"),
        context=(
            fact("needs", BANKASS, sector="wash", value=20_000.0, as_of=DAY),
            fact("group-needs", BANKASS, sector="wash", value=12_000.0, group="idp", as_of=DAY),
        ),
    )
    made = replace(made, figures=frame_of("figures", figures))
    view = PageView.from_query(f"frame=ml-2016&level=cercle&tab=people&{query}")
    return PageScene(Dataset(SyntheticSnapshot(made)), view, Viewer.EDITOR)


def test_groups_stand_below_each_other_with_how_many_activities_tell_them():
    words = plain(people_tab.people_content(of_groups("sector=wash")))
    assert "Tout le monde 20 000 – 9 000 selon 1 activité sur 1" in words
    assert "Personnes déplacées 12 000 – 4 000 selon 1 activité sur 1" in words
    assert "Femmes et filles" not in words


def test_a_figure_held_to_a_group_says_so_wherever_it_stands():
    scene = of_groups("sector=wash&people.group=idp&indicator=reached")
    people = next(f for f in key_figures.page_figures(scene) if f.key == "people")
    assert plain([people.value, people.label]) == "4 000 personnes atteintes : personnes déplacées"
    assert "Personnes atteintes : personnes déplacées, selon" in plain(
        people_tab.people_content(scene)
    )
    painted = map_view.map_painting(scene)
    assert map_view.map_title(scene, painted).startswith(
        "Personnes atteintes : personnes déplacées"
    )


def test_without_groups_the_tab_says_that_no_document_tells_them():
    words = plain(people_tab.people_content(scene_of("", *WATER)))
    assert "Aucun document ne distingue de groupes" in words


NEEDS_AND_ACCESS = (
    fact("needs", BANKASS, sector="wash", value=20_000.0, as_of=DAY),
    fact("needs", DOUENTZA, sector="wash", value=30_000.0, as_of=DAY),
    fact("needs", "ml-2016/ML0503", sector="wash", value=7_000.0, as_of=DAY),
    fact("access", BANKASS, value=3.0, scale="ACAPS", direction="higher_is_worse", as_of=DAY),
    fact("access", DOUENTZA, value=1.0, scale="ACAPS", direction="higher_is_worse", as_of=DAY),
)


@pytest.mark.parametrize("level", ["region", "cercle"])
def test_people_in_need_are_told_apart_by_access_of_their_cercle(level: str):
    scene = scene_of(f"level={level}", *WATER, context=NEEDS_AND_ACCESS)
    words = plain(people_tab.people_content(scene))
    assert "Accès difficile Moins difficile Accès inconnu EHA 20 000 30 000 7 000" in words
    assert "difficile à partir de 60 % de son échelle" in words


def test_without_access_nothing_is_told_of_it():
    words = plain(people_tab.people_content(scene_of("", *WATER, context=NEEDS_AND_ACCESS[:3])))
    assert "selon l'accès" not in words


def test_the_severity_of_needs_is_a_map_of_its_own_and_no_number_of_people():
    facts = (
        fact("needs", BANKASS, indicator="severity", value=4.0, scale="JIAF", as_of=DAY)
        | {"direction": "higher_is_worse"},
        fact(
            "needs", DOUENTZA, indicator="ch-phase", value=3.0, scale="cadre-harmonise", as_of=DAY
        ),
    )
    scene = scene_of("indicator=severity", *WATER, context=facts)
    values = {v.unit_id: v.value for v in indicators.needs_severity_values(scene)}
    assert (values[BANKASS], values.get(DOUENTZA)) == (4.0, None)
    assert indicators.needs_severity_scale(scene) == ("JIAF", "higher_is_worse")
    assert [v.value for v in indicators.in_need_values(scene) if v.value is not None] == []
