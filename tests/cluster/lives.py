"""The lives of many requests at once: people open them, decide as the stages open, and take some back."""

import contextlib
from dataclasses import dataclass, field

from assent.adapters.kube import paths
from assent.api.requests import ENDS
from assent.errors import ClusterError
from cluster import admission

JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
DECIDES = {"manager": MARIA, "platform": INGRID}
RIGHT = {"approve": "Succeeded", "fail": "Failed", "reject": "Rejected", "withdraw": "Withdrawn"}
"""What each way of living comes to."""

SPEC = {
    "microservice": {"name": "create-workspaces"},
    "parameters": {"template": "win11-office", "count": 3},
    "reason": "New hires",
}


def ending(pod):
    """The code with which a request's program ends, by the request's name; for a `Kubelet`."""
    variables = pod["spec"]["containers"][0].get("env", ())
    return int(any(str(one.get("value", "")).endswith("-fail") for one in variables))


@dataclass
class Lives:
    """`open` begins one; `tend` moves all of them on as far as people can, and tells which have not ended yet."""

    plane: object
    namespace: str = "acme"
    right: dict = field(default_factory=dict)
    asked: set = field(default_factory=set)

    def open(self, name, way="approve"):
        body = admission.request(name, self.namespace)
        body["spec"] = SPEC
        # Asked again: for a moment a busy API server's policies know nothing of a kind, and refuse all of it.
        ask, where = self.plane.api(JUAN), paths.collection("Request", self.namespace)
        self.plane.until(lambda: ask.create(where, body), f"{name} cannot be opened")
        self.right[f"{self.namespace}/{name}"] = RIGHT[way]

    def tend(self):
        items = self.plane.admin.get(paths.collection("Request", self.namespace))["items"]
        found = {f"{self.namespace}/{one['metadata']['name']}": one for one in items}
        left = {ref: found[ref] for ref in self.right if (found[ref].get("status") or {}).get("phase") not in ENDS}
        for ref, held in left.items():
            with contextlib.suppress(ClusterError):
                self._move(ref, held)
        return [*left]

    def _move(self, ref, held):
        status = held.get("status") or {}
        for stage in status.get("stages", ()):
            if stage["state"] != "Open":
                continue
            wanted = self.right[ref]
            if wanted == "Withdrawn":
                self._write(ref, JUAN, f"withdraw as {JUAN} because it was a mistake")
            elif wanted == "Rejected" and stage["name"] == "platform":
                self._write(ref, INGRID, f"reject as {INGRID} because there is no room")
            else:
                who = DECIDES[stage["name"]]
                self._write(ref, who, f"approve as {who} for {status['digest']} because fine")

    def _write(self, ref, who, line):
        """Once each: whoever has decided does not do so again."""
        if (ref, who) in self.asked:
            return
        name = ref.partition("/")[2]
        notes = {f"approval.assent.dev/{who.partition('@')[0]}": line}
        place = f"{paths.collection('Request', self.namespace)}/{name}"
        self.plane.api(who).patch(place, {"metadata": {"annotations": notes}})
        self.asked.add((ref, who))

    def until_over(self, seconds=120):
        """Until each has come to its end, for so long at most."""
        self.plane.until(lambda: not self.tend(), f"these do not end: {self.tend}", seconds)
