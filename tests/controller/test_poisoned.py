"""Rule 28: one poisoned document leaves the others alone."""

import pytest

from assent.adapters.documents import edit
from controller import declared
from controller.deciding import MARIA, ask, line

HEAD = "apiVersion: assent.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: poison, namespace: acme}}\n"
REQUEST = HEAD.format(kind="Request")

POISON = {
    "not YAML": REQUEST + "spec: [oops\n",
    "not UTF-8": REQUEST.encode() + b"spec: \xff\xfe\n",
    "a bomb": REQUEST + "spec: &a [1, 2]\nmore: [*a, *a]\n",
    "a tag": REQUEST + "spec: !!python/object:os.system {}\n",
    "two of one key": REQUEST + "spec: {}\nspec: {}\n",
    "no spec": REQUEST,
    "an unknown field": REQUEST + "spec: {microservice: {name: note}, requester: juan@acme.example, approved: true}\n",
    "a list for a spec": REQUEST + "spec: []\n",
    "a status": REQUEST
    + "spec: {microservice: {name: note}, requester: juan@acme.example}\nstatus: {phase: Approved}\n",
    "a huge number": REQUEST
    + "spec: {microservice: {name: note}, requester: j, parameters: {text: 9007199254740993}}\n",
    "a name that is none": REQUEST.replace("poison", "../poison") + "spec: {}\n",
    "no namespace": "apiVersion: assent.dev/v1alpha1\nkind: Request\nmetadata: {name: poison}\nspec: {}\n",
    "another version": REQUEST.replace("v1alpha1", "v9") + "spec: {}\n",
    "a kind that is none": HEAD.format(kind="Requst") + "spec: {}\n",
    "too deep": REQUEST + "spec: " + "{a: " * 200 + "1" + "}" * 200 + "\n",
    "too large": REQUEST + "spec: {reason: '" + "x" * 300_000 + "'}\n",
    "bidirectional": REQUEST + "spec: {microservice: {name: note}, requester: juan@acme.example, reason: 'a\u202eb'}\n",
    "a user": HEAD.format(kind="User") + "spec: {username: maria@acme.example}\n",
    "a user that is none": HEAD.format(kind="User") + "spec: {username: 7}\n",
}


@pytest.mark.parametrize("together", [False, True], ids=["by itself", "in one commit with a good one"])
@pytest.mark.parametrize("text", POISON.values(), ids=POISON)
def test_rule_28_a_poisoned_file_leaves_the_others_alone(ground, passing, text, together):
    """Rule 28: requests that came before, with and behind it go their way; the world in force is what it was."""
    before = passing.in_force()
    ask(ground, passing, "one", name="before")
    good = [declared.request("with", "note")]
    ground.commit("juan", *(good if together else []), files={"requests/acme/poison.yaml": text})
    passing.rest()
    ground.decide("maria", "before", line(passing, MARIA, "before"))
    ask(ground, passing, "note", name="behind")

    assert before == passing.in_force()
    assert {"before", "behind", *(["with"] * together)} <= {request[5:] for request, *_ in ground.started()}
    assert "poison" not in {request[5:] for request, *_ in ground.started()}
    assert passing.recalled().state == passing.state


JUNK = {
    "no decision": "please run this",
    "no digest": "approve as maria@acme.example",
    "half a digest": "approve as maria@acme.example for 4c1d09b2",
    "in capitals": "APPROVE as maria@acme.example",
    "empty": "",
    "two lines": "approve as maria@acme.example\napprove as marc@acme.example",
    "too long": "reject as maria@acme.example because " + "x" * 600,
    "no reason": "reject as maria@acme.example",
    "very much": "x" * 20_000,
    "a later verb": "escalate as maria@acme.example because now",
    "spaces": "approve  as maria@acme.example for " + "0" * 64,
}


def test_rule_28_junk_in_every_entry_leaves_the_good_line_alone(ground, passing):
    """Rule 28: whatever stands in other entries, and under other keys, the one good approval counts."""
    ask(ground, passing, "one")
    good = line(passing, MARIA)
    text = edit.dump(ground.value("requests/acme/vdi"))
    for number, junk in enumerate(JUNK.values()):
        text = edit.add_annotation(text, 0, f"approval.assent.dev/junk-{number}", junk)
    for name in ("kopf.zalando.org/last-handled-configuration", "assent.dev/created-by", "approval.assent.dev.evil/x"):
        text = edit.add_annotation(text, 0, name, '{"success": true}')
    ground.commit("maria", files={"requests/acme/vdi.yaml": text})
    passing.rest()
    assert "PendingApproval" == passing.phase("vdi")
    ground.decide("maria", "vdi", good)
    passing.rest()

    assert "Succeeded" == passing.phase("vdi")
    assert {"Malformed"} == {word for _, word in passing.uncounted("vdi")}


@pytest.mark.parametrize("by", ["ana", "juan", None])
def test_rule_28_a_second_document_of_the_name_leaves_the_first_alone(ground, passing, by):
    """Rule 28: somebody declares the waiting request again, with another spec; that is refused, and it goes its way."""
    ask(ground, passing, "one", parameters={"text": "mine"})
    good = line(passing, MARIA)
    other = edit.dump(declared.request("vdi", "one", parameters={"text": "theirs"}))
    ground.commit(by, files={"elsewhere/vdi.yaml": other})
    assert "DeclaredTwice" == passing.rest().refused("vdi")
    ground.decide("maria", "vdi", good)
    passing.rest()

    assert [("acme/vdi", "-- mine")] == [(one[0], one[3]) for one in ground.started()]


@pytest.mark.parametrize("by", ["ana", "alba", None])
def test_rule_28_a_second_user_of_the_name_leaves_the_first_in_force(ground, passing, by):
    """Rule 28: of two documents of one name the one in force stays."""
    before = passing.in_force()
    other = edit.dump(declared.user("maria", "acme", "acme-viewers"))
    ground.commit(by, files={"elsewhere/maria.yaml": other})

    assert {"User/acme/maria": "DeclaredTwice"} == passing.rest().standing()
    assert before == passing.in_force()


def test_rule_28_a_microservice_that_breaks_holds_its_own_requests_alone(ground, passing):
    """Rule 28: what refers to nothing, or has no program, waits and says so; the others run."""
    ground.commit("olivia", declared.service("lost", program="lost"), declared.service("empty", run={"http": HTTP}))
    for name in ("lost", "empty", "unheard-of", "note"):
        ask(ground, passing, name, name=name)

    assert [
        ("lost", "Approved", "RunnerNotAvailable"),
        ("empty", "Approved", "RunnerNotAvailable"),
        ("unheard-of", "Submitted", "ReferenceNotFound"),
        ("note", "Succeeded", "RunSucceeded"),
    ] == [(name, passing.phase(name), passing.reason(name)) for name in ("lost", "empty", "unheard-of", "note")]


HTTP = {"method": "POST", "url": "https://automation.invalid/run"}
