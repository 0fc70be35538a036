"""hdx-python-country `AdminLevel` on our rows; runs in its own environment.

Région, cercle and commune are matched one after the other, each inside its parent, the way
OCHA's pipelines do. Prints one JSON object: seconds, and the p-code found for each row.
"""

import csv
import json
import logging
import sys
from time import perf_counter

from hdx.location.adminlevel import AdminLevel

LEVELS = ("region", "cercle", "commune")


def main(units_csv: str, rows_csv: str) -> None:
    logging.disable(logging.CRITICAL)
    with open(units_csv, encoding="utf-8") as file:
        units = list(csv.DictReader(file))
    admin = {}
    for number, level in enumerate(LEVELS, start=1):
        admin[level] = AdminLevel(admin_level=number)
        admin[level].setup_from_iterable(
            {
                "Location": "MLI",
                "Admin Level": number,
                "P-Code": unit["pcode"],
                "Name": unit["name"],
                "Parent P-Code": unit["parent"] or "MLI",
            }
            for unit in units
            if unit["level"] == level
        )
    with open(rows_csv, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    start = perf_counter()
    found = [match(admin, row) for row in rows]
    print(json.dumps({"seconds": perf_counter() - start, "found": found}))


def match(admin: dict[str, AdminLevel], row: dict[str, str]) -> str | None:
    """P-code of the commune, each level looked up inside the one above where it is given."""
    parent = "MLI"
    for level in LEVELS:
        if not row[level]:
            parent = None
            continue
        words = {"parent": parent} if parent else {}
        parent, _exact = admin[level].get_pcode("MLI", row[level], **words)
        if parent is None:
            return None
    return parent


if __name__ == "__main__":
    main(*sys.argv[1:])
