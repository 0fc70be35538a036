"""The colours of the page, their meaning, and the arithmetic that keeps them readable."""

from __future__ import annotations

BRAND, DARK, BRIGHT, TINT, WASH = "#1f69b3", "#144372", "#82b5e9", "#d4e5f7", "#e9f2fb"
TEXT, SECONDARY, BOUNDARY, WHITE = "#4a4a4a", "#595959", "#8c8c8c", "#ffffff"

BLUES = ("#e9f2fb", "#d4e5f7", "#82b5e9", "#418fde", "#1f69b3", "#144372")
"""Quantity: presence, money, per head; light is little."""

WARMS = ("#fdeee9", "#fbd3c7", "#f29e8a", "#e56a54", "#b23a26", "#7a1f12")
"""Gap and severity; never on a map together with the blues."""

STALE = "#cfcfcf"
"""What is known but out of date: grey, whatever it said."""

NO_REPORT, NO_DATA, NOT_COMPARABLE = "no_report", "no_data", "not_comparable"
PATTERNS = (NO_REPORT, NO_DATA, NOT_COMPARABLE)
"""Signs of what is unknown: dots, hatch, cross-hatch on white, never a colour of a ramp."""


def ramp(colours: tuple[str, ...], classes: int) -> list[str]:
    """As many colours of a ramp as there are classes, spread over its whole length.

    Examples
    --------
    >>> ramp(BLUES, 2)
    ['#82b5e9', '#144372']
    """
    usable = colours[1:] if classes < len(colours) else colours
    if classes == 1:
        return [usable[2]]
    start = 1 if classes == 2 else 0
    step = (len(usable) - 1 - start) / (classes - 1)
    return [usable[round(start + i * step)] for i in range(classes)]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1), 0 black to 1 white."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.1), 1 to 21.

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def deuteranopic(colour: str) -> str:
    """The colour as a deuteranope sees it (Viénot, Brettel & Mollon 1999)."""
    r, g, b = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    seen = (0.29275 * r + 0.70725 * g, 0.29275 * r + 0.70725 * g, -0.02234 * r + 0.02234 * g + b)
    return "#" + "".join(f"{round(255 * _gamma(min(max(c, 0), 1))):02x}" for c in seen)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else float(1.055 * channel ** (1 / 2.4) - 0.055)
