"""A zone as one file: it counts as the atlas does, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from atlas.dataset import Dataset
from atlas.export.dossier import dossier_content, dossier_html
from atlas.filters import Filters
from tests.layers.made import DAY, activity, dataset_of, fact
from tests.strategies import SyntheticSnapshot

MOPTI, BANKASS, DOUENTZA = "ml-2016/ML05", "ml-2016/ML0502", "ml-2016/ML0504"
GAO = "ml-2016/ML07"
COMMUNE = "ml-2012/ML050108"
HOSTILE = "</script><script>document.title='x'</script>"

ENTRIES = (
    activity("Forage", BANKASS, sector="wash", lead_org="acf", usd=100_000_01, source="ngo",
             start="2016-01-01", end="2017-06-30"),
    activity("École", (BANKASS, DOUENTZA), sector="education", lead_org="irc", usd=33_333_33),
    activity("Santé et eau", COMMUNE, sector="multi-sector", sectors=("wash", "health"),
             lead_org="acf"),
    activity("Marché", (MOPTI, GAO), sector="local-economy", lead_org="care", usd=90_000_00),
    activity("Arrêté", BANKASS, sector="wash", lead_org="oxfam", usd=5_000_00, status="cancelled"),
    activity(None, DOUENTZA, kind="presence", sector="wash", implementers=["pam"]),
    activity(HOSTILE, BANKASS, sector="wash", lead_org="irc"),
)  # fmt: skip


def _dated(entry: dict[str, Any]) -> dict[str, Any]:
    from datetime import date

    days = {k: date.fromisoformat(entry[k]) for k in ("start", "end") if k in entry}
    return {**entry, **days}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return dataset_of(*map(_dated, ENTRIES))


@pytest.fixture(scope="module")
def offline(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A profile that may open files and nothing else; a file that stays open keeps its process."""
    context = browser.new_context(offline=True)
    stays = tmp_path_factory.mktemp("stays") / "nothing.html"
    stays.touch()
    context.new_page().goto(stays.as_uri())
    yield context
    context.close()


@pytest.fixture
def page(offline: BrowserContext) -> Iterator[Page]:
    """A new window without a network."""
    page = offline.new_page()
    yield page
    page.close()


def opened(page: Page, folder: Path, content: bytes) -> list[str]:
    """Open a dossier from the disk; what it asked for beside itself."""
    file = folder / "dossier.html"
    file.write_bytes(content)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.goto(file.as_uri())
    expect(page.locator("form")).to_be_visible()
    return [url for url in asked if url != file.as_uri()]


def counted_by_page(page: Page, **chosen: str) -> dict[str, tuple[int, int, int | None]]:
    """Activities, organisations and cents of each unit that the page counts."""
    script = """(asked) => {
      const { chosen, counted, facets } = window.dossier;
      for (const one of facets) chosen[one.name] = asked[one.name] === undefined
        ? "" : String(one.values.indexOf(asked[one.name]));
      return counted().units;
    }"""
    units = page.evaluate(script, chosen)
    return {one["id"]: (one["activities"], one["organisations"], one["cents"]) for one in units}


def counted_by_atlas(
    dataset: Dataset, unit: str, level: str, **chosen: str
) -> dict[str, tuple[int, int, int | None]]:
    """The same of the answers of the atlas."""
    filters = Filters.from_where([f"unit={unit}", *(f"{k}={v}" for k, v in chosen.items())])
    frame = unit.split("/")[0]
    presence = dataset.ask("presence", filters, frame, level).table
    budget = dataset.ask("budget", filters, frame, level).table
    dollars = dict(budget.select("unit_id", "budget_usd").iter_rows())
    rows = presence.select("unit_id", "activities", "organisations").iter_rows()
    return {
        one: (n, who, None if dollars[one] is None else round(100 * dollars[one]))
        for one, n, who in rows
    }


CHOICES: tuple[dict[str, str], ...] = (
    {},
    {"sector": "wash"},
    {"sector": "health"},
    {"organisation": "acf"},
    {"organisation": "irc", "sector": "education"},
    {"status": "cancelled"},
    {"year": "2017"},
    {"source": "ngo"},
)


@pytest.mark.parametrize("chosen", CHOICES, ids=lambda one: "&".join(one.values()) or "all")
def test_the_file_counts_as_the_atlas_does(
    page: Page, tmp_path: Path, dataset: Dataset, chosen: dict[str, str]
) -> None:
    opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI)))
    atlas = counted_by_atlas(dataset, MOPTI, "cercle", **chosen)
    found = counted_by_page(page, **chosen)
    assert {BANKASS, DOUENTZA} <= set(found)
    assert found == {unit: atlas[unit] for unit in found}
    assert all(atlas[unit][:2] == (0, 0) for unit in set(atlas) - set(found))


def test_a_synthetic_list_is_counted_as_the_atlas_does(page: Page, tmp_path: Path) -> None:
    from benchmarks.synthetic import tables

    dataset = Dataset(SyntheticSnapshot(tables(3_000)))
    opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI, "commune")))
    some = page.evaluate("window.dossier.facets.map((one) => [one.name, one.values.slice(0, 2)])")
    for name, values in [("", [""]), *some]:
        for value in values:
            chosen = {name: value} if name else {}
            found = counted_by_page(page, **chosen)
            atlas = counted_by_atlas(dataset, MOPTI, "commune", **chosen)
            assert found == {unit: atlas[unit] for unit in found}


def test_it_opens_from_the_disk_and_asks_for_nothing(
    page: Page, tmp_path: Path, dataset: Dataset
) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    assert opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI))) == []
    expect(page.locator("h1")).to_have_text("Mopti")
    assert page.title() == "Atlas Mali : Mopti, dossier hors ligne"  # no words of a list ran
    expect(page.locator("section.wide").first).to_contain_text(HOSTILE)
    assert problems == []


def test_a_zone_and_a_filter_show_the_activities_behind_their_figures(
    page: Page, tmp_path: Path, dataset: Dataset
) -> None:
    opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI)))
    page.get_by_role("button", name="Douentza").last.click()
    listed = page.locator("section.wide").first.locator("tbody tr")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("École")
    page.get_by_label("Secteur").select_option(label="Éducation")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("d.csv")
    page.locator("svg .unit[aria-pressed=true]").press("Enter")
    page.get_by_role("button", name="Tout remettre").click()
    expect(page.locator(".figures b").first).to_have_text("5")


def test_its_map_recolours_with_the_filters(page: Page, tmp_path: Path, dataset: Dataset) -> None:
    opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI)))
    unit = page.locator("svg .unit[aria-label^=Douentza]")
    before = unit.get_attribute("fill")
    page.get_by_label("Secteur").select_option(label="Santé")
    assert before != "#ffffff"
    expect(unit).to_have_attribute("fill", "#ffffff")


def test_words_of_a_list_are_no_markup(dataset: Dataset) -> None:
    content = dossier_html(dossier_content(dataset, MOPTI)).decode()
    assert HOSTILE not in content
    assert content.count("</script>") == 2
    assert json.dumps(HOSTILE)[1:-1] not in content
    assert pl.Series([content]).str.contains("@@").item() is False


def test_needs_are_told_whatever_the_filters_and_those_of_the_zone_first() -> None:
    need = {"indicator": "people-in-need", "sector": "wash", "as_of": DAY}
    facts = (
        fact("needs", MOPTI, value=900.0, **need),
        fact("needs", BANKASS, value=400.0, **need | {"sector": "health"}),
    )
    data = dataset_of(activity("Forage", BANKASS, sector="wash", start=DAY), context=facts)
    filters = Filters.from_where(["organisation=acf"])
    (table,) = [
        one
        for one in dossier_content(data, MOPTI, None, filters)["tables"]
        if one["title"] == "Besoins connus, et ce qui y répond"
    ]
    assert [(row[0], row[3], row[4]) for row in table["rows"]] == [
        ("Mopti", "400", "0"),
        ("Mopti", "900", "1"),
        ("Bankass", "400", "0"),
    ]


def test_an_amount_without_a_rate_is_not_one_that_lacks(page: Page, tmp_path: Path) -> None:
    naira = {"currency": "NGN", "minor": 5_000_00, "usd_minor": None}
    data = dataset_of(
        activity("A", BANKASS, amounts=[naira]),
        activity("B", BANKASS),
        activity("C", BANKASS, usd=1),
    )
    opened(page, tmp_path, dossier_html(dossier_content(data, MOPTI)))
    told = page.locator(".figures").inner_text().split("\n")
    assert told == [
        "3",
        "activités",
        "0",
        "organisations",
        "0",
        "budget placé (USD)",
        "1",
        "sans montant",
        "1",
        "sans taux de change",
    ]


def test_the_map_tells_what_is_unknown_from_what_is_not_there(
    page: Page, tmp_path: Path, dataset: Dataset
) -> None:
    opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI)))
    page.get_by_label("La carte montre").select_option("budget")
    page.get_by_label("Secteur").select_option(label="Santé")
    unit = page.locator("svg .unit[aria-label^=Bandiagara]")
    expect(unit).to_have_attribute("aria-label", "Bandiagara, montant inconnu")
    page.get_by_label("Secteur").select_option(label="EHA")
    douentza = page.locator("svg .unit[aria-label^=Douentza]")
    label = "Douentza, présence signalée, activités inconnues"
    expect(douentza).to_have_attribute("aria-label", label)


def test_paper_says_the_filters_and_the_zone(page: Page, tmp_path: Path, dataset: Dataset) -> None:
    opened(page, tmp_path, dossier_html(dossier_content(dataset, MOPTI)))
    page.get_by_label("Secteur").select_option(label="EHA")
    page.get_by_role("button", name="Bankass").last.click()
    page.emulate_media(media="print")
    expect(page.locator(".in-force")).to_have_text("Filtres : Secteur : EHA · Zone : Bankass")
    expect(page.locator(".in-force")).to_be_visible()
    expect(page.locator("form")).to_be_hidden()


def test_a_zone_where_nothing_is_placed_says_so(
    page: Page, tmp_path: Path, dataset: Dataset
) -> None:
    opened(page, tmp_path, dossier_html(dossier_content(dataset, "ml-2023/cercle-boni")))
    expect(page.locator("section.wide").first).to_contain_text(
        "Aucune activité ni présence n'est placée dans cette zone."
    )
