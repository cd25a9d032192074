"""One request as its page shows it: how it stands, who decides it, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from assent.api.characters import visible
from assent.api.decisions import parse
from assent.api.names import Ref
from assent.api.records import moment
from assent.api.tellings import Told
from assent.core import titles
from assent.core.access import holds
from assent.core.approvers import pool
from assent.core.askable import askable_offer
from assent.core.decide import Decision
from assent.core.explain import explain
from assent.core.permissions import CANCEL
from assent.core.seeing import Sight
from assent.core.status import why
from assent.portal.ahead import Reader
from assent.portal.duties import counting
from assent.portal.seen import Seen
from assent.portal.sentences.outcomes import outcome
from assent.portal.sentences.reasons import meaning
from assent.portal.sentences.standing import standing
from assent.portal.wishes import Way, Wish, lines_of

LONGEST: Final = 20_000
"""Characters of one output that are shown, its last."""

AT_THE_END: Final = {"Open": "Undecided", "Waiting": "NotReached"}
"""Nobody is asked any more once a request has ended."""

MOST: Final = 200_000
"""Characters of output on one page."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One decision for people; `because` is the word why it does not count, and `meaning` the sentence."""

    who: str
    verb: str
    channel: str = ""
    at: datetime | None = None
    reason: str = ""
    because: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: who decided it, who still can, and who cannot, with the word and the sentence why."""

    name: str
    flow: str
    quorum: int
    state: str
    decisions: Sequence[Spoken]
    people: Sequence[str]
    cannot: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Came:
    """What one execution came to; `output` is what its program wrote, its end where it is long."""

    target: str
    state: str
    message: str
    exit_code: int | None
    started: datetime | None
    ended: datetime | None
    output: str
    cut: bool


@dataclass(frozen=True)
class Dossier:
    """All that is shown of one request to one reader; `unseen`: it was asked for, and no controller has seen it yet.

    `door` is the one at which it would run.
    """

    seen: Seen
    sight: Sight
    decision: Decision
    reader: Reader
    door: str
    unseen: bool = False

    @cached_property
    def wish(self) -> Wish:
        """What is asked."""
        return Wish(self.seen.world, self.decision, self.reader)

    @cached_property
    def ways(self) -> list[Way]:
        """What may be started once it is approved."""
        return self.wish.ways(self.door)

    @property
    def ref(self) -> Ref:
        """The request's name."""
        return self.decision.case.ref

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/requests/{self.ref}"

    @property
    def phase(self) -> str:
        """The phase that it is in."""
        return self.decision.phase

    @property
    def over(self) -> bool:
        """Whether nothing can happen to it any more."""
        return not self.decision.case.open and not self.pending and not self.unseen

    @property
    def digest(self) -> str:
        """What approvals are for; empty where there is nothing to approve."""
        return self.decision.digest or ""

    @cached_property
    def told(self) -> Mapping[str, Any]:
        """The explanation, as the command line has it."""
        return explain(self.seen.world, self.decision)

    @property
    def word(self) -> str:
        """The word that matters most now."""
        return why(self.decision)[0]

    @property
    def message(self) -> str:
        """The sentence that matters most now."""
        return standing(self.seen.world, self.decision, self.reader)

    @property
    def refusal(self) -> str:
        """Why its document, or the last change of it, was refused; empty where it stands as it was asked for."""
        word = self.seen.state.refusals.get(self.ref, ("", ""))[0]
        return meaning(word, self.reader.translate) if word else ""

    @property
    def next(self) -> str:
        """What happens next, beside what `message` says; empty where that says all."""
        _, case = self.reader.translate, self.decision.case
        manual = case.claim is not None and case.claim.plan["runner"] == "manual"
        if self.phase == "Unknown" or (manual and self.phase == "Running"):
            return self._settled_by()
        if self.phase == "Running":
            return _("Its results stand here once it has ended.")
        waits = self.decision.hold or (self.phase == "Approved" and case.held)
        return _("It goes on by itself once this is put right.") if waits else ""

    def _settled_by(self) -> str:
        """Who says how it ended: here, and not by the command line."""
        _, world, place = self.reader.translate, self.seen.world, self.ref.namespace
        people = [one for one in pool(world, place) if holds(world, one, place, CANCEL)]
        names = ", ".join(sorted(titles.person(world, world.people.by_ref[one].spec.username) for one in people))
        text = _("One of these says how it ended: %(people)s.") if names else _("Nobody may say how it ended.")
        return text % {"people": names}

    @property
    def again(self) -> str:
        """Where the same may be asked for again; empty where this reader may not."""
        name, me = self.wish.spec.microservice.name, self.seen.world.people.by_ref[self.sight.person]
        may = askable_offer(self.seen.world, me.spec.username, self.ref.namespace, name)
        return f"/open/{self.ref.namespace}/{name}?like={self.ref}" if may else ""

    @property
    def last(self) -> bool:
        """Whether one approval more is all that it needs."""
        stages = self.decision.tally.stages if self.decision.tally else ()
        return sum(one.seat.stage.quorum - len(one.decisions) for one in stages if one.state != "Satisfied") == 1

    @property
    def deadline(self) -> datetime | None:
        """Until when decisions count; None where there is no such time, or nothing to decide."""
        return self.decision.deadline if self.decision.phase == "PendingApproval" else None

    @cached_property
    def pending(self) -> list[Spoken]:
        """What people have decided and no pass has judged yet; a try that will not count is no decision."""
        return [waiting(self.seen, one) for one in counting(self.seen, self.ref)]

    @property
    def stages(self) -> list[Step]:
        """The stages as they stand, or as they stood when it was claimed or ended."""
        return [self._step(one) for one in self.told["stages"]]

    def _step(self, one: Mapping[str, Any]) -> Step:
        world = self.seen.world
        flow = world.flows.get(Ref.parse(one["flow"]))
        _ = self.reader.translate
        cannot = [
            (titles.person(world, person["username"]), person["reason"], meaning(person["reason"], _))
            for person in one["cannotDecide"]
            if self.sight.may_see_person(person["username"])
        ]
        return Step(
            one["name"],
            visible((flow.spec.display_name if flow else None) or one["flow"]),
            one["quorum"],
            AT_THE_END.get(one["state"], one["state"]) if not self.decision.case.open else one["state"],
            [self._spoken(said) for said in one["decisions"]],
            [titles.person(world, name) for name in one["canDecide"]],
            cannot,
        )

    @property
    def not_counted(self) -> list[Spoken]:
        """Decisions that do not count, and why."""
        return [self._spoken(one) for one in self.told["notCounted"]]

    def _spoken(self, one: Mapping[str, Any]) -> Spoken:
        who = titles.person(self.seen.world, one["username"]) if one["username"] else ""
        because, reason = one.get("because", ""), visible(one.get("reason", ""))
        why_not = meaning(because, self.reader.translate) if because else ""
        return Spoken(who, one["decision"] or "", one["channel"], moment(one["at"]), reason, because, why_not)

    @property
    def mails(self) -> list[Mapping[str, Any]]:
        """Mails about it, and what became of them."""
        world = self.seen.world
        return [
            {
                **one,
                "who": titles.person(world, one["username"]),
                "at": moment(one["at"]),
                "why": visible(one.get("message", "")),
            }
            for one in self.told["mails"]
        ]

    @property
    def results(self) -> list[Came]:
        """What each execution came to."""
        found, left = [], MOST
        for one in self.decision.case.results.values():
            size = min(LONGEST, left)
            shown = one.output[-size:] if size else ""
            left -= len(shown)
            text, cut = "\n".join(lines_of(shown)), len(shown) < len(one.output)
            target, message = visible(one.target or ""), outcome(one, self.decision.case.claim, self.reader.translate)
            found.append(Came(target, one.state, message, one.exit_code, one.started_at, one.ended_at, text, cut))
        return found


def waiting(seen: Seen, told: Told) -> Spoken:
    """A decision that waits to be judged."""
    who = titles.person(seen.world, told.username)
    try:
        line = parse(told.text)
    except ValueError:
        return Spoken(who, "", told.channel, reason=visible(told.text))
    return Spoken(who, line.verb, told.channel, reason=visible(line.reason or ""))
