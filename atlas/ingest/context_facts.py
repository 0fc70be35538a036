"""Rows of tables of context → dated facts, one a figure, place, organisation or sector."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from atlas.corrections import Corrections
from atlas.i18n import N_
from atlas.ingest.cells import coordinates, days
from atlas.ingest.context_columns import (
    PROJECTED,
    Figure,
    config,
    figure_of,
    settings_of,
)
from atlas.ingest.context_values import (
    UNKNOWN_TEXT,
    Read,
    answered,
    counted,
    days_after,
    is_projected,
    is_rank,
    months_in,
    on_scale,
    period_of,
    says_unknown,
    sectors_in,
)
from atlas.ingest.folding import fold
from atlas.ingest.parsing.groups import group_of
from atlas.ingest.placing import place
from atlas.ingest.reading import ContextFact, Finding, PlaceText
from atlas.ingest.sources.ledger import Ledger
from atlas.ingest.sources.lists import places_of
from atlas.ingest.tables.rows import Row, as_text
from atlas.model import UNPLACED
from atlas.vocab import (
    by_id,
    label,
    match_access_constraint,
    match_indicator,
    split_organisations,
)

POPULATION = "population"
FORBIDDEN, ALLOWED = N_("zone interdite"), N_("pas de zone interdite")
_PEOPLE = ("people", "count")
_WORDS = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(frozen=True)
class Where:
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
class Facts:
    """What reads the rows of one table.

    Attributes
    ----------
    frame
        Découpage of its places.
    titles
        What stands above the table and the name of its sheet: it may say "projetée".
    tells_both
        Its columns are of both situations, and say which.
    """

    kind: str
    stored: str
    frame: str
    decided: Corrections
    ledger: Ledger
    titles: str = ""
    tells_both: bool = False

    @property
    def settings(self) -> Mapping[str, Any]:
        """What ``context.toml`` says of the table."""
        return settings_of(self.kind)

    def of(self, row: Row) -> list[ContextFact]:
        """The facts of a row; none when the row is rejected, which the ledger says."""
        where = self._where(row)
        if where is None:
            return []
        figures = self._figures(row)
        if not figures:
            self.ledger.reject(row, "valeur", NO_FACT)
            return []
        if len(where.units) > 1 and not self._may_repeat(figures):
            self.ledger.reject(row, "lieu", "plusieurs lieux pour un seul fait")
            return []
        common = self._common(row, where)
        return [
            replace(
                common,
                kind=POPULATION if figure.indicator == POPULATION else self.stored,
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
            for groups in (self._groups(row, figure, read.heading),)
            for first, last in (months_in(read.heading),)
            for scale, direction in (self._scaled(row, figure.indicator),)
            for unit in where.units
            for sector in self._sectors(row, figure)
            for who in self._organisations(row)
        ]

    def _where(self, row: Row) -> Where | None:
        """Where the row's facts hold; ``None`` when it is rejected."""
        lon, lat, said = coordinates(row)
        self.ledger.findings += said
        geometry = self._geometry(row, lon, lat)
        places = places_of(row, lon, lat)
        if not places:
            if geometry or self.settings.get("placeless"):
                return Where((None,), None, geometry)
            self.ledger.reject(row, "lieu", "lieu inconnu")
            return None
        found = place(places[0], self.frame, self.decided)
        self.ledger.findings += [
            Finding(code, row.locator, "place", dict(params)) for code, params in found.findings
        ]
        units = tuple(dict.fromkeys(placed.unit_id for placed in found.placed))
        if UNPLACED in units and not geometry:
            self.ledger.reject(row, "lieu", "lieu inconnu")
            return None
        if UNPLACED in units:
            return Where((None,), None, geometry)
        coarser = any(code in _COARSER for code, _params in found.findings)
        return Where(units, places[0], geometry, part_of_unit=coarser)

    def _geometry(self, row: Row, lon: float | None, lat: float | None) -> str:
        """The shape of a row in degrees; what cannot be read is a finding."""
        if not self.settings.get("geometry"):
            return ""
        written = row.value("geometry")
        if not isinstance(written, str) or not written.strip():
            return f"POINT ({lon:.6g} {lat:.6g})" if lon is not None and lat is not None else ""
        from atlas.geo.wkt import read_wkt

        shape = read_wkt(written)
        code = "geometry_mended" if shape.mended else "geometry_unreadable" if shape.why else ""
        if code:
            params: dict[str, object] = {"reason": shape.why, "raw": written[:40]}
            self.ledger.findings.append(Finding(code, row.locator, "geometry", params))
        return shape.wkt

    def _may_repeat(self, figures: list[tuple[Figure, Read]]) -> bool:
        """Whether a fact may be said of several places at once: no count of people can."""
        units = {self._unit(figure.indicator) for figure, _read in figures}
        return bool(self.settings.get("several_places")) and not units & set(_PEOPLE)

    def _unit(self, indicator: str) -> str:
        return by_id("indicators").get(indicator, {}).get("unit", "level")

    # what is stated

    def _figures(self, row: Row) -> list[tuple[Figure, Read]]:
        """Every figure of a row: one a column of a wide table, and that of its value."""
        read = []
        for field, columns in row.columns.items():
            figure, raw = figure_of(field), row.value(field)
            if figure and raw is not None:
                heading = columns[0].heading
                cell = self._read(row, figure.indicator, raw, heading)
                read.append((self._dated(row, figure), cell._replace(heading=heading)))
        wide = [(figure, cell) for figure, cell in read if cell.value is not None or cell.text]
        figure, cell = self._long(row)
        said = cell.value is not None or bool(cell.text) or self.settings.get("place_is_enough")
        # a text beside the figures of a wide table is theirs, see `_common`
        alone = cell.value is not None or not wide or self.settings.get("text_is_fact")
        return [*wide, (figure, cell)] if said and alone else wide

    def _long(self, row: Row) -> tuple[Figure, Read]:
        raw, text = row.value("value"), row.text("text")
        indicator, words = self._indicator(row)
        if raw is None:
            named = " ; ".join(dict.fromkeys(one for one in (words, text) if one))
            return self._dated(row, Figure(indicator)), Read(text=named)
        column = row.column("value")
        heading = column.heading if column else "valeur"
        if self.kind == "prioritisation" and indicator == "priority-level" and is_rank(raw):
            indicator = "priority-rank"
        elif indicator == "priority-level" and not row.text("direction"):
            self._assume_direction(raw, heading)
        read = self._read(row, indicator, raw, heading)
        if self.kind == "access" and read.value is not None and not row.text("scale"):
            self._once(Finding("scale_missing", "", heading, {"field": heading}))
        total = row.value("total")
        if total is not None:
            whole = counted(total, "total", row.locator)
            self.ledger.findings += whole.findings
            read = read._replace(total=whole.value)
        # a word that became a number says nothing more; one that did not is all there is
        unread = read.text if read.value is None else ""
        said = list(dict.fromkeys(one for one in (words, unread, text) if one))
        return self._dated(row, Figure(indicator)), read._replace(text=" ; ".join(said))

    def _assume_direction(self, raw: object, heading: str) -> None:
        """Say, once a table, that a bare figure is taken for a level: the higher the worse."""
        params: dict[str, object] = {"field": heading}
        found = Finding("direction_assumed", "", heading, params)
        if isinstance(raw, (int, float)) or str(raw).strip().isdigit():
            self._once(found)

    def _once(self, found: Finding) -> None:
        """Say a thing once a document."""
        if found not in self.ledger.findings:
            self.ledger.findings.append(found)

    def _read(self, row: Row, indicator: str, raw: object, heading: str) -> Read:
        if says_unknown(raw):
            return Read(text=UNKNOWN_TEXT)
        unit = self._unit(indicator)
        if unit == "flag":
            said = answered(raw)
            if said is None:
                unread: dict[str, object] = {"field": heading, "raw": str(raw)}
                found = Finding("value_unreadable", row.locator, heading, unread)
                self.ledger.findings.append(found)
                return Read(text=str(raw).strip())
            return Read(float(said), text=FORBIDDEN if said else ALLOWED)
        if unit == "level" or unit == "rank":
            scale = row.text("scale") or by_id("indicators").get(indicator, {}).get("scale", "")
            read = on_scale(raw, scale, heading, row.locator)
        else:
            read = counted(raw, heading, row.locator)
        self.ledger.findings += read.findings
        return read._replace(findings=())

    def _indicator(self, row: Row) -> tuple[str, str]:
        """Indicator of a row's value, and the words that named it where they say more."""
        usual = str(self.settings["indicator"])
        written = row.text("type") if self.settings.get("types") else row.text("indicator")
        if not written:
            return usual, ""
        if self.settings.get("free_indicator"):
            return written, ""
        if self._is_of_group(written):
            return usual, ""
        match = match_access_constraint if self.settings.get("types") else match_indicator
        found = match(written)
        if found.id:
            says_more = self.settings.get("types") and not row.text("text")
            return found.id, written if says_more else ""
        vocabulary = "access_constraints" if self.settings.get("types") else "indicators"
        near = ", ".join(label(vocabulary, name) for name in found.near) or "—"
        params: dict[str, object] = {"raw": written, "near": near}
        self.ledger.findings.append(Finding("indicator_unknown", row.locator, "indicator", params))
        return usual, written

    def _dated(self, row: Row, figure: Figure) -> Figure:
        """The figure, of the projected situation where row, sheet or title say so."""
        projected = figure.indicator + PROJECTED
        if projected not in by_id("indicators"):
            return figure
        said = f"{row.text('situation')} {row.text('period')}".strip() or self.titles
        if is_projected(said) and self.tells_both:
            return figure
        return figure._replace(indicator=projected) if is_projected(said) else figure

    # what goes with it

    def _common(self, row: Row, where: Where) -> ContextFact:
        first, last, said = period_of(row, self.titles)
        self.ledger.findings += said
        reported = next(iter(days(row, "reported")), None)
        return ContextFact(
            kind=self.stored,
            indicator="",
            place=where.place,
            locator=row.locator,
            geometry=where.geometry,
            text=row.text("text"),
            source=row.text("source"),
            as_of=reported,
            start=_first_day(row, "start") or first,
            expires=next(iter(days(row, "expires")), None) or last,
            frequency=self._frequency(row),
            due_days=days_after(row.value("due_days")),
            due=next(iter(days(row, "due")), None),
        )

    def _frequency(self, row: Row) -> str:
        written = row.text("frequency")
        known: str = config()["frequencies"].get(fold(written), "")
        if written and not known:
            params: dict[str, object] = {"field": "fréquence", "raw": written}
            self.ledger.findings.append(
                Finding("value_unreadable", row.locator, "frequency", params)
            )
        return known

    def _sectors(self, row: Row, figure: Figure) -> tuple[str, ...]:
        if figure.sector:
            return (figure.sector,)
        fixed = str(self.settings.get("sector", ""))
        if self.settings.get("several_sectors"):
            return sectors_in(row.texts("sector"))
        return (" ; ".join(row.texts("sector")) or fixed,)

    def _organisations(self, row: Row) -> tuple[str, ...]:
        cells = row.texts("organisation")
        names = [name for cell in cells for name in split_organisations(cell)]
        return tuple(dict.fromkeys(names)) or ("",)

    def _groups(self, row: Row, figure: Figure, heading: str) -> tuple[str, ...]:
        """The people that a figure is of, as its heading or the row's own columns say it."""
        if figure.group:
            named = figure.group.split()
            written = (word for word in _WORDS.findall(heading) if fold(word) in named)
            return (" ".join(written) or figure.group,)
        columns = (column.index for column in row.columns.get("group", ()))
        found = [as_text(row.values[at]) if at < len(row.values) else "" for at in columns]
        named_so = self._is_of_group(row.text("indicator"))
        return (*found, row.text("indicator")) if named_so else tuple(found)

    def _is_of_group(self, words: str) -> bool:
        """Whether an indicator is a group of the people that the table counts: "dont PDI"."""
        return "groups" in self.settings and group_of(words).breakdown != ""

    def _scaled(self, row: Row, indicator: str) -> tuple[str, str]:
        """``scale, direction``: the row's own, else those of the indicator."""
        about = by_id("indicators").get(indicator, {})
        own, written = row.text("scale"), row.text("direction")
        said: str = config()["directions"].get(fold(written), "")
        if written and not said:
            params: dict[str, object] = {"field": "sens de l'échelle", "raw": written}
            self.ledger.findings.append(
                Finding("value_unreadable", row.locator, "direction", params)
            )
        known = fold(own).replace(" ", "-") in config()["levels"]
        usual = about.get("direction", "") if not own else "higher_is_worse" if known else ""
        return own or about.get("scale", ""), said or usual


def _with_groups(text: str, groups: Iterable[str]) -> str:
    """The text of a fact, led by the groups that it is of."""
    named = [words for words in groups if group_of(words).words]
    return " ; ".join(dict.fromkeys(filter(None, (*named, text))))


def _first_day(row: Row, field: str) -> date | None:
    from atlas.ingest.parsing.dates import parse_date

    return parse_date(row.value(field), field).value
