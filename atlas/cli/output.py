"""What the command line prints: tables, figures and sentences on a terminal, through rich."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from atlas.errors import AtlasError, GeodataError
from atlas.filters import Filters
from atlas.geo import gazetteer, shapes
from atlas.geo.frames import FRAMES, LEVELS, shipped_frames
from atlas.geo.generations import installation_trouble, is_outdated
from atlas.geo.resolve import frame_of_table, resolve_place, resolve_rows
from atlas.i18n import _, decimal_text, ngettext
from atlas.labels import label
from atlas.model import Kind, Level, check
from atlas.paths import boundaries_root

if TYPE_CHECKING:
    from rich.table import Table

    from atlas.review import ApplicationResult
    from atlas.store import Snapshot, SnapshotDiff, Store


def empty_table(title: str, columns: Sequence[str], right: Collection[int] = (1,)) -> Table:
    """An empty table; the columns numbered ``right`` hold figures."""
    from rich.table import Table  # rich takes 0.1 s, which --json does without

    table = Table(title=title or None, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in right else "left")
    return table


def print_table(table: Table) -> None:
    """Print a table; names of files are no markup."""
    from rich.console import Console  # as above

    Console(markup=False, emoji=False).print(table)


def figure_text(value: float | None) -> str:
    """A figure for reading, a dash for what is unknown.

    Examples
    --------
    >>> figure_text(1234.5), figure_text(None)
    ('1\\u202f234,5', '—')
    """
    return "—" if value is None else decimal_text(value)


def print_resolution(
    region: str, cercle: str, commune: str, frame: str | None, *, as_json: bool
) -> bool:
    """Show which unit these names mean; ``False`` when that is not known."""
    chosen = frame or shipped_frames().frame_on(date.today())
    answer = resolve_place(region=region, cercle=cercle, commune=commune, frame=chosen)
    if as_json:
        known = answer.unit_id is not None and answer.unit_id in shipped_frames()
        unit = shipped_frames().unit_by_id(str(answer.unit_id)) if known else None
        out = {
            "unit_id": answer.unit_id,
            "pcode": unit.pcode if unit else None,
            "level": answer.level,
            "how": answer.how,
            "score": answer.score,
            "candidates": [c._asdict() for c in answer.candidates],
            "within": answer.within,
            "findings": [{"code": code, **params} for code, params in answer.findings],
        }
        print(json.dumps(out, ensure_ascii=False, default=str))
        return answer.unit_id is not None
    if answer.unit_id:
        how = label("how", answer.how)
        name = shipped_frames().unit_label(answer.unit_id)
        print(f"{answer.unit_id}  {name}  ({how}, {answer.score:.2f})")
    else:
        near = ", ".join(f"{c.name} [{c.unit_id}]" for c in answer.candidates)
        print(_("Pas d'unité reconnue. Proches : {near}.", near=near or "—"))
    return answer.unit_id is not None


_PLACE_COLUMNS = ("region", "cercle", "commune", "locality")
_CODE_COLUMNS = ("region_code", "cercle_code", "commune_code")
_POINT_COLUMNS = ("lon", "lat")


def write_resolved_table(source: Path, out: Path, frame: str | None) -> bool:
    """Resolve every row of a CSV: rows and order are kept, six columns are added.

    Columns of an earlier answer are replaced. A row with a cell too many or too few is told
    and has no answer; ``False`` where there is one.
    """
    from atlas.ingest.files import plain_text, readers  # 0.1 s, which one place does without

    document = readers.read_document(source)
    sheet = document.sheets[0]
    widths = plain_text.widths_of(sheet.rows[:1], document.format)
    header = _distinct_headings([str(cell or "").strip() for cell in sheet.rows[0]])
    known = {name.casefold(): name for name in reversed(header)}
    if not any(name in known for name in (*_PLACE_COLUMNS, *_POINT_COLUMNS)):
        raise AtlasError(
            _("{file} : ni region, ni cercle, ni commune", file=source.name),
            _("colonnes lues : {columns}", columns=", ".join(header)),
            _("Nommez au moins une de ces trois colonnes."),
        )
    misshapen: list[int] = []
    for at, row in enumerate(sheet.rows[1:]):
        if any(row) and (why := plain_text.why_misshapen(row, widths)):
            misshapen.append(at)
            where = readers.row_locator(document, sheet, at + 1)
            print(_("{where} non reconnue : {why}.", where=where, why=why[1]), file=sys.stderr)
    table = _text_table(header, sheet.rows[1:])
    columns = (*_PLACE_COLUMNS, *_CODE_COLUMNS, *_POINT_COLUMNS)
    given = [name for name in columns if name in known]
    read = ~pl.int_range(pl.len()).is_in(misshapen)
    places = table.select(pl.when(read).then(known[name]).alias(name) for name in given)
    answers = resolve_rows(places, frame or _table_frame(places))
    kept = table.drop(answers.columns, strict=False)
    told = pl.concat([kept, answers], how="horizontal")
    _write_table(told, out)
    return not misshapen


def _text_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> pl.DataFrame:
    """Rows as a table of text; cells beyond the headings are kept under their number."""
    width = max(map(len, rows), default=0)
    names = [*header, *(f"n° {at + 1}" for at in range(len(header), width))]
    cells = (["" if cell is None else str(cell) for cell in row] for row in rows)
    filled = [[*row, *[""] * (len(names) - len(row))] for row in cells]
    return pl.DataFrame(filled, schema=dict.fromkeys(names, pl.String), orient="row")


def _table_frame(places: pl.DataFrame) -> str:
    """The découpage in which the rows are units, said where it is not that of today."""
    verdict = frame_of_table(places, shipped_frames().frame_on(date.today()))
    if verdict.frame != verdict.usual:
        told = {"frame": verdict.frame, "fits": verdict.frame_counts_text()}
        print(_("Découpage {frame} : lignes qui y sont des unités : {fits}.", **told))
    return verdict.frame


def _write_table(table: pl.DataFrame, out: Path) -> None:
    """Write a table that somebody else typed: its headings are texts too, its figures stay."""
    from atlas.export import spreadsheets, write_file  # loads every layer

    names = pl.DataFrame({"name": table.columns})
    headings = spreadsheets.formula_guarded_table(names)["name"].to_list()
    safe = spreadsheets.formula_guarded_table(table)
    figures = r"^[+-]?[0-9]+([.,][0-9]+)?$"
    kept = [
        pl.when(table[name].str.contains(figures))
        .then(table[name])
        .otherwise(safe[name])
        .alias(name)
        for name, dtype in table.schema.items()
        if dtype == pl.String
    ]
    typed = safe.with_columns(kept).rename(dict(zip(safe.columns, headings, strict=True)))
    write_file(out, typed.write_csv().encode())


def _distinct_headings(header: Sequence[str]) -> list[str]:
    """Column names, each once: a second "note" becomes "note_2"."""
    seen: dict[str, int] = {}
    found = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found


def fill_with_sample(store: Store, *, month: bool = False) -> bool:
    """Publish the sample into an empty store; ``False`` when something is there already.

    Parameters
    ----------
    month
        An invented month, which fills every tab, instead of the facts of public documents.
    """
    if store.current_snapshot() is not None:
        return False
    from atlas.ingest.sample import example_month_tables, sample_tables  # loads the readers

    if month:
        for published in example_month_tables():
            store.add_documents(published, note="sample")
    else:
        store.publish_tables(sample_tables(), note="sample")
    return True


def check_all(store: Store) -> bool:
    """Check the store, the boundaries and what is published; each verdict on its own line."""
    for frame in FRAMES:
        counts = ", ".join(
            f"{level} {shipped_frames().units_at_level(frame, level).height}" for level in Level
        )
        print(f"{frame}: {counts}")
    troubles = list(_trouble_sentences(store))
    for sentence in troubles:
        print(sentence)
    if not troubles:
        print(_("Fonds et limites installées : rien d'abîmé."))
    try:
        snapshot = store.current_snapshot()
    except AtlasError:
        return False  # named above
    if snapshot is None:
        print(_("Fonds vide : rien à vérifier."))
        return not troubles
    return check_snapshot(snapshot) and not troubles


def _trouble_sentences(store: Store) -> Iterator[str]:
    """A sentence for each thing that is damaged or gone."""
    from atlas.senders import saved_columns_trouble  # loads the readers
    from atlas.store.integrity import store_troubles

    yield from store_troubles(store)
    if said := saved_columns_trouble(store.root):
        yield said
    yield from (error.error_sentence() for error in _geodata_troubles())


def _geodata_troubles() -> Iterator[GeodataError]:
    """What is wrong with the installed boundaries and lists of localities."""
    root, localities = boundaries_root(), boundaries_root() / gazetteer.LOCALITIES_FOLDER
    display = [f"display/{frame}-{level}.geojson" for frame in FRAMES for level in LEVELS]
    if why := installation_trouble(root, (gazetteer.LOCALITIES_FOLDER,), ["meta.json", *display]):
        remedy = _("Réinstallez-les : atlas geodata download, ou atlas geodata install FICHIER.")
        yield GeodataError(_("Limites installées dans {folder}", folder=root), why, remedy)
    if why := installation_trouble(localities, (), ["localities.parquet", "sources.json"]):
        what = _("Localités installées dans {folder}", folder=localities)
        yield GeodataError(
            what, why, _("Réinstallez chaque liste : atlas geodata install LISTE.csv.")
        )


def check_snapshot(snapshot: Snapshot) -> bool:
    """Hold published tables against the contract; say each verdict on its own line."""
    try:
        check(snapshot.tables)
    except AtlasError as error:
        print(error.error_sentence())
        return False
    print(_("Tables : conformes au contrat ({hash}).", hash=snapshot.hash))
    return _check_money(snapshot)


def show_rebuilt(rebuilt: ApplicationResult) -> None:
    """What was read again from the kept files, and what could not be."""
    n = len(rebuilt.read)
    print(ngettext("{n} document relu", "{n} documents relus", n))
    for file, reason in rebuilt.missing:
        print(_("Non relu : {file}, {reason}", file=file, reason=reason))
    print(_("Ce qui n'a été saisi que dans la page (programmes) est à redire."))
    print(_("Publié : {hash}", hash=rebuilt.snapshot.hash))


def _check_money(snapshot: Snapshot) -> bool:
    """Units and reserved rows add up to the activities, in every découpage and level."""
    from atlas.dataset import Dataset  # loads every layer: 0.5 s of every other verb

    dataset = Dataset(snapshot)
    once = dataset.prepared_tables()
    behind = once.activities["activity_id"].gather(once.follower["a"])
    items = snapshot.tables.activities.filter(
        pl.col("kind") != Kind.AGGREGATE, ~pl.col("activity_id").is_in(behind.implode())
    )
    amounts = once.tables.amounts.filter(
        pl.col("activity_id").is_in(items["activity_id"].implode()), kind="budget"
    )
    expected = int(amounts["usd_minor"].sum() or 0)
    filters = Filters(kind=tuple(sorted(kind for kind in Kind if kind != Kind.AGGREGATE)))
    if n := behind.len():
        print(ngettext("{n} fiche comptée avec une autre", "{n} fiches comptées avec une autre", n))
    sound = True
    for frame in FRAMES:
        for level in Level:
            table = dataset.ask("budget", filters, frame=frame, level=level).table
            sums = [
                _total_cents(table[name])
                for name in ("budget_usd", "cancelled_usd", "suspended_usd")
            ]
            sound &= sum(sums) == expected
            sign = "=" if sum(sums) == expected else "≠"
            told = " + ".join(f"{cents / 100:.2f}" for cents in sums)
            print(f"budget {frame} {level}: {told} USD {sign} {expected / 100:.2f} USD")
    if apart := _total_cents(table["cancelled_usd"]) + _total_cents(table["suspended_usd"]):
        print(
            _(
                "budget + annulé + suspendu = tous les montants ; {apart} USD hors compte",
                apart=f"{apart / 100:.2f}",
            )
        )
    return sound


def _total_cents(money: pl.Series) -> int:
    return sum(round(100 * usd) for usd in money.drop_nulls())


def show_history(store: Store) -> None:
    """Every snapshot, newest first, the current one marked."""
    events = store.publication_history()
    heads = ("", _("État"), _("Publié le"), _("Documents"), _("Activités"))
    table = empty_table(_("États publiés"), heads, right=(4,))
    for event in events:
        mark = "●" if event.hash == events[0].hash else ""
        when = f"{event.time:%Y-%m-%d %H:%M}"
        files = ", ".join(event.documents)
        table.add_row(mark, event.hash[:12], when, files, figure_text(event.activities))
    print_table(table)


def show_diff(diff: SnapshotDiff, *, as_json: bool) -> None:
    """Activities added, gone and changed."""
    if as_json:
        print(json.dumps(diff.as_dict(), ensure_ascii=False, default=str))
        return
    for sign, rows in (("+", diff.added), ("−", diff.removed)):
        for row in rows.iter_rows(named=True):
            source = label("sources", row["source"])
            print(f"{sign} {row['activity_id']}  {row['title']} ({source})")
    for row in diff.changed.iter_rows(named=True):
        change = f"{row['field']} {row['before']} → {row['after']}"
        print(f"~ {row['activity_id']}  {row['title']} : {change}")
    if diff.is_empty:
        print(_("Aucune différence."))


_MOST_NAMES = 25
"""Names of a list that is told; more would hide the rest."""


def show_geodata() -> None:
    """What boundaries and lists of localities are installed, and what stays indicative."""
    from atlas.geo import install  # loads what downloads: 0.1 s of every other verb

    for error in _geodata_troubles():
        raise error
    for key, value in shapes.boundary_status().items():
        print(f"{key}: {value}")
    for line in _version_lines():
        print(line)
    if known := install.download_receipt():
        print(f"hdx: {known['file']}, {known['release']['modified']}")
    for line in install.source_sentences(gazetteer.gazetteer_status()):
        print(line)


def _version_lines() -> Iterator[str]:
    """What each installed version draws, and what it leaves to others or to circles."""
    for version, places in shapes.units_by_version().items():
        for name, units in places.items():
            of_frame = shipped_frames().units_at_level(*name.split("/"))
            absent = of_frame.filter(~pl.col("unit_id").is_in(units))["name"].to_list()
            line = _("{version} dessine {name} : {n} sur {total}", version=version, name=name,
                     n=len(units), total=of_frame.height)  # fmt: skip
            names = ", ".join(absent[:_MOST_NAMES]) + (" …" if len(absent) > _MOST_NAMES else "")
            yield line + (_(" (sans {names})", names=names) if absent else "")
    if is_outdated(boundaries_root()):
        yield _(
            "Dessinées par une autre version d'Atlas : « atlas geodata install » ou "
            "« atlas serve » les redessine."
        )


def install_geodata(path: Path) -> None:
    """Install boundaries, or a CSV of localities, with a progress bar; say what was found."""
    from rich import console, progress  # 0.1 s of every other verb

    from atlas.geo import install  # as above

    lines: list[str]
    with progress.Progress(console=console.Console(stderr=True), transient=True) as bar:
        task = bar.add_task(_("Installation"), total=None)

        def say(text: str) -> None:
            bar.update(task, description=text)

        if install.is_locality_list(path):
            lines = install.install_localities(path, progress=say).report_lines()
        else:
            lines = install.install_boundaries(path, progress=say).report_lines()
    for line in lines:
        print(line)


def download_geodata() -> None:
    """Fetch official boundaries with a bar of bytes, then say what was found."""
    from rich import console, progress  # as above

    from atlas.geo import install  # as above

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(
        *columns,
        console=console.Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("HDX", total=None)
        done = install.download_boundaries(
            watch=lambda come, total: bar.update(task, completed=come, total=total),
            progress=lambda text: bar.update(task, description=text),
        )
    for line in done.report_lines():
        print(line)
