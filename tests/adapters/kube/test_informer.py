"""An informer survives whatever an API server or the network does, knows no ghosts, and ends when it is told to."""

import threading
import time
from pathlib import Path

import pytest

from adapters.kube.scripted import (
    PATH,
    bookmark,
    connect,
    event,
    failure,
    page,
    playing,
    refusal,
    silence,
    thing,
    until,
    watch,
)
from assent.adapters.kube.informer import Informer, Pace
from assent.adapters.kube.informers import Informers

FAST = Pace(silence=30, server=60, resync=600, shortest=0.05, longest=0.2)
GIVEN = 500
"""`limit` of a first page."""


@pytest.fixture
def follow():
    """Starts informers, and ends them after the test."""
    running = []

    def start(api, pace=FAST, **options):
        one = Informer(api, PATH, pace=pace, **options)
        running.append(one)
        one.start()
        return one

    yield start
    assert all(one.stop(10) for one in running)


def names(informer):
    return {name for _, name in informer.shelf().held}


def test_it_lists_then_watches_from_there(tmp_path, follow):
    """The watch goes on where the list ended, asks for bookmarks and for a planned end, and is followed."""
    events = [event("ADDED", thing("bob", 6)), event("DELETED", thing("ann", 7)), bookmark(8)]
    told = []
    with playing(tmp_path, lists=[page(thing("ann", 3), at=5)], watches=[watch(*events)]) as (server, api):
        informer = follow(api, changed=told.append)
        until(lambda: names(informer) == {"bob"})
        asked = server.log("watch")[0]

    assert [("acme", "ann"), ("acme", "bob"), ("acme", "ann")] == told
    assert 3 == informer.version
    assert informer.synced
    assert ("5", "true") == (asked["resourceVersion"], asked["allowWatchBookmarks"])
    assert 30 <= int(asked["timeoutSeconds"]) <= 70


def test_a_large_list_comes_in_pages(tmp_path, follow):
    """Pages are followed by their token, and nobody sees half a list."""
    lists = [page(thing("ann", 3), at=5, more="next"), page(thing("bob", 2), at=5)]
    seen = []
    with playing(tmp_path, lists=lists) as (server, api):
        informer = follow(api, changed=lambda _: seen.append(names(informer)))
        until(lambda: server.log("watch"))

    assert [{"limit": "500"}, {"limit": "500", "continue": "next"}] == server.log("list")
    assert [{"ann", "bob"}] * 2 == seen


GHOSTLY = page(thing("ann", 3), thing("ghost", 4), at=5)
AFTER = page(thing("ann", 3), at=20)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(watch(failure(410)), id="410 in the stream"),
        pytest.param(watch(failure(500, "InternalError")), id="500 in the stream"),
        pytest.param(watch(failure(504, "Timeout")), id="504 in the stream"),
        pytest.param(watch(event("ADDED", thing("old", 2))), id="an event out of order"),
        pytest.param(watch({"type": "ADDED", "object": 7}), id="an event that is none"),
        pytest.param(refusal(410, "Expired"), id="410"),
        pytest.param(refusal(401, "Unauthorized"), id="401"),
        pytest.param(refusal(403, "Forbidden"), id="403"),
        pytest.param(refusal(404, "NotFound"), id="404"),
        pytest.param(refusal(429, "TooManyRequests"), id="429"),
        pytest.param(refusal(500, "InternalError"), id="500"),
        pytest.param(refusal(503), id="503"),
    ],
)
def test_rule_27_a_refused_watch_is_listed_again_and_ghosts_go(tmp_path, follow, fault):
    """What was deleted while nobody watched is gone after the next list, whatever broke the watch."""
    with playing(tmp_path, lists=[GHOSTLY, AFTER], watches=[fault]) as (server, api):
        informer = follow(api)
        until(lambda: len(server.log("watch")) == 2)

        assert {"ann"} == names(informer)
        assert "20" == server.log("watch")[1]["resourceVersion"]
        assert informer.failure is None


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(watch(event("ADDED", thing("bob", 6)), then="cut"), id="cut within an event"),
        pytest.param(watch(event("ADDED", thing("bob", 6)), then="hang up"), id="cut between events"),
        pytest.param(watch(event("ADDED", thing("bob", 6)), then="end"), id="ended at once"),
    ],
)
def test_rule_26_a_broken_watch_goes_on_where_it_broke_off(tmp_path, follow, fault):
    """A lost connection loses no event, and needs no new list."""
    lists = [page(thing("ann", 3), at=5)]
    with playing(tmp_path, lists=lists, watches=[fault, watch(event("ADDED", thing("cat", 7)))]) as (server, api):
        informer = follow(api)
        until(lambda: names(informer) == {"ann", "bob", "cat"})

        assert ["5", "6"] == [query["resourceVersion"] for query in server.log("watch")]
        assert 1 == len(server.log("list"))


def test_rule_26_a_silent_watch_is_given_up(tmp_path, follow):
    """A stream that says nothing for the silence limit is opened anew, and what it swallowed arrives."""
    watches = [silence, watch(event("ADDED", thing("bob", 6)))]
    with playing(tmp_path, lists=[page(at=5)], watches=watches) as (_, api):
        informer = follow(api, Pace(silence=0.3, shortest=0.05, longest=0.2))
        until(lambda: names(informer) == {"bob"})


def test_rule_26_bookmarks_prove_life(tmp_path, follow):
    """A bookmark makes the informer younger and moves the place from which the next watch goes on."""
    watches = [watch(bookmark(40), then="end"), silence]
    with playing(tmp_path, lists=[page(at=5)], watches=watches) as (server, api):
        informer = follow(api)
        until(lambda: len(server.log("watch")) == 2)
        age = informer.age()

    assert "40" == server.log("watch")[1]["resourceVersion"]
    assert 0 <= age < 20


def test_rule_26_a_list_is_made_anew_from_time_to_time(tmp_path, follow):
    """An event that a live stream swallowed is made good by the periodic list."""
    lists = [GHOSTLY, AFTER]
    with playing(tmp_path, lists=lists, watches=[watch(then="end", pause=1.2)]) as (_, api):
        informer = follow(api, Pace(resync=1, shortest=0.05, longest=0.2))
        until(lambda: names(informer) == {"ann"})


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
def test_rule_27_a_refused_list_keeps_what_was_known(tmp_path, follow, status):
    """What was known stays as it was, never half, and the informer comes back by itself."""
    lists = [GHOSTLY, refusal(status), refusal(status), AFTER]
    with playing(tmp_path, lists=lists, watches=[watch(failure(410))]) as (server, api):
        informer = follow(api)
        until(lambda: len(server.log("list")) >= 2)
        known = names(informer)
        until(lambda: names(informer) == {"ann"})

    assert known in ({"ann", "ghost"}, {"ann"})
    assert informer.failure is None


def test_rule_27_an_expired_page_token_is_listed_in_one_piece(tmp_path, follow):
    """410 on a further page gives no half list, but a whole one without pages, at once."""
    lists = [page(thing("ann", 3), at=5, more="next"), refusal(410, "Expired"), page(thing("bob", 6), at=9)]
    with playing(tmp_path, lists=lists) as (server, api):
        informer = follow(api)
        until(lambda: informer.synced)

    assert {"bob"} == names(informer)
    assert [{"limit": "500"}, {"limit": "500", "continue": "next"}, {}] == server.log("list")


@pytest.mark.parametrize(
    ("first", "watches"),
    [
        pytest.param(refusal(403), [], id="403 on every list"),
        pytest.param(page(at=5), [refusal(410)] * 500, id="410 on every watch"),
        pytest.param(page(at=5), [watch(failure(410))] * 500, id="410 in every stream"),
        pytest.param(page(at=5), [watch(then="end")] * 500, id="every watch ends at once"),
        pytest.param(page(at=5), [watch(bookmark(6), then="cut")] * 500, id="every watch is cut after a bookmark"),
    ],
)
def test_rule_27_no_fault_makes_a_hot_loop(tmp_path, follow, first, watches):
    """The pause grows with each fault in a row, so that the server is asked seldom: a dozen times in two seconds."""
    with playing(tmp_path, lists=[first], watches=watches) as (server, api):
        informer = follow(api, Pace(shortest=0.2, longest=5))
        time.sleep(2)  # a rate is seen in no other way
        asked = len(server.asked)

    assert 2 <= asked <= 14
    assert informer.failure is None


def test_rule_27_the_server_says_when_to_come_back(tmp_path, follow):
    """`Retry-After` is waited for, although our own pause would be shorter."""
    with playing(tmp_path, lists=[refusal(429, Retry_After="1"), page(at=5)]) as (server, api):
        informer = follow(api)
        until(lambda: informer.synced)
        first, second = server.times("list")

    assert second - first >= 0.9


def test_rule_27_no_server_at_all(tmp_path, follow):
    """Where nobody listens the informer says so, and is not synced."""
    informer = follow(connect(tmp_path, "http://127.0.0.1:9"))
    until(lambda: informer.problem)

    assert not informer.synced
    assert "no answer" in informer.problem


@pytest.mark.parametrize("moment", ["in a silent stream", "between two tries"])
def test_it_ends_within_two_seconds(tmp_path, moment):
    """It is told to stop in the middle of something, and has ended soon after."""
    lists = [page(at=5)] if moment == "in a silent stream" else [refusal(429, Retry_After="50")]
    with playing(tmp_path, lists=lists) as (server, api):
        informer = Informer(api, PATH)
        informer.start()
        until(lambda: server.log("watch") or informer.problem)
        began = time.monotonic()

        assert informer.stop(10)
        assert time.monotonic() - began < 2
        assert informer.failure is None


def test_it_can_be_started_again(tmp_path, follow):
    """After a stop it goes on from what it knew."""
    with playing(tmp_path, lists=[page(at=5)], watches=[silence, watch(event("ADDED", thing("bob", 6)))]) as (
        server,
        api,
    ):
        informer = follow(api)
        until(lambda: server.log("watch"))
        informer.stop(10)
        informer.start()
        until(lambda: names(informer) == {"bob"})

        assert 1 == len(server.log("list"))


def test_what_ends_its_thread_is_kept(tmp_path, follow):
    """A fault of our own does not vanish with the thread."""

    def broken(_key):
        raise ZeroDivisionError

    with playing(tmp_path, lists=[page(thing("ann", 3), at=5)]) as (_, api):
        informer = follow(api, changed=broken)
        until(lambda: informer.failure)

    assert isinstance(informer.failure, ZeroDivisionError)


def test_run_tells_its_caller_what_ended_it(tmp_path):
    """On a thread of somebody else's the fault is raised there, and the flag and a hang-up end it."""

    def broken(_key):
        raise ZeroDivisionError

    with playing(tmp_path, lists=[page(thing("ann", 3), at=5)]) as (server, api):
        with pytest.raises(ZeroDivisionError):
            Informer(api, PATH, changed=broken).run(threading.Event())
        stop, informer = threading.Event(), Informer(api, PATH)
        thread = threading.Thread(target=informer.run, args=(stop,))
        thread.start()
        until(lambda: server.log("watch"))
        stop.set()
        informer.hang_up()
        thread.join(10)

    assert not thread.is_alive()


def test_a_snapshot_stays_as_it_was(tmp_path, follow):
    """Whoever holds a snapshot sees one version of the collection, however it goes on."""
    release = threading.Event()

    def late(handler):
        release.wait()
        watch(event("DELETED", thing("ann", 6)))(handler)

    with playing(tmp_path, lists=[page(thing("ann", 3), at=5)], watches=[late]) as (_, api):
        informer = follow(api)
        until(lambda: informer.synced)
        snapshot = informer.shelf().held
        release.set()
        until(lambda: not names(informer))

    assert [("acme", "ann")] == list(snapshot)


def test_several_are_one_group(tmp_path):
    """They start, are asked and end together; what is not listed yet is named."""
    told = []
    with playing(tmp_path, lists=[page(thing("ann", 3), at=5)]) as (_, api):
        group = Informers(api, {"User": PATH, "Module": PATH}, changed=lambda *one: told.append(one), pace=FAST)

        assert ["User is not listed yet", "Module is not listed yet"] == group.problems()
        group.start()
        assert group.wait(20)
        until(lambda: len(told) == 2)
        assert group.synced
        assert {"User", "Module"} == group.shelves().keys() == group.ages().keys()
        assert 2 == group.version
        assert [] == group.problems()
        assert 0 <= group.age() < 20
        assert group.stop(10)

    assert {("User", ("acme", "ann")), ("Module", ("acme", "ann"))} == set(told)


@pytest.mark.parametrize("then", ["end", "cut", "hang up"])
def test_rule_46_two_hundred_broken_watches_leave_nothing_open(tmp_path, follow, then):
    """However a watch ends, its connection is closed: descriptors and threads do not grow with their number."""
    watches = [watch(bookmark(at), then=then) for at in range(6, 206)]
    with playing(tmp_path, lists=[page(at=5)], watches=watches) as (server, api):
        informer = follow(api, Pace(shortest=0.001, longest=0.002))
        until(lambda: len(server.log("watch")) >= 20)
        before = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()
        until(lambda: len(server.log("watch")) > 200)
        after = len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    assert all(now <= then + 10 for then, now in zip(before, after, strict=True))
    assert informer.failure is None
