"""The routes of the import page: what they take, what they refuse, what they leave untouched."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from flask.testing import FlaskClient

from atlas.app import create_app
from atlas.model import Viewer
from atlas.senders import known_senders
from atlas.store import Store
from atlas.store.decisions import WordingDecisions
from atlas.web.imports import drafts, reader_process
from atlas.web.imports.drafts import ImportDraft
from tests.web.importing import LIST, ODD, OURS, Send, settled, tell


def test_files_are_read_shown_and_published_together(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Two good files become one snapshot; the one that cannot be used says why, alone."""
    before = own.current_snapshot()
    assert before is not None
    send("liste.csv", LIST)
    send("autre.csv", LIST.replace("Dourou", "Kani"))
    send("vide.xlsx", b"PK\x03\x04 tronque")
    assert settled(editor, draft) == ["read", "read", "failed"]
    assert own.current_snapshot() is before
    failed = ImportDraft.find_draft(own.root, draft).draft_file("003")
    assert failed.reading_state.error == (
        "vide.xlsx inutilisable : classeur tronqué ou endommagé. "
        "Copiez-le ou exportez-le de nouveau, puis relancez."
    )
    answer = editor.post(f"/import/{draft}/publish", headers=OURS).get_json()
    now = own.current_snapshot()
    assert now is not None
    assert answer == {"published": now.hash, "done": "published"}
    assert sorted(d["file"] for d in now.document_rows) == ["autre.csv", "liste.csv"]
    assert len(own.publication_history()) == 2
    assert not list((own.root / "drafts").iterdir())
    raw = own.raw_document(now.document_rows[0]["document"])
    assert raw is not None
    assert raw.read_as["source"] == "auto"


def test_the_preview_shows_the_table_that_was_found(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Headings, fields, rows by outcome and what would change stand in the preview."""
    send("liste.csv", "Liste des projets\n\n" + LIST)
    settled(editor, draft)
    shown = ImportDraft.find_draft(own.root, draft).draft_file("001").saved_preview
    assert shown is not None
    (table,) = shown["tables"]
    assert (table["header"], table["first"], table["rows"]) == (3, 4, 2)
    read = {column["heading"]: column["field"] for column in table["columns"]}
    assert read == {
        "Titre": "title",
        "Région": "region",
        "Cercle": "cercle",
        "Partenaire": "implementers",
        "Budget (USD)": "budget",
        "Début": "start",
    }
    assert shown["outcomes"] == {"activity": 2}
    assert (shown["source"], shown["rows_read"]) == ("ngo", 2)
    assert shown["changes"] == {"added": 2, "changed": 0, "gone": 0}


def test_a_published_total_given_by_hand_is_compared(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Three published, two read: the total is shown beside the difference, and is a finding."""
    send("liste.csv", LIST)
    settled(editor, draft)
    tell(editor, draft, control={"published": "3", "name": "Projets"})
    settled(editor, draft)
    shown = ImportDraft.find_draft(own.root, draft).draft_file("001").saved_preview
    assert shown is not None
    (total,) = shown["totals"]
    assert (total["name"], total["published"], total["read"]) == ("Projets", 3.0, 2.0)
    assert "total_mismatch" in [group["code"] for group in shown["findings"]]


def test_undo_brings_back_what_was_published_before(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Once, and only while nobody published anything else."""
    before = own.current_snapshot()
    assert before is not None
    send("liste.csv", LIST)
    settled(editor, draft)
    published = editor.post(f"/import/{draft}/publish", headers=OURS).get_json()["published"]
    answer = editor.post("/import/undo", json={"snapshot": published}, headers=OURS).get_json()
    assert answer == {"published": before.hash, "done": "undone"}
    assert own.current_snapshot() == before
    refused = editor.post("/import/undo", json={"snapshot": published}, headers=OURS)
    assert refused.status_code == 409
    assert "un autre état a été publié depuis" in refused.get_json()["error"]


def test_columns_are_asked_once_and_remembered_of_the_sender(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """What a person says of a column holds for the next file of the same form."""
    send("janvier.csv", ODD)
    assert settled(editor, draft) == ["read"]
    shown = ImportDraft.find_draft(own.root, draft).draft_file("001").saved_preview
    assert shown is not None
    unknown = [c["heading"] for c in shown["tables"][0]["columns"] if c["why"] == "column_unknown"]
    assert unknown == ["Acteur inconnu au bataillon", "Teinte"]
    tell(
        editor, draft, columns={"Acteur inconnu au bataillon": "implementers", "Teinte": "ignored"}
    )
    assert settled(editor, draft) == ["read"]
    assert known_senders(own.root) == []
    editor.post(f"/import/{draft}/publish", headers=OURS)
    (sender,) = known_senders(own.root)
    assert sender.columns == {"Acteur inconnu au bataillon": "implementers", "Teinte": "ignored"}

    second = editor.post("/import/", headers=OURS).get_json()["draft"]
    editor.post(
        f"/import/{second}/files?name=fevrier.csv",
        data=ODD.replace("Dourou", "Kani").encode("latin-1"),
        headers=OURS,
    )
    assert settled(editor, second) == ["read"]
    shown = ImportDraft.find_draft(own.root, second).draft_file("001").saved_preview
    assert shown is not None
    assert shown["remembered"] == sender.columns


def test_an_accepted_place_becomes_a_decision_when_published(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Until then nothing is decided; the reading already follows it."""
    send("liste.csv", LIST.replace("Mopti;Bandiagara", "Mopti;Pays de Djenné Est"))
    settled(editor, draft)
    proposed = (ImportDraft.find_draft(own.root, draft).draft_file("001").saved_preview or {})[
        "proposals"
    ]
    assert "Djenné" in str(proposed)
    tell(editor, draft, decide={"place": {proposed[0]["wording"]: "ml-2023/cercle-djenne"}})
    assert settled(editor, draft) == ["read"]
    assert WordingDecisions(own.root).all_decisions() == []
    placed = (
        ImportDraft.find_draft(own.root, draft)
        .draft_file("001")
        .tables.placements["unit_id"]
        .to_list()
    )
    assert "ml-2023/cercle-djenne" in placed
    editor.post(f"/import/{draft}/publish", headers=OURS)
    assert [d.correction.wording for d in WordingDecisions(own.root).all_decisions()] == [
        proposed[0]["wording"]
    ]


def test_a_failed_publication_leaves_everything_as_it_was(
    editor: FlaskClient, own: Store, draft: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is told, the published snapshot and the draft stay."""
    from atlas.errors import StoreError

    def full(*_args: object, **_kwargs: object) -> None:
        raise StoreError("Disque plein")

    before = own.current_snapshot()
    send("liste.csv", LIST)
    settled(editor, draft)
    monkeypatch.setattr(Store, "add_documents", full)
    refused = editor.post(f"/import/{draft}/publish", headers=OURS)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "Disque plein.")
    assert own.current_snapshot() == before
    assert settled(editor, draft) == ["read"]


def test_a_file_that_kills_its_reader_is_told_and_not_tried_again(
    editor: FlaskClient, own: Store, draft: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next look at the draft says so; no process is started for it."""
    monkeypatch.setattr(reader_process, "_run_process", lambda _folder: None)
    send("liste.csv", LIST)
    item = ImportDraft.find_draft(own.root, draft).draft_file("001")
    item.save_state(drafts.ReadingState("reading", item.file_answers.version))
    ImportDraft.find_draft(own.root, draft).starting.unlink()
    assert settled(editor, draft) == ["failed"]
    assert "la lecture s'est interrompue" in item.reading_state.error


def test_a_reading_that_is_called_off_ends_though_what_opens_the_file_listens_to_nobody(
    editor: FlaskClient, own: Store, draft: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_process, "_run_process", lambda _folder: None)
    monkeypatch.setattr(reader_process, "GRACE_S", 0.1)
    left = Event()
    monkeypatch.setattr(reader_process.os, "_exit", lambda _code: left.set())
    send("liste.csv", LIST)
    item = ImportDraft.find_draft(own.root, draft).draft_file("001")
    version, ended = item.file_answers.version, Event()
    watching = Thread(
        target=reader_process._exit_when_outdated, args=(item, version, ended), daemon=True
    )
    watching.start()
    assert not left.wait(0.5)
    tell(editor, draft, stopped=True)
    assert left.wait(5)
    watching.join(5)
    assert not watching.is_alive()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"source": "nulle-part"}, "Source « nulle-part » inconnue."),
        ({"as_of": "hier"}, "« hier » n'est pas une date"),
        ({"control": {"published": "/etc/passwd"}}, "« /etc/passwd » n'est pas un chiffre"),
        ({"control": {"published": "3", "period": "jamais"}}, "période illisible « jamais »"),
        ({"frame": "ml-1999"}, "ml-1999"),
    ],
)
def test_answers_are_checked(
    editor: FlaskClient, draft: str, send: Send, words: dict[str, str], reason: str
) -> None:
    """What means nothing is refused in a sentence."""
    send("liste.csv", LIST)
    assert reason in tell(editor, draft, **words)["error"]


def test_names_limits_and_strange_drafts(
    editor: FlaskClient, own: Store, draft: str, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name never leads out of the draft; what is too much or unknown is refused."""
    send("../../../etc/liste.csv", LIST)
    item = ImportDraft.find_draft(own.root, draft).draft_file("001")
    assert item.file_answers.file == "liste.csv"
    assert item.content.parent.parent == own.root / "drafts" / draft
    monkeypatch.setattr(drafts, "MAX_BYTES", 10)
    assert "refusé : plus de 0 Mo" in send("gros.csv", LIST)["error"]
    monkeypatch.setattr(drafts, "MAX_FILES", 1)
    assert "Plus de 1 fichiers" in send("b.csv", b"a;b")["error"]
    for name in ("0" * 32, "..", "%2e%2e"):
        assert editor.get(f"/import/{name}").status_code in (400, 404)
    editor.post(f"/import/{draft}/discard", headers=OURS)
    assert not (own.root / "drafts" / draft).exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**OURS, "Origin": "http://example.org"},
        {**OURS, "Sec-Fetch-Site": "cross-site"},
    ],
)
def test_other_pages_may_not_import(editor: FlaskClient, headers: dict[str, str]) -> None:
    """Writing needs our header and our origin."""
    refused = editor.post("/import/", headers=headers)
    assert refused.status_code == 403
    assert "Import refusé" in refused.get_json()["error"]


def test_nobody_else_may_import(own: Store) -> None:
    """The public server has the page without its import, and refuses its routes."""
    public = create_app(own, viewer=Viewer.PUBLIC).server.test_client()
    for address in ("/import/", "/import/undo", f"/import/{'0' * 32}/publish"):
        assert public.post(address, headers=OURS).status_code == 403
    assert public.get(f"/import/{'0' * 32}").status_code == 403
    assert "import-body" not in public.get("/_dash-layout").text
    assert "import-body" not in public.get("/_dash-dependencies").text


def test_open_pages_can_ask_what_is_published(editor: FlaskClient, own: Store) -> None:
    """The hash of the current snapshot, never kept by the browser."""
    answer = editor.get("/published")
    now = own.current_snapshot()
    assert now is not None
    assert answer.get_json() == {"snapshot": now.hash}
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_a_newer_list_leaves_out_goes_only_when_said(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """The preview names the activity that is absent; a switch, and no more, takes it away."""
    send("janvier.csv", LIST)
    tell(editor, draft, as_of="31/01/2024", frame="ml-2016")
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    second = editor.post("/import/", headers=OURS).get_json()["draft"]
    shorter = "\n".join(line for line in LIST.splitlines() if "Dourou" not in line)
    editor.post(f"/import/{second}/files?name=juin.csv", data=shorter.encode(), headers=OURS)
    tell(editor, second, as_of="30/06/2024", frame="ml-2016")
    settled(editor, second)
    item = ImportDraft.find_draft(own.root, second).draft_file("001")
    shown = item.saved_preview
    assert shown is not None
    assert shown["changes"] == {"added": 0, "changed": 0, "gone": 1}
    assert (shown["staying"], shown["gone_activities"][0]["title"]) == (1, "Forage de Dourou")
    tell(editor, second, replacing=True)
    settled(editor, second)
    assert item.saved_preview is not None
    assert item.saved_preview["staying"] == 0
    editor.post(f"/import/{second}/publish", headers=OURS)
    now = own.current_snapshot()
    assert now is not None
    assert now.tables.activities["title"].to_list() == ["École de Sévaré"]


def test_a_file_that_is_left_out_is_not_published(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Nothing kept, nothing published; kept again, it needs no other reading."""
    send("liste.csv", LIST)
    settled(editor, draft)
    assert tell(editor, draft, kept=False)["state"] == "read"
    refused = editor.post(f"/import/{draft}/publish", headers=OURS)
    assert "Rien à publier" in refused.get_json()["error"]
    assert tell(editor, draft, kept=True)["state"] == "read"
    assert editor.post(f"/import/{draft}/publish", headers=OURS).status_code == 200
