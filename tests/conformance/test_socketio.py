"""Socket.IO v5 against the echo at `/socket.io/`, clause by clause, over both transports.

Longer than most files, so that the protocol can be read in one place.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.support.engine import (
    TRANSPORTS,
    Packet,
    PollingClient,
    Polls,
    WebSocketClient,
    assert_closed_promptly,
    open_engine,
)
from tests.support.frames import RawWebSocket
from tests.support.malformed import BEFORE_CONNECT, MALFORMED, ONE, RESERVED, TWO
from tests.support.sockets import Refused, SocketClient

CONNECT_TIMEOUT = 1.0
Engine = PollingClient | WebSocketClient
Opener = Callable[[], Awaitable[Engine]]


async def connect(url: str, transport: str, namespace: str = "/", auth: object = None) -> SocketClient:
    """A client that is connected, its `auth` event taken."""
    client = SocketClient(await open_engine(url, transport))
    await client.connect(namespace, auth)
    assert await client.expect("auth") == [auth or {}]
    return client


@pytest.fixture(params=TRANSPORTS)
async def client(echo: str, request: pytest.FixtureRequest) -> AsyncIterator[SocketClient]:
    """A client connected to `/`, over each transport in turn."""
    one = await connect(echo, request.param)
    yield one
    await one.leave()


@pytest.fixture(params=TRANSPORTS)
async def engine(echo: str, request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """A session that has not said CONNECT."""
    session = await open_engine(echo, request.param)
    yield session
    await session.leave()


# --- connect


@pytest.mark.parametrize("namespace", ["/", "/custom"])
@pytest.mark.parametrize("auth", [None, {"token": "123"}, {"a": {"b": [1, None, "ä"]}}])
async def test_connect_is_granted_and_hands_on_the_auth_object(engine: Engine, namespace: str, auth: object) -> None:
    client = SocketClient(engine)
    sid = await client.connect(namespace, auth)
    assert sid
    assert await client.expect("auth") == [auth or {}]


async def test_connect_and_its_answer_to_the_letter(engine: Engine) -> None:
    await engine.send('40{"token":"123"}')
    answer = await engine.receive()
    assert isinstance(answer, str)
    assert answer.startswith('40{"sid":"')
    assert await engine.receive() == '42["auth",{"token":"123"}]'


async def test_connect_to_a_namespace_to_the_letter(engine: Engine) -> None:
    await engine.send("40/custom,")
    answer = await engine.receive()
    assert isinstance(answer, str)
    assert answer.startswith('40/custom,{"sid":"')
    assert await engine.receive() == '42/custom,["auth",{}]'


@pytest.mark.parametrize("packet", ["40/random", "40/random,", '40/random,{"token":"x"}'])
async def test_unknown_namespace_is_refused_and_the_session_lives(engine: Engine, packet: str) -> None:
    await engine.send(packet)
    assert await engine.receive() == '44/random,{"message":"Invalid namespace"}'
    await SocketClient(engine).connect()


async def test_each_namespace_has_its_own_socket_id(echo: str) -> None:
    client = await connect(echo, "websocket")
    other = await client.connect("/custom")
    assert len({client.sid, other, client.engine.handshake.sid}) == 3
    await client.leave()


async def test_session_without_connect_is_closed_in_time(echo: str) -> None:
    sessions = [await open_engine(echo, transport) for transport in TRANSPORTS]
    clock = asyncio.get_running_loop().time
    start = clock()
    for session in sessions:
        await session.wait_end()
        assert CONNECT_TIMEOUT - 0.1 < clock() - start < CONNECT_TIMEOUT + 0.5
        await session.leave()


async def test_session_with_connect_is_not(client: SocketClient) -> None:
    with pytest.raises(TimeoutError):
        await client.engine.wait_end(CONNECT_TIMEOUT + 0.2)


# --- disconnect


async def test_disconnect_from_the_main_namespace_leaves_the_session(client: SocketClient) -> None:
    await client.raw("1")
    sid = client.sid
    assert await client.connect() != sid


async def test_disconnect_from_one_namespace_leaves_the_other(client: SocketClient) -> None:
    await client.connect("/custom")
    await client.raw("1/custom")
    await client.emit("message", "to main")
    assert await client.expect("message-back") == ["to main"]


async def test_event_after_disconnect_closes(client: SocketClient) -> None:
    await client.raw("1", '2["message","late"]')
    await client.engine.wait_end()


# --- events and acknowledgements


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        [1, "2", {"3": [True]}],
        [None, False, -1.5, 1e300, 9007199254740991, "", [], {}],
        ["ä€\N{GRINNING FACE}", "\u2028", "\x00", '"\\'],
        [{"_placeholder": False, "num": 0}],
        [[[[[["deep"]]]]]],
        ["x" * 100_000],
    ],
)
async def test_event_comes_back_with_the_same_arguments(client: SocketClient, arguments: list[object]) -> None:
    await client.emit("message", *arguments)
    assert await client.expect("message-back") == arguments


async def test_event_to_the_letter(client: SocketClient) -> None:
    await client.raw('2["message",1,"2",{"3":[true]}]')
    assert await client.engine.receive() == '42["message-back",1,"2",{"3":[true]}]'


async def test_event_to_a_namespace(client: SocketClient) -> None:
    await client.connect("/custom")
    assert await client.expect("auth") == [{}]
    await client.raw('2/custom,["message","a"]')
    assert await client.engine.receive() == '42/custom,["message-back","a"]'


async def test_events_keep_their_order(client: SocketClient) -> None:
    await client.raw(*(f'2["message",{number}]' for number in range(50)))
    assert [(await client.expect("message-back"))[0] for _ in range(50)] == list(range(50))


@pytest.mark.parametrize("id", [0, 456, 2147483647])
async def test_acknowledgement_to_the_letter(client: SocketClient, id: int) -> None:
    await client.raw(f'2{id}["message-with-ack",1,"2",{{"3":[false]}}]')
    assert await client.engine.receive() == f'43{id}[1,"2",{{"3":[false]}}]'


async def test_acknowledgement_without_arguments(client: SocketClient) -> None:
    await client.raw('27["message-with-ack"]')
    assert await client.engine.receive() == "437[]"


async def test_acknowledgement_in_a_namespace(client: SocketClient) -> None:
    await client.connect("/custom")
    assert await client.expect("auth") == [{}]
    await client.raw('2/custom,8["message-with-ack","a"]')
    assert await client.engine.receive() == '43/custom,8["a"]'


# --- binary


async def test_attachments_to_the_letter(client: SocketClient) -> None:
    await client.raw(f'52-["message",{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06")
    assert await client.engine.receive() == f'452-["message-back",{TWO}]'
    assert [await client.engine.receive() for _ in range(2)] == [b"\x01\x02\x03", b"\x04\x05\x06"]


async def test_attachments_with_acknowledgement_to_the_letter(client: SocketClient) -> None:
    await client.raw(f'52-789["message-with-ack",{TWO}]', b"\x01\x02\x03", b"\x04\x05\x06")
    assert await client.engine.receive() == f"462-789[{TWO}]"
    assert [await client.engine.receive() for _ in range(2)] == [b"\x01\x02\x03", b"\x04\x05\x06"]


async def test_attachments_deep_inside_and_out_of_order(client: SocketClient) -> None:
    event = ["message", {"a": [{"_placeholder": True, "num": 1}], "b": {"_placeholder": True, "num": 0}}, "c"]
    await client.raw("52-" + json.dumps(event), b"zero", b"")
    assert await client.expect("message-back") == [{"a": [b""], "b": b"zero"}, "c"]


async def test_ten_attachments_are_the_most(client: SocketClient) -> None:
    places = ",".join(f'{{"_placeholder":true,"num":{number}}}' for number in range(10))
    pieces = [bytes([number]) * number for number in range(10)]
    await client.raw(f'510-["message",{places}]', *pieces)
    assert await client.expect("message-back") == pieces


async def test_attachments_in_a_namespace(client: SocketClient) -> None:
    await client.connect("/custom")
    assert await client.expect("auth") == [{}]
    await client.raw(f'51-/custom,["message",{ONE}]', b"\xff")
    assert await client.engine.receive() == f'451-/custom,["message-back",{ONE}]'
    assert await client.engine.receive() == b"\xff"


async def test_heartbeat_passes_while_attachments_are_owed(client: SocketClient) -> None:
    await client.raw(f'52-["message",{TWO}]', b"\x01")
    with pytest.raises(TimeoutError):  # longer than the heartbeat would let a silent client live
        await client.engine.wait_end(0.8)
    await client.raw(b"\x02")
    assert await client.expect("message-back") == [b"\x01", b"\x02"]


# --- what closes


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("packets", MALFORMED.values(), ids=MALFORMED)
async def test_malformed_packet_closes(echo: str, transport: str, packets: list[Packet]) -> None:
    async def break_it() -> Engine:
        client = await connect(echo, transport)
        await client.raw(*packets)
        return client.engine

    await assert_closed_promptly(break_it)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("id", ["", "1"])
@pytest.mark.parametrize("name", RESERVED)
async def test_reserved_event_name_closes(echo: str, transport: str, name: str, id: str) -> None:
    async def break_it() -> Engine:
        client = await connect(echo, transport)
        await client.raw(f'2{id}["{name}"]')
        return client.engine

    await assert_closed_promptly(break_it)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("packets", BEFORE_CONNECT.values(), ids=BEFORE_CONNECT)
async def test_anything_but_connect_closes_a_new_session(echo: str, transport: str, packets: list[Packet]) -> None:
    async def break_it() -> Engine:
        session = await open_engine(echo, transport)
        await session.send(*("4" + p if isinstance(p, str) else p for p in packets))
        return session

    await assert_closed_promptly(break_it)


# --- over an upgrade


async def test_connection_moves_with_the_session(echo: str) -> None:
    polls = Polls(echo)
    await polls.open()
    await polls.post("40")
    assert (await polls.get()).body.startswith(b'40{"sid":"')
    async with await RawWebSocket.upgrade(polls.port, polls.query(transport="websocket")) as socket:
        await socket.send("2probe")
        assert await socket.text() in ("3probe", '42["auth",{}]')
        await socket.send("5", '42["message","moved"]')
        while (text := await socket.text()) != '42["message-back","moved"]':
            assert text in ("3probe", '42["auth",{}]')
    await polls.leave()


async def test_refused_namespace_is_no_exception_for_the_others(client: SocketClient) -> None:
    with pytest.raises(Refused):
        await client.connect("/random")
    await client.emit("message", "still here")
    assert await client.expect("message-back") == ["still here"]
