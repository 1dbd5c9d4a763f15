"""The ways in which a client's connection ends from its own side."""

import asyncio
import contextlib
import socket
import struct

from tests.support.engine import PollingClient, WebSocketClient
from tests.support.frames import Opcode, Response, frame
from tests.support.sockets import SocketClient


async def reset(client: SocketClient) -> None:
    """The connection breaks: of a WebSocket by RST, of polling by the end of the poll that waits."""
    engine = client.engine
    if isinstance(engine, WebSocketClient):
        bare = engine.socket.transport.get_extra_info("socket")
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        engine.socket.transport.abort()
    else:
        await stop_polling(engine)


async def hang_up(client: SocketClient) -> None:
    """The process ends: FIN, and no WebSocket close frame."""
    engine = client.engine
    assert isinstance(engine, WebSocketClient)
    engine.socket.transport.close()


async def close_tab(client: SocketClient) -> None:
    """A browser's close frame: 1001, going away."""
    engine = client.engine
    assert isinstance(engine, WebSocketClient)
    engine.socket.transport.write(frame(b"\x03\xe9", Opcode.CLOSE))


async def fall_silent(client: SocketClient) -> None:
    """The network is gone and nobody says so: no pong any more, no poll; nothing is closed."""
    engine = client.engine
    engine.answers_pings = False
    if isinstance(engine, PollingClient):
        engine.polls.get = _never  # type: ignore[method-assign]  # the poll that waits is the last one


async def disconnect(client: SocketClient) -> None:
    """`socket.disconnect()` while other namespaces might stay: a DISCONNECT packet and nothing more."""
    await client.raw("1")


async def close_engine(client: SocketClient) -> None:
    """The engine's CLOSE packet, which polling has instead of a close frame."""
    await client.engine.send("1")


async def stop_polling(engine: PollingClient) -> None:
    """Ends the poll that waits, by hanging up, and follows it with no other."""
    engine._reader.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await engine._reader


async def _never(within: float = 0) -> Response:
    answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
    return await answer
