"""Which calls of an operator go wrong, and how: drawn by a seed, one call after another.

A server may refuse, be slow or break off; it never says what is not so. A 422 or 403 on a Job is such a refusal for
good, and ends a request, so it is left to a test of its own.
"""

import json
import random
from collections import Counter

READ = {"429": 3, "500": 3, "503": 3, "403": 1, "401": 1, "cut": 3}
WRITE = {"409": 3, "422": 1, "403": 1, "429": 2, "500": 3, "503": 3, "401": 1, "lost": 6, "late": 0.3, "cut": 3}
WATCH = {"410": 2, "500": 1, "429": 1, "401": 1, "403": 0.5, "cut": 1}
STREAM = {"torn": 3, "silent": 1, "gone": 3, "broken": 2, "swallowed": 2, "twice": 2}
"""Weights. `cut`: no answer, and nothing done. `lost`: done, and no answer; `late`: the same, until the caller's own
time-out. In a stream: `torn` in the middle of an event, `silent` from some moment on, `gone` and `broken` are ERROR
events with 410 and 500, `swallowed` leaves an event out, `twice` says each one again."""

FINAL = {"422", "403"}
REASONS = {
    "409": "Conflict",
    "422": "Invalid",
    "429": "TooManyRequests",
    "500": "InternalError",
    "503": "ServiceUnavailable",
    "401": "Unauthorized",
    "403": "Forbidden",
    "410": "Expired",
}


class Faults:
    """`rate` of the calls go wrong, and `streams` of the watches that were opened; none while it is `off`.

    `exact` are pairs of a fault and what tells, by method and path, which next call has it, whatever the seed says.
    """

    def __init__(self, seed=0, rate=0.0, streams=0.0):
        self.rate, self.streams = rate, streams
        self.off = False
        self.counts = Counter()
        self.exact = []
        self._random = random.Random(seed)

    def choose(self, method, path, *, watch=False):
        """How this call goes wrong, or None."""
        for one in self.exact:
            if one[1](method, path):
                self.exact.remove(one)
                return self._counted(one[0])
        if self.off or self._random.random() >= self.rate:
            return None
        weights = dict(WATCH if watch else READ if method == "GET" else WRITE)
        if "/jobs" in path:
            weights = {name: weight for name, weight in weights.items() if name not in FINAL}
        return self._counted(self._drawn(weights))

    def stream(self):
        """How this watch goes wrong and after how many seconds, or None."""
        if self.off or self._random.random() >= self.streams:
            return None
        return self._counted(self._drawn(STREAM)), self._random.uniform(0.1, 4)

    def _drawn(self, weights):
        return self._random.choices([*weights], [*weights.values()])[0]

    def _counted(self, fault):
        self.counts[fault] += 1
        return fault


def status(code, headers=""):
    """A whole answer: a refusal as the API server words it."""
    body = json.dumps(refusal(code)).encode()
    retry = "Retry-After: 1\r\n" if code in {"429", "503"} else ""
    head = f"HTTP/1.1 {code} Injected\r\nContent-Type: application/json\r\n{retry}{headers}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def refusal(code):
    """The Status object."""
    about = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {}}
    return {**about, "message": "injected", "reason": REASONS[code], "code": int(code)}


def event(code):
    """A watch's ERROR event, as a line."""
    return json.dumps({"type": "ERROR", "object": refusal(code)}).encode() + b"\n"
