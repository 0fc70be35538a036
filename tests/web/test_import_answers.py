"""What a person sees and says of a file on the import page, before and after publishing."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient

from atlas.senders import known_senders
from atlas.store import Store
from atlas.store.decisions import WordingDecisions
from atlas.web.imports.drafts import ImportDraft
from tests.web.importing import LIST, ODD, OURS, Send, settled, tell

MISSPELT = """Titre;Région;Cercle;Partenaire;Secteur;Budget (USD);Début
Forage de Dourou;Mopti;Bandiagara;Oxfam;Educaton;12 000;01/02/2024
École de Sévaré;Mopti;Mopti;UNICEF;Educaton;mille;31/02/2024
"""


def shown_of(own: Store, draft: str) -> dict[str, Any]:
    shown = ImportDraft.find_draft(own.root, draft).draft_file("001").saved_preview
    assert shown is not None
    return shown


def page_of(editor: FlaskClient, draft: str, **asked: Any) -> str:
    """The page as the browser gets it."""
    words = {"draft": draft, **asked}
    return str(editor.post("/import/page", json=words, headers=OURS).get_data(as_text=True))


def test_a_wording_is_asked_once_decided_and_taken_back(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Two rows of one misspelt sector are one question; its answer stays to be taken back."""
    send("liste.csv", MISSPELT)
    settled(editor, draft)
    (asked,) = [one for one in shown_of(own, draft)["proposals"] if one["kind"] == "sector"]
    assert (asked["wording"], asked["count"], asked["choices"][0][0]) == (
        "Educaton",
        2,
        "education",
    )
    tell(editor, draft, decide={"sector": {"Educaton": "education"}})
    settled(editor, draft)
    tables = ImportDraft.find_draft(own.root, draft).draft_file("001").tables
    assert tables.activities["sector"].to_list() == ["education", "education"]
    assert "Reprendre la décision sur « Educaton »" in page_of(editor, draft)
    tell(editor, draft, decide={"sector": {"Educaton": None}})
    settled(editor, draft)
    assert ImportDraft.find_draft(own.root, draft).draft_file("001").tables.activities[
        "sector"
    ].to_list() != [
        "education",
        "education",
    ]


def test_what_is_left_open_is_no_decision(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """« Laisser » answers the question here and writes nothing down."""
    send("liste.csv", MISSPELT)
    settled(editor, draft)
    tell(editor, draft, decide={"sector": {"Educaton": ""}})
    settled(editor, draft)
    assert "laissé tel quel" in page_of(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    assert WordingDecisions(own.root).all_decisions() == []


def test_a_published_decision_is_taken_back_in_the_page(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """The documents that it settled are read again, and published as they are without it."""
    send("liste.csv", MISSPELT)
    settled(editor, draft)
    tell(editor, draft, decide={"sector": {"Educaton": "health"}})
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    (decision,) = WordingDecisions(own.root).all_decisions()
    assert "Décisions en vigueur" in page_of(editor, "")
    answer = editor.post("/import/decisions", json={"decision": decision.id}, headers=OURS)
    assert answer.get_json()["done"] == "taken_back"
    now = own.current_snapshot()
    assert now is not None
    assert "health" not in now.tables.activities["sector"].to_list()


def test_findings_are_filtered_counted_and_written_with_what_to_do(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    """The page names errors alone when asked; the file names sheet, row, column and remedy."""
    send("liste.csv", MISSPELT)
    settled(editor, draft)
    every = page_of(editor, draft)
    assert "Montant illisible : « mille »." in every
    assert "Date impossible : « 31/02/2024 »." in every
    errors = page_of(editor, draft, look={"001": {"severity": "error"}})
    assert "Montant illisible : « mille »." in errors
    assert "Date impossible : « 31/02/2024 »." not in errors.split("Le fichier tel")[0]
    told = editor.get(f"/import/{draft}/files/001/constats.csv")
    assert "liste.csv" in told.headers["Content-Disposition"]
    lines = told.get_data(as_text=True).splitlines()
    assert lines[0] == "\ufeffGravité;Fichier;Feuille;Ligne;Colonne;Constat;À faire;Code"
    assert lines[1].startswith('erreur;liste.csv;"";3;Budget (USD);Montant illisible')


def test_a_row_is_shown_as_it_stands_with_the_cells_that_are_meant(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    """The raw cells of row 3, its budget brought out; telephone numbers never."""
    text = MISSPELT.replace("Début\n", "Début;Téléphone\n").replace("2024\n", "2024;66778899\n")
    send("liste.csv", text)
    settled(editor, draft)
    page = page_of(editor, draft, look={"001": {"row": "L3"}})
    assert '<td class="meant">mille</td>' in page
    assert 'class="here"' in page
    assert "66778899" not in page


def test_cells_of_a_file_are_text_and_never_markup_or_formulas(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    """What a partner writes comes out escaped in the page, quoted in the file."""
    send("liste.csv", MISSPELT.replace("mille", "=1+1<script>").replace("Educaton", "<b>x</b>"))
    settled(editor, draft)
    page = page_of(editor, draft, look={"001": {"row": "L3"}})
    assert "<script>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_reading_is_called_off_and_taken_up_again(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    """A file that is stopped is not read and not published; resumed, it is read."""
    send("liste.csv", LIST)
    assert tell(editor, draft, stopped=True)["state"] == "stopped"
    assert settled(editor, draft) == ["stopped"]
    refused = editor.post(f"/import/{draft}/publish", headers=OURS)
    assert "Rien à publier" in refused.get_json()["error"]
    tell(editor, draft, stopped=False)
    assert settled(editor, draft) == ["read"]


def test_a_file_sent_twice_because_the_answer_was_lost_is_one_file(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """The second sending with the same mark is answered with the first file."""
    assert send("liste.csv", LIST, once="abc")["file"] == "001"
    assert send("liste.csv", LIST, once="abc")["file"] == "001"
    assert send("liste.csv", LIST, once="abd")["file"] == "002"


def test_what_was_begun_is_found_again_in_another_window(
    editor: FlaskClient, draft: str, send: Send
) -> None:
    """A page without a draft offers those that hold files."""
    send("janvier.csv", LIST)
    page = page_of(editor, "")
    assert "Imports commencés" in page
    assert "janvier.csv" in page
    assert f'data-resume="{draft}"' in page


def test_totals_by_region_and_period_are_held_against_what_was_read(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Two totals of one figure contradict each other and stand side by side."""
    send("liste.csv", LIST)
    settled(editor, draft)
    tell(editor, draft, control={"published": "60 000", "currency": "USD", "region": "Mopti"})
    tell(editor, draft, control={"published": "57 000", "currency": "USD", "region": "Mopti"})
    tell(editor, draft, control={"published": "1", "period": "2023"})
    settled(editor, draft)
    first, second, third = shown_of(own, draft)["totals"]
    assert (first["published"], first["read"], first["difference"]) == (60000, 57000, 3000)
    assert (first["others"], second["others"]) == ([57000], [60000])
    assert (third["period"], third["published"], third["read"]) == ("2023", 1, 0)
    tell(
        editor,
        draft,
        control_gone=ImportDraft.find_draft(own.root, draft)
        .draft_file("001")
        .file_answers.controls[0],
    )
    settled(editor, draft)
    assert [total["others"] for total in shown_of(own, draft)["totals"]] == [[], []]


def test_a_total_of_a_cercle_is_held_against_what_lies_there(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """Of two cercles of the région, only one has an activity."""
    send("liste.csv", LIST)
    settled(editor, draft)
    for cercle in ("Mopti", "Koro"):
        tell(editor, draft, control={"published": "9", "region": "", "cercle": cercle})
    settled(editor, draft)
    here, there = shown_of(own, draft)["totals"]
    assert (here["published"], there["published"]) == (9, 9)
    assert here["read"] > there["read"] == 0


def test_changes_are_listed_with_old_and_new_values(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """A budget that changed stands in the page and in the file, with both values."""
    send("janvier.csv", LIST)
    tell(editor, draft, as_of="31/01/2024")
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    second = editor.post("/import/", headers=OURS).get_json()["draft"]
    later = LIST.replace("12 000", "15 000").encode()
    editor.post(f"/import/{second}/files?name=juin.csv", data=later, headers=OURS)
    tell(editor, second, as_of="30/06/2024")
    settled(editor, second)
    told = editor.get(f"/import/{second}/files/001/changements.csv").get_data(as_text=True)
    values = "12\u202f000\u00a0USD (01/02/2024 → …);15\u202f000\u00a0USD (01/02/2024 → …)"
    assert f"changée;Forage de Dourou;Budget;{values}" in told
    page = page_of(editor, second)
    assert "<del>12\u202f000" in page
    assert "<ins>15\u202f000" in page


def test_an_older_state_is_restored_from_the_history(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """The page lists every publication with its files; any of them comes back."""
    before = own.current_snapshot()
    assert before is not None
    send("liste.csv", LIST)
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    assert "Rétablir l'état du" in page_of(editor, "").replace("&#x27;", "'")
    answer = editor.post("/import/restore", json={"snapshot": before.hash}, headers=OURS)
    assert answer.get_json() == {"published": before.hash, "done": "restored"}
    now = own.current_snapshot()
    assert now is not None
    assert now.hash == before.hash


def test_the_page_offers_forms_to_fill_in(editor: FlaskClient) -> None:
    """The form of the table that is missing comes alone; a name that is none is refused."""
    page = page_of(editor, "", topic="needs")
    assert "modele-besoins.csv" in page
    assert "modele-qip.csv" not in page
    assert "Région" in editor.get("/import/templates/modele-besoins.csv").get_data(as_text=True)
    assert editor.get("/import/templates/passwd").status_code == 400


def test_what_was_said_of_a_sender_is_forgotten_on_request(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """The next file of the form is asked about again."""
    send("janvier.csv", ODD)
    settled(editor, draft)
    tell(editor, draft, columns={"Teinte": "ignored"})
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    second = editor.post("/import/", headers=OURS).get_json()["draft"]
    data = ODD.replace("Dourou", "Kani").encode("latin-1")
    editor.post(f"/import/{second}/files?name=fevrier.csv", data=data, headers=OURS)
    settled(editor, second)
    assert "Lu comme la fois dernière, dans « janvier.csv »." in page_of(editor, second)
    editor.post(f"/import/{second}/files/001/forget", headers=OURS)
    settled(editor, second)
    assert known_senders(own.root) == []
    assert shown_of(own, second)["remembered"] == {}


def test_a_draft_of_an_older_version_is_read_again(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """What this version does not know of it is left aside."""
    send("liste.csv", LIST)
    settled(editor, draft)
    folder = ImportDraft.find_draft(own.root, draft).draft_file("001").folder
    for name, gone in (("told.json", "once"), ("state.json", "format")):
        said = json.loads((folder / name).read_bytes())
        said.pop(gone)
        (folder / name).write_text(json.dumps({**said, "of_old": 1}))
    assert ImportDraft.find_draft(own.root, draft).draft_file("001").reading_state.name == "waiting"
    assert settled(editor, draft) == ["read"]


def test_an_organisation_that_somebody_entered_is_among_the_choices(
    editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    """What was entered for one list may be chosen for the next."""
    send("liste.csv", MISSPELT)
    settled(editor, draft)
    new = json.dumps({"acronym": "YIRIWA", "name": "Association Yiriwa", "type": ""})
    tell(editor, draft, decide={"organisation": {"Oxfam": new}})
    settled(editor, draft)
    editor.post(f"/import/{draft}/publish", headers=OURS)
    told = editor.get("/import/choices/organisation", headers=OURS).get_json()["choices"]
    assert ["YIRIWA", "YIRIWA (Association Yiriwa)"] in told
