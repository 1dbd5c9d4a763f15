"""What one HTTP connection may keep waiting: requests, bodies, answers that nobody reads, the end of the server.

Longer than most files: every way to hold a connection is one case. What takes its time passes beside the others.
"""

import asyncio
import contextlib
import json
import os
import resource
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import pytest

from meetmates.transport.ports import Closing
from tests.abuse.bystanders import Stopwatch, chat, eventually, resident_bytes
from tests.support.engine import Polls
from tests.support.frames import SOON, RawConnection, RawWebSocket, leave_all, request_head, upgrade_head
from tests.support.inside import server_inside
from tests.support.server import RunningServer, running_server, stop
from tests.support.sockets import SocketClient

watched = pytest.mark.usefixtures("bystanders")

OPENING = "EIO=4&transport=polling"
FLAT = 8 << 20  # bytes by which memory may grow while something is refused
BIG = {"candidate": "x" * 60_000}  # nearly the largest signal that is relayed
UNREAD = 100  # of them: more than the kernel takes
QUIET = 17.5  # seconds; who takes nothing is cut off after 15


def is_any_open(server: RunningServer, connections: Iterable[RawConnection]) -> bool:
    """Whether the server still holds one of them: a client that does not read is not told of the end. See proc(5)."""
    with open("/proc/net/tcp") as table:
        rows = [line.split()[1:4] for line in table]
    own = f":{server.port:04X}"
    ports = {remote[-4:] for local, remote, state in rows[1:] if local.endswith(own) and state == "01"}
    return any(f"{one.writer.get_extra_info('sockname')[1]:04X}" in ports for one in connections)


async def lifetime(server: RunningServer, connections: Iterable[RawConnection], within: float) -> float:
    """The seconds until the server has let go of all of them, from now on; `within` where it does not."""
    watch = Stopwatch()
    while watch.seconds < within and await asyncio.to_thread(is_any_open, server, connections):  # noqa: ASYNC110
        await asyncio.sleep(0.02)  # the kernel sets no event
    return watch.seconds


# --- requests that do not wait for the answer to the one before


@watched
async def test_pipelined_requests_without_end_are_cut_off(server: RunningServer) -> None:
    """240 KB of them on each of ten connections, no answer read: it ends at once, and nothing of it is kept."""
    requests = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 8_600
    before = peak = resident_bytes(server)
    connections = [await RawConnection.open(server.port, receive_buffer=4096) for _ in range(10)]
    for connection in connections:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
        connection.writer.write(requests)
    watching = asyncio.create_task(lifetime(server, connections, SOON))
    while not watching.done():
        peak = max(peak, resident_bytes(server))
        await asyncio.wait([watching], timeout=0.02)
    assert await watching < 3
    assert max(peak, resident_bytes(server)) - before < FLAT
    for connection in connections:
        connection.reset()
        await connection.leave()


async def test_a_few_pipelined_requests_are_answered_in_their_order(server: RunningServer) -> None:
    requests = [
        request_head("GET", "", path="/healthz"),
        request_head("GET", "", path="/nothing"),
        request_head("GET", "EIO=4&transport=nothing"),
        request_head("POST", "", path="/healthz", length=3) + b"abc",
        request_head("GET", "", path="/style.css"),
    ]
    async with await RawConnection.open(server.port) as connection:
        for _ in range(2):
            await connection.write(b"".join(requests))
            answers = [await connection.response() for _ in requests]
            assert [answer.status for answer in answers] == [200, 404, 400, 405, 200]
            assert answers[-1].headers["content-type"].startswith("text/css")


@watched
async def test_pipelined_requests_without_end_behind_a_poll_that_waits(server: RunningServer) -> None:
    """The poll hears of the end, too, and its session with it: nothing is written to a connection that is over."""
    polls, connection = await waiting_poll(server)
    await connection.write(request_head("GET", "", path="/healthz") * 30)
    await connection.wait_closed(1)
    await eventually(lambda: server.tables()["sessions"] == 2, 1)
    assert (await polls.get()).status == 400
    await connection.leave()
    await polls.leave()


async def test_a_pipelined_body_has_the_time_of_any_other(server: RunningServer) -> None:
    """The answer to the request in front of it does not begin its last second."""
    polls = Polls(server.url)
    await polls.open()
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("GET", "", path="/healthz") + request_head("POST", polls.query(), length=2))
        assert (await connection.response()).status == 200
        await asyncio.sleep(1.5)
        await connection.write(b"40")
        assert (await connection.response()).body == b"ok"
    await polls.post("1")
    await polls.leave()


# --- bodies that do not come


UNFINISHED = {
    "a body for an unknown session": (request_head("POST", f"{OPENING}&sid=nobody", length=1_000), 400),
    "a body for no session": (request_head("POST", OPENING, length=1_000), 400),
    "a body for the page": (request_head("POST", "", path="/", length=1_000), 405),
    "a body that nobody asked for": (request_head("GET", "", path="/healthz", length=1_000), 200),
    "a body in pieces": (request_head("POST", "", path="/", headers="Transfer-Encoding: chunked\r\n"), 405),
}


@watched
@pytest.mark.parametrize("case", UNFINISHED)
async def test_who_was_answered_is_not_waited_for(server: RunningServer, case: str) -> None:
    """The answer arrives at once; the rest of the body has a second to come."""
    head, status = UNFINISHED[case]
    async with await RawConnection.open(server.port) as connection:
        watch = Stopwatch()
        await connection.write(head, b"3\r\nabc")
        assert (await connection.response(1)).status == status
        await connection.wait_closed(2.5)
        assert watch.seconds < 2.5


async def test_a_body_that_comes_late_costs_no_connection(server: RunningServer) -> None:
    """What comes within the second is thrown away, and the next request is answered also after it."""
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("POST", f"{OPENING}&sid=nobody", length=1_000), b"abc")
        assert (await connection.response(1)).status == 400
        await connection.write(bytes(997))
        await asyncio.sleep(1.3)
        assert (await connection.request("GET", path="/healthz")).status == 200


# --- an upgrade in the wrong place


async def waiting_poll(server: RunningServer) -> tuple[Polls, RawConnection]:
    """A session, and a connection on which its poll waits for something to come."""
    polls = Polls(server.url)
    await polls.open()
    await polls.post("40")
    connection = await RawConnection.open(server.port)
    while True:
        await connection.write(request_head("GET", polls.query()))
        try:
            await connection.response(0.3)
        except TimeoutError:
            return polls, connection


@watched
async def test_an_upgrade_behind_a_poll_that_waits(server: RunningServer) -> None:
    """No answer could be told from another: the connection ends, and the session, whose poll was given up."""
    polls, connection = await waiting_poll(server)
    await connection.write(upgrade_head())
    assert await connection.wait_closed(1) == b""
    await eventually(lambda: server.tables()["sessions"] == 2)
    assert (await polls.get()).status == 400
    await connection.leave()
    await polls.leave()


@watched
async def test_an_upgrade_behind_a_request_that_is_not_answered_yet(server: RunningServer) -> None:
    for _ in range(10):
        async with await RawConnection.open(server.port) as connection:
            await connection.write(request_head("GET", "", path="/healthz") + upgrade_head())
            assert b"HTTP/1.1 101" not in await connection.wait_closed(2)


@watched
async def test_an_upgrade_behind_a_request_that_was_answered(server: RunningServer) -> None:
    async with await RawConnection.open(server.port) as connection:
        assert (await connection.request("GET", path="/healthz")).status == 200
        await connection.write(upgrade_head())
        assert (await connection.response()).status == 101


LONG = {"one header": "X-Long: " + "x" * 100_000 + "\r\n", "ten thousand headers": "X-Many: x\r\n" * 10_000}


@watched
@pytest.mark.parametrize("headers", LONG.values(), ids=LONG)
async def test_an_upgrade_with_a_head_of_100_kb(server: RunningServer, headers: str) -> None:
    async with await RawConnection.open(server.port) as connection:
        await connection.write(upgrade_head(headers=headers))
        assert (await connection.response()).status == 431
        assert await connection.wait_closed(2) == b""


# --- a query that only looks like another


@watched
@pytest.mark.parametrize("query", ["mysid=1", "sid_=1", "x=sid=1"])
async def test_a_parameter_that_only_ends_in_sid_opens_a_session(server: RunningServer, query: str) -> None:
    async with await RawConnection.open(server.port) as connection:
        answer = await connection.request("GET", f"{OPENING}&{query}")
        assert answer.status == 200
        assert answer.body.startswith(b'0{"sid":"')
        sid = json.loads(answer.body[1:])["sid"]
        assert (await connection.request("POST", f"{OPENING}&sid={sid}&{query}", body=b"40")).body == b"ok"
        assert (await connection.request("GET", f"{OPENING}&{query}&sid={sid}")).body.startswith(b'40{"sid":"')
        await connection.request("POST", f"{OPENING}&sid={sid}", body=b"1")


# --- too much waits for a polling client


async def test_a_polling_client_is_ended_after_and_not_within_what_it_is_told() -> None:
    """Or what comes of its end would overtake what is being told: to its partner, say, who hears of the chat later."""
    async with server_inside(max_buffered=64 * 1024) as server:
        polls = Polls(server.url)
        handshake = await polls.open()
        await polls.post("40")
        await polls.get()
        session = server.node.hub.sessions[handshake.sid]
        (person,) = server.node.lobby.people.values()
        session.send(b"4" + b"x" * 64 * 1024)
        session.send(b"4" + b"x" * 64 * 1024)
        assert server.node.lobby.people == {person.id: person}
        assert not session.is_closed
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert server.node.lobby.people == {}
        assert session.is_closed
        last = await polls.get()
        assert (last.status, last.body) == (200, b"1")
        assert (await polls.get()).status == 400
        await polls.leave()


# --- the end of the server, and its beginning


async def half_a_body(server: RunningServer) -> tuple[Polls, RawConnection]:
    """A living session with a POST on its way that does not come any further."""
    polls = Polls(server.url)
    await polls.open()
    await polls.post("40")
    connection = await RawConnection.open(server.port)
    await connection.write(request_head("POST", polls.query(), length=1_000) + b"42[")
    return polls, connection


async def test_half_bodies_do_not_hold_up_the_end() -> None:
    """Twenty of them: the server ends in time, with 0, and finds nothing to complain of."""
    with running_server() as server:
        halves = [await half_a_body(server) for _ in range(20)]
        first, second = await chat(server.url)
        watch = Stopwatch()
        code = await asyncio.to_thread(stop, server.process)
        assert (code, watch.seconds < 8) == (0, True)
        assert "Traceback" not in server.logged(), server.logged()
        for one in (first, second):
            assert await one.expect("serverRestarting") == [{}]
            assert await one.engine.wait_end() == str(Closing.RESTART.value)
            await one.leave()
        for polls, connection in halves:
            await connection.leave()
            await polls.leave()


@contextlib.contextmanager
def soft_limit(descriptors: int) -> Iterator[int]:
    """This process, and what it starts, may open only so many, until somebody raises that to the hard limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, hard))
    try:
        yield hard
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_server_takes_as_many_descriptors_as_it_may_have() -> None:
    """Shells give 1,024 or fewer, and each client needs one."""
    with contextlib.ExitStack() as stack:
        with soft_limit(256) as hard:
            server = stack.enter_context(running_server())
        assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE) == (hard, hard)
        connections = [await RawConnection.open(server.port) for _ in range(min(300, hard - 100))]
        assert (await connections[-1].request("GET", path="/healthz")).status == 200
        assert len(os.listdir(f"/proc/{server.process.pid}/fd")) > len(connections)
        for connection in connections:
            await connection.leave()


# --- what takes its time


class Lived(NamedTuple):
    """How long each connection lived, in seconds; how much of the unread answer had left; if the slow one stayed."""

    nothing_but_an_empty_line: float
    an_empty_line: float
    empty_lines: float
    unread: float
    bytes_of_it: int
    steady: bool


async def empty_lines(server: RunningServer, every: float, after_a_request: bool = True) -> float:
    """An empty line, or one after the other, behind a request that was answered."""
    async with await RawConnection.open(server.port) as connection:
        if after_a_request:
            assert (await connection.request("GET", path="/healthz")).status == 200
        watch = Stopwatch()
        closing = asyncio.create_task(connection.wait_closed(16))
        while not closing.done():
            await connection.write(b"\r\n")
            await asyncio.wait([closing], timeout=every)
        with contextlib.suppress(TimeoutError):
            await closing
        return watch.seconds


async def pair(accomplice: SocketClient, say: Callable[[str, str], Awaitable[object]]) -> None:
    """Puts the accomplice into a chat with whoever sends by `say`; both take signals."""
    await accomplice.call("findChat")
    await say('42["findChat"]', '42["ready-to-connect"]')
    await accomplice.expect("chatStart")
    await accomplice.call("ready-to-connect")


async def never_read(server: RunningServer, polls: Polls, accomplice: SocketClient) -> tuple[float, int]:
    """Asks for six megabytes and reads nothing until the connection is over: how long that takes, and what has come."""
    for _ in range(UNREAD):
        assert (await accomplice.call("ice-candidate", BIG))["ok"] is True
    connection = await RawConnection.open(server.port, receive_buffer=4096)
    connection.writer.transport.pause_reading()  # type: ignore[attr-defined]
    await connection.write(request_head("GET", polls.query()) * 8)  # 16 packets at a time
    took = await lifetime(server, [connection], 20)
    connection.writer.transport.resume_reading()  # type: ignore[attr-defined]
    with contextlib.suppress(TimeoutError):
        return took, len(await connection.wait_closed())
    return took, -1


async def read_slowly(reader: RawWebSocket, accomplice: SocketClient) -> bool:
    """Takes a little of much more, all the time: true when that was not held against it."""
    bare = reader.writer.get_extra_info("socket")
    for _ in range(UNREAD):
        await accomplice.emit("ice-candidate", BIG)
    watch = Stopwatch()
    while watch.seconds < QUIET:
        await accomplice.emit("ice-candidate", BIG)
        with contextlib.suppress(BlockingIOError):
            os.read(bare.fileno(), 16384)
        await asyncio.sleep(0.025)
    return (await accomplice.call("sendMessage", "still there?"))["ok"] is True


async def live_slowly() -> Lived:
    """All of them at once, on a server that lets much wait for each client."""
    with running_server(MAX_BUFFERED="64MiB", LIMIT_FACTOR="10") as server:
        accomplices = [await SocketClient.join(server.url) for _ in range(2)]
        polls = Polls(server.url)
        await polls.open()
        await polls.post("40")
        await pair(accomplices[0], lambda *packets: polls.post("\x1e".join(packets)))
        reader = await RawWebSocket.upgrade(server.port, receive_buffer=65536)
        await reader.send("40")
        await pair(accomplices[1], reader.send)
        reader.writer.transport.pause_reading()  # type: ignore[attr-defined]
        first, one, many, (unread, read), steady = await asyncio.gather(
            empty_lines(server, 16, after_a_request=False),
            empty_lines(server, 16),
            empty_lines(server, 1),
            never_read(server, polls, accomplices[0]),
            read_slowly(reader, accomplices[1]),
        )
        reader.reset()
        await leave_all()
        await polls.leave()
        return Lived(first, one, many, unread, read, steady)


@pytest.fixture(scope="module", autouse=True)
def slow() -> Iterator[Future[Lived]]:
    """Begins with the module, in a thread of its own, so that its quarter of a minute passes beside the other tests."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(asyncio.run, live_slowly())


async def test_empty_lines_do_not_keep_a_connection(slow: Future[Lived]) -> None:
    lived = await asyncio.wrap_future(slow)
    for took in lived[:3]:
        assert 5 < took < 11.5, lived


async def test_an_answer_that_nobody_reads_ends_the_connection_after_fifteen_seconds(slow: Future[Lived]) -> None:
    lived = await asyncio.wrap_future(slow)
    assert 14 < lived.unread < 18
    assert 0 <= lived.bytes_of_it < UNREAD * len(BIG["candidate"])


async def test_who_reads_slowly_but_steadily_is_not_cut_off(slow: Future[Lived]) -> None:
    """Though what waits for it grows all the time: 15 seconds without any progress are the end, and no others."""
    assert (await asyncio.wrap_future(slow)).steady
