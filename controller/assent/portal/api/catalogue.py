"""What somebody may ask for in an organization, with everything that a form of one's own would need."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field as Described

from assent.core.askable import askable, plain_offer
from assent.core.fields import Field, Kind, Part
from assent.core.forms import fields, target_field
from assent.core.offers import Offer
from assent.portal import shelves, wanted
from assent.portal.api.reading import StrictRoute
from assent.portal.api.shapes import Answer, Asked, Json
from assent.portal.bearer import ApiMe
from assent.portal.choosing import sight_of
from assent.portal.panel import panel_of
from assent.portal.refusals import MissingError

router = APIRouter(route_class=StrictRoute)

CATALOGUE = "/organizations/{organization}/catalogue"


class OfferShape(Answer):
    """One microservice as the organization offers it, as `assent catalogue -o json` has it."""

    name: Annotated[str, Described(description="The name to ask for it by.")]
    display_name: Annotated[str, Described(description="What it is called.")]
    category: Annotated[str, Described(description="Its category.")]
    description: Annotated[str, Described(description="What it does.")] = ""
    cost_note: Annotated[str, Described(description="What it costs, where somebody says so.")] = ""
    microservice: Annotated[str, Described(description="What the name stands for: `<owner>/<name>`.")]
    approvals: Annotated[list[str], Described(description="The flows that may gate it: `<organization>/<name>`.")]
    parameters: Annotated[Json, Described(description="The JSON Schema (2020-12) of its parameters; empty: none.")]
    target_rules: Annotated[Json, Described(description="How many targets, and the pattern of their names.")]
    narrowed_by: Annotated[list[Json], Described(description="Schemas of enablements that hold as well.")]


class ChoiceShape(Answer):
    """One of several values."""

    text: Annotated[str, Described(description="What stands for it in a form.")]
    label: Annotated[str, Described(description="What it is called.")]
    value: Annotated[Any, Described(description="The value.")]


class WhenShape(Answer):
    """A condition on what is typed into another field."""

    field: Annotated[str, Described(description="The other field's name.")]
    values: Annotated[list[str], Described(description="One of these texts; an empty one: nothing typed.")]
    unless: Annotated[bool, Described(description="None of them.")]


class FieldShape(Answer):
    """One field of the form that the panel makes of the schemas; they judge, the form only helps."""

    name: Annotated[str, Described(description="Its name in the form.")]
    label: Annotated[str, Described(description="What it is called.")]
    kind: Annotated[Kind, Described(description="How it is typed.")]
    path: Annotated[list[str], Described(description="Where its value stands among the parameters.")]
    part: Annotated[
        Part, Described(description="A value; a box for an optional object; or parameters without a field.")
    ]
    group: Annotated[list[str], Described(description="The labels of the objects around it.")]
    help: Annotated[str, Described(description="What the schema says of it.")]
    required: Annotated[bool, Described(description="Whether it is needed, where the object around it is given.")]
    choices: Annotated[list[ChoiceShape], Described(description="What there is to choose from.")]
    default: Annotated[list[str], Described(description="The texts that it begins with.")]
    minimum: Annotated[float | None, Described(description="The least number.")]
    maximum: Annotated[float | None, Described(description="The largest number.")]
    step: Annotated[float | None, Described(description="What it is a multiple of.")]
    min_length: Annotated[int | None, Described(description="The fewest characters.")]
    max_length: Annotated[int | None, Described(description="The most characters.")]
    pattern: Annotated[str | None, Described(description="What a text matches as a whole.")]
    min_items: Annotated[int | None, Described(description="The fewest lines.")]
    max_items: Annotated[int | None, Described(description="The most lines.")]
    item: Annotated[Kind, Described(description="What each line is.")]
    when: Annotated[list[WhenShape], Described(description="All hold where it is asked for; none: always.")]
    needed: Annotated[list[WhenShape], Described(description="All hold where it is required, though not always.")]


class OfferDetail(OfferShape):
    """One offer, with the fields of its form."""

    fields: Annotated[list[FieldShape], Described(description="What the form asks for; targets come last.")]


class OfferList(Answer):
    """What you may ask for there, by name."""

    items: Annotated[list[OfferShape], Described(description="All of it, or what the words find.")]


class Words(Asked):
    """What is searched for."""

    q: Annotated[str, Described(description="Words that stand in an offer's texts.", max_length=200)] = ""


@router.get(CATALOGUE, response_model=OfferList, summary="What you may ask for")
def catalogue(request: Request, me: ApiMe, organization: str, words: Annotated[Words, Query()]) -> dict[str, Any]:
    """Everything that would not be held because you may not ask for it."""
    seen = panel_of(request).seen()
    if organization not in sight_of(seen, me).asks_in:
        raise MissingError
    found = shelves.searched(askable(seen.world, me.username, organization), words.q)
    return {"items": [plain_offer(one) for one in found]}


@router.get(CATALOGUE + "/{offer}", response_model=OfferDetail, summary="One offer, with its form")
def offer(request: Request, me: ApiMe, organization: str, offer: str) -> dict[str, Any]:
    """Its schemas, and the fields that the panel makes of them."""
    seen = panel_of(request).seen()
    place = wanted.place_of(seen, sight_of(seen, me), me.username, organization, offer)
    return {**plain_offer(place.offer), "fields": [_field(one) for one in _fields(place.offer)]}


def _fields(offer: Offer) -> tuple[Field, ...]:
    targets = target_field(offer)
    return (*fields(offer), *((targets,) if targets else ()))


def _field(one: Field) -> dict[str, Any]:
    found = asdict(one)
    del found["anchor"]
    return found
