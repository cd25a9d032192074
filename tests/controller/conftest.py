"""A ground a test, on the fastest real file system there is: fsync is free in memory, and a ledger asks for many."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller.desk import Desk
from controller.ground import Ground

MEMORY = Path("/dev/shm")  # noqa: S108 -- see above


@contextmanager
def folder():
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    path = Path(tempfile.mkdtemp(prefix="assent-controller-", dir=where)).resolve()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def root():
    with folder() as path:
        yield path


@pytest.fixture(scope="module")
def shared():
    """A folder that all tests of a module have in common."""
    with folder() as path:
        yield path


@pytest.fixture
def ground(root):
    return Ground(root / "ground").build()


@pytest.fixture
def passing(ground):
    """A controller of the ground that has come to rest; what is asked for comes next."""
    with ground.controller(ground.head()) as driver:
        yield driver.rest()


@pytest.fixture
def desk(ground, capsys):
    """People with commands, and a controller that trusts the first commit."""
    desk = Desk(ground, capsys)
    ground.check_out()
    desk.look()
    return desk
