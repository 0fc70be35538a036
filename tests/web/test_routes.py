"""Geometry and files: cached by content, closed to whom they are closed."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pdfplumber
import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from atlas.app import create_app
from atlas.model import Viewer
from atlas.store import Store
from atlas.web import side_column
from atlas.web.page_routes import base_layer_url, geometry_url
from atlas.web.page_state import PageScene
from tests.export.test_receipt import ROWS, tables_of_list


def test_geometry_is_kept_for_a_year_under_its_own_name(client: FlaskClient) -> None:
    """The name carries the hash of the content; another name is never kept."""
    url = geometry_url("ml-2016", "region")
    response = client.get(url)
    names = {f["properties"]["name"] for f in json.loads(response.data)["features"]}
    assert {"Ménaka", "Taoudénit", "Bamako"} <= names
    assert "immutable" in response.headers["Cache-Control"]
    stale = client.get("/geometry/ml-2016/region.0000000000.json")
    assert stale.headers["Cache-Control"] == "no-store"


def test_geometry_asks_who_asks(client: FlaskClient, public: FlaskClient) -> None:
    """Communes are not drawn for the public, whatever the URL says."""
    url = geometry_url("ml-2012", "commune")
    assert client.get(url).status_code == 200
    refused = public.get(url)
    assert refused.status_code == 403
    assert "commune" in refused.text


@pytest.mark.parametrize("name", ["outline", "rivers"])
def test_base_layers_are_served(client: FlaskClient, name: str) -> None:
    """Outline and rivers come from the package itself."""
    assert json.loads(client.get(base_layer_url(name)).data)["features"]


def test_unknown_addresses_are_not_found(client: FlaskClient) -> None:
    """No file is guessed."""
    for url in (
        "/geometry/base/secret.0.json",
        "/geometry/ml-2016/village.0.json",
        "/download/x.exe",
    ):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["carte.geojson", "zones.xlsx", "zones.csv", "activites.xlsx", "doublons.xlsx", "acces.xlsx", "qualite.xlsx"])  # fmt: skip
def test_every_download_is_a_file(client: FlaskClient, name: str) -> None:
    """Each link of the menu gives a file of its kind, named after what it holds."""
    response = client.get(f"/download/{name}?frame=ml-2016&sector=health")
    assert response.status_code == 200, response.text
    stem, extension = name.split(".")
    assert f'filename="atlas-mali-{stem}-ml-2016-region-' in response.headers["Content-Disposition"]
    start = {"xlsx": b"PK", "geojson": b"{", "csv": b"unit_id"}[extension]
    assert response.data.startswith(start)


def test_map_file_says_its_question(client: FlaskClient) -> None:
    """The GeoJSON carries filters, date and sources as a foreign member."""
    told = json.loads(client.get("/download/carte.geojson?frame=ml-2016&sector=health").data)
    assert "health" in json.dumps(told["atlas"]) or "Santé" in json.dumps(
        told["atlas"], ensure_ascii=False
    )
    gao = next(f for f in told["features"] if f["properties"]["unit_id"] == "ml-2016/ML07")
    assert gao["properties"]["activities"] == 1


def test_zone_workbook_has_the_reserved_rows(client: FlaskClient) -> None:
    """What has no zone is in the file too."""
    book = CalamineWorkbook.from_filelike(
        BytesIO(client.get("/download/zones.xlsx?frame=ml-2016").data)
    )
    first = [row[1] for row in book.get_sheet_by_index(0).to_python()]
    assert {"Ménaka", "Non placé", "Non convertible"} <= set(first)


def test_public_download_of_access_is_refused_finer_than_the_region(public: FlaskClient) -> None:
    """Redaction happens before data leave the server."""
    assert public.get("/download/acces.xlsx?level=cercle").status_code == 403
    assert public.get("/download/activites.csv?level=commune").status_code == 403


def test_the_page_is_served_whole_from_here(client: FlaskClient) -> None:
    """The shell of the page names no other machine to fetch from, and is compressed."""
    page = client.get("/").text
    assert 'src="http' not in page
    assert "url(http" not in client.get("/assets/style.css").text
    script = client.get("/assets/page.js", headers={"Accept-Encoding": "gzip, deflate"})
    assert script.headers["Content-Encoding"] in ("gzip", "deflate")


def test_a_file_is_refused_where_the_page_only_warns(client: FlaskClient) -> None:
    """A file outlives its warning: with a filter that cannot be read there is none."""
    refused = client.get("/download/zones.csv?at=hier")
    assert refused.status_code == 404
    assert "« hier » n'est pas une date" in refused.text


def test_the_dossier_of_a_zone_is_a_file_under_the_filters_of_the_page(
    client: FlaskClient, public: FlaskClient, scene: Callable[..., PageScene]
) -> None:
    answer = client.get("/dossier/ml-2016/ML10.html?source=qip&lang=en")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert '<html lang="en">' in answer.text
    assert public.get("/dossier/ml-2012/ML050108.html").status_code == 403
    assert public.get("/dossier/ml-2016/ML10.html").status_code == 200
    assert client.get("/dossier/ml-2016/nowhere.html").status_code == 404
    assert client.get("/dossier/ml-2016/ML10.html?year=never").status_code == 404
    assert "/dossier/ml-2016/ML10.html" in str(side_column.zone_panel(scene("zone=ml-2016/ML10")))


def test_the_receipt_of_a_document_is_for_editors(
    client: FlaskClient, public: FlaskClient, scene: Callable[..., PageScene]
) -> None:
    """A page for its sender; whoever else asks is told why there is none."""
    document = scene().tables.documents["document"][0]
    answer = client.get(f"/receipt/{document}.pdf")
    assert answer.data.startswith(b"%PDF")
    assert 'filename="recu-' in answer.headers["Content-Disposition"]
    refused = public.get(f"/receipt/{document}.pdf")
    assert refused.status_code == 403
    assert "éditeurs" in refused.text
    assert client.get("/receipt/nowhere.pdf").status_code == 404


def test_the_form_for_the_next_report_is_for_editors(tmp_path: Path) -> None:
    """Linked where a document tells activities of a list, with those of the filters."""
    store = Store(tmp_path / "store")
    store.publish_tables(tables_of_list(tmp_path, ROWS[0], ROWS[1].replace("ACF", "IRC")))
    document = store.current_snapshot().tables.documents["document"][0]
    editor = create_app(store).server.test_client()
    answer = editor.get(f"/form/{document}.xlsx?organisation=irc")
    assert 'filename="3w-irc-2024-02-29.xlsx"' in answer.headers["Content-Disposition"]
    sheet = CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python()] == ["Titre", "Latrines"]
    partner = create_app(store, viewer=Viewer.PARTNER).server.test_client()
    assert partner.get(f"/form/{document}.xlsx").status_code == 403


def test_the_fiche_of_a_zone_is_a_page_under_the_question_of_the_page(
    client: FlaskClient, public: FlaskClient, scene: Callable[..., PageScene]
) -> None:
    answer = client.get("/fiche/ml-2016/ML10.pdf?source=qip&lang=en")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "fiche-ml-2016-ML10" in answer.headers["Content-Disposition"]
    with pdfplumber.open(BytesIO(answer.data)) as read:
        (page,) = read.pages
        told = page.extract_text()
    assert "Who does what, by sector" in told
    assert "Filters: source: Quick impact projects" in told
    assert public.get("/fiche/ml-2012/ML050108.pdf").status_code == 403
    assert public.get("/fiche/ml-2016/ML10.pdf").status_code == 200
    assert client.get("/fiche/ml-2016/nowhere.pdf").status_code == 404
    assert client.get("/fiche/ml-2016/ML10.pdf?year=never").status_code == 404
    assert "/fiche/ml-2016/ML10.pdf" in str(side_column.zone_panel(scene("zone=ml-2016/ML10")))


def test_a_fiche_has_the_figures_of_the_panel(
    client: FlaskClient, scene: Callable[..., PageScene]
) -> None:
    panel = str(side_column.zone_panel(scene("zone=ml-2016/ML10"))).replace("\\xa0", " ")
    with pdfplumber.open(BytesIO(client.get("/fiche/ml-2016/ML10.pdf").data)) as read:
        told = " ".join(read.pages[0].extract_text().split())
    for shown in ("165 k USD", "État : activités signalées.", "Forage de Ménaka"):
        assert shown in panel
        assert shown in told


def test_an_empty_store_says_that_there_is_nothing_to_print(tmp_path: Path) -> None:
    answer = create_app(Store(tmp_path)).server.test_client().get("/fiche/ml-2016/ML10.pdf")
    assert answer.status_code == 404
    assert "Rien n'est publié" in answer.get_data(as_text=True)
