"""The branch that the intake's tests begin with: the company, an administrator, and a request of rita's."""

from functools import cache

from builders import ADMIN, ALL, flow, request, role, stage, use, user
from core.lives import company, offering
from core.papers import History, commit

FLOW = flow("platform/f", stage("lead", "Requesting"))
IDLE, GIFT = role("b/idle", {}), role("b/gift", {"*": ALL})
REFUSED = role("b/idle", {"*": ALL})
"""What hal may not write, and ada may."""
RESTORED, FURTHER = IDLE, role("b/idle", {"b": {"automate": "Viewer"}})
SERVICE = offering(approvals=[use("platform/f")], parameters={"type": "object"})


@cache
def root():
    """The company, with an administrator of everything in b (`b/ada`) and a helper who may write users (`b/hal`)."""
    people = [
        role("b/admins", {"*": ALL}),
        role("b/helpers", {"*": ADMIN}),
        user("b/ada", "admins"),
        user("b/hal", "helpers"),
    ]
    return (*company(), *people, SERVICE, FLOW)


def history(*more):
    """A branch whose trust root is the company, and these documents."""
    return History(*root(), *more)


def asked(**more):
    """The request r1 of rita's."""
    return request("b/r1", "vdi", "rita@b", **more)


def opened(*more):
    """A branch on which rita's request r1 has been opened."""
    return history(*more).take(commit("b/rita", asked()))
