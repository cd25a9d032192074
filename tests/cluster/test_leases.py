"""One replica holds the lease; another takes it over when it is given up or has run out on the other's own clock."""

import threading
import time

import pytest

from assent.adapters.kube.leases import Lease, Term
from assent.errors import ClusterError

PATIENCE = 60
SHORT = Term(duration=3, renew=0.2, margin=1)


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def replica(plane, organization):
    """Makes a replica that seeks this test's own lease."""

    def make(identity, term=SHORT, api=plane.admin):
        return Lease(api, identity, namespace=organization, term=term)

    return make


@pytest.fixture
def record(plane, organization):
    """The lease as the API server holds it."""
    path = f"/apis/coordination.k8s.io/v1/namespaces/{organization}/leases/assent-operator"
    return lambda: plane.admin.get(path)["spec"]


def test_the_first_gets_it_and_the_second_waits(replica, record):
    """The record names its holder; whoever does not hold it knows who does."""
    first, second = replica("one"), replica("two")
    first.step()
    second.step()

    assert (True, False) == (first.held(), second.held())
    assert "one" == second.holder == record()["holderIdentity"]
    assert (3, 0) == (record()["leaseDurationSeconds"], record()["leaseTransitions"])
    assert "" == first.problem == second.problem


def test_it_is_renewed_and_stays(replica, record):
    """A holder that renews keeps it for longer than one term, from the time that it first had it."""
    first, second = replica("one"), replica("two")
    first.step()
    acquired = record()["acquireTime"]
    end = time.monotonic() + 4.5
    while time.monotonic() < end:
        first.step()
        second.step()
        assert (True, False) == (first.held(), second.held())
        time.sleep(0.1)

    assert acquired == record()["acquireTime"] < record()["renewTime"]


def test_a_silent_holder_loses_it_before_another_takes_it(replica, record):
    """Nobody renews: the holder counts it as lost by its own clock, before the other takes it a term later."""
    first, second = replica("one"), replica("two")
    first.step()
    second.step()
    looked = time.monotonic()
    while not second.held():
        second.step()
        both = first.held() and second.held()
        assert not both
        assert time.monotonic() - looked < PATIENCE
        time.sleep(0.02)

    assert time.monotonic() - looked >= 2.8
    assert not first.held()
    assert ("two", 1) == (record()["holderIdentity"], record()["leaseTransitions"])


@pytest.mark.parametrize("renewed", ["1999-01-01T00:00:00.000000Z", "2999-01-01T00:00:00.000000Z"])
def test_the_times_in_the_record_decide_nothing(plane, organization, replica, renewed):
    """A holder whose wall clock is years off loses the lease neither sooner nor later for it."""
    spec = {"holderIdentity": "one", "leaseDurationSeconds": 3, "renewTime": renewed, "acquireTime": renewed}
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{organization}/leases"
    plane.admin.create(leases, {"metadata": {"name": "assent-operator"}, "spec": spec})
    second = replica("two")
    second.step()
    at_once = second.held()
    began = time.monotonic()
    until(lambda: second.step() or second.held())

    assert not at_once
    assert 2.5 <= time.monotonic() - began


def test_it_is_given_up_at_a_clean_end(replica, record):
    """After `release` the next one need not wait, and the old holder knows at once."""
    first, second = replica("one", Term()), replica("two", Term())
    stop = threading.Event()
    thread = threading.Thread(target=first.run, args=(stop,))
    thread.start()
    until(first.held)
    second.step()
    stop.set()
    thread.join(20)
    after = record()["holderIdentity"]
    second.step()

    assert ("", False, True) == (after, first.held(), second.held())


def test_a_lease_of_another_is_not_given_up(replica, record):
    """Whoever lost the lease does not take it from its new holder when ending."""
    first, second = replica("one"), replica("two")
    first.step()
    until(lambda: second.step() or second.held())
    first.release()

    assert "two" == record()["holderIdentity"]


def test_of_many_at_once_one_gets_it(replica):
    """Twenty that seek it at the same moment: the API server lets one of them write."""
    replicas = [replica(f"replica-{number}", Term()) for number in range(20)]
    gate = threading.Barrier(20)

    def seek(one):
        gate.wait()
        one.step()

    threads = [threading.Thread(target=seek, args=(one,)) for one in replicas]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    assert 1 == sum(one.held() for one in replicas)


def test_without_the_right_it_says_so(plane, organization, replica):
    """A refusal is a sentence for whoever looks, and no lease."""
    one = replica("one", api=plane.api(f"nobody-{organization}"))
    one.step()

    assert not one.held()
    assert "forbidden" in one.problem


def test_an_unreachable_api_server_costs_the_lease_at_its_deadline(replica, monkeypatch):
    """A holder that cannot renew holds it until its own deadline, and no longer."""
    one = replica("one")
    one.step()

    def unanswered(*_, **__):
        raise ClusterError("no answer")

    monkeypatch.setattr(one._api, "get", unanswered)
    one.step()
    still = one.held()
    until(lambda: not one.held())

    assert still
    assert "no answer" == one.problem
