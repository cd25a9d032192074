"""What only a server has: writers without a common file, restarts, settings of its own, readers that catch up."""

import contextlib
import os
import shutil
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text

import postgres
from assent.adapters.ledger import Ledger, store
from assent.api.ledger import NewRecord
from assent.errors import ConflictError, LedgerError, NotFoundError
from processes_at_once import processes

postgres.needed()
pytestmark = [postgres.ON_SERVER, pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")]


def elsewhere(home, name):
    """The key file of another machine: the same key, and an anchor of its own that no lock is shared over."""
    folder = home.root / name
    shutil.copytree(home.key.parent, folder)
    return folder / home.key.name


def test_a_server_keeps_a_ledger(home, now, new):
    """A database without a ledger is none; what is written is read and claimed once as in a file."""
    with pytest.raises(NotFoundError):
        home.open(read_only=True)
    with home.open() as ledger:
        ledger.append([new(number) for number in range(1, 1500)], now)
        ledger.append([new(1500, once=True)], now)
        with pytest.raises(ConflictError):
            ledger.append([new(1500, once=True)], now)
    with home.open(read_only=True) as ledger:
        assert list(range(1, 1501)) == [one.sequence for one in ledger.records()]


def test_writers_of_several_machines_make_one_chain(home, now):
    """Four writers who share nothing but the server append 2,000 times: one chain, nothing lost, no claim won twice."""
    home.filled(0)
    keys = [elsewhere(home, f"machine-{writer}") for writer in range(4)]

    def act(writer):
        won = 0
        with Ledger.open(home.url, key_file=keys[writer]) as ledger:
            for number in sorted(range(250), key=lambda number: (number + 60 * writer) % 250):
                ledger.append([NewRecord("observed", str(writer), {"number": number})], now)
                with contextlib.suppress(ConflictError):
                    ledger.append([NewRecord("claimed", str(number), {"by": writer}, once=True)], now)
                    won += 1
        keys[writer].with_name("won").write_text(str(won))

    with processes(4, act):
        pass
    with Ledger.open(home.url, key_file=keys[0]) as ledger:
        records = list(ledger.records())
    expected = [(str(writer), number) for writer in range(4) for number in range(250)]

    assert 1250 == len(records)
    assert expected == sorted((one.subject, one.body["number"]) for one in records if one.kind == "observed")
    assert 250 == sum(int(key.with_name("won").read_text()) for key in keys)
    assert len({one.body["by"] for one in records if one.kind == "claimed"}) > 1


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_a_database_with_other_habits_gives_no_false_conflicts(home, now, isolation):
    """Whatever isolation the server prefers, who waited for a turn sees what the turn left."""
    with home.open() as ledger, home.open() as other:
        home.execute(
            f"ALTER DATABASE {ledger._store.engine.url.database} SET default_transaction_isolation = '{isolation}'"
        )
        for each in (ledger, other):
            each._store.engine.dispose()
        with ThreadPoolExecutor(2) as pool:
            list(
                pool.map(lambda each: [each.append([NewRecord("a", "b", {})], now) for _ in range(50)], [ledger, other])
            )

        assert 100 == ledger.verify().length


@pytest.mark.parametrize(("habit", "expected"), [("off", "on"), ("local", "local"), ("remote_apply", "remote_apply")])
def test_a_commit_is_on_the_disk(home, habit, expected):
    """A server that answers before it has written is asked to write first; one that waits for others still does."""
    with home.open() as ledger:
        home.execute(f"ALTER DATABASE {ledger._store.engine.url.database} SET synchronous_commit = {habit}")
        ledger._store.engine.dispose()
        with ledger._store.writing() as connection:
            within = connection.execute(text("SHOW synchronous_commit")).scalar()
        with ledger._store.engine.connect() as connection:
            after = connection.execute(text("SHOW synchronous_commit")).scalar()

        assert (expected, habit) == (within, after)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["in order", "as in a crash"])
def test_a_server_that_was_restarted_is_used_again(request, home, now, new, how):
    """While the server is away an append is refused in a sentence; when it is back the same ledger object goes on."""
    server = postgres.server(request.config)
    if not server.process:
        pytest.skip("the server that ASSENT_TEST_POSTGRES names is not ours to stop")
    with home.open() as ledger:
        ledger.append([new(1)], now)
        server.stop(how)
        try:
            with pytest.raises(LedgerError, match="cannot be used"):
                ledger.append([new(2)], now)
        finally:
            server.start()

        assert [2] == [one.sequence for one in ledger.append([new(2)], now)]
        assert 2 == ledger.verify().length


def test_a_frozen_writer_holds_nobody_up(home, monkeypatch, now, new):
    """A writer that is stopped within its turn loses it after a while, and writes nothing when it wakes."""
    key = elsewhere(home.filled(1), "frozen")
    monkeypatch.setattr(store, "_TURN", text(str(store._TURN).replace(f"{store._FROZEN}s", "500ms")))
    child = os.fork()
    if not child:
        code = 1
        with contextlib.suppress(LedgerError), Ledger.open(home.url, key_file=key) as ledger:
            ledger._anchor = Freezing(ledger._anchor)
            code = 2
            ledger.append([new(2)], now)
            code = 3
        os._exit(code)
    os.waitpid(child, os.WUNTRACED)
    with home.open() as ledger:
        assert [2] == [one.sequence for one in ledger.append([new(3)], now)]
    os.kill(child, signal.SIGCONT)
    _, status = os.waitpid(child, 0)

    assert 2 == os.waitstatus_to_exitcode(status)
    with home.open() as ledger:
        assert ["acme/request-1", "acme/request-3"] == [one.subject for one in ledger.records()]


class Freezing:
    """An anchor whose process is stopped when its rows are inserted and not yet committed."""

    def __init__(self, anchor):
        self._anchor = anchor

    def __getattr__(self, name):
        return getattr(self._anchor, name)

    def draft(self, head):
        self._anchor.draft(head)
        os.kill(os.getpid(), signal.SIGSTOP)


def test_a_reader_that_catches_up_reads_what_is_new(home, now, new):
    """A second replica fetches the record that it stands on and the new ones, by the primary key, and proves them."""
    with home.open() as writer, home.open() as reader:
        writer.append([new(number) for number in range(1, 3001)], now)
        assert 3000 == sum(1 for _ in reader.records())
        fetched = []
        event.listen(reader._store.engine, "after_cursor_execute", lambda *call: fetched.append(call[1].rowcount))

        assert [] == list(reader.records(3000))
        assert 1 == sum(fetched)
        writer.append([new(number) for number in range(3001, 3004)], now)
        fetched.clear()
        assert [3001, 3002, 3003] == [one.sequence for one in reader.records(3000)]
        assert 4 == sum(fetched)
        home.execute("ANALYZE ledger_records")
        with home.connected() as connection:
            plan = connection.execute(
                text(
                    "EXPLAIN "
                    + str(store._behind(2999).limit(1000).compile(connection, compile_kwargs={"literal_binds": True}))
                )
            )
            assert "Index Scan using ledger_records_pkey" in str(plan.all())


def test_a_reader_that_caught_up_knows_what_it_read(home, now, new):
    """What a reader was once given, and built on, it misses when it is cut off or replaced, also before any append."""
    with home.filled(2).open() as writer, home.open(read_only=True) as reader:
        writer.append([new(3), new(4)], now)
        assert [3, 4] == [one.sequence for one in reader.records(2)]
        assert 4 == reader.length
        home.execute("DELETE FROM ledger_records WHERE sequence > 3")

        with pytest.raises(LedgerError, match=r"^Record 4 .* is missing"):
            list(reader.records(2))


def test_one_controller_acts_on_a_ledger(home):
    """A second controller is refused for as long as the first one's connection lasts."""
    with home.open() as ledger, home.open() as other:
        with ledger.lock(), pytest.raises(LedgerError, match="Another controller"), other.lock():
            pass
        with other.lock():
            pass
