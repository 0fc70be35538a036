"""What the views say, before any browser draws it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from atlas import formats, summaries
from atlas.errors import AtlasError, UsageError
from atlas.i18n import language_context
from atlas.model import RESERVED, Viewer
from atlas.web import (
    explanations,
    filter_bar,
    key_figures,
    map_view,
    page_layout,
    page_notices,
    quality_tab,
    side_column,
    zones_tab,
)
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.page_state import PageScene, PageView
from atlas.web.tiles import tile_credit
from tests.geo.squares import grid_of_communes, install_layers, v03
from tests.layers.made import activity, dataset_of

Ask = Callable[..., PageScene]


def text(component: Any) -> str:
    """All words of a component, in reading order."""
    return " ".join(_words(component))


def _words(component: Any) -> Iterator[str]:
    if isinstance(component, str):
        yield component
    elif isinstance(component, list | tuple):
        for child in component:
            yield from _words(child)
    elif component is not None:
        yield from _words(getattr(component, "children", None))


def states(scene: PageScene) -> dict[str, tuple[float | None, str]]:
    painted = map_view.map_painting(scene)
    return {v.name: (v.value, v.state) for v in painted.values}


def test_silence_is_not_zero(scene: Ask) -> None:
    """A région nobody reported on is neither coloured nor given a figure."""
    asked = scene("?frame=ml-2016")
    props = map_view.painting_props(map_view.map_painting(asked), asked)
    fill, words = props["units"]["ml-2016/ML01"][:2]
    assert (fill, words) == ("no_report", "Rapport manquant : on ne sait pas")
    kayes = next(row for row in zones_tab.zone_rows(asked) if row["unit_name"] == "Kayes")
    assert (kayes["activities"], kayes["budget_usd"]) == (None, None)


def test_an_unknown_amount_is_hatched_not_coloured(scene: Ask) -> None:
    """Where activities have no known amount, the budget is unknown, and says so."""
    asked = scene("?frame=ml-2016&indicator=budget&organisation=ong-c&source=qip")
    props = map_view.painting_props(map_view.map_painting(asked), asked)
    assert props["units"]["ml-2016/ML07"][:2] == ["no_data", "Montant inconnu"]


def test_what_cannot_be_converted_says_so(scene: Ask) -> None:
    """The school placed on the old Mopti is told of none of the régions that came from it."""
    found = states(scene("?frame=ml-2023"))
    assert found["Mopti"][1] == found["Douentza"][1] == "not_comparable"
    assert found["Bandiagara"] == (1, "active")


def test_facts_out_of_date_are_grey(scene: Ask) -> None:
    """An access fact whose date has passed says nothing of today: grey, dated, never a class."""
    asked = scene("?frame=ml-2016&indicator=access")
    props = map_view.painting_props(map_view.map_painting(asked), asked)
    assert props["units"]["ml-2016/ML10"][0] == "stale"
    assert "1er mai 2018" in props["units"]["ml-2016/ML10"][1]
    assert props["signs"]["stale"] == "#cfcfcf"
    assert "1er mai 2018" not in text(map_view.map_sources(scene("?frame=ml-2016")))


def test_a_zone_filter_holds_map_and_figures_to_the_zone(scene: Ask) -> None:
    """« N'afficher que Mopti » counts the cercles of Mopti, not those of the country."""
    asked = scene("?frame=ml-2016&level=cercle&unit=ml-2016/ML05")
    drawn = {v.name for v in map_view.map_painting(asked).values}
    assert {"Bandiagara", "Mopti", "Ténenkou"} <= drawn
    assert "Gao" not in drawn
    silent = next(f for f in key_figures.page_figures(asked) if f.key == "silent")
    assert (silent.value, silent.second) == ("7", "sur 8")


def test_silent_zones_say_first_what_the_decoupage_cannot_place() -> None:
    """Gao of 2012 is two régions of 2016: its activity may be in either that looks empty."""
    entries = [activity(unit=unit) for unit in ("ml-2012/ML07", "ml-2016/ML08", "_unplaced")]
    with language_context("fr"):
        asked = PageScene(dataset_of(*entries), PageView(frame="ml-2016"), Viewer.EDITOR)
        silent = next(f for f in key_figures.page_figures(asked) if f.key == "silent")
        words = text(key_figures.figure_cards(asked)[3])
    assert (silent.value, silent.first) == ("10", "1 non convertible, 1 sans lieu connu : au plus")
    assert words.startswith("1 non convertible, 1 sans lieu connu : au plus 10 régions sans")


def test_an_activity_in_no_unit_counts_once_whatever_rows_it_stands_in() -> None:
    """One in two old régions is one activity that cannot be placed."""
    wide = activity(unit=("ml-2012/ML07", "_unplaced"))
    counted = summaries.headline_figures(dataset_of(wide), frame="ml-2016")
    assert (counted.unsaid, counted.not_convertible, counted.unplaced) == (1, 1, 1)


def test_plans_that_are_shown_are_called_plans(scene: Ask) -> None:
    """Ménaka: three activities, and the plan of the State beside them."""
    asked = scene("?frame=ml-2016&plans=1")
    with language_context("fr"):
        told = {f.key: f.label for f in key_figures.page_figures(asked)}
        shown = map_view.painting_props(map_view.map_painting(asked), asked)["units"][
            "ml-2016/ML10"
        ][1]
        inside = text(side_column.zone_panel(scene("?frame=ml-2016&plans=1&zone=ml-2016/ML10")))
    assert told["activities"] == "activités et plans"
    assert told["silent"] == "régions sans activité ni plan signalés"
    assert shown == "3 activités et plans"
    assert "Plan pour Ménaka Plan · Plan de l'État" in inside
    assert "Activités signalées et plans" in text(
        map_view.map_heading(asked, map_view.map_painting(asked))
    )


def test_the_map_says_why_its_decoupage_is_not_the_one_in_force() -> None:
    """Three activities of Mopti of 2016 have no place in 2023."""
    mopti = [activity("Forage", "ml-2016/ML05") for _n in range(3)]
    dataset = dataset_of(*mopti, as_of=date(2024, 1, 1))
    with language_context("fr"):
        for view, told in ((PageView(), True), (PageView(frame="ml-2016"), False)):
            asked = PageScene(dataset, view, Viewer.EDITOR)
            words = text(map_view.map_heading(asked, map_view.map_painting(asked)))
            assert ("place 3 activités et présences de plus que celui en vigueur" in words) is told


def test_published_counts_name_the_older_unit(scene: Ask) -> None:
    """Kidal is the same in 2016: its 47 published projects are its own."""
    assert states(scene("?frame=ml-2016&indicator=published"))["Kidal"][0] == 47


def test_zone_table_adds_up_to_the_figures(scene: Ask) -> None:
    """Zones and reserved rows together are all the money of the page."""
    asked = scene("?frame=ml-2016")
    whole = sum(row["budget_usd"] or 0 for row in zones_tab.zone_rows(asked))
    assert whole == pytest.approx(45_000 + 120_000 + 38_500 + 250_000 + 99_000.5 + 75_000)
    assert [r["unit_name"] for r in zones_tab.zone_rows(asked) if r["suspended"]] == ["Kidal"]
    assert {row["unit_id"] for row in zones_tab.zone_rows(asked)} >= set(RESERVED)


def test_five_figures(scene: Ask) -> None:
    """Activities, organisations, money placed and unplaced, silent zones, duplicates."""
    with language_context("fr"):
        asked = key_figures.page_figures(scene("?frame=ml-2016"))
        told = {f.key: (f.value, f.second.replace("|", "".join(f.second_link[:1]))) for f in asked}
    assert told == {
        "activities": ("7", "1 sans montant\u00a0; hors compte\u00a0: 1 suspendue"),
        "organisations": ("3", ""),
        "budget": ("553\u00a0k\u00a0USD", "+ 75,0\u00a0k\u00a0USD hors de ces zones"),
        "silent": ("8", "sur 11"),
        "duplicates": ("0", ""),
    }


def test_panel_keeps_published_beside_items(scene: Ask) -> None:
    """Kidal: one activity told, suspended, 47 projects published, never 48."""
    shown = text(side_column.zone_panel(scene("?frame=ml-2016&zone=ml-2016/ML08")))
    assert "Hors de tous ces chiffres" in shown
    assert "(60\u202f000\u00a0USD)" in shown
    assert "État : activités annulées ou suspendues seulement." in shown
    assert "Dialogue de Kidal" in shown
    assert "47 projets" in shown
    assert "48" not in shown


def test_a_zone_that_does_not_exist_opens_nothing(scene: Ask) -> None:
    """A URL with a wrong zone shows the page without a panel."""
    assert side_column.zone_panel(scene("?zone=ml-2016/atlantide")) == []


def test_quality_shows_both_figures(scene: Ask) -> None:
    """A total that disagrees shows what was published, what was read, and the gap."""
    shown = text(quality_tab.quality_content(scene()))
    for words in (
        "Projets QIP",
        "324",
        "318",
        "−6",
        "Liste de 2017",
        "rejetées\u00a0: 1",
        "à vérifier",
    ):
        assert words in shown


def test_bar_fields_cover_the_url(scene: Ask) -> None:
    """Every control says its key; values of the URL are chosen in it, even unknown ones."""
    fields = {
        str(f.control): f
        for f in filter_bar.filter_fields(scene("?sector=education&sector=autre&since=2016-01-01"))
    }
    assert fields["sector"].value == ["autre", "education"]
    assert {"label": "autre", "value": "autre"} in fields["sector"].options
    assert fields["since"].value == "2016"
    assert fields["since"].script_spec["year"] == "-01-01"
    assert [o["value"] for o in fields["since"].options][0::9] == ["2015", "2024"]


def test_public_sees_neither_communes_nor_access(scene: Ask) -> None:
    """The public bar and questions do not offer what the server would refuse."""
    asked = scene("", Viewer.PUBLIC)
    fields = {str(f.control): f for f in filter_bar.filter_fields(asked)}
    assert [o["value"] for o in fields["level"].options] == ["region", "cercle"]
    assert "Où peut-on aller ?" not in text(side_column.question_buttons(asked))


def test_notice_lists_only_what_is_missing(scene: Ask) -> None:
    """Access facts that are out of date count as missing; each has its button."""
    assert page_notices.absent_data_keys(scene()) == {"needs", "access", "ngo"}
    shown = page_notices.data_notice(scene())
    assert "Données de 2015–2024, pas la situation actuelle." in text(shown)
    assert text(shown).count("ajouter") == 3


def test_empty_store_says_what_to_type(nothing: PageScene) -> None:
    """Without data the page is an instruction, not a blank map."""
    assert "atlas sample" in text(page_layout.page_content(nothing))


@pytest.mark.parametrize("indicator", sorted(set(MAP_INDICATORS) - {"programme"}))
@pytest.mark.parametrize("level", ["region", "cercle", "commune"])
def test_every_indicator_paints_every_level(scene: Ask, indicator: str, level: str) -> None:
    """Each painting is plain JSON with an entry per unit; a programme tells of its own alone."""
    asked = scene(f"?indicator={indicator}&level={level}&frame=ml-2012")
    props = map_view.painting_props(map_view.map_painting(asked), asked)
    assert (
        len(json.loads(json.dumps(props))["units"])
        >= {"region": 9, "cercle": 50, "commune": 701}[level]
    )


def test_an_indicator_that_means_nothing_is_the_default(scene: Ask) -> None:
    """An old bookmark still opens: the map shows activities."""
    asked = scene("?indicator=x")
    assert map_view.map_painting(asked).indicator is MAP_INDICATORS["activities"]


def test_errors_say_what_to_do() -> None:
    """An error of ours keeps its words; a bug apologises; both lead back."""
    told = UsageError("Filtre illisible", "hier", "Écrivez une date.")
    assert isinstance(told, AtlasError)
    assert (
        text(page_notices.error_message(told))
        == "Filtre illisible : hier. Écrivez une date. Rouvrir la page sans filtre"
    )
    assert "journal du serveur" in text(page_notices.error_message(ValueError("x")))


def test_numbers_in_both_languages() -> None:
    """Narrow no-break spaces in French, commas in English."""
    with language_context("fr"):
        assert formats.number_text(12106353) == "12\u202f106\u202f353"
    with language_context("en"):
        assert formats.number_text(12106353) == "12,106,353"


def test_a_background_of_tiles_is_off_until_asked_for_and_then_credited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert tile_credit() is None
    monkeypatch.setenv("ATLAS_TILES", "http://127.0.0.1/{z}/{x}/{y}.png")
    monkeypatch.setenv("ATLAS_TILES_CREDIT", "OpenStreetMap")
    assert tile_credit() == "OpenStreetMap"


def test_the_legend_counts_the_zones_of_each_class_and_marks_the_open_one(scene: Ask) -> None:
    asked = scene("?frame=ml-2016&zone=ml-2016/ML10")
    drawn = map_view.map_legend(asked, map_view.map_painting(asked))
    assert text(drawn).startswith(
        "Activités régions 2 Ménaka 3 rapport manquant : on ne sait pas 7"
    )
    elsewhere = scene("?frame=ml-2016&level=cercle&zone=ml-2016/ML10")
    assert "Ménaka" not in text(map_view.map_legend(elsewhere, map_view.map_painting(elsewhere)))


@pytest.mark.parametrize(
    ("values", "lower"),
    [
        ([46_616, 120_400, 250_900, 413_000, 561_000, 840_000, 3_300_000], (40e3, 100e3, 200e3, 500e3, 800e3)),
        ([7, 9, 11, 12, 17, 22, 33, 57], (7, 9, 10, 15, 30)),
        ([610, 611, 612, 613, 614, 956], (610, 611, 612, 613, 614)),  # no step between them
    ],
)  # fmt: skip
def test_classes_begin_at_round_figures_where_that_leaves_none_empty(
    values: list[int], lower: tuple[float, ...]
) -> None:
    assert map_view.classified_values(values).lower == lower


CERCLES_2023 = "?frame=ml-2023&level=cercle"


def _installed(root: Path) -> None:
    """Boundaries of the communes of 2019, synthetic."""
    install_layers(root / "communes", grid_of_communes())


def test_the_legend_says_how_many_cercles_are_estimated_from_what_and_when(
    scene: Ask, tmp_path: Path
) -> None:
    _installed(tmp_path)
    asked = scene(CERCLES_2023)
    drawn = map_view.map_legend(asked, map_view.map_painting(asked))
    assert "limites estimées : 71 cercles cercle inconnu : 15 communes" in text(drawn)
    said = text(map_view.map_sources(asked))
    assert "d'après les communes de listes publiques : 64, estimées, en tirets : 71" in said
    assert "communes des cercles : listes publiques du 22 novembre 2026" in said


@pytest.mark.parametrize(
    "query", ["?frame=ml-2023", "?frame=ml-2023&level=commune", "?frame=ml-2012&level=cercle"]
)
def test_other_maps_speak_of_no_estimate(scene: Ask, tmp_path: Path, query: str) -> None:
    _installed(tmp_path)
    asked = scene(query)
    assert "estimé" not in text(map_view.map_legend(asked, map_view.map_painting(asked)))
    assert "estimé" not in text(map_view.map_sources(asked))


def test_nothing_is_estimated_without_boundaries_or_beside_official_ones(
    scene: Ask, tmp_path: Path
) -> None:
    asked = scene(CERCLES_2023)
    assert "estimé" not in text(map_view.map_legend(asked, map_view.map_painting(asked)))
    _installed(tmp_path)
    install_layers(tmp_path / "v03", *v03().values())
    assert "estimé" not in text(map_view.map_legend(asked, map_view.map_painting(asked)))


def test_the_sources_name_the_boundaries_that_draw_the_map_each_with_its_date(
    scene: Ask, tmp_path: Path
) -> None:
    install_layers(tmp_path / "v03", *v03().values())
    old = grid_of_communes().assign(date="2019-08-02")
    install_layers(tmp_path / "communes", old)
    of_2023 = text(map_view.map_sources(scene(CERCLES_2023)))
    assert "limites : OCHA COD-AB Mali, cod-v03 (4 septembre 2025)." in of_2023
    of_2012 = text(map_view.map_sources(scene("?frame=ml-2012&level=commune")))
    assert "limites : OCHA COD-AB Mali, cod-2019 (2 août 2019)." in of_2012


@pytest.mark.parametrize("name", MAP_INDICATORS)
def test_every_map_says_how_it_is_computed_in_words_that_are_explained(name: str) -> None:
    assert MAP_INDICATORS[name].how.endswith(".")
    assert MAP_INDICATORS[name].terms
    assert set(MAP_INDICATORS[name].terms) <= set(explanations.TERMS)
