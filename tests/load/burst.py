"""Many decisions at once by several people on few requests, and what the ledger says of them afterwards."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from assent.adapters.ledger import Ledger
from assent.core.state import TOLD

PATIENCE = 120.0
AT_ONCE = 50
"""Lines to the panel, a decision at a time on each."""
EXPECTED = {202, 403, 404, 409}
"""Written down; or it would not count; or it is not theirs to see, or not yet."""


@dataclass
class Burst:
    """What came of decisions posted at once; `wrong` says everything that must not be."""

    posted: int
    statuses: Counter
    posting: float
    judging: float
    accepted: int
    counted: int
    ends: Counter
    words: Counter
    wrong: list = field(default_factory=list)

    def lines(self):
        """The figures, each with what it is."""
        yield "decisions posted at once", f"{self.posted}"
        yield "answered", ", ".join(f"{number} times {status}" for status, number in sorted(self.statuses.items()))
        yield "posted in", f"{self.posting:.1f} s ({self.posted / self.posting:.0f} a second)"
        yield "written down, and judged", f"{self.accepted}, of which {self.counted} count"
        yield "from the first post to the last verdict", f"{self.judging:.1f} s"
        if self.ends:
            yield "ends", ", ".join(f"{number} {phase}" for phase, number in sorted(self.ends.items()))
        else:
            yield "told and judged", f"{self.accepted / self.judging:.0f} a second"


def burst(url, tokens, decisions, ledger, last=()):
    """Posts all of these at once; `decisions` are (username, request's name, verb, digest), some of them several times.

    `last` are made when all of these have been judged; with them every request must come to one end.
    """
    names = {name for _, name, _, _ in decisions}
    began, before = time.monotonic(), ledger.reach()
    posting = asyncio.run(_posted(url, tokens, decisions))
    posted = time.monotonic() - began
    judged = _judged(ledger, before, posting)
    statuses = Counter(status for status, _ in posting)
    accepted = {ident for status, ident in posting if status == httpx.codes.ACCEPTED}
    found = Burst(len(decisions), statuses, posted, judged - began, len(accepted), 0, Counter(), Counter())
    if last:
        asyncio.run(_posted(url, tokens, last))
        _settled(ledger, before, names)
    _weigh(found, [*ledger.records(before)], accepted, names if last else ())
    return found


async def _posted(url, tokens, decisions):
    """Each answer's status, with the id or the word that it says; as many on their way at once as there are lines."""
    left, found = list(decisions), []

    async def line():
        async with httpx.AsyncClient(base_url=f"{url}/api/v1/organizations/acme", timeout=PATIENCE) as client:
            while left:
                username, name, verb, digest = left.pop()
                headers = {"Authorization": f"Bearer {tokens[username]}"}
                body = {"verb": verb, "digest": digest, "reason": "by the dozen"}
                answer = await client.post(f"/requests/{name}/decisions", json=body, headers=headers)
                told = answer.json()
                found.append((answer.status_code, told.get("id", told.get("word"))))

    await asyncio.gather(*(line() for _ in range(AT_ONCE)))
    return found


def _judged(ledger, before, posting):
    """When the last of what was accepted had been judged."""
    waiting = {f"{TOLD}{ident}" for status, ident in posting if status == httpx.codes.ACCEPTED}
    read, end = before, time.monotonic() + PATIENCE
    while waiting and time.monotonic() < end:
        for record in ledger.records(read, {"decided"}):
            waiting.discard(record.body.get("proof", ""))
            read = record.sequence
        time.sleep(0.05)
    return time.monotonic()


def _settled(ledger, before, names):
    """Waits until every request has come to its end."""
    left, end = {f"acme/{name}" for name in names}, time.monotonic() + PATIENCE
    while left and time.monotonic() < end:
        left -= {record.subject for record in ledger.records(before, {"ended"})}
        time.sleep(0.2)


def _weigh(found, records, accepted, names):
    """Nothing lost and nothing double: each telling judged once, each person counted once, each request ended once."""
    told = Counter(one.subject for one in records if one.kind == "told")
    judged = [one for one in records if one.kind == "decided"]
    proofs = Counter(one.body.get("proof", "") for one in judged)
    counts = Counter(
        (one.subject, one.body["person"], one.body["verb"]) for one in judged if not one.body.get("because")
    )
    claims = Counter(one.subject for one in records if one.kind == "claimed")
    ends = Counter(one.subject for one in records if one.kind == "ended")
    found.counted = counts.total()
    found.words = Counter(one.body["because"] for one in judged if one.body.get("because"))
    found.ends = Counter(one.body["phase"] for one in records if one.kind == "ended")
    wrong = found.wrong
    wrong += [f"{ident} was accepted and is not in the ledger" for ident in accepted if told[ident] != 1]
    wrong += [f"{ident} was judged {proofs[TOLD + ident]} times" for ident in told if proofs[TOLD + ident] != 1]
    wrong += [f"{key} counted {number} times" for key, number in counts.items() if number != 1]
    wrong += [f"{name} was claimed {number} times" for name, number in claims.items() if number != 1]
    wrong += [f"acme/{name} ended {ends[f'acme/{name}']} times" for name in names if ends[f"acme/{name}"] != 1]
    odd = {status: number for status, number in found.statuses.items() if status not in EXPECTED}
    wrong += [f"{number} answers were {status}" for status, number in odd.items()]


def opened(ground):
    """The controller's ledger, to be read."""
    return Ledger.open(ground.ledger, key_file=ground.key, read_only=True)
