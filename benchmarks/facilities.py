"""Facilities that have only a name and a place, told by several lists: which are one?

    python -m benchmarks.facilities [--held-out] [--show]

Villages of the public list get facilities of one to three kinds. Each is told by two or three
lists, with the words for its kind and the spelling of its village that the list likes. What only
looks alike is there of itself: another kind in the same village, the same kind in the next
village or in one of the same name. Villages, rules of spelling and words for a kind are in two
halves by a hash; the second half is only measured.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import polars as pl
from rich.console import Console
from rich.table import Table

from atlas.geo.frames import shipped_frames
from atlas.ingest.reading import Record
from atlas.layers.pairing.pairs import candidate_pairs
from atlas.layers.prepare import prepared_snapshot
from atlas.model import Kind, Source, Tables
from benchmarks.duplicates import Scored, scored
from benchmarks.labelled import Labelled, list_tables
from benchmarks.respelt import LAST, RULES, SHARED, is_held_out
from benchmarks.retold import Told

FRAME = "ml-2012"
VILLAGES = 400
"""Villages of a half, with all others of the same name in their cercle."""
RESPELT = 0.4
"""Share of the tellings whose village is written otherwise."""
CERCLE_ONLY = 0.1
"""Share of the tellings that are placed in the cercle only."""
KINDS: dict[str, tuple[str, ...]] = {
    "community health centre": (
        *("CSCOM de {}", "Centre de santé communautaire de {}", "CSCom {}", "C.S.COM de {}"),
        *("C S Com {}", "CSCOM {}", "Centre de Santé Communautaire {}", "cscom/{}"),
        *("Ctre de santé communautaire {}", "CSCOM-{}", "C.S. Com. {}", "Centre santé com. {}"),
    ),
    "referral health centre": (
        *("CSRéf de {}", "Centre de santé de référence de {}", "CSREF {}", "CS Réf {}"),
        *("C.S.Réf. de {}", "Centre de Santé de Référence {}", "Csref-{}", "CS de référence {}"),
    ),
    "health post": ("PS de {}", "Poste de santé de {}", "PS {}", "P.S. {}", "Poste de Santé {}"),
    "basic school 1": (
        *("École fondamentale 1er cycle de {}", "EF1 {}", "Ecole fondamentale premier cycle {}"),
        *("EF 1er cycle {}", "EF I {}", "Ecole 1er cycle {}", "1er cycle de {}"),
    ),
    "basic school 2": (
        *("École fondamentale 2nd cycle de {}", "EF2 {}", "Ecole fondamentale second cycle {}"),
        *("EF 2ème cycle {}", "EF II {}", "Ecole 2e cycle {}", "2nd cycle de {}"),
    ),
    "borehole": (
        *("Forage de {}", "Forage {}", "Forage équipé de PMH {}", "Forage/PMH {}"),
        *("Pompe à motricité humaine de {}", "PMH {}", "Forage avec pompe {}"),
    ),
}


@dataclass(frozen=True)
class Facility:
    """One thing: a kind in a village of a commune."""

    kind: str
    village: str
    commune: str


def facilities(held_out: bool) -> list[Facility]:
    """The facilities of one half, with those of villages of the same name nearby."""
    truth = pl.read_csv(SHARED / "data" / "place_truth.csv")
    code = {(r["cercle"], r["commune"]): r["truth_pcode"] for r in truth.iter_rows(named=True)}
    table = pl.read_csv(SHARED / "data" / "ml_villages.csv", ignore_errors=True,
                        truncate_ragged_lines=True)  # fmt: skip
    rows = [
        (r["VILLAGE"], code[r["CERCLE"], r["COMMUNE"]])
        for r in table.iter_rows(named=True)
        if r["VILLAGE"] and (r["CERCLE"], r["COMMUNE"]) in code
    ]
    rows = [row for row in dict.fromkeys(rows) if is_held_out(row[0]) == held_out]
    dice = random.Random(7)
    chosen = dice.sample(rows, VILLAGES)
    names = {(name, commune[:6]) for name, commune in chosen}
    some = [row for row in rows if (row[0], row[1][:6]) in names]
    found = []
    for name, commune in some:
        kinds = dice.sample(sorted(KINDS), dice.choice((1, 2, 2, 3)))
        found += [Facility(kind, name, f"{FRAME}/{commune}") for kind in kinds]
    return found


def labelled(held_out: bool, seed: int = 1) -> Labelled:
    """The facilities of a half, each told by two or three lists of three."""
    dice = random.Random(seed + held_out)
    things = facilities(held_out)
    lists: list[list[tuple[Told, str]]] = [[], [], []]
    who: list[list[int]] = [[], [], []]
    for number, thing in enumerate(things):
        for at in dice.sample(range(3), dice.choice((2, 2, 3))):
            lists[at].append((_told(thing, held_out, dice), FRAME))
            who[at].append(number)
    tables, entity = [], {}
    for at, told in enumerate(lists):
        made, ids = list_tables(f"list-{at}", told, dice, senders=1)
        tables += made
        entity |= {i: str(n) for i, n in zip(ids, who[at], strict=True)}
    by_thing: dict[str, list[str]] = {}
    for one, thing_id in entity.items():
        by_thing.setdefault(thing_id, []).append(one)
    same = [pair for ids in by_thing.values() for pair in combinations(sorted(ids), 2)]
    truth = pl.DataFrame(
        {"one": [p[0] for p in same], "two": [p[1] for p in same], "changes": [[""]] * len(same)}
    )
    return Labelled(Tables.concat(tables), truth, entity, {}, len(things), 0)


def _told(thing: Facility, held_out: bool, dice: random.Random) -> Told:
    forms = [f for f in KINDS[thing.kind] if is_held_out(f) == held_out] or [KINDS[thing.kind][0]]
    rules = [r for r in RULES if is_held_out(r.__name__) == held_out and r.__name__ not in LAST]
    village = thing.village
    if dice.random() < RESPELT:
        village = dice.choice(rules)(village, dice)
    village = dice.choice((village, village.title()))
    unit = thing.commune
    if dice.random() < CERCLE_ONLY:
        unit = shipped_frames().unit_by_id(unit).parent or unit
    record = Record("", Kind.ACTIVITY, Source.NGO, dice.choice(forms).format(village))
    return Told(record, (unit,), None, date(2024, 12, 31))


def found_pairs(labels: Labelled) -> list[frozenset[str]]:
    """The possible doubles among the facilities, as pairs of activity ids."""
    prepared = prepared_snapshot(labels.tables, shipped_frames())
    found = candidate_pairs(prepared).filter(kind="double_reporting")
    ids = prepared.activities["activity_id"]
    return [frozenset(p) for p in zip(ids.gather(found["a"]), ids.gather(found["b"]), strict=True)]


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m benchmarks.facilities")
    words.add_argument("--held-out", action="store_true", help="the figures of the other half too")
    words.add_argument("--show", action="store_true", help="some of what was missed or wrong")
    args = words.parse_args()
    table = Table(title="facilities with a name and a place", title_justify="left")
    for column in ("half", "records", "doubles", "precision", "recall", "F1"):
        table.add_column(column, justify="right")
    for held_out in (False, True) if args.held_out else (False,):
        labels = labelled(held_out)
        result = scored(labels, found_pairs(labels))
        half = "held back" if held_out else "tuned on"
        size = labels.tables.activities.height
        table.add_row(half, str(size), str(result.truth), *_figures(result))
        if args.show and not held_out:
            for line in _shown(labels, result):
                print(line)
    Console(width=120).print(table)


def _figures(result: Scored) -> Sequence[str]:
    both = result.precision + result.recall
    harmonic = 2 * result.precision * result.recall / both if both else 0.0
    return [f"{value:.3f}" for value in (result.precision, result.recall, harmonic)]


def _shown(labels: Labelled, result: Scored) -> Iterator[str]:
    title = dict(labels.tables.activities.select("activity_id", "title").iter_rows())
    dice = random.Random(3)
    for what, some in (("missed", result.missed), ("wrong", result.false)):
        for pair in dice.sample(sorted(map(sorted, some)), min(30, len(some))):
            yield f"{what}: {' | '.join(title[one] for one in pair)}"


if __name__ == "__main__":
    main()
