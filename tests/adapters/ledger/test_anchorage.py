"""The anchor where no lock is shared: moved by compare-and-swap, with answers that may be lost, and never back."""

import contextlib
import threading

import pytest

import postgres
from assent.adapters.ledger import Ledger
from assent.api.heads import Head
from assent.errors import ConflictError, LedgerError
from postgres import BOTH


class Store:
    """What several operators keep one anchor in: a head and its version; `history` is all it ever was."""

    def __init__(self):
        self.version = 0
        self.head = None
        self.history = []
        self.turn = threading.Lock()

    def swap(self, version, head):
        with self.turn:
            if version != self.version:
                return False
            self.version += 1
            self.head = head
            self.history.append(head.length)
            return True


class Swapped:
    """One operator's hand on it; `faults` come one a write: lost before or behind its effect, late, or refused."""

    name, advice = "swapped anchor", "Put it back."

    def __init__(self, store):
        self.store = store
        self.version = 0
        self.faults = []
        self.late = []
        self.before = lambda: None

    def hold(self):
        return contextlib.nullcontext()

    def read(self):
        with self.store.turn:
            self.version = self.store.version
            return self.store.head

    def draft(self, head):
        self.drafted = head

    def settle(self):
        self.before()
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "refused":
            raise LedgerError("the anchor cannot be moved")
        if fault == "late":
            self.late.append((self.version, self.drafted))
        if fault in {"lost before", "late"}:
            return False
        return self.store.swap(self.version, self.drafted) and fault != "lost behind"

    def gone(self):
        return ()


@pytest.fixture
def shared():
    return Store()


def operator(home, shared, **options):
    return home.open(anchor=Swapped(shared), **options)


@BOTH
def test_two_operators_move_one_anchor(home, shared, now, new):
    """Each goes on behind the other, and the anchor follows."""
    with operator(home, shared) as one, operator(home, shared) as two:
        for number in range(1, 7):
            (one if number % 2 else two).append([new(number)], now)

        assert 6 == one.verify().length
        assert Head(6, one.verify().head) == shared.head
    assert [0, 1, 2, 3, 4, 5, 6] == shared.history
    assert [] == list(home.key.parent.glob("ledger-*"))


@BOTH
def test_an_anchor_that_somebody_moved_further_will_do(home, shared, now, new):
    """Between one's commit and its anchor the other commits and anchors both: the shorter head is not written after."""
    with operator(home, shared) as one, operator(home, shared) as two:
        one._anchor.before = lambda: [setattr(one._anchor, "before", lambda: None), two.append([new(2)], now)]
        assert [1] == [record.sequence for record in one.append([new(1)], now)]

        assert [2] == [record.sequence for record in two.records(1)]
    assert [0, 2] == shared.history


@BOTH
def test_an_anchor_that_somebody_moved_less_far_is_moved_on(home, shared, now, new):
    """The other's anchor came in between and is shorter: the longer one is written over it."""
    with operator(home, shared) as one, operator(home, shared) as two:
        one._anchor.faults = ["late"]
        two._anchor.before = lambda: [setattr(two._anchor, "before", lambda: None), shared.swap(*one._anchor.late[0])]
        one._anchor.read = held_back(one._anchor, lambda: two.append([new(2)], now))
        one.append([new(1)], now)

        assert 2 == one.verify().length
    assert [0, 1, 2] == shared.history


def held_back(anchor, act):
    """Let `act` run at the second reading: behind the commit, when the first write came to nothing."""
    read, calls = anchor.read, []

    def reading():
        calls.append(1)
        if len(calls) == 2:
            act()
        return read()

    return reading


@BOTH
@pytest.mark.parametrize("faults", [["lost before"], ["lost behind"], ["late"], ["lost before", "late", "lost behind"]])
def test_a_lost_answer_is_asked_for(home, shared, now, new, faults):
    """Whether a write took effect is read, never guessed: the append succeeds once, a late write changes nothing."""
    with operator(home, shared) as ledger:
        ledger._anchor.faults = list(faults)
        ledger.append([new(1)], now)
        assert not any(shared.swap(*late) for late in ledger._anchor.late)

        assert [2] == [record.sequence for record in ledger.append([new(2)], now)]
    assert [0, 1, 2] == shared.history


@BOTH
def test_rule_3_what_is_committed_and_not_anchored_is_told(home, shared, now, new):
    """Rule 3: the claim stands, its writer is refused, nobody wins it again, and whoever writes next anchors it too."""
    with operator(home, shared) as one, operator(home, shared) as two:
        one._anchor.faults = ["refused"]
        with pytest.raises(LedgerError, match="cannot be moved"):
            one.append([new(1, once=True)], now)
        for each in (one, two):
            with pytest.raises(ConflictError):
                each.append([new(1, once=True)], now)
        assert [0] == shared.history
        two.append([new(2)], now)

        assert Head(2, two.verify().head) == shared.head


@BOTH
def test_killed_before_the_anchor_the_next_opening_anchors(home, shared, now, new):
    """What was committed by a process that died before it anchored is kept and anchored."""
    with operator(home, shared) as ledger:
        ledger._anchor.faults = ["refused"]
        with pytest.raises(LedgerError):
            ledger.append([new(1), new(2)], now)
    with operator(home, shared) as ledger:
        assert Head(2, ledger.verify().head) == shared.head


@BOTH
def test_where_the_anchor_cannot_be_read_nothing_is_appended(home, shared, now, new):
    """Nothing is committed that could not be anchored afterwards; when the anchor is back all goes on."""
    with operator(home, shared) as ledger:
        read = ledger._anchor.read
        ledger._anchor.read = refusing
        with pytest.raises(LedgerError, match="no answer"):
            ledger.append([new(1)], now)
        assert 0 == ledger.verify().length
        ledger._anchor.read = read
        ledger.append([new(1)], now)

        assert 1 == ledger.verify().length


def refusing():
    raise LedgerError("no answer")


@BOTH
def test_rule_45_a_shorter_ledger_stops(home, shared, tmp_path, now, new):
    """Rule 45: an older backup, an empty database and a lost anchor are each refused, at opening and at appending."""
    with operator(home, shared) as ledger:
        ledger.append([new(number) for number in (1, 2)], now)
    older = home.copy(tmp_path / "older")
    with operator(home, shared) as ledger:
        ledger.append([new(3)], now)
        home.execute("DELETE FROM ledger_records WHERE sequence = 3")
        with pytest.raises(LedgerError, match=r"^Record 3 .* is missing"):
            ledger.append([new(3)], now)
    home.restore(older)
    with pytest.raises(LedgerError, match=r"^Record 3 .* is missing"):
        operator(home, shared)
    home.empty()
    with pytest.raises(LedgerError, match="is empty or gone, and held 3 records"):
        operator(home, shared)
    with operator(home, shared, new=True) as ledger:
        ledger.append([new(1)], now)
        shared.head = None
        with pytest.raises(LedgerError, match=r"swapped anchor .* is gone"):
            ledger.append([new(2)], now)
    with pytest.raises(LedgerError, match="what is missing cannot be known"):
        operator(home, shared)
    assert [0, 2, 3, 0, 1] == shared.history


@pytest.mark.parametrize("ahead", [1, 2], ids=["as long", "longer"])
def test_two_ledgers_do_not_share_an_anchor(home, shared, root, now, new, ahead):
    """Operators who share the anchor and not the database are stopped, whichever of the two is longer."""
    other = type(home)(root / "other")
    with operator(home, shared) as one, Ledger.open(other.path, key_file=home.key, anchor=Swapped(shared)) as two:
        one._anchor.before = lambda: [setattr(one._anchor, "before", lambda: None), two.append([new(7)], now)]
        with pytest.raises(LedgerError, match=r"^Record 1 .* is not the one that is anchored"):
            one.append([new(number) for number in range(ahead)], now)
        with pytest.raises(LedgerError, match=r"^Record 1 .*anchored"):
            one.append([new(9)], now)
    assert [0, 1] == shared.history


@BOTH
def test_two_operators_begin_one_ledger(home, shared, now, new):
    """Who finds that somebody else began at the same moment goes on with what that one began."""
    first = Swapped(shared)

    def begin():
        first.before = lambda: None
        with operator(home, shared) as other:
            other.append([new(1)], now)

    first.before = begin
    with home.open(anchor=first) as ledger:
        assert [2] == [record.sequence for record in ledger.append([new(2)], now)]
    assert [0, 1, 2] == shared.history


@BOTH
def test_a_new_ledger_is_begun_once(home, shared, now, new):
    """Of two who begin anew the second is told that there are records; the anchor goes back for the first alone."""
    with operator(home, shared) as ledger:
        ledger.append([new(1), new(2)], now)
    home.empty()
    second = Swapped(shared)

    def begin():
        second.before = lambda: None
        with operator(home, shared, new=True) as other:
            other.append([new(1)], now)

    second.before = begin
    with pytest.raises(LedgerError, match="holds 1 records"):
        home.open(anchor=second, new=True)
    assert [0, 2, 0, 1] == shared.history


def test_without_the_programs_the_tests_say_so(monkeypatch, pytestconfig):
    """Where there is no PostgreSQL a page about it is skipped with a sentence, and fails where everything must run."""
    monkeypatch.delenv("ASSENT_TEST_POSTGRES", raising=False)
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr(postgres, "programs", lambda: None)
    with pytest.raises(pytest.skip.Exception, match="apt install postgresql"):
        postgres.needed()
    monkeypatch.setenv("CI", "true")
    postgres.needed()
    with pytest.raises(pytest.fail.Exception, match="apt install postgresql"):
        postgres.server(pytestconfig)
