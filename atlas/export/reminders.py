"""Reminders of a round of reporting: one message to each partner who owes a report.

A message goes only to an address of the list that a person approved; the list is a file of
whoever sends, and nothing of it is kept.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

import polars as pl

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.report_form import organisation_form, report_form_xlsx
from atlas.formats import day_text, reporter_name
from atlas.i18n import LANGUAGES, _, language_context, ngettext
from atlas.ingest.files.readers import read_document
from atlas.ingest.parsing.folding import fold_text
from atlas.labels import label
from atlas.round_reports import HEARD, round_reports
from atlas.store.rounds import ReportRound
from atlas.vocab import match_organisation

SMTP_URL = "ATLAS_SMTP_URL"
"""``smtp://user:password@host:port`` or ``smtps://…``: where reminders are sent through."""
_XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PATIENCE_S = 30.0
_NOBODY = frozenset({"", "-", "non", "no", "0", "personne", "nobody", "?"})
"""What stands for an approval that nobody gave."""
_COLUMNS = ("organisation", "adresse", "langue", "approuvé par")
"""Headings of the list of addresses."""


@dataclass(frozen=True)
class Contact:
    """Where a partner is written to.

    Attributes
    ----------
    organisation
        Id, or the spelling where no vocabulary has it.
    approved_by
        The person who approved the address; "": nobody, so that nothing is sent to it.
    """

    organisation: str
    address: str
    language: str
    approved_by: str


@dataclass(frozen=True)
class Reminder:
    """A message to one partner.

    Attributes
    ----------
    form
        Name and bytes of the form for his report; ``None`` where no list of his is published.
    """

    reporter: str
    subject: str
    text: str
    form: tuple[str, bytes] | None


def reminder_of(
    dataset: Dataset, one: ReportRound, reporter: str, today: date, *, with_form: bool = True
) -> Reminder | None:
    """What a partner is reminded of, in the language in force; ``None``: he owes nothing.

    Parameters
    ----------
    dataset
        Of what is published now.
    today
        The day on which it is sent.
    """
    owed = owed_reports(dataset, one, today).filter(reporter=reporter)
    if owed.is_empty():
        return None
    due = one.due_day(reporter)
    if (late := (today - due).days) > 0:
        subject = _("Rapport attendu : {period}, en retard", period=one.title)
        since = ngettext(" ({n} jour de retard)", " ({n} jours de retard)", late)
    else:
        day = day_text(due)
        subject = _(
            "Rapport attendu : {period}, à rendre avant le {due}", period=one.title, due=day
        )
        since = ""
    form = _form_of(dataset, reporter, one.last) if with_form else None
    awaited = _(
        "Pour {period}, un rapport de votre organisation ({who}) est attendu le {due}{since} :",
        period=one.title,
        who=reporter_name(reporter),
        due=day_text(due),
        since=since,
    )
    text = "\n".join(_text_lines(awaited, owed, has_form=form is not None))
    return Reminder(reporter, subject, text + "\n", form)


def owed_reports(dataset: Dataset, one: ReportRound, today: date) -> pl.DataFrame:
    """The reports of a round that have not come: rows of `atlas.round_reports.round_reports`."""
    return round_reports(dataset, one, today).filter(~pl.col("state").is_in(HEARD))


def _text_lines(awaited: str, owed: pl.DataFrame, *, has_form: bool) -> list[str]:
    places = [
        f"- {row['unit_name']}, {label('sector', row['sector'])}"
        for row in owed.unique(["place_id", "sector"], maintain_order=True).to_dicts()
    ]
    nothing = _("Rien à signaler ? Répondez « néant », avec le lieu : c'est aussi un rapport.")
    lines = [_("Bonjour,"), "", awaited, *places, "", nothing]
    if has_form:
        lines.append(
            _(
                "Le formulaire joint contient vos activités telles que publiées : corrigez ce qui "
                "a changé et renvoyez-le."
            )
        )
    return [*lines, "", _("Merci.")]


def _form_of(dataset: Dataset, reporter: str, period_end: date) -> tuple[str, bytes] | None:
    """The form of all that a partner leads; none where newer than the period is published.

    A report dated before what is published would change nothing.
    """
    try:
        form = organisation_form(dataset, reporter, period_end)
    except UsageError:  # no activity of his that a list can hold
        return None
    if form.day > period_end:
        return None
    return f"3w-{period_end.isoformat()}.xlsx", report_form_xlsx(form, dataset)


def read_contacts(path: Path) -> list[Contact]:
    """The list of addresses: a table of any kind that is read, with the headings of `_COLUMNS`.

    Raises
    ------
    UnusableFileError
        It cannot be read.
    UsageError
        A heading is missing, or a line has no address: which.
    """
    sheet = read_document(path).sheets[0]
    texts = [[str(cell or "").strip() for cell in row] for row in sheet.rows]
    lines = [(number, row) for number, row in enumerate(texts, start=sheet.first_row) if any(row)]
    names = [fold_text(cell) for cell in lines[0][1]] if lines else []
    if missing := [name for name in _COLUMNS if fold_text(name) not in names]:
        raise UsageError(
            _("Liste {file} : colonne « {name} » absente", file=path.name, name=missing[0]),
            "",
            _("Colonnes : {names}.", names=", ".join(_COLUMNS)),
        )
    at = [names.index(fold_text(name)) for name in _COLUMNS]
    found = [
        _contact_of_cells(path, number, [row[i] if i < len(row) else "" for i in at])
        for number, row in lines[1:]
    ]
    return list(dict.fromkeys(found))


def _contact_of_cells(path: Path, number: int, cells: Sequence[str]) -> Contact:
    organisation, address, language, who = cells
    if not _is_address(address):
        raise UsageError(
            _("Liste {file}, ligne {n} : « {address} » n'est pas une adresse",
              file=path.name, n=number, address=address),
        )  # fmt: skip
    named = match_organisation(organisation).id or organisation
    approved = "" if fold_text(who) in _NOBODY else who
    return Contact(named, address, language if language in LANGUAGES else LANGUAGES[0], approved)


def _is_address(text: str) -> bool:
    """Whether mail can go there; a mailbox with accents needs servers that few have."""
    try:
        parsed = Address(addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        return False
    return text.isascii() and bool(parsed.username and parsed.domain) and not re.search(r"\s", text)


@dataclass(frozen=True)
class ReminderMail:
    """The messages of a round, and who is written to by nobody.

    Attributes
    ----------
    unapproved, unlisted
        Partners who owe a report whose address nobody approved, or that have none.
    """

    messages: tuple[EmailMessage, ...]
    unapproved: tuple[str, ...]
    unlisted: tuple[str, ...]


def reminder_mail(
    dataset: Dataset, one: ReportRound, contacts: Sequence[Contact], sender: str, today: date
) -> ReminderMail:
    """One message for each approved address of each partner who owes a report.

    Raises
    ------
    UsageError
        The sender's address is none.
    """
    if not _is_address(sender):
        raise UsageError(_("« {address} » n'est pas une adresse", address=sender))
    owing = owed_reports(dataset, one, today)["reporter"].unique(maintain_order=True).to_list()
    listed = {contact.organisation for contact in contacts}
    approved = [contact for contact in contacts if contact.approved_by]
    reached = {contact.organisation for contact in approved}
    return ReminderMail(
        tuple(
            message
            for contact in approved
            if (message := _message_to(contact, dataset, one, sender, today))
        ),
        tuple(who for who in owing if who in listed and who not in reached),
        tuple(who for who in owing if who not in listed),
    )


def _message_to(
    contact: Contact, dataset: Dataset, one: ReportRound, sender: str, today: date
) -> EmailMessage | None:
    with language_context(contact.language):
        reminder = reminder_of(dataset, one, contact.organisation, today)
    if reminder is None:
        return None
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = reminder.subject, sender, contact.address
    message["Message-ID"] = make_msgid(domain="atlas.invalid")
    message.set_content(reminder.text)
    if reminder.form:
        name, content = reminder.form
        message.add_attachment(content, maintype="application", subtype=_XLSX, filename=name)
    return message


def send_mail(messages: Iterable[EmailMessage], url: str) -> tuple[list[str], dict[str, str]]:
    """Send messages through a server; one that is refused does not stop the others.

    Returns
    -------
    tuple
        The addresses written to, and those refused with what the server says.

    Raises
    ------
    UsageError
        The address of the server makes no sense, or the server is not there or breaks off: who
        was written to before.
    """
    sent: list[str] = []
    refused: dict[str, str] = {}
    try:
        with _mail_server(url) as link:
            for message in messages:
                try:
                    link.send_message(message)
                    sent.append(message["To"])
                except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError) as error:
                    refused[message["To"]] = str(error)
    except (OSError, smtplib.SMTPException) as error:
        told = _("déjà envoyés : {names}", names=", ".join(sent) or "–")
        raise UsageError(_("Envoi interrompu"), f"{error} ; {told}") from error
    return sent, refused


def _mail_server(url: str) -> smtplib.SMTP:
    """An open link to the server of an address.

    Raises
    ------
    UsageError
        The address makes no sense.
    """
    try:
        asked = urlsplit(url)
        host, port = asked.hostname, asked.port or 0
    except ValueError:
        asked, host, port = urlsplit(""), None, 0
    if asked.scheme not in ("smtp", "smtps") or not host:
        raise UsageError(
            _("{name} ne désigne pas de serveur", name=SMTP_URL),
            "",
            _("Écrivez smtp://utilisateur:motdepasse@serveur:587."),
        )
    open_link = smtplib.SMTP_SSL if asked.scheme == "smtps" else smtplib.SMTP
    link = open_link(host, port, timeout=_PATIENCE_S)
    if asked.username:
        if asked.scheme == "smtp":
            link.starttls()
        link.login(unquote(asked.username), unquote(asked.password or ""))
    return link
