"""A TCP connection that ends politely: what was written last arrives, and the peer cannot make us wait or remember.

Closing a socket with unread bytes in it makes the kernel send a reset, which can overtake the close frame or the HTTP
answer that said why. So the sending side is shut first, what still comes is thrown away, and after a second, or as
many bytes as one payload may have, it is closed for good.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from picows import WSCloseCode

from meetmates.transport.ports import Closing

if TYPE_CHECKING:
    from meetmates.transport.hub import Hub
    from meetmates.transport.websocket import Connection

LINGER = 1.0  # seconds
_CLOSINGS = {WSCloseCode.MESSAGE_TOO_BIG: Closing.TOO_BIG, WSCloseCode.INVALID_TEXT: Closing.INVALID_TEXT}


class Discard(asyncio.Protocol):
    """Reads what still comes after the end, up to `limit` bytes, and keeps nothing."""

    def __init__(self, transport: asyncio.Transport, owner: Any, limit: int) -> None:
        self._transport = transport
        self._owner = owner
        self._left = limit

    def data_received(self, data: bytes) -> None:
        """Thrown away."""
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Passed on to the protocol that this one took the place of."""
        self._owner.connection_lost(exc)


class Lingering:
    """What picows sees as the transport of one connection, and for want of a lighter one as its logger."""

    __slots__ = ("_ended", "_handed", "_owner", "connection", "get_write_buffer_size", "hub", "transport")

    def __init__(self, hub: "Hub") -> None:
        self.hub = hub
        self.connection: Connection | None = None
        self._ended = False
        self._handed = 0  # bytes given to the transport, that is to say what the kernel did not take at once

    def attach(self, transport: asyncio.Transport, owner: Any) -> None:
        """`owner` is the protocol that hears of the connection's end."""
        self.transport = transport
        self._owner = owner
        self.get_write_buffer_size = transport.get_write_buffer_size  # asked before every write
        # The first bytes that cannot be written are to be heard of. Not 0: under TLS that pauses with nothing waiting.
        transport.set_write_buffer_limits(high=1)

    def detach(self) -> None:
        """The connection is gone; nothing here may keep another object alive."""
        self._owner = None
        self.connection = None

    def listener(self, request: object) -> "Connection | None":
        """What picows makes of the upgrade request: the connection that was admitted before."""
        return self.connection

    # --- a transport, as far as picows needs one

    def get_extra_info(self, name: str) -> Any:
        """As the transport's own, but for the socket: making one anew, each time it is asked for, takes its time."""
        return self if name == "socket" else self.transport.get_extra_info(name)

    def fileno(self) -> int:
        """The descriptor that picows writes to."""
        handle = self.transport.get_extra_info("socket")
        number: int = handle.fileno()
        return number

    def setsockopt(self, *args: int) -> None:
        """The loop has turned Nagle's algorithm off already, and the kernel acknowledges as it thinks best."""

    def getsockopt(self, *args: int) -> int:
        """picows asks for the sake of a log line that nobody writes."""
        return 0

    def write(self, data: bytes) -> None:
        """As the transport's own."""
        self._hand(data)

    def writelines(self, parts: list[bytes]) -> None:
        """As the transport's own. The parts point into a buffer that will be used again."""
        self.write(b"".join(parts))

    def pause(self) -> None:
        """The transport cannot write as fast as it is given."""
        if self.connection is not None:
            self.connection.pause_writing()

    def resume(self) -> None:
        """The transport has nothing left."""
        if self.connection is not None:
            self.connection.resume_writing()

    def progress(self) -> int:
        """How many of the bytes that had to wait are on their way: it grows as long as the peer reads."""
        return self._handed - self.get_write_buffer_size()

    def abort(self) -> None:
        """Ends the connection at once."""
        self._ended = True
        self.transport.abort()

    def close(self) -> None:
        """Ends our side, and the connection once the peer has ended its own or a second has passed."""
        if self._ended or self.transport.is_closing():
            return
        self._ended = True
        if not self.transport.can_write_eof():  # TLS has no half-closed state
            self.transport.close()
        else:
            self.transport.write_eof()
            self._loop().call_soon(self._discard)  # not within picows' own reading
        self._loop().call_later(LINGER, self.transport.abort)

    def finish(self) -> None:
        """Ends the connection after the peer has said goodbye: there is nothing to wait for."""
        self._ended = True
        self.transport.close()
        self._loop().call_later(LINGER, self.transport.abort)

    def refuse(self, answer: bytes) -> None:
        """Answers the upgrade request with plain HTTP."""
        self.transport.write(answer)
        self.close()

    def _hand(self, data: bytes | memoryview) -> None:
        self._handed += len(data)
        self.transport.write(data)

    def _discard(self) -> None:
        if not self.transport.is_closing() and self._owner is not None:
            self.transport.set_protocol(Discard(self.transport, self._owner, self.hub.options.max_payload))

    @staticmethod
    def _loop() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    # --- a logger, as far as picows needs one

    def isEnabledFor(self, level: int) -> bool:  # noqa: N802 - logging.Logger's name
        """Nothing is written for the sake of picows' own debugging."""
        return False

    def debug(self, *args: object) -> None:
        """Dropped."""

    info = warning = debug

    def error(self, message: str, *args: Any) -> None:
        """The parser met a broken frame and is about to close: the session ends with the parser's own code.

        Anything else that picows has to say of an error is about a failure of our own.
        """
        code = args[0][0] if args and isinstance(args[0], tuple) else None  # of a WSProtocolError, with a text
        if not isinstance(code, int):
            self.exception(message)
        elif self.connection is not None:
            self.connection.broken(_CLOSINGS.get(code, Closing.PROTOCOL_ERROR))  # type: ignore[call-overload]

    def exception(self, message: str, *args: Any) -> None:
        """Something of our own failed while a frame was handled."""
        self.hub.journal.failed("a frame could not be handled")
        if self.connection is not None:
            self.connection.failed()
