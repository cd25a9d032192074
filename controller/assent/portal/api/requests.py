"""Requests as they stand: all that one may see, each, and why it waits."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from assent.api.names import Ref
from assent.api.requests import Phase, RequestSpec, document
from assent.core.cases import Case
from assent.core.decide import Decision
from assent.core.explain import explain
from assent.core.history import veiled
from assent.core.seeing import Sight
from assent.core.status import status
from assent.portal.api.reading import StrictRoute
from assent.portal.api.request_shapes import Explanation, RequestList, RequestObject
from assent.portal.api.shapes import MOST, Asked, Cursor, Limit
from assent.portal.bearer import ApiMe
from assent.portal.choosing import sight_of
from assent.portal.dossiers import Dossier
from assent.portal.duties import duties
from assent.portal.panel import panel_of
from assent.portal.seen import Seen
from assent.portal.viewing import dossier_of

router = APIRouter(route_class=StrictRoute)

ONE = "/organizations/{organization}/requests/{name}"
UNSEEN = "the controller has not seen it yet"


class Filters(Asked):
    """What is looked for; whatever is left out lets everything through."""

    organization: Annotated[str, Field(description="Of this organization.", max_length=63)] = ""
    phase: Annotated[Phase | None, Field(description="In this phase.")] = None
    microservice: Annotated[str, Field(description="For this offer.", max_length=63)] = ""
    requester: Annotated[str, Field(description="Of whoever signs in by this name.", max_length=253)] = ""
    waits_for_me: Annotated[bool, Field(description="What waits for you: you can decide it, and have not.")] = False
    limit: Limit = MOST
    cursor: Cursor = None


@router.get("/requests", response_model=RequestList, summary="The requests that you see")
def requests(request: Request, me: ApiMe, filters: Annotated[Filters, Query()]) -> dict[str, Any]:
    """The newest first; what no controller has seen yet is not among them."""
    seen = panel_of(request).seen()
    sight = sight_of(seen, me)
    found = list(islice(_found(seen, sight, filters), filters.limit + 1))
    items = [shown(seen, one) for one in found[: filters.limit]]
    return {"items": items, "next": found[filters.limit - 1].case.seen if len(found) > filters.limit else None}


def _found(seen: Seen, sight: Sight, filters: Filters) -> Iterator[Decision]:
    """What the filters let through, the newest first; decided only as far as somebody reads on."""
    person = seen.person(filters.requester) if filters.requester else None
    waiting = {duty.decision.case.ref for duty in duties(seen, sight.person)} if filters.waits_for_me else set()
    fits: list[Callable[[Case], bool]] = [
        lambda case: filters.cursor is None or case.seen < filters.cursor,
        lambda case: filters.organization in ("", case.ref.namespace),
        lambda case: filters.microservice in ("", case.spec.microservice.name),
        lambda case: not filters.requester or (person is not None and seen.person(case.spec.requester) == person),
        lambda case: not filters.waits_for_me or case.ref in waiting,
    ]
    cases = [case for case in seen.state.cases.values() if all(fit(case) for fit in fits)]
    for case in sorted(cases, key=lambda one: one.seen, reverse=True):
        decision = seen.decision(case.ref)
        if filters.phase in (None, decision.phase) and sight.may_see(decision):
            yield decision


@router.get(ONE, response_model=RequestObject, name="request", summary="One request")
def one(request: Request, me: ApiMe, organization: str, name: str) -> dict[str, Any]:
    """The object with its status; one that you have just asked for is `Submitted` until the controller sees it."""
    dossier = dossier_of(request, me, Ref(organization, name))
    if dossier.unseen:
        return unseen(dossier.seen, dossier.ref, dossier.decision.case.spec)
    return shown(dossier.seen, dossier.decision)


@router.get(ONE + "/explanation", response_model=Explanation, summary="Why it waits")
def explanation(request: Request, me: ApiMe, organization: str, name: str) -> dict[str, Any]:
    """Why it waits, who can move it, who cannot and why, and what did not count."""
    dossier = dossier_of(request, me, Ref(organization, name))
    return _unexplained(dossier) if dossier.unseen else explained(dossier.seen, dossier.sight, dossier.decision)


def shown(seen: Seen, decision: Decision) -> dict[str, Any]:
    """A request as `assent get` has it."""
    ref, spec = decision.case.ref, decision.case.spec.plain()
    return document(ref, veiled(seen.world, ref.namespace, spec)) | {"status": status(seen.world, decision)}


def unseen(seen: Seen, ref: Ref, spec: RequestSpec) -> dict[str, Any]:
    """A request that no controller has seen yet."""
    nothing: dict[str, Any] = {"observedGeneration": 0, "phase": "Submitted"}
    nothing |= {"conditions": [], "stages": [], "results": []}
    return document(ref, veiled(seen.world, ref.namespace, spec.plain())) | {"status": nothing}


def explained(seen: Seen, sight: Sight, decision: Decision) -> dict[str, Any]:
    """As `assent explain` has it, without people whom the reader may not see."""
    told = explain(seen.world, decision)
    stages = [
        {**stage, "cannotDecide": [one for one in stage["cannotDecide"] if sight.may_see_person(one["username"])]}
        for stage in told["stages"]
    ]
    return {**told, "stages": stages}


def _unexplained(dossier: Dossier) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("stages", "notCounted", "mails", "results")}
    service = dossier.decision.case.spec.microservice.name
    told = {"phase": "Submitted", "reason": "Submitted", "message": UNSEEN, "digest": None, "approve": ""}
    return {**told, "microservice": service, **empty, "next": "The controller's next pass looks at it."}
