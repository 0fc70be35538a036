"""The ``atlas`` command: one thin function a verb; the work is done elsewhere."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Never

import typer
from typer.core import TyperCommand

import atlas
from atlas.cli.account_commands import accounts_app, audit_app
from atlas.cli.backup_commands import backup, restore
from atlas.cli.decision_commands import corrections_app, duplicates_app, nexus_app
from atlas.cli.meeting_commands import meeting_app
from atlas.cli.output import (
    check_all,
    download_geodata,
    fill_with_sample,
    install_geodata,
    print_resolution,
    show_diff,
    show_geodata,
    show_history,
    show_rebuilt,
    write_resolved_table,
)
from atlas.cli.parameters import (
    DONE,
    NOTHING,
    PARTLY,
    AsOption,
    ControlOption,
    DateOption,
    FrameOption,
    JsonOption,
    LangOption,
    LevelOption,
    OutOption,
    PlainCommand,
    PlainGroup,
    RatesOption,
    ReplaceOption,
    SettingOption,
    SourceOption,
    StoreOption,
    WhereOption,
    current_dataset,
    day_of,
    end_wrong_call,
    language_named,
    settings_of,
    store_of,
    viewer_named,
    with_verb,
)
from atlas.cli.round_commands import rounds_app
from atlas.errors import AtlasError, why_refused
from atlas.filters import Filters
from atlas.i18n import N_, _, language_context
from atlas.paths import store_root

if TYPE_CHECKING:
    pass


class LayerCommand(TyperCommand):
    """The verb ``layer``: its help names the layers, which are loaded for nothing else here."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """As of typer."""
        from atlas.layers import LAYERS  # 0.4 s of every other verb

        (name,) = (param for param in self.params if param.name == "name")
        vars(name)["help"] = ", ".join(LAYERS)
        super().format_help(ctx, formatter)


def layer(
    name: str,
    frame: FrameOption = None,
    level: LevelOption = "region",
    where: WhereOption = None,
    at: DateOption = None,
    option: SettingOption = None,
    fmt: Annotated[
        str,
        typer.Option(
            "--format", help="csv | csv-fr | json | hxl | geojson | gpkg | geoparquet | xlsx"
        ),
    ] = "csv",
    out: OutOption = None,
    viewer: AsOption = "editor",
    store: StoreOption = None,
) -> None:
    """Compute a layer of the published snapshot and write it."""
    from atlas.cli.file_output import write_layer  # loads every layer

    filters = Filters.from_where(where or (), at=day_of(at))
    dataset, seen_by = current_dataset(store), viewer_named(viewer)
    answer = dataset.ask(name, filters, frame, level, seen_by, settings_of(option))
    write_layer(dataset, answer, fmt, seen_by, out)


def export(
    fmt: Annotated[
        str,
        typer.Argument(
            help="hxl | xlsx | csv | csv-fr | geojson | gpkg | geoparquet | iati | dossier"
        ),
    ],
    out: Annotated[Path, typer.Option("--out", help=_("Fichier à écrire."))],
    unit: Annotated[
        str | None,
        typer.Option("--unit", help=_("Une zone : ml-2023/mopti ; le dossier en veut une.")),
    ] = None,
    frame: FrameOption = None,
    level: Annotated[
        str | None,
        typer.Option("--level", help=_("region | cercle | commune (défaut : le plus fin)")),
    ] = None,
    where: WhereOption = None,
    at: DateOption = None,
    lang: LangOption = None,
    viewer: AsOption = "editor",
    store: StoreOption = None,
) -> None:
    """Write one row per activity and place, or a zone as one page that needs no network."""
    from atlas.cli.file_output import DOSSIER, write_activities, write_dossier  # loads every layer

    filters = Filters.from_where(where or (), at=day_of(at))
    seen_by = viewer_named(viewer)
    with language_context(language_named(lang)):
        dataset = current_dataset(store)
        if fmt == DOSSIER:
            write_dossier(dataset, unit, level, filters, seen_by, out)
        else:
            write_activities(dataset, fmt, unit, (frame, level), filters, seen_by, out)


def receipt(
    document: Annotated[
        str, typer.Argument(help=_("Nom du fichier publié, ou début de son identifiant."))
    ],
    lang: LangOption = None,
    out: OutOption = None,
    store: StoreOption = None,
) -> None:
    """Write what the sender of a document gets back."""
    from atlas.cli.file_output import write_receipt  # loads every layer

    with language_context(language_named(lang)):
        write_receipt(current_dataset(store), document, out)


def form(
    document: Annotated[
        str, typer.Argument(help=_("Nom du fichier publié, ou début de son identifiant."))
    ],
    out: Annotated[Path, typer.Option("--out", help=_("Classeur XLSX à écrire."))],
    organisation: Annotated[
        str, typer.Option(help=_("Les activités de cette organisation seulement."))
    ] = "",
    at: DateOption = None,
    lang: LangOption = None,
    store: StoreOption = None,
) -> None:
    """Write the form for the next report of whoever sent a document."""
    from atlas.cli.file_output import write_report_form  # loads every layer

    with language_context(language_named(lang)):
        write_report_form(current_dataset(store), document, organisation, day_of(at), out)


def explain(
    code: Annotated[str, typer.Argument(help=_("Code d'une fiche, d'une carte ou d'un fichier."))],
    file: Annotated[
        Path | None, typer.Option("--file", help=_("Le fichier à comparer à ce que dit son code."))
    ] = None,
    rows: Annotated[
        Path | None, typer.Option("--rows", help=_("CSV où écrire les activités derrière."))
    ] = None,
    lang: LangOption = None,
    store: StoreOption = None,
) -> None:
    """Say what is behind a file, and whether it was altered."""
    from atlas.cli.file_output import explain_code  # loads every layer

    with language_context(language_named(lang)):
        same = explain_code(store_of(store), code, file, rows)
    raise typer.Exit(DONE if same else PARTLY)


def map_picture(
    out: Annotated[Path, typer.Option("--out", help=_("Image à écrire : .png, .svg ou .pdf."))],
    query: Annotated[
        str, typer.Option(help=_("Ce que montre la page, d'après son adresse, après le « ? »."))
    ] = "",
    viewer: AsOption = "editor",
    store: StoreOption = None,
) -> None:
    """Write the map of a page as a picture."""
    from atlas.cli.file_output import write_map_picture  # loads every layer

    write_map_picture(store_of(store), query, viewer_named(viewer), out)


def fiche(
    out: Annotated[Path, typer.Option("--out", help=_("Fichier PDF à écrire."))],
    units: Annotated[
        list[str] | None, typer.Argument(help=_("Identifiants de zones : ml-2023/mopti."))
    ] = None,
    under: Annotated[
        str | None, typer.Option("--under", help=_("Une zone, puis celles qu'elle contient."))
    ] = None,
    level: Annotated[
        str | None,
        typer.Option("--level", help=_("Niveau de celles-ci : region | cercle | commune")),
    ] = None,
    sector: Annotated[
        str | None, typer.Option("--sector", help=_("Un secteur, par zone : wash, health…"))
    ] = None,
    donor: Annotated[
        str | None, typer.Option("--donor", help=_("Un bailleur, par zone : identifiant ou nom."))
    ] = None,
    where: WhereOption = None,
    at: DateOption = None,
    lang: LangOption = None,
    viewer: AsOption = "editor",
    store: StoreOption = None,
) -> None:
    """Write a page of A4 for each zone, in one PDF; or that of a sector or a donor."""
    from atlas.cli.file_output import write_fiches, write_sheet  # loads every layer

    filters = Filters.from_where(where or (), at=day_of(at))
    if sector or donor:
        if units or under or (sector and donor):
            end_wrong_call(_("Un secteur, un bailleur ou des zones : un seul à la fois."))
        held = {"sector": (sector,)} if sector else {"donor": (donor,)}
        asked_view = filters.with_changes(**held), level or "region", language_named(lang)
        write_sheet(store_of(store), *asked_view, viewer_named(viewer), out)
        return
    if not (units or under or level):
        end_wrong_call(_("Nommez une zone, ou bien --under UNITÉ ou --level NIVEAU."))
    asked = current_dataset(store), filters, viewer_named(viewer)
    with language_context(language_named(lang)):
        write_fiches(asked, units or (), under, level, out)


app = typer.Typer(
    name="atlas",
    cls=PlainGroup,
    help=_("Qui fait quoi, où, au Mali."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
context_app = typer.Typer(
    no_args_is_help=True, help=_("Besoins, accès, zones : les tables de contexte.")
)
snapshots_app = typer.Typer(
    help=_("Les états publiés : liste, publication, restauration, différences.")
)
geodata_app = typer.Typer(help=_("Limites officielles : état, installation, téléchargement."))
app.command(cls=LayerCommand, help=_("Une question, une ligne par unité et les lignes réservées."))(
    layer
)
app.command(
    help=_("Écrire les activités dans un format d'échange, ou une zone en un dossier hors ligne.")
)(export)
app.command(help=_("Le reçu d'un document, pour son expéditeur : compris, à corriger, attendu."))(
    receipt
)
app.command(
    help=_("Le formulaire du prochain rapport : les activités d'un document, à mettre à jour.")
)(form)
app.command(help=_("D'où vient un fichier, par son code ; s'il a été modifié, où."))(explain)
app.command("map", help=_("Écrire la carte d'une page en image, pour le papier ou l'écran."))(
    map_picture
)
app.command(help=_("Écrire une page A4 par zone, en PDF."))(fiche)
app.add_typer(context_app, name="context")
app.add_typer(corrections_app, name="corrections", invoke_without_command=True)
app.add_typer(duplicates_app, name="duplicates", invoke_without_command=True)
app.add_typer(nexus_app, name="nexus", invoke_without_command=True)
app.add_typer(rounds_app, name="rounds", invoke_without_command=True)
app.add_typer(meeting_app, name="meeting", invoke_without_command=True)
app.add_typer(accounts_app, name="accounts", invoke_without_command=True)
app.add_typer(audit_app, name="audit", invoke_without_command=True)
app.add_typer(snapshots_app, name="snapshots", invoke_without_command=True)
app.add_typer(geodata_app, name="geodata", invoke_without_command=True)


ELSEWHERE = N_("un autre dossier ou un autre disque")


def main() -> None:
    """Run the command; an `AtlasError` is one line on stderr and its exit code."""
    try:
        with_verb(app, sys.argv[1:2])()
    except AtlasError as error:
        _end_with(error)
    except BrokenPipeError:  # the reader of a pipe left: `atlas layer … | head`
        sys.stderr.close()
        sys.exit(DONE)
    except OSError as error:  # of a place that no verb thought of
        what = _("Fichier {file}", file=error.filename or "—")
        _end_with(AtlasError(what, *why_refused(error, _(ELSEWHERE))))


def _end_with(error: AtlasError) -> Never:
    print(error.error_sentence(), file=sys.stderr)
    sys.exit(error.exit_code)


@app.callback(invoke_without_command=True)
def _print_version(
    version: Annotated[bool, typer.Option("--version", help=_("Version."))] = False,
) -> None:
    if version:
        print(f"atlas {atlas.__version__}")
        raise typer.Exit(DONE)


ColumnMapOption = Annotated[
    Path | None, typer.Option("--map", help=_("Colonne → champ (toml, json ou csv)."))
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help=_("Lire sans publier."))]


@app.command(
    cls=PlainCommand, help=_("Lire des fichiers de partenaires et publier ce qui a été lu.")
)
def ingest(
    files: Annotated[list[Path], typer.Argument(help=_("Fichiers à lire."))],
    source: SourceOption = "auto",
    as_of: DateOption = None,
    frame: FrameOption = None,
    column_map: ColumnMapOption = None,
    rates: RatesOption = None,
    control: ControlOption = None,
    replace: ReplaceOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Read files, publish what could be read, say what could not."""
    from atlas.ingest.files.readers import prefetched_reader

    reader = prefetched_reader(files)  # goes on while what follows loads

    from atlas.cli.ingest_output import IngestOptions, ingest_files, show_ingest

    options = IngestOptions(
        source=source,
        as_of=day_of(as_of),
        frame=frame,
        column_map=column_map,
        rates=rates,
        control=tuple(control or ()),
        replace=replace,
        dry_run=dry_run,
        quiet=as_json,
    )
    entries, batches, snapshot = ingest_files(files, store, options, reader)
    if as_json:
        _print_json(snapshot, entries)
    else:
        show_ingest(entries, batches, snapshot, dry_run=dry_run)
    raise typer.Exit(_exit_code(entries) if batches else NOTHING)


@app.command(
    help=_(
        "Récupérer une liste sur un serveur (kobo, activityinfo, hdx, iati) et la lire en fichier."
    )
)
def pull(
    kind: Annotated[str, typer.Argument(help="kobo | activityinfo | hdx | iati")],
    of: Annotated[
        str, typer.Argument(help=_("Formulaire, jeu de données, requête, ou adresse d'un fichier."))
    ],
    server: Annotated[str, typer.Option(help=_("Adresse du serveur, https://…"))] = "",
    resource: Annotated[
        str, typer.Option(help=_("Fichier du jeu de données HDX, s'il en a plusieurs."))
    ] = "",
    keep: Annotated[
        Path | None, typer.Option("--keep", help=_("Dossier où garder aussi le fichier récupéré."))
    ] = None,
    source: SourceOption = "auto",
    as_of: DateOption = None,
    frame: FrameOption = None,
    column_map: ColumnMapOption = None,
    rates: RatesOption = None,
    control: ControlOption = None,
    replace: ReplaceOption = False,
    dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Bring a list from a server as a file, then read and publish it as any file."""
    from atlas.pulls.pull import PullRequest, pulled_file  # loads the readers

    found = pulled_file(store_of(store), PullRequest(kind, of, server, resource))
    with TemporaryDirectory() as folder:
        path = Path(keep or folder) / found.name
        path.write_bytes(found.content)
        said = (source, as_of, frame, column_map, rates, control, replace)
        ingest([path], *said, dry_run, as_json, store)


def _exit_code(entries: Sequence[Mapping[str, Any]]) -> int:
    return PARTLY if any(entry["error"] or entry["rejected"] for entry in entries) else DONE


def _print_json(snapshot: str | None, documents: Sequence[Mapping[str, object]]) -> None:
    """Print JSON piece by piece, an item of a list a line: for a long list it outgrows the file."""

    def written(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    def lines(entry: Mapping[str, object]) -> Iterator[str]:
        for key, value in entry.items():
            own = value if isinstance(value, list) else []
            told = "[\n  " + ",\n  ".join(map(written, own)) + "\n ]" if own else written(value)
            yield f" {written(key)}: {told}"

    entries = ("{\n" + ",\n".join(lines(entry)) + "\n}" for entry in documents)
    print(f'{{"snapshot": {written(snapshot)}, "documents": [', end="")
    for number, entry in enumerate(entries):
        print(", " * (number > 0) + entry, end="")
    print("]}")


@app.command(help=_("Reconnaître une unité d'après ses noms ou ses codes."))
def resolve(
    region: Annotated[str, typer.Option(help=_("Région"))] = "",
    cercle: Annotated[str, typer.Option(help=_("Cercle"))] = "",
    commune: Annotated[str, typer.Option(help=_("Commune"))] = "",
    frame: FrameOption = None,
    as_json: JsonOption = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help=_("Table region, cercle, commune."))
    ] = None,
    out: OutOption = None,
) -> None:
    """Name a unit, or every row of a table."""
    if csv is not None:
        if out is None:
            end_wrong_call(_("--csv demande --out : le fichier où écrire."))
        raise typer.Exit(DONE if write_resolved_table(csv, out, frame) else PARTLY)
    if not (region or cercle or commune):
        end_wrong_call(_("Donnez au moins --region, --cercle ou --commune, ou bien --csv."))
    known = print_resolution(region, cercle, commune, frame, as_json=as_json)
    raise typer.Exit(DONE if known else NOTHING)


@app.command(help=_("Remplir un fonds vide avec l'exemple."))
def sample(
    month: Annotated[
        bool, typer.Option("--month", help=_("Un mois inventé, qui remplit tous les onglets."))
    ] = False,
    store: StoreOption = None,
) -> None:
    """Publish the embedded sample, unless real documents are already there."""
    target = store_of(store)
    if not fill_with_sample(target, month=month):
        print(
            _("Le fonds contient déjà des données : l'exemple n'y est jamais ajouté."),
            file=sys.stderr,
        )
        raise typer.Exit(NOTHING)
    print(_("Exemple publié dans {store}.", store=target.root))


app.command(help=_("Écrire tout le fonds dans un fichier, vérifié."))(backup)
app.command(help=_("Remettre un fonds d'une sauvegarde."))(restore)


@app.command(help=_("Vérifier tout le fonds, les limites et les tables géographiques."))
def check(store: StoreOption = None) -> None:
    """Look at all that is kept, and hold what is published against every invariant."""
    if not check_all(store_of(store)):
        raise typer.Exit(NOTHING)


@app.command(help=_("Servir la page."))
def serve(
    host: Annotated[str, typer.Option(help=_("Adresse"))] = "127.0.0.1",
    port: Annotated[int, typer.Option(help=_("Port"), min=1, max=65535)] = 8050,
    store: StoreOption = None,
) -> None:
    """Serve the page; an empty store is first filled with the sample."""
    from atlas.server import require_free_port, serve_page  # the web, which no other verb loads

    require_free_port(host, port)
    root = store_root(store)
    os.environ["ATLAS_STORE"] = str(root)
    if not store_of(root).publication_history():  # raises where there was one
        fill_with_sample(store_of(root))
    serve_page(host, port)


@context_app.command("add", help=_("Ajouter une table de contexte datée (CSV ou XLSX)."))
def context_add(
    kind: Annotated[
        str,
        typer.Argument(
            help="needs, cadre-harmonise, alerts, prioritisation, population, displacement, "
            "access, services, security, priorities, programme, components, reporting, "
            "contributions"
        ),
    ],
    file: Annotated[Path, typer.Argument(help=_("Fichier à lire."))],
    as_of: DateOption = None,
    frame: FrameOption = None,
    store: StoreOption = None,
) -> None:
    """Read a context table and publish it beside the activities."""
    # Loads the readers and all that makes sense of them: 0.4 s of every other verb.
    from atlas.cli.ingest_output import (
        add_context_table,
        show_ingest,
    )

    batch, snapshot = add_context_table(kind, file, store, as_of=day_of(as_of), frame=frame)
    entry = batch.report()
    show_ingest([{**entry, "error": None}], [batch], snapshot, dry_run=False)
    raise typer.Exit(PARTLY if entry["rejected"] else DONE)


@snapshots_app.callback()
def snapshots(context: typer.Context, store: StoreOption = None) -> None:
    """List the published snapshots when no verb follows."""
    if context.invoked_subcommand is None:
        snapshots_list(store)


@snapshots_app.command("list", help=_("Les états publiés, le plus récent d'abord."))
def snapshots_list(store: StoreOption = None) -> None:
    """One line a snapshot: the current one is marked."""
    show_history(store_of(store))


@snapshots_app.command("restore", help=_("Revenir à l'état précédent, ou à celui qu'on nomme."))
def snapshots_restore(
    snapshot: Annotated[str | None, typer.Argument()] = None, store: StoreOption = None
) -> None:
    """Undo the last publication, or make an earlier snapshot current again."""
    print(_("Publié : {hash}", hash=store_of(store).restore_snapshot(snapshot or "").hash))


@snapshots_app.command("publish", help=_("Publier l'état qu'on nomme."))
def snapshots_publish(snapshot: str, store: StoreOption = None) -> None:
    """Make a snapshot of the history the current one."""
    snapshots_restore(snapshot, store)


@snapshots_app.command("forget", help=_("Retirer de l'historique un état devenu illisible."))
def snapshots_forget(snapshot: str, store: StoreOption = None) -> None:
    """Take a state that cannot be read any more out of the history."""
    print(_("Retiré : {hash}", hash=store_of(store).forget_state(snapshot)))


@snapshots_app.command("rebuild", help=_("Relire les fichiers gardés quand rien n'est lisible."))
def snapshots_rebuild(store: StoreOption = None) -> None:
    """Publish what the kept files say, where no published state can be read."""
    from atlas.review import rebuild_from_raw  # loads the readers and SQLAlchemy

    rebuilt = rebuild_from_raw(store_of(store))
    show_rebuilt(rebuilt)
    raise typer.Exit(PARTLY if rebuilt.missing else DONE)


@snapshots_app.command("diff", help=_("Ce qui diffère entre deux états."))
def snapshots_diff(
    before: str, after: str, as_json: JsonOption = False, store: StoreOption = None
) -> None:
    """Activities added, gone and changed between two snapshots."""
    show_diff(store_of(store).snapshot_diff(before, after), as_json=as_json)


@geodata_app.callback()
def geodata(context: typer.Context) -> None:
    """Say what boundaries are installed when no verb follows."""
    if context.invoked_subcommand is None:
        geodata_status()


@geodata_app.command("status", help=_("Quelles limites sont installées."))
def geodata_status() -> None:
    """Say what is installed, since when, and what stays indicative."""
    show_geodata()


@geodata_app.command(
    "install", help=_("Installer les limites officielles COD-AB (fichier, dossier ou zip).")
)
def geodata_install(path: Path) -> None:
    """Check official boundaries, keep them whole, and make the display layers."""
    install_geodata(path)


@geodata_app.command(
    "download", help=_("Prendre sur HDX les limites officielles en vigueur et les installer.")
)
def geodata_download() -> None:
    """Fetch, check and install what HDX holds today; nothing when that is installed."""
    download_geodata()
