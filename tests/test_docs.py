"""The documentation cannot go stale: what it names exists, and what exists is named in it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from atlas.dataset import Dataset
from atlas.fields import TABLES
from atlas.ingest.pipeline import ingest_file
from scripts.reference import VARIABLES, commands_by_name, variables_in_code

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text("utf-8") for path in [*DOCS.glob("*.md"), ROOT / "README.md"]}
BY_HAND = [name for name in PAGES if name != "reference.md"]
COMMANDS = commands_by_name()
INVENTED = "add-a-source.md"
"""A page whose example is run by ``tests/test_add_a_source.py``; its files lie in no tree."""


@cache
def names_defined(path: Path) -> frozenset[str]:
    """Functions, classes, methods, attributes and constants of a module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


@cache
def every_name() -> frozenset[str]:
    """What any module defines, and the modules themselves."""
    modules = list((ROOT / "atlas").rglob("*.py"))
    return frozenset().union(*map(names_defined, modules), {path.stem for path in modules})


def missing_modules(text: str) -> list[str]:
    """Paths of Python files and dotted modules in a text that are none of today's code."""
    paths = re.findall(r"(?<![\w./*])(?:\w+/)*\w+\.py\b", text)
    known = {path.stem for path in (ROOT / "atlas").iterdir()} | every_name()
    lost = [
        path
        for path in paths
        if not any((ROOT / base / path).is_file() for base in ("", "atlas"))
        and not ("/" not in path and path in _tree_names())
    ]
    dotted = re.findall(r"\batlas((?:\.\w+)+)", text)
    return lost + [f"atlas{one}" for one in dotted if not set(one[1:].split(".")) <= known]


@cache
def _tree_names() -> frozenset[str]:
    """Bare file names that the indented tree of ``architecture.md`` may hold."""
    text = PAGES["architecture.md"]
    return frozenset(re.findall(r"\w+\.py\b", text[text.index("```\natlas/") :].split("```")[1]))


def test_a_module_that_is_gone_is_found_missing() -> None:
    """The check of the pages sees what it is there for."""
    text = "`atlas/ledger.py`, `atlas.nowhere.at_all`, `atlas.dataset.Dataset`, `store/merge.py`"
    assert missing_modules(text) == ["atlas/ledger.py", "atlas.nowhere.at_all"]


@pytest.mark.parametrize("page", [name for name in BY_HAND if name != INVENTED])
def test_every_module_that_a_page_names_exists(page: str) -> None:
    """A page that names yesterday's files sends its reader nowhere."""
    assert missing_modules(PAGES[page]) == []


@cache
def words_of_the_code() -> frozenset[str]:
    """Every word of the code, its tables, its scripts and its tests."""
    files = [
        path
        for folder in ("atlas", "assets", "benchmarks", "geodata", "scripts", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".csv", ".toml", ".js"} and path != Path(__file__)
    ]
    texts = [path.read_text("utf-8") + f" {path.stem}" for path in files]
    return frozenset(re.findall(r"\w+", "\n".join(texts)))


@pytest.mark.parametrize("page", BY_HAND)
def test_every_name_in_backticks_is_a_word_of_the_code(page: str) -> None:
    """Functions, columns and codes are written with underscores: no other name looks so."""
    strange = {"proxy_set_header", "test_docs"}  # of nginx, and this file
    quoted = " ".join(re.findall(r"`([^`\n]+)`", PAGES[page]))
    names = {word for word in re.findall(r"\w+", quoted) if "_" in word.strip("_")}
    invented = set(re.findall(r"\w+", " ".join(re.findall(r'title="([^"]+)"', PAGES[page]))))
    assert sorted(names - strange - invented - words_of_the_code()) == []


def test_the_tree_at_the_top_names_every_module_and_package_of_atlas_and_no_other() -> None:
    """The tree is the first thing that a new reader looks at."""
    text = PAGES["architecture.md"]
    tree = text[text.index("```\natlas/") :].split("```")[1]
    shown = tree[: tree.index("\ngeodata/")]
    top = {path.name for path in (ROOT / "atlas").iterdir() if path.suffix == ".py"}
    folders = {path.parent.name for path in (ROOT / "atlas").glob("*/__init__.py")}
    folders |= {path.parent.name for path in (ROOT / "atlas").glob("*/*/__init__.py")}
    assert top - {"__init__.py"} - set(re.findall(r"\w+\.py\b", shown)) == set()
    assert folders - set(re.findall(r"(\w+)/", shown)) == set()
    files = {path.name for path in (ROOT / "atlas").rglob("*.py")}
    assert set(re.findall(r"\w+\.py\b", shown)) - files == set()


def test_every_word_of_the_glossary_stands_in_the_code_where_it_says() -> None:
    """A glossary of words that nobody uses is a second language."""
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|$", PAGES["glossary.md"], re.MULTILINE)
    at_home = {word: re.findall(r"`([^`]+)`", where) for word, where in rows if "---" not in word}
    at_home.pop("word")
    assert 38 <= len(at_home) <= 50
    lost = [
        (word, name)
        for word, names in at_home.items()
        for name in names or [""]
        if not ((ROOT / name).is_file() if "/" in name else set(name.split(".")) <= every_name())
    ]
    assert lost == []


def test_every_step_of_the_tour_names_functions_of_the_files_it_names() -> None:
    """Ten steps, each a function and the file that defines it."""
    text = PAGES["tour.md"]
    steps = re.findall(r"^\| (\d+) \| `(\w+)` in `([\w/.]+)` \|", text, re.MULTILINE)
    assert [int(number) for number, _name, _path in steps] == list(range(1, 11))
    named = re.findall(r"`(\w+)` in `(atlas/[\w/]+\.py)`", text)
    assert len(named) >= len(steps)
    assert [(n, p) for n, p in named if n not in names_defined(ROOT / p)] == []
    assert [p for p in re.findall(r"`(atlas/[^`]+)`", text) if not (ROOT / p).is_file()] == []


def test_the_list_of_the_tour_gives_the_figures_that_the_tour_states(tmp_path: Path) -> None:
    """12.5 million francs are 19 793.60 dollars, in equal parts on two cercles."""
    name, body = re.search(
        r'^```csv title="([^"]+)"\n(.*?)^```$', PAGES["tour.md"], re.MULTILINE | re.DOTALL
    ).groups()  # type: ignore[union-attr]
    (tmp_path / name).write_text(body, "utf-8")
    data = Dataset.from_tables(ingest_file(tmp_path / name).tables)
    budgets = {
        row["unit_name"]: f"{row['budget_usd']:,.2f}".replace(",", " ")
        for level in ("region", "cercle")
        for row in data.ask("budget", level=level).table.to_dicts()
        if row["budget_usd"]
    }
    assert budgets == {"Mopti": "19 793.60", "Bandiagara": "9 896.80", "Koro": "9 896.80"}
    assert all(figure in PAGES["tour.md"] for figure in budgets.values())


def test_the_reference_page_is_what_its_script_writes() -> None:
    """Commands, options, variables, indicators and findings stand in it because the code has them."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ATLAS_")}
    run = [sys.executable, "-m", "scripts.reference", "--check"]
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    checked = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_environment_variable_of_the_code_says_what_it_is_for_and_no_other() -> None:
    """A variable that is read and nowhere said is a secret."""
    assert variables_in_code() == set(VARIABLES)


def sections_about(verb: str) -> str:
    """Sections of the page of commands that name a command."""
    sections = re.split(r"^## ", PAGES["commands.md"], flags=re.MULTILINE)
    return "\n".join(one for one in sections if re.search(rf"\batlas {verb}\b", one))


@pytest.mark.parametrize("name", [name for name in COMMANDS if " " in name])
def test_every_command_and_option_is_explained_in_the_page_of_commands(name: str) -> None:
    """The reference says that an option exists; the page of commands says what it does."""
    _atlas, verb, *rest = name.split()
    text = sections_about(verb)
    assert text
    assert all(re.search(rf"\b{word}\b", text) for word in rest)
    options = {
        option for one in COMMANDS[name].params for option in one.opts if option.startswith("--")
    }
    lost = [one for one in sorted(options - {"--store"}) if not re.search(rf"{one}(?![\w-])", text)]
    assert lost == []


@pytest.mark.parametrize("table", TABLES)
def test_every_field_of_a_table_stands_in_its_row_of_the_architecture(table: str) -> None:
    """Others read the Parquet files by this contract."""
    text = PAGES["architecture.md"]
    rows = re.findall(rf"^\| {table} \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    assert len(rows) == 1
    words = set(re.findall(r"\w+", rows[0]))
    assert [one.name for one in TABLES[table] if one.name not in words] == []


def test_every_page_is_in_the_menu() -> None:
    """A page that no menu leads to is read by nobody."""
    menu = set(re.findall(r"([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert menu == {path.name for path in DOCS.glob("*.md")}
