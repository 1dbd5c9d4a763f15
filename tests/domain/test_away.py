"""Somebody whose connection is lost keeps everything for the grace, and nobody but the partner hears of it."""

import pytest

from meetmates.domain.effects import ChatStarted, PartnerBack, PartnerLeft, PartnerReconnecting, SeatTaken, StayedAway
from meetmates.domain.errors import Refused
from meetmates.domain.matching import Policy
from meetmates.domain.people import State
from tests.domain.room import Room, kinds

GRACE = 15.0


@pytest.fixture
def room() -> Room:
    """A room in which nobody waits for last partners."""
    return Room(Policy(rematch_after=0.0, resume_grace=GRACE))


def pair(room: Room, *names: str) -> None:
    """Brings two who are here into a chat, and forgets how."""
    for name in names:
        room.seek(name)
    assert room.pairs() == {frozenset(names)}
    room.log = []


def test_the_partner_hears_of_a_loss_and_of_the_return_and_nobody_else(room: Room) -> None:
    room.enter("ana", "ben", "cem")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.wait(GRACE - 0.1)
    room.come_back("ana")
    assert room.log == [PartnerReconnecting(room.people["ben"]), PartnerBack(room.people["ben"])]
    assert room.partner("ana") == "ben"
    room.wait(2 * GRACE)
    assert room.partner("ana") == "ben"


def test_whoever_does_not_come_back_in_time_has_left(room: Room) -> None:
    room.enter("ana", "ben")
    ana = room.people["ana"]
    pair(room, "ana", "ben")
    room.lose("ana")
    room.wait(GRACE)
    assert room.log[1:] == [PartnerLeft(room.people["ben"], "ana"), StayedAway(ana)]
    assert ana.state is State.GONE
    assert room.state("ben") is State.IDLE
    room.exit("ben")
    assert not any(room.lobby.tables().values())


def test_a_second_loss_and_a_second_return_change_nothing(room: Room) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.wait(10.0)
    room.lose("ana")
    assert kinds(room.log) == ["PartnerReconnecting"]
    room.wait(GRACE - 10.0)
    assert "ana" not in room.people


def test_somebody_who_was_never_away_cannot_come_back(room: Room) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.come_back("ana")
    assert room.log == []


def test_somebody_who_has_gone_cannot_be_lost(room: Room) -> None:
    room.enter("ana")
    ana = room.people["ana"]
    room.exit("ana")
    assert room.lobby.lose(ana, room.now) == []
    assert room.lobby.next_due(room.now) is None


def test_a_place_in_the_queue_is_kept_and_the_partner_is_told_at_once(room: Room) -> None:
    room.enter("ana", "ben")
    room.seek("ana")
    room.lose("ana")
    room.seek("ben")
    assert kinds(room.heard("ben")) == ["Waiting", "ChatStarted", "PartnerReconnecting"]
    room.come_back("ana")
    assert kinds(room.heard("ben")) == ["PartnerBack"]
    assert room.partner("ana") == "ben"


def test_two_who_are_both_away_are_told_of_each_other(room: Room) -> None:
    room.enter("ana", "ben")
    room.block("ana", "ben")
    for name in ("ana", "ben"):
        room.seek(name)
    room.lose("ana", "ben")
    assert room.log[2:] == []
    room.wait(GRACE)
    assert room.people == {}


def test_a_disconnect_ends_the_grace(room: Room) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.exit("ana")
    assert kinds(room.heard("ben")) == ["PartnerReconnecting", "PartnerLeft"]
    assert room.lobby.away == {}
    room.wait(GRACE)
    assert room.log == []


def test_the_partner_may_go_on_without_somebody_who_is_away(room: Room) -> None:
    room.enter("ana", "ben", "cem")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.next("ben")
    assert room.state("ana") is room.state("ben") is State.CHATTING
    assert kinds(room.heard("ana"))[:2] == ["PartnerLeft", "Waiting"]


def test_the_seat_of_somebody_who_is_away_can_be_taken(room: Room) -> None:
    room.enter("tab1", "tab2", account="ana")
    room.enter("ben")
    pair(room, "tab1", "ben")
    tab1 = room.people["tab1"]
    room.lose("tab1")
    room.seek("tab2")
    assert SeatTaken(tab1) in room.log
    assert tab1.away
    room.wait(GRACE)
    assert "tab1" not in room.people
    assert room.partner("tab2") == "ben" or room.state("tab2") is State.WAITING


def test_a_sixth_connection_ends_one_that_is_away(room: Room) -> None:
    room.enter("t1", "t2", "t3", "t4", "t5", account="ana")
    room.lose("t1")
    room.enter("t6", account="ana")
    assert "t1" not in room.people
    assert room.lobby.away == {}


def test_what_is_said_behind_the_times_reaches_no_new_partner(room: Room) -> None:
    room.enter("ana", "ben", "cem")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.leave("ben")
    room.seek("cem")
    room.lobby.seek(room.people["ana"], room.people["ana"].seat.wish, room.now)
    assert room.partner("ana") == "cem"
    room.come_back("ana", behind=True)
    room.wait(1.0)
    with pytest.raises(Refused, match="not in a chat"):
        room.say("ana", "meant for ben")
    room.catch_up("ana")
    assert room.say("ana", "hello").partner.id == "cem"


def test_somebody_behind_who_comes_back_once_more_with_all_news_has_caught_up(room: Room) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.come_back("ana", behind=True)
    room.come_back("ana")
    assert room.say("ana", "hello").partner.id == "ben"


def test_a_chat_that_ends_for_somebody_behind_leaves_it_behind(room: Room) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.come_back("ana", behind=True)
    room.next("ben")
    assert isinstance(room.log[-1], ChatStarted)
    with pytest.raises(Refused, match="not in a chat"):
        room.say("ana", "meant for the chat before")
    assert room.say("ben", "hello").partner.id == "ana"


@pytest.mark.parametrize(("seconds", "together"), [(4.9, True), (5.0, False)])
def test_a_find_chat_for_the_same_soon_after_a_return_ends_nothing(room: Room, seconds: float, together: bool) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.come_back("ana")
    room.wait(seconds)
    room.seek("ana")
    assert (room.partner("ana") == "ben") is together
    assert ("PartnerLeft" in kinds(room.log)) is not together


def test_a_find_chat_for_something_else_behind_a_return_is_meant(room: Room) -> None:
    room.enter("ana", "ben")
    pair(room, "ana", "ben")
    room.lose("ana")
    room.come_back("ana")
    room.seek("ana", video=True)
    assert room.state("ana") is State.WAITING


def test_somebody_idle_who_is_back_may_look_for_a_partner(room: Room) -> None:
    room.enter("ana")
    room.lose("ana")
    room.come_back("ana")
    room.seek("ana")
    assert room.state("ana") is State.WAITING
