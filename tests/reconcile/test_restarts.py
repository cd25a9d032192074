"""A controller that starts again knows what the ledger says, and runs nothing twice."""

import pytest

from assent.api.plans import Outcome
from assent.errors import HistoryError, RunnerError
from assent.reconcile.workshop import MAX_ATTEMPTS
from builders import ident, ref, role, service, user
from core.memory import Branch, Hands
from core.papers import PAPERS, commit
from reconcile.desk import SPEC, Desk, approved, killed_at


def test_a_restart_knows_what_the_ledger_says():
    """Whenever a controller starts, it knows what the one before it knew."""
    desk = approved("r1", "r2")
    desk.hands.refuses = "not yet"
    desk.step()
    before = desk.controller.knowledge
    desk.begin()
    after = desk.controller.knowledge

    assert (before.state, before.world, before.forced) == (after.state, after.world, after.forced)


def test_a_restart_knows_what_is_in_force_and_what_is_not():
    """Configuration that came since the trust root is in force after a restart, and what was refused stands."""
    managers = role("b/manages", {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}})
    desk = Desk(managers, user("b/gone"))
    desk.add(
        commit("b/max", user("b/new"), gone=["User/b/gone"]),
        commit("b/bea", user("b/ben", "approves", suspended=True)),
    ).step()
    before = desk.controller.knowledge
    desk.begin()
    after = desk.controller.knowledge

    assert (before.state, before.world, before.forced) == (after.state, after.world, after.forced)
    assert {"User/b/ben"} == {str(one) for one in after.state.standing}
    assert (True, False) == (ref("b/new") in after.world.people.by_ref, ref("b/gone") in after.world.people.by_ref)


def test_what_cannot_be_read_in_the_root_is_not_in_force():
    """Of two documents of one name in the trusted tree neither is in force, nor is one that cannot be read."""
    bad = {**user("b/odd").plain(), "spec": {}}
    desk = Desk()
    desk.branch.tree |= Branch(bad).tree
    desk.branch.tree[ident("User/b/rita")] *= 2
    desk.begin()
    unread = {str(one): why for one, why in desk.controller.knowledge.unread.items()}

    assert {"User/b/rita", "User/b/odd"} == set(unread)
    assert "two documents have this name" in unread["User/b/rita"]
    assert "username" in unread["User/b/odd"]


def test_a_document_in_force_that_cannot_be_read_any_more_stops_the_start():
    """A version that was taken over and cannot be read by this program is said, not passed over."""
    managers = role("b/manages", {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}})
    desk = Desk(managers)
    new = user("b/new")
    desk.add(commit("b/max", new)).step()
    version = PAPERS.version(new)
    desk.branch.document = lambda one: {} if one == version else PAPERS.document(one)

    with pytest.raises(HistoryError, match="in force cannot be read any more"):
        desk.begin()


@pytest.mark.parametrize(
    ("point", "ran", "phase"),
    [
        pytest.param("judged", 1, "Succeeded", id="before-anything-is-written"),
        pytest.param("noted", 1, "Succeeded", id="behind-the-judgement"),
        pytest.param("claiming", 1, "Succeeded", id="before-the-claim"),
        pytest.param("claimed", 1, "Succeeded", id="behind-the-claim"),
        pytest.param("acting", 1, "Succeeded", id="before-the-announcement"),
        pytest.param("acted", 0, "Unknown", id="announced-and-never-known"),
    ],
)
def test_rule_2_a_crash_runs_nothing_twice_and_loses_nothing(point, ran, phase):
    """Rules 2 and 6: what was announced by a process that is gone is Unknown; what was not announced runs once."""
    desk = killed_at(approved("r1"), point)
    desk.begin().steps(3)

    assert (ran, phase) == (len(desk.hands.ran), desk.phase("r1"))
    assert 1 == len(desk.book.of("claimed")) == len(desk.book.of("acted"))


def test_what_was_claimed_runs_by_its_plan_and_no_document():
    """Behind the claim no document is read again: the plan runs as it was digested, whatever has changed since."""
    desk = killed_at(approved("r1"), "claimed")
    plan = desk.book.of("claimed")[0].body["plan"]
    archived = service("platform/vdi", **{"enabledByDefault": True, **SPEC}, state="Archived")
    desk.branch.tree |= Branch(archived).tree
    desk.begin().steps(2)

    assert "Succeeded" == desk.phase("r1")
    assert [("b/r1", plan["executions"][0]["id"])] == desk.hands.ran


@pytest.mark.parametrize(
    ("idempotent", "crashes", "phase", "attempts"),
    [
        pytest.param(False, 1, "Unknown", 1, id="not-to-be-repeated"),
        pytest.param(True, 1, "Succeeded", 2, id="repeated"),
        pytest.param(True, 2, "Succeeded", 3, id="and-again"),
        pytest.param(True, 3, "Unknown", 3, id="three-times-and-no-more"),
    ],
)
def test_what_may_be_repeated_is_repeated_three_times_at_most(idempotent, crashes, phase, attempts):
    """An idempotent run that was lost is announced again, three times in all; then a person has to look."""
    desk = approved("r1", idempotent=idempotent)
    for _ in range(crashes):
        killed_at(desk, "acted").begin()
    desk.steps(2)

    assert (phase, attempts) == (desk.phase("r1"), len(desk.book.of("acted")))
    assert [1, 2, 3][:attempts] == [one.body["attempt"] for one in desk.book.of("acted")]
    assert MAX_ATTEMPTS == 3


@pytest.mark.parametrize(
    ("idempotent", "outcomes", "phase", "ran"),
    [
        pytest.param(False, ["Unknown"], "Unknown", 1, id="not-to-be-repeated"),
        pytest.param(True, ["Unknown", "Succeeded"], "Succeeded", 2, id="known-at-the-second"),
        pytest.param(True, ["Unknown", "Unknown", "Failed"], "Failed", 3, id="known-at-the-third"),
        pytest.param(True, ["Unknown"] * 3, "Unknown", 3, id="never-known"),
        pytest.param(True, ["Failed"], "Failed", 1, id="what-failed-has-failed"),
    ],
)
def test_an_outcome_that_the_runner_cannot_tell_is_repeated_likewise(idempotent, outcomes, phase, ran):
    """A time-out behind the effect is as unknown as a crash: repeated where that may be, and never otherwise."""
    left = list(outcomes)
    desk = approved("r1", idempotent=idempotent)
    desk.hands.act = lambda plan, execution: _next(desk, left, plan, execution)
    desk.steps(4)

    assert (phase, ran) == (desk.phase("r1"), len(desk.hands.ran))
    assert ran == len(desk.book.of("acted"))


def _next(desk, left, plan, execution):
    desk.hands.ran.append((plan.request, execution.id))
    return Outcome(left.pop(0), "the connection broke")


@pytest.mark.parametrize(
    ("raised", "phase", "words"),
    [
        pytest.param(RunnerError("no room"), "Failed", "nothing was started: no room", id="nothing-was-started"),
        pytest.param(ValueError("secret"), "Unknown", "the runner broke off (ValueError)", id="nobody-knows"),
    ],
)
def test_a_runner_that_breaks_off(raised, phase, words):
    """Where a runner says that nothing was started the run failed; where it breaks, nobody knows, and no text leaks."""
    desk = approved("r1")
    desk.hands.outcome = raised
    desk.step()
    (result,) = desk.case("r1").results.values()

    assert (phase, True, False) == (desk.phase("r1"), words in result.message, "secret" in result.message)


def test_a_manual_run_waits_for_a_person():
    """A run that a person carries out goes on over restarts, and is never lost or repeated."""
    hands = Hands("Running")
    desk = approved("r1", runners={"manual": hands}, run={"manual": {"instructions": "Do it."}}, idempotent=True)
    desk.steps(2).begin().steps(2)
    assert ("Running", 1, False) == (desk.phase("r1"), len(hands.ran), desk.controller.restless)
    desk.add(commit("b/max", says=[("b/r1", "settle-succeeded as max@b because I did it")])).steps(1)

    assert ("Succeeded", ["Succeeded"]) == (desk.phase("r1"), [one.state for one in desk.case("r1").results.values()])


def test_targets_run_a_few_at_a_time():
    """Executions are started as there is room, each once, until all have ended."""
    desk = approved("r1", asked={"targets": [f"t{number}" for number in range(5)]}, workers=2)
    desk.steps(4)

    assert ("Succeeded", 5, 5) == (desk.phase("r1"), len(desk.hands.ran), len(desk.book.of("acted")))


def test_a_process_without_the_runner_leaves_what_was_claimed():
    """A controller started with other options leaves alone what it cannot run, and what was claimed waits."""
    desk = killed_at(approved("r1"), "claimed")
    desk.runners = {"manual": Hands()}
    desk.begin().steps(2)
    assert ("Running", [], False) == (desk.phase("r1"), desk.hands.ran, desk.controller.restless)
    desk.runners = {"process": desk.hands}
    desk.begin().steps(1)

    assert "Succeeded" == desk.phase("r1")
