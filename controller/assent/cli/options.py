"""The options that several commands share, so that they read the same everywhere."""

from pathlib import Path
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
LedgerFile = Annotated[
    str,
    typer.Option(
        "--ledger",
        metavar="FILE|URL",
        help="The ledger; default: assent/ledger.sqlite in the repository's Git directory.",
    ),
]
LedgerKey = Annotated[
    Path | None,
    typer.Option("--ledger-key", metavar="FILE", help="The ledger's key; default: in your configuration folder."),
]
InContext = Annotated[
    str,
    typer.Option(
        "--context",
        metavar="NAME",
        help="Work on a cluster, by this context of your kubeconfig; by default `assent` works on a repository.",
    ),
]
KubeConfig = Annotated[
    Path | None,
    typer.Option("--kubeconfig", metavar="FILE", help="Work on a cluster, by this file instead of your kubeconfig."),
]
HERE = ["."]
"""What `-C` means where it is left out."""
