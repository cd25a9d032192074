"""What a controller trusts at its start, and what it does where the branch no longer goes on from there (rule 39)."""

import json
import shutil

import pytest

from assent.core.state import fold
from controller import declared, history, processes

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def run(ground, *more, **options):
    return processes.controller(ground, *more, **options).wait()


def refusal(ran):
    """The one sentence and the hint of a run that was refused."""
    assert (1, "") == (ran.code, ran.out), ran
    message, hint = ran.err.splitlines()[-2:]
    return message.removeprefix("assent: "), hint.removeprefix("hint: ")


def rewritten(ground, by="olivia", *values):
    """The branch anew: another first commit of the same documents, and what is put on top of it."""
    old = ground.head()
    root = ground.commit(by, files=ground.files(old), parents=[], message="Another beginning\n")
    return ground.commit(by, *values) if values else root


def test_an_empty_ledger_needs_a_trust_root(ground):
    """Without a first trusted commit nothing is in force; the sentence says how to name one."""
    message, hint = refusal(run(ground))

    assert "the ledger is empty, and no first trusted commit is named" == message
    assert "--trust-root COMMIT" in hint
    assert [] == ground.records()


def test_the_recorded_root_changes_nothing(ground):
    """The same start-up line may name the root for ever."""
    root = ground.head()
    run(ground, "--trust-root", root)
    length = len(ground.records())

    assert 0 == run(ground, "--trust-root", root).code
    assert 0 == run(ground, "--trust-root", root[:12]).code
    assert 0 == run(ground).code
    assert length == len(ground.records())


def test_what_came_since_is_judged_and_never_trusted(ground):
    """A start-up line that names the branch's newest commit each time does not put a refused change in force."""
    run(ground, "--trust-root", ground.head())
    raised = ground.change("ana", "user/acme/ana", role={"name": "acme-admins"})
    run(ground)
    message, hint = refusal(run(ground, "--trust-root", raised))

    assert message.startswith("the ledger trusts ")
    assert "and the branch goes on from there" in message
    assert "leave --trust-root out; another commit is trusted only where the branch was rewritten" == hint
    with ground.controller() as driver:
        assert {"User/acme/ana": "AuthorNotAllowed"} == driver.standing()
        assert 1 == sum(record.kind == "trusted" for record in ground.records())


def test_a_trust_root_is_a_commit_of_the_branch(ground):
    """A commit of another branch is refused before anything is written, so that the right one can still be named."""
    root = ground.head()
    other = ground.commit("olivia", declared.service("other"), branch="other")
    message, _ = refusal(run(ground, "--trust-root", other))

    assert f"the branch does not contain {other}: its head is {root}" == message
    assert [] == ground.records()
    assert 0 == run(ground, "--trust-root", root).code


def test_an_unknown_commit_is_refused(ground):
    message, hint = refusal(run(ground, "--trust-root", "0123456789"))

    assert message.endswith("knows no commit '0123456789'")
    assert "give a branch, a tag or a commit id" == hint


def test_requests_of_the_trust_root_never_run(ground):
    """What is there already when a ledger begins is cancelled, and its name is used, whoever changes it later."""
    ground.commit("juan", declared.request("old", "note"))
    run(ground, "--trust-root", ground.head())
    ground.commit("juan", declared.request("old", "note", parameters={"text": "changed"}))
    ground.commit("juan", declared.request("new", "note"))
    run(ground)
    ground.commit("juan", files={"requests/acme/old.yaml": None})
    ground.commit("juan", declared.request("old", "note"))
    run(ground)

    with ground.controller() as driver:
        assert ("Invalid", "NameUsedBefore") == (driver.phase("old"), driver.refused("old"))
        assert ("Cancelled", "LedgerRestarted") == (driver.case("old").end.phase, driver.case("old").end.reason)
        assert "Succeeded" == driver.phase("new")
    assert ["acme/new"] == [request for request, *_ in ground.started()]


def test_errors_in_the_trust_root_are_said(ground):
    """A root is taken as it stands, but not without a word of how much is wrong with it; a second start is silent."""
    ground.change("olivia", "user/acme/ana", role={"name": "nowhere"})
    ground.commit("olivia", files={"broken.yaml": "apiVersion: assent.dev/v1alpha1\nkind: User\nmetadata: {name: x}\n"})
    root = ground.head()
    ran = run(ground, "--trust-root", root)

    assert 0 == ran.code
    (said,) = [one for one in map(json.loads, ran.err.splitlines()) if one["event"] == "root"]
    assert (root[:12], 2) == (said["commit"], said["errors"])
    assert ("it is trusted as it stands, and has errors", "`assent check` says which") == (
        said["problem"],
        said["hint"],
    )
    assert '"root"' not in run(ground, "--trust-root", root).err


def test_a_root_without_errors_is_taken_without_a_word(ground):
    assert '"root"' not in run(ground, "--trust-root", ground.head()).err


@pytest.mark.parametrize("point", ["trusting", "trusted"])
def test_rule_2_requests_of_the_trust_root_never_run_after_a_kill(ground, point):
    """Rule 2: a controller that dies while it takes the root on leaves no root without the names that it uses up."""
    ground.commit("juan", declared.request("old", "note"))
    root = ground.head()
    assert -9 == run(ground, "--trust-root", root, crash=f"{point}:1").code
    ground.commit("juan", declared.request("old", "note", parameters={"text": "changed"}))
    run(ground, "--trust-root", root)

    assert {"old": "Cancelled"} == history.phases(history.check(ground))
    assert [] == ground.started()


def test_rule_39_a_rewritten_branch_stops_the_controller(ground):
    """Rule 39: nothing is judged and nothing runs; the sentence names both commits and the way on."""
    root = ground.head()
    ground.commit("juan", declared.request("before", "one"))
    run(ground, "--trust-root", root)
    before, old = ground.records(), ground.head()
    new = rewritten(ground, "juan", declared.request("after", "note"))
    message, hint = refusal(run(ground))

    assert f"the branch was rewritten: {new} does not descend from the recorded commit {old}" == message
    assert f"assent run --trust-root {new}" in hint
    assert before == ground.records()
    refusal(run(ground, "--trust-root", root))
    assert before == ground.records()
    assert [] == ground.started()


def test_rule_39_the_branch_put_back_goes_on(ground):
    """Rule 39: the last good state is kept, so that a restored branch needs no more than that."""
    root = ground.head()
    run(ground, "--trust-root", root)
    rewritten(ground)
    refusal(run(ground))
    ground.point(root)
    ground.commit("juan", declared.request("after", "note"))

    assert 0 == run(ground).code
    assert {"after": "Succeeded"} == history.phases(history.check(ground))


@pytest.mark.parametrize("cleaned", [False, True], ids=["old commits there", "old commits gone"])
def test_rule_39_a_new_root_goes_on_with_the_same_ledger(ground, cleaned):
    """Rule 39: the operator looks, and trusts the new head; names stay used, and what waits goes on waiting."""
    root = ground.head()
    ground.commit("juan", declared.request("done", "note"), declared.request("waits", "one"))
    ground.change("ana", "user/acme/ana", role={"name": "acme-admins"})
    run(ground, "--trust-root", root)
    length = len(ground.records())
    new = rewritten(ground, "olivia", declared.request("smuggled", "note"))
    if cleaned:
        ground.run_git("reflog", "expire", "--expire=now", "--all")
        ground.run_git("gc", "--quiet", "--prune=now")
    refusal(run(ground))

    assert 0 == run(ground, "--trust-root", new).code
    state = history.check(ground)
    assert {"done": "Succeeded", "waits": "open", "smuggled": "Cancelled"} == history.phases(state)
    assert (new, {}) == (state.root, state.standing)
    assert length < len(ground.records())
    assert 1 == len(ground.started())


def test_rule_39_a_running_controller_says_so_and_waits(ground):
    """Rule 39: forced while it runs, the branch is refused at each pass, until it goes on from where it was."""
    root = ground.head()
    child = processes.controller(ground, "--trust-root", root, "--interval", "0.1")
    try:
        processes.until(lambda: "pass" in child.said())
        rewritten(ground, "juan", declared.request("forced", "note"))
        processes.until(lambda: "the branch was rewritten" in child.said())
        ground.point(root)
        ground.commit("juan", declared.request("after", "note"))
        processes.until(ground.started)
    finally:
        child.kill(15)
    assert 0 == child.wait().code
    assert {"after": "Succeeded"} == history.phases(history.check(ground))


def test_the_branch_that_is_named(ground):
    """Another branch than the one that is checked out is followed, and an unknown one refused."""
    root = ground.head()
    ground.commit("juan", declared.request("there", "note"), branch="other", parents=[root])
    ground.commit("juan", declared.request("here", "note"))

    assert 0 == run(ground, "--trust-root", root, "--branch", "other").code
    assert {"there": "Succeeded"} == history.phases(history.check(ground))
    message, hint = refusal(run(ground, "--branch", "unknown"))
    assert message.endswith("has no branch unknown")
    assert "look at `git branch`" == hint


def test_a_clone_is_followed_as_it_stands(ground):
    """A clone of what people push to says that nothing is fetched into it, and how far it is known to be behind."""
    root = ground.head()
    clone = ground.root / "clone"
    ground.run_git("clone", "--quiet", str(ground.repository), str(clone))
    ground.commit("juan", declared.request("pushed", "note"))

    def told(*more):
        lines = [json.loads(line) for line in run(ground, "-C", clone, *more).err.splitlines()]
        return [(one["of"], one["behind"], "`git pull`" in one["hint"]) for one in lines if one["event"] == "clone"]

    assert [("origin/main", 0, True)] == told("--trust-root", root)
    ground.run_git("fetch", "--quiet", folder=clone)
    assert [("origin/main", 1, True)] == told() == told("--branch", "main")
    assert [] == ground.started()
    ground.run_git("pull", "--quiet", "--ff-only", folder=clone)
    assert [("origin/main", 0, True)] == told()
    assert 1 == len(ground.started())
    ground.run_git("switch", "--quiet", "--detach", folder=clone)
    assert [] == told()


def test_a_bare_repository(ground):
    """A server's own repository is followed as it lies there, with its ledger beside its objects."""
    bare = ground.root / "server.git"
    shutil.copytree(ground.repository / ".git", bare)
    config = bare / "config"
    config.write_text(config.read_text().replace("bare = false", "bare = true"))
    ran = run(ground, "-C", bare, "--trust-root", ground.head())

    assert 0 == ran.code, ran.err
    assert (bare / "assent" / "ledger.sqlite").exists()
    assert not ground.ledger.exists()


def test_a_ledger_that_is_gone_is_missed(ground):
    """Where there was a ledger before, an empty one starts only where that is asked for, and then runs nothing old."""
    root = ground.head()
    ground.commit("juan", declared.request("done", "note"))
    run(ground, "--trust-root", root)
    shutil.rmtree(ground.ledger.parent)
    message, hint = refusal(run(ground))
    again, _ = refusal(run(ground, "--trust-root", root))

    assert f"The ledger {ground.ledger} is empty or gone, and held 8 records." == message == again
    assert "Put it back as it was, or start an empty one with --new-ledger." == hint
    assert 0 == run(ground, "--new-ledger", "--trust-root", ground.head()).code
    assert {"done": "Cancelled"} == history.phases(fold(ground.records()))
    assert 1 == len(ground.started())


def test_a_new_ledger_takes_no_old_ones_place(ground):
    run(ground, "--trust-root", ground.head())
    message, _ = refusal(run(ground, "--new-ledger", "--trust-root", ground.head()))

    assert f"The ledger {ground.ledger} holds 1 records; a new one begins only where there are none." == message


@pytest.mark.parametrize("place", ["https://git.invalid/approvals", "git@git.invalid:approvals"])
def test_a_remote_repository_needs_a_named_ledger(ground, place):
    """A URL without --ledger is refused before anything is fetched."""
    message, hint = refusal(run(ground, "-C", place))

    assert f"{place} is no Git repository on this machine" == message
    assert "name the ledger by --ledger FILE|URL" == hint


def test_a_plain_folder_cannot_be_followed(ground, root):
    """Nor one that is not there; a path is never told to name a ledger elsewhere."""
    for place in (root, root / "nowhere"):
        message, hint = refusal(run(ground, "-C", place))

        assert f"{place} is no Git repository on this machine" == message
        assert "go into the clone, or name it by -C PATH" == hint


def test_two_repositories_are_one_too_many(ground):
    ran = run(ground, "-C", ".", "-C", "..")

    assert (2, "assent: `run` follows one repository") == (ran.code, ran.err.splitlines()[0])
