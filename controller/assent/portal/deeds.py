"""What becomes of a decision that somebody makes in the panel, by a mail's link or by the API: a record, or a refusal.

It is judged here as the controller's pass will judge it, behind all that waits for that pass, and what would not count
is not written. One thing is written all the same: that somebody tried to approve their own request (rule 9).
"""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from assent.api.conditions import NOT_COUNTED
from assent.api.decisions import MAX_REASON, NEEDS_REASON, VERBS, Line, Verb
from assent.api.evidence import Channel
from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.tellings import Told
from assent.core.approvals import Bench
from assent.core.cases import Case, Voice
from assent.core.decide import Decision
from assent.core.hearing import Heard, hear
from assent.core.notebook import Notebook
from assent.core.seeing import waits_for
from assent.core.state import TOLD, State
from assent.core.tellings import judge, speaker
from assent.errors import ConflictError, NotFoundError
from assent.portal.menu import N_
from assent.portal.panel import Panel
from assent.portal.seen import Seen

NAMES_DIGEST: Final[frozenset[Verb]] = frozenset({"approve", "reject"})
"""Verbs whose line names the digest that was seen."""

REASON_MISSING: Final = N_("A reason is needed: people read it later.")
REASON_TOO_LONG: Final = N_("A reason has at most 512 characters; this one has more.")
USED: Final = N_("This form has been used for another decision.")

ABOUT_REASON: Final = frozenset({"Malformed", "ReasonMissing", "ReasonTooLong"})
"""Refusals of what was typed as the reason: with another one the same decision would count."""

STATUSES: Final[Mapping[str, HTTPStatus]] = {
    "AlreadyClaimed": HTTPStatus.CONFLICT,
    "AlreadyJudged": HTTPStatus.CONFLICT,
    "DigestStale": HTTPStatus.CONFLICT,
    "IdTaken": HTTPStatus.CONFLICT,
    "Malformed": HTTPStatus.UNPROCESSABLE_ENTITY,
    "NothingToDecide": HTTPStatus.CONFLICT,
    "NothingToSettle": HTTPStatus.CONFLICT,
    "ReasonMissing": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ReasonTooLong": HTTPStatus.UNPROCESSABLE_ENTITY,
    "RequestEnded": HTTPStatus.CONFLICT,
    "TooLate": HTTPStatus.CONFLICT,
}
"""What a refusal is answered with; 403 where it is about who decides."""


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
    def heard(self) -> Heard:
        """The decision before it is judged."""
        return Heard(str(self.line), self.channel, f"{TOLD}{self.id}", signed_in=self.signed_in)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing came of it: a stable word (of `conditions.NOT_COUNTED`, or of `STATUSES`), and a sentence."""

    status: HTTPStatus
    word: str
    message: str


def tell(panel: Panel, seen: Seen, deed: Deed) -> Refusal | None:
    """Writes the decision down, once; or says why it would not count.

    Raises:
        NotFoundError: there is no such request. Whether the person may see it is for the caller to know.
    """
    if done(seen, deed):
        return None
    found = weigh(seen, deed)
    if isinstance(found, NewRecord):
        return _told(panel, found, deed)
    if found.word == "SelfApproval":
        # One record for each digest says enough, whoever tries it how often.
        digest = seen.decision(deed.request).digest or ""
        attempt = id_of(panel.secret, "self-approval", str(deed.request), str(seen.person(deed.username)), digest)
        with suppress(ConflictError):
            panel.write(_record(replace(deed, id=attempt)))
    return found


def weigh(seen: Seen, deed: Deed) -> NewRecord | Refusal:
    """The record that says it, or why it would not count; nothing is written.

    Raises:
        NotFoundError: there is no such request.
    """
    case = prospect(seen, deed.request)
    line = deed.line
    if line.verb in NEEDS_REASON and not line.reason:
        return _refusal("ReasonMissing", REASON_MISSING)
    if len(line.reason or "") > MAX_REASON:
        return _refusal("ReasonTooLong", REASON_TOO_LONG)
    if deed.id in seen.state.told or any(voice.proof == f"{TOLD}{deed.id}" for voice in case.voices):
        return _refusal("IdTaken", USED)
    voice = _judged(seen, case, deed)
    if voice.because:
        return _refusal(voice.because, voice.message or NOT_COUNTED[voice.because])
    return _record(deed)


def done(seen: Seen, deed: Deed) -> bool:
    """Whether this very deed has been told already: sent twice, it is one; with another verb it is another."""
    told, proof = seen.state.told.get(deed.id), f"{TOLD}{deed.id}"
    case, person = seen.state.cases.get(deed.request), seen.person(deed.username)
    if told:
        same = told.request == deed.request and told.text.partition(" ")[0] == deed.verb
        return same and seen.person(told.username) == person
    voices = case.voices if case else ()
    return any((one.proof, one.person, one.verb) == (proof, person, deed.verb) for one in voices)


def prospect(seen: Seen, ref: Ref) -> Case:
    """The request's case as the next pass will have it once it has judged what it was told of it."""
    state, case = seen.state, seen.state.cases.get(ref)
    if case is None:
        raise NotFoundError(f"there is no request {ref}")
    waiting = pending(seen, ref)
    if not waiting:
        return case
    asked = {ref: state.asked[ref]} if ref in state.asked else {}
    told = {one.id: one for one in waiting}
    notebook = Notebook(State(sequence=state.sequence, cases={ref: case}, told=told, asked=asked), seen.world)
    judge(notebook, seen.now)
    return notebook.state.cases[ref]


def pending(seen: Seen, ref: Ref) -> list[Told]:
    """What was told of the request and no pass has judged yet, in its order."""
    return sorted((one for one in seen.state.told.values() if one.request == ref), key=lambda one: one.sequence)


def possible(seen: Seen, ref: Ref, username: str) -> tuple[Verb, ...]:
    """What the person can do now in the panel, and what would come of it: nothing is offered that would not count."""
    case, decision = prospect(seen, ref), seen.decision(ref)
    deeds = (Deed(ref, verb, username, "", decision.digest or "", "…") for verb in VERBS)
    found = [deed.verb for deed in deeds if not _judged(seen, case, deed).because]
    return tuple(verb for verb in found if verb != "approve" or _is_of_use(seen, decision, username))


def id_of(secret: bytes, *parts: str) -> str:
    """The id of a deed that is known by these parts: 32 hex digits, the same for the same, and not to be guessed."""
    return hmac.digest(secret, "\x00".join(("assent.deed", *parts)).encode(), sha256).hex()[:32]


def _is_of_use(seen: Seen, decision: Decision, username: str) -> bool:
    """Whether an approval fills a place: of a stage that is open, or of one that waits."""
    person, valid, tally = seen.person(username), decision.valid, decision.tally
    if person is None or valid is None or tally is None:
        return False
    seats = Bench(seen.world, decision.case, valid.gate, valid.digest).seats_of(person)
    ahead = any(stage.state == "Waiting" and at in seats for at, stage in enumerate(tally.stages))
    return ahead or bool(waits_for(decision, person))


def _judged(seen: Seen, case: Case, deed: Deed) -> Voice:
    """As `core.tellings.judge` will."""
    heard = deed.heard
    told = Told(deed.id, deed.request, deed.channel, deed.username, heard.text, deed.signed_in, 0)
    return hear(seen.world, case, heard, speaker(seen.world, told), seen.now)


def _record(deed: Deed) -> NewRecord:
    body = {"request": str(deed.request), "channel": deed.channel, "username": deed.username, "text": str(deed.line)}
    return NewRecord("told", deed.id, {**body, "signedIn": deed.signed_in}, once=True)


def _refusal(word: str, message: str) -> Refusal:
    return Refusal(STATUSES.get(word, HTTPStatus.FORBIDDEN), word, message)


def _told(panel: Panel, record: NewRecord, deed: Deed) -> Refusal | None:
    """Writes it down; whoever was slower with another answer to the same question is told so (rule 18)."""
    try:
        panel.write(record)
    except ConflictError:
        return None if done(panel.seen(), deed) else _refusal("IdTaken", USED)
    return None
