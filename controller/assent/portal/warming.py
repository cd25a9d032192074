"""Deciding ahead of whoever looks: after a start or a change of the world nobody waits until all has been decided."""

import asyncio
import time
from typing import Final

from starlette.concurrency import run_in_threadpool

from assent.errors import AssentError
from assent.portal.panel import Panel

EVERY: Final = 1.0
"""Seconds between two looks; where nothing has changed, a look finds everything decided."""


async def warming(panel: Panel) -> None:
    """Looks from time to time, until it is cancelled."""
    while True:
        await run_in_threadpool(decided, panel)
        await asyncio.sleep(EVERY)


def decided(panel: Panel) -> None:
    """Decides every open request that is not decided yet; what cannot be read now is told to whoever asks for it."""
    try:
        seen = panel.seen()
    except AssentError:
        return
    for case in seen.state.cases.values():
        if case.open:
            seen.decision(case.ref)
            time.sleep(0)  # whoever asks for a page goes first
