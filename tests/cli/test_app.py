"""The command line as a whole: table, help, global options, errors and exit codes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import typer

from assent import __version__
from assent.cli import app, output
from assent.errors import AssentError, LedgerError, UsageError

SOURCES = Path(app.__file__).parent
PROGRAM = Path(sys.executable).with_name("assent")


@pytest.fixture
def command(monkeypatch):
    """Adds a command that does what the given function does."""

    def add(function, name="probe"):
        module = ModuleType(f"assent.cli.{name}")
        setattr(module, name, function)
        monkeypatch.setitem(sys.modules, f"assent.cli.{name}", module)
        monkeypatch.setitem(app.COMMANDS, name, app.Command(name, "Look", "Probe."))

    return add


def raising(error):
    def probe():
        raise error

    return probe


@pytest.mark.parametrize("name", app.COMMANDS)
def test_every_line_of_the_table_leads_to_a_command(assent, name):
    """A command of the table has a module, and help that says more than its name."""
    ran = assent(name, "--help")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith(f"Usage: assent {name} ")
    assert (SOURCES / f"{app.COMMANDS[name].module}.py").exists()


@pytest.mark.parametrize("arguments", [(), ("--help",)], ids=["nothing", "help"])
def test_help_lists_every_command_under_its_heading(assent, arguments):
    """Called with nothing, `assent` says what there is, and that is no error."""
    ran = assent(*arguments)

    assert (0, "") == (ran.code, ran.err)
    for name, one in app.COMMANDS.items():
        assert f"\n{one.section}:\n" in ran.out
        assert f"  {name} " in ran.out


def test_version(assent):
    """`--version` prints one line."""
    assert (0, f"assent {__version__}\n", "") == assent("--version")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["tre"], "assent: there is no command 'tre'; did you mean tree?", id="unknown command"),
        pytest.param(["xyz"], "assent: there is no command 'xyz'\n", id="nothing near it"),
        pytest.param(["--nope"], "assent: No such option: --nope", id="unknown option"),
        pytest.param(["can"], "assent: Missing argument 'USER'", id="missing argument"),
        pytest.param(["tree", "--output", "xml"], "'-o': 'xml' is not one of 'table', ", id="unknown format"),
        pytest.param(["explain", "reqest"], "there is no command 'reqest'; did you mean request?", id="below explain"),
        pytest.param(["ledger", "sho"], "there is no command 'sho'; did you mean show?", id="below ledger"),
    ],
)
def test_wrong_usage_is_2_and_says_where_to_read_on(assent, arguments, message):
    """A command called wrongly exits with 2, with nothing on standard output."""
    ran = assent(*arguments)

    assert (2, "") == (ran.code, ran.out)
    assert message in ran.err
    assert "--help` " in ran.err


@pytest.mark.parametrize(
    ("error", "code", "err"),
    [
        pytest.param(AssentError("it is so", "do that"), 1, "assent: it is so\nhint: do that\n", id="refused"),
        pytest.param(UsageError("not so"), 2, "assent: not so\n", id="wrong usage"),
        pytest.param(LedgerError("broken"), 1, "assent: broken\n", id="ledger"),
        pytest.param(typer.Exit(1), 1, "", id="exit"),
        pytest.param(KeyboardInterrupt(), 130, "", id="interrupted"),
        pytest.param(
            typer.Abort(), 130, "assent: stopped at a question that nobody answered; nothing was done\n", id="abort"
        ),
    ],
)
def test_errors_become_exit_codes_in_one_place(assent, command, error, code, err):
    """Whatever a person can put right is a sentence, not a trace."""
    command(raising(error))

    assert (code, "", err) == assent("probe")


def test_anything_else_is_our_bug(assent, command):
    """A bug exits with 3, says that it is ours, and shows code but no values."""
    command(raising(KeyError("s3cret")))

    ran = assent("probe")

    assert (3, "") == (ran.code, ran.out)
    assert ran.err.endswith("assent: this is a bug in assent: KeyError\nhint: please report it with the lines above\n")
    assert "in probe" in ran.err
    assert "s3cret" not in ran.err


@pytest.mark.parametrize("arguments", [["--quiet", "probe"], ["probe", "-q"]], ids=["before", "behind"])
def test_quiet_stands_before_or_behind_the_command(assent, command, arguments):
    """With `--quiet` notes are left out, results and refusals are not; the next call starts anew."""

    def probe():
        output.note("aside")
        output.line("result")
        output.complain("refusal")

    command(probe)

    assert (0, "result\n", "refusal\n") == assent(*arguments)
    assert (0, "result\n", "aside\nrefusal\n") == assent("probe")


def test_a_command_may_have_commands_of_its_own(assent, command):
    """A `typer.Typer` under the command's name is a group; the global options reach into it."""
    group = typer.Typer(help="A group.")

    @group.command()
    def show():
        output.note("aside")

    command(group)

    assert (0, "", "") == assent("probe", "show", "--quiet")
    assert (0, "", "aside\n") == assent("probe", "show")
    assert "Usage: assent probe [OPTIONS] COMMAND" in assent("probe", "--help").out


def test_a_reader_who_went_away_is_no_problem_of_the_world():
    """`assent … | true` ends quietly, with the code that a shell knows as a closed pipe."""
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run([PROGRAM, "--help"], stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)

    assert (141, "") == (ran.returncode, ran.stderr)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_answers_from_the_table(assent, shell):
    """`assent completion` prints a script for the shell, and the call that the script makes finds the command."""
    script = assent("completion", shell)
    line = {"COMP_WORDS": "assent ca", "COMP_CWORD": "1", "_TYPER_COMPLETE_ARGS": "assent ca"}
    asked = {**line, "_TYPER_COMPLETE_FISH_ACTION": "get-args", "_ASSENT_COMPLETE": f"complete_{shell}"}
    ran = subprocess.run([PROGRAM], env={**os.environ, **asked}, capture_output=True, text=True, check=False)

    assert (0, "") == (script.code, script.err)
    assert f"_ASSENT_COMPLETE=complete_{shell}" in script.out
    assert "can" in ran.stdout
    assert "tree" not in ran.stdout


def test_the_program_knows_the_name_it_is_called_by():
    """As a plugin of kubectl it calls itself so."""
    ran = subprocess.run([PROGRAM.with_name("kubectl-assent"), "--help"], capture_output=True, text=True, check=True)

    assert ran.stdout.startswith("Usage: kubectl-assent ")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("año → 1", "año → 1"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("two\nlines", "two\nlines"),
    ],
    ids=["plain", "escape", "bidirectional", "line feed"],
)
def test_rule_44_nothing_is_shown_that_hides_something(text, shown):
    """Rule 44: what would not be shown as it is, is shown escaped."""
    assert shown == output.safe(text)


def test_a_table_that_nobody_looks_at_is_plain(capsys):
    """Away from a terminal a table is aligned columns, each row one line, nothing drawn or cut."""
    output.table({"name": ["acme", "x" * 200], "state": ["ok", ""]})

    assert [f"{'NAME':200}  STATE", f"{'acme':200}  ok", "x" * 200] == capsys.readouterr().out.splitlines()


def test_an_empty_table_says_so_beside_the_result(capsys):
    """Nothing to list is said on standard error, so that a script reads no rows."""
    output.table({"name": []}, empty="no requests")

    assert ("", "no requests\n") == capsys.readouterr()


def test_data_keeps_its_order(capsys):
    """JSON has the fields in the order in which they were given, and text as it is."""
    output.data({"b": 1, "a": "é"}, output.Format.JSON)

    assert '{\n  "b": 1,\n  "a": "é"\n}\n' == capsys.readouterr().out


def test_kubectl_finds_the_plugin():
    """Beside kubectl the program is `kubectl assent`."""
    if not shutil.which("kubectl"):
        pytest.skip("needs kubectl")
    path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["kubectl", "assent", "--version"], env={**os.environ, "PATH": path}, capture_output=True, text=True, check=True
    )

    assert f"assent {__version__}\n" == ran.stdout


@pytest.mark.parametrize("group", ["explain", "ledger"])
def test_a_group_alone_prints_its_help_once(assent, group):
    """Without a command of its own a group shows what it has, once, and it is wrong usage."""
    ran = assent(group)

    assert 2 == ran.code
    assert 1 == ran.err.count("Usage:")
    assert "Commands:" in ran.err


@pytest.mark.parametrize("command", [("tree",), ("can",), ("explain", "permission"), ("explain", "request"), ("get",)])
def test_help_shows_a_call_that_works(assent, command):
    """Whoever reads the help of a command that looks sees how it is called."""
    assert "Example" in assent(*command, "--help").out
