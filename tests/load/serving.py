"""Controller and panel over the seeded world, as processes of their own on loopback.

The panel's limits are lifted: all of the load comes from one address. `python -m load.serving …` is the panel.
"""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from assent.cli.demos.ports import free
from assent.cli.demos.world import PANEL
from assent.cli.portal import _door
from assent.portal import serving
from assent.portal.options import Options
from assent.portal.settings import Rates
from portal.provider import CLIENT

PATIENCE = 60.0
UNLIMITED = Rates(**dict.fromkeys(vars(Rates()), ""))
TESTS = Path(__file__).parents[1]


@contextmanager
def running(ground, provider, folder):
    """Both of them; the panel's address, and the file with the key of its cookies."""
    port, secret = free(), folder / "panel.key"
    url = f"http://127.0.0.1:{port}"
    provider.oidc(folder)
    panel = [sys.executable, "-m", "load.serving", str(ground.repository), str(ground.key), str(port), str(secret)]
    panel += [provider.issuer, str(folder / "client-secret")]
    controller = [sys.executable, "-m", "assent", "run", "--interval", "1", "--programs", str(ground.programs)]
    controller += ["--ledger-key", str(ground.key), "-C", str(ground.repository), "--log", "json"]
    with (
        _child(ground, "olivia", folder / "controller.log", controller),
        _child(ground, PANEL, folder / "panel.log", panel) as served,
    ):
        _await(url, served, folder / "panel.log")
        yield url, secret


@contextmanager
def _child(ground, person, log, command):
    environment = {**ground.people[person].environment(), "PYTHONPATH": str(TESTS)}
    with log.open("wb") as out:
        child = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _await(url, child, log):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and child.poll() is None:
        try:
            httpx.get(f"{url}/signin", timeout=2)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the panel did not start: {log.read_text()[-2000:]}")


def main(repository, key, port, secret, issuer, client_secret):
    """`assent portal`, with its limits lifted."""
    options = Options(
        place=repository,
        ledger_key=Path(key),
        port=int(port),
        http_port=0,
        secret_file=Path(secret),
        oidc_issuer=issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret_file=Path(client_secret),
    )
    with serving.prepared(options) as ready, _door(options) as door:
        serving.serve(replace(ready, settings=replace(ready.settings, rates=UNLIMITED)), door)


if __name__ == "__main__":
    main(*sys.argv[1:])
