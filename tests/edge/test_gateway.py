"""The gateway: limits by kind, by connection and by account, what a refusal looks like, and where patience ends.

Longer than most files: every limit is tried from both sides, in a time of its own. tests/abuse has them on the wire.
"""

import asyncio
from typing import Any

import pytest

from meetmates.domain.limits import LARGEST_ABUSE_BURST
from meetmates.transport.ports import Closing
from tests.edge.house import Caller, House
from tests.support.travel import travelling

OFFER = {"offer": {"type": "offer", "sdp": "v=0"}}
ANSWER = {"answer": {"type": "answer", "sdp": "v=0"}}
CANDIDATE = {"candidate": None}
MEDIA = {"audio": True, "video": True}
LIMITS: dict[str, tuple[list[Any], float, int]] = {  # arguments, events a second, burst
    "sendMessage": (["hello"], 5, 20),
    "findChat": ([], 1, 10),
    "next": ([], 1, 10),
    "ready-to-connect": ([], 30, 200),
    "webrtc-offer": ([OFFER], 30, 200),
    "webrtc-answer": ([ANSWER], 30, 200),
    "ice-candidate": ([CANDIDATE], 30, 200),
    "typing": ([True], 2, 5),
    "mediaState": ([MEDIA], 5, 20),
    "keepInTouch": ([False], 5, 20),
    "cancelSearch": ([], 5, 20),
    "leaveChat": ([], 5, 20),
    "refreshToken": (["a.b.c"], 5, 20),
    "no-such-event": ([], 5, 20),
}
KINDS = {"sendMessage": 20, "next": 10, "ice-candidate": 200, "typing": 5, "cancelSearch": 20}


def accepted(caller: Caller, event: str, most: int = 500) -> int:
    """How many go through at one moment before the first that is one too many."""
    for number in range(most):
        if caller.call(event, *LIMITS[event][0]).get("code") == "rate_limited":
            return number
    raise AssertionError(f"{most} of {event} and no limit")


def refused(caller: Caller, event: str, times: int) -> None:
    """Sends so many more, unless the connection ends before."""
    for _ in range(times):
        if caller.line.closing is None:
            caller.say(event, *LIMITS[event][0])


# --- one connection


@pytest.mark.parametrize("event", LIMITS)
@travelling
async def test_a_burst_and_then_one_in_each_interval(event: str) -> None:
    arguments, rate, burst = LIMITS[event]
    caller = House().enter()
    assert accepted(caller, event) == burst
    for _ in range(3):
        refusal = caller.call(event, *arguments)
        assert (refusal["ok"], refusal["code"]) == (False, "rate_limited")
        assert 1000 / rate - 2 < refusal["retryAfter"] < 1000 / rate + 1
        await asyncio.sleep(1 / rate)
        assert caller.call(event, *arguments).get("code") != "rate_limited"


@travelling
async def test_each_kind_is_counted_apart() -> None:
    caller = House().enter()
    for event, burst in KINDS.items():
        assert accepted(caller, event) == burst


@travelling
async def test_a_full_bucket_holds_no_more_than_a_burst() -> None:
    caller = House().enter()
    await asyncio.sleep(3600)
    assert accepted(caller, "typing") == 5


@travelling
async def test_what_does_not_fit_counts_like_anything_else() -> None:
    """Or bad arguments would be the way to have no limit."""
    caller = House().enter()
    codes = [caller.call("sendMessage", 7)["code"] for _ in range(21)]
    assert codes == ["bad_argument"] * 20 + ["rate_limited"]


# --- what a refusal looks like


@travelling
async def test_a_refusal_without_an_acknowledgement_is_an_event() -> None:
    caller = House().enter()
    caller.heard()
    for _ in range(5):
        caller.say("typing", True)
    assert (
        caller.heard()
        == [["eventError", {"event": "typing", "code": "not_in_chat", "message": "You are not in a chat."}]] * 5
    )
    caller.say("typing", True)
    ((name, error),) = caller.heard()
    assert (name, error["event"], error["code"], error["retryAfter"]) == ("eventError", "typing", "rate_limited", 500)


@travelling
async def test_a_long_name_is_cut_where_it_is_repeated() -> None:
    caller = House().enter()
    caller.heard()
    caller.say("x" * 10_000)
    ((_, error),) = caller.heard()
    assert (error["event"], error["code"]) == ("x" * 64, "unknown_event")


@travelling
async def test_refusals_are_counted_by_code() -> None:
    house = House()
    caller = house.enter()
    for event in ("no-such-event", "leaveChat", "leaveChat"):
        caller.say(event)
    accepted(caller, "typing")
    assert house.measures.refusals == {"unknown_event": 1, "not_in_chat": 7, "rate_limited": 1}


# --- one account


@pytest.mark.parametrize(("event", "burst"), KINDS.items())
@travelling
async def test_an_account_has_twice_as_much_over_all_its_connections(event: str, burst: int) -> None:
    house = House()
    tabs = [house.enter("ana") for _ in range(4)]
    assert [accepted(tab, event) for tab in tabs] == [burst, burst, 0, 0]
    assert accepted(house.enter("ben"), event) == burst
    assert accepted(house.enter(), event) == burst


@travelling
async def test_an_account_s_bucket_fills_twice_as_fast() -> None:
    house = House()
    tabs = [house.enter("ana") for _ in range(3)]
    for tab in tabs:
        accepted(tab, "cancelSearch")
    await asyncio.sleep(1.001)
    assert [accepted(tab, "cancelSearch") for tab in tabs] == [5, 5, 0]


@travelling
async def test_a_tab_that_closes_takes_no_limit_with_it() -> None:
    """As long as another one is open, opening a new one gives nothing back."""
    house = House()
    tabs = [house.enter("ana") for _ in range(3)]
    for tab in tabs[:2]:
        accepted(tab, "cancelSearch")
        tab.leave()
    assert accepted(house.enter("ana"), "cancelSearch") == 0


# --- where patience ends


@pytest.mark.parametrize(("event", "burst"), KINDS.items())
@travelling
async def test_ten_bursts_refused_within_ten_seconds_end_the_connection(event: str, burst: int) -> None:
    """For good: DISCONNECT first, so that the official client does not come back."""
    house = House()
    caller, other = house.enter(), house.enter()
    accepted(caller, event)
    refused(caller, event, 10 * min(burst, LARGEST_ABUSE_BURST) - 2)
    assert caller.line.closing is None
    refused(caller, event, 1)
    assert caller.line.closing is Closing.NORMAL
    assert caller.line.sent[-1] == "41"
    assert ("violated", "far over the limits") in house.notes.lines
    assert ("disconnected", "abuse") in house.notes.lines
    assert house.desk.tables()["connections"] == 1
    assert other.line.closing is None


@travelling
async def test_refusals_of_all_kinds_add_up_in_bursts() -> None:
    caller = House().enter()
    for event, burst in KINDS.items():
        accepted(caller, event)
        refused(caller, event, 2 * burst - 1)
    assert caller.line.closing is Closing.NORMAL


@travelling
async def test_who_slows_down_may_stay() -> None:
    """Half of that in each ten seconds goes on for ever."""
    caller = House().enter()
    for _ in range(10):
        accepted(caller, "typing")
        refused(caller, "typing", 5 * 5 - 1)
        await asyncio.sleep(10.1)
    assert caller.line.closing is None


@travelling
async def test_any_ten_seconds_count_and_not_only_those_since_the_first_refusal() -> None:
    caller = House().enter()
    accepted(caller, "typing")
    await asyncio.sleep(9.4)
    accepted(caller, "typing")
    refused(caller, "typing", 6 * 5)
    await asyncio.sleep(1)
    assert caller.line.closing is None
    refused(caller, "typing", 6 * 5)
    assert caller.line.closing is Closing.NORMAL


@travelling
async def test_the_tabs_of_an_account_answer_each_for_itself() -> None:
    house = House()
    tabs = [house.enter("ana") for _ in range(3)]
    for tab in tabs[:2]:
        accepted(tab, "typing")
    refused(tabs[2], "typing", 10 * 5)
    assert [tab.line.closing for tab in tabs] == [None, None, Closing.NORMAL]


# --- coming and going


@travelling
async def test_a_newcomer_is_told_its_id_and_then_how_many_there_are() -> None:
    house = House()
    house.enter()
    caller = house.enter()
    assert caller.line.sent == ['40{"sid":"id2"}', '42["onlineUsers",2]']
    assert house.notes.lines == [("connected", "1"), ("connected", "2")]


@travelling
async def test_there_is_one_namespace() -> None:
    caller = House().knock()
    caller.line.receiver.text("40/admin,")
    assert caller.line.sent == ['44/admin,{"message":"Invalid namespace"}']


@travelling
async def test_who_was_denied_is_nobody() -> None:
    house = House()
    caller = house.knock()
    caller.line.receiver.text('40{"token":"ana"}')
    caller.leave()
    assert house.notes.lines == [("denied", "token_invalid")]
    assert house.measures.refusals == {"token_invalid": 1}
    assert not any(house.desk.tables().values())


@travelling
async def test_the_time_of_a_message_is_measured() -> None:
    house = House()
    one, other = house.enter(), house.enter()
    await house.chat(one, other)
    one.say("sendMessage", "hello")
    one.call("sendMessage", "hello")
    one.say("sendMessage", "")  # refused: nothing was relayed
    await asyncio.sleep(1)
    assert house.measures.relay.buckets()[-1] == ("+Inf", 2)
