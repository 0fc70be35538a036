"""One pair as a card: its two records side by side, what they share, and the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dash import html

from atlas.i18n import N_, _
from atlas.labels import capitalised, label
from atlas.web import say
from atlas.web.attributes import attrs

if TYPE_CHECKING:
    from atlas.store.pair_decisions import PairDecision

Row = dict[str, Any]

SIGNS = {
    "agree": ("=", N_("pareil")),
    "differ": ("≠", N_("différent")),
    "unknown": ("?", N_("inconnu d'un côté")),
}


def waiting(row: Row, facts: Mapping[str, Row], *, editor: bool) -> html.Div:
    """A pair that nobody decided about yet."""
    return html.Div(
        [_head(row), _why(row), _sides(row, facts), _answers(row, facts) if editor else None],
        className="card pair-card",
        tabIndex=0 if editor else None,
        role="group",
        **attrs(aria_label=_("Paire : {a} et {b}", a=row["title_a"], b=row["title_b"])),
    )


def decided(row: Row, facts: Mapping[str, Row], decision: PairDecision | None) -> html.Details:
    """A pair that somebody decided about, folded; ``decision``: the one that may be taken back."""
    titles = " ↔ ".join(str(row[f"title_{side}"] or say.UNKNOWN) for side in ("a", "b"))
    answer = label("verdict", row["verdict"])
    told: list[Any] = [html.Span(answer, className="tag"), f" {titles}"]
    return html.Details(
        [
            html.Summary(told),
            html.P(_result(row, decision), className="why"),
            html.P(_who(decision), className="why") if decision else None,
            _why(row),
            _sides(row, facts),
            undo(decision.id) if decision else None,
        ],
        className="card pair-done",
    )


def undo(decision: int) -> html.Button:
    """Take a decision back."""
    words = _("Annuler la décision {id}", id=decision)
    return html.Button(words, className="pair-undo", **_sends("undo", decision=decision))


def _result(row: Row, decision: PairDecision | None) -> str:
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


def _who(decision: PairDecision) -> str:
    day = say.day(decision.at.date())
    told = _("Décision {id} de {who}, {day}", id=decision.id, who=decision.who, day=day)
    return f"{told}. {decision.note}" if decision.note else f"{told}."


def _head(row: Row) -> html.Div:
    double = row["kind"] == "double_reporting"
    kind = capitalised(_("{kind} possible", kind=label("kind", row["kind"])))
    said = [row["unit_name"] or ""]
    if double:  # the score is that of a double: it says nothing of how much two works overlap
        said.append(_("ressemblance {score} %", score=round(row["score"] * 100)))
    words = " " + " · ".join(filter(None, said))
    return html.Div(
        [html.Span(kind, className="tag tag-warning" if double else "tag"), words],
        className="why",
    )


def _why(row: Row) -> html.P:
    return html.P(_("Pourquoi : {reasons}.", reasons=row["reasons"]), className="why")


def _sides(row: Row, facts: Mapping[str, Row]) -> html.Table:
    """What each record tells, line by line, with what is the same and what is not."""
    a, b = (facts.get(row[f"activity_{side}"], {}) for side in ("a", "b"))
    lines = [
        _line(name, words, told(a), told(b)) for name, words, told in FIELDS if told(a) or told(b)
    ]
    heads = [html.Th(words, scope="col") for words in ("", "A", "B")]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(lines)], className="pair-sides")


def _line(name: str, words: str, a: str, b: str) -> html.Tr:
    state = _state(name, a, b)
    sign, meaning = SIGNS[state] if state else ("", "")
    title = _(meaning) if meaning else None
    mark = html.Span(sign, title=title, **attrs(aria_label=title)) if title else None
    head = html.Th([_(words), " ", mark], scope="row")
    return html.Tr([head, html.Td(a or say.UNKNOWN), html.Td(b or say.UNKNOWN)], className=state)


def _state(name: str, a: str, b: str) -> str:
    """Whether two tellings of one field agree; "" where that says nothing."""
    if name in ("source", "document"):
        return ""
    if not a or not b:
        return "unknown"
    if name in ("organisations", "donors", "place"):
        return "agree" if set(a.split(" ; ")) & set(b.split(" ; ")) else "differ"
    return "agree" if a.casefold() == b.casefold() else "differ"


def _money(told: Row) -> str:
    own, usd = told.get("amount"), told.get("budget_usd")
    if own is None:
        return say.usd(usd) if usd is not None else ""
    amount = say.money(own, told["currency"])
    return amount if told["currency"] == "USD" or usd is None else f"{amount} ({say.usd(usd)})"


def _days(told: Row) -> str:
    start, end = told.get("start"), told.get("end")
    return f"{say.short_day(start)} → {say.short_day(end)}" if start or end else ""


def _read_in(told: Row) -> str:
    return " · ".join(str(told[key]) for key in ("file", "locator") if told.get(key))


def _people(told: Row) -> str:
    parts = [
        _("{n} visées", n=say.number(told["target"])) if told.get("target") is not None else "",
        _("{n} atteintes", n=say.number(told["reached"]))
        if told.get("reached") is not None
        else "",
    ]
    return ", ".join(part for part in parts if part)


def _plain(key: str) -> Any:
    return lambda told: str(told.get(key) or "")


FIELDS = (
    ("title", N_("Intitulé"), _plain("title")),
    ("source", N_("Source"), lambda told: label("sources", told["source"]) if told else ""),
    ("amount", N_("Montant"), _money),
    ("days", N_("Dates"), _days),
    ("place", N_("Lieu"), _plain("place")),
    ("organisations", N_("Organisations"), _plain("organisations")),
    ("donors", N_("Bailleurs"), _plain("donors")),
    ("sector", N_("Secteur"), _plain("sector_label")),
    ("status", N_("Statut"), _plain("status_label")),
    ("people", N_("Personnes"), _people),
    ("document", N_("Document, ligne"), _read_in),
)
"""What is compared: its key, what the page calls it, and how it is read off a record."""


def _answers(row: Row, facts: Mapping[str, Row]) -> html.Div:
    a, b = row["activity_a"], row["activity_b"]
    choices: list[tuple[list[Any], dict[str, str]]] = [
        ([_("C'est la même (A mène)"), _dropped(facts.get(b, {}))], {"verdict": "same", "lead": a}),
        ([_("C'est la même (B mène)"), _dropped(facts.get(a, {}))], {"verdict": "same", "lead": b}),
        *(
            ([capitalised(label("verdict", one))], {"verdict": one})
            for one in ("different", "overlap_accepted")
        ),
    ]
    pair = {"a": a, "b": b, "seen": 0}  # the page shows that nobody decided about it
    return html.Div(
        [html.Button(words, **_sends("decide", **answer, **pair)) for words, answer in choices],
        className="pair-answers",
        role="group",
        **attrs(aria_label=_("Votre réponse")),
    )


def _dropped(follower: Row) -> html.Span | None:
    """The amount that counts no more, where the other record leads."""
    usd = follower.get("budget_usd")
    return html.Span(_(" sans les {usd}", usd=say.usd(usd)), className="meta") if usd else None


def _sends(path: str, **said: object) -> dict[str, Any]:
    """A click on this sends an answer (``assets/pairs.js``)."""
    return {"data-pair": path, "data-said": json.dumps(said)}
