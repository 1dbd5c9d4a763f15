"""An echo server for anybody's conformance suite: `python -m tests.conformance.echo --port 3000`.

At `/socket.io/` the namespaces `/` and `/custom` emit `auth` on connect, answer `message` with `message-back` and
acknowledge `message-with-ack`; at `/engine.io/` each engine message comes back as it is.
"""

import argparse
import asyncio
import logging
import secrets
import time
from typing import Any

import uvloop

from meetmates.domain.limits import Allowance, Rate
from meetmates.transport.entrance import Entrance
from meetmates.transport.gate import Origins, Proxies
from meetmates.transport.hub import EngineOptions, Hub
from meetmates.transport.polling import Polling, Receive, Scope, Send
from meetmates.transport.ports import Application, Closing, Link, Opening
from meetmates.transport.server import Server, configure
from meetmates.transport.sockets import SocketClient, SocketServer, check_event
from meetmates.transport.websocket import websocket_class

OPTIONS = EngineOptions(ping_interval=0.3, ping_timeout=0.2, connect_timeout=1.0, max_payload=1_000_000)
CONTROLS = Allowance(Rate(5, 20))
NAMESPACES = ("/", "/custom")
GAP = 0.01  # seconds after the answer to CONNECT: suites wait for one message, and only then for the next


class SocketEcho:
    """The Socket.IO side."""

    def connect(self, client: SocketClient, namespace: str, auth: dict[str, Any]) -> None:
        """Lets everybody into the two namespaces."""
        if namespace not in NAMESPACES:
            client.refuse(namespace, "Invalid namespace")
            return
        client.accept(namespace, secrets.token_urlsafe(15))
        asyncio.get_running_loop().call_later(GAP, self._greet, client, namespace, auth)

    def _greet(self, client: SocketClient, namespace: str, auth: dict[str, Any]) -> None:
        if client.is_connected(namespace):
            client.emit(namespace, "auth", auth)

    def event(self, client: SocketClient, namespace: str, id: int | None, data: Any) -> None:
        """Echoes."""
        name, *args = check_event(data)
        if name == "message":
            client.emit(namespace, "message-back", *args)
        elif name == "message-with-ack" and id is not None:
            client.ack(namespace, id, *args)

    def disconnected(self, client: SocketClient, namespace: str, reason: str, lost: bool) -> None:
        """Nothing was kept."""


class EngineEcho:
    """The bare Engine.IO side: application and receiver at once."""

    def __init__(self, link: Link | None = None) -> None:
        self._link = link

    def open(self, link: Link, opening: Opening) -> "EngineEcho":
        """A session; there is no CONNECT to wait for."""
        link.settled()
        return EngineEcho(link)

    def text(self, packet: str) -> None:
        """Sends it back as it is."""
        assert self._link is not None
        self._link.send(packet.encode())

    def binary(self, data: bytes) -> None:
        """Sends it back as it is."""
        assert self._link is not None
        self._link.send(bytearray(data))

    def closed(self, reason: str) -> None:
        """Nothing was kept."""


class StandardJournal:
    """Reports on standard error."""

    def refused(self, address: str, reason: str) -> None:
        """One line."""
        logging.warning("refused: %s", reason)

    violated = advised = refused

    def failed(self, reason: str) -> None:
        """With the traceback: that one is ours."""
        logging.exception(reason)


def entrance(application: Application) -> Entrance:
    """The way into one of the two echoes, with no origin check and no limit on connects."""
    hub = Hub(OPTIONS, application, StandardJournal(), CONTROLS)
    return Entrance(hub, Origins(None), Proxies(()), None)


async def serve(host: str, port: int) -> None:
    """Serves both echoes until a signal comes."""
    sockets = entrance(SocketServer(SocketEcho(), CONTROLS, time.monotonic))
    engines = entrance(EngineEcho())
    apps = {"/socket.io/": Polling(sockets), "/engine.io/": Polling(engines)}
    upgrades = {"/socket.io/": sockets, "/engine.io/": engines}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found = apps.get(scope["path"], apps.get(f"{scope['path']}/"))
        if found is not None:
            await found(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def farewell() -> None:
        for way in upgrades.values():
            await way.hub.close(None, Closing.RESTART, "restart", patience=0.5)

    config = configure(app, websocket_class(upgrades), host=host, port=port)
    await Server(config, lambda: print(f"echo on http://{host}:{port}", flush=True), farewell).serve()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=3000)
    options = parser.parse_args()
    uvloop.run(serve(options.host, options.port))


if __name__ == "__main__":
    main()
