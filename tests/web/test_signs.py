"""Gap, presence and silence: each has a sign and words of its own, at every level."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from atlas import formats
from atlas.i18n import language_context
from atlas.labels import WORDS, capitalised, label
from atlas.model import Viewer
from atlas.store import Store
from atlas.summaries import STATE_ORDER
from atlas.web import filter_bar, key_figures, map_view, ranking_tab, side_column
from atlas.web.indicators import MAP_INDICATORS, STOPPED_ONLY, UnitValue
from atlas.web.map_view import NO_FIGURE, PATTERN_FILLS, STATE_FILLS, UNANSWERED, unit_text
from atlas.web.page_state import DatasetProvider, PageScene
from atlas.web.palette import NO_DATA
from tests.layers.made import activity, fact, tables_of
from tests.web.test_views import text

NOW = date(2017, 6, 30)
MOPTI, DJENNE, TENENKOU = "ml-2016/ML05", "ml-2016/ML0503", "ml-2016/ML0507"
FIGURES = [name for name, one in MAP_INDICATORS.items() if one.words is not None]
STATES = (*STATE_ORDER, NO_DATA, STOPPED_ONLY)


@pytest.mark.parametrize(("name", "state"), product(FIGURES, STATES))
def test_a_unit_without_a_figure_has_the_sign_of_its_state(name: str, state: str) -> None:
    """No state is taken for a presence; a state that shares a sign says its own word."""
    indicator = MAP_INDICATORS[name]
    unit = UnitValue("ml-2016/ML09", "Taoudénit", None, state)
    sign = map_view._unit_sign(unit, indicator)
    words = unit_text(unit, indicator)
    assert sign in PATTERN_FILLS
    if state in PATTERN_FILLS:
        assert sign == state
    elif indicator.unknown:
        assert (sign, words) == (NO_DATA, capitalised(map_view.state_text(NO_DATA, indicator)))
    elif state == "gap":
        assert sign == UNANSWERED
        assert "Lacune" in words
    else:
        assert (sign, words) == (NO_FIGURE, capitalised(label("state", state)))
    assert ("Présence signalée" in words) == (state == NO_DATA and not indicator.unknown)


def test_no_two_signs_look_alike_and_each_has_a_word() -> None:
    fills = {sign: fill for sign, fill in PATTERN_FILLS.items() if sign != "perimeter_undefined"}
    assert len({*fills.values(), *STATE_FILLS.values()}) == len(fills) + len(STATE_FILLS)
    assert {*PATTERN_FILLS, *STATE_FILLS} <= set(WORDS["state"])


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """An activity somewhere in Mopti, a need and a presence in Djenné, nothing in Ténenkou."""
    store = Store(tmp_path_factory.mktemp("store"))
    need = fact("needs", DJENNE, indicator="people-in-need", sector="health", value=9.0, as_of=NOW)
    present = activity("", DJENNE, kind="presence", source="ngo", lead_org="ong-b")
    wide = activity("Forage", MOPTI, sector="wash", usd=1_000, lead_org="onu-a")
    store.publish_tables(tables_of(wide, present, context=(need,)))
    return store


def scene(store: Store, query: str) -> PageScene:
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query(query) as found:
        return found


def told(store: Store, query: str) -> dict[str, str]:
    """What each unit says when pointed at."""
    asked = scene(store, query)
    painted = map_view.map_painting(asked)
    return {v.unit_id: unit_text(v, painted.indicator) for v in painted.values}


def test_a_cercle_of_a_region_with_activities_says_so(held: Store) -> None:
    """What is placed on the whole région is no silence of its cercles."""
    words = told(held, "?frame=ml-2016&level=cercle")
    assert "activités signalées plus largement" in words[TENENKOU]
    assert "plus largement" not in told(held, "?frame=ml-2016&level=region")[MOPTI]


def test_a_gap_where_organisations_are_present_names_them(held: Store) -> None:
    for indicator in ("activities", "coverage"):
        words = told(held, f"?frame=ml-2016&level=cercle&indicator={indicator}")[DJENNE]
        assert "Lacune" in words
        assert "1 organisation y est dite présente" in words


def test_a_region_opened_at_cercle_level_is_in_its_own_state(held: Store) -> None:
    words = text(side_column.zone_panel(scene(held, f"?frame=ml-2016&level=cercle&zone={MOPTI}")))
    assert "rapport manquant" not in words
    same = text(side_column.zone_panel(scene(held, f"?frame=ml-2016&level=region&zone={MOPTI}")))
    state = same.partition("État :")[2].partition(".")[0]
    assert f"État :{state}." in words


def test_one_is_singular(held: Store) -> None:
    assert "1 région sur 11" in text(ranking_tab.ranking_content(scene(held, "?frame=ml-2016")))
    cards = key_figures.figure_cards(scene(held, f"?frame=ml-2016&unit={MOPTI}"))
    assert "région sans activité signalée" in text(cards[3])
    with language_context("en"):
        assert [formats.level_name("cercle", n) for n in (0, 1, 2)] == [
            "cercles",
            "cercle",
            "cercles",
        ]


def test_a_filter_of_source_has_a_chip_that_takes_it_back(held: Store) -> None:
    chip, reset = filter_bar.choices_in_force(scene(held, "?source=qip&source=ngo&source=qip"))[:2]
    assert "Source : " in text(chip)
    assert getattr(chip, "data-go") == '{"source": {"without": "ngo"}}'
    assert text(reset) != text(chip)


def test_semicolons_stand_apart_in_french(held: Store) -> None:
    words = text(map_view.map_sources(scene(held, "?frame=ml-2016&level=cercle")))
    assert ";" not in words.replace(" ; ", "")


@pytest.mark.parametrize("indicator", ["budget", "per-head"])
def test_where_no_activity_is_told_no_amount_is_unknown(held: Store, indicator: str) -> None:
    """Djenné has a need, a presence and no activity: nobody left its amount out."""
    asked = scene(held, f"?frame=ml-2016&level=cercle&indicator={indicator}")
    fill, words, *_rest = map_view.painting_props(map_view.map_painting(asked), asked)["units"][
        DJENNE
    ]
    assert fill == UNANSWERED
    assert words.startswith("Lacune : besoin connu, aucune réponse signalée")
    assert "inconnu" not in words.replace("besoin connu", "")
