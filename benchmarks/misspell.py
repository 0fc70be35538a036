"""Real place names, misspelt the way lists misspell them (synthetic, reproducible)."""

from __future__ import annotations

import random
import unicodedata

import polars as pl

from atlas.geo.frames import shipped_frames

FRAME = "ml-2016"


def _cercles() -> list[tuple[str, str, str]]:
    units = shipped_frames().units.filter(pl.col("frame") == "ml-2012")
    regions = dict(units.filter(pl.col("level") == "region").select("unit_id", "name").iter_rows())
    rows = units.filter(pl.col("level") == "cercle").select("unit_id", "parent", "name").iter_rows()
    return [(unit.split("/")[1], regions[parent], name) for unit, parent, name in rows]


NAMES = _cercles()


def communes() -> pl.DataFrame:
    """Région, cercle, commune and p-code of every commune of 2012."""
    units = shipped_frames().units.filter(pl.col("frame") == "ml-2012")
    name = dict(units.select("unit_id", "name").iter_rows())
    parent = dict(units.select("unit_id", "parent").iter_rows())
    rows = units.filter(pl.col("level") == "commune").select("unit_id", "parent", "name", "pcode")
    return pl.DataFrame(
        [
            {"region": name[parent[cercle]], "cercle": name[cercle], "commune": own, "truth": unit}
            for unit, cercle, own, _code in rows.iter_rows()
        ]
    )


def misspelt(rows: int, distinct: int, seed: int = 1) -> pl.DataFrame:
    """Rows of région, cercle, commune whose communes have ``distinct`` misspelt spellings."""
    dice = random.Random(seed)
    base = communes().to_dicts()
    pool = []
    while len(pool) < distinct:
        row = base[len(pool) % len(base)]
        pool.append({**row, "commune": misspell(row["commune"], dice)})
    return pl.DataFrame([pool[dice.randrange(distinct)] for _ in range(rows)])


def misspell(name: str, dice: random.Random) -> str:
    """One or two slips of the pen: accents, case, a letter lost, doubled, swapped or changed."""
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    text = list(dice.choice((name, plain, plain.upper(), plain.lower())))
    for _slip in range(dice.choice((1, 1, 2))):
        spot = dice.randrange(1, len(text)) if len(text) > 3 else 0
        match dice.randrange(4):
            case 0 if len(text) > 3:
                del text[spot]
            case 1:
                text.insert(spot, text[spot])
            case 2 if 0 < spot < len(text) - 1:
                text[spot], text[spot + 1] = text[spot + 1], text[spot]
            case _:
                text[spot] = {"u": "w", "i": "y", "y": "i", "k": "c", "c": "k", "s": "ss"}.get(
                    text[spot].lower(), text[spot] + " "
                )
    return "".join(text)
