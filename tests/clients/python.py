"""python-socketio's AsyncClient."""

from typing import Any
from urllib.parse import urlencode

import aiohttp
import socketio
from socketio.exceptions import ConnectionError as NotConnected

from tests.clients.client import Client, Door, Flavour
from tests.support.frames import SOON


class PythonClient(Client):
    """One `AsyncClient`, with no option that is not needed."""

    FOR_GOOD = "server disconnect"
    FOR_NOW = frozenset({"transport close", "transport error"})

    def __init__(self) -> None:
        super().__init__()
        # Its own session would be left open where the server ends the connection, and what answers its POSTs unread.
        posts = aiohttp.TraceConfig()
        posts.on_request_end.append(_read_answer)
        self._session = aiohttp.ClientSession(trace_configs=[posts])
        self._client = client = socketio.AsyncClient(http_session=self._session, handle_sigint=False)
        self._knocked: tuple[str, Flavour, Door]
        client.on("*", lambda event, *args: self.happened(event, list(args)))
        client.on("connect", self._connected)
        client.on("connect_error", lambda *args: self.happened("connect_error", list(args)))
        client.on("disconnect", lambda reason: self.happened("disconnect", [reason]))

    async def open(self, url: str, flavour: Flavour, door: Door) -> None:
        """`connect()`, which also raises what its `connect_error` has told already."""
        self._knocked = url, flavour, door
        query = f"?{urlencode(door.query)}" if door.query else ""
        try:
            await self._client.connect(
                url + query,
                headers=dict(door.headers),
                auth=door.auth,
                transports=list(flavour.transports) if flavour.transports else None,
                wait_timeout=SOON,
            )
        except NotConnected:
            assert "connect_error" in [one.event for one in self.kept]

    async def retry(self, auth: dict[str, Any] | None = None) -> None:
        """`connect()` once more."""
        url, flavour, door = self._knocked
        await self.open(url, flavour, Door(auth, door.headers, door.query))

    async def emit(self, event: str, *args: Any) -> None:
        """`emit(event, args)`."""
        await self._client.emit(event, args)

    async def call(self, event: str, *args: Any) -> Any:
        """`call(event, args)`."""
        return await self._client.call(event, args, timeout=SOON)

    async def leave(self) -> None:
        """`shutdown()`, which also ends the attempts to come back."""
        await self._client.shutdown()
        await self._session.close()

    async def carrier(self) -> str:
        """`connect()` has moved to WebSocket before it returns."""
        return str(self._client.transport())

    def _connected(self) -> None:
        self.id = self._client.get_sid()
        self.happened("connect", [self.id])


async def _read_answer(session: aiohttp.ClientSession, context: object, ended: aiohttp.TraceRequestEndParams) -> None:
    if ended.method == "POST":
        await ended.response.read()
