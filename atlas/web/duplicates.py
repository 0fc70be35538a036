"""Pairs that may be one thing told twice, or two doing the same: to be looked at, not merged."""

from __future__ import annotations

from typing import Any

from dash import html

from atlas.i18n import _, ngettext
from atlas.web import downloads, say
from atlas.web.desk import Scene
from atlas.web.paint import ask
from atlas.web.tables import empty, note
from atlas.web.words import source_name

MOST_CARDS = 60


def duplicates(scene: Scene) -> list[Any]:
    """One card per pair, with the reasons."""
    table = ask(scene, "duplicates").table
    pairs = table.unique("pair_id", maintain_order=True).sort("score", descending=True)
    if not pairs.height:
        return [
            empty(
                _(
                    "Aucun doublon possible parmi ces activités. "
                    "Enlevez un filtre pour chercher plus large."
                )
            )
        ]
    text = ngettext(
        "{n} paire à examiner ; rien n'est fusionné sans décision.",
        "{n} paires à examiner ; rien n'est fusionné sans décision.",
        pairs.height,
    )
    cards: list[Any] = [_card(row) for row in pairs.head(MOST_CARDS).to_dicts()]
    more = pairs.height - len(cards)
    if more > 0:
        cards.append(
            empty(_("{n} autres paires dans le fichier à télécharger.", n=say.number(more)))
        )
    return [note(text, downloads.links("doublons")), *cards]


def _card(row: dict[str, Any]) -> html.Div:
    double = row["kind"] == "double_reporting"
    kind = _("Double saisie possible") if double else _("Chevauchement possible")
    return html.Div(
        [
            html.Div(
                [
                    html.Span(kind, className="tag tag-warning" if double else "tag"),
                    html.Span(f" {row['unit_name'] or ''} · "),
                    html.Span(_("ressemblance {score} %", score=round(_percent(row["score"])))),
                ],
                className="why",
            ),
            html.Div([_side(row, "a"), _side(row, "b")], className="pair"),
            html.Div(_reasons(row["reasons"]), className="why"),
        ],
        className="card",
    )


def _percent(score: float) -> float:
    return score * 100 if score <= 1 else score


def _side(row: dict[str, Any], which: str) -> html.Div:
    return html.Div(
        [
            html.Strong(row[f"title_{which}"]),
            html.Span(source_name(row[f"source_{which}"]), className="tag"),
        ]
    )


def _reasons(reasons: Any) -> str:
    return reasons if isinstance(reasons, str) else " · ".join(reasons or [])
