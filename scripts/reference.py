"""Write ``docs/reference.md``: what the code itself says of its commands, variables and codes.

``--check`` writes nothing, and fails where the page is not what would be written.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference.md"
WIDTH = 96
HEAD = """\
# Reference

Written by `make reference` from the code: edit nothing here. What the commands are for is in
[Commands](commands.md).
"""
VARIABLES = {
    "ATLAS_HOME": "Folder of this user's store and boundaries; else the platform's own for users.",
    "ATLAS_STORE": "Folder of the store, where no `--store` names one.",
    "ATLAS_GEODATA": "Folder of installed boundaries and localities, where it lies elsewhere.",
    "ATLAS_DATABASE_URL": "Database of decisions instead of `decisions.sqlite` in the store, as "
    "SQLAlchemy writes it (`postgresql+psycopg://…`).",
    "ATLAS_SOURCES": "Folder of further sources ([Add a source](add-a-source.md)).",
    "ATLAS_LANG": "`fr` (default) or `en`, for the terminal.",
    "ATLAS_OFFLINE": "`1`: nothing is ever asked of the network.",
    "ATLAS_HDX_URL": "Mirror of the CKAN API instead of `https://data.humdata.org`.",
    "ATLAS_KOBO_URL": "KoBo server of `atlas pull kobo`, where no `--server` names one.",
    "ATLAS_KOBO_TOKEN": "Its token; sent to that server alone, never printed or kept.",
    "ATLAS_ACTIVITYINFO_URL": "ActivityInfo server instead of `https://www.activityinfo.org`.",
    "ATLAS_ACTIVITYINFO_TOKEN": "Personal token of ActivityInfo; sent to that server alone.",
    "ATLAS_IATI_URL": "IATI Datastore instead of `https://api.iatistandard.org/datastore`.",
    "ATLAS_IATI_PUBLISHER": "Who publishes what `atlas export iati` writes: identifier of the "
    "organisation in IATI, `;`, its name (`XM-DAC-41114; PNUD`).",
    "ATLAS_IATI_KEY": "Subscription key of the IATI Datastore; sent to that server alone.",
    "ATLAS_HOSTS": "Further names by which the page may be asked for, without port, separated by "
    "spaces or commas.",
    "ATLAS_PROXY_VIEWER": "`public`, `partner` or `editor`: who those are that come through a "
    "proxy; else the public view.",
    "ATLAS_METRICS_TOKEN": "Token with which a monitor may ask for `/metrics`; without "
    "one nobody may.",
    "ATLAS_LOG": "`json`: a line of JSON for each answer, without addresses or names.",
    "ATLAS_PROXIES": "Addresses or networks of proxies whose word counts: for whom they ask "
    "(`X-Forwarded-For`), whether over TLS, and who is signed in (`ATLAS_PROXY_USER`).",
    "ATLAS_PROXY_USER": "Header in which such a proxy names the account that it has signed in.",
    "ATLAS_PUBLIC_ADDRESS": "Address by which people open the page, for the links of accounts.",
    "ATLAS_AUDIT_DAYS": "How many days the audit keeps what was seen and exported (400).",
    "ATLAS_OIDC_ISSUER": "Address of an OpenID Connect provider that signs people in.",
    "ATLAS_OIDC_CLIENT": "Name of this application there.",
    "ATLAS_OIDC_SECRET": "Its secret there.",
    "ATLAS_OIDC_CLAIM": "Claim by which an account is known (`email`, which must be verified).",
    "ATLAS_SMTP_URL": "Mail server for `atlas rounds remind --send`: "
    "`smtp://user:password@host:587`, or `smtps://…`.",
    "ATLAS_EMBED_ORIGINS": "Sites that may show `/embed` in a frame "
    "(`https://www.example.org`), separated by spaces or commas; none unless named. It is the "
    "public view whoever asks.",
    "ATLAS_TILES": "Address of map tiles (`…/{z}/{x}/{y}.png`) to draw under the map; off unless "
    "set: the page asks nobody else for anything.",
    "ATLAS_TILES_CREDIT": "Whom to name for the tiles.",
    "ATLAS_VIEWER": "Set by `atlas serve` for its workers: who asks where no proxy is in front.",
    "ATLAS_ADDRESS": "Set by `atlas serve` for its workers: the address that is announced.",
    "ATLAS_FUZZ_REQUESTS": "Tests: how many requests at random are made as each role (120).",
    "ATLAS_SHARED": "Tests and benchmarks: folder of the real documents, where they are at hand.",
}
"""What each variable of the environment is for; one that is not here fails the script."""


def variables_in_code(folders: Iterable[str] = ("atlas", "benchmarks", "tests")) -> set[str]:
    """Variables of the environment that the code names, as whole texts."""
    return {
        node.value
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"ATLAS(?:_[A-Z]+)+", node.value)
    }


def commands_by_name() -> dict[str, Any]:
    """Every command of ``atlas`` and every group of them, by what a person types."""
    from typer.main import get_command

    from atlas.cli.command import app

    def below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for verb, one in getattr(command, "commands", {}).items():
            yield from below(f"{name} {verb}", one)

    return dict(below("atlas", get_command(app)))


def help_text(name: str, command: Any) -> str:
    """What ``--help`` of a command says, without frames and colours."""
    command.rich_markup_mode = None
    context = command.make_context(
        name, [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH
    )
    lines = command.get_help(context).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


def table_lines(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Lines of a table of Markdown."""
    lines = [heading, ["---"] * len(heading), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def reference_page() -> str:
    """The whole page, in English."""
    from atlas.findings import CODES, remedy_of
    from atlas.i18n import _
    from atlas.web.explanations import TERMS
    from atlas.web.indicators import MAP_INDICATORS

    def sentence(french: str) -> str:
        return _(french) if french else ""  # gettext answers "" with the head of its catalog

    lines = [HEAD, "## Commands", ""]
    for name, command in commands_by_name().items():
        lines += [f"### `{name}`", "", "```text", help_text(name, command), "```", ""]
    names = sorted(variables_in_code())
    rows = [(f"`{one}`", VARIABLES[one]) for one in names]
    lines += ["## Environment variables", "", *table_lines(("variable", "what for"), rows), ""]
    rows = [
        (
            f"`{key}`",
            _(one.label),
            _(one.title),
            f"`{one.layer}.{one.column}`",
            _(one.how),
            sentence(one.method),
        )
        for key, one in MAP_INDICATORS.items()
    ]
    heading = ("indicator", "in the menu", "title of the map", "value", "how it is computed",
               "how to read the colours")  # fmt: skip
    lines += ["## Indicators of the map", "", *table_lines(heading, rows), ""]
    words = [(_(word), _(meaning)) for word, meaning in TERMS.values()]
    lines += ["## Words of the page", "", *table_lines(("word", "meaning"), words), ""]
    rows = [
        (f"`{code}`", kind.severity, _(kind.sentence), remedy_of(code))
        for code, kind in sorted(CODES.items())
    ]
    heading = ("code", "severity", "sentence", "what to do")
    lines += ["## Finding codes", "", *table_lines(heading, rows), ""]
    return "\n".join(lines)


def main() -> int:
    """Write the page, or look whether it is current."""
    os.environ["ATLAS_LANG"] = "en"  # the commands take their words when they are loaded
    page = reference_page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(page, encoding="utf-8")
    current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page
    if not current:
        print("docs/reference.md is not what the code says: make reference", file=sys.stderr)
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
