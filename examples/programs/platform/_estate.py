# ruff: noqa: INP001 -- a folder of programs is no package
"""The pretend estate that the programs beside this file act on: one JSON file an organization.

A program reads its order as JSON on standard input, and gives `run` one function that changes the estate.
Effect and history are one file, renamed into place: an execution has happened and is on record, or neither.
"""

import fcntl
import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

FOLDER = Path(__file__).resolve().parents[2] / "estate"
Estate = dict[str, Any]


@dataclass(frozen=True)
class Order:
    """What arrives on standard input; `execution` is the same whenever the same run is tried again."""

    request: str
    organization: str
    microservice: str
    requester: str
    execution: str
    target: str | None
    parameters: dict[str, Any]

    @property
    def named(self) -> str:
        """The target, where the microservice's rules ask for one."""
        return self.target or refuse("the order names no target")


def refuse(sentence: str) -> NoReturn:
    """Ends the program with exit code 1; the estate stays as it was."""
    sys.exit(sentence)


def find(things: Estate, kind: str, name: str) -> Estate:
    """One thing of the estate by its name."""
    return things[name] if name in things else refuse(f"there is no {kind} {name!r}")


def members(estate: Estate, group: str) -> Estate:
    """The workspaces of a group, by name."""
    found = {name: one for name, one in estate["workspaces"].items() if one["group"] == group}
    return found or refuse(f"there is no workspace group {group!r}")


def power(workspace: Estate, action: str) -> str:
    """Does the action and says what state it left; only a start leaves the sessions alone."""
    workspace["power"] = "On" if action in ("Start", "Restart") else "Off"
    if action != "Start":
        workspace["sessions"] = []
    return workspace["power"]


def run(act: Callable[[Estate, Order], str], *, repeatable: bool = False) -> None:
    """Carries out the order and prints what came of it, in one sentence.

    An execution on record is never carried out again. Where `repeatable`, it answers as it did the first time,
    which is what `idempotent: true` of a microservice promises; elsewhere it is refused.
    """
    order = _order()
    folder = os.open(FOLDER, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)  # Until the program ends. The folder, since the file itself is replaced.
    file = FOLDER / f"{order.organization}.json"
    estate = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else refuse(f"{file.name} is no estate")
    before = next((done for done in estate["history"] if done["execution"] == order.execution), None)
    if before is not None and not repeatable:
        refuse(f"the execution {order.execution} has been carried out already: {before['result']}")
    result = before["result"] if before is not None else act(estate, order)
    if before is None:
        estate["history"].append(_entry(order, result))
        _replace(file, estate)
    sys.stdout.buffer.write(f"{result}\n".encode())


def _order() -> Order:
    given = json.loads(sys.stdin.buffer.read())
    order = Order(**{field: given.get(field) for field in Order.__dataclass_fields__})
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,62}", order.organization or ""):
        refuse("the order names no organization")
    return order if order.execution else refuse("the order has no execution id")


def _entry(order: Order, result: str) -> dict[str, Any]:
    """What the history keeps; parameters are left out, since one may be a secret."""
    names = ("execution", "request", "microservice", "requester", "target")
    return {name: getattr(order, name) for name in names} | {"result": result}


def _replace(file: Path, estate: Estate) -> None:
    """The whole new content or the whole old one, whenever the power fails."""
    new = file.with_suffix(".new")
    with new.open("w", encoding="utf-8") as stream:
        json.dump(estate, stream, indent=2, ensure_ascii=False)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
