"""Two operators that both act, on one PostgreSQL ledger over one cluster: safe, only slower."""

import signal

import pytest

import postgres
from cluster.faulty import faulty

postgres.needed()

REQUESTS = 6


@pytest.fixture(scope="module")
def world(request, tmp_path_factory):
    with postgres.database(request.config) as url, faulty(tmp_path_factory, "two", url) as found:
        found.ways = [found.proxy(found.stack) for _ in range(2)]
        yield found.begin(found.ways[0])


def opened(world, prefix):
    for number in range(REQUESTS):
        world.lives.open(f"{prefix}-{number}", "reject" if number % 3 == 2 else "approve")


def test_rule_4_two_at_once_run_each_request_once(world):
    """Neither asks the other: both carry the same requests through, and each of these has one end and ran once."""
    both = [world.start(way) for way in world.ways]
    opened(world, "both")
    world.lives.until_over()
    codes = [one.end() for one in both]

    assert [0, 0] == codes
    assert [] == world.judge()


def test_rule_4_one_of_two_is_killed(world):
    """The one that is left finishes what the other had begun, at whatever moment that was."""
    both = [world.start(way) for way in world.ways]
    for number, one in enumerate(both):
        opened(world, f"killed-{number}")
        started = sum(world.kubelet.started.values())
        world.plane.until(
            lambda started=started: world.lives.tend() and sum(world.kubelet.started.values()) > started,
            "nothing is started",
        )
        one.end(signal.SIGKILL)
        both[number] = world.start(world.ways[number])
    world.lives.until_over()
    codes = [one.end() for one in both]

    assert [0, 0] == codes
    assert [] == world.judge()
