"""Rule 2 for the ledger: killed between any two of its steps, it holds all of an append or nothing, and goes on."""

import contextlib
import os
import random
import resource
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest

import assent.adapters.ledger
from assent.adapters.ledger.schema import upgrade
from assent.errors import LedgerError
from postgres import BOTH

# Python warns of a fork beside threads; nothing is imported or locked in these children that another thread holds.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

OURS = Path(assent.adapters.ledger.__file__).parent
# Modules of which no line changes anything on a disk; between two of their lines nothing is left to be found.
READING = {"chain.py", "place.py", "seal.py", "tables.py"}


def killed_at(step, act, without):
    """Run `act` in a process that is killed at the `step`-th line of the ledger after `begin()`; False if it ends."""
    seen = {str(path) for path in OURS.rglob("*.py") if path.name not in READING | without}
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            act(lambda: _trace(step, seen))
            sys.settrace(None)
            os._exit(0)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert status in {0, signal.SIGKILL}
    return status == signal.SIGKILL


def _trace(step, seen):
    left = step

    def line(_frame, event, _argument):
        nonlocal left
        if event == "line":
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return line

    sys.settrace(lambda frame, _event, _argument: line if frame.f_code.co_filename in seen else None)


def every_step(act, prepare, without=frozenset()):
    """Prepare, act and be killed at each step in turn, until a run comes to its end."""
    step = 1
    while prepare() or killed_at(step, act, without):
        yield step
        step += 1
    assert step > 75, "fewer steps than the ledger has"


@BOTH
def test_killed_at_every_step_of_an_append(home, root, now, new):
    """After a kill at any line there are all of the append's records or none, and the next append succeeds."""
    home.filled(3)
    backup = home.copy(root / "backup")
    shutil.copytree(root / "configuration", root / "saved")

    def prepare():
        home.restore(backup)
        shutil.rmtree(root / "configuration")
        shutil.copytree(root / "saved", root / "configuration")

    def act(begin):
        with home.open() as ledger:
            begin()
            ledger.append([new(4, once=True), new(5, once=True)], now)

    lengths = []
    for _ in every_step(act, prepare):
        with home.open() as ledger:
            lengths.append(ledger.verify().length)
            assert lengths[-1] + 1 == ledger.append([new(6)], now)[0].sequence

    assert sorted(lengths) == lengths
    assert {3, 5} == set(lengths)


def test_killed_at_every_step_of_the_first_opening(home, root, now, new):
    """A ledger that was being made when the process was killed is made by the next one, with one key and one anchor."""
    home.filled(0)  # Alembic is imported before the processes part.

    def prepare():
        for folder in ("repository", "configuration"):
            shutil.rmtree(root / folder, ignore_errors=True)

    def act(begin):
        begin()
        home.open()

    # The store's part is one transaction, and the migrations' lines are within it.
    for _ in every_step(act, prepare, without={"store.py", "ledger.py"}):
        with home.open() as ledger:
            assert 1 == ledger.append([new(1)], now)[0].sequence
        assert 32 == home.key.stat().st_size
        home.anchor()


@BOTH
def test_killed_at_any_time_it_keeps_what_it_said_it_had(home, now, new):
    """Whatever moment the process is killed at, all records of every append that returned are there, and no halves."""
    home.filled(0)
    expected = 0
    for seed in range(25):
        expected = max(expected, _appended_until_killed(home, now, new, random.Random(seed).uniform(0.02, 0.06)))
        with home.open() as ledger:
            length = ledger.verify().length
        assert length >= expected
        assert not length % 3
    assert expected > 25


def _appended_until_killed(home, now, new, seconds):
    """The length that a process reported, which appended by threes until it was killed."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException), home.open() as ledger:
            while True:
                os.write(writer, ledger.append([new(1)] * 3, now)[-1].sequence.to_bytes(4, "big"))
        os._exit(1)
    os.close(writer)
    with os.fdopen(reader, "rb") as reports:
        first = reports.read(4)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return int.from_bytes((first + reports.read())[-4:], "big")


@BOTH
def test_a_migration_is_taken_whole(home, monkeypatch):
    """A migration that fails in its middle leaves nothing behind."""

    def half(connection):
        upgrade(connection)
        raise LedgerError("the power went")

    monkeypatch.setattr("assent.adapters.ledger.schema.upgrade", half)
    with pytest.raises(LedgerError, match="the power went"):
        home.open()
    monkeypatch.undo()

    with home.open() as ledger:
        assert 0 == ledger.verify().length


@pytest.mark.parametrize("limit", [0, 20_000, 60_000, 100_000], ids=lambda limit: f"{limit} bytes a file")
def test_a_full_disk_takes_nothing(home, now, new, limit):
    """An append that the disk has no room for is refused in a sentence and changes nothing; with room, it succeeds."""
    home.filled(3)

    def act():
        with home.open() as ledger:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                ledger.append([new(number) for number in range(4, 2000)], now)
            except LedgerError as refused:
                os._exit(17 if "cannot be" in refused.message else 18)

    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            act()
        os._exit(1)
    _, status = os.waitpid(child, 0)

    assert 17 == os.waitstatus_to_exitcode(status)
    with home.open() as ledger:
        assert 3 == ledger.verify().length
        assert 1999 == ledger.append([new(number) for number in range(4, 2000)], now)[-1].sequence


def test_an_append_goes_on_after_a_full_database(home, now, new):
    """The very ledger object that was refused goes on when there is room again."""
    with home.open() as ledger:
        ledger.append([new(1)], now)
        with ledger._store.engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.append([new(number) for number in range(2, 2000)], now)
        with ledger._store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count=1000000")

        assert [2] == [one.sequence for one in ledger.append([new(2)], now)]
        assert 2 == ledger.verify().length


@BOTH
def test_rule_3_an_anchor_that_fails_after_the_commit_repeats_nothing(home, now, new):
    """Rule 3: the append is refused although it took effect; who claims again is told, and the next open anchors it."""
    home.filled(1)
    with home.open() as ledger:
        anchor = home.anchor()
        content = anchor.read_bytes()
        settle = type(ledger._anchor).settle

        def fail(_anchor):
            raise LedgerError("the folder went away")

        type(ledger._anchor).settle = fail
        try:
            with pytest.raises(LedgerError, match="went away"):
                ledger.append([new(2, once=True)], now)
        finally:
            type(ledger._anchor).settle = settle
        assert content == anchor.read_bytes()
        with pytest.raises(LedgerError, match="already"):
            ledger.append([new(2, once=True)], now)
        assert [3] == [one.sequence for one in ledger.append([new(3)], now)]
    with home.open() as ledger:
        assert 3 == ledger.verify().length
