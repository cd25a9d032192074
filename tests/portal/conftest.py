"""What the tests of sign-in and API share: the provider, a browser at a panel of its own, and a street with scripts."""

import pytest

from portal.callers import by, caller
from portal.provider import Provider
from portal.street import street
from portal.visits import House


@pytest.fixture(scope="module")
def running():
    """A provider for all tests of a module."""
    with Provider() as provider:
        yield provider


@pytest.fixture
def provider(running):
    """The same, with nothing left of the test before."""
    return running.anew()


@pytest.fixture
def house():
    """A small world in memory."""
    return House()


@pytest.fixture
def visit(house, provider, tmp_path):
    """A browser there, whose people sign in at the provider."""
    return house.visit(oidc=provider.oidc(tmp_path))


@pytest.fixture(scope="module")
def home(running, tmp_path_factory):
    """The street, whose people and scripts sign in at the provider."""
    folder = tmp_path_factory.mktemp("api")
    with street(folder / "world", **by(running, folder)) as home:
        yield home


@pytest.fixture
def who(home, provider):
    """`who("juan")` is Juan's script."""
    return lambda name: caller(home, provider, name)
