"""Rule 36: hostile trees and repositories are read as data or refused by name; nothing is started, nothing followed."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.git import hostile

STRACE = shutil.which("strace")
READING = {"rev-parse", "rev-list", "diff-tree", "ls-tree", "cat-file"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The corpus, read once by a process of its own in hostile surroundings, under strace where there is one."""
    root = tmp_path_factory.mktemp("hostile")
    (root / "manifest").write_text(json.dumps(hostile.build(root)))
    (root / "objects").mkdir()
    evil = f"touch {root}/MARK-environment"
    surroundings = os.environ | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": evil,
        "GIT_EDITOR": evil,
        "GIT_EXTERNAL_DIFF": evil,
        "GIT_INDEX_FILE": "/nowhere/index",
        "GIT_NAMESPACE": "evil",
        "GIT_OBJECT_DIRECTORY": str(root / "objects"),
        "GIT_PAGER": evil,
        "GIT_SSH_COMMAND": evil,
        "GIT_WORK_TREE": "/nowhere",
    }
    command = [
        sys.executable,
        str(Path(__file__).with_name("reader.py")),
        str(root / "manifest"),
        str(root / "results"),
    ]
    trace = [
        "strace",
        "-f",
        "-qq",
        "--seccomp-bpf",
        "-e",
        "trace=execve,openat",
        "-s",
        "4096",
        "-o",
        str(root / "trace"),
    ]
    done = subprocess.run(
        [*(trace if STRACE else []), *command], env=surroundings, cwd=root, capture_output=True, text=True, check=False
    )
    assert (0, "") == (done.returncode, done.stderr)
    return root, json.loads((root / "results").read_text())


def test_the_corpus_is_large_enough():
    """At least sixty hostile repositories."""
    assert len(hostile.CASES) >= 60


@pytest.mark.parametrize("name", hostile.CASES)
def test_rule_36_a_hostile_repository_is_data_or_refused_by_name(corpus, name):
    """Rule 36: each is read as data only, with what is wrong told by name, or refused in a sentence."""
    outcome, found = hostile.CASES[name][1], corpus[1]["told"][name]

    if outcome.error:
        assert found.get("error") in {"RepositoryError", "HistoryError", "NotFoundError"}, found
        assert re.search(outcome.error, found["message"])
        return
    assert "error" not in found, found
    assert (outcome.documents, outcome.skipped, True) == (found["documents"], found["skipped"], found["shown"])
    tree = outcome.rules if outcome.tree is None else outcome.tree
    if outcome.rules == "yaml":
        assert found["rules"].startswith("yaml-")
        assert found["tree"].startswith("yaml-")
    else:
        assert (outcome.rules, tree) == (found["rules"], found["tree"])
    if outcome.unsigned is None:
        assert found["unsigned"] is None
    else:
        assert outcome.unsigned in found["unsigned"]


def test_rule_36_nothing_is_left_behind(corpus):
    """Rule 36: no program that a repository names has run."""
    assert [] == list(corpus[0].glob("MARK*"))


def test_rule_36_python_starts_git_alone(corpus):
    """Rule 36: by Python's own account, only fixed Git commands are started."""
    started = corpus[1]["started"]

    assert [] == [argv for argv in started if argv[0] != "git" and not argv[0].endswith("/git")]
    assert {"version"} >= {argv[1] for argv in started if argv[0] == "git"}
    assert READING == {_command(argv) for argv in started if argv[0] != "git"}


def test_rule_36_python_opens_no_file_that_a_tree_names(corpus):
    """Rule 36: nothing outside is opened because a link, a name or a configuration says so."""
    opened = set(corpus[1]["opened"])

    assert not opened & {"/etc/passwd", "/dev/zero"}
    assert [] == [path for path in opened if path.endswith("evil.yaml")]


@pytest.mark.skipif(STRACE is None, reason="there is no strace here: what Git itself starts was not watched")
def test_rule_36_git_starts_nothing_either(corpus):
    """Rule 36: by the kernel's account, the only programs are the reader and fixed Git commands."""
    lines = (corpus[0] / "trace").read_text(errors="replace").splitlines()
    started = [line for line in lines if "execve(" in line and " = 0" in line]
    programs = {re.search(r'execve\("([^"]*)"', line)[1] for line in started}

    assert {"git", Path(sys.executable).name} >= {Path(program).name for program in programs}
    git = [re.findall(r'"((?:[^"\\]|\\.)*)"', line) for line in started if '/git", ' in line]
    assert READING | {"version"} == {_command(argv[1:]) for argv in git}


@pytest.mark.skipif(STRACE is None, reason="there is no strace here: what Git itself opens was not watched")
def test_rule_36_git_opens_nothing_outside(corpus):
    """Rule 36: by the kernel's account, Git opens the repository, its own libraries and devices alone."""
    root = str(corpus[0])
    allowed = (root, "/usr/", "/lib", "/etc/ld.so", "/dev/null", "/proc/", "/sys/")
    git = set()
    outside = set()
    for line in (corpus[0] / "trace").read_text(errors="replace").splitlines():
        process = line.split()[0]
        if "execve(" in line and '/git", ' in line and "--git-dir" in line:
            git.add(process)
        found = re.search(r'openat\([^,]*, "([^"]*)".*\) = \d', line)
        if found and process in git and found[1].startswith("/") and not found[1].startswith(allowed):
            outside.add(found[1])

    assert set() == outside - {"/etc/passwd"}
    # One configuration includes that file: Git opens it, and refuses the repository for what stands there.
    assert corpus[1]["told"]["a configuration that includes a file of the system"]["error"] == "RepositoryError"


def _command(argv):
    """The Git command behind the fixed options."""
    rest = iter(argv[1:])
    for word in rest:
        if word == "-c":
            next(rest)
        elif not word.startswith("-"):
            return word
    return ""
