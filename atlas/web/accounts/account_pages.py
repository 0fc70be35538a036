"""The pages of accounts, as HTML that needs no script: they open on any browser and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import html

from atlas import formats
from atlas.geo.frames import Frames
from atlas.i18n import _, ngettext
from atlas.labels import label, words_of
from atlas.store.accounts import SHORTEST_PASSWORD, Account, Role
from atlas.store.audit import Act, AuditLine
from atlas.web.plain_pages import (
    choice_field,
    hidden_field,
    password_field,
    posted_form,
    text_field,
    unscripted_table,
)
from atlas.web.visitors import Visitor

PREFIX = "/account"
MOST_LINES = 500


def sign_in_form(name: str, then: str, *, provider: bool) -> list[Any]:
    """Name and password, and the way through an identity provider where there is one.

    Parameters
    ----------
    then
        Address within the atlas that is opened next.
    """
    lost = _("Mot de passe oublié ? Demandez un lien à qui tient les comptes.")
    other = html.A(
        _("Se connecter par le fournisseur d'identité"),
        href=f"{PREFIX}/provider?{urlencode({'then': then})}",
        className="primary",
    )
    return [
        posted_form(
            f"{PREFIX}/sign-in",
            [
                hidden_field("then", then),
                text_field(_("Nom ou adresse"), "name", name, auto_complete="username"),
                password_field(_("Mot de passe"), "password", "current-password"),
            ],
            _("Se connecter"),
        ),
        html.P(other) if provider else None,
        html.P(lost, className="meta"),
    ]


def password_form(token: str, account: Account) -> list[Any]:
    """A password to choose, twice."""
    hint = _("Au moins {n} caractères ; une phrase se retient le mieux.", n=SHORTEST_PASSWORD)
    return [
        html.P(_("Compte : {name}", name=account.name)),
        html.P(hint, className="meta"),
        posted_form(
            f"{PREFIX}/link/{token}",
            [
                password_field(_("Mot de passe"), "password", "new-password"),
                password_field(_("Encore une fois"), "again", "new-password"),
            ],
            _("Enregistrer"),
        ),
    ]


def own_page(visitor: Visitor, frames: Frames) -> list[Any]:
    """Who is signed in, what that opens, and the ways on."""
    account = visitor.account
    assert account is not None
    links = [(_("Ouvrir l'atlas"), "/")]
    if account.organisation:
        links.append(
            (_("Mon organisation dans l'atlas"), f"/?{urlencode({'org': account.organisation})}")
        )
    if visitor.keeps_accounts:
        links += [(_("Comptes"), f"{PREFIX}/all"), (_("Journal"), f"{PREFIX}/audit")]
    return [
        html.P([html.B(account.name), f", {_role_text(account, frames)}"]),
        html.Ul([html.Li(html.A(words, href=address)) for words, address in links]),
        posted_form(f"{PREFIX}/sign-out", [], _("Se déconnecter")),
    ]


def accounts_page(accounts: Iterable[Account], frames: Frames, link: str) -> list[Any]:
    """Every account, with what may be done to it, and the form of a new one.

    Parameters
    ----------
    link
        Address by which the account that was just opened or reset chooses its password.
    """
    rows = [
        [
            one.name,
            _role_text(one, frames),
            label("account_state", one.state),
            f"{formats.short_day_text(one.made_at.date())}, {one.made_by}",
            _account_actions(one),
        ]
        for one in accounts
    ]
    heads = [_("Compte"), _("Rôle"), _("État"), _("Ouvert le, par"), ""]
    roles = [(word, code) for code, word in words_of("role").items()]
    fields = [
        text_field(_("Nom ou adresse"), "name"),
        choice_field(_("Rôle"), "role", roles),
        text_field(_("Organisation (partenaire)"), "organisation", required=False),
        text_field(_("Zones (éditeur ; vide : partout)"), "zones", required=False),
    ]
    return [
        _link_note(link) if link else None,
        unscripted_table(heads, rows),
        html.H3(_("Ouvrir un compte")),
        posted_form(f"{PREFIX}/invite", fields, _("Ouvrir")),
        html.P(html.A(_("Journal"), href=f"{PREFIX}/audit")),
    ]


def _link_note(link: str) -> html.Div:
    words = _(
        "Envoyez ce lien à la personne, et à elle seule : il sert une fois, sept jours durant."
    )
    return html.Div([html.P(words), html.P(html.Code(link))], className="done", role="status")


def _account_actions(account: Account) -> html.Div:
    name = hidden_field("name", account.name)
    actions = [posted_form(f"{PREFIX}/reset", [name], _("Nouveau lien"))]
    if account.state != "closed":
        actions.append(posted_form(f"{PREFIX}/close", [name], _("Fermer")))
    return html.Div(actions, className="actions")


def audit_page(
    lines: Sequence[AuditLine], asked: dict[str, str], names: Sequence[str]
) -> list[Any]:
    """What was done, newest first, with the way back of each decision that stands.

    Parameters
    ----------
    asked
        ``who`` and ``act`` that the list is narrowed to.
    names
        Whom it may be narrowed to.
    """
    everyone = [(_("tous"), ""), *((name, name) for name in names)]
    acts = [(_("tout"), ""), *((word, code) for code, word in words_of("audit_act").items())]
    narrow = html.Form(
        [
            choice_field(_("Qui"), "who", everyone, asked.get("who", "")),
            choice_field(_("Quoi"), "act", acts, asked.get("act", "")),
            html.Button(_("Montrer"), className="primary", type="submit"),
        ],
        action=f"{PREFIX}/audit",
        method="get",
        className="settings",
    )
    rows = [
        [
            f"{one.at:%Y-%m-%d %H:%M} UTC",
            one.who,
            label("audit_act", one.act),
            _subject(one),
            " → ".join(filter(None, (one.before, one.after))),
            _undo_form(one),
        ]
        for one in lines[:MOST_LINES]
    ]
    heads = [_("Quand"), _("Qui"), _("Quoi"), _("Sur quoi"), _("Avant → après"), ""]
    n = len(lines)
    count = ngettext("{n} ligne", "{n} lignes", n)
    if n > MOST_LINES:
        count = _("{n} lignes, les {most} dernières montrées", n=n, most=MOST_LINES)
    return [narrow, html.P(count, className="meta"), unscripted_table(heads, rows)]


def _subject(line: AuditLine) -> Any:
    """What it was about; a question of the page opens again."""
    if line.act is Act.SAW:
        return html.A(line.subject or _("première page"), href=f"/?{line.subject}")
    return line.subject


def _undo_form(line: AuditLine) -> Any:
    if line.decision is None:
        return ""
    return posted_form(
        f"{PREFIX}/undo", [hidden_field("decision", json.dumps(line.decision))], _("Annuler")
    )


def _role_text(account: Account, frames: Frames) -> str:
    role = label("role", account.role)
    if account.role is Role.PARTNER:
        return _("{role} de {whom}", role=role, whom=label("organisations", account.organisation))
    zones = [frames.unit_label(one) for one in account.zones]
    return _("{role} de {whom}", role=role, whom=", ".join(zones)) if zones else role
