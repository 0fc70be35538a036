"""What the command line writes into files: answers, fiches, maps, receipts, forms, dossiers.

Loaded by the verbs that write one: it loads every layer.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from http import HTTPStatus
from pathlib import Path

import polars as pl
from rich import console, progress

from atlas import formats, summaries
from atlas.app import create_app
from atlas.dataset import Answer, Dataset
from atlas.errors import UsageError, system_errors_as
from atlas.export import (
    check_writable,
    dossier,
    fiche,
    fiche_pdf,
    proof,
    receipt,
    report_form,
    write_answer,
    write_file,
)
from atlas.export.activity_rows import exchange_answer
from atlas.export.iati import iati_file
from atlas.export.map_files import geoparquet_style
from atlas.export.notice import (
    filters_in_words,
    frame_chosen,
    frame_name,
    judged_in_words,
    split_in_words,
)
from atlas.filters import Filters
from atlas.formats import number_text
from atlas.i18n import _, ngettext
from atlas.model import Viewer
from atlas.store import Store
from atlas.web import profile_sheet
from atlas.web.map_picture import PICTURE_KINDS
from atlas.web.map_style import styled_layer
from atlas.web.page_routes import picture_file
from atlas.web.page_state import DatasetProvider, PageScene, PageView


def write_layer(
    dataset: Dataset, answer: Answer, fmt: str, seen_by: Viewer, out: Path | None
) -> None:
    """Write the answer of a layer; what it was judged by is said on stderr."""
    if fmt in STYLED:
        answer = styled_layer(dataset, answer, seen_by)
    write_answer(answer, fmt, out)
    _write_style_beside(answer, fmt, out)
    chosen = frame_chosen(answer)
    told = [f"{frame_name(answer.frame)} {chosen}" if chosen else ""]
    for words in (*told, *judged_in_words(answer), split_in_words(answer)):
        if words:
            print(words, file=sys.stderr)


STYLED = ("gpkg", "geoparquet")
"""Formats that QGIS opens with a style."""


def _write_style_beside(answer: Answer, fmt: str, out: Path | None) -> None:
    """The style of a file that cannot hold it, under its name with the ending .qml."""
    if fmt == "geoparquet" and out is not None and (style := geoparquet_style(answer)):
        write_file(out.with_suffix(".qml"), style.encode())


def write_activities(
    dataset: Dataset,
    fmt: str,
    unit: str | None,
    place: tuple[str | None, str | None],
    filters: Filters,
    seen_by: Viewer,
    out: Path,
) -> None:
    """Write the activities for exchange, of one zone where one is named."""
    frame, level = place[0], place[1] or "commune"
    if unit:
        filters = filters.with_changes(unit=(unit,))
    if seen_by == "public" and level == "commune":
        level = "cercle"
    answer = exchange_answer(dataset, filters, frame=frame, level=level, viewer=seen_by)
    if fmt == "iati":
        made = iati_file(answer)
        write_file(out, made.content)
        print("\n".join(made.left_out()), file=sys.stderr)
    else:
        write_answer(answer, fmt, out)
        _write_style_beside(answer, fmt, out)


def write_receipt(dataset: Dataset, document: str, out: Path | None) -> None:
    """Write the receipt of a document to a file (a PDF by its ending), or on the terminal."""

    told = receipt.receipt_of(dataset, document, date.today())
    if out is None:
        print(told.as_text(), end="")
    else:
        is_pdf = out.suffix.lower() == ".pdf"
        write_file(out, told.as_pdf() if is_pdf else told.as_text().encode())


def write_map_picture(store: Store, query: str, viewer: Viewer, out: Path) -> None:
    """Write the map that a page shows as a picture, of the kind that the file's ending names.

    Raises
    ------
    UsageError
        No such kind, nothing is published, or a part of the query cannot be read.
    """

    kinds = {str(kind): kind for kind in PICTURE_KINDS}
    kind = kinds.get(out.suffix.lower().removeprefix("."))
    if kind is None:
        raise UsageError(
            _("Image {file} refusée", file=out.name),
            "",
            _("Terminaisons : {names}.", names=", ".join(f".{one}" for one in kinds)),
        )
    with DatasetProvider(store, viewer).scene_of_query(query) as scene:
        write_file(out, picture_file(scene, kind)[0])


def explain_code(store: Store, words: str, file: Path | None, rows: Path | None) -> bool:
    """Print what is behind the file of a code; whether a given file is what it should be.

    Parameters
    ----------
    file
        To be held against what the state and question of its code give.
    rows
        Where to write the activities behind its figures, with their documents and rows.

    Raises
    ------
    UsageError
        It is no code, the file cannot be read, or the file cannot be made again.
    """

    code = proof.parsed_code(words)
    query = "&".join(filter(None, (code.query, f"state={code.state}")))
    with DatasetProvider(store, code.viewer, code.viewer).scene_of_query(query) as scene:
        if scene.problem or scene.data is None:
            raise scene.problem or UsageError(_("Rien n'est publié"))
        asked = scene.view.filters, scene.view.frame, scene.view.level
        if unit := _unit_of_path(code.path):
            own = scene.data.frames.unit_by_id(unit)
            asked = asked[0].with_changes(unit=(unit,)), own.frame, own.level
        for line in _explanation_lines(scene, *asked):
            print(line)
        if rows:
            write_answer(exchange_answer(scene.data, *asked, code.viewer), "csv", rows)
    if file is None:
        return True
    with system_errors_as(_("Fichier {file} illisible", file=file.name), "", UsageError):
        given = file.read_bytes()
    app = create_app(store, viewer=code.viewer, states_open_to=code.viewer)
    made = app.server.test_client().get(f"{code.path}?{query}")
    if made.status_code != HTTPStatus.OK:
        raise UsageError(_("Fichier {path} non refait", path=code.path), made.text)
    return _say_difference(file, proof.first_difference(made.data, given, code.kind))


def _unit_of_path(path: str) -> str:
    """The zone whose page or dossier a path is of; "" for none."""
    found = re.fullmatch(r"/(?:fiche|dossier)/(.+)\.\w+", path)
    return found[1] if found else ""


def _explanation_lines(
    scene: PageScene, filters: Filters, frame: str | None, level: str
) -> Iterator[str]:
    """The state, the question, its figures, and the documents that they are from."""

    data = scene.data
    assert data is not None
    at = [event.time for event in scene.history() if event.hash == data.snapshot.hash]
    published = formats.day_text(at[0].date()) if at else formats.UNKNOWN
    yield _("État {hash}, publié le {day}.", hash=data.snapshot.hash[:12], day=published)
    yield _("Question : {words}.", words=filters_in_words(filters))
    figures = summaries.headline_figures(data, filters, frame, level, scene.viewer)
    yield (
        ngettext("{n} activité", "{n} activités", figures.activities)
        + ", "
        + ngettext("{n} organisation.", "{n} organisations.", figures.organisations)
    )
    money = formats.usd_text(figures.budget_placed_usd)
    yield _("Budget placé : {money} ; sans montant : {n}.",
            money=money, n=number_text(figures.without_amount))  # fmt: skip
    behind = data.filtered_scope(filters, frame, level, scene.viewer).document_rows["document"]
    documents = data.documents_read(scene.viewer).filter(pl.col("document").is_in(behind.implode()))
    for row in documents.sort("as_of", nulls_last=True).to_dicts():
        day = formats.day_text(row["as_of"])
        read = ngettext("{n} ligne", "{n} lignes", row["rows_read"])
        yield _("  {file}, situation au {day}, {read}, {id}", file=row["file"], day=day, read=read,
                id=row["document"])  # fmt: skip


def _say_difference(file: Path, difference: str) -> bool:
    if difference:
        print(_("{file} n'est pas ce que dit son code. {why}", file=file.name, why=difference))
        return False
    print(_("{file} est, à l'octet près, ce que dit son code.", file=file.name))
    return True


def write_report_form(
    dataset: Dataset, document: str, organisation: str, day: date | None, out: Path
) -> None:
    """Write the reporting form of whoever sent a document; say what it holds."""

    form = report_form.report_form(dataset, document, organisation, day)
    write_file(out, report_form.report_form_xlsx(form, dataset))
    print(form.summary())


DOSSIER = "dossier"
"""The export that is a page by itself."""


def write_dossier(
    dataset: Dataset,
    unit: str | None,
    level: str | None,
    filters: Filters,
    viewer: Viewer,
    out: Path,
) -> None:
    """Write a zone as one file that opens without a network.

    Raises
    ------
    UsageError
        No zone is named.
    """

    if unit is None:
        raise UsageError(
            _("Le dossier est celui d'une zone"), "", _("Nommez-la : --unit ml-2023/mopti.")
        )
    check_writable(out)
    told = dossier.dossier_content(dataset, unit, level, filters, viewer)
    content = dossier.dossier_html(told)
    write_file(out, content)
    size = number_text(round(len(content) / 1000))
    print(_("Dossier écrit : {file} ({size} ko)", file=out, size=size))


def write_sheet(
    store: Store, filters: Filters, level: str, language: str, viewer: Viewer, out: Path
) -> None:
    """Write the sheet of the one sector or donor that the filters name.

    Raises
    ------
    UsageError
        Nothing is published, or nothing has that sector or donor.
    """
    indicator = "activities" if filters.sector else "budget"
    view = PageView(filters=filters, level=level, indicator=indicator, lang=language)
    with DatasetProvider(store, viewer).scene_of_query(view.to_query()) as scene:
        write_file(out, profile_sheet.sheet_pdf(scene))
    print(ngettext("{n} fiche écrite : {file}", "{n} fiches écrites : {file}", 1, file=out))


def write_fiches(
    asked: tuple[Dataset, Filters, Viewer],
    units: Sequence[str],
    under: str | None,
    level: str | None,
    out: Path,
) -> None:
    """Write the pages of zones into one PDF, with a progress bar where there are several."""

    question = fiche.FicheQuestion(*asked)
    chosen = fiche.fiche_units(question.dataset, units, under, level)
    check_writable(out)
    with progress.Progress(
        console=console.Console(stderr=True), transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(_("Fiches"), total=len(chosen) + 1)  # the last step lays them out
        content = fiche_pdf.fiche_pdf(
            question, chosen, lambda name: bar.update(task, advance=1, description=name)
        )
    write_file(out, content)
    n = len(chosen)
    print(ngettext("{n} fiche écrite : {file}", "{n} fiches écrites : {file}", n, file=out))
