"""The workflow files that we hand out do what the page about them says: their own commands run here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
GITHUB = yaml.safe_load((ROOT / "examples" / "ci" / "assent-check.yml").read_text())
GITLAB = yaml.safe_load((ROOT / "examples" / "ci" / "gitlab-ci.yml").read_text())
PAGE = (ROOT / "docs" / "how-to" / "ci-gate.md").read_text()

CONFIGURATION = """
[user]
name = Olivia
email = olivia@platform.example
signingKey = {key}.pub
[gpg]
format = ssh
[commit]
gpgSign = true
[init]
defaultBranch = main
"""


class Project:
    """A starter repository with its remote, written by one person who signs."""

    def __init__(self, folder):
        self.folder = folder / "work"
        key, configuration = folder / "key", folder / "gitconfig"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        configuration.write_text(CONFIGURATION.format(key=key))
        path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**os.environ, "GIT_CONFIG_GLOBAL": str(configuration), "PATH": path}
        self.done("git", "init", "--quiet", "--bare", folder / "remote.git", within=folder)
        self.done("assent", "init", self.folder, within=folder)
        self.done("git", "remote", "add", "origin", folder / "remote.git")
        self.commit("Begin")
        self.done("git", "push", "--quiet", "--set-upstream", "origin", "main")
        self.done("git", "switch", "--quiet", "--create", "change")

    def done(self, *command, within=None):
        subprocess.run(command, cwd=within or self.folder, env=self.environment, check=True, capture_output=True)

    def commit(self, message, *options):
        self.done("git", "add", "--all")
        self.done("git", "commit", "--quiet", "--message", message, *options)

    def write(self, name, text):
        self.folder.joinpath(name).write_text(text)

    def step(self, script, **variables):
        """One step of a workflow, run as the CI system runs it."""
        environment = {**self.environment, **variables}
        shell = ["bash", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(shell, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def project(tmp_path):
    if not shutil.which("ssh-keygen"):
        pytest.skip("needs ssh-keygen")
    return Project(tmp_path)


def organization(name, parent="northwind"):
    head = f"apiVersion: assent.dev/v1alpha1\nkind: Organization\nmetadata: {{name: {name}}}\n"
    return f"{head}spec: {{type: Client, parent: {parent}}}\n"


def github(event):
    """The commands of the GitHub workflow that use Assent, on a push or a pull request."""
    steps = GITHUB["jobs"]["check"]["steps"]
    used = [one for one in steps if one.get("run", "").startswith("assent")]
    return [one["run"] for one in used if event in one.get("if", event)]


def gitlab():
    return [line for line in GITLAB["assent"]["script"] if line.startswith("assent")]


SYSTEMS = {
    "github-push": (github("push"), {}),
    "github-pull-request": (github("pull_request"), {"GITHUB_BASE_REF": "main"}),
    "gitlab": (gitlab(), {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}),
}


@pytest.mark.parametrize(("steps", "variables"), SYSTEMS.values(), ids=SYSTEMS)
def test_the_gate_lets_a_good_change_pass(project, steps, variables):
    """A signed change that breaks nothing passes every step."""
    project.write("organizations/new.yaml", organization("fabrikam").replace(", parent: northwind", ""))
    project.commit("Welcome a client")

    told = [project.step(one, **variables) for one in steps]

    assert len(told) >= 2
    assert [0] * len(told) == [one.returncode for one in told], [one.stdout + one.stderr for one in told]


@pytest.mark.parametrize(("steps", "variables"), SYSTEMS.values(), ids=SYSTEMS)
def test_the_gate_stops_a_broken_document(project, steps, variables):
    """A parent that does not exist stops the change, and the report names the file and the line."""
    project.write("organizations/new.yaml", organization("fabrikam", parent="nowhere"))
    project.commit("Welcome a client of nobody")

    told = project.step(steps[0], **variables)
    report = told.stdout or project.folder.joinpath("assent.xml").read_text()

    assert 1 == told.returncode
    assert "organizations/new.yaml" in report
    assert "nowhere" in report


@pytest.mark.parametrize("system", ["github-pull-request", "gitlab"])
def test_the_gate_stops_a_change_that_the_controller_would_refuse(project, system):
    """A change that nobody signed is refused before it is merged, as the controller would refuse it."""
    steps, variables = SYSTEMS[system]
    project.write("organizations/new.yaml", organization("fabrikam").replace(", parent: northwind", ""))
    project.commit("Welcome a client", "--no-gpg-sign")

    told = project.step(steps[0], **variables)
    report = told.stdout or project.folder.joinpath("assent.xml").read_text()

    assert 1 == told.returncode
    assert "AuthorUnproven" in report or "sign" in report


def test_the_base_is_a_commit_even_where_a_ledger_judges(project):
    """A base that is not there is refused, and never passed over because a ledger was named."""
    told = project.step("assent check --base nowhere --ledger ledger.sqlite")

    assert 1 == told.returncode
    assert "nowhere" in told.stderr


def test_a_base_without_a_ledger_is_said_to_be_only_taken_for_in_force(project):
    """What the controller refused of the base is not in force, and only its ledger knows: a note says so."""
    project.write("organizations/new.yaml", organization("fabrikam").replace(", parent: northwind", ""))
    project.commit("Welcome a client")

    told = project.step("assent check --base main")

    assert 0 == told.returncode
    assert "all of main is taken to be in force; what the controller refused of it is not" in told.stderr
    assert "--ledger" in told.stderr


def test_the_workflow_asks_for_no_more_than_it_needs():
    """The workflow reads the repository and nothing else, keeps no credentials, and sees the whole history."""
    checkout = GITHUB["jobs"]["check"]["steps"][0]["with"]

    assert {"contents": "read"} == GITHUB["permissions"]
    assert (False, 0) == (checkout["persist-credentials"], checkout["fetch-depth"])
    assert 0 == GITLAB["assent"]["variables"]["GIT_DEPTH"]


@pytest.mark.parametrize("name", re.findall(r"\]\((\S+?)\)", PAGE))
def test_the_page_leads_somewhere(name):
    """Every file that the page names is there."""
    assert (ROOT / "docs" / "how-to" / name).exists()
