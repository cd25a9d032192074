"""What requests must come to, worked out a second time: naively, from plain documents, without any code of the core.

It follows one branch commit by commit, keeps the documents in force as they stood before each, and asks of every
request, by trying all assignments, whether different people who were entitled then and are entitled now have approved
this very effect. Whatever the controller does is compared with it after every pass.
"""

import json
from dataclasses import dataclass, field
from datetime import timedelta

RIGHTS = {"Requester": {"Create"}, "Approver": {"Create", "Approve"}, "Manager": {"Create", "Approve", "Cancel"}}
PLATFORM = "platform"


@dataclass
class Asked:
    """A request: what it says, the documents before it was first seen, and what was counted on it when it was heard."""

    name: str
    spec: dict
    seen: dict
    at: object
    proven: bool
    approvals: list = field(default_factory=list)
    rejections: list = field(default_factory=list)
    end: str = ""
    claimed: bool = False


def person(docs, username):
    """The path of the one user who has this name."""
    found = [
        path
        for path, spec in docs.items()
        if path.startswith("User/") and username in (spec["username"], *spec.get("aliases", ()))
    ]
    return found[0].removeprefix("User/") if len(found) == 1 else None


def line(docs, organization):
    """The organization and all above it, itself first."""
    found = [organization]
    while parent := docs[f"Organization/{found[-1]}"].get("parent"):
        found.append(parent)
    return found


def role(docs, who):
    """The role that somebody has, as `organization/name`."""
    spec = docs[f"User/{who}"]
    return f"{who.split('/')[0]}/{spec['role']['name']}" if "role" in spec else None


def may(docs, who, action, organization):
    """Whether somebody holds automate Requests <action> there."""
    spec, has = docs.get(f"User/{who}"), None
    if spec is None or spec.get("suspended") or not (has := role(docs, who)):
        return False
    entries = {one["organization"]: one["levels"] for one in docs[f"AccessRole/{has}"]["entries"]}
    if has.split("/")[0] not in line(docs, organization):
        return False
    levels = entries.get(organization, entries.get("*", {}))
    return action in RIGHTS.get(levels.get("automate"), ())


def admits(docs, entry, who, has, organization):
    """Whether a stage's entry admits somebody who has this role."""
    above = line(docs, organization)
    meant = {"Requesting": organization, "Partner": above[1] if len(above) > 1 else None, "Platform": PLATFORM}
    if entry.get("organizations") and who.split("/")[0] not in {meant.get(one, one) for one in entry["organizations"]}:
        return False
    if entry.get("roles") and has not in {f"{one['organization']}/{one['name']}" for one in entry["roles"]}:
        return False
    return not entry.get("users") or who in {f"{one['organization']}/{one['name']}" for one in entry["users"]}


def approver(docs, asked, stage, who, organization):
    """Whether somebody is an approver of the stage in these documents, and was one when the request was first seen."""
    where = PLATFORM if who.startswith(f"{PLATFORM}/") else organization
    if not may(docs, who, "Approve", where) or not may(asked.seen, who, "Approve", where):
        return False
    return all(
        any(admits(docs, entry, who, has, organization) for entry in stage["approvers"])
        for has in (role(docs, who), role(asked.seen, who))
    )


def effect(docs, asked, organization):
    """Everything that decides what the request comes to, as one text."""
    parts = [line(docs, organization), asked.name, asked.spec | {"reason": None}]
    return json.dumps(
        [*parts, docs[f"Microservice/{PLATFORM}/vdi"], docs[f"ApprovalFlow/{PLATFORM}/f"]], sort_keys=True
    )


def fillable(slots, people):
    """Whether these slots, each the set of those who may fill it, can all be filled by different people."""
    if not slots:
        return True
    return any(fillable(slots[1:], people - {who}) for who in slots[0] & people)


class Model:
    """All requests of one organization on one branch."""

    def __init__(self, docs, organization):
        self.docs = dict(docs)
        self.organization = organization
        self.requests = {}
        self.digests = {}

    # One commit, as it is read ------------------------------------------------------------------------------------

    def open(self, name, spec, signer, now):
        """A request's document comes in, signed by somebody."""
        if name not in self.requests:
            proven = signer == person(self.docs, spec["requester"])
            self.requests[name] = Asked(name, spec, self.docs, now, proven)

    def say(self, name, who, verb, now, key=None):
        """Somebody decides; `key` is the effect that their line is for, where it names one."""
        asked = self.requests[name]
        if asked.end == "Unknown" and verb.startswith("settle") and self._may(who, "Cancel"):
            asked.end = "Succeeded" if verb == "settle-succeeded" else "Failed"
        if asked.end or asked.claimed or self.docs[f"User/{who}"].get("suspended"):
            return
        if verb == "withdraw" and who == person(self.docs, asked.spec["requester"]):
            asked.end = "Withdrawn"
        if verb == "cancel" and self._may(who, "Cancel"):
            asked.end = "Cancelled"
        if verb in ("approve", "reject") and self._counts(asked, who, verb, now, key):
            kept = asked.approvals if verb == "approve" else asked.rejections
            kept.append((who, key))
            if self.verdict(asked, now) == "Rejected":
                asked.end = "Rejected"

    def write(self, path, spec):
        """A document of configuration changes, by somebody entitled."""
        self.docs = self.docs | {path: spec}

    # What it comes to ---------------------------------------------------------------------------------------------

    def _may(self, who, action):
        return may(self.docs, who, action, self.organization)

    def _stages(self):
        flow = self.docs[f"ApprovalFlow/{PLATFORM}/f"]
        return flow["stages"], flow.get("order", "Sequential") == "Parallel", flow.get("decideWithin")

    def _late(self, asked, now):
        within = self._stages()[2]
        return bool(within) and now > asked.at + timedelta(hours=int(within.removesuffix("h")))

    def _counts(self, asked, who, verb, now, key):
        """Whether an approval or a rejection counts at this moment."""
        flow = self.docs[f"ApprovalFlow/{PLATFORM}/f"]
        own = who == person(self.docs, asked.spec["requester"]) and flow.get("selfApproval") != "Allowed"
        beneficiary = verb == "approve" and who == person(self.docs, asked.spec.get("onBehalfOf", ""))
        if own or beneficiary or (now and self._late(asked, now)):
            return False
        if key is not None and key != effect(self.docs, asked, self.organization):
            return False
        return bool(self._seats(asked, who))

    def _seats(self, asked, who):
        stages = self._stages()[0]
        return {at for at, stage in enumerate(stages) if approver(self.docs, asked, stage, who, self.organization)}

    def approved_by(self, asked):
        """Who has approved the present effect, and counts now."""
        return {who for who, key in asked.approvals if self._counts(asked, who, "approve", None, key)}

    def satisfied(self, asked):
        """Each stage, as whether its places can be filled beside all those before it."""
        people, chosen, full = self.approved_by(asked), [], []
        for at, stage in enumerate(self._stages()[0]):
            able = {who for who in people if at in self._seats(asked, who)}
            wanted = [able] * stage.get("quorum", 1)
            placed = 0
            for one in wanted:
                if fillable([*chosen, one], people):
                    chosen.append(one)
                    placed += 1
            full.append(placed == len(wanted))
        return full

    def verdict(self, asked, now):
        """Submitted, Rejected, Expired, Approved or PendingApproval, as things stand."""
        requester = person(self.docs, asked.spec["requester"])
        if requester is None or not asked.proven or not self._may(requester, "Create"):
            return "Submitted"
        full, parallel = self.satisfied(asked), self._stages()[1]
        reached = set(range(len(full))) if parallel else {at for at in range(len(full)) if all(full[:at])}
        for who, key in asked.rejections:
            if self._counts(asked, who, "reject", None, key) and self._seats(asked, who) & reached:
                return "Rejected"
        if all(full):
            return "Approved"
        return "Expired" if self._late(asked, now) else "PendingApproval"

    def look(self, now, outcome):
        """One pass: what has come to an end has ended, and what all have approved has run."""
        for asked in self.requests.values():
            if asked.end or asked.claimed:
                continue
            verdict = self.verdict(asked, now)
            if verdict in ("Rejected", "Expired"):
                asked.end = verdict
            if verdict == "Approved":
                asked.claimed, asked.end = True, outcome

    def phases(self, now):
        """What every request must be shown as."""
        return {name: asked.end or self.verdict(asked, now) for name, asked in self.requests.items()}
