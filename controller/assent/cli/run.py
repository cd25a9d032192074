"""`assent run`: the controller of Git mode. Reads the branch, decides, runs; once, or until it is stopped."""

import os
import random
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from assent.adapters import logs
from assent.adapters.runners import ProcessRunner
from assent.api.plans import RunnerName
from assent.cli import ledgers, repositories, runners
from assent.cli.options import HERE, LedgerFile, LedgerKey, Where
from assent.errors import AssentError, ConflictError, UsageError
from assent.reconcile.passes import Controller, Moment, Summary

if TYPE_CHECKING:
    from assent.adapters.ledger import Ledger
    from assent.reconcile.protocols import Runner

CRASH_AT = "ASSENT_CRASH_AT"
"""`<point>:<n>`: the process kills itself at the n-th crossing of the point, which is how the tests prove rule 2."""

SLICE = 0.2
"""Seconds between two looks at what has ended."""


def run(  # noqa: PLR0913 -- an option each
    *,
    places: Where = HERE,
    branch: Annotated[str, typer.Option("--branch", metavar="B", help="The branch to follow; default: HEAD's.")] = "",
    once: Annotated[bool, typer.Option("--once", help="One pass, and whatever it starts, then end.")] = False,
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between two passes.")] = 10.0,
    programs: Annotated[Path | None, typer.Option("--programs", metavar="DIR", help="DIR/<owner>/<program>.")] = None,
    secrets: Annotated[Path | None, typer.Option("--secrets", metavar="DIR", help="DIR/<organization>/<name>.")] = None,
    allow_secrets: Annotated[
        list[str] | None,
        typer.Option("--allow-secrets", metavar="OWNER", help="Whose microservices may get others' secrets."),
    ] = None,
    allow_url: Annotated[
        list[str] | None,
        typer.Option("--allow-url", metavar="OWNER=PREFIX", help="URLs that an owner's microservices may call."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Executions at once.")] = 4,
    log: Annotated[logs.Style, typer.Option("--log", help="How its log looks.")] = logs.Style.AUTO,
    file: LedgerFile = "",
    key: LedgerKey = None,
    new_ledger: Annotated[bool, typer.Option("--new-ledger", help="Start anew, although there was one.")] = False,
    trust_root: Annotated[
        str, typer.Option("--trust-root", metavar="COMMIT", help="The first trusted commit; needed by an empty ledger.")
    ] = "",
) -> None:
    """Follow a branch: judge what every commit brings in, hold requests until they are approved, run them once.

    The first start names the commit whose documents are in force as they stand:
    `assent run --trust-root $(git rev-parse HEAD) --programs ./programs`.
    After that `assent run --programs ./programs` goes on where the ledger stopped.
    A clone is followed as it stands, and nothing is fetched into it; the repository that people push to is followed by
    its path, as `assent run -C ../approvals.git`, or by its URL, which is fetched before each pass and needs --ledger.
    """
    if len(places) != 1:
        raise UsageError("`run` follows one repository", "give -C once")
    chosen = _runners(programs, secrets, allow_url or [], allow_secrets or [])
    ledgers.where(places, file)  # a remote repository without a named ledger is refused before anything is fetched
    with (
        repositories.opened(places[0], branch) as repository,
        ledgers.opened(places, file, key, read_only=False, new=new_ledger) as ledger,
        ledger.lock(),
    ):
        controller = Controller(repository, ledger, chosen, crossings(os.environ), workers)
        _begin(controller, repository, ledger=ledger, trust_root=trust_root, log=log)
        _loop(controller, log, once=once, interval=interval)


def _begin(
    controller: Controller, repository: repositories.Branch, *, ledger: "Ledger", trust_root: str, log: logs.Style
) -> None:
    """Takes the root on where one is named, and says what whoever started it may not expect."""
    root = repository.source.resolve(trust_root) if trust_root else None
    known = ledger.length
    controller.start(now(), root)
    if root and ledger.length > known:
        _doubt(repository, root, log)
    _clone(repository, log)


def _doubt(repository: repositories.Branch, root: str, log: logs.Style) -> None:
    """Says how much is wrong in a root that was just taken: it is in force as it stands, judged by nobody."""
    from assent.cli import sources  # noqa: PLC0415 -- the checks are needed with a new root alone

    wrong = sum(one.severity == "error" for one in sources.read_commit(repository.store, root).checked())
    if wrong:
        problem, hint = "it is trusted as it stands, and has errors", "`assent check` says which"
        logs.logger(log).warning("root", commit=root[:12], problem=problem, errors=wrong, hint=hint)


def _clone(repository: repositories.Branch, log: logs.Style) -> None:
    """Says that a clone is followed as it stands here: whoever pushes to where it came from waits for a pull."""
    source, run = repository.source, repository.store.run
    if source.url:
        return
    name = repository.name and f"refs/heads/{repository.name}"
    own = name or _said(run("rev-parse", "--symbolic-full-name", "HEAD", git_dir=source.located.git_dir))
    if not own.startswith("refs/heads/"):
        return
    remote = f"refs/remotes/*/{own.removeprefix('refs/heads/')}"
    upstream = _said(run("for-each-ref", "--count=1", "--format=%(refname)", remote))
    if upstream:
        behind = int(run("rev-list", "--count", f"{own}..{upstream}", "--"))
        hint = "nothing is fetched here: `git pull` when others have pushed, or follow where they push to: -C PATH|URL"
        logs.logger(log).info("clone", of=upstream.removeprefix("refs/remotes/"), behind=behind, hint=hint)


def _said(answer: bytes) -> str:
    return answer.decode("utf-8", "replace").strip()


def now() -> Moment:
    """One look at both clocks."""
    return Moment(datetime.now(UTC), time.monotonic())


def crossings(environment: Mapping[str, str]) -> Callable[[str], None]:
    """What is called at every named point: nothing, or the end of this process at one of them."""
    wanted, _, count = environment.get(CRASH_AT, "").partition(":")
    left = int(count) if count.isdigit() else 1

    def crossed(point: str) -> None:
        nonlocal left
        if point == wanted:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return crossed


def _runners(
    programs: Path | None, secrets: Path | None, allowed: Sequence[str], trusted: Sequence[str]
) -> dict[RunnerName, "Runner"]:
    """The runners that this controller has: `process` only where there is a folder of programs."""
    found = runners.everywhere(secrets, allowed, trusted)
    if programs is not None and not programs.is_dir():
        raise UsageError(f"--programs {programs} is no folder", "make it: DIR/<owning organization>/<program>")
    if programs is not None:
        folder = secrets.resolve() if secrets else None
        found["process"] = ProcessRunner(programs.resolve(), folder, trusted=trusted)
    return found


class _Stop:
    """Whether somebody asked the controller to end: SIGTERM or Ctrl-C; it ends after the current step.

    While the block lasts; then both do what they did before, for whoever goes on in this process.
    """

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._ask) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, _frame: object) -> None:
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True


def _loop(controller: Controller, log: logs.Style, *, once: bool, interval: float) -> None:
    with _Stop() as stop:
        if once:
            _once(controller, log, stop)
        else:
            _follow(controller, log, stop, interval)


def _once(controller: Controller, log: logs.Style, stop: _Stop) -> None:
    """Passes and what they start, until nothing is left to do at once; a pause ends it after one."""
    while not stop.asked:
        summary = _pass(controller, log, once=True)
        _wait(controller, log, stop, summary, pause=0.0 if summary else SLICE, once=True)
        if summary and (summary.paused or not (summary.started or summary.ended or controller.restless)):
            return


def _follow(controller: Controller, log: logs.Style, stop: _Stop, interval: float) -> None:
    """A pass in every interval, until somebody asks for the end; what runs then is awaited."""
    while not stop.asked:
        summary = _pass(controller, log, once=False)
        pause = interval * random.uniform(0.9, 1.1)  # noqa: S311 -- jitter
        _wait(controller, log, stop, summary, pause=pause, once=False)


def _wait(
    controller: Controller, log: logs.Style, stop: _Stop, passed: Summary | None, *, pause: float, once: bool
) -> None:
    """Waits for the pause to be over, or for the end of what runs where this was the last pass; records what ends.

    What panel and mail are told ends the pause, but for one behind a pass that failed: that would fail as often as
    anybody speaks. What cannot be recorded is tried again at the next pass, and at once where there will be none.
    """
    until, recorded, summary = time.monotonic() + pause, True, passed or Summary()
    while (time.monotonic() < until and not stop.asked) or (controller.workshop.busy and (once or stop.asked)):
        time.sleep(SLICE)
        if passed and not once and not stop.asked and _told(controller):
            return
        if recorded or stop.asked:
            recorded = _collect(controller, summary, log, stopping=stop.asked, once=once)


def _told(controller: Controller) -> bool:
    """Whether panel or mail were told something; where the ledger does not answer, the next pass says so."""
    try:
        return controller.listen()
    except AssentError:
        return False


def _pass(controller: Controller, log: logs.Style, *, once: bool) -> Summary | None:
    """One pass and its one line; what goes wrong is said, and tried again at the next unless this is the only one."""
    began = time.monotonic()
    try:
        summary = controller.step(now())
    except AssentError as refused:
        if once and not isinstance(refused, ConflictError):
            raise
        logs.trouble(log, refused)
        return None
    logs.passed(log, summary, time.monotonic() - began)
    return summary


def _collect(controller: Controller, summary: Summary, log: logs.Style, *, stopping: bool, once: bool) -> bool:
    """Records what has ended; where that cannot be done, it is said, and tried again at the next pass."""
    if stopping:
        summary.paused = "it is being stopped"
    try:
        controller.collect(now(), summary)
    except AssentError as refused:
        if once or stopping:
            raise
        logs.trouble(log, refused)
        return False
    return True
