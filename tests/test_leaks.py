"""No word, place or day of what is reserved reaches the public or a partner, by any way out."""

from __future__ import annotations

import html
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from babel.dates import format_date
from flask.testing import FlaskClient

import atlas
from atlas import fields, sensitivity, summaries
from atlas.app import create_app
from atlas.dataset import Answer, Dataset, UnpublishedSnapshot
from atlas.errors import ForbiddenError
from atlas.export import FORMATS, encoded_answer
from atlas.export.activity_rows import exchange_answer
from atlas.export.dossier import dossier_content
from atlas.export.fiche import FicheQuestion, fiche_content
from atlas.fields import field_of
from atlas.filters import Filters
from atlas.i18n import language_context
from atlas.layers import LAYERS
from atlas.model import SCHEMAS, Kind, Level, Tables, Viewer, check, frame_of
from atlas.store import Store
from atlas.web.api.api_tables import API_TABLES
from atlas.web.downloads import DOWNLOAD_FILES
from atlas.web.figure_activities import FIGURE_KINDS, KEY_SEPARATOR
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.page_elements import TabName
from atlas.web.page_state import DatasetProvider
from atlas.web.profile_sheet import sheet_content
from tests.layers.made import activity, dataset_of, fact, tables_of

CANARY = "Kanari"
DAYS = (date(2024, 8, 12), date(2024, 9, 14), date(2024, 9, 17))
"""First day of the distribution under way; first and last of the one to come."""
WRITTEN = (
    CANARY,
    *(day.isoformat() for day in DAYS),
    *(f"{day:%d/%m/%Y}" for day in DAYS),
    *(format_date(day, "d MMMM y", lang) for day in DAYS for lang in ("fr", "en")),
)
AS_OF = date(2024, 8, 31)
DOUROU, MOPTI = "ml-2012/ML050108", "ml-2012/ML05"
OUTSIDE = (Viewer.PUBLIC, Viewer.PARTNER)
EVERY_KIND = Filters(kind=tuple(Kind))

KEPT_BACK: dict[str, dict[str, Any]] = {
    "protection": {"sector": "protection", "sensitivity": "protection", "status": "ongoing"},
    "coming": {"sensitivity": "coming_distribution", "status": "planned", "sector": "food-security"}
    | {"start": DAYS[1], "end": DAYS[2]},
    "running": {"description": "coupons alimentaires", "sensitivity": "open", "status": "ongoing"}
    | {"start": DAYS[0], "end": DAYS[2]},
    "unmarked": {"description": "vivres", "status": "planned", "start": DAYS[1], "end": DAYS[2]},
    "said": {"sector": "protection-gbv", "kind": "presence", "status": "unknown"},
    "several": {"sector": "multi-sector", "sector_raw": "Protection / EHA", "status": "ongoing"},
    "sum": {"sector": "protection", "kind": "aggregate", "items": 7, "status": "unknown"},
    "plan": {"sector": "protection", "kind": "plan", "status": "planned"},
}
OPEN = {"title": "Forage public", "sector": "wash", "sensitivity": "open", "status": "completed"}


def planted(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row with a canary in every column of free text, after the words it has."""
    for name, dtype in SCHEMAS[table].items():
        field = field_of(table, name)
        if field is not None and field.words:
            word = f"{CANARY} {table} {name} ; " + str(row.get(name, ""))
            row = row | {name: [word] if isinstance(dtype, pl.List) else word}
    return row


def activities() -> Iterator[dict[str, Any]]:
    base = {"kind": "activity", "source": "ngo", "document": "hidden", "as_of": AS_OF}
    base |= {"lead_org": "unhcr", "implementers": ["unhcr"], "org_type": "un"}
    for n, (key, told) in enumerate(KEPT_BACK.items()):
        yield planted("activities", base | told | {"activity_id": f"a-{key}", "locator": f"L{n}"})
    open_to_all = base | OPEN | {"document": "shown", "locator": "L1", "start": date(2024, 1, 1)}
    yield open_to_all | {"activity_id": "b-open", "end": date(2024, 6, 30)}


def context() -> Iterator[dict[str, Any]]:
    told = {"document": "hidden", "as_of": AS_OF}
    point = "POINT (-3.4 14.4)"
    facts: tuple[dict[str, Any], ...] = (
        {"kind": "access", "unit_id": DOUROU, "value": 3.0, "scale": "ACAPS"}
        | {"direction": "higher_is_worse"},
        {"kind": "access", "geometry": point, "value": 4.0},
        {"kind": "security", "unit_id": DOUROU},
        {"kind": "priorities", "unit_id": DOUROU, "sector": "protection"},
        {"kind": "priorities", "unit_id": MOPTI, "text": "distribution de vivres"},
        {"kind": "priorities", "unit_id": MOPTI, "text": "survivantes de VBG"},
        {"kind": "priorities", "unit_id": MOPTI, "sector": "protection", "value": 12.0},
    )
    for one in facts:
        yield planted("context", told | one)
    yield told | {"kind": "needs", "unit_id": MOPTI, "sector": "wash", "value": 100.0}
    yield told | {"kind": "reporting", "unit_id": MOPTI, "organisation": "unhcr"} | {
        "frequency": "monthly", "due_days": 10, "start": date(2024, 1, 1)
    }  # fmt: skip


def earlier_reports() -> Iterator[dict[str, Any]]:
    told = {"document": "shown", "as_of": date(2024, 1, 1), "reporter": "unhcr", "flagged": False}
    told |= {"status": "ongoing", "reached": 9e9, "start": DAYS[0], "end": DAYS[2]}
    for key in ("protection", "coming"):
        yield planted("earlier_reports", told | {"activity_id": f"a-{key}"})


def hidden(*, fewer: bool = False) -> Tables:
    """A snapshot of what is reserved, with a canary in every column of free text, and a forage."""
    entries = list(activities())
    own = {"document": "hidden", "severity": "info", "code": "place_unknown"}
    rows = [{k: e[k] for k in ("document", "locator", "activity_id")} for e in entries]
    params = json.dumps({"raw": CANARY, "near": CANARY})
    said = [planted("findings", own | {"locator": loc}) for loc in (None, "L0", "rejected")]
    found = Tables.of(
        documents=[
            planted("documents", _document("hidden") | {"rows_read": len(rows)}),
            _document("shown") | {"rows_read": 1, "file": "forages.csv"},
        ],
        activities=entries,
        amounts=[
            {"activity_id": e["activity_id"], "kind": "budget", "minor": 100_00 + n}
            | {"currency": "USD", "usd_minor": 100_00 + n}
            | {"period_start": e.get("start"), "period_end": e.get("end")}
            for n, e in enumerate(entries)
        ],
        figures=[
            planted("figures", {"activity_id": e["activity_id"], "measure": "reached", "indicator": "kits"})
            | {"sex": "f", "is_part": False, "value": 5.0}
            | {"period_start": e.get("start"), "period_end": e.get("end")}
            for e in entries
        ],
        placements=[
            planted("placements", {"activity_id": e["activity_id"], "unit_id": DOUROU})
            | {"weight": 1, "rule": "reported", "lon": -3.4, "lat": 14.4}
            for e in entries
        ],
        rows=[r | {"outcome": "activity"} for r in rows]
        + [{"document": "hidden", "locator": f"{CANARY} 3", "outcome": "rejected"}],
        findings=[one | {"params": params} for one in said],
        control_totals=[
            planted("control_totals", {"document": "hidden", "unit_id": DOUROU})
            | {"published": 3.0, "read": 2.0}
        ],
        context=list(context()),
        organisations=[
            planted("organisations", {"document": "hidden", "organisation": "unhcr", "type": "un"})
        ],
        verdicts=[
            {"activity_a": "a-coming", "activity_b": "a-running", "verdict": "different"},
            {"activity_a": "a-plan", "activity_b": "a-protection", "verdict": "same"}
            | {"lead": "a-protection"},
        ],
        earlier_reports=list(earlier_reports()),
    )  # fmt: skip
    return found.without(["shown"]) if fewer else found


def _document(name: str) -> dict[str, Any]:
    told = {"document": name, "reader": "ngo", "as_of": AS_OF, "frame": "ml-2012"}
    own = {"period_start": DAYS[0], "period_end": DAYS[2]} if name == "hidden" else {}
    return told | own | {"is_sample": False}


@pytest.fixture(scope="module")
def found() -> Tables:
    made = hidden()
    made = _with_counts(made)
    check(made)
    return made


def _with_counts(made: Tables) -> Tables:
    counts = made.rows.group_by("document").len("n")
    documents = made.documents.join(counts, on="document", how="left", maintain_order="left")
    read = pl.col("n").cast(pl.Int64)
    return replace(made, documents=documents.with_columns(rows_read=read).drop("n"))


def levels(viewer: Viewer, layer: str = "presence") -> list[Level]:
    finest = sensitivity.finest_level(viewer, layer)
    return list(Level)[: list(Level).index(finest) + 1]


def leaked(told: object) -> list[str]:
    """What of the canaries stands in what is told; days as JSON writes them."""
    text = told if isinstance(told, str) else json.dumps(told, default=str, ensure_ascii=False)
    return [word for word in WRITTEN if word in text]


def text_of(content: bytes, fmt: str) -> str:
    """All that a file says, out of its compression."""
    if fmt == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            text = "".join(book.read(name).decode("utf-8") for name in book.namelist())
        for day in DAYS:  # a workbook counts days
            text = text.replace(f"<v>{(day - date(1899, 12, 30)).days}</v>", day.isoformat())
        return text
    if fmt == "geoparquet":
        table = pl.read_parquet(io.BytesIO(content)).drop("geometry")
        rows = json.dumps(table.to_dicts(), default=str, ensure_ascii=False)
        return rows + str(pl.read_parquet_metadata(io.BytesIO(content)))
    return content.decode("utf-8", errors="replace")


def answers(data: Dataset, viewer: Viewer) -> Iterator[tuple[str, Answer]]:
    """Every answer of the door: layers, the grid, the lists behind figures, the exchange."""
    options: dict[str, list[dict[str, str]]] = {
        "budget": [{}, {"by": "donor"}, {"by": "year"}, {"by": "org"}, {"rule": "population"}],
        "duplicates": [{"show": "all"}],
        "change": [{}, {"from": "2024-01-01", "to": "2024-12-31"}],
        "reporting": [{"periods": "12"}],
    }
    for layer in LAYERS:
        for level, said in itertools.product(levels(viewer, layer), options.get(layer, [{}])):
            asked = EVERY_KIND, "ml-2012", level, viewer, said
            yield f"{layer} {level} {said}", data.ask(layer, *asked)
    for level in levels(viewer):
        yield f"activities {level}", data.activity_grid(EVERY_KIND, "ml-2012", level, viewer)
        yield f"exchange {level}", exchange_answer(data, EVERY_KIND, "ml-2012", level, viewer)
        for layer in LAYERS:
            try:
                told = data.activities_behind(
                    filters=EVERY_KIND, frame="ml-2012", level=level, viewer=viewer, layer=layer
                )
            except ForbiddenError:
                continue
            yield f"behind {layer} {level}", told


def doors(data: Dataset, viewer: Viewer) -> Iterator[tuple[str, object]]:
    """What the door tells beside answers."""
    for name, table in data.tables_for_viewer(viewer).items():
        yield f"table {name}", table.to_dicts()
    yield "documents", data.documents_read(viewer).to_dicts()
    yield "findings", data.findings_with_files(viewer).to_dicts()
    yield "control totals", data.control_totals(viewer).to_dicts()
    yield "published", data.published_figures(viewer=viewer).to_dicts()
    yield "facets", data.facet_counts(EVERY_KIND, viewer)
    yield "panel", repr(summaries.zone_panel(data, MOPTI, EVERY_KIND, viewer))
    yield "detailed", summaries.published_and_detailed(data, viewer=viewer).to_dicts()
    ids = data.tables.activities["activity_id"].to_list()
    yield "told", summaries.activities_by_id(data, ids, viewer=viewer).to_dicts()


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_no_answer_in_no_format_tells_a_word_or_a_day_of_what_is_reserved(
    found: Tables, viewer: Viewer, record_property: Callable[[str, object], None]
) -> None:
    data = Dataset.from_tables(found)
    cells, wrong = 0, []
    for name, answer in answers(data, viewer):
        drawn = {"unit_id", "lon"} & set(answer.table.columns)
        closed = () if drawn else ("geojson", "gpkg", "geoparquet")
        closed += () if name.startswith("exchange") else ("iati",)
        every = [fmt for fmt in FORMATS if fmt not in closed]
        for fmt in every if answer.level == "region" else ("csv", "json"):
            cells += answer.table.width
            wrong += [(name, fmt, w) for w in leaked(text_of(encoded_answer(answer, fmt), fmt))]
        wrong += [(name, "meta", w) for w in leaked(answer.meta)]
    for name, told in doors(data, viewer):
        wrong += [(name, "", w) for w in leaked(told)]
    record_property("columns × exports", cells)
    assert not wrong
    assert cells > 3000


def test_what_is_told_beside_answers_tells_an_editor_the_days(found: Tables) -> None:
    said = doors(Dataset.from_tables(found), Viewer.EDITOR)
    days = {day.isoformat() for day in DAYS}
    assert {"table activities", "table amounts", "documents", "told"} <= {
        name for name, told in said if days & set(leaked(told))
    }


def test_every_column_of_free_text_holds_a_canary_that_an_editor_reads(found: Tables) -> None:
    told = dict(Dataset.from_tables(found).tables_for_viewer(Viewer.EDITOR).items())
    for table, schema in SCHEMAS.items():
        for name in schema:
            field = field_of(table, name)
            if field is not None and field.words:
                assert CANARY in str(told[table][name].to_list()), (table, name)


def test_what_an_earlier_state_told_openly_is_not_told_once_it_is_reserved(
    found: Tables,
) -> None:
    before = found.activities.with_columns(
        pl.col("end") + pl.duration(days=30),
        sector=pl.lit("wash"),
        sensitivity=pl.lit("open"),
        description=pl.lit(None, pl.String),
    )
    earlier = UnpublishedSnapshot(
        "before", replace(found, activities=before, verdicts=found.verdicts.clear())
    )
    data = Dataset(UnpublishedSnapshot("now", found), earlier=lambda _word: earlier)
    whole = data.ask("change", EVERY_KIND, "ml-2012", "region", Viewer.EDITOR).table
    assert {CANARY, DAYS[2].isoformat()} <= set(leaked(whole.to_dicts()))
    for viewer in OUTSIDE:
        for level in levels(viewer):
            asked = EVERY_KIND, "ml-2012", level, viewer
            assert not leaked(data.ask("change", *asked).table.to_dicts())


# the page


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    held = Store(tmp_path_factory.mktemp("leaks"))
    held.publish_tables(_with_counts(hidden(fewer=True)), f"{CANARY}.csv")
    held.publish_tables(_with_counts(hidden()), f"{CANARY}.csv")
    return held


def questions() -> Iterator[str]:
    for tab in TabName:
        yield f"?tab={tab}&plans=1&frame=ml-2012"
    for tab in (TabName.ACTIVITIES, TabName.DUPLICATES, TabName.QUALITY):
        yield f"?tab={tab}&lang=en&plans=1&frame=ml-2012&level=cercle"
    for indicator in MAP_INDICATORS:
        yield f"?indicator={indicator}&plans=1&frame=ml-2012&level=cercle"
    yield "?tab=change&change.from=2024-01-01&change.to=2024-12-31"


def opened() -> Iterator[str]:
    for figure in FIGURE_KINDS:
        yield f"?why={figure}&plans=1&frame=ml-2012"
    yield f"?why=activities{KEY_SEPARATOR}{MOPTI}&plans=1&frame=ml-2012"
    yield f"?zone={MOPTI}&plans=1&frame=ml-2012"


def callbacks(client: FlaskClient) -> list[dict[str, Any]]:
    return [
        one
        for one in client.get("/_dash-dependencies").get_json()
        if not one["clientside_function"]
    ]


def called(client: FlaskClient, callback: dict[str, Any], query: str) -> str:
    """What a callback of the page sends to the browser for a query."""
    targets = re.findall(r"([\w-]+)\.([\w-]+)", callback["output"])
    outputs: Any = [{"id": ident, "property": prop} for ident, prop in targets]
    body = {
        "output": callback["output"],
        "outputs": outputs if callback["output"].startswith("..") else outputs[0],
        "inputs": [one | {"value": query} for one in callback["inputs"]],
        "changedPropIds": [f"{one['id']}.{one['property']}" for one in callback["inputs"]],
        "state": [one | {"value": None} for one in callback["state"]],
    }
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code in (200, 204), answer.get_data(as_text=True)[:500]
    told = html.unescape(json.dumps(answer.get_json(silent=True), ensure_ascii=False))
    assert "journal du serveur" not in told  # what it was about to send is not known
    assert "server log" not in told
    return told


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_no_callback_sends_a_word_or_a_day_of_what_is_reserved(
    store: Store, viewer: Viewer
) -> None:
    client = create_app(store, viewer=viewer).server.test_client()
    asked = callbacks(client)
    assert len(asked) >= 5
    panel = [callback for callback in asked if "panel" in callback["output"]]
    every = itertools.product(questions(), asked)
    for query, callback in (*every, *itertools.product(opened(), panel)):
        told = called(client, callback, query)
        assert not leaked(told), (query, callback["output"], _around(told))


def _around(told: str) -> list[str]:
    return [
        told[max(0, m.start() - 80) : m.end() + 40] for m in re.finditer("|".join(WRITTEN), told)
    ]


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_no_file_of_the_page_tells_a_word_or_a_day_of_what_is_reserved(
    store: Store, viewer: Viewer
) -> None:
    client = create_app(store, viewer=viewer).server.test_client()
    for name, fmt in ((f.name, fmt) for f in DOWNLOAD_FILES.values() for fmt in f.formats):
        whys = FIGURE_KINDS if name == "pourquoi" else ("",)
        for why in whys:
            answer = client.get(f"/download/{name}.{fmt}?why={why}&plans=1&frame=ml-2012")
            assert answer.status_code == 200 or (answer.status_code, name) == (403, "pourquoi")
            told = text_of(answer.data, fmt if answer.status_code == 200 else "csv")
            assert not leaked(told + str(answer.headers)), (name, fmt, why)
    page = client.get("/geometry/facts/x.json?tab=access&frame=ml-2012&level=cercle")
    assert not leaked(page.get_data(as_text=True))


def api_questions(viewer: Viewer) -> Iterator[str]:
    """Every table under /api/, of every kind; what is no layer as finely as the viewer may ask."""
    kinds = "&".join(f"kind={kind}" for kind in Kind)
    for path, table in API_TABLES.items():
        is_layer = path.startswith("layers/")
        words = ["frame=ml-2012"] if "frame" in table.place_words else []
        if "level" in table.place_words and not is_layer:
            words.append(f"level={levels(viewer)[-1]}")
        query = "&".join([*words, kinds] if table.takes_filters else words)
        formats = table.formats[:1] if is_layer else table.formats
        yield from (f"/api/{path}?{query}&format={fmt}" for fmt in formats)


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_the_api_tells_no_word_and_no_day_of_what_is_reserved(store: Store, viewer: Viewer) -> None:
    client = create_app(store, viewer=viewer).server.test_client()
    for url in ("/api/", "/api/openapi.json", *api_questions(viewer)):
        answer = client.get(url)
        assert answer.status_code == 200, (url, answer.text)
        told = answer.text + json.dumps(answer.get_json(silent=True), ensure_ascii=False)
        assert not leaked(told + str(answer.headers)), url


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_no_fiche_tells_a_word_or_a_day_of_what_is_reserved(store: Store, viewer: Viewer) -> None:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    data = Dataset(snapshot, earlier=store.comparison_snapshot)
    for unit in (MOPTI, "ml-2012/ML0501", DOUROU):
        if viewer is Viewer.PUBLIC and unit == DOUROU:
            continue
        told = fiche_content(FicheQuestion(data, EVERY_KIND, viewer), unit)
        assert not leaked(json.dumps(told, ensure_ascii=False)), unit
    everything = fiche_content(FicheQuestion(data, EVERY_KIND), DOUROU)
    assert CANARY in json.dumps(everything, ensure_ascii=False)


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_no_sheet_and_no_page_of_maps_tells_what_is_reserved(store: Store, viewer: Viewer) -> None:
    client = create_app(store, viewer=viewer).server.test_client()
    kinds = "&".join(f"kind={kind}" for kind in Kind)
    for path in ("/maps/sectors", "/maps/months", "/maps/compare"):
        answer = client.get(f"{path}?frame=ml-2012&{kinds}&with.indicator=budget")
        assert answer.status_code == 200, path
        assert not leaked(answer.text), path
    desk = DatasetProvider(store, viewer)
    for sector in ("protection", "food-security", "wash"):
        with desk.scene_of_query(f"frame=ml-2012&sector={sector}&{kinds}") as scene:
            assert not leaked(sheet_content(scene)), sector
    with DatasetProvider(store, Viewer.EDITOR).scene_of_query(
        f"frame=ml-2012&sector=protection&{kinds}"
    ) as all_:
        assert leaked(sheet_content(all_))


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_no_dossier_tells_a_word_or_a_day_of_what_is_reserved(store: Store, viewer: Viewer) -> None:
    snapshot = store.current_snapshot()
    assert snapshot is not None
    data = Dataset(snapshot, earlier=store.comparison_snapshot)
    for unit in (MOPTI, "ml-2012/ML0501"):
        told = dossier_content(data, unit, None, EVERY_KIND, viewer)
        assert not leaked(json.dumps(told, ensure_ascii=False)), unit
    everything = dossier_content(data, MOPTI, None, EVERY_KIND)
    assert CANARY in json.dumps(everything, ensure_ascii=False)


def test_the_files_tell_an_editor_the_words(store: Store) -> None:
    client = create_app(store).server.test_client()
    files = [
        (f.name, fmt) for f in DOWNLOAD_FILES.values() if f.name != "pourquoi" for fmt in f.formats
    ]
    told = {
        (name, fmt)
        for name, fmt in files
        if CANARY in text_of(client.get(f"/download/{name}.{fmt}?plans=1&frame=ml-2012").data, fmt)
    }
    assert {("activites", "csv"), ("activites", "xlsx"), ("priorites", "csv")} <= told
    page = client.get("/geometry/facts/x.json?tab=access&frame=ml-2012&level=cercle")
    assert CANARY in page.text
    asked = [url for url in api_questions(Viewer.EDITOR) if CANARY in client.get(url).text]
    assert {"/api/activities", "/api/activity-places", "/api/sources"} <= {
        url.partition("?")[0] for url in asked
    }


def test_the_callbacks_tell_an_editor_the_words(store: Store) -> None:
    client = create_app(store).server.test_client()
    told = [
        called(client, c, f"?tab={tab}&plans=1&frame=ml-2012")
        for tab in TabName
        for c in callbacks(client)
    ]
    assert sum(CANARY in one for one in told) >= 5


# the mechanism


def test_every_column_of_every_table_and_answer_is_declared(found: Tables) -> None:
    data = Dataset.from_tables(found)
    columns = {(table, name) for table, schema in SCHEMAS.items() for name in schema}
    for _name, answer in answers(data, Viewer.EDITOR):
        columns |= {(answer.layer, name) for name in answer.table.columns}
    undeclared = sorted(pair for pair in columns if field_of(*pair) is None)
    assert undeclared == []


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_a_column_that_nobody_declared_is_empty(viewer: Viewer) -> None:
    table = pl.DataFrame({"unit_id": ["ml-2012/ML05"], "note": [CANARY], "amount_note": [CANARY]})
    told = sensitivity.without_withheld(table, "presence", Level.REGION, viewer)
    assert told.rows() == [("ml-2012/ML05", None, None)]


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_a_column_of_a_table_that_nobody_declared_never_reaches_a_layer(
    found: Tables, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {key: one for key, one in fields._FOUND.items() if key != ("activities", "title")}
    monkeypatch.setattr(fields, "_FOUND", known)
    data = Dataset.from_tables(found)
    assert (
        data.tables_for_viewer(viewer).activities["title"].null_count() == found.activities.height
    )
    assert data.activity_grid(EVERY_KIND, viewer=viewer).table["title"].drop_nulls().is_empty()


@pytest.mark.parametrize(
    ("lang", "titles"),
    [
        ("fr", ["Protection — Mopti — UNHCR", "Sécurité alimentaire — Mopti — UNHCR"]),
        ("en", ["Protection — Mopti — UNHCR", "Food security — Mopti — UNHCR"]),
    ],
)
def test_a_title_gives_way_to_sector_regions_and_organisation_in_the_language_asked(
    found: Tables, lang: str, titles: list[str]
) -> None:
    with language_context(lang):
        told = Dataset.from_tables(found).tables_for_viewer(Viewer.PARTNER).activities
    ids = pl.col("activity_id").is_in(["a-protection", "a-coming"])
    assert told.filter(ids)["title"].to_list() == titles


def test_a_partner_reads_the_words_of_what_is_open(found: Tables) -> None:
    table = Dataset.from_tables(found).activity_grid(EVERY_KIND, viewer=Viewer.PARTNER).table
    assert table.filter(activity_id="b-open").select("title", "file").rows() == [
        ("Forage public", "forages.csv")
    ]


def test_a_no_go_zone_of_its_cercle_is_not_told_of_what_is_told_by_region() -> None:
    zone = fact("security", DOUROU, indicator="no-go", value=1.0, as_of=date(2017, 6, 1))
    running = {"start": date(2017, 6, 1), "end": date(2017, 9, 1)}
    data = dataset_of(
        activity("Distribution de vivres", DOUROU, **running),
        activity("Forage", DOUROU),
        context=(zone,),
    )
    told = data.activity_grid(viewer=Viewer.PARTNER, frame="ml-2012").table
    assert dict(told.select("title", "no_go").iter_rows()) == {
        "Distribution — Mopti": None,
        "Forage": "cercle",
    }


def test_a_record_that_is_the_same_as_one_of_protection_does_not_tell_its_place() -> None:
    tables = tables_of(
        activity("Appui à Dourou", DOUROU, key="a", sector="protection", lead_org="unhcr"),
        activity("Soutien à Dourou", DOUROU, key="b", sector="health", lead_org="unhcr"),
    )
    same = [{"activity_a": "a", "activity_b": "b", "verdict": "same", "lead": "b"}]
    data = Dataset.from_tables(replace(tables, verdicts=frame_of("verdicts", same)))
    told = data.activity_grid(viewer=Viewer.PARTNER, frame="ml-2012").table
    assert sorted(told.select("title", "place").rows()) == [
        ("Protection — Mopti — UNHCR", "Bandiagara, Mopti"),
        ("Santé — Mopti — UNHCR", "Bandiagara, Mopti"),
    ]


def test_a_partner_is_told_the_pairs_without_what_tells_the_place_of_one_and_the_public_none() -> (
    None
):
    """That it is told twice beside an open activity would name the place of a reserved one."""
    same = {"title": "Prise en charge à Sadiola", "sector": "protection", "usd": 5_000_00}
    same |= {"start": date(2017, 1, 1), "end": date(2017, 6, 1), "lead_org": "unhcr"}
    data = dataset_of(
        activity(unit=DOUROU, document="d", source="qip", **same),
        activity(unit=DOUROU, document="e", source="trust-fund", **same | {"sector": "health"}),
    )
    asked = {v: data.ask("duplicates", viewer=v, frame="ml-2012").table for v in Viewer}
    ids = {v: table["pair_id"].to_list() for v, table in asked.items()}
    assert ids[Viewer.PARTNER] == ids[Viewer.EDITOR]
    assert ids[Viewer.PUBLIC] == []
    del asked[Viewer.PUBLIC]
    assert [t["title_a"][0] for t in asked.values()] == [
        "Protection — Mopti — UNHCR", "Prise en charge à Sadiola"
    ]  # fmt: skip
    reasons = {v: table["reasons"][0] for v, table in asked.items()}
    assert "même commune" in reasons[Viewer.EDITOR]
    assert "titres" in reasons[Viewer.EDITOR]
    assert "même cercle" in reasons[Viewer.PARTNER]
    assert "titres" not in reasons[Viewer.PARTNER]


def test_no_view_reads_the_tables_of_the_snapshot_but_as_they_are_told() -> None:
    views = [
        path
        for path in (Path(atlas.__file__).parent / "web").rglob("*.py")
        if "imports" not in path.parts
        and path.name != "programme_publication.py"  # of editors alone
    ]
    assert len(views) > 30
    unmasked = re.compile(r"\.data\.tables\b")
    assert [p.name for p in views if unmasked.search(p.read_text("utf-8"))] == []


@pytest.mark.parametrize("viewer", OUTSIDE)
def test_nobody_outside_reads_who_is_reached_by_what_is_reserved(
    found: Tables, viewer: Viewer
) -> None:
    dataset = Dataset.from_tables(found)
    held = {f"a-{key}" for key in KEPT_BACK}
    assert set(dataset.tables_for_viewer(Viewer.EDITOR).figures["activity_id"]) >= held
    assert set(dataset.tables_for_viewer(viewer).figures["activity_id"]) == {"b-open"}
