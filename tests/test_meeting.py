"""A meeting: what the figures put on its agenda, what is agreed and decided in it, its minutes."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from atlas.agenda import AgendaItem, agenda_question, meeting_agenda
from atlas.app import create_app
from atlas.cli.command import app
from atlas.dataset import Dataset
from atlas.errors import ChangedError, UsageError
from atlas.export.minutes import minutes_file, minutes_of
from atlas.filters import Filters
from atlas.model import Viewer
from atlas.review.undoing import undo_meeting
from atlas.store import Store
from atlas.store.decisions import PairDecisions
from atlas.store.meetings import Meetings
from tests.layers.made import fact, tables_of
from tests.web.test_duplicates import doubled

TODAY = date(2024, 3, 1)
HERE = {"Origin": "http://localhost"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store of two activities that may be one."""
    return doubled(tmp_path / "store")


def agenda(store: Store, viewer: Viewer = Viewer.EDITOR) -> dict[str, AgendaItem]:
    data = Dataset(store.current_snapshot())  # type: ignore[arg-type]
    asked = agenda_question(store, data, Filters(), viewer, TODAY)
    return {one.kind: one for one in meeting_agenda(asked)}


def hash_of(store: Store) -> str:
    now = store.current_snapshot()
    assert now is not None
    return now.hash


def test_points_past_their_day_open_the_agenda_and_those_done_leave_it(store: Store) -> None:
    meetings = Meetings(store.root)
    late = meetings.add_point("Envoyer  la liste", "PAM", date(2024, 2, 1), who="Awa")
    meetings.add_point("Vérifier Ber", "PNUD", date(2024, 4, 1), who="Awa")
    item = agenda(store)["points"]
    assert item.title == "2 points d'action ouverts, dont 1 en retard"
    assert [(one.text, one.note) for one in item.lines] == [
        ("PAM : Envoyer la liste", "en retard, pour le 1er février 2024"),
        ("PNUD : Vérifier Ber", "pour le 1er avril 2024"),
    ]
    meetings.end_point(late.id, who="Awa")
    assert agenda(store)["points"].title == "1 point d'action ouvert"


def test_a_point_is_done_once_and_the_second_is_told(store: Store) -> None:
    meetings = Meetings(store.root)
    one = meetings.add_point("Appeler", "PAM", date(2024, 4, 1), who="Awa")
    meetings.end_point(one.id, who="Awa")
    with pytest.raises(ChangedError, match="déjà fait"):
        meetings.end_point(one.id, who="Ali")
    with pytest.raises(UsageError, match="inconnu"):
        meetings.end_point(99, who="Ali")


@pytest.mark.parametrize(("text", "owner"), [("", "PAM"), ("Appeler", " "), ("x" * 401, "PAM")])
def test_a_point_says_what_and_who(store: Store, text: str, owner: str) -> None:
    with pytest.raises(UsageError, match="Point d'action refusé"):
        Meetings(store.root).add_point(text, owner, date(2024, 4, 1), who="Awa")


def test_one_meeting_goes_on_at_a_time(store: Store) -> None:
    meetings = Meetings(store.root)
    meetings.open_meeting("s1", who="Awa")
    with pytest.raises(ChangedError, match="par Awa"):
        meetings.open_meeting("s1", who="Ali")
    meetings.close_meeting("s2", who="Awa")
    with pytest.raises(ChangedError, match="Aucune réunion ouverte"):
        meetings.close_meeting("s2", who="Awa")
    (only,) = meetings.meetings()
    assert (only.snapshot, only.closing_snapshot) == ("s1", "s2")


def test_a_double_is_on_the_agenda_until_it_is_decided(store: Store) -> None:
    item = agenda(store)["doubles"]
    (line,) = item.lines
    assert (item.title, item.query) == ("1 double à trancher", "tab=duplicates")
    assert line.pair is not None
    assert agenda(store, Viewer.PUBLIC)["doubles"].title == "1 double à trancher"


def test_a_gap_is_new_where_the_state_before_had_none(tmp_path: Path) -> None:
    need = fact("needs", unit_id="ml-2016/ML0501", sector="wash", value=900.0,
                indicator="people-in-need", as_of=date(2017, 1, 1))  # fmt: skip
    other = {**need, "unit_id": "ml-2016/ML0503", "value": 700.0}
    held = Store(tmp_path)
    held.publish_tables(tables_of(context=(need,)))
    assert agenda(held)["gaps"].title == "1 lacune"  # there is no state before
    held.publish_tables(tables_of(context=(need, other)))
    item = agenda(held)["gaps"]
    assert (item.title, item.lines[0].text) == (
        "1 nouvelle lacune",
        "Djenné, EHA : 700 personnes",
    )
    assert "level=cercle" in item.query


def test_minutes_tell_points_decisions_and_agenda_in_every_format(store: Store) -> None:
    client = create_app(store).server.test_client()
    assert client.post("/meeting/open", headers=HERE).status_code == 303
    point = {"text": "Vérifier =1+1", "owner": "PNUD", "due": "15/04/2024", "at": "2"}
    assert client.post("/meeting/point", data=point, headers=HERE).location.endswith("#s2")
    pair = agenda(store)["doubles"].lines[0].pair
    assert pair is not None
    said = {"a": pair[0], "b": pair[1], "verdict": "different", "lead": ""}
    assert client.post("/meeting/pair", data=said, headers=HERE).status_code == 303
    told = minutes_of(store, None, Filters(), Viewer.EDITOR)
    assert [one.text for one in told.points] == ["Vérifier =1+1"]
    assert [one.subject.split(":")[0] for one in told.decisions] == ["pairs 1"]
    assert [one.kind for one in told.agenda][:1] == ["doubles"]  # as the meeting found it

    pdf = minutes_file(told, "pdf")
    assert pdf.startswith(b"%PDF-")
    words = "\n".join(
        one.text for one in docx.Document(io.BytesIO(minutes_file(told, "docx"))).paragraphs
    )
    assert "PNUD : Vérifier =1+1 (pour le 15 avril 2024)" in words
    book = CalamineWorkbook.from_filelike(io.BytesIO(minutes_file(told, "xlsx")))
    assert book.sheet_names == ["Points d'action", "Décisions", "Ordre du jour", "Lisez-moi"]
    row = book.get_sheet_by_name("Points d'action").to_python()[1]
    assert row[:3] == ["Vérifier =1+1", "PNUD", date(2024, 4, 15)]
    with pytest.raises(UsageError, match="Format"):
        minutes_file(told, "odt")


def test_a_meeting_is_undone_as_one_and_nothing_before_it(store: Store) -> None:
    before = hash_of(store)
    meetings = Meetings(store.root)
    meetings.add_point("Avant", "PAM", date(2024, 4, 1), who="Awa")
    client = create_app(store).server.test_client()
    client.post("/meeting/open", headers=HERE)
    point = {"text": "Pendant", "owner": "PNUD", "due": "15/04/2024"}
    client.post("/meeting/point", data=point, headers=HERE)
    pair = agenda(store)["doubles"].lines[0].pair
    assert pair is not None
    said = {"a": pair[0], "b": pair[1], "verdict": "same", "lead": pair[0]}
    client.post("/meeting/pair", data=said, headers=HERE)
    assert hash_of(store) != before
    number = meetings.meetings()[0].number
    assert undo_meeting(store, number, who="Awa") == 3
    assert hash_of(store) == before
    assert [one.text for one in meetings.action_points()] == ["Avant"]
    assert meetings.meetings() == []
    assert [one.in_force for one in PairDecisions(store.root).all_decisions()] == [False]


@pytest.fixture
def public(store: Store) -> FlaskClient:
    return create_app(store, viewer=Viewer.PUBLIC).server.test_client()


def test_the_screens_are_for_editors_and_forms_of_other_pages_are_refused(
    store: Store, public: FlaskClient
) -> None:
    editor = create_app(store).server.test_client()
    assert editor.get("/meeting/").text.count('class="screen"') == 2
    assert public.get("/meeting/").status_code == 403
    assert public.post("/meeting/open", headers=HERE).status_code == 403
    assert editor.post("/meeting/open").status_code == 403
    elsewhere = {"Origin": "http://ailleurs.example"}
    assert editor.post("/meeting/open", headers=elsewhere).status_code == 403
    assert Meetings(store.root).meetings() == []


def test_what_is_refused_is_said_above_the_screens(store: Store) -> None:
    editor = create_app(store).server.test_client()
    editor.post("/meeting/open", headers=HERE)
    again = editor.post("/meeting/open", headers=HERE)
    assert (again.status_code, "Réunion déjà ouverte" in again.text) == (409, True)
    point = {"text": "Appeler", "owner": "PAM", "due": "demain"}
    unread = editor.post("/meeting/point", data=point, headers=HERE)
    assert unread.status_code == 400
    assert 'role="alert"' in unread.text


def test_a_meeting_is_held_on_the_terminal_too(store: Store, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(app, ["meeting", *words, "--store", str(store.root)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "1 double à trancher" in run("agenda")
    assert "Réunion 1 ouverte." in run("open", "--who", "Awa")
    run("point", "Appeler", "--owner", "PAM", "--due", "2024-04-01", "--who", "Awa")
    assert "[2] PAM : Appeler" in run("agenda")
    run("done", "2")
    run("close")
    run("minutes", "--out", str(tmp_path / "m.docx"))
    assert (tmp_path / "m.docx").stat().st_size > 5000
    assert "4 actes annulés." in run("undo", "1")
