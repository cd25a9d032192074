"""`assent init`: from an empty folder to a controller that runs, by the words that the commands say themselves."""

import json
from pathlib import Path

import pytest

from assent.api.keys import fingerprint
from controller import processes

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def started(ground, desk):
    """Olivia's new repository."""
    folder = ground.root / "new"
    desk.done("olivia", "init", folder, key=False)
    return folder


def test_what_it_writes_passes_check_and_its_own_scenarios(ground, desk, started):
    """Nothing is to be put right before the first commit, and the workflow for CI is there."""
    checked = desk.call("olivia", "check", "-o", "json", folder=started, key=False)

    assert (0, []) == (checked.code, [one for one in json.loads(checked.out)["findings"] if one["severity"] == "error"])
    desk.done("olivia", "test", folder=started, key=False)
    assert (started / ".github" / "workflows" / "assent.yml").exists()


def test_you_are_its_administrator_by_your_own_key(ground, desk, started):
    """The name, e-mail and signing key of one's own Git make the platform's first administrator."""
    found = desk.data("olivia", "get", "user", "olivia", "-n", "platform", folder=started, key=False)
    (key,) = found["spec"]["signingKeys"]

    assert ("olivia@platform.example", "platform-admins") == (found["spec"]["username"], found["spec"]["role"]["name"])
    assert fingerprint(ground.keys["olivia"].line) == fingerprint(key["publicKey"])


def test_from_nothing_to_a_run(ground, desk, started):
    """Commit it, trust that commit, change something as its administrator: it is in force."""
    ground.run_git("add", ".", folder=started)
    ground.run_git("commit", "--quiet", "-S", "-m", "Begin", folder=started)
    root = ground.run_git("rev-parse", "HEAD", folder=started).strip()
    assert 0 == processes.controller(ground, "--trust-root", root, folder=started).wait().code
    people = next(started.glob("organizations/platform/people.yaml"))
    people.write_text(people.read_text().replace("spec:\n", "spec:\n  displayName: Olivia\n", 1))
    ground.run_git("commit", "--quiet", "-S", "-am", "Say who I am", folder=started)
    assert 0 == processes.controller(ground, folder=started).wait().code
    found = desk.data("olivia", "get", "user", "olivia", "-n", "platform", folder=started)

    assert ("Olivia", "True") == (found["spec"]["displayName"], found["status"]["conditions"][0]["status"])


def test_a_folder_with_something_in_it_is_left_alone(ground, desk, started):
    """Wrong usage, and not one file is touched."""
    before = {path: path.read_bytes() for path in started.rglob("*") if path.is_file()}
    ran = desk.call("olivia", "init", started, key=False)

    assert (2, f"assent: {started} is not empty") == (ran.code, ran.err.splitlines()[0])
    assert before == {path: path.read_bytes() for path in started.rglob("*") if path.is_file()}


@pytest.mark.parametrize("where", ["notes.txt", "notes.txt/below"])
def test_a_file_is_no_folder(ground, desk, where):
    """Wrong usage, said as such, and the file stays as it was."""
    file = ground.root / "notes.txt"
    file.write_text("mine")
    ran = desk.call("olivia", "init", ground.root / where, key=False)

    assert (2, f"assent: {ground.root / where} is a file, or lies below one") == (ran.code, ran.err.splitlines()[0])
    assert "mine" == file.read_text()


def test_no_key_is_entered_that_git_does_not_sign_with(ground, desk):
    """A key of `~/.ssh` that lies beside the configured one makes nobody an administrator; which one does is said."""
    home = Path(ground.environment("olivia")["HOME"])
    (home / ".ssh").mkdir()
    (home / ".ssh" / "deploy.pub").write_text(ground.keys["juan"].line + "\n")
    ran = desk.call("olivia", "init", ground.root / "new", key=False)
    people = (ground.root / "new" / "organizations" / "platform" / "people.yaml").read_text()

    assert fingerprint(ground.keys["olivia"].line) in ran.err
    assert ground.keys["olivia"].line in people
    assert 1 == people.count("publicKey")


@pytest.mark.parametrize("unset", ["user.signingkey", "gpg.format"])
def test_who_cannot_sign_yet_is_told_how(ground, desk, unset):
    """Without a key that Git signs with none is entered, and a note shows where and how; what Git lacks is said."""
    config = ground.people["olivia"].config
    ground.run_git("config", "--file", str(config), "--unset", unset)
    ran = desk.call("olivia", "init", ground.root / "new", key=False)
    people = (ground.root / "new" / "organizations" / "platform" / "people.yaml").read_text()

    assert 0 == ran.code
    assert f"git config --global {unset}" in ran.err
    assert (unset == "gpg.format") == ("signingKeys" in people) == ("  - publicKey: ssh-ed25519 AAAA…" not in ran.err)
