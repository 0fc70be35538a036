"""The minutes of a meeting: agenda, decisions, who does what until when, as PDF, DOCX and XLSX."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import docx
import xlsxwriter
from docx.shared import Mm, Pt, RGBColor

from atlas.corrections import DecisionSubject
from atlas.dataset import Dataset
from atlas.export.notice import filters_in_words
from atlas.export.proof import code_picture, file_code
from atlas.export.spreadsheets import CELL_LIMIT, TEXTS_ONLY
from atlas.export.typesetting import typeset_document
from atlas.formats import UNKNOWN, short_day_text
from atlas.i18n import _, current_language
from atlas.labels import label
from atlas.meeting_agenda import PAIR_SIGN, agenda_of, question_of_meeting
from atlas.model import Viewer
from atlas.review.undoing import decisions_of_meeting
from atlas.store import Store
from atlas.store.decisions import HistoryLine, PairDecision, WordingDecision
from atlas.store.meetings import ActionPoints, Meeting, PointDecision

TEMPLATE = Path(__file__).with_name("minutes.typ")
Cell = str | date


class MinutesTable(NamedTuple):
    """A part of the minutes.

    Attributes
    ----------
    widths
        Of its columns, each as a part of the whole.
    notes
        What stands under it; in its place, where it has no row.
    """

    title: str
    heads: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Minutes:
    """What is told of a meeting, in the language in force.

    Attributes
    ----------
    lines
        What it was about, on which state, who held it.
    code
        By which the file can be made again (`atlas.export.proof`), but for its ending.
    """

    title: str
    day: date
    lines: tuple[str, ...]
    tables: tuple[MinutesTable, ...]
    code: Callable[[str], str]

    def as_file(self, kind: str) -> bytes:
        """The minutes as ``pdf``, ``docx`` or ``xlsx``."""
        return WRITERS[kind](self)


def minutes_of(store: Store, dataset: Dataset, meeting: Meeting) -> Minutes:
    """The minutes of a meeting, as partners may read them: they are given to all who were there.

    Parameters
    ----------
    dataset
        Of the state that it was opened on.
    """
    question = question_of_meeting(dataset, meeting)
    points = ActionPoints(store.root)
    agenda = agenda_of(question, points.points(at=meeting.opened.at))
    held = [_("Ouverte par {who}", who=meeting.opened.who)]
    if meeting.closed:
        held.append(_("close le {moment} UTC", moment=f"{meeting.closed.at:%d/%m/%Y %H:%M}"))
    lines = (
        f"{', '.join(held)}.",
        agenda.compared_text,
        _("Question : {words}.", words=filters_in_words(question.filters)),
    )
    topics = [
        MinutesTable(
            topic.title,
            (_("Quoi"), _("Ce qu'on en sait")),
            (2, 3),
            tuple((item.title, item.figures) for item in topic.items),
            (*filter(None, [topic.more_text]), *topic.notes),
        )
        for topic in agenda.with_something
    ]
    return Minutes(
        _("Compte rendu : {meeting}", meeting=meeting.title),
        meeting.day,
        lines,
        (
            _points_table(points, meeting),
            _decisions_table(store, dataset, meeting),
            *topics,
            _sources_table(dataset),
        ),
        partial(_minutes_code, meeting),
    )


def _minutes_code(meeting: Meeting, kind: str) -> str:
    language = current_language()
    query = [meeting.subject.filters, f"lang={language}" if language != "fr" else ""]
    path = f"/meeting/{meeting.number}.{kind}"
    asked = "&".join(filter(None, query))
    return file_code(meeting.opened.snapshot, path, asked, Viewer.EDITOR)


def _points_table(points: ActionPoints, meeting: Meeting) -> MinutesTable:
    """What was said of action points in the meeting: new ones, and those of before."""
    told = [
        one for one in points.points() if meeting.number in (one.first.meeting, one.last.meeting)
    ]
    rows = tuple(
        (one.last.what, one.last.owner, one.last.due, _point_state(one.last, meeting))
        for one in told
    )
    heads = (_("Quoi"), _("Qui"), _("Pour le"), _("État"))
    notes = () if rows else (_("Aucun point d'action n'a été pris."),)
    return MinutesTable(_("Points d'action pris ou suivis"), heads, (6, 3, 2, 2), rows, notes)


def _point_state(line: PointDecision, meeting: Meeting) -> str:
    if line.done:
        return _("fait")
    return _("en retard") if line.due < meeting.day else _("à faire")


def _decisions_table(store: Store, dataset: Dataset, meeting: Meeting) -> MinutesTable:
    decided = decisions_of_meeting(store, meeting)
    titles = dict(
        dataset.tables_for_viewer(Viewer.PARTNER)
        .activities.select("activity_id", "title")
        .drop_nulls()
        .iter_rows()
    )
    rows = tuple(
        (_decided_about(one), _decision_text(one, titles, dataset), f"{one.at:%H:%M}", one.who)
        for one in decided
    )
    heads = (_("Sur"), _("Décision"), _("Heure (UTC)"), _("Par"))
    notes = () if rows else (_("Rien n'a été décidé sur les données."),)
    return MinutesTable(_("Décisions"), heads, (2, 8, 2, 2), rows, notes)


def _decided_about(one: HistoryLine) -> str:
    if isinstance(one, WordingDecision):
        return label("subject", one.correction.subject)
    return _("doublon")


def _decision_text(one: HistoryLine, titles: Mapping[str, str], dataset: Dataset) -> str:
    """What was decided, with names in the place of ids."""
    if isinstance(one, PairDecision):
        names = [titles.get(id_, id_) for id_ in one.said.activity_pair]
        text = f"{PAIR_SIGN.join(names)} : {label('verdict', one.said.verdict)}"
        if one.said.lead:
            text += _(" ; mène : {title}", title=titles.get(one.said.lead, one.said.lead))
        return text
    if isinstance(one, WordingDecision) and one.correction.subject is DecisionSubject.PLACE:
        place = one.correction.means
        name = dataset.frames.unit_label(place) if place in dataset.frames else place
        return f"« {one.correction.wording} » : {name}"
    return one.decided_text.replace(" → ", " : ")  # the fonts of paper have no arrow


def _sources_table(dataset: Dataset) -> MinutesTable:
    read = dataset.documents_read(Viewer.PARTNER).sort("as_of", "file", nulls_last=True)
    rows = tuple(
        (file or UNKNOWN, day or UNKNOWN) for file, day in read.select("file", "as_of").iter_rows()
    )
    return MinutesTable(_("Sources"), (_("Fichier"), _("Situation au")), (4, 1), rows)


# the files


def _cell_text(cell: Cell) -> str:
    return short_day_text(cell) if isinstance(cell, date) else cell


def _minutes_pdf(told: Minutes) -> bytes:
    code = told.code("pdf")
    return typeset_document(TEMPLATE, {
        "lang": current_language(),
        "title": told.title,
        "author": _("Atlas du Mali : qui fait quoi, où"),
        "lines": list(told.lines),
        "tables": [
            {**table._asdict(), "rows": [list(map(_cell_text, row)) for row in table.rows]}
            for table in told.tables
        ],
        "code": _("Code : {code}", code=code),
        "picture": code_picture(code),
        "day": told.day.isoformat(),
    })  # fmt: skip


_DARK = RGBColor(0x14, 0x43, 0x72)
_TEXT_WIDTH = 180
"""Millimetres of a page of A4 between its margins."""


def _minutes_docx(told: Minutes) -> bytes:
    """A document to write on in; the same meeting gives the same bytes."""
    paper = docx.Document()
    _lay_out_page(paper, told)
    paper.add_heading(told.title, level=1)
    for line in told.lines:
        paper.add_paragraph(line)
    for table in told.tables:
        paper.add_heading(table.title, level=2)
        if table.rows:
            _add_docx_table(paper, table)
        for note in table.notes:
            paper.add_paragraph(note)
    paper.add_paragraph(_("Code : {code}", code=told.code("docx"))).runs[0].font.size = Pt(7)
    written = BytesIO()
    paper.save(written)
    return _undated_package(written.getvalue())


def _lay_out_page(paper: Any, told: Minutes) -> None:
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm((210 - _TEXT_WIDTH) / 2)
    page.top_margin = page.bottom_margin = Mm(16)
    for name, size in (("Normal", 10), ("Heading 1", 18), ("Heading 2", 13)):
        style = paper.styles[name]
        style.font.name, style.font.size = "Calibri", Pt(size)
        style.paragraph_format.space_after = Pt(4)
        if name != "Normal":
            style.font.color.rgb = _DARK
    words = paper.core_properties
    words.title, words.author = told.title, _("Atlas du Mali : qui fait quoi, où")
    words.language, words.comments = current_language(), ""
    words.created = words.modified = datetime(told.day.year, told.day.month, told.day.day)


def _add_docx_table(paper: Any, table: MinutesTable) -> None:
    grid = paper.add_table(1 + len(table.rows), len(table.heads), style="Light Grid Accent 1")
    grid.autofit = False
    for column, width in enumerate(table.widths):
        for cell in grid.columns[column].cells:
            cell.width = Mm(_TEXT_WIDTH * width / sum(table.widths))
    for row, cells in zip(grid.rows, (table.heads, *table.rows), strict=True):
        for cell, said in zip(row.cells, cells, strict=True):
            cell.text = _cell_text(said)


def _undated_package(content: bytes) -> bytes:
    """A package with its parts as they are, and no moment of writing."""
    made = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(content)) as parts,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as undated,
    ):
        for part in parts.infolist():
            undated.writestr(zipfile.ZipInfo(part.filename), parts.read(part), zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _minutes_xlsx(told: Minutes) -> bytes:
    """A workbook: a sheet that says what it is, and one for each part that has rows."""
    written = BytesIO()
    book = xlsxwriter.Workbook(written, TEXTS_ONLY)
    created = datetime(told.day.year, told.day.month, told.day.day)
    book.set_properties({"title": told.title, "created": created})
    bold, wrapped = (
        book.add_format({"text_wrap": True, "valign": "top", **more})
        for more in ({"bold": True}, {})
    )
    dated = book.add_format({"valign": "top", "num_format": "dd/mm/yyyy"})
    first = book.add_worksheet(_("À lire"))
    first.set_column(0, 0, 110)
    notes = [f"{table.title} : {note}" for table in told.tables for note in table.notes]
    code = _("Code : {code}", code=told.code("xlsx"))
    for row, line in enumerate([told.title, *told.lines, *notes, code]):
        first.write_string(row, 0, line[:CELL_LIMIT], wrapped if row else bold)
    for table in told.tables:
        if table.rows:
            _write_sheet(book.add_worksheet(_sheet_name(table.title)), table, bold, wrapped, dated)
    book.close()
    return written.getvalue()


def _sheet_name(title: str) -> str:
    """A title as a workbook takes names of sheets."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\'")[:31]


def _write_sheet(sheet: Any, table: MinutesTable, bold: Any, wrapped: Any, dated: Any) -> None:
    for column, (head, width) in enumerate(zip(table.heads, table.widths, strict=True)):
        sheet.write_string(0, column, head, bold)
        sheet.set_column(column, column, max(12, 110 * width // sum(table.widths)))
    for number, row in enumerate(table.rows, start=1):
        for column, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, column, cell, dated)
            else:
                sheet.write_string(number, column, cell[:CELL_LIMIT], wrapped)
    sheet.freeze_panes(1, 0)


WRITERS: Mapping[str, Callable[[Minutes], bytes]] = {
    "pdf": _minutes_pdf,
    "docx": _minutes_docx,
    "xlsx": _minutes_xlsx,
}
MINUTES_KINDS: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""Endings of the files, and what they are called on the web."""
