"""Clients of Engine.IO v4 that know the protocol and nothing of what is said over it.

`Polls` makes single requests; `PollingClient` and `WebSocketClient` hold a session, answer its pings and queue what
comes. Every wait has a time limit. (A file of its own for each would repeat what the two share.)
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

import websockets
from websockets.asyncio.client import ClientConnection, connect

from tests.support.frames import ENGINE_PATH, SOON, RawConnection, Response, held, hold, request_head
from tests.support.tls import TlsConnection

SEPARATOR = "\x1e"  # Engine.IO v4: between the packets of one payload
TRANSPORTS = ("polling", "websocket")
Packet = str | bytes
PROMPTLY = 0.1  # seconds in which a close must come, whatever the heartbeat does


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
        self._kind: type[RawConnection] = TlsConnection if url.startswith("https:") else RawConnection
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
        """One request to the session's address, on a kept connection if the server has not closed it meanwhile."""
        length = None if body is None else len(body)
        head = request_head(method, self.query(), headers=self.headers, path=self.path, length=length)
        if self._idle:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                return await self._exchange(self._idle.pop(), head + (body or b""), within)
        return await self._exchange(await self._kind.open(self.port), head + (body or b""), within)

    async def _exchange(self, connection: RawConnection, request: bytes, within: float) -> Response:
        keep = False
        try:
            await connection.write(request)
            answer = await connection.response(within)
            keep = answer.headers.get("connection") != "close"
            return answer
        finally:
            if keep:
                self._idle.append(connection)
            else:
                await connection.leave()

    async def leave(self) -> None:
        """Closes the connections; the session is the server's to end."""
        for connection in self._idle:
            await connection.leave()
        self._idle.clear()


class SessionEnded(AssertionError):  # noqa: N818 - it is what happened
    """Nothing more will come: the server has ended the session."""


class _Queueing:
    """What both transports share: the packets that came, and the end. `received` counts their bytes."""

    def __init__(self) -> None:
        self.received = 0
        self.answers_pings = True
        self._packets: asyncio.Queue[Packet | None] = asyncio.Queue()
        self._end: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reader: asyncio.Task[None]

    async def receive(self, within: float = SOON) -> Packet:
        """The next packet but PING and NOOP. Raises `SessionEnded` once there are no more."""
        async with asyncio.timeout(within):
            packet = await self._packets.get()
        if packet is None:
            self._packets.put_nowait(None)  # for the next one who asks
            raise SessionEnded(self._end.result())
        return packet

    async def wait_end(self, within: float = SOON) -> str:
        """How the session ended: the close code, or the last poll's status or packet. Raises `TimeoutError`."""
        async with asyncio.timeout(within):
            return await asyncio.shield(self._end)

    @property
    def idle(self) -> bool:
        """True while nothing that came waits to be taken."""
        return self._packets.empty() or (self._packets.qsize() == 1 and self._end.done())

    @property
    def is_open(self) -> bool:
        """False once the server has ended the session."""
        return not self._end.done()

    def _take(self, packet: Packet) -> bool:
        """Queues what is not the engine's own; true for a PING that is to be answered."""
        self.received += len(packet)
        if packet not in ("2", "6"):
            self._packets.put_nowait(packet)
        return packet == "2" and self.answers_pings

    def _ended(self, how: str) -> None:
        if not self._end.done():
            self._end.set_result(how)
            self._packets.put_nowait(None)

    async def _stop_reading(self) -> None:
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        self._ended("left")


class PollingClient(_Queueing):
    """A session over HTTP long-polling: one poll after the other."""

    def __init__(self, polls: Polls, handshake: Handshake) -> None:
        super().__init__()
        self.polls = polls
        self.handshake = handshake
        self.posted: Response | None = None
        self._reader = asyncio.create_task(self._poll())
        hold(self)

    @classmethod
    async def open(cls, url: str, path: str = ENGINE_PATH, headers: str = "") -> Self:
        """A new session."""
        polls = Polls(url, path, headers)
        return cls(polls, await polls.open())

    async def send(self, *packets: Packet) -> None:
        """As one payload; the answer is kept in `posted`, None when the server hung up instead."""
        self.posted = None
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            self.posted = await self.polls.post(encode_payload(packets))

    async def leave(self) -> None:
        """Says CLOSE, unless the session is over already."""
        held.pop(self, None)
        if self.is_open:
            await self.send("1")
        await self._stop_reading()
        await self.polls.leave()

    async def _poll(self) -> None:
        while True:
            try:
                answer = await self.polls.get(within=60 * SOON)
            except (asyncio.IncompleteReadError, ConnectionError):
                return self._ended("hung up")
            if answer.status != 200:
                return self._ended(str(answer.status))
            for packet in decode_payload(answer.body.decode()):
                if packet == "1":
                    return self._ended("1")
                if self._take(packet):
                    await self.polls.post("3")


class WebSocketClient(_Queueing):
    """A session over WebSocket."""

    def __init__(self, socket: ClientConnection, handshake: Handshake) -> None:
        super().__init__()
        self.socket = socket
        self.handshake = handshake
        self._reader = asyncio.create_task(self._read())
        hold(self)

    @classmethod
    async def open(cls, url: str, path: str = ENGINE_PATH, headers: dict[str, str] | None = None) -> Self:
        """A new session. Raises `websockets.InvalidStatus` where the upgrade is refused."""
        target = f"{url.replace('http', 'ws', 1)}{path}?EIO=4&transport=websocket"
        socket = await connect(
            target, additional_headers=headers, compression=None, ping_interval=None, max_size=None, close_timeout=SOON
        )
        async with asyncio.timeout(SOON):
            first = await socket.recv()
        assert isinstance(first, str)
        return cls(socket, Handshake.read(first))

    async def send(self, *packets: Packet) -> None:
        """Each as a frame of its own; a connection that is over is no error, the test will look at that itself."""
        with contextlib.suppress(websockets.ConnectionClosed):
            for packet in packets:
                await self.socket.send(packet)

    async def leave(self) -> None:
        """Closes the WebSocket."""
        held.pop(self, None)
        await self.socket.close()
        await self._stop_reading()

    async def _read(self) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                packet = await self.socket.recv()
                if self._take(packet):
                    await self.socket.send("3")
        self._ended(str(self.socket.close_code))


async def open_engine(url: str, transport: str, path: str = ENGINE_PATH) -> PollingClient | WebSocketClient:
    """A session over `polling` or `websocket`."""
    kind = PollingClient if transport == "polling" else WebSocketClient
    return await kind.open(url, path)


def encode_payload(packets: tuple[Packet, ...] | list[Packet]) -> str:
    """Engine.IO v4, section "HTTP long-polling": binary as base64 behind `b`."""
    return SEPARATOR.join(p if isinstance(p, str) else "b" + base64.b64encode(p).decode() for p in packets)


def decode_payload(payload: str) -> list[Packet]:
    """The packets of one payload."""
    return [base64.b64decode(p[1:]) if p[:1] == "b" else p for p in payload.split(SEPARATOR)]


async def assert_closed_promptly(break_it: Callable[[], Awaitable["PollingClient | WebSocketClient"]]) -> None:
    """Breaks a session anew up to three times: each must end, and one of them within 100 ms.

    A loaded machine can delay one close by itself, hardly three in a row. The clients answer pings all the while.
    """
    took = []
    for _ in range(3):
        client = await break_it()
        clock = asyncio.get_running_loop().time
        start = clock()
        await client.wait_end()
        took.append(clock() - start)
        await client.leave()
        if took[-1] <= PROMPTLY:
            return
    raise AssertionError(f"closed only after {took} s")
