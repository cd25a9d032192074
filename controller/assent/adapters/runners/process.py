"""The process runner: a program that the operator laid down, started on this machine."""

import shutil
import signal
import tempfile
from collections.abc import Collection
from pathlib import Path

from assent.adapters.runners.child import Child
from assent.adapters.runners.folders import file_of
from assent.adapters.runners.vault import Hidden, Vault, run_document
from assent.api.plans import Execution, Outcome, Plan
from assent.errors import RunnerError

_PATH = b"/usr/local/bin:/usr/bin:/bin"
_ONE_ARGUMENT = 128 * 1024 - 1  # bytes; Linux takes no longer string (MAX_ARG_STRLEN, with its end)
_ALL_ARGUMENTS = 1024 * 1024  # bytes; half of what Linux takes with the usual stack


class ProcessRunner:
    """Starts `<programs>/<owner>/<program>` with the plan's arguments, and the run as JSON on its standard input.

    The program gets a fresh folder, a fixed environment and a process group of its own. Exit code 0 is success. What
    does not end in time is asked to end, and `grace` seconds later killed, with all of its group.
    `trusted` are the owners whose microservices may be given secrets of organizations other than their own.
    `output_limit` is how many bytes of what it writes are kept, the last ones.
    """

    def __init__(
        self,
        programs: Path,
        secrets: Path | None = None,
        *,
        trusted: Collection[str] = (),
        output_limit: int = 64 * 1024,
        grace: float = 2.0,
    ) -> None:
        self._programs = programs
        self._vault = Vault(secrets, trusted)
        self._limit = output_limit
        self._grace = grace

    def check(self, plan: Plan) -> str | None:
        """Why this plan cannot be carried out here, or None; nothing is started."""
        try:
            self._program(plan)
            self._vault.parameters(plan)
            for execution in plan.executions:
                _argv(plan, execution)
                _environment(plan, execution, Path("/"))
        except RunnerError as error:
            return f"{error.message} {error.hint}".strip()
        return None

    def act(self, plan: Plan, execution: Execution) -> Outcome:
        """Carry out one execution.

        Raises:
            RunnerError: nothing was started.
        """
        program = self._program(plan)
        secrets = self._vault.parameters(plan)
        argv = _argv(plan, execution)
        document = run_document(plan, execution.id, execution.target, secrets)
        tail = _Tail(self._limit, Hidden(secrets.values()))
        folder = _fresh_folder()
        try:
            with _start(plan, program, argv, _environment(plan, execution, folder), folder) as child:
                child.feed(document)
                in_time = self._hear(child, tail, plan.timeout)
                return _outcome(plan, child.code, tail.text(), in_time=in_time)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _hear(self, child: Child, tail: "_Tail", seconds: int) -> bool:
        in_time = child.talk(tail.add, seconds)
        if not in_time:
            child.signal(signal.SIGTERM)
            child.talk(tail.add, self._grace)
        child.last_words(tail.add)
        return in_time

    def _program(self, plan: Plan) -> Path:
        program = file_of(self._programs, plan.owner, plan.settings.get("program"), "program")
        if not program.stat().st_mode & 0o111:
            raise RunnerError(f"The program {program.name!r} of {plan.owner} is not executable.", f"chmod +x {program}")
        return program


class _Tail:
    """The last bytes of what a program writes, with a margin in which a secret that was cut in two can be seen."""

    def __init__(self, limit: int, hidden: Hidden) -> None:
        self._limit = limit
        self._hidden = hidden
        self._kept = bytearray()
        self._dropped = 0

    def add(self, chunk: bytes) -> None:
        self._kept += chunk
        excess = len(self._kept) - self._limit - self._hidden.longest
        if excess > 0:
            del self._kept[:excess]
            self._dropped += excess

    def text(self) -> str:
        if len(self._kept) + self._dropped <= self._limit:
            return self._hidden.text(bytes(self._kept))
        start = len(self._kept) - self._limit
        return f"[{self._dropped + start} bytes left out]\n" + self._hidden.text(bytes(self._kept), start)


def _argv(plan: Plan, execution: Execution) -> list[bytes]:
    """The program's name and its arguments, byte for byte."""
    argv = [_bytes(text, f"Argument {n}") for n, text in enumerate(execution.arguments, 1)]
    if sum(map(len, argv)) > _ALL_ARGUMENTS:
        raise RunnerError(f"The arguments are longer than {_ALL_ARGUMENTS} bytes together.")
    return [_bytes(str(plan.settings.get("program")), "The program"), *argv]


def _environment(plan: Plan, execution: Execution, folder: Path) -> dict[bytes, bytes]:
    """All that the program finds in its environment: nothing of the controller's own, no parameter, no secret."""
    environment = {
        b"PATH": _PATH,
        b"LANG": b"C.UTF-8",
        b"HOME": bytes(folder),
        b"TMPDIR": bytes(folder),
        b"ASSENT_EXECUTION": _bytes(execution.id, "The execution"),
        b"ASSENT_REQUEST": _bytes(plan.request, "The request"),
    }
    if execution.target is not None:
        environment[b"ASSENT_TARGET"] = _bytes(execution.target, "The target")
    return environment


def _bytes(text: str, what: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise RunnerError(f"{what} holds half of a character (a surrogate), which no program can be given.") from None
    if b"\0" in data or len(data) > _ONE_ARGUMENT:
        raise RunnerError(f"{what} holds a NUL or is longer than {_ONE_ARGUMENT} bytes; no program can be given it.")
    return data


def _fresh_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="assent-"))
    except OSError as error:
        raise RunnerError(f"No folder for the program could be made: {error.strerror}.") from error


def _start(plan: Plan, program: Path, argv: list[bytes], environment: dict[bytes, bytes], folder: Path) -> Child:
    try:
        return Child(argv, program, environment, folder)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it cannot be given these arguments"
        raise RunnerError(f"The program {program.name!r} of {plan.owner} could not be started: {reason}.") from None


def _outcome(plan: Plan, code: int, output: str, *, in_time: bool) -> Outcome:
    program = plan.settings["program"]
    if not in_time:
        message = f"The program {program!r} did not end within {plan.timeout} s and was killed, with its process group."
        return Outcome("Failed", message, None, output)
    if code < 0:
        # As shells and Kubernetes count: 128 and the signal's number.
        message = f"The program {program!r} was ended by signal {signal.Signals(-code).name}."
        return Outcome("Failed", message, 128 - code, output)
    return Outcome("Failed" if code else "Succeeded", f"The program {program!r} ended with {code}.", code, output)
