"""Two windows or two people at once: no answer is lost, and whoever comes second is told."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from io import BytesIO
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.corrections import DecisionScope, WordingCorrection
from atlas.corrections.relations import PairVerdict
from atlas.errors import ChangedError
from atlas.model import Viewer
from atlas.review.statements import decide_pair
from atlas.senders import known_senders
from atlas.store import Store
from atlas.store.decisions import PairDecisions, WordingDecisions
from atlas.web import programme_publication
from atlas.web.imports import publication, reader_process
from atlas.web.imports.drafts import FileAnswers, ImportDraft
from atlas.web.page_state import DatasetProvider
from tests.web.at_once import Asked, in_two_processes
from tests.web.example import tables
from tests.web.importing import LIST, ODD, OURS, Send, settled
from tests.web.test_duplicates import doubled

BANDIAGARA, DJENNE, KORO = "ml-2016/ML0501", "ml-2016/ML0503", "ml-2016/ML0505"


def perimeter(unit: str) -> str:
    return f"?tab=programme&level=cercle&frame=ml-2016&programme.perimeter={unit}"


@pytest.fixture
def unread(editor: FlaskClient, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the draft that nobody reads: what is said of it is all that counts."""
    monkeypatch.setattr(reader_process, "_run_process", lambda _folder: None)
    send("liste.csv", LIST)


def together(*doings: Callable[[], Any]) -> list[Any]:
    """What several threads come to that begin at one moment."""
    start = Barrier(len(doings))

    def begun(doing: Callable[[], Any]) -> Any:
        start.wait()
        return doing()

    with ThreadPoolExecutor(len(doings)) as pool:
        return [future.result() for future in [pool.submit(begun, one) for one in doings]]


def posting(editor: FlaskClient, path: str, **words: Any) -> Callable[[], Any]:
    def asked() -> Any:
        with editor.application.test_client() as client:
            return client.post(path, json=words, headers=OURS)

    return asked


def told_of(own: Store, draft: str) -> FileAnswers:
    return ImportDraft.find_draft(own.root, draft).draft_file("001").file_answers


@pytest.mark.usefixtures("unread")
def test_answers_of_many_threads_are_all_kept(editor: FlaskClient, own: Store, draft: str) -> None:
    url = f"/import/{draft}/files/001"
    answers = [posting(editor, url, columns={f"C{n}": "title"}, by=str(n)) for n in range(12)]
    answers += [posting(editor, url, decide={"place": {f"P{n}": ""}}) for n in range(12)]
    answers += [posting(editor, url, control={"published": str(n)}) for n in range(1, 13)]
    assert {answer.status_code for answer in together(*answers)} == {200}
    told = told_of(own, draft)
    assert set(told.columns) == {f"C{n}" for n in range(12)}
    assert set(told.decided["place"]) == {f"P{n}" for n in range(12)}
    assert sorted(int(one["published"]) for one in told.controls) == list(range(1, 13))
    assert told.answers == 36


@pytest.mark.usefixtures("unread")
def test_of_two_answers_to_one_question_the_second_is_told_with_both(
    editor: FlaskClient, own: Store, draft: str
) -> None:
    url = f"/import/{draft}/files/001"
    for n in range(20):
        seen = told_of(own, draft).answers
        a, b = together(
            posting(editor, url, columns={f"C{n}": "budget"}, by="a", seen=seen),
            posting(editor, url, columns={f"C{n}": "spent"}, by="b", seen=seen),
        )
        assert sorted([a.status_code, b.status_code]) == [200, 409]
        kept, lost = ("budget", "spent") if a.status_code == 200 else ("spent", "budget")
        assert told_of(own, draft).columns[f"C{n}"] == kept
        error = (b if a.status_code == 200 else a).get_json()["error"]
        assert error.startswith(f"Réponse non enregistrée : « {lost} » : une autre fenêtre a ")
        assert f"« {kept} »" in error


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"source": "qip"}, {"source": "pbf"}),
        ({"as_of": "30/06/2017"}, {"as_of": "2018-06-30"}),
        ({"frame": "ml-2012"}, {"frame": "ml-2016"}),
        ({"kept": False}, {"kept": True}),
        ({"replacing": True}, {"replacing": False}),
        ({"decide": {"place": {"Gao\n?": "x"}}}, {"decide": {"place": {"Gao\n?": None}}}),
    ],
)
def test_whoever_has_not_seen_another_answer_does_not_undo_it(
    editor: FlaskClient, own: Store, draft: str, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """Seen, it may be answered again; a window always may change its own answer."""
    url = f"/import/{draft}/files/001"
    assert posting(editor, url, **first, by="a", seen=0)().status_code == 200
    before = told_of(own, draft)
    assert posting(editor, url, **second, by="b", seen=0)().status_code == 409
    assert told_of(own, draft) == before
    assert posting(editor, url, **first, by="b", seen=0)().status_code == 200
    assert posting(editor, url, **second, by="b", seen=2)().status_code == 200
    assert posting(editor, url, **first, by="b", seen=0)().status_code == 200


def test_an_answer_is_in_what_is_published_or_refused(
    editor: FlaskClient, own: Store, send: Send, draft: str
) -> None:
    """Whichever comes first, answer or publication: what was acknowledged is never lost."""
    outcomes = set()
    for n in range(1, 9):
        named = editor.post("/import/", headers=OURS).get_json()["draft"]
        data = LIST.replace("Dourou", f"Dourou {n}").encode("latin-1")
        editor.post(f"/import/{named}/files?name=liste {n}.csv", data=data, headers=OURS)
        assert settled(editor, named) == ["read"]
        publish, answer = together(
            posting(editor, f"/import/{named}/publish"),
            posting(editor, f"/import/{named}/files/001", as_of=f"2024-07-{n:02d}"),
        )
        outcomes.add((publish.status_code, answer.status_code))
        if answer.status_code == 200:
            assert str(told_of(own, named).as_of) == f"2024-07-{n:02d}"
    assert outcomes <= {(200, 400), (400, 200)}


def test_an_answer_before_publication_is_in_what_is_published(
    editor: FlaskClient, own: Store, send: Send, draft: str
) -> None:
    send("liste.csv", LIST)
    assert settled(editor, draft) == ["read"]
    assert posting(editor, f"/import/{draft}/files/001", as_of="2024-07-30")().status_code == 200
    assert settled(editor, draft) == ["read"]
    assert posting(editor, f"/import/{draft}/publish")().status_code == 200
    current = own.current_snapshot()
    assert current is not None
    days = current.tables.documents.filter(file="liste.csv")["as_of"].to_list()
    assert [str(day) for day in days] == ["2024-07-30"]


def test_a_file_that_comes_while_its_draft_is_given_up_is_refused(
    editor: FlaskClient, own: Store
) -> None:
    """Many times over: it comes before, after or while the folder goes."""
    for _again in range(12):
        named = editor.post("/import/", headers=OURS).get_json()["draft"]

        def sent(draft: str = named) -> int:
            with editor.application.test_client() as client:
                url = f"/import/{draft}/files?name=b.csv"
                return client.post(url, data=b"Titre\n" * 20_000, headers=OURS).status_code

        status, given_up = together(sent, posting(editor, f"/import/{named}/discard"))
        assert given_up.status_code == 200
        assert status in (200, 400)
        assert not (own.root / "drafts" / named).exists()


def test_one_sending_that_comes_twice_at_once_is_one_file(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    def sent() -> Any:
        with editor.application.test_client() as client:
            url = f"/import/{draft}/files?name=b.csv&once=abc"
            return client.post(url, data=LIST.encode("latin-1"), headers=OURS).get_json()["file"]

    assert len(set(together(sent, sent, sent, sent))) == 1
    assert len(editor.get(f"/import/{draft}").get_json()["files"]) == 1


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("action", ["publish", "discard", "files/001/remove"])
def test_what_another_window_answered_is_seen_before_the_whole_is_published_or_given_up(
    editor: FlaskClient, own: Store, draft: str, action: str
) -> None:
    url = f"/import/{draft}/files/001"
    posting(editor, url, columns={"A": "title"}, by="a", seen=0)()
    seen: Any = 0 if "remove" in action else {"001": 0}
    refused = posting(editor, f"/import/{draft}/{action}", by="b", seen=seen)()
    assert refused.status_code == 409
    assert told_of(own, draft).columns == {"A": "title"}
    fresh: Any = 1 if "remove" in action else {"001": 1}
    for words in ({"by": "a", "seen": seen}, {"by": "b", "seen": fresh}):
        answer = posting(editor, f"/import/{draft}/{action}", **words)()
        assert answer.status_code != 409
        if action != "publish":  # it waits to be read
            break


@pytest.mark.usefixtures("unread")
def test_a_file_that_another_window_sent_or_took_out_is_seen_before_publishing(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    send("b.csv", LIST, by="a")
    publish = f"/import/{draft}/publish"
    assert posting(editor, publish, by="b", seen={"001": 0})().status_code == 409
    assert posting(editor, publish, by="a", seen={"001": 0})().status_code != 409
    posting(editor, f"/import/{draft}/files/002/remove")()
    assert posting(editor, publish, by="b", seen={"001": 0, "002": 0})().status_code == 409


def test_a_decision_taken_after_the_reading_is_in_what_is_published(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """The file is read again with it, and whoever publishes is told; then it is published."""
    send("liste.csv", LIST.replace("Mopti;Bandiagara", "Mopti;Pays de Djenné Est"))
    settled(editor, draft)
    WordingDecisions(own.root).add_decision(
        WordingCorrection("Pays de Djenné Est", "ml-2023/cercle-djenne", DecisionScope.EVERYWHERE),
        who="Awa",
    )
    refused = posting(editor, f"/import/{draft}/publish")()
    assert refused.status_code == 409
    assert "décisions prises entre-temps concernent liste.csv" in refused.get_json()["error"]
    assert settled(editor, draft) == ["read"]
    assert posting(editor, f"/import/{draft}/publish")().status_code == 200
    current = own.current_snapshot()
    assert current is not None
    assert "ml-2023/cercle-djenne" in current.tables.placements["unit_id"].to_list()


def test_a_decision_about_other_words_holds_no_publication_back(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    send("liste.csv", LIST)
    settled(editor, draft)
    WordingDecisions(own.root).add_decision(
        WordingCorrection("Ailleurs", "ml-2023/cercle-djenne", DecisionScope.EVERYWHERE), who="Awa"
    )
    assert posting(editor, f"/import/{draft}/publish")().status_code == 200


def test_columns_of_one_form_that_two_people_explain_are_both_remembered(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Each had read its file before the other published."""
    second = editor.post("/import/", headers=OURS).get_json()["draft"]
    send("janvier.csv", ODD)
    data = ODD.replace("Dourou", "Kani").encode("latin-1")
    editor.post(f"/import/{second}/files?name=fevrier.csv", data=data, headers=OURS)
    said = ((draft, "Acteur inconnu au bataillon", "implementers"), (second, "Teinte", "ignored"))
    for named, heading, field in said:
        settled(editor, named)
        posting(editor, f"/import/{named}/files/001", columns={heading: field})()
        assert settled(editor, named) == ["read"]
    publications = [posting(editor, f"/import/{named}/publish") for named, _h, _f in said]
    assert {answer.status_code for answer in together(*publications)} == {200}
    (sender,) = known_senders(own.root)
    assert sender.columns == {heading: field for _named, heading, field in said}


def test_of_two_who_take_one_publication_back_the_second_is_told(own: Store) -> None:
    """Many times over: never is the state before the one before brought back."""
    first = own.current_snapshot()
    assert first is not None
    for n in range(15):
        second = own.publish_tables(tables(), note=str(n))

        def undone(published: str = second.hash) -> str:
            try:
                return publication.undo_publication(Store(own.root), published).hash
            except ChangedError:
                return "told"

        assert sorted(together(undone, undone)) == sorted([first.hash, "told"])
        assert own.publication_history()[0].hash == first.hash


def test_going_back_from_an_old_page_does_not_take_away_what_was_published_since(
    editor: FlaskClient, own: Store
) -> None:
    first = own.publication_history()[0].hash
    second = own.publish_tables(tables()).hash
    page = editor.post("/import/page", json={}, headers=OURS).text
    assert f"&quot;published&quot;: &quot;{second}&quot;" in page
    restore = posting(editor, "/import/restore", snapshot=first, published=first)
    assert restore().status_code == 409
    assert own.publication_history()[0].hash == second
    assert posting(editor, "/import/restore", snapshot=first, published=second)().status_code == 200
    assert own.publication_history()[0].hash == first


def units_of(store: Store) -> set[str]:
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query("?tab=programme") as scene:
        return set(programme_publication.published_programme(scene).units)


def version(store: Store) -> str:
    now = store.current_snapshot()
    assert now is not None
    return programme_publication.definition_version(now.tables, "psirc")


def test_of_two_stale_programme_pages_the_second_is_told(editor: FlaskClient, own: Store) -> None:
    """What the first published stands; from a fresh page the second may publish over it."""
    seen = version(own)
    body = {"as_of": "15/01/2024", "seen": seen}
    first = posting(editor, "/programme/publish", question=perimeter(DJENNE), **body)()
    assert first.status_code == 200
    second = posting(editor, "/programme/publish", question=perimeter(KORO), **body)()
    assert second.status_code == 409
    assert "quelqu'un d'autre l'a publié depuis" in second.get_json()["error"]
    assert units_of(own) == {DJENNE}
    fresh = {**body, "seen": version(own)}
    again = posting(editor, "/programme/publish", question=perimeter(KORO), **fresh)()
    assert again.status_code == 200
    assert units_of(own) == {KORO}


def test_a_programme_page_says_what_it_has_seen(own: Store) -> None:
    from atlas.web.programme_tab import programme_content

    with DatasetProvider(own, Viewer.EDITOR).scene_of_query(perimeter(KORO)) as scene:
        assert version(own) in str(programme_content(scene))
    refused = (
        create_app(own)
        .server.test_client()
        .post(
            "/programme/publish",
            json={"question": perimeter(KORO), "as_of": "15/01/2024"},
            headers=OURS,
        )
    )
    assert refused.status_code == 409


def test_what_is_published_of_other_things_holds_no_programme_back(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    seen = version(own)
    send("liste.csv", LIST)
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    body = {"as_of": "15/01/2024", "seen": seen, "question": perimeter(DJENNE)}
    answer = posting(editor, "/programme/publish", **body)()
    assert (answer.status_code, answer.get_json().get("error")) == (200, None)


def test_programmes_published_in_threads_at_once_are_one(editor: FlaskClient, own: Store) -> None:
    for n in range(6):
        seen = version(own)
        body = {"as_of": f"{15 + n}/01/2024", "seen": seen}
        asked = [
            posting(editor, "/programme/publish", question=perimeter(unit), **body)
            for unit in (BANDIAGARA, DJENNE, KORO)
        ]
        answers = together(*asked)
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
        (won,) = [n for n, answer in enumerate(answers) if answer.status_code == 200]
        assert units_of(own) == {(BANDIAGARA, DJENNE, KORO)[won]}


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, str, list[list[int]]]:
    """A store, a draft, and what two processes are answered that ask at once.

    Each says thirty things of the file, answers one question as the other does not, decides
    about one pair and publishes one programme.
    """
    store = doubled(tmp_path_factory.mktemp("workers") / "store")
    draft = ImportDraft.create_draft(store.root)
    draft.add_file(FileAnswers("liste.csv"), BytesIO(LIST.encode("latin-1")))
    seen, url = version(store), f"/import/{draft.name}/files/001"

    def asked(by: str, verdict: str, unit: str) -> Asked:
        said: Asked = [(url, {"columns": {f"{by}{n}": "title"}}) for n in range(30)]
        both = {"columns": {"the same": by}, "by": by, "seen": 0}
        pair = {"a": "a", "b": "b", "verdict": verdict, "seen": 0}
        body = {"as_of": "15/01/2024", "seen": seen, "question": perimeter(unit)}
        return [*said, (url, both), ("/pairs/decide", pair), ("/programme/publish", body)]

    first = asked("a", "different", DJENNE)
    second = asked("b", "overlap_accepted", KORO)
    return store, draft.name, in_two_processes(store.root, first, second)


def test_answers_of_two_processes_are_all_kept(
    workers: tuple[Store, str, list[list[int]]],
) -> None:
    """Of the question that they answer otherwise, only the first counts."""
    store, draft, (first, second) = workers
    assert {*first[:30], *second[:30]} == {200}
    assert sorted([first[30], second[30]]) == [200, 409]
    told = told_of(store, draft)
    alone = {name for name in told.columns if name != "the same"}
    assert alone == {f"{by}{n}" for by in "ab" for n in range(30)}
    assert told.columns["the same"] == ("a" if first[30] == 200 else "b")
    assert told.answers == 61


def test_programmes_and_pairs_of_two_processes_are_one_each(
    workers: tuple[Store, str, list[list[int]]],
) -> None:
    store, _draft, (first, second) = workers
    assert sorted([first[31], second[31]]) == [200, 409]
    assert sorted([first[32], second[32]]) == [200, 409]
    (decision,) = PairDecisions(store.root).all_decisions()
    assert decision.said.verdict == ("different" if first[31] == 200 else "overlap_accepted")
    assert units_of(store) == {DJENNE if first[32] == 200 else KORO}


def test_of_two_who_decide_about_a_pair_the_second_is_told_who_decided(tmp_path: Path) -> None:
    store = doubled(tmp_path / "store")
    for n in range(10):

        def decided(verdict: str, who: str) -> str:
            said = PairVerdict.from_ids("a", "b", verdict, "")
            try:
                decide_pair(Store(store.root), said, who=who, seen=0)
            except ChangedError as error:
                return str(error)
            return ""

        told = together(
            lambda: decided("different", "Awa"), lambda: decided("overlap_accepted", "Binta")
        )
        (stands,) = [one for one in PairDecisions(store.root).all_decisions() if one.in_force]
        assert sorted(map(bool, told)) == [False, True]
        assert f"{stands.who} a décidé de cette paire entre-temps" in max(told)
        assert len(PairDecisions(store.root).all_decisions()) == n + 1
        from atlas.review.statements import undo_pair_decision

        undo_pair_decision(store, stands.id, who="Awa")


def test_the_day_of_a_publication_is_that_of_the_first(editor: FlaskClient, own: Store) -> None:
    """The same words with another day are another publication, too."""
    body = {"seen": version(own), "question": perimeter(DJENNE)}
    days = ["15/01/2024", "16/01/2024"]
    statuses = [
        posting(editor, "/programme/publish", as_of=day, **body)().status_code for day in days
    ]
    assert statuses == [200, 409]
    current = own.current_snapshot()
    assert current is not None
    said = current.tables.context.filter(source=programme_publication.ENTERED)
    assert said["as_of"].unique().to_list() == [date(2024, 1, 15)]
