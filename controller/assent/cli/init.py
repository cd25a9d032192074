"""`assent init`: a starter repository that passes `assent check` as it stands."""

import re
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from assent.adapters.documents import edit
from assent.adapters.git import workspace
from assent.api.keys import fingerprint
from assent.api.names import API_VERSION
from assent.cli import folders, output
from assent.errors import RepositoryError
from assent.shipped import shipped

YOU = "organizations/platform/people.yaml"

WORKFLOW = ".github/workflows/assent.yml"

README = """# Who may do what, and who approves it

This repository declares organizations, roles, people, microservices and approval flows; requests are files in it too.

- `policies/` is what Assent ships: the platform, the modules, the default flows and the catalogue.
- `organizations/` is yours: one folder an organization.
- `requests/` is where `assent request` puts requests.

`assent check` says what is wrong, and `assent test` plays the scenarios.
`assent run --trust-root $(git rev-parse HEAD)` starts the controller on this clone as it stands, `-C PATH|URL` on what
people push to.
"""


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder; default: here.")] = Path(),
) -> None:
    """Write a starter repository: the platform, modules, flows, catalogue, one client with its people, a CI workflow.

    You become the platform's administrator, by the e-mail (user.email) and the key (user.signingkey) of your own Git
    configuration; no other key is entered, and which one was is said.

    Example: `assent init approvals && cd approvals && assent check`.
    """
    folders.new(folder, spared={".git"})
    _policies(folder)
    _organizations(folder)
    keys = workspace.keys_here(folder)
    (folder / YOU).write_bytes(edit.dump(_you(workspace.email_here(folder), keys)))
    _rest(folder)
    workspace.start(folder)
    output.line(f"{folder}: a starter repository; next: `assent check`, then commit it", "green")
    _tell(folder, keys)


def _tell(folder: Path, keys: list[str]) -> None:
    """Which key makes its owner the administrator, and what is still to be done before a commit of theirs counts."""
    for key in keys:
        output.note(f"you are the platform's administrator by the key {fingerprint(key)}, which stands in {YOU}")
    if not keys:
        output.note(
            f"no key of yours was entered, so nothing that you commit would count: put its public half into {YOU},\n"
            "below `spec`, as\n  signingKeys:\n  - publicKey: ssh-ed25519 AAAA…"
        )
    try:
        workspace.find(folder)
    except RepositoryError as refused:
        output.note(f"{refused.message}: {refused.hint}")


def _policies(folder: Path) -> None:
    """What is shipped, without its scenarios: they play in worlds that are not here."""
    ignore = shutil.ignore_patterns("*scenario*", "admission", "README.md")
    shutil.copytree(shipped("policies"), folder / "policies", ignore=ignore)


def _organizations(folder: Path) -> None:
    starter = shipped("examples") / "00-starter"
    shutil.copytree(starter, folder / "organizations", ignore=shutil.ignore_patterns("README.md"))
    scenarios = folder / "organizations" / "scenarios.yaml"
    scenarios.write_text(
        scenarios.read_text(encoding="utf-8").replace("../../policies", "../policies"), encoding="utf-8"
    )


def _you(email: str, keys: list[str]) -> dict[str, Any]:
    """The platform's first administrator."""
    address = email or "you@platform.example"
    name = re.sub(r"[^a-z0-9]+", "-", address.partition("@")[0].lower()).strip("-") or "you"
    spec: dict[str, Any] = {"username": address, "email": address, "role": {"name": "platform-admins"}}
    if keys:
        spec["signingKeys"] = [{"publicKey": key} for key in keys]
    metadata = {"name": name[:63].strip("-"), "namespace": "platform"}
    return {"apiVersion": API_VERSION, "kind": "User", "metadata": metadata, "spec": spec}


def _rest(folder: Path) -> None:
    workflow = folder / WORKFLOW
    workflow.parent.mkdir(parents=True)
    shutil.copyfile(shipped("examples") / "ci" / "assent-check.yml", workflow)
    (folder / "README.md").write_text(README, encoding="utf-8")
