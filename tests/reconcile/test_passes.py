"""What a pass decides, and when: what is new, what is due, and nothing else."""

from builders import flow, role, stage, user
from core.papers import commit
from reconcile.desk import Desk, approved


def test_a_request_from_its_commit_to_its_end():
    """A request is seen, digested, decided, claimed, started, recorded and ended, in this order and once each."""
    desk = approved("r1")
    desk.step()
    kinds = ["trusted", "observed", "head", "validated", "decided", "head", "claimed", "acted", "recorded", "ended"]

    assert kinds == desk.kinds()
    assert "Succeeded" == desk.phase("r1")
    assert [("b/r1", desk.book.of("acted")[0].body["execution"])] == desk.hands.ran


def test_rule_29_nothing_new_is_no_work():
    """Rule 29: where nothing is new and nothing is due, a pass decides nothing and writes nothing."""
    desk = Desk().open("r1", "r2")
    desk.step()
    before = len(desk.book.pages)
    summary = desk.wait().step()

    assert (0, 0, 2, before) == (summary.commits, summary.decided, summary.waiting, len(desk.book.pages))


def test_a_new_approval_decides_its_own_request():
    """Where one request is spoken about, that one is decided anew, and no other."""
    desk = Desk().open("r1", "r2", "r3")
    desk.step()
    summary = desk.approve("r2").wait().step()

    assert (1, 1, 1) == (summary.decided, summary.started, summary.ended)
    assert ["PendingApproval", "Succeeded", "PendingApproval"] == [desk.phase(name) for name in ("r1", "r2", "r3")]


def test_a_changed_world_decides_everything_anew():
    """Where configuration changes, every open request is decided anew, by what is in force now (rule 25)."""
    managers = role("b/manages", {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}})
    desk = Desk(managers).open("r1", "r2")
    desk.step()
    suspended = user("b/ben", "approves", suspended=True)
    summary = desk.add(commit("b/max", suspended)).wait().step()

    assert {} == desk.controller.knowledge.state.standing
    assert (2, 0) == (summary.decided, summary.refused)
    assert "Suspended" not in [voice.because for voice in desk.case("r1").voices]


def test_time_alone_ends_what_is_late():
    """A request whose time has come is decided without any other cause, at the first pass behind its deadline."""
    desk = Desk(flow("platform/f", stage("lead", "Requesting"), decideWithin="1h")).open("r1")
    desk.step()
    in_time, late = desk.wait(3600).step(), desk.wait().step()

    assert (0, 1) == (in_time.decided, late.decided)
    assert ("Expired", 1) == (desk.phase("r1"), late.ended)


def test_first_seen_is_first_served():
    """Where there is room for one, whoever was seen first runs first; the others follow as room is made."""
    desk = Desk(concurrency=1)
    for name in ("r3", "r2", "r1"):
        desk.open(name).step()
    desk.approve("r1", "r2", "r3").steps(3)

    assert ["b/r3", "b/r2", "b/r1"] == [one for one, _ in desk.hands.ran]


def test_as_many_run_at_once_as_may():
    """A run whose outcome is unknown takes its place until somebody settles it; then the next one runs."""
    desk = approved("r1", "r2", concurrency=1)
    desk.hands.outcome = "Unknown"
    desk.steps(3)
    assert (["Unknown", "Approved"], 1) == ([desk.phase("r1"), desk.phase("r2")], len(desk.hands.ran))

    desk.hands.outcome = "Succeeded"
    desk.add(commit("b/max", says=[("b/r1", "settle-failed as max@b because I looked")])).steps(2)
    assert ["Failed", "Succeeded"] == [desk.phase("r1"), desk.phase("r2")]


def test_what_the_runner_refuses_is_held_and_told_once():
    """A runner that cannot run a plan holds the request, with its reason, until it can; then it runs."""
    desk = approved("r1")
    desk.hands.refuses = "no such program"
    summaries = [desk.wait().step() for _ in range(3)]

    assert [("b/r1: no such program",)] * 3 == [one.held for one in summaries]
    assert [{"reason": "RunnerNotAvailable", "message": "no such program"}] == [
        one.body for one in desk.book.of("held")
    ]
    assert ("Approved", ("RunnerNotAvailable", "no such program")) == (desk.phase("r1"), desk.case("r1").held)
    desk.hands.refuses = "no folder of programs"
    desk.wait().step()
    assert 2 == len(desk.book.of("held"))
    desk.hands.refuses = None
    desk.wait().step()
    assert ("Succeeded", None) == (desk.phase("r1"), desk.case("r1").held)


def test_the_digest_is_written_down_when_it_changes():
    """A digest is recorded once, and again where it is another one."""
    desk = Desk().open("r1")
    desk.steps(3)
    assert [desk.decision("r1").digest] == [one.body["digest"] for one in desk.book.of("validated")]
