"""What is done to HTTP and WebSocket below the packets: sizes, framing, halves, two of what there may be one of.

Longer than most files: it is the table "Packets and transports" from its tenth row on.
"""

import asyncio
import json
import struct
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.abuse.bystanders import HEARTBEAT, Bystanders, Stopwatch, chat, resident_bytes
from tests.support.engine import PROMPTLY, Polls, WebSocketClient
from tests.support.frames import (
    SOON,
    Frame,
    Opcode,
    RawConnection,
    RawWebSocket,
    Response,
    frame,
    request_head,
    upgrade_head,
)
from tests.support.server import RunningServer, running_server
from tests.support.sockets import SocketClient

pytestmark = pytest.mark.usefixtures("bystanders")

MAX_PAYLOAD = 200_000
TRANSPORT_UNKNOWN = {"code": 0, "message": "Transport unknown"}
SESSION_UNKNOWN = {"code": 1, "message": "Session ID unknown"}
BAD_REQUEST = {"code": 3, "message": "Bad request"}
FLAT = 4 << 20  # bytes by which memory may grow while something large is refused


async def open_socket(server: RunningServer) -> RawWebSocket:
    """A WebSocket session that is connected; what it is told has been read."""
    socket = await RawWebSocket.upgrade(server.port)
    assert (await socket.text())[:1] == "0"
    await socket.send("40")
    assert (await socket.text()).startswith("40")
    return socket


async def open_polls(server: RunningServer) -> Polls:
    """A polling session that is connected."""
    polls = Polls(server.url)
    await polls.open()
    await polls.post("40")
    assert (await polls.get()).body.startswith(b"40")
    return polls


async def expect_answer(socket: RawWebSocket, start: str) -> str:
    """The next packet that begins with `start`."""
    async with asyncio.timeout(SOON):
        while not (text := await socket.text()).startswith(start):
            pass
    return text


def assert_error(answer: Response, error: dict[str, object], status: int = 400) -> None:
    assert (answer.status, json.loads(answer.body)) == (status, error)


async def assert_gone(polls: Polls) -> None:
    """Neither a poll nor a post finds the session."""
    for answer in (await polls.get(), await polls.post("3")):
        assert_error(answer, SESSION_UNKNOWN)


# --- a frame over the limit


async def test_frame_of_exactly_the_limit_is_taken(server: RunningServer) -> None:
    async with await open_socket(server) as socket:
        await socket.send('42["no-such-event","' + "x" * (MAX_PAYLOAD - 22) + '"]')
        assert "unknown_event" in await expect_answer(socket, '42["eventError"')


OVER = {
    "one byte more": [frame("x" * (MAX_PAYLOAD + 1))],
    "binary": [frame(bytes(MAX_PAYLOAD + 1), Opcode.BINARY)],
    "declared, never sent": [frame(b"x", declared=MAX_PAYLOAD + 1)],
    "a gigabyte declared": [frame(b"x" * 1000, declared=1 << 30)],
    "in fragments": [frame("x" * 150_000, fin=False), frame("x" * 60_000, Opcode.CONTINUATION)],
    "in fragments that never end": [
        frame("x" * 50_000, fin=False),
        *[frame("x" * 50_000, Opcode.CONTINUATION, fin=False)] * 4,
    ],
}


@pytest.mark.parametrize("frames", OVER.values(), ids=OVER)
async def test_frame_over_the_limit(server: RunningServer, frames: list[bytes]) -> None:
    async with await open_socket(server) as socket:
        await socket.write(*frames)
        watch = Stopwatch()
        assert await socket.wait_close_frame() == 1009
        assert watch.seconds < 1


async def test_huge_frame_is_never_buffered(server: RunningServer) -> None:
    before = resident_bytes(server)
    peak = 0
    async with await open_socket(server) as socket:
        await socket.write(frame(b"", declared=1 << 30))
        for _ in range(64):
            await socket.write(bytes(1 << 20))
            peak = max(peak, resident_bytes(server))
        await socket.wait_closed()
    assert peak - before < FLAT


async def test_frame_over_the_limit_in_an_upgrade(server: RunningServer) -> None:
    polls = await open_polls(server)
    async with await RawWebSocket.upgrade(polls.port, polls.query(transport="websocket")) as socket:
        await socket.write(frame("2probe" + "x" * MAX_PAYLOAD))
        assert await socket.wait_close_frame() == 1009
    await polls.post("1")
    await polls.leave()


# --- a body over the limit


async def test_body_of_exactly_the_limit_is_taken(server: RunningServer) -> None:
    polls = await open_polls(server)
    body = '42["no-such-event","' + "x" * (MAX_PAYLOAD - 22) + '"]'
    assert (await polls.post(body)).body == b"ok"
    await polls.post("1")
    await polls.leave()


@pytest.mark.parametrize("sent", [0, 1_000, MAX_PAYLOAD + 1])
@pytest.mark.parametrize("length", [MAX_PAYLOAD + 1, 1 << 30, 10**18])
async def test_declared_body_over_the_limit(server: RunningServer, length: int, sent: int) -> None:
    polls = await open_polls(server)
    async with await RawConnection.open(server.port) as connection:
        watch = Stopwatch()
        await connection.write(request_head("POST", polls.query(), length=length), bytes(sent))
        answer = await connection.response(1)
        assert watch.seconds < 1
        assert (answer.status, answer.headers["connection"].lower()) == (413, "close")
        await connection.wait_closed(2.5)
    await polls.post("1")
    await polls.leave()


async def test_chunked_body_over_the_limit(server: RunningServer) -> None:
    polls = await open_polls(server)
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("POST", polls.query(), headers="Transfer-Encoding: chunked\r\n"))
        piece = b"x" * 50_000
        for _ in range(5):
            await connection.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
        answer = await connection.response(1)
        assert (answer.status, answer.headers["connection"].lower()) == (413, "close")
        await connection.wait_closed(2.5)
    await polls.post("1")
    await polls.leave()


async def test_answer_to_a_huge_body_arrives_and_nothing_of_it_is_kept(server: RunningServer) -> None:
    polls = await open_polls(server)
    before = resident_bytes(server)
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("POST", polls.query(), length=64 << 20))
        writing = asyncio.create_task(connection.write(*[bytes(1 << 20)] * 64))
        answer = await connection.response(2)
        assert (answer.status, answer.headers["connection"].lower()) == (413, "close")
        await connection.wait_closed(2.5)
        await writing
    assert resident_bytes(server) - before < FLAT
    await polls.post("1")
    await polls.leave()


# --- invalid UTF-8

NOT_UTF8 = {
    "ff": b"\xff",
    "cut": b"\xe2\x82",
    "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\xbd",
    "beyond": b"\xf5\x80\x80\x80",
}


@pytest.mark.parametrize("text", NOT_UTF8.values(), ids=NOT_UTF8)
@pytest.mark.parametrize("fragments", [1, 2])
async def test_frame_that_is_no_utf8(server: RunningServer, text: bytes, fragments: int) -> None:
    data = b'42["no-such-event","' + text + b'"]'
    async with await open_socket(server) as socket:
        if fragments == 1:
            await socket.write(frame(data))
        else:
            await socket.write(frame(data[:21], fin=False), frame(data[21:], Opcode.CONTINUATION))
        assert await socket.wait_close_frame() == 1007


async def test_character_cut_by_a_fragment_is_whole_again(server: RunningServer) -> None:
    data = '42["no-such-event","\N{GRINNING FACE}"]'.encode()
    async with await open_socket(server) as socket:
        await socket.write(frame(data[:22], fin=False), frame(data[22:], Opcode.CONTINUATION))
        assert "unknown_event" in await expect_answer(socket, '42["eventError"')


@pytest.mark.parametrize("text", NOT_UTF8.values(), ids=NOT_UTF8)
async def test_body_that_is_no_utf8(server: RunningServer, text: bytes) -> None:
    polls = await open_polls(server)
    assert (await polls.post(b'42["no-such-event","' + text + b'"]')).status == 400
    await assert_gone(polls)
    await polls.leave()


# --- framing: RFC 6455

BROKEN_FRAMES = {
    "RSV1": [frame("3", rsv=4)],
    "RSV2": [frame("3", rsv=2)],
    "RSV3": [frame("3", rsv=1)],
    "all RSV": [frame("3", rsv=7)],
    "RSV2 on a ping": [frame("", Opcode.PING, rsv=2)],
    "RSV1 on a continuation": [frame("4", fin=False), frame("", Opcode.CONTINUATION, rsv=4)],
    "not masked": [frame("3", masked=False)],
    "ping not masked": [frame("", Opcode.PING, masked=False)],
    "empty and not masked": [frame("", masked=False)],
    "ping in fragments": [frame("", Opcode.PING, fin=False)],
    "pong in fragments": [frame("", Opcode.PONG, fin=False)],
    "close in fragments": [frame(b"\x03\xe8", Opcode.CLOSE, fin=False)],
    "ping of 126 bytes": [frame(bytes(126), Opcode.PING)],
    "close of 126 bytes": [frame(b"\x03\xe8" + bytes(124), Opcode.CLOSE)],
    "opcode 3": [frame("3", 3)],
    "opcode 7": [frame("3", 7)],
    "opcode 11": [frame("", 11)],
    "opcode 15": [frame("", 15)],
    "continuation of nothing": [frame("3", Opcode.CONTINUATION)],
    "text inside a fragmented message": [frame("4", fin=False), frame("3")],
    "binary inside a fragmented message": [frame("4", fin=False), frame(b"3", Opcode.BINARY)],
    "close with one byte": [frame(b"\x03", Opcode.CLOSE)],
    "close with code 999": [frame(struct.pack("!H", 999), Opcode.CLOSE)],
    "close with code 1005": [frame(struct.pack("!H", 1005), Opcode.CLOSE)],
    "close with code 1006": [frame(struct.pack("!H", 1006), Opcode.CLOSE)],
}


@pytest.mark.parametrize("frames", BROKEN_FRAMES.values(), ids=BROKEN_FRAMES)
async def test_frame_that_breaks_the_protocol(server: RunningServer, frames: list[bytes]) -> None:
    for attempt in range(3):
        async with await open_socket(server) as socket:
            await socket.write(*frames)
            watch = Stopwatch()
            assert await socket.wait_close_frame() == 1002
            await socket.wait_closed()
            if watch.seconds <= PROMPTLY or attempt == 2:
                assert watch.seconds <= PROMPTLY
                return


async def test_length_with_its_highest_bit_set(server: RunningServer) -> None:
    async with await open_socket(server) as socket:
        await socket.write(b"\x81\xff" + b"\xff" * 8 + b"mask")
        assert await socket.wait_close_frame() in (1002, 1009)  # RFC 6455 section 5.2 forbids it, and it is too long


async def test_close_reason_that_is_no_utf8(server: RunningServer) -> None:
    async with await open_socket(server) as socket:
        await socket.write(frame(b"\x03\xe8\xff\xff", Opcode.CLOSE))
        assert await socket.wait_close_frame() in (1002, 1007)


async def test_ping_is_answered_with_its_payload_also_inside_a_fragmented_message(server: RunningServer) -> None:
    async with await open_socket(server) as socket:
        await socket.write(frame("42[", fin=False), frame(b"abc", Opcode.PING), frame('"x"]', Opcode.CONTINUATION))
        async with asyncio.timeout(SOON):
            while (got := await socket.receive()) != Frame(Opcode.PONG, b"abc"):
                assert got.payload.startswith(b"42"), got
        assert "unknown_event" in await expect_answer(socket, '42["eventError"')


async def test_close_is_answered_with_its_code(server: RunningServer) -> None:
    async with await open_socket(server) as socket:
        await socket.write(frame(struct.pack("!H", 1000), Opcode.CLOSE))
        assert await socket.wait_close_frame() == 1000
        await socket.wait_closed()


# --- upgrades


@pytest.mark.parametrize("where", ["half a head", "head", "101", "half a probe", "probe", "probed"])
async def test_reset_in_the_middle_of_an_upgrade(server: RunningServer, where: str) -> None:
    for _ in range(20):
        polls = await open_polls(server)
        connection = await RawConnection.open(server.port)
        head = upgrade_head(polls.query(transport="websocket"))
        await connection.write(head[:60] if where == "half a head" else head)
        if where not in ("half a head", "head"):
            assert (await connection.response()).status == 101
            await connection.write({"half a probe": frame("2probe")[:5], "101": b""}.get(where, frame("2probe")))
        if where == "probed":
            assert (await connection.reader.readexactly(8))[2:] == b"3probe"
        connection.reset()
        await polls.post('42["no-such-event"]')  # polling goes on as if nothing had been
        async with asyncio.timeout(SOON):
            while b"unknown_event" not in (await polls.get()).body:
                pass
        await polls.post("1")
        await polls.leave()


async def test_second_websocket_of_an_upgraded_session(server: RunningServer) -> None:
    polls = await open_polls(server)
    async with await RawWebSocket.upgrade(server.port, polls.query(transport="websocket")) as first:
        await first.send("2probe", "5")
        assert await expect_answer(first, "3probe")
        async with await RawConnection.open(server.port) as second:
            await second.write(upgrade_head(polls.query(transport="websocket")))
            await assert_turned_away(second)
        for answer in (await polls.get(), await polls.post('42["next"]')):
            assert_error(answer, BAD_REQUEST)
        await first.send('42["no-such-event"]')
        assert "unknown_event" in await expect_answer(first, '42["eventError"')
    await polls.leave()


async def assert_turned_away(connection: RawConnection) -> None:
    """Closed at once and told nothing: the official client takes a bare HTTP error for a failure of its own."""
    assert (await connection.response()).status == 101
    socket = RawWebSocket(connection.reader, connection.writer)
    assert (await socket.receive()).opcode == Opcode.CLOSE
    await socket.wait_closed()


BAD_UPGRADES = {
    "transport constructor": ("EIO=4&transport=constructor", TRANSPORT_UNKNOWN),
    "transport __proto__": ("EIO=4&transport=__proto__", TRANSPORT_UNKNOWN),
    "transport toString": ("EIO=4&transport=toString", TRANSPORT_UNKNOWN),
    "transport webtransport": ("EIO=4&transport=webtransport", TRANSPORT_UNKNOWN),
    "transport in capitals": ("EIO=4&transport=WebSocket", TRANSPORT_UNKNOWN),
    "no query": ("", TRANSPORT_UNKNOWN),
    "unknown sid": ("EIO=4&transport=websocket&sid=nobody", SESSION_UNKNOWN),
    "empty sid": ("EIO=4&transport=websocket&sid=", SESSION_UNKNOWN),
}


@pytest.mark.parametrize(("query", "error"), BAD_UPGRADES.values(), ids=BAD_UPGRADES)
async def test_bad_request_over_both_transports(server: RunningServer, query: str, error: dict[str, object]) -> None:
    async with await RawConnection.open(server.port) as connection:
        assert_error(await connection.request("GET", query.replace("=websocket", "=polling")), error)
    async with await RawConnection.open(server.port) as connection:
        await connection.write(upgrade_head(query))
        assert_error(await connection.response(), error)


BAD_QUERIES = {
    "not UTF-8": "EIO=4&transport=websocket&sid=%ff%fe",
    "bytes above 127": "EIO=4&transport=websocket&sid=\xff\xfe",
    "a NUL": "EIO=4&transport=websocket&sid=%00",
    "EIO as a list": "EIO[]=4&transport=websocket",
    "nothing but separators": "&&&=&=%&%zz",
    "sid as an object": "EIO=4&transport=websocket&sid[a]=b&sid=[object Object]".replace(" ", "%20"),
    "very long": "EIO=4&transport=websocket&sid=" + "x" * 60_000,
    "a fragment": "EIO=4&transport=web#socket",
    "two of each": "EIO=3&EIO=4&transport=abc&transport=websocket",
}


@pytest.mark.parametrize("query", BAD_QUERIES.values(), ids=BAD_QUERIES)
async def test_bad_query(server: RunningServer, query: str) -> None:
    for head in (upgrade_head(query), request_head("GET", query.replace("=websocket", "=polling"))):
        async with await RawConnection.open(server.port) as connection:
            await connection.write(head)
            assert 400 <= (await connection.response()).status < 500


BAD_HEADS = {
    "hundreds of headers": "".join(f"X-{number}: x\r\n" for number in range(500)),
    "one header of 100 KB": "X-Long: " + "x" * 100_000 + "\r\n",
    "a number as long as no body can be": f"Content-Length: {10**30}\r\n",
    "a header without a colon": "X-Nothing\r\n",
    "a NUL in a header": "X-Zero: a\x00b\r\n",
}


@pytest.mark.parametrize("upgrade", [False, True], ids=["request", "upgrade"])
@pytest.mark.parametrize("headers", BAD_HEADS.values(), ids=BAD_HEADS)
async def test_bad_head(server: RunningServer, headers: str, upgrade: bool) -> None:
    async with await RawConnection.open(server.port) as connection:
        query = "EIO=4&transport=polling"
        await connection.write(
            upgrade_head(headers=headers) if upgrade else request_head("GET", query, headers=headers)
        )
        assert 400 <= (await connection.response()).status < 500
        await connection.wait_closed()


UPGRADE = "Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
BAD_HANDSHAKES = {
    "no key": f"{UPGRADE}Sec-WebSocket-Version: 13\r\n",
    "a short key": f"{UPGRADE}Sec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n",
    "version 8": f"{UPGRADE}{KEY}Sec-WebSocket-Version: 8\r\n",
    "no version": f"{UPGRADE}{KEY}",
    "another protocol": "Upgrade: h2c\r\nConnection: Upgrade\r\n",
}


@pytest.mark.parametrize("lines", BAD_HANDSHAKES.values(), ids=BAD_HANDSHAKES)
async def test_bad_websocket_handshake(server: RunningServer, lines: str) -> None:
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("GET", "EIO=4&transport=websocket", headers=lines))
        assert 400 <= (await connection.response()).status < 500


async def test_websocket_handshake_with_post(server: RunningServer) -> None:
    async with await RawConnection.open(server.port) as connection:
        await connection.write(upgrade_head().replace(b"GET", b"POST", 1))
        assert 400 <= (await connection.response()).status < 500


async def test_socket_id_is_no_session_id(server: RunningServer, bystanders: Bystanders) -> None:
    for sid in (bystanders.first.sid, bystanders.second.sid):
        for transport in ("polling", "websocket"):
            async with await RawConnection.open(server.port) as connection:
                query = f"EIO=4&transport={transport}&sid={sid}"
                await connection.write(upgrade_head(query) if transport == "websocket" else request_head("GET", query))
                assert_error(await connection.response(), SESSION_UNKNOWN)


# --- polls


async def test_two_polls_at_once(server: RunningServer) -> None:
    polls = await open_polls(server)
    await polls.post('42["findChat"]')
    async with asyncio.timeout(SOON):
        while b"waiting" not in (await polls.get()).body:
            pass
    async with await RawConnection.open(server.port) as connection:
        # What the presence window still has for this client would answer a poll: only a poll that waits counts.
        async with asyncio.timeout(SOON):
            while True:
                await connection.write(request_head("GET", polls.query()))
                try:
                    await connection.response(0.3)
                except TimeoutError:
                    break
        second = await polls.get()
        pending = await connection.response()
    assert (pending.status, pending.body) == (200, b"1")
    assert_error(second, BAD_REQUEST)
    await assert_gone(polls)
    await polls.leave()


async def test_a_poll_that_nobody_follows_up(server: RunningServer) -> None:
    first, second = await chat(server.url, "websocket")
    polls = await open_polls(server)
    watch = Stopwatch()
    online = 0
    while online != 5:
        (online,) = await first.expect("onlineUsers")
    while online != 4:
        (online,) = await first.expect("onlineUsers", HEARTBEAT + SOON)
    assert HEARTBEAT - 0.5 < watch.seconds < HEARTBEAT + 1
    await assert_gone(polls)
    await polls.leave()
    await first.leave()
    await second.leave()


async def test_two_posts_at_once(server: RunningServer) -> None:
    polls = await open_polls(server)
    async with await RawConnection.open(server.port) as connection:
        await connection.write(request_head("POST", polls.query(), length=10) + b"42[")
        await asyncio.sleep(0.05)  # the second one must come while the first is under way
        assert (await polls.post("3")).status == 400
    await assert_gone(polls)
    await polls.leave()


# --- halves


async def test_half_a_frame_ends_with_the_heartbeat(server: RunningServer) -> None:
    whole = frame('42["no-such-event"]')
    halves = (whole[:1], whole[:5], whole[:-1], frame('42["no-such', fin=False))
    sockets = [await open_socket(server) for _ in halves]
    watch = Stopwatch()
    for socket, half in zip(sockets, halves, strict=True):
        await socket.write(half)
    for socket in sockets:
        await socket.wait_closed(HEARTBEAT + SOON)
        assert watch.seconds < HEARTBEAT + 0.7
        await socket.leave()


async def trickle(connection: RawConnection, every: float, piece: bytes) -> None:
    """Sends `piece` again and again until it is stopped or the server hangs up."""
    while not connection.reader.at_eof():
        await connection.write(piece)
        await asyncio.sleep(every)


async def test_a_thousand_halves_of_each_kind_do_not_stop_a_sign_in(server: RunningServer) -> None:
    number = 1_000
    held: list[RawConnection] = []

    async def half_head() -> RawConnection:
        connection = await RawConnection.open(server.port)
        await connection.write(upgrade_head()[:-2])
        return connection

    async def half_body() -> RawConnection:
        connection = await RawConnection.open(server.port)
        opened = await connection.request("GET", "EIO=4&transport=polling")
        sid = json.loads(opened.body[1:])["sid"]
        await connection.write(request_head("POST", f"EIO=4&transport=polling&sid={sid}", length=1_000) + b"4")
        return connection

    async def half_frame() -> RawConnection:
        connection = await RawWebSocket.upgrade(server.port)
        await connection.write(frame("40{}")[:5])
        return connection

    async def no_connect() -> RawConnection:
        return await RawWebSocket.upgrade(server.port)

    for kind in (half_head, half_body, half_frame, no_connect):
        for _ in range(number // 100):
            held += await asyncio.gather(*(kind() for _ in range(100)))
    watch = Stopwatch()
    first, second = await chat(server.url)
    assert (await first.call("sendMessage", "hello"))["ok"] is True
    assert (await second.expect("message"))[0]["text"] == "hello"
    assert watch.seconds < 2
    for connection in held:
        connection.reset()
    await first.leave()
    await second.leave()


class Slow:
    """The cases that need the real limits, all at once on a server as it is delivered."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server

    async def run(self) -> dict[str, float]:
        """How long each connection lived, in seconds."""
        heads = {"nothing": b"", "half a line": b"GET /sock", "half a head": upgrade_head()[:-2]}
        cases = {name: self.half_head(head) for name, head in heads.items()}
        cases["a head byte by byte"] = self.half_head(b"GET / HTTP/1.1\r\n", trickling=b"X: y\r\n")
        cases["half a head behind a request"] = self.second_head()
        cases["no CONNECT over polling"] = self.no_connect_polling()
        cases["no CONNECT over WebSocket"] = self.no_connect_websocket()
        cases["half a body"] = self.half_body()
        cases["half a chunked body"] = self.half_body(chunked=True)
        cases["a body byte by byte"] = self.half_body(trickling=True)
        return dict(zip(cases, await asyncio.gather(*cases.values()), strict=True))

    async def half_head(self, head: bytes, trickling: bytes = b"") -> float:
        async with await RawConnection.open(self.server.port) as connection:
            watch = Stopwatch()
            await connection.write(head)
            task = asyncio.create_task(trickle(connection, 0.5, trickling)) if trickling else None
            await connection.wait_closed(30)
            if task is not None:
                task.cancel()
            return watch.seconds

    async def second_head(self) -> float:
        async with await RawConnection.open(self.server.port) as connection:
            assert (await connection.request("GET", "", path="/healthz")).status == 200
            watch = Stopwatch()
            await connection.write(b"GET /healthz HT")
            await connection.wait_closed(30)
            return watch.seconds

    async def no_connect_polling(self) -> float:
        polls = Polls(self.server.url)
        await polls.open()
        watch = Stopwatch()
        assert (await polls.get(30)).body == b"1"
        took = watch.seconds
        await assert_gone(polls)
        await polls.leave()
        return took

    async def no_connect_websocket(self) -> float:
        watch = Stopwatch()
        client = await WebSocketClient.open(self.server.url)
        await client.wait_end(30)
        await client.leave()
        return watch.seconds

    async def half_body(self, chunked: bool = False, trickling: bool = False) -> float:
        polls = await open_polls(self.server)
        keeper = asyncio.create_task(self.keep_alive(polls))
        async with await RawConnection.open(self.server.port) as connection:
            watch = Stopwatch()
            if chunked:
                await connection.write(request_head("POST", polls.query(), headers="Transfer-Encoding: chunked\r\n"))
                await connection.write(b"5\r\n42[")
            else:
                await connection.write(request_head("POST", polls.query(), length=100_000) + b"42[")
            task = asyncio.create_task(trickle(connection, 1, b"x")) if trickling else None
            await connection.wait_closed(90)
            took = watch.seconds
            if task is not None:
                task.cancel()
        keeper.cancel()
        await polls.post("1")  # it may have been between two polls, and then nothing else would end the session
        await polls.leave()
        return took

    async def keep_alive(self, polls: Polls) -> None:
        """Polls, so that nothing but the body is late. (No pong: its POST would be the second one at once.)"""
        while (await polls.get(90)).status == 200:
            pass


async def live_slowly() -> dict[str, float]:
    """All of them at once, beside two people who chat. A heartbeat so long that it ends nothing."""
    with running_server(PING_INTERVAL="100", PING_TIMEOUT="20") as server:
        pair = await Bystanders.join(server)
        lived = await Slow(server).run()
        await pair.assert_unharmed()
        return lived


@pytest.fixture(scope="module", autouse=True)
def slow() -> Iterator[Future[dict[str, float]]]:
    """Begins with the module, in a thread of its own, so that its minute passes beside the other tests."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(asyncio.run, live_slowly())


async def test_refused_origin_is_logged_once(server: RunningServer) -> None:
    before = server.logged().count("\n")
    headers = "Origin: https://evil.example\r\n"
    async with await RawConnection.open(server.port) as connection:
        answer = await connection.request("GET", "EIO=4&transport=polling", headers=headers)
        assert_error(answer, {"code": 4, "message": "Forbidden"}, 403)
    async with await RawConnection.open(server.port) as connection:
        await connection.write(upgrade_head(headers=headers))
        assert_error(await connection.response(), {"code": 4, "message": "Forbidden"}, 403)
    lines = server.logged().splitlines()[before:]
    assert sum("rigin" in line for line in lines) == 2


async def test_client_of_the_bystanders_kind_still_gets_in(server: RunningServer) -> None:
    """After everything above, on the same server."""
    client = await SocketClient.join(server.url, "polling")
    assert (await client.call("cancelSearch"))["ok"] is True
    await client.leave()


async def test_halves_end_at_the_real_limits(slow: Future[dict[str, float]]) -> None:
    """10 s for a head and for a CONNECT; 10 s without a byte of a body, and 60 s for all of it."""
    lived = await asyncio.wrap_future(slow)
    long = lived.pop("a body byte by byte")
    assert {name: took for name, took in lived.items() if took > (11.5 if "body" in name else 10.0)} == {}
    assert {name: took for name, took in lived.items() if took < 5} == {}
    assert lived["half a body"] > 9.5
    assert 58 < long < 62
