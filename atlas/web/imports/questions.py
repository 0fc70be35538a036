"""What was not settled, to be answered one by one or all at once, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from atlas.i18n import _, ngettext
from atlas.labels import capitalised, label
from atlas.vocab import by_id
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.findings import where
from atlas.web.imports.kinds import KINDS, value_label
from atlas.web.imports.parts import Look, button, folded, part, text
from atlas.web.imports.proposals import open_ones, sure
from atlas.web.imports.saying import looks, says
from atlas.web.imports.told import LEFT, Told

SURE = 0.9
"""Likeness from which a proposal may be accepted together with others, unless one says more."""
LIKELY = 0.75
"""Likeness from which the first choice is brought out."""
LIMITS = (1.0, 0.95, 0.9, 0.8)
SHOWN = 20
"""Wordings of one kind shown at a time."""


def questions(told: Told, shown: Mapping[str, Any], look: Look) -> list[Any]:
    """All that waits for an answer, by kind, with the count of what remains."""
    entries: Sequence[Mapping[str, Any]] = shown.get("proposals") or ()
    if not entries:
        return []
    left = len(open_ones(list(map(dict, entries)), told))
    done = len(entries) - left
    title = _("À décider") + " · " + ngettext("reste {n}", "restent {n}", left)
    if done:
        title += " · " + ngettext("{n} décidé", "{n} décidés", done)
    kinds = [kind for kind in KINDS if any(one["kind"] == kind for one in entries)]
    parts = [
        _kind(kind, [one for one in entries if one["kind"] == kind], told, shown, look)
        for kind in kinds
    ]
    return [folded(title, parts, is_open=True)]


def _kind(
    kind: str,
    entries: Sequence[Mapping[str, Any]],
    told: Told,
    shown: Mapping[str, Any],
    look: Look,
) -> html.Div:
    """One kind: its wordings, and one button for all that are sure enough."""
    answers = told.decided.get(kind, {})
    least = float(look.get(f"sure-{kind}") or SURE)
    ready = [one for one in entries if one["wording"] not in answers and sure(one, least)]
    every = bool(look.get(f"every-{kind}"))
    few = entries if every else entries[:SHOWN]
    listed = kind if kind != "place" else f"place/{shown.get('frame') or ''}"
    remaining = sum(one["wording"] not in answers for one in entries)
    named = capitalised(label("subject", kind, full=True))
    name = html.H4(f"{named} · {ngettext('reste {n}', 'restent {n}', remaining)}")
    rest = len(entries) - len(few)
    more = ngettext("Voir {n} autre", "Voir les {n} autres", rest)
    return html.Div(
        [
            html.Div(
                [name, *(_together(kind, ready, least) if remaining else ())],
                className="import-filters",
            ),
            html.Ul([_question(one, answers, listed) for one in few], className="import-places"),
            button(more, looks(**{f"every-{kind}": True}), "plain-button") if rest > 0 else None,
        ],
        className="import-kind",
    )


def _together(kind: str, ready: Sequence[Mapping[str, Any]], least: float) -> list[Any]:
    """Accept at once all whose best choice is sure enough, as the person says it is."""
    limits = html.Select(
        [html.Option(_sure(limit), value=str(limit), selected=limit == least) for limit in LIMITS],
        **attrs(data_look_key=f"sure-{kind}", aria_label=_("Certitude demandée")),
    )
    said = {one["wording"]: one["choices"][0][0] for one in ready}
    n = len(ready)
    words = ngettext("Accepter {n} proposition", "Accepter les {n} propositions", n)
    if not n:
        words = _("Rien d'assez sûr à accepter d'un coup")
    accept = html.Button(
        words, disabled=not n, className="plain-button", **attrs(**says(decide={kind: said}))
    )
    return [accept, limits]


def _sure(limit: float) -> str:
    return _("sûres à {n} %", n=say.number(100 * limit))


def _question(one: Mapping[str, Any], answers: Mapping[str, str], listed: str) -> html.Li:
    kind, wording = one["kind"], one["wording"]
    rows = ngettext("{n} ligne", "{n} lignes", one["count"])
    at = [piece for row in one["locators"][:3] for piece in (" ", where(row))]
    asked = html.Div(
        [html.Strong(_("« {raw} »", raw=wording)), html.Small([rows, " ·" if at else "", *at])],
        className="import-asked",
    )
    if wording in answers:
        return html.Li(
            [asked, *_answered(kind, wording, answers[wording])],
            className="answered",
            **attrs(data_key=f"answered {kind} {wording}"),
        )
    return html.Li(
        [asked, html.Div(_answers(one, listed), className="import-choices")],
        **attrs(data_key=f"{kind} {wording}"),
    )


def _answered(kind: str, wording: str, value: str) -> list[Any]:
    told = _("laissé tel quel") if value == LEFT else f"→ {value_label(kind, value)}"
    back = button(
        _("Reprendre la décision"),
        says(decide={kind: {wording: None}}),
        "link-button",
        _("Reprendre la décision sur « {raw} »", raw=wording),
    )
    return [html.Div([html.Span(told), back], className="import-choices")]


def _answers(one: Mapping[str, Any], listed: str) -> list[Any]:
    """The likeliest choice, the others, another one by its name, and none."""
    kind, wording = one["kind"], one["wording"]
    chips = [
        button(
            [name, html.Small([" ", _("{n} %", n=say.number(100 * score))])],
            says(decide={kind: {wording: value}}),
            "chip best" if n == 0 and sure(one, LIKELY) else "chip",
            _("Lire « {raw} » comme {name}", raw=wording, name=name),
        )
        for n, (value, name, score) in enumerate(one["choices"])
    ]
    leave = button(
        _("Laisser"),
        says(decide={kind: {wording: LEFT}}),
        "link-button",
        _("Laisser « {raw} » tel quel", raw=wording),
    )
    parts = [*chips, _other(kind, wording, listed), leave]
    return [*parts, _new(wording)] if kind == "organisation" else parts


def _new(wording: str) -> html.Details:
    """An organisation that no list has: its acronym, its name, its type."""
    types = [html.Option(_("type inconnu"), value="", selected=True)]
    types += [html.Option(label("org_types", code), value=code) for code in by_id("org_types")]
    send = button(_("Ajouter"), {"data_new": wording}, "plain-button")
    fields = [
        part(_("Sigle"), "acronym", text("", "", 40)),
        part(_("Nom complet"), "name", text(wording, "", 160)),
        part(_("Type"), "type", html.Select(types)),
    ]
    named = attrs(aria_label=_("Nouvelle organisation pour « {raw} »", raw=wording))
    group = html.Div([*fields, send], role="group", className="import-answers import-new", **named)
    return html.Details([html.Summary(_("nouvelle…")), group])


def _other(kind: str, wording: str, listed: str) -> html.Label:
    """Another choice, by its name."""
    named = html.Span(_("Autre choix pour « {raw} »", raw=wording), className="sr-only")
    typed = dcc.Input(type="text", placeholder=_("autre…"))
    none = _("Choisissez un nom de la liste.")
    marks = attrs(data_kind=kind, data_wording=wording, data_none=none, data_choices=listed)
    return html.Label([named, typed], className="import-other", **marks)
