"""Sessions that are opened with more than the usual request: a query, an `Authorization` header."""

import asyncio

from websockets.asyncio.client import connect

from tests.support.engine import Handshake, PollingClient, Polls, WebSocketClient
from tests.support.frames import ENGINE_PATH, SOON


class QueryPolls(Polls):
    """Polls whose every request carries `more` in its query, as the official client's do."""

    more = ""

    def query(self, **changes: str | None) -> str:
        """The usual query, and what there is more."""
        return f"{super().query(**changes)}{self.more}"


async def open_session(
    url: str, transport: str, *, query: str = "", authorization: str | None = None
) -> PollingClient | WebSocketClient:
    """A session that has not said CONNECT yet; `query` is put behind what the protocol asks for."""
    more = f"&{query}" if query else ""
    if transport == "polling":
        polls = QueryPolls(url, headers="" if authorization is None else f"Authorization: {authorization}\r\n")
        polls.more = more
        return PollingClient(polls, await polls.open())
    socket = await connect(
        f"{url.replace('http', 'ws', 1)}{ENGINE_PATH}?EIO=4&transport=websocket{more}",
        additional_headers=None if authorization is None else {"Authorization": authorization},
        compression=None,
        ping_interval=None,
        close_timeout=SOON,
    )
    async with asyncio.timeout(SOON):
        first = await socket.recv()
    assert isinstance(first, str)
    return WebSocketClient(socket, Handshake.read(first))
