"""`make` says what there is, and what is missing on a machine that has too little."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TARGETS = set(re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split())


def make(*arguments):
    return subprocess.run(["make", "-C", ROOT, *arguments], capture_output=True, text=True, check=False)


def test_make_alone_lists_every_target():
    """Whoever does not know what to type types `make`."""
    ran = make()

    assert (0, "") == (ran.returncode, ran.stderr)
    assert TARGETS == set(re.findall(r"^  make ([a-z-]+) +\S", ran.stdout, re.MULTILINE))


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_a_machine_without_python_is_told_so(tmp_path, python):
    """A Python that is too old or not there is a sentence, and nothing is begun."""
    ran = make("setup", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}")

    assert ran.returncode
    assert "assent needs Python 3.11 or newer" in ran.stderr
    assert not (tmp_path / "venv").exists()
