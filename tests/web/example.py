"""A small country's worth of data, in sight: what the page tests read their figures from."""

from __future__ import annotations

import json
from datetime import date

from atlas.model import Tables, frame_of

MENAKA, GAO = "ml-2016/ML10", "ml-2016/ML07"
MOPTI, KIDAL = "ml-2016/ML05", "ml-2016/ML08"
DOUROU = "ml-2012/ML050108"

# title, source, sector, kind, status, start, end, lead, donor, unit, USD (None: unknown)
ACTIVITIES = (
    ("Forage de Ménaka", "qip", "wash", "activity", "completed", (2016, 3, 1), (2016, 9, 30), "onu-a", "bailleur-a", MENAKA, 45_000),
    ("Marché de Ménaka", "trust-fund", "local-economy", "activity", "ongoing", (2017, 1, 1), (2017, 12, 31), "ong-b", "bailleur-b", MENAKA, 120_000),
    ("Centre de santé de Gao", "qip", "health", "activity", "completed", (2015, 5, 1), (2015, 11, 1), "onu-a", "bailleur-a", GAO, 38_500),
    ("Éclairage de Gao", "qip", "public-infrastructure", "activity", "completed", (2016, 2, 1), (2016, 8, 1), "ong-c", "bailleur-a", GAO, None),
    ("École de Mopti", "pbf", "education", "activity", "completed", (2015, 1, 1), (2016, 6, 30), "ong-b", "bailleur-b", MOPTI, 250_000),
    ("École de Bandiagara", "pnud", "education", "activity", "planned", (2024, 1, 1), (2024, 12, 31), "onu-a", None, DOUROU, 99_000.5),
    ("Dialogue de Kidal", "trust-fund", "social-cohesion", "activity", "suspended", (2017, 2, 1), None, "ong-c", "bailleur-b", KIDAL, 60_000),
    ("Coordination", "pnud", None, "activity", "ongoing", (2024, 1, 1), (2024, 12, 31), "onu-a", None, "_unplaced", 75_000),
    ("Plan pour Ménaka", "state-plan", "health", "plan", "planned", (2021, 1, 1), (2025, 12, 31), "etat", None, MENAKA, 1_000_000),
    ("47 QIP à Kidal", "qip", None, "aggregate", "unknown", None, None, None, None, KIDAL, None),
)  # fmt: skip


def tables(*, is_sample: bool = False) -> Tables:
    """The ten entries above, as two documents of 2017 and 2024."""
    return Tables(
        documents=frame_of("documents", [_document("a" * 12, (2017, 6, 30), 9, is_sample), _document("b" * 12, (2024, 1, 15), 2, is_sample)]),
        activities=frame_of("activities", [_activity(i) for i in range(len(ACTIVITIES))]),
        amounts=frame_of("amounts", [_amount(i) for i, a in enumerate(ACTIVITIES) if a[10] is not None]),
        placements=frame_of("placements", [_placement(i) for i in range(len(ACTIVITIES))]),
        rows=frame_of("rows", _rows()),
        findings=frame_of("findings", [_finding()]),
        control_totals=frame_of("control_totals", [_total()]),
        context=frame_of("context", [_access()]),
    )  # fmt: skip


def _document(
    ident: str, day: tuple[int, int, int], rows: int, is_sample: bool
) -> dict[str, object]:
    return {
        "document": ident,
        "file": f"liste-{day[0]}.xlsx",
        "reader": "qip",
        "title": f"Liste de {day[0]}",
        "as_of": date(*day),
        "frame": "ml-2016",
        "rows_read": rows,
        "origin": f"Projet d'essai {day[0]}",
        "is_sample": is_sample,
    }


def _home(source: str) -> str:
    return ("b" if source == "pnud" else "a") * 12


def _activity(i: int) -> dict[str, object]:
    title, source, sector, kind, status, start, end, lead, donor, _unit, _usd = ACTIVITIES[i]
    return {
        "activity_id": f"act-{i}",
        "kind": kind,
        "source": source,
        "document": _home(source),
        "locator": f"L{i + 2}",
        "as_of": date(2024, 1, 15) if source == "pnud" else date(2017, 6, 30),
        "title": title,
        "sector": sector,
        "donors": [donor] if donor else [],
        "lead_org": lead,
        "implementers": [],
        "organisations_raw": [lead] if lead else [],
        "status": status,
        "start": date(*start) if start else None,
        "end": date(*end) if end else None,
        "items": 47 if kind == "aggregate" else None,
    }


def _amount(i: int) -> dict[str, object]:
    minor = round(float(ACTIVITIES[i][10]) * 100)
    return {"activity_id": f"act-{i}", "kind": "budget", "minor": minor, "currency": "USD", "usd_minor": minor, "rate": 1.0}  # fmt: skip


def _placement(i: int) -> dict[str, object]:
    return {"activity_id": f"act-{i}", "unit_id": ACTIVITIES[i][9], "weight": 1, "rule": "reported"}


def _rows() -> list[dict[str, object]]:
    told = [
        {"document": _home(a[1]), "locator": f"L{i + 2}", "outcome": "aggregate" if a[3] == "aggregate" else "activity", "activity_id": f"act-{i}"}
        for i, a in enumerate(ACTIVITIES)
    ]  # fmt: skip
    return [*told, {"document": "a" * 12, "locator": "L99", "outcome": "rejected"}]


def _finding() -> dict[str, object]:
    params = json.dumps({"title": "Éclairage de Gao"})
    return {"document": "a" * 12, "locator": "L5", "field": "amount", "code": "amount_missing", "severity": "warning", "params": params}  # fmt: skip


def _total() -> dict[str, object]:
    return {"document": "a" * 12, "name": "Projets QIP", "published": 324.0, "read": 318.0}


def _access() -> dict[str, object]:
    return {
        "document": "a" * 12,
        "kind": "access",
        "indicator": "restrictions de mouvement",
        "unit_id": MENAKA,
        "text": "Motos interdites hors de la ville",
        "source": "Étude d'essai",
        "as_of": date(2018, 5, 1),
        "expires": date(2018, 12, 31),
    }
