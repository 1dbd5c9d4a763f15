"""Coming, seeking, pairing, going: every rule once, told as a story."""

import pytest

from meetmates.domain.effects import Ended, PartnerLeft, QueueStatus, SeatTaken
from meetmates.domain.errors import Ending, Refusal, Refused
from meetmates.domain.lobby import Place
from meetmates.domain.matching import Policy
from meetmates.domain.people import TRANSITIONS, State, Step
from tests.domain.room import Room, kinds


def empty(room: Room) -> bool:
    return not any(room.lobby.tables().values())


def test_two_who_seek_are_paired() -> None:
    room = Room()
    room.enter("ana", "ben")
    assert room.seek("ana") == Place(1, None)
    assert room.seek("ben") == Place(0, 0)
    assert room.partner("ana") == "ben"
    assert room.partner("ben") == "ana"
    assert kinds(room.heard("ana")) == ["Waiting", "ChatStarted"]


def test_the_longest_waiting_is_served_first() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.block("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    room.seek("cem")
    assert room.pairs() == {frozenset(("ana", "cem"))}


def test_next_puts_both_back_and_never_together_within_ten_seconds() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    room.heard("ana")
    room.next("ana")
    assert kinds(room.log) == ["PartnerLeft", "Waiting", "Waiting"]
    assert isinstance(room.log[0], PartnerLeft)
    assert (room.log[0].to.id, room.log[0].left_id) == ("ben", "ana")
    room.wait(9.9)
    assert not room.pairs()
    room.wait(0.1)
    assert room.pairs() == {frozenset(("ana", "ben"))}


def test_last_partners_meet_again_only_when_nobody_else_fits() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.seek("ana")
    room.seek("ben")
    room.leave("ana")
    room.wait(11)
    room.block("cem", "dia")
    room.seek("cem")
    room.cancel("cem")
    room.seek("ben")
    room.enter("dia")
    room.block("ben", "cem")
    room.seek("cem")
    room.seek("ana")
    assert room.pairs() == {frozenset(("ana", "cem"))}


def test_next_without_a_chat_joins_the_queue() -> None:
    room = Room()
    room.enter("ana")
    assert room.next("ana").position == 1
    assert room.next("ana").position == 1
    assert kinds(room.heard("ana")) == ["Waiting", "Waiting"]


def test_find_chat_ends_a_running_chat() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    room.heard("ben")
    room.seek("ana", "chess")
    assert kinds(room.heard("ben")) == ["PartnerLeft"]
    assert (room.state("ana"), room.state("ben")) == (State.WAITING, State.IDLE)


def test_the_original_page_s_late_find_chat_ends_nothing() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.seek("ana")
    room.seek("ben")
    room.next("ana")  # ben hears partnerLeft, and will send findChat two seconds later
    room.seek("cem")  # and takes ana, who waited first
    room.wait(2)
    assert room.seek("ben").position == 1
    assert room.partner("ana") == "cem"
    room.enter("dia")
    room.seek("dia")
    room.heard("ben")
    assert room.seek("ben") == Place(0, 0)
    assert room.partner("ben") == "dia"
    assert room.heard("ben") == []
    room.wait(5)
    room.seek("ben")
    assert room.state("ben") is State.WAITING


def test_other_preferences_are_no_echo() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    room.seek("ana")
    room.seek("ben")
    room.next("ana")
    room.seek("cem")
    room.enter("dia")
    room.seek("dia")
    room.seek("ben", video=True)
    assert room.state("ben") is State.WAITING


def test_asking_again_with_other_preferences_joins_anew() -> None:
    room = Room()
    room.enter("ana")
    room.seek("ana")
    assert room.seek("ana", video=True).position == 1
    assert room.lobby.tables()["waiting"] == 1
    assert room.lobby.tables()["video"] == 1


def test_cancel_leaves_the_queue_and_is_refused_in_a_chat() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.cancel("ana")
    room.seek("ana")
    room.cancel("ana")
    assert room.state("ana") is State.IDLE
    room.seek("ana")
    room.seek("ben")
    with pytest.raises(Refused) as refused:
        room.cancel("ana")
    assert refused.value.refusal is Refusal.NOT_ALLOWED
    assert "cancelSearch" in refused.value.message
    assert "chatting" in refused.value.message
    assert room.partner("ana") == "ben"


def test_leave_ends_the_chat_and_queues_nobody() -> None:
    room = Room()
    room.enter("ana", "ben")
    with pytest.raises(Refused) as refused:
        room.leave("ana")
    assert refused.value.refusal is Refusal.NOT_IN_CHAT
    room.seek("ana")
    room.seek("ben")
    room.leave("ana")
    assert (room.state("ana"), room.state("ben")) == (State.IDLE, State.IDLE)
    assert room.lobby.tables()["waiting"] == 0


@pytest.mark.parametrize("state", ["idle", "waiting", "chatting"])
def test_a_disconnect_leaves_nothing(state: str) -> None:
    room = Room()
    room.enter("ana", account="a1")
    room.enter("ben")
    if state != "idle":
        room.seek("ana", "chess", video=True)
    if state == "chatting":
        room.seek("ben", "chess", video=True)
        room.ready("ana")
        assert room.lobby.tables()["rtc_ready"] == 1
    room.heard("ben")
    person = room.people["ana"]
    room.exit("ana")
    assert room.lobby.disconnect(person, room.now) == []
    assert kinds(room.heard("ben")) == (["PartnerLeft"] if state == "chatting" else [])
    room.exit("ben")
    room.wait(10)
    assert empty(room)


def test_a_sixth_connection_ends_the_oldest() -> None:
    room = Room()
    for name in "12345":
        room.enter(name, account="ana")
    room.enter("ben")
    room.seek("1")
    room.seek("ben")
    room.enter("6", account="ana")
    ended = [effect for effect in room.log if isinstance(effect, Ended)]
    assert [(effect.to.id, effect.ending) for effect in ended] == [("1", Ending.REPLACED)]
    assert room.state("ben") is State.IDLE
    assert room.lobby.tables()["connections"] == 6


def test_tabs_of_one_account_are_never_paired() -> None:
    room = Room()
    room.enter("tab1", "tab2", account="ana")
    room.seek("tab1")
    room.seek("tab2")
    assert not room.pairs()
    assert room.state("tab1") is State.IDLE
    assert kinds(room.heard("tab1")) == ["Waiting", "SeatTaken"]


@pytest.mark.parametrize("how", ["seek", "next"])
def test_a_second_tab_takes_the_seat_over(how: str) -> None:
    room = Room()
    room.enter("tab1", "tab2", account="ana")
    room.enter("ben")
    room.seek("tab1")
    room.seek("ben")
    room.log = []
    (room.seek if how == "seek" else room.next)("tab2")
    told = [(type(effect).__name__, effect.to.id) for effect in room.log if not hasattr(effect, "chat")]
    assert told == [("PartnerLeft", "ben"), ("SeatTaken", "tab1"), ("Waiting", "tab2")]
    assert room.state("tab1") is State.IDLE


def test_last_partners_are_remembered_by_account_over_a_reconnect() -> None:
    room = Room()
    room.enter("ana1", account="ana")
    room.enter("ben")
    room.seek("ana1")
    room.seek("ben")
    room.exit("ana1")
    assert room.lobby.tables()["partings"] == 1
    room.enter("ana2", account="ana")
    room.seek("ana2")
    room.seek("ben")
    assert not room.pairs()
    room.wait(10)
    assert room.pairs() == {frozenset(("ana2", "ben"))}
    room.leave("ben")
    room.wait(1)
    room.enter("cem")
    room.seek("ana2")
    room.seek("cem")
    room.leave("ana2")  # a newer parting takes the older one's place
    room.exit("ana2", "ben", "cem")
    room.wait(10)
    assert empty(room)


def test_the_queue_is_reported_to_those_who_asked() -> None:
    room = Room()
    room.enter("ana", "ben", "cem", "dia")
    room.seek("cem")
    room.wait(4)
    room.seek("dia")  # somebody was served after four seconds: now there is something to estimate from
    for name in ("ana", "ben"):
        room.people[name].reports = True
    room.block("ana", "ben")
    room.seek("ana")
    assert room.seek("ben") == Place(2, 4)
    reports = list(room.lobby.report())
    assert [(report.to.id, report.position, report.estimate) for report in reports] == [("ana", 1, 4), ("ben", 2, 4)]
    assert all(isinstance(report, QueueStatus) for report in reports)
    room.cancel("ana")
    assert [report.position for report in room.lobby.report()] == [1]
    room.people["ben"].reports = False
    assert list(room.lobby.report()) == []


def test_nothing_moves_a_person_who_has_gone() -> None:
    assert not any(state is State.GONE for state, _ in TRANSITIONS)
    room = Room()
    room.enter("ana")
    person = room.people["ana"]
    room.exit("ana")
    with pytest.raises(Refused):
        person.step(Step.SEEK)


def test_nothing_is_due_in_an_empty_room() -> None:
    room = Room(Policy(rematch_after=0.0))
    assert room.lobby.next_due(0.0) is None
    assert room.lobby.tick(0.0) == []


def test_the_echo_of_a_requeueing_ends_nothing_though_the_partner_it_found_has_gone() -> None:
    """The original page sends one findChat two seconds behind each `partnerLeft`, whatever has happened meanwhile."""
    room = Room()
    room.enter("ana", "xia", "ben", "dia")
    room.seek("ana")
    room.seek("xia")
    room.block("xia", "ben")
    room.seek("ben")
    room.next("xia")  # Ana hears partnerLeft for the first time, and is paired with Ben by the server itself
    assert room.partner("ana") == "ben"
    room.wait(1)
    room.exit("ben")  # and for the second time
    assert room.state("ana") is State.IDLE
    room.block("xia", "dia")
    room.seek("dia")
    room.wait(1)
    assert room.seek("ana") == Place(0, 0)  # the echo of the first one
    assert room.partner("ana") == "dia"
    room.heard("ana")
    room.wait(1)
    assert room.seek("ana") == Place(0, 0)  # and of the second
    assert room.partner("ana") == "dia"
    assert room.heard("ana") == []
    room.wait(2)
    room.seek("ana")  # five seconds behind the requeueing this is a wish
    assert room.state("dia") is State.IDLE


def test_other_preferences_are_no_echo_though_the_partner_has_gone() -> None:
    room = Room()
    room.enter("ana", "xia", "ben", "dia")
    room.seek("ana")
    room.seek("xia")
    room.block("xia", "ben")
    room.seek("ben")
    room.next("xia")
    room.exit("ben")
    room.block("xia", "dia")
    room.seek("dia")
    room.seek("ana")
    assert room.partner("ana") == "dia"
    room.seek("ana", video=True)
    assert room.state("dia") is State.IDLE


def test_a_next_of_ones_own_is_followed_by_no_echo() -> None:
    """Nobody has requeued who pressed it: a findChat behind it ends the chat that it found."""
    room = Room()
    room.enter("ana", "xia", "ben")
    room.seek("ana")
    room.seek("xia")
    room.next("ana")
    room.block("xia", "ben")
    room.seek("ben")
    assert room.partner("ana") == "ben"
    room.seek("ana")
    assert room.state("ben") is State.IDLE


def triangle() -> Room:
    """Ana and Ben in a chat, and Cem, who waits: with Ben he may not meet, so that Ana is his as soon as she is free."""
    room = Room(Policy(rematch_after=60.0))
    room.enter("ana", "ben", "cem", "dia")
    for name in ("ana", "ben", "cem"):
        room.seek(name)
    room.block("ben", "cem")
    assert room.partner("ana") == "ben"
    return room


def test_a_next_that_was_for_the_chat_before_ends_no_new_one() -> None:
    room = triangle()
    with room.one_turn():
        room.next("ben")
        assert room.partner("ana") == "cem"
        room.heard("ana")
        assert room.next("ana") == Place(0, 0)
        assert room.heard("ana") == []
        assert room.partner("ana") == "cem"
    room.next("ana")  # and now she has heard of it
    assert room.partner("ana") is None
    assert room.state("cem") is State.WAITING


def test_a_leave_chat_that_was_for_the_chat_before_ends_no_new_one() -> None:
    room = triangle()
    with room.one_turn():
        room.next("ben")
        with pytest.raises(Refused) as refused:
            room.leave("ana")
        assert refused.value.refusal is Refusal.NOT_IN_CHAT
        assert room.partner("ana") == "cem"
    room.leave("ana")
    assert room.state("cem") is State.IDLE


def test_both_press_next_in_one_turn_and_meet_again() -> None:
    """The new chat is with the old partner: each press ends one, and each is told once."""
    room = Room(Policy(rematch_after=0.0))
    room.enter("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    with room.one_turn():
        room.heard("ana")
        room.next("ana")
        assert room.partner("ana") == "ben"
        room.next("ben")
    told = [(effect.to.id, effect.left_id) for effect in room.log if isinstance(effect, PartnerLeft)]
    assert told == [("ben", "ana"), ("ana", "ben")]
    assert room.partner("ana") == "ben"


def test_a_next_in_the_turn_in_which_one_was_left_alone_joins_the_queue() -> None:
    room = Room()
    room.enter("ana", "ben")
    room.seek("ana")
    room.seek("ben")
    with room.one_turn():
        room.leave("ben")
        assert room.next("ana").position == 1
    assert room.state("ana") is State.WAITING


def test_two_of_whom_one_blocks_the_other_are_separated() -> None:
    room = Room()
    room.enter("ana", "ben", "cem")
    for name in ("ana", "ben"):
        room.seek(name)
    room.heard("ana")
    room.separate("cem", "ana")
    room.separate("ana", "cem")
    assert room.pairs() == {frozenset(("ana", "ben"))}
    room.separate("ana", "ben")
    assert room.heard("ben") == [PartnerLeft(room.people["ben"], "ana")]
    assert [room.state(name) for name in ("ana", "ben")] == [State.IDLE, State.IDLE]
    room.separate("ana", "ben")
    assert room.heard("ben") == []


def test_they_are_separated_whichever_tab_it_is() -> None:
    room = Room()
    room.enter("tab", "other tab", account="ana")
    room.enter("ben")
    for name in ("tab", "ben"):
        room.seek(name)
    room.heard("tab")
    room.separate("other tab", "ben")
    assert room.log == [PartnerLeft(room.people["ben"], "tab"), SeatTaken(room.people["tab"])]
    assert [room.state(name) for name in ("tab", "other tab", "ben")] == [State.IDLE] * 3


def test_they_are_separated_also_before_they_can_have_heard_of_their_chat() -> None:
    room = Room(Policy(rematch_after=0.0))
    room.enter("ana", "ben")
    for name in ("ana", "ben"):
        room.seek(name)
    with room.one_turn():
        room.next("ben")
        assert room.partner("ana") == "ben"
        room.separate("ana", "ben")
    assert room.pairs() == set()
