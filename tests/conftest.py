"""Options, markers and surroundings for all tests: nothing of the person who runs them is seen."""

import gc
import os
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

FORGOTTEN = ("GIT_", "SSH_", "XDG_", "ASSENT_LEDGER", "NO_COLOR", "FORCE_COLOR", "KUBECONFIG", "COLUMNS", "LINES")


def pytest_configure():
    """Every test starts from the same environment: no personal Git configuration, keys, colours or time zone."""
    # What `make controlplane` built stays where it is; processes that this one starts are told of it.
    os.environ.setdefault("ASSENT_TEST_CACHE", os.environ.get("XDG_CACHE_HOME") or f"{Path.home()}/.cache")
    for name in [name for name in os.environ if name.startswith(FORGOTTEN)]:
        del os.environ[name]
    os.environ.update(
        HOME=tempfile.mkdtemp(prefix="assent-home-"),
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
        LC_ALL="C.UTF-8",
        TZ="UTC",
        TERM="dumb",
    )
    # Sets are walked in another order every time, which finds what depends on it; all processes of one run share it.
    os.environ.setdefault("PYTHONHASHSEED", str(random.randrange(2**32)))
    settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
    settings.load_profile("house")


def pytest_collection_finish():
    """Thousands of tests are there for good, and nobody looks through them for what may go."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _swept():
    """What a file of tests leaves behind is gone with it, or stays for good: the next one looks through its own alone.

    A finalizer that comes later, in the middle of another test's `ast.parse`, and formats a traceback makes that fail:
    "AST constructor recursion depth mismatch", in Python before 3.13.
    """
    yield
    gc.collect()
    gc.freeze()


def pytest_report_header():
    """What it takes to run the tests in the same order again."""
    return f"PYTHONHASHSEED={os.environ['PYTHONHASHSEED']}"


def pytest_terminal_summary(terminalreporter):
    """What tests counted is said once, added up over all of them."""
    counts = {}
    for report in terminalreporter.getreports("passed"):
        for name, number in report.user_properties if report.when == "call" else ():
            if "tried" not in name:
                continue
            counts[name] = counts.get(name, 0) + number
    for name, number in sorted(counts.items()):
        terminalreporter.write_line(f"{name}: {number}")
