"""The Helm chart as the tests see it: rendered by the real helm, which is one of the control plane's programs."""

import os
import subprocess
from functools import cache
from pathlib import Path

import pytest
import yaml

from cluster import plane as planes

ROOT = Path(__file__).parents[1]
CHART = ROOT / "charts" / "assent"
NAMESPACE = "assent-system"
GOLDEN = ROOT / "tests" / "chart"
CASES = sorted(one.name.removesuffix(".values.yaml") for one in GOLDEN.glob("*.values.yaml"))
MISSING = "no helm here: `make controlplane` builds it"


every_case = pytest.mark.parametrize("case", CASES)
"""Each set of values that is tried; what it renders lies beside it."""


def options(case):
    return ("--values", str(GOLDEN / f"{case}.values.yaml"))


def program():
    """helm; where there is none the test is skipped, and fails where CI should have built it."""
    folder = planes.programs()
    if folder is None or not (folder / "helm").is_file():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(MISSING)
    return folder / "helm"


def helm(*arguments, **options):
    """What helm says; nothing is raised."""
    command = [program(), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, **options)


def succeed(*arguments):
    ran = helm(*arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@cache
def rendered(*options):
    """Every object that the chart comes to, with these options."""
    text = succeed("template", "assent", CHART, "--namespace", NAMESPACE, *options)
    return tuple(one for one in yaml.safe_load_all(text) if one)


def found(objects, kind, name):
    """The one object of this kind and name."""
    (one,) = (one for one in objects if (one["kind"], one["metadata"]["name"]) == (kind, name))
    return one
