"""Meetings: an agenda made by the figures, action points, minutes, and all of it taken back."""

from __future__ import annotations

import shutil
from datetime import date
from io import BytesIO
from pathlib import Path

import docx
import pdfplumber
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from atlas.corrections import DecisionScope, WordingCorrection
from atlas.corrections.relations import PairVerdict
from atlas.dataset import Dataset
from atlas.errors import ChangedError, UsageError
from atlas.export.minutes import WRITERS, minutes_of
from atlas.export.proof import first_difference, parsed_code
from atlas.filters import Filters
from atlas.meeting_agenda import (
    MOST_ITEMS,
    AgendaKind,
    AgendaQuestion,
    agenda_of,
    dataset_of_meeting,
    open_meeting,
    point_text,
    since_last_meeting,
)
from atlas.model import Tables, Viewer
from atlas.review.statements import decide_pair
from atlas.review.undoing import decisions_of_meeting, undo_meeting
from atlas.store import Store
from atlas.store.decisions import PairDecisions, WordingDecisions
from atlas.store.meetings import ActionPoints, Meetings, MeetingSubject
from tests.layers.made import activity, fact, tables_of

GAO, KIDAL, MOPTI = "ml-2016/ML07", "ml-2016/ML08", "ml-2016/ML05"
DAY, TODAY = date(2024, 6, 15), date(2024, 6, 20)
AWA, MOUSSA = "Awa", "Moussa"

NEEDS = [
    fact(
        "needs",
        unit,
        sector="wash",
        indicator="people-in-need",
        value=value,
        as_of=date(2024, 1, 1),
    )
    for unit, value in ((GAO, 1000.0), (KIDAL, 500.0), (MOPTI, 2000.0))
]
PRIORITY = fact("priorities", GAO, sector="health", text="Forage", as_of=date(2024, 6, 1))
REPORTING = fact(
    "reporting", GAO, organisation="unicef", as_of=date(2024, 1, 1), frequency="monthly", due_days=5
)
ENDS = {
    "source": "ngo",
    "sector": "wash",
    "lead_org": "pam",
    "start": date(2024, 1, 1),
    "end": date(2024, 8, 1),
}


def before() -> Tables:
    """Gao and Kidal are worked in; needs of Gao alone are known."""
    return tables_of(
        activity("Puits de Gao", GAO, key="gao", **ENDS),
        activity("Puits de Kidal", KIDAL, key="kidal", sector="health", lead_org="fao"),
        context=(NEEDS[0],),
        as_of=date(2024, 5, 15),
    )


def after() -> Tables:
    """Kidal is left by its last actor, needs of three are known, a well of Gao is told twice."""
    double = {**ENDS, "reached": 740, "usd": 4_200_000, "source": "pbf"}
    return tables_of(
        activity("Puits de Gao", GAO, key="gao", **{**double, "source": "ngo"}),
        activity("Puits de Gao", GAO, key="twice", **double),
        activity("Puits de Kidal", KIDAL, key="kidal", sector="health", lead_org="fao",
                 status="completed", end=date(2024, 6, 1)),
        context=(*NEEDS, PRIORITY, REPORTING),
        as_of=DAY,
    )  # fmt: skip


def store_of_both(root: Path) -> Store:
    """Two states: a gap, a double, a last actor gone, an end and a priority are new."""
    held = Store(root)
    held.publish_tables(before())
    held.publish_tables(after())
    return held


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with both states, and nothing decided."""
    return store_of_both(tmp_path / "store")


@pytest.fixture
def bare(tmp_path: Path) -> Store:
    """A store with one activity."""
    held = Store(tmp_path / "bare")
    held.publish_tables(tables_of(activity("Puits", GAO), as_of=DAY))
    return held


def published(store: Store) -> Dataset:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    return Dataset(snapshot, earlier=store.comparison_snapshot)


def question(store: Store, **more: object) -> AgendaQuestion:
    return AgendaQuestion(published(store), TODAY, frame="ml-2016", **more)  # type: ignore[arg-type]


def titles(asked: AgendaQuestion, points: ActionPoints | None = None) -> dict[str, list[str]]:
    topics = agenda_of(asked, points.points() if points else ()).topics
    return {str(topic.kind): [item.title for item in topic.items] for topic in topics}


def test_the_agenda_is_what_is_new_since_the_state_before(store):
    """Mopti's need is new and unanswered; Kidal is left; both tellings of Gao end in August."""
    points = ActionPoints(store.root)
    points.add_point("Plus tard", MOUSSA, date(2024, 7, 1), who=AWA)
    points.add_point("En retard", MOUSSA, date(2024, 6, 10), who=AWA)
    done = points.add_point("Fait", MOUSSA, date(2024, 6, 1), who=AWA)
    points.change_point(done.number, None, who=AWA, done=True)
    assert titles(question(store), points) == {
        "action": ["En retard", "Plus tard"],
        "gap": ["Mopti, EHA", "Kidal, EHA", "Gao, Santé"],
        "duplicate": ["Puits de Gao / Puits de Gao"],
        "silent": ["UNICEF"],
        "last_actor": ["Kidal"],
        "ending": ["Puits de Gao", "Puits de Gao"],
        "priority": ["Gao, Santé"],
    }


def test_an_agenda_says_what_it_cannot_say(tmp_path):
    """Without needs, a scope of reporting and a state before: reasons, and no zero."""
    held = Store(tmp_path)
    held.publish_tables(tables_of(activity("Puits", GAO, sector="wash"), as_of=DAY))
    told = agenda_of(question(held))
    notes = {str(topic.kind): list(topic.notes) for topic in told.topics if topic.notes}
    assert notes == {
        "gap": ["Aucun besoin n'est connu : on ne peut pas dire où sont les lacunes."],
        "silent": ["On ne sait pas qui doit rendre compte : le silence ne dit rien."],
        "last_actor": ["Aucun état d'avant avec quoi comparer."],
        "priority": ["Aucune priorité locale n'est connue."],
    }
    assert told.compared_text.endswith("aucun état d'avant : rien ne peut être dit nouveau.")


def test_few_of_a_kind_are_told_and_how_many_more_there_are(tmp_path):
    held = Store(tmp_path)
    held.publish_tables(tables_of(activity("Puits", GAO), as_of=DAY))
    units = [f"ml-2016/ML0{n}" for n in range(1, 9)]
    needs = [{**NEEDS[0], "unit_id": unit, "value": 100.0 * n} for n, unit in enumerate(units, 1)]
    held.publish_tables(tables_of(activity("Puits", GAO), context=tuple(needs), as_of=DAY))
    gaps = next(t for t in agenda_of(question(held)).topics if t.kind is AgendaKind.GAP)
    assert (len(gaps.items), gaps.total, gaps.more_text) == (MOST_ITEMS, 7, "et 2 autres")


def test_nothing_of_an_agenda_tells_the_public_or_partners_what_is_reserved(tmp_path):
    """The title of a protection activity is the document's own: the room reads another."""
    secret = activity("Centre caché", "ml-2016/ML0701", source="ngo", sector="protection", lead_org="unicef",
                      end=date(2024, 8, 1), start=date(2024, 1, 1), sensitivity="protection")  # fmt: skip
    held = Store(tmp_path)
    held.publish_tables(before())
    held.publish_tables(
        tables_of(secret, {**secret, "key": "twice"}, context=(NEEDS[0],), as_of=DAY)
    )
    told = {
        viewer: str(agenda_of(question(held, viewer=viewer)).as_dict())
        for viewer in (Viewer.EDITOR, Viewer.PARTNER, Viewer.PUBLIC)
    }
    assert [("Centre caché" in text) for text in told.values()] == [True, False, False]


def test_the_next_meeting_about_the_same_is_compared_with_the_state_of_the_last(store):
    """Another state came between; a meeting about health goes its own way."""
    first = open_meeting(store, question(store), who=AWA)
    assert since_last_meeting(question(store), Meetings(store.root)).since == ""
    Meetings(store.root).close_meeting(first.number, who=AWA)
    for day in (date(2024, 7, 1), date(2024, 7, 15)):
        store.publish_tables(tables_of(activity("Puits", GAO), as_of=day))
    meetings = Meetings(store.root)
    assert since_last_meeting(question(store), meetings).since == first.opened.snapshot
    health = question(store, filters=Filters(sector=("health",)))
    assert since_last_meeting(health, meetings).since == ""


def test_a_point_is_owed_until_it_is_done(bare):
    points = ActionPoints(bare.root)
    made = points.add_point("Relancer", MOUSSA, date(2024, 6, 10), who=AWA)
    assert point_text(made, TODAY) == "Moussa, pour le 10 juin 2024, 10 jours de retard"
    done = points.change_point(made.number, made.last.id, who=AWA, done=True)
    assert point_text(done, TODAY) == "Moussa, pour le 10 juin 2024, fait"


def test_of_two_editors_on_one_point_the_second_is_told(bare):
    points = ActionPoints(bare.root)
    made = points.add_point("Relancer", MOUSSA, DAY, who=AWA)
    points.change_point(made.number, made.last.id, who=MOUSSA, done=True)
    for act in (
        lambda: points.change_point(made.number, made.last.id, who=AWA, due=TODAY),
        lambda: points.undo_point(made.number, made.last.id, who=AWA),
    ):
        with pytest.raises(ChangedError, match="Moussa l'a changé entre-temps"):
            act()
    assert points.point_of(made.number).last.done


def test_taking_back_what_was_said_last_leaves_what_was_said_before(bare):
    points = ActionPoints(bare.root)
    made = points.add_point("Relancer", MOUSSA, DAY, who=AWA)
    points.change_point(made.number, None, who=AWA, due=TODAY)
    points.undo_point(made.number, None, who=AWA)
    assert points.point_of(made.number).last.due == DAY
    points.undo_point(made.number, None, who=AWA)
    assert points.points() == []


@pytest.mark.parametrize(("what", "owner"), [("", MOUSSA), ("  ", MOUSSA), ("Relancer", " ")])
def test_a_point_says_what_and_who(store, what, owner):
    with pytest.raises(UsageError, match="incomplet"):
        ActionPoints(store.root).add_point(what, owner, DAY, who=AWA)


def test_one_person_holds_one_meeting_and_closes_it_once(store):
    held = open_meeting(store, question(store), who=AWA)
    meetings = Meetings(store.root)
    with pytest.raises(UsageError, match="déjà ouverte"):
        open_meeting(store, question(store), who=AWA)
    assert open_meeting(store, question(store), who=MOUSSA).number == 2
    meetings.close_meeting(held.number, who=AWA)
    with pytest.raises(UsageError, match="Déjà close"):
        meetings.close_meeting(held.number, who=AWA)


def hold_meeting(store: Store) -> int:
    """A meeting of Awa that decides a pair and a place, and takes a point; Moussa decides too."""
    points, words = ActionPoints(store.root), WordingDecisions(store.root)
    old = points.add_point("Ancien", MOUSSA, date(2024, 6, 10), who=AWA)
    held = open_meeting(store, question(store), who=AWA)
    decide_pair(store, PairVerdict.from_ids("gao", "twice", "same", "gao"), who=AWA)
    words.add_decision(WordingCorrection("Ville", MOPTI, DecisionScope.EVERYWHERE), who=AWA)
    words.add_decision(WordingCorrection("Bourg", GAO, DecisionScope.EVERYWHERE), who=MOUSSA)
    points.add_point("Nouveau", MOUSSA, date(2024, 7, 1), who=AWA, meeting=held.number)
    points.change_point(old.number, None, who=AWA, meeting=held.number, done=True)
    Meetings(store.root).close_meeting(held.number, who=AWA)
    return held.number


def test_everything_of_a_meeting_is_undone_as_one(store):
    """The state of before is published again; what was said before it, and by others, stands."""
    state = store.current_snapshot().hash
    number = hold_meeting(store)
    assert store.current_snapshot().hash != state
    undone = undo_meeting(store, number, who=AWA)
    assert (undone.decisions, undone.points) == (2, 2)
    assert store.current_snapshot().hash == state
    assert [one.last.decided_text for one in ActionPoints(store.root).points()] == [
        "Ancien ; Moussa → 10/06/2024"
    ]
    words = WordingDecisions(store.root).all_decisions()
    assert [one.correction.wording for one in words if one.in_force] == ["Bourg"]
    assert not any(one.in_force for one in PairDecisions(store.root).all_decisions())
    assert Meetings(store.root).meetings() == []
    with pytest.raises(UsageError, match="Pas de réunion"):
        undo_meeting(store, number, who=AWA)


def test_what_is_decided_after_the_meeting_or_by_others_is_not_of_it(store):
    held = Meetings(store.root).meeting_of(hold_meeting(store))
    WordingDecisions(store.root).add_decision(
        WordingCorrection("Village", GAO, DecisionScope.EVERYWHERE), who=AWA
    )
    assert len(decisions_of_meeting(store, held)) == 2


TEXTS = {
    "pdf": lambda content: "\n".join(
        page.extract_text() for page in pdfplumber.open(BytesIO(content)).pages
    ),
    "docx": lambda content: "\n".join(
        part.text
        if hasattr(part, "text")
        else "\n".join(c.text for r in part.rows for c in r.cells)
        for part in docx.Document(BytesIO(content)).iter_inner_content()
    ),
    "xlsx": lambda content: "\n".join(
        str(cell)
        for sheet in CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names
        for row in CalamineWorkbook.from_filelike(BytesIO(content))
        .get_sheet_by_name(sheet)
        .to_python()
        for cell in row
    ),
}


def test_the_minutes_tell_the_meeting_and_are_the_same_bytes_again(store):
    """Titles, decisions of the chair, points with who and when, and the code, in every format."""
    held = Meetings(store.root).meeting_of(hold_meeting(store))
    state = dataset_of_meeting(store, held)
    told = minutes_of(store, state, held)
    again = minutes_of(store, state, held)
    for kind in WRITERS:
        content = told.as_file(kind)
        assert content == again.as_file(kind)
        text = " ".join(TEXTS[kind](content).split())
        for words in (
            "Réunion 1 du 20 juin 2024", "Ouverte par Awa", "Nouveau", "Ancien", "Moussa",
            "la même, comptée une fois", "« Ville » : Mopti", "Mopti, EHA", "Il y avait FAO",
        ):  # fmt: skip
            assert words in text, (kind, words)
        assert "Bourg" not in text
        code = parsed_code(told.code(kind))
        assert (code.path, held.opened.snapshot[:12]) == (f"/meeting/1.{kind}", code.state)


def test_where_altered_minutes_differ_is_named():
    made, altered = docx.Document(), docx.Document()
    for paper, owner in ((made, "Moussa"), (altered, "Personne")):
        paper.add_paragraph("Points")
        paper.add_table(1, 2).cell(0, 1).text = owner
    written = [BytesIO(), BytesIO()]
    made.save(written[0])
    altered.save(written[1])
    assert first_difference(written[0].getvalue(), written[1].getvalue(), "docx") == (
        "tableau 2, ligne 1, colonne 2 : « Personne » au lieu de « Moussa »."
    )


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["add", "done", "late", "undo"]), max_size=5))
def test_undoing_a_meeting_leaves_the_points_of_before_whatever_was_said_of_them(bare, acts):
    points = ActionPoints(bare.root)
    old = points.add_point("Ancien", MOUSSA, DAY, who=AWA)
    stood = [one.last for one in points.points()]
    meeting = Meetings(bare.root).open_meeting(TODAY, "", "", MeetingSubject(), who=AWA)
    for act in acts:
        if act == "add":
            points.add_point("Nouveau", MOUSSA, TODAY, who=AWA, meeting=meeting.number)
        elif act != "undo":
            points.change_point(
                old.number, None, who=AWA, meeting=meeting.number, done=act == "done"
            )
        elif points.point_of(old.number).last.meeting:
            points.undo_point(old.number, None, who=AWA)
    undo_meeting(bare, meeting.number, who=AWA)
    assert [one.last for one in points.points()] == stood


def test_a_gap_whose_need_was_not_known_before_is_told_as_such_and_sectors_take_turns(tmp_path):
    """A table of needs that comes makes no gap open: it makes gaps known."""
    held = Store(tmp_path)
    held.publish_tables(tables_of(activity("Puits", GAO), as_of=DAY))
    units = [f"ml-2016/ML0{n}" for n in (1, 2, 3)]
    needs = [
        {**NEEDS[0], "unit_id": unit, "sector": sector, "value": most / n}
        for sector, most in (("health", 900.0), ("wash", 100.0))
        for n, unit in enumerate(units, 1)
    ]
    held.publish_tables(tables_of(activity("Puits", GAO), context=tuple(needs), as_of=DAY))
    gaps = next(t for t in agenda_of(question(held)).topics if t.kind is AgendaKind.GAP)
    assert [item.title for item in gaps.items] == [
        *("Kayes, Santé", "Kayes, EHA", "Koulikoro, Santé", "Koulikoro, EHA", "Sikasso, Santé")
    ]
    assert "avant : besoin inconnu" in gaps.items[0].figures.lower()
    assert gaps.notes[0] == "6 n'étaient pas dites avant : leurs besoins n'étaient pas connus."


def test_the_state_of_the_last_meeting_may_have_been_forgotten(store):
    """The agenda is then compared with the state published before."""
    held = question(store)
    meeting = open_meeting(store, held, who=AWA)
    Meetings(store.root).close_meeting(meeting.number, who=AWA)
    told = meeting.opened.snapshot
    for n in (1, 2):
        store.publish_tables(tables_of(activity("Puits", GAO, key=f"x{n}"), as_of=DAY))
    shutil.rmtree(store.root / "snapshots" / told)
    store.forget_state(told)
    asked = since_last_meeting(question(store), Meetings(store.root))
    assert asked.since == ""
    assert agenda_of(asked).question.before is not None
