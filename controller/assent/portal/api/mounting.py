"""The API as an app of its own within the panel's: it reads and refuses in other forms than pages do."""

import re
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount

from assent import __version__
from assent.portal.api import catalogue, decisions, documenting, ledger, opening, page, people, refusals, requests

AT: Final = "/api/v1"
GROUPS: Final = (
    ("You and your organizations", people.router),
    ("The catalogue", catalogue.router),
    ("Requests", opening.router),
    ("Requests", requests.router),
    ("Requests", decisions.router),
    ("The ledger", ledger.router),
)
"""Every router, under the heading of its operations."""


def install(app: FastAPI) -> None:
    """Puts the API into the panel's app, both made of the same panel; its page is one of the panel's."""
    api = made()
    api.state = app.state
    app.include_router(page.router, include_in_schema=False)
    whole = Mount(AT, api, name="api")
    # A line feed in an address is a part of it as well: what is below is the API's to refuse, and no page's.
    whole.path_regex = re.compile(f"^{AT}/(?P<path>.*)$", re.DOTALL)
    app.routes.append(whole)
    app.state.api = api


def made() -> FastAPI:
    """The API without a panel."""
    api = FastAPI(
        title="Assent",
        version=__version__,
        description=documenting.ABOUT,
        servers=[{"url": AT}],
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        generate_unique_id_function=_name,
    )
    for heading, router in GROUPS:
        api.include_router(router, tags=[heading])
    refusals.install(api)

    @api.get("/openapi.json", include_in_schema=False)
    def openapi() -> Response:
        """The contract of all this, for programs."""
        return JSONResponse(documenting.contract(api))

    return api


def _name(route: APIRoute) -> str:
    return route.name
