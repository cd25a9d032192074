"""The webhook's server by itself: what it lets through to the judgement, and how its certificate is renewed."""

import asyncio
import http.client
import json
import socket
import ssl
import threading
from contextlib import closing, contextmanager
from datetime import UTC, datetime

import pytest

from assent.adapters.kube import certificates
from assent.cluster.certificates import Given
from assent.cluster.webhook import Server
from assent.errors import UsageError

NAMES = ("127.0.0.1",)
USERS = {"group": "assent.dev", "version": "v1alpha1", "resource": "users"}
REVIEW = {
    "request": {
        "uid": "1",
        "resource": USERS,
        "userInfo": {"username": "bea@b"},
        "operation": "UPDATE",
        "object": {"metadata": {"name": "otto", "uid": "2"}},
        "oldObject": {"metadata": {"name": "otto", "uid": "2"}},
    }
}


def made():
    return certificates.make(NAMES, datetime.now(UTC))


class Running:
    """The server in a thread of its own; `seen` are the calls that it passed on."""

    def __init__(self, folder, material):
        self.seen = []
        self.port = free_port()
        self.server = Server(folder, addr="127.0.0.1", port=self.port)
        self.server.serve(material)

    async def judge(self, request, **given):
        self.seen.append((request, given))
        return {"response": {"uid": request["request"]["uid"], "allowed": True}}

    @contextmanager
    def up(self):
        """Serves until the block is left."""
        loop, ready = asyncio.new_event_loop(), threading.Event()

        async def run():
            async for _ in self.server(self.judge):
                ready.set()

        task = loop.create_task(run())
        thread = threading.Thread(target=self._until_cancelled, args=(loop, task))
        thread.start()
        try:
            assert ready.wait(30)
            yield self
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join(30)
            loop.close()

    @staticmethod
    def _until_cancelled(loop, task):
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            loop.run_until_complete(loop.shutdown_asyncgens())

    @contextmanager
    def connected(self, trusted):
        """A new connection of a client that trusts these authorities."""
        context = ssl.create_default_context(cadata=trusted)
        with closing(http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=10)) as connection:
            connection.connect()
            yield connection

    def post(self, trusted, body, path="/ceiling"):
        """The status of the answer to one call over a connection of its own."""
        with self.connected(trusted) as connection:
            return post(connection, body, path)


def post(connection, body, path="/ceiling"):
    connection.request("POST", path, body if isinstance(body, bytes) else json.dumps(body))
    with connection.getresponse() as answer:
        answer.read()
        return answer.status


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.mark.parametrize("path", ["/ceiling", "/", "/elsewhere", "/ceiling/"])
def test_no_path_leads_round_the_judgement(tmp_path, path):
    """Whatever path a configuration names, all handlers are asked: a slip in it does not let everything pass."""
    material = made()
    with Running(tmp_path, material).up() as running:
        status = running.post(material.trusted, REVIEW, path)

    assert 200 == status
    assert [None] == [given["webhook"] for _, given in running.seen]


def test_rule_21_a_made_up_call_is_not_remembered(tmp_path):
    """The uids by which kopf keeps a memory of each object do not reach it, so that calls do not pile up."""
    material = made()
    with Running(tmp_path, material).up() as running:
        running.post(material.trusted, REVIEW)

    ((request, _),) = running.seen
    assert [{"name": "otto"}, {"name": "otto"}] == [
        request["request"][name]["metadata"] for name in ("object", "oldObject")
    ]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[" * 100_000, id="depth"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param([], id="a list"),
        pytest.param({"request": 1}, id="no request"),
        pytest.param({"request": {"resource": USERS}}, id="nobody asks"),
        pytest.param({"request": {"resource": {}, "userInfo": {}}}, id="no resource"),
        pytest.param({"request": {"resource": USERS, "userInfo": {}, "object": "x"}}, id="no object"),
    ],
)
def test_rule_21_junk_is_turned_away(tmp_path, body):
    """What is no review reaches no judgement, and the server goes on."""
    material = made()
    with Running(tmp_path, material).up() as running:
        refused = running.post(material.trusted, body)
        status = running.post(material.trusted, REVIEW)

    assert refused >= 400
    assert 200 == status
    assert 1 == len(running.seen)


def test_a_renewed_certificate_is_served_at_once(tmp_path):
    """A connection made before goes on, one made after sees the new certificate, and no call is missed in between."""
    first, second = made(), made()
    with Running(tmp_path, first).up() as running, running.connected(first.trusted) as standing:
        before = post(standing, REVIEW)
        running.server.serve(second)
        after = post(standing, REVIEW)
        anew = running.post(second.trusted, REVIEW)
        with pytest.raises(ssl.SSLCertVerificationError):
            running.post(first.trusted, REVIEW)

    assert [200, 200, 200] == [before, after, anew]
    assert 3 == len(running.seen)


def test_certificates_are_taken_over_from_a_folder(tmp_path):
    """What cert-manager put there is served, renewed when it changes, and refused while its parts are no pair."""
    first, second, given = made(), made(), Given(tmp_path)
    now = datetime.now(UTC)
    (tmp_path / "tls.crt").write_text(first.certificate)
    (tmp_path / "tls.key").write_text(first.key)

    assert first.certificate == given.material(now, "").certificate
    assert "" == given.material(now, "").trusted

    (tmp_path / "ca.crt").write_text(second.trusted)
    (tmp_path / "tls.crt").write_text(second.certificate)
    with pytest.raises(UsageError, match="are no pair"):
        given.material(now, "")

    (tmp_path / "tls.key").write_text(second.key)

    assert (second.certificate, second.trusted) == (
        given.material(now, "").certificate,
        given.material(now, "").trusted,
    )


def test_an_empty_folder_is_named(tmp_path):
    """Whoever named a folder without a certificate reads what belongs there."""
    with pytest.raises(UsageError, match=r"no certificate can be read from .*tls\.crt"):
        Given(tmp_path).material(datetime.now(UTC), "")
