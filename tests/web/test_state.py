"""The URL is the state of the page."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.web.ids import Tab
from atlas.web.indicators import INDICATORS
from atlas.web.state import WITH_PLANS, View

WORDS = (
    st.text("abcdefghijklmnopqrstuvwxyzé-/ &=+", min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
MANY = st.lists(WORDS, max_size=3).map(lambda words: tuple(sorted(set(words))))
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2040, 1, 1))
VIEWS = st.builds(
    View,
    filters=st.builds(
        Filters,
        kind=st.sampled_from([Filters().kind, WITH_PLANS]),
        source=MANY,
        sector=MANY,
        donor=MANY,
        unit=MANY,
        at=DAYS,
        since=DAYS,
        until=DAYS,
    ),
    options=st.sampled_from([(), (("budget.kind", "spent"),)]),
    frame=st.none() | WORDS,
    level=st.sampled_from(["region", "cercle", "commune"]),
    indicator=st.sampled_from(sorted(INDICATORS)),
    tab=st.sampled_from([str(tab) for tab in Tab]),
    zone=st.none() | WORDS,
    lang=st.sampled_from(["fr", "en"]),
)


@given(VIEWS)
def test_a_url_gives_back_the_view_it_was_written_from(view: View) -> None:
    """Whatever a person chose, opening the URL shows the same."""
    assert View.from_query("?" + view.to_query()) == view


def test_the_default_page_has_an_empty_query() -> None:
    """A bare address is the default view."""
    assert View().to_query() == ""
    assert View.from_query(None) == View.from_query("?") == View()


@pytest.mark.parametrize("query", ["?level=village", "?tab=secret", "?lang=xx", "?utm=1"])
def test_words_that_mean_nothing_are_left_out(query: str) -> None:
    """An old bookmark still opens."""
    assert View.from_query(query) == View()


def test_a_filter_that_cannot_be_read_is_refused() -> None:
    """A broken filter would silently change figures: it is an error, in words."""
    with pytest.raises(UsageError, match="at=hier"):
        View.from_query("?at=hier")


def test_a_setting_of_a_layer_is_kept_in_the_url() -> None:
    """`budget.kind=spent` reaches the layer of that name and no other."""
    view = View.from_query("?budget.kind=spent")
    assert view.options_of("budget") == {"kind": "spent"}
    assert view.options_of("presence") == {}
    assert view.to_query() == "budget.kind=spent"


def test_a_layer_that_follows_another_is_asked_under_those_of_its_settings_that_both_have() -> None:
    """The tab of coverage holds the day of its priorities; their list is judged on it too."""
    view = View.from_query("?coverage.day=2024-01-01&coverage.enough=3&priorities.day=2020-01-01")
    assert view.options_of("priorities") == {"day": "2024-01-01"}
    assert View.from_query("?access.weighting=unit").options_of("access_facts") == {}


def test_a_setting_that_means_nothing_is_told_and_left_out() -> None:
    """A value no layer takes would change figures: refused, or left out with a reason."""
    with pytest.raises(UsageError, match="volé"):
        View.from_query("budget.kind=volé")
    view, problem = View.readable("budget.kind=volé")
    assert view.options == ()
    assert problem is not None
