"""`assent approve`, `reject`, `withdraw`, `cancel`, `settle`: one signed line, or nothing at all."""

import pytest

from controller import declared, processes
from controller.deciding import MARIA

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

FILE = """# What finance wants; keep the order.
apiVersion: assent.dev/v1alpha1
kind: Request   # one of two
metadata:
  name: vdi
  namespace: acme
spec:
  microservice: {name: two}
  requester: juan@acme.example

  reason: "new hires"  # agreed by telephone
---
apiVersion: assent.dev/v1alpha1
kind: Request
metadata: {name: other, namespace: acme}
spec:
  microservice: {name: one}
  requester: juan@acme.example
"""
"""Two requests in one file, as a person writes them."""


@pytest.fixture
def asked(ground, desk):
    """Juan has asked for two things, in a file of his own making."""
    ground.commit("juan", files={"wishes.yaml": FILE})
    ground.check_out()
    desk.look()
    return desk


def text(ground, path="wishes.yaml"):
    return (ground.repository / path).read_text()


def digest(desk, name="vdi"):
    return desk.data("maria", "explain", "request", name, "-n", "acme")["digest"]


def test_an_approval_is_one_line_more(ground, asked):
    """One entry with the whole digest; every other byte of the file is its author's, and no other file is touched."""
    wanted = digest(asked)
    out = asked.done("maria", "approve", "vdi", "-n", "acme", "--because", "budget is agreed")
    line = f"approve as {MARIA} for {wanted} because budget is agreed"
    added = [one for one in text(ground).splitlines() if one not in FILE.splitlines()]

    assert (["wishes.yaml"], "Approve acme/vdi") == asked.last()
    assert f"writing: {line}" in out
    assert wanted in out
    assert ["  annotations:", f"    approval.assent.dev/maria: {line}"] == [one.replace('"', "") for one in added]
    assert [one for one in text(ground).splitlines() if one not in added] == FILE.splitlines()
    asked.look()
    assert "platform" == asked.data("juan", "get", "request", "vdi", "-n", "acme")["status"]["waitingFor"]


def test_two_stages_by_command_run_it(ground, asked):
    """The plain way of a request from the first command to the last."""
    asked.done("maria", "approve", "vdi", "-n", "acme")
    asked.look()
    asked.done("ingrid", "approve", "vdi", "-n", "acme")
    asked.look()

    assert "Succeeded" == asked.phase("vdi")
    assert ["acme/vdi"] == [request for request, *_ in ground.started()]


ENDING = {
    "reject": (
        "maria",
        ["reject", "--because", "no budget"],
        "Rejected",
        "reject as maria@acme.example for {digest} because no budget",
    ),
    "withdraw": ("juan", ["withdraw"], "Withdrawn", "withdraw as juan@acme.example"),
    "cancel": ("alba", ["cancel", "--because", "moved"], "Cancelled", "cancel as alba@acme.example because moved"),
}


@pytest.mark.parametrize(("by", "arguments", "phase", "line"), ENDING.values(), ids=ENDING)
def test_whoever_may_ends_it(ground, asked, by, arguments, phase, line):
    """Each verb by whom it is for; the request ends so, and nothing is decided any more."""
    line = line.format(digest=digest(asked))
    verb, *more = arguments
    asked.done(by, verb, "vdi", "-n", "acme", *more)
    assert line in text(ground).replace('"', "")
    asked.look()

    assert phase == asked.phase("vdi")
    message, _ = asked.refused("maria", "approve", "vdi", "-n", "acme")
    assert f"acme/vdi has ended as {phase}: nothing is decided any more" == message


UNCOUNTED = {
    "the requester's approval": ("juan", ["approve"], "SelfApproval"),
    "a viewer's approval": ("ana", ["approve"], "NotEntitled"),
    "another's withdrawal": ("maria", ["withdraw"], "NotEntitled"),
    "a cancellation without the right": ("maria", ["cancel", "--because", "no"], "NotEntitled"),
    "a rejection by a stranger to it": ("ana", ["reject", "--because", "no"], "NotEntitled"),
    "a settling of what never ran": ("alba", ["settle", "--as", "Failed", "--because", "no"], "NothingToSettle"),
}


@pytest.mark.parametrize(("by", "arguments", "word"), UNCOUNTED.values(), ids=UNCOUNTED)
def test_what_would_not_count_is_not_written(asked, by, arguments, word):
    """The command knows what the controller would say, and says it first."""
    verb, *more = arguments
    message, hint = asked.refused(by, verb, "vdi", "-n", "acme", *more)

    assert message.startswith(f"this would not count ({word}): ")
    assert "nothing was written" == hint


def test_the_same_twice_is_told(asked):
    """Once the controller has heard it, a second time is refused; before, the entries stand side by side."""
    asked.done("maria", "approve", "vdi", "-n", "acme")
    asked.done("maria", "approve", "vdi", "-n", "acme", "--because", "again")
    asked.look()
    message, _ = asked.refused("maria", "approve", "vdi", "-n", "acme")

    assert message.startswith("this would not count (AlreadyJudged): ")


def test_an_entry_of_somebody_elses_is_not_written_over(ground, asked):
    """Another line under one's name, whoever put it there, stays; one's own stands beside it."""
    ground.run_git("pull", "--quiet", ".", "main")
    forged = text(ground).replace(
        "  namespace: acme\nspec", "  namespace: acme\n  annotations: {approval.assent.dev/maria: hm}\nspec", 1
    )
    (ground.repository / "wishes.yaml").write_text(forged)
    ground.run_git("commit", "--quiet", "-S", "-am", "An entry under her name", person="juan")
    asked.done("maria", "approve", "vdi", "-n", "acme")

    assert "approval.assent.dev/maria: hm" in text(ground)
    assert "approval.assent.dev/maria-2" in text(ground)


def test_a_merge_approves(ground, asked):
    """`--merge` makes a signed merge with the trailer; the controller counts it as one of the channel Merge."""
    wanted = digest(asked, "other")
    ground.commit("juan", files={"note.txt": "a branch"}, branch="change", parents=[ground.head()])
    out = asked.done("maria", "approve", "other", "-n", "acme", "--merge", "change")
    _, message = asked.last()

    assert f"Merge change: approve acme/other\n\nAssent-Approve: acme/other {wanted}" == message
    assert "Approve acme/other: merge " in out
    asked.look()
    (stage,) = asked.data("juan", "get", "request", "other", "-n", "acme")["status"]["stages"]
    assert [("approve", MARIA, "Merge")] == [
        (one["decision"], one["username"], one["channel"]) for one in stage["decisions"]
    ]
    assert "Succeeded" == asked.phase("other")


CHANNELS = {"Merge": (["--merge", "change"], []), "Annotation": ([], ["--merge", "change"])}


@pytest.mark.parametrize(("accepted", "refused"), CHANNELS.values(), ids=CHANNELS)
def test_a_channel_that_the_flow_does_not_accept_is_told(ground, desk, accepted, refused, request):
    """A flow that takes one channel alone: the other is refused before anything is written, the one itself is not."""
    channel = request.node.callspec.id
    flow = declared.FLOWS["platform/manager"] | {"accepts": [channel]}
    ground.commit("olivia", declared.document("ApprovalFlow", "narrow", flow, "platform"))
    ground.commit("olivia", declared.service("gated", flows=["narrow"]))
    ground.commit("juan", declared.request("vdi", "gated"))
    ground.commit("juan", files={"note.txt": "a branch"}, branch="change", parents=[ground.head()])
    ground.check_out()
    desk.look()
    message, _ = desk.refused("maria", "approve", "vdi", "-n", "acme", *refused)
    assert message.startswith("this would not count (ChannelNotAccepted): ")
    desk.done("maria", "approve", "vdi", "-n", "acme", *accepted)
    desk.look()

    assert "Succeeded" == desk.phase("vdi")


def test_a_merge_that_conflicts_is_undone(ground, asked):
    """And so is one of a branch that is merged already, or that does not exist."""
    base = ground.head()
    ground.commit("juan", files={"note.txt": "theirs"}, branch="change", parents=[base])
    ground.commit("juan", files={"note.txt": "ours"})
    ground.check_out()
    conflict, _ = asked.refused("maria", "approve", "other", "-n", "acme", "--merge", "change")
    merged, _ = asked.refused("maria", "approve", "other", "-n", "acme", "--merge", "main")
    missing, _ = asked.refused("maria", "approve", "other", "-n", "acme", "--merge", "nowhere")

    assert conflict.startswith("change cannot be merged: ")
    assert "main is merged already" == merged
    assert missing.startswith("there is no commit 'nowhere' in ")


@pytest.mark.parametrize(("outcome", "phase"), [("Succeeded", "Succeeded"), ("Failed", "Failed")])
def test_a_manual_run_is_settled(ground, desk, outcome, phase):
    """A person turns the key, and somebody who may cancel says how it went."""
    desk.done("juan", "request", "hand", "-n", "acme", "--name", "key")
    desk.look()
    told = desk.data("juan", "explain", "request", "key", "-n", "acme")
    assert "Running" == told["phase"]
    assert "settle" in told["next"]
    assert "Turn the key." in told["message"]
    desk.refused("maria", "settle", "key", "-n", "acme", "--as", outcome, "--because", "it turned")
    desk.done("alba", "settle", "key", "-n", "acme", "--as", outcome, "--because", "it turned")
    desk.look()

    status = desk.data("juan", "get", "request", "key", "-n", "acme")["status"]
    assert (phase, [phase]) == (status["phase"], [one["state"] for one in status["results"]])


def test_an_unknown_run_is_settled(ground, desk):
    """Rule 6: what nobody saw end waits for a person, who looks and says so; then it has ended for good."""
    ground.commit("juan", declared.request("vdi", "note"))
    ground.check_out()
    assert -9 == processes.controller(ground, crash="ran:1").wait().code
    desk.look()
    assert "Unknown" == desk.phase("vdi")
    told = desk.data("juan", "explain", "request", "vdi", "-n", "acme")
    assert "settle" in told["next"]
    desk.done("alba", "settle", "vdi", "-n", "acme", "--as", "Succeeded", "--because", "the note is there")
    desk.look()

    assert "Succeeded" == desk.phase("vdi")
    assert 1 == len(ground.started())
    desk.refused("alba", "settle", "vdi", "-n", "acme", "--as", "Failed", "--because", "no")


MISSING = {
    "an unknown request": (["approve", "vid", "-n", "acme"], 1, "there is no request 'vid'; did you mean vdi?"),
    "no organization": (["approve", "vdi"], 2, "Missing option"),
    "no reason": (["reject", "vdi", "-n", "acme"], 2, "Missing option"),
    "an empty reason": (["reject", "vdi", "-n", "acme", "--because", ""], 2, "reject needs a reason"),
    "a reason of two lines": (["approve", "vdi", "-n", "acme", "--because", "a\nb"], 2, "is no decision"),
    "another outcome": (["settle", "vdi", "-n", "acme", "--as", "Unknown", "--because", "x"], 2, "Invalid value"),
}


@pytest.mark.parametrize(("arguments", "code", "said"), MISSING.values(), ids=MISSING)
def test_what_is_wrong_with_a_command_is_said(asked, arguments, code, said):
    """1 for what is not there, 2 for a command called wrongly; nothing is written either way."""
    ran = asked.call("maria", *arguments)

    assert code == ran.code
    assert said in ran.err
    assert ground_is_clean(asked)


def ground_is_clean(desk):
    return "" == desk.ground.run_git("status", "--porcelain")


def test_a_file_with_changes_of_ones_own_is_not_touched(ground, asked):
    """What is not committed yet would be swept along, so it is refused."""
    (ground.repository / "wishes.yaml").write_text(FILE + "# unfinished\n")
    message, hint = asked.refused("maria", "approve", "vdi", "-n", "acme")

    assert "wishes.yaml has changes that are not committed" == message
    assert "commit them, or put them aside, first" == hint


def test_without_a_ledger_it_says_what_seems_so(ground, asked):
    """A clone knows what the files say and no more: what waiting may change is written, and noted."""
    clone = ground.root / "clone"
    ground.run_git("clone", "--quiet", str(ground.repository), str(clone), folder=ground.root)
    fine = asked.call("maria", "approve", "vdi", "-n", "acme", folder=clone, key=False)
    again = asked.call("maria", "approve", "vdi", "-n", "acme", folder=clone, key=False)

    assert (0, 0) == (fine.code, again.code)
    assert "no ledger here" in fine.err
    assert "would not count" not in fine.err
    assert "as far as these files say, this would not count (AlreadyJudged)" in again.err


FOR_GOOD = {name: case for name, case in UNCOUNTED.items() if case[2] != "NothingToSettle"}


def test_without_a_ledger_what_no_waiting_changes_is_refused(ground, asked):
    """Who asked, and whose right it is, stands in the files: such a line is not written in a clone either."""
    clone = ground.root / "clone"
    ground.run_git("clone", "--quiet", str(ground.repository), str(clone), folder=ground.root)
    before = ground.run_git("rev-parse", "HEAD", folder=clone)
    for by, (verb, *more), word in FOR_GOOD.values():
        ran = asked.call(by, verb, "vdi", "-n", "acme", *more, "--yes", folder=clone, key=False)

        assert 1 == ran.code, word
        assert f"assent: as far as these files say, this would not count ({word}): " in ran.err
        assert "hint: nothing was written; if these files are behind, pull first, or name the controller's" in ran.err
        assert before == ground.run_git("rev-parse", "HEAD", folder=clone)
        assert "" == ground.run_git("status", "--porcelain", folder=clone)


def test_what_runs_is_what_can_run_here(ground, desk):
    """Of several runners the one of this door is named first, and the other door's as such."""
    job = {"image": f"registry.example/x@sha256:{'0' * 64}"}
    ground.commit(
        "olivia", declared.service("both", flows=["manager"], run={"process": {"program": "note"}, "job": job})
    )
    ground.commit("juan", declared.request("vdi", "both"))
    ground.check_out()
    desk.look()
    ran = desk.call("maria", "withdraw", "vdi", "-n", "acme")

    assert f"which is platform/both and runs by process note (in a cluster by job {job['image']})\n" in ran.out
