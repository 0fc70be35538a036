"""Need and response of one sector's zones: where each is drawn, as what, and what it opens."""

import json

import plotly.graph_objects
import pytest

from atlas.web import gaps_tab
from tests.web.test_bars import found
from tests.web.test_gaps import CLINICS, FACTS, GAO, KIDAL, MOPTI, needed, scene_of
from tests.web.test_views import text


def points(*query: str, facts=FACTS) -> dict[str, tuple]:
    """Unit's name → need, response and symbol of its bubble, and what it opens."""
    (graph,) = found(
        gaps_tab.gaps_content(scene_of("&".join(query), *CLINICS, facts=facts)), "Graph"
    )
    drawn = plotly.graph_objects.Figure(graph.figure)  # its schema refuses what it does not know
    return {
        words.split("<br>")[0]: (round(x, 2), round(y, 2), trace.marker.symbol, json.loads(opens))
        for trace in drawn.data
        for words, x, y, opens in zip(
            trace.hovertext, trace.x, trace.y, trace.customdata, strict=True
        )
    }


def test_each_zone_stands_at_its_need_and_response_under_the_sign_of_its_class():
    """Kidal: 1 800 of 9 000 reached, severe access. Gao: moderate need, access 2 of 5. Mopti: access unknown."""
    assert points() == {
        "Kidal": (1.0, 0.2, "triangle-up", {"why": f"response|{KIDAL}|health"}),
        "Gao": (0.67, 0.0, "square", {"zone": GAO}),
        "Mopti": (0.33, 0.0, "circle-open", {"zone": MOPTI}),
    }


def test_a_changed_threshold_moves_its_line_and_the_class():
    scene = scene_of("coverage.high-need=0.6&coverage.severe-access=0.4", *CLINICS)
    (graph,) = found(gaps_tab.gaps_content(scene), "Graph")
    lines = {line["x0"] for line in graph.figure["layout"]["shapes"] if line["x0"] == line["x1"]}
    assert lines == {0.33, 0.6}
    assert points("coverage.high-need=0.6", "coverage.severe-access=0.4")["Gao"][2] == "triangle-up"


def test_a_zone_that_needs_nothing_is_drawn():
    assert points(facts=(*FACTS, needed("ml-2016/ML04", 0)))["Ségou"][0] == 0


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            (*FACTS, needed(GAO, 50, "wash"), needed("ml-2016/ML08", 60, "wash")),
            "choisissez un secteur : EHA (2) Santé (3)",
        ),
        (FACTS[:2], ""),
    ],
)
def test_several_sectors_are_a_choice_and_two_zones_no_chart(facts, said):
    shown = gaps_tab.gaps_content(scene_of("", *CLINICS, facts=facts))
    assert not found(shown, "Graph")
    assert said in text(shown)
