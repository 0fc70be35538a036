"""``atlas accounts`` and ``atlas audit``: who may sign in, and what was done by whom."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.author import current_author
from atlas.cli.parameters import JsonOption, StoreOption, WhoOption, day_of, who_or_session
from atlas.errors import UsageError
from atlas.i18n import _
from atlas.labels import label
from atlas.paths import store_root

if TYPE_CHECKING:
    from atlas.store.accounts import Account, Accounts
    from atlas.store.audit import AuditLine, AuditTrail

ADDRESS = "ATLAS_PUBLIC_ADDRESS"
"""Variable that names the address by which people open the page."""

accounts_app = typer.Typer(help=_("Les comptes : qui peut se connecter, et avec quel rôle."))

NameArgument = Annotated[str, typer.Argument(help=_("Nom du compte, ou adresse électronique."))]
RoleOption = Annotated[str, typer.Option("--role", help="partner, editor, admin")]
OrganisationOption = Annotated[
    str, typer.Option("--organisation", help=_("Pour qui parle un partenaire."))
]
ZonesOption = Annotated[
    str,
    typer.Option("--zones", help=_("Zones dont décide un éditeur : ml-2023/ML07,… ; vide : tout.")),
]
AddressOption = Annotated[
    str,
    typer.Option(
        "--address", help=_("Adresse de la page, pour le lien (sinon ATLAS_PUBLIC_ADDRESS).")
    ),
]


@accounts_app.callback()
def accounts(context: typer.Context, store: StoreOption = None) -> None:
    """List the accounts when no verb follows."""
    if context.invoked_subcommand is None:
        accounts_list(store=store)


@accounts_app.command("list", help=_("Les comptes, leur rôle et leur état."))
def accounts_list(json_: JsonOption = False, store: StoreOption = None) -> None:
    """One line an account."""
    found = _accounts(store).all_accounts()
    if json_:
        print(json.dumps([_account_as_dict(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        print(_account_line(one))
    if not found:
        print(_("Aucun compte. Ouvrez le premier : atlas accounts add NOM --role admin."))


@accounts_app.command("add", help=_("Ouvrir un compte ; écrit le lien du mot de passe."))
def accounts_add(
    name: NameArgument,
    role: RoleOption = "partner",
    organisation: OrganisationOption = "",
    zones: ZonesOption = "",
    address: AddressOption = "",
    store: StoreOption = None,
) -> None:
    """Open an account and print the link by which its password is chosen."""
    from atlas.store.accounts import role_details
    from atlas.store.audit import Act

    here = _accounts(store)
    is_first = not here.are_configured()
    details = role_details(role, organisation, zones)
    if is_first and role != "admin":
        raise UsageError(
            _("Premier compte refusé"),
            _("personne ne pourrait en ouvrir d'autres"),
            _("Ouvrez d'abord un administrateur : --role admin."),
        )
    token = here.invite(name, details, made_by=current_author())
    _audit(store).record(Act.INVITED, current_author(), here.account(name).name, after=role)
    print(_("Lien pour choisir le mot de passe, valable une fois, sept jours :"))
    print(_link(token, address))
    if is_first:
        print(_("Qui n'est pas connecté voit désormais la vue publique, sur cette machine aussi."))


@accounts_app.command("reset", help=_("Un nouveau lien de mot de passe ; rouvre un compte fermé."))
def accounts_reset(
    name: NameArgument, address: AddressOption = "", store: StoreOption = None
) -> None:
    """Print a new link."""
    from atlas.store.audit import Act

    token = _accounts(store).reset(name)
    _audit(store).record(Act.RESET, current_author(), _accounts(store).account(name).name)
    print(_link(token, address))


@accounts_app.command("role", help=_("Changer le rôle, l'organisation ou les zones d'un compte."))
def accounts_role(
    name: NameArgument,
    role: RoleOption,
    organisation: OrganisationOption = "",
    zones: ZonesOption = "",
    store: StoreOption = None,
) -> None:
    """Give an account another role; it holds at the next request."""
    from atlas.store.accounts import role_details
    from atlas.store.audit import Act

    before = _accounts(store).account(name)
    after = _accounts(store).change_role(name, role_details(role, organisation, zones))
    _audit(store).record(
        Act.ROLE_CHANGED, current_author(), after.name, str(before.role), str(after.role)
    )
    print(_account_line(after))


@accounts_app.command("close", help=_("Fermer un compte ; ses décisions restent."))
def accounts_close(name: NameArgument, store: StoreOption = None) -> None:
    """Let an account sign in no more."""
    from atlas.store.audit import Act

    before = _accounts(store).account(name)
    after = _accounts(store).close(name)
    _audit(store).record(Act.CLOSED, current_author(), after.name, before.state, after.state)
    print(_account_line(after))


audit_app = typer.Typer(help=_("Le journal : qui a fait, vu et téléchargé quoi, avant et après."))

AuditWhoOption = Annotated[str, typer.Option("--who", help=_("De cette personne seulement."))]
ActOption = Annotated[
    list[str] | None, typer.Option("--act", help=_("De ce genre seulement ; répétable."))
]
SinceOption = Annotated[str | None, typer.Option("--since", help=_("Depuis ce jour."))]
MostOption = Annotated[int, typer.Option("--most", help=_("Autant de lignes au plus."))]


@audit_app.callback()
def audit(context: typer.Context, store: StoreOption = None) -> None:
    """List the newest lines when no verb follows."""
    if context.invoked_subcommand is None:
        audit_list(store=store)


@audit_app.command("list", help=_("Les lignes du journal, la plus récente d'abord."))
def audit_list(
    who: AuditWhoOption = "",
    act: ActOption = None,
    since: SinceOption = None,
    most: MostOption = 100,
    json_: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """One line for each thing that was done."""
    from atlas.store.audit import Act

    unknown = [one for one in act or () if one not in list(Act)]
    if unknown:
        raise UsageError(
            _("Genre « {name} » inconnu", name=unknown[0]),
            "",
            _("Choisissez parmi : {names}.", names=", ".join(Act)),
        )
    day = day_of(since)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
    acts = [Act(one) for one in act or ()]
    found = _audit(store).lines(who=who, acts=acts, since=first)[:most]
    if json_:
        told = [_audit_line_as_dict(one) for one in found]
        print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for one in found:
        change = " → ".join(filter(None, (one.before, one.after)))
        words = (label("audit_act", one.act), one.subject, change)
        print(f"{one.at:%Y-%m-%d %H:%M}  {one.who or '–'}  {'  '.join(filter(None, words))}")
    if not found:
        print(_("Rien dans le journal."))


@audit_app.command("undo", help=_("Annuler une décision : pairs 3, words 12, nothing 1, rounds 4."))
def audit_undo(
    table: Annotated[str, typer.Argument(help="words, pairs, nothing, rounds, meetings, points")],
    number: Annotated[int, typer.Argument(help=_("Son numéro dans le journal."))],
    who: WhoOption = None,
    store: StoreOption = None,
) -> None:
    """Take a decision back, whatever it is about."""
    from atlas.review.undoing import undo_decision
    from atlas.store import Store

    undo_decision(Store(store_root(store)), table, number, who=who_or_session(who))
    print(_("Décision annulée."))


def _accounts(store: Path | None) -> Accounts:
    from atlas.store.accounts import Accounts

    return Accounts(store_root(store))


def _audit(store: Path | None) -> AuditTrail:
    from atlas.store.audit import AuditTrail

    return AuditTrail(store_root(store))


def _link(token: str, address: str) -> str:
    base = address or os.environ.get(ADDRESS, "") or "http://127.0.0.1:8050"
    return f"{base.rstrip('/')}/account/link/{token}"


def _account_line(one: Account) -> str:
    words = (label("role", one.role), one.organisation, " ".join(one.zones))
    return f"{one.name}  {' '.join(filter(None, words))}  {label('account_state', one.state)}"


def _account_as_dict(one: Account) -> dict[str, object]:
    return {
        "name": one.name,
        "role": str(one.role),
        "organisation": one.organisation,
        "zones": list(one.zones),
        "state": one.state,
        "made_by": one.made_by,
        "made_at": one.made_at.isoformat(timespec="seconds"),
    }


def _audit_line_as_dict(one: AuditLine) -> dict[str, object]:
    return {
        "at": one.at.isoformat(timespec="seconds"),
        "who": one.who,
        "act": str(one.act),
        "subject": one.subject,
        "before": one.before,
        "after": one.after,
        "decision": list(one.decision) if one.decision else None,
    }
