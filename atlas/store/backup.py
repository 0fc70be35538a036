"""A whole store in one file, and back: every file with its hash, databases as of one moment."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from atlas.errors import StoreError, UsageError, system_errors_as
from atlas.i18n import _
from atlas.paths import accounts_file, decisions_file
from atlas.store import Store
from atlas.store.accounts import Accounts
from atlas.store.disk import ACCOUNTS_NOTE, ELSEWHERE, LOCK, POINTER, RESTORING, UNFINISHED
from atlas.store.integrity import store_troubles

MANIFEST = "atlas-backup.json"
FORMAT = 1
ACCOUNTS_FILES = (ACCOUNTS_NOTE, "accounts.sqlite")
_PIECE = 2**20
Notice = Callable[[int, int], None]
"""Told how many files are done, of how many."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds.

    Attributes
    ----------
    made_at
        When it was begun: all that was published until then is in it.
    snapshot
        Hash of the state that was published then; "" for none.
    files
        SHA-256 of each file, by its path in the store.
    has_accounts, has_decisions
        Whether the accounts and the decisions are in it: those of another database are not.
    """

    made_at: str
    snapshot: str
    files: Mapping[str, str]
    has_accounts: bool
    has_decisions: bool


def write_backup(
    store: Store, out: Path, *, accounts: bool = True, notice: Notice = lambda _n, _of: None
) -> Backup:
    """Write a store into one file, and read it again to be sure.

    Nothing is published meanwhile. ``out`` is replaced once the new file is whole and verified.

    Parameters
    ----------
    accounts
        Whether passwords (as hashes), roles and the audit go with it.

    Raises
    ------
    StoreError
        The store cannot be read, or the file cannot be written.
    UsageError
        There is no store, or the file would lie inside it.
    """
    if not store.root.is_dir() or not any(store.root.iterdir()):
        raise UsageError(_("Rien à sauvegarder"), _("{folder} est vide", folder=store.root))
    if out.resolve().is_relative_to(store.root.resolve()):
        raise UsageError(
            _("Sauvegarde {file}", file=out), _("elle serait dans le fonds lui-même"),
            _("Choisissez un autre dossier."),
        )  # fmt: skip
    draft = out.with_name(f"{UNFINISHED}{out.name}")
    with system_errors_as(_("Sauvegarde {file}", file=out), "", StoreError):
        try:
            with store.exclusive_writing(), TemporaryDirectory() as folder:
                _write_archive(store, draft, Path(folder), accounts=accounts, notice=notice)
            made = verified_backup(draft)
            os.replace(draft, out)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
    return made


def _write_archive(
    store: Store, draft: Path, folder: Path, *, accounts: bool, notice: Notice
) -> None:
    sources = dict(_store_files(store.root, folder, accounts=accounts))
    now = store.current_snapshot()
    hashes: dict[str, str] = {}
    with ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=1) as archive:
        for number, (name, path) in enumerate(sorted(sources.items()), 1):
            archive.write(path, name)
            with path.open("rb") as content:
                hashes[name] = file_digest(content, "sha256").hexdigest()
            notice(number, len(sources))
        told = {
            "format": FORMAT,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "snapshot": now.hash if now else "",
            "accounts": ACCOUNTS_NOTE in hashes,
            "decisions": decisions_file(store.root) is not None,
            "files": hashes,
        }
        archive.writestr(MANIFEST, json.dumps(told, indent=1))
    with draft.open("rb") as file:
        os.fsync(file.fileno())


def _store_files(root: Path, folder: Path, *, accounts: bool) -> Iterator[tuple[str, Path]]:
    """Path in the store → where its content is read from; databases are copied to ``folder``."""
    databases = {file for file in (decisions_file(root), accounts_file(root)) if file}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not path.is_file() or not _is_kept(path.name):
            continue
        if name in ACCOUNTS_FILES and not accounts:
            continue
        if path in databases:
            copy = folder / path.name
            _copy_database(path, copy)
            yield name, copy
        else:
            yield name, path


def _is_kept(name: str) -> bool:
    """Whether a file is more than a lock, a journal or what a killed process left."""
    passing = name == LOCK or name.endswith((".lock", "-wal", "-shm", "-journal"))
    return not passing and not name.startswith(UNFINISHED)


def verified_backup(file: Path) -> Backup:
    """What a backup holds, each file of it read and held against its hash.

    Raises
    ------
    UsageError
        It is no backup, of a newer form, damaged, or holds a path that leads elsewhere.
    """
    what = _("Sauvegarde {file}", file=file)
    again = _("Prenez une autre copie de la sauvegarde.")
    try:
        with ZipFile(file) as archive:
            told = json.loads(archive.read(MANIFEST))
            if told["format"] != FORMAT:
                newer = _("elle vient d'une version plus récente")
                raise UsageError(what, newer, _("Mettez l'atlas à jour."))
            files = {str(name): str(digest) for name, digest in told["files"].items()}
            if sorted([*files, MANIFEST]) != sorted(archive.namelist()):
                raise UsageError(what, _("des fichiers y manquent ou y sont de trop"), again)
            for name, digest in files.items():
                if not _is_inside(name):
                    raise UsageError(what, _("« {name} » mène ailleurs", name=name), again)
                with archive.open(name) as content:
                    # a part of an archive is a BufferedIOBase, which its type does not say
                    if file_digest(content, "sha256").hexdigest() != digest:  # type: ignore
                        raise UsageError(what, _("« {name} » est abîmé", name=name), again)
    except FileNotFoundError as error:
        raise UsageError(what, _("le fichier n'existe pas")) from error
    except (BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        raise UsageError(
            what, _("ce n'est pas une sauvegarde, ou elle est abîmée"), again
        ) from error
    return Backup(
        str(told["made_at"]), str(told["snapshot"]), files, told["accounts"], told["decisions"]
    )


def restore_backup(
    file: Path, root: Path, *, replace: bool = False, notice: Notice = lambda _n, _of: None
) -> tuple[Backup, Path | None]:
    """Put a store back from a backup, checked as a whole before it takes the place.

    Accounts that are there stay where the backup has none. Nobody is signed in afterwards.

    Parameters
    ----------
    replace
        Whether a store that is there makes way; it is kept beside, under the name returned.

    Raises
    ------
    UsageError
        The backup is damaged, or a store is there.
    StoreError
        It cannot be written, or is not sound.
    """
    backup = verified_backup(file)
    taken = root.is_dir() and any(_is_kept(one.name) for one in root.iterdir())
    if taken and not replace:
        raise UsageError(
            _("Restauration dans {folder}", folder=root),
            _("il y a déjà des données"),
            _("Ajoutez --replace : elles seront gardées à côté."),
        )
    fresh = root.with_name(root.name + RESTORING)
    with system_errors_as(_("Restauration dans {folder}", folder=root), _(ELSEWHERE), StoreError):
        shutil.rmtree(fresh, ignore_errors=True)
        _unpack(file, backup, fresh, notice)
        if taken and not backup.has_accounts:
            _keep_accounts(root, fresh)
        _check_restored(fresh)
        aside = _moved_aside(root) if taken else None
        if aside is None and root.exists():
            shutil.rmtree(root)  # empty, but for locks
        fresh.rename(root)
    return backup, aside


def _unpack(file: Path, backup: Backup, fresh: Path, notice: Notice) -> None:
    with ZipFile(file) as archive:
        for number, name in enumerate(backup.files, 1):
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if name in ACCOUNTS_FILES:
                target.touch(mode=0o600)
            with archive.open(name) as content, target.open("wb") as written:
                shutil.copyfileobj(content, written, _PIECE)
                written.flush()
                os.fsync(written.fileno())
            notice(number, len(backup.files))


def _keep_accounts(root: Path, fresh: Path) -> None:
    database = accounts_file(root)
    if database is not None and database.exists():
        (fresh / database.name).touch(mode=0o600)
        _copy_database(database, fresh / database.name)
    if (root / ACCOUNTS_NOTE).exists():
        shutil.copy2(root / ACCOUNTS_NOTE, fresh / ACCOUNTS_NOTE)


def _check_restored(fresh: Path) -> None:
    """Refuse what is not sound, and end the sessions of the day of the backup."""
    if (fresh / POINTER).exists():
        troubles = store_troubles(Store(fresh))
        if troubles:
            raise StoreError(
                _("Sauvegarde abîmée"), " ; ".join(troubles[:3]), _("Rien n'a été remplacé.")
            )
    accounts = Accounts(fresh)
    if accounts.are_configured():
        accounts.end_sessions()


def _copy_database(database: Path, copy: Path) -> None:
    """A database as it is at one moment, whoever writes to it meanwhile."""
    with closing(sqlite3.connect(database)) as here, closing(sqlite3.connect(copy)) as there:
        here.backup(there)


def _moved_aside(root: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = root.with_name(f"{root.name}.before-{moment}")
    root.rename(aside)
    return aside


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    parts_ok = path.parts and not path.is_absolute() and ".." not in path.parts
    return bool(parts_ok) and "\\" not in name and ":" not in name
