"""Installing a list of localities: read it, find the commune of each, swap it in whole.

A list is any CSV whose heading names the locality (``VILLAGE``, ``localité``, ``name``…).
Every line goes in, except those that cannot be read, which are named with their number. A
commune that is not recognised is never guessed: its localities are kept at the cercle or
région that is, and the commune is listed.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import polars as pl
from filelock import FileLock

from atlas.encodings import mend_text, read_text
from atlas.errors import GeodataError, said_plainly, why_refused
from atlas.geo.frames import FRAMES
from atlas.geo.gazetteer import FOLDER, SCHEMA, installed, spellings
from atlas.geo.generations import damaged_file, lay_down
from atlas.geo.names import plain
from atlas.geo.resolve import resolve
from atlas.i18n import _
from atlas.paths import GEODATA, boundaries_root

SUFFIXES = (".csv", ".tsv", ".txt")
SHOWN = 100
_HEADINGS = {
    "name": ("village", "localite", "locality", "nomvillage", "nomlocalite", "site", "hameau",
             "settlement", "featurename", "namefr", "name", "nom", "toponyme", "asciiname"),
    "aliases": ("alias", "aliases", "autresnoms", "alternatenames", "variantes", "altname"),
    "commune": ("commune", "communes", "adm3", "admin3", "admin3name", "adm3fr", "adm3name",
                "admin3namefr", "nomcommune"),
    "cercle": ("cercle", "cercles", "adm2", "admin2", "admin2name", "adm2fr", "adm2name",
               "admin2namefr", "nomcercle"),
    "region": ("region", "regions", "adm1", "admin1", "admin1name", "adm1fr", "adm1name",
               "admin1namefr", "nomregion"),
    "commune_code": ("communecode", "admin3pcode", "adm3pcode", "codecommune", "pcode"),
    "lat": ("lat", "latitude", "y", "ycoord", "gpslat"),
    "lon": ("lon", "long", "lng", "longitude", "x", "xcoord", "gpslon"),
    "date": ("date", "datemaj", "asof", "updated", "validon"),
}  # fmt: skip
_BOX = (-12.3, 10.1, 4.3, 25.1)
_SPLIT = re.compile(r"\s*[|;,]\s*")

Progress = Callable[[str], None]
Parents = tuple[str, str, str, str]
"""Région, cercle, commune and code of the commune as a line gives them."""


@dataclass(frozen=True)
class LocalitiesReport:
    """What a list held and what became of it.

    Attributes
    ----------
    installed, with_point
        Localities kept, and how many have a point in the country.
    malformed
        ``(line number, the line)`` of what could not be read.
    bad_points
        ``(line number, what stands there)`` of points left out: not numbers, 0/0, outside.
    matched
        Distinct communes recognised.
    unmatched
        ``(commune as written with its parents, localities)``: placed above, or nowhere.
    homonyms
        Names that more than one commune bears.
    """

    source: str
    date: str
    installed: int
    with_point: int
    malformed: tuple[tuple[int, str], ...]
    bad_points: tuple[tuple[int, str], ...]
    matched: int
    unmatched: tuple[tuple[str, int], ...]
    without_commune: int
    unplaced: int
    homonyms: int

    def lines(self) -> list[str]:
        """The report in sentences, in the language in force."""
        lines = [
            _("Localités {source} ({date}) : {n} installées, {points} avec un point.",
              source=self.source, date=self.date, n=self.installed, points=self.with_point),
            _("Communes reconnues : {n} ; non reconnues : {missing}.",
              n=self.matched, missing=len(self.unmatched)),
        ]  # fmt: skip
        for name, count in self.unmatched[:SHOWN]:
            lines.append(_("Commune non reconnue : {name}, {n} localités.", name=name, n=count))
        if self.without_commune:
            lines.append(_("Sans commune : {n} localités, dont {unplaced} sans aucun lieu.",
                           n=self.without_commune, unplaced=self.unplaced))  # fmt: skip
        lines.append(_("Noms portés dans plusieurs communes : {n}.", n=self.homonyms))
        for number, text in self.malformed[:SHOWN]:
            lines.append(_("Ligne {number} mal formée, non installée : {text}",
                           number=number, text=text))  # fmt: skip
        for number, text in self.bad_points[:SHOWN]:
            lines.append(_("Ligne {number} : coordonnées écartées, {text}",
                           number=number, text=text))  # fmt: skip
        return lines


def is_list(path: Path) -> bool:
    """Whether a path is a list of localities rather than boundaries (by its suffix)."""
    return path.is_file() and path.suffix.lower() in SUFFIXES


def install(path: Path, progress: Progress | None = None) -> LocalitiesReport:
    """Install a list of localities beside those of other sources.

    Parameters
    ----------
    path
        CSV in any encoding that `atlas.encodings` reads, separated by comma, semicolon or tab.
        Its name without suffix names the source; a list of the same name is replaced.
    progress
        Told what is being done.

    Raises
    ------
    GeodataError
        No column of localities, or no line: what was installed before stays in force.
    """
    say = progress or (lambda _text: None)
    say(_("Lecture"))
    lines, malformed = _read(Path(path))
    say(_("Rapprochement avec le répertoire"))
    units = _units({line.parents for line in lines})
    date = max((line.date for line in lines), default="") or _file_date(Path(path))
    source = Path(path).stem
    table, bad_points = _table(lines, units, source)
    say(_("Installation"))
    _write(table, source, date)
    return _report(table, lines, units, source, date, malformed, bad_points)


@dataclass(frozen=True)
class _Line:
    number: int
    name: str
    aliases: tuple[str, ...]
    parents: Parents
    lon: str
    lat: str
    date: str


def _read(path: Path) -> tuple[list[_Line], list[tuple[int, str]]]:
    """Lines of a list, and those that have not as many cells as the heading."""
    text = _text(path)
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count))
    heading = next(reader, [])
    columns = _columns(heading)
    if "name" not in columns:
        raise GeodataError(
            _("{file} : aucune colonne de localités", file=path.name),
            _("colonnes lues : {columns}", columns=", ".join(heading)[:200] or "—"),
            _("Il faut une colonne VILLAGE, localité ou name, et si possible commune, lat, lon."),
        )
    lines: list[_Line] = []
    malformed: list[tuple[int, str]] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        line = _line(reader.line_num, cells, columns)
        if len(cells) != len(heading) or not line.name:
            malformed.append((reader.line_num, ",".join(cells)[:120]))
        else:
            lines.append(line)
    if not lines:
        raise GeodataError(_("{file} : aucune localité", file=path.name))
    return lines, malformed


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise GeodataError(
            _("{file} : illisible", file=path.name), *why_refused(error, _("un autre fichier"))
        ) from error
    text, _encoding = read_text(data)
    return mend_text(text)[0].replace("\x00", "")


def _columns(heading: Sequence[str]) -> dict[str, int]:
    """Field → position, the most telling heading first."""
    folded = [re.sub(r"[^a-z0-9]", "", plain(name)) for name in heading]
    found: dict[str, int] = {}
    for wanted, names in _HEADINGS.items():
        for name in names:
            if name in folded and wanted not in found:
                found[wanted] = folded.index(name)
    return found


def _line(number: int, cells: Sequence[str], columns: dict[str, int]) -> _Line:
    def cell(name: str) -> str:
        at = columns.get(name, len(cells))
        return cells[at].strip() if at < len(cells) else ""

    aliases = tuple(a for a in _SPLIT.split(cell("aliases")) if a)
    parents = (cell("region"), cell("cercle"), cell("commune"), cell("commune_code"))
    return _Line(number, cell("name"), aliases, parents, cell("lon"), cell("lat"), cell("date"))


def _units(parents: set[Parents]) -> dict[Parents, tuple[str | None, bool]]:
    """Unit of each commune, and whether it is the commune itself, in the frame of the list.

    That is the one that knows most of them by its own communes, the oldest if several do.
    """
    read = {frame: {p: _unit(p, frame) for p in parents} for frame in FRAMES}
    best = max(FRAMES, key=lambda frame: _known(read[frame], frame))
    return read[best]


def _unit(parents: Parents, frame: str) -> tuple[str | None, bool]:
    region, cercle, commune, code = parents
    if not any(parents):
        return None, False
    found = resolve(region=region, cercle=cercle, commune=commune, commune_code=code, frame=frame)
    sure = found.unit_id or found.within
    if sure is None or sure.startswith("_"):
        return None, False
    return sure, found.unit_id is not None and found.level == "commune"


def _known(units: dict[Parents, tuple[str | None, bool]], frame: str) -> int:
    return sum(is_commune and str(u).startswith(f"{frame}/") for u, is_commune in units.values())


def _table(
    lines: Sequence[_Line], units: dict[Parents, tuple[str | None, bool]], source: str
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    rows, bad = [], []
    for line in lines:
        lon, lat = _point(line)
        if lon is None and (line.lon or line.lat):
            bad.append((line.number, f"{line.lat}, {line.lon}"))
        region, cercle, commune, _code = line.parents
        aliases = spellings(line.name, line.aliases)
        rows.append((line.name, aliases, units[line.parents][0], lon, lat, region, cercle,
                     commune, source, line.number))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row"), bad


def _point(line: _Line) -> tuple[float | None, float | None]:
    """Longitude and latitude when both are numbers inside the country's box."""
    try:
        lon, lat = (float(text.replace(",", ".")) for text in (line.lon, line.lat))
    except ValueError:
        return None, None
    west, south, east, north = _BOX
    inside = west <= lon <= east and south <= lat <= north
    return (lon, lat) if inside else (None, None)


def _file_date(path: Path) -> str:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def _write(table: pl.DataFrame, source: str, date: str) -> None:
    """A new generation: the other sources and this one; then the pointer is swapped."""
    root = boundaries_root() / FOLDER
    with said_plainly(
        _("Données géographiques non installées dans {folder}", folder=root), GEODATA, GeodataError
    ):
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / "install.lock"):
            _write_locked(root, table, source, date)


def _write_locked(root: Path, table: pl.DataFrame, source: str, date: str) -> None:
    before = installed()
    sources = {}
    if before and not damaged_file(before):
        kept = pl.read_parquet(before / "localities.parquet").filter(pl.col("source") != source)
        table = pl.concat([kept, table]).sort("source", "line")
        known = json.loads((before / "sources.json").read_text(encoding="utf-8"))
        sources = {entry["source"]: entry for entry in known}
    sources[source] = {"source": source, "date": date, **_counts(table, source)}
    listed = [sources[name] for name in sorted(sources)]

    def fill(build: Path) -> None:
        table.write_parquet(build / "localities.parquet")
        text = json.dumps(listed, ensure_ascii=False, indent=1)
        (build / "sources.json").write_text(text, encoding="utf-8")

    lay_down(root, fill, _generation)


def _counts(table: pl.DataFrame, source: str) -> dict[str, int]:
    own = table.filter(pl.col("source") == source)
    return {
        "localities": own.height,
        "with_point": own.height - own["lon"].null_count(),
        "placed": own.height - own["unit_id"].null_count(),
    }


def _generation(build: Path) -> str:
    digest = blake2b(digest_size=6)
    for file in sorted(build.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _report(
    table: pl.DataFrame,
    lines: Sequence[_Line],
    units: dict[Parents, tuple[str | None, bool]],
    source: str,
    date: str,
    malformed: list[tuple[int, str]],
    bad_points: list[tuple[int, str]],
) -> LocalitiesReport:
    of_commune = Counter(line.parents for line in lines if line.parents[2] or line.parents[3])
    unmatched = sorted((_written(p), n) for p, n in of_commune.items() if not units[p][1])
    named = table.filter(pl.col("unit_id").is_not_null())
    homonyms = named.group_by("name").agg(pl.col("unit_id").n_unique()).filter(
        pl.col("unit_id") > 1
    )  # fmt: skip
    return LocalitiesReport(
        source=source,
        date=date,
        installed=table.height,
        with_point=table.height - table["lon"].null_count(),
        malformed=tuple(malformed),
        bad_points=tuple(bad_points),
        matched=sum(units[p][1] for p in of_commune),
        unmatched=tuple(unmatched),
        without_commune=sum(1 for line in lines if line.parents not in of_commune),
        unplaced=table["unit_id"].null_count(),
        homonyms=homonyms.height,
    )


def _written(parents: Parents) -> str:
    return " > ".join(part for part in parents if part)


def describe(entries: Sequence[dict[str, object]]) -> Iterator[str]:
    """The installed sources in sentences, for a status."""
    if not entries:
        yield _("Localités : aucune liste installée.")
    for entry in entries:
        yield _("Localités {source} ({date}) : {n} installées, {points} avec un point.",
                source=entry["source"], date=entry["date"], n=entry["localities"],
                points=entry["with_point"])  # fmt: skip
