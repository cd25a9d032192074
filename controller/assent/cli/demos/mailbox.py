"""The demo's mail server, and the page on which what it took can be read: one mailbox for everybody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import escape
from typing import Any

import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from assent.cli.demos.ports import bound, free

HOST = "127.0.0.1"
MOST = 500
"""Mails that are kept, the last ones."""

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
</head><body><main><h1>{title}</h1>{body}</main></body></html>"""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; frame-ancestors 'self'; "
        "form-action 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Mails bring styles of their own; nothing else of them is honoured."""


@dataclass
class Mailbox:
    """The mails, in the order in which they came."""

    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Takes one mail."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else str(content).encode()
        self.mails = [*self.mails, message_from_bytes(raw, policy=policy.default)][-MOST:]
        return "250 OK"

    def inbox(self, _request: Request) -> Response:
        """Every mail in a line, the newest first."""
        rows = [
            f'<li><a href="/{number}">{escape(str(mail["subject"]))}</a><br>to {escape(str(mail["to"]))}</li>'
            for number, mail in reversed([*enumerate(self.mails)])
        ]
        told = f"<ol reversed>{''.join(rows)}</ol>" if rows else "<p>No mail has come yet. Reload to look again.</p>"
        return _page("Mailbox", told)

    def mail(self, request: Request) -> Response:
        """One mail as its reader sees it."""
        found = self._found(request)
        if found is None:
            return _page("No such mail", '<p><a href="/">Back</a></p>', 404)
        about = "".join(f"<p><b>{name}</b> {escape(str(found[name]))}</p>" for name in ("From", "To", "Date"))
        number = request.path_params["number"]
        frame = f'<iframe src="/{number}/html" title="The mail" width="100%" height="900"></iframe>'
        plain = f"<details><summary>As plain text</summary><pre>{escape(_body(found, 'plain'))}</pre></details>"
        return _page(str(found["subject"]), f'<p><a href="/">Back</a></p>{about}{frame}{plain}')

    def html(self, request: Request) -> Response:
        """The mail's own page; its links open beside the mailbox."""
        found = self._found(request)
        text = _body(found, "html") if found else ""
        return HTMLResponse(text.replace("<head>", '<head><base target="_blank">', 1), headers=HEADERS)

    def _found(self, request: Request) -> EmailMessage | None:
        number = int(request.path_params["number"])
        return self.mails[number] if number < len(self.mails) else None


def _body(mail: EmailMessage, kind: str) -> str:
    part: Any = mail.get_body((kind,))
    return str(part.get_content()) if part else ""


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(PAGE.format(title=escape(title), body=body), status, HEADERS)


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The page's address, and the port on which the server takes mail; both on loopback, until the block ends."""
    box = Mailbox()
    smtp = Controller(box, hostname=HOST, port=free())
    app = Starlette(
        routes=[Route("/", box.inbox), Route("/{number:int}", box.mail), Route("/{number:int}/html", box.html)],
        # Under another name it is somebody's web page that reads it by the visitor's browser.
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"], www_redirect=False)],
    )
    with bound(HOST, 8025) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=lambda: server.run(sockets=[listening]), name="mailbox", daemon=True)
        smtp.start()
        thread.start()
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}/", smtp.port
        finally:
            server.should_exit = True
            smtp.stop()
            thread.join(3)
