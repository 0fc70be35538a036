"""``atlas meeting``: the agenda that the figures make, action points, and the minutes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli.parameters import (
    AsOption,
    EverythingOption,
    FrameOption,
    JsonOption,
    LangOption,
    LevelOption,
    StoreOption,
    WhereOption,
    WhoOption,
    current_dataset,
    day_of,
    decision_sentence,
    end_wrong_call,
    language_named,
    store_of,
    viewer_named,
    who_or_session,
)
from atlas.errors import UsageError
from atlas.i18n import _, language_context

if TYPE_CHECKING:
    from atlas.meeting_agenda import Agenda, AgendaQuestion
    from atlas.store import Store
    from atlas.store.meetings import ActionPoints, Meeting, Meetings

meeting_app = typer.Typer(
    help=_("Les réunions : ordre du jour, points d'action, compte rendu ; le tout annulable.")
)

NumberArgument = Annotated[
    int | None, typer.Argument(help=_("Numéro de la réunion (sinon la dernière)."))
]
PointArgument = Annotated[
    int, typer.Argument(help=_("Numéro du point d'action : atlas meeting points."))
]
SinceOption = Annotated[
    str,
    typer.Option(help=_("État à comparer (sinon celui de la dernière réunion, ou d'avant).")),
]


@meeting_app.callback()
def meeting(context: typer.Context, store: StoreOption = None) -> None:
    """Print the agenda when no verb follows."""
    if context.invoked_subcommand is None:
        meeting_agenda(store=store)


@meeting_app.command("agenda", help=_("L'ordre du jour, d'après les chiffres publiés."))
def meeting_agenda(
    where: WhereOption = None,
    frame: FrameOption = None,
    level: LevelOption = "region",
    since: SinceOption = "",
    as_json: JsonOption = False,
    lang: LangOption = None,
    viewer: AsOption = "partner",
    store: StoreOption = None,
) -> None:
    """Print what there is to speak of, few and ranked."""
    from atlas.meeting_agenda import agenda_of  # loads every layer

    with language_context(language_named(lang)):
        target = store_of(store)
        question = _question(target, where, frame, level, since, viewer)
        agenda = agenda_of(question, _points_of(target).points())
        if as_json:
            print(json.dumps(agenda.as_dict(), ensure_ascii=False, indent=1, default=str))
        else:
            _print_agenda(agenda)


def _question(
    store: Store,
    where: list[str] | None,
    frame: str | None,
    level: str,
    since: str,
    viewer: str,
) -> AgendaQuestion:
    from atlas.filters import Filters  # loads polars
    from atlas.meeting_agenda import AgendaQuestion, since_last_meeting  # as above

    asked = AgendaQuestion(
        current_dataset(store.root),
        date.today(),
        Filters.from_where(where or ()),
        frame,
        level,
        since,
        viewer_named(viewer),
    )
    return asked if since else since_last_meeting(asked, _meetings_of(store))


def _print_agenda(agenda: Agenda) -> None:
    print(agenda.compared_text)
    for topic in agenda.topics:
        print(f"\n{topic.title} : {topic.total}")
        for item in topic.items:
            print(f"- {item.title}\n  {item.figures}")
        for line in filter(None, (topic.more_text, *topic.notes)):
            print(f"  {line}")


@meeting_app.command("list", help=_("Les réunions, la dernière d'abord."))
def meeting_list(everything: EverythingOption = False, store: StoreOption = None) -> None:
    """One line a meeting; with ``--all`` everything that was done about them."""
    held = _meetings_of(store_of(store))
    if everything:
        for decision in held.all_decisions():
            print(decision_sentence(decision, decision.decided_text))
        return
    found = held.meetings()
    for one in found:
        print(_meeting_line(one))
    if not found:
        print(_("Aucune réunion. Ouvrez-en une : atlas meeting open."))


@meeting_app.command("open", help=_("Ouvrir une réunion sur ce qui est publié."))
def meeting_open(
    where: WhereOption = None,
    frame: FrameOption = None,
    level: LevelOption = "region",
    since: SinceOption = "",
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Open a meeting on the published state."""
    from atlas.meeting_agenda import open_meeting  # loads every layer

    target = store_of(store)
    question = _question(target, where, frame, level, since, "partner")
    print(_meeting_line(open_meeting(target, question, who=who_or_session(who))))


@meeting_app.command("close", help=_("Clore une réunion."))
def meeting_close(
    number: NumberArgument = None, who: WhoOption = None, store: StoreOption = None
) -> None:
    """Close a meeting: what is decided after is not of it."""
    held = _meetings_of(store_of(store))
    one = _meeting_named(held, number)
    print(_meeting_line(held.close_meeting(one.number, who=who_or_session(who))))


@meeting_app.command("undo", help=_("Annuler tout d'une réunion : décisions, points d'action."))
def meeting_undo(
    number: Annotated[int, typer.Argument(help=_("Numéro de la réunion : atlas meeting list."))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Take back all of a meeting as one."""
    from atlas.review.undoing import undo_meeting  # loads the readers

    undone = undo_meeting(store_of(store), number, who=who_or_session(who))
    print(undone.sentence)


@meeting_app.command("points", help=_("Les points d'action, ce qui est dû d'abord."))
def meeting_points(
    everything: Annotated[bool, typer.Option("--all", help=_("Aussi ce qui est fait."))] = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """One line a point."""
    from atlas.meeting_agenda import point_text  # loads every layer

    today = date.today()
    found = [one for one in _points_of(store_of(store)).points() if everything or not one.last.done]
    if as_json:
        told = [
            {
                "id": one.number, "what": one.last.what, "owner": one.last.owner,
                "due": one.last.due, "done": one.last.done, "days_late": one.days_late(today),
                "meeting": one.first.meeting or None, "state": one.first.snapshot or None,
            }
            for one in found
        ]  # fmt: skip
        print(json.dumps(told, ensure_ascii=False, indent=1, default=str))
        return
    for one in found:
        print(f"{one.number:>4}  {one.last.what} : {point_text(one, today)}")
    if not found:
        print(_("Aucun point d'action."))


@meeting_app.command("add", help=_("Noter un point d'action : quoi, qui, pour quand."))
def meeting_add(
    what: Annotated[str, typer.Argument(help=_("Ce qui est à faire."))],
    owner: Annotated[str, typer.Option(help=_("Qui le fait."))],
    due: Annotated[str, typer.Option(metavar="DATE", help=_("Pour le : AAAA-MM-JJ"))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Write an action point down, in the meeting that is held now where there is one."""
    target, author, day = store_of(store), who_or_session(who), day_of(due)
    if day is None:
        end_wrong_call(_("« {text} » n'est pas une date : il faut AAAA-MM-JJ.", text=due))
    held, snapshot = _meetings_of(target).current_meeting(author), target.current_snapshot()
    made = _points_of(target).add_point(
        what,
        owner,
        day,
        who=author,
        meeting=held.number if held else 0,
        snapshot=snapshot.hash if snapshot else "",
    )
    print(_("Point d'action {n} noté.", n=made.number))


@meeting_app.command("done", help=_("Dire qu'un point d'action est fait."))
def meeting_done(point: PointArgument, who: WhoOption = None, store: StoreOption = None) -> None:
    """Say that a point is done."""
    target, author = store_of(store), who_or_session(who)
    held = _meetings_of(target).current_meeting(author)
    number = held.number if held else 0
    one = _points_of(target).change_point(point, None, who=author, meeting=number, done=True)
    print(_("Point d'action {n} fait.", n=one.number))


@meeting_app.command("undo-point", help=_("Annuler ce qui a été dit en dernier d'un point."))
def meeting_undo_point(
    point: PointArgument, who: WhoOption = None, store: StoreOption = None
) -> None:
    """Take back what was said of a point last."""
    undone = _points_of(store_of(store)).undo_point(point, None, who=who_or_session(who))
    print(_("Annulé : {what}", what=undone.decided_text))


@meeting_app.command("minutes", help=_("Le compte rendu d'une réunion : .pdf, .docx ou .xlsx."))
def meeting_minutes(
    out: Annotated[Path, typer.Option("--out", help=_("Fichier : .pdf, .docx ou .xlsx."))],
    number: NumberArgument = None,
    lang: LangOption = None,
    store: StoreOption = None,
) -> None:
    """Write the minutes of a meeting."""
    from atlas.export import write_file  # loads every layer
    from atlas.export.minutes import WRITERS, minutes_of  # as above
    from atlas.meeting_agenda import dataset_of_meeting  # as above

    kind = out.suffix.lstrip(".").lower()
    if kind not in WRITERS:
        end_wrong_call(_("--out attend un fichier .pdf, .docx ou .xlsx."))
    with language_context(language_named(lang)):
        target = store_of(store)
        one = _meeting_named(_meetings_of(target), number)
        told = minutes_of(target, dataset_of_meeting(target, one), one)
        write_file(out, told.as_file(kind))


def _meeting_named(held: Meetings, number: int | None) -> Meeting:
    if number is not None:
        return held.meeting_of(number)
    found = held.meetings()
    if not found:
        raise UsageError(_("Aucune réunion"), "", _("Ouvrez-en une : atlas meeting open."))
    return found[0]


def _meeting_line(one: Meeting) -> str:
    state = _("close") if one.closed else _("ouverte")
    return _(
        "{meeting}, sur l'état {hash}, par {who} : {state}.",
        meeting=one.title,
        hash=one.opened.snapshot[:12],
        who=one.opened.who,
        state=state,
    )


def _meetings_of(store: Store) -> Meetings:
    from atlas.store.meetings import Meetings  # loads SQLAlchemy: 0.3 s

    return Meetings(store.root)


def _points_of(store: Store) -> ActionPoints:
    from atlas.store.meetings import ActionPoints  # as above

    return ActionPoints(store.root)
