"""Templates that a partner may fill in: what each is for, and where it lies.

Their headings are data (``all_templates.toml``); `template_bytes` makes the file that
``scripts/templates.py`` puts into ``docs/templates``, so that the two cannot drift.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from atlas.i18n import current_language
from atlas.paths import data_root

CONTEXT = "context:"


@dataclass(frozen=True)
class TableTemplate:
    """A table to fill in.

    Attributes
    ----------
    file
        Name of the file.
    read_as
        What the import is told: a source, or ``context:`` and a table of context.
    fr, en
        What it is, in either language.
    headings, rows
        Headings and examples; none for a file that is written by hand.
    """

    file: str
    read_as: str
    fr: str
    en: str
    headings: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()

    @property
    def title(self) -> str:
        """What it is, in the language in force."""
        return self.en if current_language() == "en" else self.fr

    @property
    def path(self) -> Path:
        """Where it lies, in the source tree or in the package."""
        return data_root() / "docs" / "templates" / self.file


def all_templates() -> tuple[TableTemplate, ...]:
    """Every template, the sources first, then the tables of context.

    Examples
    --------
    >>> [one.file for one in all_templates() if one.read_as == "csa"]
    ['modele-csa.csv']
    """
    data = tomllib.loads(Path(__file__).with_name("templates.toml").read_text("utf-8"))
    return tuple(
        TableTemplate(
            one["file"],
            one["read_as"],
            one["fr"],
            one["en"],
            tuple(one.get("headings", ())),
            tuple(tuple(row) for row in one.get("rows", ())),
        )
        for one in data["template"]
    )


def template_bytes(template: TableTemplate, *, examples: bool = True) -> bytes:
    """The file as Excel opens it in French: UTF-8 with its mark, semicolons.

    Parameters
    ----------
    examples
        Whether the examples stand under the headings.
    """
    text = StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(template.headings)
    writer.writerows(template.rows if examples else ())
    return text.getvalue().encode("utf-8-sig")
