"""The text in a mail's link: which question it is, bound to one person by a MAC, and kept nowhere.

It is made anew from the letter whenever a mail is sent again. Reading it says which question was meant, never who reads
it, and never whether it may still be answered: that is `core.questions.alive`.
"""

import base64
import binascii
import hashlib
import hmac
from typing import get_args

from assent.api.mailings import About
from assent.api.names import Ref
from assent.core.letters import Letter, key
from assent.core.questions import Question

PURPOSE = b"assent mail link 1"
"""In every MAC, so that nothing signed for another purpose, or in another form, is taken for a link."""

LONGEST = 1024
"""Characters of a token; the longest names there are make one of 800."""

_MAC, _DIGEST, _TEXTS = 32, 32, 4
_ABOUT: tuple[About, ...] = get_args(About)


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
    return Question(*found, telling=telling_id(raw[-_MAC:]))


def telling_id(mac: bytes) -> str:
    """The id under which the answer to a link is told: 32 hex digits that give nothing of the link away."""
    return hashlib.sha256(mac).hexdigest()[:32]


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
