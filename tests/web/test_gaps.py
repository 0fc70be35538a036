"""Coverage gaps on the page: what is read out, ranked, drawn and said where nothing is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from atlas.filters import Filters
from atlas.model import Viewer
from atlas.web import figure_activities, gap_tables, gaps_tab, map_view, page_routes, side_column
from atlas.web.indicators import MAP_INDICATORS, unit_states
from atlas.web.page_state import PageScene, PageView, layer_answer
from tests.layers.made import activity, dataset_of, dataset_of_documents, document, fact
from tests.web.test_views import text

KIDAL, GAO, MOPTI = "ml-2016/ML08", "ml-2016/ML07", "ml-2016/ML05"
JANUARY = date(2017, 1, 1)
ACAPS = {"scale": "ACAPS", "direction": "higher_is_worse", "as_of": JANUARY}
UNDER_WAY = {"start": JANUARY, "end": date(2017, 12, 31)}


def needed(unit: str, people: float, sector: str = "health") -> dict[str, Any]:
    return fact(
        "needs",
        unit,
        indicator="people-in-need",
        sector=sector,
        value=people,
        as_of=JANUARY,
    )


FACTS = (
    needed(KIDAL, 9000),
    needed(GAO, 4000),
    needed(MOPTI, 1000),
    fact("access", KIDAL, value=4.0, **ACAPS),
    fact("access", GAO, value=2.0, **ACAPS),
)
CLINICS = (
    activity("Dispensaire", KIDAL, sector="health", key="now", reached=1800.0, **UNDER_WAY),
    activity("Ancien", KIDAL, sector="health", key="past", status="completed"),
)


def scene_of(query: str, *entries: dict, facts: tuple[dict, ...] = FACTS, **more: Any) -> PageScene:
    view = PageView.from_query(f"tab=gaps&{query}" + "&frame=ml-2016" * ("frame=" not in query))
    return PageScene(dataset_of(*entries, context=facts), view, more.get("viewer", Viewer.EDITOR))


def find(component: Any, name: str) -> Iterator[Any]:
    """Components of a class, wherever they are."""
    if isinstance(component, list | tuple):
        for part in component:
            yield from find(part, name)
    elif hasattr(component, "children"):
        if name in (getattr(component, "className", None) or "").split():
            yield component
        yield from find(component.children, name)


def test_the_gaps_are_read_out_with_the_worst_and_the_two_kinds_of_priority():
    scene = scene_of("")
    table = layer_answer(scene, "coverage").table
    known = table.filter(~table["need_unknown"])
    assert [line.replace("\u202f", " ") for line in gaps_tab.gap_sentences(known, "region")] == [
        "3 lacunes sur 3 besoins connus, dans 3 régions ; 3 sans aucune activité en réponse.",
        "Santé, personnes dans le besoin, les plus fortes : Kidal (9 000 personnes) ; "
        "Gao (4 000 personnes) ; Mopti (1 000 personnes).",
        "Priorité accès : Kidal en Santé.",
        "Priorité nexus : Gao en Santé.",
    ]


def test_needs_that_are_partly_covered_are_read_out_with_their_size():
    table = layer_answer(scene_of(""), "coverage").table
    is_kidal = pl.col("unit_name") == "Kidal"
    known = table.filter(~table["need_unknown"]).with_columns(
        state=pl.when(is_kidal).then(pl.lit("partial")).otherwise("state"),
        response=pl.when(is_kidal).then(1).otherwise("response"),
    )
    lines = [line.replace("\u202f", " ") for line in gaps_tab.gap_sentences(known, "region")]
    assert lines[0].startswith("2 lacunes sur 3 besoins connus")
    assert lines[2] == "Couverture partielle : Kidal en Santé (9 000 personnes, 1 activité)."


def test_without_needs_the_tab_says_which_table_to_load_and_where_its_template_is():
    words = text(gaps_tab.gaps_content(scene_of("", *CLINICS, facts=())))
    assert "Sans table de besoins, aucune zone n'est une lacune" in words
    assert "modele-besoins.csv" in words
    assert "docs/templates" in words


def test_needs_that_have_expired_are_said_to_be_so():
    old = needed(KIDAL, 9000) | {"expires": date(2017, 3, 1)}
    assert "aucun n'est en vigueur" in text(gaps_tab.gaps_content(scene_of("", facts=(old,))))


def test_needs_of_larger_units_are_said_to_be_so_and_not_shared():
    words = text(gaps_tab.gaps_content(scene_of("level=cercle")))
    assert "zones plus grandes" in words


def test_needs_of_a_zone_that_is_no_more_are_told_beside_those_that_are_compared():
    words = text(gaps_tab.gaps_content(scene_of("frame=ml-2023"))).replace("\u202f", " ")
    assert "2 lacunes sur 2 besoins connus" in words
    assert "d'un autre découpage : Santé 1 000 personnes." in words


def test_a_row_shows_its_parts_and_its_figure_opens_the_activities_that_answer():
    scene = scene_of("", *CLINICS)
    (row,) = [r for r in find(gaps_tab.gaps_content(scene), "gap-table") if "Kidal" in text(r)]
    words = " ".join(text(row).replace("\u202f", " ").split())
    assert "1 800 personnes · 1 activité" in words
    assert "1 passée" in words
    behind = figure_activities.activities_behind(
        scene_of(f"why=response|{KIDAL}|health", *CLINICS)
    ).table
    assert behind["activity_id"].to_list() == ["now"]
    behind = figure_activities.activities_behind(
        scene_of(f"why=response|{KIDAL}|health&coverage.activities=period", *CLINICS)
    ).table
    assert sorted(behind["activity_id"]) == ["now", "past"]


@pytest.mark.parametrize(
    ("only", "names"), [("access_priority", {"Kidal"}), ("nexus_priority", {"Gao"})]
)
def test_the_table_is_narrowed_to_a_class(only: str, names: set[str]):
    (table,) = find(gaps_tab.gaps_content(scene_of(f"only={only}")), "gap-table")
    assert {n for n in ("Kidal", "Gao", "Mopti") if n in text(table)} == names


def test_changed_settings_say_how_many_zones_change_class_and_which():
    words = text(gaps_tab.gaps_content(scene_of("coverage.severe-access=0.9")))
    assert "1 zone change de classe" in words
    assert "Kidal, Santé : lacune, priorité accès → lacune" in words
    assert "change de classe" not in text(gaps_tab.gaps_content(scene_of("")))


def test_the_matrix_has_a_sign_beside_each_colour_and_its_legend():
    scene = scene_of("", *CLINICS)
    (legend,) = find(gaps_tab.gaps_content(scene), "matrix-legend")
    assert text(legend) == "✕ lacune ◐ couverture partielle"


def test_the_map_is_coloured_by_what_nothing_answers_and_outlined_by_class():
    scene = scene_of("indicator=priority")
    found = {v.unit_id: v for v in map_view.shown_unit_values(scene, MAP_INDICATORS["priority"])}
    assert [(found[u].value, found[u].mark) for u in (KIDAL, GAO, MOPTI)] == [
        (100.0, "access_priority"), (66.7, "nexus_priority"), (33.3, ""),
    ]  # fmt: skip
    assert found[GAO].note.splitlines()[-1] == "priorité nexus"
    assert (found["ml-2016/ML01"].value, found["ml-2016/ML01"].state) == (None, "no_data")
    words = text(map_view.map_legend(scene, map_view.map_painting(scene)))
    assert "priorité accès" in words
    assert "Contour : classe de priorité" in words


def test_the_largest_gap_that_access_allows_is_the_darkest_without_any_class():
    easy = fact("access", MOPTI, value=1.0, **ACAPS)
    facts = (needed(MOPTI, 9000), needed(KIDAL, 4000), needed(GAO, 1000), easy, *FACTS[3:])
    scene = scene_of("indicator=priority", facts=facts)
    painted = map_view.map_painting(scene)
    units = map_view.painting_props(painted, scene)["units"]
    assert [units[unit][0] for unit in (MOPTI, KIDAL, GAO)] == [2, 1, 0]
    assert len(painted.palette) == 3
    assert [units[unit][3:] for unit in (MOPTI, KIDAL, GAO)] == [[], [], ["nexus_priority"]]


def test_a_region_says_on_map_and_panel_of_how_many_cercles_it_knows_the_need():
    facts = (needed("ml-2016/ML0507", 300), needed("ml-2016/ML0503", 200))
    scene = scene_of("indicator=coverage&zone=ml-2016/ML05", facts=facts)
    told = "Santé : besoin connu pour 2 de 8 cercles."
    found = {
        v.unit_id: v.note for v in map_view.shown_unit_values(scene, MAP_INDICATORS["coverage"])
    }
    assert found[MOPTI] == told
    assert told in text(side_column.zone_panel(scene))


def test_sectors_have_a_ranking_each_and_none_together():
    both = (*FACTS, needed(KIDAL, 50, "wash"), needed(GAO, 70, "wash"))
    shown = gaps_tab.gaps_content(scene_of("", facts=both))
    tables = [text(one) for one in find(shown, "gap-table")]
    assert len(tables) == 2
    assert "Santé" not in tables[0]
    assert "EHA" not in tables[1]


def test_work_that_is_over_is_said_beside_what_it_answers():
    done = {"start": date(2017, 5, 1), "end": date(2017, 6, 20), "status": "completed"}
    scene = scene_of("", activity("Dispensaire", KIDAL, sector="health", reached=5000.0, **done))
    words = text(gaps_tab.gaps_content(scene))
    assert "terminé depuis 10 jours" in words
    assert "dont 1 terminée" in words


def test_a_local_priority_without_activity_stands_first_and_a_bare_count_is_a_figure():
    facts = (
        fact("priorities", KIDAL, sector="health", text="centre de santé", as_of=JANUARY),
        fact("priorities", GAO, sector="wash", text="forages", as_of=JANUARY),
        fact("priorities", "ml-2016/ML0502", text="eau", value=37.0, as_of=JANUARY),
    )
    words = text(gaps_tab.gaps_content(scene_of("", CLINICS[0], facts=facts)))
    assert (
        "Bankass : 37 priorités publiées sans leur liste, au 1er janvier 2017 (eau), dans d.csv."
        in words
    )
    assert "1 sur 2 sans activité" in words
    assert words.index("forages") < words.index("centre de santé")


def test_the_files_hold_the_cells_and_the_priorities():
    scene = scene_of("", *CLINICS)
    content, name = page_routes.file_content(scene, "lacunes", "csv")
    assert name == "atlas-mali-lacunes-ml-2016-region-2017-06-30.csv"
    assert "access_priority" in content.decode("utf-8-sig")
    assert page_routes.file_content(scene, "priorites", "csv")[0]


def test_the_public_is_not_told_the_severity_of_access_by_cercle():
    scene = scene_of("level=cercle", viewer=Viewer.PUBLIC)
    told = scene.data.ask("coverage", Filters(), "ml-2016", "cercle", Viewer.PUBLIC).table
    assert told["access"].count() == told["class"].count() == 0


def test_a_gap_shows_on_the_map_where_organisations_are_only_said_to_be() -> None:
    """Kidal has a need without an activity: that some are said to be there hides no gap."""
    there = activity(None, KIDAL, kind="presence", implementers=["pam"])
    dataset = dataset_of(there, context=(needed(KIDAL, 25_000, "wash"),))
    scene = PageScene(dataset, PageView.from_query("frame=ml-2016"), Viewer.EDITOR)
    assert unit_states(scene)[KIDAL] == "gap"


def test_the_gaps_say_where_organisations_are_said_to_be_without_an_activity():
    there = activity(None, KIDAL, kind="presence", sector="health", implementers=["pam"])
    scene = scene_of("", there)
    table = layer_answer(scene, "coverage").table
    lines = gaps_tab.gap_sentences(table.filter(~table["need_unknown"]), "region")
    assert lines[1].startswith(
        "Pour 1 de ces besoins sans activité, des organisations sont signalées présentes"
    )
    row = table.filter(unit_id=KIDAL, sector="health").row(0, named=True)
    assert "1 organisation signalée" in text(gap_tables._response_doubts(row))


UNTIL = {"as_of": date(2024, 3, 1), "expires": date(2024, 12, 31)}


def expiring(query: str) -> str:
    """Words of the tab where needs hold until the end of 2024 and a list of 2025 came in."""
    needs = tuple(needed(unit, 1000) | UNTIL for unit in (KIDAL, GAO))
    dataset = dataset_of_documents(
        document("besoins", date(2024, 3, 1), context=needs),
        document("liste", date(2025, 2, 15), activity(unit=MOPTI, source="ngo")),
    )
    asked = PageScene(dataset, PageView.from_query(f"tab=gaps&frame=ml-2016{query}"), Viewer.EDITOR)
    return text(gaps_tab.gaps_content(asked))


def test_a_later_list_expires_no_need_and_the_page_says_how_many_it_would() -> None:
    """The day is that of the needs, and the way to the other day is a button."""
    words = expiring("")
    assert "2 lacunes sur 2 besoins connus" in words
    assert "Besoins jugés au 1er mars 2024, date du document le plus récent" in words
    assert "Au 15 février 2025, date du document le plus récent, 2 ne valent plus." in words
    assert "Juger au 15 février 2025" in words
    assert "Besoins expirés" not in words


def test_moved_by_a_person_the_page_counts_what_expired_and_leads_back() -> None:
    """Nothing is dropped: the needs that are past are listed, greyed."""
    words = expiring("&coverage.day=2025-02-15")
    assert "2 besoins expirés au 15 février 2025." in words
    assert "Revenir au 1er mars 2024" in words
    assert "Besoins expirés au 15 février 2025" in words
    assert "Gao Santé 31/12/2024" in words


def test_the_day_of_the_whole_page_leads_back_too() -> None:
    """« Situation au » moves needs as well, and is what the way back takes out."""
    words = expiring("&at=2025-02-15")
    assert "2 besoins expirés au 15 février 2025." in words
    assert "Revenir au 1er mars 2024" in words


def test_needs_that_a_newer_table_of_others_left_behind_are_counted_with_a_way_to_their_day() -> (
    None
):
    """Nobody moved the day: a table of 2025 for Mopti did, and Kidal's need is past on it."""
    newer = needed(MOPTI, 500) | {"as_of": date(2025, 3, 1)}
    dataset = dataset_of_documents(
        document("besoins", date(2024, 3, 1), context=(needed(KIDAL, 1000) | UNTIL,)),
        document("besoins-2025", date(2025, 3, 1), context=(newer,)),
    )
    asked = PageScene(dataset, PageView.from_query("tab=gaps&frame=ml-2016"), Viewer.EDITOR)
    words = text(gaps_tab.gaps_content(asked))
    assert "1 besoin expiré au 1er mars 2025." in words
    assert "Juger au 31 décembre 2024" in words
    assert "Kidal Santé 31/12/2024" in words


def test_needs_that_begin_after_their_table_are_said_to_come_with_a_way_to_their_day() -> None:
    """No later document is there: none of the needs is shown, and the page says why."""
    plan = needed(KIDAL, 1000) | {"as_of": date(2023, 11, 30), "start": date(2024, 1, 1)}
    dataset = dataset_of_documents(document("hno", date(2023, 11, 30), context=(plan,)))
    asked = PageScene(dataset, PageView.from_query("tab=gaps&frame=ml-2016"), Viewer.EDITOR)
    words = text(gaps_tab.gaps_content(asked))
    assert "Les besoins chargés ne valent pas encore au jour où ils sont jugés." in words
    assert "1 besoin ne vaut qu'à partir du 1er janvier 2024 : déplacez la date" in words
    assert "Juger au 1er janvier 2024" in words
