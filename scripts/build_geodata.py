"""Make the tables of ``geodata/`` from the collected reference facts.

Run ``python scripts/build_geodata.py ../shared/geodata``. Nothing here is needed to use
the package: the tables are committed, this shows how they came about.
"""

from __future__ import annotations

import csv
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import natural_earth
from published_facts import (
    ALIASES,
    CENSUS_2009,
    COD,
    COD21,
    DISTRICT,
    ISO,
    LAW16,
    LAW23,
    LISTING,
    MENAKA_CERCLES,
    NOT_ENUMERATED,
    RESPELT,
    SAME_NAME,
    TAOUDENIT_CERCLES,
    TAOUDENIT_COMMUNE,
    UNCONFIRMED,
)

OUT = Path(__file__).parents[1] / "geodata"
Row = dict[str, str]


@dataclass
class Unit:
    """A row of units.csv, and the 2019 communes it is made of."""

    unit_id: str
    level: str
    name: str
    parent: str = ""
    pcode: str = ""
    aliases: tuple[str, ...] = ()
    lon: float | None = None
    lat: float | None = None
    area_km2: int | None = None
    point: str = ""
    certainty: str = "published"
    source: str = COD
    communes: set[str] = field(default_factory=set)

    @property
    def frame(self) -> str:
        """The frame its id begins with."""
        return self.unit_id.split("/")[0]


def fold(text: str) -> str:
    """Letters and digits of a name, without accents or case."""
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in plain if c.isascii() and c.isalnum())


def slug(text: str) -> str:
    """Readable id part of a name."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in plain.replace("'", "")).split())


def read(path: Path) -> list[Row]:
    """Rows of a csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Facts:
    """The reference facts, keyed the way the frames need them."""

    def __init__(self, folder: Path) -> None:
        ref = folder / "reference"
        self.communes = {
            r["admin3Pcode"]: r for r in read(ref / "communes_cod2019_with_region20.csv")
        }
        self.points = {r["pcode_cod2019"]: r for r in read(ref / "unit_points.csv")}
        self.new_cercles = read(ref / "region2023_cercles159_pop2022.csv")
        self.listed = read(ref / "crosswalk_commune2019_to_cercle2023_partial.csv")
        self.drawn = {r["adm3_pcode_2019"]: r for r in read(ref / "communes2023.csv")}
        self.cod21 = {r["P-Code"]: r for r in read(ref / "hdx_global_pcodes_mli_adm12.csv")}
        self.towns = {fold(r["name"]): r for r in read(ref / "towns_geonames.csv")}
        accents = [r["cercle_2023"] for r in self.new_cercles]
        accents += [r["region_2023"] for r in self.new_cercles]
        self.accented = {fold(n): n for n in accents if n}

    def cercle_name(self, name: str) -> str:
        """The accented form of a cercle's name, where a list gives one."""
        return self.accented.get(fold(name), name)

    def place(self, unit: Unit, pcode: str) -> Unit:
        """Set point and area of a COD 2019 unit."""
        row = self.points[pcode]
        unit.lon, unit.lat = float(row["lon"]), float(row["lat"])
        unit.area_km2, unit.point = int(row["area_km2"]), "cod-2019"
        return unit

    def derive(self, unit: Unit, complete: bool) -> Unit:
        """Set point (area-weighted mean) and, when complete, area from the communes."""
        rows = [self.points[c] for c in sorted(unit.communes)]
        if rows:
            weights = [int(r["area_km2"]) for r in rows]
            total = sum(weights)
            for axis in ("lon", "lat"):
                mean = sum(float(r[axis]) * w for r, w in zip(rows, weights, strict=True)) / total
                setattr(unit, axis, round(mean, 2))
            unit.point = "derived"
            unit.area_km2 = total if complete else None
        return unit


def frame_2012(facts: Facts) -> Iterator[Unit]:
    """COD-AB 2019 as published: 8 régions and Bamako, 49 cercles and Bamako, 701 communes."""
    f = "ml-2012/"
    regions = {r["admin1Pcode"]: r["region_old"] for r in facts.communes.values()}
    cercles = {r["admin2Pcode"]: r for r in facts.communes.values()}
    for code, name in sorted(regions.items()):
        yield facts.place(Unit(f + code, "region", facts.cercle_name(name), pcode=code), code)
    for code, row in sorted(cercles.items()):
        name = facts.cercle_name(row["cercle_old"])
        unit = Unit(f + code, "cercle", name, f + row["admin1Pcode"], code)
        yield facts.place(unit, code)
    for code, row in sorted(facts.communes.items()):
        unit = Unit(f + code, "commune", row["name"], f + row["admin2Pcode"], code)
        unit.communes = {code}
        yield facts.place(unit, code)


def frame_2016(facts: Facts, old: Sequence[Unit]) -> Iterator[Unit]:
    """The older frame with Ménaka and Taoudénit made régions."""
    f = "ml-2016/"
    renamed = {"ML06": "tombouctou", "ML0605": "cercle-tombouctou"}
    for unit in old:
        code = unit.pcode
        if code == "ML0704":
            continue
        parent = unit.parent.split("/")[-1]
        new = Unit(f + renamed.get(code, code), unit.level, unit.name, pcode=code, source=COD)
        new.parent = f + renamed.get(parent, parent) if parent else ""
        new.communes = set(unit.communes)
        if code in renamed:
            new.pcode, new.certainty, new.source = "", "derived", LAW16
        elif code == "ML07":
            new.certainty, new.source = "derived", COD21
        elif code in MENAKA_CERCLES:
            new.parent, new.certainty = f + MENAKA_CERCLES[code][0], "derived"
        elif code == TAOUDENIT_COMMUNE:
            new.parent, new.certainty, new.source = f + "taoudenit", "derived", LAW16
        if code not in renamed and code != "ML07":
            facts.place(new, code)
        yield new
    yield Unit(f + "ML10", "region", "Ménaka", pcode="ML10", source=COD21)
    for code, (cercle, name) in MENAKA_CERCLES.items():
        unit = Unit(f + cercle, "cercle", name, f + "ML10", cercle, source=COD21)
        unit.communes = {code}
        yield unit
    yield Unit(f + "taoudenit", "region", "Taoudénit", certainty="derived", source=LAW16)
    for name in TAOUDENIT_CERCLES:
        unit_id = f"{f}cercle-{slug(name)}"
        yield Unit(unit_id, "cercle", name, f + "taoudenit", certainty="listed", source=LAW16)


def frame_2023(facts: Facts) -> Iterator[Unit]:
    """19 régions and Bamako, 159 cercles and Bamako, the communes as far as listed."""
    f = "ml-2023/"
    regions: dict[str, str] = {}
    cercles: dict[str, dict[str, str]] = defaultdict(dict)
    for row in facts.new_cercles:
        name = row["region_2023"].replace(" (district)", "")
        regions[fold(name)] = name
        if row["cercle_2023"]:
            cercles[fold(name)][fold(row["cercle_2023"])] = row["cercle_2023"]
    regions["taoudenni"] = regions["taoudenit"]  # the commune list spells it so
    for name in dict.fromkeys(regions.values()):
        yield Unit(f + slug(name), "region", name, source="RGPH5 2022, " + LAW23)
        for cercle in cercles[fold(name)].values():
            unit_id = f"{f}cercle-{slug(cercle)}"
            yield Unit(unit_id, "cercle", cercle, f + slug(name), certainty="listed", source=LAW23)
    yield Unit(
        f + "cercle-bamako", "cercle", "Bamako", f + "bamako", certainty="derived", source=LAW23
    )
    yield from communes_2023(facts, regions, cercles)


def communes_2023(
    facts: Facts, regions: dict[str, str], cercles: dict[str, dict[str, str]]
) -> Iterator[Unit]:
    """Communes of 2023: those with a 2019 code, then those only the list names."""
    f = "ml-2023/"
    listed: dict[str, tuple[str, Row]] = {}
    fresh: list[tuple[str, Row]] = []
    for row in facts.listed:
        region = regions[fold(row["region_2023"])]
        key = fold(row["cercle_2023"])
        cercle_id = f"{f}cercle-{slug(cercles[fold(region)][SAME_NAME.get(key, key)])}"
        code = row["adm3_pcode_2019"] or RESPELT.get(
            (fold(row["cercle_2023"]), fold(row["commune_list"])), ""
        )
        if code:
            listed[code] = (cercle_id, row)
        else:
            fresh.append((cercle_id, row))
    for code, old in sorted(facts.communes.items()):
        region_id = f + slug(old["region20"])
        unit_id = f"{f}{slug(old['name'])}-{slug(old['cercle_old'])}"
        unit = Unit(unit_id, "commune", old["name"], region_id, communes={code})
        unit.certainty, unit.source = "cercle_unknown", f"{COD}, {LAW23}"
        if old["region20"] == "Bamako":
            unit.parent, unit.certainty = f + "cercle-bamako", "derived"
        elif code in listed and code not in UNCONFIRMED:
            unit.parent, row = listed[code]
            unit.certainty = "listed" if row["adm3_pcode_2019"] else "respelt"
            unit.source = f"{COD}, {LISTING}"
            if fold(row["commune_list"]) != fold(old["name"]):
                unit.aliases = (row["commune_list"],)
        yield facts.place(unit, code)
    for cercle_id, row in fresh:
        unit_id = f"{f}{slug(row['commune_list'])}-{cercle_id.split('cercle-')[1]}"
        unit = Unit(unit_id, "commune", row["commune_list"], cercle_id, source=LISTING)
        unit.certainty = "new"
        yield unit


def finish(units: list[Unit], facts: Facts) -> None:
    """Give parents their communes, points and aliases."""
    by_id = {u.unit_id: u for u in units}
    if len(by_id) != len(units):
        raise SystemExit(
            f"ids twice: {[k for k, n in Counter(u.unit_id for u in units).items() if n > 1]}"
        )
    for unit in units:
        parent = unit.parent
        while parent and unit.level == "commune":
            by_id[parent].communes |= unit.communes
            parent = by_id[parent].parent
    for unit in units:
        names = ALIASES.get((unit.level, slug(unit.name)), ())
        names += DISTRICT if unit.level == "region" and unit.name == "Bamako" else ()
        names = tuple(n for n in names if fold(n) != fold(unit.name))
        unit.aliases = tuple(dict.fromkeys(unit.aliases + names))
        if not unit.point:
            complete = unit.level == "region" or unit.unit_id == "ml-2016/cercle-tombouctou"
            facts.derive(unit, complete and unit.unit_id != "ml-2023/bamako")
        if unit.unit_id in ("ml-2023/bamako", "ml-2023/cercle-bamako"):
            unit.area_km2 = 733  # COD v03; the district was enlarged, its new line is not known
        if not unit.point and unit.level == "cercle":
            chief_town(unit, by_id, units, facts)
    same = {next(iter(u.communes)): u.aliases for u in units if len(u.communes) == 1
            and u.frame == "ml-2023" and u.level == "commune"}  # fmt: skip
    for unit in units:
        if unit.frame != "ml-2023" and unit.level == "commune":
            unit.aliases = tuple(dict.fromkeys(unit.aliases + same.get(unit.pcode, ())))


def chief_town(unit: Unit, by_id: dict[str, Unit], units: list[Unit], facts: Facts) -> None:
    """Point of a new cercle without listed communes: the commune or town of its name."""
    inside = [
        u
        for u in units
        if (u.level, u.frame, fold(u.name)) == ("commune", unit.frame, fold(unit.name))
        and u.point
        and unit.parent in (u.parent, by_id[u.parent].parent)
    ]
    if len(inside) == 1:
        unit.lon, unit.lat, unit.point = inside[0].lon, inside[0].lat, "commune of its name"
    elif not inside and (town := facts.towns.get(fold(unit.name))):
        unit.lon, unit.lat = round(float(town["lon"]), 2), round(float(town["lat"]), 2)
        unit.point = "town of its name (GeoNames)"


def codes(units: list[Unit], facts: Facts) -> Iterator[tuple[str, str, str, str]]:
    """``unit_id, scheme, code, same_territory`` of every published code."""
    twins = {
        frozenset(u.communes): u for u in units if u.frame == "ml-2016" and u.level == "region"
    }
    for u in units:
        cod21_differs = u.frame == "ml-2012" and u.pcode == "ML07"
        if u.pcode and not u.pcode.startswith("ML10") and (u.frame, u.pcode) != ("ml-2016", "ML07"):
            yield u.unit_id, "cod-2019", u.pcode, "true"
        if u.pcode in facts.cod21 and u.frame != "ml-2023" and u.pcode != "ML0704":
            yield u.unit_id, "cod-2021", u.pcode, "false" if cod21_differs else "true"
    yield "ml-2012/ML0704", "cod-2021", "ML10", "true"
    yield from town_codes(units, facts)
    for scheme in ("cod-2019", "cod-2021"):
        yield "ml-2016/tombouctou", scheme, "ML06", "false"
        yield "ml-2016/cercle-tombouctou", scheme, "ML0605", "false"
    yield "ml-2016/taoudenit", "cod-2021", "ML06", "false"
    yield "ml-2016/ML07", "cod-2019", "ML07", "false"
    for u in units:
        if u.frame == "ml-2023" and u.level == "commune" and u.communes:
            yield u.unit_id, "cod-2019", next(iter(u.communes)), "true"
        if u.level != "region":
            continue
        twin = twins.get(frozenset(u.communes))
        if twin is None:
            continue
        key = twin.unit_id.split("/")[1]
        iso = {"tombouctou": "ML-6", "taoudenit": "ML-10"}.get(key) or ISO[key]
        yield u.unit_id, "iso-3166-2", iso, "false" if u.unit_id == "ml-2023/bamako" else "true"


def town_codes(units: list[Unit], facts: Facts) -> Iterator[tuple[str, str, str, str]]:
    """GeoNames id of the town that bears a commune's name, within half a degree."""
    for u in units:
        town = facts.towns.get(fold(u.name)) if u.level == "commune" else None
        if town and u.lon is not None and u.lat is not None:
            away = max(abs(u.lon - float(town["lon"])), abs(u.lat - float(town["lat"])))
            if away < 0.5:
                yield u.unit_id, "geonames", town["geonameid"], "false"


def population(units: list[Unit], facts: Facts) -> Iterator[tuple[object, ...]]:
    """``unit_id, year, population, not_enumerated, certainty, source`` rows."""
    census = {}
    for row in facts.new_cercles:
        name = slug(row["region_2023"].replace(" (district)", ""))
        census[f"ml-2023/{name}"] = int(row["region_pop_rgph5_2022"])
    source = "RGPH5 2022, tableau 2.3, INSTAT, CC BY 4.0"
    missing = {f"ml-2023/{k}": v for k, v in NOT_ENUMERATED.items()}
    for unit_id, count in census.items():
        yield unit_id, 2022, count, missing.get(unit_id, 0), "published", source
    parts = {u.unit_id: u.communes for u in units if u.unit_id in census}
    for unit in units:
        if unit.level != "region" or unit.frame == "ml-2023" or unit.name == "Bamako":
            continue
        inside = [k for k, c in parts.items() if c <= unit.communes]
        covered: set[str] = set().union(*(parts[k] for k in inside))
        if covered == unit.communes and unit.name != "Koulikoro":
            total, unseen = (sum(d.get(k, 0) for k in inside) for d in (census, missing))
            yield (
                unit.unit_id,
                2022,
                total,
                unseen,
                "derived",
                source + ", somme de régions de 2023",
            )
    for unit_id, count in CENSUS_2009.items():
        yield unit_id, 2009, count, 0, "secondary", "RGPH4 2009, repris de pages web"


def drawn_cercles(units: list[Unit], facts: Facts) -> Iterator[tuple[str, ...]]:
    """``cod_2019, cercle, basis, border_share``: the cercle of 2023 a commune is drawn in.

    Where units.csv has a cercle, it is that one: what is drawn never contradicts what is
    counted.
    """
    cercles = {fold(u.name): u.unit_id for u in units
               if (u.frame, u.level) == ("ml-2023", "cercle")}  # fmt: skip
    known = {next(iter(u.communes)): u for u in units
             if u.frame == "ml-2023" and u.certainty in ("listed", "respelt") and u.communes
             and u.level == "commune"}  # fmt: skip
    for code, row in sorted(facts.drawn.items()):
        cercle, basis = cercles.get(fold(row["cercle_2023"]), ""), row["basis"]
        share = row["border_share"]
        if code in known and known[code].parent != cercle and basis in ("one_list", "two_lists"):
            raise SystemExit(f"{code}: listed in {known[code].parent} and in {cercle}")
        if code in known and known[code].certainty == "respelt":
            cercle, basis, share = known[code].parent, "respelt", ""
        yield code, cercle, basis, share


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a csv of geodata/."""
    with (OUT / name).open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(["" if v is None else v for v in row] for row in rows)


COLUMNS = ("unit_id", "frame", "level", "name", "aliases", "parent", "pcode", "lon", "lat",
           "area_km2", "point", "certainty", "source")  # fmt: skip


def main(folder: Path) -> None:
    """Write every table of geodata/."""
    facts = Facts(folder)
    old = list(frame_2012(facts))
    units = [*old, *frame_2016(facts, old), *frame_2023(facts)]
    finish(units, facts)
    units.sort(key=lambda u: (u.frame, ("region", "cercle", "commune").index(u.level), u.unit_id))
    rows = [
        [getattr(u, c) if c != "aliases" else "|".join(u.aliases) for c in COLUMNS] for u in units
    ]
    write("units.csv", COLUMNS, rows)
    write(
        "codes.csv",
        ("unit_id", "scheme", "code", "same_territory"),
        sorted(set(codes(units, facts))),
    )
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for u in units:
        if u.level == "commune" and u.communes:
            columns[next(iter(u.communes))][u.frame] = u.unit_id
    frames = ("ml-2012", "ml-2016", "ml-2023")
    cross = [[code, *(by[f] for f in frames)] for code, by in sorted(columns.items())]
    write("crosswalk.csv", ("cod_2019", "ml_2012", "ml_2016", "ml_2023"), cross)
    header = ("unit_id", "year", "population", "not_enumerated", "certainty", "source")
    write("population.csv", header, population(units, facts))
    header = ("cod_2019", "cercle", "basis", "border_share")
    write("cercles_2023.csv", header, drawn_cercles(units, facts))
    natural_earth.build(folder / "natural-earth", OUT / "natural_earth")
    for key, n in sorted(Counter((u.frame, u.level) for u in units).items()):
        print(*key, n)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
