"""Each layer is one object, which says what the rest of the house asks of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from atlas.errors import UsageError
from atlas.i18n import _, language_context
from atlas.layers import LAYERS
from atlas.layers.options import all_settings
from atlas.web.page_elements import TabName
from tests.layers.made import dataset_of

ROOT = Path(__file__).parents[2]
ATLAS, DOCS = ROOT / "atlas", ROOT / "docs"


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_a_title_in_both_languages(name: str) -> None:
    """A file of a layer says in the reader's language what it holds."""
    title = LAYERS[name].title
    with language_context("en"):
        english = _(title)
    assert (title.strip(), english != title) == (title, True)
    assert title


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_and_each_of_its_settings_stands_in_the_docs(name: str) -> None:
    """Others script against the contract: what is not in it is not there."""
    contract = (DOCS / "architecture.md").read_text(encoding="utf-8")
    assert re.search(rf"^  - \*\*{name}\*\* ", contract, re.MULTILINE)
    assert f"| `{name}` |" in (DOCS / "commands.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z-]+", contract[contract.index("- `--option` sets") :]))
    assert {option.name for option in LAYERS[name].options} <= words


@pytest.mark.parametrize("name", LAYERS)
def test_what_a_layer_says_of_its_settings_are_settings_that_it_takes(name: str) -> None:
    """A word for a setting that the layer lacks would be refused when somebody asks."""
    layer = LAYERS[name]
    for said in (layer.asked_with, layer.one_row_a_unit, layer.without_access):
        assert all_settings(layer.options, said).items() >= said.items()


@pytest.mark.parametrize("name", LAYERS)
def test_what_a_layer_follows_takes_the_settings_that_both_have(name: str) -> None:
    """The page asks it under the other one's settings, written in the URL under that name."""
    layer = LAYERS[name]
    leader = LAYERS[layer.follows or name]
    assert {option.name for option in layer.options} <= {option.name for option in leader.options}
    assert leader.follows == ""


def test_every_tab_that_a_layer_names_is_one_and_no_two_have_one_file() -> None:
    """The page hides the tabs and lists the files that the layers name."""
    assert {layer.tab for layer in LAYERS.values() if layer.tab} <= {str(tab) for tab in TabName}
    files = [layer.file for layer in LAYERS.values() if layer.file]
    assert sorted(set(files)) == sorted(files)


def _names(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value in LAYERS


def test_no_other_file_asks_which_layer_it_has_or_keeps_a_table_by_layers() -> None:
    """What is true of one layer alone stands in its object: a new layer is in no other list."""
    found = []
    for path in sorted(ATLAS.rglob("*.py")):
        if path.relative_to(ATLAS).parts[0] in ("layers", "ingest"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                asks = len(node.keys) > 1 and all(_names(key) for key in node.keys)
            elif isinstance(node, ast.Compare):
                asked = node.left.attr if isinstance(node.left, ast.Attribute) else ""
                asked = node.left.id if isinstance(node.left, ast.Name) else asked
                words = [word for one in node.comparators for word in ast.walk(one)]
                asks = asked == "layer" and any(_names(word) for word in words)
            else:
                continue
            found += [f"{path.name}:{node.lineno}"] if asks else []
    assert found == []


def test_the_list_behind_a_figure_of_no_layer_is_refused_with_the_names_there_are() -> None:
    """A figure that names no layer must not become the list of something else."""
    with pytest.raises(UsageError, match="presence"):
        dataset_of().activities_behind(layer="nonsense")
