"""Readiness, offers and signals that nobody may lose: docs/protocol.md, "WebRTC"."""

import pytest

from meetmates.domain.chat import KEPT_BYTES, KEPT_SIGNALS, UNANSWERED_BYTES
from meetmates.domain.effects import CreateOffer, Effect, Signalled
from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.signalling import SIGNAL_LIMIT, Signal
from tests.domain.room import Room

OFFER, ANSWER, CANDIDATE = Signal.OFFER, Signal.ANSWER, Signal.CANDIDATE


@pytest.fixture
def room() -> Room:
    made = Room()
    made.enter("ana", "ben", "cem")
    made.seek("ana")
    made.seek("ben")
    return made


def told(effects: list[Effect]) -> list[tuple[str, ...]]:
    """Each effect in a word: to whom, what, and the payload."""
    return [
        (effect.to.id, "create-offer")
        if isinstance(effect, CreateOffer)
        else (effect.to.id, effect.kind, str(effect.payload))
        for effect in effects
        if isinstance(effect, CreateOffer | Signalled)
    ]


@pytest.mark.parametrize("order", [("ana", "ben"), ("ben", "ana")])
def test_the_smaller_id_makes_the_offer_whoever_was_ready_last(room: Room, order: tuple[str, str]) -> None:
    assert room.ready(order[0]) == []
    assert told(room.ready(order[1])) == [("ana", "create-offer")]


def test_signals_go_to_the_partner_with_their_sender(room: Room) -> None:
    room.ready("ana")
    room.ready("ben")
    (signalled,) = room.signal("ana", OFFER, "o")
    assert isinstance(signalled, Signalled)
    assert (signalled.to.id, signalled.from_id, signalled.kind, signalled.payload) == (
        "ben",
        "ana",
        "webrtc-offer",
        "o",
    )
    assert told(room.signal("ben", ANSWER, "a")) == [("ana", "webrtc-answer", "a")]
    assert told(room.signal("ben", CANDIDATE, None)) == [("ana", "ice-candidate", "None")]


def test_early_signals_are_kept_and_delivered_in_order(room: Room) -> None:
    room.ready("ana")
    for payload in ("1", "2", "3"):
        assert room.signal("ana", CANDIDATE, payload) == []
    assert told(room.ready("ben")) == [
        ("ben", "ice-candidate", "1"),
        ("ben", "ice-candidate", "2"),
        ("ben", "ice-candidate", "3"),
        ("ana", "create-offer"),
    ]


def test_sixty_four_early_signals_are_kept_and_no_more(room: Room) -> None:
    for _ in range(KEPT_SIGNALS):
        room.signal("ana", CANDIDATE)
    with pytest.raises(Refused) as refused:
        room.signal("ana", CANDIDATE)
    assert refused.value.refusal is Refusal.NOT_ALLOWED


def test_what_is_kept_is_bounded_in_bytes_too(room: Room) -> None:
    for _ in range(KEPT_BYTES // SIGNAL_LIMIT):
        room.signal("ana", CANDIDATE, size=SIGNAL_LIMIT)
    with pytest.raises(Refused):
        room.signal("ana", CANDIDATE)
    room.ready("ben")
    assert told(room.signal("ana", CANDIDATE)) == [("ben", "ice-candidate", "x")]


def test_a_signal_over_64_kib_is_too_long(room: Room) -> None:
    with pytest.raises(Refused) as refused:
        room.signal("ana", OFFER, size=SIGNAL_LIMIT + 1)
    assert refused.value.refusal is Refusal.TOO_LONG


def test_without_a_chat_there_is_nobody_to_signal(room: Room) -> None:
    with pytest.raises(Refused) as refused:
        room.ready("cem")
    assert refused.value.refusal is Refusal.NOT_IN_CHAT
    with pytest.raises(Refused) as refused:
        room.signal("cem", OFFER)
    assert refused.value.refusal is Refusal.NOT_IN_CHAT


def test_a_repeat_gets_the_unanswered_offer_again(room: Room) -> None:
    room.ready("ana")
    room.ready("ben")
    room.signal("ana", CANDIDATE, "before the offer")
    room.signal("ana", OFFER, "o")
    room.signal("ana", CANDIDATE, "c")
    assert told(room.ready("ben")) == [("ben", "webrtc-offer", "o"), ("ben", "ice-candidate", "c")]


def test_a_newer_offer_takes_the_older_one_s_place(room: Room) -> None:
    room.ready("ana")
    room.ready("ben")
    room.signal("ana", OFFER, "o1")
    room.signal("ana", CANDIDATE, "c1")
    room.signal("ana", OFFER, "o2")
    assert told(room.ready("ben")) == [("ben", "webrtc-offer", "o2")]


def test_an_early_offer_counts_as_unanswered_once_delivered(room: Room) -> None:
    room.signal("ana", OFFER, "o")
    room.ready("ana")
    room.ready("ben")
    assert told(room.ready("ben")) == [("ben", "webrtc-offer", "o")]


def test_a_repeat_after_the_answer_asks_for_a_new_offer(room: Room) -> None:
    room.ready("ana")
    room.ready("ben")
    room.signal("ana", OFFER)
    room.signal("ben", ANSWER)
    assert told(room.ready("ben")) == [("ana", "create-offer")]
    assert told(room.ready("ana")) == [("ana", "create-offer")]


def test_a_repeat_of_the_one_who_offered_starts_anew(room: Room) -> None:
    room.ready("ana")
    room.ready("ben")
    room.signal("ana", OFFER)
    assert told(room.ready("ana")) == [("ana", "create-offer")]
    assert told(room.ready("ben")) == [("ana", "create-offer")]


def test_a_repeat_before_the_partner_is_ready_drops_what_was_signalled(room: Room) -> None:
    room.ready("ana")
    room.signal("ana", OFFER, "stale")
    assert room.ready("ana") == []
    assert told(room.ready("ben")) == [("ana", "create-offer")]


def test_candidates_of_an_unanswered_offer_are_bounded(room: Room) -> None:
    room.ready("ana")
    room.ready("ben")
    room.signal("ana", OFFER)
    for _ in range(2 * KEPT_SIGNALS):
        room.signal("ana", CANDIDATE)
    assert len(room.ready("ben")) == 1 + KEPT_SIGNALS


def test_signals_of_one_chat_never_reach_another(room: Room) -> None:
    room.ready("ana")
    room.signal("ana", OFFER)
    room.leave("ana")
    room.seek("ben")
    room.seek("cem")
    assert room.ready("ben") == []
    assert told(room.ready("cem")) == [("ben", "create-offer")]


def test_an_unanswered_offer_and_its_candidates_are_bounded_in_bytes_too(room: Room) -> None:
    """Each is delivered once; what is kept to be delivered again is no more than a browser would ever send."""
    room.ready("ana")
    room.ready("ben")
    large = "x" * SIGNAL_LIMIT
    for kind in (OFFER, *(CANDIDATE,) * KEPT_SIGNALS):
        assert told(room.signal("ana", kind, large, SIGNAL_LIMIT)) == [("ben", kind.value, large)]
    again = told(room.ready("ben"))
    assert again[0] == ("ben", "webrtc-offer", large)
    assert sum(len(payload) for _, _, payload in again) == UNANSWERED_BYTES
    assert told(room.signal("ana", CANDIDATE, "small", 5)) == [("ben", "ice-candidate", "small")]
    assert told(room.ready("ben")) == again


def test_signals_kept_for_who_is_not_ready_are_bounded_in_the_same_way_once_delivered(room: Room) -> None:
    large = "x" * SIGNAL_LIMIT
    for kind in (OFFER, *(CANDIDATE,) * (KEPT_BYTES // SIGNAL_LIMIT - 1)):
        room.signal("ana", kind, large, SIGNAL_LIMIT)
    assert len(room.ready("ben")) == KEPT_BYTES // SIGNAL_LIMIT
    assert len(room.ready("ben")) == UNANSWERED_BYTES // SIGNAL_LIMIT


@pytest.mark.parametrize("how", ["answered", "taken back by a newer offer"])
def test_after_the_end_of_an_offer_there_is_room_for_the_next(room: Room, how: str) -> None:
    room.ready("ana")
    room.ready("ben")
    for kind in (OFFER, *(CANDIDATE,) * KEPT_SIGNALS):
        room.signal("ana", kind, "old", SIGNAL_LIMIT)
    if how == "answered":
        room.signal("ben", ANSWER, "a")
    room.signal("ana", OFFER, "o", SIGNAL_LIMIT)
    room.signal("ana", CANDIDATE, "c", SIGNAL_LIMIT)
    assert told(room.ready("ben")) == [("ben", "webrtc-offer", "o"), ("ben", "ice-candidate", "c")]
