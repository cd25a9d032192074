"""A service is called once, with what was approved, and its answer is believed only when it came whole and in time."""

import json
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assent.adapters.runners.web import HttpRunner
from assent.api.plans import Execution
from assent.errors import RunnerError

CANARY = 'canary-5e1f"ü'
TOKEN = "canary-token-77"  # noqa: S105 -- it opens nothing


class Service(ThreadingHTTPServer):
    """A service on loopback that notes what it was asked, and answers as it is told."""

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _note(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, self.headers, body))
        self.server.answer(self, body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET = _note  # noqa: N815 -- the library's names

    def log_message(self, *_):
        pass


@contextmanager
def serving(answer):
    with Service(answer) as service:
        thread = threading.Thread(target=service.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.shutdown()
            thread.join()


@contextmanager
def speaking(*lines, pause=0.0, wait=True):
    """A server that says these bytes whatever it hears, and then hangs up; yields its URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def speak():
            connection, _ = listener.accept()
            with connection:
                if wait:
                    connection.recv(65536)
                try:
                    for line in lines:
                        connection.sendall(line)
                        time.sleep(pause)
                except OSError:
                    return

        thread = threading.Thread(target=speak)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


def say(status, body=b"", **headers):
    def answer(handler, _body):
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def call(laid, plan):
    """Check and call a URL as the platform's microservice."""

    def act(url, *, settings=None, timeout=10, execution=None, runner=None, **changes):
        web = plan(settings={"method": "POST", "url": url} | (settings or {}), timeout=timeout, **changes)
        runner = runner or HttpRunner({"platform": [url]}, laid.secrets, trusted=["platform"])
        assert runner.check(web) is None
        return runner.act(web, execution or web.executions[0])

    return act


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_the_run_is_sent_once_with_its_key(call, method):
    """The service gets the run as JSON, and the execution's id to know a repeated one by."""
    with serving(say(202, b"accepted")) as service:
        outcome = call(service.url + "/run?x=1", settings={"method": method}, execution=Execution("cd" * 16, "vdi-7"))
        ((got, path, headers, body),) = service.seen

    assert ("Succeeded", "accepted", None) == (outcome.state, outcome.output, outcome.exit_code)
    assert f"{method} {service.url}/run was answered with 202." == outcome.message
    assert (method, "/run?x=1") == (got, path)
    assert ("cd" * 16, "application/json") == (headers["Idempotency-Key"], headers["Content-Type"])
    assert ("acme/vdi", "vdi-7", "cd" * 16) == tuple(
        json.loads(body)[name] for name in ("request", "target", "execution")
    )
    assert {"template": "win11-office", "count": 12} == json.loads(body)["parameters"]


@pytest.mark.parametrize(
    ("status", "state"),
    [(200, "Succeeded"), (201, "Succeeded"), (204, "Succeeded"), (299, "Succeeded")]
    + [(status, "Failed") for status in (300, 304, 400, 401, 404, 409, 429, 500, 502, 503, 504)],
)
def test_the_status_decides(call, status, state):
    """2xx is success and any other answer failure; nothing is tried a second time."""
    with serving(say(status)) as service:
        outcome = call(service.url)

    assert state == outcome.state
    assert 1 == len(service.seen)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("where", ["/elsewhere", "http://[bad", "file:///etc/passwd", ""])
def test_redirects_are_not_followed(call, status, where):
    """A redirect is an answer like any other, wherever it leads."""
    with serving(say(status, Location=where)) as service:
        outcome = call(service.url)

    assert "Failed" == outcome.state
    assert f"answered with {status}; redirects are not followed." in outcome.message
    assert ["/"] == [path for _, path, _, _ in service.seen]


def test_what_the_environment_says_of_proxies_is_not_heard(call, monkeypatch, tmp_path):
    """No proxy, no .netrc and no certificates come from the environment."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login maria password hunter2\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with serving(say(200)) as service:
        assert "Succeeded" == call(service.url).state
    assert service.seen[0][2]["Authorization"] is None


def test_where_nobody_listens_nothing_was_sent(call):
    """A refused connection is a failed run: nothing was sent."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    outcome = call(url)

    assert "Failed" == outcome.state
    assert "no connection could be made; nothing was sent" in outcome.message


def test_a_name_that_is_none_was_not_called(call, monkeypatch):
    """A host that cannot be resolved is a failed run."""

    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    outcome = call("https://assent.invalid/run")

    assert ("Failed", True) == (outcome.state, "nothing was sent" in outcome.message)


BROKEN = [
    pytest.param([], id="nothing at all"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Le"], id="half a head"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"], id="half a body"),
    pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"], id="half a chunk"),
    pytest.param([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], id="a chunk of no size"),
    pytest.param([b"\x16\x03\x01 this is no HTTP\r\n\r\n"], id="another protocol"),
    pytest.param([b"HTTP/1.1 2000 OK\r\n\r\n"], id="a status of four digits"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"], id="a negative length"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"], id="two lengths"),
    pytest.param([b"HTTP/1.1 200 OK\r\n bad: x\r\n\r\n"], id="a folded head"),
    pytest.param([b"HTTP/1.1 200 OK\r\n", b"x: " + b"y" * 200_000], id="a head without end"),
    pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n"], id="only an interim answer"),
]


@pytest.mark.parametrize("lines", BROKEN)
def test_an_answer_that_is_not_whole_leaves_the_outcome_unknown(call, lines):
    """Once something was sent, an answer that breaks off or is none says nothing: a person looks."""
    with speaking(*lines) as url:
        outcome = call(url)

    assert ("Unknown", "") == (outcome.state, outcome.output)
    assert "it may have been done" in outcome.message


TRICKLES = [
    pytest.param([b"", b"late"], 2, id="nothing for long"),
    pytest.param([b"HTTP/1.1 200 OK\r\n"] + [b"x: y\r\n"] * 40, 0.3, id="a head that trickles"),
    pytest.param([b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"] + [b"x"] * 40, 0.3, id="a body that trickles"),
    pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n"] * 40, 0.3, id="interim answers without end"),
]


@pytest.mark.parametrize(("lines", "pause"), TRICKLES)
def test_the_time_is_for_all_of_the_call(call, lines, pause):
    """A service that keeps sending a little does not get more time than one that is silent."""
    start = time.monotonic()
    with speaking(*lines, pause=pause) as url:
        outcome = call(url, timeout=1)
        took = time.monotonic() - start

    assert "Unknown" == outcome.state
    assert "the time was over before the answer was complete" in outcome.message
    assert 0.9 < took < 9


def test_a_full_backlog_is_no_call(call):
    """A service that accepts no connection in time was not called."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        others = [socket.socket() for _ in range(4)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        outcome = call(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=1)
        for other in others:
            other.close()

    assert ("Failed", True) == (outcome.state, "the time was over; nothing was sent" in outcome.message)


def test_of_a_long_answer_the_beginning_is_kept(call, laid):
    """An answer without end is read up to the limit and no further."""
    with serving(say(200, b"0123456789" * 500_000)) as service:
        runner = HttpRunner({"platform": [service.url]}, laid.secrets, output_limit=25)
        outcome = call(service.url, runner=runner)

    assert ("Succeeded", "0123456789012345678901234") == (outcome.state, outcome.output)


def test_an_encoded_answer_is_not_unpacked(call):
    """We ask for no encoding, so one that comes is not opened: it might hold a bomb, or a secret."""
    with serving(say(200, b"\x1f\x8b\x08\x00", Content_Encoding="gzip")) as service:
        assert "[an encoded answer, left out]" == call(service.url).output
    assert "identity" == service.seen[0][2]["Accept-Encoding"]


def echo(handler, body):
    text = body + "".join(f"\n{name}: {value}" for name, value in handler.headers.items()).encode()
    say(500, text)(handler, body)


def test_rule_43_secrets_reach_the_service_alone(call, laid):
    """Rule 43: parameters' and headers' secrets are sent, and taken out of whatever comes back."""
    laid.secret("admin", CANARY)
    laid.secret("headers", f"Authorization: Bearer {TOKEN}\nX-Key:{TOKEN[::-1]}\n", owner="platform")
    with serving(echo) as service:
        outcome = call(
            service.url,
            settings={"headersFrom": "headers"},
            secrets={"password": "admin"},
            parameters={"password": {"secretRef": "admin"}},
        )
        ((_, _, headers, body),) = service.seen

    assert f"Bearer {TOKEN}" == headers["Authorization"]
    assert (TOKEN[::-1], CANARY) == (headers["X-Key"], json.loads(body)["parameters"]["password"])
    assert "canary" not in repr(outcome)
    assert TOKEN[::-1] not in repr(outcome)
    assert "authorization: [secret headers]" in outcome.output
    assert '"password": "[secret admin]"' in outcome.output


def test_rule_43_a_part_of_a_header_is_hidden_too(call, laid):
    """Rule 43: a service that repeats the token without the word before it is not kept either, nor half of it."""
    laid.secret("headers", f"Authorization: Bearer {TOKEN}", owner="platform")
    body = f"bad token {TOKEN}.".encode()
    with serving(say(401, body)) as service:
        for limit in range(1, len(body) + 5):
            runner = HttpRunner({"platform": [service.url]}, laid.secrets, output_limit=limit)
            output = call(service.url, runner=runner, settings={"headersFrom": "headers"}).output

            assert "bad token [secret headers]."[: limit if limit < 11 else None].startswith(output[:10])
            assert "cana" not in output


LINES = ["no colon", ": value", "Na me: x", "Name:", "Name: \u00fc", "Name: a\0b", "Name: a\x7f", " Name: x", ""]
LINES += ["X: 1\nX: 2", "X: 1\nx: 2", "X: 1\n\nY: 2", "X: 1\r\nY: \x0b", "Host: evil.example", "content-length: 0"]
LINES += ["Transfer-Encoding: chunked", "Idempotency-Key: 1", "Connection: close"]


@pytest.mark.parametrize("line", LINES, ids=repr)
def test_rule_43_a_header_that_may_not_be_set_is_named_by_its_line(laid, plan, line):
    """Rule 43: what is no header, or frames the message, is refused before the claim, without its content."""
    laid.secret("headers", f"X-Canary: {TOKEN}\n{line}\nX-Last: 1\n", owner="platform")
    web = plan(settings={"method": "POST", "url": "https://api.example/", "headersFrom": "headers"})
    runner = HttpRunner({"platform": ["https://api.example/"]}, laid.secrets)

    assert "of the headers 'headers' of platform is no header that may be set" in runner.check(web)
    with pytest.raises(RunnerError) as refused:
        runner.act(web, web.executions[0])
    assert "canary" not in f"{refused.value!r}{refused.value.hint}{refused.value.__context__!r}".lower()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"url": "https://api.example/v2"}, "may not call 'https://api.example/v2'", id="not below"),
        pytest.param({"url": "https://api.example/v1/../v2"}, "goes up", id="on the way up"),
        pytest.param({"url": None}, "cannot be read", id="no URL"),
        pytest.param({"method": "GET"}, "none that is called", id="a method that asks for nothing to be done"),
        pytest.param({"method": "BREW"}, "none that is called", id="another method"),
        pytest.param({"method": "post"}, "none that is called", id="in small letters"),
        pytest.param({"method": None}, "none that is called", id="no method"),
        pytest.param({"headersFrom": "missing"}, "There is no secret 'missing'", id="no headers"),
        pytest.param({"headersFrom": "../acme/admin"}, "plain file name", id="another's headers"),
    ],
)
def test_what_may_not_be_called_is_refused_before_the_claim(laid, plan, changes, sentence):
    """`check` and `act` refuse alike, and nothing is sent or looked up."""
    laid.secret("admin", "X: 1")
    web = plan(settings={"method": "POST", "url": "https://api.example/v1/run"} | changes)
    runner = HttpRunner({"platform": ["https://api.example/v1"]}, laid.secrets)

    assert sentence in runner.check(web)
    with pytest.raises(RunnerError, match=sentence):
        runner.act(web, web.executions[0])


def test_each_owner_has_prefixes_of_its_own(laid, plan):
    """What one organization's microservices may call, another's may not."""
    runner = HttpRunner({"platform": ["https://api.example/"], "acme": []})
    web = plan(settings={"method": "POST", "url": "https://api.example/"})

    assert runner.check(web) is None
    assert "of acme may not call" in runner.check(plan(settings=web.settings, owner="acme"))
    assert "of other may not call" in runner.check(plan(settings=web.settings, owner="other"))


def test_a_prefix_that_is_no_address_is_refused_at_the_start():
    """A mistake in the controller's configuration shows when it starts, not when something runs."""
    with pytest.raises(RunnerError):
        HttpRunner({"platform": ["api.example"]})


@pytest.fixture
def certificate(tmp_path):
    """A certificate for localhost that nobody signed but itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def serving_tls(answer, certificate):
    with serving(answer) as service:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        service.socket = context.wrap_socket(service.socket, server_side=True)
        service.handle_error = lambda *_: None
        yield service, f"https://localhost:{service.server_port}"


def test_only_a_trusted_certificate_is_sent_anything(call, laid, certificate):
    """A service whose certificate nobody vouches for gets nothing; with its authority named it is called."""
    with serving_tls(say(200, b"hello"), certificate) as (service, url):
        refused = call(url)
        context = ssl.create_default_context(cafile=certificate)
        answered = call(url, runner=HttpRunner({"platform": [url]}, laid.secrets, context=context))

    assert ("Failed", True) == (refused.state, "nothing was sent" in refused.message)
    assert ("Succeeded", "hello", 1) == (answered.state, answered.output, len(service.seen))


def test_the_time_is_for_all_of_an_encrypted_call(call, laid, certificate):
    """The watch ends a TLS connection that trickles as well."""

    def trickle(handler, _body):
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        for _ in range(30):
            handler.wfile.write(b"x")
            time.sleep(0.4)

    with serving_tls(trickle, certificate) as (_, url):
        context = ssl.create_default_context(cafile=certificate)
        start = time.monotonic()
        outcome = call(url, timeout=1, runner=HttpRunner({"platform": [url]}, laid.secrets, context=context))
        took = time.monotonic() - start

    assert ("Unknown", True) == (outcome.state, "the time was over" in outcome.message)
    assert took < 9
