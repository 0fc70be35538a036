"""Totals given by hand stand beside what was read, for the source, place and period they name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from atlas.errors import UsageError
from atlas.ingest.control_totals import PublishedTotal, published_totals_of, totals_from_rows
from atlas.ingest.pipeline import IngestBatch, ingest_file
from tests.conftest import SHARED, needs_shared

LIST = """Titre;Région;Cercle;Budget;Devise;Début;Fin;Fonds
Forage;Gao;Ansongo;100;USD;01/02/2016;31/05/2016;QIP
École;Gao;;50;USD;01/03/2017;30/06/2017;QIP
Marché;Gao, Kidal;;655 957;XOF;01/03/2017;30/06/2017;QIP
Puits;Kidal;;31;USD;01/12/2016;31/01/2017;Fonds fiduciaire
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "qip.csv"
    path.write_text(LIST.replace("Gao, Kidal;;", "Mopti;;"), "utf-8")
    return path


def read(file: Path, *words: str | Path) -> IngestBatch:
    controls = published_totals_of(map(str, words))
    return ingest_file(file, source="qip", as_of=date(2017, 6, 30), controls=controls)


def figures(batch: IngestBatch) -> list[tuple[Any, ...]]:
    totals = batch.report()["control_totals"]
    return [(t["name"], t["currency"], t["published"], t["read"], t["difference"]) for t in totals]


def test_a_count_and_a_sum_on_the_command_line(file: Path) -> None:
    batch = read(file, "Projets=4", "Coût total = 200 USD", "En francs=1 000 000 FCFA")
    assert figures(batch) == [
        ("Projets", None, 4.0, 4.0, 0.0),
        ("Coût total", "USD", 200.0, 181.0, 19.0),
        ("En francs", "XOF", 1000000.0, 655957.0, 344043.0),
    ]
    findings = batch.report()["findings"]
    assert (findings["control_entered"], findings["total_mismatch"]) == (3, 2)


def test_a_table_gives_totals_by_source_place_and_period(file: Path, tmp_path: Path) -> None:
    table = tmp_path / "totaux.csv"
    table.write_text(
        "nom;publié;devise;région;période;source\n"
        "Gao;2;;Gao;;\n"
        "Gao;150;USD;Gao;;qip\n"
        "Année 2016;2;;;2016;\n"
        "Kidal 2017;1;;Kidal;2017;trust-fund\n",
        "utf-8",
    )
    batch = read(file, table)
    assert figures(batch) == [
        ("Gao", None, 2.0, 2.0, 0.0),
        ("Gao (qip)", "USD", 150.0, 150.0, 0.0),
        ("Année 2016", None, 2.0, 2.0, 0.0),
        ("Kidal 2017 (trust-fund)", None, 1.0, 1.0, 0.0),
    ]
    totals = batch.report()["control_totals"]
    assert [t["unit"] for t in totals] == ["ml-2016/ML07", "ml-2016/ML07", None, "ml-2016/ML08"]
    assert [t["period"] for t in totals] == [None, None, "2016", "2017"]


@pytest.mark.parametrize(
    ("period", "under_way"),
    [
        ("01/01/2016 - 01/02/2016", 1),
        ("31/05/2016 - 30/06/2016", 1),
        ("01/06/2016 - 30/06/2016", 0),
    ],
)
def test_the_first_and_the_last_day_of_a_project_are_days_on_which_it_runs(
    period: str, under_way: int, file: Path, tmp_path: Path
) -> None:
    """The well of Ansongo, from 1 February to 31 May 2016, is the only one of that half-year."""
    table = tmp_path / "totaux.csv"
    table.write_text(f"nom;publié;période\nEn cours;1;{period}\n", "utf-8")
    ((_name, _currency, _published, counted, _gap),) = figures(read(file, table))
    assert counted == under_way


def test_a_project_in_two_regions_counts_in_each_and_its_money_is_shared(tmp_path: Path) -> None:
    path = tmp_path / "qip.csv"
    path.write_text("Titre;Lieu;Budget USD\nMarché;Gao, Kidal;31\n", "utf-8")
    table = tmp_path / "t.csv"
    table.write_text("name,published,currency,region\nn,1,,Kidal\nusd,15.5,USD,Kidal\n", "utf-8")
    assert figures(read(path, table)) == [
        ("n", None, 1.0, 1.0, 0.0),
        ("usd", "USD", 15.5, 15.5, 0.0),
    ]


def test_a_currency_in_which_nothing_is_stated_is_unknown_not_zero(file: Path) -> None:
    assert figures(read(file, "Euros=5 EUR")) == [("Euros", "EUR", 5.0, None, None)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("x,beaucoup,,,", "n'est pas un chiffre"),
        ("x,3,,Atlantide,", "lieu non reconnu"),
        ("x,3,,,un jour", "période illisible"),
    ],
)
def test_a_total_that_cannot_be_understood_is_refused(
    row: str, why: str, file: Path, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"name,published,currency,region,period\n{row}\n", "utf-8")
    with pytest.raises(UsageError, match=why):
        read(file, table)


def test_what_was_given_is_kept_to_read_the_file_again(file: Path) -> None:
    batch = read(file, "Projets=4 ")
    assert totals_from_rows(batch.read_as.controls) == (PublishedTotal("Projets", "4"),)


@needs_shared
def test_the_work_plan_reads_4685229_dollars_against_a_total_given_by_hand() -> None:
    plan = next((SHARED / "seeds").glob("002*.txt"))
    batch = ingest_file(plan, controls=published_totals_of(["Plan 2024=4 728 228 USD"]))
    assert figures(batch)[-1] == ("Plan 2024", "USD", 4728228.0, 4685229.0, 42999.0)


@needs_shared
def test_the_5w_matrix_reads_1451_against_a_count_given_by_hand() -> None:
    matrix = SHARED / "data" / "whowhatwhere_5w_mli_mar2022.xlsx"
    batch = ingest_file(matrix, controls=published_totals_of(["Présences=1451"]))
    assert figures(batch) == [("Présences", None, 1451.0, 1451.0, 0.0)]
