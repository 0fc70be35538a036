"""The questions of the page: what answers each beside the map, and what the map then shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atlas.i18n import N_
from atlas.web.page_elements import FilterControl, TabName, url_change

ALWAYS_IN_SIGHT = (FilterControl.FRAME, FilterControl.LEVEL)
"""Filters of every question."""
PERIOD = (FilterControl.SINCE, FilterControl.UNTIL)


@dataclass(frozen=True)
class Question:
    """One question that users ask.

    Attributes
    ----------
    words
        The question, a message id.
    tabs
        What answers it in the side column; the first opens with the question.
    indicators
        What its map may show (`atlas.web.indicators.MAP_INDICATORS`), the first unless another
        is asked for. Each indicator is of one question.
    filters
        Its own filters; the others wait behind a button.
    """

    words: str
    tabs: tuple[TabName, ...]
    indicators: tuple[str, ...]
    filters: tuple[FilterControl, ...]

    def has_in_sight(self, control: FilterControl) -> bool:
        """Whether a filter is among its own."""
        return control in (*ALWAYS_IN_SIGHT, *self.filters)


QUESTIONS = (
    Question(
        N_("Qui fait quoi ?"),
        (TabName.RANKING, TabName.ZONES, TabName.ACTIVITIES, TabName.ACTORS, TabName.SECTORS),
        ("activities", "organisations", "delivering", "published"),
        (FilterControl.SECTOR, FilterControl.ORGANISATION, *PERIOD),
    ),
    Question(
        N_("Où sont les lacunes ?"),
        (TabName.GAPS, TabName.RANKING, TabName.SECTORS),
        ("coverage", "priority"),
        (FilterControl.SECTOR, *PERIOD),
    ),
    Question(
        N_("Combien de personnes ?"),
        (TabName.PEOPLE, TabName.RANKING, TabName.SECTORS),
        ("reached", "in-need", "severity"),
        (FilterControl.SECTOR, FilterControl.ORGANISATION, *PERIOD),
    ),
    Question(
        N_("Combien d'argent ?"),
        (TabName.BUDGET, TabName.RANKING, TabName.SECTORS),
        ("budget", "per-head"),
        (FilterControl.SECTOR, FilterControl.DONOR, *PERIOD),
    ),
    Question(
        N_("Où peut-on aller ?"),
        (TabName.ACCESS, TabName.RANKING),
        ("access",),
        (FilterControl.AT,),
    ),
    Question(
        N_("Où en est le programme ?"), (TabName.PROGRAMME, TabName.RANKING), ("programme",), ()
    ),
    Question(
        N_("Des doublons ?"),
        (TabName.DUPLICATES, TabName.RANKING, TabName.SECTORS),
        ("duplicates",),
        (FilterControl.SECTOR, FilterControl.SOURCE, FilterControl.ORGANISATION),
    ),
    Question(
        N_("Qui a rapporté ?"),
        (TabName.REPORTING, TabName.RANKING, TabName.SECTORS),
        ("reports",),
        (FilterControl.SECTOR,),
    ),
    Question(
        N_("Qu'est-ce qui a changé ?"),
        (TabName.CHANGE, TabName.RANKING, TabName.SECTORS),
        ("changes",),
        (FilterControl.SECTOR, FilterControl.ORGANISATION),
    ),
    Question(N_("Données fiables ?"), (TabName.QUALITY,), (), (FilterControl.SOURCE,)),
)


def question_asked(tab: str, indicator: str = "") -> Question:
    """The question that a tab answers; of a tab of several, that of what the map shows.

    Examples
    --------
    >>> question_asked("gaps").words, question_asked("ranking", "budget").words
    ('Où sont les lacunes ?', "Combien d'argent ?")
    """
    having = [one for one in QUESTIONS if tab in one.tabs] or list(QUESTIONS)
    return next((one for one in having if indicator in one.indicators), having[0])


def usual_indicator(tab: str) -> str:
    """What the map shows beside a tab where nothing else is asked for.

    Examples
    --------
    >>> usual_indicator("access"), usual_indicator("quality"), usual_indicator("ranking")
    ('access', 'activities', 'activities')
    """
    return (*question_asked(tab).indicators, *QUESTIONS[0].indicators)[0]


def tab_in_url(tab: TabName) -> str:
    """The tab as the URL says it: the first not at all."""
    return "" if tab is TabName.RANKING else str(tab)


def question_change(tab: TabName) -> dict[str, Any]:
    """A click on this asks the question that a tab answers, with its own map."""
    return url_change(tab=tab_in_url(tab), indicator="", only="", why="", zone="")
