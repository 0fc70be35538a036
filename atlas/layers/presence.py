"""Who is where: activities and organisations per unit."""

from __future__ import annotations

import numpy as np
import polars as pl

from atlas.i18n import N_
from atlas.layers.actors import measured
from atlas.layers.grid import Numbers, distinct
from atlas.layers.layer import Layer
from atlas.layers.prepare import UNKNOWN_TYPE, Prepared
from atlas.layers.scope import Scope
from atlas.vocab import entries

TYPE_PREFIX = "organisations_"

_MANY = 1 << 32
"""More than any number of a spelling."""


def presence(scope: Scope) -> pl.DataFrame:
    """Count activities and organisations in each unit.

    Parameters
    ----------
    scope
        The question, applied to a snapshot.

    Returns
    -------
    polars.DataFrame
        One row per unit, then the reserved rows: ``unit_id, unit_name, activities``
        (presences are not activities), ``organisations`` (distinct, recognised or as
        spelt, lead or implementer), ``organisations_reported`` (distinct spellings after
        case and space folding), ``organisations_<type>`` for every type of the vocabulary
        and ``unknown``, of those who deliver (`atlas.layers.actors`) ``delivering,
        single_actor, concentration``, and ``cancelled, suspended``: activities that are in no
        other column. Whom only something cancelled names is not present.

    Examples
    --------
    >>> from atlas.dataset import Dataset
    >>> from atlas.ingest.sample import sample_tables
    >>> dataset = Dataset.of(sample_tables())
    >>> table = dataset.ask("presence", frame="ml-2016").table
    >>> table.filter(table["unit_id"] == "ml-2016/ML08").select("unit_name", "activities").row(0)
    ('Kidal', 2)
    """
    types = [*entries("org_types")["id"], UNKNOWN_TYPE]
    units, places, spelt = scope.targets.units.height, scope.item_placements, _spelt(scope)
    activities, _a = distinct(places["target"], places["a"], scope.prepared.activities.height)
    reported, _spelling = distinct(spelt["target"], spelt["spelling"], _MANY)
    by_type = _by_type(scope, types)
    counted = pl.DataFrame(
        {
            "activities": np.bincount(activities, minlength=units),
            "organisations": by_type.sum(axis=1),
            "organisations_reported": np.bincount(reported, minlength=units),
            **{TYPE_PREFIX + kind: by_type[:, n] for n, kind in enumerate(types)},
        }
    )
    told = measured(scope).drop("organisations")
    return pl.concat([scope.units.select("unit_id", "unit_name"), counted, told], how="horizontal")


def _by_type(scope: Scope, types: list[str]) -> Numbers:
    """Organisations of each type in each unit, shape (units, types): each has one type."""
    many, units = scope.prepared.organisations.height + 1, scope.targets.units.height
    targets, orgs = distinct(scope.acting["target"], scope.acting["org"], many)
    number = {kind: n for n, kind in enumerate(types)}
    kinds = scope.prepared.organisations["type"].replace_strict(number).to_numpy()[orgs]
    sums = np.bincount(targets * len(types) + kinds, minlength=units * len(types))
    return sums.reshape(units, len(types))


def _spelt(scope: Scope) -> pl.DataFrame:
    """``a, u, spelling, target``: every spelling at every place of what it does."""
    return scope.told_present(scope.prepared.once(_spellings_placed))


def _spellings_placed(prepared: Prepared) -> pl.DataFrame:
    return prepared.places.select("a", "u").join(prepared.spellings, on="a")


LAYER = Layer("presence", N_("Présence : activités et organisations par unité"), presence)
