"""The README shows what the demo really prints, and the pages beside it name only what is there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from assent.cli.demos import live

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = (README, *sorted((ROOT / "docs").rglob("*.md")))
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md")
NAMED = re.compile(
    r"\]\(([^)#:]+)\)|(?<![\w./-])((?:\.ci|controller|crds|docs|examples|policies|tests)/[\w./-]*\w|[A-Z]+\.md)"
)
BLOCK = re.compile(r"(?<=This is what it printed:\n\n```text\n).*?(?=\n```)", re.DOTALL)
VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (re.compile(r"\b[0-9a-f]{12,64}\b"), "<id>"),
    (re.compile(r"/[^ :]*/demo/"), "<folder>/"),
    (re.compile(r"seconds=[\d.]+"), "seconds=<n>"),
    (re.compile(r"in \d+ seconds"), "in <n> seconds"),
)


def steady(text):
    """The text without what differs from run to run: times, ids, folders."""
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    return text.strip()


@pytest.fixture(scope="module")
def printed():
    """What `assent demo --once` prints where nobody watches."""
    command = [sys.executable, "-m", "assent", "demo", "--once"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


def test_readme_shows_what_the_demo_prints(printed):
    """The block is the demo's own output; ASSENT_UPDATE=1 writes it anew."""
    text = README.read_text(encoding="utf-8")
    if os.environ.get("ASSENT_UPDATE"):
        README.write_text(BLOCK.sub(lambda _: printed.strip(), text), encoding="utf-8")
        text = README.read_text(encoding="utf-8")
    shown = BLOCK.search(text)

    assert shown
    assert steady(printed).splitlines() == steady(shown.group()).splitlines()


def test_readme_shows_what_the_demo_says_before_it_goes_on(capsys):
    """Where panel and mailbox are, and whom to be there."""
    live._tell("http://127.0.0.1:8080/", "http://127.0.0.1:8025/")

    assert f"\n```text\n{capsys.readouterr().out.strip()}\n```\n" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "sentence",
    [
        "SelfApproval",
        "SignerMismatch",
        "DigestStale",
        "author-not-allowed",
        "runs of acme/finance-vdi in the estate: 1",
        "rejected it: no budget before March",
        "is not as it was written",
    ],
)
def test_demo_tells_the_whole_story(printed, sentence):
    """Each scene comes to what it is there for."""
    assert sentence in printed


@pytest.mark.parametrize(
    ("page", "path"),
    [
        (page, linked or written)
        for page in PAGES
        for linked, written in sorted(set(NAMED.findall((ROOT / page).read_text(encoding="utf-8"))))
    ],
)
def test_pages_name_what_is_there(page, path):
    """Every link and every proof leads to a file or folder."""
    assert (ROOT / path).exists()


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_read_for_what_they_name(page):
    """Each of the pages names something: a pattern that finds nothing checks nothing."""
    assert NAMED.search((ROOT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", DOCS, ids=lambda one: str(one.relative_to(ROOT)))
def test_commands_run_on_every_system(page):
    """What only GNU's programs know, such as `find -printf`, stands in no command that people are to copy."""
    assert [] == re.findall(r"\bfind [^\n]*-printf|\bsed -i", page.read_text(encoding="utf-8"))


def test_what_has_to_be_built_first_is_said_before_the_cluster_is_set_up():
    """The chart's image, and the placeholder that the catalogue's Jobs name, are pulled from nowhere as they stand."""
    text = README.read_text(encoding="utf-8").partition("## On a cluster\n")[2]
    catalogue = "".join(one.read_text(encoding="utf-8") for one in (ROOT / "policies" / "catalogue").glob("*.yaml"))
    (placeholder,) = set(re.findall(r"image: (\S+)@sha256:", catalogue))

    assert "docker push " in text.partition("helm install")[0]
    assert f"a placeholder, `{placeholder}@" in text.partition("kubectl apply")[0]
