"""Many writers, one order; one controller."""

import contextlib
import os
import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from assent.adapters.ledger import Ledger
from assent.api.ledger import NewRecord
from assent.errors import ConflictError, LedgerError
from postgres import BOTH
from processes_at_once import processes

# Python warns of a fork beside threads; nothing is imported or locked in these children that another thread holds.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def claim(ledger, writer, subject, now):
    """Whether this writer won."""
    with contextlib.suppress(ConflictError):
        ledger.append([NewRecord("claimed", subject, {"by": writer}, once=True)], now)
        return True
    return False


@BOTH
def test_rule_18_of_many_who_claim_one_wins(home, now):
    """Rule 18: in 10,000 attempts by five writers (2,000 on a server) each execution is claimed once; losers know."""
    count = 100 if home.on_server else 500
    home.filled(0)

    def act(writer):
        subjects = [f"execution-{number}" for number in range(count)] * 4
        random.Random(writer // 2).shuffle(subjects)  # pairs of writers go after the same one at the same time
        with home.open() as ledger:
            won = [subject for subject in subjects if claim(ledger, writer, subject, now)]
        (home.root / f"won-{writer}").write_text("\n".join(won))

    with processes(5, act):
        pass
    told = Counter(name for writer in range(5) for name in (home.root / f"won-{writer}").read_text().split())
    with home.open() as ledger:
        written = Counter(one.subject for one in ledger.records())

    assert {f"execution-{number}": 1 for number in range(count)} == told == written


@BOTH
def test_two_processes_append_to_one_chain(home, now):
    """Records of two processes interleave, and the chain of both is whole and in order."""
    home.filled(0)

    def act(writer):
        with home.open() as ledger:
            for number in range(100):
                ledger.append([NewRecord("observed", f"{writer}", {"number": number})] * 2, now)

    with processes(2, act):
        pass
    with home.open() as ledger:
        assert 400 == ledger.verify().length
        for writer in "01":
            numbers = [one.body["number"] for one in ledger.records(subject=writer)]
            assert [number for number in range(100) for _ in range(2)] == numbers


@BOTH
def test_one_ledger_may_be_used_by_many_threads(home, now):
    """Threads that share a ledger append one after the other."""
    with home.open() as ledger, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: ledger.append([NewRecord("observed", str(number), {})], now), range(200)))

        assert {str(number) for number in range(200)} == {one.subject for one in ledger.records()}
        assert 200 == ledger.verify().length


@BOTH
def test_two_processes_make_one_ledger(home, now):
    """Started at once on nothing, all get the same key and the same table."""

    def act(writer):
        with home.open() as ledger:
            ledger.append([NewRecord("observed", str(writer), {})], now)

    with processes(6, act):
        pass
    with home.open() as ledger:
        assert 6 == ledger.verify().length


def test_two_ledgers_share_one_key(home, now, new):
    """Every ledger has an anchor of its own beside the one key."""
    with home.open() as ledger, Ledger.open(home.root / "other.sqlite", key_file=home.key) as other:
        ledger.append([new(1), new(2)], now)
        other.append([new(1)], now)

        assert (2, 1) == (ledger.verify().length, other.verify().length)
    assert 2 == len(list(home.key.parent.glob("ledger-*.json")))


def test_one_controller_acts_on_a_ledger(home):
    """A second controller is told which process has the ledger, until that lets go of it."""
    with home.open() as ledger, home.open() as other:
        with ledger.lock():
            with (
                pytest.raises(LedgerError, match=f"Another controller acts .*: process {os.getpid()} on "),
                other.lock(),
            ):
                pass
            with pytest.raises(LedgerError), ledger.lock():
                pass
        with other.lock():
            pass


def test_a_killed_controller_holds_no_lock(home):
    """The lock ends with its process, however that ends."""
    home.filled(0)
    ready, go = os.pipe()
    child = os.fork()
    if not child:
        with home.open() as ledger, ledger.lock():
            os.write(go, b"x")
            threading.Event().wait()
    os.read(ready, 1)
    with home.open() as ledger:
        with pytest.raises(LedgerError, match=f"process {child} "), ledger.lock():
            pass
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with ledger.lock():
            pass
    os.close(ready)
    os.close(go)
