"""Reads that several threads want at once: made once, and never older than the question (rule 25)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from assent.adapters.kube.together import Together
from assent.errors import ClusterError

SOON = 10
OTHERS = 5


class Maria(str):
    """A name that knows which threads have asked by it."""

    __slots__ = ("by",)

    def __new__(cls):
        made = super().__new__(cls, "maria")
        made.by = set()
        return made

    def __hash__(self):
        self.by.add(threading.get_ident())
        return super().__hash__()

    def asked_by(self, count):
        """Waits until so many threads have."""
        end = time.monotonic() + SOON
        while len(self.by) < count:
            assert time.monotonic() < end
            time.sleep(0.01)


class Slow:
    """A read that waits until it is let go, and says how many have begun by then; a refusal where that is wanted."""

    def __init__(self):
        self.begun, self.go = threading.Semaphore(0), threading.Semaphore(0)
        self.asked = []
        self.refuses = set()

    def __call__(self, asked):
        self.asked.append(str(asked))
        count = len(self.asked)
        self.begun.release()
        assert self.go.acquire(timeout=SOON)
        if count in self.refuses:
            raise ClusterError("away")
        return count

    def until_begun(self):
        assert self.begun.acquire(timeout=SOON)


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(OTHERS + 2) as threads:
        yield threads


def behind_a_read(slow, pool):
    """A read for one who asked first, which is under way, and the others who have asked since."""
    together, maria = Together(slow), Maria()
    first = pool.submit(together, maria)
    slow.until_begun()
    others = [pool.submit(together, maria) for _ in range(OTHERS)]
    maria.asked_by(1 + OTHERS)
    return together, maria, first, others


def test_rule_25_a_read_that_began_before_is_good_enough_for_nobody(slow, pool):
    """Who asks while a read is under way gets the answer of the next, and all who ask meanwhile share that."""
    _, _, first, others = behind_a_read(slow, pool)
    slow.go.release(2)

    assert 1 == first.result(SOON)
    assert {2} == {one.result(SOON) for one in others}
    assert 2 == len(slow.asked)


def test_other_things_are_read_beside_it(slow, pool):
    """Nobody waits for a read of something else."""
    together = Together(slow)
    both = [pool.submit(together, name) for name in ("maria", "pedro")]
    slow.until_begun()
    slow.until_begun()
    slow.go.release(2)

    assert {1, 2} == {one.result(SOON) for one in both}


def test_a_refusal_is_everybodys_who_shared_it_and_nobodys_after_them(slow, pool):
    """What could not be read is read again by whoever asks next."""
    slow.refuses = {2}
    together, maria, first, others = behind_a_read(slow, pool)
    slow.go.release(3)

    assert 1 == first.result(SOON)
    for one in others:
        with pytest.raises(ClusterError):
            one.result(SOON)
    assert 3 == together(maria)
