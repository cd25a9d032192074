"""`make load`: a thousand decisions at once, then fifty people and scripts on a panel with a thousand open requests.

Everything happens in a temporary folder and on loopback, and is bounded. `--write` puts the figures into
`docs/reliability.md`.
"""

import argparse
import csv
import itertools
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from assent.adapters.ledger.key import make_key
from assent.portal.panel import Panel
from assent.portal.sessions import Sessions
from assent.portal.settings import Settings
from load import report, world
from load.burst import burst, opened
from load.serving import TESTS, running
from portal.provider import Provider

HOUR = 3600
FEW = 10
"""Requests that many decide on, over and over."""


def main():
    """Makes the load, and says what came of it; 1 where anything was wrong."""
    given = _given()
    rows, few, many = load(given)
    wrong = [*report.wrong(rows), *few.wrong, *many.wrong]
    text = report.text(rows, few, many, given)
    report.tell(text)
    for one in wrong:
        report.tell(f"WRONG: {one}")
    if given.write and not wrong:
        report.write(text)
    return int(bool(wrong))


def load(given):
    """The figures of every page, and what came of the decisions at once."""
    with tempfile.TemporaryDirectory(prefix="assent-load-") as root, Provider() as provider:
        folder = Path(root)
        report.tell(f"making a world with {given.requests} open requests")
        ground, crowd = world.seeded(folder / "world", given.requests, FEW, given.many)
        with running(ground, provider, folder) as (url, secret), opened(ground) as ledger:
            tokens = {name: _token(provider, name) for name in crowd.everybody}
            digests = {name: _digest(url, tokens[crowd.requesters[0]], name) for name in (*crowd.few, *crowd.many)}
            report.tell(f"{given.decisions} decisions at once on {FEW} requests, then {2 * given.many} on {given.many}")
            few = burst(url, tokens, _on_few(crowd, digests, given.decisions), ledger, _last(crowd, digests))
            many = burst(url, tokens, _on_many(crowd, digests), ledger)
            report.tell(f"{given.users} people for {given.seconds} s")
            told = world.told(folder, crowd, tokens=tokens, **_sessions(url, secret, crowd))
            return _pages(folder, url, told, given), few, many


def _given():
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--requests", type=int, default=1000, help="open requests")
    parser.add_argument("--users", type=int, default=50, help="people and scripts at once")
    parser.add_argument("--seconds", type=int, default=60, help="for how long")
    parser.add_argument("--decisions", type=int, default=1000, help="decisions at once")
    parser.add_argument("--many", type=int, default=250, help="requests that two people decide on")
    parser.add_argument("--write", action="store_true", help="write the figures into docs/reliability.md")
    return parser.parse_args()


def _token(provider, name):
    return provider.token(sub=name, email=name, exp=int(time.time()) + HOUR)


def _sessions(url, secret, crowd):
    """A session of each, as signing in would have begun it."""
    settings = Settings(public_url=url)
    sessions = Sessions(Panel(None, settings, make_key(secret)))
    return {"cookie": settings.cookie, "sessions": {name: sessions.begin(name) for name in crowd.everybody}}


def _on_few(crowd, digests, most):
    """By everybody who may decide, on each of the few, over and over; on every fifth some reject."""
    people = [*crowd.managers, *crowd.engineers]
    found = [
        (username, name, "reject" if at % 5 == 4 and number % 2 else "approve", digests[name])
        for at, name in enumerate(crowd.few)
        for number, username in enumerate(people)
    ]
    return _shuffled(itertools.islice(itertools.cycle(found), most))


def _last(crowd, digests):
    """The platform's word, in case that all of theirs came before the client's."""
    return [(crowd.engineers[0], name, "approve", digests[name]) for name in crowd.few]


def _on_many(crowd, digests):
    """By two managers on each of the many; the platform has not decided on them yet, so none of them runs."""
    turn = itertools.cycle(crowd.managers)
    return _shuffled((next(turn), name, "approve", digests[name]) for name in crowd.many for _ in range(2))


def _shuffled(decisions):
    found = list(decisions)
    random.Random(world.SEED).shuffle(found)
    return found


def _digest(url, token, name):
    """What there is to approve; the panel sees the request as soon as the controller has."""
    path = f"{url}/api/v1/organizations/acme/requests/{name}"
    return httpx.get(path, headers={"Authorization": f"Bearer {token}"}).raise_for_status().json()["status"]["digest"]


def _pages(folder, url, told, given):
    """Locust's figures, a row a page."""
    command = [sys.executable, "-m", "locust", "-f", str(TESTS / "load" / "locustfile.py"), "--headless"]
    command += ["--host", url, "--users", str(given.users), "--spawn-rate", "25", "--run-time", f"{given.seconds}s"]
    command += ["--csv", str(folder / "pages"), "--told", str(told), "--only-summary", "--exit-code-on-error", "0"]
    with (folder / "locust.log").open("wb") as log:
        subprocess.run(command, stdout=log, stderr=log, check=False, timeout=given.seconds + 60)
    with (folder / "pages_stats.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    sys.exit(main())
