"""What was published, by whom and when; what was begun; and the way back to each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

from dash import html

from atlas.i18n import _, ngettext
from atlas.review.pairs import DECIDED, TAKEN_BACK
from atlas.store import Event, Store
from atlas.store.decisions import Decision, Decisions
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.drafts import Draft, GoneError
from atlas.web.imports.kinds import correction_kind, value_label
from atlas.web.imports.parts import button, folded
from atlas.web.imports.publishing import ACCEPTED, UNDONE
from atlas.web.imports.saying import asks
from atlas.web.tables import plain

MOST = 12
"""Publications and decisions listed, the newest first."""


def begun(store: Store, here: str) -> html.Section | None:
    """Imports that were begun and left: to go on with, or to give up."""
    left = [draft for draft in Draft.every(store.root) if draft.name != here]
    if not left:
        return None
    rows = []
    for draft in left[:MOST]:
        with suppress(GoneError):  # published or given up while it is looked at
            rows.append(html.Li(_begun(draft)))
    title = html.H3(_("Imports commencés, pas encore publiés"), id="import-begun")
    named = attrs(aria_labelledby="import-begun")
    return html.Section([title, html.Ul(rows)], className="import-begun", **named)


def _begun(draft: Draft) -> list[html.Span | html.Button]:
    names = [item.told.file for item in draft.items()]
    files = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
    when = _moment(datetime.fromtimestamp(draft.touched).astimezone())
    text = ngettext("{n} fichier, {when} : {files}", "{n} fichiers, {when} : {files}",
                    len(names), when=when, files=files)  # fmt: skip
    again = _("Reprendre l'import de {files}", files=files)
    gone = _("Abandonner l'import de {files}", files=files)
    return [
        html.Span(text),
        button(_("Reprendre"), {"data_resume": draft.name}, "plain-button", again),
        button(
            _("Abandonner"), asks(f"{draft.name}/discard", seen=draft.seen), "link-button", gone
        ),
    ]


def history(store: Store) -> list[html.Details]:
    """Publications and the decisions taken in the page, each with its way back."""
    events = store.history()
    if not events:
        return []
    decisions = [d for d in Decisions(store.root).history() if d.in_force]
    return [_snapshots(events), *([_decisions(decisions)] if decisions else [])]


def _snapshots(events: Sequence[Event]) -> html.Details:
    rows = [
        [
            _moment(event.time.astimezone()),
            event.who or say.UNKNOWN,
            _("exemple") if event.note == "sample" else _(event.note) if event.note else "",
            _files(event),
            say.number(event.activities),
            _way_back(event, events[0]),
        ]
        for event in events[:MOST]
    ]
    heads = [_("Quand"), _("Qui"), _("Pourquoi"), _("Documents"), _("Activités"), ""]
    title = _("États publiés") + f" · {len(events)}"
    return folded(title, [plain(heads, rows, numeric=(4,), caption=_("États publiés"))])


def _files(event: Event) -> str:
    names = [_("exemple") if name == "sample" else name for name in dict.fromkeys(event.documents)]
    return ", ".join(names[:3]) + (f" … (+{len(names) - 3})" if len(names) > 3 else "")


def _way_back(event: Event, now: Event) -> html.Span | html.Button:
    if event.hash == now.hash:
        return html.Span(_("publié en ce moment"))
    when = _moment(event.time.astimezone())
    named = _("Rétablir l'état du {when}", when=when)
    asked = asks("restore", snapshot=event.hash, published=now.hash)
    return button(_("Rétablir"), asked, "plain-button", named)


def last(events: Sequence[Event]) -> list[html.Span | html.Button]:
    """The current snapshot, and the way back to the one before."""
    if not events:
        return []
    now = events[0]
    when = _moment(now.time.astimezone())
    told = html.Span(_("État publié le {when} : {files}", when=when, files=_files(now)))
    if len(events) < 2 or now.note in (UNDONE, DECIDED, TAKEN_BACK):
        return [told]  # a decision is taken back where it was taken
    undo = asks("undo", snapshot=now.hash)
    return [told, button(_("Annuler cette publication"), undo, "plain-button")]


def _decisions(decisions: Sequence[Decision]) -> html.Details:
    """Decisions in force: taking one back reads again what it had settled."""
    rows = [
        [
            _moment(one.at.astimezone()),
            one.who,
            _("« {raw} »", raw=one.correction.wording),
            value_label(*correction_kind(one.correction)),
            _(ACCEPTED) if one.note == ACCEPTED else one.note,
            button(
                _("Reprendre la décision"),
                asks("decisions", decision=one.id),
                "plain-button",
                _("Reprendre la décision sur « {raw} »", raw=one.correction.wording),
            ),
        ]
        for one in decisions[:MOST]
    ]
    heads = [_("Quand"), _("Qui"), _("Écrit"), _("Lu comme"), _("Note"), ""]
    title = _("Décisions en vigueur") + f" · {len(decisions)}"
    return folded(title, [plain(heads, rows, caption=_("Décisions en vigueur"))])


def _moment(when: datetime) -> str:
    return f"{when:%d/%m/%Y %H:%M}"
