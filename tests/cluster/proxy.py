"""A proxy between operator and API server: it answers wrongly on purpose, and keeps what was asked and what came of it.

Whoever speaks to it needs no certificate: calls without a token of their own go on as the proxy's account.
"""

import asyncio
import base64
import contextlib
import ipaddress
import json
import re
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cluster import faults as wrong

BROKEN = (OSError, EOFError, ValueError, asyncio.LimitOverrunError)
VERSION = re.compile(rb'"resourceVersion": *"(\d+)"')
LINE = 16 * 1024 * 1024
LATE = 30.0
"""Seconds for which an answer that is late is kept back at most; the caller gives up long before."""


@dataclass(slots=True)
class Call:
    """One call: `status` is what the API server itself answered, 0 where it was not asked or did not.

    Of a status that was written, `phase` is what it says, and `version` the object's from then on.
    """

    at: float
    method: str
    path: str
    query: dict
    fault: str | None = None
    status: int = 0
    phase: str | None = None
    version: int = 0

    @property
    def written(self):
        """Whether it changed something, whatever its caller was told."""
        return self.method != "GET" and 200 <= self.status < 300 and "dryRun" not in self.query


class Proxy:
    """`with proxy.run():` it serves; `kubeconfig` leads to it, as `user` is known to the API server."""

    def __init__(self, plane, folder, user, *, groups=(), faults=None):
        self.faults = faults or wrong.Faults()
        self.calls = []
        self.port = 0
        self._plane, self._folder = plane, folder
        self._mine = yaml.safe_load(plane.kubeconfig(user, groups).read_text())["users"][0]["user"]
        self._tasks = set()

    @property
    def kubeconfig(self):
        cluster = {"server": f"https://127.0.0.1:{self.port}", "certificate-authority": str(self._folder / "proxy.crt")}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "proxy",
            "contexts": [{"name": "proxy", "context": {"cluster": "proxy", "user": "nobody"}}],
            "clusters": [{"name": "proxy", "cluster": cluster}],
            "users": [{"name": "nobody", "user": {}}],
        }
        path = self._folder / "proxy.yaml"
        path.write_text(yaml.safe_dump(config))
        path.chmod(0o600)
        return path

    @contextlib.contextmanager
    def run(self):
        started = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._run(started)), name="proxy", daemon=True)
        thread.start()
        assert started.wait(60)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._ended.set)
            thread.join(60)

    def away(self, seconds):
        """Refuses every connection for so long, and hangs up on those that are open."""
        self.faults.counts["refused"] += 1
        asyncio.run_coroutine_threadsafe(self._away(), self._loop).result(60)
        time.sleep(seconds)
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(60)

    async def _run(self, started):
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self._here, self._there, self._bearers = self._contexts()
        await self._listen()
        started.set()
        await self._ended.wait()
        await self._away()

    async def _listen(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=self._here, limit=LINE)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _away(self):
        self._server.close()
        tasks = [*self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.05)  # TLS connections are closed by callbacks

    async def _serve(self, reader, writer):
        """One connection, with those of its own to the API server: call after call, until something breaks."""
        task, lines = asyncio.current_task(), {}
        self._tasks.add(task)
        try:
            while (asked := await _asked(reader)) is not None:
                await self._answer(asked, lines, reader, writer)
        except (*BROKEN, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            for one in (writer, *(line[1] for line in lines.values())):
                one.transport.abort()

    async def _answer(self, asked, lines, reader, writer):
        method, target, headers, body = asked
        url = urlsplit(target)
        call = Call(time.monotonic(), method, url.path, parse_qs(url.query))
        watch = call.query.get("watch", ["false"])[0] in {"true", "1"}
        call.fault = self.faults.choose(method, url.path, watch=watch)
        self.calls.append(call)
        if call.fault == "cut":
            raise EOFError
        if call.fault and call.fault.isdigit():
            writer.write(wrong.status(call.fault))
            await writer.drain()
            return
        there = await self._line(lines, bearer="authorization" in headers)
        there[1].write(_request(asked))
        await there[1].drain()
        head = await there[0].readuntil(b"\r\n\r\n")
        call.status = int(head.split(b" ", 2)[1])
        if url.path.endswith("/status") and call.method == "PUT":
            call.phase = json.loads(body).get("status", {}).get("phase")
        if watch and call.status == 200:
            await _Stream(there[0], reader, writer, self.faults.stream()).pass_on(head)
            raise EOFError
        whole = head + await _body(there[0], head)
        found = VERSION.search(whole) if call.phase else None
        call.version = int(found.group(1)) if found else 0
        if call.fault == "late":
            await asyncio.wait({asyncio.create_task(reader.read(1))}, timeout=LATE)
        if call.fault:
            raise EOFError
        writer.write(whole)
        await writer.drain()

    async def _line(self, lines, *, bearer):
        """A connection to the API server: with the certificate of the account, or without for who has a token."""
        if bearer not in lines:
            context = self._bearers if bearer else self._there
            lines[bearer] = await asyncio.open_connection(
                "127.0.0.1", self._plane.ports["api"], ssl=context, limit=LINE
            )
        return lines[bearer]

    def _contexts(self):
        here = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        here.load_cert_chain(*_certificate(self._folder))
        mine = self._folder / "account.pem"
        mine.write_bytes(b"".join(base64.b64decode(one) for one in self._mine.values()))
        there, bearers = (ssl.create_default_context() for _ in range(2))
        for one in (there, bearers):
            one.check_hostname, one.verify_mode = False, ssl.CERT_NONE  # it is our own server on this machine
        there.load_cert_chain(mine)
        return here, there, bearers


class _Stream:
    """A watch, event by event, with at most one thing that goes wrong in it; over when the caller hangs up."""

    def __init__(self, there, reader, writer, fault):
        self._there, self._reader, self._writer = there, reader, writer
        self._fault, self._after = fault or (None, None)

    async def pass_on(self, head):
        self._writer.write(head)
        hung_up = asyncio.ensure_future(self._reader.read(1))
        try:
            await self._events(hung_up)
        finally:
            hung_up.cancel()

    async def _events(self, hung_up):
        loop, rest, reading = asyncio.get_running_loop(), b"", None
        until = loop.time() + (self._after or 0)
        try:
            while True:
                reading = reading or asyncio.ensure_future(_chunk(self._there))
                left = None if self._after is None else max(0, until - loop.time())
                done, _ = await asyncio.wait({reading, hung_up}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if hung_up in done:
                    return
                if not done:
                    self._after = None
                    await self._go_wrong(hung_up)
                    continue
                *lines, rest = (rest + reading.result()).split(b"\n")
                over, reading = not reading.result(), None
                for line in lines:
                    await self._tell(line + b"\n")
                if over:
                    self._writer.write(b"0\r\n\r\n")
                    await self._writer.drain()
                    return
        finally:
            if reading is not None:
                reading.cancel()

    async def _tell(self, line):
        if self._fault == "swallowed" and self._after is None:
            self._fault = None
            return
        for _ in range(2 if self._fault == "twice" and self._after is None else 1):
            self._writer.write(b"%x\r\n%s\r\n" % (len(line), line))
        await self._writer.drain()

    async def _go_wrong(self, hung_up):
        if self._fault == "torn":
            self._writer.write(b'200\r\n{"type":"MODIFIED","object":{"kin')
            await self._writer.drain()
            raise EOFError
        if self._fault in {"gone", "broken"}:
            line = wrong.event("410" if self._fault == "gone" else "500")
            self._writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(line), line))
            await self._writer.drain()
            raise EOFError
        if self._fault == "silent":
            await hung_up


async def _asked(reader):
    """The next call of a connection: method, target, headers, body; None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): text.strip() for name, _, text in pairs}
    method, target, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, target, headers, body


def _request(asked):
    method, target, headers, body = asked
    kept = {name: text for name, text in headers.items() if name not in {"accept-encoding", "connection"}}
    lines = "".join(f"{name}: {text}\r\n" for name, text in kept.items())
    return f"{method} {target} HTTP/1.1\r\n{lines}\r\n".encode("latin-1") + body


async def _body(there, head):
    """A whole answer's body, as it was sent."""
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while chunk := await _chunk(there):
            body += b"%x\r\n%s\r\n" % (len(chunk), chunk)
        return body + b"0\r\n\r\n"
    length = lower.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    return await there.readexactly(int(length or 0))


async def _chunk(there):
    size = int((await there.readuntil(b"\r\n")).split(b";")[0], 16)
    return (await there.readexactly(size + 2))[:-2]


def _certificate(folder):
    """The proxy's own certificate and key, in files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proxy")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    crt, pem = folder / "proxy.crt", folder / "proxy.key"
    crt.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pem.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, none))
    return crt, pem
