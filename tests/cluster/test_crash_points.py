"""An operator that kills itself at every named point of a request's life; the next one goes on from what is there."""

import signal

import pytest

from assent.reconcile.protocols import CRASH_POINTS, REMOTE_POINTS
from cluster.faulty import faulty

ELSEWHERE = {"trusting", "trusted", "held", "lost"}
"""Points that the life of a request that runs as a Job does not cross: Git's, and those of what cannot run here."""

PASSING = ("judged", "noted", "read")
"""Points that every pass crosses, so a request is under way at several of their crossings."""

ONCE = [(point, 1) for point in (*CRASH_POINTS, *REMOTE_POINTS) if point not in ELSEWHERE]
AGAIN = [(point, n) for point in PASSING for n in (3, 5)]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with faulty(tmp_path_factory, "crashes") as found:
        found.way = found.proxy(found.stack)
        yield found.begin(found.way)


@pytest.mark.parametrize(("point", "n"), ONCE + AGAIN, ids=str)
def test_rule_2_killed_at_a_point(world, point, n):
    """The operator is gone at this crossing; started again, it brings the request to its end, and runs it once."""
    name = f"{point}-{n}"
    first = world.start(world.way, environment={"ASSENT_CRASH_AT": f"{point}:{n}"}, wait=False)
    world.lives.open(name)
    world.plane.until(lambda: (world.lives.tend(), first.process.poll())[1], f"never crossed {point}:{n}")
    second = world.start(world.way, wait=False)
    world.lives.until_over()
    second.end(signal.SIGKILL)

    assert -signal.SIGKILL == first.process.returncode
    assert [] == world.judge()
