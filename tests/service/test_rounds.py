"""What the clock drives: rules that are due, places in the queue, and how late the loop is.

Longer than most files: each timer needs people who have something to wait for.
"""

import asyncio

import pytest

from meetmates.service.desk import REPORT_SLICE
from meetmates.service.rounds import Rounds
from tests.edge.house import Caller, House
from tests.support.travel import BEGINNING, TravelLoop, travelling


def started(house: House) -> tuple[Rounds, list[int]]:
    """The timers of `house`, and what they tell of how many are here."""
    counts: list[int] = []
    rounds = Rounds(house.desk, house.measures, counts.append)
    house.desk.wake = rounds.wake
    return rounds, counts


def names(caller: Caller) -> list[str]:
    return [event[0] for event in caller.heard()]


# --- rules that are due


@travelling
async def test_patience_for_a_shared_interest_ends_by_itself() -> None:
    house = House()
    rounds, _ = started(house)
    one, other = house.enter(), house.enter()
    one.say("findChat", {"interests": ["chess"]})
    other.say("findChat", {"interests": ["opera"]})
    await asyncio.sleep(1.9)
    assert "chatStart" not in names(one)
    await asyncio.sleep(0.2)
    assert "chatStart" in names(one)
    rounds.stop()


@travelling
async def test_last_partners_meet_again_by_themselves_when_nobody_else_comes() -> None:
    house = House()
    rounds, _ = started(house)
    one, other = house.enter(), house.enter()
    await house.chat(one, other)
    one.say("next")
    await asyncio.sleep(9.9)
    assert "chatStart" not in names(one)
    await asyncio.sleep(0.2)
    assert "chatStart" in names(one)
    rounds.stop()


@travelling
async def test_what_is_due_sooner_takes_the_timer_over() -> None:
    """The ten seconds of two who have parted were noted first, the two of those who share nothing after."""
    house = House()
    rounds, _ = started(house)
    parted = house.enter(), house.enter()
    await house.chat(*parted)
    parted[0].say("next")
    late = house.enter(), house.enter()
    for caller, interest in zip(late, ("chess", "opera"), strict=True):
        caller.say("findChat", {"interests": [interest]})
    for caller in (*parted, *late):
        caller.heard()
    await asyncio.sleep(2.1)
    assert all("chatStart" in names(caller) for caller in (*parted, *late))
    rounds.stop()


@pytest.mark.parametrize("how", ["leaveChat", "gone"])
@travelling
async def test_last_partners_are_forgotten_though_nothing_else_happens(how: str) -> None:
    """Or the last row of a table would stay for as long as nobody comes."""
    house = House()
    rounds, _ = started(house)
    one, other = house.enter("ana"), house.enter()
    await house.chat(one, other)
    if how == "gone":
        one.leave()
    else:
        one.say("leaveChat")
    other.leave()
    assert house.desk.tables()["partings"] == 1
    await asyncio.sleep(10.1)
    assert house.desk.tables()["partings"] == 0
    rounds.stop()


@travelling
async def test_a_token_is_warned_of_and_ends_in_time() -> None:
    house = House()
    rounds, _ = started(house)
    ana, ben = house.enter("ana"), house.enter("ben")
    await asyncio.sleep(3_600 - 60 - 1)
    assert names(ana) == []
    await asyncio.sleep(2)
    assert names(ana) == ["tokenExpiring"]
    assert ben.call("refreshToken", house.token("ben", exp=BEGINNING + 9_000)) == {"ok": True}
    await asyncio.sleep(60 + 30 - 2)
    assert ana.line.closing is None
    await asyncio.sleep(2)
    assert ana.line.closing is not None
    assert ana.line.sent[-2:] == ['42["tokenExpired",{}]', "41"]
    assert ben.line.closing is None
    assert house.desk.tables()["tokens"] == 1
    rounds.stop()


# --- places in the queue


def crowd(house: House, count: int) -> list[Caller]:
    """People who wait and may not meet, each with an acknowledgement: they want to know their place."""
    callers = []
    for number in range(count):
        house.safety.block("keeper", f"u{number}")
        caller = house.enter(f"u{number}")
        callers.append(caller)
    for one in range(count):
        for other in range(one):
            house.safety.block(f"u{one}", f"u{other}")
    for caller in callers:
        caller.call("findChat")
        caller.heard()
    return callers


@travelling
async def test_places_are_reported_every_five_seconds_to_those_who_asked() -> None:
    house = House()
    rounds, _ = started(house)
    callers = crowd(house, 3)
    callers[1].say("next")  # without an acknowledgement: it wants no reports
    callers[1].heard()
    await asyncio.sleep(4.9)
    assert [names(caller) for caller in callers] == [[], [], []]
    await asyncio.sleep(0.2)
    status = {"estimate": None}
    assert [caller.heard() for caller in callers] == [
        [["queueStatus", {"position": 1, **status}]],
        [],
        [["queueStatus", {"position": 3, **status}]],
    ]
    callers[0].say("cancelSearch")
    await asyncio.sleep(5)
    assert [caller.heard() for caller in callers] == [[], [], [["queueStatus", {"position": 2, **status}]]]
    await asyncio.sleep(15)
    assert len(callers[2].heard()) == 3
    rounds.stop()


@travelling
async def test_a_long_queue_is_reported_in_slices() -> None:
    """None of those who left between two of them hears of a place."""
    house = House()
    rounds, _ = started(house)
    callers = crowd(house, REPORT_SLICE + 2)
    loop = asyncio.get_running_loop()
    loop.call_at(5.0, loop.call_soon, callers[-2].say, "cancelSearch")  # behind the first slice, before the second
    await asyncio.sleep(6)
    assert [names(caller) for caller in callers[-2:]] == [[], ["queueStatus"]]
    assert all(names(caller) == ["queueStatus"] for caller in callers[:-2])
    rounds.stop()


# --- how late the loop is


@travelling
async def test_the_loop_is_measured_every_second_and_the_people_counted() -> None:
    house = House()
    rounds, counts = started(house)
    house.enter()
    await asyncio.sleep(3.5)
    assert house.measures.loop_lag.buckets()[-1] == ("+Inf", 3)
    assert house.measures.loop_lag.sum == pytest.approx(0, abs=1e-6)
    assert counts == [1, 1, 1]
    rounds.stop()


@travelling
async def test_a_loop_that_is_held_up_is_seen() -> None:
    house = House()
    rounds, _ = started(house)
    loop = asyncio.get_running_loop()
    assert isinstance(loop, TravelLoop)
    loop.call_later(0.9, loop.hold_up, 0.25)
    await asyncio.sleep(5)
    assert house.measures.loop_lag.sum == pytest.approx(0.15)
    assert dict(house.measures.loop_lag.buckets())["0.1"] == house.measures.loop_lag.buckets()[-1][1] - 1
    rounds.stop()


@travelling
async def test_nothing_goes_off_after_the_stop() -> None:
    house = House()
    rounds, counts = started(house)
    one, other = house.enter("ana"), house.enter()
    one.say("findChat", {"interests": ["chess"]})
    other.call("findChat", {"interests": ["opera"]})
    for caller in (one, other):
        caller.heard()
    rounds.stop()
    await asyncio.sleep(7_200)
    assert [caller.heard() for caller in (one, other)] == [[], []]
    assert counts == []
