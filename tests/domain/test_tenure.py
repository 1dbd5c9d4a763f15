"""How long a token carries a connection: docs/protocol.md, "Handshake"."""

from meetmates.domain.effects import Ended, TokenExpiring
from meetmates.domain.tenure import LEEWAY, MERCY, RECHECK, WARN_BEFORE, Tenure
from tests.domain.room import Room, kinds

WALL = 1_800_000_000.0  # the epoch is elsewhere than the steady clock's zero


def tenured(ttl: float, *, chat: bool = False) -> tuple[Room, Tenure]:
    room = Room()
    room.enter("ana", account="a")
    room.enter("ben")
    if chat:
        room.seek("ana")
        room.seek("ben")
    tenure = Tenure()
    tenure.hold(room.people["ana"], WALL + ttl, WALL, 0.0)
    return room, tenure


def test_a_warning_comes_a_minute_before_and_the_end_half_a_minute_after() -> None:
    _, tenure = tenured(900.0)
    assert tenure.next_due() == 900.0 - WARN_BEFORE
    assert tenure.tick(839.9) == []
    (warning,) = tenure.tick(840.0)
    assert isinstance(warning, TokenExpiring)
    assert warning.expires_at == WALL + 900.0
    assert tenure.next_due() == 900.0 + LEEWAY
    (end,) = tenure.tick(930.0)
    assert isinstance(end, Ended)
    assert len(tenure) == 0
    assert tenure.next_due() is None


def test_a_short_token_is_warned_of_at_once() -> None:
    _, tenure = tenured(10.0)
    assert kinds(tenure.tick(0.0)) == ["TokenExpiring"]


def test_a_refreshed_token_starts_over() -> None:
    room, tenure = tenured(100.0)
    tenure.tick(40.0)
    tenure.renew(room.people["ana"], WALL + 1000.0, WALL + 50.0, 50.0)
    assert tenure.tick(900.0) == []
    assert kinds(tenure.tick(940.0)) == ["TokenExpiring"]
    assert kinds(tenure.tick(1030.0)) == ["Ended"]


def test_a_token_that_lasts_no_longer_is_not_warned_of_again() -> None:
    room, tenure = tenured(100.0)
    assert kinds(tenure.tick(40.0)) == ["TokenExpiring"]
    tenure.renew(room.people["ana"], WALL + 100.0, WALL + 41.0, 41.0)
    assert tenure.tick(129.9) == []
    assert kinds(tenure.tick(130.0)) == ["Ended"]


def test_who_has_gone_is_warned_no_more() -> None:
    room, tenure = tenured(100.0)
    tenure.release(room.people["ana"])
    tenure.release(room.people["ana"])
    assert tenure.tick(1000.0) == []
    assert len(tenure) == 0


def test_a_page_that_cannot_refresh_is_kept_to_the_end_of_its_chat() -> None:
    room, tenure = tenured(100.0, chat=True)
    assert kinds(tenure.tick(40.0)) == ["TokenExpiring"]
    assert tenure.tick(130.0) == []
    assert tenure.tick(131.0) == []
    room.leave("ben")
    room.enter("cem")
    room.seek("cem")
    room.seek("ana")  # another chat is none that it may finish
    assert kinds(tenure.tick(132.0 + RECHECK)) == ["Ended"]


def test_mercy_ends_after_an_hour() -> None:
    _, tenure = tenured(100.0, chat=True)
    tenure.tick(40.0)
    assert tenure.tick(130.0 + MERCY - 1) == []
    assert kinds(tenure.tick(130.0 + MERCY)) == ["Ended"]


def test_a_page_that_can_refresh_gets_no_mercy() -> None:
    room, tenure = tenured(100.0, chat=True)
    tenure.renew(room.people["ana"], WALL + 100.0, WALL, 0.0)
    tenure.tick(40.0)
    assert kinds(tenure.tick(130.0)) == ["Ended"]
