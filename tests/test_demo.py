"""The demo that goes on: a panel and a mailbox to look at, until Ctrl-C ends all of it."""

import html
import os
import re
import signal
from contextlib import contextmanager

import httpx
import pytest

from demos import CTRL_C, SOON, at_a_terminal, running

CSRF = re.compile(r'name="csrf" value="([^"]+)"')
SEALED = re.compile(r'name="sealed" value="([^"]+)"')
TYPED = {"p.template": "win11-office", "p.count": "3", "reason": "New hires", "name": "from-the-panel"}
OFFER = "/open/acme/create-workspaces"


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
        code, seconds = demo.end(os.kill, demo.process.pid, signal.SIGINT)

    assert (303, "/requests/acme/from-the-panel") == (sent.status_code, sent.headers["location"])
    assert link.startswith(panel)
    assert 303 == approved.status_code
    assert "juan@acme.example" in demo.printed
    assert (0, True) == (code, seconds < SOON), (code, seconds)
    assert [] == demo.left


@pytest.mark.slow
def test_a_terminal_is_told_the_whole_story_unasked(tmp_path):
    """Nothing waits for an answer; Ctrl-C ends all of it with a kind word, also where its starter ignores SIGINT."""
    with at_a_terminal(tmp_path, ignored=True) as demo:
        demo.address("Mailbox")
        code, seconds = demo.end(demo.types, CTRL_C)

    assert "\njuan$ assent request get-wifi-information -n acme --name ana-wifi" in demo.printed
    assert "runs of acme/finance-vdi in the estate: 1" in demo.printed
    assert "thank you for looking in" in demo.printed
    assert "bug" not in demo.printed
    assert (0, True) == (code, seconds < SOON), (code, seconds)
    assert [] == demo.left


@pytest.mark.slow
def test_a_commands_line_is_readable_on_dark_and_on_light(tmp_path):
    """A terminal shows what is typed in its own colour, bold, and Ctrl-C in the middle of the story is no bug."""
    with at_a_terminal(tmp_path) as demo:
        demo.until(lambda: "\ncontroller$" in demo.printed)
        code, seconds = demo.end(demo.types, CTRL_C)

    assert "\x1b[1molivia$ assent check\x1b[0m" in demo.log.read_text()
    assert "stopped in the middle of the story" in demo.printed
    assert "bug" not in demo.printed
    assert (130, True) == (code, seconds < SOON), (code, seconds)
    assert [] == demo.left


def _mail(mailbox, reader):
    """The number of the newest mail to somebody about the request, once there is one."""
    rows = re.findall(r'<a href="/(\d+)">([^<]*)</a><br>to ([^<]*)</li>', httpx.get(mailbox).text)
    return next((number for number, subject, to in rows if to == reader and TYPED["name"] in subject), None)
