"""Thousands of clients at once, which cost the driver next to nothing and only count what they are told.

Longer than most files: the two transports share everything but how they read and write.
"""

import asyncio
import contextlib
import itertools
import json
import resource
import socket
import struct
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Self

from tests.support.frames import SOON, Opcode, frame, request_head, upgrade_head

HEAD = upgrade_head()
OPENING = "EIO=4&transport=polling"
CONNECT, PONG = frame("40"), frame("3")
GOODBYES = {"close frame": [frame(b"\x03\xe9", Opcode.CLOSE)], "DISCONNECT": [frame("41")], "reset": []}


def allow_many_descriptors() -> None:
    """As many as this process, and the servers that it starts from now on, may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class LightClient(asyncio.Protocol):
    """One of a swarm: connects, and counts the events by name. The two transports differ in what they send and read."""

    def __init__(self, swarm: "Swarm") -> None:
        self.swarm = swarm
        self.events: Counter[str] = Counter()
        self.online = 0  # as told last
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.begin()

    def data_received(self, data: bytes) -> None:
        self._buffer = self.take(self._buffer + data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.swarm.lost += 1
        self.swarm.changed.set()

    def say(self, *pieces: bytes) -> None:
        """Sends bytes made before."""
        self.transport.writelines(pieces)

    def leave(self, how: str) -> None:
        """Goes in one of the ways of `GOODBYES`."""
        if how == "reset":
            bare = self.transport.get_extra_info("socket")
            with contextlib.suppress(OSError):
                bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()
        else:
            self.say(*GOODBYES[how])
            self.transport.close()

    def begin(self) -> None:
        """Sends the first request."""
        raise NotImplementedError

    def take(self, buffer: bytes) -> bytes:
        """Reads whatever is there in full; the rest of the buffer."""
        raise NotImplementedError

    def hear(self, packet: bytes) -> None:
        """One engine packet."""
        if packet.startswith(b'42["'):
            name = packet[4 : packet.index(b'"', 4)].decode()
            self.events[name] += 1
            if name == "onlineUsers":
                self.online = int(packet[packet.index(b",") + 1 : -1])
            self.swarm.changed.set()
        elif packet.startswith(b"40"):
            self.swarm.connected += 1
            self.swarm.changed.set()


class LightWebSocket(LightClient):
    """Over WebSocket, pings answered."""

    def __init__(self, swarm: "Swarm") -> None:
        super().__init__(swarm)
        self._upgraded = False

    def begin(self) -> None:
        self.say(HEAD)

    def take(self, buffer: bytes) -> bytes:
        """Frames of at the most 64 KiB: there are no others here."""
        start = 0
        if not self._upgraded:
            start = buffer.find(b"\r\n\r\n") + 4
            if start < 4:
                return buffer
            assert buffer.startswith(b"HTTP/1.1 101 "), buffer
            self._upgraded = True
        while start + 2 <= len(buffer):
            length, begin = buffer[start + 1], start + 2
            if length == 126:
                length, begin = int.from_bytes(buffer[begin : begin + 2], "big"), begin + 2
            if begin + length > len(buffer):
                break
            self.hear(buffer[begin : begin + length])
            start = begin + length
        return buffer[start:]

    def hear(self, packet: bytes) -> None:
        if packet == b"2":
            self.say(PONG)
        elif packet.startswith(b"0"):
            self.say(CONNECT)
        else:
            super().hear(packet)


class LightPolling(LightClient):
    """Over long-polling on one connection: it cannot answer a ping while a poll waits, and lives for one heartbeat."""

    def begin(self) -> None:
        self.say(request_head("GET", OPENING))

    def take(self, buffer: bytes) -> bytes:
        """One answer: there is never more than one request on its way."""
        head, found, body = buffer.partition(b"\r\n\r\n")
        if not found or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]):
            return buffer
        assert head.startswith(b"HTTP/1.1 200 "), buffer
        if body.startswith(b"0{"):
            self._query = f"{OPENING}&sid={json.loads(body[1:])['sid']}"
            self.say(request_head("POST", self._query, length=2), b"40")
            return b""
        for packet in body.split(b"\x1e"):
            self.hear(packet)
        self.say(request_head("GET", self._query))
        return b""


class Swarm:
    """Clients that came together. `changed` is set whenever one of them has heard something."""

    def __init__(self) -> None:
        self.clients: list[LightClient] = []
        self.connected = 0
        self.lost = 0
        self.changed = asyncio.Event()

    @classmethod
    async def join(cls, port: int, count: int, within: float, polling: int = 0) -> Self:
        """`count` clients, all at once, `polling` of them over polling; returns when every CONNECT was granted.

        Raises `TimeoutError`.
        """
        swarm = cls()
        loop = asyncio.get_running_loop()
        kinds: list[type[LightClient]] = [LightPolling] * polling + [LightWebSocket] * (count - polling)
        async with asyncio.timeout(within):
            made = await asyncio.gather(
                *(loop.create_connection(partial(kind, swarm), "127.0.0.1", port) for kind in kinds)
            )
            swarm.clients = [client for _, client in made]
            await swarm.until(lambda: swarm.connected == count, within)
        return swarm

    async def until(self, holds: Callable[[], bool], within: float = SOON) -> None:
        """Waits until `holds()` is true, asking whenever something has changed. Raises `TimeoutError`."""
        async with asyncio.timeout(within):
            while not holds():
                self.changed.clear()
                await self.changed.wait()

    def say(self, *frames: bytes) -> None:
        """Everybody sends the same frames; for swarms without polling."""
        for client in self.clients:
            client.say(*frames)

    def told(self, count: int) -> bool:
        """True when the last that everybody heard of `onlineUsers` is `count`."""
        return all(client.online == count for client in self.clients)

    def heard(self, name: str) -> list[int]:
        """How often each client heard an event."""
        return [client.events[name] for client in self.clients]

    async def leave(self, within: float = SOON) -> None:
        """Everybody goes at once, each in the next of the ways there are."""
        for client, how in zip(self.clients, itertools.cycle(GOODBYES), strict=False):
            client.leave(how)
        await self.until(lambda: self.lost == len(self.clients), within)
