"""Two things in one turn of the loop, and people who vanish at the worst moment.

Longer than most files: what leaves, what is said meanwhile and where a handshake breaks are three tables.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.abuse.bystanders import HEARTBEAT, chat, eventually
from tests.abuse.conftest import SETTINGS
from tests.support.endings import reset, stop_polling
from tests.support.engine import TRANSPORTS, PollingClient
from tests.support.frames import SOON, Opcode, RawConnection, frame, held, request_head, upgrade_head
from tests.support.server import RunningServer, running_server
from tests.support.sockets import SocketClient, dumps
from tests.support.turns import Turn

watched = pytest.mark.usefixtures("bystanders")
over_both = pytest.mark.parametrize("transport", TRANSPORTS)
OPENING = "EIO=4&transport=polling"
ROUNDS = {"websocket": 1_000, "polling": 100}
QUICK = {"PING_INTERVAL": "1", "CONNECT_TIMEOUT": "1", "LIMIT_FACTOR": "1000000"}  # one presses `next` all the time


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """Quicker than in the other modules, with no limit on how fast somebody presses `next`."""
    with running_server(**SETTINGS | QUICK) as running:
        yield running


@pytest.fixture(scope="module")
def rematching() -> Iterator[RunningServer]:
    """Last partners meet again at once: two people are enough to press `next` without end."""
    with running_server(**SETTINGS | QUICK | {"REMATCH_AFTER": "0"}) as running:
        yield running


async def sync(client: SocketClient) -> list[tuple[str, object]]:
    """Everything that the client has heard by now but `onlineUsers`: name and first argument, in order."""
    await client.call("no-such-event")  # its answer comes behind all of it
    events = [packet.data for packet in await client.take_all() if packet.is_event]
    return [(name, arguments[0] if arguments else None) for name, *arguments in events if name != "onlineUsers"]


def names(heard: list[tuple[str, object]]) -> list[str]:
    return [name for name, _ in heard]


def event(name: str, *arguments: object, id: int | str = "") -> str:
    """An EVENT packet."""
    return f"2{id}{dumps([name, *arguments])}"


def partings(heard: list[tuple[str, object]]) -> list[object]:
    """Who left, by every `partnerLeft`."""
    return [data["partnerId"] for name, data in heard if name == "partnerLeft" and isinstance(data, dict)]


# --- both press next


@over_both
async def test_both_press_next_in_the_same_turn(rematching: RunningServer, transport: str) -> None:
    """Each gets exactly one `partnerLeft`, and both are in one chat again."""
    ana, ben = await chat(rematching.url, transport)
    for _ in range(ROUNDS[transport]):
        async with Turn(rematching, ana, ben) as turn:
            await turn.send(ana, event("next"))
            await turn.send(ben, event("next"))
        for one, other in ((ana, ben), (ben, ana)):
            heard = await sync(one)
            assert partings(heard) == [other.sid], heard
            assert names(heard)[-1] == "chatStart", heard
        assert (await ana.call("sendMessage", "you again"))["ok"] is True
        assert (await ben.expect("message"))[0]["seq"] == 1
        await ana.expect("message")
    await ana.leave()
    await ben.leave()


@watched
@over_both
async def test_both_press_next_and_may_not_meet_again_yet(server: RunningServer, transport: str) -> None:
    """One press ended the chat, and the other was about the same: both wait, nobody is told twice."""
    for _ in range(20):
        ana, ben = await chat(server.url, transport)
        async with Turn(server, ana, ben) as turn:
            await turn.send(ana, event("next"))
            await turn.send(ben, event("next"))
        heard = [await sync(one) for one in (ana, ben)]
        left = [names(each).count("partnerLeft") for each in heard]
        assert max(left) == 1, heard
        assert all(names(each)[-1] == "waiting" for each in heard), heard
        assert server.tables()["waiting"] == 2
        for one in (ana, ben):
            await one.leave()
        await eventually(lambda: server.tables()["connections"] == 2)


@watched
@over_both
async def test_a_whole_room_presses_next_in_the_same_turn(server: RunningServer, transport: str) -> None:
    """Each press is about the chat that its sender could see: nobody's new chat ends by it, nobody is told twice."""
    pairs = [await chat(server.url, transport) for _ in range(8)]
    people = {one.sid: one for pair in pairs for one in pair}
    async with Turn(server, *people.values()) as turn:
        for place in (0, 1):
            for pair in pairs:
                await turn.send(pair[place], event("next"))
    heard = {sid: await sync(one) for sid, one in people.items()}
    for one, other in pairs:
        told = [partings(heard[each.sid]) for each in (one, other)]
        assert told != [[], []]
        assert told[0] in ([], [other.sid])
        assert told[1] in ([], [one.sid])
    for one in people.values():
        await one.leave()


# --- a partner who leaves while something is on its way to it

SAID = [
    ("sendMessage", "for ben alone"),
    ("typing", True),
    ("webrtc-offer", {"offer": {"type": "offer", "sdp": "for ben alone"}}),
    ("webrtc-answer", {"answer": {"type": "answer", "sdp": "for ben alone"}}),
    ("ice-candidate", {"candidate": {"candidate": "for ben alone"}}),
    ("mediaState", {"audio": True, "video": True}),
    ("keepInTouch", True),
]
RELAYED = {"message", "partnerTyping", "partnerMedia", "keptInTouch", "create-offer"} | {
    *("webrtc-offer", "webrtc-answer", "ice-candidate"),
}
LEAVING = {
    "next": event("next"),
    "findChat": event("findChat", None, True),
    "leaveChat": event("leaveChat"),
    "DISCONNECT": "1",
}


async def triangle(server: RunningServer, transport: str) -> tuple[SocketClient, SocketClient, SocketClient]:
    """Ana and Ben in a chat, and Cem, who waits: he has just parted from Ben, so that only Ana can be next."""
    ben, cem = await chat(server.url, transport)
    await cem.call("leaveChat")
    await ben.expect("partnerLeft")
    ana = await SocketClient.join(server.url, transport)
    await ana.call("findChat")
    assert (await ben.call("findChat"))["position"] == 0
    assert (await cem.call("findChat"))["position"] == 1
    for one in (ana, ben, cem):
        await sync(one)
    return ana, ben, cem


@watched
@over_both
@pytest.mark.parametrize("how", LEAVING)
@pytest.mark.parametrize("first", ["leaving", "saying"])
async def test_what_is_said_in_the_turn_in_which_the_partner_leaves(
    server: RunningServer, transport: str, how: str, first: str
) -> None:
    """Refused, or the old partner's: never the next one's, nor kept for the time when that one is ready."""
    outcomes = set()
    for _ in range(5):
        ana, ben, cem = await triangle(server, transport)
        async with Turn(server, ana, ben) as turn:
            if first == "leaving":
                await turn.send(ben, LEAVING[how])
            await turn.send(ana, *(event(name, argument, id=900 + id) for id, (name, argument) in enumerate(SAID)))
            if first == "saying":
                await turn.send(ben, LEAVING[how])
        answers = [await ana.answer(900 + id) for id in range(len(SAID))]
        outcomes |= {answer.get("code", "ok") for answer in answers}
        if how != "next":
            await ana.call("findChat")
        (start,) = await cem.expect("chatStart")
        assert start["partnerId"] == ana.sid
        await cem.call("ready-to-connect")
        await cem.call("keepInTouch", True)
        assert RELAYED.isdisjoint(names(await sync(cem)))
        if how != "DISCONNECT" and answers[0]["ok"]:
            assert (await ben.expect("message"))[0]["text"] == "for ben alone"
        for one in (ana, ben, cem):
            await one.leave()
    assert outcomes <= {"ok", "not_in_chat"}
    assert ("not_in_chat" if first == "leaving" else "ok") in outcomes  # the kernel keeps the order nearly always


@watched
@over_both
async def test_readiness_sent_as_the_partner_leaves_is_not_for_the_next_one(
    server: RunningServer, transport: str
) -> None:
    """Or the next partner would be asked for an offer to a browser that is not ready."""
    ana, ben, cem = await triangle(server, transport)
    async with Turn(server, ana, ben) as turn:
        await turn.send(ben, event("next"))
        await turn.send(ana, event("ready-to-connect"))
    await cem.expect("chatStart")
    await cem.call("ready-to-connect")
    assert "create-offer" not in names(await sync(cem)) + names(await sync(ana))
    await ana.call("ready-to-connect")
    await min(ana, cem, key=lambda one: one.sid).expect("create-offer")
    for one in (ana, ben, cem):
        await one.leave()


@watched
@over_both
async def test_a_late_next_or_leave_does_not_end_a_chat_that_its_sender_has_not_seen(
    server: RunningServer, transport: str
) -> None:
    """It was about the chat with the partner who has left in that very turn."""
    for late in ("next", "leaveChat") * 3:
        ana, ben, cem = await triangle(server, transport)
        async with Turn(server, ana, ben) as turn:
            await turn.send(ben, event("next"))
            await turn.send(ana, event(late, id=900))
        if late == "leaveChat" and (await ana.answer(900))["ok"]:
            continue  # the kernel has handed it over first, for once
        assert names(await sync(cem)) == ["chatStart"]
        assert (await cem.call("sendMessage", "hello"))["ok"] is True
        assert (await ana.expect("message"))[0]["text"] == "hello"
        for one in (ana, ben, cem):
            await one.leave()


# --- gone while being paired

GOING = {"DISCONNECT": ["1"], "protocol violation": ["abc"], "reset": []}


@watched
@over_both
@pytest.mark.parametrize("how", GOING)
@pytest.mark.parametrize("order", ["seek, go", "go, seek"])
async def test_gone_in_the_turn_of_being_paired(server: RunningServer, transport: str, how: str, order: str) -> None:
    """The other one is either never paired with the ghost, or told that it has left: and no table keeps it."""
    for _ in range(2):
        ana = await SocketClient.join(server.url, transport)
        ben = await SocketClient.join(server.url, transport)
        await ben.call("findChat")
        async with Turn(server, ana, ben) as turn:
            for step in order.split(", "):
                if step == "seek":
                    await turn.send(ana, event("findChat"))
                elif how == "reset":
                    await reset(ben)
                else:
                    await turn.send(ben, *GOING[how])
        # A reset poll that has just been answered is missed when the next one does not come.
        await eventually(lambda: server.tables()["connections"] == 3, HEARTBEAT + SOON)
        heard = await sync(ana)
        rows = server.tables()
        if "chatStart" in names(heard):
            assert names(heard) == ["waiting", "chatStart", "partnerLeft"]
            assert heard[-1][1] == {"partnerId": ben.sid}
            assert rows["waiting"] == 0
        else:
            assert names(heard) == ["waiting"]
            assert rows["waiting"] == 1
        assert rows["chats"] == 1  # of the two who watch
        assert (await ana.call("sendMessage", "anybody?"))["code"] == "not_in_chat"
        for one in (ana, ben):
            await one.leave()
        await eventually(lambda: server.tables()["connections"] == 2)


@watched
@over_both
async def test_two_who_go_in_the_turn_in_which_they_are_paired(server: RunningServer, transport: str) -> None:
    for _ in range(10):
        pair = [await SocketClient.join(server.url, transport) for _ in range(2)]
        async with Turn(server, *pair) as turn:
            for one in pair:
                await turn.send(one, event("findChat"), "1")
        await eventually(lambda: server.tables()["connections"] == 2)
        rows = server.tables()
        assert (rows["waiting"], rows["chats"]) == (0, 1)
        for one in pair:
            await one.leave()


# --- gone during the handshake


async def vanish_from_websocket(server: RunningServer, at: str) -> None:
    """A WebSocket that breaks at some point of its handshake, or says CONNECT and goodbye in one breath."""
    connection = await RawConnection.open(server.port)
    head = upgrade_head()
    await connection.write({"TCP": b"", "half a head": head[:60]}.get(at, head))
    if at not in ("TCP", "half a head", "head"):
        assert (await connection.response()).status == 101
        goodbye = frame(b"\x03\xe9", Opcode.CLOSE)
        await connection.write(
            {
                "OPEN": b"",
                "half a CONNECT": frame("40")[:5],
                "CONNECT": frame("40"),
                "CONNECT, then FIN": frame("40"),
                "CONNECT and close": frame("40") + goodbye,
                "CONNECT, findChat and close": frame("40") + frame('42["findChat"]') + goodbye,
                "CONNECT and DISCONNECT": frame("40") + frame("41"),
                "CONNECT and half a frame": frame("40") + frame('42["findChat"]')[:5],
            }[at]
        )
    if at != "CONNECT, then FIN":
        connection.reset()
    await connection.leave()


async def vanish_from_polling(server: RunningServer, at: str) -> None:
    """The same over polling."""
    connection = await RawConnection.open(server.port)
    await connection.write(request_head("GET", OPENING))
    if at != "opening request":
        opened = await connection.response()
        query = f"{OPENING}&sid={json.loads(opened.body[1:])['sid']}"
        post, poll = request_head("POST", query, length=2), request_head("GET", query)
        await connection.write(
            {
                "OPEN": b"",
                "a poll that waits": poll,
                "half a CONNECT": post + b"4",
                "CONNECT": post + b"40",
                "CONNECT, then a poll": post + b"40" + poll,
                "CONNECT and close": request_head("POST", query, length=4) + b"40\x1e1",
                "CONNECT and DISCONNECT": request_head("POST", query, length=5) + b"40\x1e41",
            }[at]
        )
    connection.reset()
    await connection.leave()


async def vanish_from_upgrade(server: RunningServer, at: str) -> None:
    """A polling session and the WebSocket that was about to carry it break together."""
    client = await SocketClient.join(server.url, "polling")
    assert isinstance(client.engine, PollingClient)
    socket = await RawConnection.open(server.port)
    await socket.write(upgrade_head(client.engine.polls.query(transport="websocket")))
    if at != "head":
        assert (await socket.response()).status == 101
        await socket.write(
            {
                "101": b"",
                "probe": frame("2probe"),
                "half an upgrade": frame("2probe") + frame("5")[:3],
                "upgrade": frame("2probe") + frame("5"),
            }[at]
        )
    socket.reset()
    await stop_polling(client.engine)
    await socket.leave()
    await client.engine.polls.leave()
    held.pop(client.engine)


VANISHING = {
    vanish_from_websocket: [
        "TCP",
        "half a head",
        "head",
        "OPEN",
        "half a CONNECT",
        "CONNECT",
        "CONNECT, then FIN",
        "CONNECT and close",
        "CONNECT, findChat and close",
        "CONNECT and DISCONNECT",
        "CONNECT and half a frame",
    ],
    vanish_from_polling: [
        "opening request",
        "OPEN",
        "a poll that waits",
        "half a CONNECT",
        "CONNECT",
        "CONNECT, then a poll",
        "CONNECT and close",
        "CONNECT and DISCONNECT",
    ],
    vanish_from_upgrade: ["head", "101", "probe", "half an upgrade", "upgrade"],
}
POINTS = [(way, at) for way, points in VANISHING.items() for at in points]


@watched
@pytest.mark.parametrize(("vanish", "at"), POINTS, ids=[f"{way.__name__}-{at}" for way, at in POINTS])
async def test_gone_during_the_handshake(
    server: RunningServer, vanish: Callable[[RunningServer, str], Awaitable[None]], at: str
) -> None:
    """Ten at once: those who watch end up with the right count, and no table keeps a row."""
    await asyncio.gather(*(vanish(server, at) for _ in range(10)))
    client = await SocketClient.join(server.url)
    assert (await client.call("findChat"))["position"] == 1  # and with nobody who is not there
    await client.leave()
