"""Which files are read, and which names are refused (rule 36)."""

import pytest

from assent.adapters.git import paths


@pytest.mark.parametrize("path", ["a.yaml", "a.yml", "a/b.yaml", ".a.yaml", "a/.b.yaml", "a.b/c.yaml", "a/b.c/d.yml"])
def test_yaml_outside_hidden_folders_is_read(path):
    """A hidden file is read, a file in a hidden folder is not."""
    assert paths.is_read(path.encode())


@pytest.mark.parametrize("path", ["a.YAML", "a.json", "yaml", ".a/b.yaml", "a/.b/c.yaml", "a/b/.c/d.yaml", "a.yaml/b"])
def test_everything_else_is_passed_over(path):
    """Another ending, or a hidden folder anywhere above."""
    assert not paths.is_read(path.encode())


@pytest.mark.parametrize(
    "path",
    [
        "a.yaml",
        "a b.yaml",
        "é.yaml",
        "a..b/c.yaml",
        ".gitignore",
        ".github/a.yaml",
        "a.git/b.yaml",
        "git.yaml",
        "x~1.yaml",
    ],
)
def test_ordinary_names_are_taken(path):
    """Names that only look a little odd."""
    assert paths.refusal(path.encode()) is None


@pytest.mark.parametrize(
    "path",
    [
        "..", "../a.yaml", "a/../b.yaml", ".", "./a", "a//b", "/a", "a/", ".git", ".git/config", "a/.git/config",
        ".GiT/config", "GIT~1/config", ".git./x", ".git /x", ".git::$DATA/x", ".g\u200cit/x", "\u200d.git/x",
        "\uff0egit/x", "a\\..\\b", "..\\a", "a\\.git\\config",
    ],
)  # fmt: skip
def test_rule_36_names_that_lead_astray_are_refused(path):
    """Rule 36: whatever some file system takes for `.git` or for the folder above is refused, for any file."""
    assert "git-hostile-name" == paths.refusal(path.encode()).rule


@pytest.mark.parametrize(
    "path", [b"a\n.yaml", b"\x1b.yaml", b"\xff.yaml", "\u202e.yaml".encode(), b"a\\b.yaml", b"d/" * 2100 + b"x.yaml"]
)
def test_rule_36_names_that_mislead_are_refused(path):
    """Rule 36: a YAML file whose name cannot be shown as it is, is refused, and shown escaped."""
    found = paths.refusal(path)

    assert ("git-odd-name", True) == (found.rule, f"{found.message}{found.place}".isprintable())


@pytest.mark.parametrize(
    ("one", "other"),
    [("a/B.yaml", "A/b.yaml"), ("\u00e9.yaml", "E\u0301.yaml"), ("stra\u00dfe", "STRASSE"), ("\u212a.yaml", "k.yaml")],
)
def test_names_that_some_systems_hold_for_one(one, other):
    """Case and Unicode form do not tell two names apart."""
    assert paths.folded(one) == paths.folded(other)
