"""uvicorn's HTTP/1.1, with the limits that it leaves open: a request is small, and nothing takes for ever.

Long, because each limit has to catch the parser or the transport at a place of its own.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HEAD_TIMEOUT = 9.0  # seconds from the first byte expected to the end of the head
MAX_HEADERS = 100
MAX_HEAD = 32 * 1024  # bytes of all names and values together; 8 KiB cookies still pass
MAX_PIPELINED = 16  # requests that wait for the answer to one before them; browsers send none
STALLED_AFTER = 15.0  # seconds in which nothing of an answer could be written
DRAIN = 1.0  # seconds for the rest of a body whose request is answered already


class BoundedHttp(HttpToolsProtocol):
    """One HTTP connection. A head that is too big is answered with 431, one that does not come with 408."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        super().__init__(config=config, server_state=server_state, app_state=app_state, _loop=_loop)
        self._head_deadline: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._refused = False
        self._answering: RequestResponseCycle | None = None  # of several pipelined ones, the first
        self._handed_over = False  # to a WebSocket
        self._whole = True  # the newest request has arrived to its last byte
        self._drain_deadline: asyncio.TimerHandle | None = None
        self._stall_deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock for the first head starts."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._head_arrived()
        self._drained()
        self._unstalled()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True  # uvicorn tells the newest request alone, which may wait behind it
            self._answering.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a head or a body; nothing more is read once a head was refused."""
        if self._refused:
            return
        super().data_received(data)
        if self._is_idle() and self._head_deadline is None:
            self._expect_head()  # uvicorn has called off its own timer, also for an empty line

    def handle_websocket_upgrade(self) -> None:
        """The connection is handed over, unless its head was refused or an answer has yet to be written to it."""
        self._head_arrived()
        if self._refused:
            return
        if self.pipeline or (self.cycle is not None and not self.cycle.response_complete):
            self._cut_off()
        else:
            self._handed_over = True
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """The answer to a head that is none; one that was refused before has its answer."""
        if not self._refused:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """The first byte of another request."""
        if self._refused:
            return
        super().on_message_begin()
        self._head_size = 0
        self._whole = False
        if len(self.pipeline) >= MAX_PIPELINED:
            self._cut_off()
        if self._head_deadline is None:
            self._expect_head()

    def on_url(self, url: bytes) -> None:
        """A piece of the request target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header, whole."""
        self._count(len(name) + len(value))
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        """The head is there: what comes next is the application's to wait for."""
        self._head_arrived()
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there in full."""
        self._whole = True
        self._drained()
        if not self._refused:
            super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """The request is answered. What its client still has to send of it is not waited for much longer."""
        super().on_response_complete()
        if not self._whole and self.cycle.response_complete and not self.transport.is_closing():
            self._drain_deadline = self.loop.call_later(DRAIN, self.transport.close)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._watch_stall(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It has caught up."""
        self._unstalled()
        super().resume_writing()

    def _is_idle(self) -> bool:
        """Nothing is being read, answered or waited for."""
        if self._handed_over or self.transport.is_closing():
            return False
        answered = self.cycle is None or self.cycle.response_complete
        return self._whole and answered and self.timeout_keep_alive_task is None

    def _watch_stall(self, waiting: int) -> None:
        self._stall_deadline = self.loop.call_later(STALLED_AFTER, self._check_stall, waiting)

    def _check_stall(self, waited: int) -> None:
        waiting = self.transport.get_write_buffer_size()
        if waiting < waited:
            self._watch_stall(waiting)
        else:
            self.transport.abort()

    def _unstalled(self) -> None:
        if self._stall_deadline is not None:
            self._stall_deadline.cancel()
            self._stall_deadline = None

    def _drained(self) -> None:
        if self._drain_deadline is not None:
            self._drain_deadline.cancel()
            self._drain_deadline = None

    def _expect_head(self) -> None:
        self._head_deadline = self.loop.call_later(HEAD_TIMEOUT, self._refuse, 408)

    def _head_arrived(self) -> None:
        if self._head_deadline is not None:
            self._head_deadline.cancel()
            self._head_deadline = None

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD:
            self._refuse(431)

    def _cut_off(self) -> None:
        """Ends the connection with no answer: it would be taken for that of another request."""
        self._refused = True
        self._head_arrived()
        self.transport.abort()

    def _refuse(self, status: int) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._head_arrived()
        phrase = {408: b"Request Timeout", 431: b"Request Header Fields Too Large"}[status]
        self.transport.write(b"HTTP/1.1 %d %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % (status, phrase))
        self.transport.close()
