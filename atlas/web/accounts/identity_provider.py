"""Sign-in by an OpenID Connect provider, through Authlib (``pip install atlas-mali[oidc]``).

The provider says who somebody is; what they may do is their account here, opened by its name.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

from flask import Flask, session, url_for
from werkzeug.wrappers import Response

from atlas.errors import AtlasError, ForbiddenError, UsageError
from atlas.i18n import _
from atlas.store.accounts import Accounts
from atlas.web.visitors import is_https

ISSUER, CLIENT, SECRET = "ATLAS_OIDC_ISSUER", "ATLAS_OIDC_CLIENT", "ATLAS_OIDC_SECRET"
CLAIM = "ATLAS_OIDC_CLAIM"
"""Variable that names the claim an account is known by (default: ``email``)."""
_THEN = "atlas-then"


@dataclass(frozen=True)
class IdentityProvider:
    """The provider that the operator names.

    Attributes
    ----------
    client
        Authlib's, of this application.
    """

    client: Any

    @staticmethod
    def is_named() -> bool:
        """Whether the operator names one."""
        return bool(os.environ.get(ISSUER, "").strip())

    @staticmethod
    def prepare(server: Flask, accounts: Accounts) -> bool:
        """Have the cookie signed that lives while somebody is at the provider.

        Returns
        -------
        bool
            Whether the request that does it must be asked again: Flask opened its session before.
        """
        if server.secret_key:
            return False
        server.secret_key = accounts.secret("cookies")
        server.config.update(SESSION_COOKIE_NAME="atlas_provider", SESSION_COOKIE_SAMESITE="Lax")
        return True

    @classmethod
    def of(cls, server: Flask) -> IdentityProvider:
        """The provider as this application speaks to it.

        Raises
        ------
        UsageError
            None is named, or Authlib is not installed.
        """
        if not cls.is_named():
            raise UsageError(
                _("Pas de fournisseur d'identité"), "", _("Nommez-le par {name}.", name=ISSUER)
            )
        try:
            from authlib.integrations.flask_client import OAuth  # an extra, and slow to load
        except ImportError as error:
            raise UsageError(
                _("Fournisseur d'identité non joignable"),
                _("Authlib n'est pas installé"),
                "pip install 'atlas-mali[oidc]'",
            ) from error
        issuer = os.environ[ISSUER].strip().rstrip("/")
        client = OAuth(server).register(
            "provider",
            client_id=os.environ.get(CLIENT, ""),
            client_secret=os.environ.get(SECRET, ""),
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
        )
        return cls(client)

    def redirection(self, then: str) -> Response:
        """Send the browser to the provider.

        Parameters
        ----------
        then
            Address within the atlas that is opened once it is back.
        """
        session[_THEN] = then
        scheme = "https" if is_https() else "http"
        back = url_for("account.back", _external=True, _scheme=scheme)
        with_errors: Response = self._answered(lambda: self.client.authorize_redirect(back))
        return with_errors

    def signed_in_name(self) -> tuple[str, str]:
        """Name of the account that the provider vouches for, and where to go on.

        Raises
        ------
        ForbiddenError
            Its answer is not one to what was asked, or names nobody it has verified.
        """
        then = str(session.pop(_THEN, "/"))
        token = self._answered(self.client.authorize_access_token)
        claims = token.get("userinfo") or {}
        claim = os.environ.get(CLAIM, "").strip() or "email"
        name = claims.get(claim)
        if not isinstance(name, str) or not name:
            raise ForbiddenError(
                _("Connexion refusée"),
                _("le fournisseur d'identité ne dit pas « {claim} »", claim=claim),
            )
        if claim == "email" and claims.get("email_verified") is not True:
            raise ForbiddenError(
                _("Connexion refusée"),
                _("le fournisseur d'identité n'a pas vérifié l'adresse {name}", name=name[:120]),
            )
        return name, then

    @staticmethod
    def _answered(ask: Any) -> Any:
        """What the provider answers; that it does not, or not as it should, is one sentence."""
        from authlib.common.errors import AuthlibBaseError
        from joserfc.errors import JoseError
        from requests import RequestException

        try:
            return ask()
        except AtlasError:
            raise
        except (AuthlibBaseError, JoseError) as error:
            why = str(getattr(error, "error", "") or error)
            raise ForbiddenError(_("Connexion refusée"), why[:120], _("Recommencez.")) from error
        except (RequestException, ValueError, RuntimeError, KeyError) as error:
            # Authlib raises plain errors where a description or key of the provider is malformed.
            logging.getLogger(__name__).warning("identity provider", exc_info=error)
            raise AtlasError(
                _("Fournisseur d'identité non joignable"),
                type(error).__name__,
                _("Réessayez, ou connectez-vous par mot de passe."),
            ) from error
