"""What has happened to one request: from its case, since reading the ledger proves all of it each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from assent.api.characters import visible
from assent.core import titles
from assent.core.cases import Voice
from assent.core.status import dropped
from assent.portal.dossiers import Dossier
from assent.portal.sentences.outcomes import outcome
from assent.portal.sentences.reasons import meaning
from assent.portal.sentences.standing import standing
from assent.portal.words import word

FEW: Final = 10
"""Executions that are told of one by one; of more, only that they began and ended."""

Mood = Literal["", "good", "bad", "wait"]
BAD_ENDS: Final = frozenset({"Failed", "PartiallyFailed", "Rejected", "Invalid", "Expired", "Unknown"})


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: a sentence, perhaps a second one, and whether it was a good one."""

    at: datetime
    text: str
    more: str = ""
    mood: Mood = ""


def happenings(dossier: Dossier) -> list[Happening]:
    """All of it, the oldest first."""
    found = [*_beginning(dossier), *_decisions(dossier), *_run(dossier)]
    # The end comes last, though it is kept by whole seconds.
    return [*sorted(found, key=lambda one: one.at), *_end(dossier)]


def _beginning(dossier: Dossier) -> Iterator[Happening]:
    _, case = dossier.reader.translate, dossier.decision.case
    who = titles.person(dossier.seen.world, case.spec.requester)
    yield Happening(case.seen_at, _("%(who)s asked for it, and the controller saw it.") % {"who": who})
    if case.validated_at:
        yield Happening(case.validated_at, _("It was found valid, and could be decided."))
    if case.digest_at and case.digest_at != case.validated_at:
        text = _("What it comes to changed: decisions before this are void.")
        yield Happening(case.digest_at, text, case.digest or "", "wait")


def _decisions(dossier: Dossier) -> Iterator[Happening]:
    words = dropped(dossier.decision)
    yield from (_decision(dossier, voice, words.get(voice.sequence, "")) for voice in dossier.decision.case.voices)


def _decision(dossier: Dossier, voice: Voice, because: str) -> Happening:
    _ = dossier.reader.translate
    who = titles.person(dossier.seen.world, voice.username) if voice.username else _("Somebody who is not proven")
    verb = word(voice.verb, _) if voice.verb else _("wrote a line that is no decision")
    text, reason = f"{who}: {verb}", visible(voice.reason or "")
    if because:
        lost = _("It does not count: %(why)s") % {"why": meaning(because, _)}
        return Happening(voice.at, text, f"{reason} {lost}".strip(), "wait")
    return Happening(voice.at, text, reason, "good" if voice.verb == "approve" else "bad")


def _run(dossier: Dossier) -> Iterator[Happening]:
    _, case = dossier.reader.translate, dossier.decision.case
    if case.claim is None:
        return
    yield Happening(case.claim.at, _("The run began, exactly as it was approved."), mood="good")
    results = list(case.results.values())
    for one in results if len(results) <= FEW else []:
        if one.ended_at:
            target = f"{visible(one.target)}: " if one.target else ""
            mood: Mood = "good" if one.state == "Succeeded" else "bad"
            yield Happening(one.ended_at, f"{target}{word(one.state, _)}", outcome(one, case.claim, _), mood)


def _end(dossier: Dossier) -> Iterator[Happening]:
    _, end = dossier.reader.translate, dossier.decision.end or dossier.decision.case.end
    if end:
        mood: Mood = "bad" if end.phase in BAD_ENDS else "good" if end.phase == "Succeeded" else ""
        text = _("It ended: %(phase)s") % {"phase": word(end.phase, _)}
        yield Happening(end.at, text, standing(dossier.seen.world, dossier.decision, dossier.reader), mood)
