"""Fiches and dossier of a région over synthetic activities: the first page, a document, a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

from atlas.dataset import Dataset
from atlas.export.dossier import dossier_content, dossier_html
from atlas.export.fiche import FicheQuestion, fiche_units
from atlas.export.fiche_pdf import fiche_pdf
from atlas.model import Level
from benchmarks import timing
from benchmarks.synthetic import needs, tables

SIZES = (1_000, 10_000)


def measure() -> Iterator[timing.Row]:
    """The first page of a fresh dataset, one more page, and a région with all its cercles."""
    for size in SIZES:
        dataset = Dataset.from_tables(replace(tables(size), context=needs()))
        question = FicheQuestion(dataset)
        units = _largest_region(dataset)
        took = []
        for pages in ([units[0]], [units[0]], units):
            start = perf_counter()
            fiche_pdf(question, pages)
            took.append(perf_counter() - start)
        told = f"first {took[0]:.2f} s, next {took[1]:.2f} s, {len(units)} pages {took[2]:.2f} s"
        yield "fiche of a région and its cercles", "atlas", told, f"{size} synthetic activities"
        start = perf_counter()
        content = dossier_html(dossier_content(dataset, units[0]))
        told = f"{perf_counter() - start:.2f} s, {len(content) / 1000:.0f} kB"
        yield "offline dossier of a région", "atlas", told, f"{size} synthetic activities"


def _largest_region(dataset: Dataset) -> list[str]:
    """The région of the découpage in force with most cercles, and these."""
    regions = dataset.frames.units_at_level("ml-2023", Level.REGION)["unit_id"]
    largest = max(regions, key=lambda one: len(dataset.frames.children(one)))
    return fiche_units(dataset, [], under=largest)
