"""uvicorn's HTTP/1.1, with the limits that it leaves open: a head is small, and does not take for ever."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_TIMEOUT = 9.0  # seconds from the first byte expected to the end of the head
MAX_HEADERS = 100
MAX_HEAD = 32 * 1024  # bytes of all names and values together; 8 KiB cookies still pass


class BoundedHttp(HttpToolsProtocol):
    """One HTTP connection. A head that is too big is answered with 431, one that does not come with 408."""

    def __init__(self, config: Any, server_state: Any, app_state: Any, _loop: Any = None) -> None:
        super().__init__(config=config, server_state=server_state, app_state=app_state, _loop=_loop)
        self._head_deadline: asyncio.TimerHandle | None = None
        self._head_size = 0
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """The clock for the first head starts."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes of a head or a body; nothing more is read once a head was refused."""
        if not self._refused:
            super().data_received(data)

    def handle_websocket_upgrade(self) -> None:
        """The connection is handed over, unless its head was refused and so was never read to its end."""
        self._head_arrived()
        if not self._refused:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """The answer to a head that is none; one that was refused before has its answer."""
        if not self._refused:
            super().send_400_response(msg)

    def on_message_begin(self) -> None:
        """The first byte of another request."""
        super().on_message_begin()
        self._head_size = 0
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
        if not self._refused:
            super().on_message_complete()

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

    def _refuse(self, status: int) -> None:
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        self._head_arrived()
        phrase = {408: b"Request Timeout", 431: b"Request Header Fields Too Large"}[status]
        self.transport.write(b"HTTP/1.1 %d %b\r\nconnection: close\r\ncontent-length: 0\r\n\r\n" % (status, phrase))
        self.transport.close()
