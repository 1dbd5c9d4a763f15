"""A wire between clients and a server that can be cut: everything that goes over it ends in that moment."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 64 * 1024  # bytes passed on at once


class Wire:
    """What listens in front of the server; `url` is where clients find it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._fronts: set[asyncio.StreamWriter] = set()  # the ends of the clients
        self._backs: set[asyncio.StreamWriter] = set()  # and of the server
        self._stranded: set[asyncio.StreamWriter] = set()  # those of the latter that are left open
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server
        self._down = False
        self.url = ""

    async def start(self) -> None:
        """Begins to listen on a free port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def cut(self, *, down: bool = False) -> None:
        """Every connection ends, on both sides, and what was on its way is lost; new ones too while it is `down`."""
        self._down = down
        for end in self._fronts | self._backs:
            end.transport.abort()

    def strand(self) -> None:
        """It is down for the clients alone: the server hears nothing more of them, not even an end."""
        self._down = True
        self._stranded |= self._backs
        for end in self._fronts:
            end.transport.abort()

    def repair(self) -> None:
        """It is no longer down."""
        self._down = False

    async def stop(self) -> None:
        """The end of it."""
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        if self._down:
            writer.transport.abort()
            back.transport.abort()
        self._fronts.add(writer)
        self._backs.add(back)
        await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))
        self._fronts.discard(writer)
        self._backs.discard(back)
        self._stranded.discard(back)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(CHUNK):
                target.write(data)
                await target.drain()
        if target not in self._stranded:
            target.close()
        with contextlib.suppress(OSError):
            await target.wait_closed()


@asynccontextmanager
async def wire_to(port: int) -> AsyncIterator[Wire]:
    """A wire to the server on a loopback port."""
    wire = Wire(port)
    await wire.start()
    try:
        yield wire
    finally:
        await wire.stop()
