"""One decision heard: who wrote it, whether it counts, and the word why where it does not.

What is heard is judged once, in the world before the commit that brought it in; the verdict stands in the ledger.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from assent.api.decisions import SETTLING, Line, parse
from assent.api.evidence import Channel
from assent.api.names import Ident, Ref
from assent.core.access import holds
from assent.core.approvals import Bench, why_not
from assent.core.cases import Case, Voice
from assent.core.permissions import CANCEL
from assent.core.validity import validate
from assent.core.world import World


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose proof a decision carries: a person and the part of their User that proved it, or nobody and why.

    Where it is nobody, `word` is one of `conditions.NOT_COUNTED`, and `unproven` the sentence.
    """

    person: Ref | None
    via: str = ""
    unproven: str = ""
    word: str = "Unproven"


@dataclass(frozen=True, slots=True)
class Heard:
    """A decision before it is judged: its text, how it came, and the proof (a commit's id)."""

    text: str
    channel: Channel
    proof: str
    entry: str = ""
    signed_in: bool = True


def hear(world: World, case: Case, heard: Heard, speaker: Speaker, now: datetime) -> Voice:
    """The decision as it will stand in the ledger."""
    blank = _blank(heard, speaker, now)
    try:
        line = parse(heard.text)
    except ValueError as malformed:
        return replace(blank, person=None, because="Malformed", message=str(malformed))
    voice = replace(blank, verb=line.verb, username=line.username, digest=line.digest, reason=line.reason)
    word, message = _why_not(world, case, voice, line, speaker)
    return replace(voice, because=word, message=message)


def unheard(heard: Heard, speaker: Speaker, now: datetime) -> Voice:
    """A decision on a request that is not there: kept, so that whoever wrote it can be told."""
    return replace(_blank(heard, speaker, now), because="RequestNotFound")


def _blank(heard: Heard, speaker: Speaker, now: datetime) -> Voice:
    return Voice(
        sequence=0,
        at=now,
        verb=None,
        username="",
        person=speaker.person,
        channel=heard.channel,
        proof=heard.proof,
        entry=heard.entry,
        via=speaker.via,
        signed_in=heard.signed_in,
    )


def _why_not(world: World, case: Case, voice: Voice, line: Line, speaker: Speaker) -> tuple[str, str]:
    """The word and the sentence; both empty where the decision counts."""
    if speaker.person is None:
        return speaker.word, speaker.unproven
    if world.people.named(line.username) != speaker.person:
        return "SignerMismatch", f"the line is in the name of {line.username}, and {speaker.person} wrote it"
    if _too_new(world, case, speaker.person, speaker.via):
        return "NameTooNew", f"{speaker.via} was given to {speaker.person} by somebody else since the request was seen"
    word = _why_not_now(case, voice) or _why_not_allowed(world, case, voice, speaker.person)
    return word, _sentence(word, case, line)


def _too_new(world: World, case: Case, person: Ref, via: str) -> bool:
    """A key or name added later counts only if its owner wrote it, so that nobody lends a waiting request a voice."""
    notes = world.provenance.get(Ident("User", *person))
    origin = notes.parts.get(via) if notes else None
    return origin is not None and origin.since > case.seen and origin.author != person


def _why_not_now(case: Case, voice: Voice) -> str:
    if not case.open:
        return "RequestEnded"
    settling = voice.verb in SETTLING
    if case.claim and not settling:
        return "AlreadyClaimed"
    if settling and not (case.unsure and case.claim and (case.end or case.claim.plan["runner"] == "manual")):
        return "NothingToSettle"
    same = (voice.person, voice.verb, voice.digest)
    said = any((one.person, one.verb, one.digest) == same and not one.because for one in case.voices)
    return "AlreadyJudged" if said else ""


def _why_not_allowed(world: World, case: Case, voice: Voice, person: Ref) -> str:
    if world.people.by_ref[person].spec.suspended:
        return "Suspended"
    if voice.verb == "withdraw":
        return "" if person == world.people.named(case.spec.requester) else "NotEntitled"
    if voice.verb == "cancel" or voice.verb in SETTLING:
        return "" if holds(world, person, case.ref.namespace, CANCEL) else "NotEntitled"
    valid = validate(world, case).valid
    return why_not(Bench(world, case, valid.gate, valid.digest), person, voice) if valid else "NothingToDecide"


def _sentence(word: str, case: Case, line: Line) -> str:
    """What to know beside the word's own meaning."""
    if word == "DigestStale":
        return f"it names {line.digest}, which is not the digest of {case.ref} at this point"
    if word == "NotEntitled":
        return f"{line.username} may not {line.verb} {case.ref}"
    return ""
