"""The words of a query under ``/api/``, each checked: one that is refused is named.

The page leaves out what it cannot read and says so. A program reads no warning: what would
change figures without a word is refused here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MIMEAccept

from atlas.dataset import check_filters, check_place
from atlas.errors import AtlasError, UsageError
from atlas.export import FORMATS
from atlas.filters import Filters
from atlas.geo.frames import FRAMES, shipped_frames
from atlas.i18n import LANGUAGES, _
from atlas.layers import LAYERS
from atlas.model import RESERVED, Level, Viewer
from atlas.sensitivity import check_level_allowed
from atlas.web.api.api_tables import ApiTable
from atlas.web.page_state import DatasetProvider, PageView

FILTER_WORDS = tuple(one.name for one in fields(Filters))
VIEW_WORDS = ("lang", "state")
PAGE_WORDS = tuple(
    one.name for one in fields(PageView) if one.name not in ("filters", "options", "frame", "level")
)
"""Words of the page's own address that change no figure, so that it may be pasted."""
PLANS = "plans"
FORMAT, LIMIT, AFTER, SNAPSHOT = "format", "limit", "after", "snapshot"
OWN_WORDS = (FORMAT, LIMIT, AFTER, SNAPSHOT)


class ParameterError(UsageError):
    """A parameter that is refused.

    Parameters
    ----------
    name
        Of the parameter.
    cause
        Why.
    """

    def __init__(self, name: str, cause: AtlasError) -> None:
        self.name, self.cause = name, cause
        super().__init__(_("Paramètre « {name} »", name=name[:80]), cause.error_sentence())


@dataclass(frozen=True)
class ApiQuestion:
    """What is asked of a table.

    Attributes
    ----------
    query
        The words that the page knows too.
    fmt
        Format of the answer, one of `atlas.export.FORMATS`.
    limit
        Most rows of one answer; ``None``: all.
    after
        How many rows are left out before.
    snapshot
        Beginning of the hash of the state that the rows before were of; "": any.
    """

    query: str
    fmt: str
    limit: int | None = None
    after: int = 0
    snapshot: str = ""

    def next_query(self, snapshot: str) -> str:
        """Query of the rows that follow, of the same state."""
        assert self.limit is not None
        after = str(self.after + self.limit)
        told = {LIMIT: str(self.limit), AFTER: after, SNAPSHOT: snapshot[:12], FORMAT: self.fmt}
        return "&".join(filter(None, (self.query, urlencode(told))))


def known_words(table: ApiTable) -> tuple[str, ...]:
    """The parameters that change what a table answers."""
    asked = (*FILTER_WORDS, PLANS) if table.takes_filters else ()
    return (*asked, *table.place_words, *table.options, *VIEW_WORDS, *OWN_WORDS)


def api_question(
    table: ApiTable, query: str, accept: MIMEAccept, provider: DatasetProvider
) -> ApiQuestion:
    """What a query asks of a table.

    Raises
    ------
    ParameterError
        A parameter that the table does not take, or a value that it does not.
    """
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    for name, said in values.items():
        try:
            _check_values(table, name, said, provider)
        except AtlasError as error:
            raise ParameterError(name, error) from error
    last = {name: said[-1] for name, said in values.items()}
    page = [(n, v) for n, said in values.items() if n not in OWN_WORDS for v in said]
    return ApiQuestion(
        urlencode(page),
        last.get(FORMAT) or _accepted_format(table, accept),
        int(last[LIMIT]) if LIMIT in last else None,
        int(last.get(AFTER, "0")),
        last.get(SNAPSHOT, ""),
    )


def _accepted_format(table: ApiTable, accept: MIMEAccept) -> str:
    """The format that a program prefers; the first where it says nothing."""
    kinds = {FORMATS[fmt].mime.partition(";")[0]: fmt for fmt in reversed(table.formats)}
    kinds["text/csv"] = "csv"  # for programs, not as a French spreadsheet writes it
    best = accept.best_match([FORMATS[table.formats[0]].mime, *kinds])
    return kinds[best] if best else table.formats[0]


def _check_values(
    table: ApiTable, name: str, said: Sequence[str], provider: DatasetProvider
) -> None:
    """Let the values of one parameter pass, or say why not."""
    if name not in known_words(table):
        if name in _words_of_the_page(table):
            return
        raise UsageError(_("inconnu"), "", _("Connus : {names}.", names=_names(table)))
    if "" in said:
        raise UsageError(_("sans valeur"), "", _("Ôtez-le, ou donnez-lui une valeur."))
    if name in table.options:
        table.options[name].checked_value(said[-1])
    elif name in FILTER_WORDS:
        _check_filter(table, name, said, provider.request_viewer)
    elif name in _CHECKS:
        _CHECKS[name](table, said[-1], provider)


def _names(table: ApiTable) -> str:
    return ", ".join(known_words(table))


def _words_of_the_page(table: ApiTable) -> set[str]:
    """Words of the page's address that this table has no use for."""
    others = (f"{layer.name}.{one.name}" for layer in LAYERS.values() for one in layer.options)
    return {*PAGE_WORDS, *others, "level"} if table.takes_filters else set()


def _check_filter(table: ApiTable, name: str, said: Sequence[str], viewer: Viewer) -> None:
    filters = Filters.from_query(urlencode([(name, value) for value in said]))
    frames = shipped_frames()
    check_filters(filters, frames)
    for unit in filters.unit:
        if unit not in RESERVED:
            check_level_allowed(viewer, Level(frames.unit_by_id(unit).level), table.layer)


def _check_among(value: str, known: Iterable[str]) -> None:
    if value not in set(known):
        raise UsageError(
            _("« {value} » inconnu", value=value[:80]),
            "",
            _("Valeurs possibles : {names}.", names=", ".join(known)),
        )


def _check_level(table: ApiTable, value: str, provider: DatasetProvider) -> None:
    check_level_allowed(provider.request_viewer, check_place(FRAMES[-1], value), table.layer)


def _check_count(value: str, lowest: int) -> None:
    if not (value.isascii() and value.isdigit() and len(value) < 10 and int(value) >= lowest):
        raise UsageError(
            _("« {value} » n'est pas un nombre entier", value=value[:80]),
            "",
            _("Écrivez un nombre à partir de {lowest}.", lowest=lowest),
        )


_CHECKS: Mapping[str, Callable[[ApiTable, str, DatasetProvider], object]] = {
    "frame": lambda _table, value, _provider: check_place(value, Level.REGION),
    "level": _check_level,
    "lang": lambda _table, value, _provider: _check_among(value, LANGUAGES),
    "state": lambda _table, value, provider: provider.dataset_of_state(value),
    PLANS: lambda _table, value, _provider: _check_among(value, ("1",)),
    FORMAT: lambda table, value, _provider: _check_among(value, table.formats),
    LIMIT: lambda _table, value, _provider: _check_count(value, 1),
    AFTER: lambda _table, value, _provider: _check_count(value, 0),
}
