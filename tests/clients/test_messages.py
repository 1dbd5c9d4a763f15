"""What two people in a chat say to each other."""

import asyncio
import re

import pytest

from tests.clients.people import People, email_of, meet, someone
from tests.support.tokens import token

pytestmark = pytest.mark.asyncio(loop_scope="package")

STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


async def test_both_get_a_message_in_full(people: People) -> None:
    ana, ben = await people.join(), await people.join()
    await ana.call("findChat")
    await ben.call("findChat")
    chat = (await ana.expect("chatStart"))["chatId"]
    answer = await ana.call("sendMessage", "hello")
    assert answer == {"ok": True, "id": answer["id"], "seq": 1}
    for one in (ana, ben):
        message = await one.expect("message")
        assert STAMP.fullmatch(message.pop("timestamp"))
        assert message == {
            "sender": ana.id,
            "text": "hello",
            "senderEmail": "Anonymous",
            "id": answer["id"],
            "seq": 1,
            "chatId": chat,
        }


async def test_an_address_is_shown_to_its_owner_alone(people: People) -> None:
    name = someone()
    ana, ben = await people.pair(token(name), token(someone()))
    await ana.emit("sendMessage", "hello")
    own, copy = await ana.expect("message"), await ben.expect("message")
    assert (own.pop("senderEmail"), copy.pop("senderEmail")) == (email_of(name), "Anonymous")
    assert own == copy


async def test_a_repeat_is_answered_as_the_first_and_delivered_to_nobody(people: People) -> None:
    ana, ben = await people.pair()
    first = await ana.call("sendMessage", "once", "my-first")
    assert await ana.call("sendMessage", "once", "my-first") == first
    assert (await ben.call("sendMessage", "mine", "my-first"))["seq"] == 2  # another sender's own name for it
    assert (await ana.call("sendMessage", "twice", "my-second"))["seq"] == 3
    for one in (ana, ben):
        assert await one.heard() == ["message"] * 3
        assert [(await one.expect("message"))["text"] for _ in range(3)] == ["once", "mine", "twice"]


@pytest.mark.parametrize(
    "text",
    [
        "¡Olé! \U0001f469‍\U0001f469‍\U0001f467 你好",
        "  kept \n as it is\t ",
        "a\0b\x1e\x7f",
        "</b>&amp;\\\"'",
        "0",
        "😀" * 2_000,
    ],
    ids=["many scripts", "white space", "control characters", "markup", "a digit", "2,000 emoji"],
)
async def test_a_text_arrives_as_it_was_sent(people: People, text: str) -> None:
    ana, ben = await people.pair()
    assert (await ana.call("sendMessage", text))["ok"] is True
    assert (await ana.expect("message"))["text"] == (await ben.expect("message"))["text"] == text


async def test_both_see_one_order(people: People) -> None:
    ana, ben = await people.pair()
    said = [(one, f"{name} {number}") for number in range(10) for one, name in ((ana, "ana"), (ben, "ben"))]
    answers = await asyncio.gather(*(one.call("sendMessage", text) for one, text in said))
    assert sorted(answer["seq"] for answer in answers) == list(range(1, 21))
    seen = [[await one.expect("message") for _ in said] for one in (ana, ben)]
    assert seen[0] == seen[1]
    assert [message["seq"] for message in seen[0]] == list(range(1, 21))
    assert [message["text"] for message in seen[0] if message["sender"] == ana.id] == [f"ana {n}" for n in range(10)]


async def test_typing_and_media_are_told_to_the_partner_alone(people: People) -> None:
    ana, ben = await people.pair()
    assert await ana.call("typing", True) == {"ok": True}
    await ana.emit("typing", False)
    assert await ben.expect("partnerTyping") == {"typing": True}
    assert await ben.expect("partnerTyping") == {"typing": False}
    assert await ana.call("mediaState", {"audio": True, "video": False, "screen": True}) == {"ok": True}
    await ana.emit("mediaState", {"audio": False, "video": True, "screen": False})
    assert await ben.expect("partnerMedia") == {"audio": True, "video": False, "screen": True}
    assert await ben.expect("partnerMedia") == {"audio": False, "video": True, "screen": False}
    assert await ana.heard() == []


async def test_two_who_would_keep_in_touch_learn_each_other_s_address(people: People) -> None:
    name = someone()
    ana, guest = await people.join(token(name)), await people.join()
    start, _ = await meet(ana, guest)
    assert await ana.call("keepInTouch", True) == {"ok": True}
    await ana.call("keepInTouch", False)
    assert await guest.call("keepInTouch", True) == {"ok": True}
    assert await ana.heard() == await guest.heard() == []
    await ana.emit("keepInTouch", True)
    assert await guest.expect("keptInTouch") == {"name": start["yourName"], "contact": email_of(name)}
    assert await ana.expect("keptInTouch") == {"name": start["partnerName"], "contact": None}
    assert email_of(name) not in people.server.logged()
