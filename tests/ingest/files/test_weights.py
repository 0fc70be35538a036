"""What the texts of a workbook weigh in memory, known before they are there."""

from __future__ import annotations

import pytest

from atlas.ingest.files.packages import CellTexts, weight_of_texts

LONG = b"<si><t>" + b"x" * 993


def test_a_text_right_behind_the_edge_of_a_piece_is_weighed() -> None:
    """A piece is cut behind a tag: the text of the cell that it cuts stands first in the next."""
    texts = CellTexts()
    texts.add_piece(b'<row><c t="inlineStr"><is><t>', "sheet1", is_sheet=True)
    texts.add_piece(b"x" * 1000 + b"</t></is></c>", "sheet1", is_sheet=True)
    assert texts.own == 750


def test_short_texts_weigh_nothing_however_many_cells_point_to_them() -> None:
    texts = CellTexts()
    texts.add_piece(b"<si><t>" + b"x" * 200, "sharedStrings", is_sheet=False)
    texts.add_piece(b'<c t="s"><v>0</v></c>' * 4_000_000, "sheet1", is_sheet=True)
    assert not texts.may_weigh_too_much()


@pytest.mark.parametrize(
    "cell",
    [
        b'<c r="A1" t="s"><v>0</v></c>',
        b"<c r='A1' t='s'><v>0</v></c>",
        b'<x:c r="A1" t = "s"><x:v>0</x:v></x:c>',
        b'<c t="s" r="A1"><v xml:space="preserve"> 0</v></c>',
    ],
)
def test_a_cell_points_to_its_text_however_it_is_written(cell: bytes) -> None:
    usual = b'<c r="B1" t="s"><v>0</v></c>'
    assert weight_of_texts([LONG], [usual + cell]) == 2 * 750
