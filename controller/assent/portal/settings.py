"""What the panel is told at its start: where it is reached, who says who somebody is, and what it bears."""

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from limits import parse

PORTS: Final = {"https": 443, "http": 80}
BODY: Final = 256 * 1024
"""Bytes of a request's body: what a document may have at most."""


@dataclass(frozen=True, kw_only=True)
class Oidc:
    """The OpenID provider: who it is, and who the panel is there.

    `claim` names the person; an e-mail address counts only where the provider says that it is verified.
    `client_secret_file` None: a public client. `api_audience` is what the API's bearer tokens are made for; empty: the
    client itself. `authorities` is a file of certificates to trust instead of the system's.
    """

    issuer: str
    client_id: str
    client_secret_file: Path | None = None
    claim: str = "email"
    scopes: tuple[str, ...] = ("openid", "email")
    api_audience: str = ""
    authorities: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How often something may be asked for, as `600/minute`; an empty text lifts the limit.

    An office of some dozens of people may stand behind one `address`; signing in takes three requests. `signin` and
    `mail` count by address, `posts` by whoever is signed in, in however many browsers. By person, under whatever name
    and however they come: `api` all that scripts ask for, `ledger` pages of the history, which are looked for among
    many records, `exports` the files of it, and `requests` those that are opened.
    """

    address: str = "3000/minute"
    session: str = "600/minute"
    signin: str = "180/minute"
    mail: str = "120/minute"
    posts: str = "120/minute"
    api: str = "600/minute"
    ledger: str = "30/minute"
    exports: str = "6/minute"
    requests: str = "30/hour"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How the panel is set up; `problems` says everything that is wrong with it.

    `mails_per_hour` bounds the mails to one reader; 0: none is held back.
    """

    public_url: str
    host: str = "127.0.0.1"
    port: int = 8080
    oidc: Oidc | None = None
    demo_login: bool = False
    session_hours: int = 8
    trusted_proxies: tuple[str, ...] = ()
    rates: Rates = field(default_factory=Rates)
    body_limit: int = BODY
    mails_per_hour: int = 60

    @property
    def secure(self) -> bool:
        """Whether people reach it by https: cookies are for https alone then."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def origin(self) -> str:
        """Scheme, host and port as a browser writes them, without a port that the scheme implies."""
        return origin(self.public_url)

    @property
    def cookie(self) -> str:
        """The name of the session's cookie; `__Host-` lets no other host and no http page set it."""
        return "__Host-assent" if self.secure else "assent"

    def problems(self) -> list[str]:
        """Every reason why the panel does not start like this."""
        return [*_address(self), *_people(self), *_numbers(self)]


def origin(url: str) -> str:
    """The origin of a URL, as browsers write it."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    named = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != PORTS.get(parts.scheme) else ""
    return f"{parts.scheme}://{named}{port}"


def loopback(host: str | None) -> bool:
    """Whether this host is the machine itself, by name or by address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL that names a host and nothing that does not belong there; None otherwise."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in PORTS and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    plain = good and not any((parts.query, parts.fragment, parts.username, parts.password))
    return parts if plain and url.isascii() and url.isprintable() and " " not in url else None


def _address(settings: Settings) -> Iterator[str]:
    parts = _split(settings.public_url)
    if parts is None or parts.path not in ("", "/"):
        yield f"the public URL {settings.public_url!r} is not like https://assent.example: scheme, host, perhaps a port"
    elif parts.scheme != "https" and not loopback(parts.hostname):
        yield f"the public URL {settings.public_url!r} must begin with https: sessions would be readable on the way"
    for proxy in settings.trusted_proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            yield f"the trusted proxy {proxy!r} is no address or network like 10.0.0.0/8"


def _people(settings: Settings) -> Iterator[str]:
    if settings.demo_login:
        yield from _demo(settings)
    if settings.oidc is not None:
        yield from _provider(settings.oidc)
    elif not settings.demo_login:
        yield "nobody could sign in: name an OpenID issuer, or use the demo's sign-in on this machine alone"


def _demo(settings: Settings) -> Iterator[str]:
    """The demo's sign-in believes everybody, so nobody but this machine may reach it."""
    parts = _split(settings.public_url)
    if not loopback(settings.host):
        yield f"the demo's sign-in is for this machine alone: it does not listen on {settings.host!r}; use 127.0.0.1"
    if parts is not None and not loopback(parts.hostname):
        yield f"the demo's sign-in is for this machine alone: it is not reached at {settings.public_url!r}"
    if settings.oidc is not None:
        yield "the demo's sign-in and an OpenID issuer exclude each other; leave one out"
    if settings.trusted_proxies:
        yield "the demo's sign-in stands behind no proxy; leave the trusted proxies out"


def _provider(oidc: Oidc) -> Iterator[str]:
    parts = _split(oidc.issuer)
    if parts is None:
        yield f"the issuer {oidc.issuer!r} is not like https://login.example"
    elif parts.scheme != "https" and not loopback(parts.hostname):
        yield f"the issuer {oidc.issuer!r} must begin with https"
    if not oidc.client_id:
        yield "the OpenID client has no id"
    if not oidc.claim:
        yield "no claim is named that says who somebody is, for example email"
    if "openid" not in oidc.scopes:
        yield "the scopes must hold openid"
    if oidc.client_secret_file is not None:
        yield from _secret(oidc.client_secret_file)
    if oidc.authorities is not None:
        yield from _authorities(oidc.authorities)


def _secret(path: Path) -> Iterator[str]:
    """What is wrong with the client's secret, without a word of it."""
    try:
        empty = not path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        yield f"the client's secret in {str(path)!r} cannot be read ({type(error).__name__})"
    else:
        if empty:
            yield f"the client's secret in {str(path)!r} is empty"


def _authorities(path: Path) -> Iterator[str]:
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # an SSLError is one too
        yield f"the authorities in {str(path)!r} cannot be read as certificates ({type(error).__name__})"


def _numbers(settings: Settings) -> Iterator[str]:
    if not 0 <= settings.port < 1 << 16:
        yield f"there is no port {settings.port}"
    if not 0 < settings.session_hours <= 24 * 7:
        yield f"a session lasts from 1 to 168 hours, not {settings.session_hours}"
    if settings.mails_per_hour < 0:
        yield f"at most so many mails an hour go to one reader, or 0 for any number, not {settings.mails_per_hour}"
    if settings.body_limit < 1:
        yield "the limit of a request's body must be at least one byte"
    for name, rate in vars(settings.rates).items():
        if rate and not _bears(rate):
            yield f"the rate {rate!r} for {name} is not like 600/minute"


def _bears(rate: str) -> bool:
    """Whether it is a rate, and bears anything."""
    try:
        return parse(rate).amount > 0
    except ValueError:
        return False
