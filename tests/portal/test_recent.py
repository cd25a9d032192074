"""The newest records are kept as they were proven, without a gap; and nothing is decided twice at the same time."""

import threading
from datetime import UTC, datetime

import pytest

from assent.api.ledger import NewRecord, Record
from assent.errors import LedgerError
from assent.portal import recent
from assent.portal import seen as module
from assent.portal.recent import Recent
from assent.portal.warming import decided
from portal.house import house
from portal.street import street

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def records(first, last):
    return [Record(number, AT, "head", f"{number}", {}) for number in range(first, last + 1)]


def numbers(found):
    return [one.sequence for one in found]


def test_what_was_read_is_kept_from_any_record_on():
    kept = Recent()
    kept.add(records(1, 3))
    kept.add(records(4, 5))

    assert [1, 2, 3, 4, 5] == numbers(kept.behind(0))
    assert [4, 5] == numbers(kept.behind(3))
    assert [] == numbers(kept.behind(5))


def test_what_is_not_kept_whole_is_not_given(monkeypatch):
    monkeypatch.setattr(recent, "MOST", 3)
    kept = Recent()
    assert [] == numbers(kept.behind(0))
    kept.add(records(1, 5))

    assert [] == numbers(kept.behind(1))
    assert [3, 4, 5] == numbers(kept.behind(2))


def test_the_history_is_the_same_with_and_without(tmp_path):
    """Whatever is kept, the door gives every record once and in order, those too that nobody has folded yet."""
    with house(tmp_path) as home:
        whole = [*home.ledger.records()]
        home.seen()
        home.panel.write(NewRecord("signedOut", "session", {"username": "juan@acme.example"}, once=True))

        assert [*whole, *home.ledger.records(len(whole))] == [*home.door.records()]
        kinds = {"trusted", "signedOut"}
        assert [*home.ledger.records(1, kinds)] == [*home.door.records(1, kinds)]
        assert [*home.ledger.records(subject="session")] == [*home.door.records(subject="session")]


def test_many_who_look_at_once_decide_once(tmp_path, monkeypatch):
    """After a change of the world everybody who looks finds nothing decided: one decides, the others wait for it."""
    made = []
    decide = module.decide

    def counted(*given):
        made.append(given[1].ref)
        return decide(*given)

    monkeypatch.setattr(module, "decide", counted)
    with street(tmp_path) as home:
        seen = home.seen()
        seen.kept.clear()
        made.clear()
        threads = [threading.Thread(target=lambda: [seen.decision(ref) for ref in seen.state.cases]) for _ in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

        assert sorted(seen.state.cases) == sorted(made)


def test_what_is_open_is_decided_before_anybody_looks(tmp_path):
    """One look ahead, and a page finds everything decided; a ledger that cannot be read is no reason to stop."""
    with street(tmp_path) as home:
        home.seen().kept.clear()
        decided(home.panel)
        seen = home.seen()

        assert {ref for ref, case in seen.state.cases.items() if case.open} == set(seen.kept)
        home.ledger.close()
        home.ground.ledger.unlink()
        with pytest.raises(LedgerError):
            home.seen()
        decided(home.panel)
