"""A server that lists are pulled from: its address, its secret, how much it may send in all."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from atlas.errors import UsageError
from atlas.i18n import _
from atlas.ingest.files.admission import MAX_BYTES
from atlas.transfers import (
    DownloadError,
    FetchTimeouts,
    RemoteRequest,
    TooLargeError,
    fetch_bytes,
)

_SHOWN = 200
"""Letters of what a server says that are shown."""


@dataclass
class RemoteServer:
    """One server, for one pull.

    Attributes
    ----------
    address
        Where its paths begin.
    variable
        Variable of the environment that holds its secret; "" where it asks for none.
    secrets
        Headers with the secret: they go to this server alone.
    left
        Bytes that may still come.
    """

    address: str
    patience: FetchTimeouts
    variable: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    left: int = MAX_BYTES

    def __post_init__(self) -> None:
        self.address = self.address.rstrip("/")
        parts = urlsplit(self.address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise UsageError(
                _("Adresse de serveur refusée"),
                _("ce n'est pas https://serveur, ou elle porte un mot de passe"),
                _("Le secret va dans une variable d'environnement."),
            )

    @property
    def host(self) -> str:
        """Its name, and port where there is one."""
        return urlsplit(self.address).netloc

    def content(self, path: str, body: object = None, accept: str = "*/*") -> bytes:
        """What it answers at a path below its address, or at the address of a file elsewhere.

        Raises
        ------
        DownloadError
            It cannot be had: the server, what it said, what to do. No secret stands in it.
        """
        url = path if urlsplit(path).scheme else self.address + path
        headers = {"Accept": accept} | ({"Content-Type": "application/json"} if body else {})
        ours = urlsplit(url)[:2] == urlsplit(self.address)[:2]
        asked = RemoteRequest(
            headers,
            self.secrets if ours else {},
            json.dumps(body).encode() if body else None,
            limit=self.left,
        )
        try:
            found = fetch_bytes(url, asked, self.patience)
        except DownloadError as error:
            raise self._error_to_act_on(error) from None
        self.left -= len(found)
        return found

    def json(self, path: str, body: object = None) -> dict[str, Any]:
        """The JSON object it answers at a path; raises as `content` does, or where it is none."""
        try:
            found = json.loads(self.content(path, body, "application/json"))
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise self.unexpected_answer()
        return found

    def path_of(self, link: str) -> str:
        """The path of a link that it gave to a further page, which must be its own."""
        whole = urlsplit(urljoin(self.address + "/", link))
        base = urlsplit(self.address)
        if whole.netloc != base.netloc or not whole.path.startswith(base.path + "/"):
            raise self.unexpected_answer()
        return whole._replace(scheme="", netloc="").geturl().removeprefix(base.path)

    def unexpected_answer(self) -> DownloadError:
        """The error of an answer of another form than its interface says."""
        return DownloadError(
            _("{url} : réponse inattendue", url=self.host),
            _("ce n'est pas ce que dit son interface"),
            _("Vérifiez l'adresse du serveur et l'identifiant. Rien n'a été publié."),
        )

    def _error_to_act_on(self, error: DownloadError) -> DownloadError:
        remedies = {
            401: _("Vérifiez le jeton ({variable}).", variable=self.variable or "—"),
            403: _("Le jeton ({variable}) n'en a pas le droit.", variable=self.variable or "—"),
            404: _("Vérifiez l'identifiant, l'adresse du serveur et les droits du jeton."),
            429: _("Le serveur limite les demandes : relancez plus tard."),
        }
        remedy = remedies.get(error.status or 0) or _("Vérifiez l'adresse, ou relancez plus tard.")
        if isinstance(error, TooLargeError):
            remedy = _("Demandez moins à la fois : un extrait, ou un autre fichier.")
        why, said = error.why, self._without_secrets(error.said)
        why += f" (« {said} »)" if said else ""
        return DownloadError(error.what, why, remedy + " " + _("Rien n'a été publié."))

    def _without_secrets(self, text: str) -> str:
        words = {word for secret in self.secrets.values() for word in (secret, secret.split()[-1])}
        for word in sorted(words, key=len, reverse=True):
            text = text.replace(word, "…")
        return re.sub(r"\s+", " ", text)[:_SHOWN].strip()
