"""The history, as far as somebody may read it, page by page."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from assent.api.people import Time
from assent.api.records import item
from assent.core.history import Reader, Wanted
from assent.portal.api.reading import StrictRoute
from assent.portal.api.shapes import MOST, Answer, Asked, Cursor, Json, Limit, Next
from assent.portal.bearer import ApiMe
from assent.portal.choosing import sight_of
from assent.portal.pages.ledger import page
from assent.portal.panel import panel_of
from assent.portal.rates import spend
from assent.portal.refusals import MissingError

router = APIRouter(route_class=StrictRoute)


class RecordShape(Answer):
    """One record, as `assent ledger show -o json` has it."""

    sequence: Annotated[int, Field(description="Its number; each is one more than the one before.")]
    at: Annotated[str, Field(description="When it was written.")]
    kind: Annotated[str, Field(description="What it is; `docs/reference/ledger.md` has all of them.")]
    subject: Annotated[str, Field(description="What it is about, by kind.")]
    body: Annotated[Json, Field(description="What it says; of configuration, the changes that you may see.")]


class RecordList(Answer):
    """Records, the newest first."""

    items: Annotated[list[RecordShape], Field(description="At most `limit` of them; fewer, where few are found.")]
    next: Next


class Look(Asked):
    """What is looked for; whatever is left out lets everything through."""

    kind: Annotated[str, Field(description="Records of this kind.", max_length=40)] = ""
    subject: Annotated[str, Field(description="A part of what they are about.", max_length=253)] = ""
    organization: Annotated[str, Field(description="About this organization.", max_length=63)] = ""
    person: Annotated[str, Field(description="A part of the name of somebody who took part.", max_length=253)] = ""
    since: Annotated[Time | None, Field(description="From this moment on: RFC 3339.")] = None
    until: Annotated[Time | None, Field(description="Before this moment.")] = None
    limit: Limit = MOST
    cursor: Cursor = None


@router.get("/ledger", response_model=RecordList, summary="The history")
def ledger(request: Request, me: ApiMe, look: Annotated[Look, Query()]) -> dict[str, Any]:
    """Each record is proven as it is read; `next` may lead on even where few were found."""
    panel = panel_of(request)
    reader = Reader(sight_of(panel.seen(), me), me.username)
    if not reader.organizations or (look.organization and look.organization not in reader.organizations):
        raise MissingError
    spend(request, "ledger", me)
    newest = panel.door.version() + 1
    found = page(panel.door, reader, _wanted(look), min(look.cursor or newest, newest))
    records = found.records[: look.limit]
    further = records[-1].sequence if len(records) < len(found.records) else found.before
    return {"items": [item(one) for one in records], "next": further or None}


def _wanted(look: Look) -> Wanted:
    return Wanted(look.kind, look.subject, look.organization, look.person, look.since, look.until)
