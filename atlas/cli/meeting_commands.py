"""``atlas meeting``: the agenda that the figures make, action points, and the minutes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.parameters import (
    JsonOption,
    StoreOption,
    WhereOption,
    WhoOption,
    current_dataset,
    day_of,
    store_of,
    who_or_session,
)
from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.formats import day_text
from atlas.i18n import _, ngettext
from atlas.model import Viewer

if TYPE_CHECKING:
    from atlas.store.meetings import Meetings

meeting_app = typer.Typer(
    help=_("Une réunion : ordre du jour selon les chiffres, points d'action, compte rendu.")
)


@meeting_app.callback()
def meeting(context: typer.Context, store: StoreOption = None) -> None:
    """Print the agenda when no verb follows."""
    if context.invoked_subcommand is None:
        meeting_agenda_command(store=store)


@meeting_app.command("agenda", help=_("L'ordre du jour de l'état publié."))
def meeting_agenda_command(
    where: WhereOption = None, json_: JsonOption = False, store: StoreOption = None
) -> None:
    """Print what the figures put on the agenda."""
    from atlas.agenda import agenda_lines, agenda_question, meeting_agenda

    here = store_of(store)
    filters = Filters.from_where(where or ())
    asked = agenda_question(here, current_dataset(store), filters, Viewer.EDITOR, date.today())
    items = meeting_agenda(asked)
    if json_:
        print(json.dumps([asdict(one) for one in items], ensure_ascii=False, indent=1))
        return
    for line in agenda_lines(items):
        print(line)
    if not items:
        print(_("Rien à l'ordre du jour."))


@meeting_app.command("open", help=_("Ouvrir une réunion sur l'état publié."))
def meeting_open(who: WhoOption = None, store: StoreOption = None) -> None:
    """Open a meeting."""
    made = _meetings(store).open_meeting(_current_hash(store), who=who_or_session(who))
    print(_("Réunion {id} ouverte.", id=made.number))


@meeting_app.command("close", help=_("Fermer la réunion en cours."))
def meeting_close(who: WhoOption = None, store: StoreOption = None) -> None:
    """Close the meeting that is going on."""
    made = _meetings(store).close_meeting(_current_hash(store), who=who_or_session(who))
    print(_("Réunion {id} fermée.", id=made.number))


@meeting_app.command("point", help=_("Noter un point d'action : quoi, qui, pour quand."))
def meeting_point(
    text: Annotated[str, typer.Argument(help=_("Ce qui est à faire."))],
    owner: Annotated[str, typer.Option("--owner", help=_("Qui le fait."))],
    due: Annotated[str, typer.Option("--due", help=_("Pour quel jour : AAAA-MM-JJ."))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Note who does what until when."""
    day = day_of(due)
    if day is None:
        raise UsageError(_("Point d'action refusé"), "", _("Pour quel jour : AAAA-MM-JJ."))
    made = _meetings(store).add_point(
        text, owner, day, who=who_or_session(who), snapshot=_current_hash(store)
    )
    print(_("Point d'action {id}, pour le {day}.", id=made.id, day=day_text(made.due)))


@meeting_app.command("done", help=_("Dire un point d'action fait."))
def meeting_done(
    point: Annotated[int, typer.Argument(help=_("Son numéro dans l'ordre du jour."))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Call an action point done."""
    made = _meetings(store).end_point(point, who=who_or_session(who))
    print(_("Point d'action {id} fait.", id=made.id))


@meeting_app.command("minutes", help=_("Le compte rendu, en PDF, DOCX ou XLSX."))
def meeting_minutes(
    out: Annotated[Path, typer.Option("--out", help=_("Fichier : .pdf, .docx ou .xlsx."))],
    number: Annotated[
        int | None, typer.Option("--meeting", help=_("Numéro de la réunion (sinon la dernière)."))
    ] = None,
    store: StoreOption = None,
) -> None:
    """Write the minutes of a meeting."""
    from atlas.export.minutes import minutes_file, minutes_of

    told = minutes_of(store_of(store), number, Filters(), Viewer.EDITOR)
    out.write_bytes(minutes_file(told, out.suffix.lower().removeprefix(".")))
    print(_("Écrit : {file}", file=out))


@meeting_app.command("undo", help=_("Annuler tout ce qui s'est fait dans une réunion."))
def meeting_undo(
    number: Annotated[int, typer.Argument(help=_("Numéro de la réunion."))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Take back a meeting as one: its points and what was decided in it."""
    from atlas.review.undoing import undo_meeting

    n = undo_meeting(store_of(store), number, who=who_or_session(who))
    print(ngettext("{n} acte annulé.", "{n} actes annulés.", n))


def _meetings(store: Path | None) -> Meetings:
    from atlas.store.meetings import Meetings

    return Meetings(store_of(store).root)


def _current_hash(store: Path | None) -> str:
    return current_dataset(store).snapshot.hash
