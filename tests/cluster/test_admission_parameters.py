"""The policies fail closed, on a real API server: without the accounts they know by name, nothing is let through."""

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import MERGE
from assent.api.names import Ident
from assent.errors import ClusterError
from cluster.admission import AGENT, COLLECTIONS, MASTERS, OPERATOR, apply, job, jobs, manifests, request, user
from cluster.opened import DIGEST, MARIA

PARAMETERS = f"{COLLECTIONS['ConfigMap']}/assent-admission"


def writes(plane, organization):
    """One honest write for each policy, as a dry run, by its name."""
    maria, operator = plane.api(MARIA), plane.api(OPERATOR)
    label = {"assent.dev/organization": "honest"}
    requests, users = (paths.collection(kind, organization) for kind in ("Request", "User"))
    status = f"{paths.place(Ident('User', organization, 'there'))}/status"
    gone = paths.place(Ident("User", organization, "there"))
    run = job("run", organization, **{"assent.dev/execution": "e"})
    return {
        "requests": lambda: maria.create(requests, request("r2", organization), dryRun="All"),
        "requests-deletion": lambda: operator.delete(f"{requests}/r1", {"dryRun": ["All"]}),
        "configuration": lambda: maria.create(users, user("ana", organization), dryRun="All"),
        "configuration-deletion": lambda: maria.delete(gone, {"dryRun": ["All"]}),
        "status": lambda: operator.patch(status, {"status": {"conditions": []}}, MERGE, dryRun="All"),
        "namespaces": lambda: operator.create(
            "/api/v1/namespaces", {"metadata": {"name": "honest", "labels": label}}, dryRun="All"
        ),
        "jobs": lambda: operator.create(jobs(organization), run, dryRun="All"),
    }


def refusals(tried):
    """Those policies that refuse what is honest, and do so themselves."""
    found = set()
    for name, write in tried.items():
        try:
            write()
        except ClusterError as refused:
            if f"ValidatingAdmissionPolicy '{name}.assent.dev'" not in refused.message:
                raise
            found.add(name)
    return found


@pytest.fixture
def tried(guarded_plane, organization, opened):
    opened.status(DIGEST, "Succeeded")
    guarded_plane.api(MARIA).create(paths.collection("User", organization), user("there", organization))
    yield writes(guarded_plane, organization)
    apply(guarded_plane.admin, next(one for one in manifests() if one["kind"] == "ConfigMap"))
    guarded_plane.until(lambda: not refusals(writes(guarded_plane, organization)), "not all let it in again")


def test_without_its_parameters_each_policy_refuses_all(guarded_plane, tried):
    """Where the ConfigMap is gone, even what is honest is refused, by each of the policies."""
    before = refusals(tried)
    guarded_plane.admin.delete(PARAMETERS)

    assert set() == before
    assert guarded_plane.until(lambda: refusals(tried) == set(tried), "not all of them refuse")


def test_of_unreadable_parameters_nothing_is_made(guarded_plane, tried):
    """Where it names no operator, nobody is taken for it: unknown is not nobody."""
    guarded_plane.admin.patch(PARAMETERS, {"data": {"operator": None}})

    assert guarded_plane.until(lambda: refusals(tried) == set(tried), "not all of them refuse")


@pytest.mark.parametrize("agents", ["", " ", "\n\n", "  other\n"])
def test_an_agent_is_somebody_who_is_named(guarded_plane, organization, tried, agents):
    """Blanks in the list of agents are nobody, and those who were agents are none any more."""
    guarded_plane.admin.patch(PARAMETERS, {"data": {"agents": agents}})
    body = {"metadata": {"name": "adopted", "labels": {"assent.dev/organization": "adopted"}}}

    def refused():
        try:
            guarded_plane.api(AGENT, MASTERS).create("/api/v1/namespaces", body, dryRun="All")
        except ClusterError as error:
            return "the label assent.dev/organization" in error.message
        return False

    assert guarded_plane.until(refused, "it is still an agent")
    assert set() == refusals(tried)
