"""Published totals beside what was read: by source, région and period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from atlas.geo.frames import frames
from atlas.i18n import _, ngettext
from atlas.model import Level
from atlas.web import say
from atlas.web.attributes import attrs
from atlas.web.imports.parts import button, figure, folded, part, text
from atlas.web.imports.saying import says
from atlas.web.imports.told import Told
from atlas.web.imports.words import source_label
from atlas.web.tables import plain

CURRENCIES = ("XOF", "USD", "EUR")


def totals(told: Told, shown: Mapping[str, Any]) -> list[Any]:
    """The totals of a file, those that a person gave, and the way to give one."""
    every: Sequence[Mapping[str, Any]] = shown["totals"]
    off = sum(bool(total["difference"]) for total in every)
    against = sum(bool(total["others"]) for total in every)
    title = _("Totaux publiés et lus")
    if every:
        title += f" · {len(every)}"
    if off:
        title += " · " + ngettext("{n} écart", "{n} écarts", off)
    if against:
        title += " · " + ngettext("{n} contradictoire", "{n} contradictoires", against)
    table = [_table(shown, told)] if every else []
    hint = html.P(_("Comparez un total que vous connaissez à ce qui a été lu dans ce fichier."))
    by_hand = bool(told.controls)
    return [folded(title, [*table, hint, _form(shown)], is_open=by_hand or bool(against))]


def _table(shown: Mapping[str, Any], told: Told) -> html.Div:
    """A row a total, those of one source, région and period together."""
    first = len(shown["totals"]) - len(told.controls)
    numbered = sorted(enumerate(shown["totals"]), key=lambda pair: _order(pair[1]))
    heads = [_("Source"), _("Total"), _("Région"), _("Période")]
    heads += [_("Publié"), _("Lu"), _("Écart"), _("Publié aussi"), _("D'où")]
    body = [
        [
            source_label(total["source"]),
            total["name"],
            frames().label(total["unit_id"]) if total["unit_id"] else _("ensemble"),
            total["period"] or _at(shown),
            figure(total["published"], total["currency"]),
            figure(total["read"], total["currency"]),
            figure(total["difference"], total["currency"]),
            " · ".join(figure(other, total["currency"]) for other in total["others"]),
            _taken_back(told.controls[n - first]) if total["by_hand"] else _("fichier"),
        ]
        for n, total in numbered
    ]
    marked = [bool(total["difference"] or total["others"]) for _n, total in numbered]
    return plain(heads, body, numeric=(4, 5, 6, 7), marked=marked)


def _order(total: Mapping[str, Any]) -> tuple[str, str, str]:
    region = frames().label(total["unit_id"]) if total["unit_id"] else ""
    return total["source"], region, total["period"] or ""


def _at(shown: Mapping[str, Any]) -> str:
    """The period of a total that names none: the day of its document."""
    return _("au {day}", day=say.short_day(shown["as_of"])) if shown["as_of"] else ""


def _taken_back(control: Mapping[str, str]) -> html.Span:
    words = says(control_gone=control)
    gone = button(_("Enlever"), words, "link-button", _("Enlever ce total saisi à la main"))
    return html.Span([_("à la main"), " ", gone])


def _form(shown: Mapping[str, Any]) -> html.Div:
    """A published total: of what, where, when, how much."""
    whole = html.Option(_("ensemble du fichier"), value="", selected=True)
    regions = frames().at(shown["frame"], Level.REGION)["unit_id"] if shown["frame"] else ()
    names = sorted({frames().label(unit) for unit in regions})
    areas = [whole, *(html.Option(name, value=name) for name in names)]
    counted = html.Option(_("Nombre d'activités"), value="", selected=True)
    budgets = [html.Option(_("Budget en {currency}", currency=c), value=c) for c in CURRENCIES]
    fields = [
        part(_("Total publié"), "published", text("", "324", 16)),
        part(_("Ce qu'il compte"), "currency", html.Select([counted, *budgets])),
        part(_("Région"), "region", html.Select(areas)),
        part(_("Cercle"), "cercle", text("", _("facultatif"), 40)),
        part(_("Commune"), "commune", text("", _("facultatif"), 40)),
        part(_("Période"), "period", text("", "2024", 24)),
        part(_("Nom (facultatif)"), "name", text("", _("Projets"), 60)),
    ]
    send = html.Button(_("Comparer"), className="plain-button", **attrs(data_form="control"))
    return html.Div(
        [*fields, send],
        role="group",
        className="import-answers import-control",
        **attrs(aria_label=_("Total publié à comparer")),
    )
