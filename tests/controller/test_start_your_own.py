"""The README's "Start your own", followed to the letter: every block as it stands there, by the people it names."""

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from controller import processes

pytestmark = pytest.mark.skipif(
    not shutil.which("ssh-keygen"), reason="there is no ssh-keygen here, so Git signs nothing"
)
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Start your own\n")[2].partition("\n## ")[0]
SIGN, DECLARE, PUSH, RUN, ASK, APPROVE, APPROVE_TOO, LOOK = re.findall(r"(?ms)^```sh\n(.*?)^```$", SECTION)
(SHAPE,) = re.findall(r"(?ms)^```yaml\n(.*?)^```$", SECTION)
OLIVIA = ("Olivia Platt", "olivia@platform.example")
MARIA = ("Maria Lopez", "maria@acme.example")
JUAN = ("Juan Ortega", "juan@acme.example")


class Person:
    """Somebody on a fresh machine, who begins by telling Git how they sign."""

    def __init__(self, root, person, folder):
        home, self.folder = root / "homes" / person[1], root / folder
        self.key = home / ".ssh" / "id_ed25519.pub"
        self.key.parent.mkdir(parents=True)
        self.folder.mkdir(exist_ok=True)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = {"PATH": path, "HOME": str(home), "LC_ALL": "C.UTF-8"}
        block = SIGN
        for shown, own in zip(OLIVIA, person, strict=True):
            assert shown in block
            block = block.replace(shown, own)
        self.done(block)

    def done(self, block):
        """What a block prints; a folder that it goes into is where the next one begins."""
        ended = Path(self.environment["HOME"]) / "ended"
        done = subprocess.run(
            ["bash", "-c", f"set -euo pipefail\n{block}\npwd > {ended}"],
            cwd=self.folder,
            env=self.environment,
            input=b"\n\n",  # no passphrase
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=processes.PATIENCE,
            check=False,
        )
        assert done.returncode == 0, (block, done.stdout.decode())
        self.folder = Path(ended.read_text().strip())
        return done.stdout.decode()

    @contextmanager
    def running(self, block, log):
        """What a block starts, until the end of the test."""
        script = block.replace("assent run ", "exec assent run --interval 0.2 ")
        with log.open("wb") as said:
            child = subprocess.Popen(["bash", "-c", script], cwd=self.folder, env=self.environment, stderr=said)
        try:
            yield log.read_text
        finally:
            child.send_signal(signal.SIGTERM)
            assert child.wait(processes.PATIENCE) == 0, log.read_text()


def test_from_a_fresh_machine_to_a_run(root):
    """Set up, declared, pushed, asked and decided from clones: the controller sees it, and the ledger tells of it."""
    olivia, maria, juan = Person(root, OLIVIA, "."), Person(root, MARIA, "maria"), Person(root, JUAN, "juan")
    assert "administrator by the key SHA256:" in olivia.done(DECLARE)
    people = olivia.folder / "organizations" / "acme" / "people.yaml"
    for person, role in ((juan, "requesters"), (maria, "admins")):
        shape = SHAPE.replace("requesters", role)
        line = shape.splitlines(keepends=True)[0]
        assert line in people.read_text()
        shape = re.sub("ssh-ed25519 AAAA.*", person.key.read_text().strip(), shape)
        people.write_text(people.read_text().replace(line, shape))
    olivia.done(PUSH)
    with olivia.running(RUN, root / "log") as said:
        juan.done(ASK)
        processes.until(lambda: '"waiting": 1' in said())
        maria.done(APPROVE)
        processes.until(lambda: said().count('"commits": 1') == 2)
        olivia.done(APPROVE_TOO)
        processes.until(lambda: "There is no program 'create-workspaces'" in said())
        program = root / "programs" / "platform" / "create-workspaces"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        processes.until(lambda: '"ended": 1' in said())

    assert "Succeeded" in olivia.done(LOOK)
    own = "git pull --quiet --no-rebase\n" + LOOK.replace(" -C ../approvals.git", "")
    assert "Approved: it is approved and runs next" in maria.done(own)
