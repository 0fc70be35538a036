"""Pages without the scripts of the atlas: plain forms that open on any browser and line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from html import escape
from typing import Any, ParamSpec
from urllib.parse import urlencode

from dash import dcc, html
from flask import Response, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from atlas.errors import AtlasError, TooManyRequestsError, UsageError
from atlas.i18n import _, current_language, language_context
from atlas.web.guard import error_status, page_language
from atlas.web.markup import html_markup
from atlas.web.page_elements import html_attributes

P = ParamSpec("P")
_MOST_BYTES = 16_384
"""Largest form: a name, a password, a few words."""


def plain_page(
    title: str,
    parts: Any,
    *,
    problem: str = "",
    done: str = "",
    script: str = "",
) -> str:
    """A page of HTML.

    Parameters
    ----------
    problem, done
        What went wrong with the last thing asked for, or what it came to.
    script
        Address of what brings its maps to life; the page can be read without.
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
    run = f'<script src="{escape(script)}"></script>' if script else ""
    return (
        f'<!DOCTYPE html><html lang="{escape(current_language())}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} – Atlas Mali</title><link rel="icon" href="/_favicon.ico">'
        '<link rel="stylesheet" href="/assets/style.css">'
        '<link rel="stylesheet" href="/assets/account.css">'
        f"</head><body>{body}{run}</body></html>"
    )


def plain_view(title: str) -> Callable[[Callable[P, str | AnyResponse]], Callable[P, AnyResponse]]:
    """A page in the language that is asked for; what goes wrong is a page with a sentence.

    Parameters
    ----------
    title
        Of that page (a message id).
    """

    def decorated(view: Callable[P, str | AnyResponse]) -> Callable[P, AnyResponse]:
        @wraps(view)
        def answer(*args: P.args, **kwargs: P.kwargs) -> AnyResponse:
            request.max_content_length = _MOST_BYTES
            with language_context(page_language()):
                try:
                    made = view(*args, **kwargs)
                except AtlasError as error:
                    made = problem_response(_(title), error)
                except HTTPException as error:  # a form that is too long
                    if error.code != 413:
                        raise
                    made = problem_response(_(title), UsageError(_("Réponse trop longue")))
            response = Response(made, mimetype="text/html") if isinstance(made, str) else made
            response.headers["Cache-Control"] = "no-store"
            return response

        return answer

    return decorated


def problem_response(title: str, error: AtlasError, parts: Any = None) -> Response:
    """A page that says what went wrong, above what it concerns."""
    body = plain_page(title, parts, problem=error.error_sentence())
    response = Response(body, error_status(error), mimetype="text/html")
    if isinstance(error, TooManyRequestsError):
        response.headers["Retry-After"] = str(error.wait_s)
    return response


def form_word(name: str) -> str:
    """A field of the form that was sent; "" where it has none."""
    return request.form.get(name, "")


def posted_form(path: str, fields: Sequence[Any], button: str) -> html.Form:
    """A form that posts its fields to a path, in the language of the page."""
    return html.Form(
        [*fields, html.Button(button, className="primary", type="submit")],
        action=f"{path}?{urlencode({'lang': current_language()})}",
        method="post",
    )


def text_field(
    words: str, name: str, value: str = "", *, auto_complete: str = "off", required: bool = True
) -> html.Label:
    """A text to write."""
    box = dcc.Input(
        name=name, type="text", value=value, required=required, autoComplete=auto_complete
    )
    return html.Label([html.Span(words), box])


def password_field(words: str, name: str, auto_complete: str) -> html.Label:
    """A password to write."""
    box = dcc.Input(name=name, type="password", required=True, autoComplete=auto_complete)
    return html.Label([html.Span(words), box])


def choice_field(
    words: str, name: str, choices: Iterable[tuple[str, str]], chosen: str = ""
) -> html.Label:
    """A list to choose from, of ``(words, value)``."""
    options = [html.Option(text, value=value, selected=value == chosen) for text, value in choices]
    return html.Label([html.Span(words), html.Select(options, name=name)])


def hidden_field(name: str, value: str) -> Any:
    """A value that is sent along."""
    return dcc.Input(name=name, type="hidden", value=value)


def unscripted_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> html.Div:
    """A table in a box that scrolls sideways; all its rows are shown."""
    head = html.Tr([html.Th(one, scope="col") if one else html.Td() for one in heads])
    body = [html.Tr([html.Td(cell) for cell in row]) for row in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)])
    return html.Div(table, className="table-box", tabIndex=0, **html_attributes(role="region"))
