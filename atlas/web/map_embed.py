"""The map of the page alone, for a frame of another site: legend, sources, dates, disclaimer.

It is the public view whoever asks, and a picture: it runs no script and fetches nothing.
"""

from __future__ import annotations

import os
import re
from html import escape
from urllib.parse import quote

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.web.map_picture import map_words
from atlas.web.page_state import PageScene

EMBED_PATH = "/embed"
ORIGINS = "ATLAS_EMBED_ORIGINS"
_ORIGIN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:\d{1,5})?", re.IGNORECASE)
_PLAIN_IN_AN_ADDRESS = " =/;,.()'!*?&+@$"
_STYLE = """
:root { color-scheme: light; }
body { margin: 0; padding: 12px; background: #fff; color: #333; font: 14px/1.4 sans-serif; }
h1 { margin: 0 0 4px; color: #144372; font-size: 18px; }
p { margin: 4px 0; color: #595959; }
main { display: flex; flex-wrap: wrap; gap: 12px; align-items: flex-start; }
main > img { flex: 1 1 320px; min-width: 0; max-width: min(100%, 95vh); height: auto; }
section { flex: 0 1 240px; }
h2 { margin: 0 0 6px; color: #144372; font-size: 14px; }
ul { margin: 0; padding: 0; list-style: none; }
li { display: flex; gap: 8px; align-items: center; margin: 3px 0; }
li img { flex: none; width: 28px; height: 16px; }
footer { margin-top: 8px; border-top: 1px solid #d9d9d9; font-size: 11px; }
a { color: #1f69b3; }
"""


def embed_origins() -> tuple[str, ...]:
    """Sites that may show the map in a frame (``ATLAS_EMBED_ORIGINS``); none unless named.

    Raises
    ------
    UsageError
        One of them is no origin.
    """
    words = _named_origins()
    for word in words:
        if not _ORIGIN.fullmatch(word):
            raise UsageError(
                _("{name} « {said} » illisible", name=ORIGINS, said=word),
                "",
                _("Écrivez des origines : https://www.example.org."),
            )
    return words


def frame_ancestors(path: str) -> str:
    """Who may show an address in a frame, as a Content-Security-Policy says it."""
    known = [word for word in _named_origins() if _ORIGIN.fullmatch(word)]
    return " ".join(known) if path == EMBED_PATH and known else "'none'"


def _named_origins() -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[,\s]+", os.environ.get(ORIGINS, ""))))


def embed_page(scene: PageScene) -> str:
    """The page of the frame."""
    told = map_words(scene)
    legend = "".join(
        f'<li><img src="{escape(svg_address(one["svg"]))}" alt="">'
        f"<span>{escape(one['text'])}</span></li>"
        for one in told["legend"]
    )
    title = escape(told["title"])
    query = escape(scene.view.to_query())
    whole = escape(_("Ouvrir l'atlas"))
    return f"""<!DOCTYPE html>
<html lang="{told["lang"]}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{title}</h1>
{_paragraphs(told["notes"])}
<main>
<img src="{escape(svg_address(told["map"]))}" alt="{title}">
<section><h2>{escape(told["label"])}</h2><ul>{legend}</ul>
{_paragraphs(told["method"])}</section>
</main>
<footer>{_paragraphs(told["sources"])}
<p>{escape(told["author"])} · <a href="/?{query}" target="_blank">{whole}</a></p></footer>
</body>
</html>
"""


def _paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)


def svg_address(svg: str) -> str:
    """A picture as the address of an image, so that nothing is fetched."""
    return f"data:image/svg+xml,{quote(svg, safe=_PLAIN_IN_AN_ADDRESS)}"
