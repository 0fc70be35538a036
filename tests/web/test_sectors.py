"""What the map shows, sector by sector: the table, its file, and the page of small maps."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest
from flask.testing import FlaskClient

from atlas.i18n import language_context
from atlas.web import map_pages, sectors_tab
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.page_state import PageScene
from tests.web.test_views import text

Scene = Callable[..., PageScene]


def figures(scene: PageScene) -> set[tuple[str, str, float]]:
    table = sectors_tab.sector_table(scene).drop_nulls("figure")
    return set(table.select("unit_name", "sector", "figure").iter_rows())


def test_each_cell_has_the_figure_of_the_map_of_its_sector(scene: Scene) -> None:
    assert figures(scene("frame=ml-2016&tab=sectors")) == {
        ("Ménaka", "wash", 1.0),
        ("Ménaka", "local-economy", 1.0),
        ("Gao", "health", 1.0),
        ("Gao", "public-infrastructure", 1.0),
        ("Mopti", "education", 2.0),
    }


def test_an_unknown_amount_is_said_and_never_zero(scene: Scene) -> None:
    shown = scene("frame=ml-2016&tab=sectors&indicator=budget&sector=health")
    assert figures(shown) == {("Gao", "health", 38_500.0)}
    table = sectors_tab.sector_table(shown)
    assert table.filter(pl.col("figure").is_null())["state"].null_count() == 0
    words = text(sectors_tab.sectors_content(scene("frame=ml-2016&tab=sectors&indicator=budget")))
    assert "Rien de connu, ce qui n'est pas zéro : " in words
    assert "Infrastructures publiques" in words.split("ce qui n'est pas zéro")[1]


def test_what_has_no_sector_is_counted_beside_the_table(scene: Scene) -> None:
    words = text(sectors_tab.sectors_content(scene("frame=ml-2016&tab=sectors")))
    assert "1 activité sans secteur connu n'est dans aucun." in words


def test_an_indicator_of_no_sector_says_what_to_do(scene: Scene) -> None:
    shown = scene("tab=sectors&indicator=access")
    assert "« Accès » ne se dit pas par secteur" in text(sectors_tab.sectors_content(shown))
    assert sectors_tab.sector_table(shown).height == 0


@pytest.mark.parametrize("name", MAP_INDICATORS)
def test_every_indicator_has_a_table_or_a_sentence(scene: Scene, name: str) -> None:
    assert text(sectors_tab.sectors_content(scene(f"frame=ml-2016&tab=sectors&indicator={name}")))


def test_the_small_maps_have_one_legend_and_name_source_and_date(client: FlaskClient) -> None:
    page = client.get("/maps/sectors?frame=ml-2016").get_data(as_text=True)
    assert page.count("<figure>") == 6
    assert page.count('class="map-legend"') == 1
    assert "Situation au 15 janvier 2024" in page
    assert "ni reconnaissance ni acceptation officielle" in page


def test_the_public_reads_no_level_finer_than_its_own(public: FlaskClient) -> None:
    assert public.get("/maps/sectors?level=commune").status_code == 403


def test_the_small_maps_are_in_english_for_who_reads_english(scene: Scene) -> None:
    with language_context("en"):
        assert "by sector" in map_pages.sectors_page(scene("frame=ml-2016&lang=en"))


def test_the_table_is_a_file(client: FlaskClient) -> None:
    file = client.get("/download/secteurs.csv?frame=ml-2016&sector=health").get_data(as_text=True)
    assert "ml-2016/ML07,Gao,health" in file
