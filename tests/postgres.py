"""A PostgreSQL server that is thrown away: one a test process, an empty database a test.

Its programs are looked for in Debian's folders and in PATH; `ASSENT_TEST_POSTGRES` names a server to use instead, on
which databases may be made. Where there is neither, what needs a server is left out, and a page that is about nothing
else is skipped with a sentence; where `CI` is `true` all of it fails instead.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

NOWHERE = (
    "PostgreSQL is not here, so ledgers are tried in SQLite alone: install it (Debian and Ubuntu: apt install "
    "postgresql) and pip install 'psycopg[binary]', or name a server by ASSENT_TEST_POSTGRES"
)
QUIET = {
    "listen_addresses": "", "fsync": "off", "full_page_writes": "off", "autovacuum": "off",
    "shared_buffers": "16MB", "max_connections": "60", "max_wal_size": "128MB", "lc_messages": "C",
}  # fmt: skip
"""Nothing listens on a port, nothing is synced to a disk that is thrown away, nothing happens by itself."""

MEMORY = Path("/dev/shm")  # noqa: S108 -- databases are made thirty times as fast there as on a disk
ROOM = 2**30

_numbers = itertools.count(1)


class Server:
    """A cluster of databases in a temporary folder, reached by a socket in it."""

    def __init__(self, programs):
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="assent-postgres-", dir=MEMORY if _roomy() else None))
        self.process = None
        # PostgreSQL refuses to run as root.
        self.user = {} if os.geteuid() else {"user": _servant(), "group": pwd.getpwnam(_servant()).pw_gid}
        if self.user:
            self.user["extra_groups"] = []
            os.chown(self.folder, pwd.getpwnam(_servant()).pw_uid, self.user["group"])
        self._run("initdb", "-D", "data", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "-N")
        self.start()

    @property
    def url(self):
        return make_url(f"postgresql+psycopg://postgres@/postgres?host={self.folder}")

    def start(self):
        """Come up, and return when a client is answered."""
        options = [f"--{name}={value}" for name, value in QUIET.items()]
        command = [self.programs / "postgres", "-D", "data", "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **self.user
            )
        until = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, how=signal.SIGINT):
        """Go down at once: SIGINT ends all sessions, SIGQUIT is a crash."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self):
        ready = [self.programs / "pg_isready", "-q", "-h", str(self.folder), "-U", "postgres"]
        return subprocess.run(ready, check=False).returncode == 0

    def _run(self, program, *arguments):
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            **self.user,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr[-2000:]}")


class Named:
    """A server that somebody else started, and that is not ours to stop."""

    def __init__(self, url):
        self.url = make_url(url).set(drivername="postgresql+psycopg")
        self.process = None

    def remove(self):
        """Leave it as it was."""


def server(config):
    """The server of this test process, started at the first call and ended with the process's tests."""
    if not _found():
        pytest.fail(NOWHERE)
    return _started(os.environ.get("ASSENT_TEST_POSTGRES", ""), config)


def needed():
    """Skip the page that this stands on the top of, where there is no server to be had and none must be."""
    if not _wanted():
        pytest.skip(NOWHERE, allow_module_level=True)


def _wanted():
    """Whether what needs a server is tried; where everything must run it is, and fails."""
    return _found() or os.environ.get("CI") == "true"


def _found():
    named = os.environ.get("ASSENT_TEST_POSTGRES", "")
    return bool(find_spec("psycopg") and (named or programs()))


@cache
def _started(named, config):
    started = Named(named) if named else Server(programs())
    config.add_cleanup(started.remove)
    return started


def programs():
    """The folder of the newest server's programs that is found, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    inside = shutil.which("initdb")
    folders = [*debian, *([Path(inside).resolve().parent] if inside else [])]
    return next((one for one in folders if (one / "initdb").exists() and (one / "postgres").exists()), None)


@contextlib.contextmanager
def database(config):
    """The URL of an empty database of its own; it is gone afterwards, and so is every connection to it."""
    found = server(config)
    name = f"assent_test_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(found.url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield found.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        engine.dispose()


def _roomy():
    """Whether the memory's file system has room for a server; in containers it often has not."""
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM


def _servant():
    """The account that the server runs as where the tests run as root."""
    names = {one.pw_name for one in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


BOTH = pytest.mark.parametrize("home", ["sqlite", "postgresql"] if _wanted() else ["sqlite"], indirect=True)
"""For a test that must hold of a ledger in a file and of one on a server; `home` is the ledger's fixture."""

ON_SERVER = pytest.mark.parametrize("home", ["postgresql"], indirect=True)
"""For a test of what only a server has, on a page that begins with `needed()`."""
