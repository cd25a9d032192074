"""Whoever runs the process can see whether it lives, whether it is ready, and what it measures."""

import socket

import httpx
import pytest

from assent.adapters.health import Health, Heartbeat
from assent.cluster.metrics import Metrics


@pytest.fixture
def serve():
    """Serves on a free port; gives a function that gets a path."""
    running = []

    def start(heartbeat=None, why_not=list):
        health = Health(heartbeat or Heartbeat(), why_not, Metrics().exposition, port=0)
        health.start()
        running.append(health)
        return health

    yield start
    for one in running:
        one.stop()


def get(health, path, method="GET"):
    return httpx.request(method, f"http://127.0.0.1:{health.port}{path}", trust_env=False)


def test_it_lives_while_its_heart_beats(serve):
    """`/healthz` is fine while the last beat is young enough, and says how old it is when it is not."""
    alive, dead = Heartbeat(60), Heartbeat(0)
    found = [get(serve(one), "/healthz") for one in (alive, dead)]

    assert [200, 503] == [one.status_code for one in found]
    assert "last seen 0 seconds ago" in found[1].text


def test_a_beat_brings_it_back():
    """The age starts again with each beat."""
    heart = Heartbeat(60)
    heart._at -= 100
    before = heart.alive
    heart.beat()

    assert (False, True) == (before, heart.alive)


def test_it_says_why_it_is_not_ready(serve):
    """`/readyz` has a line for each thing that is missing, and is fine when nothing is."""
    reasons = ["User is not listed yet", "admission is not proven"]
    health = serve(why_not=lambda: reasons)
    missing = get(health, "/readyz?verbose")
    reasons.clear()

    assert (503, "User is not listed yet\nadmission is not proven\n") == (missing.status_code, missing.text)
    assert 200 == get(health, "/readyz").status_code


def test_it_shows_what_it_measures(serve):
    """`/metrics` is what Prometheus reads."""
    found = get(serve(), "/metrics")

    assert 200 == found.status_code
    assert found.headers["content-type"].startswith("text/plain; version=")
    assert "assent_leader 0.0" in found.text


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/", 404), ("GET", "/secrets", 404), ("POST", "/healthz", 501)]
)
def test_it_answers_nothing_else(serve, method, path, status):
    """Other paths are not found, and nothing can be sent to it."""
    assert status == get(serve(), path, method).status_code


def test_a_caller_that_says_nothing_keeps_nobody_waiting(serve):
    """A connection that stays silent does not keep others from an answer."""
    health = serve()
    with socket.create_connection(("127.0.0.1", health.port)):
        assert 200 == get(health, "/healthz").status_code
