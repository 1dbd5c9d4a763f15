"""What happens to somebody who is away and may come back: as to anybody, and it is heard on the return."""

import asyncio

import pytest

from meetmates.domain.matching import Policy
from meetmates.ports import Standing
from tests.edge.house import Caller, House
from tests.edge.test_gate import Register
from tests.edge.traveller import GRACE, Traveller, chatting, nothing_left, wait
from tests.support.travel import BEGINNING, travelling

AT_ONCE = Policy(rematch_after=0.0)


@travelling
async def test_a_ban_ends_who_is_away() -> None:
    house = House()
    ana, ben = await chatting(house, "ana")
    ana.lose()
    house.steward.sanctioned("ana", "ban", "enough", None)
    assert [event[0] for event in ben.heard()] == ["partnerReconnecting", "partnerLeft"]
    assert len(house.seats) == 0


@travelling
async def test_a_warning_is_heard_later() -> None:
    house = House()
    ana, _ = await chatting(house, "ana")
    ana.lose()
    house.steward.sanctioned("ana", "warning", "be kind", None)
    ana.recover()
    assert ana.names() == ["sanctioned"]


@travelling
async def test_what_was_written_for_one_partner_reaches_no_other() -> None:
    house = House(policy=AT_ONCE)
    ana, ben = await chatting(house)
    ana.lose()
    ben.call("next")
    await asyncio.sleep(0)
    ana.recover()
    assert ana.caller.call("sendMessage", "written before")["code"] == "not_in_chat"
    ana.caller.confirm()
    assert ana.names()[:2] == ["partnerLeft", "waiting"]
    assert ana.caller.call("sendMessage", "written now")["ok"] is (ana.caller.person.chat is not None)


@travelling
async def test_a_server_that_stops_keeps_nobody() -> None:
    house = House()
    ana, ben = await chatting(house)
    house.gateway.stop()
    ana.lose()
    assert [event[0] for event in ben.heard()] == ["partnerLeft"]
    assert len(house.seats) == 0


# --- the partner


@pytest.mark.parametrize("step", ["leaveChat", "next"])
@travelling
async def test_a_partner_who_goes_is_missed_on_the_return(step: str) -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.lose()
    assert ben.call(step)["ok"] is True
    await asyncio.sleep(0)
    ana.recover()
    ana.caller.confirm()
    assert ana.names() == {"leaveChat": ["partnerLeft"], "next": ["partnerLeft", "waiting"]}[step]
    assert [event[0] for event in ben.heard()][:1] == ["partnerReconnecting"]


@travelling
async def test_a_block_ends_the_chat_and_holds_on_the_return() -> None:
    house = House(policy=AT_ONCE)
    ana, ben = await chatting(house, "ana")
    ana.lose()
    assert (await ben.ask("block"))["ok"] is True
    ana.recover()
    ana.caller.confirm()
    assert ana.names() == ["partnerLeft"]
    for caller in (ana.caller, ben):
        assert caller.call("findChat")["ok"] is True
    assert house.lobby.chats == {}


@travelling
async def test_two_who_are_lost_at_once_find_each_other_again() -> None:
    house = House()
    ana, ben = Traveller(house), Traveller(house)
    for one in (ana, ben):
        one.caller.call("findChat")
    await asyncio.sleep(0)
    for one in (ana, ben):
        one.read()
        one.lose()
    for one, other in ((ana, ben), (ben, ana)):
        one.recover()
        assert one.caller.call("sendMessage", f"from {other.sid}")["ok"] is True
    assert ana.names() == ["partnerReconnecting", "message", "partnerBack", "message"]
    assert ben.names() == ["partnerBack", "message", "message"]


@travelling
async def test_of_two_who_are_lost_at_once_one_may_stay_away() -> None:
    house = House()
    ana, ben = Traveller(house), Traveller(house)
    for one in (ana, ben):
        one.caller.call("findChat")
    await asyncio.sleep(0)
    ana.lose()
    await asyncio.sleep(1)
    ben.lose()
    await wait(house, GRACE - 1)  # the grace of the first one is over
    ben.recover()
    ben.caller.confirm()
    assert ben.names()[-2:] == ["partnerReconnecting", "partnerLeft"]
    ben.caller.line.receiver.text("41")
    assert nothing_left(house)


# --- the account


@travelling
async def test_a_token_that_ends_ends_the_seat() -> None:
    house = House(policy=Policy(resume_grace=600.0))
    ana = Traveller(house, "ana", exp=BEGINNING + 60)
    ana.caller.call("findChat")
    ana.lose()
    await wait(house, 60 + 30 - 1)
    assert house.desk.tables()["waiting"] == 1
    await wait(house, 1)
    assert nothing_left(house)
    assert ana.knock({"resume": True, "pid": ana.pid})["data"] == {"code": "token_expired"}


@travelling
async def test_who_returns_in_time_with_a_newer_token_stays() -> None:
    house = House(policy=Policy(resume_grace=600.0))
    ana = Traveller(house, "ana", exp=BEGINNING + 60)
    ana.caller.call("findChat")
    ana.lose()
    await wait(house, 80)
    ana.renew("ana", exp=BEGINNING + 600)
    ana.recover()
    await wait(house, 60)
    assert ana.recovered
    assert ana.names() == ["waiting", "tokenExpiring"]
    assert house.desk.tables()["waiting"] == 1


@travelling
async def test_a_running_chat_outlives_the_token_of_a_page_that_cannot_renew_it() -> None:
    house = House(policy=Policy(resume_grace=600.0))
    ana, ben = await chatting(house, "ana", exp=BEGINNING + 60)
    ana.lose()
    await wait(house, 200)
    ana.renew("ana")
    ana.recover()
    assert ben.call("sendMessage", "still here")["ok"] is True
    assert ana.texts() == ["still here"]


@travelling
async def test_a_suspension_ends_who_is_away_and_is_told_at_the_door() -> None:
    house = House()
    ana, ben = await chatting(house, "ana")
    ana.lose()
    house.safety.set_standing("ana", Standing(suspended_until=BEGINNING + 3600))
    house.steward.sanctioned("ana", "suspension", "enough", BEGINNING + 3600)
    assert [event[0] for event in ben.heard()] == ["partnerReconnecting", "partnerLeft"]
    assert ana.knock({"resume": True, "pid": ana.pid})["data"]["code"] == "account_suspended"
    assert len(house.seats) == 0


@travelling
async def test_a_mute_holds_on_the_return() -> None:
    house = House()
    ana, _ = await chatting(house, "ana")
    ana.lose()
    house.safety.set_standing("ana", Standing(muted_until=BEGINNING + 3600))
    house.steward.sanctioned("ana", "mute", "enough", BEGINNING + 3600)
    ana.recover()
    assert ana.names() == ["sanctioned"]
    assert ana.caller.call("sendMessage", "let me speak")["code"] == "muted"


@travelling
async def test_whose_campus_changes_is_at_the_door_again() -> None:
    house = House(roster=(register := Register()))
    ana, ben = Traveller(house, "ana"), house.enter("ben")
    for caller in (ana.caller, ben):
        caller.call("findChat")
    ana.lose()
    register.accounts["ana"] = "south"
    house.gateway.reconsider()
    assert [event[0] for event in ben.heard()][-1] == "partnerLeft"
    assert len(house.seats) == 0
    ana.recover()
    assert not ana.recovered
    assert ana.caller.person.pool == "south"


@travelling
async def test_a_seat_on_another_campus_is_given_to_nobody() -> None:
    """Where the return comes before the news."""
    house = House(roster=(register := Register()))
    ana = Traveller(house, "ana")
    ana.lose()
    register.accounts["ana"] = "south"
    ana.recover()
    assert not ana.recovered
    assert ana.caller.person.pool == "south"
    assert len(house.seats) == 1


@travelling
async def test_a_sixth_connection_ends_the_oldest_also_when_that_is_away() -> None:
    house = House()
    ana = Traveller(house, "ana")
    ana.lose()
    for _ in range(5):
        house.enter("ana")
    ana.recover()
    assert not ana.recovered


# --- another tab


def take_seat(house: House) -> Caller:
    """Another tab of Ana's, which looks for a partner."""
    tab = house.enter("ana")
    assert tab.call("findChat")["ok"] is True
    return tab


@travelling
async def test_another_tab_takes_the_seat() -> None:
    house = House()
    ana, ben = await chatting(house, "ana")
    ana.lose()
    take_seat(house)
    assert [event[0] for event in ben.heard()] == ["partnerReconnecting", "partnerLeft"]
    ana.recover()
    assert ana.caller.call("sendMessage", "written before")["code"] == "not_in_chat"
    ana.caller.confirm()
    assert ana.names() == ["seatTaken"]


@travelling
async def test_a_key_tells_of_the_seat_that_another_tab_has_taken() -> None:
    house = House()
    ana, _ = await chatting(house, "ana")
    ana.lose()
    take_seat(house)
    ana.come({"resume": ana.key, "offset": ana.offset})
    assert ana.read() == [["resumed", {"state": "idle", "chatId": None, "missed": 1}]]


# --- what a page asks with every connection


@travelling
async def test_a_find_chat_behind_a_return_is_an_echo() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.lose()
    ana.recover()
    assert ana.caller.call("findChat") == {"ok": True, "position": 0, "estimate": 0}
    assert [event[0] for event in ben.heard()] == ["partnerReconnecting", "partnerBack"]
    assert ana.names() == []


@travelling
async def test_a_find_chat_for_something_else_is_none() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.lose()
    ana.recover()
    assert ana.caller.call("findChat", {"withVideo": True})["position"] == 1
    assert [event[0] for event in ben.heard()] == ["partnerReconnecting", "partnerBack", "partnerLeft"]


@travelling
async def test_a_find_chat_well_after_a_return_is_none() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.lose()
    ana.recover()
    await asyncio.sleep(5)
    assert ana.caller.call("findChat")["position"] == 1
    assert [event[0] for event in ben.heard()][-1] == "partnerLeft"


@travelling
async def test_a_find_chat_that_was_kept_ends_no_chat_that_began_meanwhile() -> None:
    house = House(policy=AT_ONCE)
    ana, ben = await chatting(house)
    ana.lose()
    ben.call("next")  # nobody else waits: the two meet again
    await asyncio.sleep(0)
    ana.recover()
    assert ana.caller.call("findChat")["position"] == 0
    ana.caller.confirm()
    assert ana.names() == ["partnerLeft", "waiting", "chatStart"]
    assert ben.call("sendMessage", "hello again")["ok"] is True
    assert ana.texts() == ["hello again"]


@travelling
async def test_a_next_that_was_kept_is_meant() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.lose()
    ana.recover()
    assert ana.caller.call("next")["position"] == 1
    assert [event[0] for event in ben.heard()][-2:] == ["partnerLeft", "waiting"]
