"""The meeting on a wall: one item a screen, read from six metres, stepped through by keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from atlas import formats
from atlas.agenda import AgendaItem, AgendaLine, agenda_question, meeting_agenda, more_text
from atlas.author import current_author
from atlas.corrections.relations import PairVerdict
from atlas.dataset import Dataset
from atlas.errors import AtlasError, ForbiddenError, UsageError
from atlas.export.minutes import minutes_file, minutes_of
from atlas.filters import Filters
from atlas.i18n import N_, _, current_language
from atlas.labels import capitalised
from atlas.model import Viewer
from atlas.review.statements import decide_pair
from atlas.review.undoing import undo_meeting
from atlas.store import Store
from atlas.store.meetings import Meeting, Meetings
from atlas.web.guard import require_zones
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import DatasetProvider
from atlas.web.plain_pages import (
    form_word,
    hidden_field,
    plain_page,
    plain_view,
    posted_form,
    text_field,
)
from atlas.web.programme_publication import parsed_day

PREFIX, TITLE = "/meeting", N_("Réunion")
View = Callable[..., Any]
MIMES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def meeting_screens(
    items: Sequence[AgendaItem], meeting: Meeting | None, data: Dataset
) -> list[html.Section]:
    """The screens: how the meeting stands, then one for each item.

    Parameters
    ----------
    meeting
        The one that is going on, if one is.
    """
    number = len(items) + 1
    first = _screen(1, number, _("Ordre du jour"), _opening_parts(items, meeting, data), meeting)
    rest = [
        _screen(n, number, capitalised(item.title), _item_parts(item, n), meeting)
        for n, item in enumerate(items, 2)
    ]
    return [first, *rest]


def _screen(
    n: int, of: int, title: str, parts: Sequence[Any], meeting: Meeting | None
) -> html.Section:
    return html.Section(
        [
            html.H2(title),
            html.Div(parts, className="screen-body"),
            html.Footer([_point_form(n) if meeting else None, html.Span(f"{n} / {of}")]),
        ],
        id=f"s{n}",
        className="screen",
        tabIndex="-1",
        **html_attributes(aria_label=title),
    )


def _opening_parts(
    items: Sequence[AgendaItem], meeting: Meeting | None, data: Dataset
) -> list[Any]:
    day = formats.day_text(data.as_of)
    words = [_("Situation au {day}", day=day), _("état {hash}", hash=data.snapshot.hash[:12])]
    contents = [html.Li(html.A(capitalised(one.title), href=f"#s{n}")) for n, one in
                enumerate(items, 2)]  # fmt: skip
    empty = html.P(_("Rien à l'ordre du jour : ni lacune nouvelle, ni double, ni retard."))
    keys = _("Flèches : écran suivant ou précédent. F : plein écran. Échap : retour à l'atlas.")
    return [
        html.P(" · ".join(words), className="meta"),
        html.Ol(contents, className="contents") if contents else empty,
        html.Div(_meeting_actions(meeting), className="actions"),
        html.P(keys, className="meta"),
    ]


def _meeting_actions(meeting: Meeting | None) -> list[Any]:
    if meeting is None:
        return [posted_form(f"{PREFIX}/open", [], _("Ouvrir la réunion"))]
    return [
        posted_form(f"{PREFIX}/close", [], _("Fermer la réunion")),
        *(
            html.A(kind.upper(), href=f"{PREFIX}/minutes/{meeting.number}.{kind}?{_lang()}",
                   className="primary", title=_("Compte rendu"))
            for kind in MIMES
        ),
        html.Details([
            html.Summary(_("Tout annuler…")),
            html.P(_("Points d'action et décisions prises depuis l'ouverture."), className="meta"),
            posted_form(f"{PREFIX}/undo", [hidden_field("meeting", str(meeting.number))],
                        _("Tout annuler")),
        ]),
    ]  # fmt: skip


def _item_parts(item: AgendaItem, n: int) -> list[Any]:
    lines = [
        html.Li(
            [
                html.Div(one.text, className="line"),
                html.Div(one.note, className="meta") if one.note else None,
                *_line_actions(one, n),
            ]
        )
        for one in item.lines
    ]
    words = _("Voir dans l'atlas")
    more = [f"{more_text(item)} · "] if item.more else []
    link = html.A(words, href=f"/?{item.query}&{_lang()}" if item.query else f"/?{_lang()}")
    return [html.Ul(lines), html.P([*more, link], className="meta")]


def _line_actions(line: AgendaLine, n: int) -> list[Any]:
    """What may be settled on the spot: an action point, a possible double."""
    at = hidden_field("at", str(n))
    if line.point:
        done = [at, hidden_field("point", str(line.point))]
        return [posted_form(f"{PREFIX}/done", done, _("Fait"))]
    if line.pair is None:
        return []
    one, other = line.pair
    answers = (
        (_("Même activité, garder la 1re"), "same", one),
        (_("Même activité, garder la 2e"), "same", other),
        (_("Différentes"), "different", ""),
    )
    return [
        html.Div(
            [
                posted_form(
                    f"{PREFIX}/pair",
                    [at, *(hidden_field(name, value) for name, value in (
                        ("a", one), ("b", other), ("verdict", verdict), ("lead", lead)))],
                    words,
                )
                for words, verdict, lead in answers
            ],
            className="actions",
        )
    ]  # fmt: skip


def _point_form(n: int) -> html.Form:
    """Who does what until when."""
    due = dcc.Input(name="due", type="text", required=True, placeholder=_("JJ/MM/AAAA"))
    fields = [
        hidden_field("at", str(n)),
        text_field(_("Quoi"), "text"),
        text_field(_("Qui"), "owner"),
        html.Label([html.Span(_("Pour le")), due]),
    ]
    return posted_form(f"{PREFIX}/point", fields, _("Noter"))


def _lang() -> str:
    return urlencode({"lang": current_language()})


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server: for editors, and no one else."""
    routes = Blueprint("meeting", __name__, url_prefix=PREFIX)

    def editors_view(view: View) -> View:
        @plain_view(TITLE)
        @wraps(view)
        def answer(*args: Any, **kwargs: Any) -> Any:
            if provider.request_viewer is not Viewer.EDITOR:
                raise ForbiddenError(_("Réunion fermée"), _("elle est aux éditeurs"))
            if request.method == "POST" and not _has_origin():
                raise ForbiddenError(_("Demande refusée"), _("la demande vient d'une autre page"))
            return view(*args, **kwargs)

        return answer

    _add_read_routes(routes, provider, editors_view)
    _add_act_routes(routes, provider, editors_view)
    server.register_blueprint(routes)


def _add_read_routes(
    routes: Blueprint, provider: DatasetProvider, editors_view: Callable[[View], View]
) -> None:
    """The screens and the minutes."""

    @routes.get("/")
    @editors_view
    def screens() -> str:
        return _page(provider)

    @routes.get("/minutes/<int:number>.<kind>")
    @editors_view
    def minutes(number: int, kind: str) -> Response:
        told = minutes_of(provider.store, number, Filters(), Viewer.EDITOR)
        response = Response(minutes_file(told, kind), mimetype=MIMES[kind])
        day = told.meeting.opened_at.date().isoformat()
        name = f"atlas-mali-reunion-{day}.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _page(provider: DatasetProvider, problem: str = "") -> str:
    data = _published_data(provider)
    asked = agenda_question(provider.store, data, Filters(), Viewer.EDITOR, date.today())
    meeting = Meetings(provider.store.root).current_meeting()
    parts = meeting_screens(meeting_agenda(asked), meeting, data)
    return plain_page(_(TITLE), parts, problem=problem, style="meeting", script="meeting")


def _published_data(provider: DatasetProvider) -> Dataset:
    data = provider.current_dataset()
    if data is None:
        raise UsageError(_("Rien n'est publié"), "", _("Importez un premier fichier."))
    return data


def _acted(
    provider: DatasetProvider, act: Callable[[Meetings, str], object], *, zonal: bool = False
) -> AnyResponse:
    """Do it, and go on where the person stood; what is refused is said on the page.

    Parameters
    ----------
    zonal
        Whether an editor of some zones may too.
    """
    try:
        if not zonal:
            require_zones(provider, (), _("Demande refusée"))
        act(Meetings(provider.store.root), _published_data(provider).snapshot.hash)
    except AtlasError as error:
        status = 400 if isinstance(error, UsageError) else 409
        body = _page(provider, error.error_sentence())
        return Response(body, status, mimetype="text/html")
    at = form_word("at")
    place = f"#s{at}" if at.isdecimal() else ""
    return redirect(f"{PREFIX}/?{_lang()}{place}", 303)


def _add_act_routes(
    routes: Blueprint, provider: DatasetProvider, editors_view: Callable[[View], View]
) -> None:
    """What editors do in a meeting."""

    @routes.post("/open")
    @editors_view
    def open_one() -> AnyResponse:
        return _acted(
            provider, lambda meetings, state: meetings.open_meeting(state, who=current_author())
        )

    @routes.post("/close")
    @editors_view
    def close_one() -> AnyResponse:
        return _acted(
            provider, lambda meetings, state: meetings.close_meeting(state, who=current_author())
        )

    @routes.post("/point")
    @editors_view
    def add_point() -> AnyResponse:
        return _acted(provider, _add_point, zonal=True)

    @routes.post("/done")
    @editors_view
    def end_point() -> AnyResponse:
        return _acted(
            provider,
            lambda meetings, _state: meetings.end_point(_number("point"), who=current_author()),
            zonal=True,
        )

    @routes.post("/pair")
    @editors_view
    def decide() -> AnyResponse:
        return _acted(provider, lambda _meetings, _state: _decide_pair(provider.store))

    @routes.post("/undo")
    @editors_view
    def undo() -> AnyResponse:
        return _acted(
            provider,
            lambda _meetings, _state: undo_meeting(
                provider.store, _number("meeting"), who=current_author()
            ),
        )


def _add_point(meetings: Meetings, state: str) -> None:
    due = parsed_day(form_word("due"))
    text, owner = form_word("text"), form_word("owner")
    meetings.add_point(text, owner, due, who=current_author(), snapshot=state)


def _decide_pair(store: Store) -> None:
    verdict = PairVerdict.from_ids(*map(form_word, ("a", "b", "verdict", "lead")))
    decide_pair(store, verdict, who=current_author(), note=_(TITLE), seen=0)


def _number(name: str) -> int:
    words = form_word(name)
    if not words.isdecimal() or len(words) > 12:
        raise UsageError(_("Nombre « {said} » illisible", said=words[:20]))
    return int(words)


def _has_origin() -> bool:
    """Whether a browser says that the form stands on a page of ours (`atlas.web.guard` asks it)."""
    return "Origin" in request.headers or "Sec-Fetch-Site" in request.headers
