"""The sheet of a sector or of a donor: one page of A4, laid out as the fiche of a zone is.

It says what the page says under a filter on one sector or one donor, zone by zone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

import polars as pl

from atlas import formats, summaries
from atlas.dataset import Answer, Dataset
from atlas.errors import UsageError
from atlas.export.fiche import (
    MOST_ITEMS,
    Block,
    activity_line,
    best_and_bounds,
    count_text,
    figure_block,
    files_text,
    known_text,
    more_rows_text,
    more_texts,
    names_text,
)
from atlas.export.fiche_pdf import typeset_pages
from atlas.export.notice import BOUNDARIES, filters_in_words
from atlas.export.proof import code_picture
from atlas.i18n import _, current_language, ngettext
from atlas.labels import capitalised, label
from atlas.model import RESERVED, Kind
from atlas.sentences import boundary_text
from atlas.vocab import entries_by_id
from atlas.web import map_view
from atlas.web.map_picture import legend_pictures, map_ground, map_svg
from atlas.web.page_state import PageScene, published_data

SHEET_PATH = "/sheet.pdf"
_MAP_MM, _LEGEND_LINE_MM, _SWATCH_MM = 94, 4.4, (7.0, 4.0)
_SHORT = 22
"""Letters that a line of the legend may have in half the width."""
_NAMES = 54
"""Letters that names of organisations may take in a row."""


def sheet_pdf(scene: PageScene) -> bytes:
    """The sheet of the one sector, or else of the one donor, that the page is held to.

    Raises
    ------
    UsageError
        Nothing is published, or the page is held to neither.
    """
    told, newest = sheet_content(scene), published_data(scene).as_of
    around = {
        "lang": current_language(),
        "title": told["head"]["name"],
        "author": _("Atlas du Mali : qui fait quoi, où"),
        "contents": None,
        "day": newest.isoformat() if newest else "",
    }
    return typeset_pages([told], around)


def sheet_content(scene: PageScene) -> Block:
    """All that the sheet says, as JSON types only; raises as `sheet_pdf` does."""
    return _Sheet(scene, published_data(scene)).content()


@dataclass(frozen=True)
class _Sheet:
    """The answers about a sector or a donor, at the level and in the découpage of the page."""

    scene: PageScene
    data: Dataset

    @cached_property
    def sector(self) -> str:
        """The one sector; "" where the sheet is of a donor."""
        filters = self.scene.view.filters
        if len(filters.sector) == 1 and filters.sector[0] in entries_by_id("sectors"):
            return filters.sector[0]
        scope = self.data.filtered_scope(filters, *self.where, self.scene.viewer)
        if not filters.sector and len(filters.donor) == 1 and scope.activities.height:
            return ""
        raise UsageError(
            _("Aucune fiche de cela"),
            "",
            _("Choisissez un seul secteur connu, ou un seul bailleur d'activités publiées."),
        )

    @property
    def title(self) -> str:
        """The name of the sector or donor."""
        donor = self.scene.view.filters.donor
        name = label("sectors", self.sector) if self.sector else label("organisations", donor[0])
        return capitalised(name)

    @property
    def where(self) -> tuple[str, str]:
        """Découpage and level."""
        view = self.scene.view
        return view.frame or self.data.default_frame, view.level

    def answer(self, layer: str, **settings: str) -> Answer:
        """The answer of a layer under the filters of the page."""
        said = {**self.scene.view.layer_options(layer), **settings}
        filters, viewer = self.scene.view.filters, self.scene.viewer
        return self.data.ask(layer, filters, *self.where, viewer, said)

    def units(self, layer: str) -> dict[str, dict[str, Any]]:
        """Rows of a layer by unit, of the sector where it tells sectors apart."""
        table = self.answer(layer).table.filter(~pl.col("unit_id").is_in(RESERVED))
        if "sector" in table.columns:
            mine = pl.col("sector") == self.sector if self.sector else pl.col("sector").is_null()
            table = table.filter(mine)
        return {row["unit_id"]: row for row in table.to_dicts()}

    def content(self) -> Block:
        """All that the sheet says, in the blocks of `fiche.typ`."""
        return {
            "lang": current_language(),
            "head": self._head(),
            "map": {"svg": self._map(), "note": ""},
            "figures": self._figures(),
            "state": self._state(),
            "sectors": self._zones(),
            "left": [self._activities()],
            "right": [self._money(), self._duplicates()],
            "either": [],
            "foot": self._foot(),
        }

    def _head(self) -> Block:
        frame, level = self.where
        kind = _("Secteur") if self.sector else _("Bailleur")
        by_level = _("par {level}", level=label("level", level))
        is_sample = self.scene.tables.is_sample
        return {
            "product": _("Atlas du Mali : qui fait quoi, où"),
            "name": self.title,
            "place": " · ".join([kind, label("frame", frame), by_level]),
            "situation": _("Situation au {day}", day=formats.day_text(self.data.as_of)),
            "view": _("Vue : {view}", view=label("viewer", self.scene.viewer.value)),
            "warnings": [
                *([_("Exemple, pas la situation actuelle.")] if is_sample else []),
                _("Filtres : {told}.", told=filters_in_words(self.scene.view.filters)),
            ],
        }

    def _map(self) -> str:
        """The map of the page with its legend below, as one drawing."""
        painted = map_view.map_painting(self.scene)
        whole = map_ground(self.scene, painted)
        ground = replace(whole, width=_MAP_MM, height=whole.height * _MAP_MM / whole.width)
        body = map_svg(self.scene, painted, ground)
        entries = legend_pictures(self.scene, painted)
        title = map_view.map_title(self.scene, painted)
        return _drawing_with_legend(body, ground.height, title, entries)

    def _figures(self) -> list[Block]:
        filters, viewer = self.scene.view.filters, self.scene.viewer
        told = summaries.headline_figures(self.data, filters, *self.where, viewer)
        people = self.answer("people").meta
        money = told.budget_placed_usd
        placed = _("inconnu") if money is None else formats.short_money_text(money)
        stopped = formats.stopped_text(told.cancelled, told.suspended)
        reached, targeted = (_bounded(people[name]) for name in ("reached", "targeted"))
        known = [row["in_need"] for row in self.units("people").values() if self.sector]
        needs = [one for one in known if one is not None]
        in_need = figure_block(
            known_text(sum(needs) if needs else None),
            _("dans le besoin"),
            _("connu pour {n} zones sur {every}", n=len(needs), every=told.units) if needs else "",
        )
        unpriced = figure_block(
            formats.number_text(told.without_amount), _("activités sans montant")
        )
        counted = formats.counted_name(filters.kind, told.activities)
        orgs = ngettext("organisation", "organisations", told.organisations)
        return [
            figure_block(count_text(told.activities, ""), counted, stopped),
            figure_block(formats.number_text(told.organisations), orgs),
            figure_block(placed, _("budget placé")),
            in_need if self.sector else unpriced,
            figure_block(targeted[0], _("personnes visées"), targeted[1]),
            figure_block(reached[0], _("personnes atteintes"), reached[1]),
        ]

    def _state(self) -> Block:
        states = Counter(self._states().values())
        order = [one for one in summaries.STATE_ORDER if states[one]]
        counted = ", ".join(
            _("{name} : {value}", name=label("state", one), value=states[one]) for one in order
        )
        worst = order[0] if order else "no_report"
        words = _("Zones par état : {counted}.", counted=counted or label("state", worst))
        return {"sign": worst, "word": label("state", worst), "text": words}

    def _states(self) -> dict[str, str]:
        presence = self.answer("presence").table
        coverage = self.answer("coverage").table
        if not self.sector:  # a need is of nobody's money: what is told is whether he acts there
            coverage = coverage.clear()
        own = coverage.filter(pl.col("sector") == self.sector) if self.sector else coverage
        told = summaries.states_of_units(own, presence)
        return {unit: told.get(unit, "no_report") for unit in self.units("presence")}

    def _zones(self) -> Block:
        """Who does what in each zone; those of the worst state first."""
        presence, people, budget = (self.units(one) for one in ("presence", "people", "budget"))
        coverage, states = self.units("coverage") if self.sector else {}, self._states()
        rank = {state: n for n, state in enumerate(summaries.STATE_ORDER)}
        ordered = sorted(
            presence.values(),
            key=lambda row: (
                rank.get(states[row["unit_id"]], 99), -row["activities"], row["unit_name"],
            ),
        )  # fmt: skip
        silent = [one["unit_name"] for one in ordered if self._is_silent(one, states)]
        rows = [
            self._zone_row(one, states[one["unit_id"]], coverage, people, budget)
            for one in ordered
            if not self._is_silent(one, states)
        ]
        lines = []
        if silent:
            names = names_text(sorted(silent), 3 * _NAMES)
            lines.append(_("Rien de signalé, ce qui n'est pas une absence : {names}.", names=names))
        fifth = _("Besoin") if self.sector else _("Budget")
        heads = [_("Zone"), _("État"), _("Activ."), _("Organisations"), fifth]
        heads += [_("Visées"), _("Atteintes")]
        return {
            "title": _("Qui fait quoi, par zone"),
            "note": "",
            "heads": heads,
            "rows": rows,
            "more": more_texts(len(rows), len(rows), more_rows_text),
            "lines": lines,
        }

    def _is_silent(self, row: dict[str, Any], states: dict[str, str]) -> bool:
        told = row["activities"] or row["organisations"]
        return not told and states[row["unit_id"]] in ("no_report", "not_comparable")

    def _zone_row(
        self,
        row: dict[str, Any],
        state: str,
        coverage: dict[str, dict[str, Any]],
        people: dict[str, dict[str, Any]],
        budget: dict[str, dict[str, Any]],
    ) -> Block:
        unit = row["unit_id"]
        filters, viewer = self.scene.view.filters, self.scene.viewer
        by_sector = summaries.organisations_by_sector(self.data, unit, filters, viewer)
        sectors = [self.sector] if self.sector else list(by_sector)
        who = dict.fromkeys(name for one in sectors for name in by_sector.get(one, ()))
        figures, money = people.get(unit, {}), budget[unit]["budget_usd"]
        need = coverage.get(unit, {}).get("need")
        unknown = (_("inconnu"), "")
        return {
            "name": row["unit_name"],
            "sign": state,
            "state": capitalised(label("state", state)),
            "activities": count_text(row["activities"], state),
            "organisations": names_text([label("organisations", one) for one in who], _NAMES),
            "count": formats.number_text(len(who)) if who else "",
            "need": (
                known_text(need) if self.sector else
                _("inconnu") if money is None else formats.short_money_text(money)
            ),
            "targeted": best_and_bounds(figures, "targeted") if figures else unknown,
            "reached": best_and_bounds(figures, "reached") if figures else unknown,
        }  # fmt: skip

    def _activities(self) -> Block:
        filters, viewer = self.scene.view.filters, self.scene.viewer
        table = self.data.activity_grid(filters, *self.where, viewer).table
        items = table.filter(pl.col("kind") != Kind.PRESENCE, pl.col("counted_with").is_null())
        title = capitalised(formats.counted_name(filters.kind, 2))
        return {
            "title": f"{title} ({formats.number_text(items.height)})",
            "items": [activity_line(row) for row in items.head(MOST_ITEMS).to_dicts()],
            "long": True,
            "least": 3,
            "more": more_texts(items.height, MOST_ITEMS, more_rows_text),
        }

    def _money(self) -> Block:
        """The known budget of a sector by who gives it, that of a donor by who acts with it."""
        by = "donor" if self.sector else "org"
        table = self.answer("budget", by=by, currency="USD").table
        sums = (
            table.group_by("dimension_label", maintain_order=True)
            .agg(pl.col("budget").sum())
            .filter(pl.col("budget") > 0)
            .sort("budget", descending=True)
        )
        title = _("Budget par bailleur") if self.sector else _("Budget par organisation")
        pairs = [[name, formats.short_money_text(usd)] for name, usd in sums.rows()]
        block: Block = {
            "title": title,
            "pairs": pairs[:MOST_ITEMS],
            "more": more_texts(len(pairs), MOST_ITEMS, more_rows_text),
        }
        return block | ({} if pairs else {"lines": [_("Aucun montant connu.")]})

    def _duplicates(self) -> Block:
        kinds = Counter(
            self.answer("duplicates").table.unique("pair_id", maintain_order=True)["kind"]
        )
        counted = ", ".join(
            _("{name} : {value}", name=label("kind", one), value=kinds[one])
            for one in sorted(kinds)
        )
        line = f"{capitalised(counted)}." if counted else _("Aucun doublon à trancher ici.")
        return {"title": _("Doublons à trancher"), "lines": [line]}

    def _foot(self) -> Block:
        code = self.scene.file_code(SHEET_PATH)
        filters, viewer = self.scene.view.filters, self.scene.viewer
        behind = self.data.filtered_scope(filters, *self.where, viewer).document_rows["document"]
        documents = self.data.documents_read(viewer)
        own = documents.filter(pl.col("document").is_in(behind.implode()))
        newest = own.sort("as_of", "file", descending=[True, False], nulls_last=True)
        files = newest.drop_nulls("file").select("file", "as_of").rows()
        return {
            "title": _("Sources et dates"),
            "sources": [files_text(_("Activités"), files, 2), boundary_text(*self.where)],
            "boundaries": _(BOUNDARIES),
            "unknown": _("« inconnu » n'est jamais zéro ; « – » : rien de signalé."),
            "state": _("État publié {hash}", hash=self.data.snapshot.hash[:12]),
            "code": _("Code : {code}", code=code),
            "picture": code_picture(code),
        }


def _bounded(told: object) -> tuple[str, str]:
    """A figure of people of the whole country, and its bounds."""
    if not isinstance(told, tuple):
        return _("inconnu"), ""
    low, best, high = told
    return best_and_bounds({"people_low": low, "people": best, "people_high": high}, "people")


def _drawing_with_legend(
    body: str, height: float, title: str, entries: list[dict[str, str]]
) -> str:
    """A map with a title above and the lines of its legend below: short ones in two columns."""
    top, half = 4.6, _MAP_MM / 2
    short = [one for one in entries if len(one["text"]) <= _SHORT]
    long = [one for one in entries if len(one["text"]) > _SHORT]
    rows = (len(short) + 1) // 2
    places = [(half * (n // rows), n % rows) for n in range(len(short))]
    places += [(0, rows + n) for n in range(len(long))]
    parts = [
        f'<text x="0" y="3.2" font-weight="bold" fill="#144372">{escape(title)}</text>',
        f'<g transform="translate(0 {top})">{_unsized(body)}</g>',
    ]
    for one, (x, row) in zip([*short, *long], places, strict=True):
        y = top + height + 1.6 + _LEGEND_LINE_MM * row
        wide = _SWATCH_MM[0] + 1.5
        parts.append(f'<g transform="translate({x} {y})">{_unsized(one["svg"])}</g>')
        parts.append(f'<text x="{x + wide}" y="{y + 3}">{escape(one["text"])}</text>')
    whole = top + height + 2 + _LEGEND_LINE_MM * (rows + len(long))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_MAP_MM} {whole}" '
        f'font-family="Noto Sans" font-size="2.8">{"".join(parts)}</svg>'
    )


def _unsized(svg: str) -> str:
    """A drawing in millimetres inside another one, whose units are millimetres."""
    head, rest = svg.split(">", 1)
    return head.replace('mm"', '"') + ">" + rest
