"""`assent completion`: a script for the shell, which then asks the program itself what fits."""

from enum import StrEnum
from typing import Annotated

import typer
from typer._completion_shared import get_completion_script  # Typer exports it nowhere

from assent.cli import output


class Shell(StrEnum):
    """The shells that are served."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(
    ctx: typer.Context,
    shell: Annotated[Shell, typer.Argument(metavar="bash|zsh|fish", help="The shell to complete in.")],
) -> None:
    """Print a script that completes commands and options in a shell.

    For bash: `source <(assent completion bash)`, in ~/.bashrc to keep it.
    """
    program = ctx.find_root().info_name or "assent"
    variable = f"_{program}_COMPLETE".replace("-", "_").upper()
    output.line(get_completion_script(prog_name=program, complete_var=variable, shell=shell.value))
