"""Names compared together get the answers that each gets alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlas.geo import ranking
from atlas.geo.place_evidence import PlaceRow, read_in_frame
from atlas.geo.ranking import nearest_units, prefetch_rankings, units_in_scope
from atlas.geo.resolve import prefetch_places, resolve_place

NAMES = ["Gao", "Ansong", "Bara", "Zorgville", "Kidall", "Commune 4", "Mopty", "Dourou II", ""]
names = st.one_of(
    st.sampled_from(NAMES), st.text(alphabet="abdegikmnorstu -'2é", min_size=1, max_size=14)
)


@settings(max_examples=40)
@given(texts=st.lists(names, min_size=1, max_size=5), level=st.sampled_from(["region", "cercle"]))
def test_a_ranking_is_the_same_together_and_alone(texts: list[str], level: str) -> None:
    scope = units_in_scope(level, None, "ml-2016")
    ranking._cached_rankings.clear()
    alone = [nearest_units(text, scope, "ml-2016") for text in texts]
    ranking._cached_rankings.clear()
    prefetch_rankings(texts, scope, "ml-2016")
    assert [nearest_units(text, scope, "ml-2016") for text in texts] == alone


@settings(max_examples=25)
@given(rows=st.lists(st.tuples(names, names, names), min_size=1, max_size=4))
def test_a_row_means_the_same_whether_others_were_prepared_with_it(
    rows: list[tuple[str, str, str]],
) -> None:
    def forget() -> None:  # what is remembered of units is no matter here, and costly
        ranking._cached_rankings.clear()
        read_in_frame.cache_clear()

    def answers() -> list[object]:
        return [resolve_place(region=r, cercle=c, commune=k, frame="ml-2016") for r, c, k in rows]

    forget()
    alone = answers()
    forget()
    prefetch_places([PlaceRow(*row) for row in rows], "ml-2016")
    assert answers() == alone


def test_rankings_that_would_fill_the_memory_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "_KEPT", 3)
    scope = units_in_scope("region", None, "ml-2016")
    for text in ("Zorg", "Blip", "Trux", "Plof"):
        assert len(nearest_units(text, scope, "ml-2016")) == ranking.MOST_RANKED
    assert len(ranking._cached_rankings) <= 3


def test_a_thousand_rows_of_unknown_places_ask_for_few_comparisons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    rows_of = ranking._ranking_rows

    def counted(queries, among, frame):  # type: ignore[no-untyped-def]
        asked.append(len(queries))
        return rows_of(queries, among, frame)

    monkeypatch.setattr(ranking, "_ranking_rows", counted)
    rows = [PlaceRow("Mopti", f"Blip{n}", f"Trux{n}") for n in range(1000)]
    for start in range(0, 1000, 500):
        prefetch_places(rows[start : start + 500], "ml-2016")
        for row in rows[start : start + 500]:
            resolve_place(
                region=row.region, cercle=row.cercle, commune=row.commune, frame="ml-2016"
            )
    assert len(asked) < 50
