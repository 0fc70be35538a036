"""Who reports and who gave: tables of context that count nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.ingest.context_files import codes, read, rows

# who reports


def test_each_reporter_place_and_sector_is_a_line_with_what_makes_it_late(tmp_path: Path):
    batch = read(
        "reporting",
        tmp_path,
        "Organisation;Lieu;Secteurs;Depuis;Jusqu'au;Périodicité;Délai (jours)",
        "UNICEF;Mopti, Gao;EHA / Santé;01/01/2024;31/12/2024;mensuelle;le 10 du mois suivant",
        "CSA;Tout le pays;Tous;T1 2024;;trimestrielle;15",
    )
    found = rows(
        batch, "organisation", "unit_id", "sector", "start", "expires", "frequency", "due_days"
    )
    assert len(found) == 5
    assert found[0] == (
        *("unicef", "ml-2023/mopti", "wash", date(2024, 1, 1), date(2024, 12, 31)),
        *("monthly", 10),
    )
    assert found[-1] == ("csa", "_national", None, date(2024, 1, 1), None, "quarterly", 15)


def test_a_sector_whose_name_holds_a_comma_stays_whole(tmp_path: Path):
    batch = read(
        "reporting",
        tmp_path,
        "Organisation;Région;Secteurs",
        'OXFAM;Gao;"Eau, hygiène et assainissement"',
    )
    assert rows(batch, "sector") == [("wash",)]


# contributions


def test_contributions_keep_their_currency_and_the_dollars_of_their_day(tmp_path: Path):
    batch = read(
        "contributions",
        tmp_path,
        "Fonds;Bailleur;Montant;Devise;Date",
        "Trust Fund;Danemark;8,4 millions;USD;09/06/2017",
        "PBF;Suède;2 000 000;SEK;01/06/2017",
        "Trust Fund;Allemagne;;;",
        "Total;;8 400 000;USD;",
        as_of=date(2017, 6, 30),
    )
    assert rows(batch, "indicator", "organisation", "value", "scale", "usd_minor", "rate_date") == [
        ("trust-fund", "denmark", 8_400_000.0, "USD", 840_000_000, date(2017, 6, 9)),
        ("pbf", "sweden", 2_000_000.0, "SEK", 22_952_128, date(2017, 6, 1)),
        ("trust-fund", "germany", None, None, None, None),
    ]
    assert codes(batch)["amount_missing"] == 1
    (total,) = batch.report()["control_totals"]
    assert (total["published"], total["read"]) == (8_400_000.0, 8_400_000.0)


def test_contributions_that_are_alike_are_said_since_they_count_once(tmp_path: Path):
    batch = read(
        "contributions",
        tmp_path,
        "Fonds;Bailleur;Montant;Devise;Date",
        "PBF;Suède;2 000 000;USD;01/06/2017",
        "PBF;Suède;2 000 000;USD;01/06/2017",
        "PBF;Suède;1 000 000;USD;01/06/2017",
    )
    assert codes(batch)["contribution_repeated"] == 1
