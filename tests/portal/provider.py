"""A real OpenID provider for the tests: Authlib's server, over loopback HTTP, in a thread of its own.

with Provider() as provider:
    provider.person = {"sub": "1", "email": "maria@acme.example", "email_verified": True}
    settings = Settings(public_url=…, oidc=provider.oidc(secret_file))

Discovery, authorization code with PKCE that it insists on, nonce, keys that rotate, RP-initiated logout. It asks nobody
for a password: whoever comes is `person`. `bent` is laid over the claims of every ID token, `denying` refuses
everybody, `failing` makes it answer 500 to the paths named there. With a certificate's file it speaks TLS.
"""

import secrets
import ssl
import threading
import time

import httpx
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc6749.errors import InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from assent.portal.settings import Oidc

CLIENT, SECRET = "panel", "s3cret-of-the-panel"


class Client(ClientMixin):
    """The panel, as the provider knows it."""

    def get_client_id(self):
        return CLIENT

    def get_default_redirect_uri(self):
        return None

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri.endswith("/signin/callback")

    def check_client_secret(self, client_secret):
        return secrets.compare_digest(client_secret, SECRET)

    def check_endpoint_auth_method(self, method, endpoint):
        return (method, endpoint) == ("client_secret_basic", "token")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code:
    """An authorization code, and whom and what it was given for."""

    def __init__(self, given, person):
        self.given, self.person = given, person
        self.code_challenge = given.get("code_challenge")
        self.code_challenge_method = given.get("code_challenge_method")

    def get_redirect_uri(self):
        return self.given["redirect_uri"]

    def get_scope(self):
        return self.given["scope"]

    def get_nonce(self):
        return self.given.get("nonce")

    def get_auth_time(self):
        return int(time.time())

    def get_acr(self):
        return None

    def get_amr(self):
        return None


class Challenge(CodeChallenge):
    """PKCE that nobody may leave out, and S256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant, redirect_uri):
        if not grant.request.payload.data.get("code_challenge"):
            raise InvalidRequestError("Missing 'code_challenge'")
        super().validate_code_challenge(grant, redirect_uri)


class Provider:
    """The provider, its one client, and whoever comes next."""

    def __init__(self, pem=None):
        self.anew().rotate()
        self._pem = pem
        tls = (str(pem), str(pem)) if pem else None
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True, ssl_context=tls)
        self.issuer = f"{'https' if pem else 'http'}://127.0.0.1:{self._server.server_port}"

    def anew(self):
        """The provider as it is at first, but for its key."""
        self.person = {"sub": "1", "email": "maria@acme.example", "email_verified": True}
        self.bent, self.denying, self.failing = {}, False, set()
        self.codes, self.asked = {}, []
        return self

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def oidc(self, folder, **settings):
        """What the panel is told of this provider."""
        path = folder / "client-secret"
        path.write_text(f"{SECRET}\n")
        return Oidc(**{"issuer": self.issuer, "client_id": CLIENT, "client_secret_file": path, **settings})

    def led(self, address):
        """Where the provider's page leads somebody who comes there by this address."""
        answer = httpx.get(address, verify=ssl.create_default_context(cafile=self._pem) if self._pem else True)
        assert 302 == answer.status_code, answer.text
        return answer.headers["location"]

    def rotate(self):
        """Another key from now on; the one before is taken back."""
        self.key = RSAKey.generate_key(2048, auto_kid=True)

    def token(self, *, key=None, header=None, **claims):
        """A token for a script; by default one that is good."""
        now = int(time.time())
        said = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, **self.person, **claims}
        key = key or self.key
        header = {"alg": "RS256", "kid": key.kid} | (header or {})
        return jwt.encode(
            header, {name: value for name, value in said.items() if value is not None}, key, [header["alg"]]
        )

    def _app(self):
        app = Flask("provider")
        server = AuthorizationServer(app, query_client=self._client, save_token=lambda token, request: None)
        server.init_app(app)
        server.register_grant(self._grant(), [Challenge(), self._ids()])

        @app.before_request
        def note():
            self.asked.append(request.path)
            return ("out of order", 500) if request.path in self.failing else None

        @app.get("/.well-known/openid-configuration")
        def discovery():
            return jsonify(self.discovery())

        @app.get("/jwks")
        def jwks():
            return jsonify({"keys": [self.key.as_dict(private=False, use="sig")]})

        @app.get("/authorize")
        def authorize():
            try:
                grant = server.get_consent_grant(end_user=self.person)
            except OAuth2Error as error:
                return jsonify(dict(error.get_body())), 400
            return server.create_authorization_response(grant_user=None if self.denying else self.person, grant=grant)

        @app.post("/token")
        def token():
            return server.create_token_response()

        @app.get("/end")
        def end():
            return redirect(request.args["post_logout_redirect_uri"])

        return app

    def discovery(self):
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }

    def _client(self, name):
        return Client() if name == CLIENT else None

    def _grant(provider):  # noqa: N805 -- the class in it is the grant's own `self`
        class Grant(grants.AuthorizationCodeGrant):
            TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

            def save_authorization_code(self, code, request):
                provider.codes[code] = Code(dict(request.payload.data), request.user)

            def query_authorization_code(self, code, client):
                return provider.codes.get(code)

            def delete_authorization_code(self, authorization_code):
                provider.codes = {name: one for name, one in provider.codes.items() if one is not authorization_code}

            def authenticate_user(self, authorization_code):
                return authorization_code.person

        return Grant

    def _ids(provider):  # noqa: N805 -- the same
        class Ids(OpenIDCode):
            def exists_nonce(self, nonce, request):
                return any(nonce == one.get_nonce() for one in provider.codes.values())

            def resolve_client_private_key(self, client):
                return provider.key

            def get_client_algorithm(self, client):
                return "RS256"

            def get_client_claims(self, client):
                return {"iss": provider.issuer}

            def get_encode_header(self, client):
                return {"alg": "RS256", "kid": provider.key.kid}

            def generate_user_info(self, user, scope):
                return {**user, **provider.bent}

        return Ids(require_nonce=True)
