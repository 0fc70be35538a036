"""The reporting form of a sender: his activities as they stand, to be brought up to date.

An ordinary list (`atlas.ingest.sources.ngo` reads it back): one row per activity, headings that
every import knows, drop-down lists of the vocabularies and places. The code of a row is the
activity's own id, so that what comes back is the next report of the same activity.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.receipt import activities_of_document, document_named
from atlas.export.spreadsheets import CELL_LIMIT
from atlas.formats import day_text, month_end
from atlas.geo.frames import LEVELS
from atlas.i18n import N_, _, ngettext
from atlas.ingest.money import STATED, to_major
from atlas.ingest.placing import units_of_place
from atlas.ingest.reading import PlaceText
from atlas.labels import label
from atlas.model import (
    AGAIN,
    GROUP_PARTS,
    HELP_SHEET,
    NATIONAL,
    UNPLACED,
    Kind,
    Level,
    Source,
    Tables,
    form_code,
    group_in_codes,
)
from atlas.vocab import entries_by_id

BLANK_ROWS = 200
"""Rows below the activities in which the drop-down lists still open."""
_LISTS = N_("Listes")


@dataclass(frozen=True)
class FormColumn:
    """One column of the form.

    Attributes
    ----------
    field
        What an import reads it as.
    heading
        French heading (a message id).
    note
        What the person who fills it in may need to know; shown on the heading.
    """

    field: str
    heading: str
    width: int = 16
    form: str = "text"
    note: str = ""


_GROUPS: Mapping[str, tuple[str, str]] = {
    "f": (N_("Femmes visées"), N_("Femmes atteintes")),
    "m": (N_("Hommes visés"), N_("Hommes atteints")),
    "f child": (N_("Filles visées"), N_("Filles atteintes")),
    "m child": (N_("Garçons visés"), N_("Garçons atteints")),
    "idp": (N_("Déplacés visés"), N_("Déplacés atteints")),
    "returnee": (N_("Retournés visés"), N_("Retournés atteints")),
    "refugee": (N_("Réfugiés visés"), N_("Réfugiés atteints")),
    "host": (N_("Hôtes visés"), N_("Hôtes atteints")),
    "disabled": (N_("Personnes handicapées visées"), N_("Personnes handicapées atteintes")),
}
"""Group in codes → headings of its people targeted and reached, which an import reads."""
_OF_GROUPS = tuple(
    FormColumn(f"{measure} {group}", headings[number], 12, "count")
    for number, measure in enumerate(("target", "reached"))
    for group, headings in _GROUPS.items()
)

COLUMNS = (
    FormColumn("code", N_("Code"), 24, note=N_(
        "Ne changez pas le code d'une activité déjà connue ; laissez vide celui d'une nouvelle, "
        "d'une ligne copiée aussi.")),
    FormColumn("title", N_("Titre"), 40, note=N_(
        "Rien à rapporter : écrivez « néant » ici, votre organisation et le lieu à côté.")),
    FormColumn("description", N_("Description"), 30),
    FormColumn("sector", N_("Secteur"), 22),
    FormColumn("lead", N_("Organisation"), 22),
    FormColumn("implementers", N_("Partenaires"), 22, note=N_("Plusieurs : « ; » entre deux.")),
    FormColumn("donor", N_("Bailleur"), 22, note=N_("Plusieurs : « ; » entre deux.")),
    FormColumn("region", N_("Région")),
    FormColumn("cercle", N_("Cercle")),
    FormColumn("commune", N_("Commune")),
    FormColumn("place", N_("Lieu"), 30, note=N_(
        "Seulement pour plusieurs lieux à la fois : « Dourou ; Doucombo ».")),
    FormColumn("lat", N_("Latitude"), 10, "degrees"),
    FormColumn("lon", N_("Longitude"), 10, "degrees"),
    FormColumn("status", N_("Statut"), 12),
    FormColumn("start", N_("Date de début"), 12, "date"),
    FormColumn("end", N_("Date de fin"), 12, "date"),
    FormColumn("target", N_("Personnes visées"), 12, "count"),
    FormColumn("reached", N_("Personnes atteintes"), 12, "count", note=N_(
        "Chaque personne une fois ; une case vide est inconnue, jamais zéro.")),
    *_OF_GROUPS,
    FormColumn("budget", N_("Budget"), 14, "money"),
    FormColumn("committed", N_("Engagé"), 14, "money"),
    FormColumn("spent", N_("Décaissé"), 14, "money"),
    FormColumn("currency", N_("Devise"), 8),
    FormColumn("modality", N_("Modalité"), 14),
    FormColumn("people_flag", N_("Bénéficiaires nouveaux ou déjà comptés"), 18),
    FormColumn("remarks", N_("Remarques"), 30),
    FormColumn("reported", N_("Situation au"), 12, "date"),
    FormColumn("frame", N_("Découpage"), 18),
)  # fmt: skip
_BY_FIELD = {column.field: column for column in COLUMNS}
_MONEY = ("budget", "committed", "spent", "currency")
_RARE = (*_MONEY, "lat", "lon", "modality", "people_flag", *(one.field for one in _OF_GROUPS))
"""Columns that are written only where an activity has them; money, where any has some."""
_AS_STATED = (
    *("title", "description", "start", "end", "target", "reached"),
    *("modality", "people_flag", "remarks"),
)
_FORMATS = {"text": "@", "count": "#,##0", "money": "#,##0.00", "degrees": "0.00000",
            "date": "dd/mm/yyyy"}  # fmt: skip
CURRENCIES = ("XOF", "USD", "EUR")
_HEAD_HEIGHT = 45
_A4 = 9
"""Number of the paper in a workbook."""
_LONGEST_TITLE = 32
"""Letters that a spreadsheet shows above the message of a rule."""
_FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class ReportForm:
    """What a form holds.

    Attributes
    ----------
    rows
        Cells of each activity by field; what is unknown is absent.
    left_out
        Title of each activity that one row cannot hold, and why.
    other_groups
        Title of each activity of which people are told by groups that no column holds.
    """

    sender: str
    day: date
    frame: str
    rows: tuple[dict[str, object], ...]
    left_out: tuple[tuple[str, str], ...]
    other_groups: tuple[str, ...] = ()

    def summary(self) -> str:
        """What the form holds, in a line."""
        n = len(self.rows)
        held = ngettext("{n} activité à mettre à jour", "{n} activités à mettre à jour", n)
        words = _("{held}, situation au {day}", held=held, day=day_text(self.day))
        if left := len(self.left_out):
            words += ngettext(
                " ; {n} ne tient pas en une ligne et reste telle que publiée",
                " ; {n} ne tiennent pas en une ligne et restent telles que publiées",
                left,
            )
        return words + "."

    @property
    def columns(self) -> tuple[FormColumn, ...]:
        """The columns that are written: those that few lists have, only where a row fills them."""
        filled = {field for row in self.rows for field in row}
        money = _MONEY if filled & set(_MONEY) else ()
        return tuple(
            one for one in COLUMNS if one.field in (*money, *filled) or one.field not in _RARE
        )

    def number_of(self, field: str) -> int:
        """Where the column of a field stands, from 0."""
        return [one.field for one in self.columns].index(field)


def next_month_end(day: date) -> date:
    """Last day of the month after the one of a day.

    Examples
    --------
    >>> next_month_end(date(2024, 1, 31))
    datetime.date(2024, 2, 29)
    """
    after = month_end(day.year, day.month) + timedelta(days=1)
    return month_end(after.year, after.month)


_IN_LISTS = (pl.col("kind") == Kind.ACTIVITY) & (pl.col("source") == Source.NGO)


def documents_with_form(tables: Tables) -> frozenset[str]:
    """Ids of the documents that tell an activity which a form can hold."""
    listed = tables.activities.filter(_IN_LISTS).select("activity_id")
    return frozenset(tables.rows.join(listed, on="activity_id", how="semi")["document"].unique())


def report_form(
    dataset: Dataset, document: str, organisation: str = "", day: date | None = None
) -> ReportForm:
    """The form for the next report of whoever sent a document.

    Parameters
    ----------
    document
        Beginning of the document's id, or its file name.
    organisation
        Id or spelling of the one whose activities are kept; "": everyone's.
    day
        Date of the situation that the form is to tell; by default the end of the month after
        the document's, at most today: a day to come would open what is reserved until then.

    Raises
    ------
    UsageError
        No published document is called so; it tells no activity that a list can hold.
    """
    told = document_named(dataset, document)
    known = activities_of_document(dataset, told["document"])
    by_who = (pl.col("lead_org") == organisation) | pl.lit(not organisation)
    asked = day or min(next_month_end(told["as_of"] or date.today()), date.today())
    sender = label("organisations", organisation) if organisation else told["file"]
    return _form_of_activities(dataset, known.filter(by_who), sender, told["frame"], asked)


def organisation_form(dataset: Dataset, organisation: str, day: date) -> ReportForm:
    """The form of all that an organisation leads, whatever document tells it.

    Parameters
    ----------
    day
        Date of the situation that it is to tell, at most today.

    Raises
    ------
    UsageError
        Nothing published of it is an activity that a list can hold.
    """
    led = dataset.tables.activities.filter(_IN_LISTS, pl.col("lead_org") == organisation)
    newest = led.join(dataset.tables.documents, on="document").sort("as_of", nulls_last=False)
    frame = str(newest["frame"][-1]) if newest.height else ""
    sender = label("organisations", organisation)
    return _form_of_activities(dataset, led, sender, frame, min(day, date.today()))


def _form_of_activities(
    dataset: Dataset, known: pl.DataFrame, sender: str, frame: str, day: date
) -> ReportForm:
    """The form of some activities; never older than what it tells of them.

    What one row cannot tell is left out with all rows of its code: a newer report of a code
    stands in for all of them.
    """
    listed = known.filter(_IN_LISTS)
    details = _details_of(dataset, listed)
    reasons = {
        activity["activity_id"]: _why_no_row(details, activity, frame)
        for activity in listed.iter_rows(named=True)
    }
    keys = {one.partition(AGAIN)[0] for one, reason in reasons.items() if reason}
    told = listed["as_of"].max()
    day = max(day, told) if isinstance(told, date) else day
    own = {"reported": day, "frame": label("frame", frame)}
    rows, left_out, other_groups = [], [], []
    for activity in listed.iter_rows(named=True):
        id_ = activity["activity_id"]
        if id_.partition(AGAIN)[0] in keys:
            reason = reasons[id_] or _("une autre ligne de son code ne tient pas")
            left_out.append((activity["title"], reason))
        else:
            rows.append(_filled(_cells_of(details, activity) | own))
            if None in _group_cells(details.figures.get(id_, [])):
                other_groups.append(activity["title"])
    if not rows:
        why = "; ".join(dict.fromkeys(reason for _title, reason in left_out))
        raise UsageError(
            _("Pas de formulaire pour {file}", file=sender),
            why or _("aucune activité d'une liste de partenaire"),
            _("Partez du modèle {file}.", file="modele-ong.xlsx"),
        )
    return ReportForm(sender, day, frame, tuple(rows), tuple(left_out), tuple(other_groups))


def _filled(cells: dict[str, object]) -> dict[str, object]:
    return {field: cell for field, cell in cells.items() if cell not in (None, "")}


RowsById = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class _Details:
    """What the tables beside that of activities hold of some of them, by id."""

    dataset: Dataset
    places: RowsById
    amounts: RowsById
    sectors: RowsById
    figures: RowsById


def _details_of(dataset: Dataset, listed: pl.DataFrame) -> _Details:
    tables = dataset.tables
    found = []
    for table in (tables.placements, tables.amounts, tables.sectors, tables.figures):
        rows: RowsById = defaultdict(list)
        for row in table.join(listed, on="activity_id", how="semi").iter_rows(named=True):
            rows[row["activity_id"]].append(row)
        found.append(rows)
    return _Details(dataset, *found)


def _why_no_row(details: _Details, activity: dict[str, Any], frame: str) -> str:
    """Why one row of a list cannot tell an activity; "" where it can.

    What its cells say of places is read as an import would.
    """
    cells = _filled(_cells_of(details, activity))
    places = details.places.get(activity["activity_id"], [])
    amounts = details.amounts.get(activity["activity_id"], [])
    stated = {one["unit_id"] for one in places} - {UNPLACED}
    if stated != {NATIONAL} and _units_written(cells, frame) != stated:
        return _("ses lieux ne se disent pas en une cellule")
    if _percents(places) is None:
        return _("des parts qu'aucun pourcentage entier ne dit")
    if len({one["currency"] for one in amounts}) > 1:
        return _("des montants en plusieurs devises")
    if len({one["kind"] for one in amounts}) < len(amounts):
        return _("plusieurs montants de même nature")
    if any(one["rate_source"] == STATED for one in amounts):
        return _("un montant dit aussi en dollars")
    if any(isinstance(cell, str) and len(cell) > CELL_LIMIT for cell in cells.values()):
        return _("un texte trop long pour une cellule")
    return ""


def _units_written(cells: dict[str, object], frame: str) -> set[str]:
    """The units that an import reads in the cells of places."""
    region, cercle, commune, place = (str(cells.get(one, "")) for one in (*LEVELS, "place"))
    written = PlaceText(place, region, cercle, commune)
    return {one.unit_id for one in units_of_place(written, frame).placed} - {UNPLACED}


def _percents(places: list[dict[str, Any]]) -> list[str] | None:
    """What is to stand behind each of several places: "" where all shares are equal."""
    weights = [one["weight"] for one in places]
    if len(set(weights)) < 2:
        return ["" for _one in places]
    whole = sum(weights)
    if any(weight * 100 % whole for weight in weights):
        return None
    return [f" {weight * 100 // whole} %" for weight in weights]


def _cells_of(details: _Details, activity: dict[str, Any]) -> dict[str, object]:
    places = details.places.get(activity["activity_id"], [])
    amounts = details.amounts.get(activity["activity_id"], [])
    sectors = details.sectors.get(activity["activity_id"], [])
    named = [one["sector"] for one in sectors] or [activity["sector"]]
    stated = activity["sector_raw"]  # a sector that was inferred is not the partner's word
    status, implementers = activity["status"], activity["implementers"] or []
    leader = activity["lead_org"] or next(iter(implementers), None)
    return {
        "code": form_code(activity["activity_id"], leader),
        **{name: activity[name] for name in _AS_STATED},
        "sector": (_names_text("sectors", named) or stated) if stated else "",
        "lead": _names_text("organisations", [activity["lead_org"]]),
        "implementers": _names_text("organisations", implementers),
        "donor": _names_text("organisations", activity["donors"]),
        "status": "" if status == "unknown" else _names_text("statuses", [status]),
        **_place_cells(details.dataset, places),
        **{
            field: value
            for field, value in _group_cells(
                details.figures.get(activity["activity_id"], [])
            ).items()
            if field
        },
        **{one["kind"]: float(to_major(one["minor"], one["currency"])) for one in amounts},
        "currency": amounts[0]["currency"] if amounts else "",
    }


def _group_cells(figures: list[dict[str, Any]]) -> dict[str | None, float]:
    """Cells of the columns of groups; ``None`` stands for what none of them holds.

    Women beside girls are the adults, as an import reads them.
    """
    columns = {one.field for one in _OF_GROUPS}
    with_children = {(one["measure"], one["sex"]) for one in figures if one["age"] == "child"}
    cells: dict[str | None, float] = {}
    for one in figures:
        parts = {part: one[part] for part in GROUP_PARTS}
        if one["sex"] and one["age"] == "adult" and (one["measure"], one["sex"]) in with_children:
            parts["age"] = None
        field = f"{one['measure']} {group_in_codes(tuple(parts.values()))}"
        holds = field in columns and field not in cells
        holds = holds and not one["is_part"] and one["period_start"] is None
        cells[field if holds else None] = one["value"]
    return cells


def _names_text(vocabulary: str, ids: Iterable[str | None] | None) -> str:
    return " ; ".join(label(vocabulary, one) for one in ids or () if one)


def _place_cells(dataset: Dataset, places: list[dict[str, Any]]) -> dict[str, object]:
    """One place in its columns, several in words; none where the place is unknown."""
    units = [one["unit_id"] for one in places]
    if len(units) > 1 and all(unit in dataset.frames for unit in units):
        words = (_place_words(dataset, one["unit_id"]) for one in places)
        shares = _percents(places) or []
        return {"place": " ; ".join(map("".join, zip(words, shares, strict=True)))}
    unit = units[0] if len(units) == 1 else UNPLACED
    if unit not in dataset.frames:
        return {"place": "Mali"} if unit == NATIONAL else {}
    above = (dataset.frames.ancestor_at_level(unit, level) for level in LEVELS)
    names = (dataset.frames.unit_by_id(one).name if one else "" for one in above)
    point = {"lat": places[0]["lat"], "lon": places[0]["lon"]}
    return {**dict(zip(LEVELS, names, strict=True)), **point}


_LEVEL_WORDS = {"region": "région de", "cercle": "cercle de", "commune": "commune de"}


def _place_words(dataset: Dataset, unit_id: str) -> str:
    """A unit as lists of places name it, in French: with its level, and what it lies in."""
    unit = dataset.frames.unit_by_id(unit_id)
    words = f"{_LEVEL_WORDS[unit.level]} {unit.name}"
    if unit.parent:
        holder = dataset.frames.unit_by_id(unit.parent)
        words += f" ({_LEVEL_WORDS[holder.level]} {holder.name})"
    return words


def report_form_xlsx(form: ReportForm, dataset: Dataset) -> bytes:
    """The workbook: the activities, how to fill them in, and the lists that cells open.

    The same form gives the same bytes.
    """
    buffer = BytesIO()
    texts_only = {"strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **texts_only})
    book.set_properties({"created": datetime(form.day.year, form.day.month, form.day.day)})
    sheet = book.add_worksheet(_("Rapport 3W"))
    _write_guide(book, form)
    lists = _write_lists(book, form, dataset)
    _write_rows(book, sheet, form)
    _add_drop_downs(sheet, form, lists)
    book.close()
    return buffer.getvalue()


def _write_rows(book: Any, sheet: Any, form: ReportForm) -> None:
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1,
                            "bg_color": "#d4e5f7"})  # fmt: skip
    formats = {name: book.add_format({"num_format": code}) for name, code in _FORMATS.items()}
    sheet.set_row(0, _HEAD_HEIGHT)
    for number, column in enumerate(form.columns):
        sheet.write_string(0, number, _(column.heading), head)
        sheet.set_column(number, number, column.width, formats[column.form])
        if column.note:
            sheet.write_comment(0, number, _(column.note), {"x_scale": 2})
    for line, cells in enumerate(form.rows, start=1):
        for field, cell in cells.items():
            sheet.write(line, form.number_of(field), cell, formats[_BY_FIELD[field].form])
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(2, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, len(form.rows), len(form.columns) - 1)


def _write_guide(book: Any, form: ReportForm) -> None:
    """How to fill the form in, and which activities it cannot hold."""
    sheet = book.add_worksheet(_("Mode d'emploi"))
    sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    title = _("{who} : rapport au {day}", who=form.sender, day=day_text(form.day))
    sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, HELP_SHEET, book.add_format({"font_color": "#808080"}))
    lines = [
        _("Corrigez ce qui a changé, ajoutez une ligne par activité nouvelle, et renvoyez le "
          "fichier tel quel : il se lit sans autre explication."),
        _("Une activité achevée reste dans la liste avec son statut ; une activité annulée aussi."),
        _("Secteurs, statuts, devises et lieux se choisissent dans les listes déroulantes ; le "
          "cercle suit la région, la commune suit le cercle."),
        _("« Situation au » : le jour de votre rapport. Une case vide est inconnue, jamais zéro."),
        _("Pas de nom ni de téléphone de personnes."),
    ]  # fmt: skip
    if form.left_out:
        lines += ["", _("Une ligne ne peut pas les dire ; elles restent telles que publiées :")]
        lines += [f"– {title} ({reason})" for title, reason in form.left_out]
    if form.other_groups:
        lines += ["", _("Ajoutez une colonne pour leurs autres groupes de personnes (âges, mois…), "
                        "sinon ils ne seront plus dits :")]  # fmt: skip
        lines += [f"– {title}" for title in form.other_groups]
    for number, line in enumerate(lines, start=2):
        sheet.write_string(number, 0, line)


@dataclass(frozen=True)
class _Choices:
    """Where the choices of a field stand in the sheet of lists.

    Attributes
    ----------
    above
        Field whose cell in the row decides which of them: the column before names it.
    """

    field: str
    column: int
    rows: int
    above: str = ""

    def formula(self, sheet: str, form: ReportForm) -> str:
        """What a drop-down list of the first row of data refers to.

        Choices that hang on a cell are the stretch of rows whose column before has its words.
        """
        words = f"'{sheet}'!{_cells_below(self.column, self.rows)}"
        if not self.above:
            return f"={words}"
        holder = f"'{sheet}'!{_cells_below(self.column - 1, self.rows)}"
        asked = f"${xl_col_to_name(form.number_of(self.above))}2"
        first = f"'{sheet}'!${xl_col_to_name(self.column)}$2"
        place = f"MATCH({asked},{holder},0)-1"
        return f"=OFFSET({first},{place},0,COUNTIF({holder},{asked}),1)"


def _cells_below(column: int, rows: int) -> str:
    name = xl_col_to_name(column)
    return f"${name}$2:${name}${rows + 1}"


def _write_lists(book: Any, form: ReportForm, dataset: Dataset) -> list[_Choices]:
    """The choices of each field; cercles and communes in the order of what holds them.

    Without headings, so that no import takes them for a table.
    """
    sheet = book.add_worksheet(_(_LISTS))
    sheet.write_string(0, 0, HELP_SHEET)
    plain = {
        "sector": sorted(label("sectors", one) for one in entries_by_id("sectors")),
        "status": [label("statuses", one) for one in entries_by_id("statuses")],
        "currency": list(CURRENCIES),
        "region": _names_at_level(dataset, form.frame, Level.REGION)["name"].to_list(),
    }
    found: list[_Choices] = []
    for number, (field, words) in enumerate(plain.items()):
        sheet.write_column(1, number, words)
        found.append(_Choices(field, number, len(words)))
    for above, level in pairwise(LEVELS):
        named = _names_at_level(dataset, form.frame, level).sort("above", "name")
        number = found[-1].column + 2
        sheet.write_column(1, number - 1, named["above"].to_list())
        sheet.write_column(1, number, named["name"].to_list())
        found.append(_Choices(level, number, named.height, above))
    return found


def _names_at_level(dataset: Dataset, frame: str, level: str) -> pl.DataFrame:
    """``name, above`` of the units of a level: their names and those of what holds them."""
    units = dataset.frames.units_at_level(frame, level).select("name", "parent")
    parents = [dataset.frames.unit_by_id(one).name if one else "" for one in units["parent"]]
    return units.select("name", above=pl.Series(parents, dtype=pl.String))


def _add_drop_downs(sheet: Any, form: ReportForm, choices: Iterable[_Choices]) -> None:
    """Lists that cells open, days and numbers that they take."""
    rules: dict[str, dict[str, Any]] = {
        one.field: {
            "validate": "list",
            "source": one.formula(_(_LISTS), form),
            "error_type": "information" if one.field in (*LEVELS, "sector") else "stop",
            "error_message": _("Choisissez dans la liste, ou laissez vide."),
        }
        for one in choices
    }
    a_day = {"validate": "date", "value": _FIRST_DAY, "error_message": _("Une date : 31/01/2024.")}
    a_number = {"validate": "decimal", "value": 0,
                "error_message": _("Un nombre, sans unité ni texte.")}  # fmt: skip
    of_form = {"date": a_day, "count": a_number, "money": a_number}
    last = len(form.rows) + BLANK_ROWS
    for number, column in enumerate(form.columns):
        rule = rules.get(column.field) or of_form.get(column.form)
        if rule:
            title = {"criteria": ">=", "error_title": _(column.heading)[:_LONGEST_TITLE]}
            sheet.data_validation(1, number, last, number, {**title, **rule})
