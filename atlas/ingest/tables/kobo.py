"""Exports of KoBoToolbox and ODK forms: questions in groups, and columns of the tool itself.

A heading is "group/question", sometimes "question/choice" for each choice of a list; what the
tool adds stands beside the questions. Above all its ``start`` and ``end`` are those of the
interview, never of a project.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from atlas.ingest.parsing.values import yes_or_no
from atlas.ingest.reading import Sheet

_MARKS = frozenset(
    {
        *("_id", "_uuid", "_submission_time", "_index", "__version__", "_validation_status"),
        *("_parent_table_name", "_submission__id", "_submission__uuid"),
        *("meta/instanceid", "formhub/uuid", "_submitted_by", "_xform_id_string"),
    }
)
_TOOL = frozenset(
    {
        *("start", "end", "today", "deviceid", "subscriberid", "simserial", "imei", "audit"),
        *("_notes", "_status", "_tags", "_version_", "_attachments", "_total_media", "_duration"),
        *("_parent_index", "_parent_table_name", "_bamboo_dataset_id", "_media_count"),
        *("_media_all_received", "_edited", "_geolocation_accuracy"),
        *("meta/rootuuid", "meta/deprecatedid", "meta/instancename"),
    }
)
_OF_GROUP = ("_parent_index", "_parent_table_name")
_PERSONS = frozenset({"username", "phonenumber", "email", "_submitted_by", "enumerator"})
_ENDINGS = {
    "_latitude": "lat",
    "_longitude": "lon",
    "_altitude": "ignored",
    "_precision": "ignored",
}
_ENOUGH = 2


def is_export(headings: Iterable[object]) -> bool:
    """Whether a row holds headings that only the tool writes.

    Examples
    --------
    >>> is_export(["Région", "_uuid", "_submission_time"]), is_export(["Région", "_id"])
    (True, False)
    """
    return len(_MARKS & {str(heading).strip().casefold() for heading in headings}) >= _ENOUGH


def fields_of(headings: Iterable[object], known: Mapping[str, str]) -> dict[str, str]:
    """Heading → field for the columns that their own words would mislead about.

    Parameters
    ----------
    headings
        Row of an export.
    known
        Last part of a heading, as written → the field it names, for those that name one.

    Returns
    -------
    dict
        ``ignored``, ``personal``, ``reported``, ``lon``, ``lat``, ``coordinates``, or the
        field of the question; "" for a question that nobody knows, whatever its group says.

    Examples
    --------
    >>> fields_of(["start", "Lieu/Région", "Secteur", "Secteur/EHA"], {"Région": "region"})
    {'start': 'ignored', 'Lieu/Région': 'region', 'Secteur/EHA': 'ignored'}
    """
    written = [str(heading) for heading in headings if heading is not None]
    found = {heading: _field_of_heading(heading, set(written), known) for heading in written}
    return {heading: field for heading, field in found.items() if field is not None}


def _field_of_heading(heading: str, written: set[str], known: Mapping[str, str]) -> str | None:
    name = heading.strip().casefold()
    if name in _PERSONS:
        return "personal"
    if name == "_submission_time":
        return "reported"
    if name == "_geolocation":
        return "coordinates"
    if name in _MARKS or name in _TOOL:
        return "ignored"
    ending = next((field for end, field in _ENDINGS.items() if name.endswith(end)), None)
    if ending:
        return ending
    group, slash, question = heading.rpartition("/")
    if not slash:
        return None
    return "ignored" if group in written else known.get(question, "")


def joined_sheets(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Sheets of a workbook, each repeated group widened by the form it was filled in with.

    An export keeps a group that may be answered several times on a sheet of its own, whose rows
    say by ``_parent_index`` which form they belong to. The form's answers (who, where) hold for
    each of them. A form whose group is empty follows as it stands, so that no row is lost.
    """
    sheets = [_with_choices(sheet) for sheet in sheets]
    groups = {sheet.name: parent for sheet in sheets if (parent := _parent_sheet(sheet, sheets))}
    parents = {parent.name for parent in groups.values()}
    return [
        _widened_by_parent(sheet, groups[sheet.name]) if sheet.name in groups else sheet
        for sheet in sheets
        if sheet.name not in parents
    ]


def _with_choices(sheet: Sheet) -> Sheet:
    """The sheet, each answer of several choices written as their list.

    The tool writes them one after the other with a blank between, "EHA Sécurité alimentaire",
    which nobody can part again; its columns "question/choice" say which they are.
    """
    headings = [str(cell) for cell in sheet.rows[0]] if sheet.rows else []
    if not is_export(headings):
        return sheet
    questions = {heading: index for index, heading in enumerate(headings)}
    choices: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for index, heading in enumerate(headings):
        question, slash, choice = heading.rpartition("/")
        if slash and question in questions:
            choices[questions[question]].append((index, choice))
    rows = [sheet.rows[0], *(_row_with_choices(row, choices) for row in sheet.rows[1:])]
    return Sheet(sheet.name, rows, sheet.first_row) if choices else sheet


def _row_with_choices(
    row: Sequence[object], choices: Mapping[int, Sequence[tuple[int, str]]]
) -> list[object]:
    """A row with the choices of each question that were ticked, where any was."""
    written = list(row)
    for question, offered in choices.items():
        taken = [choice for index, choice in offered if yes_or_no(_cell_at(row, index))]
        if taken and question < len(written):
            written[question] = " ; ".join(taken)
    return written


def _parent_sheet(sheet: Sheet, sheets: Iterable[Sheet]) -> Sheet | None:
    """The sheet that a repeated group belongs to; a group within a group is left as it is."""
    where = _heading_positions(sheet)
    if not all(name in where for name in _OF_GROUP) or len(sheet.rows) < 2:
        return None
    named = {_cell_at(row, where["_parent_table_name"]) for row in sheet.rows[1:]} - {None}
    found = [one for one in sheets if one.name in named and one.name != sheet.name]
    if len(found) != 1 or len(named) != 1 or "_index" not in _heading_positions(found[0]):
        return None
    return None if "_parent_index" in _heading_positions(found[0]) else found[0]


def _heading_positions(sheet: Sheet) -> dict[str, int]:
    """Columns of the headings in the first row, by name."""
    first = sheet.rows[0] if sheet.rows else ()
    return {str(name).strip().casefold(): i for i, name in enumerate(first) if name is not None}


def _cell_at(row: Sequence[object], index: int) -> object:
    return row[index] if index < len(row) else None


def _widened_by_parent(sheet: Sheet, parent: Sheet) -> Sheet:
    where, above = _heading_positions(sheet), _heading_positions(parent)
    shared = [index for name, index in above.items() if name not in where]
    forms: dict[object, list[object]] = {}
    for row in parent.rows[1:]:
        forms[_cell_at(row, above["_index"])] = [_cell_at(row, index) for index in shared]
    width = len(sheet.rows[0])
    answered: dict[object, int] = defaultdict(int)
    rows = [[*sheet.rows[0], *(parent.rows[0][index] for index in shared)]]
    for row in sheet.rows[1:]:
        form = _cell_at(row, where["_parent_index"])
        answered[form] += 1
        rows.append([*row, *[None] * (width - len(row)), *forms.get(form, ())])
    rows += [[*[None] * width, *cells] for form, cells in forms.items() if form not in answered]
    return Sheet(sheet.name, rows, sheet.first_row)
