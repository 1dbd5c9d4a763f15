"""A real server within the test's own loop, for what only its insides can be asked or told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from meetmates.app import PATH, Node
from meetmates.ports import Casework, Roster, Safety
from meetmates.settings import load
from meetmates.transport.polling import Polling
from meetmates.transport.server import Server, configure
from meetmates.transport.websocket import websocket_class
from tests.support.frames import SOON
from tests.support.server import SECRET, free_port


@dataclass(frozen=True)
class Inside:
    """Where it listens, and what it is made of."""

    url: str
    node: Node


@contextlib.asynccontextmanager
async def server_inside(
    safety: Safety | None = None, *, roster: Roster | None = None, casework: Casework | None = None, **settings: object
) -> AsyncIterator[Inside]:
    """One node with settings by attribute name: `server_inside(rematch_after=0)`."""
    with TemporaryDirectory() as folder:
        own = {"host": "127.0.0.1", "port": free_port(), "data_dir": Path(folder), "jwt_secret": SECRET}
        loaded = load(own | settings)
        node = Node(loaded, safety, roster, casework)
        config = configure(
            Polling(node.entrance), websocket_class({PATH: node.entrance}), host=loaded.host, port=loaded.port
        )
        listening = asyncio.Event()
        server = Server(config, listening.set, node.farewell)
        serving = asyncio.create_task(server.serve())
        try:
            async with asyncio.timeout(SOON):
                await listening.wait()
            yield Inside(f"http://{loaded.host}:{loaded.port}", node)
        finally:
            server.should_exit = True
            await serving
