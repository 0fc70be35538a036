"""The tab of possible duplicates: a card a pair, and the routes by which a pair is decided."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from dash import html
from flask import Flask, Response, jsonify

from atlas import formats, summaries
from atlas.author import current_author
from atlas.corrections.relations import PairVerdict
from atlas.errors import UsageError
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers.duplicates import counts_in_words
from atlas.model import Viewer
from atlas.review.statements import PairDecisionResult, decide_pair, undo_pair_decision
from atlas.web import downloads
from atlas.web.guard import (
    guarded_blueprint,
    localised_view,
    request_object,
    require_activity_zones,
)
from atlas.web.page_elements import html_attributes
from atlas.web.page_state import DatasetProvider, PageScene, layer_answer
from atlas.web.page_tables import empty_note, table_note

if TYPE_CHECKING:
    from atlas.store.decisions import PairDecision


PairRow = dict[str, Any]

AGREEMENT_SIGNS = {
    "agree": ("=", N_("pareil")),
    "differ": ("≠", N_("différent")),
    "unknown": ("?", N_("inconnu d'un côté")),
}


def open_pair_card(row: PairRow, facts: Mapping[str, PairRow], *, editor: bool) -> html.Div:
    """A pair that nobody decided about yet."""
    return html.Div(
        [
            _card_head(row),
            _reasons_line(row),
            _sides_table(row, facts),
            _answer_buttons(row, facts) if editor else None,
        ],
        className="card pair-card",
        tabIndex=0 if editor else None,
        role="group",
        **html_attributes(aria_label=_("Paire : {a} et {b}", a=row["title_a"], b=row["title_b"])),
    )


def decided_pair_card(
    row: PairRow, facts: Mapping[str, PairRow], decision: PairDecision | None
) -> html.Details:
    """A pair that somebody decided about, folded; ``decision``: the one that may be taken back."""
    titles = " ↔ ".join(str(row[f"title_{side}"] or formats.UNKNOWN) for side in ("a", "b"))
    answer = label("verdict", row["verdict"])
    summary: list[Any] = [html.Span(answer, className="tag"), f" {titles}"]
    return html.Details(
        [
            html.Summary(summary),
            html.P(_decision_result(row, decision), className="why"),
            html.P(_decision_author(decision), className="why") if decision else None,
            _reasons_line(row),
            _sides_table(row, facts),
            undo_button(decision.id) if decision else None,
        ],
        className="card pair-done",
    )


def undo_button(decision: int) -> html.Button:
    """Take a decision back."""
    words = _("Annuler la décision {id}", id=decision)
    return html.Button(
        words, className="pair-undo", **_answer_attributes("undo", decision=decision)
    )


def _decision_result(row: PairRow, decision: PairDecision | None) -> str:
    """What follows from the answer."""
    if row["verdict"] != "same":
        return _("Les deux fiches comptent.")
    if row["lead"] is None:
        return _(
            "Sans effet : deux des activités ainsi réunies ont été dites différentes. "
            "Les deux fiches comptent."
        )
    names = {row[f"activity_{side}"]: side.upper() for side in ("a", "b")}
    lead = names.get(row["lead"])
    if lead is None:
        return _("Ni A ni B ne compte : une troisième fiche du groupe mène.")
    if decision is None:
        return _("{lead} mène ; elles sont du même groupe par d'autres décisions.", lead=lead)
    return _("{lead} mène : ses montants, lieux et dates comptent, une fois.", lead=lead)


def _decision_author(decision: PairDecision) -> str:
    day = formats.day_text(decision.at.date())
    sentence = _("Décision {id} de {who}, {day}", id=decision.id, who=decision.who, day=day)
    return f"{sentence}. {decision.note}" if decision.note else f"{sentence}."


def _card_head(row: PairRow) -> html.Div:
    double = row["kind"] == "double_reporting"
    kind = capitalised(_("{kind} possible", kind=label("kind", row["kind"])))
    parts = [row["unit_name"] or ""]
    if double:  # the score is that of a double: it says nothing of how much two works overlap
        parts.append(_("ressemblance {score} %", score=round(row["score"] * 100)))
    words = " " + " · ".join(filter(None, parts))
    return html.Div(
        [html.Span(kind, className="tag tag-warning" if double else "tag"), words],
        className="why",
    )


def _reasons_line(row: PairRow) -> html.P:
    return html.P(_("Pourquoi : {reasons}.", reasons=row["reasons"]), className="why")


def _sides_table(row: PairRow, facts: Mapping[str, PairRow]) -> html.Table:
    """What each record tells, line by line, with what is the same and what is not."""
    a, b = (facts.get(row[f"activity_{side}"], {}) for side in ("a", "b"))
    lines = [
        _field_row(name, words, told(a), told(b))
        for name, words, told in COMPARED_FIELDS
        if told(a) or told(b)
    ]
    heads = [html.Td(), *(html.Th(words, scope="col") for words in ("A", "B"))]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="pair-sides")


def _field_row(name: str, words: str, a: str, b: str) -> html.Tr:
    state = _agreement_state(name, a, b)
    sign, meaning = AGREEMENT_SIGNS[state] if state else ("", "")
    title = _(meaning) if meaning else None
    mark = html.Span(sign, title=title, **html_attributes(aria_label=title)) if title else None
    head = html.Th([_(words), " ", mark], scope="row")
    return html.Tr(
        [head, html.Td(a or formats.UNKNOWN), html.Td(b or formats.UNKNOWN)], className=state
    )


def _agreement_state(name: str, a: str, b: str) -> str:
    """Whether two values of one field agree; "" where that says nothing."""
    if name in ("source", "document"):
        return ""
    if not a or not b:
        return "unknown"
    if name in ("organisations", "donors", "place"):
        return "agree" if set(a.split(" ; ")) & set(b.split(" ; ")) else "differ"
    return "agree" if a.casefold() == b.casefold() else "differ"


def _amount_text(activity: PairRow) -> str:
    amount_stated, usd = activity.get("amount"), activity.get("budget_usd")
    if amount_stated is None:
        return formats.usd_text(usd) if usd is not None else ""
    amount = formats.money_text(amount_stated, activity["currency"])
    return (
        amount
        if activity["currency"] == "USD" or usd is None
        else f"{amount} ({formats.usd_text(usd)})"
    )


def _period_text(activity: PairRow) -> str:
    start, end = activity.get("start"), activity.get("end")
    return (
        f"{formats.short_day_text(start)} → {formats.short_day_text(end)}" if start or end else ""
    )


def _document_text(activity: PairRow) -> str:
    return " · ".join(str(activity[key]) for key in ("file", "locator") if activity.get(key))


def _people_text(activity: PairRow) -> str:
    parts = [
        _("{n} visées", n=formats.number_text(activity["target"]))
        if activity.get("target") is not None
        else "",
        _("{n} atteintes", n=formats.number_text(activity["reached"]))
        if activity.get("reached") is not None
        else "",
    ]
    return ", ".join(part for part in parts if part)


def _text_getter(key: str) -> Any:
    return lambda told: str(told.get(key) or "")


COMPARED_FIELDS = (
    ("title", N_("Intitulé"), _text_getter("title")),
    ("source", N_("Source"), lambda told: label("sources", told["source"]) if told else ""),
    ("amount", N_("Montant"), _amount_text),
    ("days", N_("Dates"), _period_text),
    ("place", N_("Lieu"), _text_getter("place")),
    ("organisations", N_("Organisations"), _text_getter("organisations")),
    ("donors", N_("Bailleurs"), _text_getter("donors")),
    ("sector", N_("Secteur"), _text_getter("sector_label")),
    ("status", N_("Statut"), _text_getter("status_label")),
    ("people", N_("Personnes"), _people_text),
    ("document", N_("Document, ligne"), _document_text),
)
"""What is compared: its key, what the page calls it, and how it is read off a record."""


def _answer_buttons(row: PairRow, facts: Mapping[str, PairRow]) -> html.Div:
    a, b = row["activity_a"], row["activity_b"]
    choices: list[tuple[list[Any], dict[str, str]]] = [
        (
            [_("C'est la même (A mène)"), _dropped_amount(facts.get(b, {}))],
            {"verdict": "same", "lead": a},
        ),
        (
            [_("C'est la même (B mène)"), _dropped_amount(facts.get(a, {}))],
            {"verdict": "same", "lead": b},
        ),
        *(
            ([capitalised(label("verdict", one))], {"verdict": one})
            for one in ("different", "overlap_accepted")
        ),
    ]
    pair = {"a": a, "b": b, "seen": 0}  # the page shows that nobody decided about it
    return html.Div(
        [
            html.Button(words, **_answer_attributes("decide", **answer, **pair))
            for words, answer in choices
        ],
        className="pair-answers",
        role="group",
        **html_attributes(aria_label=_("Votre réponse")),
    )


def _dropped_amount(follower: PairRow) -> html.Span | None:
    """The amount that counts no more, where the other record leads."""
    usd = follower.get("budget_usd")
    return (
        html.Span(_(" sans les {usd}", usd=formats.usd_text(usd)), className="meta")
        if usd
        else None
    )


def _answer_attributes(path: str, **said: object) -> dict[str, Any]:
    """A click on this sends an answer (``assets/pairs.js``)."""
    return {"data-pair": path, "data-said": json.dumps(said)}


MOST_PAIR_CARDS = 60


def duplicates_content(scene: PageScene) -> list[Any]:
    """The pairs to look at, by groups, then those decided."""
    pairs = layer_answer(scene, "duplicates").table
    waiting = pairs.filter(pl.col("verdict").is_null())
    decided = pairs.filter(pl.col("verdict").is_not_null())
    groups = _pair_groups(waiting.to_dicts())
    shown, settled = _first_groups(groups), decided.head(MOST_PAIR_CARDS).to_dicts()
    facts = _activity_rows(scene, [row for group in shown for row in group] + settled)
    numbers = {one.said.activity_pair: one for one in scene.decided() if one.in_force}
    editor = scene.viewer is Viewer.EDITOR
    return [
        table_note(
            _counts_text(waiting["kind"], decided.height), downloads.download_links("doublons")
        ),
        _keyboard_note() if editor and waiting.height else None,
        *(_group_cards(group, facts, editor=editor) for group in shown),
        *_more_pairs_note(waiting.height - sum(map(len, shown))),
        *_no_pair_note(waiting.height),
        *_decided_cards(settled, facts, numbers),
        *_waiting_decisions(numbers.values(), scene),
    ]


def _counts_text(waiting: pl.Series, decided: int) -> str:
    left = ngettext("{n} paire à examiner", "{n} paires à examiner", waiting.len())
    if waiting.len():
        doubles = int((waiting == "double_reporting").sum())
        left += f" ({counts_in_words(doubles, waiting.len() - doubles)})"
    done = ngettext("{n} décidée", "{n} décidées", decided)
    return _("{left} · {done} ; rien n'est fusionné sans décision.", left=left, done=done)


def _keyboard_note() -> html.P:
    words = _(
        "Au clavier : ↓ ↑ d'une paire à l'autre ; 1 la même (A mène), 2 la même (B mène), "
        "3 différentes, 4 chevauchement accepté."
    )
    return html.P(words, className="pair-keys")


def _no_pair_note(waiting: int) -> list[Any]:
    if waiting:
        return []
    words = _(
        "Aucun doublon possible à examiner parmi ces activités. "
        "Enlevez un filtre pour chercher plus large."
    )
    return [empty_note(words)]


def _more_pairs_note(more: int) -> list[Any]:
    if more <= 0:
        return []
    words = ngettext(
        "{shown} autre paire dans le fichier à télécharger.",
        "{shown} autres paires dans le fichier à télécharger.",
        more,
        shown=formats.number_text(more),
    )
    return [empty_note(words)]


def _pair_groups(pairs: Sequence[PairRow]) -> list[list[PairRow]]:
    """Pairs of one group together, at the place of the best of them."""
    found: dict[str, list[PairRow]] = {}
    for row in sorted(pairs, key=lambda row: -(row["score"] or 0)):
        found.setdefault(row["group_id"] or row["pair_id"], []).append(row)
    return list(found.values())


def _first_groups(groups: Sequence[list[PairRow]]) -> list[list[PairRow]]:
    """Whole groups, as many as `MOST_PAIR_CARDS` cards hold; the first in any case."""
    shown: list[list[PairRow]] = []
    for group in groups:
        if shown and sum(map(len, shown)) + len(group) > MOST_PAIR_CARDS:
            break
        shown.append(group)
    return shown


def _activity_rows(scene: PageScene, pairs: Sequence[PairRow]) -> dict[str, PairRow]:
    """What is told of each activity of some pairs, by id, as this viewer may read it."""
    assert scene.data is not None
    ids = {row[side] for row in pairs for side in ("activity_a", "activity_b")}
    view = scene.view
    table = summaries.activities_by_id(scene.data, ids, view.frame, view.level, scene.viewer)
    return {row["activity_id"]: row for row in table.to_dicts()}


def _group_cards(
    group: Sequence[PairRow], facts: Mapping[str, PairRow], *, editor: bool
) -> html.Div:
    cards = [open_pair_card(row, facts, editor=editor) for row in group]
    if len(group) == 1:
        return html.Div(cards)
    members = {row[side] for row in group for side in ("activity_a", "activity_b")}
    head = _("Un groupe : {n} fiches qui pourraient n'en faire qu'une", n=len(members))
    return html.Div([html.H3(head), *cards], className="pair-group", role="group")


def _decided_cards(
    pairs: Sequence[PairRow],
    facts: Mapping[str, PairRow],
    numbers: Mapping[tuple[str, str], PairDecision],
) -> list[Any]:
    if not pairs:
        return []
    cards = []
    for row in sorted(pairs, key=lambda row: row["lead"] or row["pair_id"]):
        low, high = sorted((row["activity_a"], row["activity_b"]))
        cards.append(decided_pair_card(row, facts, numbers.get((low, high))))
    return [html.H3(_("Décidées"), className="pair-decided"), *cards]


def _waiting_decisions(decisions: Any, scene: PageScene) -> list[Any]:
    """Decisions about activities that are not published: they wait, and may be taken back."""
    assert scene.data is not None
    known = set(scene.tables.activities["activity_id"])
    waiting = [one for one in decisions if not known.issuperset(one.said.activity_pair)]
    if not waiting:
        return []
    head = ngettext(
        "{n} décision en sommeil : une de ses activités n'est plus publiée.",
        "{n} décisions en sommeil : une de leurs activités n'est plus publiée.",
        len(waiting),
    )
    rows = [
        html.Li([f"{' ↔ '.join(one.said.activity_pair)} ", undo_button(one.id)]) for one in waiting
    ]
    return [html.Details([html.Summary(head), html.Ul(rows)], className="compare")]


def register_routes(server: Flask, provider: DatasetProvider) -> None:
    """Add the routes to the server: for the person at this machine, and no one else."""
    only = N_("seule la personne devant cette machine peut décider d'une paire")
    routes = guarded_blueprint("pairs", provider, N_("Décision refusée"), only, zonal=True)

    @routes.post("/decide")
    @localised_view
    def answer() -> Response:
        words = request_object()
        answers = {key: str(value) for key, value in words.items()}
        seen = words.get("seen")
        verdict = PairVerdict.from_ids(
            answers.get("a", ""),
            answers.get("b", ""),
            answers.get("verdict", ""),
            answers.get("lead", ""),
        )
        require_activity_zones(provider, verdict.activity_pair, _("Décision refusée"))
        decided = decide_pair(
            provider.store,
            verdict,
            who=current_author(),
            note=answers.get("note", ""),
            seen=seen if isinstance(seen, int) else None,
        )
        return _decision_response(decided)

    @routes.post("/undo")
    @localised_view
    def take_back() -> Response:
        decision = request_object().get("decision")
        if not isinstance(decision, int):
            raise UsageError(_("Décision inconnue"))
        return _decision_response(
            undo_pair_decision(provider.store, decision, who=current_author())
        )

    server.register_blueprint(routes)


def _decision_response(decided: PairDecisionResult) -> Response:
    """What is published now, what that changed, and the way back."""
    one = decided.decision
    undone = one.undone_at is not None
    return jsonify(
        published=decided.snapshot.hash,
        told=decision_sentence(decided),
        decision=None if undone else one.id,
        back=_("Annuler"),
    )


def decision_sentence(decided: PairDecisionResult) -> str:
    """What a decision came to, for the person who took it."""
    undone = decided.decision.undone_at is not None
    head = _("Décision annulée.") if undone else _("Décision enregistrée.")
    return f"{head} {_totals_effect(decided)}"


def _totals_effect(decided: PairDecisionResult) -> str:
    if decided.asleep:
        return _("Elle attend que ses deux activités soient publiées.")
    if decided.without_effect:
        return _("Sans effet : deux des activités ainsi réunies ont été dites différentes.")
    if not decided.activities and not decided.usd:
        return _("Les totaux ne changent pas.")
    activities = f"{decided.activities:+d}".replace("-", "−")
    if decided.usd is None:
        return _("Dans les totaux : {n} activité, montant inconnu.", n=activities)
    sign = "−" if decided.usd < 0 else "+"
    usd = sign + formats.usd_text(abs(decided.usd))
    return _("Dans les totaux : {n} activité, {usd}.", n=activities, usd=usd)
