"""Operators killed again and again while the API server errs: `make soak`, or the short form among the tests.

A round opens some requests, kills the operator at a random moment, and starts it again; people decide meanwhile. In the
end faults stop, every request must come to its right end, and the oracle looks at all that happened.
"""

import itertools
import os
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from cluster import conftest, oracle
from cluster import plane as planes
from cluster.faults import Faults
from cluster.faulty import faulty
from cluster.lives import RIGHT

LEAVES = 120
"""Seconds within which everything is at its end once faults have stopped."""


class Soak:
    """One run: `kills` random kills, and at least `injected` faults, none of which anything may come of."""

    def __init__(self, world, seed, *, rate=0.025, streams=0.7):
        self.world, self.random = world, random.Random(seed)
        self.faults = Faults(seed, rate, streams)
        self.quiet = world.proxy(world.stack)
        world.begin(self.quiet)
        self.proxy = world.proxy(world.stack, self.faults)
        self.kills = self.ended = self.frozen = self.restarts = 0
        self.names = (f"soak-{number}" for number in itertools.count())
        self.settled = 0.0

    def run(self, kills, injected, until):
        while (self.kills < kills or self.faults.counts.total() < injected) and time.monotonic() < until:
            self._round()
        self._settle()
        return self

    def _round(self):
        running = self.world.start(self.proxy, wait=False)
        if self.random.random() < 0.6:
            self._open()
        end = time.monotonic() + self.random.uniform(0.8, 3.2)
        if self.random.random() < 0.05:
            self.proxy.away(self.random.uniform(0.2, 1.5))
        while time.monotonic() < end and running.process.poll() is None:
            self.world.plane.until(lambda: self.world.lives.tend() is not None, "the API server is away")
            time.sleep(0.1)
        if running.process.poll() is None:
            running.end(9)
            self.kills += 1
        else:
            self.ended += 1
        self._forget(running)

    def _open(self):
        for _ in range(self.random.randint(1, 2)):
            way = self.random.choices([*RIGHT], [6, 1, 1, 1])[0]
            name = f"{next(self.names)}-{way}"
            self.world.plane.until(lambda name=name, way=way: self.world.lives.open(name, way) or True, "not opened")

    def _forget(self, running):
        """Logs of operators that were killed say nothing new, unless one was surprised."""
        said = running.said()
        if "this is a bug" in said or "Traceback" in said:
            (Path(self.world.folder) / "surprises.log").open("a").write(said)
        else:
            running.log.unlink()
        self.world.house.running.remove(running)

    def _settle(self):
        """Faults stop; one operator is left to itself."""
        self.faults.off = True
        began = time.monotonic()
        running = self.world.start(self.proxy, wait=False)
        while self.world.lives.tend() and time.monotonic() - began < LEAVES:
            if running.process.poll() is not None:
                running = self.world.start(self.proxy, wait=False)
                self.restarts += 1
            time.sleep(0.2)
        self.settled = time.monotonic() - began
        time.sleep(1)  # the last statuses are shown behind the last ends
        running.end()

    def wrong(self):
        """What should not be, a sentence each."""
        late = [f"{ref} has not ended {LEAVES} s after the last fault" for ref in self.world.lives.tend()]
        surprises = Path(self.world.folder) / "surprises.log"
        bugs = [surprises.read_text()[-2000:]] if surprises.exists() else []
        return [*late, *bugs, *self.world.judge()]

    def table(self):
        """What was tried and what came of it, to be printed."""
        ends = Counter(self.world.lives.right.values())
        started = self.world.kubelet.started
        writes = oracle.statuses([call for one in self.world.proxies for call in one.calls])
        rows = {
            "random kills of the operator": self.kills,
            "operators that ended by themselves": self.ended,
            "API faults injected": self.faults.counts.total(),
            **{f"  {name}": count for name, count in sorted(self.faults.counts.items())},
            "calls through the proxy": len(self.proxy.calls),
            "requests": len(self.world.lives.right),
            **{f"  should be {phase}": count for phase, count in sorted(ends.items())},
            "executions started": len(started),
            "executions started twice": sum(count > 1 for count in started.values()),
            "most status writes of one request": max(map(len, writes.values()), default=0),
            "seconds until all had ended, after the last fault": round(self.settled, 1),
        }
        return "\n".join(f"{name:<52}{value:>8}" for name, value in rows.items())


class Folders:
    """What pytest's factory of folders does, outside of pytest."""

    def __init__(self, root):
        self._root = Path(root)

    def mktemp(self, name):
        folder = self._root / name
        folder.mkdir()
        return folder


def tell(text):
    sys.stdout.write(f"{text}\n")


def main():
    os.environ.setdefault("ASSENT_TEST_CACHE", os.environ.get("XDG_CACHE_HOME") or f"{Path.home()}/.cache")
    if planes.programs() is None:
        tell(conftest.MISSING)
        return 2
    seed, seconds = int(os.environ.get("SEED", "1")), float(os.environ.get("SECONDS_AT_MOST", "540"))
    kills, injected = int(os.environ.get("KILLS", "200")), int(os.environ.get("FAULTS", "500"))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="assent-soak-") as root, faulty(Folders(root), "soak") as world:
        soak = Soak(world, seed).run(kills, injected, began + seconds)
        wrong = soak.wrong()
        tell(soak.table())
    tell(f"{'seed':<52}{seed:>8}\n{'seconds in all':<52}{time.monotonic() - began:>8.0f}")
    wrong += [f"{soak.kills} kills, {kills} were asked for"] if soak.kills < kills else []
    for one in wrong:
        tell(f"WRONG: {one}")
    tell("nothing was wrong" if not wrong else f"{len(wrong)} things were wrong")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
