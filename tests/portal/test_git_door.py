"""The panel in a clone of its own: it sees what the controller took over at the forge, and pushes what it brings in."""

import subprocess
from contextlib import contextmanager

import pytest

from assent.adapters.git import workspace
from assent.api.names import Ref
from assent.cli import repositories
from assent.errors import RepositoryError
from assent.portal.doors import NameTakenError
from assent.portal.git_door import GitDoor
from portal.house import house
from portal.street import _document, commit

ZOE = "zoe@acme.example"
SPEC = {"microservice": {"name": "create-workspaces"}, "requester": "juan@acme.example", "parameters": {"count": 1}}


@pytest.fixture
def home(tmp_path):
    with house(tmp_path / "w") as home:
        yield home


@contextmanager
def cloned(home, folder, **more):
    """The door of a panel that stands in a clone; what it is pushed to is a repository that nobody works in."""
    forge = folder / "forge"
    for source, place, kind in ((home.ground.repository, forge, "--bare"), (forge, folder / "clone", "--no-local")):
        subprocess.run(["git", "clone", "-q", kind, str(source), str(place)], check=True)
    home.ground.git("olivia", "remote", "add", "forge", str(forge))
    with repositories.opened(str(folder / "clone")) as branch:
        yield GitDoor(branch, home.ledger, workspace.find(folder / "clone"), **more)


def declare(home):
    """Alba declares zoe, pushes it, and the controller takes it over."""
    commit(home.ground, "alba", {"organizations/zoe.yaml": _document("User", "zoe", "acme", {"username": ZOE})})
    home.ground.git("alba", "push", "-q", "forge", "HEAD")
    home.tick()


def test_what_the_controller_took_over_is_fetched(home, tmp_path):
    with cloned(home, tmp_path, push=True) as door:
        assert door.seen(home.now()).person(ZOE) is None
        declare(home)
        assert Ref("acme", "zoe") == door.seen(home.now()).person(ZOE)


def test_what_could_not_be_read_is_looked_for_again(home, tmp_path):
    """A forge that is away is said at every look, and no world of before is taken for the present one."""
    with cloned(home, tmp_path, push=True) as door:
        door.seen(home.now())
        declare(home)
        away = (tmp_path / "forge").rename(tmp_path / "away")
        for _ in range(2):
            with pytest.raises(RepositoryError):
                door.seen(home.now())
        away.rename(tmp_path / "forge")
        assert door.seen(home.now()).person(ZOE)


def test_a_request_is_brought_in_behind_what_others_pushed(home, tmp_path):
    with cloned(home, tmp_path, push=True) as door:
        declare(home)
        for _ in range(2):
            door.open(Ref("acme", "mine"), SPEC, "juan@acme.example")
        home.ground.git("olivia", "pull", "-q", "--ff-only", "forge", "HEAD")
        assert (home.ground.repository / "requests/acme/mine.yaml").is_file()
        assert "1" == home.ground.git("olivia", "rev-list", "--count", "HEAD", "--", "requests/acme/mine.yaml").strip()
        with pytest.raises(NameTakenError):
            door.open(Ref("acme", "mine"), SPEC | {"parameters": {"count": 2}}, "juan@acme.example")
