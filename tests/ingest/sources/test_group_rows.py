"""An activity with a row for each group of people, or with a total of its own rows, is one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.ingest.pipeline import IngestBatch, ingest_file

HEADINGS = "Code,Organisation,Activité,Région,Cercle,Groupe,Personnes ciblées,Personnes atteintes,"
WATER = "P1,ACF,Eau potable,Mopti,Bankass"


def read(folder: Path, *rows: str, headings: str = HEADINGS + "Budget (USD)") -> IngestBatch:
    path = folder / "liste-acf.csv"
    path.write_text("\n".join([headings, *rows]) + "\n", encoding="utf-8")
    return ingest_file(path)


def people(batch: IngestBatch) -> list[tuple[float | None, float | None]]:
    return list(batch.tables.activities.select("target", "reached").iter_rows())


def figures(batch: IngestBatch) -> list[tuple[str, str, float]]:
    return batch.tables.figures.select("measure", "words", "value").sort("measure", "words").rows()


def money(batch: IngestBatch) -> int:
    return int(batch.tables.amounts["minor"].sum())


def codes(batch: IngestBatch) -> set[str]:
    return set(batch.tables.findings["code"])


def test_a_total_and_its_groups_are_one_activity_that_counts_the_total(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        f"{WATER},Total,1000,800,50000",
        f"{WATER},Femmes,600,500,50000",
        f"{WATER},Hommes,400,300,50000",
    )
    assert people(batch) == [(1000, 800)]
    assert money(batch) == 50_000_00
    assert batch.tables.rows["outcome"].to_list() == ["activity", "folded", "folded"]
    assert {"rows_of_groups", "amount_of_groups"} <= codes(batch)
    assert figures(batch) == [
        ("reached", "Femmes", 500), ("reached", "Hommes", 300),
        ("target", "Femmes", 600), ("target", "Hommes", 400),
    ]  # fmt: skip


def test_groups_without_a_total_add_up_and_so_do_their_amounts(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{WATER},PDI,200,150,1000", f"{WATER},Hôtes,100,50,500")
    assert people(batch) == [(300, 200)]
    assert money(batch) == 1_500_00


def test_two_breakdowns_of_the_same_people_are_counted_once(tmp_path: Path) -> None:
    rows = [("Femmes", 60), ("Hommes", 40), ("PDI", 70), ("Hôtes", 30)]
    batch = read(tmp_path, *(f"{WATER},{group},{n},," for group, n in rows))
    assert people(batch) == [(100, None)]
    assert "groups_aside" in codes(batch)


def test_a_group_without_its_figure_leaves_the_activity_unknown(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{WATER},Femmes,60,50,", f"{WATER},Hommes,40,,")
    assert people(batch) == [(100, None)]
    assert ("reached", "Femmes", 50) in figures(batch)


def test_groups_that_do_not_add_up_to_their_total_are_a_finding(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        f"{WATER},Total,100,,",
        f"{WATER},Femmes,60,,",
        f"{WATER},Hommes,70,,",
    )
    assert people(batch) == [(100, None)]
    assert "figures_disagree" in codes(batch)


def test_amounts_of_groups_that_are_not_their_total_are_a_finding(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        f"{WATER},Total,,,1000",
        f"{WATER},Femmes,,,300",
        f"{WATER},Hommes,,,400",
    )
    assert money(batch) == 1_000_00
    assert "figures_disagree" in codes(batch)


@pytest.mark.parametrize("words", ["Femmes et jeunes", "Éleveurs"])
def test_the_group_of_a_row_alone_is_kept_in_its_remarks(tmp_path: Path, words: str) -> None:
    batch = read(tmp_path, f"{WATER},{words},60,50,100")
    assert batch.tables.activities["remarks"].to_list() == [f"Groupe : {words}"]


def test_rows_whose_groups_are_not_known_stay_activities_of_their_own(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{WATER},Éleveurs,60,50,100", f"{WATER},Pêcheurs,40,30,100")
    assert people(batch) == [(60, 50), (40, 30)]


def test_the_same_group_twice_is_two_activities(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{WATER},PDI,60,50,100", f"{WATER},PDI,60,50,200")
    assert people(batch) == [(60, 50), (60, 50)]


def test_a_column_of_groups_is_known_by_its_cells(tmp_path: Path) -> None:
    headings = HEADINGS.replace("Groupe", "Colonne 6") + "Budget (USD)"
    rows = [f"{WATER},{group},{n},," for group, n in (("Total", 9), ("Femmes", 5), ("Hommes", 4))]
    batch = read(tmp_path, *rows, headings=headings)
    assert people(batch) == [(9, None)]
    assert "column_by_content" in codes(batch)


def test_printed_totals_are_held_against_the_rows_that_stood_above_them(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        f"{WATER},Total,200,150,1000",
        f"{WATER},PDI,120,90,1000",
        f"{WATER},Hôtes,80,60,1000",
        "Sous-total Mopti,,,,,,,,1000",
        "P2,IRC,Soins,Gao,Gao,,10,10,700",
        "P3,IRC,Puits,Gao,Gao,,10,10,50",
        "Sous-total Gao,,,,,,,,750",
    )
    totals = batch.tables.control_totals.select("published", "read").rows()
    assert [tuple(map(float, total)) for total in totals] == [(1000, 1000), (750, 750)]
    assert batch.tables.activities.height == 3


@pytest.mark.parametrize(
    ("rows", "usd"),
    [
        ((("PDI", 60), ("Hôtes", 40), ("Femmes", 55), ("Hommes", 45)), 100),
        ((("PDI", 100), ("dont femmes", 60)), 100),
        ((("Total", 100), ("PDI", 60), ("Hôtes", 40), ("Femmes", 55), ("Hommes", 45)), 100),
        ((("Femmes", 50_000), ("Hommes", 50_001)), 50_000),
    ],
)
def test_amounts_of_groups_are_counted_once_as_their_people_are(
    tmp_path: Path, rows: tuple[tuple[str, int], ...], usd: int
) -> None:
    batch = read(tmp_path, *(f"{WATER},{group},,,{amount}" for group, amount in rows))
    assert money(batch) == usd * 100
    assert "figures_disagree" not in codes(batch)


def test_equal_amounts_that_the_printed_total_adds_up_are_an_amount_each(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{WATER},PDI,,,5000", f"{WATER},Hôtes,,,5000", "TOTAL,,,,,,,,10000")
    assert money(batch) == 10_000_00
    assert "amount_repeated_kept" in codes(batch)


def test_a_part_without_a_figure_leaves_the_figure_of_the_others(tmp_path: Path) -> None:
    groups = [("Femmes", "600"), ("Hommes", "400"), ("Personnes handicapées", "")]
    batch = read(tmp_path, *(f"{WATER},{group},{n},," for group, n in groups))
    assert people(batch) == [(1000, None)]


def test_a_figure_that_a_missing_group_leaves_unknown_is_said(tmp_path: Path) -> None:
    batch = read(tmp_path, f"{WATER},Femmes,50,,", f"{WATER},Hommes,,,")
    assert people(batch) == [(None, None)]
    assert "group_figure_unknown" in codes(batch)


@pytest.mark.parametrize(
    "groups",
    [
        (("Total", 1000), ("Femmes", 600), ("Éleveurs", 400)),
        (("Total", 1000), ("Femmes", 600), ("Hommes", 400), ("Hommes", 400)),
    ],
)
def test_beside_their_total_rows_of_any_group_are_one_activity(
    tmp_path: Path, groups: tuple[tuple[str, int], ...]
) -> None:
    batch = read(tmp_path, *(f"{WATER},{group},{n},," for group, n in groups))
    assert people(batch) == [(1000, None)]


@pytest.mark.parametrize("groups", [("PDI", "PDI"), ("Total", "Ensemble", "Femmes")])
def test_rows_that_may_count_people_twice_are_said(tmp_path: Path, groups: tuple[str, ...]) -> None:
    batch = read(tmp_path, *(f"{WATER},{group},100,," for group in groups))
    assert batch.tables.activities.height == len(groups)
    assert "group_rows_apart" in codes(batch)


MONTHS = "Organisation,Activité,Région,Cercle,Mois,Personnes atteintes,Budget (USD)"


def test_a_total_of_the_months_of_one_activity_is_no_activity(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "ACF,Eau potable,Mopti,Bankass,janvier 2024,100,1000",
        "ACF,Eau potable,Mopti,Bankass,février 2024,200,1000",
        "ACF,Eau potable,Mopti,Bankass,Total,300,2000",
        headings=MONTHS,
    )
    assert batch.tables.rows["outcome"].to_list() == ["activity", "activity", "aggregate"]
    assert money(batch) == 2_000_00
    assert [str(day) for day in batch.tables.activities["start"]] == ["2024-01-01", "2024-02-01"]
    assert "total_by_values" in codes(batch)


def test_a_row_called_total_that_adds_up_nothing_stays_an_activity(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "ACF,Eau potable,Mopti,Bankass,janvier 2024,100,1000",
        "ACF,Eau potable,Mopti,Bankass,février 2024,200,1000",
        "ACF,Total WASH,Mopti,Bankass,mars 2024,999,2000",
        headings=MONTHS,
    )
    assert set(batch.tables.rows["outcome"]) == {"activity"}


def test_a_month_that_is_a_number_is_no_quarter(tmp_path: Path) -> None:
    row = "ACF,Eau,Mopti,Bankass,4,100,1000,2024"
    batch = read(tmp_path, row, headings=MONTHS + ",Année")
    assert [str(day) for day in batch.tables.activities["start"]] == ["2024-04-01"]


@settings(max_examples=30)
@given(
    people=st.lists(st.integers(0, 10_000), min_size=2, max_size=4),
    budget=st.integers(1, 10**6),
    with_total=st.booleans(),
)
def test_people_and_money_of_groups_are_counted_once(
    tmp_path_factory: pytest.TempPathFactory, people: list[int], budget: int, with_total: bool
) -> None:
    names = ["Femmes", "Hommes", "Filles", "Garçons"][: len(people)]
    rows = [f"{WATER},{name},{n},,{budget}" for name, n in zip(names, people, strict=True)]
    rows += [f"{WATER},Total,{sum(people)},,{budget}"] * with_total
    batch = read(tmp_path_factory.mktemp("groups"), *rows)
    assert batch.tables.activities["target"].to_list() == [sum(people)]
    assert money(batch) == budget * 100
    assert batch.tables.rows.height == len(rows)
