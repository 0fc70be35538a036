"""Exports of KoBoToolbox and ODK forms: questions in groups, and columns of the tool itself.

A heading is "group/question", sometimes "question/choice" for each choice of a list; what the
tool adds stands beside the questions. Above all its ``start`` and ``end`` are those of the
interview, never of a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_MARKS = frozenset(
    {
        *("_id", "_uuid", "_submission_time", "_index", "__version__", "_validation_status"),
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
    found = {heading: _field(heading, set(written), known) for heading in written}
    return {heading: field for heading, field in found.items() if field is not None}


def _field(heading: str, written: set[str], known: Mapping[str, str]) -> str | None:
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
