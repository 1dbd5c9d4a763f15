"""Engine.IO v4 against the echo at `/engine.io/`, clause by clause: what a client sees of its transports and their end.

Longer than most files, so that the protocol can be read in one place.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest
import websockets

from tests.support.engine import (
    TRANSPORTS,
    Handshake,
    PollingClient,
    Polls,
    WebSocketClient,
    assert_closed_promptly,
    open_engine,
)
from tests.support.frames import SOON, Opcode, RawConnection, RawWebSocket, Response, upgrade_head

PATH = "/engine.io/"
PING_INTERVAL = 0.3
PING_TIMEOUT = 0.2
MAX_PAYLOAD = 1_000_000
SLACK = 0.4  # seconds that a loaded machine may be late; never early

TRANSPORT_UNKNOWN = {"code": 0, "message": "Transport unknown"}
SESSION_UNKNOWN = {"code": 1, "message": "Session ID unknown"}
BAD_METHOD = {"code": 2, "message": "Bad handshake method"}
BAD_REQUEST = {"code": 3, "message": "Bad request"}
BAD_VERSION = {"code": 5, "message": "Unsupported protocol version"}

BAD_HANDSHAKES = [
    ("GET", "transport=polling", BAD_VERSION),
    ("GET", "EIO=&transport=polling", BAD_VERSION),
    ("GET", "EIO=abc&transport=polling", BAD_VERSION),
    ("GET", "EIO=3&transport=polling", BAD_VERSION),
    ("GET", "EIO=5&transport=polling", BAD_VERSION),
    ("GET", "EIO=4", TRANSPORT_UNKNOWN),
    ("GET", "EIO=4&transport=", TRANSPORT_UNKNOWN),
    ("GET", "EIO=4&transport=abc", TRANSPORT_UNKNOWN),
    ("GET", "EIO=4&transport=constructor", TRANSPORT_UNKNOWN),
    ("GET", "EIO=4&transport=__proto__", TRANSPORT_UNKNOWN),
    ("POST", "EIO=4&transport=polling", BAD_METHOD),
    ("PUT", "EIO=4&transport=polling", BAD_METHOD),
    ("DELETE", "EIO=4&transport=polling", BAD_METHOD),
    ("PATCH", "EIO=4&transport=polling", BAD_METHOD),
    ("GET", "EIO=4&transport=websocket", BAD_REQUEST),
    ("GET", "EIO=4&transport=polling&sid=nobody", SESSION_UNKNOWN),
    ("POST", "EIO=4&transport=polling&sid=nobody", SESSION_UNKNOWN),
    ("GET", "EIO=4&transport=polling&sid=", SESSION_UNKNOWN),
]
BAD_UPGRADES = [
    ("transport=websocket", BAD_VERSION),
    ("EIO=abc&transport=websocket", BAD_VERSION),
    ("EIO=4", TRANSPORT_UNKNOWN),
    ("EIO=4&transport=abc", TRANSPORT_UNKNOWN),
    ("EIO=4&transport=polling", BAD_REQUEST),
    ("EIO=4&transport=websocket&sid=nobody", SESSION_UNKNOWN),
]
BAD_PACKETS = ["abc", "x", "7", "9", "-1", "é4", " 4a", "2", "2probe"]
BAD_PAYLOADS = ["", "\x1e", "4a\x1e", "\x1e4a", "4a\x1e\x1e4b", "b!!!", "bAQI", "4a\x1eabc", b"4\xff"]


def now() -> float:
    return asyncio.get_running_loop().time()


async def moment(at: float) -> None:
    """Returns when the loop's clock shows `at`: for tests of what the mere passing of time does."""
    await asyncio.sleep(at - now())


@pytest.fixture
async def polls(echo: str) -> AsyncIterator[Polls]:
    """An open polling session."""
    session = Polls(echo, PATH)
    await session.open()
    yield session
    await session.leave()


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def assert_refused(answer: Response, error: dict[str, object], status: int = 400) -> None:
    assert (answer.status, json.loads(answer.body)) == (status, error)
    assert answer.headers["content-type"].startswith("application/json")


async def assert_gone(polls: Polls) -> None:
    """The session is no more: neither to read nor to write."""
    assert_refused(await polls.get(), SESSION_UNKNOWN)
    assert_refused(await polls.post("4a"), SESSION_UNKNOWN)


# --- handshake


async def test_polling_opens_a_session(echo: str) -> None:
    async with await RawConnection.open(port_of(echo)) as connection:
        answer = await connection.request("GET", "EIO=4&transport=polling", path=PATH)
    handshake = Handshake.read(answer.body.decode())
    assert answer.status == 200
    assert answer.headers["content-type"].lower() == "text/plain; charset=utf-8"
    assert handshake.upgrades == ["websocket"]
    assert (handshake.ping_interval, handshake.ping_timeout, handshake.max_payload) == (300, 200, MAX_PAYLOAD)


async def test_websocket_opens_a_session(echo: str) -> None:
    client = await WebSocketClient.open(echo, PATH)
    handshake = client.handshake
    assert handshake.upgrades == []
    assert (handshake.ping_interval, handshake.ping_timeout, handshake.max_payload) == (300, 200, MAX_PAYLOAD)
    await client.leave()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_session_ids_are_long_and_never_the_same(echo: str, transport: str) -> None:
    clients = [await open_engine(echo, transport, PATH) for _ in range(20)]
    sids = {client.handshake.sid for client in clients}
    assert len(sids) == len(clients)
    assert min(map(len, sids)) >= 20  # 120 bits in base64
    for client in clients:
        await client.leave()


@pytest.mark.parametrize(("method", "query", "error"), BAD_HANDSHAKES)
async def test_bad_handshake_is_refused(echo: str, method: str, query: str, error: dict[str, object]) -> None:
    async with await RawConnection.open(port_of(echo)) as connection:
        assert_refused(await connection.request(method, query, path=PATH), error)


@pytest.mark.parametrize(("query", "error"), BAD_UPGRADES)
async def test_bad_upgrade_is_refused(echo: str, query: str, error: dict[str, object]) -> None:
    async with await RawConnection.open(port_of(echo)) as connection:
        await connection.write(upgrade_head(query, path=PATH))
        assert_refused(await connection.response(), error)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_do_nothing_to_a_session(polls: Polls, method: str) -> None:
    assert (await polls.request(method, b"4a")).status == 400
    await polls.post("4b")
    assert (await polls.get()).body == b"4b"


# --- messages


@pytest.mark.parametrize(
    "payload",
    [
        "4hello",
        "4",
        "4test1\x1e4test2\x1e4test3",
        "4hello\x1ebAQIDBA==",
        "bAQIDBA==",
        "b",
        "4äß€\x1e4\N{GRINNING FACE}",
        '4{"a":[1,null]}',
    ],
)
async def test_polling_carries_what_was_sent(polls: Polls, payload: str) -> None:
    pushed = await polls.post(payload)
    assert (pushed.status, pushed.body) == (200, b"ok")
    got = await polls.get()
    assert (got.status, got.body.decode()) == (200, payload)
    assert got.headers["content-type"].lower() == "text/plain; charset=utf-8"


async def test_polling_keeps_the_order_over_several_posts(polls: Polls) -> None:
    for number in range(5):
        await polls.post(f"4{number}")
    assert (await polls.get()).body.decode() == "\x1e".join(f"4{number}" for number in range(5))


async def test_a_waiting_poll_is_answered_as_soon_as_there_is_something(polls: Polls) -> None:
    poll = asyncio.create_task(polls.get())
    await moment(now() + 0.05)
    assert not poll.done()
    await polls.post("4hello")
    assert (await poll).body == b"4hello"


@pytest.mark.parametrize(
    "packet", ["4hello", "4", "4\N{GRINNING FACE}", b"\x01\x02\x03\x04", b"", bytes(range(256)) * 300]
)
async def test_websocket_carries_what_was_sent(echo: str, packet: str | bytes) -> None:
    client = await WebSocketClient.open(echo, PATH)
    await client.send(packet)
    assert await client.receive() == packet
    await client.leave()


async def test_websocket_message_in_fragments_is_one_message(echo: str) -> None:
    client = await WebSocketClient.open(echo, PATH)
    await client.socket.send(["4hel", "l", "", "o"])
    await client.socket.send([b"\x01", b"\x02"])
    assert [await client.receive(), await client.receive()] == ["4hello", b"\x01\x02"]
    await client.leave()


@pytest.mark.parametrize("payload", [*BAD_PACKETS, *BAD_PAYLOADS])
async def test_malformed_payload_ends_a_polling_session(polls: Polls, payload: str | bytes) -> None:
    assert (await polls.post(payload)).status == 400
    await assert_gone(polls)


@pytest.mark.parametrize("packet", BAD_PACKETS)
async def test_malformed_payload_frees_the_waiting_poll_at_once(echo: str, packet: str) -> None:
    async def break_it() -> PollingClient:
        client = await PollingClient.open(echo, PATH)
        await client.send(packet)
        return client

    await assert_closed_promptly(break_it)


@pytest.mark.parametrize("packet", ["", *BAD_PACKETS])
async def test_malformed_packet_ends_a_websocket_session(echo: str, packet: str) -> None:
    async def break_it() -> WebSocketClient:
        client = await WebSocketClient.open(echo, PATH)
        await client.send(packet)
        return client

    await assert_closed_promptly(break_it)


# --- two polls, and none


async def test_two_polls_at_once_end_the_session(polls: Polls) -> None:
    first = asyncio.create_task(polls.get())
    await moment(now() + 0.02)
    second = await polls.get()
    pending = await first
    assert (pending.status, pending.body) == (200, b"1")
    assert second.status == 400
    await assert_gone(polls)


async def test_a_cancelled_poll_ends_the_session(polls: Polls) -> None:
    async with await RawConnection.open(polls.port) as connection:
        await connection.write(f"GET {PATH}?{polls.query()} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await moment(now() + 0.02)
    assert (await polls.get()).status == 400
    await assert_gone(polls)


# --- size


async def test_payload_of_exactly_the_limit_is_taken(polls: Polls, echo: str) -> None:
    body = "4" + "x" * (MAX_PAYLOAD - 1)
    assert (await polls.post(body)).status == 200
    assert (await polls.get()).body.decode() == body
    client = await WebSocketClient.open(echo, PATH)
    await client.send(body)
    assert await client.receive() == body
    await client.leave()


async def test_payload_over_the_limit_is_refused(polls: Polls, echo: str) -> None:
    answer = await polls.post(b"4" + b"x" * MAX_PAYLOAD)
    assert (answer.status, answer.headers["connection"]) == (413, "close")
    client = await WebSocketClient.open(echo, PATH)
    await client.send("4" + "x" * MAX_PAYLOAD)
    assert await client.wait_end() == "1009"
    await client.leave()


async def test_what_was_sent_while_nobody_polled_comes_in_one_payload_and_in_its_order(polls: Polls) -> None:
    half = "4" + "x" * (MAX_PAYLOAD // 2 - 1)
    for packet in (half, "4y", half):
        assert (await polls.post(packet)).status == 200
    assert (await polls.get()).body.decode() == "\x1e".join((half, "4y", half))


# --- heartbeat


async def test_polling_is_pinged_and_lives_while_it_answers(polls: Polls) -> None:
    for _ in range(3):
        got = await polls.get()
        assert (got.status, got.body) == (200, b"2")
        assert (await polls.post("3")).status == 200


async def test_websocket_is_pinged_and_lives_while_it_answers(echo: str) -> None:
    async with await RawWebSocket.upgrade(port_of(echo), path=PATH) as socket:
        assert (await socket.receive()).payload[:1] == b"0"
        for _ in range(3):
            start = now()
            assert (await socket.receive()).payload == b"2"
            assert now() - start > PING_INTERVAL - 0.05
            await socket.send("3")


async def test_polling_session_is_gone_when_interval_and_timeout_have_passed(polls: Polls) -> None:
    await moment(now() + PING_INTERVAL + PING_TIMEOUT)
    await assert_gone(polls)


async def test_polling_session_that_answers_no_ping_is_gone_in_time(polls: Polls) -> None:
    start = now()
    assert (await polls.get()).body == b"2"
    await polls.get()  # ended by the server
    assert PING_INTERVAL + PING_TIMEOUT - 0.02 < now() - start < PING_INTERVAL + PING_TIMEOUT + SLACK
    await assert_gone(polls)


async def test_websocket_session_that_answers_no_ping_is_gone_in_time(echo: str) -> None:
    async with await RawWebSocket.upgrade(port_of(echo), path=PATH) as socket:
        assert (await socket.receive()).payload[:1] == b"0"
        start = now()
        assert (await socket.receive()).payload == b"2"
        got = await socket.receive()
        assert got.opcode == Opcode.CLOSE
        assert PING_INTERVAL + PING_TIMEOUT - 0.02 < now() - start < PING_INTERVAL + PING_TIMEOUT + SLACK


async def test_messages_are_no_pong(echo: str) -> None:
    async with await RawWebSocket.upgrade(port_of(echo), path=PATH) as socket:
        start = now()
        while (await socket.receive()).opcode != Opcode.CLOSE:
            await socket.send("4still here")
            assert now() - start < SOON
        assert now() - start < PING_INTERVAL + PING_TIMEOUT + SLACK


# --- close


async def test_polling_client_closes(polls: Polls) -> None:
    poll = asyncio.create_task(polls.get())
    await moment(now() + 0.02)
    pushed = await polls.post("1")
    pending = await poll
    assert (pushed.status, pushed.body) == (200, b"ok")
    assert (pending.status, pending.body) == (200, b"6")
    await assert_gone(polls)


async def test_polling_client_closes_while_no_poll_waits(polls: Polls) -> None:
    assert (await polls.post("1")).status == 200
    await assert_gone(polls)


async def test_packets_behind_a_close_are_not_delivered(polls: Polls) -> None:
    poll = asyncio.create_task(polls.get())
    await moment(now() + 0.02)
    assert (await polls.post("1\x1e4late")).status == 400
    assert (await poll).body == b"6"
    await assert_gone(polls)


async def test_websocket_client_closes(echo: str) -> None:
    async def break_it() -> WebSocketClient:
        client = await WebSocketClient.open(echo, PATH)
        await client.send("1")
        return client

    await assert_closed_promptly(break_it)


# --- upgrade


async def probe(polls: Polls) -> RawWebSocket:
    """A WebSocket that has asked and been answered; the session is still polling."""
    socket = await RawWebSocket.upgrade(polls.port, polls.query(transport="websocket"), path=PATH)
    await socket.send("2probe")
    assert (await socket.receive()).payload == b"3probe"
    return socket


async def upgraded(polls: Polls) -> RawWebSocket:
    """A WebSocket that carries the session."""
    socket = await probe(polls)
    await socket.send("5", "4there")
    assert await socket.text() == "4there"
    return socket


async def test_upgrade_moves_the_session(polls: Polls) -> None:
    async with await probe(polls) as socket:
        got = await polls.get()
        assert (got.status, got.body) == (200, b"6")
        await socket.send("5", "4hello", b"\x01")
        assert await socket.text() == "4hello"
        assert (await socket.receive()).payload == b"\x01"


async def test_the_poll_that_waits_is_ended_by_the_probe(polls: Polls) -> None:
    poll = asyncio.create_task(polls.get())
    await moment(now() + 0.02)
    async with await probe(polls):
        got = await asyncio.wait_for(poll, PING_INTERVAL / 2)
        assert (got.status, got.body) == (200, b"6")


async def test_nothing_is_lost_or_overtaken_in_an_upgrade(polls: Polls) -> None:
    await polls.post("4one")
    async with await probe(polls) as socket:
        await polls.post("4two")
        await socket.send("5", "4three")
        assert [await socket.text() for _ in range(3)] == ["4one", "4two", "4three"]


async def test_heartbeat_goes_on_over_the_websocket(polls: Polls) -> None:
    async with await upgraded(polls) as socket:
        for _ in range(3):
            assert (await socket.receive()).payload == b"2"
            await socket.send("3")


async def test_http_requests_of_an_upgraded_session_are_refused(polls: Polls) -> None:
    async with await upgraded(polls) as socket:
        assert_refused(await polls.get(), BAD_REQUEST)
        assert_refused(await polls.post("4no"), BAD_REQUEST)
        await socket.send("4hello")
        assert await socket.text() == "4hello"


async def test_second_websocket_of_an_upgraded_session_is_closed(polls: Polls) -> None:
    async with await upgraded(polls) as socket:
        query = polls.query(transport="websocket")
        async with await RawWebSocket.upgrade(polls.port, query, path=PATH) as second:
            assert (await second.receive()).opcode == Opcode.CLOSE
        await socket.send("4hello")
        assert await socket.text() == "4hello"


async def test_second_websocket_while_the_first_one_probes_is_closed(polls: Polls) -> None:
    async with await probe(polls) as socket:
        query = polls.query(transport="websocket")
        async with await RawWebSocket.upgrade(polls.port, query, path=PATH) as second:
            assert (await second.receive()).opcode == Opcode.CLOSE
        await socket.send("5", "4hello")
        assert await socket.text() == "4hello"


@pytest.mark.parametrize("packet", ["4hello", "abc", "2", "2probably", "3", "1", b"\x01"])
async def test_a_probe_that_says_something_else_is_closed(polls: Polls, packet: str | bytes) -> None:
    query = polls.query(transport="websocket")
    async with await RawWebSocket.upgrade(polls.port, query, path=PATH) as socket:
        await socket.send(packet)
        await socket.wait_close_frame()
        await polls.post("4hello")
        assert (await polls.get()).body == b"4hello"


async def test_a_probe_that_hangs_up_leaves_polling_as_it_was(polls: Polls) -> None:
    socket = await probe(polls)
    socket.reset()
    await polls.post("4hello")
    while (body := (await polls.get()).body) in (b"6", b"2"):
        if body == b"2":
            await polls.post("3")
    assert body == b"4hello"


async def test_session_id_of_a_websocket_session_opens_no_other(echo: str) -> None:
    client = await WebSocketClient.open(echo, PATH)
    query = f"EIO=4&transport=polling&sid={client.handshake.sid}"
    async with await RawConnection.open(port_of(echo)) as connection:
        assert_refused(await connection.request("GET", query, path=PATH), BAD_REQUEST)
    await client.send("4hello")
    assert await client.receive() == "4hello"
    await client.leave()


async def test_no_extension_and_no_subprotocol_is_agreed_on(echo: str) -> None:
    url = f"{echo.replace('http', 'ws')}{PATH}?EIO=4&transport=websocket"
    async with websockets.connect(url, compression="deflate") as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers
        assert socket.subprotocol is None
