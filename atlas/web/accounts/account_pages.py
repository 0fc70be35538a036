"""The pages of accounts, as HTML that needs no script: they open on any browser and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html

from atlas import formats
from atlas.geo.frames import Frames
from atlas.i18n import _, current_language, ngettext
from atlas.labels import label, words_of
from atlas.store.accounts import SHORTEST_PASSWORD, Account, Role
from atlas.store.audit import Act, AuditLine
from atlas.web.markup import html_markup
from atlas.web.page_elements import html_attributes
from atlas.web.visitors import Visitor

PREFIX = "/account"
MOST_LINES = 500


def account_page(title: str, parts: Any, *, problem: str = "", done: str = "") -> str:
    """A page of accounts.

    Parameters
    ----------
    problem, done
        What went wrong with the last thing asked for, or what it came to.
    """
    told = [
        html.P(problem, className="problem", role="alert") if problem else None,
        html.P(done, className="done", role="status") if done else None,
    ]
    body = html_markup(
        [
            html.Header(html.H1(html.A("Atlas Mali", href="/")), className="header"),
            html.Main([html.H2(title), *told, parts], className="account"),
        ]
    )
    return (
        f'<!DOCTYPE html><html lang="{escape(current_language())}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} – Atlas Mali</title>"
        '<link rel="stylesheet" href="/assets/style.css">'
        '<link rel="stylesheet" href="/assets/account.css">'
        f"</head><body>{body}</body></html>"
    )


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
        _form(
            "sign-in",
            [
                _hidden("then", then),
                _field(_("Nom ou adresse"), "name", name, auto_complete="username"),
                _password_field(_("Mot de passe"), "password", "current-password"),
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
        _form(
            f"link/{token}",
            [
                _password_field(_("Mot de passe"), "password", "new-password"),
                _password_field(_("Encore une fois"), "again", "new-password"),
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
        _form("sign-out", [], _("Se déconnecter")),
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
        _field(_("Nom ou adresse"), "name"),
        _choice(_("Rôle"), "role", roles),
        _field(_("Organisation (partenaire)"), "organisation", required=False),
        _field(_("Zones (éditeur ; vide : partout)"), "zones", required=False),
    ]
    return [
        _link_note(link) if link else None,
        _table(heads, rows),
        html.H3(_("Ouvrir un compte")),
        _form("invite", fields, _("Ouvrir")),
        html.P(html.A(_("Journal"), href=f"{PREFIX}/audit")),
    ]


def _link_note(link: str) -> html.Div:
    words = _(
        "Envoyez ce lien à la personne, et à elle seule : il sert une fois, sept jours durant."
    )
    return html.Div([html.P(words), html.P(html.Code(link))], className="done", role="status")


def _account_actions(account: Account) -> html.Div:
    name = _hidden("name", account.name)
    actions = [_form("reset", [name], _("Nouveau lien"))]
    if account.state != "closed":
        actions.append(_form("close", [name], _("Fermer")))
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
            _choice(_("Qui"), "who", everyone, asked.get("who", "")),
            _choice(_("Quoi"), "act", acts, asked.get("act", "")),
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
    return [narrow, html.P(count, className="meta"), _table(heads, rows)]


def _subject(line: AuditLine) -> Any:
    """What it was about; a question of the page opens again."""
    if line.act is Act.SAW:
        return html.A(line.subject or _("première page"), href=f"/?{line.subject}")
    return line.subject


def _undo_form(line: AuditLine) -> Any:
    if line.decision is None:
        return ""
    return _form("undo", [_hidden("decision", json.dumps(line.decision))], _("Annuler"))


def _role_text(account: Account, frames: Frames) -> str:
    role = label("role", account.role)
    if account.role is Role.PARTNER:
        return _("{role} de {whom}", role=role, whom=label("organisations", account.organisation))
    zones = [frames.unit_label(one) for one in account.zones]
    return _("{role} de {whom}", role=role, whom=", ".join(zones)) if zones else role


def _form(path: str, fields: Sequence[Any], button: str) -> html.Form:
    return html.Form(
        [*fields, html.Button(button, className="primary", type="submit")],
        action=f"{PREFIX}/{path}?{urlencode({'lang': current_language()})}",
        method="post",
    )


def _field(
    words: str, name: str, value: str = "", *, auto_complete: str = "off", required: bool = True
) -> html.Label:
    box = dcc.Input(
        name=name, type="text", value=value, required=required, autoComplete=auto_complete
    )
    return html.Label([html.Span(words), box])


def _password_field(words: str, name: str, auto_complete: str) -> html.Label:
    box = dcc.Input(name=name, type="password", required=True, autoComplete=auto_complete)
    return html.Label([html.Span(words), box])


def _choice(
    words: str, name: str, choices: Iterable[tuple[str, str]], chosen: str = ""
) -> html.Label:
    options = [html.Option(text, value=value, selected=value == chosen) for text, value in choices]
    return html.Label([html.Span(words), html.Select(options, name=name)])


def _hidden(name: str, value: str) -> Any:
    return dcc.Input(name=name, type="hidden", value=value)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> html.Div:
    head = html.Tr([html.Th(one, scope="col") for one in heads])
    body = [html.Tr([html.Td(cell) for cell in row]) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)])
    return html.Div(table, className="table-box", tabIndex=0, **html_attributes(role="region"))
