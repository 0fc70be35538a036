"""Routes under ``/account``: sign in and out, choose a password, keep accounts, read the audit."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps

from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from atlas.author import current_author
from atlas.errors import AtlasError, ForbiddenError, UsageError
from atlas.geo.frames import shipped_frames
from atlas.i18n import N_, _
from atlas.review.undoing import undo_decision
from atlas.store.accounts import SESSION_LIFE, Accounts, account_name, role_details
from atlas.store.audit import Act, AuditTrail, narrowed_lines
from atlas.web.accounts import account_pages as pages
from atlas.web.accounts.identity_provider import IdentityProvider
from atlas.web.page_state import DatasetProvider
from atlas.web.plain_pages import form_word, plain_page, plain_view, problem_response
from atlas.web.visitors import SESSION_COOKIE, Visitor, client_address, is_https

TITLE = N_("Comptes")
_page_view = plain_view(TITLE)


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server; without accounts they say how to have some."""
    routes = Blueprint("account", __name__, url_prefix=pages.PREFIX)
    _add_session_routes(routes, provider)
    _add_password_routes(routes, provider)
    _add_provider_routes(routes, server, provider)
    _add_account_routes(routes, provider)
    _add_audit_routes(routes, provider)
    server.register_blueprint(routes)


def _add_session_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    accounts, audit = provider.accounts, AuditTrail(provider.store.root)

    @routes.get("/")
    @_page_view
    def own() -> str | AnyResponse:
        visitor = _signed_in_visitor(provider)
        if isinstance(visitor, Visitor):
            return plain_page(_("Votre compte"), pages.own_page(visitor, shipped_frames()))
        return visitor

    @routes.get("/sign-in")
    @_page_view
    def ask() -> str:
        _require_accounts(accounts)
        form = pages.sign_in_form("", _own_path("then"), provider=IdentityProvider.is_named())
        return plain_page(_("Se connecter"), form)

    @routes.post("/sign-in")
    @_page_view
    def sign_in() -> AnyResponse:
        _require_accounts(accounts)
        name, then = form_word("name"), _own_path("then")
        try:
            token = accounts.sign_in(name, form_word("password"), client_address())
        except AtlasError as error:
            audit.record(Act.REFUSED, "", name[:120])
            form = pages.sign_in_form(name, then, provider=IdentityProvider.is_named())
            return problem_response(_(TITLE), error, form)
        return signed_in_response(accounts, audit, token, then)

    @routes.post("/sign-out")
    @_page_view
    def sign_out() -> AnyResponse:
        visitor = provider.visitor
        if visitor.account is not None:
            accounts.sign_out(request.cookies.get(SESSION_COOKIE, ""))
            audit.record(Act.SIGNED_OUT, visitor.name, "")
        response = redirect("/", 303)
        response.delete_cookie(SESSION_COOKIE, path="/")
        response.headers["Clear-Site-Data"] = '"storage"'  # what was kept for a line that drops
        return response


def _add_password_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    accounts, audit = provider.accounts, AuditTrail(provider.store.root)

    @routes.get("/link/<token>")
    @_page_view
    def link(token: str) -> str:
        _require_accounts(accounts)
        form = pages.password_form(token, accounts.account_of_link(token))
        return plain_page(_("Choisir un mot de passe"), form)

    @routes.post("/link/<token>")
    @_page_view
    def choose(token: str) -> AnyResponse:
        _require_accounts(accounts)
        account, password = accounts.account_of_link(token), form_word("password")
        try:
            if password != form_word("again"):
                raise UsageError(_("Les deux mots de passe diffèrent"))
            accounts.choose_password(token, password)
        except UsageError as error:
            return problem_response(_(TITLE), error, pages.password_form(token, account))
        audit.record(Act.PASSWORD_CHOSEN, account.name, account.name)
        return signed_in_response(accounts, audit, accounts.new_session(account.name), "/")


def signed_in_response(accounts: Accounts, audit: AuditTrail, token: str, then: str) -> AnyResponse:
    """Go on to a page of the atlas, signed in.

    Parameters
    ----------
    token
        Of the new session.
    then
        Address within the atlas.
    """
    account = accounts.session_account(token)
    assert account is not None
    audit.record(Act.SIGNED_IN, account.name, "")
    response = redirect(then, 303)
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        secure=is_https(),
        samesite="Lax",
        path="/",
    )
    return response


def _add_provider_routes(routes: Blueprint, server: Flask, provider: DatasetProvider) -> None:
    accounts, audit = provider.accounts, AuditTrail(provider.store.root)

    @routes.get("/provider")
    @_page_view
    def go() -> AnyResponse:
        _require_accounts(accounts)
        if IdentityProvider.prepare(server, accounts):
            return redirect(request.full_path, 302)
        return IdentityProvider.of(server).redirection(_own_path("then"))

    @routes.get("/provider/back")
    @_page_view
    def back() -> AnyResponse:
        _require_accounts(accounts)
        if IdentityProvider.prepare(server, accounts):
            return redirect(request.full_path, 302)
        try:
            name, then = IdentityProvider.of(server).signed_in_name()
            account = accounts.account(name)
            if account.state == "closed":
                raise ForbiddenError(_("Connexion refusée"), _("le compte est fermé"))
        except AtlasError as error:
            audit.record(Act.REFUSED, "", error.error_sentence()[:200])
            raise
        return signed_in_response(accounts, audit, accounts.new_session(account.name), then)


def _add_account_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    accounts, audit = provider.accounts, AuditTrail(provider.store.root)

    def listing(problem: str = "", link: str = "") -> str:
        told = pages.accounts_page(accounts.all_accounts(), shipped_frames(), link)
        return plain_page(_("Comptes"), told, problem=problem)

    def with_link(token: str) -> str:
        return listing(link=f"{request.host_url.rstrip('/')}{pages.PREFIX}/link/{token}")

    @routes.get("/all")
    @_keeper_view(provider, listing)
    def all_accounts() -> str:
        return listing()

    @routes.post("/invite")
    @_keeper_view(provider, listing)
    def invite() -> str:
        details = role_details(form_word("role"), form_word("organisation"), form_word("zones"))
        token = accounts.invite(form_word("name"), details, made_by=current_author())
        name = account_name(form_word("name"))
        audit.record(Act.INVITED, current_author(), name, after=str(details.role))
        return with_link(token)

    @routes.post("/reset")
    @_keeper_view(provider, listing)
    def reset() -> str:
        token = accounts.reset(form_word("name"))
        audit.record(Act.RESET, current_author(), account_name(form_word("name")))
        return with_link(token)

    @routes.post("/close")
    @_keeper_view(provider, listing)
    def close() -> str:
        before = accounts.account(form_word("name"))
        after = accounts.close(before.name)
        audit.record(Act.CLOSED, current_author(), before.name, before.state, after.state)
        return listing()


def _add_audit_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    audit = AuditTrail(provider.store.root)

    def listing(problem: str = "", done: str = "") -> str:
        asked = {name: request.args.get(name, "") for name in ("who", "act")}
        acts = [Act(asked["act"])] if asked["act"] in list(Act) else []
        everything = audit.lines()
        names = sorted({one.who for one in everything if one.who})
        lines = narrowed_lines(everything, who=asked["who"], acts=acts)
        told = pages.audit_page(lines, asked, names)
        return plain_page(_("Journal"), told, problem=problem, done=done)

    @routes.get("/audit")
    @_keeper_view(provider, listing)
    def audit_lines() -> str:
        return listing()

    @routes.post("/undo")
    @_keeper_view(provider, listing)
    def undo() -> str:
        table, number = _decision_field()
        undo_decision(provider.store, table, number, who=current_author())
        return listing(done=_("Décision annulée."))


def _keeper_view(
    provider: DatasetProvider, listing: Callable[[str], str]
) -> Callable[[Callable[[], str]], Callable[[], AnyResponse]]:
    """A page for whoever keeps the accounts; others are sent to sign in, or refused.

    Parameters
    ----------
    listing
        The page that is shown again, with what went wrong.
    """

    def guarded(view: Callable[[], str]) -> Callable[[], AnyResponse]:
        @_page_view
        @wraps(view)
        def answer() -> str | AnyResponse:
            visitor = _signed_in_visitor(provider)
            if not isinstance(visitor, Visitor):
                return visitor
            if not visitor.keeps_accounts:
                raise ForbiddenError(_("Demande refusée"), _("il faut un compte d'administrateur"))
            try:
                return view()
            except UsageError as error:
                return Response(listing(error.error_sentence()), 400, mimetype="text/html")

        return answer

    return guarded


def _decision_field() -> tuple[str, int]:
    try:
        table, number = json.loads(form_word("decision"))
    except (ValueError, TypeError) as error:
        raise UsageError(_("Décision inconnue")) from error
    if not isinstance(table, str) or not isinstance(number, int):
        raise UsageError(_("Décision inconnue"))
    return table, number


def _require_accounts(accounts: Accounts) -> None:
    """Say how to have accounts, where there are none."""
    if not accounts.are_configured():
        raise UsageError(
            _("Aucun compte ici"),
            _("la page se lit sans connexion"),
            _("Ouvrez-en un sur cette machine : atlas accounts add NOM --role admin."),
        )


def _signed_in_visitor(provider: DatasetProvider) -> Visitor | AnyResponse:
    """Who is signed in, or the way to the form."""
    _require_accounts(provider.accounts)
    if provider.visitor.account is not None:
        return provider.visitor
    return redirect(f"{pages.PREFIX}/sign-in?then={pages.PREFIX}/", 303)


def _own_path(name: str) -> str:
    """An address within the atlas, from the form or the URL; anything else is its first page."""
    said = request.values.get(name, "/")
    is_own = said.startswith("/") and not said.startswith(("//", "/\\")) and said.isprintable()
    return said if is_own else "/"
