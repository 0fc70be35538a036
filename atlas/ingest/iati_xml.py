"""IATI 2.x activity XML → tables, through defusedxml.

An activity has many places, budgets and payments, which one row of a list cannot hold
without losing their dates: each kind of element is a table of its own, a row an element, and
``atlas.ingest.sources.iati`` puts them together. Rows are numbered in the order of the file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.admission import entities, unusable
from atlas.ingest.reading import Content, Finding, Sheet

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ACTIVITY, LOCATION, BUDGET, TRANSACTION = "iati-activity", "location", "budget", "transaction"
TABLES: dict[str, tuple[str, ...]] = {
    ACTIVITY: (
        *("activity", "title", "description", "status", "planned_start", "start", "planned_end"),
        *("end", "reporting", "funding", "accountable", "extending", "implementing", "sectors"),
        *("countries", "regions", "currency", "updated"),
    ),
    LOCATION: ("activity", "name", "lon", "lat", "codes"),
    BUDGET: ("activity", "type", "start", "end", "value", "currency", "value_date"),
    TRANSACTION: ("activity", "type", "date", "value", "currency", "countries"),
}
"""Columns of each table; ``activity`` is the number of the activity's row."""
SEPARATOR = "\n"
"""Between several entries in one cell: no name holds a line break."""

_PERSONAL = ("contact-info",)
_READ = frozenset(
    {
        *("iati-identifier", "reporting-org", "title", "description", "participating-org"),
        *("activity-status", "activity-date", "recipient-country", "recipient-region"),
        *("sector", LOCATION, BUDGET, TRANSACTION),
    }
)
_ROLES = {"1": "funding", "2": "accountable", "3": "extending", "4": "implementing"}
_DATES = {"1": "planned_start", "2": "start", "3": "planned_end", "4": "end"}
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

Row = list[object]


def read(path: Path | str, data: bytes) -> Content:
    """Tables of an IATI file of activities.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.

    Returns
    -------
    Content
        Sheets named as `TABLES`. Findings: ``column_ignored`` for every element that is not
        read, with how often it stands; ``personal_data_dropped`` for contacts.

    Raises
    ------
    UnusableFileError
        It declares entities, is no IATI file of activities, or of another version than 2.x.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, iterparse

    rows: dict[str, list[Row]] = {name: [list(columns)] for name, columns in TABLES.items()}
    ignored: Counter[str] = Counter()
    try:
        events = iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True)
        _event, root = next(events)
        _check_root(path, root)
        for event, element in events:
            if event == "end" and element.tag == ACTIVITY:
                _activity(element, rows, ignored)
                root.clear()
    except DefusedXmlException as error:
        raise entities(path) from error
    except ParseError as error:
        why = _("XML mal formé (ligne {line})", line=error.position[0])
        raise unusable(path, why, _("Exportez-le de nouveau, puis relancez.")) from error
    sheets = tuple(Sheet(name, found, first_row=0) for name, found in rows.items())
    return Content(None, sheets, tuple(_said(ignored)))


def _check_root(path: Path | str, root: Element) -> None:
    version = root.get("version", "")
    if root.tag == "iati-activities" and version.startswith("2."):
        return
    why = _("XML d'une autre forme que les activités IATI 2.x")
    if root.tag == "iati-activities":
        why = _("IATI {version} : seule la version 2 est lue", version=version or "?")
    raise _not_iati(path, why)


def _not_iati(path: Path | str, why: str) -> UnusableFileError:
    return unusable(path, why, _("Exportez les activités en IATI 2.03, ou la liste en XLSX."))


def _said(ignored: Counter[str]) -> Iterator[Finding]:
    for tag, count in sorted(ignored.items()):
        code = "personal_data_dropped" if tag in _PERSONAL else "column_ignored"
        yield Finding(code, field=tag, params={"column": f"{tag} ({count})"})


def _activity(element: Element, rows: dict[str, list[Row]], ignored: Counter[str]) -> None:
    number = len(rows[ACTIVITY])
    rows[ACTIVITY].append(_fields(element, number))
    for tag, make in ((LOCATION, _location), (BUDGET, _budget), (TRANSACTION, _transaction)):
        rows[tag] += [[number, *make(child)] for child in element.findall(tag)]
    ignored.update(child.tag for child in element if child.tag not in _READ)


def _fields(element: Element, number: int) -> Row:
    found: dict[str, object] = {
        "activity": (element.findtext("iati-identifier") or "").strip() or f"n° {number}",
        "title": _words(element.find("title")),
        "description": SEPARATOR.join(filter(None, map(_words, element.findall("description")))),
        "status": _code(element, "activity-status"),
        "reporting": _words(element.find("reporting-org")),
        "sectors": _joined(element, "sector", _sector),
        "countries": _joined(element, "recipient-country", _coded),
        "regions": _joined(element, "recipient-region", _coded),
        "currency": element.get("default-currency"),
        "updated": (element.get("last-updated-datetime") or "")[:10] or None,
    }
    for kind, column in _DATES.items():
        day = element.find(f"activity-date[@type='{kind}']")
        found[column] = day.get("iso-date") if day is not None else None
    for role, column in _ROLES.items():
        found[column] = _joined(element, f"participating-org[@role='{role}']", _organisation)
    return [found.get(column) or None for column in TABLES[ACTIVITY]]


def _words(element: Element | None) -> str:
    """Narrative of an element, the French one first; its own text where it has none."""
    if element is None:
        return ""
    told = {one.get(_LANGUAGE, ""): one.text for one in element.findall("narrative") if one.text}
    text = told.get("fr") or next(iter(told.values()), None) or element.text or ""
    return " ".join(text.split())


def _joined(element: Element, tag: str, tell: Callable[[Element], str]) -> str:
    entries = (tell(child) for child in element.findall(tag))
    return SEPARATOR.join(dict.fromkeys(entry for entry in entries if entry))


def _organisation(element: Element) -> str:
    return _words(element) or element.get("ref", "")


def _coded(element: Element) -> str:
    return element.get("code") or _words(element)


def _sector(element: Element) -> str:
    """ "12220 Soins de santé de base": a code, its vocabulary unless the DAC's, and its name."""
    vocabulary = element.get("vocabulary", "1")
    code = element.get("code", "")
    return " ".join(filter(None, (code if vocabulary in ("1", "2") else "", _words(element)))) or (
        f"{vocabulary}/{code}"
    )


def _code(element: Element, tag: str) -> str | None:
    child = element.find(tag)
    return child.get("code") if child is not None else None


def _location(element: Element) -> Row:
    latitude, longitude = [*(element.findtext("point/pos") or "").split(), "", ""][:2]
    codes = [one.get("code", "") for one in element.findall("administrative")]
    codes += [one.get("code", "") for one in element.findall("location-id")]
    name = _words(element.find("name")) or _words(element.find("description"))
    return [name or None, longitude or None, latitude or None, SEPARATOR.join(codes) or None]


def _budget(element: Element) -> Row:
    days = [_attribute(element.find(f"period-{end}"), "iso-date") for end in ("start", "end")]
    return [
        element.get("type", "1"),
        *days,
        *_value(element),
        _attribute(element.find("value"), "value-date"),
    ]


def _transaction(element: Element) -> Row:
    day = _attribute(element.find("transaction-date"), "iso-date")
    day = day or _attribute(element.find("value"), "value-date")
    countries = _joined(element, "recipient-country", _coded) or None
    return [_code(element, "transaction-type"), day, *_value(element), countries]


def _value(element: Element) -> Row:
    value = element.find("value")
    return [
        (value.text or "").strip() if value is not None else None,
        _attribute(value, "currency"),
    ]


def _attribute(element: Element | None, name: str) -> str | None:
    return element.get(name) if element is not None else None
