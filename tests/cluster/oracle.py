"""What must be true of a whole history: of the ledger, of pods that were started, of statuses that were written.

Each answer is a sentence about something that was not so; `[]` is what a test wants.
"""

from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

from assent.adapters.kube.anchors import ConfigMapAnchor
from assent.adapters.ledger import Ledger
from assent.api.requests import ENDS

WRITES = 5
"""Status writes that one change of state of an object may take."""


def records(house):
    """The whole ledger, proven against its anchor."""
    anchor = ConfigMapAnchor(house.plane.admin, "assent-system")
    key = Path(house.folder) / "ledger.key"
    with Ledger.open(house.ledger, key_file=key, anchor=anchor, read_only=True) as ledger:
        return [*ledger.records()]


def judge(house, kubelet, proxies=(), right=None):
    """Everything that can be told from what is there; `right` are the phases that requests should have come to."""
    found = records(house)
    calls = [call for one in proxies for call in one.calls]
    return [
        *once(found, kubelet),
        *approved(found),
        *ended(found, right or {}, house),
        *forward(calls),
        *quiet(calls),
    ]


def once(found, kubelet):
    """No execution was started twice, and none that nobody had claimed."""
    claimed = Counter(
        execution["id"] for one in found if one.kind == "claimed" for execution in one.body["plan"]["executions"]
    )
    for execution, times in kubelet.started.items():
        if times > 1:
            yield f"{execution} was started {times} times"
        if execution not in claimed:
            yield f"{execution} was started, and nobody claimed it"
    for kind in ("claimed", "acted"):
        twice = Counter(one.subject for one in found if one.kind == kind)
        yield from (f"{subject} was {kind} {times} times" for subject, times in twice.items() if times > 1)


def approved(found):
    """At each claim every stage had its quorum of different people, who had decided on that very digest before."""
    said = defaultdict(set)
    for one in found:
        if one.kind == "decided" and one.body["verb"] == "approve" and "because" not in one.body:
            said[one.subject, one.body.get("digest")].add(one.body["username"])
        if one.kind != "claimed":
            continue
        names = said[one.subject, one.body["digest"]]
        for stage in one.body["stages"]:
            people = {line["username"] for line in stage["decisions"] if line["digest"] == one.body["digest"]}
            if stage["state"] != "Satisfied" or len(people) < stage["quorum"] or not people <= names:
                yield f"{one.subject} was claimed without a quorum in {stage['name']}"


def ended(found, right, house):
    """Each request has exactly one end, the right one, and its object says so."""
    ends = Counter(one.subject for one in found if one.kind == "ended")
    yield from (f"{ref} ended {times} times" for ref, times in ends.items() if times > 1)
    phases = {one.subject: one.body["phase"] for one in found if one.kind == "ended"}
    for ref, phase in right.items():
        if phases.get(ref) != phase:
            yield f"{ref} came to {phases.get(ref)}, and should be {phase}"
        if house.status(ref).get("phase") != phase:
            yield f"{ref} is shown as {house.status(ref).get('phase')}, and should be {phase}"


def statuses(calls):
    """By object, the phases that were written, in the order in which the API server took them."""
    written = defaultdict(list)
    for call in sorted(calls, key=lambda one: one.version):
        if call.phase and call.written:
            written[call.path.removesuffix("/status")].append(call.phase)
    return written


def forward(calls):
    """Once an object's status said an end, it said no other thing any more."""
    for path, phases in statuses(calls).items():
        over = [phase for phase in phases if phase in ENDS]
        if over and phases[phases.index(over[0]) :] != over[:1] * (len(phases) - phases.index(over[0])):
            yield f"{path} went back: {phases}"


def quiet(calls):
    """No object's status was written more often than its changes of state allow, and none over the breaker's limit."""
    for path, phases in statuses(calls).items():
        changes = 1 + sum(one != two for one, two in pairwise(phases))
        if len(phases) > WRITES * changes:
            yield f"{path}: {len(phases)} status writes for {changes} changes of phase"
    minutes = Counter((call.path, int(call.at // 60)) for call in calls if call.written and call.method == "PUT")
    yield from (
        f"{path} was written {times} times in a minute"
        for (path, _), times in minutes.items()
        if times > 30 and path.endswith("/status")
    )
