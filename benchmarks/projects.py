"""A long list of projects as partners send them: synthetic, reproducible, 20 columns."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

from benchmarks.misspell import communes, misspell

HEADINGS = (
    *("Code projet", "Intitulé du projet", "Description", "Organisation chef de file"),
    *("Partenaires de mise en œuvre", "Bailleur", "Type d'organisation", "Secteur", "Statut"),
    *("Date de début", "Date de fin", "Région", "Cercle", "Commune", "Localité"),
    *("Budget total (USD)", "Dépenses (USD)", "Bénéficiaires prévus", "Bénéficiaires atteints"),
    "Observations",
)
_DONORS = ("Banque mondiale", "Union européenne", "USAID", "AFD", "CERF", "Pays-Bas", "Japon")
_TYPES = ("ONG internationale", "ONG nationale", "Agence des Nations Unies", "Gouvernement")
_SECTORS = ("EHA", "Santé", "Éducation", "Sécurité alimentaire", "Protection", "Nutrition")
_STATES = ("En cours", "Terminé", "Planifié", "Suspendu")
_WORKS = ("Réhabilitation", "Construction", "Équipement", "Appui", "Formation", "Distribution")
_THINGS = ("du forage", "du centre de santé", "de l'école", "du marché", "du périmètre irrigué")
_MISSPELT = 3000
"""Different spellings of communes: about four of each."""
Cell = str | int | float | date | None


def write(path: Path, rows: int, seed: int = 1) -> Path:
    """Write ``rows`` projects under a title row, the headings in the third row."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Projets")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_string(0, 0, "Projets en cours, situation au 31 mars 2022 (synthétique)")
        sheet.write_row(2, 0, HEADINGS)
        for number, cells in enumerate(projects(rows, seed), start=3):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell is not None:
                    sheet.write(number, column, cell)
    return path


def projects(rows: int, seed: int = 1) -> Iterator[list[Cell]]:
    """Rows of invented projects over the real communes, some of them misspelt."""
    dice = random.Random(seed)
    known = communes().to_dicts()
    places = [known[i % len(known)] for i in range(_MISSPELT)]
    places = [
        place if i < len(known) else {**place, "commune": misspell(place["commune"], dice)}
        for i, place in enumerate(places)
    ]
    for number in range(rows):
        place = dice.choice(places)
        thing = f"{dice.choice(_WORKS)} {dice.choice(_THINGS)}"
        start = date(2019, 1, 1) + timedelta(days=dice.randrange(1100))
        budget = dice.randrange(5_000, 900_000)
        target = dice.randrange(100, 20_000)
        yield [
            f"PRJ-{number:06d}",
            f"{thing} de {place['commune']}",
            f"{thing} au profit des ménages de {place['commune']}, tranche {number % 9}",
            f"ONG {dice.randrange(300)}",
            f"ONG {(partner := dice.randrange(900)) % 300} ; Association {partner % 80}",
            dice.choice(_DONORS),
            dice.choice(_TYPES),
            dice.choice(_SECTORS),
            dice.choice(_STATES),
            start,
            start + timedelta(days=dice.randrange(60, 900)),
            place["region"],
            place["cercle"],
            place["commune"],
            f"Village {dice.randrange(2000)}" if dice.random() < 0.3 else None,
            budget,
            round(budget * dice.random(), 2),
            target,
            dice.randrange(target + 1) if dice.random() < 0.8 else None,
            f"Visite de suivi n° {dice.randrange(40)}" if dice.random() < 0.2 else None,
        ]
