"""One pass after another over a branch, a ledger and a runner in memory: what is judged, decided, run and recorded."""

from datetime import timedelta

import pytest

from assent.api.plans import Outcome
from assent.core.decide import Door, decide
from assent.errors import ConflictError, HistoryError, LedgerError, RunnerError
from assent.reconcile.passes import Controller, Moment
from assent.reconcile.workshop import MAX_ATTEMPTS
from builders import flow, ident, ref, request, role, service, stage, use, user
from core.lives import NOW, company
from core.memory import Book, Branch, Hands
from core.papers import PAPERS, ROOT, commit

SPEC = {"approvals": [use("platform/f")], "run": {"process": {"program": "p"}}, "targetRules": {"maxItems": 9}}
FLOW = flow("platform/f", stage("lead", "Requesting"))


class Desk:
    """A controller with all that it works with; what it starts is waited for."""

    def __init__(self, *documents, workers=4, runners=None, **spec):
        given = {"enabledByDefault": True, "concurrency": 9, **SPEC, **spec}
        self.branch = Branch(*company(), FLOW, service("platform/vdi", **given), *documents)
        self.book, self.hands, self.workers = Book(), Hands(), workers
        self.runners = {"process": self.hands} if runners is None else runners
        self.now, self.ticks = NOW, 0.0
        self.points = []
        self.begin()

    def begin(self, root=ROOT):
        """A controller that knows nothing but the ledger."""
        self.controller = Controller(self.branch, self.book, self.runners, self.points.append, self.workers)
        self.controller.start(self.moment, root)
        return self

    @property
    def moment(self):
        return Moment(self.now, self.ticks)

    def wait(self, seconds=1.0):
        """Time passes on both clocks."""
        self.now += timedelta(seconds=seconds)
        self.ticks += seconds
        return self

    def add(self, *commits):
        self.branch.add(*commits)
        return self

    def step(self):
        """One pass, and whatever it started, to its end."""
        summary = self.controller.step(self.moment)
        while self.controller.workshop.busy:
            self.controller.collect(self.moment, summary)
        return summary

    def steps(self, count):
        for _ in range(count):
            self.wait().step()
        return self

    def open(self, *names, **asked):
        """Rita opens these requests."""
        return self.add(commit("b/rita", *(request(f"b/{name}", "vdi", "rita@b", **asked) for name in names)))

    def case(self, name):
        return self.controller.knowledge.state.cases[ref(f"b/{name}")]

    def decision(self, name):
        return decide(self.controller.knowledge.world, self.case(name), Door(tuple(self.runners)), self.now)

    def phase(self, name):
        return self.decision(name).phase

    def approve(self, *names, who="b/bea"):
        """Somebody approves these requests."""
        username = "{1}@{0}".format(*who.split("/"))
        lines = [(f"b/{name}", f"approve as {username} for {self.decision(name).digest}") for name in names]
        return self.add(commit(who, says=lines))

    def kinds(self, after=0):
        """The kinds of the records behind a number."""
        return [one.kind for one in self.book.records(after)]


def approved(*names, asked=None, **more):
    """A desk on which rita's requests are all approved, and nothing has run yet."""
    desk = Desk(**more)
    desk.open(*names, **(asked or {})).step()
    return desk.approve(*names)


# What is decided, and when --------------------------------------------------------------------------------------------


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


# Starting, stopping and starting again --------------------------------------------------------------------------------


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


class CrashError(Exception):
    """The process ends here."""


def killed_at(desk, point):
    """The controller passes until it crosses this point, and is gone there."""

    def crossed(here):
        desk.points.append(here)
        if here == point:
            raise CrashError(here)

    desk.controller.crossed = desk.controller.workshop._crossed = crossed
    with pytest.raises(CrashError):
        desk.step()
    return desk


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


# A ledger that fails, and another controller --------------------------------------------------------------------------


@pytest.mark.parametrize("late", [False, True], ids=["without-effect", "with-effect"])
@pytest.mark.parametrize("number", range(7))
def test_rule_3_a_write_that_fails_is_looked_up_and_not_repeated(number, late):
    """Rule 3: whichever write fails, whether it took effect or not, the run is claimed once and runs once at most."""
    desk = approved("r1")
    for _ in range(8):
        due = desk.book.appends >= 4 + number
        desk.book.late, desk.book.fails = late, int(due and not desk.points.count("failed"))
        if desk.book.fails:
            desk.points.append("failed")
        try:
            desk.wait().step()
        except LedgerError:
            desk.book.fails = 0

    assert 1 == len(desk.book.of("claimed")) == len(desk.book.of("acted"))
    assert 1 >= len(desk.hands.ran)
    assert desk.phase("r1") in ("Succeeded", "Unknown")


def test_an_end_that_could_not_be_recorded_is_recorded_later():
    """Rule 3: where the end of an execution cannot be written, it is kept until it can; nothing runs again for it."""
    desk = approved("r1")
    summary = desk.controller.step(desk.moment)
    for one in desk.controller.workshop._going.values():
        one.future.result()
    desk.book.fails = 1
    with pytest.raises(LedgerError):
        desk.controller.collect(desk.moment, summary)
    assert "Running" == desk.phase("r1")
    desk.controller.collect(desk.moment, summary)

    assert ("Succeeded", 1) == (desk.phase("r1"), len(desk.hands.ran))


def test_rule_18_of_two_controllers_one_claims():
    """Rules 4 and 18: where two decide at once, the ledger takes one claim, and the other is told and reads again."""
    desk = approved("r1")
    desk.hands.refuses = "not yet"
    desk.step()
    desk.hands.refuses = None
    other = Controller(desk.branch, desk.book, desk.runners)
    other.start(desk.moment)
    desk.wait().step()

    with pytest.raises(ConflictError):
        other.step(desk.moment)
    summary = other.step(desk.moment)
    assert (0, 0, 1) == (summary.started, summary.waiting, len(desk.hands.ran))
    assert other.knowledge.state == desk.controller.knowledge.state


def test_what_somebody_else_wrote_is_read_first():
    """Where other records came in between, what was judged beside them is read again before anything is run."""
    desk = approved("r1")
    other = Controller(desk.branch, desk.book, {})
    other.start(desk.moment)
    other.step(desk.moment)

    with pytest.raises(ConflictError):
        desk.wait().step()
    assert [] == desk.hands.ran
    desk.wait().step()
    assert ("Succeeded", 1) == (desk.phase("r1"), len(desk.hands.ran))


# Clocks ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "claimed"),
    [
        pytest.param(59, True, id="a-small-correction"),
        pytest.param(-59, True, id="a-small-one-back"),
        pytest.param(61, False, id="a-jump"),
        pytest.param(-61, False, id="a-jump-back"),
        pytest.param(86400, False, id="a-day"),
    ],
)
def test_rule_19_a_clock_that_jumps_starts_nothing(seconds, claimed):
    """Rule 19: where the time of day moves against the monotonic clock, nothing is started at that pass."""
    desk = approved("r1")
    desk.now += timedelta(seconds=seconds)
    summary = desk.step()

    assert (claimed, not claimed) == (summary.started == 1, "clock" in summary.paused)
    assert 2 == summary.commits + 1


def test_rule_19_a_clock_behind_the_ledger_starts_nothing():
    """Rule 19: a controller whose clock says less than the ledger's newest record waits until it is past it."""
    desk = approved("r1")
    desk.hands.refuses = "not yet"
    desk.wait(7200).step()
    desk.hands.refuses = None
    desk.now -= timedelta(seconds=3600)
    desk.begin()
    assert "before the ledger's own" in desk.step().paused
    assert [] == desk.hands.ran
    desk.wait(3600).step()

    assert 1 == len(desk.hands.ran)


def test_a_paused_pass_starts_nothing_that_was_claimed():
    """What was claimed by a process that is gone waits as well, until the clock can be trusted."""
    desk = killed_at(approved("r1"), "claimed")
    desk.now -= timedelta(seconds=3600)
    desk.begin().step()
    assert ([], "Running") == (desk.hands.ran, desk.phase("r1"))
    desk.wait(3600).step()

    assert "Succeeded" == desk.phase("r1")


def test_a_paused_pass_still_judges():
    """A pass that starts nothing still reads the branch, hears what is said, and ends what somebody ends."""
    desk = Desk().open("r1")
    desk.step()
    desk.add(commit("b/rita", says=[("b/r1", "withdraw as rita@b")]))
    desk.now += timedelta(hours=1)
    summary = desk.step()

    assert (True, 1, "Withdrawn") == (bool(summary.paused), summary.commits, desk.phase("r1"))


# The first trusted commit ---------------------------------------------------------------------------------------------


def test_an_empty_ledger_needs_a_first_trusted_commit():
    """Without one nothing begins; with one its documents are in force as they stand."""
    branch, book = Branch(*company()), Book()
    controller = Controller(branch, book, {})

    with pytest.raises(HistoryError, match="no first trusted commit is named"):
        controller.start(Moment(NOW, 0.0))
    with pytest.raises(HistoryError, match="has not started"):
        _ = Controller(branch, book, {}).knowledge
    controller.start(Moment(NOW, 0.0), ROOT)
    assert "b" in controller.knowledge.world.organizations.by_name


def test_requests_of_the_first_trusted_commit_never_run():
    """Requests in the trust root's tree are Cancelled, and their names are used."""
    desk = Desk(request("b/old", "vdi", "rita@b"))
    desk.open("old").steps(2)

    assert ("Cancelled", [], None) == (desk.phase("old"), desk.hands.ran, desk.decision("old").claim)


def test_naming_the_recorded_root_again_changes_nothing():
    """A controller that is started with the root that it knows goes on where it was."""
    desk = approved("r1")
    desk.steps(2)
    before = len(desk.book.pages)
    desk.begin(ROOT).steps(1)

    assert before == len(desk.book.pages)
    with pytest.raises(HistoryError, match="the branch does not contain"):
        desk.begin("f" * 40)


def test_what_was_judged_is_not_trusted_instead():
    """Another root is taken only where the branch was rewritten; what follows the recorded one is judged."""
    desk = Desk().open("r1")
    desk.steps(1)

    with pytest.raises(HistoryError, match="has judged all up to"):
        desk.begin(desk.branch.head())


def test_rule_39_a_branch_that_does_not_follow_is_not_read():
    """Rule 39: a rewritten branch stops the pass with a sentence, and nothing is written."""
    desk = approved("r1")
    desk.branch.rewritten = True
    before = len(desk.book.pages)

    with pytest.raises(HistoryError, match="does not follow"):
        desk.step()
    assert (before, []) == (len(desk.book.pages), desk.hands.ran)
