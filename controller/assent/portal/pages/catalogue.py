"""The catalogue: all that an organization offers, also what the reader may not ask for; who may, asks from here."""

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from assent.core.askable import askable, offers
from assent.portal.choosing import begins, sight_of
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError
from assent.portal.rendering import render, translator
from assent.portal.shelves import searched, shelves
from assent.portal.signing import Me

router = APIRouter()


@router.get("/catalogue", name="catalogue")
def catalogue(request: Request, me: Me) -> Response:
    """Leads to the catalogue of the chosen organization, or of the reader's own, or of the first that they see."""
    sight = sight_of(panel_of(request).seen(), me)
    place = begins(request, sight, sight.person.namespace, sight.catalogues)
    return RedirectResponse(f"/catalogue/{place}", 303)


@router.get("/catalogue/{place}", name="catalogue_of")
def of(request: Request, me: Me, place: str, q: str = "") -> Response:
    """What one organization offers, by product and category."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    if place not in sight.catalogues:
        raise MissingError
    every = offers(seen.world, place)
    found = searched(every, q)
    return render(
        request,
        "catalogue.html",
        place=place,
        title=seen.world.organizations.by_name[place].spec.display_name or place,
        others=[one for one in sight.catalogues if one != place],
        shelves=shelves(seen.world, found, translator(request)),
        mine={one.name for one in askable(seen.world, me.username, place)},
        q=q,
        count=len(found),
        total=len(every),
    )
