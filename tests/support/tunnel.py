"""A `Wire` for tests that wait for no event loop: it has one of its own, in a thread."""

import asyncio
import contextlib
import threading
from collections.abc import Iterator

from tests.support.wire import Wire, wire_to


class Tunnel:
    """What trains go through: `enter` cuts every connection and lets no new one pass, `leave` ends that."""

    def __init__(self, wire: Wire, loop: asyncio.AbstractEventLoop) -> None:
        self._wire = wire
        self._loop = loop
        self.url = wire.url

    def enter(self) -> None:
        """No network any more."""
        self._loop.call_soon_threadsafe(lambda: self._wire.cut(down=True))

    def leave(self) -> None:
        """There is one again."""
        self._loop.call_soon_threadsafe(self._wire.repair)


@contextlib.contextmanager
def tunnel_to(port: int) -> Iterator[Tunnel]:
    """A way to the server on a loopback port that can be interrupted."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opening = wire_to(port)
    wire = asyncio.run_coroutine_threadsafe(opening.__aenter__(), loop).result()
    try:
        yield Tunnel(wire, loop)
    finally:
        asyncio.run_coroutine_threadsafe(opening.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
