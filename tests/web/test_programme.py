"""The tab of a programme, its drafts in the URL, and who may publish one."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from atlas.errors import UsageError
from atlas.model import Viewer
from atlas.store import Store
from atlas.web import figure_activities, map_view, programme_publication, programme_tab
from atlas.web.page_state import DatasetProvider
from atlas.web.programme_tab import programme_content
from tests.web.example import tables
from tests.web.importing import OURS

BANDIAGARA, DJENNE = "ml-2016/ML0501", "ml-2016/ML0503"
DRAFT = f"?tab=programme&level=cercle&frame=ml-2016&programme.perimeter={BANDIAGARA},{DJENNE}"
DAY = date(2024, 1, 15)


def text(parts):
    """All the words of a view."""
    found = []

    def walk(part):
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, list | tuple):
            for one in part:
                walk(one)
        elif part is not None:
            walk(getattr(part, "children", None))

    walk(parts)
    return " ".join(found)


@pytest.fixture
def held(tmp_path) -> Store:
    """A store of its own, to publish into."""
    store = Store(tmp_path)
    store.publish_tables(tables())
    return store


@pytest.fixture
def drafted(held):
    """The programme of the draft in the URL."""
    with DatasetProvider(held, Viewer.EDITOR).scene_of_query(DRAFT) as found:
        return programme_publication.shown_programme(found)


def test_an_undefined_perimeter_says_what_to_do_and_no_gap(scene):
    told = text(programme_content(scene("?tab=programme")))
    assert "Périmètre à définir (3 cercles non nommés)" in told
    assert "Lacunes" not in told


def test_a_draft_shows_its_matrix_and_its_effect(scene):
    told = text(programme_content(scene(DRAFT)))
    assert "À l'essai, non publié" in told
    assert "Lacune, aucune activité signalée : Bandiagara (Sécurité, Gouvernance)" in told
    assert (
        "lacune, aucune activité signalée : 0 → 4" in told
    )  # the école of Mopti may be in either cercle


def test_only_an_editor_is_shown_the_editor(scene):
    told = text(programme_content(scene(DRAFT, Viewer.PARTNER)))
    assert "Bandiagara" in told
    assert "Publier" not in told


def test_the_public_is_told_why_a_perimeter_of_communes_is_not_open(scene):
    query = "?tab=programme&programme.perimeter=ml-2012/ML050108"
    assert "n'est pas ouvert à tous" in text(programme_content(scene(query, Viewer.PUBLIC)))


def test_a_figure_of_the_matrix_opens_its_activities(scene):
    asked = scene(f"{DRAFT}&why=programme|{BANDIAGARA}|psirc-development")
    assert figure_activities.activities_behind(asked).table["title"].to_list() == [
        "École de Bandiagara"
    ]
    assert "Bandiagara · Développement socio-économique" in text(
        figure_activities.figure_panel(asked)
    )


def test_the_map_shows_the_perimeter_alone_by_its_least_advanced_component(scene):
    painted = map_view.map_painting(scene(f"{DRAFT}&indicator=programme"))
    assert {v.name: v.state for v in painted.values} == {"Bandiagara": "gap", "Djenné": "gap"}
    unnamed = map_view.map_painting(scene("?level=region&frame=ml-2016&indicator=programme"))
    assert {v.name for v in unnamed.values} == {"Mopti", "Ségou"}
    assert {v.state for v in unnamed.values} == {"perimeter_undefined"}


def test_what_is_published_is_what_was_tried_and_its_hash_says_nothing_of_when(held, drafted):
    first = programme_publication.publish_programme(held, drafted, DAY)
    with DatasetProvider(held, Viewer.EDITOR).scene_of_query("?tab=programme") as found:
        stands = programme_publication.shown_programme(found)
        assert not programme_publication.is_drafting(found)
    assert stands.units == (BANDIAGARA, DJENNE)
    assert stands.sectors["health"] == "psirc-development"
    assert stands.proposed == frozenset()  # publishing confirms what was proposed
    assert (stands.source, stands.as_of) == ("bureau du gouverneur, saisie", DAY)
    assert programme_publication.publish_programme(held, drafted, DAY).hash == first.hash


def test_a_second_word_of_the_same_day_takes_the_place_of_the_first(held, drafted):
    programme_publication.publish_programme(held, drafted, DAY)
    with DatasetProvider(held, Viewer.EDITOR).scene_of_query(
        f"?programme.perimeter={DJENNE}"
    ) as found:
        snapshot = programme_publication.publish_programme(
            held, programme_publication.shown_programme(found), DAY
        )
    entered = snapshot.tables.documents.filter(reader="entry")
    assert entered.height == 1
    with DatasetProvider(held, Viewer.EDITOR).scene_of_query("") as found:
        assert programme_publication.shown_programme(found).units == (DJENNE,)


def test_the_sample_stays_when_a_programme_is_tried_on_it(tmp_path, drafted):
    store = Store(tmp_path / "sample")
    store.publish_tables(tables(is_sample=True))
    snapshot = programme_publication.publish_programme(store, drafted, DAY)
    assert snapshot.tables.is_sample
    assert snapshot.tables.activities.height == tables().activities.height


def test_a_day_is_what_the_person_writes_and_nothing_else():
    assert (
        programme_publication.parsed_day("30/06/2017")
        == programme_publication.parsed_day("2017-06-30")
        == date(2017, 6, 30)
    )
    for written in ("", "bientôt"):
        with pytest.raises(UsageError):
            programme_publication.parsed_day(written)


def test_a_perimeter_without_a_unit_is_not_published(held):
    with (
        DatasetProvider(held, Viewer.EDITOR).scene_of_query("") as found,
        pytest.raises(UsageError),
    ):
        programme_publication.publish_programme(
            held, programme_publication.shown_programme(found), DAY
        )


def test_publish_and_undo_go_by_the_guarded_routes_alone(own, editor):
    seen = programme_publication.definition_version(own.current_snapshot().tables, "psirc")
    body = {"question": DRAFT, "as_of": "15/01/2024", "seen": seen}
    assert editor.post("/programme/publish", json=body).status_code == 403  # without the header
    told = editor.post("/programme/publish", json=body, headers=OURS)
    assert own.current_snapshot().hash == told.json["published"]
    undone = editor.post("/programme/undo", json={"snapshot": told.json["published"]}, headers=OURS)
    assert own.current_snapshot().hash == undone.json["published"] != told.json["published"]


def test_the_public_may_not_publish(public):
    told = public.post("/programme/publish", json={"question": DRAFT}, headers=OURS)
    assert told.status_code == 403


def test_the_count_of_cells_can_be_read_aloud():
    cells = pl.DataFrame({"state": ["covered", "past", "past"]})
    assert programme_tab._cell_counts_sentence(cells) == (
        "Cases zone par composante : couvert, activité en cours 1 ; "
        "non couvert, activités terminées seulement 2."
    )


def cells_of(*states: str) -> pl.DataFrame:
    return pl.DataFrame(
        {"unit_name": ["Kita"] * len(states), "component": ["_all"] * len(states), "state": states}
    )


@pytest.mark.parametrize(
    ("states", "said"),
    [
        (("covered", "covered"), True),
        (("covered", "not_meant"), True),
        (("covered", "past"), False),
        (("planned",), False),
        (("covered", "unclear"), False),
        (("not_meant",), False),
    ],
)
def test_there_is_no_gap_only_where_something_is_under_way(states, said):
    lines = programme_tab.lacking_sentences(cells_of(*states))
    assert ("Aucune lacune." in lines) is said


def test_what_is_over_or_announced_alone_is_said_to_cover_nothing():
    lines = programme_tab.lacking_sentences(cells_of("past", "planned"))
    assert "Non couvert, activités terminées seulement : Kita (Toutes activités)." in lines
    assert "Non couvert, activités prévues seulement : Kita (Toutes activités)." in lines
