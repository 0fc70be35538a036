"""The colours of the page, their meaning, and the arithmetic that keeps them readable."""

from __future__ import annotations

BRAND_BLUE, DARK_BLUE, BRIGHT_BLUE, TINT_BLUE, WASH_BLUE = (
    "#1f69b3",
    "#144372",
    "#82b5e9",
    "#d4e5f7",
    "#e9f2fb",
)
TEXT_GREY, SECONDARY_GREY, BOUNDARY_GREY, WHITE = "#4a4a4a", "#595959", "#8c8c8c", "#ffffff"

BLUE_RAMP = ("#e9f2fb", "#d4e5f7", "#82b5e9", "#418fde", "#1f69b3", "#144372")
"""Quantity: presence, money, per head; light is little."""

WARM_RAMP = ("#fdeee9", "#fbd3c7", "#f29e8a", "#e56a54", "#b23a26", "#7a1f12")
"""Gap and severity; never on a map together with the blues."""

STALE_GREY = "#cfcfcf"
"""What is known but out of date: grey, whatever it said."""

NO_REPORT, NO_DATA, NOT_COMPARABLE = "no_report", "no_data", "not_comparable"
PATTERN_STATES = (NO_REPORT, NO_DATA, NOT_COMPARABLE)
"""Signs of what is unknown: dots, hatch, cross-hatch on white, never a colour of a ramp."""


def ramp_colours(colours: tuple[str, ...], classes: int) -> list[str]:
    """As many colours of a ramp as there are classes, spread over its whole length.

    Examples
    --------
    >>> ramp_colours(BLUE_RAMP, 2)
    ['#82b5e9', '#144372']
    """
    usable = colours[1:] if classes < len(colours) else colours
    if classes == 1:
        return [usable[2]]
    start = 1 if classes == 2 else 0
    step = (len(usable) - 1 - start) / (classes - 1)
    return [usable[round(start + i * step)] for i in range(classes)]


def relative_luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1), 0 black to 1 white."""
    red, green, blue = (_linear_channel(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast_ratio(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.1), 1 to 21.

    Examples
    --------
    >>> round(contrast_ratio("#000000", "#ffffff"))
    21
    """
    high, low = sorted((relative_luminance(one), relative_luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def deuteranope_colour(colour: str) -> str:
    """The colour as a deuteranope sees it (Viénot, Brettel & Mollon 1999)."""
    r, g, b = (_linear_channel(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    seen = (0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b)
    return "#" + "".join(f"{round(255 * _gamma_channel(min(max(c, 0), 1))):02x}" for c in seen)


def _linear_channel(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _gamma_channel(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
