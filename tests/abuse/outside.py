"""A server process as people outside meet it: its API, its letters, its sockets, and the commands of its operator."""

import asyncio
import contextlib
import itertools
import os
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from tests.support.api import Api
from tests.support.engine import open_engine
from tests.support.frames import SOON
from tests.support.server import SECRET, RunningServer
from tests.support.sockets import Refused, SocketClient

BEHIND_A_PROXY = {"TRUSTED_PROXIES": "127.0.0.1"}  # so that tests can come from any network address
FORWARDED = "x-forwarded-for"
GENEROUS = {**BEHIND_A_PROXY, "LIMIT_FACTOR": "1000", "REMATCH_AFTER": "0"}
_TRUST = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # made once, and never used: each client would make its own
_numbers = itertools.count(1)


class Outside(Api):
    """Every request comes from a network address that nobody used before, unless a test names one."""

    def __init__(self, server: RunningServer, client: httpx.AsyncClient, data: Path) -> None:
        super().__init__(client, data / "mail")
        self.server = server
        self.data = data

    async def socket(self, token: str | None = None, transport: str = "websocket") -> SocketClient:
        """Somebody's connection; without a token a guest's."""
        return await SocketClient.join(self.server.url, transport, None if token is None else {"token": token})

    async def denied(self, token: str | None, transport: str = "websocket") -> dict[str, Any]:
        """What a CONNECT that is refused is told."""
        client = SocketClient(await open_engine(self.server.url, transport))
        try:
            await client.connect(auth={"token": token})
        except Refused as refused:
            data: dict[str, Any] = refused.data["data"]
            return data
        finally:
            await client.leave()
        raise AssertionError("it was let in")

    async def command(self, *arguments: str) -> str:
        """`meetmates ...` in a process of its own, on the same data; what it prints."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MEETMATES_")}
        own = {"MEETMATES_DATA_DIR": str(self.data), "MEETMATES_JWT_SECRET": SECRET}
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-m", "meetmates", *arguments],
            env=clean | own,
            cwd=self.data,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def rows(self, query: str, *values: object) -> list[Any]:
        """What the database holds, or does, beside the server."""
        with contextlib.closing(sqlite3.connect(self.data / "meetmates.db", timeout=SOON)) as database, database:
            return database.execute(query, values).fetchall()


def fresh_address() -> str:
    """A network address that nobody used before."""
    number = next(_numbers)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def coming_from(address: str) -> dict[str, str]:
    """What the proxy writes about somebody."""
    return {FORWARDED: address}


async def _from_anywhere(request: httpx.Request) -> None:
    request.headers.setdefault(FORWARDED, fresh_address())


@contextlib.asynccontextmanager
async def outside(server: RunningServer, data: Path | None = None) -> AsyncIterator[Outside]:
    """Somebody with a client of HTTP; `data` is the server's folder, where it was told one."""
    limits = httpx.Limits(max_connections=64)
    hooks = {"request": [_from_anywhere]}
    async with httpx.AsyncClient(
        base_url=server.url, timeout=6 * SOON, limits=limits, event_hooks=hooks, verify=_TRUST, trust_env=False
    ) as client:
        yield Outside(server, client, data or server.log.parent / "data")


async def pair(one: SocketClient, other: SocketClient) -> str:
    """Puts the two into a chat; its id."""
    await one.call("findChat")
    assert (await other.call("findChat"))["position"] == 0
    await other.expect("chatStart")
    ((start),) = await one.expect("chatStart")
    chat_id: str = start["chatId"]
    return chat_id


async def assert_disconnected(client: SocketClient, within: float = SOON) -> None:
    """For good: DISCONNECT is said before the end, so that the official client does not come back."""
    await client.engine.wait_end(within)
    assert [packet.kind for packet in await client.take_all()][-1:] == ["1"]
