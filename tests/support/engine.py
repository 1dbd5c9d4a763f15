"""Clients of Engine.IO v4 and Socket.IO v5 that know the two protocols and nothing of what is said over them.

`Polls` makes single requests; `PollingClient` and `WebSocketClient` hold a session, answer its pings and queue what
comes; `SocketClient` speaks Socket.IO over either. Every wait has a time limit.
"""

import asyncio
import contextlib
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.support.frames import ENGINE_PATH, SOON, RawConnection, Response, request_head

SEPARATOR = "\x1e"  # Engine.IO v4: between the packets of one payload
TRANSPORTS = ("polling", "websocket")
Packet = str | bytes


@dataclass(frozen=True)
class Handshake:
    """The OPEN packet: times in milliseconds, as they came."""

    sid: str
    upgrades: list[str]
    ping_interval: int
    ping_timeout: int
    max_payload: int

    @classmethod
    def read(cls, packet: str) -> Self:
        """Raises `AssertionError` for anything but an OPEN packet with exactly the five keys."""
        assert packet[:1] == "0", packet
        value = json.loads(packet[1:])
        assert set(value) == {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}, value
        return cls(value["sid"], value["upgrades"], value["pingInterval"], value["pingTimeout"], value["maxPayload"])


class Polls:
    """Single requests of one polling session, each on a connection that is kept for the next one."""

    def __init__(self, url: str, path: str = ENGINE_PATH, headers: str = "") -> None:
        port = urlsplit(url).port
        assert port is not None
        self.port = port
        self.path = path
        self.headers = headers
        self.sid: str | None = None
        self._idle: list[RawConnection] = []

    async def open(self) -> Handshake:
        """Opens the session."""
        answer = await self.request("GET")
        assert answer.status == 200, answer
        handshake = Handshake.read(answer.body.decode())
        self.sid = handshake.sid
        return handshake

    def query(self, **changes: str | None) -> str:
        """The query of a request of this session, with parameters changed or (None) left out."""
        parameters = {"EIO": "4", "transport": "polling", "sid": self.sid} | changes
        return "&".join(f"{name}={value}" for name, value in parameters.items() if value is not None)

    async def get(self, within: float = SOON) -> Response:
        """One poll."""
        return await self.request("GET", within=within)

    async def post(self, body: str | bytes, within: float = SOON) -> Response:
        """One payload to the server."""
        return await self.request("POST", body.encode() if isinstance(body, str) else body, within=within)

    async def request(self, method: str, body: bytes | None = None, within: float = SOON) -> Response:
        """One request to the session's address; a kept connection that the server has closed is replaced, once."""
        for connection in await self._connections():
            length = None if body is None else len(body)
            head = request_head(method, self.query(), headers=self.headers, path=self.path, length=length)
            try:
                await connection.write(head + (body or b""))
                answer = await connection.response(within)
            except asyncio.IncompleteReadError, ConnectionError:
                await connection.leave()
                continue
            except BaseException:
                connection.writer.close()
                raise
            if answer.headers.get("connection") == "close":
                await connection.leave()
            else:
                self._idle.append(connection)
            return answer
        raise ConnectionError("the server hung up on a new connection")

    async def _connections(self) -> list[RawConnection]:
        fresh = await RawConnection.open(self.port)
        if not self._idle:
            return [fresh]
        kept = self._idle.pop()
        self._idle.append(fresh)
        return [kept, self._idle.pop()]

    async def leave(self) -> None:
        """Closes the connections; the session is the server's to end."""
        for connection in self._idle:
            await connection.leave()
        self._idle.clear()
