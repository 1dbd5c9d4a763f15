"""What waits for a slow client under TLS, kept where it can be seen.

uvloop's TLS transport hands what it has encrypted to a transport of its own below, and from then on says that nothing
waits. A client that reads nothing would look as if it had read everything. So the transport is given little at a time:
the most that can hide below it is one portion and what it takes before it asks for a pause.
"""

import asyncio
from collections import deque
from typing import Any

from meetmates.transport.lingering import Lingering

PORTION = 64 * 1024  # bytes handed over in one turn of the loop


class Backlog(Lingering):
    """A connection under TLS: as one without, but that what the transport has not asked for waits here."""

    __slots__ = ("_continues", "_parts", "_paused", "_slow", "_waiting")

    def attach(self, transport: asyncio.Transport, owner: Any) -> None:
        """As without TLS."""
        self._parts: deque[bytes | memoryview] = deque()
        self._waiting = 0  # bytes in `_parts`
        self._paused = False  # by the transport
        self._slow = False  # so we have said
        self._continues = False  # the next portion follows in the next turn
        super().attach(transport, owner)
        self.get_write_buffer_size = self._unsent

    def detach(self) -> None:
        """The connection is gone, and with it what waited."""
        super().detach()
        self._drop()
        self.get_write_buffer_size = self.transport.get_write_buffer_size

    def write(self, data: bytes) -> None:
        """Hands `data` over, or the first portion of it; the rest waits for its turn."""
        if not self._waiting and not self._paused and len(data) <= PORTION:
            self._hand(data)
            return
        self._parts.append(data)
        self._waiting += len(data)
        if not self._paused and not self._continues:
            self._continue()

    def pause(self) -> None:
        """The transport cannot write as fast as it is given."""
        self._paused = True
        if not self._slow:
            self._slow = True
            super().pause()

    def resume(self) -> None:
        """The transport has nothing left."""
        self._paused = False
        self._continue()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._drop()
        super().abort()

    def close(self) -> None:
        """Ends our side; what waits is handed over whole, and has the second in which the peer may still read."""
        while self._waiting:
            self._hand_part()
        super().close()

    def _unsent(self) -> int:
        return self._waiting + self.transport.get_write_buffer_size()

    def _continue(self) -> None:
        """Hands over one portion, and comes back in the next turn while the transport does not mind."""
        self._continues = False
        if self._paused:
            return
        if self._waiting:
            self._hand_part()
        if self._waiting and not self._paused:
            self._continues = True
            self._loop().call_soon(self._continue)
        elif self._slow and not self._waiting and not self._paused:
            self._slow = False
            super().resume()

    def _hand_part(self) -> None:
        part = self._parts.popleft()
        if len(part) > PORTION:
            self._parts.appendleft(memoryview(part)[PORTION:])
            part = memoryview(part)[:PORTION]
        self._waiting -= len(part)
        self._hand(part)

    def _drop(self) -> None:
        self._parts.clear()
        self._waiting = 0
