"""`assent request`: a signed commit of one file, or nothing at all."""

import pytest

from assent.api.keys import fingerprint
from controller import declared

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

PARAMETERS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "text": {"type": "string"},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "sure": {"type": "boolean"},
        "names": {"type": "array", "items": {"type": "string"}},
        "more": {"type": "object"},
    },
}


@pytest.fixture
def typed(ground, desk):
    """A microservice with a parameter of every type."""
    ground.commit("olivia", declared.service("typed", parameters=PARAMETERS, arguments=[]))
    ground.check_out()
    desk.look()
    return desk


def test_a_request_is_one_signed_file(ground, desk):
    """It is opened, seen as its requester's, and run; the commit holds that one file and carries Juan's signature."""
    out = desk.done("juan", "request", "note", "-n", "acme", "--name", "hello", "-p", "text=hi", "--reason", "to greet")
    names, message = desk.last()

    assert "Request acme/hello: requests/acme/hello.yaml, commit " in out
    assert "signed as juan@acme.example" in out
    assert (["requests/acme/hello.yaml"], "Request acme/hello") == (names, message)
    spec = {"microservice": {"name": "note"}, "requester": "juan@acme.example"}
    assert spec | {"parameters": {"text": "hi"}, "reason": "to greet"} == ground.value("requests/acme/hello")["spec"]
    desk.look()
    assert "Succeeded" == desk.phase("hello")
    assert [("acme/hello", "-- hi")] == [(one[0], one[3]) for one in ground.started()]


def test_other_work_stays_as_it_is(ground, desk):
    """What is staged, changed and new in the work tree is no part of the commit, and still there behind it."""
    changed, staged, new = (
        ground.repository / name for name in ("user/acme/ana.yaml", "user/acme/juan.yaml", "new.txt")
    )
    changed.write_text(changed.read_text() + "# a note\n")
    staged.write_text(staged.read_text() + "# another\n")
    new.write_text("new\n")
    ground.run_git("add", "user/acme/juan.yaml")
    status = ground.run_git("status", "--porcelain")
    desk.done("juan", "request", "note", "-n", "acme", "--name", "hello")

    assert ["requests/acme/hello.yaml"] == desk.last()[0]
    assert status == ground.run_git("status", "--porcelain")
    assert changed.read_text().endswith("# a note\n")


REFUSED = {
    "an unknown microservice": ("juan", ["nothing"], "ReferenceNotFound"),
    "without the right": ("ana", ["note"], "RequesterNotAllowed"),
    "targets that are missing": ("juan", ["sweep"], "TargetsRefused"),
    "targets that it does not take": ("juan", ["note", "--target", "a"], "TargetsRefused"),
    "an unknown parameter": ("juan", ["note", "-p", "colour=red"], "ParametersRefused"),
    "a value that does not fit": ("juan", ["typed", "-p", "count=10"], "ParametersRefused"),
    "on behalf of nobody": ("juan", ["note", "--on-behalf-of", "x@acme.example"], "RequesterUnknown"),
}


@pytest.mark.parametrize(("by", "arguments", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_would_not_be_accepted_is_not_written(typed, by, arguments, reason):
    """The reason is the one that the controller would give; no file, no commit."""
    message, hint = typed.refused(by, "request", *arguments, "-n", "acme", "--name", "hello")

    assert message.startswith(f"acme/hello would not be accepted ({reason}): ")
    assert "nothing was written" in hint


WRONG = {
    "no number": (["typed", "-p", "count=many"], "-p count: 'many' is no integer", "for example -p count=12"),
    "no truth": (["typed", "-p", "sure=maybe"], "-p sure: 'maybe' is no boolean", "for example -p sure=true"),
    "no pair": (["typed", "-p", "count"], "-p 'count' is not KEY=VALUE", "for example -p count=12"),
    "no name": (["typed", "-p", "=12"], "-p '=12' is not KEY=VALUE", "for example -p count=12"),
}


@pytest.mark.parametrize(("arguments", "message", "hint"), WRONG.values(), ids=WRONG)
def test_a_command_that_is_wrong_ends_with_2(typed, arguments, message, hint):
    """Wrong usage says what a right one looks like."""
    assert (message, hint) == typed.refused("juan", "request", *arguments, "-n", "acme", code=2)


def test_a_request_that_cannot_be_written_is_wrong_usage(desk):
    """A name that Kubernetes would not take, a reason that is too long."""
    name, _ = desk.refused("juan", "request", "note", "-n", "acme", "--name", "Hello", code=2)
    reason, _ = desk.refused("juan", "request", "note", "-n", "acme", "--reason", "x" * 600, code=2)

    assert name.startswith("metadata.name: ")
    assert reason.startswith("spec.reason: ")


def test_values_are_read_by_their_schema(ground, typed):
    """Text stays text; numbers, truths, lists and objects are what the schema says they are."""
    pairs = ["text=007", "count=3", "sure=true", "names=a,b", 'more={"a": 1}']
    arguments = [one for pair in pairs for one in ("-p", pair)]
    typed.done("juan", "request", "typed", "-n", "acme", "--name", "hello", *arguments)

    wanted = {"text": "007", "count": 3, "sure": True, "names": ["a", "b"], "more": {"a": 1}}
    assert wanted == ground.value("requests/acme/hello")["spec"]["parameters"]


def test_a_name_is_used_once(desk):
    """A name that the ledger knows is refused, whether its file is there or not."""
    desk.done("juan", "request", "note", "-n", "acme", "--name", "hello")
    assert (
        "the file requests/acme/hello.yaml is there already"
        == desk.refused("juan", "request", "note", "-n", "acme", "--name", "hello", code=2)[0]
    )
    desk.look()
    message, hint = desk.refused("juan", "request", "note", "-n", "acme", "--name", "hello", code=2)

    assert "the name acme/hello has been used, and a name is used once" == message
    assert "give another one by --name" == hint


def test_a_free_name_is_found(ground, desk):
    """Without --name: one's own name and the next number, whether the controller has looked meanwhile or not."""
    desk.done("juan", "request", "note", "-n", "acme")
    desk.done("juan", "request", "note", "-n", "acme")
    desk.look()
    desk.done("juan", "request", "note", "-n", "acme")
    files = sorted(path.name for path in (ground.repository / "requests" / "acme").iterdir())

    assert ["note-juan-1.yaml", "note-juan-2.yaml", "note-juan-3.yaml"] == files


def test_a_stranger_is_told_so(ground, desk):
    """A key that is nobody's signs nothing here."""
    ground.person("eve", "eve@acme.example")
    message, hint = desk.refused("eve", "request", "note", "-n", "acme")

    assert message == f"the signing key {fingerprint(ground.keys['eve'].line)} is no user's"
    assert "put the public key among your User's signingKeys" in hint


def test_git_that_does_not_sign_is_refused(ground, desk):
    """A Git that is not set up to sign with SSH says how to set it up."""
    config = ground.people["juan"].config
    config.write_text(config.read_text().replace("format = ssh", "format = openpgp"))
    message, hint = desk.refused("juan", "request", "note", "-n", "acme")

    assert "Git is not set up to sign with an SSH key (gpg.format is not ssh)" == message
    assert "git config --global gpg.format ssh" in hint


def test_a_request_in_a_clone_is_pushed(ground, desk):
    """With a clone of one's own, the ledger is named, and --push brings the commit where the controller sees it."""
    bare, clone = ground.root / "server.git", ground.root / "clone"
    ground.run_git("clone", "--quiet", "--bare", str(ground.repository), str(bare), folder=ground.root)
    ground.run_git("clone", "--quiet", str(bare), str(clone), folder=ground.root, person="juan")
    desk.done(
        "juan", "request", "note", "-n", "acme", "--name", "hello", "--push", "--ledger", ground.ledger, folder=clone
    )
    pushed = ground.run_git("rev-parse", "main", folder=bare)

    assert ground.run_git("rev-parse", "HEAD", folder=clone) == pushed
    assert pushed.strip() != ground.head()
    message, _ = desk.refused("juan", "request", "note", "-n", "acme", folder=bare)
    assert message.endswith("is no work tree of Git")


NEXT = {
    "an unknown organization": (["note", "-n", "acm"], "there is no organization 'acm'; did you mean acme?", "tree"),
    "a misspelt microservice": (["swep", "-n", "acme"], "no offer of the name 'swep'", "did you mean sweep? `assent"),
    "wrong parameters": (["note", "-n", "acme", "-p", "colour=red"], "", "`assent catalogue note -n acme` shows"),
    "wrong targets": (["sweep", "-n", "acme"], "", "`assent catalogue sweep -n acme` shows"),
    "for nobody": (["note", "-n", "acme", "--on-behalf-of", "x@acme.example"], "", "put right what it says"),
}


def test_what_to_do_next_is_what_would_help(desk):
    """A refusal leads to where its own reason can be mended."""
    for name, (arguments, said, hint) in NEXT.items():
        message, told = desk.refused("juan", "request", *arguments)

        assert said in message, name
        assert told.startswith("nothing was written; "), name
        assert hint in told, name
    _, told = desk.refused("ana", "request", "note", "-n", "acme")
    assert "`assent can ana@acme.example --list -n acme` lists what you may do there" in told
