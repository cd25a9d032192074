"""The webhook's certificate in a real cluster: who makes it, who is told to trust it, and that nobody notices."""

import base64
import secrets
import socket
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from cryptography import x509

from assent.adapters.kube import certificates, webhooks
from assent.adapters.kube.api import JSON_PATCH
from assent.cluster.certificates import SECRET, Keeper
from assent.errors import ClusterError
from cluster.guarded import HOST, NAME, NAMESPACE, WRITTEN, standing, until

KEPT = f"/api/v1/namespaces/{NAMESPACE}/secrets/{SECRET}"


@pytest.fixture(scope="module")
def house(plane, tmp_path_factory):
    """A guarded client."""
    with standing(plane, tmp_path_factory.mktemp("webhook")) as made:
        yield made


def test_an_authority_that_is_not_trusted_lets_nothing_through(house):
    """Failing closed: while the API server trusts somebody else, writes are refused; the keeper puts that right."""
    stranger = certificates.make((HOST,), datetime.now(UTC)).trusted
    assert webhooks.patch_ca(house.plane.admin, NAME, stranger)
    until(lambda: "failed calling webhook" in house.attempt())

    house.keeper.look(datetime.now(UTC))
    until(lambda: house.attempt() == "")

    assert not webhooks.patch_ca(house.plane.admin, NAME, house.trusted)


def test_only_the_bundle_is_patched(house):
    """What the chart wrote of the configuration stays as it is."""
    (hook,) = house.plane.admin.get(f"{webhooks.VALIDATING}/{NAME}")["webhooks"]
    (written,) = yaml.safe_load(WRITTEN.read_text())["webhooks"]
    bundle = base64.b64decode(hook["clientConfig"].pop("caBundle")).decode()

    assert bundle == house.trusted
    assert {"url": house.url} == hook["clientConfig"]
    assert written | {"clientConfig": None} == {name: hook[name] for name in written} | {"clientConfig": None}


def test_renewal_goes_by_unnoticed(house):
    """A certificate, and the authority above it, are renewed under a running server, and no write is said."""
    admin, now = house.plane.admin, datetime.now(UTC)
    admin.delete(KEPT)
    house.keeper.look(now - timedelta(days=250))
    house.keeper.look(now - timedelta(days=70))
    until(lambda: house.attempt() == "")
    served, trusted, said = [], [], []
    with ThreadPoolExecutor(1) as writer:
        stop = threading.Event()
        writing = writer.submit(writes, house, stop, said)
        for _ in range(3):
            house.keeper.look(now)
            served.append(presented(house))
            trusted.append(webhooks.trusted_ca(admin, NAME)[0].count("BEGIN CERTIFICATE"))
            anew(house)
            enough = len(said) + 5
            until(lambda enough=enough: len(said) > enough)
        stop.set()
        writing.result(60)

    assert [] == [message for message in said if message]
    assert [2, 2, 2] == trusted
    assert served[0] != served[1] == served[2]
    assert "nothing" == certificates.due(house.source.material(now, ""), (HOST,), now, "")


def writes(house, stop, answers):
    """Writes without a pause until told to stop, and keeps what the API server said to each."""
    while not stop.is_set():
        answers.append(house.attempt())


def presented(house):
    """The serial number of the certificate that a new connection is shown."""
    context = ssl.create_default_context(cadata=house.trusted)
    with (
        socket.create_connection((HOST, house.server.port), 10) as raw,
        context.wrap_socket(raw, server_hostname=HOST) as connection,
    ):
        return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True)).serial_number


def anew(house):
    """Has the API server connect anew, as another path makes it do; the ceiling holds under any."""
    url = f"{house.url}/{secrets.token_hex(2)}"
    patch = [{"op": "replace", "path": "/webhooks/0/clientConfig/url", "value": url}]
    house.plane.admin.patch(f"{webhooks.VALIDATING}/{NAME}", patch, JSON_PATCH)


def test_of_two_replicas_one_makes_the_certificate(house):
    """Replicas that start at once serve the same certificate, under one authority."""
    house.plane.admin.delete(KEPT)
    together = threading.Barrier(4)

    def start(_):
        together.wait(30)
        return house.source.material(datetime.now(UTC), "")

    with ThreadPoolExecutor(4) as replicas:
        found = list(replicas.map(start, range(4)))
    house.keeper.look(datetime.now(UTC))

    assert found == [found[0]] * 4
    until(lambda: house.attempt() == "")


def test_what_somebody_else_wrote_into_the_secret_is_made_anew(house):
    """A broken Secret is no reason to serve nothing."""
    held = house.plane.admin.get(KEPT)
    junk = {"tls.key": base64.b64encode(b"junk").decode(), "ca.crt": base64.b64encode(b"\xff").decode()}
    house.plane.admin.replace(KEPT, {**held, "data": held["data"] | junk})
    house.keeper.look(datetime.now(UTC))

    assert certificates.whole(house.source.material(datetime.now(UTC), ""))
    until(lambda: house.attempt() == "")


def test_without_its_configuration_the_webhook_is_served(house):
    """A chart that is not applied yet is told of, and does not keep the operator from starting."""
    served = []
    keeper = Keeper(house.plane.admin, house.source, "not-there", served.append)

    with pytest.raises(ClusterError, match='"not-there" not found'):
        keeper.look(datetime.now(UTC))
    assert 1 == len(served)
