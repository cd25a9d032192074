"""Opening a request: what it would come to, and sending it, once however often it is sent."""

from collections.abc import Iterator
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from assent.api.records import stamp
from assent.errors import AssentError, ConflictError
from assent.portal import asks, summaries, wanted
from assent.portal.api.reading import StrictRoute
from assent.portal.api.refusals import Fault, Place, RefusedError
from assent.portal.api.request_shapes import Explanation, RequestObject, Spec
from assent.portal.api.requests import explained, shown, unseen
from assent.portal.api.shapes import Answer, Json, Sent
from assent.portal.bearer import ApiMe
from assent.portal.choosing import sight_of
from assent.portal.doors import NameTakenError
from assent.portal.panel import panel_of
from assent.portal.sessions import Person

router = APIRouter(route_class=StrictRoute)

REQUESTS: Final = "/organizations/{organization}/requests"
ATTEMPTS: Final = 5
"""How often a name is drawn where somebody else is faster."""
NAMED_BY: Final = 46
"""Characters of a name before the part that comes of an idempotency key."""
NAME_TAKEN: Final = "choose another name, or leave it out"
KEY_USED: Final = "this Idempotency-Key was used for another request; use one of its own for each"

IdempotencyKey = Annotated[
    str,
    Header(
        description="Sent again with the same key, a request without a name is opened once.",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
    ),
]


class Offered(Sent):
    """A microservice by the name of its offer."""

    name: Annotated[str, Field(description="The offer's name, from the catalogue.", min_length=1, max_length=63)]


class Wish(Sent):
    """What somebody asks for; who asks is whoever the token speaks for."""

    name: Annotated[str, Field(description="The request's name; left out: one is chosen.", max_length=63)] = ""
    microservice: Annotated[Offered, Field(description="What is asked for.")]
    parameters: Annotated[
        Json, Field(description="The parameters, as the offer's schemas want them.", default_factory=dict)
    ]
    targets: Annotated[list[str], Field(description="What it is done to.", max_length=500, default_factory=list)]
    on_behalf_of: Annotated[str, Field(description="For whom, where it is not you.", max_length=253)] = ""
    reason: Annotated[str, Field(description="Why, for whoever decides.", max_length=512)] = ""

    def spec(self, requester: str) -> dict[str, Any]:
        """The spec of the request."""
        found = self.model_dump(by_alias=True, exclude={"name", "digest"})
        return {name: value for name, value in found.items() if value != ""} | {"requester": requester}


class Order(Wish):
    """What somebody asks for, perhaps with the digest that they have seen."""

    digest: Annotated[
        str,
        Field(
            description="The digest of the preview: where it would be another one by now, nothing is sent.",
            pattern=r"^([0-9a-f]{64})?$",
        ),
    ] = ""


class Preview(Answer):
    """What a request would come to if it were sent now."""

    name: Annotated[str, Field(description="The name that it would have.")]
    spec: Annotated[Spec, Field(description="What would be asked for.")]
    deadline: Annotated[str, Field(description="Until when decisions would count, where there is such a time.")] = ""
    explanation: Annotated[Explanation, Field(description="Whom it would have to pass, and under which digest.")]


@router.post(REQUESTS + "/preview", response_model=Preview, summary="What a request would come to")
def preview(request: Request, me: ApiMe, organization: str, wish: Wish) -> dict[str, Any]:
    """Nothing is written."""
    place = _place(request, me, organization, wish)
    draft = wanted.check(place, place.ref(wish.name or wanted.free(place)), wish.spec(me.username))
    if draft.wrong or draft.spec is None or draft.decision is None:
        raise _wrong(place, draft)
    told = explained(place.seen, place.sight, draft.decision)
    found: dict[str, Any] = {"name": draft.ref.name, "spec": draft.spec.plain(), "explanation": told}
    deadline = draft.decision.deadline
    return found | ({"deadline": stamp(deadline)} if deadline else {})


@router.post(
    REQUESTS,
    response_model=RequestObject,
    status_code=HTTPStatus.CREATED,
    summary="Open a request",
    responses={201: {"headers": {"Location": {"description": "Where it is.", "schema": {"type": "string"}}}}},
)
def create(
    request: Request,
    response: Response,
    me: ApiMe,
    organization: str,
    order: Order,
    idempotency_key: IdempotencyKey = "",
) -> dict[str, Any]:
    """Brings a request in, as yours.

    What you have asked for already, by the same name or the same key, is answered with the request that there is.
    """
    place, draft = _written(request, me, organization, order, idempotency_key)
    spec = draft.spec
    if spec is None:
        raise _wrong(place, draft)
    if draft.ref not in place.seen.state.cases:
        try:
            panel_of(request).door.open(draft.ref, spec.plain(), me.username)
        except NameTakenError as taken:
            raise RefusedError(HTTPStatus.CONFLICT, taken.message, NAME_TAKEN, word="NameTaken") from None
        except AssentError as failure:
            hint = f"{failure.hint + '; ' if failure.hint else ''}send the same again, it is opened once"
            raise RefusedError(HTTPStatus.BAD_GATEWAY, failure.message, hint, word="NotBroughtIn") from None
    response.headers["Location"] = (
        f"{request.scope['root_path']}/organizations/{organization}/requests/{draft.ref.name}"
    )
    if draft.ref in place.seen.state.cases:
        return shown(place.seen, place.seen.decision(draft.ref))
    return unseen(place.seen, draft.ref, spec)


def _written(
    request: Request, me: Person, organization: str, order: Order, key: str
) -> tuple[wanted.Place, wanted.Draft]:
    """The request, with the evidence of who asks for it written down."""
    for _ in range(ATTEMPTS):
        place = _place(request, me, organization, order)
        name = order.name or (_keyed(place, key) if key else wanted.free(place))
        draft = wanted.check(place, place.ref(name), order.spec(me.username))
        if draft.spec is not None and wanted.sent(place, draft.ref, draft.spec):
            return place, draft
        if draft.wrong or draft.spec is None:
            raise _wrong(place, draft, keyed=bool(key and not order.name))
        if order.digest and order.digest != summaries.digest_of(draft):
            text = f"it would have the digest {summaries.digest_of(draft) or 'none'} by now"
            raise RefusedError(HTTPStatus.CONFLICT, text, "look at a new preview", word="DigestStale")
        try:
            asks.put(request, me, draft.ref, draft.spec)
        except ConflictError:
            continue
        return place, draft
    raise RefusedError(HTTPStatus.CONFLICT, "others ask for the same names at this moment", "send it again")


def _place(request: Request, me: Person, organization: str, wish: Wish) -> wanted.Place:
    """Where they ask; raises MissingError where there is no such offer for them."""
    seen = panel_of(request).seen()
    return wanted.place_of(seen, sight_of(seen, me), me.username, organization, wish.microservice.name)


def _keyed(place: wanted.Place, key: str) -> str:
    """The name that belongs to this key of this person's: the same again for the same, without anything to remember."""
    person = place.sight.person
    mark = sha256("\x00".join((str(person), place.organization, key)).encode()).hexdigest()[:16]
    return f"{person.name[:NAMED_BY]}-{mark}"


def _wrong(place: wanted.Place, draft: wanted.Draft, *, keyed: bool = False) -> RefusedError:
    """Everything that is wrong with it, each at its place in the body."""
    faults = list(_faults(place, draft))
    detail = "; ".join(one.sentence for one in faults)
    if draft.wrong.get(wanted.NAME) == [wanted.TAKEN]:
        if keyed:
            return RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, KEY_USED, word="KeyUsed")
        if len(faults) == 1:
            return RefusedError(HTTPStatus.CONFLICT, detail, NAME_TAKEN, word="NameTaken", faults=faults)
    return RefusedError(
        HTTPStatus.UNPROCESSABLE_ENTITY, detail, "the offer's schemas say what it takes", word="Invalid", faults=faults
    )


def _faults(place: wanted.Place, draft: wanted.Draft) -> Iterator[Fault]:
    paths: dict[str, tuple[str | int, ...]] = {one.name: ("parameters", *one.path) for one in place.fields}
    paths |= {one.name: one.path for one in place.targets}
    paths |= {name: (name,) for name in (wanted.NAME, wanted.BENEFICIARY, wanted.REASON)}
    body: Place = "body"
    for name, problems in draft.wrong.items():
        yield from (Fault(body, paths.get(name, ()), problem.sentence) for problem in problems)
