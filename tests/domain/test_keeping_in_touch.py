"""Two who would keep in touch: docs/protocol.md, "Keeping in touch"."""

import pytest

from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.matching import Policy
from tests.domain.room import Room


@pytest.fixture
def room() -> Room:
    """Ana and Ben are in a chat; Ana has an address, Ben is a guest."""
    made = Room(Policy(rematch_after=0.0))
    made.enter("ana", account="a", email="ana@college.edu")
    made.enter("ben")
    made.seek("ana")
    made.seek("ben")
    return made


def told(room: Room, name: str, yes: bool = True) -> dict[str, tuple[str, str | None]]:
    """Who learns what when `name` says so."""
    return {effect.to.id: (effect.name, effect.contact) for effect in room.keep_in_touch(name, yes)}


@pytest.mark.parametrize(("first", "second"), [("ana", "ben"), ("ben", "ana")])
def test_both_are_told_when_the_second_says_yes(room: Room, first: str, second: str) -> None:
    (chat,) = room.lobby.chats.values()
    assert told(room, first) == {}
    assert told(room, second) == {"ana": (chat.names[1], None), "ben": (chat.names[0], "ana@college.edu")}


def test_a_yes_said_again_is_no_second_person_s(room: Room) -> None:
    assert [told(room, "ana") for _ in range(3)] == [{}, {}, {}]


def test_nobody_is_told_of_a_no(room: Room) -> None:
    assert told(room, "ana") == told(room, "ben", False) == told(room, "ana") == {}
    assert told(room, "ben").keys() == {"ana", "ben"}  # who said no may think better of it


def test_a_yes_can_be_taken_back_until_both_have_said_it(room: Room) -> None:
    assert told(room, "ana") == told(room, "ana", False) == told(room, "ben") == {}
    assert told(room, "ana").keys() == {"ana", "ben"}


def test_nobody_takes_back_the_other_s_yes(room: Room) -> None:
    assert told(room, "ana") == told(room, "ben", False) == {}
    assert told(room, "ben").keys() == {"ana", "ben"}


def test_it_is_told_once(room: Room) -> None:
    told(room, "ana")
    assert told(room, "ben")
    for name, yes in (("ana", True), ("ben", True), ("ana", False), ("ben", False), ("ana", True), ("ben", True)):
        assert told(room, name, yes) == {}


def test_what_was_said_in_one_chat_means_nothing_in_the_next(room: Room) -> None:
    told(room, "ana")
    room.next("ana")
    assert room.partner("ana") == "ben"
    assert told(room, "ben") == {}
    assert told(room, "ana").keys() == {"ana", "ben"}


@pytest.mark.parametrize("yes", [True, False])
def test_outside_of_a_chat_it_is_refused(room: Room, yes: bool) -> None:
    room.leave("ana")
    for name in ("ana", "ben"):
        with pytest.raises(Refused) as refused:
            room.keep_in_touch(name, yes)
        assert refused.value.refusal is Refusal.NOT_IN_CHAT


def test_said_as_the_partner_leaves_it_is_not_for_the_next_one(room: Room) -> None:
    room.enter("cem")
    room.block("ana", "ben")  # so that the next one is another
    with room.one_turn():
        room.next("ben")
        room.seek("cem")
        assert room.partner("ben") == "cem"
        with pytest.raises(Refused):
            room.keep_in_touch("ben")
    assert told(room, "cem") == {}
