"""One uvicorn server for everything on one port, and an end that loses nothing."""

import asyncio
import contextlib
import resource
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from types import FrameType
from typing import Any

import uvicorn
import uvloop

from meetmates.transport.http import HEAD_TIMEOUT, BoundedHttp

STOP_LIMIT = 5  # seconds for open requests once the sessions are closed; 10 in all, with time to spare
BACKLOG = 4096  # connections that wait to be accepted: everybody comes back at once after a restart


class Loop(uvloop.Loop):
    """uvloop, which gives a TLS handshake no more time than a request's head."""

    async def create_server(  # type: ignore[override]  # passes everything on
        self, *args: Any, **options: Any
    ) -> asyncio.AbstractServer:
        """As uvloop's own, with the time-out that uvicorn has no setting for."""
        if options.get("ssl") is not None:
            options.setdefault("ssl_handshake_timeout", HEAD_TIMEOUT)
        return await super().create_server(*args, **options)


class Server(uvicorn.Server):
    """uvicorn, which says goodbye first and exits with 0 after a signal."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None], farewell: Callable[[], Awaitable[None]]):
        """`announce` is called once connections are accepted, `farewell` when no new ones are any more."""
        super().__init__(config)
        self._announce = announce
        self._farewell = farewell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listens, then says so."""
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Says goodbye to everybody, accepts nobody, then ends what is left.

        New sessions are refused from the first moment; polls still come in, each on a connection of its own if need be.
        """
        await self._farewell()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn's own, but the signal is not raised again at the end: being told to stop is no failure."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in signals}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal stops gently, a second Ctrl-C at once."""
        super().handle_exit(sig, frame)


def raise_descriptor_limit() -> None:
    """Takes as many descriptors as the system allows: a shell's usual 1,024 would be the number of people at most."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def configure(
    app: Any,
    websocket: type[asyncio.BaseProtocol],
    *,
    host: str,
    port: int,
    tls_cert: str | None = None,
    tls_key: str | None = None,
) -> uvicorn.Config:
    """uvicorn's settings, with everything that it leaves open said."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=BoundedHttp,
        ws=websocket,  # type: ignore[arg-type]  # uvicorn names asyncio.Protocol, but calls what picows has too
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_per_message_deflate=False,
        backlog=BACKLOG,
        timeout_keep_alive=65,  # longer than a poll waits, or each poll would open a connection of its own
        timeout_graceful_shutdown=STOP_LIMIT,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
    )
