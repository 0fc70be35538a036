"""The text of a bulletin that came out of a PDF: its blocks and figures, and the activities in it.

Every line that is not blank is a row of input. Columns are interleaved and pies have lost
their labels, so only what a line says by itself, or what the order of lines settles
without a choice, is read. A title, a place, a partner or an amount is read where the sentence
has the form in which such bulletins write it; what has another form stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from atlas.formats import month_end
from atlas.ingest.parsing.dates import MONTHS, last_day_of
from atlas.ingest.reading import Money, PlaceText, Record
from atlas.ingest.sources._prose import (
    FIGURE,
    MONTH,
    NAME,
    NUMBER_WORDS,
    TextLine,
    figure_of_cell,
    last_such_day,
    squeeze_spaces,
)
from atlas.labels import capitalised
from atlas.model import Kind, Source

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
class BulletinFund:
    """A fund as ``bulletin.toml`` declares it."""

    source: Source
    short: str
    tags: tuple[str, ...]
    words: tuple[str, ...]
    financed_by: str = ""
    led_by: str = ""

    @property
    def name_pattern(self) -> re.Pattern[str]:
        """Any of the ways to write it."""
        return re.compile(rf"\b(?:{'|'.join(self.words)})\b", re.IGNORECASE)


@dataclass
class TextBlock:
    """A run of lines that belong together; ``fund`` is the section it stands in."""

    lines: list[TextLine]
    fund: BulletinFund | None

    @property
    def is_numbered(self) -> bool:
        """Whether it begins with ``2. ``, as articles do."""
        return _NUMBERED.fullmatch(self.lines[0].text) is not None

    @property
    def text(self) -> str:
        """Its words on one line, without the number it begins with."""
        whole = joined_text(self.lines)
        return re.sub(r"^\d{1,2}\.\s+", "", whole)

    @property
    def prose_lines(self) -> list[TextLine]:
        """Its lines without the links at its end."""
        return [line for line in self.lines if not _LINK.search(line.text)]


@dataclass(frozen=True)
class ProseAmount:
    """Money told in prose: the word before it, the value, whether it was rounded."""

    word: str
    value: Decimal
    rounded: bool


@dataclass(frozen=True)
class KeyFigures:
    """What the key figures say of one fund."""

    fund: BulletinFund
    lines: tuple[TextLine, ...]
    text: str
    total: int
    parts: tuple[int, ...]
    """Finished and running, when both are told."""
    amounts: tuple[ProseAmount, ...]
    contributors: tuple[str, ...]


@dataclass
class RegionCounts:
    """Counts by fund printed with one place."""

    label: str
    label_lines: list[TextLine]
    counts: list[tuple[BulletinFund, int, TextLine]] = field(default_factory=list)
    by_order: bool = False
    """Whether order alone pairs the counts and the place: several groups, then as many
    places."""


@dataclass(frozen=True)
class PieChart:
    """Percentages that stand before a title of a pie, unpaired with its labels."""

    title: str
    values: tuple[str, ...]
    lines: tuple[TextLine, ...]


def joined_text(lines: Sequence[TextLine]) -> str:
    """The words of some lines on one line; a hyphen at the end of one stays."""
    text = ""
    for line in lines:
        part = squeeze_spaces(line.text)
        text += part if text.endswith("-") and part[:1].isalpha() else f" {part}"
    return text.strip()


def blocks_of(lines: Sequence[TextLine], funds: Sequence[BulletinFund]) -> list[TextBlock]:
    """Cut the text where a line begins something else.

    A line begins a block when it is indented (a bullet whose glyph was lost, a new page),
    is numbered, or follows a link, a lone number, percentages or a section's title.
    """
    blocks: list[TextBlock] = []
    fund: BulletinFund | None = None
    closed = True
    for index, line in enumerate(lines):
        title = _OVERVIEW.search(line.text) is not None
        starts = line.text[0].isspace() or _NUMBERED.fullmatch(line.text) is not None
        link = _LINK.search(line.text) is not None
        if (closed and not link) or starts or _breaks_block(line):
            blocks.append(TextBlock([], fund))
        blocks[-1].lines.append(line)
        if title:
            fund = _fund_of_title(joined_text(lines[max(0, index - 1) : index + 1]), funds) or fund
        closed = title or link or _breaks_block(line)
    return blocks


def _breaks_block(line: TextLine) -> bool:
    return bool(_MARKER.fullmatch(line.text) or _PERCENTAGES.fullmatch(line.text))


def _fund_of_title(title: str, funds: Sequence[BulletinFund]) -> BulletinFund | None:
    return next((fund for fund in funds if fund.name_pattern.search(title)), None)


def amounts_in(text: str) -> list[ProseAmount]:
    """Every cost or budget in USD that a text tells.

    Examples
    --------
    >>> [(a.word, a.value) for a in amounts_in("un budget de 11,9 millions USD")]
    [('budget', Decimal('11900000.0'))]
    """
    found = []
    for word, number, scale, _currency in _MONEY.findall(text):
        value = figure_of_cell(number)
        if value is not None:
            scaled = value * _MILLION if scale else value
            found.append(ProseAmount(word.lower(), scaled, bool(scale)))
    return found


def key_figures(lines: Sequence[TextLine], funds: Sequence[BulletinFund]) -> list[KeyFigures]:
    """The paragraphs ``Name of the fund (TAG) : figures`` that carry counts and money."""
    found = []
    tags = {fund.source: _tag_pattern(fund.tags) for fund in funds}
    any_tag = _tag_pattern([tag for fund in funds for tag in fund.tags])
    for index, line in enumerate(lines):
        for fund in funds:
            if tags[fund.source].search(line.text):
                end = _paragraph_end(lines, index, any_tag)
                paragraph = tuple(lines[index : end + 1])
                if figures := _key_figures_of(fund, paragraph):
                    found.append(figures)
    return found


def _tag_pattern(tags: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\((?:{'|'.join(tags)})\)\s*:")


def _paragraph_end(lines: Sequence[TextLine], start: int, tagged: re.Pattern[str]) -> int:
    """Last line of a paragraph: the one that closes its sentence or its parentheses.

    One that never closes ends before the next paragraph of a fund, or with its first line.
    """
    for index in range(start + 1, min(start + _LONGEST, len(lines))):
        if tagged.search(lines[index].text):
            return index - 1
        text = joined_text(lines[start : index + 1])
        if text.endswith((")", ".")) and text.count("(") == text.count(")"):
            return index
    return start


def _key_figures_of(fund: BulletinFund, paragraph: tuple[TextLine, ...]) -> KeyFigures | None:
    """Figures of a paragraph that gives both a number of projects and an amount."""
    text = joined_text(paragraph)
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


def region_counts(lines: Sequence[TextLine], funds: Sequence[BulletinFund]) -> list[RegionCounts]:
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
    runs = list(_count_runs(lines[first:], count, tags))
    order = _fund_order(runs)
    found = []
    for run, label_lines in runs:
        groups = _count_groups(run, order)
        labels = _place_labels(label_lines)
        if len(groups) != len(labels):
            continue
        for group, (label, its_lines) in zip(groups, labels, strict=True):
            found.append(RegionCounts(label, its_lines, group, by_order=len(groups) > 1))
    return found


Counted = tuple[BulletinFund, int, TextLine]


def _count_runs(
    lines: Sequence[TextLine], count: re.Pattern[str], tags: dict[str, BulletinFund]
) -> Iterator[tuple[list[Counted], list[TextLine]]]:
    """Counts, then the places that follow them, until a line that is neither."""
    run: list[Counted] = []
    labels: list[TextLine] = []
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


def _is_label(line: TextLine) -> bool:
    return re.fullmatch(r"\s*[A-ZÀ-Ý][\w'’ /–-]*", line.text) is not None and (
        len(squeeze_spaces(line.text)) < PROSE_WIDTH and len(line.text.split()) <= 3
    )


def _place_labels(lines: Sequence[TextLine]) -> list[tuple[str, list[TextLine]]]:
    """Places of label lines; one that ends with a slash goes on in the next line."""
    found: list[tuple[str, list[TextLine]]] = []
    open_label = False
    for line in lines:
        text = squeeze_spaces(line.text)
        if open_label and found:
            label, its_lines = found[-1]
            found[-1] = (f"{label} {text}", [*its_lines, line])
        else:
            found.append((text, [line]))
        open_label = text.endswith(("/", "–", " -"))
    return found


def _fund_order(runs: Sequence[tuple[list[Counted], list[TextLine]]]) -> set[tuple[Source, Source]]:
    """Which fund is printed before which, where one place leaves no doubt of the group."""
    certain = [
        [fund.source for fund, _n, _line in run]
        for run, lines in runs
        if len(_place_labels(lines)) == 1
    ]
    return {(a, b) for group in certain for i, a in enumerate(group) for b in group[i + 1 :]}


def _count_groups(run: Sequence[Counted], order: set[tuple[Source, Source]]) -> list[list[Counted]]:
    """Cut a run where a fund comes again, or comes after one it is printed before."""
    groups: list[list[Counted]] = []
    for item in run:
        source = item[0].source
        seen = [fund.source for fund, _n, _line in groups[-1]] if groups else []
        if not groups or source in seen or any((source, other) in order for other in seen):
            groups.append([])
        groups[-1].append(item)
    return groups


def pie_charts(lines: Sequence[TextLine]) -> list[PieChart]:
    """Percentages in the order they are read, by the ``Total :`` line they stand before."""
    found: list[PieChart] = []
    values: list[str] = []
    its_lines: list[TextLine] = []
    title: list[TextLine] = []
    for line in lines:
        text = squeeze_spaces(line.text)
        if _PERCENTAGES.fullmatch(line.text):
            values += re.findall(r"\d+(?:,\d+)?\s?%", text)
            its_lines.append(line)
        elif re.match(r"répartition\b", text, re.IGNORECASE):
            title = [line]
        elif title and re.match(r"total\s*:", text, re.IGNORECASE):
            if values:
                found.append(PieChart(joined_text(title), tuple(values), tuple(its_lines)))
            values, its_lines, title = [], [], []
        elif title:
            title.append(line)
    if values:
        found.append(PieChart(joined_text(title), tuple(values), tuple(its_lines)))
    return found


_OF = r"(?:de |du |des |d[’'])"
_PROJECT = re.compile(
    rf"(?:(\d+)\s+)?(?:QIPs?|projets? à impact rapide(?: \(QIPs?\))?)\s+{_OF}(.+?)(?=\.(?:\s|$))"
)
_SUBJECT = re.compile(r"(?:L[ea]s? |L[’'])([^,.]{3,60}),")
_ABOUT = re.compile(r"\bCe(?:tte|s)? (?:projets?|initiatives?)\b")
_IN_REGION = re.compile(rf"({NAME}) \((?P<level>région|cercle|commune) (?:de |du |d[’'])({NAME})\)")
_SITUATED = re.compile(rf"\bsituée?s? à ({NAME})")
_PEOPLE_OF = re.compile(
    r"\b(?:femmes|filles|familles|habitants|populations?|jeunes|communautés?|village|commune|ville)"
    rf" (?:et (?:des )?\w+ )?(?:de |du |d[’'])({NAME})"
)
_OFFICE = re.compile(rf"\bbureau régional\b[^.]{{0,40}}? à ({NAME})", re.IGNORECASE)
_REGIONS = re.compile(rf"\brégions? de ({NAME}(?:(?:, | et )(?:de )?{NAME})*)")
_VAGUE = re.compile(
    r"\b(?:au|dans le|du) ((?:nord|centre|sud|est|ouest) du (?:Mali|pays))", re.IGNORECASE
)
_COUNTRY = re.compile(r"\bau Mali\b")
_PARTNER = re.compile(rf"({NAME}), ONG partenaire|\bpar l[’']ONG ({NAME})")
_DONOR = re.compile(
    rf"\bfinancée?s? via la contribution {_OF}(?:la |l[’'])?({NAME})", re.IGNORECASE
)
_SPONSOR = re.compile(
    r"\b(?:sponsorisée?s? par (?:la |le |l[’'])|à travers sa |Sponsor \w+ : )"
    r"([A-Z].+?)(?= de la [A-Z]{3,}| pour |\.|$)"
)
_LAUNCHED = re.compile(r"première pierre|lanc(?:é|er|e|ement)\b|démarr|inaugur", re.IGNORECASE)
_ON = re.compile(rf"\b[Ll]e (\d{{1,2}})(?:er)? ({MONTH})\b", re.IGNORECASE)
_LASTING = re.compile(r"\b(?:durer|durée de) (\w+) mois", re.IGNORECASE)
_PERSONS = re.compile(
    r"(\d[\d.]*) (?:femmes|filles|hommes|jeunes|personnes|habitants|ménages|bénéficiaires)\b"
)
_HEADLINE = re.compile(rf"(?:({NAME})\s*:\s*)?(.+?)\s*\(([A-Z]+s?)\)")
_LAST_NAME = re.compile(rf"(?:de |du |d[’']|à )({NAME})\s*$")
_FIELD = re.compile(r"\s*budget\s*:", re.IGNORECASE)
_ANY_FIELD = re.compile(r"\s*(?:budget\s*:|financée?s? via\b|sponsor\b)", re.IGNORECASE)
_SPONSORED_BY = re.compile(r"\bSponsor ([A-Z]{3,})\s*:")
_AGENCY = r"[A-Z]{2,}[A-Za-z]*(?: [A-ZÀ-Ý][a-zà-ÿ]+)?"
_AGENCIES = re.compile(rf"{_AGENCY}(?:, {_AGENCY})*")
_SPAN = re.compile(rf"entre ({MONTH}) (\d{{4}}) et ({MONTH}) (\d{{4}})", re.IGNORECASE)
_EXTENDED = re.compile(rf"\(\*\).{{0,60}}?\bà ({MONTH}) (\d{{4}})", re.IGNORECASE)


@dataclass(frozen=True)
class BulletinActivity:
    """An activity told by a bulletin, and what reading it took."""

    record: Record
    rounded: bool = False
    """Whether its amount is said to be about that much."""


def activities_of_articles(blocks: Sequence[TextBlock], as_of: date) -> list[BulletinActivity]:
    """Activities told in numbered articles of a fund's section.

    Parameters
    ----------
    blocks
        The blocks of the text, in order.
    as_of
        Date of the bulletin: days without a year are those before it.
    """
    found = []
    for index, block in enumerate(blocks):
        if block.fund is None or not block.is_numbered:
            continue
        text, lines = _whole_article(block, blocks[index + 1 :])
        if _is_project(text, block.fund):
            found.append(_activity_of_article(block.fund, text, lines, as_of))
    return found


def _whole_article(block: TextBlock, after: Sequence[TextBlock]) -> tuple[str, list[TextLine]]:
    """An article's words and lines, with the end that other columns cut off.

    Labels of a pie at its end are left out. Words that stop without a full stop go on in
    the prose that leads to the next ``Budget :`` of the section.
    """
    kept = [*block.lines]
    while (
        len(squeeze_spaces(kept[-1].text)) < PROSE_WIDTH
        and not _ends_sentence(kept[-1])
        and len(kept) > 1
    ):
        kept.pop()
    prose = [line for line in kept if line in block.prose_lines]
    text = TextBlock(prose, block.fund).text
    if not text.endswith((".", "!", "»")):
        rest = _resumed_lines(block.fund, after)
        return f"{text} {_with_fields(rest)}".strip(), [*kept, *rest]
    return text, kept


def _with_fields(lines: Sequence[TextLine]) -> str:
    """Words of some lines, a full stop before each field (``Budget : …``)."""
    text = ""
    for line in lines:
        text += (". " if _ANY_FIELD.match(line.text) else " ") + squeeze_spaces(line.text)
    return squeeze_spaces(text)


def _ends_sentence(line: TextLine) -> bool:
    return squeeze_spaces(line.text).endswith((".", "!", "»", ")")) or "://" in line.text


def _resumed_lines(fund: BulletinFund | None, after: Sequence[TextBlock]) -> list[TextLine]:
    for block in after:
        if block.fund != fund:
            return []
        at = next((i for i, line in enumerate(block.lines) if _FIELD.match(line.text)), None)
        if at is None:
            continue
        start = at
        while start and len(squeeze_spaces(block.lines[start - 1].text)) >= PROSE_WIDTH:
            start -= 1
        return block.lines[start:]
    return []


def _is_project(text: str, fund: BulletinFund) -> bool:
    """A project of the fund, or the sheet of one; not a contribution to the fund."""
    if re.search(r"\bcontribution\b", text) and not _FIELD.search(text):
        return False
    return fund.name_pattern.search(text) is not None or _ABOUT.search(text) is not None


def _activity_of_article(
    fund: BulletinFund, text: str, lines: Sequence[TextLine], as_of: date
) -> BulletinActivity:
    title, count = _title_and_count(text)
    amounts = amounts_in(text)
    start = _launch_day(text, as_of)
    donors = _DONOR.findall(text) or [fund.financed_by] * bool(fund.financed_by)
    persons = _PERSONS.search(title) or _PERSONS.search(text)
    planned = not start and _FIELD.search(text) is not None
    sponsor = _SPONSOR.search(text)
    record = Record(
        locator=lines[0].locator,
        kind=Kind.ACTIVITY,
        source=fund.source,
        title=title,
        description=text,
        donors=tuple(donors),
        lead=fund.led_by or next(iter(_SPONSORED_BY.findall(text)), ""),
        implementers=tuple(a or b for a, b in _PARTNER.findall(text)),
        status_raw="en cours" if start else "planifié" if planned else "",
        start=start,
        end=_last_day(text, start),
        target=_number_of(persons.group(1)) if persons else None,
        remarks=f"Sponsor : {sponsor.group(1).strip()}" if sponsor else "",
        places=_places_in_text(text),
        amounts=tuple(Money(a.value, "USD") for a in amounts[:1]),
        folded=tuple(line.locator for line in lines[1:]),
        items=count,
    )
    return BulletinActivity(record, bool(amounts) and ("environ" in text or amounts[0].rounded))


def _title_and_count(text: str) -> tuple[str, int | None]:
    """Title of an article's project, and how many projects it tells as one.

    Several projects told with one cost are one record: neither the money nor the pair
    may be counted twice, and nothing says how they share it.
    """
    project = _PROJECT.search(text)
    if project:
        count = int(project.group(1)) if project.group(1) else None
        return capitalised(project.group(2)), count if count and count > 1 else None
    about = _ABOUT.search(text)
    subject = _SUBJECT.match(text)
    if subject:
        return capitalised(subject.group(1)), None
    return capitalised(text[: about.start()] if about else text.split(".")[0]).strip(), None


def _number_of(raw: str) -> float | None:
    value = figure_of_cell(raw)
    return None if value is None else float(value)


def _places_in_text(text: str) -> tuple[PlaceText, ...]:
    """Where: a name with its région, the place something lies in, the people served."""
    inside = _IN_REGION.search(text)
    if inside:
        name, level, above = inside.groups()
        return (_place_at_level(name, level, above),)
    people = _PEOPLE_OF.search(text)
    office = _OFFICE.search(text)
    if people and office:
        return (PlaceText(text=people.group(1), region=office.group(1)),)
    situated = _SITUATED.search(text)
    if situated:
        # "Située à" is said of a town; a région of that name would be "dans la région de".
        return (PlaceText(commune=situated.group(1)),)
    return (PlaceText(text=people.group(1)),) if people else ()


def _place_at_level(name: str, level: str, above: str) -> PlaceText:
    if level == "région":
        return PlaceText(text=name, region=above)
    if level == "cercle":
        return PlaceText(text=name, cercle=above)
    return PlaceText(text=name, commune=above)


def _launch_day(text: str, as_of: date) -> date | None:
    """Day of the launch, the last such day before the bulletin."""
    on = _ON.search(text)
    if not on or not _LAUNCHED.search(text):
        return None
    return last_such_day(int(on.group(1)), MONTHS[on.group(2).lower()], as_of)


def _last_day(text: str, start: date | None) -> date | None:
    lasting = _LASTING.search(text)
    if start is None or lasting is None:
        return None
    word = lasting.group(1).lower()
    months = int(word) if word.isdecimal() else NUMBER_WORDS.get(word)
    return last_day_of(start, months) if months else None


def activities_of_sheets(blocks: Sequence[TextBlock]) -> list[BulletinActivity]:
    """Projects told as ``number / title / agencies``, their dates told once for all.

    The number stands alone on its line, the agencies close the title or stand under it.
    The projects marked ``(*)`` end when the extension does.
    """
    lines = [(line, block.fund) for block in blocks for line in block.lines]
    text = joined_text([line for line, _fund in lines])
    span, extended = _SPAN.search(text), _EXTENDED.search(text)
    start = date(int(span.group(2)), MONTHS[span.group(1).lower()], 1) if span else None
    end = _month_end(span.group(4), span.group(3)) if span else None
    later = _month_end(extended.group(2), extended.group(1)) if extended else end
    found = []
    for index, (line, fund) in enumerate(lines):
        if fund is None or not re.fullmatch(r"\s*\d\s*", line.text):
            continue
        its_lines, title, agencies = _sheet_parts([x for x, _fund in lines[index + 1 : index + 9]])
        if agencies:
            record = _sheet_record(fund, line, its_lines, title, agencies)
            until = later if "(*)" in title else end
            found.append(BulletinActivity(record._replace(start=start, end=until)))
    return found


def _month_end(year: str, month: str) -> date:
    return month_end(int(year), MONTHS[month.lower()])


def _sheet_parts(lines: Sequence[TextLine]) -> tuple[list[TextLine], str, list[str]]:
    """Lines, title and agencies of a sheet; no agencies when it is none."""
    words: list[str] = []
    for index, line in enumerate(lines):
        text = squeeze_spaces(line.text)
        if not words and not text[:1].isupper():
            break
        head, dash, tail = text.rpartition(" - ")
        alone = index > 0 and _AGENCIES.fullmatch(text)
        if alone or (dash and _AGENCIES.fullmatch(tail)):
            title = " ".join(words if alone else [*words, head])
            return list(lines[: index + 1]), title, (text if alone else tail).split(", ")
        words.append(text)
    return [], "", []


def _sheet_record(
    fund: BulletinFund,
    marker: TextLine,
    lines: Sequence[TextLine],
    title: str,
    agencies: Sequence[str],
) -> Record:
    regions = [
        PlaceText(region=name)
        for group in _REGIONS.findall(title)
        for name in re.split(r"(?:, | et )(?:de )?", group)
    ]
    vague = _VAGUE.search(title)
    places = regions or ([PlaceText(text=vague.group(1))] if vague else [])
    return Record(
        locator=marker.locator,
        kind=Kind.ACTIVITY,
        source=fund.source,
        title=squeeze_spaces(title.replace("(*)", "")),
        lead=agencies[0],
        implementers=tuple(agencies[1:]),
        places=tuple(places),
        national=not places and _COUNTRY.search(title) is not None,
        folded=tuple(line.locator for line in lines),
    )


def headline_activities(
    lines: Sequence[TextLine], activities: Sequence[BulletinActivity], funds: Sequence[BulletinFund]
) -> Iterator[BulletinActivity | tuple[int, list[TextLine]]]:
    """Headlines of the cover: part of an article, or a record of their own.

    Parameters
    ----------
    lines
        Lines of the cover, a headline beginning at each indented one.
    activities
        The activities told inside.

    Yields
    ------
    tuple
        ``(index in told, lines)`` where the article is about the same place and fund.
    Told
        A record of its own where the fund differs or there is no article: the pair is
        then for the search of duplicates to show, not for a reader to settle.
    """
    for group in _indented_groups(lines):
        match = _HEADLINE.fullmatch(joined_text(group))
        fund = next((f for f in funds if match and match.group(3) in f.tags), None)
        if match is None or fund is None:
            continue
        same = next(
            (i for i, t in enumerate(activities) if _same_place(t.record, match.group(2))), None
        )
        if same is not None and activities[same].record.source == fund.source:
            yield same, group
        else:
            yield BulletinActivity(_headline_record(fund, match, group))


def _indented_groups(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    groups: list[list[TextLine]] = []
    for line in lines:
        if line.text[0].isspace() or not groups:
            groups.append([])
        groups[-1].append(line)
    return groups


def _same_place(record: Record, headline: str) -> bool:
    names = {place.text or place.commune for place in record.places} - {""}
    return any(re.search(rf"\b{re.escape(name)}\b", headline) for name in names)


def _headline_record(fund: BulletinFund, match: re.Match[str], group: Sequence[TextLine]) -> Record:
    above, title, _tag = match.groups()
    name = _LAST_NAME.search(title)
    persons = _PERSONS.search(title)
    place = PlaceText(text=name.group(1) if name else "", region=above or "")
    return Record(
        locator=group[0].locator,
        kind=Kind.ACTIVITY,
        source=fund.source,
        title=capitalised(title),
        lead=fund.led_by,
        target=_number_of(persons.group(1)) if persons else None,
        remarks="Titre de couverture",
        places=(place,) if name or above else (),
        folded=tuple(line.locator for line in group[1:]),
    )
