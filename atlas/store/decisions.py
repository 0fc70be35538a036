"""What people decided about places and words: a history to which rows are only ever added.

A decision is never changed or removed. It may be undone, which is written beside it; it is
superseded while a newer one about the same wording and scope stands. Who decided stays in
this database: snapshots and exports only know that a person did.

SQLite beside the snapshots, or any database by URL (``ATLAS_DECISIONS_URL``).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import CreateColumn, CreateTable

from atlas.corrections import Correction, Corrections, Organisation, Scope, Subject, known_entry
from atlas.errors import StoreError, UsageError
from atlas.i18n import _
from atlas.paths import DECISIONS_URL, decisions_file

_PATIENCE_S = 30.0
"""How long a writer waits for another; each holds the lock for one row."""

_TABLE = sa.Table(
    "place_decisions",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("unit_id", sa.String(120), nullable=False),
    sa.Column("scope", sa.String(20), nullable=False),
    sa.Column("within_id", sa.String(120), nullable=False, default=""),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False, default=""),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("undone_by", sa.Text),
    sa.Column("undone_at", sa.DateTime(timezone=True)),
    sa.Column("subject", sa.String(20), nullable=False, server_default=str(Subject.PLACE)),
    sa.Column("entry", sa.Text, nullable=False, server_default=""),
    sqlite_autoincrement=True,  # a number is never given twice
)
"""One history for all subjects. ``unit_id`` is what the wording means: a unit, or an id of the
subject's vocabulary; ``entry`` holds, as JSON, an organisation that no vocabulary has."""
_SINCE = (_TABLE.c.subject, _TABLE.c.entry)
"""Columns that databases made before other subjects than places could be decided lack."""


@dataclass(frozen=True)
class Decision:
    """One line of the history.

    Attributes
    ----------
    id
        Its number, in the order of deciding.
    correction
        What it says.
    who, note
        In the words of whoever decided.
    at, undone_at
        UTC; ``undone_at`` is ``None`` while it stands.
    superseded_by
        Number of the newer decision that stands in its place, or ``None``.
    """

    id: int
    correction: Correction
    who: str
    note: str
    at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    superseded_by: int | None = None

    @property
    def in_force(self) -> bool:
        """Whether imports apply it."""
        return self.undone_at is None and self.superseded_by is None


class Decisions:
    """The decisions of a store.

    Parameters
    ----------
    root
        Folder of the store; the database is made there on the first write.
    url
        Another database, as SQLAlchemy writes it (default: ``ATLAS_DECISIONS_URL``).
    """

    def __init__(self, root: Path | str, url: str | None = None) -> None:
        self._file = None if url else decisions_file(root)
        named = url or os.environ.get(DECISIONS_URL)
        self._engine = _engine(named or sa.URL.create("sqlite", database=str(self._file)))

    def add(self, correction: Correction, *, who: str, note: str = "") -> Decision:
        """Write a decision down.

        Parameters
        ----------
        correction
            What is decided; checked first (see `Correction.checked`).
        who
            The name of the person who decides, as a free word.

        Raises
        ------
        UnknownUnitError, UsageError
            It makes no sense, or nobody takes it.
        StoreError
            The database cannot be written.
        """
        return self.add_all([correction], who=who, note=note)[0]

    def add_all(
        self, corrections: Iterable[Correction], *, who: str, note: str = ""
    ) -> list[Decision]:
        """Write several decisions down together, all or none; see `add`."""
        now = datetime.now(UTC)
        said = {"who": _named(who), "note": note.strip(), "decided_at": now}
        rows = [_row(correction.checked()) | said for correction in corrections]
        if not rows:
            return []
        with self._io():
            self._make()
            with self._engine.begin() as link:
                added = [link.execute(sa.insert(_TABLE).values(row)) for row in rows]
        numbers = {int(one.inserted_primary_key[0]) for one in added if one.inserted_primary_key}
        return [one for one in reversed(self.history()) if one.id in numbers]

    def undo(self, decision: int, *, who: str) -> Decision:
        """Take a decision back; what it had superseded stands again.

        Raises
        ------
        UsageError
            There is no such decision, or it is undone already.
        StoreError
            The database cannot be written.
        """
        self.get(decision)
        stands = (_TABLE.c.id == decision) & _TABLE.c.undone_at.is_(None)
        values = {"undone_by": _named(who), "undone_at": datetime.now(UTC)}
        with self._io(), self._engine.begin() as link:
            changed = link.execute(sa.update(_TABLE).where(stands).values(values)).rowcount
        if not changed:
            raise UsageError(_("Décision {id} déjà annulée", id=decision))
        return self.get(decision)

    def get(self, decision: int) -> Decision:
        """A decision by its number; `UsageError` when there is none."""
        for one in self.history():
            if one.id == decision:
                return one
        raise UsageError(
            _("Décision {id} inconnue", id=decision),
            "",
            _("Voyez leurs numéros avec « atlas corrections list --all »."),
        )

    def history(self) -> list[Decision]:
        """Every decision ever taken, newest first."""
        newest: dict[object, int] = {}
        found = []
        for row in self._rows():
            correction = _correction(row)
            above = None
            if row.undone_at is None:
                above = newest.setdefault(correction.slot, row.id)
            found.append(
                Decision(
                    row.id,
                    correction,
                    row.who,
                    row.note,
                    _utc(row.decided_at),
                    row.undone_by,
                    _utc(row.undone_at) if row.undone_at else None,
                    None if above in (None, row.id) else above,
                )
            )
        return found

    def in_force(self) -> Corrections:
        """What imports apply now.

        Raises
        ------
        StoreError
            A decision names a unit or an id that this version does not know: nothing is
            applied in part.
        """
        standing = [one.correction for one in self.history() if one.in_force]
        for one in standing:
            asked = [] if one.organisation else [one.means]
            asked += [one.within] if one.scope is Scope.UNDER else []
            unknown = [entry for entry in asked if not known_entry(one.subject, entry)]
            if unknown:
                raise StoreError(
                    _("Décision {id} inapplicable", id=one.decision),
                    _("« {entry} » n'est pas au répertoire", entry=unknown[0]),
                    _("Annulez-la : atlas corrections undo {id}.", id=one.decision),
                )
        return Corrections.of(standing)

    def _rows(self) -> list[sa.Row[tuple[object, ...]]]:
        """Rows, newest first; none, and nothing made, before the first decision."""
        if self._file is not None and not self._file.exists():
            return []
        with self._io(), self._engine.connect() as link:
            if not sa.inspect(link).has_table(_TABLE.name):
                return []
            columns = [column for column in _TABLE.c if column not in _lacking(link)]
            return list(link.execute(sa.select(*columns).order_by(_TABLE.c.id.desc())))

    def _make(self) -> None:
        """Lay the table out, once, or add to an older one what it lacks."""
        if self._file is None:
            try:
                self._create()
            except sa.exc.DBAPIError:  # two first writers at once: one of them made it
                with self._engine.connect() as link:
                    if not sa.inspect(link).has_table(_TABLE.name) or _lacking(link):
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
            link.execute(CreateTable(_TABLE, if_not_exists=True))
            for column in _lacking(link):  # what stands there says nothing of them: places
                made = CreateColumn(column).compile(dialect=link.dialect)
                link.exec_driver_sql(f"ALTER TABLE {_TABLE.name} ADD COLUMN {made}")

    @contextmanager
    def _io(self) -> Iterator[None]:
        """What the database refuses, said as an error a person can act on."""
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            where = self._engine.url.render_as_string(hide_password=True)
            raise _unreachable(where, getattr(error, "orig", None) or error) from error


def _row(one: Correction) -> dict[str, object]:
    entry = json.dumps(one.organisation.as_dict(), ensure_ascii=False) if one.organisation else ""
    return {
        "subject": str(one.subject),
        "wording": one.wording.strip(),
        "unit_id": one.means,
        "entry": entry,
        "scope": str(one.scope),
        "within_id": one.within,
    }


def _correction(row: sa.Row[tuple[object, ...]]) -> Correction:
    said = row._mapping
    entry = said.get("entry")
    return Correction(
        row.wording,
        row.unit_id,
        Scope(row.scope),
        row.within_id,
        row.id,
        Subject(said.get("subject", Subject.PLACE)),
        Organisation.of(json.loads(str(entry))) if entry else None,
    )


def _lacking(link: sa.Connection) -> list[sa.Column[Any]]:
    """Columns that the table of an older database has not."""
    there = {column["name"] for column in sa.inspect(link).get_columns(_TABLE.name)}
    return [column for column in _SINCE if column.name not in there]


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


def _utc(moment: datetime) -> datetime:
    """SQLite forgets the time zone; all that is written is UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
