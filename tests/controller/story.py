"""One little story with every way to run in it, as a branch that grows: the driver moves the branch and starts it."""

from dataclasses import dataclass

from assent.adapters.runners import ManualRunner
from controller import declared

EXPECTED = {
    "plain": "Succeeded",
    "gated": "Succeeded",
    "three": "Succeeded",
    "broken": "Failed",
    "again": "Succeeded",
    "hand": "Succeeded",
    "gone": "Withdrawn",
    "held": "open",
    "mixed": "Failed",
}
"""What each request comes to when nobody is killed; `held` waits for a program that is not there."""

ALSO = {"Unknown", "PartiallyFailed"}
"""What else a request may come to whose start was announced, and whose end was not recorded."""


@dataclass
class Story:
    """A ground whose branch holds the whole story, and the commit at which each part of it ends."""

    ground: object
    root: str
    heads: list


def told(ground):
    """Declares the story; its approvals name digests that a first telling has worked out."""
    root = ground.head()
    missing = declared.service("missing", program="missing")
    crack = declared.service("crack", program="break", targetRules={"minItems": 1, "maxItems": 2})
    ground.commit("olivia", missing, crack)
    requests = [
        declared.request("plain", "note", parameters={"text": "hello"}),
        declared.request("gated", "two", parameters={"text": "hello"}),
        declared.request("three", "sweep", targets=["a", "b", "c"]),
        declared.request("broken", "break"),
        declared.request("again", "again"),
        declared.request("hand", "hand"),
        declared.request("gone", "one"),
        declared.request("held", "missing"),
        declared.request("mixed", "crack", targets=["d", "e"]),
    ]
    heads = [ground.commit("juan", *requests)]
    digest = digest_of(ground, root, "gated")
    ground.decide("maria", "gated", f"approve as maria@acme.example for {digest}")
    heads.append(ground.decide("juan", "gone", "withdraw as juan@acme.example"))
    heads.append(ground.decide("ingrid", "gated", f"approve as ingrid@platform.example for {digest}"))
    heads.append(ground.decide("alba", "hand", "settle-succeeded as alba@acme.example because it turned"))
    return Story(ground, root, heads)


def digest_of(ground, root, name):
    """The digest of a request that waits, from a ledger that nobody keeps."""
    with ground.controller(root, ledger=ground.root / "telling.sqlite", runners={"manual": ManualRunner()}) as driver:
        driver.step()
        return driver.digest(name)
