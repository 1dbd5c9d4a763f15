"""Blocks, mutes and bans, through the port and out on the wire: what `ports.Safety` says is what happens.

Longer than most files: every answer of the port is followed out to the wire, over both transports.
"""

import time
from collections.abc import AsyncIterator

import pytest

from meetmates.cluster.memory import MemorySafety
from meetmates.edge.clock import iso
from meetmates.ports import Standing
from tests.support.engine import TRANSPORTS, open_engine
from tests.support.inside import Inside, server_inside
from tests.support.sockets import Refused, SocketClient
from tests.support.tokens import token

over_both = pytest.mark.parametrize("transport", TRANSPORTS)
CLEAN = Standing()


@pytest.fixture
def safety() -> MemorySafety:
    """What is held against whom."""
    return MemorySafety()


@pytest.fixture
async def server(safety: MemorySafety) -> AsyncIterator[Inside]:
    """A server that asks it; last partners meet again at once, so that only a block keeps anybody apart."""
    async with server_inside(safety, rematch_after=0.0, presence_window=0.02) as running:
        yield running


async def join(server: Inside, user: str | None = None, transport: str = "websocket") -> SocketClient:
    """Somebody with an account, or a guest."""
    return await SocketClient.join(server.url, transport, None if user is None else {"token": token(user)})


async def denied(server: Inside, transport: str, user: str) -> object:
    """The CONNECT_ERROR that `user` gets."""
    client = SocketClient(await open_engine(server.url, transport))
    with pytest.raises(Refused) as refused:
        await client.connect(auth={"token": token(user)})
    await client.leave()
    return refused.value.data


async def pair(one: SocketClient, other: SocketClient) -> None:
    """Puts the two into a chat."""
    await one.call("findChat")
    assert (await other.call("findChat"))["position"] == 0
    for client in (one, other):
        await client.expect("chatStart")


# --- blocks


@over_both
@pytest.mark.parametrize("blocker", ["ana", "ben"])
@pytest.mark.parametrize("first", ["ana", "ben"])
async def test_a_block_is_never_paired_in_either_direction(
    server: Inside, safety: MemorySafety, transport: str, blocker: str, first: str
) -> None:
    """Whoever blocked whom, and whoever waits first; the next who comes is paired with the one who waits longest."""
    safety.block(blocker, "ben" if blocker == "ana" else "ana")
    second = "ben" if first == "ana" else "ana"
    people = {name: await join(server, name, transport) for name in (first, second, "cem")}
    assert [(await people[name].call("findChat"))["position"] for name in (first, second, "cem")] == [1, 2, 0]
    assert (await people["cem"].expect("chatStart"))[0]["partnerId"] == people[first].sid
    assert (await people[first].expect("chatStart"))[0]["partnerId"] == people["cem"].sid
    assert [packet.data[0] for packet in await people[second].take_all() if packet.data[0] != "onlineUsers"] == [
        "waiting"
    ]
    for client in people.values():
        await client.leave()


async def test_without_a_block_the_two_are_paired(server: Inside) -> None:
    """Without this, a server that pairs nobody would pass."""
    ana, ben = await join(server, "ana"), await join(server, "ben")
    await pair(ana, ben)
    await ana.leave()
    await ben.leave()


async def test_a_block_holds_for_every_tab_and_after_coming_back(server: Inside, safety: MemorySafety) -> None:
    """A new tab, a new connection, a new token: it is the account that is blocked."""
    safety.block("ana", "ben")
    ben = await join(server, "ben")
    await ben.call("findChat")
    first = await join(server, "ana")
    assert (await first.call("findChat"))["position"] == 2
    second = await join(server, "ana")
    assert (await second.call("findChat"))["position"] == 2
    for client in (first, second):
        await client.leave()
    back = await join(server, "ana")
    assert (await back.call("next"))["position"] == 2
    await back.leave()
    await ben.leave()


async def test_a_block_made_in_a_chat_holds_from_its_end_on(server: Inside, safety: MemorySafety) -> None:
    """`next` does not give the two to each other again, though both wait alone."""
    ana, ben = await join(server, "ana"), await join(server, "ben")
    await pair(ana, ben)
    safety.block("ben", "ana")
    assert (await ana.call("sendMessage", "the chat itself goes on"))["ok"] is True
    assert (await ana.call("next"))["position"] == 1
    await ben.expect("partnerLeft")
    await ben.expect("waiting")
    assert (await ben.call("findChat"))["position"] == 2
    assert server.node.desk.tables()["chats"] == 0
    await ana.leave()
    await ben.leave()


async def test_a_guest_can_be_blocked_by_nobody(server: Inside, safety: MemorySafety) -> None:
    """A guest has no account; its socket id is new with each connection."""
    safety.block("ana", "")
    ana, guest = await join(server, "ana"), await join(server)
    await pair(ana, guest)
    await ana.leave()
    await guest.leave()


# --- mutes


@over_both
async def test_who_is_muted_cannot_write_and_can_do_everything_else(
    server: Inside, safety: MemorySafety, transport: str
) -> None:
    ana, ben = await join(server, "ana", transport), await join(server, "ben", transport)
    safety.set_standing("ana", Standing(muted_until=time.time() + 60))
    await pair(ana, ben)
    refusal = await ana.call("sendMessage", "hello")
    assert refusal == {
        "ok": False,
        "code": "muted",
        "message": "You cannot write messages at the moment.",
        "retryAfter": refusal["retryAfter"],
    }
    assert 55_000 < refusal["retryAfter"] <= 60_000
    await ana.emit("sendMessage", "hello")
    (error,) = await ana.expect("eventError")
    assert (error["event"], error["code"]) == ("sendMessage", "muted")
    for event, argument in (
        ("typing", True),
        ("mediaState", {"audio": True, "video": True}),
        ("ice-candidate", {"candidate": ""}),
    ):
        assert await ana.call(event, argument) == {"ok": True}
    assert await ana.call("ready-to-connect") == {"ok": True}
    assert (await ben.call("sendMessage", "hello"))["seq"] == 1
    assert (await ana.expect("message"))[0]["text"] == "hello"
    await ben.expect("message")
    assert "message" not in [packet.data[0] for packet in await ben.take_all()]
    assert (await ana.call("next"))["ok"] is True
    await ana.leave()
    await ben.leave()


async def test_a_mute_ends_by_its_time_or_by_being_taken_back(server: Inside, safety: MemorySafety) -> None:
    ana, ben = await join(server, "ana"), await join(server, "ben")
    await pair(ana, ben)
    safety.set_standing("ana", Standing(muted_until=time.time() - 1))
    assert (await ana.call("sendMessage", "hello"))["ok"] is True
    safety.set_standing("ana", Standing(muted_until=time.time() + 60))
    assert (await ana.call("sendMessage", "hello"))["code"] == "muted"
    safety.set_standing("ana", CLEAN)
    assert (await ana.call("sendMessage", "hello"))["ok"] is True
    await ana.leave()
    await ben.leave()


async def test_a_mute_is_one_account_s_and_no_guest_s(server: Inside, safety: MemorySafety) -> None:
    safety.set_standing("ana", Standing(muted_until=time.time() + 60))
    ben, guest = await join(server, "ben"), await join(server)
    await pair(ben, guest)
    for client in (ben, guest):
        assert (await client.call("sendMessage", "hello"))["ok"] is True
    await ben.leave()
    await guest.leave()


# --- bans


@over_both
async def test_who_is_banned_is_turned_away(server: Inside, safety: MemorySafety, transport: str) -> None:
    safety.set_standing("ana", Standing(banned=True))
    expected = {"message": "Authentication failed", "data": {"code": "account_banned"}}
    assert await denied(server, transport, "ana") == expected
    assert server.node.measures.refusals == {"account_banned": 1}
    ben = await join(server, "ben", transport)
    await ben.leave()
    safety.set_standing("ana", CLEAN)
    ana = await join(server, "ana", transport)
    await ana.leave()


@over_both
async def test_who_is_suspended_is_turned_away_and_told_until_when(
    server: Inside, safety: MemorySafety, transport: str
) -> None:
    until = time.time() + 60
    safety.set_standing("ana", Standing(suspended_until=until))
    assert await denied(server, transport, "ana") == {
        "message": "Authentication failed",
        "data": {"code": "account_suspended", "until": iso(until)},
    }
    safety.set_standing("ana", Standing(suspended_until=time.time() - 1))
    ana = await join(server, "ana", transport)
    await ana.leave()


@over_both
async def test_a_ban_comes_before_a_suspension(server: Inside, safety: MemorySafety, transport: str) -> None:
    safety.set_standing("ana", Standing(banned=True, suspended_until=time.time() + 60))
    data = await denied(server, transport, "ana")
    assert data == {"message": "Authentication failed", "data": {"code": "account_banned"}}


@over_both
async def test_a_forged_token_of_a_banned_account_is_only_forged(
    server: Inside, safety: MemorySafety, transport: str
) -> None:
    """What is held against somebody is nobody else's business."""
    safety.set_standing("ana", Standing(banned=True))
    client = SocketClient(await open_engine(server.url, transport))
    with pytest.raises(Refused) as refused:
        await client.connect(auth={"token": token("ana")[:-4]})
    assert refused.value.data["data"] == {"code": "token_invalid"}
    await client.leave()


# --- the adapter itself


def test_blocks_are_symmetric_and_idempotent(safety: MemorySafety) -> None:
    assert safety.may_meet("ana", "ben")
    for _ in range(2):
        safety.block("ana", "ben")
    assert not safety.may_meet("ana", "ben")
    assert not safety.may_meet("ben", "ana")
    assert safety.may_meet("ana", "cem")


def test_a_standing_is_replaced_and_never_added_to(safety: MemorySafety) -> None:
    assert safety.standing("ana") == CLEAN
    for standing in (Standing(banned=True), Standing(muted_until=7.0), Standing(suspended_until=7.0), CLEAN):
        for _ in range(2):
            safety.set_standing("ana", standing)
        assert safety.standing("ana") == standing
    assert safety.standing("ben") == CLEAN
