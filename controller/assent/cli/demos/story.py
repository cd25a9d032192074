"""The story that the demo tells: every line that begins with a name and a `$` is a command that really runs."""

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from assent.__main__ import INTERRUPTED, main
from assent.adapters import documents
from assent.adapters.documents import edit
from assent.api.requests import ANNOTATION_PREFIX
from assent.cli import output
from assent.cli.demos.asked import break_off
from assent.cli.demos.world import Ground
from assent.errors import AssentError

ESTATE = "estate/acme.json"
WHOLE, SHORT = 40, 12
"""Digits of a commit's id, and how many of them are shown."""
KEYLESS = frozenset({"check", "tree"})
"""Commands that look at what is declared alone."""


class Story:
    """Tells one scene after the other; a command that ends otherwise than the scene says is our bug.

    Of what is run, this is not shown: `--log` and `--ledger-key`, and the folder that `--programs` lies in.
    Nobody sits at its commands, even where somebody looks on at a terminal: they ask nothing.
    What it adds itself is bold or dim and in no colour, to be read on dark and on light.

    Args:
        ground: where it happens.
        asked: whether somebody has asked for its end since the last look.
    """

    def __init__(self, ground: Ground, asked: Callable[[], bool]) -> None:
        self.ground = ground
        self._asked = asked
        self._number = 0

    def tell(self) -> None:
        """All of it, in order."""
        scenes: tuple[Callable[[], None], ...] = (
            self.opening,
            self.without_approval,
            self.two_stages,
            self.not_counted,
            self.own_approval,
            self.without_the_right,
            self.history,
        )
        for scene in scenes:
            scene()

    def opening(self) -> None:
        """What is declared, and that it is clean."""
        self._scene("A platform, a partner, a client with FlexxDesktop Enterprise, and its suborganization")
        self._run("olivia", "check")
        self._run("olivia", "tree")
        self._say("The controller is told once which commit to trust; from then on its ledger says where it stands.")
        root = self.ground.git("olivia", "rev-parse", "HEAD").strip()
        self._controller("--trust-root", root)

    def without_approval(self) -> None:
        """Scene 1: what needs no approval runs at once."""
        self._scene("Juan asks for something that needs no approval: it runs at once")
        self._say("At a terminal a command that writes shows this, and asks first; these run as in a script: unasked.")
        self._run(
            "juan", "request get-wifi-information -n acme --name ana-wifi --target lap-0001 -p information=Summary"
        )
        self._controller()
        self._run("juan", "get requests -n acme")

    def two_stages(self) -> None:
        """Scene 2: a manager and then the platform, each for the very digest that runs, once."""
        self._scene("New desktops under a managed tier wait for the client's manager, and then for the platform")
        vdi = "request create-workspaces -n acme --name finance-vdi -p template=win11-office -p count=3"
        self._run("juan", f'{vdi} --reason "New hires in finance"')
        self._controller()
        self._run("juan", "explain request finance-vdi -n acme")
        self._run("maria", 'approve finance-vdi -n acme --because "budget is agreed"')
        self._controller()
        self._run("ingrid", 'approve finance-vdi -n acme --because "capacity is there"')
        self._controller()
        self._run("juan", "explain request finance-vdi -n acme")
        self._say("Another pass runs nothing again; the estate's own history has one entry of this request.")
        self._controller()
        self._say(f"runs of acme/finance-vdi in the estate: {self._runs('acme/finance-vdi')}")

    def not_counted(self) -> None:
        """Scene 3: what does not count, and why."""
        self._scene("The requester approves; somebody signs in another's name; an approval names an old digest")
        self._run("juan", "request create-workspaces -n acme --name sales-vdi -p template=win11-cad -p count=2")
        self._controller()
        self._run("juan", "approve sales-vdi -n acme", code=1)
        self._write("juan", "sales-vdi", "juan", f"approve as juan@acme.example for {self._digest('sales-vdi')}")
        self._write("juan", "sales-vdi", "maria", f"approve as maria@acme.example for {self._digest('sales-vdi')}")
        self._run("maria", 'approve sales-vdi -n acme --because "for the digest of today"')
        self._controller()
        self._say("Olivia changes the microservice: the request has another digest now, and Maria's approval is stale.")
        catalogue = "policies/catalogue/workspace-management.yaml"
        self._edit("olivia", catalogue, "about 40 EUR a month each", "about 55 EUR a month each")
        self._controller()
        self._run("juan", "explain request sales-vdi -n acme")
        self._run("juan", 'withdraw sales-vdi -n acme --because "too expensive now"')
        self._controller()

    def own_approval(self) -> None:
        """Scene 4: the client's own approval, and a rejection."""
        self._scene("The client has put its finance in front of Azure subscriptions, and finance says no")
        asked = "-p subscription=Maps -p workload=DevTest -p owner=omar@acme.example -p monthlyBudget=900"
        self._run("omar", f"request create-azure-subscription -n acme --name maps {asked} -p costCenter=IT0001")
        self._controller()
        self._run("fina", 'reject maps -n acme --because "no budget before March"')
        self._controller()
        self._run("omar", "explain request maps -n acme")

    def without_the_right(self) -> None:
        """Scene 5: somebody without the right asks, and raises their own role."""
        self._scene("Ana may look, but not ask; and nobody raises their own role")
        self._run("ana", "request create-workspaces -n acme -p template=win11-office -p count=1", code=1)
        self._run("ana", "can ana@acme.example Create Requests -n acme --module automate", code=1)
        self._edit("ana", "organizations/acme/users.yaml", "role: {name: acme-viewers}", "role: {name: acme-admins}")
        self._say("CI judges the change before it is merged, and the controller after.")
        self._run("ana", "check --base HEAD~1", code=1)
        self._controller()
        self._run("olivia", "ledger show --kind configured --last 1")
        self._run("ana", "can ana@acme.example Create Requests -n acme --module automate", code=1)

    def history(self) -> None:
        """Scene 6: the ledger proves itself, and names what was changed."""
        self._scene("The history proves itself; one changed byte is named")
        self._run("olivia", "ledger verify")
        kept = self.ground.ledger.read_bytes()
        self._say("A copy in which one byte of Maria's reason is changed takes its place.")
        self.ground.ledger.write_bytes(kept.replace(b"budget is agreed", b"budget is agreeD", 1))
        self._run("olivia", "ledger verify", code=1)
        self.ground.ledger.write_bytes(kept)
        self._run("olivia", "ledger verify")

    def _scene(self, title: str) -> None:
        output.line()
        output.line(f"{self._number}. {title}", bold=True, underline=True)
        self._number += 1

    def _say(self, text: str) -> None:
        output.line(f"   {text}", dim=True)

    def _controller(self, *more: str) -> None:
        """One pass, by the same command that a service would run; commits are shown by their first digits."""
        output.line(" ".join(["controller$ assent run --once --programs programs", *map(_short, more)]), bold=True)
        self._call("olivia", ["run", "--once", "--log", "text", "--programs", str(self.ground.programs), *more], 0)

    def _run(self, person: str, command: str, code: int = 0) -> None:
        """A command as this person: shown, run, and its exit code held to what the story expects."""
        output.line(f"{person}$ assent {command}", bold=True)
        self._call(person, shlex.split(command), code)

    def _call(self, person: str, arguments: list[str], code: int) -> None:
        keyed = [] if arguments[0] in KEYLESS else ["--ledger-key", str(self.ground.key)]
        with _as(self.ground.people[person].environment(), str(self.ground.repository)):
            ended = main([*arguments, *keyed])
        sys.stdout.flush()
        if ended == INTERRUPTED or self._asked():
            break_off()
        if ended != code:
            raise AssentError(f"the demo's command ended with {ended}, not with {code}", "this is a bug in assent")

    def _digest(self, name: str) -> str:
        """The request's digest, as a person would copy it."""
        from assent.api.names import Ref  # noqa: PLC0415 -- loaded with the commands
        from assent.cli import views  # noqa: PLC0415 -- the same

        seen = views.view([str(self.ground.repository)], "", self.ground.key)
        return seen.decision(Ref("acme", name)).digest or ""

    def _runs(self, request: str) -> int:
        history = json.loads((self.ground.root / ESTATE).read_text(encoding="utf-8"))["history"]
        return sum(one["request"] == request for one in history)

    def _write(self, person: str, name: str, entry: str, line: str) -> None:
        """Somebody edits the file by hand, and commits it with their own key."""
        path = f"requests/acme/{name}.yaml"
        file = self.ground.repository / path
        index = next(one.index for one in documents.load(file.read_bytes()).documents)
        file.write_bytes(edit.add_annotation(file.read_bytes(), index, ANNOTATION_PREFIX + entry, line))
        self._commit(person, path, f"writes '{line[:40]}…' into {path}, and signs with their own key")

    def _edit(self, person: str, path: str, old: str, new: str) -> None:
        file = self.ground.repository / path
        text = file.read_text(encoding="utf-8")
        if old not in text:
            raise AssentError(f"the demo finds no {old!r} in {path}", "this is a bug in assent")
        file.write_text(text.replace(old, new), encoding="utf-8")
        self._commit(person, path, f"writes '{new}' into {path}, and commits it signed")

    def _commit(self, person: str, path: str, what: str) -> None:
        output.line(f"{person} {what}", bold=True)
        self.ground.git(person, "add", "--", path)
        self.ground.git(person, "commit", "-q", "-S", "-m", f"Change {path}", "--", path)


def _short(word: str) -> str:
    """A commit's id by its first digits; any other word as it is."""
    return word[:SHORT] if len(word) == WHOLE else word


@contextmanager
def _as(environment: Mapping[str, str], folder: str) -> Iterator[None]:
    """The process as if it were started by somebody else, somewhere else, and with nobody at its standard input."""
    before, here, stdin = dict(os.environ), os.getcwd(), sys.stdin  # noqa: PTH109 -- paired with chdir
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    try:
        with open(os.devnull, encoding="utf-8") as sys.stdin:  # noqa: PTH123 -- no path of ours
            yield
    finally:
        sys.stdin = stdin
        os.chdir(here)
        os.environ.clear()
        os.environ.update(before)
