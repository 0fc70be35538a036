"""The bulletin: its form on a small text of our own, its figures on the real one."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest

from atlas.errors import UnusableFileError
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.reading import Reading
from atlas.ingest.sources import Options, bulletin
from atlas.model import Kind, Source
from tests.conftest import needs_shared
from tests.ingest.sources.documents import codes, of_text, rows_told, seed

SMALL = """ Une rencontre avec le gouverneur

 Ségou : un puits pour les femmes de Markala (QIP)

 Gao : des lampes pour les familles de Bara (TF)

Chiffres clés
Projets à impact rapide (QIPs) : 6 projets finalisés et 4 en cours sur un
budget de 1,5 millions USD (10 projets au total depuis 2014)
Fonds Fiduciaire (TF) : 2 projets finalisés et 1 en cours sur 3 projets approuvés
pour un coût de 300.000 USD sur un budget de 500.000 USD (contributeurs : Chine,
Pays-
Bas et Togo)
 Aperçu global depuis 2014
7 QIPs
2 TF
Ségou
3 QIPs
2 TF
Gao / Ménaka
 Le texte d'une autre colonne, assez long pour être de la prose.
Projets à impact rapide
(QIPs) - Aperçu
Santé
60%
Eau
40%
Répartition du
Budget QIPs
Total : 1,5M USD
1. Le 3 juillet, la mission a lancé le projet à impact rapide de forage d'un
puits pour les femmes de Markala. Prévu pour durer deux mois et financé à hauteur
de 12.500,50 USD, il est mis en œuvre par l'ONG PUITS.
Pour plus d'informations : http://example.org/a
2. Le Bureau régional de la mission à Gao a procédé le 8 juillet au lancement de
3 QIPs de réfection d'écoles au profit de 900 élèves et habitants de Bara. D'un
coût global de 90.000 USD, ils suivent la demande des parents.
Pour plus d'informations : http://example.org/b
3. La Maison du cuir, où l'on apprend, est située à Mopti. Un projet à impact
rapide (QIP) sponsorisé par la Division civile de la MINUSMA l'a équipée.
Fonds Fiduciaire pour la paix
au Mali - Aperçu
1. Réfection du pont autour de Hombori (région de Mopti)
Ce projet a été demandé par la mairie, qui a fait part de ses
craintes
National
 Autre légende
courte
quant à la saison des pluies. Il sera mis en œuvre par l'ONG PONTS.
Budget : environ 70.000 USD
Financé via la contribution du Togo
Sponsor MINUSMA : Section civile
 Le 9 juillet, l'ambassade de Chine a signé une contribution de 2,5 millions de
dollars au Fonds Fiduciaire.
Au 31 juillet 2018
Au 31 juin 2018
"""


@pytest.fixture(scope="module")
def small() -> Reading:
    return bulletin.read(of_text(SMALL), Options())


@pytest.fixture(scope="module")
def real() -> Reading:
    return bulletin.read(seed("004"), Options())


def activities(reading: Reading):
    return [r for r in reading.records if r.kind == Kind.ACTIVITY]


def told(reading: Reading, word: str, source: Source | None = None):
    """The activity whose title has a word."""
    found = [r for r in activities(reading) if word in r.title and source in (None, r.source)]
    assert len(found) == 1, [r.title for r in found]
    return found[0]


def test_it_speaks_of_the_newest_possible_day_it_names(small):
    assert small.as_of == date(2018, 7, 31)
    assert [f.params["raw"] for f in small.findings if f.code == "date_impossible"] == [
        "31 juin 2018"
    ]


def test_an_article_is_an_activity_of_its_section_s_fund(small):
    well = told(small, "puits")
    assert (well.source, well.title) == (Source.QIP, "Forage d'un puits pour les femmes de Markala")
    assert (well.start, well.end) == (date(2018, 7, 3), date(2018, 9, 2))
    assert [m.value for m in well.amounts] == [Decimal("12500.50")]
    assert well.implementers == ("PUITS",)
    assert well.status_raw == "en cours"


def test_a_headline_of_the_same_fund_folds_into_its_article(small):
    assert "L3" in told(small, "puits").folded


def test_a_headline_of_another_fund_is_a_record_of_its_own_without_amount(small):
    lamps = told(small, "lampes")
    assert (lamps.source, lamps.amounts) == (Source.TRUST_FUND, ())
    assert (lamps.places[0].text, lamps.places[0].region) == ("Bara", "Gao")


def test_several_projects_told_with_one_cost_are_one_record_with_one_amount(small):
    schools = told(small, "écoles")
    assert schools.items == 3
    assert [m.value for m in schools.amounts] == [Decimal(90000)]
    assert (schools.places[0].text, schools.places[0].region) == ("Bara", "Gao")


def test_an_article_without_a_project_title_takes_its_subject_and_no_amount(small):
    leather = told(small, "Maison du cuir")
    assert leather.amounts == ()
    assert [p.commune for p in leather.places] == ["Mopti"]
    assert leather.remarks == "Sponsor : Division civile"


def test_a_sheet_cut_by_another_column_is_put_together(small):
    bridge = told(small, "pont")
    assert (bridge.source, bridge.implementers, bridge.donors) == (
        Source.TRUST_FUND,
        ("PONTS",),
        ("Togo",),
    )
    assert [m.value for m in bridge.amounts] == [Decimal(70000)]
    assert (bridge.places[0].text, bridge.places[0].region) == ("Hombori", "Mopti")
    assert "légende" not in bridge.description


def test_published_counts_stand_on_the_regions_and_money_on_the_fund(small):
    counted = [
        (str(r.source), r.items, r.places[0].text if r.places else "", [m.value for m in r.amounts])
        for r in small.records
        if r.kind == Kind.AGGREGATE
    ]
    assert counted == [
        ("qip", None, "", [Decimal("1500000.0")]),
        ("trust-fund", None, "", [Decimal(300000)]),
        ("qip", 7, "Ségou", []),
        ("trust-fund", 2, "Ségou", []),
        ("qip", 3, "Gao / Ménaka", []),
        ("trust-fund", 2, "Gao / Ménaka", []),
    ]


def test_without_counts_by_region_the_fund_keeps_its_own():
    text = SMALL.replace("7 QIPs\n2 TF\nSégou\n3 QIPs\n2 TF\nGao / Ménaka\n", "")
    reading = bulletin.read(of_text(text), Options())
    assert [r.items for r in reading.records if r.kind == Kind.AGGREGATE] == [10, 3]


def test_counts_are_controls_and_several_regions_explain_more_than_the_total(small):
    totals = {t.name: (t.published, t.read) for t in small.control_totals}
    assert totals["QIP : projets, somme des régions"] == (10, 10)
    assert totals["QIP : projets finalisés et en cours"] == (10, 10)
    assert totals["TF : projet × région"] == (4, 4)
    assert totals["TF : budget"] == (500000, None)
    assert "counted_per_region" in codes(small)


def test_percentages_are_kept_without_a_label_and_never_become_money(small):
    kept = [f.params["values"] for f in small.findings if f.code == "percentages_unassigned"]
    assert kept == ["Répartition du Budget QIPs : 60%, 40%"]


def test_a_contribution_stays_with_the_fund(small):
    given = [c for c in small.context if c.kind == "contribution" and c.text == "Chine"]
    assert [(c.indicator, c.value, c.as_of) for c in given] == [
        ("trust-fund", 2_500_000.0, date(2018, 7, 9))
    ]
    names = next(c.text for c in small.context if c.indicator.endswith("contributeurs"))
    assert names == "Chine, Pays-Bas, Togo"


def test_every_line_is_told_once(small):
    lines = [n for n, line in enumerate(SMALL.split("\n"), 1) if line.strip()]
    told_rows = rows_told(small)
    assert sorted(told_rows, key=lambda row: int(row[1:])) == [f"L{n}" for n in lines]


def test_each_activity_says_that_a_bulletin_is_not_the_fund(small):
    assert codes(small).count("from_bulletin") == len(activities(small)) == 5


def test_a_bulletin_without_a_day_is_refused_in_one_line():
    with pytest.raises(UnusableFileError, match=r"essai\.txt"):
        bulletin.read(of_text(SMALL.replace("Au 31", "En")), Options())


@needs_shared
def test_the_real_bulletin_tells_eleven_activities(real):
    told_by = [str(r.source) for r in activities(real)]
    assert {s: told_by.count(s) for s in set(told_by)} == {"qip": 4, "trust-fund": 2, "pbf": 5}
    assert real.as_of == date(2017, 6, 30)


@needs_shared
def test_the_centre_in_mopti_has_no_amount(real):
    centre = told(real, "Sigi Te Mogo Son")
    assert (centre.source, centre.amounts, centre.places[0].commune) == (Source.QIP, (), "Mopti")


@needs_shared
def test_the_dyeing_centre_runs_four_months_from_14_june(real):
    dyeing = told(real, "Djidara")
    assert [m.value for m in dyeing.amounts] == [Decimal("45317.39")]
    assert (dyeing.start, dyeing.end) == (date(2017, 6, 14), date(2017, 10, 13))
    assert (dyeing.places[0].text, dyeing.places[0].region) == ("Djidara", "Gao")


@needs_shared
def test_etambar_is_two_projects_one_record_one_amount(real):
    health = told(real, "Etambar")
    assert (health.items, [m.value for m in health.amounts]) == (2, [Decimal(85000)])
    assert (health.implementers, health.target) == (("IEDA Relief",), 7000.0)
    assert {"L15", "L17"} <= set(health.folded)  # the headline of the cover, same fund


@needs_shared
def test_ber_is_told_under_two_funds_and_the_cover_has_no_money(real):
    inside, cover = told(real, " Ber", Source.QIP), told(real, " Ber", Source.TRUST_FUND)
    assert [m.value for m in inside.amounts] == [Decimal("46610.16")]
    assert cover.amounts == ()
    assert inside.target == cover.target == 110.0
    assert inside.places == cover.places


@needs_shared
def test_the_dyke_is_paid_by_denmark_and_built_by_an_ngo(real):
    dyke = told(real, "digue")
    assert (dyke.source, dyke.donors, dyke.implementers) == (
        Source.TRUST_FUND,
        ("Danemark",),
        ("AFORD",),
    )
    assert [m.value for m in dyke.amounts] == [Decimal(169169)]
    assert "amount_rounded" in [f.code for f in real.findings if f.locator == dyke.locator]


@needs_shared
def test_five_pbf_projects_with_agencies_and_no_amount(real):
    pbf = [r for r in activities(real) if r.source == Source.PBF]
    assert sorted((r.lead, r.implementers) for r in pbf) == [
        ("OIM", ("UNHCR",)),
        ("ONU Femmes", ("UNFPA", "MINUSMA")),
        ("PNUD", ("ONUDI",)),
        ("UNICEF", ()),
        ("UNOPS", ()),
    ]
    assert {r.amounts for r in pbf} == {()}
    assert {r.start for r in pbf} == {date(2015, 1, 1)}
    ends = [r.end for r in pbf]
    assert ends.count(date(2016, 6, 30)) == 2
    assert ends.count(date(2017, 3, 31)) == 3
    assert [p.region for r in pbf for p in r.places if p.region] == ["Gao", "Tombouctou"] * 2


@needs_shared
def test_the_published_counts_are_those_of_the_page(real):
    counted = {
        (r.places[0].text, str(r.source)): r.items
        for r in real.records
        if r.kind == Kind.AGGREGATE and r.places
    }
    assert counted == {
        ("Bamako", "qip"): 51,
        ("Bamako", "trust-fund"): 24,
        ("Tombouctou / Taoudénit", "qip"): 77,
        ("Tombouctou / Taoudénit", "trust-fund"): 47,
        ("Tombouctou / Taoudénit", "pbf"): 5,
        ("Kidal", "qip"): 47,
        ("Kidal", "trust-fund"): 32,
        ("Gao / Ménaka", "qip"): 84,
        ("Gao / Ménaka", "trust-fund"): 42,
        ("Gao / Ménaka", "pbf"): 5,
        ("Mopti", "qip"): 65,
        ("Mopti", "trust-fund"): 21,
    }
    assert "read_by_order" in codes(real)


@needs_shared
def test_the_published_totals_are_controls(real):
    totals = {t.name: (t.published, t.read) for t in real.control_totals}
    assert totals["QIP : projets finalisés et en cours"] == (324, 222 + 102)
    assert totals["QIP : projets, somme des régions"] == (324, 51 + 77 + 47 + 84 + 65)
    assert totals["QIP : budget"] == (11_900_000, None)
    assert totals["TF : projets finalisés et en cours"] == (93, 44 + 49)
    assert totals["TF : projet × région"] == (166, 166)
    assert totals["TF : coût"] == (24_978_258, None)
    assert totals["TF : budget"] == (31_330_367, None)
    assert totals["PBF : projets"] == (5, 5)
    assert totals["PBF : budget"] == (12_106_353, None)


@needs_shared
def test_facts_that_are_no_activity_are_context(real):
    facts = {(c.kind, c.indicator, c.text.split(",")[0]): c.value for c in real.context}
    assert facts["contribution", "trust-fund", "Danemark"] == 8_400_000
    assert facts["contribution", "trust-fund", "Italie"] == 545_000
    assert facts["contribution", "trust-fund : contributeurs", "Allemagne"] == 13
    priorities = next(c for c in real.context if c.kind == "priorities")
    assert (priorities.value, priorities.place.cercle) == (37.0, "Bankass")


@needs_shared
def test_the_impossible_day_and_the_bare_percentages_are_said(real):
    by_code = {f.code: f.params for f in real.findings}
    assert by_code["date_impossible"] == {"raw": "30 février 2017"}
    pies = [f.params["values"] for f in real.findings if f.code == "percentages_unassigned"]
    assert len(pies) == 5
    assert pies[-1].endswith("21%, 21%, 25%, 21%, 12%")


@needs_shared
def test_no_contact_is_kept(real):
    assert "@" not in repr(real.records) + repr(real.context)


@needs_shared
def test_the_real_bulletin_s_tables_hold():
    document = seed("004")
    tables = normalise_reading(bulletin.read(document, Options()), document)
    assert dict(tables.activities.group_by("kind").len().rows()) == {
        "activity": 11,
        "aggregate": 15,
    }
    items = tables.activities.filter(pl.col("kind") == "activity").join(
        tables.amounts, on="activity_id"
    )
    assert items["usd_minor"].sum() == 4_531_739 + 4_661_016 + 8_500_000 + 16_916_900
    united = tables.placements.filter(pl.col("raw") == "Gao / Ménaka")["unit_id"].unique()
    assert united.to_list() == ["ml-2012/ML07"]
