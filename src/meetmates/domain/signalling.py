"""Bringing two browsers together: readiness, who makes the offer, and signals that nobody may lose."""

from enum import Enum
from typing import Any

from meetmates.domain.chat import Chat, Inbox
from meetmates.domain.effects import CreateOffer, Effect, Signalled
from meetmates.domain.errors import Refusal, Refused
from meetmates.domain.people import Person
from meetmates.domain.relay import members

SIGNAL_LIMIT = 64 * 1024  # bytes of one payload as JSON


class Signal(Enum):
    """The signals that are passed on, by their event names."""

    OFFER = "webrtc-offer"
    ANSWER = "webrtc-answer"
    CANDIDATE = "ice-candidate"


def ready(person: Person) -> list[Effect]:
    """`person` can take signals now. Once both can, the one with the smaller id gets `CreateOffer`.

    Said again, it keeps the partner's readiness. An offer that `person` has not answered is delivered again with its
    candidates; otherwise what was signalled so far belongs to a connection given up: it is dropped, and a new offer
    asked for. Raises `Refused` `not_in_chat`.
    """
    chat, partner = members(person)
    inbox = chat.inbox(person)
    if not inbox.ready:
        inbox.ready = True
        return [*_deliver_kept(person, partner, inbox), *_ask_for_offer(chat)]
    if inbox.unanswered.items:
        return [Signalled(person, partner.id, kind, payload) for kind, payload, _ in inbox.unanswered.items]
    inbox.clear()
    chat.inbox(partner).clear()
    return _ask_for_offer(chat)


def signal(person: Person, signal: Signal, payload: Any, size: int) -> list[Effect]:
    """Passes `payload` (`size` bytes as JSON) to the partner, now or once the partner is ready.

    Raises `Refused`: `not_in_chat`; `too_long` over 64 KiB; `not_allowed` when 64, or a mebibyte, are kept already.
    """
    chat, partner = members(person)
    if size > SIGNAL_LIMIT:
        raise Refused(Refusal.TOO_LONG, f"A signal has at most {SIGNAL_LIMIT} bytes.")
    theirs = chat.inbox(partner)
    if not theirs.ready:
        if not theirs.kept.add(signal.value, payload, size):
            raise Refused(Refusal.NOT_ALLOWED, "Your partner is not ready, and no more signals can be kept.")
        effects: list[Effect] = []
    else:
        _track(theirs, signal, payload, size)
        effects = [Signalled(partner, person.id, signal.value, payload)]
    if signal is Signal.ANSWER:
        chat.inbox(person).unanswered.take()
    return effects


def _track(inbox: Inbox, signal: Signal, payload: Any, size: int) -> None:
    """Remembers the newest offer and what belongs to it, until it is answered."""
    if signal is Signal.OFFER:
        inbox.unanswered.take()
        inbox.unanswered.add(signal.value, payload, size)
    elif signal is Signal.CANDIDATE and inbox.unanswered.items:
        inbox.unanswered.add(signal.value, payload, size)  # one too many is delivered, but not again


def _deliver_kept(person: Person, partner: Person, inbox: Inbox) -> list[Effect]:
    kept = inbox.kept.take()
    for kind, payload, size in kept:
        _track(inbox, Signal(kind), payload, size)
    return [Signalled(person, partner.id, kind, payload) for kind, payload, _ in kept]


def _ask_for_offer(chat: Chat) -> list[Effect]:
    first, second = chat.members
    if not (chat.is_ready(first) and chat.is_ready(second)):
        return []
    return [CreateOffer(first if first.id < second.id else second)]
