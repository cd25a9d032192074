"""The framework runs as one part of the process: it sees what happens, ends when told to, and says what ended it."""

import threading
import time

import kopf
import pytest

from assent.cluster.framework import part
from assent.cluster.settings import configure

PATIENCE = 60
ORGANIZATIONS = "/apis/assent.dev/v1alpha1/organizations"


def settings():
    found = kopf.OperatorSettings()
    configure(found)
    return found


@pytest.fixture
def seen(plane, monkeypatch):
    """A registry that notes the names of Organizations, and the names."""
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig("admin", ("system:masters",))))
    registry, names = kopf.OperatorRegistry(), set()
    kopf.on.login(registry=registry)(kopf.login_with_kubeconfig)

    async def note(name, **_):
        names.add(name)

    kopf.on.event("assent.dev", "v1alpha1", "organizations", registry=registry)(note)
    return registry, names


def test_it_sees_events_and_ends_when_told(plane, organization, seen):
    """An object is seen soon after it was made, nothing is written on it, and the flag ends the part within seconds."""
    registry, names = seen
    stop = threading.Event()
    thread = threading.Thread(target=part(registry, settings).run, args=(stop,))
    thread.start()
    body = {"apiVersion": "assent.dev/v1alpha1", "kind": "Organization", "metadata": {"name": organization}}
    made = plane.admin.create(ORGANIZATIONS, {**body, "spec": {"type": "Platform"}})
    plane.until(lambda: organization in names, "the event did not arrive")
    after = plane.admin.get(f"{ORGANIZATIONS}/{organization}")
    plane.admin.delete(f"{ORGANIZATIONS}/{organization}")
    began = time.monotonic()
    stop.set()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert time.monotonic() - began < 15
    assert made["metadata"]["resourceVersion"] == after["metadata"]["resourceVersion"]


def test_rule_27_what_ends_it_reaches_the_supervisor():
    """Where nobody gives it credentials it ends with an error, and does not wait for its flag."""
    registry, raised = kopf.OperatorRegistry(), []

    async def nothing(**_):
        return None

    kopf.on.login(registry=registry)(nothing)
    kopf.on.event("assent.dev", "v1alpha1", "organizations", registry=registry)(nothing)

    def run():
        try:
            part(registry, settings).run(threading.Event())
        except Exception as error:  # noqa: BLE001 -- whatever it is
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(PATIENCE)

    assert not thread.is_alive()
    assert 1 == len(raised)
