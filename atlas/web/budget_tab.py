"""The tab of budgets: by zone, and by sector, donor, organisation or year as chosen."""

from __future__ import annotations

from typing import Any

import polars as pl
from dash import html

from atlas import formats, summaries
from atlas.dataset import Answer
from atlas.i18n import N_, _, ngettext
from atlas.labels import label
from atlas.layers.budget import OPTIONS, split_warnings
from atlas.layers.options import all_settings
from atlas.layers.scope import OPEN, PLACED
from atlas.model import RESERVED
from atlas.web import downloads, figure_activities
from atlas.web.layer_settings import setting_controls
from atlas.web.page_elements import url_change
from atlas.web.page_state import PageScene, layer_answer
from atlas.web.page_tables import (
    empty_note,
    filled_pieces,
    joined_pieces,
    more_rows_note,
    plain_table,
    table_note,
)

MOST_ROWS = 300
DIMENSION_HEADINGS = {
    "sector": N_("Secteur"),
    "donor": N_("Bailleur"),
    "org": N_("Organisation"),
    "year": N_("Année"),
}
TOTAL_HEADINGS = {
    "sector": N_("Par secteur"),
    "donor": N_("Par bailleur"),
    "org": N_("Par organisation"),
    "year": N_("Par année"),
}
STOPPED_WORDS = {
    "cancelled": N_("annulé {money}"),
    "suspended": N_("suspendu {money}"),
}
OUTSIDE_PERIOD_NOTES = {
    "outside": ("money_outside", N_("Hors de la période demandée : {money}.")),
    "open_period": (
        "money_open_period",
        N_("De début ou de fin inconnus, donc hors de ce découpage : {money}."),
    ),
    "no_period": ("money_no_period", N_("Sans période, donc hors de ce découpage : {money}.")),
}


def budget_content(scene: PageScene) -> list[Any]:
    """Where the money is, what is not placed or not convertible, and how sure it is."""
    answer = layer_answer(scene, "budget", detailed=True)
    options = all_settings(OPTIONS, scene.view.layer_options("budget"))
    controls = setting_controls(scene, "budget")
    priced = answer.table.filter(
        pl.col("budget").is_not_null()
        & (pl.col("activities") > pl.col("without_amount").fill_null(0))
        | _lacks_rate(answer.table)
        | (pl.sum_horizontal(f"budget_{status}" for status in STOPPED_WORDS) != 0)
    )
    if not priced.height:
        return [controls, empty_note(_no_amount_text(options["kind"]))]
    if options["by"] == "unit":
        tables = _units_table(answer.table, options)
    else:
        tables = [
            *_dimension_totals(scene, answer.table, options),
            *_dimension_tables(answer.table, options),
        ]
    return [
        html.Div(_budget_sentences(scene, answer, options), className="read-out"),
        controls,
        table_note(_method_text(options), downloads.download_links("budget")),
        *tables,
        *_disbursed_table(scene),
        *_fund_table(scene),
        *_rates_table(scene, options),
    ]


def _disbursed_table(scene: PageScene) -> list[Any]:
    """What was spent of each donor's budget, where any spending is known."""
    table = layer_answer(scene, "disbursed").table
    if not table["spent_usd"].count():
        return []
    title = _("Dépensé au regard du budget, par bailleur")
    note = _(
        "En USD, montants entiers. La part est celle des seules activités qui disent les deux ; "
        "là où la dépense n'est pas dite, on ne sait pas : ce n'est pas zéro."
    )
    heads = [_("Bailleur"), _("Budget"), _("Dépensé"), _("Part dépensée")]
    rows = [_disbursed_row(row) for row in table.head(MOST_ROWS).to_dicts()]
    return [
        html.H3(title),
        table_note(note, downloads.download_links("depenses")),
        plain_table(heads, rows, numeric=(1, 2, 3), caption=title),
    ]


def _disbursed_row(row: dict[str, Any]) -> list[Any]:
    every = formats.number_text(row["activities"])
    cells: list[Any] = [label("by_donor", row["donor"])]
    for figure, money, without in (
        ("disbursed_budget", "budget_usd", "without_usd"),
        ("disbursed_spent", "spent_usd", "without_spent"),
    ):
        shown = formats.number_text(row[money])
        parts: list[Any] = [figure_activities.linked_figure(shown, figure, "", row["donor"])]
        if row[without]:
            words = ngettext(
                "non dit de {n} activité sur {every}",
                "non dit de {n} activités sur {every}",
                row[without],
                every=every,
            )
            parts.append(html.Div(words, className="meta"))
        cells.append(html.Div(parts))
    share, n = row["spent_share"], row["both"]
    percent = formats.share_text(share, share, share)
    words = ngettext(
        "selon {n} activité sur {every}", "selon {n} activités sur {every}", n, every=every
    )
    note = [html.Div(words, className="meta")] if n else []
    return [*cells, html.Div([percent, *note])]


def _no_amount_text(kind: str) -> str:
    if kind == "budget":
        return _(
            "Aucun montant ici. Enlevez un filtre, ou importez une liste dont une colonne donne "
            "le budget de chaque activité (Importer)."
        )
    return _(
        "Aucun montant de cette sorte ici. Choisissez « Budget », enlevez un filtre, ou importez "
        "une liste qui le donne (Importer)."
    )


def _lacks_rate(table: pl.DataFrame) -> pl.Expr:
    columns = [c for c in table.columns if c.startswith("no_rate_")]
    return pl.any_horizontal([pl.col(c) > 0 for c in columns] or [pl.lit(False)])


def _column_sum(table: pl.DataFrame, column: str) -> float | None:
    """Sum of a column of money; null when nothing of it is known."""
    known = table[column].drop_nulls()
    return round(float(known.sum()), 2) if known.len() else None


def _budget_sentences(scene: PageScene, answer: Answer, options: dict[str, str]) -> list[html.P]:
    """What must be read with any figure: the whole, what has no zone, what has no rate."""
    table, currency = answer.table, options["currency"]
    reserved = table.filter(pl.col("unit_id").is_in(RESERVED))
    placed = table.filter(~pl.col("unit_id").is_in(RESERVED))
    whole = figure_activities.linked_figure(
        formats.money_text(_column_sum(table, "budget"), currency), "money"
    )
    lines: list[Any] = [
        [
            _("En tout : "),
            whole,
            *filled_pieces(
                _(" ; dans une zone : {money}.", money="|"),
                figure_activities.linked_figure(
                    formats.money_text(_column_sum(placed, "budget"), currency), "money", PLACED
                ),
            ),
        ],
        _unplaced_note(reserved, currency),
        _unconverted_note(table),
    ]
    if _column_sum(table, "inherited"):
        figure = figure_activities.linked_figure(
            formats.money_text(_column_sum(table, "inherited"), currency), "money_inherited"
        )
        lines.append([_("Dont réparti sur le périmètre de son document : "), figure, "."])
    for column, (key, words) in OUTSIDE_PERIOD_NOTES.items():
        if column in table.columns and (money := _column_sum(table, column)):
            figure = figure_activities.linked_figure(formats.money_text(money, currency), key)
            lines.append(filled_pieces(_(words, money="|"), figure))
    if options["by"] == "year":
        lines += _open_ended_notes(table, currency)
    lines += _stopped_notes(table, currency)
    silent = _without_amount_count(scene, options)
    if silent:
        words = ngettext(
            "{shown} activité n'a pas de montant connu.",
            "{shown} activités n'ont pas de montant connu.",
            silent,
            shown="|",
        )
        lines.append(
            filled_pieces(
                words,
                figure_activities.linked_figure(formats.number_text(silent), "money_unpriced"),
            )
        )
    lines += split_warnings(table, currency)
    return [html.P(line) for line in lines]


def _open_ended_notes(table: pl.DataFrame, currency: str) -> list[Any]:
    """Money of no year, because one end of its period is unknown."""
    money = _column_sum(table.filter(dimension=OPEN), "budget")
    if not money:
        return []
    figure = figure_activities.linked_figure(formats.money_text(money, currency), "money", "", OPEN)
    words = _("Mis dans aucune année, car le début ou la fin est inconnu : {money}.", money="|")
    return [filled_pieces(words, figure)]


def _stopped_notes(table: pl.DataFrame, currency: str) -> list[Any]:
    """What is cancelled and what is suspended: money that is in no total."""
    amounts = []
    for status, words in STOPPED_WORDS.items():
        if not table[status].sum():
            continue
        money = formats.money_text(_column_sum(table, f"budget_{status}"), currency)
        amounts.append(
            filled_pieces(
                _(words, money="|"), figure_activities.linked_figure(money, f"money_{status}")
            )
        )
        apart = {
            c.rpartition("_")[2]: _column_sum(table, c)
            for c in table.columns
            if c.startswith(f"{status}_amount_") and table[c].sum()
        }
        stated = [formats.money_text(value, c) for c, value in apart.items() if c != currency]
        if stated:
            amounts[-1] += [_(" (dit en {stated})", stated=", ".join(stated))]
    if not amounts:
        return []
    words = _("Hors compte, dans aucun de ces totaux : {told}.", told="|")
    return [filled_pieces(words, html.Span(joined_pieces(amounts, " ; ")))]


def _without_amount_count(scene: PageScene, options: dict[str, str]) -> int:
    """Activities whose amount nobody gave, each once."""
    assert scene.data is not None
    view = scene.view
    asked = scene.data.filtered_scope(view.filters, view.frame, view.level, scene.viewer)
    kind = pl.col("kind") == options["kind"]
    return asked.counted_activities.height - int(asked.share_rows.filter(kind)["a"].n_unique())


def _unplaced_note(reserved: pl.DataFrame, currency: str) -> Any:
    """What stands in no zone, by reason; always said."""
    keys = "unit_id", "unit_name"
    by_row = reserved.group_by(keys, maintain_order=True).agg(pl.col("budget").sum().round(2))
    amounts = [
        filled_pieces(
            _("{name} : {value}", name=name, value="|"),
            figure_activities.linked_figure(formats.money_text(money, currency), "money", unit),
        )
        for unit, name, money in by_row.iter_rows()
        if money
    ]
    if not amounts:
        return _("Tout est placé dans une zone.")
    return filled_pieces(
        _("Hors des zones : {told}.", told="|"), html.Span(joined_pieces(amounts, " ; "))
    )


def _unconverted_note(table: pl.DataFrame) -> Any:
    """What no rate converts, in its own currency; always said."""
    columns = [c for c in table.columns if c.startswith("no_rate_")]
    amounts = [
        [
            figure_activities.linked_figure(
                formats.money_text(_column_sum(table, c), currency), "money_no_rate", "", currency
            )
        ]
        for c in columns
        for currency in (c.removeprefix("no_rate_"),)
        if table[c].sum()
    ]
    if not amounts:
        return _("Aucun montant sans taux de change.")
    words = _("Sans taux de change, non compris dans ces totaux : {told}.", told="|")
    return filled_pieces(words, html.Span(joined_pieces(amounts, " ; ")))


def _method_text(options: dict[str, str]) -> str:
    words = [
        _(
            "« Au moins – au plus » : ce qui est sûrement dans la zone, et ce qui y serait si tout "
            "ce que les documents laissent ouvert entre plusieurs zones s'y trouvait."
        )
    ]
    if options["by"] == "year" or options["slice"] == "overlap":
        words.append(
            _(
                "Un montant se répartit en parts égales sur les jours de sa période, à défaut sur "
                "ceux de son activité."
            )
        )
    if options["by"] in ("donor", "org"):
        words.append(_("Un montant que plusieurs portent ensemble n'est jamais partagé entre eux."))
    return " ".join(words)


def _units_table(table: pl.DataFrame, options: dict[str, str]) -> list[Any]:
    """One row a zone that has anything, the reserved rows below."""
    there = pl.sum_horizontal("activities", *STOPPED_WORDS) > 0
    something = there | pl.col("unit_id").is_in(RESERVED)
    shown = table.filter(something)
    zones = shown.filter(~pl.col("unit_id").is_in(RESERVED)).sort(
        "budget", "unit_name", descending=[True, False], nulls_last=True
    )
    kept = shown.filter(pl.col("unit_id").is_in(RESERVED), there)
    columns = _known_columns(shown)
    heads = [_("Zone"), *(head for head, _cell in columns)]
    rows = [_row_cells(row, options, columns) for row in zones.head(MOST_ROWS).to_dicts()]
    foot = [_row_cells(row, options, columns) for row in kept.to_dicts()]
    caption = _("Budget par zone")
    parts: list[Any] = [plain_table(heads, rows, range(1, len(heads)), caption=caption, foot=foot)]
    return [*parts, *more_rows_note(zones.height - MOST_ROWS)]


ColumnHeadings = list[tuple[str, str]]


def _known_columns(table: pl.DataFrame) -> ColumnHeadings:
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


def _row_cells(row: dict[str, Any], options: dict[str, str], columns: ColumnHeadings) -> list[Any]:
    value = row.get("dimension") or ""
    reserved = row["unit_id"] in RESERVED
    name = html.Em(row["unit_name"]) if reserved else row["unit_name"]
    return [
        name,
        *(_column_cell(row, column, options["currency"], value) for _head, column in columns),
    ]


FIGURE_BY_COLUMN = {
    "budget": "money",
    "inherited": "money_inherited",
    "committed": "money_committed",
    "spent": "money_spent",
    "budget_cancelled": "money_cancelled",
    "budget_suspended": "money_suspended",
}


def _column_cell(row: dict[str, Any], column: str, currency: str, value: str) -> Any:
    if column == "range":
        return _range_text(row)
    if column == "per_head":
        return _per_head_cell(row, currency)
    if column == "execution":
        rate = row["execution"]
        return formats.UNKNOWN if rate is None else formats.number_text(100 * rate) + "\u00a0%"
    if column == "activities":
        return figure_activities.linked_figure(
            formats.number_text(row["activities"]), "money_activities", row["unit_id"], value
        )
    money = formats.number_text(row[column], 0 if currency == "XOF" else 2)
    return (
        figure_activities.linked_figure(money, FIGURE_BY_COLUMN[column], row["unit_id"], value)
        if row[column]
        else money
    )


def _range_text(row: dict[str, Any]) -> str:
    low, high = row["budget_low"], row["budget_high"]
    if low is None:
        return formats.UNKNOWN
    return _("sûr") if low == high else f"{formats.number_text(low)} – {formats.number_text(high)}"


def _per_head_cell(row: dict[str, Any], currency: str) -> Any:
    if row["unit_id"] in RESERVED:
        return formats.UNKNOWN
    if row["population"] is None:
        return html.Span(_("population non disponible"), className="meta")
    hint = _(
        "{people} habitants en {year}",
        people=formats.number_text(row["population"]),
        year=row["population_year"],
    )
    return html.Span(
        formats.number_text(row["per_head"], 0 if currency == "XOF" else 2), title=hint
    )


def _dimension_totals(scene: PageScene, table: pl.DataFrame, options: dict[str, str]) -> list[Any]:
    """The dimension over all zones and reserved rows, as bars."""
    order = ["dimension"] if options["by"] == "year" else ["budget", "dimension_label"]
    totals = (
        table.group_by("dimension", "dimension_label", maintain_order=True)
        .agg(
            pl.col("budget").sum().round(2),
            pl.col("budget").count().alias("known"),
        )
        .sort(*order, descending=[options["by"] != "year", *([False] * (len(order) - 1))])
    )
    largest = max((abs(v) for v in totals["budget"]), default=0) or 1
    rows = [
        [
            _dimension_cell(row, options["by"]),
            html.Span(
                className="bar", style={"width": f"{100 * max(row['budget'], 0) / largest:.1f}%"}
            ),
            figure_activities.linked_figure(
                formats.number_text(row["budget"], 0), "money", "", row["dimension"]
            )
            if row["known"]
            else formats.UNKNOWN,
        ]
        for row in totals.to_dicts()
    ]
    head = DIMENSION_HEADINGS[options["by"]]
    heads = [_(head), "", _("Montant ({currency})", currency=options["currency"])]
    total = TOTAL_HEADINGS[options["by"]]
    title = _(total)
    return [
        html.H3(title),
        plain_table(heads, rows, (2,), caption=title),
        *_single_donor_note(scene, options),
    ]


def _dimension_cell(row: dict[str, Any], by: str) -> Any:
    """The value of a dimension; a donor opens what it gives where, by sector."""
    if by == "donor" and not row["dimension"].startswith("_"):
        return html.Button(
            row["dimension_label"],
            className="why-number",
            title=_("Ce que ce bailleur donne, où et par secteur"),
            **url_change(donor=row["dimension"], **{"budget.by": "sector"}),
        )
    return row["dimension_label"]


def _single_donor_note(scene: PageScene, options: dict[str, str]) -> list[Any]:
    """Beside what one donor gives by sector: what others give with it is in there too."""
    donors = scene.view.filters.donor
    if options["by"] != "sector" or len(donors) != 1:
        return []
    return [
        table_note(
            _(
                "Activités que {name} finance, seul ou avec d'autres : le montant entier y est, "
                "personne n'a dit la part de chacun.",
                name=label("organisations", donors[0]),
            )
        )
    ]


def _dimension_tables(table: pl.DataFrame, options: dict[str, str]) -> list[Any]:
    """Zone × dimension, then what stands in no zone."""
    columns = _known_columns(table)
    dimension = DIMENSION_HEADINGS[options["by"]]
    heads = [_("Zone"), _(dimension), *(head for head, _cell in columns)]
    reserved = pl.col("unit_id").is_in(RESERVED)
    cells = [
        [
            [first, row["dimension_label"], *rest]
            for row in part.to_dicts()
            for first, *rest in [_row_cells(row, options, columns)]
        ]
        for part in (table.filter(~reserved).head(MOST_ROWS), table.filter(reserved))
    ]
    numeric = range(2, len(heads))
    parts: list[Any] = []
    for title, rows in zip((_("Par zone"), _("Hors des zones")), cells, strict=True):
        if rows:
            parts += [html.H3(title), plain_table(heads, rows, numeric, caption=title)]
    return [*parts, *more_rows_note(table.filter(~reserved).height - MOST_ROWS)]


def _fund_table(scene: PageScene) -> list[Any]:
    """What donors gave to each fund, beside what its activities were allotted."""
    table = layer_answer(scene, "funds").table
    if not table.height:
        return []
    title = _("Contributions aux fonds, et ce qu'ils ont alloué")
    heads = [_("Fonds"), _("Contributions (USD)"), _("Bailleurs"), _("Dates"), _("Alloué (USD)"),
             _("Activités"), _("Annulé ou suspendu (USD)")]  # fmt: skip
    rows = [_fund_row(row) for row in table.to_dicts()]
    words = _(
        "Les contributions sont celles que les documents disent, pour tout le pays ; l'alloué est "
        "le budget des activités de la page. Ni ajoutés, ni soustraits : aucun n'est complet."
    )
    return [
        html.H3(title),
        table_note(words, downloads.download_links("fonds")),
        plain_table(heads, rows, (1, 4, 5, 6), caption=title),
    ]


def _fund_row(row: dict[str, Any]) -> list[Any]:
    given = formats.number_text(row["contributed_usd"])
    if n := row["contributions_without_usd"]:
        given += _(" + {n} sans montant en USD", n=formats.number_text(n))
    days = sorted({day for day in (row["first_contribution"], row["last_contribution"]) if day})
    stopped = sum(row[f"{status}_usd"] or 0 for status in STOPPED_WORDS)
    names = (row["contributors"] or "").split(" ; ")
    return [
        label("sources", row["fund"]),
        given,
        ", ".join(label("organisations", name) for name in names if name) or formats.UNKNOWN,
        " – ".join(formats.short_day_text(day) for day in days),
        formats.number_text(row["allocated_usd"], 2),
        figure_activities.linked_figure(
            formats.number_text(row["activities"]), "source", "", row["fund"]
        ),
        formats.number_text(stopped, 2),
    ]


def _rates_table(scene: PageScene, options: dict[str, str]) -> list[Any]:
    """The rates behind the figures, each with its day and source."""
    assert scene.data is not None
    view = scene.view
    where = view.filters, view.frame, view.level, scene.viewer
    table = summaries.budget_rates(scene.data, options, *where)
    parity = _("Franc CFA et euro : parité fixe, 655,957 francs pour un euro.")
    if not table.height:
        return [table_note(parity)] if options["currency"] != "USD" else []
    rows = [
        [
            _("dollars pour un euro")
            if r["currency"] == "EUR" and options["currency"] != "USD"
            else _("{currency} pour un dollar", currency=r["currency"]),
            formats.number_text(r["rate"], 4),
            formats.short_day_text(r["rate_day"]),
            _("Banque centrale européenne") if r["source"] == "ecb" else r["source"],
            formats.number_text(r["amounts"]),
        ]
        for r in table.head(MOST_ROWS).to_dicts()
    ]
    heads = [_("Taux"), _("Valeur"), _("Au"), _("Source"), _("Montants")]
    return [
        html.Details(
            [
                html.Summary(_("Taux de change employés")),
                table_note(parity),
                plain_table(heads, rows, (1, 4), caption=_("Taux de change employés")),
            ]
        )
    ]
