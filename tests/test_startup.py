"""Start-up is part of the contract: what is not needed is not imported."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

HEAVY = ("pydantic", "rich", "git", "sqlalchemy", "alembic", "yaml", "ruamel", "structlog", "httpx", "jsonschema")
PROBE = """
import sys
from assent.__main__ import main
code = main(sys.argv[2:])
print("loaded:", *[name for name in sys.argv[1].split() if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


def loaded(*arguments):
    """What of `HEAVY` one command loads in a process of its own, and the milliseconds it takes."""
    began = time.perf_counter()
    probe = [sys.executable, "-c", PROBE, " ".join(HEAVY), *arguments]
    ran = subprocess.run(probe, capture_output=True, text=True, check=True)
    took = (time.perf_counter() - began) * 1000
    return ran.stderr.splitlines()[-1].split()[1:], took


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], []], ids=["help", "version", "nothing"])
def test_the_table_alone_answers_for_help(arguments, record_property):
    """`assent --help` loads none of the libraries below the command line."""
    found, took = loaded(*arguments)
    record_property("milliseconds", round(took))

    assert [] == found


def test_the_table_alone_answers_for_the_tab_key():
    """Completing a command's name loads none of them either."""
    line = {"COMP_WORDS": "assent can", "COMP_CWORD": "1", "_ASSENT_COMPLETE": "complete_bash"}
    script = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from assent.__main__ import main; main()"
    )
    probe = [sys.executable, "-c", f"import sys; sys.argv[0] = 'assent'; {script}"]
    ran = subprocess.run(probe, env={**os.environ, **line}, capture_output=True, text=True, check=True)
    *found, modules = ran.stdout.splitlines()

    assert ["cancel", "can"] == found
    assert set() == set(HEAVY) & set(modules.split())


def test_a_decision_needs_neither_ledger_nor_git():
    """`assent can` on plain folders loads what it decides with, and nothing more."""
    world = ["-C", str(ROOT / "policies"), "-C", str(ROOT / "examples" / "01-automate")]
    question = ["maria@acme.example", "Approve", "Requests", "-n", "acme", "--module", "automate"]
    found, took = loaded("can", *question, *world)

    assert {"pydantic", "yaml"} == set(found), f"{took:.0f} ms"
