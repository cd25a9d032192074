"""Scenarios played through the very rules that a controller follows, offline.

Nothing runs, so the last phase of a request that goes well is Approved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from assent.api.base import seconds
from assent.api.decisions import Line
from assent.api.ledger import NewRecord, Record
from assent.api.names import Ref
from assent.api.requests import MicroserviceName, RequestSpec
from assent.api.scenarios import DecideStep, ExpectStep, PermissionCase, RequestStep, Scenario, ScenarioStep
from assent.core.access import allowed
from assent.core.decide import Decision, Door, decide
from assent.core.endings import ending, validated
from assent.core.hearing import Heard, Speaker, hear
from assent.core.notebook import observation, voice_body
from assent.core.permissions import Permission
from assent.core.state import State, advance
from assent.core.status import status, waiting_for, why
from assent.core.world import World

ALL_RUNNERS = Door(("job", "http", "process", "manual"))


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that came out otherwise: `where` is the step, from 1, or the permission."""

    where: str
    message: str


def play(scenario: Scenario, world: World) -> tuple[Failure, ...]:
    """Every expectation that was not met; empty where all were."""
    stage = _Stage(world, scenario.spec.now)
    failures = [one for case in scenario.spec.permissions for one in _permission(world, case)]
    for number, step in enumerate(scenario.spec.steps, start=1):
        failures += [Failure(f"step {number}", message) for message in stage.play(step)]
    return tuple(failures)


def _permission(world: World, case: PermissionCase) -> list[Failure]:
    asked = Permission(case.module, case.functionality, case.action)
    answer = allowed(world, case.user, case.organization, asked)
    if answer.allowed == case.allowed:
        return []
    got, wanted = ("allowed", "denied") if answer.allowed else ("denied", "allowed")
    where = f"{case.user} {asked} in {case.organization}"
    return [Failure(where, f"expected {wanted}, and it is {got}: {answer.because}")]


class _Stage:
    """The world, the time and the requests of one scenario, as they move."""

    def __init__(self, world: World, now: datetime) -> None:
        self.world = world
        self.now = now
        self.state = State()
        self.named: dict[str, Ref] = {}

    def play(self, step: ScenarioStep) -> list[str]:
        """Plays one step; returns what was expected otherwise."""
        if step.wait:
            self.now += timedelta(seconds=seconds(step.wait))
        if step.request:
            return self._request(step.request)
        named = step.decide or step.expect
        if named and named.request not in self.named:
            return [f"no step before opens a request {named.request!r}"]
        if step.decide:
            return self._decide(self.named[step.decide.request], step.decide)
        return self._expect(self.named[step.expect.request], step.expect) if step.expect else []

    def _note(self, record: NewRecord) -> None:
        at = self.state.sequence + 1
        self.state = advance(self.state, Record(at, self.now, record.kind, record.subject, record.body))

    def _request(self, step: RequestStep) -> list[str]:
        ref = Ref(step.organization, step.name)
        if ref in self.state.cases:
            return [f"the request {ref} was opened before"]
        spec = RequestSpec.model_construct(
            microservice=MicroserviceName(name=step.microservice),
            requester=step.requester,
            on_behalf_of=step.on_behalf_of,
            parameters=step.parameters,
            targets=step.targets,
            reason=step.reason,
        )
        self.named[step.name] = ref
        self._note(observation(self.world, ref, spec, self.world.people.named(step.requester), "scenario"))
        return []

    def _decision(self, ref: Ref) -> Decision:
        """The request now; its digest and its end are noted, as a controller would."""
        decision = decide(self.world, self.state.cases[ref], ALL_RUNNERS, self.now)
        for record in validated(decision):
            self._note(record)
        if decision.end:
            self._note(ending(self.world, decision, decision.end))
            decision = decide(self.world, self.state.cases[ref], ALL_RUNNERS, self.now)
        return decision

    def _decide(self, ref: Ref, step: DecideStep) -> list[str]:
        decision = self._decision(ref)
        digest = step.for_ or (decision.digest if step.verb == "approve" else None)
        if step.verb == "approve" and digest is None:
            return [f"{ref} has no digest to approve: {why(decision)[1]}"]
        line = Line(step.verb, step.as_, digest, step.because)
        heard = Heard(str(line), step.channel, "scenario")
        person = self.world.people.named(step.as_)
        speaker = Speaker(person, f"name:{step.as_}", "" if person else f"no one user signs in as {step.as_!r}")
        voice = hear(self.world, self.state.cases[ref], heard, speaker, self.now)
        self._note(NewRecord("decided", str(ref), voice_body(voice)))
        return []

    def _expect(self, ref: Ref, step: ExpectStep) -> list[str]:
        decision = self._decision(ref)
        word, message = why(decision)
        pairs: list[tuple[str, object, object]] = [
            ("phase", step.phase, decision.phase),
            ("reason", step.reason, word),
            ("waitingFor", step.waiting_for, waiting_for(decision)),
        ]
        shown = status(self.world, decision)["stages"]
        for name, wanted in (step.stages or {}).items():
            pairs.append(
                (f"stages.{name}", wanted, next((one["state"] for one in shown if one["name"] == name), "none"))
            )
        for name, people in (step.can_decide or {}).items():
            can = next((one["canDecide"] for one in shown if one["name"] == name), None)
            pairs.append((f"canDecide.{name}", sorted(people), sorted(can) if can is not None else None))
        return [
            f"{field} of {step.request}: expected {wanted!r}, and it is {got!r} ({message})"
            for field, wanted, got in pairs
            if wanted is not None and wanted != got
        ]
