"""The options that several commands share, so that they read the same everywhere."""

from typing import Annotated

import typer

from assent.cli.output import Format

Output = Annotated[Format, typer.Option("--output", "-o", help="What is printed: for people or for programs.")]
Where = Annotated[
    list[str],
    typer.Option(
        "-C",
        metavar="PATH|URL",
        help="A repository, or a plain folder where no identity has to be proven; several folders are one world.",
    ),
]
InOrganization = Annotated[str, typer.Option("--organization", "-n", metavar="ORG", help="The organization it is in.")]
HERE = ["."]
"""What `-C` means where it is left out."""
