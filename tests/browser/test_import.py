"""Importing in the page: drop, look, publish, undo."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from atlas.model import Viewer
from atlas.store import Store
from atlas.web.imports.drafts import ImportDraft
from tests.browser.conftest import _serve
from tests.web.example import tables

pytestmark = pytest.mark.browser
Open = Callable[..., Page]

LIST = """Titre;Région;Cercle;Partenaire;Budget (USD);Début;Teinte
Réhabilitation de l'école de Sévaré;Mopti;Mopti;UNICEF;45 000;01/02/2024;bleu
Forage de Gao;Gao;Gao;Oxfam;12 500,50;15/03/2024;vert
"""
NEEDS = "Région\tPersonnes dans le besoin\nMopti\t120000\nGao\t80000\n"
DROP = """files => {
  const carried = new DataTransfer();
  for (const [name, coded] of files)
    carried.items.add(new File([Uint8Array.from(atob(coded), c => c.charCodeAt(0))], name));
  document.getElementById("import").dispatchEvent(
    new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""
PASTE = """text => {
  const carried = new DataTransfer();
  carried.setData("text/plain", text);
  document.querySelector(".import-paste").dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
}"""
READING_MS = 30_000
"""A process is started to read: a busy machine takes its time."""


@pytest.fixture
def own(tmp_path: Path) -> Store:
    """The store behind `own_address`."""
    return Store(tmp_path / "own")


@pytest.fixture
def own_address(own: Store) -> Iterator[str]:
    """Address of an editor's page whose data the test may change."""
    yield from _serve(own.root, Viewer.EDITOR, is_sample=True)


def drop(page: Page, files: dict[str, bytes]) -> None:
    page.evaluate(DROP, [[name, base64.b64encode(data).decode()] for name, data in files.items()])


def begin(page: Page) -> None:
    """Open the import page: its script is loaded by then."""
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("heading", name="Importer des documents")).to_be_visible()


def test_drop_publish_and_undo(own_address: str, own: Store, opened: Open) -> None:
    """A Latin-1 list is shown, published and taken back; a broken workbook is told beside it.

    What somebody else publishes then is announced, and shown when asked for.
    """
    page = opened(own_address)
    assert page.locator('script[src*="import"], link[href*="import"]').count() == 0
    page.get_by_role("button", name="Importer", exact=True).click()
    expect(page.get_by_role("heading", name="Importer des documents")).to_be_visible()
    drop(page, {"liste.csv": LIST.encode("latin-1"), "coupé.xlsx": b"PK\x03\x04 tronque"})

    good = page.get_by_role("region", name="Fichier liste.csv")
    expect(good).to_contain_text("2 lignes lues", timeout=READING_MS)
    expect(good.get_by_label("Lire « Titre » comme")).to_have_value("title")
    expect(good.get_by_label("Lire « Teinte » comme")).to_contain_text("inconnue, à préciser")
    expect(good).to_contain_text("Réhabilitation de l'école de Sévaré")
    expect(good).to_contain_text("12 500,50 USD")
    bad = page.get_by_role("region", name="Fichier coupé.xlsx")
    expect(bad).to_contain_text("coupé.xlsx inutilisable : classeur tronqué ou endommagé.")

    good.get_by_label("Lire « Teinte » comme").select_option("ignored")
    expect(good.locator("tr.off")).to_have_count(0, timeout=READING_MS)
    expect(page.locator(".figure-activities .value")).to_have_text("7")
    page.get_by_role("button", name="Publier 1 fichier").click()
    expect(page.get_by_role("status").filter(has_text="Publié.")).to_be_visible()
    expect(page.locator(".figure-activities .value")).to_have_text("2")
    page.wait_for_selector('path.unit[aria-label^="Gao, 1 activité"]', state="attached")

    page.get_by_role("button", name="Annuler cette publication").click()
    expect(page.get_by_role("status").filter(has_text="Publication annulée")).to_be_visible()
    expect(page.locator(".figure-activities .value")).to_have_text("7")

    page.get_by_role("button", name="Fermer").click()
    own.publish_tables(tables(is_sample=False))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("button", name="Nouvel état publié").click()
    expect(page.locator(".notice")).to_contain_text("Données de")
    expect(page.get_by_role("button", name="Nouvel état publié")).to_be_hidden()


def test_what_is_missing_is_pasted(own_address: str, own: Store, opened: Open) -> None:
    """« ajouter » opens the page for needs; a pasted table waits for its date, on a phone too.

    What is pasted is named by the hour, which is no month: 20:19:02 is not February 2019.
    """
    page = opened(own_address, width=390, height=844)
    page.evaluate("Date.prototype.toTimeString = () => '20:19:02 GMT+0000'")
    page.get_by_role("button", name="Ajouter : besoins").click()
    expect(page.locator(".import-why")).to_contain_text("Sans besoins connus")
    page.evaluate(PASTE, NEEDS)
    card = page.get_by_role("region", name="Fichier presse-papiers")
    expect(card).to_contain_text("table de contexte sans date", timeout=READING_MS)
    expect(card.get_by_label("Source")).to_have_value("context:needs")
    card.get_by_label("Situation au").fill("31/01/2026")
    card.get_by_label("Situation au").press("Tab")
    expect(card).to_contain_text("contexte : 2", timeout=READING_MS)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Publier 1 fichier").click()
    expect(page.get_by_role("status").filter(has_text="Publié.")).to_be_visible()
    now = own.current_snapshot()
    assert now is not None
    assert now.tables.context.filter(kind="needs")["value"].sum() == 200_000


MISSPELT = LIST.replace("Teinte", "Secteur").replace("bleu", "Educaton").replace("vert", "Santee")


def test_questions_are_answered_with_the_keyboard(own_address: str, opened: Open) -> None:
    """Arrows go from question to question, Enter answers; the answer is taken back with a click."""
    page = opened(own_address)
    begin(page)
    drop(page, {"liste.csv": MISSPELT.encode() + b"Puits;Gao;Gao;MSF-X;1;01/01/2024;Pistess\n"})
    card = page.get_by_role("region", name="Fichier liste.csv")
    best = card.get_by_role("button", name="Lire « Educaton » comme Éducation")
    expect(best).to_be_visible(timeout=READING_MS)
    best.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("li:has(:focus)")).not_to_contain_text("Educaton")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    back = card.get_by_role("button", name="Reprendre la décision sur « Educaton »")
    expect(back).to_be_visible(timeout=READING_MS)
    back.click()
    expect(best).to_be_visible(timeout=READING_MS)


def test_a_finding_leads_to_its_row(own_address: str, opened: Open) -> None:
    """A click on a row of a finding shows its cells, the one that is meant brought out."""
    page = opened(own_address)
    begin(page)
    drop(page, {"liste.csv": LIST.replace("45 000", "beaucoup").encode()})
    card = page.get_by_role("region", name="Fichier liste.csv")
    expect(card).to_contain_text("Montant illisible", timeout=READING_MS)
    card.locator(".finding summary").first.click()
    card.get_by_role("button", name="Voir la ligne 2 telle qu'elle est").first.click()
    expect(card.locator("tr.here td.meant", has_text="beaucoup")).to_be_visible()
    expect(card.locator("tr.here td.meant", has_text="beaucoup")).to_be_in_viewport()


def test_another_window_and_a_lost_connection_keep_the_import(
    own_address: str, opened: Open
) -> None:
    """A second window takes the import up; while the server is away the page says so and goes on."""
    page = opened(own_address)
    begin(page)
    drop(page, {"liste.csv": LIST.encode()})
    card = page.get_by_role("region", name="Fichier liste.csv")
    expect(card).to_contain_text("2 lignes lues", timeout=READING_MS)
    other = opened(own_address)
    begin(other)
    other.get_by_role("button", name="Reprendre l'import de liste.csv").click()
    theirs = other.get_by_role("region", name="Fichier liste.csv")
    expect(theirs).to_contain_text("2 lignes lues")

    page.route("**/import/**", lambda route: route.abort())
    card.get_by_label("Lire « Teinte » comme").select_option("ignored")
    expect(page.get_by_text("Connexion interrompue")).to_be_visible()
    page.unroute("**/import/**")
    expect(page.get_by_text("Connexion interrompue")).to_be_hidden(timeout=READING_MS)
    expect(card.locator("tr.off")).to_have_count(0, timeout=READING_MS)
    expect(theirs.locator("tr.off")).to_have_count(0, timeout=READING_MS)


def test_of_two_windows_the_second_answer_to_one_question_is_told(
    own_address: str, own: Store, opened: Open
) -> None:
    """Both look at one draft; what the second said is named, and what stands is shown."""
    first, second = opened(own_address), opened(own_address)
    begin(first)
    drop(first, {"liste.csv": LIST.encode("latin-1")})
    expect(first.get_by_label("Lire « Teinte » comme")).to_be_visible(timeout=READING_MS)
    begin(second)
    second.get_by_role("button", name="Reprendre", exact=False).first.click()
    choice = second.get_by_label("Lire « Teinte » comme")
    expect(choice).to_be_visible(timeout=READING_MS)
    second.route("**/import/page*", lambda route: None)  # it shows what it showed
    first.get_by_label("Lire « Teinte » comme").select_option("ignored")
    expect(first.locator("tr.off")).to_have_count(0, timeout=READING_MS)
    second.unroute("**/import/page*")
    choice.select_option("title")
    told = second.get_by_role("alert").filter(has_text="Réponse non enregistrée")
    expect(told).to_contain_text("« title »", timeout=READING_MS)
    expect(told).to_contain_text("« ignored »")
    expect(second.locator("tr.off")).to_have_count(0, timeout=READING_MS)  # the first counts
    (item,) = ImportDraft.all_drafts(own.root)[0].draft_files()
    assert item.file_answers.columns == {"Teinte": "ignored"}
