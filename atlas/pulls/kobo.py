"""Submissions of a KoBoToolbox form, through its API v2, as the workbook that KoBo exports.

Headings and values are the French labels of the form; a group that may be answered several
times has a sheet of its own, tied by ``_parent_index``, as in KoBo's own exports.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from atlas.ingest.files.pulled_workbook import PulledForm
from atlas.pulls.pulled_file import (
    Cell,
    PulledFile,
    PulledTable,
    distinct_heading,
    form_file,
    name_part,
    pulled_name,
    sheet_name,
)
from atlas.pulls.remote_server import RemoteServer

PAGE = 1000
"""Submissions asked for at once: the most that KoBo gives since 2026."""
MAX_PAGES = 1000
_KEPT = ("_id", "_uuid", "_submission_time")
_PERSONS = frozenset(
    {"_submitted_by", "_attachments", "_notes", "_validation_status", "username", "phonenumber"}
    | {"deviceid", "email", "subscriberid", "simserial", "imei", "audit", "enumerator"}
)
_TOOL = frozenset({"start", "end", "today", "formhub/uuid", "start-geopoint", "background-audio"})
_MEDIA = frozenset({"image", "audio", "video", "file", "background-audio"})
_WHOLE, _DECIMAL = ("integer", "range"), ("decimal",)
_OPENINGS = ("begin_group", "begin_repeat", "begin_score", "begin_rank", "begin_kobomatrix")
_POINT = ("_latitude", "_longitude", "_altitude", "_precision")
SEPARATOR = " ; "


@dataclass(frozen=True)
class KoboQuestion:
    """One question of the form.

    Attributes
    ----------
    path
        ``group/question``, the key of its answers.
    heading
        Its French label behind those of its groups.
    kind, choices
        Its type, and the name of its list of choices.
    """

    path: str
    heading: str
    kind: str
    choices: str = ""


@dataclass
class KoboForm:
    """What the definition of a form says."""

    questions: dict[str, KoboQuestion] = field(default_factory=dict)
    repeats: dict[str, str] = field(default_factory=dict)
    labels: dict[tuple[str, str], str] = field(default_factory=dict)
    """List and code of a choice → its label."""


def pull_kobo(server: RemoteServer, asset: str, earlier: PulledForm | None) -> PulledFile:
    """All submissions of a form, page by page.

    Parameters
    ----------
    asset
        The form's uid.
    earlier
        The form as it was pulled before: a question that it had is still called so where
        answers to it are left.
    """
    path = f"/api/v2/assets/{quote(asset, safe='')}/"
    definition = server.json(f"{path}?format=json")
    content = definition.get("content")
    if not isinstance(content, Mapping):
        raise server.unexpected_answer()
    form = form_of_content(content)
    counted, submissions = _all_submissions(server, path)
    sheets = _KoboSheets(form, earlier)
    sheets.add_submissions(submissions)
    pulled = PulledForm(
        counted=counted,
        read=len(submissions),
        personal=tuple(sorted(sheets.personal)),
        unread=tuple(sorted(sheets.unread)),
        headings={path: words for path, words in sheets.headings.items() if path in form.questions},
        former={
            path: words for path, words in sheets.headings.items() if path not in form.questions
        },
        choices=form.labels,
    )
    name = pulled_name("kobo", name_part(server.host, asset), "xlsx")
    return form_file(name, list(sheets.tables.values()), pulled, earlier)


def _all_submissions(server: RemoteServer, path: str) -> tuple[int, list[Mapping[str, Any]]]:
    """What the server counts at last, and the submissions, the oldest first, each once."""
    query = {"format": "json", "start": 0, "limit": PAGE, "sort": json.dumps({"_id": 1})}
    link = f"{path}data/?{urlencode(query)}"
    found: dict[str, Mapping[str, Any]] = {}
    for _page in range(MAX_PAGES):
        answer = server.json(link)
        results, count = answer.get("results"), answer.get("count")
        if not isinstance(results, list) or not isinstance(count, int):
            raise server.unexpected_answer()
        for one in results:
            if not isinstance(one, Mapping) or "_id" not in one:
                raise server.unexpected_answer()
            found[str(one["_id"])] = one
        if not answer.get("next"):
            return count, list(found.values())
        link = server.path_of(str(answer["next"]))
    raise server.unexpected_answer()


def form_of_content(content: Mapping[str, Any]) -> KoboForm:
    """Questions and choices of a form's definition, in French where it speaks it."""
    spoken = _french_position(content.get("translations"))
    form = KoboForm()
    for choice in _rows_of(content, "choices"):
        code = str(choice.get("name") or choice.get("$autovalue") or "")
        form.labels[str(choice.get("list_name") or ""), code] = _label_of(choice, spoken) or code
    groups: list[tuple[str, str]] = []
    for row in _rows_of(content, "survey"):
        words = str(row.get("type") or "").split()
        kind = words[0] if words else ""
        name = str(row.get("name") or row.get("$autoname") or "")
        if kind.startswith("end_"):
            del groups[-1:]
            continue
        path = str(row.get("$xpath") or "/".join([*(group for group, _label in groups), name]))
        label = _label_of(row, spoken) or name
        heading = "/".join([*(label for _group, label in groups), label])
        if kind in _OPENINGS:
            groups.append((name, label))
            if kind == "begin_repeat":
                form.repeats[path] = label
        elif kind not in ("", "note"):
            listed = row.get("select_from_list_name") or "".join(words[1:2])
            form.questions[path] = KoboQuestion(path, heading, kind, str(listed))
    return form


def _rows_of(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = content.get(name)
    return [row for row in listed if isinstance(row, Mapping)] if isinstance(listed, list) else []


def _french_position(translations: object) -> int:
    """Where the French labels stand among the translations; the first where there are none."""
    named = translations if isinstance(translations, list) else []
    folded = [str(name or "").casefold() for name in named]
    french = [i for i, name in enumerate(folded) if "(fr" in name or name[:5] in _FRENCH]
    return french[0] if french else 0


_FRENCH = ("fr", "franc", "franç", "frenc")


def _label_of(row: Mapping[str, Any], spoken: int) -> str:
    """The label in the language spoken, else in the first that has one."""
    label = row.get("label")
    told = [str(one or "") for one in (label if isinstance(label, list) else [label])]
    own = told[spoken : spoken + 1]
    return next((" ".join(one.split()) for one in (*own, *told) if one.strip()), "")


class _KoboSheets:
    """The sheets of an export, filled submission by submission."""

    def __init__(self, form: KoboForm, earlier: PulledForm | None) -> None:
        self._form = form
        self._before = {**earlier.headings, **earlier.former} if earlier else {}
        self.tables: dict[str, PulledTable] = {"": PulledTable("Soumissions")}
        self.headings: dict[str, str] = {}
        self.personal: set[str] = set()
        self.unread: set[str] = set()
        self._taken: set[str] = {*_KEPT, "_index", "_parent_table_name", "_parent_index"}
        for path, question in form.questions.items():
            if not self._is_left_out(path, question):
                self._heading_of(path)
        for path, label in form.repeats.items():
            taken = [table.name for table in self.tables.values()]
            self.tables[path] = PulledTable(sheet_name(label, taken))
        for path, heading in self.headings.items():
            inside = [repeat for repeat in form.repeats if path.startswith(f"{repeat}/")]
            self.tables[max(inside, key=len, default="")].headings.append(heading)

    def add_submissions(self, submissions: Sequence[Mapping[str, Any]]) -> None:
        """One row each, and one for each answer of a group that is answered several times."""
        for submission in submissions:
            self._add_row("", submission, {})

    def _add_row(self, sheet: str, answers: Mapping[str, Any], tie: Mapping[str, Cell]) -> None:
        table = self.tables[sheet]
        row: dict[str, Cell] = {}
        table.rows.append(row)
        index = len(table.rows)
        for path, value in answers.items():
            if path in self._form.repeats and isinstance(value, list):
                above: dict[str, Cell] = {"_parent_table_name": table.name, "_parent_index": index}
                for one in value:
                    self._add_row(path, one if isinstance(one, Mapping) else {path: one}, above)
            else:
                row.update(self._cells(path, value))
        row.update({"_index": index, **tie})

    def _cells(self, path: str, value: object) -> Iterator[tuple[str, Cell]]:
        question = self._form.questions.get(path)
        if path in _KEPT:
            yield path, _plain(value)
        elif not self._is_left_out(path, question):
            heading = self._heading_of(path)
            yield heading, self._answer(question, value)
            if question and question.kind == "geopoint":
                group, slash, last = heading.rpartition("/")
                for ending, part in zip(_POINT, str(value or "").split(), strict=False):
                    yield f"{group}{slash}_{last}{ending}", _number(part[:_DIGITS], whole=False)

    def _is_left_out(self, path: str, question: KoboQuestion | None) -> bool:
        """Whether it says who filled the form in, is the tool's own, or an attachment."""
        name = path.rpartition("/")[2]
        if name in _PERSONS or (question and question.kind in _PERSONS):
            self.personal.add(name)
        elif question is None and (name[:1] == "_" or path.startswith(("meta/", "formhub/"))):
            self.unread.add(path)
        elif question and (question.kind in _MEDIA or question.kind in _TOOL):
            self.unread.add(question.heading)
        else:
            return False
        return True

    def _heading_of(self, path: str) -> str:
        """Heading of a question; what a removed one was called before, else its own name."""
        if path not in self.headings:
            question = self._form.questions.get(path)
            words = question.heading if question else self._before.get(path, path)
            self.headings[path] = distinct_heading(words, path, self._taken)
        return self.headings[path]

    def _answer(self, question: KoboQuestion | None, value: object) -> Cell:
        """The value as a person reads it: labels of choices, numbers as numbers."""
        if question is None or not isinstance(value, str):
            return _plain(value)
        if question.kind.startswith("select_multiple") or question.kind == "rank":
            codes = value.split()
            return SEPARATOR.join(self._form.labels.get((question.choices, c), c) for c in codes)
        if question.kind.startswith("select_one"):
            return self._form.labels.get((question.choices, value), value)
        if question.kind in (*_WHOLE, *_DECIMAL):
            return _number(value, whole=question.kind in _WHOLE)
        return value


def _plain(value: object) -> Cell:
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False)


def _number(text: str, *, whole: bool) -> Cell:
    """A number as one, where it is written as one that a cell holds; else the text as it is."""
    if len(text) > _DIGITS or not text.isascii() or "_" in text:
        return text
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text


_DIGITS = 15
"""Figures of a number that a workbook keeps."""
