"""A client of Socket.IO v5 over a session of `tests.support.engine`: connect, emit, call, expect, any raw packet."""

import asyncio
import itertools
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from tests.support.engine import Packet, PollingClient, WebSocketClient, open_engine
from tests.support.frames import ENGINE_PATH, SOON


@dataclass(frozen=True)
class SocketPacket:
    """One Socket.IO packet, its attachments put back where they belong."""

    kind: str
    namespace: str
    id: int | None
    data: Any

    @property
    def is_event(self) -> bool:
        """True for EVENT and BINARY_EVENT."""
        return self.kind in "25"


_SOCKET_PACKET = re.compile(r"4(\d)(?:(\d+)-)?(?:(/[^,]*),?)?(\d+)?(.*)", re.DOTALL)


class SocketClient:
    """Socket.IO v5 over one session: connect, emit, call, expect. What comes unasked is kept in order."""

    def __init__(self, engine: PollingClient | WebSocketClient) -> None:
        self.engine = engine
        self.sid = ""
        self.kept: deque[SocketPacket] = deque()
        self._ids = itertools.count()
        self._reading = asyncio.Lock()

    @classmethod
    async def join(cls, url: str, transport: str = "websocket", auth: object = None, path: str = ENGINE_PATH) -> Self:
        """A session that is connected to the namespace `/`."""
        client = cls(await open_engine(url, transport, path))
        try:
            await client.connect(auth=auth)
        except BaseException:
            await client.leave()
            raise
        return client

    async def connect(self, namespace: str = "/", auth: object = None) -> str:
        """Connects to a namespace and returns the socket id there. Raises `Refused` on CONNECT_ERROR."""
        await self.raw("0" + head(namespace) + ("" if auth is None else json.dumps(auth)))
        answer = await self._next(lambda packet: packet.kind in "04" and packet.namespace == namespace)
        if answer.kind == "4":
            raise Refused(answer.data)
        assert set(answer.data) == {"sid"}, answer
        sid: str = answer.data["sid"]
        self.sid = self.sid or sid
        return sid

    async def emit(self, event: str, *args: object, namespace: str = "/") -> None:
        """Sends an event that asks for no acknowledgement."""
        await self.raw("2" + head(namespace) + dumps([event, *args]))

    async def call(self, event: str, *args: object, namespace: str = "/", within: float = SOON) -> Any:
        """Sends an event and returns the one argument of its acknowledgement (a list if there are more)."""
        id = next(self._ids)
        await self.raw("2" + head(namespace) + str(id) + dumps([event, *args]))
        return await self.answer(id, namespace, within)

    async def answer(self, id: int, namespace: str = "/", within: float = SOON) -> Any:
        """The one argument of the acknowledgement with that id (a list if there are more)."""
        packet = await self._next(lambda p: p.kind in "36" and (p.namespace, p.id) == (namespace, id), within)
        return packet.data[0] if len(packet.data) == 1 else packet.data

    async def expect(self, event: str, within: float = SOON) -> list[Any]:
        """The arguments of the next event of that name; other packets are kept."""
        packet = await self._next(lambda packet: packet.is_event and packet.data[0] == event, within)
        arguments: list[Any] = packet.data[1:]
        return arguments

    async def raw(self, *packets: Packet) -> None:
        """Sends Socket.IO packets as they are: text goes behind the engine's `4`, bytes are attachments."""
        await self.engine.send(*("4" + p if isinstance(p, str) else p for p in packets))

    async def take_all(self) -> list[SocketPacket]:
        """Everything that has come and was not asked for."""
        while not self.engine.idle:
            self.kept.append(await self._packet(SOON))
        taken = list(self.kept)
        self.kept.clear()
        return taken

    async def leave(self) -> None:
        """Hangs up."""
        await self.engine.leave()

    async def _next(self, wanted: Callable[[SocketPacket], bool], within: float = SOON) -> SocketPacket:
        """The first packet that is `wanted`. Several may wait at once: whoever reads keeps what is for another."""
        async with asyncio.timeout(within):
            while True:
                async with self._reading:
                    for packet in self.kept:
                        if wanted(packet):
                            self.kept.remove(packet)
                            return packet
                    packet = await self._packet(within)
                    if wanted(packet):
                        return packet
                    self.kept.append(packet)

    async def _packet(self, within: float) -> SocketPacket:
        text = await self.engine.receive(within)
        assert isinstance(text, str), "an attachment that nobody announced"
        match = _SOCKET_PACKET.fullmatch(text)
        assert match is not None, text
        kind, attachments, namespace, id, data = match.groups()
        pieces = [await self.engine.receive(within) for _ in range(int(attachments or 0))]
        value = put_back(json.loads(data), pieces) if data else None
        return SocketPacket(kind, namespace or "/", int(id) if id else None, value)


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """CONNECT_ERROR: `data` is the object that it carries."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.data = data


def head(namespace: str) -> str:
    """How a packet names its namespace: Socket.IO v5, section "Packet encoding"."""
    return "" if namespace == "/" else namespace + ","


def dumps(value: object) -> str:
    """JSON without white space, as the official client writes it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def put_back(value: Any, attachments: list[Packet]) -> Any:
    """`value` with its placeholders replaced."""
    if isinstance(value, list):
        return [put_back(item, attachments) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_placeholder") is True:
        return attachments[value["num"]]
    return {key: put_back(item, attachments) for key, item in value.items()}
