"""What is shipped is a wheel: built here, installed in a fresh environment, used outside of the checkout."""

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from contextlib import suppress
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def succeed(*command, **options):
    ran = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False, **options)
    assert 0 == ran.returncode, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the checkout with the tools of the lock file."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps", "--no-build-isolation"]
    succeed(*pip, "--quiet", "--wheel-dir", folder, ROOT)
    return next(folder.glob("assent-*.whl"))


@pytest.fixture(scope="module")
def program(wheel, tmp_path_factory):
    """Runs a program of the wheel, installed in an environment of its own that borrows the libraries of this one."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    packages = next(home.glob("lib/python*/site-packages"))
    packages.joinpath("libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", home / "bin" / "python", "install"]
    succeed(*pip, "--quiet", "--no-deps", "--no-index", wheel)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(name, *arguments):
        return succeed(home / "bin" / name, *arguments, cwd=elsewhere, env=clean)

    run.packages = packages
    return run


@pytest.mark.parametrize("folder", ["crds", "policies", "examples"])
def test_what_is_shipped_is_inside(wheel, folder):
    """The wheel holds every file of the folders that commands hand out."""
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [one.relative_to(ROOT) for one in ROOT.joinpath(folder).rglob("*") if one.is_file()]

    assert set() == {f"assent/shipped/{one}" for one in files if "__pycache__" not in one.parts} - names


def test_the_panel_is_inside(wheel):
    """Templates, messages, style and the scripts of others come along, so that nothing else has to be installed."""
    inside = zipfile.ZipFile(wheel)
    names, portal = set(inside.namelist()), ROOT / "controller" / "assent" / "portal"
    files = [one for folder in ("templates", "static", "locale") for one in portal.joinpath(folder).rglob("*")]
    scripts = {one: inside.read(one) for one in names if one.startswith("assent/portal/vendor/")}
    needed = next(one for one in names if one.endswith(".dist-info/METADATA"))

    assert set() == {str(one.relative_to(ROOT / "controller")) for one in files if one.is_file()} - names
    assert {"htmx-2.min.js", "hx-sse-2.min.js"} == {one.rpartition("/")[2] for one in scripts}
    assert all(b"htmx" in text for text in scripts.values())
    assert not re.search(
        r"^Requires-Dist: django-htmx(?!.*extra == ['\"]dev)", inside.read(needed).decode(), re.MULTILINE
    )


def test_the_wheel_holds_nothing_else(wheel):
    """No tests, caches or other people's files come along."""
    names = zipfile.ZipFile(wheel).namelist()

    assert {"assent"} == {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert [] == [name for name in names if "__pycache__" in name or "/tests/" in name]


def test_it_runs_outside_of_the_checkout(program):
    """The installed program answers by both of its names, from its own files."""
    where = program("python", "-c", "import assent; print(assent.__file__)").strip()

    assert program("assent", "--version") == program("kubectl-assent", "--version")
    assert Path(where).is_relative_to(program.packages)


def test_it_hands_out_the_crds(program):
    """`assent crds` prints what the wheel holds."""
    assert 8 == program("assent", "crds").count("kind: CustomResourceDefinition")


def test_it_checks_the_shipped_policies(program):
    """The shipped policies pass `check`, read from the installed wheel."""
    program("assent", "check", program.packages / "assent" / "shipped" / "policies")


EXTRAS = ("cluster", "postgres", "portal")
"""What the image installs with it."""

ALONE = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(name, name=name)

sys.meta_path.insert(0, Absent())
import assent.cluster.operating, assent.portal.at_cluster, assent.portal.git_door, assent.portal.serving
print(sorted(sys.modules.keys() & ABSENT))
"""


def test_operator_and_panel_stand_on_what_is_installed_with_them(program, wheel):
    """Both are loaded where nothing is but what the image's extras bring: no tool of development, and no Django."""
    there = brought(wheel)
    absent = {
        module
        for module, owners in metadata.packages_distributions().items()
        if not there & {canonicalize_name(one) for one in owners}
    }

    assert {"pytest", "django_htmx", "playwright"} <= absent
    assert "[]" == program("python", "-c", f"ABSENT = {absent!r}\n{ALONE}").strip()


def brought(wheel):
    """Every distribution that comes with the wheel and these extras, as far as it is installed here."""
    with zipfile.ZipFile(wheel) as inside:
        (name,) = (one for one in inside.namelist() if one.endswith(".dist-info/METADATA"))
        lines = Parser().parsestr(inside.read(name).decode()).get_all("Requires-Dist")
    found, rest = {"assent"}, [(lines, EXTRAS)]
    while rest:
        lines, extras = rest.pop()
        for wanted in map(Requirement, lines):
            key = (canonicalize_name(wanted.name), *sorted(wanted.extras))
            marked = wanted.marker is None or any(wanted.marker.evaluate({"extra": one}) for one in ("", *extras))
            if marked and key not in found:
                found.add(key)
                with suppress(metadata.PackageNotFoundError):
                    rest.append((metadata.requires(wanted.name) or [], wanted.extras))
    return {one if isinstance(one, str) else one[0] for one in found}
