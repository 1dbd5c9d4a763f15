"""Several clients in one turn of the server's loop: it is held while they send, so that it finds everything at once."""

import contextlib
import os
import signal
import time
from types import TracebackType
from typing import Self

from tests.support.engine import PollingClient, encode_payload
from tests.support.frames import SOON, RawConnection, request_head
from tests.support.server import RunningServer
from tests.support.sockets import SocketClient


class Turn:
    """`async with Turn(server, ana, ben) as turn`: what is sent within reaches the server together, in that order.

    Polling clients get a connection each that the server knows already, so that nobody's request comes a turn later.
    """

    def __init__(self, server: RunningServer, *clients: SocketClient) -> None:
        self._server = server
        self._clients = clients
        self._posts: dict[SocketClient, RawConnection] = {}
        self._posted: list[RawConnection] = []

    async def __aenter__(self) -> Self:
        for client in self._clients:
            if isinstance(client.engine, PollingClient):
                connection = self._posts[client] = await RawConnection.open(self._server.port)
                assert (await connection.request("GET", path="/healthz")).status == 200
        self._wait_for("S")  # asleep, with nothing left over from the turn before: or that would come first
        os.kill(self._server.process.pid, signal.SIGSTOP)
        self._wait_for("T")
        return self

    async def send(self, client: SocketClient, *packets: str) -> None:
        """Socket.IO packets, in one write each, or one POST for all of them."""
        if not isinstance(client.engine, PollingClient):
            await client.raw(*packets)
            return
        body = encode_payload([f"4{packet}" for packet in packets]).encode()
        connection = self._posts[client]
        await connection.write(request_head("POST", client.engine.polls.query(), length=len(body)) + body)
        self._posted.append(connection)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.kill(self._server.process.pid, signal.SIGCONT)
        for connection in self._posted:
            with contextlib.suppress(ConnectionError, EOFError):
                await connection.response()
        for connection in self._posts.values():
            await connection.leave()
        async with await RawConnection.open(self._server.port) as connection:  # answered some turns later
            await connection.request("GET", path="/healthz")

    def _wait_for(self, state: str) -> None:
        """Until the process is in that state: proc(5), /proc/pid/stat."""
        deadline = time.monotonic() + SOON
        while True:
            with open(f"/proc/{self._server.process.pid}/stat") as stat:
                if stat.read().rpartition(")")[2].split()[0] == state:
                    return
            assert time.monotonic() < deadline
