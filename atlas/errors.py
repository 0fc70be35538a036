"""Errors for people: what failed, why, and what to do next, in one sentence."""

from __future__ import annotations

import errno
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from atlas.i18n import N_, _


def one_line(text: str) -> str:
    """A text on one line, without what would steer a terminal or cannot be written.

    Examples
    --------
    >>> one_line("a\\nb\\x1b[31m.csv")
    'a b�[31m.csv'
    """
    return "".join(map(_displayable_char, " ".join(text.splitlines())))


def _displayable_char(char: str) -> str:
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
        super().__init__(self.error_sentence())

    def error_sentence(self) -> str:
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


class TooManyRequestsError(AtlasError):
    """Something was asked for too often.

    Parameters
    ----------
    wait_s
        After how many seconds it may be asked for again.
    """

    def __init__(self, what: str, why: str = "", remedy: str = "", *, wait_s: int) -> None:
        super().__init__(what, why, remedy)
        self.wait_s = wait_s


class InvariantError(AtlasError):
    """Tables that break the contract of ``atlas.model``: a bug, never a person's mistake."""


_RAISE_AGAIN = N_("Libérez de la place, puis relancez : ce qui était publié ou écrit est intact.")
_ELSEWHERE = N_("Choisissez un dossier où vous pouvez écrire : {elsewhere}.")
_CAUSES: dict[int, tuple[str, str]] = {
    errno.ENOSPC: (N_("le disque est plein"), _RAISE_AGAIN),
    errno.EDQUOT: (
        N_("votre quota sur ce disque est atteint"),
        N_("Supprimez des fichiers à vous ou demandez plus de place, puis relancez."),
    ),
    errno.EROFS: (
        N_("le disque est en lecture seule"),
        N_("Rendez-le inscriptible, ou choisissez un dossier d'un autre disque : {elsewhere}."),
    ),
    errno.EACCES: (N_("accès refusé"), _ELSEWHERE),
    errno.EPERM: (N_("le système n'autorise pas cette opération"), _ELSEWHERE),
    errno.EFBIG: (
        N_("le système n'y permet pas de fichiers aussi gros"),
        N_("Choisissez un autre disque : {elsewhere}."),
    ),
    errno.EMFILE: (
        N_("trop de fichiers ouverts par ce programme"),
        N_("Relevez la limite (ulimit -n 4096), puis relancez."),
    ),
    errno.ENFILE: (
        N_("trop de fichiers ouverts sur cette machine"),
        N_("Fermez d'autres programmes, puis relancez."),
    ),
    errno.ENOMEM: (
        N_("la mémoire manque"),
        N_("Fermez d'autres programmes, puis relancez."),
    ),
    errno.EIO: (
        N_("le disque répond par une erreur"),
        N_("Vérifiez le disque ou son branchement, ou choisissez-en un autre : {elsewhere}."),
    ),
    errno.ENOENT: (
        N_("le dossier ou le fichier n'existe pas"),
        N_("Vérifiez le chemin, ou choisissez un dossier qui existe : {elsewhere}."),
    ),
    errno.ENOTDIR: (
        N_("un fichier se trouve là où il faut un dossier"),
        _ELSEWHERE,
    ),
    errno.EISDIR: (
        N_("un dossier se trouve là où il faut un fichier"),
        N_("Donnez un nom de fichier, ou un autre dossier : {elsewhere}."),
    ),
    errno.ENAMETOOLONG: (
        N_("le nom est trop long"),
        N_("Choisissez un nom plus court : {elsewhere}."),
    ),
    errno.ETXTBSY: (
        N_("un autre programme tient le fichier ouvert"),
        N_("Fermez-le dans l'autre programme, puis relancez."),
    ),
    errno.EAGAIN: (
        N_("un autre programme y écrit en ce moment"),
        N_("Attendez qu'il ait fini, puis relancez."),
    ),
    errno.ENOLCK: (
        N_("ce disque ne permet pas de verrou"),
        N_("Choisissez un disque de cette machine : {elsewhere}."),
    ),
}
"""What the system refuses, and what to do about it."""
_SAME = {errno.EBUSY: errno.ETXTBSY, errno.ESTALE: errno.EIO, errno.ENODEV: errno.EIO}
_WINDOWS = {32: errno.ETXTBSY, 33: errno.ETXTBSY, 112: errno.ENOSPC, 19: errno.EROFS}
"""Numbers of Windows that Python's own do not tell apart."""
_IN_WORDS = {
    "disk is full": errno.ENOSPC,
    "no space left": errno.ENOSPC,
    "quota exceeded": errno.EDQUOT,
    "read-only file system": errno.EROFS,
    "readonly database": errno.EROFS,
    "permission denied": errno.EACCES,
    "too many open files": errno.EMFILE,
    "disk i/o error": errno.EIO,
    "database is locked": errno.EAGAIN,
    "unable to open database file": errno.ENOENT,
}
"""What SQLite, GDAL and polars say in words, without a number."""


def system_cause(error: BaseException) -> int | None:
    """Number (`errno`) of what the system refused behind an error, or ``None``.

    Looks into what libraries wrap: ``orig`` of SQLAlchemy, ``reason`` of urllib, the cause.

    Examples
    --------
    >>> system_cause(RuntimeError("write failed: No space left on device (os error 28)"))
    28
    """
    seen: list[BaseException] = []
    one: BaseException | None = error
    while isinstance(one, BaseException) and one not in seen:
        seen.append(one)
        if number := _error_number(one):
            return number
        inner = getattr(one, "orig", None) or getattr(one, "reason", None)
        one = inner if isinstance(inner, BaseException) else one.__cause__
    return None


def _error_number(error: BaseException) -> int | None:
    number = _WINDOWS.get(getattr(error, "winerror", None) or 0) or getattr(error, "errno", None)
    if number is None and (told := re.search(r"\(os error (\d+)\)", str(error))):
        number = int(told[1])
    if isinstance(number, int):
        return _SAME.get(number, number)
    words = str(error).lower()
    return next((number for said, number in _IN_WORDS.items() if said in words), None)


def why_refused(error: BaseException, elsewhere: str) -> tuple[str, str]:
    """Why the system refuses to write, and what to do about it, in the reader's language.

    Parameters
    ----------
    elsewhere
        How another place is named: an option or a variable.
    """
    number = system_cause(error)
    if number in _CAUSES:
        why, remedy = _CAUSES[number]
        return _(why), _(remedy, elsewhere=elsewhere)
    said = str(getattr(error, "strerror", None) or error).splitlines() or [type(error).__name__]
    return said[0], _(_ELSEWHERE, elsewhere=elsewhere)


@contextmanager
def system_errors_as(
    what: str, elsewhere: str, kind: type[AtlasError] = AtlasError
) -> Iterator[None]:
    """Turn what the system refuses inside the block into an error a person can act on.

    Parameters
    ----------
    what
        What could not be written, as a person knows it.
    elsewhere
        See `why_refused`.
    kind
        The error to raise.
    """
    try:
        yield
    except AtlasError:
        raise
    except Exception as error:
        if not isinstance(error, OSError) and system_cause(error) is None:
            raise
        raise kind(what, *why_refused(error, elsewhere)) from error
