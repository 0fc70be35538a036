"""A history of decisions in a database: rows are only ever added, or marked as undone.

SQLite beside the snapshots, or any database by URL (``ATLAS_DECISIONS_URL``); a table is made
at the first decision of its kind.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateColumn, CreateTable

from atlas.errors import StoreError, UsageError
from atlas.i18n import _
from atlas.paths import DECISIONS_URL, decisions_file

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
        self._file = None if url else decisions_file(root)
        named = url or os.environ.get(DECISIONS_URL)
        self._engine = _engine(named or sa.URL.create("sqlite", database=str(self._file)))

    @abstractmethod
    def _line(self, row: sa.Row[tuple[object, ...]], trail: Mapping[str, Any]) -> Told:
        """The decision of a row; ``trail`` holds the fields that all histories share."""

    def history(self) -> list[Told]:
        """Every decision ever taken, newest first."""
        newest: dict[Hashable, int] = {}
        found = []
        for row in self._rows():
            one = self._line(row, _trail_of(row))
            if one.undone_at is None:
                above = newest.setdefault(one.slot, one.id)
                one = one if above == one.id else replace(one, superseded_by=above)
            found.append(one)
        return found

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

    def undo(self, decision: int, *, who: str) -> Told:
        """Take a decision back; what it had superseded stands again.

        Raises
        ------
        UsageError
            There is no such decision, or it is undone already.
        StoreError
            The database cannot be written.
        """
        self.get(decision)
        self._take_back(decision, who)
        return self.get(decision)

    def _insert(self, rows: Sequence[Mapping[str, object]]) -> set[int]:
        """Write rows, all or none, and say their numbers."""
        if not rows:
            return set()
        with self._io():
            self._make()
            with self._engine.begin() as link:
                added = [link.execute(sa.insert(self.table).values(dict(row))) for row in rows]
        return {int(one.inserted_primary_key[0]) for one in added if one.inserted_primary_key}

    def _take_back(self, decision: int, who: str) -> None:
        """Mark a decision as undone; `UsageError` when it is already."""
        stands = (self.table.c.id == decision) & self.table.c.undone_at.is_(None)
        values = {"undone_by": _named(who), "undone_at": datetime.now(UTC)}
        with self._io(), self._engine.begin() as link:
            changed = link.execute(sa.update(self.table).where(stands).values(values)).rowcount
        if not changed:
            raise UsageError(_("Décision {id} déjà annulée", id=decision))

    def _rows(self) -> list[sa.Row[tuple[object, ...]]]:
        """Rows, newest first; none, and nothing made, before the first decision."""
        if self._file is not None and not self._file.exists():
            return []
        with self._io(), self._engine.connect() as link:
            if not sa.inspect(link).has_table(self.table.name):
                return []
            lacking = self._lacking(link)
            columns = [column for column in self.table.c if column not in lacking]
            return list(link.execute(sa.select(*columns).order_by(self.table.c.id.desc())))

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
        except (sa.exc.SQLAlchemyError, OSError) as error:
            where = self._engine.url.render_as_string(hide_password=True)
            raise _unreachable(where, getattr(error, "orig", None) or error) from error


def said_by(who: str, note: str) -> dict[str, object]:
    """Who decides now, and why, as columns.

    Raises
    ------
    UsageError
        Nobody takes the decision.
    """
    return {"who": _named(who), "note": note.strip(), "decided_at": datetime.now(UTC)}


def _trail_of(row: sa.Row[tuple[object, ...]]) -> dict[str, Any]:
    return {
        "id": row.id,
        "who": row.who,
        "note": row.note,
        "at": _utc(row.decided_at),
        "undone_by": row.undone_by,
        "undone_at": _utc(row.undone_at) if row.undone_at else None,
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
