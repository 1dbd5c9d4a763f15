"""The npm socket.io-client: one Node process holds any number of clients and is told over a pipe what they do."""

import asyncio
import base64
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.clients.client import Client, Door, Flavour
from tests.support.frames import SOON

FOLDER = Path(__file__).parent / "node"
LINE_LIMIT = 1 << 20  # bytes of one line from Node: a signal has up to 64 KiB


class Node:
    """One Node process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._clients: dict[int, NpmClient] = {}
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count(1)
        self._reader = asyncio.create_task(self._read())

    def client(self) -> "NpmClient":
        """A client that has yet to knock."""
        number = next(self._numbers)
        client = self._clients[number] = NpmClient(self, number)
        return client

    def order(self, client: int, do: str, **more: Any) -> None:
        """Makes a client do something."""
        assert self._process.stdin is not None
        order = {"client": client, "do": do, **more}
        self._process.stdin.write(json.dumps(order, default=_bytes).encode() + b"\n")

    async def answer(self, client: int, event: str, args: tuple[Any, ...]) -> Any:
        """Sends an event and waits for its acknowledgement."""
        id = next(self._numbers)
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        self.order(client, "call", event=event, args=args, id=id)
        async with asyncio.timeout(SOON):
            return await answer

    async def kill(self) -> None:
        """Ends the process as a crashed browser ends: nobody says goodbye."""
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reader

    async def stop(self) -> None:
        """Ends the process by the end of its orders."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), SOON)
        finally:
            await self.kill()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            record = json.loads(line)
            if "answer" not in record:
                self._clients[record["client"]].happened(record["event"], record["args"])
            elif not (answer := self._answers.pop(record["answer"])).done():
                answer.set_result(*record["args"])
        for client in self._clients.values():
            client.happened("Node has ended", [])


class NpmClient(Client):
    """One socket of that process."""

    FOR_GOOD = "io server disconnect"
    FOR_NOW = frozenset({"transport close", "transport error"})

    def __init__(self, node: Node, number: int) -> None:
        super().__init__()
        self._node = node
        self._number = number
        self._transport = ""
        self._upgraded = asyncio.Event()
        self._flavour: Flavour

    async def open(self, url: str, flavour: Flavour, door: Door) -> None:
        """`io(url, options)`, with no option that is not needed."""
        self._open(url, flavour, door)

    def open_and_lose(self, url: str, flavour: Flavour, door: Door, losses: int = 0) -> None:
        """The same with a short temper, and the first `losses` connections are lost before any event was received.

        By default the third attempt to come back may be 8 s behind the loss: no test's grace is that long.
        """
        temper = {"reconnectionDelay": 200, "reconnectionDelayMax": 500}  # milliseconds
        self._open(url, flavour, door, temper, losses=losses)

    def lose(self) -> None:
        """The engine below the socket ends; the socket comes back by itself."""
        self._node.order(self._number, "lose")

    def _open(self, url: str, flavour: Flavour, door: Door, temper: dict[str, int] | None = None, **more: Any) -> None:
        self._flavour = flavour
        options = {
            **(temper or {}),
            "transports": flavour.transports,
            "auth": door.auth,
            "extraHeaders": door.headers,
            "query": door.query,
        }
        self._node.order(self._number, "open", url=url, options={k: v for k, v in options.items() if v}, **more)

    async def retry(self, auth: dict[str, Any] | None = None) -> None:
        """Sets `socket.auth` and calls `socket.connect()`."""
        self._node.order(self._number, "retry", auth=auth)

    async def emit(self, event: str, *args: Any) -> None:
        """`socket.emit(event, ...args)`."""
        self._node.order(self._number, "emit", event=event, args=args)

    async def call(self, event: str, *args: Any) -> Any:
        """`socket.emit(event, ...args, callback)`."""
        return await self._node.answer(self._number, event, args)

    async def leave(self) -> None:
        """`socket.disconnect()`."""
        self._node.order(self._number, "leave")

    async def carrier(self) -> str:
        """Where it begins with polling, the one it has moved to."""
        if self._flavour.transports is None:
            async with asyncio.timeout(SOON):
                await self._upgraded.wait()
        return self._transport

    def happened(self, event: str, args: list[Any]) -> None:
        """Notes the transport, and the socket id, which is new with each connection."""
        if event == "open":
            self._upgraded.clear()
        if event == "upgrade":
            self._upgraded.set()
        if event in ("open", "upgrade"):
            self._transport = args[0]
            return
        if event == "connect":
            self.id = args[0]
        super().happened(event, args)


@asynccontextmanager
async def running_node() -> AsyncIterator[Node]:
    """A Node process, ended afterwards."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", str(FOLDER / "clients.mjs"), stdin=pipe, stdout=pipe, limit=LINE_LIMIT
    )
    node = Node(process)
    try:
        yield node
    finally:
        await node.stop()


def _bytes(value: object) -> dict[str, str]:
    assert isinstance(value, bytes)
    return {"$bytes": base64.b64encode(value).decode()}
