"""Who a script is: a bearer token of the same provider, by the same keys and claim; and answers to programs."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from assent.portal.oidc import Provider, SignInError
from assent.portal.panel import panel_of
from assent.portal.rates import spend
from assent.portal.sessions import Person, Suspended, named

MEDIA_TYPE: Final = "application/problem+json"
CHALLENGE: Final = 'Bearer realm="assent"'
LONGEST: Final = 16 * 1024
"""Characters of a token: more is none."""
WHY: Final = {
    "Unverified": "the provider does not say that the token's e-mail address is verified",
    "Unusable": "the token names nobody by the claim that this panel goes by",
    "Unreachable": "the token cannot be checked: the provider's keys cannot be fetched",
}
"""What is said of a token; whatever else is wrong with it is not told apart."""


class ApiError(Exception):
    """A refusal to a program: an answer of problem details (RFC 9457).

    Args:
        status: the HTTP status.
        detail: what is wrong, in a sentence.
        headers: what the answer carries besides.
    """

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}


def problem(status: int, detail: str, headers: dict[str, str] | None = None, **more: Any) -> Response:  # noqa: ANN401 -- JSON
    """An answer of problem details."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail, **more}
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def _unauthorized(detail: str, error: str = "") -> ApiError:
    challenge = f'{CHALLENGE}, error="{error}", error_description="{detail}"' if error else CHALLENGE
    return ApiError(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": challenge})


async def bearer(request: Request) -> Person:
    """Who the token of the request speaks for; raises ApiError."""
    provider: Provider | None = request.app.state.provider
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized("send a token of the sign-in's provider: Authorization: Bearer …")
    if provider is None:
        raise _unauthorized("this panel has no provider that a token could be of", "invalid_token")
    if len(token) > LONGEST or not token.isascii():
        raise _unauthorized("the token is not accepted", "invalid_token")
    username = await _username(provider, token.strip())
    try:
        me = await run_in_threadpool(lambda: named(panel_of(request).seen().world, username))
    except Suspended:
        raise ApiError(HTTPStatus.FORBIDDEN, "whoever the token speaks for is suspended") from None
    spend(request, "api", me)
    return me


async def _username(provider: Provider, token: str) -> str:
    audience = provider.settings.api_audience or provider.settings.client_id
    try:
        return provider.username(await provider.claims(token, audience))
    except SignInError as error:
        if error.word == "Unreachable":
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, WHY[error.word], {"Retry-After": "10"}) from None
        raise _unauthorized(WHY.get(error.word, "the token is not accepted"), "invalid_token") from None


ApiMe = Annotated[Person, Depends(bearer)]


async def api_error(_request: Request, error: Exception) -> Response:
    """The answer to a program that is refused."""
    if not isinstance(error, ApiError):
        raise error
    return problem(error.status, error.detail, error.headers)


def install(app: FastAPI) -> None:
    """Gives the app its provider, and the form of its refusals to programs."""
    panel = app.state.panel
    oidc = panel.settings.oidc
    app.state.provider = Provider(oidc, panel.now) if oidc else None
    app.add_exception_handler(ApiError, api_error)
