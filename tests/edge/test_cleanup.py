"""What is left of somebody who has gone: nothing, in whatever way the connection ended.

The rows are those of docs/protocol.md, "Lifecycle"; each is looked at for each way, over each transport, out of a video
chat with both sides ready and out of the queue. Longer than most files: it is one table.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from websockets.asyncio.client import connect

from tests.support import endings
from tests.support.engine import PollingClient, Polls, WebSocketClient
from tests.support.frames import ENGINE_PATH, SOON, frame
from tests.support.server import RunningServer, running_server
from tests.support.sockets import SocketClient
from tests.support.tokens import token

HEARTBEAT = 2.0  # seconds; pingInterval + pingTimeout of the fixture
CROWD = ["polling", "websocket", "upgraded"]
SOCKETS = ["websocket", "upgraded"]
BIG = {"candidate": "x" * 60_000}  # nearly the largest signal that is relayed
NUMBERS = itertools.count()


@dataclass
class Scene:
    """Who goes, and who stays: the partner in a chat, or somebody who only looks on."""

    server: RunningServer
    user: str
    leaver: SocketClient
    stayer: SocketClient


# --- the ways, where `tests.support.endings` does not have them


def by(ending: Callable[[SocketClient], Awaitable[None]]) -> Callable[[Scene], Awaitable[None]]:
    """A way that is the client's own."""

    async def way(scene: Scene) -> None:
        await ending(scene.leaver)

    return way


async def token_expires(scene: Scene) -> None:
    """Of a client that knows `refreshToken`: the others are kept to the end of their chat."""
    ends = token(scene.user, exp=time.time() - 29)  # and half a minute's leeway
    assert (await scene.leaver.call("refreshToken", ends))["ok"] is True
    await scene.leaver.engine.wait_end(1 + SOON)


async def replaced(scene: Scene) -> None:
    """By the sixth connection of its account."""
    newer = [await SocketClient.join(scene.server.url, auth={"token": token(scene.user)}) for _ in range(5)]
    await scene.leaver.engine.wait_end()
    for one in newer:
        await one.leave()


async def goes_on_over_the_limit(scene: Scene) -> None:
    """More than ten bursts refused."""
    await scene.leaver.raw(*['2["typing",true]'] * 80)


async def does_not_read(scene: Scene) -> None:
    """More than 1 MiB waits for it; the kernel takes some before anything does."""
    await endings.fall_silent(scene.leaver)
    if isinstance(scene.leaver.engine, WebSocketClient):
        scene.leaver.engine.socket.transport.pause_reading()
    for _ in range(150):
        await scene.stayer.emit("ice-candidate", BIG)
    await settle(scene.server, lambda found: found["connections"] == 1)
    if isinstance(scene.leaver.engine, WebSocketClient):
        scene.leaver.engine.socket.transport.abort()  # a goodbye would wait for an answer that it does not read


async def breaks_socketio(scene: Scene) -> None:
    await scene.leaver.engine.send("4abc")


async def breaks_engineio(scene: Scene) -> None:
    await scene.leaver.engine.send("5")


async def breaks_websocket(scene: Scene) -> None:
    """A frame with a reserved bit."""
    assert isinstance(scene.leaver.engine, WebSocketClient)
    scene.leaver.engine.socket.transport.write(frame("3", rsv=2))


async def polls_twice_at_once(scene: Scene) -> None:
    engine = scene.leaver.engine
    assert isinstance(engine, PollingClient)
    second = Polls(scene.server.url)
    second.sid = engine.polls.sid
    async with asyncio.timeout(SOON):
        while (await second.get()).status == 200:  # unless the presence window had something for the first one
            pass
    await second.leave()


async def posts_nonsense(scene: Scene) -> None:
    """A payload that is no UTF-8."""
    assert isinstance(scene.leaver.engine, PollingClient)
    await scene.leaver.engine.polls.post(b"4\xff")


@dataclass
class Way:
    """How a connection ends, where that is possible, and what its client is told if it is the server that ends it."""

    end: Callable[[Scene], Awaitable[None]]
    transports: list[str]
    states: tuple[str, ...] = ("chatting", "waiting")
    final: bool = False  # DISCONNECT, so that the official client does not come back
    slow: bool = False  # only the heartbeat finds out
    heard: tuple[str, ...] = ()  # by the partner, because of the way itself


WAYS = {
    "closed tab": Way(by(endings.close_tab), SOCKETS),
    "process ended": Way(by(endings.hang_up), SOCKETS),
    "connection reset": Way(by(endings.reset), SOCKETS),
    "poll given up": Way(by(endings.reset), ["polling"]),
    "network lost in silence": Way(by(endings.fall_silent), SOCKETS, slow=True),
    "poll not followed by another": Way(by(endings.fall_silent), ["polling"], slow=True),
    "DISCONNECT packet": Way(by(endings.disconnect), CROWD),
    "CLOSE packet": Way(by(endings.close_engine), CROWD),
    "token expired": Way(token_expires, CROWD, final=True),
    "replaced": Way(replaced, CROWD, final=True),
    "abuse": Way(goes_on_over_the_limit, CROWD, final=True, heard=("partnerTyping",)),
    "does not read": Way(does_not_read, CROWD, states=("chatting",), heard=("eventError",)),
    "Socket.IO violated": Way(breaks_socketio, CROWD),
    "Engine.IO violated": Way(breaks_engineio, CROWD),
    "WebSocket violated": Way(breaks_websocket, SOCKETS),
    "two polls at once": Way(polls_twice_at_once, ["polling"]),
    "payload malformed": Way(posts_nonsense, ["polling"]),
}
TABLE = [
    pytest.param(way, transport, state, id=f"{name}-{transport}-{state}")
    for name, way in WAYS.items()
    for transport in way.transports
    for state in way.states
]


# --- the scene before, and what must be true after


async def join(server: RunningServer, transport: str, user: str) -> SocketClient:
    """Somebody with an account; `upgraded` begins with polling."""
    auth = {"token": token(user)}
    if transport != "upgraded":
        return await SocketClient.join(server.url, transport, auth)
    polls = Polls(server.url)
    handshake = await polls.open()
    socket = await connect(
        f"{server.ws_url}{ENGINE_PATH}?{polls.query(transport='websocket')}", compression=None, ping_interval=None
    )
    for said, expected in (("2probe", "3probe"), ("5", None)):
        await socket.send(said)
        assert expected is None or await socket.recv() == expected
    await polls.leave()
    client = SocketClient(WebSocketClient(socket, handshake))
    await client.connect(auth=auth)
    return client


async def set_scene(server: RunningServer, transport: str, state: str) -> Scene:
    """In a video chat with both sides ready, or alone in the queue for one; every row is what it should be."""
    await settle(server, is_empty)
    user = f"leaver{next(NUMBERS)}"
    leaver = await join(server, transport, user)
    stayer = await SocketClient.join(server.url)
    assert (await leaver.call("findChat", {"withVideo": True}))["position"] == 1
    common = {"connections": 2, "sessions": 2, "people": 1, "accounts": 1, "tokens": 1}
    if state == "waiting":
        assert rows(server) == common | {"waiting": 1, "video": 1}
    else:
        assert (await stayer.call("findChat", {"withVideo": True}))["position"] == 0
        for one in (leaver, stayer):
            assert (await one.call("ready-to-connect"))["ok"] is True
        await min(leaver, stayer, key=lambda one: one.sid).expect("create-offer")
        assert rows(server) == common | {"chats": 1, "video": 2, "rtc_ready": 2}
    while (await stayer.expect("onlineUsers")) != [2]:
        pass
    return Scene(server, user, leaver, stayer)


def rows(server: RunningServer) -> dict[str, int]:
    """The tables that are not empty, by their names."""
    return {name: count for name, count in server.tables().items() if count}


async def settle(server: RunningServer, wanted: Callable[[dict[str, int]], bool]) -> None:
    """Waits until the tables are as `wanted`. Raises `AssertionError` with what they hold instead."""
    deadline = time.monotonic() + HEARTBEAT + SOON
    while not wanted(found := await asyncio.to_thread(rows, server)):
        assert time.monotonic() < deadline, found
        await asyncio.sleep(0.01)  # another process can set no event here


def is_empty(found: dict[str, int]) -> bool:
    return found == {}


def is_one_guest(found: dict[str, int]) -> bool:
    return found == {"connections": 1, "sessions": 1}


@pytest.mark.parametrize(("way", "transport", "state"), TABLE)
async def test_nothing_is_left_of_who_has_gone(server: RunningServer, way: Way, transport: str, state: str) -> None:
    scene = await set_scene(server, transport, state)
    leaver, stayer = scene.leaver, scene.stayer
    start = time.monotonic()
    await way.end(scene)

    # the partner is told who left, and how many there are now
    if state == "chatting":
        assert await stayer.expect("partnerLeft", HEARTBEAT + SOON) == [{"partnerId": leaver.sid}]
        assert time.monotonic() - start < (HEARTBEAT + 1 if way.slow else HEARTBEAT + SOON)
    while (await stayer.expect("onlineUsers", HEARTBEAT + SOON)) != [1]:
        pass

    # every table has let go: people, accounts, tokens, queue, video, readiness of both, chats, last partners
    await settle(server, is_one_guest)
    assert (await stayer.call("sendMessage", "anybody there?"))["code"] == "not_in_chat"
    assert (await stayer.call("ready-to-connect"))["code"] == "not_in_chat"
    assert (await stayer.call("findChat"))["position"] == 1  # no ghost waits

    # nothing is told twice, and nothing comes of what was under way
    heard = {packet.data[0] for packet in await stayer.take_all() if packet.is_event}
    assert heard <= {"onlineUsers", "waiting", "chatStart", "create-offer", *way.heard}
    if way.final:
        await leaver.engine.wait_end()
        assert [packet.kind for packet in await leaver.take_all()][-1] == "1"
    for one in (leaver, stayer):
        await one.leave()
    await settle(server, is_empty)


async def test_readiness_does_not_outlive_the_chat(server: RunningServer) -> None:
    """Who stays must say anew that it is ready before the next partner is told to make an offer."""
    scene = await set_scene(server, "websocket", "chatting")
    await scene.leaver.leave()
    await scene.stayer.expect("partnerLeft")
    third = await SocketClient.join(server.url)
    for one in (scene.stayer, third):
        await one.call("findChat", {"withVideo": True})
        await one.take_all()
    await third.call("ready-to-connect")
    assert rows(server)["rtc_ready"] == 1
    await scene.stayer.call("ready-to-connect")
    await min(scene.stayer, third, key=lambda one: one.sid).expect("create-offer")
    heard = await scene.stayer.take_all() + await third.take_all()
    assert [packet for packet in heard if packet.data[0] == "create-offer"] == []
    for one in (scene.stayer, third):
        await one.leave()


@pytest.mark.parametrize("transport", CROWD[:2])
async def test_the_same_person_comes_back_to_an_empty_seat(server: RunningServer, transport: str) -> None:
    """With a new socket id, in no queue and in no chat."""
    scene = await set_scene(server, transport, "chatting")
    await scene.leaver.leave()
    await scene.stayer.expect("partnerLeft")
    back = await SocketClient.join(server.url, transport, {"token": token(scene.user)})
    assert back.sid != scene.leaver.sid
    assert (await back.call("sendMessage", "where was I?"))["code"] == "not_in_chat"
    assert rows(server).keys() <= {"connections", "sessions", "people", "accounts", "tokens", "partings"}
    for one in (back, scene.stayer):
        await one.leave()


async def test_cut_off_by_the_very_news_of_a_chat() -> None:
    """Polling ends where too much waits for it. The partner hears of the chat first, and of its end behind that."""
    limit = 64 * 1024
    with running_server(MAX_BUFFERED=limit) as server:
        filler, leaver, stayer = [
            await SocketClient.join(server.url, transport) for transport in ("websocket", "polling", "websocket")
        ]
        for one in (filler, leaver):
            await one.call("findChat")
            while (await one.expect("onlineUsers")) != [3]:
                pass
        for one in (filler, leaver):
            await one.call("ready-to-connect")
        await endings.fall_silent(leaver)
        await filler.call("ice-candidate", {"candidate": ""})  # is what the last poll fetches
        room = limit - 53 - 14 - 80  # `partnerLeft` and `waiting` still fit in, and 80 bytes of a `chatStart`
        frames = 2 * (len('42["ice-candidate",{"from":"","candidate":""}]') + len(filler.sid) + 1)
        for size in (room // 2, room - room // 2 - frames):
            assert (await filler.call("ice-candidate", {"candidate": "x" * size}))["ok"] is True
        await filler.call("leaveChat")
        await leaver.emit("findChat")
        await settle(server, lambda found: found.get("waiting") == 1)
        await stayer.call("findChat")
        await settle(server, lambda found: found["connections"] == 2)
        await stayer.call("no-such-event")
        heard = [packet.data[0] for packet in await stayer.take_all() if packet.data[0] != "onlineUsers"]
        assert heard in (["waiting"], ["waiting", "chatStart", "partnerLeft"])
        for one in (filler, leaver, stayer):
            await one.leave()


async def test_the_count_is_never_below_what_is_there(server: RunningServer) -> None:
    """Ending twice, in two ways at once, counts once."""
    stayer = await SocketClient.join(server.url)
    for _ in range(10):
        leaver = await SocketClient.join(server.url)
        await leaver.raw("1", "abc")
        await endings.reset(leaver)
        await leaver.leave()
    await settle(server, is_one_guest)
    counts = [packet.data[1] for packet in await stayer.take_all() if packet.data[0] == "onlineUsers"]
    assert min(counts) >= 1
    await stayer.leave()
