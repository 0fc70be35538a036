"""The tab of doubles: what it shows to whom, and the routes by which an editor decides."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.dataset import Dataset
from atlas.model import Viewer
from atlas.store import Store
from atlas.store.decisions import PairDecisions
from atlas.web.duplicates_tab import duplicates_content
from atlas.web.page_state import DatasetProvider, PageScene
from tests.layers.made import activity, tables_of
from tests.web.importing import OURS

KIDAL = "ml-2016/ML08"
SAID = {"a": "a", "b": "b", "verdict": "same", "lead": "a"}


def doubled(root: Path) -> Store:
    """One reintegration told by two funds, a part of its amount known differently."""
    store = Store(root)
    title = "Réinsertion de 110 femmes de Ber"
    store.publish_tables(
        tables_of(
            activity(title, KIDAL, key="a", source="qip", usd=4_661_016, lead_org="onu-a"),
            activity(title, KIDAL, key="b", source="trust-fund", usd=4_661_016, document="e"),
            activity("École", KIDAL, key="c", usd=100_000),
        )
    )
    return store


@pytest.fixture
def held(tmp_path: Path) -> Store:
    return doubled(tmp_path / "store")


@pytest.fixture
def server(held: Store) -> FlaskClient:
    return create_app(held).server.test_client()


def seen(store: Store, viewer: Viewer = Viewer.EDITOR) -> str:
    """All that the tab holds, as JSON."""
    with DatasetProvider(store, viewer).scene_of_query("?frame=ml-2016") as scene:
        assert isinstance(scene, PageScene)
        return json.dumps([part and part.to_plotly_json() for part in duplicates_content(scene)], default=_plain, ensure_ascii=False)  # fmt: skip


def _plain(part: object) -> object:
    return part.to_plotly_json()  # type: ignore[attr-defined]


def test_a_card_shows_both_records_line_by_line_with_what_differs(held: Store) -> None:
    """Amount and place agree, organisations are known of one only; four answers."""
    shown = seen(held)
    assert "1 paire à examiner (1 double saisie · 0 chevauchement) · 0 décidée" in shown
    for words in ("46\u202f610,16\xa0USD", "d.csv · L0", "e.csv · L1"):
        assert words in shown
    for state in ('"agree"', '"unknown"'):
        assert state in shown
    for answer in ("(A mène)", "(B mène)", "Différentes", "Chevauchement accepté"):
        assert answer in shown


def test_an_overlap_tells_no_likeness_of_a_double(tmp_path: Path) -> None:
    """The State and an NGO give out food in one cercle in one month: two works, side by side."""
    place, food = "ml-2016/ML0502", {"sector": "food-security", "start": date(2017, 6, 1)}
    food["end"] = date(2017, 6, 30)
    store = Store(tmp_path / "store")
    store.publish_tables(
        tables_of(
            activity("Distribution de vivres", place, source="csa", lead_org="csa", **food),
            activity(
                "Distribution de vivres", place, source="ngo", lead_org="pam", document="e", **food
            ),
        )
    )
    shown = seen(store)
    assert "Chevauchement possible" in shown
    assert "ressemblance" not in shown


@pytest.mark.parametrize("viewer", [Viewer.PUBLIC, Viewer.PARTNER])
def test_readers_see_the_pair_and_no_button(held: Store, viewer: Viewer) -> None:
    """Neither an answer nor the way back, before and after a decision; nor who decided."""
    server = create_app(held).server.test_client()
    assert "data-pair" not in seen(held, viewer)
    server.post("/pairs/decide", json=SAID, headers=OURS)
    after = seen(held, viewer)
    assert "la même, comptée une fois" in after
    assert "data-pair" not in after
    assert "Décision 1" not in after


def test_an_answer_is_published_told_and_taken_back(held: Store, server: FlaskClient) -> None:
    """The figures follow at once; undone, the published hash is the one of before."""
    before = held.current_snapshot()
    answer = server.post("/pairs/decide", json=SAID, headers=OURS).get_json()
    assert answer["told"] == (
        "Décision enregistrée. Dans les totaux : −1 activité, −46\u202f610,16\xa0USD."
    )
    shown = seen(held)
    assert "0 paire à examiner · 1 décidée" in shown
    assert "A mène : ses montants, lieux et dates comptent, une fois." in shown
    back = server.post(
        "/pairs/undo", json={"decision": answer["decision"]}, headers=OURS
    ).get_json()
    assert before is not None
    assert back["published"] == before.hash
    assert back["told"].startswith("Décision annulée. Dans les totaux : +1 activité")


def test_a_page_of_another_site_cannot_decide(held: Store, server: FlaskClient) -> None:
    """Without the header, from another origin, by another name: refused, nothing written."""
    asked = [
        (403, {"headers": {}}),
        (403, {"headers": OURS | {"Origin": "http://ailleurs.example"}}),
        (421, {"headers": OURS, "base_url": "http://ailleurs.example"}),
    ]
    for status, words in asked:
        assert server.post("/pairs/decide", json=SAID, **words).status_code == status
    assert PairDecisions(held.root).all_decisions() == []


@pytest.mark.parametrize("viewer", [Viewer.PUBLIC, Viewer.PARTNER])
def test_only_the_editor_decides(held: Store, viewer: Viewer) -> None:
    """Anyone else is refused, whatever they send."""
    server = create_app(held, viewer=viewer).server.test_client()
    assert server.post("/pairs/decide", json=SAID, headers=OURS).status_code == 403
    assert server.post("/pairs/undo", json={"decision": 1}, headers=OURS).status_code == 403


@pytest.mark.parametrize(
    ("path", "words"),
    [("decide", {}), ("decide", SAID | {"lead": "c"}), ("decide", SAID | {"b": "zz"}),
     ("undo", {}), ("undo", {"decision": 9}), ("undo", {"decision": "1"})],
)  # fmt: skip
def test_an_answer_that_makes_no_sense_is_refused_in_words(
    held: Store, server: FlaskClient, path: str, words: dict[str, object]
) -> None:
    """Nothing said, another leader, an unknown activity, an unknown decision."""
    answer = server.post(f"/pairs/{path}", json=words, headers=OURS)
    assert (answer.status_code, bool(answer.get_json()["error"])) == (400, True)
    assert PairDecisions(held.root).all_decisions() == []


def test_a_decision_about_an_activity_that_is_gone_is_shown_asleep(
    held: Store, server: FlaskClient
) -> None:
    """b is told no more: its decision waits, with the way to take it back."""
    server.post("/pairs/decide", json=SAID, headers=OURS)
    held.publish_tables(tables_of(activity("École", KIDAL, key="c")))
    assert "1 décision en sommeil" in seen(held)
    assert "Annuler la décision 1" in seen(held)


def test_the_import_page_offers_no_way_back_from_a_decision(
    held: Store, server: FlaskClient
) -> None:
    """It is taken back where it was taken: going back to the state before would leave it in force."""
    server.post("/pairs/decide", json=SAID, headers=OURS)
    page = server.post("/import/page", json={}, headers=OURS).text
    assert "État publié le" in page
    assert "Annuler cette publication" not in page


def test_after_a_decision_nothing_is_prepared_again_and_the_figures_are_those_of_a_fresh_start(
    held: Store, server: FlaskClient
) -> None:
    """What was found of each record stands; the budget is the one a new dataset computes."""
    desk = DatasetProvider(held, Viewer.EDITOR)
    first = desk.current_dataset()
    assert first is not None
    before = first.prepared_tables()
    server.post("/pairs/decide", json=SAID, headers=OURS)
    second, snapshot = desk.current_dataset(), held.current_snapshot()
    assert second is not None
    assert snapshot is not None
    assert second.prepared_tables().before_counting_once is before
    for layer in ("budget", "presence", "duplicates"):
        assert second.ask(layer).table.equals(Dataset(snapshot).ask(layer).table)
    server.post("/pairs/undo", json={"decision": 1}, headers=OURS)
    third = desk.current_dataset()
    assert third is not None
    assert third.prepared_tables() is before
