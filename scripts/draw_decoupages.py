"""Draw how the régions of 2012 became those of 2023, and count what converts.

Writes ``docs/img/decoupages.svg`` and the table between the marks of ``docs/decoupages.md``
from the tables of ``geodata/`` alone; a test holds both against them.
Run: ``python scripts/draw_decoupages.py``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path

from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.model import NOT_CONVERTIBLE

DOCS = Path(__file__).resolve().parents[1] / "docs"
SVG, PAGE = DOCS / "img" / "decoupages.svg", DOCS / "decoupages.md"
BEGIN, END = "<!-- counted: scripts/draw_decoupages.py -->", "<!-- /counted -->"

OLD, NEW = "ml-2012", "ml-2023"
WIDTH, TOP, BOTTOM = 820, 74, 46
LEFT, RIGHT, BAR = 190, 600, 14
SCALE, GAP, LINE = 1.0, 8.0, 17.0  # pixels: a commune, between two bars, a line of text
FRENCH = {"region": "région", "cercle": "cercle", "commune": "commune"}

# Neighbours on the figure must be told apart, by colour-blind readers too; Bamako stands
# beside Koulikoro, which surrounds it.
COLOURS = {
    "Kayes": "#4477aa",
    "Koulikoro": "#cc6644",
    "Bamako": "#777777",
    "Sikasso": "#228833",
    "Ségou": "#aa3377",
    "Mopti": "#b08d12",
    "Tombouctou": "#2a9db5",
    "Gao": "#994f00",
    "Kidal": "#5d3a9b",
}


@dataclass
class Bar:
    """A région on the figure; heights in pixels, ``used`` is what flows already took."""

    name: str
    communes: int
    y: float
    used: float = 0.0

    @property
    def height(self) -> float:
        """One pixel a commune, and never so thin that it is not seen."""
        return max(self.communes * SCALE, 2.0)

    def take(self, communes: int) -> float:
        """Top of the next flow of so many communes."""
        top = self.y + self.used
        self.used += self.height * communes / self.communes
        return top


def flows() -> Counter[tuple[str, str]]:
    """Communes that were in an old région and are in a new one: ``(old, new)`` → count."""
    table = shipped_frames()
    pairs: Counter[tuple[str, str]] = Counter()
    for row in table.crosswalk.iter_rows(named=True):
        old, new = (table.ancestor_at_level(row[f.replace("-", "_")], "region") for f in (OLD, NEW))
        pairs[table.unit_label(str(old)), table.unit_label(str(new))] += 1
    return pairs


def converted() -> list[dict[str, str | int]]:
    """For every two frames and level: how many units there are and how many convert."""
    table, rows = shipped_frames(), []
    for placed in FRAMES:
        for shown in (f for f in FRAMES if f != placed):
            for level in LEVELS:
                units = table.units_at_level(placed, level)["unit_id"].to_list()
                row: dict[str, str | int] = {"placed": placed, "shown": shown, "level": level}
                row["units"] = len(units)
                for asked in LEVELS:
                    targets = [table.converted_unit(unit, shown, asked) for unit in units]
                    row[asked] = sum(not target.startswith("_") for target in targets)
                    row["not convertible"] = targets.count(NOT_CONVERTIBLE)
                rows.append(row)
    return rows


def table() -> str:
    """The counts as a Markdown table."""
    head = (
        "| placed in | units | shown in | at région | at cercle | at commune | `_not_convertible` |"
    )
    lines = [head, "|---|---:|---|---:|---:|---:|---:|"]
    for row in converted():
        placed = f"{row['placed']}, {FRENCH[str(row['level'])]}s"
        figures = [row["region"], row["cercle"], row["commune"], row["not convertible"]]
        lines.append(
            f"| {placed} | {row['units']} | {row['shown']} | "
            + " | ".join(str(figure) for figure in figures)
            + " |"
        )
    return "\n".join(lines)


def page(text: str) -> str:
    """The page with the table between its marks."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def svg() -> str:
    """The figure."""
    pairs = flows()
    place = {name: i for i, name in enumerate(COLOURS)}
    names = {new for _old, new in pairs}
    order = sorted(names, key=lambda new: (_middle(pairs, new, place), new))
    new = _bars([(name, _sum(pairs, 1, name)) for name in order], GAP)
    foot = _foot(new)
    tight = _bars([(name, _sum(pairs, 0, name)) for name in COLOURS], GAP)
    spread = GAP + (foot - _foot(tight)) / (len(COLOURS) - 1)
    old = _bars([(name, _sum(pairs, 0, name)) for name in COLOURS], spread)
    height = round(foot + BOTTOM)
    parts = [*_head(height, sum(pairs.values())), *_ribbons(pairs, old, new)]
    for side, x in ((old, LEFT), (new, RIGHT)):
        for bar in side.values():
            parts += _drawn(bar, x)
    note = shipped_frames().units_at_level(NEW, "commune").height - sum(pairs.values())
    parts.append(
        f'<text class="n" x="24" y="{height - 18}">Un pixel de haut par commune de 2012. '
        f"Les {note} communes connues créées depuis n'ont pas de trait. "
        "Sources : geodata/README.md.</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def _sum(pairs: Counter[tuple[str, str]], side: int, name: str) -> int:
    return sum(count for pair, count in pairs.items() if pair[side] == name)


def _middle(pairs: Counter[tuple[str, str]], new: str, place: dict[str, int]) -> float:
    """Where a new région's communes come from, on average: the order with fewest crossings."""
    weighted = sum(count * place[o] for (o, n), count in pairs.items() if n == new)
    return weighted / _sum(pairs, 1, new)


def _bars(sizes: list[tuple[str, int]], gap: float) -> dict[str, Bar]:
    bars, y = {}, float(TOP)
    for name, communes in sizes:
        bar = bars[name] = Bar(name, communes, y)
        y += max(bar.height, LINE) + gap
    return bars


def _foot(bars: dict[str, Bar]) -> float:
    return max(bar.y + max(bar.height, LINE) for bar in bars.values())


def _head(height: int, communes: int) -> list[str]:
    title = "Des régions de 2012 à celles de 2023"
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{title}">',
        "<style>text{font-family:system-ui,'Segoe UI',Arial,sans-serif;font-size:13px;fill:#222}"
        ".t{font-size:17px;font-weight:600}.h{font-weight:600}.n{font-size:11px;fill:#555}"
        "path{fill-opacity:.42}path:hover{fill-opacity:.8}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text class="t" x="24" y="30">{title}, par leurs {communes} communes</text>',
        f'<text class="h" x="24" y="{TOP - 14}">2012 : 8 régions et Bamako</text>',
        f'<text class="h" x="{RIGHT}" y="{TOP - 14}">2023 : 19 régions et Bamako</text>',
    ]


def _ribbons(
    pairs: Counter[tuple[str, str]], old: dict[str, Bar], new: dict[str, Bar]
) -> list[str]:
    """One ribbon a flow, in the order of the bars on both sides."""
    ranked = sorted(pairs, key=lambda pair: (list(old).index(pair[0]), list(new).index(pair[1])))
    starts = {pair: old[pair[0]].take(pairs[pair]) for pair in ranked}
    ranked.sort(key=lambda pair: (list(new).index(pair[1]), list(old).index(pair[0])))
    ends = {pair: new[pair[1]].take(pairs[pair]) for pair in ranked}
    return [_ribbon(pair, pairs[pair], starts[pair], ends[pair], old, new) for pair in ranked]


def _ribbon(
    pair: tuple[str, str],
    count: int,
    start: float,
    end: float,
    old: dict[str, Bar],
    new: dict[str, Bar],
) -> str:
    left, right = LEFT + BAR, RIGHT
    here = old[pair[0]].height * count / old[pair[0]].communes
    there = new[pair[1]].height * count / new[pair[1]].communes
    middle = (left + right) / 2
    plural = "communes" if count > 1 else "commune"
    return (
        f'<path fill="{COLOURS[pair[0]]}" d="M{left} {start:.1f}'
        f"C{middle:.0f} {start:.1f} {middle:.0f} {end:.1f} {right} {end:.1f}"
        f"V{end + there:.1f}C{middle:.0f} {end + there:.1f} {middle:.0f} {start + here:.1f} "
        f'{left} {start + here:.1f}Z"><title>{escape(pair[0])} → {escape(pair[1])} : '
        f"{count} {plural}</title></path>"
    )


def _drawn(bar: Bar, x: int) -> list[str]:
    """The bar of a région, its name and its communes beside it."""
    is_old = x == LEFT
    colour = COLOURS.get(bar.name, "#444") if is_old else "#444"
    at, anchor = (x - 8, "end") if is_old else (x + BAR + 8, "start")
    y = bar.y + max(bar.height, 4) / 2 + 4.5
    return [
        f'<rect x="{x}" y="{bar.y:.1f}" width="{BAR}" height="{bar.height:.1f}" fill="{colour}"/>',
        f'<text x="{at}" y="{y:.1f}" text-anchor="{anchor}">{escape(bar.name)} '
        f'<tspan fill="#555">{bar.communes}</tspan></text>',
    ]


def main() -> None:
    """Write figure and table."""
    SVG.parent.mkdir(exist_ok=True)
    SVG.write_text(svg(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    print(f"{SVG.name}: {sum(flows().values())} communes; {PAGE.name}: {len(converted())} lines")


if __name__ == "__main__":
    main()
