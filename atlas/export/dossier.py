"""A zone as one file that opens without a network: map, filters, tables, figures and their rows.

The page of the file counts by itself what its filters leave. It starts from the rows that the
answers of the atlas are counted from, and comes to the same figures.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape
from math import cos, radians
from pathlib import Path
from typing import Any

import polars as pl
import shapely

from atlas import formats
from atlas.dataset import EVERYTHING, Answer, Dataset
from atlas.errors import UsageError
from atlas.export.map_drawing import DrawnUnit, base_geometry, drawn_units, ring_path, rings_of
from atlas.export.notice import notice_lines
from atlas.filters import Filters
from atlas.geo.frames import AdminUnit
from atlas.i18n import N_, _, current_language
from atlas.labels import capitalised, label
from atlas.layers.listing import FACETS, facet_rows
from atlas.layers.prepare import LEVELS
from atlas.layers.scope import Scope
from atlas.model import STOPPED, Level, Viewer
from atlas.sensitivity import inner_level
from atlas.vocab import entry_label

TEMPLATE = Path(__file__).with_name("dossier.html")
MAP_WIDTH, MAP_HEIGHT = 640.0, 520.0
_MARGIN = 1.12
"""Ground around the zone, in its size."""
_LEAST_DEGREES = 0.4

_FILTERS = {
    "sector": (N_("Secteur"), N_("tous")),
    "organisation": (N_("Organisation"), N_("toutes")),
    "donor": (N_("Bailleur"), N_("tous")),
    "source": (N_("Source"), N_("toutes")),
    "status": (N_("Statut"), N_("tous")),
    "nexus": (N_("Nexus"), N_("tous")),
    "year": (N_("Année"), N_("toutes")),
}
"""The filters of the file, each with its name and what it says where nothing is chosen."""

_WORDS = {
    "activities": N_("activités"),
    "organisations": N_("organisations"),
    "budget": N_("budget placé (USD)"),
    "unpriced": N_("sans montant"),
    "unrated": N_("sans taux de change"),
    "map_of": N_("La carte montre"),
    "by_activities": N_("Activités"),
    "by_organisations": N_("Organisations"),
    "by_budget": N_("Budget (USD)"),
    "search": N_("Chercher dans les titres, lieux et organisations"),
    "all": N_("Tout remettre"),
    "zone": N_("Zone"),
    "every_zone": N_("toutes les zones"),
    "none": N_("rien de signalé, ce qui ne veut pas dire rien"),
    "amount_unknown": N_("montant inconnu"),
    "present_only": N_("présence signalée, activités inconnues"),
    "stopped_only": N_("activités annulées ou suspendues seulement"),
    "estimated": N_("limites estimées"),
    "filters": N_("Filtres"),
    "nowhere": N_("Position inconnue : cette zone n'est pas dessinée."),
    "empty": N_("Aucune activité ni présence n'est placée dans cette zone."),
    "list": N_("Activités et présences derrière ces chiffres"),
    "more": N_("Montrer la suite"),
    "shown": N_("{n} sur {every}"),
    "title": N_("Intitulé"),
    "who": N_("Qui"),
    "where": N_("Où"),
    "when": N_("Quand"),
    "read_in": N_("Lu dans"),
    "stopped": N_("hors compte"),
    "nothing": N_("Aucune activité : enlevez un filtre."),
    "too_old": N_(
        "Ce navigateur est trop ancien pour lire ce fichier : ouvrez-le dans Firefox 115, "
        "Chromium ou Edge 103, ou plus récent."
    ),
}

Block = dict[str, Any]


def dossier_html(content: Block) -> bytes:
    """The file of a zone, of what `dossier_content` tells."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    page = TEMPLATE.read_text(encoding="utf-8")
    for slot, text in (
        ("lang", content["lang"]),
        ("title", escape(content["title"])),
        ("too_old", escape(content["words"]["too_old"])),
        ("data", base64.b64encode(gzip.compress(data, mtime=0)).decode()),
    ):
        page = page.replace(f"@@{slot}@@", text)
    return page.encode()


def dossier_content(
    dataset: Dataset,
    unit_id: str,
    level: str | None = None,
    filters: Filters = EVERYTHING,
    viewer: Viewer = Viewer.EDITOR,
) -> Block:
    """All that the file of a zone says, as JSON types only.

    Parameters
    ----------
    level
        Level of the units that it counts by (default: the next finer than the zone).

    Raises
    ------
    UnknownUnitError, UsageError, ForbiddenError
        No such unit; a level coarser than it; one that the viewer may not see.
    """
    unit = dataset.frames.unit_by_id(unit_id)
    dossier = _Dossier(dataset, unit, _level_of_units(unit, level, viewer), filters, viewer)
    return {
        "lang": current_language(),
        "title": _("Atlas Mali : {zone}, dossier hors ligne", zone=unit.name),
        "heading": unit.name,
        "about": dossier.about,
        "words": {name: _(text) for name, text in _WORDS.items()},
        "map": dossier.map,
        "units": dossier.units,
        "facets": [dossier.facet(name) for name in _FILTERS],
        "rows": dossier.rows,
        "tables": [one for one in (dossier.needs, dossier.people) if one["rows"]],
        "notice": [[head, text] for head, text in notice_lines(dossier.presence)],
    }


def _level_of_units(unit: AdminUnit, level: str | None, viewer: Viewer) -> Level:
    own = LEVELS.index(Level(unit.level))
    if level is None:
        return inner_level(unit.level, viewer)
    if level not in LEVELS or LEVELS.index(Level(level)) < own:
        finer_levels = ", ".join(LEVELS[own:])
        raise UsageError(
            _("Niveau « {level} »", level=level),
            "",
            _("Pour {zone}, choisissez parmi : {levels}.", zone=unit.name, levels=finer_levels),
        )
    return Level(level)


@dataclass(frozen=True)
class _Dossier:
    """One zone, and the answers inside it."""

    dataset: Dataset
    unit: AdminUnit
    level: Level
    filters: Filters
    viewer: Viewer

    @property
    def inside(self) -> Filters:
        """The filters, and the zone."""
        return self.filters.with_changes(unit=(self.unit.unit_id,))

    def everything(self, layer: str, level: str) -> Answer:
        """All that is known of the zone, whatever the filters."""
        zone = EVERYTHING.with_changes(unit=(self.unit.unit_id,))
        return self.dataset.ask(layer, zone, self.unit.frame, level, self.viewer)

    def known_rows(self, layer: str) -> list[Block]:
        """What a layer tells of the zone itself, then of the units inside it."""
        held = self.dataset.frames.wholly_in(self.unit.unit_id)
        levels = dict.fromkeys((self.unit.level, self.level))
        tables = [self.everything(layer, level).table for level in levels]
        rows = pl.concat(tables).filter(pl.col("unit_id").is_in(list(held)))
        own = pl.col("unit_id") == self.unit.unit_id
        by = (~own, "unit_name", "unit_id", "sector")
        return rows.sort(*by, nulls_last=True, maintain_order=True).to_dicts()

    @cached_property
    def presence(self) -> Answer:
        return self.dataset.ask("presence", self.inside, self.unit.frame, self.level, self.viewer)

    @cached_property
    def scope(self) -> Scope:
        return self.dataset.filtered_scope(self.inside, self.unit.frame, self.level, self.viewer)

    @cached_property
    def about(self) -> str:
        level, frame = label("level", self.unit.level), label("frame", self.unit.frame)
        newest = formats.day_text(self.dataset.as_of)
        return _(
            "{level}, {frame}. Document le plus récent : {day}. Pas la situation actuelle.",
            level=capitalised(level),
            frame=frame,
            day=newest,
        )

    @cached_property
    def targets(self) -> pl.DataFrame:
        """``target, unit_id, unit_name`` of the units inside, then of the reserved rows used."""
        frames = self.dataset.frames
        held = {*frames.units_inside(self.unit.unit_id), self.unit.unit_id}
        used = self.scope.placement_rows["target"].unique()
        rows = self.scope.unit_rows.with_row_index("target")
        return rows.filter(
            pl.col("unit_id").is_in(held)
            | (pl.col("is_reserved") & pl.col("target").is_in(used.implode()))
        ).select("target", "unit_id", "unit_name")

    @cached_property
    def units(self) -> list[Block]:
        drawn = drawn_units(self.unit.frame, self.level)
        return [
            {
                "id": unit_id,
                "name": name,
                **(self.outline(drawn[unit_id]) if unit_id in drawn else {}),
            }
            for _target, unit_id, name in self.targets.iter_rows()
        ]

    @cached_property
    def _view(self) -> tuple[float, float, float]:
        """Longitude and latitude of the middle of the map, and its units a degree of latitude."""
        own = drawn_units(self.unit.frame, self.unit.level).get(self.unit.unit_id)
        held = self.dataset.frames.units_inside(self.unit.unit_id)
        smaller = drawn_units(self.unit.frame, self.level)
        shapes = [own.geometry] if own else []
        shapes += [one.geometry for name, one in smaller.items() if name in held]
        ground = shapely.union_all(shapes) if shapes else base_geometry("outline")
        west, south, east, north = ground.bounds
        lat = (south + north) / 2
        wide = max((east - west) * cos(radians(lat)), _LEAST_DEGREES)
        high = max(north - south, _LEAST_DEGREES)
        return (west + east) / 2, lat, min(MAP_WIDTH / wide, MAP_HEIGHT / high) / _MARGIN

    def _point(self, lon: float, lat: float) -> tuple[float, float]:
        middle, at, size = self._view
        across = (lon - middle) * cos(radians(at)) * size
        return MAP_WIDTH / 2 + across, MAP_HEIGHT / 2 - (lat - at) * size

    def _path(self, geometry: Any) -> str:
        return "".join(ring_path(ring, self._point, closed) for ring, closed in rings_of(geometry))

    def outline(self, unit: DrawnUnit) -> Block:
        """Where a unit is drawn: its outline, and whether it is estimated, or its point."""
        middle = unit.geometry.representative_point()
        x, y = self._point(middle.x, middle.y)
        at = {"x": round(x, 1), "y": round(y, 1)}
        if unit.geometry.geom_type == "Point":
            return at
        return {**at, "path": self._path(unit.geometry), "estimated": unit.basis == "estimated"}

    @cached_property
    def map(self) -> Block:
        own = drawn_units(self.unit.frame, self.unit.level).get(self.unit.unit_id)
        return {
            "width": MAP_WIDTH,
            "height": MAP_HEIGHT,
            "ground": self._path(base_geometry("outline")),
            "rivers": self._path(base_geometry("rivers")),
            "zone": self._path(own.geometry) if own and own.geometry.geom_type != "Point" else "",
        }

    @cached_property
    def listed(self) -> pl.DataFrame:
        """The activities as the viewer may read them, in the order of the scope."""
        words = self.dataset.listed_activities(self.scope, self.viewer).table
        return self.scope.activities.select("a", "activity_id").join(
            words, on="activity_id", how="left", maintain_order="left"
        )

    def facet(self, name: str) -> Block:
        """A filter: its values, and those of each activity by their numbers."""
        head, every = _FILTERS[name]
        rows = facet_rows(self.scope.prepared, self.scope.activities, name).drop_nulls()
        values = rows["value"].unique().sort()
        vocabulary = FACETS[name]
        names = [entry_label(vocabulary, str(v)) if vocabulary else str(v) for v in values]
        numbered = rows.join(
            pl.DataFrame({"value": values, "n": range(values.len())}), on="value", how="left"
        )
        return {
            "name": name,
            "label": _(head),
            "every": _(every),
            "values": [str(v) for v in values],
            "labels": names,
            "of": self._lists(numbered.unique(["a", "n"]).sort("n"), "n"),
        }

    def _lists(self, rows: pl.DataFrame, column: str) -> list[list[Any]]:
        """What a long table says of each activity, in the order of the scope."""
        held = rows.select("a", column).sort("a", maintain_order=True).group_by("a").agg(column)
        order = self.scope.activities.select("a")
        found = order.join(held, on="a", how="left", maintain_order="left")[column]
        return [one or [] for one in found.to_list()]

    @cached_property
    def rows(self) -> Block:
        """The activities by column, with the units they stand in and what of their budget is
        there, in cents; null where unknown."""
        numbers = self.targets.select("target").with_row_index("unit")
        scope = self.scope
        places = scope.placement_rows.join(numbers, on="target").select("a", "unit").unique()
        known = scope.budget_shares.drop_nulls("usd_minor").join(numbers, on="target")
        cents = known.group_by("a", "unit").agg(pl.col("usd_minor").sum())
        shares = cents.sort("unit").select(
            "a", share=pl.concat_list(pl.col("unit").cast(pl.Int64), "usd_minor")
        )
        order = scope.activities["a"]
        listed = self.listed
        return {
            "title": listed["title"].fill_null("").to_list(),
            "counted": order.is_in(scope.counted_activities["a"].implode()).cast(pl.Int8).to_list(),
            "present": order.is_in(scope.present_activities["a"].implode()).cast(pl.Int8).to_list(),
            "stopped": [int(one in STOPPED) for one in scope.activities["status"]],
            "amount": order.is_in(scope.budget_shares["a"].implode()).cast(pl.Int8).to_list(),
            "units": self._lists(places.sort("unit"), "unit"),
            "money": self._lists(shares, "share"),
            "place": listed["place"].fill_null("").to_list(),
            "who": listed["organisations"].fill_null("").to_list(),
            "status": listed["status_label"].fill_null("").to_list(),
            "sector": listed["sector_label"].fill_null("").to_list(),
            "start": _days(listed["start"]),
            "end": _days(listed["end"]),
            "read_in": [
                " ".join(part for part in row if part)
                for row in listed.select("file", "locator").iter_rows()
            ],
        }

    @cached_property
    def needs(self) -> Block:
        """Needs of the units and what answers them, as of the day of the file."""
        rows = [
            [
                row["unit_name"],
                capitalised(label("sector", row["sector"])),
                capitalised(label("state", row["state"])),
                formats.number_text(row["need"]),
                formats.number_text(row["response"]),
                formats.number_text(row["presence"]),
            ]
            for row in self.known_rows("coverage")
            if row["need"] is not None
        ]
        day = self.everything("coverage", self.level).meta["reference"]
        judged = formats.day_text(day if isinstance(day, date) else None)
        return {
            "title": _("Besoins connus, et ce qui y répond"),
            "note": _("Jugés au {day}, quels que soient les filtres.", day=judged),
            "heads": [_("Zone"), _("Secteur"), _("État"), _("Besoin"), _("Activités en réponse"),
                      _("Organisations présentes")],
            "rows": rows,
        }  # fmt: skip

    @cached_property
    def people(self) -> Block:
        """People of the units, everyone counted once."""
        known = ("in_need", "targeted_high", "reached_high")
        rows = [
            [
                row["unit_name"],
                capitalised(label("sector", row["sector"])),
                formats.number_text(row["in_need"]),
                *(_bounds(row, name) for name in ("targeted", "reached")),
            ]
            for row in self.known_rows("people")
            if any(row[name] is not None for name in known)
        ]
        return {
            "title": _("Personnes, chacune comptée une fois"),
            "note": _(
                "Le meilleur chiffre, et entre parenthèses le moins et le plus possibles, quels "
                "que soient les filtres."
            ),
            "heads": [_("Zone"), _("Secteur"), _("Dans le besoin"), _("Visées"), _("Atteintes")],
            "rows": rows,
        }


def _bounds(row: Block, name: str) -> str:
    return formats.range_text(*(row[f"{name}{end}"] for end in ("_low", "", "_high")))


def _days(days: Iterable[Any]) -> Sequence[str]:
    return [day.isoformat() if day else "" for day in days]
