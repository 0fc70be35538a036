"""``atlas backup`` and ``atlas restore``: a whole store in one file, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.parameters import StoreOption
from atlas.i18n import _, ngettext
from atlas.paths import DATABASE_URL as URL
from atlas.paths import store_root

if TYPE_CHECKING:
    from atlas.store.backup import Backup


def backup(
    file: Annotated[Path, typer.Argument(help=_("Fichier à écrire, par ex. atlas.zip."))],
    without_accounts: Annotated[
        bool, typer.Option("--without-accounts", help=_("Sans les comptes ni le journal."))
    ] = False,
    store: StoreOption = None,
) -> None:
    """Write the store into one file, and verify it."""
    from atlas.store import Store
    from atlas.store.backup import write_backup

    with _progress(_("Sauvegarde")) as notice:
        made = write_backup(
            Store(store_root(store)), file, accounts=not without_accounts, notice=notice
        )
    print(_("Sauvegarde écrite et vérifiée : {file}", file=file))
    _print_content(made)


def restore(
    file: Annotated[Path, typer.Argument(help=_("Une sauvegarde de « atlas backup »."))],
    replace: Annotated[
        bool, typer.Option("--replace", help=_("Garder à côté les données qui y sont déjà."))
    ] = False,
    store: StoreOption = None,
) -> None:
    """Put a store back from a backup."""
    from atlas.store.backup import restore_backup

    root = store_root(store)
    with _progress(_("Restauration")) as notice:
        made, aside = restore_backup(file, root, replace=replace, notice=notice)
    print(_("Restauré dans {folder}", folder=root))
    _print_content(made)
    if aside:
        print(_("Ce qui y était est gardé dans {folder}", folder=aside))


def _print_content(made: Backup) -> None:
    n = len(made.files)
    print(ngettext("{n} fichier", "{n} fichiers", n))
    print(_("État publié : {hash}", hash=made.snapshot[:12] or _("aucun")))
    if not made.has_accounts:
        print(_("Sans comptes."))
    if not made.has_decisions:
        words = _("Les décisions sont dans la base de {name} : sauvegardez-la aussi.", name=URL)
        print(words)


@contextmanager
def _progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on the terminal, by files."""
    from rich import console, progress  # 0.1 s of every other verb

    with progress.Progress(console=console.Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
