"""The installed gazetteer: villages and other localities, and the commune each lies in.

Nothing is shipped: lists are installed beside the official boundaries
(`atlas.geo.install`). Several sources stand side by side. Without any, every
function here answers "nothing", and places are read as if there were no localities.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import polars as pl
from rapidfuzz import fuzz, process

from atlas.geo.frames import LEVELS, shipped_frames
from atlas.geo.names import SOUNDS_SAME, phonetic_skeleton, place_name_key, stem_and_number
from atlas.paths import boundaries_root

LOCALITIES_FOLDER = "localities"
"""Below `atlas.paths.boundaries_root`: a pointer ``current`` and its generations."""

GAZETTEER_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "name": pl.String,
    "aliases": pl.List(pl.String),
    "unit_id": pl.String,
    "lon": pl.Float64,
    "lat": pl.Float64,
    "region": pl.String,
    "cercle": pl.String,
    "commune": pl.String,
    "source": pl.String,
    "line": pl.Int64,
}
ACCEPT = {"commune": 0.88, "cercle": 0.92, "region": 0.94}
"""Least likeness of a misspelt locality, by what it is looked for in; never countrywide.

Villages of one cercle often differ by a letter or a last word (Koura, "new"). Of the 11 414
names of a public list whose commune is known, each looked for where itself had been taken
out, 1.7 % pass for another of their commune, 1.6 % of their cercle, 1.9 % of their région;
of names with one slip of the pen 83, 36 and 16 % are found (0.90 in a cercle: 62 % and
2.8 %)."""
MARGIN = 0.06
"""A fuzzy locality must be this much likelier than the next name."""
SHORT = 5
"""Names up to this many letters are never matched by likeness."""
_KEPT = 20_000
"""Names that are not in the list, kept with what they are near to: a row asks several times."""

_PARTS = re.compile(r"[/\\]")
_NOTE = re.compile(r"\s*\([^()]*\)?\s*$")


class LocalityMatch(NamedTuple):
    """A locality that a name may mean.

    Attributes
    ----------
    name
        As its source writes it.
    unit_id
        The commune it lies in, as a unit of the frame asked for; a coarser unit where its
        source or the frame knows no more.
    lon, lat
        Its own point in degrees, if its source gives one.
    source
        Which list it is from.
    how, score
        ``exact``, ``alias`` (another name, or part of a double one) or ``fuzzy``; 0 to 1.
    """

    name: str
    unit_id: str
    lon: float | None
    lat: float | None
    source: str
    how: str = "exact"
    score: float = 1.0


def locality_spellings(name: str, others: Iterable[str] = ()) -> list[str]:
    """Other names of a locality: those given, the parts of a double name, without its note.

    Examples
    --------
    >>> locality_spellings("TRENTIMOU/SABOUSSIRE"), locality_spellings("TINI (Dianweli)")
    (['TRENTIMOU', 'SABOUSSIRE'], ['TINI'])
    """
    found = [other.strip() for other in others]
    bare = _NOTE.sub("", name)
    parts = [part.strip() for part in _PARTS.split(bare)]
    if len(parts) > 1 or bare != name:
        found += parts
    return [
        other for other in dict.fromkeys(found) if len(place_name_key(other)) > 1 and other != name
    ]


@dataclass
class Gazetteer:
    """The localities of all sources, indexed by name.

    Attributes
    ----------
    rows
        ``(name, unit id or None, lon, lat, source)``.
    exact, alias
        Key → positions in ``rows``.
    """

    rows: list[tuple[str, str, float | None, float | None, str]] = field(default_factory=list)
    exact: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    alias: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _units: dict[str, dict[str, str]] = field(default_factory=dict)
    _scopes: dict[tuple[str, str | None], tuple[list[int], list[str]]] = field(default_factory=dict)
    _near: dict[tuple[str, str, str | None, int], list[tuple[float, int]]] = field(
        default_factory=dict
    )

    @classmethod
    def from_table(cls, table: pl.DataFrame) -> Gazetteer:
        """Index a table with the columns of `GAZETTEER_SCHEMA`; without a unit nothing is kept."""
        made = cls()
        columns = ("name", "unit_id", "lon", "lat", "source", "aliases")
        placed = table.filter(pl.col("unit_id").is_not_null()).select(columns)
        for at, (*row, aliases) in enumerate(placed.iter_rows()):
            made.rows.append((row[0], row[1], row[2], row[3], row[4]))
            own = place_name_key(row[0])
            made.exact[own].append(at)
            for other in dict.fromkeys(place_name_key(name) for name in aliases or ()):
                if other != own:
                    made.alias[other].append(at)
        return made

    def find_matches(self, name: str, frame: str, within: str | None = None) -> list[LocalityMatch]:
        """Localities of this name, see `localities_named`."""
        wanted = place_name_key(name)
        for how, index in (("exact", self.exact), ("alias", self.alias)):
            found = [i for i in index.get(wanted, ()) if self._lies_within(i, frame, within)]
            if found:
                return [self._match_at(i, frame, how, 1.0) for i in found]
        return self._misspelt_matches(wanted, frame, within) if within else []

    def nearest_matches(
        self, name: str, frame: str, within: str | None, limit: int
    ) -> list[LocalityMatch]:
        """The likeliest localities of a name that is not in the list, best first."""
        return self._ranked_matches(place_name_key(name), frame, within, limit)

    def _misspelt_matches(self, wanted: str, frame: str, within: str) -> list[LocalityMatch]:
        if len(wanted) <= SHORT or self._exists_in_region(wanted, frame, within):
            return []
        ranked = self._ranked_matches(wanted, frame, within, 8)
        least = ACCEPT.get(shipped_frames().unit_by_id(within).level, 1.0)
        if not ranked or ranked[0].score < least:
            return []
        rivals = [r for r in ranked if r.score > ranked[0].score - MARGIN]
        return rivals if len({r.unit_id for r in rivals}) == 1 else []

    def _exists_in_region(self, wanted: str, frame: str, within: str) -> bool:
        """Whether the région has a locality of this very name: a near one would be a guess."""
        region = shipped_frames().ancestor_at_level(within, "region")
        return any(self._lies_within(i, frame, region) for i in self.exact.get(wanted, ()))

    def _ranked_matches(
        self, wanted: str, frame: str, within: str | None, limit: int
    ) -> list[LocalityMatch]:
        asked = (wanted, frame if within else "", within, limit)
        near = self._near.get(asked)
        if near is None:
            if len(self._near) >= _KEPT:
                self._near.clear()
            near = self._near[asked] = self._nearest_positions(wanted, frame, within, limit)
        return [self._match_at(i, frame, "fuzzy", round(score, 3)) for score, i in near]

    def _nearest_positions(
        self, wanted: str, frame: str, within: str | None, limit: int
    ) -> list[tuple[float, int]]:
        """Likeness and position of the localities that a key is likest to, likest first."""
        scope, keys = self._positions_and_keys(frame, within)
        near = process.extract(wanted, keys, scorer=fuzz.ratio, score_cutoff=60, limit=4 * limit)
        scored = [(locality_similarity(wanted, found), scope[at]) for found, _score, at in near]
        scored.sort(key=lambda pair: (-pair[0], self.rows[pair[1]][:2]))
        return scored[:limit]

    def _match_at(self, at: int, frame: str, how: str, score: float) -> LocalityMatch:
        name, _unit, lon, lat, source = self.rows[at]
        return LocalityMatch(name, self._unit_in_frame(at, frame), lon, lat, source, how, score)

    def _unit_in_frame(self, at: int, frame: str) -> str:
        converted = self._units.setdefault(frame, {})
        own = self.rows[at][1]
        if own not in converted:
            converted[own] = unit_in_frame(own, frame)
        return converted[own]

    def _lies_within(self, at: int, frame: str, within: str | None) -> bool:
        return within is None or may_lie_within(self._unit_in_frame(at, frame), within)

    def _positions_and_keys(self, frame: str, within: str | None) -> tuple[list[int], list[str]]:
        """Positions of the localities in a unit, or of all, and their keys."""
        asked = (frame if within else "", within)
        if asked not in self._scopes:
            found = [i for i in range(len(self.rows)) if self._lies_within(i, frame, within)]
            self._scopes[asked] = found, [place_name_key(self.rows[i][0]) for i in found]
        return self._scopes[asked]


def locality_similarity(a: str, b: str) -> float:
    """How alike the keys of two localities are, 0 to 1; equal sound is 0.97.

    A common beginning counts for nothing (Marena and Marena-Koura are two villages), and
    neither do names that differ by their number.
    """
    if a == b:
        return 1.0
    (stem_a, number_a), (stem_b, number_b) = stem_and_number(a), stem_and_number(b)
    if number_a != number_b:
        return 0.5
    heard_a, heard_b = phonetic_skeleton(stem_a), phonetic_skeleton(stem_b)
    if heard_a == heard_b:
        return SOUNDS_SAME
    written = max(fuzz.ratio(stem_a, stem_b), fuzz.ratio(heard_a, heard_b))
    return SOUNDS_SAME * written / 100


@lru_cache(maxsize=16_384)
def unit_in_frame(unit_id: str, frame: str) -> str:
    """The finest unit of a frame that certainly holds a unit; itself when there is none."""
    for level in reversed(LEVELS):
        found = shipped_frames().converted_unit(unit_id, frame, level)
        if not found.startswith("_"):
            return found
    return unit_id


def may_lie_within(unit_id: str, within: str) -> bool:
    """Whether a unit lies, or may lie (its cercle of 2023 not known), in another."""
    if unit_id in shipped_frames().units_inside(within):
        return True
    unit, holder = shipped_frames().unit_by_id(unit_id), shipped_frames().unit_by_id(within)
    loose = unit.level == "commune" and holder.level == "cercle"
    return loose and unit.parent is not None and unit.parent == holder.parent


def localities_named(name: str, frame: str, within: str | None = None) -> list[LocalityMatch]:
    """Installed localities that a name means.

    Parameters
    ----------
    name
        As written; case, accents, hyphens and numerals make no difference.
    frame
        Units are given in this frame.
    within
        A unit of this frame that must hold the locality; only then are misspellings read.

    Returns
    -------
    list of LocalityMatch
        All of them, homonyms included; exact ones, else aliases, else the one it is nearly.
        Empty when no gazetteer is installed.
    """
    here = installed_gazetteer()
    return here.find_matches(name, frame, within) if here and place_name_key(name) else []


def nearest_localities(
    name: str, frame: str, within: str | None = None, limit: int = 3
) -> list[LocalityMatch]:
    """Localities whose names are likest to one that is not in the list."""
    here = installed_gazetteer()
    return here.nearest_matches(name, frame, within, limit) if here and place_name_key(name) else []


def installed_gazetteer() -> Gazetteer | None:
    """The gazetteer in force, loaded on first use and again when another is installed."""
    return _loaded_gazetteer(installation_stamp())


@lru_cache(maxsize=2)
def _loaded_gazetteer(_stamp: str) -> Gazetteer | None:
    folder = gazetteer_folder()
    return Gazetteer.from_table(pl.read_parquet(folder / "localities.parquet")) if folder else None


def installation_stamp(*below: str) -> str:
    """What changes when another gazetteer is installed; "" without one. Costs one stat.

    Parameters
    ----------
    below
        Folder of another pointer ``current`` below the boundaries; by default `LOCALITIES_FOLDER`.
    """
    path = _pointer_path(
        below or (LOCALITIES_FOLDER,), os.environ.get("ATLAS_GEODATA"), os.environ.get("ATLAS_HOME")
    )
    try:
        found = os.stat(path)
    except OSError:
        return ""
    return f"{path}:{found.st_mtime_ns}:{found.st_ino}"


@lru_cache(maxsize=64)
def _pointer_path(below: tuple[str, ...], _geodata: str | None, _home: str | None) -> str:
    return str(boundaries_root().joinpath(*below) / "current")


def gazetteer_folder() -> Path | None:
    """Folder of the gazetteer in force, if one is installed."""
    root = boundaries_root() / LOCALITIES_FOLDER
    pointer = root / "current"
    if not pointer.is_file():
        return None
    folder = root / pointer.read_text(encoding="utf-8").strip()
    return folder if (folder / "localities.parquet").is_file() else None


def gazetteer_status() -> list[dict[str, object]]:
    """The installed sources: ``source, date, localities, with_point, placed``, by name."""
    folder = gazetteer_folder()
    if folder is None:
        return []
    text = (folder / "sources.json").read_text(encoding="utf-8")
    return list(json.loads(text))
