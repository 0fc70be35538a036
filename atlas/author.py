"""Who acts now: whoever is signed in on the page, else the person at this machine."""

from __future__ import annotations

from contextvars import ContextVar, Token
from getpass import getuser

_SIGNED_IN: ContextVar[str] = ContextVar("signed_in", default="")
NOBODY_NAMED = "atlas"
"""The author where neither an account nor the system names one: a container, say."""


def current_author() -> str:
    """Name under which a decision or a publication is kept; never empty."""
    return _SIGNED_IN.get() or _system_user() or NOBODY_NAMED


def set_author(name: str) -> Token[str]:
    """Act under this name from now on; ``""`` is the person at this machine.

    Returns
    -------
    Token[str]
        For `reset_author`.
    """
    return _SIGNED_IN.set(name)


def reset_author(token: Token[str]) -> None:
    """Act under the name that stood before."""
    _SIGNED_IN.reset(token)


def _system_user() -> str:
    try:
        return getuser()
    except (KeyError, OSError):  # a container without accounts
        return ""
