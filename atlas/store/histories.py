"""A history of decisions in a database: rows are only ever added, or marked as undone.

SQLite beside the snapshots, or any database by URL (``ATLAS_DECISIONS_URL``); a table is made
at the first decision of its kind.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, ClassVar, Generic, TypeVar

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateColumn, CreateTable

from atlas.errors import StoreError, UsageError, why_refused
from atlas.i18n import _
from atlas.paths import DECISIONS_URL, decisions_file
from atlas.store.commits import DECIDED, ELSEWHERE, Change, Row, finish_pending
from atlas.store.disk import replace_bytes

_PATIENCE_S = 30.0
"""How long a writer waits for another; each holds the lock for one row."""


@dataclass(frozen=True, kw_only=True)
class HistoryLine(ABC):
    """A decision as its history has it.

    Attributes
    ----------
    id
        Its number, in the order of deciding.
    who, note
        In the words of whoever decided.
    at, undone_at
        UTC; ``undone_at`` is ``None`` while it stands.
    superseded_by
        Number of the newer decision that stands in its place, or ``None``.
    """

    id: int
    who: str
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    superseded_by: int | None = None

    @property
    def in_force(self) -> bool:
        """Whether it applies now."""
        return self.undone_at is None and self.superseded_by is None

    @property
    @abstractmethod
    def slot(self) -> Hashable:
        """What it is about: the newest decision of each slot that is not undone is in force."""


Told = TypeVar("Told", bound=HistoryLine)


def trail() -> tuple[sa.Column[Any], ...]:
    """The columns of who decided when, and of who took it back; anew for each table."""
    return (
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, default=""),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )


class History(ABC, Generic[Told]):
    """One table of decisions.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DECISIONS_URL``).
    """

    table: ClassVar[sa.Table]
    """With ``id`` and the columns of `trail` beside what is decided."""
    since: ClassVar[tuple[sa.Column[Any], ...]] = ()
    """Columns that the table of an older database may lack."""
    command: ClassVar[str]
    """The command whose ``list --all`` shows the numbers."""

    def __init__(self, root: Path | str, url: str | None = None) -> None:
        self._root = Path(root)
        self._file = None if url else decisions_file(root)
        named = url or os.environ.get(DECISIONS_URL)
        self._engine = _engine(named or sa.URL.create("sqlite", database=str(self._file)))

    @abstractmethod
    def _line(self, row: Row, trail: Mapping[str, Any]) -> Told:
        """The decision of a row; ``trail`` holds the fields that all histories share."""

    def history(self, change: Change | None = None) -> list[Told]:
        """Every decision ever taken, newest first.

        Parameters
        ----------
        change
            Decisions that are not written down yet: the history as it will be with them.
        """
        newest: dict[Hashable, int] = {}
        found = []
        for row in self._with(self._rows(), change or Change()):
            one = self._line(row, _trail_of(row))
            if one.undone_at is None:
                above = newest.setdefault(one.slot, one.id)
                one = one if above == one.id else replace(one, superseded_by=above)
            found.append(one)
        return found

    def verify(self) -> None:
        """Have SQLite look at every page of the database beside the store.

        Raises
        ------
        StoreError
            It is damaged, or cannot be read.
        """
        if self._file is None or not self._file.exists():
            return
        with self._io(), self._engine.connect() as link:
            said = str(link.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if said != "ok":
            detail = next(iter(said.splitlines()), "")
            raise StoreError(
                _("Décisions {where}", where=self._file),
                _("base endommagée ({detail})", detail=detail),
                _without_backup(),
            )

    def _with(self, rows: list[Row], change: Change) -> list[Row]:
        """The rows as they will be once a change is written down."""
        undone = {row["id"]: row for row in change.undone.get(self.table.name, ())}
        stand = [{**row, **undone.get(row["id"], {})} for row in rows]
        last = max((row["id"] for row in rows), default=0)
        fresh = {"undone_by": None, "undone_at": None}
        added = [
            {**fresh, **row, "id": last + number}
            for number, row in enumerate(change.added.get(self.table.name, ()), 1)
        ]
        return [*reversed(added), *stand]

    def get(self, decision: int) -> Told:
        """A decision by its number; `UsageError` when there is none."""
        for one in self.history():
            if one.id == decision:
                return one
        raise UsageError(
            _("Décision {id} inconnue", id=decision),
            "",
            _("Voyez leurs numéros avec « {command} list --all ».", command=self.command),
        )

    def undoing(self, decision: int, *, who: str) -> Change:
        """What taking a decision back writes down; what it had superseded stands again then.

        Raises
        ------
        UsageError
            There is no such decision, it is undone already, or nobody takes it back.
        """
        if self.get(decision).undone_at is not None:
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        row = {"id": decision, "undone_by": _named(who), "undone_at": datetime.now(UTC)}
        return Change(undone={self.table.name: [row]})

    def undo(self, decision: int, *, who: str) -> Told:
        """Take a decision back; what it had superseded stands again.

        Raises
        ------
        UsageError
            There is no such decision, or it is undone already.
        StoreError
            The database cannot be written.
        """
        if not self.write_once(self.undoing(decision, who=who)):
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        return self.get(decision)

    def recorded(self, change: Change) -> list[Told]:
        """The decisions of a change that is written down, in the order of deciding."""
        rows = change.added.get(self.table.name, ())
        undone = {row["id"] for row in change.undone.get(self.table.name, ())}
        added = {row["id"] for row in self._rows() if any(_is_told(row, one) for one in rows)}
        return [one for one in reversed(self.history()) if one.id in undone | added]

    def write(self, change: Change) -> list[Told]:
        """Write a change down, all or nothing, apart from any publication."""
        finish_pending(self._root)
        self.write_once(change)
        return self.recorded(change)

    def write_once(self, change: Change) -> int:
        """Write down what of a change is not yet, all or nothing; how many rows that took."""
        rows = change.added.get(self.table.name, ())
        undone = change.undone.get(self.table.name, ())
        if not rows and not undone:
            return 0
        written = 0
        with self._io():
            self._make()
            with self._engine.begin() as link:
                for row in map(_with_days, rows):
                    if not self._stands(link, row):
                        link.execute(sa.insert(self.table).values(row))
                        written += 1
                for row in map(_with_days, undone):
                    stands = (self.table.c.id == row["id"]) & self.table.c.undone_at.is_(None)
                    taken = sa.update(self.table).where(stands).values(row)
                    written += link.execute(taken).rowcount
            self._note_last()
        return written

    def _stands(self, link: sa.Connection, row: Row) -> bool:
        """Whether this very row was written before, by a publication that was killed then."""
        same = sa.and_(*(self.table.c[name] == value for name, value in row.items()))
        return link.execute(sa.select(self.table.c.id).where(same)).first() is not None

    def _note_last(self) -> None:
        """Note the last number beside the database: it must never hold less than that."""
        if self._file is None:
            return
        with self._engine.connect() as link:
            last = link.execute(sa.select(sa.func.max(self.table.c.id))).scalar() or 0
        noted = _last_numbers(self._root) | {self.table.name: int(last)}
        replace_bytes(self._root / DECIDED, json.dumps(noted).encode())

    def _rows(self) -> list[Row]:
        """Rows, newest first; none, and nothing made, before the first decision."""
        finish_pending(self._root)
        if self._file is not None and not self._file.exists():
            self._require_all(0)
            return []
        with self._io(), self._engine.connect() as link:
            if not sa.inspect(link).has_table(self.table.name):
                self._require_all(0)
                return []
            lacking = self._lacking(link)
            columns = [column for column in self.table.c if column not in lacking]
            found = link.execute(sa.select(*columns).order_by(self.table.c.id.desc()))
            rows: list[Row] = [dict(row._mapping) for row in found]
        self._require_all(rows[0]["id"] if rows else 0)
        return rows

    def _require_all(self, last: int) -> None:
        """Refuse a database that lost what was decided.

        Raises
        ------
        StoreError
            It is gone, emptied, or older than the decisions that were written down.
        """
        if self._file is None:
            return
        numbers = _last_numbers(self._root)
        if not self._file.exists():  # whatever was in it is gone with it
            noted = max(numbers.values(), default=0)
        else:
            noted = numbers.get(self.table.name, 0)
        if last >= noted:
            return
        why = (
            _("il y manque des décisions, jusqu'au numéro {n}", n=noted)
            if self._file.exists()
            else _("le fichier a disparu, avec les décisions jusqu'au numéro {n}", n=noted)
        )
        raise StoreError(_("Décisions {where}", where=self._file), why, _without_backup())

    def _make(self) -> None:
        """Lay the table out, once, or add to an older one what it lacks."""
        if self._file is None:
            try:
                self._create()
            except sa.exc.DBAPIError:  # two first writers at once: one of them made it
                with self._engine.connect() as link:
                    if not sa.inspect(link).has_table(self.table.name) or self._lacking(link):
                        raise
            return
        if not self._file.exists():
            self._require_all(0)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._file.with_suffix(".lock"), timeout=_PATIENCE_S):
            with self._engine.connect() as link:
                # Kept in the file: readers do not wait for writers from then on.
                link.exec_driver_sql("PRAGMA journal_mode=WAL")
            self._create()

    def _create(self) -> None:
        with self._engine.begin() as link:
            link.execute(CreateTable(self.table, if_not_exists=True))
            for column in self._lacking(link):  # what stands there has their default
                made = CreateColumn(column).compile(dialect=link.dialect)
                link.exec_driver_sql(f"ALTER TABLE {self.table.name} ADD COLUMN {made}")

    def _lacking(self, link: sa.Connection) -> list[sa.Column[Any]]:
        """Columns that the table of an older database has not."""
        there = {column["name"] for column in sa.inspect(link).get_columns(self.table.name)}
        return [column for column in self.since if column.name not in there]

    @contextmanager
    def _io(self) -> Iterator[None]:
        """What the database refuses, said as an error a person can act on."""
        try:
            yield
        except Timeout as error:
            raise StoreError(
                _("Décisions {where}", where=self._where()),
                _("un autre programme y écrit en ce moment"),
                _("Attendez qu'il ait fini, puis relancez."),
            ) from error
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise self._refused(error) from error

    def _where(self) -> str:
        return str(self._file or self._engine.url.render_as_string(hide_password=True))

    def _refused(self, error: Exception) -> StoreError:
        """Why the database cannot be used, asked of the system where SQLite does not say."""
        said = str(getattr(error, "orig", None) or error)
        if self._file is None:
            return _unreachable(self._where(), getattr(error, "orig", None) or error)
        what = _("Décisions {where}", where=self._where())
        if any(words in said for words in ("malformed", "not a database", "no such column")):
            return StoreError(what, _("base endommagée ({detail})", detail=said), _without_backup())
        cause = _asked_again(self._file) or error
        return StoreError(what, *why_refused(cause, _(ELSEWHERE)))


def _asked_again(file: Path) -> OSError | None:
    """What the system says of writing to a database, where SQLite names no cause."""
    try:
        if file.exists():
            os.close(os.open(file, os.O_RDWR))
        with TemporaryFile(dir=file.parent) as probe:  # as SQLite needs for its journal
            probe.write(b"0" * 4096)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return error
    return None


def _without_backup() -> str:
    return _(
        "Remettez decisions.sqlite depuis une sauvegarde ; sans sauvegarde, renommez "
        "decisions.sqlite et {noted} pour repartir sans décisions : ce qui est publié reste.",
        noted=DECIDED,
    )


def _last_numbers(root: Path) -> dict[str, int]:
    """How far the numbers of decisions have come; nothing where it cannot be said."""
    try:
        noted = json.loads((root / DECIDED).read_bytes())
        return {str(name): int(last) for name, last in noted.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _with_days(row: Row) -> dict[str, Any]:
    """A row with its moments as such: a note holds them as text."""
    moments = ("decided_at", "undone_at")
    return {
        name: datetime.fromisoformat(value) if name in moments and isinstance(value, str) else value
        for name, value in row.items()
    }


def _is_told(row: Row, said: Row) -> bool:
    """Whether a row of the database is the one that was to be written down."""
    told = _with_days(said)
    moment = _utc(row["decided_at"]) == told["decided_at"]
    return moment and all(row.get(n) == v for n, v in told.items() if n != "decided_at")


def said_by(who: str, note: str) -> dict[str, object]:
    """Who decides now, and why, as columns.

    Raises
    ------
    UsageError
        Nobody takes the decision.
    """
    return {"who": _named(who), "note": note.strip(), "decided_at": datetime.now(UTC)}


def _trail_of(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "who": row["who"],
        "note": row["note"],
        "at": _utc(row["decided_at"]),
        "undone_by": row["undone_by"],
        "undone_at": _utc(row["undone_at"]) if row["undone_at"] else None,
    }


def _utc(moment: datetime) -> datetime:
    """A time as the database gives it: SQLite forgets the zone, and all that is written is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _engine(url: str | sa.URL) -> sa.Engine:
    """A connection each time: nothing to share between threads or forked workers."""
    try:
        named = sa.make_url(url)
        patience = {"timeout": _PATIENCE_S} if named.get_backend_name() == "sqlite" else {}
        return sa.create_engine(named, poolclass=NullPool, connect_args=patience)
    except (sa.exc.ArgumentError, ImportError) as error:  # no address, or no driver for it
        raise _unreachable(DECISIONS_URL, error) from error


def _unreachable(where: str, error: BaseException) -> StoreError:
    return StoreError(
        _("Décisions {where}", where=where),
        str(error).splitlines()[0],
        _("Vérifiez les droits du dossier, ou l'adresse donnée par {name}.", name=DECISIONS_URL),
    )


def _named(who: str) -> str:
    if not who.strip():
        raise UsageError(
            _("Décision sans auteur"),
            "",
            _("Dites qui décide : --who NOM."),
        )
    return who.strip()
