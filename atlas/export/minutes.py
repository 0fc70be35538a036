"""The minutes of a meeting: its agenda, what was decided, who does what until when."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import docx
import xlsxwriter

from atlas.agenda import AgendaItem, AgendaLine, agenda_question, meeting_agenda, more_text
from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.typesetting import typeset_document
from atlas.filters import Filters
from atlas.formats import day_text
from atlas.i18n import _, current_language
from atlas.labels import capitalised
from atlas.model import Viewer
from atlas.review.undoing import decisions_of_meeting
from atlas.store import Store
from atlas.store.audit import AuditLine
from atlas.store.meetings import ActionPoint, Meeting, Meetings

TEMPLATE = Path(__file__).with_name("minutes.typ")
CODE_LETTERS = 12


@dataclass(frozen=True)
class Minutes:
    """What is written down of a meeting.

    Attributes
    ----------
    situation
        Day of the newest document of the state that it opened on.
    agenda
        Of that state.
    decisions
        What was decided while it went on, and stands.
    points
        Action points agreed in it.
    files
        Documents behind the figures.
    """

    meeting: Meeting
    situation: date | None
    agenda: Sequence[AgendaItem]
    decisions: Sequence[AuditLine]
    points: Sequence[ActionPoint]
    files: Sequence[str]

    @property
    def title(self) -> str:
        """The meeting and its day."""
        return _("Réunion du {day}", day=day_text(self.meeting.opened_at.date()))

    def head_lines(self) -> list[str]:
        """Who opened it when, on which state, and whether it is over."""
        one = self.meeting
        time = f"{one.opened_at:%H:%M}"
        opened = _("Ouverte par {who} à {time} UTC", who=one.opened_by, time=time)
        closed = (
            _("fermée à {time} UTC", time=f"{one.closed_at:%H:%M}")
            if one.closed_at
            else _("en cours")
        )
        situation = _("Situation au {day}", day=day_text(self.situation)) if self.situation else ""
        state = _("état {hash}", hash=one.snapshot[:CODE_LETTERS])
        return [f"{opened}, {closed}", " · ".join(filter(None, (situation, state)))]

    def point_lines(self) -> list[AgendaLine]:
        """Each action point of the meeting: what and who, until when, whether it is done."""
        return [
            AgendaLine(
                _("{owner} : {text}", owner=one.owner, text=one.text),
                _("pour le {day}", day=day_text(one.due))
                + (_(", fait le {day}", day=day_text(one.done_at.date())) if one.done_at else ""),
            )
            for one in self.points
        ]

    def decision_lines(self) -> list[AgendaLine]:
        """Each decision that was taken, with who and when."""
        return [AgendaLine(one.subject, f"{one.who}, {one.at:%H:%M} UTC") for one in self.decisions]

    def sections(self) -> list[tuple[str, list[tuple[str, Sequence[AgendaLine], str]]]]:
        """Titles, and below each its groups: title, lines, how many more."""
        nothing = [AgendaLine(_("Rien."))]
        agenda = [(capitalised(one.title), one.lines, more_text(one)) for one in self.agenda]
        return [
            (_("Points d'action"), [("", self.point_lines() or nothing, "")]),
            (_("Décisions"), [("", self.decision_lines() or nothing, "")]),
            (_("Ordre du jour, selon les chiffres"), agenda or [("", nothing, "")]),
            (_("Sources"), [("", [AgendaLine(one) for one in self.files], "")]),
        ]


def minutes_of(store: Store, number: int | None, filters: Filters, viewer: Viewer) -> Minutes:
    """The minutes of a meeting, by its number, or of the latest.

    Raises
    ------
    UsageError
        There is no such meeting.
    StoreError
        The state that it opened on cannot be read any more.
    """
    meetings = Meetings(store.root)
    found = [one for one in meetings.meetings() if number in (None, one.number)]
    if not found:
        raise UsageError(
            _("Réunion {id} inconnue", id=number) if number else _("Aucune réunion"),
            "",
            _("Ouvrez-en une : atlas meeting open."),
        )
    meeting = found[0]
    data = Dataset(store.get(meeting.snapshot))
    asked = agenda_question(store, data, filters, viewer, meeting.opened_at.date())
    return Minutes(
        meeting,
        data.as_of,
        [one for one in meeting_agenda(asked) if one.kind != "points"],
        decisions_of_meeting(store, meeting)[::-1],
        [one for one in asked.points if one.meeting == meeting.number],
        sorted(data.tables_for_viewer(viewer).documents["file"].drop_nulls()),
    )


def minutes_file(minutes: Minutes, kind: str) -> bytes:
    """The minutes as ``pdf``, ``docx`` or ``xlsx``.

    Raises
    ------
    UsageError
        Another format.
    """
    write = _WRITERS.get(kind)
    if write is None:
        raise UsageError(
            _("Format « {name} » inconnu", name=kind[:20]),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(_WRITERS)),
        )
    return write(minutes)


def _pdf(minutes: Minutes) -> bytes:
    def told(one: AgendaLine) -> dict[str, str]:
        return {"text": one.text, "note": one.note}

    return typeset_document(TEMPLATE, {
        "lang": current_language(),
        "title": minutes.title,
        "author": _("Atlas du Mali : qui fait quoi, où"),
        "head": minutes.head_lines(),
        "sections": [
            {
                "title": title,
                "groups": [
                    {"title": name, "lines": list(map(told, lines)), "more": more}
                    for name, lines, more in groups
                ],
            }
            for title, groups in minutes.sections()
        ],
        "foot": _("Chiffres de l'état {hash}.", hash=minutes.meeting.snapshot[:CODE_LETTERS]),
        "day": minutes.meeting.opened_at.date().isoformat(),
    })  # fmt: skip


def _docx(minutes: Minutes) -> bytes:
    document = docx.Document()
    document.core_properties.title = minutes.title
    document.core_properties.author = ""
    document.add_heading(minutes.title, 0)
    for line in minutes.head_lines():
        document.add_paragraph(line)
    for title, groups in minutes.sections():
        document.add_heading(title, 1)
        for name, lines, more in groups:
            if name:
                document.add_heading(name, 2)
            for one in lines:
                paragraph = document.add_paragraph(one.text, style="List Bullet")
                if one.note:
                    paragraph.add_run(f" ({one.note})").italic = True
            if more:
                document.add_paragraph(more)
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def _xlsx(minutes: Minutes) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "text_wrap": True})
    day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})

    def sheet(name: str, heads: Sequence[str], widths: Sequence[int]) -> Any:
        made = book.add_worksheet(name[:31])
        made.write_row(0, 0, heads, bold)
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.freeze_panes(1, 0)
        return made

    points = sheet(
        _("Points d'action"), [_("Quoi"), _("Qui"), _("Pour le"), _("Fait le")], [60, 30, 14, 14]
    )
    for row, one in enumerate(minutes.points, 1):
        points.write_string(row, 0, one.text)
        points.write_string(row, 1, one.owner)
        points.write_datetime(row, 2, one.due, day)
        if one.done_at:
            points.write_datetime(row, 3, one.done_at.date(), day)
    decisions = sheet(_("Décisions"), [_("Décision"), _("Par"), _("À (UTC)")], [80, 24, 18])
    for row, line in enumerate(minutes.decisions, 1):
        words = (line.subject, line.who, f"{line.at:%Y-%m-%d %H:%M}")
        for column, word in enumerate(words):
            decisions.write_string(row, column, word)
    agenda = sheet(_("Ordre du jour"), [_("Point"), _("Quoi"), _("Précision")], [40, 70, 50])
    lines = [(item.title, one.text, one.note) for item in minutes.agenda for one in item.lines]
    for row, texts in enumerate(lines, 1):
        for column, word in enumerate(texts):
            agenda.write_string(row, column, word)
    notice = sheet(_("Lisez-moi"), [minutes.title], [90])
    for row, word in enumerate([*minutes.head_lines(), *minutes.files], 1):
        notice.write_string(row, 0, word)
    book.close()
    return content.getvalue()


_WRITERS: dict[str, Callable[[Minutes], bytes]] = {"pdf": _pdf, "docx": _docx, "xlsx": _xlsx}
