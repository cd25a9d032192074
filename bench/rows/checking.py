"""`assent check` of files as a whole process: beside the usual check in Python, and kubeconform."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from os import environ
from pathlib import Path
from typing import Any

from assent.api.kinds import MODELS
from assent.cli.schema import DRAFT, of_kind
from bench import estate
from bench.harness import OURS, Figure, Reach, Row, Run, agree, process, program, rounds

FILES, CONFORM = "CSafeLoader + jsonschema-rs", "kubeconform -n 1"
KUBECONFORM = "v0.6.7"
PEER = Path(__file__).parents[1] / "peers" / "files.py"

BREAKS: Mapping[str, tuple[str, str]] = {
    "roles/admins": ("  entries:\n", "  entriess:\n"),
    "users/u0": ("  username: ", "  userName: "),
    "users/u1": ("  type: Human\n", "  type: Person\n"),
    "users/u2": ("  department: ", "  department: 7 #"),
    "flows/manager": ("    quorum: 1\n", "    quorum: none\n"),
    "services/reset": ("  microservice: {organization: platform, name: reset-password}\n", ""),
    "requests/r0": ("  targets:\n", "  targets: all\n  reasons:\n"),
    "requests/r1": ("  requester: u4@", "  requester: u4 @"),
    "organization": ("  country: ", "  country: x"),
}
"""What is put wrong in one document each: what a schema can see, so that all contenders have to find it."""

OURS_ALONE: Mapping[str, tuple[str, str]] = {
    "flows/manager": ("      - {name: managers}\n", "      - {name: nobody-here}\n"),
    "roles/managers": ("portal: User", "portal: Usher"),
    "users/u3": ("  displayName: ", "  displayName: 0755 #"),
}
"""What no peer looks for: names that lead nowhere, and text that readers of YAML understand differently."""


def measure(run: Run) -> Iterator[Figure]:
    """Compares what is found in a small estate with mistakes; then times the sound one."""
    schemas, strict = _schemas(run.folder)
    conform = kubeconform(build=not run.quick)
    if not conform:
        run.note("kubeconform was not measured: it is not there, and there is no Go to build it with")
    _compare(run, schemas, strict, conform)
    run.tell(f"writes {run.size:,} files")
    folders = [str(one) for one in estate.write(run.folder / "sound", run.size)]
    commands = {
        OURS: [program("assent"), "check", *folders],
        FILES: [sys.executable, str(PEER), str(schemas), *folders],
    }
    if conform:
        commands[CONFORM] = _conform(conform, strict, folders, summary=True)
    _sound(run, commands)
    cases = {name: (lambda command=command: process(command)[0]) for name, command in commands.items()}
    values = rounds(run, cases)
    shutil.rmtree(run.folder / "sound")
    yield Figure(1, "check of an estate, whole process", run.size, "s", values, FILES, reach=Reach(1.5))
    if conform:
        yield Figure(1, "the same beside kubeconform", run.size, "s", values, CONFORM, reach=Reach(0.9))


def _sound(run: Run, commands: Mapping[str, Sequence[str]]) -> None:
    """All of them read every document of the sound estate, and find nothing wrong."""
    run.tell("compares what is seen")
    seen = {OURS: json.loads(process([*commands[OURS], "-o", "json"])[1])["documents"]}
    seen[FILES] = int(process(commands[FILES])[1])
    if CONFORM in commands:
        summary = json.loads(process(commands[CONFORM])[1])["summary"]
        seen[CONFORM] = summary["valid"] if not (summary["invalid"] or summary["errors"]) else summary
    agree("documents in a sound estate", seen)


def _compare(run: Run, schemas: Path, strict: Path, conform: str) -> None:
    """The same files are found wrong where a schema can tell; and ours alone finds what it cannot."""
    (folder,) = estate.write(run.folder / "broken", 600)
    wanted = _broken(folder, BREAKS, 2)
    found = {
        OURS: _wrong(json.loads(process([program("assent"), "check", str(folder), "-o", "json"], codes=(1,))[1])),
        FILES: set(process([sys.executable, str(PEER), str(schemas), str(folder)])[1].split()[:-1]),
    }
    if conform:
        told = json.loads(process(_conform(conform, strict, [str(folder)]), codes=(1,))[1])
        found[CONFORM] = {one["filename"] for one in told["resources"] if one["status"] != "statusValid"}
    agree("files with mistakes", {"what was put wrong": wanted, **found})
    more = _broken(folder, OURS_ALONE, 2 + len(BREAKS))
    told = json.loads(process([program("assent"), "check", str(folder), "-o", "json"], codes=(1,))[1])
    if not more <= _wrong(told, schemas=False):
        raise ValueError(f"not found: {more - _wrong(told, schemas=False)}")
    run.note(
        f"{len(wanted)} mistakes that a schema can tell are found by all, in the same files; "
        f"{len(more)} others (names that lead nowhere, ambiguous text) by Assent alone"
    )
    shutil.rmtree(run.folder / "broken")


def _broken(folder: Path, breaks: Mapping[str, tuple[str, str]], first: int) -> set[str]:
    """Puts one thing wrong in a document each, of an organization each; the files' names."""
    wrong = set()
    for number, (name, (good, bad)) in enumerate(breaks.items(), first):
        path = folder / f"org-{number:05d}" / f"{name}.yaml"
        text = path.read_text()
        if good not in text:
            raise ValueError(f"{path} has no {good!r}")
        path.write_text(text.replace(good, bad, 1))
        wrong.add(str(path))
    return wrong


def _wrong(told: Mapping[str, Any], *, schemas: bool = True) -> set[str]:
    """The files in which something is wrong, by itself or in the world."""
    return {one["file"] for one in told["findings"] if not schemas or one["rule"] == "document-invalid"}


def _conform(conform: str, schemas: Path, folders: Sequence[str], *, summary: bool = False) -> list[str]:
    """Kubeconform offline, by the same schemas."""
    location = str(schemas / "{{ .ResourceKind }}.json")
    options = ["-n", "1", "-strict", "-schema-location", location, "-output", "json"]
    return [conform, *options, *(["-summary"] if summary else []), *folders]


def _schemas(folder: Path) -> tuple[Path, Path]:
    """What `assent schema` says of each kind, for two readers: Go's patterns spell a character in their own way."""
    made = folder / "schemas", folder / "schemas-for-go"
    for one in made:
        one.mkdir(parents=True, exist_ok=True)
    for kind in MODELS:
        schema = {"$schema": DRAFT, **of_kind(kind)}
        (made[0] / f"{kind}.json").write_text(json.dumps(schema))
        (made[1] / f"{kind.lower()}.json").write_text(json.dumps(_for_go(schema)))
    return made


def _for_go(value: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(value, dict):
        return {
            key: re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", one)
            if key == "pattern" and isinstance(one, str)
            else _for_go(one)
            for key, one in value.items()
        }
    return [_for_go(one) for one in value] if isinstance(value, list) else value


def kubeconform(*, build: bool) -> str:
    """The program, built once where Go is there; empty where it cannot be had."""
    cache = Path(environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "assent" / f"kubeconform-{KUBECONFORM}"
    made = cache / "kubeconform"
    go = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if not made.exists() and go and build:
        command = [go, "install", f"github.com/yannh/kubeconform/cmd/kubeconform@{KUBECONFORM}"]
        subprocess.run(
            command, env={**environ, "GOBIN": str(cache), "CGO_ENABLED": "0"}, capture_output=True, check=False
        )
    return str(made) if made.exists() else ""


ROW = Row(
    1,
    "cold `assent check` of 10,000 documents, whole process, all checks on",
    "PyYAML CSafeLoader + jsonschema-rs as a whole process; kubeconform -n 1",
    measure,
    size=10_000,
    small=120,
    growth=(1_000, 10_000, 100_000),
    grows="check of an estate, whole process",
    unmeasured=(
        "Files that are not in the page cache, and a first start without Python's compiled files.",
        "What Assent's check does besides a schema's: the peers judge each document by itself, Assent also the world.",
    ),
)
