"""The controller's log: one line a pass, on standard error; JSON where it is no terminal."""

import sys
from dataclasses import asdict
from functools import cache
from logging import INFO

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from assent.errors import AssentError
from assent.reconcile.passes import Summary


@cache
def _logger() -> FilteringBoundLogger:
    """Text for people on a terminal, one JSON object a line for everything else."""
    shown: Processor = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    stamped = structlog.processors.TimeStamper(fmt="iso", utc=True)
    processors: list[Processor] = [structlog.processors.add_log_level, stamped, shown]
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(INFO),
    )
    return logger


def passed(summary: Summary, seconds: float) -> None:
    """What one pass did."""
    told = {name: value for name, value in asdict(summary).items() if value not in ("", 0)}
    if summary.head:
        told["head"] = summary.head[:12]
    _logger().info("pass", **told, seconds=round(seconds, 3))


def trouble(refused: AssentError) -> None:
    """Why a pass came to nothing, and what to do."""
    _logger().error("pass", problem=refused.message, hint=refused.hint)
