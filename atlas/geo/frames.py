"""The découpages: their units, who lies in whom, and how one converts to another.

A *frame* is a découpage in force for some years (`FRAMES`). Communes are what carries
across frames: a unit of one frame converts to a unit of another when every commune it is
made of, or may be made of, lies in that one unit. Numbers are never compared.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from functools import cache, cached_property
from typing import NamedTuple

import polars as pl

from atlas.errors import UnknownUnitError, UsageError
from atlas.i18n import _
from atlas.labels import label
from atlas.model import COARSER, NATIONAL, NOT_CONVERTIBLE, RESERVED, UNPLACED, Level
from atlas.paths import data_root

FRAMES = ("ml-2012", "ml-2016", "ml-2023")
"""Ids of the découpages, oldest first."""

LEVELS = tuple(level.value for level in Level)
FRAME_OF = {"cod-2019": "ml-2012", "cod-2021": "ml-2016", "cod-v03": "ml-2023"}
"""The frame whose communes a version of the official boundaries draws."""


class AdminUnit(NamedTuple):
    """A région, cercle or commune of one frame.

    Attributes
    ----------
    pcode
        The COD p-code published for this very territory, if any.
    lon, lat
        A point inside, degrees rounded to 0.01 (``None``: not known).
    area_km2
        Square kilometres (``None``: not known).
    certainty
        ``published``, ``derived``, ``listed``, ``respelt``, ``cercle_unknown`` or ``new``;
        see ``geodata/README.md``.
    """

    unit_id: str
    frame: str
    level: str
    name: str
    parent: str | None
    pcode: str | None
    lon: float | None
    lat: float | None
    area_km2: float | None
    certainty: str


class FrameInfo(NamedTuple):
    """A découpage: when it was in force and how many units its law counts."""

    id: str
    name: str
    start: date | None
    end: date | None
    law: Mapping[str, int]
    source: str


class Frames:
    """Everything the tables of ``geodata/`` say about units.

    Parameters
    ----------
    units, codes, crosswalk, population
        The tables as committed.
    info
        The frames of ``shipped_frames.toml``.
    """

    def __init__(
        self,
        units: pl.DataFrame,
        codes: pl.DataFrame,
        crosswalk: pl.DataFrame,
        population: pl.DataFrame,
        info: Iterable[FrameInfo],
    ) -> None:
        self.units = units
        self.codes = codes
        self.crosswalk = crosswalk
        self.info = {frame.id: frame for frame in info}
        self._population = population
        self._targets: dict[tuple[str, str], pl.DataFrame] = {}
        self._inside: dict[str, frozenset[str]] = {}
        rows = crosswalk.to_dicts()
        self._by_cod: dict[str, dict[str, str]] = {
            frame: {row["cod_2019"]: row[frame.replace("-", "_")] for row in rows}
            for frame in FRAMES
        }
        """Commune of each frame by its COD 2019 code."""
        self._cod_of = {u: cod for codes in self._by_cod.values() for cod, u in codes.items()}
        fields = list(AdminUnit._fields)
        self._units = {row["unit_id"]: AdminUnit(**row) for row in units.select(fields).to_dicts()}
        self._children: dict[str, list[str]] = defaultdict(list)
        for unit in self._units.values():
            if unit.parent:
                self._children[unit.parent].append(unit.unit_id)

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._units

    def unit_by_id(self, unit_id: str) -> AdminUnit:
        """The unit of an id.

        Raises
        ------
        UnknownUnitError
            No frame has such a unit.
        """
        try:
            return self._units[unit_id]
        except KeyError:
            raise UnknownUnitError(
                _("Unité « {unit} » inconnue", unit=unit_id),
                _("aucun découpage ne la contient"),
                _("Cherchez son identifiant avec « atlas resolve »."),
            ) from None

    def units_at_level(self, frame: str, level: str) -> pl.DataFrame:
        """Units of one frame and level, ordered by name then id."""
        check_frame(frame, level)
        wanted = (pl.col("frame") == frame) & (pl.col("level") == level)
        return self.units.filter(wanted).sort("name", "unit_id")

    def frame_on(self, day: date) -> str:
        """The frame in force on a day."""
        starts = [(i.start or date.min, i.id) for i in self.info.values()]
        return max(start for start in starts if start[0] <= day)[1]

    def ancestor_at_level(self, unit_id: str, level: str) -> str | None:
        """The unit itself or the one above it at ``level``; ``None`` below or unknown."""
        here: str | None = unit_id
        while here is not None:
            unit = self.unit_by_id(here)
            if unit.level == level:
                return here
            here = unit.parent
        return None

    def children(self, unit_id: str) -> tuple[str, ...]:
        """Units directly below, in the order of the table."""
        return tuple(self._children.get(unit_id, ()))

    def units_inside(self, unit_id: str) -> frozenset[str]:
        """The unit itself and everything below it, in its own frame."""
        if unit_id in self._inside:
            return self._inside[unit_id]
        self.unit_by_id(unit_id)
        found, heap = set(), [unit_id]
        while heap:
            here = heap.pop()
            found.add(here)
            heap += self._children.get(here, ())
        self._inside[unit_id] = frozenset(found)
        return self._inside[unit_id]

    def wholly_in(self, *unit_ids: str) -> frozenset[str]:
        """Units and all that certainly lies in any of them, of every frame; none of no unit."""
        found = set[str]()
        for own in (self.unit_by_id(one) for one in unit_ids if one in self):
            targets = self.conversion_targets(own.frame, own.level)
            found |= {own.unit_id, *targets.filter(pl.col("target") == own.unit_id)["unit_id"]}
        return frozenset(found)

    def lies_in(self, unit_id: str, larger: str) -> bool:
        """Whether a unit certainly lies in a larger one, of whatever frame."""
        holder = self.unit_by_id(larger)
        if unit_id == larger or not self._is_finer(unit_id, larger):
            return False
        return self._containing_unit(unit_id, holder.frame, holder.level) == larger

    def may_lie_in(self, unit_id: str, larger: str) -> bool:
        """Whether a unit lies, or before a reform lay, in what bears the name of a larger one.

        True as well where nobody knows what the unit is made of.
        """
        mine, holder = self._possible_by_unit[unit_id], self.unit_by_id(larger)
        if not mine:
            return self.ancestor_at_level(unit_id, holder.level) in (None, larger)
        named = (
            u for u in self._units.values() if (u.level, u.name) == (holder.level, holder.name)
        )
        return any(mine & self._possible_by_unit[unit.unit_id] for unit in named)

    def _is_finer(self, unit_id: str, larger: str) -> bool:
        return LEVELS.index(self.unit_by_id(unit_id).level) > LEVELS.index(
            self.unit_by_id(larger).level
        )

    def units_without(self, area: Iterable[str], excluded: Collection[str]) -> list[str]:
        """Units that make up some units but for others inside them, the largest that do.

        Returns
        -------
        list of str
            Empty where an excluded unit cannot be told apart in them, or nothing is left.

        Examples
        --------
        >>> rest = shipped_frames().units_without(["ml-2012/ML08"], ["ml-2012/ML0802"])
        >>> [shipped_frames().unit_label(unit_id) for unit_id in rest]
        ['Abeïbara', 'Tessalit', 'Tin-Essako']
        """
        rest: list[str] = []
        removed: set[str] = set()
        heap = list(reversed(list(area)))
        while heap:
            here = heap.pop()
            if here in excluded:
                removed.add(here)
            elif self.units_inside(here).isdisjoint(excluded):
                rest.append(here)
            else:
                heap += reversed(self._component_units(here))
        return rest if removed == set(excluded) else []

    def _component_units(self, unit_id: str) -> list[str]:
        """Units that make one up: the communes of a région without a known cercle lie in one."""
        children = self._children.get(unit_id, [])
        return [c for c in children if self._units[c].level != Level.COMMUNE] or children

    def latest_population(self, frame: str) -> pl.DataFrame:
        """Newest known population of units of a frame.

        Returns
        -------
        polars.DataFrame
            ``unit_id, population`` (persons)``, year, source, not_enumerated, certainty``;
            units without a figure are absent. Source: INSTAT, RGPH5 2022 and RGPH4 2009.
        """
        check_frame(frame)
        columns = ("unit_id", "population", "year", "source", "not_enumerated", "certainty")
        of_frame = self._population.filter(pl.col("unit_id").str.starts_with(frame + "/"))
        newest = of_frame.sort("year").unique("unit_id", keep="last", maintain_order=True)
        return newest.select(columns).sort("unit_id")

    def unit_label(self, unit_id: str) -> str:
        """Name of a unit, or of a reserved row in the language in force."""
        return label("row", unit_id) if unit_id in RESERVED else self.unit_by_id(unit_id).name

    def conversion_targets(self, frame: str, level: str) -> pl.DataFrame:
        """Where everything goes when shown in one frame at one level.

        Parameters
        ----------
        frame, level
            What is shown.

        Returns
        -------
        polars.DataFrame
            ``unit_id, target``, one row for every unit of every frame and for ``_national``
            and ``_unplaced``. ``target`` is the unit of (frame, level) it lies in;
            ``_coarser`` when this frame knows its région but not the unit at this level;
            ``_not_convertible`` when it lies in no single région.
        """
        check_frame(frame, level)
        if (frame, level) not in self._targets:
            rows = {u: self._conversion_target(u, frame, level) for u in self._units}
            rows |= {NATIONAL: NATIONAL, UNPLACED: UNPLACED}
            self._targets[frame, level] = pl.DataFrame(
                {"unit_id": list(rows), "target": list(rows.values())},
                schema={"unit_id": pl.String, "target": pl.String},
            )
        return self._targets[frame, level]

    def converted_placements(
        self, placements: pl.DataFrame, frame: str, level: str
    ) -> pl.DataFrame:
        """Placements with what each becomes in one frame at one level.

        Parameters
        ----------
        placements
            Any table with ``unit_id``; weights and money beside it are not touched.
        frame, level
            What is shown.

        Returns
        -------
        polars.DataFrame
            The same rows in the same order, and ``target`` (see `conversion_targets`). An id that
            no frame knows any more is ``_not_convertible``: nothing is dropped.
        """
        joined = placements.join(
            self.conversion_targets(frame, level), on="unit_id", how="left", maintain_order="left"
        )
        return joined.with_columns(pl.col("target").fill_null(NOT_CONVERTIBLE))

    def converted_unit(self, unit_id: str, frame: str, level: str) -> str:
        """Target of one unit (see `conversion_targets`)."""
        self.unit_by_id(unit_id)
        check_frame(frame, level)
        return self._conversion_target(unit_id, frame, level)

    def _conversion_target(self, unit_id: str, frame: str, level: str) -> str:
        found = self._containing_unit(unit_id, frame, level)
        if found:
            return found
        return COARSER if self._containing_unit(unit_id, frame, "region") else NOT_CONVERTIBLE

    def _containing_unit(self, unit_id: str, frame: str, level: str) -> str | None:
        """The unit of (frame, level) that ``unit_id`` certainly lies in, if there is one."""
        unit = self._units[unit_id]
        if unit.frame == frame:
            return self.ancestor_at_level(unit_id, level) or self._coextensive_child(unit_id, level)
        here: str | None = unit_id
        while here is not None:  # what lies in a unit that converts, converts with it
            homes = {self._unit_of_cod_code(c, frame, level) for c in self._possible_by_unit[here]}
            if len(homes) == 1 and None not in homes:
                return homes.pop()
            here = self._units[here].parent
        return None

    def _coextensive_child(self, unit_id: str, level: str) -> str | None:
        """Its one child where the child is all of it: the district of Bamako."""
        children = self._children.get(unit_id, [])
        if len(children) == 1 and self._units[children[0]].level == level != Level.COMMUNE:
            return children[0]
        return None

    def _unit_of_cod_code(self, cod: str, frame: str, level: str) -> str | None:
        commune = self._by_cod[frame].get(cod)
        return self.ancestor_at_level(commune, level) if commune else None

    @cached_property
    def _possible_by_unit(self) -> dict[str, frozenset[str]]:
        """COD 2019 communes that each unit is, or may be, made of.

        In 2023 some communes have no known cercle, some cercles no known commune, and some
        new communes no known origin: a cercle beside them may hold any commune its région
        leaves open, and converts only where that makes no difference.
        """
        made: dict[str, set[str]] = {unit_id: set() for unit_id in self._units}
        for codes in self._by_cod.values():
            for cod, commune in codes.items():
                here: str | None = commune
                while here is not None:
                    made[here].add(cod)
                    here = self._units[here].parent
        sure = {unit_id: frozenset(cods) for unit_id, cods in made.items()}
        return sure | {
            unit_id: sure[unit_id] | self._possible_cercle_communes(unit_id, sure)
            for unit_id, unit in self._units.items()
            if unit.level == Level.CERCLE and sure[unit_id]
        }

    def _possible_cercle_communes(
        self, cercle: str, sure: Mapping[str, frozenset[str]]
    ) -> frozenset[str]:
        region = self._units[cercle].parent
        if region is None:
            return frozenset()
        cercles = [c for c in self._children[region] if self._units[c].level == Level.CERCLE]
        if any(not sure[c] for c in (*self._children[cercle], *cercles)):
            return sure[region]
        loose = [c for c in self._children[region] if self._units[c].level == Level.COMMUNE]
        return frozenset().union(*(sure[c] for c in loose))

    def certain_communes(self, unit_id: str) -> frozenset[str]:
        """COD 2019 codes of the communes known to lie in a unit (no maybes)."""
        codes = self._cod_of
        return frozenset(codes[u] for u in self.units_inside(unit_id) if u in codes)

    def possible_communes(self, unit_id: str) -> frozenset[str]:
        """COD 2019 codes of the communes that a unit is, or may be, made of."""
        return self._possible_by_unit[unit_id]

    def units_of_communes(self, codes: Iterable[str], frame: str, level: str) -> frozenset[str]:
        """Units of a frame and level that hold any of some communes (COD 2019 codes)."""
        found = {self._unit_of_cod_code(code, frame, level) for code in codes}
        return frozenset(unit for unit in found if unit)

    def exact_communes(self, unit_id: str) -> frozenset[str] | None:
        """COD 2019 communes whose territory is the unit's; ``None`` when not sure.

        Not sure: a commune may be missing or too many, or the published area is another
        (Bamako was enlarged in 2023).
        """
        return self._exact_by_unit[self.unit_by_id(unit_id).unit_id]

    @cached_property
    def _exact_by_unit(self) -> Mapping[str, frozenset[str] | None]:
        found: dict[str, frozenset[str] | None] = {}
        for unit_id, unit in self._units.items():
            sure = self.certain_communes(unit_id)
            total = sum(self._units[f"ml-2012/{cod}"].area_km2 or 0 for cod in sure)
            is_sure = bool(sure) and sure == self._possible_by_unit[unit_id]
            is_whole = not unit.area_km2 or abs(total / unit.area_km2 - 1) <= 0.05
            found[unit_id] = sure if is_sure and is_whole else None
        return found


def frame_named(text: str) -> str | None:
    """The découpage that words name by its id or year; ``None``: none, or several.

    Examples
    --------
    >>> frame_named("découpage de 2016"), frame_named("ml-2023"), frame_named("2019")
    ('ml-2016', 'ml-2023', None)
    """
    found = {frame for frame in FRAMES if re.search(rf"(?<!\d){frame[3:]}(?!\d)", text)}
    return found.pop() if len(found) == 1 else None


def check_frame(frame: str, level: str | None = None) -> None:
    """Hold a frame id and a level against the lists.

    Raises
    ------
    UsageError
        Either is not one of them.
    """
    if frame not in FRAMES:
        raise UsageError(
            _("Découpage « {frame} » inconnu", frame=frame),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(FRAMES)),
        )
    if level is not None and level not in LEVELS:
        raise UsageError(_("Niveau « {level} » inconnu", level=level), "", ", ".join(LEVELS) + ".")


@cache
def shipped_frames() -> Frames:
    """The frames as shipped, read once."""
    root = data_root() / "geodata"
    text = {"unit_id": pl.String, "pcode": pl.String, "code": pl.String, "cod_2019": pl.String}
    units = pl.read_csv(root / "units.csv", schema_overrides=text).with_columns(
        pl.col("aliases").fill_null("").str.split("|").list.filter(pl.element() != ""),
        pl.col("lon", "lat", "area_km2").cast(pl.Float64),
    )
    return Frames(
        units,
        pl.read_csv(root / "codes.csv", schema_overrides=text),
        pl.read_csv(root / "crosswalk.csv", schema_overrides=text),
        pl.read_csv(root / "population.csv", schema_overrides=text),
        [
            FrameInfo(f["id"], f["name"], f.get("from"), f.get("to"), f["law"], f["source"])
            for f in tomllib.loads((root / "frames.toml").read_text(encoding="utf-8"))["frame"]
        ],
    )
