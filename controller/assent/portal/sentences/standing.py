"""How a request stands, in a sentence: what it waits for and who moves it, by the names that people are called by."""

from collections.abc import Sequence
from typing import Final, Literal

from assent.api.characters import visible
from assent.api.names import Ref
from assent.core import titles
from assent.core.approvals import StageState
from assent.core.closings import Closing, closing
from assent.core.decide import Decision
from assent.core.holds import Hold
from assent.core.status import can_decide, unreached
from assent.core.world import World
from assent.portal.ahead import Reader, display, listed
from assent.portal.menu import N_
from assent.portal.sentences import Translate
from assent.portal.sentences.faults import wrong
from assent.portal.sentences.reasons import DETAILS, STATES, meaning

BY_SOMEBODY: Final = {
    "Cancelled": (N_("%(who)s cancelled it."), N_("%(who)s cancelled it: “%(said)s”")),
    "Rejected": (N_("%(who)s rejected it."), N_("%(who)s rejected it: “%(said)s”")),
    "RunFailed": (N_("%(who)s said that it failed."), N_("%(who)s said that it failed: “%(said)s”")),
    "RunSucceeded": (N_("%(who)s said that it succeeded."), N_("%(who)s said that it succeeded: “%(said)s”")),
    "Withdrawn": (N_("%(who)s withdrew it."), N_("%(who)s withdrew it: “%(said)s”")),
}
"""How people end a request: with nothing said, and with what they said."""


def standing(world: World, decision: Decision, reader: Reader) -> str:
    """The sentence that matters most now."""
    _, case = reader.translate, decision.case
    end = closing(decision)
    if end:
        return ended(end, person_name(world, end.username), _)
    if decision.phase == "Running":
        return _running(decision, _)
    if decision.hold:
        return held(world, decision.hold, reader)
    if case.held and decision.phase == "Approved":
        return meaning(case.held[0], _)
    if decision.phase == "PendingApproval":
        return f"{_waiting(world, decision, reader)} {_unreached(world, decision, reader)}".strip()
    return _(STATES["AllStagesSatisfied"])


def ended(end: Closing, who: str, _: Translate) -> str:
    """How it ended; `who` is what whoever ended it is called."""
    said = BY_SOMEBODY.get(end.reason)
    if said and who:
        return _(said[bool(end.said)]) % {"who": who, "said": visible(end.said)}
    if end.reason == "RunPartlyFailed":
        return _("%(failed)s of %(total)s targets failed.") % {"failed": end.failed, "total": end.total}
    return meaning(end.reason, _)


def held(world: World, hold: Hold, reader: Reader) -> str:
    """Why it waits, with all that is wrong where it is about values."""
    _ = reader.translate
    if hold.detail in DETAILS:
        values = {name: _named(world, name, value) for name, value in hold.values}
        return _(DETAILS[hold.detail]) % values
    return " ".join([meaning(hold.reason, _), *(wrong(one, _) for one in hold.problems)])


def person_name(world: World, username: str) -> str:
    """What whoever signs in by this name is called; the name itself where that is nobody known."""
    person = world.people.named(username)
    return visible(display(world, person) if person else username)


def _named(world: World, name: str, value: str | float) -> str:
    if name == "username":
        return person_name(world, str(value))
    return titles.organization(world, str(value)) if name == "organization" else visible(str(value))


def _running(decision: Decision, _: Translate) -> str:
    claim = decision.case.claim
    if claim is None or claim.plan["runner"] != "manual":
        return _(STATES["Running"])
    told = visible(str(claim.plan["settings"].get("instructions", "")))
    return _("A person does it: %(instructions)s") % {"instructions": told} if told else _("A person does it.")


def _waiting(world: World, decision: Decision, reader: Reader) -> str:
    """Who can decide each open stage."""
    stages = [one for one in decision.tally.stages if one.state == "Open"] if decision.tally else []
    return " ".join(_stage(world, one, can_decide(decision, one), reader) for one in stages)


def _stage(world: World, stage: StageState, people: Sequence[Ref], reader: Reader) -> str:
    _, left = reader.translate, stage.seat.stage.quorum - len(stage.decisions)
    names = [visible(display(world, one)) for one in people]
    if not names:
        text = _("Nobody can decide the stage “%(stage)s” as things stand.")
    elif left > 1:
        text = _("It waits for the stage “%(stage)s”: %(count)s of %(people)s have to approve it.")
    else:
        text = _("It waits for the stage “%(stage)s”: %(people)s can decide it.")
    style: Literal["standard", "or"] = "standard" if left > 1 else "or"
    shown = listed(names, style, reader) if names else ""
    return text % {"stage": visible(stage.seat.stage.name), "people": shown, "count": left}


def _unreached(world: World, decision: Decision, reader: Reader) -> str:
    _, names = reader.translate, [person_name(world, one.username) for one in unreached(decision)]
    return _("No mail reached %(people)s.") % {"people": listed(names, "or", reader)} if names else ""
