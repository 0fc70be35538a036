"""Records become tables: identities, money, words, découpages, and nothing lost on the way."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.i18n import language_context
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.reading import (
    ContextFact,
    ControlTotal,
    Document,
    Money,
    PlaceText,
    Reading,
    Record,
)
from atlas.ingest.report import report_of
from atlas.model import Kind, Outcome, Reader, Source, Tables

DAY = date(2017, 6, 30)
PAPER = Document("d0c", "liste.csv", "d0c" * 8, "csv", None, ())


def record(title: str = "Forage", **values: object) -> Record:
    base = Record(locator="L2", kind=Kind.ACTIVITY, source=Source.QIP, title=title)
    return base._replace(**{"places": (PlaceText(region="Gao"),), **values})


def tables(*records: Record, as_of: date | None = DAY, **said: object) -> Tables:
    base = Reading(Reader.QIP, "Liste", as_of, "", records=records)
    return normalise_reading(base._replace(**said), PAPER)


def ids(*records: Record) -> list[str]:
    return tables(*records).activities["activity_id"].to_list()


def codes(found: Tables) -> list[str]:
    return found.findings["code"].to_list()


def test_an_activity_keeps_its_identity_when_its_amount_and_status_change() -> None:
    paid = (Money(Decimal(10), "USD"),)
    assert ids(record()) == ids(record(amounts=paid, status_raw="achevé", locator="L9"))


@pytest.mark.parametrize(
    "other",
    [
        {"title": "École"},
        {"places": (PlaceText(region="Kidal"),)},
        {"lead": "ADR"},
        {"source": Source.PBF},
    ],
)
def test_another_title_place_organisation_or_fund_is_another_activity(other: dict) -> None:
    assert ids(record()) != ids(record(**other))


def test_the_senders_own_code_identifies_by_itself() -> None:
    assert ids(record("Forage", key="Q-7")) == ids(record("Forage réhabilité", key="Q-7"))


def test_the_same_words_twice_are_two_activities() -> None:
    first, second = ids(record(), record(locator="L3"))
    assert first != second


def test_a_row_keeps_its_outcome_and_a_folded_one_its_activity() -> None:
    found = tables(
        record(folded=("L3", "L4")),
        record("47 QIP", kind=Kind.AGGREGATE, items=47, locator="L5"),
        outcomes=(("L6", Outcome.REJECTED), ("L7", Outcome.CONTEXT)),
    )
    activity, aggregate = found.activities["activity_id"].to_list()
    assert found.rows.select("locator", "outcome", "activity_id").rows() == [
        ("L2", "activity", activity),
        ("L3", "folded", activity),
        ("L4", "folded", activity),
        ("L5", "aggregate", aggregate),
        ("L6", "rejected", None),
        ("L7", "context", None),
    ]
    assert found.documents["rows_read"].to_list() == [6]


def test_a_code_of_two_lists_of_ngos_that_name_no_organisation_is_of_two_projects() -> None:
    said = {"reader": Reader.NGO}
    wells, garden = record("Puits", key="P-01"), record("Jardin", key="P-01")
    first, second = (tables(one, **said).activities["activity_id"][0] for one in (wells, garden))
    assert first != second
    assert tables(wells._replace(status_raw="achevé"), **said).activities["activity_id"][0] == first


def test_money_is_priced_at_the_end_of_its_period_but_never_after_the_document() -> None:
    earlier = Money(Decimal(655957), "XOF", period_end=date(2017, 3, 31))
    later = Money(Decimal(655957), "XOF", "spent", period_end=date(2019, 3, 31))
    found = tables(record(amounts=(earlier, later))).amounts
    # 1 000 EUR at the European Central Bank's 1.0691 and 1.1412 USD
    assert found.select("minor", "usd_minor", "rate_date").rows() == [
        (655957, 106910, date(2017, 3, 31)),
        (655957, 114120, date(2017, 6, 30)),
    ]


def test_an_amount_without_a_rate_is_kept_without_dollars_and_said_once() -> None:
    money = (Money(Decimal("12.50"), "ZZZ"),)
    found = tables(record(amounts=money), record("École", amounts=money))
    assert found.amounts.select("minor", "currency", "usd_minor").rows() == [
        (1250, "ZZZ", None),
        (1250, "ZZZ", None),
    ]
    assert codes(found).count("no_rate") == 1
    undated = tables(record(amounts=money), as_of=None)
    assert codes(undated).count("no_rate_undated") == 1


def test_dollars_need_no_date() -> None:
    found = tables(record(amounts=(Money(Decimal("45317.39"), "USD"),)), as_of=None)
    assert found.amounts.select("minor", "usd_minor", "rate").row(0) == (4531739, 4531739, 1.0)


def test_words_become_vocabulary_and_the_spelling_stays() -> None:
    row = tables(
        record(
            lead="Educo",
            implementers=("OXFAM", "Association X"),
            donors=("Danemark",),
            sector_raw="Santé",
            status_raw="finalisé",
        )
    ).activities.row(0, named=True)
    assert (row["sector"], row["status"], row["donors"]) == ("health", "completed", ["denmark"])
    assert row["implementers"] == ["oxfam", "Association X"]
    assert row["organisations_raw"] == ["Educo", "OXFAM", "Association X"]
    assert row["org_type"] == "international-ngo"


def test_an_unknown_word_is_said_once_however_often_and_however_spelt() -> None:
    rows = [record(lead=name, sector_raw="Zzz") for name in ("Asso X", "asso  x", "Asso X")]
    found = codes(tables(*rows))
    assert (found.count("organisation_unknown"), found.count("sector_unknown")) == (1, 1)


def test_a_status_that_nobody_understands_is_unknown_and_said() -> None:
    found = tables(record(status_raw="bof"))
    assert found.activities["status"].to_list() == ["unknown"]
    assert "status_unknown" in codes(found)


def test_a_sector_inferred_from_the_words_is_said_and_one_of_several_is_multisectoral() -> None:
    found = tables(record("Réaliser 6 forages"), record(sector_raw="Santé ; Éducation"))
    assert found.activities["sector"].to_list() == ["wash", "multi-sector"]
    assert codes(found).count("sector_inferred") == 1


def test_a_fault_in_a_code_stands_in_every_row_that_carries_it() -> None:
    padded = (PlaceText(cercle="Mopti", cercle_code="ML0506 "),)
    found = tables(record(places=padded, folded=("L3", "L4")), as_of=date(2018, 1, 1))
    faults = found.findings.filter(pl.col("code") == "place_code_padded")
    assert faults["locator"].to_list() == ["L2", "L3", "L4"]


def test_a_record_without_a_place_is_unplaced_and_one_of_the_country_is_national() -> None:
    found = tables(record(places=()), record("Loi", places=(), national=True))
    assert found.placements["unit_id"].to_list() == ["_unplaced", "_national"]
    assert codes(found).count("place_missing") == 1


def test_weights_keep_the_share_of_each_place_whatever_the_units_it_names() -> None:
    places = (PlaceText(text="Gao ; Kidal"), PlaceText(region="Mopti"))
    found = tables(record(places=places), as_of=date(2018, 1, 1)).placements
    assert found.select("unit_id", "weight").rows() == [
        ("ml-2016/ML07", 1),
        ("ml-2016/ML08", 1),
        ("ml-2016/ML05", 2),
    ]


def test_inherited_places_say_so() -> None:
    found = tables(record(inherited=True))
    assert found.placements["rule"].to_list() == ["inherited"]


@pytest.mark.parametrize(
    ("day", "frame"),
    [
        (date(2014, 7, 31), "ml-2012"),
        (date(2017, 6, 30), "ml-2016"),
        (date(2024, 1, 1), "ml-2023"),
    ],
)
def test_the_decoupage_is_the_one_in_force(day: date, frame: str) -> None:
    assert tables(record(), as_of=day).documents["frame"].to_list() == [frame]


def test_a_decoupage_given_by_the_person_wins() -> None:
    assert tables(record(), frame="ml-2012").documents["frame"].to_list() == ["ml-2012"]


def test_why_a_decoupage_was_taken_is_a_code_with_frames_so_that_it_can_be_translated() -> None:
    undated = tables(record(), as_of=None).findings.filter(code="frame_undated")
    assert json.loads(undated["params"][0]) == {"frame": "ml-2023", "usual": "ml-2023"}
    of_2023 = record(places=(PlaceText(text="Boré"),))
    found = tables(of_2023).findings.filter(code="frame_by_places")
    assert json.loads(found["params"][0]) == {
        "frame": "ml-2023",
        "usual": "ml-2016",
        "fits": "ml-2023 1, ml-2016 0, ml-2012 0",
        "rows": "L2",
    }


def test_a_total_that_does_not_add_up_is_a_finding_with_both_figures() -> None:
    totals = (
        ControlTotal("QIP", Decimal(324), Decimal(318)),
        ControlTotal("TF", Decimal(93), Decimal(93)),
        ControlTotal("PBF", Decimal(5), None),
    )
    found = tables(control_totals=totals)
    said = found.findings.filter(pl.col("code") == "total_mismatch")["params"].to_list()
    assert [json.loads(params) for params in said] == [
        {"name": "QIP", "published": "324", "read": "318"}
    ]
    assert [t["difference"] for t in report_of(found)["control_totals"]] == [6.0, 0.0, None]


def test_a_context_fact_has_its_unit_and_its_date() -> None:
    fact = ContextFact("access", "schools_closed", PlaceText(cercle="Ténenkou"), value=85.0)
    row = tables(context=(fact,)).context.row(0, named=True)
    assert (row["unit_id"], row["value"], row["as_of"]) == ("ml-2016/ML0507", 85.0, DAY)


def test_the_tables_do_not_depend_on_the_language_of_the_person() -> None:
    rows = (record("Réaliser 6 forages"), record(lead="Croix Rouge Malienn"))
    with language_context("fr"):
        french = tables(*rows)
    with language_context("en"):
        english = tables(*rows)
    for name, frame in french.items():
        assert frame.equals(getattr(english, name)), name


places = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["", "Gao", "Gao, Kidal", "Nulpart ; Mopti", "Tout le pays"]),
        "region": st.sampled_from(["", "Mopti", "Ségou", "Zzz"]),
        "cercle": st.sampled_from(["", "Koro", "Ténenkou"]),
        "weight": st.integers(1, 9),
    }
).map(lambda said: PlaceText(**said))
amounts = st.fixed_dictionaries(
    {
        "value": st.decimals(-(10**9), 10**9, places=2),
        "currency": st.sampled_from(["USD", "XOF", "EUR", "ZZZ"]),
        "kind": st.sampled_from(["budget", "spent"]),
    }
).map(lambda said: Money(**said))
records = st.builds(
    record,
    st.sampled_from(["Forage", "École"]),
    places=st.lists(places, max_size=3).map(tuple),
    amounts=st.lists(amounts, max_size=3).map(tuple),
    folded=st.lists(st.sampled_from(["L3", "L4"]), max_size=3).map(tuple),
    kind=st.sampled_from([Kind.ACTIVITY, Kind.PLAN, Kind.AGGREGATE]),
)


@settings(max_examples=60)
@given(st.lists(records, max_size=6))
def test_rows_amounts_and_places_of_any_records_are_all_there(found: list[Record]) -> None:
    made = tables(*found)
    assert made.rows.height == sum(1 + len(one.folded) for one in found)
    assert made.amounts.height == sum(len(one.amounts) for one in found)
    assert set(made.placements["activity_id"]) == set(made.activities["activity_id"])
    dollars = [m.value for one in found for m in one.amounts if m.currency == "USD"]
    in_usd = made.amounts.filter(pl.col("currency") == "USD")["usd_minor"].sum()
    assert in_usd == int(sum(dollars, Decimal(0)) * 100)


@pytest.mark.parametrize(
    ("remark", "kept"),
    [
        ("voir awa.t@ong-x.org ou +223 76 12 34 56", "voir […] ou […]"),
        ("Tél. : 76.12.34.56", "[…]"),
        ("12 500 000 FCFA pour 7 000 habitants", "12 500 000 FCFA pour 7 000 habitants"),
    ],
)
def test_contact_details_in_free_text_are_dropped_and_figures_are_not(
    remark: str, kept: str
) -> None:
    found = tables(record(remarks=remark))
    assert found.activities["remarks"].to_list() == [kept]
    assert ("contact_hidden" in codes(found)) == (remark != kept)
