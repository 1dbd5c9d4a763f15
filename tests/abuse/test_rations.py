"""What nobody gets back by asking again: rations, over a DISCONNECT and a new CONNECT, or with a token of a banned one.

Longer than most files: each is tried over both transports, and where time counts once more in a time of its own.
"""

import asyncio

import pytest

from meetmates.ports import Standing
from tests.abuse.bystanders import Stopwatch, eventually
from tests.edge.house import Caller, House
from tests.support.engine import TRANSPORTS
from tests.support.server import RunningServer
from tests.support.sockets import SocketClient
from tests.support.tokens import token
from tests.support.travel import BEGINNING, travelling

watched = pytest.mark.usefixtures("bystanders")
over_both = pytest.mark.parametrize("transport", TRANSPORTS)
both_kinds = pytest.mark.parametrize("account", [None, "ana"], ids=["guest", "account"])
SEEKS = 10  # findChat and next of one connection, at once; twice that for an account

# --- packets that are no events


FLOODS = {
    "leaving and coming back": ["1", "0"],
    "leaving and coming back, one step later": ["3999[]", *["1", "0"] * 20],
    "acknowledgements of nothing": ["3999[]"],
    "a namespace that there is not": ["0/nobody,"],
}


@watched
@over_both
@pytest.mark.parametrize("packets", FLOODS.values(), ids=FLOODS)
async def test_packets_that_are_no_events_are_rationed(
    server: RunningServer, transport: str, packets: list[str]
) -> None:
    """A flood of them ends the session at once, and leaves few lines in the log."""
    client = await SocketClient.join(server.url, transport)
    lines, watch = server.logged().count("\n"), Stopwatch()
    await client.raw(*(packets * 500)[:1_000])
    await client.engine.wait_end(2)
    assert watch.seconds < 2
    await eventually(lambda: server.tables()["connections"] == 2)
    added = server.logged().splitlines()[lines:]
    assert len(added) < 25
    assert sum("Client cut off" in line for line in added) == 1
    await client.leave()


@watched
@over_both
async def test_who_leaves_and_comes_back_five_times_is_welcome(server: RunningServer, transport: str) -> None:
    """Each time with a new id, and nothing left of the time before."""
    client = await SocketClient.join(server.url, transport)
    ids = {client.sid}
    for _ in range(5):
        assert (await client.call("findChat"))["position"] == 1
        await client.raw("1")
        ids.add(await client.connect())
    assert len(ids) == 6
    assert (await client.call("cancelSearch"))["ok"] is True
    assert server.tables()["waiting"] == 0
    await client.leave()


# --- limits over a DISCONNECT and a CONNECT


async def seeks(client: SocketClient) -> int:
    """How many `findChat` go through before the first that is one too many."""
    for number in range(5 * SEEKS):
        if (await client.call("findChat")).get("code") == "rate_limited":
            return number
    raise AssertionError("there is no limit")


@watched
@over_both
@both_kinds
async def test_leaving_and_coming_back_fills_no_bucket(
    server: RunningServer, transport: str, account: str | None
) -> None:
    user = None if account is None else f"{account}-over-{transport}"  # whose buckets nobody has touched
    auth = None if user is None else {"token": token(user)}
    client = await SocketClient.join(server.url, transport, auth)
    watch = Stopwatch()
    numbers = [await seeks(client)]
    for _ in range(4):
        await client.raw("1")
        await client.connect(auth=auth)
        numbers.append(await seeks(client))
    assert SEEKS <= sum(numbers) <= SEEKS + watch.seconds + 1, numbers
    await client.leave()


@watched
@over_both
async def test_an_account_that_reconnects_finds_its_bucket_as_it_left_it(server: RunningServer, transport: str) -> None:
    auth = {"token": token(f"ben-over-{transport}")}
    watch = Stopwatch()
    numbers = []
    for _ in range(5):
        client = await SocketClient.join(server.url, transport, auth)
        numbers.append(await seeks(client))
        await client.leave()
        await eventually(lambda: server.tables()["connections"] == 2)
    assert 2 * SEEKS <= sum(numbers) <= 2 * SEEKS + 2 * watch.seconds + 1, numbers


def seeks_at_once(caller: Caller) -> int:
    """As `seeks`, in a house of its own time."""
    for number in range(5 * SEEKS):
        if caller.call("findChat").get("code") == "rate_limited":
            return number
    raise AssertionError("there is no limit")


@both_kinds
@travelling
async def test_a_bucket_fills_by_time_alone(account: str | None) -> None:
    house = House()
    caller = house.enter(account)
    assert seeks_at_once(caller) == SEEKS
    for seconds in (0, 3, 0, 1):
        caller.line.receiver.text("41")
        await asyncio.sleep(seconds)
        caller.line.receiver.text("40" if account is None else f'40{{"token":"{house.token(account)}"}}')
        assert seeks_at_once(caller) == seconds


@travelling
async def test_an_account_is_remembered_until_its_bucket_is_full_again() -> None:
    house = House()
    for expected in (SEEKS, SEEKS, 0):
        caller = house.enter("ana")
        assert seeks_at_once(caller) == expected
        caller.leave()
    await asyncio.sleep(3)  # two a second come back
    caller = house.enter("ana")
    assert seeks_at_once(caller) == 6
    caller.leave()
    await asyncio.sleep(60)
    callers = [house.enter("ana") for _ in range(3)]
    assert [seeks_at_once(caller) for caller in callers] == [SEEKS, SEEKS, 0]


@travelling
async def test_patience_is_not_renewed_by_coming_back() -> None:
    """Ten bursts refused within ten seconds are the end, also with a new CONNECT in between."""
    caller = House().enter()
    asked = 0
    while caller.line.closing is None and asked < 20 * SEEKS:
        caller.say("findChat")
        asked += 1
        if asked % (2 * SEEKS) == 0:
            caller.line.receiver.text("41")
            caller.line.receiver.text("40")
    assert asked == 11 * SEEKS  # one burst was allowed, ten were refused
    assert caller.line.sent[-1] == "41"


# --- half a character for a name


HALF = '["\\ud800"]'


@watched
@over_both
async def test_an_event_with_half_a_character_for_a_name_is_unknown(server: RunningServer, transport: str) -> None:
    """No answer could repeat that name: JSON has no way to write it in UTF-8. The connection stays."""
    client = await SocketClient.join(server.url, transport)
    for name in (HALF, '["no-such-\\udfff-event",1]', '["sendMessage\\ud83d","hello"]'):
        await client.raw(f"2{name}")
        (error,) = await client.expect("eventError")
        assert error["code"] == "unknown_event"
        await client.raw(f"277{name}")
        answer = await client.answer(77)
        assert (answer["ok"], answer["code"]) == (False, "unknown_event")
    assert (await client.call("cancelSearch"))["ok"] is True
    await client.leave()


@watched
async def test_half_a_character_spares_the_packets_behind_it(server: RunningServer) -> None:
    """In one payload over polling: what comes behind is handled as ever."""
    client = await SocketClient.join(server.url, "polling")
    await client.engine.send(f"42{HALF}", f"427{HALF}", '428["cancelSearch"]')
    assert client.engine.posted.body == b"ok"  # type: ignore[union-attr]
    assert (await client.answer(7))["code"] == "unknown_event"
    assert (await client.answer(8))["ok"] is True
    await client.leave()


# --- a token of somebody against whom something is held


@pytest.mark.parametrize(
    ("standing", "renewed"),
    [
        (Standing(), True),
        (Standing(banned=True), False),
        (Standing(suspended_until=BEGINNING + 60), False),
        (Standing(suspended_until=BEGINNING - 60), True),
        (Standing(muted_until=BEGINNING + 60), True),
    ],
    ids=["nothing", "banned", "suspended", "suspended before", "muted"],
)
@travelling
async def test_a_token_of_a_banned_or_suspended_account_is_not_renewed(standing: Standing, renewed: bool) -> None:
    """Otherwise a ban that came during a session would not hold as long as its tokens are renewed."""
    house = House()
    caller = house.enter("ana")
    house.safety.set_standing("ana", standing)
    answer = caller.call("refreshToken", house.token("ana", exp=BEGINNING + 7200))
    assert answer["ok"] is renewed
    assert answer.get("code") == (None if renewed else "not_allowed")
    await asyncio.sleep(3600 + 31)  # the old one is over
    house.desk.tick()
    assert (caller.line.closing is None) is renewed
