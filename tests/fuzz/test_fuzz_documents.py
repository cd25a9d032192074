"""Any bytes are documents or findings, never a crash; ASSENT_FUZZ_SECONDS says for how long that is tried."""

import importlib.util
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fuzz import documents, mutation

HERE = Path(__file__).parent
SECONDS = float(os.environ.get("ASSENT_FUZZ_SECONDS", "2"))
LONG = 10
ATHERIS = importlib.util.find_spec("atheris") is not None

pytestmark = pytest.mark.fuzz


@pytest.mark.parametrize("path", sorted((HERE / "corpus" / "documents").iterdir()), ids=lambda path: path.name)
def test_rule_34_the_corpus(path):
    """Rule 34: every text that once found something, or shows a form, keeps the promises."""
    documents.check(path.read_bytes())


def test_rule_34_made_up_inputs():
    """Rule 34: whatever the bytes, `load` answers in time with documents that PyYAML reads alike, or with findings."""
    seed = random.randrange(1 << 32) if SECONDS > LONG else 1
    source, texts, tried = random.Random(seed), mutation.corpus("documents"), 0
    end = time.monotonic() + (SECONDS / 2 if ATHERIS and SECONDS > LONG else SECONDS)
    while time.monotonic() < end:
        data = mutation.mutated(source, texts)
        try:
            documents.check(data)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the input that caused it must be told
            pytest.fail(f"input {tried} of seed {seed}, {data!r}: {type(error).__name__}: {error}")
        tried += 1

    assert tried > 0


@pytest.mark.skipif(not (ATHERIS and SECONDS > LONG), reason="needs atheris and ASSENT_FUZZ_SECONDS above 10")
def test_rule_34_inputs_guided_by_coverage(tmp_path):
    """Rule 34: atheris, which looks for inputs that reach new code, finds nothing that crashes."""
    command = [sys.executable, HERE / "fuzz_documents.py", tmp_path, HERE / "corpus" / "documents"]
    options = [f"-max_total_time={SECONDS / 2:.0f}", f"-artifact_prefix={tmp_path}/", "-verbosity=0"]
    environment = os.environ | {"PYTHONPATH": str(HERE.parent)}
    done = subprocess.run([*command, *options], capture_output=True, text=True, env=environment, check=False)

    assert 0 == done.returncode, done.stderr[-3000:]
