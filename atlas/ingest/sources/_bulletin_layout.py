"""The layout of a bulletin that came out of a PDF: blocks, key figures, counts, pies.

Every line that is not blank is a row of input. Columns are interleaved and pies have lost
their labels, so only what a line says by itself, or what the order of lines settles
without a choice, is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from atlas.ingest.sources._prose import FIGURE, Line, figure, squeeze
from atlas.model import Source

PROSE_WIDTH = 30
"""Lines of a column of prose are longer than this; labels of a pie are shorter."""
_LONGEST = 12
"""Most lines of a paragraph."""

_LINK = re.compile(r"https?://|^\s*(?:pour plus d[’']informations|photos)\b", re.IGNORECASE)
_MARKER = re.compile(r"\s*\d{1,2}\.?\s*")
_NUMBERED = re.compile(r"\s*(\d{1,2})\.\s+(\S.*)")
_PERCENTAGES = re.compile(r"\s*(?:\d+(?:,\d+)?\s?%\s*)+")
_OVERVIEW = re.compile(r"[-–]\s*aperçu\s*$", re.IGNORECASE)
_MONEY = re.compile(
    rf"(coût global|coût|budget|hauteur)\b[^.\d]{{0,24}}?({FIGURE}) ?(millions?|M)?\s?(?:de )?"
    r"(USD|dollars)",
    re.IGNORECASE,
)
_MILLION = Decimal(1_000_000)


@dataclass(frozen=True)
class Fund:
    """A fund as ``bulletin.toml`` declares it."""

    source: Source
    short: str
    tags: tuple[str, ...]
    words: tuple[str, ...]
    financed_by: str = ""
    led_by: str = ""

    @cached_property
    def named(self) -> re.Pattern[str]:
        """Any of the ways to write it."""
        return re.compile(rf"\b(?:{'|'.join(self.words)})\b", re.IGNORECASE)


@dataclass
class Block:
    """A run of lines that belong together; ``fund`` is the section it stands in."""

    lines: list[Line]
    fund: Fund | None

    @property
    def numbered(self) -> bool:
        """Whether it begins with ``2. ``, as articles do."""
        return _NUMBERED.fullmatch(self.lines[0].text) is not None

    @property
    def text(self) -> str:
        """Its words on one line, without the number it begins with."""
        whole = joined(self.lines)
        return re.sub(r"^\d{1,2}\.\s+", "", whole)

    @property
    def prose(self) -> list[Line]:
        """Its lines without the links at its end."""
        return [line for line in self.lines if not _LINK.search(line.text)]


@dataclass(frozen=True)
class Amount:
    """Money told in prose: the word before it, the value, whether it was rounded."""

    word: str
    value: Decimal
    rounded: bool


@dataclass(frozen=True)
class KeyFigures:
    """What the key figures say of one fund."""

    fund: Fund
    lines: tuple[Line, ...]
    text: str
    total: int
    parts: tuple[int, ...]
    """Finished and running, when both are told."""
    amounts: tuple[Amount, ...]
    contributors: tuple[str, ...]


@dataclass
class RegionCounts:
    """Counts by fund printed with one place."""

    label: str
    label_lines: list[Line]
    counts: list[tuple[Fund, int, Line]] = field(default_factory=list)
    by_order: bool = False
    """Whether order alone pairs the counts and the place: several groups, then as many
    places."""


@dataclass(frozen=True)
class Pie:
    """Percentages that stand before a title of a pie, unpaired with its labels."""

    title: str
    values: tuple[str, ...]
    lines: tuple[Line, ...]


def joined(lines: Sequence[Line]) -> str:
    """The words of some lines on one line; a hyphen at the end of one stays."""
    text = ""
    for line in lines:
        part = squeeze(line.text)
        text += part if text.endswith("-") and part[:1].isalpha() else f" {part}"
    return text.strip()


def blocks_of(lines: Sequence[Line], funds: Sequence[Fund]) -> list[Block]:
    """Cut the text where a line begins something else.

    A line begins a block when it is indented (a bullet whose glyph was lost, a new page),
    is numbered, or follows a link, a lone number, percentages or a section's title.
    """
    blocks: list[Block] = []
    fund: Fund | None = None
    closed = True
    for index, line in enumerate(lines):
        title = _OVERVIEW.search(line.text) is not None
        starts = line.text[0].isspace() or _NUMBERED.fullmatch(line.text) is not None
        link = _LINK.search(line.text) is not None
        if (closed and not link) or starts or _breaks(line):
            blocks.append(Block([], fund))
        blocks[-1].lines.append(line)
        if title:
            fund = _fund_of_title(joined(lines[max(0, index - 1) : index + 1]), funds) or fund
        closed = title or link or _breaks(line)
    return blocks


def _breaks(line: Line) -> bool:
    return bool(_MARKER.fullmatch(line.text) or _PERCENTAGES.fullmatch(line.text))


def _fund_of_title(title: str, funds: Sequence[Fund]) -> Fund | None:
    return next((fund for fund in funds if fund.named.search(title)), None)


def amounts_in(text: str) -> list[Amount]:
    """Every cost or budget in USD that a text tells.

    Examples
    --------
    >>> [(a.word, a.value) for a in amounts_in("un budget de 11,9 millions USD")]
    [('budget', Decimal('11900000.0'))]
    """
    found = []
    for word, number, scale, _currency in _MONEY.findall(text):
        value = figure(number)
        if value is not None:
            scaled = value * _MILLION if scale else value
            found.append(Amount(word.lower(), scaled, bool(scale)))
    return found


def key_figures(lines: Sequence[Line], funds: Sequence[Fund]) -> list[KeyFigures]:
    """The paragraphs ``Name of the fund (TAG) : figures`` that carry counts and money."""
    found = []
    tags = {fund.source: _tagged(fund.tags) for fund in funds}
    any_tag = _tagged([tag for fund in funds for tag in fund.tags])
    for index, line in enumerate(lines):
        for fund in funds:
            if tags[fund.source].search(line.text):
                end = _paragraph_end(lines, index, any_tag)
                paragraph = tuple(lines[index : end + 1])
                if figures := _figures(fund, paragraph):
                    found.append(figures)
    return found


def _tagged(tags: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\((?:{'|'.join(tags)})\)\s*:")


def _paragraph_end(lines: Sequence[Line], start: int, tagged: re.Pattern[str]) -> int:
    """Last line of a paragraph: the one that closes its sentence or its parentheses.

    One that never closes ends before the next paragraph of a fund, or with its first line.
    """
    for index in range(start + 1, min(start + _LONGEST, len(lines))):
        if tagged.search(lines[index].text):
            return index - 1
        text = joined(lines[start : index + 1])
        if text.endswith((")", ".")) and text.count("(") == text.count(")"):
            return index
    return start


def _figures(fund: Fund, paragraph: tuple[Line, ...]) -> KeyFigures | None:
    """Figures of a paragraph that gives both a number of projects and an amount."""
    text = joined(paragraph)
    total = re.search(r"(\d+) projets (?:approuvés|au total|démarrés)", text)
    amounts = tuple(amounts_in(text))
    if total is None or not amounts:
        return None
    done = re.search(r"(\d+) (?:projets )?(?:finalisés|achevés|terminés)", text)
    running = re.search(r"(\d+) (?:projets )?en cours", text)
    parts = tuple(int(m.group(1)) for m in (done, running) if m)
    listed = re.search(r"contributeurs?\s*:\s*([^)]+)\)", text)
    names = re.split(r",\s*| et ", listed.group(1)) if listed else []
    return KeyFigures(
        fund=fund,
        lines=paragraph,
        text=text,
        total=int(total.group(1)),
        parts=parts if len(parts) > 1 else (),
        amounts=amounts,
        contributors=tuple(name.strip() for name in names if name.strip()),
    )


def region_counts(lines: Sequence[Line], funds: Sequence[Fund]) -> list[RegionCounts]:
    """Counts such as ``47 QIPs`` and the places printed with them.

    Groups of counts come before their places. A run of groups is followed by as many
    places; one group and one place leave no choice, several are paired in order and said
    to be (``by_order``). Inside a run a group ends where a fund comes again, or where one
    comes that is printed before the others wherever there is no doubt.
    """
    tags = {tag: fund for fund in funds for tag in fund.tags}
    count = re.compile(rf"\s*(\d+) ({'|'.join(sorted(tags, key=len, reverse=True))})\s*")
    first = next((i for i, line in enumerate(lines) if count.fullmatch(line.text)), None)
    if first is None:
        return []
    runs = list(_runs(lines[first:], count, tags))
    order = _order(runs)
    found = []
    for run, label_lines in runs:
        groups = _groups(run, order)
        labels = _labels(label_lines)
        if len(groups) != len(labels):
            continue
        for group, (label, its_lines) in zip(groups, labels, strict=True):
            found.append(RegionCounts(label, its_lines, group, by_order=len(groups) > 1))
    return found


Counted = tuple[Fund, int, Line]


def _runs(
    lines: Sequence[Line], count: re.Pattern[str], tags: dict[str, Fund]
) -> Iterator[tuple[list[Counted], list[Line]]]:
    """Counts, then the places that follow them, until a line that is neither."""
    run: list[Counted] = []
    labels: list[Line] = []
    for line in lines:
        found = count.fullmatch(line.text)
        if found:
            if labels:
                yield run, labels
                run, labels = [], []
            run.append((tags[found.group(2)], int(found.group(1)), line))
        elif _is_label(line):
            labels.append(line)
        else:
            break
    if run and labels:
        yield run, labels


def _is_label(line: Line) -> bool:
    return re.fullmatch(r"\s*[A-ZÀ-Ý][\w'’ /–-]*", line.text) is not None and (
        len(squeeze(line.text)) < PROSE_WIDTH and len(line.text.split()) <= 3
    )


def _labels(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    """Places of label lines; one that ends with a slash goes on in the next line."""
    found: list[tuple[str, list[Line]]] = []
    open_label = False
    for line in lines:
        text = squeeze(line.text)
        if open_label and found:
            label, its_lines = found[-1]
            found[-1] = (f"{label} {text}", [*its_lines, line])
        else:
            found.append((text, [line]))
        open_label = text.endswith(("/", "–", " -"))
    return found


def _order(runs: Sequence[tuple[list[Counted], list[Line]]]) -> set[tuple[Source, Source]]:
    """Which fund is printed before which, where one place leaves no doubt of the group."""
    certain = [
        [fund.source for fund, _n, _line in run] for run, lines in runs if len(_labels(lines)) == 1
    ]
    return {(a, b) for group in certain for i, a in enumerate(group) for b in group[i + 1 :]}


def _groups(run: Sequence[Counted], order: set[tuple[Source, Source]]) -> list[list[Counted]]:
    """Cut a run where a fund comes again, or comes after one it is printed before."""
    groups: list[list[Counted]] = []
    for item in run:
        source = item[0].source
        seen = [fund.source for fund, _n, _line in groups[-1]] if groups else []
        if not groups or source in seen or any((source, other) in order for other in seen):
            groups.append([])
        groups[-1].append(item)
    return groups


def pies(lines: Sequence[Line]) -> list[Pie]:
    """Percentages in the order they are read, by the ``Total :`` line they stand before."""
    found: list[Pie] = []
    values: list[str] = []
    its_lines: list[Line] = []
    title: list[Line] = []
    for line in lines:
        text = squeeze(line.text)
        if _PERCENTAGES.fullmatch(line.text):
            values += re.findall(r"\d+(?:,\d+)?\s?%", text)
            its_lines.append(line)
        elif re.match(r"répartition\b", text, re.IGNORECASE):
            title = [line]
        elif title and re.match(r"total\s*:", text, re.IGNORECASE):
            if values:
                found.append(Pie(joined(title), tuple(values), tuple(its_lines)))
            values, its_lines, title = [], [], []
        elif title:
            title.append(line)
    if values:
        found.append(Pie(joined(title), tuple(values), tuple(its_lines)))
    return found
