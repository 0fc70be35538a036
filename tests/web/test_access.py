"""The tab of access and the shapes on the map, and who may see them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from atlas.app import create_app
from atlas.errors import ForbiddenError
from atlas.model import Viewer
from atlas.store import Store
from atlas.web import access_tab, fact_shapes, figure_activities, map_view, page_layout, ranking_tab
from atlas.web.page_state import DatasetProvider, PageScene
from tests.layers.made import activity, document, fact, tables_of
from tests.web.test_views import text

TENENKOU, DJENNE, KIDAL = "ml-2016/ML0507", "ml-2016/ML0503", "ml-2016/ML08"
NOW = date(2017, 5, 1)
ACAPS = {"scale": "ACAPS", "direction": "higher_is_worse", "as_of": NOW, "source": "essai"}
SQUARE = "POLYGON ((-5 14, -4 14, -4 15, -5 15, -5 14))"
FACTS = (
    fact("access", TENENKOU, indicator="hostilities", value=4.0, text="combats", **ACAPS),
    fact("access", DJENNE, indicator="hostilities", value=0.0, text="calme", **ACAPS),
    fact("access", TENENKOU, indicator="schools-closed", value=85.0, total=93.0, as_of=NOW),
    fact("access", KIDAL, indicator="movement-restrictions", text="avant", as_of=date(2014, 1, 1)),
    fact("access", indicator="mines-explosives", geometry=SQUARE, text="axe miné", **ACAPS),
    fact("security", TENENKOU, indicator="no-go", value=1.0, as_of=NOW),
    fact("security", indicator="security-zone", geometry=SQUARE, text="zone d'essai", as_of=NOW),
)
QUERY = "tab=access&indicator=access&frame=ml-2016&level=cercle"


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = Store(tmp_path_factory.mktemp("store"))
    store.publish_tables(tables_of(activity("Forage", TENENKOU), context=FACTS))
    return store


def scene(store: Store, query: str = QUERY, viewer: Viewer = Viewer.EDITOR) -> PageScene:
    with DatasetProvider(store, viewer).scene_of_query(query) as found:
        return found


def test_the_tab_tells_severity_services_zones_and_every_fact_with_its_date(held: Store):
    words = text(access_tab.access_content(scene(held)))
    for told in (
        "4,0 (ACAPS)",
        "Écoles fermées",
        "93",
        "Zones interdites",
        "Hostilités : 2 faits",
        "périmé",
        "jugés au 30 juin 2017",
    ):
        assert told in words


def test_a_severity_of_zero_is_a_value_and_has_a_class(held: Store):
    painted = map_view.map_painting(scene(held))
    assert painted.classes.lower == (0.0, 4.0)
    assert "échelle ACAPS : plus c'est haut, plus c'est grave" in text(
        map_view.map_legend(scene(held), painted)
    )
    zero, four = (
        sum(v.value == 0 for v in painted.values),
        sum(v.value == 4 for v in painted.values),
    )
    assert (zero, four) == (1, 1)
    assert "2 cercles sur" in text(ranking_tab.ranking_content(scene(held)))


def test_the_list_behind_a_no_go_figure_says_as_many_as_the_figure(held: Store):
    asked = scene(held, QUERY + f"&why=no_go|{TENENKOU}")
    assert figure_activities.activities_behind(asked).table["title"].to_list() == ["Forage"]
    assert "en zone interdite" in text(figure_activities.figure_panel(asked))


def test_without_facts_the_tab_names_the_templates(tmp_path: Path):
    store = Store(tmp_path)
    store.publish_tables(tables_of(activity("Forage", TENENKOU)))
    assert "modele-acces.csv" in text(access_tab.access_content(scene(store)))


def test_an_editor_sees_all_shapes_a_partner_those_of_zones_and_the_public_none(held: Store):
    def words(viewer: Viewer) -> list[str]:
        found = json.loads(fact_shapes.shapes_geojson(scene(held, viewer=viewer)))["features"]
        return sorted(f["properties"]["words"].split("\n")[0] for f in found)

    assert words(Viewer.EDITOR) == ["Mines et engins explosifs", "Zone de sécurité"]
    assert words(Viewer.PARTNER) == ["Zone de sécurité"]
    with pytest.raises(ForbiddenError):
        fact_shapes.shapes_geojson(scene(held, viewer=Viewer.PUBLIC))


def test_the_route_of_shapes_refuses_the_public_and_serves_what_the_page_names(held: Store):
    client = create_app(held).server.test_client()
    url = page_layout.map_properties(scene(held), map_view.map_painting(scene(held)))["facts"]
    answer = client.get(url)
    assert (answer.status_code, len(answer.json["features"])) == (200, 2)
    assert "immutable" in answer.headers["Cache-Control"]
    public = create_app(held, viewer=Viewer.PUBLIC).server.test_client()
    assert public.get(url).status_code == 403


def test_no_shape_is_drawn_where_the_page_is_about_something_else(held: Store):
    other = scene(held, "tab=zones&frame=ml-2016")
    assert page_layout.map_properties(other, map_view.map_painting(other))["facts"].endswith(
        "none.json"
    )


def test_two_scales_are_never_coloured_on_one_map(tmp_path: Path):
    own = {"scale": "échelle locale", "direction": "lower_is_worse", "as_of": NOW}
    store = Store(tmp_path)
    context = (
        fact("access", TENENKOU, value=4.0, **ACAPS),
        fact("access", DJENNE, value=3.0, **ACAPS),
        fact("access", "ml-2016/ML0508", value=1.0, **own),
    )
    store.publish_tables(tables_of(context=context))
    values = {v.unit_id: v for v in map_view.map_painting(scene(store)).values}
    assert values[TENENKOU].value == 4.0
    other = values["ml-2016/ML0508"]
    assert (other.value, "autre échelle : échelle locale" in other.note) == (None, True)


def test_on_a_scale_where_low_is_bad_the_dark_is_the_low(tmp_path: Path):
    own = {"scale": "accessibilité", "direction": "lower_is_worse", "as_of": NOW}
    store = Store(tmp_path)
    units = ((TENENKOU, 1.0), (DJENNE, 3.0))
    store.publish_tables(
        tables_of(context=tuple(fact("access", u, value=v, **own) for u, v in units))
    )
    painted = map_view.map_painting(scene(store))
    assert painted.palette[0] < painted.palette[1]  # darker: its red is lower


def test_a_figure_and_its_list_are_judged_on_the_same_day(held: Store):
    later = scene(held, QUERY + f"&access.day=2019-01-01&why=no_go|{TENENKOU}")
    assert figure_activities.activities_behind(later).table.height == 0
    assert "Activités en zone interdite" not in text(access_tab.access_content(later))


def test_facts_past_on_the_newest_document_are_greyed_and_counted_with_the_way_back(tmp_path: Path):
    """Figures stay those of the day of the facts; a list of two years later greys them."""
    store = Store(tmp_path)
    told = fact("access", TENENKOU, indicator="hostilities", value=4.0, **ACAPS)
    late = document("liste", date(2019, 6, 30), activity("Forage", TENENKOU))
    store.add_documents([document("acces", NOW, context=(told,)), late])
    words = text(access_tab.access_content(scene(store)))
    assert "4,0 (ACAPS)" in words
    assert "jugés au 1er mai 2017, date du document le plus récent de ce genre" in words
    assert "1 fait périmé au 30 juin 2019." in words
    assert "Juger au 1er mai 2017" in words
    grey = {v.unit_id: v for v in map_view.map_painting(scene(store)).values}[TENENKOU]
    assert (grey.value, grey.state) == (None, "stale")
    back = scene(store, QUERY + "&access.day=2017-05-01")
    assert {v.unit_id: v for v in map_view.map_painting(back).values}[TENENKOU].value == 4.0
    assert "périmé" not in text(access_tab.access_content(back)).replace("Périmé après", "")
