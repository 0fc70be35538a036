"""Two maps side by side: what differs, one legend or two, and who may see an earlier state."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from atlas.web.map_comparison import comparison_parts
from atlas.web.markup import html_markup
from atlas.web.page_state import PageScene

Scene = Callable[..., PageScene]


@pytest.mark.parametrize(
    ("differs", "legends", "said"),
    [
        ("with.frame=ml-2012", 1, "Deux découpages : une zone"),
        ("with.indicator=budget", 2, "ne montrent pas le même indicateur"),
        ("", 1, "Les deux cartes sont la même"),
    ],
)
def test_there_is_one_legend_where_the_two_maps_show_the_same_indicator(
    client: FlaskClient, differs: str, legends: int, said: str
) -> None:
    page = client.get(f"/maps/compare?frame=ml-2016&{differs}").get_data(as_text=True)
    assert page.count("<figure>") == 2
    assert page.count('class="map-legend"') == legends
    assert said in page


def test_one_legend_has_the_figures_of_both_maps(scene: Scene) -> None:
    """Of health alone Gao has one activity; of all sectors Ménaka and Mopti have two."""
    parts = comparison_parts(scene("frame=ml-2016&sector=health"), scene("frame=ml-2016"))
    legend = re.search(r'<section class="map-legend">.*?</section>', html_markup(parts))
    assert legend
    assert re.findall(r"<span>(\d)</span>", legend[0]) == ["1", "2"]


def test_the_second_map_keeps_the_filters_of_the_first(client: FlaskClient) -> None:
    page = client.get("/maps/compare?frame=ml-2016&sector=health&with.frame=ml-2012")
    assert page.get_data(as_text=True).count("Filtres : secteur : Santé.") == 2
    assert 'name="sector"' in page.text


def test_an_earlier_state_is_closed_to_the_public(public: FlaskClient) -> None:
    answer = public.get("/maps/compare?with.state=abcdef")
    assert answer.status_code == 403
    assert "seuls les éditeurs" in answer.get_data(as_text=True)
    assert 'name="with.state"' not in public.get("/maps/compare").get_data(as_text=True)


def test_a_state_that_was_never_published_is_refused(client: FlaskClient) -> None:
    assert client.get("/maps/compare?with.state=abcdef").status_code >= 400
