"""The command table, and a Typer group that imports a command's module only when that command is called.

`assent --help` is answered from the table alone: none of the libraries below is loaded for it.
"""

import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Annotated, NamedTuple

import typer
import typer.main
from typer._click import Command as ClickCommand
from typer._click import Context, HelpFormatter  # Typer carries its own click, and exports these names nowhere
from typer._click.exceptions import BadParameter
from typer._click.shell_completion import CompletionItem
from typer._completion_classes import completion_init
from typer.core import TyperGroup, TyperOption

from assent import __version__
from assent.cli import output
from assent.errors import UsageError


class Command(NamedTuple):
    """One line of the table: the module within `assent.cli`, the heading of the help it stands under, and its help.

    The module has a function, or a `typer.Typer` with commands of its own, under the command's name.
    """

    module: str
    section: str
    help: str


COMMANDS: dict[str, Command] = {
    "init": Command("init", "Declare", "Write a starter repository that passes `check`."),
    "check": Command("check", "Declare", "Report everything wrong with what is declared, with its place."),
    "test": Command("scenarios", "Declare", "Play scenarios: given a world, when people ask and decide, then …"),
    "schema": Command("schema", "Declare", "Print the JSON Schema of a kind, or of all, for editors."),
    "crds": Command("crds", "Declare", "Print the CustomResourceDefinitions."),
    "request": Command("request", "Ask and decide", "Open a request, by a signed commit; in a cluster, as yourself."),
    "approve": Command("decisions", "Ask and decide", "Approve a request, for the digest that is shown."),
    "reject": Command("decisions", "Ask and decide", "Reject a request, with a reason."),
    "withdraw": Command("decisions", "Ask and decide", "Withdraw your own request before it runs."),
    "cancel": Command("decisions", "Ask and decide", "Cancel somebody's request before it runs."),
    "settle": Command("decisions", "Ask and decide", "Say how an unknown or a manual run ended."),
    "get": Command("get", "Look", "List documents in force, or show one with its status."),
    "catalogue": Command("catalogue", "Look", "List what may be requested in an organization."),
    "tree": Command("tree", "Look", "Show the tree of organizations and its state."),
    "can": Command("can", "Look", "Say whether somebody may do something, and why."),
    "explain": Command(
        "explain", "Look", "Say why a request waits and who can move it, or why a permission is as it is."
    ),
    "ledger": Command("ledger", "Look", "Show the history, or prove that nobody changed it."),
    "run": Command("run", "Run", "Follow a branch: hold requests until they are approved, run them once."),
    "operator": Command("operate", "Run", "Reconcile a cluster: hold requests until they are approved, run them once."),
    "portal": Command("portal", "Run", "Serve the panel: open requests and decide in the browser, and from mails."),
    "demo": Command("demo", "Run", "Show the main job in a throw-away world."),
    "completion": Command("completion", "Set up", "Print a script that completes commands in a shell."),
}
"""Every command by its name, in the order of the help."""

GLOBAL = {"--quiet", "--no-color"}
"""Options that may stand before the command or behind it."""


class Commands(TyperGroup):
    """The group of all commands in the table."""

    def run(self, arguments: list[str], program: str) -> int:
        """Runs one command and gives its exit code; what it raises is the caller's.

        Typer's own `main` would answer a closed pipe with exit code 1, which means something else here.
        """
        if f"_{program}_COMPLETE".replace("-", "_").upper() in os.environ:
            completion_init()
            self._main_shell_completion({}, program)
        try:
            with self.make_context(program, arguments) as context:
                self.invoke(context)
        except typer.Exit as done:
            return done.exit_code
        return 0

    def list_commands(self, ctx: Context) -> list[str]:  # noqa: ARG002 -- Typer's signature
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> ClickCommand | None:  # noqa: ARG002 -- Typer's signature
        """The command, with its module imported now; None where the table has no such name."""
        if cmd_name not in COMMANDS:
            return None
        if cmd_name not in self.commands:
            self.commands[cmd_name] = self._finished(_built(cmd_name, COMMANDS[cmd_name]))
        return self.commands[cmd_name]

    def _finished(self, command: ClickCommand) -> ClickCommand:
        """With the global options, and with its arguments written as the help of other programs writes them."""
        for one in _all(command):
            for argument in one.params:
                if argument.param_type_name == "argument" and argument.metavar is None:
                    argument.metavar = argument.name.upper()
            one.params.extend(option for option in self.params if GLOBAL & {*option.opts})
        return command

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """`--help`, off unless it is given: Typer loads pydantic to convert the None that it would be otherwise."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, ClickCommand | None, list[str]]:
        """The command that the arguments begin with; an unknown name is refused with the nearest ones."""
        _refuse_unknown(ctx, args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: Context, incomplete: str) -> list[CompletionItem]:
        """Names and helps from the table, so that a press of the tab key imports nothing."""
        names = [CompletionItem(name, help=one.help) for name, one in COMMANDS.items() if name.startswith(incomplete)]
        return names + ClickCommand.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:  # noqa: ARG002 -- Typer's signature
        """The table under its headings."""
        for section in dict.fromkeys(one.section for one in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl([(name, one.help) for name, one in COMMANDS.items() if one.section == section])


class Group(TyperGroup):
    """A command that has commands of its own."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, ClickCommand | None, list[str]]:
        """As for the table's own commands."""
        _refuse_unknown(ctx, args[0], self.commands)
        return super().resolve_command(ctx, args)


def _refuse_unknown(ctx: Context, name: str, known: Mapping[str, object]) -> None:
    if name not in known and not ctx.resilient_parsing:
        raise UsageError(output.unknown("command", name, known), f"`{ctx.command_path} --help` lists them")


def _built(name: str, entry: Command) -> ClickCommand:
    found = getattr(import_module(f"assent.cli.{entry.module}"), name)
    if not isinstance(found, typer.Typer):
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name=name, short_help=entry.help)(found)
        return typer.main.get_command(alone)
    found.rich_markup_mode, found.info.cls = None, Group
    group = typer.main.get_group(found)
    group.name, group.help = name, group.help or entry.help
    return group


def _all(command: ClickCommand) -> Iterator[ClickCommand]:
    """The command, and those below it."""
    yield command
    if isinstance(command, TyperGroup):
        for one in command.commands.values():
            yield from _all(one)


app = typer.Typer(cls=Commands, add_completion=False, rich_markup_mode=None)


def run(arguments: list[str], program: str) -> int:
    """Runs the command line, called by the name `program`, and gives its exit code."""
    commands = typer.main.get_group(app)
    assert isinstance(commands, Commands)  # noqa: S101 -- the class named above
    try:
        return commands.run(arguments, program)
    except BadParameter as wrong:
        wrong.message = wrong.message.removeprefix("Value error, ")  # pydantic's word, by which Typer converts
        raise


def _show_version(value: bool) -> None:  # noqa: FBT001 -- Typer hands a flag's value by position
    if value:
        output.line(f"assent {__version__}")
        raise typer.Exit


@app.callback(epilog="`assent COMMAND --help` says more. Exit codes: 0 fine, 1 problems, 2 wrong usage, 3 our bug.")
def root(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, expose_value=False, help="Show the version."),
    ] = False,
    _quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", callback=output.be_quiet, expose_value=False, help="Leave out notes."),
    ] = False,
    _no_color: Annotated[
        bool,
        typer.Option("--no-color", callback=output.be_plain, expose_value=False, help="Leave out colours."),
    ] = False,
) -> None:
    """Self-service with approvals, declared in YAML: checked, approved by the right people, run once."""
