"""A person's own rates go before the packaged ones, and say so."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UnusableFileError
from atlas.ingest.money import NO_RATES, DollarConversion, UserRate, UserRates, read_rates, to_usd
from atlas.ingest.pipeline import ingest_file

JUNE, JULY = date(2017, 6, 1), date(2017, 7, 1)


def table(tmp_path: Path, *lines: str) -> UserRates:
    path = tmp_path / "taux.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return read_rates(path)


def dollars(value: int, currency: str, day: date, own: UserRates) -> DollarConversion:
    found = to_usd(Decimal(value), currency, day, own)
    assert found is not None
    return found


def test_a_rate_of_the_table_goes_before_the_packaged_one_and_names_its_source(
    tmp_path: Path,
) -> None:
    own = table(tmp_path, "devise;date;par usd;source", "XOF;2017-06-01;600;ONU")
    assert dollars(600_000, "XOF", date(2017, 6, 30), own) == DollarConversion(
        100_000, 600.0, JUNE, "ONU"
    )
    assert dollars(655_957, "XOF", date(2017, 6, 30), NO_RATES).source == "ecb"


def test_a_rate_holds_until_the_next_one_and_a_month_at_most(tmp_path: Path) -> None:
    own = table(
        tmp_path,
        "currency,date,per_usd,until",
        "MRU,2017-06-01,350,",
        "MRU,2017-06-15,360,",
        "GNF,2017-06-01,9000,2017-12-31",
    )
    assert dollars(350, "MRU", date(2017, 6, 14), own).rate == 350
    assert dollars(360, "MRU", date(2017, 7, 16), own).rate == 360
    assert to_usd(Decimal(360), "MRU", date(2017, 7, 17), own) is None
    assert to_usd(Decimal(350), "MRU", date(2017, 5, 31), own) is None
    assert dollars(9000, "GNF", date(2017, 12, 31), own).usd_minor == 100


def test_out_of_the_table_the_packaged_rate_applies(tmp_path: Path) -> None:
    own = table(tmp_path, "currency,date,per_usd", "XOF,2017-06-01,600")
    found = dollars(655_957, "XOF", date(2018, 6, 29), own)
    assert (found.usd_minor, found.source) == (116_580, "ecb")  # 1.1658 USD per euro that day


def test_a_rate_to_the_euro_goes_on_to_the_dollar(tmp_path: Path) -> None:
    by_ecb = table(tmp_path, "currency,date,per_eur,source", "MRU,2017-06-30,40,BCM")
    found = dollars(4000, "MRU", date(2017, 6, 30), by_ecb)  # 100 EUR at 1.1412 USD
    assert (found.usd_minor, found.source) == (11_412, "BCM + ecb")
    by_own = table(
        tmp_path,
        "currency,date,per_eur,per_usd,source",
        "MRU,2017-06-30,40,,B",
        "EUR,2017-06-01,,0.8,B",
    )
    assert dollars(4000, "MRU", date(2017, 6, 30), by_own).usd_minor == 12_500


@pytest.mark.parametrize(
    "line", ["EUR,2017-06-01,0.8,", "USD,2017-06-01,,1.25"], ids=["euros per dollar", "the inverse"]
)
def test_the_cfa_franc_follows_the_tables_euro_by_its_parity(line: str, tmp_path: Path) -> None:
    own = table(tmp_path, "currency,date,per_usd,per_eur", line)
    found = dollars(655_957, "XOF", date(2017, 6, 10), own)
    assert (found.usd_minor, found.source) == (125_000, "taux.csv")


def test_a_comma_is_a_decimal_point_never_thousands(tmp_path: Path) -> None:
    own = table(tmp_path, "devise;date;par usd", "EUR;01/06/2017;0,915")
    assert own.entries == (
        UserRate("EUR", JUNE, date(2017, 7, 2), "USD", Decimal("0.915"), "taux.csv"),
    )


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("a,b", "1,2"), "colonnes attendues"),
        (("currency,date,per_usd", "XOF,2017-06-01,abc"), "L2 : taux illisible « abc »"),
        (("currency,date,per_usd", "XOF,2017-06-01,-1"), "taux illisible"),
        (("currency,date,per_usd", "XOF,hier,600"), "L2 : date illisible « hier »"),
        (("currency,date,per_usd", "francs,2017-06-01,600"), "devise, date et un seul taux"),
        (("currency,date,per_usd,per_eur", "XOF,2017-06-01,600,656"), "un seul taux"),
        (("currency,date,per_usd", "XOF,2017-06-01,600", "XOF,2017-06-01,601"), "deux taux"),
        (("currency,date,per_usd,until", "XOF,2017-06-01,600,2017-05-01"), "impossible"),
    ],
)
def test_a_table_with_one_wrong_line_is_refused_with_its_line_and_reason(
    lines: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableFileError, match=why):
        table(tmp_path, *lines)


def test_an_import_says_which_rates_it_took_from_the_table(tmp_path: Path) -> None:
    own = table(tmp_path, "devise;date;par usd;source", "XOF;2017-06-01;600;ONU")
    path = tmp_path / "liste.csv"
    path.write_text(
        "Titre;Région;Budget;Devise\nA;Gao;600 000;XOF\nB;Gao;300 000;XOF\nC;Gao;10;EUR\n", "utf-8"
    )
    batch = ingest_file(path, source="qip", as_of=date(2017, 6, 20), rates=own)
    columns = "currency", "usd_minor", "rate", "rate_date", "rate_source"
    rows = batch.tables.amounts.select(columns).rows()
    assert rows[:2] == [("XOF", 100_000, 600.0, JUNE, "ONU"), ("XOF", 50_000, 600.0, JUNE, "ONU")]
    assert rows[2][-1] == "ecb"
    (said,) = batch.tables.findings.filter(code="rate_own")["params"]
    assert json.loads(said) == {
        "currency": "XOF", "date": "2017-06-01", "n": 2, "rate": "600", "source": "ONU"
    }  # fmt: skip
    assert UserRates.from_rows(batch.read_as.rates) == own


def test_a_currency_that_only_the_table_knows_is_converted_and_another_stays_unknown(
    tmp_path: Path,
) -> None:
    own = table(tmp_path, "devise;date;par usd", "MRU;2017-06-01;36")
    path = tmp_path / "liste.csv"
    path.write_text(
        "Titre;Région;Budget;Devise\nA;Gao;360;MRU\nB;Gao;10;ZZZ\nC;Gao;10;pièces d'or\n", "utf-8"
    )
    tables = ingest_file(path, source="qip", as_of=date(2017, 6, 20), rates=own).tables
    assert tables.amounts.select("currency", "minor", "usd_minor").rows() == [
        ("MRU", 36_000, 1_000),
        ("ZZZ", 1_000, None),
    ]
    assert tables.findings.filter(code="no_rate").height == 1
    assert tables.findings.filter(code="currency_unknown")["locator"].to_list() == ["L4"]


days = st.dates(date(2015, 1, 1), date(2019, 12, 31))


@given(st.dictionaries(days, st.decimals("0.01", 5000, places=3), max_size=5), days)
def test_a_rate_is_never_from_the_future_nor_older_than_it_holds(rates, day: date) -> None:
    own = UserRates.from_rows(
        {"currency": "XOF", "date": since.isoformat(), "per_usd": str(units)}
        for since, units in rates.items()
    )
    found = own.rate_on("XOF", day)
    known = [since for since in rates if since <= day]
    if found is None:
        assert not known or (day - max(known)).days > 31
    else:
        assert found.since == max(known) <= day <= found.until
    assert UserRates.from_rows(own.rows()).rows() == own.rows()


def test_an_amount_in_two_currencies_is_held_against_the_rates_of_the_person(
    tmp_path: Path,
) -> None:
    path = tmp_path / "liste-qip.csv"
    path.write_text(
        "Titre;Région;Début;Montant\nA;Gao;01/06/2017;600 000 FCFA / 2 000 USD\n", "utf-8"
    )
    own = table(tmp_path, "devise;date;par usd;source", "XOF;2017-06-01;300;ONU")
    assert "amounts_disagree" in ingest_file(path).report()["findings"]
    assert "amount_two_currencies" in ingest_file(path, rates=own).report()["findings"]
