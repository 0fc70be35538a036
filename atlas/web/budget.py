"""The tab of budgets: by zone, and by sector, donor, organisation or year as chosen."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas import summaries
from atlas.answers import Answer
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.layers.budget import OPTIONS, warnings
from atlas.layers.dimensions import OPEN
from atlas.layers.options import settings as in_force
from atlas.layers.scope import PLACED
from atlas.model import RESERVED
from atlas.web import downloads, say, why
from atlas.web.attributes import go
from atlas.web.desk import Scene, ask
from atlas.web.settings import settings
from atlas.web.tables import empty, filled, joined, more_rows, note, plain

MOST_ROWS = 300
HEADS = {
    "sector": N_("Secteur"),
    "donor": N_("Bailleur"),
    "org": N_("Organisation"),
    "year": N_("Année"),
}
TOTALS = {
    "sector": N_("Par secteur"),
    "donor": N_("Par bailleur"),
    "org": N_("Par organisation"),
    "year": N_("Par année"),
}
STOPPED_WORDS = {
    "cancelled": N_("annulé {money}"),
    "suspended": N_("suspendu {money}"),
}
SIDES = {
    "outside": ("money_outside", N_("Hors de la période demandée : {money}.")),
    "open_period": (
        "money_open_period",
        N_("De début ou de fin inconnus, donc hors de ce découpage : {money}."),
    ),
    "no_period": ("money_no_period", N_("Sans période, donc hors de ce découpage : {money}.")),
}


def budget(scene: Scene) -> list[Any]:
    """Where the money is, what is not placed or not convertible, and how sure it is."""
    answer = ask(scene, "budget", detailed=True)
    said = in_force(OPTIONS, scene.view.options_of("budget"))
    controls = settings(scene, "budget")
    priced = answer.table.filter(
        pl.col("budget").is_not_null()
        & (pl.col("activities") > pl.col("without_amount").fill_null(0))
        | _rateless(answer.table)
        | (pl.sum_horizontal(f"budget_{status}" for status in STOPPED_WORDS) != 0)
    )
    if not priced.height:
        return [controls, empty(_nothing(said["kind"]))]
    if said["by"] == "unit":
        tables = _units(answer.table, said)
    else:
        tables = [*_totals(scene, answer.table, said), *_rows(answer.table, said)]
    return [
        html.Div(_sentences(scene, answer, said), className="read-out"),
        controls,
        note(_method(said), downloads.links("budget")),
        *tables,
        *_funds(scene),
        *_rates(scene, said),
    ]


def _nothing(kind: str) -> str:
    if kind == "budget":
        return _(
            "Aucun montant ici. Enlevez un filtre, ou importez une liste dont une colonne donne "
            "le budget de chaque activité (Importer)."
        )
    return _(
        "Aucun montant de cette sorte ici. Choisissez « Budget », enlevez un filtre, ou importez "
        "une liste qui le donne (Importer)."
    )


def _priced() -> pl.Expr:
    """Rows with an amount in the currency asked for; a zero that nobody gave is none."""
    some = pl.col("activities") > pl.col("without_amount").fill_null(0)
    return pl.col("budget").is_not_null() & some


def _rateless(table: pl.DataFrame) -> pl.Expr:
    columns = [c for c in table.columns if c.startswith("no_rate_")]
    return pl.any_horizontal([pl.col(c) > 0 for c in columns] or [pl.lit(False)])


def _sum(table: pl.DataFrame, column: str) -> float | None:
    """Sum of a column of money; null when nothing of it is known."""
    known = table[column].drop_nulls()
    return round(float(known.sum()), 2) if known.len() else None


def _sentences(scene: Scene, answer: Answer, said: dict[str, str]) -> list[html.P]:
    """What must be read with any figure: the whole, what has no zone, what has no rate."""
    table, currency = answer.table, said["currency"]
    reserved = table.filter(pl.col("unit_id").is_in(RESERVED))
    placed = table.filter(~pl.col("unit_id").is_in(RESERVED))
    whole = why.number(say.money(_sum(table, "budget"), currency), "money")
    lines: list[Any] = [
        [
            _("En tout : "),
            whole,
            *filled(
                _(" ; dans une zone : {money}.", money="|"),
                why.number(say.money(_sum(placed, "budget"), currency), "money", PLACED),
            ),
        ],
        _unplaced(reserved, currency),
        _unconverted(table),
    ]
    if _sum(table, "inherited"):
        figure = why.number(say.money(_sum(table, "inherited"), currency), "money_inherited")
        lines.append([_("Dont réparti sur le périmètre de son document : "), figure, "."])
    for column, (key, words) in SIDES.items():
        if column in table.columns and (money := _sum(table, column)):
            figure = why.number(say.money(money, currency), key)
            lines.append(filled(_(words, money="|"), figure))
    if said["by"] == "year":
        lines += _open_ended(table, currency)
    lines += _stopped(table, currency)
    silent = _silent(scene, answer, said)
    if silent:
        words = ngettext(
            "{shown} activité n'a pas de montant connu.",
            "{shown} activités n'ont pas de montant connu.",
            silent,
            shown="|",
        )
        lines.append(filled(words, why.number(say.number(silent), "money_unpriced")))
    lines += warnings(table, currency)
    return [html.P(line) for line in lines]


def _open_ended(table: pl.DataFrame, currency: str) -> list[Any]:
    """Money of no year, because one end of its period is unknown."""
    money = _sum(table.filter(dimension=OPEN), "budget")
    if not money:
        return []
    figure = why.number(say.money(money, currency), "money", "", OPEN)
    words = _("Mis dans aucune année, car le début ou la fin est inconnu : {money}.", money="|")
    return [filled(words, figure)]


def _stopped(table: pl.DataFrame, currency: str) -> list[Any]:
    """What is cancelled and what is suspended: money that is in no total."""
    told = []
    for status, words in STOPPED_WORDS.items():
        if not table[status].sum():
            continue
        money = say.money(_sum(table, f"budget_{status}"), currency)
        told.append(filled(_(words, money="|"), why.number(money, f"money_{status}")))
        apart = {
            c.rpartition("_")[2]: _sum(table, c)
            for c in table.columns
            if c.startswith(f"{status}_amount_") and table[c].sum()
        }
        stated = [say.money(value, c) for c, value in apart.items() if c != currency]
        if stated:
            told[-1] += [_(" (dit en {stated})", stated=", ".join(stated))]
    if not told:
        return []
    words = _("Hors compte, dans aucun de ces totaux : {told}.", told="|")
    return [filled(words, html.Span(joined(told, " ; ")))]


def _silent(scene: Scene, answer: Answer, said: dict[str, str]) -> int:
    """Activities whose amount nobody gave, each once."""
    assert scene.data is not None
    view = scene.view
    asked = scene.data.scope(view.filters, view.frame, view.level, scene.viewer)
    kind = pl.col("kind") == said["kind"]
    return asked.items.height - int(asked.shares.filter(kind)["a"].n_unique())


def _unplaced(reserved: pl.DataFrame, currency: str) -> Any:
    """What stands in no zone, by reason; always said."""
    keys = "unit_id", "unit_name"
    by_row = reserved.group_by(keys, maintain_order=True).agg(pl.col("budget").sum().round(2))
    told = [
        filled(
            _("{name} : {value}", name=name, value="|"),
            why.number(say.money(money, currency), "money", unit),
        )
        for unit, name, money in by_row.iter_rows()
        if money
    ]
    if not told:
        return _("Tout est placé dans une zone.")
    return filled(_("Hors des zones : {told}.", told="|"), html.Span(joined(told, " ; ")))


def _unconverted(table: pl.DataFrame) -> Any:
    """What no rate converts, in its own currency; always said."""
    columns = [c for c in table.columns if c.startswith("no_rate_")]
    told = [
        [why.number(say.money(_sum(table, c), currency), "money_no_rate", "", currency)]
        for c in columns
        for currency in (c.removeprefix("no_rate_"),)
        if table[c].sum()
    ]
    if not told:
        return _("Aucun montant sans taux de change.")
    words = _("Sans taux de change, non compris dans ces totaux : {told}.", told="|")
    return filled(words, html.Span(joined(told, " ; ")))


def _method(said: dict[str, str]) -> str:
    words = [
        _(
            "« Au moins – au plus » : ce qui est sûrement dans la zone, et ce qui y serait si tout "
            "ce que les documents laissent ouvert entre plusieurs zones s'y trouvait."
        )
    ]
    if said["by"] == "year" or said["slice"] == "overlap":
        words.append(
            _(
                "Un montant se répartit en parts égales sur les jours de sa période, à défaut sur "
                "ceux de son activité."
            )
        )
    if said["by"] in ("donor", "org"):
        words.append(_("Un montant que plusieurs portent ensemble n'est jamais partagé entre eux."))
    return " ".join(words)


def _units(table: pl.DataFrame, said: dict[str, str]) -> list[Any]:
    """One row a zone that has anything, the reserved rows below."""
    there = pl.sum_horizontal("activities", *STOPPED_WORDS) > 0
    something = there | pl.col("unit_id").is_in(RESERVED)
    shown = table.filter(something)
    zones = shown.filter(~pl.col("unit_id").is_in(RESERVED)).sort(
        "budget", "unit_name", descending=[True, False], nulls_last=True
    )
    kept = shown.filter(pl.col("unit_id").is_in(RESERVED), there)
    columns = _columns(shown)
    heads = [_("Zone"), *(head for head, _cell in columns)]
    rows = [_cells(row, said, columns) for row in zones.head(MOST_ROWS).to_dicts()]
    foot = [_cells(row, said, columns) for row in kept.to_dicts()]
    caption = _("Budget par zone")
    parts: list[Any] = [plain(heads, rows, range(1, len(heads)), caption=caption, foot=foot)]
    return [*parts, *more_rows(zones.height - MOST_ROWS)]


Columns = list[tuple[str, str]]


def _columns(table: pl.DataFrame) -> Columns:
    """Heading and name of each column; those in which nothing is known are left out."""
    every = [
        (_("Montant"), "budget"),
        (_("Au moins – au plus"), "range"),
        (_("dont périmètre"), "inherited"),
        (_("Par habitant"), "per_head"),
        (_("Engagé"), "committed"),
        (_("Dépensé"), "spent"),
        (_("Exécution"), "execution"),
        (_("Activités"), "activities"),
        (_("Annulé"), "budget_cancelled"),
        (_("Suspendu"), "budget_suspended"),
    ]
    optional = (
        *("inherited", "committed", "spent", "execution"),
        *("budget_cancelled", "budget_suspended"),
    )
    return [(h, c) for h, c in every if c not in optional or table[c].fill_null(0).sum() > 0]


def _cells(row: dict[str, Any], said: dict[str, str], columns: Columns) -> list[Any]:
    value = row.get("dimension") or ""
    reserved = row["unit_id"] in RESERVED
    name = html.Em(row["unit_name"]) if reserved else row["unit_name"]
    return [name, *(_cell(row, column, said["currency"], value) for _head, column in columns)]


WHY = {
    "budget": "money",
    "inherited": "money_inherited",
    "committed": "money_committed",
    "spent": "money_spent",
    "budget_cancelled": "money_cancelled",
    "budget_suspended": "money_suspended",
}


def _cell(row: dict[str, Any], column: str, currency: str, value: str) -> Any:
    if column == "range":
        return _range(row)
    if column == "per_head":
        return _per_head(row, currency)
    if column == "execution":
        rate = row["execution"]
        return say.UNKNOWN if rate is None else say.number(100 * rate) + "\u00a0%"
    if column == "activities":
        return why.number(say.number(row["activities"]), "money_activities", row["unit_id"], value)
    money = say.number(row[column], 0 if currency == "XOF" else 2)
    return why.number(money, WHY[column], row["unit_id"], value) if row[column] else money


def _range(row: dict[str, Any]) -> str:
    low, high = row["budget_low"], row["budget_high"]
    if low is None:
        return say.UNKNOWN
    return _("sûr") if low == high else f"{say.number(low)} – {say.number(high)}"


def _per_head(row: dict[str, Any], currency: str) -> Any:
    if row["unit_id"] in RESERVED:
        return say.UNKNOWN
    if row["population"] is None:
        return html.Span(_("population non disponible"), className="meta")
    hint = _(
        "{people} habitants en {year}",
        people=say.number(row["population"]),
        year=row["population_year"],
    )
    return html.Span(say.number(row["per_head"], 0 if currency == "XOF" else 2), title=hint)


def _totals(scene: Scene, table: pl.DataFrame, said: dict[str, str]) -> list[Any]:
    """The dimension over all zones and reserved rows, as bars."""
    order = ["dimension"] if said["by"] == "year" else ["budget", "dimension_label"]
    told = (
        table.group_by("dimension", "dimension_label", maintain_order=True)
        .agg(
            pl.col("budget").sum().round(2),
            pl.col("budget").count().alias("known"),
        )
        .sort(*order, descending=[said["by"] != "year", *([False] * (len(order) - 1))])
    )
    largest = max((abs(v) for v in told["budget"]), default=0) or 1
    rows = [
        [
            _value(row, said["by"]),
            html.Span(
                className="bar", style={"width": f"{100 * max(row['budget'], 0) / largest:.1f}%"}
            ),
            why.number(say.number(row["budget"], 0), "money", "", row["dimension"])
            if row["known"]
            else say.UNKNOWN,
        ]
        for row in told.to_dicts()
    ]
    head = HEADS[said["by"]]
    heads = [_(head), "", _("Montant ({currency})", currency=said["currency"])]
    total = TOTALS[said["by"]]
    title = _(total)
    return [html.H3(title), plain(heads, rows, (2,), caption=title), *_donor(scene, said)]


def _value(row: dict[str, Any], by: str) -> Any:
    """The value of a dimension; a donor opens what it gives where, by sector."""
    if by == "donor" and not row["dimension"].startswith("_"):
        return html.Button(
            row["dimension_label"],
            className="why-number",
            title=_("Ce que ce bailleur donne, où et par secteur"),
            **go(donor=row["dimension"], **{"budget.by": "sector"}),
        )
    return row["dimension_label"]


def _donor(scene: Scene, said: dict[str, str]) -> list[Any]:
    """Beside what one donor gives by sector: what others give with it is in there too."""
    donors = scene.view.filters.donor
    if said["by"] != "sector" or len(donors) != 1:
        return []
    return [
        note(
            _(
                "Activités que {name} finance, seul ou avec d'autres : le montant entier y est, "
                "personne n'a dit la part de chacun.",
                name=label("organisations", donors[0]),
            )
        )
    ]


def _rows(table: pl.DataFrame, said: dict[str, str]) -> list[Any]:
    """Zone × dimension, then what stands in no zone."""
    columns = _columns(table)
    dimension = HEADS[said["by"]]
    heads = [_("Zone"), _(dimension), *(head for head, _cell in columns)]
    reserved = pl.col("unit_id").is_in(RESERVED)
    cells = [
        [
            [first, row["dimension_label"], *rest]
            for row in part.to_dicts()
            for first, *rest in [_cells(row, said, columns)]
        ]
        for part in (table.filter(~reserved).head(MOST_ROWS), table.filter(reserved))
    ]
    numeric = range(2, len(heads))
    parts: list[Any] = []
    for title, rows in zip((_("Par zone"), _("Hors des zones")), cells, strict=True):
        if rows:
            parts += [html.H3(title), plain(heads, rows, numeric, caption=title)]
    return [*parts, *more_rows(table.filter(~reserved).height - MOST_ROWS)]


def _funds(scene: Scene) -> list[Any]:
    """What donors gave to each fund, beside what its activities were allotted."""
    table = ask(scene, "funds").table
    if not table.height:
        return []
    title = _("Contributions aux fonds, et ce qu'ils ont alloué")
    heads = [_("Fonds"), _("Contributions (USD)"), _("Bailleurs"), _("Dates"), _("Alloué (USD)"),
             _("Activités"), _("Annulé ou suspendu (USD)")]  # fmt: skip
    rows = [_fund(row) for row in table.to_dicts()]
    words = _(
        "Les contributions sont celles que les documents disent, pour tout le pays ; l'alloué est "
        "le budget des activités de la page. Ni ajoutés, ni soustraits : aucun n'est complet."
    )
    return [
        html.H3(title),
        note(words, downloads.links("fonds")),
        plain(heads, rows, (1, 4, 5, 6), caption=title),
    ]


def _fund(row: dict[str, Any]) -> list[Any]:
    given = say.number(row["contributed_usd"])
    if n := row["contributions_without_usd"]:
        given += _(" + {n} sans montant en USD", n=say.number(n))
    days = sorted({day for day in (row["first_contribution"], row["last_contribution"]) if day})
    stopped = sum(row[f"{status}_usd"] or 0 for status in STOPPED_WORDS)
    names = (row["contributors"] or "").split(" ; ")
    return [
        label("sources", row["fund"]),
        given,
        ", ".join(label("organisations", name) for name in names if name) or say.UNKNOWN,
        " – ".join(say.short_day(day) for day in days),
        say.number(row["allocated_usd"], 2),
        why.number(say.number(row["activities"]), "source", "", row["fund"]),
        say.number(stopped, 2),
    ]


def _rates(scene: Scene, said: dict[str, str]) -> list[Any]:
    """The rates behind the figures, each with its day and source."""
    assert scene.data is not None
    view = scene.view
    where = view.filters, view.frame, view.level, scene.viewer
    table = summaries.rates(scene.data, said, *where)
    parity = _("Franc CFA et euro : parité fixe, 655,957 francs pour un euro.")
    if not table.height:
        return [note(parity)] if said["currency"] != "USD" else []
    rows = [
        [
            _("dollars pour un euro")
            if r["currency"] == "EUR" and said["currency"] != "USD"
            else _("{currency} pour un dollar", currency=r["currency"]),
            say.number(r["rate"], 4),
            say.short_day(r["rate_day"]),
            _("Banque centrale européenne") if r["source"] == "ecb" else r["source"],
            say.number(r["amounts"]),
        ]
        for r in table.head(MOST_ROWS).to_dicts()
    ]
    heads = [_("Taux"), _("Valeur"), _("Au"), _("Source"), _("Montants")]
    return [
        html.Details(
            [
                html.Summary(_("Taux de change employés")),
                note(parity),
                plain(heads, rows, (1, 4), caption=_("Taux de change employés")),
            ]
        )
    ]
