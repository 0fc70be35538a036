"""What the import page proposes for a column it does not know."""

from atlas.i18n import language_context
from atlas.web.imports.file_card import _proposal_button


def test_a_proposal_names_its_whole_field_in_either_language() -> None:
    column = {"heading": "Code projt", "near": "code"}
    said = []
    for lang in ("fr", "en"):
        with language_context(lang):
            button = _proposal_button(column)
            assert button is not None
            said.append(button.to_plotly_json()["props"]["aria-label"])
    assert said[0].endswith("Code du projet")
    assert said[1].endswith("Project code")
