"""Every no: in the acknowledgement where one was asked for, else as `eventError`; and the chat goes on."""

import asyncio
from typing import Any

import pytest

from tests.clients.people import People, someone
from tests.support.tokens import token

pytestmark = pytest.mark.asyncio(loop_scope="package")

BYTES = b"\x00\xff bytes"
IN_A_CHAT: dict[str, tuple[str, list[Any], str]] = {
    "a text that is none": ("sendMessage", [5], "bad_argument"),
    "no text": ("sendMessage", [], "bad_argument"),
    "an empty text": ("sendMessage", [" \n "], "bad_argument"),
    "a clientId that is none": ("sendMessage", ["hello", {"id": 1}], "bad_argument"),
    "a text that is too long": ("sendMessage", ["x" * 2_001], "too_long"),
    "an offer that is missing": ("webrtc-offer", [], "bad_argument"),
    "an offer that is none": ("webrtc-offer", [{"offer": "none"}], "bad_argument"),
    "an offer that is too long": ("webrtc-offer", [{"offer": {"sdp": "x" * 70_000}}], "too_long"),
    "typing what": ("typing", ["yes"], "bad_argument"),
    "media of the wrong shape": ("mediaState", [{"audio": 1}], "bad_argument"),
    "an unknown event": ("sendMoney", [5], "unknown_event"),
    "a cancelled search that is none": ("cancelSearch", [], "not_allowed"),
    "a guest's token": ("refreshToken", ["no token"], "not_allowed"),
    "bytes for a text": ("sendMessage", [BYTES], "bad_argument"),
    "bytes inside a signal": ("ice-candidate", [{"candidate": {"candidate": BYTES}}], "bad_argument"),
    "bytes in an unknown event": ("upload", [{"file": BYTES}, BYTES, "photo.png"], "unknown_event"),
}
ALONE: dict[str, list[Any]] = {
    "sendMessage": ["hello"],
    "typing": [True],
    "leaveChat": [],
    "ready-to-connect": [],
    "webrtc-offer": [{"offer": {}}],
    "webrtc-answer": [{"answer": {}}],
    "ice-candidate": [{"candidate": None}],
    "mediaState": [{"audio": True, "video": True, "screen": False}],
    "keepInTouch": [True],
}


@pytest.mark.parametrize("case", IN_A_CHAT)
async def test_a_refusal_is_answered_and_changes_nothing(people: People, case: str) -> None:
    event, args, code = IN_A_CHAT[case]
    ana, ben = await people.pair()
    answer = await ana.call(event, *args)
    assert (answer["ok"], answer["code"]) == (False, code)
    assert answer["message"]
    await ana.emit(event, *args)
    error = await ana.expect("eventError")
    assert error == {"event": event, "code": code, "message": answer["message"]}
    assert await ana.heard() == await ben.heard() == []
    assert (await ana.call("sendMessage", "we go on"))["seq"] == 1
    assert (await ben.expect("message"))["text"] == "we go on"


async def test_what_needs_a_chat_is_refused_outside_of_one(people: People) -> None:
    ana = await people.join()
    for event, args in ALONE.items():
        assert (await ana.call(event, *args))["code"] == "not_in_chat"
        await ana.emit(event, *args)
        error = await ana.expect("eventError")
        assert (error["event"], error["code"]) == (event, "not_in_chat")


async def test_a_wish_that_is_none_does_not_queue_anybody(people: People) -> None:
    ana = await people.join()
    for wish in (5, ["chess"], {"interests": "chess"}, {"withVideo": BYTES}):
        assert (await ana.call("findChat", wish))["code"] == "bad_argument"
    await ana.emit("findChat", 5)
    assert (await ana.expect("eventError"))["code"] == "bad_argument"
    assert (await ana.call("findChat"))["position"] == 1
    assert await ana.heard() == ["waiting"]


async def test_a_token_of_somebody_else_refreshes_nothing(people: People) -> None:
    ana = await people.join(token(someone()))
    for other in (token(someone()), "no token"):
        assert (await ana.call("refreshToken", other))["code"] == "not_allowed"
    assert await ana.heard() == []


async def test_too_many_messages_at_once_are_told_to_wait(people: People) -> None:
    ana, ben = await people.pair()
    answers = await asyncio.gather(*(ana.call("sendMessage", str(number)) for number in range(40)))
    assert [answer["seq"] for answer in answers[:20]] == list(range(1, 21))
    refused = [answer for answer in answers if not answer["ok"]]
    assert {answer["code"] for answer in refused} == {"rate_limited"}
    assert all(0 < answer["retryAfter"] <= 200 for answer in refused)  # milliseconds: five fit into a second
    delivered = len(answers) - len(refused)
    assert await ben.heard() == ["message"] * delivered


async def test_a_limit_is_told_without_an_acknowledgement_too(people: People) -> None:
    ana, ben = await people.pair()
    for _ in range(12):
        await ana.emit("typing", True)
    error = await ana.expect("eventError")
    assert error == {
        "event": "typing",
        "code": "rate_limited",
        "message": error["message"],
        "retryAfter": error["retryAfter"],
    }
    assert 0 < error["retryAfter"] <= 500
    assert (await ben.heard()).count("partnerTyping") >= 5


async def test_who_goes_on_and_on_is_sent_away_for_good(people: People) -> None:
    """Ten bursts refused within ten seconds are too much."""
    ana, ben = await people.pair()
    for _ in range(80):
        await ana.emit("typing", True)
    assert await ana.expect("disconnect") == ana.FOR_GOOD
    assert ana.left.count("eventError") >= 50
    assert await ben.expect("partnerLeft") == {"partnerId": ana.id}
