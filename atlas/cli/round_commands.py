"""``atlas rounds``: when reports are due, who has sent one, and when the figures are closed."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli.parameters import (
    PARTLY,
    EverythingOption,
    JsonOption,
    StoreOption,
    WhoOption,
    current_dataset,
    day_of,
    decision_sentence,
    end_wrong_call,
    store_of,
    who_or_session,
)
from atlas.errors import UsageError, system_errors_as
from atlas.formats import day_text, period_text, reporter_name
from atlas.i18n import _, ngettext
from atlas.labels import label

if TYPE_CHECKING:
    from atlas.dataset import Dataset
    from atlas.export.reminders import ReminderMail
    from atlas.round_reports import RoundStanding
    from atlas.store import Store
    from atlas.store.rounds import ReportRound, ReportRounds

rounds_app = typer.Typer(
    help=_("Les tours de rapportage : ouverture, échéance, clôture, réouverture, rapports reçus.")
)

PeriodArgument = Annotated[
    str, typer.Argument(help=_("Un mois, un trimestre ou deux jours : 2024-01, « T1 2024 »."))
]


@rounds_app.callback()
def rounds(context: typer.Context, store: StoreOption = None) -> None:
    """List the rounds when no verb follows."""
    if context.invoked_subcommand is None:
        rounds_list(store=store)


@rounds_app.command("list", help=_("Les tours, le plus récent d'abord."))
def rounds_list(everything: EverythingOption = False, store: StoreOption = None) -> None:
    """One line a round; with ``--all`` everything that was decided about them."""
    history = _rounds_of(store_of(store))
    if everything:
        for one in history.all_decisions():
            print(decision_sentence(one, one.decided_text))
        return
    found = history.rounds()
    for round_ in found:
        print(_round_line(round_))
    if not found:
        print(_("Aucun tour. Ouvrez-en un : atlas rounds open PÉRIODE --due JOUR."))


@rounds_app.command("open", help=_("Ouvrir un tour, ou en déplacer l'échéance."))
def rounds_open(
    period: PeriodArgument,
    due: Annotated[str, typer.Option(metavar="DATE", help=_("Échéance : AAAA-MM-JJ"))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Say until when the reports of a period are due."""
    day = day_of(due)
    assert day is not None
    made = _rounds_of(store_of(store)).open_round(*_period_of(period), day, who=who_or_session(who))
    print(_round_line(made))


@rounds_app.command(
    "close", help=_("Clore un tour sur ce qui est publié : ses chiffres se figent.")
)
def rounds_close(period: PeriodArgument, who: WhoOption = None, store: StoreOption = None) -> None:
    """Close a round with the state that is published."""
    from atlas.round_reports import close_round  # loads every layer

    target = store_of(store)
    asked = target, current_dataset(store), _period_of(period)
    print(_round_line(close_round(*asked, who=who_or_session(who), today=date.today())))


@rounds_app.command("reopen", help=_("Rouvrir un tour clos pour un partenaire."))
def rounds_reopen(
    period: PeriodArgument,
    reporter: Annotated[str, typer.Option("--for", help=_("Organisation, par son sigle ou nom."))],
    until: Annotated[str, typer.Option(metavar="DATE", help=_("Jusqu'au : AAAA-MM-JJ"))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Let one partner report on a round that is closed."""
    from atlas.round_reports import reopen_round  # loads every layer
    from atlas.vocab import match_organisation  # as above

    day = day_of(until)
    assert day is not None
    named = match_organisation(reporter).id or reporter
    asked = store_of(store), current_dataset(store), _period_of(period), named, day
    print(_round_line(reopen_round(*asked, who=who_or_session(who))))


@rounds_app.command("undo", help=_("Annuler une ouverture, une clôture ou une réouverture."))
def rounds_undo(
    decision: Annotated[int, typer.Argument(help=_("Son numéro : atlas rounds list --all."))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Take back what was decided about a round."""
    undone = _rounds_of(store_of(store)).undo_decision(decision, who=who_or_session(who))
    print(_("Décision {id} annulée.", id=undone.id))


@rounds_app.command("show", help=_("Les rapports d'un tour : reçus, en retard, attendus."))
def rounds_show(
    period: PeriodArgument, as_json: JsonOption = False, store: StoreOption = None
) -> None:
    """One line a report; of a closed round, by the state that it was closed with."""
    from atlas.round_reports import round_standing  # loads every layer

    target = store_of(store)
    one = _rounds_of(target).round_of(_period_of(period))
    standing = round_standing(target, current_dataset(store), one, date.today())
    if as_json:
        print(json.dumps(_standing_as_dict(standing), ensure_ascii=False, indent=1, default=str))
        return
    print(_round_line(one))
    if not standing.is_readable:
        print("  " + _("L'état de la clôture est illisible ; ce qui suit est d'aujourd'hui."))
    for row in standing.reports.to_dicts():
        print(f"  {_report_words(row)} : {_report_state_text(row)}")
    for row in standing.came_later.to_dicts():
        print("  " + _("après la clôture : {what}", what=_report_words(row)))
    for row in standing.withdrawn.to_dicts():
        print("  " + _("n'est plus publié : {what}", what=_report_words(row)))
    if standing.changed:
        n = standing.changed
        print(ngettext("{n} activité a changé depuis la clôture.",
                       "{n} activités ont changé depuis la clôture.", n))  # fmt: skip


def _report_words(row: dict[str, Any]) -> str:
    """Whose report, of what and of which period."""
    period = period_text(row["period_start"], row["period_end"])
    what = reporter_name(row["reporter"]), row["unit_name"], label("sector", row["sector"]), period
    return ", ".join(what)


def _report_state_text(row: dict[str, Any]) -> str:
    """Its state and due day; of one that came, how many activities it tells there."""
    text = f"{label('state', row['state'])}, {day_text(row['due'])}"
    if row["activities"] is not None:
        text += ", " + ngettext("{n} activité", "{n} activités", row["activities"])
    return text


ContactsOption = Annotated[
    Path | None,
    typer.Option(help=_("Adresses approuvées : CSV organisation;adresse;langue;approuvé par.")),
]
SendOption = Annotated[
    bool, typer.Option("--send", help=_("Envoyer par le serveur de ATLAS_SMTP_URL."))
]


@rounds_app.command("remind", help=_("Les rappels à ceux dont le rapport n'est pas venu."))
def rounds_remind(
    period: PeriodArgument,
    contacts: ContactsOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("Dossier où écrire un .eml par adresse."))
    ] = None,
    send: SendOption = False,
    sender: Annotated[
        str, typer.Option("--from", help=_("Adresse de qui envoie."))
    ] = "atlas@localhost.localdomain",
    store: StoreOption = None,
) -> None:
    """Print the messages; with addresses, write or send one to each that a person approved."""
    from atlas.export import reminders  # loads every layer

    dataset = current_dataset(store)
    one = _rounds_of(store_of(store)).round_of(_period_of(period))
    if contacts is None:
        if out or send:
            end_wrong_call(_("Donnez la liste des adresses : --contacts FICHIER."))
        _print_reminders(dataset, one)
        return
    listed = reminders.read_contacts(contacts)
    mail = reminders.reminder_mail(dataset, one, listed, sender, date.today())
    _say_who_is_left(mail)
    if out:
        _write_messages(mail, out)
    if send and not _are_sent(mail):
        raise typer.Exit(PARTLY)


def _are_sent(mail: ReminderMail) -> bool:
    """Send the messages, and say to whom; whether none was refused."""
    from atlas.export import reminders  # loads every layer

    sent, refused = reminders.send_mail(mail.messages, os.environ.get(reminders.SMTP_URL, ""))
    print(ngettext("{n} message envoyé.", "{n} messages envoyés.", len(sent)))
    for address in sent:
        print(f"  {address}")
    for address, why in refused.items():
        print(_("Refusé : {address}, {why}", address=address, why=why), file=sys.stderr)
    return not refused


def _write_messages(mail: ReminderMail, out: Path) -> None:
    from atlas.export import write_file  # loads polars

    with system_errors_as(_("Dossier {file} non écrit", file=out.name), "--out", UsageError):
        out.mkdir(parents=True, exist_ok=True)
    for number, message in enumerate(mail.messages, start=1):
        name = f"{number:03}-{_file_words(message['To'])}.eml"
        write_file(out / name, message.as_bytes())
        print(f"{name} : {message['Subject']}")


def _print_reminders(dataset: Dataset, one: ReportRound) -> None:
    from atlas.export import reminders  # loads every layer

    owed = reminders.owed_reports(dataset, one, date.today())
    for reporter in owed["reporter"].unique(maintain_order=True):
        told = reminders.reminder_of(dataset, one, reporter, date.today(), with_form=False)
        assert told is not None
        print(f"{reporter_name(reporter)} – {told.subject}\n{told.text}")
    if owed.is_empty():
        print(_("Personne ne doit de rapport : {period}.", period=one.title))


def _say_who_is_left(mail: ReminderMail) -> None:
    """Who is written to by nobody, on stderr: the rest goes on."""
    unlisted, unapproved = (
        ", ".join(map(reporter_name, who)) for who in (mail.unlisted, mail.unapproved)
    )
    if unlisted:
        print(_("Sans adresse : {names}.", names=unlisted), file=sys.stderr)
    if unapproved:
        print(_("Adresse que personne n'a approuvée : {names}.", names=unapproved), file=sys.stderr)


def _file_words(address: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in address)


def _standing_as_dict(standing: RoundStanding) -> dict[str, object]:
    one = standing.round
    return {
        "first": one.first,
        "last": one.last,
        "due": one.due,
        "closed": one.closed_at,
        "snapshot": one.closed.snapshot if one.closed else None,
        "reopened": dict(one.reopened),
        "reports": standing.reports.to_dicts(),
        "came_later": standing.came_later.to_dicts(),
        "changed": standing.changed,
    }


def _round_line(one: ReportRound) -> str:
    line = _("{period} : échéance le {due}", period=one.title, due=day_text(one.due))
    if one.closed:
        n = one.closed.received
        line += ", " + ngettext(
            "clos le {day} sur l'état {hash}, {n} rapport sur {every}",
            "clos le {day} sur l'état {hash}, {n} rapports sur {every}",
            n,
            day=day_text(one.closed.at.date()),
            hash=one.closed.snapshot[:12],
            every=one.closed.expected,
        )
    else:
        line += ", " + _("ouvert")
    for reporter, until in one.reopened.items():
        line += " ; " + _("rouvert pour {who} jusqu'au {day}", who=reporter_name(reporter),
                          day=day_text(until))  # fmt: skip
    return line + "."


def _rounds_of(store: Store) -> ReportRounds:
    from atlas.store.rounds import ReportRounds  # loads SQLAlchemy: 0.3 s

    return ReportRounds(store.root)


def _period_of(words: str) -> tuple[date, date]:
    from atlas.ingest.parsing.dates import parse_period  # loads the readers

    found = parse_period(words)
    if found.start is None or found.end is None:
        end_wrong_call(
            _("Période « {words} » illisible : 2024-01, « T1 2024 », 2024-01-01/2024-01-31.",
              words=words)
        )  # fmt: skip
    return found.start, found.end
