"""Commands in a folder of a repository that holds nothing: they say where there is more to look at."""

import subprocess

import pytest

ORGANIZATION = "apiVersion: assent.dev/v1alpha1\nkind: Organization\nmetadata: {name: acme}\nspec: {type: Client}\n"
NOTHING = {
    "get": (0, ["get", "users", "-n", "acme"]),
    "get one": (1, ["get", "user", "maria", "-n", "acme"]),
    "tree": (0, ["tree"]),
    "catalogue": (1, ["catalogue", "-n", "acme"]),
    "explain": (1, ["explain", "request", "vdi", "-n", "acme"]),
    "approve": (1, ["approve", "vdi", "-n", "acme"]),
    "request": (1, ["request", "vdi", "-n", "acme"]),
}


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "a.yaml").write_text(ORGANIZATION)
    (tmp_path / "sub").mkdir()
    return tmp_path.resolve()


@pytest.mark.parametrize(("code", "arguments"), NOTHING.values(), ids=NOTHING)
def test_nothing_found_in_a_part_of_a_repository(assent, repository, monkeypatch, code, arguments):
    """What is shown is that folder's alone; the hint names the root, and how to take all of it."""
    hint = f"hint: {repository}/sub is a folder of the repository {repository}: -C {repository} takes all of it"
    monkeypatch.chdir(repository / "sub")
    ran = assent(*arguments)

    assert (code, "") == (ran.code, ran.out)
    assert hint == ran.err.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments", [["get", "users"], ["get", "user", "maria", "-n", "acme"], ["tree"]], ids=" ".join
)
def test_the_whole_has_no_more_to_look_at(assent, repository, tmp_path_factory, arguments):
    """At the root, and outside of any repository, there is no such hint."""
    for place in (repository, tmp_path_factory.mktemp("plain")):
        assert "takes all of it" not in assent(*arguments, "-C", place).err


def test_what_is_found_in_a_part_needs_no_hint(assent, repository):
    """Whoever names a folder and finds what they look for meant it."""
    (repository / "sub" / "b.yaml").write_text(ORGANIZATION)

    assert "takes all of it" not in assent("tree", "-C", repository / "sub").err
