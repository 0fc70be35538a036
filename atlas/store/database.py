"""The tables of decisions in their database: rows are only ever added, or marked as undone.

SQLite beside the snapshots, or any database by URL (``ATLAS_DATABASE_URL``); a table is made
at the first decision of its kind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, ClassVar

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateColumn, CreateTable

from atlas.corrections import DecisionSubject
from atlas.errors import StoreError, why_refused
from atlas.i18n import _
from atlas.paths import DATABASE_URL, decisions_file
from atlas.store.disk import DECIDED, ELSEWHERE, DecisionChange, DecisionRow, replace_bytes

_PATIENCE_S = 30.0
"""How long a writer waits for another; each holds the lock for one row."""


def _trail_columns() -> tuple[sa.Column[Any], ...]:
    """The columns of who decided when, and of who took it back; anew for each table."""
    return (
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False, default=""),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by", sa.Text),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
    )


PLACES = sa.Table(
    "place_decisions",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("unit_id", sa.String(120), nullable=False),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("within_id", sa.String(120), nullable=False, default=""),
    *_trail_columns(),
    sa.Column("subject", sa.String(20), nullable=False, server_default=str(DecisionSubject.PLACE)),
    sa.Column("entry", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""One history for all subjects. ``unit_id`` is what the wording means: a unit, or an id of the
subject's vocabulary; ``entry`` holds, as JSON, an organisation that no vocabulary has."""
SINCE = (PLACES.c.subject, PLACES.c.entry)
"""Columns that databases made before other subjects than places could be decided lack."""
PAIRS = sa.Table(
    "pair_decisions",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("activity_a", sa.String(120), nullable=False),
    sa.Column("activity_b", sa.String(120), nullable=False),
    sa.Column("verdict", sa.String(20), nullable=False),
    sa.Column("lead", sa.String(120), nullable=False, default=""),
    *_trail_columns(),
    sqlite_autoincrement=True,  # a number is never given twice
)

NEXUS_TAGS = sa.Table(
    "nexus_tags",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("activity_id", sa.String(120), nullable=False),
    sa.Column("nexus", sa.String(20), nullable=False, default=""),  # "": none any more
    *_trail_columns(),
    sqlite_autoincrement=True,  # a number is never given twice
)

NOTHING_TO_REPORT = sa.Table(
    "nothing_declarations",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("document", sa.String(40), nullable=False),
    sa.Column("reporter", sa.Text, nullable=False),
    sa.Column("sector", sa.String(80), nullable=False, default=""),
    sa.Column("unit_id", sa.String(80), nullable=False, default=""),
    sa.Column("first", sa.String(10), nullable=False),  # days as YYYY-MM-DD
    sa.Column("last", sa.String(10), nullable=False),
    sa.Column("said_on", sa.String(10), nullable=False),
    *_trail_columns(),
    sqlite_autoincrement=True,  # a number is never given twice
)

ROUNDS = sa.Table(
    "report_rounds",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("act", sa.String(20), nullable=False),  # atlas.store.rounds.RoundAct
    sa.Column("first", sa.String(10), nullable=False),  # days as YYYY-MM-DD
    sa.Column("last", sa.String(10), nullable=False),
    sa.Column("day", sa.String(10), nullable=False, default=""),
    sa.Column("reporter", sa.Text, nullable=False, default=""),
    sa.Column("snapshot", sa.String(64), nullable=False, default=""),
    sa.Column("expected", sa.Integer, nullable=False, default=0),
    sa.Column("received", sa.Integer, nullable=False, default=0),
    *_trail_columns(),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""``day``: on which reports are due, of a round that is opened, or of one partner's when it is
reopened; ``snapshot, expected, received``: the state that it is closed with, and its reports."""


MEETINGS = sa.Table(
    "meetings",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("act", sa.String(20), nullable=False),  # atlas.store.meetings.MeetingAct
    sa.Column("meeting", sa.Integer, nullable=False, default=0),
    sa.Column("day", sa.String(10), nullable=False, default=""),  # as YYYY-MM-DD
    sa.Column("snapshot", sa.String(64), nullable=False, default=""),
    sa.Column("since", sa.String(64), nullable=False, default=""),
    sa.Column("filters", sa.Text, nullable=False, default=""),
    sa.Column("frame", sa.String(20), nullable=False, default=""),
    sa.Column("level", sa.String(20), nullable=False, default=""),
    *_trail_columns(),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""``meeting``: the number of the opening, of what closes it; ``snapshot, since``: the state that
it opens on, and the one that its agenda is compared with; ``filters``: what it is about, as a
query."""

ACTION_POINTS = sa.Table(
    "action_points",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("point", sa.Integer, nullable=False, default=0),
    sa.Column("meeting", sa.Integer, nullable=False, default=0),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("due", sa.String(10), nullable=False),  # as YYYY-MM-DD
    sa.Column("done", sa.Integer, nullable=False, default=0),
    sa.Column("snapshot", sa.String(64), nullable=False, default=""),
    *_trail_columns(),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""A row is a point as it stands from then on. ``point``: the number of its first row, 0 in that
row; ``meeting``: in which that was said, 0 outside any; ``snapshot``: the state shown then."""


class DecisionTable:
    """One table of decisions, as rows.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DATABASE_URL``).
    """

    table: ClassVar[sa.Table]
    since: ClassVar[tuple[sa.Column[Any], ...]] = ()
    """Columns that the table of an older database may lack."""

    def __init__(self, root: Path | str, url: str | None = None) -> None:
        self._root = Path(root)
        self._file = None if url else decisions_file(root)
        named = url or os.environ.get(DATABASE_URL)
        self._engine = new_engine(named or sa.URL.create("sqlite", database=str(self._file)))

    def _rows_now(self) -> list[DecisionRow]:
        """Rows, newest first; none, and nothing made, before the first decision."""
        noted = _last_numbers(self._root)  # before the rows: another process may add some now
        if self._file is not None and not self._file.exists():
            self._require_all(0, noted)
            return []
        with self._database_errors(), self._engine.connect() as link:
            if not sa.inspect(link).has_table(self.table.name):
                self._require_all(0, noted)
                return []
            lacking = self._missing_columns(link)
            columns = [column for column in self.table.c if column not in lacking]
            found = link.execute(sa.select(*columns).order_by(self.table.c.id.desc()))
            rows: list[DecisionRow] = [dict(row._mapping) for row in found]
        self._require_all(rows[0]["id"] if rows else 0, noted)
        return rows

    def verify_database(self) -> None:
        """Have SQLite look at every page of the database beside the store.

        Raises
        ------
        StoreError
            It is damaged, or cannot be read.
        """
        if self._file is None or not self._file.exists():
            return
        with self._database_errors(), self._engine.connect() as link:
            said = str(link.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        if said != "ok":
            detail = next(iter(said.splitlines()), "")
            raise StoreError(
                _("Décisions {where}", where=self._file),
                _("base endommagée ({detail})", detail=detail),
                _without_backup(),
            )

    def write_once(self, change: DecisionChange) -> int:
        """Write down what of a change is not yet, all or nothing; how many rows that took."""
        rows = change.added.get(self.table.name, ())
        undone = change.undone.get(self.table.name, ())
        if not rows and not undone:
            return 0
        written = 0
        with self._database_errors():
            self._ensure_table()
            with self._engine.begin() as link:
                for row in map(with_datetimes, rows):
                    if not self._is_written(link, row):
                        link.execute(sa.insert(self.table).values(row))
                        written += 1
                for row in map(with_datetimes, undone):
                    stands = (self.table.c.id == row["id"]) & self.table.c.undone_at.is_(None)
                    taken = sa.update(self.table).where(stands).values(row)
                    written += link.execute(taken).rowcount
            self._note_last()
        return written

    def _is_written(self, link: sa.Connection, row: DecisionRow) -> bool:
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

    def _require_all(self, last: int, numbers: Mapping[str, int]) -> None:
        """Refuse a database whose last row has a lower number than was noted before it was read.

        Raises
        ------
        StoreError
            It is gone, emptied, or older than the decisions that were written down.
        """
        if self._file is None:
            return
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

    def _ensure_table(self) -> None:
        """Lay the table out, once, or add to an older one what it lacks."""
        if self._file is None:
            try:
                self._create_table()
            except sa.exc.DBAPIError:  # two first writers at once: one of them made it
                with self._engine.connect() as link:
                    if not sa.inspect(link).has_table(self.table.name) or self._missing_columns(
                        link
                    ):
                        raise
            return
        if not self._file.exists():
            self._require_all(0, _last_numbers(self._root))
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._file.with_suffix(".lock"), timeout=_PATIENCE_S):
            with self._engine.connect() as link:
                # Kept in the file: readers do not wait for writers from then on.
                link.exec_driver_sql("PRAGMA journal_mode=WAL")
            self._create_table()

    def _create_table(self) -> None:
        with self._engine.begin() as link:
            link.execute(CreateTable(self.table, if_not_exists=True))
            for column in self._missing_columns(link):  # what stands there has their default
                made = CreateColumn(column).compile(dialect=link.dialect)
                link.exec_driver_sql(f"ALTER TABLE {self.table.name} ADD COLUMN {made}")

    def _missing_columns(self, link: sa.Connection) -> list[sa.Column[Any]]:
        """Columns that the table of an older database has not."""
        there = {column["name"] for column in sa.inspect(link).get_columns(self.table.name)}
        return [column for column in self.since if column.name not in there]

    @contextmanager
    def _database_errors(self) -> Iterator[None]:
        """What the database refuses, said as an error a person can act on."""
        try:
            yield
        except Timeout as error:
            raise StoreError(
                _("Décisions {where}", where=self._database_label()),
                _("un autre programme y écrit en ce moment"),
                _("Attendez qu'il ait fini, puis relancez."),
            ) from error
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise self._refusal_error(error) from error

    def _database_label(self) -> str:
        return str(self._file or self._engine.url.render_as_string(hide_password=True))

    def _refusal_error(self, error: Exception) -> StoreError:
        """Why the database cannot be used, asked of the system where SQLite does not say."""
        said = str(getattr(error, "orig", None) or error)
        if self._file is None:
            return unreachable_error(_("Décisions {where}", where=self._database_label()), error)
        what = _("Décisions {where}", where=self._database_label())
        if any(words in said for words in ("malformed", "not a database", "no such column")):
            return StoreError(what, _("base endommagée ({detail})", detail=said), _without_backup())
        cause = _probe_write_error(self._file) or error
        return StoreError(what, *why_refused(cause, _(ELSEWHERE)))


class PlaceTable(DecisionTable):
    """What wordings mean."""

    table = PLACES
    since = SINCE


class PairTable(DecisionTable):
    """What two activities are to each other."""

    table = PAIRS


class NexusTable(DecisionTable):
    """What activities are for: humanitarian, development, peace."""

    table = NEXUS_TAGS


class DeclarationTable(DecisionTable):
    """Who said that a reporter has nothing to report."""

    table = NOTHING_TO_REPORT


class RoundTable(DecisionTable):
    """When rounds of reporting were opened, closed and reopened."""

    table = ROUNDS


class MeetingTable(DecisionTable):
    """When meetings were opened and closed."""

    table = MEETINGS


class ActionPointTable(DecisionTable):
    """Who does what until when."""

    table = ACTION_POINTS


TABLES = (
    PlaceTable,
    PairTable,
    NexusTable,
    DeclarationTable,
    RoundTable,
    MeetingTable,
    ActionPointTable,
)


def _probe_write_error(file: Path) -> OSError | None:
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


def with_datetimes(row: DecisionRow) -> dict[str, Any]:
    """A row with its moments as such: a note holds them as text."""
    moments = ("decided_at", "undone_at")
    return {
        name: datetime.fromisoformat(value) if name in moments and isinstance(value, str) else value
        for name, value in row.items()
    }


def as_utc(moment: datetime) -> datetime:
    """A time as the database gives it: SQLite forgets the zone, and all that is written is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def new_engine(url: str | sa.URL) -> sa.Engine:
    """A connection each time: nothing to share between threads or forked workers."""
    try:
        named = sa.make_url(url)
        patience = {"timeout": _PATIENCE_S} if named.get_backend_name() == "sqlite" else {}
        return sa.create_engine(named, poolclass=NullPool, connect_args=patience)
    except (sa.exc.ArgumentError, ImportError) as error:  # no address, or no driver for it
        raise unreachable_error(_("Décisions {where}", where=DATABASE_URL), error) from error


def unreachable_error(what: str, error: BaseException) -> StoreError:
    """That a database by URL does not answer, or not as it should, and where to look.

    Parameters
    ----------
    what
        What is kept there, and where.
    """
    return StoreError(
        what,
        str(getattr(error, "orig", None) or error).splitlines()[0],
        _("Vérifiez les droits du dossier, ou l'adresse donnée par {name}.", name=DATABASE_URL),
    )
