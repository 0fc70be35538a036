"""Regular expressions that are compiled when they are first needed.

Most runs need few of them: a list without amounts never reads one in prose. Compiling all of
those of an import takes longer than reading an ordinary workbook.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "sub", "split", "findall", "finditer")


def lazy_pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    r"""What `re.compile` gives, compiled at its first use.

    Its methods may be called; it cannot be handed to the functions of `re`.

    Examples
    --------
    >>> lazy_pattern(r"\d+").findall("12 sacs, 3 cartons")
    ['12', '3']
    """
    return cast("re.Pattern[str]", _Uncompiled(text, flags))


class _Uncompiled:
    def __init__(self, text: str, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        """Called once: from then on the methods are those of the compiled expression."""
        compiled = re.compile(*self._given)
        self.__dict__.update((method, getattr(compiled, method)) for method in _METHODS)
        return getattr(compiled, name)
