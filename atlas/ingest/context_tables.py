"""Tables of context: needs, population, access, security, priorities, perimeters, scopes…

They are no activities: dated facts about places, which the layers set beside the response; one
a figure, place, organisation or sector. A fact without a place that is known is rejected, for
it would apply nowhere, or everywhere, unless the source draws where it holds; a table without a
date is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from atlas.corrections import NO_CORRECTIONS, CorrectionLookup
from atlas.errors import UnusableFileError, UsageError
from atlas.geo.frames import check_frame, shipped_frames
from atlas.i18n import N_, _, language_context
from atlas.ingest.cells import amounts_of_row, coordinates_of_row, days_of_field
from atlas.ingest.context.figure_columns import (
    CONTEXT_CONFIG,
    PROJECTED,
    UNKNOWN_TEXT,
    CellFigure,
    FigureMeaning,
    columns_of_document,
    count_of_cell,
    days_after_period,
    figure_of,
    is_projected,
    is_rank,
    level_on_scale,
    months_in,
    needed_fields,
    period_of_row,
    says_forbidden,
    says_unknown,
    sectors_in,
    settings_of,
    table_kinds,
    unread_people_findings,
    with_group_headings,
    with_people_unit_above,
)
from atlas.ingest.context.figure_totals import (
    control_totals_of_row,
    countable_facts,
    is_total_row,
    is_whole_table_total,
    repeated_figure_findings,
    with_phases,
    with_phases_of_rows,
)
from atlas.ingest.document_frame import DocumentFrame, DocumentPlaces, FrameMisfits, frame_by_places
from atlas.ingest.files.admission import unusable_error
from atlas.ingest.files.readers import read_document
from atlas.ingest.money import NO_RATES, UserRates
from atlas.ingest.normalising import normalise_reading
from atlas.ingest.parsing.dates import date_of_document, parse_date
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.parsing.headcounts import group_of
from atlas.ingest.pipeline import IngestBatch, are_facilities
from atlas.ingest.placing import units_of_place
from atlas.ingest.reading import (
    ContextFact,
    ControlTotal,
    Document,
    Finding,
    PlaceText,
    ReadAs,
    Reading,
)
from atlas.ingest.sources.lists import (
    RowLedger,
    exclude_row_abroad,
    fund_of,
    no_table,
    places_of,
    row_countries_of,
)
from atlas.ingest.table_detection import detected_tables
from atlas.ingest.tables.row_countries import RowCountries
from atlas.ingest.tables.table_rows import DataTable, TableRow, as_text, tables_of_document
from atlas.model import GROUP_NEEDS, UNPLACED, Outcome, Reader
from atlas.vocab import (
    entries_by_id,
    entry_label,
    match_access_constraint,
    match_indicator,
    match_organisation,
    split_organisations,
)

CONTRIBUTION = "contribution"


def fund_of_row(row: TableRow, around: Iterable[str]) -> str:
    """The fund of a row: its own column, else what the sheet, title or file names."""
    written = row.text("fund")
    if written:
        return str(fund_of(written) or written)
    return next((str(fund) for text in around if (fund := fund_of(text))), "")


def contributions_of(row: TableRow, fund: str, ledger: RowLedger) -> list[ContextFact]:
    """What a row says a donor gave; rejected without a fund, a donor, or both.

    An amount nobody wrote stays unknown: the donor is told all the same. One amount of
    several donors is one contribution, under their names as written.
    """
    written = row.text("donor")
    if not fund or not written:
        ledger.reject_row(row, "fonds" if written else "bailleur", "fonds ou bailleur non indiqué")
        return []
    day = next(iter(days_of_field(row, "reported")), None)
    amounts, said = amounts_of_row(row, None, None, day)
    ledger.add_findings(said)
    if not amounts and not said:
        title = f"{fund}, {written}"
        ledger.findings.append(Finding("amount_missing", row.locator, "budget", {"title": title}))
    one = match_organisation(written).id is not None
    names = [written] if one else split_organisations(written)
    who = names[0] if len(names) == 1 else ""
    notes = " ".join([*row.texts("text"), *row.texts("remarks")])
    common = ContextFact(
        CONTRIBUTION,
        fund,
        organisation=who,
        text=f"{written} ({notes})" if notes else written,
        source=row.text("source"),
        as_of=day,
        locator=row.locator,
    )
    return [
        replace(common, value=float(money.value), scale=money.currency, money=money)
        for money in amounts
    ] or [common]


def money_totals(
    row: TableRow, kind: str, above: Sequence[ContextFact], since: int
) -> list[ControlTotal]:
    """Control totals of a row that prints a total, by currency; one currency read by default."""
    del kind
    part = above if is_whole_table_total(row) else above[since:] or above
    spoken = {fact.scale for fact in part if fact.scale}
    usual = next(iter(spoken)) if len(spoken) == 1 else None
    published, _said = amounts_of_row(row, usual, None, None)
    found = []
    for money in published:
        read = sum(
            (fact.money.value for fact in part if fact.money and fact.scale == money.currency),
            Decimal(0),
        )
        name = f"Contributions ({row.locator})"
        found.append(ControlTotal(name, money.value, read, currency=money.currency))
    return found


POPULATION = "population"
FORBIDDEN, ALLOWED = N_("zone interdite"), N_("pas de zone interdite")
_PEOPLE = ("people", "count")
_WORDS = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True)
class FactPlace:
    """Where a fact holds: units that are settled, or the shape that the source draws."""

    units: tuple[str | None, ...]
    place: PlaceText | None
    geometry: str = ""
    part_of_unit: bool = False


NO_FACT = "ni valeur ni texte"
"""Why a row is rejected that has no figure of its table."""
_COARSER = ("place_coarser", "place_at_region")
"""Findings of a place that is known no finer than the unit that holds it."""


@dataclass(frozen=True)
class FactReader:
    """What reads the rows of one table.

    Attributes
    ----------
    frame
        Découpage of its places.
    titles
        What stands above the table and the name of its sheet: it may say "projetée".
    has_both_situations
        Its columns are of both situations, and say which.
    """

    kind: str
    stored_kind: str
    frame: str
    corrections: CorrectionLookup
    ledger: RowLedger
    titles: str = ""
    has_both_situations: bool = False

    @property
    def kind_settings(self) -> Mapping[str, Any]:
        """What ``context.toml`` says of the table."""
        return settings_of(self.kind)

    def facts_of_row(self, row: TableRow) -> list[ContextFact]:
        """The facts of a row; none when the row is rejected, which the ledger says."""
        where = self._place_of_row(row)
        if where is None:
            return []
        figures = self._figures_of_row(row)
        if not figures:
            self.ledger.reject_row(row, "valeur", NO_FACT)
            return []
        if len(where.units) > 1 and not self._may_repeat(figures):
            self.ledger.reject_row(row, "lieu", "plusieurs lieux pour un seul fait")
            return []
        common = self._base_fact(row, where)
        return [
            replace(
                common,
                kind=POPULATION if figure.indicator == POPULATION else self.stored_kind,
                indicator=figure.indicator,
                sector=sector,
                organisation=who,
                unit_id=unit,
                part_of_unit=where.part_of_unit,
                value=read.value,
                total=read.total,
                text=_with_groups(read.text or common.text, groups),
                groups=groups,
                scale=scale,
                direction=direction,
                start=first or common.start,
                expires=last or common.expires,
            )
            for figure, read in figures
            for groups in (self._groups_of_figure(row, figure, read.heading),)
            for first, last in (months_in(read.heading),)
            for scale, direction in (self._scale_and_direction(row, figure.indicator),)
            for unit in where.units
            for sector in self._sectors_of_figure(row, figure)
            for who in self._organisations_of_row(row)
        ]

    def _place_of_row(self, row: TableRow) -> FactPlace | None:
        """Where the row's facts hold; ``None`` when it is rejected."""
        lon, lat, said = coordinates_of_row(row)
        self.ledger.findings += said
        geometry = self._shape_of_row(row, lon, lat)
        places = places_of(row, lon, lat)
        if not places:
            if geometry or self.kind_settings.get("placeless"):
                return FactPlace((None,), None, geometry)
            self.ledger.reject_row(row, "lieu", "lieu inconnu")
            return None
        found = units_of_place(places[0], self.frame, self.corrections)
        self.ledger.findings += [
            Finding(code, row.locator, "place", dict(params)) for code, params in found.findings
        ]
        units = tuple(dict.fromkeys(placed.unit_id for placed in found.placed))
        if UNPLACED in units and not geometry:
            self.ledger.reject_row(row, "lieu", "lieu inconnu")
            return None
        if UNPLACED in units:
            return FactPlace((None,), None, geometry)
        coarser = any(code in _COARSER for code, _params in found.findings)
        return FactPlace(units, places[0], geometry, part_of_unit=coarser)

    def _shape_of_row(self, row: TableRow, lon: float | None, lat: float | None) -> str:
        """The shape of a row in degrees; what cannot be read is a finding."""
        if not self.kind_settings.get("geometry"):
            return ""
        written = row.value("geometry")
        if not isinstance(written, str) or not written.strip():
            return f"POINT ({lon:.6g} {lat:.6g})" if lon is not None and lat is not None else ""
        from atlas.ingest.files.points import read_wkt  # loads shapely; few tables draw shapes

        shape = read_wkt(written)
        code = "geometry_mended" if shape.mended else "geometry_unreadable" if shape.why else ""
        if code:
            params: dict[str, object] = {"reason": shape.why, "raw": written[:40]}
            self.ledger.findings.append(Finding(code, row.locator, "geometry", params))
        return shape.wkt

    def _may_repeat(self, figures: list[tuple[FigureMeaning, CellFigure]]) -> bool:
        """Whether a fact may be said of several places at once: no count of people can."""
        units = {self._unit_of_indicator(figure.indicator) for figure, _read in figures}
        return bool(self.kind_settings.get("several_places")) and not units & set(_PEOPLE)

    def _unit_of_indicator(self, indicator: str) -> str:
        return entries_by_id("indicators").get(indicator, {}).get("unit", "level")

    # what is stated

    def _figures_of_row(self, row: TableRow) -> list[tuple[FigureMeaning, CellFigure]]:
        """Every figure of a row: one a column of a wide table, and that of its value."""
        read = []
        for field, columns in row.columns.items():
            figure, raw = figure_of(field), row.value(field)
            if figure and raw is not None:
                heading = columns[0].heading
                cell = self._parse_cell(row, figure.indicator, raw, heading)
                read.append((self._with_situation(row, figure), cell._replace(heading=heading)))
        wide = [(figure, cell) for figure, cell in read if cell.value is not None or cell.text]
        figure, cell = self._figure_of_value(row)
        said = (
            cell.value is not None or bool(cell.text) or self.kind_settings.get("place_is_enough")
        )
        # a text beside the figures of a wide table is theirs, see `_base_fact`
        alone = cell.value is not None or not wide or self.kind_settings.get("text_is_fact")
        return [*wide, (figure, cell)] if said and alone else wide

    def _figure_of_value(self, row: TableRow) -> tuple[FigureMeaning, CellFigure]:
        raw, text = row.value("value"), row.text("text")
        indicator, words = self._indicator_of_row(row)
        if raw is None:
            named = " ; ".join(dict.fromkeys(one for one in (words, text) if one))
            return self._with_situation(row, FigureMeaning(indicator)), CellFigure(text=named)
        column = row.column("value")
        heading = column.heading if column else "valeur"
        if self.kind == "prioritisation" and indicator == "priority-level" and is_rank(raw):
            indicator = "priority-rank"
        elif indicator == "priority-level" and not row.text("direction"):
            self._assume_direction(raw, heading)
        read = self._parse_cell(row, indicator, raw, heading)
        if self.kind == "access" and read.value is not None and not row.text("scale"):
            self._add_finding_once(Finding("scale_missing", "", heading, {"field": heading}))
        total = row.value("total")
        if total is not None:
            whole = count_of_cell(total, "total", row.locator)
            self.ledger.findings += whole.findings
            read = read._replace(total=whole.value)
        # a word that became a number says nothing more; one that did not is all there is
        unread = read.text if read.value is None else ""
        said = list(dict.fromkeys(one for one in (words, unread, text) if one))
        return self._with_situation(row, FigureMeaning(indicator)), read._replace(
            text=" ; ".join(said)
        )

    def _assume_direction(self, raw: object, heading: str) -> None:
        """Say, once a table, that a bare figure is taken for a level: the higher the worse."""
        params: dict[str, object] = {"field": heading}
        found = Finding("direction_assumed", "", heading, params)
        if isinstance(raw, (int, float)) or str(raw).strip().isdigit():
            self._add_finding_once(found)

    def _add_finding_once(self, found: Finding) -> None:
        """Say a thing once a document."""
        if found not in self.ledger.findings:
            self.ledger.findings.append(found)

    def _parse_cell(self, row: TableRow, indicator: str, raw: object, heading: str) -> CellFigure:
        if says_unknown(raw):
            return CellFigure(text=UNKNOWN_TEXT)
        unit = self._unit_of_indicator(indicator)
        if unit == "flag":
            said = says_forbidden(raw)
            if said is None:
                unread: dict[str, object] = {"field": heading, "raw": str(raw)}
                found = Finding("value_unreadable", row.locator, heading, unread)
                self.ledger.findings.append(found)
                return CellFigure(text=str(raw).strip())
            return CellFigure(float(said), text=FORBIDDEN if said else ALLOWED)
        if unit == "level" or unit == "rank":
            scale = row.text("scale") or entries_by_id("indicators").get(indicator, {}).get(
                "scale", ""
            )
            read = level_on_scale(raw, scale, heading, row.locator)
        else:
            read = count_of_cell(raw, heading, row.locator)
        self.ledger.findings += read.findings
        return read._replace(findings=())

    def _indicator_of_row(self, row: TableRow) -> tuple[str, str]:
        """Indicator of a row's value, and the words that named it where they say more."""
        usual = str(self.kind_settings["indicator"])
        written = row.text("type") if self.kind_settings.get("types") else row.text("indicator")
        if not written:
            return usual, ""
        if self.kind_settings.get("free_indicator"):
            return written, ""
        if self._is_of_group(written):
            return usual, ""
        match = match_access_constraint if self.kind_settings.get("types") else match_indicator
        found = match(written)
        if found.id:
            says_more = self.kind_settings.get("types") and not row.text("text")
            return found.id, written if says_more else ""
        vocabulary = "access_constraints" if self.kind_settings.get("types") else "indicators"
        near = ", ".join(entry_label(vocabulary, name) for name in found.near) or "—"
        params: dict[str, object] = {"raw": written, "near": near}
        self.ledger.findings.append(Finding("indicator_unknown", row.locator, "indicator", params))
        return usual, written

    def _with_situation(self, row: TableRow, figure: FigureMeaning) -> FigureMeaning:
        """The figure, of the projected situation where row, sheet or title say so."""
        projected = figure.indicator + PROJECTED
        if projected not in entries_by_id("indicators"):
            return figure
        said = f"{row.text('situation')} {row.text('period')}".strip() or self.titles
        if is_projected(said) and self.has_both_situations:
            return figure
        return figure._replace(indicator=projected) if is_projected(said) else figure

    # what goes with it

    def _base_fact(self, row: TableRow, where: FactPlace) -> ContextFact:
        first, last, said = period_of_row(row, self.titles)
        self.ledger.findings += said
        reported = next(iter(days_of_field(row, "reported")), None)
        return ContextFact(
            kind=self.stored_kind,
            indicator="",
            place=where.place,
            locator=row.locator,
            geometry=where.geometry,
            text=row.text("text"),
            source=row.text("source"),
            as_of=reported,
            start=_first_day(row, "start") or first,
            expires=next(iter(days_of_field(row, "expires")), None) or last,
            frequency=self._frequency_of_row(row),
            due_days=days_after_period(row.value("due_days")),
            due=next(iter(days_of_field(row, "due")), None),
        )

    def _frequency_of_row(self, row: TableRow) -> str:
        written = row.text("frequency")
        known: str = CONTEXT_CONFIG["frequencies"].get(fold_text(written), "")
        if written and not known:
            params: dict[str, object] = {"field": "fréquence", "raw": written}
            self.ledger.findings.append(
                Finding("value_unreadable", row.locator, "frequency", params)
            )
        return known

    def _sectors_of_figure(self, row: TableRow, figure: FigureMeaning) -> tuple[str, ...]:
        if figure.sector:
            return (figure.sector,)
        fixed = str(self.kind_settings.get("sector", ""))
        if self.kind_settings.get("several_sectors"):
            return sectors_in(row.texts("sector"))
        return (" ; ".join(row.texts("sector")) or fixed,)

    def _organisations_of_row(self, row: TableRow) -> tuple[str, ...]:
        cells = row.texts("organisation")
        names = [name for cell in cells for name in split_organisations(cell)]
        return tuple(dict.fromkeys(names)) or ("",)

    def _groups_of_figure(
        self, row: TableRow, figure: FigureMeaning, heading: str
    ) -> tuple[str, ...]:
        """The people that a figure is of, as its heading or the row's own columns say it."""
        if figure.group:
            named = figure.group.split()
            written = (word for word in _WORDS.findall(heading) if fold_text(word) in named)
            return (" ".join(written) or figure.group,)
        columns = (column.index for column in row.columns.get("group", ()))
        found = [as_text(row.values[at]) if at < len(row.values) else "" for at in columns]
        named_so = self._is_of_group(row.text("indicator"))
        return (*found, row.text("indicator")) if named_so else tuple(found)

    def _is_of_group(self, words: str) -> bool:
        """Whether an indicator is a group of the people that the table counts: "dont PDI"."""
        return "groups" in self.kind_settings and group_of(words).breakdown != ""

    def _scale_and_direction(self, row: TableRow, indicator: str) -> tuple[str, str]:
        """``scale, direction``: the row's own, else those of the indicator."""
        about = entries_by_id("indicators").get(indicator, {})
        own, written = row.text("scale"), row.text("direction")
        said: str = CONTEXT_CONFIG["directions"].get(fold_text(written), "")
        if written and not said:
            params: dict[str, object] = {"field": "sens de l'échelle", "raw": written}
            self.ledger.findings.append(
                Finding("value_unreadable", row.locator, "direction", params)
            )
        known = fold_text(own).replace(" ", "-") in CONTEXT_CONFIG["levels"]
        usual = about.get("direction", "") if not own else "higher_is_worse" if known else ""
        return own or about.get("scale", ""), said or usual


def _with_groups(text: str, groups: Iterable[str]) -> str:
    """The text of a fact, led by the groups that it is of."""
    named = [words for words in groups if group_of(words).words]
    return " ; ".join(dict.fromkeys(filter(None, (*named, text))))


def _first_day(row: TableRow, field: str) -> date | None:

    return parse_date(row.value(field), field).value


def read_context(
    kind: str,
    path: Path | str,
    *,
    as_of: date | None = None,
    frame: str | None = None,
    column_map: Mapping[str, str] | None = None,
    corrections: CorrectionLookup | None = None,
    rates: UserRates = NO_RATES,
) -> IngestBatch:
    """Read a table of context.

    Parameters
    ----------
    kind
        One of `atlas.ingest.context.figure_columns.table_kinds`.
    path
        A workbook, CSV, GeoJSON or GeoPackage with a column for the place, or shapes.
    as_of
        Date of the facts; ``None``: what the table says.
    frame, column_map
        Découpage of its places (``None``: judged by them), and heading → field.
    corrections, rates
        Decisions of people about places, see `atlas.corrections`; their own rates.

    Returns
    -------
    IngestBatch
        Rows of ``context`` for each row that says something of a known place: one a figure.

    Raises
    ------
    UsageError, UnusableFileError
        No such kind or découpage; a file without places, date or facts of this kind.
    """
    if kind not in table_kinds():
        known = _("Choisissez parmi : {kinds}.", kinds=", ".join(table_kinds()))
        raise UsageError(_("Table de contexte « {kind} » inconnue", kind=kind), "", known)
    if frame is not None:
        check_frame(frame)
    document = _without_shape_findings(read_document(path), kind)
    decided = (corrections or NO_CORRECTIONS).for_document(document.document)
    said = ReadAs(document.file, "auto", as_of, frame, column_map, kind, rates.rows())
    found = tuple(detected_tables(document, said))
    with language_context("fr"):
        reading = _reading_of_tables(document, said, decided)
    _check_states_facts(document, said, reading, decided)
    _check_is_of_kind(document, said, reading, decided)
    tables = normalise_reading(reading, document, decided, rates)
    return IngestBatch(tables, document, reading, Path(path), said, found)


def _check_states_facts(
    document: Document, said: ReadAs, reading: Reading, decided: CorrectionLookup
) -> None:
    """Refuse a table none of whose rows has a figure or words of its kind: it is of another.

    Raises
    ------
    UnusableFileError
        Every row was rejected for want of them.
    """
    rejected = [one for one in reading.findings if one.code == "row_rejected"]
    reasons = [str(one.params.get("reason", "")) for one in rejected]
    if reading.context or not rejected or not all(r.startswith(NO_FACT) for r in reasons):
        return
    why = _(
        "aucune de ses {n} lignes n'est une ligne de cette table ({where} : {reason})",
        n=len(reading.outcomes),
        where=rejected[0].locator,
        reason=reasons[0],
    )
    remedy = _("Vérifiez que c'est la bonne table : {kinds}.", kinds=", ".join(table_kinds()))
    raise unusable_error(
        document.file, why, _other_kinds_remedy(_fitting_kinds(document, said, decided)) or remedy
    )


def _other_kinds_remedy(fitting: Sequence[str]) -> str:
    """The kinds that a table may be given as; "" for none."""
    return _("Donnez-le comme {kinds}.", kinds=", ".join(fitting)) if fitting else ""


def _check_is_of_kind(
    document: Document, said: ReadAs, reading: Reading, decided: CorrectionLookup
) -> None:
    """Refuse a table that tells nothing of its kind, and is one of another or a register.

    Raises
    ------
    UnusableFileError
        So it is; the kinds that it would be read as are named.
    """
    if not reading.context or _says_its_kind(said.context, reading):
        return
    columns = (column for sheet in document.sheets for column in zip_longest(*sheet.rows))
    register = any(are_facilities(column) for column in columns)
    in_words = settings_of(said.context).get("tells_in_words")
    if in_words and not register and any(fact.text for fact in reading.context):
        return
    fitting = [] if register else _fitting_kinds(document, said, decided)
    if not (register or fitting):
        return
    table = entry_label("context_tables", said.context)
    why = _("rien n'y est dit de « {table} »", table=table)
    remedy = _other_kinds_remedy(fitting)
    if register:
        why = _("un registre de structures ; « {table} » n'en est pas un", table=table)
        remedy = _("Comptez-les par lieu et par service, et donnez-les comme services.")
    raise unusable_error(document.file, why, remedy)


def _says_its_kind(kind: str, reading: Reading) -> bool:
    """Whether any fact says what a table of a kind is there for (``tells`` in `context.toml`)."""
    settings = settings_of(kind)
    usual = settings.get("untold", settings["indicator"])

    def says(fact: ContextFact, name: str) -> bool:
        return fact.indicator != usual if name == "indicator" else bool(getattr(fact, name))

    names = settings.get("tells", ())
    return not names or any(says(fact, name) for fact in reading.context for name in names)


def _fitting_kinds(document: Document, said: ReadAs, decided: CorrectionLookup) -> list[str]:
    """The other kinds that a document reads as, but for those that any list of places does."""
    others = (one for one in table_kinds() if one != said.context)
    return [
        one
        for one in others
        if not settings_of(one).get("place_is_enough") and _reads_as(one, document, said, decided)
    ]


def _reads_as(kind: str, document: Document, said: ReadAs, decided: CorrectionLookup) -> bool:
    try:
        reading = _reading_of_tables(document, replace(said, context=kind), decided)
    except UnusableFileError:
        return False
    return bool(reading.context) and _says_its_kind(kind, reading)


def _without_shape_findings(document: Document, kind: str) -> Document:
    """The document, without the word that its lines and areas are aside where they are kept."""
    if not settings_of(kind).get("geometry"):
        return document
    kept = tuple(one for one in document.findings if one.code != "geometry_aside")
    return replace(document, findings=kept)


def _reading_of_tables(
    document: Document, read_as: ReadAs, corrections: CorrectionLookup
) -> Reading:
    kind = read_as.context
    extra = columns_of_document(kind, document)
    tables, skipped = tables_of_document(document, needed_fields(kind), extra, read_as.column_map)
    if not tables:
        raise no_table(document)
    tables = [with_people_unit_above(with_group_headings(table, kind)) for table in tables]
    day, findings = _date_of_tables(tables, document, read_as.as_of)
    ledger = RowLedger(findings=[*skipped, *findings])
    stated = [_ContextTable.of_table(table, kind, ledger) for table in tables]
    judged = _frame_of_tables(stated, read_as.frame, day)
    ledger.findings += judged.findings
    facts: list[ContextFact] = []
    totals: list[ControlTotal] = []
    misfits = FrameMisfits()
    for one in stated:
        reader = _fact_reader(one.table, kind, judged.of_table(one.name), corrections, ledger)
        own, printed = _facts_of(reader, one)
        for fact in own:
            if fact.kind != GROUP_NEEDS:
                misfits.add_fact(reader.frame, fact)
        facts += own
        totals += printed
    ledger.findings += [*misfits.findings(), *repeated_figure_findings(facts)]
    return Reading(
        reader=Reader.CONTEXT,
        title=entry_label("context_tables", kind),
        as_of=day,
        frame=judged.frame,
        outcomes=tuple(ledger.outcomes),
        findings=tuple(ledger.findings),
        control_totals=tuple(totals),
        context=tuple(facts),
    )


class _ContextTable(NamedTuple):
    """A table and what says which of its rows lie in another country."""

    table: DataTable
    row_countries: RowCountries | None

    @property
    def name(self) -> str:
        """Where its headings stand: a sheet may hold several tables."""
        return self.table.locator(self.table.sheet.first_row + self.table.layout.header)

    @classmethod
    def of_table(cls, table: DataTable, kind: str, ledger: RowLedger) -> _ContextTable:
        """The table; what is wrong with its columns is told to the ledger."""
        ledger.findings += [*table.layout.findings, *unread_people_findings(table)]
        # The country of a contribution is its donor's.
        return cls(table, None if kind == "contributions" else row_countries_of(table, ledger))

    def rows_with_facts(self) -> Iterator[TableRow]:
        """Rows that state facts of Mali: no totals, none that is misshapen."""
        for row in self.table.rows():
            if not (is_total_row(row) or self.table.why_misshapen(row) or self.country_of(row)):
                yield row

    def country_of(self, row: TableRow) -> str:
        """The country that the row lies in; "" for Mali."""
        return self.row_countries.country_of(row) if self.row_countries else ""


def _frame_of_tables(
    stated: Iterable[_ContextTable], chosen_frame: str | None, day: date
) -> DocumentFrame:
    """The découpage said, else the one that the places of the tables tell."""
    if chosen_frame:
        return DocumentFrame(chosen_frame)
    places = DocumentPlaces()
    for one in stated:
        for row in one.rows_with_facts():
            lon, lat, _said = coordinates_of_row(row)
            for text in places_of(row, lon, lat):
                places.add_place(one.name, text, row.locator)
    return frame_by_places(places, shipped_frames().frame_on(day))


def _fact_reader(
    table: DataTable, kind: str, frame: str, corrections: CorrectionLookup, ledger: RowLedger
) -> FactReader:
    titles = f"{table.sheet.name} {table.text_above()}"
    both = any(field.endswith(PROJECTED) for field in table.layout.column_fields)
    stored = entries_by_id("context_tables")[kind]["kind"]
    return FactReader(kind, stored, frame, corrections, ledger, titles, both)


def _facts_of(
    reader: FactReader, stated: _ContextTable
) -> tuple[list[ContextFact], list[ControlTotal]]:
    """Facts and printed totals of one table; its rows are told to the ledger."""
    ledger = reader.ledger
    facts: list[ContextFact] = []
    printed: list[tuple[TableRow, set[str]]] = []  # totals, and the rows since the one before
    since: set[str] = set()
    for row in stated.table.rows():
        if is_total_row(row):
            ledger.outcomes.append((row.locator, Outcome.AGGREGATE))
            printed.append((row, since))
            since = set()
        elif country := stated.country_of(row):
            exclude_row_abroad(row, country, ledger)
        elif misshapen := stated.table.why_misshapen(row):
            ledger.reject_row(row, *misshapen)
        elif found := _facts_of_row(reader, row, stated.table):
            ledger.outcomes.append((row.locator, Outcome.CONTEXT))
            facts += found
            since.add(row.locator)
    facts, of_phases, said = with_phases_of_rows(facts)
    phase = {one.heading for one in stated.table.layout.columns if one.field == "ch-phase"}
    # "Total" is no phase of an area, and is read as the people of all of them
    ledger.findings[:] = [
        one
        for one in ledger.findings
        if one.locator not in of_phases or one.code != "value_unreadable" or one.field not in phase
    ]
    ledger.findings += said
    once = countable_facts(facts)
    ledger.findings += once.findings
    if once.subtotals:
        ledger.outcomes[:] = [
            (where, Outcome.AGGREGATE if where in once.subtotals else outcome)
            for where, outcome in ledger.outcomes
        ]
    counted = [fact for fact in once.facts if fact.kind != GROUP_NEEDS]
    return once.facts, [*once.totals, *_printed_totals(reader.kind, printed, counted)]


def _printed_totals(
    kind: str, printed: Iterable[tuple[TableRow, set[str]]], facts: Sequence[ContextFact]
) -> list[ControlTotal]:
    """Control totals of the rows that print one, each over the facts above it."""
    of = money_totals if kind == "contributions" else control_totals_of_row
    found: list[ControlTotal] = []
    before: set[str] = set()
    for row, since in printed:
        above = [fact for fact in facts if fact.locator in before]
        part = [fact for fact in facts if fact.locator in since]
        found += of(row, kind, [*above, *part], len(above))
        before |= since
    return found


def _facts_of_row(reader: FactReader, row: TableRow, table: DataTable) -> list[ContextFact]:
    if reader.kind == "contributions":
        named = fund_of_row(row, (reader.titles, table.document.file))
        return contributions_of(row, named, reader.ledger)
    stated = reader.facts_of_row(row)
    if reader.kind != "cadre-harmonise" or not stated:
        return stated
    stated, said = with_phases(stated)
    reader.ledger.findings += said
    return stated


def _date_of_tables(
    tables: list[DataTable], document: Document, as_of: date | None
) -> tuple[date, tuple[Finding, ...]]:
    rows = (row for table in tables for row in table.rows() if not table.why_misshapen(row))
    reported = [day for row in rows for day in days_of_field(row, "reported")]
    above = [table.text_above() for table in tables]
    dated = date_of_document(as_of, above, reported, document.file, ())
    if dated.day is None:
        raise _no_date_error(tables, document)
    return dated.day, (dated.finding,) if dated.finding else ()


def _no_date_error(tables: list[DataTable], document: Document) -> UnusableFileError:
    """The error of a table without a date: one that has no row yet needs rows, not a date."""
    what = _("{file} inutilisable", file=document.file)
    if not any(True for table in tables for _row in table.rows()):
        why = _("des en-têtes, mais aucune ligne remplie")
        return UnusableFileError(what, why, _("Remplissez au moins une ligne, puis redonnez-le."))
    return UnusableFileError(
        what,
        _("table de contexte sans date"),
        _(
            "Remplissez sa colonne « Situation au », ou datez-la avec --as-of, "
            "par exemple --as-of 2024-06-30."
        ),
    )
