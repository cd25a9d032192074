"""Several operators with one ledger and one anchor, at once, and killed beside one another."""

import contextlib
import os
import random
import signal
import time

import pytest

import postgres
from assent.api.ledger import NewRecord
from assent.errors import ConflictError
from cluster.anchoring import LAST_WORD, NOW, Faulty, die, housed, lengths, record
from processes_at_once import processes

postgres.needed()

# Python warns of a fork beside threads; nothing is imported or locked in these children that another thread holds.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def cluster(request, plane, tmp_path):
    with housed(request, plane, tmp_path) as found:
        yield found


def test_rule_18_operators_at_once_make_one_chain(cluster):
    """Rule 18: 2,000 appends of four processes: nothing lost, no claim won twice, and the anchor only ever grew."""
    cluster.open().close()

    def act(writer):
        won = 0
        with cluster.open() as ledger:
            for number in range(250):
                ledger.append([NewRecord("observed", str(writer), {"number": number})], NOW)
                claim = NewRecord("claimed", str((number + 60 * writer) % 250), {"by": writer}, once=True)
                with contextlib.suppress(ConflictError):
                    ledger.append([claim], NOW)
                    won += 1
        cluster.key.with_name(f"won-{writer}").write_text(str(won))

    with lengths(cluster) as seen, processes(4, act):
        pass
    with cluster.open() as ledger:
        records = list(ledger.records())
    expected = [(str(writer), number) for writer in range(4) for number in range(250)]

    assert 1250 == len(records) == cluster.anchored() == seen[-1]
    assert expected == sorted((one.subject, one.body["number"]) for one in records if one.kind == "observed")
    assert 250 == sum(int(cluster.key.with_name(f"won-{writer}").read_text()) for writer in range(4))
    assert sorted(set(seen)) == seen


@pytest.mark.parametrize(
    ("fault", "anchored"), [pytest.param(die, 0, id="before its PUT"), pytest.param(LAST_WORD, 2, id="behind its PUT")]
)
def test_rule_2_an_operator_killed_beside_its_anchor(cluster, fault, anchored):
    """Rule 2: committed and killed; the other operator, or the next start, anchors what was left, and nothing twice."""
    cluster.open().close()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            faulty = Faulty(cluster.api(), fault)
            with cluster.open(faulty) as mine:
                mine.append([record(1, once=True), record(2)], NOW)
        os._exit(1)
    _, status = os.waitpid(child, 0)

    assert (signal.SIGKILL, anchored) == (status, cluster.anchored())
    with cluster.open() as ledger:
        assert 2 == cluster.anchored()
        with pytest.raises(ConflictError):
            ledger.append([record(1, once=True)], NOW)
        assert [3] == [one.sequence for one in ledger.append([record(3)], NOW)]


def test_rule_2_an_operator_killed_at_any_time(cluster):
    """Rule 2: 30 kills while another operator goes on: whatever was said to be written is there, and anchored."""
    cluster.open().close()
    with lengths(cluster) as seen, cluster.open() as ledger:
        told = {}
        for seed in range(30):
            told.update(appended_until_killed(cluster, ledger, seed))
        ledger.append([record("last")], NOW)
        written = {one.sequence: one.subject for one in ledger.records()}

    assert len(told) > 60
    assert told == {sequence: written.get(sequence) for sequence in told}
    assert len(written) == cluster.anchored()
    assert sorted(set(seen)) == seen


def appended_until_killed(cluster, ledger, seed):
    """What a process reported, by sequence, that appended beside `ledger` until it was killed; it was anchored then."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException), cluster.open() as mine:
            while True:
                done = mine.append([record(f"{seed}-a"), record(f"{seed}-b")], NOW)
                os.write(writer, b"".join(f"{one.sequence} {one.subject}\n".encode() for one in done))
        os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as reports:
        first = reports.readline()
        until = time.monotonic() + random.Random(seed).uniform(0, 0.05)
        while time.monotonic() < until:
            ledger.append([record(f"{seed}-beside")], NOW)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines = [line for line in [first, *reports] if line.endswith(b"\n")]
    told = {int(sequence): subject.decode() for sequence, subject in (line.split() for line in lines)}
    assert max(told) <= cluster.anchored()
    return told
