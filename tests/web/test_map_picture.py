"""The map of the page as a picture: what it shows, says and leaves out."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from io import BytesIO

import pdfplumber
import pytest
from flask.testing import FlaskClient

from atlas.i18n import language_context
from atlas.web.map_picture import map_picture, map_svg
from atlas.web.map_view import PATTERN_FILLS, map_painting, painting_props
from atlas.web.page_state import PageScene

Scene = Callable[..., PageScene]


def words_of(scene: PageScene) -> str:
    with pdfplumber.open(BytesIO(map_picture(scene, "pdf"))) as read:
        assert len(read.pages) == 1
        return " ".join((read.pages[0].extract_text() or "").split())


def test_the_picture_says_what_it_shows_of_when_and_from_whom(scene: Scene) -> None:
    words = words_of(scene("frame=ml-2016"))
    assert words.startswith("Activités signalées par région – Mali")
    assert "pas la situation actuelle" in words
    assert "Sources : " in words
    assert "ni reconnaissance ni acceptation officielle" in words


def test_the_picture_names_its_filters(scene: Scene) -> None:
    assert "Filtres : secteur : Santé." in words_of(scene("frame=ml-2016&sector=health"))
    assert "Filtres" not in words_of(scene("frame=ml-2016"))


def test_the_picture_is_in_english_for_who_reads_english(scene: Scene) -> None:
    with language_context("en"):
        assert "Filters: sector: Health." in words_of(scene("frame=ml-2016&sector=health"))


@pytest.mark.parametrize("query", ["frame=ml-2016", "frame=ml-2012&level=cercle", "tab=gaps"])
def test_each_unit_has_the_colour_or_the_sign_that_the_page_gives_it(
    scene: Scene, query: str
) -> None:
    shown = scene(query)
    painted = map_painting(shown)
    props = painting_props(painted, shown)
    fills = [
        props["palette"][entry[0]] if isinstance(entry[0], int) else PATTERN_FILLS[entry[0]]
        for entry in props["units"].values()
    ]
    shapes = re.findall(r"<(?:path|circle)[^>]*>", map_svg(shown, painted))
    drawn = {fill: sum(f'fill="{fill}" stroke=' in one for one in shapes) for fill in set(fills)}
    assert any(drawn.values())
    assert all(n <= fills.count(fill) for fill, n in drawn.items())


def test_a_zone_alone_fills_the_picture_with_its_units(scene: Scene) -> None:
    shown = scene("frame=ml-2012&level=cercle&unit=ml-2012/ML05")
    svg = map_svg(shown, map_painting(shown))
    assert "Bandiagara" in svg
    assert "Kayes" not in svg


@pytest.mark.parametrize(
    ("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<svg"), ("pdf", b"%PDF")]
)
def test_each_kind_of_picture_is_a_file(client: FlaskClient, kind: str, start: bytes) -> None:
    answer = client.get(f"/map.{kind}?frame=ml-2016")
    assert answer.data.startswith(start)
    assert "atlas-mali-presence-ml-2016-region" in answer.headers["Content-Disposition"]


def test_a_png_has_300_dots_an_inch_of_a_page_of_a4(client: FlaskClient) -> None:
    data = client.get("/map.png?frame=ml-2016").data
    assert struct.unpack(">II", data[16:24]) == (3508, 2480)


def test_no_other_kind_is_made(client: FlaskClient) -> None:
    assert client.get("/map.gif").status_code == 404


def test_the_public_sees_no_commune_in_a_picture(public: FlaskClient) -> None:
    answer = public.get("/map.pdf?frame=ml-2012&level=commune")
    assert answer.status_code == 403


def test_the_same_question_gives_the_same_bytes(scene: Scene) -> None:
    shown = scene("frame=ml-2016")
    assert map_picture(shown, "svg") == map_picture(shown, "svg")
