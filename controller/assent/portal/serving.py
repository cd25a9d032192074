"""The panel put together and served: its settings from the options, its server, its mails, its health."""

import asyncio
import signal
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from assent.adapters import logs
from assent.adapters.health import Health, Heartbeat
from assent.adapters.ledger import default_key
from assent.adapters.ledger.key import make_key, read_key
from assent.adapters.mail import Mailer, MailSettings
from assent.errors import AssentError, UsageError
from assent.portal.app import make
from assent.portal.doors import Door
from assent.portal.mails.messages import Letterhead
from assent.portal.mails.posting import Postman
from assent.portal.metrics import Metrics
from assent.portal.options import Options
from assent.portal.panel import Panel
from assent.portal.rendering import catalogue
from assent.portal.settings import Oidc, Rates, Settings
from assent.portal.warming import warming

GRACE = 2
"""Seconds that pages which are under way get when the panel is asked to end."""

SUBMISSION = 587
"""The port of a mail server that takes mail of its own people (RFC 6409)."""

BEAT = 5.0
"""Seconds between two signs of life of the loop that answers everybody."""


@dataclass(frozen=True)
class Ready:
    """All that the options say, checked; `listening` is bound already, so that its port is known."""

    options: Options
    settings: Settings
    secret: bytes
    mailer: Mailer | None
    listening: socket.socket


@contextmanager
def prepared(options: Options) -> Iterator[Ready]:
    """Everything that can be refused before the ledger is touched.

    Raises:
        UsageError: with everything that is wrong with the options.
    """
    with _ended_in_order(), _bound(options) as listening:
        settings = _settings(options, listening.getsockname()[1])
        problems = [*settings.problems(), *_mail_problems(options)]
        if problems:
            raise UsageError("; ".join(problems), "`assent portal --help` says what each option takes")
        key = options.secret_file or default_key().with_name("panel.key")
        secret = read_key(key) or make_key(key)  # where a Secret is mounted nothing can be made
        yield Ready(options, settings, secret, _mailer(options), listening)


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """While it lasts, SIGTERM ends the program as if it had come to its end, also while it waits for a controller."""
    if threading.current_thread() is not threading.main_thread():
        yield  # whoever serves it from a thread ends it too
        return
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(_number: int, _frame: object) -> None:
    raise SystemExit(0)


@contextmanager
def _bound(options: Options) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listening = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        text = f"{options.host}:{options.port} cannot be served on: {error.strerror}"
        raise UsageError(text, "name another address or port by --host and --port") from None
    with listening:
        yield listening


def _settings(options: Options, port: int) -> Settings:
    host = f"[{options.host}]" if ":" in options.host else options.host
    opened = options.requests_per_hour
    return Settings(
        public_url=(options.public_url or f"http://{host}:{port}").rstrip("/"),
        host=options.host,
        port=port,
        oidc=_oidc(options),
        demo_login=options.demo_login,
        session_hours=options.session_hours,
        trusted_proxies=tuple(options.trusted_proxy or ()),
        rates=Rates(requests=f"{opened}/hour" if opened else ""),
        mails_per_hour=options.mails_per_hour,
    )


def _oidc(options: Options) -> Oidc | None:
    if not options.oidc_issuer and not options.oidc_client_id:
        return None
    return Oidc(
        issuer=options.oidc_issuer,
        client_id=options.oidc_client_id,
        client_secret_file=options.oidc_client_secret_file,
        claim=options.oidc_claim,
        scopes=tuple(options.oidc_scope or ("openid", "email")),
        api_audience=options.oidc_api_audience,
        authorities=options.oidc_ca_file,
    )


def _mail_problems(options: Options) -> Iterator[str]:
    if bool(options.smtp) != bool(options.mail_from):
        yield "--smtp and --mail-from go together: where mails are handed in, and who they are from"
    port = options.smtp.rpartition(":")[2] if ":" in options.smtp else ""
    if port and not port.isdigit():
        yield f"--smtp {options.smtp!r} is not HOST:PORT"


def _mailer(options: Options) -> Mailer | None:
    if not options.smtp:
        return None
    host, colon, port = options.smtp.rpartition(":")
    return Mailer(
        MailSettings(
            host=host if colon else port,
            port=int(port) if colon else SUBMISSION,
            security=options.smtp_security.value,
            credentials=options.smtp_credentials,
            authorities=options.smtp_ca_file,
        )
    )


def serve(ready: Ready, door: Door) -> None:
    """Serves until a signal asks for the end."""
    panel = Panel(door, ready.settings, ready.secret)
    postman = _postman(panel, ready)
    metrics, heart = Metrics((lambda: postman.figures) if postman else None), Heartbeat()
    health = _health(ready, panel, heart, metrics)
    config = uvicorn.Config(
        make(panel),
        access_log=False,  # the paths of mails' links are secrets
        log_config=None,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    logs.gather(logs.logger(ready.options.log))
    logs.logger(ready.options.log).info("panel", url=ready.settings.public_url, door=door.name)
    health.start()
    try:
        asyncio.run(_served(uvicorn.Server(config), ready.listening, postman, heart, warming(panel)))
    finally:
        health.stop()


def _health(ready: Ready, panel: Panel, heart: Heartbeat, metrics: Metrics) -> Health:
    host, port = ready.options.http_host, ready.options.http_port
    try:
        return Health(heart, lambda: _why_not(panel), metrics.exposition, host=host, port=port)
    except OSError as error:
        text = f"{host}:{port} cannot be served on: {error.strerror}"
        raise UsageError(text, "name another address or port by --http-host and --http-port") from None


def _postman(panel: Panel, ready: Ready) -> Postman | None:
    if ready.mailer is None:
        return None
    head = Letterhead(ready.options.mail_from, ready.settings.public_url, ready.secret)
    return Postman(panel, ready.mailer, head, lambda language: catalogue(language).gettext)


async def _served(
    server: uvicorn.Server,
    listening: socket.socket,
    postman: Postman | None,
    heart: Heartbeat,
    *more: Coroutine[Any, Any, None],
) -> None:
    """Pages until a signal asks for the end; mails, and whatever else goes on, beside them."""
    beside = [asyncio.create_task(one) for one in (_beating(heart), *more)]
    if postman:
        beside.append(asyncio.create_task(postman.run()))
    try:
        await server.serve(sockets=[listening])
    finally:
        for one in beside:
            one.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _beating(heart: Heartbeat) -> None:
    while True:
        heart.beat()
        await asyncio.sleep(BEAT)


def _why_not(panel: Panel) -> list[str]:
    """What keeps the panel from being of use, a sentence each."""
    try:
        return [] if panel.seen().state.root else ["no controller has begun on the ledger yet"]
    except AssentError as refused:
        return [refused.message]
