"""Coming back after a lost connection: by `pid` and offset, by key, in time and too late, as oneself and as another.

Longer than most files: every way back is tried, and losses at every point of a chat.
"""

import asyncio
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meetmates.domain.matching import Policy
from meetmates.ports import KEPT_EVENTS
from meetmates.transport.ports import Closing
from tests.edge.house import House
from tests.edge.traveller import GRACE, Traveller, chatting, nothing_left, wait
from tests.support.travel import travelling

AT_ONCE = Policy(rematch_after=0.0)


# --- by pid


@travelling
async def test_what_was_missed_comes_once_and_the_partner_is_told() -> None:
    house = House()
    ana, ben = await chatting(house)
    sid = ana.sid
    for number in range(3):
        ana.lose()
        assert ben.heard() == [["partnerReconnecting", {}]]
        ben.call("sendMessage", f"{number}")
        ana.recover()
        assert (ana.recovered, ana.sid) == (True, sid)
        assert ana.names() == ["message"]
        assert [event[0] for event in ben.heard()] == ["message", "partnerBack"]
    assert ana.texts() == ["0", "1", "2"]


@travelling
async def test_without_an_offset_everything_comes() -> None:
    house = House()
    ana = Traveller(house)
    ana.lose()
    ana.recover()
    ana.caller.call("findChat")
    ana.lose()
    ana.recover()
    assert ana.names() == ["waiting"]


@travelling
async def test_an_offset_of_another_seat_counts_as_none() -> None:
    house = House()
    ana = Traveller(house)
    ana.caller.call("findChat")
    ana.lose()
    for offset in ("abcdef.7", "x", "", 7, None, f"{ana.pid}.1", "abcdef.²"):
        ana.come({"resume": True, "pid": ana.pid, "offset": offset})
        assert (ana.recovered, ana.names()) == (True, ["waiting"])


@travelling
async def test_who_is_away_is_not_counted() -> None:
    house = House()
    ana, _ = await chatting(house)
    assert house.presence.count == 2
    ana.lose()
    assert house.presence.count == 1
    ana.recover()
    assert house.presence.count == 2
    assert '42["onlineUsers",2' in "".join(ana.caller.line.sent)


@travelling
async def test_after_the_grace_one_is_somebody_new() -> None:
    house = House()
    ana, ben = await chatting(house)
    sid = ana.sid
    ana.lose()
    await wait(house, GRACE)
    assert ben.heard() == [["partnerReconnecting", {}], ["partnerLeft", {"partnerId": sid}]]
    ana.recover()
    assert not ana.recovered
    assert ana.sid != sid
    for one in (ana.caller, ben):
        one.line.receiver.text("41")
    assert nothing_left(house)


@travelling
async def test_a_disconnect_is_no_loss() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.caller.line.receiver.text("41")
    assert ben.heard() == [["partnerLeft", {"partnerId": ana.sid}]]
    ana.recover()
    assert not ana.recovered


@travelling
async def test_a_connection_believed_alive_is_taken_over() -> None:
    house = House()
    ana, ben = await chatting(house)
    old = ana.caller
    ben.call("sendMessage", "hello")
    ben.heard()
    ana.recover()
    assert ana.recovered
    assert ana.texts() == ["hello"]
    assert old.line.closing is Closing.NORMAL
    assert old.line.sent[-1] == "41"
    assert ben.heard() == []
    assert house.presence.count == 2


@travelling
async def test_whoever_has_missed_too_much_is_somebody_new_and_the_old_seat_ends() -> None:
    house = House(policy=Policy(resume_grace=600.0))
    ana, ben = await chatting(house)
    ana.lose()
    for number in range(KEPT_EVENTS + 1):
        ben.call("mediaState", {"audio": number % 2 == 0, "video": False})
        await asyncio.sleep(0.04)
        if number % 20 == 0:
            await asyncio.sleep(4)
    sid = ana.sid
    ben.heard()
    ana.recover()
    assert not ana.recovered
    assert ben.heard() == [["partnerLeft", {"partnerId": sid}]]
    assert len(house.seats) == 1


@pytest.mark.parametrize("more", [0, 1])
@travelling
async def test_too_large_to_be_kept_is_told_and_never_skipped(more: int) -> None:
    house = House()
    ana, ben = await chatting(house)
    for caller in (ana.caller, ben):
        caller.call("ready-to-connect")
    ana.read()
    ana.lose()
    for _ in range(4 + more):
        assert ben.call("webrtc-offer", {"offer": {"type": "offer", "sdp": "x" * 60_000}})["ok"] is True
    ana.recover()
    assert ana.recovered is (more == 0)


@travelling
async def test_what_is_worth_nothing_later_is_not_kept() -> None:
    house = House()
    ana, ben = await chatting(house)
    ana.lose()
    ben.call("typing", True)
    ana.recover()
    assert ana.names() == []


@travelling
async def test_limits_survive_the_return() -> None:
    house = House()
    ana, _ = await chatting(house)
    while ana.caller.call("typing", True)["ok"]:
        pass
    ana.lose()
    ana.recover()
    assert ana.caller.call("typing", True)["code"] == "rate_limited"


# --- by key


@travelling
async def test_a_key_tells_where_one_stands_and_is_good_once() -> None:
    house = House()
    ana, ben = await chatting(house)
    used = ana.key
    ana.lose()
    ben.call("sendMessage", "hello")
    chat_id = ben.person.chat.id if ben.person.chat is not None else ""
    ana.come({"resume": used, "offset": ana.offset})
    resumed, message = ana.read()
    assert resumed == ["resumed", {"state": "chatting", "chatId": chat_id, "missed": 1}]
    assert message[1]["text"] == "hello"
    assert ana.key != used
    ana.caller.confirm()
    ana.lose()
    ana.come({"resume": used})
    assert not ana.recovered
    assert ana.names() == []


@travelling
async def test_a_key_whose_answer_was_lost_opens_once_more() -> None:
    house = House()
    ana, ben = await chatting(house)
    used, offset = ana.key, ana.offset
    for _ in range(3):
        ana.lose()
        ana.knock({"resume": used, "offset": offset})  # and the answer is never read
    ben.call("sendMessage", "hello")
    ana.lose()
    ana.come({"resume": used, "offset": offset})
    assert ana.recovered
    assert ana.names() == ["resumed", "message"]


@travelling
async def test_a_key_is_worth_nothing_once_the_next_one_has_been_used() -> None:
    house = House()
    ana, _ = await chatting(house)
    used = ana.key
    for _ in range(2):  # whose answers are never confirmed
        ana.lose()
        ana.come({"resume": ana.key, "offset": ana.offset})
        ana.read()
    ana.lose()
    ana.come({"resume": used})
    assert not ana.recovered


@travelling
async def test_a_key_is_worth_nothing_after_a_return_by_pid() -> None:
    house = House()
    ana, _ = await chatting(house)
    unused = ana.key
    ana.lose()
    ana.recover()
    ana.come({"resume": unused})
    assert not ana.recovered


@travelling
async def test_a_late_sign_of_a_connection_that_was_lost_again_ends_no_key() -> None:
    house = House()
    ana, _ = await chatting(house)
    used = ana.key
    ana.lose()
    ana.knock({"resume": used})
    lost = ana.caller
    ana.lose()
    ana.knock({"resume": used})
    lost.confirm()
    ana.come({"resume": used})
    assert ana.recovered


@travelling
async def test_where_key_and_pid_are_for_two_seats_the_one_of_the_pid_is_meant() -> None:
    house = House()
    ana, other = Traveller(house), Traveller(house)
    other.read()
    ana.lose()
    ana.come({"resume": other.key, "pid": ana.pid})
    assert ana.recovered
    assert ana.names() == []


@travelling
async def test_without_an_offset_a_key_brings_what_is_not_certain() -> None:
    house = House()
    ana, ben = await chatting(house)
    ben.call("sendMessage", "certain")
    await asyncio.sleep(1)
    ana.caller.line.confirmed = house.clock.now()
    ben.call("sendMessage", "uncertain")
    ana.lose()
    ben.call("sendMessage", "missed")
    ana.read()
    ana.come({"resume": ana.key})
    assert [event[1].get("text", event[1].get("missed")) for event in ana.read()] == [2, "uncertain", "missed"]


@pytest.mark.parametrize("state", ["idle", "waiting"])
@travelling
async def test_a_key_brings_back_who_is_in_no_chat(state: str) -> None:
    house = House()
    ana = Traveller(house)
    if state == "waiting":
        ana.caller.call("findChat")
    ana.read()
    ana.lose()
    ana.come({"resume": ana.key, "offset": ana.offset})
    assert ana.read() == [["resumed", {"state": state, "chatId": None, "missed": 0}]]


# --- as somebody else


@pytest.mark.parametrize("account", [None, "eve"])
@travelling
async def test_a_foreign_account_gets_a_connection_of_its_own(account: str | None) -> None:
    house = House()
    ana, _ = await chatting(house, "ana")
    ana.lose()
    eve = Traveller(house, account)
    eve.read()
    for secret in ({"resume": ana.key}, {"resume": True, "pid": ana.pid, "offset": ana.offset}):
        eve.come(secret)
        assert eve.pid != ana.pid
        assert eve.names() == []
    ana.recover()
    assert ana.recovered


@pytest.mark.parametrize("resume", [None, False, 1, "", [], {}])
@travelling
async def test_who_does_not_ask_has_nothing_of_it(resume: object) -> None:
    house = House()
    caller = house.knock()
    caller.line.receiver.text(f"40{json.dumps({'resume': resume, 'pid': 'x'})}")
    assert caller.line.sent == ['40{"sid":"id1"}', '42["onlineUsers",1]']
    caller.leave()
    assert nothing_left(house)


# --- losses at every point


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["say", "reply", "ack lost", "signal", "next", "read", "lose", "recover"]), st.booleans()
    ),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(ACTIONS)
def test_no_message_is_missing_or_twice_wherever_the_connection_is_lost(actions: list[tuple[str, bool]]) -> None:
    travelling(_history)(actions)


async def _history(actions: list[tuple[str, bool]]) -> None:
    house = House(policy=AT_ONCE)
    ana, ben = Traveller(house), Traveller(house)
    away = {ana: False, ben: False}
    said: list[str] = []
    for number, (action, first) in enumerate(actions):
        one, other = (ana, ben) if first else (ben, ana)
        await asyncio.sleep(1.01)  # no limit is reached
        if action == "recover" or (away[one] and action != "lose"):
            _recover(one, away)
        if action == "lose" and not away[one] and not away[other]:
            one.lose()
            away[one] = True
        elif action in ("say", "reply", "ack lost") and not away[one]:
            _say(one, other, f"{number}", said, away, acked=action != "ack lost")
        elif action == "signal" and not away[one] and one.caller.person.chat is not None:
            one.caller.call("ready-to-connect")
        elif action == "next" and not away[one]:
            one.caller.call("next")
            await asyncio.sleep(0)
        elif action == "read" and not away[one]:
            one.read()
        assert len(house.lobby.chats) <= 1
    for one in (ana, ben):
        if away[one]:
            _recover(one, away)
    assert ana.texts() == ben.texts() == said
    for one in (ana, ben):
        one.lose()
    await wait(house, GRACE)
    assert nothing_left(house)


def _say(
    one: Traveller, other: Traveller, text: str, said: list[str], away: dict[Traveller, bool], acked: bool
) -> None:
    if one.caller.person.chat is None:
        return
    answer = one.caller.call("sendMessage", text, text)
    assert answer["ok"] is True
    said.append(text)
    if not acked:  # the ack was lost with the connection: sent again, it is answered as before
        one.lose()
        away[one] = True
        _recover(one, away)
        assert one.caller.person.chat is not None
        assert one.caller.call("sendMessage", text, text) == answer


def _recover(one: Traveller, away: dict[Traveller, bool]) -> None:
    one.recover()
    assert one.recovered
    away[one] = False
    one.caller.confirm()
    one.read()
