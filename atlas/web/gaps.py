"""Coverage gaps: read out, ranked with their parts, as a matrix, with the local priorities."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
from dash import html

from atlas.answers import Answer
from atlas.i18n import N_, _, ngettext
from atlas.labels import capitalised, label
from atlas.layers import LAYERS, needs
from atlas.layers.gaps import CLASSES, GAP, reclassified
from atlas.layers.options import settings as checked
from atlas.model import RESERVED
from atlas.web import downloads, gap_matrix, gap_plot, gap_tables, reference, say
from atlas.web.attributes import attrs
from atlas.web.desk import Scene, ask
from atlas.web.gap_tables import alike, alike_name, cell_name, need_words, needs_said
from atlas.web.settings import settings
from atlas.web.tables import empty, note

MOST_NAMES, MOST_MOVED = 5, 12
TEMPLATES = "docs/templates"

GROUPS = (
    (
        N_("Besoin"),
        ("need", "need-scale", "need-zones", "day", "need-age", "high-need", "moderate-need"),
    ),
    (
        N_("Réponse"),
        ("activities", "ended-days", "undated-days", "perimeter", "measure", "enough",
         "partial-from", "covered-from", "weak-response"),
    ),
    (N_("Accès"), ("access", "severe-access")),
    (N_("Poids dans le score"), ("need-weight", "response-weight", "access-weight")),
)  # fmt: skip
"""The settings of the layer, as they are laid out."""


def gaps(scene: Scene) -> list[Any]:
    """What to read out, the cells by rank, the matrix, the local priorities, the settings."""
    answer = ask(scene, "coverage")
    day = answer.meta["reference"]
    assert day is None or isinstance(day, date)
    cells = answer.table.filter(~pl.col("unit_id").is_in(RESERVED))
    wanted = ask(scene, "priorities")
    known = cells.filter(~pl.col("need_unknown"))
    if not known.height:
        return [
            *_nothing(scene, answer.table),
            *_judged(scene, answer),
            *gap_tables.expired(cells, day),
            *gap_tables.local(scene, wanted),
            *gap_matrix.matrix(cells),
            _settings(scene),
        ]
    return [
        *_read_out(known, scene),
        note(needs_said(known, day), downloads.links("lacunes")),
        *_judged(scene, answer),
        *_elsewhere(answer.table),
        _settings(scene),
        *_effect(scene, answer.table),
        *gap_plot.plot(known, scene, day),
        *gap_tables.ranked(known, scene),
        *gap_tables.expired(cells, day),
        *gap_matrix.matrix(cells),
        *gap_tables.local(scene, wanted),
    ]


def _judged(scene: Scene, answer: Answer) -> list[Any]:
    """The days that needs and answers are judged on, how many needs are past, the way back."""
    assert scene.data is not None
    context = needs.of_sectors(scene.tables.context, scene.view.filters.sector)
    if not (context["kind"] == "needs").any():
        return []
    age = int(
        float(checked(LAYERS["coverage"].options, scene.view.options_of("coverage"))["need-age"])
    )
    day, response = answer.meta["reference"], answer.meta["response_day"]
    assert isinstance(day, date)
    lines = [
        _(
            "Besoins jugés au {day} ; activités en cours au {response}.",
            day=reference.day_words(scene, answer),
            response=say.day(response if isinstance(response, date) else None),
        )
    ]
    chips, past = reference.days_back(scene, answer), needs.expired(context, day, age)
    if past.height:
        lines.append(_expired(past.height, day))
        if not chips and isinstance(last := past["until"].max(), date):
            chips.append(reference.day_on(answer, last))
    if (ahead := answer.meta["coming"]) and isinstance(first := answer.meta["coming_day"], date):
        lines.append(_coming(int(str(ahead)), first))
        chips.append(reference.day_on(answer, first))
    later = reference.later_day(scene, answer)
    coming = needs.expired(context, later, age).height - past.height if later else 0
    if later and coming:
        lines.append(
            _(
                "Au {day}, date du document le plus récent, {n} ne valent plus.",
                day=say.day(later),
                n=say.number(coming),
            )
        )
        chips.append(reference.day_on(answer, later))
    return [note(" ".join(lines)), html.Div(chips, className="chips-row")]


def _expired(n: int, day: date) -> str:
    return ngettext(
        "{shown} besoin expiré au {day}.",
        "{shown} besoins expirés au {day}.",
        n,
        shown=say.number(n),
        day=say.day(day),
    )


def _coming(n: int, first: date) -> str:
    return ngettext(
        "{shown} besoin ne vaut qu'à partir du {day} : déplacez la date pour le voir.",
        "{shown} besoins ne valent pas encore, le premier à partir du {day} : déplacez la date "
        "pour les voir.",
        n,
        shown=say.number(n),
        day=say.day(first),
    )


def _elsewhere(table: pl.DataFrame) -> list[Any]:
    """Needs that no zone of the answer can be held against, sector by sector."""
    rows = table.filter(pl.col("unit_id").is_in(RESERVED), pl.col("need").is_not_null())
    if not rows.height:
        return []
    largest = rows.sort("need", descending=True).to_dicts()
    told = [f"{label('sector', row['sector'])} {need_words(row)}" for row in largest]
    return [
        note(
            _(
                "Non comparés ici, car donnés pour des zones plus grandes ou d'un autre "
                "découpage : {told}. Choisissez un niveau plus large ou le découpage de la table.",
                told=" ; ".join(told),
            )
        )
    ]


# nothing to compare with


def _nothing(scene: Scene, table: pl.DataFrame) -> list[Any]:
    """Why no cell is a gap, and what to load."""
    assert scene.data is not None
    elsewhere = table.filter(pl.col("unit_id").is_in(RESERVED), pl.col("need").is_not_null())
    stated = scene.tables.context.filter(pl.col("kind") == "needs").height
    if elsewhere.height:
        words = _(
            "Les besoins chargés sont donnés pour des zones plus grandes, ou d'un autre "
            "découpage : ils ne se répartissent pas d'office. Choisissez un niveau plus large "
            "ou le découpage de la table."
        )
    elif ask(scene, "coverage").meta["coming"]:
        words = _("Les besoins chargés ne valent pas encore au jour où ils sont jugés.")
    elif stated:
        words = _(
            "{n} chiffres de besoin sont chargés, aucun n'est en vigueur à cette date. "
            "Chargez une table plus récente, ou allongez « un besoin sans date de fin vaut » "
            "dans les réglages.",
            n=say.number(stated),
        )
    else:
        words = _(
            "Sans table de besoins, aucune zone n'est une lacune : on sait seulement ce qui est "
            "signalé. Chargez-en une, depuis « Importer » ou par atlas context add : needs "
            "(personnes dans le besoin, modele-besoins.csv), cadre-harmonise, alerts, "
            "prioritisation, population ou priorities (priorités locales). Les modèles sont "
            "dans {folder}.",
            folder=TEMPLATES,
        )
    return [empty(words)]


# what to read out


def _read_out(known: pl.DataFrame, scene: Scene) -> list[Any]:
    lines = sentences(known, scene.view.level)
    return [
        html.Div([html.P(line) for line in lines], className="read-out"),
        html.Button(
            _("Copier le texte"),
            className="copy-text",
            **attrs(data_copy_text="\n".join(lines), data_done=_("Texte copié")),
        ),
    ]


def sentences(known: pl.DataFrame, level: str) -> list[str]:
    """What a chairperson reads out: how many gaps, the worst, and the two kinds of priority.

    Parameters
    ----------
    known
        Cells of the layer ``coverage`` whose need is known, reserved rows left out.
    """
    missed = known.filter(pl.col("state") == GAP)
    alone = missed.filter(pl.col("response") == 0).height
    lines = [
        _(
            "{gaps} sur {cells} besoins connus, dans {zones} {levels} ; {alone} sans aucune "
            "activité en réponse.",
            gaps=ngettext("{n} lacune", "{n} lacunes", missed.height),
            cells=say.number(known.height),
            zones=say.number(missed["unit_id"].n_unique()),
            levels=label("level", level, full=True),
            alone=say.number(alone),
        )
    ]
    if missed.height:
        lines += [_worst(cells) for cells in alike(missed)]
    for kind in CLASSES:
        of_class = known.filter(pl.col("class") == kind)
        if of_class.height:
            lines.append(
                _(
                    "{what} : {names}.",
                    what=capitalised(label("class", kind)),
                    names=_listed(of_class),
                )
            )
    return lines


def _worst(missed: pl.DataFrame) -> str:
    """The worst gaps of one ranking: sectors, and needs told otherwise, are set against none."""
    names = [
        _("{unit} ({told})", unit=row["unit_name"], told=_missed(row))
        for row in missed.head(MOST_NAMES).to_dicts()
    ]
    what = alike_name(missed.row(0, named=True))
    if missed["rank"].null_count() == missed.height:
        return _("{what}, sans rang : {names}.", what=what, names=" ; ".join(names))
    return _("{what}, les plus fortes : {names}.", what=what, names=" ; ".join(names))


def _listed(cells: pl.DataFrame) -> str:
    zones = _by_zone(cells, lambda row: _sector(row))
    names = [_zone(*part) for part in zones[:MOST_NAMES]]
    if len(zones) > MOST_NAMES:
        names.append(_("et {n} autres zones", n=say.number(len(zones) - MOST_NAMES)))
    return " ; ".join(names)


def _by_zone(
    cells: pl.DataFrame, words: Callable[[dict[str, Any]], str]
) -> list[tuple[str, list[str]]]:
    """Each unit, by name, with the words of its cells."""
    found: dict[str, tuple[str, list[str]]] = {}
    for row in cells.sort("unit_name", "sector", nulls_last=True).to_dicts():
        found.setdefault(row["unit_id"], (row["unit_name"], []))[1].append(words(row))
    return list(found.values())


def _zone(name: str, parts: list[str]) -> str:
    told = [part for part in parts if part]
    return _("{unit} en {sectors}", unit=name, sectors=", ".join(told)) if told else name


def _sector(row: dict[str, Any]) -> str:
    return label("sectors", row["sector"]) if row["sector"] else ""


def _missed(row: dict[str, Any]) -> str:
    told = [need_words(row)]
    if row["response"]:
        told.append(ngettext("{n} activité", "{n} activités", row["response"]))
    return ", ".join(told)


# settings, and what they change


def _settings(scene: Scene) -> html.Details:
    said = scene.view.options_of("coverage")
    groups = [
        html.Div([html.H4(_(title)), settings(scene, "coverage", names)]) for title, names in GROUPS
    ]
    method = _(
        "Score = moyenne géométrique pondérée du besoin, de la part sans réponse et de l'accès "
        "(de ½ sans contrainte à 1). Classes : groupe de travail sur l'accès du Burkina Faso ; "
        "il ne publie pas de seuils, ceux-ci sont les nôtres."
    )
    n = len(said)
    head = _("Réglages") if not n else ngettext("{n} réglage changé", "{n} réglages changés", n)
    return html.Details(
        [html.Summary(head), html.Div([*groups, html.P(method, className="method")])],
        className="gap-settings",
        open=n > 0,
    )


def _effect(scene: Scene, now: pl.DataFrame) -> list[Any]:
    """How many zones the changed settings put in another class, and which."""
    if not scene.view.options_of("coverage"):
        return []
    assert scene.data is not None
    view = scene.view
    then = scene.data.ask("coverage", view.filters, view.frame, view.level, scene.viewer).table
    moved = reclassified(now, then).filter(~pl.col("unit_id").is_in(RESERVED))
    of_class = moved.filter(pl.col("class").ne_missing(pl.col("class_before")))
    zones = of_class["unit_id"].n_unique()
    line = ngettext("{n} zone change de classe", "{n} zones changent de classe", zones)
    states = moved.filter(pl.col("state") != pl.col("state_before"))["unit_id"].n_unique()
    if states:
        line += ", " + ngettext("{n} change d'état", "{n} changent d'état", states)
    rows = [_moved(row) for row in moved.head(MOST_MOVED).to_dicts()]
    if moved.height > MOST_MOVED:
        rows.append(_("et {n} autres", n=say.number(moved.height - MOST_MOVED)))
    return [
        html.Details(
            [
                html.Summary(_("Face aux réglages de départ : {effect}.", effect=line)),
                html.Ul([html.Li(row) for row in rows]),
            ],
            className="gap-effect",
            open=True,
        )
    ]


def _moved(row: dict[str, Any]) -> str:
    return _(
        "{cell} : {before} → {after}",
        cell=cell_name(row),
        before=_stand(row["state_before"], row["class_before"]),
        after=_stand(row["state"], row["class"]),
    )


def _stand(state: str, kind: str | None) -> str:
    return f"{label('state', state)}, {label('class', kind)}" if kind else label("state", state)
