"""The page of the API: everything that it takes and gives, for people; the same for everybody, so nobody signs in."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from assent.portal.api import documenting
from assent.portal.panel import panel_of
from assent.portal.rendering import render
from assent.portal.signing import MaybeMe

router = APIRouter()


@router.get("/api/v1/", name="api_page")
def api_page(request: Request, _me: MaybeMe) -> Response:
    """Operations under their headings, and every schema."""
    found = documenting.contract(request.app.state.api)
    base = f"{panel_of(request).settings.origin}{found['servers'][0]['url']}"
    return render(
        request,
        "api.html",
        about=found["info"]["description"],
        version=found["info"]["version"],
        base=base,
        groups=documenting.operations(found, base),
        shapes=documenting.shapes(found),
    )
