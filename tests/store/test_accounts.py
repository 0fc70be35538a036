"""Accounts: links, passwords, sessions, failures counted; what is kept tells no secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from atlas.errors import ForbiddenError, StoreError, TooManyRequestsError, UsageError
from atlas.store import Store
from atlas.store import accounts as module
from atlas.store.accounts import Accounts, Role, RoleDetails, role_details
from atlas.store.disk import ACCOUNTS_NOTE
from atlas.store.integrity import store_troubles

ADMIN, EDITOR = RoleDetails(Role.ADMIN), RoleDetails(Role.EDITOR)
PHRASE = "le fleuve passe à Gao"


class Clock:
    """A clock that a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = datetime(2024, 3, 1, 8, tzinfo=UTC)
        monkeypatch.setattr(module, "datetime", self)

    def now(self, _zone: object) -> datetime:
        return self.time

    def move(self, **span: int) -> None:
        self.time += timedelta(**span)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    """A store with an administrator who has chosen a password."""
    found = Accounts(tmp_path)
    found.choose_password(found.invite("chef", ADMIN, made_by="root"), PHRASE)
    return found


def test_a_store_without_accounts_says_so_and_makes_no_file(tmp_path: Path) -> None:
    assert Accounts(tmp_path).are_configured() is False
    assert Accounts(tmp_path).all_accounts() == []
    assert list(tmp_path.iterdir()) == []


def test_whoever_knows_the_password_has_a_session_until_they_sign_out(accounts: Accounts) -> None:
    token = accounts.sign_in(" CHEF ", PHRASE, "10.0.0.1")
    found = accounts.session_account(token)
    assert found is not None
    assert (found.name, found.role, found.state) == ("chef", Role.ADMIN, "open")
    accounts.sign_out(token)
    assert accounts.session_account(token) is None


@pytest.mark.parametrize(("name", "password"), [("chef", "le fleuve"), ("personne", PHRASE)])
def test_a_wrong_name_is_refused_in_the_words_of_a_wrong_password(
    accounts: Accounts, name: str, password: str
) -> None:
    with pytest.raises(ForbiddenError, match="le nom ou le mot de passe n'est pas le bon"):
        accounts.sign_in(name, password, "10.0.0.1")


def test_nothing_kept_signs_in_whoever_reads_it(accounts: Accounts, tmp_path: Path) -> None:
    session = accounts.sign_in("chef", PHRASE, "10.0.0.1")
    link = accounts.reset("chef")
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    for secret in (PHRASE, session, link):
        assert secret.encode() not in kept
    assert b"$argon2id$" in kept


def test_a_link_serves_once_and_not_after_seven_days(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    used = accounts.invite("a", EDITOR, made_by="chef")
    accounts.choose_password(used, PHRASE)
    old = accounts.invite("b", EDITOR, made_by="chef")
    replaced = accounts.invite("c", EDITOR, made_by="chef")
    accounts.reset("c")
    clock.move(days=7, minutes=1)
    for token in (used, old, replaced, "inconnu"):
        with pytest.raises(UsageError, match="Lien sans effet"):
            accounts.choose_password(token, PHRASE)


@pytest.mark.parametrize("weak", ["court", "aaaaaaaaaaaaaaaaaa", "chef chef chef 1", "x" * 201])
def test_a_weak_password_is_refused_and_the_link_holds(accounts: Accounts, weak: str) -> None:
    link = accounts.reset("chef")
    with pytest.raises(UsageError, match="Mot de passe"):
        accounts.choose_password(link, weak)
    assert accounts.choose_password(link, PHRASE).name == "chef"


def test_a_session_ends_when_it_is_idle_old_or_its_account_is_closed(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    accounts.choose_password(accounts.invite("a", EDITOR, made_by="chef"), PHRASE)
    idle = accounts.sign_in("a", PHRASE, "10.0.0.1")
    clock.move(hours=12, minutes=1)
    assert accounts.session_account(idle) is None

    used = accounts.sign_in("a", PHRASE, "10.0.0.1")
    for _quarter in range(14 * 4 - 1):
        clock.move(hours=6)
        assert accounts.session_account(used) is not None
    clock.move(hours=6, minutes=1)
    assert accounts.session_account(used) is None

    fresh = accounts.sign_in("a", PHRASE, "10.0.0.1")
    accounts.close("a")
    assert accounts.session_account(fresh) is None
    with pytest.raises(ForbiddenError):
        accounts.sign_in("a", PHRASE, "10.0.0.1")


def test_five_failures_from_one_address_close_it_for_a_quarter_of_an_hour(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    for _failure in range(5):
        with pytest.raises(ForbiddenError):
            accounts.sign_in("chef", "non", "10.0.0.1")
    with pytest.raises(TooManyRequestsError) as refused:
        accounts.sign_in("chef", PHRASE, "10.0.0.1")
    assert refused.value.wait_s == 900
    assert accounts.sign_in("chef", PHRASE, "10.0.0.2")  # elsewhere nobody is locked out
    clock.move(minutes=15, seconds=1)
    assert accounts.sign_in("chef", PHRASE, "10.0.0.1")


def test_one_address_tries_twenty_names_and_no_more(accounts: Accounts) -> None:
    for number in range(20):
        with pytest.raises(ForbiddenError):
            accounts.sign_in(f"nom{number}", "non", "10.0.0.1")
    with pytest.raises(TooManyRequestsError):
        accounts.sign_in("nom20", "non", "10.0.0.1")


def test_the_last_administrator_is_neither_closed_nor_given_another_role(
    accounts: Accounts,
) -> None:
    accounts.invite("second", ADMIN, made_by="chef")  # has no password yet
    with pytest.raises(UsageError, match="le dernier"):
        accounts.close("chef")
    with pytest.raises(UsageError, match="le dernier"):
        accounts.change_role("chef", EDITOR)
    accounts.choose_password(accounts.reset("second"), PHRASE)
    assert accounts.close("chef").state == "closed"


def test_a_new_role_holds_at_the_next_request(accounts: Accounts) -> None:
    accounts.choose_password(accounts.invite("a", EDITOR, made_by="chef"), PHRASE)
    token = accounts.sign_in("a", PHRASE, "10.0.0.1")
    accounts.change_role("a", role_details("partner", "World Food Programme"))
    found = accounts.session_account(token)
    assert found is not None
    assert (found.role, found.organisation) == (Role.PARTNER, "pam")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("roi",), "Rôle « roi » inconnu"),
        (("partner",), "Partenaire sans organisation"),
        (("admin", "PAM"), "Organisation sans objet"),
        (("partner", "PAM", "ml-2016/ML07"), "Zones sans objet"),
        (("editor", "", "ml-2016/ML99"), "Unité « ml-2016/ML99 » inconnue"),
    ],
)
def test_a_role_that_makes_no_sense_is_refused(said: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        role_details(*said)


def test_zones_are_units_of_any_decoupage() -> None:
    assert role_details("editor", "", "ml-2016/ML07, ml-2012/ML05").zones == (
        "ml-2016/ML07",
        "ml-2012/ML05",
    )


def test_accounts_whose_database_is_gone_stay_configured_and_say_so(
    accounts: Accounts, tmp_path: Path
) -> None:
    for file in tmp_path.glob("accounts.sqlite*"):
        file.unlink()
    assert accounts.are_configured() is True
    with pytest.raises(StoreError, match="le fichier a disparu"):
        accounts.all_accounts()
    assert not (tmp_path / "accounts.sqlite").exists()
    assert (tmp_path / ACCOUNTS_NOTE).exists()


def test_a_damaged_database_is_named(accounts: Accounts, tmp_path: Path) -> None:
    for file in tmp_path.glob("accounts.sqlite-*"):
        file.unlink()
    (tmp_path / "accounts.sqlite").write_bytes(b"x" * 4096)
    with pytest.raises(StoreError, match=r"accounts\.sqlite"):
        accounts.all_accounts()


def test_processes_share_one_secret(accounts: Accounts, tmp_path: Path) -> None:
    assert Accounts(tmp_path).secret("cookies") == accounts.secret("cookies")


def test_a_check_of_the_store_names_accounts_that_are_damaged(
    accounts: Accounts, tmp_path: Path
) -> None:
    assert store_troubles(Store(tmp_path)) == []
    for file in tmp_path.glob("accounts.sqlite-*"):
        file.unlink()
    (tmp_path / "accounts.sqlite").write_bytes(b"x" * 4096)
    (told,) = store_troubles(Store(tmp_path))
    assert told.startswith(f"Comptes {tmp_path}/accounts.sqlite")
