"""The meeting: its agenda on a projector, one point a screen, decisions and action points, minutes.

Drawn whole by the server and stepped through by ``assets/meeting.js``, so that a bad line is
asked for nothing between two points. What is shown is what partners may see: they are in the
room.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from dash import dcc, html
from flask import Blueprint, Flask, Response, abort

from atlas import formats, summaries
from atlas.author import current_author
from atlas.dataset import Dataset
from atlas.errors import UsageError
from atlas.export.minutes import MINUTES_KINDS, minutes_of
from atlas.export.notice import filters_in_words
from atlas.filters import Filters
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.meeting_agenda import (
    MOST_ITEMS,
    Agenda,
    AgendaItem,
    AgendaKind,
    AgendaQuestion,
    AgendaTopic,
    agenda_of,
    open_meeting,
    point_text,
    question_of_meeting,
    since_last_meeting,
)
from atlas.review.undoing import decisions_of_meeting, undo_meeting
from atlas.store.decisions import PairDecision, PairDecisions
from atlas.store.meetings import ActionPoint, ActionPoints, Meeting, Meetings
from atlas.web.duplicates_tab import open_pair_card, undo_button
from atlas.web.guard import guarded_blueprint, localised_view, request_object, require_zones
from atlas.web.markup import html_markup
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import DatasetProvider, published_data
from atlas.web.programme_publication import parsed_day

SCRIPT, STYLE = "/assets/meeting.js", "/assets/meeting.css"
NOTHING_MORE: Mapping[str, int] = {}
DIALOG, BODY, POINT_FORM = "meeting", "meeting-body", "meeting-point"


def opening_button() -> html.Button:
    """The button of the page that opens the meeting."""
    asked = html_attributes(data_meeting="", data_script=SCRIPT, data_style=STYLE)
    return html.Button(_("Réunion"), className="meeting-open", **asked)


def meeting_dialog() -> html.Dialog:
    """Room for the meeting; its script and content come when it is opened."""
    failed = _("La réunion n'a pas pu être affichée. Rechargez l'atlas.")
    return html.Dialog(
        html.Div(id=BODY),
        id=DIALOG,
        className="meeting",
        **html_attributes(aria_label=_("Réunion"), data_failed=failed),
    )


@dataclass(frozen=True)
class MeetingScene:
    """All that the screens are drawn from.

    Attributes
    ----------
    meeting
        The one that is shown; ``None``: an agenda before any is opened.
    decided
        The decision in force about each pair of activities.
    said
        What the last action came to.
    """

    provider: DatasetProvider
    agenda: Agenda
    meeting: Meeting | None
    points: Sequence[ActionPoint]
    decided: dict[tuple[str, str], PairDecision]
    said: str = ""

    @property
    def is_held(self) -> bool:
        """Whether something may be decided now."""
        return self.meeting is not None and self.meeting.closed is None

    @property
    def question(self) -> AgendaQuestion:
        """What the agenda is asked of."""
        return self.agenda.question


def meeting_screens(scene: MeetingScene) -> list[Any]:
    """The bar, the screens and what is said below them."""
    meeting = scene.meeting
    screens = [
        _first_screen(scene),
        *(one for topic in scene.agenda.with_something for one in _topic_screens(scene, topic)),
        *([_last_screen(scene, meeting)] if meeting else []),
    ]
    title = meeting.title if meeting else _("Ordre du jour du {day}",
                                            day=formats.day_text(scene.question.today))  # fmt: skip
    if scene.question.dataset.tables.is_sample:
        title = _("Exemple : {title}", title=title)
    close = html.Button(_("Fermer"), className="plain-button", **html_attributes(data_do="leave"))
    return [
        html.Header(
            [html.Strong(title), html.Span(id="meeting-at", role="status"), close],
            className="meeting-bar",
            **html_attributes(data_meeting=str(meeting.number if meeting else "")),
        ),
        html.Div(
            [
                html.Section(one, className="meeting-screen", tabIndex=-1, hidden=bool(number))
                for number, one in enumerate(screens)
            ],
            className="meeting-screens",
        ),
        html.P(scene.said, id="meeting-said", role="status"),
        html.Footer(
            [
                _step_button("back", "←", _("Point précédent")),
                _point_form() if scene.is_held else html.Span(_keys_text(), className="meta"),
                _step_button("next", "→", _("Point suivant")),
            ],
            className="meeting-foot",
        ),
    ]


def _keys_text() -> str:
    return _("Au clavier : ← → d'un point à l'autre, Échap pour fermer.")


def _step_button(act: str, sign: str, words: str) -> html.Button:
    return html.Button(sign, className="step", **html_attributes(data_do=act, aria_label=words))


def _act_button(
    words: str, act: str, kind: str = "plain-button", said: Mapping[str, int] = NOTHING_MORE
) -> html.Button:
    """A click on this sends ``/meeting/<act>``."""
    return html.Button(
        words, className=kind, **html_attributes(data_act=act, data_said=json.dumps(dict(said)))
    )


def _point_form() -> html.Div:
    """What, who and when, always in reach."""
    names = (("what", _("Quoi"), ""), ("owner", _("Qui"), ""),
             ("due", _("Pour le"), _("JJ/MM/AAAA")))  # fmt: skip
    fields = [
        html.Label([html.Span(words), dcc.Input(type="text", name=name, placeholder=hint,
                                                 autoComplete="off")], className=f"field-{name}")
        for name, words, hint in names
    ]  # fmt: skip
    add = _act_button(_("Noter"), "points/add", "primary")
    return html.Div(
        [*fields, add],
        id=POINT_FORM,
        role="group",
        **html_attributes(aria_label=_("Nouveau point d'action")),
    )


def _first_screen(scene: MeetingScene) -> list[Any]:
    """What the agenda is of, its topics with their numbers, and how the meeting is opened."""
    rows = [
        html.Li([html.Strong(_count_text(topic)), html.Span(topic.title)],
                className="" if topic.total else "nothing")
        for topic in scene.agenda.topics
    ]  # fmt: skip
    asked = scene.question.filters.to_query()
    start = _act_button(_("Ouvrir la réunion"), "open", "primary")
    return [
        html.H2(_("Ordre du jour")),
        html.Ul(rows, className="meeting-topics"),
        html.P(filters_in_words(scene.question.filters), className="meta") if asked else None,
        html.P(scene.agenda.compared_text, className="meta"),
        start if scene.meeting is None else html.P(_keys_text(), className="meta"),
    ]


def _count_text(topic: AgendaTopic) -> str:
    """How many there are; a sign where that cannot be said."""
    unknown = not topic.total and topic.notes and topic.kind is not AgendaKind.GAP
    return formats.UNKNOWN if unknown else formats.number_text(topic.total)


def _topic_screens(scene: MeetingScene, topic: AgendaTopic) -> list[list[Any]]:
    """A topic on as many screens as it needs: pairs one by one, all else a handful together."""
    if topic.kind is AgendaKind.DUPLICATE and topic.items:
        facts = _pair_facts(scene, topic)
        screens = [_pair_screen(scene, topic, n, facts) for n in range(len(topic.items))]
    else:
        starts = range(0, max(len(topic.items), 1), MOST_ITEMS)
        parts = [topic.items[n : n + MOST_ITEMS] for n in starts]
        screens = [[_topic_head(topic), _item_list(scene, topic, part)] for part in parts]
    lines = [line for line in (topic.more_text, *topic.notes) if line]
    notes = html.P(" · ".join(lines), className="meta") if lines else None
    return [*screens[:-1], [*screens[-1], notes]]


def _topic_head(topic: AgendaTopic, number: str = "") -> html.H2:
    total = number or (formats.number_text(topic.total) if topic.total else "")
    return html.H2([topic.title, html.Span(total, className="count") if total else None])


def _item_list(scene: MeetingScene, topic: AgendaTopic, items: Sequence[AgendaItem]) -> html.Ol:
    shown = {one.number: one for one in scene.points}
    rows = [
        html.Li(
            [
                html.Div([html.Strong(one.title), html.Div(_item_text(scene, one, shown))]),
                _point_actions(scene, shown.get(one.point))
                if one.point
                else _view_button(scene, one),
            ],
            className="late" if _is_late(scene, shown.get(one.point)) else "",
        )
        for one in items
    ]
    return html.Ol(rows, className=f"meeting-items {topic.kind}")


def _item_text(scene: MeetingScene, one: AgendaItem, points: dict[int, ActionPoint]) -> str:
    """What is known of an item; of an action point as it stands now, not as it stood."""
    now = points.get(one.point)
    return point_text(now, scene.question.today) if now else one.figures


def _is_late(scene: MeetingScene, point: ActionPoint | None) -> bool:
    return point is not None and point.days_late(scene.question.today) > 0


def _view_button(scene: MeetingScene, one: AgendaItem) -> html.Button:
    """Leaves the meeting for the page's own view of an item; the meeting stays where it was."""
    asked = scene.question
    place = {"frame": asked.frame or "", "level": "" if asked.level == "region" else asked.level}
    go = {"zone": "", "org": "", "why": "", "indicator": "", **place, **dict(one.go)}
    return html.Button(
        _("Voir"),
        className="plain-button",
        **html_attributes(
            data_go=json.dumps(go), aria_label=_("Voir dans la page : {title}", title=one.title)
        ),
    )


def _point_actions(scene: MeetingScene, point: ActionPoint | None) -> html.Div | None:
    """Done, or taken back: by whoever saw the point as it stands."""
    if point is None or not scene.is_held:
        return None
    said = {"point": point.number, "seen": point.last.id}
    done = _act_button(_("Fait"), "points/done", said=said)
    back = _act_button(_("Annuler"), "points/undo", said=said)
    undoable = scene.meeting is not None and point.last.meeting == scene.meeting.number
    return html.Div(
        [None if point.last.done else done, back if undoable else None], className="meeting-acts"
    )


def _pair_facts(scene: MeetingScene, topic: AgendaTopic) -> dict[str, dict[str, Any]]:
    """What is told of each activity of the pairs, by id."""
    asked = scene.question
    ids = {one for item in topic.items for one in item.activities}
    table = summaries.activities_by_id(asked.dataset, ids, asked.frame, asked.level, asked.viewer)
    return {row["activity_id"]: row for row in table.to_dicts()}


def _pair_screen(
    scene: MeetingScene, topic: AgendaTopic, number: int, facts: dict[str, dict[str, Any]]
) -> list[Any]:
    """A pair with its answers; of one decided meanwhile, the decision."""
    item = topic.items[number]
    pairs = scene.question.answer("duplicates").table
    a, b = item.activities
    row = pairs.row(
        by_predicate=(pl.col("activity_a") == a) & (pl.col("activity_b") == b), named=True
    )
    low, high = sorted(item.activities)
    decision = scene.decided.get((low, high))
    head = _topic_head(topic, f"{number + 1} / {topic.total}")
    card = open_pair_card(row, facts, editor=scene.is_held and decision is None)
    return [head, card, _decided_note(scene, decision) if decision else None]


def _decided_note(scene: MeetingScene, decision: PairDecision) -> html.P:
    words = _("Décidé par {who} : {answer}. ", who=decision.who,
              answer=label("verdict", decision.said.verdict))  # fmt: skip
    back = undo_button(decision.id) if scene.is_held else None
    return html.P([words, back], className="meeting-decided")


def _last_screen(scene: MeetingScene, meeting: Meeting) -> list[Any]:
    """What was decided, who does what, the minutes, and the way back."""
    own = [one for one in scene.points if meeting.number in (one.first.meeting, one.last.meeting)]
    today = scene.question.today
    points = [
        html.Li([html.Div([html.Strong(one.last.what), html.Div(point_text(one, today))]),
                 _point_actions(scene, one)])
        for one in own
    ]  # fmt: skip
    n = len(decisions_of_meeting(scene.provider.store, meeting))
    decided = ngettext("{n} décision sur les données", "{n} décisions sur les données", n)
    files = [
        html.A(
            kind.upper(),
            href=f"/meeting/{meeting.number}.{kind}",
            download="",
            className="primary",
            **html_attributes(data_minutes=""),
        )
        for kind in MINUTES_KINDS
    ]
    close = _act_button(_("Clore la réunion"), "close")
    everything = html.Details(
        [
            html.Summary(_("Annuler toute la réunion")),
            html.P(
                _(
                    "Les décisions de {who} depuis l'ouverture et les points d'action de cette "
                    "réunion sont annulés ensemble.",
                    who=meeting.opened.who,
                )
            ),
            _act_button(_("Tout annuler"), "undo", "danger"),
        ]
    )
    return [
        html.H2(_("Décisions et points d'action")),
        html.P(f"{decided}."),
        html.Ol(points, className="meeting-items action")
        if points
        else html.P(_("Aucun point d'action n'a été pris."), className="meta"),
        html.P([html.Span(_("Compte rendu : ")), *files], className="meeting-files"),
        html.Div([close if scene.is_held else None, everything], className="meeting-acts"),
    ]


# the routes

Said = dict[str, Any]


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server: for editors, and no one else."""
    only = N_("seule la personne devant cette machine peut tenir une réunion")
    routes = guarded_blueprint("meeting", provider, N_("Réunion refusée"), only, zonal=True)
    _add_meeting_routes(routes, provider)
    _add_point_routes(routes, provider)
    server.register_blueprint(routes)


def _drawn(provider: DatasetProvider, said: Said, told: str = "") -> Response:
    """The screens as they stand, as plain markup that the script puts in its place."""
    with provider.scene_of_query(str(said.get("question", ""))) as scene:
        published_data(scene)
        meetings = Meetings(provider.store.root)
        meeting = _meeting_asked(meetings, said)
        points = ActionPoints(provider.store.root)
        if meeting:
            question = question_of_meeting(_dataset_of(provider, meeting), meeting)
            agenda = agenda_of(question, points.points(at=meeting.opened.at))
        else:
            question = _page_question(provider, said)
            agenda = agenda_of(question, points.points())
        decided = PairDecisions(provider.store.root).all_decisions()
        standing = {one.said.activity_pair: one for one in decided if one.in_force}
        drawn = MeetingScene(provider, agenda, meeting, points.points(), standing, told)
        response = Response(html_markup(meeting_screens(drawn)), mimetype="text/html")
        response.headers["Cache-Control"] = "no-store"
        return response


def _meeting_asked(meetings: Meetings, said: Said) -> Meeting | None:
    """The meeting that the page shows, else the one that its reader holds."""
    number = said.get("meeting")
    if isinstance(number, int):
        return meetings.meeting_of(number)
    return meetings.current_meeting(current_author())


def _dataset_of(provider: DatasetProvider, meeting: Meeting) -> Dataset:
    """Dataset of the state that a meeting was opened on."""
    now, state = provider.current_dataset(), meeting.opened.snapshot
    is_current = now is not None and now.snapshot.hash == state
    return now if now is not None and is_current else provider.dataset_of_state(state)


def _page_question(provider: DatasetProvider, said: Said) -> AgendaQuestion:
    """What the page shows, as the question of an agenda."""
    with provider.scene_of_query(str(said.get("question", ""))) as scene:
        view, data = scene.view, published_data(scene)
        asked = AgendaQuestion(data, date.today(), view.filters, view.frame, view.level)
        return since_last_meeting(asked, Meetings(provider.store.root))


def _add_meeting_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    """Show, open, close and undo a meeting; its minutes."""

    @routes.post("/page")
    @localised_view
    def page() -> Response:
        return _drawn(provider, request_object())

    @routes.post("/open")
    @localised_view
    def open_one() -> Response:
        said = request_object()
        question = _page_question(provider, said)
        require_zones(provider, question.filters.unit, _("Réunion refusée"))
        made = open_meeting(provider.store, question, who=current_author())
        return _drawn(provider, {**said, "meeting": made.number})

    @routes.post("/close")
    @localised_view
    def close_one() -> Response:
        said, meeting = _meeting_decided(provider)
        closed = Meetings(provider.store.root).close_meeting(meeting.number, who=current_author())
        return _drawn(provider, said, _("Réunion close : {meeting}", meeting=closed.title))

    @routes.post("/undo")
    @localised_view
    def undo_one() -> Response:
        said, meeting = _meeting_decided(provider)
        undone = undo_meeting(provider.store, meeting.number, who=current_author())
        return _drawn(provider, {**said, "meeting": None}, undone.sentence)

    @routes.get("/<int:number>.<kind>")
    @localised_view
    def minutes(number: int, kind: str) -> Response:
        if kind not in MINUTES_KINDS:
            abort(404)
        meeting = Meetings(provider.store.root).meeting_of(number)
        told = minutes_of(provider.store, _dataset_of(provider, meeting), meeting)
        response = Response(told.as_file(kind), mimetype=MINUTES_KINDS[kind])
        name = f"reunion-{number}-{meeting.day.isoformat()}.{kind}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "no-store"
        return response


def _meeting_decided(provider: DatasetProvider) -> tuple[Said, Meeting]:
    """What the page sent, and the meeting that it is about, where its reader may decide there."""
    said = request_object()
    number = said.get("meeting")
    if not isinstance(number, int):
        raise UsageError(_("Aucune réunion"), "", _("Ouvrez-en une."))
    meeting = Meetings(provider.store.root).meeting_of(number)
    about = Filters.from_query(meeting.subject.filters)
    require_zones(provider, about.unit, _("Réunion refusée"))
    return said, meeting


def _add_point_routes(routes: Blueprint, provider: DatasetProvider) -> None:
    """Action points: a new one, done, taken back."""

    def answered(act: Callable[[Said, Meeting, ActionPoints], str]) -> Response:
        said, meeting = _meeting_decided(provider)
        return _drawn(provider, said, act(said, meeting, ActionPoints(provider.store.root)))

    @routes.post("/points/add")
    @localised_view
    def add() -> Response:
        def act(said: Said, meeting: Meeting, points: ActionPoints) -> str:
            what, owner, due = (str(said.get(name) or "") for name in ("what", "owner", "due"))
            made = points.add_point(
                what,
                owner,
                parsed_day(due),
                who=current_author(),
                meeting=meeting.number,
                snapshot=meeting.opened.snapshot,
            )
            return _("Noté : {what}", what=made.last.decided_text)

        return answered(act)

    @routes.post("/points/done")
    @localised_view
    def done() -> Response:
        def act(said: Said, meeting: Meeting, points: ActionPoints) -> str:
            number, seen = _seen_point(said)
            one = points.change_point(
                number, seen, who=current_author(), meeting=meeting.number, done=True
            )
            return _("Fait : {what}", what=one.last.what)

        return answered(act)

    @routes.post("/points/undo")
    @localised_view
    def undo() -> Response:
        def act(said: Said, _meeting: Meeting, points: ActionPoints) -> str:
            undone = points.undo_point(*_seen_point(said), who=current_author())
            return _("Annulé : {what}", what=undone.decided_text)

        return answered(act)


def _seen_point(said: Said) -> tuple[int, int]:
    """The number of a point, and of what the person saw of it last."""
    number, seen = said.get("point"), said.get("seen")
    if not isinstance(number, int) or not isinstance(seen, int):
        raise UsageError(_("Point d'action inconnu"))
    return number, seen
