"""What the command line shows: tables and sentences on a terminal, through rich."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from atlas.errors import AtlasError, GeodataError
from atlas.i18n import _, ngettext
from atlas.labels import label
from atlas.terminal_tables import number, show, table_of

if TYPE_CHECKING:
    from atlas.review import Applied
    from atlas.store import Diff, Snapshot, Store


def resolve_one(
    region: str, cercle: str, commune: str, frame: str | None, *, as_json: bool
) -> bool:
    """Show which unit these names mean; ``False`` when that is not known."""
    from atlas.geo.frames import frames
    from atlas.geo.resolve import resolve

    chosen = frame or frames().frame_on(date.today())
    answer = resolve(region=region, cercle=cercle, commune=commune, frame=chosen)
    if as_json:
        known = answer.unit_id is not None and answer.unit_id in frames()
        unit = frames().unit(str(answer.unit_id)) if known else None
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
        print(f"{answer.unit_id}  {frames().label(answer.unit_id)}  ({how}, {answer.score:.2f})")
    else:
        near = ", ".join(f"{c.name} [{c.unit_id}]" for c in answer.candidates)
        print(_("Pas d'unité reconnue. Proches : {near}.", near=near or "—"))
    return answer.unit_id is not None


_PLACE_COLUMNS = ("region", "cercle", "commune", "locality")
_CODE_COLUMNS = ("region_code", "cercle_code", "commune_code")
_POINT_COLUMNS = ("lon", "lat")


def resolve_table(source: Path, out: Path, frame: str | None) -> bool:
    """Resolve every row of a CSV: rows and order are kept, six columns are added.

    Columns of an earlier answer are replaced. A row with a cell too many or too few is told
    and has no answer; ``False`` where there is one.
    """
    from atlas.geo.resolve import resolve_frame
    from atlas.ingest.files.delimited import why_misshapen, widths_of
    from atlas.ingest.files.readers import locator, read_document

    document = read_document(source)
    sheet = document.sheets[0]
    widths = widths_of(sheet.rows[:1], document.format)
    header = _distinct([str(cell or "").strip() for cell in sheet.rows[0]])
    known = {name.casefold(): name for name in reversed(header)}
    if not any(name in known for name in (*_PLACE_COLUMNS, *_POINT_COLUMNS)):
        raise AtlasError(
            _("{file} : ni region, ni cercle, ni commune", file=source.name),
            _("colonnes lues : {columns}", columns=", ".join(header)),
            _("Nommez au moins une de ces trois colonnes."),
        )
    misshapen: list[int] = []
    for at, row in enumerate(sheet.rows[1:]):
        if any(row) and (why := why_misshapen(row, widths)):
            misshapen.append(at)
            where = locator(document, sheet, at + 1)
            print(_("{where} non reconnue : {why}.", where=where, why=why[1]), file=sys.stderr)
    table = _as_text(header, sheet.rows[1:])
    columns = (*_PLACE_COLUMNS, *_CODE_COLUMNS, *_POINT_COLUMNS)
    given = [name for name in columns if name in known]
    read = ~pl.int_range(pl.len()).is_in(misshapen)
    places = table.select(pl.when(read).then(known[name]).alias(name) for name in given)
    answers = resolve_frame(places, frame or _judged(places))
    kept = table.drop(answers.columns, strict=False)
    told = pl.concat([kept, answers], how="horizontal")
    _write_table(told, out)
    return not misshapen


def _as_text(header: Sequence[str], rows: Sequence[Sequence[object]]) -> pl.DataFrame:
    """Rows as a table of text; cells beyond the headings are kept under their number."""
    width = max(map(len, rows), default=0)
    names = [*header, *(f"n° {at + 1}" for at in range(len(header), width))]
    cells = (["" if cell is None else str(cell) for cell in row] for row in rows)
    filled = [[*row, *[""] * (len(names) - len(row))] for row in cells]
    return pl.DataFrame(filled, schema=dict.fromkeys(names, pl.String), orient="row")


def _judged(places: pl.DataFrame) -> str:
    """The découpage in which the rows are units, said where it is not that of today."""
    from atlas.geo.frames import frames
    from atlas.geo.resolve import frame_of_table

    verdict = frame_of_table(places, frames().frame_on(date.today()))
    if verdict.frame != verdict.usual:
        told = {"frame": verdict.frame, "fits": verdict.told()}
        print(_("Découpage {frame} : lignes qui y sont des unités : {fits}.", **told))
    return verdict.frame


def _write_table(table: pl.DataFrame, out: Path) -> None:
    """Write a table that somebody else typed: its headings are texts too, its figures stay."""
    from atlas.export import write_file
    from atlas.export.tables import guarded

    headings = guarded(pl.DataFrame({"name": table.columns}))["name"].to_list()
    safe = guarded(table)
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


def _distinct(header: Sequence[str]) -> list[str]:
    """Column names, each once: a second "note" becomes "note_2"."""
    seen: dict[str, int] = {}
    found = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return found


def fill_with_sample(store: Store) -> bool:
    """Publish the sample into an empty store; ``False`` when something is there already."""
    if store.current() is not None:
        return False
    from atlas.ingest.sample import sample_tables

    store.publish(sample_tables(), note="sample")
    return True


def check_all(store: Store) -> bool:
    """Check the store, the boundaries and what is published; each verdict on its own line."""
    from atlas.geo.frames import FRAMES, frames
    from atlas.model import Level

    for frame in FRAMES:
        counts = ", ".join(f"{level} {frames().at(frame, level).height}" for level in Level)
        print(f"{frame}: {counts}")
    troubles = list(_troubles(store))
    for sentence in troubles:
        print(sentence)
    if not troubles:
        print(_("Fonds et limites installées : rien d'abîmé."))
    try:
        snapshot = store.current()
    except AtlasError:
        return False  # named above
    if snapshot is None:
        print(_("Fonds vide : rien à vérifier."))
        return not troubles
    return check_snapshot(snapshot) and not troubles


def _troubles(store: Store) -> Iterator[str]:
    """A sentence for each thing that is damaged or gone."""
    from atlas.senders import trouble
    from atlas.store.checking import store_troubles

    yield from store_troubles(store)
    if said := trouble(store.root):
        yield said
    yield from (error.sentence() for error in _geodata_troubles())


def _geodata_troubles() -> Iterator[GeodataError]:
    """What is wrong with the installed boundaries and lists of localities."""
    from atlas.geo import gazetteer
    from atlas.geo.frames import FRAMES, LEVELS
    from atlas.geo.generations import trouble_in
    from atlas.paths import boundaries_root

    root, localities = boundaries_root(), boundaries_root() / gazetteer.FOLDER
    display = [f"display/{frame}-{level}.geojson" for frame in FRAMES for level in LEVELS]
    if why := trouble_in(root, (gazetteer.FOLDER,), ["meta.json", *display]):
        remedy = _("Réinstallez-les : atlas geodata download, ou atlas geodata install FICHIER.")
        yield GeodataError(_("Limites installées dans {folder}", folder=root), why, remedy)
    if why := trouble_in(localities, (), ["localities.parquet", "sources.json"]):
        what = _("Localités installées dans {folder}", folder=localities)
        yield GeodataError(
            what, why, _("Réinstallez chaque liste : atlas geodata install LISTE.csv.")
        )


def check_snapshot(snapshot: Snapshot) -> bool:
    """Hold published tables against the contract; say each verdict on its own line."""
    from atlas.model import check

    try:
        check(snapshot.tables)
    except AtlasError as error:
        print(error.sentence())
        return False
    print(_("Tables : conformes au contrat ({hash}).", hash=snapshot.hash))
    return _check_money(snapshot)


def show_rebuilt(rebuilt: Applied) -> None:
    """What was read again from the kept files, and what could not be."""
    n = len(rebuilt.read)
    print(ngettext("{n} document relu", "{n} documents relus", n))
    for file, reason in rebuilt.missing:
        print(_("Non relu : {file}, {reason}", file=file, reason=reason))
    print(_("Ce qui n'a été saisi que dans la page (programmes) est à redire."))
    print(_("Publié : {hash}", hash=rebuilt.snapshot.hash))


def _check_money(snapshot: Snapshot) -> bool:
    """Units and reserved rows add up to the activities, in every découpage and level."""
    from atlas.dataset import Dataset
    from atlas.filters import Filters
    from atlas.geo.frames import FRAMES
    from atlas.model import Kind, Level

    dataset = Dataset(snapshot)
    once = dataset.prepared()
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
                _cents(table[name]) for name in ("budget_usd", "cancelled_usd", "suspended_usd")
            ]
            sound &= sum(sums) == expected
            sign = "=" if sum(sums) == expected else "≠"
            told = " + ".join(f"{cents / 100:.2f}" for cents in sums)
            print(f"budget {frame} {level}: {told} USD {sign} {expected / 100:.2f} USD")
    if apart := _cents(table["cancelled_usd"]) + _cents(table["suspended_usd"]):
        print(
            _(
                "budget + annulé + suspendu = tous les montants ; {apart} USD hors compte",
                apart=f"{apart / 100:.2f}",
            )
        )
    return sound


def _cents(money: pl.Series) -> int:
    return sum(round(100 * usd) for usd in money.drop_nulls())


def show_history(store: Store) -> None:
    """Every snapshot, newest first, the current one marked."""
    events = store.history()
    heads = ("", _("État"), _("Publié le"), _("Documents"), _("Activités"))
    table = table_of(_("États publiés"), heads, right=(4,))
    for event in events:
        mark = "●" if event.hash == events[0].hash else ""
        when = f"{event.time:%Y-%m-%d %H:%M}"
        files = ", ".join(event.documents)
        table.add_row(mark, event.hash[:12], when, files, number(event.activities))
    show(table)


def show_diff(diff: Diff, *, as_json: bool) -> None:
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
    from atlas.geo import gazetteer, shapes
    from atlas.geo.download import receipt
    from atlas.geo.gazetteer_install import describe

    for error in _geodata_troubles():
        raise error
    for key, value in shapes.status().items():
        print(f"{key}: {value}")
    for line in _drawn_by():
        print(line)
    if known := receipt():
        print(f"hdx: {known['file']}, {known['release']['modified']}")
    for line in describe(gazetteer.status()):
        print(line)


def _drawn_by() -> Iterator[str]:
    """What each installed version draws, and what it leaves to others or to circles."""
    from atlas.geo import shapes
    from atlas.geo.frames import frames
    from atlas.geo.generations import outdated
    from atlas.paths import boundaries_root

    for version, places in shapes.drawn_by().items():
        for name, units in places.items():
            of_frame = frames().at(*name.split("/"))
            absent = of_frame.filter(~pl.col("unit_id").is_in(units))["name"].to_list()
            line = _("{version} dessine {name} : {n} sur {total}", version=version, name=name,
                     n=len(units), total=of_frame.height)  # fmt: skip
            names = ", ".join(absent[:_MOST_NAMES]) + (" …" if len(absent) > _MOST_NAMES else "")
            yield line + (_(" (sans {names})", names=names) if absent else "")
    if outdated(boundaries_root()):
        yield _(
            "Dessinées par une autre version d'Atlas : « atlas geodata install » ou "
            "« atlas serve » les redessine."
        )


def install_geodata(path: Path) -> None:
    """Install boundaries, or a CSV of localities, with a progress bar; say what was found."""
    from rich.console import Console
    from rich.progress import Progress

    from atlas.geo import gazetteer_install as localities
    from atlas.geo.install import install

    lines: list[str]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(_("Installation"), total=None)

        def say(text: str) -> None:
            progress.update(task, description=text)

        if localities.is_list(path):
            lines = localities.install(path, progress=say).lines()
        else:
            lines = install(path, progress=say).lines()
    for line in lines:
        print(line)


def download_geodata() -> None:
    """Fetch official boundaries with a bar of bytes, then say what was found."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from atlas.geo.download import download

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    console = Console(stderr=True)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True,
                  disable=not sys.stderr.isatty()) as progress:  # fmt: skip
        task = progress.add_task("HDX", total=None)
        done = download(
            watch=lambda come, total: progress.update(task, completed=come, total=total),
            progress=lambda text: progress.update(task, description=text),
        )
    for line in done.lines():
        print(line)
