"""A real browser: Debian's Chromium, driven by Playwright; one start of it a test file."""

import os
import shutil
from contextlib import ExitStack

import pytest
from playwright.sync_api import sync_playwright

from browser.served import served
from browser.visitor import visitor

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = f"no browser here ({', '.join(NAMES)}): install one (Debian: apt install chromium)"


def program():
    """Where the browser is; None where there is none."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def chromium():
    """The browser; where there is none the test is skipped, and fails where CI should have installed it.

    It does not outlive a file: Playwright keeps an event loop, and other files run their own.
    """
    if program() is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=program())


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The demo's world behind a panel that is served, with a controller beside it."""
    with served(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture
def visit(chromium, home):
    """Opens browsers of people: `visit("omar@acme.example")`; all are looked at and closed when the test ends."""
    with ExitStack() as stack:
        yield lambda *who, **how: stack.enter_context(visitor(chromium, home, *who, **how))
