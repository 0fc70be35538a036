"""The URL is the state of the page."""

from __future__ import annotations

from datetime import date

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from atlas.errors import UsageError
from atlas.filters import Filters
from atlas.web.indicators import MAP_INDICATORS
from atlas.web.page_elements import TabName
from atlas.web.page_state import WITH_PLANS, PageView

WORDS = (
    st.text("abcdefghijklmnopqrstuvwxyzé-/ &=+", min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
MANY = st.lists(WORDS, max_size=3).map(lambda words: tuple(sorted(set(words))))
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2040, 1, 1))
VIEWS = st.builds(
    PageView,
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
    indicator=st.sampled_from(sorted(MAP_INDICATORS)),
    tab=st.sampled_from([str(tab) for tab in TabName]),
    zone=st.none() | WORDS,
    lang=st.sampled_from(["fr", "en"]),
)


@given(VIEWS)
def test_a_url_gives_back_the_view_it_was_written_from(view: PageView) -> None:
    """Whatever a person chose, opening the URL shows the same."""
    assert PageView.from_query("?" + view.to_query()) == view


def test_the_default_page_has_an_empty_query() -> None:
    """A bare address is the default view."""
    assert PageView().to_query() == ""
    assert PageView.from_query(None) == PageView.from_query("?") == PageView()


@pytest.mark.parametrize("query", ["?level=village", "?tab=secret", "?lang=xx", "?utm=1"])
def test_words_that_mean_nothing_are_left_out(query: str) -> None:
    """An old bookmark still opens."""
    assert PageView.from_query(query) == PageView()


def test_a_filter_that_cannot_be_read_is_refused() -> None:
    """A broken filter would silently change figures: it is an error, in words."""
    with pytest.raises(UsageError, match="at=hier"):
        PageView.from_query("?at=hier")


def test_a_setting_of_a_layer_is_kept_in_the_url() -> None:
    """`budget.kind=spent` reaches the layer of that name and no other."""
    view = PageView.from_query("?budget.kind=spent")
    assert view.layer_options("budget") == {"kind": "spent"}
    assert view.layer_options("presence") == {}
    assert view.to_query() == "budget.kind=spent"


def test_a_layer_that_follows_another_is_asked_under_those_of_its_settings_that_both_have() -> None:
    """The tab of coverage holds the day of its priorities; their list is judged on it too."""
    view = PageView.from_query(
        "?coverage.day=2024-01-01&coverage.enough=3&priorities.day=2020-01-01"
    )
    assert view.layer_options("priorities") == {"day": "2024-01-01"}
    assert PageView.from_query("?access.weighting=unit").layer_options("access_facts") == {}


def test_a_setting_that_means_nothing_is_told_and_left_out() -> None:
    """A value no layer takes would change figures: refused, or left out with a reason."""
    with pytest.raises(UsageError, match="volé"):
        PageView.from_query("budget.kind=volé")
    view, problem = PageView.from_faulty_query("budget.kind=volé")
    assert view.options == ()
    assert problem is not None


def test_a_state_that_nobody_knows_is_not_found_rather_than_a_fault_of_the_server(
    client: FlaskClient,
) -> None:
    answer = client.get("/download/zones.csv?state=abcd")
    assert (answer.status_code, "inconnu de l'historique" in answer.text) == (404, True)
