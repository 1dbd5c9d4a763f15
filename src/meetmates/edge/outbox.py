"""From what happened to bytes: each effect is encoded once and written to whoever it concerns."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from meetmates.domain import effects as happened
from meetmates.domain.effects import Effect, Said
from meetmates.domain.errors import Ending
from meetmates.domain.people import Person
from meetmates.domain.signalling import Signal
from meetmates.edge import events
from meetmates.edge.clock import SystemClock, iso
from meetmates.edge.member import Member, event

ANONYMOUS = "Anonymous"
WAITING = event("waiting")
CREATE_OFFER = event("create-offer")
PARTNER_RECONNECTING = event("partnerReconnecting", {})
PARTNER_BACK = event("partnerBack", {})
SEAT_TAKEN = event("seatTaken", {})
REPLACED = event("replaced", {})
TOKEN_EXPIRED = event("tokenExpired", {})
SERVER_RESTARTING = event("serverRestarting", {})
FAREWELLS = {Ending.REPLACED: REPLACED, Ending.TOKEN_EXPIRED: TOKEN_EXPIRED}
SIGNALS: dict[str, Callable[[str, Any], Any]] = {
    Signal.OFFER.value: events.OfferFrom,
    Signal.ANSWER.value: events.AnswerFrom,
    Signal.CANDIDATE.value: events.CandidateFrom,
}
_encode = msgspec.json.Encoder().encode


class WireOutbox:
    """`ports.Outbox` on Socket.IO. `reveal_email` shows a sender's address to the partner as well."""

    def __init__(self, clock: SystemClock, reveal_email: bool) -> None:
        self._clock = clock
        self._reveal_email = reveal_email
        self._writers: dict[type[Any], Callable[[Any], None]] = {
            happened.Waiting: self._waiting,
            happened.ChatStarted: self._chat_started,
            happened.PartnerLeft: self._partner_left,
            happened.PartnerReconnecting: self._partner_reconnecting,
            happened.PartnerBack: self._partner_back,
            happened.StayedAway: self._stayed_away,
            happened.SeatTaken: self._seat_taken,
            happened.Said: self.say,
            happened.PartnerTyping: self._partner_typing,
            happened.PartnerMedia: self._partner_media,
            happened.KeptInTouch: self._kept_in_touch,
            happened.CreateOffer: self._create_offer,
            happened.Signalled: self._signalled,
            happened.QueueStatus: self._queue_status,
            happened.TokenExpiring: self._token_expiring,
            happened.Sanctioned: self._sanctioned,
            happened.Ended: self._ended,
        }

    def deliver(self, effects: Iterable[Effect]) -> None:
        """Tells everybody named in `effects`, in their order."""
        for effect in effects:
            self._writers[type(effect)](effect)

    def say(self, said: Said) -> None:
        """Sends one message to both. The two copies are the same bytes unless they show different addresses."""
        sender = said.sender
        message = events.Message(
            sender.id,
            said.text,
            sender.email or ANONYMOUS,
            self._clock.stamp(),
            said.id,
            said.seq,
            said.chat.id,
        )
        packet = b"42" + _encode(("message", message))
        sender.link.link.send(packet)
        if sender.email is not None and not self._reveal_email:
            message.sender_email = ANONYMOUS
            packet = b"42" + _encode(("message", message))
        said.partner.link.link.send(packet)

    def online(self, people: Iterable[Person], count: int) -> None:
        """Tells those of `people` who do not know it yet."""
        packet = event("onlineUsers", count)
        for person in people:
            member: Member = person.link
            if member.told != count:
                member.told = count
                member.link.send(packet)

    # --- one effect each

    def _waiting(self, effect: happened.Waiting) -> None:
        _send(effect.to, WAITING)

    def _chat_started(self, effect: happened.ChatStarted) -> None:
        chat = effect.chat
        one, other = chat.members
        common = sorted(one.seat.wish.interests & other.seat.wish.interests)
        for person, partner in ((one, other), (other, one)):
            mine, theirs = person.seat.wish.video, partner.seat.wish.video
            names = chat.name_of(person), chat.name_of(partner)
            start = events.ChatStart(mine or theirs, partner.id, mine, theirs, common, chat.id, *names)
            _send(person, event("chatStart", start))

    def _partner_left(self, effect: happened.PartnerLeft) -> None:
        _send(effect.to, event("partnerLeft", events.PartnerLeft(effect.left_id)))

    def _partner_reconnecting(self, effect: happened.PartnerReconnecting) -> None:
        _send(effect.to, PARTNER_RECONNECTING)

    def _partner_back(self, effect: happened.PartnerBack) -> None:
        _send(effect.to, PARTNER_BACK)

    def _stayed_away(self, effect: happened.StayedAway) -> None:
        effect.to.link.dismiss("did not come back")

    def _seat_taken(self, effect: happened.SeatTaken) -> None:
        _send(effect.to, SEAT_TAKEN)

    def _partner_typing(self, effect: happened.PartnerTyping) -> None:
        if not effect.to.link.link.is_slow:
            _send(effect.to, event("partnerTyping", events.PartnerTyping(effect.typing)))

    def _partner_media(self, effect: happened.PartnerMedia) -> None:
        _send(effect.to, event("partnerMedia", events.PartnerMedia(effect.audio, effect.video, effect.screen)))

    def _kept_in_touch(self, effect: happened.KeptInTouch) -> None:
        """The one place where an address reaches a stranger whatever the settings say: both have asked for it."""
        _send(effect.to, event("keptInTouch", events.KeptInTouch(effect.name, effect.contact)))

    def _create_offer(self, effect: happened.CreateOffer) -> None:
        _send(effect.to, CREATE_OFFER)

    def _signalled(self, effect: happened.Signalled) -> None:
        _send(effect.to, event(effect.kind, SIGNALS[effect.kind](effect.from_id, effect.payload)))

    def _queue_status(self, effect: happened.QueueStatus) -> None:
        _send(effect.to, event("queueStatus", events.QueueStatus(effect.position, effect.estimate)))

    def _token_expiring(self, effect: happened.TokenExpiring) -> None:
        _send(effect.to, event("tokenExpiring", events.TokenExpiring(iso(effect.expires_at))))

    def _sanctioned(self, effect: happened.Sanctioned) -> None:
        until = None if effect.until is None else iso(effect.until)
        _send(effect.to, event("sanctioned", {"kind": effect.kind, "reason": effect.reason, "until": until}))

    def _ended(self, effect: happened.Ended) -> None:
        effect.to.link.end(effect.ending, FAREWELLS.get(effect.ending))


def _send(person: Person, packet: bytes) -> None:
    person.link.link.send(packet)
