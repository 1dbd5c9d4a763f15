"""Messages, typing and media state: docs/protocol.md, "Messages"."""

import pytest

from meetmates.domain import relay
from meetmates.domain.chat import REMEMBERED_IDS
from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.matching import Policy
from meetmates.domain.signalling import Signal
from tests.domain.room import Room


@pytest.fixture
def room() -> Room:
    made = Room()
    made.enter("ana", "ben", "cem")
    made.seek("ana")
    made.seek("ben")
    return made


def refusal(room: Room, *args: str) -> Refusal:
    with pytest.raises(Refused) as refused:
        room.say("ana", *args)
    return refused.value.refusal


def test_messages_are_numbered_for_both_in_one_order(room: Room) -> None:
    said = [room.say("ana", "hi"), room.say("ben", "hello"), room.say("ana", "how are you?")]
    assert [message.seq for message in said] == [1, 2, 3]
    assert len({message.id for message in said}) == 3
    assert (said[0].sender.id, said[0].partner.id) == ("ana", "ben")


@pytest.mark.parametrize(
    "text", ["x", "x" * 2000, "😀" * 2000, " x ", "\n" * 1000 + "x" * 2000 + " " * 1000, "  padded", "trailing  "]
)
def test_a_text_is_delivered_as_it_was_sent(room: Room, text: str) -> None:
    assert room.say("ana", text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Refusal.BAD_ARGUMENT),
        (" \n\t\u2003 ", Refusal.BAD_ARGUMENT),
        ("x" * 2001, Refusal.TOO_LONG),
        (" " + "x" * 2001, Refusal.TOO_LONG),
        (" " * 2001 + "x" * 2000, Refusal.TOO_LONG),
        (" " * 4001, Refusal.TOO_LONG),
    ],
)
def test_texts_that_are_refused(room: Room, text: str, expected: Refusal) -> None:
    assert refusal(room, text) is expected
    assert room.say("ana", "x").seq == 1


@pytest.mark.parametrize(
    "act", [lambda p: relay.say(p, "x"), lambda p: relay.typing(p, True), lambda p: relay.media(p, True, True, False)]
)
def test_everything_needs_a_chat(room: Room, act: object) -> None:
    assert callable(act)
    with pytest.raises(Refused) as refused:
        act(room.people["cem"])
    assert refused.value.refusal is Refusal.NOT_IN_CHAT


def test_a_repeat_is_answered_as_the_first_and_delivered_to_nobody(room: Room) -> None:
    first = room.say("ana", "hi", "c1")
    assert not relay.is_repeat(first)
    room.say("ben", "hello", "c1")
    again = room.say("ana", "hi", "c1")
    assert relay.is_repeat(again)
    assert (again.id, again.seq) == (first.id, first.seq)


def test_the_last_256_client_ids_of_each_sender_are_remembered(room: Room) -> None:
    for number in range(REMEMBERED_IDS + 1):
        room.say("ana", "x", f"c{number}")
    assert relay.is_repeat(room.say("ana", "x", "c1"))
    assert not relay.is_repeat(room.say("ana", "x", "c0"))


@pytest.mark.parametrize("client_id", ["", "x" * 65])
def test_bad_client_ids(room: Room, client_id: str) -> None:
    assert refusal(room, "hi", client_id) is Refusal.BAD_ARGUMENT


def test_client_ids_do_not_outlive_the_chat(room: Room) -> None:
    room.say("ana", "hi", "c1")
    room.leave("ana")
    room.seek("ana")
    room.seek("cem")
    assert room.say("ana", "hi", "c1").seq == 1
    assert not relay.is_repeat(room.say("ana", "hi", "c2"))


def test_typing_and_media_go_to_the_partner(room: Room) -> None:
    typing = relay.typing(room.people["ana"], True)
    assert (typing.to.id, typing.typing) == ("ben", True)
    media = relay.media(room.people["ben"], True, False, True)
    assert (media.to.id, media.audio, media.video, media.screen) == ("ana", True, False, True)


def test_what_is_said_in_the_turn_in_which_a_chat_ends_reaches_no_new_partner() -> None:
    room = Room(Policy(rematch_after=60.0))
    room.enter("ana", "ben", "cem", "dia")
    for name in room.people:
        room.seek(name)
    with room.one_turn():
        room.next("ana")
        room.next("cem")  # Ana and Cem, Ben and Dia
        assert (room.partner("cem"), room.partner("ben")) == ("ana", "dia")
        for name, attempt in (
            ("ben", lambda: room.say("ben", "still to Ana")),
            ("ben", lambda: relay.typing(room.people["ben"], True)),
            ("ben", lambda: room.ready("ben")),
            ("cem", lambda: room.signal("cem", Signal.OFFER)),
        ):
            with pytest.raises(Refused) as refused:
                attempt()
            assert (name, refused.value.refusal) == (name, Refusal.NOT_IN_CHAT)
    assert room.say("ben", "hello").partner.id == "dia"


def test_what_follows_ones_own_search_at_once_is_for_the_partner_it_finds() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana")
    with room.one_turn():
        room.seek("ben")
        assert room.say("ben", "hello").partner.id == "ana"
