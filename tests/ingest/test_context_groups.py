"""Each person of a table counts once: a total, or the groups that it is made of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.ingest.context.figure_totals import countable_facts, counted_once
from atlas.ingest.pipeline import IngestBatch
from atlas.ingest.reading import ContextFact, PlaceText
from atlas.model import GROUP_NEEDS
from tests.ingest.context_files import codes, group_rows, read, rows


def fact(
    value: float, *groups: str, locator: str = "L2", unit: str = "ml-2016/ML0502"
) -> ContextFact:
    place = PlaceText(region="Mopti", cercle="Bankass")
    return ContextFact(
        "needs", "people-in-need", place, value=value, unit_id=unit, locator=locator, groups=groups
    )


def readings(batch: IngestBatch) -> list[str]:
    found = batch.tables.findings.filter(code="figures_disagree")["params"]
    return [json.loads(params)["readings"] for params in found]


def test_a_total_counts_and_its_text_tells_the_groups(tmp_path: Path) -> None:
    batch = read(
        "needs",
        tmp_path,
        "Région;Cercle;Groupe de population;EHA",
        "Mopti;Bankass;Total;20 000",
        "Mopti;Bankass;PDI;12 000",
        "Mopti;Bankass;Hôtes;8 000",
    )
    assert rows(batch, "sector", "value", "text") == [
        ("wash", 20000.0, "dont PDI 12000, Hôtes 8000")
    ]
    assert group_rows(batch) == [("host", 8000.0), ("idp", 12000.0)]
    assert batch.report()["outcomes"] == {"context": 3}
    assert readings(batch) == []


def test_a_total_that_its_groups_do_not_add_up_to_is_a_finding(tmp_path: Path) -> None:
    batch = read(
        "needs",
        tmp_path,
        "Cercle;Groupe de population;EHA",
        "Bankass;Total;20 000",
        "Bankass;PDI;12 000",
        "Bankass;Hôtes;7 000",
    )
    assert rows(batch, "value") == [(20000.0,)]
    assert readings(batch) == ["20000 au total, 19000 par addition (PDI 12000, Hôtes 7000)"]


def test_groups_without_a_total_add_up(tmp_path: Path) -> None:
    batch = read(
        "needs", tmp_path, "Cercle;Groupe;EHA", "Bankass;PDI;12 000", "Bankass;Hôtes;8 000"
    )
    assert rows(batch, "value", "text") == [(12000.0, "PDI"), (8000.0, "Hôtes")]
    assert codes(batch) == {}


@pytest.mark.parametrize(
    ("first", "second"),
    [("Femmes", "Hommes"), ("Retournés", "Communauté hôte"), ("Filles", "Garçons")],
)
def test_a_row_that_names_no_group_is_of_all(tmp_path: Path, first: str, second: str) -> None:
    lines = ("Bankass;;30", f"Bankass;{first};20", f"Bankass;{second};10")
    batch = read("needs", tmp_path, "Cercle;Groupe;EHA", *lines)
    assert rows(batch, "value") == [(30.0,)]


def test_two_breakdowns_of_the_same_people_count_once_and_that_is_said(tmp_path: Path) -> None:
    lines = ("PDI;12", "Hôtes;8", "Femmes;11", "Hommes;9")
    batch = read("needs", tmp_path, "Cercle;Groupe;EHA", *(f"Bankass;{line}" for line in lines))
    assert rows(batch, "value", "text") == [(12.0, "PDI"), (8.0, "Hôtes")]
    assert codes(batch) == {"groups_aside": 1}


def test_breakdowns_that_differ_are_a_finding_and_the_one_of_most_people_counts(
    tmp_path: Path,
) -> None:
    lines = ("PDI;12", "Femmes;11", "Hommes;9")
    batch = read("needs", tmp_path, "Cercle;Groupe;EHA", *(f"Bankass;{line}" for line in lines))
    assert rows(batch, "value") == [(11.0,), (9.0,)]
    assert readings(batch) == ["PDI 12 ; Femmes 11, Hommes 9"]


def test_groups_crossed_with_sexes_count_once(tmp_path: Path) -> None:
    lines = ("Total;Total;20", "PDI;Total;12", "PDI;Femmes;7", "PDI;Hommes;5", "Hôtes;Total;8")
    batch = read(
        "needs", tmp_path, "Cercle;Groupe;Sexe;EHA", *(f"Bankass;{line}" for line in lines)
    )
    assert rows(batch, "value") == [(20.0,)]
    assert readings(batch) == []


def test_a_part_that_says_so_need_not_add_up_but_is_no_more_than_the_whole(
    tmp_path: Path,
) -> None:
    heading = "Cercle;Groupe;EHA"
    batch = read("needs", tmp_path, heading, "Bankass;Total;20", "Bankass;dont PDI;12")
    assert (rows(batch, "value"), readings(batch)) == ([(20.0,)], [])
    batch = read("needs", tmp_path, heading, "Bankass;Total;20", "Bankass;dont PDI;25")
    assert readings(batch) == ["20 au total, 25 par addition (PDI 25)"]


def test_columns_of_groups_are_parts_of_their_total(tmp_path: Path) -> None:
    batch = read("needs", tmp_path, "Cercle;PIN;PIN PDI;PIN Hôtes", "Bankass;200;120;70")
    assert rows(batch, "value", "text") == [(200.0, "dont PDI 120, Hôtes 70")]
    assert readings(batch) == ["200 au total, 190 par addition (PDI 120, Hôtes 70)"]


def test_columns_of_a_sector_by_group_are_parts_of_that_sector(tmp_path: Path) -> None:
    batch = read("needs", tmp_path, "Cercle;EHA;EHA PDI;EHA Hôtes;Santé", "Bankass;20;12;8;5")
    assert rows(batch, "sector", "value", "text") == [
        ("wash", 20.0, "dont PDI 12, Hôtes 8"),
        ("health", 5.0, None),
    ]


def test_people_displaced_are_no_people_in_need_where_no_total_says_so(tmp_path: Path) -> None:
    batch = read("needs", tmp_path, "Cercle;EHA;PDI", "Bankass;20;500")
    assert rows(batch, "sector", "value") == [("wash", 20.0)]
    assert codes(batch) == {"column_ignored": 1}


def test_a_population_by_sex_counts_once_with_its_total_and_adds_up_without(
    tmp_path: Path,
) -> None:
    batch = read("population", tmp_path, "Cercle;Hommes;Femmes;Total", "Bankass;10;20;30")
    assert rows(batch, "value", "text") == [(30.0, "dont Hommes 10, Femmes 20")]
    batch = read("population", tmp_path, "Cercle;Hommes;Femmes", "Bankass;10;20")
    assert rows(batch, "value", "text") == [(10.0, "Hommes"), (20.0, "Femmes")]


def test_a_row_of_no_named_group_that_is_the_sum_of_the_others_is_their_total(
    tmp_path: Path,
) -> None:
    lines = ("Bankass;12", "Bankass;8", "Bankass;20")
    batch = read("needs", tmp_path, "Cercle;EHA", *lines)
    assert rows(batch, "value") == [(20.0,)]
    assert codes(batch) == {"total_by_values": 1}


def test_months_beside_their_total_are_not_added_to_it(tmp_path: Path) -> None:
    batch = read("needs", tmp_path, "Cercle;Secteur;Janvier;Février;Total", "Bankass;EHA;10;20;30")
    assert rows(batch, "value") == [(30.0,)]


def test_phases_beside_phase_three_and_above_are_of_it(tmp_path: Path) -> None:
    heading = "Cercle;Phase 3;Phase 4;Phase 5;Phase 3+"
    batch = read("cadre-harmonise", tmp_path, heading, "Bankass;20;10;1;31")
    need = batch.tables.context.filter(indicator="ch-phase3to5")
    assert need["value"].to_list() == [31.0]


def test_a_region_that_adds_up_its_cercles_is_a_control_total(tmp_path: Path) -> None:
    lines = ("Mopti;;50;60", "Mopti;Bankass;20;25", "Mopti;Koro;30;30")
    batch = read("needs", tmp_path, "Région;Cercle;EHA;Santé", *lines)
    assert batch.report()["outcomes"] == {"aggregate": 1, "context": 2}
    totals = batch.tables.control_totals.select("unit_id", "published", "read").rows()
    assert totals == [("ml-2016/ML05", 50.0, 50.0), ("ml-2016/ML05", 60.0, 55.0)]
    assert codes(batch)["total_mismatch"] == 1


def test_a_region_that_adds_up_nothing_stays_beside_its_cercles_and_that_is_said(
    tmp_path: Path,
) -> None:
    lines = ("Mopti;;70", "Mopti;Bankass;20", "Mopti;Koro;30")
    batch = read("needs", tmp_path, "Région;Cercle;EHA", *lines)
    assert rows(batch, "value") == [(70.0,), (20.0,), (30.0,)]
    assert readings(batch) == ["70 pour Mopti, 50 par addition de ce qui s'y trouve"]


def test_a_place_inside_a_region_that_is_not_known_is_no_total_of_it(tmp_path: Path) -> None:
    lines = ("Mopti;Zone Nord;50", "Mopti;Bankass;20", "Mopti;Koro;30")
    batch = read("needs", tmp_path, "Région;Cercle;EHA", *lines)
    assert rows(batch, "value") == [(50.0,), (20.0,), (30.0,)]


def test_a_printed_total_is_held_against_people_counted_once(tmp_path: Path) -> None:
    batch = read(
        "needs",
        tmp_path,
        "Région;Cercle;Groupe;EHA",
        "Mopti;;;20",
        "Mopti;Bankass;Total;12",
        "Mopti;Bankass;PDI;12",
        "Mopti;Koro;;8",
        "Total;;;20",
    )
    totals = batch.tables.control_totals.select("published", "read").rows()
    assert totals == [(20.0, 20.0), (20.0, 20.0)]


@given(
    st.lists(st.integers(1, 10_000), min_size=3, max_size=3),
    st.permutations(range(6)),
)
def test_whatever_the_order_a_total_with_two_breakdowns_counts_once(
    parts: list[int], order: list[int]
) -> None:
    total = sum(parts)
    facts = [
        fact(total, "Total"),
        *(fact(n, name) for n, name in zip(parts, ("PDI", "Hôtes", "Retournés"), strict=True)),
        fact(parts[0], "Femmes"),
        fact(total - parts[0], "Hommes"),
    ]
    found, findings = counted_once([facts[index] for index in order])
    assert [one.value for one in found if one.kind != GROUP_NEEDS] == [total]
    assert findings == []


@given(st.lists(st.integers(0, 100), min_size=1, max_size=4))
def test_facts_of_different_places_are_all_kept(values: list[int]) -> None:
    units = ("ml-2016/ML0502", "ml-2016/ML0505", "ml-2016/ML0701", "ml-2016/ML0101")
    facts = [fact(n, unit=unit, locator=unit) for n, unit in zip(values, units, strict=False)]
    assert countable_facts(facts).facts == facts


def test_a_region_and_its_cercles_are_held_against_each_other_group_by_group(
    tmp_path: Path,
) -> None:
    lines = ("Mopti;;PDI;50", "Mopti;;Hôtes;7", "Mopti;Bankass;PDI;20", "Mopti;Koro;PDI;30")
    batch = read("needs", tmp_path, "Région;Cercle;Groupe;EHA", *lines)
    assert rows(batch, "value", "text") == [(7.0, "Hôtes"), (20.0, "PDI"), (30.0, "PDI")]


PHASES = "Région,Cercle,Phase,Population,Période"


def phases(tmp_path: Path, *rows_: str) -> IngestBatch:
    lines = [f"Mopti,Bankass,{row},juin-août 2024" for row in rows_]
    return read("cadre-harmonise", tmp_path, PHASES, *lines)


def test_a_row_for_each_phase_tells_the_people_of_that_phase(tmp_path: Path) -> None:
    batch = phases(tmp_path, "1,100000", "2,50000", "3,20000", "4,5000", "5,0", "Total,175000")
    assert sorted(rows(batch, "indicator", "value")) == [
        ("ch-phase1", 100_000),
        ("ch-phase2", 50_000),
        ("ch-phase3", 20_000),
        ("ch-phase3to5", 25_000),
        ("ch-phase4", 5_000),
        ("ch-phase5", 0),
        ("ch-population", 175_000),
    ]
    assert "value_unreadable" not in codes(batch)


def test_phases_of_rows_that_do_not_add_up_are_a_finding(tmp_path: Path) -> None:
    batch = phases(tmp_path, "3,20000", "4,5000", "5,0", "3+,60000")
    assert ("ch-phase3to5", 60_000) in rows(batch, "indicator", "value")
    assert readings(batch) == ["60000 écrit, 25000 par addition"]


def test_the_phase_of_an_area_is_no_row_of_its_people(tmp_path: Path) -> None:
    batch = phases(tmp_path, "3,175000")
    assert sorted(rows(batch, "indicator", "value")) == [
        ("ch-phase", 3),
        ("ch-population", 175_000),
    ]


def test_the_phase_column_holds_for_the_projected_people_too(tmp_path: Path) -> None:
    lines = [f"Mopti,Bankass,{phase},{now},{then}" for phase, now, then in
             (("3", 20, 30), ("4", 5, 6), ("Total", 100, 110))]  # fmt: skip
    headings = "Région,Cercle,Phase,Population,Population projetée"
    batch = read("cadre-harmonise", tmp_path, headings, *lines)
    assert sorted(rows(batch, "indicator", "value")) == [
        ("ch-phase3", 20),
        ("ch-phase3-projected", 30),
        ("ch-phase4", 5),
        ("ch-phase4-projected", 6),
        ("ch-population", 100),
        ("ch-population-projected", 110),
    ]


def test_what_is_unreadable_beside_a_phase_is_still_said(tmp_path: Path) -> None:
    headings = "Région,Cercle,Phase,Population,Population projetée"
    lines = ("Mopti,Bankass,3,20,beaucoup", "Mopti,Bankass,4,5,6")
    batch = read("cadre-harmonise", tmp_path, headings, *lines)
    assert codes(batch)["value_unreadable"] == 1
