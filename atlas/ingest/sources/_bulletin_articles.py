"""The activities that a bulletin tells of: articles, project sheets, cover headlines.

A title, a place, a partner or an amount is read where the sentence has the form in which
such bulletins write it; what has another form stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from atlas.ingest.parsing.months import MONTHS, last_day_of, month_end
from atlas.ingest.reading import Money, PlaceText, Record
from atlas.ingest.sources._bulletin_layout import PROSE_WIDTH, Block, Fund, amounts_in, joined
from atlas.ingest.sources._prose import (
    MONTH,
    NAME,
    NUMBER_WORDS,
    Line,
    figure,
    last_such_day,
    squeeze,
)
from atlas.model import Kind

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
class Told:
    """An activity told by a bulletin, and what reading it took."""

    record: Record
    rounded: bool = False
    """Whether its amount is said to be about that much."""


def articles(blocks: Sequence[Block], as_of: date) -> list[Told]:
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
        if block.fund is None or not block.numbered:
            continue
        text, lines = _whole(block, blocks[index + 1 :])
        if _is_project(text, block.fund):
            found.append(_told(block.fund, text, lines, as_of))
    return found


def _whole(block: Block, after: Sequence[Block]) -> tuple[str, list[Line]]:
    """An article's words and lines, with the end that other columns cut off.

    Labels of a pie at its end are left out. Words that stop without a full stop go on in
    the prose that leads to the next ``Budget :`` of the section.
    """
    kept = [*block.lines]
    while len(squeeze(kept[-1].text)) < PROSE_WIDTH and not _ends(kept[-1]) and len(kept) > 1:
        kept.pop()
    prose = [line for line in kept if line in block.prose]
    text = Block(prose, block.fund).text
    if not text.endswith((".", "!", "»")):
        rest = _resumed(block.fund, after)
        return f"{text} {_with_fields(rest)}".strip(), [*kept, *rest]
    return text, kept


def _with_fields(lines: Sequence[Line]) -> str:
    """Words of some lines, a full stop before each field (``Budget : …``)."""
    text = ""
    for line in lines:
        text += (". " if _ANY_FIELD.match(line.text) else " ") + squeeze(line.text)
    return squeeze(text)


def _ends(line: Line) -> bool:
    return squeeze(line.text).endswith((".", "!", "»", ")")) or "://" in line.text


def _resumed(fund: Fund | None, after: Sequence[Block]) -> list[Line]:
    for block in after:
        if block.fund != fund:
            return []
        at = next((i for i, line in enumerate(block.lines) if _FIELD.match(line.text)), None)
        if at is None:
            continue
        start = at
        while start and len(squeeze(block.lines[start - 1].text)) >= PROSE_WIDTH:
            start -= 1
        return block.lines[start:]
    return []


def _is_project(text: str, fund: Fund) -> bool:
    """A project of the fund, or the sheet of one; not a contribution to the fund."""
    if re.search(r"\bcontribution\b", text) and not _FIELD.search(text):
        return False
    return fund.named.search(text) is not None or _ABOUT.search(text) is not None


def _told(fund: Fund, text: str, lines: Sequence[Line], as_of: date) -> Told:
    title, count = _title(text)
    amounts = amounts_in(text)
    start = _start(text, as_of)
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
        end=_end(text, start),
        target=_count(persons.group(1)) if persons else None,
        remarks=f"Sponsor : {sponsor.group(1).strip()}" if sponsor else "",
        places=_places(text),
        amounts=tuple(Money(a.value, "USD") for a in amounts[:1]),
        folded=tuple(line.locator for line in lines[1:]),
        items=count,
    )
    return Told(record, bool(amounts) and ("environ" in text or amounts[0].rounded))


def _title(text: str) -> tuple[str, int | None]:
    """Title of an article's project, and how many projects it tells as one.

    Several projects told with one cost are one record: neither the money nor the pair
    may be counted twice, and nothing says how they share it.
    """
    project = _PROJECT.search(text)
    if project:
        count = int(project.group(1)) if project.group(1) else None
        return _capital(project.group(2)), count if count and count > 1 else None
    about = _ABOUT.search(text)
    subject = _SUBJECT.match(text)
    if subject:
        return _capital(subject.group(1)), None
    return _capital(text[: about.start()] if about else text.split(".")[0]).strip(), None


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _count(raw: str) -> float | None:
    value = figure(raw)
    return None if value is None else float(value)


def _places(text: str) -> tuple[PlaceText, ...]:
    """Where: a name with its région, the place something lies in, the people served."""
    inside = _IN_REGION.search(text)
    if inside:
        name, level, above = inside.groups()
        return (_inside(name, level, above),)
    people = _PEOPLE_OF.search(text)
    office = _OFFICE.search(text)
    if people and office:
        return (PlaceText(text=people.group(1), region=office.group(1)),)
    situated = _SITUATED.search(text)
    if situated:
        # "Située à" is said of a town; a région of that name would be "dans la région de".
        return (PlaceText(commune=situated.group(1)),)
    return (PlaceText(text=people.group(1)),) if people else ()


def _inside(name: str, level: str, above: str) -> PlaceText:
    if level == "région":
        return PlaceText(text=name, region=above)
    if level == "cercle":
        return PlaceText(text=name, cercle=above)
    return PlaceText(text=name, commune=above)


def _start(text: str, as_of: date) -> date | None:
    """Day of the launch, the last such day before the bulletin."""
    on = _ON.search(text)
    if not on or not _LAUNCHED.search(text):
        return None
    return last_such_day(int(on.group(1)), MONTHS[on.group(2).lower()], as_of)


def _end(text: str, start: date | None) -> date | None:
    lasting = _LASTING.search(text)
    if start is None or lasting is None:
        return None
    word = lasting.group(1).lower()
    months = int(word) if word.isdecimal() else NUMBER_WORDS.get(word)
    return last_day_of(start, months) if months else None


def sheets(blocks: Sequence[Block]) -> list[Told]:
    """Projects told as ``number / title / agencies``, their dates told once for all.

    The number stands alone on its line, the agencies close the title or stand under it.
    The projects marked ``(*)`` end when the extension does.
    """
    lines = [(line, block.fund) for block in blocks for line in block.lines]
    text = joined([line for line, _fund in lines])
    span, extended = _SPAN.search(text), _EXTENDED.search(text)
    start = date(int(span.group(2)), MONTHS[span.group(1).lower()], 1) if span else None
    end = _month_end(span.group(4), span.group(3)) if span else None
    later = _month_end(extended.group(2), extended.group(1)) if extended else end
    found = []
    for index, (line, fund) in enumerate(lines):
        if fund is None or not re.fullmatch(r"\s*\d\s*", line.text):
            continue
        its_lines, title, agencies = _sheet([x for x, _fund in lines[index + 1 : index + 9]])
        if agencies:
            record = _sheet_record(fund, line, its_lines, title, agencies)
            until = later if "(*)" in title else end
            found.append(Told(record._replace(start=start, end=until)))
    return found


def _month_end(year: str, month: str) -> date:
    return month_end(int(year), MONTHS[month.lower()])


def _sheet(lines: Sequence[Line]) -> tuple[list[Line], str, list[str]]:
    """Lines, title and agencies of a sheet; no agencies when it is none."""
    words: list[str] = []
    for index, line in enumerate(lines):
        text = squeeze(line.text)
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
    fund: Fund, marker: Line, lines: Sequence[Line], title: str, agencies: Sequence[str]
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
        title=squeeze(title.replace("(*)", "")),
        lead=agencies[0],
        implementers=tuple(agencies[1:]),
        places=tuple(places),
        national=not places and _COUNTRY.search(title) is not None,
        folded=tuple(line.locator for line in lines),
    )


def headlines(
    lines: Sequence[Line], told: Sequence[Told], funds: Sequence[Fund]
) -> Iterator[Told | tuple[int, list[Line]]]:
    """Headlines of the cover: part of an article, or a record of their own.

    Parameters
    ----------
    lines
        Lines of the cover, a headline beginning at each indented one.
    told
        The activities told inside.

    Yields
    ------
    tuple
        ``(index in told, lines)`` where the article is about the same place and fund.
    Told
        A record of its own where the fund differs or there is no article: the pair is
        then for the search of duplicates to show, not for a reader to settle.
    """
    for group in _indented(lines):
        match = _HEADLINE.fullmatch(joined(group))
        fund = next((f for f in funds if match and match.group(3) in f.tags), None)
        if match is None or fund is None:
            continue
        same = next((i for i, t in enumerate(told) if _same_place(t.record, match.group(2))), None)
        if same is not None and told[same].record.source == fund.source:
            yield same, group
        else:
            yield Told(_headline_record(fund, match, group))


def _indented(lines: Sequence[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if line.text[0].isspace() or not groups:
            groups.append([])
        groups[-1].append(line)
    return groups


def _same_place(record: Record, headline: str) -> bool:
    names = {place.text or place.commune for place in record.places} - {""}
    return any(re.search(rf"\b{re.escape(name)}\b", headline) for name in names)


def _headline_record(fund: Fund, match: re.Match[str], group: Sequence[Line]) -> Record:
    above, title, _tag = match.groups()
    name = _LAST_NAME.search(title)
    persons = _PERSONS.search(title)
    place = PlaceText(text=name.group(1) if name else "", region=above or "")
    return Record(
        locator=group[0].locator,
        kind=Kind.ACTIVITY,
        source=fund.source,
        title=_capital(title),
        lead=fund.led_by,
        target=_count(persons.group(1)) if persons else None,
        remarks="Titre de couverture",
        places=(place,) if name or above else (),
        folded=tuple(line.locator for line in group[1:]),
    )
