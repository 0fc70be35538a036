"""Colours and classes that stay readable, by eye and by rule."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.paths import data_root
from atlas.web import palette
from atlas.web.map_view import classified_values
from atlas.web.palette import (
    BLUE_RAMP,
    WARM_RAMP,
    contrast_ratio,
    deuteranope_colour,
    ramp_colours,
    relative_luminance,
)

STYLE = (data_root() / "assets" / "style.css").read_text(encoding="utf-8")
TEXT_ON = (
    (palette.TEXT_GREY, palette.WHITE),
    (palette.SECONDARY_GREY, palette.WHITE),
    (palette.SECONDARY_GREY, "#f4f7fa"),  # the ground of the page
    (palette.DARK_BLUE, palette.WASH_BLUE),
    (palette.BRAND_BLUE, palette.WHITE),
    (palette.SECONDARY_GREY, palette.WASH_BLUE),
    (palette.WHITE, palette.DARK_BLUE),
    (palette.TINT_BLUE, palette.DARK_BLUE),
    ("#4a3a00", "#fff4d6"),  # notice
    ("#7a1f12", "#fbd3c7"),  # error tag
    ("#4a4a4a", "#ececec"),  # out of date
    ("#b23a26", "#ffffff"),  # a total that does not agree
)


@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_text_passes_aa(text: str, ground: str) -> None:
    """Every pair of text and ground has a contrast of 4.5 at least (WCAG AA)."""
    assert contrast_ratio(text, ground) >= 4.5


def test_the_style_sheet_uses_the_palette() -> None:
    """The colours of the style sheet's variables are those of the palette."""
    said = dict(
        re.findall(r"--(brand|dark|bright|tint|wash|text|secondary|boundary): (#\w{6})", STYLE)
    )
    assert said == {
        "brand": palette.BRAND_BLUE,
        "dark": palette.DARK_BLUE,
        "bright": palette.BRIGHT_BLUE,
        "tint": palette.TINT_BLUE,
        "wash": palette.WASH_BLUE,
        "text": palette.TEXT_GREY,
        "secondary": palette.SECONDARY_GREY,
        "boundary": palette.BOUNDARY_GREY,
    }


@pytest.mark.parametrize("colours", [BLUE_RAMP, WARM_RAMP])
@pytest.mark.parametrize("see", [str, deuteranope_colour])
def test_ramps_keep_their_order(colours: tuple[str, ...], see: type[str]) -> None:
    """Each step is darker than the one before, for deuteranopes too."""
    seen = [relative_luminance(see(colour)) for colour in colours]
    assert all(light - dark > 0.02 for light, dark in pairwise(seen))


@pytest.mark.parametrize("n", range(1, 7))
def test_a_ramp_has_as_many_colours_as_classes(n: int) -> None:
    """However few the classes, their colours differ and stay in order."""
    chosen = ramp_colours(BLUE_RAMP, n)
    assert len(set(chosen)) == n
    assert [BLUE_RAMP.index(c) for c in chosen] == sorted(BLUE_RAMP.index(c) for c in chosen)


@given(
    st.lists(st.none() | st.floats(0, 1e9) | st.integers(0, 10**6), max_size=60), st.integers(2, 6)
)
def test_every_positive_value_has_a_class_that_holds_it(
    values: list[float | None], most: int
) -> None:
    """Class limits in the legend are true of every unit coloured with them."""
    classes = classified_values(values, most)
    assert len(classes) <= most
    for value in values:
        if value:
            i = classes.class_index(value)
            assert classes.lower[i] <= value <= classes.upper[i]


def test_unknown_and_zero_have_no_class() -> None:
    """What is unknown, and what is zero, get signs of their own, never a colour."""
    assert len(classified_values([None, 0, None])) == 0
