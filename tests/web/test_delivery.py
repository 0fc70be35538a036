"""Who delivers, and through whom; State and others; support without presence: as the page tells it."""

from __future__ import annotations

from datetime import date

import pytest

from atlas.model import Viewer
from atlas.web import actors_tab, budget_tab
from atlas.web.page_state import PageScene, PageView
from tests.layers.made import activity, dataset_of, fact
from tests.web.test_views import text

DOUROU, CERCLE = "ml-2012/ML050108", "ml-2012/ML0501"
MAY = {"start": date(2017, 5, 3), "end": date(2017, 5, 20), "status": "completed"}
FOOD = MAY | {"sector": "food-security"}
SUPPORT = fact("access", CERCLE, indicator="ngos-present", value=6.0, total=14.0) | {
    "as_of": date(2017, 6, 1)
}
DATASET = dataset_of(
    activity("Vivres", DOUROU, source="csa", lead_org="csa", reached=900.0, **FOOD),
    activity("Vivres", DOUROU, source="ngo", lead_org="acf", **FOOD),
    activity("Puits", DOUROU, source="ngo", lead_org="amsode", usd=500_00, **MAY),
    activity("Puits", DOUROU, source="ngo", lead_org="Une association", usd=500_00, **MAY),
    context=(SUPPORT,),
)


def words(level: str, viewer: Viewer = Viewer.EDITOR) -> str:
    query = PageView.from_query(f"tab=actors&frame=ml-2012&level={level}")
    content = actors_tab.actors_content(PageScene(DATASET, query, viewer))
    return text(content).replace("\N{NO-BREAK SPACE}", " ")


def test_the_share_of_national_organisations_is_told_with_what_hides_behind_it() -> None:
    """One of four is AMSODE; nobody knows what kind of organisation another is; ACF names no partner."""
    said = words("region")
    assert "Sur 4 activités" in said
    assert "réalisent 1 elles-mêmes (25 à 50 %) et 0 par une organisation " in said
    assert "De 1 activité on ne sait pas qui la réalise" in said
    assert "1 activité internationale ne nomme que son responsable" in said
    assert "« par une organisation internationale » irait jusqu'à 50 %" in said
    row = said[said.index("Nationales ou locales, elles-mêmes") :]
    assert row.startswith("Nationales ou locales, elles-mêmes 1 25 à 50 % 500 50 à 100 % – Nat")


def test_the_state_beside_others_is_told_by_commune_alone() -> None:
    """Above, the tab offers the level at which it says something."""
    title = "Distributions de l'État et d'autres, même lieu et même mois"
    assert words("region").split(title)[1].startswith(" Voir par commune")
    told = words("commune").split(title)[1]
    assert "Dourou mai 2017 1 distribution CSA 900 personnes 1 distribution ACF" in told
    assert "De 2 distributions de vivres" in told


@pytest.mark.parametrize(
    ("viewer", "level", "shown"),
    [
        (Viewer.EDITOR, "cercle", True),
        (Viewer.EDITOR, "commune", False),
        (Viewer.PARTNER, "cercle", True),
        (Viewer.PARTNER, "commune", False),
        (Viewer.PUBLIC, "region", False),
        (Viewer.PUBLIC, "cercle", False),
    ],
)
def test_support_without_presence_is_told_to_those_who_read_facts_of_access(
    viewer: Viewer, level: str, shown: bool
) -> None:
    """14 support Bandiagara, 6 are there, 8 are not; lists name 4. Of a commune nobody says it."""
    said = words(level, viewer)
    assert ("Appuyer sans être présent" in said) is shown
    assert ("Bandiagara 14 6 8 4 01/06/2017" in said) is shown


def test_what_was_spent_is_told_by_donor_with_how_many_say_nothing() -> None:
    """ECHO spent 75 % of the one budget of which both are told; without any spending no table is."""
    told = [
        {"kind": kind, "minor": usd, "currency": "USD", "usd_minor": usd}
        for kind, usd in (("budget", 400_00), ("spent", 300_00))
    ]
    dataset = dataset_of(
        activity(unit=DOUROU, donors=["echo"], amounts=told),
        activity(unit=DOUROU, donors=["echo"], usd=600_00),
    )
    title = "Dépensé au regard du budget, par bailleur"
    query = PageView.from_query("tab=budget&frame=ml-2012")
    said = text(budget_tab.budget_content(PageScene(dataset, query, Viewer.EDITOR)))
    row = " ".join(said.split(title)[-1].split())
    assert "ECHO 1 000 300 non dit de 1 activité sur 2 75 % selon 1 activité sur 2" in row
    without = text(budget_tab.budget_content(PageScene(DATASET, query, Viewer.EDITOR)))
    assert title not in without
