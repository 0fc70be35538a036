"""Places as written → units, one answer per distinct place and découpage.

Decisions of people are looked up before a place is resolved.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from math import lcm
from typing import Any, NamedTuple

from atlas.caches import text_cache
from atlas.corrections import NO_CORRECTIONS, CorrectionLookup, unit_lies_in, wording_key
from atlas.geo.frames import LEVELS, shipped_frames
from atlas.geo.gazetteer import installation_stamp
from atlas.geo.names import predecessor_of_label
from atlas.geo.place_evidence import point_contradiction, with_coordinates
from atlas.geo.resolve import PlaceResolution, resolve_place
from atlas.geo.text import PlaceMention, find_places, qualifier_spans, unmatched_stretches
from atlas.geo.toponyms import TextSpan
from atlas.ingest.parsing.folding import fold_text
from atlas.ingest.reading import PlaceText, Record
from atlas.ingest.tables.row_countries import is_shared
from atlas.model import NATIONAL, UNPLACED, How, Rule

PlaceFinding = tuple[str, tuple[tuple[str, object], ...]]
"""A finding's code and its params, hashable."""

_CUTS = (
    re.compile(r"[;\n]"),
    re.compile(r"[;\n,/|]"),
    re.compile(r"[;\n,/|()&+:]|\s(?:et|and|puis|[–—-])\s"),
)
"""Where a list is cut, from the coarser to the finer."""
_SHARE = re.compile(r"[\s:(=]*\d{1,3}\s*%\)?\s*$")
_KIND = re.compile(
    r".*\b(?:villages?|localités?|communes?(?:\s+rurales?)?|sites?|hameaux?|quartiers?)"
    r"\s+(?:de\s+la\s+|de\s+|du\s+|d['’])",
    re.IGNORECASE,
)


def decided_finding(raw: str, unit_id: str) -> PlaceFinding:
    """Finding of a place that a decision put where it is."""
    return "place_reviewed", (("raw", raw), ("unit", _unit_label(unit_id)))


def contradicted_finding(raw: str, unit_id: str, units_in_row: Collection[str]) -> PlaceFinding:
    """Finding of a decision that the row contradicts, with both readings."""
    unit, row = (", ".join(sorted(map(_unit_label, units))) for units in ([unit_id], units_in_row))
    return "place_decision_aside", (("raw", raw), ("unit", unit), ("said", row))


def decided_coordinates(
    unit_id: str, lon: float | None, lat: float | None
) -> tuple[float | None, float | None, tuple[PlaceFinding, ...]]:
    """Coordinates of a decided place where they agree with it, and what they say against it."""
    if lon is None or lat is None:
        return None, None, ()
    unit = shipped_frames().unit_by_id(unit_id)
    seen = with_coordinates(PlaceResolution(unit_id, unit.level), lon, lat, unit.frame)
    against = [
        (code, tuple(params.items()))
        for code, params in seen.findings
        if code != "coordinates_refine"  # a person chose the larger unit
    ]
    return seen.lon, seen.lat, tuple(against)


def _unit_label(unit_id: str) -> str:
    return f"{shipped_frames().unit_label(unit_id)} [{unit_id}]"


def with_decided(
    words: str,
    mentions: Sequence[PlaceMention],
    corrections: CorrectionLookup,
    units_in_columns: Collection[str],
) -> tuple[list[PlaceMention], list[PlaceFinding]]:
    """Mentions of a text, those that a decision speaks of in place of what was recognised.

    Parameters
    ----------
    words
        The text: an item of its list is looked up, or the whole of it.
    mentions
        What was recognised.
    units_in_columns
        Units that the row's columns name, which bind; without any, the other mentions only
        tell whether an item lies under a parent.

    Returns
    -------
    tuple
        Mentions in their order; decisions set aside.
    """
    if not corrections:
        return list(mentions), []
    decided: list[PlaceMention] = []
    aside: dict[str, PlaceFinding] = {}
    for start, end in _item_spans(words):
        name = words[start:end]
        around = units_in_columns or _neighbour_units(words, mentions, start, end)
        verdict = corrections.place_decision(
            wording_key(name), around, binding=bool(units_in_columns)
        )
        if verdict is None or any(_overlaps_span(one, start, end) for one in decided):
            continue
        if verdict.applies:
            unit_id = verdict.correction.means
            decided.append(PlaceMention(name, start, end, (unit_id,), str(How.REVIEWED), 1.0))
        else:
            aside.setdefault(name, contradicted_finding(name, verdict.correction.means, around))
    kept = [m for m in mentions if not any(_overlaps_span(m, d.start, d.end) for d in decided)]
    return sorted([*kept, *decided], key=lambda m: m.start), list(aside.values())


def _neighbour_units(
    words: str, mentions: Sequence[PlaceMention], start: int, end: int
) -> set[str]:
    """Units named beside an item, in its own part of the list if there are any."""
    others = [m for m in mentions if len(m.unit_ids) == 1 and not _overlaps_span(m, start, end)]
    own = next(
        ((a, b) for a, b in _spans_between(_CUTS[0], words) if a <= start < b), (0, len(words))
    )
    near = [m for m in others if _overlaps_span(m, *own)]
    return {unit_id for m in near or others for unit_id in m.unit_ids}


def _overlaps_span(mention: PlaceMention, start: int, end: int) -> bool:
    return mention.start < end and start < mention.end


def _item_spans(words: str) -> Iterator[tuple[int, int]]:
    """Spans of the whole, its items, and their parts, each once, the longer first."""
    seen: set[tuple[int, int]] = set()
    whole = [(0, len(words))]
    for spans in (whole, *(list(_spans_between(cut, words)) for cut in _CUTS)):
        for start, end in spans:
            for span in _trimmed_spans(words, start, end):
                if span not in seen and span[0] < span[1]:
                    seen.add(span)
                    yield span


def _spans_between(cut: re.Pattern[str], words: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in cut.finditer(words):
        yield start, found.start()
        start = found.end()
    yield start, len(words)


def _trimmed_spans(words: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without the share after it; then also without the kind of place before it."""
    item = words[start:end]
    if share := _SHARE.search(item):
        item = item[: share.start()]
    bare = item.strip(" .()\t\r")
    start += len(item) - len(item.lstrip(" .()\t\r"))
    yield start, start + len(bare)
    if kind := _KIND.match(bare):
        yield start + kind.end(), start + len(bare)


def without_containing_units(words: str, mentions: Sequence[PlaceMention]) -> list[PlaceMention]:
    """Mentions without the unit that only says where the decided places beside it lie.

    « Djidara, Gao » was Gao as long as nobody knew Djidara; it is one place, not two.
    """
    dropped: list[PlaceMention] = []
    for start, end in _spans_between(_CUTS[0], words):
        group = [m for m in mentions if _overlaps_span(m, start, end)]
        decided = [m for m in group if m.how == How.REVIEWED]
        plain = [m for m in group if m.how != How.REVIEWED]
        if decided and len(plain) == 1 and len(plain[0].unit_ids) == 1:
            area = plain[0].unit_ids[0]
            if all(m.unit_ids[0] != area and unit_lies_in(m.unit_ids[0], area) for m in decided):
                dropped += plain
    return [m for m in mentions if m not in dropped]


_COLUMNS = ("region", "cercle", "commune", "locality", "region_code", "cercle_code", "commune_code")
_ALL_REGIONS = (
    r"(?:(?:toutes les |les |l'ensemble des |ensemble des )?(?:8|9|10|11|19|20|dix[- ]neuf|vingt"
    r"|dix|huit)|toutes les|(?:l')?ensemble des) regions(?: administratives)?(?: du mali| du pays)?"
    r"(?:,? (?:plus|et|\+|avec|ainsi que|y compris) (?:le )?district(?: de bamako)?)?"
)
_NATIONAL = re.compile(
    r"(?:(?:niveau |couverture |echelle |perimetre )?national(?:e)?|(?:toute?s?|ensemble)\b"
    r"(?:(?!regions).)*\b(?:pays|territoire|mali)(?: national| malien)?"
    rf"|{_ALL_REGIONS}|(?:le |la )?(?:(?:republique|regions?) du )?mali(?: entier)?"
    r"|nationwide|national level|whole country|countrywide|all regions)"
)
_COUNTRY = re.compile(r"(?:\b(?:au|du|le|la|république du)\s)?\bmali\b", re.IGNORECASE)
"""The country named beside a place of it."""
_EXCEPT = re.compile(
    r"\s*[,(]?\s*\b(?:sauf|excepté|hormis|hors|à l['’]exception|en dehors|except|non compris)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_PERCENT = re.compile(r"\s*[:(=]?\s*(\d{1,3})\s*%")
_MANY = re.compile(r"[;,/|+&\n]|\s(?:et|and)\s|\s[–-]\s")


class PlacedUnit(NamedTuple):
    """One placement of a record. ``weight`` counts among the placements of its place."""

    unit_id: str
    weight: int
    raw: str
    how: str | None = None
    score: float | None = None
    lon: float | None = None
    lat: float | None = None
    shared: bool = False


class PlaceResult(NamedTuple):
    """Where a `PlaceText` is, and what there is to say of it."""

    placed: tuple[PlacedUnit, ...]
    findings: tuple[PlaceFinding, ...] = ()


def raw_of(text: PlaceText) -> str:
    """A place as a person would write it, from its own words or its columns.

    Examples
    --------
    >>> raw_of(PlaceText(region="Mopti", cercle="Koro", cercle_code="ML0505"))
    'Mopti > Koro'
    """
    names = [text.region, text.cercle, text.commune, text.locality]
    columns = " > ".join(name.strip() for name in names if name.strip())
    codes = [text.region_code, text.cercle_code, text.commune_code]
    written = columns or " ".join(code.strip() for code in codes if code.strip())
    raw = " | ".join(part for part in (written, text.text.strip()) if part)
    if not raw and text.lon is not None and text.lat is not None:
        return f"{text.lat:.7g}, {text.lon:.7g}"
    return raw


def is_national(words: str) -> bool:
    """Whether the words mean the whole country.

    Examples
    --------
    >>> is_national("Tout le pays"), is_national("National"), is_national("Gao")
    (True, True, False)
    """
    return _NATIONAL.fullmatch(fold_text(words)) is not None


def places_installed() -> str:
    """What changes when other localities or boundaries are installed."""
    return installation_stamp() + installation_stamp(".")


def units_of_place(
    text: PlaceText,
    frame: str,
    corrections: CorrectionLookup = NO_CORRECTIONS,
    installed: str | None = None,
) -> PlaceResult:
    """Units of a place.

    Columns are resolved as evidence that may disagree; free words are searched for names.
    Words finer than the columns and inside them win; words elsewhere are a contradiction,
    and the columns place.

    Parameters
    ----------
    text
        As written.
    frame
        Découpage of the document.
    corrections
        Decisions of people that may hold in the document: they come before anything else.
    installed
        What `places_installed` says, where many places are looked at one after the other.

    Returns
    -------
    PlaceResult
        At least one placement; ``_unplaced`` with ``place_unknown`` when nothing is known.
    """
    concerned = bool(corrections) and corrections.concerns_wording(raw_of(text))
    known = places_installed() if installed is None else installed
    return _units_of_place_cached(text, frame, corrections if concerned else NO_CORRECTIONS, known)


@text_cache(4096)
def _units_of_place_cached(
    text: PlaceText, frame: str, corrections: CorrectionLookup, _installed: str
) -> PlaceResult:
    raw = raw_of(text)
    decided, aside = _decided_place(text, frame, raw, corrections)
    found = decided or _resolved_place(text, frame, raw, corrections)
    return found._replace(findings=(*aside, *found.findings)) if aside else found


def _resolved_place(
    text: PlaceText, frame: str, raw: str, corrections: CorrectionLookup
) -> PlaceResult:
    if any(is_national(words) for words in (text.text, text.region) if words.strip()):
        return PlaceResult((PlacedUnit(NATIONAL, 1, raw, "exact", 1.0),))
    if is_shared(text.region) or is_shared(text.text):
        return PlaceResult((PlacedUnit(UNPLACED, 1, raw),), (("place_shared", (("raw", raw),)),))
    if not text.text.strip():
        return _by_columns(text, frame, raw, corrections) or _unknown_place(raw, ())
    by_columns = _place_of_columns(text, frame, raw, corrections)
    said = _known_units(by_columns)
    by_words = _by_words(text.text, frame, raw, said, corrections)
    return by_words if by_columns is None else _agreed_place(by_columns, by_words, raw)


def _decided_place(
    text: PlaceText, frame: str, raw: str, corrections: CorrectionLookup
) -> tuple[PlaceResult | None, tuple[PlaceFinding, ...]]:
    """Where a person put the place as a whole, or what is said of a decision set aside."""
    if not corrections:
        return None, ()
    said = _known_units(_without_finest(text, frame))
    verdict = corrections.place_decision(wording_key(raw_of(text)), said)
    if verdict is None:
        return None, ()
    if not verdict.applies:  # free words are looked up again, item by item, and said there
        return None, () if text.text.strip() else (
            contradicted_finding(raw, verdict.correction.means, said),
        )
    unit_id = verdict.correction.means
    lon, lat, apart = decided_coordinates(unit_id, text.lon, text.lat)
    placed = PlacedUnit(unit_id, 1, raw, How.REVIEWED, 1.0, lon, lat)
    return PlaceResult((placed,), (decided_finding(raw, unit_id), *apart)), ()


def _without_finest(text: PlaceText, frame: str) -> PlaceResult | None:
    """The place without its finest name: what the rest of the row says."""
    rest = text._replace(lon=None, lat=None)
    for name in ("text", "locality", "commune", "cercle", "region"):
        if getattr(text, name).strip():
            blank: dict[str, Any] = {name: ""}
            return _by_columns(rest._replace(**blank), frame, "", NO_CORRECTIONS)
    return None


def _place_of_columns(
    text: PlaceText, frame: str, raw: str, corrections: CorrectionLookup
) -> PlaceResult | None:
    """The columns beside free words, decided or resolved."""
    columns = text._replace(text="")
    decided, aside = _decided_place(columns, frame, raw, corrections)
    found = decided or _by_columns(columns, frame, raw, corrections)
    return found._replace(findings=(*aside, *found.findings)) if found else None


def _known_units(found: PlaceResult | None) -> tuple[str, ...]:
    """Units of a place that is known."""
    if found is None or not is_known(found):
        return ()
    return tuple(placed.unit_id for placed in found.placed)


def is_known(found: PlaceResult) -> bool:
    """Whether every part of a place is settled."""
    return all(placed.unit_id != UNPLACED for placed in found.placed)


def _agreed_place(columns: PlaceResult, words: PlaceResult, raw: str) -> PlaceResult:
    if not is_known(columns):
        return words._replace(findings=(*columns.findings, *words.findings))
    if not is_known(words):
        return columns._replace(findings=(*columns.findings, *_not_listed(columns, words, raw)))
    around = _units_inside_any(_known_units(columns))
    if all(p.how == How.REVIEWED or p.unit_id in around for p in words.placed):
        return words._replace(findings=(*columns.findings, *words.findings))
    if any(
        placed.unit_id in _units_inside(w.unit_id)
        for placed in columns.placed
        for w in words.placed
    ):
        return columns  # the words are merely coarser
    if all(placed.how == How.COORDINATES for placed in columns.placed):  # names win
        return words._replace(
            findings=(*columns.findings, *words.findings, *_far_coordinates(columns, words))
        )
    contradiction: PlaceFinding = ("place_contradiction", (("readings", raw),))
    return columns._replace(findings=(*columns.findings, contradiction))


def _not_listed(columns: PlaceResult, words: PlaceResult, raw: str) -> tuple[PlaceFinding, ...]:
    """What is said of words that name nothing known, and of the unit that stands for them."""
    unknown = {code for code, _params in words.findings} == {"place_unknown"}
    units = [shipped_frames().unit_by_id(u) for u in _known_units(columns) if u in shipped_frames()]
    if not unknown or len(units) != 1 or units[0].level == "commune":
        return words.findings
    code = "place_at_region" if units[0].level == "region" else "place_coarser"
    return ((code, (("raw", raw), ("unit", units[0].name))),)


def _far_coordinates(columns: PlaceResult, words: PlaceResult) -> tuple[PlaceFinding, ...]:
    """What there is to say of coordinates beside the units that free words name."""
    point = columns.placed[0]
    if point.lon is None or point.lat is None or len(words.placed) != 1:
        return ()
    found = point_contradiction(words.placed[0].unit_id, point.lon, point.lat)
    return ((found[0], tuple(found[1].items())),) if found else ()


def _units_inside_any(units: Collection[str]) -> frozenset[str]:
    """Units inside some."""
    return frozenset().union(*map(_units_inside, units))


def _units_inside(unit_id: str) -> frozenset[str]:
    return (
        frozenset({unit_id}) if unit_id.startswith("_") else shipped_frames().units_inside(unit_id)
    )


def _by_columns(
    text: PlaceText, frame: str, raw: str, corrections: CorrectionLookup
) -> PlaceResult | None:
    written = {name: getattr(text, name) for name in _COLUMNS}
    if not any(str(value).strip() for value in written.values()) and text.lon is None:
        return None
    found = resolve_place(**written, lon=text.lon, lat=text.lat, frame=frame)
    if several := _places_of_localities(text.locality, found, frame, raw, corrections):
        return several
    if found.unit_id is not None:
        placed = PlacedUnit(found.unit_id, 1, raw, found.how, found.score, found.lon, found.lat)
        return PlaceResult((placed,), _findings_of(found))
    listed = next((w for w in (text.commune, text.cercle, text.region, text.locality) if w), "")
    if _MANY.search(listed):
        said = () if found.within is None else (found.within,)
        several = _by_words(listed, frame, raw, said, corrections)
        if is_known(several):
            return several
    if text.locality and not (text.region or text.cercle or text.commune or found.within):
        town = _by_words(text.locality, frame, raw, (), corrections)  # it bears the commune's name
        if is_known(town):
            return town
    if found.within is not None:
        # The coarser unit is sure, the finer name is not: placed there, and said.
        label = shipped_frames().unit_label(found.within)
        params = (("raw", raw), ("unit", label))
        placed = PlacedUnit(found.within, 1, raw, How.EXACT, 1.0, found.lon, found.lat)
        return PlaceResult((placed,), (*_findings_of(found), ("place_coarser", params)))
    findings = _findings_of(found)
    if not any(code.startswith("place_") for code, _params in findings):
        findings += _unknown_place(raw, _near_names(found)).findings
    return PlaceResult((PlacedUnit(UNPLACED, 1, raw),), findings)


def _places_of_localities(
    listed: str, found: PlaceResolution, frame: str, raw: str, corrections: CorrectionLookup
) -> PlaceResult | None:
    """A list of localities in one cell, if all are known inside what the row says."""
    within = found.unit_id or found.within
    if within is None or not _MANY.search(listed) or not (installation_stamp() or corrections):
        return None
    several = _by_words(listed, frame, raw, (within,), corrections)
    inside = _units_inside(within)
    return several if all(one.unit_id in inside for one in several.placed) else None


def _by_words(
    words: str,
    frame: str,
    raw: str,
    units_in_columns: Collection[str],
    corrections: CorrectionLookup,
) -> PlaceResult:
    """Units that free words name; among homonyms the one inside ``units_in_columns``."""
    around = _units_inside_any(units_in_columns) if units_in_columns else None
    every, aside = with_decided(words, find_places(words, frame), corrections, units_in_columns)
    mentions = [mention for mention in every if not mention.excluded]
    if excluded := [mention for mention in every if mention.excluded]:
        return _all_but(words, mentions, excluded, frame, raw)
    if not mentions:
        return _unknown_place(raw, ())._replace(
            findings=(*aside, *_unknown_place(raw, ()).findings)
        )
    if against := _contradiction_in_words(words, mentions):
        return PlaceResult((PlacedUnit(UNPLACED, 1, raw),), (*aside, against))
    named = _without_parents(words, without_containing_units(words, mentions))
    weights = [_percent_of_mention(words, mention) for mention in named]
    reported = all(weight is not None for weight in weights)
    found = [
        _place_of_mention(mention, (weight if reported else 1) or 1, reported, around, frame)
        for mention, weight in zip(named, weights, strict=True)
    ]
    taken = [*((m.start, m.end) for m in mentions), *qualifier_spans(words, frame)]
    taken += [(country.start(), country.end()) for country in _COUNTRY.finditer(words)]
    found += _left_over(words, mentions, sorted(taken), frame, shared=reported)
    placed: dict[tuple[str, str], PlacedUnit] = {}
    for where in found:
        for one in where.placed:
            placed.setdefault((one.unit_id, one.raw), one)
    findings = (*aside, *(said for where in found for said in where.findings))
    return PlaceResult(tuple(placed.values()), findings)


def _place_of_mention(
    mention: PlaceMention, weight: int, shared: bool, around: frozenset[str] | None, frame: str
) -> PlaceResult:
    units = list(mention.unit_ids)
    if around is not None and not (len(units) == 1 and units[0] in around):
        nearer = [c.unit_id for c in mention.candidates if c.unit_id in around]
        units = nearer if len(nearer) == 1 else units
    if len(units) == 1:
        point = (mention.lon, mention.lat) if units == list(mention.unit_ids) else (None, None)
        one = PlacedUnit(units[0], weight, mention.raw, mention.how, mention.score, *point, shared)
        if mention.how == How.REVIEWED:
            return PlaceResult((one,), (decided_finding(mention.raw, units[0]),))
        return PlaceResult((one,), _of_another_frame(mention.raw, units[0], frame))
    names = [candidate.name for candidate in mention.candidates]
    params = (("raw", mention.raw), ("candidates", ", ".join(names) or "—"))
    unplaced = PlacedUnit(UNPLACED, weight, mention.raw, shared=shared)
    return PlaceResult((unplaced,), (("place_ambiguous", params),))


def _all_but(
    words: str,
    mentions: Sequence[PlaceMention],
    excluded: Sequence[PlaceMention],
    frame: str,
    raw: str,
) -> PlaceResult:
    """The area that words name without what they take out of it; unplaced where that is unclear."""
    out = [unit_id for mention in excluded for unit_id in mention.unit_ids]
    area = [unit_id for mention in mentions for unit_id in mention.unit_ids]
    if not area and is_national(_EXCEPT.sub("", words)):
        area = shipped_frames().units_at_level(frame, "region")["unit_id"].to_list()
    rest = shipped_frames().units_without(area, out) if out and area else []
    named = ", ".join(mention.raw for mention in excluded)
    if not rest or len(rest) > MOST_LEFT:
        open_ = (("raw", raw), ("excluded", named))
        return PlaceResult((PlacedUnit(UNPLACED, 1, raw),), (("place_exclusion_open", open_),))
    said = (("raw", raw), ("excluded", named), ("n", len(rest)))
    placed = tuple(PlacedUnit(unit_id, 1, raw, How.EXACT, 1.0) for unit_id in rest)
    return PlaceResult(placed, (("place_exclusion", said),))


MOST_LEFT = 60
"""Most units that an area without an excluded part is split into."""


def _contradiction_in_words(words: str, mentions: Sequence[PlaceMention]) -> PlaceFinding | None:
    """What is to be said where a unit is specified by others that lie outside it.

    "Région de Sikasso (Cercle de Ségou)": which of the two was meant, nobody knows.
    """
    for larger, finer in pairwise(mentions):
        if len(larger.unit_ids) != 1 or len(finer.unit_ids) != 1:
            continue
        gap = words[larger.end : finer.start]
        holder, inside = larger.unit_ids[0], finer.unit_ids[0]
        if not _SPECIFIES.fullmatch(gap) or not _is_coarser(holder, inside):
            continue
        if not shipped_frames().may_lie_in(inside, holder):
            return "place_contradiction", (("readings", words),)
    return None


_SPECIFIES = re.compile(
    r"\s*[(:>]\s*(?:cercles?|communes?|villes?)?\s*:?\s*(?:de |du |des |d['’])?\s*", re.IGNORECASE
)


def _is_coarser(a: str, b: str) -> bool:
    known = shipped_frames()
    return (
        a in known
        and b in known
        and LEVELS.index(known.unit_by_id(a).level) < LEVELS.index(known.unit_by_id(b).level)
    )


def _without_parents(words: str, mentions: list[PlaceMention]) -> list[PlaceMention]:
    """Mentions without those that only say where another lies: "région de X, cercle de Y".

    Without a word for its level a name is an item of the list ("Gao, Kidal et Tessalit"); shares
    that the words give are kept as they stand.
    """
    if any(_percent_of_mention(words, mention) is not None for mention in mentions):
        return mentions
    units = {unit_id for mention in mentions for unit_id in mention.unit_ids}
    return [
        mention
        for mention in mentions
        if not mention.level_named
        or not any(_lies_in(unit_id, larger) for larger in mention.unit_ids for unit_id in units)
    ]


def _lies_in(unit_id: str, larger: str) -> bool:
    known = shipped_frames()
    return unit_id in known and larger in known and known.lies_in(unit_id, larger)


def _of_another_frame(raw: str, unit_id: str, frame: str) -> tuple[PlaceFinding, ...]:
    """What is said of a name that only another découpage has, unless it unites units."""
    other = unit_id.partition("/")[0]
    if unit_id.startswith("_") or other == frame or predecessor_of_label(raw, frame) == unit_id:
        return ()
    return (("frame_inferred", (("frame", other), ("reason", raw))),)


def _left_over(
    words: str,
    mentions: Sequence[PlaceMention],
    taken: Sequence[TextSpan],
    frame: str,
    *,
    shared: bool,
) -> list[PlaceResult]:
    """Items of a list in which no place was recognised, each said.

    After ``;`` or a line break an item is a place of its own and keeps its share, unplaced;
    after a comma or slash it may be a locality of the place beside it ("Djidara, Gao").
    """
    found: list[PlaceResult] = []
    decided = [m for m in mentions if m.how == How.REVIEWED]
    beside = [
        rest
        for rest in unmatched_stretches(words, frame)
        if rest.place_like
        and not _COUNTRY.fullmatch(rest.raw)
        and not any(m.start < rest.end and rest.start < m.end for m in decided)
    ]
    for item in re.finditer(r"[^;\n]+", words):
        for part in re.finditer(r"[^,/]+", item[0]):
            start, end = item.start() + part.start(), item.start() + part.end()
            name = part[0].strip(" .()")
            if any(first < end and start < last for first, last in taken):
                unknown = [rest.raw for rest in beside if start <= rest.start < end]
                found += [_unknown_place(raw, ())._replace(placed=()) for raw in unknown]
                continue
            if not name:
                continue
            alone = not any(a < item.end() and item.start() < b for a, b in taken)
            keeps = alone and not shared
            place_of = _unknown_place(name, ())
            found.append(place_of if keeps else place_of._replace(placed=()))
    return found


def _percent_of_mention(words: str, mention: PlaceMention) -> int | None:
    found = _PERCENT.match(words, mention.end)
    return int(found[1]) if found and int(found[1]) > 0 else None


def _unknown_place(raw: str, near: Sequence[str]) -> PlaceResult:
    params = (("raw", raw), ("near", ", ".join(near) or "—"))
    return PlaceResult((PlacedUnit(UNPLACED, 1, raw),), (("place_unknown", params),))


def _near_names(found: PlaceResolution) -> list[str]:
    return list(dict.fromkeys(candidate.name for candidate in found.candidates))[:3]


def _findings_of(found: PlaceResolution) -> tuple[PlaceFinding, ...]:
    return tuple((code, tuple(params.items())) for code, params in found.findings)


def placements_of(
    record: Record,
    frame: str,
    corrections: CorrectionLookup = NO_CORRECTIONS,
    installed: str | None = None,
) -> tuple[list[tuple[PlacedUnit, str]], list[PlaceFinding]]:
    """Placements of a record with their rule, and what there is to say.

    Parameters
    ----------
    record
        With its places as written.
    frame
        Découpage of the document.
    corrections, installed
        As `units_of_place` takes them.

    Returns
    -------
    tuple
        ``(placement, rule)`` with integer weights that sum over the record's places, each
        place having the share the document gives it (equal when it gives none); findings.
    """
    if record.places and all(text.unit_id for text in record.places):
        return _settled_placements(record.places)
    if record.national or not record.places:
        unit_id = NATIONAL if record.national else UNPLACED
        said: list[PlaceFinding] = [] if record.national else [("place_missing", ())]
        return [(PlacedUnit(unit_id, 1, ""), Rule.REPORTED)], said
    found = [units_of_place(text, frame, corrections, installed) for text in record.places]
    if len(found) == 1 and len(found[0].placed) == 1:
        (one,) = found[0].placed
        rule = Rule.INHERITED if record.inherited else Rule.REPORTED
        share = record.places[0].weight
        placed = one if share == 1 else one._replace(weight=one.weight * share)
        return [(placed, rule)], list(found[0].findings)
    totals = [sum(one.weight for one in where.placed) for where in found]
    common = lcm(*totals)
    weighted = [
        one._replace(weight=one.weight * text.weight * (common // total))
        for text, where, total in zip(record.places, found, totals, strict=True)
        for one in where.placed
    ]
    merged = _merged_placements(weighted)
    reported = len(merged) == 1 or any(text.weight != 1 for text in record.places)
    rule = Rule.REPORTED if reported or all(one.shared for one in merged) else Rule.EQUAL
    if record.inherited:
        rule = Rule.INHERITED
    return [(one, rule) for one in merged], [said for where in found for said in where.findings]


def _settled_placements(
    places: Sequence[PlaceText],
) -> tuple[list[tuple[PlacedUnit, str]], list[PlaceFinding]]:
    """Placements of places whose units, weights and rules an export of the atlas gives."""
    found, said = [], list[PlaceFinding]()
    for text in places:
        known = not text.unit_id.startswith("_")
        how, score = (How.EXACT, 1.0) if known else (None, None)
        one = PlacedUnit(text.unit_id, text.weight, text.text, how, score, text.lon, text.lat)
        found.append((one, text.rule or Rule.REPORTED))
        if text.unit_id == UNPLACED:
            said.append(("place_missing", ()))
    return found, said


def _merged_placements(placed: Iterable[PlacedUnit]) -> list[PlacedUnit]:
    """Placements with those of the same unit and wording added up, weights in lowest terms."""
    found: dict[tuple[str, str], PlacedUnit] = {}
    for one in placed:
        key = (one.unit_id, one.raw)
        before = found.get(key)
        found[key] = one._replace(weight=one.weight + before.weight) if before else one
    return list(found.values())
