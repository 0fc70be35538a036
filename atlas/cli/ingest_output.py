"""What ``atlas ingest`` prints: progress, and the outcome of every file."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from atlas.cli.output import empty_table, figure_text, print_table
from atlas.cli.parameters import end_wrong_call, store_of
from atlas.corrections import NO_CORRECTIONS, CorrectionLookup
from atlas.errors import AtlasError, UnusableFileError, UsageError, one_line
from atlas.findings import CODES, SEVERITIES, finding_sentence, remedy_of
from atlas.geo.frames import check_frame, shipped_frames
from atlas.i18n import _, ngettext
from atlas.import_changes import print_changes, with_changes
from atlas.ingest.context_tables import read_context
from atlas.ingest.control_totals import published_totals_of
from atlas.ingest.files import confined
from atlas.ingest.files.workbooks import release_memory
from atlas.ingest.money import UserRates, read_rates
from atlas.ingest.progress import (
    ReadingPhase,
    phase_in_words,
    share_done,
    time_limit,
    watch_progress,
)
from atlas.ingest.report import unusable_entry
from atlas.ingest.sources.registry import check_source
from atlas.labels import label
from atlas.model import Tables, empty
from atlas.senders import (
    SENDERS_FILE,
    read_as_before,
    saved_columns_trouble,
    saved_senders_rewrite,
    sender_with_columns,
)
from atlas.store import NO_EXTRAS, RATES, REPLACING, PublicationExtras, Store
from atlas.store.commits import was_decided
from atlas.store.disk import FileRewrite

if TYPE_CHECKING:
    from rich.table import Table

    from atlas.ingest.pipeline import IngestBatch
    from atlas.ingest.reading import Document


Entry = dict[str, Any]
SHOWN_FINDINGS = 12
SHOWN_TOTALS = 25
SHOWN_PROPOSALS = 5
_STYLES = {"error": "bold red", "warning": "yellow", "info": "dim"}


class IngestOptions(NamedTuple):
    """What ``atlas ingest`` was asked for; ``quiet`` where nothing but JSON is written."""

    source: str
    as_of: date | None
    frame: str | None
    column_map: Path | None
    rates: Path | None
    control: tuple[str, ...]
    replace: bool
    dry_run: bool
    quiet: bool


def ingest_files(
    files: Sequence[Path],
    store: Path | None,
    options: IngestOptions,
    reader: Callable[[Path], Document],
) -> tuple[list[Entry], list[IngestBatch], str | None]:
    """Read files and publish what could be read.

    Returns
    -------
    tuple
        One report entry a file, the batches that were read, and the hash of what was published.
    """
    check_ingest_call(files, options.source, options.frame, options.control)
    target = sound_store(store)
    own_rates = rates_in(target, options.rates)
    read = partial(
        read_as_before,
        target.root,
        source=options.source,
        as_of=options.as_of,
        frame=options.frame,
        column_map=options.column_map,
        corrections=corrections_in_force(target),
        rates=own_rates,
        controls=published_totals_of(options.control),
        keep_sheets=False,
        show_columns=not options.quiet,
        read=reader,
    )
    entries, batches = read_files(files, read, quiet=options.quiet)
    beside = NO_EXTRAS
    if not options.dry_run:
        refused, beside = keep_raw_files(
            target, batches, own_rates if options.rates else None, replacing=options.replace
        )
        entries, batches = without_refused(entries, batches, refused)
    documents = [batch.document.document for batch in batches]
    replacing = documents if options.replace else ()
    updates = target.planned_updates([batch.tables for batch in batches], replacing=replacing)
    snapshot = None
    if batches and not options.dry_run:
        snapshot = target.add_documents(
            tables_of_batches(batches), replacing=replacing, extras=beside
        ).hash
    # The changes are not listed before: of a long list they are long.
    return with_changes(entries, documents, updates), batches, snapshot


def add_context_table(
    kind: str, file: Path, store: Path | None, *, as_of: date | None, frame: str | None
) -> tuple[IngestBatch, str]:
    """Read a context table and publish it: what was read, and the hash of what is published."""
    target = sound_store(store)
    batch = read_context(
        kind,
        file,
        as_of=as_of,
        frame=frame,
        corrections=corrections_in_force(target),
        rates=rates_in(target, None),
    )
    target.keep_raw(batch.path, batch.document.sha256)
    extras = PublicationExtras(readings_of([batch]))
    return batch, target.add_documents([batch.tables], extras=extras).hash


def read_files(
    files: Sequence[Path], read: Callable[[Path], IngestBatch], *, quiet: bool
) -> tuple[list[Entry], list[IngestBatch]]:
    """Read every file; one that cannot be used is said and the others still go in.

    Returns
    -------
    tuple of list
        One report entry a file, in the order given, and the batches of those that were read.
    """
    limit = confined.LONGEST_S
    entries: list[Entry] = []
    batches: list[IngestBatch] = []
    with _progress_bar(len(files), shown=sys.stderr.isatty() and not quiet) as begin:
        for path in files:
            with begin(path):
                try:
                    with time_limit(limit, partial(confined.too_long_error, path, limit)):
                        batch = read(path)
                except UsageError:  # a wrong call is wrong for every file
                    raise
                except AtlasError as error:
                    print(error.error_sentence(), file=sys.stderr)
                    entries.append(unusable_entry(path, error))
                else:
                    batches.append(batch)
                    entries.append({**batch.report(), "error": None})
    return entries, batches


def without_refused(
    entries: Sequence[Entry], batches: Sequence[IngestBatch], refused: Mapping[Path, AtlasError]
) -> tuple[list[Entry], list[IngestBatch]]:
    """The same as if the files that have changed since they were read had not been."""
    read = iter(batches)
    told: list[Entry] = []
    for entry in entries:
        path = None if entry["error"] else next(read).path
        error = refused.get(path) if path else None
        if path and error:
            print(error.error_sentence(), file=sys.stderr)
        told.append(unusable_entry(path, error) if path and error else entry)
    return told, [batch for batch in batches if batch.path not in refused]


def tables_of_batches(batches: list[IngestBatch]) -> Iterator[Tables]:
    """The tables of the batches, which keep of them what is shown of a reading.

    The activities of a long list are then held by whoever publishes them, and let go there.
    """
    for at, batch in enumerate(batches):
        shown = replace(batch.tables, activities=empty("activities"), amounts=empty("amounts"))
        batches[at] = replace(batch, tables=shown)
        yield batch.tables
    release_memory()  # what comparing took, before all is put in order


@contextmanager
def _progress_bar(total: int, *, shown: bool) -> Iterator[Callable[[Path], Any]]:
    """A bar that moves within each file and says what is being done."""
    if not shown:  # nothing is drawn: rich need not be loaded
        yield lambda _path: nullcontext()
        return
    from rich import console, markup, progress  # 0.1 s, which --json does without

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TextColumn("{task.fields[phase]}"),
        progress.TimeElapsedColumn(),
    )
    with progress.Progress(*columns, console=console.Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Lecture"), total=total, phase="")

        @contextmanager
        def begin(path: Path) -> Iterator[None]:
            before = bar.tasks[0].completed

            def move(phase: ReadingPhase, done: int, rows: int) -> None:
                counted = figure_text(rows) if rows else ""
                words = phase_in_words(phase, figure_text(done), counted)
                bar.update(task, completed=before + share_done(phase, done, rows), phase=words)

            bar.update(task, description=markup.escape(one_line(path.name)))
            with watch_progress(move):
                yield
            bar.update(task, completed=before + 1)

        yield begin


def show_ingest(
    entries: Sequence[Mapping[str, Any]],
    batches: Sequence[IngestBatch],
    snapshot: str | None,
    *,
    dry_run: bool,
) -> None:
    """The ledger of an import, file by file, then all of them in one table.

    Parameters
    ----------
    entries
        One a file, with what it changes.
    batches
        Those of the files that could be read, in the same order.
    snapshot
        Hash of what was published; ``None`` when nothing was.
    """
    read = iter(batches)
    asked = [0 if entry["error"] else _show_file(entry, next(read)) for entry in entries]
    if len(entries) > 1:
        print_table(_summary_table(entries, asked))
    if snapshot:
        print(_("Publié : {hash}", hash=snapshot))
        print(_("Pour revenir à un état d'avant : atlas snapshots"))
    elif dry_run:
        print(_("Rien n'a été publié (--dry-run)."))
    if any(asked) and snapshot:
        print(_("À décider : atlas corrections queue, ou « Importer » dans la page."))


def _show_file(entry: Mapping[str, Any], batch: IngestBatch) -> int:
    """All there is to say of one file; how many questions it leaves."""
    print_table(_outcome_table(entry))
    if sums := entry["unread_money"]:
        print(_("Argent du fichier non compté : {sums}", sums=_sums(sums)))
    if sums := entry["shared_money"]:
        print(
            _(
                "Argent de plusieurs pays, part du Mali inconnue, gardé entier : {sums}",
                sums=_sums(sums),
            )
        )
    if columns := _column_table(batch):
        print_table(columns)
    if "changes" in entry:
        print_changes(entry)
    if findings := _finding_table(batch.tables.findings):
        print_table(findings)
    if entry["control_totals"]:
        print_table(_control_total_table(entry["control_totals"]))
    return _show_proposals(batch)


def _sums(sums: Mapping[str, float]) -> str:
    named = ((figure_text(value), code or _("sans devise")) for code, value in sums.items())
    return " + ".join(f"{value} {code}" for value, code in named)


def _outcome_table(entry: Mapping[str, Any]) -> Table:
    source = label("reader", entry["source"])
    print(f"\n{entry['file']} — {source}, {entry['as_of']}, {entry['frame']}")
    table = empty_table("", (_("Devenir des lignes"), _("Lignes")))
    for outcome, rows in entry["outcomes"].items():
        style = "bold red" if outcome == "rejected" else ""
        table.add_row(label("outcome", outcome), figure_text(rows), style=style)
    table.add_row(_("lues"), figure_text(entry["rows_read"]), style="bold")
    return table


def _column_table(batch: IngestBatch) -> Table | None:
    """What each column was read as; nothing for prose."""
    if not batch.detected_tables:
        return None
    table = empty_table(_("Colonnes"), (_("En-tête"), _("Lu comme"), _("Exemples")), right=())
    for column in (column for one in batch.detected_tables for column in one.columns):
        style = "yellow" if column.why == "column_unknown" else "" if column.field else "dim"
        meaning = column.field or label("column_unread", column.why)
        samples = one_line(" · ".join(column.samples))
        table.add_row(one_line(column.heading), meaning, samples, style=style)
    return table


def _finding_table(found: pl.DataFrame) -> Table | None:
    """Findings by severity and kind, each with its first row and what to do."""
    if not found.height:
        return None
    groups = found.group_by("severity", "code", maintain_order=True).agg(
        pl.len().alias("n"), pl.col("locator").drop_nulls().first(), pl.col("params").first()
    )
    rank = {severity: n for n, severity in enumerate(SEVERITIES)}
    ordered = sorted(groups.to_dicts(), key=lambda g: (rank[g["severity"]], -g["n"], g["code"]))
    kinds, rows = Counter[str](), Counter[str]()
    for group in ordered:
        kinds[group["severity"]] += 1
        rows[group["severity"]] += group["n"]
    told = " · ".join(
        f"{label('severity', s)} {figure_text(n)}"
        + (f" ({figure_text(rows[s])} ×)" if rows[s] > n else "")
        for s, n in kinds.items()
    )
    heads = (_("Gravité"), _("Nombre"), _("Ligne"), _("Constat"))
    table = empty_table(_("Constats") + " : " + told, heads, right=(1,))
    for group in ordered[:SHOWN_FINDINGS]:
        sentence = (
            finding_sentence(group["code"], group["params"]) if group["code"] in CODES else ""
        )
        todo = remedy_of(group["code"])
        words = f"{sentence} → {todo}" if todo else sentence
        severity = label("severity", group["severity"])
        style = _STYLES[group["severity"]]
        where = one_line(group["locator"] or "")
        table.add_row(severity, figure_text(group["n"]), where, one_line(words), style=style)
    rest = len(ordered) - SHOWN_FINDINGS
    if rest > 0:
        more = ngettext("et {n} autre sorte de constat", "et {n} autres sortes de constats", rest)
        table.add_row("", "", "", more, style="dim")
    return table


def _control_total_table(totals: Sequence[Mapping[str, Any]]) -> Table:
    """Published beside read; those that differ first, and not all that agree."""
    heads = (_("Source"), _("Total"), _("Région"), _("Période"), _("Publié"), _("Lu"), _("Écart"))
    table = empty_table(_("Totaux de contrôle"), heads, right=(4, 5, 6))
    ordered = sorted(totals, key=lambda total: not total["difference"])
    for total in ordered[:SHOWN_TOTALS]:
        unit = total["unit"]
        figures = (total["published"], total["read"], total["difference"])
        table.add_row(
            label("reader", total["source"]),
            one_line(total["name"]),
            shipped_frames().unit_label(unit) if unit in shipped_frames() else unit or "",
            total["period"] or "",
            *(figure_text(figure) for figure in figures),
            style="yellow" if total["difference"] else "",
        )
    rest = ordered[SHOWN_TOTALS:]
    if rest:
        off = sum(bool(total["difference"]) for total in rest)
        more = _("… et {n} autres, dont {off} avec un écart : --json", n=len(rest), off=off)
        table.add_row("", more, style="dim")
    return table


def _show_proposals(batch: IngestBatch) -> int:
    """What waits for a person's decision: by kind, the most frequent wordings with their best."""
    from atlas.review import review_queue  # loads SQLAlchemy: 0.3 s that --json does without

    asked = review_queue(batch.tables, NO_CORRECTIONS)
    if not asked:
        return 0
    counts = Counter(str(one.kind) for one in asked)
    told = ", ".join(f"{label('subject', kind, full=True)} {n}" for kind, n in counts.items())
    heads = (_("Sorte"), _("Écrit"), _("Lignes"), _("Proposition"))
    table = empty_table(_("À décider") + " : " + told, heads, right=(2,))
    for one in asked[:SHOWN_PROPOSALS]:
        best = one.candidates[0] if one.candidates else None
        words = f"{best.label} ({best.score:.0%})" if best else "—"
        table.add_row(
            label("subject", one.kind), one_line(one.wording), figure_text(one.count), words
        )
    rest = len(asked) - SHOWN_PROPOSALS
    if rest > 0:
        table.add_row("", ngettext("… et {n} autre", "… et {n} autres", rest), style="dim")
    print_table(table)
    return len(asked)


def _summary_table(entries: Sequence[Mapping[str, Any]], asked: Sequence[int]) -> Table:
    """One line a file: what it gave, and what is left to do."""
    heads = (_("Fichier"), _("Lues"), _("Activités"), _("Rejetées"), _("Erreurs"), _("À vérifier"))
    table = empty_table(_("Ensemble"), (*heads, _("À décider")), right=tuple(range(1, 7)))
    for entry, left in zip(entries, asked, strict=True):
        if entry["error"]:
            table.add_row(one_line(entry["file"]), _("inutilisable"), style="bold red")
            continue
        counts = Counter[str]()
        for code, n in entry["findings"].items():
            counts[CODES[code].severity if code in CODES else "info"] += n
        read = (entry["rows_read"], entry["activities"], entry["rejected"])
        figures = (*read, counts["error"], counts["warning"], left)
        style = "yellow" if entry["rejected"] or counts["error"] else ""
        table.add_row(
            one_line(entry["file"]), *(figure_text(figure) for figure in figures), style=style
        )
    return table


def corrections_in_force(store: Store) -> CorrectionLookup:
    """The decisions in force beside a store; no database is loaded where none was taken."""
    if not was_decided(store.root):
        return CorrectionLookup.from_entries([])
    from atlas.store.decisions import WordingDecisions  # loads SQLAlchemy: 0.3 s

    return WordingDecisions(store.root).in_force()


def keep_raw_files(
    store: Store,
    batches: Sequence[IngestBatch],
    rates: UserRates | None = None,
    *,
    replacing: bool = False,
) -> tuple[dict[Path, UnusableFileError], PublicationExtras]:
    """Keep files as they came; how they were read is said where they are published.

    Parameters
    ----------
    rates
        The person's own rates, where they were given with this import.
    replacing
        Whether the files replace the earlier lists of their senders.

    Returns
    -------
    dict
        Why a file was not kept: it has changed since it was read. The others are.
    Beside
        How they were read, what was said of their columns, and the rates.
    """
    refused: dict[Path, UnusableFileError] = {}
    kept = []
    for batch in batches:
        try:
            store.keep_raw(batch.path, batch.document.sha256)
        except UnusableFileError as error:
            refused[batch.path] = error
        else:
            kept.append(batch)
    files: dict[str, FileRewrite] = {}
    if any(batch.read_as.column_map for batch in kept):
        said = [(one.with_sheets(), one.read_as.column_map) for one in kept]
        senders = [sender_with_columns(document, columns) for document, columns in said if columns]
        files[SENDERS_FILE] = saved_senders_rewrite(store.root, senders)
    if rates is not None:
        table = json.dumps(list(rates.rows()), ensure_ascii=False, indent=1).encode()
        files[RATES] = lambda _held: table
    return refused, PublicationExtras(readings_of(kept, replacing=replacing), files=files)


def readings_of(
    batches: Sequence[IngestBatch], *, replacing: bool = False
) -> dict[str, Mapping[str, object]]:
    """By sha256, what was said when each file was read."""
    also = {REPLACING: True} if replacing else {}
    return {batch.document.sha256: batch.read_as.as_dict() | also for batch in batches}


def rates_in(store: Store, table: Path | None) -> UserRates:
    """The rates of a table, or those that were kept before."""
    return read_rates(table) if table is not None else UserRates.from_rows(store.kept_rates())


def check_ingest_call(
    files: Sequence[Path], source: str, frame: str | None, control: Sequence[str] | None
) -> None:
    """End as a wrong call, before any file is opened, where the options cannot be."""
    if control and len(files) > 1:
        end_wrong_call(_("--control demande un seul fichier : celui dont c'est le total."))
    check_source(source)
    if frame is not None:
        check_frame(frame)


def sound_store(named: Path | None) -> Store:
    """The store of a call, refused where it cannot be published to before anything is read."""
    target = store_of(named)
    target.publication_history()
    if said := saved_columns_trouble(target.root):
        print(said, file=sys.stderr)
    return target
