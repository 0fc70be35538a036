"""IATI activities: one record an activity, its places, budgets and payments folded in."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.control_totals import published_totals_of
from atlas.ingest.parsing.values import sector_of_code
from atlas.ingest.pipeline import IngestBatch, ingest_file
from atlas.vocab import vocabulary_table

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


def said(batch: IngestBatch, code: str) -> list[str]:
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
        '{"n": 1, "reason": "budget initial, révisé depuis"}',
        '{"n": 1, "reason": "fonds reçus"}',
    ]


def test_every_element_has_one_outcome_and_what_is_not_read_is_said(tmp_path: Path) -> None:
    batch = ingest_file(iati(tmp_path, WATER, NIGER, NAMELESS))
    report = batch.report()
    assert report["outcomes"] == {"activity": 1, "folded": 4, "rejected": 1, "ignored": 4}
    assert report["rows_read"] == 10
    assert said(batch, "outside_mali") == ['{"country": "Niger"}']
    assert said(batch, "column_ignored") == ['{"column": "result (1)"}']
    assert said(batch, "personal_data_dropped") == ['{"column": "contact-info (1)"}']
    assert batch.tables.activities["locator"].to_list() == ["iati-activity!1"]


def test_money_of_several_countries_is_not_counted_as_mali_s(tmp_path: Path) -> None:
    shared = WATER.replace(
        "<location>", '<recipient-country code="NE" percentage="40"/><location>', 1
    )
    batch = ingest_file(iati(tmp_path, shared))
    assert batch.tables.amounts.height == 0
    assert '{"n": 1, "reason": "budget commun à plusieurs pays"}' in said(
        batch, "transactions_aside"
    )


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
        ({"prolog": "<autre/>"}, "autre forme"),
    ],
)
def test_xml_that_is_a_bomb_or_no_iati_is_refused(
    made: dict[str, str], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(UnusableFileError, match=reason):
        ingest_file(iati(tmp_path, WATER, **made))


def test_broken_xml_names_its_line(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match=r"mal formé \(ligne 2\)"):
        ingest_file(iati(tmp_path, "\n<iati-activity>"))


def test_every_sector_of_a_dac_code_is_one_of_ours() -> None:
    known = set(vocabulary_table("sectors")["id"])
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


OLD = """
<iati-activity version="1.05" default-currency="EUR" last-updated-datetime="2013-06-30T10:00:00">
  <reporting-org ref="XM-DAC-5-7" type="10">Coopération</reporting-org>
  <iati-identifier> XX-OLD-1 </iati-identifier>
  <title xml:lang="en">School</title><title xml:lang="fr">École à Gao</title>
  <participating-org role="Funding">Suède</participating-org>
  <participating-org role="implementing">ADR</participating-org>
  <activity-status code="2">Implementation</activity-status>
  <activity-date type="start-planned" iso-date="2012-01-01"/>
  <activity-date type="start-actual">2012-02-01</activity-date>
  <activity-date type="end-planned" iso-date="2013-12-31"/>
  <recipient-country code="ML">Mali</recipient-country>
  <location><coordinates latitude="16.27" longitude="-0.05" precision="1"/></location>
  <sector vocabulary="DAC" code="11220">Primary education</sector>
  <budget type="Original"><period-start iso-date="2012-01-01"/><period-end iso-date="2012-12-31"/><value>1 000</value></budget>
  <budget type="Revised"><period-start iso-date="2012-01-01"/><period-end iso-date="2013-12-31"/><value>1 500</value></budget>
  <transaction><transaction-type code="D"/><value value-date="2012-03-01">200</value></transaction>
  <transaction><transaction-type code="IF"/><value value-date="2012-03-01">900</value></transaction>
</iati-activity>"""


def raw(tmp_path: Path, text: str, encoding: str = "utf-8") -> IngestBatch:
    (tmp_path / "brut.xml").write_bytes(text.encode(encoding))
    return ingest_file(tmp_path / "brut.xml")


def small(number: str, *more: str, attributes: str = "") -> str:
    return (
        f"<iati-activity default-currency='USD' {attributes}><iati-identifier>{number}"
        f"</iati-identifier><title><narrative>Projet {number}</narrative></title>"
        f"{''.join(more)}</iati-activity>"
    )


def budget(value: int, start: str = "2024-01-01", end: str = "2024-12-31", kind: int = 1) -> str:
    return (
        f"<budget type='{kind}'><period-start iso-date='{start}'/><period-end iso-date='{end}'/>"
        f"<value>{value}</value></budget>"
    )


MALI = "<recipient-country code='ML'/>"


def test_an_activity_of_version_1_reads_as_one_of_version_2(tmp_path: Path) -> None:
    tables = ingest_file(iati(tmp_path, OLD, version="1.05")).tables
    activity = tables.activities.row(0, named=True)
    assert (activity["title"], activity["sector"]) == ("École à Gao", "education")
    assert (activity["donors"], activity["organisations_raw"]) == (
        ["sweden"],
        ["Coopération", "ADR"],
    )
    assert (activity["start"], activity["end"]) == (date(2012, 2, 1), date(2013, 12, 31))
    assert tables.amounts.select("kind", "minor", "currency").rows() == [
        ("budget", 150000, "EUR"),
        ("spent", 20000, "EUR"),
    ]
    assert tables.placements["lon"].to_list() == [-0.05]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("<?xml version='1.0' encoding='ISO-8859-1'?><iati-activities>{}</iati-activities>", "latin-1"),
        ("\ufeff<?xml version='1.0' encoding='UTF-8'?><iati-activities>{}</iati-activities>", "utf-8"),
        ("<?xml version='1.0' encoding='UTF-16'?><iati-activities>{}</iati-activities>", "utf-16"),
        ("<iati-activities xmlns='http://example.org/iati' version='2.02'>{}</iati-activities>", "utf-8"),
        ("<result><ok>True</ok><iati-activities>{}</iati-activities></result>", "utf-8"),
        ("{}", "utf-8"),
    ],
)  # fmt: skip
def test_encodings_namespaces_and_answers_of_services_are_read(
    text: str, encoding: str, tmp_path: Path
) -> None:
    batch = raw(tmp_path, text.format(small("É-1", MALI, budget(5))), encoding)
    assert batch.tables.activities["title"].to_list() == ["Projet É-1"]
    assert batch.tables.amounts["minor"].to_list() == [500]


def test_a_file_of_organisations_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(UnusableFileError, match="organisations, sans activités"):
        raw(tmp_path, "<iati-organisations version='2.03'/>")


def test_what_is_told_of_a_whole_and_its_parts_is_kept_and_the_total_held_against_the_parts(
    tmp_path: Path,
) -> None:
    """What counts of it is settled when a question is asked: tests/layers/test_chains.py."""
    parent = small("P", MALI, budget(1000))
    children = [
        small(n, MALI, budget(v), "<related-activity ref='P' type='1'/>")
        for n, v in (("P-1", 600), ("P-2", 300))
    ]
    batch = ingest_file(iati(tmp_path, parent, *children))
    assert batch.tables.activities["kind"].to_list() == ["activity", "activity", "activity"]
    assert batch.tables.amounts["minor"].to_list() == [100000, 60000, 30000]
    [total] = batch.report()["control_totals"]
    assert (total["name"], total["published"], total["read"]) == ("P : budget", 1000.0, 900.0)


def test_a_total_given_beside_the_file_is_held_against_what_counts_of_it(tmp_path: Path) -> None:
    parent = small("P", MALI, budget(1000), "<related-activity ref='P-1' type='2'/>")
    path = iati(tmp_path, parent, small("P-1", MALI, budget(900)))
    batch = ingest_file(path, controls=published_totals_of(["Budgets=900 USD", "Projets=1"]))
    totals = batch.report()["control_totals"]
    assert [(one["name"], one["read"]) for one in totals] == [
        ("P : budget", 900.0),
        ("Budgets", 900.0),
        ("Projets", 1.0),
    ]


@pytest.mark.parametrize(
    ("element", "told"),
    [
        ("<related-activity ref='Q' type='1'/>", [("whole", "Q")]),
        ("<related-activity ref='Q' type='2'/>", [("part", "Q")]),
        ("<related-activity ref='Q' type='3'/>", []),
        ("<participating-org role='1' activity-id=' Q  1 '/>", [("whole", "Q 1")]),
        ("<participating-org role='Implementing' activity-id='Q'/>", [("part", "Q")]),
        ("<participating-org role='3' activity-id='Q'/>", []),
        ("<participating-org role='4' activity-id='P'/>", []),
        ("<transaction><transaction-type code='1'/><provider-org provider-activity-id='Q'/></transaction>", [("whole", "Q")]),
        ("<transaction><transaction-type code='3'/><receiver-org receiver-activity-id='Q'/></transaction>", [("part", "Q")]),
        ("<transaction><transaction-type code='3'/><provider-org provider-activity-id='Q'/></transaction>", []),
    ],
)  # fmt: skip
def test_the_two_ends_of_a_chain_are_read_wherever_they_are_named(
    element: str, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    relations = ingest_file(iati(tmp_path, small("P", MALI, element))).tables.relations
    assert relations.select("relation", "identifier").rows() == [("self", "P"), *told]


def test_a_file_that_the_schema_does_not_allow_says_so_once_and_is_read(tmp_path: Path) -> None:
    batch = ingest_file(
        iati(tmp_path, small("A", MALI, "<activity-status code='2'/>", budget(1)), small("B", MALI))
    )
    assert batch.report()["activities"] == 2
    assert [json.loads(params) for params in said(batch, "iati_invalid")] == [
        {
            "absent": "activity-date (2), activity-status (1), description (2), "
            "participating-org (2), reporting-org (2)",
            "misplaced": "activity-status (1)",
        }
    ]


VALID = """<iati-activity><iati-identifier>V</iati-identifier><reporting-org ref="X-Y" type="21"/>
<title><narrative>Forage</narrative></title><description><narrative>Un forage</narrative></description>
<participating-org role="4"/><activity-status code="2"/><activity-date type="2" iso-date="2022-01-01"/>
<recipient-country code="ML"/><location/><sector code="14030"/><budget><period-start iso-date="2022-01-01"/>
<period-end iso-date="2022-12-31"/><value>5</value></budget></iati-activity>"""


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (f"<iati-activities version='2.03'>{VALID}</iati-activities>", []),
        (f"<iati-activities>{VALID}</iati-activities>", ['{"absent": "iati-activities/@version (1)"}']),
        (f"<iati-activities version='2.03'>{VALID.replace('<value>5</value>', '')}</iati-activities>", ['{"absent": "budget/value (1)"}']),
        (f"<iati-activities version='1.05'>{OLD}</iati-activities>", []),
    ],
)  # fmt: skip
def test_only_what_the_schema_of_its_version_asks_for_is_missed(
    text: str, findings: list[str], tmp_path: Path
) -> None:
    assert said(raw(tmp_path, text), "iati_invalid") == findings


@pytest.mark.parametrize(
    ("where", "counted"),
    [
        ("<recipient-country code='ML' percentage='100'/><recipient-country code='NE' percentage='0'/>", [500]),
        ("<recipient-country code='ML' percentage='60'/><recipient-country code='NE' percentage='40'/>", []),
        ("<recipient-country code='ML' percentage='50'/><recipient-region code='298' percentage='50'/>", []),
        ("<recipient-country code='ml'/>", [500]),
        ("<recipient-country>Mali</recipient-country>", [500]),
    ],
)  # fmt: skip
def test_money_is_mali_s_only_where_all_of_it_is(
    where: str, counted: list[int], tmp_path: Path
) -> None:
    batch = ingest_file(iati(tmp_path, small("A", where, budget(5))))
    assert batch.report()["activities"] == 1
    assert batch.tables.amounts["minor"].to_list() == counted


def test_countries_of_the_payments_share_the_budget_too(tmp_path: Path) -> None:
    payments = "".join(
        f"<transaction><transaction-type code='3'/><transaction-date iso-date='2024-03-01'/>"
        f"<value>{value}</value><recipient-country code='{code}'/></transaction>"
        for code, value in (("ML", 70), ("NE", 30))
    )
    batch = ingest_file(iati(tmp_path, small("A", budget(100), payments)))
    assert batch.tables.amounts.select("kind", "minor").rows() == [("spent", 7000)]


def test_a_revised_budget_over_other_days_stands_for_those_it_overlaps(tmp_path: Path) -> None:
    longer = budget(15, end="2025-12-31", kind=2)
    batch = ingest_file(
        iati(tmp_path, small("A", MALI, budget(10), longer, budget(1, "2026-01-01", "2026-12-31")))
    )
    assert sorted(batch.tables.amounts["minor"]) == [100, 1500]


@pytest.mark.parametrize(
    ("sectors", "sector"),
    [
        ("<sector vocabulary='10' code='11'/>", "wash"),
        ("<sector vocabulary='10' code='4'/><sector vocabulary='7' code='6'/>", "shelter-nfi"),
        ("<sector code='12220'/><sector vocabulary='99' code='X'><narrative>Divers</narrative></sector>", "health"),
        ("<sector vocabulary='2' code='122'/>", "health"),
        ("<sector vocabulary='99' code='X'><narrative>Éducation</narrative></sector>", "education"),
        ("<transaction><transaction-type code='1'/><sector code='11220'/></transaction>", "education"),
    ],
)  # fmt: skip
def test_a_sector_is_read_in_the_vocabulary_that_says_most(
    sectors: str, sector: str, tmp_path: Path
) -> None:
    batch = ingest_file(iati(tmp_path, small("A", MALI, sectors)))
    assert batch.tables.activities["sector"].to_list() == [sector]


POINT = "<point><pos>17.57 -3.99</pos></point>"


@pytest.mark.parametrize(
    ("location", "unit", "lon"),
    [
        (f"<name><narrative>Mali</narrative></name>{POINT}<feature-designation code='PCLI'/>", "_national", None),
        (f"<name><narrative>Gao</narrative></name>{POINT}<feature-designation code='ADM1'/>", "ml-2023/gao", None),
        (f"<name><narrative>Mopti</narrative></name>{POINT}<exactness code='2'/>", "ml-2023/mopti", None),
        ("<administrative vocabulary='A2' level='1' code='ML08'/>", "ml-2016/ML08", None),
        ("<point><pos>16.27, -0.05</pos></point>", "ml-2023/gao-gao", -0.05),
    ],
)  # fmt: skip
def test_the_point_of_an_area_places_nothing_finer_than_the_area(
    location: str, unit: str, lon: float | None, tmp_path: Path
) -> None:
    placements = ingest_file(
        iati(tmp_path, small("A", MALI, f"<location>{location}</location>"))
    ).tables.placements
    assert placements.select("unit_id", "lon").rows() == [(unit, lon)]


def test_a_secondary_reporter_leads_nothing_and_a_national_scope_is_the_country(
    tmp_path: Path,
) -> None:
    reporter = (
        "<reporting-org secondary-reporter='1'><narrative>Portail</narrative></reporting-org>"
    )
    batch = ingest_file(iati(tmp_path, small("A", reporter, MALI, "<activity-scope code='4'/>")))
    assert batch.tables.activities["lead_org"].to_list() == [None]
    assert batch.tables.placements["unit_id"].to_list() == ["_national"]


def test_an_activity_of_a_world_region_with_a_place_in_mali_stays_and_its_money_is_shared(
    tmp_path: Path,
) -> None:
    activity = WATER.replace(
        '<recipient-country code="ML" percentage="100"/>', '<recipient-region code="1030"/>'
    )
    batch = ingest_file(iati(tmp_path, activity))
    assert batch.tables.activities["title"].to_list() == ["Forages à Gao"]
    assert batch.tables.placements["raw"].to_list() == ["Gao", "Kidal"]
    assert batch.tables.amounts.is_empty()
    assert len(said(batch, "transactions_aside")) > 0


def test_an_activity_without_a_country_nor_a_place_of_mali_is_no_money_of_mali(
    tmp_path: Path,
) -> None:
    nowhere = "<iati-activity><title><narrative>Élections</narrative></title><budget><value currency='KRW'>9</value></budget></iati-activity>"
    gao = nowhere.replace(
        "<budget>", "<location><name><narrative>Gao</narrative></name></location><budget>"
    )
    batch = ingest_file(iati(tmp_path, nowhere, gao))
    assert batch.tables.activities["locator"].to_list() == ["iati-activity!2"]
    assert batch.report()["findings"]["country_missing"] == 1
    assert batch.tables.amounts.height == 1
