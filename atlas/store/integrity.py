"""Everything in a store, looked at: what is damaged or gone, a sentence each with what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from hashlib import sha256 as sha256_of
from pathlib import Path

from atlas.errors import AtlasError, StoreError
from atlas.i18n import _
from atlas.store import READ_AS, Store
from atlas.store.commits import PublicationEvent, finish_pending, was_decided
from atlas.store.disk import ACCOUNTS_NOTE, DECIDED, RAW, SNAPSHOTS, read_snapshot

_SHA256 = re.compile("[0-9a-f]{64}")


def store_troubles(store: Store) -> list[str]:
    """What is wrong with a store, each once; nothing for a sound or an empty one.

    Nothing is written but what a publication that was killed left to do.
    """
    return list(dict.fromkeys(_all_troubles(store)))


def _all_troubles(store: Store) -> Iterator[str]:
    unfinished = list(_sentences_of_errors(lambda: finish_pending(store.root)))
    yield from unfinished
    try:
        events = store.publication_history()
    except AtlasError as error:
        yield error.error_sentence()
        events = []
    yield from _snapshot_troubles(store, events)
    yield from _raw_file_troubles(store)
    if not unfinished:  # else each of them would only say it again
        yield from _decision_troubles(store)
        yield from _account_troubles(store)
        yield from _sentences_of_errors(store.kept_rates)


def _sentences_of_errors(look: Callable[[], object]) -> Iterator[str]:
    """The sentence of what a look at something raises."""
    try:
        look()
    except AtlasError as error:
        yield error.error_sentence()


def _snapshot_troubles(store: Store, events: list[PublicationEvent]) -> Iterator[str]:
    """Every state of the history; those before the current one only cannot be restored."""
    for number, content_hash in enumerate(dict.fromkeys(event.hash for event in events)):
        try:
            read_snapshot(store.root / SNAPSHOTS, content_hash)
        except StoreError as error:
            forget = _(
                "L'état publié est intact ; « atlas snapshots forget {hash} » retire celui-ci.",
                hash=content_hash[:12],
            )
            yield (StoreError(error.what, error.why, forget) if number else error).error_sentence()


def _raw_file_troubles(store: Store) -> Iterator[str]:
    """Kept files against their names, and how each published one was read."""
    folder = store.root / RAW
    try:
        readings = store.kept_readings()
        names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        yield StoreError(_("Dossier {folder}", folder=folder), str(error)).error_sentence()
        return
    published = {name.partition(".")[0]: name for name in readings.values()}
    for sha256 in sorted({*published, *filter(_SHA256.fullmatch, names)}):
        why = _why_unusable(folder / sha256, sha256)
        reading = published.get(sha256)
        if not why and reading and store.raw_of_reading(reading) is None:
            why = _("ce qui a été dit à sa lecture est perdu ({file})", file=reading + READ_AS)
        if why:
            what = _("Fichier reçu {file}", file=_file_of(store, sha256, reading))
            yield StoreError(what, why, _reimport_remedy(store, sha256, reading)).error_sentence()


def _why_unusable(path: Path, sha256: str) -> str:
    try:
        sound = sha256_of(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return _("raw/{name} a disparu", name=path.name[:12] + "…")
    except OSError as error:
        return str(error.strerror or error)
    return "" if sound else _("raw/{name} est endommagé", name=path.name[:12] + "…")


def _reading_options(store: Store, reading: str | None) -> dict[str, object]:
    """What was said of a kept file, as far as it can still be read."""
    try:
        said = json.loads((store.root / RAW / f"{reading}{READ_AS}").read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _file_of(store: Store, sha256: str, reading: str | None) -> str:
    """Name of a kept file: as it was sent, else as the snapshot has it, else its number."""
    if named := _reading_options(store, reading).get("file"):
        return str(named)
    try:
        now = store.current_snapshot()
    except AtlasError:
        now = None
    documents = now.document_rows if now else []
    named = next((d["file"] for d in documents if d["document"] == sha256[:12]), None)
    return str(named or sha256[:12])


def _reimport_remedy(store: Store, sha256: str, reading: str | None) -> str:
    if reading is None:
        return _("Aucun état publié n'en dépend : supprimez {path}.", path=f"{RAW}/{sha256}")
    file = _file_of(store, sha256, reading)
    context = _reading_options(store, reading).get("context")
    command = f"atlas context add {context} {file}" if context else f"atlas ingest {file}"
    return _("Réimportez-le, avec les mêmes options : {command}.", command=command)


def _decision_troubles(store: Store) -> Iterator[str]:
    """The database of decisions: whole, complete, and applicable."""
    noted = store.root / DECIDED
    try:
        if noted.exists() and not isinstance(json.loads(noted.read_bytes()), dict):
            raise ValueError(DECIDED)
    except (OSError, ValueError):
        yield StoreError(
            _("Décisions {where}", where=noted),
            _("fichier endommagé"),
            _("Supprimez-le : il est refait à la prochaine décision."),
        ).error_sentence()
        return
    if not was_decided(store.root):
        return
    from atlas.store.decisions import PairDecisions, WordingDecisions  # loads SQLAlchemy

    def look() -> None:
        WordingDecisions(store.root).verify_database()
        WordingDecisions(store.root).in_force()
        PairDecisions(store.root).in_force()

    yield from _sentences_of_errors(look)


def _account_troubles(store: Store) -> Iterator[str]:
    """The database of accounts, where the store has some."""
    if not (store.root / ACCOUNTS_NOTE).exists():
        return
    from atlas.store.accounts import Accounts  # loads SQLAlchemy

    yield from _sentences_of_errors(Accounts(store.root).verify_database)
