"""Settings of a layer: declared, checked, and the default where nothing is said."""

from __future__ import annotations

import pytest

from atlas.errors import UsageError
from atlas.layers.options import Option, all_settings, changed_settings

KIND = Option("kind", "budget", "Montant", choices={"budget": "Budget", "spent": "Dépensé"})
SHARE = Option("share", "0.5", "Part", form="number", lowest=0, highest=1)
SINCE = Option("since", "", "Depuis", form="day")
ALL = (KIND, SHARE, SINCE)


def test_what_is_not_said_has_its_default() -> None:
    """Every setting has a value, whatever was said."""
    assert all_settings(ALL, {"kind": "spent"}) == {"kind": "spent", "share": "0.5", "since": ""}


def test_only_what_differs_is_told() -> None:
    """A file says the settings that somebody changed."""
    assert changed_settings(ALL, all_settings(ALL, {"share": "0.7", "kind": "budget"})) == {
        "share": "0.7"
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "promised"),
        ("share", "1.5"),
        ("share", "-0.1"),
        ("share", "nan"),
        ("share", "half"),
        ("since", "2024-13-01"),
        ("until", "2024-01-01"),
    ],
)
def test_a_value_out_of_range_is_refused_with_what_is_taken(name: str, value: str) -> None:
    """Unknown settings, values and dates stop the question instead of changing it."""
    with pytest.raises(UsageError) as refused:
        all_settings(ALL, {name: value})
    assert refused.value.remedy
