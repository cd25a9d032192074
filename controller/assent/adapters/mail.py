"""Hands messages to one SMTP server, many over one connection, and tells whose fault it is where that fails.

The connection is encrypted and the server's certificate checked, but for a server on this very machine that is said to
be plain. The credentials are read anew at each connection, so that a rotated Secret counts.
"""

import asyncio
import ipaddress
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from assent.errors import MailError

Security = Literal["StartTLS", "TLS", "Plain"]

PERMANENT = 500
CLOSING = 421
"""The server hangs up (RFC 5321, section 3.8)."""

WHOLE = 6
"""One message takes at most so many times as long as one answer."""

_SAID = 100
_LONG = re.compile(r"\S{40,}")
"""What may be a link or a password in a server's answer: some servers repeat what they refuse."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """Where the server is, and how it is spoken to.

    `credentials` is a file of two lines, username and password, or a folder with the files `username` and `password`,
    as a Secret is mounted; None: no sign-in. `authorities` is a file of certificates to trust instead of the system's.
    `timeout` is in seconds, for each answer of the server. `hello` is how this machine calls itself; empty: as it does.
    """

    host: str
    port: int = 587
    security: Security = "StartTLS"
    credentials: Path | None = None
    authorities: Path | None = None
    timeout: float = 10
    hello: str = ""

    @property
    def server(self) -> str:
        """As sentences name it."""
        return f"{self.host}:{self.port}"


class Line:
    """One open connection."""

    def __init__(self, client: SMTP, settings: MailSettings) -> None:
        self._client = client
        self._settings = settings

    async def send(self, message: EmailMessage) -> None:
        """Hands one message over, from its `From` to its one `To`; when this returns the server answers for it.

        Raises:
            MailError: it was not taken; `whole` where the connection is of no use any more.
        """
        try:
            async with asyncio.timeout(WHOLE * self._settings.timeout):
                await self._client.send_message(message, sender=_one(message, "From"), recipients=[_one(message, "To")])
        except SMTPRecipientsRefused as refused:
            raise self._refused("the recipient", refused.recipients[0]) from None
        except SMTPSenderRefused as refused:
            raise self._refused("the sender", refused, whole=True) from None
        except SMTPResponseException as refused:
            raise self._refused("the message", refused) from None
        except SMTPNotSupported:
            text = f"the mail server {self._settings.server} takes no address like this one"
            raise MailError(text, "write the address in ASCII") from None
        except (SMTPException, OSError) as error:
            raise _silent(self._settings, error) from None

    def _refused(self, what: str, refused: SMTPResponseException, *, whole: bool = False) -> MailError:
        whole = whole or refused.code == CLOSING or not self._client.is_connected
        return _answered(self._settings, f"refuses {what}", refused, whole=whole)


class Mailer:
    """One SMTP server.

    Raises:
        MailError: it is to be spoken to in plain, and is not on this machine.
    """

    def __init__(self, settings: MailSettings) -> None:
        if settings.security == "Plain" and not _is_here(settings.host):
            text = f"mail to {settings.host} would be readable on its way, with the links in it"
            raise MailError(text, "use StartTLS or TLS; Plain is for a server on this machine alone", whole=True)
        self.settings = settings

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Line]:
        """A connection for as many messages as there are, signed in where there are credentials.

        Raises:
            MailError: there is none to be had; always `whole`.
        """
        settings, (username, password) = self.settings, self._credentials()
        client = self._client()
        try:
            try:
                async with asyncio.timeout(WHOLE * settings.timeout):
                    await client.connect()
                    if username:
                        await client.login(username, password)
            except (SMTPException, OSError, ValueError) as error:
                raise _unreached(settings, error) from None
            yield Line(client, settings)
            with suppress(SMTPException, OSError):
                await client.quit(timeout=1)
        finally:
            client.close()

    def _client(self) -> SMTP:
        settings = self.settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            use_tls=settings.security == "TLS",
            start_tls=settings.security == "StartTLS",
            tls_context=None if settings.security == "Plain" else self._trust(),
            local_hostname=settings.hello or None,
            timeout=settings.timeout,
        )

    def _credentials(self) -> tuple[str, str]:
        """Username and password as they stand there now; both empty where there are to be none."""
        path = self.settings.credentials
        if path is None:
            return "", ""
        try:
            if path.is_dir():
                lines = [(path / name).read_text("utf-8").strip("\r\n") for name in ("username", "password")]
            else:
                lines = path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(path, type(error).__name__) from None
        if len(lines) != 2 or not all(lines):  # noqa: PLR2004 -- username and password
            raise _unreadable(path, "not two lines")
        return lines[0], lines[1]

    def _trust(self) -> ssl.SSLContext:
        path = self.settings.authorities
        try:
            return ssl.create_default_context(cafile=str(path) if path else None)
        except OSError as error:
            text = f"the certificates in {path} cannot be read: {type(error).__name__}"
            raise MailError(text, "name a file of PEM certificates", whole=True) from None


def _is_here(host: str) -> bool:
    """Whether the server is on this very machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _one(message: EmailMessage, header: str) -> str:
    """The one address of a header."""
    (found,) = message[header].addresses
    return found.addr_spec if isinstance(found, Address) else str(found)


def _unreadable(path: Path, why: str) -> MailError:
    text = f"the mail server's credentials in {path} cannot be read: {why}"
    return MailError(text, "two lines, username and password, or a folder with the files of these names", whole=True)


def _unreached(settings: MailSettings, error: BaseException) -> MailError:
    """Why there is no connection; nothing of what was said while signing in is repeated."""
    server = settings.server
    if isinstance(error, SMTPAuthenticationError):
        passing = error.code < PERMANENT
        text = f"the mail server {server} refuses the credentials ({error.code})"
        return MailError(text, f"look at {settings.credentials}", passing=passing, whole=True)
    certificate = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)
    if certificate:
        text = f"the certificate of the mail server {server} is not trusted: {certificate.verify_message}"
        return MailError(text, "name the file of the authority that issued it", whole=True)
    if isinstance(error, SMTPResponseException):
        return _answered(settings, "turns the connection away", error, whole=True)
    if isinstance(error, OSError):
        return _silent(settings, error)
    text = f"the mail server {server} does not speak as it is set up: no {settings.security}, or no sign-in"
    return MailError(text, "choose StartTLS (port 587) or TLS (port 465) as the server has it", whole=True)


def _causes(error: BaseException | None) -> list[BaseException]:
    """The error, and what it came from."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def _silent(settings: MailSettings, error: BaseException) -> MailError:
    """No answer: whether the last message was taken is not known."""
    slow = isinstance(error, SMTPTimeoutError | TimeoutError)
    gone = "hung up" if isinstance(error, SMTPServerDisconnected) else "cannot be reached"
    what = "does not answer in time" if slow else gone
    return MailError(f"the mail server {settings.server} {what}", "it is tried again", passing=True, whole=True)


def _answered(settings: MailSettings, what: str, refused: SMTPResponseException, *, whole: bool) -> MailError:
    """A refusal with the server's own words: one line, cut, and without anything long that it may have repeated."""
    said = ascii(_LONG.sub("...", (refused.message.splitlines() or [""])[0])).strip("'\"")[:_SAID]
    text = f"the mail server {settings.server} {what} ({refused.code}): {said}"
    passing = refused.code < PERMANENT
    return MailError(text, "it is tried again" if passing else "", passing=passing, whole=whole)
