"""What the command line shows of a cluster: what people may read, as Git mode shows it; else that they may not."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from assent.__main__ import main
from assent.adapters.kube import paths
from assent.core.explain import explain
from cluster import admission, desk
from cluster.desk import INGRID, JUAN, MARIA, PARAMETERS, READER, ROOT, Ran, data

FOLDERS = ("-C", ROOT / "policies", "-C", ROOT / "examples" / "01-automate")
BIN = Path(sys.executable).parent
EXPLAIN = ("explain", "request")


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with desk.opened(tmp_path_factory, "looking") as found:
        yield found


@pytest.fixture
def call(house, capsys, monkeypatch):
    return desk.caller(house, capsys, monkeypatch)


@pytest.fixture
def in_files(capsys):
    """The same question to the files that the cluster's world came from."""

    def run(*arguments):
        capsys.readouterr()
        code = main([str(one) for one in (*arguments, *FOLDERS)])
        return Ran(code, *capsys.readouterr())

    return run


def test_kubectl_has_the_commands(house):
    """With the program in the PATH, the real kubectl runs `kubectl assent` with its own kubeconfig."""
    house.asked("plugin")
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    environment["KUBECONFIG"] = str(house.plane.kubeconfig(MARIA))
    command = [house.plane.binaries / "kubectl", "assent", "get"]
    ran, none = (
        subprocess.run([*command, *what, "-n", "acme"], env=environment, capture_output=True, text=True, check=False)
        for what in (["requests"], ["request", "none"])
    )
    heading, *rows = [re.split("  +", line) for line in ran.stdout.splitlines()]

    assert (0, "") == (ran.returncode, ran.stderr)
    assert ["ORGANIZATION", "NAME", "PHASE", "MICROSERVICE", "REQUESTER", "WAITING FOR"] == heading
    assert ["acme", "plugin", "PendingApproval", "create-workspaces", JUAN, "manager"] in rows
    assert (1, "") == (none.returncode, none.stdout)
    assert "hint: `kubectl assent get requests -n acme`\n" in none.stderr


def test_what_the_operator_has_not_seen_is_shown_without_a_status(house, call):
    """A new request is there at once; phase and digest are the operator's to say."""
    house.plane.api(JUAN).create(paths.collection("Request", "acme"), admission.request("unseen", "acme"))
    row = next(line for line in call(MARIA, "get", "requests", "-n", "acme").out.splitlines() if "unseen" in line)
    told = data(call(MARIA, "explain", "request", "unseen", "-n", "acme", "-o", "json"))

    assert ["acme", "unseen", "vdi", JUAN] == row.split()
    assert ("Submitted", None, "", [], "The operator looks at it.") == tuple(
        told[one] for one in ("phase", "digest", "approve", "stages", "next")
    )


def test_one_object_is_as_its_page_has_it(house, call):
    """The document with its status, and nothing that the server notes for itself."""
    ref = house.asked("shape", reason="New hires")
    found = data(call(MARIA, "get", "request", "shape", "-n", "acme", "-o", "json"))

    assert ["apiVersion", "kind", "metadata", "spec", "status"] == list(found)
    assert {"name": "shape", "namespace": "acme"} == found["metadata"]
    assert (JUAN, PARAMETERS, "New hires") == tuple(found["spec"][one] for one in ("requester", "parameters", "reason"))
    assert house.raw(ref)["status"] == found["status"]
    assert found in data(call(MARIA, "get", "areq", "-n", "acme", "-o", "json"))["items"]
    assert call(MARIA, "get", "request", "shape", "-n", "acme").out.startswith("apiVersion: assent.dev/v1alpha1\n")


@pytest.mark.parametrize("kind", ["org", "amod", "arole", "auser", "msvc", "emsvc", "aflow"])
def test_every_kind_is_listed_as_in_files(house, call, in_files, kind):
    """What the cluster holds is what was declared: the same names, the same specs."""
    found = data(call(INGRID, "get", kind, "-o", "json"))["items"]
    declared = data(in_files("get", kind, "-o", "json"))["items"]

    assert [one["metadata"]["name"] for one in declared] == [one["metadata"]["name"] for one in found]
    assert len(found) == len(call(INGRID, "get", kind).out.splitlines()) - 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("tree", "-o", "json"), id="tree"),
        pytest.param(("catalogue", "-n", "acme", "-o", "json"), id="catalogue"),
        pytest.param(("catalogue", "create-workspaces", "-n", "acme-labs", "-o", "json"), id="an offer"),
        pytest.param(("catalogue", "create-workspacez", "-n", "acme"), id="no offer"),
        pytest.param(("can", MARIA, "--list", "-n", "acme-labs", "-o", "json"), id="list"),
        pytest.param(("can", MARIA, "Approve", "Requests", "-n", "acme", "--module", "automate"), id="allowed"),
        pytest.param(("can", JUAN, "Approve", "Requests", "-n", "acme", "--module", "automate"), id="denied"),
        pytest.param(("can", "x", "Approve", "Requests", "-n", "acme", "--module", "automate"), id="nobody"),
        pytest.param(("can", MARIA, "Approve", "Requests", "-n", "x", "--module", "automate"), id="nowhere"),
        pytest.param(("explain", "permission", JUAN, "--list", "-n", "acme"), id="explain permission"),
    ],
)
def test_a_cluster_answers_as_its_files_would(call, in_files, arguments):
    """Whoever may read everything gets the answer that Git mode gives."""
    in_cluster, declared = call(INGRID, *arguments), in_files(*arguments)
    told, wanted = (json.loads(one) if one.startswith("{") else one for one in (in_cluster.out, declared.out))

    assert declared.code == in_cluster.code
    assert wanted == _without_requests(told)


def _without_requests(told):
    """Counts of requests are left out: tests open some."""
    if isinstance(told, dict):
        return {name: _without_requests(one) for name, one in told.items() if name != "requests"}
    return [_without_requests(one) for one in told] if isinstance(told, list) else told


def test_people_of_an_organization_are_answered_by_what_they_may_read(call):
    """Maria may list acme alone: that is enough for an answer about people of acme, and what is left out is said."""
    ran = call(MARIA, "can", JUAN, "Create", "Requests", "-n", "acme", "--module", "automate")

    assert 0 == ran.code
    assert ran.out.startswith(f"allowed: {JUAN}, ")
    assert "as far as you may read: you may not list the users of northwind, users of platform\n" == ran.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            ("can", "nora@northwind.example", "Approve", "Requests", "-n", "acme", "--module", "automate"),
            "what nora@northwind.example may do in acme cannot be told: you may not list the users of northwind",
            id="can",
        ),
        pytest.param(
            ("can", "nora@northwind.example", "--list", "-n", "acme"), "you may not list the users of north", id="list"
        ),
        pytest.param(("catalogue", "-n", "acme"), "what acme offers cannot be told: you may not list", id="catalogue"),
        pytest.param(("check",), "the cluster cannot be checked: you may not list the accessroles", id="check"),
        pytest.param(("get", "requests"), "you may not list the requests in all organizations", id="everywhere"),
        pytest.param(("get", "users", "-n", "northwind"), "you may not list the users in northwind", id="elsewhere"),
        pytest.param(("get", "user", "x", "-n", "northwind"), "you may not read the user x", id="one"),
        pytest.param(("explain", "request", "x", "-n", "northwind"), "you may not read the request x", id="explain"),
    ],
)
def test_what_may_not_be_read_is_no_answer(call, arguments, sentence):
    """Neither yes nor no: exit code 1, nothing on standard output, and a sentence that says what may not be read."""
    ran = call(MARIA, *arguments, "-o", "json")

    assert (1, "") == (ran.code, ran.out)
    assert sentence in ran.err
    assert "denied" not in ran.err
    assert "hint: " in ran.err


def test_a_tree_says_what_it_did_not_count(call):
    """Organizations are everybody's to see; what they own is counted by whoever may list it."""
    ran = call(MARIA, "tree")

    assert 0 == ran.code
    assert "acme-labs" in ran.out
    assert ran.err.startswith("not counted, since you may not list them everywhere: accessroles, users, ")


def test_check_finds_what_is_wrong_in_a_cluster(house, call):
    """A finding names kind, namespace and name, and no file, since there is none."""
    broken = admission.user("lost", "acme-labs", role={"name": "nowhere"})
    house.plane.admin.create(paths.collection("User", "acme-labs"), broken)
    ran = call(INGRID, "check", "-o", "json")
    house.plane.admin.delete(f"{paths.collection('User', 'acme-labs')}/lost")
    (found,) = [one for one in json.loads(ran.out)["findings"] if one["severity"] == "error"]

    assert 1 == ran.code
    assert ("User", "acme-labs", "lost", "spec.role") == tuple(
        found[one] for one in ("kind", "namespace", "name", "path")
    )
    assert ("", 0, 0) == (found["file"], found["line"], found["column"])
    assert (0, 0) == (data(call(INGRID, "check", "-o", "json"))["skipped"], call(INGRID, "check").code)


def test_explain_is_whole_for_whoever_may_read_everything(house, call):
    """Who cannot decide, and why, is what Git mode says of the same documents; so is all the rest."""
    ref = house.asked("told")
    ran, wanted = call(INGRID, *EXPLAIN, "told", "-n", "acme", "-o", "json"), _wanted(house, ref)

    assert wanted == data(ran)
    assert [True, False] == [bool(stage["cannotDecide"]) for stage in wanted["stages"]]
    assert "this is what its status says; what did not count is not told there\n" == ran.err


def test_what_has_been_decided_is_weighed_with_the_rest(house, call):
    """After an approval the next stage is open, and the person who gave it is counted once."""
    ref = house.asked("weighed")
    assert 0 == call(MARIA, "approve", "weighed", "-n", "acme", "--because", "budget is agreed").code
    house.judge(ref)
    ran, wanted = call(INGRID, *EXPLAIN, "weighed", "-n", "acme", "-o", "json"), _wanted(house, ref)
    told = data(ran)

    assert ["Satisfied", "Open"] == [one["state"] for one in told["stages"]]
    for key in ("state", "canDecide", "cannotDecide"):
        assert [one[key] for one in wanted["stages"]] == [one[key] for one in told["stages"]]
    assert "cannot be told" not in ran.err


def _wanted(house, ref):
    return explain(house.world, house.decision(ref))


@pytest.mark.parametrize("who", [MARIA, READER], ids=["of acme", "of its requests alone"])
def test_explain_tells_everybody_else_what_the_status_says(house, call, who):
    """The keys are those of Git mode, and so is all that a status holds; that who cannot decide is missing is said."""
    house.there("partly")
    ran, wanted = call(who, "explain", "request", "partly", "-n", "acme", "-o", "json"), _wanted(house, "acme/partly")
    told = data(ran)

    assert list(wanted) == list(told)
    assert {"stages", "microservice"} == {name for name in wanted if wanted[name] != told[name]}
    assert [{**one, "cannotDecide": []} for one in wanted["stages"]] == told["stages"]
    assert "who cannot decide, and what did not count, cannot be told from here\n" in ran.err
    assert f"to approve: approve as <you> for {wanted['digest']}" in call(who, *EXPLAIN, "partly", "-n", "acme").out


@pytest.mark.parametrize("differs", ["digest", "canDecide"])
def test_the_operators_word_is_not_filled_up_by_guesses(house, call, differs):
    """Where the ledger knows more than the documents say, such as who came too late, nobody is said to be unable."""
    ref = house.asked(f"differs-{differs.lower()}")
    before = house.raw(ref)["status"]
    stages = [{**one, "canDecide": one["canDecide"][1:]} for one in before["stages"]]
    house.judge(ref, **({"stages": stages} if differs == "canDecide" else {"digest": "5d" * 32}))
    ran = call(INGRID, *EXPLAIN, ref.partition("/")[2], "-n", "acme", "-o", "json")

    assert [[] for _ in before["stages"]] == [one["cannotDecide"] for one in data(ran)["stages"]]
    assert "cannot be told from here" in ran.err


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        pytest.param(
            ("get", "request", "nearnes", "-n", "acme"), "no request 'nearnes'; did you mean nearness?", id="get"
        ),
        pytest.param(("get", "org", "acm"), "no organization 'acm'; did you mean acme", id="get org"),
        pytest.param(("explain", "request", "nearnes", "-n", "acme"), "did you mean nearness?", id="explain"),
        pytest.param(("approve", "nearnes", "-n", "acme"), "did you mean nearness?", id="approve"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(house, call, kind, message):
    """An unknown name is 1, with the nearest names that the person may list."""
    house.there("nearness")
    ran = call(MARIA, *kind)

    assert (1, "") == (ran.code, ran.out)
    assert message in ran.err
