"""What would become of a decision if it were told now: judged as the next pass will, behind all that waits for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from assent.api.decisions import MAX_REASON, NEEDS_REASON, VERBS, Line, Verb
from assent.api.evidence import Channel
from assent.api.names import Ref
from assent.api.tellings import Told
from assent.core.approvals import Bench
from assent.core.cases import Case, Voice
from assent.core.decide import Decision
from assent.core.hearing import hear
from assent.core.notebook import Notebook
from assent.core.seeing import waits_for
from assent.core.state import TOLD, State
from assent.core.tellings import heard, judge, speaker
from assent.core.world import World
from assent.errors import NotFoundError

NAMES_DIGEST: frozenset[Verb] = frozenset({"approve", "reject"})
"""Verbs whose line names the digest that was seen."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody decides: `digest` is what they saw, and `id` makes it one however often it is sent.

    `username` is the name they signed in with, or to whom the link was sent where they did not.
    """

    request: Ref
    verb: Verb
    username: str
    id: str
    digest: str = ""
    reason: str = ""
    channel: Channel = "Panel"
    signed_in: bool = True

    @property
    def line(self) -> Line:
        """What they would have written themselves; a reason is one line, however it was typed."""
        digest = self.digest if self.verb in NAMES_DIGEST else ""
        return Line(self.verb, self.username, digest or None, " ".join(self.reason.split()) or None)

    @property
    def told(self) -> Told:
        """The decision as it is told, before it has a place in the ledger."""
        return Told(self.id, self.request, self.channel, self.username, str(self.line), self.signed_in, 0)


@dataclass(frozen=True)
class Present:
    """A world, the ledger's state in it, and when that is."""

    world: World
    state: State
    now: datetime


def why_not(at: Present, deed: Deed) -> tuple[str, str]:
    """Why the decision would not count if it were told now: a word (empty: it would), and what more there is to say.

    Besides the words of `conditions.NOT_COUNTED` there are ReasonMissing, ReasonTooLong and IdTaken.

    Raises:
        NotFoundError: there is no such request.
    """
    case, line = prospect(at, deed.request), deed.line
    word = next(_untellable(at.state, case, deed, line), "")
    if word:
        return word, ""
    voice = _judged(at, case, deed)
    return voice.because, voice.message


def done(at: Present, deed: Deed) -> bool:
    """Whether this very deed has been told already: sent twice, it is one; with another verb it is another."""
    told, proof, person = at.state.told.get(deed.id), f"{TOLD}{deed.id}", at.world.people.named(deed.username)
    if told:
        same = told.request == deed.request and told.text.partition(" ")[0] == deed.verb
        return same and at.world.people.named(told.username) == person
    case = at.state.cases.get(deed.request)
    voices = case.voices if case else ()
    return any((one.proof, one.person, one.verb) == (proof, person, deed.verb) for one in voices)


def prospect(at: Present, ref: Ref) -> Case:
    """The request's case as the next pass will have it once it has judged what it was told of it.

    Raises:
        NotFoundError: there is no such request.
    """
    state, case = at.state, at.state.cases.get(ref)
    if case is None:
        raise NotFoundError(f"there is no request {ref}")
    waiting = pending(state, ref)
    if not waiting:
        return case
    asked = {ref: state.asked[ref]} if ref in state.asked else {}
    told = {one.id: one for one in waiting}
    notebook = Notebook(State(sequence=state.sequence, cases={ref: case}, told=told, asked=asked), at.world)
    judge(notebook, at.now)
    return notebook.state.cases[ref]


def pending(state: State, ref: Ref) -> list[Told]:
    """What was told of the request and no pass has judged yet, in its order."""
    return sorted((one for one in state.told.values() if one.request == ref), key=lambda one: one.sequence)


def possible(at: Present, decision: Decision, username: str) -> tuple[Verb, ...]:
    """What the person can tell now: nothing is offered that would not count, or be of no use.

    `decision` is what the request has come to at that moment.
    """
    ref = decision.case.ref
    case = prospect(at, ref)
    deeds = (Deed(ref, verb, username, "", decision.digest or "", "…") for verb in VERBS)
    found = [deed.verb for deed in deeds if not _judged(at, case, deed).because]
    return tuple(verb for verb in found if verb != "approve" or _is_of_use(at.world, decision, username))


def _untellable(state: State, case: Case, deed: Deed, line: Line) -> Iterator[str]:
    if line.verb in NEEDS_REASON and not line.reason:
        yield "ReasonMissing"
    if len(line.reason or "") > MAX_REASON:
        yield "ReasonTooLong"
    if deed.id in state.told or any(voice.proof == f"{TOLD}{deed.id}" for voice in case.voices):
        yield "IdTaken"


def _judged(at: Present, case: Case, deed: Deed) -> Voice:
    return hear(at.world, case, heard(deed.told), speaker(at.world, deed.told), at.now)


def _is_of_use(world: World, decision: Decision, username: str) -> bool:
    """Whether an approval fills a place: of a stage that is open, or of one that waits."""
    person, valid, tally = world.people.named(username), decision.valid, decision.tally
    if person is None or valid is None or tally is None:
        return False
    seats = Bench(world, decision.case, valid.gate, valid.digest).seats_of(person)
    ahead = any(stage.state == "Waiting" and at in seats for at, stage in enumerate(tally.stages))
    return ahead or bool(waits_for(decision, person))
