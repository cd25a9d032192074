"""Imports point down, the core stays pure, and the house keeps its sizes; read from the syntax trees."""

import ast
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "controller" / "assent"
FILES = sorted(PACKAGE.rglob("*.py"))

VALUES = """
abc base64 binascii bisect collections contextlib copy dataclasses datetime decimal difflib enum functools hashlib
heapq hmac itertools json math operator re string struct textwrap types typing unicodedata
"""
"""Modules of the standard library that only compute: all that the words and the mind may use of it."""


class Room(NamedTuple):
    """What one room may import of ours and of others; `pure` rooms get value modules of the standard library alone."""

    ours: str
    others: str = ""
    pure: bool = False


HANDS = "errors api reconcile"
BELOW = "errors shipped api core reconcile adapters"
"""All that a door may import; `cli` starts the other doors as well, and none of them knows another."""
ROOMS = {
    "errors": Room("", pure=True),
    "api": Room("errors api", "pydantic rfc8785", pure=True),
    "core": Room("errors api core", "jsonschema re2", pure=True),
    "reconcile": Room("errors api core reconcile"),
    "adapters": Room(HANDS),
    "adapters.documents": Room(f"{HANDS} adapters.documents adapters.fork", "yaml ruamel msgspec"),
    "adapters.fork": Room(HANDS),
    "adapters.git": Room(f"{HANDS} adapters.git adapters.documents", "git cryptography"),
    "adapters.kube": Room(f"{HANDS} adapters.kube", "kubernetes urllib3 msgspec cryptography"),
    "adapters.ledger": Room(f"{HANDS} adapters.ledger", "sqlalchemy alembic"),
    "adapters.runners": Room(f"{HANDS} adapters.runners", "httpx"),
    "adapters.mail": Room(HANDS, "aiosmtplib"),
    "adapters.logs": Room(HANDS, "structlog"),
    "adapters.health": Room(HANDS, "prometheus_client"),
    "shipped": Room("errors"),
    "cluster": Room(f"{BELOW} cluster", "kopf prometheus_client structlog typer aiohttp"),
    "portal": Room(
        f"{BELOW} portal",
        "fastapi starlette jinja2 babel authlib joserfc httpx itsdangerous limits sse_starlette pydantic uvicorn "
        "prometheus_client typer",
    ),
    "cli": Room(f"{BELOW} cli cluster portal", "typer rich structlog pydantic"),
    "cli.demos": Room(f"{BELOW} cli cluster portal __main__", "cryptography aiosmtpd starlette uvicorn"),
    "__main__": Room(f"{BELOW} cli", "typer"),
    "": Room(""),
}
IMPURE_CALLS = {"now", "utcnow", "today", "fromtimestamp", "open", "input", "print", "eval", "exec", "__import__"}
"""Calls that read a clock or the surroundings; `datetime.fromtimestamp` reads the time zone."""

FILE_LINES, FUNCTION_LINES, CORE_FUNCTION_LINES = 300, 40, 25


def module_of(path):
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module):
    """The most particular room that the module, named from within the package, lies in."""
    parts = module.split(".")
    candidates = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in candidates if name in ROOMS), "")


def imported(tree):
    """Every dotted name that the tree imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are written out, not relative"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield getattr(node.func, "attr", None) or getattr(node.func, "id", "")


def offences(module, source):
    """What the source, standing as this module, does that its room may not."""
    room = ROOMS[room_of(module)]
    tree = ast.parse(source)
    for name in imported(tree):
        top, _, rest = name.partition(".")
        if top == "assent":
            allowed = rest in ("", "__version__") or _within(room_of(rest), room.ours)
        elif top in sys.stdlib_module_names:
            allowed = not room.pure or top in VALUES.split() or name.startswith("urllib.parse.")
        else:
            allowed = top in room.others.split()
        if not allowed:
            yield f"{module or 'assent'} imports {name}"
    if room.pure:
        yield from (f"{module} calls {name}()" for name in sorted(set(called(tree)) & IMPURE_CALLS))


def _within(room, allowed):
    return any(room == one or room.startswith(f"{one}.") for one in allowed.split())


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of(function):
    """Its lines from `def` on, without the docstring: nobody should save words to save lines."""
    first = function.body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return function.end_lineno - function.lineno + 1 - (first.end_lineno - first.lineno + 1 if told else 0)


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_down(path):
    """A module imports what its room may, and a pure one calls nothing that reads a clock or a file."""
    assert [] == list(offences(module_of(path), path.read_text()))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("api.kinds", "from assent.core import world", id="words know no mind"),
        pytest.param("core.decide", "import os", id="the mind has no surroundings"),
        pytest.param("core.decide", "def late():\n    from pathlib import Path", id="not even later on"),
        pytest.param("core.decide", "from datetime import datetime\nx = datetime.now()", id="the mind has no clock"),
        pytest.param("core.decide", "text = open('x').read()", id="the mind reads no file"),
        pytest.param("core.decide", "from assent.adapters import git", id="the mind has no hands"),
        pytest.param("core.decide", "import yaml", id="the mind knows no format"),
        pytest.param("reconcile", "from assent.adapters.git import repository", id="the pass knows Protocols alone"),
        pytest.param("adapters.ledger.store", "from assent.core import decide", id="hands decide nothing"),
        pytest.param("adapters.ledger.store", "from assent.adapters.git import x", id="hands hold no hands"),
        pytest.param("adapters.fax", "from assent.adapters.fax import x", id="a new room needs a line of its own"),
        pytest.param("adapters.mail", "from assent.core import letters", id="who writes to whom is not the mail's"),
        pytest.param("cli.run", "import fastapi", id="the web framework is the panel's alone"),
        pytest.param("cluster.desk", "import fastapi", id="also not the operator's"),
        pytest.param("adapters.git.tree", "import yaml", id="YAML is read in one place"),
        pytest.param("adapters.documents.x", "from assent.adapters.git import x", id="documents know no Git"),
        pytest.param("adapters.documents.x", "from assent.cli import output", id="hands open no doors"),
        pytest.param("cluster.desk", "from assent.cli import output", id="a door opens no other door"),
        pytest.param("portal.serving", "from assent.cli.output import data", id="also not the panel"),
        pytest.param("portal.serving", "from assent.cluster.gauge import x", id="nor the operator's"),
        pytest.param("cluster.desk", "from assent.portal.deeds import x", id="nor the operator the panel's"),
        pytest.param("cli.run", "import sqlalchemy", id="a door leaves the ledger to its adapter"),
        pytest.param("cli.run", "import kopf", id="kopf is the operator's alone"),
        pytest.param("cli.run", "import kubernetes", id="the API server is an adapter's alone"),
    ],
)
def test_the_table_can_refuse(module, source):
    """Each line of the table refuses something: a check that cannot fail guards nothing."""
    assert 1 == len(list(offences(module, source)))


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("adapters.git.tree", "from assent.adapters import documents\nfrom assent.adapters.documents import load"),
        ("cli.run", "from assent.adapters.ledger import opening\nimport subprocess"),
        ("core.decide", "from assent.api.kinds import parse\nfrom datetime import datetime, timedelta"),
    ],
)
def test_the_table_lets_pass_what_it_should(module, source):
    """What the rooms need is allowed."""
    assert [] == list(offences(module, source))


def test_files_and_functions_stay_small():
    """A file has at most 300 lines, a function 40, and 25 where decisions are made."""
    long = []
    for path in FILES:
        text, module = path.read_text(), module_of(path)
        most = CORE_FUNCTION_LINES if room_of(module) == "core" else FUNCTION_LINES
        if text.count("\n") > FILE_LINES:
            long.append(f"{module} has {text.count(chr(10))} lines")
        found = ((lines_of(one), one.name) for one in functions(ast.parse(text)))
        long += [f"{module}.{name} has {lines} lines" for lines, name in found if lines > most]

    assert [] == long


def test_every_room_states_its_rule():
    """The `__init__` of every room has a docstring, and no module shadows the standard library's `operator`."""
    rooms = [path for path in FILES if path.name == "__init__.py"]

    assert [] == [str(path) for path in rooms if not ast.get_docstring(ast.parse(path.read_text()))]
    assert [] == [str(path) for path in FILES if path.name == "operator.py"]
    assert [] == [str(one.parent) for one in FILES if not (one.parent / "__init__.py").exists()]
