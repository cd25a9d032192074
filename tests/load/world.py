"""A seeded world for load: the demo's, with fifty people more and as many open requests as wanted.

What it holds is the same every time; only keys and digests differ.
"""

import json
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from assent.adapters.documents import edit
from assent.adapters.ledger import Ledger
from assent.api.ledger import NewRecord
from assent.api.names import Ref
from assent.api.requests import document
from assent.cli import repositories
from assent.cli.demos.world import PANEL, build
from assent.reconcile.passes import Controller, Moment

SEED = 1
REQUESTERS, MANAGERS, ENGINEERS = 30, 14, 6
"""Fifty people: who asks, who decides for the client, and who decides for the platform."""


@dataclass(frozen=True)
class Crowd:
    """The people by what they do, each by username; and the requests that wait, each by name.

    Besides `requests` there are a `few` that many decide on, and `many` of two stages that are decided once each.
    """

    requesters: list[str]
    managers: list[str]
    engineers: list[str]
    requests: list[str]
    few: list[str]
    many: list[str]

    @property
    def everybody(self):
        return [*self.requesters, *self.managers, *self.engineers]


def seeded(root, requests, few=0, many=0):
    """The world with its requests seen and validated; the ground, and who is there."""
    ground = build(root)
    crowd = Crowd(
        [_person(ground, f"asks-{at:02}", "acme", "acme-requesters") for at in range(REQUESTERS)],
        [_person(ground, f"decides-{at:02}", "acme", "acme-managers") for at in range(MANAGERS)],
        [_person(ground, f"studies-{at:02}", "platform", "platform-engineers") for at in range(ENGINEERS)],
        [f"load-{at:04}" for at in range(requests)],
        [f"few-{at:02}" for at in range(few)],
        [f"many-{at:04}" for at in range(many)],
    )
    _commit(ground, "olivia", "Declare fifty people more")
    root = ground.git("olivia", "rev-parse", "HEAD").strip()
    ground.ledger.parent.mkdir(parents=True, exist_ok=True)
    with (
        repositories.opened(str(ground.repository)) as branch,
        Ledger.open(ground.ledger, key_file=ground.key) as ledger,
    ):
        controller = Controller(branch, ledger, {})
        controller.start(_now(), root)
        controller.step(_now())
        _ask(ground, ledger, crowd)
        controller.step(_now())
        controller.step(_now())
    return ground, crowd


def _now():
    return Moment(datetime.now(UTC), time.monotonic())


def _person(ground, name, organization, role):
    username = f"{name}@{organization}.example"
    spec = {"username": username, "displayName": name.replace("-", " ").title(), "role": {"name": role}}
    metadata = {"name": name, "namespace": organization}
    value = {"apiVersion": "assent.dev/v1alpha1", "kind": "User", "metadata": metadata, "spec": spec}
    _write(ground, f"organizations/crowd/{name}.yaml", value)
    return username


def _ask(ground, ledger, crowd):
    """Every request, as the panel opens them: the evidence of who asks, and one commit of the panel's for all."""
    chosen = random.Random(SEED)
    records = []
    for name in (*crowd.requests, *crowd.few, *crowd.many):
        spec = _spec(chosen.choice(crowd.requesters), chosen, two_stages=name in crowd.many or chosen.random() < 0.5)
        value = document(Ref("acme", name), spec)
        _write(ground, f"requests/acme/{name}.yaml", value)
        records.append(NewRecord("asked", f"acme/{name}", {"spec": spec, "username": spec["requester"]}, once=True))
    ledger.append(records, datetime.now(UTC))
    _commit(ground, PANEL, "Ask for all that is asked for")


def _spec(username, chosen, *, two_stages):
    """New workspaces wait for a manager and for the platform, the end of all sessions for a manager alone."""
    if two_stages:
        parameters = {"template": "win11-office", "count": chosen.randint(1, 5)}
        wish = {"microservice": {"name": "create-workspaces"}, "parameters": parameters, "targets": []}
    else:
        wish = {"microservice": {"name": "close-all-user-sessions"}, "parameters": {"graceMinutes": 10}}
        wish |= {"targets": [f"vdi-{chosen.randint(1, 2):04}"]}
    return {**wish, "requester": username}


def _write(ground, path, value):
    file = ground.repository / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(edit.dump(value))


def _commit(ground, person, subject):
    ground.git(person, "add", "-A")
    ground.git(person, "commit", "-q", "-S", "-m", subject)


def told(folder, crowd, **more):
    """What the processes that make load are told, in a file."""
    path = folder / "load.json"
    people = {"requesters": crowd.requesters, "managers": crowd.managers, "engineers": crowd.engineers}
    path.write_text(json.dumps({**people, "requests": crowd.requests, **more}), encoding="utf-8")
    return path
