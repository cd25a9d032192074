"""The page about the command line is hand-written; these tests hold it to the program."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer._click import Context
from typer.core import TyperGroup

from assent.cli import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "cli.md").read_text()
SHOWN = r"(?ms)^```console\n\$ assent (.*?)\n(.*?)^```$"
EVERYWHERE = app.GLOBAL | {"-q", "--help"}


def commands() -> Iterator:
    """Every command and every command within one, by its whole name."""
    root = typer.main.get_group(app.app)
    context = Context(root, info_name="assent")

    def below(name, command):
        if isinstance(command, TyperGroup):
            for one in command.list_commands(context):
                yield from below(f"{name} {one}", command.get_command(context, one))
        else:
            yield name, command

    return below("assent", root)


FOUND = dict(commands())


def section(name):
    """What the page says under the command's heading."""
    match = re.search(rf"^(#+) `{re.escape(name)}`\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return match[2] if match else ""


def options(command):
    return {name for param in command.params for name in param.opts if name.startswith("-")} - EVERYWHERE


@pytest.mark.parametrize("name", FOUND)
def test_every_command_and_option_is_on_the_page(name):
    """A command has a section of its own, with every option and argument in it."""
    command, told = FOUND[name], section(name)
    arguments = {param.display_name_raw.upper() for param in command.params if param.param_type_name == "argument"}

    assert told, f"docs/reference/cli.md has no heading for `{name}`"
    assert set() == {one for one in options(command) if not re.search(rf"(?<![-\w]){one}(?![-\w])", told)}
    assert set() == {one for one in arguments if one not in told.upper() and "|" not in told.splitlines()[1]}


@pytest.mark.parametrize("name", FOUND)
def test_the_page_names_no_option_that_is_not_there(name):
    """What the page's table for a command lists, the command takes."""
    listed = {
        one
        for row in re.findall(r"^\| (`-.*?) \|", section(name), re.MULTILINE)
        for one in re.findall(r"(?<![-\w])--?\w[-\w]*", row)
    }

    assert set() == listed - options(FOUND[name]) - EVERYWHERE


def test_the_page_names_no_command_that_is_not_there():
    """Every heading of a command is a command, or a group of them."""
    headings = set(re.findall(r"^#+ `(assent [\w -]+)`$", PAGE, re.MULTILINE))

    assert set() == {one for one in headings if not any(name == one or name.startswith(f"{one} ") for name in FOUND)}


@pytest.mark.parametrize("name", sorted(app.GLOBAL))
def test_the_global_options_are_on_the_page(name):
    """What all commands take stands once, at the top."""
    assert f"`{name}`" in PAGE.partition("## `assent ")[0]


@pytest.mark.parametrize(("line", "told"), re.findall(SHOWN, PAGE))
def test_what_the_page_shows_is_what_is_printed(assent, monkeypatch, line, told):
    """A command that the page shows prints what the page shows."""
    monkeypatch.chdir(ROOT)

    assert (0, told) == assent(*shlex.split(line))[:2]
