"""The controller's log: one line a pass, on standard error; JSON where it is no terminal."""

import sys
from collections.abc import Collection
from dataclasses import asdict
from enum import StrEnum
from functools import cache
from logging import INFO, WARNING, Handler, LogRecord, getLogger

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from assent.errors import AssentError
from assent.reconcile.passes import Summary

JSON = structlog.processors.JSONRenderer()


class Style(StrEnum):
    """How lines look: for people, for programs, or by whether they go to a terminal."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


@cache
def logger(style: Style) -> FilteringBoundLogger:
    """Where lines of this style go."""
    text = style is Style.TEXT or (style is Style.AUTO and sys.stderr.isatty())
    shown: Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0) if text else JSON
    stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)
    processors: list[Processor] = [structlog.processors.add_log_level, stamped, shown]
    found: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(INFO),
    )
    return found


def passed(style: Style, summary: Summary, seconds: float) -> None:
    """What one pass did."""
    told = {name: value for name, value in asdict(summary).items() if value not in ("", 0, ())}
    if summary.head:
        told["head"] = summary.head[:12]
    logger(style).info("pass", **told, seconds=round(seconds, 3))


def trouble(style: Style, refused: AssentError) -> None:
    """Why a pass came to nothing, and what to do."""
    logger(style).error("pass", problem=refused.message, hint=refused.hint)


class Others(Handler):
    """The lines of libraries, in the form of ours."""

    def __init__(self, log: FilteringBoundLogger, but: Collection[str]) -> None:
        super().__init__(WARNING)
        self._log = log
        self._but = but

    def emit(self, record: LogRecord) -> None:
        """Says it without the traceback, whose values might be anybody's."""
        if record.name not in self._but:
            self._log.warning(record.name.partition(".")[0], problem=record.getMessage())


def gather(log: FilteringBoundLogger, but: Collection[str] = ()) -> None:
    """Has whatever libraries say go to this log alone, from warnings on; `but` are loggers of which nothing is told."""
    root = getLogger()
    root.handlers[:] = [Others(log, but)]
    root.setLevel(WARNING)
