"""Pairs that may be one thing told twice, or two doing the same: looked at, then decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.i18n import _, ngettext
from atlas.layers.duplicates import counts_in_words
from atlas.model import Viewer
from atlas.web import downloads, pair_card, say
from atlas.web.desk import Scene, ask
from atlas.web.pair_card import Row
from atlas.web.tables import empty, note

if TYPE_CHECKING:
    from atlas.store.pair_decisions import PairDecision

MOST_CARDS = 60


def duplicates(scene: Scene) -> list[Any]:
    """The pairs to look at, by groups, then those decided."""
    pairs = ask(scene, "duplicates").table
    waiting = pairs.filter(pl.col("verdict").is_null())
    decided = pairs.filter(pl.col("verdict").is_not_null())
    groups = _groups(waiting.to_dicts())
    shown, settled = _first(groups), decided.head(MOST_CARDS).to_dicts()
    facts = _facts(scene, [row for group in shown for row in group] + settled)
    numbers = {one.said.pair: one for one in scene.decided() if one.in_force}
    editor = scene.viewer is Viewer.EDITOR
    return [
        note(_counted(waiting["kind"], decided.height), downloads.links("doublons")),
        _keys() if editor and waiting.height else None,
        *(_group(group, facts, editor=editor) for group in shown),
        *_rest(waiting.height - sum(map(len, shown))),
        *_nothing(waiting.height),
        *_decided(settled, facts, numbers),
        *_asleep(numbers.values(), scene),
    ]


def _counted(waiting: pl.Series, decided: int) -> str:
    left = ngettext("{n} paire à examiner", "{n} paires à examiner", waiting.len())
    if waiting.len():
        doubles = int((waiting == "double_reporting").sum())
        left += f" ({counts_in_words(doubles, waiting.len() - doubles)})"
    done = ngettext("{n} décidée", "{n} décidées", decided)
    return _("{left} · {done} ; rien n'est fusionné sans décision.", left=left, done=done)


def _keys() -> html.P:
    words = _(
        "Au clavier : ↓ ↑ d'une paire à l'autre ; 1 la même (A mène), 2 la même (B mène), "
        "3 différentes, 4 chevauchement accepté."
    )
    return html.P(words, className="pair-keys")


def _nothing(waiting: int) -> list[Any]:
    if waiting:
        return []
    words = _(
        "Aucun doublon possible à examiner parmi ces activités. "
        "Enlevez un filtre pour chercher plus large."
    )
    return [empty(words)]


def _rest(more: int) -> list[Any]:
    if more <= 0:
        return []
    words = ngettext(
        "{shown} autre paire dans le fichier à télécharger.",
        "{shown} autres paires dans le fichier à télécharger.",
        more,
        shown=say.number(more),
    )
    return [empty(words)]


def _groups(pairs: Sequence[Row]) -> list[list[Row]]:
    """Pairs of one group together, at the place of the best of them."""
    found: dict[str, list[Row]] = {}
    for row in sorted(pairs, key=lambda row: -(row["score"] or 0)):
        found.setdefault(row["group_id"] or row["pair_id"], []).append(row)
    return list(found.values())


def _first(groups: Sequence[list[Row]]) -> list[list[Row]]:
    """Whole groups, as many as `MOST_CARDS` cards hold; the first in any case."""
    shown: list[list[Row]] = []
    for group in groups:
        if shown and sum(map(len, shown)) + len(group) > MOST_CARDS:
            break
        shown.append(group)
    return shown


def _facts(scene: Scene, pairs: Sequence[Row]) -> dict[str, Row]:
    """What is told of each activity of some pairs, by id, as this viewer may read it."""
    assert scene.data is not None
    ids = {row[side] for row in pairs for side in ("activity_a", "activity_b")}
    view = scene.view
    table = summaries.told(scene.data, ids, view.frame, view.level, scene.viewer)
    return {row["activity_id"]: row for row in table.to_dicts()}


def _group(group: Sequence[Row], facts: Mapping[str, Row], *, editor: bool) -> html.Div:
    cards = [pair_card.waiting(row, facts, editor=editor) for row in group]
    if len(group) == 1:
        return html.Div(cards)
    members = {row[side] for row in group for side in ("activity_a", "activity_b")}
    head = _("Un groupe : {n} fiches qui pourraient n'en faire qu'une", n=len(members))
    return html.Div([html.H3(head), *cards], className="pair-group", role="group")


def _decided(
    pairs: Sequence[Row],
    facts: Mapping[str, Row],
    numbers: Mapping[tuple[str, str], PairDecision],
) -> list[Any]:
    if not pairs:
        return []
    cards = []
    for row in sorted(pairs, key=lambda row: row["lead"] or row["pair_id"]):
        low, high = sorted((row["activity_a"], row["activity_b"]))
        cards.append(pair_card.decided(row, facts, numbers.get((low, high))))
    return [html.H3(_("Décidées"), className="pair-decided"), *cards]


def _asleep(decisions: Any, scene: Scene) -> list[Any]:
    """Decisions about activities that are not published: they wait, and may be taken back."""
    assert scene.data is not None
    known = set(scene.tables.activities["activity_id"])
    waiting = [one for one in decisions if not known.issuperset(one.said.pair)]
    if not waiting:
        return []
    head = ngettext(
        "{n} décision en sommeil : une de ses activités n'est plus publiée.",
        "{n} décisions en sommeil : une de leurs activités n'est plus publiée.",
        len(waiting),
    )
    rows = [html.Li([f"{' ↔ '.join(one.said.pair)} ", pair_card.undo(one.id)]) for one in waiting]
    return [html.Details([html.Summary(head), html.Ul(rows)], className="compare")]
