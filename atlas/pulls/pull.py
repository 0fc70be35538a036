"""The kinds of servers that lists are pulled from, and one pull of any of them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from atlas.errors import UsageError
from atlas.geo.hdx import BASE
from atlas.i18n import _
from atlas.ingest.files.pulled_workbook import PulledForm, pulled_form_in
from atlas.ingest.files.workbooks import read_workbook
from atlas.pulls.activityinfo import pull_activityinfo
from atlas.pulls.hdx import pull_hdx
from atlas.pulls.iati import pull_iati
from atlas.pulls.kobo import pull_kobo
from atlas.pulls.pulled_file import PulledFile, name_part
from atlas.pulls.remote_server import RemoteServer
from atlas.store import Store
from atlas.store.merge import without_pull_moment
from atlas.transfers import FetchTimeouts, is_offline, offline_error

PATIENCE = FetchTimeouts(silence=60, whole=1800, pause=2, tries=5)
"""Six tries, a minute in all unless the server asks for more; half an hour for a whole pull."""


class PullRequest(NamedTuple):
    """What a person asks for.

    Attributes
    ----------
    kind
        One of `KINDS`.
    of
        Form, dataset or query.
    server
        Its address; "" for the one that the environment or the kind names.
    resource
        File of the dataset, where it has several.
    """

    kind: str
    of: str
    server: str = ""
    resource: str = ""


EarlierForm = Callable[[RemoteServer], PulledForm | None]


@dataclass(frozen=True)
class ServerKind:
    """A kind of server.

    Attributes
    ----------
    pull
        What brings the file; the form of the pull before is looked up where it is needed.
    address_variable, address
        Variable of the environment with its address, and its usual one ("": there is none).
    secret_variable, secret_header
        Variable with its secret, and the header that it goes in, ``{}`` standing for it.
    """

    pull: Callable[[RemoteServer, PullRequest, EarlierForm], PulledFile]
    address_variable: str
    address: str = ""
    secret_variable: str = ""
    secret_header: tuple[str, str] = ("", "")


KINDS = {
    "kobo": ServerKind(
        address_variable="ATLAS_KOBO_URL",
        secret_variable="ATLAS_KOBO_TOKEN",
        secret_header=("Authorization", "Token {}"),
        pull=lambda server, asked, earlier: pull_kobo(server, asked.of, earlier(server)),
    ),
    "activityinfo": ServerKind(
        address_variable="ATLAS_ACTIVITYINFO_URL",
        address="https://www.activityinfo.org",
        secret_variable="ATLAS_ACTIVITYINFO_TOKEN",
        secret_header=("Authorization", "Bearer {}"),
        pull=lambda server, asked, earlier: pull_activityinfo(server, asked.of, earlier(server)),
    ),
    "hdx": ServerKind(
        address_variable="ATLAS_HDX_URL",
        address=BASE,
        pull=lambda server, asked, _earlier: pull_hdx(server, asked.of, asked.resource),
    ),
    "iati": ServerKind(
        address_variable="ATLAS_IATI_URL",
        address="https://api.iatistandard.org/datastore",
        secret_variable="ATLAS_IATI_KEY",
        secret_header=("Ocp-Apim-Subscription-Key", "{}"),
        pull=lambda server, asked, _earlier: pull_iati(server, asked.of),
    ),
}
"""By what a person types."""


def pulled_file(store: Store, asked: PullRequest) -> PulledFile:
    """What the server holds now, as a file; nothing is published or kept.

    Parameters
    ----------
    store
        Where the form of the pull before is looked up.

    Raises
    ------
    UsageError
        No such kind, no address, or a secret that is none.
    DownloadError
        Offline, or it cannot be had whole.
    """
    if asked.kind not in KINDS:
        raise UsageError(
            _("Serveur « {kind} » inconnu", kind=asked.kind),
            "",
            _("Choisissez parmi : {kinds}.", kinds=", ".join(KINDS)),
        )
    if is_offline():
        raise offline_error()
    kind = KINDS[asked.kind]
    address = asked.server or os.environ.get(kind.address_variable, "") or kind.address
    if not address:
        remedy = _("Dites-le avec --server ou {variable}.", variable=kind.address_variable)
        raise UsageError(_("Quel serveur {kind} ?", kind=asked.kind), "", remedy)
    patience = replace(PATIENCE, started=time.monotonic())
    server = RemoteServer(address, patience, kind.secret_variable, _secrets(kind))
    return kind.pull(server, asked, lambda at: earlier_form(store, asked, at))


def _secrets(kind: ServerKind) -> dict[str, str]:
    """The header with the secret; empty where the environment holds none."""
    secret = os.environ.get(kind.secret_variable, "").strip() if kind.secret_variable else ""
    if not re.fullmatch(r"[!-~]*", secret):  # what http.client would refuse, and show
        raise UsageError(
            _("{variable} n'est pas un jeton", variable=kind.secret_variable),
            _("il contient des blancs ou des signes spéciaux"),
            _("Copiez-le de nouveau."),
        )
    name, words = kind.secret_header
    return {name: words.format(secret)} if secret else {}


def earlier_form(store: Store, asked: PullRequest, server: RemoteServer) -> PulledForm | None:
    """The form as it was when it was last pulled into what is published; ``None``: never."""
    snapshot = store.current_snapshot()
    if snapshot is None:
        return None
    name = f"{asked.kind}-{name_part(server.host, asked.of)}.xlsx"
    files = snapshot.tables.documents.select("file", "document").drop_nulls().rows()
    ours = sorted((file, one) for file, one in files if without_pull_moment(file) == name)
    kept = store.raw_document(ours[-1][1]) if ours else None
    return pulled_form_in(read_workbook(Path(ours[-1][0]), kept.content).sheets) if kept else None
