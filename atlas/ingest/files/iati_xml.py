"""IATI activity XML, 1.x and 2.x → tables, through defusedxml.

An activity has many places, budgets and payments, which one row of a list cannot hold
without losing their dates: each kind of element is a table of its own, a row an element, and
``atlas.ingest.sources.iati`` puts them together. Rows are numbered in the order of the file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from atlas.errors import UnusableFileError
from atlas.i18n import _
from atlas.ingest.files.admission import entities_error, unusable_error
from atlas.ingest.files.pulled_workbook import count_finding
from atlas.ingest.parsing.values import cluster_name
from atlas.ingest.reading import FileContent, Finding, Sheet

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ACTIVITY, LOCATION, BUDGET, TRANSACTION = "iati-activity", "location", "budget", "transaction"
TABLES: dict[str, tuple[str, ...]] = {
    ACTIVITY: (
        *("activity", "title", "description", "status", "planned_start", "start", "planned_end"),
        *("end", "reporting", "funding", "accountable", "extending", "implementing", "sectors"),
        *("countries", "regions", "currency", "updated", "alone", "scope", "wholes", "parts"),
        "settled",
    ),
    LOCATION: ("activity", "name", "lon", "lat", "codes", "whole", "settled"),
    BUDGET: ("activity", "type", "start", "end", "value", "currency", "value_date", "settled"),
    TRANSACTION: ("activity", "type", "date", "value", "currency", "countries", "settled"),
}
"""Columns of each table; ``activity`` is the number of the activity's row, ``settled`` what an
export of the atlas says in attributes of its own (`OWN_SPACE`), as JSON."""
OWN_SPACE = "urn:atlas-mali:export"
"""Namespace of what `atlas.export.iati` tells and IATI has no word for."""
COUNT = "total-count"
"""Element in which a service says how many activities it has, of which the file may hold a part."""
SEPARATOR = "\n"
"""Between several entries in one cell: no name holds a line break."""

_PERSONAL = ("contact-info",)
_READ = frozenset(
    {
        *("iati-identifier", "reporting-org", "title", "description", "participating-org"),
        *("activity-status", "activity-date", "recipient-country", "recipient-region"),
        *("sector", LOCATION, BUDGET, TRANSACTION, "related-activity", "activity-scope"),
    }
)
_ORDER = (
    *("iati-identifier", "reporting-org", "title", "description", "participating-org"),
    *("other-identifier", "activity-status", "activity-date", "contact-info", "activity-scope"),
    *("recipient-country", "recipient-region", LOCATION, "sector", "tag"),
    *("country-budget-items", "humanitarian-scope", "policy-marker", "collaboration-type"),
    *("default-flow-type", "default-finance-type", "default-aid-type", "default-tied-status"),
    *(BUDGET, "planned-disbursement", "capital-spend", TRANSACTION, "document-link"),
    *("related-activity", "legacy-data", "conditions", "result", "crs-add", "fss"),
)
"""Elements of an activity in the order that the schema of 2.x asks for."""
_REQUIRED: dict[str, tuple[str, ...]] = {
    ".": (
        *("iati-identifier", "reporting-org", "title", "description", "participating-org"),
        *("activity-status", "activity-date"),
    ),
    BUDGET: ("period-start", "period-end", "value"),
    TRANSACTION: ("transaction-type", "transaction-date", "value"),
}
"""Elements without which an activity of 2.x, its budget or transaction is not valid."""
# Codes of 2.x, then the words of 1.x.
_ROLES = {"1": "funding", "2": "accountable", "3": "extending", "4": "implementing"}
_ROLES |= {role.capitalize(): role for role in _ROLES.values()}
_DATES = {"1": "planned_start", "2": "start", "3": "planned_end", "4": "end"}
_DATES |= {"start-planned": "planned_start", "start-actual": "start"}
_DATES |= {"end-planned": "planned_end", "end-actual": "end"}
_DAC = ("1", "2", "DAC", "DAC-5", "DAC-3", "OECD-DAC-CRS")
_CLUSTERS = "10"
_GOALS = ("7", "8", "9")
"""Vocabularies of sectors: the DAC's, the humanitarian clusters, goals of development."""
_APPROXIMATE = "2"
_RECEIVED, _PAID = ("1", "11", "13", "IF"), ("2", "3", "4", "12", "C", "D", "E")
"""Types of transactions whose provider, or receiver, is the other end of the chain."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

Row = list[object]


@dataclass
class _NotedElements:
    """Elements that are not read, and what the schema of 2.x asks for in vain, with counts."""

    ignored: Counter[str] = dataclass_field(default_factory=Counter)
    absent: Counter[str] = dataclass_field(default_factory=Counter)
    misplaced: Counter[str] = dataclass_field(default_factory=Counter)
    version: str = ""
    counted: str = ""

    def findings(self, read: int) -> Iterator[Finding]:
        """What is said of the whole file, of which so many activities were read."""
        if self.counted.isdecimal() and int(self.counted) != read:
            yield count_finding(int(self.counted), read)
        for tag, count in sorted(self.ignored.items()):
            code = "personal_data_dropped" if tag in _PERSONAL else "column_ignored"
            yield Finding(code, field=tag, params={"column": f"{tag} ({count})"})
        if self.absent or self.misplaced:
            told = {"absent": self.absent, "misplaced": self.misplaced}
            yield Finding(
                "iati_invalid", params={k: _counts_in_words(v) for k, v in told.items() if v}
            )


def _counts_in_words(tags: Counter[str]) -> str:
    return ", ".join(f"{tag} ({count})" for tag, count in sorted(tags.items()))


def read(path: Path | str, data: bytes) -> FileContent:
    """Tables of an IATI file of activities.

    Parameters
    ----------
    path
        For the error sentence.
    data
        Whole file.

    Returns
    -------
    FileContent
        Sheets named as `TABLES`. Findings: ``column_ignored`` for every element that is not
        read, with how often it stands; ``personal_data_dropped`` for contacts;
        ``iati_invalid`` where the schema is not met, as far as it is known here; ``pull_count``
        where the service that answered counts other than the file holds.

    Raises
    ------
    UnusableFileError
        It declares entities, or is no IATI file of activities.
    """
    rows: dict[str, list[Row]] = {name: [list(columns)] for name, columns in TABLES.items()}
    noted = _NotedElements()
    try:
        events = iterparse(BytesIO(data), events=("start", "end"), forbid_dtd=True)
        _event, root = next(events)
        _check_root(path, root)
        space = root.tag.rpartition("}")[0] + "}" if "}" in root.tag else ""
        _note_version(root, noted)
        for event, element in events:
            element.tag = element.tag.removeprefix(space)
            if event == "start":
                _note_version(element, noted)
            if event == "end" and element.tag == COUNT:
                noted.counted = (element.text or "").strip()
            if event == "end" and element.tag == ACTIVITY:
                _add_activity(element, rows, noted)
                element.clear()
                if element is not root:
                    root.clear()
    except DefusedXmlException as error:
        raise entities_error(path) from error
    except ParseError as error:
        why = _("XML mal formé (ligne {line})", line=error.position[0])
        raise unusable_error(path, why, _("Exportez-le de nouveau, puis relancez.")) from error
    sheets = tuple(Sheet(name, found, first_row=0) for name, found in rows.items())
    return FileContent(None, sheets, tuple(noted.findings(len(rows[ACTIVITY]) - 1)))


def _check_root(path: Path | str, root: Element) -> None:
    """Raise unless the file may hold activities: alone, listed, or in the answer of a service."""
    name = root.tag.rpartition("}")[2]
    if name == "iati-organisations":
        raise _not_iati_error(path, _("fichier IATI d'organisations, sans activités"))
    if name not in ("iati-activities", ACTIVITY, "result"):
        raise _not_iati_error(path, _("XML d'une autre forme que les activités IATI"))


def _not_iati_error(path: Path | str, why: str) -> UnusableFileError:
    return unusable_error(path, why, _("Exportez les activités en IATI 2.03, ou la liste en XLSX."))


def _note_version(element: Element, noted: _NotedElements) -> None:
    if _local_name(element) == "iati-activities":
        noted.version = element.get("version", "").strip()
        noted.absent.update([] if noted.version else ["iati-activities/@version"])


def _note_validity(element: Element, noted: _NotedElements) -> None:
    """What an activity of 2.x lacks, and its elements that come after later ones."""
    version = noted.version or element.get("version", "")
    if version.startswith("1") or not (version or element.find("title/narrative") is not None):
        return
    for path, children in _REQUIRED.items():
        for one in element.findall(path):
            lacking = (child for child in children if one.find(child) is None)
            noted.absent.update(child if path == "." else f"{path}/{child}" for child in lacking)
    furthest = 0
    for place in (_ORDER.index(child.tag) for child in element if child.tag in _ORDER):
        noted.misplaced.update([_ORDER[place]] if place < furthest else [])
        furthest = max(place, furthest)


def _add_activity(element: Element, rows: dict[str, list[Row]], noted: _NotedElements) -> None:
    _note_validity(element, noted)
    number = len(rows[ACTIVITY])
    rows[ACTIVITY].append(_activity_row(element))
    for tag, make in (
        (LOCATION, _location_row),
        (BUDGET, _budget_row),
        (TRANSACTION, _transaction_row),
    ):
        rows[tag] += [[number, *make(child)] for child in element.findall(tag)]
    noted.ignored.update(_local_name(child) for child in element if child.tag not in _READ)
    goals = sum(child.get("vocabulary") in _GOALS for child in element.findall("sector"))
    noted.ignored.update({"sector (ODD)": goals} if goals else {})


def _local_name(element: Element) -> str:
    """Name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _activity_row(element: Element) -> Row:
    spoken = element.get(_LANGUAGE, "")
    found: dict[str, object] = {
        "activity": " ".join((element.findtext("iati-identifier") or "").split()),
        "title": _french_narrative(element.findall("title"), spoken),
        "description": SEPARATOR.join(_descriptions_of(element, spoken)),
        "status": _code_of(element, "activity-status"),
        "reporting": _reporting_organisation(element),
        "sectors": _sectors_of(element),
        "countries": _joined_entries(element, "recipient-country", _country_code),
        "regions": _joined_entries(element, "recipient-region", _code_or_name),
        "currency": element.get("default-currency"),
        "updated": (element.get("last-updated-datetime") or "")[:10] or None,
        "alone": _all_in_mali_mark(element),
        "scope": _code_of(element, "activity-scope"),
        "settled": _own_words(element),
    }
    for day in element.findall("activity-date"):
        column = _DATES.get(day.get("type", ""))
        if column and not found.get(column):
            found[column] = day.get("iso-date") or (day.text or "").strip() or None
    for role in dict.fromkeys(_ROLES.values()):
        named = (o for o in element.findall("participating-org") if _role_of(o) == role)
        found[role] = SEPARATOR.join(dict.fromkeys(filter(None, map(_organisation_name, named))))
    for column, ends in _linked_identifiers(element).items():
        others = {" ".join(end.split()) for end in ends} - {"", found["activity"]}
        found[column] = SEPARATOR.join(sorted(others))
    return [found.get(column) or None for column in TABLES[ACTIVITY]]


def _linked_identifiers(element: Element) -> dict[str, list[str]]:
    """Identifiers of the activities that pay this one, and of those that it pays."""
    told = [
        (column, one.get("ref", ""))
        for kind, column in (("1", "wholes"), ("2", "parts"))
        for one in element.findall(f"related-activity[@type='{kind}']")
    ]
    ends = {"funding": "wholes", "implementing": "parts"}
    told += [
        (ends[role], one.get("activity-id", ""))
        for one in element.findall("participating-org")
        if (role := _role_of(one)) in ends
    ]
    for one in element.findall(TRANSACTION):
        kind = _code_of(one, "transaction-type")
        if kind in _RECEIVED:
            provider = _attribute_of(one.find("provider-org"), "provider-activity-id")
            told.append(("wholes", provider or ""))
        elif kind in _PAID:
            receiver = _attribute_of(one.find("receiver-org"), "receiver-activity-id")
            told.append(("parts", receiver or ""))
    return {end: [name for column, name in told if column == end] for end in ("wholes", "parts")}


def _role_of(element: Element) -> str | None:
    return _ROLES.get(element.get("role", "").strip().capitalize())


def _reporting_organisation(element: Element) -> str | None:
    """Who reports, unless it repeats what others reported: then it leads nothing."""
    found = element.find("reporting-org")
    secondary = found is not None and found.get("secondary-reporter") in ("1", "true")
    return None if secondary else _narrative_of(found)


def _all_in_mali_mark(element: Element) -> str | None:
    """ "1" where the activity says that all of it is Mali's, whatever else it lists."""
    listed = [*element.findall("recipient-country"), *element.findall("recipient-region")]
    share = {one.tag + _country_code(one): one.get("percentage", "") for one in listed}
    mali = share.pop("recipient-countryML", "")
    return (
        "1"
        if _is_percentage(mali, 100) and all(_is_percentage(other, 0) for other in share.values())
        else None
    )


def _is_percentage(percentage: str, value: int) -> bool:
    try:
        return float(percentage) == value
    except ValueError:
        return False


def _narrative_of(element: Element | None) -> str:
    """Narrative of an element, the French one first; its own text where it has none."""
    return _french_narrative([element], "") if element is not None else ""


def _french_narrative(elements: Iterable[Element], spoken: str) -> str:
    """The French narrative of elements, else the first one; 1.x has an element a language."""
    told: dict[str, str] = {}
    for element in elements:
        for one in element.findall("narrative") or [element]:
            if text := " ".join((one.text or "").split()):
                told.setdefault(one.get(_LANGUAGE, spoken)[:2].lower(), text)
    return told.get("fr") or next(iter(told.values()), "")


def _own_words(element: Element | None) -> str | None:
    """The attributes of an element that are the atlas's own, as JSON."""
    start = f"{{{OWN_SPACE}}}"
    attributes = element.attrib.items() if element is not None else ()
    told = {name.removeprefix(start): word for name, word in attributes if name.startswith(start)}
    return json.dumps(told) if told else None


def _descriptions_of(element: Element, spoken: str) -> list[str]:
    """Descriptions of each type, one language each; one that repeats the title says nothing."""
    by_type: dict[str, list[Element]] = {}
    for one in element.findall("description"):
        if one.get(f"{{{OWN_SPACE}}}title"):
            continue
        by_type.setdefault(one.get("type", "1"), []).append(one)
    return [text for many in by_type.values() if (text := _french_narrative(many, spoken))]


def _joined_entries(element: Element, tag: str, tell: Callable[[Element], str]) -> str:
    entries = (tell(child) for child in element.findall(tag))
    return SEPARATOR.join(dict.fromkeys(entry for entry in entries if entry))


def _organisation_name(element: Element) -> str:
    return _narrative_of(element) or element.get("ref", "")


def _code_or_name(element: Element) -> str:
    return element.get("code", "").strip() or _narrative_of(element)


def _country_code(element: Element) -> str:
    """Code of a country; its name where that is all there is."""
    code = _code_or_name(element).upper()
    return "ML" if code in ("MLI", "MALI") else code


def _sectors_of(element: Element) -> str:
    """Sectors in the vocabulary that says most of them: the DAC's, else clusters, else others.

    One vocabulary, for each tells the whole of the activity. Goals of development are no
    sectors; those of a transaction are read where the activity has none.
    """
    found = element.findall("sector") or element.findall(f"{TRANSACTION}/sector")
    found = [one for one in found if one.get("vocabulary") not in _GOALS]
    five = [one for one in found if one.get("vocabulary", "1") in _DAC]
    clusters = [one for one in found if one.get("vocabulary") == _CLUSTERS]
    return SEPARATOR.join(dict.fromkeys(map(_sector_entry, five or clusters or found)))


def _sector_entry(element: Element) -> str:
    """ "12220 Soins de santé de base": a code, its vocabulary unless the DAC's, and its name."""
    vocabulary = element.get("vocabulary", "1")
    code = element.get("code", "").strip()
    if vocabulary == _CLUSTERS:
        return _narrative_of(element) or cluster_name(code) or f"{vocabulary}/{code}"
    return " ".join(filter(None, (code if vocabulary in _DAC else "", _narrative_of(element)))) or (
        f"{vocabulary}/{code}"
    )


def _code_of(element: Element, tag: str) -> str | None:
    child = element.find(tag)
    return child.get("code") or _narrative_of(child) or None if child is not None else None


def _location_row(element: Element) -> Row:
    position = (element.findtext("point/pos") or "").replace(",", " ").split()
    old = element.find("coordinates")  # 1.x
    if old is not None and not position:
        position = [old.get("latitude", ""), old.get("longitude", "")]
    latitude, longitude = [*position, "", ""][:2]
    codes = [one.get("code", "") for one in element.findall("administrative")]
    codes += [one.get("code", "") for one in element.findall("location-id")]
    name = _narrative_of(element.find("name")) or _narrative_of(element.find("description"))
    codes_told = SEPARATOR.join(dict.fromkeys(filter(None, codes))) or None
    area, settled = _kind_of_area(element), _own_words(element)
    return [name or None, longitude or None, latitude or None, codes_told, area, settled]


def _kind_of_area(element: Element) -> str | None:
    """What kind of area a point stands for, where it is not a spot: ``PCL``, ``ADM1``, ``~``."""
    kind = _code_of(element, "feature-designation") or _code_of(element, "location-type") or ""
    if kind[:3] in ("PCL", "ADM"):
        return kind
    return "~" if _code_of(element, "exactness") == _APPROXIMATE else None


def _budget_row(element: Element) -> Row:
    days = [_attribute_of(element.find(f"period-{end}"), "iso-date") for end in ("start", "end")]
    return [
        element.get("type", "1"),
        *days,
        *_value_and_currency(element),
        _attribute_of(element.find("value"), "value-date"),
        _own_words(element.find("value")),
    ]


def _transaction_row(element: Element) -> Row:
    day = _attribute_of(element.find("transaction-date"), "iso-date")
    day = day or _attribute_of(element.find("value"), "value-date")
    countries = _joined_entries(element, "recipient-country", _country_code) or None
    settled = _own_words(element.find("value"))
    money = _value_and_currency(element)
    return [_code_of(element, "transaction-type"), day, *money, countries, settled]


def _value_and_currency(element: Element) -> Row:
    value = element.find("value")
    return [
        "".join((value.text or "").split()) if value is not None else None,
        _attribute_of(value, "currency"),
    ]


def _attribute_of(element: Element | None, name: str) -> str | None:
    return element.get(name) if element is not None else None
