"""The words around the map: title, legend, sources, and what must always be said."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from dash import html

from atlas.geo import estimated, shapes
from atlas.i18n import N_, _, ngettext
from atlas.web import drawn, say
from atlas.web.desk import Scene, ask
from atlas.web.gap_tables import needs_said
from atlas.web.indicators import INDICATORS
from atlas.web.paint import MARKS, STATE_FILLS, Painting, map_scale, state_words
from atlas.web.routes import tile_credit
from atlas.web.words import frame_year, level_names, state_name

BASES = {
    "derived": N_("dérivées des communes : {n}"),
    "listed": N_("d'après les communes de listes publiques : {n}"),
    "estimated": N_("estimées, en tirets : {n}"),
    "indicative": N_("limites indicatives (Natural Earth) : {n}"),
    "point": N_("ronds : {n}"),
    "none": N_("sans position connue, au tableau seulement : {n}"),
}
"""What is said of shapes that are not official, in the order of their certainty."""


CONTEXT_OF = {
    "coverage": (
        "needs", "population", "priorities", "access", "reporting", "nothing_to_report"
    ),
    "budget": ("population",),
    "programme": ("programme", "components"),
}  # fmt: skip
"""Tables of context that a map draws on beside the activities."""


def head(scene: Scene, painted: Painting) -> list[Any]:
    """Title of the map: indicator, place and period; below, what it is and is not."""
    data, view = scene.data, scene.view
    assert data is not None
    title = _(
        "{what} par {level} – {place}, {period}",
        what=_title(scene, painted),
        level=_(view.level) if view.level != "region" else _("région"),
        place=", ".join(data.frames.label(u) for u in view.filters.unit) or "Mali",
        period=say.day(_origins(scene)[1]) if _stated_on_a_day(scene) else asked_period(scene),
    )
    return [html.H2(title), html.P(_situation(scene), className="situation")]


def _title(scene: Scene, painted: Painting) -> str:
    """What the map shows; plans, where they are counted, are called plans."""
    if scene.view.plans and painted.indicator.column == "activities":
        return _("Activités signalées et plans")
    return _(painted.indicator.title)


def asked_period(scene: Scene) -> str:
    """The period of the page, in years."""
    data, asked = scene.data, scene.view.filters
    assert data is not None
    first, last = data.span or (None, None)
    return say.years((asked.since or first, asked.until or last))


def _situation(scene: Scene) -> str:
    data, asked = scene.data, scene.view.filters
    assert data is not None
    if _stated_on_a_day(scene):
        day = say.day(_origins(scene)[1])
        return _("Faits datés, pas la situation actuelle ; les plus récents : {day}.", day=day)
    if asked.at:
        text = _("Activités en cours le {day}.", day=say.day(asked.at))
    else:
        text = _(
            "Données de {period}, pas la situation actuelle ; document le plus récent : {day}.",
            period=asked_period(scene),
            day=say.day(data.as_of),
        )
    told = [text, _("Plans inclus.") if scene.view.plans else "", _frame_chosen(scene)]
    return " ".join(part for part in told if part)


def _frame_chosen(scene: Scene) -> str:
    """Why the découpage is not the one in force, where nobody chose it."""
    data = scene.data
    assert data is not None
    n, shown, usual = data.frame_gain, data.default_frame, data.frame_in_force
    if scene.view.frame or n <= 0:
        return ""
    return ngettext(
        "Montré dans le {shown} : il place {n} activité ou présence de plus que celui en vigueur, "
        "le {usual}.",
        "Montré dans le {shown} : il place {n} activités et présences de plus que celui en "
        "vigueur, le {usual}.",
        n,
        shown=frame_year(shown),
        usual=frame_year(usual),
    )


def _stated_on_a_day(scene: Scene) -> bool:
    """Whether the map shows what documents stated on their day, not activities of a period."""
    indicator = INDICATORS[scene.view.indicator]
    return indicator.measure == "severity" or indicator.layer == "published"


def legend(scene: Scene, painted: Painting) -> list[Any]:
    """Class limits, method, and the signs of what is unknown."""
    rows = [_class_row(painted, i) for i in range(len(painted.classes))]
    rows += [_state_row(s, painted) for s in painted.states]
    rows += [_mark_row(kind) for kind in MARKS if any(v.mark == kind for v in painted.values)]
    return [
        html.Strong(_(painted.indicator.label)),
        *_scale(scene, painted),
        html.Ul([*rows, *drawn.legend(scene), *_estimated(scene)]),
        html.P(
            " ".join([_method(painted), _needs(scene, painted), _circles(scene, painted)]),
            className="method",
        ),
    ]


def _scale(scene: Scene, painted: Painting) -> list[html.P]:
    """Which scale the severities are of, and which end of it is bad."""
    scale, direction = map_scale(scene) if painted.indicator.measure == "severity" else ("", "")
    if not scale:
        return []
    words = {
        "higher_is_worse": _("échelle {scale} : plus c'est haut, plus c'est grave", scale=scale),
        "lower_is_worse": _("échelle {scale} : plus c'est bas, plus c'est grave", scale=scale),
    }
    return [html.P(words.get(direction or "", scale), className="method")]


def _needs(scene: Scene, painted: Painting) -> str:
    """Which needs the states and classes of coverage were set against, and how old they are."""
    if painted.indicator.layer != "coverage":
        return ""
    answer = ask(scene, "coverage")
    return needs_said(answer.table.filter(~pl.col("need_unknown")), answer.meta["reference"])


def _estimated(scene: Scene) -> list[html.Li]:
    """How many cercles have limits that are estimated, and the communes that none is known of."""
    data, view = scene.data, scene.view
    assert data is not None
    n = shapes.drawn(view.frame or data.default_frame, view.level).get("estimated", 0)
    if not n:
        return []
    said = ngettext("limites estimées : {n} cercle", "limites estimées : {n} cercles", n)
    unknown = estimated.memberships()["cercle"].null_count()
    white = ngettext("cercle inconnu : {n} commune", "cercle inconnu : {n} communes", unknown)
    from_what = _(
        "Communes sans cercle de 2023 publié : dessinées avec leurs voisines, leur ancien "
        "cercle ou le cercle de leur nom (listes publiques lues le {day}). Le dessin seul est "
        "estimé, aucun chiffre.",
        day=say.day(estimated.AS_OF),
    )
    dashes = html.Span(className="swatch sign-estimated")
    return [
        html.Li([dashes, html.Span(said)], title=from_what),
        html.Li([html.Span(className="swatch sign-unassigned"), html.Span(white)]),
    ]


def _circles(scene: Scene, painted: Painting) -> str:
    data, view = scene.data, scene.view
    assert data is not None
    points = shapes.drawn(view.frame or data.default_frame, view.level).get("point")
    return _("Ronds : taille selon la valeur.") if points and len(painted.classes) else ""


def _class_row(painted: Painting, i: int) -> html.Li:
    low, high = painted.classes.lower[i], painted.classes.upper[i]
    short = say.short_usd if painted.indicator.measure == "usd" else say.number
    exact = say.usd if painted.indicator.measure == "usd" else say.number
    text = short(low) if low == high else f"{short(low)} – {short(high)}"
    said = exact(low) if low == high else f"{exact(low)} – {exact(high)}"
    if painted.indicator.measure == "unmet":
        text, said = (f"{words}\u00a0%" for words in (text, said))
    swatch = html.Span(className="swatch", style={"background": painted.palette[i]})
    return html.Li([swatch, html.Span(text)], title=said)


def _state_row(state: str, painted: Painting) -> html.Li:
    if state in STATE_FILLS:
        swatch = html.Span(className="swatch", style={"background": STATE_FILLS[state]})
    else:
        swatch = html.Span(className=f"swatch sign-{state}")
    return html.Li([swatch, html.Span(state_words(state, painted.indicator))])


def _mark_row(kind: str) -> html.Li:
    """A class, drawn as the outline of its units."""
    return html.Li([html.Span(className=f"swatch mark-{kind}"), html.Span(state_name(kind))])


def _method(painted: Painting) -> str:
    if painted.indicator.layer == "programme":
        return _("Dans le périmètre : l'état de la composante la moins avancée.")
    if painted.indicator.measure == "unmet":
        return _(
            "Couleur : part du besoin sans réponse, de 0 à 100 %, dans le secteur où elle est la "
            "plus grande. Contour : classe de priorité ; seuils dans l'onglet Lacunes."
        )
    if painted.classes.method == "states":
        return _("États ; « lacune » seulement où un besoin est connu.")
    if painted.classes.method == "values":
        return _("Une couleur par valeur.") if len(painted.classes) else ""
    n = len(painted.classes)
    return ngettext("{n} classe, quantiles arrondis.", "{n} classes, quantiles arrondis.", n)


def sources(scene: Scene) -> list[Any]:
    """Source and date of every layer, découpage, and the two sentences every map carries."""
    data, view = scene.data, scene.view
    assert data is not None
    frame = view.frame or data.default_frame
    origins, day = _origins(scene)
    lines = [
        _(
            "Sources : {origins}. Situation au {day}.",
            origins="; ".join(origins) or _("documents importés"),
            day=say.day(day),
        ),
        boundary_words(frame, view.level),
        *([_("Fond de carte : {credit}.", credit=credit)] if (credit := tile_credit()) else []),
        _(
            "Les frontières, noms et désignations de cette carte n'impliquent ni "
            "reconnaissance ni acceptation officielle par l'Organisation des Nations Unies."
        ),
    ]
    return [html.P(line) for line in lines]


def _origins(scene: Scene) -> tuple[list[str], date | None]:
    """Publishers behind what the map shows, and the day of the newest of their documents."""
    data, view = scene.data, scene.view
    assert data is not None
    if not _stated_on_a_day(scene):
        kinds = CONTEXT_OF.get(INDICATORS[view.indicator].layer, ())
        facts = scene.tables.context.filter(pl.col("kind").is_in(kinds))
        beside = _publishers(scene, facts) if kinds else []
        told = list(dict.fromkeys([*ask(scene, "presence").origins, *beside]))
        judged = INDICATORS[view.indicator].layer == "coverage"
        day = ask(scene, "coverage").meta["reference"] if judged else data.as_of
        return told, day if isinstance(day, date) else data.as_of
    if INDICATORS[view.indicator].layer == "published":
        facts = data.published(None, view.frame, view.level, view.filters, scene.viewer)
    else:
        facts = scene.tables.context.filter(pl.col("kind").is_in(["access", "security"]))
    behind = data.documents(scene.viewer).filter(
        pl.col("document").is_in(facts["document"].implode())
    )
    newest = max((d["as_of"] for d in behind.to_dicts() if d["as_of"]), default=None)
    return _publishers(scene, facts), newest


def _publishers(scene: Scene, facts: pl.DataFrame) -> list[str]:
    """Who published the documents of these facts; the name of the file where nobody says."""
    assert scene.data is not None
    told = pl.col("document").is_in(facts["document"].unique().implode())
    behind = scene.data.documents(scene.viewer).filter(told)
    origin = pl.when(pl.col("origin") != "").then("origin")
    names = behind.select(pl.coalesce(origin, "file")).to_series()
    return names.drop_nulls().unique(maintain_order=True).to_list()


def boundary_words(frame: str, level: str) -> str:
    """What the lines of the map are, and how sure: official, derived, indicative, a point."""
    status, drawn = shapes.status(), shapes.drawn(frame, level)
    shown = _("{levels} du {frame}", levels=level_names(level), frame=frame_year(frame))
    parts = [shown[:1].upper() + shown[1:]]
    if status["installed"]:
        parts.append(_("limites : {source}", source=_published_by(frame, level)))
    else:
        parts.append(_("limites officielles non installées"))
    told = [_(words, n=say.number(drawn[key])) for key, words in BASES.items() if drawn.get(key)]
    parts.append(", ".join(told))
    if drawn.get("estimated"):
        parts.append(
            _("communes des cercles : listes publiques du {day}", day=say.day(estimated.AS_OF))
        )
    return " ; ".join(part for part in parts if part) + "."


def _published_by(frame: str, level: str) -> str:
    """The official boundaries that draw the units of a map, each with its date."""
    status = shapes.status()
    versions = [v for v, places in shapes.drawn_by().items() if f"{frame}/{level}" in places]
    told = [
        f"{v} ({say.day(date.fromisoformat(day))})" if (day := status["dates"].get(v)) else v
        for v in versions
    ]
    return "OCHA COD-AB Mali, " + ", ".join(told) if told else str(status["source"])
