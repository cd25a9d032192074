"""`assent get`, `explain` and `ledger`: the shapes that scripts rely on, and nothing that is not so."""

import json

import pytest
import yaml

from assent.adapters.ledger import Ledger
from assent.api.conditions import CONDITIONS, REASONS
from controller import declared
from controller.deciding import INGRID, MARIA
from controller.desk import Desk
from controller.ground import Ground

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture(scope="module")
def told(shared):
    """One request that waits for its second stage, one that ran over two targets, one that failed, one refused role."""
    ground = Ground(shared / "ground").build()
    with ground.controller(ground.head()) as driver:
        ground.commit("juan", declared.request("vdi", "two", reason="new hires"))
        ground.commit(
            "juan", declared.request("wide", "sweep", targets=["a", "b"]), declared.request("broken", "break")
        )
        ground.change("ana", "user/acme/ana", role={"name": "acme-admins"})
        driver.rest()
        ground.decide("maria", "vdi", f"approve as {MARIA} for {driver.digest('vdi')} because budget is agreed")
        driver.rest()
    ground.check_out()
    return ground


@pytest.fixture
def story(told, capsys):
    return Desk(told, capsys)


def test_a_request_as_programs_get_it(story, told):
    """The object as it is declared, with its whole status in the order of its kind."""
    found = story.data("juan", "get", "request", "vdi", "-n", "acme")
    status = found["status"]

    assert ["apiVersion", "kind", "metadata", "spec", "status"] == list(found)
    assert told.value("requests/acme/vdi")["spec"].items() <= found["spec"].items()
    fields = ["observedGeneration", "phase", "digest", "approve", "waitingFor", "conditions", "stages", "results"]
    assert fields == list(status)
    assert (1, "PendingApproval", "platform", []) == (
        status["observedGeneration"],
        status["phase"],
        status["waitingFor"],
        status["results"],
    )
    assert f"approve as <you> for {status['digest']}" == status["approve"]
    assert 64 == len(status["digest"])


def test_its_conditions(story):
    """Four conditions, each with a word of the table, a sentence, and since when."""
    conditions = story.data("juan", "get", "request", "vdi", "-n", "acme")["status"]["conditions"]

    assert set(CONDITIONS) == {one["type"] for one in conditions}
    fields = ["type", "status", "reason", "message", "lastTransitionTime", "observedGeneration"]
    assert [fields] * 4 == [list(one) for one in conditions]
    assert {one["reason"] for one in conditions} <= set(REASONS)
    said = {one["type"]: (one["status"], one["reason"]) for one in conditions}
    assert ("True", "Valid") == said["Validated"]
    assert ("False", "WaitingForApproval") == said["Ready"] == said["Approved"]
    assert ("False", "NotRun") == said["Executed"]


def test_its_stages(story):
    """Each stage with its flow, quorum, state, the decisions that fill it and whoever still can."""
    status = story.data("juan", "get", "request", "vdi", "-n", "acme")["status"]
    manager, platform = status["stages"]

    assert ["name", "flow", "quorum", "state", "decisions", "canDecide"] == list(manager)
    assert ("manager", "platform/manager-and-platform", 1, "Satisfied", []) == (
        *(manager[name] for name in ("name", "flow", "quorum", "state")),
        manager["canDecide"],
    )
    (decision,) = manager["decisions"]
    assert {"decision": "approve", "username": MARIA, "channel": "Annotation", "digest": status["digest"]}.items() <= (
        decision.items()
    )
    assert "budget is agreed" == decision["reason"]
    assert ("Open", [], [INGRID, "olivia@platform.example"]) == (
        platform["state"],
        platform["decisions"],
        sorted(platform["canDecide"]),
    )


def test_its_results(story):
    """One result a target, each with its state, times, exit code and sentence."""
    status = story.data("juan", "get", "request", "wide", "-n", "acme")["status"]
    (broken,) = story.data("juan", "get", "request", "broken", "-n", "acme")["status"]["results"]

    assert [("a", "Succeeded", 0), ("b", "Succeeded", 0)] == sorted(
        (one["target"], one["state"], one["exitCode"]) for one in status["results"]
    )
    assert {"startedAt", "endedAt", "message"} <= set(status["results"][0])
    assert ("Failed", 3) == (broken["state"], broken["exitCode"])
    assert "target" not in broken


def test_lists(story):
    """Without a name all of them, as `items`; each as it would be shown alone."""
    items = story.data("juan", "get", "requests", "-n", "acme")["items"]

    assert ["broken", "vdi", "wide"] == sorted(one["metadata"]["name"] for one in items)
    assert story.data("juan", "get", "areq", "vdi", "-n", "acme") in items
    assert {"items": []} == story.data("juan", "get", "requests", "-n", "platform")
    assert 7 == len(story.data("juan", "get", "users")["items"])
    assert 5 == len(story.data("juan", "get", "auser", "-n", "acme")["items"])


def test_yaml_and_json_are_the_same(story):
    """Two forms of one answer."""
    text = story.done("juan", "get", "request", "vdi", "-n", "acme", "-o", "yaml")

    assert story.data("juan", "get", "request", "vdi", "-n", "acme") == yaml.safe_load(text)


def test_a_table_for_people(story):
    """One row a request, with what it waits for."""
    heading, *rows = story.done("juan", "get", "requests", "-n", "acme").splitlines()

    assert ["NAME", "PHASE"] == [word for word in heading.split() if word in {"NAME", "PHASE"}]
    assert 3 == len(rows)
    (row,) = [one for one in rows if " vdi " in one]
    assert ["PendingApproval", "two", "juan@acme.example", "platform"] == [
        one for one in row.split() if one in {"PendingApproval", "two", "juan@acme.example", "platform"}
    ]


def test_configuration_has_its_condition(story):
    """A document in force is Ready; one whose last change stands refused says so, and shows what is in force."""
    fine = story.data("juan", "get", "user", "juan", "-n", "acme")
    refused = story.data("juan", "get", "user", "ana", "-n", "acme")

    (ready,) = fine["status"]["conditions"]
    assert ("Ready", "True", "InForce") == (ready["type"], ready["status"], ready["reason"])
    (ready,) = refused["status"]["conditions"]
    assert ("Ready", "False", "AuthorNotAllowed") == (ready["type"], ready["status"], ready["reason"])
    assert {"name": "acme-viewers"} == refused["spec"]["role"]


def test_explain_request(story):
    """Why it waits, who can move it and who cannot and why, and the line to write."""
    told = story.data("maria", "explain", "request", "vdi", "-n", "acme")

    assert {"phase", "digest", "approve", "stages", "next"} <= set(told)
    assert f"approve as <you> for {told['digest']}" == told["approve"]
    assert {"name", "state", "quorum", "canDecide", "cannotDecide"} <= set(told["stages"][0])
    assert [("manager", "Satisfied"), ("platform", "Open")] == [(one["name"], one["state"]) for one in told["stages"]]
    assert {INGRID, "olivia@platform.example"} == set(told["stages"][1]["canDecide"])
    for stage in told["stages"]:
        for one in stage["cannotDecide"]:
            assert {"username", "because"} <= set(one)
    assert INGRID in told["next"]
    assert isinstance(told["next"], str)


def test_explain_says_what_does_not_count(ground, desk):
    """A line of the requester's own is shown with the reason why it does not count."""
    ground.commit("juan", declared.request("vdi", "one"))
    ground.check_out()
    desk.look()
    digest = desk.data("juan", "explain", "request", "vdi", "-n", "acme")["digest"]
    ground.decide("juan", "vdi", f"approve as juan@acme.example for {digest}")
    ground.check_out()
    desk.look()
    told = desk.data("juan", "explain", "request", "vdi", "-n", "acme")
    people = {one["username"]: one["because"] for one in told["stages"][0]["cannotDecide"]}

    assert [("juan@acme.example", "SelfApproval")] == [(one["username"], one["because"]) for one in told["notCounted"]]
    assert "requester" in people["juan@acme.example"]
    assert "SelfApproval" in desk.done("juan", "explain", "request", "vdi", "-n", "acme")


NOT_THERE = {
    "a request": (["get", "request", "vid", "-n", "acme"], "there is no request 'vid'; did you mean vdi?"),
    "a user": (["get", "user", "mara", "-n", "acme"], "there is no User 'mara'; did you mean maria"),
    "to explain": (["explain", "request", "vid", "-n", "acme"], "there is no request 'vid'; did you mean vdi?"),
}


@pytest.mark.parametrize(("arguments", "said"), NOT_THERE.values(), ids=NOT_THERE)
def test_what_is_not_there_is_1(story, arguments, said):
    """With the nearest names that there are."""
    ran = story.call("juan", *arguments)

    assert (1, "") == (ran.code, ran.out)
    assert said in ran.err


WRONG = {
    "an unknown kind": (["get", "requst"], "there is no kind 'requst'; did you mean request"),
    "no organization": (["get", "request", "vdi"], "a Request belongs to an organization"),
    "an unknown record": (["ledger", "show", "--kind", "decision"], "there is no kind of record 'decision'"),
}


@pytest.mark.parametrize(("arguments", "said"), WRONG.values(), ids=WRONG)
def test_wrong_usage_is_2(desk, arguments, said):
    """With what would have been right."""
    ran = desk.call("juan", *arguments)

    assert (2, "") == (ran.code, ran.out)
    assert said in ran.err


def test_the_ledger_as_programs_get_it(story, told):
    """Every record with its number, time, kind, subject and body; filters take some of them out."""
    items = story.data("juan", "ledger", "show")["items"]
    about = story.data("juan", "ledger", "show", "acme/vdi")["items"]
    last = story.data("juan", "ledger", "show", "--kind", "decided", "--last", "1")["items"]

    assert [["sequence", "at", "kind", "subject", "body"]] * len(items) == [list(one) for one in items]
    assert list(range(1, len(items) + 1)) == [one["sequence"] for one in items]
    assert ["observed", "validated", "decided"] == [one["kind"] for one in about]
    assert [("acme/vdi", MARIA)] == [(one["subject"], one["body"]["username"]) for one in last]
    wide = story.data("juan", "ledger", "show", "acme/wide")["items"]
    assert {"acted", "recorded"} < {one["kind"] for one in wide}
    assert len(story.done("juan", "ledger", "show").splitlines()) == len(items) + 1


def test_the_ledger_proves_itself(story, told):
    """0 where all is as it was written; 1 and the first record that is wrong where it is not, from every command."""
    out = story.done("juan", "ledger", "verify")
    assert f"{len(told.records())} records" in out
    sequence = next(one.sequence for one in told.records() if one.kind == "decided")
    with Ledger.open(told.ledger, key_file=told.key) as ledger, ledger._store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = told.ledger.read_bytes()
    told.ledger.write_bytes(kept.replace(b"budget is agreed", b"budget is agreeD", 1))
    for command in (["ledger", "verify"], ["ledger", "show"], ["get", "requests"], ["run", "--once"]):
        ran = story.call("juan", *command)
        assert (1, "") == (ran.code, ran.out), command
        assert f"record {sequence}" in ran.err.lower(), ran.err
    told.ledger.write_bytes(kept)


def test_another_key_opens_nothing(story, told):
    """A ledger without its key, or with another one, is refused."""
    other = told.root / "other.key"
    other.write_bytes(bytes(32))
    for key in (other, told.root / "none.key"):
        ran = story.call("juan", "get", "requests", "--ledger-key", key, key=False)
        assert (1, "") == (ran.code, ran.out)


def test_where_there_is_no_ledger_it_says_so(story, told):
    """A clone shows its head as if in force, and says that it does; --ledger brings the truth."""
    clone = told.root / "clone"
    told.run_git("clone", "--quiet", str(told.repository), str(clone), folder=told.root)
    ran = story.call("juan", "get", "request", "vdi", "-n", "acme", "-o", "json", folder=clone, key=False)
    told = story.data("juan", "get", "request", "vdi", "-n", "acme", "--ledger", told.ledger, folder=clone)

    assert 0 == ran.code
    assert "no ledger here" in ran.err
    assert "PendingApproval" == json.loads(ran.out)["status"]["phase"] == told["status"]["phase"]
    quiet = story.call("juan", "--quiet", "get", "requests", "-n", "acme", folder=clone, key=False)
    assert "" == quiet.err


def test_from_a_folder_below(story, told):
    """A command in any folder of the work tree means that repository and its ledger."""
    ran = story.call("juan", "get", "request", "vdi", "-n", "acme", "-o", "json", folder=told.repository / "user")

    assert (0, "PendingApproval") == (ran.code, json.loads(ran.out)["status"]["phase"])
