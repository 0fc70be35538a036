"""Accounts: who may sign in, as what; their links, sessions and failed attempts.

A password is kept as an argon2 hash, a link or a session as the SHA-256 of its token: whoever
reads the database signs in as nobody. It is ``accounts.sqlite`` beside the store, or the database
that ``ATLAS_DATABASE_URL`` names.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from atlas.errors import ForbiddenError, StoreError, TooManyRequestsError, UsageError, why_refused
from atlas.geo.frames import shipped_frames
from atlas.i18n import N_, _
from atlas.model import Viewer
from atlas.paths import DATABASE_URL, accounts_file
from atlas.store.database import as_utc, new_engine, unreachable_error
from atlas.store.disk import ACCOUNTS_NOTE, ELSEWHERE, replace_bytes
from atlas.vocab import match_organisation

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LINK_LIFE = timedelta(days=7)
SESSION_LIFE, SESSION_IDLE = timedelta(days=14), timedelta(hours=12)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
_SEEN_STEP = timedelta(minutes=5)
"""A session notes that it is in use this often, not at each request."""
_NAME = re.compile(r"[\w.@+-]{1,120}")


class Role(StrEnum):
    """What an account is for, least first."""

    PARTNER = "partner"
    EDITOR = "editor"
    ADMIN = "admin"

    @property
    def viewer(self) -> Viewer:
        """As whom the account reads."""
        return Viewer.PARTNER if self is Role.PARTNER else Viewer.EDITOR


@dataclass(frozen=True)
class RoleDetails:
    """What an account is for.

    Attributes
    ----------
    organisation
        Organisation that a partner speaks for: an id of the vocabulary, or a name as written.
    zones
        Units that an editor decides about; empty: everywhere.
    """

    role: Role
    organisation: str = ""
    zones: tuple[str, ...] = ()


def role_details(role: str, organisation: str = "", zones: str = "") -> RoleDetails:
    """What an account is for, as a person writes it.

    Parameters
    ----------
    organisation
        Its name in any spelling.
    zones
        Ids of units, separated by commas or blanks.

    Raises
    ------
    UsageError
        There is no such role or unit, a partner lacks its organisation, or a role cannot have
        what was said.
    """
    if role not in list(Role):
        raise UsageError(
            _("Rôle « {role} » inconnu", role=role[:40]),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(Role)),
        )
    known = match_organisation(organisation).id or organisation.strip()
    words = filter(None, re.split(r"[,\s]+", zones))
    ids = tuple(shipped_frames().unit_by_id(one).unit_id for one in words)
    if role == Role.PARTNER and not known:
        raise UsageError(
            _("Partenaire sans organisation"), "", _("Dites pour qui : --organisation NOM.")
        )
    if known and role != Role.PARTNER:
        raise UsageError(_("Organisation sans objet"), _("elle est celle d'un partenaire"))
    if ids and role != Role.EDITOR:
        raise UsageError(_("Zones sans objet"), _("elles sont celles d'un éditeur"))
    return RoleDetails(Role(role), known, ids)


@dataclass(frozen=True)
class Account:
    """Someone who may sign in.

    Attributes
    ----------
    name
        What they sign in with, in small letters: a name or an e-mail address.
    organisation
        Organisation that a partner speaks for (an id of the vocabulary).
    zones
        Units that an editor decides about; empty: everywhere.
    has_password
        Whether they have chosen one yet.
    closed_at
        Since when they may not sign in any more.
    """

    name: str
    role: Role
    organisation: str
    zones: tuple[str, ...]
    has_password: bool
    made_by: str
    made_at: datetime
    closed_at: datetime | None = None

    @property
    def state(self) -> str:
        """``closed``, ``open``, or ``invited`` while no password was chosen."""
        if self.closed_at is not None:
            return "closed"
        return "open" if self.has_password else "invited"


@dataclass(frozen=True)
class RateLimit:
    """How often something may be done by one name or address.

    Attributes
    ----------
    kind
        What is counted.
    most, within
        That many times in that span.
    """

    kind: str
    most: int
    within: timedelta


_QUARTER_HOUR, _HOUR = timedelta(minutes=15), timedelta(hours=1)
SIGN_IN_BY_BOTH = RateLimit("sign-in", 5, _QUARTER_HOUR)
"""Failures of one name from one address: nobody locks another person out from elsewhere."""
SIGN_IN_BY_ADDRESS = RateLimit("sign-in-address", 20, _QUARTER_HOUR)
SIGN_IN_BY_NAME = RateLimit("sign-in-name", 50, _HOUR)
UPLOADS = RateLimit("upload", 120, _HOUR)

_METADATA = sa.MetaData()
_ACCOUNTS = sa.Table(
    "accounts",
    _METADATA,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("organisation", sa.Text, nullable=False, default=""),
    sa.Column("zones", sa.Text, nullable=False, default="[]"),
    sa.Column("password", sa.Text, nullable=False, default=""),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("closed_at", sa.DateTime(timezone=True)),
)
_LINKS = sa.Table(
    "account_links",
    _METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, index=True),
    sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
)
"""Links by which a password is chosen; a link is gone once used, or once there is a newer one."""
_SESSIONS = sa.Table(
    "account_sessions",
    _METADATA,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(120), nullable=False, index=True),
    sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
)
_ATTEMPTS = sa.Table(
    "account_attempts",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("whose", sa.String(64), nullable=False, index=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
)
"""``whose``: SHA-256 of a name or an address, which are not kept for this."""
AUDIT_LINES = sa.Table(
    "account_audit",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
    sa.Column("who", sa.String(120), nullable=False),
    sa.Column("act", sa.String(20), nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("before", sa.Text, nullable=False, default=""),
    sa.Column("after", sa.Text, nullable=False, default=""),
)
"""See `atlas.store.audit`."""
_SECRETS = sa.Table(
    "account_secrets",
    _METADATA,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)


class Accounts:
    """The accounts of a store.

    Parameters
    ----------
    root
        Folder of the store; the database is made there with the first account.
    """

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)
        self._file = accounts_file(root)
        named = os.environ.get(DATABASE_URL)
        self._engine = new_engine(named or sa.URL.create("sqlite", database=str(self._file)))

    def are_configured(self) -> bool:
        """Whether the store has accounts: whoever is not signed in then sees the public view.

        It stays so where their database is lost: that opens nothing to anybody.
        """
        return (self._root / ACCOUNTS_NOTE).exists()

    def verify_database(self) -> None:
        """Have SQLite look at every page of the file, and read every account.

        Raises
        ------
        StoreError
            It is gone, damaged, or cannot be read.
        """
        if self._file is not None:
            with self.reading() as link:
                said = str(link.exec_driver_sql("PRAGMA quick_check(1)").scalar())
                if said != "ok":
                    raise sa.exc.DatabaseError("quick_check", None, ValueError(said))
        self.all_accounts()

    def all_accounts(self) -> list[Account]:
        """Every account, by name; those that are closed too.

        Raises
        ------
        StoreError
            The database cannot be read.
        """
        if not self.are_configured():
            return []
        with self.reading() as link:
            rows = link.execute(sa.select(_ACCOUNTS).order_by(_ACCOUNTS.c.name))
            return [_account_of(row._mapping) for row in rows]

    def account(self, name: str) -> Account:
        """An account by its name.

        Raises
        ------
        UsageError
            There is none.
        """
        wanted = account_name(name)
        row = None
        if self.are_configured():
            with self.reading() as link:
                row = link.execute(sa.select(_ACCOUNTS).where(_ACCOUNTS.c.name == wanted)).first()
        if row is None:
            raise UsageError(
                _("Compte « {name} » inconnu", name=wanted[:80]),
                "",
                _("Voyez les comptes avec « atlas accounts »."),
            )
        return _account_of(row._mapping)

    def invite(self, name: str, details: RoleDetails, *, made_by: str) -> str:
        """Open an account; its password is chosen by whoever has the link.

        Returns
        -------
        str
            Token of the link, told this once.

        Raises
        ------
        UsageError
            The name is none or is taken.
        StoreError
            The database cannot be written.
        """
        told = account_name(name)
        if not _NAME.fullmatch(told):
            raise UsageError(
                _("Nom de compte « {name} » refusé", name=told[:80]),
                _("1 à 120 lettres, chiffres, points, tirets ou @"),
            )
        made = {"made_by": made_by, "made_at": datetime.now(UTC)}
        row = {"name": told, "password": "", **_role_columns(details), **made}
        self._create_tables()
        with self.writing() as link:
            try:
                link.execute(sa.insert(_ACCOUNTS).values(row))
            except sa.exc.IntegrityError as error:
                raise UsageError(
                    _("Compte « {name} » déjà ouvert", name=told),
                    "",
                    _("Donnez un nouveau lien : atlas accounts reset {name}.", name=told),
                ) from error
            return _new_link(link, told)

    def reset(self, name: str) -> str:
        """A new link for an account, open again if it was closed; the old password holds until
        it is used.

        Returns
        -------
        str
            Token of the link, told this once.
        """
        account = self.account(name)
        with self.writing() as link:
            reopened = sa.update(_ACCOUNTS).where(_ACCOUNTS.c.name == account.name)
            link.execute(reopened.values(closed_at=None))
            return _new_link(link, account.name)

    def change_role(self, name: str, details: RoleDetails) -> Account:
        """Give an account another role, organisation or zones; it holds at the next request.

        Raises
        ------
        UsageError
            There is no such account, or it is the last that may change accounts.
        """
        account = self.account(name)
        if details.role is not Role.ADMIN:
            self._require_other_admin(account)
        mine = _ACCOUNTS.c.name == account.name
        with self.writing() as link:
            link.execute(sa.update(_ACCOUNTS).where(mine).values(_role_columns(details)))
        return self.account(name)

    def close(self, name: str) -> Account:
        """Let an account sign in no more; its sessions and links end now, its decisions stay.

        Raises
        ------
        UsageError
            There is no such account, or it is the last that may change accounts.
        """
        account = self.account(name)
        self._require_other_admin(account)
        with self.writing() as link:
            mine = _ACCOUNTS.c.name == account.name
            link.execute(sa.update(_ACCOUNTS).where(mine).values(closed_at=datetime.now(UTC)))
            for table in (_SESSIONS, _LINKS):
                link.execute(sa.delete(table).where(table.c.name == account.name))
        return self.account(name)

    def account_of_link(self, token: str) -> Account:
        """Whose password a link lets choose.

        Raises
        ------
        UsageError
            The link is unknown, used, or too old.
        """
        with self.reading() as link:
            name = _name_of_link(link, token)
        return self.account(name)

    def choose_password(self, token: str, password: str) -> Account:
        """Set the password of a link's account; the link and all sessions of the account end.

        Raises
        ------
        UsageError
            The link does not hold any more, or the password is too weak.
        """
        account = self.account_of_link(token)
        hashed = _hasher().hash(_checked_password(password, account.name))
        with self.writing() as link:
            name = _name_of_link(link, token)  # it may have been used meanwhile
            link.execute(
                sa.update(_ACCOUNTS).where(_ACCOUNTS.c.name == name).values(password=hashed)
            )
            for table in (_SESSIONS, _LINKS):
                link.execute(sa.delete(table).where(table.c.name == name))
        return self.account(name)

    def sign_in(self, name: str, password: str, address: str) -> str:
        """A session for whoever knows the password.

        Parameters
        ----------
        address
            Where the request comes from: failures are counted by it too.

        Returns
        -------
        str
            Token of the session.

        Raises
        ------
        ForbiddenError
            The name or the password is wrong, or the account is closed: the same words for each.
        TooManyRequestsError
            There were too many failures.
        """
        told = account_name(name)
        limits = (
            (SIGN_IN_BY_BOTH, f"{told} {address}"),
            (SIGN_IN_BY_ADDRESS, address),
            (SIGN_IN_BY_NAME, told),
        )
        for limit, whose in limits:
            self.check_rate(limit, whose)
        with self.reading() as link:
            row = link.execute(sa.select(_ACCOUNTS).where(_ACCOUNTS.c.name == told)).first()
        known = row is not None and row.closed_at is None and bool(row.password)
        hashed = row.password if row is not None and known else _nobody_hash()
        if not _is_password(hashed, password) or not known:
            for limit, whose in limits:
                self.count_attempt(limit, whose)
            raise ForbiddenError(
                _("Connexion refusée"),
                _("le nom ou le mot de passe n'est pas le bon"),
                _("Demandez un nouveau lien à qui tient les comptes si vous l'avez oublié."),
            )
        return self.new_session(told)

    def new_session(self, name: str) -> str:
        """Token of a new session of an account that is known to be who asks; old ones are swept."""
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        row = {"digest": _digest(token), "name": name, "made_at": now, "seen_at": now}
        with self.writing() as link:
            link.execute(sa.delete(_SESSIONS).where(~_is_alive(now)))
            link.execute(sa.delete(_ATTEMPTS).where(_ATTEMPTS.c.at < now - _HOUR))
            link.execute(sa.insert(_SESSIONS).values(row))
        return token

    def session_account(self, token: str) -> Account | None:
        """Whose session this is; ``None`` once it has ended."""
        now, mine = datetime.now(UTC), _SESSIONS.c.digest == _digest(token)
        with self.reading() as link:
            found = link.execute(
                sa.select(_SESSIONS.c.seen_at, _ACCOUNTS)
                .join(_ACCOUNTS, _ACCOUNTS.c.name == _SESSIONS.c.name)
                .where(mine, _is_alive(now), _ACCOUNTS.c.closed_at.is_(None))
            ).first()
        if found is None:
            return None
        if now - as_utc(found.seen_at) > _SEEN_STEP:
            with self.writing() as link:
                link.execute(sa.update(_SESSIONS).where(mine).values(seen_at=now))
        return _account_of(found._mapping)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self.writing() as link:
            link.execute(sa.delete(_SESSIONS).where(_SESSIONS.c.digest == _digest(token)))

    def end_sessions(self) -> None:
        """Sign everybody out, and let no link serve."""
        with self.writing() as link:
            for table in (_SESSIONS, _LINKS):
                link.execute(sa.delete(table))

    def check_rate(self, limit: RateLimit, whose: str) -> None:
        """Let one more attempt pass, or say when the next may be.

        Raises
        ------
        TooManyRequestsError
            There were as many as the limit allows within its span.
        """
        now = datetime.now(UTC)
        with self.reading() as link:
            counted = sa.select(sa.func.count(), sa.func.min(_ATTEMPTS.c.at)).where(
                _ATTEMPTS.c.kind == limit.kind,
                _ATTEMPTS.c.whose == _digest(whose),
                _ATTEMPTS.c.at > now - limit.within,
            )
            number, first = link.execute(counted).one()
        if number < limit.most:
            return
        wait = as_utc(first) + limit.within - now
        raise TooManyRequestsError(
            _("Trop d'essais"),
            "",
            _("Réessayez dans {n} min.", n=max(1, round(wait.total_seconds() / 60))),
            wait_s=max(1, round(wait.total_seconds())),
        )

    def count_within(self, limit: RateLimit, whose: str) -> None:
        """Count one more of what a limit allows.

        Raises
        ------
        TooManyRequestsError
            There were as many as the limit allows within its span.
        """
        self.check_rate(limit, whose)
        self.count_attempt(limit, whose)

    def count_attempt(self, limit: RateLimit, whose: str) -> None:
        """Note an attempt that a limit counts."""
        row = {"kind": limit.kind, "whose": _digest(whose), "at": datetime.now(UTC)}
        with self.writing() as link:
            link.execute(sa.insert(_ATTEMPTS).values(row))

    def secret(self, name: str) -> str:
        """A random text that all processes of the store share, made at first use."""
        read = sa.select(_SECRETS.c.value).where(_SECRETS.c.name == name)
        with self.writing() as link:
            found = link.execute(read).scalar()
            if found is None:
                made = {"name": name, "value": secrets.token_urlsafe(48)}
                with suppress(sa.exc.IntegrityError), link.begin_nested():  # another made it
                    link.execute(sa.insert(_SECRETS).values(made))
                found = link.execute(read).scalar()
        return str(found)

    def _require_other_admin(self, account: Account) -> None:
        if account.role is not Role.ADMIN or account.state == "closed":
            return
        others = [
            one
            for one in self.all_accounts()
            if one.role is Role.ADMIN and one.state == "open" and one.name != account.name
        ]
        if not others:
            raise UsageError(
                _("Compte « {name} » gardé tel quel", name=account.name),
                _("il est le dernier à pouvoir changer les comptes"),
                _("Ouvrez d'abord un autre compte de ce rôle."),
            )

    def _create_tables(self) -> None:
        with self._database_errors():
            self._root.mkdir(parents=True, exist_ok=True)
            if self._file is not None:
                self._file.touch(mode=0o600)
                with self._engine.connect() as link:
                    # Kept in the file: readers do not wait for writers from then on.
                    link.exec_driver_sql("PRAGMA journal_mode=WAL")
            try:
                _METADATA.create_all(self._engine)
            except sa.exc.DBAPIError:  # two first writers at once: one of them made them
                _METADATA.create_all(self._engine)
            if not self.are_configured():
                since = {"since": datetime.now(UTC).isoformat(timespec="seconds")}
                replace_bytes(self._root / ACCOUNTS_NOTE, json.dumps(since).encode())

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read the accounts' database with.

        Raises
        ------
        StoreError
            It is gone, damaged, or cannot be reached.
        """
        with self._database_errors():
            self._require_database()
            with self._engine.connect() as link:
                yield link

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection whose changes are kept together at the end, or not at all.

        Raises
        ------
        StoreError
            It is gone, damaged, full, or cannot be reached.
        """
        with self._database_errors():
            self._require_database()
            with self._engine.begin() as link:
                yield link

    def _require_database(self) -> None:
        """Refuse to go on where the file is gone: SQLite would make an empty one."""
        if self._file is not None and not self._file.exists():
            raise StoreError(
                _("Comptes {where}", where=self._file),
                _("le fichier a disparu"),
                _(
                    "Remettez-le depuis une sauvegarde ; sans sauvegarde, supprimez {note} et "
                    "ouvrez les comptes de nouveau.",
                    note=ACCOUNTS_NOTE,
                ),
            )

    @contextmanager
    def _database_errors(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.SQLAlchemyError, OSError) as error:
            if self._file is None:
                where = self._engine.url.render_as_string(hide_password=True)
                raise unreachable_error(_("Comptes {where}", where=where), error) from error
            what = _("Comptes {where}", where=self._file)
            if isinstance(error, OSError):
                raise StoreError(what, *why_refused(error, _(ELSEWHERE))) from error
            cause = str(getattr(error, "orig", None) or error).splitlines()[0]
            advice = _("Remettez la base depuis une sauvegarde.")
            raise StoreError(what, cause, advice) from error


def account_name(said: str) -> str:
    """A name as accounts are known by: small letters, no blanks around.

    Examples
    --------
    >>> account_name(" A.Traore@Example.org ")
    'a.traore@example.org'
    """
    return unicodedata.normalize("NFKC", said).strip().casefold()


def _account_of(row: Any) -> Account:
    return Account(
        name=row["name"],
        role=Role(row["role"]),
        organisation=row["organisation"],
        zones=tuple(json.loads(row["zones"])),
        has_password=bool(row["password"]),
        made_by=row["made_by"],
        made_at=as_utc(row["made_at"]),
        closed_at=as_utc(row["closed_at"]) if row["closed_at"] else None,
    )


def _role_columns(details: RoleDetails) -> dict[str, str]:
    return {
        "role": str(details.role),
        "organisation": details.organisation,
        "zones": json.dumps(list(details.zones)),
    }


def _new_link(link: sa.Connection, name: str) -> str:
    token = secrets.token_urlsafe(32)
    link.execute(sa.delete(_LINKS).where(_LINKS.c.name == name))
    row = {"digest": _digest(token), "name": name, "expires_at": datetime.now(UTC) + LINK_LIFE}
    link.execute(sa.insert(_LINKS).values(row))
    return token


def _name_of_link(link: sa.Connection, token: str) -> str:
    found = link.execute(sa.select(_LINKS).where(_LINKS.c.digest == _digest(token))).first()
    if found is None or as_utc(found.expires_at) < datetime.now(UTC):
        raise UsageError(
            _("Lien sans effet"),
            _("il a servi, il est remplacé, ou il a plus de {n} jours", n=LINK_LIFE.days),
            _("Demandez-en un nouveau à qui tient les comptes."),
        )
    return str(found.name)


def _is_alive(now: datetime) -> sa.ColumnElement[bool]:
    return (_SESSIONS.c.made_at > now - SESSION_LIFE) & (_SESSIONS.c.seen_at > now - SESSION_IDLE)


_WEAK = N_(
    "choisissez au moins {n} caractères, autres que votre nom et variés : une phrase, par ex."
)


def _checked_password(password: str, name: str) -> str:
    """A password that is neither short, nor the name, nor of a few signs."""
    told = unicodedata.normalize("NFKC", password)
    if len(told.casefold().replace(name, "")) < SHORTEST_PASSWORD or len(set(told)) < 5:
        raise UsageError(_("Mot de passe trop faible"), _(_WEAK, n=SHORTEST_PASSWORD))
    if len(told) > LONGEST_PASSWORD:
        raise UsageError(_("Mot de passe trop long"))
    return told


def _is_password(hashed: str, password: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    told = unicodedata.normalize("NFKC", password)[: LONGEST_PASSWORD + 1]
    try:
        return _hasher().verify(hashed, told)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _hasher() -> PasswordHasher:
    """Argon2id with the least that OWASP asks for: an old laptop has eight sign-ins at once."""
    from argon2 import PasswordHasher  # nobody signs in on most machines

    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody_hash() -> str:
    """A hash that is checked where there is no such account: an answer takes as long then."""
    return _hasher().hash(secrets.token_urlsafe(32))


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
