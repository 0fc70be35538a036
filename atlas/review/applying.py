"""What decisions change: the documents concerned, read again, and published once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from atlas.corrections import Corrections
from atlas.errors import AtlasError, StoreError
from atlas.i18n import _
from atlas.ingest.controls import of_rows
from atlas.ingest.pipeline import Batch, ingest_file
from atlas.ingest.rates import OwnRates
from atlas.ingest.reading import ReadAs
from atlas.model import Tables
from atlas.review.concerned import affected
from atlas.store import REPLACING, Beside, Change, Raw, Snapshot, Store
from atlas.store.decisions import Decision, Decisions


@dataclass(frozen=True)
class Applied:
    """What an application of the decisions came to.

    Attributes
    ----------
    snapshot
        The current one; the same as before when nothing changed.
    read
        Files read again.
    missing
        ``(file, reason)`` of those that could not be: they stand as they were.
    """

    snapshot: Snapshot
    changed: bool
    read: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def apply_decisions(store: Store, decisions: Decisions, change: Change | None = None) -> Applied:
    """Read again, from the kept files, the documents that decisions may concern; publish once.

    Decisions that were undone count too: what they had placed goes back.

    Parameters
    ----------
    change
        Decisions to write down with that, or not at all.

    Raises
    ------
    StoreError
        Nothing is published, or the store cannot be written.
    """
    before = store.current()
    if before is None:
        raise StoreError(_("Le fonds est vide"), "", _("Lancez « atlas ingest FICHIER »."))
    corrections = decisions.in_force(change)
    applied = _apply_once(store, before, decisions.history(change), corrections, change)
    if change and not applied.read:
        decisions.write(change)
    if decisions.in_force().entries == corrections.entries:
        return applied
    # Somebody decided meanwhile: whoever publishes last publishes every decision.
    again = apply_decisions(store, decisions)
    return replace(again, changed=again.snapshot.hash != before.hash)


def rebuild(store: Store) -> Applied:
    """Publish again what the kept files say, where no published state can be read any more.

    What was only ever said in the page (of a programme) is in no file.

    Raises
    ------
    StoreError
        No file was kept, or the store cannot be written.
    """
    from atlas.store.commits import was_decided

    corrections = (
        Decisions(store.root).in_force() if was_decided(store.root) else Corrections.of([])
    )
    batches: list[Batch] = []
    missing: list[tuple[str, str]] = []
    readings: dict[str, Mapping[str, Any]] = {}
    for document, reading in sorted(store.readings_kept().items()):
        raw = store.raw_of(reading)
        if raw is None:
            missing.append((document, _("fichier d'origine perdu : réimportez-le")))
            continue
        try:
            batches.append(read_again(raw, corrections))
        except AtlasError as error:
            missing.append((document, error.sentence()))
        else:
            readings[reading.partition(".")[0]] = raw.read_as
    if not batches:
        raise StoreError(
            _("Aucun fichier gardé dans {folder}", folder=store.root),
            "",
            _("Renommez ce dossier, puis réimportez vos documents."),
        )
    snapshot = store.rebuild(
        (one.tables for one in batches),
        _("reconstruit"),
        replacing=[sha256[:12] for sha256, said in readings.items() if said.get(REPLACING)],
        beside=Beside(readings),
    )
    return Applied(snapshot, True, tuple(one.document.file for one in batches), tuple(missing))


def _apply_once(
    store: Store,
    before: Snapshot,
    history: Sequence[Decision],
    corrections: Corrections,
    change: Change | None,
) -> Applied:
    concerned = affected(before.tables, [one.correction for one in history])
    if before.tables.is_sample:
        from atlas.ingest.sample import sample_tables

        read = [sample_tables(corrections)] if concerned else []
        return _published(store, before, read, list(concerned.values()), [], change)
    read, files = [], []
    missing: list[tuple[str, str]] = []
    for document, file in concerned.items():
        raw = store.raw(document)
        if raw is None:
            missing.append((file, _("fichier d'origine non conservé : réimportez-le")))
            continue
        try:
            read.append(read_again(raw, corrections).tables)
            files.append(file)
        except AtlasError as error:
            missing.append((file, error.sentence()))
    return _published(store, before, read, files, missing, change)


def _published(
    store: Store,
    before: Snapshot,
    read: Sequence[Tables],
    files: Sequence[str],
    missing: Sequence[tuple[str, str]],
    change: Change | None,
) -> Applied:
    snapshot = before
    if read:
        beside = Beside(change=change or Change())
        snapshot = store.add(read, _("décisions appliquées"), beside=beside)
    return Applied(snapshot, snapshot.hash != before.hash, tuple(files), tuple(missing))


def read_again(raw: Raw, corrections: Corrections) -> Batch:
    """A kept file, read as it was the first time, with the decisions given."""
    said = ReadAs.from_dict(raw.read_as)
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(said.file).name
        path.write_bytes(raw.content)
        if said.context:
            from atlas.ingest.context import read_context

            return read_context(
                said.context,
                path,
                as_of=said.as_of,
                frame=said.frame,
                column_map=said.column_map,
                corrections=corrections,
                rates=OwnRates.of(said.rates),
            )
        return ingest_file(
            path,
            source=said.source,
            as_of=said.as_of,
            frame=said.frame,
            column_map=said.column_map,
            corrections=corrections,
            rates=OwnRates.of(said.rates),
            controls=of_rows(said.controls),
        )
