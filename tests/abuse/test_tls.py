"""Everything over HTTPS and WSS: the whole way of a client, who may be quiet, and who is cut off.

Longer than most files: what takes its time passes beside the other tests.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import pytest
from websockets.asyncio.client import connect

from tests.abuse.bystanders import HEARTBEAT, Stopwatch, assert_empty
from tests.abuse.conftest import SETTINGS
from tests.support.engine import Polls, SessionEnded, WebSocketClient
from tests.support.frames import ENGINE_PATH, SOON, RawConnection
from tests.support.sockets import SocketClient
from tests.support.tls import Certificate, TlsServer, TlsWebSocket, make_certificate, running_tls_server

QUIET = 17.5  # seconds; a client that does not read is cut off after 15
BIG = {"candidate": "x" * 60_000}  # nearly the largest signal that is relayed
WAYS = ("polling", "websocket", "upgrade")


async def enter(url: str, way: str) -> SocketClient:
    """A client that is connected over polling, over WebSocket, or over the one and then the other."""
    if way != "upgrade":
        return await SocketClient.join(url, way)
    polls = Polls(url)
    handshake = await polls.open()
    target = f"{url.replace('http', 'ws', 1)}{ENGINE_PATH}?{polls.query(transport='websocket')}"
    socket = await connect(target, compression=None, ping_interval=None, close_timeout=SOON)
    async with asyncio.timeout(SOON):
        await socket.send("2probe")
        assert await socket.recv() == "3probe"
        await socket.send("5")
    await polls.leave()
    client = SocketClient(WebSocketClient(socket, handshake))
    await client.connect()
    return client


async def pair(one: SocketClient, other: SocketClient) -> None:
    """Puts the two into a chat; nobody else waits."""
    await one.call("findChat")
    assert (await other.call("findChat"))["position"] == 0
    for client in (one, other):
        await client.expect("chatStart")


async def silent_partner(server: TlsServer) -> tuple[TlsWebSocket, SocketClient]:
    """A client in a chat that takes signals and from now on reads nothing, and its partner."""
    accomplice = await SocketClient.join(server.url)
    socket = await TlsWebSocket.upgrade(server.port, receive_buffer=4096)
    await socket.send("40")
    await accomplice.call("findChat")
    await socket.send('42["findChat"]', '42["ready-to-connect"]')
    await accomplice.expect("chatStart")
    assert (await accomplice.call("ready-to-connect"))["ok"] is True
    socket.writer.transport.pause_reading()  # type: ignore[attr-defined]
    return socket, accomplice


async def fill(socket: TlsWebSocket, accomplice: SocketClient) -> float:
    """Sends the partner more than it takes, and then nothing; how long until it was cut off, if it was."""
    watch = Stopwatch()
    for _ in range(150):  # 9 MB; the kernel takes some of them before any wait
        await accomplice.emit("ice-candidate", BIG)
    with contextlib.suppress(TimeoutError):
        await accomplice.expect("partnerLeft", 25)
    took = watch.seconds
    await socket.leave()
    await accomplice.leave()
    return took


# --- what takes its time


async def be_quiet(clients: list[SocketClient]) -> list[str]:
    """Says nothing for a while, and then what is left to be said: who is gone, who gets no answer, who no news."""
    await asyncio.sleep(QUIET)
    faults = [f"{number} was closed" for number, client in enumerate(clients) if not client.engine.is_open]
    first, last = clients[0], clients[-1]
    for one, other in ((first, last), (last, first)):
        await one.emit("typing", True)  # which is dropped for a partner who is thought to be slow
        try:
            await other.expect("partnerTyping")
        except (TimeoutError, SessionEnded):
            faults.append(f"typing did not reach {clients.index(other)}")
    for client in clients:
        await client.leave()
    return faults


async def never_shake_hands(server: TlsServer, first_bytes: bytes) -> float:
    """How long a connection lives that says nothing more than that, in seconds."""
    async with await RawConnection.open(server.port) as connection:
        watch = Stopwatch()
        await connection.write(first_bytes)
        with contextlib.suppress(TimeoutError):
            await connection.wait_closed(16)
        return watch.seconds


class Outcome(NamedTuple):
    """What came of it."""

    quiet: list[str]
    nothing: float
    half_a_hello: float
    never_read: float


async def live_slowly(certificate: Certificate) -> Outcome:
    """All of them at once, on a server with the usual heartbeat that lets much wait for each client."""
    with running_tls_server(certificate, MAX_BUFFERED="64MiB") as server:
        ways = ("websocket",) * 6 + ("upgrade",) * 2
        clients = [await enter(server.url, way) for way in ways]
        await pair(clients[0], clients[-1])
        silent = await silent_partner(server)
        return Outcome(
            *await asyncio.gather(
                be_quiet(clients),
                never_shake_hands(server, b""),
                never_shake_hands(server, b"\x16\x03\x01\x02\x00\x01"),
                fill(*silent),
            )
        )


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Certificate]:
    """The one that all of them have."""
    made = make_certificate(tmp_path_factory.mktemp("tls"))
    with made.trusted():
        yield made


@pytest.fixture(scope="module", autouse=True)
def slow(certificate: Certificate) -> Iterator[Future[Outcome]]:
    """Begins with the module, in a thread of its own, so that its quarter of a minute passes beside the other tests."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(asyncio.run, live_slowly(certificate))


@pytest.fixture(scope="module")
def server(certificate: Certificate) -> Iterator[TlsServer]:
    """One that is quick to tell and to time out."""
    with running_tls_server(certificate, **SETTINGS) as running:
        yield running


# --- the whole way


@pytest.mark.parametrize("way", WAYS)
async def test_a_client_goes_the_whole_way_over_tls(server: TlsServer, way: str) -> None:
    """Connects, is paired, talks and signals in both directions, lives through some heartbeats, and leaves nothing."""
    ana, ben = await enter(server.url, way), await enter(server.url, way)
    await pair(ana, ben)
    for sender, receiver in ((ana, ben), (ben, ana)):
        assert (await sender.call("sendMessage", "hello"))["ok"] is True
        for one in (sender, receiver):
            (message,) = await one.expect("message")
            assert (message["sender"], message["text"]) == (sender.sid, "hello")
        await sender.emit("typing", True)
        assert await receiver.expect("partnerTyping") == [{"typing": True}]
        await sender.call("ready-to-connect")
    await min(ana, ben, key=lambda one: one.sid).expect("create-offer")
    assert (await ana.call("ice-candidate", BIG))["ok"] is True
    assert (await ben.expect("ice-candidate"))[0] == BIG | {"from": ana.sid}
    await asyncio.sleep(HEARTBEAT + 0.5)
    assert (await ana.call("leaveChat"))["ok"] is True
    assert await ben.expect("partnerLeft") == [{"partnerId": ana.sid}]
    await ana.leave()
    await ben.leave()
    await assert_empty(server)


@pytest.mark.usefixtures("bystanders")
async def test_a_client_that_never_reads_is_cut_off_at_one_mebibyte_over_tls(server: TlsServer) -> None:
    socket, accomplice = await silent_partner(server)
    await fill(socket, accomplice)
    assert "does not read" in server.logged()  # and not the heartbeat, three seconds later


@pytest.mark.usefixtures("bystanders")
@pytest.mark.parametrize("first_bytes", [b"GET / HTTP/1.1\r\n\r\n", b"\x80" * 100], ids=["HTTP", "nonsense"])
async def test_what_is_no_tls_is_closed_at_once(server: TlsServer, first_bytes: bytes) -> None:
    assert await never_shake_hands(server, first_bytes) < 2


# --- what the slow ones have found


async def test_who_is_quiet_for_more_than_fifteen_seconds_lives(slow: Future[Outcome]) -> None:
    assert (await asyncio.wrap_future(slow)).quiet == []


async def test_a_connection_without_a_handshake_is_closed_within_ten_seconds(slow: Future[Outcome]) -> None:
    outcome = await asyncio.wrap_future(slow)
    assert 5 < outcome.nothing < 11.5
    assert 5 < outcome.half_a_hello < 11.5


async def test_a_client_that_never_reads_is_cut_off_after_fifteen_seconds_over_tls(slow: Future[Outcome]) -> None:
    assert 14 < (await asyncio.wrap_future(slow)).never_read < 20
