"""Bare sockets that can say anything: half heads, half bodies, and WebSocket frames that break RFC 6455."""

import asyncio
import base64
import contextlib
import os
import socket
import struct
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Protocol, Self

TIME_UNIT = float(os.environ.get("MEETMATES_TEST_TIME_UNIT", "1"))  # raise it where the machine is slow
SOON = 5.0 * TIME_UNIT  # seconds in which an answer must have come
ENGINE_PATH = "/socket.io/"


class Leavable(Protocol):
    """Something that holds a connection."""

    async def leave(self) -> None:
        """Lets go of it."""


held: dict[Leavable, asyncio.AbstractEventLoop] = {}  # whatever is open now, and whose it is


def hold(one: Leavable) -> None:
    """Notes something that is open, so that a test that fails leaves nothing to the next one."""
    held[one] = asyncio.get_running_loop()


async def leave_all() -> None:
    """Lets go of every connection that was opened in this loop and left open."""
    for one in [one for one, loop in held.items() if loop is asyncio.get_running_loop()]:
        await one.leave()


class Opcode(IntEnum):
    """RFC 6455, section 5.2."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


@dataclass(frozen=True)
class Frame:
    """One frame as it came."""

    opcode: int
    payload: bytes
    fin: bool = True


@dataclass(frozen=True)
class Response:
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def frame(
    payload: bytes | str = b"",
    opcode: int = Opcode.TEXT,
    *,
    fin: bool = True,
    rsv: int = 0,
    masked: bool = True,
    declared: int | None = None,
) -> bytes:
    """The bytes of one client frame. `rsv` is RSV1 to RSV3 as 4, 2, 1; `declared` is a length that need not be true."""
    data = payload.encode() if isinstance(payload, str) else payload
    length = len(data) if declared is None else declared
    bit = 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if length < 126:
        head += bytes([bit | length])
    elif length < 1 << 16:
        head += bytes([bit | 126]) + struct.pack("!H", length)
    else:
        head += bytes([bit | 127]) + struct.pack("!Q", length)
    if not masked:
        return head + data
    mask = os.urandom(4)
    whole = int.from_bytes(data, "big") ^ int.from_bytes((mask * (len(data) // 4 + 1))[: len(data)], "big")
    return head + mask + whole.to_bytes(len(data), "big")


class RawConnection:
    """A TCP connection whose bytes are all the test's own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        hold(self)

    @classmethod
    async def open(cls, port: int, *, receive_buffer: int | None = None) -> Self:
        """Connects to 127.0.0.1; `receive_buffer` is the kernel's, in bytes, for a client that is to read little."""
        bare = socket.socket()
        if receive_buffer is not None:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        bare.setblocking(False)
        await asyncio.get_running_loop().sock_connect(bare, ("127.0.0.1", port))
        return cls(*await asyncio.open_connection(sock=bare, limit=1 << 22))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def write(self, *pieces: bytes) -> None:
        """Sends; a server that has hung up already is no error, the test will look at that itself."""
        with contextlib.suppress(ConnectionError):
            self.writer.writelines(pieces)
            await self.writer.drain()

    async def request(
        self,
        method: str = "GET",
        query: str = "",
        *,
        body: bytes | None = None,
        headers: str = "",
        path: str = ENGINE_PATH,
    ) -> Response:
        """One HTTP request with `Host` and, for a body, its length; `headers` are further lines, each with CRLF."""
        await self.write(
            request_head(method, query, headers=headers, path=path, length=None if body is None else len(body))
        )
        if body:
            await self.write(body)
        return await self.response()

    async def response(self, within: float = SOON) -> Response:
        """The next HTTP answer with its whole body."""
        async with asyncio.timeout(within):
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").rstrip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return Response(int(first.split()[1]), headers, await self._body(headers))

    async def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", 0)))
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readline()
        return body

    async def wait_closed(self, within: float = SOON) -> bytes:
        """Whatever still comes until the server hangs up (by FIN or RST). Raises `TimeoutError` if it does not."""
        rest = b""
        async with asyncio.timeout(within):
            with contextlib.suppress(ConnectionError):
                while piece := await self.reader.read(1 << 16):
                    rest += piece
        return rest

    def reset(self) -> None:
        """Hangs up with RST instead of FIN, and whatever was not yet read or sent is lost."""
        bare = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def leave(self) -> None:
        """Hangs up, if nobody has yet."""
        held.pop(self, None)
        self.writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            async with asyncio.timeout(SOON):
                await self.writer.wait_closed()


class RawWebSocket(RawConnection):
    """A WebSocket whose client keeps to the rules only where the test does."""

    @classmethod
    async def upgrade(
        cls,
        port: int,
        query: str = "EIO=4&transport=websocket",
        *,
        path: str = ENGINE_PATH,
        receive_buffer: int | None = None,
    ) -> Self:
        """An open WebSocket; nothing of what the server says first has been read."""
        connection = await cls.open(port, receive_buffer=receive_buffer)
        await connection.write(upgrade_head(query, path=path))
        answer = await connection.response()
        if answer.status != 101:
            await connection.leave()
            raise AssertionError(answer)
        return connection

    async def send(self, *packets: str | bytes) -> None:
        """Sends each packet in a sound frame of its own, all of them in one write."""
        kinds = (Opcode.TEXT if isinstance(packet, str) else Opcode.BINARY for packet in packets)
        await self.write(*(frame(packet, kind) for packet, kind in zip(packets, kinds, strict=True)))

    async def receive(self, within: float = SOON) -> Frame:
        """The next frame, whatever it is. Raises `IncompleteReadError` at the end of the connection."""
        async with asyncio.timeout(within):
            first, second = await self.reader.readexactly(2)
            assert not second & 0x80, "a server must not mask: RFC 6455, section 5.1"
            assert not first & 0x70, "no extension was agreed on, so RSV1 to RSV3 must be 0"
            length = second
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return Frame(first & 0x0F, await self.reader.readexactly(length), bool(first & 0x80))

    async def text(self, within: float = SOON) -> str:
        """The next engine packet but PING, which is answered. Raises `AssertionError` if it is no text."""
        async with asyncio.timeout(within):
            while True:
                got = await self.receive(within)
                if got == Frame(Opcode.TEXT, b"2"):
                    await self.send("3")
                    continue
                assert got.opcode == Opcode.TEXT, got
                return got.payload.decode()

    async def wait_close_frame(self, within: float = SOON) -> int | None:
        """The code of the server's close frame, None when it hung up without one. Pings on the way are answered."""
        async with asyncio.timeout(within):
            while True:
                try:
                    got = await self.receive(within)
                except (asyncio.IncompleteReadError, ConnectionError):
                    return None
                if got.opcode == Opcode.CLOSE:
                    return int.from_bytes(got.payload[:2], "big") if got.payload else 1005
                if got == Frame(Opcode.TEXT, b"2"):
                    await self.send("3")


def request_head(
    method: str, query: str, *, headers: str = "", path: str = ENGINE_PATH, length: int | None = None
) -> bytes:
    """The head of a request, its empty line included."""
    declared = "" if length is None else f"Content-Length: {length}\r\n"
    return f"{method} {path}?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n{declared}{headers}\r\n".encode("latin-1")


def upgrade_head(query: str = "EIO=4&transport=websocket", *, headers: str = "", path: str = ENGINE_PATH) -> bytes:
    """The head of a request for a WebSocket: RFC 6455, section 4.1."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
    return request_head("GET", query, headers=lines + headers, path=path)
