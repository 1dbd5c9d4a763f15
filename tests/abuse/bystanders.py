"""Two people in a chat beside an attack, and what must be true once it is over."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from tests.support.frames import SOON
from tests.support.server import RunningServer
from tests.support.sockets import SocketClient, SocketPacket

PAUSE = 0.5  # seconds between two exchanges: one message a second from each is far below the limit
HEARTBEAT = 3.0  # seconds; pingInterval + pingTimeout of `conftest.SETTINGS`


async def chat(url: str, transport: str = "websocket") -> tuple[SocketClient, SocketClient]:
    """Two clients paired with each other, nothing of what they were told left unread but `onlineUsers`."""
    first = await SocketClient.join(url, transport)
    second = await SocketClient.join(url, transport)
    await first.emit("findChat")
    await first.expect("waiting")
    await second.emit("findChat")
    (start,) = await first.expect("chatStart")
    assert start["partnerId"] == second.sid
    await second.expect("waiting")
    await second.expect("chatStart")
    return first, second


class Bystanders:
    """The pair. `assert_unharmed` is the end of every test of this folder."""

    def __init__(self, server: RunningServer, first: SocketClient, second: SocketClient) -> None:
        self.server = server
        self.first = first
        self.second = second
        self.said = 0
        self._over = asyncio.Event()
        self._chatting: asyncio.Task[None]

    @classmethod
    async def join(cls, server: RunningServer) -> Self:
        """Two guests over WebSocket who have said hello to each other."""
        pair = cls(server, *await chat(server.url))
        await pair.exchange()
        pair._chatting = asyncio.create_task(pair._chat_on())
        return pair

    async def exchange(self) -> None:
        """Each says something; both get it."""
        for sender in (self.first, self.second):
            self.said += 1
            text = f"hello {self.said}"
            assert (await sender.call("sendMessage", text))["ok"] is True
            for one in (self.first, self.second):
                (message,) = await one.expect("message")
                assert (message["text"], message["sender"], message["seq"]) == (text, sender.sid, self.said)

    async def assert_unharmed(self) -> None:
        """The chat goes on, nothing strange was seen, nobody is counted who is gone, no table keeps a row."""
        self._over.set()
        await self._chatting  # its last exchange is the one afterwards
        await self._until_alone()
        assert self.server.process.poll() is None
        await self.first.leave()
        await self.second.leave()
        await assert_empty(self.server)
        assert "Traceback" not in self.server.logged(), self.server.logged()

    async def _chat_on(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), PAUSE)
            await self.exchange()

    async def _until_alone(self) -> None:
        """The last that each heard of `onlineUsers`, within the heartbeat's limit, is two; no other event came."""
        async with asyncio.timeout(HEARTBEAT + SOON):
            for one in (self.first, self.second):
                seen = await one.take_all()
                while not seen or seen[-1].data != ["onlineUsers", 2]:
                    seen.append(SocketPacket("2", "/", None, ["onlineUsers", *await one.expect("onlineUsers")]))
                assert {packet.data[0] for packet in seen} == {"onlineUsers"}


async def eventually(holds: Callable[[], object], within: float = SOON) -> None:
    """Waits until `holds()` is true, looking again and again. Raises `TimeoutError`."""
    async with asyncio.timeout(within):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - another process can set no event here
            await asyncio.sleep(0.01)


async def assert_empty(server: RunningServer) -> None:
    """Every table is empty, within the time in which the heartbeat and the connect time-out end everything."""
    try:
        await eventually(lambda: not any(server.tables().values()), HEARTBEAT + SOON)
    except TimeoutError:
        raise AssertionError({name: rows for name, rows in server.tables().items() if rows}) from None


def warnings(server: RunningServer) -> list[dict[str, Any]]:
    """What the log says at level warning or above."""
    lines = [json.loads(line) for line in server.logged().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("level") in ("warning", "error", "critical")]


def log_is_busy(server: RunningServer) -> bool:
    """True while another line might be left out: of one kind the log takes ten in a second."""
    second_ago = datetime.now(UTC) - timedelta(seconds=1)
    return sum(datetime.fromisoformat(line["timestamp"]) > second_ago for line in warnings(server)[-9:]) > 6


def cpu_seconds(server: RunningServer) -> float:
    """CPU time that the server has used so far, user and system, to a hundredth of a second."""
    with open(f"/proc/{server.process.pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100  # clock ticks are 1/100 s on every Linux


def resident_bytes(server: RunningServer) -> int:
    """The server's memory."""
    with open(f"/proc/{server.process.pid}/status") as status:
        (line,) = (line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """So far."""
        return time.monotonic() - self._start
