"""Signing in by OpenID Connect: Authlib's authorization code flow with PKCE, and tokens checked by the provider's keys.

What the flow needs to remember is in the visitor's signed cookie; keys and endpoints come from the provider's discovery
document. A token counts where a key of the provider signed it, for this issuer, audience and moment; one claim of it
names the person, and nothing else of it is used.
"""

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from authlib.integrations.base_client.errors import MismatchingStateError, OAuthError
from authlib.integrations.starlette_client import StarletteIntegration, StarletteOAuth2App
from authlib.oidc.core import UserInfo
from fastapi import Request
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from pydantic import TypeAdapter, ValidationError
from starlette.responses import Response

from assent.api.base import Username
from assent.portal.settings import Oidc, loopback

logger = logging.getLogger(__name__)

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures that only the provider can make: none that a shared secret makes, and no unsigned token."""
LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ."""
FRESH: Final = 3600.0
"""Seconds after which the provider's keys are fetched again: one that was taken back is believed no longer."""
PATIENCE: Final = 10.0
"""Seconds to wait for the provider."""
SELDOM: Final = 10.0
"""Seconds between two fetches because of an unknown key: made-up tokens must not make us a burden to the provider."""
KINDS: Final = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
"""`typ` of ID and access tokens; a logout token is neither."""
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
USED: Final = ("issuer", *ENDPOINTS, "end_session_endpoint")
"""What of the discovery document is used; the rest of it would become options of the HTTP client."""

Word = Literal["Denied", "Stale", "Untrusted", "Unverified", "Unusable", "Unreachable", "Refused"]
USERNAME: Final[TypeAdapter[str]] = TypeAdapter(Username)


class SignInError(Exception):
    """Nobody was signed in; the word says why, and the page has a sentence for it."""

    def __init__(self, word: Word) -> None:
        super().__init__(word)
        self.word = word


class Provider(StarletteOAuth2App):
    """The provider, as the panel deals with it."""

    def __init__(self, settings: Oidc, now: Callable[[], datetime]) -> None:
        own = settings.authorities
        self._verify = ssl.create_default_context(cafile=own) if own else True
        self._discovery = f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration"
        super().__init__(
            StarletteIntegration("assent"),
            name="assent",
            client_id=settings.client_id,
            server_metadata_url=self._discovery,
            client_kwargs={
                "scope": " ".join(settings.scopes),
                "code_challenge_method": "S256",
                "timeout": PATIENCE,
                "verify": self._verify,
                "token_endpoint_auth_method": "client_secret_basic" if settings.client_secret_file else "none",
            },
        )
        self.settings = settings
        self.now = now
        self.seldom = SELDOM
        self.fetched = self.asked = -FRESH

    async def begin(self, request: Request, callback: str) -> Response:
        """The redirect to the provider's page."""
        try:
            response: Response = await self.authorize_redirect(request, callback)
        except Exception as error:
            raise _noted(error) from error
        return response

    async def finish(self, request: Request) -> str:
        """Who the provider says came back; raises SignInError."""
        if request.query_params.get("iss", self.settings.issuer) != self.settings.issuer:
            raise SignInError("Stale")
        try:
            self.client_secret = self._secret()
            token: dict[str, Any] = await self.authorize_access_token(request)  # type: ignore[no-untyped-call]
        except Exception as error:
            raise _noted(error) from error
        if "userinfo" not in token:
            raise SignInError("Untrusted")
        return self.username(token["userinfo"])

    def _secret(self) -> str | None:
        """Read at each sign-in: a Secret that is renewed needs no new start."""
        path = self.settings.client_secret_file
        return path.read_text(encoding="utf-8").strip() if path else None

    async def goodbye(self, back: str) -> str:
        """The address that ends the session at the provider too; empty where it has none, or cannot be asked."""
        try:
            if not (await self.load_server_metadata()).get("end_session_endpoint"):
                return ""
            ends = await self.create_logout_url(post_logout_redirect_uri=back, client_id=self.client_id)
        except Exception as error:  # noqa: BLE001 -- whatever the provider answers, the panel's own session is over
            _noted(error)
            return ""
        return str(ends["url"])

    async def load_server_metadata(self) -> dict[str, Any]:
        """The discovery document: of this issuer, and with no step of the sign-in readable on the way."""
        found: dict[str, Any] = self.server_metadata
        if "_loaded_at" in found:
            return found
        async with self.client_cls(timeout=PATIENCE, verify=self._verify) as client:
            answer = await client.request("GET", self._discovery, withhold_token=True)
            answer.raise_for_status()
            said = {name: value for name, value in answer.json().items() if name in USED and isinstance(value, str)}
        insecure = [name for name in said if not _private(said[name])]
        if said.get("issuer") != self.settings.issuer or insecure or not all(name in said for name in ENDPOINTS):
            raise ValueError("the discovery document is not the issuer's, or names insecure endpoints")
        found.update(said, _loaded_at=time.time())
        return found

    async def parse_id_token(self, token: Mapping[str, Any], nonce: str, **_: object) -> UserInfo:  # type: ignore[override] # its own ways to check are not used
        """The claims of the ID token; Authlib asks for it before it gives the tokens out."""
        claims = await self.claims(str(token["id_token"]), self.client_id, nonce=nonce)
        if claims.get("azp", self.client_id) != self.client_id:
            raise SignInError("Untrusted")
        return UserInfo(claims)

    async def claims(self, token: str, audience: str, nonce: str = "") -> dict[str, Any]:
        """What the token says, where it may be believed; raises SignInError."""
        try:
            decoded = await self._decoded(token)
            self._demands(audience, nonce).validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            logger.info("a token was not accepted: %s", type(error).__name__)
            raise SignInError("Untrusted") from None
        if str(decoded.header.get("typ", "")).lower() not in KINDS or "events" in decoded.claims:
            raise SignInError("Untrusted")
        return decoded.claims

    def _demands(self, audience: str, nonce: str) -> jwt.JWTClaimsRegistry:
        """What every token has to say; one for the API belongs to no sign-in and has no nonce to compare."""
        fixed = {"iss": self.settings.issuer, "aud": audience} | ({"nonce": nonce} if nonce else {})
        demands: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in ("exp", "iat", "sub")}
        demands |= {name: {"essential": True, "value": value} for name, value in fixed.items()}
        return jwt.JWTClaimsRegistry(int(self.now().timestamp()), LEEWAY, **demands)

    async def _decoded(self, token: str) -> jwt.Token:
        """The token, its signature proven; an unknown key is looked for once more, since keys change."""
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        keys = await self._keys(again=time.monotonic() - self.fetched > FRESH)
        try:
            return jwt.decode(token, keys, registry=registry)
        except InvalidKeyIdError:
            if time.monotonic() - self.asked < self.seldom:
                raise
        self.asked = time.monotonic()
        return jwt.decode(token, await self._keys(again=True), registry=registry)

    async def _keys(self, *, again: bool) -> KeySet:
        """The provider's keys; SignInError where they cannot be had."""
        try:
            found = await self.fetch_jwk_set(force=again)
            keys = KeySet.import_key_set({"keys": [one for one in found["keys"] if one.get("use", "sig") == "sig"]})
        except Exception as error:
            raise _noted(error) from error
        if again:
            self.fetched = time.monotonic()
        return keys

    def username(self, claims: Mapping[str, Any]) -> str:
        """Who the claims name; an e-mail address only where the provider says that it is this person's."""
        value, verified = claims.get(self.settings.claim), claims.get("email_verified")
        doubtful = verified is False and value == claims.get("email")
        if (self.settings.claim == "email" and verified is not True) or doubtful:
            raise SignInError("Unverified")
        try:
            return USERNAME.validate_python(value, strict=True)
        except ValidationError:
            raise SignInError("Unusable") from None


def _private(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and loopback(parts.hostname))


def _noted(error: Exception) -> SignInError:
    """What went wrong, as people may read it; its text may hold codes and tokens, so only its kind is logged."""
    if isinstance(error, SignInError):
        return error
    logger.warning("the sign-in failed: %s", type(error).__name__)
    if isinstance(error, MismatchingStateError):
        return SignInError("Stale")
    if isinstance(error, OAuthError):
        return SignInError("Denied" if error.error == "access_denied" else "Refused")
    return SignInError("Unreachable")
