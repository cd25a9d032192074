"""A real SMTP server for tests, over TLS, with people's mailboxes and the faults that servers have.

async with Postbox(certificate(tmp_path, "localhost"), "TLS") as box:
    box.refuse["igor@platform.example"] = "550 5.1.1 no such mailbox"
    ...
    box.mails[0]["Subject"]
"""

import asyncio
import email
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.policy import default
from ipaddress import ip_address

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

USERNAME, PASSWORD = "assent", "c4nary-0f-the-mail-server"


def certificate(folder, *names, name="server"):
    """A certificate of its own authority for these names and addresses; gives its file, with the key in it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    kinds = [x509.IPAddress(ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(kinds), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


class Postbox:
    """One server on loopback, in the loop of whoever opens it; `login` asks for USERNAME and PASSWORD.

    `security` is as the mailer names it. `refuse` maps an address to what its mails are answered with, `answers` are
    given to whole mails, one each, before they are taken. `senders` is what every sender is
    answered, where it says something. `hang()` keeps mails without an answer from then on; `drop` are addresses over
    which it hangs up.
    """

    def __init__(self, pem=None, security="Plain", *, login=False, port=0):
        self.mails, self.envelopes, self.logins, self.sessions = [], [], [], 0
        self.refuse, self.answers, self.drop = {}, [], set()
        self.senders = ""
        self._free = asyncio.Event()
        self._free.set()
        self.password, self.port = PASSWORD, port
        self._open = set()
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if pem else None
        if pem:
            self._tls.load_cert_chain(pem)
        self._implicit = self._tls if security == "TLS" else None
        self._options = {"tls_context": self._tls, "require_starttls": True} if security == "StartTLS" else {}
        if login:
            secure = security == "StartTLS"
            # Of TLS from the first byte on, aiosmtpd knows nothing.
            self._options |= {"authenticator": self._authenticate, "auth_required": secure, "auth_require_tls": secure}

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: self._kept(SMTP(self, loop=loop, hostname="box.example", **self._options)),
            "127.0.0.1",
            self.port,
            ssl=self._implicit,
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._free.set()
        self._server.close()
        for one in self._open:
            with suppress(AttributeError):  # older Pythons cannot abort an encrypted connection that is over
                if one.transport:
                    one.transport.abort()
        await asyncio.sleep(0.05)

    def hang(self):
        """Takes mails, and says nothing more."""
        self._free.clear()

    def _kept(self, server):
        self._open.add(server)
        return server

    def _authenticate(self, server, session, envelope, mechanism, data):
        self.logins.append(data.login)
        good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USERNAME.encode(),
            self.password.encode(),
        )
        return AuthResult(success=good, handled=False)

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 -- aiosmtpd's name
        session.host_name = hostname
        self.sessions += 1
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if self.senders:
            return self.senders
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refuse:
            return self.refuse[address]
        if address in self.drop:
            server.transport.abort()
            return "421 gone"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await self._free.wait()
        if self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("2"):
                return answer
        self.envelopes.append(envelope)
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
        return "250 taken"

    def to(self, address):
        """The mails to one address."""
        return [one for one in self.mails if one["To"] == address]
