"""A table of anything: each row ends somewhere, and the same table again changes nothing."""

from __future__ import annotations

import csv
import tempfile
from io import StringIO
from pathlib import Path

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from atlas.errors import AtlasError
from atlas.ingest.pipeline import ingest_file
from atlas.model import Tables
from atlas.store import Store

HEADINGS = ("Intitulé", "Région", "Cercle", "Commune", "Secteur", "Budget USD", "Début", "Fin",
            "Partenaire", "Statut", "Bénéficiaires", "Latitude", "Remarques", "Contact",
            "Durée", "Code projet", "")  # fmt: skip

amounts = st.sampled_from(
    ["12", "45.317,39 USD", "-", "à déterminer", "1,2 Md FCFA", "1e999", "-0", "NaN", "12 %"]
)
days = st.sampled_from(
    ["2017-01-31", "31/02/2017", "T2 2024", "31 au décembre", "mars-juin 2018", "45000", "0"]
)
places = st.sampled_from(
    ["Gao", "GAO / Ménaka", "Kidall", "ML07", "Zorgville", "National", "Gao, Kidal et Xyz", "=A1"]
)
bodies = st.sampled_from(["PAM", "WFP/UNICEF", "Org inconnue", "M. Untel 76 00 00 00", "x@y.ml"])
junk = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
cells = st.one_of(amounts, days, places, bodies, junk, st.just(""), st.just("Long texte. " * 40))


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """A CSV with headings that a list has, and cells that suit none of them."""
    headings = draw(st.lists(st.sampled_from(HEADINGS), min_size=3, max_size=8))
    width = len(headings)
    rows = draw(st.lists(st.lists(cells, min_size=1, max_size=width + 1), min_size=1, max_size=6))
    written = StringIO()
    writer = csv.writer(written, delimiter=draw(st.sampled_from(",;\t")))
    writer.writerows([["Titre", *headings], *rows])
    return written.getvalue().encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])))


def read(data: bytes) -> Tables | None:
    """Tables of a list of projects; ``None`` for one that is refused in a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "liste.csv")
        path.write_bytes(data)
        try:
            return ingest_file(path, source="ngo").tables
        except AtlasError:
            return None


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(data=tables())
def test_each_row_of_a_table_of_anything_ends_somewhere(data: bytes) -> None:
    found = read(data)
    assume(found is not None)
    assert found is not None
    assert found.documents["rows_read"].to_list() == [found.rows.height]
    assert set(found.activities["activity_id"]) <= set(found.rows["activity_id"])
    assert found.rows["locator"].is_unique().all()


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(data=tables())
def test_a_table_of_anything_read_again_changes_nothing(data: bytes) -> None:
    first, second = read(data), read(data)
    assume(first is not None and second is not None)
    assert first is not None
    assert second is not None
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        before = store.add_documents([first])
        assert store.add_documents([second]).hash == before.hash
