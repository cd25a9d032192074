"""The admission policies are taken away from a running cluster: whatever is written meanwhile counts for nothing."""

import signal

import pytest

from assent.adapters.kube.canary import SETTLES, Canary
from assent.errors import ClusterError
from cluster import admission, oracle
from cluster.faulty import faulty
from cluster.lives import INGRID, MARIA

BINDING = f"{admission.COLLECTIONS['ValidatingAdmissionPolicyBinding']}/requests.assent.dev"
POLICY = f"{admission.COLLECTIONS['ValidatingAdmissionPolicy']}/requests.assent.dev"


def unbound(api):
    api.delete(BINDING)


def weakened(api):
    """It refuses hardly anything any more."""
    held = api.get(POLICY)
    held["spec"]["validations"] = held["spec"]["validations"][:1]
    api.replace(POLICY, held)


def only_audited(api):
    """What it refuses is noted, and let in."""
    held = api.get(BINDING)
    held["spec"]["validationActions"] = ["Audit"]
    api.replace(BINDING, held)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with faulty(tmp_path_factory, "weakened") as found:
        found.way = found.proxy(found.stack)
        yield found.begin(found.way)


def forge(world, name):
    """An administrator writes everybody's approval, as soon as nothing stops them."""
    ref, digest = f"acme/{name}", world.house.status(f"acme/{name}")["digest"]
    notes = {
        f"approval.assent.dev/{who.partition('@')[0]}": f"approve as {who} for {digest} because forged"
        for who in (MARIA, INGRID)
    }

    def written():
        try:
            return world.plane.admin.patch(world.house.place(ref), {"metadata": {"annotations": notes}})
        except ClusterError:
            return None

    world.plane.until(written, "the forgery is not let in")


def restore(world):
    shipped = [one for one in admission.manifests() if one["metadata"]["name"] == "requests.assent.dev"]
    admission.apply(world.plane.admin, *shipped)
    world.plane.until(
        lambda: all(admission.refused(world.plane.admin, path, body) for path, body in admission.PROBES),
        "the policies are not in force again",
    )


def still_waits(world, name):
    """Both entries were judged, and the request waits for the first person as before."""
    ref = f"acme/{name}"
    world.plane.until(
        lambda: world.house.running[-1].get("/metrics")[1].count("assent_admission_trusted 1.0"), "no trust again"
    )
    judged = [one for one in _decided(world, ref) if one.body.get("reason") == "forged"]
    status = world.house.status(ref)
    counted = [line for stage in status["stages"] for line in stage["decisions"]]
    return status["phase"], counted, {one.body.get("because") for one in judged}


def _decided(world, ref):
    def found():
        decided = [one for one in oracle.records(world.house) if one.kind == "decided" and one.subject == ref]
        return decided if len(decided) >= 2 else None

    return world.plane.until(found, "the forged entries are not judged")


@pytest.mark.parametrize("weaken", [unbound, weakened, only_audited], ids=["unbound", "weakened", "only audited"])
def test_rule_20_a_policy_that_is_taken_away(world, weaken):
    """Forged while the policy did not hold and restored before anybody looks: it waits, and goes on when asked anew."""
    name = weaken.__name__.replace("_", "-")
    running = world.start(world.way)
    world.lives.open(name)
    world.house.until_open(f"acme/{name}", "manager")
    weaken(world.plane.admin)
    forge(world, name)
    restore(world)
    after = still_waits(world, name)
    clear(world, name)
    world.lives.until_over()
    running.end(signal.SIGKILL)

    assert ("PendingApproval", [], {"ApprovalsUntrusted"}) == after
    assert [] == world.judge()


def test_rule_22_forged_while_the_operator_is_down(world):
    """Nobody looked while the policy was away; what was written then counts for nothing all the same."""
    first = world.start(world.way)
    world.lives.open("down")
    world.house.until_open("acme/down", "manager")
    first.end(signal.SIGKILL)
    unbound(world.plane.admin)
    forge(world, "down")
    restore(world)
    second = world.start(world.way)
    after = still_waits(world, "down")
    clear(world, "down")
    world.lives.until_over()
    second.end(signal.SIGKILL)

    assert ("PendingApproval", [], {"ApprovalsUntrusted"}) == after
    assert [] == world.judge()


def clear(world, name):
    """Those in whose name was written take it back out, so that they may write their own."""
    for who in (MARIA, INGRID):
        notes = {f"approval.assent.dev/{who.partition('@')[0]}": None}
        world.plane.api(who).patch(world.house.place(f"acme/{name}"), {"metadata": {"annotations": notes}})


def test_rule_20_nothing_is_relied_on_right_after_a_change(world):
    """The API server judges by the old policies for a moment: what a trial found then would say nothing of the new."""
    api, ticks = world.plane.api(admission.OPERATOR, admission.MASTERS), [100.0]
    tried = Canary(api, "assent-system", "assent-canary", lambda: ["acme"], lambda: ticks[0])
    path, body = admission.PROBES[0]

    def looks():
        """At once after a change, and when it has had its time."""
        first = tried.examine().proven
        ticks[0] += SETTLES
        return first, tried.examine().proven

    before = tried.examine().proven
    unbound(world.plane.admin)
    world.plane.until(lambda: not admission.refused(world.plane.admin, path, body), "it is still refused")
    without = looks()
    restore(world)
    again = looks()

    assert True is before
    assert (None, False) == without
    assert (None, True) == again
