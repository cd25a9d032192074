"""Rules 2 and 3: wherever the controller is killed, nothing runs twice and nothing is lost."""

import os
import random
import re
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

import assent
from assent.adapters.ledger.anchor import Anchor
from assent.reconcile.protocols import CRASH_POINTS, REMOTE_POINTS
from controller import declared, history, processes
from controller.ground import Ground
from controller.story import ALSO, EXPECTED, told

# Python warns of a fork beside threads; nothing is imported or locked in these children that another thread holds.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

SOURCES = Path(assent.__file__).parent
CROSSINGS = (1, 2, 3)
MORE = int(os.environ.get("ASSENT_KILLS", "0"))
KILLS = Counter()


@pytest.fixture(scope="module")
def story(shared):
    return told(Ground(shared / "story").build())


@pytest.fixture(scope="module", autouse=True)
def count():
    yield
    print(f"\nkills survived: {KILLS.total()} at {len(KILLS)} points")  # noqa: T201 -- the figure that is asked for


def retold(story, root):
    """The same ground elsewhere, its branch at the beginning of the story."""
    ground = story.ground.copied(root / "ground")
    ground.point(story.root)
    return ground


def settled(ground, state):
    """Those whose outcome nobody knows are settled by somebody who may, and end."""
    unknown = [ref.name for ref, case in state.cases.items() if case.end and case.end.phase == "Unknown"]
    for name in unknown:
        ground.decide("alba", name, "settle-failed as alba@acme.example because nothing is there", entry="settled")
    assert 0 == processes.controller(ground).wait().code
    after = history.check(ground)
    assert {"Failed"} >= {after.cases[history.ref(name)].end.phase for name in unknown}
    return after


def right(state):
    """Every request came to its end, or to Unknown where its start was announced and its end was not recorded."""
    for name, phase in history.phases(state).items():
        results = {one.state for one in state.cases[history.ref(name)].results.values()}
        assert phase == EXPECTED[name] or (phase in ALSO and results & {"Unknown", "Failed"}), (name, phase, results)
        assert phase != "Unknown" or "Unknown" in results
        assert phase != "PartiallyFailed" or "Failed" in results


def play(story, ground, start):
    """The whole story; `start(part)` starts the controller once, and says whether it came to its end."""
    for part, head in enumerate(story.heads):
        ground.point(head)
        for _ in range(9):
            if start(part):
                break
        else:
            raise AssertionError("it never came to an end")
    state = history.check(ground)
    right(state)
    return settled(ground, state)


def killed(point, ended):
    assert ended.code in {0, -signal.SIGKILL}, ended
    KILLS[point] += ended.code < 0
    return ended.code < 0


def test_every_point_is_in_the_list():
    """The points that the sources cross are those that are tested, and no other."""
    crossed = re.compile(r'crossed\("([a-z]+)"\)')
    found = {name for path in SOURCES.rglob("*.py") for name in crossed.findall(path.read_text(encoding="utf-8"))}

    assert {*CRASH_POINTS, *REMOTE_POINTS} == found
    assert len({*CRASH_POINTS, *REMOTE_POINTS}) == len((*CRASH_POINTS, *REMOTE_POINTS))


def test_the_story_without_a_kill(story, root):
    """Every request comes to its end, each program has started once for each of its targets."""
    ground = retold(story, root)

    def start(_part):
        return not killed("none", processes.controller(ground, "--trust-root", story.root).wait())

    state = play(story, ground, start)

    assert EXPECTED == history.phases(state)
    assert {1} == set(Counter(ground.started()).values())
    assert 9 == len(ground.started())


@pytest.mark.parametrize("crossing", CROSSINGS)
@pytest.mark.parametrize("point", CRASH_POINTS)
def test_rule_2_killed_at_a_point(story, root, point, crossing):
    """Rule 2: killed at each crossing of each point, in every part of the story and in the recovery from it."""
    ground = retold(story, root)
    kills = Counter()

    def start(part):
        crash = f"{point}:{crossing}" if kills[part] < 2 else ""
        ended = processes.controller(ground, "--trust-root", story.root, crash=crash).wait()
        kills[part] += killed(point, ended)
        return ended.code == 0

    play(story, ground, start)
    assert kills.total() or crossing > 1 or point == "lost"


def pairs():
    """Two points at which the process dies one after the other; `lost` is only ever crossed in a recovery."""
    some = random.Random(2).sample([(one, two) for one in CRASH_POINTS for two in CRASH_POINTS], MORE or 8)
    return [("acted", "lost"), ("ran", "lost"), *some]


@pytest.mark.parametrize(("first", "second"), pairs())
def test_rule_2_killed_again_in_the_recovery(story, root, first, second):
    """Rule 2: killed at one point, and then at another while recovering from that."""
    ground = retold(story, root)
    points = [first, second]

    def start(_part):
        crash = f"{points[0]}:1" if points else ""
        ended = processes.controller(ground, "--trust-root", story.root, crash=crash).wait()
        if killed(f"{first}, {second}", ended):
            points.pop(0)
        return ended.code == 0

    play(story, ground, start)
    assert len(points) < 2 or first == "lost"


@pytest.mark.parametrize("crossing", range(1, 9))
def test_rule_2_killed_between_a_record_and_its_anchor(story, root, crossing):
    """Rule 2: the records are in the ledger and not yet anchored when the process dies; the next start goes on."""
    ground = retold(story, root)
    left = [2]

    def start(_part):
        prepare = (lambda: kill_at(Anchor, "settle", crossing)) if left[0] else None
        ended = processes.controller(ground, "--trust-root", story.root, prepare=prepare).wait()
        left[0] -= killed("between record and anchor", ended)
        return ended.code == 0

    play(story, ground, start)
    assert left[0] < 2


def kill_at(owner, name, crossing):
    """From now on this process dies where it calls a method for the n-th time."""
    method, calls = getattr(owner, name), []

    def called(*arguments):
        calls.append(name)
        if len(calls) == crossing:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments)

    setattr(owner, name, called)


def test_rule_2_killed_while_a_program_runs(story, root):
    """Rules 2 and 6: the program kills its controller; what nobody saw end is Unknown until a person settles it."""
    ground = story.ground.copied(root / "ground")
    ground.point(story.root)
    (ground.root / "deadly").touch()
    ground.commit("juan", declared.request("last-words", "deadly"))
    first = processes.controller(ground, "--trust-root", story.root).wait()
    second = processes.controller(ground).wait()

    assert (-signal.SIGKILL, 0) == (first.code, second.code)
    assert {"last-words": "Unknown"} == history.phases(history.check(ground))
    assert "cannot be known" in history.check(ground).cases[history.ref("last-words")].end.message
    settled(ground, history.check(ground))
    assert 1 == len(ground.started())


def test_what_was_claimed_is_what_runs(story, root):
    """Killed behind the claim: the microservice changes, its requester withdraws; the plan that was digested runs."""
    ground = story.ground.copied(root / "ground")
    ground.point(story.root)
    ground.commit("juan", declared.request("vdi", "note", parameters={"text": "as it was"}))
    assert -signal.SIGKILL == processes.controller(ground, "--trust-root", story.root, crash="claimed:1").wait().code
    ground.commit("olivia", declared.service("note", program="break", arguments=[{"value": "changed"}]))
    ground.decide("juan", "vdi", "withdraw as juan@acme.example")
    assert 0 == processes.controller(ground).wait().code
    case = history.check(ground).cases[history.ref("vdi")]

    assert [("acme/vdi", "-- as it was")] == [(one[0], one[3]) for one in ground.started()]
    assert ("Succeeded", ["AlreadyClaimed"]) == (case.end.phase, [voice.because for voice in case.voices])


def test_rule_2_killed_at_any_moment(story, root):
    """Rule 2: killed at random moments, over and over (ASSENT_KILLS says how often)."""
    wanted, tellings, kills = MORE or 12, 0, 0
    while kills < wanted:
        chance = random.Random(tellings)
        ground = retold(story, root / str(tellings))
        patience = Counter()

        def start(part, ground=ground, chance=chance, patience=patience):
            child = processes.controller(ground, "--trust-root", story.root)
            if patience[part] < 4:
                time.sleep(chance.uniform(0, 0.3))
                child.kill(signal.SIGKILL)
            ended = child.wait()
            patience[part] += killed("any moment", ended)
            return ended.code == 0

        play(story, ground, start)
        tellings, kills = tellings + 1, kills + patience.total()
        shutil.rmtree(ground.root)
