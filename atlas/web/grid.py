"""Sortable grids, in the words and numbers of the page's language."""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag

from atlas.i18n import _

# The grid weighs as much as everything the map needs: it is fetched when a grid is opened
# (assets/page.js), not with the page.
SCRIPT = "/_dash-component-suites/dash_ag_grid/dash_ag_grid.min.js"
for _resource in dag._js_dist:
    if _resource["relative_package_path"] == "dash_ag_grid.min.js":
        _resource["dynamic"] = True

EXACT = {"function": "exact(params.value)"}


def number_column(field: str, name: str, **more: Any) -> dict[str, Any]:
    """A column of figures, exact and flush right."""
    return {
        "field": field,
        "headerName": name,
        "type": "rightAligned",
        "valueFormatter": EXACT,
        "width": 118,
        **more,
    }


def grid(
    ident: str,
    columns: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    *,
    page_size: int | None = None,
    pinned: list[dict[str, Any]] | None = None,
) -> dag.AgGrid:
    """A grid that fills its box; long lists come in pages."""
    options: dict[str, Any] = {
        "localeText": locale_text(),
        "pinnedBottomRowData": pinned or [],
        "enableCellTextSelection": True,
        "ensureDomOrder": True,
        "tooltipShowDelay": 300,
        "animateRows": False,
    }
    if page_size:
        options |= {
            "pagination": True,
            "paginationNumberFormatter": EXACT,
            "paginationPageSize": page_size,
            "paginationPageSizeSelector": [page_size, 4 * page_size, 20 * page_size],
        }
    return dag.AgGrid(
        id=ident,
        columnDefs=columns,
        rowData=rows,
        defaultColDef={"sortable": True, "resizable": True, "suppressHeaderMenuButton": True},
        dashGridOptions=options,
        getRowId="params.data.unit_id || params.data.activity_id",
        className="ag-theme-quartz fill",
        style={"height": "100%"},
    )


def locale_text() -> dict[str, str]:
    """The grid's own words."""
    return {
        "page": _("Page"),
        "to": _("à"),
        "of": _("sur"),
        "more": _("plus"),
        "nextPage": _("Page suivante"),
        "lastPage": _("Dernière page"),
        "firstPage": _("Première page"),
        "previousPage": _("Page précédente"),
        "pageSizeSelectorLabel": _("Lignes :"),
        "ariaPageSizeSelectorLabel": _("Lignes par page"),
        "noRowsToShow": _("Aucune ligne : enlevez un filtre."),
        "loadingOoo": _("Chargement…"),
    }
