"""One immutable question, and the URL query that says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.model import Kind

DEFAULT_KINDS = (Kind.ACTIVITY.value, Kind.PRESENCE.value)


_TEXT_KEYS = ("kind", "source", "sector", "donor", "organisation", "status", "nexus", "unit")


@dataclass(frozen=True)
class Filters:
    """What is asked of the activities; empty tuples and ``None`` ask for everything.

    Attributes
    ----------
    kind
        Kinds counted in figures; plans and aggregates only when named.
    source, sector, donor, organisation, status, nexus
        Vocabulary ids; ``organisation`` is the lead or an implementer.
    unit
        Unit ids of any frame: the activities (and the shares of their money) placed
        inside one of them.
    year
        Calendar years that the activity's period touches.
    at
        Only activities current on that day.
    since, until
        Only activities whose period touches this span.

    Examples
    --------
    >>> Filters.from_where(["source=qip", "year=2017"]).to_query()
    'source=qip&year=2017'
    """

    kind: tuple[str, ...] = DEFAULT_KINDS
    source: tuple[str, ...] = ()
    sector: tuple[str, ...] = ()
    donor: tuple[str, ...] = ()
    organisation: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    nexus: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    year: tuple[int, ...] = ()
    at: date | None = None
    since: date | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        """Keep members of an enum as their values: polars compares an enum with no other type."""
        for name in _TEXT_KEYS:
            object.__setattr__(self, name, tuple(map(str, getattr(self, name))))

    @classmethod
    def from_where(cls, where: Iterable[str], at: date | None = None) -> Filters:
        """Filters of repeated ``KEY=VALUE`` words (the ``--where`` of the command line).

        Raises
        ------
        UsageError
            A word without ``=``, an unknown key, or a value of the wrong form.
        """
        pairs = []
        for word in where:
            key, equals, value = word.partition("=")
            if not equals or not value:
                raise UsageError(
                    _("Filtre « {word} » incompris", word=word),
                    _("il faut CLÉ=VALEUR"),
                    _("Clés : {keys}.", keys=", ".join(WHERE_KEYS)),
                )
            pairs.append((key.strip(), value.strip()))
        return cls._from_pairs(pairs, at=at)

    @classmethod
    def from_query(cls, query: str) -> Filters:
        """Filters of a URL query; keys that are not filters are left to others."""
        return cls._from_pairs(_filter_pairs(query))

    @classmethod
    def readable_part(cls, query: str) -> tuple[Filters, UsageError | None]:
        """Filters of a URL query without those that cannot be read, and what is wrong with one.

        For a page, which shows everything and says so; a file is refused instead.
        """
        problem: UsageError | None = None
        many: dict[str, list[tuple[str, str]]] = {}
        for pair in _filter_pairs(query):
            many.setdefault(pair[0], []).append(pair)
        read: list[tuple[str, str]] = []
        for pairs in many.values():
            try:
                cls._from_pairs(pairs)
                read += pairs
            except UsageError as error:
                problem = problem or error
        return cls._from_pairs(read), problem

    @classmethod
    def _from_pairs(cls, pairs: Iterable[tuple[str, str]], at: date | None = None) -> Filters:
        many: dict[str, list[str]] = {}
        for key, value in pairs:
            if key not in _KEYS:
                raise UsageError(
                    _("Filtre « {word} » inconnu", word=key),
                    "",
                    _("Clés : {keys}.", keys=", ".join(WHERE_KEYS)),
                )
            many.setdefault(key, []).append(value)
        values: dict[str, object] = {"at": at} if at else {}
        for key, texts in many.items():
            values[key] = _parsed_values(key, texts)
        return cls(**values)  # type: ignore[arg-type]

    def to_query(self) -> str:
        """The URL query of what differs from the default, keys in a fixed order."""
        pairs: list[tuple[str, str]] = []
        for f in fields(self):
            value = getattr(self, f.name)
            if value == f.default:
                continue
            many = value if isinstance(value, tuple) else (value,)
            pairs += [(f.name, v.isoformat() if isinstance(v, date) else str(v)) for v in many]
        return urlencode(pairs)

    def with_changes(self, **changes: object) -> Filters:
        """The same question with some parts changed."""
        return replace(self, **changes)  # type: ignore[arg-type]


_KEYS: Mapping[str, object] = {f.name: f for f in fields(Filters)}
WHERE_KEYS = (*_TEXT_KEYS, "year")
_DATES = ("at", "since", "until")


def _filter_pairs(query: str) -> list[tuple[str, str]]:
    """Words of a query that are filters; the others are left to others."""
    return [(key, value) for key, value in parse_qsl(query.lstrip("?")) if key in _KEYS]


def _parsed_day(key: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            _("Filtre « {word} » illisible", word=f"{key}={text}"),
            _("« {text} » n'est pas une date", text=text),
            _("Écrivez une date AAAA-MM-JJ."),
        ) from error


def _parsed_year(text: str) -> int:
    if not re.fullmatch("[12][0-9]{3}", text):
        raise UsageError(
            _("Filtre « {word} » illisible", word=f"year={text}"),
            _("« {text} » n'est pas une année", text=text),
            _("Écrivez une année, par exemple year=2017."),
        )
    return int(text)


def _parsed_values(key: str, texts: list[str]) -> object:
    if key in _DATES:
        return _parsed_day(key, texts[-1])
    if key == "year":
        return tuple(sorted({_parsed_year(text) for text in texts}))
    if key == "kind":
        strange = sorted(set(texts) - {k.value for k in Kind})
        if strange:
            raise UsageError(
                _("Filtre « {word} » inconnu", word=f"kind={strange[0]}"),
                "",
                _("Clés : {keys}.", keys=", ".join(Kind)),
            )
    return tuple(sorted(set(texts)))
