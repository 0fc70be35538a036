"""Languages: French first, English second; the language is that of the request.

Message ids are the French sentences themselves, so a missing translation shows French,
never a code. The catalogs are ``atlas/locale/<lang>/LC_MESSAGES/atlas.po``, read as they
are through Babel: nothing is compiled, nothing is installed process-wide.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.numbers import format_decimal

LANGUAGES = ("fr", "en")
_LOCALE = Path(__file__).parent / "locale"
_language: ContextVar[str | None] = ContextVar("atlas_language", default=None)


def current_language() -> str:
    """Language in force: that of the request, else ``ATLAS_LANG``, else French."""
    chosen = _language.get() or os.environ.get("ATLAS_LANG", "fr")
    return chosen if chosen in LANGUAGES else "fr"


@contextmanager
def language_context(lang: str) -> Iterator[None]:
    """Speak ``lang`` inside the block.

    Examples
    --------
    >>> with language_context("en"):
    ...     current_language()
    'en'
    """
    token = _language.set(lang if lang in LANGUAGES else "fr")
    try:
        yield
    finally:
        _language.reset(token)


@cache
def _load_catalog(lang: str) -> NullTranslations:
    path = _LOCALE / lang / "LC_MESSAGES" / "atlas.po"
    if lang == "fr" or not path.is_file():
        return NullTranslations()
    from babel.messages import mofile, pofile  # French needs neither

    with path.open("rb") as file:
        catalog = pofile.read_po(file, locale=lang)
    for message in catalog:
        if isinstance(message.string, tuple) and not all(message.string):
            message.string = ""  # else gettext would show nothing where it should show French
    compiled = BytesIO()
    mofile.write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _(message: str, /, **values: object) -> str:
    """Translate a French sentence and fill its ``{named}`` places.

    Examples
    --------
    >>> _("{n} activités", n=3)
    '3 activités'
    """
    text = _load_catalog(current_language()).gettext(message)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Translate with the plural of ``n``; ``{n}`` is filled.

    French takes the singular for 0 and 1.

    Examples
    --------
    >>> ngettext("{n} activité", "{n} activités", 0)
    '0 activité'
    """
    lang = current_language()
    if lang == "fr":
        return (one if abs(n) < 2 else many).format(n=n, **values)
    return _load_catalog(lang).ngettext(one, many, n).format(n=n, **values)


def decimal_text(value: float | Decimal, pattern: str = "#,##0.##") -> str:
    """A figure with the separators of the language in force.

    Parameters
    ----------
    pattern
        Of Unicode (UTS 35, number format patterns): ``#`` digits only where there are any.

    Examples
    --------
    >>> decimal_text(12106.5)
    '12\\u202f106,5'
    """

    return str(format_decimal(value, format=pattern, locale=current_language()))


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a sentence for the catalogs without translating it yet."""
    return message
