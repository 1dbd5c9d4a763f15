"""From what happened to bytes: each effect to the letter, for whoever it concerns and nobody else.

Longer than most files: every event that the server sends is here word by word.
"""

import asyncio
from typing import Any

import pytest

from meetmates.domain import effects as happened
from meetmates.domain.errors import Ending
from meetmates.domain.matching import Policy
from meetmates.domain.names import names_of
from meetmates.transport.ports import Closing
from tests.edge.house import Caller, House
from tests.support.travel import BEGINNING, travelling

START = "2027-01-15T08:00:00.000Z"  # BEGINNING


async def pair(house: House, one: str | None = None, other: str | None = None) -> tuple[Caller, Caller]:
    """Two in a chat who have heard nothing yet."""
    callers = house.enter(one), house.enter(other)
    await house.chat(*callers)
    return callers


# --- pairing


@pytest.mark.parametrize(("mine", "theirs"), [(False, False), (True, False), (False, True), (True, True)])
@travelling
async def test_each_is_told_whose_camera_opens(mine: bool, theirs: bool) -> None:
    """Nobody who asked for text is ever asked for a camera."""
    house = House()
    one, other = house.enter(), house.enter()
    one.say("findChat", {"withVideo": mine})
    other.say("findChat", {"withVideo": theirs})
    common = {"withVideo": mine or theirs, "commonInterests": [], "chatId": "chat1"}
    names = {"yourName": "Agile Acorn", "partnerName": "Alert Alpaca"}
    told = {"partnerId": "id2", "yourVideo": mine, "partnerVideo": theirs, **names}
    assert one.heard() == [["waiting"], ["chatStart", common | told]]
    names = {"yourName": "Alert Alpaca", "partnerName": "Agile Acorn"}
    told = {"partnerId": "id1", "yourVideo": theirs, "partnerVideo": mine, **names}
    assert other.heard() == [["waiting"], ["chatStart", common | told]]


@travelling
async def test_a_name_is_new_in_each_chat_and_says_nothing_of_who_has_it() -> None:
    """The same two, with accounts and addresses, over and over: what a partner sees is made of our own words alone."""
    house = House(policy=Policy(rematch_after=0.0))
    callers = house.enter("ana"), house.enter("ben")
    told: list[tuple[str, str]] = []
    for _ in range(4):
        for caller in callers:
            caller.say("findChat", "label@elsewhere.example")
        starts = [caller.heard()[-1][1] for caller in callers]
        assert starts[0]["yourName"] == starts[1]["partnerName"]
        assert starts[0]["partnerName"] == starts[1]["yourName"]
        told += [(starts[0]["yourName"], starts[0]["partnerName"])]
        callers[0].say("leaveChat")
        await asyncio.sleep(0)  # the turn of the loop ends
        callers[1].heard()
    assert told == [names_of(number) for number in range(4)]  # given from outside, one pair a chat, whoever meets


@travelling
async def test_common_interests_are_told_in_order_and_no_others() -> None:
    house = House()
    one, other = house.enter(), house.enter()
    one.say("findChat", {"interests": ["Hiking", "chess", "opera"], "language": "en"})
    other.say("findChat", {"interests": ["CHESS", "hiking", "golf"], "language": "en"})
    for caller in (one, other):
        assert caller.heard()[-1][1]["commonInterests"] == ["chess", "hiking"]


@travelling
async def test_who_left_is_told_by_the_id_that_partners_see() -> None:
    house = House()
    one, other = await pair(house, "ana", "ben")
    one.say("leaveChat")
    assert one.heard() == []
    assert other.heard() == [["partnerLeft", {"partnerId": "id1"}]]


@travelling
async def test_a_seat_that_was_taken() -> None:
    house = House()
    tab = house.enter("ana")
    tab.say("findChat")
    newer = house.enter("ana")
    newer.say("findChat")
    assert tab.heard() == [["waiting"], ["seatTaken", {}]]
    assert newer.heard() == [["waiting"]]


@travelling
async def test_the_place_in_the_queue() -> None:
    house = House()
    caller = house.enter()
    caller.heard()
    house.outbox.deliver([happened.QueueStatus(caller.person, 3, None), happened.QueueStatus(caller.person, 1, 12)])
    assert caller.heard() == [
        ["queueStatus", {"position": 3, "estimate": None}],
        ["queueStatus", {"position": 1, "estimate": 12}],
    ]


# --- messages


def message(**changes: Any) -> list[Any]:
    sound = {
        "sender": "id1",
        "text": "hello",
        "senderEmail": "Anonymous",
        "timestamp": START,
        "id": "chat1-1",
        "seq": 1,
        "chatId": "chat1",
    }
    return ["message", sound | changes]


@travelling
async def test_the_sender_sees_its_own_address_and_the_partner_does_not() -> None:
    house = House()
    one, other = await pair(house, "ana", "ben")
    one.say("sendMessage", "hello")
    assert one.heard() == [message(senderEmail="ana@college.edu")]
    assert other.heard() == [message()]


@travelling
async def test_where_addresses_are_revealed_both_see_it() -> None:
    house = House(reveal_email=True)
    one, other = await pair(house, "ana", "ben")
    one.say("sendMessage", "hello")
    for caller in (one, other):
        assert caller.heard() == [message(senderEmail="ana@college.edu")]


@pytest.mark.parametrize("reveal", [False, True])
@travelling
async def test_a_guest_s_label_is_shown_to_nobody(reveal: bool) -> None:
    house = House(reveal_email=reveal)
    one, other = house.enter(), house.enter()
    await house.chat(one, other, "guest@elsewhere.example")
    one.say("sendMessage", "hello")
    for caller in (one, other):
        assert caller.heard() == [message()]


@pytest.mark.parametrize("text", ["  hello ", "\N{GRINNING FACE}", "</script>", '"\\\n\0', "x" * 2000])
@travelling
async def test_a_text_is_delivered_as_it_was_sent(text: str) -> None:
    house = House()
    one, other = await pair(house, "ana")
    one.say("sendMessage", text)
    assert other.heard() == [message(text=text)]
    assert one.heard() == [message(text=text, senderEmail="ana@college.edu")]


@travelling
async def test_a_repeat_is_delivered_to_nobody() -> None:
    house = House()
    one, other = await pair(house)
    for _ in range(3):
        assert one.call("sendMessage", "hello", "a1") == {"ok": True, "id": "chat1-1", "seq": 1}
    assert one.heard() == other.heard() == [message()]


# --- beside messages


@travelling
async def test_typing_is_dropped_under_pressure_and_nothing_else_is() -> None:
    house = House()
    one, other = await pair(house)
    one.say("typing", True)
    other.line.is_slow = True
    one.say("typing", False)
    one.say("sendMessage", "hello")
    assert other.heard() == [["partnerTyping", {"typing": True}], message()]
    assert one.heard() == [message()]


@travelling
async def test_what_the_partner_sends_at_the_moment() -> None:
    house = House()
    one, other = await pair(house)
    one.say("mediaState", {"audio": True, "video": False, "more": "dropped"})
    assert other.heard() == [["partnerMedia", {"audio": True, "video": False, "screen": False}]]
    assert one.heard() == []


@travelling
async def test_an_address_reaches_a_stranger_once_both_have_asked_for_it_and_not_before() -> None:
    house = House()
    one, other = await pair(house, "ana", "ben")
    assert one.call("keepInTouch", True) == other.call("keepInTouch", False) == {"ok": True}
    assert one.heard() == other.heard() == []
    other.say("keepInTouch", True)
    assert one.heard() == [["keptInTouch", {"name": "Alert Alpaca", "contact": "ben@college.edu"}]]
    assert other.heard() == [["keptInTouch", {"name": "Agile Acorn", "contact": "ana@college.edu"}]]
    assert "@" not in str(house.notes.lines)
    one.say("leaveChat")
    assert one.call("keepInTouch", True)["code"] == "not_in_chat"


@travelling
async def test_who_has_no_address_still_keeps_in_touch() -> None:
    house = House()
    one, other = house.enter("ana", email=None), house.enter()
    await house.chat(one, other, "label@elsewhere.example")
    for caller in (one, other):
        caller.say("keepInTouch", True)
    assert one.heard() == [["keptInTouch", {"name": "Alert Alpaca", "contact": None}]]
    assert other.heard() == [["keptInTouch", {"name": "Agile Acorn", "contact": None}]]


@travelling
async def test_signals_name_their_sender_and_are_passed_on_whole() -> None:
    house = House()
    one, other = await pair(house)
    for caller in (one, other):
        caller.say("ready-to-connect")
    assert one.heard() == [["create-offer"]]  # the smaller id
    deep = {"type": "offer", "sdp": "v=0\r\n", "more": [1, 2.5, None, {"a": "\N{GRINNING FACE}"}]}
    one.say("webrtc-offer", {"offer": deep, "from": "somebody else"})
    one.say("ice-candidate", {"candidate": {"candidate": "c", "sdpMLineIndex": 0}})
    one.say("ice-candidate", {"candidate": None})
    one.say("ice-candidate", {"candidate": ""})
    assert other.heard() == [
        ["webrtc-offer", {"from": "id1", "offer": deep}],
        ["ice-candidate", {"from": "id1", "candidate": {"candidate": "c", "sdpMLineIndex": 0}}],
        ["ice-candidate", {"from": "id1", "candidate": None}],
        ["ice-candidate", {"from": "id1", "candidate": ""}],
    ]
    other.say("webrtc-answer", {"answer": {"type": "answer"}})
    assert one.heard() == [["webrtc-answer", {"from": "id2", "answer": {"type": "answer"}}]]


# --- endings


@travelling
async def test_a_token_that_is_about_to_end() -> None:
    house = House()
    caller = house.enter("ana")
    caller.heard()
    house.outbox.deliver([happened.TokenExpiring(caller.person, BEGINNING + 60.5)])
    assert caller.heard() == [["tokenExpiring", {"expiresAt": "2027-01-15T08:01:00.500Z"}]]


@pytest.mark.parametrize(
    ("ending", "said", "closing"),
    [
        (Ending.REPLACED, ['42["replaced",{}]', "41"], Closing.NORMAL),
        (Ending.TOKEN_EXPIRED, ['42["tokenExpired",{}]', "41"], Closing.NORMAL),
        (Ending.ABUSE, ["41"], Closing.NORMAL),
        (Ending.BANNED, ["41"], Closing.NORMAL),
    ],
)
@travelling
async def test_a_final_ending_says_disconnect_and_the_others_only_close(
    ending: Ending, said: list[str], closing: Closing
) -> None:
    """The official client comes back after a closed transport, and never after a DISCONNECT."""
    house = House()
    caller = house.enter("ana")
    del caller.line.sent[:]
    house.outbox.deliver([happened.Ended(caller.person, ending)])
    assert caller.line.sent == said
    assert caller.line.closing is closing
    assert house.desk.tables()["connections"] == 0


# --- how many are online


@travelling
async def test_nobody_is_told_a_count_that_it_knows() -> None:
    house = House()
    callers = [house.enter() for _ in range(3)]
    people = [caller.person for caller in callers]
    for caller in callers:
        del caller.line.sent[:]
    for count in (3, 7, 7, 3):
        house.outbox.online(people, count)
    counts = [f'42["onlineUsers",{count}]' for count in (3, 7, 3)]
    assert [caller.line.sent for caller in callers] == [counts, counts, counts[1:]]  # the third was told 3 on arrival
