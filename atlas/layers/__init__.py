"""The layers: one question a file, pure functions of a `Scope`."""

from __future__ import annotations

from collections.abc import Mapping

from atlas.layers import (
    access,
    budget,
    change,
    coverage,
    disbursed,
    distributions,
    duplicates,
    ending,
    funds,
    localisation,
    people,
    presence,
    programme,
    published,
    quality,
    quantities,
    reporting,
    response,
)
from atlas.layers.layer import Layer

LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (
        presence.LAYER, published.LAYER, coverage.LAYER, response.LOCAL_PRIORITIES, people.LAYER,
        quantities.LAYER, presence.ACTORS, localisation.LAYER, distributions.LAYER,
        budget.LAYER, disbursed.LAYER, funds.LAYER, duplicates.LAYER, change.LAYER,
        ending.LAYER, programme.LAYER, programme.TOTALS, reporting.LAYER, quality.LAYER,
        quality.ROWS, access.LAYER, access.FACTS, access.SERVICES,
    )
}  # fmt: skip
"""Every layer by its name, in the order in which the page lists their files."""
