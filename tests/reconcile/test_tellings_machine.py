"""Whatever panel, mail and branch bring in between and within passes: what is known is what the ledger says."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assent.core.state import fold
from assent.reconcile.knowledge import recall
from assent.reconcile.passes import Controller
from builders import public_key, ref, request, role, user
from core.papers import commit
from reconcile.desk import Desk
from tellings import Busy, asking, left, mailing, people, telling

NAMES = ("r1", "r2", "r3")
KINDS = ("observed", "decided", "configured", "head", "validated", "claimed", "acted", "recorded", "ended", "proven")
MIGHTY = {"*": {"automate": "Manager", "portal": "OrganizationAdmin"}}
LINES = {
    "bea@b": ("approve as bea@b for {digest}", "reject as bea@b because no", "approve as beatriz@b for {digest}"),
    "beatriz@b": ("approve as beatriz@b for {digest}",),
    "ben@b": ("approve as ben@b for {digest}", "yes"),
    "rita@b": ("withdraw as rita@b", "approve as rita@b for {digest}"),
    "max@b": ("cancel as max@b because so", "settle-failed as max@b because no"),
}
KEYS = [{"publicKey": public_key("b/bea")}, {"publicKey": public_key("bea2")}]
USERS = (
    user("b/bea", "approves", aliases=["beatriz@b"]),
    user("b/bea", "approves"),
    user("b/bea", "approves", signingKeys=KEYS),
    user("b/bea", "approves", signingKeys=KEYS, aliases=["beatriz@b"]),
)


def asked(name):
    return request(f"b/{name}", "vdi", "rita@b")


class Evidence(RuleBasedStateMachine):
    """A desk on whose ledger others write at any moment."""

    def __init__(self):
        super().__init__()
        govern = [
            role("b/manages", MIGHTY),
            role("b/approves", {"*": {"automate": "Approver", "portal": "OrganizationAdmin"}}),
        ]
        self.desk = Desk(*govern, people("bea", "ben"), concurrency=1)
        self.desk.book = Busy()
        self.desk.begin()
        self.told = []

    def evidence(self, draw):
        """Something that panel or mail write."""
        name = draw(st.sampled_from(NAMES))
        kind = draw(st.sampled_from(("told", "told", "told", "mailed", "signedOut", "asked")))
        if kind == "told":
            who = draw(st.sampled_from(sorted(LINES)))
            known = ref(f"b/{name}") in self.desk.controller.knowledge.state.cases
            digest = (self.desk.decision(name).digest if known else None) or "0" * 64
            line = draw(st.sampled_from(LINES[who])).format(digest=digest)
            self.told.append(telling(who, line, request=f"b/{name}"))
            return self.told[-1]
        if kind == "asked" and ("asked", f"b/{name}") not in self.desk.book.once:
            return asking(asked(name).plain()["spec"], request=f"b/{name}")
        return left() if kind == "signedOut" else mailing(request=f"b/{name}", key=f"k-{name}")

    @rule(data=st.data())
    def writes(self, data):
        """Between two passes."""
        self.desk.book.append([self.evidence(data.draw)], self.desk.now)

    @rule(data=st.data(), kind=st.sampled_from(KINDS))
    def writes_meanwhile(self, data, kind):
        """Right before the next record of a kind."""
        one = self.evidence(data.draw)
        if one.kind != "asked":  # which is there once, whenever it is written
            self.desk.book.meanwhile.setdefault(kind, []).append(one)

    @rule(name=st.sampled_from(NAMES), by=st.sampled_from(["b/rita", None]))
    def opens(self, name, by):
        self.desk.add(commit(by, asked(name)))

    @rule(one=st.sampled_from(USERS), by=st.sampled_from(["b/max", "b/bea"]), key=st.sampled_from(["", "bea2"]))
    def configures(self, one, by, key):
        self.desk.add(commit(by, one, key=key if by == "b/bea" else ""))

    @rule(name=st.sampled_from(NAMES), who=st.sampled_from(["b/bea", "b/ben"]))
    def approves(self, name, who):
        if ref(f"b/{name}") in self.desk.controller.knowledge.state.cases and self.desk.decision(name).digest:
            self.desk.approve(name, who=who)

    @rule()
    def passes(self):
        self.desk.wait().step()

    @rule()
    def listens(self):
        self.desk.controller.listen()

    @rule()
    def begins_again(self):
        self.desk.begin()

    @invariant()
    def what_is_known_is_what_the_ledger_says(self):
        """State and numbers, provenance and versions are those of somebody who starts anew."""
        known, book = self.desk.controller.knowledge, self.desk.book
        upto = book.pages[: known.state.sequence]
        assert fold(upto) == known.state
        if len(upto) == len(book.pages):
            fresh = recall(self.desk.branch, book, self.desk.controller.look_up)
            assert (fresh.state, fresh.world, fresh.forced) == (known.state, known.world, known.forced)

    def teardown(self):
        """In the end each telling has one verdict, and nothing has run twice."""
        desk = self.desk
        desk.book.meanwhile = {}
        desk.steps(6)
        told = {one.subject for one in desk.book.of("told")}
        judged = [one.body["proof"].removeprefix("told:") for one in desk.book.of("decided") if _told(one)]
        other = Controller(desk.branch, desk.book, {})
        other.start(desk.moment)

        assert sorted(told) == sorted(judged)
        assert len({request for request, _ in desk.hands.ran}) == len(desk.hands.ran)
        assert other.knowledge.state == desk.controller.knowledge.state
        assert {} == other.knowledge.state.told


def _told(record):
    return record.body["proof"].startswith("told:")


Evidence.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestEvidence = Evidence.TestCase
