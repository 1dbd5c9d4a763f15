"""The people of a test: official clients of one flavour that come, meet and are seen off."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.clients.client import Client, Door, Flavour
from tests.clients.npm import Node
from tests.clients.python import PythonClient
from tests.support.frames import SOON
from tests.support.server import RunningServer

_NUMBERS = itertools.count(1)


def someone() -> str:
    """An account that no other test has used: last partners are remembered for a while."""
    return f"person-{next(_NUMBERS)}"


def email_of(name: str) -> str:
    """The address in the token of that account."""
    return f"{name}@college.edu"


class People:
    """Clients of one flavour on one server."""

    def __init__(self, server: RunningServer, node: Node, flavour: Flavour) -> None:
        self.server = server
        self.flavour = flavour
        self._node = node
        self._all: list[Client] = []

    async def knock(
        self,
        auth: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Client:
        """Somebody who asks to come in."""
        client = self._node.client() if self.flavour.library == "npm" else PythonClient()
        self._all.append(client)
        await client.open(self.server.url, self.flavour, Door(auth, headers or {}, query or {}))
        return client

    async def join(self, token: str | None = None, **door: Any) -> Client:
        """Somebody who is in: with a token, or as a guest."""
        client = await self.knock(**({"auth": {"token": token}} if token else {}) | door)
        await client.expect("connect")
        return client

    async def pair(self, *tokens: str | None, wish: dict[str, Any] | None = None) -> tuple[Client, Client]:
        """Two people in a chat, with nothing kept of how they got there but `onlineUsers`."""
        ana, ben = [await self.join(token) for token in tokens or (None, None)]
        await meet(ana, ben, wish)
        return ana, ben

    async def leave(self) -> None:
        """Everybody leaves."""
        for client in self._all:
            await client.leave()
        self._all.clear()


async def meet(ana: Client, ben: Client, wish: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """Pairs the two by `wish`, or by an interest that nobody else has, and returns their `chatStart`s."""
    own = {"interests": [f"number {next(_NUMBERS)}"]} if wish is None else wish
    starts = []
    for one in (ana, ben):
        assert (await one.call("findChat", own))["ok"] is True
        await one.expect("waiting")
    for one, other in ((ana, ben), (ben, ana)):
        start = await one.expect("chatStart")
        assert start["partnerId"] == other.id
        starts.append(start)
    return starts


@asynccontextmanager
async def all_gone_after(server: RunningServer) -> AsyncIterator[None]:
    """Afterwards every table of the server holds what it held before: nothing, if no other test has left something.

    Last partners do not count: they are remembered for their ten seconds.
    """
    before = await asyncio.to_thread(server.tables)
    yield
    more: dict[str, int] = {}
    try:
        async with asyncio.timeout(SOON):
            while more := await asyncio.to_thread(_more, server, before):  # noqa: ASYNC110 - no event reaches us here
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"left behind: {more}") from None


def _more(server: RunningServer, before: dict[str, int]) -> dict[str, int]:
    return {table: rows for table, rows in server.tables().items() if rows > before[table] and table != "partings"}
