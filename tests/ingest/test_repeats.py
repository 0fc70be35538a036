"""A project's total on each of its rows counts once; what differs per row is kept."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.ingest.money import to_minor, to_usd
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.ingest.reading import Document, Sheet
from atlas.ingest.sources import Options
from atlas.ingest.sources.lists import read_list
from atlas.ingest.sources.registry import all_sources

DAY = date(2017, 6, 30)


def read(tmp_path: Path, *lines: str, source: str = "qip") -> IngestBatch:
    path = tmp_path / "liste.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return ingest_file(path, source=source, as_of=DAY)


def cents(batch: IngestBatch) -> list[int]:
    return batch.tables.amounts["minor"].to_list()


def said(batch: IngestBatch, code: str) -> list[dict[str, object]]:
    rows = batch.tables.findings.filter(code=code)["params"]
    return [json.loads(params) for params in rows]


def test_a_total_on_each_row_of_a_project_counts_once_and_is_shared_among_its_places(
    tmp_path: Path,
) -> None:
    batch = read(
        tmp_path,
        "Code;Titre;Région;Budget USD",
        "P7;Résilience;Gao;100",
        "P7;Résilience;Kidal;100",
        "p7 ;Résilience;Mopti;100",
        "P8;Puits;Gao;40",
    )
    assert cents(batch) == [3334, 3333, 3333, 4000]
    assert batch.report()["outcomes"] == {"activity": 4}
    (one,) = said(batch, "amount_repeated")
    assert (one["code"], one["n"], one["amount"], one["currency"]) == ("P7", 3, "100", "USD")


def test_amounts_that_differ_are_kept_and_the_disagreement_is_said(tmp_path: Path) -> None:
    batch = read(
        tmp_path,
        "Code;Titre;Région;Budget USD",
        "P7;Résilience;Gao;100",
        "P7;Résilience;Kidal;100",
        "P7;Résilience;Mopti;80",
    )
    assert cents(batch) == [10000, 10000, 8000]
    assert said(batch, "amount_repeated") == []
    (one,) = said(batch, "project_amounts_disagree")
    assert (one["code"], one["n"], one["amounts"]) == ("P7", 3, "80 · 100")


@pytest.mark.parametrize(
    "rows",
    [
        ("P7;A;Gao;ADR;100;USD;2017", "P7;A;Kidal;ADR;100;EUR;2017"),
        ("P7;A;Gao;ADR;100;USD;2016", "P7;A;Gao;ADR;100;USD;2017"),
        ("P7;A;Gao;ADR;100;USD;2017", "P8;A;Kidal;ADR;100;USD;2017"),
        ("P7;A;Gao;ADR;100;USD;2017", "P7;A;Kidal;ACTED;100;USD;2017"),
        ("P7;A;Gao;ADR;0;USD;2017", "P7;A;Kidal;ADR;0;USD;2017"),
    ],
    ids=["currency", "period", "code", "another NGO's code", "nothing to count"],
)
def test_another_currency_period_code_or_owner_is_another_amount(
    rows: tuple[str, ...], tmp_path: Path
) -> None:
    head = "Code;Titre;Région;Partenaire;Budget;Devise;Période"
    batch = read(tmp_path, head, *rows, source="ngo")
    assert set(cents(batch)) in ({10000}, {0})
    assert said(batch, "amount_repeated") == []


def test_rows_without_a_code_that_look_alike_are_added_up_and_said(tmp_path: Path) -> None:
    batch = read(tmp_path, "Titre;Région;Budget USD", "Puits;Gao;50", "Puits;Kidal;50")
    assert cents(batch) == [5000, 5000]
    (one,) = said(batch, "amount_repeated_unsure")
    assert (one["title"], one["n"]) == ("Puits", 2)


def test_a_row_without_an_amount_takes_no_share(tmp_path: Path) -> None:
    head = "Code;Titre;Région;Budget USD"
    batch = read(tmp_path, head, "P7;A;Gao;90", "P7;A;Kidal;", "P7;A;Mopti;90")
    assert cents(batch) == [4500, 4500]


def test_a_printed_total_that_counts_the_project_once_agrees(tmp_path: Path) -> None:
    head = "Code;Titre;Région;Budget USD"
    batch = read(tmp_path, head, "P7;A;Gao;90", "P7;A;Kidal;90", "Total;;;90")
    (total,) = batch.report()["control_totals"]
    assert (total["published"], total["read"], total["difference"]) == (90.0, 90.0, 0.0)
    assert cents(batch) == [4500, 4500]


def test_a_printed_total_that_adds_the_rows_up_keeps_each_rows_amount(tmp_path: Path) -> None:
    head = "Code;Titre;Région;Budget USD"
    batch = read(tmp_path, head, "P7;A;Gao;90", "P7;A;Kidal;90", "Total;;;180")
    assert cents(batch) == [9000, 9000]
    assert batch.report()["control_totals"][0]["difference"] == 0.0
    assert [one["n"] for one in said(batch, "amount_repeated_kept")] == [2]
    assert said(batch, "amount_repeated") == []


@settings(max_examples=40)
@given(
    st.decimals(min_value="0.01", max_value=10**9, places=2),
    st.integers(2, 7),
    st.sampled_from(["USD", "EUR", "XOF"]),
)
def test_the_shares_of_a_repeated_total_add_up_to_it_in_its_currency_and_in_dollars(
    value: Decimal, rows: int, currency: str
) -> None:
    head = ["Code", "Titre", "Région", "Budget", "Devise"]
    body = [["P7", "A", "Gao", f"{value:f}".replace(".", ","), currency]] * rows
    paper = Document("x", "l.csv", "x", "csv", None, (Sheet("", [head, *body]),))
    found = normalise_reading(
        read_list(all_sources()["qip"].SPEC, paper, Options(as_of=DAY)), paper
    ).amounts
    whole = to_usd(value, currency, DAY)
    assert whole is not None
    assert found["minor"].sum() == to_minor(value, currency)
    assert found["usd_minor"].sum() == whole.usd_minor


def test_a_project_whose_rows_differ_by_a_dollar_or_a_day_counts_once_and_is_flagged(
    tmp_path: Path,
) -> None:
    batch = read(
        tmp_path,
        "Code;Titre;Région;Budget USD;Début;Fin",
        "P1;Eau;Gao;900000;01/01/2016;31/12/2016",
        "P1;Eau;Mopti;900000;01/01/2016;30/12/2016",
        "P1;Eau;Kayes;900001;01/01/2016;31/12/2016",
    )
    assert sum(cents(batch)) == 90_000_000
    (one,) = said(batch, "amount_repeated_differs")
    assert (one["read"], one["rows"]) == ("900000", "L4")
