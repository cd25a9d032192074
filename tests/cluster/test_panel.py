"""The panel on a real control plane: what is opened in it runs, what is forged by its account never does."""

import pytest

import postgres
from assent.adapters.kube import paths
from assent.api.names import Ident, Ref
from assent.errors import ClusterError
from cluster import admission
from cluster.admission import MASTERS, PANEL, job, jobs, user
from cluster.panelled import INGRID, JUAN, MARIA, SPEC, standing
from portal.decisions import decide

postgres.needed()

OPERATOR = admission.OPERATOR
ENTRY = "approval.assent.dev/maria"


@pytest.fixture(scope="module")
def world(request, tmp_path_factory):
    with standing(request.config, tmp_path_factory, "panel") as found:
        yield found


@pytest.fixture(scope="module")
def site(world):
    with world.panel() as found:
        yield found


def place(name):
    return paths.place(Ident("Request", "acme", name))


def test_a_request_goes_from_the_panel_to_its_job(world, site):
    """Juan asks in the panel, Maria approves in it and Ingrid by kubectl; one Job runs, and nothing was forbidden."""
    juan, house = site.signed_in("juan"), world.house
    sent = site.send(juan, site.summary(juan, "vdi"))
    held, early = world.held("vdi"), juan.get("/requests/acme/vdi")
    house.until_open("acme/vdi", "manager")
    case = site.decision("acme/vdi").case
    approved = decide(site.signed_in("maria"), "vdi", "approve", "fine")
    house.until_open("acme/vdi", "platform")
    house.approve(INGRID, "acme/vdi")
    ended = house.until("acme/vdi", "Succeeded", "Failed", "Unknown")
    world.plane.until(lambda: site.decision("acme/vdi").phase == "Succeeded", "the panel does not hear of the end")
    asked = [one for who in (PANEL, OPERATOR) for one in world.plane.asked(who)]

    assert (303, "/requests/acme/vdi") == (sent.status_code, sent.headers["location"])
    assert (JUAN, PANEL) == (held["spec"]["requester"], held["metadata"]["annotations"]["assent.dev/created-by"])
    assert (Ref("acme", "juan"), PANEL) == (case.proven_by, case.creator)
    assert (200, 303) == (early.status_code, approved.status_code)
    assert "badge-Succeeded" in juan.get("/requests/acme/vdi").text
    assert "Succeeded" == ended["phase"], house.said()
    decisions = [one for stage in ended["stages"] for one in stage["decisions"]]
    assert [(MARIA, "Panel"), (INGRID, "Annotation")] == [(one["username"], one["channel"]) for one in decisions]
    assert [1] == [*world.kubelet.started.values()]
    assert [] == [one for one in asked if one[2] == 403]
    assert [] == world.judge()
    assert world.verified() > 5


def test_the_panel_uses_every_right_that_it_has(world, site):
    """What its account was seen to ask for is what the chart lets it do, but for watches, which have not ended yet."""
    for _ in range(2):
        site.door.open(Ref("acme", "asked-for"), SPEC, JUAN)
    site.ask("asked-for")
    asked = {(verb, what) for verb, what, *_ in world.plane.asked(PANEL)}
    listed = {("list", plural) for kind, plural in paths.PLURALS.items() if kind != "Request"}
    others = {("create", "requests"), ("get", "requests"), ("get", "configmaps"), ("update", "configmaps")}

    assert listed | others == {one for one in asked if one[0] != "watch"}


# Forgeries: the account alone proves nothing of people.


def unproven(world, site, name, **spec):
    """A Request by the panel's account, with everybody's approval; what has become of it once another one has run."""
    world.create(name, **spec)
    world.plane.until(lambda: site.decision(f"acme/{name}"), "the operator does not see it")
    for who in (MARIA, INGRID):
        site.tell(who, f"acme/{name}")
    juan = site.signed_in("juan")
    site.send(juan, site.summary(juan, f"{name}-beside"))
    for stage, who in (("manager", MARIA), ("platform", INGRID)):
        world.house.until_open(f"acme/{name}-beside", stage)
        site.tell(who, f"acme/{name}-beside")
    world.house.until(f"acme/{name}-beside", "Succeeded")
    return world.house.status(f"acme/{name}")


def test_rule_20_a_request_without_evidence_never_runs(world, site):
    """The panel's account says that Juan asks, and the ledger does not: it is nobody's, and waits."""
    before = world.kubelet.started.total()
    status = unproven(world, site, "forged")

    assert "RequesterUnproven" in {one["reason"] for one in status["conditions"]}
    assert None is site.decision("acme/forged").case.proven_by
    assert before + 1 == world.kubelet.started.total()


def test_rule_20_a_request_with_another_spec_than_the_evidence_never_runs(world, site):
    """Juan asked for three, and the panel's account creates four under that name: it is not what he asked for."""
    before = world.kubelet.started.total()
    site.ask("swapped")
    status = unproven(world, site, "swapped", parameters={"template": "win11-office", "count": 4})

    assert "RequesterUnproven" in {one["reason"] for one in status["conditions"]}
    assert None is site.decision("acme/swapped").case.proven_by
    assert before + 1 == world.kubelet.started.total()


FORBIDDEN = {
    "approve as somebody": lambda api: api.patch(place("held"), note(MARIA)),
    "approve as itself": lambda api: api.patch(place("held"), note(PANEL)),
    "write a status": lambda api: api.patch(f"{place('held')}/status", {"status": {"phase": "Succeeded"}}),
    "write a User": lambda api: api.create(paths.collection("User", "acme"), user("eve", "acme")),
    "change an Organization": lambda api: api.patch(paths.place(Ident("Organization", "", "acme")), {"spec": {}}),
    "start a Job": lambda api: api.create(jobs("acme"), job("eve", "acme")),
    "delete a Request": lambda api: api.delete(place("held")),
    "delete a User": lambda api: api.delete(paths.place(Ident("User", "acme", "juan"))),
    "list Requests": lambda api: api.get(paths.collection("Request")),
    "read a Secret": lambda api: api.get("/api/v1/namespaces/assent-system/secrets/assent-ledger-key"),
    "make a ConfigMap": lambda api: api.create(admission.COLLECTIONS["ConfigMap"], {"metadata": {"name": "eve"}}),
    "read the accounts that admission knows": lambda api: api.get(
        f"{admission.COLLECTIONS['ConfigMap']}/assent-admission"
    ),
    "take the anchor away": lambda api: api.delete(f"{admission.COLLECTIONS['ConfigMap']}/assent-ledger-anchor"),
}


def note(who):
    return {"metadata": {"annotations": {ENTRY: f"approve as {who} for {'0' * 64} because fine"}}}


@pytest.fixture(scope="module")
def held(world, site):
    """A Request of Juan's that waits."""
    juan = site.signed_in("juan")
    site.send(juan, site.summary(juan, "held"))
    return world.house.until_open("acme/held", "manager")


@pytest.mark.parametrize("act", FORBIDDEN)
@pytest.mark.usefixtures("held")
def test_the_panels_account_may_not(world, act):
    """RBAC lets it read configuration, open requests and move the anchor on, and nothing besides."""
    with pytest.raises(ClusterError) as refused:
        FORBIDDEN[act](world.api)

    assert 403 == refused.value.status, refused.value.message


REFUSED = {
    "approve as somebody": (lambda api, line: api.patch(place("held"), line), "nobody decides in the name of another"),
    "write a status": (
        lambda api, _: api.patch(f"{place('held')}/status", {"status": {"phase": "Succeeded"}}),
        "status is written by the operator alone",
    ),
    "make a run's Job": (
        lambda api, _: api.create(jobs("acme"), job("eve", "acme", **{"assent.dev/execution": "x"})),
        "is the operator's: open a request",
    ),
    "change a Request": (lambda api, _: api.patch(place("held"), {"spec": {"reason": "x"}}), "never changes"),
    "delete a Request": (lambda api, _: api.delete(place("held")), "a request is not deleted"),
    "bring an approval along": (
        lambda api, line: api.create(
            paths.collection("Request", "acme"), {**admission.request("born", "acme", JUAN), **born(line)}
        ),
        "has no approval entries",
    ),
}


def born(line):
    return {"metadata": {"name": "born", "namespace": "acme", **line["metadata"]}}


@pytest.mark.parametrize("act", REFUSED)
def test_rule_20_admission_refuses_the_panels_account_whatever_rbac_says(world, held, act):
    """With all rights of the cluster it decides in nobody's name, and changes nothing that is there."""
    line = {"metadata": {"annotations": {ENTRY: f"approve as {MARIA} for {held['digest']} because fine"}}}
    do, message = REFUSED[act]
    with pytest.raises(ClusterError, match=message):
        do(world.plane.api(PANEL, MASTERS), line)
