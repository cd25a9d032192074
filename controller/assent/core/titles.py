"""What people read for a person, an organization and a microservice: safe to be shown on one line (rule 44).

A display name alone says who is meant to nobody, so the name that proves them stands behind it.
"""

from assent.api.characters import visible
from assent.core.decide import Decision
from assent.core.holds import Hold
from assent.core.offers import Offer, offered
from assent.core.world import World


def person(world: World, username: str) -> str:
    """Their display name with the name that they sign in with; that alone where nobody is known by it."""
    ref = world.people.named(username)
    return _both(world.people.by_ref[ref].spec.display_name if ref else None, username)


def organization(world: World, name: str) -> str:
    """Its display name with its name."""
    found = world.organizations.by_name.get(name)
    return _both(found.spec.display_name if found else None, name)


def _both(display: str | None, name: str) -> str:
    return f"{visible(display)} ({visible(name)})" if display else visible(name)


def offer(world: World, decision: Decision) -> Offer | None:
    """What a request asks for, as it was judged, or as it is offered now; an ended request's may be gone."""
    if decision.valid:
        return decision.valid.offer
    found = offered(world, decision.case.ref.namespace, decision.case.spec.microservice.name)
    return found if isinstance(found, Offer) else None


def service(found: Offer | Hold | None, name: str) -> str:
    """What people call it; the name that it was asked for by, where nothing is offered by that."""
    return visible(found.service.spec.display_name if isinstance(found, Offer) else name)


def request(world: World, decision: Decision) -> str:
    """What people call what a request asks for."""
    return service(offer(world, decision), decision.case.spec.microservice.name)
