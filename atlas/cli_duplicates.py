"""``atlas duplicates``: what people decide about pairs of activities, from the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli_options import (
    DONE,
    EverythingOption,
    JsonOption,
    NoteOption,
    StoreOption,
    WhoOption,
    decision_as_dict,
    decision_line,
    store_of,
    who_or_session,
    wrong,
)
from atlas.i18n import _
from atlas.labels import label

if TYPE_CHECKING:
    from atlas.review.pairs import Decided
    from atlas.store import Store
    from atlas.store.pair_decisions import PairDecision

duplicates_app = typer.Typer(
    help=_("Paires d'activités : ce qui reste à décider, les décisions, leur annulation.")
)
BETWEEN = ","
"""Between the two ids of a pair that has no number of its own."""


@duplicates_app.callback()
def duplicates(context: typer.Context, store: StoreOption = None) -> None:
    """List the pairs to look at when no verb follows."""
    if context.invoked_subcommand is None:
        duplicates_list(store=store)


@duplicates_app.command("list", help=_("Les paires à examiner, puis les décisions en vigueur."))
def duplicates_list(
    everything: EverythingOption = False,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Pairs best first, then decisions newest first."""
    from atlas.layers.duplicates import counts_in_words
    from atlas.review.pairs import idle
    from atlas.store.pair_decisions import PairDecisions

    target = store_of(store)
    pairs = [row for row in _pairs(target) if row["verdict"] is None]
    history = PairDecisions(target.root).history()
    decisions = [one for one in history if everything or one.in_force]
    why_idle = idle(target.current(), history)
    if as_json:
        told = [_as_dict(one) | {"idle": why_idle.get(one.id)} for one in decisions]
        print(json.dumps({"pairs": pairs, "decisions": told}, ensure_ascii=False, indent=1))
        return
    for row in pairs:
        print(_pair_line(row))
    if pairs:
        doubles = sum(row["kind"] == "double_reporting" for row in pairs)
        print(_("À examiner : {pairs}", pairs=counts_in_words(doubles, len(pairs) - doubles)))
    else:
        print(_("Aucune paire à examiner."))
    for one in decisions:
        print(_line(one))
        if one.id in why_idle:
            print("      " + _idle_words(why_idle[one.id]))


@duplicates_app.command("decide", help=_("Dire ce que deux activités sont l'une à l'autre."))
def duplicates_decide(
    pair: Annotated[
        str, typer.Argument(help=_("Le numéro d'une paire, ou deux identifiants : A,B."))
    ],
    verdict: Annotated[str, typer.Option(help="same | different | overlap_accepted")],
    lead: Annotated[
        str, typer.Option(help=_("De deux fois la même : celle qui compte (a, b ou son numéro)."))
    ] = "",
    who: WhoOption = None,
    note: NoteOption = "",
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Write a decision down and publish what follows from it."""
    from atlas.corrections.pairs import PairVerdict
    from atlas.review.pairs import decide

    target = store_of(store)
    one, other = _activities(target, pair)
    named = {"a": one, "b": other}.get(lead.lower(), lead)
    said = PairVerdict.of(one, other, verdict, named)
    _end(decide(target, said, who=who_or_session(who), note=note), as_json=as_json)


@duplicates_app.command("undo", help=_("Annuler une décision : les chiffres d'avant reviennent."))
def duplicates_undo(
    decision: int,
    who: WhoOption = None,
    as_json: JsonOption = False,
    store: StoreOption = None,
) -> None:
    """Take a decision back and publish what follows from it."""
    from atlas.review.pairs import undo

    _end(undo(store_of(store), decision, who=who_or_session(who)), as_json=as_json)


def _pairs(store: Store) -> list[dict[str, Any]]:
    """Every pair of what is published, plans included."""
    from atlas.dataset import Dataset
    from atlas.filters import Filters
    from atlas.layers.prepare import ITEM_KINDS

    snapshot = store.current()
    if snapshot is None:
        return []
    filters = Filters(kind=ITEM_KINDS)
    return Dataset(snapshot).ask("duplicates", filters, options={"show": "all"}).table.to_dicts()


def _activities(store: Store, pair: str) -> tuple[str, str]:
    """The two activities of a pair by its number, or as they are named."""
    one, between, other = pair.partition(BETWEEN)
    if between:
        return one.strip(), other.strip()
    for row in _pairs(store):
        if row["pair_id"] == pair:
            return row["activity_a"], row["activity_b"]
    return wrong(_("Paire « {pair} » inconnue : voyez « atlas duplicates list ».", pair=pair))


def _end(decided: Decided, *, as_json: bool) -> None:
    if as_json:
        told = {
            "decision": _as_dict(decided.decision),
            "snapshot": decided.snapshot.hash,
            "asleep": decided.asleep,
            "without_effect": decided.without_effect,
            "activities": decided.activities,
            "budget_usd": decided.usd,
        }
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        print(_line(decided.decision))
        if decided.asleep:
            print(_idle_words("asleep"))
        if decided.without_effect:
            print(_idle_words("without_effect"))
        if decided.activities:
            usd = "–" if decided.usd is None else f"{decided.usd:+.2f}"
            n = f"{decided.activities:+d}"
            print(_("Dans les totaux : {n} activité, {usd} USD", n=n, usd=usd))
        print(_("Publié : {hash}", hash=decided.snapshot.hash))
    raise typer.Exit(DONE)


def _idle_words(why: str) -> str:
    """Why a decision in force changes nothing."""
    if why == "asleep":
        return _("Sans effet tant que les deux activités ne sont pas publiées.")
    return _("Sans effet : deux des activités réunies ont été dites différentes.")


def _pair_line(row: dict[str, Any]) -> str:
    kind = label("kind", row["kind"])
    sides = " ↔ ".join(
        f"{row[f'title_{side}'] or '—'} [{row[f'source_{side}']} {row[f'activity_{side}']}]"
        for side in ("a", "b")
    )
    return f"{row['pair_id']}  {row['score']:.2f}  {kind}  {sides}\n    {row['reasons']}"


def _line(one: PairDecision) -> str:
    said = f"{one.said.activity_a} ↔ {one.said.activity_b} : {_answer(one)}"
    return decision_line(one, said)


def _answer(one: PairDecision) -> str:
    """The answer in words."""
    answer = label("verdict", one.said.verdict)
    lead = one.said.lead
    return _("{answer} : {lead} mène", answer=answer, lead=lead) if lead else answer


def _as_dict(one: PairDecision) -> dict[str, Any]:
    said = {
        "activity_a": one.said.activity_a,
        "activity_b": one.said.activity_b,
        "verdict": str(one.said.verdict),
        "lead": one.said.lead or None,
    }
    return decision_as_dict(one, said)
