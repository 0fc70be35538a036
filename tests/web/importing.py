"""What the tests of the import page have in common: a store, an editor's server, a draft."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

OURS = {"X-Atlas": "1"}
LIST = """Titre;Région;Cercle;Partenaire;Budget (USD);Début
Forage de Dourou;Mopti;Bandiagara;Oxfam;12 000;01/02/2024
École de Sévaré;Mopti;Mopti;UNICEF;45 000;15/03/2024
"""
ODD = """Titre;Région;Acteur inconnu au bataillon;Teinte
Forage de Dourou;Mopti;Oxfam;bleu
"""
Send = Callable[..., dict[str, Any]]


def settled(editor: FlaskClient, draft: str) -> list[str]:
    """States of the files once none is waiting any more."""
    for _attempt in range(200):
        states = [one["state"] for one in editor.get(f"/import/{draft}").get_json()["files"]]
        if not {"waiting", "reading"} & set(states):
            return states
        time.sleep(0.05)
    raise AssertionError(states)


def tell(editor: FlaskClient, draft: str, **words: Any) -> dict[str, Any]:
    return dict(editor.post(f"/import/{draft}/files/001", json=words, headers=OURS).get_json())
