"""Requests, people and configuration in any order, with restarts: the controller does what a naive model says.

Every move is a commit, or time, or a restart; after every pass the phases are compared with the model, the ledger is
searched for a second run, and every claim for the people who approved it.
"""

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from assent.api.requests import ENDS
from assent.core.decide import decide
from assent.core.validity import validate
from assent.reconcile.passes import Controller, Moment
from builders import ALL, flow, modules, organization, ref, request, role, service, stage, use, user
from core.lives import DOOR, NOW
from core.memory import Book, Branch, Hands
from core.model import PLATFORM, Model, effect
from core.papers import commit

LEVELS = {"approves": "Approver", "asks": "Requester", "manages": "Manager"}
PEOPLE = ["b/u0", "b/u1", "b/u2", "b/u3", "a/p0", "platform/i0"]
ROLES = ["approves", "approves", "approves", "manages", "manages", "asks", "idle"]


def by(*names):
    """A stage's entry that names people."""
    return {"users": [{"organization": one.split("/")[0], "name": one.split("/")[1]} for one in names]}


IN_ROLE = {"roles": [{"organization": "b", "name": "approves"}]}
FLOWS = [
    {"stages": [stage("one", "Requesting")]},
    {"stages": [stage("one", "Requesting", quorum=2)]},
    {"stages": [stage("one", **by("b/u0", "b/u1")), stage("two", **by("b/u0"))]},
    {"stages": [stage("one", **by("b/u0", "b/u1")), stage("two", **by("b/u1", "b/u2"))], "order": "Parallel"},
    {"stages": [stage("one", **IN_ROLE), stage("two", "Partner")], "order": "Parallel", "selfApproval": "Allowed"},
    {"stages": [stage("one", "Requesting", "Partner"), stage("two", "Platform")]},
    {"stages": [stage("one", "Requesting")], "decideWithin": "3h"},
]


def the_flow(number):
    return flow("platform/f", *FLOWS[number]["stages"], **{k: v for k, v in FLOWS[number].items() if k != "stages"})


def the_service(timeout):
    return service(
        "platform/vdi",
        enabledByDefault=True,
        approvals=[use("platform/f")],
        run={"process": {"program": "p"}},
        parameters={"type": "object"},
        concurrency=1000,
        timeout=timeout,
    )


def somebody(path, has, *, suspended=False):
    """A person; all but u0 by their own name alone."""
    alias = {"aliases": ["zero"]} if path == "b/u0" else {}
    return user(path, has, suspended=suspended, **alias)


def world():
    """The documents that every history begins with."""
    places = [
        organization("platform", "Platform"),
        organization("a", "Partner"),
        organization("z", "Partner"),
        organization("b", "Client", "a"),
    ]
    roles = [
        role(f"{place}/{name}", {"*": {"automate": level}})
        for place in ("platform", "a", "z", "b")
        for name, level in LEVELS.items()
    ]
    admins = [role("platform/admins", {"*": ALL}), role("b/admins", {"*": ALL}), role("b/idle", {})]
    others = [user("platform/root", "admins"), user("b/ada", "admins"), user("z/q0", "approves")]
    people = [somebody(one, "asks" if one == "b/u3" else "approves") for one in PEOPLE]
    return [*places, *modules(), *roles, *admins, *others, *people, the_flow(0), the_service("10m")]


def path_of(one):
    return "/".join(part for part in (one.kind, one.namespace, one.name) if part)


VERBS = ["approve"] * 12 + ["reject", "reject", "withdraw", "cancel"]
SPEAK = st.tuples(st.just("speak"), st.sampled_from(PEOPLE), st.sampled_from(VERBS), st.booleans())
MOVES = st.one_of(
    SPEAK,
    SPEAK,
    SPEAK,
    st.tuples(st.just("look")),
    st.tuples(st.just("person"), st.sampled_from(PEOPLE[:4]), st.sampled_from(ROLES), st.sampled_from([False, True])),
    st.tuples(st.just("role"), st.sampled_from(["Approver", "Requester", "Manager"]), st.sampled_from(["*", "b"])),
    st.tuples(st.just("flow"), st.integers(0, len(FLOWS) - 1)),
    st.tuples(st.just("service"), st.integers(10, 12)),
    st.tuples(st.just("move"), st.sampled_from(["a", "a", "z", None])),
    st.tuples(st.just("wait"), st.sampled_from([1, 59, 61, 180])),
)
"""What may happen to a request: somebody speaks, somebody looks, the world around it changes, time passes."""


class Requests(RuleBasedStateMachine):
    """One branch, its controller, and the model beside it."""

    @initialize()
    def begin(self):
        documents = world()
        self.branch, self.book, self.hands = Branch(*documents), Book(), Hands()
        self.model = Model({path_of(one): one.plain()["spec"] for one in documents}, "b")
        self.now, self.ticks = NOW, 0.0
        self.waiting = []
        self.ends, self.seen, self.lines = {}, set(), []
        self._start()

    def _start(self):
        self.controller = Controller(self.branch, self.book, {"process": self.hands}, workers=2)
        self.controller.start(self._moment(), "0" * 40)

    def _moment(self):
        return Moment(self.now, self.ticks)

    # Moves ----------------------------------------------------------------------------------------------------------

    @rule(
        number=st.integers(0, len(FLOWS) - 1),
        who=st.sampled_from(["b/u3", "b/u3", "b/u1", "b/u0", "a/p0"]),
        behalf=st.sampled_from([None, None, None, "u2@b"]),
        signer=st.sampled_from(["same"] * 9 + ["b/u2"]),
        moves=st.lists(MOVES, min_size=3, max_size=9),
    )
    def request_and_what_happens_to_it(self, number, who, behalf, signer, moves):
        """Somebody opens a request under some flow, and then this happens, looked at now and then."""
        self.open(number, who, behalf, signer, moves)

    def calm(self):
        """Everybody is again who they were at the beginning."""
        for one in PEOPLE[:4]:
            self._write("b/ada", somebody(one, "asks" if one == "b/u3" else "approves"))
        self._write("b/ada", role("b/approves", {"*": {"automate": "Approver"}}))

    def open(self, number, who, behalf, signer, moves):
        self._write("platform/root", the_flow(number))
        name = f"r{len(self.seen)}"
        self.seen.add(name)
        given = {"parameters": {"n": number}, **({"onBehalfOf": behalf} if behalf else {})}
        one = request(f"b/{name}", "vdi", "zero" if who == "b/u0" else _username(who), **given)
        signed = who if signer == "same" else signer
        self._commit(commit(signed, one), lambda now: self.model.open(name, one.plain()["spec"], signed, now))
        self.look()
        self.play(name, moves)

    @precondition(lambda self: self.seen)
    @rule(data=st.data(), moves=st.lists(MOVES, max_size=5))
    def go_on_with_an_older_one(self, data, moves):
        """The same happens to a request of before."""
        self.play(data.draw(st.sampled_from(sorted(self.seen))), moves)

    def play(self, name, moves):
        for kind, *what in moves:
            getattr(self, f"_{kind}")(name, *what)
        self.look()

    def _speak(self, name, who, verb, merge):
        """Somebody decides the request for what it was at the last look."""
        case = self.controller.knowledge.state.cases[ref(f"b/{name}")]
        valid = validate(self.controller.knowledge.world, case).valid
        if not self.waiting:
            key = effect(self.model.docs, self.model.requests[name], "b")
            assert key == self.model.digests.setdefault(valid.digest, key)
            assert [valid.digest] == [one for one, other in self.model.digests.items() if other == key]
        self.say(name, who, verb, valid.digest, merge=merge)

    def say(self, name, who, verb, digest, *, merge=False):
        key = self.model.digests.get(digest)
        if verb == "approve" and key is None:
            return
        because = " because so" if verb not in ("approve", "withdraw") else ""
        text = f"{verb} as {_username(who)}{f' for {digest}' if verb == 'approve' else ''}{because}"
        self.lines.append((name, who, verb, digest))
        merges = [(f"b/{name}", digest)] if merge and verb == "approve" else []
        says = [] if merges else [(f"b/{name}", text)]
        heard = key if verb == "approve" else None
        self._commit(commit(who, says=says, merges=merges), lambda now: self.model.say(name, who, verb, now, heard))

    @precondition(lambda self: self.lines)
    @rule(data=st.data(), times=st.integers(1, 3))
    def say_again(self, data, times):
        """Old lines come again: copied, re-applied, or for a digest of long ago."""
        self.repeat([data.draw(st.sampled_from(self.lines)) for _ in range(times)])

    def repeat(self, lines):
        for one in lines:
            self.say(*one)

    def _person(self, _name, who, has, suspended):
        """Somebody is given another role, stopped, or let in again."""
        self._write("b/ada", somebody(who, has, suspended=suspended))

    def _role(self, _name, level, only):
        """The role of the approvers comes to give something else."""
        self._write("b/ada", role("b/approves", {only: {"automate": level}}))

    def _flow(self, _name, number):
        """Other stages, another quorum, another deadline."""
        self._write("platform/root", the_flow(number))

    def _service(self, _name, minutes):
        """The microservice comes to do something else."""
        self._write("platform/root", the_service(f"{minutes}m"))

    def _move(self, _name, parent):
        """The client changes its partner."""
        self._write("platform/root", organization("b", "Client", parent))

    def _look(self, _name):
        self.look()

    def _wait(self, _name, minutes):
        """Time passes, on both clocks."""
        self.now += timedelta(minutes=minutes)
        self.ticks += 60.0 * minutes

    @precondition(lambda self: any(one.end == "Unknown" for one in self.model.requests.values()))
    @rule(data=st.data(), who=st.sampled_from(PEOPLE), verb=st.sampled_from(["settle-succeeded", "settle-failed"]))
    def settle(self, data, who, verb):
        """Somebody says how a run ended that nobody else knows."""
        unknown = sorted(name for name, one in self.model.requests.items() if one.end == "Unknown")
        self.say(data.draw(st.sampled_from(unknown)), who, verb, "")

    @rule(outcome=st.sampled_from(["Succeeded", "Succeeded", "Failed", "Unknown"]))
    def run_otherwise(self, outcome):
        """What runs from now on ends like this."""
        self.hands.outcome = outcome

    @rule()
    def restart(self):
        """The controller ends and starts again: all that it knows, it knows from the ledger."""
        self.controller.workshop._pool.shutdown()
        self._start()

    def look(self):
        """One pass, and whatever it starts."""
        for read in self.waiting:
            read(self.now)
        self.waiting = []
        self.model.look(self.now, self.hands.outcome)
        summary = self.controller.step(self._moment())
        while self.controller.workshop.busy:
            self.controller.collect(self._moment(), summary)
        assert {} == self.controller.knowledge.state.standing
        assert "" == summary.paused
        self._compare()

    def _write(self, author, document):
        spec = document.plain()["spec"]
        self._commit(commit(author, document), lambda _now: self.model.write(path_of(document), spec))

    def _commit(self, one, read):
        self.branch.add(one)
        self.waiting.append(read)

    # What must hold -------------------------------------------------------------------------------------------------

    def _compare(self):
        """Every request is what the model says."""
        known = self.controller.knowledge
        phases = {case.ref.name: decide(known.world, case, DOOR, self.now).phase for case in known.state.cases.values()}
        assert self.model.phases(self.now) == phases

    @invariant()
    def nothing_runs_twice(self):
        """Rule 2: a request is claimed once at most, an execution announced once, and run once."""
        claimed = [one.subject for one in self.book.of("claimed")]
        acted = [one.body["execution"] for one in self.book.of("acted")]

        assert len(claimed) == len(set(claimed))
        assert len(acted) == len(set(acted)) == len(self.hands.ran) == len(set(self.hands.ran))

    @invariant()
    def every_claim_was_approved(self):
        """No claim without an approval of the very digest by everybody who is shown to have given one."""
        for one in self.book.of("claimed"):
            said = {(name, who, digest) for name, who, verb, digest in self.lines if verb == "approve"}
            shown = [said for stage in one.body["stages"] for said in stage["decisions"]]
            assert all(stage["state"] == "Satisfied" for stage in one.body["stages"])
            assert len(shown) == len({decision["username"] for decision in shown})
            for decision in shown:
                who = "{1}/{0}".format(*decision["username"].split("@"))
                assert (one.subject.removeprefix("b/"), who, one.body["digest"]) in said

    @invariant()
    def no_end_is_left(self):
        """Invariant 20: an end is final, but for Unknown; what was called back is never claimed."""
        for one in self.book.of("ended"):
            before = self.ends.get(one.subject, (0, ""))
            if one.sequence > before[0]:
                assert before[1] in ("", "Unknown")
                self.ends[one.subject] = (one.sequence, one.body["phase"])
        called_back = {name for name, (_, phase) in self.ends.items() if phase in ENDS - {"Succeeded", "Failed"}}
        assert not called_back & {one.subject for one in self.book.of("claimed")}

    def teardown(self):
        if hasattr(self, "controller"):
            self.look()
            self.controller.workshop._pool.shutdown()


def _username(who):
    return "{1}@{0}".format(*who.split("/"))


Requests.TestCase.settings = settings(max_examples=40, stateful_step_count=12, deadline=None)
TestRequests = Requests.TestCase

SEEDS = 4
OFTEN = [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6]
"""Flows by how often they are chosen."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_long_random_histories(seed):
    """The same, for histories longer and denser than a machine that shrinks them draws."""
    source, machine = random.Random(seed), Requests()
    machine.begin()
    for _ in range(60):
        if source.random() < 0.7:
            machine.calm()
        moves = [_random_move(source) for _ in range(source.randrange(3, 10))]
        who = source.choice(["b/u3", "b/u3", "b/u1", "b/u0", "a/p0"])
        behalf = source.choice([None, None, None, "u2@b"])
        signer = source.choice(["same"] * 9 + ["b/u2"])
        machine.open(source.choice(OFTEN), who, behalf, signer, moves)
        if source.random() < 0.3:
            machine.play(source.choice(sorted(machine.seen)), [_random_move(source) for _ in range(4)])
        if source.random() < 0.3:
            machine.repeat(source.sample(machine.lines, min(3, len(machine.lines))))
        if source.random() < 0.1:
            machine.restart()
        machine.hands.outcome = source.choice(["Succeeded"] * 3 + ["Failed", "Unknown"])
        for name in [name for name, one in machine.model.requests.items() if one.end == "Unknown"]:
            machine.say(name, source.choice(PEOPLE), source.choice(["settle-succeeded", "settle-failed"]), "")
        machine.nothing_runs_twice()
        machine.every_claim_was_approved()
        machine.no_end_is_left()
    phases = Counter(machine.model.phases(machine.now).values())
    machine.teardown()

    assert {"Succeeded", "Rejected", "Expired"} <= set(phases), phases


def _random_move(source):
    """One of the moves, people speaking most of all."""
    spoken = ("speak", source.choice(PEOPLE[:3] + PEOPLE), source.choice(VERBS), source.random() < 0.3)
    others = [
        ("look",),
        ("person", source.choice(PEOPLE[:4]), source.choice(ROLES), source.random() < 0.2),
        ("role", source.choice(["Approver", "Approver", "Requester", "Manager"]), source.choice(["*", "b"])),
        ("flow", source.choice(OFTEN)),
        ("service", source.randrange(10, 13)),
        ("move", source.choice(["a", "a", "z", None])),
        ("wait", source.choice([1, 1, 1, 1, 61, 181])),
    ]
    return spoken if source.random() < 0.6 else source.choice(others)


def test_the_model_speaks_of_the_same_platform():
    """The model's documents are named as these are."""
    assert PLATFORM == the_service("10m").namespace == the_flow(0).namespace
