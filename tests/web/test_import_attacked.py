"""The import page under attack: what a file or a request carries is data, never a command."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from io import BytesIO

import pytest
import xlsxwriter
from flask.testing import FlaskClient

from atlas.store import Store
from atlas.web.imports.drafts import ImportDraft, clean_file_name
from tests.web.importing import LIST, OURS, Send, settled

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


class Seen(HTMLParser):
    """What a browser makes of markup: its elements and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def workbook() -> bytes:
    """A list whose sheet, headings and cells are markup."""
    held = BytesIO()
    with xlsxwriter.Workbook(held, {"in_memory": True}) as book:
        sheet = book.add_worksheet("<b onclick=x>{{1}}")
        for number, row in enumerate(
            [
                ["Titre", "Région", "Partenaire", "Budget (USD)", f"Note {EVIL}"],
                [EVIL, "Gao", f"ONG {EVIL}", "12 000", EVIL],
                ['=HYPERLINK("javascript:alert(3)")', f"Nulle part {EVIL}", "PAM", EVIL, ""],
            ]
        ):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return held.getvalue()


def test_markup_in_a_file_is_shown_as_text(editor: FlaskClient, draft: str, send: Send) -> None:
    send(f"{EVIL}.xlsx", workbook())
    assert settled(editor, draft) == ["read"]
    page = editor.post("/import/page", json={"draft": draft}, headers=OURS)
    assert page.status_code == 200
    assert "alert(1)" in page.text
    seen = Seen()
    seen.feed(page.text)
    assert not seen.tags & {"script", "img", "b"}
    assert not [name for name, _value in seen.attributes if name.startswith("on")]
    assert not [value for _name, value in seen.attributes if value.startswith("javascript:")]


@pytest.mark.parametrize(
    "name",
    [
        "../../../../etc/passwd.csv",
        "..\\..\\windows\\liste.csv",
        "a\x00b\x1b[31m\r\nSet-Cookie: x.csv",
        "x" * 300 + ".csv",
        "\u202egpj.csv",
        "\ud800.csv".encode("utf-8", "surrogatepass").decode("latin-1"),
        "CON.csv",
        "",
    ],
)
def test_a_name_is_one_short_line_inside_the_draft(
    name: str, editor: FlaskClient, own: Store, draft: str, send: Send
) -> None:
    assert send(name, LIST)["file"] == "001"
    (item,) = ImportDraft.find_draft(own.root, draft).draft_files()
    assert item.content.parent.parent == own.root / "drafts" / draft
    kept = item.file_answers.file
    assert 0 < len(kept) <= 140
    assert kept.isprintable()
    assert "/" not in kept
    assert "\\" not in kept
    settled(editor, draft)
    csv = editor.get(f"/import/{draft}/files/001/constats.csv", headers=OURS)
    assert csv.status_code == 200
    assert "Set-Cookie" not in csv.headers
    assert clean_file_name(kept) == kept


def test_files_sent_at_once_are_all_taken_and_published_once(
    editor: FlaskClient, own: Store, draft: str
) -> None:
    def sent(number: int) -> int:
        with editor.application.test_client() as client:
            data = LIST.replace("Dourou", f"Dourou {number}").encode("latin-1")
            said = {"name": f"liste {number}.csv"}
            url = f"/import/{draft}/files"
            return client.post(url, query_string=said, data=data, headers=OURS).status_code

    def published(_number: int) -> int:
        with editor.application.test_client() as client:
            return client.post(f"/import/{draft}/publish", headers=OURS).status_code

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(sent, range(6))) == [200] * 6
        settled(editor, draft)
        answers = list(pool.map(published, range(3)))
    assert 200 in answers
    assert set(answers) <= {200, 400}
    current = own.current_snapshot()
    assert current is not None
    assert sorted(current.tables.documents["file"]) == [f"liste {n}.csv" for n in range(6)]
    assert len(own.publication_history()) == 2


def test_a_body_longer_than_it_says_or_than_allowed_is_refused(
    editor: FlaskClient, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atlas.web.imports import drafts

    monkeypatch.setattr(drafts, "MAX_BYTES", 1000)
    url, said = f"/import/{draft}/files", {"name": "a.csv"}
    for headers in (OURS, {**OURS, "Content-Length": "5"}):
        answer = editor.post(url, query_string=said, data=b"a;b\n" * 999, headers=headers)
        assert answer.status_code == 400
    assert editor.get(f"/import/{draft}").get_json()["files"] == []


@pytest.mark.parametrize("body", [b"{", b"[1]", b'{"columns": 7}', b'{"as_of": {"a": 1}}', b"\xff"])
def test_an_answer_that_is_no_answer_is_a_sentence(
    body: bytes, editor: FlaskClient, draft: str, send: Send
) -> None:
    send("liste.csv", LIST)
    answer = editor.post(
        f"/import/{draft}/files/001", data=body, content_type="application/json", headers=OURS
    )
    assert answer.status_code in (200, 400)
