"""One step decides: the pointer. All else is laid down before it, or carried out after it.

What a publication says beside its tables (decisions, files that are rewritten, drafts that are
published with it) is noted in ``pending.json`` first, under the number of the publication. Once
the pointer names that number the note is carried out, by this process or, where it was killed,
by the next that looks; a note whose number the pointer does not name is thrown away.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from filelock import FileLock, Timeout

from atlas.errors import StoreError, system_errors_as
from atlas.i18n import _
from atlas.paths import decisions_file
from atlas.store.disk import (
    DECIDED,
    ELSEWHERE,
    LOCK,
    PENDING,
    POINTER,
    RAW,
    RESTORING,
    SNAPSHOTS,
    UNPUBLISHED,
    DecisionChange,
    PublicationExtras,
    remove_file,
    replace_bytes,
)

_PATIENCE_S = 60.0


class PublicationEvent(NamedTuple):
    """A time at which a snapshot became the current one; ``documents`` are file names.

    ``who`` is the account of the machine that it came from, "" where it was not kept;
    ``publication`` the number of the last publication that came to this snapshot; ``readings``
    what that one says of how documents are read, beside the snapshot's own.
    """

    hash: str
    time: datetime
    note: str
    activities: int
    documents: tuple[str, ...]
    who: str = ""
    publication: str = ""
    readings: Mapping[str, str] = {}


def read_events(root: Path) -> list[PublicationEvent]:
    """The history, oldest first; empty for a store in which nothing was ever published.

    Raises
    ------
    StoreError
        The pointer is gone, empty or damaged.
    """
    try:
        content = (root / POINTER).read_bytes()
    except FileNotFoundError:
        if was_published(root):
            raise _no_history(root, _("le fichier « current » a disparu")) from None
        if not root.exists() and root.with_name(root.name + RESTORING).exists():
            raise StoreError(
                _("Dossier des données {folder}", folder=root),
                _("une restauration y a été interrompue ; rien n'est perdu"),
                _("Relancez « atlas restore »."),
            ) from None
        return []
    except IsADirectoryError:
        raise _no_history(root, _("« current » n'est pas un fichier")) from None
    if not content.strip():
        raise _no_history(root, _("le fichier « current » est vide"))
    try:
        return [_event_from_json(json.loads(line)) for line in content.splitlines()]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _no_history(root, _("le fichier « current » est endommagé")) from error


def _event_from_json(said: Mapping[str, Any]) -> PublicationEvent:
    return PublicationEvent(
        str(said["hash"]),
        datetime.fromisoformat(said["time"]),
        said["note"],
        int(said["activities"]),
        tuple(said["documents"]),
        str(said.get("who", "")),
        str(said.get("publication", "")),
        dict(said.get("readings", {})),
    )


def _no_history(root: Path, why: str) -> StoreError:
    what = _("Dossier des données {folder}", folder=root)
    remedy = (
        _(
            "« atlas snapshots restore » remet le dernier état lisible ; les documents reçus sont "
            "dans « raw »."
        )
        if any((root / SNAPSHOTS).glob("[0-9a-f]*"))
        else _("« atlas snapshots rebuild » relit les documents gardés dans « raw ».")
    )
    return StoreError(what, why, remedy)


def was_published(root: Path) -> bool:
    """Whether a store without a pointer ever had one."""
    if (root / UNPUBLISHED).exists():
        return False
    return any(any((root / name).glob("[0-9a-f]*")) for name in (SNAPSHOTS, RAW))


def mark_unpublished(root: Path) -> None:
    """Mark a new store as one in which nothing was published yet, before its first write."""
    if (root / POINTER).exists() or (root / UNPUBLISHED).exists() or was_published(root):
        return
    root.mkdir(parents=True, exist_ok=True)
    replace_bytes(root / UNPUBLISHED, b"")


def was_decided(root: Path) -> bool:
    """Whether a decision may have been written down: if not, no database need be loaded."""
    file = decisions_file(root)
    names = (DECIDED, PENDING)
    return file is None or file.exists() or any((root / name).exists() for name in names)


def write_events(root: Path, events: Sequence[PublicationEvent]) -> None:
    """Move the pointer, history included, in one step."""
    lines = [_event_as_json(event) for event in events]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    replace_bytes(root / POINTER, text.encode())
    remove_file(root / UNPUBLISHED)


def _event_as_json(event: PublicationEvent) -> dict[str, Any]:
    line = event._asdict() | {"time": event.time.isoformat()}
    return {name: value for name, value in line.items() if value or name in _ALWAYS}


_ALWAYS = ("hash", "time", "note", "activities", "documents", "who")


def note_pending(root: Path, publication: str, extras: PublicationExtras) -> None:
    """Note what is to be carried out once the pointer names the publication."""
    note = {
        "publication": publication,
        "added": {name: list(rows) for name, rows in extras.change.added.items()},
        "undone": {name: list(rows) for name, rows in extras.change.undone.items()},
        "files": {name: rewrite(_bytes_or_none(root / name)).decode() for name, rewrite in
                  extras.files.items()},
        "folders": list(extras.folders),
    }  # fmt: skip
    text = json.dumps(note, ensure_ascii=False, default=datetime.isoformat)
    replace_bytes(root / PENDING, text.encode())


def _bytes_or_none(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def finish_pending(root: Path) -> None:
    """Carry out what a publication that was killed left to do, if there is one.

    Raises
    ------
    StoreError
        It cannot be: what was decided is not in force yet, which the next command tries again.
    """
    if not (root / PENDING).exists():
        return
    note, published = _read_pending(root), False
    with suppress(StoreError):  # a pointer that cannot be read says nothing of it yet
        published = _is_published(root, note)
    if published:
        _finish_noted(root)


def _finish_noted(root: Path) -> None:
    """As `finish_pending`, once the note is known to be of a publication."""
    with system_errors_as(_unfinished_label(root), _(ELSEWHERE), StoreError):
        try:
            with write_lock(root):
                settle_pending(root)
        except Timeout as error:
            why, remedy = _("un autre import y écrit"), _("Attendez sa fin, puis relancez.")
            raise StoreError(_unfinished_label(root), why, remedy) from error


def write_lock(root: Path) -> FileLock:
    """The lock of those who write; a thread that holds it may ask for it again."""
    return FileLock(root / LOCK, timeout=_PATIENCE_S, is_singleton=True)


def settle_pending(root: Path) -> None:
    """Carry out what is noted, or throw it away. Only whoever holds the lock may call it."""
    note = _read_pending(root)
    if note is None:
        return
    if _is_published(root, note):
        try:
            with system_errors_as(_unfinished_label(root), _(ELSEWHERE), StoreError):
                _carry_out(root, note)
        except StoreError as error:
            kept = _("Ce qui est publié l'est ; la prochaine commande écrira le reste.")
            raise StoreError(error.what, error.why, f"{error.remedy} {kept}") from error
    remove_file(root / PENDING)


def _read_pending(root: Path) -> dict[str, Any] | None:
    try:
        note: dict[str, Any] = json.loads((root / PENDING).read_bytes())
        note["publication"], note["files"], note["added"], note["undone"], note["folders"]
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise StoreError(
            _unfinished_label(root),
            _("le fichier « {file} » est endommagé", file=PENDING),
            _("Renommez-le : les décisions qu'il contient seront à reprendre."),
        ) from error
    return note


def _is_published(root: Path, note: Mapping[str, Any] | None) -> bool:
    return note is not None and any(
        event.publication == note["publication"] for event in read_events(root)
    )


def _carry_out(root: Path, note: Mapping[str, Any]) -> None:
    """Do what is noted; what was done already, before a crash, is not done twice."""
    for name, text in note["files"].items():
        replace_bytes(root / name, text.encode())
    if note["added"] or note["undone"]:
        from atlas.store.database import TABLES  # loads SQLAlchemy: 0.3 s of every other import

        for table in TABLES:
            table(root).write_once(DecisionChange(note["added"], note["undone"]))
    for name in note["folders"]:
        folder = root / name
        gone = folder.with_name(f".gone-{folder.name}")
        with suppress(OSError):  # gone already, or held open: it is out of sight or swept later
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _unfinished_label(root: Path) -> str:
    return _("Publication à terminer dans {folder}", folder=root)
