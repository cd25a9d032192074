"""The program: calls the command line, and turns what it raises into a sentence and an exit code.

0    fine
1    the world has problems, or what was named is not there
2    wrong usage
3    a bug of ours
130  interrupted
141  whoever read the output went away
"""

import atexit
import gc
import os
import sys
from contextvars import copy_context

PROGRAMS = ("assent", "kubectl-assent")
OUR_BUG = 3
INTERRUPTED = 130
CLOSED_PIPE = 141
"""128 + SIGPIPE: what a shell reports for a program whose reader went away."""

FRAMES = 8
"""How many of the innermost frames of a bug are shown: enough to find it, few enough for a terminal."""


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and gives its exit code; without arguments, those that the program was called with."""
    if arguments is None:
        _as_a_program()
        arguments = sys.argv[1:]
    try:
        code = copy_context().run(_call, arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        exec("")  # noqa: S102 -- one within exec'd text, as libraries have, ends a `-m` program by the signal otherwise
        code = INTERRUPTED
    except BrokenPipeError:
        code = _hushed()
    return code


def _as_a_program() -> None:
    """A short command allocates much and drops little, so the collector's default of 700 objects only costs time."""
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)  # the interpreter's last collections would look at everything once more, for nothing
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # nothing else that is installed has a say here
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text streams at start-up


def _call(arguments: list[str]) -> int:
    from typer import Abort  # noqa: PLC0415 -- within reach of the handlers of `main`
    from typer.exceptions import TyperException  # noqa: PLC0415 -- the same

    from assent.cli import app, output  # noqa: PLC0415 -- the same
    from assent.errors import AssentError  # noqa: PLC0415 -- the same

    try:
        return app.run(arguments or ["--help"], _program())
    except AssentError as refused:
        output.refuse(refused.message, refused.hint)
        return refused.exit_code
    except TyperException as wrong:
        return _usage(wrong)
    except Abort:
        output.refuse("stopped at a question that nobody answered; nothing was done")
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as bug:  # noqa: BLE001 -- whatever else is raised is our bug
        return _bug(bug)


def _program() -> str:
    name = os.path.basename(sys.argv[0])  # noqa: PTH119 -- pathlib would be imported for this alone
    return name if name in PROGRAMS else PROGRAMS[0]


def _usage(wrong: Exception) -> int:
    """A command called wrongly: how it is called, what is wrong, where to read on; of a group alone, its help."""
    from typer._click.exceptions import NoArgsIsHelpError  # noqa: PLC0415 -- Typer exports it nowhere

    from assent.cli import output  # noqa: PLC0415 -- loaded already

    if isinstance(wrong, NoArgsIsHelpError):
        output.complain(wrong.format_message())
        return 2
    context = getattr(wrong, "ctx", None)
    if context is not None:
        output.complain(context.get_usage())
    message = wrong.format_message()  # type: ignore[attr-defined]  # every TyperException has it
    output.refuse(message, f"`{context.command_path} --help` says more" if context is not None else "")
    return 2


def _bug(error: Exception) -> int:
    """Whatever nobody foresaw: where it happened, and never with which values."""
    import traceback  # noqa: PLC0415 -- needed for bugs alone

    from assent.cli import output  # noqa: PLC0415 -- loaded already

    output.complain("".join(traceback.format_tb(error.__traceback__, limit=-FRAMES)).rstrip())
    output.refuse(f"this is a bug in assent: {type(error).__name__}", "please report it with the lines above")
    return OUR_BUG


def _hushed() -> int:
    """Nobody reads any more, so what is still buffered goes nowhere, and not into another traceback at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return CLOSED_PIPE


if __name__ == "__main__":
    sys.exit(main())
