"""Records of an ActivityInfo form, through its public interface, as a workbook.

The form's tree says its fields and those of the forms that it refers to; the records are asked
for as columns, some hundreds at a time, in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from atlas.i18n import _
from atlas.ingest.files.pulled_workbook import PulledForm
from atlas.ingest.parsing.amounts import currencies_in
from atlas.ingest.parsing.folding import fold_text
from atlas.pulls.pulled_file import (
    Cell,
    PulledFile,
    PulledTable,
    distinct_heading,
    form_file,
    name_part,
    pulled_name,
)
from atlas.pulls.remote_server import RemoteServer
from atlas.transfers import DownloadError

PAGE = 500
"""Records asked for at once."""
MAX_RECORDS = 200_000
_ID, _EDITED = "_id", "_lastEditTime"
REPORTED = "Mise à jour"
"""Heading of the day of a record's last edit: lists of partners call it so."""
_DEPTH = 4
"""Forms that refer to one another and are followed."""
_NAMES = ("nom", "name")
_NO_VALUE = ("section", "note")
_UNREAD = ("attachment", "subform", "multiselectreference")
SEPARATOR = " ; "


class FormColumn(NamedTuple):
    """A column to ask for: the formula by which ActivityInfo knows it, and what it is called.

    ``options`` are the labels among which several may stand in one cell.
    """

    expression: str
    heading: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class FormTree:
    """A form, and those that it refers to."""

    root: str
    forms: Mapping[str, Any]

    def elements(self, form: str) -> list[Mapping[str, Any]]:
        """Fields of one of the forms, in its order; none of a form that may not be seen."""
        held = self.forms.get(form)
        schema = held.get("schema") if isinstance(held, Mapping) else None
        listed = schema.get("elements") if isinstance(schema, Mapping) else None
        return [e for e in listed if isinstance(e, Mapping)] if isinstance(listed, list) else []


def pull_activityinfo(server: RemoteServer, form: str, earlier: PulledForm | None) -> PulledFile:
    """All records of a form that the token may see.

    Parameters
    ----------
    form
        The form's id.
    earlier
        The form as it was pulled before.

    Raises
    ------
    DownloadError
        It cannot be had, or has no field.
    """
    answer = server.json(f"/resources/form/{quote(form, safe='')}/tree")
    root, forms = answer.get("root"), answer.get("forms")
    if not isinstance(root, str) or not isinstance(forms, Mapping):
        raise server.unexpected_answer()
    tree = FormTree(root, forms)
    columns = _distinct_columns(tree)
    if not columns:
        raise server.unexpected_answer()
    counted, records = _all_records(server, root, columns)
    elements = tree.elements(root)
    pulled = PulledForm(
        counted=counted,
        read=len(records),
        personal=tuple(_text(e, "label") for e in elements if _is_of_users(e)),
        unread=tuple(
            f"{_text(e, 'label')} ({kind})"
            for e in elements
            if (kind := _text(e, "type")) in _UNREAD
        ),
        headings={column.expression: column.heading for column in columns},
        choices={
            (_text(e, "id"), _text(option, "id")): _text(option, "label")
            for e in elements
            for option in _parameters(e, "values")
        },
    )
    table = PulledTable("Formulaire", records, [column.heading for column in columns])
    name = pulled_name("activityinfo", name_part(server.host, form), "xlsx")
    return form_file(name, [table], pulled, earlier)


def _distinct_columns(tree: FormTree) -> list[FormColumn]:
    taken = {REPORTED}
    return [
        column._replace(heading=distinct_heading(column.heading, column.expression, taken))
        for column in _columns_of(tree, tree.root, "", (tree.root,))
    ]


def _columns_of(
    tree: FormTree, form: str, path: str, visited: tuple[str, ...], label: str = ""
) -> Iterator[FormColumn]:
    """Columns of a form; of one that is referred to, what identifies its records.

    Parameters
    ----------
    path
        Formula of the reference, with its point; "" for the form itself.
    label
        What the reference is called.
    """
    elements = tree.elements(form)
    if path:
        elements = [element for element in elements if element.get("key") is True] or elements[:1]
    named = [element for element in elements if _text(element, "type") != "reference"]
    for element in elements:
        kind = _text(element, "type")
        expression, own = path + _text(element, "id"), " ".join(_text(element, "label").split())
        if kind == "reference":
            for range_ in _parameters(element, "range")[:1]:
                of = _text(range_, "formId")
                if _is_of_users(element):
                    continue
                known = of not in visited and len(visited) <= _DEPTH and tree.elements(of)
                if known:
                    yield from _columns_of(tree, of, f"{expression}.", (*visited, of), own)
                else:  # a form that the token may not see: the ids of its records
                    yield FormColumn(expression, own)
        elif kind == "geopoint":
            for part, heading in (("latitude", "Latitude"), ("longitude", "Longitude")):
                yield FormColumn(f"{expression}.{part}", heading)
        elif kind not in _NO_VALUE and kind not in _UNREAD:
            alone = len(named) == 1 or fold_text(own) in _NAMES
            heading = _with_currency(element, own)
            heading = heading if not path else label if alone else f"{label} {heading}"
            yield FormColumn(expression, heading, _several_options(element))


def _with_currency(element: Mapping[str, Any], label: str) -> str:
    """The label of a quantity, with the currency that the form states as its unit."""
    parameters = element.get("typeParameters")
    units = _text(parameters, "units") if isinstance(parameters, Mapping) else ""
    return f"{label} ({units})" if len(currencies_in(units)) == 1 and units not in label else label


def _several_options(element: Mapping[str, Any]) -> tuple[str, ...]:
    """Labels of a field in which several may be chosen; none for any other."""
    parameters = element.get("typeParameters")
    if not isinstance(parameters, Mapping) or parameters.get("cardinality") != "multiple":
        return ()
    return tuple(_text(option, "label") for option in _parameters(element, "values"))


def _parameters(element: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    parameters = element.get("typeParameters")
    listed = parameters.get(name) if isinstance(parameters, Mapping) else None
    return [p for p in listed if isinstance(p, Mapping)] if isinstance(listed, list) else []


def _is_of_users(element: Mapping[str, Any]) -> bool:
    """Whether a field names a person who has an account."""
    return any(_text(one, "formId").endswith("@users") for one in _parameters(element, "range"))


def _text(element: Mapping[str, Any], name: str) -> str:
    return str(element.get(name) or "")


def _all_records(
    server: RemoteServer, form: str, columns: Sequence[FormColumn]
) -> tuple[int, list[dict[str, Cell]]]:
    """What the server counts at last, and the records, each once."""
    asked = [*(column.expression for column in columns), _ID, _EDITED]
    query = {
        "rowSources": [{"rootFormId": form}],
        "columns": [{"id": f"c{n}", "expression": one} for n, one in enumerate(asked)],
        "truncateStrings": False,
        "sort": [{"dir": "ASC", "field": _ID}],
    }
    found: dict[Cell, dict[str, Cell]] = {}
    start = 0
    while start < MAX_RECORDS:
        answer = server.json("/resources/query/columns", {**query, "window": [start, PAGE]})
        rows = answer.get("rows")
        total = answer.get("totalRows", rows)
        if not isinstance(rows, int) or not isinstance(total, int):
            raise server.unexpected_answer()
        values = [_values(server, answer, f"c{n}", rows) for n in range(len(asked))]
        for *cells, record, edited in zip(*values, strict=True):
            row = {c.heading: _cell(c, v) for c, v in zip(columns, cells, strict=True)}
            found[record] = {**row, REPORTED: _day(edited)}
        start += rows  # a server may give fewer than it was asked for
        if not rows or start >= total:
            return total, list(found.values())
    raise DownloadError(
        _("{url} : formulaire de plus de {n} entrées", url=server.host, n=MAX_RECORDS),
        "",
        _("Rien n'a été publié."),
    )


def _values(server: RemoteServer, answer: Mapping[str, Any], name: str, rows: int) -> list[Cell]:
    """The cells of one column, however they are packed: all the same, none, or one by one."""
    columns = answer.get("columns")
    column = columns.get(name) if isinstance(columns, Mapping) else None
    if not isinstance(column, Mapping):
        return [None] * rows
    match column.get("storage"):
        case "array":
            values = column.get("values")
            if isinstance(values, list) and len(values) == rows:
                return values
        case "constant":
            return [column.get("value")] * rows
        case "empty":
            return [None] * rows
    raise server.unexpected_answer()


def _cell(column: FormColumn, value: Cell) -> Cell:
    if not column.options or not isinstance(value, str):
        return value
    return SEPARATOR.join(chosen_options(value, column.options))


def chosen_options(text: str, options: Sequence[str]) -> list[str]:
    """The options that a cell joins by commas, which may stand in an option too.

    As it stands where it is not made of options alone.

    Examples
    --------
    >>> chosen_options("Eau, hygiène, Santé", ["Santé", "Eau", "Eau, hygiène"])
    ['Eau, hygiène', 'Santé']
    >>> chosen_options("Eau, autre", ["Santé", "Eau"])
    ['Eau, autre']
    """
    found, rest = [], text
    longest_first = sorted(filter(None, options), key=len, reverse=True)
    while rest:
        option = next((o for o in longest_first if rest == o or rest.startswith(f"{o}, ")), None)
        if option is None:
            return [text]
        found.append(option)
        rest = rest[len(option) :].removeprefix(", ")
    return found


def _day(seconds: Cell) -> str | None:
    """The day of a moment in seconds of Unix."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d}"
