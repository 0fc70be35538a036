"""Plain parts of the page as text: written rightly, and most of what a tab sends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dash import dcc, html

from atlas.app import create_app
from atlas.model import Level
from atlas.store import Store
from atlas.web.guard import CALLBACK_PATH
from atlas.web.markup import MARKUP_ATTRIBUTE, html_markup, with_markup
from atlas.web.page_elements import ElementId, TabName
from atlas.web.page_tables import ROWS_AT_FIRST, plain_table
from tests.layers.made import activity, tables_of
from tests.web.crowd import crowd

MOST_COMPONENTS = 200
"""That Dash is told of in one answer: each takes the browser some milliseconds."""


def test_attributes_are_written_as_react_writes_them():
    """Styles as CSS, noughts kept, booleans bare, words where aria- and data- say true or false."""
    part = html.Div(
        [
            html.Span(style={"backgroundColor": "red", "width": 4, "opacity": 0.5, "--a": "1px"}),
            html.Td(0, colSpan=2, className="num"),
            html.Button(
                "a", disabled=True, hidden=False, **{"aria-pressed": False, "data-x": True}
            ),
            html.Label("b", htmlFor="c", tabIndex=0),
            html.Option("d", value="", selected="selected"),
            html.Select([], key="e=1"),
            html.Br(),
        ],
        title='"l\'eau" & <b>',
    )
    assert html_markup(part) == (
        '<div title="&quot;l&#x27;eau&quot; &amp; &lt;b&gt;">'
        '<span style="background-color:red;width:4px;opacity:0.5;--a:1px"></span>'
        '<td class="num" colspan="2">0</td>'
        '<button aria-pressed="false" data-x="true" disabled="">a</button>'
        '<label for="c" tabindex="0">b</label>'
        '<option selected="selected" value="">d</option>'
        '<select data-key="e=1"></select>'
        "<br></div>"
    )  # fmt: skip


def test_what_holds_a_control_a_chart_or_an_id_that_is_written_to_stays_a_component():
    """The largest plain parts become text; a control keeps the elements that lead to it."""
    control = dcc.Input(id={"type": "setting", "key": "a"})
    told = html.P([html.B("b"), " c"])
    written = html.Div(html.B("d"), id=ElementId.LEGEND)
    page = html.Div([html.Div(html.Div(told)), html.Label([html.Span("e"), control]), written])
    shown = with_markup(page)
    plain, label, held = shown.children
    assert getattr(plain, MARKUP_ATTRIBUTE) == "<div><p><b>b</b> c</p></div>"
    assert plain.children is None
    assert label.children[1] is control
    assert not hasattr(label.children[0], MARKUP_ATTRIBUTE)  # a word is as short as its text
    assert getattr(held, MARKUP_ATTRIBUTE, None) is None
    assert page.children[0].children.children is told  # the tree given is as it was


def test_a_long_table_shows_its_first_rows_and_keeps_the_others_for_a_click():
    rows = [[str(n)] for n in range(ROWS_AT_FIRST + 12)]
    table, button = plain_table(["n"], rows).children
    _head, first, rest = table.children
    assert (len(first.children), len(rest.children), rest.hidden) == (ROWS_AT_FIRST, 12, True)
    assert button.children == "Afficher les 12 autres lignes"
    assert len(plain_table(["n"], rows[:ROWS_AT_FIRST]).children) == 1


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store that holds the crowd."""
    held = Store(tmp_path_factory.mktemp("crowded"))
    held.publish_tables(crowd())
    return held


def components(part: Any) -> int:
    """How many components of Dash an answer holds."""
    if isinstance(part, list):
        return sum(components(one) for one in part)
    if isinstance(part, dict):
        children = part.get("props", part).get("children") if "props" in part else None
        return ("namespace" in part) + components(children)
    return 0


def told_by(store: Store, output: str, asked: str, query: str) -> tuple[int, str]:
    """Components and text of the answer of a callback."""
    ident, prop = output.split(".")
    source, source_prop = asked.split(".")
    sent = {
        "output": output,
        "outputs": {"id": ident, "property": prop},
        "inputs": [{"id": source, "property": source_prop, "value": query}],
        "changedPropIds": [asked],
        "state": [],
    }
    answer = create_app(store).server.test_client().post(CALLBACK_PATH, json=sent)
    assert answer.status_code == 200
    told = answer.get_json()["response"][ident][prop]
    return components(told), json.dumps(told)


@pytest.mark.parametrize("level", [str(level) for level in Level])
@pytest.mark.parametrize("tab", [str(tab) for tab in TabName])
def test_no_tab_tells_dash_of_more_components_than_a_browser_bears(
    crowded: Store, tab: str, level: str
) -> None:
    query = f"?frame=ml-2016&level={level}&tab={tab}"
    count, told = told_by(crowded, "side.children", "side-asked.data", query)
    assert count <= MOST_COMPONENTS
    if (tab, level) == ("gaps", "cercle"):
        assert told.count("<td") > 1_000  # it is a crowd


@pytest.mark.parametrize("query", ["zone=ml-2016/ML05", "why=organisations|ml-2016/ML05"])
def test_no_panel_does_either(crowded: Store, query: str) -> None:
    count, told = told_by(crowded, "panel.children", "question.data", f"?frame=ml-2016&{query}")
    assert count <= 3
    assert "panel-body" in told


def test_the_text_is_escaped_whatever_a_document_says(tmp_path: Path) -> None:
    """A title that looks like markup is read as words."""
    held = Store(tmp_path)
    title = "<img src=x onerror=alert(1)>"
    held.publish_tables(tables_of(activity(title, "ml-2016/ML05", sector="wash", usd=1_000)))
    for output, asked, query in (
        ("panel.children", "question.data", "?frame=ml-2016&zone=ml-2016/ML05"),
        ("panel.children", "question.data", "?frame=ml-2016&why=activities|ml-2016/ML05"),
    ):
        told = told_by(held, output, asked, query)[1]
        assert "<img" not in told
        assert "&lt;img src=x" in told
