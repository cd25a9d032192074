"""The demo that goes on: a panel and a mailbox to look at, until Ctrl-C ends all of it."""

import html
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

PATIENCE = 120
"""Seconds that a loaded machine may take."""
SOON = 5
"""Seconds in which Ctrl-C ends everything."""
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
SEALED = re.compile(r'name="sealed" value="([^"]+)"')
TYPED = {"p.template": "win11-office", "p.count": "3", "reason": "New hires", "name": "from-the-panel"}
OFFER = "/open/acme/create-workspaces"


class Demo:
    """The running demo, and what it has printed."""

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "printed.txt"
        environment = os.environ | {"TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "assent", "demo"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, start_new_session=True
            )

    def address(self, name):
        """What it says after this name, once it does."""
        found = self.until(
            lambda: re.search(rf"^{name}: (http://127\.0\.0\.1:\d+/)$", self.log.read_text(), re.MULTILINE)
        )
        return found[1]

    def until(self, condition):
        end = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert self.process.poll() is None, self.log.read_text()[-2000:]
            assert time.monotonic() < end, self.log.read_text()[-2000:]
            time.sleep(0.1)
        return found

    def end(self, send):
        """How it ends, and after how many seconds."""
        began = time.monotonic()
        send(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE), time.monotonic() - began

    @property
    def left(self):
        """The processes and folders that are still there."""
        lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _readable(path)]
        folders = [path for path in self.folder.iterdir() if path != self.log]
        return [line for line in lines if str(self.folder).encode() in line] + folders


def _readable(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


@contextmanager
def running(folder):
    demo = Demo(folder)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            os.killpg(demo.process.pid, signal.SIGKILL)
            demo.process.wait()


@contextmanager
def person(panel, username):
    """Somebody's browser, signed in."""
    with httpx.Client(base_url=panel, timeout=30) as browser:
        token = CSRF.search(browser.get("/signin").text)[1]
        assert 303 == browser.post("/signin/demo", data={"csrf": token, "username": username}).status_code
        yield browser


def post(browser, page, path, **fields):
    """Sends the form of a page as its reader would."""
    token = html.unescape(CSRF.search(browser.get(page).text)[1])
    return browser.post(path, data={"csrf": token, **fields})


def test_the_demo_is_tried_as_a_new_user_would(tmp_path):
    """Juan asks in the panel, Maria finds a mail and approves by its link; Ctrl-C ends all of it."""
    with running(tmp_path) as demo:
        panel, mailbox = demo.address("Panel"), demo.address("Mailbox")
        with person(panel, "juan@acme.example") as juan:
            summary = post(juan, OFFER, OFFER, **TYPED)
            sealed = html.unescape(SEALED.search(summary.text)[1])
            sent = post(juan, OFFER, f"{OFFER}/send", sealed=sealed)
        number = demo.until(lambda: _mail(mailbox, "maria@acme.example"))
        mail = httpx.get(f"{mailbox}{number}/html").text
        link = html.unescape(re.search(r'href="([^"]*/mail/[^"]*decision=approve)"', mail)[1])
        with person(panel, "maria@acme.example") as maria:
            approved = post(maria, link, link, verb="approve")
        demo.until(lambda: _mail(mailbox, "ingrid@platform.example"))
        code, seconds = demo.end(os.kill)

    assert (303, "/requests/acme/from-the-panel") == (sent.status_code, sent.headers["location"])
    assert link.startswith(panel)
    assert 303 == approved.status_code
    assert "juan@acme.example" in demo.log.read_text()
    assert (True, True) == (code in (0, 130), seconds < SOON), (code, seconds)
    assert [] == demo.left


@pytest.mark.slow
def test_a_terminals_ctrl_c_reaches_all_of_it(tmp_path):
    """A terminal tells every process of it at once; all of them end in order, and nothing is printed as broken."""
    with running(tmp_path) as demo:
        demo.address("Mailbox")
        code, seconds = demo.end(os.killpg)

    assert (True, True) == (code in (0, 130), seconds < SOON), (code, seconds)
    assert "Traceback" not in demo.log.read_text()
    assert [] == demo.left


def _mail(mailbox, reader):
    """The number of the newest mail to somebody about the request, once there is one."""
    rows = re.findall(r'<a href="/(\d+)">([^<]*)</a><br>to ([^<]*)</li>', httpx.get(mailbox).text)
    return next((number for number, subject, to in rows if to == reader and TYPED["name"] in subject), None)
