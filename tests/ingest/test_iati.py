"""IATI activities: one record an activity, its places, budgets and payments folded in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.dac import sector_of_code
from atlas.ingest.pipeline import Batch, ingest_file
from atlas.vocab import entries

WATER = """
<iati-activity default-currency="USD" last-updated-datetime="2024-06-30T10:00:00Z">
  <iati-identifier>XX-1-EAU</iati-identifier>
  <reporting-org ref="XM-DAC-41114" type="40"><narrative>UNDP</narrative></reporting-org>
  <title><narrative xml:lang="en">Water</narrative><narrative xml:lang="fr">Forages à Gao</narrative></title>
  <description><narrative>Dix forages</narrative></description>
  <participating-org role="1"><narrative>Suède</narrative></participating-org>
  <participating-org role="2"><narrative>PNUD</narrative></participating-org>
  <participating-org role="4"><narrative>ADR</narrative></participating-org>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2024-01-01"/>
  <activity-date type="2" iso-date="2024-02-01"/>
  <activity-date type="3" iso-date="2024-12-31"/>
  <contact-info><email>a.b@ong.org</email></contact-info>
  <recipient-country code="ML" percentage="100"/>
  <location><name><narrative>Gao</narrative></name><point srsName="http://www.opengis.net/def/crs/EPSG/0/4326"><pos>16.27 -0.05</pos></point></location>
  <location><name><narrative>Kidal</narrative></name></location>
  <sector vocabulary="1" code="14030" percentage="100"><narrative>Approvisionnement en eau, de base</narrative></sector>
  <budget type="1"><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><value value-date="2024-01-01">1000</value></budget>
  <budget type="2"><period-start iso-date="2024-01-01"/><period-end iso-date="2024-12-31"/><value currency="EUR" value-date="2024-01-01">1200.50</value></budget>
  <transaction><transaction-type code="1"/><transaction-date iso-date="2024-02-01"/><value>900</value></transaction>
  <transaction><transaction-type code="3"/><transaction-date iso-date="2024-03-01"/><value>400</value></transaction>
  <result type="1"><title><narrative>Eau</narrative></title></result>
</iati-activity>"""
NIGER = "<iati-activity><title><narrative>École</narrative></title><recipient-country code='NE'/><budget><value>5</value></budget></iati-activity>"
NAMELESS = "<iati-activity><iati-identifier>XX-3</iati-identifier></iati-activity>"


def iati(tmp_path: Path, *activities: str, version: str = "2.03", prolog: str = "") -> Path:
    body = "".join(activities)
    path = tmp_path / "activites.xml"
    path.write_text(
        f'{prolog}<iati-activities version="{version}">{body}</iati-activities>', "utf-8"
    )
    return path


def said(batch: Batch, code: str) -> list[str]:
    return batch.tables.findings.filter(pl.col("code") == code)["params"].to_list()


def test_an_activity_keeps_its_roles_dates_status_and_sector(tmp_path: Path) -> None:
    activity = ingest_file(iati(tmp_path, WATER)).tables.activities.row(0, named=True)
    assert (activity["title"], activity["source"]) == ("Forages à Gao", "pnud")
    assert (activity["donors"], activity["lead_org"]) == (["sweden"], "pnud")
    assert activity["organisations_raw"] == ["PNUD", "ADR"]
    assert (activity["start"], activity["end"]) == (date(2024, 2, 1), date(2024, 12, 31))
    assert (activity["status"], activity["sector"]) == ("ongoing", "wash")
    assert activity["sector_raw"] == "14030 Approvisionnement en eau, de base"
    assert activity["as_of"] == date(2024, 6, 30)


def test_every_place_of_an_activity_is_kept_and_a_point_without_a_name_places(
    tmp_path: Path,
) -> None:
    bare = WATER.replace("<name><narrative>Gao</narrative></name>", "")
    placements = ingest_file(iati(tmp_path, bare)).tables.placements
    assert placements["weight"].to_list() == [1, 1]
    assert placements["unit_id"].to_list() == ["ml-2023/gao-gao", "ml-2023/kidal"]
    assert placements["lon"].to_list() == [-0.05, None]


def test_a_revised_budget_stands_for_the_first_one_and_payments_are_spent(tmp_path: Path) -> None:
    batch = ingest_file(iati(tmp_path, WATER))
    assert batch.tables.amounts.select("kind", "minor", "currency", "period_end").rows() == [
        ("budget", 120050, "EUR", date(2024, 12, 31)),
        ("spent", 40000, "USD", date(2024, 3, 1)),
    ]
    assert said(batch, "transactions_aside") == [
        '{"n": 1, "type": "budget initial, révisé depuis"}',
        '{"n": 1, "type": "type 1"}',
    ]


def test_every_element_has_one_outcome_and_what_is_not_read_is_said(tmp_path: Path) -> None:
    batch = ingest_file(iati(tmp_path, WATER, NIGER, NAMELESS))
    report = batch.report()
    assert report["outcomes"] == {"activity": 1, "folded": 4, "rejected": 1, "ignored": 4}
    assert report["rows_read"] == 10
    assert said(batch, "outside_mali") == ['{"country": "NE"}']
    assert said(batch, "column_ignored") == ['{"column": "result (1)"}']
    assert said(batch, "personal_data_dropped") == ['{"column": "contact-info (1)"}']
    assert batch.tables.activities["locator"].to_list() == ["iati-activity!1"]


def test_money_of_several_countries_is_not_counted_as_mali_s(tmp_path: Path) -> None:
    shared = WATER.replace(
        "<location>", '<recipient-country code="NE" percentage="40"/><location>', 1
    )
    batch = ingest_file(iati(tmp_path, shared))
    assert batch.tables.amounts.height == 0
    assert '{"n": 1, "type": "budget commun à plusieurs pays"}' in said(batch, "transactions_aside")


@pytest.mark.parametrize("value", ["", "beaucoup", "NaN", "1e400"])
def test_an_amount_that_is_none_is_unknown_and_said(value: str, tmp_path: Path) -> None:
    batch = ingest_file(iati(tmp_path, WATER.replace("1200.50", value)))
    assert batch.tables.amounts["kind"].to_list() == ["spent"]
    assert len(said(batch, "amount_unreadable")) == 1


BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        ({"prolog": BOMB}, "entités XML"),
        ({"prolog": '<!DOCTYPE a SYSTEM "file:///etc/passwd">'}, "entités XML"),
        ({"version": "1.05"}, "IATI 1.05 : seule la version 2"),
        ({"prolog": "<autre/>"}, "autre forme"),
    ],
)
def test_xml_that_is_a_bomb_or_no_iati_2_is_refused(
    made: dict[str, str], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableFileError, match=reason):
        ingest_file(iati(tmp_path, WATER, **made))


def test_broken_xml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match=r"mal formé \(ligne 2\)"):
        ingest_file(iati(tmp_path, "\n<iati-activity>"))


def test_every_sector_of_a_dac_code_is_one_of_ours() -> None:
    known = set(entries("sectors")["id"])
    codes = (
        "11220",
        "12240",
        "14030",
        "15130",
        "15220",
        "16010",
        "21020",
        "31120",
        "41010",
        "43040",
        "52010",
        "72040",
        "73010",
        "74020",
    )
    assert {sector_of_code(code) for code in codes} <= known
