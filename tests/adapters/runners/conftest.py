"""Plans, programs and secrets as the operator lays them down."""

import sys
from dataclasses import replace

import pytest

from assent.api.plans import Execution, Plan

PLAN = Plan(
    request="acme/vdi",
    organization="acme",
    digest="4c" * 32,
    microservice="platform/create-workspaces",
    owner="platform",
    requester="juan@acme.example",
    on_behalf_of="ana@acme.example",
    runner="process",
    settings={"program": "program"},
    parameters={"template": "win11-office", "count": 12},
    timeout=20,
    idempotent=False,
    executions=(Execution("ab" * 16, None),),
)


class Laid:
    """`programs` and `secrets` in a folder, each in a folder of its owner's."""

    def __init__(self, root):
        self.root = root
        self.programs = root / "programs"
        self.secrets = root / "secrets"
        for folder in (self.programs, self.secrets):
            folder.mkdir()

    def program(self, text, name="program", owner="platform"):
        """A shell script."""
        return self._file(self.programs / owner / name, f"#!/bin/sh\n{text}\n", 0o755)

    def python(self, text, name="program", owner="platform"):
        """A Python script that sees nothing of this environment."""
        return self._file(self.programs / owner / name, f"#!{sys.executable} -IS\n{text}\n", 0o755)

    def secret(self, name, value, owner="acme"):
        return self._file(self.secrets / owner / name, value, 0o600)

    def _file(self, path, text, mode):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path


@pytest.fixture
def laid(tmp_path):
    return Laid(tmp_path)


@pytest.fixture
def plan():
    """The usual plan with some of it changed."""
    return lambda **changes: replace(PLAN, **changes)
