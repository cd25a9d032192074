"""A way to the API server on which watches can be held up, and then let go all at once.

So a burst is as fast as whoever takes it in, and not as whoever writes it. Everything else passes as it comes.
"""

import asyncio
from pathlib import Path
from typing import Any

from bench import ground  # it says where the tests' control plane is
from cluster import proxy

Kept = list[bytes]


class Gate(proxy.Proxy):  # type: ignore[misc] # the tests have no types
    """The tests' proxy with a gate in it; it stands open at first."""

    def __init__(self, one: ground.Ground, folder: Path) -> None:
        folder.mkdir()
        super().__init__(one.plane, folder, ground.admission.OPERATOR)
        self._open = True
        self._kept: dict[asyncio.StreamWriter, Kept] = {}

    def shut(self) -> None:
        """Holds up what watches tell from now on."""
        self._open = False

    def open(self) -> None:
        """Lets go what was held up, and all that comes after it."""
        self._open = True
        self._loop.call_soon_threadsafe(self._let_go)

    def held_up(self) -> int:
        """How many events wait behind it."""
        return sum(chunk.count(b"\n") for kept in [*self._kept.values()] for chunk in [*kept])

    def _let_go(self) -> None:
        for writer, kept in self._kept.items():
            if kept:
                writer.write(b"".join(kept))
                kept.clear()

    async def _answer(self, asked: Any, lines: Any, reader: Any, writer: Any) -> None:  # noqa: ANN401 -- the tests have no types
        if "watch=true" not in asked[1]:
            await super()._answer(asked, lines, reader, writer)
            return
        there = await self._line(lines, bearer="authorization" in asked[2])
        there[1].write(proxy._request(asked))  # noqa: SLF001 -- a proxy of the same kind
        await there[1].drain()
        writer.write(await there[0].readuntil(b"\r\n\r\n"))
        kept = self._kept[writer] = []
        hung_up = asyncio.ensure_future(reader.read(1))
        try:
            await self._watched(there[0], writer, kept, hung_up)
        finally:
            hung_up.cancel()
            del self._kept[writer]
        raise EOFError

    async def _watched(self, there: Any, writer: Any, kept: Kept, hung_up: Any) -> None:  # noqa: ANN401 -- the same
        """Passes chunks on, or keeps them, until either side hangs up."""
        while True:
            reading = asyncio.ensure_future(proxy._chunk(there))  # noqa: SLF001 -- the same
            await asyncio.wait({reading, hung_up}, return_when=asyncio.FIRST_COMPLETED)
            if hung_up.done():
                reading.cancel()
                return
            chunk = reading.result()
            told = b"%x\r\n%s\r\n" % (len(chunk), chunk)
            if self._open:
                writer.write(told)
                await writer.drain()
            else:
                kept.append(told)
            if not chunk:
                return
