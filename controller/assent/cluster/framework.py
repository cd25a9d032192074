"""kopf as one part of the process: an event loop of its own on the part's thread, ended by the part's flag."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import kopf

from assent.cluster.supervisor import Part

LOOK = 0.2
"""Seconds between two looks at the flag: handed to kopf, it would block a thread that kopf then waits for."""

FAREWELL = 0.25
"""Seconds that the loop lives on: TLS connections are closed by callbacks, and would stay open without it."""

_NAMED: Any = "assent-operator"
"""What kopf would call itself by among peers, of which there are none; left to itself it asks who the user is."""


def part(
    registry: kopf.OperatorRegistry,
    settings: Callable[[], kopf.OperatorSettings],
    *,
    name: str = "kopf",
    healthy: Callable[[], bool] = lambda: True,
) -> Part:
    """The handlers of this registry, cluster-wide; fresh settings for each run, since kopf keeps things in them."""

    def run(stop: Event) -> None:
        asyncio.run(_operate(registry, settings(), stop))

    return Part(name, run, healthy=healthy)


async def _operate(registry: kopf.OperatorRegistry, settings: kopf.OperatorSettings, stop: Event) -> None:
    ending = asyncio.Event()
    looking = asyncio.create_task(_look(stop, ending))
    try:
        await kopf.operator(
            registry=registry,
            settings=settings,
            standalone=True,
            clusterwide=True,
            identity=_NAMED,
            stop_flag=ending,
        )
    finally:
        looking.cancel()
        await asyncio.sleep(FAREWELL)


async def _look(stop: Event, ending: asyncio.Event) -> None:
    while not stop.is_set():  # noqa: ASYNC110 -- the flag is another thread's
        await asyncio.sleep(LOOK)
    ending.set()
