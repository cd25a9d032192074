"""What people write into a cluster by the command line: shown first, written as themselves, then answered."""

import re
from datetime import UTC, datetime

import pytest

from assent.adapters.kube import objects, paths
from assent.api.names import Ident
from assent.cli import clusters
from cluster import admission, desk
from cluster.desk import ALIAS, INGRID, JUAN, MARIA, OTHER_MARIA, READER, data


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with desk.opened(tmp_path_factory, "writing") as found:
        yield found


@pytest.fixture
def call(house, capsys, monkeypatch):
    return desk.caller(house, capsys, monkeypatch)


def test_approve_shows_what_it_then_writes(house, call):
    """Request, effect and digest come first, then the line; it stands on the object under the person's own name."""
    ref = house.asked("shown", reason="New hires")
    digest = house.raw(ref)["status"]["digest"]
    ran = call(MARIA, "approve", "shown", "-n", "acme", "--because", "budget is agreed")
    line = f"approve as {MARIA} for {digest} because budget is agreed"
    told = [
        "acme/shown is PendingApproval",
        f"digest {digest}",
        "stage manager",
        "microservice: create-workspaces (you may not read what it stands for)",
        f"requester: {JUAN}",
        'parameters: {"count": 3, "template": "win11-office"}',
        "reason: New hires",
        f"writing: {line}",
        f"Approve acme/shown: approval.assent.dev/maria, written as {MARIA}",
    ]

    assert 0 == ran.code
    assert sorted(ran.out.index(one) for one in told) == [ran.out.index(one) for one in told]
    assert {"maria": line} == house.entries(ref)
    told_where = f"`assent explain request shown -n acme --kubeconfig {house.plane.kubeconfig(MARIA)}`"
    assert f"the operator judges it next: {told_where} says what came of it\n" == ran.err


def test_the_name_of_an_enablement_says_whose_it_is(house, call):
    """Where acme itself enabled it, the owner is seen by whoever reads acme; what it runs is the owner's to show."""
    body = admission.request("azure", "acme")
    body["spec"] = {"microservice": {"name": "create-azure-subscription"}}
    house.plane.api(JUAN).create(paths.collection("Request", "acme"), body)
    ran = call(JUAN, "withdraw", "azure", "-n", "acme")

    assert "create-azure-subscription, which is platform/create-azure-subscription (you may not read" in ran.out


def test_whoever_may_read_it_sees_what_runs(house, call):
    """The name that the organization gave it could be anybody's: whose it is and what it runs is shown."""
    house.asked("meant")
    ran = call(INGRID, "approve", "meant", "-n", "acme")

    assert "microservice: create-workspaces, which is platform/create-workspaces and runs by " in ran.out


def test_afterwards_it_says_what_came_of_it(house, call, monkeypatch):
    """Where the operator answers in time, its word is shown: who comes next."""
    ref = house.asked("next")
    monkeypatch.setattr(clusters, "PATIENCE", 60.0)
    with house.operating(ref):
        ran = call(MARIA, "approve", "next", "-n", "acme")
    after = ran.out.partition("written as")[2]

    assert 0 == ran.code
    assert f"approve by {MARIA}" in after
    assert "stage platform of platform/manager-and-platform: Open" in after
    assert re.search(r"next: One of .*ingrid@platform\.example.* approves or rejects it, for platform\.", after)


@pytest.mark.parametrize(
    ("who", "command", "line"),
    [
        (MARIA, ("reject", "--because", "no budget"), f"reject as {MARIA} for {{digest}} because no budget"),
        (JUAN, ("withdraw",), f"withdraw as {JUAN}"),
        (JUAN, ("withdraw", "--because", "a typo"), f"withdraw as {JUAN} because a typo"),
        (MARIA, ("cancel", "--because", "replaced"), f"cancel as {MARIA} because replaced"),
        (MARIA, ("settle", "--as", "Failed", "--because", "I looked"), f"settle-failed as {MARIA} because I looked"),
    ],
    ids=["reject", "withdraw", "withdraw with a reason", "cancel", "settle"],
)
def test_every_decision_is_one_line(house, call, who, command, line, request):
    """The line of each verb, as admission takes it and the operator hears it."""
    ref = house.asked(f"line-{request.node.callspec.id.replace(' ', '-')}")
    verb, *options = command
    ran = call(who, verb, ref.partition("/")[2], "-n", "acme", *options)

    assert 0 == ran.code, ran
    assert [line.format(digest=house.raw(ref)["status"]["digest"])] == [*house.entries(ref).values()]


def test_a_doubt_is_said_and_the_line_is_written(house, call):
    """Whether a line counts only the operator knows; what the status makes doubtful is said beforehand."""
    ref = house.asked("doubt")
    ran = call(JUAN, "approve", "doubt", "-n", "acme")

    assert 0 == ran.code
    assert f"as far as its status says, {JUAN} is none of those who can decide it now; this may not count\n" in ran.err
    assert ["juan"] == list(house.entries(ref))


def test_somebody_is_known_by_each_of_their_names(house, call):
    """Maria signs in as mlopez as well: she is no stranger to the stage that names her, and writes as she is proven."""
    ref = house.asked("alias")
    digest = house.raw(ref)["status"]["digest"]
    ran = call(ALIAS, "approve", "alias", "-n", "acme")

    assert 0 == ran.code
    assert "may not count" not in ran.err
    assert {"mlopez": f"approve as {ALIAS} for {digest}"} == house.entries(ref)


def test_whoever_may_only_look_decides_nothing(house, call):
    """The request is shown, the server refuses the write, and the refusal says whose rights count."""
    ref = house.asked("looked-at")
    ran = call(READER, "approve", "looked-at", "-n", "acme")

    assert 1 == ran.code
    assert f"digest {house.raw(ref)['status']['digest']}" in ran.out
    assert "assent: you may not approve acme/looked-at: " in ran.err
    assert "hint: rights in the cluster follow the roles of Assent" in ran.err
    assert {} == house.entries(ref)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"phase": "Submitted"}, "has no digest yet, so there is nothing to approve", id="no digest"),
        pytest.param(None, "has no digest yet, so there is nothing to approve", id="no status"),
        pytest.param({"phase": "Rejected", "digest": "4c" * 32}, "has ended as Rejected", id="ended"),
    ],
)
def test_nothing_is_approved_that_has_no_digest_or_has_ended(house, call, changes, message, request):
    """Nobody approves what nobody has judged, nor what is over; nothing is written."""
    name = f"early-{request.node.callspec.id.replace(' ', '-')}"
    body = admission.request(name, "acme")
    house.plane.api(JUAN).create(paths.collection("Request", "acme"), body)
    if changes:
        shown = {"conditions": [], "stages": [], "results": [], **changes}
        house.statuses.show(Ident("Request", "acme", name), shown, None, datetime.now(UTC))
    ran = call(MARIA, "approve", name, "-n", "acme")

    assert (1, "") == (ran.code, ran.out)
    assert message in ran.err
    assert {} == house.entries(f"acme/{name}")


def test_an_entry_that_is_taken_is_left_alone(house, call):
    """Another Maria has written under her name already, so the next free one is taken; at most four are one's own."""
    ref = house.asked("taken")
    for who in (OTHER_MARIA, MARIA, MARIA, MARIA, MARIA):
        assert 0 == call(who, "reject", "taken", "-n", "acme", "--because", "no").code
    before = house.entries(ref)
    ran = call(MARIA, "reject", "taken", "-n", "acme", "--because", "no")

    assert {"maria": OTHER_MARIA} | {f"maria-{number}": MARIA for number in range(2, 6)} == {
        name: text.split(" ")[2] for name, text in before.items()
    }
    assert 1 == ran.code
    assert f"{MARIA} has 4 entries on this request already" in ran.err
    assert "kubectl annotate requests.assent.dev taken -n acme approval.assent.dev/maria-2-" in ran.err
    assert before == house.entries(ref)


def test_a_change_in_between_is_a_conflict(house):
    """Whoever still reads while the request changes has not seen what they would approve: nothing is written."""
    ref = house.asked("between")
    with desk.at_a_terminal(house, MARIA, "approve", "between", "-n", "acme") as answer:
        house.judge(ref, digest="5d" * 32, approve=f"approve as <you> for {'5d' * 32}")
        ran = answer("y\n")

    assert 1 == ran.code
    assert "you could not approve acme/between: it changed while you looked at it" in ran.err
    assert "nothing was written; look again" in ran.err
    assert {} == house.entries(ref)


def test_whoever_says_no_writes_nothing(house):
    """At a terminal the question comes after the request was shown, and no is no."""
    ref = house.asked("asked")
    with desk.at_a_terminal(house, MARIA, "approve", "asked", "-n", "acme") as answer:
        ran = answer("n\n")

    assert 1 == ran.code
    assert f"digest {house.raw(ref)['status']['digest']}" in ran.out
    assert "nothing was written" in ran.err
    assert {} == house.entries(ref)


REQUEST = ("request", "create-workspaces", "-n", "acme", "-p", "template=win11-office", "-p", "count=12")


def test_a_request_is_its_creators(house, call, monkeypatch):
    """Admission fills in who asks; the operator's answer is shown with the digest and whose turn it is."""
    monkeypatch.setattr(clusters, "PATIENCE", 60.0)
    with house.operating("acme/hires"):
        ran = call(JUAN, *REQUEST, "--name", "hires", "--reason", "New hires")
    found = house.raw("acme/hires")

    assert 0 == ran.code, ran
    assert (JUAN, {"template": "win11-office", "count": 12}, "New hires") == tuple(
        found["spec"][one] for one in ("requester", "parameters", "reason")
    )
    assert JUAN == found["metadata"]["annotations"][objects.CREATED_BY]
    assert f"Request acme/hires: created as {JUAN}\nacme/hires is PendingApproval" in ran.out
    assert f"digest {found['status']['digest']}" in ran.out
    assert "can decide: " in ran.out
    assert "parameters are taken as JSON where they are any" in ran.err


def test_a_request_is_named_as_none_was_before(house, call):
    """Without --name it is a new one, since names of requests that are gone stay used; nobody has looked at it yet."""
    names = []
    for _ in range(2):
        ran = call(JUAN, *REQUEST)
        assert 0 == ran.code, ran
        assert "the operator has not judged it yet" in ran.err
        names.append(re.search("Request acme/(.*): created", ran.out)[1])

    assert [None] != {re.fullmatch("create-workspaces-juan-[a-z0-9]{5}", one) for one in names} - {None}
    assert 2 == len(set(names))
    assert {JUAN} == {house.raw(f"acme/{one}")["spec"]["requester"] for one in names}


@pytest.mark.parametrize(
    ("who", "arguments", "code", "message"),
    [
        (JUAN, (*REQUEST, "--name", "twice"), 2, "the name acme/twice is taken, and a name is used once"),
        (JUAN, (*REQUEST, "--name", "Twice"), 2, "metadata.name"),
        (JUAN, (*REQUEST[:2], "-n", "northwind"), 1, "you may not open northwind/create-workspaces-juan-"),
        (JUAN, (*REQUEST, "--push"), 2, "--push and --merge are for a repository"),
        (MARIA, ("approve", "twice", "-n", "acme", "--merge", "x"), 2, "--push and --merge are for a repository"),
        (INGRID, (*REQUEST[:-1], "count=many"), 2, "'many' is no integer"),
        (INGRID, ("request", "create-tea", "-n", "acme"), 1, "it would not be accepted (ReferenceNotFound): acme has"),
        (INGRID, ("request", "x", "-n", "nowhere"), 1, "it would not be accepted (OrganizationBroken): nothing is"),
    ],
    ids=["taken", "no name", "elsewhere", "push", "merge", "type", "no offer", "nowhere"],
)
def test_what_cannot_be_opened_says_why(house, call, who, arguments, code, message):
    """Nothing is created; the sentence says what is in the way."""
    house.there("twice")
    before = len(house.plane.admin.get(paths.collection("Request"))["items"])
    ran = call(who, *arguments)

    assert code == ran.code, ran
    assert message in ran.err
    assert before == len(house.plane.admin.get(paths.collection("Request"))["items"])


def test_a_request_that_is_not_accepted_is_1(house, call, monkeypatch):
    """Where nothing comes of it as things stand, the answer is no, and says what to put right."""
    monkeypatch.setattr(clusters, "PATIENCE", 60.0)
    with house.operating("acme/poor"):
        ran = call(JUAN, *REQUEST[:-2], "-p", "count=many", "--name", "poor")

    assert 1 == ran.code
    assert "acme/poor is Submitted: " in ran.out
    assert "is not accepted (ParametersRefused): " in ran.err


def test_what_could_never_be_read_is_never_opened(house, call):
    """An integer that readers disagree on is refused at the door, with what to do; nothing is created."""
    ran = call(JUAN, *REQUEST[:-2], "-p", "count=9007199254740993", "--name", "large")

    assert 1 == ran.code
    assert "you could not open acme/large: parameters hold an integer beyond 2^53-1: write it as text\n" in ran.err
    assert "large" not in [
        one["metadata"]["name"] for one in data(call(MARIA, "get", "areq", "-o", "json", "-n", "acme"))["items"]
    ]


def test_what_the_policies_refuse_is_said_in_their_words(house, call):
    """The sentence of the policy, without the machinery around it; nothing is created."""
    ran = call(admission.AGENT, *REQUEST, "--name", "agents")

    assert 1 == ran.code
    assert f"assent: you could not open acme/agents: {admission.AGENT} " in ran.err
    assert "opens no requests: a person opens it as themselves\n" in ran.err
    assert "agents" not in [
        one["metadata"]["name"] for one in data(call(MARIA, "get", "areq", "-o", "json", "-n", "acme"))["items"]
    ]
