"""Who has not reported, in the words that a chairperson reads out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from atlas import summaries
from atlas.app import create_app
from atlas.dataset import Dataset
from atlas.filters import Filters
from atlas.model import Viewer
from atlas.store import Store
from atlas.store.rounds import ReportRounds
from atlas.web import map_view, page_notices, reporting_tab, side_column
from atlas.web.page_state import DatasetProvider, PageScene, PageView
from tests.layers.made import activity, dataset_of, dataset_of_documents, document, fact
from tests.test_rounds import scope_of_two
from tests.web.importing import OURS
from tests.web.test_views import text

GAO, KIDAL = "ml-2016/ML07", "ml-2016/ML08"
DAY = date(2024, 6, 15)


def test_the_late_are_named_with_their_days_and_zones_the_longest_first() -> None:
    """One sentence a period; who reported is not in it."""
    said = {"as_of": date(2024, 1, 1), "frequency": "monthly"}
    context = (
        fact("reporting", GAO, organisation="unicef", due_days=10, **said),
        fact("reporting", KIDAL, organisation="unicef", due_days=10, **said),
        fact("reporting", GAO, organisation="pam", due_days=14, **said),
        fact("reporting", GAO, organisation="fao", due_days=10, **said),
    )
    told = activity(unit=GAO, lead_org="fao", as_of=date(2024, 5, 20))
    dataset = dataset_of(told, context=context, as_of=DAY)
    table = dataset.ask("reporting", Filters(at=DAY), "ml-2016").table
    assert reporting_tab.late_sentences(table) == [
        "N'ont pas rendu compte de la période close le 31 mai 2024 : "
        "UNICEF (5 jours de retard, 2 zones), PAM (1 jour de retard, 1 zone)."
    ]


def test_a_report_on_a_region_keeps_its_name_where_the_page_shows_cercles() -> None:
    """Two régions are two zones, not one row of what lies above."""
    said = {"as_of": date(2024, 1, 1), "frequency": "monthly", "due_days": 10}
    context = [fact("reporting", unit, organisation="unicef", **said) for unit in (GAO, KIDAL)]
    dataset = dataset_of(context=tuple(context), as_of=DAY)
    table = dataset.ask("reporting", Filters(at=DAY), "ml-2016", "cercle").table
    assert table["place_id"].to_list() == [GAO, KIDAL]
    assert reporting_tab.late_sentences(table) == [
        "N'ont pas rendu compte de la période close le 31 mai 2024 : "
        "UNICEF (5 jours de retard, 2 zones)."
    ]


def test_without_a_scope_the_tab_says_which_table_to_add(scene: Callable[..., PageScene]) -> None:
    """Silence means nothing until it is known who is to report."""
    words = text(reporting_tab.reporting_content(scene("tab=reporting&frame=ml-2016")))
    assert "atlas context add reporting" in words


def test_counts_without_items_stand_beside_what_is_told_one_by_one(
    scene: Callable[..., PageScene],
) -> None:
    """Kidal: 47 QIP are published, none of them is told one by one."""
    words = text(reporting_tab.reporting_content(scene("frame=ml-2016")))
    assert "Publié, non détaillé" in words
    assert "Kidal Projets à impact rapide (QIP)" in words


def test_what_is_detailed_of_a_region_is_unknown_in_the_row_above_the_cercles() -> None:
    """47 are published for Kidal; the two told one by one there and in Gao are not of them both."""
    told = (
        activity(unit=KIDAL, kind="aggregate", items=47),
        activity(unit=KIDAL),
        activity(unit=GAO),
    )
    dataset = dataset_of(*told)
    shown = summaries.published_and_detailed(dataset, Filters(), "ml-2016", "cercle")
    assert shown.select("unit_id", "published", "read").rows() == [("_coarser", 47, None)]
    shown = summaries.published_and_detailed(dataset, Filters(), "ml-2016", "region")
    assert shown.select("unit_id", "published", "read").rows() == [(KIDAL, 47, 1)]


def test_the_public_is_not_told_who_owes_a_report(scene: Callable[..., PageScene]) -> None:
    """The question is for partners and editors."""
    assert "Qui a rapporté ?" in text(side_column.question_buttons(scene()))
    public = scene("?tab=reporting", viewer=Viewer.PUBLIC)
    assert "Qui a rapporté ?" not in text(side_column.question_buttons(public))
    assert "Rapports" not in text(side_column.side_content(public)[0])


SAID = {"as_of": date(2024, 1, 1), "frequency": "monthly", "due_days": 10, "sector": "health"}
SCOPES = tuple(fact("reporting", GAO, organisation=who, **SAID) for who in ("acf", "irc", "unicef"))


def _scene(dataset: Dataset, query: str = "", viewer: Viewer = Viewer.EDITOR) -> PageScene:
    return PageScene(dataset, PageView.from_query(query), viewer)


def test_the_tab_counts_who_reported_of_those_who_should_by_zone_and_sector() -> None:
    """ACF alone reported for May, of something else."""
    well = activity(unit=KIDAL, lead_org="acf", sector="wash", source="ngo")
    dataset = dataset_of_documents(
        document("declaration", date(2024, 1, 1), context=SCOPES),
        document("acf", date(2024, 5, 20), well),
    )
    query = "frame=ml-2016&tab=reporting&reporting.day=2024-06-15"
    words = text(reporting_tab.reporting_content(_scene(dataset, query)))
    assert "Gao Santé 1 sur 3" in words
    assert "jugées au 15 juin 2024, date choisie" in words
    assert "Revenir au 20 mai 2024" in words


def test_the_map_and_the_panel_say_one_of_three_and_never_nothing() -> None:
    """A tooltip of Gao in health, where two of three are silent."""
    clinic = activity(unit=KIDAL, lead_org="acf", sector="health", source="ngo")
    dataset = dataset_of_documents(
        document("declaration", date(2024, 1, 1), context=SCOPES),
        document("acf", date(2024, 5, 20), clinic),
    )
    asked = _scene(dataset, f"frame=ml-2016&indicator=coverage&at=2024-06-15&zone={GAO}")
    units = map_view.painting_props(map_view.map_painting(asked), asked)["units"]
    said = "Santé : 1 sur 3 a envoyé un rapport"
    assert units[GAO][1].split("\n") == ["Rapport manquant : on ne sait pas", said]
    assert said in text(side_column.zone_panel(asked))


def test_each_partner_has_its_score_its_rows_and_its_parts_without_any_scope() -> None:
    """ACF's well lacks its people; IRC has five, all of them sound: fewer than five come last."""
    sound = {"unit": "ml-2016/ML050609", "source": "ngo", "sector": "wash", "usd": 1, "target": 9.0}
    sound |= {"start": DAY, "end": DAY}
    dataset = dataset_of(
        activity(**sound | {"target": None}, lead_org="acf"),
        *5 * [activity(**sound, lead_org="irc")],
    )
    words = text(reporting_tab.reporting_content(_scene(dataset, "tab=reporting")))
    assert "IRC 100\u00a0% 5 activités 5 parties sur 7" in words
    assert "ACF 80\u00a0% 1 activité 5 parties sur 7 Avec personnes\u00a0: 0\u00a0%," in words
    assert words.index("IRC 100") < words.index("ACF 80")
    assert "Non jugé : rapports à l'heure, cohérence avec le document d'avant" in words


def test_a_declaration_is_made_and_taken_back_by_the_editor_alone(tmp_path: Path) -> None:
    """ACF says that it did nothing in May: it is not late any more, until that is undone."""
    store = Store(tmp_path / "store")
    well = activity(unit=KIDAL, lead_org="pam", sector="wash", source="ngo")
    store.add_documents([document("liste", date(2024, 6, 15), well, context=SCOPES)])
    words = {"reporter": "acf", "sector": "health", "unit_id": "", "who": "Awa"}
    days = {"first": "01/05/2024", "last": "31/05/2024", "said_on": "05/06/2024"}
    client = create_app(store).server.test_client()

    def state() -> str:
        now = store.current_snapshot()
        assert now is not None
        table = Dataset(now).ask("reporting", options={"day": "2024-06-15"}).table
        return str(table.filter(reporter="acf")["state"][0])

    assert state() == "missing"
    lacking = client.post("/reporting/nothing", json=words | days | {"who": ""}, headers=OURS)
    assert (lacking.status_code, "sans auteur" in lacking.json["error"]) == (400, True)
    public = create_app(store, viewer=Viewer.PARTNER).server.test_client()
    assert public.post("/reporting/nothing", json=words | days, headers=OURS).status_code == 403
    made = client.post("/reporting/nothing", json=words | days, headers=OURS)
    assert (made.status_code, state()) == (200, "on_time")
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query("tab=reporting") as asked:
        told = text(reporting_tab.reporting_content(asked))
    assert "Action contre la Faim" in told or "ACF" in told
    assert "01/05/2024 – 31/05/2024 05/06/2024 Awa Annuler" in told
    now = store.current_snapshot()
    assert now is not None
    entry = now.tables.documents.filter(reader="entry")["document"][0]
    undone = client.post("/reporting/undo", json={"document": entry}, headers=OURS)
    assert (undone.status_code, state()) == (200, "missing")


def test_a_partner_reads_no_form_and_no_name_of_who_declared() -> None:
    """The form and the list of declarations are the editor's."""
    declared = fact("nothing_to_report", GAO, organisation="acf", as_of=date(2024, 6, 1))
    dataset = dataset_of(context=(*SCOPES, declared), as_of=DAY)
    words = text(reporting_tab.reporting_content(_scene(dataset, "tab=reporting", Viewer.PARTNER)))
    assert "Noter que" not in words
    assert "Déclarations" not in words


def test_a_round_is_opened_and_closed_from_the_page(tmp_path: Path) -> None:
    """The editor's alone; each answer names the state that is published."""
    store = Store(tmp_path)
    store.publish_tables(scope_of_two("unicef"))
    client = create_app(store).server.test_client()
    days = {"first": "01/01/2024", "last": "31/01/2024", "due": "15/02/2024"}
    opened = client.post("/reporting/rounds/open", json=days, headers=OURS)
    assert opened.json["published"] == store.current_snapshot().hash
    said = {"period": "2024-01-01/2024-01-31"}
    client.post("/reporting/rounds/close", json=said, headers=OURS)
    assert [one.closed.received for one in ReportRounds(tmp_path).rounds()] == [1]
    again = client.post("/reporting/rounds/close", json=said, headers=OURS)
    assert "est clos" in again.json["error"]
    partner = create_app(store, viewer=Viewer.PARTNER).server.test_client()
    assert partner.post("/reporting/rounds/open", json=days, headers=OURS).status_code == 403


def test_the_tab_tells_the_editor_of_rounds_and_what_may_be_done(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.publish_tables(scope_of_two("unicef"))
    rounds = ReportRounds(tmp_path)
    rounds.open_round(date(2024, 1, 1), date(2024, 1, 31), date(2024, 2, 15), who="Awa")
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query("tab=reporting") as scene:
        words = text(reporting_tab.reporting_content(scene))
    assert "janvier 2024" in words
    assert "1 rapport reçu sur 2" in words
    assert "Clore" in words
    with DatasetProvider(store, Viewer.PARTNER).scene_of_query("tab=reporting") as scene:
        assert "Clore" not in text(reporting_tab.reporting_content(scene))


def test_a_state_of_before_is_shown_to_editors_with_the_way_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    before = store.publish_tables(scope_of_two("unicef")).hash
    store.publish_tables(scope_of_two("unicef", "fao"))
    query = f"state={before[:12]}"
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query(query) as scene:
        assert scene.tables.activities.height == 1
        assert "Revenir à l'état d'aujourd'hui" in text(page_notices.state_notice(scene))
    with DatasetProvider(store, Viewer.PARTNER).scene_of_query(query) as scene:
        assert scene.tables.activities.height == 2
        assert "seuls les éditeurs" in scene.problem.error_sentence()
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query("state=abcdef123456") as scene:
        assert scene.tables.activities.height == 2
        assert scene.problem is not None
