"""The operator as a whole: a process over a real API server, people with kubectl, Jobs whose pods a test moves on."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest

import postgres
from assent.adapters.kube import paths
from cluster import admission, conftest
from cluster.admission import install_policies
from cluster.kubelet import Kubelet
from cluster.operated import Operated

JUAN, MARIA, INGRID = "juan@acme.example", "maria@acme.example", "ingrid@platform.example"
VDI = {"parameters": {"template": "win11-office", "count": 3}, "reason": "New hires"}


@pytest.fixture(scope="module", params=[1, 2], ids=["one on SQLite", "two unelected on PostgreSQL"])
def house(request, tmp_path_factory):
    """The demo's world in a cluster of its own, with its operators and a kubelet."""
    with ExitStack() as stack:
        plane = install_policies(stack.enter_context(conftest.standing(tmp_path_factory, "operated")))
        two = request.param == 2
        ledger = stack.enter_context(postgres.database(request.config)) if two else None
        found = Operated(plane, tmp_path_factory.mktemp("operator"), ledger=ledger).declare()
        found.usual = ("--no-elect",) if two else ()
        stack.callback(found.stop)
        for _ in range(request.param):
            found.start(*found.usual)
        found.kubelet = stack.enter_context(Kubelet(plane.admin).run())
        yield found


def test_two_people_annotate_and_a_job_runs_once(house):
    """A request waits for its client's manager, then for the platform; then one Job runs, once."""
    house.request(JUAN, "acme/vdi", "create-workspaces", **VDI)
    waits = house.until_open("acme/vdi", "manager")
    house.approve(MARIA, "acme/vdi")
    house.until_open("acme/vdi", "platform")
    house.approve(INGRID, "acme/vdi")
    ended = house.until("acme/vdi", "Succeeded", "Failed", "Unknown")
    jobs = house.plane.admin.get("/apis/batch/v1/namespaces/acme/jobs")["items"]

    assert ("PendingApproval", "manager") == (waits["phase"], waits["waitingFor"])
    assert "Succeeded" == ended["phase"], house.said()
    assert [1] == [*house.kubelet.started.values()]
    assert 1 == len(jobs)
    assert [MARIA, INGRID] == [one["username"] for stage in ended["stages"] for one in stage["decisions"]]


def test_kubectl_shows_where_a_request_stands(house):
    """`kubectl get` tells phase, microservice, requester and whom it waits for; events tell what happened."""
    house.request(JUAN, "acme/shown", "create-workspaces", **VDI)
    house.until_open("acme/shown", "manager")
    table = house.plane.kubectl(JUAN, "get", "requests.assent.dev", "-n", "acme", "shown").stdout
    events = house.plane.kubectl(JUAN, "get", "events", "-n", "acme", "-o", "json").stdout
    told = [one["reason"] for one in json.loads(events)["items"] if one["involvedObject"]["name"] == "shown"]

    assert {"create-workspaces", JUAN, "PendingApproval", "manager"} <= set(table.split())
    assert ["PendingApproval"] == told


def test_rule_9_self_approval_does_not_count(house):
    """The requester's own line is let in, since it is theirs, and does not count."""
    house.request(JUAN, "acme/own", "create-workspaces", **VDI)
    house.until_open("acme/own", "manager")
    house.approve(JUAN, "acme/own")
    house.approve("alba@acme.example", "acme/own")
    satisfied = house.until_open("acme/own", "platform")

    assert [["alba@acme.example"], []] == [
        [one["username"] for one in stage["decisions"]] for stage in satisfied["stages"]
    ]


def test_rule_23_a_forged_status_is_put_right(house):
    """Status is said anew from the ledger, whatever stands there; nothing runs for it."""
    house.request(JUAN, "acme/forged", "create-workspaces", **VDI)
    good = house.until_open("acme/forged", "manager")
    forger = house.plane.api("system:serviceaccount:assent-system:assent-operator", ("system:masters",))
    held = house.plane.admin.get(house.place("acme/forged"))
    forged = {**held["status"], "phase": "Approved", "digest": "0" * 64}
    forger.replace(f"{house.place('acme/forged')}/status", {**held, "status": forged})
    house.plane.until(lambda: house.status("acme/forged") == good, "the status is not put right")

    assert "PendingApproval" == house.status("acme/forged")["phase"]


def test_a_withdrawal_ends_it(house):
    """The requester takes a request back until it is claimed."""
    house.request(JUAN, "acme/back", "create-workspaces", **VDI)
    house.until_open("acme/back", "manager")
    house.annotate(JUAN, "acme/back", f"withdraw as {JUAN} because of a mistake")
    ended = house.until("acme/back", "Withdrawn")

    assert f"{JUAN} withdrew it: of a mistake" == ended["conditions"][0]["message"]


def test_configuration_says_that_it_is_in_force(house):
    """Every kind has a Ready condition; an enablement repeats what it is of."""

    def ready(kind, *where):
        text = house.plane.kubectl(
            "admin", "get", f"{kind}.assent.dev", *where, "-o", "json", groups=("system:masters",)
        )
        return json.loads(text.stdout)["items"]

    items = [one for kind in ("organizations", "users", "accessroles", "microservices") for one in ready(kind, "-A")]

    assert {"True"} == {one["status"]["conditions"][0]["status"] for one in items}
    assert all(one["status"]["observedGeneration"] == one["metadata"]["generation"] for one in items)


def test_an_organization_gets_its_namespace_and_its_people_their_rights(house):
    """What is declared while the operator runs is kept up: a namespace, a finalizer, and bindings of people's roles."""
    admin = house.plane.admin
    spec = {"type": "SubOrganization", "parent": "acme"}
    about = {"apiVersion": "assent.dev/v1alpha1", "kind": "Organization", "metadata": {"name": "acme-new"}}
    admin.create(paths.collection("Organization"), {**about, "spec": spec})
    labels = house.plane.until(
        lambda: admin.get("/api/v1/namespaces/acme-new")["metadata"]["labels"], "it gets no namespace"
    )

    def approvers(namespace):
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings/assent-approver"
        return {one["name"] for one in admin.get(path)["subjects"]}

    bound = house.plane.until(lambda: approvers("acme-new"), "nobody is bound there")

    assert "acme-new" == labels["assent.dev/organization"]
    assert "restricted" == labels["pod-security.kubernetes.io/enforce"]
    assert {MARIA, INGRID} <= bound & approvers("acme")
    assert ["assent.dev/organization"] == admin.get(f"{paths.collection('Organization')}/acme-new")["metadata"][
        "finalizers"
    ]


def test_rule_28_a_request_that_cannot_be_read_costs_only_itself(house):
    """An integer that no canonical JSON has, stored while nothing refused it, is Invalid, and the others go on."""
    plane, juan = house.plane, house.plane.api(JUAN)
    body = admission.request("huge", "acme", parameters={"count": 2**60})
    place = paths.collection("Request", "acme")
    plane.admin.delete(f"{admission.COLLECTIONS['ValidatingAdmissionPolicyBinding']}/requests-size.assent.dev")
    plane.until(lambda: juan.create(place, body), "it is still refused")
    admission.apply(plane.admin, *(one for one in admission.manifests() if one["kind"].endswith("Binding")))
    again = {**body, "metadata": {**body["metadata"], "name": "huge-2"}}
    plane.until(lambda: admission.refused(juan, place, again), "it is not refused again")
    ended = house.until("acme/huge", "Invalid")
    house.request(JUAN, "acme/beside", "create-workspaces", **VDI)
    house.until_open("acme/beside", "manager")

    assert "2^53-1" in ended["conditions"][0]["message"]


def test_measures_and_health(house):
    """What a running operator says of itself."""
    house.request(JUAN, "acme/measured", "create-workspaces", **VDI)
    house.until_open("acme/measured", "manager")
    running = house.running[0]
    waiting = 'assent_requests{phase="PendingApproval"}'
    house.plane.until(lambda: waiting in running.get("/metrics")[1], "no request is counted")
    measures = running.get("/metrics")[1]

    assert (200, 200) == (running.get("/healthz")[0], running.get("/readyz")[0])
    assert "assent_admission_trusted 1.0" in measures
    assert "assent_leader 1.0" in measures
    held = house.plane.admin.get(paths.collection("User"))["items"]
    assert f'assent_world_documents{{kind="User"}} {len(held)}.0' in measures


def test_the_ledger_proves_itself_against_the_clusters_anchor(house):
    """`assent ledger verify` takes the anchor from the cluster; without it, how far the ledger reached is unknown."""
    house.request(JUAN, "acme/told", "create-workspaces", **VDI)
    house.until_open("acme/told", "manager")
    config = str(house.plane.kubeconfig("admin", ("system:masters",)))
    ledger = ["--ledger", house.ledger, "--ledger-key", str(house.folder / "ledger.key")]

    def assent(*arguments):
        command = [sys.executable, "-m", "assent", "ledger", *arguments, *ledger]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    verified, blind = assent("verify", "--kubeconfig", config), assent("verify")
    shown = assent("show", "acme/told", "--kubeconfig", config)

    assert (0, 1) == (verified.returncode, blind.returncode)
    assert "each as it was written" in verified.stdout
    assert "observed" in shown.stdout


def test_ended_requests_are_let_go_when_their_time_is_over(house):
    """`--keep` deletes the objects of what ended long ago, and its Job; its name stays used."""
    house.request(JUAN, "acme/old", "get-wifi-information", parameters={"information": "Summary"}, targets=["lap-1"])
    house.until("acme/old", "Succeeded")
    house.again("--keep", "1s", "--resync", "2")
    jobs = "/apis/batch/v1/namespaces/acme/jobs"
    house.plane.until(lambda: not house.plane.admin.get(jobs)["items"], "Jobs are left")
    gone = house.plane.kubectl("admin", "get", "-n", "acme", "requests.assent.dev", "old", groups=("system:masters",))
    house.again()
    house.request(JUAN, "acme/old", "get-wifi-information", parameters={"information": "Summary"}, targets=["lap-1"])
    again = house.until("acme/old", "Invalid")

    assert "NotFound" in gone.stderr
    assert "NameUsedBefore" == again["conditions"][0]["reason"]


def test_it_ends_when_asked(house):
    """SIGTERM ends the operator within 20 seconds, with exit code 0; another one goes on where it was."""
    house.request(JUAN, "acme/later", "create-workspaces", **VDI)
    house.until_open("acme/later", "manager")
    began = time.monotonic()
    codes = {house.running[0].end()}
    took = time.monotonic() - began
    house.approve(MARIA, "acme/later")
    codes |= {*house.again()}
    satisfied = house.until_open("acme/later", "platform")

    assert {0} == codes
    assert took < 20
    assert [MARIA] == [one["username"] for one in satisfied["stages"][0]["decisions"]]
