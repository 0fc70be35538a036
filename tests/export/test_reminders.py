"""Reminders: who owes a report is written to, at approved addresses and no others."""

from __future__ import annotations

import socketserver
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from threading import Thread

import pytest
from python_calamine import CalamineWorkbook

from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.reminders import (
    Contact,
    read_contacts,
    reminder_mail,
    reminder_of,
    send_mail,
)
from atlas.i18n import language_context
from atlas.model import Tables
from atlas.store.rounds import ReportRound, ReportRounds
from tests.export.test_receipt import ROWS, tables_of_list
from tests.strategies import SyntheticSnapshot
from tests.test_rounds import DUE, JANUARY, TWO_REPORTERS, scope_of_two

AWA = "Awa"
BEFORE, AFTER = date(2024, 2, 12), date(2024, 2, 18)


@pytest.fixture
def january(tmp_path: Path) -> ReportRound:
    """A round of which FAO owes a report, and UNICEF does not."""
    return ReportRounds(tmp_path).open_round(*JANUARY, DUE, who=AWA)


@pytest.fixture
def dataset() -> Dataset:
    return Dataset(SyntheticSnapshot(scope_of_two("unicef")))


def contact(organisation: str, approved_by: str = AWA, language: str = "fr") -> Contact:
    return Contact(organisation, f"{organisation}@example.org", language, approved_by)


def test_before_the_due_day_a_reminder_says_until_when(dataset, january):
    told = reminder_of(dataset, january, "fao", BEFORE)
    assert told.subject == "Rapport attendu : janvier 2024, à rendre avant le 15 février 2024"
    assert "(FAO) est attendu le 15 février 2024 :\n- Kidal, tous secteurs" in told.text


def test_after_the_due_day_it_says_how_late_the_report_is(dataset, january):
    told = reminder_of(dataset, january, "fao", AFTER)
    assert told.subject == "Rapport attendu : janvier 2024, en retard"
    assert "15 février 2024 (3 jours de retard)" in told.text


def test_who_has_reported_is_reminded_of_nothing(dataset, january):
    assert reminder_of(dataset, january, "unicef", AFTER) is None


def test_each_partner_is_written_to_in_the_language_of_its_address(dataset, january):
    mail = reminder_mail(dataset, january, [contact("fao", language="en")], "a@b.org", AFTER)
    assert mail.messages[0]["Subject"] == "Report awaited: January 2024, late"


def test_nobody_is_written_to_whose_address_no_person_approved(dataset, january):
    mail = reminder_mail(dataset, january, [contact("fao", "")], "a@b.org", AFTER)
    assert (mail.messages, mail.unapproved, mail.unlisted) == ((), ("fao",), ())


def test_nobody_is_written_to_who_is_not_on_the_list(dataset, january):
    mail = reminder_mail(dataset, january, [contact("unicef")], "a@b.org", AFTER)
    assert (mail.messages, mail.unapproved, mail.unlisted) == ((), (), ("fao",))


def test_the_form_of_a_partner_goes_with_the_reminder(january, tmp_path):
    listed = tables_of_list(tmp_path, ROWS[0].replace("ACF", "FAO").replace("/2024", "/2023"))
    document = listed.documents["document"][0]
    owes = [one | {"document": document} for one in TWO_REPORTERS]
    tables = Tables.concat([listed, Tables.of(context=owes)])
    reminder = reminder_of(Dataset(SyntheticSnapshot(tables)), january, "fao", AFTER)
    assert reminder.form[0] == "3w-2024-01-31.xlsx"
    sheet = CalamineWorkbook.from_filelike(BytesIO(reminder.form[1])).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python()] == ["Titre", "Forages"]
    assert "Le formulaire joint" in reminder.text


def test_a_list_of_addresses_is_read_with_its_organisations(tmp_path):
    path = tmp_path / "adresses.csv"
    path.write_text("Organisation;Adresse;Langue;Approuvé par\nFAO;x@example.org;en;Awa\n", "utf-8")
    assert read_contacts(path) == [Contact("fao", "x@example.org", "en", "Awa")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Organisation;Adresse;Langue\nFAO;x@example.org;en\n", "colonne « approuvé par » absente"),
        ("Organisation,Adresse,Langue,Approuvé par\nFAO;x@example.org;en;Awa\n", "Liste adresses"),
        ("Organisation;Adresse;Langue;Approuvé par\nFAO;x example.org;en;Awa\n", "ligne 2"),
        ("Organisation;Adresse;Langue;Approuvé par\nFAO;@;en;Awa\n", "ligne 2"),
        ("Organisation;Adresse;Langue;Approuvé par\nFAO;élodie@x.org;en;Awa\n", "ligne 2"),
    ],
)
def test_a_faulty_list_of_addresses_is_said_with_its_place(tmp_path, text, words):
    path = tmp_path / "adresses.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=words):
        read_contacts(path)


class _Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as one message needs; what is for ``refused@…`` is refused."""

    received: list[str] = []

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        for line in self.rfile:
            verb = line.split(b":")[0].strip().upper()
            if verb == b"RCPT TO" and b"refused" in line:
                self.wfile.write(b"550 no\r\n")
                continue
            if verb == b"DATA":
                self.wfile.write(b"354 go\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.received.append(text.decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")


@pytest.fixture
def server() -> Iterator[str]:
    """Address of a mail server on this machine."""
    _Mailbox.received.clear()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mailbox) as held:
        Thread(target=held.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{held.server_address[1]}"
        held.shutdown()


def test_messages_are_sent_through_the_server(dataset, january, server):
    mail = reminder_mail(dataset, january, [contact("fao")], "a@b.org", AFTER)
    assert send_mail(mail.messages, server) == (["fao@example.org"], {})
    assert "To: fao@example.org" in _Mailbox.received[0]


def test_an_address_that_is_refused_does_not_stop_the_others(dataset, january, server):
    listed = [Contact("fao", "refused@example.org", "fr", AWA), contact("fao")]
    sent, refused = send_mail(
        reminder_mail(dataset, january, listed, "a@b.org", AFTER).messages, server
    )
    assert (sent, list(refused)) == (["fao@example.org"], ["refused@example.org"])


def test_a_server_that_is_not_there_is_said_with_who_was_written_to(dataset, january):
    mail = reminder_mail(dataset, january, [contact("fao")], "a@b.org", AFTER)
    with pytest.raises(UsageError, match="déjà envoyés : –"):
        send_mail(mail.messages, "smtp://127.0.0.1:9")


def test_no_form_goes_with_a_reminder_where_newer_is_published_already(january, tmp_path):
    listed = tables_of_list(tmp_path, ROWS[0].replace("ACF", "FAO").replace("31/01", "31/05"))
    document = listed.documents["document"][0]
    owes = [one | {"document": document} for one in TWO_REPORTERS]
    tables = Tables.concat([listed, Tables.of(context=owes)])
    assert reminder_of(Dataset(SyntheticSnapshot(tables)), january, "fao", AFTER).form is None


def test_a_sender_that_is_no_address_is_refused(dataset, january):
    with pytest.raises(UsageError, match="n'est pas une adresse"):
        reminder_mail(dataset, january, [contact("fao")], "a@b.org\nBcc: x@y.org", AFTER)


@pytest.mark.parametrize("words", ["non", "-", "Personne", ""])
def test_a_word_that_denies_is_no_approval(tmp_path, words):
    path = tmp_path / "adresses.csv"
    line = f"FAO;x@example.org;fr;{words}\n"
    path.write_text("Organisation;Adresse;Langue;Approuvé par\n" + line, "utf-8")
    assert read_contacts(path)[0].approved_by == ""


def test_blank_lines_and_repeats_of_a_list_are_passed_over(tmp_path):
    path = tmp_path / "adresses.csv"
    line = "FAO;x@example.org;fr;Awa\n"
    path.write_text(f"Organisation;Adresse;Langue;Approuvé par\n{line}{line};;;\n", "utf-8")
    assert read_contacts(path) == [Contact("fao", "x@example.org", "fr", "Awa")]


@pytest.mark.parametrize("url", ["", "mailto:x", "smtp://", "smtp://host:abc"])
def test_without_a_server_nothing_is_sent_and_the_setting_is_named(url):
    with language_context("fr"), pytest.raises(UsageError, match="ATLAS_SMTP_URL"):
        send_mail([], url)
