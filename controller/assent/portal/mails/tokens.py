"""The text in a mail's link: which question it is, bound to one person by a MAC, and kept nowhere.

It is made anew from the letter whenever a mail is sent again. Reading it says which question was meant, never who reads
it, and never whether it may still be answered: that is `alive`.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from assent.api.mailings import About
from assent.api.names import Ref
from assent.core.decide import Decision
from assent.core.letters import Letter, key
from assent.core.state import TOLD, State
from assent.core.status import can_decide

PURPOSE = b"assent mail link 1"
"""In every MAC, so that nothing signed for another purpose, or in another form, is taken for a link."""

LONGEST = 1024
"""Characters of a token; the longest names there are make one of 800."""

_MAC, _DIGEST, _TEXTS = 32, 32, 4
_ABOUT: tuple[About, ...] = get_args(About)


@dataclass(frozen=True, slots=True)
class Question:
    """What a link asks whom; `telling` is the id under which its answer is told, once."""

    person: Ref
    request: Ref
    stage: str
    digest: str
    about: About
    telling: str


def mint(secret: bytes, letter: Letter) -> str:
    """The link's text: letters, digits, `-` and `_`; the same for the same letter and secret."""
    return _written(secret, letter.person, letter.request, letter.stage, letter.digest, letter.about)


def read(secret: bytes, token: str) -> Question | None:
    """Which question the link is for; None for whatever this secret did not write, byte for byte."""
    raw = _raw(token)
    if raw is None:
        return None
    parts = raw[: -_DIGEST - _MAC].split(b"\x00")
    try:
        person, request, stage, about = (part.decode("ascii") for part in parts)
        found = Ref.parse(person), Ref.parse(request), stage, raw[-_DIGEST - _MAC : -_MAC].hex(), _about(about)
        written = _written(secret, *found)
    except ValueError:
        return None
    if not hmac.compare_digest(written.encode(), token.encode()):
        return None
    return Question(*found, telling=telling(raw[-_MAC:]))


def telling(mac: bytes) -> str:
    """The id under which the answer to a link is told: 32 hex digits that give nothing of the link away."""
    return hashlib.sha256(mac).hexdigest()[:32]


def alive(state: State, decision: Decision, question: Question, now: datetime) -> str:
    """Why the link's question cannot be answered any more, in one word for the log; empty where it can.

    Whoever follows the link is told the same in every case.
    """
    return next((word for word, dead in _deaths(state, decision, question, now) if dead), "")


def _deaths(state: State, decision: Decision, question: Question, now: datetime) -> Iterator[tuple[str, bool]]:
    case, valid, tally = decision.case, decision.valid, decision.tally
    yield "OtherRequest", case.ref != question.request
    proof = f"{TOLD}{question.telling}"
    yield "Used", question.telling in state.told or any(voice.proof == proof for voice in case.voices)
    yield "Ended", not case.open or case.claim is not None
    if valid is None or tally is None:
        yield "NothingToDecide", True
        return
    yield "DigestStale", valid.digest != question.digest
    yield "TooLate", decision.deadline is not None and now > decision.deadline
    yield "ChannelNotAccepted", "Mail" not in valid.gate.accepts
    stages = [one for one in tally.stages if one.seat.name == question.stage and one.state == "Open"]
    yield "StageClosed", not stages
    yield "NotAnApprover", not any(question.person in can_decide(decision, one) for one in stages)


def _written(secret: bytes, person: Ref, request: Ref, stage: str, digest: str, about: About) -> str:
    """The token of these fields; raises ValueError for a digest that is none.

    The nonce is the letter's key: it is what makes a reminder's link another one than the first mail's.
    """
    texts = (str(person), str(request), stage, str(_ABOUT.index(about)))
    body = b"\x00".join(text.encode("ascii") for text in texts) + bytes.fromhex(digest)
    nonce = bytes.fromhex(key(request, about, stage, digest, person))
    mac = hmac.digest(secret, b"\x00".join((PURPOSE, nonce, body)), "sha256")
    return base64.urlsafe_b64encode(body + mac).rstrip(b"=").decode()


def _raw(token: str) -> bytes | None:
    """The bytes that the text stands for, where they could be a token at all."""
    if len(token) > LONGEST or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) > _DIGEST + _MAC else None


def _about(text: str) -> About:
    return next((about for at, about in enumerate(_ABOUT) if text == str(at)), "Ended")
