"""What a person does with the page, and reads on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdfium2 import PdfDocument
from python_calamine import CalamineWorkbook

from tests.browser.conftest import eventually, expect_query, refused_by_policy
from tests.geo.squares import grid_of_communes, install_layers

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


def figure(page: Page, key: str) -> str:
    return page.locator(f".figure-{key} .value").inner_text()


def units(page: Page) -> dict[str, str]:
    """Name of each unit drawn → what it says and its colour."""
    drawn = page.locator("path.unit").evaluate_all(
        "all => all.map(p => [p.getAttribute('aria-label'), p.getAttribute('fill')])"
    )
    return {label.split(", ")[0]: f"{label} {fill}" for label, fill in drawn}


def choose(page: Page, control: str, option: str) -> None:
    """Choose an option of the filter bar as a person does."""
    page.locator(f"#control-{control}").click()
    page.get_by_role("option", name=re.compile(option)).first.click()
    page.keyboard.press("Escape")


def test_first_view_says_what_it_is(address: str, opened: Open) -> None:
    """The first view shows the whole span, calls it history, and lists what is not loaded."""
    page = opened(address)
    expect(page.locator(".notice")).to_contain_text("Exemple 2015–2024, pas la situation actuelle")
    for missing in ("besoins", "accès actuel", "listes ONG"):
        expect(page.locator(".notice")).to_contain_text(missing)
    expect(page.locator("h2").first).to_contain_text(
        "Activités signalées par région – Mali, 2015–2024"
    )
    expect(page.locator(".map-head")).to_contain_text("15 janvier 2024")
    expect(page.locator(".sources")).to_contain_text("Organisation des Nations Unies")
    expect(page.locator(".sources")).to_contain_text("limites officielles non installées")
    assert (figure(page, "activities"), figure(page, "organisations")) == ("7", "3")


def test_one_screen_without_scrolling(address: str, opened: Open) -> None:
    """At 1366 × 768 the bar, the map, its legend and the five figures need no scrolling."""
    page = opened(address)
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 768
    for part in (
        "#filters",
        "#map",
        "#legend",
        "#sources",
        *(f".figure:nth-child({n})" for n in range(1, 6)),
    ):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["width"] > 40
        assert box["y"] + box["height"] <= 768


def test_sector_changes_map_figures_and_url(address: str, opened: Open) -> None:
    """Choosing a sector changes map, figures and URL; that URL says the same in a new window."""
    page = opened(f"{address}/?frame=ml-2016")
    before = units(page)
    assert before["Ménaka"].startswith("Ménaka, 2 activités")
    choose(page, "sector", "ducation")
    expect(page.locator(".figure-activities .value")).to_have_text("2")
    page.wait_for_function(
        "document.querySelector('path.unit[aria-label^=\"Mopti\"]').getAttribute('aria-label').includes('2 activités')"
    )
    no_report = "Ménaka, Rapport manquant : on ne sait pas url(#no-report)"
    eventually(page, lambda: units(page)["Ménaka"], no_report)
    after = units(page)
    assert after["Mopti"] != before["Ménaka"]
    expect(page).to_have_url(
        f"{address}/?sector=education"
    )  # ml-2016 keeps most placed: the default

    other = opened(page.url)
    eventually(other, lambda: units(other), after)
    for key in ("activities", "organisations", "budget", "silent", "duplicates"):
        eventually(other, lambda key=key: figure(other, key) == figure(page, key), True)
    expect(other.locator("#control-sector")).to_contain_text("ducation")

    page.go_back()
    expect(page.locator(".figure-activities .value")).to_have_text("7")
    expect(page.locator("#control-sector")).to_contain_text("tous")


def test_decoupages_bring_their_regions(address: str, opened: Open) -> None:
    """2012 has no Ménaka; 2016 adds Ménaka and Taoudénit; 2023 adds Bandiagara."""
    page = opened(f"{address}/?frame=ml-2012")
    assert not {"Ménaka", "Taoudénit", "Bandiagara"} & set(units(page))
    for year, new in (("2016", {"Ménaka", "Taoudénit"}), ("2023", {"Bandiagara", "Douentza"})):
        choose(page, "frame", f"^{year}")
        page.wait_for_selector(f'path.unit[aria-label^="{max(new)}"]', state="attached")
        assert new <= set(units(page))
        for name in new:
            expect(page.locator(".unit-label", has_text=name)).to_be_attached()
        expect(page.locator(".sources")).to_contain_text(f"découpage de {year}")


def test_zone_panel_by_mouse_and_keyboard(address: str, opened: Open) -> None:
    """A click, or Enter, opens the panel of a zone; published counts stand beside its items."""
    page = opened(f"{address}/?frame=ml-2016")
    page.locator('path.unit[aria-label^="Kidal"]').click()
    panel = page.locator("#zone-panel")
    expect(panel.get_by_role("heading", name="Kidal")).to_be_visible()
    expect(panel).to_contain_text("Dialogue de Kidal")
    expect(panel.locator(".published")).to_contain_text("47 projets")
    expect(panel.locator(".figure .value").first).to_have_text("0")
    expect(panel).to_contain_text("1 suspendue")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    expect_query(page, zone=None)

    page.locator('path.unit[aria-label^="Ménaka"]').press("Enter")
    expect(page.locator("#zone-panel")).to_contain_text("Forage de Ménaka")
    page.get_by_role("button", name="Voir ses cercles").click()
    expect(page.locator("#chips")).to_contain_text("Zone : Ménaka")
    expect(page.locator(".figure-activities .value")).to_have_text("2")
    expect_query(page, unit="ml-2016/ML10")


def test_the_keyboard_stays_on_a_zone_while_the_map_is_drawn_anew(
    address: str, opened: Open
) -> None:
    """A filter redraws every zone; the one with the focus has it again, and Enter opens it."""
    page = opened(f"{address}/?frame=ml-2016")
    menaka = page.locator('path.unit[aria-label^="Ménaka"]')
    menaka.focus()
    page.evaluate("atlas.go({ sector: ['wash'] })")
    expect(page.locator(".figure-activities .value")).to_have_text("1")
    expect(menaka).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#zone-panel")).to_contain_text("Forage de Ménaka")


def test_a_zone_answers_the_keyboard_while_it_is_taken_off_to_be_drawn_anew(
    address: str, opened: Open
) -> None:
    """Between two drawings nothing has the focus; Enter opens the zone that had it."""
    page = opened(f"{address}/?frame=ml-2016")
    page.locator('path.unit[aria-label^="Ménaka"]').focus()
    page.evaluate("document.activeElement.remove()")
    page.keyboard.press("Enter")
    expect(page.locator("#zone-panel")).to_contain_text("Forage de Ménaka")


def test_plans_count_only_when_included(address: str, opened: Open) -> None:
    """Plans stay out of the figures until the switch includes them."""
    page = opened(f"{address}/?frame=ml-2016")
    expect(page.locator(".figure-activities .value")).to_have_text("7")
    expect(page.get_by_role("switch", name="Inclure les plans")).to_be_hidden()
    page.get_by_role("button", name="Autres filtres").click()
    page.get_by_role("switch", name="Inclure les plans").click()
    expect(page.locator(".figure-activities .value")).to_have_text("8")
    expect(page.get_by_role("switch", name="Inclure les plans")).to_be_checked()
    expect_query(page, plans="1")
    page.go_back()
    expect(page.get_by_role("switch", name="Inclure les plans")).not_to_be_checked()


def test_tabs_show_their_tables(address: str, opened: Open) -> None:
    """Each tab shows its table; charts and grids come after the map."""
    page = opened(f"{address}/?frame=ml-2016")
    expect(page.locator("#chart-units g.ytick", has_text="Ménaka")).to_be_attached()
    page.get_by_role("tab", name="Zones").click()
    expect(page.locator("#zones-grid .ag-floating-bottom")).to_contain_text("Non placé")
    page.get_by_role("tab", name="Activités").click()
    expect(page.locator("#activities-grid")).to_contain_text("Forage de Ménaka")
    page.get_by_role("button", name="Où peut-on aller ?").click()
    expect(page.locator(".side")).to_contain_text("périmé")
    page.get_by_role("button", name="Données fiables ?").click()
    expect(page.locator(".side")).to_contain_text("Montant absent pour « Éclairage de Gao »")
    row = page.locator("tr", has_text="Projets QIP")
    expect(row).to_contain_text("324")
    expect(row).to_contain_text("318")
    expect_query(page, tab="quality")


def test_a_question_paints_the_map_and_brings_its_tabs_and_filters(
    address: str, opened: Open
) -> None:
    """The map, the column beside it and the filters change together; so they come back."""
    page = opened(f"{address}/?frame=ml-2016")
    page.get_by_role("button", name="Combien d'argent ?").click()
    expect(page.locator("#map-head h2")).to_contain_text("Budget placé par région")
    expect(page.locator("[role=tab]")).to_have_text(["Budget", "Classement", "Par secteur"])
    expect(page.locator(".field-donor")).to_be_visible()
    expect(page.locator(".field-organisation")).to_be_hidden()
    page.locator(".indicators").get_by_role("button", name="Budget par habitant").click()
    expect(page.locator("#map-head h2")).to_contain_text("Budget placé par habitant")
    page.get_by_role("tab", name="Classement").click()
    expect(page.get_by_role("tab", name="Classement")).to_have_attribute("aria-selected", "true")
    expect(page.locator('#questions [aria-current="page"]')).to_have_text("Combien d'argent ?")
    expect(page).to_have_url(f"{address}/?indicator=per-head")
    page.go_back()
    page.go_back()
    page.go_back()
    expect(page.locator('#questions [aria-current="page"]')).to_have_text("Qui fait quoi ?")
    expect(page.locator("#map-head h2")).to_contain_text("Activités signalées par région")


CLICK_BOTH = "both => both.forEach((one) => document.querySelector(one).click())"


def test_a_tab_keeps_the_indicator_that_was_chosen_just_before(address: str, opened: Open) -> None:
    page = opened(f"{address}/?frame=ml-2016&tab=budget")
    page.evaluate(CLICK_BOTH, ['.indicators [data-go*="per-head"]', "#tab-ranking"])
    expect(page.locator("#map-head h2")).to_contain_text("Budget placé par habitant")
    expect(page).to_have_url(f"{address}/?indicator=per-head")


def test_an_indicator_of_another_question_is_left_with_the_tab(address: str, opened: Open) -> None:
    page = opened(f"{address}/?frame=ml-2016&tab=budget&indicator=activities")
    page.get_by_role("tab", name="Classement").click()
    expect(page).to_have_url(f"{address}/?indicator=budget")


def test_two_choices_taken_back_at_once_are_both_gone(address: str, opened: Open) -> None:
    page = opened(f"{address}/?source=qip&source=ngo&source=pbf")
    page.evaluate(CLICK_BOTH, ['.chip[data-go*="qip"]', '.chip[data-go*="ngo"]'])
    expect(page).to_have_url(f"{address}/?source=pbf")


def test_a_figure_opens_what_it_is_made_of(address: str, opened: Open) -> None:
    """The budget of the page lists its activities with document and row; Escape closes it."""
    page = opened(f"{address}/?frame=ml-2016")
    page.locator(".figure-budget > button").click()
    listed = page.locator("#why-panel")
    expect(listed).to_contain_text("D'où vient ce chiffre ?")
    expect(listed.locator("tbody tr").first).to_contain_text("liste-20")
    expect_query(page, why="placed_usd|_placed")
    page.keyboard.press("Escape")
    expect(listed).to_have_count(0)
    expect_query(page, why=None)


def test_keys_open_a_bar_and_come_back_to_it(address: str, opened: Open) -> None:
    """In the table below the bars Enter or Space on a figure lists its activities; Escape returns."""
    page = opened(f"{address}/?frame=ml-2016")
    page.locator(".chart.sectors summary").press("Enter")
    figure = page.locator(".chart.sectors .why-number").first
    for key in ("Enter", "Space"):
        figure.focus()
        page.keyboard.press(key)
        listed = page.locator("#why-panel")
        expect(listed).to_contain_text(f"Activités : {figure.inner_text()} activités")
        expect(listed.locator(".close")).to_be_focused()
        page.keyboard.press("Escape")
        expect(listed).to_have_count(0)
        expect(figure).to_be_focused()


def test_a_bar_and_its_name_open_what_the_bar_is_made_of(address: str, opened: Open) -> None:
    """Anywhere in its line, twice as well; the bars of sectors as those of zones."""
    page = opened(f"{address}/?frame=ml-2016")
    listed = page.locator("#why-panel")
    menaka = ("#chart-units", "Ménaka", "activities|ml-2016/ML10")
    school = ("#chart-sectors", "Éducation", "sector||education")
    for (chart, name, why), right in ((menaka, 60), (menaka, 300), (school, 60), (school, 0)):
        label = page.locator(f"{chart} g.ytick text", has_text=name)
        label.scroll_into_view_if_needed()
        box = label.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] - 4 + right, box["y"] + box["height"] / 2)
        expect(listed).to_contain_text("Activités : 2 activités")
        expect_query(page, why=why)
        page.keyboard.press("Escape")
        expect(listed).to_have_count(0)


def test_paper_has_the_figures_of_the_bars(address: str, opened: Open) -> None:
    """The table that is folded on the screen is unfolded in print."""
    page = opened(f"{address}/?frame=ml-2016")
    row = page.locator(".chart.units td", has_text="Ménaka")
    expect(row).to_be_hidden()
    page.emulate_media(media="print")
    expect(row).to_be_visible()


def test_keys_open_a_published_count_in_the_table_of_zones(address: str, opened: Open) -> None:
    """Its list is the place it was read in; Escape returns to the cell."""
    page = opened(f"{address}/?frame=ml-2016&tab=zones")
    page.locator(".widen").click()
    expect(page.locator(".widen")).to_have_attribute("aria-pressed", "true")
    cell = page.locator('#zones-grid [row-id="ml-2016/ML08"] [col-id="published"]')
    cell.focus()
    expect(cell).to_be_focused()
    page.keyboard.press("Enter")
    listed = page.locator("#why-panel")
    expect(listed).to_contain_text("Publié, non détaillé : 47 projets.")
    expect(listed).to_contain_text("n'a pas été transmise")
    expect(listed.locator("tbody tr")).to_contain_text("liste-2017.xlsx")
    page.keyboard.press("Escape")
    expect(cell).to_be_focused()


def test_download_says_its_filters(address: str, opened: Open, tmp_path: Path) -> None:
    """A workbook downloaded from the page holds the filtered rows and names the filter."""
    page = opened(f"{address}/?frame=ml-2016&sector=education")
    page.locator(".header details.menu summary").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Télécharger Activités en xlsx").first.click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert re.fullmatch(r"atlas-mali-activites-ml-2016-region-2024-01-15\.xlsx", file.name)
    book = CalamineWorkbook.from_path(str(file))
    text = str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])
    assert "École de Mopti" in text
    assert "Forage de Ménaka" not in text
    assert "ducation" in text


def test_language_switch(address: str, opened: Open) -> None:
    """The page speaks English when asked, and its URL says so."""
    page = opened(address)
    page.get_by_role("button", name="English").click()
    expect(page.locator(".map-head")).to_contain_text("15 January 2024")
    expect_query(page, lang="en")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_estimated_cercles_are_chosen_and_coloured_like_any_other(
    address: str, opened: Open, tmp_path: Path
) -> None:
    """Their dashes let the pointer through; ground of no known cercle opens its région."""
    install_layers(tmp_path / "communes", grid_of_communes())
    page = opened(f"{address}/?frame=ml-2023&level=cercle")
    expect(page.locator("path.limit")).to_have_count(1)
    gaps = page.locator("path.limit")
    assert gaps.get_attribute("stroke-dasharray") == "3 4"
    assert not re.search("leaflet-interactive", gaps.get_attribute("class") or "")
    expect(page.locator("#legend")).to_contain_text("limites estimées : 71 cercles")
    bandiagara = page.locator('path.unit[data-unit="ml-2023/cercle-bandiagara"]')
    assert re.fullmatch("#[0-9a-f]{6}", bandiagara.get_attribute("fill") or "")
    bore = page.locator('path.unit[data-unit="ml-2023/cercle-bore"]')
    assert (bore.get_attribute("aria-label") or "").endswith("limites estimées")
    assert bore.get_attribute("fill") == "url(#not-comparable)"  # as said of 2016
    bore.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#zone-panel")
    expect(panel.get_by_role("heading", name="Boré")).to_be_visible()
    page.keyboard.press("Escape")
    ground = page.locator('path.unit[data-unit="ml-2023/douentza"]')
    expect(ground).to_have_attribute(
        "aria-label", "Douentza, limites des cercles de 2023 inconnues"
    )
    ground.click()
    expect(panel.get_by_role("heading", name="Douentza")).to_be_visible()


FIRST_UNIT = """
new MutationObserver((_, watching) => {
  if (!document.querySelector("path.unit")) return;
  window.firstUnit = performance.now();
  watching.disconnect();
}).observe(document, { childList: true, subtree: true });
"""
WEIGHT = """
["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .filter((entry) => entry.responseEnd <= window.firstUnit)
  .reduce((sum, entry) => sum + entry.transferSize, 0)
"""


def test_map_comes_first_and_nothing_leaves_the_machine(address: str, browser: Browser) -> None:
    """At most 600 kB until the map is drawn, and no request to any other machine."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_init_script(FIRST_UNIT)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector("#chart-units g.ytick", state="attached")
    weight = page.evaluate(WEIGHT)
    page.get_by_role("tab", name="Activités").click()
    page.wait_for_selector("#activities-grid .ag-row")
    context.close()
    assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}
    assert 300_000 < weight <= 600_000
    first = next(i for i, url in enumerate(asked) if "/geometry/ml-" in url)
    for later in ("plotly", "ag_grid"):
        assert next(i for i, url in enumerate(asked) if later in url) > first
    assert [url for url in asked if "plotly" in url] == [
        f"{address}/assets/vendor/plotly-basic.min.js"
    ]


def test_phone(address: str, opened: Open) -> None:
    """At 390 px nothing overflows sideways, filters fold, and the map comes before the tables."""
    page = opened(f"{address}/?frame=ml-2016", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#control-sector")).to_be_hidden()
    page.get_by_role("button", name="Filtres").click()
    expect(page.locator("#control-sector")).to_be_visible()
    tops = [page.locator(part).bounding_box()["y"] for part in ("#map", "#figures", "#side")]  # type: ignore[index]
    assert tops == sorted(tops)


def test_public_view_stops_at_the_cercle(public_address: str, opened: Open) -> None:
    """Beyond loopback: no commune, access tab or import; a URL that insists is told why."""
    page = opened(public_address)
    expect(page.get_by_role("button", name="Importer")).to_have_count(0)
    asked = "fetch('/import/', {method: 'POST', headers: {'X-Atlas': '1'}}).then(a => a.status)"
    assert page.evaluate(asked) == 403
    page.locator("#control-level").click()
    expect(page.get_by_role("option", name="Cercle")).to_be_visible()
    expect(page.get_by_role("option", name="Commune")).to_have_count(0)
    expect(page.get_by_role("tab", name="Accès")).to_have_count(0)
    page.goto(f"{public_address}/?level=commune")
    told = page.get_by_role("alert").filter(has_text="pour la protection des personnes")
    expect(told).to_contain_text("La page est montrée au niveau permis.")
    expect(page.locator(".map-head")).to_contain_text("par cercle")


def test_an_unreadable_filter_leaves_the_page(address: str, opened: Open) -> None:
    """The page opens without the filter, says so, and forgets it once the URL does."""
    page = opened(f"{address}/?at=hier&sector=education")
    expect(page.get_by_role("alert").filter(has_text="hier")).to_contain_text(
        "« hier » n'est pas une date. Écrivez une date AAAA-MM-JJ. La page est montrée sans ce filtre."
    )
    expect(page.locator(".figure-activities .value")).to_have_text("2")
    expect(page).to_have_url(f"{address}/?sector=education")
    page.locator("#chips button").first.click()
    expect(page.locator(".figure-activities .value")).to_have_text("7")
    expect(page.locator(".problem")).to_have_count(0)


def test_no_script_written_into_the_page_runs(context: BrowserContext, address: str) -> None:
    """Neither one in an element, nor one in an attribute: the browser says that it refused both."""
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda told: said.extend(refused_by_policy(told.text)))
    page.goto(address)
    page.wait_for_selector(".tabs")
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.written = 1";
          document.body.append(script);
          const box = document.createElement("div");
          box.setAttribute("onclick", "window.written = 2");
          document.body.append(box);
          box.click();
        }"""
    )
    assert page.evaluate("window.written") is None
    assert len(said) == 2
    page.close()


def printed_pages(page: Page) -> list[str]:
    """Text of each page of the sheet that the browser prints."""
    printed = PdfDocument(page.pdf(format="A4"))
    return [one.get_textpage().get_text_range() for one in printed]


def inks(page: Page) -> set[tuple[int, ...]]:
    """Colours of the first page of the sheet that the browser prints."""
    first = PdfDocument(page.pdf(format="A4"))[0].render(scale=2).to_pil().convert("RGB")
    return {colour for _n, colour in first.getcolors(first.width * first.height)}


def test_paper_has_the_whole_map_its_legend_and_the_open_zone(crowded: str, opened: Open) -> None:
    """No region is cut off, no colour of the legend left out, no page empty."""
    page = opened(f"{crowded}/?frame=ml-2016&zone=ml-2016/ML05")
    expect(page.locator("#zone-panel")).to_be_visible()
    first, *others = printed_pages(page)
    for name in ("Tombouctou", "Kidal", "Kayes", "Sikasso"):  # north to south
        assert name in first
    assert "Présences signalées" in "".join(others)
    assert "ong-3" in "".join(others).casefold()
    assert all(len(text.strip()) > 20 for text in others)
    page.emulate_media(media="print")
    for part in (".swatch", "#zone-panel", "#map"):
        kept = page.locator(part).first.evaluate("part => getComputedStyle(part).printColorAdjust")
        assert kept == "exact"
    expect(page.locator(".side")).to_be_hidden()  # the tab under the zone
    expect(page.locator(".leaflet-control-zoom")).to_be_hidden()


def test_paper_has_the_rows_of_a_grid_the_filters_and_the_colours_of_the_legend(
    address: str, opened: Open
) -> None:
    """On the screen the rows stay in the grid; no page is empty."""
    page = opened(f"{address}/?frame=ml-2016&tab=activities&sector=education")
    page.wait_for_selector("#activities-grid .ag-row")
    told = printed_pages(page)
    assert "Filtres : secteur : Éducation" in told[0]
    assert "École de Mopti" in "".join(told)
    assert "1 à 2 sur 2" in "".join(told)
    assert all(len(text.strip()) > 20 for text in told)
    swatch = page.locator("#legend .swatch").first.evaluate("one => one.style.background")
    assert tuple(map(int, re.findall(r"\d+", swatch))) in inks(page)
    expect(page.locator("table.on-paper")).to_have_count(0)


def test_the_map_speaks_the_language_of_the_page(address: str, opened: Open) -> None:
    for lang, words in (("fr", "Agrandir"), ("en", "Zoom in")):
        page = opened(f"{address}/?lang={lang}")
        expect(page.locator(".leaflet-control-zoom-in")).to_have_attribute("aria-label", words)


def test_each_control_is_named_by_its_label(address: str, opened: Open) -> None:
    """The keyboard stops at the list itself, never at what is hidden from a screen reader."""
    page = opened(f"{address}/?frame=ml-2016")
    page.get_by_role("button", name="Autres filtres").click()
    for name in ("Découpage", "Secteur", "Organisation"):
        expect(page.get_by_role("button", name=name).first).to_have_attribute("tabindex", "0")
    expect(page.get_by_role("textbox", name="Situation au")).to_have_count(1)
    expect(page.locator('#filters [aria-hidden="true"][tabindex="0"]')).to_have_count(0)
    page.get_by_role("button", name="Secteur").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator('#filters [aria-hidden="true"][tabindex="0"]')).to_have_count(0)
    expect(page.get_by_role("button", name="EN, English")).to_be_visible()


def test_the_search_box_opens_a_place_by_keyboard(address: str, opened: Open) -> None:
    """What is typed is offered; the arrows choose, Enter opens, and the box is empty again."""
    page = opened(f"{address}/?frame=ml-2016&level=cercle")
    box = page.get_by_label("Chercher un lieu, une organisation, une activité, un chiffre")
    box.fill("menak")
    expect(page.locator("#found h3").first).to_have_text("Lieux")
    box.press("ArrowDown")
    expect(page.locator("#found button:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#zone-panel h2")).to_have_text("Ménaka")
    expect(page.locator("#found")).to_be_empty()
    expect(box).to_have_value("")
    expect_query(page, zone="ml-2016/ML10")
    box.fill("rien de tel nulle part")
    expect(page.locator("#found")).to_have_text("Rien de ce nom.")
    box.press("Escape")
    expect(page.locator("#found")).to_be_empty()


def test_a_double_click_goes_into_a_zone_and_the_path_leads_back(
    address: str, opened: Open
) -> None:
    """Région, then its cercles; each step of the path is a way back."""
    page = opened(f"{address}/?frame=ml-2016")
    whole = page.evaluate("atlas.leaflet.getZoom()")
    page.locator('path.unit[aria-label^="Mopti"]').dblclick(force=True)
    expect(page.locator(".zone-path")).to_have_text("MaliMopti")
    expect(page.locator("#map-head h2")).to_contain_text("par cercle – Mopti")
    page.wait_for_function("whole => atlas.leaflet.getZoom() > whole", arg=whole)
    page.locator('path.unit[aria-label^="Bandiagara"]').dblclick(force=True)
    expect(page.locator(".zone-path")).to_have_text("MaliMoptiBandiagara")
    expect(page.locator("#map-head h2")).to_contain_text("par commune – Bandiagara")
    page.locator(".zone-path button", has_text="Mopti").click()
    expect(page.locator("#map-head h2")).to_contain_text("par cercle – Mopti")
    page.locator(".zone-path button", has_text="Mali").click()
    expect(page.locator(".zone-path")).to_have_count(0)
    expect_query(page, unit=None)


def test_a_day_of_the_url_is_kept_where_the_list_shows_its_year(address: str, opened: Open) -> None:
    """A bookmark of half a year is not widened to the whole of it by another filter."""
    page = opened(f"{address}/?frame=ml-2016&since=2016-02-01&until=2016-06-30")
    page.get_by_role("button", name="Combien d'argent ?").click()
    expect(page.locator("#map-head h2")).to_contain_text("Budget placé")
    expect_query(page, since="2016-02-01", until="2016-06-30")
