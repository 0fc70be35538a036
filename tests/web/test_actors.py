"""Who delivers where, in words."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from atlas.model import RESERVED
from atlas.web import actors_tab
from atlas.web.page_state import PageScene
from tests.layers.made import activity, dataset_of
from tests.web.test_views import text


def test_zones_that_hang_on_one_organisation_are_named_with_it() -> None:
    """Gao has UNICEF alone; in Kidal somebody is said to be there, and no more."""
    dataset = dataset_of(
        activity(unit="ml-2016/ML07", lead_org="unicef"),
        activity(None, "ml-2016/ML08", kind="presence", implementers=["pam"]),
    )
    table = dataset.ask("presence", frame="ml-2016").table
    present = table.filter(~pl.col("unit_id").is_in(RESERVED), pl.col("organisations") > 0)
    assert actors_tab.actor_sentences(present, "region") == [
        "Régions à un seul acteur : Gao (UNICEF).",
        "Dans 1 zone des organisations sont présentes sans activité faite ni en cours.",
    ]


def test_the_tab_shows_every_zone_and_opens_who_is_there(scene: Callable[..., PageScene]) -> None:
    """Mopti hangs on one organisation, and in Kidal its work is suspended; filters that leave nobody say what to do."""
    words = text(actors_tab.actors_content(scene("frame=ml-2016")))
    assert "Régions à un seul acteur : Mopti (ong-b)." in words
    assert "Enlevez un filtre" in text(
        actors_tab.actors_content(scene("frame=ml-2016&sector=nutrition"))
    )
