"""A fiche: what the page says, on one page of A4, whatever there is to say."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pdfplumber
import polars as pl
import pytest

from atlas import formats, summaries
from atlas.dataset import Dataset
from atlas.errors import ForbiddenError, UnknownUnitError
from atlas.export.fiche import FicheQuestion, fiche_content, fiche_units
from atlas.export.fiche_pdf import fiche_pdf
from atlas.export.locator_map import locator_map
from atlas.filters import Filters
from atlas.geo.frames import shipped_frames
from atlas.i18n import language_context
from atlas.labels import capitalised, label
from atlas.model import Viewer
from atlas.vocab import vocabulary_table
from tests.layers.made import activity, dataset_of, fact
from tests.web.example import tables

MENAKA, MOPTI, KIDAL = "ml-2016/ML10", "ml-2016/ML05", "ml-2016/ML08"
BANDIAGARA, DOUROU = "ml-2012/ML0501", "ml-2012/ML050108"
LEAST_POINTS = 8.5


@pytest.fixture(scope="module")
def example() -> Dataset:
    return Dataset.from_tables(tables())


LONG = "Réhabilitation et équipement du centre de santé communautaire, avec forage, " * 3


@pytest.fixture(scope="module")
def full() -> Dataset:
    """78 organisations with long names, every sector, needs, access and priorities."""
    sectors = vocabulary_table("sectors")["id"].to_list()
    told = [
        activity(
            f"{LONG} {n}",
            BANDIAGARA if n % 3 else DOUROU,
            sector=sectors[n % len(sectors)],
            lead_org=f"Association pour le développement intégré des communes rurales n° {n % 78}",
            donors=[f"Fonds de coopération multilatérale et d'urgence n° {n % 23}"],
            target=1000 + n,
            reached=500 + n,
            start=date(2017, 1, 1),
            end=date(2017, 12, 31),
            usd=1_234_567_89 + n if n % 2 else None,
        )
        for n in range(200)
    ]
    dated = {"as_of": date(2017, 6, 1)}
    facts = [
        fact("needs", BANDIAGARA, sector=one, value=123_456.0, indicator="people-in-need", **dated)
        for one in sectors
    ]
    facts += [
        fact("access", BANDIAGARA, text=f"{LONG} {n}", indicator=f"contrainte {n}", **dated)
        for n in range(9)
    ]
    facts += [
        fact("priorities", BANDIAGARA, text=f"{LONG} {n}", sector="wash", **dated) for n in range(9)
    ]
    return dataset_of(*told, context=tuple(facts))


def pages_of(pdf: bytes) -> list[tuple[str, float]]:
    """The text of each page, and the smallest letters on it."""
    with pdfplumber.open(io.BytesIO(pdf)) as read:
        return [
            (page.extract_text(), min(round(c["size"], 2) for c in page.chars))
            for page in read.pages
        ]


def words_of(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize("unit", [MENAKA, MOPTI, KIDAL, "ml-2016/ML07", BANDIAGARA, DOUROU])
@pytest.mark.parametrize("filters", [Filters(), Filters(source=("qip",))])
def test_a_fiche_says_what_the_layers_say(example: Dataset, unit: str, filters: Filters) -> None:
    own = example.frames.unit_by_id(unit)
    told = fiche_content(FicheQuestion(example, filters), unit)
    row = pl.col("unit_id") == unit

    def answer(layer: str) -> pl.DataFrame:
        return example.ask(layer, filters, own.frame, own.level).table.filter(row)

    (who,), (money,) = answer("presence").to_dicts(), answer("budget").to_dicts()
    states = summaries.states_of_units(
        example.ask("coverage", filters, own.frame, own.level).table,
        example.ask("presence", filters, own.frame, own.level).table,
    )
    figures = [one["value"] for one in told["figures"]]
    silent = states.get(unit, "no_report") in ("no_report", "no_data", "not_comparable")
    for shown, n in zip(figures, (who["activities"], who["organisations"]), strict=False):
        assert shown == ("aucune" if silent and n == 0 else formats.number_text(n))
    usd = money["budget_usd"]
    assert figures[2] == (
        "inconnu" if usd is None else formats.short_money_text(usd) if usd else "aucun"
    )
    assert told["state"]["sign"] == states.get(unit, "no_report")
    assert told["state"]["word"] == label("state", told["state"]["sign"])


def test_each_sector_of_a_fiche_is_a_cell_of_the_layers(full: Dataset) -> None:
    told = fiche_content(FicheQuestion(full), BANDIAGARA)
    where = ("ml-2012", "cercle")
    cells, actors, people = (
        {
            label("sector", row["sector"]): row
            for row in full.ask(layer, Filters(), *where).table.to_dicts()
            if row["unit_id"] == BANDIAGARA and row["sector"]
        }
        for layer in ("coverage", "actors", "people")
    )
    assert len(told["sectors"]["rows"]) == 14
    for row in told["sectors"]["rows"]:
        name = row["name"]
        assert row["sign"] == cells[name]["state"]
        assert row["state"] == capitalised(label("state", cells[name]["state"]))
        assert row["count"] == formats.number_text(actors[name]["organisations"])
        assert row["need"] == formats.number_text(people[name]["in_need"])
        assert row["activities"] == formats.number_text(people[name]["activities"])
        assert row["reached"][0] == formats.number_text(people[name]["reached"])


def test_organisations_by_sector_are_those_that_the_layer_counts(full: Dataset) -> None:
    who = summaries.organisations_by_sector(full, BANDIAGARA)
    rows = full.ask("actors", Filters(), "ml-2012", "cercle").table.filter(unit_id=BANDIAGARA)
    assert {one: len(names) for one, names in who.items()} == dict(
        rows.select("sector", "organisations").iter_rows()
    )


def test_the_zones_inside_are_rows_of_the_finer_level(full: Dataset) -> None:
    (block,) = fiche_content(FicheQuestion(full), BANDIAGARA)["left"]
    finer = full.ask("presence", Filters(), "ml-2012", "commune").table
    (dourou,) = finer.filter(unit_id=DOUROU).to_dicts()
    (row,) = [one for one in block["table"] if one["name"] == "Dourou"]
    assert row["activities"] == formats.number_text(dourou["activities"])
    assert row["organisations"] == formats.number_text(dourou["organisations"])
    assert row["gaps"] == "inconnu"  # no need is known of any commune


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_a_full_zone_fits_one_page_of_letters_large_enough(full: Dataset, lang: str) -> None:
    with language_context(lang):
        pages = pages_of(fiche_pdf(FicheQuestion(full), [BANDIAGARA]))
    ((text, smallest),) = pages
    assert smallest >= LEAST_POINTS - 0.01
    assert "1 / 1" in text
    assert ("Nations Unies" if lang == "fr" else "United Nations") in " ".join(text.split())
    assert ("dans le fichier" if lang == "fr" else "in the file") in text


@pytest.mark.parametrize("unit", [MENAKA, DOUROU, "ml-2016/cercle-achouratt", "ml-2023/bandiagara"])
def test_a_small_zone_fits_one_page(example: Dataset, unit: str) -> None:
    ((text, smallest),) = pages_of(fiche_pdf(FicheQuestion(example), [unit]))
    assert example.frames.unit_by_id(unit).name in text
    assert smallest >= LEAST_POINTS - 0.01


def test_silence_is_told_from_absence_and_unknown_from_zero(example: Dataset) -> None:
    told = fiche_content(FicheQuestion(example), "ml-2016/cercle-achouratt")
    assert [one["value"] for one in told["figures"]] == [
        "aucune", "aucune", "aucun", "inconnu", "inconnu", "inconnu",
    ]  # fmt: skip
    assert "rapport manquant" in told["state"]["text"]
    assert "ce silence n'est pas une absence" in words_of(told["sectors"])


def test_several_zones_have_contents_that_lead_to_their_pages(example: Dataset) -> None:
    units = fiche_units(example, [], under=MENAKA)
    pdf = fiche_pdf(FicheQuestion(example), units)
    with pdfplumber.open(io.BytesIO(pdf)) as read:
        assert len(read.pages) == len(units) + 1
        assert len(read.pages[0].hyperlinks) + len(read.pages[0].annots) >= len(units)
        contents = read.pages[0].extract_text()
        for n, page in enumerate(read.pages[1:]):
            name = example.frames.unit_by_id(units[n]).name
            assert name in contents
            assert name in page.extract_text()


def test_zones_are_named_once_the_one_above_first(example: Dataset) -> None:
    units = fiche_units(example, [MOPTI], under=MENAKA)
    assert units[:2] == [MOPTI, MENAKA]
    assert set(units[2:]) == set(example.frames.children(MENAKA))
    communes = fiche_units(example, [], under=BANDIAGARA, level="commune")
    assert communes == [BANDIAGARA, *fiche_units(example, [], under=BANDIAGARA)[1:]]
    with pytest.raises(UnknownUnitError):
        fiche_units(example, ["ml-2016/nowhere"])


def test_words_of_a_list_are_data_never_markup() -> None:
    title = r"#panic() *gras* $x$ <étiquette> \u{41} @ref https://x.example // rien"
    data = dataset_of(activity(title, MENAKA, lead_org='"]; #read("/etc/passwd")'))
    ((text, _smallest),) = pages_of(fiche_pdf(FicheQuestion(data), [MENAKA]))
    assert '#read("/etc/passwd")' in text
    assert "*gras* $x$ <étiquette>" in text


def test_the_same_data_give_the_same_bytes(example: Dataset) -> None:
    question = FicheQuestion(example)
    assert fiche_pdf(question, [MENAKA]) == fiche_pdf(question, [MENAKA])


def test_the_public_gets_no_commune_and_no_word_of_access(example: Dataset) -> None:
    with pytest.raises(ForbiddenError):
        fiche_content(FicheQuestion(example, viewer=Viewer.PUBLIC), DOUROU)
    told = words_of(fiche_content(FicheQuestion(example, viewer=Viewer.PUBLIC), MENAKA))
    assert "Motos" not in told
    assert "Étude d'essai" not in told
    assert "Motos" in words_of(fiche_content(FicheQuestion(example), MENAKA))


def test_filters_and_settings_are_printed(example: Dataset) -> None:
    question = FicheQuestion(
        example, Filters(source=("qip",)), options={"coverage": {"day": "2018-01-01"}}
    )
    warnings = " ".join(fiche_content(question, MENAKA)["head"]["warnings"])
    assert "source" in warnings
    assert "2018-01-01" in warnings


@pytest.mark.parametrize("unit", [MOPTI, BANDIAGARA, DOUROU, "ml-2016/cercle-achouratt"])
def test_the_map_is_a_drawing_with_a_scale(unit: str) -> None:
    drawn = locator_map(unit)
    root = ElementTree.fromstring(drawn.svg)
    names = [one.text or "" for one in root.iter() if one.tag.endswith("text")]
    assert any(name.endswith("km") for name in names)
    if unit != "ml-2016/cercle-achouratt":
        assert not drawn.note
    else:
        assert "Taoudénit" in drawn.note


def test_every_zone_can_be_drawn() -> None:
    for level in ("region", "cercle"):
        for unit in shipped_frames().units_at_level("ml-2023", level)["unit_id"]:
            assert ElementTree.fromstring(locator_map(unit).svg) is not None
