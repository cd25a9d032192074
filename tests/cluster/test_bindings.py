"""People's Kubernetes rights on a real API server: what their roles give them, no more, and as long as they do."""

import pytest

from assent.adapters.kube import paths
from assent.adapters.kube.api import MERGE
from assent.adapters.kube.bindings import RBAC, Bindings
from assent.core.bindings import desired
from assent.errors import ClusterError
from builders import ADMIN, flow, modules, organization, role, service, stage, use, user, world
from cluster import admission
from cluster.housekeeping import keeper

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
FIVE = ("accessroles", "approvalflows", "enabledmicroservices", "microservices", "users")
READ, WRITE = ("get", "list", "watch"), ("create", "update", "patch", "delete")


@pytest.fixture
def api(plane):
    return keeper(plane)


class Scene:
    """One client and the Platform, with a person for every level; `keep` does what the operator does."""

    def __init__(self, plane, api, name):
        self.plane, self.api, self.name, self.platform = plane, api, name, f"{name}-platform"
        plane.admin.create("/api/v1/namespaces", {"metadata": {"name": self.platform}})
        self.namespaces = {name, self.platform}
        self.bindings = Bindings(api)
        self.documents = [
            organization(self.platform, "Platform"),
            organization(name, "Client"),
            *modules(),
            *self.person("viewer", {"automate": "Viewer"}),
            *self.person("requester", {"automate": "Requester"}),
            *self.person("approver", {"automate": "Approver"}),
            *self.person("author", ADMIN),
            role(f"{self.platform}/approves", {self.platform: {"automate": "Approver"}}),
            user(f"{self.platform}/ingrid", "approves"),
            service(f"{self.platform}/s", visibility="Public", approvals=[use(f"{self.platform}/f")]),
            flow(f"{self.platform}/f", stage("last", "Platform")),
        ]

    def person(self, name, levels):
        return role(f"{self.name}/{name}", {self.name: levels}), user(f"{self.name}/{name}", name)

    def login(self, name):
        return f"{name}@{self.platform if name == 'ingrid' else self.name}"

    def keep(self, *changes):
        """Brings these documents in, and keeps the bindings up; how many were written."""
        self.documents += changes
        before = self.bindings.writes
        assert {} == self.bindings.keep(desired(world(*self.documents)), self.namespaces)
        return self.bindings.writes - before

    def can(self, name, verb, resource, group="assent.dev", namespace=None, subresource=""):
        asked = {"verb": verb, "resource": resource, "group": group, "subresource": subresource}
        asked["namespace"] = self.name if namespace is None else namespace
        body = {"spec": {"resourceAttributes": asked}}
        return self.plane.api(self.login(name)).create(REVIEWS, body)["status"]["allowed"]

    def until_can(self, name, verb, resource, *, can=True):
        self.plane.until(lambda: self.can(name, verb, resource) is can, f"{name}: {verb} {resource} is not {can}")

    def binding(self, role, namespace=None):
        return self.plane.admin.get(f"{RBAC}/namespaces/{namespace or self.name}/rolebindings/{role}")

    def versions(self):
        lists = [self.plane.admin.get(f"{RBAC}/{kind}")["items"] for kind in ("rolebindings", "clusterrolebindings")]
        return {
            (one["metadata"].get("namespace"), one["metadata"]["name"]): one["metadata"]["resourceVersion"]
            for found in lists
            for one in found
        }


@pytest.fixture
def scene(plane, api, organization):
    """Everybody bound, as seen by the API server."""
    made = Scene(plane, api, organization)
    made.keep()
    made.until_can("viewer", "list", "requests")
    made.until_can("ingrid", "patch", "requests")
    made.until_can("author", "create", "users")
    return made


def allowed(scene, name):
    """Everything of ours, and some that is not, that this person may do in the client's namespace."""
    tried = [(verb, resource) for resource in (*FIVE, "requests") for verb in (*READ, *WRITE, "deletecollection")]
    return {(verb, resource) for verb, resource in tried if scene.can(name, verb, resource)}


REQUESTS = {("patch", "requests"), ("update", "requests")}
READS = {(verb, resource) for resource in (*FIVE, "requests") for verb in READ}
WRITES = {(verb, resource) for resource in FIVE for verb in WRITE}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("viewer", READS, id="viewer"),
        pytest.param("requester", READS | REQUESTS | {("create", "requests")}, id="requester"),
        pytest.param("approver", READS | REQUESTS | {("create", "requests")}, id="approver"),
        pytest.param("author", READS | WRITES, id="author"),
        pytest.param("ingrid", READS | REQUESTS, id="the-platform-s-approver"),
        pytest.param("stranger", set(), id="nobody"),
    ],
)
def test_each_level_may_do_what_it_says_and_no_more(scene, name, expected):
    """The API server's own answer for every verb on every kind of a namespace: nobody deletes requests."""
    assert expected == allowed(scene, name)


@pytest.mark.parametrize("name", ["viewer", "requester", "approver", "author", "ingrid"])
def test_rule_23_nobody_of_the_people_has_more_than_that(scene, name):
    """No status, no secrets, Jobs, bindings or pods, no list of namespaces, and nothing in another's namespace."""
    scene.plane.admin.create("/api/v1/namespaces", {"metadata": {"name": f"{scene.name}-{name}-foreign"}})
    tried = [
        *({"resource": kind, "subresource": "status"} for kind in (*FIVE, "requests")),
        *({"resource": kind, "group": ""} for kind in ("secrets", "configmaps", "pods", "serviceaccounts")),
        {"resource": "jobs", "group": "batch"},
        {"resource": "rolebindings", "group": "rbac.authorization.k8s.io"},
        {"resource": "requests", "namespace": f"{scene.name}-{name}-foreign"},
        {"resource": "requests", "namespace": ""},
    ]
    more = [(verb, one) for one in tried for verb in (*READ, *WRITE) if scene.can(name, verb, **one)]

    assert [] == more
    assert scene.can(name, "get", "namespaces", "")
    assert scene.can(name, "list", "events", "")
    assert not scene.can(name, "create", "events", "")
    assert not scene.can(name, "list", "namespaces", "", "")


@pytest.mark.parametrize(
    ("name", "organizations", "of_modules"),
    [
        pytest.param("viewer", {*READ}, {*READ}, id="everybody-reads"),
        pytest.param("author", {*READ, *WRITE}, {*READ, "create", "update", "patch"}, id="nobody-deletes-a-module"),
        pytest.param("stranger", set(), set(), id="nobody"),
    ],
)
def test_organizations_and_modules(scene, name, organizations, of_modules):
    """The cluster-scoped kinds are read by whoever has a right, and written by who may write an organization."""
    found = [
        {verb for verb in (*READ, *WRITE) if scene.can(name, verb, kind, namespace="")}
        for kind in ("organizations", "modules")
    ]

    assert [organizations, of_modules] == found


def test_people_do_it_with_real_calls(scene):
    """A requester opens a request and annotates it; a viewer can do neither, and nobody takes it away."""
    place = f"{paths.collection('Request', scene.name)}/r"
    entry = {"metadata": {"annotations": {"approval.assent.dev/x": "withdraw as x"}}}
    requester, viewer = (scene.plane.api(scene.login(name)) for name in ("requester", "viewer"))
    body = admission.request("r", scene.name, scene.login("requester"))
    said = [refusal(viewer.create, paths.collection("Request", scene.name), body)]
    requester.create(paths.collection("Request", scene.name), body)
    requester.patch(place, entry)
    said += [refusal(viewer.patch, place, entry), refusal(requester.delete, place)]

    assert "r" == viewer.get(place)["metadata"]["name"]
    assert [403] * 3 == said


def refusal(call, *arguments):
    with pytest.raises(ClusterError) as refused:
        call(*arguments)
    return refused.value.status


def test_a_second_run_writes_nothing(scene):
    """What is as it should be is not written again."""
    before = scene.versions()

    assert 0 == scene.keep()
    assert before == scene.versions()


def test_a_role_that_is_taken_away_ends_the_right(scene):
    """Whoever loses a role loses its bindings, and one that nobody is bound by any more is gone."""
    scene.keep(user(f"{scene.name}/author"))
    scene.until_can("author", "list", "users", can=False)
    writes = scene.keep(user(f"{scene.name}/viewer", "viewer", suspended=True))
    scene.until_can("viewer", "list", "requests", can=False)

    assert 404 == refusal(scene.binding, "assent-author")
    assert 2 == writes
    assert {"assent-viewer", "assent-requester", "assent-approver"} == {
        name for where, name in scene.versions() if where == scene.name
    }


@pytest.mark.parametrize(
    "forge",
    [
        pytest.param(
            {"subjects": [{"kind": "User", "name": "eve", "apiGroup": "rbac.authorization.k8s.io"}]}, id="who"
        ),
        pytest.param({"subjects": None}, id="nobody"),
        pytest.param({"metadata": {"labels": {"assent.dev/managed-by": None}}}, id="whose"),
        pytest.param(None, id="taken-away"),
    ],
)
def test_drift_is_put_right(scene, forge):
    """Whatever somebody makes of a binding of ours, it says again what it should."""
    before = scene.binding("assent-approver")
    place = f"{RBAC}/namespaces/{scene.name}/rolebindings/assent-approver"
    if forge is None:
        scene.plane.admin.delete(place)
    else:
        scene.plane.admin.patch(place, forge, MERGE)
    writes = scene.keep()
    after = scene.binding("assent-approver")

    assert 1 == writes
    assert (before["subjects"], before["metadata"]["labels"]) == (after["subjects"], after["metadata"]["labels"])


def test_what_binds_something_else_under_our_name_makes_room(scene):
    """What a binding binds cannot be changed: one that was made to give more is taken away, and ours is made."""
    place = f"{RBAC}/namespaces/{scene.name}/rolebindings/assent-viewer"
    forged = {**scene.binding("assent-viewer"), "roleRef": {"kind": "ClusterRole", "name": "admin"}}
    forged["metadata"] = {"name": "assent-viewer"}
    scene.plane.admin.delete(place)
    scene.plane.admin.create(f"{RBAC}/namespaces/{scene.name}/rolebindings", forged)
    scene.keep()

    assert "assent-viewer" == scene.binding("assent-viewer")["roleRef"]["name"]


def test_what_is_ours_and_no_longer_wanted_is_pruned(scene):
    """A binding with our label that nothing asks for goes; one without it is somebody else's, and stays."""
    rolebindings = f"{RBAC}/namespaces/{scene.name}/rolebindings"
    body = {"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": scene.binding("assent-viewer")["subjects"]}
    old = {"name": "assent-of-old", "labels": {"assent.dev/managed-by": "assent-operator"}}
    scene.plane.admin.create(rolebindings, {**body, "metadata": old})
    scene.plane.admin.create(rolebindings, {**body, "metadata": {"name": "theirs"}})
    scene.keep()

    assert 404 == refusal(scene.binding, "assent-of-old")
    assert "view" == scene.binding("theirs")["roleRef"]["name"]


def test_a_foreign_namespace_is_not_touched(scene):
    """In a namespace that is not an organization's nothing is bound and nothing taken away, whatever lies in it."""
    foreign = f"{scene.name}-foreign"
    scene.plane.admin.create("/api/v1/namespaces", {"metadata": {"name": foreign}})
    left = {"name": "assent-viewer", "labels": {"assent.dev/managed-by": "assent-operator"}}
    body = {"metadata": left, "roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": []}
    made = scene.plane.admin.create(f"{RBAC}/namespaces/{foreign}/rolebindings", body)
    scene.keep(
        organization(foreign, "Client"), role(f"{foreign}/r", {"*": {"automate": "Manager"}}), user(f"{foreign}/u", "r")
    )

    assert [("assent-viewer", made["metadata"]["resourceVersion"])] == [
        (name, version) for (where, name), version in scene.versions().items() if where == foreign
    ]


def test_what_is_refused_in_one_namespace_keeps_no_other(scene):
    """A namespace that is gone is told; all others have their bindings."""
    refused = scene.bindings.keep(
        {("gone", "assent-viewer"): ["x"], (scene.platform, "assent-viewer"): ["new"]}, {"gone", scene.platform}
    )

    assert ["gone"] == [*refused]
    assert 404 == refused["gone"].status
    assert ["new"] == [one["name"] for one in scene.binding("assent-viewer", scene.platform)["subjects"]]


def test_a_refusal_for_the_whole_cluster_keeps_no_other(scene):
    """It is told at last, when everything else has its bindings."""
    wanted = {("", "assent-a"): ["x"], ("", "assent-cluster-viewer"): ["x"], (scene.platform, "assent-viewer"): ["new"]}
    with pytest.raises(ClusterError, match="clusterrolebindings/assent-a"):
        scene.bindings.keep(wanted, {scene.platform})

    assert ["new"] == [one["name"] for one in scene.binding("assent-viewer", scene.platform)["subjects"]]
    assert (None, "assent-cluster-viewer") in scene.versions()


def shares(scene):
    """Who is bound as a viewer by each binding of the client's namespace."""
    items = scene.plane.admin.get(f"{RBAC}/namespaces/{scene.name}/rolebindings")["items"]
    found = {
        one["metadata"]["name"]: [subject["name"] for subject in one["subjects"]]
        for one in items
        if one["roleRef"]["name"] == "assent-viewer"
    }
    assert sum(map(len, found.values())) == len(set().union(*found.values()))
    return found


def test_more_people_than_one_object_can_hold_have_several(scene):
    """20,000 names are too many for one binding; one who comes changes one of several, and few make it one again.

    The first binding is the last that is written, so whoever leaves it for another is in that one before.
    """
    logins = {(scene.name, "assent-viewer"): [f"firstname.lastname{number}@client.example" for number in range(20_000)]}
    scene.bindings.keep(logins, {scene.name})
    found = shares(scene)
    written = {name: int(version) for (where, name), version in scene.versions().items() if where == scene.name}
    before = scene.bindings.writes
    logins[scene.name, "assent-viewer"].append("newcomer")
    scene.bindings.keep(logins, {scene.name})
    writes, after = scene.bindings.writes - before, shares(scene)
    scene.bindings.keep({(scene.name, "assent-viewer"): ["few"]}, {scene.name})

    assert {"assent-viewer", *(f"assent-viewer-{number}" for number in range(2, 17))} == {*found}
    assert max(written.values()) == written["assent-viewer"]
    assert 20_001 == sum(map(len, after.values()))
    assert 1 == writes
    assert {"assent-viewer": ["few"]} == shares(scene)


def test_the_keeper_can_bind_nothing_else(scene):
    """The operator's account grants what it does not hold, and only by these names."""
    refused = scene.bindings.keep({(scene.name, "cluster-admin"): ["eve"]}, {scene.name})

    assert 403 == refused[scene.name].status
    assert not [name for where, name in scene.versions() if where == scene.name and name == "cluster-admin"]
