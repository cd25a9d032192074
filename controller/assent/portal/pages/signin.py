"""Signing in and out: by the OpenID provider, or from the demo's list of people."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from assent.core.world import World
from assent.portal.forgery import Forged, csrf_of, foreign
from assent.portal.oidc import Provider, SignInError, Word
from assent.portal.panel import panel_of
from assent.portal.rendering import render
from assent.portal.sessions import living
from assent.portal.settings import loopback, origin
from assent.portal.signing import MaybeMe, forget, issue, local, open_csrf, revoke, revoke_all

router = APIRouter()

NEXT: Final = "next"
FORWARDED: Final = ("forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-", "x-envoy-")
"""How a header begins that a proxy adds: behind one, a loopback address says nothing of who asks."""
STATUS: Final[Mapping[Word, HTTPStatus]] = {
    "Unreachable": HTTPStatus.BAD_GATEWAY,
    "Unverified": HTTPStatus.FORBIDDEN,
    "Unusable": HTTPStatus.FORBIDDEN,
}
"""What a sign-in that failed is answered with; 400 otherwise."""


@router.get("/signin", name="signin")
def signin(request: Request, me: MaybeMe) -> Response:
    """The page with the button, or with the demo's people; whoever is signed in is led on."""
    wanted = local(request.query_params.get(NEXT, "/"))
    if me and not panel_of(request).settings.demo_login:
        return RedirectResponse(wanted, HTTPStatus.SEE_OTHER)
    return _page(request, HTTPStatus.OK, wanted)


@router.get("/signin/start", name="signin_start")
async def start(request: Request) -> Response:
    """Leads to the provider's page."""
    provider = _provider(request)
    request.session[NEXT] = local(request.query_params.get(NEXT, "/"))
    try:
        return await provider.begin(request, f"{panel_of(request).settings.origin}/signin/callback")
    except SignInError as error:
        return await _failed(request, error)


@router.get("/signin/callback", name="signin_callback")
async def callback(request: Request) -> Response:
    """Where the provider leads back to: the sign-in that was begun in this browser ends here."""
    provider = _provider(request)
    try:
        username = await provider.finish(request)
    except SignInError as error:
        return await _failed(request, error)
    response = RedirectResponse(local(str(request.session.get(NEXT, "/"))), HTTPStatus.SEE_OTHER)
    issue(request, response, username)
    return response


@router.post("/signin/demo", name="signin_demo", dependencies=[Depends(open_csrf)])
def demo(request: Request, username: Annotated[str, Form()], next_: Annotated[str, Form(alias=NEXT)] = "/") -> Response:
    """Signs in whom the visitor chose; from this machine alone, and only where the demo's sign-in is wanted."""
    panel = panel_of(request)
    if not panel.settings.demo_login:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if not _at_this_machine(request) or username not in {one["username"] for one in people(panel.seen().world)}:
        raise HTTPException(HTTPStatus.FORBIDDEN, "The demo's people sign in at this machine alone.")
    response = RedirectResponse(local(next_), HTTPStatus.SEE_OTHER)
    issue(request, response, username)
    return response


@router.post("/signout", name="signout")
async def signout(request: Request) -> Response:
    """Ends the session here and, where the provider has a way to, there."""
    await _left(request, revoke)
    return await _gone(request)


@router.post("/signout/everywhere", name="signout_everywhere")
async def signout_everywhere(request: Request) -> Response:
    """The same, and every other session of this person is over too: of a lost machine, or of a stolen cookie."""
    await _left(request, revoke_all)
    return await _gone(request)


async def _left(request: Request, end: Callable[[Request], None]) -> None:
    """Ends what the form asks for, where somebody is signed in whose form it is; raises Forged."""
    if foreign(request):
        raise Forged
    if await run_in_threadpool(living, request):
        await open_csrf(request)
        await run_in_threadpool(end, request)


async def _gone(request: Request) -> Response:
    response = await _after(request)
    response.headers["Clear-Site-Data"] = '"cache"'  # pages that the back button would still show
    forget(request, response)
    return response


async def _after(request: Request) -> Response:
    """The provider's own end of the session; a page with its address, where a form must not lead to it."""
    provider: Provider | None = request.app.state.provider
    ends = await provider.goodbye(f"{panel_of(request).settings.origin}/signin") if provider else ""
    if provider is None or not ends:
        return RedirectResponse("/signin", HTTPStatus.SEE_OTHER)
    if origin(ends) == origin(provider.settings.issuer):
        return RedirectResponse(ends, HTTPStatus.SEE_OTHER)
    request.state.me = None
    return await run_in_threadpool(_page, request, HTTPStatus.OK, "/", ends=ends)


def people(world: World) -> list[dict[str, str]]:
    """Whom the demo offers: people who are not suspended, and whose name is theirs alone."""
    found = [(ref, user) for ref, user in sorted(world.people.by_ref.items()) if user.spec.type == "Human"]
    return [
        {
            "username": user.spec.username,
            "name": user.spec.display_name or user.spec.username,
            "organization": ref.namespace,
            "role": user.spec.role.name if user.spec.role else "",
        }
        for ref, user in found
        if not user.spec.suspended and world.people.named(user.spec.username) == ref
    ]


def _provider(request: Request) -> Provider:
    found: Provider | None = request.app.state.provider
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _at_this_machine(request: Request) -> bool:
    """Whether whoever asks sits at this machine, with nothing between."""
    peer = request.client.host if request.client else ""
    return loopback(peer) and not any(name.startswith(FORWARDED) for name in request.headers)


async def _failed(request: Request, error: SignInError) -> Response:
    """The sign-in's page again, with the reason."""
    wanted = local(str(request.session.get(NEXT, "/")))
    status = STATUS.get(error.word, HTTPStatus.BAD_REQUEST)
    return await run_in_threadpool(_page, request, status, wanted, problem=error.word)


def _page(request: Request, status: HTTPStatus, wanted: str, **values: Any) -> Response:  # noqa: ANN401 -- whatever the template shows
    panel = panel_of(request)
    demo = panel.settings.demo_login
    shown = {"problem": "", "ends": "", "people": people(panel.seen().world) if demo else [], "demo": demo} | values
    token = csrf_of(request) if demo else ""
    return render(request, "signin.html", status=status, wanted=wanted, token=token, **shown)
