"""What can go wrong, said in one breath: what failed, why, and what to do next."""

from __future__ import annotations

import unicodedata

from atlas.i18n import _


def one_line(text: str) -> str:
    """A text on one line, without what would steer a terminal or cannot be written.

    Examples
    --------
    >>> one_line("a\\nb\\x1b[31m.csv")
    'a b�[31m.csv'
    """
    return "".join(map(_shown, " ".join(text.splitlines())))


def _shown(char: str) -> str:
    unseen = unicodedata.category(char) in ("Cc", "Cf", "Cs")
    return "�" if unseen else char


class AtlasError(Exception):
    """An error a person can act on.

    Parameters
    ----------
    what
        What failed, naming the file, sheet, row or unit.
    why
        The reason, as far as it is known.
    remedy
        What to do next.

    Notes
    -----
    The three texts are already in the language of the reader. ``str(error)`` is one line.
    """

    exit_code = 1

    def __init__(self, what: str, why: str = "", remedy: str = "") -> None:
        self.what, self.why, self.remedy = what, why, remedy
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """One line: what failed, why, what to do."""
        line = _("{what} : {why}", what=self.what, why=self.why) if self.why else self.what
        line = line.rstrip(".") + "."
        return one_line(f"{line} {self.remedy}".strip())


class UnusableFileError(AtlasError):
    """A file that cannot be read at all: absent, empty, truncated, of another kind."""


class UsageError(AtlasError):
    """A call that makes no sense: unknown layer, frame, level or filter."""

    exit_code = 2


class UnknownUnitError(UsageError):
    """A unit id that no frame knows."""


class GeodataError(AtlasError):
    """Official boundaries that cannot be installed or read."""


class StoreError(AtlasError):
    """The store is empty, locked or damaged."""


class ForbiddenError(AtlasError):
    """The viewer may not see this level of detail."""


class ChangedError(AtlasError):
    """What an answer was given to is not what stands any more: somebody changed it meanwhile."""


class InvariantError(AtlasError):
    """Tables that break the contract of ``atlas.model``: a bug, never a person's mistake."""
