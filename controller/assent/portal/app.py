"""The app: its pages, what guards them, and what people see where something is wrong."""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.staticfiles import StaticFiles

from assent import __version__
from assent.errors import AssentError
from assent.portal import guard, signing
from assent.portal.api import mounting
from assent.portal.pages import ROUTERS
from assent.portal.panel import Panel
from assent.portal.refusals import MissingError, status_of
from assent.portal.rendering import HERE, language_of, render, scripts, text


def make(panel: Panel) -> FastAPI:
    """The app of one panel."""
    # No redirect to an address without its last slash: that would name a scheme and a host that only a proxy knows.
    app = FastAPI(
        title="Assent", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    app.state.panel = panel
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.add_api_route("/scripts/{name}", script, name="script", include_in_schema=False)
    app.add_api_route(mounting.AT, to_the_api, include_in_schema=False)
    for router in ROUTERS:
        app.include_router(router, include_in_schema=False)
    app.add_exception_handler(MissingError, missing)
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(AssentError, failed)
    app.add_exception_handler(HTTPStatus.INTERNAL_SERVER_ERROR, broken)
    mounting.install(app)
    signing.install(app)
    guard.install(app)
    return app


def script(name: str) -> Response:
    """A script of the library that the pages use."""
    if name not in scripts():
        raise MissingError
    return FileResponse(scripts()[name], media_type="text/javascript")


def to_the_api() -> Response:
    """The page of the API has a slash at its end."""
    return RedirectResponse(f"{mounting.AT}/", HTTPStatus.TEMPORARY_REDIRECT)


def missing(request: Request, _error: Exception) -> Response:
    """What does not exist, and what one may not see: the same page, whether or not there is such a path.

    A file that is not there is nobody's, and asked for uncounted: its answer says and costs nothing.
    """
    if request.url.path.startswith(guard.LASTING):
        return PlainTextResponse("There is no such file.", HTTPStatus.NOT_FOUND)
    if not hasattr(request.state, "me"):
        signing.maybe_signed_in(request)
    return render(request, "error.html", status=HTTPStatus.NOT_FOUND, title="", message="", hint="")


def refused(request: Request, error: Exception) -> Response:
    """A refusal of the framework's own."""
    if isinstance(error, HTTPException) and error.status_code != HTTPStatus.NOT_FOUND:
        status = HTTPStatus(error.status_code)
        return render(request, "error.html", status=status, title=status.phrase, message=str(error.detail), hint="")
    return missing(request, error)


def failed(request: Request, error: Exception) -> Response:
    """A refusal of ours: its sentence, and what to do next."""
    if not isinstance(error, AssentError):
        raise error
    status, message, hint = status_of(error), error.message, error.hint
    return render(request, "error.html", status=status, title=status.phrase, message=message, hint=hint)


def broken(request: Request, _error: Exception) -> Response:
    """A fault of ours: what happened stands in the log alone."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return HTMLResponse(text(language_of(request), "broken.html"), status)
